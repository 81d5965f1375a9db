//! What speaks for a note and against it, and how ripe that makes it.
//!
//! | ripeness | when |
//! |---|---|
//! | contested | a newer note contradicts it, and nobody has looked at it since |
//! | evergreen | two things speak for it (or another team saw the same), it was applied, and it is not overdue for review |
//! | growing | something speaks for it, or it was applied |
//! | seedling | nothing of that yet |

use std::collections::HashMap;

use super::reuse::{Reuse, is_structured};
use super::{Ground, named, naming};
use crate::book::links::Resolved;
use crate::book::{Entry, NoteId};
use crate::date::Date;

/// How ripe a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maturity {
    /// Nothing speaks for it yet.
    Seedling,
    /// Something does.
    Growing,
    /// Several things do, and it is in use.
    Evergreen,
    /// Something newer speaks against it.
    Contested,
}

impl Maturity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Maturity::Seedling => "seedling",
            Maturity::Growing => "growing",
            Maturity::Evergreen => "evergreen",
            Maturity::Contested => "contested",
        }
    }

    /// How the word looks.
    pub fn tone(self) -> &'static str {
        match self {
            Maturity::Seedling => "idle",
            Maturity::Growing => "live",
            Maturity::Evergreen => "good",
            Maturity::Contested => "unsure",
        }
    }
}

/// What speaks for a note and against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Notes that it names as evidence.
    pub supporting: Vec<NoteId>,
    /// Evidence out of the book.
    pub elsewhere: usize,
    /// Teams that saw the same, as written.
    pub confirmed_by: Vec<String>,
    /// Notes that contradict it.
    pub against: Vec<NoteId>,
    /// How ripe it is.
    pub maturity: Maturity,
    /// Why, in a sentence.
    pub reason: String,
}

/// Weighs every note whose kind can have evidence and that uses the keys for it.
pub fn weigh(ground: Ground<'_>, reuse: &[Reuse]) -> HashMap<NoteId, Evidence> {
    let uses: HashMap<NoteId, &Reuse> = reuse.iter().map(|reuse| (reuse.note, reuse)).collect();
    let weighed = |entry: &Entry| ground.has_field(entry, "evidence") && is_structured(entry);
    let one = |(id, entry): (NoteId, &Entry)| {
        let front = &entry.note.front;
        let supporting: Vec<NoteId> = named(entry, "evidence").collect();
        let out = |target: &Resolved| matches!(target, Resolved::External(_) | Resolved::Asset(_) | Resolved::Typed);
        let elsewhere =
            entry.references.iter().filter(|reference| reference.key == "evidence" && out(&reference.target)).count();
        let confirmed_by: Vec<String> = front.list("confirmed_by").iter().map(|item| item.text.clone()).collect();
        let mut against: Vec<NoteId> = naming(entry, "contradicts").collect();
        against.sort_unstable();
        let used = uses.get(&id).map_or(0, |reuse| reuse.uses.len() + reuse.elsewhere);
        let looked_at = front.date("reviewed");
        let newest_against = against.iter().filter_map(|id| ground.entry(*id).date).max();
        let is_settled = looked_at.zip(newest_against).is_some_and(|(looked_at, against)| looked_at >= against);
        let overdue = super::reviews::due_on(ground, entry).is_some_and(|due| due < ground.today);
        let strong = supporting.len() + elsewhere >= 2 || !confirmed_by.is_empty();
        let maturity = match (supporting.len() + elsewhere + confirmed_by.len(), used) {
            _ if !against.is_empty() && !is_settled => Maturity::Contested,
            (_, 1..) if strong && !overdue => Maturity::Evergreen,
            (0, 0) => Maturity::Seedling,
            _ => Maturity::Growing,
        };
        let reason = reason(supporting.len() + elsewhere, &confirmed_by, against.len(), used, looked_at, overdue);
        (id, Evidence { supporting, elsewhere, confirmed_by, against, maturity, reason })
    };
    ground.listed().filter(|(_, entry)| weighed(entry)).map(one).collect()
}

fn reason(
    supporting: usize,
    confirmed_by: &[String],
    against: usize,
    used: usize,
    looked_at: Option<Date>,
    overdue: bool,
) -> String {
    let count = |n: usize, one: &str, many: &str| match n {
        1 => format!("one {one}"),
        n => format!("{n} {many}"),
    };
    let mut parts = Vec::new();
    match supporting {
        0 => parts.push("no evidence is named".to_owned()),
        n => parts.push(format!("{} for it", count(n, "piece of evidence", "pieces of evidence"))),
    }
    if !confirmed_by.is_empty() {
        parts.push(format!("confirmed by {}", confirmed_by.join(", ")));
    }
    if against > 0 {
        parts.push(format!(
            "{} it",
            if against == 1 { "one note contradicts".into() } else { format!("{against} notes contradict") }
        ));
    }
    parts.push(match used {
        0 => "not applied yet".to_owned(),
        n => format!("applied in {}", count(n, "place", "places")),
    });
    if let Some(day) = looked_at {
        parts.push(format!("looked at on {}", day.long()));
    }
    if overdue {
        parts.push("overdue for review".to_owned());
    }
    parts.join("; ")
}
