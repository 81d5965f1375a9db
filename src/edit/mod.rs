//! What commands change in notes: the smallest change of bytes that says what is meant. Everything
//! else in the file stays as its author wrote it: order, quotes, comments, line ends.
//!
//! Nothing here writes. [`front`] sets keys of front matter, [`rename`] moves a note with every link to
//! it, [`diff`] shows a change; the caller writes what it is given.

use std::ops::Range;

use crate::source::Source;

pub mod diff;
pub mod front;
pub mod rename;

/// Bytes of a file, and what is to stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that are replaced; empty where something is put in.
    pub range: Range<usize>,
    /// What is put there.
    pub text: String,
}

/// The file with some edits made. They must not overlap; equal ones count once.
pub fn apply(source: &Source, mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    let mut out = Vec::with_capacity(source.bytes.len() + 64);
    let mut at = 0;
    for edit in edits.iter().filter(|edit| edit.range.end <= source.bytes.len()) {
        // Overlapping edits would be a slip of ours: the first one counts, and no byte is lost.
        if edit.range.start < at {
            continue;
        }
        out.extend_from_slice(&source.bytes[at..edit.range.start]);
        out.extend_from_slice(edit.text.as_bytes());
        at = edit.range.end;
    }
    out.extend_from_slice(&source.bytes[at..]);
    out
}

/// How lines end in a file: as its first one does.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
