//! What was made of a learning: where it was applied, by whom, and after how many days.
//!
//! A note is applied where it says so (`applied_in`) and where a note of another kind names it as
//! evidence. It does not count how much was written, only what was used.

use super::{Ground, named, naming, text};
use crate::book::links::Resolved;
use crate::book::{Entry, NoteId};

/// A learning and its uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reuse {
    /// The learning.
    pub note: NoteId,
    /// The notes that use it, oldest first.
    pub uses: Vec<NoteId>,
    /// Places out of the book, as written.
    pub elsewhere: usize,
    /// Days from the learning to its first use, where both have a date; never negative.
    pub days: Option<i32>,
}

impl Reuse {
    /// Nothing has used it.
    pub fn is_unused(&self) -> bool {
        self.uses.is_empty() && self.elsewhere == 0
    }
}

/// The uses of every note whose kind can be applied, newest note first. Notes that use none of the
/// keys of a learning (as a folder of tips has them) are left out: nobody meant to apply them.
pub fn gather(ground: Ground<'_>) -> Vec<Reuse> {
    let applies = |entry: &Entry| ground.has_field(entry, "applied_in") && is_structured(entry);
    let reuse = |(id, entry): (NoteId, &Entry)| {
        let by_evidence = naming(entry, "evidence").filter(|from| ground.entry(*from).note.kind != entry.note.kind);
        let mut uses: Vec<NoteId> =
            named(entry, "applied_in").chain(by_evidence).filter(|other| *other != id).collect();
        uses.sort_by_key(|id| (ground.entry(*id).date, *id));
        uses.dedup();
        // Both ways of saying it may name one note.
        let mut seen: Vec<NoteId> = Vec::with_capacity(uses.len());
        uses.retain(|id| {
            !seen.contains(id) && {
                seen.push(*id);
                true
            }
        });
        let out = |target: &Resolved| matches!(target, Resolved::External(_) | Resolved::Typed | Resolved::Page(..));
        let elsewhere =
            entry.references.iter().filter(|reference| reference.key == "applied_in" && out(&reference.target)).count();
        let first = uses.iter().filter_map(|id| ground.entry(*id).date).min();
        let days = entry.date.zip(first).map(|(learned, used)| (used.days() - learned.days()).max(0));
        Reuse { note: id, uses, elsewhere, days }
    };
    ground.listed().filter(|(_, entry)| applies(entry)).map(reuse).collect()
}

/// The note uses one of the keys that make a learning of a text.
pub fn is_structured(entry: &Entry) -> bool {
    ["hypothesis", "result", "surprise", "believed", "now"].iter().any(|key| text(entry, key).is_some())
        || ["evidence", "applied_in", "answers", "contradicts"]
            .iter()
            .any(|key| entry.references.iter().any(|reference| reference.key == *key))
        || !entry.note.items.learnings.is_empty()
}
