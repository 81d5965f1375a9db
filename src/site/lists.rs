//! What each kind of list page says about itself.

use std::borrow::Cow;

use super::pages::{Views, count};
use super::view::{CountedRef, Facet, Ref};
use super::{List, Subject, TermSet};
use crate::book::Book;
use crate::book::terms::Terms;
use crate::config::Display;
use crate::path::Route;

/// The terms of one set, and the words for them.
pub struct Vocabulary<'b> {
    /// The terms.
    pub terms: &'b Terms,
    /// The folder of their pages.
    pub name: &'static str,
    /// Of the page that lists them.
    pub title: &'static str,
    /// `tag`
    pub singular: &'static str,
    /// `tags`
    pub plural: &'static str,
    /// Above a term's title.
    pub eyebrow: &'static str,
    /// Entry of the navigation.
    pub current: &'static str,
    /// Name of an icon, or empty.
    pub icon: &'static str,
    /// Said where there are none.
    pub empty: &'static str,
}

impl TermSet {
    /// The terms of this set in a book.
    pub fn vocabulary(self, book: &Book) -> Vocabulary<'_> {
        let make = |terms, name, title, singular, plural, eyebrow, current, empty| Vocabulary {
            terms,
            name,
            title,
            singular,
            plural,
            eyebrow,
            current,
            icon: "",
            empty,
        };
        match self {
            TermSet::Tags => make(
                &book.tags,
                "tags",
                "Tags",
                "tag",
                "tags",
                "Tag",
                "tags",
                "No note has a tag yet. Add tags: [pricing] to a note's front matter.",
            ),
            TermSet::People => make(
                &book.people,
                "people",
                "People",
                "person",
                "people",
                "Person",
                "people",
                "No note names its author yet. Add authors: [Your Name], or keep the notes in git.",
            ),
            TermSet::Teams => make(
                &book.teams,
                "teams",
                "Teams",
                "team",
                "teams",
                "Team",
                "teams",
                "No note names its team yet. Add team: Checkout to a note's front matter.",
            ),
            TermSet::Tickets => make(
                &book.tickets,
                "tickets",
                "Tickets",
                "ticket",
                "tickets",
                "Ticket",
                "",
                "No note names a ticket yet. Add tickets: [FLEX-112], or a pattern under [links] in book.toml.",
            ),
            TermSet::Statuses => {
                make(&book.statuses, "browse/status", "Statuses", "status", "statuses", "Status", "browse", "")
            }
            TermSet::Results => {
                make(&book.results, "browse/result", "Results", "result", "results", "Result", "browse", "")
            }
            TermSet::Years => make(&book.years, "browse/year", "Years", "year", "years", "Year", "browse", ""),
        }
    }

    fn list(self) -> &'static str {
        match self {
            TermSet::Tags => "tag",
            TermSet::People => "person",
            TermSet::Teams => "team",
            TermSet::Tickets => "ticket",
            TermSet::Statuses => "status",
            TermSet::Results => "result",
            TermSet::Years => "year",
        }
    }
}

/// The words of one list.
pub struct Spec<'b> {
    /// The page's title.
    pub title: &'b str,
    /// For search engines; may be empty.
    pub description: &'b str,
    /// Entry of the navigation.
    pub current: &'static str,
    /// See [`super::view::ListView::list`].
    pub list: &'static str,
    /// Above the title.
    pub eyebrow: &'static str,
    /// Name of an icon.
    pub icon: &'b str,
    /// Said where the list is empty.
    pub empty: Cow<'static, str>,
    subject: Subject,
    section: Option<usize>,
}

impl List {
    /// The words of this list.
    pub fn spec<'b>(&self, views: &Views<'b>) -> Spec<'b> {
        let book = views.book;
        let mut spec = Spec {
            title: "",
            description: "",
            current: "",
            list: "",
            eyebrow: "",
            icon: "",
            empty: "Nothing here yet.".into(),
            subject: self.subject,
            section: self.section,
        };
        match self.subject {
            Subject::Section(index) => {
                let section = &book.sections[index];
                (spec.title, spec.list) = (&section.title, "section");
            }
            Subject::Kind(index) => {
                if let Some(kind) = book.config.kinds.iter().nth(index) {
                    (spec.title, spec.icon, spec.list, spec.current) = (&kind.plural, &kind.icon, "kind", "kinds");
                    let (what, many) = (crate::text::fold(&kind.label), crate::text::fold(&kind.plural));
                    spec.empty = format!(
                        "There are no {many} yet. Start one: fieldbook new {} \"your first {what}\".",
                        kind.name
                    )
                    .into();
                    if kind.shows.contains(&Display::Board) {
                        spec.current = "board";
                    }
                }
                if let Some(section) = self.section {
                    spec.title = &book.sections[section].title;
                }
            }
            Subject::Term(set, index) => {
                let vocabulary = set.vocabulary(book);
                let term = vocabulary.terms.get(index);
                spec.title = &term.name;
                (spec.list, spec.eyebrow, spec.current) = (set.list(), vocabulary.eyebrow, vocabulary.current);
            }
            Subject::Browse => {
                (spec.title, spec.list, spec.current) = ("Browse", "browse", "browse");
                spec.empty = "No notes yet. Run fieldbook new learning \"What we found out\" and build again.".into();
            }
            Subject::Log => {
                (spec.title, spec.list, spec.current) = ("Log", "log", "log");
                spec.empty = "No note has a date yet. Add date: 2026-03-04, or keep the notes in git.".into();
            }
        }
        if let Some(id) = self.intro {
            let note = &book.entry(id).note;
            spec.title = &note.title.text;
            spec.description = &note.summary;
        }
        spec
    }
}

impl<'b> Spec<'b> {
    /// The way up.
    pub fn trail(&self, views: &Views<'b>, route: &Route) -> Vec<Ref<'b>> {
        let home = || Ref { label: "Home", href: Route::folder("").relative_to(route) };
        match self.subject {
            Subject::Section(index) => {
                let mut trail = vec![home()];
                let mut above = Vec::new();
                let mut at = views.book.sections[index].parent;
                while let Some(parent) = at.filter(|_| above.len() < super::pages::MAX_TRAIL) {
                    let section = &views.book.sections[parent];
                    if section.parent.is_some() {
                        above.push(Ref { label: &section.title, href: section.route.relative_to(route) });
                    }
                    at = section.parent;
                }
                trail.extend(above.into_iter().rev());
                trail
            }
            Subject::Kind(_) | Subject::Browse | Subject::Log => vec![home()],
            Subject::Term(set, index) => {
                let vocabulary = set.vocabulary(views.book);
                let up = match set {
                    TermSet::Statuses | TermSet::Results | TermSet::Years => {
                        Ref { label: "Browse", href: Route::folder("browse").relative_to(route) }
                    }
                    _ => Ref { label: vocabulary.title, href: Route::folder(vocabulary.name).relative_to(route) },
                };
                let mut above = Vec::new();
                let mut at = vocabulary.terms.get(index).parent;
                while let Some(parent) = at {
                    let term = vocabulary.terms.get(parent);
                    above.push(Ref { label: &term.label, href: term.route.relative_to(route) });
                    at = term.parent;
                }
                let mut trail = vec![home(), up];
                trail.extend(above.into_iter().rev());
                trail
            }
        }
    }

    /// One line on the size of the list, or nothing.
    pub fn lead(&self, list: &List) -> String {
        match self.subject {
            // A number beside a name would be a ranking.
            Subject::Term(TermSet::People | TermSet::Teams, _) => String::new(),
            _ => count(list.notes.len(), "note", "notes"),
        }
    }

    /// What lies below.
    pub fn children(&self, views: &Views<'b>, route: &Route) -> Vec<CountedRef<'b>> {
        match (self.subject, self.section) {
            (Subject::Section(index), _) | (Subject::Kind(_), Some(index)) => {
                views.child_sections(route, &views.book.sections[index].children)
            }
            (Subject::Term(set, index), _) => {
                let terms = set.vocabulary(views.book).terms;
                terms
                    .get(index)
                    .children
                    .iter()
                    .map(|child| {
                        let term = terms.get(*child);
                        CountedRef {
                            label: &term.label,
                            href: term.route.relative_to(route),
                            count: term.notes.len(),
                            depth: 0,
                            description: "",
                        }
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Other ways in.
    pub fn facets(&self, views: &Views<'b>, route: &Route, list: &List) -> Vec<Facet<'b>> {
        if list.subject != Subject::Browse {
            return Vec::new();
        }
        let book = views.book;
        let mut facets = vec![Facet { label: "Kind", values: views.kinds(route), more_href: String::new() }];
        for (label, set, more) in [
            ("Status", TermSet::Statuses, false),
            ("Result", TermSet::Results, false),
            ("Team", TermSet::Teams, true),
            ("Tag", TermSet::Tags, true),
            ("Person", TermSet::People, true),
            ("Year", TermSet::Years, false),
        ] {
            facets.push(views.facet(route, label, set.vocabulary(book), more));
        }
        facets.retain(|facet| !facet.values.is_empty());
        facets
    }

    /// A ticket in its tracker.
    pub fn external(&self, views: &Views<'b>) -> Vec<Ref<'b>> {
        match self.subject {
            Subject::Term(TermSet::Tickets, index) => {
                let label = &views.book.tickets.get(index).label;
                views
                    .book
                    .config
                    .ticket_url(label)
                    .map(|href| Ref { label: "Open in the tracker", href })
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}
