//! The output folder: what it is to hold, where it may lie, and that one build at a time writes to it.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;

use super::{Layout, Root, walk_error};
use crate::memo::Fingerprint;
use crate::path::SourcePath;
use crate::text::reason;

/// A file that the output folder is to hold.
#[derive(Debug, Clone)]
pub struct Output<'s> {
    /// Its path in the output folder, with `/` between the parts.
    pub route: &'s str,
    /// Equal fingerprints mean equal bytes, whatever they are made from.
    pub fingerprint: Fingerprint,
    /// Where the bytes come from.
    pub content: Content<'s>,
}

/// Where a file's bytes come from.
#[derive(Debug, Clone)]
pub enum Content<'s> {
    /// They are those of an asset, and the output's fingerprint is the asset's: what was looked at is
    /// what is published.
    Copy(&'s SourcePath),
    /// They are rendered; the number is the renderer's own.
    Render(usize),
}

/// What is wrong with the output folder, or what went wrong in it.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The folder is not used for output.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A route is no relative path below the output folder, is the manifest's, or stands twice.
    #[error("`{0}` can't be the path of a file in the site, or is that of two files")]
    Route(String),
    /// The system failed.
    #[error("can't {action} `{}`: {}", path.display(), reason(source))]
    Io {
        /// What was tried: a verb, as in "can't write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Turns the system's error into one that names the file.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError + use<> {
    let path = path.to_owned();
    move |source| OutputError::Io { action, path, source }
}

pub(super) fn walk_failed(action: &'static str, folder: &Path, error: &walkdir::Error) -> OutputError {
    failed(action, error.path().unwrap_or(folder))(walk_error(error))
}

/// Why a folder is not used for output. Each message says what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the output folder `{}` {reason}", folder.display())]
pub struct Refusal {
    /// The folder, as far as it could be resolved.
    pub folder: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with an output folder.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Reason {
    /// It is `/`, home, the book, the content or a theme, or holds one of them.
    #[error("is or holds {0}, which a build could overwrite: choose a folder of its own, such as `site`")]
    Holds(&'static str),
    /// It lies in the content or in a theme.
    #[error("lies in {0}, so a build would read what the last one wrote: choose a folder beside it, such as `site`")]
    LiesIn(&'static str),
    /// It holds files, and no manifest.
    #[error("is not empty and was not written by fieldbook: empty it, or choose another folder")]
    Foreign,
    /// It is a symbolic link.
    #[error("is a symbolic link: name the folder that it leads to")]
    Link,
    /// It is a file, a socket or the like.
    #[error("is not a folder: remove it, or choose another name")]
    NoFolder,
    /// The system can't put another folder in its place.
    #[error("is a mount point, so no other folder can take its place: choose a folder in it")]
    MountPoint,
    /// A file in it that is not ours has the name of a file of the site.
    #[error("holds `{0}`, which was not written by fieldbook and would be overwritten: move it away")]
    Occupied(String),
}

/// The output folder, in a place where it may be, and the names used beside it.
#[derive(Debug)]
pub(super) struct Place {
    /// The output folder; no part of its path but perhaps the last is missing or a symbolic link.
    pub out: PathBuf,
    /// The folder that holds it.
    pub parent: PathBuf,
    /// Where the next site is put together.
    pub stage: PathBuf,
    /// Where the old site waits while the next one takes its place, on systems that can't exchange two folders.
    pub aside: PathBuf,
    /// The file that a writing build holds locked.
    lock: PathBuf,
}

impl Place {
    /// Checks where the output folder lies (safety rule 7) and that it is one.
    pub fn find(root: &Root, layout: &Layout) -> Result<Self, OutputError> {
        let top = resolve(&root.dir)?;
        let wanted = top.join(&layout.output);
        let refused = |folder: &Path, reason| Err(Refusal { folder: folder.to_owned(), reason }.into());
        let out = match (wanted.parent(), wanted.file_name()) {
            (Some(parent), Some(name)) => resolve(parent)?.join(name),
            // It ends in `..`, or is `/`.
            _ => resolve(&wanted)?,
        };
        let content = resolve(&top.join(&layout.content))?;
        let home = std::env::home_dir().filter(|home| home.is_absolute()).map(|home| resolve(&home).unwrap_or(home));
        let theme = layout.theme.iter().map(|theme| resolve(&top.join(theme))).collect::<Result<Vec<_>, _>>()?;
        let themes = theme.into_iter().chain([resolve(&top.join("themes"))?]);

        let mut kept: Vec<(PathBuf, &str)> = vec![("/".into(), "the root of the file system")];
        kept.extend(home.map(|home| (home, "your home folder")));
        kept.extend([(top.clone(), "the book"), (content, "the content folder")]);
        kept.extend(themes.map(|theme| (theme, "the theme")));
        if let Some((_, what)) = kept.iter().find(|(folder, _)| folder.starts_with(&out)) {
            return refused(&out, Reason::Holds(what));
        }
        for (folder, what) in kept.iter().filter(|(_, what)| matches!(*what, "the theme" | "the content folder")) {
            // Where the root itself is the content, the output is a folder in it that the scan leaves out.
            if out.starts_with(folder) && *folder != top {
                return refused(&out, Reason::LiesIn(what));
            }
        }
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            return refused(&out, Reason::Holds("the root of the file system"));
        };
        match fs::symlink_metadata(&out) {
            Ok(found) if found.is_symlink() => return refused(&out, Reason::Link),
            Ok(found) if !found.is_dir() => return refused(&out, Reason::NoFolder),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("look at", &out)(error)),
            _ => {}
        }
        let beside = |what: &str| {
            let mut beside = OsString::from(".");
            beside.push(name);
            beside.push(what);
            parent.join(beside)
        };
        Ok(Place {
            stage: beside(".fieldbook-stage"),
            aside: beside(".fieldbook-old"),
            lock: beside(".fieldbook-lock"),
            parent: parent.to_owned(),
            out,
        })
    }

    /// Whether an earlier build was killed and left something beside the output folder, or another one is writing.
    pub fn has_leavings(&self) -> bool {
        [&self.stage, &self.aside, &self.lock].iter().any(|path| fs::symlink_metadata(path).is_ok())
    }

    /// Waits for the lock, after a call of `waiting` if another build holds it.
    ///
    /// The lock is the system's, on a file beside the output folder: it ends with the process,
    /// however that ends. The file goes when the lock does.
    pub fn lock(&self, waiting: impl FnOnce(&Path)) -> io::Result<Lock> {
        let mut waiting = Some(waiting);
        loop {
            let flags = OFlags::NOFOLLOW.bits().cast_signed();
            let file = File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o644)
                .custom_flags(flags)
                .open(&self.lock)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    if let Some(waiting) = waiting.take() {
                        waiting(&self.out);
                    }
                    file.lock()?;
                }
                // On file systems without locks, two builds at once are the user's to avoid.
                Err(TryLockError::Error(_)) | Ok(()) => {}
            }
            // The build that held the lock before may have removed the file with it.
            let held = file.metadata()?;
            if fs::symlink_metadata(&self.lock)
                .is_ok_and(|found| (found.dev(), found.ino()) == (held.dev(), held.ino()))
            {
                return Ok(Lock { path: self.lock.clone(), _file: file });
            }
        }
    }
}

/// Held while a build writes.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed first, unlocked second: who waits for this file sees that it is gone, and makes its own.
        let _ = fs::remove_file(&self.path);
    }
}

/// An absolute path with all symbolic links resolved; what does not exist yet is taken as it is written.
fn resolve(path: &Path) -> Result<PathBuf, OutputError> {
    let mut missing: Vec<&std::ffi::OsStr> = Vec::new();
    let mut at = path;
    loop {
        match (fs::canonicalize(at), at.parent(), at.components().next_back()) {
            (Ok(found), ..) => return Ok(missing.iter().rev().fold(found, |path, part| path.join(part))),
            (Err(error), Some(parent), Some(Component::Normal(name)))
                if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(at).is_err() =>
            {
                missing.push(name);
                at = parent;
            }
            (Err(error), ..) => return Err(failed("find", at)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("book");
        fs::create_dir_all(root.join("content/sub")).unwrap();
        fs::create_dir_all(root.join("themes/ours")).unwrap();
        (dir, Root { dir: root })
    }

    fn find(root: &Root, content: &str, output: impl Into<PathBuf>) -> Result<PathBuf, Reason> {
        let layout = Layout { content: content.into(), theme: Some("themes/ours".into()), output: output.into() };
        match Place::find(root, &layout) {
            Ok(place) => Ok(place.out),
            Err(OutputError::Refused(refusal)) => Err(refusal.reason),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn folders_that_a_build_could_harm_are_refused() {
        let (dir, root) = book();
        let content = Err(Reason::LiesIn("the content folder"));
        assert_eq!(find(&root, "content", "content/site"), content);
        assert_eq!(find(&root, "content", "content/new/site"), content);
        let layout = Layout { content: "content".into(), theme: None, output: "nothing/../content/site".into() };
        assert!(matches!(Place::find(&root, &layout), Err(OutputError::Io { .. })));
        assert_eq!(find(&root, "content", "themes/../content/site"), content);
        assert_eq!(find(&root, "content", "content"), Err(Reason::Holds("the content folder")));
        assert_eq!(find(&root, "content/sub", "content"), Err(Reason::Holds("the content folder")));
        assert_eq!(find(&root, "content", "themes/ours"), Err(Reason::Holds("the theme")));
        assert_eq!(find(&root, "content", "themes/ours/site"), Err(Reason::LiesIn("the theme")));
        assert_eq!(find(&root, "content", "themes/site"), Err(Reason::LiesIn("the theme")));
        for output in ["", ".", "..", "content/..", "./../../"] {
            assert!(matches!(find(&root, "content", output), Err(Reason::Holds(_))), "{output}");
        }
        assert_eq!(find(&root, "content", dir.path()), Err(Reason::Holds("the book")));
        assert_eq!(find(&root, "content", "/"), Err(Reason::Holds("the root of the file system")));
        let home = std::env::home_dir().unwrap();
        assert_eq!(find(&root, "content", &home), Err(Reason::Holds("your home folder")));
        fs::write(root.dir.join("file"), "").unwrap();
        assert_eq!(find(&root, "content", "file"), Err(Reason::NoFolder));
    }

    #[test]
    fn symbolic_links_are_seen_through() {
        let (dir, root) = book();
        let link = |to: &Path, at: &str| std::os::unix::fs::symlink(to, root.dir.join(at)).unwrap();
        link(&root.dir.join("content"), "way");
        assert_eq!(find(&root, "content", "way/site"), Err(Reason::LiesIn("the content folder")));
        assert_eq!(find(&root, "content", "way"), Err(Reason::Link));
        link(dir.path(), "elsewhere");
        assert_eq!(find(&root, "content", "elsewhere/site"), Ok(fs::canonicalize(dir.path()).unwrap().join("site")));
        assert_eq!(find(&root, "content", "elsewhere/book/content/x"), Err(Reason::LiesIn("the content folder")));
        link(Path::new("/nowhere/at/all"), "dangling");
        assert_eq!(find(&root, "content", "dangling"), Err(Reason::Link));
    }

    #[test]
    fn a_folder_of_its_own_is_taken_also_where_the_root_is_the_content() {
        let (_dir, root) = book();
        let top = fs::canonicalize(&root.dir).unwrap();
        assert_eq!(find(&root, "content", "site"), Ok(top.join("site")));
        assert_eq!(find(&root, "content", "build/new/site/"), Ok(top.join("build/new/site")));
        for content in ["", "."] {
            assert_eq!(find(&root, content, "site"), Ok(top.join("site")));
            assert!(find(&root, content, "themes/site").is_err());
        }
    }

    #[test]
    fn a_second_build_waits_and_the_lock_leaves_nothing() {
        let (_dir, root) = book();
        let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
        let place = Place::find(&root, &layout).unwrap();
        let first = place.lock(|_| panic!("nobody holds it")).unwrap();
        let (told, tells) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| drop(place.lock(|_| told.send(()).unwrap()).unwrap()));
            tells.recv().unwrap();
            assert!(!second.is_finished());
            drop(first);
        });
        assert!(!place.has_leavings());
    }
}
