//! Texts and their numbers.

use std::hash::{BuildHasher, RandomState};

/// Numbers the different texts that it is given, from 0 in the order of their first appearance. All
/// of them lie in one string. The hash has a seed of its own in every table, so that no author can
/// choose texts that collide; the numbers do not depend on it.
#[derive(Debug)]
pub struct Table {
    text: String,
    /// Where each text ends.
    ends: Vec<u32>,
    /// Open addressing: a hash and a number plus 1, or zeros. The length is a power of two, at least
    /// twice that of `ends`.
    slots: Vec<(u32, u32)>,
    seed: u64,
}

impl Default for Table {
    fn default() -> Self {
        let seed = RandomState::new().hash_one(0u8) | 1;
        Table { text: String::new(), ends: Vec::new(), slots: vec![(0, 0); 64], seed }
    }
}

impl Table {
    /// The text's number, which is a new one if it is new.
    pub fn number(&mut self, text: &str) -> u32 {
        let hash = self.hash(text);
        match self.slot(hash, text) {
            Ok(number) => number,
            Err(slot) => {
                let number = self.ends.len() as u32;
                self.text.push_str(text);
                self.ends.push(self.text.len() as u32);
                self.slots[slot] = (hash, number + 1);
                if self.ends.len() * 2 > self.slots.len() {
                    self.grow();
                }
                number
            }
        }
    }

    /// The number of a text that is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.slot(self.hash(text), text).ok()
    }

    /// The text of a number that this table has given.
    pub fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[from..self.ends[at] as usize]
    }

    /// All texts, one after the other.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all texts and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.slots.fill((0, 0));
    }

    /// Eight bytes at a time, each mixed with the seed by a multiplication of double width.
    fn hash(&self, text: &str) -> u32 {
        let mix = |state: u64, word: u64| {
            let product = u128::from(state ^ word) * u128::from(self.seed);
            (product as u64) ^ (product >> 64) as u64
        };
        let (chunks, rest) = text.as_bytes().as_chunks::<8>();
        let state = chunks
            .iter()
            .fold(self.seed.rotate_left(32) ^ text.len() as u64, |state, chunk| mix(state, u64::from_le_bytes(*chunk)));
        let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let state = mix(state, last);
        (state ^ state >> 32) as u32
    }

    /// The number of a text, or the slot where it would go.
    fn slot(&self, hash: u32, text: &str) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (known, number) = self.slots[slot];
            let Some(number) = number.checked_sub(1) else { return Err(slot) };
            if known == hash && self.get(number) == text {
                return Ok(number);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let length = self.slots.len() * 4;
        let old = std::mem::replace(&mut self.slots, vec![(0, 0); length]);
        for (hash, number) in old.into_iter().filter(|(_, number)| *number > 0) {
            let mut slot = hash as usize & (length - 1);
            while self.slots[slot].1 != 0 {
                slot = (slot + 1) & (length - 1);
            }
            self.slots[slot] = (hash, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_first_appearance() {
        let mut table = Table::default();
        let words: Vec<String> = (0..5_000).map(|n| format!("word{}", n % 1_999)).collect();
        for (at, word) in words.iter().enumerate() {
            assert_eq!(table.number(word), (at % 1_999) as u32);
        }
        assert_eq!(
            (table.len(), table.get(1_998), table.find("word7"), table.find("word")),
            (1_999, "word1998", Some(7), None)
        );
        table.clear();
        assert_eq!((table.is_empty(), table.find("word7"), table.number("")), (true, None, 0));
    }
}
