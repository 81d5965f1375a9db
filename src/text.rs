//! Places in a text: byte spans, lines and columns, and the two text folds
//! (Unicode NFC and the comparison key) that every other module shares.

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Unicode's combining marks (general category `M`): what stands on the letter before it.
pub use unicode_normalization::char::is_combining_mark;

/// A half-open range of bytes in one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`. Offsets beyond 4 GiB saturate: no source file is that large.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The span as a range that can index a string.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both counted from 1; the column counts Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The line starts of a text, to turn byte offsets into positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// The characters before every [`STRIDE`]th byte: a column costs the same however long its line is.
    characters: Vec<u32>,
}

/// Bytes between two counts of characters.
const STRIDE: usize = 1024;

/// Characters that begin in these bytes.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

impl LineIndex {
    /// Reads the line starts of `text`. Lines end with `\n`; a `\r` before it belongs to the line end.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| (i + 1) as u32));
        let mut characters = vec![0];
        for chunk in text.as_bytes().chunks(STRIDE) {
            characters.push(characters[characters.len() - 1] + count_characters(chunk) as u32);
        }
        LineIndex { starts, characters }
    }

    /// The position of a byte offset, which is moved back to a character boundary where it is none.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = floor_boundary(text, offset.min(text.len()));
        let line = self.starts.partition_point(|&start| start as usize <= offset) - 1;
        let column = self.characters_before(text, offset) - self.characters_before(text, self.starts[line] as usize);
        Position { line: line as u32 + 1, column: column as u32 + 1 }
    }

    fn characters_before(&self, text: &str, offset: usize) -> usize {
        let counted = offset / STRIDE;
        self.characters[counted] as usize + count_characters(&text.as_bytes()[counted * STRIDE..offset])
    }

    /// The byte offset of a line's first character (`line` from 1), clamped to the text.
    pub fn line_start(&self, line: u32) -> usize {
        let last = self.starts.len() - 1;
        self.starts[(line.max(1) as usize - 1).min(last)] as usize
    }

    /// The line (from 1) without its end.
    pub fn line<'t>(&self, text: &'t str, line: u32) -> &'t str {
        let start = self.line_start(line);
        let end = self.starts.get(line.max(1) as usize).map_or(text.len(), |&next| next as usize);
        text[start..end.max(start)].trim_end_matches(['\n', '\r'])
    }
}

/// The largest character boundary of `text` that is not beyond `offset`.
pub fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `text` in Unicode normalisation form C. File systems and keyboards differ in the form they
/// give; addresses and names are compared and published in this one.
pub fn nfc(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

/// The same with compatibility forms as what they stand for (NFKC): `ﬁ` as `fi`, half-width kana as kana.
pub fn compose_compatible(text: &str) -> String {
    text.nfkc().collect()
}

/// Letters and their marks one by one (NFD).
pub fn decompose(text: &str) -> String {
    text.nfd().collect()
}

/// Letters with their marks, where there is one character for both (NFC).
pub fn compose(text: &str) -> String {
    text.nfc().collect()
}

/// The key under which two names count as the same: NFC and lower case.
pub fn fold(text: &str) -> String {
    nfc(text).to_lowercase()
}

/// What the system says of a failure, as a part of a sentence: without its number, and in lower case.
pub fn reason(error: &std::io::Error) -> String {
    let said = error.to_string();
    let said = said.split(" (os error").next().unwrap_or_default();
    let mut letters = said.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The key by which names stand in an order that people expect: without regard to case, and with
/// numbers by their value, so that "Chapter 10" comes after "Chapter 9".
pub fn natural(text: &str) -> String {
    let folded = fold(text);
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return folded;
    }
    let mut key = String::with_capacity(folded.len() + 8);
    let mut rest = folded.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        key.push_str(&rest[..at]);
        let length = rest[at..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - at);
        let number = rest[at..at + length].trim_start_matches('0');
        // More digits are a larger number: their count, which is itself a digit up to nine, goes before them.
        key.extend(char::from_u32('0' as u32 + number.len().min(70) as u32));
        key.push_str(number);
        rest = &rest[at + length..];
    }
    key + rest
}

/// The first `limit` characters of `text`, cut at a word where there is one, with an ellipsis if cut.
pub fn truncate(text: &str, limit: usize) -> std::borrow::Cow<'_, str> {
    let Some((cut, _)) = text.char_indices().nth(limit) else {
        return text.into();
    };
    let head = &text[..cut];
    let head = head.rfind(' ').filter(|&at| at > cut / 2).map_or(head, |at| &head[..at]);
    format!("{}…", head.trim_end_matches([' ', ',', ';', ':', '.', '—', '-'])).into()
}

/// The candidate closest to `word` by Damerau–Levenshtein distance (optimal string alignment),
/// if it is close enough to be worth suggesting: at most a third of the word's length, and 3.
/// Ties go to the first candidate.
pub fn closest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let word: Vec<char> = fold(word).chars().collect();
    let allowed = (word.len() / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Chars are at most 4 bytes: a cheap bound before the fold.
        if candidate.len() > (word.len() + allowed) * 4 || candidate.len() + allowed < word.len() {
            continue;
        }
        let other: Vec<char> = fold(candidate).chars().collect();
        if other.len().abs_diff(word.len()) > allowed {
            continue;
        }
        let distance = edit_distance(&word, &other);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_in_the_order_of_their_values() {
        let mut names =
            ["Chapter 10", "chapter 9", "Chapter 9b", "Chapter", "0010 x", "9 x", "v1.10", "v1.9", "v1.9.1"];
        names.sort_by_key(|name| natural(name));
        let sorted = ["9 x", "0010 x", "Chapter", "chapter 9", "Chapter 9b", "Chapter 10", "v1.9", "v1.9.1", "v1.10"];
        assert_eq!(names, sorted);
        let mut long = ["1".repeat(90), "2".repeat(90), "9".repeat(80)];
        long.sort_by_key(|name| natural(name));
        assert_eq!(long[0], "1".repeat(90));
    }

    #[test]
    fn positions_count_characters_and_survive_offsets_inside_one() {
        let text = "ä\r\nbéc\n";
        let lines = LineIndex::new(text);
        let at = |offset| {
            let p = lines.position(text, offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(1), (1, 1));
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(7), (2, 3));
        assert_eq!(at(999), (3, 1));
        let long = "é".repeat(5_000);
        let column = |offset| LineIndex::new(&long).position(&long, offset).column;
        assert_eq!([0, 1022, 1024, 1026, 2047, 10_000].map(column), [1, 512, 513, 514, 1024, 5_001]);
        assert_eq!(lines.line(text, 2), "béc");
        assert_eq!(lines.line(text, 1), "ä");
    }

    #[test]
    fn closest_suggests_near_names_only() {
        assert_eq!(closest("tag", ["tags", "title"]), Some("tags"));
        assert_eq!(closest("hypotesis", ["hypothesis", "result"]), Some("hypothesis"));
        assert_eq!(closest("tilte", ["date", "title"]), Some("title"));
        assert_eq!(closest("layout", ["date", "title"]), None);
    }

    #[test]
    fn truncation_keeps_whole_words() {
        assert_eq!(truncate("short", 10), "short");
        assert_eq!(truncate("a rather long sentence", 12), "a rather…");
        assert_eq!(truncate("日本語日本語", 3), "日本語…");
    }
}
