//! The default theme: what of its folder is part of the program, and what its files promise.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

use std::fs;
use std::path::{Path, PathBuf};

use fieldbook::site::theme::{DEFAULT, Theme};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn every_file_of_the_folder_is_part_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let mut names: Vec<String> =
        paths.iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/")).collect();
    names.sort();
    assert_eq!(DEFAULT.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
}

/// Scripts and style sheets are published without comments and indentation, line by line: that
/// needs comments to be whole lines, and no text to run over the end of a line.
#[test]
fn scripts_and_style_sheets_can_be_read_line_by_line() {
    for (name, bytes) in DEFAULT.iter().filter(|(name, _)| !name.contains("/vendor/")) {
        if !name.ends_with(".js") && !name.ends_with(".css") {
            continue;
        }
        let mut in_comment = false;
        for (number, line) in std::str::from_utf8(bytes).unwrap().lines().enumerate() {
            let (line, place) = (line.trim(), format!("{name}:{}", number + 1));
            in_comment |= line.starts_with("/*");
            if in_comment {
                assert!(!line.contains("*/") || line.ends_with("*/"), "{place}: code after a comment");
                in_comment &= !line.ends_with("*/");
            } else if !line.starts_with("//") {
                assert!(!line.contains("/*") || line.contains("\"*/*\""), "{place}: a comment after code");
                assert_eq!(line.matches('`').count() % 2, 0, "{place}: a text that runs over the line's end");
                assert!(!line.ends_with('\\'), "{place}: a text that runs over the line's end");
            }
        }
        assert!(!in_comment, "{name}: a comment without an end");
    }
}

#[test]
fn what_is_published_is_code_alone() {
    let theme = Theme::load(&[], "themes/default").value;
    for file in theme.files.iter().filter(|file| file.name.ends_with(".js") && !file.name.starts_with("vendor/")) {
        let text = std::str::from_utf8(file.bytes()).unwrap();
        assert!(text.lines().all(|line| !line.starts_with("//") && !line.starts_with("/*") && line == line.trim()));
        assert!(text.lines().any(|line| line.starts_with("(() => {") || line.starts_with("try{")), "{}", file.name);
    }
}
