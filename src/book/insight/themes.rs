//! What retros were about: a theme that comes up in three or more is not an accident any more.

use std::collections::BTreeMap;

use super::{Ground, Quarter};
use crate::book::NoteId;
use crate::path::slug;

/// A theme is recurring from this many retros on.
pub const RECURRING: usize = 3;

/// A theme of retros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// As most notes write it.
    pub label: String,
    /// Its id on the page of themes.
    pub slug: String,
    /// The retros, newest first.
    pub notes: Vec<NoteId>,
    /// How many there were, by quarter, from the first to the last; those without one are 0.
    pub quarters: Vec<(Quarter, usize)>,
    /// The quarter in which it came back after one without it.
    pub came_back: Option<Quarter>,
}

impl Theme {
    /// It came up in three retros or more.
    pub fn is_recurring(&self) -> bool {
        self.notes.len() >= RECURRING
    }
}

/// Every theme, the most frequent first, of equals the latest.
pub fn gather(ground: Ground<'_>) -> Vec<Theme> {
    struct Found {
        notes: Vec<NoteId>,
        spellings: BTreeMap<String, usize>,
    }
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (id, entry) in ground.listed() {
        for item in entry.note.front.list("themes") {
            let theme = found
                .entry(slug(&item.text))
                .or_insert_with(|| Found { notes: Vec::new(), spellings: BTreeMap::new() });
            *theme.spellings.entry(item.text.clone()).or_insert(0) += 1;
            if theme.notes.last() != Some(&id) {
                theme.notes.push(id);
            }
        }
    }
    let mut themes: Vec<Theme> = found
        .into_iter()
        .map(|(slug, Found { notes, spellings })| {
            let label = spellings.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
            let mut dated: Vec<Quarter> =
                notes.iter().filter_map(|id| ground.entry(*id).date.map(Quarter::of)).collect();
            dated.sort_unstable();
            let quarters = by_quarter(&dated);
            let came_back = dated.windows(2).rev().find(|pair| pair[0].until(pair[1]) > 1).map(|pair| pair[1]);
            Theme { label: label.map_or_else(String::new, |(label, _)| label), slug, notes, quarters, came_back }
        })
        .collect();
    let latest = |theme: &Theme| theme.notes.first().and_then(|id| ground.entry(*id).date);
    themes
        .sort_by(|a, b| (b.notes.len(), latest(b)).cmp(&(a.notes.len(), latest(a))).then_with(|| a.slug.cmp(&b.slug)));
    themes
}

/// How many of some quarters, sorted, fall into each, from the first to the last; at most 40 quarters.
pub fn by_quarter(dated: &[Quarter]) -> Vec<(Quarter, usize)> {
    let Some((first, last)) = dated.first().zip(dated.last()) else { return Vec::new() };
    let mut at = *first;
    // A date of another century must not draw an endless chart.
    while at.until(*last) >= 40 {
        at = at.next_year();
    }
    let mut quarters = Vec::new();
    while at <= *last {
        quarters.push((at, dated.iter().filter(|quarter| **quarter == at).count()));
        at = at.next();
    }
    quarters
}
