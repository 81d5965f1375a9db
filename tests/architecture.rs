//! The shape of the code, held by reading its imports: the ladder of modules, and one door for
//! each dependency. ARCHITECTURE.md explains both.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rungs, from the ground up. A module may import only modules of lower rungs.
const LADDER: &[&[&str]] = &[
    &["parallel", "text", "date"],
    &["memo", "words"],
    &["path"],
    &["diagnostic"],
    &["data", "source"],
    &["config"],
    &["note"],
    &["book"],
    &["search"],
    &["site"],
    &["engine"],
    &["browser", "disk", "edit", "history", "terminal", "watch"],
    &["live", "server"],
    &["cli"],
];

/// The one file or folder that imports a crate. Serde and its JSON are shared.
const DOORS: &[(&str, &str)] = &[
    ("ammonia", "note/html.rs"),
    ("annotate_snippets", "terminal.rs"),
    ("blake3", "memo.rs"),
    ("clap", "cli/mod.rs"),
    ("clap_complete", "cli/mod.rs"),
    ("ctrlc", "watch.rs"),
    ("flate2", "server"),
    ("frostem", "search/stems.rs"),
    ("hyper", "server"),
    ("hyper_util", "server"),
    ("imagesize", "disk"),
    ("jiff", "date.rs"),
    ("notify", "watch.rs"),
    ("postcard", "disk"),
    ("mimalloc", "main.rs"),
    ("pulldown_cmark", "note/body"),
    ("pulldown_latex", "note/math.rs"),
    ("rayon", "parallel.rs"),
    ("rustix", "disk"),
    ("saphyr_parser", "data/yaml.rs"),
    ("syntect", "note/code.rs"),
    ("tera", "site/theme.rs"),
    ("thiserror", "disk"),
    ("tokio", "server"),
    ("toml", "data/toml.rs"),
    ("two_face", "note/code.rs"),
    ("unicode_normalization", "text.rs"),
    ("walkdir", "disk"),
];

const SHARED: &[&str] = &["serde", "serde_json"];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    found.iter().map(|path| (name(path), code_of(&fs::read_to_string(path).unwrap()))).collect()
}

/// The text without comments, so that a link in the documentation is no import.
fn code_of(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The top-level module that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// Every identifier that follows `prefix` (as in `crate::`), also within braces.
fn names_after<'t>(text: &'t str, prefix: &str) -> BTreeSet<&'t str> {
    let mut names = BTreeSet::new();
    let word = |rest: &'t str| &rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())];
    for (at, _) in text.match_indices(prefix) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            names.insert(word(&group[i..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                names.insert(word(rest));
            }
        }
    }
    names
}

#[test]
fn modules_import_only_lower_rungs() {
    let rung: BTreeMap<&str, usize> =
        LADDER.iter().enumerate().flat_map(|(height, names)| names.iter().map(move |name| (*name, height))).collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, text) in sources() {
        let from = module(&file).to_owned();
        if matches!(from.as_str(), "lib" | "main") {
            continue;
        }
        let Some(height) = rung.get(from.as_str()) else {
            wrong.push(format!("{file}: `{from}` stands on no rung"));
            continue;
        };
        for to in names_after(&text, "crate::") {
            seen.insert(to.to_owned());
            match rung.get(to) {
                _ if to == from => {}
                Some(other) if other < height => {}
                Some(_) => wrong.push(format!("{file}: `{from}` imports `{to}`, which is not below it")),
                None => wrong.push(format!("{file}: `crate::{to}` is no module")),
            }
        }
        seen.insert(from);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<_> = rung.keys().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "the ladder names what is not there: {missing:?}");
}

#[test]
fn main_sees_only_the_command_line() {
    let (_, main) = sources().into_iter().find(|(file, _)| file == "main.rs").unwrap();
    assert_eq!(names_after(&main, "fieldbook::").into_iter().collect::<Vec<_>>(), ["cli"]);
}

#[test]
fn each_dependency_has_one_door() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let section = manifest.split("[dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let crates: BTreeSet<String> = section
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().replace('-', "_"))
        .collect();
    let doors: BTreeMap<&str, &str> = DOORS.iter().copied().collect();
    let named: BTreeSet<String> = doors.keys().chain(SHARED).map(|name| (*name).to_owned()).collect();
    assert_eq!(crates, named, "Cargo.toml and the table of doors name the same crates");

    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (file, text) in sources() {
        for (name, door) in &doors {
            let imports = text.contains(&format!("{name}::"))
                && text.match_indices(&format!("{name}::")).any(|(at, _)| {
                    // `::toml::` is the crate; `data::toml::` is a module.
                    let before = text[..at].strip_suffix("::").unwrap_or(&text[..at]);
                    !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '}'))
                });
            if !imports {
                continue;
            }
            let stem = door.trim_end_matches(".rs").trim_end_matches("/mod");
            let within = file == *door || file.starts_with(&format!("{stem}/"));
            match within {
                true => drop(used.insert(*name)),
                false => wrong.push(format!("{file} imports `{name}`, whose door is {door}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unused: Vec<_> = doors.keys().filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "never imported: {unused:?}");
}

#[test]
fn only_the_edges_may_use_what_clippy_bans() {
    let allowed = ["browser.rs", "disk/mod.rs", "history.rs", "terminal.rs", "watch.rs"];
    for (file, text) in sources() {
        if text.contains("allow(clippy::disallowed") {
            assert!(allowed.contains(&file.as_str()), "{file} lets itself through the ban on I/O");
        }
    }
}
