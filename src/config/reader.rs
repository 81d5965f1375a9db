//! Typed reading of a TOML table: every value that can't be used and every key that nobody asked
//! for becomes a diagnostic with a place.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::schema::canonical;
use crate::data::{Key, Node, Value, one_line};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::path::SourcePath;
use crate::text::{LineIndex, Span, closest};

/// What mdBook reads in a book.toml, and this program does not.
const MDBOOK: &[&str] = &["build", "output", "preprocessor", "rust", "multilingual", "text_direction"];

pub(super) struct Reader<'s> {
    path: &'s SourcePath,
    text: &'s str,
    lines: LineIndex,
    diagnostics: Vec<Diagnostic>,
    /// The keys that were asked for, by table: to say where a misplaced one belongs.
    known: Vec<(String, &'static str)>,
    unknown: Vec<(String, Key)>,
}

/// A table that is being read.
pub(super) struct Table<'n> {
    /// As a header spells it, without brackets; empty at the top.
    name: String,
    entries: &'n [(Key, Node)],
    asked: Vec<&'static str>,
}

impl<'n> Table<'n> {
    pub(super) fn new(name: impl Into<String>, entries: &'n [(Key, Node)]) -> Self {
        Table { name: name.into(), entries, asked: Vec::new() }
    }

    /// The value of a key, which is snake case here and in any case in the file.
    pub(super) fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| canonical(&key.name) == name).map(|(_, node)| node)
    }

    /// All entries, for tables whose keys are the author's.
    pub(super) fn entries(&self) -> &'n [(Key, Node)] {
        self.entries
    }
}

impl<'s> Reader<'s> {
    pub(super) fn new(path: &'s SourcePath, text: &'s str) -> Self {
        Reader {
            path,
            text,
            lines: LineIndex::new(text),
            diagnostics: Vec::new(),
            known: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Adds a diagnostic.
    pub(super) fn report(&mut self, code: Code, span: Span, message: impl Into<String>, hint: Option<String>) {
        let place = Place::new(self.text, &self.lines, span);
        let mut diagnostic = Diagnostic::new(code, self.path, one_line(message.into())).at(place);
        diagnostic.hints.extend(hint.map(one_line));
        self.diagnostics.push(diagnostic);
    }

    /// Adds a [`Code::ConfigValue`].
    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.report(Code::ConfigValue, span, message, Some(hint.into()));
    }

    fn wrong<T>(&mut self, name: &str, node: &Node, wanted: &str) -> Option<T> {
        let found = match &node.value {
            Value::Scalar(scalar) if scalar.quoted => "text".into(),
            Value::Scalar(scalar) => format!("`{}`", scalar.text),
            value => value.kind().into(),
        };
        self.report(Code::ConfigValue, node.span, format!("`{name}` wants {wanted}, not {found}"), None);
        None
    }

    /// The table at `name`, empty if it is not there.
    pub(super) fn table<'n>(&mut self, parent: &mut Table<'n>, name: &'static str) -> Table<'n> {
        let node = parent.take(name);
        let path = if parent.name.is_empty() { name.to_owned() } else { format!("{}.{name}", parent.name) };
        let entries = node.and_then(|node| self.entries(&path, node)).unwrap_or(&[]);
        Table::new(path, entries)
    }

    /// The entries of a value that has to be a table.
    pub(super) fn entries<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n [(Key, Node)]> {
        match &node.value {
            Value::Map(entries) => Some(entries),
            _ => self.wrong(name, node, "a table of keys"),
        }
    }

    /// A value that has to be text.
    pub(super) fn text<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) if scalar.quoted => Some(&scalar.text),
            _ => self.wrong(name, node, "text in quotes"),
        }
    }

    /// A value that has to be `true` or `false`.
    pub(super) fn flag(&mut self, name: &str, node: &Node) -> Option<bool> {
        match node.value.scalar().filter(|scalar| !scalar.quoted).map(|scalar| scalar.text.as_str()) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => self.wrong(name, node, "`true` or `false`"),
        }
    }

    /// A value that has to be a whole number.
    pub(super) fn number(&mut self, name: &str, node: &Node, range: RangeInclusive<usize>) -> Option<usize> {
        let scalar = node.value.scalar().filter(|scalar| !scalar.quoted);
        let number = scalar.and_then(|scalar| scalar.text.parse().ok()).filter(|number| range.contains(number));
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        number.or_else(|| self.wrong(name, node, &wanted()))
    }

    /// A value that has to be a text or a list of texts; those that are none are reported and left out.
    pub(super) fn texts<'n>(&mut self, name: &str, node: &'n Node) -> Vec<(&'n str, Span)> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| Some((self.text(name, item)?, item.span))).collect(),
            _ => self.text(name, node).map(|text| (text, node.span)).into_iter().collect(),
        }
    }

    /// A value that has to be one of some words.
    pub(super) fn choice<T: Clone>(&mut self, name: &str, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name, node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| value.clone());
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{name}` can't be `{text}`");
            self.refuse(node.span, message, one_of(&names));
        }
        found
    }

    /// A value that has to be a word or a list of words, each one of some.
    pub(super) fn choices<T: Clone>(&mut self, name: &str, node: &Node, words: &[(&str, T)]) -> Vec<T> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| self.choice(name, item, words)).collect(),
            _ => self.choice(name, node, words).into_iter().collect(),
        }
    }

    /// Ends the reading of a table: the keys that were not asked for are unknown.
    pub(super) fn finish(&mut self, table: Table<'_>) {
        let mut names = HashSet::new();
        for (key, _) in table.entries {
            if !names.insert(canonical(&key.name)) {
                let message = format!("`{}` stands twice, in two ways of writing it; the first one counts", key.name);
                self.report(Code::DuplicateKey, key.span, message, None);
            }
        }
        let unknown = table.entries.iter().filter(|(key, _)| !table.asked.contains(&canonical(&key.name).as_str()));
        self.unknown.extend(unknown.map(|(key, _)| (table.name.clone(), key.clone())));
        self.known.extend(table.asked.iter().map(|name| (table.name.clone(), *name)));
    }

    /// Reports the unknown keys and gives all diagnostics, in the order of the file.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        for (table, key) in std::mem::take(&mut self.unknown) {
            let name = canonical(&key.name);
            let here = self.known.iter().filter(|(known, _)| *known == table).map(|(_, name)| *name);
            let elsewhere = self.known.iter().find(|(_, known)| *known == name);
            let hint = match (closest(&name, here), elsewhere) {
                (Some(near), _) => Some(format!("did you mean `{near}`?")),
                (None, Some((other, _))) if other.is_empty() => Some(format!("`{name}` stands above all tables")),
                (None, Some((other, _))) => Some(format!("`{name}` belongs in `[{other}]`")),
                (None, None) if MDBOOK.contains(&name.as_str()) => {
                    Some("mdBook reads it; here it has no effect".into())
                }
                (None, None) => None,
            };
            let place = if table.is_empty() { "book.toml".into() } else { format!("`[{table}]`") };
            self.report(Code::ConfigKey, key.span, format!("`{}` is no key of {place}", key.name), hint);
        }
        self.diagnostics.sort();
        self.diagnostics
    }
}

/// What something can be, for a hint: "it can be `a`, `b` or `c`".
pub(crate) fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("it can be {last}"),
        Some((last, rest)) => format!("it can be {} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
