//! The front matter of a note: where it is, what its keys say, and what is wrong with it.
//!
//! A note has front matter if its first line is `---` (YAML, up to a line `---` or `...`) or
//! `+++` (TOML, up to a line `+++`), and what follows is not plainly text between two thematic
//! breaks. Blank lines before it are forgiven where its first key is a known one. Nothing in it is required, and all of it is kept: keys of the
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

use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::items::one_line;
use super::items::reader::{InText, targets};
use crate::config::{Choice, Field, FieldType, Kind, ParseOptions, Part, canonical, one_of, period};
use crate::data::{self, Entries, Key, Node, Parsed, Problem, Scalar, Value};
use crate::date::{Date, DateError};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::path::SourcePath;
use crate::text::{LineIndex, Span, closest, truncate};

/// The largest front matter, in bytes.
const MAX_BYTES: usize = 64 * 1024;

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
            let reader =
                Reader { text, options, kind, found: Vec::new(), entries: Vec::new(), broken: false, withheld: None };
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

/// Reads the front matter of the note at `path`, whose whole text is given. Total: what can't be
/// read is told in the diagnostics, which are in the order of the file.
pub fn parse(text: &str, path: &SourcePath, options: &ParseOptions) -> (FrontMatter, Vec<Diagnostic>) {
    let folder = options.kinds.of_folder(options.folder_of(path)).unwrap_or(options.kinds.plain());
    let Some((block, parsed)) = find(text, options) else {
        let body_start = bom(text);
        let kind = folder.name.clone();
        return (FrontMatter { kind, entries: Vec::new(), body_start, withheld: None }, Vec::new());
    };
    let (found, entries) = (Vec::new(), Vec::new());
    let mut reader = Reader { text, options, kind: folder, found, entries, broken: false, withheld: None };
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

/// The bytes of a byte order mark at the start of a text.
fn bom(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The language of front matter.
#[derive(Clone, Copy)]
enum Format {
    Yaml,
    Toml,
}

impl Format {
    fn opened_by(line: &str) -> Option<Self> {
        match line.trim_end() {
            "---" => Some(Format::Yaml),
            "+++" => Some(Format::Toml),
            _ => None,
        }
    }

    fn fence(self) -> &'static str {
        match self {
            Format::Yaml => "---",
            Format::Toml => "+++",
        }
    }

    fn is_closed_by(self, line: &str) -> bool {
        match self {
            Format::Yaml => matches!(line.trim_end(), "---" | "..."),
            Format::Toml => line.trim_end() == "+++",
        }
    }

    /// The key with which a line begins.
    fn key(self, line: &str) -> Option<&str> {
        match self {
            Format::Yaml => data::key_name(line),
            Format::Toml => line.split_once('=').map(|(name, _)| name),
        }
    }

    /// The line has the look of the language. A key of more than four words is the start of a sentence.
    fn looks_like(self, line: &str) -> bool {
        let line = line.trim();
        let begins = match self {
            Format::Yaml => line.starts_with(['{', '&', '!']) || line.starts_with("? "),
            Format::Toml => line.starts_with('['),
        };
        begins || self.key(line).is_some_and(|name| name.split_whitespace().nth(4).is_none())
    }

    fn parse(self, text: &str, block: &Block) -> Parsed {
        let raw = &text[block.start..block.end];
        match self {
            _ if raw.len() > MAX_BYTES => Parsed::default(),
            Format::Yaml => data::yaml(raw, block.start),
            Format::Toml => data::toml(raw, block.start),
        }
    }
}

/// Where the front matter is.
struct Block {
    format: Format,
    /// The opening fence.
    fence: Span,
    /// The lines between the fences.
    start: usize,
    end: usize,
    body_start: usize,
    closed: bool,
}

/// The front matter of a text and what can be read of it; nothing where the text begins with an
/// ordinary thematic break, or with anything else.
fn find(text: &str, options: &ParseOptions) -> Option<(Block, Parsed)> {
    let bom = bom(text);
    let blank = &text[bom..text.len() - text[bom..].trim_start().len()];
    let begin = bom + blank.rfind('\n').map_or(0, |at| at + 1);
    let (line, rest) = text[begin..].split_once('\n')?;
    let format = Format::opened_by(line)?;
    let fence = Span::new(begin, begin + format.fence().len());
    let start = begin + line.len() + 1;
    let is_known = |line: &str| format.key(line).is_some_and(|name| options.schema.field(&canonical(name)).is_some());
    let first = rest.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or("");

    let mut end = start;
    let closing = rest.split_inclusive('\n').find(|line| {
        end += line.len();
        format.is_closed_by(line)
    });
    let closed =
        closing.map(|line| Block { format, fence, start, end: end - line.len(), body_start: end, closed: true });
    let lines = |block: &Block| text[block.start..block.end].lines();
    let is_data = |block: &Block| match begin == bom {
        // Between two thematic breaks there may be text.
        true if format.is_closed_by(first) || format.looks_like(first) => true,
        true => lines(block).any(is_known) && !lines(block).any(|line| line.trim().is_empty()),
        false => is_known(first),
    };
    let closed = match closed {
        Some(block) if !is_data(&block) => return None,
        closed => closed.map(|block| (format.parse(text, &block), block)),
    };
    if let Some((parsed, block)) = closed {
        // A thematic break far below is not the end of front matter that has none.
        let broken = parsed.errors.iter().any(|error| error.problem == Problem::Syntax);
        if let Some(shorter) = open_block(text, format, fence, start, is_known).filter(|_| broken && begin == bom) {
            let again = format.parse(text, &shorter);
            if again.errors.is_empty() && text[shorter.end..block.end].starts_with(['\n', '\r']) {
                return Some((shorter, again));
            }
        }
        return Some((block, parsed));
    }
    let block = open_block(text, format, fence, start, is_known).filter(|_| begin == bom)?;
    let parsed = format.parse(text, &block);
    Some((block, parsed))
}

/// Front matter without an end: as long as its lines look like it, also over blank lines where a
/// known key follows.
fn open_block(text: &str, format: Format, fence: Span, start: usize, is_known: impl Fn(&str) -> bool) -> Option<Block> {
    let (mut end, mut at, mut gap) = (start, start, false);
    for line in text[start..].split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            gap = true;
            continue;
        }
        let inner = end > start && line.starts_with([' ', '\t', '-']);
        let goes_on = if gap { end > start && is_known(line) } else { inner || format.looks_like(line) };
        if !goes_on || format.is_closed_by(line) {
            break;
        }
        (end, gap) = (at, false);
    }
    (end > start).then_some(Block { format, fence, start, end, body_start: end, closed: false })
}

/// A key of the file on its way to an [`Entry`].
struct Written<'o> {
    name: String,
    key: Key,
    node: Node,
    /// The field that it names, if that means something in the note's kind.
    field: Option<&'o Field>,
}

impl Written<'_> {
    /// It is written by the field's own name, not by an alias.
    fn is_own(&self) -> bool {
        self.field.is_some_and(|field| field.name == self.name)
    }
}

struct Reader<'o> {
    text: &'o str,
    options: &'o ParseOptions,
    kind: &'o Kind,
    found: Vec<Found>,
    entries: Vec<Entry>,
    /// Not all of the front matter could be read.
    broken: bool,
    withheld: Option<Withheld>,
}

impl<'o> Reader<'o> {
    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.found.push(Found { span, code, message: message.into(), hint });
    }

    fn read(&mut self, block: &Block, parsed: Parsed) {
        let raw = &self.text[block.start..block.end];
        if !block.closed {
            self.broken = true;
            let hint = format!("end it with a line `{}`", block.format.fence());
            self.report(Code::FrontMatterUnclosed, block.fence, "the front matter is never closed", Some(hint));
        }
        if raw.len() > MAX_BYTES {
            self.broken = true;
            let message = format!("the front matter has {} kB and is not read", raw.len() / 1024);
            let hint = "up to 64 kB are read; long text belongs below it";
            self.report(Code::FrontMatterTooLarge, block.fence, message, Some(hint.into()));
        }
        for error in parsed.errors {
            let code = match error.problem {
                Problem::Syntax => Code::FrontMatterSyntax,
                Problem::Feature => Code::YamlFeature,
                Problem::Duplicate => Code::DuplicateKey,
                Problem::Depth => Code::FrontMatterTooLarge,
            };
            // A second `tags` leaves no doubt about `draft`; a second `draft` does.
            self.broken |= code != Code::DuplicateKey || self.text.get(error.span.range()).and_then(mention).is_some();
            self.report(code, error.span, error.message, error.hints.into_iter().next());
        }
        let written = self.written(parsed.entries);
        self.read_kind(&written);
        self.read_keys(written);
        if self.broken
            && self.withheld.is_none()
            && let Some(word) = mention(raw).or_else(|| self.mention_below(block))
        {
            self.withheld = Some(Withheld::Broken);
            let word = Span::new(block.start + word.start, block.start + word.end);
            let message = format!("broken front matter mentions `{}`{NOT_PUBLISHED}", &self.text[word.range()]);
            self.report(Code::Withheld, word, message, None);
        }
    }

    /// Front matter without an end may go on where it no longer looks like it: the key, in bytes
    /// from the front matter's start, of a line below that says whether the note may be published.
    fn mention_below(&self, block: &Block) -> Option<Range<usize>> {
        if block.closed {
            return None;
        }
        let mut at = block.end - block.start;
        for line in self.text[block.end..].split_inclusive('\n').take_while(|line| line.len() < MAX_BYTES) {
            let from = at + line.len() - line.trim_start().len();
            at += line.len();
            if let Some(name) = data::key_name(line).filter(|name| mention(name) == Some(0..name.len())) {
                return Some(from..from + name.len());
            }
            if at > MAX_BYTES {
                break;
            }
        }
        None
    }

    /// The keys, each once, with the fields that they name.
    fn written(&mut self, entries: Entries) -> Vec<Written<'o>> {
        let mut lists = Vec::new();
        let mut all = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            match node.value {
                Value::Map(found) if key.name == "taxonomies" => lists.extend(found),
                _ => all.push((key, node)),
            }
        }
        all.extend(lists);
        let mut written: Vec<Written<'o>> = Vec::with_capacity(all.len());
        let mut names = HashSet::with_capacity(all.len());
        for (key, node) in all {
            let name = canonical(&key.name);
            if names.insert(name.clone()) {
                let field = self.options.schema.field(&name);
                written.push(Written { name, key, node, field });
            } else {
                self.broken |= mention(&name).is_some();
                let message = format!("`{}` stands twice, in two ways of writing it; the first one counts", key.name);
                self.report(Code::DuplicateKey, key.span, message, None);
            }
        }
        written
    }

    /// Decides the note's kind. `type` is also a key of other tools, whose values mean nothing here.
    fn read_kind(&mut self, written: &[Written<'o>]) {
        let names_kind = |one: &&Written<'_>| one.field.is_some_and(|field| field.name == "kind");
        let declared = written.iter().filter(names_kind).max_by_key(|one| one.is_own());
        let Some((one, scalar)) = declared.and_then(|one| Some((one, one.node.value.scalar()?))) else { return };
        if scalar.is_null() {
            return;
        }
        if let Some(kind) = self.options.kinds.by_name(&scalar.text) {
            self.kind = kind;
            return;
        }
        let names: Vec<&str> = self.options.kinds.iter().map(|kind| kind.name.as_str()).collect();
        let near = closest(&scalar.text, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        if one.is_own() || near.is_some() {
            let message = format!("no kind of note is called `{}`", truncate(&scalar.text, 40));
            self.report(Code::UnknownKind, one.node.span, message, Some(near.unwrap_or_else(|| one_of(&names))));
        }
    }

    fn read_keys(&mut self, mut written: Vec<Written<'o>>) {
        for one in &mut written {
            one.field = one.field.filter(|field| field.belongs_to(&self.kind.name));
            if one.node.value.is_null() {
                self.check_comment(one);
            }
        }
        written.retain(|one| !one.node.value.is_null() && !self.is_placeholder(one));
        // A field's own name comes before its aliases, and these before the keys of other tools.
        let mut taken: HashSet<&'o str> = HashSet::with_capacity(written.len());
        taken.extend(
            written.iter().filter(|one| one.is_own()).filter_map(|one| one.field).map(|field| field.name.as_str()),
        );
        for one in &mut written {
            let own = one.is_own();
            one.field = one.field.filter(|field| own || taken.insert(&field.name));
        }
        let mut unpublished = None;
        for one in written {
            if let "published" | "publish" = one.name.as_str()
                && one.node.value.scalar().is_some_and(|scalar| yes_or_no(&scalar.text) == Some(false))
            {
                unpublished = Some((one.key.span, one.node.span));
            }
            let (name, value) = match one.field {
                Some(field) if field.name == "kind" => self.kind_value(&one),
                Some(field) => (field.name.clone(), self.value(field, &one.node)),
                None => match self.foreign(&one, &mut taken) {
                    Some((field, value)) => (field.name.clone(), value),
                    None => (one.name.clone(), self.other(&one)),
                },
            };
            self.entries.push(Entry { key: name, key_span: one.key.span, span: one.node.span, value });
        }
        if let Some((key_span, span)) = unpublished {
            self.entries.retain(|entry| entry.key != "draft");
            self.entries.push(Entry { key: "draft".into(), key_span, span, value: FieldValue::Bool(true) });
        }
    }

    /// The kind was decided before; here it only gets its entry.
    fn kind_value(&self, one: &Written<'_>) -> (String, FieldValue) {
        match one.node.value.scalar() {
            Some(scalar)
                if self.options.kinds.by_name(&scalar.text).is_some_and(|kind| kind.name == self.kind.name) =>
            {
                let (value, written) = (self.kind.name.clone(), scalar.text.clone());
                ("kind".into(), FieldValue::Choice { value, written })
            }
            _ => (one.name.clone(), FieldValue::Other(one.node.value.clone())),
        }
    }

    /// A key of another tool as the field that it is read as, if the note has none of its own and
    /// the value fits without a word.
    fn foreign(&self, one: &Written<'_>, taken: &mut HashSet<&'o str>) -> Option<(&'o Field, FieldValue)> {
        let field = self.options.schema.read_as(&one.name).filter(|field| !taken.contains(field.name.as_str()))?;
        let mut found = Vec::new();
        let value = self.convert(field, &one.node, &mut found).filter(|_| found.is_empty())?;
        taken.insert(&field.name);
        Some((field, value))
    }

    /// A key that is not ours, with a question if it is nearly one of ours.
    fn other(&mut self, one: &Written<'_>) -> FieldValue {
        // Other tools' words for what is not to be published.
        let says_yes = || one.node.value.scalar().is_some_and(|scalar| yes_or_no(&scalar.text) == Some(true));
        let why = match one.name.as_str() {
            "private" => Some(Withheld::Visibility),
            "is_draft" => Some(Withheld::Draft),
            _ => None,
        };
        if let Some(why) = why.filter(|_| says_yes()) {
            self.withheld = self.withheld.or(Some(why));
            let message = format!("`{}` is not a key of ours", one.key.name);
            let hint = "write `draft: true` or `visibility: private`, or remove it".to_owned();
            self.report(Code::Withheld, one.key.span, message + NOT_PUBLISHED, Some(hint));
            return FieldValue::Other(one.node.value.clone());
        }
        if let Some(near) = self.options.schema.suggestion(&one.name, &self.kind.name) {
            let message = format!("unknown key `{}`", one.key.name);
            let hint = Some(format!("did you mean `{near}`?"));
            // `visiblity: private` was not meant to be published.
            let field = self.options.schema.field(near);
            let meant = field.and_then(|field| Some((doubt(field)?, self.convert(field, &one.node, &mut Vec::new())?)));
            match meant {
                Some((why, _)) => {
                    self.withheld = self.withheld.or(Some(why));
                    self.report(Code::Withheld, one.key.span, message + NOT_PUBLISHED, hint);
                }
                None => self.report(Code::UnknownKey, one.key.span, message, hint),
            }
        }
        FieldValue::Other(one.node.value.clone())
    }

    /// Words in braces that nobody has filled in yet, as templates for notes have them: `date: {{date}}`,
    /// `status: "{proposed | accepted}"`. They are no value, as if there were nothing.
    fn is_placeholder(&self, one: &Written<'_>) -> bool {
        let Some(field) = one.field.filter(|field| doubt(field).is_none()) else { return false };
        match &one.node.value {
            Value::Scalar(scalar) => {
                let text = scalar.text.trim();
                field.ty != FieldType::Text && text.starts_with('{') && text.ends_with('}')
            }
            Value::Map(entries) => {
                self.text[one.node.span.range()].starts_with('{')
                    && entries.iter().all(|(_, node)| node.value.is_null())
            }
            Value::List(_) => false,
        }
    }

    /// `tags: #a` has no value: what follows is a comment, which nobody meant.
    fn check_comment(&mut self, one: &Written<'_>) {
        let line = self.text[one.key.span.end as usize..].lines().next().unwrap_or("");
        let comment = line.trim_start_matches(['"', '\'', ' ', ':']).strip_prefix('#');
        if comment.is_some_and(|comment| comment.starts_with(char::is_alphanumeric)) && one.field.is_some() {
            let message = format!("`{}` has no value, since `#` begins a comment", one.key.name);
            let hint = Some("put the value in quotes, or leave the `#` away".into());
            match one.field.and_then(doubt) {
                Some(why) => {
                    self.withheld = self.withheld.or(Some(why));
                    self.report(Code::Withheld, one.key.span, message + NOT_PUBLISHED, hint);
                }
                None => self.report(Code::InvalidValue, one.key.span, message, hint),
            }
        }
    }

    /// A value by its type. What can't be read is reported, and kept as text if it is text.
    fn value(&mut self, field: &Field, node: &Node) -> FieldValue {
        let mut found = Vec::new();
        let value = self.convert(field, node, &mut found);
        for mut problem in found {
            if let Some(why) = doubt(field) {
                self.withheld = self.withheld.or(Some(why));
                problem.code = Code::Withheld;
                problem.message.push_str(NOT_PUBLISHED);
            }
            self.found.push(problem);
        }
        value.unwrap_or_else(|| match &node.value {
            Value::Scalar(scalar) => FieldValue::Text(scalar.text.trim_end().to_owned()),
            other => FieldValue::Other(other.clone()),
        })
    }

    /// The value of a field, and what is wrong with it; nothing if it can't be read at all.
    fn convert(&self, field: &Field, node: &Node, found: &mut Vec<Found>) -> Option<FieldValue> {
        match (&field.ty, &node.value) {
            (FieldType::List | FieldType::Sentences, _) => self.items(field, node, found).map(FieldValue::List),
            (FieldType::Links, _) => self.items(field, node, found).map(FieldValue::Links),
            (_, Value::Scalar(scalar)) => {
                let value = self.scalar(field, scalar);
                value.map_err(|(code, message, hint)| found.push(Found { span: node.span, code, message, hint })).ok()
            }
            _ => {
                found.push(mistyped(field, node));
                None
            }
        }
    }

    fn scalar(&self, field: &Field, scalar: &Scalar) -> Result<FieldValue, (Code, String, Option<String>)> {
        let text = scalar.text.trim_end();
        let (name, shown) = (&field.name, truncate(text, 40));
        // No more than is written may be read into `visibility`.
        let find = if name == "visibility" { Choice::exact } else { Choice::find };
        let choice = |choices: &[Choice]| match find(choices, text) {
            Some(choice) => Ok(FieldValue::Choice { value: choice.name.clone(), written: text.to_owned() }),
            None => {
                let names: Vec<&str> = choices.iter().map(|choice| choice.name.as_str()).collect();
                Err((Code::InvalidValue, format!("`{name}` can't be `{shown}`"), Some(one_of(&names))))
            }
        };
        let wrong = |wanted: &str| (Code::WrongType, format!("`{name}` wants {wanted}, not `{shown}`"), None);
        match &field.ty {
            FieldType::Number(range) => {
                let number: Option<f64> = text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
                match (number.ok_or_else(|| wrong("a number"))?, range) {
                    (number, Some((least, most))) if !(f64::from(*least)..=f64::from(*most)).contains(&number) => {
                        let message = format!("`{name}` can't be `{shown}`");
                        Err((Code::InvalidValue, message, Some(format!("it can be {least} to {most}"))))
                    }
                    (number, _) => Ok(FieldValue::Number(number)),
                }
            }
            FieldType::Bool => yes_or_no(text).map(FieldValue::Bool).ok_or_else(|| wrong("`true` or `false`")),
            FieldType::Date => Date::parse(text).map(FieldValue::Date).map_err(|error| match error {
                DateError::Impossible => (Code::InvalidDate, format!("there is no day `{shown}`"), None),
                DateError::Unreadable => {
                    let hint = "write it as `2026-03-04`; `4 March 2026`, `3/4/2026` (the month first) and `4.3.2026` are read too";
                    (Code::InvalidDate, format!("`{shown}` is not read as a date"), Some(hint.into()))
                }
            }),
            FieldType::Period => period(text).map(FieldValue::Days).ok_or_else(|| {
                let hint = "write it as `6 months` or `2 weeks`";
                (Code::InvalidValue, format!("`{name}` can't be `{shown}`"), Some(hint.into()))
            }),
            FieldType::Choice(choices) => choice(choices),
            FieldType::Status if !self.kind.statuses.is_empty() => choice(&self.kind.statuses),
            _ => Ok(FieldValue::Text(text.to_owned())),
        }
    }

    /// The items of a list, or of a text that is one. Items that are no text are reported and left out.
    fn items(&self, field: &Field, node: &Node, found: &mut Vec<Found>) -> Option<Vec<Item>> {
        if let Some(link) = self.wikilink(node) {
            return Some(self.item(field, link, node.span).into_iter().collect());
        }
        match &node.value {
            Value::Scalar(scalar) if field.ty == FieldType::Sentences => {
                Some(self.item(field, &scalar.text, node.span).into_iter().collect())
            }
            Value::Scalar(scalar) => {
                let inside = self.inside(scalar, node.span);
                let part = |range: Range<usize>| {
                    let span = inside.map_or(node.span, |start| Span::new(start + range.start, start + range.end));
                    self.item(field, &scalar.text[range], span)
                };
                Some(comma_separated(&scalar.text).into_iter().filter_map(part).collect())
            }
            Value::List(items) => {
                let mut out = Vec::with_capacity(items.len());
                for node in items.iter().filter(|node| !node.value.is_null()) {
                    match self.item_text(node) {
                        Some(text) => out.extend(self.item(field, text, node.span)),
                        None => found.push(mistyped(field, node)),
                    }
                }
                Some(out)
            }
            Value::Map(_) => match self.item_text(node) {
                Some(text) => Some(self.item(field, text, node.span).into_iter().collect()),
                None => {
                    found.push(mistyped(field, node));
                    None
                }
            },
        }
    }

    /// What a list's item says: its text, the name in it (`- name: Ana`), or, for a text in which
    /// YAML saw a key or brackets, the text as written.
    fn item_text<'n>(&'n self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            Value::List(_) => self.wikilink(node),
            Value::Map(entries) => {
                let name = entries.iter().find(|(key, _)| key.name == "name").and_then(|(_, node)| node.value.scalar());
                let written = || self.text.get(node.span.range()).filter(|text| !text.starts_with('{'));
                let line = || written().filter(|text| entries.len() == 1 && !text.contains('\n'));
                name.map(|name| name.text.as_str()).or_else(line)
            }
        }
    }

    /// `[[note]]` without quotes is a list in a list to YAML, and a link to everybody else.
    fn wikilink(&self, node: &Node) -> Option<&str> {
        let written = self.text.get(node.span.range()).filter(|_| matches!(node.value, Value::List(_)))?;
        let inner = written.strip_prefix("[[")?.strip_suffix("]]")?;
        (!inner.contains(['[', ']', '\n'])).then_some(written)
    }

    fn item(&self, field: &Field, text: &str, span: Span) -> Option<Item> {
        let blank = text.len() - text.trim_start().len();
        let exact = self.text.get(span.range()) == Some(text);
        let mut text = text.trim();
        let start = span.start as usize + blank;
        let span = if exact { Span::new(start, start + text.len()) } else { span };
        if field.name == "tags" {
            text = text.trim_start_matches('#').trim_start();
        }
        if field.ty == FieldType::List {
            // Obsidian writes people and tickets as links: the name is what is shown.
            let link =
                text.strip_prefix("[[").and_then(|text| text.strip_suffix("]]")).filter(|text| !text.contains("]]"));
            text = link.map_or(text, |link| link.rsplit('|').next().unwrap_or(link).trim());
        }
        (!text.is_empty()).then(|| Item { text: text.to_owned(), span })
    }

    /// Where a scalar's text begins in the file, if it stands there as it is.
    fn inside(&self, scalar: &Scalar, span: Span) -> Option<usize> {
        let written = self.text.get(span.range())?;
        let start = span.start as usize;
        match written.len().checked_sub(scalar.text.len())? {
            0 => (written == scalar.text).then_some(start),
            2 => (written.get(1..written.len() - 1)? == scalar.text).then_some(start + 1),
            _ => None,
        }
    }
}

const NOT_PUBLISHED: &str = ", so the note is not published";

/// Why a note is withheld if this field can't be read.
fn doubt(field: &Field) -> Option<Withheld> {
    match field.name.as_str() {
        "draft" => Some(Withheld::Draft),
        "visibility" => Some(Withheld::Visibility),
        _ => None,
    }
}

fn mistyped(field: &Field, node: &Node) -> Found {
    let wanted = match field.ty {
        FieldType::Text => "text",
        FieldType::Number(_) => "a number",
        FieldType::Bool => "`true` or `false`",
        FieldType::Date => "a date",
        FieldType::Period => "a span of time",
        FieldType::List => "a list of names",
        FieldType::Sentences => "a list of texts",
        FieldType::Links => "a list of links",
        FieldType::Choice(_) | FieldType::Status => "one word",
    };
    let message = format!("`{}` wants {wanted}, not {}", field.name, node.value.kind());
    Found { span: node.span, code: Code::WrongType, message, hint: None }
}

/// The parts of a text between commas that stand outside of brackets.
fn comma_separated(text: &str) -> Vec<Range<usize>> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0usize);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'(' => depth += 1,
            b']' | b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(from..text.len());
    parts
}

/// Yes or no, in the words of YAML 1.1, whatever their case.
fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Where a text mentions whether it may be published.
fn mention(text: &str) -> Option<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let found = ["draft", "visibility", "published", "publish"].into_iter().filter_map(|word| {
        let whole = |at: &usize| !lower[..*at].ends_with(joins) && !lower[at + word.len()..].starts_with(joins);
        lower.match_indices(word).map(|(at, _)| at).find(whole).map(|at| at..at + word.len())
    });
    found.min_by_key(|range| range.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Filling};
    use crate::source::Source;

    fn options() -> ParseOptions {
        let text = "[kinds.incident]\nfields = { severity = ['low', 'high'], paged = 'yes-no', cost = 'number' }\n";
        Config::parse(Some(&Source::new(SourcePath::new("book.toml"), text.as_bytes()))).value.parse_options()
    }

    fn read(path: &str, text: &str) -> (FrontMatter, Vec<String>) {
        let (front, diagnostics) = parse(text, &SourcePath::new(path), &options());
        let show = |found: &Diagnostic| {
            let place = found.place.as_ref().map(|place| format!("{}:{}", place.start.line, place.start.column));
            let hints = found.hints.iter().map(|hint| format!(" | {hint}")).collect::<String>();
            format!("{} {}: {}{hints}", place.unwrap_or_default(), found.code, found.message)
        };
        (front, diagnostics.iter().map(show).collect())
    }

    /// `key=value` for each entry, in order.
    fn outline(front: &FrontMatter) -> String {
        let items = |items: &[Item]| items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join("; ");
        let value = |value: &FieldValue| match value {
            FieldValue::Text(text) => text.clone(),
            FieldValue::Number(number) => number.to_string(),
            FieldValue::Bool(flag) => flag.to_string(),
            FieldValue::Date(date) => date.to_string(),
            FieldValue::List(list) => format!("[{}]", items(list)),
            FieldValue::Links(list) => format!("<{}>", items(list)),
            FieldValue::Choice { value, .. } => format!("!{value}"),
            FieldValue::Days(days) => format!("{days}d"),
            FieldValue::Other(Value::Scalar(scalar)) => format!("?{}", scalar.text),
            FieldValue::Other(other) => format!("?{}", other.kind()),
        };
        front.entries.iter().map(|entry| format!("{}={}", entry.key, value(&entry.value))).collect::<Vec<_>>().join(" ")
    }

    /// Front matter lines, the entries read from them, and what is said.
    fn check(path: &str, cases: &[(&str, &str, &[&str])]) {
        for (lines, entries, said) in cases {
            let (front, diagnostics) = read(path, &format!("---\n{lines}---\nBody\n"));
            assert_eq!(
                (outline(&front).as_str(), diagnostics),
                (*entries, said.iter().map(|s| s.to_string()).collect()),
                "{lines}"
            );
        }
    }

    #[test]
    fn keys_have_their_types() {
        check(
            "content/learnings/a.md",
            &[
                ("title: 0.100\nteam: no\nsurprise: 12:30\n", "title=0.100 team=no surprise=12:30", &[]),
                ("date: 2026-03-04T10:00:00Z\nreviewed: 3/4/2026\n", "date=2026-03-04 reviewed=2026-03-04", &[]),
                ("tags: [a, '#b', ~, ]\n", "tags=[a; b]", &[]),
                ("tags: a, b,, c\ntickets: FLEX-1\n", "tags=[a; b; c] tickets=[FLEX-1]", &[]),
                ("tags:\n- market/spain\n-\n- a, b\n", "tags=[market/spain; a, b]", &[]),
                ("result: Won\nreview_in: 6 months\norder: -1.5\n", "result=!supported review_in=183d order=-1.5", &[]),
                ("draft: Yes\n", "draft=true", &[]),
                ("draft:\nvisibility: ~\ntitle: ''\n", "title=", &[]),
                (
                    "key_results: a, b\nlearning_goals:\n- x: 1 -> 2\n- y, z\n",
                    "key_results=[a, b] learning_goals=[x: 1 -> 2; y, z]",
                    &[],
                ),
                ("evidence: \"[[a, b|x]], c\"\nanswers: [[q]]\n", "evidence=<[[a, b|x]]; c> answers=<[[q]]>", &[]),
                (
                    "related:\n- [[a]]\n- '[[b]]'\n- ../c.md\nsupersedes: [[[d]], [[e]]]\n",
                    "related=<[[a]]; [[b]]; ../c.md> supersedes=<[[d]]; [[e]]>",
                    &[],
                ),
                (
                    "authors:\n- name: Ana Ruiz\n  url: x\n- '[[people/ben|Ben]]'\n- [[Cy]]\n",
                    "authors=[Ana Ruiz; Ben; Cy]",
                    &[],
                ),
                ("author: { name: Ana }\n", "authors=[Ana]", &[]),
                ("description: |\n  one\n  two\n", "description=one\ntwo", &[]),
            ],
        );
    }

    #[test]
    fn names_are_read_in_every_case_and_by_alias() {
        check(
            "content/a.md",
            &[
                ("reviewIn: 2 weeks\nApplied-In: x\n", "review_in=14d applied_in=<x>", &[]),
                (
                    "author: a\nsummary: b\nweight: 3\ntag: c\nticket: T-1\n",
                    "authors=[a] description=b order=3 tags=[c] tickets=[T-1]",
                    &[],
                ),
                ("summary: b\ndescription: a\n", "summary=?b description=a", &[]),
                (
                    "Title: a\ntitle: b\n",
                    "title=a",
                    &["3:1 duplicate-key: `title` stands twice, in two ways of writing it; the first one counts"],
                ),
                ("decision-makers: [a]\n", "deciders=[a]", &[]),
            ],
        );
    }

    #[test]
    fn keys_of_other_tools_are_kept_without_a_word_and_used_where_they_fit() {
        check(
            "content/a.md",
            &[
                (
                    "layout: post\nsidebar_label: x\ncssclasses: [y]\n",
                    "layout=?post sidebar_label=?x cssclasses=?a list",
                    &[],
                ),
                ("publishDate: 2026-03-04\ncreated: 2026-01-01\n", "date=2026-03-04 created=?2026-01-01", &[]),
                ("created: 2026-01-01\ndate: 2026-03-04\n", "created=?2026-01-01 date=2026-03-04", &[]),
                ("date:\ncreated: 2026-01-01\n", "date=2026-01-01", &[]),
                ("created: soon\nsidebar_position: first\n", "created=?soon sidebar_position=?first", &[]),
                ("published: false\n", "published=?false draft=true", &[]),
                ("publish: no\ndraft: false\n", "publish=?no draft=true", &[]),
                ("published: true\npublish: true\n", "published=?true publish=?true", &[]),
                ("published: 2026-03-04\n", "date=2026-03-04", &[]),
                (
                    "taxonomies:\n  tags: [a]\n  rooms: [b]\nextra:\n  x: y\n",
                    "extra=?a table of keys tags=[a] rooms=?a list",
                    &[],
                ),
                ("parent: Guides\nfrom: {a: b}\n", "parent=?Guides from=?a table of keys", &[]),
                ("my own key: [1, {x: y}]\n", "my_own_key=?a list", &[]),
            ],
        );
    }

    #[test]
    fn slips_are_told_apart_from_keys_of_other_tools() {
        check(
            "content/experiments/a.md",
            &[
                (
                    "hypotesis: x\n",
                    "hypotesis=?x",
                    &["2:1 unknown-key: unknown key `hypotesis` | did you mean `hypothesis`?"],
                ),
                ("  tilte: x\n", "tilte=?x", &["2:3 unknown-key: unknown key `tilte` | did you mean `title`?"]),
                ("metrics: x\n", "metrics=?x", &["2:1 unknown-key: unknown key `metrics` | did you mean `metric`?"]),
                ("questoins: x\ndata: y\nslug: z\ntoc: w\n", "questoins=?x data=?y slug=?z toc=?w", &[]),
            ],
        );
    }

    #[test]
    fn values_that_do_not_fit_have_a_place() {
        check(
            "content/experiments/a.md",
            &[
                ("title: [a]\n", "title=?a list", &["2:8 wrong-type: `title` wants text, not a list"]),
                (
                    "title:\n  x: y\n",
                    "title=?a table of keys",
                    &["3:3 wrong-type: `title` wants text, not a table of keys"],
                ),
                ("order: high\n", "order=high", &["2:8 wrong-type: `order` wants a number, not `high`"]),
                (
                    "tags: [a, {b: c}, [d]]\n",
                    "tags=[a]",
                    &[
                        "2:11 wrong-type: `tags` wants a list of names, not a table of keys",
                        "2:19 wrong-type: `tags` wants a list of names, not a list",
                    ],
                ),
                ("date: 2026-02-30\n", "date=2026-02-30", &["2:7 invalid-date: there is no day `2026-02-30`"]),
                (
                    "ends: soon\n",
                    "ends=soon",
                    &[
                        "2:7 invalid-date: `soon` is not read as a date | write it as `2026-03-04`; `4 March 2026`, `3/4/2026` (the month first) and `4.3.2026` are read too",
                    ],
                ),
                (
                    "date:\n  created: 2026-03-04\n",
                    "date=?a table of keys",
                    &["3:3 wrong-type: `date` wants a date, not a table of keys"],
                ),
                (
                    "result: good\n",
                    "result=good",
                    &[
                        "2:9 invalid-value: `result` can't be `good` | it can be `supported`, `refuted`, `mixed` or `inconclusive`",
                    ],
                ),
                (
                    "status: dnoe\n",
                    "status=dnoe",
                    &[
                        "2:9 invalid-value: `status` can't be `dnoe` | it can be `idea`, `planned`, `running`, `ended`, `learned` or `parked`",
                    ],
                ),
                (
                    "review_in: soon\n",
                    "review_in=soon",
                    &["2:12 invalid-value: `review_in` can't be `soon` | write it as `6 months` or `2 weeks`"],
                ),
                (
                    "tags: #a #b\n",
                    "",
                    &[
                        "2:1 invalid-value: `tags` has no value, since `#` begins a comment | put the value in quotes, or leave the `#` away",
                    ],
                ),
                ("result: # not yet\n", "", &[]),
            ],
        );
        check(
            "content/self-checks/a.md",
            &[(
                "reward: 4\ncuriosity: 0\n",
                "reward=4 curiosity=0",
                &["2:9 invalid-value: `reward` can't be `4` | it can be 0 to 3"],
            )],
        );
        check(
            "content/incidents/a.md",
            &[(
                "severity: LOW\npaged: maybe\ncost: 1_000\n",
                "severity=!low paged=maybe cost=1000",
                &["3:8 wrong-type: `paged` wants `true` or `false`, not `maybe`"],
            )],
        );
        check("content/a.md", &[("status: anything\n", "status=anything", &[])]);
    }

    #[test]
    fn the_kind_is_the_notes_word_or_its_folders() {
        let kind = |path: &str, lines: &str| {
            let (front, said) = read(path, &format!("---\n{lines}---\n"));
            (front.kind.clone(), outline(&front), said)
        };
        let plain = |kind: &str, entries: &str| (kind.to_string(), entries.to_string(), vec![]);
        assert_eq!(kind("content/retros/a.md", ""), plain("retro", ""));
        assert_eq!(kind("content/a.md", ""), plain("note", ""));
        assert_eq!(
            kind("content/a.md", "kind: Decision\nstatus: Superseded by 4\n"),
            plain("decision", "kind=!decision status=!superseded")
        );
        assert_eq!(kind("content/retros/a.md", "type: adr\n"), plain("decision", "kind=!decision"));
        assert_eq!(kind("content/retros/a.md", "type: post\n"), plain("retro", "type=?post"));
        assert_eq!(kind("content/retros/a.md", "type: [post]\nkind: okr\n"), plain("okr", "type=?a list kind=!okr"));
        let unknown = "2:7 unknown-kind: no kind of note is called `lerning` | did you mean `learning`?".to_string();
        assert_eq!(
            kind("content/a.md", "kind: lerning\n"),
            ("note".into(), "kind=?lerning".into(), vec![unknown.clone()])
        );
        assert_eq!(kind("content/a.md", "type: lerning\n").2, [unknown]);
        assert_eq!(
            kind("content/a.md", "kind: memo\n").2,
            [
                "2:7 unknown-kind: no kind of note is called `memo` | it can be `learning`, `experiment`, `retro`, `okr`, `inception`, `pattern`, `practice`, `decision`, `selfcheck`, `note` or `incident`"
            ]
        );
        assert_eq!(read("content/adr/a.md", "# No front matter\n").0.kind, "decision");
    }

    #[test]
    fn front_matter_begins_at_the_first_line_only() {
        let body = |text: &str| {
            let (front, said) = read("content/a.md", text);
            assert_eq!(said, Vec::<String>::new(), "{text}");
            (outline(&front), text[front.body_start..].to_owned())
        };
        let has = |entries: &str, rest: &str| (entries.to_owned(), rest.to_owned());
        assert_eq!(body("---\ntitle: x\n---\nBody\n"), has("title=x", "Body\n"));
        assert_eq!(body("\u{feff}---  \r\ntitle: x\r\n...\r\nBody"), has("title=x", "Body"));
        assert_eq!(body("---\n---\nBody"), has("", "Body"));
        assert_eq!(body("---\n\n# c\n---"), has("", ""));
        assert_eq!(body("---\n{\"title\": \"x\"}\n---\n"), has("title=x", ""));
        assert_eq!(
            body("+++\ntitle = 'x'\n[taxonomies]\ntags = ['a']\n[extra]\ny = 1\n+++\nBody"),
            has("title=x extra=?a table of keys tags=[a]", "Body")
        );
        for text in [
            "",
            "---",
            "---\n",
            "Text\n---\ntitle: x\n---\n",
            " ---\ntitle: x\n---\n",
            "----\ntitle: x\n---\n",
            "---\nA paragraph.\n\n---\n\nAnother.\n",
            "---\n\n# Heading\n\nText\n",
            "---\n- a\n- b\n\n---\n",
            "---\nhttp://x.example/ is down\n\n---\n",
            "+++\ntext\n+++\n",
            "---\nThis is what we found: a list\n\n- a\n\n---\n",
            "---\nText\n\nStatus: x\n\n---\n",
        ] {
            assert_eq!(body(text), has("", text), "{text}");
        }
        assert_eq!(body("\u{feff}Text"), has("", "Text"));
        assert_eq!(body("\n \r\n---\ntitle: x\n---\nBody"), has("title=x", "Body"));
        for text in ["\n---\nnot: known\n---\n", "\n---\ntitle: x\n", "\n\n ---\ntitle: x\n---\n"] {
            assert_eq!(body(text), has("", text), "{text}");
        }
    }

    #[test]
    fn front_matter_without_an_end_is_read_as_far_as_it_goes() {
        let unclosed = "1:1 front-matter-unclosed: the front matter is never closed | end it with a line `---`";
        for (text, entries, body) in [
            (
                "---\ntitle: x\ntags:\n- a\n\n# Heading\n\nNote: text\n",
                "title=x tags=[a]",
                "\n# Heading\n\nNote: text\n",
            ),
            ("---\ntitle: x\n\ndate: 2026-03-04\nText\n", "title=x date=2026-03-04", "Text\n"),
            ("---\ntitle: x", "title=x", ""),
        ] {
            let (front, said) = read("content/a.md", text);
            assert_eq!(
                (outline(&front).as_str(), &text[front.body_start..], said),
                (entries, body, vec![unclosed.to_string()]),
                "{text}"
            );
        }
        // A thematic break below does not make a body front matter.
        let text = "---\ntitle: x\n\n# Heading\n\nSome text.\n\n---\n\nMore.\n";
        let (front, said) = read("content/a.md", text);
        assert_eq!((&text[front.body_start..front.body_start + 10], said), ("\n# Heading", vec![unclosed.to_string()]));
        let (front, said) = read("content/a.md", "+++\ntitle = 'x'\n\nText\n");
        assert_eq!((outline(&front).as_str(), said.len()), ("title=x", 1));
    }

    #[test]
    fn doubt_withholds() {
        let cases: &[(&str, Option<Withheld>, &[&str])] = &[
            ("draft: true\n", None, &[]),
            ("visibility: team\n", None, &[]),
            (
                "draft: maybe\n",
                Some(Withheld::Draft),
                &["2:8 withheld: `draft` wants `true` or `false`, not `maybe`, so the note is not published"],
            ),
            (
                "draft: [true]\n",
                Some(Withheld::Draft),
                &["2:8 withheld: `draft` wants `true` or `false`, not a list, so the note is not published"],
            ),
            (
                "visibility: publik\n",
                Some(Withheld::Visibility),
                &[
                    "2:13 withheld: `visibility` can't be `publik`, so the note is not published | it can be `public`, `team`, `internal` or `private`",
                ],
            ),
            (
                "title: a: b\nvisibility: public\n",
                Some(Withheld::Broken),
                &[
                    "2:9 front-matter-syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"a: b\"`",
                    "3:1 withheld: broken front matter mentions `visibility`, so the note is not published",
                ],
            ),
            (
                "draft: &x true\n",
                Some(Withheld::Broken),
                &[
                    "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                    "2:8 yaml-feature: an anchor, `&x`, is not read here | put the value in quotes if it is meant as text",
                ],
            ),
            (
                "draft: false\ndraft: true\n",
                Some(Withheld::Broken),
                &[
                    "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                    "3:1 duplicate-key: `draft` stands twice; the first one counts",
                ],
            ),
            (
                "draft: false\nDraft: true\n",
                Some(Withheld::Broken),
                &[
                    "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                    "3:1 duplicate-key: `Draft` stands twice, in two ways of writing it; the first one counts",
                ],
            ),
            (
                "draft: false\ntags: a\ntags: b\n",
                None,
                &["4:1 duplicate-key: `tags` stands twice; the first one counts"],
            ),
            (
                "title: a: b\n",
                None,
                &[
                    "2:9 front-matter-syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"a: b\"`",
                ],
            ),
        ];
        for (lines, withheld, said) in cases {
            let (front, diagnostics) = read("content/a.md", &format!("---\n{lines}---\n"));
            assert_eq!(
                (front.withheld, diagnostics),
                (*withheld, said.iter().map(|s| s.to_string()).collect()),
                "{lines}"
            );
        }
        for (text, place) in
            [("nonsense\n\n  draft: true\nText\n", "5:3"), ("\nnonsense\ndraft: true\n---\n", "5:1"), ("Text\n", "")]
        {
            let (front, said) = read("content/a.md", &format!("---\ntitle: x\n{text}"));
            assert_eq!((front.withheld.is_some(), said.len() == 2), (!place.is_empty(), !place.is_empty()), "{said:?}");
            assert!(said[said.len() - 1].starts_with(place));
        }
        let (front, _) = read("content/a.md", "---\ntitle: x\nvisibility: private\nText\n");
        assert_eq!(front.withheld, Some(Withheld::Broken));
        let huge = format!("---\ntitle: x\ndraft: true\nx: {}\n---\n", "y".repeat(70_000));
        let (front, said) = read("content/a.md", &huge);
        assert_eq!((front.withheld, front.entries.len(), front.body_start), (Some(Withheld::Broken), 0, huge.len()));
        assert_eq!(
            said[0],
            "1:1 front-matter-too-large: the front matter has 68 kB and is not read | up to 64 kB are read; long text belongs below it"
        );
    }

    #[test]
    fn spans_lead_to_the_text_that_was_written() {
        let text =
            "\u{feff}---\r\ntitle: 'é'\r\ntags: ä, b\r\nauthors: [\"日, 本\", [[c]]]\r\nrelated: '[[x]], y'\r\n---\r\n";
        let (front, said) = read("content/a.md", text);
        assert_eq!(said, Vec::<String>::new());
        let of = |span: Span| &text[span.range()];
        let entry = front.entry("title").unwrap();
        assert_eq!((of(entry.key_span), of(entry.span)), ("title", "'é'"));
        let items = |items: &[Item]| items.iter().map(|item| of(item.span).to_owned()).collect::<Vec<_>>();
        assert_eq!(items(front.list("tags")), ["ä", "b"]);
        assert_eq!(items(front.list("authors")), ["\"日, 本\"", "[[c]]"]);
        assert_eq!(items(front.links("related")), ["[[x]]", "y"]);
    }

    #[test]
    fn values_are_reached_by_their_type() {
        let lines =
            "title: x\nstatus: done\ndate: 2026-03-04\norder: 2\nreview_in: 1 week\ndraft: yes\ntags: a\nrelated: b\n";
        let (front, _) = read("content/okrs/a.md", &format!("---\n{lines}---\n"));
        assert_eq!(
            (front.text("title"), front.text("status"), front.choice("status")),
            (Some("x"), Some("done"), Some("answered"))
        );
        assert_eq!(
            (front.date("date"), front.number("order"), front.days("review_in")),
            (Date::new(2026, 3, 4), Some(2.0), Some(7))
        );
        assert!(front.flag("draft") && !front.flag("title"));
        assert_eq!((front.list("tags").len(), front.links("related").len(), front.list("title").len()), (1, 1, 0));
    }

    #[test]
    fn decision_records_of_a_real_team_are_read_without_a_word() {
        // From a public repository of some 700 such records; Apache-2.0.
        let text = "---\ntitle: nginx TLS sidecar を Go の pki-agent proxy モードに統合して cert rotation を hot-reload 化する\ndate: 2026-04-16\nstatus: accepted\ntags:\n  - security\n  - mtls\naffected_services:\n  - pki-agent\naliases:\n  - ADR-748\nsupersedes:\n  - \"[[000743]]\"\n---\n# 000748\n";
        let (front, said) = read("content/ADR/000748.md", text);
        assert_eq!(said, Vec::<String>::new());
        assert_eq!((front.kind.as_str(), front.choice("status")), ("decision", Some("accepted")));
        assert_eq!(front.links("supersedes")[0].text, "[[000743]]");
        assert_eq!(&text[front.body_start..], "# 000748\n");
    }

    #[test]
    fn every_template_is_read_without_a_word() {
        let options = options();
        for kind in options.kinds.iter() {
            let text = kind.new_note(&Filling {
                title: "A title".into(),
                date: Date::new(2026, 3, 4),
                author: "Ana: \"x\" \\ #y".into(),
                team: "Check: out".into(),
                actions: "- [ ] @ana do it\n".into(),
                themes: "late copy, more".into(),
            });
            let path = SourcePath::new(format!("content/{}/a.md", kind.folders.first().map_or("x", String::as_str)));
            let (front, diagnostics) = parse(&text, &path, &options);
            assert_eq!((front.kind.as_str(), diagnostics), (kind.name.as_str(), vec![]));
            assert_eq!(front.date("date"), Date::new(2026, 3, 4));
            let people = front.list("authors").iter().chain(front.list("deciders")).map(|item| item.text.as_str());
            assert_eq!(people.collect::<Vec<_>>(), ["Ana: \"x\" \\ #y"]);
        }
    }

    #[test]
    fn no_text_makes_it_stop() {
        let options = options();
        let path = SourcePath::new("content/learnings/a.md");
        let alphabet = [
            "---\n",
            "+++\n",
            "title",
            "tags",
            "draft",
            "date",
            "related",
            "result",
            ": ",
            ":",
            "=",
            "\n",
            "\r\n",
            "  ",
            "- ",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            ",",
            "'",
            "\"",
            "#",
            "@",
            "&a ",
            "*a",
            "!x ",
            "<<",
            "2026-03-04",
            "2026-13-01",
            "true",
            "é",
            "😀",
            "\u{feff}",
            "\0",
            "\t",
            "|",
            ">",
            "...\n",
            "taxonomies",
            "published: no\n",
            "\\",
        ];
        let mut seed = 0x2545_f491_4f6c_dd1du64;
        let mut next = |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % bound as u64) as usize
        };
        for round in 0..20_000 {
            let mut text = ["---\n", "+++\n", "\u{feff}---\n", ""][round % 4].to_owned();
            text.extend((0..next(25)).map(|_| alphabet[next(alphabet.len())]));
            let (front, _) = parse(&text, &path, &options);
            assert!(text.is_char_boundary(front.body_start), "{text:?}");
            let spans = front.entries.iter().flat_map(|entry| [entry.key_span, entry.span]);
            assert!(spans.into_iter().all(|span| text.get(span.range()).is_some()), "{text:?}");
        }
    }
}
