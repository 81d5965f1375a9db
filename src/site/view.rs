//! The only types that templates see. A page's fingerprint is the hash of its view, so
//! everything that may change a page's bytes stands in here and nothing else does.
//!
//! Every `href` is relative to the page that shows it and percent-encoded. Strings are plain
//! text, escaped by the template engine, except where a field's name ends in `html`.
//! Lists are bounded: the size of a view does not grow with the book.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::date::Date;
use crate::memo::Fingerprint;

/// What is the same on every page: given to templates once, as `book`.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct BookView {
    /// The book's title.
    pub title: String,
    /// One or two sentences, or empty.
    pub description: String,
    /// BCP 47, for the `lang` attribute.
    pub language: String,
    /// The main navigation; an entry's `href` is to be put after a page's `root`.
    pub nav: Vec<NavItem>,
    /// The theme's files, as `file name → address below the site's root`; addresses change with the content.
    pub files: std::collections::BTreeMap<String, String>,
    /// Where the source lies on the web, or empty.
    pub repository_url: String,
}

/// An entry of the main navigation.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct NavItem {
    /// `home`, `browse`, `log`, `tags` … as in [`Head::current`].
    pub key: &'static str,
    /// What the reader sees.
    pub label: &'static str,
    /// Address below the site's root.
    pub href: String,
}

/// What every page has, given to templates as `page`.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Head<'b> {
    /// The page's own title; the book's title is added by the template.
    pub title: &'b str,
    /// For search engines and previews; may be empty.
    pub description: &'b str,
    /// The site's root seen from here: `./`, `../`, `../../` …
    pub root: String,
    /// The page's absolute address, where book.toml has a `base_url`; else empty.
    pub canonical: String,
    /// Which entry of the navigation the page belongs to, or empty.
    pub current: &'static str,
    /// The way up: home first, the page itself not included.
    pub trail: Vec<Ref<'b>>,
    /// The feeds that belong to the page, the narrowest first.
    pub feeds: Vec<Feed>,
    /// The page's source as markdown, or empty.
    pub markdown_href: String,
    /// The page shows a diagram that a script can draw.
    pub has_diagram: bool,
    /// Not to be listed by search engines (drafts, pages of a list after the first, redirects).
    pub noindex: bool,
}

/// A link to a page.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Ref<'b> {
    /// Text of the link.
    pub label: &'b str,
    /// Relative address.
    pub href: String,
}

/// A link to a page that stands for a number of notes.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct CountedRef<'b> {
    /// Text of the link.
    pub label: &'b str,
    /// Relative address; empty where there is no such page.
    pub href: String,
    /// Notes behind it; 0 where a number would rank people or teams, and none is shown.
    pub count: usize,
    /// Steps below the top, for nested tags and sections.
    pub depth: usize,
    /// A sentence about it, or empty.
    pub description: &'b str,
}

/// A feed.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Feed {
    /// What it carries.
    pub title: String,
    /// Relative address of the Atom feed.
    pub href: String,
}

/// A status or a result: a word in an outlined box. Its tone sets the colour, never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Stamp<'b> {
    /// The word.
    pub label: &'b str,
    /// `good`, `bad`, `unsure`, `live`, `old` or `idle`.
    pub tone: &'b str,
    /// The value's canonical name; empty for a word that the kind does not know.
    #[serde(skip)]
    pub value: &'b str,
}

/// A kind of note.
#[derive(Debug, Clone, Copy, Hash, Serialize)]
pub struct KindRef<'b> {
    /// `experiment`
    pub name: &'b str,
    /// `Experiment`
    pub label: &'b str,
    /// Name of an icon in the theme's `icons.html`.
    pub icon: &'b str,
}

/// A day. Templates see `iso`, as `2026-03-04`, and `long`, as `4 March 2026`.
#[derive(Debug, Clone, Copy, Hash)]
pub struct Day(pub Date);

impl Serialize for Day {
    /// The words are made for a page that is rendered; for a fingerprint the date is enough.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut day = serializer.serialize_struct("Day", 2)?;
        day.serialize_field("iso", &self.0.iso())?;
        day.serialize_field("long", &self.0.long())?;
        day.end()
    }
}

/// A note in a list.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Card<'b> {
    /// The note's title.
    pub title: &'b str,
    /// Relative address of its page.
    pub href: String,
    /// Its kind.
    pub kind: KindRef<'b>,
    /// What it claims or says, in a sentence or two; may be empty.
    pub claim: &'b str,
    /// Result, else status.
    pub stamp: Option<Stamp<'b>>,
    /// Its team, or empty.
    pub team: &'b str,
    /// Its date.
    pub date: Option<Day>,
    /// What surprised, or empty.
    pub surprise: &'b str,
    /// Why it is listed here (`2 shared tags, same ticket`), or empty.
    pub reason: String,
    /// Not published in an ordinary build: a draft.
    pub draft: bool,
}

/// A note's text: what its bytes depend on. The filled HTML is given to templates as `body_html`.
#[derive(Debug, Clone)]
pub struct BodyView<'b> {
    /// The parsed note.
    pub note: Fingerprint,
    /// Its index in the book.
    pub id: u32,
    /// What fills the holes, in their order.
    pub fills: Vec<Fill<'b>>,
}

impl std::hash::Hash for BodyView<'_> {
    /// Without the index: it moves when notes are added, and says nothing about the text.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.note.hash(state);
        self.fills.hash(state);
    }
}

/// What fills one hole of a note's HTML.
#[derive(Debug, Clone, Hash)]
pub enum Fill<'b> {
    /// The attributes of a link that leads somewhere.
    Href {
        /// Relative address with fragment.
        href: String,
        /// The link's title, or empty.
        title: &'b str,
    },
    /// A link that leads nowhere: its text stays, without an address.
    Broken,
    /// A whole link with its text.
    Link {
        /// Relative address with fragment.
        href: String,
        /// Its text.
        text: &'b str,
    },
    /// A person or a tag named in the text, with its sign.
    Signed {
        /// Relative address.
        href: String,
        /// `@ana`
        text: String,
    },
    /// Text as it was typed.
    Typed(std::borrow::Cow<'b, str>),
    /// An image with its true size, if known.
    Image {
        /// Relative or absolute address.
        href: String,
        /// Text for those who do not see it.
        alt: &'b str,
        /// Title, or empty.
        title: &'b str,
        /// Width and height in pixels.
        size: Option<(u32, u32)>,
        /// For its share of the text's width, where its author gave one.
        class: Option<String>,
    },
    /// An image that is not there: its text is shown in its place.
    MissingImage(&'b str),
    /// Nothing: the hole only marks a place.
    Nothing,
    /// Another note's text, with its own holes filled for this page.
    Embed {
        /// The embedded note's title.
        title: &'b str,
        /// Relative address of its own page.
        href: String,
        /// Only the part under this heading; empty for the whole note.
        section: &'b str,
        /// Its text.
        body: BodyView<'b>,
    },
}

/// What was believed, what was measured, what was found: shown where a note has a hypothesis.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Verdict<'b> {
    /// The hypothesis, or what was believed.
    pub believed: &'b str,
    /// The metric, with before and after where given; or empty.
    pub measured: String,
    /// What was found, in a sentence; may be empty.
    pub found: &'b str,
    /// The result; none while it is open.
    pub stamp: Option<Stamp<'b>>,
    /// While open: `Still being tested; decision due 20 May 2026`, or empty.
    pub pending: String,
}

/// A row of the facts panel.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Fact<'b> {
    /// `Team`
    pub label: std::borrow::Cow<'b, str>,
    /// One or more values.
    pub values: Vec<FactValue<'b>>,
}

/// A value in the facts panel: text, a link, a stamp or a day.
#[derive(Debug, Clone, Default, Hash, Serialize)]
pub struct FactValue<'b> {
    /// The text; empty where there is a stamp or a day.
    pub text: std::borrow::Cow<'b, str>,
    /// Relative or absolute address; empty for plain text.
    pub href: String,
    /// The address leads out of the book.
    pub external: bool,
    /// A stamp in place of text.
    pub stamp: Option<Stamp<'b>>,
    /// A day in place of text.
    pub day: Option<Day>,
}

/// A heading in the contents list.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct TocItem<'b> {
    /// Its text.
    pub text: &'b str,
    /// Its id, without `#`, percent-encoded for use in an address.
    pub anchor: String,
    /// 2 to 6.
    pub level: u8,
}

/// A note that links here.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Backlink<'b> {
    /// Its title.
    pub title: &'b str,
    /// Relative address.
    pub href: String,
    /// Its kind.
    pub kind: KindRef<'b>,
    /// The sentence around the link, or empty.
    pub context: &'b str,
}

/// Backlinks of one meaning.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct BacklinkGroup<'b> {
    /// `Applied in`, `Evidence for`, `Mentioned in` …
    pub label: &'b str,
    /// At most 50.
    pub links: Vec<Backlink<'b>>,
    /// How many more there are than shown.
    pub more: usize,
}

/// A notice above the title: replaced by another note, a draft, scheduled.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Notice<'b> {
    /// `old`, `idle` or `live`.
    pub tone: &'static str,
    /// The sentence before the link, or all of it.
    pub text: String,
    /// The link, if any.
    pub link: Option<Ref<'b>>,
}

/// A key of the front matter that Fieldbook does not know, as its author wrote it.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct ExtraField<'b> {
    /// The key.
    pub key: &'b str,
    /// The value as text; lists joined by commas.
    pub value: String,
}

/// `note.html`
#[derive(Debug, Clone, Hash, Serialize)]
pub struct NoteView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// Its kind.
    pub kind: KindRef<'b>,
    /// Relative address of the kind's page.
    pub kind_href: String,
    /// The title with its inline markup.
    pub title_html: &'b str,
    /// The id of the title, so that links to the note's first heading work; or empty.
    pub title_anchor: &'b str,
    /// Notices above the title.
    pub notices: Vec<Notice<'b>>,
    /// Its tags.
    pub tags: Vec<Ref<'b>>,
    /// The claim in one sentence (`description`), shown where there is no verdict; or empty.
    pub claim: &'b str,
    /// Where there is a hypothesis.
    pub verdict: Option<Verdict<'b>>,
    /// What surprised (`surprise` in the front matter), or empty.
    pub surprise: &'b str,
    /// The facts panel.
    pub facts: Vec<Fact<'b>>,
    /// One line that sums up the facts, for small screens.
    pub facts_line: String,
    /// Headings of level 2 and 3; empty if there are fewer than two.
    pub toc: Vec<TocItem<'b>>,
    /// Minutes to read, at least 1.
    pub minutes: usize,
    /// The text.
    #[serde(skip)]
    pub body: BodyView<'b>,
    /// What the notes together say of this one: learning goals with their answers, key results, how sure
    /// we are, what was asked before. See `loop.html`.
    pub sections: Vec<super::sheet::view::Section<'b>>,
    /// Who links here.
    pub backlinks: Vec<BacklinkGroup<'b>>,
    /// At most six, each with its reason.
    pub related: Vec<Card<'b>>,
    /// The note before this one in its section.
    pub previous: Option<Ref<'b>>,
    /// The note after this one in its section.
    pub next: Option<Ref<'b>>,
    /// Where to edit the source, or empty.
    pub edit_href: String,
    /// Unknown keys of the front matter.
    pub extra: Vec<ExtraField<'b>>,
}

/// A run of notes under one label (a week, a letter), or all of them under an empty one.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Group<'b> {
    /// `Week of 2 March 2026`, or empty.
    pub label: String,
    /// The notes.
    pub items: Vec<Card<'b>>,
}

/// Where in a paged list this page is.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Pager {
    /// From 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// The page before, relative; or empty.
    pub previous: String,
    /// The page after, relative; or empty.
    pub next: String,
    /// A few page numbers around this one, the first and the last always; a gap is a number 0.
    pub numbers: Vec<PageNumber>,
}

/// One page of a pager.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct PageNumber {
    /// From 1; 0 is a gap.
    pub number: usize,
    /// Relative address.
    pub href: String,
    /// It is this page.
    pub current: bool,
}

/// The values of one facet, as real pages.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Facet<'b> {
    /// `Kind`
    pub label: &'static str,
    /// The most used first; at most 12.
    pub values: Vec<CountedRef<'b>>,
    /// The page of all values, relative, where there are more; or empty.
    pub more_href: String,
}

/// `list.html`: a section, a kind, a tag, a person, a team, a ticket, `/browse/`, `/log/`.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct ListView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// What the list is: `section`, `kind`, `tag`, `person`, `team`, `ticket`, `browse`, `status`, `result`, `year`, `log`.
    pub list: &'static str,
    /// What stands above the title (`Tag`, `Person`), or empty.
    pub eyebrow: &'static str,
    /// Name of an icon in the theme's `icons.html`, or empty.
    pub icon: &'b str,
    /// The title with its inline markup.
    pub title_html: std::borrow::Cow<'b, str>,
    /// The id of the title, or empty.
    pub title_anchor: &'b str,
    /// One line beneath the title, such as `37 notes, 4 teams`.
    pub lead: String,
    /// The team's own text for this page; only on the first page of a list. Given as `body_html`.
    #[serde(skip)]
    pub body: Option<BodyView<'b>>,
    /// The page has a text of its own.
    pub has_body: bool,
    /// What lies below: sub-sections, child tags.
    pub children: Vec<CountedRef<'b>>,
    /// Other ways in: facets of `/browse/`, kinds and teams within a tag.
    pub facets: Vec<Facet<'b>>,
    /// What the notes say together: a board, what is left to do, what is known. See `loop.html`.
    pub sections: Vec<super::sheet::view::Section<'b>>,
    /// The notes of this page.
    pub groups: Vec<Group<'b>>,
    /// All notes in the list.
    pub total: usize,
    /// Where there is more than one page.
    pub pager: Option<Pager>,
    /// Links that lead out of the book (a ticket in its tracker).
    pub external: Vec<Ref<'b>>,
    /// Said where the list is empty: a fact, and what to do.
    pub empty: std::borrow::Cow<'static, str>,
    /// Where to edit the page's own text, or empty.
    pub edit_href: String,
}

/// `terms.html`: all tags, people, teams or tickets.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct TermsView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// `tags`, `people`, `teams`, `tickets` or `kinds`.
    pub terms: &'static str,
    /// One line beneath the title.
    pub lead: String,
    /// The team's own text for this page. Given as `body_html`.
    #[serde(skip)]
    pub body: Option<BodyView<'b>>,
    /// The page has a text of its own.
    pub has_body: bool,
    /// By first letter, or one group with an empty label.
    pub groups: Vec<TermGroup<'b>>,
    /// Used by one note only, folded away; helps to tidy up.
    pub rare: Vec<CountedRef<'b>>,
    /// Where there is more than one page.
    pub pager: Option<Pager>,
    /// Said where there are none.
    pub empty: &'static str,
}

/// Terms under one letter.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct TermGroup<'b> {
    /// `A`, or empty.
    pub label: String,
    /// The terms.
    pub terms: Vec<CountedRef<'b>>,
}

/// A block of the home page.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Block<'b> {
    /// `new`, `surprises`, `testing`, `start` …
    pub key: &'static str,
    /// `New`
    pub title: &'static str,
    /// At most six.
    pub items: Vec<Card<'b>>,
    /// All of them.
    pub more: Option<Ref<'b>>,
}

/// `home.html`
#[derive(Debug, Clone, Hash, Serialize)]
pub struct HomeView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// The title with its inline markup.
    pub title_html: std::borrow::Cow<'b, str>,
    /// `214 notes · 7 teams · latest 4 March 2026`
    pub lead: String,
    /// The team's own text. Given as `body_html`.
    #[serde(skip)]
    pub body: Option<BodyView<'b>>,
    /// The page has a text of its own.
    pub has_body: bool,
    /// Blocks with content only.
    pub blocks: Vec<Block<'b>>,
    /// What the notes say together: what surprised, what was applied, what wants to be looked at.
    pub parts: Vec<super::sheet::view::Section<'b>>,
    /// The top folders.
    pub sections: Vec<CountedRef<'b>>,
    /// The kinds in use.
    pub kinds: Vec<CountedRef<'b>>,
    /// The most used tags, at most 24.
    pub tags: Vec<CountedRef<'b>>,
    /// There is no note yet.
    pub is_empty: bool,
    /// Where to edit the page's own text, or empty.
    pub edit_href: String,
}

/// `search.html`, `brief.html` and `not-found.html`: what they show, their template says, or a script finds.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct PlainView<'b> {
    /// See [`Head`]. For `not-found.html`, `root` is absolute where book.toml has a `base_url`: that page is
    /// served at any depth.
    pub page: Head<'b>,
    /// The title with its inline markup.
    pub title_html: std::borrow::Cow<'b, str>,
    /// The team's own text. Given as `body_html`.
    #[serde(skip)]
    pub body: Option<BodyView<'b>>,
    /// The page has a text of its own.
    pub has_body: bool,
}

/// `redirect.html`: an alias.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct RedirectView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// The note's title.
    pub target_title: &'b str,
    /// Relative address of the note's page.
    pub target_href: String,
}
