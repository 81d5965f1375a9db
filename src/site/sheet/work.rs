//! What is to be done: what nothing has used yet, what nobody has looked at, the next review.

use super::Item;
use super::found::listed;
use super::view::{Line, Section};
use crate::book::insight::{naming, text};
use crate::book::{Book, Entry, NoteId};
use crate::config::{Display, Tone};
use crate::date::Date;
use crate::path::Route;
use crate::site::pages::Views;
use crate::site::view::Ref;

/// Lines of one item of the agenda. An hour has no room for more.
const MOST: usize = 8;
/// Days in which what has ended is news.
const RECENT: i32 = 35;

/// Learnings that nothing has used, the oldest first.
pub(super) fn unapplied(book: &Book) -> Vec<Item> {
    let unused = |(_, reuse): &(usize, &crate::book::insight::reuse::Reuse)| reuse.is_unused();
    let mut items: Vec<Item> =
        book.insights.reuse.iter().enumerate().filter(unused).map(|(index, _)| Item::Unapplied(index as u32)).collect();
    items.reverse();
    items
}

/// Notes that are overdue for review, the one that is due the longest first.
pub(super) fn overdue(book: &Book) -> Vec<Item> {
    let reviews = book.insights.reviews.iter().enumerate();
    reviews.filter(|(_, review)| review.overdue > 0).map(|(index, _)| Item::Review(index as u32)).collect()
}

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
pub fn agenda(book: &Book) -> Agenda {
    let mut agenda = Agenda::default();
    let since = |date: Date| book.today.days() - date.days();
    let boards: Vec<&str> = book
        .config
        .kinds
        .iter()
        .filter(|kind| kind.shows.contains(&Display::Board))
        .map(|kind| kind.name.as_str())
        .collect();
    for (id, entry) in listed(book).filter(|(_, entry)| boards.contains(&entry.note.kind.as_str())) {
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
    let lately = |id: &NoteId| book.entry(*id).date.is_some_and(|date| since(date) <= 180);
    agenda.unapplied =
        book.insights.reuse.iter().filter(|reuse| reuse.is_unused()).map(|reuse| reuse.note).filter(lately).collect();
    agenda
}

/// There is something on the agenda.
pub(super) fn has_agenda(book: &Book) -> bool {
    let agenda = agenda(book);
    !(agenda.ended.is_empty() && agenda.late.is_empty() && agenda.due.is_empty() && agenda.unapplied.is_empty())
}

impl<'b> Views<'b> {
    /// The agenda as sections.
    pub(super) fn agenda(&self, route: &Route) -> Vec<Section<'b>> {
        let Agenda { ended, late, due, unapplied } = agenda(self.book);
        let line = |id: &NoteId| {
            let entry = self.book.entry(*id);
            let front = &entry.note.front;
            let day = |key: &str, word: &str| front.date(key).map(|date| format!("{word} {}", date.long()));
            let mut facts: Vec<String> = Vec::new();
            facts.extend(day("ended", "ended").or_else(|| day("ends", "to end")));
            facts.extend(day("revisit", "parked until"));
            let believed = text(entry, "hypothesis").unwrap_or("").into();
            let stamp = self.stamp(entry, "result").or_else(|| self.stamp(entry, "status"));
            Line { look: "refuted", believed, stamp, facts, ..self.of_note(route, *id) }
        };
        let section = |id: &str, title: &'static str, lead: &'static str, notes: &[NoteId]| Section {
            id: id.into(),
            title: title.into(),
            lead: lead.into(),
            lines: notes.iter().take(MOST).map(line).collect(),
            ..Section::default()
        };
        let mut last = section("unapplied", "Learned, and not applied yet", PROMPTS[2], &unapplied);
        if unapplied.len() > MOST {
            last.more = Some(Ref {
                label: "All that is not applied",
                href: super::Sheet::Unapplied.route().relative_to(route),
            });
        }
        vec![
            section("ended", "Ended", PROMPTS[0], &ended),
            section("late", "Running beyond its day", PROMPTS[1], &late),
            section("due", "Parked until now", "Is the reason for parking it still one?", &due),
            last,
        ]
    }
}
