//! Everything that a build may look at, as values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::date::Date;
use crate::diagnostic::{Diagnostic, Place};
use crate::memo::Fingerprint;
use crate::path::SourcePath;
use crate::text::{LineIndex, Span};

/// One text file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it lies, from the book's root.
    pub path: SourcePath,
    /// Its bytes, as they are on disk.
    pub bytes: Arc<[u8]>,
    /// The fingerprint of the bytes.
    pub fingerprint: Fingerprint,
}

impl Source {
    /// A source from its bytes.
    pub fn new(path: SourcePath, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Source { path, fingerprint: Fingerprint::of_bytes(&bytes), bytes }
    }

    /// The text, with `U+FFFD` for what is not UTF-8, and with a line feed for a carriage return that
    /// stands alone: it ends a line, too, but parsers know it less well. Both are one byte long.
    pub fn text(&self) -> Cow<'_, str> {
        let text: Cow<'_, str> = match std::str::from_utf8(&self.bytes) {
            // Checked in whole words; the lossy reading goes byte by byte.
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(&self.bytes),
        };
        let bytes = text.as_bytes();
        let is_alone = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
        if !text.match_indices('\r').any(|(at, _)| is_alone(at)) {
            return text;
        }
        text.char_indices().map(|(at, c)| if is_alone(at) { '\n' } else { c }).collect::<String>().into()
    }

    /// The place of a span of [`Source::text`]. Makes a line index: for one diagnostic, not for many.
    pub fn place(&self, span: Span) -> Place {
        let text = self.text();
        Place::new(&text, &LineIndex::new(&text), span)
    }
}

/// A file beside the notes that is published as it is. Its bytes stay on disk until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Where it lies, from the book's root.
    pub path: SourcePath,
    /// Bytes.
    pub size: u64,
    /// Of its bytes, or of its size and modification time: equal means the same file.
    pub fingerprint: Fingerprint,
    /// Width and height in pixels, where the file is an image whose header says so.
    pub dimensions: Option<(u32, u32)>,
}

/// What git knows of one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileHistory {
    /// The day of the first commit (author date), renames followed.
    pub created: Date,
    /// The day of the latest commit.
    pub updated: Date,
    /// The author of the first commit, by `.mailmap`.
    pub author: Arc<str>,
    /// All authors of commits to it, first commit first, each once; robots left out.
    pub contributors: Vec<Arc<str>>,
}

/// What git knows of the book; empty outside a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// By path from the book's root.
    pub files: BTreeMap<SourcePath, FileHistory>,
    /// The commit of HEAD, in full, where there is one.
    pub head: Option<String>,
    /// The clone holds only the newest commits: dates and authors may be wrong.
    pub shallow: bool,
}

/// Everything that a build may look at. Nothing else is an input: not the clock, not the
/// environment, not a file read from a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// `book.toml`, if there is one.
    pub config: Option<Source>,
    /// The markdown files of the content folder, sorted by path.
    pub notes: Vec<Arc<Source>>,
    /// The files of the book's own theme, sorted by path; empty where the default theme is used as it is.
    pub theme: Vec<Source>,
    /// The other files of the content folder that may be published, sorted by path.
    pub assets: Vec<Asset>,
    /// What git knows.
    pub history: Arc<History>,
    /// The day of the build, in UTC: `SOURCE_DATE_EPOCH`, or today.
    pub today: Date,
    /// What the scan itself found wrong.
    pub problems: Vec<Diagnostic>,
}
