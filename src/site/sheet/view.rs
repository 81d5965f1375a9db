//! What templates see of the pages of the learning loop. The rules of [`crate::site::view`] hold here,
//! too: bounded, escaped by the engine, addresses relative to the page.

use std::borrow::Cow;

use serde::Serialize;

use crate::site::view::{BodyView, Card, CountedRef, Day, Head, Pager, Ref, Stamp};

/// `sheet.html`: a page of the learning loop.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct SheetView<'b> {
    /// See [`Head`].
    pub page: Head<'b>,
    /// `surprises`, `actions` …: the page's folder.
    pub sheet: &'static str,
    /// The title with its inline markup.
    pub title_html: Cow<'b, str>,
    /// The id of the title, or empty.
    pub title_anchor: &'b str,
    /// What the page shows, in a sentence.
    pub lead: String,
    /// What to do next, in a sentence; empty where the page is.
    pub next: &'static str,
    /// The team's own text; only on the first page. Given as `body_html`.
    #[serde(skip)]
    pub body: Option<BodyView<'b>>,
    /// The page has a text of its own.
    pub has_body: bool,
    /// What it shows.
    pub sections: Vec<Section<'b>>,
    /// Folders below the one that shares the address.
    pub children: Vec<CountedRef<'b>>,
    /// Notes of the folder that shares the address.
    pub notes: Vec<Card<'b>>,
    /// Where there is more than one page.
    pub pager: Option<Pager>,
    /// Said where there is nothing: a fact, and the first step.
    pub empty: &'static str,
    /// What to write for the first entry, as in a note; empty where the page is not.
    pub example: &'static str,
    /// The other pages of the loop that have something to show.
    pub ways: Vec<CountedRef<'b>>,
    /// Where to edit the page's own text, or empty.
    pub edit_href: String,
}

/// A part of a page: lines, a board, a table, a figure, or notes; with a heading.
#[derive(Debug, Clone, Default, Hash, Serialize)]
pub struct Section<'b> {
    /// Its id on the page.
    pub id: String,
    /// Its heading; empty for the only section of a page.
    pub title: Cow<'b, str>,
    /// A sentence below the heading, or empty.
    pub lead: Cow<'b, str>,
    /// Lines, one for each item.
    pub lines: Vec<Line<'b>>,
    /// A board.
    pub columns: Vec<Column<'b>>,
    /// Figures, each with its table.
    pub figures: Vec<Figure<'b>>,
    /// A table.
    pub table: Option<Table<'b>>,
    /// Notes.
    pub notes: Vec<Card<'b>>,
    /// Where to see all of it.
    pub more: Option<Ref<'b>>,
}

impl Section<'_> {
    /// It shows nothing.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
            && self.columns.is_empty()
            && self.figures.is_empty()
            && self.table.as_ref().is_none_or(|table| table.rows.is_empty())
            && self.notes.is_empty()
    }
}

/// One item, linked to its place.
#[derive(Debug, Clone, Default, Hash, Serialize)]
pub struct Line<'b> {
    /// `surprise`, `action`, `question`, `thanks`, `belief`, `refuted`, `goal`, `hypothesis`, `learning`, `review` or `use`.
    pub look: &'static str,
    /// Its id on this page, or empty.
    pub id: String,
    /// What was believed, where that is a part of it; or empty.
    pub believed: Cow<'b, str>,
    /// What it says.
    pub text: Cow<'b, str>,
    /// Its place: the note's page with the item's id.
    pub href: String,
    /// A word for its state.
    pub stamp: Option<Stamp<'b>>,
    /// It is done, or answered.
    pub done: bool,
    /// More to say, one line each: what was learned, an answer so far.
    pub points: Vec<Cow<'b, str>>,
    /// The note that it stands in; none where the text is its title.
    pub from: Option<Ref<'b>>,
    /// People, as links where the book knows them.
    pub people: Vec<Ref<'b>>,
    /// Its team, or empty.
    pub team: &'b str,
    /// Its day.
    pub date: Option<Day>,
    /// Short facts: `due 18 March 2026`, `carried over twice`.
    pub facts: Vec<String>,
    /// Links that belong to it, with a word for what they are: `Answered by`.
    pub links: Vec<Links<'b>>,
}

/// Links of one meaning.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Links<'b> {
    /// `Answered by`, `Tested by`, `Asked before` …
    pub label: &'static str,
    /// Bounded.
    pub links: Vec<Ref<'b>>,
}

/// A column of a board.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Column<'b> {
    /// The status.
    pub stamp: Stamp<'b>,
    /// All that have it.
    pub count: usize,
    /// The latest.
    pub lines: Vec<Line<'b>>,
    /// All of them, where they are not all shown.
    pub more: Option<Ref<'b>>,
    /// Said where it is empty.
    pub empty: &'static str,
    /// It is open where columns are folded.
    pub open: bool,
}

/// A drawing and its numbers.
#[derive(Debug, Clone, Hash, Serialize)]
pub struct Figure<'b> {
    /// The drawing: SVG with classes only.
    pub svg_html: String,
    /// Why it matters, and what to do, in a sentence or two.
    pub caption: Cow<'b, str>,
    /// The same as a table.
    pub table: Table<'b>,
}

/// A table.
#[derive(Debug, Clone, Default, Hash, Serialize)]
pub struct Table<'b> {
    /// What it is a table of.
    pub name: Cow<'b, str>,
    /// The heads of its columns.
    pub head: Vec<Cow<'b, str>>,
    /// Its rows.
    pub rows: Vec<Vec<Cell<'b>>>,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, Hash, Serialize)]
pub struct Cell<'b> {
    /// Text, with an address or without.
    pub links: Vec<Ref<'b>>,
    /// Text without an address, after the links.
    pub text: Cow<'b, str>,
    /// It is a number, and stands at the end of its column.
    pub number: bool,
    /// A stamp after the text.
    pub stamp: Option<Stamp<'b>>,
}

impl<'b> Cell<'b> {
    /// Of a text.
    pub fn text(text: impl Into<Cow<'b, str>>) -> Self {
        Cell { text: text.into(), ..Cell::default() }
    }

    /// Of a number.
    pub fn number(number: usize) -> Self {
        Cell { text: number.to_string().into(), number: true, ..Cell::default() }
    }

    /// Of links.
    pub fn links(links: Vec<Ref<'b>>) -> Self {
        Cell { links, ..Cell::default() }
    }
}
