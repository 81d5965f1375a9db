//! The index: what it finds, beside a count of everything by hand, and what an edit makes of its files.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fieldbook::engine::{Engine, Request};
use fieldbook::search::query::Answer;
use fieldbook::site::Site;
use support::Book;

/// Numbers that are the same on every machine (an LCG's upper bits).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    /// A word, the rarer the larger its number, as words are used.
    fn word(&mut self) -> String {
        let number = self.below(2_000).min(self.below(2_000)).min(self.below(2_000));
        let syllables = ["ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu"];
        format!("{number:03}").bytes().map(|digit| syllables[usize::from(digit - b'0')]).collect()
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

/// Notes of one day each, of different lengths, with a title and headings.
fn notes(count: usize, toml: &str) -> Book {
    let mut chance = Chance(7);
    let mut book = Book::default();
    book.write("book.toml", toml);
    for number in 0..count {
        let title = 2 + chance.below(5);
        let mut text = format!("# {}\n\n", chance.words(title));
        for _ in 0..1 + chance.below(5) {
            let length = 20 + chance.below(120);
            text.push_str(&format!("## {}\n\n{}.\n\n", chance.words(2), chance.words(length)));
        }
        let (month, day) = (1 + number / 28 % 12, 1 + number % 28);
        book.write(&format!("content/notes/{}-{month:02}-{day:02}-n{number}.md", 2000 + number / 336), &text);
    }
    book
}

fn site(book: &Book) -> Arc<Site> {
    Engine::default().build(&book.snapshot(), Request::default()).site.unwrap()
}

fn ask(site: &Site, query: &str) -> Answer {
    site.search().unwrap().ask(query, false)
}

fn titles(site: &Site, query: &str) -> Vec<String> {
    let files = site.search().unwrap();
    let title = |note: u32| site.book.entry(files.index.notes[note as usize]).note.title.text.clone();
    ask(site, query).hits.iter().map(|hit| title(hit.note)).collect()
}

/// A note's words, each with its weight and the fields that hold it.
type Weights = HashMap<String, (f64, u8)>;

/// A note's score by BM25F with all that the index rounds or leaves out: exact weights and lengths of
/// every note, for each word of the query.
struct Oracle {
    /// Of each note its words and its length.
    notes: Vec<(Weights, f64)>,
    average: f64,
}

impl Oracle {
    fn of(site: &Site) -> Self {
        let files = site.search().unwrap();
        let note = |id: &fieldbook::book::NoteId| {
            let found = &site.book.entry(*id).note.found_by;
            let words = found.iter().map(|word| (word.text.to_owned(), (f64::from(word.weight) / 16.0, word.section)));
            (words.collect(), f64::from(found.length()) / 16.0)
        };
        let notes: Vec<(Weights, f64)> = files.index.notes.iter().map(note).collect();
        let average = notes.iter().map(|(_, length)| length).sum::<f64>() / notes.len() as f64;
        Oracle { notes, average }
    }

    /// The scores of all notes; the formula is that of the ranking.
    fn scores(&self, words: &[&str]) -> Vec<f64> {
        let count = self.notes.len() as f64;
        let idf = |word: &str| {
            let df = self.notes.iter().filter(|(words, _)| words.contains_key(word)).count() as f64;
            (1.0 + (count - df + 0.5) / (df + 0.5)).ln()
        };
        let idfs: Vec<f64> = words.iter().map(|word| idf(word)).collect();
        let total: f64 = idfs.iter().sum();
        let score = |(own, length): &(Weights, f64)| {
            let found: Vec<(f64, f64, u8)> = words
                .iter()
                .zip(&idfs)
                .filter_map(|(word, idf)| own.get(*word).map(|(weight, section)| (*idf, *weight, *section)))
                .collect();
            let value = |weight: f64| {
                let weight = weight / (0.25 + 0.75 * length / self.average);
                weight * 2.2 / (weight + 1.2)
            };
            let mut score: f64 = found.iter().map(|(idf, weight, _)| idf * value(*weight)).sum();
            let title: f64 = found.iter().filter(|(.., section)| *section == 15).map(|(idf, ..)| idf).sum();
            score += 2.0 * title * (title / total).powi(2);
            let together = words.len() > 1 && found.windows(2).all(|two| two[0].2 == two[1].2);
            let covered = found.iter().map(|(idf, ..)| idf).sum::<f64>() / total;
            score * if together { 1.15 } else { 1.0 } * covered.powf(1.5)
        };
        self.notes.iter().map(score).collect()
    }
}

#[test]
fn the_first_ten_have_ninety_nine_hundredths_of_the_exact_score() {
    // Without stems, names beside the text and stop words every word counts by itself.
    let toml = "[search]\nlanguages = []\nweights = { tag = 0 }\n";
    let site = site(&notes(800, toml));
    let oracle = Oracle::of(&site);
    let mut chance = Chance(99);
    for words in 1..=3 {
        let (mut got, mut best) = (0.0, 0.0);
        for _ in 0..100 {
            let mut query: Vec<String> = Vec::new();
            while query.len() < words {
                let word = chance.word();
                if oracle.notes.iter().any(|(words, _)| words.contains_key(&word)) && !query.contains(&word) {
                    query.push(word);
                }
            }
            let query: Vec<&str> = query.iter().map(String::as_str).collect();
            let exact = oracle.scores(&query);
            let mut sorted = exact.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            best += sorted.iter().take(10).sum::<f64>();
            let answer = ask(&site, &format!("{} ", query.join(" ")));
            got += answer.hits.iter().take(10).map(|hit| exact[hit.note as usize]).sum::<f64>();
        }
        assert!(got / best >= 0.99, "{words} words: {:.4} of the exact score", got / best);
    }
}

/// The files of the index, by name.
fn index_of(book: &Book) -> BTreeMap<String, Vec<u8>> {
    let site = site(book);
    let index = site.search().unwrap();
    index.files.iter().map(|file| (file.route.to_string(), index.render(&site.book, file))).collect()
}

/// How many files of each folder of the index are new or gone.
fn changed(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, usize> {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<BTreeSet<String>>();
    let mut counts = BTreeMap::new();
    for name in names(after).difference(&names(before)) {
        *counts.entry(name.split('/').nth(1).unwrap().to_owned()).or_insert(0) += 1;
    }
    counts
}

#[test]
fn one_more_word_rewrites_one_shard_of_words() {
    let book = notes(600, "");
    let before = index_of(&book);
    let shards = before.keys().filter(|name| name.starts_with("search/t/")).count();
    assert!(shards > 20, "{shards} shards");
    let paths: Vec<&String> = book.files.keys().filter(|path| path.ends_with(".md")).collect();
    let mut few = 0;
    for path in paths.iter().step_by(60) {
        let mut edited = book.clone();
        let text = format!("{}\nbadegoka\n", String::from_utf8(book.files[*path].clone()).unwrap());
        edited.write(path, &text);
        let counts = changed(&before, &index_of(&edited));
        // Where a note's length is rounded to another one, each of its words counts otherwise.
        let one = counts.get("t").is_some_and(|count| *count <= 2) && counts.get("p").is_some_and(|count| *count <= 2);
        few += usize::from(one);
        assert!(!counts.contains_key("c") && !counts.contains_key("f"), "{counts:?}");
    }
    assert!(few >= 8, "{few} of 10 edits rewrote two shards at most");
}

#[test]
fn a_file_that_has_its_name_has_its_bytes() {
    let mut book = notes(60, "");
    let before = index_of(&book);
    book.write("content/notes/2003-01-01-later.md", "# Later\n\nbade figo huka\n");
    book.files.remove("content/notes/2000-01-03-n2.md");
    let after = index_of(&book);
    for (name, bytes) in after.iter().filter(|(name, _)| name.as_str() != "search/root.js") {
        assert!(before.get(name).is_none_or(|old| old == bytes), "{name}");
    }
}

#[test]
fn a_note_is_found_as_a_reader_types_it() {
    let site = site(&Book::of([
        ("book.toml", "[search]\nlanguages = [\"en\", \"de\"]\n"),
        (
            "content/a.md",
            "# Labels matter\n\nThe **label**ling of `getUserName` in snake_case.\n\n## Größe\n\nCafé, naïve.\n",
        ),
        ("content/b.md", "# 日本語のテスト\n\n退款标签比价格更重要。\n"),
        ("content/c.md", "# Buchungen\n\nหน้าแรกของภาษาไทย हिन्दी में العَرَبِيَّة don't panic\n"),
        ("content/e.md", "# Flugpreisvergleich\n\nStornierungsbedingungen\n"),
        ("content/f.md", "# Zwei\n\nDer Preis und die Bedingungen.\n"),
        ("content/g.md", "# Drei\n\nVom Preis, die Bedingung, die Bedingungen, der Vergleich.\n"),
        ("content/h.md", "# Vier\n\nein Flug, ein Vergleich, Stornierung\n"),
        ("content/i.md", "# Acht\n\nein Flug, Stornierung\n"),
        ("content/d.md", "---\ntags: [pricing]\nteam: Checkout\nauthors: [Ana Ruiz]\n---\n# Other\n\nNothing.\n"),
    ]));
    for (query, title) in [
        ("label", "Labels matter"),
        ("labelling ", "Labels matter"),
        ("lables matter", "Labels matter"),
        ("getUserName", "Labels matter"),
        ("user name", "Labels matter"),
        ("snakeCase", "Labels matter"),
        ("snake", "Labels matter"),
        ("groesse größe", "Labels matter"),
        ("GROSSE", "Labels matter"),
        ("cafe", "Labels matter"),
        ("日本", "日本語のテスト"),
        ("語", "日本語のテスト"),
        ("标签", "日本語のテスト"),
        ("buchung", "Buchungen"),
        ("ภาษา", "Buchungen"),
        ("हिन्दी", "Buchungen"),
        ("العربية", "Buchungen"),
        ("dont", "Buchungen"),
        ("\"don't panic\"", "Buchungen"),
        ("pricing", "Other"),
        ("ana checkout", "Other"),
        ("tag:pricing", "Other"),
        ("by:ana team:checkout", "Other"),
    ] {
        assert_eq!(titles(&site, query).first().map(String::as_str), Some(title), "{query}");
    }
    for query in ["preis ", "vergleich ", "flug ", "stornierung ", "bedingungen "] {
        assert!(titles(&site, query).iter().any(|title| title == "Flugpreisvergleich"), "{query}");
    }
    for query in ["\"panic don't\"", "label -matter", "tag:nothing", "by:ruiz-x label", "zzzz"] {
        assert_eq!(titles(&site, query), Vec::<String>::new(), "{query}");
    }
}

#[test]
fn what_is_withheld_is_in_no_list_of_the_index() {
    let site = site(&Book::of([
        ("content/open.md", "# Open\n\nordinary\n"),
        (
            "content/draft.md",
            "---\ndraft: true\ntags: [unreleased]\nauthors: [Xaver Quill]\n---\n# Draftword\n\nhushhush\n",
        ),
        ("content/team.md", "---\nvisibility: team\nteam: Zephyr\n---\n# Teamword\n\nwhisper\n"),
        ("content/later.md", "---\ndate: 2099-01-01\n---\n# Laterword\n\nfuturistic\n"),
    ]));
    let files = site.search().unwrap();
    let words: Vec<&str> = (0..files.index.lexicon.len()).map(|at| files.index.lexicon.word(at)).collect();
    for word in
        ["hushhush", "draftword", "whisper", "teamword", "futuristic", "laterword", "unreleased", "xaver", "zephyr"]
    {
        assert!(!words.contains(&word), "{word}");
    }
    assert!(words.contains(&"ordinary"));
    let values: Vec<&str> =
        files.index.facets.iter().flat_map(|f| &f.values).map(|value| value.label.as_str()).collect();
    assert!(!values.iter().any(|label| ["unreleased", "Xaver Quill", "Zephyr", "2099"].contains(label)), "{values:?}");
}

#[test]
fn a_book_without_search_has_no_file_of_it_and_reads_no_words() {
    let site = site(&Book::of([("book.toml", "[search]\nenabled = false\n"), ("content/a.md", "# A\n\ntext\n")]));
    assert!(site.search().is_none());
    assert!(site.all_files().iter().all(|file| !file.route.as_str().starts_with("search/")));
    assert!(site.book.notes[0].note.found_by.is_empty());
}

#[test]
fn stop_words_count_only_where_there_are_no_others() {
    let site = site(&Book::of([
        ("book.toml", "[search]\nstop_words = [\"Nothing\"]\n"),
        ("content/a.md", "# Alpha\n\nnothing here\n"),
        ("content/b.md", "# Beta\n\nsomething here\n"),
    ]));
    assert_eq!(titles(&site, "nothing "), ["Alpha"]);
    assert_eq!(titles(&site, "nothing something "), ["Beta"]);
}
