//! Whether a note may be published: doubt withholds.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::config::{Field, canonical};

/// Why a note is withheld although it may be neither a draft nor private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Withheld {
    /// `draft` is neither yes nor no.
    Draft,
    /// `visibility` is none of those that there are.
    Visibility,
    /// The front matter is broken, and one of the two is mentioned in it.
    Broken,
}

pub(super) const NOT_PUBLISHED: &str = ", so the note is not published";

/// Why a note is withheld if this field can't be read.
pub(super) fn doubt(field: &Field) -> Option<Withheld> {
    match field.name.as_str() {
        "draft" => Some(Withheld::Draft),
        "visibility" => Some(Withheld::Visibility),
        _ => None,
    }
}

/// Yes or no, in the words of YAML 1.1, whatever their case.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Words for those who alone may see a note.
const HIDDEN: [&str; 7] = ["private", "confidential", "restricted", "secret", "hidden", "internal", "team"];

/// A key whose no makes a draft: Jekyll's, Obsidian's, and that of its digital gardens.
pub(super) fn is_publish(name: &str) -> bool {
    matches!(name, "published" | "publish" | "dg_publish")
}

/// What a key says in the words of other tools, if it says that the note is not to be published.
/// `name` is in snake case.
pub(super) fn hides(name: &str, value: &str) -> Option<Withheld> {
    let (answer, value) = (yes_or_no(value), value.trim().to_lowercase());
    match name {
        "draft" | "is_draft" if answer == Some(true) => Some(Withheld::Draft),
        // Eleventy writes no page for `permalink: false`.
        "permalink" if answer == Some(false) => Some(Withheld::Draft),
        _ if is_publish(name) && answer == Some(false) => Some(Withheld::Draft),
        "visibility" | "access" if HIDDEN.contains(&value.as_str()) => Some(Withheld::Visibility),
        "private" | "confidential" | "secret" | "unlisted" | "headless" if answer == Some(true) => {
            Some(Withheld::Visibility)
        }
        _ => None,
    }
}

/// The words of a text's first lines that say that it is not to be published, though they are no front
/// matter: in a list, or without the lines `---` around them.
pub(super) fn hiding_head(text: &str) -> Option<Range<usize>> {
    const LINES: usize = 40;
    let mut at = 0;
    let mut fenced = false;
    for line in text.split_inclusive('\n').take(LINES) {
        let start = at;
        at += line.len();
        let written = line.trim();
        let is_fence = written.len() >= 3 && written.bytes().all(|b| matches!(b, b'-' | b'+' | b'=' | b';'));
        if is_fence && text[..start].trim().is_empty() {
            fenced = true;
            continue;
        }
        if written.is_empty() && (fenced || text[..start].trim().is_empty()) {
            continue;
        }
        // Marks of lists and of JSON before a key.
        let inner = written.trim_start_matches(|c: char| c.is_whitespace() || "-*+?{[,\"'".contains(c));
        let (key, value) = inner.split_once([':', '='])?;
        let key = key.trim_end_matches(['"', '\'', ' ']);
        let value = value.trim_matches(|c: char| c.is_whitespace() || "\"'},]".contains(c));
        if key.is_empty() || key.split_whitespace().count() > 4 {
            return None;
        }
        if hides(&canonical(key), value).is_some() {
            let from = start + line.find(inner)?;
            return Some(from..from + inner.len());
        }
    }
    None
}

/// Where a text mentions whether it may be published.
pub(super) fn mention(text: &str) -> Option<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let found = ["draft", "visibility", "published", "publish"].into_iter().filter_map(|word| {
        let whole = |at: &usize| !lower[..*at].ends_with(joins) && !lower[at + word.len()..].starts_with(joins);
        lower.match_indices(word).map(|(at, _)| at).find(whole).map(|at| at..at + word.len())
    });
    found.min_by_key(|range| range.start)
}
