//! The agenda of the next experiment review.

use super::{naming, text};
use crate::book::{Book, Entry, NoteId};
use crate::config::{Display, Tone};
use crate::date::Date;

/// Days in which what has ended is news, and what was learned is fresh.
const RECENT: i32 = 35;
const FRESH: i32 = 180;

/// What the next review is about.
#[derive(Debug, Default)]
pub struct Agenda {
    /// Experiments that ended lately, or whose result nobody has told yet.
    pub ended: Vec<NoteId>,
    /// Experiments that run beyond their day.
    pub late: Vec<NoteId>,
    /// Ideas that were parked until now.
    pub due: Vec<NoteId>,
    /// Learnings of the last months that nothing has used.
    pub unapplied: Vec<NoteId>,
}

/// Three prompts for the review: the question for each part of it.
pub const PROMPTS: [&str; 3] = [
    "What surprised us in what ended?",
    "What would have to be true for us to change our minds about what runs?",
    "Which decision of the next weeks stands on something that we only believe?",
];

/// The agenda of the next experiment review.
pub fn of(book: &Book) -> Agenda {
    let mut agenda = Agenda::default();
    let since = |date: Date| book.today.days() - date.days();
    let boards: Vec<&str> = book
        .config
        .kinds
        .iter()
        .filter(|kind| kind.shows.contains(&Display::Board))
        .map(|kind| kind.name.as_str())
        .collect();
    for (id, entry) in book.listed().filter(|(_, entry)| boards.contains(&entry.note.kind.as_str())) {
        let front = &entry.note.front;
        let tone = text(entry, "status")
            .and_then(|written| book.config.choice(&entry.note.kind, "status", written))
            .map(|choice| choice.tone);
        let untold = |entry: &Entry| text(entry, "result").is_none() && naming(entry, "evidence").next().is_none();
        let ended = front.date("ended");
        if ended.is_some_and(|ended| (0..=RECENT).contains(&since(ended)))
            || tone == Some(Tone::Unsure) && untold(entry)
        {
            agenda.ended.push(id);
        } else if tone == Some(Tone::Live) && front.date("ends").is_some_and(|ends| ends < book.today) {
            agenda.late.push(id);
        } else if front.date("revisit").is_some_and(|revisit| revisit <= book.today)
            && matches!(tone, Some(Tone::Old | Tone::Idle))
        {
            agenda.due.push(id);
        }
    }
    let lately = |id: &NoteId| book.entry(*id).date.is_some_and(|date| since(date) <= FRESH);
    agenda.unapplied =
        book.insights.reuse.iter().filter(|reuse| reuse.is_unused()).map(|reuse| reuse.note).filter(lately).collect();
    agenda
}
