//! The notes of each word.

use super::lexicon::{Lexicon, Spoken};
use super::rank;
use crate::book::{Book, NoteId};
use crate::note::words::{BESIDE, Word, put_number, put_positions, take_positions};

/// For each group of words its notes, and what the word is to each.
#[derive(Debug)]
pub struct Postings {
    /// Where each group's notes begin in the two lists below; one more than there are groups.
    starts: Vec<u32>,
    notes: Vec<u32>,
    /// The level in the upper four bits, the section in the lower.
    marks: Vec<u8>,
    /// Where each group's positions begin; one more than there are groups.
    position_starts: Vec<usize>,
    positions: Vec<u8>,
    /// The average length of a note, rounded, in sixteenths.
    pub average: u64,
}

impl Postings {
    /// In how many notes a group's words stand.
    pub fn df(&self, group: usize) -> usize {
        (self.starts[group + 1] - self.starts[group]) as usize
    }

    /// The notes of a group, ascending.
    pub fn notes(&self, group: usize) -> &[u32] {
        &self.notes[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// For each note of a group: the [level](rank::level) in the upper four bits, and in the lower the
    /// [section](Word::section).
    pub fn marks(&self, group: usize) -> &[u8] {
        &self.marks[self.starts[group] as usize..self.starts[group + 1] as usize]
    }

    /// For each note of a group the number of its positions and their differences, as
    /// [`put_number`] writes them.
    pub fn positions(&self, group: usize) -> &[u8] {
        &self.positions[self.position_starts[group]..self.position_starts[group + 1]]
    }
}

/// One group in one note, from one or more of its words.
#[derive(Clone, Copy)]
struct Found<'w> {
    group: u32,
    weight: u32,
    /// The word that counts most, and the section that it counts most in.
    most: u32,
    section: u8,
    positions: &'w [u8],
    /// More words of the group have positions: see [`Merge::more`].
    merged: bool,
}

/// Brings together the words of a note that belong to one group.
struct Merge<'w> {
    /// For each group its place in `found`, plus 1; 0 where it is not there.
    places: Vec<u32>,
    found: Vec<Found<'w>>,
    /// Positions of further words of a group.
    more: Vec<(u32, &'w [u8])>,
}

impl<'w> Merge<'w> {
    fn add(&mut self, group: usize, word: Word<'w>) {
        let place = &mut self.places[group];
        match place.checked_sub(1) {
            None => {
                let group = group as u32;
                let Word { weight, section, positions, .. } = word;
                self.found.push(Found { group, weight, most: weight, section, positions, merged: false });
                *place = self.found.len() as u32;
            }
            Some(at) => {
                let found = &mut self.found[at as usize];
                found.weight = found.weight.saturating_add(word.weight);
                // What stands in a text says where to look; a title says it is about that.
                let rank = |section| (section != BESIDE, section == crate::note::words::TITLE);
                if (rank(word.section), word.weight) > (rank(found.section), found.most) {
                    (found.section, found.most) = (word.section, word.weight);
                }
                if found.positions.is_empty() {
                    found.positions = word.positions;
                } else if !word.positions.is_empty() {
                    found.merged = true;
                    self.more.push((group as u32, word.positions));
                }
            }
        }
    }

    /// The bytes that [`Merge::put_positions`] writes.
    fn positions_len(&self, found: &Found<'_>, scratch: &mut Vec<u8>) -> usize {
        if !found.merged {
            let count = count_of(found.positions);
            return found.positions.len() + if count < 0x80 { 1 } else { 1 + count.ilog2() as usize / 7 };
        }
        scratch.clear();
        self.put_positions(found, scratch);
        scratch.len()
    }

    /// The positions of a group in this note: how many, and their differences.
    fn put_positions(&self, found: &Found<'_>, bytes: &mut Vec<u8>) {
        if !found.merged {
            put_number(bytes, count_of(found.positions));
            return bytes.extend_from_slice(found.positions);
        }
        let others = self.more.iter().filter(|(group, _)| *group == found.group).flat_map(|(_, p)| take_positions(p));
        let mut all: Vec<u32> = take_positions(found.positions).chain(others).collect();
        all.sort_unstable();
        all.dedup();
        put_number(bytes, all.len() as u32);
        put_positions(bytes, all.into_iter());
    }

    fn clear(&mut self) {
        self.found.iter().for_each(|found| self.places[found.group as usize] = 0);
        self.found.clear();
        self.more.clear();
    }
}

/// How many positions there are: as many as bytes that end a number.
fn count_of(positions: &[u8]) -> u32 {
    positions.iter().filter(|byte| **byte < 0x80).count() as u32
}

/// Reads the notes, in the order of the index, twice: to count, and to write each posting to its place.
pub fn assemble(book: &Book, notes: &[NoteId], lexicon: &Lexicon, spoken: &Spoken) -> Postings {
    let groups = lexicon.group_count();
    let total: u64 = notes.iter().map(|id| u64::from(book.entry(*id).note.found_by.length())).sum();
    let average = rank::round_length(total / notes.len().max(1) as u64);
    let mut merge = Merge { places: vec![0; groups], found: Vec::new(), more: Vec::new() };

    let mut starts = vec![0u32; groups + 1];
    let mut position_starts = vec![0usize; groups + 1];
    let mut scratch = Vec::new();
    each_note(book, notes, lexicon, spoken, &mut merge, |_, merge| {
        for found in &merge.found {
            starts[found.group as usize + 1] += 1;
            position_starts[found.group as usize + 1] += merge.positions_len(found, &mut scratch);
        }
    });
    for group in 0..groups {
        starts[group + 1] += starts[group];
        position_starts[group + 1] += position_starts[group];
    }

    let count = starts[groups] as usize;
    let (mut note_of, mut marks) = (vec![0u32; count], vec![0u8; count]);
    let mut positions = vec![0u8; position_starts[groups]];
    let (mut next, mut next_position) = (starts.clone(), position_starts.clone());
    each_note(book, notes, lexicon, spoken, &mut merge, |id, merge| {
        let length = rank::round_length(u64::from(book.entry(notes[id]).note.found_by.length()));
        for found in &merge.found {
            let group = found.group as usize;
            let weight = rank::normalised(f64::from(found.weight) / 16.0, length as f64, average as f64);
            let at = next[group] as usize;
            next[group] += 1;
            note_of[at] = id as u32;
            marks[at] = rank::level(weight) << 4 | found.section;
            scratch.clear();
            merge.put_positions(found, &mut scratch);
            let from = next_position[group];
            next_position[group] += scratch.len();
            positions[from..from + scratch.len()].copy_from_slice(&scratch);
        }
    });
    Postings { starts, notes: note_of, marks, position_starts, positions, average }
}

/// Hands over the groups of each note.
fn each_note<'b>(
    book: &'b Book,
    notes: &[NoteId],
    lexicon: &Lexicon,
    spoken: &Spoken,
    merge: &mut Merge<'b>,
    mut take: impl FnMut(usize, &Merge<'b>),
) {
    let mut words = spoken.words.iter();
    let mut beside = spoken.beside.iter().peekable();
    for (id, note) in notes.iter().enumerate() {
        for (word, number) in book.entry(*note).note.found_by.iter().zip(words.by_ref()) {
            merge.add(lexicon.group_of(*number), word);
            for part in lexicon.parts(*number) {
                // Half of what the word itself counts, and no place of its own.
                merge.add(*part as usize, Word { weight: word.weight.div_ceil(2), positions: &[], ..word });
            }
        }
        while let Some((_, number, weight)) = beside.next_if(|(of, ..)| *of as usize == id) {
            let word = Word { text: "", weight: *weight, section: BESIDE, positions: &[] };
            merge.add(lexicon.group_of(*number), word);
        }
        take(id, merge);
        merge.clear();
    }
}
