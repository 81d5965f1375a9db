//! Publishing: the whole site or nothing, and of it the difference only.
//!
//! The next site is put together in a folder beside the output folder, where files that stay as
//! they are cost one hard link each, and the two folders are exchanged in one step. So a reader
//! who opens files by their path finds the old site or the new one, complete, and whatever stops
//! the program leaves the old one as it was. What is not ours in the output folder moves along.
//!
//! A folder is exchanged by its name: a program that holds the output folder itself (its current
//! folder, or a bind mount of it) keeps the old one and has to be given the folder above.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::hash::Hasher;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::fs::{CWD, Mode, RenameFlags, renameat_with};
use rustix::io::Errno;
use walkdir::WalkDir;

use super::manifest::{self, Entries, Entry, Manifest};
use super::open::{open_file, open_inside};
use super::output::{Content, Output, OutputError, Place, Reason, Refusal, failed, walk_failed};
use super::site::{self, Site, folders_of};
use super::{Layout, Root};
use crate::memo::{Fingerprint, Fingerprinter};
use crate::parallel;

/// What a publication did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files of the site.
    pub files: usize,
    /// Files that are new or have other bytes than before.
    pub changed: usize,
    /// HTML pages among them.
    pub changed_pages: usize,
    /// Files of the last site that are gone.
    pub deleted: usize,
    /// Files that were rendered; some may have come out as they were.
    pub rendered: usize,
    /// Names the site, bytes and all: for [`state::store`](super::state::store).
    pub site: Fingerprint,
}

/// Why nothing was published. The output folder is as it was.
#[derive(Debug, thiserror::Error)]
pub enum PublishError<E> {
    /// The output folder can't be used, or the system failed.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A page could not be rendered.
    #[error("{0}")]
    Render(E),
}

/// Makes the output folder hold `outputs`, and what is in it that no build wrote.
///
/// Only outputs whose fingerprint differs from the last publication's, or whose file is no longer
/// as it was written, are rendered or copied, on all cores. Where there are none, nothing is
/// opened for writing. `waiting` is called, with the output folder, if another build is writing
/// there and has to be waited for.
///
/// Deleted are only files that an earlier build wrote. The new files' modes are 0644 and 0755
/// whatever the umask was: it is set to 022 for the rest of the process.
pub fn publish<E: Send>(
    root: &Root,
    layout: &Layout,
    outputs: &[Output<'_>],
    waiting: impl FnOnce(&Path),
    render: impl Fn(usize) -> Result<Vec<u8>, E> + Sync,
) -> Result<Written, PublishError<E>> {
    let place = Place::find(root, layout)?;
    let outputs = sorted(outputs)?;
    let unchanged = |site| Written { files: outputs.len(), site, ..Written::default() };
    // Looked at before the lock is taken: taking it writes beside the output folder, and a watcher
    // of the book's root would wake up for nothing.
    if let Some(site) = site::up_to_date(&place, &outputs)?.filter(|_| !place.has_leavings()) {
        return Ok(unchanged(site));
    }
    rustix::process::umask(Mode::WGRP | Mode::WOTH);
    fs::create_dir_all(&place.parent).map_err(failed("make the folder", &place.parent))?;
    let _lock = place.lock(waiting).map_err(failed("write in", &place.parent))?;
    clean_up(&place)?;
    if let Some(site) = site::up_to_date(&place, &outputs)? {
        return Ok(unchanged(site));
    }
    let site = Site::look(&place)?;
    site.check_free(&outputs).map_err(OutputError::from)?;

    let stage = Stage::new(&place)?;
    stage.carry_over(&site, &outputs)?;
    let jobs: Vec<Job<'_>> = outputs.iter().map(|&output| Job::new(output, &site)).collect();
    let content = root.dir.join(&layout.content);
    parallel::try_for_each(&jobs, |job| {
        let made = stage.make(job, root, &content, &render)?;
        // Each job runs once.
        let _ = job.made.set(made);
        Ok::<(), PublishError<E>>(())
    })?;
    let made = || jobs.iter().filter_map(|job| Some((job.output, job.made.get()?)));
    let entries: Entries = made().map(|(output, made)| (output.route.to_owned(), made.entry)).collect();
    let fingerprint = stage.write_manifest(&entries)?;
    let written = Written {
        files: outputs.len(),
        changed: made().filter(|(_, made)| made.changed).count(),
        changed_pages: made().filter(|(output, made)| made.changed && output.route.ends_with(".html")).count(),
        deleted: site.files.keys().filter(|route| !entries.contains_key(*route)).count(),
        rendered: made().filter(|(_, made)| made.rendered).count(),
        site: fingerprint,
    };
    if let Some(old) = stage.exchange(site.exists)? {
        // The site is published. What is left of the old one is tried again, and reported, by the next build.
        let _ = retire(&old, &place.out, &site.entries, &entries);
    }
    Ok(written)
}

/// The outputs by route, if the routes can be the paths of as many files.
fn sorted<'s>(outputs: &'s [Output<'s>]) -> Result<Vec<&'s Output<'s>>, OutputError> {
    let mut sorted: Vec<&Output<'_>> = outputs.iter().collect();
    sorted.sort_by_key(|output| output.route);
    let is_wrong = |route: &str| !manifest::is_clean(route) || route.starts_with(manifest::NAME);
    let twice = sorted.windows(2).find(|pair| pair[0].route == pair[1].route).map(|pair| pair[0]);
    match sorted.iter().copied().find(|output| is_wrong(output.route)).or(twice) {
        Some(output) => Err(OutputError::Route(output.route.to_owned())),
        None => Ok(sorted),
    }
}

/// One output, what is known of its file, and what was made of it.
struct Job<'a> {
    output: &'a Output<'a>,
    old: Option<&'a Entry>,
    made: OnceLock<Made>,
}

struct Made {
    entry: Entry,
    changed: bool,
    rendered: bool,
}

impl<'a> Job<'a> {
    fn new(output: &'a Output<'a>, site: &'a Site) -> Self {
        Job { output, old: site.known(output.route), made: OnceLock::new() }
    }
}

/// The folder in which the next site is put together. Removed when dropped, unless exchanged.
struct Stage<'a> {
    place: &'a Place,
    is_ours: bool,
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        if self.is_ours {
            // All that is in it is made here. What can't be removed now, the next build removes.
            let _ = fs::remove_dir_all(&self.place.stage);
        }
    }
}

impl<'a> Stage<'a> {
    fn new(place: &'a Place) -> Result<Self, OutputError> {
        make_folder(&place.stage)?;
        Ok(Stage { place, is_ours: true })
    }

    /// Makes all folders, and links what is not ours into them. A link keeps a foreign file in its
    /// place at every moment; what can't be linked is moved after the exchange, with what has been
    /// added until then, by [`retire`].
    fn carry_over(&self, site: &Site, outputs: &[&Output<'_>]) -> Result<(), OutputError> {
        let mut folders: BTreeSet<&Path> = site.foreign_folders.iter().map(PathBuf::as_path).collect();
        folders.extend(outputs.iter().flat_map(|output| folders_of(output.route)).map(Path::new));
        folders.extend(site.foreign.iter().flat_map(|path| path.ancestors().skip(1)));
        for folder in folders.into_iter().filter(|folder| !folder.as_os_str().is_empty()) {
            make_folder(&self.place.stage.join(folder))?;
        }
        for path in &site.foreign {
            let replaced = |route| outputs.binary_search_by_key(&route, |output| output.route).is_ok();
            if !path.to_str().is_some_and(replaced) {
                let _ = fs::hard_link(self.place.out.join(path), self.place.stage.join(path));
            }
        }
        for folder in site.foreign_folders.iter().rev() {
            let (from, to) = (self.place.out.join(folder), self.place.stage.join(folder));
            let kept =
                fs::symlink_metadata(&from).and_then(|metadata| fs::set_permissions(&to, metadata.permissions()));
            kept.map_err(failed("keep the folder", &from))?;
        }
        Ok(())
    }

    /// Puts one file in its place.
    fn make<E>(
        &self,
        job: &Job<'_>,
        root: &Root,
        content: &Path,
        render: impl Fn(usize) -> Result<Vec<u8>, E>,
    ) -> Result<Made, PublishError<E>> {
        let Job { output: &Output { route, fingerprint, .. }, old, .. } = *job;
        let (shown, to) = (self.place.out.join(route), self.place.stage.join(route));
        let keep = |entry: &Entry, rendered| {
            link_or_copy(&shown, &to).map_err(failed("keep", &shown))?;
            Ok(Made { entry: Entry { fingerprint, ..*entry }, changed: false, rendered })
        };
        if let Some(old) = old.filter(|old| old.fingerprint == fingerprint) {
            return keep(old, false);
        }
        match &job.output.content {
            &Content::Render(number) => {
                let bytes = render(number).map_err(PublishError::Render)?;
                let hash = Fingerprint::of_bytes(&bytes);
                if let Some(old) = old.filter(|old| old.hash == hash && old.size == bytes.len() as u64) {
                    return keep(old, true);
                }
                new_file(&to).and_then(|mut file| file.write_all(&bytes)).map_err(failed("write", &shown))?;
                let entry = Entry { fingerprint, hash, size: bytes.len() as u64 };
                Ok(Made { entry, changed: true, rendered: true })
            }
            Content::Copy(path) => {
                let from = root.dir.join(path.as_str());
                let mut source = open_inside(&from, content).map_err(failed("read", &from))?;
                let mut copy = new_file(&to).map_err(failed("write", &shown))?;
                let (hash, size) = copy_hashed(&mut source, &mut copy, &from, &shown)?;
                if hash != fingerprint {
                    let error = io::Error::other("it was changed while the site was made; build again");
                    return Err(failed("copy", &from)(error).into());
                }
                let changed = old.is_none_or(|old| old.hash != hash);
                Ok(Made { entry: Entry { fingerprint, hash, size }, changed, rendered: false })
            }
        }
    }

    /// The manifest comes last: a stage without one is unfinished, and its time is not before any file's.
    ///
    /// It is the one file that is brought to the disk before the exchange, so that after a power
    /// cut the folder is still known to be ours. The others are not (`syncfs` took 8 to 17 µs a
    /// file on an ordinary disk, as long as writing them, and would wait for other programs' data, too): a file
    /// cut short by a power cut has not the size that the manifest says, and is made again by the
    /// next build.
    fn write_manifest(&self, entries: &Entries) -> Result<Fingerprint, OutputError> {
        let path = self.place.stage.join(manifest::NAME);
        let unfinished = path.with_extension("new");
        let write = || -> io::Result<Fingerprint> {
            let (bytes, fingerprint) = manifest::bytes(entries)?;
            let mut file = new_file(&unfinished)?;
            file.write_all(&bytes)?;
            file.sync_data()?;
            fs::rename(&unfinished, &path)?;
            Ok(fingerprint)
        };
        write().map_err(failed("write", &self.place.out.join(manifest::NAME)))
    }

    /// Puts the stage in the output folder's place; gives the folder where the old site is now.
    fn exchange(mut self, exists: bool) -> Result<Option<PathBuf>, OutputError> {
        let Place { out, stage, aside, .. } = self.place;
        let rename =
            |from: &Path, to: &Path| fs::rename(from, to).map_err(failed("put the new site in the place of", out));
        if !exists {
            rename(stage, out)?;
            self.is_ours = false;
            return Ok(None);
        }
        match renameat_with(CWD, stage, CWD, out, RenameFlags::EXCHANGE) {
            Ok(()) => {
                self.is_ours = false;
                Ok(Some(stage.clone()))
            }
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                // Between the two steps there is no site. A build that is killed there leaves the old one
                // aside, and the next build puts it back first.
                rename(out, aside)?;
                if let Err(error) = rename(stage, out) {
                    rename(aside, out)?;
                    return Err(error);
                }
                self.is_ours = false;
                Ok(Some(aside.clone()))
            }
            Err(Errno::BUSY | Errno::XDEV) => Err(Refusal { folder: out.clone(), reason: Reason::MountPoint }.into()),
            Err(error) => Err(failed("put the new site in the place of", out)(error.into())),
        }
    }
}

/// Finishes what builds that were killed have left beside the output folder.
fn clean_up(place: &Place) -> Result<(), OutputError> {
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    if is_there(&place.aside) && !is_there(&place.out) {
        fs::rename(&place.aside, &place.out).map_err(failed("put back", &place.out))?;
    }
    let current = match Manifest::read(&place.out).map_err(failed("read", &place.out.join(manifest::NAME)))? {
        Manifest::Known { entries, .. } => entries,
        Manifest::None | Manifest::Damaged => Entries::new(),
    };
    for left in [&place.aside, &place.stage] {
        match fs::symlink_metadata(left) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                fs::remove_file(left).map_err(failed("remove", left))?;
                continue;
            }
            Err(_) => continue,
        }
        match Manifest::read(left).map_err(failed("read", left))? {
            // An unfinished stage: a build made all that is in it. This does not go through symbolic links.
            Manifest::None => fs::remove_dir_all(left).map_err(failed("remove", left))?,
            Manifest::Damaged => retire(left, &place.out, &Entries::new(), &current)?,
            Manifest::Known { entries, .. } => retire(left, &place.out, &entries, &current)?,
        }
    }
    Ok(())
}

/// Removes a site that is no longer shown: the files that its manifest names, those that the
/// current site has, and second names of foreign files. What else turns up was added while the
/// next site was made, and moves to it. The manifest goes last, so that this can be taken up again.
fn retire(old: &Path, out: &Path, ours: &Entries, current: &Entries) -> Result<(), OutputError> {
    // Sorted, so that each folder is read to its end before anything in it is removed.
    for item in WalkDir::new(old).min_depth(1).contents_first(true).sort_by_file_name() {
        let item = item.map_err(|error| walk_failed("remove", old, &error))?;
        let path = item.path().strip_prefix(old).unwrap_or(item.path());
        let route = path.to_str().unwrap_or_default();
        if item.file_type().is_dir() {
            fs::remove_dir(item.path()).map_err(failed("remove", item.path()))?;
        } else if ours.contains_key(route) || current.contains_key(route) || is_same(item.path(), &out.join(path)) {
            fs::remove_file(item.path()).map_err(failed("remove", item.path()))?;
        } else if route != manifest::NAME {
            let to = out.join(path);
            let moved = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::rename(item.path(), &to));
            moved.map_err(failed("keep", &to))?;
        }
    }
    match fs::remove_file(old.join(manifest::NAME)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", old)(error)),
        _ => fs::remove_dir(old).map_err(failed("remove", old)),
    }
}

/// Whether both are names of one file.
fn is_same(a: &Path, b: &Path) -> bool {
    let id = |path| fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((id(a), id(b)), (Ok(a), Ok(b)) if a == b)
}

fn make_folder(path: &Path) -> Result<(), OutputError> {
    DirBuilder::new().mode(0o755).create(path).map_err(failed("make the folder", path))
}

/// A file that was not there before.
fn new_file(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o644).open(path)
}

/// Gives a file a second name or, where the file system has no hard links or this one has too many, copies it.
fn link_or_copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| io::copy(&mut open_file(from)?, &mut new_file(to)?).map(|_| ()))
}

/// Copies all bytes; gives their fingerprint and number.
fn copy_hashed(
    from: &mut File,
    to: &mut File,
    from_path: &Path,
    to_path: &Path,
) -> Result<(Fingerprint, u64), OutputError> {
    let mut hash = Fingerprinter::default();
    let mut block = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        match from.read(&mut block) {
            Ok(0) => return Ok((hash.fingerprint(), size)),
            Ok(read) => {
                let bytes = block.get(..read).unwrap_or_default();
                hash.write(bytes);
                to.write_all(bytes).map_err(failed("write", to_path))?;
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed("read", from_path)(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::time::{Duration, SystemTime};

    use super::super::stat::{Stat, Time};
    use super::*;
    use crate::path::SourcePath;

    /// A book of which only the output matters: pages by route and text, and assets.
    struct Book {
        dir: tempfile::TempDir,
        layout: Layout,
    }

    /// Files, changed, deleted, rendered.
    type Counts = (usize, usize, usize, usize);

    type Seen = BTreeMap<String, (String, u64, Time, u32)>;

    impl Book {
        fn new() -> Self {
            let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
            let book = Book { dir: tempfile::tempdir().unwrap(), layout };
            fs::create_dir(book.path("content")).unwrap();
            book
        }

        fn path(&self, path: &str) -> PathBuf {
            self.dir.path().join(path)
        }

        fn root(&self) -> Root {
            Root { dir: self.dir.path().to_owned() }
        }

        /// Publishes pages; one with the text `FAIL` can't be rendered.
        fn publish(&self, pages: &[(&str, &str)]) -> Result<Counts, PublishError<String>> {
            let outputs: Vec<Output<'_>> = pages
                .iter()
                .enumerate()
                .map(|(i, (route, text))| {
                    let fingerprint = Fingerprint::of_bytes(text.as_bytes());
                    Output { route, fingerprint, content: Content::Render(i) }
                })
                .collect();
            self.publish_outputs(&outputs, |i| match pages[i].1 {
                "FAIL" => Err(format!("no page {}", pages[i].0)),
                // What follows a semicolon is an input that does not show.
                text => Ok(text.split(';').next().unwrap_or_default().as_bytes().to_vec()),
            })
        }

        fn publish_outputs(
            &self,
            outputs: &[Output<'_>],
            render: impl Fn(usize) -> Result<Vec<u8>, String> + Sync,
        ) -> Result<Counts, PublishError<String>> {
            let written = publish(&self.root(), &self.layout, outputs, |_| panic!("nobody else builds"), render)?;
            Ok((written.files, written.changed, written.deleted, written.rendered))
        }

        /// All files in the output folder but the manifest: text (or a link's target), inode, time and mode.
        fn site(&self) -> Seen {
            let walk = WalkDir::new(self.path("site")).min_depth(1).into_iter().map(Result::unwrap);
            let files = walk.filter(|item| !item.file_type().is_dir() && item.file_name() != manifest::NAME);
            files
                .map(|item| {
                    let path = item.path().strip_prefix(self.path("site")).unwrap().to_string_lossy().into_owned();
                    let found = item.metadata().unwrap();
                    let text = if item.path_is_symlink() {
                        fs::read_link(item.path()).unwrap().display().to_string()
                    } else if found.is_file() {
                        fs::read_to_string(item.path()).unwrap()
                    } else {
                        "special".into()
                    };
                    (path, (text, found.ino(), modified(&found), found.mode()))
                })
                .collect()
        }

        fn texts(&self) -> Vec<(String, String)> {
            self.site().into_iter().map(|(path, seen)| (path, seen.0)).collect()
        }

        /// The site's fingerprint.
        fn manifest(&self) -> Fingerprint {
            match Manifest::read(&self.path("site")).unwrap() {
                Manifest::Known { fingerprint, .. } => fingerprint,
                other => panic!("{other:?}"),
            }
        }

        /// What lies beside the output folder.
        fn beside(&self) -> Vec<String> {
            let names = fs::read_dir(self.dir.path()).unwrap().map(|item| item.unwrap().file_name());
            let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
            names.retain(|name| name != "content" && name != "site");
            names.sort();
            names
        }

        fn refused(&self, pages: &[(&str, &str)]) -> Reason {
            match self.publish(pages) {
                Err(PublishError::Output(OutputError::Refused(refusal))) => refusal.reason,
                other => panic!("{other:?}"),
            }
        }
    }

    fn modified(metadata: &fs::Metadata) -> Time {
        Stat::from(metadata).modified
    }

    fn pairs(texts: &[(&str, &str)]) -> Vec<(String, String)> {
        texts.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
    }

    const PAGES: [(&str, &str); 3] = [("index.html", "home"), ("a/b/c.html", "deep"), ("a/d ä%\n'.html", "odd")];

    #[test]
    fn only_what_changed_is_rendered_and_a_second_publication_touches_nothing() {
        let book = Book::new();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 3, 0, 3));
        let first = book.site();
        let folder = fs::metadata(book.path("site")).unwrap();
        let around = fs::metadata(book.dir.path()).unwrap();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 0, 0, 0));
        assert_eq!(book.site(), first);
        let again = fs::metadata(book.path("site")).unwrap();
        assert_eq!((folder.ino(), modified(&folder)), (again.ino(), modified(&again)));
        assert_eq!(modified(&around), modified(&fs::metadata(book.dir.path()).unwrap()));

        let changed = [("index.html", "new home"), ("a/b/c.html", "deep;input"), ("a/d ä%\n'.html", "odd")];
        assert_eq!(book.publish(&changed).unwrap(), (3, 1, 0, 2));
        let second = book.site();
        assert_eq!(second["index.html"].0, "new home");
        for route in ["a/b/c.html", "a/d ä%\n'.html"] {
            assert_eq!(second[route], first[route]);
        }
        assert_eq!(book.publish(&changed).unwrap(), (3, 0, 0, 0));
        assert_eq!(book.publish(&changed[..1]).unwrap(), (1, 0, 2, 0));
        assert_eq!(book.texts(), pairs(&[("index.html", "new home")]));
        assert!(!book.path("site/a").exists());
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn modes_are_fixed() {
        rustix::process::umask(Mode::RWXG | Mode::RWXO);
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        let mode = |path| fs::metadata(book.path(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!([mode("site"), mode("site/a/b")], [0o755; 2]);
        assert_eq!([mode("site/a/b/c.html"), mode("site/.fieldbook-manifest")], [0o644; 2]);
    }

    #[test]
    fn the_manifest_is_the_same_for_the_same_site() {
        let manifest = |book: &Book| fs::read(book.path("site").join(manifest::NAME)).unwrap();
        let (one, other) = (Book::new(), Book::new());
        one.publish(&PAGES).unwrap();
        other.publish(&[("index.html", "another"), ("x.html", "x")]).unwrap();
        other.publish(&PAGES).unwrap();
        assert_eq!(manifest(&one), manifest(&other));
    }

    #[test]
    fn what_no_build_wrote_stays() {
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        let outside = book.path("outside");
        fs::create_dir_all(outside.join("folder")).unwrap();
        fs::write(outside.join("folder/kept"), "kept").unwrap();
        fs::write(book.path("site/CNAME"), "example.org").unwrap();
        fs::create_dir_all(book.path("site/.git/empty")).unwrap();
        fs::set_permissions(book.path("site/.git"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(book.path("site/.git/HEAD"), "ref").unwrap();
        fs::write(book.path("site/a/b/mine.txt"), "mine").unwrap();
        symlink(&outside, book.path("site/a/link")).unwrap();
        rustix::fs::mkfifoat(CWD, book.path("site/fifo"), Mode::RUSR).unwrap();
        let before = book.site();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 0, 0, 0));
        assert_eq!(book.publish(&[("index.html", "new")]).unwrap(), (1, 1, 2, 1));
        let after = book.site();
        for path in ["CNAME", ".git/HEAD", "a/b/mine.txt", "a/link", "fifo"] {
            assert_eq!(after[path], before[path], "{path}");
        }
        assert_eq!(after.len(), 6);
        assert!(book.path("site/.git/empty").is_dir());
        assert_eq!(fs::metadata(book.path("site/.git")).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::read_to_string(outside.join("folder/kept")).unwrap(), "kept");
        assert_eq!(book.beside(), ["outside"]);
    }

    #[test]
    fn what_no_build_wrote_is_not_overwritten() {
        let book = Book::new();
        fs::create_dir(book.path("site")).unwrap();
        assert_eq!(book.publish(&[("index.html", "home")]).unwrap(), (1, 1, 0, 1));
        fs::write(book.path("site/about.html"), "mine").unwrap();
        fs::create_dir(book.path("site/folder.html")).unwrap();
        let before = book.site();
        for (route, culprit) in
            [("about.html", "about.html"), ("about.html/x.html", "about.html"), ("folder.html", "folder.html")]
        {
            assert_eq!(book.refused(&[("index.html", "new"), (route, "x")]), Reason::Occupied(culprit.into()));
        }
        assert_eq!(book.site(), before);
        fs::remove_file(book.path("site").join(manifest::NAME)).unwrap();
        assert_eq!(book.refused(&PAGES), Reason::Foreign);
        assert_eq!(book.site(), before);
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn symbolic_links_put_into_the_site_are_not_followed() {
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        let outside = book.path("outside");
        fs::create_dir_all(outside.join("b")).unwrap();
        fs::write(outside.join("b/c.html"), "deep").unwrap();
        // A page turned into a link is ours to replace; what it leads to is not.
        fs::remove_file(book.path("site/index.html")).unwrap();
        symlink(outside.join("b/c.html"), book.path("site/index.html")).unwrap();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 1, 0, 1));
        assert!(book.path("site/index.html").symlink_metadata().unwrap().is_file());
        // A folder turned into a link is not ours.
        fs::remove_dir_all(book.path("site/a")).unwrap();
        symlink(&outside, book.path("site/a")).unwrap();
        assert_eq!(book.refused(&PAGES), Reason::Occupied("a".into()));
        assert_eq!(book.publish(&[("index.html", "home")]).unwrap(), (1, 0, 0, 0));
        assert_eq!(fs::read_link(book.path("site/a")).unwrap(), outside);
        // Nor are links among the leavings of a build that was killed.
        fs::create_dir(book.path(".site.fieldbook-stage")).unwrap();
        symlink(&outside, book.path(".site.fieldbook-stage/a")).unwrap();
        symlink(&outside, book.path(".site.fieldbook-old")).unwrap();
        book.publish(&[("index.html", "newer")]).unwrap();
        assert_eq!(fs::read_to_string(outside.join("b/c.html")).unwrap(), "deep");
        assert_eq!(book.beside(), ["outside"]);
    }

    #[test]
    fn a_page_that_cant_be_rendered_leaves_the_old_site() {
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        fs::write(book.path("site/CNAME"), "example.org").unwrap();
        let before = book.site();
        let many: Vec<(String, String)> =
            (0..200).map(|n| (format!("n/{n}.html"), if n == 150 { "FAIL".into() } else { format!("{n}") })).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(route, text)| (route.as_str(), text.as_str())).collect();
        assert_eq!(book.publish(&many).unwrap_err().to_string(), "no page n/150.html");
        assert_eq!(book.site(), before);
        assert_eq!(book.beside(), [""; 0]);
        let panicked = std::panic::catch_unwind(|| {
            let output = Output { route: "x.html", fingerprint: Fingerprint::default(), content: Content::Render(0) };
            book.publish_outputs(&[output], |_| panic!("a bug"))
        });
        assert!(panicked.is_err());
        assert_eq!(book.site(), before);
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn a_site_that_was_changed_by_hand_is_repaired() {
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        fs::write(book.path("site/index.html"), "").unwrap();
        fs::remove_file(book.path("site/a/b/c.html")).unwrap();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 2, 0, 2));
        let page = File::options().write(true).open(book.path("site/index.html")).unwrap();
        page.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 1, 0, 1));
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 0, 0, 0));
        assert_eq!(book.site()["index.html"].0, "home");
    }

    #[test]
    fn with_a_damaged_manifest_all_is_made_again_and_nothing_deleted() {
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        let path = book.path("site").join(manifest::NAME);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(book.publish(&PAGES[..2]).unwrap(), (2, 2, 0, 2));
        assert_eq!(book.texts(), pairs(&[("a/b/c.html", "deep"), ("a/d ä%\n'.html", "odd"), ("index.html", "home")]));
        assert_eq!(book.publish(&PAGES[..2]).unwrap(), (2, 0, 0, 0));
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn what_a_killed_build_left_is_finished_by_the_next() {
        let stage = ".site.fieldbook-stage";
        // Killed while it made the next site.
        let book = Book::new();
        book.publish(&PAGES).unwrap();
        fs::write(book.path("site/CNAME"), "example.org").unwrap();
        fs::create_dir_all(book.path(&format!("{stage}/x"))).unwrap();
        fs::write(book.path(&format!("{stage}/x/half.html")), "ha").unwrap();
        fs::hard_link(book.path("site/CNAME"), book.path(&format!("{stage}/CNAME"))).unwrap();
        fs::write(book.path(".site.fieldbook-lock"), "").unwrap();
        let before = book.site();
        let site = book.manifest();
        assert!(!site::is_intact(&book.root(), &book.layout, site));
        assert_eq!(book.publish(&PAGES).unwrap(), (3, 0, 0, 0));
        assert!(site::is_intact(&book.root(), &book.layout, site));
        assert_eq!(book.site(), before);
        assert_eq!(book.beside(), [""; 0]);

        // Killed after the exchange, half through removing the old site, to which a file was added just then.
        fs::rename(book.path("site"), book.path(stage)).unwrap();
        fs::remove_file(book.path(&format!("{stage}/a/b/c.html"))).unwrap();
        fs::write(book.path(&format!("{stage}/a/b/late.txt")), "late").unwrap();
        let other = Book::new();
        other.publish(&[("index.html", "next")]).unwrap();
        fs::rename(other.path("site"), book.path("site")).unwrap();
        fs::hard_link(book.path(&format!("{stage}/CNAME")), book.path("site/CNAME")).unwrap();
        assert_eq!(book.publish(&[("index.html", "next")]).unwrap(), (1, 0, 0, 0));
        assert_eq!(book.texts(), pairs(&[("CNAME", "example.org"), ("a/b/late.txt", "late"), ("index.html", "next")]));
        assert_eq!(book.beside(), [""; 0]);

        // Killed between the two renames of a system without an exchange.
        fs::rename(book.path("site"), book.path(".site.fieldbook-old")).unwrap();
        assert!(book.publish(&[("index.html", "FAIL")]).is_err());
        assert_eq!(book.site()["index.html"].0, "next");
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn assets_are_copied_and_never_from_outside_the_content() {
        let book = Book::new();
        fs::write(book.path("content/x.png"), "pixels").unwrap();
        fs::write(book.path("secret"), "secret").unwrap();
        let path = SourcePath::new("content/x.png");
        let output = |text: &str| {
            let fingerprint = Fingerprint::of_bytes(text.as_bytes());
            [Output { route: "x.png", fingerprint, content: Content::Copy(&path) }]
        };
        let publish = |text: &str| book.publish_outputs(&output(text), |_| Err("not rendered".into()));
        assert_eq!(publish("pixels").unwrap(), (1, 1, 0, 0));
        assert_eq!(publish("pixels").unwrap(), (1, 0, 0, 0));
        let before = book.site();
        let message = publish("what was looked at").unwrap_err().to_string();
        assert!(message.contains("changed while"), "{message}");
        fs::remove_file(book.path("content/x.png")).unwrap();
        let message = publish("gone").unwrap_err().to_string();
        assert!(message.contains("content/x.png"), "{message}");
        symlink(book.path("secret"), book.path("content/x.png")).unwrap();
        assert!(publish("link").is_err());
        fs::remove_file(book.path("content/x.png")).unwrap();
        rustix::fs::mkfifoat(CWD, book.path("content/x.png"), Mode::RUSR).unwrap();
        assert!(publish("fifo").is_err());
        assert_eq!(book.site(), before);
    }

    #[test]
    fn routes_that_leave_the_folder_or_clash_are_refused() {
        let book = Book::new();
        for route in ["", "/x", "../x", "a/../x", "a//x", "./x", "a/", "a\0b", ".fieldbook-manifest"] {
            let error = book.publish(&[(route, "x")]).unwrap_err();
            assert!(matches!(error, PublishError::Output(OutputError::Route(named)) if named == route), "{route:?}");
        }
        assert!(matches!(
            book.publish(&[("x", "1"), ("y", "2"), ("x", "3")]),
            Err(PublishError::Output(OutputError::Route(_)))
        ));
        assert!(book.publish(&[("x", "file"), ("x/y", "in a folder")]).is_err());
        assert!(book.publish(&[(&"n".repeat(300), "too long")]).unwrap_err().to_string().contains("nnn"));
        assert!(!book.path("site").exists());
        assert_eq!(book.beside(), [""; 0]);
    }

    #[test]
    fn a_place_that_cant_be_written_is_named() {
        let mut book = Book::new();
        book.layout.output = "/proc/fieldbook-test/site".into();
        let message = book.publish(&PAGES).unwrap_err().to_string();
        assert!(message.contains("/proc/fieldbook-test"), "{message}");
        book.layout.output = "content/site".into();
        let message = book.publish(&PAGES).unwrap_err().to_string();
        assert!(message.contains("content/site` lies in the content folder"), "{message}");
    }

    #[test]
    fn builds_at_the_same_time_publish_one_after_the_other() {
        let book = Book::new();
        std::thread::scope(|scope| {
            for builder in 0..4 {
                let book = &book;
                scope.spawn(move || {
                    for round in 0..10 {
                        let text = format!("{builder} {round}");
                        let fingerprint = Fingerprint::of_bytes(text.as_bytes());
                        let output = |route| Output { route, fingerprint, content: Content::Render(0) };
                        let outputs = ["a/x.html", "b/y.html"].map(output);
                        let render = |_| Ok::<_, String>(text.clone().into_bytes());
                        publish(&book.root(), &book.layout, &outputs, |_| (), render).unwrap();
                    }
                });
            }
        });
        let texts = book.texts();
        assert_eq!(texts.len(), 2);
        assert_eq!(texts[0].1, texts[1].1);
        assert_eq!(book.beside(), [""; 0]);
    }
}
