//! What only the whole can know.
//!
//! [`assemble`] is a function of the parsed notes, the configuration and the rest of the snapshot:
//! pure, total, and redone whole on each build. It decides which notes are published and at which
//! address, groups them ([`terms`], [`sections`]), finds what each link leads to ([`links`]) and
//! from there the backlinks and the [`related`] notes, and at last what all of it says about what the
//! team learns ([`insight`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet, hash_map};
use std::sync::Arc;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Checked, Code, Diagnostic, Place};
use crate::note::Note;
use crate::note::front_matter::FieldValue;
use crate::note::link::{Form, Name};
use crate::parallel;
use crate::path::{Route, SourcePath};
use crate::source::{Asset, FileHistory, History};
use crate::text::{LineIndex, Span, closest, fold};

mod embeds;
pub mod insight;
pub mod links;
pub mod related;
pub mod sections;
pub mod terms;

use insight::{Ground, Insights};
use links::{Names, Problem, Resolved};
use related::Related;
use sections::Section;
use terms::{Gather, Terms};

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
    pub history: &'s History,
    /// The day of the build.
    pub today: Date,
    /// Show drafts and scheduled notes.
    pub drafts: bool,
}

/// A published note and its place in the book.
#[derive(Debug)]
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
    /// Worth reading next.
    pub related: Vec<Related>,
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

/// The whole book.
#[derive(Debug)]
pub struct Book {
    /// What book.toml says.
    pub config: Arc<Config>,
    /// The published notes, sorted by path.
    pub notes: Vec<Entry>,
    /// All notes with a date, newest first, then those without one.
    pub newest: Vec<NoteId>,
    /// Folders; the first is the top.
    pub sections: Vec<Section>,
    /// Notes by kind, in the order of the configuration; newest first.
    pub by_kind: Vec<Vec<NoteId>>,
    /// Tags, nested.
    pub tags: Terms,
    /// Authors.
    pub people: Terms,
    /// People by first name, folded; none where several have it.
    pub first_names: HashMap<String, Option<usize>>,
    /// Teams.
    pub teams: Terms,
    /// Tickets.
    pub tickets: Terms,
    /// Values of `status`.
    pub statuses: Terms,
    /// Values of `result`.
    pub results: Terms,
    /// Years.
    pub years: Terms,
    /// Aliases: old addresses and the notes that are there no more.
    pub redirects: BTreeMap<Route, NoteId>,
    /// Files that are copied, sorted by path.
    pub assets: Vec<PublishedAsset>,
    /// What the notes together say about what the team learns.
    pub insights: Insights,
    /// The day of the build.
    pub today: Date,
    /// The content folder, as a prefix of source paths (empty or ending in `/`).
    pub content_prefix: String,
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

/// Files at the top of every site that are no pages.
const SITE_FILES: [&str; 6] = ["feed.xml", "feed.json", "index.json", "llms.txt", "sitemap.xml", "_headers"];

/// Assembles the book. Total: whatever the notes are like, there is a book, and what is wrong with
/// them is said.
pub fn assemble(config: &Arc<Config>, notes: &[Arc<Note>], around: &Surroundings<'_>) -> Checked<Book> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let content_prefix = if config.content.is_empty() { String::new() } else { format!("{}/", config.content) };

    let (mut entries, withheld) = published(config, notes, around);
    let folder_pages = sections::folder_pages(&entries, &mut diagnostics);
    give_addresses(&mut entries, &folder_pages, &mut diagnostics);
    let sections = sections::assemble(&mut entries, &folder_pages);
    let newest = newest_first(&entries);
    let groups = gather_terms(config, &mut entries, &newest, &mut diagnostics);
    let by_kind = by_kind(config, &entries, &newest);
    let generated = generated_routes(config, &by_kind, &groups);
    let redirects = redirects(&entries, &generated, &mut diagnostics);
    let assets = publish_assets(around.assets, &content_prefix, &entries, &mut diagnostics);

    resolve_links(
        &mut entries,
        &sections,
        &redirects,
        &assets,
        &content_prefix,
        &generated,
        &withheld,
        &mut diagnostics,
    );
    diagnostics.extend(embeds::cycles(&entries));
    let related = related::assemble(&entries, &groups.tags, &groups.tickets);
    for (entry, related) in entries.iter_mut().zip(related) {
        entry.related = related;
    }
    if around.history.shallow {
        diagnostics.push(
            Diagnostic::new(
                Code::ShallowHistory,
                &Config::file(),
                "the git history is cut off, so dates and authors from git may be wrong",
            )
            .hint("fetch all of it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"),
        );
    }
    let Groups { tags, people, teams, tickets, statuses, results, years } = groups;
    let today = around.today;
    let first_names = first_names(&people);
    let ground = Ground { config, notes: &entries, newest: &newest, people: &people, first_names: &first_names, today };
    let (insights, advice) = Insights::derive(ground);
    diagnostics.extend(advice);
    let book = Book {
        config: config.clone(),
        notes: entries,
        newest,
        sections,
        by_kind,
        tags,
        people,
        first_names,
        teams,
        tickets,
        statuses,
        results,
        years,
        redirects,
        assets,
        insights,
        today,
        content_prefix,
    };
    Checked { value: book, diagnostics }
}

/// The notes that this build publishes, with what history adds, and the paths of the others.
fn published(config: &Config, notes: &[Arc<Note>], around: &Surroundings<'_>) -> (Vec<Entry>, Vec<String>) {
    let mut entries = Vec::with_capacity(notes.len());
    let mut withheld = Vec::new();
    for note in notes {
        if note.front.withheld.is_some() || !config.publishes(note.front.text("visibility")) {
            withheld.extend(names_of(note));
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
            continue;
        }
        entries.push(Entry {
            note: note.clone(),
            route: Route::note(note.path()),
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
            related: Vec::new(),
            unpublished: draft || scheduled,
        });
    }
    (entries, withheld)
}

/// What links to a note that is left out may call it.
fn names_of(note: &Note) -> Vec<String> {
    let aliases = note.front.list("aliases").iter().map(|item| item.text.trim().trim_matches('/').to_owned());
    [note.path().to_owned(), note.title.text.clone()].into_iter().chain(aliases).collect()
}

/// The date from which a note is to be published, where Hugo's `publishDate` says one.
fn publish_date(note: &Note) -> Option<Date> {
    let entry = note.front.entries.iter().find(|entry| entry.key == "publish_date")?;
    match &entry.value {
        FieldValue::Other(value) => value.scalar().and_then(|scalar| Date::parse(&scalar.text).ok()),
        _ => None,
    }
}

/// Sets the routes. Two notes with one address, also on a file system that ignores case, are an
/// error; both stay reachable, the second one under a number.
fn give_addresses(entries: &mut [Entry], folder_pages: &HashMap<String, NoteId>, diagnostics: &mut Vec<Diagnostic>) {
    let mut taken: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    for page in folder_pages.iter() {
        let index = page.1.index();
        entries[index].route = sections::folder_route(page.0);
    }
    // The numbers given so far at each address: of a thousand namesakes each looks from the last one on.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    // A folder's page and a note whose name needs no change come first: they keep the address.
    order.sort_by_key(|&index| {
        let entry = &entries[index];
        let is_page = folder_pages.get(sections::folder_of(entry.note.path())) == Some(&NoteId::new(index));
        let unchanged =
            entry.route.as_str().strip_suffix(".html") == entry.note.path().rsplit_once('.').map(|(stem, _)| stem);
        (!is_page, !unchanged, index)
    });
    for index in order {
        let key = entries[index].route.collision_key();
        let Some(&first) = taken.get(&key) else {
            taken.insert(key, index);
            continue;
        };
        let other = entries[first].note.source.path.clone();
        diagnostics.push(
            Diagnostic::new(
                Code::SameAddress,
                &entries[index].note.source.path,
                format!("`{other}` has the same address, `{}`", entries[first].route),
            )
            .hint("rename one of them; until then this note has a number at its address's end"),
        );
        let base = entries[index].route.with_ending("");
        let number = numbers.entry(key).or_insert(1);
        loop {
            *number += 1;
            let route = Route::new(format!("{base}-{number}.html"));
            if let hash_map::Entry::Vacant(free) = taken.entry(route.collision_key()) {
                free.insert(index);
                entries[index].route = route;
                break;
            }
        }
    }
}

fn newest_first(entries: &[Entry]) -> Vec<NoteId> {
    let mut ids: Vec<NoteId> = (0..entries.len()).map(NoteId::new).collect();
    ids.sort_by_key(|id| (std::cmp::Reverse(entries[id.index()].date), *id));
    ids
}

struct Groups {
    tags: Terms,
    people: Terms,
    teams: Terms,
    tickets: Terms,
    statuses: Terms,
    results: Terms,
    years: Terms,
}

/// A person's name as written: without a mail address and without `@`.
fn person_name(written: &str) -> &str {
    let name = written.split('<').next().unwrap_or(written).trim();
    name.strip_prefix('@').unwrap_or(name)
}

fn gather_terms(
    config: &Config,
    entries: &mut [Entry],
    newest: &[NoteId],
    diagnostics: &mut Vec<Diagnostic>,
) -> Groups {
    let mut tags = Gather::nested();
    let (mut people, mut teams, mut tickets) = (Gather::default(), Gather::default(), Gather::default());
    let (mut statuses, mut results, mut years) = (Gather::default(), Gather::default(), Gather::default());
    let mut own_tags: Vec<Vec<String>> = Vec::with_capacity(entries.len());
    let mut own_people: Vec<Vec<String>> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let id = NoteId::new(index);
        let front = &entry.note.front;
        let mut names = Vec::new();
        let in_text = entry.note.names.iter().filter_map(|name| match name {
            Name::Tag(tag) => Some((&**tag, None)),
            Name::Person(_) => None,
        });
        for (written, span) in
            front.list("tags").iter().map(|item| (item.text.as_str(), Some(item.span))).chain(in_text)
        {
            let name = config.tags.canonical(written);
            if terms::nested_slug(name).is_empty() {
                continue;
            }
            if name.split('/').count() > terms::MAX_DEPTH {
                let message = format!("a tag is nested deeper than {}", terms::MAX_DEPTH);
                let mut diagnostic = Diagnostic::new(Code::InvalidValue, &entry.note.source.path, message)
                    .hint("its first parts are used");
                diagnostic.place = span.map(|span| entry.note.source.place(span));
                diagnostics.push(diagnostic);
            }
            if !config.tags.allows(name) {
                diagnostics.push(unknown_tag(config, entry, span, name));
            }
            tags.add(name, id);
            names.push(name.to_owned());
        }
        own_tags.push(names);
        let mut names: Vec<String> =
            front.list("authors").iter().map(|item| config.person(person_name(&item.text)).to_owned()).collect();
        if names.is_empty() {
            names.extend(entry.history.as_ref().map(|h| config.person(&h.author).to_owned()));
        }
        names.iter().for_each(|name| people.add(name, id));
        own_people.push(names);
        if let Some(team) = front.text("team") {
            teams.add(team, id);
        }
        for ticket in
            front.list("tickets").iter().map(|item| item.text.as_str()).chain(entry.note.tickets.iter().map(|t| &**t))
        {
            tickets.add(ticket, id);
        }
        // Values in the kind's own vocabulary only: a foreign word is shown on the note, no more.
        for (key, gather) in [("status", &mut statuses), ("result", &mut results)] {
            if let Some(value) = front.text(key)
                && let Some(known) = config.choice(&entry.note.kind, key, value)
            {
                gather.add(&known.name, id);
            }
        }
        if let Some(date) = entry.date {
            years.add(&date.year().to_string(), id);
        }
    }
    let mut rank = vec![0u32; entries.len()];
    for (place, id) in newest.iter().enumerate() {
        rank[id.index()] = place as u32;
    }
    let newest_first = |ids: &mut Vec<NoteId>| ids.sort_by_key(|id| rank[id.index()]);
    let groups = Groups {
        tags: tags.finish("tags", newest_first),
        people: people.finish("people", newest_first),
        teams: teams.finish("teams", newest_first),
        tickets: tickets.finish("tickets", newest_first),
        statuses: statuses.finish("browse/status", newest_first),
        results: results.finish("browse/result", newest_first),
        years: years.finish("browse/year", newest_first),
    };
    for (index, entry) in entries.iter_mut().enumerate() {
        entry.tags = unique(own_tags[index].iter().filter_map(|name| groups.tags.find(name)));
        entry.authors = unique(own_people[index].iter().filter_map(|name| groups.people.find(name)));
        let front = &entry.note.front;
        entry.team = front.text("team").and_then(|name| groups.teams.find(name));
        let named =
            front.list("tickets").iter().map(|item| item.text.as_str()).chain(entry.note.tickets.iter().map(|t| &**t));
        entry.tickets = unique(named.filter_map(|name| groups.tickets.find(name)));
    }
    groups
}

fn first_names(people: &Terms) -> HashMap<String, Option<usize>> {
    let mut first_names = HashMap::with_capacity(people.len());
    for (index, person) in people.iter().enumerate() {
        let name = fold(person.label.split(' ').next().unwrap_or(&person.label));
        first_names.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
    }
    first_names
}

/// Each item once, in the order of their first places.
fn unique(items: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

fn unknown_tag(config: &Config, entry: &Entry, span: Option<Span>, name: &str) -> Diagnostic {
    let allowed = config.tags.allow.iter().flatten().map(|tag| tag.trim_end_matches("/*"));
    let message = format!("the tag `{}` is not in the book's list", printable(name));
    let mut diagnostic = Diagnostic::new(Code::UnknownTag, &entry.note.source.path, message);
    diagnostic.place = span.map(|span| entry.note.source.place(span));
    match closest(name, allowed) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint("add it to `allow` under `[tags]` in book.toml, or use one of those"),
    }
}

fn by_kind(config: &Config, entries: &[Entry], newest: &[NoteId]) -> Vec<Vec<NoteId>> {
    let index: HashMap<&str, usize> =
        config.kinds.iter().enumerate().map(|(i, kind)| (kind.name.as_str(), i)).collect();
    let mut lists = vec![Vec::new(); index.len()];
    for id in newest {
        let entry = &entries[id.index()];
        let is_folder_page = sections::page_rank(entry.note.source.path.name()).is_some();
        if let Some(kind) = index.get(entry.note.kind.as_str()).filter(|_| !is_folder_page) {
            lists[*kind].push(*id);
        }
    }
    lists
}

/// Aliases with a slash or an ending are old addresses; a bare word is only a name for wikilinks.
fn redirects(
    entries: &[Entry],
    generated: &HashSet<Route>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<Route, NoteId> {
    let routes: HashMap<String, usize> =
        entries.iter().enumerate().map(|(i, e)| (e.route.collision_key(), i)).collect();
    let mut redirects: BTreeMap<Route, NoteId> = BTreeMap::new();
    let mut keys: HashMap<String, NoteId> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for item in entry.note.front.list("aliases") {
            let written = item.text.trim();
            let is_path =
                written.contains(['/', '\\']) || [".md", ".html", ".htm"].iter().any(|e| written.ends_with(e));
            if !is_path {
                continue;
            }
            let say = |code, message: String, hint: &str| {
                Diagnostic::new(code, &entry.note.source.path, message)
                    .at(entry.note.source.place(item.span))
                    .hint(hint)
            };
            match Route::alias(written) {
                Err(reason) => diagnostics.push(say(
                    Code::InvalidAlias,
                    format!("the alias `{}` {reason}", printable(written)),
                    "an alias is one path below the site's root, such as `old/name.html` or `/old/name/`",
                )),
                Ok(route) => {
                    let key = route.collision_key();
                    let other = routes.get(&key).copied().filter(|other| *other != index);
                    let other = other.or(keys.get(&key).map(|id| id.index()).filter(|other| *other != index));
                    if let Some(other) = other {
                        diagnostics.push(say(
                            Code::AliasTaken,
                            format!("`{}` already has the address `{route}`", entries[other].note.source.path),
                            "remove this alias: the other note keeps the address",
                        ));
                    } else if generated.contains(&route) {
                        diagnostics.push(say(
                            Code::AliasTaken,
                            format!("`{route}` is a page that the site makes"),
                            "remove this alias: that page keeps the address",
                        ));
                    } else if routes.get(&key) != Some(&index) {
                        keys.insert(key, NoteId::new(index));
                        redirects.insert(route, NoteId::new(index));
                    }
                }
            }
        }
    }
    redirects
}

/// Text from a note, safe to stand in a message.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

fn publish_assets(
    assets: &[Asset],
    prefix: &str,
    entries: &[Entry],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PublishedAsset> {
    let mut taken: HashMap<String, SourcePath> =
        entries.iter().map(|entry| (entry.route.collision_key(), entry.note.source.path.clone())).collect();
    for name in SITE_FILES {
        taken.insert(name.to_owned(), SourcePath::new(format!("the site's own {name}")));
    }
    let mut published = Vec::with_capacity(assets.len());
    for asset in assets {
        let path = asset.path.as_str().strip_prefix(prefix).unwrap_or(asset.path.as_str());
        let route = Route::asset(path);
        if let Some(other) = taken.insert(route.collision_key(), asset.path.clone()) {
            diagnostics.push(
                Diagnostic::new(Code::SameAddress, &asset.path, format!("`{other}` has the same address, `{route}`"))
                    .hint("rename one of them; this file is left out"),
            );
            taken.insert(route.collision_key(), other);
            continue;
        }
        published.push(PublishedAsset { route, asset: asset.clone() });
    }
    published
}

/// Routes that a link may name though no note or folder is there.
fn generated_routes(config: &Config, by_kind: &[Vec<NoteId>], groups: &Groups) -> HashSet<Route> {
    let mut routes: HashSet<Route> =
        PAGE_FOLDERS.iter().chain(&SHEET_FOLDERS).map(|folder| Route::folder(folder)).collect();
    routes.insert(Route::new("404.html"));
    routes.extend(
        SITE_FILES
            .iter()
            .filter(|name| config.base_url.is_some() || **name != "sitemap.xml")
            .map(|name| Route::new(*name)),
    );
    for (kind, notes) in config.kinds.iter().zip(by_kind) {
        if !notes.is_empty() || !kind.shows.is_empty() {
            routes.insert(Route::folder(kind.folder()));
        }
    }
    for terms in
        [&groups.tags, &groups.people, &groups.teams, &groups.tickets, &groups.statuses, &groups.results, &groups.years]
    {
        routes.extend(terms.iter().map(|term| term.route.clone()));
    }
    routes
}

/// One note's links and references with where they lead, and what is wrong with them.
struct Outcome {
    links: Vec<Resolved>,
    references: Vec<Reference>,
    problems: Vec<(Span, String, Form, Problem)>,
}

#[allow(clippy::too_many_arguments)]
fn resolve_links(
    entries: &mut [Entry],
    sections: &[Section],
    redirects: &BTreeMap<Route, NoteId>,
    assets: &[PublishedAsset],
    prefix: &str,
    generated: &HashSet<Route>,
    withheld: &[String],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let asset_paths: Vec<&str> =
        assets.iter().map(|a| a.asset.path.as_str().strip_prefix(prefix).unwrap_or(a.asset.path.as_str())).collect();
    let is_generated = |route: &Route| generated.contains(route);
    let names = Names::new(entries, sections, redirects, asset_paths, &is_generated, withheld);
    let ids: Vec<NoteId> = (0..entries.len()).map(NoteId::new).collect();
    let outcomes = parallel::map(&ids, |&id| resolve_one(&names, entries, id));
    let mut unresolved: Vec<(NoteId, Span, String)> = Vec::new();
    let mut searches = MAX_SEARCHES;
    for (id, outcome) in ids.iter().zip(&outcomes) {
        if outcome.problems.is_empty() {
            continue;
        }
        let source = &entries[id.index()].note.source;
        let text = source.text();
        let lines = LineIndex::new(&text);
        for (span, written, form, problem) in &outcome.problems {
            if *problem == Problem::UnresolvedName {
                unresolved.push((*id, *span, written.clone()));
                continue;
            }
            if let Some(diagnostic) = describe(&names, *id, &mut searches, written, *form, problem) {
                diagnostics.push(diagnostic.at(Place::new(&text, &lines, *span)));
            }
        }
    }
    diagnostics.extend(say_unresolved(&names, entries, &unresolved));
    drop(names);
    let mut backlinks: Vec<Vec<Backlink>> = vec![Vec::new(); entries.len()];
    for (id, outcome) in ids.iter().zip(outcomes) {
        let mut seen: HashSet<(NoteId, String)> = HashSet::new();
        let mut link_back = |target: &Resolved, key: &str, link: Option<u32>| {
            if let Resolved::Note(to, _) = target
                && to != id
                && seen.insert((*to, key.to_owned()))
            {
                backlinks[to.index()].push(Backlink { key: key.to_owned(), from: *id, link });
            }
        };
        for reference in &outcome.references {
            link_back(&reference.target, &reference.key, None);
        }
        for (index, target) in outcome.links.iter().enumerate() {
            link_back(target, "", Some(index as u32));
        }
        let entry = &mut entries[id.index()];
        entry.links = outcome.links;
        entry.references = outcome.references;
    }
    for (entry, backlinks) in entries.iter_mut().zip(backlinks) {
        entry.backlinks = backlinks;
    }
}

fn resolve_one(names: &Names<'_>, entries: &[Entry], id: NoteId) -> Outcome {
    let note = &entries[id.index()].note;
    let mut problems = Vec::new();
    let links = note
        .links
        .iter()
        .map(|link| {
            let (resolved, problem) = names.resolve(id, link);
            if let Some(problem) = problem {
                problems.push((link.span, link.target.to_string(), link.form, problem));
            }
            resolved
        })
        .collect();
    let mut references = Vec::new();
    for entry in &note.front.entries {
        let FieldValue::Links(items) = &entry.value else { continue };
        for item in items {
            let (target, problem) = names.resolve_reference(id, &item.text);
            // What was read in the text is a link there, too, and is reported there.
            if let Some(problem) = problem.filter(|_| (item.span.start as usize) < note.front.body_start) {
                problems.push((item.span, item.text.clone(), Form::Inline, problem));
            }
            references.push(Reference { key: entry.key.clone(), text: item.text.clone(), target });
        }
    }
    Outcome { links, references, problems }
}

/// A search for a near name looks at every name there is, so a book has this many of each kind, in the
/// order of its notes. Many wrong links are no slips.
const MAX_SEARCHES: usize = 200;

fn describe(
    names: &Names<'_>,
    from: NoteId,
    searches: &mut usize,
    written: &str,
    form: Form,
    problem: &Problem,
) -> Option<Diagnostic> {
    let written = printable(written);
    let path = &names.note(from).source.path;
    let mut may_search = || {
        *searches = searches.saturating_sub(1);
        *searches > 0
    };
    Some(match problem {
        Problem::NotFound { wanted } => {
            let (code, message) = match form {
                Form::Image | Form::WikiImage => (Code::MissingFile, format!("no image at `{written}`")),
                _ => (Code::BrokenLink, format!("no note or file at `{written}`")),
            };
            let diagnostic = Diagnostic::new(code, path, message);
            match wanted.as_ref().and_then(|wanted| names.suggest_path(from, wanted, may_search())) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic,
            }
        }
        Problem::NoAnchor { note, fragment } => {
            let target = printable(&names.note(*note).title.text);
            let diagnostic = Diagnostic::new(
                Code::BrokenAnchor,
                path,
                format!("`{target}` has no heading `#{}`", printable(fragment)),
            );
            match may_search().then(|| names.suggest_anchor(*note, fragment)).flatten() {
                Some(near) => diagnostic.hint(format!("did you mean `#{near}`?")),
                None => diagnostic.hint("the link leads to the top of the page"),
            }
        }
        Problem::Ambiguous { paths, count } => Diagnostic::new(
            Code::AmbiguousLink,
            path,
            format!("`{written}` fits {count} notes; `{}` is used", paths[0]),
        )
        .hint(format!(
            "write the path to be sure; the others are {}",
            paths[1..].iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ")
        )),
        Problem::Outside => {
            Diagnostic::new(Code::LinkOutside, path, format!("`{written}` leads out of the content folder"))
                .hint("only what lies in the content folder is published; link to a URL instead")
        }
        Problem::UnresolvedName => return None,
    })
}

/// Wikilinks to nothing. A near miss is a slip, and so are a few; many are another notation (or
/// notes that are yet to be written) and get one word for the lot.
fn say_unresolved(names: &Names<'_>, entries: &[Entry], unresolved: &[(NoteId, Span, String)]) -> Vec<Diagnostic> {
    const FEW: usize = 10;
    let mut diagnostics = Vec::new();
    let mut count_by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut as_written: HashMap<String, &str> = HashMap::new();
    for (_, _, written) in unresolved {
        *count_by_name.entry(fold(written)).or_insert(0) += 1;
        as_written.entry(fold(written)).or_insert(written);
    }
    let source = |id: NoteId| &entries[id.index()].note.source;
    // One index of lines for each note, however many of its links are unresolved.
    let mut texts: HashMap<NoteId, (Cow<'_, str>, LineIndex)> = HashMap::new();
    let mut place = |id: NoteId, span: Span| {
        let (text, lines) = texts.entry(id).or_insert_with(|| {
            let text = source(id).text();
            let lines = LineIndex::new(&text);
            (text, lines)
        });
        Place::new(text, lines, span)
    };
    let few = unresolved.len() <= FEW;
    // The search for near names looks at every note: only for few names, which also bounds the cost.
    let mut near: HashMap<String, Option<String>> = HashMap::new();
    for name in count_by_name.keys().take(MAX_SEARCHES) {
        near.insert(name.clone(), names.suggest_name(name));
    }
    // Many near misses are no slips, but a habit (numbers without their titles, say): one word for them, too.
    if near.values().flatten().count() > FEW && !few {
        near.clear();
    }
    let mut rest = Vec::new();
    let mut said: HashSet<String> = HashSet::new();
    for (id, span, written) in unresolved {
        let suggestion = near.get(&fold(written)).cloned().flatten();
        if !few && suggestion.is_none() {
            rest.push((*id, *span, written));
            continue;
        }
        // A slip that was copied is one slip: it is said where it stands first.
        if !few && !said.insert(fold(written)) {
            continue;
        }
        let diagnostic =
            Diagnostic::new(Code::BrokenLink, &source(*id).path, format!("no note is called `{}`", printable(written)))
                .at(place(*id, *span));
        let others = count_by_name.get(&fold(written)).copied().unwrap_or(1) - 1;
        let diagnostic = match suggestion {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint("it is shown as it was typed"),
        };
        diagnostics.push(match others {
            0 => diagnostic,
            _ if few => diagnostic,
            1 => diagnostic.hint("one other link says the same"),
            n => diagnostic.hint(format!("{n} other links say the same")),
        });
    }
    if let Some((id, span, _)) = rest.first() {
        let mut names: Vec<(&String, &usize)> =
            count_by_name.iter().filter(|(name, _)| near.get(*name).cloned().flatten().is_none()).collect();
        names.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
        let top: Vec<String> = names
            .iter()
            .take(5)
            .map(|(name, count)| {
                format!("`{}` ({count})", printable(as_written.get(*name).copied().unwrap_or(name.as_str())))
            })
            .collect();
        diagnostics.push(
            Diagnostic::new(
                Code::UnresolvedWikilinks,
                &source(*id).path,
                format!("{} wikilinks to {} names lead to no note; the first is here", rest.len(), names.len()),
            )
            .at(place(*id, *span))
            .hint(format!("the most frequent: {}", top.join(", ")))
            .hint("they are shown as they were typed"),
        );
    }
    diagnostics
}
