//! `review`: says in a note that somebody has looked at it.

use serde::Serialize;

use super::place::print;
use super::{DataFormat, End};
use crate::disk::{self, Root};
use crate::edit::{apply, front, rename};
use crate::live::{Live, Options};
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The notes: by path, file name or title
    #[arg(value_name = "NOTE", required = true)]
    notes: Vec<String>,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

#[derive(Debug, Serialize)]
struct Reviewed {
    path: String,
    reviewed: String,
}

/// `fieldbook review NOTE`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let mut live = Live::new(root, Options::default());
    let (snapshot, content) = match live.snapshot() {
        Ok(found) => found,
        Err(error) => {
            terminal.fail(&error.to_string(), &[]);
            return End::World;
        }
    };
    let book = rename::whole(&snapshot, content.as_deref());
    let today = snapshot.today.to_string();
    // All notes are found and all changes are made before the first is written.
    let mut changes = Vec::new();
    for name in &arguments.notes {
        let id = match rename::find(&book, name) {
            Ok(id) => id,
            Err(refusal) => {
                super::mv::refuse(terminal, name, &refusal);
                return End::Problems;
            }
        };
        let note = &book.entry(id).note;
        let names = ["reviewed", "last_reviewed", "last_reviewed_on"];
        match front::set(note, &names, &today) {
            Ok(edit) => changes.push((note.source.clone(), apply(&note.source, vec![edit]))),
            Err(refusal) => {
                terminal.fail(
                    &format!("`{}` {}", note.source.path, refusal.reason()),
                    &["write `reviewed:` into it yourself".into()],
                );
                return End::Problems;
            }
        }
    }
    let mut done = Vec::new();
    for (source, after) in changes {
        if let Err(error) = disk::rewrite(live.root(), source.path.as_str(), &source.bytes, &after) {
            terminal.fail(&format!("can't write `{}`: {error}", source.path), &[]);
            return End::World;
        }
        done.push(Reviewed { path: source.path.to_string(), reviewed: today.clone() });
    }
    let text: String = done.iter().map(|one| format!("{}\n", one.path)).collect();
    let end = print(terminal, arguments.format, &done, &text);
    if matches!(arguments.format, DataFormat::Text) {
        terminal.say(&format!("looked at on {}; does anything in it want another word?", snapshot.today.long()));
    }
    end
}
