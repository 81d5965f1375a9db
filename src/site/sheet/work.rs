//! What is to be done: what nothing has used yet, what nobody has looked at, the next review.

use super::Item;
use super::view::{Line, Section};
use crate::book::insight::agenda::{self, Agenda, PROMPTS};
use crate::book::insight::text;
use crate::book::{Book, NoteId};
use crate::path::Route;
use crate::site::pages::Views;
use crate::site::view::Ref;

/// Lines of one item of the agenda. An hour has no room for more.
const MOST: usize = 8;

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

/// There is something on the agenda.
pub(super) fn has_agenda(book: &Book) -> bool {
    let Agenda { ended, late, due, unapplied } = agenda::of(book);
    !(ended.is_empty() && late.is_empty() && due.is_empty() && unapplied.is_empty())
}

impl<'b> Views<'b> {
    /// The agenda as sections.
    pub(super) fn agenda(&self, route: &Route) -> Vec<Section<'b>> {
        let Agenda { ended, late, due, unapplied } = agenda::of(self.book);
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
