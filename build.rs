//! Gives the program a fingerprint of its own source: a site that another version of the renderer
//! made is made anew, though its notes have not changed.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // A build script reads files, and prints to talk to cargo.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

fn main() {
    let mut hasher = DefaultHasher::new();
    for folder in ["src", "themes/default"] {
        println!("cargo::rerun-if-changed={folder}");
        add(Path::new(folder), &mut hasher);
    }
    println!("cargo::rerun-if-changed=Cargo.lock");
    add(Path::new("Cargo.lock"), &mut hasher);
    println!("cargo::rustc-env=FIELDBOOK_SOURCE={:016x}", hasher.finish());
}

/// Adds a file, or a folder's files in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| add(entry, hasher));
    } else {
        path.to_string_lossy().replace('\\', "/").hash(hasher);
        fs::read(path).unwrap_or_default().hash(hasher);
    }
}
