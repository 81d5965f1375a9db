//! The learning loop: what the notes of a team, taken together, say about what it learns.
//!
//! [`Insights::derive`] is a function of the assembled notes: pure, total, linear in the book. Each
//! module answers one question and knows nothing of the others' answers but what it is given.
//!
//! - [`actions`]: what is left to do, how late it is, and what was carried from retro to retro
//! - [`claims`]: every hypothesis with its result, and those that were asked before
//! - [`evidence`]: what speaks for and against a note, and how ripe it is; [`reuse`]: what was made of it
//! - [`goals`]: questions, learning goals, and their answers
//! - [`reviews`]: what nobody has looked at for too long
//! - [`themes`]: what comes back in the retros; [`causes`]: what moves what, and where that closes a loop
//! - [`stages`]: from hypothesis to applied, with the days between
//! - [`checks`]: the advice that follows from all of it

use std::collections::HashMap;
use std::sync::Arc;

use super::links::Resolved;
use super::terms::Terms;
use super::{Entry, NoteId};
use crate::config::{Config, Tone};
use crate::date::Date;
use crate::text::fold;

pub mod actions;
pub mod causes;
pub mod checks;
pub mod claims;
pub mod evidence;
pub mod goals;
pub mod reuse;
pub mod reviews;
pub mod stages;
pub mod themes;

/// All that is derived.
#[derive(Debug, Default)]
pub struct Insights {
    /// Every action, those that are left to do first.
    pub actions: Vec<actions::Tracked>,
    /// Every hypothesis, the newest first.
    pub claims: Vec<claims::Claim>,
    /// For each note of the book what speaks for it, where its kind has results or decides.
    pub evidence: HashMap<NoteId, evidence::Evidence>,
    /// For each note that can be applied, where it was; the newest first.
    pub reuse: Vec<reuse::Reuse>,
    /// Questions that are objectives, in the order of their kind.
    pub objectives: Vec<goals::Objective>,
    /// What releases were to teach, the newest first.
    pub goals: Vec<goals::Goal>,
    /// Open questions in the text, the newest first.
    pub questions: Vec<goals::Question>,
    /// When each note is to be looked at again, the most urgent first.
    pub reviews: Vec<reviews::Review>,
    /// What retros were about, the most frequent first.
    pub themes: Vec<themes::Theme>,
    /// What moves what.
    pub causes: causes::Causes,
    /// From hypothesis to applied.
    pub stages: stages::Stages,
}

/// What insights are derived from: the notes with their links resolved, and the terms.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'b> {
    /// What book.toml says.
    pub config: &'b Config,
    /// The published notes.
    pub notes: &'b [Arc<Entry>],
    /// All notes with a date, newest first, then the others.
    pub newest: &'b [NoteId],
    /// People.
    pub people: &'b Terms,
    /// Teams.
    pub teams: &'b Terms,
    /// The day of the build.
    pub today: Date,
}

impl<'b> Ground<'b> {
    /// The entry of a note.
    pub fn entry(&self, id: NoteId) -> &'b Entry {
        &self.notes[id.index()]
    }

    /// The notes that may be listed, newest first: a folder's page tells of others.
    pub fn listed(&self) -> impl Iterator<Item = (NoteId, &'b Entry)> + '_ {
        let listed = self.newest.iter().map(|id| (*id, self.entry(*id)));
        listed.filter(|(_, entry)| super::sections::page_rank(entry.note.source.path.name()).is_none())
    }

    /// The note's kind lists a key among its fields.
    pub fn has_field(&self, entry: &Entry, key: &str) -> bool {
        let kind = self.config.kinds.by_name(&entry.note.kind);
        kind.is_some_and(|kind| kind.fields.iter().any(|field| field == key))
    }

    /// How a note's key of choices looks: `status` or `result`.
    pub fn tone(&self, entry: &Entry, key: &str) -> Option<Tone> {
        let written = entry.note.front.text(key)?;
        self.config.choice(&entry.note.kind, key, written).map(|choice| choice.tone)
    }
}

impl Insights {
    /// Derives all of it.
    pub fn derive(ground: Ground<'_>) -> Insights {
        let claims = claims::gather(ground);
        let reuse = reuse::gather(ground);
        Insights {
            actions: actions::track(ground),
            evidence: evidence::weigh(ground, &reuse),
            objectives: goals::objectives(ground),
            goals: goals::learning_goals(ground),
            questions: goals::questions(ground),
            reviews: reviews::due(ground),
            themes: themes::gather(ground),
            causes: causes::draw(ground),
            stages: stages::follow(ground, &reuse),
            claims,
            reuse,
        }
    }
}

/// The notes of the book that an entry names under a key, each once, in its order.
pub fn named<'b>(entry: &'b Entry, key: &str) -> impl Iterator<Item = NoteId> + use<'b> {
    let mut seen: Vec<NoteId> = Vec::new();
    for reference in entry.references.iter().filter(|reference| reference.key == key) {
        if let Resolved::Note(id, _) = reference.target
            && !seen.contains(&id)
        {
            seen.push(id);
        }
    }
    seen.into_iter()
}

/// The notes that name an entry under a key.
pub fn naming<'b>(entry: &'b Entry, key: &'b str) -> impl Iterator<Item = NoteId> + 'b {
    entry.backlinks.iter().filter(move |backlink| backlink.key == key).map(|backlink| backlink.from)
}

/// A key's text, if it says anything.
pub fn text<'b>(entry: &'b Entry, key: &str) -> Option<&'b str> {
    entry.note.front.text(key).map(str::trim).filter(|text| !text.is_empty())
}

/// Whom a name in a text means: found once for all names of a book.
#[derive(Debug)]
pub struct People<'b> {
    config: &'b Config,
    terms: &'b Terms,
    /// Folded first names, with the person where only one has it.
    first: HashMap<String, Option<usize>>,
}

impl<'b> People<'b> {
    /// Of a book's people.
    pub fn new(config: &'b Config, terms: &'b Terms) -> Self {
        let mut first: HashMap<String, Option<usize>> = HashMap::new();
        for (index, person) in terms.iter().enumerate() {
            let name = fold(&person.label).split(' ').next().unwrap_or("").to_owned();
            first.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
        }
        People { config, terms, first }
    }

    /// The person whom a name means: a short one of `[people]`, the full name, or the first name
    /// where only one person has it.
    pub fn called(&self, name: &str) -> Option<usize> {
        self.terms.find(self.config.person(name)).or_else(|| self.first.get(&fold(name)).copied().flatten())
    }
}

/// A quarter of a year; orders by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    /// The year.
    pub year: i16,
    /// 1 to 4.
    pub number: i8,
}

impl Quarter {
    /// The quarter of a day.
    pub fn of(date: Date) -> Self {
        Quarter { year: date.year(), number: (date.month() - 1) / 3 + 1 }
    }

    /// The quarter after this one.
    pub fn next(self) -> Self {
        match self.number {
            4 => Quarter { year: self.year + 1, number: 1 },
            number => Quarter { year: self.year, number: number + 1 },
        }
    }

    /// The same quarter a year later.
    pub fn next_year(self) -> Self {
        Quarter { year: self.year + 1, ..self }
    }

    /// Quarters from this one to a later one.
    pub fn until(self, later: Quarter) -> i32 {
        (i32::from(later.year) - i32::from(self.year)) * 4 + i32::from(later.number) - i32::from(self.number)
    }

    /// `2026 Q1`
    pub fn label(self) -> String {
        format!("{} Q{}", self.year, self.number)
    }
}

/// The middle of some numbers; of two in the middle the lower one.
pub fn median(mut numbers: Vec<i32>) -> Option<i32> {
    if numbers.is_empty() {
        return None;
    }
    numbers.sort_unstable();
    Some(numbers[(numbers.len() - 1) / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_follow_one_another() {
        let of = |month, day| Quarter::of(Date::new(2026, month, day).unwrap());
        assert_eq!((of(3, 31).label(), of(4, 1).label()), ("2026 Q1".into(), "2026 Q2".into()));
        assert_eq!((of(12, 1).next().label(), of(1, 1).until(of(12, 1).next())), ("2027 Q1".into(), 4));
        assert_eq!((median(vec![]), median(vec![5, 1]), median(vec![3, 9, 1])), (None, Some(1), Some(3)));
    }
}
