//! The last book, so that the next one is patched where it can be.
//!
//! Everything but links is decided by the notes' faces ([`Note::face`]) and by what is around them.
//! As long as these stay, a changed note can change its own links, the backlinks of the notes that it
//! links or linked to, and what its anchors mean to the notes that link to it; nothing else. A book
//! with other faces is assembled anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::addresses::{self, Addresses};
use super::embeds;
use super::groups::{self, Groups};
use super::insight::{Ground, Insights};
use super::links::Names;
use super::resolution::{self, Faults, Near, Outcome};
use super::{Book, Entry, NoteId, Remark, Surroundings, published, sections};
use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::memo::Work;
use crate::note::Note;
use crate::parallel;
use crate::path::Route;
use crate::path::SourcePath;
use crate::source::{Asset, History};

/// Remembers one book.
#[derive(Debug, Default)]
pub struct Memory {
    last: Option<Last>,
}

/// A book, what it was made of, and what is needed to patch it.
#[derive(Debug)]
struct Last {
    config: Arc<Config>,
    assets: Vec<Asset>,
    history: Arc<History>,
    today: Date,
    drafts: bool,
    /// All notes, also those that are withheld.
    notes: Vec<Arc<Note>>,
    /// Which of them became which entry.
    ids: Vec<Option<NoteId>>,
    book: Arc<Book>,
    names: Names,
    near: Near,
    /// What is wrong whatever the links are.
    general: Vec<Diagnostic>,
    remarks: Vec<Remark>,
    faults: BTreeMap<NoteId, Faults>,
    cycles: Vec<Diagnostic>,
}

impl Memory {
    /// The same as [`super::assemble`], with less work where little has changed since the last call; and
    /// how many notes had their links resolved for it.
    pub fn assemble(
        &mut self,
        config: &Arc<Config>,
        notes: &[Arc<Note>],
        around: &Surroundings<'_>,
    ) -> (Checked<Arc<Book>>, Work) {
        let patched = self.last.take().and_then(|last| {
            let changed = last.changed(config, notes, around)?;
            Some(last.patched(notes, &changed))
        });
        let (last, done) = patched.unwrap_or_else(|| {
            let last = Last::new(config, notes, around);
            let all = last.book.notes.len();
            (last, all)
        });
        let last = self.last.insert(last);
        let resolved = Work { asked: last.book.notes.len(), done };
        (Checked { value: last.book.clone(), diagnostics: last.diagnostics() }, resolved)
    }
}

impl Last {
    fn new(config: &Arc<Config>, notes: &[Arc<Note>], around: &Surroundings<'_>) -> Self {
        let (mut general, mut remarks) = (Vec::new(), Vec::new());
        let prefix = if config.content.is_empty() { String::new() } else { format!("{}/", config.content) };
        let (mut entries, ids, withheld) = published(config, notes, around);
        let folder_pages = sections::folder_pages(&entries, &mut general);
        let addresses = Addresses::give(config, &mut entries, &folder_pages, &mut general);
        let sections = Arc::new(sections::assemble(config, &mut entries, &folder_pages));
        let newest = groups::newest_first(&entries);
        let groups = groups::gather(config, &mut entries, &newest, &mut remarks);
        let by_kind = groups::by_kind(config, &entries, &newest);
        let generated = addresses::generated(config, &by_kind, &groups);
        let pages = sections.iter().map(|s| &s.route).chain(&generated).map(Route::collision_key).collect();
        let redirects = Arc::new(addresses.redirects(&entries, &pages, &mut remarks));
        let assets = addresses.assets(around.assets, &prefix, &entries, &mut general);
        if around.history.shallow {
            general.push(
                Diagnostic::new(
                    Code::ShallowHistory,
                    &if config.is_given { Config::file() } else { SourcePath::new(config.content.as_str()) },
                    "the git history is cut off, so dates and authors from git may be wrong",
                )
                .hint("fetch all of it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"),
            );
        }
        let names = Names::new(&entries, sections.clone(), redirects.clone(), &assets, &prefix, generated, &withheld);
        let (entries, faults) = linked(entries, &names);
        let cycles = embeds::cycles(&entries);
        let mut rank = vec![0; entries.len()];
        for (place, id) in (0..).zip(&newest) {
            rank[id.index()] = place;
        }
        let Groups { tags, people, teams, tickets, statuses, results, years } = groups;
        let today = around.today;
        let first_names = groups::first_names(&people);
        let ground =
            Ground { config, notes: &entries, newest: &newest, people: &people, first_names: &first_names, today };
        let insights = Insights::derive(ground);
        let book = Book {
            config: config.clone(),
            notes: entries,
            newest: newest.into(),
            sections,
            by_kind: by_kind.into(),
            tags: tags.into(),
            first_names: first_names.into(),
            people: people.into(),
            teams: teams.into(),
            tickets: tickets.into(),
            statuses: statuses.into(),
            results: results.into(),
            years: years.into(),
            redirects,
            assets: assets.into(),
            insights: insights.into(),
            today,
            content_prefix: prefix.into(),
            rank: rank.into(),
            advice: OnceLock::new(),
        };
        Last {
            config: config.clone(),
            assets: around.assets.to_vec(),
            history: around.history.clone(),
            today,
            drafts: around.drafts,
            notes: notes.to_vec(),
            ids,
            book: Arc::new(book),
            names,
            near: Near::new(),
            general,
            remarks,
            faults,
            cycles,
        }
    }

    /// The places of the notes that are not the same as in this book; none if it can't be patched.
    fn changed(&self, config: &Arc<Config>, notes: &[Arc<Note>], around: &Surroundings<'_>) -> Option<Vec<usize>> {
        let is_same = Arc::ptr_eq(&self.config, config)
            && self.history == *around.history
            && (self.today, self.drafts) == (around.today, around.drafts)
            && self.assets == around.assets
            && self.notes.len() == notes.len();
        let mut changed = Vec::new();
        for (index, (old, new)) in self.notes.iter().zip(notes).enumerate().filter(|_| is_same) {
            if !Arc::ptr_eq(old, new) {
                // The path is a part of the face.
                if old.face != new.face {
                    return None;
                }
                changed.push(index);
            }
        }
        is_same.then_some(changed)
    }

    /// The book with these notes in the place of others with the same faces, and how many were resolved.
    fn patched(mut self, notes: &[Arc<Note>], changed: &[usize]) -> (Self, usize) {
        let mut entries = self.book.notes.clone();
        let mut dirty: BTreeSet<NoteId> = BTreeSet::new();
        let mut has_new_summary = false;
        for &index in changed {
            let (old, new) = (&self.notes[index], &notes[index]);
            has_new_summary |= old.summary != new.summary;
            let Some(id) = self.ids[index] else { continue };
            self.names.replace(id, new.clone());
            dirty.insert(id);
            if !new.has_anchors_of(old) {
                dirty.extend(entries[id.index()].backlinks.iter().map(|backlink| backlink.from));
            }
        }
        let dirty: Vec<NoteId> = dirty.into_iter().collect();
        let outcomes = parallel::map(&dirty, |id| resolution::resolve(&self.names, *id));
        let mut has_embeds = false;
        for (id, Outcome { links, references, faults }) in dirty.iter().copied().zip(outcomes) {
            let old = entries[id.index()].clone();
            has_embeds |= embeds::has_embeds(&old);
            let mut backlinks: BTreeMap<NoteId, Vec<super::Backlink>> = BTreeMap::new();
            for (to, _) in resolution::links_back(id, &old.links, &old.references) {
                backlinks.entry(to).or_default();
            }
            for (to, backlink) in resolution::links_back(id, &links, &references) {
                backlinks.entry(to).or_default().push(backlink);
            }
            for (to, now) in backlinks {
                let target = &entries[to.index()];
                if let Some(backlinks) = exchanged(&target.backlinks, id, now) {
                    let target = Entry { backlinks, related: OnceLock::new(), ..Entry::clone(target) };
                    entries[to.index()] = Arc::new(target);
                }
            }
            let note = self.names.note(id).clone();
            let old = &entries[id.index()];
            let entry = Entry { note, links, references, related: OnceLock::new(), ..Entry::clone(old) };
            has_embeds |= embeds::has_embeds(&entry);
            entries[id.index()] = Arc::new(entry);
            match faults.is_empty() {
                true => drop(self.faults.remove(&id)),
                false => drop(self.faults.insert(id, faults)),
            }
        }
        if has_embeds {
            self.cycles = embeds::cycles(&entries);
        }
        let mut book = Book { notes: entries, advice: OnceLock::new(), ..self.book.share() };
        if has_new_summary {
            book.insights = Insights::derive(book.ground()).into();
        }
        (Last { book: Arc::new(book), notes: notes.to_vec(), ..self }, dirty.len())
    }

    /// All that is wrong, in no order.
    fn diagnostics(&mut self) -> Vec<Diagnostic> {
        let mut all = self.general.clone();
        all.extend(self.remarks.iter().map(|remark| remark.say(&self.book.notes)));
        all.extend(self.cycles.iter().cloned());
        all.extend(resolution::say(&self.names, &mut self.near, &mut self.faults));
        all
    }
}

/// The entries with their links and backlinks, and what is wrong with these.
fn linked(mut entries: Vec<Entry>, names: &Names) -> (Vec<Arc<Entry>>, BTreeMap<NoteId, Faults>) {
    let ids: Vec<NoteId> = (0..entries.len()).map(NoteId::new).collect();
    let outcomes = parallel::map(&ids, |id| resolution::resolve(names, *id));
    let mut all_faults = BTreeMap::new();
    for (id, Outcome { links, references, faults }) in ids.into_iter().zip(outcomes) {
        for (to, backlink) in resolution::links_back(id, &links, &references) {
            entries[to.index()].backlinks.push(backlink);
        }
        let entry = &mut entries[id.index()];
        (entry.links, entry.references) = (links, references);
        if !faults.is_empty() {
            all_faults.insert(id, faults);
        }
    }
    (entries.into_iter().map(Arc::new).collect(), all_faults)
}

/// Backlinks, which are in the order of the notes that link, with those from one note exchanged; none
/// if that changes nothing.
fn exchanged(backlinks: &[super::Backlink], from: NoteId, now: Vec<super::Backlink>) -> Option<Vec<super::Backlink>> {
    let start = backlinks.partition_point(|backlink| backlink.from < from);
    let end = backlinks.partition_point(|backlink| backlink.from <= from);
    let mut exchanged = backlinks.to_vec();
    let was: Vec<_> = exchanged.splice(start..end, now.iter().cloned()).collect();
    (was != now).then_some(exchanged)
}
