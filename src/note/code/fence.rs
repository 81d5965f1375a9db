//! What authors write after an opening code fence, in the dialects that are in use: GitHub,
//! MkDocs Material, Docusaurus, Hugo, Zola, mdBook, Pandoc, VuePress and Gatsby.

use std::ops::RangeInclusive;

use crate::text::truncate;

/// More ranges than this in one fence are a mistake or an attack; the rest is not read.
const MAX_RANGES: usize = 1000;

/// The longest title, in characters.
const MAX_TITLE: usize = 200;

/// A longer word names no language, in bytes.
const MAX_LANGUAGE: usize = 40;

/// What stands after the opening fence: language, title, options.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fence<'a> {
    /// The language as it is written, without decoration (`rust` in `{.rust}`); empty if none is named.
    pub language: &'a str,
    /// A caption, mostly a file name.
    pub title: Option<String>,
    /// The number of the first line, if the lines are to be numbered.
    pub line_numbers: Option<u32>,
    /// The lines to point out, counted from 1 whatever numbers are shown; sorted and disjoint.
    pub highlighted: Vec<RangeInclusive<u32>>,
    /// Whether the first column marks lines as added (`+`) and removed (`-`).
    pub diff: bool,
}

impl<'a> Fence<'a> {
    /// Reads an info string. Total: what it does not know, it leaves out.
    ///
    /// Read are `rust title="src/main.rs" {2,4-6} linenums`, `rust,linenos,hl_lines=2-3`,
    /// `{.rust .numberLines startFrom="5"}`, `rust:src/main.rs`, `go {linenos=true,hl_lines=[1,"3-4"]}`,
    /// `css {{ title: 'a.css' }}`, `diff-rust`, and what lies between these.
    pub fn parse(info: &'a str) -> Self {
        let mut fence = Fence::default();
        let mut numbered = false;
        let mut start = 1;
        let mut ranges = Vec::new();
        // Zola separates ranges by blanks without quotes: `hl_lines=2-3 8`.
        let mut after_ranges = false;
        // Pandoc's `{#id .rust}` has the anchor first.
        let words = Words { rest: info, in_braces: false }.filter(|word| !word.key.starts_with('#'));
        for (index, Word { key, value, in_braces }) in words.enumerate() {
            if value.is_none() && key.bytes().all(|b| b.is_ascii_digit() || b == b'-') && (in_braces || after_ranges) {
                read_ranges(key, &mut ranges);
                continue;
            }
            after_ranges = false;
            let plain = key.trim_start_matches('.');
            match (option(plain), value) {
                (Some(Key::Title), Some(title)) => fence.title = Some(title.trim()).filter(|t| !t.is_empty()).map(cut),
                (Some(Key::Ranges), Some(text)) => {
                    read_ranges(text, &mut ranges);
                    after_ranges = true;
                }
                (Some(Key::Numbers), value) => {
                    numbered = !matches!(value, Some("false" | "no" | "off"));
                    start = value.and_then(|number| number.parse().ok()).unwrap_or(start);
                }
                (Some(Key::Start), Some(number)) => start = number.parse().unwrap_or(start),
                (Some(Key::Language), Some(language)) if fence.diff => fence.language = language,
                (Some(Key::Diff), None) if index > 0 => fence.diff = true,
                // Gatsby: `rust:title=src/main.rs`.
                (None, Some(title)) if index == 0 && plain.ends_with(":title") => {
                    fence.language = plain.trim_end_matches(":title");
                    fence.title = Some(cut(title));
                }
                (_, None) if index == 0 => {
                    let (language, suffix) = plain.split_once(':').unwrap_or((plain, ""));
                    match option(suffix) {
                        Some(Key::Numbers) => numbered = true,
                        _ => fence.title = Some(suffix).filter(|t| !t.is_empty()).map(cut),
                    }
                    fence.language = language.strip_prefix("diff-").unwrap_or(language);
                    fence.diff = fence.language.len() < language.len() || option(language) == Some(Key::Diff);
                }
                _ => {}
            }
        }
        if fence.language.len() > MAX_LANGUAGE {
            fence.language = "";
        }
        fence.line_numbers = numbered.then_some(start);
        fence.highlighted = disjoint(ranges);
        fence
    }
}

/// The options that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Title,
    Ranges,
    Numbers,
    Start,
    Language,
    Diff,
}

/// The option that a word names. Case, `-` and `_` make no difference.
fn option(word: &str) -> Option<Key> {
    let word: String = word.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    Some(match word.as_str() {
        "title" | "filename" | "file" | "name" | "path" | "caption" => Key::Title,
        "hllines" | "hl" | "highlight" | "highlightlines" | "emphasizelines" | "mark" => Key::Ranges,
        "linenums" | "linenumbers" | "linenos" | "showlinenumbers" | "numberlines" | "lineno" | "ln" => Key::Numbers,
        "linenostart" | "linenumberstart" | "startline" | "startfrom" | "start" => Key::Start,
        "lang" | "language" => Key::Language,
        "diff" | "patch" | "udiff" => Key::Diff,
        _ => return None,
    })
}

fn cut(title: &str) -> String {
    truncate(title, MAX_TITLE).into_owned()
}

/// Reads `2,4-6`, `2 4-6` and `[2,"4-6"]`. Ranges that run backwards or are too large to be meant are left out.
fn read_ranges(text: &str, ranges: &mut Vec<RangeInclusive<u32>>) {
    for range in text.split(|c: char| !c.is_ascii_digit() && c != '-') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>())
            && first <= last
            && ranges.len() < MAX_RANGES
        {
            ranges.push(first..=last);
        }
    }
}

fn disjoint(mut ranges: Vec<RangeInclusive<u32>>) -> Vec<RangeInclusive<u32>> {
    ranges.sort_by_key(|range| (*range.start(), *range.end()));
    let mut merged: Vec<RangeInclusive<u32>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if *range.start() <= last.end().saturating_add(1) => {
                *last = *last.start()..=*last.end().max(range.end());
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// One word of an info string: `key`, `key=value`, or in braces also `key: value`.
struct Word<'a> {
    key: &'a str,
    value: Option<&'a str>,
    in_braces: bool,
}

/// The words of an info string, separated by blanks, commas and braces.
struct Words<'a> {
    rest: &'a str,
    in_braces: bool,
}

impl<'a> Words<'a> {
    fn take(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (word, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// A value: in quotes, in square brackets, or one bare word.
    fn value(&mut self) -> &'a str {
        let close = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quote,
            Some('[') => ']',
            _ => return self.take(separates),
        };
        self.rest = &self.rest[1..];
        let value = self.take(|c| c == close);
        self.rest = self.rest.get(1..).unwrap_or("");
        value
    }
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '{' | '}')
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        loop {
            let first = self.rest.chars().next()?;
            if !separates(first) {
                break;
            }
            if matches!(first, '{' | '}') {
                self.in_braces = first == '{';
            }
            self.rest = &self.rest[first.len_utf8()..];
        }
        let in_braces = self.in_braces;
        let key = self.take(|c| separates(c) || c == '=');
        if let Some(rest) = self.rest.strip_prefix('=') {
            self.rest = rest;
            return Some(Word { key, value: Some(self.value()), in_braces });
        }
        if in_braces && let Some(key) = key.strip_suffix(':') {
            self.rest = self.rest.trim_start();
            return Some(Word { key, value: Some(self.value()), in_braces });
        }
        Some(Word { key, value: None, in_braces })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Language, title, first line number, highlighted lines, diff.
    fn read(info: &str) -> (&str, Option<&str>, Option<u32>, String, bool) {
        let Fence { language, title, line_numbers, highlighted, diff } = Fence::parse(info);
        let ranges: Vec<String> = highlighted.iter().map(|r| format!("{}-{}", r.start(), r.end())).collect();
        (language, title.map(|t| &*t.leak()), line_numbers, ranges.join(" "), diff)
    }

    fn plain(language: &str) -> (&str, Option<&str>, Option<u32>, String, bool) {
        (language, None, None, String::new(), false)
    }

    #[test]
    fn the_first_word_is_the_language() {
        assert_eq!(read("rust"), plain("rust"));
        assert_eq!(read("  c++  "), plain("c++"));
        assert_eq!(read("rust,ignore,no_run,should_panic,edition2021"), plain("rust"));
        assert_eq!(read("{.rust}"), plain("rust"));
        assert_eq!(read("{ .py }"), plain("py"));
        assert_eq!(read("{r, echo=FALSE}"), plain("r"));
        assert_eq!(read("console 2024"), plain("console"));
        assert_eq!(read(&"x".repeat(41)), plain(""));
        assert_eq!(read(""), plain(""));
        assert_eq!(read("{#id .rust}"), plain("rust"));
        assert_eq!(read(r#"title="x""#), ("", Some("x"), None, String::new(), false));
    }

    #[test]
    fn titles_are_read_in_every_dialect() {
        for info in [
            r#"rust title="src/main.rs""#,
            "rust title=src/main.rs",
            "rust title='src/main.rs'",
            "rust filename=\"src/main.rs\"",
            "rust:src/main.rs",
            "rust:title=src/main.rs",
            "rust,name=src/main.rs",
            "rust {title=\"src/main.rs\"}",
            "rust {{ title: 'src/main.rs' }}",
            "rust {{ title: 'src/main.rs }}",
            r#"{.rust title="src/main.rs"}"#,
        ] {
            let (language, title, ..) = read(info);
            assert_eq!(
                (language, title.map(|t| t.trim_end_matches([' ', '}']))),
                ("rust", Some("src/main.rs")),
                "{info}"
            );
        }
        assert_eq!(read(r#"rust title="a b, {2}" {3}"#), ("rust", Some("a b, {2}"), None, "3-3".into(), false));
        assert_eq!(read(r#"rust title="""#), plain("rust"));
        assert_eq!(read(&format!("rust title={}", "x".repeat(5000))).1.unwrap().chars().count(), 201);
    }

    #[test]
    fn highlighted_lines_are_read_in_every_dialect() {
        for info in [
            "js {2,4-6}",
            "js{2,4-6}",
            "js { 2, 4-6 }",
            r#"js hl_lines="2 4-6""#,
            "js,hl_lines=2 4-6",
            r#"js {hl_lines=[2,"4-6"]}"#,
            "js {6,2,4-5}",
            "js mark={2,4-6}",
            "js highlight=2,4-6",
        ] {
            assert_eq!(read(info), ("js", None, None, "2-2 4-6".into(), false), "{info}");
        }
    }

    #[test]
    fn numbered_lines_are_read_in_every_dialect() {
        for info in
            ["js linenums", "js,linenos", "js showLineNumbers", "js ln", "js:line-numbers", "{.js .numberLines}"]
        {
            assert_eq!(read(info), ("js", None, Some(1), String::new(), false), "{info}");
        }
        for info in [
            r#"js linenums="12""#,
            "js showLineNumbers=12",
            "js {linenos=table,linenostart=12}",
            r#"{.js .numberLines startFrom="12"}"#,
            "js,linenos,linenostart=12",
        ] {
            assert_eq!(read(info), ("js", None, Some(12), String::new(), false), "{info}");
        }
        assert_eq!(read("js {numberLines: true}").2, Some(1));
        assert_eq!(read("js linenos=false"), plain("js"));
        assert_eq!(read("js startFrom=4"), plain("js"));
    }

    #[test]
    fn a_diff_may_name_the_language_beneath() {
        assert_eq!(read("diff"), ("diff", None, None, String::new(), true));
        assert_eq!(read("patch"), ("patch", None, None, String::new(), true));
        assert_eq!(read("diff-rust"), ("rust", None, None, String::new(), true));
        assert_eq!(read("rust diff"), ("rust", None, None, String::new(), true));
        assert_eq!(read(r#"diff lang="rust""#), ("rust", None, None, String::new(), true));
    }

    #[test]
    fn absurd_numbers_and_lists_are_harmless() {
        assert_eq!(read("js {99999999999999999999, 5-2, -, 1-, 3-4294967295, 7}").3, "3-4294967295");
        assert_eq!(read("js linenums=99999999999999999999").2, Some(1));
        let many: String = (0..100_000).map(|n| format!("{},", n * 2)).collect();
        assert_eq!(Fence::parse(&format!("js {{{many}}}")).highlighted.len(), MAX_RANGES);
        for info in ["{", "}", "=", "\"", "js =", "js title=\"", "js [", "js {1", "é={", "js title=[é", ":", "js {:}"]
        {
            Fence::parse(info);
        }
    }
}
