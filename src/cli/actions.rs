//! `actions`: what is left to do.

use serde::Serialize;

use super::place::{Place, open, print};
use super::{DataFormat, End};
use crate::book::Book;
use crate::book::insight::actions::Tracked;
use crate::disk::Root;
use crate::note::items::State;
use crate::terminal::Terminal;
use crate::text::fold;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only those of this person: the full name, the first name where one person has it, or as it is written
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only those of this team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// Only those beyond their day
    #[arg(long)]
    late: bool,
    /// Those that are done, too
    #[arg(long)]
    all: bool,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

/// An action as data.
#[derive(Debug, Serialize)]
pub struct Row<'b> {
    /// What is to be done.
    pub text: &'b str,
    /// `open`, `done` or `dropped`.
    pub state: State,
    /// Who does it: full names where the book knows them.
    pub owners: Vec<&'b str>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Days beyond that.
    #[serde(skip_serializing_if = "is_zero")]
    pub days_late: i32,
    /// Since when it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How often it was carried over.
    #[serde(skip_serializing_if = "nothing")]
    pub carried_over: usize,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place<'b>,
}

fn is_zero(n: &i32) -> bool {
    *n == 0
}

fn nothing(n: &usize) -> bool {
    *n == 0
}

impl<'b> Row<'b> {
    /// Of an action of the book.
    pub fn new(book: &'b Book, tracked: &'b Tracked) -> Self {
        let action = tracked.action(&book.notes);
        let name = |(written, person): (&'b str, &Option<usize>)| -> &'b str {
            person.map_or(written, |person| &book.people.get(person).label)
        };
        Row {
            text: &action.text,
            state: action.state,
            owners: action.owners.iter().map(|written| &**written).zip(&tracked.owners).map(name).collect(),
            due: action.due.map(|due| due.to_string()),
            days_late: tracked.late,
            since: tracked.since.map(|since| since.to_string()),
            carried_over: tracked.carried.len(),
            place: Place::item(book, tracked.note, action.span, &action.anchor),
        }
    }

    /// As a line of Markdown.
    pub fn line(&self) -> String {
        let tick = if self.state == State::Open { " " } else { "x" };
        let mut facts: Vec<String> = Vec::new();
        match (self.owners.is_empty(), self.state) {
            (false, _) => facts.push(self.owners.join(", ")),
            (true, State::Open) => facts.push("nobody owns it".into()),
            _ => {}
        }
        match (&self.due, self.days_late) {
            (Some(due), 0) => facts.push(format!("due {due}")),
            (Some(due), days) => {
                facts.push(format!("was due {due}, {} ago", crate::site::pages::count(days as usize, "day", "days")))
            }
            _ => {}
        }
        match self.carried_over {
            0 => {}
            1 => facts.push("carried over once".into()),
            n => facts.push(format!("carried over {n} times")),
        }
        if self.state == State::Dropped {
            facts.push("dropped".into());
        }
        format!("- [{tick}] {} ({})", self.text, facts.join("; "))
    }
}

/// `fieldbook actions`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let site = match open(terminal, root, false) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let book = &site.book;
    let person = arguments.owner.as_deref().and_then(|name| book.person_called(name.trim_start_matches('@')));
    let owned = |tracked: &Tracked| match &arguments.owner {
        None => true,
        Some(name) => {
            let written = fold(name.trim_start_matches('@'));
            let owners = tracked.action(&book.notes).owners.iter();
            owners
                .zip(&tracked.owners)
                .any(|(name, known)| known.is_some() && *known == person || fold(name) == written)
        }
    };
    let of_team = |tracked: &Tracked| match &arguments.team {
        None => true,
        Some(team) => tracked.team.is_some() && tracked.team == book.teams.find(team),
    };
    let rows: Vec<Row<'_>> = book
        .insights
        .actions
        .iter()
        .filter(|tracked| arguments.all || tracked.action(&book.notes).state == State::Open)
        .filter(|tracked| (!arguments.late || tracked.late > 0) && owned(tracked) && of_team(tracked))
        .map(|tracked| Row::new(book, tracked))
        .collect();
    let text: String = rows.iter().map(|row| format!("{}\n  {}\n", row.line(), row.place.shown())).collect();
    let end = print(terminal, arguments.format, &rows, &terminal.plain_lines(&text));
    if matches!(arguments.format, DataFormat::Text) {
        let late = rows.iter().filter(|row| row.days_late > 0).count();
        match rows.len() {
            0 => terminal.say("nothing is left to do here"),
            n => terminal.say(&format!("{}, {late} late", crate::site::pages::count(n, "action", "actions"))),
        }
    }
    end
}
