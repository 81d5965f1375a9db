//! What groups notes across folders: tags (nested), people, teams, tickets, years, statuses and results.

use std::collections::HashMap;

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

/// Gathers terms while notes are read, then sorts them once. A text is looked at when it is met for
/// the first time; after that it is a symbol.
#[derive(Debug, Default)]
pub struct Gather {
    is_nested: bool,
    symbols: HashMap<Box<str>, Option<Symbol>>,
    /// What each symbol counts for: its term, before those the terms above it; each with a spelling.
    ways: Vec<Vec<(usize, usize)>>,
    found: Vec<Found>,
    by_slug: HashMap<String, usize>,
}

/// A text that names a term, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

impl Symbol {
    /// The index in the table that [`Gather::finish`] gives.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Default)]
struct Found {
    slug: String,
    spellings: Vec<(String, usize)>,
    notes: Vec<NoteId>,
}

impl Gather {
    /// Terms whose names hold `/` as a separator: a note with `market/spain` also has `market`.
    pub fn nested() -> Self {
        Gather { is_nested: true, ..Gather::default() }
    }

    /// Notes `id` has the term that is written so; `name_of` gives its name. Notes come newest first.
    /// None where nothing is left of the name.
    pub fn add<'n>(
        &mut self,
        written: &'n str,
        id: NoteId,
        name_of: impl FnOnce(&'n str) -> &'n str,
    ) -> Option<Symbol> {
        let symbol = match self.symbols.get(written) {
            Some(symbol) => *symbol,
            None => {
                let way = self.way(name_of(written).trim());
                let symbol = (!way.is_empty()).then_some(Symbol(self.ways.len() as u32));
                if symbol.is_some() {
                    self.ways.push(way);
                }
                self.symbols.insert(written.into(), symbol);
                symbol
            }
        }?;
        for &(found, spelling) in &self.ways[symbol.index()] {
            let found = &mut self.found[found];
            found.spellings[spelling].1 += 1;
            // A repetition is next to its twin.
            if found.notes.last() != Some(&id) {
                found.notes.push(id);
            }
        }
        Some(symbol)
    }

    fn way(&mut self, name: &str) -> Vec<(usize, usize)> {
        if name.is_empty() {
            return Vec::new();
        }
        if !self.is_nested {
            return vec![self.step(term_slug(name), name)];
        }
        let mut path = String::new();
        let parts = name.split('/').map(str::trim).filter(|part| !part.is_empty()).take(MAX_DEPTH);
        parts
            .map(|part| {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(&term_slug(part));
                self.step(path.clone(), part)
            })
            .collect()
    }

    fn step(&mut self, slug: String, label: &str) -> (usize, usize) {
        let next = self.found.len();
        let found = *self.by_slug.entry(slug).or_insert_with_key(|slug| {
            self.found.push(Found { slug: slug.clone(), ..Found::default() });
            next
        });
        let spellings = &mut self.found[found].spellings;
        let spelling = spellings.iter().position(|(known, _)| known == label).unwrap_or_else(|| {
            spellings.push((label.to_owned(), 0));
            spellings.len() - 1
        });
        (found, spelling)
    }

    /// The terms, each with a page below `folder`, and the term that each symbol means, by its index.
    pub fn finish(self, folder: &str) -> (Terms, Vec<usize>) {
        let Gather { is_nested, ways, found, mut by_slug, .. } = self;
        let mut order: Vec<(usize, Found)> = found.into_iter().enumerate().collect();
        order.sort_by_cached_key(|(_, found)| (natural(&found.slug), found.slug.clone()));
        let mut index_of = vec![0; order.len()];
        for (index, (found, _)) in order.iter().enumerate() {
            index_of[*found] = index;
        }
        by_slug.values_mut().for_each(|found| *found = index_of[*found]);
        let mut list: Vec<Term> = order
            .into_iter()
            .map(|(_, Found { slug, spellings, notes })| {
                // The most used spelling; of equals the first in order.
                let label = spellings
                    .into_iter()
                    .reduce(|best, next| if (next.1, &best.0) > (best.1, &next.0) { next } else { best })
                    .map_or_else(String::new, |(label, _)| label);
                let parent =
                    is_nested.then(|| slug.rsplit_once('/')).flatten().and_then(|(up, _)| by_slug.get(up).copied());
                Term {
                    route: Route::new(format!("{folder}/{slug}.html")),
                    slug,
                    name: label.clone(),
                    label,
                    notes,
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
        let term_of = ways.iter().map(|way| way.last().map_or(0, |(found, _)| index_of[*found])).collect();
        (Terms { list, by_slug }, term_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_terms_count_for_their_parents_and_the_common_spelling_wins() {
        let mut gather = Gather::nested();
        let mut add = |name: &'static str, note| gather.add(name, NoteId(note), |name| name);
        assert_eq!(add("Market/Spain", 0), Some(Symbol(0)));
        assert_eq!(add("market/spain", 1), Some(Symbol(1)));
        assert_eq!(add("market", 1), Some(Symbol(2)));
        assert_eq!(add("market/Spain", 2), Some(Symbol(3)));
        assert_eq!((add(" / ", 3), add("market", 4)), (None, Some(Symbol(2))));
        let (terms, term_of) = gather.finish("tags");
        assert_eq!(term_of, [1, 1, 0, 1]);
        let market = terms.get(terms.find("MARKET").unwrap());
        assert_eq!((market.label.as_str(), market.notes.len(), market.children.len()), ("market", 4, 1));
        let spain = terms.get(market.children[0]);
        assert_eq!((spain.label.as_str(), spain.route.as_str(), spain.depth()), ("Spain", "tags/market/spain.html", 1));
        assert_eq!(spain.name, "market/Spain");
    }
}
