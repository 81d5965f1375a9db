//! YAML into the spanned tree, and what can be saved of YAML that is broken.
//!
//! The grammar is the parser's. Where it gives up, the text is read again part by part: a part is
//! a key (or a list item) with the lines that belong to it, and each is parsed alone, so that one
//! broken line costs one value and not the keys below it. Only a part that fails alone is read by
//! the rules at the end of this file, which take a value for the text that it was meant to be.

use std::borrow::Cow;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Entries, Key, MAX_DEPTH, MAX_ERRORS, Node, Parsed, Problem, Scalar, SyntaxError, Value, first_of_each};
use crate::text::{Span, truncate};

/// Parts within parts that are read again: each level may read the whole text once more.
const RECOVERY_DEPTH: usize = 3;

/// Reads a YAML map that begins at byte `base` of its file.
pub fn yaml(text: &str, base: usize) -> Parsed {
    let (entries, mut errors) = match strict(text, base) {
        Ok(strict) => whole(strict),
        Err(failure) => recover(text, base, &failure),
    };
    errors.sort_by_key(|error| error.span);
    errors.truncate(MAX_ERRORS);
    Parsed { entries, errors }
}

/// The key with which a line begins, as far as can be said of a line that may be broken.
pub fn key_name(line: &str) -> Option<&str> {
    key_of(line.trim()).map(|head| head.name)
}

/// What the parser made of a text that it could read to its end.
struct Strict {
    root: Option<Node>,
    errors: Vec<SyntaxError>,
}

/// The entries of a whole document, which has to be a map.
fn whole(strict: Strict) -> (Entries, Vec<SyntaxError>) {
    let mut errors = strict.errors;
    match strict.root {
        Some(Node { value: Value::Map(entries), .. }) => (entries, errors),
        Some(node) if !node.value.is_null() => {
            let message = format!("expected `key: value` lines, found {}", node.value.kind());
            errors.push(SyntaxError::new(Problem::Syntax, node.span, message));
            (Vec::new(), errors)
        }
        _ => (Vec::new(), errors),
    }
}

/// Why the parser gave up.
struct Failure {
    /// A byte of the file.
    at: usize,
    problem: Problem,
    message: Cow<'static, str>,
}

/// Byte offsets for the parser's marks, which count characters.
enum Offsets {
    Ascii,
    Wide(Vec<u32>),
}

impl Offsets {
    fn new(text: &str) -> Self {
        match text.is_ascii() {
            true => Offsets::Ascii,
            false => Offsets::Wide(text.char_indices().map(|(at, _)| at as u32).collect()),
        }
    }

    fn byte(&self, index: usize, len: usize) -> usize {
        match self {
            Offsets::Ascii => index.min(len),
            Offsets::Wide(bytes) => bytes.get(index).map_or(len, |&at| at as usize),
        }
    }
}

/// A list or a map that is being read.
struct Frame {
    start: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map(Entries, Option<Key>),
}

struct Builder<'t> {
    text: &'t str,
    base: usize,
    offsets: Offsets,
    stack: Vec<Frame>,
    root: Option<Node>,
    errors: Vec<SyntaxError>,
    /// Where the last scalar or bracket ended: block collections end with their last value.
    last_end: usize,
}

fn strict(text: &str, base: usize) -> Result<Strict, Failure> {
    let mut builder = Builder {
        text,
        base,
        offsets: Offsets::new(text),
        stack: Vec::new(),
        root: None,
        errors: Vec::new(),
        last_end: 0,
    };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentStart(_), span)) if builder.root.is_some() => {
                let at = builder.offsets.byte(span.start.index(), text.len());
                let width = if text[at..].starts_with("---") { 3 } else { 0 };
                let message = "a second document begins here; only the first is read";
                builder.errors.push(SyntaxError::new(Problem::Feature, builder.span(at, at + width), message));
                break;
            }
            Ok((event, span)) => builder.event(event, span.start.index(), span.end.index())?,
            Err(error) => {
                let at = base + builder.offsets.byte(error.marker().index(), text.len());
                return Err(Failure { at, problem: Problem::Syntax, message: error.info().to_owned().into() });
            }
        }
    }
    Ok(Strict { root: builder.root, errors: builder.errors })
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize) -> Result<(), Failure> {
        let start = self.offsets.byte(start, self.text.len());
        let end = self.offsets.byte(end, self.text.len());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(anchor, tag.is_some(), start);
                let quoted = style != ScalarStyle::Plain;
                let end = match style {
                    ScalarStyle::Plain if text.is_empty() => self.last_end,
                    ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => end,
                    // The parser's span takes in the blanks and the comment behind the quote.
                    _ => quote_end(self.text.get(start..end).unwrap_or("")).map_or(end, |length| start + length),
                };
                let start = start.min(end);
                let end = start + self.text.get(start..end).unwrap_or("").trim_end().len();
                self.last_end = end;
                let span = self.span(start, end);
                self.value(Node { span, value: Value::Scalar(Scalar { text: text.into_owned(), quoted }) })
            }
            Event::Alias(_) => {
                let written = self.text.get(start..end).unwrap_or("").trim_end();
                self.last_end = start + written.len();
                let span = self.span(start, self.last_end);
                self.errors.push(refused(span, "an alias", written));
                self.value(Node { span, value: Value::Scalar(Scalar { text: written.to_owned(), quoted: false }) })
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), start);
                self.open(start, Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), start);
                self.open(start, Content::Map(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(frame) = self.stack.pop() else { return Ok(()) };
                let sign = |at: usize| self.text.as_bytes().get(at).copied();
                if matches!((sign(frame.start), sign(start)), (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}'))) {
                    self.last_end = start + 1;
                }
                let span = self.span(frame.start, self.last_end);
                let value = match frame.content {
                    Content::List(items) => Value::List(items),
                    Content::Map(entries, _) => Value::Map(first_of_each(entries, &mut self.errors)),
                };
                self.value(Node { span, value })
            }
            _ => Ok(()),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    /// Reports the anchor and the tag of a node; both stand before it and belong to its span.
    fn refuse(&mut self, anchor: usize, tag: bool, start: usize) {
        for (present, sign, name) in [(anchor > 0, '&', "an anchor"), (tag, '!', "a tag")] {
            if !present {
                continue;
            }
            let rest = self.text.get(start..).unwrap_or("");
            let at = rest.find(sign).unwrap_or(0);
            let written = rest[at..].split([' ', '\t', '\n', '\r', ',']).next().unwrap_or("");
            let span = self.span(start + at, start + at + written.len());
            self.errors.push(refused(span, name, written));
        }
    }

    fn open(&mut self, start: usize, content: Content) -> Result<(), Failure> {
        let fail = |problem, message: Cow<'static, str>| Err(Failure { at: self.base + start, problem, message });
        if self.stack.len() == MAX_DEPTH {
            return fail(Problem::Depth, format!("nested deeper than {MAX_DEPTH}").into());
        }
        if let Some(Frame { content: Content::Map(_, None), .. }) = self.stack.last() {
            return fail(Problem::Syntax, KEY_NOT_TEXT.into());
        }
        self.stack.push(Frame { start, content });
        Ok(())
    }

    fn value(&mut self, node: Node) -> Result<(), Failure> {
        match self.stack.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, key)) => match (key.take(), node.value) {
                (Some(key), value) if key.name == "<<" => {
                    self.errors.push(refused(key.span, "a merge key", "<<"));
                    drop(value);
                }
                (Some(key), value) => entries.push((key, Node { span: node.span, value })),
                (None, Value::Scalar(scalar)) if !scalar.text.is_empty() => {
                    *key = Some(Key { name: scalar.text, span: node.span });
                }
                (None, _) => {
                    let message = "a key is missing before the colon".into();
                    return Err(Failure { at: node.span.start as usize, problem: Problem::Syntax, message });
                }
            },
        }
        Ok(())
    }
}

fn refused(span: Span, name: &str, written: &str) -> SyntaxError {
    let message = format!("{name}, `{}`, is not read here", truncate(written, 40));
    SyntaxError::new(Problem::Feature, span, message).hint("put the value in quotes if it is meant as text")
}

/// The length of the quoted text at the start of `text`, both quotes included.
fn quote_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = *bytes.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The key at the start of a line, as far as it can be told from a broken line.
struct Head<'l> {
    name: &'l str,
    /// Bytes of the line, quotes included.
    length: usize,
    /// Where the colon is.
    colon: usize,
    /// A blank, or the line's end, follows the colon.
    spaced: bool,
}

fn key_of(line: &str) -> Option<Head<'_>> {
    const LONGEST: usize = 128;
    let bytes = line.as_bytes();
    if let Some(length) = quote_end(line) {
        let colon = length + line[length..].find(|c| c != ' ')?;
        let spaced = matches!(bytes.get(colon + 1), None | Some(b' ' | b'\t'));
        return (bytes[colon] == b':').then_some(Head { name: &line[1..length - 1], length, colon, spaced });
    }
    let first = line.chars().next()?;
    if !(first.is_alphanumeric() || matches!(first, '_' | '$' | '<')) {
        return None;
    }
    let colons = || bytes.iter().take(LONGEST).enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at);
    let spaced = colons().find(|at| matches!(bytes.get(at + 1), None | Some(b' ' | b'\t')));
    let colon = spaced.or_else(|| {
        // `key:value`: one word, and not the colon of a URL or of a time.
        let word = |c: char| c.is_alphabetic() || matches!(c, '_' | '-');
        colons().next().filter(|at| line[..*at].chars().all(word) && bytes.get(at + 1) != Some(&b'/'))
    })?;
    let name = line[..colon].trim_end();
    Some(Head { name, length: name.len(), colon, spaced: spaced.is_some() })
}

/// Reads broken YAML part by part.
fn recover(text: &str, base: usize, failure: &Failure) -> (Entries, Vec<SyntaxError>) {
    let mut recovery = Recovery { text: text.into(), base, errors: Vec::new() };
    if let Some(at) = tab_in_indentation(text) {
        recovery.error(at, at + 1, "a tab in the indentation", "YAML is indented with spaces");
        recovery.text = tabs_to_spaces(text).into();
        if let Ok(strict) = recovery.strict(0..text.len()) {
            let (entries, errors) = whole(strict);
            recovery.errors.extend(errors);
            return (entries, recovery.errors);
        }
    }
    let value = recovery.block(0..text.len(), 0);
    if recovery.errors.is_empty() {
        recovery.explain(failure);
    }
    match value {
        Some(Value::Map(entries)) => (entries, recovery.errors),
        _ => (Vec::new(), recovery.errors),
    }
}

fn tab_in_indentation(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        let indentation = &line[..line.len() - content.len()];
        if let Some(at) = indentation.find('\t').filter(|_| !content.trim().is_empty()) {
            return Some(start + at);
        }
        start += line.len();
    }
    None
}

/// Each tab in the indentation becomes one space, so that every place stays what it is.
fn tabs_to_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches([' ', '\t']);
        out.extend(std::iter::repeat_n(' ', line.len() - content.len()));
        out.push_str(content);
    }
    out
}

/// The parser gave up, and then its text was read part by part.
struct Recovery<'t> {
    /// As long as the original, byte for byte.
    text: Cow<'t, str>,
    base: usize,
    errors: Vec<SyntaxError>,
}

/// A line with content, without its indentation and its end; bytes of the text.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    column: usize,
}

impl Line {
    /// Where the line begins, indentation included.
    fn begin(self) -> usize {
        self.start - self.column
    }
}

impl Recovery<'_> {
    fn error(&mut self, start: usize, end: usize, message: impl Into<String>, hint: impl Into<String>) {
        let span = Span::new(self.base + start, self.base + end);
        self.errors.push(SyntaxError::new(Problem::Syntax, span, message).hint(hint));
    }

    /// Reports a failure that no rule here knows better than the parser, in its own words.
    fn explain(&mut self, failure: &Failure) {
        if self.errors.len() > MAX_ERRORS {
            return;
        }
        // Where something is missing the parser points behind the end: show the last character.
        let last = self.text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
        let at = failure.at.saturating_sub(self.base).min(last);
        let width = self.text[at..].chars().next().map_or(1, char::len_utf8);
        let message = match failure.message.as_ref() {
            message if failure.problem != Problem::Syntax => message.to_owned(),
            // `date: {{date}}` in a template for notes, which was read as text.
            KEY_NOT_TEXT if self.text[..at].ends_with('{') && self.text[at..].starts_with('{') => return,
            KEY_NOT_TEXT => KEY_NOT_TEXT.into(),
            "mapping values are not allowed in this context" => "a colon where no key can end".into(),
            "did not find expected <document start>" | "invalid indentation" => UNALIGNED.into(),
            message => {
                let bare = message.strip_prefix("while ").and_then(|rest| rest.split_once(", "));
                format!("not valid YAML: {}", bare.map_or(message, |(_, reason)| reason).replace('`', "'"))
            }
        };
        let span = Span::new(self.base + at, self.base + at + width);
        self.errors.push(SyntaxError::new(failure.problem, span, message));
    }

    fn node(&self, start: usize, end: usize, value: Value) -> Node {
        Node { span: Span::new(self.base + start, self.base + end), value }
    }

    fn strict(&self, range: Range<usize>) -> Result<Strict, Failure> {
        strict(&self.text[range.clone()], self.base + range.start)
    }

    fn line(&self, line: Line) -> &str {
        &self.text[line.start..line.end]
    }

    /// `start..end` without the blanks at both ends.
    fn trimmed(&self, start: usize, end: usize) -> Range<usize> {
        let text = &self.text[start..end];
        let from = start + text.len() - text.trim_start().len();
        from..from + text.trim().len()
    }

    /// The lines of a range that hold more than blanks and comments. The range may begin within a line.
    fn lines(&self, range: Range<usize>) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut start = range.start;
        let mut column = start - self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        for line in self.text[range].split_inclusive('\n') {
            let content = line.trim_start_matches(' ');
            let indentation = line.len() - content.len();
            let content = content.trim_end();
            if !content.is_empty() && !content.starts_with('#') {
                let from = start + indentation;
                lines.push(Line { start: from, end: from + content.len(), column: column + indentation });
            }
            start += line.len();
            column = 0;
        }
        lines
    }

    /// Reads a block of keys or of list items, each part alone. Nothing if it is nested too deep
    /// in other broken parts, or empty.
    fn block(&mut self, range: Range<usize>, depth: usize) -> Option<Value> {
        if depth > RECOVERY_DEPTH {
            return None;
        }
        let lines = self.lines(range.clone());
        let first = *lines.first()?;
        let is_list = is_item(self.line(first));
        let (mut items, mut entries) = (Vec::new(), Entries::new());
        let mut at = 0;
        while let Some(&line) = lines.get(at) {
            let begins = |line: &Line| line.column <= first.column && is_item(self.line(*line)) == is_list;
            let next = lines[at + 1..].iter().position(begins).map_or(lines.len(), |count| at + 1 + count);
            let part = &lines[at..next];
            let from = if at == 0 { range.start } else { line.begin() };
            let end = lines.get(next).map_or(range.end, |line| line.begin());
            at = next;
            let failure = match self.strict(from..end) {
                Ok(Strict { root: Some(Node { value: Value::List(found), .. }), errors }) if is_list => {
                    self.errors.extend(errors);
                    items.extend(found);
                    continue;
                }
                Ok(Strict { root: Some(Node { value: Value::Map(found), .. }), errors }) if !is_list => {
                    self.errors.extend(errors);
                    entries.extend(found);
                    if line.column != first.column {
                        self.error(line.start, line.end, UNALIGNED, "start it in the same column as the first key");
                    }
                    continue;
                }
                Ok(_) => None,
                Err(failure) => Some(failure),
            };
            match failure {
                Some(failure) if failure.problem != Problem::Syntax => self.explain(&failure),
                failure if is_list => items.extend(self.item(part, end, failure, depth)),
                failure => self.entry(part, from..end, failure, depth, &mut entries),
            }
        }
        Some(match is_list {
            true => Value::List(items),
            false => Value::Map(first_of_each(entries, &mut self.errors)),
        })
    }

    /// A list item that can't be parsed alone: its lines, and where the next one begins.
    fn item(&mut self, lines: &[Line], end: usize, failure: Option<Failure>, depth: usize) -> Option<Node> {
        let (line, rest) = lines.split_first()?;
        let inline = self.trimmed(line.start + 1, line.end);
        let written = &self.text[inline.clone()];
        if written.is_empty() || is_item(written) || key_of(written).is_some_and(|head| head.spaced) {
            let value = self.block(inline.start..end, depth + 1);
            if let (None, Some(failure)) = (&value, &failure) {
                self.explain(failure);
            }
            return Some(self.node(inline.start, end, value?));
        }
        Some(self.inline(None, inline, rest, failure.as_ref()))
    }

    /// A key and its value that can't be parsed alone.
    fn entry(
        &mut self,
        lines: &[Line],
        part: Range<usize>,
        failure: Option<Failure>,
        depth: usize,
        entries: &mut Entries,
    ) {
        let Some((&line, rest)) = lines.split_first() else { return };
        let end = part.end;
        let text = self.line(line).to_owned();
        let Some(head) = key_of(&text) else {
            return self.error(line.start, line.end, NOT_A_KEY, KEY_HINT);
        };
        let span = Span::new(self.base + line.start, self.base + line.start + head.length);
        let key = Key { name: head.name.to_owned(), span };
        let after = line.start + head.colon + 1;
        let inline = self.trimmed(after, line.end);
        let written = &text[inline.start - line.start..];
        if !head.spaced {
            let hint = format!("write `{}: {}`", head.name, truncate(written, 40));
            self.error(after - 1, after, format!("no space after the colon of `{}`", head.name), hint);
            if let Ok(Strict { root: Some(node), errors }) = self.strict(after..end) {
                self.errors.extend(errors);
                return entries.push((key, node));
            }
        }
        if written.is_empty() || written.starts_with('#') {
            match (self.block(line.end..end, depth + 1), failure) {
                (Some(value), _) => entries.push((key, self.node(line.end, end, value))),
                (None, Some(failure)) => self.explain(&failure),
                (None, None) => {}
            }
            return;
        }
        // Lines below a text that are keys themselves were indented by mistake; list items there
        // are out of place.
        let strays = |below: &Line| is_key(&self.text, *below) || below.column <= line.column;
        let stray = match written.starts_with(['[', '{', '|', '>']) {
            true => rest.len(),
            false => rest.iter().position(strays).unwrap_or(rest.len()),
        };
        let (more, stray) = rest.split_at(stray);
        let stray_from = stray.first().map_or(end, |line| line.begin());
        match self.strict(part.start..stray_from) {
            Ok(Strict { root: Some(Node { value: Value::Map(found), .. }), errors }) if head.spaced => {
                self.errors.extend(errors);
                entries.extend(found);
            }
            alone => {
                let value = self.inline(Some(head.name), inline, more, alone.err().or(failure).as_ref());
                entries.push((key, value));
            }
        }
        let Some(&first) = stray.first() else { return };
        if !is_key(&self.text, first) {
            return self.error(first.start, first.end, NOT_A_KEY, KEY_HINT);
        }
        self.error(first.start, first.end, UNALIGNED, "start it in the same column as the key above");
        if let Some(Value::Map(found)) = self.block(stray_from..end, depth + 1) {
            entries.extend(found);
        }
    }

    /// A value that begins on its key's line and is broken: the text that it was meant to be.
    fn inline(&mut self, key: Option<&str>, inline: Range<usize>, more: &[Line], failure: Option<&Failure>) -> Node {
        let at = inline.start;
        let end = more.last().map_or(inline.end, |line| line.end);
        let written = self.text[inline].to_owned();
        let text = match written.chars().next() {
            Some('[') if !written.starts_with("[[") => return self.flow(key, at..end, failure),
            Some('"' | '\'') => self.quoted(key, at..end, failure),
            first => {
                self.first_character(key, at, &written, failure);
                let (head, joint) = match first {
                    Some('|' | '>') => ("", "\n"),
                    _ => (written.split(" #").next().unwrap_or(""), " "),
                };
                let lines = std::iter::once(head).chain(more.iter().map(|line| self.line(*line)));
                lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(joint)
            }
        };
        self.node(at, end, Value::Scalar(Scalar { text: text.trim_end().to_owned(), quoted: true }))
    }

    /// Says why a text without quotes is no YAML.
    fn first_character(&mut self, key: Option<&str>, at: usize, written: &str, failure: Option<&Failure>) {
        let word = written.split(|c: char| c.is_whitespace() || matches!(c, ',' | ']')).next().unwrap_or("");
        let refused = |name| refused(Span::new(self.base + at, self.base + at + word.len()), name, word);
        match written.chars().next() {
            Some('`') => self.error(at, at + 1, "a value can't start with a backtick", in_quotes(key, written)),
            Some(c @ ('@' | '%')) => {
                self.error(at, at + 1, format!("a value can't start with `{c}`"), in_quotes(key, written));
            }
            Some('*') => self.errors.push(refused("an alias")),
            Some('&') => self.errors.push(refused("an anchor")),
            Some('!') => self.errors.push(refused("a tag")),
            Some('#') => {
                self.error(at, at + 1, "`#` begins a comment here", "put it in quotes, or leave the `#` away");
            }
            _ => match (written.find(": ").or(written.strip_suffix(':').map(str::len)), failure) {
                (Some(colon), _) if !written.starts_with(['{', '|', '>']) => {
                    let at = at + colon;
                    self.error(at, at + 1, "a colon in text that is not in quotes", in_quotes(key, written));
                }
                (_, Some(failure)) => self.explain(failure),
                (_, None) => {}
            },
        }
    }

    /// The text of a quoted value that is broken.
    fn quoted(&mut self, key: Option<&str>, range: Range<usize>, failure: Option<&Failure>) -> String {
        let at = range.start;
        let written = self.text[range].to_owned();
        let (quote, inner) = written.split_at(1);
        let closed = inner.strip_suffix(quote);
        match quote_end(&written) {
            None => {
                let hint = format!("close it with another `{quote}` at the end of the value");
                self.error(at, at + 1, "this quote is never closed", hint);
                inner.to_owned()
            }
            Some(length) if length < written.len() => {
                let rest = self.trimmed(at + length, at + written.len());
                let meant = closed.unwrap_or(&written);
                self.error(rest.start, rest.end, "text after the closing quote", in_quotes(key, meant));
                meant.to_owned()
            }
            Some(length) => {
                match failure {
                    Some(failure) if failure.message.contains("escape") || failure.message.contains("hexadecimal") => {
                        let message = "a backslash in double quotes begins an escape, and one of these is none";
                        let hint = "put the value in single quotes, where a backslash is text";
                        self.error(at, at + length, message, hint);
                    }
                    Some(failure) => self.explain(failure),
                    None => {}
                }
                closed.unwrap_or(inner).to_owned()
            }
        }
    }

    /// A list in brackets that is broken.
    fn flow(&mut self, key: Option<&str>, range: Range<usize>, failure: Option<&Failure>) -> Node {
        let text = self.text[range.clone()].to_owned();
        let (items, close) = flow_items(&text);
        let items: Vec<Range<usize>> =
            items.into_iter().map(|item| self.trimmed(range.start + item.start, range.start + item.end)).collect();
        let behind = close.map(|close| self.trimmed(range.start + close + 1, range.end));
        let behind = behind.filter(|rest| !rest.is_empty() && !self.text[rest.clone()].starts_with('#'));
        let reserved = ['@', '`', '%', '*', '&', '!', '#'];
        if let Some(rest) = behind {
            self.error(rest.start, rest.end, "text after the closing bracket", in_quotes(key, &text));
            return self.node(range.start, range.end, Value::Scalar(Scalar { text, quoted: true }));
        }
        if let Some(item) = items.iter().find(|item| self.text[(*item).clone()].starts_with(reserved)) {
            let written = self.text[item.clone()].to_owned();
            self.first_character(None, item.start, &written, failure);
        } else if close.is_none() {
            self.error(
                range.start,
                range.start + 1,
                "this bracket is never closed",
                "add a `]` at the end of the list",
            );
        } else if let Some(failure) = failure {
            self.explain(failure);
        }
        let items = items.into_iter().filter(|item| !item.is_empty()).map(|item| {
            let written = &self.text[item.clone()];
            let quoted = quote_end(written) == Some(written.len());
            let text = if quoted { &written[1..written.len() - 1] } else { written };
            self.node(item.start, item.end, Value::Scalar(Scalar { text: text.to_owned(), quoted }))
        });
        let items = items.collect();
        self.node(range.start, range.end, Value::List(items))
    }
}

/// The items of a list in brackets, and where its closing bracket is.
fn flow_items(text: &str) -> (Vec<Range<usize>>, Option<usize>) {
    let (mut items, mut from, mut depth) = (Vec::new(), 1, 0);
    let (mut quote, mut blank) = (None, true);
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if quote.is_some() => quote = quote.filter(|open| *open != byte),
            b'"' | b'\'' if blank => quote = Some(byte),
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            b']' => {
                items.push(from..at);
                return (items, Some(at));
            }
            b',' if depth == 0 => {
                items.push(from..at);
                from = at + 1;
            }
            _ => {}
        }
        blank = from == at + 1 || blank && byte.is_ascii_whitespace();
    }
    items.push(from..text.len());
    (items, None)
}

/// The advice to put a value in quotes, with the whole line where it is short.
fn in_quotes(key: Option<&str>, written: &str) -> String {
    let quoted = match (written.contains(['"', '\\']), written.contains('\'')) {
        (false, _) => format!("\"{written}\""),
        (true, false) => format!("'{written}'"),
        (true, true) => format!("'{}'", written.replace('\'', "''")),
    };
    match key {
        _ if written.chars().nth(60).is_some() || written.contains('\n') => "put the value in quotes".into(),
        Some(key) => format!("put the value in quotes: `{key}: {quoted}`"),
        None => format!("put the value in quotes: `{quoted}`"),
    }
}

const KEY_NOT_TEXT: &str = "a key has to be text";
const UNALIGNED: &str = "the indentation does not fit";

const NOT_A_KEY: &str = "expected `key: value`";
const KEY_HINT: &str = "every line is `key: value`, or is indented below the key it belongs to";

fn is_key(text: &str, line: Line) -> bool {
    key_of(&text[line.start..line.end]).is_some_and(|head| head.spaced)
}

fn is_item(line: &str) -> bool {
    line == "-" || line.starts_with("- ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::testing::outline;
    use crate::text::LineIndex;

    /// `line:column-column problem: message | hint`, one for each error, as of a file in which the
    /// text follows a line `---`.
    fn errors(text: &str) -> Vec<String> {
        let file = format!("---\n{text}");
        let lines = LineIndex::new(&file);
        let show = |error: &SyntaxError| {
            let start = lines.position(&file, error.span.start as usize);
            let end = lines.position(&file, error.span.end as usize);
            let hints = error.hints.iter().map(|hint| format!(" | {hint}")).collect::<String>();
            format!("{}:{}-{} {:?}: {}{hints}", start.line, start.column, end.column, error.problem, error.message)
        };
        yaml(text, 4).errors.iter().map(show).collect()
    }

    #[test]
    fn values_stay_as_written() {
        let text = "a: no\nb: 08\nc: 12:30\nd: 1.20\ne: 0.100\nf: ~\ng:\nh: 'null'\ni: 2026-03-04\nj: \"x\\ty\"\n";
        let written = "a: no, b: 08, c: 12:30, d: 1.20, e: 0.100, f: ~, g: , h: \"null\", i: 2026-03-04, j: \"x\\ty\"";
        assert_eq!(outline(&yaml(text, 0)), written);
        let nulls = yaml(text, 0).entries.iter().filter(|(_, node)| node.value.is_null()).count();
        assert_eq!((nulls, errors(text)), (2, vec![]));
    }

    #[test]
    fn every_form_of_list_map_and_block_is_read() {
        let text = "l:\n- a\n- 'b'\nm:\n  - c # d\nf: [x, {y: z}]\ng: |\n  one\n  two\nh: >-\n  one\n  two\n";
        let tree = "l: [a, \"b\"], m: [c], f: [x, {y: z}], g: \"one\\ntwo\\n\", h: \"one two\"";
        assert_eq!(outline(&yaml(text, 0)), tree);
        assert_eq!((outline(&yaml("", 0)), outline(&yaml("# c\n", 0))), (String::new(), String::new()));
    }

    #[test]
    fn spans_are_bytes_of_the_file_also_behind_carriage_returns_and_wide_characters() {
        let file = "---\r\ntitle: \"😀 é\"  # ü\r\ntags: [日本, 'x y'] # ö\r\nlist:\r\n  - ä\r\nend: z\r\n";
        let parsed = yaml(&file[5..], 5);
        let of = |node: &Node| file[node.span.range()].to_owned();
        let shown: Vec<(String, String)> = parsed
            .entries
            .iter()
            .map(|(key, node)| match &node.value {
                Value::List(items) => {
                    (file[key.span.range()].to_owned(), items.iter().map(of).collect::<Vec<_>>().join("+"))
                }
                _ => (file[key.span.range()].to_owned(), of(node)),
            })
            .collect();
        let shown: Vec<(&str, &str)> = shown.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("title", "\"😀 é\""), ("tags", "日本+'x y'"), ("list", "ä"), ("end", "z")]);
        assert_eq!(of(&parsed.entries[1].1), "[日本, 'x y']");
    }

    /// Broken front matter, what is read all the same, and what is said.
    #[test]
    fn what_is_broken_costs_one_value_and_has_a_place() {
        let cases: &[(&str, &str, &[&str])] = &[
            // A value's first character
            (
                "title: x\nowner: @ana\ndate: y\n",
                "title: x, owner: \"@ana\", date: y",
                &["3:8-9 Syntax: a value can't start with `@` | put the value in quotes: `owner: \"@ana\"`"],
            ),
            (
                "a: `x` is \"y\"\nb: %d # c\n",
                "a: \"`x` is \\\"y\\\"\", b: \"%d\"",
                &[
                    "2:4-5 Syntax: a value can't start with a backtick | put the value in quotes: `a: '`x` is \"y\"'`",
                    "3:4-5 Syntax: a value can't start with `%` | put the value in quotes: `b: \"%d # c\"`",
                ],
            ),
            (
                "authors:\n  - @ana\n  - ben\n  - %x\ntitle: t\n",
                "authors: [\"@ana\", ben, \"%x\"], title: t",
                &[
                    "3:5-6 Syntax: a value can't start with `@` | put the value in quotes: `\"@ana\"`",
                    "5:5-6 Syntax: a value can't start with `%` | put the value in quotes: `\"%x\"`",
                ],
            ),
            (
                "authors: [@ana, ben, \"c, d\"]\ntitle: t\n",
                "authors: [@ana, ben, \"c, d\"], title: t",
                &["2:11-12 Syntax: a value can't start with `@` | put the value in quotes: `\"@ana\"`"],
            ),
            (
                "tags: [#a, #b]\n",
                "tags: [#a, #b]",
                &["2:8-9 Syntax: `#` begins a comment here | put it in quotes, or leave the `#` away"],
            ),
            // Colons
            (
                "title: a: b: c\ntags: [x]\n",
                "title: \"a: b: c\", tags: [x]",
                &[
                    "2:9-10 Syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"a: b: c\"`",
                ],
            ),
            (
                "title: Done:\ndate: x\n",
                "title: \"Done:\", date: x",
                &[
                    "2:12-13 Syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"Done:\"`",
                ],
            ),
            (
                "title: x\ntags:[]\nkey:v\ndate: y\n",
                "title: x, tags: [], key: v, date: y",
                &[
                    "3:5-6 Syntax: no space after the colon of `tags` | write `tags: []`",
                    "4:4-5 Syntax: no space after the colon of `key` | write `key: v`",
                ],
            ),
            // Quotes and brackets
            (
                "title: \"a\ndate: x\n",
                "title: \"a\", date: x",
                &["2:8-9 Syntax: this quote is never closed | close it with another `\"` at the end of the value"],
            ),
            (
                "title: \"a\" - b\ndate: x\n",
                "title: \"\\\"a\\\" - b\", date: x",
                &["2:12-15 Syntax: text after the closing quote | put the value in quotes: `title: '\"a\" - b'`"],
            ),
            (
                "title: 'it's'\ndate: x\n",
                "title: \"it's\", date: x",
                &["2:12-14 Syntax: text after the closing quote | put the value in quotes: `title: \"it's\"`"],
            ),
            (
                "path: \"C:\\path\"\ndate: x\n",
                "path: \"C:\\\\path\", date: x",
                &[
                    "2:7-16 Syntax: a backslash in double quotes begins an escape, and one of these is none | put the value in single quotes, where a backslash is text",
                ],
            ),
            (
                "tags: [a, b\ndate: x\n",
                "tags: [a, b], date: x",
                &["2:7-8 Syntax: this bracket is never closed | add a `]` at the end of the list"],
            ),
            (
                "title: [WIP] x\ndate: x\n",
                "title: \"[WIP] x\", date: x",
                &["2:14-15 Syntax: text after the closing bracket | put the value in quotes: `title: \"[WIP] x\"`"],
            ),
            (
                "related: [[a]], [[b]]\ndate: x\n",
                "related: \"[[a]], [[b]]\", date: x",
                &["2:15-16 Syntax: not valid YAML: did not find expected key"],
            ),
            ("title: {{ page.title }}\ndate: x\n", "title: \"{{ page.title }}\", date: x", &[]),
            // Indentation
            (
                "title: a\n date: x\ntags: [y]\n",
                "title: a, date: x, tags: [y]",
                &["3:2-9 Syntax: the indentation does not fit | start it in the same column as the key above"],
            ),
            (
                "  title: a\ndate: x\n",
                "title: a, date: x",
                &["3:1-8 Syntax: the indentation does not fit | start it in the same column as the first key"],
            ),
            (
                "a:\n\tb: c\n\t- d\ne: f\n",
                "a: {b: c}, e: f",
                &[
                    "3:1-2 Syntax: a tab in the indentation | YAML is indented with spaces",
                    "4:2-5 Syntax: expected `key: value` | every line is `key: value`, or is indented below the key it belongs to",
                ],
            ),
            (
                "tags:\n\t- a\n\t- b\nx: y\n",
                "tags: [a, b], x: y",
                &["3:1-2 Syntax: a tab in the indentation | YAML is indented with spaces"],
            ),
            (
                "title: a\nnonsense\ndate: x\n",
                "title: a, date: x",
                &[
                    "3:1-9 Syntax: expected `key: value` | every line is `key: value`, or is indented below the key it belongs to",
                ],
            ),
            (
                "map:\n  a: @x\n  b: y\ndate: z\n",
                "map: {a: \"@x\", b: y}, date: z",
                &["3:6-7 Syntax: a value can't start with `@` | put the value in quotes: `a: \"@x\"`"],
            ),
            (
                "people:\n  - name: @x\n    role: y\n  - z\n",
                "people: [{name: \"@x\", role: y}, z]",
                &["3:11-12 Syntax: a value can't start with `@` | put the value in quotes: `name: \"@x\"`"],
            ),
            (
                "text: @a b\n  c d\nx: y\n",
                "text: \"@a b c d\", x: y",
                &["2:7-8 Syntax: a value can't start with `@` | put the value in quotes: `text: \"@a b\"`"],
            ),
            // What is refused
            (
                "a: &x b\nc: *x\nd: !!int 3\n",
                "a: b, c: *x, d: 3",
                &[
                    "2:4-6 Feature: an anchor, `&x`, is not read here | put the value in quotes if it is meant as text",
                    "3:4-6 Feature: an alias, `*x`, is not read here | put the value in quotes if it is meant as text",
                    "4:4-9 Feature: a tag, `!!int`, is not read here | put the value in quotes if it is meant as text",
                ],
            ),
            (
                "title: *Really* good\nx: y\n",
                "title: \"*Really* good\", x: y",
                &[
                    "2:8-16 Feature: an alias, `*Really*`, is not read here | put the value in quotes if it is meant as text",
                ],
            ),
            (
                "<<: {a: b}\nx: y\n",
                "x: y",
                &[
                    "2:1-3 Feature: a merge key, `<<`, is not read here | put the value in quotes if it is meant as text",
                ],
            ),
            (
                "a: b\n--- # two\nc: d\n",
                "a: b",
                &["3:1-4 Feature: a second document begins here; only the first is read"],
            ),
            ("a: b\na: c\n", "a: b", &["3:1-2 Duplicate: `a` stands twice; the first one counts"]),
            (
                "a: b\nc: @\na: c\n",
                "a: b, c: \"@\"",
                &[
                    "3:4-5 Syntax: a value can't start with `@` | put the value in quotes: `c: \"@\"`",
                    "4:1-2 Duplicate: `a` stands twice; the first one counts",
                ],
            ),
            ("- a\n- b\n", "", &["2:1-4 Syntax: expected `key: value` lines, found a list"]),
            (
                ": x\n",
                "",
                &[
                    "2:1-4 Syntax: expected `key: value` | every line is `key: value`, or is indented below the key it belongs to",
                ],
            ),
        ];
        for (text, tree, said) in cases {
            let parsed = yaml(text, 4);
            assert_eq!(
                (outline(&parsed).as_str(), errors(text)),
                (*tree, said.iter().map(|s| s.to_string()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn carriage_returns_change_no_place() {
        let text = "title: x\r\nowner: @ana\r\ndate: y\r\n";
        assert_eq!(outline(&yaml(text, 0)), "title: x, owner: \"@ana\", date: y");
        assert!(errors(text)[0].starts_with("3:8-9 "));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |open: &str, close: &str| format!("t: x\na: {}{}\nb: y\n", open.repeat(40), close.repeat(40));
        for text in [deep("[", "]"), deep("{a: ", "}"), deep("- ", "")] {
            let parsed = yaml(&text, 0);
            assert!(parsed.entries.iter().any(|(key, _)| key.name == "b"), "{text}");
            assert!(!parsed.errors.is_empty());
        }
        let nested: String = (0..29).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(errors(&nested), Vec::<String>::new());
        let nested: String = (0..31).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(errors(&nested), ["32:31-32 Depth: nested deeper than 30"]);
    }

    #[test]
    fn hostile_text_is_read_to_the_end_with_a_bounded_number_of_complaints() {
        let cut = |text: String, length| text.chars().take(length).collect::<String>();
        let shapes: &[fn(usize) -> String] = &[
            |n| "[".repeat(n),
            |n| "{".repeat(n),
            |n| "- ".repeat(n),
            |n| "? ".repeat(n),
            |n| format!("{}{}", "[".repeat(250), "a,".repeat(n)),
            |n| format!("{}{}", "{".repeat(250), "a: b,".repeat(n)),
            |n| format!("a: [{}", "a,".repeat(n)),
            |n| format!("a: [{}", "'".repeat(n)),
            |n| format!("a: [ {} x{}", " ".repeat(n / 2), "''".repeat(n)),
            |n| "k".repeat(n),
            |n| format!("{}: x", "k".repeat(n - 3)),
            |n| "a: @\n".repeat(n),
            |n| "a: b: c\n".repeat(n),
            |n| "a\n".repeat(n),
            |n| (0..n / 7).map(|i| format!("k{i}: v\n")).collect(),
            |n| (0..(2 * n).isqrt()).map(|i| format!("{}a: b\n", " ".repeat(i))).collect(),
            |n| (0..(2 * n).isqrt()).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>() + "@",
            |n| (0..(2 * n).isqrt()).map(|i| format!("{}- @\n", " ".repeat(i))).collect(),
            |n| format!("a: \"{}", "\\x41".repeat(n)),
            |n| "&a ".repeat(n),
            |n| format!("a: |\n{}@", " \n".repeat(n)),
            |n| format!("a: @\n{}", " x\n".repeat(n)),
            |n| format!("a: @\n{}", "\t\n".repeat(n)),
            |n| format!("a: @{}", "# ".repeat(n)),
        ];
        for (number, shape) in shapes.iter().enumerate() {
            let parsed = yaml(&cut(shape(60_000), 60_000), 0);
            assert!(parsed.errors.len() <= MAX_ERRORS, "shape {number}: {} errors", parsed.errors.len());
            assert!(parsed.errors.iter().all(|error| error.span.end <= 60_000), "shape {number}");
        }
    }

    #[test]
    fn no_bytes_make_it_stop() {
        let alphabet = [
            "a", "b: ", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", "'", "\"", "#", " #", "@", "&x ", "*x",
            "!t ", "|", ">", "\t", "?", "---\n", "...\n", "é", "😀", "\r\n", "\u{feff}", "\0", "%", "<<: ", "\\", "1",
        ];
        let mut seed = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = |bound: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % bound as u64) as usize
        };
        for _ in 0..20_000 {
            let text: String = (0..next(30)).map(|_| alphabet[next(alphabet.len())]).collect();
            let parsed = yaml(&text, 0);
            let inside = |span: Span| text.get(span.range()).is_some();
            assert!(parsed.errors.iter().all(|error| inside(error.span)), "{text:?}: {:?}", parsed.errors);
            assert!(parsed.entries.iter().all(|(key, node)| inside(key.span) && inside(node.span)), "{text:?}");
        }
    }
}
