//! Whether a note may be published: doubt withholds.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::config::Field;

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
