//! The CPU time that pathological notes cost, and how it grows: `cargo bench --bench pathological`.
//! With a size and words, only the notes whose name holds one of them: `-- 50000 links`.
//!
//! For each note of size N and of 4N: bytes, CPU seconds of the whole build, and their ratio. What
//! is over 2 seconds or a ratio of 6 is marked. Times below 50 ms say nothing of growth.
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

fn build(text: &str) -> f64 {
    let snapshot = Snapshot {
        config: Some(Source::new(
            SourcePath::new("book.toml"),
            &b"[links]\n\"FLEX-{n}\" = \"https://t.example/{n}\"\n"[..],
        )),
        notes: vec![Arc::new(Source::new(SourcePath::new("content/a.md"), text.as_bytes()))],
        theme: Vec::new(),
        assets: Vec::new(),
        history: Arc::new(History::default()),
        today: Date::new(2026, 11, 23).expect("a day"),
        problems: Vec::new(),
    };
    let start = cpu();
    let built = Engine::default().build(&snapshot, Request::default());
    if let Some(site) = &built.site {
        for file in site.files.iter().filter(|file| file.route.as_str().starts_with("a.")) {
            let _ = site.render(file);
        }
    }
    cpu() - start
}

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let size = words.iter().position(|word| word.parse::<usize>().is_ok()).map(|at| words.remove(at));
    let size: usize = size.and_then(|word| word.parse().ok()).unwrap_or(50_000);
    // What is made once for a process is nobody's cost.
    build("```rust\nfn a() {}\n```\n\n$a$ <b>c</b>\n");
    println!("{:34} {:>9} {:>7} {:>7} {:>6}", "note", "bytes", "N", "4N", "ratio");
    for (name, make) in bombs::BOMBS {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let (small, large) = (make(size), make(4 * size));
        let (one, four) = (build(&small), build(&large));
        let ratio = four / one.max(0.01);
        let mark = if four > 2.0 || (four > 0.2 && ratio > 6.0) { "  <--" } else { "" };
        println!("{name:34} {:>9} {one:>7.2} {four:>7.2} {ratio:>6.1}{mark}", large.len());
    }
}
