//! From an address to what is sent for it: pages are made when they are asked for, files beside the
//! notes are opened.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hyper::StatusCode;

use super::address::{self, Target};
use super::cache::{Cache, Entry};
use super::edition::{Edition, error_page};
use super::media;
use super::representation::{FOLDER, Representation, Shown};
use crate::diagnostic::Diagnostic;
use crate::disk::{self, OpenAsset, Root};
use crate::memo::Fingerprint;
use crate::path::SourcePath;
use crate::site::{Content, File, Site};

/// The largest asset that is read whole, to be sent compressed, in bytes.
const READ_WHOLE: u64 = 1024 * 1024;

/// Folders in an address for which the page that says so is made; beyond, a line does.
const DEEPEST: usize = 64;

/// The server's own files, by their name in [`FOLDER`].
const OWN: &[(&str, &str)] = &[("reload.js", include_str!("reload.js")), ("reload.css", include_str!("reload.css"))];

/// What is sent for an address.
#[derive(Debug, Clone)]
pub enum Resource {
    /// Bytes that are held.
    Held(StatusCode, Arc<Representation>),
    /// A file, which is read while it is sent.
    Open(&'static str, Arc<OpenAsset>),
    /// The address that is meant.
    Elsewhere(String),
}

/// What an open page has to know of its address.
#[derive(Debug)]
pub struct Seen {
    /// What a browser shows there.
    pub shown: Shown,
    /// Why there is an error in the page's place.
    pub failure: Option<Diagnostic>,
    /// The note whose page it is.
    pub source: Option<SourcePath>,
}

/// An edition and its number, which no other one has.
#[derive(Debug)]
pub struct Numbered {
    /// Counted from the first one.
    pub number: u64,
    /// What is shown.
    pub edition: Edition,
    assets: OnceLock<Fingerprint>,
}

impl Numbered {
    /// The edition with this number.
    pub fn new(number: u64, edition: Edition) -> Self {
        Numbered { number, edition, assets: OnceLock::new() }
    }

    /// Of all files beside the notes: looked at once, however many pages are open.
    pub fn assets(&self) -> Fingerprint {
        *self.assets.get_or_init(|| self.edition.assets())
    }
}

/// Makes and remembers what is sent.
#[derive(Debug)]
pub struct Maker {
    /// The book's folder.
    pub root: Root,
    /// Opens the stream of events; it stands in the pages, which other sites can't read.
    pub token: String,
    /// The server's own files, by name.
    own: Vec<(&'static str, Arc<Representation>)>,
    /// What was made.
    cache: Mutex<Cache>,
}

impl Maker {
    /// Nothing is made yet.
    pub fn new(root: Root, token: String) -> Self {
        let own = OWN.iter().map(|(name, text)| (*name, Representation::of_bytes(media::of(name), *text).into()));
        Maker { root, token, own: own.collect(), cache: Mutex::default() }
    }

    /// What there is for a path without any work: what was made for this edition before. The other
    /// paths take [`Maker::make`].
    pub fn at_hand(&self, now: &Numbered, path: &str) -> Option<Resource> {
        if let Some(name) = own_name(path) {
            let own = self.own.iter().find(|(own, _)| *own == name);
            return Some(own.map_or_else(nothing, |(_, file)| held(StatusCode::OK, file.clone())));
        }
        let site = now.edition.site.as_ref()?;
        match address::find(|route| site.file_at_hand(route), path) {
            Target::File(file) => {
                let entry = self.remembered(file).filter(|entry| entry.edition == now.number)?;
                Some(held(StatusCode::OK, entry.held))
            }
            // It may be a file of the index, which takes its time to be made.
            Target::Elsewhere(_) | Target::Nothing(_) => None,
        }
    }

    /// What there is for a path that is not at hand. It may render a page or read from the disk.
    pub fn make(&self, now: &Numbered, path: &str) -> Resource {
        let Some(site) = &now.edition.site else {
            return held(StatusCode::SERVICE_UNAVAILABLE, self.without_a_site(&now.edition, path).into());
        };
        match address::find(|route| site.file(route), path) {
            Target::Elsewhere(path) => Resource::Elsewhere(path),
            Target::File(file) => match &file.content {
                Content::Asset(asset) => self.open(&now.edition, file, &site.book.assets[*asset].asset.path),
                _ => held(StatusCode::OK, self.render(now, site, file)),
            },
            Target::Nothing(depth) => match site.missing(depth).filter(|_| depth <= DEEPEST) {
                Some(page) => held(StatusCode::NOT_FOUND, self.render(now, site, &page)),
                None => nothing(),
            },
        }
    }

    /// What an open page has to know of its address, which may mean to make it.
    pub fn look(&self, now: &Numbered, path: &str) -> Seen {
        let whole = |text| Seen { shown: Shown { text, styles: Fingerprint::default() }, failure: None, source: None };
        let source = now.edition.site.as_ref().and_then(|site| match address::find(|route| site.file(route), path) {
            Target::File(file) => now.edition.source(file).cloned(),
            _ => None,
        });
        match self.at_hand(now, path).unwrap_or_else(|| self.make(now, path)) {
            Resource::Held(_, held) => match held.shown {
                Some(shown) => Seen { shown, failure: held.failure.clone(), source },
                None => whole(held.version),
            },
            Resource::Open(_, asset) => whole(asset.version()),
            Resource::Elsewhere(path) => whole(Fingerprint::of(&path)),
        }
    }

    fn remembered(&self, file: &File) -> Option<Entry> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&file.route)
    }

    /// A file of the site that is made. What was made of the same is taken, whatever edition it was for.
    fn render(&self, now: &Numbered, site: &Site, file: &File) -> Arc<Representation> {
        let last = self.remembered(file);
        if let Some(entry) = last.as_ref().filter(|entry| entry.edition == now.number) {
            return entry.held.clone();
        }
        let fingerprint = site.fingerprint(file);
        let held = match last.filter(|entry| entry.fingerprint == fingerprint) {
            Some(entry) => entry.held,
            None => self.represent(site, file).into(),
        };
        let entry = Entry { fingerprint, edition: now.number, held: held.clone() };
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).put(file.route.clone(), entry);
        held
    }

    fn represent(&self, site: &Site, file: &File) -> Representation {
        let media = media::of(file.route.as_str());
        match site.render(file) {
            Ok(bytes) if media == media::HTML => {
                Representation::page(&bytes.unwrap_or_default(), Some(site), &file.route.root(), &self.token)
            }
            Ok(bytes) => Representation::of_bytes(media, bytes.unwrap_or_default().into_owned()),
            Err(failure) => {
                let html = error_page("This page can't be made", [&failure], None);
                Representation::page(html.as_bytes(), None, &file.route.root(), &self.token).in_place_of(failure)
            }
        }
    }

    fn without_a_site(&self, edition: &Edition, path: &str) -> Representation {
        let html = error_page("There is no site to show yet", &edition.diagnostics, edition.failure.as_deref());
        let depth = path.matches('/').count().saturating_sub(1);
        let root = if depth <= DEEPEST { "../".repeat(depth) } else { "/".into() };
        Representation::page(html.as_bytes(), None, &root, &self.token)
    }

    /// A file beside the notes: small texts whole, everything else piece by piece.
    fn open(&self, edition: &Edition, file: &File, path: &SourcePath) -> Resource {
        let media = media::of(file.route.as_str());
        let opened = disk::open_asset(&self.root, &edition.layout, path).and_then(|asset| {
            if !media::is_text(media) || asset.size() > READ_WHOLE {
                return Ok(Resource::Open(media, Arc::new(asset)));
            }
            let bytes = asset.read(0, usize::try_from(asset.size()).unwrap_or(usize::MAX))?;
            Ok(held(StatusCode::OK, Representation::new(media, bytes, asset.version()).into()))
        });
        // It went or changed since the site was made: the next edition will know.
        opened.unwrap_or_else(|_| nothing())
    }
}

/// The name of a file in the server's own folder.
pub fn own_name(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.strip_prefix(FOLDER)
}

fn held(status: StatusCode, held: Arc<Representation>) -> Resource {
    let status = if held.failure.is_some() { StatusCode::INTERNAL_SERVER_ERROR } else { status };
    Resource::Held(status, held)
}

/// A line in the place of a page.
fn nothing() -> Resource {
    let line = Representation::of_bytes(media::TEXT, "there is nothing at this address\n");
    Resource::Held(StatusCode::NOT_FOUND, line.into())
}
