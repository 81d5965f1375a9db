//! From a listing to a snapshot: the bytes of notes and themes, the fingerprints of assets.

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Read};
use std::sync::Arc;

use super::listing::{Listed, Listing};
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

/// What was read for the last snapshot, so that only changed files are read for the next one.
#[derive(Debug, Default)]
pub struct Memory {
    files: HashMap<(Use, SourcePath), (Stat, Found)>,
}

/// What a file is to the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Use {
    Note,
    Asset,
    Theme,
}

/// What a file was found to be.
#[derive(Debug, Clone)]
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
    /// read again, unless the file was so young that its stat proves nothing.
    ///
    /// `history` runs beside the reading: it asks git. A file that can't be read is left out, with
    /// a diagnostic; only where the system can open no more files is that an error.
    pub fn read(
        self,
        config: Option<Source>,
        today: Date,
        memory: &mut Memory,
        history: impl FnOnce() -> History + Send,
    ) -> Result<Snapshot, DiskError> {
        let (history, files) = std::thread::scope(|scope| {
            let history = scope.spawn(history);
            let files = self.files(memory);
            // A panic there is this program's bug, like one here: it goes on to the caller.
            (history.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), files)
        });
        let mut snapshot = Snapshot {
            config,
            notes: Vec::new(),
            theme: Vec::new(),
            assets: Vec::new(),
            history,
            today,
            problems: self.problems,
        };
        for (as_, found) in files? {
            match (as_, found) {
                (Use::Theme, Found::Source(source)) => snapshot.theme.push(Source::clone(&source)),
                (_, Found::Source(source)) => snapshot.notes.push(source),
                (_, Found::Asset(asset)) => snapshot.assets.push(asset),
                (_, Found::Refused(problem) | Found::Failed(problem)) => snapshot.problems.push(problem),
            }
        }
        snapshot.problems.sort();
        Ok(snapshot)
    }

    fn files(&self, memory: &mut Memory) -> Result<Vec<(Use, Found)>, DiskError> {
        let content = self.content.iter().map(|file| match file.path.extension().as_str() {
            "md" | "markdown" => (Use::Note, file),
            _ => (Use::Asset, file),
        });
        let wanted: Vec<_> = content.chain(self.theme.iter().map(|file| (Use::Theme, file))).collect();
        let known = std::mem::take(&mut memory.files);
        let found = parallel::map(&wanted, |(as_, file)| match known.get(&(*as_, file.path.clone())) {
            Some((stat, found)) if *stat == file.stat => Ok(found.clone()),
            _ => read(*as_, file),
        });
        let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        for ((as_, file), found) in wanted.iter().zip(&found) {
            if self.is_settled(file) && !matches!(found, Found::Failed(_)) {
                memory.files.insert((*as_, file.path.clone()), (file.stat, found.clone()));
            }
        }
        Ok(wanted.iter().map(|(as_, _)| *as_).zip(found).collect())
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
            list(&self.root(), &self.layout).unwrap()
        }

        fn read(&self) -> Snapshot {
            self.list().read(None, Date::EPOCH, &mut Memory::default(), History::default).unwrap()
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
            let error = list(&book.root(), &book.layout).unwrap_err().to_string();
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

    #[test]
    fn only_changed_files_are_read_again_and_young_ones_always() {
        let book = Book::new(&[("content/a.md", b"old"), ("content/b.md", b"old")]);
        std::thread::sleep(Duration::from_millis(40));
        let mut memory = Memory::default();
        let mut read = || book.list().read(None, Date::EPOCH, &mut memory, History::default).unwrap();
        let first = read();
        book.write("content/b.md", b"new");
        rejuvenate(&book.path("content/b.md"));
        let second = read();
        assert!(Arc::ptr_eq(&first.notes[0], &second.notes[0]));
        assert_eq!(&*second.notes[1].bytes, b"new");
        let third = read();
        assert_eq!(second, third);
        assert!(!Arc::ptr_eq(&second.notes[1], &third.notes[1]), "the stat of a young file proves nothing");
        fs::remove_file(book.path("content/a.md")).unwrap();
        assert_eq!(paths(&read()), ["content/b.md"]);
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
