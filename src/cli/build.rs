//! `build` and `check`: one pass of the loop.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{End, said};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::disk::{self, Content, DiskError, Layout, Memory, Output, PublishError, Root, Written, state};
use crate::engine::{Build, Engine, Request};
use crate::history;
use crate::memo::Fingerprint;
use crate::site::{self, Site};
use crate::source::{Snapshot, Source};
use crate::terminal::{Format, Progress, Terminal};

/// What the command line asks for.
#[derive(Debug)]
pub struct Options {
    /// The output folder, where it is not the default.
    pub output: Option<PathBuf>,
    /// Show drafts.
    pub drafts: bool,
    /// Warnings count as errors.
    pub strict: bool,
}

/// A book that was found on disk.
struct Found {
    config: Option<Source>,
    layout: Layout,
    listing: disk::Listing,
    request: Request,
}

/// Finds the book: its configuration, its folders and its files.
fn find(root: &Root, options: &Options) -> Result<Found, DiskError> {
    let config = disk::read_config(root)?;
    let parsed = Config::parse(config.as_ref()).value;
    let mut layout = Layout {
        content: parsed.content.clone(),
        theme: Some(parsed.theme_folder()).filter(|folder| disk::is_folder(root, folder)),
        output: match &options.output {
            Some(typed) => disk::from_here(typed).map_err(|source| DiskError::Read { path: typed.clone(), source })?,
            None => PathBuf::from("site"),
        },
    };
    let mut request = Request { drafts: options.drafts, bare: false };
    let listing = match disk::list(root, &layout) {
        // A folder within a book is no book of its own: its site would lie among the notes.
        Err(DiskError::NoContent(_)) if config.is_none() && disk::book_above(root).is_some() => {
            return Err(DiskError::WithinBook(disk::book_above(root).unwrap_or_default()));
        }
        // Any folder of notes is a book.
        Err(DiskError::NoContent(_)) if config.is_none() => {
            layout.content = String::new();
            request.bare = true;
            disk::list(root, &layout)?
        }
        listing => listing?,
    };
    Ok(Found { config, layout, listing, request })
}

fn read(root: &Root, found: Found) -> Result<(Snapshot, Layout, Request), DiskError> {
    let content = found.layout.content.clone();
    let snapshot = found
        .listing
        .read(found.config, disk::today(), &mut Memory::default(), || history::read(&root.dir, &content))?;
    Ok((snapshot, found.layout, found.request))
}

/// What a build that published had to say: kept for the next one, which says the same if nothing
/// has changed.
#[derive(Serialize, Deserialize)]
struct Outcome {
    diagnostics: Vec<Diagnostic>,
    notes: usize,
    pages: usize,
}

/// `fieldbook build`
pub fn build(terminal: &Terminal, root: &Root, options: Options) -> End {
    let found = match find(root, &options) {
        Ok(found) => found,
        Err(error) => return world(terminal, &error),
    };
    // Everything but the files themselves that a build depends on.
    let others = Fingerprint::of(&(
        env!("FIELDBOOK_SOURCE"),
        found.request,
        options.strict,
        found.config.as_ref().map(|source| source.fingerprint),
        history::version(&root.dir),
        disk::today(),
    ));
    let stamp = found.listing.stamp(others);
    if let Some(outcome) = stamp.and_then(|stamp| state::load(root, &found.layout, stamp))
        && let Ok(outcome) = serde_json::from_slice::<Outcome>(&outcome)
    {
        terminal.show(&outcome.diagnostics);
        conclude(terminal, root, &outcome, 0);
        return verdict(&outcome.diagnostics, options.strict);
    }
    let (snapshot, layout, request) = match read(root, found) {
        Ok(read) => read,
        Err(error) => return world(terminal, &error),
    };
    let build = Engine::default().build(&snapshot, request);
    let notes = snapshot.notes.len();
    drop(snapshot);
    let end = verdict(&build.diagnostics, options.strict);
    terminal.show(&build.diagnostics);
    let Build { site, diagnostics, .. } = build;
    let Some(site) = site.filter(|_| !(options.strict && end == End::Problems)) else {
        let (errors, warnings) = counts(&diagnostics);
        terminal.say(&format!("nothing is published: {}", problems(errors, warnings)));
        return End::Problems;
    };
    match publish(terminal, root, &layout, &site) {
        Ok(written) => {
            let outcome = Outcome { pages: site.pages, notes, diagnostics };
            conclude(terminal, root, &outcome, written.changed_pages);
            if let Some(stamp) = stamp {
                let bytes = serde_json::to_vec(&outcome).unwrap_or_default();
                if let Err(error) = state::store(root, stamp, written.site, &bytes) {
                    terminal
                        .say(&format!("the next build will start from nothing: can't keep this one's record: {error}"));
                }
            }
            end
        }
        Err(PublishError::Render(diagnostic)) => {
            terminal.show(&[diagnostic]);
            terminal.say("nothing is published: a template of the theme failed");
            End::Problems
        }
        Err(PublishError::Output(error)) => {
            terminal.fail(&error.to_string(), &[]);
            End::World
        }
    }
}

/// Publishes the site.
fn publish(
    terminal: &Terminal,
    root: &Root,
    layout: &Layout,
    site: &Site,
) -> Result<Written, PublishError<Diagnostic>> {
    let outputs: Vec<Output<'_>> = site
        .files
        .iter()
        .enumerate()
        .map(|(index, file)| Output {
            route: file.route.as_str(),
            fingerprint: file.fingerprint,
            content: match &file.content {
                site::Content::Asset(asset) => Content::Copy(&site.book.assets[*asset].asset.path),
                _ => Content::Render(index),
            },
        })
        .collect();
    let progress = Progress::new(terminal, outputs.len());
    let written = disk::publish(
        root,
        layout,
        &outputs,
        |out| terminal.say(&format!("another build is writing to `{}`; waiting for it", out.display())),
        |index| {
            progress.tick();
            // Assets are copied, so every file that is asked for has bytes.
            Ok(site.render(&site.files[index])?.unwrap_or_default().into_owned())
        },
    );
    progress.finish();
    written
}

/// `fieldbook check`
pub fn check(terminal: &Terminal, root: &Root, format: Format, options: Options) -> End {
    let found = match find(root, &options) {
        Ok(found) => found,
        Err(error) => return world(terminal, &error),
    };
    let (snapshot, _, request) = match read(root, found) {
        Ok(read) => read,
        Err(error) => return world(terminal, &error),
    };
    let notes = snapshot.notes.len();
    let build = Engine::default().build(&snapshot, request);
    let mut diagnostics = build.diagnostics;
    // A template that fails shows only when it is used: each page is made, and thrown away.
    if let Some(site) = &build.site {
        let mut failed: Vec<Diagnostic> =
            crate::parallel::map(&site.files, |file| site.render(file).err()).into_iter().flatten().collect();
        failed.sort();
        failed.dedup_by(|a, b| a.code == b.code && a.file == b.file && a.place == b.place);
        diagnostics.extend(failed);
    }
    let written = terminal.write(&diagnostics, format);
    let (errors, warnings) = counts(&diagnostics);
    let advice = match diagnostics.len() - errors - warnings {
        0 => String::new(),
        n => format!(", {}", advice(n)),
    };
    terminal.say(&format!(
        "{} checked in {} ms: {}{advice}",
        notes_of(notes),
        terminal.elapsed().as_millis(),
        problems(errors, warnings)
    ));
    if notes == 0 {
        terminal.say(&no_notes(root));
    }
    said(terminal, written, verdict(&diagnostics, options.strict))
}

fn world(terminal: &Terminal, error: &DiskError) -> End {
    terminal.fail(&error.to_string(), &[]);
    End::World
}

fn verdict(diagnostics: &[Diagnostic], strict: bool) -> End {
    let (errors, warnings) = counts(diagnostics);
    if errors > 0 || (strict && warnings > 0) { End::Problems } else { End::Done }
}

fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}

fn notes_of(n: usize) -> String {
    format!("{n} note{}", if n == 1 { "" } else { "s" })
}

fn problems(errors: usize, warnings: usize) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, 0) => "no problems".into(),
        (0, warnings) => plural(warnings, "warning"),
        (errors, 0) => plural(errors, "error"),
        (errors, warnings) => format!("{}, {}", plural(errors, "error"), plural(warnings, "warning")),
    }
}

fn advice(n: usize) -> String {
    format!("{n} piece{} of advice", if n == 1 { "" } else { "s" })
}

/// Most likely not what was meant.
fn no_notes(root: &Root) -> String {
    let dir = root.dir.display();
    format!("there is no note in `{dir}`; `fieldbook init {dir}` makes a first book")
}

/// The last words of a build that published: `412 pages (3 changed) in 84 ms, 2 warnings`
fn conclude(terminal: &Terminal, root: &Root, outcome: &Outcome, changed: usize) {
    let pages = outcome.pages;
    let (errors, warnings) = counts(&outcome.diagnostics);
    let tail = if errors + warnings == 0 { String::new() } else { format!(", {}", problems(errors, warnings)) };
    let tail = match outcome.diagnostics.len() - errors - warnings {
        0 => tail,
        n => format!("{tail}; {} (see fieldbook check)", advice(n)),
    };
    let elapsed = terminal.elapsed();
    let time = if elapsed.as_secs() >= 10 {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!("{} ms", elapsed.as_millis())
    };
    let s = if pages == 1 { "" } else { "s" };
    terminal.say(&format!("{pages} page{s} ({changed} changed) in {time}{tail}"));
    if outcome.notes == 0 {
        terminal.say(&no_notes(root));
    }
}
