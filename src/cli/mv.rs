//! `mv`: a note moves, and every link to it moves along.

use serde::Serialize;

use super::place::print;
use super::{DataFormat, End};
use crate::disk::{self, Root};
use crate::edit::diff;
use crate::edit::rename::{self, Plan, Refusal};
use crate::live::{Live, Options};
use crate::site::pages::count;
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The note: by path, file name or title
    old: String,
    /// Where it is to lie: a path below the content folder, or a folder
    new: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// How to say it
    #[arg(long, default_value = "text", value_name = "FORMAT")]
    format: DataFormat,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: std::path::PathBuf,
}

#[derive(Debug, Serialize)]
struct Moved {
    from: String,
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    links: usize,
    changed: Vec<String>,
    dry_run: bool,
}

/// `fieldbook mv OLD NEW`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    let mut live = Live::new(root, Options::default());
    let (snapshot, content) = match live.snapshot() {
        Ok(found) => found,
        Err(error) => {
            terminal.fail(&error.to_string(), &[]);
            return End::World;
        }
    };
    let plan = match rename::plan(&snapshot, content.as_deref(), &arguments.old, &arguments.new) {
        Ok(plan) => plan,
        Err(refusal) => {
            refuse(terminal, &arguments.old, &refusal);
            return End::Problems;
        }
    };
    let links = plan.note.links + plan.others.iter().map(|change| change.links).sum::<usize>();
    let moved = Moved {
        from: plan.from.to_string(),
        to: plan.to.to_string(),
        alias: plan.alias.clone(),
        links,
        changed: plan.others.iter().map(|change| change.path.to_string()).collect(),
        dry_run: arguments.dry_run,
    };
    if !arguments.dry_run
        && let Err(end) = write(terminal, live.root(), &plan)
    {
        return end;
    }
    let text = match arguments.dry_run {
        true => terminal.plain_lines(&shown(&plan)),
        false => format!("{}\n", moved.to),
    };
    let end = print(terminal, arguments.format, &moved, &text);
    if matches!(arguments.format, DataFormat::Text) {
        let notes = count(plan.others.len() + usize::from(plan.note.links > 0), "note", "notes");
        let would = if arguments.dry_run { "would be " } else { "" };
        let alias =
            plan.alias.as_ref().map_or_else(String::new, |alias| format!("; `{alias}` leads on to the new address"));
        if let Some((was, is)) = &plan.kinds {
            terminal.say(&format!(
                "its folder made it of the kind `{was}`; there it is `{is}`, unless it says `kind: {was}`"
            ));
        }
        terminal.say(&format!("{} in {notes} {would}rewritten{alias}", count(links, "link", "links")));
    }
    end
}

/// Writes the plan so that at no moment a byte is in no file: the note at its new place first, then the
/// notes that link to it, the old place last. What fails halfway is put back.
fn write(terminal: &Terminal, root: &Root, plan: &Plan) -> Result<(), End> {
    let failed = |what: &str, error: &std::io::Error| {
        terminal.fail(&format!("can't {what}: {error}"), &["nothing has changed".into()]);
        End::World
    };
    let text = String::from_utf8_lossy(&plan.note.after).into_owned();
    match disk::create(root, plan.to.as_str(), &text) {
        Ok(true) => {}
        Ok(false) => {
            let error = std::io::Error::other("there is a file at that place");
            return Err(failed(&format!("write `{}`", plan.to), &error));
        }
        Err(error) => return Err(failed(&format!("write `{}`", plan.to), &error)),
    }
    let mut done = Vec::new();
    let mut outcome = Ok(());
    for change in &plan.others {
        outcome = disk::rewrite(root, change.path.as_str(), &change.before, &change.after)
            .map_err(|error| (format!("write `{}`", change.path), error));
        if outcome.is_err() {
            break;
        }
        done.push(change);
    }
    let outcome = outcome.and_then(|()| {
        disk::remove(root, plan.from.as_str(), &plan.note.before)
            .map_err(|error| (format!("remove `{}`", plan.from), error))
    });
    let Err((what, error)) = outcome else { return Ok(()) };
    let mut left = Vec::new();
    for change in done {
        if disk::rewrite(root, change.path.as_str(), &change.after, &change.before).is_err() {
            left.push(change.path.to_string());
        }
    }
    if disk::remove(root, plan.to.as_str(), text.as_bytes()).is_err() {
        left.push(plan.to.to_string());
    }
    match left.is_empty() {
        true => Err(failed(&what, &error)),
        false => {
            terminal.fail(
                &format!("can't {what}: {error}"),
                &[format!("these could not be put back: {}", left.join(", "))],
            );
            Err(End::World)
        }
    }
}

/// The plan as a diff.
fn shown(plan: &Plan) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut out =
        diff::unified(plan.from.as_str(), plan.to.as_str(), &text(&plan.note.before), &text(&plan.note.after));
    for change in &plan.others {
        out.push_str(&diff::unified(
            change.path.as_str(),
            change.path.as_str(),
            &text(&change.before),
            &text(&change.after),
        ));
    }
    out
}

/// Says why a note is not found or not moved.
pub fn refuse(terminal: &Terminal, name: &str, refusal: &Refusal) {
    match refusal {
        Refusal::NoNote(near) => {
            let hints: Vec<String> = match near.as_slice() {
                [] => vec!["name it by its path, its file's name or its title".into()],
                near => near.iter().map(|path| format!("did you mean `{path}`?")).collect(),
            };
            terminal.fail(&format!("no note is called `{name}`"), &hints);
        }
        Refusal::Several(paths) => {
            let hints: Vec<String> = paths.iter().map(|path| format!("one is `{path}`")).collect();
            terminal.fail(&format!("several notes are called `{name}`"), &hints);
        }
        Refusal::Taken(path) => terminal
            .fail(&format!("`{path}` is there already"), &["choose another name, or join the two notes first".into()]),
        Refusal::NoPlace(why) => terminal.fail(&format!("a note can't lie there: {why}"), &[]),
        Refusal::Same => terminal.fail("the note lies there already", &[]),
        Refusal::Front(why) => terminal.fail(
            &format!("the note {}", why.reason()),
            &["its old address could not be kept; nothing has changed".into()],
        ),
        Refusal::Links(links) => {
            let shown = links.iter().map(|(path, line, written)| format!("{path}:{line}: `{written}`"));
            let mut hints: Vec<String> = shown.collect();
            hints.push("change them by hand first; nothing has changed".into());
            terminal.fail("these links would not lead where they led before", &hints);
        }
    }
}
