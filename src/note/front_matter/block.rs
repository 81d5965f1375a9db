//! Where the front matter is, and in which language.

use crate::config::{ParseOptions, canonical};
use crate::data::{self, Parsed, Problem};
use crate::text::Span;

/// The largest front matter, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// The bytes of a byte order mark at the start of a text.
pub(super) fn bom(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The language of front matter.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Yaml,
    Toml,
    /// Hugo's third: an object at the very start, without fences.
    Json,
}

impl Format {
    fn opened_by(line: &str) -> Option<Self> {
        match line.trim_end() {
            "---" => Some(Format::Yaml),
            "+++" => Some(Format::Toml),
            _ => None,
        }
    }

    pub(super) fn fence(self) -> &'static str {
        match self {
            Format::Yaml => "---",
            Format::Toml => "+++",
            Format::Json => "}",
        }
    }

    fn is_closed_by(self, line: &str) -> bool {
        match self {
            Format::Yaml => matches!(line.trim_end(), "---" | "..."),
            Format::Toml => line.trim_end() == "+++",
            Format::Json => line.trim() == "}",
        }
    }

    /// The key with which a line begins.
    fn key(self, line: &str) -> Option<&str> {
        match self {
            Format::Yaml | Format::Json => data::key_name(line),
            Format::Toml => line.split_once('=').map(|(name, _)| name),
        }
    }

    /// The line has the look of the language. A key of more than four words is the start of a sentence.
    fn looks_like(self, line: &str) -> bool {
        let line = line.trim();
        let begins = match self {
            Format::Yaml => line.starts_with(['{', '&', '!']) || line.starts_with("? "),
            Format::Toml => line.starts_with('['),
            Format::Json => line.starts_with('"'),
        };
        begins || self.key(line).is_some_and(|name| name.split_whitespace().nth(4).is_none())
    }

    fn parse(self, text: &str, block: &Block) -> Parsed {
        let raw = &text[block.start..block.end];
        match self {
            _ if raw.len() > MAX_BYTES => Parsed::default(),
            // JSON is YAML, too.
            Format::Yaml | Format::Json => data::yaml(raw, block.start),
            Format::Toml => data::toml(raw, block.start),
        }
    }
}

/// Where the front matter is.
pub(super) struct Block {
    pub(super) format: Format,
    /// The opening fence.
    pub(super) fence: Span,
    /// The lines between the fences.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) body_start: usize,
    pub(super) closed: bool,
}

/// The front matter of a text and what can be read of it; nothing where the text begins with an
/// ordinary thematic break, or with anything else.
pub(super) fn find(text: &str, options: &ParseOptions) -> Option<(Block, Parsed)> {
    let bom = bom(text);
    let blank = &text[bom..text.len() - text[bom..].trim_start().len()];
    let begin = bom + blank.rfind('\n').map_or(0, |at| at + 1);
    if let Some(block) = json(text, begin) {
        let parsed = block.format.parse(text, &block);
        return Some((block, parsed));
    }
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

/// Hugo's front matter in JSON: an object whose first key stands in quotes. Without an end, it is
/// taken to go up to the first blank line.
fn json(text: &str, begin: usize) -> Option<Block> {
    let inner = text[begin..].strip_prefix('{')?.trim_start();
    let key = inner.strip_prefix('"')?.split_once('"').filter(|(key, _)| !key.contains('\n'))?.1;
    if !key.trim_start().starts_with(':') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    let mut end = None;
    for (at, byte) in text.bytes().enumerate().skip(begin) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = Some(at + 1);
            break;
        }
    }
    let closed = end.is_some();
    let end = end.unwrap_or_else(|| begin + text[begin..].find("\n\n").unwrap_or(text.len() - begin));
    let rest = &text[end..];
    let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
    let body_start = if rest[..line_end].trim().is_empty() { end + line_end } else { end };
    let fence = Span::new(begin, begin + 1);
    Some(Block { format: Format::Json, fence, start: begin, end, body_start, closed })
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
