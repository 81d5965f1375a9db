//! What lies in the book's folders: names and stats, nothing is read. From it comes the stamp that
//! tells whether anything has changed since the last build.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::stat::{Stat, Time, stats};
use super::{CONFIG, DiskError, Layout, Memory, Root, asset, unreadable};
use crate::diagnostic::{Code, Diagnostic};
use crate::memo::Fingerprint;
use crate::path::SourcePath;

/// How many files may be reached through symbolic links to folders. Without a bound, 40 folders
/// of two links each would be a million million files.
const LINKED_FILES: usize = 10_000;

/// A file whose time is younger than the listing, less this, may change again without its time
/// changing: the kernel's clock for files ticks every 1 to 10 ms.
const TICK: Duration = Duration::from_millis(20);

/// The same on file systems that keep whole seconds or, as FAT does, even ones only.
const COARSE_TICK: Time = 2_000_000_000;

/// The files of a book, each with its stat.
#[derive(Debug)]
pub struct Listing {
    /// Notes and assets, sorted by path.
    pub(super) content: Vec<Listed>,
    /// The files of the theme, sorted by path.
    pub(super) theme: Vec<Listed>,
    /// What can't be read, has no address or may not be published, sorted.
    pub(super) problems: Vec<Diagnostic>,
    /// Every folder that was looked into, with all symbolic links resolved.
    folders: Vec<PathBuf>,
    trust: Trust,
    layout: Layout,
}

/// One file that was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Listed {
    /// From the book's root.
    pub path: SourcePath,
    /// Where its bytes are, with all symbolic links resolved.
    pub real: Arc<Path>,
    pub stat: Stat,
}

/// What tells whether an equal stat means that nothing has changed.
#[derive(Debug, Clone, Copy)]
struct Trust {
    /// Times from here on are too young.
    until: Time,
}

impl Trust {
    /// In stats that are taken from now on.
    fn from_now() -> Self {
        let before = SystemTime::now().checked_sub(TICK).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Trust { until: before.map_or(0, |since| Time::try_from(since.as_nanos()).unwrap_or(0)) }
    }

    /// Whether a later change is sure to change this stat.
    fn holds(self, stat: &Stat) -> bool {
        let time = stat.modified.max(stat.changed);
        let is_coarse = time % 1_000_000_000 == 0;
        time < if is_coarse { self.until - COARSE_TICK } else { self.until }
    }
}

/// The names in each folder when it was last read, by the folder's path from the book's root. A
/// folder's own stat changes when a name in it comes or goes.
#[derive(Debug, Default)]
pub(super) struct Folders {
    read: HashMap<Box<str>, Folder>,
}

#[derive(Debug)]
struct Folder {
    real: PathBuf,
    /// None where it was so young that its stat proves nothing.
    stat: Option<Stat>,
    items: Arc<[Item]>,
}

/// A name in a folder, and what has it.
#[derive(Debug, Clone)]
struct Item {
    /// From the book's root; with `U+FFFD` where a name is not UTF-8.
    path: SourcePath,
    real: Arc<Path>,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    Special,
    NotUtf8,
}

/// Equal stamps mean that no input of the build has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(pub(super) Fingerprint);

/// Lists the book's files: a sorted walk, and one stat for each file and folder. A folder whose
/// stat is the one that `memory` knows is not read again.
///
/// Left out without a word: dot files and dot folders, `node_modules`, the leavings of editors,
/// the output folder, and, where the content folder is the root itself, `book.toml` and the themes.
/// Everything else that is left out is reported.
pub fn list(root: &Root, layout: &Layout, memory: &mut Memory) -> Result<Listing, DiskError> {
    let trust = Trust::from_now();
    let unreadable = |source| DiskError::Read { path: root.dir.clone(), source };
    let known = std::mem::take(&mut memory.folders);
    let mut walk = Walk::new(&known, trust);
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
    walk.start(base.clone(), "content folder", skip);
    walk.folder(&base, &folder, true, false)?;
    let (content, mut problems) = walk.finish(Code::UnreadableFile)?;

    let mut theme_files = Vec::new();
    if let Some(folder) = theme {
        match fs::canonicalize(top.join(&folder)).ok().filter(|base| base.is_dir()) {
            Some(base) => {
                walk.start(base.clone(), "theme's folder", Vec::new());
                walk.folder(&base, &folder, true, false)?;
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
    let Walk { read, folders, .. } = walk;
    memory.folders = Folders { read };
    Ok(Listing { content: files, theme: theme_files, problems, folders, trust, layout: layout.clone() })
}

impl Listing {
    /// Of a book in which nothing can be found.
    pub fn nothing(layout: &Layout) -> Self {
        let (content, theme, problems, folders) = Default::default();
        Listing { content, theme, problems, folders, trust: Trust::from_now(), layout: layout.clone() }
    }

    /// Whether a later change of the file is sure to change its stat.
    pub(super) fn is_settled(&self, file: &Listed) -> bool {
        self.trust.holds(&file.stat)
    }

    /// Every folder that was looked into, with all symbolic links resolved: a change in one of them
    /// may change the next listing, and so may one in a folder above.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
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
pub(super) fn is_ignored(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || [".swp", ".swo", ".tmp"].iter().any(|ending| lower.ends_with(ending))
        || matches!(lower.as_str(), "thumbs.db" | "desktop.ini" | "4913" | "node_modules")
}

struct Walk<'m> {
    /// What is remembered of earlier walks.
    known: &'m Folders,
    /// The same for the next one.
    read: HashMap<Box<str>, Folder>,
    folders: Vec<PathBuf>,
    trust: Trust,
    /// The folder that nothing leads out of, with all symbolic links resolved.
    base: PathBuf,
    /// What that folder is called in a message.
    called: &'static str,
    /// Files and folders that are left out.
    skip: Vec<PathBuf>,
    found: Vec<(SourcePath, Arc<Path>)>,
    /// How many files were found through links to folders.
    linked: usize,
    problems: Vec<Diagnostic>,
}

impl<'m> Walk<'m> {
    fn new(known: &'m Folders, trust: Trust) -> Self {
        Walk {
            known,
            read: HashMap::new(),
            folders: Vec::new(),
            trust,
            base: PathBuf::new(),
            called: "",
            skip: Vec::new(),
            found: Vec::new(),
            linked: 0,
            problems: Vec::new(),
        }
    }

    /// From now on, nothing leads out of `base`.
    fn start(&mut self, base: PathBuf, called: &'static str, skip: Vec<PathBuf>) {
        (self.base, self.called, self.skip, self.linked) = (base, called, skip, 0);
    }

    /// Walks `from`, which is the base or lies in it and is seen at `prefix` from the book's root.
    /// A file that is left out stands at the top of a walk.
    fn folder(&mut self, from: &Path, prefix: &str, is_top: bool, linked: bool) -> Result<(), DiskError> {
        let items = match self.items(from, prefix) {
            Ok(items) => items,
            // It went since the folder above was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                self.problems.push(unreadable(Code::UnreadableFile, &SourcePath::new(prefix), &error)?);
                return Ok(());
            }
        };
        for Item { path, real, kind } in &*items {
            let at_the_edge = is_top || *kind == Kind::Folder;
            if at_the_edge && self.skip.iter().any(|skip| **skip == **real) {
                continue;
            }
            if linked && !matches!(kind, Kind::Folder | Kind::NotUtf8) {
                self.linked += 1;
                if self.linked > LINKED_FILES {
                    let message = format!("symbolic links to folders lead to more than {LINKED_FILES} files");
                    self.problem(Code::SymlinkSkipped, path, message);
                    return Ok(());
                }
            }
            match kind {
                Kind::File => self.found.push((path.clone(), real.clone())),
                Kind::Folder => self.folder(real, path.as_str(), false, linked)?,
                Kind::Link => self.link(real, path, linked)?,
                Kind::Special => self.special(path),
                Kind::NotUtf8 => {
                    let message = format!("the name of `{path}` is not UTF-8, so it can have no address");
                    self.problems.push(
                        Diagnostic::new(Code::NameNotUtf8, path, message)
                            .hint("rename it; the part shown as `\u{fffd}` can't be read"),
                    );
                }
            }
        }
        Ok(())
    }

    /// What a folder holds, but for what no build looks at: as it is remembered, if its stat is the same.
    fn items(&mut self, from: &Path, prefix: &str) -> io::Result<Arc<[Item]>> {
        self.folders.push(from.to_owned());
        // Before the names are read: a name that comes after that makes the stat another one.
        let stat = Stat::from(&fs::symlink_metadata(from)?);
        let known = self.known.read.get(prefix).filter(|known| known.real == from && known.stat == Some(stat));
        let items = match known {
            Some(known) => known.items.clone(),
            None => read_items(from, prefix)?.into(),
        };
        let stat = Some(stat).filter(|stat| self.trust.holds(stat));
        self.read.insert(prefix.into(), Folder { real: from.to_owned(), stat, items: items.clone() });
        Ok(items)
    }

    /// Follows the symbolic link at `link` if it stays within `base` and leads to something that
    /// would be looked at under its own name, too.
    fn link(&mut self, link: &Path, path: &SourcePath, linked: bool) -> Result<(), DiskError> {
        let out =
            (format!("leads out of the {}", self.called), format!("copy what it leads to into the {}", self.called));
        let (why, hint) = match fs::canonicalize(link) {
            Err(_) => ("leads nowhere or in a circle", "remove it"),
            Ok(target) => match target.strip_prefix(&self.base) {
                Err(_) => (out.0.as_str(), out.1.as_str()),
                Ok(inside) if self.is_left_out(inside, &target) => ("leads to what is not published", "remove it"),
                Ok(_) if link.starts_with(&target) => ("leads in a circle", "remove it"),
                Ok(_) => match fs::metadata(&target) {
                    Ok(found) if found.is_dir() && linked => {
                        ("leads to a folder, from a folder reached by a link", "link to the folder itself")
                    }
                    Ok(found) if found.is_dir() => return self.folder(&target, path.as_str(), true, true),
                    Ok(found) => {
                        match found.is_file() {
                            true => self.found.push((path.clone(), target.into())),
                            false => self.special(path),
                        }
                        return Ok(());
                    }
                    Err(error) => {
                        self.problems.push(unreadable(Code::UnreadableFile, path, &error)?);
                        return Ok(());
                    }
                },
            },
        };
        let message = format!("the symbolic link `{path}` {why} and is not followed");
        self.problems.push(Diagnostic::new(Code::SymlinkSkipped, path, message).hint(hint));
        Ok(())
    }

    fn is_left_out(&self, inside: &Path, target: &Path) -> bool {
        inside.iter().any(|part| part.to_str().is_none_or(is_ignored))
            || self.skip.iter().any(|skip| target.starts_with(skip))
    }

    fn special(&mut self, path: &SourcePath) {
        let message = format!("`{path}` is a FIFO, a socket or a device and is not opened");
        self.problem(Code::SpecialFile, path, message);
    }

    fn problem(&mut self, code: Code, path: &SourcePath, message: String) {
        self.problems.push(Diagnostic::new(code, path, message));
    }

    /// Asks for the stats, and sorts by path.
    fn finish(&mut self, code: Code) -> Result<(Vec<Listed>, Vec<Diagnostic>), DiskError> {
        let mut found = std::mem::take(&mut self.found);
        let mut problems = std::mem::take(&mut self.problems);
        found.sort();
        let real: Vec<&Path> = found.iter().map(|(_, real)| &**real).collect();
        let stats = stats(&real);
        let mut files = Vec::with_capacity(found.len());
        for ((path, real), stat) in found.into_iter().zip(stats) {
            match stat {
                Ok(stat) => files.push(Listed { path, real, stat }),
                Err(error) => problems.push(unreadable(code, &path, &error)?),
            }
        }
        Ok((files, problems))
    }
}

/// Reads a folder's names, sorted, without those that no build looks at.
fn read_items(folder: &Path, prefix: &str) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(is_ignored) {
            continue;
        }
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let kind = match name.to_str() {
            None => Kind::NotUtf8,
            Some(_) if kind.is_file() => Kind::File,
            Some(_) if kind.is_dir() => Kind::Folder,
            Some(_) if kind.is_symlink() => Kind::Link,
            Some(_) => Kind::Special,
        };
        let shown = name.to_string_lossy();
        let path = if prefix.is_empty() { shown.into_owned() } else { format!("{prefix}/{shown}") };
        items.push((name, Item { path: SourcePath::new(path), real: entry.path().into(), kind }));
    }
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(items.into_iter().map(|(_, item)| item).collect())
}
