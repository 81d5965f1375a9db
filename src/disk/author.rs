//! What commands for authors do to a book's own files: look whether they are there, and add new ones.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Root;

/// The folder, a path from the book's root, exists.
pub fn is_folder(root: &Root, folder: &str) -> bool {
    root.dir.join(folder).is_dir()
}

/// The nearest folder above the root that holds a book.toml.
pub fn book_above(root: &Root) -> Option<PathBuf> {
    let top = fs::canonicalize(&root.dir).ok()?;
    top.ancestors().skip(1).find(|folder| folder.join("book.toml").is_file()).map(Path::to_owned)
}

/// Writes a new file below the book's root, with the folders above it. A file that is there
/// already stays as it is; then the answer is false.
pub fn create(root: &Root, path: &str, text: &str) -> io::Result<bool> {
    let path = root.dir.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match File::create_new(&path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// A path that somebody typed: a relative one starts at the current folder.
pub fn from_here(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_never_replaces_one() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root { dir: dir.path().to_owned() };
        assert!(create(&root, "content/learnings/a.md", "one").unwrap());
        assert!(!create(&root, "content/learnings/a.md", "two").unwrap());
        assert_eq!(fs::read_to_string(dir.path().join("content/learnings/a.md")).unwrap(), "one");
        assert!(is_folder(&root, "content") && !is_folder(&root, "content/learnings/a.md"));
    }
}
