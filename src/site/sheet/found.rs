//! What was found out: surprises, beliefs, what was refuted, thanks.

use super::Item;
use super::chart;
use super::view::{Cell, Figure, Section, Table};
use crate::book::insight::{Quarter, text, themes};
use crate::book::{Book, Entry, NoteId};
use crate::config::Tone;
use crate::path::Route;
use crate::site::pages::Views;

/// Every surprise, the newest note's first.
pub(super) fn surprises(book: &Book) -> Vec<Item> {
    let mut items = Vec::new();
    for (id, entry) in book.listed() {
        if text(entry, "surprise").is_some() {
            items.push(Item::Surprise(id, None));
        }
        items.extend((0..entry.note.items.surprises.len()).map(|index| Item::Surprise(id, Some(index as u32))));
    }
    items
}

/// Every note that says what was believed.
pub(super) fn beliefs(book: &Book) -> Vec<Item> {
    book.listed().filter(|(_, entry)| text(entry, "believed").is_some()).map(|(id, _)| Item::Belief(id)).collect()
}

/// Every note and every learning that was refuted. Where a note tells of a refuted experiment, the note
/// is listed and the experiment is one click from there.
pub(super) fn refuted(book: &Book) -> Vec<Item> {
    let tone = |kind: &str, written: &str| book.config.choice(kind, "result", written).map(|choice| choice.tone);
    let mut items = Vec::new();
    for (id, entry) in book.listed() {
        let kind = &entry.note.kind;
        let is_told_elsewhere = entry.backlinks.iter().any(|backlink| {
            let from = book.entry(backlink.from);
            backlink.key == "evidence"
                && text(from, "result").and_then(|written| tone(&from.note.kind, written)) == Some(Tone::Bad)
        });
        if text(entry, "result").and_then(|written| tone(kind, written)) == Some(Tone::Bad) && !is_told_elsewhere {
            items.push(Item::Refuted(id, None));
        }
        for (index, learning) in entry.note.items.learnings.iter().enumerate() {
            if learning.result.as_deref().and_then(|written| tone(kind, written)) == Some(Tone::Bad) {
                items.push(Item::Refuted(id, Some(index as u32)));
            }
        }
    }
    items
}

/// Every thank-you, the newest note's first. They are never counted.
pub(super) fn thanks(book: &Book) -> Vec<Item> {
    let of = |(id, entry): (NoteId, &Entry)| {
        let count = entry.note.items.thanks.len();
        (0..count).map(|index| Item::Thanks(id, index as u32)).collect::<Vec<_>>()
    };
    book.listed().flat_map(of).collect()
}

impl<'b> Views<'b> {
    /// How hypotheses came out, by quarter.
    pub(super) fn outcomes(&self, _: &Route) -> Vec<Section<'b>> {
        const SERIES: [(&str, &[Tone]); 3] = [
            ("supported", &[Tone::Good]),
            ("refuted", &[Tone::Bad]),
            ("not clear", &[Tone::Unsure, Tone::Idle, Tone::Old, Tone::Live]),
        ];
        let decided: Vec<(Quarter, Tone)> = self
            .book
            .insights
            .claims
            .iter()
            .filter_map(|claim| Some((Quarter::of(claim.date?), claim.result.as_ref()?.1)))
            .collect();
        let mut quarters: Vec<Quarter> = decided.iter().map(|(quarter, _)| *quarter).collect();
        quarters.sort_unstable();
        // Below five there is nothing to see in a drawing.
        if quarters.len() < 5 {
            return Vec::new();
        }
        let rows: Vec<(String, Vec<usize>)> = themes::by_quarter(&quarters)
            .into_iter()
            .map(|(quarter, _)| {
                let count =
                    |tones: &[Tone]| decided.iter().filter(|(of, tone)| *of == quarter && tones.contains(tone)).count();
                (quarter.label(), SERIES.iter().map(|(_, tones)| count(tones)).collect())
            })
            .collect();
        let name = "How hypotheses came out, by quarter";
        let series = SERIES.map(|(name, _)| name);
        let figure = Figure {
            svg_html: chart::bars(
                name,
                "For each quarter the number of hypotheses that were supported, refuted, or not clear.",
                &series,
                &rows,
            ),
            caption: "A team that is always right is not testing much.".into(),
            table: counts_table(name, "Quarter", &series, &rows),
        };
        vec![Section {
            id: "outcomes".into(),
            title: "How hypotheses came out".into(),
            figures: vec![figure],
            ..Section::default()
        }]
    }
}

/// The numbers of a drawing as a table.
pub(super) fn counts_table<'b>(
    name: &'static str,
    first: &'static str,
    columns: &[&'static str],
    rows: &[(String, Vec<usize>)],
) -> Table<'b> {
    Table {
        name: name.into(),
        head: std::iter::once(first).chain(columns.iter().copied()).map(Into::into).collect(),
        rows: rows
            .iter()
            .map(|(label, counts)| {
                let counts = counts.iter().map(|count| Cell::number(*count));
                std::iter::once(Cell::text(label.clone())).chain(counts).collect()
            })
            .collect(),
    }
}

/// The newest surprises, one of each note: the home page is no place for a whole retro.
pub(super) fn first_surprises(book: &Book, most: usize) -> Vec<Item> {
    let of = |(id, entry): (NoteId, &Entry)| match (text(entry, "surprise"), entry.note.items.surprises.is_empty()) {
        (Some(_), _) => Some(Item::Surprise(id, None)),
        (None, false) => Some(Item::Surprise(id, Some(0))),
        (None, true) => None,
    };
    book.listed().filter(|(_, entry)| entry.date.is_some()).filter_map(of).take(most).collect()
}
