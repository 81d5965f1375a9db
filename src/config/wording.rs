//! The words by which a note's text says what a part of it is ("What surprised us", "Hypothesis:",
//! "due"): data, in several languages, to which a book may add its own.

use std::collections::BTreeMap;

use super::reader::{Reader, Table};
use crate::text::fold;

/// What a heading, a label or a word in the text announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A heading or label above what surprised people.
    Surprises,
    /// A heading or label above what was learned.
    Learned,
    /// A heading or label above what was believed beforehand.
    Hypothesis,
    /// A heading or label above what came out: supported, refuted …
    Result,
    /// A heading or label that names the ticket of which the following is told.
    Ticket,
    /// A heading above thanks.
    Thanks,
    /// An entry that says that there is none.
    Nothing,
    /// A word before the day on which an action is due.
    Due,
    /// A word before the day on which an action was done.
    Done,
    /// A word before the one who does an action.
    Owner,
    /// The start of a line with a link to what replaces this record.
    SupersededBy,
    /// The start of a line with a link to what this record replaces.
    Supersedes,
    /// A word with which titles end, and words with which they begin, that name a topic.
    Topic,
}

impl Part {
    const ALL: [(&str, Part); 13] = [
        ("surprises", Part::Surprises),
        ("learned", Part::Learned),
        ("hypothesis", Part::Hypothesis),
        ("result", Part::Result),
        ("ticket", Part::Ticket),
        ("thanks", Part::Thanks),
        ("nothing", Part::Nothing),
        ("due", Part::Due),
        ("done", Part::Done),
        ("owner", Part::Owner),
        ("superseded_by", Part::SupersededBy),
        ("supersedes", Part::Supersedes),
        ("topic", Part::Topic),
    ];
}

/// The wordings of each part. A text is compared with those alone that begin with one of its words:
/// every heading of a book is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Wording {
    /// By their first word.
    by_word: BTreeMap<String, Vec<(Part, String)>>,
    /// Those in scripts without blanks between words.
    dense: Vec<(Part, String)>,
}

/// How a wording may stand in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// It is the text.
    Whole,
    /// The text begins with it.
    Start,
    /// Anywhere, as whole words; one that is a single word, at the end of a short text.
    Within,
    /// At the start; one that is a single word, at the end of a short text.
    Label,
}

impl Wording {
    /// What a heading announces. A question about surprises and a title of lessons may say more
    /// ("What surprised us most"); the others are the heading.
    pub fn of_heading(&self, text: &str) -> Option<Part> {
        // Longer headings are claims about something, not names of a section.
        if text.len() > 120 {
            return None;
        }
        let words = plain(text);
        self.find(&words, &[Part::Hypothesis, Part::Result, Part::Thanks], Fit::Whole)
            .or_else(|| self.question(&words, Fit::Within))
    }

    /// What a label before a colon announces.
    pub fn of_label(&self, label: &str) -> Option<Part> {
        let words = plain(label);
        self.find(&words, &[Part::Hypothesis, Part::Result, Part::Ticket], Fit::Whole)
            .or_else(|| self.question(&words, Fit::Label))
    }

    /// Whether a word or an entry is one of a part's wordings.
    pub fn is(&self, part: Part, text: &str) -> bool {
        self.find(&plain(text), &[part], Fit::Whole).is_some()
    }

    /// Whether a line begins with one of a part's wordings.
    pub fn begins(&self, part: Part, line: &str) -> bool {
        self.find(&plain(line), &[part], Fit::Start).is_some()
    }

    fn question(&self, words: &str, fit: Fit) -> Option<Part> {
        if words.split(' ').count() > 12 {
            return None;
        }
        self.find(words, &[Part::Surprises, Part::Learned], fit)
    }

    /// The first of some parts that has a wording which stands so in a text.
    fn find(&self, words: &str, parts: &[Part], fit: Fit) -> Option<Part> {
        let mut best: Option<Part> = None;
        let mut take = |part: Part| best = Some(best.map_or(part, |best| best.min(part)));
        for (part, wording) in self.dense.iter().filter(|(part, _)| !words.is_ascii() && parts.contains(part)) {
            let fits = match fit {
                Fit::Whole => words == wording,
                Fit::Start => words.starts_with(wording.as_str()),
                Fit::Within | Fit::Label => words.contains(wording.as_str()),
            };
            if fits {
                take(*part);
            }
        }
        let mut at = 0;
        for (before, word) in words.split(' ').enumerate() {
            let rest = &words[at..];
            at += word.len() + 1;
            for (part, wording) in self.by_word.get(word).into_iter().flatten().filter(|(part, _)| parts.contains(part))
            {
                let Some(after) = rest.strip_prefix(wording.as_str()) else { continue };
                let whole = after.is_empty() || after.starts_with(' ');
                let alone = !wording.contains(' ');
                let fits = match fit {
                    Fit::Whole => before == 0 && after.is_empty(),
                    Fit::Start => before == 0 && whole,
                    _ if alone => after.is_empty() && before <= 2,
                    Fit::Within => whole,
                    Fit::Label => before == 0 && whole,
                };
                if fits {
                    take(*part);
                }
            }
            if matches!(fit, Fit::Whole | Fit::Start) {
                break;
            }
        }
        best
    }

    /// Adds what a `[wording]` table says.
    pub(super) fn extend(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut table = reader.table(root, "wording");
        for (name, part) in Part::ALL {
            let Some(node) = table.take(name) else { continue };
            for (text, span) in reader.texts(name, node) {
                match plain(text) {
                    words if words.is_empty() => {
                        reader.refuse(span, format!("`{name}` wants words"), "write `\"what surprised us\"`");
                    }
                    words if words.chars().all(|c| u32::from(c) >= 0x2e80) => self.dense.push((part, words)),
                    words => {
                        let first = words.split(' ').next().unwrap_or("").to_owned();
                        self.by_word.entry(first).or_default().push((part, words));
                    }
                }
            }
        }
        reader.finish(table);
    }
}

/// The words of a text in lower case with one blank between them, without other signs; a text of
/// signs alone (📅) as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in fold(text).chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !matches!(c, '\'' | '’') && !out.is_empty() && !out.ends_with(' ') {
            // `didn't` is one word.
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    if out.is_empty() { text.trim().to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn headings_ask_what_surprised_us_in_many_wordings_and_languages() {
        let wording = Config::parse(None).value.wording;
        for heading in [
            "What surprised us",
            "What surprised us?",
            "What did we learn this sprint that surprised us?",
            "Surprises",
            "Biggest surprises 🎉",
            "Was uns überrascht hat",
            "¿Qué nos sorprendió?",
            "Ce qui nous a surpris",
            "Cosa ci ha sorpreso",
            "驚いたこと",
        ] {
            assert_eq!(wording.of_heading(heading), Some(Part::Surprises), "{heading}");
        }
        for heading in [
            "Surprising behaviour of sed",
            "Surprise parties",
            "How a machine learned to rank",
            "What went well",
            "Results",
        ] {
            assert_eq!(wording.of_heading(heading).filter(|part| *part != Part::Result), None, "{heading}");
        }
    }

    #[test]
    fn labels_and_words_are_found_without_case_and_signs() {
        let wording = Config::parse(None).value.wording;
        assert_eq!(wording.of_label("What we learned"), Some(Part::Learned));
        assert_eq!(wording.of_label("HYPOTHESIS"), Some(Part::Hypothesis));
        assert_eq!(wording.of_label("Was wir gelernt haben"), Some(Part::Learned));
        assert_eq!(wording.of_label("Note"), None);
        assert!(wording.is(Part::Due, "📅") && wording.is(Part::Due, "due") && !wording.is(Part::Due, "dues"));
        assert!(wording.begins(Part::SupersededBy, "Superceded by [3. No queue](x.md)"));
        assert!(wording.is(Part::Nothing, "– none –"));
    }
}
