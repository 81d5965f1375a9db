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
//! - [`stages`]: from hypothesis to applied, with the days between; [`agenda`]: the next review
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
pub mod agenda;
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
    /// Where to find what is one note's or one person's.
    pub places: Places,
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
    /// People by first name, where it is enough.
    pub first_names: &'b HashMap<String, Option<usize>>,
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

    /// The person whom a name means; index into the book's people.
    pub fn called(&self, name: &str) -> Option<usize> {
        person(self.config, self.people, self.first_names, name)
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
        let mut insights = Insights {
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
            places: Places::default(),
        };
        insights.places = Places::find(ground, &insights);
        insights
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

/// Where a note's and a person's parts stand in the lists of [`Insights`], each in the list's order.
#[derive(Debug, Default)]
pub struct Places {
    /// Hypotheses of a note.
    pub claims: HashMap<NoteId, Vec<usize>>,
    /// Uses of a note.
    pub reuse: HashMap<NoteId, usize>,
    /// Learning goals of a note.
    pub goals: HashMap<NoteId, Vec<usize>>,
    /// Questions of a note.
    pub questions: HashMap<NoteId, Vec<usize>>,
    /// Actions whose latest note this is.
    pub actions: HashMap<NoteId, Vec<usize>>,
    /// The review of a note.
    pub reviews: HashMap<NoteId, usize>,
    /// Actions that a person owns; by index into the book's people.
    pub owned: HashMap<usize, Vec<usize>>,
    /// Thanks to a person, newest first: the note and the index among its thanks.
    pub thanked: HashMap<usize, Vec<(NoteId, usize)>>,
}

impl Places {
    fn find(ground: Ground<'_>, insights: &Insights) -> Places {
        let mut places = Places::default();
        for (at, claim) in insights.claims.iter().enumerate() {
            places.claims.entry(claim.note).or_default().push(at);
        }
        for (at, goal) in insights.goals.iter().enumerate() {
            places.goals.entry(goal.note).or_default().push(at);
        }
        for (at, question) in insights.questions.iter().enumerate() {
            places.questions.entry(question.note).or_default().push(at);
        }
        for (at, tracked) in insights.actions.iter().enumerate() {
            places.actions.entry(tracked.note).or_default().push(at);
            for person in tracked.owners.iter().flatten() {
                places.owned.entry(*person).or_default().push(at);
            }
        }
        places.reuse.extend(insights.reuse.iter().enumerate().map(|(at, reuse)| (reuse.note, at)));
        places.reviews.extend(insights.reviews.iter().enumerate().map(|(at, review)| (review.note, at)));
        for (id, entry) in ground.listed() {
            for (at, thanks) in entry.note.items.thanks.iter().enumerate() {
                for person in thanks.to.iter().filter_map(|name| ground.called(name)) {
                    let of = places.thanked.entry(person).or_default();
                    if of.last() != Some(&(id, at)) {
                        of.push((id, at));
                    }
                }
            }
        }
        places
    }
}

/// The person whom a name means: a short one of `[people]`, the full name, or the first name where
/// only one person has it.
pub fn person(config: &Config, people: &Terms, first: &HashMap<String, Option<usize>>, name: &str) -> Option<usize> {
    people.find(config.person(name)).or_else(|| first.get(&fold(name)).copied().flatten())
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
