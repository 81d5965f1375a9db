//! Fingerprints, and the one form of memory between builds: a memo that maps a key to a value
//! made from an input with a known fingerprint.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::parallel;

/// 128 bits of BLAKE3: equal fingerprints mean equal inputs, also against people who try.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::cut(blake3::hash(bytes))
    }

    /// The fingerprint of a value, by its `Hash`.
    pub fn of<T: Hash + ?Sized>(value: &T) -> Self {
        let mut hasher = Fingerprinter::default();
        value.hash(&mut hasher);
        hasher.fingerprint()
    }

    /// The first `digits` hexadecimal digits, for content-addressed names.
    pub fn short(&self, digits: usize) -> String {
        let mut text = self.to_string();
        text.truncate(digits);
        text
    }

    fn cut(hash: blake3::Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Fingerprint(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
        self.0.iter().try_for_each(|byte| {
            f.write_char(digit(byte >> 4))?;
            f.write_char(digit(byte & 15))
        })
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A [`Hasher`] that ends in a [`Fingerprint`]. Writes are gathered before they reach BLAKE3, which
/// is slow on single words and fastest on eight of its blocks of 1,024 bytes at once. Integers are written little-endian
/// so that a fingerprint is the same on every machine.
pub struct Fingerprinter {
    inner: blake3::Hasher,
    buffer: Vec<u8>,
}

impl Default for Fingerprinter {
    fn default() -> Self {
        Fingerprinter { inner: blake3::Hasher::new(), buffer: Vec::with_capacity(Self::BUFFERED) }
    }
}

impl Fingerprinter {
    const BUFFERED: usize = 8 * 1024;

    /// The fingerprint of all that was written.
    pub fn fingerprint(mut self) -> Fingerprint {
        self.inner.update(&self.buffer);
        Fingerprint::cut(self.inner.finalize())
    }
}

impl Hasher for Fingerprinter {
    fn write(&mut self, mut bytes: &[u8]) {
        while self.buffer.len() + bytes.len() > Self::BUFFERED {
            let (head, rest) = bytes.split_at(Self::BUFFERED - self.buffer.len());
            self.buffer.extend_from_slice(head);
            self.inner.update(&self.buffer);
            self.buffer.clear();
            bytes = rest;
        }
        self.buffer.extend_from_slice(bytes);
    }

    fn write_u16(&mut self, n: u16) {
        self.write(&n.to_le_bytes());
    }
    fn write_u32(&mut self, n: u32) {
        self.write(&n.to_le_bytes());
    }
    fn write_u64(&mut self, n: u64) {
        self.write(&n.to_le_bytes());
    }
    fn write_usize(&mut self, n: usize) {
        self.write(&(n as u64).to_le_bytes());
    }

    /// Only the first 64 bits: [`Fingerprinter::fingerprint`] gives all.
    fn finish(&self) -> u64 {
        let mut inner = self.inner.clone();
        inner.update(&self.buffer);
        let hash = inner.finalize();
        u64::from_le_bytes(std::array::from_fn(|i| hash.as_bytes()[i]))
    }
}

/// How much of a stage's work was remembered and how much was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Values asked for.
    pub asked: usize,
    /// Values computed, because the key was new or its input had changed.
    pub done: usize,
}

/// Remembers, for each key, the value made from the input with the given fingerprint.
///
/// The contract: `compute` is a function of the key and the input alone, and equal inputs have
/// equal fingerprints. Then a memo never changes a result, only the time it takes.
#[derive(Debug)]
pub struct Memo<K, V> {
    entries: HashMap<K, (Fingerprint, Arc<V>)>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo { entries: HashMap::new() }
    }
}

impl<K: Hash + Eq + Clone + Send + Sync, V: Send + Sync> Memo<K, V> {
    /// The values for `inputs`, in their order. Misses are computed in parallel; keys that are
    /// not among the inputs are forgotten.
    pub fn refresh<I: Sync>(
        &mut self,
        inputs: &[I],
        key: impl Fn(&I) -> (K, Fingerprint) + Sync + Send,
        compute: impl Fn(&I) -> V + Sync + Send,
    ) -> (Vec<Arc<V>>, Work) {
        let old = std::mem::take(&mut self.entries);
        let entries: Vec<(K, Fingerprint, Arc<V>, bool)> = parallel::map(inputs, |input| {
            let (key, fingerprint) = key(input);
            match old.get(&key) {
                Some((known, value)) if *known == fingerprint => (key, fingerprint, value.clone(), false),
                _ => (key, fingerprint, Arc::new(compute(input)), true),
            }
        });
        let work = Work { asked: entries.len(), done: entries.iter().filter(|entry| entry.3).count() };
        let values = entries.iter().map(|entry| entry.2.clone()).collect();
        self.entries = entries.into_iter().map(|(key, fingerprint, value, _)| (key, (fingerprint, value))).collect();
        (values, work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_inputs_are_computed_and_absent_keys_are_forgotten() {
        let mut memo: Memo<&str, String> = Memo::default();
        let run = |memo: &mut Memo<&'static str, String>, inputs: &[(&'static str, &str)]| {
            let (values, work) =
                memo.refresh(inputs, |(k, v)| (*k, Fingerprint::of_bytes(v.as_bytes())), |(k, v)| format!("{k}={v}"));
            (values.iter().map(|v| v.as_str().to_owned()).collect::<Vec<_>>(), work.done)
        };
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "2")]), (vec!["a=1".into(), "b=2".into()], 2));
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "3")]), (vec!["a=1".into(), "b=3".into()], 1));
        assert_eq!(run(&mut memo, &[("b", "3")]).1, 0);
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "3")]).1, 1);
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_how_the_bytes_were_cut() {
        let bytes: Vec<u8> = (0..20_000u32).map(|n| n as u8).collect();
        let whole = {
            let mut h = Fingerprinter::default();
            h.write(&bytes);
            h.fingerprint()
        };
        for size in [1, 7, 500, 513, 1024, 1025, 8192, 8193, 19_999] {
            let mut h = Fingerprinter::default();
            bytes.chunks(size).for_each(|chunk| h.write(chunk));
            assert_eq!(h.fingerprint(), whole, "chunks of {size}");
        }
        assert_eq!(whole, Fingerprint::of_bytes(&bytes));
    }
}
