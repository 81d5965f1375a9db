//! What notes are filtered by.

use crate::book::terms::Terms;
use crate::book::{Book, NoteId};

/// A property of notes and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// As a query writes it: `kind`, `team`, `tag`, `by`, `status`, `result`, `ticket`, `year`.
    pub name: &'static str,
    /// Its values, in the order of the book's own lists.
    pub values: Vec<Value>,
}

/// A value that notes have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// As a query writes it: `market/spain`.
    pub name: String,
    /// As readers know it.
    pub label: String,
    /// The address of its page, from the site's root and ready for use in a link.
    pub url: String,
    /// The notes that have it, by their number in the index; ascending.
    pub notes: Vec<u32>,
}

/// Finds the facets that any note has; `numbers` is the number in the index of each note of the book.
pub fn assemble(book: &Book, numbers: &[Option<u32>]) -> Vec<Facet> {
    let of = |ids: &[NoteId]| {
        let mut found: Vec<u32> = ids.iter().filter_map(|id| numbers[id.index()]).collect();
        found.sort_unstable();
        found
    };
    let kinds = book.config.kinds.iter().zip(book.by_kind.iter()).map(|(kind, ids)| Value {
        name: kind.name.clone(),
        label: kind.label.clone(),
        url: crate::path::Route::folder(kind.folder()).url(),
        notes: of(ids),
    });
    let terms = |terms: &Terms| {
        let value = |term: &crate::book::terms::Term| Value {
            name: term.slug.clone(),
            label: term.name.clone(),
            url: term.route.url(),
            notes: of(&term.notes),
        };
        terms.iter().map(value).collect::<Vec<Value>>()
    };
    let all = [
        ("kind", kinds.collect()),
        ("team", terms(&book.teams)),
        ("tag", terms(&book.tags)),
        ("by", terms(&book.people)),
        ("status", terms(&book.statuses)),
        ("result", terms(&book.results)),
        ("ticket", terms(&book.tickets)),
        ("year", terms(&book.years)),
    ];
    let facets = all.into_iter().map(|(name, mut values)| {
        values.retain(|value| !value.notes.is_empty());
        Facet { name, values }
    });
    facets.filter(|facet| !facet.values.is_empty()).collect()
}
