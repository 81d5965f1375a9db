//! The words by which a note's text says what a part of it is ("What surprised us", "Hypothesis:",
//! "due"): data, in several languages, to which a book may add its own.

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

/// The wordings of each part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Wording(Vec<(Part, String)>);

impl Wording {
    /// What a heading announces. A question about surprises and a title of lessons may say more
    /// ("What surprised us most"); the others are the heading, or begin it with a colon after.
    pub fn of_heading(&self, text: &str) -> Option<Part> {
        // Longer headings are claims about something, not names of a section.
        if text.len() > 120 {
            return None;
        }
        let words = plain(text);
        let parts = [Part::Hypothesis, Part::Result, Part::Thanks];
        self.find(&words, &parts, |words, wording| words == wording).or_else(|| self.question(&words, holds))
    }

    /// What a label before a colon announces.
    pub fn of_label(&self, label: &str) -> Option<Part> {
        let words = plain(label);
        let parts = [Part::Hypothesis, Part::Result, Part::Ticket];
        let begins = |words: &str, wording: &str| match wording.contains(' ') {
            true => words.starts_with(wording) && holds(words, wording),
            false => holds(words, wording),
        };
        self.find(&words, &parts, |words, wording| words == wording).or_else(|| self.question(&words, begins))
    }

    /// Whether a word or an entry is one of a part's wordings.
    pub fn is(&self, part: Part, text: &str) -> bool {
        let words = plain(text);
        self.0.iter().any(|(of, wording)| *of == part && *wording == words)
    }

    /// Whether a line begins with one of a part's wordings.
    pub fn begins(&self, part: Part, line: &str) -> bool {
        let words = plain(line);
        let begins =
            |wording: &str| words.strip_prefix(wording).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        self.0.iter().any(|(of, wording)| *of == part && begins(wording))
    }

    fn question(&self, words: &str, fits: impl Fn(&str, &str) -> bool) -> Option<Part> {
        if words.split(' ').count() > 12 {
            return None;
        }
        self.find(words, &[Part::Surprises, Part::Learned], fits)
    }

    fn find(&self, words: &str, parts: &[Part], fits: impl Fn(&str, &str) -> bool) -> Option<Part> {
        let found = self.0.iter().find(|(part, wording)| parts.contains(part) && fits(words, wording));
        found.map(|(part, _)| *part)
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
                    words => self.0.push((part, words)),
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

/// `words` holds the wording as a run of whole words, and a wording of one word at its end ("Our
/// surprises", but not "Surprise parties"); in scripts without blanks, anywhere.
fn holds(words: &str, wording: &str) -> bool {
    let alone = !wording.contains(' ');
    words.match_indices(wording).any(|(at, _)| {
        let (before, after) = (&words[..at], &words[at + wording.len()..]);
        let dense = wording.chars().all(|c| u32::from(c) >= 0x2e80);
        let whole = (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '));
        dense || whole && (!alone || after.is_empty() && before.split_whitespace().count() <= 2)
    })
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
