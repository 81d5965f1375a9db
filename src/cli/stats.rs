//! `stats`: what a book holds, and how the loop turns. Nothing is counted by person.

use std::collections::BTreeMap;

use serde::Serialize;

use super::place::{open, print};
use super::{DataFormat, End};
use crate::book::Book;
use crate::disk::Root;
use crate::note::items::State;
use crate::site::pages::count;
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(default_value = ".", value_name = "ROOT")]
    pub(super) root: std::path::PathBuf,
}

#[derive(Debug, Serialize)]
struct Stats<'b> {
    notes: usize,
    words: usize,
    kinds: BTreeMap<&'b str, usize>,
    teams: usize,
    tags: usize,
    tickets: usize,
    /// Hypotheses by what came out; `open` for those that are.
    hypotheses: BTreeMap<&'b str, usize>,
    surprises: usize,
    questions_open: usize,
    goals_open: usize,
    actions_open: usize,
    actions_late: usize,
    learnings_unapplied: usize,
    reviews_overdue: usize,
    /// Hypotheses that were written, run, learned from, applied.
    stages: [usize; 4],
    /// Median days between those.
    days: [Option<i32>; 3],
}

/// `fieldbook stats`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let site = match open(terminal, root, false) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let book: &Book = &site.book;
    let insights = &book.insights;
    let mut hypotheses: BTreeMap<&str, usize> = BTreeMap::new();
    for claim in &insights.claims {
        *hypotheses.entry(claim.result.as_ref().map_or("open", |(name, _)| name)).or_insert(0) += 1;
    }
    let kinds = book.config.kinds.iter().zip(book.by_kind.iter()).filter(|(_, notes)| !notes.is_empty());
    let own = |entry: &crate::book::Entry| usize::from(entry.note.front.text("surprise").is_some());
    let stats = Stats {
        notes: book.listed().count(),
        words: book.notes.iter().map(|entry| entry.note.words).sum(),
        kinds: kinds.map(|(kind, notes)| (kind.name.as_str(), notes.len())).collect(),
        teams: book.teams.len(),
        tags: book.tags.len(),
        tickets: book.tickets.len(),
        hypotheses,
        surprises: book.listed().map(|(_, entry)| entry.note.items.surprises.len() + own(entry)).sum(),
        questions_open: insights.questions.iter().filter(|question| question.answers.is_empty()).count(),
        goals_open: insights.goals.iter().filter(|goal| goal.answers.is_empty()).count(),
        actions_open: insights.actions.iter().filter(|one| one.action(&book.notes).state == State::Open).count(),
        actions_late: insights.actions.iter().filter(|one| one.late > 0).count(),
        learnings_unapplied: insights.reuse.iter().filter(|reuse| reuse.is_unused()).count(),
        reviews_overdue: insights.reviews.iter().filter(|review| review.overdue > 0).count(),
        stages: insights.stages.counts(),
        days: insights.stages.days,
    };
    print(terminal, arguments.format, &stats, &stats.text())
}

impl Stats<'_> {
    fn text(&self) -> String {
        let list = |counts: &BTreeMap<&str, usize>| {
            counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
        };
        let days = |at: usize| {
            self.days[at].map_or(String::new(), |days| format!(" (median {})", count(days as usize, "day", "days")))
        };
        let rows = [
            ("notes", format!("{} with {} words", self.notes, self.words)),
            ("kinds", list(&self.kinds)),
            ("teams", self.teams.to_string()),
            ("tags, tickets", format!("{}, {}", self.tags, self.tickets)),
            ("hypotheses", list(&self.hypotheses)),
            ("surprises", self.surprises.to_string()),
            (
                "open",
                format!(
                    "{}, {}, {} ({} late)",
                    count(self.questions_open, "question", "questions"),
                    count(self.goals_open, "learning goal", "learning goals"),
                    count(self.actions_open, "action", "actions"),
                    self.actions_late
                ),
            ),
            ("not applied", count(self.learnings_unapplied, "learning", "learnings")),
            ("to be reviewed", count(self.reviews_overdue, "note", "notes")),
            (
                "the loop",
                format!(
                    "{} written, {} run{}, {} learned{}, {} applied{}",
                    self.stages[0],
                    self.stages[1],
                    days(0),
                    self.stages[2],
                    days(1),
                    self.stages[3],
                    days(2)
                ),
            ),
        ];
        rows.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name:<16}{value}\n")).collect()
    }
}
