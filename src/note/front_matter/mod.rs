//! The front matter of a note: where it is, what its keys say, and what is wrong with it.
//!
//! A note has front matter if its first line is `---` (YAML, up to a line `---` or `...`) or
//! `+++` (TOML, up to a line `+++`), and what follows is not plainly text between two thematic
//! breaks; or if it begins with an object in JSON, as Hugo has it. Blank lines before it are forgiven where its first key is a known one. Nothing in it is required, and all of it is kept: keys of the
//! [`Schema`](crate::config::Schema) with their types, the others as they stand.
//!
//! How keys are read:
//! - `reviewIn`, `review-in` and `review_in` are one key. An alias such as `author` counts where
//!   the key itself is absent, and is kept under its own name where it is not.
//! - A key without a value is absent.
//! - `published: false` and `publish: false`, as Jekyll and Obsidian have them, make a draft; with
//!   a date, `published` is the note's date if it has no other.
//! - The lists in `taxonomies`, as Zola has them, are read like keys.
//! - Doubt withholds: what can't be read of `draft` and `visibility`, and broken front matter that
//!   mentions one of them, keeps the note from being published.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::config::ParseOptions;
use crate::data::{self, Value};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::path::SourcePath;
use crate::text::{LineIndex, Span};

mod adopt;
mod block;
mod reader;
#[cfg(test)]
mod tests;
mod withheld;

use block::{bom, find};
use reader::Reader;
pub use withheld::Withheld;
use withheld::{NOT_PUBLISHED, hiding_head};

/// What a note's front matter says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrontMatter {
    /// The name of the note's kind: the one that it names, or its folder's, or the plain one.
    pub kind: String,
    /// What it says, in its order; each key once, and none without a value.
    pub entries: Vec<Entry>,
    /// The byte of the file at which the body begins.
    pub body_start: usize,
    /// Why the note must not be published, if nobody can say that it may be.
    pub withheld: Option<Withheld>,
}
/// A key and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The key's own name, in snake case.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: FieldValue,
}

/// A value, by the type of its key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FieldValue {
    /// Text; also what could not be read as what its key wants.
    Text(String),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(Date),
    /// Names or sentences; none is empty.
    List(Vec<Item>),
    /// Links to notes, as written.
    Links(Vec<Item>),
    /// One of the words that the key can be.
    Choice {
        /// The word.
        value: String,
        /// What was written for it, as `superseded by ADR-12`.
        written: String,
    },
    /// A span of time, in days.
    Days(u32),
    /// The value of a key that is not in the schema.
    Other(Value),
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The hash of front matter is that of what it says, wherever it stands in the file.
impl Hash for FrontMatter {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let FrontMatter { kind, entries, withheld, body_start: _ } = self;
        (kind, entries, withheld).hash(hasher);
    }
}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Entry { key, value, key_span: _, span: _ } = self;
        (key, value).hash(hasher);
    }
}

impl Hash for Item {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.text.hash(hasher);
    }
}

impl Hash for FieldValue {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            FieldValue::Text(text) => text.hash(hasher),
            FieldValue::Number(number) => number.to_bits().hash(hasher),
            FieldValue::Bool(yes) => yes.hash(hasher),
            FieldValue::Date(date) => date.hash(hasher),
            FieldValue::List(items) | FieldValue::Links(items) => items.hash(hasher),
            FieldValue::Choice { value, written } => (value, written).hash(hasher),
            FieldValue::Days(days) => days.hash(hasher),
            FieldValue::Other(value) => value.hash(hasher),
        }
    }
}

impl FrontMatter {
    /// The entry of a key, by its name in snake case.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn value(&self, key: &str) -> Option<&FieldValue> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a key, as written.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            FieldValue::Text(text) | FieldValue::Choice { written: text, .. } => Some(text),
            _ => None,
        }
    }

    /// The word of a key that is a choice, or what was written where it is none of the words.
    pub fn choice(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            FieldValue::Choice { value, .. } => Some(value),
            FieldValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The day of a key.
    pub fn date(&self, key: &str) -> Option<Date> {
        match self.value(key)? {
            FieldValue::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The number of a key.
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.value(key)? {
            FieldValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The days of a key that is a span of time.
    pub fn days(&self, key: &str) -> Option<u32> {
        match self.value(key)? {
            FieldValue::Days(days) => Some(*days),
            _ => None,
        }
    }

    /// A key says yes.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.value(key), Some(FieldValue::Bool(true)))
    }

    /// The items of a key that is a list.
    pub fn list(&self, key: &str) -> &[Item] {
        match self.value(key) {
            Some(FieldValue::List(items)) => items,
            _ => &[],
        }
    }

    /// The links of a key.
    pub fn links(&self, key: &str) -> &[Item] {
        match self.value(key) {
            Some(FieldValue::Links(items)) => items,
            _ => &[],
        }
    }
}

/// Reads the front matter of the note at `path`, whose whole text is given. Total: what can't be
/// read is told in the diagnostics, which are in the order of the file.
pub fn parse(text: &str, path: &SourcePath, options: &ParseOptions) -> (FrontMatter, Vec<Diagnostic>) {
    let folder = options.kinds.of_folder(options.folder_of(path)).unwrap_or(options.kinds.plain());
    let Some((block, parsed)) = find(text, options) else {
        let body_start = bom(text);
        let kind = folder.name.clone();
        let head = hiding_head(&text[body_start..]);
        let withheld = head.is_some().then_some(Withheld::Broken);
        let found = head.map(|words| {
            let message = format!("`{}` stands in no front matter{NOT_PUBLISHED}", &text[body_start..][words.clone()]);
            let hint = "write it between two lines `---` at the top, or begin with other words".to_owned();
            let span = Span::new(body_start + words.start, body_start + words.end);
            Found { span, code: Code::Withheld, message, hint: Some(hint) }
        });
        let diagnostics = diagnostics(text, path, found.into_iter().collect());
        return (FrontMatter { kind, entries: Vec::new(), body_start, withheld }, diagnostics);
    };
    let mut reader = Reader::new(text, options, folder);
    reader.read(&block, parsed);
    let Reader { kind, found, entries, withheld, .. } = reader;
    let diagnostics = diagnostics(text, path, found);
    (FrontMatter { kind: kind.name.clone(), entries, body_start: block.body_start, withheld }, diagnostics)
}

/// A problem before it has a place.
struct Found {
    span: Span,
    code: Code,
    message: String,
    hint: Option<String>,
}

fn diagnostics(text: &str, path: &SourcePath, mut found: Vec<Found>) -> Vec<Diagnostic> {
    let Some(end) = found.iter().map(|found| found.span.end as usize).max() else { return Vec::new() };
    found.sort_by_key(|found| (found.span, found.code));
    // The lines of the whole note would cost more than all the rest.
    let rest = text.get(end..).unwrap_or("");
    let head = &text[..rest.find('\n').map_or(text.len(), |length| end + length)];
    let lines = LineIndex::new(head);
    let place = |found: Found| {
        let place = Place::new(head, &lines, found.span);
        let mut diagnostic = Diagnostic::new(found.code, path, data::one_line(found.message)).at(place);
        diagnostic.hints.extend(found.hint.map(data::one_line));
        diagnostic
    };
    found.into_iter().map(place).collect()
}
