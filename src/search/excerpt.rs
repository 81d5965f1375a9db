//! A piece of a note's text that shows why the note answers a query.

use crate::book::Entry;
use crate::note::words::LAST_SECTION;
use crate::text::floor_boundary;
use crate::words::tokens;

/// Bytes of a piece, about.
const LENGTH: usize = 180;
/// Bytes before the first word that was found.
const BEFORE: usize = 40;

/// Part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// It is a word that was looked for.
    pub hit: bool,
}

/// A piece of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt<'b> {
    /// The heading above it, and that heading's id.
    pub heading: Option<(&'b str, &'b str)>,
    /// Its text on one line, cut where a word was found.
    pub parts: Vec<Part>,
}

/// The piece of a note's text that holds most of the words: of the given part of it (0 is before the
/// first heading, then the heading's number), or of all of it. The text is that of the file, with its markup.
pub fn excerpt<'b>(entry: &'b Entry, section: Option<u8>, words: &[String]) -> Excerpt<'b> {
    let note = &entry.note;
    let text = note.source.text();
    let starts = |number: usize| match number.checked_sub(1) {
        None => note.front.body_start,
        Some(at) => note.outline.get(at).map_or(text.len(), |heading| heading.at as usize),
    };
    let number = section.map(usize::from);
    let (from, to) = match number {
        Some(number) if number == usize::from(LAST_SECTION) => (starts(number), text.len()),
        Some(number) => (starts(number), starts(number + 1)),
        None => (note.front.body_start, text.len()),
    };
    let source = text.get(from..to.max(from)).unwrap_or_default();
    // The heading is shown above the piece, and the title above that.
    let body = match number.is_some_and(|number| number > 0) && !source.starts_with('#') {
        true => source.split_once('\n').map_or("", |(_, rest)| rest),
        false => source,
    };
    let is_text = |line: &&str| !line.trim_start().starts_with("```") && !line.starts_with('#');
    let lines = body.lines().filter(is_text);
    let line = lines.map(|line| line.trim_start_matches(['>', '-', '*', ' ', '\t'])).collect::<Vec<_>>();
    let line = line.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    let heading = number.and_then(|number| note.outline.get(number.checked_sub(1)?));
    Excerpt { heading: heading.map(|heading| (&*heading.text, &*heading.anchor)), parts: best_piece(&line, words) }
}

/// The piece of a line that holds most of the words.
fn best_piece(line: &str, words: &[String]) -> Vec<Part> {
    let mut hits: Vec<(usize, String)> = Vec::new();
    tokens(line, 0, |token| {
        if words.iter().any(|word| word == token.text) {
            hits.push((token.range.start, token.text.to_owned()));
        }
    });
    let mut best = (0, 0);
    for (at, (start, _)) in hits.iter().enumerate() {
        let mut within: Vec<&str> = Vec::new();
        let mut count = 0;
        for (_, word) in hits[at..].iter().take_while(|(other, _)| *other < start + LENGTH) {
            count += 1;
            if !within.contains(&word.as_str()) {
                within.push(word);
            }
        }
        if within.len() * 1_000 + count > best.0 {
            best = (within.len() * 1_000 + count, *start);
        }
    }
    let from = match best.1.checked_sub(BEFORE) {
        Some(at) => line[..floor_boundary(line, at)].rfind(' ').map_or(0, |blank| blank + 1),
        None => 0,
    };
    let end = floor_boundary(line, from + LENGTH);
    let to = line[end..].find(' ').map_or(line.len(), |blank| end + blank);
    let mut parts = mark(&line[from..to], words);
    if from > 0 {
        parts.insert(0, Part { text: "… ".into(), hit: false });
    }
    if to < line.len() {
        parts.push(Part { text: " …".into(), hit: false });
    }
    parts
}

/// A text cut where its words are among those that were looked for.
fn mark(text: &str, words: &[String]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    tokens(text, 0, |token| {
        let range = token.range;
        if range.start < at || !words.iter().any(|word| word == token.text) {
            return;
        }
        if range.start > at {
            parts.push(Part { text: text[at..range.start].to_owned(), hit: false });
        }
        at = range.end;
        parts.push(Part { text: text[range].to_owned(), hit: true });
    });
    if at < text.len() {
        parts.push(Part { text: text[at..].to_owned(), hit: false });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(line: &str, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let parts = best_piece(line, &words);
        parts.iter().map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn a_piece_is_where_most_of_the_words_are() {
        assert_eq!(show("Labels matter.", &["labels"]), "[Labels] matter.");
        let long = format!("label {} the Label matters more than amounts {}", "x ".repeat(200), "y ".repeat(200));
        let shown = show(&long, &["label", "amounts"]);
        assert!(
            shown.starts_with("… ")
                && shown.ends_with(" …")
                && shown.contains("the [Label] matters more than [amounts]")
        );
        assert_eq!(show("", &["label"]), "");
        assert_eq!(show("ä日本語ü", &["日本"]), "ä[日本語]ü");
    }
}
