//! `serve`: shows the site over HTTP, and shows it anew on every change.

use std::sync::Arc;

use super::End;
use super::build::world;
use super::watch::{line, said, tell};
use crate::browser;
use crate::diagnostic::Diagnostic;
use crate::disk::{self, DiskError, Layout, Root};
use crate::live::{Live, Options, Pass};
use crate::server::{Edition, Limits, PORT, ServeError, Server, Socket};
use crate::site::Site;
use crate::terminal::Terminal;
use crate::text::reason;

/// Where the site is to be had.
#[derive(Debug)]
pub struct Place {
    /// A name or a number of this machine's.
    pub host: String,
    /// The port, where it is not left to the program.
    pub port: Option<u16>,
    /// Open it in a browser.
    pub open: bool,
}

/// `fieldbook serve`; `by_time` looks for changes every half second and waits for no events.
pub fn serve(terminal: &Terminal, root: Root, options: Options, by_time: bool, place: &Place) -> End {
    // First of all: that the port is taken is known at once, and a browser that asks already waits.
    let socket = match Socket::open(&place.host, place.port) {
        Ok(socket) => socket,
        Err(error) => return no_socket(terminal, &error),
    };
    let mut live = Live::new(root, options);
    let mut watch = live.watch(by_time);
    let Some(Ok(pass)) = live.next_pass(&mut watch).map(|pass| pass.map_err(|error| world(terminal, &error))) else {
        return End::World;
    };
    let mut shown = Shown::default();
    let first = line(&pass, Vec::new(), true);
    let edition = shown.after(pass);
    let mut known = edition.diagnostics.clone();
    tell(terminal, &[], &known);
    terminal.say(&first);
    let server = start(terminal, socket, live.root(), place, edition);
    watch.end_on_signal();
    loop {
        if let Some(fallback) = watch.fallback() {
            terminal.say(&said(&fallback));
        }
        match live.next_pass(&mut watch) {
            None => break,
            Some(Err(error)) => {
                server.publish(shown.instead(&error, &known));
                terminal.fail(&error.to_string(), &["the last site is shown until the book can be read again".into()]);
            }
            Some(Ok(pass)) => {
                let did = line(&pass, Vec::new(), false);
                let edition = shown.after(pass);
                let now = edition.diagnostics.clone();
                server.publish(edition);
                tell(terminal, &known, &now);
                terminal.say(&did);
                known = now;
            }
        }
    }
    server.stop();
    End::Done
}

/// Starts to answer, and says where.
fn start(terminal: &Terminal, socket: Socket, root: &Root, place: &Place, edition: Edition) -> Server {
    let (address, url) = (socket.address(), socket.url());
    // Half of what may be open: notes that are read, and files that are sent, are open, too.
    let limits = Limits::default();
    let limits = Limits { connections: limits.connections.min(disk::allow_open_files() / 2), ..limits };
    let server = socket.serve(root.clone(), limits, edition);
    if place.port.is_none() && address.port() != PORT {
        terminal.say(&format!("port {PORT} is taken by another program, so this one has {}", address.port()));
    }
    if !address.ip().is_loopback() {
        terminal.say(&format!("everyone who can reach {address} can read the book: it is open to the network"));
    }
    terminal.say(&format!("the site is at {url}; Ctrl-C ends"));
    if place.open
        && let Err(error) = browser::open(&url)
    {
        terminal.say(&format!("can't open a browser: {}", reason(&error)));
    }
    server
}

fn no_socket(terminal: &Terminal, error: &ServeError) -> End {
    let hints = match error {
        ServeError::Taken(_, Some(free)) => vec![format!("`--port {free}` is free")],
        _ => Vec::new(),
    };
    terminal.fail(&error.to_string(), &hints);
    End::World
}

/// What is shown, as far as it outlives a pass.
#[derive(Debug, Default)]
struct Shown {
    site: Option<Arc<Site>>,
    layout: Layout,
}

impl Shown {
    /// What to show after a pass. Where the theme is another one, a page of each template is made
    /// first: if one fails, the last site stays.
    fn after(&mut self, pass: Pass) -> Edition {
        let Pass { site, mut diagnostics, layout, .. } = pass;
        let is_tried = |site: &Site| {
            self.site.as_ref().is_some_and(|shown| shown.theme.book_fingerprint == site.theme.book_fingerprint)
        };
        let failed = site.as_ref().filter(|site| !is_tried(site)).and_then(|site| {
            let mut pages = site.one_of_each_template().into_iter();
            pages.find_map(|file| site.render(file).err())
        });
        match failed {
            Some(failed) => diagnostics.push(failed),
            None => (self.site, self.layout) = (site, layout),
        }
        Edition { site: self.site.clone(), layout: self.layout.clone(), diagnostics, failure: None }
    }

    /// What to show where there can be no pass: the last site, and why there is no other.
    fn instead(&self, error: &DiskError, known: &[Diagnostic]) -> Edition {
        let failure = Some(error.to_string());
        Edition { site: self.site.clone(), layout: self.layout.clone(), diagnostics: known.to_vec(), failure }
    }
}
