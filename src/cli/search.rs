//! `search`: the notes that answer a query.

use serde::Serialize;

use super::{DataFormat, End, said};
use crate::book::Book;
use crate::disk::Root;
use crate::live::{Live, Options};
use crate::search::excerpt::{Excerpt, Part, excerpt};
use crate::search::files::{Card, Files};
use crate::search::query::{Answer, Hit};
use crate::site::Site;
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to look for: words, "a phrase" in quotes, -word for what is not wanted, and kind:, team:, tag:, by:,
    /// status:, result:, ticket: and year: with a value
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,
    /// Only notes of this kind
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Only notes of this team
    #[arg(long, value_name = "TEAM")]
    team: Vec<String>,
    /// Only notes with this tag
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only notes by this person
    #[arg(long, value_name = "NAME")]
    by: Vec<String>,
    /// Only notes with this status
    #[arg(long, value_name = "STATUS")]
    status: Vec<String>,
    /// Only notes with this result
    #[arg(long, value_name = "RESULT")]
    result: Vec<String>,
    /// Only notes of this year
    #[arg(long, value_name = "YEAR")]
    year: Vec<String>,
    /// The newest first, not the best
    #[arg(long)]
    newest: bool,
    /// At most so many notes
    #[arg(long, short = 'n', default_value_t = 10, value_name = "NUMBER")]
    limit: usize,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// Look through drafts and notes with a date in the future, too
    #[arg(long)]
    drafts: bool,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

/// A query from its words and what they are to be filtered by.
pub fn query_of(words: &[String], filters: &[(&str, &[String])]) -> String {
    let mut query = words.join(" ");
    for (name, values) in filters {
        values.iter().for_each(|value| query.push_str(&format!(" {name}:\"{}\"", value.replace('"', " "))));
    }
    // The words are complete: nobody is typing.
    query.push(' ');
    query
}

/// The book's site with its index, or how the command ends.
pub fn site_of(terminal: &Terminal, root: Root, drafts: bool) -> Result<std::sync::Arc<Site>, End> {
    let pass = Live::new(root, Options { output: None, drafts }).pass().map_err(|error| {
        terminal.fail(&error.to_string(), &[]);
        End::World
    })?;
    let Some(site) = pass.site else {
        terminal.show(&pass.diagnostics);
        terminal.say("nothing is searched: the book can't be read");
        return Err(End::Problems);
    };
    match site.search() {
        Some(_) => Ok(site),
        None => {
            let hint = "set `enabled = true` under `[search]` in book.toml";
            terminal.fail("this book has no search", &[hint.into()]);
            Err(End::Problems)
        }
    }
}

/// `fieldbook search WORDS`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let site = match site_of(terminal, root, arguments.drafts) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let Some(files) = site.search() else { return End::Done };
    let filters: [(&str, &[String]); 7] = [
        ("kind", &arguments.kind),
        ("team", &arguments.team),
        ("tag", &arguments.tag),
        ("by", &arguments.by),
        ("status", &arguments.status),
        ("result", &arguments.result),
        ("year", &arguments.year),
    ];
    let query = query_of(&arguments.words, &filters);
    let answer = files.ask(&query, arguments.newest);
    let found = Found::new(
        query.trim_end(),
        &query[arguments.words.join(" ").len()..],
        &site.book,
        files,
        &answer,
        arguments.limit,
    );
    let text = match arguments.format {
        DataFormat::Json => format!("{}\n", serde_json::to_string_pretty(&found).unwrap_or_default()),
        DataFormat::Text => found.text(terminal),
    };
    if matches!(arguments.format, DataFormat::Text) {
        found.talk(terminal);
    }
    said(terminal, terminal.data(&text), End::Done)
}

/// An answer as data.
#[derive(Serialize)]
struct Found<'b> {
    query: &'b str,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_to: Option<&'b str>,
    unknown: &'b [String],
    hits: Vec<Note<'b>>,
}

#[derive(Serialize)]
struct Note<'b> {
    title: &'b str,
    path: &'b str,
    url: String,
    kind: &'b str,
    #[serde(skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    team: &'b str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status: &'b str,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<Section<'b>>,
    text: String,
    #[serde(skip)]
    label: &'b str,
    #[serde(skip)]
    day: String,
    #[serde(skip)]
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Section<'b> {
    heading: &'b str,
    anchor: &'b str,
}

impl<'b> Found<'b> {
    /// `options`: what the options added to the words.
    fn new(query: &'b str, options: &str, book: &'b Book, files: &Files, answer: &'b Answer, limit: usize) -> Self {
        let note = |hit: &Hit| {
            let entry = book.entry(files.index.notes[hit.note as usize]);
            let card = Card::new(book, entry);
            let Excerpt { heading, parts } = excerpt(entry, hit.section, &answer.words);
            Note {
                title: card.title,
                path: entry.note.source.path.as_str(),
                kind: &entry.note.kind,
                label: book.config.kinds.by_name(&entry.note.kind).map_or("", |kind| &kind.label),
                day: entry.date.map(|date| date.long()).unwrap_or_default(),
                team: card.team,
                status: card.stamp.0,
                score: hit.score,
                section: heading.map(|(heading, anchor)| Section { heading, anchor }),
                text: parts.iter().map(|part| part.text.as_str()).collect(),
                url: card.url,
                date: card.date,
                parts,
            }
        };
        Found {
            query,
            total: answer.hits.len(),
            // Options are not shown as words.
            corrected_to: answer
                .corrected_to
                .as_deref()
                .map(|text| text.strip_suffix(options).unwrap_or(text).trim_end()),
            unknown: &answer.unknown,
            hits: answer.hits.iter().take(limit).map(note).collect(),
        }
    }

    /// A block for each note: its title and what it is, its file, and the piece that answers.
    fn text(&self, terminal: &Terminal) -> String {
        let mut text = String::new();
        for note in &self.hits {
            let facts: Vec<&str> =
                [note.label, note.status, note.team, &note.day].into_iter().filter(|fact| !fact.is_empty()).collect();
            text.push_str(&format!("{}\n", terminal.strong(note.title)));
            text.push_str(&format!("  {}\n", facts.join(" · ")));
            let anchor = note.section.as_ref().map(|section| format!("#{}", section.anchor)).unwrap_or_default();
            text.push_str(&format!("  {}{anchor}\n", note.path));
            let piece: String = note
                .parts
                .iter()
                .map(|part| if part.hit { terminal.strong(&part.text) } else { terminal.plain(&part.text) })
                .collect();
            if !piece.trim().is_empty() {
                text.push_str(&format!("  {piece}\n"));
            }
            text.push('\n');
        }
        text
    }

    fn talk(&self, terminal: &Terminal) {
        if let Some(corrected) = self.corrected_to {
            terminal.say(&format!("no note has that; showing what there is on `{corrected}`"));
        }
        for word in self.unknown {
            terminal.say(&format!("no note has the word `{word}`"));
        }
        let notes = if self.total == 1 { "note" } else { "notes" };
        match (self.total, self.hits.len()) {
            (0, _) => terminal.say("nothing was found; fewer words, or no filter, may find more"),
            (total, shown) if shown < total => terminal.say(&format!("{total} {notes}, of which {shown} are shown")),
            (total, _) => terminal.say(&format!("{total} {notes}")),
        }
    }
}
