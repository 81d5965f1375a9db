//! What the keys say, by the types that the schema gives them.

use std::collections::HashSet;
use std::ops::Range;

use super::block::{Block, MAX_BYTES};
use super::withheld::{NOT_PUBLISHED, doubt, hides, is_publish, mention, yes_or_no};
use super::{Entry, FieldValue, Found, Item, Withheld};
use crate::config::{Choice, Field, FieldType, Kind, ParseOptions, canonical, one_of, period};
use crate::data::{self, Entries, Key, Node, Parsed, Problem, Scalar, Value};
use crate::date::{Date, DateError};
use crate::diagnostic::Code;
use crate::text::{Span, closest, truncate};

/// Keys in a table of dates for the day on which something began.
const BEGINNINGS: [&str; 5] = ["created", "published", "date", "start", "started"];

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

pub(super) struct Reader<'o> {
    text: &'o str,
    options: &'o ParseOptions,
    pub(super) kind: &'o Kind,
    pub(super) found: Vec<Found>,
    pub(super) entries: Vec<Entry>,
    /// Not all of the front matter could be read.
    broken: bool,
    pub(super) withheld: Option<Withheld>,
}

impl<'o> Reader<'o> {
    /// `kind` is the note's until its front matter names another.
    pub(super) fn new(text: &'o str, options: &'o ParseOptions, kind: &'o Kind) -> Self {
        Reader { text, options, kind, found: Vec::new(), entries: Vec::new(), broken: false, withheld: None }
    }

    fn report(&mut self, code: Code, span: Span, message: impl Into<String>, hint: Option<String>) {
        self.found.push(Found { span, code, message: message.into(), hint });
    }

    /// Reads all of it.
    pub(super) fn read(&mut self, block: &Block, parsed: Parsed) {
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
            if is_publish(&one.name)
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
        if let Some(why) = self.hides(one) {
            self.withheld = self.withheld.or(Some(why));
            let message = format!("`{}` is another tool's key", one.key.name);
            let hint = "write `draft: true` or `visibility: private`, or remove it".to_owned();
            self.report(Code::Withheld, one.key.span, message + NOT_PUBLISHED, Some(hint));
            return FieldValue::Other(one.node.value.clone());
        }
        if let Some(links) = self.only_links(&one.node) {
            return FieldValue::Links(links);
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

    /// A key in another tool's words for what is not to be published, or nearly so.
    fn hides(&self, one: &Written<'_>) -> Option<Withheld> {
        match &one.node.value {
            // That is read as a draft.
            Value::Scalar(scalar) if is_publish(&one.name) && yes_or_no(&scalar.text).is_some() => None,
            Value::Scalar(scalar) => hides(&one.name, &scalar.text).or_else(|| {
                let unclear = yes_or_no(&scalar.text).is_none() && Date::parse(&scalar.text).is_err();
                (one.name == "publish" && unclear).then_some(Withheld::Draft)
            }),
            // Hugo's `build: { render: never }`.
            Value::Map(entries) if matches!(one.name.as_str(), "build" | "_build") => {
                let render = entries.iter().find(|(key, _)| key.name == "render")?.1.value.scalar()?;
                matches!(render.text.as_str(), "never" | "false").then_some(Withheld::Draft)
            }
            _ => None,
        }
    }

    /// The links of a value that is nothing but links: `[[note]]`, in quotes or not, or a list of them.
    fn only_links(&self, node: &Node) -> Option<Vec<Item>> {
        let item = |text: &str| vec![Item { text: text.trim().to_owned(), span: node.span }];
        match &node.value {
            _ if self.wikilink(node).is_some() => self.wikilink(node).map(item),
            Value::Scalar(scalar) => is_wikilink(scalar.text.trim()).then(|| item(&scalar.text)),
            Value::List(items) if !items.is_empty() => {
                items.iter().map(|node| self.only_links(node)).collect::<Option<Vec<_>>>().map(|items| items.concat())
            }
            _ => None,
        }
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
    pub(super) fn convert(&self, field: &Field, node: &Node, found: &mut Vec<Found>) -> Option<FieldValue> {
        match (&field.ty, &node.value) {
            (FieldType::List | FieldType::Sentences, _) => self.items(field, node, found).map(FieldValue::List),
            (FieldType::Links, _) => self.items(field, node, found).map(FieldValue::Links),
            (_, Value::Scalar(scalar)) => {
                let value = self.scalar(field, scalar);
                value.map_err(|(code, message, hint)| found.push(Found { span: node.span, code, message, hint })).ok()
            }
            // `team: [Shop]` means the one; of several the first counts.
            (_, Value::List(items)) if doubt(field).is_none() => {
                let first = items.first().filter(|first| first.value.scalar().is_some());
                let Some(first) = first else {
                    found.push(mistyped(field, node));
                    return None;
                };
                if items.len() > 1 {
                    let message = format!("`{}` has one value; the first one counts", field.name);
                    found.push(Found { span: node.span, code: Code::InvalidValue, message, hint: None });
                }
                self.convert(field, first, found)
            }
            // `date: {created: …, updated: …}`.
            (FieldType::Date, Value::Map(entries))
                if let Some((_, node)) =
                    entries.iter().find(|(key, _)| BEGINNINGS.contains(&canonical(&key.name).as_str())) =>
            {
                self.convert(field, node, found)
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
                    (Code::InvalidValue, format!("`{shown}` is not read as a date"), Some(hint.into()))
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
        is_wikilink(written).then_some(written)
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

/// The text is one `[[note]]` and nothing else.
fn is_wikilink(text: &str) -> bool {
    let inner = text.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
    inner.is_some_and(|inner| !inner.contains(['[', ']', '\n']))
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
