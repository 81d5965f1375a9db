//! One spanned tree for the two data languages of a book, YAML (front matter) and TOML (book.toml,
//! and the front matter of other tools): the only door to `saphyr-parser` and to `toml`.
//!
//! An event parser gives every scalar as it was written, so `no`, `08`, `12:30` and `1.20` stay
//! text until somebody who knows the key's type reads them; and it lets anchors, aliases and tags
//! be refused before anything is expanded.

mod toml;
mod yaml;

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::text::{Span, truncate};

pub use self::toml::toml;
pub use self::yaml::{key_name, yaml};

/// Lists and maps may be nested this deep, the outermost map included.
pub const MAX_DEPTH: usize = 30;

/// No more errors than this are reported about one text: who has made fifty has made one, fifty times.
const MAX_ERRORS: usize = 50;

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Bytes of the file. A scalar's includes its quotes.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// A node's hash is that of its value, wherever it stands.
impl Hash for Node {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.value.hash(hasher);
    }
}

/// A value, without any guess at its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Text, a number, a date, yes or no, or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file; every name is there once.
    Map(Vec<(Key, Node)>),
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scalar {
    /// The text, without quotes and with escapes resolved; otherwise nothing is changed.
    pub text: String,
    /// It is text for certain: quoted, or a YAML block.
    pub quoted: bool,
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// As written, without quotes.
    pub name: String,
    /// Bytes of the file.
    pub span: Span,
}

/// A key's hash is that of its name, wherever it stands.
impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.name.hash(hasher);
    }
}

/// A map's entries, in the order of the file.
pub type Entries = Vec<(Key, Node)>;

/// What could be read of a text, and what was wrong with the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parsed {
    /// The entries of the outermost map.
    pub entries: Entries,
    /// In the order of the file.
    pub errors: Vec<SyntaxError>,
}

/// Something that keeps a text from being read in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Bytes of the file.
    pub span: Span,
    /// What kind of error.
    pub problem: Problem,
    /// One line, lower case, no full stop, names in backticks.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

/// The kinds of [`SyntaxError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Not the language's grammar.
    Syntax,
    /// Grammatical, but one of the features that are refused: anchors, aliases, merge keys, tags,
    /// several documents.
    Feature,
    /// A key stands twice.
    Duplicate,
    /// Deeper than [`MAX_DEPTH`].
    Depth,
}

impl Scalar {
    /// Nothing was written, or one of YAML's words for nothing.
    pub fn is_null(&self) -> bool {
        !self.quoted && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Value {
    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match self {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// It is a scalar, and a null.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(Scalar::is_null)
    }

    /// What it is, for a message: `text`, `a list`, `a table of keys`.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Scalar(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a table of keys",
        }
    }
}

impl SyntaxError {
    fn new(problem: Problem, span: Span, message: impl Into<String>) -> Self {
        SyntaxError { span, problem, message: one_line(message.into()), hints: Vec::new() }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(one_line(hint.into()));
        self
    }
}

/// A message that quotes what somebody wrote, who may have written a control character, or a key
/// that is a page long.
pub fn one_line(message: String) -> String {
    const LONGEST: usize = 240;
    match message.contains(char::is_control) || message.chars().nth(LONGEST).is_some() {
        true => truncate(&message.replace(char::is_control, "\u{fffd}"), LONGEST).into_owned(),
        false => message,
    }
}

/// Keeps the first entry of each name and reports the others.
fn first_of_each(mut entries: Entries, errors: &mut Vec<SyntaxError>) -> Entries {
    let repeated: Vec<bool> = {
        let mut seen = HashSet::with_capacity(entries.len());
        entries.iter().map(|(key, _)| !seen.insert(key.name.as_str())).collect()
    };
    if repeated.contains(&true) {
        let mut repeated = repeated.into_iter();
        entries.retain(|(key, _)| {
            let again = repeated.next() == Some(true);
            if again {
                let message = format!("`{}` stands twice; the first one counts", key.name);
                errors.push(SyntaxError::new(Problem::Duplicate, key.span, message));
            }
            !again
        });
    }
    entries
}

#[cfg(test)]
mod testing {
    use super::*;

    /// A tree on one line, quoted scalars in quotes.
    pub fn outline(parsed: &Parsed) -> String {
        entries(&parsed.entries)
    }

    fn entries(list: &[(Key, Node)]) -> String {
        list.iter().map(|(key, node)| format!("{}: {}", key.name, value(&node.value))).collect::<Vec<_>>().join(", ")
    }

    fn value(node: &Value) -> String {
        match node {
            Value::Scalar(Scalar { text, quoted: true }) => format!("{text:?}"),
            Value::Scalar(Scalar { text, .. }) => text.clone(),
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| value(&item.value)).collect::<Vec<_>>().join(", "))
            }
            Value::Map(list) => format!("{{{}}}", entries(list)),
        }
    }
}
