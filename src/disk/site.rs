//! What the output folder holds: our files, as they were written or not, and what is not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::manifest::{self, Entries, Entry, Manifest};
use super::output::{Output, OutputError, Place, Reason, Refusal, failed, walk_failed};
use super::stat::{Stat, Time, stats};
use super::{Layout, Root};
use crate::memo::Fingerprint;

/// The fingerprint of the folder's site, if that is just what is wanted; told without a walk: only
/// the files of the manifest are asked for. Refuses a folder that holds something, but no manifest.
pub(super) fn up_to_date(place: &Place, outputs: &[&Output<'_>]) -> Result<Option<Fingerprint>, OutputError> {
    // In this order: a folder that another build puts there between the two has its manifest.
    let is_empty = fs::read_dir(&place.out).map_or(true, |mut items| items.next().is_none());
    let manifest = Manifest::read(&place.out).map_err(failed("read", &place.out.join(manifest::NAME)))?;
    let (entries, fingerprint, written) = match manifest {
        Manifest::Known { entries, fingerprint, written } => (entries, fingerprint, written),
        Manifest::None if !is_empty => return Err(foreign(place)),
        Manifest::None | Manifest::Damaged => return Ok(None),
    };
    let is_wanted = |((route, entry), output): ((&String, &Entry), &&Output<'_>)| {
        route == output.route && entry.fingerprint == output.fingerprint
    };
    // Both are sorted by route.
    let are_wanted = entries.len() == outputs.len() && entries.iter().zip(outputs).all(is_wanted);
    Ok((are_wanted && are_intact(place, &entries, written)).then_some(fingerprint))
}

fn foreign(place: &Place) -> OutputError {
    Refusal { folder: place.out.clone(), reason: Reason::Foreign }.into()
}

/// Whether the output folder holds the site of this fingerprint, exactly as it was written, and no
/// build was killed since; told from sizes and times alone.
pub(super) fn is_intact(root: &Root, layout: &Layout, site: Fingerprint) -> bool {
    let place = Place::find(root, layout).ok().filter(|place| !place.has_leavings());
    place.is_some_and(|place| match Manifest::read(&place.out) {
        Ok(Manifest::Known { entries, fingerprint, written }) => {
            fingerprint == site && are_intact(&place, &entries, written)
        }
        _ => false,
    })
}

fn are_intact(place: &Place, entries: &Entries, written: Time) -> bool {
    // A path's last part is the only one that is not followed where it is a symbolic link.
    let is_folder = |folder: &&str| fs::symlink_metadata(place.out.join(folder)).is_ok_and(|found| found.is_dir());
    let files: Vec<PathBuf> = entries.keys().map(|route| place.out.join(route)).collect();
    folders(entries).iter().all(is_folder)
        && stats(&files).into_iter().zip(entries.values()).all(|(stat, entry)| is_as_written(stat.ok(), entry, written))
}

fn is_as_written(stat: Option<Stat>, entry: &Entry, written: Time) -> bool {
    stat.is_some_and(|stat| stat.is_file && stat.size == entry.size && stat.modified <= written)
}

/// All folders of a site.
fn folders(entries: &Entries) -> BTreeSet<&str> {
    let mut folders = BTreeSet::new();
    for route in entries.keys() {
        // The last one first: where it is known, so are those above it.
        let mut above: Vec<&str> = folders_of(route).collect();
        while let Some(folder) = above.pop()
            && folders.insert(folder)
        {}
    }
    folders
}

/// What the output folder holds.
pub(super) struct Site {
    folder: PathBuf,
    pub exists: bool,
    /// What its manifest says; empty where that can't be read.
    pub entries: Entries,
    written: Time,
    /// What has the names in its manifest, whether it is a file still or not.
    pub files: BTreeMap<String, Stat>,
    /// All other things but folders.
    pub foreign: Vec<PathBuf>,
    /// The folders that hold no file of the manifest, at any depth.
    pub foreign_folders: Vec<PathBuf>,
    /// It is ours, but it is not known which files are.
    is_damaged: bool,
}

impl Site {
    /// Walks the output folder, never through a symbolic link. Refuses it if it is not ours.
    pub fn look(place: &Place) -> Result<Self, OutputError> {
        let manifest = Manifest::read(&place.out).map_err(failed("read", &place.out.join(manifest::NAME)))?;
        let is_ours = !matches!(manifest, Manifest::None);
        let is_damaged = matches!(manifest, Manifest::Damaged);
        let (entries, written) = match manifest {
            Manifest::Known { entries, written, .. } => (entries, written),
            Manifest::None | Manifest::Damaged => (Entries::new(), 0),
        };
        let mut site = Site {
            exists: fs::symlink_metadata(&place.out).is_ok(),
            written,
            files: BTreeMap::new(),
            foreign: Vec::new(),
            foreign_folders: Vec::new(),
            folder: place.out.clone(),
            is_damaged,
            entries,
        };
        if !site.exists {
            return Ok(site);
        }
        let our_folders = folders(&site.entries);
        let mut found = Vec::with_capacity(site.entries.len());
        for item in WalkDir::new(&place.out).min_depth(1) {
            let item = item.map_err(|error| walk_failed("read", &place.out, &error))?;
            if !is_ours {
                return Err(foreign(place));
            }
            let path = item.path().strip_prefix(&place.out).unwrap_or(item.path());
            let route = path.to_str().unwrap_or_default();
            if item.file_type().is_dir() {
                if !our_folders.contains(route) {
                    site.foreign_folders.push(path.to_owned());
                }
            } else if site.entries.contains_key(route) {
                found.push((route.to_owned(), item.into_path()));
            } else if route != manifest::NAME {
                site.foreign.push(path.to_owned());
            }
        }
        // By route, so that the files of a folder follow one another.
        found.sort();
        let paths: Vec<&PathBuf> = found.iter().map(|(_, path)| path).collect();
        let stats = stats(&paths).into_iter();
        site.files =
            found.iter().zip(stats).filter_map(|((route, _), stat)| Some((route.clone(), stat.ok()?))).collect();
        Ok(site)
    }

    /// Whether the file is as the last publication wrote it.
    fn is_intact(&self, route: &str, entry: &Entry) -> bool {
        is_as_written(self.files.get(route).copied(), entry, self.written)
    }

    /// The entry of an intact file.
    pub fn known(&self, route: &str) -> Option<&Entry> {
        self.entries.get(route).filter(|entry| self.is_intact(route, entry))
    }

    /// Refuses to write over what no build wrote.
    pub fn check_free(&self, outputs: &[&Output<'_>]) -> Result<(), Refusal> {
        if self.foreign.is_empty() && self.foreign_folders.is_empty() {
            return Ok(());
        }
        let files: BTreeSet<&Path> = self.foreign.iter().map(PathBuf::as_path).collect();
        let mut folders: BTreeSet<&Path> = self.foreign_folders.iter().map(PathBuf::as_path).collect();
        folders.extend(self.foreign.iter().flat_map(|path| path.ancestors().skip(1)));
        for output in outputs {
            let route = Path::new(output.route);
            // With a manifest that can't be read, a file in the place of a page was most likely that page.
            let in_the_way = (files.contains(route) && !self.is_damaged || folders.contains(route)).then_some(route);
            if let Some(path) = in_the_way.or_else(|| route.ancestors().skip(1).find(|above| files.contains(above))) {
                let reason = Reason::Occupied(path.display().to_string());
                return Err(Refusal { folder: self.folder.clone(), reason });
            }
        }
        Ok(())
    }
}

/// The folders above a route: `a` and `a/b` for `a/b/c.html`.
pub(super) fn folders_of(route: &str) -> impl Iterator<Item = &str> {
    route.match_indices('/').filter_map(|(at, _)| route.get(..at))
}
