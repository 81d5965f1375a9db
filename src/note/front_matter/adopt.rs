//! Front matter that stands in a note's text.

use super::reader::Reader;
use super::{Entry, FieldValue, FrontMatter, Item};
use crate::config::{FieldType, ParseOptions, Part};
use crate::data::{Node, Scalar, Value};
use crate::note::items::one_line;
use crate::note::items::reader::{InText, targets};
use crate::text::Span;

impl FrontMatter {
    /// Takes what the note's text gives for keys that it has none of. Text is no data until it fits:
    /// what can't be read as its key wants is passed over without a word.
    pub fn adopt(&mut self, found: Vec<InText>, text: &str, options: &ParseOptions) {
        for InText { key, label, values } in found {
            let Some(field) = options.schema.field(&key) else { continue };
            let Some((first, span)) = values.first() else { continue };
            // What a template's author left to be filled in.
            let open = |text: &str| text.starts_with(['[', '{', '<']) && !text.starts_with("[[");
            if self.entry(&key).is_some() || open(first.trim()) {
                continue;
            }
            let scalar = |text: &str| Value::Scalar(Scalar { text: text.to_owned(), quoted: true });
            let node = |(text, span): &(String, Span)| Node { span: *span, value: scalar(text) };
            let value = match values.as_slice() {
                [_] => scalar(&one_line(first)),
                several => match field.ty {
                    FieldType::List | FieldType::Sentences | FieldType::Links => {
                        Value::List(several.iter().map(node).collect())
                    }
                    _ => scalar(&one_line(first)),
                },
            };
            let kind = options.kinds.by_name(&self.kind).unwrap_or(options.kinds.plain());
            let reader = Reader::new(text, options, kind);
            let mut problems = Vec::new();
            let read = reader.convert(field, &Node { span: *span, value }, &mut problems);
            if let Some(value) = read.filter(|_| problems.is_empty()) {
                self.entries.push(Entry { key, key_span: label, span: *span, value });
            }
        }
        self.adopt_replacement(options);
    }

    /// `status: "superseded by [ADR-3](0003-no-names.md)"`, or `superseded by ADR-3`, names the record
    /// that replaces this one.
    fn adopt_replacement(&mut self, options: &ParseOptions) {
        let Some(status) = self.entry("status") else { return };
        let FieldValue::Choice { written, .. } = &status.value else { return };
        let has_key = options.schema.field("superseded_by").is_some_and(|field| field.ty == FieldType::Links);
        if !has_key || self.entry("superseded_by").is_some() || !options.wording.begins(Part::SupersededBy, written) {
            return;
        }
        let linked = targets(written).into_iter().map(|range| &written[range]);
        let mut named = written.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ')']));
        let number = |word: &&str| word.ends_with(|c: char| c.is_ascii_digit());
        let mut names: Vec<&str> = linked.collect();
        if names.is_empty() {
            names.extend(named.rfind(number));
        }
        let (key_span, span) = (status.key_span, status.span);
        let items: Vec<Item> = names.into_iter().map(|name| Item { text: name.to_owned(), span }).collect();
        if !items.is_empty() {
            self.entries.push(Entry { key: "superseded_by".into(), key_span, span, value: FieldValue::Links(items) });
        }
    }
}
