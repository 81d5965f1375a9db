//! Books in memory, for tests: a snapshot without a disk.
#![allow(dead_code, clippy::disallowed_methods)] // Each test binary uses its own part; tests may touch the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldbook::date::Date;
use fieldbook::diagnostic::Diagnostic;
use fieldbook::engine::{Build, Engine, Request};
use fieldbook::memo::Fingerprint;
use fieldbook::path::SourcePath;
use fieldbook::source::{Asset, History, Snapshot, Source};

/// The day of every test build.
pub fn today() -> Date {
    Date::new(2026, 11, 23).unwrap()
}

/// The folder of the tests.
pub fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A book as files: path from the root → bytes.
#[derive(Debug, Clone, Default)]
pub struct Book {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Book {
    /// A book of these files; `content/` is put before paths that have no folder of the root.
    pub fn of<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let mut book = Book::default();
        for (path, text) in files {
            book.write(path, text);
        }
        book
    }

    /// Reads a folder below `tests/books`.
    pub fn read(name: &str) -> Self {
        fn walk(top: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let path = entry.path();
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    // As a build does: nothing hidden is part of the book.
                } else if path.is_dir() {
                    walk(top, &path, files);
                } else {
                    let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        let top = tests_folder().join("books").join(name);
        let mut book = Book::default();
        walk(&top, &top, &mut book.files);
        book
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    /// The book as a build sees it.
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot {
            config: None,
            notes: Vec::new(),
            theme: Vec::new(),
            assets: Vec::new(),
            history: Arc::new(History::default()),
            today: today(),
            problems: Vec::new(),
        };
        for (path, bytes) in &self.files {
            let source = || Source::new(SourcePath::new(path.as_str()), bytes.as_slice());
            match path.split('/').next() {
                Some("book.toml") => snapshot.config = Some(source()),
                Some("themes") => snapshot.theme.push(source()),
                _ if path.ends_with(".md") => snapshot.notes.push(Arc::new(source())),
                _ => snapshot.assets.push(Asset {
                    path: SourcePath::new(path.as_str()),
                    size: bytes.len() as u64,
                    fingerprint: Fingerprint::of_bytes(bytes),
                    dimensions: png_size(bytes),
                }),
            }
        }
        snapshot
    }

    /// Builds it from nothing.
    pub fn build(&self) -> Built {
        Built::new(Engine::default().build(&self.snapshot(), Request::default()))
    }
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    bytes.starts_with(b"\x89PNG").then(|| number(16).zip(number(20))).flatten()
}

/// A build with all its files made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Every file but assets; empty where nothing is published.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Of every file.
    pub fingerprints: BTreeMap<String, Fingerprint>,
    pub diagnostics: Vec<Diagnostic>,
    pub parsed: usize,
    pub resolved: usize,
    pub published: bool,
}

impl Built {
    pub fn new(build: Build) -> Self {
        let mut built = Built {
            files: BTreeMap::new(),
            fingerprints: BTreeMap::new(),
            diagnostics: build.diagnostics,
            parsed: build.parsed.done,
            resolved: build.resolved.done,
            published: build.site.is_some(),
        };
        if let Some(site) = build.site {
            for file in site.all_files() {
                built.fingerprints.insert(file.route.to_string(), site.fingerprint(file));
                if let Some(bytes) = site.render(file).expect("the default theme renders") {
                    built.files.insert(file.route.to_string(), bytes.into_owned());
                }
            }
        }
        built
    }

    /// A file's text.
    pub fn text(&self, route: &str) -> &str {
        let bytes = self.files.get(route).unwrap_or_else(|| panic!("no {route} among {:?}", self.files.keys()));
        std::str::from_utf8(bytes).unwrap()
    }

    /// What stands in a page's `<article class="prose">`.
    pub fn article(&self, route: &str) -> &str {
        let html = self.text(route);
        let start = html.find("<article class=\"prose\">").unwrap_or_else(|| panic!("no article in {route}")) + 23;
        &html[start..start + html[start..].find("</article>").unwrap()]
    }

    /// `code@file:line:column`, for short assertions.
    pub fn said(&self) -> Vec<String> {
        self.diagnostics
            .iter()
            .map(|d| match &d.place {
                Some(place) => format!("{}@{}:{}:{}", d.code, d.file, place.start.line, place.start.column),
                None => format!("{}@{}", d.code, d.file),
            })
            .collect()
    }
}

/// Compares text with a file below `tests`, or writes it there under `UPDATE_GOLDEN=1`.
pub fn assert_golden(path: &Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, actual).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let line = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    Err(format!(
        "{} differs from line {} on:\n  expected: {}\n  actual:   {}",
        path.display(),
        line + 1,
        expected.lines().nth(line).unwrap_or("(end)"),
        actual.lines().nth(line).unwrap_or("(end)")
    ))
}
