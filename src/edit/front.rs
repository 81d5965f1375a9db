//! Keys of front matter: set one, or add to the list that one holds.

use super::{Edit, line_end};
use crate::config::canonical;
use crate::data::key_name;
use crate::diagnostic::Code;
use crate::note::Note;
use crate::note::front_matter::{FieldValue, Item};

/// Why front matter can't be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The file is not UTF-8: what stands where is not certain.
    NotUtf8,
    /// The front matter is broken or never ends.
    Broken,
    /// The key holds something that can't be added to.
    Shape,
}

impl Refusal {
    /// In words, after the note's name.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::NotUtf8 => "is not UTF-8",
            Refusal::Broken => "has front matter that can't be read",
            Refusal::Shape => "has a value there that can't be added to",
        }
    }
}

/// The language of front matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Yaml,
    Toml,
}

/// Where the front matter of a note is.
struct Place<'t> {
    text: &'t str,
    /// The first line after the opening fence, and the closing fence.
    inner: std::ops::Range<usize>,
    format: Format,
}

/// The front matter of a note's text; none where there is none.
fn place<'t>(note: &Note, text: &'t str) -> Result<Option<Place<'t>>, Refusal> {
    if std::str::from_utf8(&note.source.bytes).is_err() {
        return Err(Refusal::NotUtf8);
    }
    let head = &text[..note.front.body_start];
    let start = head.len() - head.trim_start_matches('\u{feff}').trim_start().len();
    let Some((first, _)) = head[start..].split_once('\n') else {
        return if head.trim_start_matches('\u{feff}').trim().is_empty() { Ok(None) } else { Err(Refusal::Broken) };
    };
    let format = match first.trim_end() {
        "---" => Format::Yaml,
        "+++" => Format::Toml,
        _ => return Err(Refusal::Broken),
    };
    let from = start + first.len() + 1;
    let body = head.trim_end_matches(['\n', '\r']);
    let to = body.rfind('\n').map_or(0, |at| at + 1);
    let closes = match format {
        Format::Yaml => matches!(body[to..].trim_end(), "---" | "..."),
        Format::Toml => body[to..].trim_end() == "+++",
    };
    let breaks = [Code::FrontMatterSyntax, Code::FrontMatterUnclosed, Code::FrontMatterTooLarge, Code::YamlFeature];
    let broken = note.diagnostics.iter().any(|found| breaks.contains(&found.code));
    match closes && to >= from && note.front.withheld.is_none() && !broken {
        true => Ok(Some(Place { text, inner: from..to, format })),
        false => Err(Refusal::Broken),
    }
}

/// Sets a key to a value, which is written as it is given. `names` are the key's own name first, then
/// its aliases.
pub fn set(note: &Note, names: &[&str], value: &str) -> Result<Edit, Refusal> {
    let text = note.source.text();
    let Some(place) = place(note, &text)? else { return Ok(new_block(note, &text, names[0], value)) };
    if let Some(entry) = note.front.entry(names[0]).filter(|entry| (entry.span.end as usize) <= place.inner.end) {
        return Ok(Edit { range: entry.span.range(), text: value.to_owned() });
    }
    Ok(place.empty_key(names, value).unwrap_or_else(|| place.line(names[0], value)))
}

/// Adds a text to the list under a key.
pub fn add(note: &Note, names: &[&str], item: &str) -> Result<Edit, Refusal> {
    let text = note.source.text();
    let list = format!("[{item}]");
    let Some(place) = place(note, &text)? else { return Ok(new_block(note, &text, names[0], &list)) };
    let Some(entry) = note.front.entry(names[0]) else {
        return Ok(place.empty_key(names, &list).unwrap_or_else(|| place.line(names[0], &list)));
    };
    let written = text.get(entry.span.range()).ok_or(Refusal::Shape)?;
    let end = entry.span.start as usize + written.trim_end().len();
    if let Some(inner) = written.trim_end().strip_suffix(']').filter(|_| written.starts_with('[')) {
        let at = entry.span.start as usize + inner.trim_end().len();
        // `[a, b,]` has its comma already; a list over several lines ends in its own way.
        let comma = match inner.trim_end() {
            "[" => "",
            inner if inner.ends_with(',') => " ",
            _ => ", ",
        };
        return Ok(Edit { range: at..at, text: format!("{comma}{item}") });
    }
    match &entry.value {
        FieldValue::List(items) if place.format == Format::Yaml && on_lines(&text, items).is_some() => {
            let (last, dash) = on_lines(&text, items).ok_or(Refusal::Shape)?;
            Ok(Edit { range: last..last, text: format!("{}{dash}{item}", line_end(&text)) })
        }
        FieldValue::List(_) if !written.contains(['\n', '{', '|', '>']) => {
            Ok(Edit { range: entry.span.start as usize..end, text: format!("[{}, {item}]", written.trim_end()) })
        }
        _ => Err(Refusal::Shape),
    }
}

/// Where a list with one item a line ends, and what stands before each of its items.
fn on_lines<'t>(text: &'t str, items: &[Item]) -> Option<(usize, &'t str)> {
    let last = items.last()?.span.range();
    let line = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
    let dash = &text[line..last.start];
    (dash.trim() == "-").then_some((last.end, dash))
}

/// Front matter for a note that has none.
fn new_block(note: &Note, text: &str, name: &str, value: &str) -> Edit {
    let end = line_end(text);
    let at = note.front.body_start;
    Edit { range: at..at, text: format!("---{end}{name}: {value}{end}---{end}{end}") }
}

impl Place<'_> {
    /// A line of its own, as the last one. Dates and lists are written alike in YAML and in TOML.
    fn line(&self, name: &str, value: &str) -> Edit {
        let between = if self.format == Format::Yaml { ": " } else { " = " };
        let at = self.inner.end;
        Edit { range: at..at, text: format!("{name}{between}{value}{}", line_end(self.text)) }
    }

    /// `reviewed:` without a value gets one; a comment behind it stays.
    fn empty_key(&self, names: &[&str], value: &str) -> Option<Edit> {
        if self.format == Format::Toml {
            return None;
        }
        let mut at = self.inner.start;
        for line in self.text[self.inner.clone()].split_inclusive('\n') {
            let begins = at;
            at += line.len();
            let Some(name) = key_name(line).filter(|_| !line.starts_with([' ', '\t', '-'])) else { continue };
            if !names.contains(&canonical(name).as_str()) {
                continue;
            }
            let colon = begins + line.find(':')? + 1;
            return Some(Edit { range: colon..colon, text: format!(" {value}") });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Config;
    use crate::edit::apply;
    use crate::note;
    use crate::path::SourcePath;
    use crate::source::Source;

    fn note(text: &str) -> Note {
        let options = Config::parse(None).value.parse_options();
        let source = Arc::new(Source::new(SourcePath::new("content/a.md"), text.as_bytes()));
        note::parse(&source, &options, note::fingerprint(&source, options.fingerprint()))
    }

    fn edited(text: &str, edit: impl Fn(&Note) -> Result<Edit, Refusal>) -> Result<String, Refusal> {
        let note = note(text);
        edit(&note).map(|edit| String::from_utf8(apply(&note.source, vec![edit])).unwrap())
    }

    #[test]
    fn a_key_is_set_and_nothing_else_is_touched() {
        for (before, after) in [
            ("# T\n", "---\nreviewed: 2026-11-23\n---\n\n# T\n"),
            ("", "---\nreviewed: 2026-11-23\n---\n\n"),
            ("\u{feff}# T\r\n", "\u{feff}---\r\nreviewed: 2026-11-23\r\n---\r\n\r\n# T\r\n"),
            ("---\ntags: [a]   # b\n---\n# T\n", "---\ntags: [a]   # b\nreviewed: 2026-11-23\n---\n# T\n"),
            ("---\nreviewed: 2025-01-01 # once\ntags: a\n---\n", "---\nreviewed: 2026-11-23 # once\ntags: a\n---\n"),
            ("---\nreviewed: \"2025-01-01\"\n---\n", "---\nreviewed: 2026-11-23\n---\n"),
            ("---\nReviewed:   # when?\ntags: a\n...\nText", "---\nReviewed: 2026-11-23   # when?\ntags: a\n...\nText"),
            ("---\nlast_reviewed: 2025-01-01\n---\n", "---\nlast_reviewed: 2026-11-23\n---\n"),
            ("+++\ntags = [\"a\"]\n+++\nText", "+++\ntags = [\"a\"]\nreviewed = 2026-11-23\n+++\nText"),
            ("---\r\ntags: a\r\n---\r\nText", "---\r\ntags: a\r\nreviewed: 2026-11-23\r\n---\r\nText"),
            ("---\n---\n# T\n", "---\nreviewed: 2026-11-23\n---\n# T\n"),
        ] {
            let names = ["reviewed", "last_reviewed", "last_reviewed_on"];
            assert_eq!(edited(before, |note| set(note, &names, "2026-11-23")).as_deref(), Ok(after), "{before:?}");
        }
        assert_eq!(edited("---\ntags: [a\n", |note| set(note, &["reviewed"], "x")), Err(Refusal::Broken));
        assert_eq!(edited("---\ndraft: maybe\n---\n", |note| set(note, &["reviewed"], "x")), Err(Refusal::Broken));
    }

    #[test]
    fn a_list_gets_one_more_in_the_form_that_it_has() {
        for (before, after) in [
            ("# T\n", "---\naliases: [/old.html]\n---\n\n# T\n"),
            ("---\naliases: [a, \"b\"]\n---\n", "---\naliases: [a, \"b\", /old.html]\n---\n"),
            ("---\naliases: []\n---\n", "---\naliases: [/old.html]\n---\n"),
            ("---\naliases: a\n---\n", "---\naliases: [a, /old.html]\n---\n"),
            (
                "---\naliases:\n  - a\n  - b # c\ntags: x\n---\n",
                "---\naliases:\n  - a\n  - b\n  - /old.html # c\ntags: x\n---\n",
            ),
            ("---\naliases:\n- a\n---\n", "---\naliases:\n- a\n- /old.html\n---\n"),
            ("---\naliases:\ntags: x\n---\n", "---\naliases: [/old.html]\ntags: x\n---\n"),
        ] {
            let made = edited(before, |note| add(note, &["aliases", "alias"], "/old.html"));
            // A comment behind the last item moves to the new one: it stays, and that is enough.
            assert_eq!(made.as_deref(), Ok(after), "{before:?}");
            let items: Vec<String> =
                note(made.as_deref().unwrap()).front.list("aliases").iter().map(|item| item.text.clone()).collect();
            assert!(items.contains(&"/old.html".to_owned()), "{items:?}");
        }
    }
}
