//! `agenda`: the next experiment review.

use serde::Serialize;

use super::place::{Place, open, print};
use super::{DataFormat, End};
use crate::book::insight::agenda::{self, Agenda, PROMPTS};
use crate::book::insight::text;
use crate::book::{Book, NoteId};
use crate::disk::Root;
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only notes of this team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

/// A note on the agenda.
#[derive(Debug, Serialize)]
struct Row<'b> {
    #[serde(flatten)]
    place: Place<'b>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hypothesis: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revisit: Option<String>,
}

#[derive(Debug, Serialize)]
struct Review<'b> {
    ended: Vec<Row<'b>>,
    late: Vec<Row<'b>>,
    due: Vec<Row<'b>>,
    unapplied: Vec<Row<'b>>,
    prompts: [&'static str; 3],
}

/// `fieldbook agenda`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let site = match open(terminal, root, false) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let book: &Book = &site.book;
    let of_team = |id: &NoteId| match &arguments.team {
        None => true,
        Some(team) => book.entry(*id).team.is_some() && book.entry(*id).team == book.teams.find(team),
    };
    let rows = |ids: Vec<NoteId>| -> Vec<Row<'_>> { ids.into_iter().filter(of_team).map(|id| row(book, id)).collect() };
    let Agenda { ended, late, due, unapplied } = agenda::of(book);
    let review =
        Review { ended: rows(ended), late: rows(late), due: rows(due), unapplied: rows(unapplied), prompts: PROMPTS };
    let parts = [
        ("Ended", PROMPTS[0], &review.ended),
        ("Running beyond its day", PROMPTS[1], &review.late),
        ("Parked until now", "Is the reason for parking it still one?", &review.due),
        ("Learned, and not applied yet", PROMPTS[2], &review.unapplied),
    ];
    let mut text = format!("# Experiment review, {}\n", book.today.long());
    for (title, prompt, rows) in parts {
        text.push_str(&format!("\n## {title}\n\n*{prompt}*\n\n"));
        match rows.is_empty() {
            true => text.push_str("Nothing.\n"),
            false => rows.iter().for_each(|row| text.push_str(&row.line())),
        }
    }
    print(terminal, arguments.format, &review, &terminal.plain_lines(&text))
}

fn row(book: &Book, id: NoteId) -> Row<'_> {
    let entry = book.entry(id);
    let day = |key: &str| entry.note.front.date(key).map(|date| date.to_string());
    Row {
        place: Place::note(book, id),
        hypothesis: text(entry, "hypothesis"),
        result: text(entry, "result"),
        ends: day("ended").or_else(|| day("ends")),
        revisit: day("revisit"),
    }
}

impl Row<'_> {
    fn line(&self) -> String {
        let mut facts: Vec<String> = Vec::new();
        facts.extend(self.result.map(str::to_owned));
        facts.extend(self.place.team.map(str::to_owned));
        facts.extend(self.ends.as_ref().map(|ends| format!("until {ends}")));
        facts.extend(self.revisit.as_ref().map(|day| format!("look again {day}")));
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join("; ")) };
        let hypothesis = self.hypothesis.map_or_else(String::new, |text| format!("\n  We believed: {text}"));
        format!("- {}{facts}{hypothesis}\n", self.place.link())
    }
}
