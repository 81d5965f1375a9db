//! The index as files of the site. Each is a script that calls `fbx` with its own name and what it
//! holds, since a page that was opened from disk can read nothing but scripts.
//!
//! | file | what it holds |
//! |---|---|
//! | `root.js` | the one with a name that stays: how many notes, and the names and beginnings of all `t/` |
//! | `t/` | words and their notes |
//! | `h/` | all notes of a word that too many have |
//! | `c/` | what a result shows of a few notes; `d/` names these files and the others |
//! | `p/` | where the words of a `t/` stand, for phrases |
//! | `s/` | words by their endings, for slips in the first letters |
//! | `b/` | what a [brief](super::brief) needs of a few notes |
//! | `r/` | words that often stand beside others |
//! | `x/` | the texts of a few notes, where book.toml asks for them |
//! | `f/` | the values of a facet and their notes |
//!
//! All but `root.js` are named by a fingerprint of what they are made from: a file that is named so
//! never changes, and a browser may keep it for ever.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use serde::Serialize;

use super::bits::{Bits, Huffman, base64};
use super::brief::{Details, Looking};
use super::lexicon::compare;
use super::shards::{Shard, share_out};
use super::{Index, texts};
use crate::book::{Book, Entry};
use crate::memo::{Fingerprint, Fingerprinter};
use crate::path::Route;
use crate::words;

/// The folder of all files of the index.
pub const FOLDER: &str = "search";
/// The folders in it: the files in these never change under their names.
pub const FOLDERS: [char; 10] = ['b', 'c', 'd', 'f', 'h', 'p', 'r', 's', 't', 'x'];
/// Changes with the form of the files.
const FORM: u32 = 1;
/// Words in `root.js`, for beginnings that many words have.
const COMMON: usize = 300;

/// Notes in a block of texts.
const TEXTS: usize = 4;

/// What one file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// `root.js`
    Root,
    /// A shard of the words.
    Words(usize),
    /// The notes of a group.
    Hot(usize),
    /// Where the words of a shard stand.
    Positions(usize),
    /// Where the words of a group stand.
    HotPositions(usize),
    /// A block of cards.
    Cards(usize),
    /// The names of the blocks of cards.
    CardNames,
    /// A block of details for briefs.
    Details(usize),
    /// A shard of endings.
    Endings(usize),
    /// A facet.
    Facet(usize),
    /// A shard of words that stand beside others.
    Related(usize),
    /// A block of texts.
    Texts(usize),
    /// The names of what few queries need.
    Names,
}

/// A file of the index.
#[derive(Debug, Clone)]
pub struct File {
    /// Its address.
    pub route: Route,
    /// Of all that determines its bytes.
    pub fingerprint: Fingerprint,
    /// What it holds.
    pub part: Part,
}

/// The index of a book, shared out among files.
#[derive(Debug)]
pub struct Files {
    /// The index.
    pub index: Index,
    /// Every file, sorted by address.
    pub files: Vec<File>,
    /// How words are shared out.
    pub shards: Vec<Shard>,
    /// Words that at least two notes have, read from their ends; sorted.
    endings: Vec<(String, u32)>,
    ending_shards: Vec<Shard>,
    related_shards: Vec<Shard>,
    /// The names of the shards, in the order of the shards.
    names: Names,
    /// The book's stop words, as they are looked for.
    pub(super) stop: Vec<String>,
}

#[derive(Debug, Default)]
struct Names {
    words: Vec<String>,
    hot: Vec<(usize, String)>,
    positions: Vec<String>,
    hot_positions: Vec<(usize, String)>,
    cards: Vec<String>,
    card_names: String,
    details: Vec<String>,
    related: Vec<String>,
    texts: Vec<String>,
    endings: Vec<String>,
    facets: Vec<String>,
    names: String,
}

/// Sizes that change with the size of the book, at one step.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Bytes of a shard of words, about.
    shard: u64,
    /// A word that more notes have is hot: its shard holds only [`Sizes::inline`] of them.
    pub hot: usize,
    /// How many notes of a hot word its shard holds.
    pub inline: usize,
    /// Notes in a block of cards.
    pub cards: usize,
}

impl Sizes {
    /// For a book of this many notes.
    pub fn of(notes: usize) -> Self {
        Sizes {
            shard: if notes < 50_000 { 16_000 } else { 26_000 },
            hot: if notes < 50_000 { 4_096 } else { 8_192 },
            inline: 1_024,
            cards: if notes < 20_000 { 16 } else { 32 },
        }
    }
}

/// What a result shows of a note before its page is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Card<'b> {
    /// Its title.
    pub title: &'b str,
    /// Its address, from the site's root and ready for use in a link.
    pub url: String,
    /// Its date, as `2026-03-04`; or empty.
    pub date: String,
    /// Index into the configuration's kinds.
    pub kind: usize,
    /// Its result, else its status, and the tone of that; or two empty texts.
    pub stamp: (&'b str, &'static str),
    /// It says what surprised.
    pub surprise: bool,
    /// Its team; or empty.
    pub team: &'b str,
}

impl<'b> Card<'b> {
    /// Of a note.
    pub fn new(book: &'b Book, entry: &'b Entry) -> Self {
        let note = &entry.note;
        let stamp = |key| {
            let written = note.front.text(key).map(str::trim).filter(|text| !text.is_empty())?;
            let known = book.config.choice(&note.kind, key, written);
            Some(known.map_or((written, "idle"), |known| (known.name.as_str(), known.tone.name())))
        };
        Card {
            title: &note.title.text,
            url: entry.route.url(),
            date: entry.date.map(|date| date.iso()).unwrap_or_default(),
            kind: book.config.kinds.iter().position(|kind| kind.name == note.kind).unwrap_or(0),
            stamp: stamp("result").or_else(|| stamp("status")).unwrap_or_default(),
            surprise: note.front.text("surprise").is_some_and(|text| !text.trim().is_empty()),
            team: entry.team.map_or("", |team| &book.teams.get(team).label),
        }
    }
}

/// Gives names that no other file of the index has.
#[derive(Default)]
struct Namer {
    taken: HashSet<String>,
    files: Vec<File>,
}

impl Namer {
    /// Names a file in a folder by the fingerprint of what it holds.
    fn name(&mut self, folder: char, fingerprint: Fingerprint, part: Part) -> String {
        // Five bits a letter: a file system may not tell small letters from capitals.
        const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let number = u128::from_le_bytes(fingerprint.0);
        // 30 bits of 128; where two files share them, the next 30 tell them apart.
        let tries = (0..4).map(|at| number >> (30 * at));
        let names = tries
            .map(|bits| -> String { (0..6).map(|at| char::from(LETTERS[(bits >> (5 * at)) as usize & 31])).collect() });
        let name = names
            .map(|name| (format!("{folder}/{name}"), name))
            .find(|(path, _)| self.taken.insert(path.clone()))
            .map_or_else(String::new, |(_, name)| name);
        self.files.push(File { route: Route::new(format!("{FOLDER}/{folder}/{name}.js")), fingerprint, part });
        name
    }
}

impl Files {
    /// Shares out an index. No file's bytes are made yet.
    pub fn new(index: Index, book: &Book) -> Self {
        let sizes = Sizes::of(index.notes.len());
        let lexicon = &index.lexicon;
        let estimate = |at: usize| index.estimate(at, sizes);
        let shards = share_out(lexicon.len(), |at| lexicon.word(at), estimate, sizes.shard);
        let endings = index.endings();
        let ending_shards =
            share_out(endings.len(), |at| endings[at].0.as_str(), |at| endings[at].0.len() as u64 / 2 + 2, 16_000);

        let mut namer = Namer::default();
        let mut names = Names::default();
        let hot: Vec<usize> =
            (0..lexicon.group_count()).filter(|group| index.postings.df(*group) > sizes.hot).collect();
        for group in hot {
            let list = Fingerprint::of(&(FORM, index.postings.notes(group), index.postings.marks(group)));
            names.hot.push((group, namer.name('h', list, Part::Hot(group))));
            let positions = Fingerprint::of(&(FORM, "positions", index.postings.positions(group)));
            names.hot_positions.push((group, namer.name('p', positions, Part::HotPositions(group))));
        }
        let fingerprints = crate::parallel::map(&shards, |shard| {
            (index.shard_fingerprint(shard, &names, sizes), index.positions_fingerprint(shard, &names, sizes))
        });
        for (at, (words, positions)) in fingerprints.into_iter().enumerate() {
            names.words.push(namer.name('t', words, Part::Words(at)));
            names.positions.push(namer.name('p', positions, Part::Positions(at)));
        }
        for (at, block) in index.notes.chunks(sizes.cards).enumerate() {
            let cards: Vec<Card<'_>> = block.iter().map(|id| Card::new(book, book.entry(*id))).collect();
            names.cards.push(namer.name('c', Fingerprint::of(&(FORM, cards)), Part::Cards(at)));
        }
        let looking = Looking::new(book, &index.numbers);
        for (at, block) in index.notes.chunks(sizes.cards).enumerate() {
            let details: Vec<Details<'_>> = block.iter().map(|id| looking.details(*id)).collect();
            names.details.push(namer.name('b', Fingerprint::of(&(FORM, details)), Part::Details(at)));
        }
        for (at, shard) in ending_shards.iter().enumerate() {
            let fingerprint = Fingerprint::of(&(FORM, &endings[shard.words.clone()]));
            names.endings.push(namer.name('s', fingerprint, Part::Endings(at)));
        }
        let of_related = |at: usize| lexicon.word(lexicon.home(index.related[at].0));
        let related_shards = share_out(index.related.len(), of_related, |at| of_related(at).len() as u64 + 40, 12_000);
        for (at, shard) in related_shards.iter().enumerate() {
            let fingerprint = Fingerprint::of(&(FORM, index.related_rows(shard)));
            names.related.push(namer.name('r', fingerprint, Part::Related(at)));
        }
        if book.config.search.offline {
            for (at, block) in index.notes.chunks(TEXTS).enumerate() {
                let notes: Vec<Fingerprint> = block.iter().map(|id| book.entry(*id).note.fingerprint).collect();
                names.texts.push(namer.name('x', Fingerprint::of(&(FORM, notes)), Part::Texts(at)));
            }
        }
        for (at, facet) in index.facets.iter().enumerate() {
            let mut hasher = Fingerprinter::default();
            (FORM, facet.name).hash(&mut hasher);
            for value in &facet.values {
                (&value.name, &value.label, &value.url, &value.notes).hash(&mut hasher);
            }
            names.facets.push(namer.name('f', hasher.fingerprint(), Part::Facet(at)));
        }
        names.card_names = namer.name('d', Fingerprint::of(&(FORM, &names.cards)), Part::CardNames);
        let starts = (starts_of(&ending_shards), starts_of(&related_shards));
        let lists = [&names.positions, &names.endings, &names.details, &names.related, &names.texts];
        let others = Fingerprint::of(&(FORM, lists, starts));
        names.names = namer.name('d', others, Part::Names);
        let stop = stop_words(book);
        let mut made = Files { files: Vec::new(), shards, endings, ending_shards, related_shards, names, stop, index };
        let root = Fingerprint::of_bytes(&made.root(book));
        namer.files.push(File { route: Route::new(format!("{FOLDER}/root.js")), fingerprint: root, part: Part::Root });
        made.files = namer.files;
        made.files.sort_by(|a, b| a.route.cmp(&b.route));
        made
    }

    /// The words, read from their ends, that share a file with this one, and how many notes have each.
    pub(super) fn endings_like(&self, back: &str) -> &[(String, u32)] {
        let shard = self.ending_shards.get(super::shards::find(&self.ending_shards, back));
        shard.map_or(&[], |shard| &self.endings[shard.words.clone()])
    }

    /// A file's bytes.
    pub fn render(&self, book: &Book, file: &File) -> Vec<u8> {
        let index = &self.index;
        let sizes = Sizes::of(index.notes.len());
        let route = file.route.as_str();
        let name = &route[FOLDER.len() + 1..route.len() - ".js".len()];
        match file.part {
            Part::Root => self.root(book),
            Part::Words(at) => index.encode_words(&self.shards[at], &self.names, sizes).script(name),
            Part::Hot(group) => index.encode_hot(group).script(name),
            Part::Positions(at) => {
                let mut bytes = Vec::new();
                for group in index.homes(&self.shards[at]) {
                    match hot_name(&self.names.hot_positions, group) {
                        Some(name) => {
                            crate::note::words::put_number(&mut bytes, 0);
                            bytes.extend_from_slice(name.as_bytes());
                        }
                        None => {
                            let positions = index.postings.positions(group);
                            crate::note::words::put_number(&mut bytes, positions.len() as u32);
                            bytes.extend_from_slice(positions);
                        }
                    }
                }
                Script::default().bytes(&bytes).script(name)
            }
            Part::HotPositions(group) => Script::default().bytes(index.postings.positions(group)).script(name),
            Part::Cards(at) => {
                let block = index.notes.chunks(sizes.cards).nth(at).unwrap_or_default();
                let cards: Vec<Card<'_>> = block.iter().map(|id| Card::new(book, book.entry(*id))).collect();
                Script::default().value(&cards.iter().map(Card::row).collect::<Vec<_>>()).script(name)
            }
            Part::Details(at) => {
                let looking = Looking::new(book, &index.numbers);
                let block = index.notes.chunks(sizes.cards).nth(at).unwrap_or_default();
                let rows: Vec<_> = block.iter().map(|id| row(looking.details(*id))).collect();
                Script::default().value(&rows).script(name)
            }
            Part::CardNames => Script::default().value(&self.names.cards.concat()).script(name),
            Part::Endings(at) => {
                let endings = &self.endings[self.ending_shards[at].words.clone()];
                let sizes: String = endings.iter().map(|(_, df)| char::from(b'a' + df.ilog2().min(25) as u8)).collect();
                let words = dictionary(endings.iter().map(|(word, _)| word.as_str()));
                Script::default().value(&words).value(&sizes).script(name)
            }
            Part::Facet(at) => {
                let facet = &index.facets[at];
                let mut bits = Bits::default();
                for value in &facet.values {
                    bits.put_ascending(&value.notes, |_, _| {});
                }
                let rows: Vec<_> = facet
                    .values
                    .iter()
                    .map(|value| {
                        let label = if value.label == value.name { "" } else { &value.label };
                        (&value.name, label, value.notes.len(), &value.url)
                    })
                    .collect();
                Script::default().value(&rows).bytes(&bits.finish()).script(name)
            }
            Part::Related(at) => {
                let rows = index.related_rows(&self.related_shards[at]);
                let words = dictionary(rows.iter().map(|(word, _)| *word));
                let beside: Vec<&str> = rows.iter().map(|(_, beside)| beside.as_str()).collect();
                Script::default().value(&words).value(&beside).script(name)
            }
            Part::Texts(at) => {
                let block = index.notes.chunks(TEXTS).nth(at).unwrap_or_default();
                let texts: Vec<_> = block.iter().map(|id| texts::sections(book.entry(*id))).collect();
                Script::default().value(&texts).script(name)
            }
            Part::Names => Script::default()
                .value(&self.names.positions.concat())
                .value(&starts_of(&self.ending_shards))
                .value(&self.names.endings.concat())
                .value(&self.names.details.concat())
                .value(&starts_of(&self.related_shards))
                .value(&self.names.related.concat())
                .value(&self.names.texts.concat())
                .script(name),
        }
    }

    fn root(&self, book: &Book) -> Vec<u8> {
        let index = &self.index;
        let sizes = Sizes::of(index.notes.len());
        let common = index.common();
        let root = Root {
            form: FORM,
            notes: index.notes.len(),
            hot: sizes.hot,
            inline: sizes.inline,
            cards: sizes.cards,
            starts: starts_of(&self.shards),
            words: self.names.words.concat(),
            card_names: &self.names.card_names,
            names: &self.names.names,
            common: common.iter().map(|at| index.lexicon.word(*at)).collect::<Vec<_>>().join(" "),
            stop: &self.stop,
            kinds: book.config.kinds.iter().map(|kind| (kind.name.as_str(), kind.label.as_str())).collect(),
            facets: index
                .facets
                .iter()
                .zip(&self.names.facets)
                .map(|(facet, name)| (facet.name, name.as_str()))
                .collect(),
        };
        Script::default().value(&root).script("root")
    }
}

/// `root.js`
#[derive(Serialize)]
struct Root<'f> {
    form: u32,
    notes: usize,
    hot: usize,
    inline: usize,
    #[serde(rename = "cardsIn")]
    cards: usize,
    starts: String,
    words: String,
    #[serde(rename = "cardNames")]
    card_names: &'f str,
    names: &'f str,
    common: String,
    stop: &'f [String],
    kinds: Vec<(&'f str, &'f str)>,
    facets: Vec<(&'static str, &'f str)>,
}

/// The book's stop words, as they are looked for.
fn stop_words(book: &Book) -> Vec<String> {
    let mut stop = Vec::new();
    for word in &book.config.search.stop_words {
        words::tokens(word, 0, |token| stop.push(token.text.to_owned()));
    }
    stop.sort();
    stop.dedup();
    stop
}

impl Card<'_> {
    fn row(&self) -> (&str, &str, &str, usize, &str, &str, u8, &str) {
        let (label, tone) = self.stamp;
        (self.title, &self.url, &self.date, self.kind, label, tone, u8::from(self.surprise), self.team)
    }
}

/// A note's details as a file has them.
fn row(details: Details<'_>) -> impl Serialize {
    let Details { role, claim, authors, evidence, maturity, unapplied, questions } = details;
    (
        role as u8,
        claim.to_owned(),
        authors.join("\n"),
        evidence,
        maturity.0,
        maturity.1.to_owned(),
        u8::from(unapplied),
        { questions.into_iter().map(|(text, anchor)| (text.to_owned(), anchor.to_owned())).collect::<Vec<_>>() },
    )
}

impl Index {
    /// The bytes of a word in a shard, about: from what changes with this word alone.
    fn estimate(&self, at: usize, sizes: Sizes) -> u64 {
        let group = self.lexicon.group(at);
        let word = self.lexicon.word(at).len() as u64 + 2;
        if self.lexicon.home(group) != at {
            return word;
        }
        let df = self.postings.df(group).clamp(1, sizes.inline.max(sizes.hot));
        let df = if df > sizes.hot { sizes.inline } else { df };
        // A difference and its two codes; the number of notes counts by its power of two only.
        let halves = 2 * (self.notes.len().next_power_of_two().ilog2().saturating_sub(df.ilog2())) + 13;
        word + (df as u64 * u64::from(halves)).div_ceil(12)
    }

    /// The groups whose first words stand in a shard.
    fn homes<'i>(&'i self, shard: &'i Shard) -> impl Iterator<Item = usize> {
        shard.words.clone().filter_map(|at| {
            let group = self.lexicon.group(at);
            (self.lexicon.home(group) == at).then_some(group)
        })
    }

    fn shard_fingerprint(&self, shard: &Shard, names: &Names, sizes: Sizes) -> Fingerprint {
        let mut hasher = Fingerprinter::default();
        FORM.hash(&mut hasher);
        for at in shard.words.clone() {
            let group = self.lexicon.group(at);
            self.lexicon.word(at).hash(&mut hasher);
            let home = self.lexicon.home(group);
            if home != at {
                self.lexicon.word(home).hash(&mut hasher);
                continue;
            }
            let df = self.postings.df(group);
            if df > sizes.hot {
                hot_name(&names.hot, group).hash(&mut hasher);
            }
            hasher.write_usize(df);
            self.postings.notes(group).iter().for_each(|note| hasher.write_u32(*note));
            hasher.write(self.postings.marks(group));
        }
        hasher.fingerprint()
    }

    fn positions_fingerprint(&self, shard: &Shard, names: &Names, sizes: Sizes) -> Fingerprint {
        let mut hasher = Fingerprinter::default();
        (FORM, "positions").hash(&mut hasher);
        for group in self.homes(shard) {
            if self.postings.df(group) > sizes.hot {
                hot_name(&names.hot_positions, group).hash(&mut hasher);
            } else {
                self.postings.positions(group).hash(&mut hasher);
            }
        }
        hasher.fingerprint()
    }

    /// A shard of words: their texts, and bits with what each is. First the codes of levels and
    /// sections; then for each word 1 and its notes, or 0 and the word whose notes it shares: how far
    /// back that stands, or 1, its length and its bytes, where it stands in another shard.
    fn encode_words(&self, shard: &Shard, names: &Names, sizes: Sizes) -> Script {
        let lists: Vec<Vec<usize>> = self.homes(shard).map(|group| self.inline(group, sizes)).collect();
        let mut marks = self
            .homes(shard)
            .zip(&lists)
            .flat_map(|(group, list)| list.iter().map(move |at| self.postings.marks(group)[*at]));
        let codes = Codes::new(&mut marks);
        let mut bits = Bits::default();
        codes.put(&mut bits);
        let mut lists = lists.iter();
        for at in shard.words.clone() {
            let group = self.lexicon.group(at);
            let home = self.lexicon.home(group);
            if home != at {
                bits.put(0, 1);
                if shard.words.contains(&home) {
                    bits.put_gamma((at - home) as u32 + 1);
                } else {
                    let word = self.lexicon.word(home);
                    bits.put_gamma(1);
                    bits.put_gamma(word.len() as u32 + 1);
                    word.bytes().for_each(|byte| bits.put(u32::from(byte), 8));
                }
                continue;
            }
            bits.put(1, 1);
            let df = self.postings.df(group);
            bits.put_gamma(df as u32);
            if df > sizes.hot {
                let name = hot_name(&names.hot, group).unwrap_or_default();
                name.bytes().for_each(|letter| bits.put(u32::from(letter), 7));
            }
            codes.put_list(&mut bits, self, group, lists.next().map_or(&[], Vec::as_slice));
        }
        Script::default().value(&dictionary(shard.words.clone().map(|at| self.lexicon.word(at)))).bytes(&bits.finish())
    }

    /// The places of a group's notes that its shard holds: all, or of a hot one those that the word says
    /// most of, of equals the newest.
    pub fn inline(&self, group: usize, sizes: Sizes) -> Vec<usize> {
        let df = self.postings.df(group);
        if df <= sizes.hot {
            return (0..df).collect();
        }
        let marks = self.postings.marks(group);
        let mut best: Vec<usize> = (0..df).collect();
        best.sort_by_key(|at| std::cmp::Reverse((marks[*at] >> 4, *at)));
        best.truncate(sizes.inline);
        best.sort_unstable();
        best
    }

    fn encode_hot(&self, group: usize) -> Script {
        let codes = Codes::new(&mut self.postings.marks(group).iter().copied());
        let mut bits = Bits::default();
        codes.put(&mut bits);
        codes.put_list(&mut bits, self, group, &(0..self.postings.df(group)).collect::<Vec<_>>());
        Script::default().bytes(&bits.finish())
    }

    /// The words that most notes have, the most common first; no single letters.
    pub fn common(&self) -> Vec<usize> {
        let of = |at: usize| self.postings.df(self.lexicon.group(at));
        let mut common: Vec<usize> = (0..self.lexicon.group_count())
            .map(|group| self.lexicon.home(group))
            .filter(|at| self.lexicon.word(*at).chars().nth(1).is_some())
            .collect();
        common.sort_by_key(|at| (std::cmp::Reverse(of(*at)), *at));
        common.truncate(COMMON);
        common
    }

    /// Words of a shard, each with those that often stand beside it.
    fn related_rows(&self, shard: &Shard) -> Vec<(&str, String)> {
        let word = |group: usize| self.lexicon.word(self.lexicon.home(group));
        let rows = self.related[shard.words.clone()].iter();
        rows.map(|(group, beside)| (word(*group), beside.iter().map(|b| word(*b)).collect::<Vec<_>>().join(" ")))
            .collect()
    }

    /// Words of at least four characters that two notes have, read from their ends, with the number of notes.
    fn endings(&self) -> Vec<(String, u32)> {
        let words = (0..self.lexicon.len()).filter_map(|at| {
            let df = self.postings.df(self.lexicon.group(at));
            let word = self.lexicon.word(at);
            let fits = df >= 2 && word.chars().nth(3).is_some() && !word.bytes().any(|byte| byte.is_ascii_digit());
            fits.then(|| (word.chars().rev().collect::<String>(), df as u32))
        });
        let mut endings: Vec<(String, u32)> = words.collect();
        endings.sort_unstable_by(|a, b| compare(&a.0, &b.0));
        endings
    }
}

/// The beginnings of shards, with blanks between them.
fn starts_of(shards: &[Shard]) -> String {
    shards.iter().map(|shard| shard.start.as_str()).collect::<Vec<_>>().join(" ")
}

fn hot_name(names: &[(usize, String)], group: usize) -> Option<&str> {
    let at = names.binary_search_by_key(&group, |(group, _)| *group).ok()?;
    Some(&names[at].1)
}

/// The codes of levels and sections.
struct Codes {
    levels: Huffman,
    sections: Huffman,
}

impl Codes {
    fn new(marks: &mut dyn Iterator<Item = u8>) -> Self {
        let (mut levels, mut sections) = ([0; 16], [0; 16]);
        for mark in marks {
            levels[usize::from(mark >> 4)] += 1;
            sections[usize::from(mark & 15)] += 1;
        }
        Codes { levels: Huffman::new(&levels), sections: Huffman::new(&sections) }
    }

    fn put(&self, bits: &mut Bits) {
        self.levels.put(bits);
        self.sections.put(bits);
    }

    /// Notes with their levels and sections.
    fn put_list(&self, bits: &mut Bits, index: &Index, group: usize, places: &[usize]) {
        let (notes, marks) = (index.postings.notes(group), index.postings.marks(group));
        let numbers: Vec<u32> = places.iter().map(|at| notes[*at]).collect();
        bits.put_ascending(&numbers, |bits, at| {
            let mark = marks[places[at]];
            self.levels.put_symbol(bits, mark >> 4);
            self.sections.put_symbol(bits, mark & 15);
        });
    }
}

/// Sorted words in one text: how many UTF-16 units each has in common with the one before, as a
/// capital letter, and the rest. No word holds capitals.
fn dictionary<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut text = String::new();
    let mut before = "";
    for word in words {
        let mut units = 0;
        let mut common = 0;
        for (a, b) in before.chars().zip(word.chars()) {
            if a != b || units + a.len_utf16() > 25 {
                break;
            }
            units += a.len_utf16();
            common += a.len_utf8();
        }
        text.push(char::from(b'A' + units as u8));
        text.push_str(&word[common..]);
        before = word;
    }
    text
}

/// A script that says what a file holds.
#[derive(Default)]
struct Script(Vec<String>);

impl Script {
    fn value(mut self, value: &impl Serialize) -> Self {
        self.0.push(serde_json::to_string(value).unwrap_or_default());
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        let mut text = String::from("\"");
        base64(bytes, &mut text);
        text.push('"');
        self.0.push(text);
        self
    }

    fn script(self, name: &str) -> Vec<u8> {
        format!("fbx(\"{name}\",{})\n", self.0.join(",")).into_bytes()
    }
}
