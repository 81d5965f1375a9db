//! `watch`: builds, and builds again on every change.

use std::collections::HashMap;
use std::time::Duration;

use super::End;
use super::build::{counts, plural, problems, publish, world};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::disk::{PublishError, Root, Written};
use crate::live::{Live, Options, Pass};
use crate::path::SourcePath;
use crate::terminal::Terminal;
use crate::watch::Fallback;

/// Of the problems that were solved at once, this many are named.
const NAMED: usize = 10;

/// `fieldbook watch`; `by_time` looks for changes every half second and waits for no events.
pub fn watch(terminal: &Terminal, root: Root, options: Options, by_time: bool) -> End {
    let mut live = Live::new(root, options);
    let mut watch = live.watch(by_time);
    let mut is_first = true;
    let mut known = Vec::new();
    while let Some(pass) = live.next_pass(&mut watch) {
        if let Some(fallback) = watch.fallback() {
            terminal.say(&said(&fallback));
        }
        let pass = match pass {
            Ok(pass) => pass,
            Err(error) if is_first => return world(terminal, &error),
            Err(error) => {
                terminal.fail(&error.to_string(), &["the site stays as it is until the book can be read again".into()]);
                continue;
            }
        };
        tell(terminal, &known, &pass.diagnostics);
        match published(terminal, live.root(), &pass) {
            Err(end) if is_first => return end,
            Err(_) => {}
            Ok(written) => terminal.say(&line(&pass, done(written), is_first)),
        }
        known = pass.diagnostics;
        if is_first {
            is_first = false;
            // Until there is a site, Ctrl-C ends the program at once.
            watch.end_on_signal();
            terminal.say("watching for changes; Ctrl-C ends");
        }
    }
    End::Done
}

/// Publishes the site, if this pass has one, and says what went wrong.
fn published(terminal: &Terminal, root: &Root, pass: &Pass) -> Result<Option<Written>, End> {
    let Some(site) = pass.site.as_ref().filter(|_| pass.is_current) else { return Ok(None) };
    match publish(terminal, root, &pass.layout, site) {
        Ok(written) => Ok(Some(written)),
        Err(PublishError::Render(diagnostic)) => {
            terminal.show(&[diagnostic]);
            Ok(None)
        }
        Err(PublishError::Output(error)) => {
            terminal.fail(&error.to_string(), &[]);
            Err(End::World)
        }
    }
}

/// What was done with the site.
fn done(written: Option<Written>) -> Vec<String> {
    let Some(written) = written else { return vec!["nothing is published".into()] };
    let mut parts = vec![plural(written.rendered, "page") + " made", plural(written.changed, "file") + " written"];
    if written.deleted > 0 {
        parts.push(format!("{} deleted", written.deleted));
    }
    parts
}

/// What one pass did: `content/a.md: 1 note read, 2 pages made, 2 files written, 31 ms`
pub fn line(pass: &Pass, done: Vec<String>, is_first: bool) -> String {
    let mut parts = vec![plural(pass.parsed.done, "note") + " read"];
    parts.extend(done);
    parts.push(time(pass.began.elapsed()));
    let (errors, warnings) = counts(&pass.diagnostics);
    if errors + warnings > 0 {
        parts.push(problems(errors, warnings));
    }
    let what = if is_first { plural(pass.parsed.asked, "note") } else { what(&pass.changed) };
    format!("{what}: {}", parts.join(", "))
}

fn what(changed: &[SourcePath]) -> String {
    match changed {
        [] => "another day, history or folder".into(),
        [one] => one.to_string(),
        many => format!("{} files", many.len()),
    }
}

fn time(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        10.. => format!("{:.1} s", elapsed.as_secs_f64()),
        _ => format!("{} ms", elapsed.as_millis()),
    }
}

/// Shows the problems that were not there before, and names those that are gone. One that only moved
/// to another line is the same.
pub fn tell(terminal: &Terminal, before: &[Diagnostic], now: &[Diagnostic]) {
    let new = without(now, before);
    terminal.show(&new);
    let solved = without(before, now);
    let solved: Vec<&Diagnostic> = solved.iter().filter(|problem| problem.severity > Severity::Advice).collect();
    for problem in solved.iter().take(NAMED) {
        terminal.say(&format!("solved: {}: {} [{}]", problem.file, problem.message, problem.code));
    }
    if solved.len() > NAMED {
        terminal.say(&format!("solved: {} more", solved.len() - NAMED));
    }
}

/// The diagnostics that are not among the others, wherever in their files they stand.
fn without(these: &[Diagnostic], others: &[Diagnostic]) -> Vec<Diagnostic> {
    let key = |d: &Diagnostic| -> (Code, SourcePath, String) { (d.code, d.file.clone(), d.message.clone()) };
    let mut left: HashMap<_, usize> = HashMap::new();
    for other in others {
        *left.entry(key(other)).or_insert(0) += 1;
    }
    let mut is_new = |d: &Diagnostic| match left.get_mut(&key(d)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    these.iter().filter(|diagnostic| is_new(diagnostic)).cloned().collect()
}

/// Why changes are looked for and not waited for.
pub fn said(fallback: &Fallback) -> String {
    match fallback {
        Fallback::Limit => "the system watches no more folders (on Linux, raise fs.inotify.max_user_watches); \
                            looking for changes twice a second"
            .into(),
        Fallback::Unavailable(why) => {
            format!("the system does not tell of changes ({why}); looking for them twice a second")
        }
    }
}
