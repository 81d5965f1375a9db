//! Notes worth reading next, each with the reason.

use std::collections::HashSet;

use super::terms::Terms;
use super::{Entry, NoteId};
use crate::parallel;

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

/// For each note its related notes, the strongest first. Notes that link to one another are left
/// out: the reader has that link already.
pub fn assemble(notes: &[Entry], tags: &Terms, tickets: &Terms) -> Vec<Vec<Related>> {
    let tag_places = places(tags, notes.len());
    let ticket_places = places(tickets, notes.len());
    let ids: Vec<NoteId> = (0..notes.len()).map(NoteId::new).collect();
    parallel::map(&ids, |&id| {
        // Each meeting of the note with another in a term, tickets before tags, then grouped by the other.
        let mut met: Vec<(NoteId, Shared)> = Vec::new();
        for &(term, place) in &ticket_places[id.index()] {
            met.extend(near(&tickets.get(term as usize).notes, place).map(|other| (other, Shared::Ticket(term))));
        }
        for &(term, place) in &tag_places[id.index()] {
            met.extend(near(&tags.get(term as usize).notes, place).map(|other| (other, Shared::Tag(term))));
        }
        met.sort_unstable();
        let entry = &notes[id.index()];
        let linked = if met.is_empty() { HashSet::new() } else { entry.linked_notes() };
        let worth = |shared: &Shared| match shared {
            Shared::Ticket(term) => 300 + weight(tickets.get(*term as usize).notes.len()),
            Shared::Tag(term) => weight(tags.get(*term as usize).notes.len()),
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
    })
}

/// What two notes share; an index into its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Ticket(u32),
    Tag(u32),
}

/// For each note, its terms and its place among the notes of each.
fn places(terms: &Terms, notes: usize) -> Vec<Vec<(u32, u32)>> {
    let mut places = vec![Vec::new(); notes];
    for (index, term) in terms.iter().enumerate() {
        for (place, note) in term.notes.iter().enumerate() {
            places[note.index()].push((index as u32, place as u32));
        }
    }
    places
}

fn near(notes: &[NoteId], place: u32) -> impl Iterator<Item = NoteId> {
    let place = place as usize;
    let from = place.saturating_sub(WINDOW);
    let to = (place + WINDOW + 1).min(notes.len());
    notes[from..to].iter().enumerate().filter(move |(i, _)| from + i != place).map(|(_, id)| *id)
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
                parts.push(format!("same ticket {}", tickets.get(*term as usize).label));
            }
            Shared::Ticket(_) => {}
            Shared::Tag(term) => own.push(*term as usize),
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
