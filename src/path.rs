//! Names in and out: paths of source files, and routes, the addresses of the site's files.
//! This is the one place where a URL is spelled.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::text;

/// A file's path below the book's root, with `/` between its parts and never `..`: for example
/// `content/learnings/labels-matter.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourcePath(Arc<str>);

impl SourcePath {
    /// A path from its text. The caller (the disk scan, or a test) gives a clean relative path.
    pub fn new(path: impl Into<Arc<str>>) -> Self {
        SourcePath(path.into())
    }

    /// The whole path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder, without a trailing slash; empty at the top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The name without its last extension.
    pub fn stem(&self) -> &str {
        self.name().rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or(self.name(), |(stem, _)| stem)
    }

    /// The last extension in lower case, or nothing.
    pub fn extension(&self) -> String {
        self.name().rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The address of one file of the site, relative to its root and not percent-encoded:
/// `learnings/labels-matter.html`. Always one clean relative path in NFC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route(Arc<str>);

impl Route {
    /// A generated file's route. The text is the program's own, made of [`slug`]s and constants.
    pub fn new(path: impl Into<Arc<str>>) -> Self {
        Route(path.into())
    }

    /// The route of a folder's page: `learnings/index.html`, or `index.html` for the top.
    pub fn folder(folder: &str) -> Self {
        match folder {
            "" => Route("index.html".into()),
            folder => Route(format!("{}/index.html", clean_path(folder)).into()),
        }
    }

    /// The route of the page of the note at `path` below the content folder (extension and all).
    pub fn note(path: &str) -> Self {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        Route(format!("{}.html", clean_path(stem)).into())
    }

    /// The route of a file that is copied as it is.
    pub fn asset(path: &str) -> Self {
        Route(text::nfc(path).into())
    }

    /// The route of an alias that a note's author wrote, `/old/path/` or `old/path.html`:
    /// one validated relative path, or the reason why it is none.
    ///
    /// The path stays as it is: it is an address that exists elsewhere.
    pub fn alias(written: &str) -> Result<Self, &'static str> {
        let decoded = decode(written).ok_or("is not valid percent-encoded text")?;
        if decoded.contains(['\\', '\0']) || decoded.chars().any(char::is_control) {
            return Err("contains a backslash or a control character");
        }
        if decoded.contains("://") || decoded.starts_with("//") {
            return Err("is a URL, not a path");
        }
        let path = decoded.trim_matches('/');
        if path.is_empty() {
            return Err("is empty");
        }
        if decode(path).is_none_or(|again| again != path) {
            return Err("is percent-encoded twice");
        }
        if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
            return Err("has an empty or a dotted part");
        }
        if path.split('/').count() > 32 || path.split('/').any(|part| part.len() > 160) {
            return Err("is too long or too deep");
        }
        let page = path
            .rsplit_once('.')
            .filter(|(_, ending)| ["md", "html", "htm"].iter().any(|known| ending.eq_ignore_ascii_case(known)));
        let path = match page {
            Some((stem, _)) => format!("{}.html", text::nfc(stem)),
            None if decoded.ends_with('/') => format!("{}/index.html", text::nfc(path)),
            None => format!("{}.html", text::nfc(path)),
        };
        Ok(Route(path.into()))
    }

    /// The whole path, not percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder part, without a trailing slash.
    pub fn directory(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The same route with its `.html` replaced by another ending, as the `.md` beside a page.
    pub fn with_ending(&self, ending: &str) -> Route {
        let stem = self.0.strip_suffix(".html").unwrap_or(&self.0);
        Route(format!("{stem}{ending}").into())
    }

    /// The key under which two routes are one address on a file system that ignores case.
    pub fn collision_key(&self) -> String {
        text::fold(&self.0)
    }

    /// The relative URL that leads from the page at `from` to this file, percent-encoded.
    pub fn relative_to(&self, from: &Route) -> String {
        let (here, there) = (from.0.as_bytes(), self.0.as_bytes());
        // One past the last slash that both paths have in the same place, with all before it alike.
        let same = here.iter().zip(there).take_while(|(a, b)| a == b).count();
        let common = there[..same].iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let mut url = String::with_capacity(self.0.len() + 16);
        let up = here[common..].iter().filter(|byte| **byte == b'/').count();
        (0..up).for_each(|_| url.push_str("../"));
        let rest = &self.0[common..];
        if url.is_empty() && rest.find([':', '/']).is_some_and(|at| rest.as_bytes()[at] == b':') {
            // `a:b.html` would be read as a URL with the scheme `a`.
            url.push_str("./");
        }
        encode_slashed_into(rest, &mut url);
        url
    }

    /// The path from the site's root, percent-encoded and without a leading slash.
    pub fn url(&self) -> String {
        encode_path(&self.0)
    }

    /// The relative URL of the site's root folder seen from this page: `../../`, or `./`.
    pub fn root(&self) -> String {
        match self.0.matches('/').count() {
            0 => "./".into(),
            depth => "../".repeat(depth),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file or folder name as it stands in addresses: in NFC, with spaces and the characters that
/// URLs, shells and file systems treat as their own replaced by a hyphen.
fn clean_path(path: &str) -> String {
    let path = text::nfc(path);
    let mut out = String::with_capacity(path.len());
    for part in path.split('/') {
        if !out.is_empty() {
            out.push('/');
        }
        let start = out.len();
        for c in part.chars() {
            let unsafe_char = c.is_whitespace()
                || c.is_control()
                || matches!(c, '%' | '#' | '?' | '"' | '\'' | '<' | '>' | '|' | '*' | ':' | '\\' | '`' | '&');
            match unsafe_char {
                false => out.push(c),
                true if out.len() > start && !out.ends_with('-') => out.push('-'),
                true => {}
            }
        }
        while out.len() > start && out.ends_with(['-', ' ']) && !part.ends_with('-') {
            out.pop();
        }
        if out.len() == start {
            // Nothing was left of a name such as `???`: its fingerprint is stable and can be reached.
            out.push_str(&crate::memo::Fingerprint::of_bytes(part.as_bytes()).short(8));
        }
        if let std::borrow::Cow::Owned(shorter) = bounded(&out[start..]) {
            out.replace_range(start.., &shorter);
        }
    }
    out
}

/// A part of an address that is too long for a file's name, cut, with the fingerprint of the whole.
fn bounded(part: &str) -> std::borrow::Cow<'_, str> {
    const LONGEST: usize = 160;
    if part.len() <= LONGEST {
        return part.into();
    }
    let cut = text::floor_boundary(part, LONGEST - 9);
    format!("{}-{}", &part[..cut], crate::memo::Fingerprint::of_bytes(part.as_bytes()).short(8)).into()
}

/// The slug of a name (a tag, a person, a team): lower case, letters, digits, `_` and hyphens.
/// Letters of every script stay. Never empty.
pub fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let folded = text::fold(name.trim());
    // `C`, `C++`, `C#` and `.NET` are four things.
    let named = folded.replace('+', "plus").replace("c#", "csharp").replace("f#", "fsharp");
    let named = named.strip_prefix('.').map_or(named.clone(), |rest| format!("dot{rest}"));
    for c in named.chars() {
        if c.is_alphanumeric() || c == '_' || is_mark(c) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    while out.ends_with('-') {
        out.pop();
    }
    match out.is_empty() {
        true => crate::memo::Fingerprint::of_bytes(name.as_bytes()).short(8),
        false => bounded(&out).into_owned(),
    }
}

/// Combining marks, as far as names and headings need them: `char::is_alphanumeric` leaves out
/// those that are not alphabetic, such as the Devanagari virama.
pub fn is_mark(c: char) -> bool {
    unicode_mark(c)
}

fn unicode_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x5bf | 0x5c1..=0x5c2 | 0x5c4..=0x5c5 | 0x610..=0x61a
        | 0x64b..=0x65f | 0x670 | 0x6d6..=0x6dc | 0x93a..=0x93c | 0x93e..=0x94f | 0x951..=0x957 | 0x962..=0x963
        | 0x981..=0x983 | 0x9bc | 0x9be..=0x9cd | 0xa3c..=0xa4d | 0xabc..=0xacd | 0xb3c..=0xb4d | 0xbbe..=0xbcd
        | 0xc3e..=0xc4d | 0xcbc..=0xccd | 0xd3e..=0xd4d | 0xdca..=0xddf | 0xe31 | 0xe34..=0xe3a | 0xe47..=0xe4e
        | 0xeb1 | 0xeb4..=0xebc | 0xec8..=0xecd | 0x102b..=0x103e | 0x17b4..=0x17d3 | 0x1ab0..=0x1aff
        | 0x1dc0..=0x1dff | 0x20d0..=0x20f0 | 0x3099..=0x309a | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f)
}

/// What may stand in a path's segment as it is (RFC 3986 `pchar`, less what HTML would escape).
const PLAIN: [bool; 256] = plain_and(b"-_.~!$()+,;=@:");
/// The same with the slash between segments.
const PLAIN_OR_SLASH: [bool; 256] = plain_and(b"-_.~!$()+,;=@:/");

const fn plain_and(signs: &[u8]) -> [bool; 256] {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < signs.len() {
        plain[signs[at] as usize] = true;
        at += 1;
    }
    plain
}

fn encode_where(text: &str, plain: &[bool; 256], url: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if plain[byte as usize] {
            continue;
        }
        // Plain bytes are ASCII, so a run of them lies between character boundaries.
        if from < at {
            url.push_str(&text[from..at]);
        }
        url.push('%');
        url.push(HEX[(byte >> 4) as usize] as char);
        url.push(HEX[(byte & 15) as usize] as char);
        from = at + 1;
    }
    url.push_str(&text[from..]);
}

fn encode_into(part: &str, url: &mut String) {
    encode_where(part, &PLAIN, url);
}

fn encode_slashed_into(path: &str, url: &mut String) {
    encode_where(path, &PLAIN_OR_SLASH, url);
}

/// One path segment or fragment, percent-encoded.
pub fn encode(part: &str) -> String {
    let mut url = String::with_capacity(part.len());
    encode_into(part, &mut url);
    url
}

/// A path, percent-encoded part by part.
pub fn encode_path(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    encode_slashed_into(path, &mut url);
    url
}

/// Percent-decodes `text`; nothing if the result is not UTF-8. A `%` without two digits stays.
pub fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |i: usize| bytes.get(i).and_then(|b| (*b as char).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// What a link's target is, by its spelling alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Url<'u> {
    /// `https:`, `http:` or `mailto:` (or scheme-relative `//host`): leads out of the book.
    External,
    /// A scheme that may run code or read the reader's files, or one that nobody allowed.
    Forbidden,
    /// A path in the book, already percent-decoded, with the fragment (also decoded) if any.
    Internal {
        /// The path as written, without query and fragment; empty for `#fragment`.
        path: String,
        /// The fragment without `#`.
        fragment: Option<String>,
        /// What the browser gets after the path unchanged: `?query`, or nothing.
        query: &'u str,
    },
}

impl<'u> Url<'u> {
    /// Reads a link's target. Browsers drop tabs, line ends and leading control characters in a
    /// scheme, so they are dropped here before the scheme is judged.
    pub fn read(url: &'u str) -> Url<'u> {
        let bare: String = url.chars().filter(|c| !c.is_control()).collect();
        let bare = bare.trim();
        if bare.starts_with("//") || bare.starts_with("\\\\") || bare.starts_with("/\\") {
            return Url::External;
        }
        let scheme_end = bare.find([':', '/', '?', '#']).filter(|&at| bare.as_bytes()[at] == b':');
        if let Some(end) = scheme_end {
            let scheme = bare[..end].to_ascii_lowercase();
            let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
            if well_formed {
                return match scheme.as_str() {
                    "http" | "https" | "mailto" => Url::External,
                    _ => Url::Forbidden,
                };
            }
        }
        let (rest, fragment) = match url.split_once('#') {
            Some((rest, fragment)) => (rest, Some(decode(fragment).unwrap_or_else(|| fragment.to_owned()))),
            None => (url, None),
        };
        let (path, query) = match rest.find('?') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        Url::Internal { path: decode(path).unwrap_or_else(|| path.to_owned()), fragment, query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_folders_become_files() {
        assert_eq!(Route::note("learnings/labels-matter.md").as_str(), "learnings/labels-matter.html");
        assert_eq!(Route::folder("learnings").as_str(), "learnings/index.html");
        assert_eq!(Route::folder("").as_str(), "index.html");
        assert_eq!(Route::note("a b/What? 100% \"sure\".md").as_str(), "a-b/What-100-sure.html");
        assert_eq!(Route::note("v1.2 plan.md").as_str(), "v1.2-plan.html");
        assert_eq!(Route::note("cafe\u{301}.md").as_str(), "café.html");
        assert_eq!(Route::note("emoji 🎉.md").as_str(), "emoji-🎉.html");
        assert!(Route::note("???.md").as_str().len() == 13);
    }

    #[test]
    fn relative_urls_lead_from_any_page_to_any_file() {
        let url = |to: &str, from: &str| Route::new(to).relative_to(&Route::new(from));
        assert_eq!(url("a/b.html", "a/c.html"), "b.html");
        assert_eq!(url("index.html", "a/b/c.html"), "../../index.html");
        assert_eq!(url("a/b.html", "index.html"), "a/b.html");
        assert_eq!(url("a/x.html", "b/y.html"), "../a/x.html");
        assert_eq!(url("日本/ノート.html", "index.html"), "%E6%97%A5%E6%9C%AC/%E3%83%8E%E3%83%BC%E3%83%88.html");
        assert_eq!(url("a:b.html", "c.html"), "./a:b.html");
    }

    #[test]
    fn hostile_aliases_are_refused_and_good_ones_read() {
        for bad in
            ["../x", "/a/../../b", "a\\b", "%2e%2e/x", "%252e%252e/x", "http://evil", "//evil/x", "/", ".git/x", "a//b"]
        {
            assert!(Route::alias(bad).is_err(), "{bad}");
        }
        assert_eq!(Route::alias("/old/path/").unwrap().as_str(), "old/path/index.html");
        assert_eq!(Route::alias("old/path.html").unwrap().as_str(), "old/path.html");
        assert_eq!(Route::alias("ADR-88").unwrap().as_str(), "ADR-88.html");
    }

    #[test]
    fn schemes_are_judged_as_a_browser_reads_them() {
        for bad in [
            "javascript:alert(1)",
            "JaVa\tScript:alert(1)",
            " \u{1}javascript:x",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
        ] {
            assert_eq!(Url::read(bad), Url::Forbidden, "{bad}");
        }
        assert_eq!(Url::read("https://example.org"), Url::External);
        assert_eq!(Url::read("//example.org"), Url::External);
        assert!(matches!(Url::read("notes/a:b.md"), Url::Internal { .. }));
        assert_eq!(
            Url::read("a%20b.md?x=1#My%20Part"),
            Url::Internal { path: "a b.md".into(), fragment: Some("My Part".into()), query: "?x=1" }
        );
    }

    #[test]
    fn names_too_long_for_a_file_are_cut_and_stay_apart() {
        let long = |c: &str| Route::note(&format!("{}{c}.md", "ä".repeat(120)));
        assert!(long("a").as_str().len() < 180 && long("a") != long("b"));
        assert!(slug(&"x".repeat(300)).len() <= 160 && slug(&"x".repeat(300)) != slug(&"x".repeat(301)));
        assert!(Route::alias(&"a/".repeat(3000)).is_err());
    }

    #[test]
    fn slugs_keep_every_script() {
        assert_eq!(slug("Ana Ruíz"), "ana-ruíz");
        assert_eq!(slug("C++ / Rust"), "cplusplus-rust");
        assert_eq!([slug("C#"), slug("C"), slug(".NET")], ["csharp", "c", "dotnet"]);
        assert_eq!(slug("हिन्दी"), "हिन्दी");
        assert_eq!(slug("!!!").len(), 8);
    }
}
