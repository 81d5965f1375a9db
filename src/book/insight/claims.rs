//! Every hypothesis of the book with what came out, and which of them were asked before.
//!
//! Two hypotheses are near when they share words that few others have: the weight of the shared words
//! over the weight of all their words (Jaccard's measure, weighted by inverse frequency) is at least
//! [`NEAR`]. Only those are compared that share one of a hypothesis's rarest words, so the cost is
//! linear in their number.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Ground, text};
use crate::book::{Entry, NoteId};
use crate::config::{Choice, FieldType, Tone};
use crate::date::Date;
use crate::note::items::Learning;
use crate::text::fold;

/// From this measure on two hypotheses are near.
const NEAR: f64 = 0.45;
/// The rarest words by which near ones are looked for, and hypotheses with one of them that are looked at.
const RAREST: usize = 8;
const LOOKED_AT: usize = 48;
/// Near ones that are kept of one.
const KEPT: usize = 3;

/// A hypothesis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The note that it stands in.
    pub note: NoteId,
    /// Which of the note's learnings it is; none where it is the note's own.
    pub learning: Option<usize>,
    /// The word for what came out, and how it looks; none while it is open.
    pub result: Option<(String, Tone)>,
    /// The note's date.
    pub date: Option<Date>,
    /// Earlier hypotheses that are near, the nearest first: indices into the list of claims.
    pub asked_before: Vec<usize>,
}

impl Claim {
    /// What is believed.
    pub fn hypothesis<'b>(&self, notes: &'b [Arc<Entry>]) -> &'b str {
        let entry = &notes[self.note.index()];
        let learning = self.learning.and_then(|index| entry.note.items.learnings.get(index));
        match learning {
            Some(Learning { hypothesis: Some(piece), .. }) => &piece.text,
            _ => text(entry, "hypothesis").unwrap_or(""),
        }
    }
}

/// Every hypothesis, the newest note's first.
pub fn gather(ground: Ground<'_>) -> Vec<Claim> {
    let results: &[Choice] = match ground.config.schema.field("result").map(|field| &field.ty) {
        Some(FieldType::Choice(choices)) => choices,
        _ => &[],
    };
    let mut claims = Vec::new();
    for (id, entry) in ground.listed() {
        let result = |written: Option<&str>| {
            written.and_then(|written| Choice::find(results, written)).map(|choice| (choice.name.clone(), choice.tone))
        };
        let mut claim = |learning, written| {
            claims.push(Claim {
                note: id,
                learning,
                result: result(written),
                date: entry.date,
                asked_before: Vec::new(),
            });
        };
        if text(entry, "hypothesis").is_some() {
            claim(None, text(entry, "result"));
        }
        for (index, learning) in entry.note.items.learnings.iter().enumerate() {
            if learning.hypothesis.is_some() {
                claim(Some(index), learning.result.as_deref());
            }
        }
    }
    let index = Index::new(claims.iter().map(|claim| claim.hypothesis(ground.notes)));
    let before: Vec<Vec<usize>> = (0..claims.len()).map(|at| asked_before(ground, &claims, &index, at)).collect();
    for (claim, before) in claims.iter_mut().zip(before) {
        claim.asked_before = before;
    }
    claims
}

/// Earlier hypotheses near one, of notes that don't tell the same story: a learning repeats the
/// hypothesis of its experiment.
fn asked_before(ground: Ground<'_>, claims: &[Claim], index: &Index, at: usize) -> Vec<usize> {
    let claim = &claims[at];
    let entry = ground.entry(claim.note);
    let linked = LazyCell::new(|| entry.linked_notes());
    let mut near: Vec<(usize, f64)> = index
        .near(&index.words[at], Measure::Both)
        .filter(|(other, score)| {
            let earlier = &claims[*other];
            let told_together = || {
                earlier.note == claim.note
                    || linked.contains(&earlier.note)
                    || entry.tickets.iter().any(|ticket| ground.entry(earlier.note).tickets.contains(ticket))
            };
            *score >= NEAR && earlier.date < claim.date && !told_together()
        })
        .collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    near.into_iter().take(KEPT).map(|(other, _)| other).collect()
}

/// What a measure of nearness is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// The words of both texts.
    Both,
    /// The words of the one that is asked with.
    Asked,
}

/// Texts by their words.
#[derive(Debug)]
pub struct Index {
    numbers: HashMap<String, u32>,
    /// For each word the texts that have it, in order.
    texts: Vec<Vec<u32>>,
    /// For each text its words, sorted, each once.
    words: Vec<Vec<u32>>,
}

impl Index {
    /// Of some texts.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        let mut index = Index { numbers: HashMap::new(), texts: Vec::new(), words: Vec::new() };
        for (at, text) in texts.enumerate() {
            let mut words: Vec<u32> = Vec::new();
            for word in significant(text) {
                let next = index.texts.len() as u32;
                let number = *index.numbers.entry(word).or_insert(next);
                if number == next {
                    index.texts.push(Vec::new());
                }
                words.push(number);
            }
            words.sort_unstable();
            words.dedup();
            for word in &words {
                index.texts[*word as usize].push(at as u32);
            }
            index.words.push(words);
        }
        index
    }

    /// The texts nearest to a question, best first: those that share a good part of its words.
    pub fn ask(&self, question: &str, most: usize) -> Vec<(usize, f64)> {
        let mut words: Vec<u32> = significant(question).filter_map(|word| self.numbers.get(&word).copied()).collect();
        words.sort_unstable();
        words.dedup();
        let mut found: Vec<(usize, f64)> =
            self.near(&words, Measure::Asked).filter(|(_, score)| *score >= 0.34).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(most);
        found
    }

    /// The text that shares most with what somebody says at length; none where none shares anything.
    pub fn best(&self, says: &str) -> Option<usize> {
        let words: Vec<u32> = significant(says).filter_map(|word| self.numbers.get(&word).copied()).collect();
        let shared = |text: &Vec<u32>| {
            text.iter().filter(|word| words.contains(word)).map(|word| self.weight(*word)).sum::<f64>()
        };
        let scores = self.words.iter().map(shared).enumerate();
        let best = scores.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        (best.1 > 0.0).then_some(best.0)
    }

    /// What a word says: the more, the fewer texts have it.
    fn weight(&self, word: u32) -> f64 {
        (1.0 + self.words.len() as f64 / self.texts[word as usize].len() as f64).ln()
    }

    fn near<'i>(&'i self, words: &'i [u32], measure: Measure) -> impl Iterator<Item = (usize, f64)> + 'i {
        let mut rarest = words.to_vec();
        rarest.sort_by_key(|word| (self.texts[*word as usize].len(), *word));
        rarest.truncate(RAREST);
        let mut others: Vec<u32> =
            rarest.iter().flat_map(|word| self.texts[*word as usize].iter().take(LOOKED_AT)).copied().collect();
        others.sort_unstable();
        others.dedup();
        let total = |words: &[u32]| words.iter().map(|word| self.weight(*word)).sum::<f64>();
        let own = total(words);
        others.into_iter().map(move |other| {
            let theirs = &self.words[other as usize];
            let shared: f64 =
                words.iter().filter(|word| theirs.binary_search(word).is_ok()).map(|word| self.weight(*word)).sum();
            let whole = match measure {
                Measure::Both => own + total(theirs) - shared,
                Measure::Asked => own,
            };
            (other as usize, if whole > 0.0 { shared / whole } else { 0.0 })
        })
    }
}

/// Words that say nothing of what a hypothesis is about, in the languages of the wordings.
const COMMON: &str = " a about after all also an and any are as at be because been before both but by can do does each for from \
     get has have how if in into is it its less make makes more most no not of off on one only or other our out over people per \
     raise raises reduce reduces so some such than that the their them then there they this to too under up us user users we what \
     when where which who why will with without would you your customer customers \
     der die das den dem des ein eine einen einer und oder ist sind wird werden mit von für auf wenn dass nicht mehr als auch \
     el la los las un una y o que de del en con por para es son se su más menos no si \
     le les des une et ou est sont du dans pour par sur avec plus moins ne pas qui \
     il lo gli i di che per con non più meno è sono ";

/// The words of a text that say what it is about, without their commonest endings.
fn significant(text: &str) -> impl Iterator<Item = String> + use<> {
    let folded = fold(text);
    let words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric() && !crate::path::is_mark(c))
        .filter(|word| !word.is_empty() && !COMMON.contains(&format!(" {word} ")))
        .map(stem)
        .collect();
    words.into_iter()
}

/// A word without the ending that English puts on it most often: enough for `refunds` to be `refund`.
fn stem(word: &str) -> String {
    let endings = ["ing", "ed", "es", "s"];
    let cut = endings.iter().find_map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() >= 4));
    cut.unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_finds_what_was_asked_before() {
        let texts = [
            "Presenting the flexible fare as a refund option reduces drop-off in low-price journeys",
            "A date beside the refund raises the attach rate",
            "The refundable filter on top of the list is used more",
            "Slow pages look expensive",
        ];
        let index = Index::new(texts.into_iter());
        let best = |question: &str| index.ask(question, 3).first().map(|(at, _)| *at);
        assert_eq!(best("Show flexible fares as refunds"), Some(0));
        assert_eq!(best("show a date next to refunds"), Some(1));
        assert_eq!(best("are slow pages expensive?"), Some(3));
        assert_eq!((best("marmalade"), best(""), best("the of and")), (None, None, None));
    }

    #[test]
    fn the_cost_of_a_question_does_not_grow_with_common_words() {
        let texts: Vec<String> = (0..5_000).map(|n| format!("refund option number{n}")).collect();
        let index = Index::new(texts.iter().map(String::as_str));
        let words = &index.words[4_999];
        assert!(index.near(words, Measure::Both).count() <= RAREST * LOOKED_AT);
        assert_eq!(index.ask("refund number4999", 1).first().map(|(at, _)| *at), Some(4_999));
    }
}
