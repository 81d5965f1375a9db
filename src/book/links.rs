//! The one resolver: what every link, embed, image and front-matter reference leads to.
//!
//! Names are looked up in maps that are made once for the book; resolving a note's links then
//! needs nothing but those maps, so notes are resolved on all cores.

use std::collections::{BTreeMap, HashMap, HashSet, hash_map};
use std::sync::{Arc, OnceLock};

use super::sections::{Section, folder_of};
use super::{Entry, NoteId, PublishedAsset};
use crate::memo::{Fingerprint, FingerprintMap};
use crate::note::Note;
use crate::note::link::{Form, Link};
use crate::note::outline::github_slug;
use crate::path::{Route, Url};
use crate::text::{closest, fold, nfc};

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A note, and the id on its page if the link names one that exists.
    Note(NoteId, Option<Box<str>>),
    /// A folder without a page of its own, or a generated page.
    Page(Route, Option<Box<str>>),
    /// A file that is copied; index into the book's assets.
    Asset(u32),
    /// A URL out of the book (front matter only; links in the text never come here).
    External(Box<str>),
    /// Nothing. The text stays.
    Broken,
    /// A wikilink that means nothing here: shown as typed.
    Typed,
}

/// Why a link could not be resolved as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No note, file or folder.
    NotFound {
        /// The path from the content folder that was looked for, where one was.
        wanted: Option<String>,
    },
    /// The target is there, but not the heading.
    NoAnchor {
        /// The target.
        note: NoteId,
        /// The fragment that was looked for.
        fragment: String,
    },
    /// Several notes have the name; the chosen one and the others.
    Ambiguous {
        /// Paths below the content folder, the chosen first; at most four.
        paths: Vec<String>,
        /// How many there are.
        count: usize,
    },
    /// The path leads out of the content folder.
    Outside,
    /// A wikilink to nothing near anything.
    UnresolvedName,
}

/// Of the notes with one name in folders of one name, so many are looked at for a longer path.
const MAX_PATH_ENDS: usize = 100;

/// Where every name leads.
#[derive(Debug)]
pub struct Names {
    notes: Vec<Arc<Note>>,
    /// Of each note, the index of its section.
    section_of: Vec<usize>,
    sections: Arc<Vec<Section>>,
    section_by_path: HashMap<String, usize>,
    /// By folded path below the content folder, with extension.
    by_path: FingerprintMap<NoteId>,
    /// By folded file name without extension.
    by_stem: FingerprintMap<Named>,
    by_title: FingerprintMap<Named>,
    by_alias: FingerprintMap<Named>,
    /// Folder and file name without extension, folded; made when the first link names the end of a path.
    by_path_end: OnceLock<HashMap<String, Vec<NoteId>>>,
    /// The ids of each note's page; made when the first link names one of them.
    ids: Vec<OnceLock<Ids>>,
    /// Section and the number with which the file's name begins: `ADR-3` means `0003-no-queue.md`.
    by_number: HashMap<(usize, u32), NoteId>,
    /// Routes of aliases that redirect.
    redirects: Arc<BTreeMap<Route, NoteId>>,
    asset_by_path: HashMap<String, u32>,
    asset_by_name: HashMap<String, Vec<u32>>,
    asset_paths: Vec<Box<str>>,
    /// Routes of pages that are made without a note.
    generated: HashSet<Route>,
    /// Folded paths, and file names without extension, of notes that this build leaves out. A link
    /// to one is as its author meant it and is not complained of: it has no address for now.
    withheld: HashSet<String>,
}

/// What has a name: nearly always one note.
#[derive(Debug)]
enum Named {
    One(NoteId),
    Many(Box<Namesakes>),
}

/// Notes that have a name in common.
#[derive(Debug, Default)]
struct Namesakes {
    /// Those with the shortest paths first.
    notes: Vec<NoteId>,
    /// The first of them in each section, where there is more than one.
    first_in: HashMap<usize, NoteId>,
}

impl Named {
    fn add(map: &mut FingerprintMap<Named>, key: Fingerprint, id: NoteId) {
        match map.entry(key) {
            hash_map::Entry::Vacant(free) => drop(free.insert(Named::One(id))),
            hash_map::Entry::Occupied(mut taken) => match taken.get_mut() {
                Named::One(first) => {
                    let notes = vec![*first, id];
                    taken.insert(Named::Many(Box::new(Namesakes { notes, ..Namesakes::default() })));
                }
                Named::Many(namesakes) => namesakes.notes.push(id),
            },
        }
    }
}

impl Namesakes {
    /// Puts the notes in order, once all are known.
    fn finish(&mut self, names: &Names) {
        if self.notes.len() > 1 {
            self.notes.sort_by_key(|id| (names.note(*id).path().len(), *id));
            self.notes.dedup();
            for id in &self.notes {
                self.first_in.entry(names.section_of[id.index()]).or_insert(*id);
            }
        }
    }
}

/// The ids of a note's page, for many links to them.
#[derive(Debug)]
struct Ids {
    exact: HashSet<Box<str>>,
    /// By the id without regard to case, and by the heading's text.
    loose: HashMap<String, Box<str>>,
}

impl Ids {
    fn of(note: &Note) -> Self {
        let mut loose = HashMap::new();
        for id in note.anchors() {
            loose.entry(fold(id)).or_insert_with(|| id.into());
        }
        for heading in &note.outline {
            loose.entry(fold(&heading.text)).or_insert_with(|| heading.anchor.clone());
        }
        Ids { exact: note.anchors().map(Box::from).collect(), loose }
    }
}

fn key_of(folded: &str) -> Fingerprint {
    Fingerprint::of_bytes(folded.as_bytes())
}

impl Names {
    /// Makes the maps. `prefix` is the content folder's, `generated` are the routes of pages that are
    /// made without a note, `withheld` the names of notes that are left out.
    pub fn new(
        entries: &[Entry],
        sections: Arc<Vec<Section>>,
        redirects: Arc<BTreeMap<Route, NoteId>>,
        assets: &[PublishedAsset],
        prefix: &str,
        generated: HashSet<Route>,
        withheld: &[String],
    ) -> Self {
        let below = |asset: &PublishedAsset| {
            let path = asset.asset.path.as_str();
            Box::from(path.strip_prefix(prefix).unwrap_or(path))
        };
        let mut names = Names {
            notes: entries.iter().map(|entry| entry.note.clone()).collect(),
            section_of: entries.iter().map(|entry| entry.section).collect(),
            section_by_path: sections.iter().enumerate().map(|(i, s)| (fold(&s.path), i)).collect(),
            sections,
            by_path: FingerprintMap::default(),
            by_stem: FingerprintMap::default(),
            by_title: FingerprintMap::default(),
            by_alias: FingerprintMap::default(),
            by_path_end: OnceLock::new(),
            ids: std::iter::repeat_with(OnceLock::new).take(entries.len()).collect(),
            by_number: HashMap::new(),
            redirects,
            asset_by_path: HashMap::with_capacity(assets.len()),
            asset_by_name: HashMap::new(),
            asset_paths: assets.iter().map(below).collect(),
            generated,
            withheld: withheld.iter().flat_map(|path| [fold(path), fold(stem_of(path))]).collect(),
        };
        let (mut by_stem, mut by_title, mut by_alias) = Default::default();
        for map in [&mut by_stem, &mut by_title] {
            FingerprintMap::<Named>::reserve(map, entries.len());
        }
        names.by_path.reserve(entries.len());
        for (id, entry) in (0..).map(NoteId).zip(entries) {
            let keys = &entry.note.keys;
            names.by_path.insert(keys.path, id);
            Named::add(&mut by_stem, keys.stem, id);
            Named::add(&mut by_title, keys.title, id);
            if let Some(number) = number_at_start(entry.note.source.path.stem()) {
                names.by_number.entry((entry.section, number)).or_insert(id);
            }
            for alias in entry.note.front.list("aliases") {
                Named::add(&mut by_alias, key_of(&fold(alias.text.trim())), id);
            }
        }
        for map in [&mut by_stem, &mut by_title, &mut by_alias] {
            for named in map.values_mut() {
                if let Named::Many(namesakes) = named {
                    namesakes.finish(&names);
                }
            }
        }
        (names.by_stem, names.by_title, names.by_alias) = (by_stem, by_title, by_alias);
        for (index, path) in names.asset_paths.iter().enumerate() {
            names.asset_by_path.insert(fold(path), index as u32);
            let name = path.rsplit('/').next().unwrap_or(path);
            names.asset_by_name.entry(fold(name)).or_default().push(index as u32);
        }
        names
    }

    /// The note.
    pub fn note(&self, id: NoteId) -> &Arc<Note> {
        &self.notes[id.index()]
    }

    /// Puts a note in the place of one with the same face.
    pub fn replace(&mut self, id: NoteId, note: Arc<Note>) {
        self.notes[id.index()] = note;
        self.ids[id.index()] = OnceLock::new();
    }

    /// Resolves a link of a note's text.
    pub fn resolve(&self, from: NoteId, link: &Link) -> (Resolved, Option<Problem>) {
        match link.form {
            Form::Inline | Form::Image => match Url::read(&link.target) {
                Url::Internal { path, fragment, .. } => self.resolve_path(from, &path, fragment.as_deref()),
                _ => (Resolved::External(link.target.clone()), None),
            },
            Form::WikiImage => match self.resolve_name(from, &link.target) {
                (Resolved::Asset(asset), problem) => (Resolved::Asset(asset), problem),
                _ => (Resolved::Broken, Some(Problem::NotFound { wanted: None })),
            },
            Form::Wiki | Form::Embed => self.resolve_name(from, &link.target),
        }
    }

    /// Resolves a reference in the front matter: `[[note]]`, a slug, a path or a URL. Free text
    /// that is no reference gives [`Resolved::Typed`] without a problem.
    pub fn resolve_reference(&self, from: NoteId, written: &str) -> (Resolved, Option<Problem>) {
        let written = written.trim();
        if let Some(inner) = written.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
            return self.resolve_name(from, inner.split('|').next().unwrap_or(inner));
        }
        let bare = match markdown_link(written) {
            Some(target) => target,
            None => written,
        };
        match Url::read(bare) {
            Url::External => return (Resolved::External(bare.into()), None),
            Url::Forbidden => return (Resolved::Typed, None),
            Url::Internal { .. } => {}
        }
        let (found, problem) = self.resolve_name(from, bare);
        if !matches!(found, Resolved::Typed | Resolved::Broken) {
            return (found, problem);
        }
        let pathlike = bare.ends_with(".md") || (bare.contains('/') && !bare.contains(' '));
        if pathlike {
            let (path, fragment) = bare.split_once('#').map_or((bare, None), |(p, f)| (p, Some(f)));
            let relative = self.resolve_path(from, path, fragment);
            if relative.0 != Resolved::Broken {
                return relative;
            }
            let rooted = self.resolve_path(from, &format!("/{}", path.trim_start_matches('/')), fragment);
            return if rooted.0 == Resolved::Broken { relative } else { rooted };
        }
        if let Some(number) = record_number(bare)
            && let Some(id) = self.by_number.get(&(self.section_of[from.index()], number))
        {
            return (Resolved::Note(*id, None), None);
        }
        // One word with hyphens was meant as a slug; a sentence was meant as a sentence.
        let slug_like =
            !bare.contains(char::is_whitespace) && bare.contains('-') && bare.chars().any(|c| c.is_lowercase());
        match problem {
            Some(problem) if slug_like => (Resolved::Typed, Some(problem)),
            _ => (Resolved::Typed, None),
        }
    }

    fn here(&self, from: NoteId) -> &str {
        folder_of(self.note(from).path())
    }

    fn resolve_path(&self, from: NoteId, path: &str, fragment: Option<&str>) -> (Resolved, Option<Problem>) {
        if path.is_empty() {
            return self.with_anchor(from, fragment);
        }
        let base = if path.starts_with('/') { "" } else { self.here(from) };
        let Some(clean) = join(base, path) else { return (Resolved::Broken, Some(Problem::Outside)) };
        let key = fold(&clean);
        if let Some(id) = self.note_at(&key, path.ends_with('/')) {
            return self.with_anchor(id, fragment);
        }
        if let Some(&asset) = self.asset_by_path.get(&key) {
            return (Resolved::Asset(asset), None);
        }
        if self.withheld.contains(&key) || [".md", ".html"].iter().any(|e| self.withheld.contains(&format!("{key}{e}")))
        {
            return (Resolved::Broken, None);
        }
        let anchor = fragment.filter(|f| !f.is_empty()).map(Box::from);
        if let Some(&section) =
            self.section_by_path.get(key.trim_end_matches("/index.html").trim_end_matches("/index.md"))
        {
            return (Resolved::Page(self.sections[section].route.clone(), anchor), None);
        }
        if let Some(route) = self.generated_at(&clean) {
            return (Resolved::Page(route, anchor), None);
        }
        // The addresses of other generators: `/posts/first/` for `posts/first.md`.
        if path.ends_with('/')
            && let Some(id) = self.note_at(&key, false)
        {
            return self.with_anchor(id, fragment);
        }
        (Resolved::Broken, Some(Problem::NotFound { wanted: Some(clean) }))
    }

    /// The note at a folded path: the exact file, with `.md` added, with `.html` for `.md`, the
    /// folder's page, or an alias.
    fn note_at(&self, key: &str, folder: bool) -> Option<NoteId> {
        if !folder {
            if let Some(id) = self.by_path.get(&key_of(key)) {
                return Some(*id);
            }
            let stem = key.strip_suffix(".html").unwrap_or(key);
            for extension in [".md", ".markdown"] {
                if let Some(id) = self.by_path.get(&key_of(&format!("{stem}{extension}"))) {
                    return Some(*id);
                }
            }
        }
        if let Some(page) = self.section_by_path.get(key).and_then(|section| self.sections[*section].page) {
            return Some(page);
        }
        if let Some(folder) = key.strip_suffix("/index.html").or((key == "index.html").then_some(""))
            && let Some(page) = self.section_by_path.get(folder).and_then(|section| self.sections[*section].page)
        {
            return Some(page);
        }
        let alias = Route::alias(&format!("{key}{}", if folder { "/" } else { "" })).ok()?;
        self.redirects.get(&alias).copied()
    }

    fn generated_at(&self, path: &str) -> Option<Route> {
        let candidates = [path.to_owned(), format!("{path}.html"), format!("{path}/index.html")];
        candidates.into_iter().map(Route::new).find(|route| self.generated.contains(route))
    }

    fn with_anchor(&self, id: NoteId, fragment: Option<&str>) -> (Resolved, Option<Problem>) {
        let Some(fragment) = fragment.map(str::trim).filter(|f| !f.is_empty() && *f != "top" && !f.starts_with(":~:"))
        else {
            return (Resolved::Note(id, None), None);
        };
        let note = self.note(id);
        let ids = self.ids[id.index()].get_or_init(|| Ids::of(note));
        if ids.exact.contains(fragment) {
            return (Resolved::Note(id, Some(fragment.into())), None);
        }
        // Other generators' rules differ in case; a wikilink names the heading's text.
        let folded = fold(fragment);
        let slug = github_slug(fragment);
        if let Some(anchor) = ids.loose.get(&folded).or_else(|| ids.exact.get(&*slug)) {
            return (Resolved::Note(id, Some(anchor.clone())), None);
        }
        if folded == fold(&note.title.text) || slug == github_slug(&note.title.text) || fragment.starts_with('^') {
            return (Resolved::Note(id, None), None);
        }
        (Resolved::Note(id, None), Some(Problem::NoAnchor { note: id, fragment: fragment.to_owned() }))
    }

    fn resolve_name(&self, from: NoteId, target: &str) -> (Resolved, Option<Problem>) {
        let (name, fragment) = match target.split_once('#') {
            Some((name, fragment)) => (name.trim(), Some(fragment.rsplit('#').next().unwrap_or(fragment))),
            None => (target.trim(), None),
        };
        if name.is_empty() {
            return match fragment {
                Some(_) => self.with_anchor(from, fragment),
                None => (Resolved::Typed, None),
            };
        }
        let decoded = crate::path::decode(name).unwrap_or_else(|| name.to_owned());
        let key = fold(decoded.trim_start_matches('/'));
        let stem = key.strip_suffix(".md").unwrap_or(&key);
        if let Some(ids) = self.by_stem.get(&key_of(stem)) {
            let (id, problem) = self.pick(from, ids);
            let (resolved, anchor_problem) = self.with_anchor(id, fragment);
            return (resolved, anchor_problem.or(problem));
        }
        if key.contains('/') {
            let (resolved, problem) = self.resolve_path(from, &decoded, fragment);
            if resolved != Resolved::Broken {
                return (resolved, problem);
            }
            if let Some(id) = self.note_at(&key, false) {
                return self.with_anchor(id, fragment);
            }
            // Obsidian also takes the end of a path.
            let fitting = self.by_path_end(stem);
            if !fitting.notes.is_empty() {
                let (id, problem) = self.pick_one(from, &fitting);
                let (resolved, anchor_problem) = self.with_anchor(id, fragment);
                return (resolved, anchor_problem.or(problem));
            }
        }
        let file = key.rsplit('/').next().unwrap_or(&key);
        if let Some(assets) = self.asset_by_name.get(file) {
            let here = self.here(from);
            let best = assets.iter().min_by_key(|a| (folder_of(&self.asset_paths[**a as usize]) != here, **a));
            if let Some(best) = best {
                return (Resolved::Asset(*best), None);
            }
        }
        for names in [&self.by_title, &self.by_alias] {
            if let Some(ids) = names.get(&key_of(stem)) {
                let (id, problem) = self.pick(from, ids);
                let (resolved, anchor_problem) = self.with_anchor(id, fragment);
                return (resolved, anchor_problem.or(problem));
            }
        }
        if let Some(section) = self.section_by_path.get(&key) {
            return (Resolved::Page(self.sections[*section].route.clone(), None), None);
        }
        if self.withheld.contains(stem) || self.withheld.contains(&format!("{stem}.md")) {
            return (Resolved::Broken, None);
        }
        // In a template for notes, a name is yet to be filled in.
        let problem = (!name.contains("{{") && !name.contains("<%")).then_some(Problem::UnresolvedName);
        (Resolved::Typed, problem)
    }

    /// The notes whose path ends like this, of which at most [`MAX_PATH_ENDS`] are looked at.
    fn by_path_end(&self, stem: &str) -> Namesakes {
        let map = self.by_path_end.get_or_init(|| {
            let mut map: HashMap<String, Vec<NoteId>> = HashMap::with_capacity(self.notes.len());
            for (id, note) in (0..).map(NoteId).zip(&self.notes) {
                let path = fold(note.path());
                let path = path.rsplit_once('.').map_or(&*path, |(stem, _)| stem);
                if let Some(end) = path_end(path) {
                    map.entry(end.to_owned()).or_default().push(id);
                }
            }
            map
        });
        let suffix = format!("/{stem}.md");
        let candidates = path_end(stem).and_then(|end| map.get(end));
        let mut fitting = Namesakes::default();
        fitting.notes.extend(
            candidates
                .into_iter()
                .flatten()
                .take(MAX_PATH_ENDS)
                .filter(|id| fold(self.note(**id).path()).ends_with(&suffix)),
        );
        fitting.finish(self);
        fitting
    }

    fn pick(&self, from: NoteId, named: &Named) -> (NoteId, Option<Problem>) {
        match named {
            Named::One(id) => (*id, None),
            Named::Many(namesakes) => self.pick_one(from, namesakes),
        }
    }

    /// Of several notes with one name: the one in the same folder, else the one with the shortest path.
    fn pick_one(&self, from: NoteId, namesakes: &Namesakes) -> (NoteId, Option<Problem>) {
        let notes = &namesakes.notes;
        if let Some(id) = namesakes.first_in.get(&self.section_of[from.index()]) {
            return (*id, None);
        }
        let problem = (notes.len() > 1).then(|| Problem::Ambiguous {
            paths: notes.iter().take(4).map(|id| self.note(*id).path().to_owned()).collect(),
            count: notes.len(),
        });
        (notes[0], problem)
    }

    /// A path near the one that leads nowhere, spelled as a link from the note; `search` allows a look
    /// at every name in the folder.
    pub fn suggest_path(&self, from: NoteId, wanted: &str, search: bool) -> Option<String> {
        let name = wanted.rsplit('/').next().unwrap_or(wanted);
        let stem = fold(name.rsplit_once('.').map_or(name, |(stem, _)| stem));
        let spelled = |target: &str| {
            let route = Route::asset(target);
            crate::path::decode(&route.relative_to(&Route::asset(self.note(from).path())))
        };
        // The same name elsewhere: the note was moved.
        if let Some(Named::One(id)) = self.by_stem.get(&key_of(&stem)) {
            return spelled(self.note(*id).path());
        }
        if let Some([asset]) = self.asset_by_name.get(&fold(name)).map(Vec::as_slice) {
            return spelled(&self.asset_paths[*asset as usize]);
        }
        if !search {
            return None;
        }
        // A slip in the name, in the folder that was meant.
        let folder = folder_of(wanted);
        let section = self.section_by_path.get(&fold(folder)).map(|index| &self.sections[*index]);
        let in_folder = section.into_iter().flat_map(|s| s.notes.iter().chain(&s.page)).map(|id| self.note(*id).path());
        let names: Vec<(&str, &str)> = in_folder.map(|path| (path.rsplit('/').next().unwrap_or(path), path)).collect();
        let near = closest(name, names.iter().map(|(name, _)| *name))?;
        names.iter().find(|(name, _)| *name == near).and_then(|(_, path)| spelled(path))
    }

    /// An id of the note that is near the one that is not there.
    pub fn suggest_anchor(&self, note: NoteId, fragment: &str) -> Option<&str> {
        closest(&github_slug(fragment), self.note(note).anchors())
    }

    /// A note whose file name or title is near a wikilink's, for "did you mean".
    pub fn suggest_name(&self, target: &str) -> Option<String> {
        let name = target.split('#').next().unwrap_or(target).trim();
        // Numbers near one another are not slips of one another.
        if name.chars().count() < 5 || !name.chars().any(char::is_alphabetic) {
            return None;
        }
        let stems = || self.notes.iter().map(|note| note.source.path.stem());
        // A name cut short, as `PM-2026-031` for `PM-2026-031-what-happened`.
        let start = format!("{}-", fold(name));
        let mut longer = stems().filter(|stem| fold(stem).starts_with(&start));
        match (longer.next(), longer.next()) {
            (Some(only), None) => Some(only.to_owned()),
            _ => closest(name, stems()).map(str::to_owned),
        }
    }
}

/// The last two parts of a path.
fn path_end(path: &str) -> Option<&str> {
    let (folders, _) = path.rsplit_once('/')?;
    Some(folders.rfind('/').map_or(path, |at| &path[at + 1..]))
}

/// The number of a numbered record's file: 3 for `0003-no-queue`, nothing for `20260304-x`.
fn number_at_start(stem: &str) -> Option<u32> {
    let digits = stem.len() - stem.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let ends = stem[digits..].chars().next().is_none_or(|c| !c.is_alphanumeric());
    if (1..=6).contains(&digits) && ends { stem[..digits].parse().ok() } else { None }
}

/// The number in a name such as `ADR-0003`, `ADR 3` or `#3`.
fn record_number(name: &str) -> Option<u32> {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[prefix.len()..];
    let is_prefix =
        prefix.len() <= 8 && prefix.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '_' | ' ' | '#'));
    if is_prefix && (1..=6).contains(&digits.len()) { digits.parse().ok() } else { None }
}

/// A path's last part without its extension.
fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// `[text](target)` as a whole value.
fn markdown_link(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('[')?.strip_suffix(')')?;
    rest.split_once("](").map(|(_, target)| target)
}

/// `path` seen from the folder `base`, without `.` and `..`; nothing if it leads above the top.
fn join(base: &str, path: &str) -> Option<String> {
    let path = nfc(path);
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_join_and_never_leave_the_top() {
        assert_eq!(join("a/b", "../c.md").as_deref(), Some("a/c.md"));
        assert_eq!(join("a", "./b//c.md").as_deref(), Some("a/b/c.md"));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!(join("", "/x/y").as_deref(), Some("x/y"));
    }
}
