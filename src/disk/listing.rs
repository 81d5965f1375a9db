//! What lies in the book's folders: names and stats, nothing is read. From it comes the stamp that
//! tells whether anything has changed since the last build.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::stat::{Stat, Time, stats};
use super::{CONFIG, DiskError, Layout, Root, asset, unreadable, walk_error};
use crate::diagnostic::{Code, Diagnostic};
use crate::memo::Fingerprint;
use crate::path::SourcePath;

/// How many files may be reached through symbolic links to folders. Without a bound, 40 folders
/// of two links each would be a million million files.
const LINKED_FILES: usize = 10_000;

/// A file whose time is younger than the listing, less this, may change again without its time
/// changing: the kernel's clock for files ticks every 1 to 10 ms.
const TICK: Duration = Duration::from_millis(20);

/// The files of a book, each with its stat.
#[derive(Debug)]
pub struct Listing {
    /// Notes and assets, sorted by path.
    pub(super) content: Vec<Listed>,
    /// The files of the theme, sorted by path.
    pub(super) theme: Vec<Listed>,
    /// What can't be read, has no address or may not be published, sorted.
    pub(super) problems: Vec<Diagnostic>,
    /// A file with a time from here on is not to be trusted to be unchanged when its stat is.
    trusted_until: Time,
    layout: Layout,
}

/// One file that was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Listed {
    /// From the book's root.
    pub path: SourcePath,
    /// Where its bytes are, with all symbolic links resolved.
    pub real: PathBuf,
    pub stat: Stat,
}

/// Equal stamps mean that no input of the build has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(pub(super) Fingerprint);

/// Lists the book's files: a sorted walk, and one stat for each file.
///
/// Left out without a word: dot files and dot folders, `node_modules`, the leavings of editors,
/// the output folder, and, where the content folder is the root itself, `book.toml` and the themes.
/// Everything else that is left out is reported.
pub fn list(root: &Root, layout: &Layout) -> Result<Listing, DiskError> {
    let started = SystemTime::now().checked_sub(TICK).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let trusted_until = started.map_or(0, |since| Time::try_from(since.as_nanos()).unwrap_or(0));
    let unreadable = |source| DiskError::Read { path: root.dir.clone(), source };
    let top = fs::canonicalize(&root.dir).map_err(unreadable)?;
    let folder = below_root(&layout.content)?;
    let base = fs::canonicalize(top.join(&folder)).ok().filter(|base| base.is_dir());
    let base = base.ok_or_else(|| DiskError::NoContent(root.dir.join(&folder)))?;
    let theme = layout.theme.as_deref().map(below_root).transpose()?;

    let mut skip = vec![top.join(&layout.output)];
    skip.extend(fs::canonicalize(top.join(&layout.output)));
    skip.extend(theme.iter().flat_map(|theme| fs::canonicalize(top.join(theme))));
    if base == top {
        skip.extend([top.join("themes"), top.join(CONFIG)]);
    }
    let mut walk = Walk { base: &base, skip, found: Vec::new(), linked: 0, problems: Vec::new() };
    walk.folder(&base, &folder, false)?;
    let (content, mut problems) = walk.finish(Code::UnreadableFile)?;

    let mut theme_files = Vec::new();
    if let Some(folder) = theme {
        match fs::canonicalize(top.join(&folder)).ok().filter(|base| base.is_dir()) {
            Some(base) => {
                let mut walk = Walk { base: &base, skip: vec![], found: vec![], linked: 0, problems: vec![] };
                walk.folder(&base, &folder, false)?;
                let (files, more) = walk.finish(Code::ThemeError)?;
                theme_files = files;
                problems.extend(more);
            }
            None => problems.push(Diagnostic::new(
                Code::ThemeError,
                &SourcePath::new(CONFIG),
                format!("there is no theme folder `{folder}`"),
            )),
        }
    }

    let mut files = Vec::with_capacity(content.len());
    for file in content {
        match asset::refused_by_name(&file.path) {
            Some(problem) => problems.push(problem),
            None => files.push(file),
        }
    }
    problems.sort();
    Ok(Listing { content: files, theme: theme_files, problems, trusted_until, layout: layout.clone() })
}

impl Listing {
    /// Whether a later change of the file is sure to change its stat.
    pub(super) fn is_settled(&self, file: &Listed) -> bool {
        file.stat.modified.max(file.stat.changed) < self.trusted_until
    }

    /// The stamp of this listing, together with `others`: a fingerprint of all inputs that are not
    /// in it, namely book.toml's bytes, the git history's version, the day and the command's options.
    /// The program itself is part of the stamp.
    ///
    /// There is none where a file is so young that it may change again without its stat changing.
    pub fn stamp(&self, others: Fingerprint) -> Option<Stamp> {
        let files = || self.content.iter().chain(&self.theme);
        if !files().all(|file| self.is_settled(file)) {
            return None;
        }
        let problems: Vec<_> = self.problems.iter().map(|problem| (problem.file.as_str(), &problem.message)).collect();
        let program = std::env::current_exe().and_then(fs::metadata).map(|metadata| Stat::from(&metadata)).ok();
        let version = env!("CARGO_PKG_VERSION");
        let inputs = (version, program, &self.layout, &self.content, &self.theme, problems, others);
        Some(Stamp(Fingerprint::of(&inputs)))
    }
}

/// A folder from book.toml as a clean path from the root: parts joined by `/`, empty for the root.
fn below_root(folder: &str) -> Result<String, DiskError> {
    let parts: Vec<&str> = folder.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if folder.starts_with('/') || parts.contains(&"..") {
        return Err(DiskError::NotBelowRoot(folder.to_owned()));
    }
    Ok(parts.join("/"))
}

/// Names that no build looks at: hidden files and folders, and what editors and systems leave behind.
fn is_ignored(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || [".swp", ".swo", ".tmp"].iter().any(|ending| lower.ends_with(ending))
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | "4913" | "node_modules")
}

struct Walk<'a> {
    /// The folder that nothing leads out of, with all symbolic links resolved.
    base: &'a Path,
    /// Files and folders that are left out.
    skip: Vec<PathBuf>,
    found: Vec<(String, PathBuf)>,
    /// How many files were found through links to folders.
    linked: usize,
    problems: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Walks `from`, which is `base` or lies in it and is seen at `prefix` from the book's root.
    fn folder(&mut self, from: &Path, prefix: &str, linked: bool) -> Result<(), DiskError> {
        let mut walk = WalkDir::new(from).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let below = |path: &Path| {
                let path = path.strip_prefix(from).unwrap_or(path).to_string_lossy();
                if prefix.is_empty() || path.is_empty() {
                    format!("{prefix}{path}")
                } else {
                    format!("{prefix}/{path}")
                }
            };
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = SourcePath::new(below(error.path().unwrap_or(from)));
                    self.problems.push(unreadable(Code::UnreadableFile, &path, &walk_error(&error))?);
                    continue;
                }
            };
            let kind = entry.file_type();
            let Some(name) = entry.file_name().to_str() else {
                let path = below(entry.path());
                let message = format!("the name of `{path}` is not UTF-8, so it can have no address");
                self.problems.push(
                    Diagnostic::new(Code::NameNotUtf8, &SourcePath::new(path), message)
                        .hint("rename it; the part shown as `\u{fffd}` can't be read"),
                );
                if kind.is_dir() {
                    walk.skip_current_dir();
                }
                continue;
            };
            let at_the_edge = kind.is_dir() || entry.depth() == 1;
            if is_ignored(name) || at_the_edge && self.skip.iter().any(|skip| skip == entry.path()) {
                if kind.is_dir() {
                    walk.skip_current_dir();
                }
                continue;
            }
            if kind.is_dir() {
                continue;
            }
            let path = below(entry.path());
            if linked {
                self.linked += 1;
                if self.linked > LINKED_FILES {
                    let message = format!("symbolic links to folders lead to more than {LINKED_FILES} files");
                    self.problem(Code::SymlinkSkipped, &path, message);
                    return Ok(());
                }
            }
            if kind.is_file() {
                self.found.push((path, entry.into_path()));
            } else if kind.is_symlink() {
                self.link(entry.path(), path, linked)?;
            } else {
                self.special(&path);
            }
        }
        Ok(())
    }

    /// Follows the symbolic link at `link` if it stays within `base` and leads to something that
    /// would be looked at under its own name, too.
    fn link(&mut self, link: &Path, path: String, linked: bool) -> Result<(), DiskError> {
        let (why, hint) = match fs::canonicalize(link) {
            Err(_) => ("leads nowhere or in a circle", "remove it"),
            Ok(target) => match target.strip_prefix(self.base) {
                Err(_) => ("leads out of the content folder", "copy what it leads to into the content folder"),
                Ok(inside) if self.is_left_out(inside, &target) => ("leads to what is not published", "remove it"),
                Ok(_) if link.starts_with(&target) => ("leads in a circle", "remove it"),
                Ok(_) => match fs::metadata(&target) {
                    Ok(found) if found.is_dir() && linked => {
                        ("leads to a folder, from a folder reached by a link", "link to the folder itself")
                    }
                    Ok(found) if found.is_dir() => return self.folder(&target, &path, true),
                    Ok(found) => {
                        match found.is_file() {
                            true => self.found.push((path, target)),
                            false => self.special(&path),
                        }
                        return Ok(());
                    }
                    Err(error) => {
                        self.problems.push(unreadable(Code::UnreadableFile, &SourcePath::new(path), &error)?);
                        return Ok(());
                    }
                },
            },
        };
        let message = format!("the symbolic link `{path}` {why} and is not followed");
        self.problems.push(Diagnostic::new(Code::SymlinkSkipped, &SourcePath::new(path), message).hint(hint));
        Ok(())
    }

    fn is_left_out(&self, inside: &Path, target: &Path) -> bool {
        inside.iter().any(|part| part.to_str().is_none_or(is_ignored))
            || self.skip.iter().any(|skip| target.starts_with(skip))
    }

    fn special(&mut self, path: &str) {
        let message = format!("`{path}` is a FIFO, a socket or a device and is not opened");
        self.problem(Code::SpecialFile, path, message);
    }

    fn problem(&mut self, code: Code, path: &str, message: String) {
        self.problems.push(Diagnostic::new(code, &SourcePath::new(path), message));
    }

    /// Asks for the stats, and sorts by path.
    fn finish(mut self, code: Code) -> Result<(Vec<Listed>, Vec<Diagnostic>), DiskError> {
        self.found.sort();
        let real: Vec<&Path> = self.found.iter().map(|(_, real)| real.as_path()).collect();
        let stats = stats(&real);
        let mut files = Vec::with_capacity(self.found.len());
        for ((path, real), stat) in self.found.into_iter().zip(stats) {
            let path = SourcePath::new(path);
            match stat {
                Ok(stat) => files.push(Listed { path, real, stat }),
                Err(error) => self.problems.push(unreadable(code, &path, &error)?),
            }
        }
        Ok((files, self.problems))
    }
}
