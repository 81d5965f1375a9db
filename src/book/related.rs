//! Notes worth reading next, each with the reason.

use std::collections::HashSet;
use std::sync::Arc;

use super::terms::Terms;
use super::{Entry, NoteId};

/// A note that shares something with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The other note.
    pub note: NoteId,
    /// `same ticket FLEX-112; shares pricing, refunds`
    pub reason: String,
}

/// At most this many for a note.
const MOST: usize = 6;
/// Of a term's notes, those this near in its order are looked at: the cost of a note does not grow
/// with the size of its tags, and a new note changes only its neighbours.
const WINDOW: usize = 16;

/// The notes related to one, the strongest first. Notes that link to one another are left out: the
/// reader has that link already. `rank` is each note's place among the newest, the order of all terms.
pub fn of(id: NoteId, notes: &[Arc<Entry>], rank: &[u32], tags: &Terms, tickets: &Terms) -> Vec<Related> {
    let entry = &notes[id.index()];
    // Each meeting of the note with another in a term, tickets before tags, then grouped by the other.
    let mut met: Vec<(NoteId, Shared)> = Vec::new();
    for &term in &entry.tickets {
        met.extend(near(&tickets.get(term).notes, id, rank).map(|other| (other, Shared::Ticket(term))));
    }
    // Tags, and those above them.
    let mut terms: Vec<usize> = Vec::new();
    for tag in &entry.tags {
        let mut at = Some(*tag);
        while let Some(term) = at.filter(|term| !terms.contains(term)) {
            terms.push(term);
            at = tags.get(term).parent;
        }
    }
    for term in terms {
        met.extend(near(&tags.get(term).notes, id, rank).map(|other| (other, Shared::Tag(term))));
    }
    met.sort_unstable();
    let linked = if met.is_empty() { HashSet::new() } else { entry.linked_notes() };
    let worth = |shared: &Shared| match shared {
        Shared::Ticket(term) => 300 + weight(tickets.get(*term).notes.len()),
        Shared::Tag(term) => weight(tags.get(*term).notes.len()),
    };
    let mut best: Vec<_> = met
        .chunk_by(|(a, _), (b, _)| a == b)
        .filter_map(|group| {
            let other = group[0].0;
            let mut score: u32 = group.iter().map(|(_, shared)| worth(shared)).sum();
            if score < 60 || linked.contains(&other) {
                return None;
            }
            if entry.team.is_some() && entry.team == notes[other.index()].team {
                score += 20;
            }
            Some((std::cmp::Reverse(score), other, group))
        })
        .collect();
    best.sort_unstable();
    best.truncate(MOST);
    best.into_iter().map(|(_, note, group)| Related { note, reason: reason(group, tickets, tags) }).collect()
}

/// What two notes share; an index into its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Ticket(usize),
    Tag(usize),
}

/// The notes near one in a term's order.
fn near<'t>(notes: &'t [NoteId], id: NoteId, rank: &[u32]) -> impl Iterator<Item = NoteId> + use<'t> {
    let rank_of = |id: NoteId| rank[id.index()];
    let place = notes.partition_point(|other| rank_of(*other) < rank_of(id));
    let window = place.saturating_sub(WINDOW)..(place + WINDOW + 1).min(notes.len());
    notes[window].iter().copied().filter(move |other| *other != id)
}

/// A tag that two notes have says more than one that two hundred have.
fn weight(notes: usize) -> u32 {
    (200.0 / (1.0 + (notes.max(2) as f64).log2())) as u32
}

fn reason(shared: &[(NoteId, Shared)], tickets: &Terms, tags: &Terms) -> String {
    let mut parts = Vec::new();
    let mut own = Vec::new();
    for (_, shared) in shared {
        match shared {
            Shared::Ticket(term) if parts.is_empty() => {
                parts.push(format!("same ticket {}", tickets.get(*term).label));
            }
            Shared::Ticket(_) => {}
            Shared::Tag(term) => own.push(*term),
        }
    }
    // A nested tag says more than its parent, which is shared too and need not be named.
    let parents: HashSet<usize> = own.iter().filter_map(|tag| tags.get(*tag).parent).collect();
    own.retain(|tag| !parents.contains(tag));
    match own.len() {
        0 => {}
        1..=3 => {
            let names: Vec<&str> = own.iter().map(|tag| tags.get(*tag).name.as_str()).collect();
            parts.push(format!("shares {}", names.join(", ")));
        }
        n => parts.push(format!("shares {n} tags")),
    }
    parts.join("; ")
}
