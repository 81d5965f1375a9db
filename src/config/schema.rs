//! The keys of front matter, and their types: one name has one type in all kinds of note.

use std::collections::BTreeMap;

use super::kinds::{Choice, choices};
use super::reader::{Reader, Table};
use crate::data::{Node, Value};
use crate::text::closest;

/// What a key's value is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Any text, as written.
    Text,
    /// A number, between two others where they are given.
    Number(Option<(i32, i32)>),
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A span of time, in days.
    Period,
    /// Names: a list, or one text with commas between them.
    List,
    /// Texts in which a comma is a comma: a list, or one text.
    Sentences,
    /// Links to notes, written as a list or as one text with commas between them.
    Links,
    /// One of some words.
    Choice(Vec<Choice>),
    /// One of the statuses of the note's kind; any text in a kind that has none.
    Status,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// In snake case.
    pub name: String,
    /// Other names for it, in snake case.
    pub aliases: Vec<String>,
    /// The type of its value.
    pub ty: FieldType,
    /// The names of the kinds that have it; empty if all have.
    pub kinds: Vec<String>,
    /// It has its meaning only in these kinds.
    pub narrow: bool,
}

impl Field {
    /// Whether the key means this in notes of a kind.
    pub fn belongs_to(&self, kind: &str) -> bool {
        !self.narrow || self.kinds.iter().any(|name| name == kind)
    }
}

/// All keys that front matter may have.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Schema {
    fields: Vec<Field>,
    /// Names and aliases.
    index: BTreeMap<String, usize>,
    /// Keys of other tools, and the key of ours as which some are read.
    foreign: BTreeMap<String, Option<String>>,
}

impl Schema {
    /// The keys, in the order in which they were defined.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The key with this name or alias, which is in snake case (see [`canonical`]).
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.index.get(name).and_then(|&at| self.fields.get(at))
    }

    /// The key that a key of another tool is read as.
    pub fn read_as(&self, foreign: &str) -> Option<&Field> {
        self.foreign.get(foreign)?.as_ref().and_then(|name| self.field(name))
    }

    /// The name that an unknown key in a note of a kind may have been meant to be. None for keys
    /// that other tools are known to use.
    pub fn suggestion(&self, unknown: &str, kind: &str) -> Option<&str> {
        if unknown.len() < 4 || self.foreign.contains_key(unknown) || self.index.contains_key(unknown) {
            return None;
        }
        let here = |name: &&String| self.field(name).is_some_and(|field| field.belongs_to(kind));
        closest(unknown, self.index.keys().filter(here).map(String::as_str))
    }

    /// Reads `[fields]` and `[foreign]` of the built-in kinds.
    pub(super) fn read(reader: &mut Reader<'_>, root: &mut Table<'_>) -> Self {
        let mut schema = Schema::default();
        let fields = reader.table(root, "fields");
        for (key, node) in fields.entries() {
            schema.define(reader, &key.name, node, None);
        }
        let mut foreign = reader.table(root, "foreign");
        let keep = foreign.take("keep").map_or(Vec::new(), |node| reader.texts("keep", node));
        schema.foreign.extend(keep.into_iter().map(|(name, _)| (name.to_owned(), None)));
        let read_as = reader.table(&mut foreign, "read_as");
        for (key, node) in read_as.entries() {
            let ours = reader.text(&key.name, node).map(str::to_owned);
            schema.foreign.insert(key.name.clone(), ours);
        }
        reader.finish(foreign);
        schema
    }

    /// Adds the fields of a kind: a list of names, or a table of names and types.
    pub(super) fn read_kind(&mut self, reader: &mut Reader<'_>, kind: &str, node: &Node) -> Vec<String> {
        match &node.value {
            Value::Map(entries) => {
                entries.iter().filter_map(|(key, node)| self.define(reader, &key.name, node, Some(kind))).collect()
            }
            _ => {
                let names = reader.texts("fields", node).into_iter().map(|(name, _)| canonical(name));
                names.map(|name| self.add(&name, FieldType::Text, Vec::new(), false, Some(kind))).collect()
            }
        }
    }

    /// Adds a key, or its aliases and its kind to a key that is known. Gives the key's own name.
    fn add(&mut self, name: &str, ty: FieldType, aliases: Vec<String>, narrow: bool, kind: Option<&str>) -> String {
        let at = *self.index.entry(name.to_owned()).or_insert(self.fields.len());
        if at == self.fields.len() {
            let (name, aliases, kinds) = (name.to_owned(), Vec::new(), Vec::new());
            self.fields.push(Field { name, aliases, ty, kinds, narrow });
        }
        let field = &mut self.fields[at];
        for alias in aliases {
            if !self.index.contains_key(&alias) {
                self.index.insert(alias.clone(), at);
                field.aliases.push(alias);
            }
        }
        if let Some(kind) = kind.filter(|kind| !field.kinds.iter().any(|known| known == kind)) {
            field.kinds.push(kind.to_owned());
        }
        field.name.clone()
    }

    /// Adds one key by its type, or by a table with its type.
    fn define(&mut self, reader: &mut Reader<'_>, key: &str, node: &Node, kind: Option<&str>) -> Option<String> {
        let name = canonical(key);
        let (ty, mut table) = match &node.value {
            Value::Map(entries) => {
                let mut table = Table::new(format!("fields.{key}"), entries);
                (table.take("type"), table)
            }
            _ => (Some(node), Table::new("", &[])),
        };
        let ty = ty.map_or(Some(FieldType::Text), |node| field_type(reader, key, node))?;
        let aliases = table.take("aliases").map_or(Vec::new(), |node| reader.texts("aliases", node));
        let aliases = aliases.into_iter().map(|(alias, _)| canonical(alias)).collect();
        let narrow = table.take("narrow").and_then(|node| reader.flag("narrow", node)).unwrap_or(false);
        reader.finish(table);
        if self.field(&name).is_some_and(|known| known.ty != ty) {
            let message = format!("`{key}` has one type in all kinds, and it is another one");
            reader.refuse(node.span, message, "give the key of this kind a name of its own");
            return None;
        }
        Some(self.add(&name, ty, aliases, narrow, kind))
    }
}

/// A type by its name, or the words of a choice.
fn field_type(reader: &mut Reader<'_>, key: &str, node: &Node) -> Option<FieldType> {
    if let Value::List(_) = node.value {
        return Some(FieldType::Choice(choices(reader, key, node)));
    }
    let range = node.value.scalar().and_then(|scalar| scalar.text.split_once('-'));
    if let Some((Ok(least), Ok(most))) = range.map(|(least, most)| (least.parse(), most.parse())) {
        return Some(FieldType::Number(Some((least, most))));
    }
    let types = [
        ("text", FieldType::Text),
        ("number", FieldType::Number(None)),
        ("yes-no", FieldType::Bool),
        ("date", FieldType::Date),
        ("period", FieldType::Period),
        ("list", FieldType::List),
        ("sentences", FieldType::Sentences),
        ("links", FieldType::Links),
        ("status", FieldType::Status),
    ];
    reader.choice(key, node, &types)
}

/// A key in snake case: `publishDate`, `publish-date` and `Publish Date` are the same key.
pub fn canonical(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 2);
    let mut lower_before = false;
    for c in key.trim().chars() {
        match c {
            '-' | ' ' | '_' => out.push('_'),
            c if c.is_uppercase() => {
                if lower_before {
                    out.push('_');
                }
                out.extend(c.to_lowercase());
            }
            c => out.push(c),
        }
        lower_before = c.is_lowercase() || c.is_ascii_digit();
    }
    out
}

/// The days in a span of time such as `6 months`, `2 weeks` or `1 year`; a bare number is days.
/// A month is a twelfth of 365 days.
pub fn period(text: &str) -> Option<u32> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u32 = text[..text.len() - unit.len()].parse().ok().filter(|count| *count <= 10_000)?;
    match unit.trim().trim_end_matches('s') {
        "" | "d" | "day" => Some(count),
        "w" | "week" => Some(count * 7),
        "m" | "month" => Some((count * 365 + 6) / 12),
        "q" | "quarter" => Some((count * 365 + 2) / 4),
        "y" | "year" => Some(count * 365),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_in_every_case() {
        for key in ["review_in", "review-in", "reviewIn", "Review In", "ReviewIn", " REVIEW_IN "] {
            assert_eq!(canonical(key), "review_in", "{key}");
        }
        assert_eq!((canonical("OKR").as_str(), canonical("h1Title").as_str()), ("okr", "h1_title"));
    }

    #[test]
    fn periods_are_days() {
        let days: Vec<Option<u32>> =
            ["6 months", "12 months", "1 year", "2weeks", "90 days", "3 m", "1 quarter", "7"].map(period).into();
        assert_eq!(days, [183, 365, 365, 14, 90, 91, 91, 7].map(Some));
        for text in ["", "soon", "months", "-3 days", "1.5 years", "99999999999 days", "6 lunes"] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
