//! The CPU time that pathological notes and books cost, and how it grows:
//! `cargo bench --bench pathological`. With a size and words, only those whose name holds one of the
//! words: `-- 50000 links`.
//!
//! For each note or book of size N and of 4N: bytes, CPU seconds of the whole build, and their
//! ratio. What is over 2 seconds (for books: over 2 and over twice an ordinary book of as many
//! notes) or a ratio of 6 is marked. Times below 50 ms say nothing of growth. A book has a tenth of
//! the size in what there is too much of.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // A benchmark looks at the clock and prints.

#[path = "../tests/support/bombs.rs"]
mod bombs;

use std::fs;
use std::sync::Arc;

use fieldbook::date::Date;
use fieldbook::engine::{Engine, Request};
use fieldbook::path::SourcePath;
use fieldbook::source::{History, Snapshot, Source};

/// User and system time of this process in seconds, as Linux counts it.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn snapshot(files: &[(String, String)]) -> Snapshot {
    let source = |path: &str, text: &str| Source::new(SourcePath::new(path), text.as_bytes());
    let config = files.iter().find(|(path, _)| path == "book.toml").map_or(TICKETS, |(_, text)| text);
    Snapshot {
        config: Some(source("book.toml", config)),
        notes: files
            .iter()
            .filter(|(path, _)| path.ends_with(".md"))
            .map(|(path, text)| Arc::new(source(path, text)))
            .collect(),
        theme: Vec::new(),
        assets: Vec::new(),
        history: Arc::new(History::default()),
        today: Date::new(2026, 11, 23).expect("a day"),
        problems: Vec::new(),
    }
}

const TICKETS: &str = "[links]\n\"FLEX-{n}\" = \"https://t.example/{n}\"\n";

/// CPU seconds of a build with all its pages.
fn build(files: &[(String, String)]) -> f64 {
    let snapshot = snapshot(files);
    let start = cpu();
    let built = Engine::default().build(&snapshot, Request::default());
    if let Some(site) = &built.site {
        for file in site.files.iter() {
            let _ = site.render(file);
        }
    }
    cpu() - start
}

fn note(text: String) -> Vec<(String, String)> {
    vec![("content/a.md".to_owned(), text)]
}

fn measure(name: &str, small: &[(String, String)], large: &[(String, String)]) {
    // Many notes are many pages, whatever stands in them: 2 ms are more than twice an ordinary one.
    let allowed = 2.0 + 0.002 * large.len() as f64;
    let (one, four) = (build(small), build(large));
    let ratio = four / one.max(0.01);
    let mark = if four > allowed || (four > 0.2 && ratio > 6.0) { "  <--" } else { "" };
    let bytes: usize = large.iter().map(|(_, text)| text.len()).sum();
    println!("{name:58} {bytes:>9} {one:>7.2} {four:>7.2} {ratio:>6.1}{mark}");
}

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let size = words.iter().position(|word| word.parse::<usize>().is_ok()).map(|at| words.remove(at));
    let size: usize = size.and_then(|word| word.parse().ok()).unwrap_or(50_000);
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    // What is made once for a process is nobody's cost.
    build(&note("```rust\nfn a() {}\n```\n\n$a$ <b>c</b>\n".to_owned()));
    println!("{:58} {:>9} {:>7} {:>7} {:>6}", "note", "bytes", "N", "4N", "ratio");
    for (name, make) in bombs::BOMBS.iter().filter(|(name, _)| wanted(name)) {
        measure(name, &note(make(size)), &note(make(4 * size)));
    }
    println!("{:58} {:>9} {:>7} {:>7} {:>6}", "book", "bytes", "N", "4N", "ratio");
    for (name, make) in bombs::BOOKS.iter().filter(|(name, _)| wanted(name)) {
        measure(name, &make(size / 10), &make(4 * size / 10));
    }
}
