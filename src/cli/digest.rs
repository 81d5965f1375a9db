//! `digest`: what was learned of late, to paste into a channel.

use std::collections::HashMap;

use serde::Serialize;

use super::actions;
use super::place::{Place, open, print};
use super::{DataFormat, End};
use crate::book::insight::text;
use crate::book::{Book, Entry, NoteId};
use crate::config::period;
use crate::date::Date;
use crate::disk::Root;
use crate::terminal::Terminal;
use crate::text::truncate;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// From when on: a span such as 7d, 2w or 1 month, or a day
    #[arg(long, default_value = "7d", value_name = "WHEN")]
    since: String,
    /// Only notes of this team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// How to say it; text is Markdown
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

/// A text with its place.
#[derive(Debug, Serialize)]
struct Said<'b> {
    text: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'b str>,
    #[serde(flatten)]
    place: Place<'b>,
}

#[derive(Debug, Serialize)]
struct Digest<'b> {
    since: String,
    until: String,
    surprises: Vec<Said<'b>>,
    results: Vec<Said<'b>>,
    applied: Vec<Applied<'b>>,
    thanks: Vec<Said<'b>>,
    questions: Vec<Said<'b>>,
    notes: Vec<Said<'b>>,
    late: Vec<actions::Row<'b>>,
}

/// A note that used what was learned in others.
#[derive(Debug, Serialize)]
struct Applied<'b> {
    #[serde(flatten)]
    place: Place<'b>,
    uses: Vec<Place<'b>>,
}

/// The first day of a digest.
fn since(today: Date, written: &str) -> Option<Date> {
    match period(written) {
        Some(days) => Some(today.plus_days(-(days as i32))),
        None => Date::parse(written).ok(),
    }
}

/// `fieldbook digest`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let site = match open(terminal, root, false) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let book: &Book = &site.book;
    let Some(from) = since(book.today, &arguments.since) else {
        let hint = "write a span such as `7d` or `2 weeks`, or a day such as `2026-03-04`";
        terminal.fail(&format!("`{}` is no span of time", arguments.since), &[hint.into()]);
        return End::Problems;
    };
    let of_team = |entry: &Entry| match &arguments.team {
        None => true,
        Some(team) => entry.team.is_some() && entry.team == book.teams.find(team),
    };
    let recent = |date: Option<Date>| date.is_some_and(|date| date >= from && date <= book.today);
    let notes: Vec<(NoteId, &Entry)> =
        book.listed().filter(|(_, entry)| recent(entry.date) && of_team(entry)).collect();
    let mut digest = Digest {
        since: from.to_string(),
        until: book.today.to_string(),
        surprises: Vec::new(),
        results: Vec::new(),
        applied: Vec::new(),
        thanks: Vec::new(),
        questions: Vec::new(),
        notes: Vec::new(),
        late: Vec::new(),
    };
    for (id, entry) in &notes {
        let items = &entry.note.items;
        if let Some(own) = text(entry, "surprise") {
            digest.surprises.push(Said { text: own, result: None, place: Place::note(book, *id) });
        }
        let place = |piece: &crate::note::items::Piece| Place::item(book, *id, piece.span, &piece.anchor);
        digest.surprises.extend(items.surprises.iter().map(|piece| Said {
            text: &piece.text,
            result: None,
            place: place(piece),
        }));
        digest.questions.extend(items.questions.iter().map(|piece| Said {
            text: &piece.text,
            result: None,
            place: place(piece),
        }));
        digest.thanks.extend(items.thanks.iter().map(|thanks| Said {
            text: &thanks.piece.text,
            result: None,
            place: place(&thanks.piece),
        }));
        digest.notes.push(Said {
            text: &entry.note.summary,
            result: text(entry, "result"),
            place: Place::note(book, *id),
        });
    }
    // What came out counts from the day on which it ended, whenever it was written down.
    for claim in &book.insights.claims {
        let entry = book.entry(claim.note);
        let Some((result, _)) = &claim.result else { continue };
        let ended = entry.note.front.date("ended").filter(|_| claim.learning.is_none());
        if recent(ended.or(entry.date)) && of_team(entry) {
            digest.results.push(Said {
                text: claim.hypothesis(&book.notes),
                result: Some(result),
                place: Place::note(book, claim.note),
            });
        }
    }
    let mut uses: HashMap<NoteId, Vec<NoteId>> = HashMap::new();
    for reuse in &book.insights.reuse {
        reuse.uses.iter().for_each(|user| uses.entry(*user).or_default().push(reuse.note));
    }
    for (id, _) in &notes {
        if let Some(used) = uses.get(id) {
            let uses = used.iter().map(|id| Place::note(book, *id)).collect();
            digest.applied.push(Applied { place: Place::note(book, *id), uses });
        }
    }
    let late = book.insights.actions.iter().take_while(|tracked| tracked.late > 0);
    digest.late.extend(
        late.filter(|tracked| of_team(book.entry(tracked.note))).map(|tracked| actions::Row::new(book, tracked)),
    );
    print(terminal, arguments.format, &digest, &terminal.plain_lines(&digest.markdown(from, book.today)))
}

impl Digest<'_> {
    fn markdown(&self, from: Date, until: Date) -> String {
        let mut text = format!("# What we learned, {} to {}\n", from.long(), until.long());
        let mut part = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                text.push_str(&format!("\n## {title}\n\n{}\n", lines.join("\n")));
            }
        };
        let said = |said: &Said<'_>| format!("- {} — {}", said.text, said.place.link());
        part("What surprised us", self.surprises.iter().map(said).collect());
        part(
            "What came out",
            self.results
                .iter()
                .map(|said| format!("- **{}**: {} — {}", said.result.unwrap_or(""), said.text, said.place.link()))
                .collect(),
        );
        part(
            "Applied",
            self.applied
                .iter()
                .map(|applied| {
                    let uses: Vec<String> = applied.uses.iter().map(Place::link).collect();
                    format!("- {} uses {}", applied.place.link(), uses.join(", "))
                })
                .collect(),
        );
        part("Thanks", self.thanks.iter().map(said).collect());
        part("Open questions", self.questions.iter().map(said).collect());
        let note = |note: &Said<'_>| match note.text.is_empty() {
            true => format!("- {}", note.place.link()),
            false => format!("- {}: {}", note.place.link(), truncate(note.text, 140)),
        };
        part("New notes", self.notes.iter().map(note).collect());
        part("Late", self.late.iter().map(actions::Row::line).collect());
        if self.notes.is_empty() && self.late.is_empty() && self.results.is_empty() {
            text.push_str("\nNothing was written down. What did you find out, and whom did you tell?\n");
        }
        text
    }
}
