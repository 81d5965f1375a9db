//! `build` and `check`: one pass of the loop.

use serde::{Deserialize, Serialize};

use super::{End, said};
use crate::diagnostic::{Diagnostic, Severity};
use crate::disk::{self, Content, DiskError, Layout, Output, PublishError, Root, Written, state};
use crate::live::{Live, Options, Pass};
use crate::site::{self, Site};
use crate::terminal::{Format, Progress, Terminal};

/// What a build that published had to say: kept for the next one, which says the same if nothing
/// has changed.
#[derive(Serialize, Deserialize)]
struct Outcome {
    diagnostics: Vec<Diagnostic>,
    notes: usize,
    pages: usize,
}

/// `fieldbook build`; under `strict` warnings count as errors.
pub fn build(terminal: &Terminal, root: Root, options: Options, strict: bool) -> End {
    let mut live = Live::new(root, options);
    let found = match live.find() {
        Ok(found) => found,
        Err(error) => return world(terminal, &error),
    };
    let stamp = found.stamp(strict);
    if let Some(outcome) = stamp.and_then(|stamp| state::load(live.root(), &found.layout, stamp))
        && let Ok(outcome) = serde_json::from_slice::<Outcome>(&outcome)
    {
        terminal.show(&outcome.diagnostics);
        conclude(terminal, live.root(), &outcome, 0);
        return verdict(&outcome.diagnostics, strict);
    }
    let Pass { site, diagnostics, layout, parsed, .. } = match live.pass_over(found) {
        Ok(pass) => pass,
        Err(error) => return world(terminal, &error),
    };
    let root = live.root();
    let notes = parsed.asked;
    let end = verdict(&diagnostics, strict);
    terminal.show(&diagnostics);
    let Some(site) = site.filter(|_| !(strict && end == End::Problems)) else {
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
pub fn publish(
    terminal: &Terminal,
    root: &Root,
    layout: &Layout,
    site: &Site,
) -> Result<Written, PublishError<Diagnostic>> {
    let files = site.all_files();
    let fingerprints = crate::parallel::map(&files, |file| site.fingerprint(file));
    let outputs: Vec<Output<'_>> = files
        .iter()
        .zip(fingerprints)
        .enumerate()
        .map(|(index, (file, fingerprint))| Output {
            route: file.route.as_str(),
            fingerprint,
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
            Ok(site.render(files[index])?.unwrap_or_default().into_owned())
        },
    );
    progress.finish();
    written
}

/// `fieldbook check`; under `strict` warnings count as errors.
pub fn check(terminal: &Terminal, root: Root, format: Format, options: Options, strict: bool) -> End {
    let mut live = Live::new(root, options);
    let Pass { site, mut diagnostics, parsed, .. } = match live.pass() {
        Ok(pass) => pass,
        Err(error) => return world(terminal, &error),
    };
    let notes = parsed.asked;
    // A template that fails shows only when it is used: each page is made, and thrown away.
    if let Some(site) = &site {
        let mut failed: Vec<Diagnostic> =
            crate::parallel::map(&site.all_files(), |file| site.render(file).err()).into_iter().flatten().collect();
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
        plural(notes, "note"),
        terminal.elapsed().as_millis(),
        problems(errors, warnings)
    ));
    if notes == 0 {
        terminal.say(&no_notes(live.root()));
    }
    said(terminal, written, verdict(&diagnostics, strict))
}

/// Says why the book can't be read.
pub fn world(terminal: &Terminal, error: &DiskError) -> End {
    terminal.fail(&error.to_string(), &[]);
    End::World
}

fn verdict(diagnostics: &[Diagnostic], strict: bool) -> End {
    let (errors, warnings) = counts(diagnostics);
    if errors > 0 || (strict && warnings > 0) { End::Problems } else { End::Done }
}

/// Errors and warnings.
pub fn counts(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    (count(Severity::Error), count(Severity::Warning))
}

/// `1 note`, `2 notes`
pub fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// `1 error, 2 warnings`
pub fn problems(errors: usize, warnings: usize) -> String {
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
