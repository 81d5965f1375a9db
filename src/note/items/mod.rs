//! What a note's text says that a team works with: actions, surprises, what was learned by ticket,
//! open questions, thanks. Each has its place in the file and an anchor on the page.
//!
//! [`reader`] is the grammar: it is shown the headings, paragraphs, bullets and callouts of a text
//! in their order. [`action`], [`key_result`] and [`effect`] read one line each; they are functions
//! of a text and know nothing of notes.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::text::Span;

pub mod action;
pub mod effect;
pub mod key_result;
pub mod reader;

pub use action::{Action, State};
pub use effect::{Effect, Sign};
pub use key_result::KeyResult;

/// What was found in one note's text, in its order. The hash of it, and of its parts, is that of what
/// they say, wherever they stand in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Items {
    /// What was learned, by ticket or under one hypothesis.
    pub learnings: Vec<Learning>,
    /// What surprised people.
    pub surprises: Vec<Piece>,
    /// What somebody is going to do, or did.
    pub actions: Vec<Action>,
    /// What nobody knows yet.
    pub questions: Vec<Piece>,
    /// What people are thanked for.
    pub thanks: Vec<Thanks>,
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Without markup, on one line, at most [`LONGEST`] characters.
    pub text: Box<str>,
    /// Its id on the page, or that of what it stands in; empty for the top of the page.
    pub anchor: Box<str>,
    /// Bytes of the file.
    pub span: Span,
}

/// A hypothesis and what was learned about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// The heading that it stands under, as `Ticket: FLEX-112`; may be empty.
    pub heading: Box<str>,
    /// The tickets that the heading or label names.
    pub tickets: Vec<Box<str>>,
    /// What was believed.
    pub hypothesis: Option<Piece>,
    /// What came out, as written: `supported`, `Refuted, narrowly`.
    pub result: Option<Box<str>>,
    /// What was learned.
    pub learned: Vec<Piece>,
    /// The id of its heading on the page; empty for the top of the page.
    pub anchor: Box<str>,
    /// Where it begins in the file.
    pub span: Span,
}

impl Hash for Piece {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Piece { text, anchor, span: _ } = self;
        (text, anchor).hash(hasher);
    }
}

impl Hash for Learning {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Learning { heading, tickets, hypothesis, result, learned, anchor, span: _ } = self;
        (heading, tickets, hypothesis, result, learned, anchor).hash(hasher);
    }
}

/// A thank-you.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Thanks {
    /// The people who are named with `@`, as written, without the sign.
    pub to: Vec<Box<str>>,
    /// What for, with its place.
    pub piece: Piece,
}

/// Characters of an item's text. What is longer is cut: the place itself is one click away.
pub const LONGEST: usize = 480;

/// One line, without blanks at its ends.
pub(super) fn one_line(text: &str) -> Box<str> {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.len() > LONGEST {
        true => crate::text::truncate(&line, LONGEST).into_owned().into(),
        false => line.into(),
    }
}
