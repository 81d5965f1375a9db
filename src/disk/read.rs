//! From a listing to a snapshot: the bytes of notes and themes, the fingerprints of assets.

use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Read};
use std::sync::Arc;

use super::listing::{Folders, Listed, Listing};
use super::open::open_file;
use super::stat::Stat;
use super::{DiskError, asset, image, unreadable};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::memo::{Fingerprint, Fingerprinter};
use crate::parallel;
use crate::path::SourcePath;
use crate::source::{Asset, History, Snapshot, Source};

/// The largest note, drawing or theme file that is read, in bytes: 32 MB.
const LARGEST: u64 = 32 * 1024 * 1024;

/// How much of an asset is read at once.
const BLOCK: usize = 256 * 1024;

/// What was found and read for the last snapshot, so that only what has changed is read for the next one.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) folders: Folders,
    /// In the order of a listing's files.
    files: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    key: Key,
    stat: Stat,
    /// Its stat shows whether it changes.
    is_settled: bool,
    found: Found,
}

/// The content's files first, each by its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    is_theme: bool,
    path: SourcePath,
}

/// A snapshot, and in what it differs from the one before.
#[derive(Debug)]
pub struct Reading {
    /// All that a build may look at.
    pub snapshot: Snapshot,
    /// The files that came, went or have other bytes, sorted by path; all of them in a first snapshot.
    pub changed: Vec<SourcePath>,
}

/// What a file is to the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Note,
    Asset,
    Theme,
}

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Source(Arc<Source>),
    Asset(Asset),
    /// Left out, whatever is tried.
    Refused(Diagnostic),
    /// Left out, and tried again the next time.
    Failed(Diagnostic),
}

impl Listing {
    /// Reads the listed files, on all cores. What `memory` holds under an unchanged stat is not
    /// read again, unless the file was so young that its stat proves nothing; what is read and has
    /// the same bytes is the same value.
    ///
    /// `history` runs beside the reading: it may ask git. A file that can't be read is left out, with
    /// a diagnostic; only where the system can open no more files is that an error.
    pub fn read(
        self,
        config: Option<Source>,
        today: Date,
        memory: &mut Memory,
        history: impl FnOnce() -> Arc<History> + Send,
    ) -> Result<Reading, DiskError> {
        let (history, changed) = std::thread::scope(|scope| {
            let history = scope.spawn(history);
            let changed = self.files(memory);
            // A panic there is this program's bug, like one here: it goes on to the caller.
            (history.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), changed)
        });
        let changed = changed?;
        let mut snapshot = Snapshot {
            config,
            notes: Vec::with_capacity(memory.files.len()),
            theme: Vec::new(),
            assets: Vec::new(),
            history,
            today,
            problems: self.problems,
        };
        for Known { key, found, .. } in &memory.files {
            match found {
                Found::Source(source) if key.is_theme => snapshot.theme.push(Source::clone(source)),
                Found::Source(source) => snapshot.notes.push(source.clone()),
                Found::Asset(asset) => snapshot.assets.push(asset.clone()),
                Found::Refused(problem) | Found::Failed(problem) => snapshot.problems.push(problem.clone()),
            }
        }
        snapshot.problems.sort();
        Ok(Reading { snapshot, changed })
    }

    /// Brings the memory's files up to date; gives the paths of those that are not as they were.
    fn files(&self, memory: &mut Memory) -> Result<Vec<SourcePath>, DiskError> {
        let mut changed = Vec::new();
        let mut known = std::mem::take(&mut memory.files).into_iter().peekable();
        // Both are in the same order. What is not known, or not for sure, has no value yet.
        let wanted = self.content.iter().map(|file| (false, file)).chain(self.theme.iter().map(|file| (true, file)));
        let mut files: Vec<(Key, &Listed, Option<Known>)> = Vec::with_capacity(self.content.len() + self.theme.len());
        for (is_theme, file) in wanted {
            let key = Key { is_theme, path: file.path.clone() };
            while let Some(gone) = known.next_if(|known| known.key < key) {
                changed.push(gone.key.path);
            }
            let known = known.next_if(|known| known.key == key);
            files.push((key, file, known));
        }
        changed.extend(known.map(|gone| gone.key.path));
        let is_known = |known: &Option<Known>, file: &Listed| {
            known.as_ref().is_some_and(|known| known.is_settled && known.stat == file.stat)
        };
        let unknown: Vec<(bool, &Listed)> = files
            .iter()
            .filter(|(_, file, known)| !is_known(known, file))
            .map(|(key, file, _)| (key.is_theme, *file))
            .collect();
        let mut read = parallel::map(&unknown, |(is_theme, file)| read(Use::of(*is_theme, file), file)).into_iter();
        memory.files.reserve(files.len());
        for (key, file, known) in files {
            if is_known(&known, file) {
                memory.files.extend(known);
                continue;
            }
            let Some(found) = read.next().transpose()? else { break };
            let is_settled = self.is_settled(file) && !matches!(found, Found::Failed(_));
            let found = match known {
                Some(known) if known.found == found => known.found,
                _ => {
                    changed.push(key.path.clone());
                    found
                }
            };
            memory.files.push(Known { key, stat: file.stat, is_settled, found });
        }
        changed.sort();
        Ok(changed)
    }
}

impl Use {
    fn of(is_theme: bool, file: &Listed) -> Self {
        let is_note = || {
            let extension = file.path.name().rsplit_once('.').map_or("", |(_, extension)| extension);
            ["md", "markdown"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        };
        match () {
            () if is_theme => Use::Theme,
            () if is_note() => Use::Note,
            () => Use::Asset,
        }
    }
}

fn read(as_: Use, file: &Listed) -> Result<Found, DiskError> {
    if as_ != Use::Asset && file.stat.size > LARGEST {
        return Ok(too_large(as_, file));
    }
    let found = open_file(&file.real).and_then(|opened| match as_ {
        Use::Note | Use::Theme => Ok(match read_whole(opened, file)? {
            Some(bytes) => Found::Source(Arc::new(Source::new(file.path.clone(), bytes))),
            None => too_large(as_, file),
        }),
        Use::Asset if file.path.extension() == "svg" => read_drawing(opened, file),
        Use::Asset => read_asset(opened, file),
    });
    // A theme of which a part is missing is none: with it, the site would not be what was meant.
    let code = if as_ == Use::Theme { Code::ThemeError } else { Code::UnreadableFile };
    found.or_else(|error| unreadable(code, &file.path, &error).map(Found::Failed))
}

fn too_large(as_: Use, file: &Listed) -> Found {
    let code = match as_ {
        Use::Note => Code::NoteTooLarge,
        Use::Asset => Code::AssetNotPublished,
        Use::Theme => Code::ThemeError,
    };
    let problem = Diagnostic::new(code, &file.path, format!("`{}` is larger than 32 MB and is left out", file.path));
    Found::Refused(problem)
}

/// All bytes, or nothing if there are too many.
fn read_whole(opened: File, file: &Listed) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(usize::try_from(file.stat.size.min(LARGEST)).unwrap_or(0) + 1);
    opened.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

fn read_drawing(opened: File, file: &Listed) -> io::Result<Found> {
    let Some(bytes) = read_whole(opened, file)? else { return Ok(too_large(Use::Asset, file)) };
    Ok(match asset::inspect_svg(&file.path, &bytes) {
        Err(problem) => Found::Refused(problem),
        Ok(dimensions) => Found::Asset(Asset {
            path: file.path.clone(),
            size: bytes.len() as u64,
            fingerprint: Fingerprint::of_bytes(&bytes),
            dimensions,
        }),
    })
}

/// An asset's fingerprint is that of its bytes: it goes into the manifest, which has to be the same
/// on every machine, and modification times are not. Reading costs 0.3 ms a megabyte.
fn read_asset(mut opened: File, file: &Listed) -> io::Result<Found> {
    let wanted = if image::is_image(&file.path) { image::START } else { 1024 };
    let mut hash = Fingerprinter::default();
    let mut start = Vec::new();
    let mut size = 0;
    let mut block = vec![0; BLOCK.min(usize::try_from(file.stat.size).unwrap_or(BLOCK) + 1)];
    loop {
        let read = match opened.read(&mut block) {
            Ok(0) => break,
            Ok(read) => block.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.write(read);
        start.extend_from_slice(read.get(..wanted - start.len().min(wanted)).unwrap_or(read));
        size += read.len() as u64;
    }
    if asset::is_doubtful(&file.path)
        && let Some(problem) = asset::refused_by_start(&file.path, &start)
    {
        return Ok(Found::Refused(problem));
    }
    let dimensions = image::is_image(&file.path).then(|| image::dimensions(&start)).flatten();
    Ok(Found::Asset(Asset { path: file.path.clone(), size, fingerprint: hash.fingerprint(), dimensions }))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};
    use std::time::{Duration, SystemTime};

    use super::super::{DiskError, Layout, Root, list, read_config};
    use super::*;

    struct Book {
        dir: tempfile::TempDir,
        layout: Layout,
    }

    impl Book {
        fn new(files: &[(&str, &[u8])]) -> Self {
            let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
            let book = Book { dir: tempfile::tempdir().unwrap(), layout };
            fs::create_dir(book.path("content")).unwrap();
            files.iter().for_each(|(path, bytes)| book.write(path, bytes));
            book
        }

        fn path(&self, path: &str) -> PathBuf {
            self.dir.path().join(path)
        }

        fn root(&self) -> Root {
            Root { dir: self.dir.path().to_owned() }
        }

        /// Writes a file as it would have been written an hour ago.
        fn write(&self, path: &str, bytes: &[u8]) {
            let path = self.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            age(&path);
        }

        fn list(&self) -> Listing {
            list(&self.root(), &self.layout, &mut Memory::default()).unwrap()
        }

        fn read(&self) -> Snapshot {
            self.list().read(None, Date::EPOCH, &mut Memory::default(), Arc::default).unwrap().snapshot
        }
    }

    fn age(path: &Path) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    /// Makes the file too young to be trusted, however slow the machine is.
    fn rejuvenate(path: &Path) {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    }

    fn paths(snapshot: &Snapshot) -> Vec<&str> {
        let notes = snapshot.notes.iter().map(|note| note.path.as_str());
        notes.chain(snapshot.assets.iter().map(|asset| asset.path.as_str())).collect()
    }

    fn problems(snapshot: &Snapshot) -> Vec<(Code, &str)> {
        snapshot.problems.iter().map(|problem| (problem.code, problem.file.as_str())).collect()
    }

    #[test]
    fn notes_and_assets_are_told_apart_and_what_is_hidden_or_left_behind_is_not_seen() {
        let book = Book::new(&[
            ("book.toml", b""),
            ("content/b.md", b"b"),
            ("content/a/ A %#?\"'\\\n\u{1f600}.MARKDOWN", b"a"),
            ("content/a.MD", b"a"),
            ("content/a-b/x.png", b"x"),
            ("content/LICENSE", b"text"),
            ("content/.git/config", b""),
            ("content/.obsidian/app.md", b""),
            ("content/node_modules/x.md", b""),
            ("content/b.md~", b""),
            ("content/.#b.md", b""),
            ("content/#b.md#", b""),
            ("content/b.md.swp", b""),
            ("content/4913", b""),
            ("content/a/Thumbs.db", b""),
            ("content/a/x.TMP", b""),
            ("site/index.md", b""),
        ]);
        let snapshot = book.read();
        assert_eq!(problems(&snapshot), []);
        assert_eq!(
            paths(&snapshot),
            [
                "content/a.MD",
                "content/a/ A %#?\"'\\\n\u{1f600}.MARKDOWN",
                "content/b.md",
                "content/LICENSE",
                "content/a-b/x.png"
            ]
        );
        assert_eq!(&*snapshot.notes[2].bytes, b"b");
        assert_eq!(snapshot.assets[0].fingerprint, Fingerprint::of_bytes(b"text"));
    }

    #[test]
    fn where_the_root_is_the_content_the_books_own_files_are_none_of_it() {
        for content in ["", ".", "./"] {
            let mut book = Book::new(&[
                ("book.toml", b""),
                ("README.md", b""),
                ("notes/book.toml", b""),
                ("themes/ours/note.md", b""),
                ("site/index.md", b""),
                ("look/page.md", b""),
            ]);
            book.layout = Layout { content: content.into(), theme: Some("look".into()), output: "site".into() };
            let snapshot = book.read();
            assert_eq!(paths(&snapshot), ["README.md", "notes/book.toml"]);
            assert_eq!(snapshot.theme.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["look/page.md"]);
        }
    }

    #[test]
    fn a_book_that_is_not_there_or_leads_out_of_its_root_is_an_error() {
        let mut book = Book::new(&[]);
        assert_eq!(read_config(&book.root()).unwrap(), None);
        for (content, expected) in [("missing", "there is no content"), ("../x", "below"), ("/etc", "below")] {
            book.layout.content = content.into();
            let error = list(&book.root(), &book.layout, &mut Memory::default()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        fs::create_dir(book.path("book.toml")).unwrap();
        assert!(matches!(read_config(&book.root()), Err(DiskError::Read { path, .. }) if path.ends_with("book.toml")));
        book.layout = Layout { content: "content".into(), theme: Some("themes/none".into()), output: "site".into() };
        assert_eq!(problems(&book.read()), [(Code::ThemeError, "book.toml")]);
    }

    #[test]
    fn symbolic_links_are_followed_only_within_the_content() {
        let book = Book::new(&[
            ("content/real/a.md", b"a"),
            ("content/real/deep/b.md", b"b"),
            ("content/.hidden/c.md", b"c"),
            ("secret.md", b"secret"),
            ("private/d.md", b"d"),
        ]);
        let link = |to: &str, at: &str| symlink(to, book.path(at)).unwrap();
        link("real/a.md", "content/file.md");
        link("real", "content/folder");
        link("../secret.md", "content/out.md");
        link("/etc", "content/etc");
        link("../private", "content/private");
        link(".hidden/c.md", "content/hidden.md");
        link("nothing", "content/broken.md");
        link("loop.md", "content/loop.md");
        link("..", "content/real/up");
        link("deep", "content/real/again");
        link("/dev/zero", "content/zero.md");
        let snapshot = book.read();
        assert_eq!(
            paths(&snapshot),
            [
                "content/file.md",
                "content/folder/a.md",
                "content/folder/deep/b.md",
                "content/real/a.md",
                "content/real/again/b.md",
                "content/real/deep/b.md"
            ]
        );
        let skipped: Vec<&str> = snapshot.problems.iter().map(|problem| problem.file.as_str()).collect();
        assert_eq!(
            skipped,
            [
                "content/broken.md",
                "content/etc",
                "content/folder/again",
                "content/folder/up",
                "content/hidden.md",
                "content/loop.md",
                "content/out.md",
                "content/private",
                "content/real/up",
                "content/zero.md"
            ]
        );
        assert!(snapshot.problems.iter().all(|problem| problem.code == Code::SymlinkSkipped));
    }

    #[test]
    fn links_among_folders_do_not_multiply_without_bound() {
        let book = Book::new(&[("content/d30/a.md", b"a")]);
        for level in 0..30 {
            for side in ["left", "right"] {
                fs::create_dir_all(book.path(&format!("content/d{level}"))).unwrap();
                symlink(format!("../d{}", level + 1), book.path(&format!("content/d{level}/{side}"))).unwrap();
            }
        }
        let snapshot = book.read();
        assert_eq!(snapshot.notes.len(), 3);
        assert_eq!(snapshot.problems.len(), 29 * 4);
    }

    #[test]
    fn what_is_no_file_is_not_opened_and_what_has_no_name_is_reported() {
        let book = Book::new(&[("content/a.md", b"a")]);
        rustix::fs::mkfifoat(rustix::fs::CWD, book.path("content/fifo.md"), rustix::fs::Mode::RUSR).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(book.path("content/socket.png")).unwrap();
        symlink("fifo.md", book.path("content/to-fifo.md")).unwrap();
        fs::create_dir(book.path("content/dir.md")).unwrap();
        let unnamed = OsStr::from_bytes(b"\xff-dir");
        fs::create_dir(book.path("content").join(unnamed)).unwrap();
        fs::write(book.path("content").join(unnamed).join("x.md"), "x").unwrap();
        fs::write(book.path("content").join(OsStr::from_bytes(b"caf\xe9.md")), "x").unwrap();
        let snapshot = book.read();
        assert_eq!(paths(&snapshot), ["content/a.md"]);
        assert_eq!(
            problems(&snapshot),
            [
                (Code::NameNotUtf8, "content/caf\u{fffd}.md"),
                (Code::SpecialFile, "content/fifo.md"),
                (Code::SpecialFile, "content/socket.png"),
                (Code::SpecialFile, "content/to-fifo.md"),
                (Code::NameNotUtf8, "content/\u{fffd}-dir"),
            ]
        );
    }

    #[test]
    fn a_note_over_32_mb_is_left_out_unread() {
        let book = Book::new(&[]);
        for (name, size) in [("large", LARGEST + 1), ("huge", 1 << 40), ("just", LARGEST)] {
            File::create(book.path(&format!("content/{name}.md"))).unwrap().set_len(size).unwrap();
        }
        let snapshot = book.read();
        assert_eq!(paths(&snapshot), ["content/just.md"]);
        assert_eq!(
            problems(&snapshot),
            [(Code::NoteTooLarge, "content/huge.md"), (Code::NoteTooLarge, "content/large.md")]
        );
    }

    #[test]
    fn files_that_could_run_in_the_sites_name_are_not_published() {
        let book = Book::new(&[
            ("content/a.html", b"<p>"),
            ("content/sw.js", b""),
            ("content/_redirects", b"/ /x"),
            ("content/README", b"<script>alert(1)</script>"),
            ("content/bad.svg", b"<svg onload='x'/>"),
            ("content/good.SVG", b"<svg width='3' height='4'/>"),
            ("content/x.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x20\0\0\0\x10"),
        ]);
        let snapshot = book.read();
        let sizes: Vec<_> = snapshot.assets.iter().map(|asset| (asset.path.as_str(), asset.dimensions)).collect();
        assert_eq!(sizes, [("content/good.SVG", Some((3, 4))), ("content/x.png", Some((32, 16)))]);
        let refused: Vec<&str> = snapshot.problems.iter().map(|problem| problem.file.as_str()).collect();
        assert_eq!(
            refused,
            ["content/README", "content/_redirects", "content/a.html", "content/bad.svg", "content/sw.js"]
        );
        assert!(snapshot.problems.iter().all(|problem| problem.code == Code::AssetNotPublished));
    }

    #[test]
    fn a_large_assets_fingerprint_is_that_of_its_bytes() {
        let bytes: Vec<u8> = (0..3_000_001_u32).map(|n| (n % 251) as u8).collect();
        let book = Book::new(&[("content/film.mp4", &bytes), ("content/photo.jpg", &bytes)]);
        for asset in book.read().assets {
            assert_eq!((asset.size, asset.fingerprint), (3_000_001, Fingerprint::of_bytes(&bytes)));
        }
    }

    /// The next snapshot, and the paths that changed.
    fn look(book: &Book, memory: &mut Memory) -> (Snapshot, Vec<String>) {
        let listing = list(&book.root(), &book.layout, memory).unwrap();
        let read = listing.read(None, Date::EPOCH, memory, Arc::default).unwrap();
        (read.snapshot, read.changed.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn only_changed_files_are_read_again_and_young_ones_always() {
        let book = Book::new(&[("content/a.md", b"old"), ("content/b.md", b"old"), ("content/c.png", b"old")]);
        std::thread::sleep(Duration::from_millis(40));
        let mut memory = Memory::default();
        let (first, changed) = look(&book, &mut memory);
        assert_eq!(changed, ["content/a.md", "content/b.md", "content/c.png"]);
        book.write("content/b.md", b"new");
        rejuvenate(&book.path("content/b.md"));
        let (second, changed) = look(&book, &mut memory);
        assert_eq!(changed, ["content/b.md"]);
        assert!(Arc::ptr_eq(&first.notes[0], &second.notes[0]));
        assert_eq!(&*second.notes[1].bytes, b"new");
        assert_eq!(memory.files.iter().map(|file| file.is_settled).collect::<Vec<_>>(), [true, false, true]);
        let (third, changed) = look(&book, &mut memory);
        assert_eq!((&second, changed), (&third, vec![]));
        fs::remove_file(book.path("content/a.md")).unwrap();
        fs::rename(book.path("content/c.png"), book.path("content/a.png")).unwrap();
        let (fourth, changed) = look(&book, &mut memory);
        assert_eq!(changed, ["content/a.md", "content/a.png", "content/c.png"]);
        assert_eq!(paths(&fourth), ["content/b.md", "content/a.png"]);
        book.write("content/b.md", b"new");
        assert_eq!(look(&book, &mut memory).1, Vec::<String>::new(), "the same bytes are no change");
    }

    #[test]
    fn a_remembered_folder_is_read_again_when_a_name_in_it_comes_or_goes() {
        let book = Book::new(&[("content/a/b/x.md", b"x"), ("content/c/y.md", b"y")]);
        std::thread::sleep(Duration::from_millis(40));
        let mut memory = Memory::default();
        let steps: [&dyn Fn(); 7] = [
            &|| (),
            &|| book.write("content/a/b/new.md", b"new"),
            &|| fs::rename(book.path("content/a"), book.path("content/d")).unwrap(),
            &|| book.write("content/n/e/s/t/deep.md", b"deep"),
            &|| fs::remove_dir_all(book.path("content/c")).unwrap(),
            &|| book.write("content/c", b"a file where a folder was"),
            &|| symlink("d/b", book.path("content/link")).unwrap(),
        ];
        for (n, step) in steps.iter().enumerate() {
            step();
            // Twice, so that the second look finds folders that are old enough to be remembered.
            for _ in 0..2 {
                let (warm, _) = look(&book, &mut memory);
                assert_eq!(warm, book.read(), "step {n}");
                std::thread::sleep(Duration::from_millis(40));
            }
        }
    }

    #[test]
    fn the_stamp_changes_with_every_input_and_young_files_have_none() {
        let mut book = Book::new(&[("content/a.md", b"a"), ("content/x.png", b"x"), ("themes/ours/page.html", b"")]);
        book.layout.theme = Some("themes/ours".into());
        let others = Fingerprint::default();
        rejuvenate(&book.path("content/a.md"));
        assert_eq!(book.list().stamp(others), None);
        age(&book.path("content/a.md"));
        let settled = |book: &Book| {
            std::thread::sleep(Duration::from_millis(40));
            book.list().stamp(others).unwrap()
        };
        let mut stamps = vec![settled(&book)];
        assert_eq!(settled(&book), stamps[0]);
        assert_ne!(book.list().stamp(Fingerprint::of("other")), Some(stamps[0]));
        // The same size and time: only the time of the change of the inode tells.
        book.write("content/a.md", b"b");
        stamps.push(settled(&book));
        book.write("themes/ours/page.html", b"!");
        stamps.push(settled(&book));
        fs::rename(book.path("content/x.png"), book.path("content/y.png")).unwrap();
        stamps.push(settled(&book));
        fs::write(book.path("content/.hidden"), "").unwrap();
        assert_eq!(settled(&book), stamps[3]);
        symlink("/nowhere", book.path("content/link")).unwrap();
        stamps.push(settled(&book));
        for (i, stamp) in stamps.iter().enumerate() {
            assert!(!stamps[..i].contains(stamp), "{i}");
        }
    }
}
