//! What is wrong with the text, with its place.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::path::SourcePath;
use crate::text::{LineIndex, Span};

/// Collects a note's problems.
pub(super) struct Problems<'w> {
    path: &'w SourcePath,
    text: &'w str,
    /// Made for the first problem: most notes have none.
    lines: Option<LineIndex>,
    /// Codes (with a name) that were said once and need not be said again.
    said: HashSet<(Code, String)>,
    found: &'w mut Vec<Diagnostic>,
}

impl<'w> Problems<'w> {
    /// `text` is the whole file's.
    pub(super) fn new(path: &'w SourcePath, text: &'w str, found: &'w mut Vec<Diagnostic>) -> Self {
        Problems { path, text, lines: None, said: HashSet::new(), found }
    }

    fn place(&mut self, span: Span) -> Place {
        let lines = self.lines.get_or_insert_with(|| LineIndex::new(self.text));
        Place::new(self.text, lines, span)
    }

    pub(super) fn say(&mut self, code: Code, span: Span, message: &str, hints: &[&str]) {
        let place = self.place(span);
        let mut diagnostic = Diagnostic::new(code, self.path, message).at(place);
        diagnostic.hints.extend(hints.iter().map(|hint| (*hint).to_owned()));
        self.found.push(diagnostic);
    }

    /// Says it for the first thing of this name only.
    pub(super) fn say_once(&mut self, code: Code, name: &str, span: Span, message: &str, hints: &[&str]) {
        if self.said.insert((code, name.to_owned())) {
            self.say(code, span, message, hints);
        }
    }
}
