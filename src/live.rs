//! The loop: a book on disk, passed over once by `build`, and again after each change by `watch`
//! and `serve`. All three call [`Live::pass`]; they differ in what they do with the [`Pass`].

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::disk::{self, DiskError, Layout, Listing, Memory, Root, Stamp};
use crate::engine::{Build, Engine, Request};
use crate::history;
use crate::memo::{Fingerprint, Work};
use crate::site::Site;
use crate::source::Source;

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
    /// The site of the last pass that made one.
    site: Option<Arc<Site>>,
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
    /// Notes of the book, and of them those that were parsed in this pass.
    pub parsed: Work,
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
}

impl Live {
    /// Nothing is looked at yet.
    pub fn new(root: Root, options: Options) -> Self {
        Live { root, options, engine: Engine::default(), memory: Memory::default(), site: None }
    }

    /// The book's folder.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// One pass over the book as it is on disk now. Only what has changed since the last one is
    /// read and parsed; the result is that of a first pass.
    ///
    /// Nothing is published and no page is made: [`Site::render`] makes one when it is asked for,
    /// also while the next pass is under way.
    pub fn pass(&mut self) -> Result<Pass, DiskError> {
        let found = self.find()?;
        self.pass_over(found)
    }

    /// Finds the book: its configuration, its folders and its files.
    pub fn find(&self) -> Result<Found, DiskError> {
        let root = &self.root;
        let config = disk::read_config(root)?;
        let parsed = Config::parse(config.as_ref()).value;
        let mut layout = Layout {
            content: parsed.content.clone(),
            theme: Some(parsed.theme_folder()).filter(|folder| disk::is_folder(root, folder)),
            output: match &self.options.output {
                Some(typed) => {
                    disk::from_here(typed).map_err(|source| DiskError::Read { path: typed.clone(), source })?
                }
                None => PathBuf::from("site"),
            },
        };
        let mut request = Request { drafts: self.options.drafts, bare: false };
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
        Ok(Found { config, layout, listing, request, history: history::version(&root.dir) })
    }

    /// The rest of a pass: reads, parses, assembles and plans.
    pub fn pass_over(&mut self, found: Found) -> Result<Pass, DiskError> {
        let Found { config, layout, listing, request, .. } = found;
        let history = || history::read(&self.root.dir, &layout.content);
        let snapshot = listing.read(config, disk::today(), &mut self.memory, history)?;
        let Build { site, diagnostics, parsed } = self.engine.build(&snapshot, request);
        let is_current = site.is_some();
        if let Some(site) = site {
            self.site = Some(Arc::new(site));
        }
        Ok(Pass { site: self.site.clone(), is_current, diagnostics, layout, parsed })
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
            disk::today(),
        ));
        self.listing.stamp(others)
    }
}
