//! How sorted words are shared out among files: by their beginnings, so that what one edit adds or
//! takes away moves words of one file only.

use std::ops::Range;

/// A run of words in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// No word of the shard is smaller, and no word of an earlier one is as large. Empty for the first shard.
    pub start: String,
    /// The words, by their place in the order.
    pub words: Range<usize>,
}

/// Shares out sorted words. All words with a common beginning are one shard if they fit into `target`
/// bytes; else they are shared out by their next character, and neighbours that fit together stay together.
pub fn share_out<'w>(
    count: usize,
    word: impl Fn(usize) -> &'w str,
    bytes: impl Fn(usize) -> u64,
    target: u64,
) -> Vec<Shard> {
    let mut sums = Vec::with_capacity(count + 1);
    sums.push(0);
    let mut sum = 0;
    for at in 0..count {
        sum += bytes(at);
        sums.push(sum);
    }
    let mut trie = Trie { word, sums, target, shards: Vec::new() };
    if count > 0 {
        trie.share(0..count, 0);
    }
    if let Some(first) = trie.shards.first_mut() {
        first.start.clear();
    }
    trie.shards
}

struct Trie<F> {
    word: F,
    /// Bytes of all words before each.
    sums: Vec<u64>,
    target: u64,
    shards: Vec<Shard>,
}

impl<'w, F: Fn(usize) -> &'w str> Trie<F> {
    fn size(&self, words: &Range<usize>) -> u64 {
        self.sums[words.end] - self.sums[words.start]
    }

    /// Shares out words that have their first `prefix` bytes in common.
    fn share(&mut self, words: Range<usize>, prefix: usize) {
        if self.size(&words) <= self.target || words.len() == 1 {
            return self.push(words, prefix);
        }
        // Those that are gathered, and where the beginning of the first of them ends.
        let mut gathered: Option<(Range<usize>, usize)> = None;
        let mut at = words.start;
        while at < words.end {
            let (child, end) = self.child(at..words.end, prefix);
            at = child.end;
            match &mut gathered {
                Some((before, _)) if self.sums[child.end] - self.sums[before.start] <= self.target => {
                    before.end = child.end;
                    continue;
                }
                _ => {}
            }
            if let Some((before, end)) = gathered.take() {
                self.push(before, end);
            }
            match self.size(&child) > self.target {
                true => self.share(child, end),
                false => gathered = Some((child, end)),
            }
        }
        if let Some((before, end)) = gathered {
            self.push(before, end);
        }
    }

    /// The first words that have one more character in common, and the bytes of that beginning.
    fn child(&self, words: Range<usize>, prefix: usize) -> (Range<usize>, usize) {
        let first = (self.word)(words.start);
        let end = prefix + first[prefix..].chars().next().map_or(0, char::len_utf8);
        if end == prefix {
            return (words.start..words.start + 1, prefix);
        }
        let beginning = &first[..end];
        let mut last = words.start + 1;
        let mut step = 1;
        // Galloping: most beginnings are those of few words.
        while last < words.end && (self.word)(last).starts_with(beginning) {
            last = (last + step).min(words.end);
            step *= 2;
        }
        let (mut low, mut high) = (words.start + 1, last);
        while low < high {
            let middle = low.midpoint(high);
            match (self.word)(middle).starts_with(beginning) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (words.start..low, end)
    }

    fn push(&mut self, words: Range<usize>, prefix: usize) {
        let start = (self.word)(words.start)[..prefix].to_owned();
        self.shards.push(Shard { start, words });
    }
}

/// The shard that holds a word, if any does.
pub fn find(shards: &[Shard], word: &str) -> usize {
    let after = shards.partition_point(|shard| super::lexicon::compare(&shard.start, word).is_le());
    after.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(count: usize) -> Vec<String> {
        let syllables = ["ka", "lo", "mi", "nu", "re", "s", "to", "wa", "é", "本"];
        let mut words: Vec<String> = (0..count)
            .map(|n| [n % 10, n / 10 % 10, n / 100 % 10, n / 1000].iter().map(|at| syllables[at % 10]).collect())
            .collect();
        words.sort_by(|a, b| super::super::lexicon::compare(a, b));
        words.dedup();
        words
    }

    fn share(words: &[String], target: u64) -> Vec<Shard> {
        share_out(words.len(), |at| words[at].as_str(), |at| words[at].len() as u64, target)
    }

    #[test]
    fn every_word_is_in_the_shard_where_it_is_looked_for() {
        for (count, target) in [(0, 10), (1, 1), (50, 40), (3_000, 400), (3_000, 1)] {
            let words = words(count);
            let shards = share(&words, target);
            let mut next = 0;
            for shard in &shards {
                assert_eq!(shard.words.start, next);
                next = shard.words.end;
            }
            assert_eq!(next, words.len());
            for (at, word) in words.iter().enumerate() {
                assert!(shards[find(&shards, word)].words.contains(&at), "{word}");
            }
        }
    }

    #[test]
    fn one_more_word_changes_few_shards() {
        let mut words = words(3_000);
        let texts = |words: &[String]| -> Vec<String> {
            share(words, 400).into_iter().map(|shard| words[shard.words].join(" ")).collect()
        };
        let before = texts(&words);
        assert!(before.len() > 40);
        for at in (0..words.len()).step_by(97) {
            let added = format!("{}x", words[at]);
            words.insert(
                words.binary_search_by(|word| super::super::lexicon::compare(word, &added)).unwrap_err(),
                added.clone(),
            );
            let changed = texts(&words).iter().filter(|text| !before.contains(text)).count();
            assert!(changed <= 2, "{added}: {changed}");
            words.retain(|word| *word != added);
        }
    }
}
