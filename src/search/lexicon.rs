//! The words of a book.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::compounds;
use super::stems::Stems;
use crate::book::{Book, Entry, NoteId};
use crate::words::{Form, Table, tokens};

/// All words, sorted as JavaScript compares texts, and which of them share their notes.
#[derive(Debug)]
pub struct Lexicon {
    table: Table,
    /// Numbers in the table, by the words' order.
    sorted: Vec<u32>,
    /// For each word in its order: its group.
    groups: Vec<u32>,
    /// For each group: its first word, by which the others are known. Ascending.
    homes: Vec<u32>,
    /// For each number in the table: its group.
    group_of_number: Vec<u32>,
    /// The groups of the words that a compound is made of, by its number.
    parts: HashMap<u32, Vec<u32>>,
}

/// What the notes say, as numbers of words.
#[derive(Debug, Default)]
pub struct Spoken {
    /// The words of all notes, one note after the other, in the order of [`crate::note::words::Words::iter`].
    pub words: Vec<u32>,
    /// The words by which the book groups a note: its number, the word and what it counts in sixteenths.
    pub beside: Vec<(u32, u32, u32)>,
}

impl Lexicon {
    /// How many words there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The word at a place of the order.
    pub fn word(&self, at: usize) -> &str {
        self.table.get(self.sorted[at])
    }

    /// The group of the word at a place.
    pub fn group(&self, at: usize) -> usize {
        self.groups[at] as usize
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.homes.len()
    }

    /// The place of a group's first word.
    pub fn home(&self, group: usize) -> usize {
        self.homes[group] as usize
    }

    /// The group of a word by its number in [`Spoken`].
    pub fn group_of(&self, number: u32) -> usize {
        self.group_of_number[number as usize] as usize
    }

    /// The groups of the words that a word is made of, by its number in [`Spoken`].
    pub fn parts(&self, number: u32) -> &[u32] {
        if self.parts.is_empty() {
            return &[];
        }
        self.parts.get(&number).map_or(&[], Vec::as_slice)
    }

    /// The place of a word, or where it would stand.
    pub fn find(&self, word: &str) -> Result<usize, usize> {
        self.sorted.binary_search_by(|number| compare(self.table.get(*number), word))
    }
}

/// Reads all words of the notes.
pub fn read(book: &Book, notes: &[NoteId]) -> (Lexicon, Spoken) {
    let mut table = Table::default();
    let mut spoken = Spoken::default();
    spoken.words.reserve(notes.iter().map(|id| book.entry(*id).note.found_by.len()).sum());
    for (id, note) in notes.iter().enumerate() {
        let entry = book.entry(*note);
        spoken.words.extend(entry.note.found_by.iter().map(|word| table.number(word.text)));
        names(book, entry, |text, weight| {
            tokens(text, 0, |token| {
                let weight = if token.form == Form::Part { (weight / 2).max(1) } else { weight };
                spoken.beside.push((id as u32, table.number(token.text), weight));
            });
        });
    }
    let languages = &book.config.search.languages;
    let mut lexicon = group(table, &Stems::new(languages));
    if compounds::are_written(languages) {
        lexicon.take_apart(&spoken);
    }
    (lexicon, spoken)
}

/// The names by which a reader may know a note besides its own words, and what they count.
fn names(book: &Book, entry: &Entry, mut give: impl FnMut(&str, u32)) {
    let weight = u32::from(book.config.search.weights.tag);
    if weight == 0 {
        return;
    }
    let note = &entry.note;
    entry.tags.iter().for_each(|tag| give(&book.tags.get(*tag).name, weight));
    entry.team.iter().for_each(|team| give(&book.teams.get(*team).label, weight));
    entry.authors.iter().for_each(|author| give(&book.people.get(*author).label, weight));
    // Tickets that only its text names are words of that.
    note.front.list("tickets").iter().for_each(|ticket| give(&ticket.text, weight));
    let kind = book.config.kinds.by_name(&note.kind);
    kind.iter().for_each(|kind| give(&kind.label, weight));
    for key in ["status", "result"] {
        let word = note.front.text(key).and_then(|text| book.config.choice(&note.kind, key, text));
        word.iter().for_each(|word| give(&word.name, weight));
    }
    let path = note.path();
    give(path.rsplit_once('.').map_or(path, |(stem, _)| stem), weight);
}

/// Sorts the words and finds which belong together.
fn group(table: Table, stems: &Stems) -> Lexicon {
    let mut sorted: Vec<u32> = (0..table.len() as u32).collect();
    sorted.sort_unstable_by(|a, b| compare(table.get(*a), table.get(*b)));
    let mut known = Table::default();
    let mut homes = Vec::new();
    let mut group_of_number = vec![0; sorted.len()];
    let groups: Vec<u32> = sorted
        .iter()
        .enumerate()
        .map(|(at, number)| {
            // The first word of a stem in the order is the group's home.
            let group = known.number(&stems.stem(table.get(*number)));
            if group as usize == homes.len() {
                homes.push(at as u32);
            }
            group_of_number[*number as usize] = group;
            group
        })
        .collect();
    Lexicon { table, sorted, groups, homes, group_of_number, parts: HashMap::new() }
}

impl Lexicon {
    /// Finds the compounds. A word of one note alone may be a slip and is no part.
    fn take_apart(&mut self, spoken: &Spoken) {
        let mut notes = vec![0u32; self.table.len()];
        spoken.words.iter().for_each(|number| notes[*number as usize] += 1);
        for number in 0..self.table.len() as u32 {
            let found = compounds::parts(self.table.get(number), &self.table, |part| notes[part as usize] > 1);
            if !found.is_empty() {
                let groups = found.into_iter().map(|part| self.group_of_number[part as usize]).collect();
                self.parts.insert(number, groups);
            }
        }
    }
}

/// The order of JavaScript's texts, which is that of their UTF-16 units.
pub fn compare(a: &str, b: &str) -> Ordering {
    // Bytes have the same order but for what UTF-16 writes with surrogates, which begin with 0xd8.
    let differs = a.bytes().zip(b.bytes()).find(|(a, b)| a != b);
    match differs {
        Some((a, b)) if a < 0xee || b < 0xee => a.cmp(&b),
        Some(_) => a.encode_utf16().cmp(b.encode_utf16()),
        None => a.len().cmp(&b.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_utf_16() {
        let words =
            ["", "a", "ab", "b", "é", "ガ", "日本", "\u{e000}", "\u{ffdc}", "\u{fa0e}x", "𠮷", "𠮷野", "\u{10ffff}"];
        for a in words {
            for b in words {
                assert_eq!(compare(a, b), a.encode_utf16().cmp(b.encode_utf16()), "{a} {b}");
            }
        }
    }

    #[test]
    fn forms_of_a_word_share_a_home() {
        let mut table = Table::default();
        for word in ["labels", "market", "label", "zoo", "markets"] {
            table.number(word);
        }
        let lexicon = group(table, &Stems::new(&["en".to_owned()]));
        let shown: Vec<(&str, &str)> =
            (0..lexicon.len()).map(|at| (lexicon.word(at), lexicon.word(lexicon.home(lexicon.group(at))))).collect();
        assert_eq!(
            shown,
            [("label", "label"), ("labels", "label"), ("market", "market"), ("markets", "market"), ("zoo", "zoo")]
        );
        assert_eq!((lexicon.find("market"), lexicon.find("mark"), lexicon.group_of(0)), (Ok(2), Err(2), 0));
    }
}
