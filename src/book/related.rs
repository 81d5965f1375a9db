//! Notes worth reading next, each with the reason.

use std::collections::HashMap;

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
        let mut scores: HashMap<NoteId, (u32, Vec<&str>, Vec<&str>)> = HashMap::new();
        for &(term, place) in &ticket_places[id.index()] {
            let ticket = tickets.get(term as usize);
            for other in near(&ticket.notes, place as usize) {
                let score = scores.entry(other).or_default();
                score.0 += 300 + weight(ticket.notes.len());
                score.1.push(&ticket.label);
            }
        }
        for &(term, place) in &tag_places[id.index()] {
            let tag = tags.get(term as usize);
            for other in near(&tag.notes, place as usize) {
                // A nested tag says more than its parent, which is shared too and need not be named.
                let score = scores.entry(other).or_default();
                score.0 += weight(tag.notes.len());
                score.2.push(&tag.name);
            }
        }
        let entry = &notes[id.index()];
        let mut best: Vec<_> = scores
            .into_iter()
            .filter(|(other, (score, ..))| *score >= 60 && !entry.is_linked_with(*other))
            .map(|(other, (mut score, same_tickets, shared))| {
                if entry.team.is_some() && entry.team == notes[other.index()].team {
                    score += 20;
                }
                (std::cmp::Reverse(score), other, same_tickets, shared)
            })
            .collect();
        best.sort();
        best.truncate(MOST);
        best.into_iter().map(|(_, note, tickets, tags)| Related { note, reason: reason(&tickets, &tags) }).collect()
    })
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

fn near(notes: &[NoteId], place: usize) -> impl Iterator<Item = NoteId> {
    let from = place.saturating_sub(WINDOW);
    let to = (place + WINDOW + 1).min(notes.len());
    notes[from..to].iter().enumerate().filter(move |(i, _)| from + i != place).map(|(_, id)| *id)
}

/// A tag that two notes have says more than one that two hundred have.
fn weight(notes: usize) -> u32 {
    (200.0 / (1.0 + (notes.max(2) as f64).log2())) as u32
}

fn reason(tickets: &[&str], tags: &[&str]) -> String {
    let mut parts = Vec::new();
    if let Some(ticket) = tickets.first() {
        parts.push(format!("same ticket {ticket}"));
    }
    let told: Vec<&str> = tags
        .iter()
        .filter(|tag| !tags.iter().any(|other| other.starts_with(**tag) && other[tag.len()..].starts_with('/')))
        .copied()
        .collect();
    match told.len() {
        0 => {}
        1..=3 => parts.push(format!("shares {}", told.join(", "))),
        n => parts.push(format!("shares {n} tags")),
    }
    parts.join("; ")
}
