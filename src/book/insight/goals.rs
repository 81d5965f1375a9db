//! What a team wants to know: objectives as questions, the learning goals of releases, open
//! questions in the text; and what answers them.
//!
//! A note answers by naming the asker under `answers`. `"[[inception#goal-2]]"` answers the second
//! learning goal, `"[[retro#question-who]]"` one question. A name without such a part answers the only
//! one that there is; of several, the one that shares most words with the answer.

use std::collections::HashMap;
use std::sync::Arc;

use super::claims::Index;
use super::{Ground, named, naming, text};
use crate::book::links::Resolved;
use crate::book::{Entry, NoteId};
use crate::config::Tone;
use crate::date::Date;
use crate::note::goal_anchor;

/// An objective as a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// Its note.
    pub note: NoteId,
    /// The question that it is a part of.
    pub parent: Option<NoteId>,
    /// Experiments that could answer it, from both sides' links, oldest first.
    pub experiments: Vec<NoteId>,
    /// Notes that answer it, oldest first.
    pub answers: Vec<NoteId>,
    /// It is neither answered nor dropped.
    pub open: bool,
}

/// A learning goal of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// The note that set it.
    pub note: NoteId,
    /// Its place among the note's goals, from 0.
    pub index: usize,
    /// Notes that answer it, oldest first.
    pub answers: Vec<NoteId>,
    /// The day on which the release was to be over.
    pub ends: Option<Date>,
}

impl Goal {
    /// The goal's own words.
    pub fn text<'b>(&self, notes: &'b [Arc<Entry>]) -> &'b str {
        let goals = notes[self.note.index()].note.front.list("learning_goals");
        goals.get(self.index).map_or("", |goal| &goal.text)
    }

    /// The release is over.
    pub fn is_due(&self, today: Date) -> bool {
        self.ends.is_some_and(|ends| ends < today)
    }
}

/// A question that stands in a note's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The note.
    pub note: NoteId,
    /// Its place among the note's questions.
    pub index: usize,
    /// Notes that answer it, oldest first; none while it is open.
    pub answers: Vec<NoteId>,
}

/// Objectives, the newest first, whatever state they are in.
pub fn objectives(ground: Ground<'_>) -> Vec<Objective> {
    let mut children: Vec<Objective> = ground
        .listed()
        .filter(|(_, entry)| ground.has_field(entry, "key_results"))
        .map(|(note, entry)| {
            let mut experiments: Vec<NoteId> = named(entry, "experiments").chain(naming(entry, "okr")).collect();
            let mut answers: Vec<NoteId> = naming(entry, "answers").collect();
            oldest_first(ground, &mut experiments);
            oldest_first(ground, &mut answers);
            let open = !matches!(ground.tone(entry, "status"), Some(Tone::Good | Tone::Old | Tone::Bad));
            Objective { note, parent: named(entry, "parent").next(), experiments, answers, open }
        })
        .collect();
    // A parent that is no objective, or itself, is none.
    let known: Vec<NoteId> = children.iter().map(|objective| objective.note).collect();
    for objective in &mut children {
        objective.parent = objective.parent.filter(|parent| *parent != objective.note && known.contains(parent));
    }
    children
}

/// Learning goals, the newest note's first.
pub fn learning_goals(ground: Ground<'_>) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (note, entry) in ground.listed() {
        let texts: Vec<&str> = entry.note.front.list("learning_goals").iter().map(|item| item.text.as_str()).collect();
        if texts.is_empty() {
            continue;
        }
        let anchors: Vec<String> = (1..=texts.len()).map(goal_anchor).collect();
        let answers = answers_by_part(ground, note, &texts, &anchors.iter().map(String::as_str).collect::<Vec<_>>());
        let ends = entry.note.front.date("ends");
        goals.extend(answers.into_iter().enumerate().map(|(index, answers)| Goal { note, index, answers, ends }));
    }
    goals
}

/// Questions in the text, the newest note's first.
pub fn questions(ground: Ground<'_>) -> Vec<Question> {
    let mut questions = Vec::new();
    for (note, entry) in ground.listed() {
        let asked = &entry.note.items.questions;
        if asked.is_empty() {
            continue;
        }
        let texts: Vec<&str> = asked.iter().map(|piece| &*piece.text).collect();
        let anchors: Vec<&str> = asked.iter().map(|piece| &*piece.anchor).collect();
        let answers = answers_by_part(ground, note, &texts, &anchors);
        questions.extend(answers.into_iter().enumerate().map(|(index, answers)| Question { note, index, answers }));
    }
    questions
}

/// For each part of a note that asks something, the notes that answer it.
fn answers_by_part(ground: Ground<'_>, asker: NoteId, texts: &[&str], anchors: &[&str]) -> Vec<Vec<NoteId>> {
    let mut answers: Vec<Vec<NoteId>> = vec![Vec::new(); texts.len()];
    let by_anchor: HashMap<&str, usize> = anchors.iter().enumerate().map(|(index, anchor)| (*anchor, index)).collect();
    let mut words: Option<Index> = None;
    for from in naming(ground.entry(asker), "answers") {
        let entry = ground.entry(from);
        for reference in entry.references.iter().filter(|reference| reference.key == "answers") {
            let Resolved::Note(to, anchor) = &reference.target else { continue };
            if *to != asker {
                continue;
            }
            let part = match anchor {
                Some(anchor) => by_anchor.get(&**anchor).copied(),
                None if texts.len() == 1 => Some(0),
                None => {
                    let index = words.get_or_insert_with(|| Index::new(texts.iter().copied()));
                    let says = [Some(entry.note.title.text.as_str()), text(entry, "hypothesis"), text(entry, "now")];
                    let says =
                        says.into_iter().flatten().chain([entry.note.summary.as_str()]).collect::<Vec<_>>().join(" ");
                    index.best(&says)
                }
            };
            if let Some(part) = part.filter(|part| !answers[*part].contains(&from)) {
                answers[part].push(from);
            }
        }
    }
    for answers in &mut answers {
        oldest_first(ground, answers);
    }
    answers
}

fn oldest_first(ground: Ground<'_>, notes: &mut Vec<NoteId>) {
    notes.sort_by_key(|id| (ground.entry(*id).date, *id));
    notes.dedup();
}
