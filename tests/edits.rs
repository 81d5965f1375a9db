//! Warm equals cold: after any series of edits, a build that remembers equals one from nothing,
//! byte for byte, and does no more work than the edit needs.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use fieldbook::engine::{Engine, Request};
use support::{Book, Built};

/// A small generator with a seed (xorshift64*, Vigna 2016): the same script on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.below(items.len())]
    }
}

const FOLDERS: [&str; 5] = ["learnings", "experiments", "retros", "deep/er", "notes"];
const NAMES: [&str; 8] = ["alpha", "beta", "gamma", "delta", "README", "index", "2026-01-02-dated", "Übung"];
const TAGS: [&str; 5] = ["pricing", "market/spain", "market", "Pricing", "méthode"];

fn path(random: &mut Random) -> String {
    format!("content/{}/{}.md", random.pick(&FOLDERS), random.pick(&NAMES))
}

fn note(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(4) > 0 {
        text += "---\n";
        for _ in 0..random.below(5) {
            text += &match random.below(9) {
                0 => format!("title: Title {}\n", random.below(5)),
                1 => format!("tags: [{}, {}]\n", random.pick(&TAGS), random.pick(&TAGS)),
                2 => format!("date: 2026-0{}-1{}\n", 1 + random.below(9), random.below(9)),
                3 => format!("kind: {}\n", random.pick(&["learning", "retro", "decision", "nonsense"])),
                4 => "draft: true\n".into(),
                5 => format!("related: [\"[[{}]]\"]\n", random.pick(&NAMES)),
                6 => format!("team: {}\nauthors: [{}]\n", random.pick(&["A", "B"]), random.pick(&["Ana", "Tom"])),
                7 => "aliases: [/old/place.html, other]\n".into(),
                _ => "tags: [broken\n".into(),
            };
        }
        text += "---\n";
    }
    for _ in 0..random.below(6) {
        text += &match random.below(8) {
            0 => format!("# Heading {}\n\n", random.below(4)),
            1 => format!("See [that](../{}/{}.md#heading-1).\n\n", random.pick(&FOLDERS), random.pick(&NAMES)),
            2 => format!("And [[{}]] or [[Title {}]].\n\n", random.pick(&NAMES), random.below(5)),
            3 => format!("![[{}]]\n\n", random.pick(&NAMES)),
            4 => "FLEX-12 and FLEX-7.\n\n".into(),
            5 => "<b>raw <script>x</script>\n\n".into(),
            6 => "```rust\nfn main() {}\n```\n\n".into(),
            _ => format!("Words {}.\n\n", random.below(1000)),
        };
    }
    text
}

fn config(random: &mut Random) -> String {
    let mut text = String::from("[links]\n\"FLEX-{n}\" = \"https://t.example/{n}\"\n");
    text += &match random.below(6) {
        0 => "[book]\ntitle = \"Other\"\n".into(),
        1 => "[tags]\nallow = [\"pricing\"]\n".into(),
        2 => "[checks]\nbroken-link = \"error\"\n".into(),
        3 => "[kinds.learning]\nplural = \"Lessons\"\n".into(),
        4 => "[book\n".into(),
        _ => format!("[site]\npage_size = {}\n", 2 + random.below(4)),
    };
    text
}

/// One step of a script; says what it did.
fn edit(book: &mut Book, random: &mut Random) -> String {
    let existing: Vec<String> = book.files.keys().filter(|path| path.ends_with(".md")).cloned().collect();
    let some = |random: &mut Random| existing.get(random.below(existing.len().max(1))).cloned();
    match random.below(12) {
        0..=4 => {
            let (path, text) = (path(random), note(random));
            book.write(&path, &text);
            format!("write {path}: {text:?}")
        }
        5 => match some(random) {
            Some(path) => {
                book.files.remove(&path);
                format!("delete {path}")
            }
            None => "nothing".into(),
        },
        6 => match some(random) {
            Some(from) => {
                let to = path(random);
                let bytes = book.files.remove(&from).unwrap();
                book.files.insert(to.clone(), bytes);
                format!("rename {from} {to}")
            }
            None => "nothing".into(),
        },
        7 => match some(random) {
            Some(path) => {
                book.files.get_mut(&path).unwrap().extend(b"\nA line more.\n");
                format!("append to {path}")
            }
            None => "nothing".into(),
        },
        8 => {
            let (from, to) = (random.pick(&FOLDERS), random.pick(&FOLDERS));
            let moved: Vec<String> =
                existing.iter().filter(|p| p.starts_with(&format!("content/{from}/"))).cloned().collect();
            for path in moved {
                let bytes = book.files.remove(&path).unwrap();
                book.files.insert(path.replacen(from, to, 1), bytes);
            }
            format!("move {from} to {to}")
        }
        9 => {
            let text = config(random);
            book.write("book.toml", &text);
            format!("configure {text:?}")
        }
        10 => {
            match random.below(2) {
                0 => book.write("themes/default/templates/not-found.html", "{{ page.title }}"),
                _ => drop(book.files.remove("themes/default/templates/not-found.html")),
            }
            "change the theme".into()
        }
        _ => {
            book.write("content/learnings/picture.png", &format!("{}", random.below(3)));
            "change an asset".into()
        }
    }
}

fn run_script(seed: u64, steps: usize) {
    let mut random = Random(seed);
    let mut book = Book::default();
    let mut engine = Engine::default();
    for step in 0..steps {
        let did = edit(&mut book, &mut random);
        let warm = Built::new(engine.build(&book.snapshot(), Request::default()));
        let mut cold = book.build();
        (cold.parsed, cold.resolved) = (warm.parsed, warm.resolved);
        assert!(warm == cold, "seed {seed}, step {step}: warm and cold differ after: {did}");
    }
}

#[test]
fn random_edits_leave_warm_and_cold_alike() {
    for seed in [1, 2, 3, 4] {
        run_script(seed * 0x9e37_79b9, 250);
    }
}

/// A book of some size, its engine warm.
fn warm() -> (Book, Engine, Built) {
    let mut book = Book::of([("content/README.md", "# Home\n")]);
    for n in 0..40 {
        let text = format!(
            "---\ndate: 2026-01-{:02}\ntags: [t{}]\n---\n# Note {n}\n\nSentence {n}. See [next](n{}.md).\n",
            1 + n % 28,
            n % 4,
            (n + 1) % 40
        );
        book.write(&format!("content/notes/n{n}.md"), &text);
    }
    let mut engine = Engine::default();
    let built = Built::new(engine.build(&book.snapshot(), Request::default()));
    (book, engine, built)
}

/// The routes whose bytes differ, but those of the index: `tests/search.rs` counts them.
fn changed(before: &Built, after: &Built) -> Vec<String> {
    let routes = before.fingerprints.keys().chain(after.fingerprints.keys()).collect::<std::collections::BTreeSet<_>>();
    routes
        .into_iter()
        .filter(|route| !route.starts_with("search/"))
        .filter(|route| before.fingerprints.get(*route) != after.fingerprints.get(*route))
        .cloned()
        .collect()
}

#[test]
fn an_edited_body_costs_one_parse_and_its_own_page() {
    let (mut book, mut engine, before) = warm();
    let text = String::from_utf8(book.files["content/notes/n7.md"].clone()).unwrap();
    book.write("content/notes/n7.md", &format!("{text}\nA second paragraph.\n"));
    let after = Built::new(engine.build(&book.snapshot(), Request::default()));
    assert_eq!((after.parsed, after.resolved), (1, 1));
    assert_eq!(changed(&before, &after), ["notes/n7.html", "notes/n7.md"]);
}

#[test]
fn a_new_title_changes_the_pages_that_show_it_and_no_other() {
    let (mut book, mut engine, before) = warm();
    let text = String::from_utf8(book.files["content/notes/n7.md"].clone()).unwrap();
    book.write("content/notes/n7.md", &text.replace("# Note 7", "# Note 7 renamed"));
    let after = Built::new(engine.build(&book.snapshot(), Request::default()));
    assert_eq!(after.parsed, 1);
    for route in changed(&before, &after) {
        let shows =
            after.files.get(&route).is_some_and(|bytes| String::from_utf8_lossy(bytes).contains("Note 7 renamed"));
        assert!(shows, "{route} changed and does not show the title");
    }
    // Its place in the order stays. Its neighbours by link and by order, lists and feeds do; unrelated notes do not.
    let routes = changed(&before, &after);
    assert!(routes.contains(&"notes/n8.html".into()) && routes.contains(&"tags/t3.html".into()), "{routes:?}");
    assert!(!routes.contains(&"notes/n22.html".into()), "{routes:?}");
}

#[test]
fn a_changed_link_pattern_reads_all_notes_again_and_a_new_title_of_the_book_none() {
    let (mut book, mut engine, _) = warm();
    book.write("book.toml", "[book]\ntitle = \"New\"\n");
    assert_eq!(Built::new(engine.build(&book.snapshot(), Request::default())).parsed, 0);
    book.write("book.toml", "[links]\n\"X-{n}\" = \"\"\n");
    assert_eq!(Built::new(engine.build(&book.snapshot(), Request::default())).parsed, 41);
}

#[test]
fn nothing_changed_means_nothing_parsed_and_equal_fingerprints() {
    let (book, mut engine, before) = warm();
    let after = Built::new(engine.build(&book.snapshot(), Request::default()));
    assert_eq!((after.parsed, after.resolved, changed(&before, &after)), (0, 0, vec![]));
}

#[test]
fn equal_fingerprints_mean_equal_bytes() {
    let mut random = Random(77);
    let mut book = Book::default();
    let mut known: std::collections::BTreeMap<(String, fieldbook::memo::Fingerprint), Vec<u8>> = Default::default();
    for _ in 0..200 {
        edit(&mut book, &mut random);
        let built = book.build();
        for (route, bytes) in &built.files {
            let key = (route.clone(), built.fingerprints[route]);
            let first = known.entry(key).or_insert_with(|| bytes.clone());
            assert!(first == bytes, "{route} has one fingerprint and two contents");
        }
    }
}
