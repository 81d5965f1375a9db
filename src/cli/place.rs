//! What the commands of the learning loop say of a note and of a place in it, as data and as text.

use serde::Serialize;

use super::{DataFormat, End, said};
use crate::book::{Book, NoteId};
use crate::disk::Root;
use crate::live::{Live, Options};
use crate::site::Site;
use crate::terminal::Terminal;
use crate::text::{LineIndex, Span};

/// A note, or a place in it.
#[derive(Debug, Clone, Serialize)]
pub struct Place<'b> {
    /// The note's title.
    pub title: &'b str,
    /// The file, from the book's root.
    pub path: &'b str,
    /// The line of the item, from 1; none for the note itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The address: whole where book.toml has a `base_url`, else below the site's root.
    pub url: String,
    /// The note's kind.
    pub kind: &'b str,
    /// Its team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<&'b str>,
    /// Its day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

impl<'b> Place<'b> {
    /// Of a note.
    pub fn note(book: &'b Book, id: NoteId) -> Self {
        let entry = book.entry(id);
        let base = book.config.base_url.as_deref().unwrap_or("");
        Place {
            title: &entry.note.title.text,
            path: entry.note.source.path.as_str(),
            line: None,
            url: format!("{base}{}", entry.route.url()),
            kind: &entry.note.kind,
            team: entry.team.map(|team| book.teams.get(team).label.as_str()),
            date: entry.date.map(|date| date.to_string()),
        }
    }

    /// Of an item.
    pub fn item(book: &'b Book, id: NoteId, span: Span, anchor: &str) -> Self {
        let source = &book.entry(id).note.source;
        let text = source.text();
        let line = LineIndex::new(&text).position(&text, span.start as usize).line;
        let place = Place::note(book, id);
        let url = match anchor {
            "" => place.url,
            anchor => format!("{}#{}", place.url, crate::path::encode(anchor)),
        };
        Place { line: Some(line), url, ..place }
    }

    /// `content/retros/a.md:31`
    pub fn shown(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path),
            None => self.path.to_owned(),
        }
    }

    /// `[title](url)` where the site has an address, else the title and the file: for a channel.
    pub fn link(&self) -> String {
        let title = self.title.replace(['[', ']'], "");
        match self.url.contains("://") {
            true => format!("[{title}]({})", self.url),
            false => format!("{title} (`{}`)", self.path),
        }
    }
}

/// The book's site, or how the command ends.
pub fn open(terminal: &Terminal, root: Root, drafts: bool) -> Result<std::sync::Arc<Site>, End> {
    let pass = Live::new(root, Options { output: None, drafts }).pass().map_err(|error| {
        terminal.fail(&error.to_string(), &[]);
        End::World
    })?;
    pass.site.ok_or_else(|| {
        terminal.show(&pass.diagnostics);
        terminal.say("the book can't be read");
        End::Problems
    })
}

/// Prints data in its format and ends.
pub fn print<T: Serialize>(terminal: &Terminal, format: DataFormat, data: &T, text: &str) -> End {
    let text = match format {
        DataFormat::Json => format!("{}\n", serde_json::to_string_pretty(data).unwrap_or_default()),
        DataFormat::Text => text.to_owned(),
    };
    said(terminal, terminal.data(&text), End::Done)
}
