//! Fieldbook turns a folder of markdown notes into a learning handbook.
//!
//! A build is a function from a [`Snapshot`](source::Snapshot) to a [`Site`](site::Site) and its
//! [`Diagnostic`](diagnostic::Diagnostic)s. Everything that touches the world stands on either side:
//!
//! ```text
//!    disk::list+read      note::parse         book::assemble        site::plan         disk::publish
//! files ────────▶ Snapshot ────────▶ Note (×n) ──────────▶ Book ────────────▶ Site ────────────▶ files
//!   I/O           values    per file, memo     whole book       fingerprints    I/O, the difference only
//! ```
//!
//! In reading order:
//!
//! 1. [`disk::list`] finds the book's files and [`disk::Listing::read`] reads them, beside
//!    [`history::read`] for git, into a [`source::Snapshot`]: all that a build may look at.
//! 2. [`config::Config::parse`] reads book.toml; kinds of note are data.
//! 3. [`note::parse`] understands one file alone. What only the others know stays open, as a
//!    [`note::link::Hole`].
//! 4. [`book::assemble`] sees the whole: addresses, groups, links, backlinks, order.
//! 5. [`site::plan`] decides which pages there are; [`site::Site::fingerprint`] is that of one
//!    page's [view](site::view), and [`site::Site::render`] makes its bytes.
//!    [`search::Index`] is made from the book when it is first asked for, and its files are the site's.
//! 6. [`disk::publish()`] asks for the bytes whose fingerprints have changed and exchanges the old
//!    site for the new.
//!
//! [`engine::Engine`] is the one composition of 2 to 5 and remembers parsed notes; [`live::Live`] is
//! the loop around it, from the disk to a site, and [`cli`] says what is done with each pass. The rungs below them: [`text`], [`path`], [`date`], [`memo`], [`parallel`] know
//! nothing; [`diagnostic`] and [`data`] know those; and so on up. A module imports only lower
//! rungs, which `tests/architecture.rs` holds.

pub mod book;
pub mod browser;
pub mod cli;
pub mod config;
pub mod data;
pub mod date;
pub mod diagnostic;
pub mod disk;
pub mod edit;
pub mod engine;
pub mod history;
pub mod live;
pub mod memo;
pub mod note;
pub mod parallel;
pub mod path;
pub mod search;
pub mod server;
pub mod site;
pub mod source;
pub mod terminal;
pub mod text;
pub mod watch;
pub mod words;
