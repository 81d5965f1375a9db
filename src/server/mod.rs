//! The only sockets: a site over HTTP while it is being written, and pages that keep up with it.
//!
//! What is shown is one [`Edition`], exchanged whole by [`Server::publish`]. A request goes through
//! four steps, each of which knows nothing of the next:
//!
//! 1. [`guard`] judges its head: the host, the method, and where it comes from.
//! 2. [`address`] finds the file in the site's own table, or the address that was meant.
//! 3. [`resource`] makes the bytes, or opens the file beside the notes; [`cache`] remembers what was made.
//! 4. [`response`] sends all of it, a part, or word that the browser has it already.
//!
//! [`events`] is the stream that a page listens to. [`connection`] bounds what a client may cost.

mod address;
mod body;
mod cache;
mod connection;
mod edition;
mod events;
mod guard;
mod media;
mod range;
mod representation;
mod resource;
mod response;

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use crate::disk::Root;
use crate::memo::Fingerprint;
use crate::text::reason;
use body::Body;
pub use connection::Limits;
pub use edition::Edition;
use events::Asking;
use guard::Hosts;
use resource::{Maker, Numbered, Resource};

/// The port where none is asked for.
pub const PORT: u16 = 4000;

/// How many ports are tried from [`PORT`] on.
const TRIED: u16 = 20;

/// Threads that render pages and read files, at most: a third one would take the cores from the
/// pass that makes the next edition.
const MAKERS: usize = 2;

/// How long the end waits for a page that is being made.
const PARTING: Duration = Duration::from_secs(1);

/// Why there is no server.
#[derive(Debug)]
pub enum ServeError {
    /// Another program has the port. With it, a free one of those that follow, if there is one.
    Taken(SocketAddr, Option<u16>),
    /// The host is no address of this machine, or the system has no socket or thread to give.
    Io(String, io::Error),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServeError::Taken(address, _) => write!(f, "port {} is taken by another program", address.port()),
            ServeError::Io(what, error) => write!(f, "can't {what}: {}", reason(error)),
        }
    }
}

impl std::error::Error for ServeError {}

/// A socket on which nothing is answered yet: connections wait.
#[derive(Debug)]
pub struct Socket {
    listener: TcpListener,
    address: SocketAddr,
    host: String,
    runtime: Runtime,
}

impl Socket {
    /// Opens a socket on `host`, a name or a number of this machine's. Without a `port` it is
    /// [`PORT`] or, if that is taken, the next free one; with 0, one that the system chooses.
    pub fn open(host: &str, port: Option<u16>) -> Result<Self, ServeError> {
        let failed = |what: String| move |error| ServeError::Io(what, error);
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(MAKERS)
            .enable_all()
            .build()
            .map_err(failed("start a thread".into()))?;
        let find = |port: u16| (host, port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let addresses = find(port.unwrap_or(PORT)).map_err(failed(format!("find the host `{host}`")))?;
        let first = *addresses.first().ok_or_else(|| {
            ServeError::Io(format!("find the host `{host}`"), io::Error::from(io::ErrorKind::AddrNotAvailable))
        })?;
        let open = |port: u16| runtime.block_on(TcpListener::bind(SocketAddr::new(first.ip(), port)));
        let is_taken = |opened: &io::Result<TcpListener>| {
            opened.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
        };
        let following = || (1..TRIED).filter_map(|n| first.port().checked_add(n));
        let mut opened = open(first.port());
        if is_taken(&opened) && port.is_none() {
            opened = following().map(open).find(|opened| !is_taken(opened)).unwrap_or(opened);
        }
        if is_taken(&opened) {
            return Err(ServeError::Taken(first, following().find(|port| open(*port).is_ok())));
        }
        let listener = opened.map_err(failed(format!("listen on `{host}`")))?;
        let address = listener.local_addr().map_err(failed(format!("listen on `{host}`")))?;
        Ok(Socket { listener, address, host: host.to_owned(), runtime })
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address to open in a browser on this machine.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".into(),
            IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".into(),
            IpAddr::V6(ip) if self.host.parse::<IpAddr>().is_ok() => format!("[{ip}]"),
            _ => self.host.clone(),
        };
        format!("http://{ip}:{}/", self.address.port())
    }

    /// Starts to answer, with this edition of the book in `root`.
    pub fn serve(self, root: Root, limits: Limits, edition: Edition) -> Server {
        let maker = Maker::new(root, token());
        let (editions, _) = watch::channel(Arc::new(Numbered::new(0, edition)));
        let shared = Arc::new(Shared { maker: maker.into(), hosts: Hosts { named: self.host }, editions });
        let answering = shared.clone();
        let answer = move |request, local| {
            let shared = answering.clone();
            async move { shared.answer(request, local).await }
        };
        self.runtime.spawn(connection::accept(self.listener, limits, answer));
        Server { shared, runtime: self.runtime, published: AtomicU64::new(0) }
    }
}

/// Answers requests until it is stopped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    runtime: Runtime,
    published: AtomicU64,
}

impl Server {
    /// Shows another edition from now on, and tells the pages that are open.
    pub fn publish(&self, edition: Edition) {
        let number = self.published.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.editions.send_replace(Arc::new(Numbered::new(number, edition)));
    }

    /// Pages that listen.
    pub fn listeners(&self) -> usize {
        self.shared.editions.receiver_count()
    }

    /// Ends all connections, whatever is being sent on them, and closes the socket. A page that is
    /// being made is waited for, but not for long.
    pub fn stop(self) {
        self.runtime.shutdown_timeout(PARTING);
    }
}

#[derive(Debug)]
struct Shared {
    maker: Arc<Maker>,
    hosts: Hosts,
    editions: watch::Sender<Arc<Numbered>>,
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>, local: IpAddr) -> Response<Body> {
        // The body, which is not read, goes with the connection.
        let request = request.into_parts().0;
        if let Err(refusal) = guard::admit(&request, &self.hosts, local) {
            return response::refusal(refusal);
        }
        let path = request.uri.path();
        if resource::own_name(path) == Some("events") {
            return self.listen(&request);
        }
        match self.resource(&request, path).await {
            Some(resource) => response::answer(&request, resource),
            None => response::line(StatusCode::INTERNAL_SERVER_ERROR, "this page made fieldbook fail: a bug"),
        }
    }

    /// What is at the path; none where making it panicked.
    async fn resource(&self, request: &Parts, path: &str) -> Option<Resource> {
        let now = self.editions.borrow().clone();
        let at_hand = self.maker.at_hand(&now, path);
        if let Some(resource) = at_hand.filter(|resource| !is_to_be_compressed(request, resource)) {
            return Some(resource);
        }
        let (maker, path, request) = (self.maker.clone(), path.to_owned(), request.clone());
        let made = spawn_blocking(move || {
            // Others may have asked for it, too, while this request waited for a thread.
            let resource = maker.at_hand(&now, &path).unwrap_or_else(|| maker.make(&now, &path));
            if let Resource::Held(_, held) = &resource
                && is_to_be_compressed(&request, &resource)
            {
                held.gzip();
            }
            resource
        });
        made.await.ok()
    }

    /// Opens the stream of events for a page.
    fn listen(&self, request: &Parts) -> Response<Body> {
        let asking = request.uri.query().and_then(Asking::read);
        // Compared as hashes, so that the time it takes tells nothing of the token.
        let hash = |token: &str| Fingerprint::of_bytes(token.as_bytes());
        let Some(asking) = asking.filter(|asking| hash(&asking.token) == hash(&self.maker.token)) else {
            return response::line(StatusCode::FORBIDDEN, "only a page of this server's run may listen");
        };
        let (sender, messages) = mpsc::channel(2);
        let task = tokio::spawn(events::follow(self.maker.clone(), self.editions.subscribe(), asking, sender));
        response::events(Body::of_events(messages, task))
    }
}

fn is_to_be_compressed(request: &Parts, resource: &Resource) -> bool {
    response::wants_gzip(request, resource) && matches!(resource, Resource::Held(_, held) if held.gzipped().is_none())
}

/// 128 bits that nobody can guess: two values of SipHash under a key that the system drew by lot.
fn token() -> String {
    let key = RandomState::new();
    format!("{:016x}{:016x}", key.hash_one(0), key.hash_one(1))
}
