//! The list, in the output folder itself, of what a build wrote there: it tells which files are
//! ours to replace and delete, and which are still as they were written.
//!
//! The manifest is published with the site, so it holds nothing but routes, sizes and
//! fingerprints, and is the same on every machine. That a file is still as it was written shows
//! from its size and from its time, which is not later than the manifest's own: the manifest is
//! written last.
//!
//! Form: the line [`MAGIC`], the line [`VERSION`], the fingerprint of what follows, and the entries
//! in postcard.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::open::open_file;
use super::stat::{Stat, Time};
use crate::memo::Fingerprint;

/// The manifest's name in the output folder.
pub(super) const NAME: &str = ".fieldbook-manifest";

/// A file that starts with it marks a folder as ours, whatever else can be read of it.
const MAGIC: &[u8] = b"fieldbook manifest\n";

/// The form, and the program that wrote the pages: another one may write them otherwise.
const VERSION: &[u8] = concat!("1 ", env!("FIELDBOOK_SOURCE"), "\n").as_bytes();

/// One file that a build wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Of what the file was made from.
    pub fingerprint: Fingerprint,
    /// Of the file's bytes.
    pub hash: Fingerprint,
    /// Bytes.
    pub size: u64,
}

/// The files that a build wrote, by route.
pub(super) type Entries = BTreeMap<String, Entry>;

/// What an output folder says of itself.
#[derive(Debug)]
pub(super) enum Manifest {
    /// No build wrote it.
    None,
    /// A build wrote it, but it is not known what.
    Damaged,
    /// A build wrote it.
    Known {
        entries: Entries,
        /// Of the entries: it names the site, bytes and all.
        fingerprint: Fingerprint,
        /// When the manifest was written.
        written: Time,
    },
}

impl Manifest {
    /// Reads the manifest of the output folder at `folder`.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut file = match open_file(&folder.join(NAME)) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(Manifest::None);
            }
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Ok(Manifest::None) };
        let written = Stat::from(&file.metadata()?).modified;
        Ok(match parse(rest) {
            Some((entries, fingerprint)) => Manifest::Known { entries, fingerprint, written },
            None => Manifest::Damaged,
        })
    }
}

fn parse(bytes: &[u8]) -> Option<(Entries, Fingerprint)> {
    let (sum, payload) = bytes.strip_prefix(VERSION)?.split_at_checked(16)?;
    let fingerprint = Fingerprint::of_bytes(payload);
    let entries: Entries = (fingerprint.0 == *sum).then(|| postcard::from_bytes(payload).ok())??;
    entries.keys().all(|route| is_clean(route)).then_some((entries, fingerprint))
}

/// The manifest's bytes, and the fingerprint that [`Manifest::read`] will give.
pub(super) fn bytes(entries: &Entries) -> io::Result<(Vec<u8>, Fingerprint)> {
    let payload = postcard::to_stdvec(entries).map_err(io::Error::other)?;
    let fingerprint = Fingerprint::of_bytes(&payload);
    Ok(([MAGIC, VERSION, &fingerprint.0, &payload].concat(), fingerprint))
}

/// Whether a route is one relative path that stays in its folder.
pub(super) fn is_clean(route: &str) -> bool {
    !route.contains('\0') && route.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn entries() -> Entries {
        let of = |text: &str| Fingerprint::of_bytes(text.as_bytes());
        let entry = |text: &str| Entry { fingerprint: of(text), hash: of("bytes"), size: 7 };
        [("a/b.html", entry("1")), ("index.html", entry("2"))].map(|(route, entry)| (route.to_owned(), entry)).into()
    }

    fn read(bytes: &[u8]) -> Manifest {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(NAME), bytes).unwrap();
        Manifest::read(dir.path()).unwrap()
    }

    #[test]
    fn every_damaged_byte_is_noticed() {
        let (whole, fingerprint) = bytes(&entries()).unwrap();
        let Manifest::Known { entries: known, fingerprint: named, .. } = read(&whole) else { panic!("not known") };
        assert_eq!((known, named), (entries(), fingerprint));
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(!matches!(read(&bytes), Manifest::Known { .. }), "{at}");
            assert!(!matches!(read(&whole[..at]), Manifest::Known { .. }), "cut at {at}");
        }
        assert!(matches!(read(MAGIC), Manifest::Damaged));
        assert!(matches!(read(b"another program's"), Manifest::None));
    }

    #[test]
    fn a_manifest_that_leads_out_of_the_folder_is_not_believed() {
        for route in ["../x", "/etc/passwd", "a//b", "a/./b", "", "a/..", "a\0b"] {
            let mut entries = entries();
            entries.insert(route.to_owned(), entries["index.html"]);
            assert!(matches!(read(&bytes(&entries).unwrap().0), Manifest::Damaged), "{route:?}");
        }
    }
}
