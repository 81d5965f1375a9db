//! What only the whole can know.
//!
//! [`assemble`] is a function of the parsed notes, the configuration and the rest of the snapshot:
//! pure and total. It decides which notes are published and at which address ([`addresses`]), groups
//! them ([`groups`], [`terms`], [`sections`]), finds what each link leads to ([`links`],
//! [`resolution`]) and from there the backlinks and the [`related`] notes, and what all of it says
//! about what the team learns ([`insight`]).
//!
//! Most of it is decided by the notes' [faces](Note::face). So a book is patched, and not assembled
//! anew, where a [`Memory`] holds one of the same faces.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Checked, Diagnostic};
use crate::note::Note;
use crate::note::front_matter::FieldValue;
use crate::path::Route;
use crate::source::{Asset, FileHistory, History};
use crate::text::Span;

pub mod addresses;
mod embeds;
pub mod groups;
pub mod insight;
pub mod links;
mod memory;
pub mod related;
pub mod resolution;
pub mod sections;
pub mod terms;

use insight::{Ground, Insights};
use links::Resolved;
pub use memory::Memory;
use related::Related;
use sections::Section;
use terms::Terms;

/// A note's index in [`Book::notes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteId(pub u32);

impl NoteId {
    /// From an index.
    pub fn new(index: usize) -> Self {
        NoteId(index as u32)
    }

    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a build looks at besides the notes and the configuration.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'s> {
    /// Files beside the notes.
    pub assets: &'s [Asset],
    /// What git knows.
    pub history: &'s Arc<History>,
    /// The day of the build.
    pub today: Date,
    /// Show drafts and scheduled notes.
    pub drafts: bool,
}

/// A published note and its place in the book.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it says.
    pub note: Arc<Note>,
    /// Its address.
    pub route: Route,
    /// From front matter or file name, else the day of its first commit.
    pub date: Option<Date>,
    /// What git knows of the file.
    pub history: Option<FileHistory>,
    /// `order` in the front matter, in thousandths.
    pub order: Option<i64>,
    /// Index into [`Book::sections`].
    pub section: usize,
    /// Its place among the notes of the section; 0 for the section's own page.
    pub place: usize,
    /// Indices into [`Book::tags`], in the author's order.
    pub tags: Vec<usize>,
    /// Indices into [`Book::people`], in the author's order; from git where the author named nobody.
    pub authors: Vec<usize>,
    /// Index into [`Book::teams`].
    pub team: Option<usize>,
    /// Indices into [`Book::tickets`]: those of the front matter first, then those of the text.
    pub tickets: Vec<usize>,
    /// Where the links of the text lead, in the order of [`Note::links`].
    pub links: Vec<Resolved>,
    /// Where the front matter's references lead: key, position in its list, target.
    pub references: Vec<Reference>,
    /// Who links here: one entry a note and role.
    pub backlinks: Vec<Backlink>,
    /// See [`Book::related`].
    related: OnceLock<Vec<Related>>,
    /// Shown only because drafts are: `draft` or a date in the future.
    pub unpublished: bool,
}

impl Entry {
    /// The notes that link here or are linked from here.
    pub fn linked_notes(&self) -> HashSet<NoteId> {
        let targets = self.links.iter().chain(self.references.iter().map(|reference| &reference.target));
        let targets = targets.filter_map(|target| match target {
            Resolved::Note(id, _) => Some(*id),
            _ => None,
        });
        targets.chain(self.backlinks.iter().map(|backlink| backlink.from)).collect()
    }
}

/// A reference in the front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The canonical key.
    pub key: String,
    /// As written.
    pub text: String,
    /// Where it leads.
    pub target: Resolved,
}

/// A link seen from its target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backlink {
    /// The front-matter key that holds the reference; empty for a link in the text.
    pub key: String,
    /// The note that links.
    pub from: NoteId,
    /// Index into the note's links, for the sentence around it; none for front matter.
    pub link: Option<u32>,
}

/// A file that is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAsset {
    /// Its address.
    pub route: Route,
    /// The file.
    pub asset: Asset,
}

/// The whole book. What the notes' faces decide is shared with the books before and after this one,
/// as long as no face changes.
#[derive(Debug)]
pub struct Book {
    /// What book.toml says.
    pub config: Arc<Config>,
    /// The published notes, sorted by path.
    pub notes: Vec<Arc<Entry>>,
    /// All notes with a date, newest first, then those without one.
    pub newest: Arc<Vec<NoteId>>,
    /// Folders; the first is the top.
    pub sections: Arc<Vec<Section>>,
    /// Notes by kind, in the order of the configuration; newest first.
    pub by_kind: Arc<Vec<Vec<NoteId>>>,
    /// Tags, nested.
    pub tags: Arc<Terms>,
    /// Authors.
    pub people: Arc<Terms>,
    /// People by first name, folded; none where several have it.
    pub first_names: Arc<HashMap<String, Option<usize>>>,
    /// Teams.
    pub teams: Arc<Terms>,
    /// Tickets.
    pub tickets: Arc<Terms>,
    /// Values of `status`.
    pub statuses: Arc<Terms>,
    /// Values of `result`.
    pub results: Arc<Terms>,
    /// Years.
    pub years: Arc<Terms>,
    /// Aliases: old addresses and the notes that are there no more.
    pub redirects: Arc<BTreeMap<Route, NoteId>>,
    /// Files that are copied, sorted by path.
    pub assets: Arc<Vec<PublishedAsset>>,
    /// What the notes together say about what the team learns.
    pub insights: Arc<Insights>,
    /// The day of the build.
    pub today: Date,
    /// The content folder, as a prefix of source paths (empty or ending in `/`).
    pub content_prefix: Arc<str>,
    /// Each note's place in [`Book::newest`].
    rank: Arc<Vec<u32>>,
    /// See [`Book::advice`].
    advice: OnceLock<Vec<Diagnostic>>,
}

impl Book {
    /// The person whom a name means: a short one of `[people]`, the full name, or the first name
    /// where only one person has it.
    pub fn person_called(&self, name: &str) -> Option<usize> {
        insight::person(&self.config, &self.people, &self.first_names, name)
    }

    /// The notes that may be listed, those with a date first, the newest in front: a folder's page tells
    /// of others.
    pub fn listed(&self) -> impl Iterator<Item = (NoteId, &Entry)> {
        let is_page = |entry: &Entry, id: NoteId| self.sections[entry.section].page == Some(id);
        self.newest.iter().map(|id| (*id, self.entry(*id))).filter(move |(id, entry)| !is_page(entry, *id))
    }

    /// The entry of a note.
    pub fn entry(&self, id: NoteId) -> &Entry {
        &self.notes[id.index()]
    }

    /// The notes worth reading after one, found when they are first asked for.
    pub fn related(&self, id: NoteId) -> &[Related] {
        let find = || related::of(id, &self.notes, &self.rank, &self.tags, &self.tickets);
        self.entry(id).related.get_or_init(find)
    }

    /// What would help the team to learn more from its notes; found when it is first asked for.
    pub fn advice(&self) -> &[Diagnostic] {
        self.advice.get_or_init(|| insight::checks::advise(self.ground(), &self.insights))
    }

    /// The same book but for the notes, sharing all that can be shared.
    fn share(&self) -> Book {
        Book {
            config: self.config.clone(),
            notes: Vec::new(),
            newest: self.newest.clone(),
            sections: self.sections.clone(),
            by_kind: self.by_kind.clone(),
            tags: self.tags.clone(),
            people: self.people.clone(),
            first_names: self.first_names.clone(),
            teams: self.teams.clone(),
            tickets: self.tickets.clone(),
            statuses: self.statuses.clone(),
            results: self.results.clone(),
            years: self.years.clone(),
            redirects: self.redirects.clone(),
            assets: self.assets.clone(),
            insights: self.insights.clone(),
            today: self.today,
            content_prefix: self.content_prefix.clone(),
            rank: self.rank.clone(),
            advice: OnceLock::new(),
        }
    }

    fn ground(&self) -> Ground<'_> {
        Ground {
            config: &self.config,
            notes: &self.notes,
            newest: &self.newest,
            people: &self.people,
            first_names: &self.first_names,
            today: self.today,
        }
    }

    /// Both have the same notes in the same order, groups, addresses and insights: the same pages, then.
    pub fn is_shaped_as(&self, other: &Book) -> bool {
        Arc::ptr_eq(&self.sections, &other.sections) && Arc::ptr_eq(&self.insights, &other.insights)
    }
}

/// The folders of the pages of the learning loop.
pub const SHEET_FOLDERS: [&str; 15] = [
    "loop",
    "surprises",
    "beliefs",
    "refuted",
    "unapplied",
    "goals",
    "questions",
    "actions",
    "review",
    "themes",
    "metrics",
    "systems",
    "thanks",
    "self-check",
    "disciplines",
];

/// The folders of generated pages whose names no kind of note decides.
pub const PAGE_FOLDERS: [&str; 8] = ["tags", "people", "teams", "tickets", "browse", "log", "search", "brief"];

/// Assembles the book. Total: whatever the notes are like, there is a book, and what is wrong with
/// them is said. Advice is not: see [`Book::advice`].
pub fn assemble(config: &Arc<Config>, notes: &[Arc<Note>], around: &Surroundings<'_>) -> Checked<Arc<Book>> {
    Memory::default().assemble(config, notes, around).0
}

/// What is wrong with an item of a note's front matter, before it has a place: that may change
/// though the item does not.
#[derive(Debug)]
pub struct Remark {
    note: NoteId,
    /// Which of several, and where that stands.
    index: usize,
    span: fn(&Note, usize) -> Option<Span>,
    diagnostic: Diagnostic,
}

impl Remark {
    fn say(&self, notes: &[Arc<Entry>]) -> Diagnostic {
        let note = &notes[self.note.index()].note;
        let span = (self.span)(note, self.index);
        Diagnostic { place: span.map(|span| note.source.place(span)), ..self.diagnostic.clone() }
    }
}

/// Text from a note, safe to stand in a message.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// The notes that this build publishes, with what history adds; which note became which of them; and
/// what links may call the others.
fn published(
    config: &Config,
    notes: &[Arc<Note>],
    around: &Surroundings<'_>,
) -> (Vec<Entry>, Vec<Option<NoteId>>, Vec<String>) {
    let mut entries = Vec::with_capacity(notes.len());
    let mut ids = Vec::with_capacity(notes.len());
    let mut withheld = Vec::new();
    for note in notes {
        if note.front.withheld.is_some() || !config.publishes(note.front.text("visibility")) {
            withheld.extend(names_of(note));
            ids.push(None);
            continue;
        }
        let history = around.history.files.get(&note.source.path).cloned();
        let order = note.front.number("order").map(|n| (n.clamp(-1e12, 1e12) * 1000.0) as i64);
        // A note with a place in an order is reference: the day of its first commit is no news.
        let date = note.date.or(history.as_ref().map(|h| h.created).filter(|_| order.is_none()));
        // Jekyll's folder for what is not published yet.
        let draft = note.front.flag("draft") || note.path().split('/').any(|folder| folder == "_drafts");
        let scheduled =
            !config.show_scheduled && note.date.max(publish_date(note)).is_some_and(|date| date > around.today);
        if (draft || scheduled) && !(around.drafts || config.drafts) {
            withheld.extend(names_of(note));
            ids.push(None);
            continue;
        }
        ids.push(Some(NoteId::new(entries.len())));
        entries.push(Entry {
            note: note.clone(),
            route: note.keys.route.clone(),
            date,
            history,
            order,
            section: 0,
            place: 0,
            tags: Vec::new(),
            authors: Vec::new(),
            team: None,
            tickets: Vec::new(),
            links: Vec::new(),
            references: Vec::new(),
            backlinks: Vec::new(),
            related: OnceLock::new(),
            unpublished: draft || scheduled,
        });
    }
    (entries, ids, withheld)
}

/// What links to a note that is left out may call it, and the pages that it alone may have: of its
/// folders, and of its tags, authors, team and tickets.
fn names_of(note: &Note) -> Vec<String> {
    let front = &note.front;
    let mut names = vec![note.path().to_owned(), note.title.text.clone()];
    names.extend(front.list("aliases").iter().map(|item| item.text.trim().trim_matches('/').to_owned()));
    let mut folder = sections::folder_of(note.path());
    while !folder.is_empty() {
        names.push(folder.to_owned());
        folder = sections::folder_of(folder);
    }
    for (key, pages) in [("tags", "tags"), ("authors", "people"), ("tickets", "tickets")] {
        let slugs = front.list(key).iter().map(|item| terms::nested_slug(&item.text));
        names.extend(slugs.map(|slug| format!("{pages}/{slug}.html")));
    }
    names.extend(front.text("team").map(|team| format!("teams/{}.html", terms::nested_slug(team))));
    names
}

/// The date from which a note is to be published, where Hugo's `publishDate` says one.
fn publish_date(note: &Note) -> Option<Date> {
    let entry = note.front.entries.iter().find(|entry| entry.key == "publish_date")?;
    match &entry.value {
        FieldValue::Other(value) => value.scalar().and_then(|scalar| Date::parse(&scalar.text).ok()),
        _ => None,
    }
}
