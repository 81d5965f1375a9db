//! The loop: a book on disk, passed over once by `build`, and again after each change by `watch`
//! and `serve`. All three take what [`Live`] gives them; they differ in what they do with a [`Pass`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::Config;
use crate::date::Date;
use crate::diagnostic::{Checked, Diagnostic};
use crate::disk::{self, DiskError, Layout, Listing, Memory, Reading, Root, Stamp};
use crate::engine::{self, Build, Engine, Request};
use crate::history;
use crate::memo::{Fingerprint, Work};
use crate::path::SourcePath;
use crate::site::Site;
use crate::source::{History, Snapshot, Source};
use crate::terminal::Stopwatch;
use crate::watch::{Wake, Watch};

/// How long to wait before a book that could not be read is looked at again: it may be that nothing
/// tells when that has passed.
const RETRY: Duration = Duration::from_secs(1);

/// What the command line asks for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The output folder, where it is not the default.
    pub output: Option<PathBuf>,
    /// Show drafts and scheduled notes.
    pub drafts: bool,
}

/// A book on disk, and what is remembered of it between passes.
#[derive(Debug)]
pub struct Live {
    root: Root,
    options: Options,
    engine: Engine,
    memory: Memory,
    history: Option<(Fingerprint, String, Arc<History>)>,
    last: Option<Rest>,
    /// The site of the last pass that made one.
    site: Option<Arc<Site>>,
    /// Why there could be no pass when it was last tried.
    trouble: Option<String>,
}

/// What a pass depends on besides the files that it reads.
#[derive(Debug, PartialEq)]
struct Rest {
    config: Option<Source>,
    layout: Layout,
    request: Request,
    history: Arc<History>,
    today: Date,
    problems: Vec<Diagnostic>,
}

/// What one pass found: all that there is to publish, to serve and to say.
#[derive(Debug)]
pub struct Pass {
    /// The site. Where book.toml or the theme can't be used, it is that of the last pass that could;
    /// none only where no pass could.
    pub site: Option<Arc<Site>>,
    /// The site is this pass's, not an earlier one's.
    pub is_current: bool,
    /// All that is wrong with the author's files now, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Where the book's parts lie.
    pub layout: Layout,
    /// Why there is another pass: the files that came, went or have other bytes. Empty where it is
    /// for git's history or the day, or because the book can be read again; in a first pass, all files.
    pub changed: Vec<SourcePath>,
    /// Notes of the book, and of them those that were parsed in this pass.
    pub parsed: Work,
    /// Runs since the pass began.
    pub began: Stopwatch,
}

/// A book's files, found and not yet read.
#[derive(Debug)]
pub struct Found {
    config: Option<Source>,
    /// Where the book's parts lie.
    pub layout: Layout,
    listing: Listing,
    request: Request,
    history: Fingerprint,
    began: Stopwatch,
}

impl Live {
    /// Nothing is looked at yet.
    pub fn new(root: Root, options: Options) -> Self {
        Live {
            root,
            options,
            engine: Engine::default(),
            memory: Memory::default(),
            history: None,
            last: None,
            site: None,
            trouble: None,
        }
    }

    /// The book's folder.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// What tells when this book may have changed: events, or by time alone where they are asked to be.
    pub fn watch(&self, by_time: bool) -> Watch {
        if by_time {
            return Watch::by_time();
        }
        let output = self.output().map(|output| disk::resolved(&self.root).join(output)).unwrap_or_default();
        Watch::by_events(move |path| path == output || disk::is_noise(path) || history::is_noise(path))
    }

    /// The next pass: at once if there was none yet, else as soon as something has changed. None when
    /// the watch is to end.
    ///
    /// Only what has changed since the last pass is read and parsed; the result is that of a first
    /// pass. Nothing is published and no page is made: [`Site::render`] makes one when it is asked for,
    /// also while the next pass is under way.
    ///
    /// An error says why there can be no pass, as where the content folder is not there. It is said
    /// once; the next pass is the first that there can be again.
    pub fn next_pass(&mut self, watch: &mut Watch) -> Option<Result<Pass, DiskError>> {
        loop {
            let is_first = self.last.is_none() && self.trouble.is_none();
            if !is_first && watch.wait(self.at_most()) == Wake::End {
                return None;
            }
            let pass = self.find().and_then(|found| {
                watch.follow(found.folders(&self.root));
                self.pass_if_changed(found)
            });
            match pass {
                Ok(None) => {}
                Ok(Some(pass)) => return Some(Ok(pass)),
                Err(error) => {
                    let text = error.to_string();
                    if self.trouble.as_ref() != Some(&text) {
                        self.trouble = Some(text);
                        return Some(Err(error));
                    }
                }
            }
        }
    }

    /// How long to wait if nothing happens.
    fn at_most(&self) -> Option<Duration> {
        // Another day is another input: what was scheduled appears.
        self.trouble.as_ref().map(|_| RETRY).or_else(disk::until_tomorrow)
    }

    /// One pass over the book as it is on disk now.
    pub fn pass(&mut self) -> Result<Pass, DiskError> {
        let found = self.find()?;
        self.pass_over(found)
    }

    /// Finds the book: its configuration, its folders and its files.
    pub fn find(&mut self) -> Result<Found, DiskError> {
        let began = Stopwatch::start();
        let root = &self.root;
        let config = disk::read_config(root)?;
        let Checked { value: parsed, diagnostics } = Config::parse(config.as_ref());
        let is_usable = engine::is_usable(&diagnostics);
        let mut layout = match self.last.as_ref().filter(|_| !is_usable) {
            // Nobody knows what the next one will be; most likely the same.
            Some(last) => last.layout.clone(),
            None => Layout {
                content: parsed.content.clone(),
                theme: Some(parsed.theme_folder()).filter(|folder| disk::is_folder(root, folder)),
                output: self.output()?,
            },
        };
        let mut request = Request { drafts: self.options.drafts, bare: false };
        let listing = match disk::list(root, &layout, &mut self.memory) {
            // What is wrong with book.toml comes first.
            Err(DiskError::NoContent(_)) if !is_usable => Listing::nothing(&layout),
            // A folder within a book is no book of its own: its site would lie among the notes.
            Err(DiskError::NoContent(_)) if config.is_none() && disk::book_above(root).is_some() => {
                return Err(DiskError::WithinBook(disk::book_above(root).unwrap_or_default()));
            }
            // Any folder of notes is a book.
            Err(DiskError::NoContent(_)) if config.is_none() => {
                layout.content = String::new();
                request.bare = true;
                disk::list(root, &layout, &mut self.memory)?
            }
            listing => listing?,
        };
        Ok(Found { config, layout, listing, request, history: history::version(&root.dir), began })
    }

    fn output(&self) -> Result<PathBuf, DiskError> {
        match &self.options.output {
            Some(typed) => disk::from_here(typed).map_err(|source| DiskError::Read { path: typed.clone(), source }),
            None => Ok("site".into()),
        }
    }

    /// All that a pass would look at, for commands that look at it in their own way; and the folder of
    /// the notes, where it is not the one that book.toml says.
    pub fn snapshot(&mut self) -> Result<(Snapshot, Option<String>), DiskError> {
        let found = self.find()?;
        let look = self.read(found)?;
        Ok((look.snapshot, look.request.bare.then_some(look.layout.content)))
    }

    /// The rest of a pass: reads, parses, assembles and plans.
    pub fn pass_over(&mut self, found: Found) -> Result<Pass, DiskError> {
        let look = self.read(found)?;
        Ok(self.make(look))
    }

    /// The same, if anything is not as it was in the last pass.
    fn pass_if_changed(&mut self, found: Found) -> Result<Option<Pass>, DiskError> {
        let look = self.read(found)?;
        let is_changed = !look.changed.is_empty() || self.last.as_ref() != Some(&look.rest());
        Ok((is_changed || self.trouble.is_some()).then(|| self.make(look)))
    }

    fn read(&mut self, found: Found) -> Result<Look, DiskError> {
        let Found { config, layout, listing, request, history: version, began } = found;
        let known = self.history.take().filter(|(of, content, _)| *of == version && *content == layout.content);
        let ask = || match &known {
            Some((.., history)) => history.clone(),
            None => Arc::new(history::read(&self.root.dir, &layout.content)),
        };
        let Reading { snapshot, mut changed } = listing.read(config, disk::today()?, &mut self.memory, ask)?;
        if self.last.as_ref().map_or(&None, |last| &last.config) != &snapshot.config {
            changed.insert(0, Config::file());
        }
        self.history = Some((version, layout.content.clone(), snapshot.history.clone()));
        Ok(Look { snapshot, changed, layout, request, began })
    }

    fn make(&mut self, look: Look) -> Pass {
        let Build { site, diagnostics, parsed, .. } = self.engine.build(&look.snapshot, look.request);
        let is_current = site.is_some();
        if let Some(site) = site {
            self.site = Some(site);
        }
        self.trouble = None;
        self.last = Some(look.rest());
        let Look { layout, changed, began, .. } = look;
        Pass { site: self.site.clone(), is_current, diagnostics, layout, changed, parsed, began }
    }
}

/// All that is to be known of a book before a pass makes something of it.
struct Look {
    snapshot: Snapshot,
    changed: Vec<SourcePath>,
    layout: Layout,
    request: Request,
    began: Stopwatch,
}

impl Look {
    /// What may change without a file of the snapshot that does.
    fn rest(&self) -> Rest {
        let Snapshot { config, history, today, problems, .. } = &self.snapshot;
        Rest {
            config: config.clone(),
            layout: self.layout.clone(),
            request: self.request,
            history: history.clone(),
            today: *today,
            problems: problems.clone(),
        }
    }
}

impl Found {
    /// Equal stamps mean that nothing has changed of all that a build with these options depends on.
    /// There is none where a file is too young to tell.
    pub fn stamp(&self, strict: bool) -> Option<Stamp> {
        // Everything but the files themselves.
        let others = Fingerprint::of(&(
            env!("FIELDBOOK_SOURCE"),
            self.request,
            strict,
            self.config.as_ref().map(|source| source.fingerprint),
            self.history,
            disk::today().ok(),
        ));
        self.listing.stamp(others)
    }

    /// The folders in which a change may be one of the book.
    fn folders(&self, root: &Root) -> Vec<PathBuf> {
        let top = disk::resolved(root);
        let mut folders = self.listing.folders().to_vec();
        // A folder's own name, and where it is a link what that leads to, stand in the folders above.
        for part in [Some(&self.layout.content), self.layout.theme.as_ref()].into_iter().flatten() {
            folders
                .extend(top.join(part).ancestors().skip(1).take_while(|at| at.starts_with(&top)).map(Path::to_owned));
        }
        folders.push(top.join("themes"));
        folders.push(top);
        folders.extend(history::folders(&root.dir));
        folders
    }
}
