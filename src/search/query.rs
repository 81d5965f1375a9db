//! What a query asks for, and the notes that answer it.
//!
//! This is the ranking of `themes/default/static/search/engine.js`, step by step and number by number,
//! so that a command and a page give the same list; `tests/search.rs` compares them. A step looks only
//! at what the browser has loaded for it: a [shard](super::shards) where one is loaded, not all words.
//!
//! - A note has to match most of what the words tell ([`LEAST`]), unless too few do, and counts by how much it matches:
//!   [BM25F](rank) for each word, more where words stand in its title or together in one section.
//! - The last word may go on, unless a blank follows it; a word that no note has may be misspelt, by
//!   Damerau's four slips, of which eight letters may have two.
//! - `"a phrase"`, `-word`, and `name:value` for each [facet](super::facets); values of one facet are
//!   alternatives, facets are not.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;

use super::facets::Value;
use super::files::{Files, Sizes};
use super::{Index, rank, shards};
use crate::note::words::{LAST_SECTION, TITLE, take_number};
use crate::words::{Form, tokens};

/// The share of what a query's words tell that a note has to match.
const LEAST: f64 = 0.6;
/// Where fewer notes match so much, those are shown that match less, too.
const ENOUGH: usize = 8;
/// What a word counts less than the one that was typed: one that goes on, at least and by its length.
const BEGUN: (f64, f64) = (0.35, 0.4);
/// The same for one that was misspelt by one slip.
const SLIPPED: f64 = 0.5;
/// Words that a beginning stands for.
const BEGUN_WORDS: usize = 16;
/// How much two words in one section add.
const TOGETHER: f64 = 1.15;
/// From how many notes on a word that most of them have says nothing.
const STOP_FROM: usize = 64;

/// The names of facets in a query.
const OPERATORS: [(&str, &str); 10] = [
    ("kind", "kind"),
    ("type", "kind"),
    ("team", "team"),
    ("tag", "tag"),
    ("by", "by"),
    ("author", "by"),
    ("status", "status"),
    ("result", "result"),
    ("ticket", "ticket"),
    ("year", "year"),
];

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Its words, in order.
    pub words: Vec<Asked>,
    /// Its phrases.
    pub phrases: Vec<Phrase>,
    /// Its filters.
    pub filters: Vec<Filter>,
}

/// A word that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Folded.
    pub text: String,
    /// What it is made of, where it is looked for by its parts if it can't be found whole.
    pub parts: Vec<String>,
    /// A pair of characters can't be misspelt.
    pub form: Form,
    /// It may go on.
    pub open: bool,
    /// Notes with it are not wanted.
    pub exclude: bool,
}

/// Words that are asked for one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// The words, and where each stands.
    pub words: Vec<(String, u32)>,
    /// Notes with it are not wanted.
    pub exclude: bool,
}

/// A value that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The facet's name.
    pub facet: &'static str,
    /// As it was typed.
    pub value: String,
    /// Notes with it are not wanted.
    pub exclude: bool,
    /// It may go on.
    pub open: bool,
}

/// A note that answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its number in the index.
    pub note: u32,
    /// How well.
    pub score: f64,
    /// The part of its text that answers best: 0 before the first heading, then the heading's number.
    pub section: Option<u8>,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The notes, the best first.
    pub hits: Vec<Hit>,
    /// The query with the words that were looked for in place of those that no note has.
    pub corrected_to: Option<String>,
    /// Words that no note has, and no other like them.
    pub unknown: Vec<String>,
    /// All forms of the words that were looked for.
    pub words: Vec<String>,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Query {
        let mut query = Query::default();
        for piece in pieces(text) {
            let operator = piece.name.and_then(|name| {
                let name = name.to_ascii_lowercase();
                OPERATORS.iter().find(|(operator, _)| *operator == name).map(|(_, facet)| *facet)
            });
            if let Some(facet) = operator {
                let open = piece.last && !piece.closed;
                let Piece { text, exclude, .. } = piece;
                query.filters.push(Filter { facet, value: text.to_owned(), exclude, open });
                continue;
            }
            let whole = if piece.quoted { piece.text } else { piece.all };
            let mut found = Vec::new();
            tokens(whole, 0, |token| {
                found.push((token.text.to_owned(), token.form, token.position, token.range.start))
            });
            if piece.quoted && (found.len() > 1 || piece.closed) {
                // A whole is found as its parts, which have positions of their own.
                let parts = found.into_iter().filter(|(_, form, ..)| *form != Form::Whole);
                let words: Vec<(String, u32)> = parts.map(|(text, _, position, _)| (text, position)).collect();
                if !words.is_empty() {
                    query.phrases.push(Phrase { words, exclude: piece.exclude });
                }
                continue;
            }
            let first = query.words.len();
            let mut owner = None;
            for (text, form, _, start) in found {
                match form {
                    Form::Part if owner == Some(start) => {
                        query.words.last_mut().into_iter().for_each(|word| word.parts.push(text.clone()));
                    }
                    _ => {
                        owner = (form == Form::Whole).then_some(start);
                        let open = form == Form::Gram && text.chars().nth(1).is_none();
                        query.words.push(Asked { text, parts: Vec::new(), form, open, exclude: piece.exclude });
                    }
                }
            }
            if let Some(last) = query.words[first..].last_mut().filter(|_| piece.last) {
                last.open |= !piece.exclude;
            }
        }
        query
    }
}

/// A part of a query between blanks, or in quotes.
struct Piece<'q> {
    /// All of it but the sign that excludes.
    all: &'q str,
    exclude: bool,
    /// The letters before a colon.
    name: Option<&'q str>,
    /// What stands after the colon, or within the quotes.
    text: &'q str,
    quoted: bool,
    /// There is a quote at its end.
    closed: bool,
    /// The query ends with it.
    last: bool,
}

/// What JavaScript's `\s` is.
fn is_blank(c: char) -> bool {
    c == '\u{feff}' || c.is_whitespace() && c != '\u{85}'
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        let end = rest.find(is_blank).unwrap_or(rest.len());
        let exclude = end > 1 && rest.starts_with('-');
        let all = &rest[usize::from(exclude)..];
        let end = end - usize::from(exclude);
        let letters = all.bytes().take_while(u8::is_ascii_alphabetic).count();
        let named = letters > 0 && all[letters..].starts_with(':') && letters + 1 < end;
        let (name, value) = if named { (Some(&all[..letters]), &all[letters + 1..]) } else { (None, all) };
        let (text, quoted, closed, after) = match value.strip_prefix('"') {
            Some(inner) => match inner.find('"') {
                Some(close) => (&inner[..close], true, true, &inner[close + 1..]),
                None => (inner, true, false, ""),
            },
            None => {
                let length = end - (all.len() - value.len());
                (&value[..length], false, false, &value[length..])
            }
        };
        let all = &all[..all.len() - after.len()];
        pieces.push(Piece { all, exclude, name, text, quoted, closed, last: after.is_empty() });
        rest = after.trim_start_matches(is_blank);
    }
    pieces
}

/// A word of the index that a word of a query may mean.
#[derive(Debug, Clone)]
struct Meaning {
    group: usize,
    weight: f64,
    /// The word for which another one was typed.
    corrected: Option<usize>,
}

/// A word of a query, and what it means in this index: the first the most likely.
struct Understood {
    text: String,
    exclude: bool,
    meanings: Vec<Meaning>,
}

impl Files {
    /// Answers a query: all notes that fit, the best first, or the newest where that is asked for.
    pub fn ask(&self, text: &str, newest: bool) -> Answer {
        let query = Query::parse(text);
        let understood: Vec<Understood> = query.words.iter().flat_map(|word| self.understand(word)).collect();
        let mut hits = self.rank(&query, &understood, newest);
        let has_words = hits.iter().any(|hit| hit.score > 0.0);
        let order = |a: &Hit, b: &Hit| b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal);
        match newest || !has_words {
            true => hits.sort_by_key(|hit| Reverse(hit.note)),
            false => hits.sort_by(|a, b| order(a, b).then(b.note.cmp(&a.note))),
        }
        let unknown = understood.iter().filter(|word| word.meanings.is_empty() && !word.exclude);
        let wanted = understood.iter().filter(|word| !word.exclude).flat_map(|word| &word.meanings);
        let mut words: Vec<String> = wanted.flat_map(|meaning| self.forms(meaning.group)).map(str::to_owned).collect();
        for phrase in query.phrases.iter().filter(|phrase| !phrase.exclude) {
            words.extend(
                phrase
                    .words
                    .iter()
                    .filter_map(|(word, _)| self.group(word))
                    .flat_map(|group| self.forms(group))
                    .map(str::to_owned),
            );
        }
        let mut seen = HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        Answer {
            hits,
            corrected_to: self.correct(text, &understood),
            unknown: unknown.map(|word| word.text.clone()).collect(),
            words,
        }
    }

    /// The query with its unknown words as those that were looked for.
    fn correct(&self, text: &str, understood: &[Understood]) -> Option<String> {
        let mut changes = Vec::new();
        tokens(text, 0, |token| {
            let word = understood.iter().find(|word| word.text == token.text);
            let corrected = word.and_then(|word| word.meanings.first()?.corrected);
            changes.extend(corrected.map(|at| (token.range, at)));
        });
        let mut done = text.to_owned();
        for (range, at) in changes.iter().rev() {
            done.replace_range(range.clone(), self.index.lexicon.word(*at));
        }
        (!changes.is_empty()).then_some(done)
    }

    /// The group of a word.
    fn group(&self, word: &str) -> Option<usize> {
        self.index.lexicon.find(word).ok().map(|at| self.index.lexicon.group(at))
    }

    /// The words of a group that stand in the shard of its first one: those that a browser knows.
    fn forms(&self, group: usize) -> impl Iterator<Item = &str> {
        let lexicon = &self.index.lexicon;
        let shard = shards::find(&self.shards, lexicon.word(lexicon.home(group)));
        let words = self.shards.get(shard).map_or(0..0, |shard| shard.words.clone());
        words.filter(move |at| lexicon.group(*at) == group).map(move |at| lexicon.word(at))
    }

    fn understand(&self, word: &Asked) -> Vec<Understood> {
        let mut meanings = self.meanings(&word.text, word.open);
        if meanings.is_empty() && !word.parts.is_empty() {
            let last = word.parts.len() - 1;
            let part = |(at, text): (usize, &String)| Asked {
                text: text.clone(),
                parts: Vec::new(),
                open: word.open && at == last,
                ..*word
            };
            return word.parts.iter().enumerate().map(part).flat_map(|part| self.understand(&part)).collect();
        }
        if meanings.is_empty() && !word.exclude && word.form != Form::Gram {
            meanings = self.corrections(&word.text);
        }
        vec![Understood { text: word.text.clone(), exclude: word.exclude, meanings }]
    }

    fn meanings(&self, text: &str, open: bool) -> Vec<Meaning> {
        let lexicon = &self.index.lexicon;
        let mut found: Vec<Meaning> = Vec::new();
        if let Some(group) = self.group(text) {
            found.push(Meaning { group, weight: 1.0, corrected: None });
        }
        if !open {
            return found;
        }
        let first = shards::find(&self.shards, text);
        let last = self
            .shards
            .iter()
            .rposition(|shard| super::lexicon::compare(&shard.start, text).is_le() || shard.start.starts_with(text))
            .unwrap_or(first);
        let mut loaded = vec![first];
        if last - first < 2 {
            loaded.push(last);
        } else {
            // A beginning that many words have stands for the most common of them.
            let mut common: Vec<usize> = Vec::new();
            for at in self.index.common() {
                let word = lexicon.word(at);
                let shard = shards::find(&self.shards, word);
                if word.starts_with(text) && !common.contains(&shard) {
                    common.push(shard);
                }
            }
            common.truncate(3);
            loaded.extend(common);
        }
        loaded.sort_unstable();
        loaded.dedup();
        let mut begun: Vec<(usize, f64)> = Vec::new();
        for shard in loaded.iter().filter_map(|at| self.shards.get(*at)) {
            for at in shard.words.clone().filter(|at| lexicon.word(*at).starts_with(text)) {
                let (word, group) = (lexicon.word(at), lexicon.group(at));
                let is_here = shard.words.contains(&lexicon.home(group));
                if word == text || !is_here || found.iter().any(|meaning| meaning.group == group) {
                    continue;
                }
                let weight = BEGUN.0 + BEGUN.1 * units(text) / units(word);
                match begun.iter_mut().find(|(known, _)| *known == group) {
                    Some((_, known)) => *known = known.max(weight),
                    None => begun.push((group, weight)),
                }
            }
        }
        begun.sort_by_key(|(group, _)| (Reverse(self.index.postings.df(*group)), lexicon.home(*group)));
        begun.truncate(BEGUN_WORDS);
        found.extend(begun.into_iter().map(|(group, weight)| Meaning { group, weight, corrected: None }));
        found
    }

    /// What a word that no note has may have been meant to be: up to three, all as far from it.
    fn corrections(&self, text: &str) -> Vec<Meaning> {
        let lexicon = &self.index.lexicon;
        let letters: Vec<char> = text.chars().collect();
        if letters.len() < 4 {
            return Vec::new();
        }
        let mut near = Near { letters: &letters, most: if letters.len() < 8 { 1 } else { 2 }, found: Vec::new() };
        if let Some(shard) = self.shards.get(shards::find(&self.shards, text)) {
            for at in shard.words.clone() {
                let group = lexicon.group(at);
                if shard.words.contains(&lexicon.home(group)) {
                    near.look(lexicon.word(at), self.index.postings.df(group).ilog2());
                }
            }
        }
        if near.found.is_empty() || near.most > 1 {
            let back: String = letters.iter().rev().collect();
            for (ending, df) in self.endings_like(&back) {
                let word: String = ending.chars().rev().collect();
                near.look(&word, df.ilog2().min(25));
            }
        }
        let Near { most, mut found, .. } = near;
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| super::lexicon::compare(&a.0, &b.0)));
        let mut words: Vec<String> = Vec::new();
        for (word, _) in found {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.truncate(3);
        let mut meanings: Vec<Meaning> = Vec::new();
        for at in words.iter().filter_map(|word| lexicon.find(word).ok()) {
            let group = lexicon.group(at);
            if !meanings.iter().any(|meaning| meaning.group == group) {
                meanings.push(Meaning { group, weight: SLIPPED / most as f64, corrected: Some(at) });
            }
        }
        meanings
    }

    /// The values that a filter means: those that are called so, or else those that begin so.
    fn chosen<'f>(&'f self, filter: &Filter) -> Vec<&'f Value> {
        let Some(facet) = self.index.facets.iter().find(|facet| facet.name == filter.facet) else { return Vec::new() };
        let wanted = plain(&filter.value);
        let names = |value: &Value| {
            let last = value.label.rsplit('/').next().unwrap_or(&value.label);
            [plain(&value.name), plain(&value.label), plain(last)]
        };
        let exact: Vec<&Value> = facet.values.iter().filter(|value| names(value).contains(&wanted)).collect();
        if !exact.is_empty() || wanted.is_empty() {
            return exact;
        }
        // A first name is enough.
        let word = format!("{wanted} ");
        let begins = |name: &String| name.starts_with(if filter.open { wanted.as_str() } else { &word });
        facet.values.iter().filter(|value| names(value).iter().any(begins)).collect()
    }

    /// The notes that hold a phrase.
    fn holders(&self, phrase: &Phrase, groups: &[Option<usize>]) -> Vec<bool> {
        let index = &self.index;
        let mut holds = vec![false; index.notes.len()];
        let Some(groups) = groups.iter().copied().collect::<Option<Vec<usize>>>() else { return holds };
        let places: Vec<Vec<Vec<u32>>> = groups.iter().map(|group| positions(index, *group)).collect();
        let (first_group, first_at) = (groups[0], phrase.words[0].1);
        for (place, note) in index.postings.notes(first_group).iter().enumerate() {
            let of = |(group, places): (&usize, &'_ Vec<Vec<u32>>)| {
                index.postings.notes(*group).binary_search(note).ok().map(|at| places[at].clone())
            };
            let Some(others) = groups[1..].iter().zip(&places[1..]).map(of).collect::<Option<Vec<Vec<u32>>>>() else {
                continue;
            };
            let follows = |from: &u32| {
                others.iter().zip(&phrase.words[1..]).all(|(own, (_, at))| own.contains(&(from + at - first_at)))
            };
            holds[*note as usize] = places[0][place].iter().any(follows);
        }
        holds
    }

    /// The notes that fit, with their scores; in the order of the index.
    fn rank(&self, query: &Query, understood: &[Understood], wants_all: bool) -> Vec<Hit> {
        let index = &self.index;
        let count = index.notes.len();
        let sizes = Sizes::of(count);
        let mut out = vec![false; count];
        let mut wanted: Vec<(&str, Vec<bool>)> = Vec::new();
        for filter in &query.filters {
            let values = self.chosen(filter);
            let notes = values.iter().flat_map(|value| &value.notes).map(|note| *note as usize);
            if filter.exclude {
                notes.for_each(|note| out[note] = true);
                continue;
            }
            if !wanted.iter().any(|(facet, _)| *facet == filter.facet) {
                wanted.push((filter.facet, vec![false; count]));
            }
            let fits = wanted.iter_mut().find(|(facet, _)| *facet == filter.facet);
            fits.into_iter().for_each(|(_, fits)| notes.clone().for_each(|note| fits[note] = true));
        }
        for (_, fits) in &wanted {
            out.iter_mut().zip(fits).for_each(|(out, fits)| *out |= !fits);
        }
        let phrases: Vec<Vec<Option<usize>>> = query
            .phrases
            .iter()
            .map(|phrase| phrase.words.iter().map(|(word, _)| self.group(word)).collect())
            .collect();
        for (phrase, groups) in query.phrases.iter().zip(&phrases) {
            let holds = self.holders(phrase, groups);
            out.iter_mut().zip(&holds).for_each(|(out, holds)| *out |= *holds == phrase.exclude);
        }
        for word in understood.iter().filter(|word| word.exclude) {
            let notes = word.meanings.first().map_or(&[][..], |meaning| index.postings.notes(meaning.group));
            notes.iter().for_each(|note| out[*note as usize] = true);
        }

        let mut words: Vec<&[Meaning]> =
            understood.iter().filter(|word| !word.exclude).map(|word| &*word.meanings).collect();
        words.retain(|meanings| !meanings.is_empty());
        let of_phrases: Vec<Meaning> = query
            .phrases
            .iter()
            .zip(&phrases)
            .filter(|(phrase, groups)| !phrase.exclude && groups.iter().all(Option::is_some))
            .flat_map(|(_, groups)| groups.iter().flatten())
            .map(|group| Meaning { group: *group, weight: 1.0, corrected: None })
            .collect();
        words.extend(of_phrases.iter().map(std::slice::from_ref));
        let is_stop = |meanings: &&[Meaning]| {
            let group = meanings[0].group;
            let is_common = count >= STOP_FROM && index.postings.df(group) * 2 > count;
            is_common
                || !self.stop.is_empty() && self.forms(group).any(|form| self.stop.iter().any(|stop| stop == form))
        };
        if !words.iter().all(is_stop) {
            words.retain(|word| !is_stop(word));
        }
        let few = words.len() == 1
            && query.filters.is_empty()
            && query.phrases.is_empty()
            && understood.len() == 1
            && !wants_all;

        let mut sums = vec![Sums::default(); count];
        let mut own = vec![(0.0f64, 0u8); count];
        let mut total = 0.0;
        for meanings in &words {
            let tells = rank::idf(count, index.postings.df(meanings[0].group));
            let mut touched = Vec::new();
            for meaning in *meanings {
                let (notes, marks) = (index.postings.notes(meaning.group), index.postings.marks(meaning.group));
                let places = match few && notes.len() > sizes.hot {
                    true => index.inline(meaning.group, sizes),
                    false => (0..notes.len()).collect(),
                };
                let factor = meaning.weight * rank::idf(count, notes.len());
                for place in places {
                    let note = notes[place] as usize;
                    let value = factor * rank::IMPACTS[usize::from(marks[place] >> 4)];
                    if value > own[note].0 {
                        if own[note].0 == 0.0 {
                            touched.push(note);
                        }
                        own[note] = (value, marks[place] & 15);
                    }
                }
            }
            for note in touched {
                let (value, section) = std::mem::take(&mut own[note]);
                sums[note].add(value, section, tells);
            }
            total += tells;
        }
        let least = LEAST * total;
        let is_filtered = !query.filters.is_empty() || !query.phrases.is_empty();
        let fits = |note: &usize| !out[*note] && if words.is_empty() { is_filtered } else { sums[*note].matched > 0.0 };
        let fitting: Vec<usize> = (0..count).filter(fits).collect();
        let enough = fitting.iter().filter(|note| sums[**note].matched >= least).count() >= ENOUGH;
        let hit = |note: usize| Hit {
            note: note as u32,
            score: if words.is_empty() { 0.0 } else { sums[note].score(total, words.len() > 1) },
            section: sums[note].section,
        };
        fitting.into_iter().filter(|note| !enough || sums[*note].matched >= least).map(hit).collect()
    }
}

/// What a query's words add up to in one note.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    score: f64,
    /// What the words tell that the note has, and of those the ones in its title.
    matched: f64,
    title: f64,
    /// The section of the last word, and whether another word had another one.
    last: u8,
    scattered: bool,
    /// The section of the word that counts most, of those that stand in the text.
    section: Option<u8>,
    most: f64,
}

impl Sums {
    fn add(&mut self, value: f64, section: u8, tells: f64) {
        if section == TITLE {
            self.title += tells;
        }
        if self.matched > 0.0 && section != self.last {
            self.scattered = true;
        }
        if value > self.most && section <= LAST_SECTION {
            (self.most, self.section) = (value, Some(section));
        }
        self.last = section;
        self.score += value;
        self.matched += tells;
    }

    fn score(&self, total: f64, together: bool) -> f64 {
        let covered = self.matched / total;
        let named = self.title / total;
        let mut value = self.score + 2.0 * self.title * named * named;
        if together && !self.scattered {
            value *= TOGETHER;
        }
        value * (covered * covered.sqrt())
    }
}

/// The words nearest to one so far.
struct Near<'q> {
    letters: &'q [char],
    most: usize,
    /// With the logarithm of how many notes have each.
    found: Vec<(String, u32)>,
}

impl Near<'_> {
    fn look(&mut self, word: &str, size: u32) {
        let far = distance(self.letters, word, self.most);
        if far > self.most || far == 0 {
            return;
        }
        if far < self.most {
            self.found.clear();
        }
        self.most = far;
        self.found.push((word.to_owned(), size));
    }
}

/// How many letters are to be added, taken away, changed or exchanged with the next one; more than
/// `most` is `most + 1`.
fn distance(a: &[char], b: &str, most: usize) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().all(|far| *far > most) {
            return most + 1;
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// A text as its words with single blanks.
fn plain(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    tokens(text, 0, |token| {
        if token.form != Form::Part {
            words.push(token.text.to_owned());
        }
    });
    words.join(" ")
}

fn units(text: &str) -> f64 {
    text.encode_utf16().count() as f64
}

/// For each note of a group where its words stand.
fn positions(index: &Index, group: usize) -> Vec<Vec<u32>> {
    let mut bytes = index.postings.positions(group);
    let places = (0..index.postings.df(group)).map(|_| {
        let count = take_number(&mut bytes).unwrap_or(0);
        let mut position = 0;
        (0..count)
            .map(|_| {
                position += take_number(&mut bytes).unwrap_or(0);
                position
            })
            .collect()
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> String {
        let query = Query::parse(text);
        let sign = |exclude| if exclude { "-" } else { "" };
        let open = |open| if open { "…" } else { "" };
        let words = query.words.iter().map(|word| {
            let parts = if word.parts.is_empty() { String::new() } else { format!("({})", word.parts.join(" ")) };
            format!("{}{}{parts}{}", sign(word.exclude), word.text, open(word.open))
        });
        let phrases = query.phrases.iter().map(|phrase| {
            let words: Vec<String> = phrase.words.iter().map(|(word, at)| format!("{word}@{at}")).collect();
            format!("{}\"{}\"", sign(phrase.exclude), words.join(" "))
        });
        let filters = query
            .filters
            .iter()
            .map(|filter| format!("{}{}:[{}]{}", sign(filter.exclude), filter.facet, filter.value, open(filter.open)));
        words.chain(phrases).chain(filters).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_query_is_read_as_it_is_meant() {
        for (text, expected) in [
            ("Refund label", "refund label…"),
            ("refund label ", "refund label"),
            ("getUserName", "getusername(get user name)…"),
            ("\"what surprised us\"", "\"what@0 surprised@1 us@2\""),
            ("\"no-cache header", "\"no@0 cache@1 header@2\""),
            ("\"label", "label…"),
            ("price -spain -\"two tests\"", "price -spain -\"two@0 tests@1\""),
            ("kind:exp", "kind:[exp]…"),
            ("-kind:experiment by:\"Ana Ruiz\" x ", "x -kind:[experiment] by:[Ana Ruiz]"),
            ("type:retro Author:ana ", "kind:[retro] by:[ana]"),
            ("kind: x", "kind x…"),
            ("https://a.example/b", "https aexample(example) b…"),
            ("- a--b", "a b…"),
            ("日本語 山", "日本 本語 山…"),
            ("山 a ", "山… a"),
            ("  ", ""),
            ("foo:\"bar baz\"", "\"bar@0 baz@1\""),
        ] {
            assert_eq!(show(text), expected, "{text}");
        }
    }

    #[test]
    fn the_distance_is_that_of_damerau() {
        let far = |a: &str, b: &str, most| distance(&a.chars().collect::<Vec<_>>(), b, most);
        assert_eq!(
            [far("label", "label", 1), far("label", "lable", 1), far("label", "labell", 1), far("label", "abel", 1)],
            [0, 1, 1, 1]
        );
        assert_eq!((far("label", "table", 1), far("label", "table", 3), far("ab", "", 9)), (2, 2, 2));
    }
}
