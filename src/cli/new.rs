//! `new`: a note from its kind's template, with what the book already knows: a retro gets the team's
//! open actions and the themes of its last retros; for an experiment, what was tested before is named.

use serde::Serialize;

use super::place::{Place, print};
use super::{DataFormat, End};
use crate::book::Book;
use crate::book::insight::claims::Index;
use crate::config::{Config, Display, Filling, Kind};
use crate::date::Date;
use crate::diagnostic::Severity;
use crate::disk::{self, Root};
use crate::history;
use crate::live::{Live, Options};
use crate::note::items::State;
use crate::path::slug;
use crate::terminal::Terminal;
use crate::text::{closest, fold, reason};

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// learning, experiment, retro, okr, inception, pattern, practice, decision, selfcheck, note, or a kind of book.toml
    kind: String,
    /// The title; the file is named after it
    #[arg(allow_hyphen_values = true)]
    title: String,
    /// The team [default: the one that the title names, else that of your last note]
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

/// Notes that were tested before, and themes and actions that are brought along: no more than fits.
const NEAR: usize = 5;
const THEMES: usize = 6;
const RETROS: usize = 3;
const ACTIONS: usize = 40;

/// A new note.
#[derive(Debug, Serialize)]
struct Made<'b> {
    path: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<Near<'b>>,
}

/// A hypothesis that was tested before and is near to the new one.
#[derive(Debug, Serialize)]
struct Near<'b> {
    hypothesis: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'b str>,
    #[serde(flatten)]
    place: Place<'b>,
}

/// `fieldbook new KIND "title"`
pub fn run(terminal: &Terminal, root: &Root, arguments: &Arguments) -> End {
    let source = match disk::read_config(root) {
        Ok(source) => source,
        Err(error) => {
            terminal.fail(&error.to_string(), &[]);
            return End::World;
        }
    };
    let config = Config::parse(source.as_ref());
    if config.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        // What can't be read might be where notes of this kind go, and how they begin.
        terminal.show(&config.diagnostics);
        terminal.say("no note is made: `book.toml` can't be read");
        return End::Problems;
    }
    let config = config.value;
    let (kind, title) = (&arguments.kind, arguments.title.trim());
    let Some(kind) = config.kinds.by_name(kind) else {
        let names: Vec<&str> = config.kinds.iter().map(|kind| kind.name.as_str()).collect();
        let hint = match closest(kind, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are {}", names.join(", ")),
        };
        terminal.fail(&format!("there is no kind `{kind}`"), &[hint]);
        return End::Problems;
    };
    if title.is_empty() {
        terminal.fail("a note needs a title", &["for example: fieldbook new learning \"Labels matter\"".into()]);
        return End::Problems;
    }
    // Any folder of notes is a book: without a configuration and a content folder it starts here.
    let content = if source.is_none() && !disk::is_folder(root, &config.content) { "" } else { &config.content };
    let today = match disk::today() {
        Ok(today) => today,
        Err(error) => {
            terminal.fail(&error.to_string(), &[]);
            return End::World;
        }
    };
    let author = history::user_name(&root.dir).unwrap_or_default();
    let folder = [content, kind.folder()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let path = format!("{folder}/{}.md", slug(title));
    // A book that can't be read now still gets its note.
    let asks = ["{actions}", "{themes}", "{team}"].iter().any(|placeholder| kind.template.contains(placeholder));
    let site = match asks || kind.shows.contains(&Display::Board) {
        true => Live::new(root.clone(), Options::default()).pass().ok().and_then(|pass| pass.site),
        false => None,
    };
    let book = site.as_ref().map(|site| &*site.book);
    let filling = filling(book, kind, title, today, author, arguments.team.as_deref());
    match disk::create(root, &path, &kind.new_note(&filling)) {
        Ok(true) => {
            let near =
                book.filter(|_| kind.shows.contains(&Display::Board)).map_or_else(Vec::new, |book| near(book, title));
            let made = Made { path, near };
            let text = format!("{}\n", made.path);
            let end = print(terminal, arguments.format, &made, &text);
            if matches!(arguments.format, DataFormat::Text) {
                made.talk(terminal, &filling);
            }
            end
        }
        Ok(false) => {
            terminal.fail(
                &format!("`{path}` is there already"),
                &["give the new note another title, or edit that one".into()],
            );
            End::World
        }
        Err(error) => {
            terminal.fail(&format!("can't write `{path}`: {}", reason(&error)), &[]);
            End::World
        }
    }
}

/// What the template is filled in with.
fn filling(book: Option<&Book>, kind: &Kind, title: &str, today: Date, author: String, team: Option<&str>) -> Filling {
    let named = book.and_then(|book| match team {
        Some(team) => book.teams.find(team),
        None => team_of(book, title, &author),
    });
    let label = match (book, named) {
        (Some(book), Some(index)) => book.teams.get(index).label.clone(),
        _ => team.unwrap_or("").to_owned(),
    };
    let mut filling = Filling { title: title.to_owned(), date: Some(today), author, team: label, ..Filling::default() };
    let (Some(book), Some(team)) = (book, named) else { return filling };
    if kind.template.contains("{actions}") {
        let open = book.insights.actions.iter().take_while(|tracked| tracked.action(&book.notes).state == State::Open);
        for tracked in open.filter(|tracked| tracked.team == Some(team)).take(ACTIONS) {
            let action = tracked.action(&book.notes);
            // As it was written: its words are its identity.
            let owners: String = action.owners.iter().map(|owner| format!("@{owner} ")).collect();
            let due = action.due.map_or_else(String::new, |due| format!(" due:{due}"));
            filling.actions.push_str(&format!("- [ ] {owners}{}{due}\n", action.text));
        }
    }
    if kind.template.contains("{themes}") {
        let last = book.listed().filter(|(_, entry)| entry.team == Some(team) && entry.note.kind == kind.name);
        let mut themes: Vec<&str> = Vec::new();
        for (_, entry) in last.take(RETROS) {
            for item in entry.note.front.list("themes") {
                if !themes.iter().any(|theme| fold(theme) == fold(&item.text)) {
                    themes.push(&item.text);
                }
            }
        }
        filling.themes = themes.into_iter().take(THEMES).collect::<Vec<_>>().join(", ");
    }
    filling
}

/// The team that a title names, else that of the author's last note.
fn team_of(book: &Book, title: &str, author: &str) -> Option<usize> {
    let words = format!(" {} ", fold(title).replace(|c: char| !c.is_alphanumeric(), " "));
    let named = book.teams.iter().enumerate().filter(|(_, team)| {
        let name = fold(&team.label).replace(|c: char| !c.is_alphanumeric(), " ");
        words.contains(&format!(" {name} "))
    });
    // Of "Support" and "Support Tools" the longer name is meant.
    let named = named.max_by_key(|(_, team)| team.label.len()).map(|(index, _)| index);
    named.or_else(|| {
        let person = book.person_called(author)?;
        book.people.get(person).notes.iter().find_map(|id| book.entry(*id).team)
    })
}

/// What was tested before and is near to a title.
fn near<'b>(book: &'b Book, title: &str) -> Vec<Near<'b>> {
    let claims = &book.insights.claims;
    let texts = claims
        .iter()
        .map(|claim| format!("{} {}", claim.hypothesis(&book.notes), book.entry(claim.note).note.title.text));
    let texts: Vec<String> = texts.collect();
    let index = Index::new(texts.iter().map(String::as_str));
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (at, _) in index.ask(title, 4 * NEAR) {
        let claim = &claims[at];
        let hypothesis = claim.hypothesis(&book.notes);
        // A learning repeats the hypothesis of its experiment.
        if !seen.contains(&hypothesis) && found.len() < NEAR {
            seen.push(hypothesis);
            let result = claim.result.as_ref().map(|(name, _)| name.as_str());
            found.push(Near { hypothesis, result, place: Place::note(book, claim.note) });
        }
    }
    found
}

impl Made<'_> {
    fn talk(&self, terminal: &Terminal, filling: &Filling) {
        if !self.near.is_empty() {
            terminal.say("asked before, or nearly:");
        }
        for near in &self.near {
            terminal.say(&format!("  {}: {}", near.result.unwrap_or("open"), near.hypothesis));
            terminal.say(&format!("    {}", near.place.shown()));
        }
        match filling.actions.lines().count() {
            0 => {}
            n => terminal.say(&format!(
                "{} of {} brought along; tick them, or strike them out",
                crate::site::pages::count(n, "open action", "open actions"),
                filling.team
            )),
        }
    }
}
