//! Opening files to read them, and nothing else: between a walk and this, anything can have happened.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open, openat};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::stat::Stat;
use super::{Layout, Root};
use crate::memo::Fingerprint;
use crate::path::SourcePath;

/// No symbolic link in the path's last part, and no FIFO or device, which could block.
const FLAGS: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);

/// Opens a file by a path in which only the last part is not to be a symbolic link.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    only_a_file(File::options().read(true).custom_flags(FLAGS.bits().cast_signed()).open(path)?)
}

fn only_a_file(file: File) -> io::Result<File> {
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no longer a file")),
    }
}

/// Opens a file of the content folder: never one outside it. Links within the folder are resolved
/// first, and the way that they lead is then gone part by part without following another one, so
/// that a link put there in between leads nowhere.
pub(super) fn open_inside(path: &Path, content: &Path) -> io::Result<File> {
    let base = fs::canonicalize(content)?;
    let real = fs::canonicalize(path)?;
    let (Ok(below), Some(name)) = (real.strip_prefix(&base), real.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it no longer lies in the content folder"));
    };
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = open(&base, flags, Mode::empty())?;
    for part in below.parent().into_iter().flat_map(Path::components) {
        folder = openat(&folder, part.as_os_str(), flags, Mode::empty())?;
    }
    only_a_file(File::from(openat(&folder, name, OFlags::RDONLY | FLAGS, Mode::empty())?))
}

/// Lets the program have as many files and connections open as it may: many systems start at 256 or
/// 1,024, and allow more to those who ask. Gives the number.
pub fn allow_open_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // Beyond this, some systems refuse what they have just promised.
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(10_240);
    if limit.current.is_some_and(|current| current < wanted) {
        // Where that is refused, it stays as it was.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum });
    }
    let current = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(current).unwrap_or(usize::MAX)
}

/// A file beside the notes, open to be read piece by piece.
#[derive(Debug)]
pub struct OpenAsset {
    file: File,
    stat: Stat,
}

/// Opens an asset of the site, where it lies now and as it is now.
pub fn open_asset(root: &Root, layout: &Layout, path: &SourcePath) -> io::Result<OpenAsset> {
    let file = open_inside(&root.dir.join(path.as_str()), &root.dir.join(&layout.content))?;
    let stat = Stat::from(&file.metadata()?);
    Ok(OpenAsset { file, stat })
}

impl OpenAsset {
    /// Bytes, when it was opened.
    pub fn size(&self) -> u64 {
        self.stat.size
    }

    /// Of what changes when the file does: another one means that the bytes may be others.
    pub fn version(&self) -> Fingerprint {
        Fingerprint::of(&self.stat)
    }

    /// Up to `limit` bytes from `offset` on; fewer where the file ends.
    pub fn read(&self, offset: u64, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; limit];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::*;

    struct Book {
        dir: tempfile::TempDir,
    }

    impl Book {
        fn new() -> Self {
            let book = Book { dir: tempfile::tempdir().unwrap() };
            fs::create_dir_all(book.path("content/folder")).unwrap();
            fs::write(book.path("content/folder/a.txt"), "0123456789").unwrap();
            fs::write(book.path("secret.txt"), "secret").unwrap();
            book
        }

        fn path(&self, path: &str) -> PathBuf {
            self.dir.path().join(path)
        }

        fn open(&self, path: &str) -> io::Result<OpenAsset> {
            let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
            open_asset(&Root { dir: self.dir.path().to_owned() }, &layout, &SourcePath::new(path))
        }
    }

    #[test]
    fn an_asset_is_read_piece_by_piece() {
        let book = Book::new();
        let asset = book.open("content/folder/a.txt").unwrap();
        assert_eq!(asset.size(), 10);
        assert_eq!(asset.read(0, 100).unwrap(), b"0123456789");
        assert_eq!(asset.read(3, 4).unwrap(), b"3456");
        assert_eq!(asset.read(8, 4).unwrap(), b"89");
        assert_eq!(asset.read(10, 4).unwrap(), b"");
        assert_eq!(asset.version(), book.open("content/folder/a.txt").unwrap().version());
        fs::write(book.path("content/folder/a.txt"), "012345678!").unwrap();
        assert_ne!(asset.version(), book.open("content/folder/a.txt").unwrap().version());
    }

    #[test]
    fn links_lead_nowhere_but_within_the_content() {
        let book = Book::new();
        symlink(book.path("content/folder"), book.path("content/other")).unwrap();
        assert_eq!(book.open("content/other/a.txt").unwrap().size(), 10);
        symlink(book.path("secret.txt"), book.path("content/link.txt")).unwrap();
        symlink(book.dir.path(), book.path("content/up")).unwrap();
        for path in ["content/link.txt", "content/up/secret.txt", "secret.txt", "content/../secret.txt"] {
            assert_eq!(book.open(path).unwrap_err().kind(), io::ErrorKind::PermissionDenied, "{path}");
        }
        assert!(book.open("content/folder").is_err() && book.open("content").is_err());
        assert_eq!(book.open("content/none.txt").unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
