//! The text as words, without markup: what link contexts, the summary and the number of words are
//! made of.
//!
//! Every piece of text passes [`Prose::push`] in the order of the note. A block (paragraph, heading,
//! cell, item) is complete in [`Prose::end_block`]; it stands below the last heading of the outline
//! so far.

use std::ops::Range;

use crate::note::link::Link;
use crate::text::{floor_boundary, truncate};

/// Characters of the sentence that a backlink shows.
const CONTEXT: usize = 220;
/// Characters of the summary.
const SUMMARY: usize = 240;

/// The plain text of a note.
#[derive(Debug, Default)]
pub(super) struct Prose {
    /// Of the block being read.
    text: String,
    /// Links in it: indices into the note's links, with the bytes of their own text.
    links: Vec<(u32, Range<usize>)>,
    /// The block is a paragraph of the note itself, within nothing else.
    top_paragraph: bool,
    /// The first paragraph that says something.
    pub(super) summary: String,
    /// Words so far (for scripts without spaces: half the characters).
    pub(super) words: usize,
}

impl Prose {
    /// The next piece of the block.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        if text.is_ascii() {
            self.words += ascii_words(text.as_bytes());
        } else {
            let dense = text.chars().filter(|c| is_dense(*c)).count();
            self.words +=
                dense.div_ceil(2) + text.split_whitespace().filter(|word| !word.chars().all(is_dense)).count();
        }
    }

    /// The block so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The block is a paragraph; `top` where it is within nothing else.
    pub(super) fn begin_paragraph(&mut self, top: bool) {
        self.top_paragraph = top;
    }

    /// Bytes of the block so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// A link whose text stands from byte `from` of the block to here.
    pub(super) fn link_from(&mut self, link: u32, from: usize) {
        self.links.push((link, from..self.text.len()));
    }

    /// A link begins here.
    pub(super) fn begin_link(&mut self, link: u32) {
        self.links.push((link, self.text.len()..usize::MAX));
    }

    /// The link that was begun ends here.
    pub(super) fn end_link(&mut self) {
        let end = self.text.len();
        if let Some((_, range)) = self.links.last_mut().filter(|(_, range)| range.end == usize::MAX) {
            range.end = end;
        }
    }

    /// The block ends: its links get their contexts.
    pub(super) fn end_block(&mut self, links: &mut [Link]) {
        for (link, range) in self.links.drain(..) {
            if let Some(link) = links.get_mut(link as usize) {
                link.context = sentence_around(&self.text, range).into();
            }
        }
        if self.top_paragraph && self.summary.is_empty() && !is_metadata(&self.text) {
            let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.summary = truncate(&text, SUMMARY).into_owned();
        }
        // The next block writes where this one did.
        self.text.clear();
        self.top_paragraph = false;
    }
}

/// Lines such as `Date: 2026-03-19` or a bare `Accepted` at a record's head say nothing of what it is about.
fn is_metadata(text: &str) -> bool {
    let one_word =
        text.chars().count() <= 24 && text.split_whitespace().count() <= 2 && !text.ends_with(['.', '。', '!', '?']);
    one_word
        || text.lines().all(|line| {
            let line = line.trim().trim_start_matches(['*', '-']).trim_start();
            line.split_once(':')
                .is_some_and(|(key, _)| key.chars().count() <= 20 && key.split_whitespace().count() <= 2)
                && line.chars().count() <= 80
        })
}

fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Words before a full stop that does not end a sentence.
const ABBREVIATIONS: [&str; 16] =
    ["Dr", "Mr", "Mrs", "Ms", "Prof", "St", "vs", "cf", "ca", "etc", "Inc", "Ltd", "No", "Nr", "bzw", "approx"];

/// Counts words without a branch for each byte: chunks so short that a byte holds their sum.
fn ascii_words(text: &[u8]) -> usize {
    let Some((first, rest)) = text.split_first() else { return 0 };
    let begins = |before: u8, byte: u8| before.is_ascii_whitespace() & !byte.is_ascii_whitespace();
    let within = |(before, bytes): (&[u8], &[u8])| {
        usize::from(before.iter().zip(bytes).map(|(before, byte)| u8::from(begins(*before, *byte))).sum::<u8>())
    };
    usize::from(begins(b' ', *first)) + text.chunks(255).zip(rest.chunks(255)).map(within).sum::<usize>()
}

/// The sentence of `text` that holds `range`, on one line and not too long.
fn sentence_around(text: &str, range: Range<usize>) -> String {
    let start = range.start.min(text.len());
    let end = range.end.min(text.len()).max(start);
    // Far more than is shown, and no more: a paragraph may be as long as the note and full of links.
    let first = floor_boundary(text, start.saturating_sub(8 * CONTEXT));
    let last = floor_boundary(text, end.saturating_add(8 * CONTEXT));
    let (text, start, end) = (&text[first..last], start - first, end - first);
    // A full stop ends a sentence where a space and no small letter follow it, and where the word
    // before it is no abbreviation: `e.g. this`, `Dr. Smith`, `3 p.m. today` go on.
    let is_end = |at: usize, c: char| match c {
        '。' | '！' | '？' => true,
        '!' | '?' => text[at + 1..].chars().next().is_none_or(char::is_whitespace),
        '.' => {
            let rest = &text[at + 1..];
            let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
            let short = word.contains('.') || word.chars().count() == 1 || ABBREVIATIONS.contains(&word);
            rest.is_empty()
                || rest.starts_with(char::is_whitespace) && !short && !rest.trim_start().starts_with(char::is_lowercase)
        }
        _ => false,
    };
    // Both searches are bounded: a paragraph may hold a great many links.
    let mut from = 0;
    for (behind, (at, c)) in text[..start].char_indices().rev().enumerate() {
        if is_end(at, c) {
            from = at + c.len_utf8();
            break;
        }
        if behind == CONTEXT / 2 {
            // A long sentence is cut from the left until the link is in sight.
            from = text[at..start].find(' ').map_or(at, |space| at + space);
            break;
        }
    }
    let to = text[end..]
        .char_indices()
        .take(4 * CONTEXT)
        .find(|(at, c)| is_end(end + at, *c))
        .map(|(at, c)| end + at + c.len_utf8())
        .or_else(|| text[end..].char_indices().nth(4 * CONTEXT).map(|(at, _)| end + at))
        .unwrap_or(text.len());
    let sentence = text[from..to].split_whitespace().collect::<Vec<_>>().join(" ");
    truncate(&sentence, CONTEXT).into_owned()
}
