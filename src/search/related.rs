//! Words that often stand beside one another, to suggest the next query: positive pointwise mutual
//! information (Church, Hanks 1990) of the words that tell most of each note, times the logarithm of
//! how many notes have both, since few notes prove little.

use super::lexicon::Lexicon;
use super::postings::Postings;
use super::rank;

/// Words that stand for a note.
const TELLING: usize = 12;
/// Notes that have to have both words.
const LEAST: u32 = 3;
/// Words that are given for one.
const GIVEN: usize = 5;

/// For each group that has any, in their order, the groups that often stand beside it, the nearest first.
pub fn gather(lexicon: &Lexicon, postings: &Postings, notes: usize) -> Vec<(usize, Vec<usize>)> {
    // Changes seldom, so that one more note does not change every list.
    let rounded = notes.next_power_of_two();
    let is_word = |group: usize| {
        let word = lexicon.word(lexicon.home(group));
        word.len() > 2 && word.chars().all(|c| c.is_alphabetic() && !('\u{e00}'..'\u{a000}').contains(&c))
    };
    // For each note the words that tell most: their worth and their groups, the least first.
    let mut telling: Vec<Vec<(f32, u32)>> = vec![Vec::new(); notes];
    for group in 0..lexicon.group_count() {
        let df = postings.df(group);
        if df < LEAST as usize || df * 10 > notes.max(40) || !is_word(group) {
            continue;
        }
        let tells = rank::idf(rounded, df);
        for (note, mark) in postings.notes(group).iter().zip(postings.marks(group)) {
            let worth = (tells * rank::IMPACTS[usize::from(mark >> 4)]) as f32;
            let best = &mut telling[*note as usize];
            if best.len() == TELLING && worth <= best[0].0 {
                continue;
            }
            if best.len() == TELLING {
                best.remove(0);
            }
            let at = best.partition_point(|(other, _)| *other <= worth);
            best.insert(at, (worth, group as u32));
        }
    }
    let mut counts = vec![0u32; lexicon.group_count()];
    let mut pairs: Vec<u64> = Vec::with_capacity(notes * TELLING * (TELLING - 1) / 2);
    for best in &telling {
        for (at, (_, a)) in best.iter().enumerate() {
            counts[*a as usize] += 1;
            for (_, b) in &best[at + 1..] {
                let (low, high) = (a.min(b), a.max(b));
                pairs.push(u64::from(*low) << 32 | u64::from(*high));
            }
        }
    }
    pairs.sort_unstable();
    let mut beside: Vec<(u32, f64, u32)> = Vec::new();
    for same in pairs.chunk_by(|a, b| a == b) {
        let (low, high) = ((same[0] >> 32) as u32, same[0] as u32);
        let both = same.len() as f64;
        let expected = f64::from(counts[low as usize]) * f64::from(counts[high as usize]) / rounded as f64;
        if same.len() >= LEAST as usize && both > expected {
            let worth = rank::ln(both / expected) * rank::ln(both);
            beside.extend([(low, worth, high), (high, worth, low)]);
        }
    }
    beside.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let lists = beside.chunk_by(|a, b| a.0 == b.0);
    lists
        .map(|list| (list[0].0 as usize, list.iter().take(GIVEN).map(|(.., other)| *other as usize).collect()))
        .collect()
}
