//! What groups notes across folders: tags (nested), people, teams, tickets, years, statuses and results.

use std::collections::{BTreeMap, HashMap};

use super::NoteId;
use crate::path::{Route, slug};
use crate::text::natural;

/// A value that notes share, with a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The last part of its address; a nested tag's has `/` between its parts.
    pub slug: String,
    /// What readers see: the spelling that most notes use. A nested tag's own last part.
    pub label: String,
    /// The labels from the top down, with `/` between them; the label itself where nothing is above.
    pub name: String,
    /// Its page.
    pub route: Route,
    /// The notes that have it, or a term below it; newest first.
    pub notes: Vec<NoteId>,
    /// The term above it.
    pub parent: Option<usize>,
    /// The terms directly below it.
    pub children: Vec<usize>,
}

impl Term {
    /// Steps below the top.
    pub fn depth(&self) -> usize {
        self.slug.matches('/').count()
    }
}

/// All terms of one kind, sorted by slug in natural order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    list: Vec<Term>,
    by_slug: HashMap<String, usize>,
}

impl Terms {
    /// Every term, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Term> {
        self.list.iter()
    }

    /// The term at an index that [`Term::parent`], [`Term::children`] or [`Terms::find`] gave.
    pub fn get(&self, index: usize) -> &Term {
        &self.list[index]
    }

    /// The index of the term that a note's author meant by this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_slug.get(&nested_slug(name)).or_else(|| self.by_slug.get(&term_slug(name))).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// Tags nested deeper are taken as their first parts: each part has a page, and each page the way up.
pub const MAX_DEPTH: usize = 8;

/// The slug of a tag that may be nested: `Market / Spain` → `market/spain`.
pub fn nested_slug(name: &str) -> String {
    let parts = name.split('/').map(str::trim).filter(|part| !part.is_empty()).take(MAX_DEPTH);
    parts.map(term_slug).collect::<Vec<_>>().join("/")
}

/// A term's part of its address. `index` is the address of the page of all terms.
fn term_slug(part: &str) -> String {
    match slug(part) {
        slug if slug == "index" => "index_".into(),
        slug => slug,
    }
}

/// Gathers terms while notes are read, then sorts them once.
#[derive(Debug, Default)]
pub struct Gather {
    /// By slug.
    found: HashMap<String, Found>,
    nested: bool,
}

#[derive(Debug, Default)]
struct Found {
    spellings: BTreeMap<String, usize>,
    notes: Vec<NoteId>,
}

impl Gather {
    /// Terms whose names hold `/` as a separator: a note with `market/spain` also has `market`.
    pub fn nested() -> Self {
        Gather { nested: true, ..Gather::default() }
    }

    /// Notes `id` has the term `name`.
    pub fn add(&mut self, name: &str, id: NoteId) {
        let name = name.trim();
        if name.is_empty() {
            return;
        }
        if !self.nested {
            return self.add_one(term_slug(name), name, id);
        }
        let parts: Vec<&str> = name.split('/').map(str::trim).filter(|part| !part.is_empty()).take(MAX_DEPTH).collect();
        let mut path = String::new();
        for part in parts {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&term_slug(part));
            self.add_one(path.clone(), part, id);
        }
    }

    fn add_one(&mut self, slug: String, label: &str, id: NoteId) {
        let found = self.found.entry(slug).or_default();
        *found.spellings.entry(label.to_owned()).or_insert(0) += 1;
        // Notes come in ascending order, so a repetition is next to its twin.
        if found.notes.last() != Some(&id) {
            found.notes.push(id);
        }
    }

    /// The terms, each with a page below `folder`. `newest_first` orders a term's notes.
    pub fn finish(self, folder: &str, newest_first: impl Fn(&mut Vec<NoteId>) + Sync + Send) -> Terms {
        let mut found: Vec<(String, Found)> = self.found.into_iter().collect();
        found.sort_by_cached_key(|(slug, _)| (natural(slug), slug.clone()));
        let by_slug: HashMap<String, usize> =
            found.iter().enumerate().map(|(i, (slug, _))| (slug.clone(), i)).collect();
        let mut list: Vec<Term> = found
            .into_iter()
            .map(|(slug, mut found)| {
                newest_first(&mut found.notes);
                // The most used spelling; of equals the first in order.
                let label = found
                    .spellings
                    .into_iter()
                    .reduce(|best, next| if next.1 > best.1 { next } else { best })
                    .map_or_else(String::new, |(label, _)| label);
                let parent =
                    self.nested.then(|| slug.rsplit_once('/')).flatten().and_then(|(up, _)| by_slug.get(up).copied());
                Term {
                    route: Route::new(format!("{folder}/{slug}.html")),
                    slug,
                    name: label.clone(),
                    label,
                    notes: found.notes,
                    parent,
                    children: Vec::new(),
                }
            })
            .collect();
        // A parent's slug is a prefix of its children's, so it comes first and has its name by then.
        for index in 0..list.len() {
            if let Some(parent) = list[index].parent {
                list[index].name = format!("{}/{}", list[parent].name, list[index].label);
                list[parent].children.push(index);
            }
        }
        Terms { list, by_slug }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_terms_count_for_their_parents_and_the_common_spelling_wins() {
        let mut gather = Gather::nested();
        gather.add("Market/Spain", NoteId(0));
        gather.add("market/spain", NoteId(1));
        gather.add("market", NoteId(1));
        gather.add("market/Spain", NoteId(2));
        let terms = gather.finish("tags", |_| {});
        let market = terms.get(terms.find("MARKET").unwrap());
        assert_eq!((market.label.as_str(), market.notes.len(), market.children.len()), ("market", 3, 1));
        let spain = terms.get(market.children[0]);
        assert_eq!((spain.label.as_str(), spain.route.as_str(), spain.depth()), ("Spain", "tags/market/spain.html", 1));
        assert_eq!(spain.name, "market/Spain");
    }
}
