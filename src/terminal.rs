//! The only standard output and error. Data goes to stdout, talk to stderr; a closed pipe ends
//! quietly. Colour is for the eye: every meaning also stands in words.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Place, Severity};

/// Diagnostics that are shown in full; the others are counted.
const SHOWN: usize = 100;

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With the line and a caret.
    Text,
    /// One line each: `file:line:column: severity[code]: message`.
    Short,
    /// One JSON object a line.
    Json,
    /// Workflow commands that GitHub shows beside the lines.
    Github,
}

/// Writes to the two streams.
#[derive(Debug)]
pub struct Terminal {
    colour: bool,
    /// Of data.
    data_colour: bool,
    is_terminal: bool,
    started: Instant,
}

impl Terminal {
    /// Looks at the streams and at `NO_COLOR` (any value but an empty one means none) once.
    pub fn from_environment() -> Self {
        let is_terminal = io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let data_colour = io::stdout().is_terminal() && !no_colour;
        Terminal { colour: is_terminal && !no_colour, data_colour, is_terminal, started: Instant::now() }
    }

    /// How long the command has run: to be shown, and for nothing else.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// A line of talk.
    pub fn say(&self, line: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", clean(line));
    }

    /// An error about the world: a message and what to do about it.
    pub fn fail(&self, message: &str, hints: &[String]) {
        let label = self.paint("error", "1;31");
        let _ = writeln!(io::stderr().lock(), "{label}: {}", clean(message));
        for hint in hints {
            let _ = writeln!(io::stderr().lock(), "  = hint: {}", clean(hint));
        }
    }

    /// A piece of data, as it is. That nobody reads it to its end is no error.
    pub fn data(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    /// Text for the standard output, which stands out where that is a terminal; without control characters.
    pub fn strong(&self, text: &str) -> String {
        let text = clean(text);
        if self.data_colour { format!("\x1b[1m{text}\x1b[0m") } else { text }
    }

    /// Text for the standard output, without control characters.
    pub fn plain(&self, text: &str) -> String {
        clean(text)
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// Text of notes over several lines, safe on a terminal; as it is where it goes into a file.
    pub fn plain_lines(&self, text: &str) -> String {
        match io::stdout().is_terminal() {
            true => text.split('\n').map(clean).collect::<Vec<_>>().join("\n"),
            false => text.to_owned(),
        }
    }

    /// Shows diagnostics beside the progress of a build: on stderr, the first hundred in full. Advice
    /// is for those who ask: it would be said again on each build.
    pub fn show(&self, diagnostics: &[Diagnostic]) {
        let problems: Vec<Diagnostic> =
            diagnostics.iter().filter(|diagnostic| diagnostic.severity > Severity::Advice).cloned().collect();
        let text = self.render(&problems, Format::Text);
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Writes diagnostics as data.
    pub fn write(&self, diagnostics: &[Diagnostic], format: Format) -> io::Result<()> {
        self.data(&self.render(diagnostics, format))
    }

    fn render(&self, diagnostics: &[Diagnostic], format: Format) -> String {
        let mut out = String::new();
        // Errors first: the hundred that are shown in full must not hide one.
        let mut order: Vec<&Diagnostic> = diagnostics.iter().collect();
        if matches!(format, Format::Text | Format::Short) {
            order.sort_by_key(|d| std::cmp::Reverse(d.severity));
        }
        let limit = if matches!(format, Format::Text) { SHOWN } else { usize::MAX };
        for diagnostic in order.iter().take(limit) {
            match format {
                Format::Text => out.push_str(&self.text(diagnostic)),
                Format::Short => out.push_str(&short(diagnostic)),
                Format::Json => out.push_str(&json(diagnostic)),
                Format::Github => out.push_str(&github(diagnostic)),
            }
            out.push('\n');
        }
        if order.len() > limit {
            let mut rest: BTreeMap<(std::cmp::Reverse<Severity>, &str), usize> = BTreeMap::new();
            for diagnostic in &order[limit..] {
                *rest.entry((std::cmp::Reverse(diagnostic.severity), diagnostic.code.name())).or_insert(0) += 1;
            }
            out.push_str(&format!("… and {} more:\n", order.len() - limit));
            for ((severity, code), count) in rest {
                out.push_str(&format!("{count:>7} {}[{code}]\n", severity.0));
            }
            out.push_str("        (`fieldbook check --format short` lists them all)\n");
        }
        out
    }

    fn text(&self, diagnostic: &Diagnostic) -> String {
        let renderer = if self.colour { Renderer::styled() } else { Renderer::plain() };
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Advice => Level::NOTE.with_name("advice"),
        };
        let message = clean(&diagnostic.message);
        let file = clean(diagnostic.file.as_str());
        let title = level.clone().primary_title(message).id(diagnostic.code.name());
        let mut group = Group::with_title(title);
        let excerpt;
        match &diagnostic.place {
            Some(place) if !place.excerpt.is_empty() => {
                excerpt = clean(&place.excerpt);
                let span = caret(place, &excerpt);
                group = group.element(
                    Snippet::source(excerpt.as_str())
                        .line_start(place.start.line as usize)
                        .path(file.as_str())
                        .annotation(AnnotationKind::Primary.span(span)),
                );
            }
            Some(place) => {
                group = group.element(
                    Origin::path(file.as_str())
                        .line(place.start.line as usize)
                        .char_column(place.start.column as usize),
                );
            }
            None => group = group.element(Origin::path(file.as_str())),
        }
        for hint in &diagnostic.hints {
            group = group.element(Level::HELP.with_name("hint").message(clean(hint)));
        }
        let mut text = renderer.render(&[group]);
        // The snippet may be a cut line: the place in the file is the one to print.
        if let Some(place) = diagnostic.place.as_ref().filter(|place| place.skipped > 0) {
            let shown = format!("{file}:{}:{}", place.start.line, place.start.column - place.skipped);
            text = text.replacen(&shown, &format!("{file}:{}:{}", place.start.line, place.start.column), 1);
        }
        text.push('\n');
        text
    }
}

/// The bytes of the excerpt under which the carets stand; at least one character where there is one.
fn caret(place: &Place, excerpt: &str) -> std::ops::Range<usize> {
    let column = (place.start.column - 1).saturating_sub(place.skipped) as usize;
    let offset = |characters: usize| excerpt.char_indices().nth(characters).map_or(excerpt.len(), |(at, _)| at);
    let start = offset(column);
    let end = match place.end.line == place.start.line {
        true => offset((place.end.column - 1).saturating_sub(place.skipped) as usize),
        false => excerpt.len(),
    };
    start..end.max(start)
}

/// Text of a note's or a file's, safe on a terminal: no control characters.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if c.is_control() || is_bidi_control(c) {
                '\u{FFFD}'
            } else {
                c
            }
        })
        .collect()
}

/// They reorder what follows them on a terminal.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn position(diagnostic: &Diagnostic) -> String {
    match &diagnostic.place {
        Some(place) => format!("{}:{}:{}", diagnostic.file, place.start.line, place.start.column),
        None => diagnostic.file.to_string(),
    }
}

fn short(diagnostic: &Diagnostic) -> String {
    let hint = diagnostic.hints.first().map_or_else(String::new, |hint| format!(" ({hint})"));
    clean(&format!(
        "{}: {}[{}]: {}{hint}",
        position(diagnostic),
        diagnostic.severity,
        diagnostic.code,
        diagnostic.message
    ))
}

#[derive(Serialize)]
struct Json<'d> {
    file: &'d str,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    severity: Severity,
    code: &'d str,
    message: &'d str,
    hints: &'d [String],
}

fn json(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place.as_ref();
    let text = serde_json::to_string(&Json {
        file: diagnostic.file.as_str(),
        line: place.map(|p| p.start.line),
        column: place.map(|p| p.start.column),
        end_line: place.map(|p| p.end.line),
        end_column: place.map(|p| p.end.column),
        severity: diagnostic.severity,
        code: diagnostic.code.name(),
        message: &diagnostic.message,
        hints: &diagnostic.hints,
    });
    // JSON escapes only some of what a terminal would obey. All of it stands within strings.
    let mut out = String::new();
    for c in text.unwrap_or_default().chars() {
        match c.is_control() || is_bidi_control(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

/// A workflow command, with the characters escaped that would end it.
fn github(diagnostic: &Diagnostic) -> String {
    let data = |text: &str| clean(text).replace('%', "%25");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let place = diagnostic.place.as_ref().map_or_else(String::new, |p| {
        format!(",line={},col={},endLine={},endColumn={}", p.start.line, p.start.column, p.end.line, p.end.column)
    });
    let hints: String = diagnostic.hints.iter().map(|hint| format!("%0A{}", data(hint))).collect();
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "notice",
    };
    format!(
        "::{command} file={}{place},title={}::{}{hints}",
        property(diagnostic.file.as_str()),
        property(diagnostic.code.name()),
        data(&diagnostic.message)
    )
}

/// Where in the program the last panic was.
static PANICKED_AT: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics from printing anything by themselves, for the rest of the process. One that is
/// caught where a note is parsed has a diagnostic for its word; any other comes to [`catch`].
pub fn silence_panics() {
    panic::set_hook(Box::new(|panic| {
        *PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner) = panic.location().map(ToString::to_string);
    }));
}

/// Does `work`. A panic in it is given as its message and, after [`silence_panics`], its place in the program.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        match PANICKED_AT.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(place) => format!("{text}, at {place}"),
            None => text.to_owned(),
        }
    })
}

/// Runs from when it was started: to be shown, and for nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts one.
    pub fn start() -> Self {
        Stopwatch(Instant::now())
    }

    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Counts finished work and says so now and then, where somebody is watching.
#[derive(Debug)]
pub struct Progress<'t> {
    terminal: &'t Terminal,
    total: usize,
    done: AtomicUsize,
    step: usize,
}

impl<'t> Progress<'t> {
    /// Of `total` pieces of work. Short work passes without a word.
    pub fn new(terminal: &'t Terminal, total: usize) -> Self {
        Progress { terminal, total, done: AtomicUsize::new(0), step: (total / 50).max(500) }
    }

    /// One piece is done.
    pub fn tick(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.terminal.is_terminal && done.is_multiple_of(self.step) {
            let _ = write!(io::stderr().lock(), "\r{done} of {} files", self.total);
        }
    }

    /// Clears the line.
    pub fn finish(&self) {
        if self.terminal.is_terminal && self.done.load(Ordering::Relaxed) >= self.step {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::path::SourcePath;
    use crate::text::{LineIndex, Span};

    fn quiet() -> Terminal {
        Terminal { colour: false, data_colour: false, is_terminal: false, started: Instant::now() }
    }

    fn sample() -> Diagnostic {
        let text = "one\nSee [deploys](guides/deploy.md) first.\n";
        let place = Place::new(text, &LineIndex::new(text), Span::new(8, 35));
        Diagnostic::new(Code::BrokenLink, &SourcePath::new("content/start.md"), "no note or file at `guides/deploy.md`")
            .at(place)
            .hint("did you mean `guides/deploying.md`?")
    }

    #[test]
    fn a_diagnostic_shows_its_line_with_a_caret_and_a_hint() {
        let terminal = quiet();
        let expected = "\
warning[broken-link]: no note or file at `guides/deploy.md`
 --> content/start.md:2:5
  |
2 | See [deploys](guides/deploy.md) first.
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = hint: did you mean `guides/deploying.md`?
";
        assert_eq!(terminal.text(&sample()), expected);
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let mut bad = sample();
        bad.message = "a\x1b[31mb\r\nc\u{202e}d".into();
        let terminal = quiet();
        for format in [Format::Text, Format::Short, Format::Github] {
            let out = terminal.render(&[bad.clone()], format);
            assert!(!out.contains(['\x1b', '\r', '\u{202e}']), "{out:?}");
        }
        assert_eq!(short(&bad).lines().count(), 1);
    }

    #[test]
    fn beyond_a_hundred_the_codes_are_counted() {
        let terminal = quiet();
        let many: Vec<Diagnostic> = (0..150).map(|_| sample()).collect();
        let out = terminal.render(&many, Format::Text);
        assert_eq!(out.matches("hint: did you mean").count(), 100);
        assert!(out.contains("… and 50 more:\n     50 warning[broken-link]"), "{out}");
    }

    #[test]
    fn github_commands_escape_what_would_end_them() {
        let mut bad = sample();
        bad.message = "100%: a, b".into();
        assert!(github(&bad).ends_with("::100%25: a, b%0Adid you mean `guides/deploying.md`?"), "{}", github(&bad));
    }
}
