//! When a note wants to be looked at again.
//!
//! The period is the note's own (`review_in`) or its kind's. It counts from the last review, else
//! from the note's date. Notes that were written on one day don't all fall due on one day: up to a
//! sixth of the period, which the note's path decides, is added. A kind's period counts only in books
//! where some note of the kind was ever reviewed: elsewhere nobody has agreed to it.

use std::collections::HashSet;

use super::Ground;
use crate::book::{Entry, NoteId};
use crate::date::Date;
use crate::memo::Fingerprint;

/// A note that wants to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// The note.
    pub note: NoteId,
    /// When somebody last looked at it, or when it was written.
    pub last: Date,
    /// From when on it is due.
    pub due: Date,
    /// Days since then; negative while it is not due.
    pub overdue: i32,
}

/// All notes with a period, the one that is due the longest first.
pub fn due(ground: Ground<'_>) -> Vec<Review> {
    let agreed: HashSet<&str> = ground
        .notes
        .iter()
        .filter(|entry| entry.note.front.date("reviewed").is_some() || entry.note.front.days("review_in").is_some())
        .map(|entry| entry.note.kind.as_str())
        .collect();
    let mut reviews: Vec<Review> = ground
        .listed()
        .filter(|(_, entry)| agreed.contains(entry.note.kind.as_str()))
        .filter_map(|(note, entry)| {
            let due = due_on(ground, entry)?;
            Some(Review { note, last: last(entry)?, due, overdue: ground.today.days() - due.days() })
        })
        .collect();
    reviews.sort_by_key(|review| (review.due, review.note));
    reviews
}

fn last(entry: &Entry) -> Option<Date> {
    entry.note.front.date("reviewed").max(entry.date)
}

/// The day from which on a note wants to be looked at; none without a period, a date, or where
/// another note has replaced it.
pub fn due_on(ground: Ground<'_>, entry: &Entry) -> Option<Date> {
    let front = &entry.note.front;
    let own = front.days("review_in");
    let period = own.or_else(|| ground.config.kinds.by_name(&entry.note.kind)?.review_in)?;
    if super::naming(entry, "supersedes").next().is_some() {
        return None;
    }
    // A period that the author chose is kept to the day.
    let spread = if own.is_some() { 0 } else { spread(entry.note.path(), period / 6) };
    Some(last(entry)?.plus_days((period + spread) as i32))
}

/// A number of days below `most` that only the path decides.
fn spread(path: &str, most: u32) -> u32 {
    let Fingerprint(bytes) = Fingerprint::of_bytes(path.as_bytes());
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) % most.max(1)
}
