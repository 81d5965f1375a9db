//! One file understood alone.
//!
//! [`parse`] is a function of a file's bytes and of the [`ParseOptions`]: pure and total. What only
//! the whole book can know (where a link leads, another note's title) is left open as a [`Hole`],
//! so a parsed note stays true however the others change.
//!
//! - [`front_matter`]: the YAML (or TOML) block at the top, typed by the kinds' schema
//! - [`body`]: Markdown → HTML with holes; [`outline`]: headings and anchors; [`link`]: what it points at
//! - [`code`] and [`math`]: highlighting and formulas; [`html`]: escaping and the sanitiser
//! - [`items`]: actions, surprises, learnings and what else the text says that a team works with
//! - [`inline`]: bare addresses in text; [`words`]: what search knows of it

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::config::ParseOptions;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::memo::Fingerprint;
use crate::path::Route;
use crate::source::Source;
use crate::text::{Span, fold, natural};

pub mod body;
pub mod code;
pub mod front_matter;
pub mod html;
pub mod inline;
pub mod items;
pub mod link;
pub mod math;
pub mod outline;
pub mod words;

use body::Input;
use front_matter::{FieldValue, FrontMatter, Withheld};
use items::Items;
use link::{Body, Hole, Link, Name};
use outline::Heading;
use words::Words;

/// One note, understood alone.
#[derive(Debug)]
pub struct Note {
    /// The file.
    pub source: Arc<Source>,
    /// Of the file's bytes, its path and the options: equal fingerprints, equal notes.
    pub fingerprint: Fingerprint,
    /// Of what the book as a whole sees of the note, wherever in the file it stands: equal faces, and
    /// nothing but this note's own page and what quotes it can differ. What the book sees besides is its
    /// links, where others can lead ([`Note::has_anchor`]) and [`Note::summary`].
    pub face: Fingerprint,
    /// What it can be found under.
    pub keys: Keys,
    /// What stands above the text.
    pub front: FrontMatter,
    /// What the note is called.
    pub title: Title,
    /// Name of its kind: from the front matter, else from the folder.
    pub kind: String,
    /// From the front matter, else from the file's name.
    pub date: Option<Date>,
    /// The text.
    pub body: Body,
    /// Headings of the text.
    pub outline: Vec<Heading>,
    /// Ids that the author set on other elements.
    pub ids: Vec<Box<str>>,
    /// Links into the book, in the order of the text.
    pub links: Vec<Link>,
    /// Ticket ids named in the text, each once.
    pub tickets: Vec<Box<str>>,
    /// People and tags named in the text, each once; only where book.toml switches them on.
    pub names: Vec<Name>,
    /// What the text says that a team works with.
    pub items: Items,
    /// `description`, else the first paragraph; plain text, at most 240 characters; may be empty.
    pub summary: String,
    /// Words in the text.
    pub words: usize,
    /// The text holds a diagram.
    pub has_diagram: bool,
    /// What it is found by.
    pub found_by: Words,
    /// What is wrong with the file, whatever the rest of the book is like.
    pub diagnostics: Vec<Diagnostic>,
    /// Length of the content folder's prefix in the source's path.
    content_prefix_len: usize,
}

/// What others may find a note under; names are folded by [`fold`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Its page, unless another note has that address.
    pub route: Route,
    /// Of [`Route::collision_key`].
    pub address: Fingerprint,
    /// Of the path below the content folder.
    pub path: Fingerprint,
    /// Of the file's name without its ending.
    pub stem: Fingerprint,
    /// Of the title.
    pub title: Fingerprint,
    /// Where the title stands among others: see [`natural`].
    pub order: Box<str>,
}

impl Keys {
    fn new(source: &Source, content_prefix_len: usize, title: &str) -> Self {
        let key = |text: &str| Fingerprint::of_bytes(fold(text).as_bytes());
        let path = &source.path.as_str()[content_prefix_len..];
        let route = Route::note(path);
        Keys {
            address: Fingerprint::of_bytes(route.collision_key().as_bytes()),
            path: key(path),
            stem: key(source.path.stem()),
            title: key(title),
            order: natural(title).into(),
            route,
        }
    }
}

/// What a note is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Plain text, never empty.
    pub text: String,
    /// With inline markup, escaped.
    pub html: String,
    /// The id of the heading that became the title.
    pub anchor: Option<Box<str>>,
}

impl Note {
    /// The path below the content folder.
    pub fn path(&self) -> &str {
        &self.source.path.as_str()[self.content_prefix_len..]
    }

    /// The id exists on the note's page.
    pub fn has_anchor(&self, id: &str) -> bool {
        self.title.anchor.as_deref() == Some(id)
            || self.outline.iter().any(|heading| &*heading.anchor == id)
            || self.ids.iter().any(|known| &**known == id)
    }

    /// A link that leads to a part of the other note leads to the same part of this one.
    pub fn has_anchors_of(&self, other: &Note) -> bool {
        let headings =
            |note: &'_ Note| note.outline.iter().map(|h| (h.anchor.clone(), h.text.clone())).collect::<Vec<_>>();
        self.title.anchor == other.title.anchor && self.ids == other.ids && headings(self) == headings(other)
    }

    /// The ids on the note's page.
    pub fn anchors(&self) -> impl Iterator<Item = &str> {
        self.title.anchor.iter().chain(self.outline.iter().map(|h| &h.anchor)).chain(&self.ids).map(|id| &**id)
    }
}

/// The fingerprint under which a note is remembered; `options` is that of the [`ParseOptions`].
pub fn fingerprint(source: &Source, options: Fingerprint) -> Fingerprint {
    Fingerprint::of(&(source.path.as_str(), source.fingerprint, options))
}

/// Reads one note. Never fails: what is wrong becomes a diagnostic, and a bug in this program (or
/// in a crate it stands on) that panics costs the note its formatting and nothing else.
pub fn parse(source: &Arc<Source>, options: &ParseOptions, fingerprint: Fingerprint) -> Note {
    match catch_unwind(AssertUnwindSafe(|| parse_markdown(source, options, fingerprint))) {
        Ok(note) => note,
        Err(_) => plain(source, options, fingerprint),
    }
}

fn parse_markdown(source: &Arc<Source>, options: &ParseOptions, fingerprint: Fingerprint) -> Note {
    let text = source.text();
    let mut diagnostics = encoding_problems(source, &text);
    let (mut front, problems) = front_matter::parse(&text, &source.path, options);
    diagnostics.extend(problems);
    let kind = options.kinds.by_name(&front.kind).unwrap_or(options.kinds.plain());
    let given = front.text("title").map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
    let given = given.as_deref().filter(|title| !title.is_empty());
    let input = Input { text: &text, start: front.body_start, path: &source.path, title: given, kind, options };
    let mut rendered = body::render(&input, &mut diagnostics);
    front.adopt(std::mem::take(&mut rendered.in_text), &text, options);
    // The page shows each learning goal at an id of its own, so that an answer can name it.
    for number in 1..=front.list("learning_goals").len() {
        rendered.ids.push(goal_anchor(number).into());
    }
    let (name_date, name) = match Date::prefix(source.path.stem()) {
        Some((date, rest)) => (Some(date), rest),
        None => (None, source.path.stem()),
    };
    let title = match (given, rendered.title) {
        (Some(given), twin) => Title {
            html: twin
                .as_ref()
                .filter(|twin| twin.text == given)
                .map_or_else(|| html::escaped(given), |twin| twin.html.clone()),
            anchor: twin.and_then(|twin| twin.anchor),
            text: given.to_owned(),
        },
        (None, Some(heading)) => Title { text: heading.text, html: heading.html, anchor: heading.anchor },
        (None, None) => {
            // A day's note is called as its file is.
            let text = if name.is_empty() { source.path.stem().to_owned() } else { name_as_title(source, name) };
            Title { html: html::escaped(&text), text, anchor: None }
        }
    };
    let found_by = rendered.gathered.map_or_else(Words::default, |mut words| {
        sentences(&front).for_each(|sentence| words.beside(sentence));
        words.finish(&title.text)
    });
    let summary = match front.text("description") {
        Some(description) => crate::text::truncate(description.trim(), 240).into_owned(),
        None => rendered.summary,
    };
    diagnostics.sort();
    let content_prefix_len = prefix_len(source, options);
    let date = front.date("date").or(name_date);
    let said_in_text = (&rendered.tickets, &rendered.names, &rendered.items, rendered.has_diagram);
    Note {
        fingerprint,
        face: Fingerprint::of(&(source.path.as_str(), &front, &title.text, date, said_in_text)),
        keys: Keys::new(source, content_prefix_len, &title.text),
        title,
        kind: front.kind.clone(),
        date,
        body: rendered.body,
        outline: rendered.outline,
        ids: rendered.ids,
        links: rendered.links,
        tickets: rendered.tickets,
        names: rendered.names,
        items: rendered.items,
        summary,
        words: rendered.words,
        has_diagram: rendered.has_diagram,
        found_by,
        diagnostics,
        front,
        content_prefix_len,
        source: source.clone(),
    }
}

/// The texts of the front matter that a reader sees on the note's page. What groups notes is searched
/// by the names that the whole book gives it.
fn sentences(front: &FrontMatter) -> impl Iterator<Item = &str> {
    const GROUPS: [&str; 8] = ["kind", "title", "authors", "team", "tags", "tickets", "status", "result"];
    front.entries.iter().filter(|entry| !GROUPS.contains(&entry.key.as_str())).flat_map(|entry| match &entry.value {
        FieldValue::Text(text) => vec![text.as_str()],
        FieldValue::List(items) => items.iter().map(|item| item.text.as_str()).collect(),
        _ => Vec::new(),
    })
}

/// The id of a learning goal on its note's page, by its number from 1.
pub fn goal_anchor(number: usize) -> String {
    format!("goal-{number}")
}

fn prefix_len(source: &Source, options: &ParseOptions) -> usize {
    let path = source.path.as_str();
    path.strip_prefix(options.content.as_str())
        .and_then(|rest| if options.content.is_empty() { Some(rest) } else { rest.strip_prefix('/') })
        .map_or(0, |rest| path.len() - rest.len())
}

/// The note as plain text, after a panic.
fn plain(source: &Arc<Source>, options: &ParseOptions, fingerprint: Fingerprint) -> Note {
    let text = source.text();
    let title = name_as_title(source, source.path.stem());
    let kind = options.kinds.of_folder(options.folder_of(&source.path)).unwrap_or(options.kinds.plain()).name.clone();
    // Nothing is known of the front matter: doubt withholds.
    let withheld = ["draft", "visibility"].iter().any(|word| text.contains(word)).then_some(Withheld::Broken);
    let front = FrontMatter { kind: kind.clone(), entries: Vec::new(), body_start: 0, withheld };
    let content_prefix_len = prefix_len(source, options);
    Note {
        fingerprint,
        face: fingerprint,
        keys: Keys::new(source, content_prefix_len, &title),
        title: Title { html: html::escaped(&title), text: title, anchor: None },
        kind,
        date: None,
        body: Body {
            html: format!("<pre tabindex=\"0\">{}</pre>", html::escaped(&text[front.body_start..])),
            holes: Vec::<(u32, Hole)>::new(),
            sections_are_whole: true,
        },
        outline: Vec::new(),
        ids: Vec::new(),
        links: Vec::new(),
        tickets: Vec::new(),
        names: Vec::new(),
        items: Items::default(),
        summary: String::new(),
        words: 0,
        has_diagram: false,
        // What made the reading panic may do so again.
        found_by: Words::default(),
        diagnostics: vec![
            Diagnostic::new(
                Code::InternalError,
                &source.path,
                "this note could not be read because of a bug in fieldbook",
            )
            .hint("its text is shown as it is; please report the note that causes it"),
        ],
        front,
        content_prefix_len,
        source: source.clone(),
    }
}

fn encoding_problems(source: &Source, text: &str) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    if let Err(error) = std::str::from_utf8(&source.bytes) {
        let at = error.valid_up_to();
        diagnostics.push(
            Diagnostic::new(Code::NotUtf8, &source.path, "the note is not UTF-8 from here on")
                .at(source.place(Span::new(at, at + '\u{FFFD}'.len_utf8())))
                .hint("save it as UTF-8; what could not be read is shown as `\u{FFFD}`"),
        );
    }
    if let Some(at) = text.find('\0') {
        diagnostics.push(
            Diagnostic::new(Code::NulByte, &source.path, "the note holds a NUL byte")
                .at(source.place(Span::new(at, at + 1)))
                .hint("is it a binary file, or saved as UTF-16?"),
        );
    }
    diagnostics
}

/// A file name as a title: `labels-matter` → `Labels matter`. A folder's page takes the folder's name.
fn name_as_title(source: &Source, stem: &str) -> String {
    let stem = match stem.to_ascii_lowercase().as_str() {
        "readme" | "index" | "_index" => match source.path.folder().rsplit('/').next() {
            Some(folder) if !folder.is_empty() => folder,
            _ => stem,
        },
        _ => stem,
    };
    let spaced = if stem.contains(' ') { stem.to_owned() } else { stem.replace(['-', '_'], " ") };
    let spaced = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => stem.to_owned(),
    }
}
