//! Fingerprints, and the one form of memory between builds: a memo that maps a key to a value
//! made from an input with a known fingerprint.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::parallel;

/// 128 bits of BLAKE3: equal fingerprints mean equal inputs, also against people who try.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 16]);

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write(&self.0);
    }
}

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

/// Remembers, for each key, the value made from an input.
///
/// The contract: `compute` is a function of the input alone, and `is_made_from` holds only where it
/// would give that value again. Then a memo never changes a result, only the time it takes.
#[derive(Debug)]
pub struct Memo<K, V> {
    /// Sorted by key.
    entries: Vec<(K, Arc<V>)>,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo { entries: Vec::new() }
    }
}

impl<K: Ord + Clone, V: Send + Sync> Memo<K, V> {
    /// The values for `inputs`, which are in the order of their keys, each key once. Misses are
    /// computed in parallel; keys that are not among the inputs are forgotten.
    pub fn refresh<I: Sync>(
        &mut self,
        inputs: &[I],
        key: impl Fn(&I) -> &K,
        is_made_from: impl Fn(&V, &I) -> bool,
        compute: impl Fn(&I) -> V + Sync + Send,
    ) -> (Vec<Arc<V>>, Work) {
        let mut known = std::mem::take(&mut self.entries).into_iter().peekable();
        let mut values: Vec<Option<(K, Arc<V>)>> = Vec::with_capacity(inputs.len());
        for input in inputs {
            let key = key(input);
            // Most keys are those of the last time: equality is asked for first, and is cheaper.
            while known.next_if(|(known, _)| known != key && known < key).is_some() {}
            values.push(known.next_if(|(known, _)| known == key).filter(|(_, value)| is_made_from(value, input)));
        }
        let missing: Vec<&I> =
            inputs.iter().zip(&values).filter(|(_, v)| v.is_none()).map(|(input, _)| input).collect();
        let mut computed = parallel::map(&missing, |input| Arc::new(compute(input))).into_iter();
        let work = Work { asked: inputs.len(), done: missing.len() };
        let made = inputs
            .iter()
            .zip(values)
            .filter_map(|(input, value)| value.or_else(|| Some((key(input).clone(), computed.next()?))));
        self.entries = made.collect();
        (self.entries.iter().map(|(_, value)| value.clone()).collect(), work)
    }
}

/// A map by fingerprints, which are as good as any hash of them.
pub type FingerprintMap<V> = HashMap<Fingerprint, V, BuildHasherDefault<Head>>;

/// Takes the first bytes of a fingerprint for its hash.
#[derive(Debug, Default)]
pub struct Head(u64);

impl Hasher for Head {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(0, |head| u64::from_le_bytes(*head));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_inputs_are_computed_and_absent_keys_are_forgotten() {
        let mut memo: Memo<&str, String> = Memo::default();
        let run = |memo: &mut Memo<&'static str, String>, inputs: &[(&'static str, &str)]| {
            let made = |(k, v): &(&str, &str)| format!("{k}={v}");
            let (values, work) = memo.refresh(inputs, |(k, _)| k, |value, input| *value == made(input), made);
            (values.iter().map(|v| v.as_str().to_owned()).collect::<Vec<_>>().join(" "), work.done)
        };
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "2")]), ("a=1 b=2".into(), 2));
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "3")]), ("a=1 b=3".into(), 1));
        assert_eq!(run(&mut memo, &[("b", "3")]), ("b=3".into(), 0));
        assert_eq!(run(&mut memo, &[("a", "1"), ("b", "3"), ("c", "4")]), ("a=1 b=3 c=4".into(), 2));
        assert_eq!(run(&mut memo, &[("a", "0"), ("c", "4")]), ("a=0 c=4".into(), 1));
        assert_eq!(run(&mut memo, &[]), (String::new(), 0));
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
