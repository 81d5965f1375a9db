//! The one composition of the stages, and what they remember between builds.

use std::collections::HashMap;
use std::sync::Arc;

use crate::book::{self, Book, Surroundings};
use crate::config::Config;
use crate::diagnostic::{Checked, Code, Diagnostic, Severity};
use crate::memo::{Fingerprint, Memo, Work};
use crate::note::{self, Note};
use crate::path::SourcePath;
use crate::site::theme::Theme;
use crate::site::{self, Site};
use crate::source::{Snapshot, Source};

/// What the caller asks for beyond the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Request {
    /// Show drafts and scheduled notes.
    pub drafts: bool,
    /// The folder is no more than a folder of notes: the root itself is the content.
    pub bare: bool,
}

/// The result of one pass.
#[derive(Debug)]
pub struct Build {
    /// The site; none where book.toml or the theme can't be used, so that nothing is published.
    pub site: Option<Arc<Site>>,
    /// All that is wrong with the author's files, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Notes that were parsed in this pass, of all.
    pub parsed: Work,
    /// Published notes whose links were resolved in this pass, of all: all, where a note changed in what
    /// the book as a whole sees of it.
    pub resolved: Work,
}

impl Build {
    /// How many diagnostics have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }
}

/// Remembers what it made of the last snapshot. A fresh engine gives the same result, only later.
#[derive(Debug, Default)]
pub struct Engine {
    config: Option<ReadConfig>,
    /// Of the options that `notes` were parsed with.
    options: Fingerprint,
    notes: Memo<SourcePath, Note>,
    book: book::Memory,
    planned: Option<Planned>,
}

/// What was read of book.toml.
#[derive(Debug)]
struct ReadConfig {
    source: Option<Source>,
    bare: bool,
    config: Arc<Config>,
    diagnostics: Vec<Diagnostic>,
}

/// A site, and what was read of its theme.
#[derive(Debug)]
struct Planned {
    sources: Vec<Source>,
    diagnostics: Vec<Diagnostic>,
    site: Arc<Site>,
}

impl Engine {
    /// One pass over the snapshot: never fails, never does I/O.
    pub fn build(&mut self, snapshot: &Snapshot, request: Request) -> Build {
        let mut diagnostics = snapshot.problems.clone();
        let (config, of_config) = self.config(snapshot, request);
        // What the notes are to be judged by is not known.
        let is_config_usable = is_usable(&of_config);
        diagnostics.extend(of_config);
        if !is_config_usable {
            let parsed = Work { asked: snapshot.notes.len(), done: 0 };
            let resolved = Work { asked: 0, done: 0 };
            return Build { site: None, diagnostics: judge(diagnostics, &config), parsed, resolved };
        }

        let options = config.parse_options();
        let option_fingerprint = options.fingerprint();
        if self.options != option_fingerprint {
            (self.options, self.notes) = (option_fingerprint, Memo::default());
        }
        let (notes, parsed) = self.notes.refresh(
            &snapshot.notes,
            |source| &source.path,
            |note, source| Arc::ptr_eq(&note.source, source) || note.source.fingerprint == source.fingerprint,
            |source| note::parse(source, &options, note::fingerprint(source, option_fingerprint)),
        );
        diagnostics.extend(notes.iter().flat_map(|note| note.diagnostics.iter().cloned()));

        let around = Surroundings {
            assets: &snapshot.assets,
            history: &snapshot.history,
            today: snapshot.today,
            drafts: request.drafts,
        };
        let (book, resolved) = self.book.assemble(&config, &notes, &around);
        diagnostics.extend(book.diagnostics);
        diagnostics.extend_from_slice(book.value.advice());

        let (site, of_theme) = self.site(snapshot, book.value);
        diagnostics.extend(of_theme);
        let diagnostics = judge(diagnostics, &config);
        let site = is_usable(&diagnostics).then_some(site);
        Build { site, diagnostics, parsed, resolved }
    }

    /// What book.toml says, and what is wrong with it. The same file gives the same value.
    fn config(&mut self, snapshot: &Snapshot, request: Request) -> (Arc<Config>, Vec<Diagnostic>) {
        let known = self.config.take().filter(|known| known.source == snapshot.config && known.bare == request.bare);
        let read = self.config.insert(known.unwrap_or_else(|| {
            let Checked { value: mut config, diagnostics } = Config::parse(snapshot.config.as_ref());
            if request.bare {
                config.content = String::new();
            }
            let config = Arc::new(config);
            ReadConfig { source: snapshot.config.clone(), bare: request.bare, config, diagnostics }
        }));
        (read.config.clone(), read.diagnostics.clone())
    }

    /// The site, and what is wrong with the theme.
    fn site(&mut self, snapshot: &Snapshot, book: Arc<Book>) -> (Arc<Site>, Vec<Diagnostic>) {
        let known = self.planned.take().filter(|known| {
            let last = &known.site.book;
            known.sources == snapshot.theme && Arc::ptr_eq(&last.config, &book.config) && book.is_shaped_as(last)
        });
        let planned = match known {
            Some(known) => Planned { site: Arc::new(site::plan_again(&known.site, book)), ..known },
            None => {
                let theme = Theme::load(&snapshot.theme, &book.config.theme_folder());
                let site = Arc::new(site::plan(book, theme.value));
                Planned { sources: snapshot.theme.clone(), diagnostics: theme.diagnostics, site }
            }
        };
        let planned = self.planned.insert(planned);
        (planned.site.clone(), planned.diagnostics.clone())
    }
}

/// Whether something can be published by a book.toml, and with a theme, of which this is to be said.
pub fn is_usable(diagnostics: &[Diagnostic]) -> bool {
    !diagnostics.iter().any(|diagnostic| diagnostic.code.stops_publication())
}

/// Applies the severities that book.toml sets, and sorts.
fn judge(diagnostics: Vec<Diagnostic>, config: &Config) -> Vec<Diagnostic> {
    let mut judged: Vec<Diagnostic> =
        diagnostics.into_iter().filter_map(|diagnostic| config.judge(diagnostic)).collect();
    judged.sort();
    judged.dedup();
    fold_repeated(judged)
}

/// A key that a thousand notes have, from another tool or by a habit of the team's, is one thing to
/// know: it is said for the first note, with the number of the others.
fn fold_repeated(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    const SAID_ONE_BY_ONE: usize = 5;
    // Of advice one piece is enough to know where to begin.
    let key = |d: &Diagnostic| match d.code {
        Code::UnknownKey | Code::UnknownKind | Code::UnknownTag => Some((d.code, d.message.clone())),
        code if d.severity == Severity::Advice => Some((code, String::new())),
        _ => None,
    };
    let mut counts: HashMap<(Code, String), usize> = HashMap::new();
    for key in diagnostics.iter().filter_map(key) {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts.retain(|_, count| *count > SAID_ONE_BY_ONE);
    let mut folded = Vec::with_capacity(diagnostics.len());
    for mut diagnostic in diagnostics {
        match key(&diagnostic).and_then(|key| counts.get_mut(&key)) {
            None => {}
            // Said already.
            Some(0) => continue,
            Some(count) => {
                diagnostic.hints.push(format!("{} other notes have the same", *count - 1));
                *count = 0;
            }
        }
        folded.push(diagnostic);
    }
    folded
}
