//! The loop as a path: a hypothesis is written, run, learned from, and what was learned is applied;
//! how many have come how far, and how many days each step took.

use std::collections::HashMap;

use super::reuse::Reuse;
use super::{Ground, Quarter, median, naming, text};
use crate::book::{Entry, NoteId};
use crate::config::Tone;
use crate::date::Date;

/// How far one experiment has come, with the day of each step that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// The experiment.
    pub note: NoteId,
    /// When its hypothesis was written down.
    pub written: Option<Date>,
    /// It ran, and from when on.
    pub run: (bool, Option<Date>),
    /// Something was learned from it, and when that was written down.
    pub learned: (bool, Option<Date>),
    /// What was learned was applied, and when first.
    pub applied: (bool, Option<Date>),
}

/// The whole path of a book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stages {
    /// One for each experiment with a hypothesis, newest first.
    pub paths: Vec<Path>,
    /// Median days from written to run, run to learned, learned to applied; none where nothing is known.
    pub days: [Option<i32>; 3],
}

impl Stages {
    /// How many were written, run, learned from, applied.
    pub fn counts(&self) -> [usize; 4] {
        let count = |reached: fn(&Path) -> bool| self.paths.iter().filter(|path| reached(path)).count();
        [self.paths.len(), count(|path| path.run.0), count(|path| path.learned.0), count(|path| path.applied.0)]
    }

    /// By the quarter in which the hypothesis was written, from the first to the last: the quarter,
    /// and how many of its hypotheses reached each stage.
    pub fn by_quarter(&self) -> Vec<(Quarter, [usize; 4])> {
        let mut dated: Vec<Quarter> = self.paths.iter().filter_map(|path| path.written.map(Quarter::of)).collect();
        dated.sort_unstable();
        let mut rows: Vec<(Quarter, [usize; 4])> =
            super::themes::by_quarter(&dated).into_iter().map(|(quarter, _)| (quarter, [0; 4])).collect();
        for path in &self.paths {
            let Some(row) = path.written.and_then(|date| rows.iter_mut().find(|row| row.0 == Quarter::of(date))) else {
                continue;
            };
            let reached = [true, path.run.0, path.learned.0, path.applied.0];
            row.1.iter_mut().zip(reached).for_each(|(count, reached)| *count += usize::from(reached));
        }
        rows
    }
}

/// Follows each experiment with a hypothesis.
pub fn follow(ground: Ground<'_>, reuse: &[Reuse]) -> Stages {
    let uses: HashMap<NoteId, &Reuse> = reuse.iter().map(|reuse| (reuse.note, reuse)).collect();
    let path = |(note, entry): (NoteId, &Entry)| {
        let front = &entry.note.front;
        let tone = ground.tone(entry, "status");
        let has_result = text(entry, "result").is_some();
        // What was learned from it: the notes that name it as evidence and can themselves be applied.
        let learnings: Vec<NoteId> =
            naming(entry, "evidence").filter(|from| ground.has_field(ground.entry(*from), "applied_in")).collect();
        let started = front.date("started").or(front.date("ended"));
        let run = started.is_some() || has_result || matches!(tone, Some(Tone::Live | Tone::Unsure | Tone::Good));
        let learned = learnings.iter().filter_map(|id| ground.entry(*id).date).min();
        let learned = learned.or(front.date("ended").filter(|_| has_result));
        let applied = learnings.iter().filter_map(|id| uses.get(id)).filter(|reuse| !reuse.is_unused());
        let used = |reuse: &&Reuse| reuse.uses.iter().filter_map(|id| ground.entry(*id).date).min();
        let first_use = applied.clone().filter_map(used).min();
        Path {
            note,
            written: entry.date.min(started).or(entry.date),
            run: (run, started),
            learned: (has_result || !learnings.is_empty(), learned),
            applied: (applied.count() > 0, first_use),
        }
    };
    let is_experiment = |entry: &Entry| ground.has_field(entry, "started") && text(entry, "hypothesis").is_some();
    let paths: Vec<Path> = ground.listed().filter(|(_, entry)| is_experiment(entry)).map(path).collect();
    let days = |from: fn(&Path) -> Option<Date>, to: fn(&Path) -> Option<Date>| {
        let between = paths.iter().filter_map(|path| Some((to(path)?.days() - from(path)?.days()).max(0)));
        median(between.collect())
    };
    let days = [
        days(|path| path.written, |path| path.run.1),
        days(|path| path.run.1, |path| path.learned.1),
        days(|path| path.learned.1, |path| path.applied.1),
    ];
    Stages { paths, days }
}
