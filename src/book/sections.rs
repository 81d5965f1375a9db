//! Folders as sections: their pages, their order, and what comes before and after.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Entry, NoteId};
use crate::config::{Config, Kind};
use crate::diagnostic::{Code, Diagnostic};
use crate::path::Route;
use crate::text::{fold, natural};

/// A folder of the content folder that holds notes, itself or below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Below the content folder; empty for the top.
    pub path: String,
    /// Its page.
    pub route: Route,
    /// The note that is the folder's own text.
    pub page: Option<NoteId>,
    /// The page's title, else the folder's name.
    pub title: String,
    /// The section above; none for the top.
    pub parent: Option<usize>,
    /// The sections directly below, by their pages' `order`, then by title.
    pub children: Vec<usize>,
    /// Its own notes without the folder's page, in reading order.
    pub notes: Vec<NoteId>,
    /// Notes here and below, folder pages not counted.
    pub count: usize,
}

/// A note's file name says that it is its folder's page: the rank among several, the least counts.
pub fn page_rank(name: &str) -> Option<usize> {
    ["index.md", "_index.md", "readme.md", "index.markdown", "readme.markdown"]
        .iter()
        .position(|known| name.eq_ignore_ascii_case(known))
}

/// For each folder with several candidates for its page, the one that is used.
pub fn folder_pages(notes: &[Entry], diagnostics: &mut Vec<Diagnostic>) -> HashMap<String, NoteId> {
    let mut found: BTreeMap<&str, Vec<(usize, NoteId)>> = BTreeMap::new();
    for (index, entry) in notes.iter().enumerate() {
        if let Some(rank) = page_rank(entry.note.source.path.name()) {
            found.entry(folder_of(entry.note.path())).or_default().push((rank, NoteId::new(index)));
        }
    }
    let mut pages = HashMap::new();
    for (folder, mut candidates) in found {
        candidates.sort();
        let name = |id: NoteId| notes[id.index()].note.source.path.name().to_owned();
        for (_, extra) in &candidates[1..] {
            diagnostics.push(
                Diagnostic::new(
                    Code::TwoFolderPages,
                    &notes[extra.index()].note.source.path,
                    format!("`{}` is already the page of this folder", name(candidates[0].1)),
                )
                .hint("this file is published as an ordinary note; join the two, or rename one"),
            );
        }
        pages.insert(folder.to_owned(), candidates[0].1);
    }
    pages
}

/// The folder of a path.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The address of a folder's page. The site's own folders and those of kinds have one spelling, also
/// where the notes' folder differs in case: on many disks the two would be one.
pub fn folder_route(config: &Config, path: &str) -> Route {
    let folded = fold(path);
    let own =
        super::PAGE_FOLDERS.iter().chain(&super::SHEET_FOLDERS).copied().chain(config.kinds.iter().map(Kind::folder));
    Route::folder(own.into_iter().find(|own| *own == folded).unwrap_or(path))
}

/// Builds the tree of sections; the first is the top. Sets each note's section and its place there.
pub fn assemble(config: &Config, notes: &mut [Entry], pages: &HashMap<String, NoteId>) -> Vec<Section> {
    let mut paths: BTreeMap<String, usize> = BTreeMap::new();
    paths.insert(String::new(), 0);
    for entry in notes.iter() {
        let mut folder = folder_of(entry.note.path());
        while !folder.is_empty() && paths.insert(folder.to_owned(), 0).is_none() {
            folder = folder_of(folder);
        }
    }
    for (index, position) in paths.values_mut().enumerate() {
        *position = index;
    }
    let mut taken: HashSet<String> = HashSet::with_capacity(paths.len());
    let mut sections: Vec<Section> = paths
        .keys()
        .map(|path| {
            let page = pages.get(path).copied();
            let title = match page {
                Some(id) => notes[id.index()].note.title.text.clone(),
                None => folder_title(path),
            };
            let parent = (!path.is_empty()).then(|| paths[folder_of(path)]);
            let mut route = folder_route(config, path);
            // `Foo` beside `foo`: where a disk takes them for one, their pages are still two.
            for number in 2.. {
                if taken.insert(route.collision_key()) || page.is_some() {
                    break;
                }
                route = Route::folder(path).with_ending(&format!("-{number}.html"));
            }
            Section {
                route,
                path: path.clone(),
                page,
                title,
                parent,
                children: Vec::new(),
                notes: Vec::new(),
                count: 0,
            }
        })
        .collect();
    for (index, entry) in notes.iter_mut().enumerate() {
        let section = paths[folder_of(entry.note.path())];
        entry.section = section;
        if sections[section].page != Some(NoteId::new(index)) {
            sections[section].notes.push(NoteId::new(index));
        }
    }
    for section in &mut sections {
        order(&mut section.notes, notes);
        for (place, id) in section.notes.iter().enumerate() {
            notes[id.index()].place = place;
        }
    }
    // Children come after their parents in path order, so one backward pass adds the counts up.
    for index in (0..sections.len()).rev() {
        sections[index].count += sections[index].notes.len();
        if let Some(parent) = sections[index].parent {
            let count = sections[index].count;
            sections[parent].count += count;
            sections[parent].children.push(index);
        }
    }
    let key = |sections: &[Section], index: usize| {
        let order = sections[index].page.and_then(|id| notes[id.index()].order);
        (order.is_none(), order.unwrap_or(0), natural(&sections[index].title), index)
    };
    for index in 0..sections.len() {
        let mut children = std::mem::take(&mut sections[index].children);
        children.sort_by_cached_key(|child| key(&sections, *child));
        sections[index].children = children;
    }
    sections
}

/// By `order` where it is given; then, in a folder whose notes are mostly dated by their authors,
/// the newest first; else by title.
fn order(ids: &mut [NoteId], notes: &[Entry]) {
    let dated = ids.iter().filter(|id| notes[id.index()].note.date.is_some()).count() * 2 > ids.len();
    ids.sort_by_cached_key(|id| {
        let entry = &notes[id.index()];
        let date = if dated { entry.date.map_or(i32::MAX, |date| -date.days()) } else { 0 };
        (entry.order.is_none(), entry.order.unwrap_or(0), date, &*entry.note.keys.order, *id)
    });
}

/// A folder's name as a title: `self-checks` → `Self checks`.
fn folder_title(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let spaced = if name.contains(' ') { name.to_owned() } else { name.replace(['-', '_'], " ") };
    let mut letters = spaced.trim().chars();
    letters.next().map_or_else(|| "Notes".to_owned(), |first| first.to_uppercase().chain(letters).collect())
}
