//! A book with one of everything, compared with what it should be, byte for byte. After a wanted
//! change: `UPDATE_GOLDEN=1 cargo test --test golden`, and read the difference.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use support::{Book, assert_golden, tests_folder};

/// What is compared of a file: of a page its `<main>`, which is the book's; of the rest everything.
fn essence(route: &str, bytes: &[u8]) -> Option<String> {
    if route.starts_with("theme/") || route.starts_with("search/") || route.ends_with(".md") {
        return None;
    }
    let text = std::str::from_utf8(bytes).unwrap();
    let main = text.find("<main").map(|start| &text[start..text.find("</main>").unwrap() + 7]);
    Some(format!("{}\n", main.unwrap_or(text).trim_end()))
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeSet::new() };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files_below(&path) } else { BTreeSet::from([path]) }
        })
        .collect()
}

#[test]
fn the_book_with_everything_is_as_it_was() {
    let built = Book::read("everything").build();
    let golden = tests_folder().join("golden").join("everything");
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();

    let routes: BTreeSet<String> = built.fingerprints.keys().map(|route| unhashed(route) + "\n").collect();
    let routes: String = routes.into_iter().collect();
    let mut compare = |name: &str, text: &str| {
        let path = golden.join(name);
        wrong.extend(assert_golden(&path, text).err());
        expected.insert(path);
    };
    compare("routes.txt", &routes);
    for (route, bytes) in &built.files {
        if let Some(text) = essence(route, bytes) {
            compare(route, &text);
        }
    }
    let said: String = built
        .diagnostics
        .iter()
        .map(|d| {
            let place = d.place.as_ref().map_or(String::new(), |p| format!(":{}:{}", p.start.line, p.start.column));
            format!("{}{place}: {}[{}]: {} {:?}\n", d.file, d.severity, d.code, d.message, d.hints)
        })
        .collect();
    compare("diagnostics.txt", &said);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<_> = files_below(&golden).difference(&expected).cloned().collect();
    assert!(unused.is_empty(), "expected and not made: {unused:?}");
}

/// The address of a theme's or the index's file without the part that changes with its bytes.
fn unhashed(route: &str) -> String {
    if let ["search", folder, _] = route.split('/').collect::<Vec<_>>().as_slice() {
        return format!("search/{folder}/*.js");
    }
    let parts: Vec<&str> = route.split('.').collect();
    let is_hash = |part: &&str| part.len() == 8 && part.chars().all(|c| c.is_ascii_hexdigit());
    match route.starts_with("theme/") {
        true => parts.into_iter().map(|part| if is_hash(&part) { "*" } else { part }).collect::<Vec<_>>().join("."),
        false => route.to_owned(),
    }
}

#[test]
fn what_is_withheld_stands_in_no_byte() {
    let built = Book::read("everything").build();
    for (route, bytes) in &built.files {
        let text = String::from_utf8_lossy(bytes);
        for words in ["Secret draft", "From the future", "Not for the public"] {
            assert!(!text.contains(words), "`{words}` stands in {route}");
        }
    }
    for route in ["draft.html", "draft.md", "future.html", "team-only.html", "team-only.md"] {
        assert!(!built.fingerprints.contains_key(route), "{route}");
    }
}
