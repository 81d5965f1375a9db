//! `new`: a note from its kind's template.

use super::{End, said};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::disk::{self, Root};
use crate::history;
use crate::path::slug;
use crate::terminal::Terminal;
use crate::text::{closest, reason};

/// `fieldbook new KIND "title"`
pub fn run(terminal: &Terminal, root: &Root, kind: &str, title: &str) -> End {
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
    let Some(kind) = config.kinds.by_name(kind) else {
        let names: Vec<&str> = config.kinds.iter().map(|kind| kind.name.as_str()).collect();
        let hint = match closest(kind, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the kinds are {}", names.join(", ")),
        };
        terminal.fail(&format!("there is no kind `{kind}`"), &[hint]);
        return End::Problems;
    };
    if title.trim().is_empty() {
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
    match disk::create(root, &path, &kind.new_note(title.trim(), today, &author)) {
        Ok(true) => said(terminal, terminal.data(&format!("{path}\n")), End::Done),
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
