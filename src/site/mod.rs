//! The site: a table of addresses, each with a way to make its bytes and the fingerprint of what
//! determines them.
//!
//! [`plan`] decides which pages there are. A page's fingerprint is the hash of its [`view`] and of
//! the [`theme`]: equal fingerprint, equal bytes, so no dependency graph is kept by hand.
//! [`Site::render`] makes one file's bytes, from the book alone; a build asks only for those whose
//! fingerprint differs from what is published, so a site is never held in memory as a whole.
//!
//! [`pages`] makes views from the book, [`lists`] says what each list is, [`feeds`] is for machines.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::Serialize;

use crate::book::{Book, NoteId};
use crate::config::{Display, Sort};
use crate::diagnostic::Diagnostic;
use crate::memo::Fingerprint;
use crate::path::Route;
use crate::search::{self, Index};

mod embed;
pub mod feeds;
pub mod lists;
pub mod pages;
pub mod sheet;
pub mod theme;
pub mod view;

use feeds::{Carried, Channel};
pub use lists::Vocabulary;
use pages::Views;
use sheet::{Ledger, Sheet};
use theme::Theme;
use view::{BodyView, BookView, NavItem};

/// The Content-Security-Policy of every page: nothing inline, nothing from other hosts but images.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
                          font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// The file that hosts send for addresses that lead nowhere.
const NOT_FOUND: &str = "404.html";

/// A set of terms with pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermSet {
    /// Nested.
    Tags,
    /// Authors.
    People,
    /// Teams.
    Teams,
    /// Tickets.
    Tickets,
    /// Values of `status`.
    Statuses,
    /// Values of `result`.
    Results,
    /// Years.
    Years,
}

/// What a list lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A folder; index into the book's sections.
    Section(usize),
    /// A kind; index into the configuration's kinds.
    Kind(usize),
    /// A term; index into its set.
    Term(TermSet, usize),
    /// All notes.
    Browse,
    /// All dated notes by week.
    Log,
}

/// A list of notes on one or more pages.
#[derive(Debug)]
pub struct List {
    /// What it lists.
    pub subject: Subject,
    /// Its first page.
    pub route: Route,
    /// Its notes, in order.
    pub notes: Vec<NoteId>,
    /// The notes of each page.
    pub chunks: Vec<Range<usize>>,
    /// Grouped by week.
    pub by_week: bool,
    /// The note that is the text of its first page.
    pub intro: Option<NoteId>,
    /// The folder that shares the page (of a kind).
    pub section: Option<usize>,
    /// Its feeds' address without ending.
    pub channel: Option<String>,
}

impl List {
    /// The address of its n-th page, from 0.
    pub fn page_route(&self, n: usize) -> Route {
        numbered(&self.route, self.chunks.len(), n)
    }
}

/// The n-th of several pages. The later pages are numbered from the oldest, and it is the first one
/// that grows: a new note leaves full pages as they are.
pub fn numbered(base: &Route, pages: usize, n: usize) -> Route {
    if n == 0 { base.clone() } else { base.with_ending(&format!(".page-{}.html", pages - n)) }
}

/// Cuts a list into pages of `size`, the first of them larger or smaller.
fn chunks(total: usize, size: usize) -> Vec<Range<usize>> {
    let size = size.max(1);
    if total <= size + size / 2 {
        return std::iter::once(0..total).collect();
    }
    let mut first = total % size;
    if first < size / 2 {
        first += size;
    }
    std::iter::once(0..first).chain((first..total).step_by(size).map(|from| from..(from + size).min(total))).collect()
}

/// A page that shows no part of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plain {
    /// Finds notes.
    Search,
    /// Gathers what the book knows of a question.
    Brief,
    /// For addresses that lead nowhere.
    NotFound,
}

impl Plain {
    /// Its address.
    pub fn route(self) -> Route {
        match self {
            Plain::Search => Route::folder("search"),
            Plain::Brief => Route::folder("brief"),
            Plain::NotFound => Route::new(NOT_FOUND),
        }
    }
}

/// One HTML page.
#[derive(Debug, Clone)]
pub enum Page {
    /// The top, with the note that is its text.
    Home(Option<NoteId>),
    /// A note.
    Note(NoteId),
    /// A page of a list.
    List {
        /// The list.
        list: Arc<List>,
        /// Which of its pages, from 0.
        number: usize,
    },
    /// All terms of a set.
    Terms {
        /// The set.
        set: TermSet,
        /// Of its terms, those on this page.
        range: Range<usize>,
        /// Which page, from 0.
        number: usize,
        /// Of how many.
        pages: usize,
        /// The note that is its text.
        intro: Option<NoteId>,
    },
    /// A page of the learning loop.
    Sheet {
        /// What it lists.
        ledger: Arc<Ledger>,
        /// Which of its pages, from 0.
        number: usize,
    },
    /// A page whose template has its text, and the note that is the team's own.
    Plain(Plain, Option<NoteId>),
    /// An alias of the note.
    Redirect(NoteId),
}

/// What a file of the site is made from.
#[derive(Debug, Clone)]
pub enum Content {
    /// A page.
    Page(Page),
    /// The markdown of a note.
    Markdown(NoteId),
    /// What is for machines.
    Made(Made),
    /// A file of the theme; its index.
    Theme(usize),
    /// A file beside the notes; index into the book's assets.
    Asset(usize),
    /// A file of the index.
    Search(search::files::File),
}

/// A file for machines.
#[derive(Debug, Clone)]
pub enum Made {
    /// A feed in the form of RFC 4287.
    Atom(Arc<Channel>),
    /// A feed in the form of jsonfeed.org.
    JsonFeed(Arc<Channel>),
    /// `index.json`
    Index,
    /// `llms.txt`
    Llms,
    /// `_headers`
    Headers,
    /// `sitemap.xml`, for this base URL.
    Sitemap(String),
}

/// A file of the site. What it says is made when it is asked for: see [`Site::fingerprint`] and
/// [`Site::render`].
#[derive(Debug, Clone)]
pub struct File {
    /// Its address.
    pub route: Route,
    /// What it is made from.
    pub content: Content,
}

/// The site.
#[derive(Debug)]
pub struct Site {
    /// The book.
    pub book: Arc<Book>,
    /// The theme.
    pub theme: Arc<Theme>,
    /// Every file but those of the index, sorted by address, each address once.
    pub files: Arc<Vec<File>>,
    /// HTML pages among them.
    pub pages: usize,
    /// The page of each note that shares one with a list.
    page_of: Arc<BTreeMap<NoteId, Route>>,
    /// The pages of the learning loop that have something to show.
    sheets: Arc<Vec<Sheet>>,
    /// Made when it is first asked for.
    search: OnceLock<Search>,
}

/// The index, and its files in the form of the site's.
#[derive(Debug)]
struct Search {
    files: search::files::Files,
    table: Vec<File>,
}

impl Site {
    /// The file at an address, as [`Route::as_str`] spells it. Only for an address in the index's own
    /// folder is the index looked at, and made if it was not before.
    pub fn file(&self, route: &str) -> Option<&File> {
        let is_of_the_index = route.split('/').next() == Some(search::files::FOLDER);
        find(&self.files, route).or_else(|| find(&is_of_the_index.then(|| self.searched())??.table, route))
    }

    /// The file at an address, if it can be found without making the index.
    pub fn file_at_hand(&self, route: &str) -> Option<&File> {
        find(&self.files, route).or_else(|| find(&self.search.get()?.table, route))
    }

    /// Every file, sorted by address, each address once: those of the index, too.
    pub fn all_files(&self) -> Vec<&File> {
        let table = self.searched().map_or(&[][..], |search| &search.table);
        let mut all: Vec<&File> = self.files.iter().chain(table).collect();
        all.sort_by(|a, b| a.route.cmp(&b.route));
        // An author's own file keeps its address.
        all.dedup_by(|later, first| later.route == first.route);
        all
    }

    /// The index, shared out among files; none where book.toml switches it off.
    pub fn search(&self) -> Option<&search::files::Files> {
        Some(&self.searched()?.files)
    }

    fn searched(&self) -> Option<&Search> {
        let make = || {
            let files = search::files::Files::new(Index::new(&self.book), &self.book);
            let file =
                |file: &search::files::File| File { route: file.route.clone(), content: Content::Search(file.clone()) };
            Search { table: files.files.iter().map(file).collect(), files }
        };
        self.book.config.search.enabled.then(|| self.search.get_or_init(make))
    }

    /// The first page of each template: a template that fails shows only when it is used.
    pub fn one_of_each_template(&self) -> Vec<&File> {
        let mut seen = HashSet::new();
        let is_first = |file: &&File| match &file.content {
            Content::Page(page) => seen.insert(pages::template(page)),
            _ => false,
        };
        self.files.iter().filter(is_first).collect()
    }

    /// The page for an address at which there is nothing, `depth` folders below the site's root. It is
    /// none of the site's files: 404.html lies at the top, and its links lead from there.
    pub fn missing(&self, depth: usize) -> Option<File> {
        let content = self.file(NOT_FOUND)?.content.clone();
        Some(File { route: Route::new(format!("{}missing.html", "-/".repeat(depth))), content })
    }

    /// The fingerprint of all that determines a file's bytes. A page's costs about as much as its view.
    pub fn fingerprint(&self, file: &File) -> Fingerprint {
        match &file.content {
            Content::Page(page) => visit(&self.views(), &file.route, page, Fingerprints(self.theme.book_fingerprint)),
            Content::Markdown(id) => Fingerprint::of(&("markdown", self.book.entry(*id).note.source.fingerprint)),
            Content::Made(made) => Fingerprint::of_bytes(self.make(made).as_bytes()),
            Content::Theme(index) => self.theme.files[*index].fingerprint,
            Content::Asset(index) => self.book.assets[*index].asset.fingerprint,
            Content::Search(part) => part.fingerprint,
        }
    }

    /// Makes one file's bytes; nothing for an asset, which is copied. Fails only where a template does.
    pub fn render<'s>(&'s self, file: &'s File) -> Result<Option<Cow<'s, [u8]>>, Diagnostic> {
        Ok(Some(match &file.content {
            Content::Page(page) => Cow::Owned(self.render_page(&file.route, page)?),
            Content::Markdown(id) => Cow::Borrowed(&*self.book.entry(*id).note.source.bytes),
            Content::Made(made) => Cow::Owned(self.make(made).into_bytes()),
            Content::Theme(index) => Cow::Borrowed(self.theme.files[*index].bytes()),
            Content::Asset(_) => return Ok(None),
            Content::Search(part) => match self.search() {
                Some(files) => Cow::Owned(files.render(&self.book, part)),
                None => return Ok(None),
            },
        }))
    }

    fn make(&self, made: &Made) -> String {
        let book = &self.book;
        match made {
            Made::Atom(channel) => feeds::atom(book, channel),
            Made::JsonFeed(channel) => feeds::json(book, channel),
            Made::Index => feeds::index(book),
            Made::Llms => feeds::llms(book),
            Made::Headers => feeds::headers(POLICY),
            Made::Sitemap(base) => {
                let listed = self.files.iter().filter_map(|file| match &file.content {
                    Content::Page(Page::Note(id)) if !book.entry(*id).unpublished => {
                        Some((&file.route, book.entry(*id).date))
                    }
                    // A page with nothing on it is not worth a visit.
                    Content::Page(Page::List { list, number: 0 }) if list.notes.is_empty() && list.intro.is_none() => {
                        None
                    }
                    Content::Page(Page::Terms { range, intro: None, .. }) if range.is_empty() => None,
                    Content::Page(
                        Page::Home(_)
                        | Page::List { number: 0, .. }
                        | Page::Sheet { number: 0, .. }
                        | Page::Terms { number: 0, .. },
                    ) => Some((&file.route, None)),
                    _ => None,
                });
                feeds::sitemap(base, listed)
            }
        }
    }

    fn views(&self) -> Views<'_> {
        Views { book: &self.book, page_of: &self.page_of, sheets: &self.sheets }
    }

    fn render_page(&self, route: &Route, page: &Page) -> Result<Vec<u8>, Diagnostic> {
        struct Render<'s>(&'s Site, &'static str);
        impl ViewVisitor for Render<'_> {
            type Out = Result<Vec<u8>, Diagnostic>;
            fn visit<'b, V: Serialize + Hash>(
                self,
                views: &Views<'b>,
                view: &V,
                body: Option<&BodyView<'b>>,
            ) -> Self::Out {
                let html = body.map(|body| views.body_html(body));
                self.0.theme.render(self.1, view, html.as_deref())
            }
        }
        visit(&self.views(), route, page, Render(self, pages::template(page)))
    }
}

/// The file at an address, among files that are sorted by it.
fn find<'f>(files: &'f [File], route: &str) -> Option<&'f File> {
    files.get(files.binary_search_by(|file| file.route.as_str().cmp(route)).ok()?)
}

/// Something that is done with a page's view, whatever its type.
trait ViewVisitor {
    type Out;
    fn visit<'b, V: Serialize + Hash>(self, views: &Views<'b>, view: &V, body: Option<&BodyView<'b>>) -> Self::Out;
}

/// Makes the page's view and hands it over.
fn visit<T: ViewVisitor>(views: &Views<'_>, route: &Route, page: &Page, visitor: T) -> T::Out {
    match page {
        Page::Home(intro) => {
            let view = views.home(route, *intro);
            visitor.visit(views, &view, view.body.as_ref())
        }
        Page::Note(id) => {
            let view = views.note(route, *id);
            visitor.visit(views, &view, Some(&view.body))
        }
        Page::List { list, number } => {
            let list: &List = list;
            // The list lives as long as the plan; its view borrows from the book alone.
            let view = views.list(route, list, *number);
            visitor.visit(views, &view, view.body.as_ref())
        }
        Page::Terms { set, range, number, pages, intro } => {
            let view = views.terms(route, *set, range.clone(), *number, *pages, *intro);
            visitor.visit(views, &view, view.body.as_ref())
        }
        Page::Sheet { ledger, number } => {
            let view = views.sheet(route, ledger, *number);
            visitor.visit(views, &view, view.body.as_ref())
        }
        Page::Plain(plain, intro) => {
            let view = views.plain(route, *plain, *intro);
            visitor.visit(views, &view, view.body.as_ref())
        }
        Page::Redirect(id) => {
            let view = views.redirect(route, *id);
            visitor.visit(views, &view, None)
        }
    }
}

struct Fingerprints(Fingerprint);

impl ViewVisitor for Fingerprints {
    type Out = Fingerprint;
    fn visit<'b, V: Serialize + Hash>(self, _: &Views<'b>, view: &V, body: Option<&BodyView<'b>>) -> Fingerprint {
        Fingerprint::of(&(self.0, view, body))
    }
}

/// The site of a book that has the shape of the last site's ([`Book::is_shaped_as`]), with the same
/// theme: what a plan would give.
pub fn plan_again(last: &Site, book: Arc<Book>) -> Site {
    let Site { theme, files, pages, page_of, sheets, .. } = last;
    let (theme, files) = (theme.clone(), files.clone());
    let (page_of, sheets) = (page_of.clone(), sheets.clone());
    Site { book, theme, files, pages: *pages, page_of, sheets, search: OnceLock::new() }
}

/// Plans the site of a book: which files there are. No page is looked at yet.
pub fn plan(book: Arc<Book>, mut theme: Theme) -> Site {
    let mut planner = Planner::new(&book);
    planner.lists();
    planner.sheets();
    planner.terms();
    planner.notes();
    let Planner { pages, page_of, channels, sheets, .. } = planner;
    theme.set_book(&book_view(&book, &theme, &sheets));

    let mut files: Vec<File> =
        pages.into_iter().map(|(route, page)| File { route, content: Content::Page(page) }).collect();
    let page_count = files.len();
    files.extend(other_files(&book, &theme, &page_of, channels));
    files.sort_by(|a, b| a.route.cmp(&b.route));
    files.dedup_by(|later, first| later.route == first.route);
    let (files, page_of, sheets) = (Arc::new(files), Arc::new(page_of), Arc::new(sheets));
    Site { book, theme: Arc::new(theme), files, pages: page_count, page_of, sheets, search: OnceLock::new() }
}

fn book_view(book: &Book, theme: &Theme, sheets: &[Sheet]) -> BookView {
    let config = &book.config;
    let mut nav = vec![
        NavItem { key: "home", label: "Home", href: Route::folder("").url() },
        NavItem { key: "browse", label: "Browse", href: Route::folder("browse").url() },
    ];
    let boards = config.kinds.iter().zip(book.by_kind.iter()).filter(|(kind, _)| kind.shows.contains(&Display::Board));
    for (kind, _) in boards.filter(|(_, notes)| !notes.is_empty()).take(1) {
        nav.push(NavItem { key: "board", label: "Experiments", href: Route::folder(kind.folder()).url() });
    }
    for (sheet, label) in [(Sheet::Surprises, "Surprises"), (Sheet::Actions, "Actions"), (Sheet::Loop, "Loop")] {
        if sheets.contains(&sheet) {
            nav.push(NavItem { key: sheet.words().folder, label, href: sheet.route().url() });
        }
    }
    let has_dates = book.newest.first().is_some_and(|id| book.entry(*id).date.is_some());
    for (key, label, shown) in [
        ("log", "Log", has_dates),
        ("tags", "Tags", !book.tags.is_empty()),
        ("teams", "Teams", !book.teams.is_empty()),
        ("people", "People", !book.people.is_empty()),
    ] {
        if shown {
            nav.push(NavItem { key, label, href: Route::folder(key).url() });
        }
    }
    BookView {
        title: config.title.clone(),
        description: config.description.clone(),
        language: config.language.clone(),
        nav,
        files: theme.files.iter().map(|file| (file.name.clone(), file.route.url())).collect(),
        repository_url: config.repository_url.clone().unwrap_or_default(),
    }
}

struct Planner<'b> {
    book: &'b Book,
    /// Notes by address: a list at the same address takes the note's text as its own.
    note_at: HashMap<&'b Route, NoteId>,
    taken: HashSet<Route>,
    pages: Vec<(Route, Page)>,
    page_of: BTreeMap<NoteId, Route>,
    channels: Vec<Channel>,
    sheets: Vec<Sheet>,
}

impl<'b> Planner<'b> {
    fn new(book: &'b Book) -> Self {
        Planner {
            book,
            note_at: book.notes.iter().enumerate().map(|(i, entry)| (&entry.route, NoteId::new(i))).collect(),
            taken: HashSet::new(),
            pages: Vec::new(),
            page_of: BTreeMap::new(),
            channels: Vec::new(),
            sheets: Vec::new(),
        }
    }

    /// The note whose text stands on the generated page at `route`.
    fn intro(&mut self, route: &Route) -> Option<NoteId> {
        let id = *self.note_at.get(route)?;
        self.page_of.insert(id, route.clone());
        Some(id)
    }

    fn push(&mut self, route: Route, page: Page) {
        // A note keeps its address against a generated page with which it can't be joined.
        let note_has_it = self.note_at.get(&route).is_some_and(|id| !self.page_of.contains_key(id));
        if !note_has_it && self.taken.insert(route.clone()) {
            self.pages.push((route, page));
        }
    }

    fn list(
        &mut self,
        subject: Subject,
        route: Route,
        notes: Vec<NoteId>,
        section: Option<usize>,
        channel: Option<String>,
    ) {
        if self.taken.contains(&route) {
            return;
        }
        let intro = self.intro(&route);
        let list = Arc::new(List {
            subject,
            chunks: chunks(notes.len(), self.book.config.page_size),
            route,
            notes,
            by_week: subject == Subject::Log,
            intro,
            section,
            channel,
        });
        for number in 0..list.chunks.len() {
            self.push(list.page_route(number), Page::List { list: list.clone(), number });
        }
    }

    fn lists(&mut self) {
        let book = self.book;
        let home = Route::folder("");
        let intro = self.intro(&home);
        self.push(home.clone(), Page::Home(intro));
        self.channels.push(Channel {
            title: book.config.title.clone(),
            page: home,
            base: "feed".into(),
            carries: Carried::Newest,
        });

        let section_at: HashMap<&Route, usize> = book.sections.iter().enumerate().map(|(i, s)| (&s.route, i)).collect();
        for (index, (kind, notes)) in book.config.kinds.iter().zip(book.by_kind.iter()).enumerate() {
            // A kind with a display of its own says how to get the first note.
            if notes.is_empty() && kind.shows.is_empty() {
                continue;
            }
            let route = Route::folder(kind.folder());
            let section = section_at.get(&route).copied();
            let mut all = notes.clone();
            if let Some(section) = section {
                // Notes of another kind that lie in this kind's folder are still shown there.
                let own: HashSet<NoteId> = notes.iter().copied().collect();
                all.extend(book.sections[section].notes.iter().filter(|id| !own.contains(id)));
            }
            match kind.sort {
                Sort::Newest => {}
                Sort::Title => all.sort_by_cached_key(|id| {
                    let entry = book.entry(*id);
                    (entry.order.is_none(), entry.order, crate::text::natural(&entry.note.title.text), *id)
                }),
                Sort::Path => all.sort_by_cached_key(|id| (crate::text::natural(book.entry(*id).note.path()), *id)),
            }
            let base = format!("{}/feed", route.directory());
            self.channels.push(Channel {
                title: format!("{} – {}", kind.plural, book.config.title),
                page: route.clone(),
                base: base.clone(),
                carries: Carried::Kind(index),
            });
            self.list(Subject::Kind(index), route, all, section, Some(base));
        }
        for (index, section) in book.sections.iter().enumerate().skip(1) {
            // The site has a page of its own there, which takes the folder's text.
            let folded = crate::text::fold(&section.path);
            if crate::book::PAGE_FOLDERS.contains(&folded.as_str())
                || crate::book::SHEET_FOLDERS.contains(&folded.as_str())
            {
                continue;
            }
            // A folder that is one note with its files is that note.
            if section.page.is_some() && section.notes.is_empty() && section.children.is_empty() {
                continue;
            }
            self.list(Subject::Section(index), section.route.clone(), section.notes.clone(), None, None);
        }
        let all: Vec<NoteId> =
            book.newest.iter().copied().filter(|id| book.sections[book.entry(*id).section].page != Some(*id)).collect();
        let dated = all.iter().copied().filter(|id| book.entry(*id).date.is_some()).collect();
        self.list(Subject::Browse, Route::folder("browse"), all, None, Some("feed".into()));
        self.list(Subject::Log, Route::folder("log"), dated, None, Some("feed".into()));
    }

    /// The pages of the learning loop.
    fn sheets(&mut self) {
        let book = self.book;
        let section_at: HashMap<&Route, usize> = book.sections.iter().enumerate().map(|(i, s)| (&s.route, i)).collect();
        let found: Vec<(Sheet, Vec<sheet::Item>)> =
            Sheet::ALL.iter().map(|sheet| (*sheet, sheet::items(book, *sheet))).collect();
        for (sheet, items) in &found {
            if sheet::is_used(book, *sheet, items) {
                self.sheets.push(*sheet);
            }
        }
        for (sheet, items) in found {
            let route = sheet.route();
            let section = section_at.get(&route).copied();
            let notes = section.map_or_else(Vec::new, |section| book.sections[section].notes.clone());
            let channel = sheet.has_feed().then(|| format!("{}/feed", route.directory()));
            if let Some(base) = &channel {
                self.channels.push(Channel {
                    title: format!("{} – {}", sheet.words().title, book.config.title),
                    page: route.clone(),
                    base: base.clone(),
                    carries: Carried::Items(items.clone()),
                });
            }
            let intro = self.intro(&route);
            let chunks = chunks(items.len() + notes.len(), book.config.page_size);
            let is_used = self.sheets.contains(&sheet);
            let ledger = Arc::new(Ledger { sheet, items, notes, chunks, intro, section, is_used, channel });
            for number in 0..ledger.chunks.len() {
                self.push(ledger.page_route(number), Page::Sheet { ledger: ledger.clone(), number });
            }
        }
    }

    fn terms(&mut self) {
        const PER_PAGE: usize = 400;
        let book = self.book;
        for set in [
            TermSet::Tags,
            TermSet::People,
            TermSet::Teams,
            TermSet::Tickets,
            TermSet::Statuses,
            TermSet::Results,
            TermSet::Years,
        ] {
            let vocabulary = set.vocabulary(book);
            let has_feed = matches!(set, TermSet::Tags | TermSet::Teams);
            for (index, term) in vocabulary.terms.iter().enumerate() {
                let base = term.route.with_ending(".feed").as_str().to_owned();
                if has_feed {
                    self.channels.push(Channel {
                        title: format!("{} – {}", term.name, book.config.title),
                        page: term.route.clone(),
                        base: base.clone(),
                        carries: Carried::Term(set, index),
                    });
                }
                self.list(
                    Subject::Term(set, index),
                    term.route.clone(),
                    term.notes.clone(),
                    None,
                    has_feed.then_some(base),
                );
            }
            if matches!(set, TermSet::Statuses | TermSet::Results | TermSet::Years) {
                continue;
            }
            let route = Route::folder(vocabulary.name);
            let intro = self.intro(&route);
            let ranges = chunks(vocabulary.terms.len(), PER_PAGE);
            let pages = ranges.len();
            for (number, range) in ranges.into_iter().enumerate() {
                self.push(numbered(&route, pages, number), Page::Terms { set, range, number, pages, intro });
            }
        }
        let finders: &[Plain] = if book.config.search.enabled { &[Plain::Search] } else { &[] };
        for &plain in finders.iter().chain(&[Plain::NotFound]) {
            let intro = self.intro(&plain.route());
            self.push(plain.route(), Page::Plain(plain, intro));
        }
    }

    fn notes(&mut self) {
        for (index, entry) in self.book.notes.iter().enumerate() {
            let id = NoteId::new(index);
            if !self.page_of.contains_key(&id) && self.taken.insert(entry.route.clone()) {
                self.pages.push((entry.route.clone(), Page::Note(id)));
            }
        }
        for (route, id) in self.book.redirects.iter() {
            if self.taken.insert(route.clone()) {
                self.pages.push((route.clone(), Page::Redirect(*id)));
            }
        }
    }
}

fn other_files(book: &Book, theme: &Theme, page_of: &BTreeMap<NoteId, Route>, channels: Vec<Channel>) -> Vec<File> {
    let made = |route: Route, made: Made| File { route, content: Content::Made(made) };
    let mut files = Vec::with_capacity(2 * channels.len() + 2 * book.notes.len());
    for channel in channels.into_iter().map(Arc::new) {
        files.push(made(channel.atom_route(), Made::Atom(channel.clone())));
        files.push(made(channel.json_route(), Made::JsonFeed(channel)));
    }
    files.push(made(Route::new("index.json"), Made::Index));
    files.push(made(Route::new("llms.txt"), Made::Llms));
    files.push(made(Route::new("_headers"), Made::Headers));
    if let Some(base) = &book.config.base_url {
        files.push(made(Route::new("sitemap.xml"), Made::Sitemap(base.clone())));
    }
    for (index, entry) in book.notes.iter().enumerate() {
        let id = NoteId::new(index);
        let page = page_of.get(&id).unwrap_or(&entry.route);
        files.push(File { route: page.with_ending(".md"), content: Content::Markdown(id) });
    }
    let has_diagrams = book.notes.iter().any(|entry| entry.note.has_diagram);
    for (index, file) in theme.files.iter().enumerate().filter(|(_, file)| has_diagrams || !file.is_for_diagrams()) {
        files.push(File { route: file.route.clone(), content: Content::Theme(index) });
    }
    for (index, asset) in book.assets.iter().enumerate() {
        files.push(File { route: asset.route.clone(), content: Content::Asset(index) });
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_full_from_the_oldest_on() {
        assert_eq!(chunks(0, 48).first(), Some(&(0..0)));
        assert_eq!((chunks(72, 48).len(), chunks(72, 48).first()), (1, Some(&(0..72))));
        assert_eq!(chunks(73, 48), [0..25, 25..73]);
        assert_eq!(chunks(100, 48), [0..52, 52..100]);
        assert_eq!(chunks(144, 48).last(), Some(&(96..144)));
        for total in 0..500 {
            let pages = chunks(total, 48);
            assert_eq!(pages.iter().map(|r| r.len()).sum::<usize>(), total);
            assert!(pages.iter().skip(1).all(|r| r.len() == 48));
        }
    }

    #[test]
    fn a_new_note_leaves_the_older_pages_addresses_and_notes() {
        let base = Route::new("log/index.html");
        let before = chunks(200, 48);
        let after = chunks(201, 48);
        let oldest = |pages: &[Range<usize>]| numbered(&base, pages.len(), pages.len() - 1);
        assert_eq!(oldest(&before), oldest(&after));
        assert_eq!(before.last().unwrap().start + 1, after.last().unwrap().start);
    }
}
