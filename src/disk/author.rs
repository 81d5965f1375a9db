//! What commands for authors do to a book's own files: look whether they are there, add new ones, and
//! change those that a command was asked to change. No byte is lost: a file is replaced in one step,
//! by one that is complete on the disk, and only while it is still what the change was made for.

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

/// Replaces a file's bytes, where they are still `before`; its permissions stay, and a symbolic link
/// stays one. A file that somebody has changed in the meantime is left as it is, with an error.
pub fn rewrite(root: &Root, path: &str, before: &[u8], after: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(root.dir.join(path))?;
    let unchanged = || match fs::read(&path)? == before {
        true => Ok(()),
        false => Err(io::Error::other("it was changed in the meantime")),
    };
    unchanged()?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.fieldbook-{}", std::process::id()));
    let written = || {
        let mut file = File::create_new(&beside)?;
        file.set_permissions(fs::metadata(&path)?.permissions())?;
        file.write_all(after)?;
        file.sync_all()?;
        unchanged()?;
        fs::rename(&beside, &path)
    };
    written().inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// Removes a file whose bytes are still `before`.
pub fn remove(root: &Root, path: &str, before: &[u8]) -> io::Result<()> {
    let path = root.dir.join(path);
    match fs::read(&path)? == before {
        true => fs::remove_file(&path),
        false => Err(io::Error::other("it was changed in the meantime")),
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

    #[test]
    fn a_file_is_changed_only_while_it_is_what_the_change_was_made_for() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root { dir: dir.path().to_owned() };
        create(&root, "a.md", "one").unwrap();
        rewrite(&root, "a.md", b"one", b"two").unwrap();
        assert!(rewrite(&root, "a.md", b"one", b"three").is_err());
        assert_eq!(fs::read_to_string(dir.path().join("a.md")).unwrap(), "two");
        assert!(remove(&root, "a.md", b"one").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        remove(&root, "a.md", b"two").unwrap();
        assert!(rewrite(&root, "a.md", b"two", b"three").is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_changed_file_keeps_its_permissions_and_a_link_stays_a_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let root = Root { dir: dir.path().to_owned() };
        create(&root, "a.md", "one").unwrap();
        fs::set_permissions(dir.path().join("a.md"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.md", dir.path().join("b.md")).unwrap();
        rewrite(&root, "b.md", b"one", b"two").unwrap();
        assert!(fs::symlink_metadata(dir.path().join("b.md")).unwrap().is_symlink());
        let meta = fs::metadata(dir.path().join("a.md")).unwrap();
        assert_eq!(
            (meta.permissions().mode() & 0o777, fs::read_to_string(dir.path().join("a.md")).unwrap()),
            (0o640, "two".into())
        );
    }
}
