//! The words of one note: what search knows of it.
//!
//! They are gathered while the text is read and kept as one run of bytes, since a book has millions of
//! them: for each word its text, what it counts, the part of the note that says most of it, and where it stands.

use std::cell::Cell;

use crate::config::Weights;
use crate::words::{Form, Table, tokens};

/// Where in the note a word stands that is not in its text.
pub const BESIDE: u8 = 14;
/// Where a word stands that is in the title.
pub const TITLE: u8 = 15;
/// Below this heading or a later one.
pub const LAST_SECTION: u8 = 13;

/// Positions before the text's own: the title's.
const TITLE_POSITIONS: u32 = 64;
/// A block of text begins at a multiple of this, so that a word added to one seldom moves the next.
const BLOCK: u32 = 16;

/// Different words of a note whose memory the next one uses.
const LENT: usize = 20_000;
/// What a word counts as a part of another one, of what it counts by itself.
const PART: (u32, u32) = (1, 2);

/// The words of a note.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// The words, one after the other.
    text: Box<str>,
    /// For each word the length of its text, its weight and section, the length of its positions, and those.
    bytes: Box<[u8]>,
    length: u32,
    count: u32,
}

/// A word of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'w> {
    /// [Folded](crate::words::fold).
    pub text: &'w str,
    /// The sum of the weights of all places where it stands, in sixteenths.
    pub weight: u32,
    /// 0 before the first heading, then the number of the heading that it counts most below, at most
    /// [`LAST_SECTION`]; or [`BESIDE`] or [`TITLE`].
    pub section: u8,
    /// Where it stands: the differences of its [positions](crate::words::Token::position), as [`put_number`] writes them.
    pub positions: &'w [u8],
}

impl Words {
    /// Each word once, in the order of the note.
    pub fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        let mut rest: &[u8] = &self.bytes;
        let mut at = 0;
        std::iter::from_fn(move || {
            let end = at + take_number(&mut rest)? as usize;
            let text = self.text.get(std::mem::replace(&mut at, end)..end)?;
            let weight = take_number(&mut rest)?;
            let section = *rest.split_off_first()?;
            let length = take_number(&mut rest)? as usize;
            Some(Word { text, weight, section, positions: rest.split_off(..length)? })
        })
    }

    /// How many different words there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What all words of the text together count, in sixteenths, with no place counting more than 1.
    pub fn length(&self) -> u32 {
        self.length
    }
}

/// Writes a number in as many bytes as it needs, seven bits in each, the lowest first.
pub fn put_number(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number that [`put_number`] wrote.
pub fn take_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// Gathers the words of a note while its text is read.
#[derive(Debug)]
pub struct Gather {
    weights: Weights,
    found: Found,
    position: u32,
    length: u32,
}

/// The words so far. The memory for it is that of the thread's last note.
#[derive(Debug, Default)]
struct Found {
    table: Table,
    known: Vec<Known>,
    /// Each place where a word stands, in the order of the text.
    places: Vec<(u32, u32)>,
}

thread_local! {
    static SPARE: Cell<Option<Found>> = const { Cell::new(None) };
}

/// What is known of a word so far.
#[derive(Debug, Clone, Copy)]
struct Known {
    weight: u32,
    places: u32,
    /// The section that is being read, and what the word counts in it.
    section: u8,
    within: u32,
    /// The section that it counts most in so far.
    best: u8,
    most: u32,
}

impl Gather {
    /// Nothing has been read.
    pub fn new(weights: Weights) -> Self {
        let found = SPARE.take().unwrap_or_default();
        Gather { weights, found, position: TITLE_POSITIONS, length: 0 }
    }

    /// A block of the note's text; `section` is 0 before the first heading, and then the heading's number.
    pub fn text(&mut self, text: &str, section: usize) {
        self.block(text, self.weights.body, narrow(section));
    }

    /// A heading, the first of which is number 1.
    pub fn heading(&mut self, text: &str, section: usize) {
        self.block(text, self.weights.heading, narrow(section));
    }

    /// A block of code.
    pub fn code(&mut self, text: &str, section: usize) {
        self.block(text, self.weights.code, narrow(section));
    }

    /// Text that stands beside the note's own, in its front matter.
    pub fn beside(&mut self, text: &str) {
        self.block(text, self.weights.body, BESIDE);
    }

    fn block(&mut self, text: &str, weight: u16, section: u8) {
        if weight > 0 && !text.is_empty() {
            let from = self.position;
            let end = self.add(text, from, u32::from(weight), section);
            if end > from {
                self.position = (end + BLOCK) / BLOCK * BLOCK;
            }
        }
    }

    fn add(&mut self, text: &str, position: u32, weight: u32, section: u8) -> u32 {
        let Gather { found: Found { table, known, places }, length, .. } = self;
        tokens(text, position, |token| {
            let weight = match token.form {
                Form::Part => (weight * PART.0 / PART.1).max(1),
                _ => {
                    *length += weight.min(16);
                    weight
                }
            };
            let number = table.number(token.text);
            if number as usize == known.len() {
                known.push(Known { weight: 0, places: 0, section, within: 0, best: section, most: 0 });
            }
            let word = &mut known[number as usize];
            if word.section != section {
                word.settle();
                (word.section, word.within) = (section, 0);
            }
            word.weight = word.weight.saturating_add(weight);
            word.within = word.within.saturating_add(weight);
            word.places += 1;
            places.push((number, token.position));
        })
    }

    /// The note's words, with those of its title, which is known only now.
    pub fn finish(mut self, title: &str) -> Words {
        let text_places = self.found.places.len();
        if self.weights.title > 0 {
            self.add(title, 0, u32::from(self.weights.title), TITLE);
        }
        let Found { table, known, places } = &mut self.found;
        // A title longer than any that a person wrote would run into the text's positions.
        let dropped: Vec<(u32, u32)> = places.extract_if(text_places.., |(_, at)| *at >= TITLE_POSITIONS - 1).collect();
        dropped.iter().for_each(|(number, _)| known[*number as usize].places -= 1);
        let mut next: Vec<u32> = Vec::with_capacity(known.len());
        let mut sum = 0;
        for word in &mut *known {
            word.settle();
            next.push(sum);
            sum += word.places;
        }
        // Sorted by word; the places of each stay in the order of the text, the title's first.
        let mut sorted = vec![0; sum as usize];
        let (text, of_title) = places.split_at(text_places);
        for (number, position) in of_title.iter().chain(text) {
            let slot = &mut next[*number as usize];
            sorted[*slot as usize] = *position;
            *slot += 1;
        }
        let mut bytes = Vec::with_capacity(known.len() * 8);
        let mut positions = Vec::new();
        let mut from = 0;
        for (number, word) in known.iter().enumerate() {
            put_number(&mut bytes, table.get(number as u32).len() as u32);
            put_number(&mut bytes, word.weight);
            bytes.push(word.best);
            positions.clear();
            let to = next[number] as usize;
            put_positions(&mut positions, sorted[std::mem::replace(&mut from, to)..to].iter().copied());
            put_number(&mut bytes, positions.len() as u32);
            bytes.extend_from_slice(&positions);
        }
        let words =
            Words { text: table.text().into(), bytes: bytes.into(), length: self.length, count: known.len() as u32 };
        // A note of a great many words leaves its memory to none.
        if known.len() <= LENT {
            table.clear();
            known.clear();
            places.clear();
            SPARE.set(Some(self.found));
        }
        words
    }
}

/// Writes ascending positions by their differences.
pub fn put_positions(bytes: &mut Vec<u8>, positions: impl Iterator<Item = u32>) {
    let mut before = 0;
    for position in positions {
        put_number(bytes, position - before);
        before = position;
    }
}

/// Reads what [`put_positions`] wrote.
pub fn take_positions(mut bytes: &[u8]) -> impl Iterator<Item = u32> {
    let mut position = 0;
    std::iter::from_fn(move || {
        position += take_number(&mut bytes)?;
        Some(position)
    })
}

impl Known {
    /// The section that was read ends: is it the best one?
    fn settle(&mut self) {
        let better = match (rank(self.section), rank(self.best)) {
            (new, old) if new != old => new > old && self.within > 0,
            _ => self.within > self.most,
        };
        if better {
            (self.best, self.most) = (self.section, self.within);
        }
    }
}

/// A word of the title is one of the title, wherever else it stands; one of the text is no word beside it.
fn rank(section: u8) -> u8 {
    match section {
        TITLE => 2,
        BESIDE => 0,
        _ => 1,
    }
}

fn narrow(section: usize) -> u8 {
    u8::try_from(section).map_or(LAST_SECTION, |section| section.min(LAST_SECTION))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(words: &Words) -> Vec<String> {
        let show = |word: Word<'_>| {
            let places: Vec<u32> = take_positions(word.positions).collect();
            format!("{} {} §{} {places:?}", word.text, word.weight, word.section)
        };
        words.iter().map(show).collect()
    }

    #[test]
    fn a_word_counts_by_where_it_stands() {
        let mut gather = Gather::new(Weights::default());
        gather.text("a label, userName", 0);
        gather.heading("Label it", 1);
        gather.text("it it", 1);
        gather.code("label()", 2);
        gather.beside("label aside");
        let words = gather.finish("The Label");
        assert_eq!(
            show(&words),
            [
                "a 16 §0 [64]",
                "label 154 §15 [1, 65, 80, 112, 128]",
                "username 16 §0 [66]",
                "user 8 §0 [66]",
                "name 8 §0 [67]",
                "it 64 §1 [81, 96, 97]",
                "aside 16 §14 [129]",
                "the 80 §15 [0]",
            ]
        );
        assert_eq!((words.len(), words.length()), (8, 16 * 9 + 10 + 16 * 2));
    }

    #[test]
    fn a_field_without_weight_is_not_searched() {
        let mut gather = Gather::new(Weights { title: 0, code: 0, ..Weights::default() });
        gather.code("code", 0);
        gather.text("text", 20);
        let words = gather.finish("title");
        assert_eq!(show(&words), ["text 16 §13 [64]"]);
        assert_eq!(Gather::new(Weights::default()).finish(""), Words::default());
    }

    #[test]
    fn a_title_without_end_stays_before_the_text() {
        let mut gather = Gather::new(Weights::default());
        gather.text("word", 0);
        let words = gather.finish(&"word ".repeat(100));
        let word = words.iter().next().unwrap();
        assert_eq!(take_positions(word.positions).collect::<Vec<_>>(), (0..63).chain([64]).collect::<Vec<_>>());
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let numbers = [0, 1, 127, 128, 300, 1 << 20, u32::MAX];
        let mut bytes = Vec::new();
        numbers.iter().for_each(|number| put_number(&mut bytes, *number));
        let mut rest = bytes.as_slice();
        assert_eq!(numbers.map(|_| take_number(&mut rest).unwrap()), numbers);
        assert_eq!((take_number(&mut rest), take_number(&mut [0x80u8; 9].as_slice())), (None, None));
    }
}
