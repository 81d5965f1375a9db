//! What counts as a word when notes are searched: the contract between the index, which is made
//! here, and the query, which `themes/default/static/search/engine.js` reads in a browser.
//! `tests/golden/words.json` holds the two together; it is made by this module and checked there.
//!
//! - A word is a run of letters, digits and marks (Unicode's `Alphabetic`, `N` and `M`), [folded](fold()).
//! - One of `- . ' ’ ‐ ‑`, or underscores, between two of them join the runs: `snake_case`, `a.b.c`,
//!   `don't`, `no-cache`. The *whole* is found however it is joined (`snakecase`), and so are its
//!   *parts*; digits keep the sign between them (`1.2.3`, `2026-03-04`). Parts also end where
//!   `camelCase` and `HTTPServer` have a hump.
//! - Scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) and Korean become *grams*:
//!   overlapping pairs of characters, which need no dictionary (Zhou, Hawking, Thomas: ADCS 2015).
//! - `C++`, `C#` and `F#` are words.
//! - What nobody types is left out: over 64 characters, or over 24 of digits `0-9a-f`.

mod fold;
mod table;

use std::ops::Range;

pub use fold::fold;
pub use table::Table;

use crate::text::is_combining_mark;

/// Longer words are not looked for.
const LONGEST: usize = 64;
/// Hexadecimal words of this length are checksums and keys.
const CHECKSUM: usize = 24;
/// A word of more parts than this is a text without spaces, and each part a word.
const MAX_PARTS: usize = 16;

/// What a token is of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A word without parts.
    Word,
    /// A word of several parts, joined.
    Whole,
    /// One of the parts; at least two characters.
    Part,
    /// Two characters, or a single one that stands alone, of a script without spaces.
    Gram,
}

/// A word, or a part of one, as it is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// Folded.
    pub text: &'t str,
    /// What it is.
    pub form: Form,
    /// Counted in parts and characters: neighbours in the text differ by one.
    pub position: u32,
    /// Bytes of the text that it comes from; those of the whole, for a part.
    pub range: Range<usize>,
}

/// Hands over the text's tokens in their order, counting positions from `position`; a whole comes
/// before its parts. Gives the position after the last one.
pub fn tokens(text: &str, position: u32, take: impl FnMut(Token<'_>)) -> u32 {
    let mut reader = Reader { text, at: 0, position, take, pieces: Vec::new(), folded: String::new() };
    while reader.skip_to_word() {
        reader.run();
    }
    reader.position
}

struct Reader<'t, F> {
    text: &'t str,
    at: usize,
    position: u32,
    take: F,
    /// Parts of the run being read, as bytes of the text.
    pieces: Vec<Range<usize>>,
    folded: String,
}

/// What a character is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Letter,
    Dense,
}

fn class(c: char) -> Class {
    match c {
        c if c.is_ascii() => match c.is_ascii_alphanumeric() {
            true => Class::Letter,
            false => Class::Other,
        },
        c if is_dense(c) && (c.is_alphanumeric() || is_combining_mark(c)) => Class::Dense,
        c if c.is_alphanumeric() || is_combining_mark(c) => Class::Letter,
        _ => Class::Other,
    }
}

/// Scripts that are written without spaces, and Korean, whose words carry endings of many kinds.
fn is_dense(c: char) -> bool {
    matches!(u32::from(c),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff | 0x2e80..=0x2fdf | 0x3005..=0x3007
        | 0x3040..=0x318f | 0x31a0..=0x31bf | 0x31f0..=0x31ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xa960..=0xa97f
        | 0xa9e0..=0xa9ff | 0xaa60..=0xaa7f | 0xac00..=0xd7ff | 0xf900..=0xfaff | 0xff65..=0xffdc
        | 0x1aff0..=0x1b16f | 0x20000..=0x3ffff)
}

/// Signs within a word that are not seen: soft hyphens and joiners.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
}

impl<F: FnMut(Token<'_>)> Reader<'_, F> {
    fn char_at(&self, at: usize) -> Option<char> {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.text[at..].chars().next(),
            None => None,
        }
    }

    /// Goes on to the next word; false at the text's end.
    fn skip_to_word(&mut self) -> bool {
        let other = |byte: &&u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        self.at += self.text.as_bytes()[self.at..].iter().take_while(other).count();
        while let Some(c) = self.char_at(self.at) {
            if class(c) != Class::Other {
                return true;
            }
            self.at += c.len_utf8();
        }
        false
    }

    /// Goes on to the end of a run of characters of one class.
    fn end_of(&self, wanted: Class) -> usize {
        let mut at = self.at;
        if wanted == Class::Letter {
            at += self.text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        }
        while let Some(c) = self.char_at(at) {
            // A mark belongs to what it stands on.
            if class(c) != wanted && !(c > '\x7f' && (is_combining_mark(c) || is_invisible(c))) {
                break;
            }
            at += c.len_utf8();
        }
        at
    }

    /// The bytes that join the run which ends at `at` with the next one.
    fn joint(&self, at: usize) -> Option<usize> {
        let mut signs = 0;
        let mut underscores = true;
        for c in self.text[at..].chars() {
            match c {
                '_' if underscores => signs += 1,
                '-' | '.' | '\'' | '’' | '‐' | '‑' if signs == 0 => {
                    underscores = false;
                    signs += c.len_utf8();
                }
                c => return (signs > 0 && class(c) == Class::Letter).then_some(signs),
            }
        }
        None
    }

    /// Reads a run from its first character.
    fn run(&mut self) {
        let start = self.at;
        if self.char_at(start).map(class) == Some(Class::Dense) {
            self.at = self.end_of(Class::Dense);
            return self.grams(start..self.at);
        }
        self.pieces.clear();
        loop {
            let from = self.at;
            self.at = self.end_of(Class::Letter);
            self.cut_humps(from..self.at);
            match self.joint(self.at) {
                Some(signs) => self.at += signs,
                None => break,
            }
        }
        if let [only] = self.pieces.as_slice() {
            let only = only.clone();
            if only.len() == 1 {
                self.at += self.sharp();
            }
            return self.word(start..self.at, only.start..self.at, Form::Word);
        }
        self.compound(start..self.at);
    }

    /// `++` or `#` after a single letter.
    fn sharp(&self) -> usize {
        let rest = &self.text[self.at..];
        let length = if rest.starts_with("++") { 2 } else { usize::from(rest.starts_with('#')) };
        let letter = self.text.as_bytes()[self.at - 1].is_ascii_alphabetic();
        let ends = !rest[length..].starts_with(|c: char| class(c) != Class::Other || matches!(c, '+' | '#'));
        if letter && ends { length } else { 0 }
    }

    /// Adds the parts of a piece: it is cut before a capital that follows a small letter or a digit,
    /// and before one that two small letters follow: `get|User`, `HTTP|Server`, but `APIs`.
    fn cut_humps(&mut self, piece: Range<usize>) {
        let bytes = &self.text.as_bytes()[piece.clone()];
        let mut from = 0;
        if bytes.is_ascii() {
            for at in 1..bytes.len() {
                let before = bytes[at - 1];
                let small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
                let is_hump = bytes[at].is_ascii_uppercase()
                    && (before.is_ascii_lowercase()
                        || small(at + 1) && small(at + 2) && (before.is_ascii_uppercase() || before.is_ascii_digit()));
                if is_hump {
                    self.pieces.push(piece.start + from..piece.start + at);
                    from = at;
                }
            }
        }
        self.pieces.push(piece.start + from..piece.end);
    }

    /// A word of several parts.
    fn compound(&mut self, run: Range<usize>) {
        let pieces = std::mem::take(&mut self.pieces);
        if pieces.len() > MAX_PARTS {
            pieces.iter().for_each(|piece| self.word(piece.clone(), piece.clone(), Form::Word));
            self.pieces = pieces;
            return;
        }
        let mut whole = String::with_capacity(run.len());
        for (at, piece) in pieces.iter().enumerate() {
            whole.push_str(&fold(&self.text[piece.clone()]));
            if let Some(next) = pieces.get(at + 1) {
                let sign = &self.text[piece.end..next.start];
                let bytes = self.text.as_bytes();
                let digits = bytes[piece.end - 1].is_ascii_digit() && bytes[next.start].is_ascii_digit();
                if digits && matches!(sign, "." | "-") {
                    whole.push_str(sign);
                }
            }
        }
        let checksum = is_checksum(&whole);
        if !checksum && whole.chars().count() <= LONGEST {
            (self.take)(Token { text: &whole, form: Form::Whole, position: self.position, range: run.clone() });
        }
        for (at, piece) in pieces.iter().enumerate().filter(|_| !checksum) {
            let part = fold(&self.text[piece.clone()]);
            let length = part.chars().count();
            if (2..=LONGEST).contains(&length) && !is_checksum(&part) {
                let position = self.position + at as u32;
                (self.take)(Token { text: &part, form: Form::Part, position, range: run.clone() });
            }
        }
        self.position += pieces.len() as u32;
        self.pieces = pieces;
    }

    fn word(&mut self, run: Range<usize>, piece: Range<usize>, form: Form) {
        let text = &self.text[piece];
        self.folded.clear();
        if text.is_ascii() {
            self.folded.push_str(text);
            self.folded.make_ascii_lowercase();
        } else {
            self.folded.push_str(&fold(text));
        }
        let fits = self.folded.len() <= LONGEST || self.folded.chars().count() <= LONGEST;
        if fits && !self.folded.is_empty() && !is_checksum(&self.folded) {
            (self.take)(Token { text: &self.folded, form, position: self.position, range: run });
        }
        self.position += 1;
    }

    /// Overlapping pairs of a run's characters, each with its marks.
    fn grams(&mut self, run: Range<usize>) {
        let folded = fold(&self.text[run.clone()]);
        let mut starts: Vec<usize> =
            folded.char_indices().filter(|(at, c)| *at == 0 || !is_combining_mark(*c)).map(|(at, _)| at).collect();
        let units = starts.len();
        starts.push(folded.len());
        for (at, gram) in starts.windows(if units == 1 { 2 } else { 3 }).enumerate() {
            if let [from, .., to] = gram {
                let text = &folded[*from..*to];
                let position = self.position + at as u32;
                (self.take)(Token { text, form: Form::Gram, position, range: run.clone() });
            }
        }
        self.position += units as u32;
    }
}

fn is_checksum(word: &str) -> bool {
    word.len() > CHECKSUM
        && word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'.' | b'-'))
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        tokens(text, 0, |token| {
            let sign = match token.form {
                Form::Word | Form::Gram => "",
                Form::Whole => "=",
                Form::Part => "-",
            };
            found.push(format!("{sign}{}@{}", token.text, token.position));
        });
        found
    }

    #[test]
    fn words_are_found_as_a_user_types_them() {
        for (text, expected) in [
            ("Label, label!", "label@0 label@1"),
            (
                "getUserName snake_case a.b.c",
                "=getusername@0 -get@0 -user@1 -name@2 =snakecase@3 -snake@3 -case@4 =abc@5",
            ),
            ("HTTPServer's APIs", "=httpservers@0 -http@0 -server@1 apis@3"),
            ("no-cache 2026-03-04 1.2.3.", "=nocache@0 -no@0 -cache@1 =2026-03-04@2 -2026@2 -03@3 -04@4 =1.2.3@5"),
            ("don’t __init__ end.Next a--b", "=dont@0 -don@0 init@2 =endnext@3 -end@3 -next@4 a@5 b@6"),
            ("C++ and C# or f#, c", "c++@0 and@1 c#@2 or@3 f#@4 c@5"),
            ("Café Straße Œuvre Łódź Ελλάς", "cafe@0 strasse@1 oeuvre@2 lodz@3 ελλασ@4"),
            ("日本語のテスト", "日本@0 本語@1 語の@2 のテ@3 テス@4 スト@5"),
            ("山 JavaScriptの", "山@0 =javascript@1 -java@1 -script@2 の@3"),
            ("ｶﾞｲﾄﾞ", "ガイ@0 イド@1"),
            ("한국어", "한국@0 국어@1"),
            ("हिन्दी में", "हिन्दी@0 में@1"),
            ("العَرَبِيَّة أحمد", "العربية@0 احمد@1"),
            ("ёлка мой", "елка@0 мой@1"),
            ("550e8400-e29b-41d4-a716-446655440000 deadbeef", "deadbeef@5"),
        ] {
            assert_eq!(read(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_thai_vowel_sign_stays_with_its_letter() {
        assert_eq!(read("ภาษาไทย"), ["ภา@0", "าษ@1", "ษา@2", "าไ@3", "ไท@4", "ทย@5"]);
        assert_eq!(read("กี่"), ["กี่@0"]);
    }

    #[test]
    fn a_word_is_no_longer_than_anyone_types() {
        assert_eq!(read(&"x".repeat(65)), Vec::<String>::new());
        assert_eq!(read(&"x".repeat(64)).len(), 1);
        assert_eq!(read(&vec!["ab"; 17].join("_")).len(), 17);
        assert_eq!(read(&"ab".repeat(13)).len(), 1);
        assert_eq!(read(&"a1".repeat(13)).len(), 0);
    }

    #[test]
    fn ranges_are_those_of_the_text() {
        let text = "Ein größerer userName, 日本語";
        let mut found = Vec::new();
        tokens(text, 7, |token| found.push((text[token.range].to_owned(), token.position)));
        let expected = [
            ("Ein", 7),
            ("größerer", 8),
            ("userName", 9),
            ("userName", 9),
            ("userName", 10),
            ("日本語", 11),
            ("日本語", 12),
        ];
        assert_eq!(found, expected.map(|(text, position)| (text.to_owned(), position)));
    }
}
