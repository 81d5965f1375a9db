//! What is left to do: one entry for each action, however often it was carried over.
//!
//! An action that stands in several notes of a team with the same words is one action: the latest
//! note says whether it is done, the earliest since when it is known.

use std::collections::HashMap;
use std::sync::Arc;

use super::Ground;
use crate::book::NoteId;
use crate::date::Date;
use crate::note::items::{Action, State};

/// An action and what the other notes know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// The latest note that has it.
    pub note: NoteId,
    /// Its index among that note's actions.
    pub index: usize,
    /// The people who do it, where the book knows them: index into its people.
    pub owners: Vec<Option<usize>>,
    /// The team whose note it stands in; index into the book's teams.
    pub team: Option<usize>,
    /// The day of the first note that has it.
    pub since: Option<Date>,
    /// The notes that it was carried through, oldest first, without the latest.
    pub carried: Vec<NoteId>,
    /// Days beyond its day; 0 where it is not late, done, or has no day.
    pub late: i32,
}

impl Tracked {
    /// The action as its latest note has it.
    pub fn action<'b>(&self, notes: &'b [Arc<crate::book::Entry>]) -> &'b Action {
        &notes[self.note.index()].note.items.actions[self.index]
    }
}

/// All actions: those that are open first, the most urgent in front (late ones, then those with a
/// day, then those without, the oldest first); then the others, the newest first.
pub fn track(ground: Ground<'_>) -> Vec<Tracked> {
    // Who has no team shares a folder.
    type Key<'b> = (Result<usize, usize>, &'b str, usize);
    let mut places: HashMap<Key<'_>, Vec<(NoteId, usize)>> = HashMap::new();
    let mut order: Vec<Key<'_>> = Vec::new();
    for (id, entry) in ground.notes.iter().enumerate().map(|(at, entry)| (NoteId::new(at), entry)) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (index, action) in entry.note.items.actions.iter().enumerate() {
            // The second of two equal lines in one note is another action.
            let nth = seen.entry(&action.identity).or_insert(0);
            let key: Key<'_> = (entry.team.ok_or(entry.section), &action.identity, *nth);
            *nth += 1;
            let found = places.entry(key).or_default();
            if found.is_empty() {
                order.push(key);
            }
            found.push((id, index));
        }
    }
    let date = |id: NoteId| ground.entry(id).date;
    let mut tracked: Vec<Tracked> = order
        .iter()
        .filter_map(|key| {
            let mut found = places.remove(key)?;
            found.sort_by_key(|(id, _)| (date(*id), *id));
            let (note, index) = found.pop()?;
            let action = &ground.entry(note).note.items.actions[index];
            let is_open = action.state == State::Open;
            let late = action.due.filter(|due| is_open && *due < ground.today);
            Some(Tracked {
                note,
                index,
                owners: action.owners.iter().map(|name| ground.called(name)).collect(),
                team: ground.entry(note).team,
                since: found.first().map_or(date(note), |(first, _)| date(*first)),
                late: late.map_or(0, |due| ground.today.days() - due.days()),
                carried: found.into_iter().map(|(id, _)| id).collect(),
            })
        })
        .collect();
    tracked.sort_by_cached_key(|tracked| {
        let action = tracked.action(ground.notes);
        let day = |date: Option<Date>| date.map_or(i32::MAX, Date::days);
        match action.state {
            State::Open => (0, day(action.due), day(tracked.since), tracked.note, tracked.index),
            _ => {
                let ended = action.done.or(action.due).or(ground.entry(tracked.note).date);
                (1, -ended.map_or(i32::MIN + 1, Date::days), 0, tracked.note, tracked.index)
            }
        }
    });
    tracked
}
