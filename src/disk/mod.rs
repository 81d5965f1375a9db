//! The only file system: what a build reads ([`list`], [`Listing::read`]), what it writes
//! ([`publish()`]), and what it remembers of the last one ([`state`]).
//!
//! Sources are never written by a build; [`create`] and [`rewrite`] are for the commands that somebody asks
//! to write one. The content folder is untrusted: nothing in it makes the program
//! read a file outside it, open what is no file, or publish what runs code on the site's host.
#![allow(clippy::disallowed_methods)]

mod asset;
mod author;
mod image;
mod listing;
mod manifest;
mod open;
mod output;
mod publish;
mod read;
mod site;
mod stat;
pub mod state;
mod svg;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;

use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::path::SourcePath;
use crate::source::Source;
use crate::text::reason;

pub use author::{book_above, create, from_here, is_folder, remove, rewrite};
pub use listing::{Listing, Stamp, list};
pub use open::{OpenAsset, allow_open_files, open_asset};
pub use output::{Content, Output, OutputError, Reason, Refusal};
pub use publish::{PublishError, Written, publish};
pub use read::{Memory, Reading};

/// The folder that holds a book: book.toml, the content, the theme.
#[derive(Debug, Clone)]
pub struct Root {
    /// Absolute, or relative to the current folder.
    pub dir: PathBuf,
}

/// Where in the root the parts of a book lie.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Layout {
    /// The content folder, from the root; empty or `.` where the root itself is the content.
    pub content: String,
    /// The folder of the book's own theme, from the root, if it has one.
    pub theme: Option<String>,
    /// The output folder; a relative path starts at the root.
    pub output: PathBuf,
}

/// Why a book can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// There is no content folder.
    #[error("there is no content folder `{}`", .0.display())]
    NoContent(PathBuf),
    /// The root has no book.toml, and a folder above it has.
    #[error("this folder lies in the book `{}`: build that one", .0.display())]
    WithinBook(PathBuf),
    /// The content or the theme folder is not below the root.
    #[error("the folder `{0}` must be a path below the book's own folder, without `..`")]
    NotBelowRoot(String),
    /// `SOURCE_DATE_EPOCH` is no time.
    #[error("SOURCE_DATE_EPOCH is `{0}`, which is no number of seconds since 1970")]
    Epoch(String),
    /// A file or folder that every build needs can't be read.
    #[error("can't read `{}`: {}", path.display(), reason(source))]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The name of the configuration file.
const CONFIG: &str = "book.toml";

/// Reads `book.toml`, if there is one.
pub fn read_config(root: &Root) -> Result<Option<Source>, DiskError> {
    let path = root.dir.join(CONFIG);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(Source::new(SourcePath::new(CONFIG), bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DiskError::Read { path, source }),
    }
}

/// The day of the build, in UTC: that of `SOURCE_DATE_EPOCH` where it is set to a Unix time in
/// seconds, so that a build can be repeated, and otherwise today.
pub fn today() -> Result<Date, DiskError> {
    match given_time() {
        None => Ok(Date::from_unix(now().as_secs().cast_signed()).unwrap_or(Date::EPOCH)),
        Some(text) => {
            let day = text.trim().parse().ok().and_then(Date::from_unix);
            day.ok_or(DiskError::Epoch(text))
        }
    }
}

/// How long it will be until [`today`] is another day; never, if the day is given.
pub fn until_tomorrow() -> Option<Duration> {
    const DAY: u64 = 24 * 60 * 60;
    let left = Duration::from_secs(DAY - now().as_secs() % DAY);
    given_time().is_none().then_some(left)
}

fn given_time() -> Option<String> {
    let given = std::env::var_os("SOURCE_DATE_EPOCH").filter(|time| !time.is_empty());
    given.map(|time| time.to_string_lossy().into_owned())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// The book's folder as an absolute path without symbolic links, if it is there.
pub fn resolved(root: &Root) -> PathBuf {
    fs::canonicalize(&root.dir).unwrap_or_else(|_| root.dir.clone())
}

/// Whether the name is one at which no build looks: of all hidden files, only git's say something.
pub fn is_noise(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    listing::is_ignored(name) && !matches!(name, ".git" | ".mailmap")
}

/// The diagnostic on a file that can't be read, and is left out. An error where it is not the file
/// but the system that fails, out of descriptors or memory: a book must not lose pages by that.
fn unreadable(code: Code, path: &SourcePath, error: &io::Error) -> Result<Diagnostic, DiskError> {
    let errno = Errno::from_io_error(error);
    if let Some(errno @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) = errno {
        return Err(DiskError::Read { path: path.as_str().into(), source: errno.into() });
    }
    Ok(Diagnostic::new(code, path, format!("can't read `{path}`: {}", reason(error))))
}

/// The system's error behind a walk's; the walk's own words name the path once more.
fn walk_error(error: &walkdir::Error) -> io::Error {
    let code = error.io_error().and_then(io::Error::raw_os_error);
    code.map_or_else(|| io::Error::other("it lies in a circle of links"), io::Error::from_raw_os_error)
}
