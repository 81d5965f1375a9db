//! The server over real sockets: what it answers, to whom, and what it refuses.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk and open sockets.

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fieldbook::disk::{Layout, Root};
use fieldbook::engine::{Engine, Request};
use fieldbook::server::{Edition, Limits, PORT, ServeError, Server, Socket};
use fieldbook::site::Site;
use serde_json::Value;
use support::Book;

/// A book on disk, its site, and a server that shows it.
struct Bench {
    dir: tempfile::TempDir,
    book: Book,
    server: Server,
    address: SocketAddr,
}

impl Bench {
    fn new(files: &[(&str, &str)]) -> Self {
        Bench::with_limits(files, Limits::default())
    }

    fn with_limits(files: &[(&str, &str)], limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let book = Book::of(files.iter().copied());
        write(dir.path(), &book);
        let socket = Socket::open("127.0.0.1", Some(0)).unwrap();
        let address = socket.address();
        let server = socket.serve(Root { dir: dir.path().join("book") }, limits, edition(&book));
        Bench { dir, book, server, address }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("book").join(path)
    }

    /// Changes a file and publishes the book.
    fn edit(&mut self, path: &str, text: &str) {
        self.book.write(path, text);
        self.publish();
    }

    fn remove(&mut self, path: &str) {
        self.book.files.remove(path).unwrap();
        self.publish();
    }

    fn publish(&self) {
        write(self.dir.path(), &self.book);
        self.server.publish(edition(&self.book));
    }

    fn site(&self) -> Arc<Site> {
        edition(&self.book).site.unwrap()
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        // Nothing here takes that long: a server that hangs fails the test.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
        Connection { reader: BufReader::new(stream) }
    }

    /// Asks on a connection of its own.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.connect().ask(method, path, headers)
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Opens the stream of events as the page at `path` does.
    fn listen(&self, path: &str) -> Listener {
        let page = self.get(path).text();
        let (token, shown) = (attribute(&page, "data-token"), attribute(&page, "data-text"));
        let mut connection = self.connect();
        connection.send("GET", &format!("/.fieldbook/events?token={token}&text={shown}&page={path}"), &[]);
        let head = connection.head();
        assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream"));
        Listener { connection, shown: shown.to_owned() }
    }
}

fn write(dir: &Path, book: &Book) {
    fs::create_dir_all(dir.join("book/content")).unwrap();
    for (path, bytes) in &book.files {
        let path = dir.join("book").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn edition(book: &Book) -> Edition {
    let build = Engine::default().build(&book.snapshot(), Request::default());
    let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
    Edition { site: build.site, layout, diagnostics: build.diagnostics, failure: None }
}

/// The value of an attribute's first occurrence.
fn attribute<'h>(html: &'h str, name: &str) -> &'h str {
    let start = html.find(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in {html}")) + name.len() + 2;
    &html[start..start + html[start..].find('"').unwrap()]
}

struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers);
        self.answer(method)
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) {
        let mut text = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str("Host: localhost\r\n");
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(format!("{text}\r\n").as_bytes());
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).unwrap();
    }

    fn head(&mut self) -> Answer {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {line:?}")).parse().unwrap();
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let twice = headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            assert_eq!(twice, None, "{name} stands twice");
        }
        Answer { status, headers, body: Vec::new() }
    }

    fn answer(&mut self, method: &str) -> Answer {
        let mut answer = self.head();
        if method != "HEAD" && !matches!(answer.status, 304) {
            answer.body = vec![0; answer.header("content-length").parse().unwrap()];
            self.reader.read_exact(&mut answer.body).unwrap();
        }
        answer
    }

    /// All that comes until the server closes the connection.
    fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.reader.read_to_end(&mut rest) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => panic!("{error}"),
            _ => rest,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// An open page's stream of events.
struct Listener {
    connection: Connection,
    /// The text that the page shows.
    shown: String,
}

impl Listener {
    /// The next message.
    fn next(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.connection.reader.read_line(&mut line).unwrap() > 0, "the stream has ended");
            // Chunk sizes and the first words of the stream stand on lines of their own.
            if let Some(data) = line.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}

const PAGES: &[(&str, &str)] = &[
    ("content/README.md", "# Our handbook\n\nWhat we learned.\n"),
    ("content/guides/start.md", "# Start\n\nThe first step.\n"),
    ("content/guides/next.md", "# Next\n\nThe next step.\n"),
    ("content/guides/Über uns.md", "# About us\n\nWho we are.\n"),
    ("content/guides/data.csv", "a,b\n1,2\n"),
];

/// As much of the injected script's tag as every page has, whatever its depth.
const SCRIPT: &str = ".fieldbook/reload.js\"";

#[test]
fn every_file_of_the_site_is_at_its_address_and_as_it_is_built() {
    let bench = Bench::new(PAGES);
    let site = bench.site();
    let mut connection = bench.connect();
    for file in site.all_files() {
        let path = format!("/{}", file.route.url());
        let answer = connection.ask("GET", &path, &[]);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
        let built = match site.render(file).unwrap() {
            Some(bytes) => bytes.into_owned(),
            None => b"a,b\n1,2\n".to_vec(),
        };
        if path.ends_with(".html") {
            let text = answer.text();
            let line = text.lines().find(|line| line.contains(SCRIPT)).unwrap();
            assert_eq!(text.replacen(&format!("{line}\n"), "", 1).as_bytes(), built, "{path}");
            assert!(answer.header("content-security-policy").contains("script-src 'self'"));
            assert!(text.contains(answer.header("content-security-policy").split("; frame").next().unwrap()));
        } else {
            assert_eq!(answer.body, built, "{path}");
        }
        let head = connection.ask("HEAD", &path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        let without_date = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("date");
            headers
        };
        assert_eq!(without_date(&head), without_date(&answer), "{path}");
    }
}

#[test]
fn no_site_has_a_byte_of_the_servers_and_no_file_in_its_folder() {
    let site = Bench::new(PAGES).site();
    for file in site.all_files() {
        assert!(!file.route.as_str().split('/').any(|part| part.starts_with('.')), "{}", file.route);
        let bytes = site.render(file).unwrap().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for trace in [".fieldbook/", "data-token", "EventSource", "fieldbook-problems"] {
            assert!(!text.contains(trace), "{trace} in {}", file.route);
        }
    }
}

#[test]
fn the_index_is_made_by_whoever_asks_for_it_and_found_at_once_from_then_on() {
    let bench = Bench::new(PAGES);
    let route =
        bench.site().all_files().iter().find(|file| file.route.as_str().starts_with("search/")).unwrap().route.clone();
    let site = bench.site();
    assert!(site.file_at_hand("index.html").is_some() && site.file_at_hand("search/none").is_none());
    assert!(site.file_at_hand(route.as_str()).is_none());
    assert!(site.file(route.as_str()).is_some());
    assert!(site.file_at_hand(route.as_str()).is_some());
    let first = bench.get(&format!("/{}", route.url()));
    assert_eq!((first.status, bench.get(&format!("/{}", route.url())).body), (200, first.body));
}

#[test]
fn addresses_that_people_type_lead_to_the_file() {
    let bench = Bench::new(PAGES);
    for (path, location) in [
        ("/guides/start", "/guides/start.html"),
        ("/guides/start/", "/guides/start.html"),
        ("/guides/start.html/", "/guides/start.html"),
        ("/guides", "/guides/"),
        ("/index", "/index.html"),
        ("/guides/index", "/guides/index.html"),
        ("/guides/index/", "/guides/index.html"),
        ("/guides/%C3%9Cber-uns", "/guides/%C3%9Cber-uns.html"),
        ("/guides?q=a%20b&c", "/guides/?q=a%20b&c"),
        ("/guides/data.csv/", "/guides/data.csv"),
    ] {
        let answer = bench.get(path);
        assert_eq!((answer.status, answer.header("location")), (302, location), "{path}");
        let target = bench.get(location);
        assert_eq!(target.status, 200, "{location}");
    }
    for (path, same) in [("/", "/index.html"), ("/guides/", "/guides/index.html"), ("/?q", "/index.html")] {
        assert_eq!((bench.get(path).status, bench.get(path).body), (200, bench.get(same).body), "{path}");
    }
    // A keyboard or a file system may spell an umlaut in two characters.
    assert_eq!(bench.get("/guides/U%CC%88ber-uns.html").status, 200);
}

#[test]
fn an_unknown_address_gets_the_books_own_page_with_working_links() {
    let mut files = PAGES.to_vec();
    files.push(("content/404.md", "# Nobody is here\n\nSee [the start](guides/start.md).\n"));
    files.push(("book.toml", "base_url = \"https://example.org/handbook/\"\n"));
    let bench = Bench::new(&files);
    for path in ["/nothing", "/guides/nothing.html", "/a/b/c/d/", "/a//b", "/.git/config", "/%00", "/Guides/start.html"]
    {
        let answer = bench.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let html = answer.text();
        assert!(html.contains("Nobody is here") && html.contains(SCRIPT), "{path}");
        let sheet = attribute(&html, "rel=\"stylesheet\" href");
        assert_eq!(bench.get(&resolve(path, sheet)).status, 200, "{sheet} from {path}");
        let link = html.split("<a href=\"").find(|link| link.contains(">the start<")).unwrap();
        let link = link.split('"').next().unwrap();
        assert_eq!(bench.get(&resolve(path, link)).status, 200, "{link} from {path}");
    }
    assert_eq!(bench.get(&"/a".repeat(1000)).status, 404);
    assert_eq!(bench.ask("HEAD", "/nothing", &[]).status, 404);
    assert_eq!(bench.get("/.fieldbook/nothing").status, 404);
}

/// A relative address as a browser reads it.
fn resolve(path: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." => {}
            ".." if parts.len() > 1 => drop(parts.pop()),
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn nothing_on_disk_is_reached_by_a_path() {
    let mut files = PAGES.to_vec();
    files.push(("book.toml", "title = \"secret\"\n"));
    files.push(("content/draft.md", "---\ndraft: true\n---\n# secret\n"));
    let bench = Bench::new(&files);
    fs::write(bench.dir.path().join("secret.txt"), "secret").unwrap();
    fs::write(bench.path("secret.txt"), "secret").unwrap();
    fs::write(bench.path("content/secret.txt"), "secret, and not in the table").unwrap();
    let absolute = bench.dir.path().join("secret.txt");
    let absolute = absolute.to_str().unwrap();
    let mut paths: Vec<String> = [
        "/secret.txt",
        "/content/secret.txt",
        "/content/draft.md",
        "/draft",
        "/draft.md",
        "/draft.html",
        "/book.toml",
        "/../book.toml",
        "/guides/../../book.toml",
        "/guides/..%2f..%2fbook.toml",
        "/guides/%2e%2e/%2e%2e/book.toml",
        "/guides/%2e%2e%2f%2e%2e%2fbook.toml",
        "/guides/%252e%252e%252f%252e%252e%252fbook.toml",
        "/guides/..%5c..%5cbook.toml",
        "/guides/..\\..\\book.toml",
        "/guides/%c0%ae%c0%ae/%c0%ae%c0%ae/book.toml",
        "/guides/%u002e%u002e/book.toml",
        "/guides/....//....//book.toml",
        "/guides/..;/..;/book.toml",
        "/./../../secret.txt",
        "/guides/start.html%00.txt",
        "/.fieldbook/../book.toml",
        "/.fieldbook/%2e%2e/book.toml",
        "/.fieldbook/../../secret.txt",
        "//etc/passwd",
        "///etc/passwd",
        "/%2Fetc/passwd",
        "/%2F%2Fetc%2Fpasswd",
        "/etc/passwd",
        "/proc/self/environ",
        "/file:///etc/passwd",
        "/guides%2Fstart.html",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(absolute.to_owned());
    paths.push(format!("/{absolute}"));
    paths.push(absolute.replace('/', "%2f"));
    for path in &paths {
        let mut connection = bench.connect();
        connection.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes());
        let answer = String::from_utf8(connection.rest()).unwrap();
        let status: u16 = answer.split(' ').nth(1).unwrap_or_default().parse().unwrap();
        assert!(matches!(status, 400 | 404), "{path}: {status}");
        let body = answer.split_once("\r\n\r\n").unwrap().1.replace("<title>Page not found · secret</title>", "");
        let body = body.replace("index.html\">secret</a>", "");
        assert!(!body.contains("secret") && !body.contains("root:"), "{path}: {body}");
    }
    // A redirect leads to an address of the site, never to another host.
    for path in ["//localhost/guides", "//evil.example/..%2fguides", "/\\evil.example/guides", "/%5cevil.example"] {
        assert_eq!(bench.get(path).header("location"), "", "{path}");
    }
}

#[test]
fn an_asset_that_became_a_link_or_went_is_not_sent() {
    let bench = Bench::new(PAGES);
    assert_eq!(bench.get("/guides/data.csv").text(), "a,b\n1,2\n");
    fs::write(bench.path("secret.txt"), "secret").unwrap();
    fs::remove_file(bench.path("content/guides/data.csv")).unwrap();
    assert_eq!(bench.get("/guides/data.csv").status, 404);
    for target in ["secret.txt", "book.toml"] {
        std::os::unix::fs::symlink(bench.path(target), bench.path("content/guides/data.csv")).unwrap();
        let answer = bench.get("/guides/data.csv");
        assert_eq!((answer.status, answer.text().contains("secret")), (404, false));
        fs::remove_file(bench.path("content/guides/data.csv")).unwrap();
    }
    fs::rename(bench.path("content/guides"), bench.path("elsewhere")).unwrap();
    fs::write(bench.path("elsewhere/data.csv"), "secret").unwrap();
    std::os::unix::fs::symlink(bench.path("elsewhere"), bench.path("content/guides")).unwrap();
    assert_eq!(bench.get("/guides/data.csv").status, 404);
}

#[test]
fn a_large_file_is_sent_whole_and_in_ranges() {
    let mut files = PAGES.to_vec();
    let movie: String = (0..100_000).map(|n| format!("{n:07} ")).collect();
    files.push(("content/movie.mp4", &movie));
    let bench = Bench::new(&files);
    let whole = bench.get("/movie.mp4");
    assert_eq!((whole.status, whole.header("content-type"), whole.body.len()), (200, "video/mp4", 800_000));
    assert_eq!(whole.body, movie.as_bytes());
    let tag = whole.header("etag").to_owned();
    let mut connection = bench.connect();
    for (range, expected) in
        [("0-0", 0..1), ("130000-399999", 130_000..400_000), ("-5", 799_995..800_000), ("799999-", 799_999..800_000)]
    {
        let value = format!("bytes={range}");
        let part = connection.ask("GET", "/movie.mp4", &[("Range", &value), ("If-Range", &tag)]);
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {}-{}/800000", expected.start, expected.end - 1));
        assert_eq!(part.body, movie.as_bytes()[expected]);
    }
    let beyond = connection.ask("GET", "/movie.mp4", &[("Range", "bytes=800000-")]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */800000"));
    assert_eq!(connection.ask("GET", "/movie.mp4", &[("If-None-Match", &tag)]).status, 304);
    let head = connection.ask("HEAD", "/movie.mp4", &[]);
    assert_eq!((head.header("content-length"), head.header("accept-ranges")), ("800000", "bytes"));
    // Another file has another tag, and a part of it is none of the old one's.
    fs::write(bench.path("content/movie.mp4"), "another").unwrap();
    let other = connection.ask("GET", "/movie.mp4", &[("Range", "bytes=0-1"), ("If-Range", &tag)]);
    assert_eq!((other.status, other.text()), (200, "another".into()));
}

#[test]
fn a_browser_that_has_a_page_gets_it_again_only_when_it_has_changed() {
    let mut bench = Bench::new(PAGES);
    let tag = bench.get("/guides/start.html").header("etag").to_owned();
    let again = |bench: &Bench| bench.ask("GET", "/guides/start.html", &[("If-None-Match", &tag)]);
    let known = again(&bench);
    assert_eq!((known.status, known.header("etag"), known.header("content-length")), (304, tag.as_str(), ""));
    bench.edit("content/README.md", "# Our handbook\n\nWhat else we learned.\n");
    assert_eq!(again(&bench).status, 304);
    bench.edit("content/guides/start.md", "# Start\n\nThe very first step.\n");
    let changed = again(&bench);
    assert_eq!(changed.status, 200);
    assert!(changed.text().contains("The very first step.") && changed.header("etag") != tag);
    bench.edit("content/guides/start.md", "# Start\n\nThe first step.\n");
    assert_eq!(again(&bench).status, 304);
}

#[test]
fn text_is_sent_compressed_to_those_who_ask() {
    let bench = Bench::new(PAGES);
    let plain = bench.get("/guides/start.html");
    let gzip = [("Accept-Encoding", "gzip, deflate, br")];
    let sent = bench.ask("GET", "/guides/start.html", &gzip);
    assert_eq!((sent.header("content-encoding"), sent.header("vary")), ("gzip", "accept-encoding"));
    assert!(sent.body.starts_with(b"\x1f\x8b") && sent.body.len() < plain.body.len());
    assert_eq!(bench.ask("HEAD", "/guides/start.html", &gzip).header("content-length"), sent.body.len().to_string());
    assert_eq!(bench.ask("GET", "/guides/data.csv", &gzip).header("content-encoding"), "", "too short to gain by it");
}

#[test]
fn methods_hosts_and_origins_are_judged_before_anything_is_looked_up() {
    let bench = Bench::new(PAGES);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"] {
        let answer = bench.ask(method, "/guides/start.html", &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
    for path in ["/guides/start.html", "/nothing", "/.fieldbook/reload.js", "/.fieldbook/events"] {
        for (name, value) in [
            ("Host", "evil.example"),
            ("Host", "evil.example:4000"),
            ("Origin", "http://evil.example"),
            ("Origin", "http://localhost:3000"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
        ] {
            let answer = bench.ask("GET", path, &[(name, value)]);
            assert_eq!(answer.status, 403, "{path} with {name}: {value}");
            assert!(answer.headers.keys().all(|name| !name.starts_with("access-control")), "{:?}", answer.headers);
        }
    }
    let link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
    assert_eq!(bench.ask("GET", "/guides/start.html", &link).status, 200);
    let own = [("Host", "127.0.0.1:9999"), ("Origin", "http://127.0.0.1:9999"), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(bench.ask("GET", "/guides/start.html", &own).status, 200);
}

#[test]
fn what_is_no_request_ends_its_connection_and_nothing_else() {
    let bench = Bench::new(PAGES);
    let long = "x".repeat(100_000);
    let many: String = (0..200).map(|n| format!("X-{n}: x\r\n")).collect();
    for (bytes, statuses) in [
        (&b"\r\n\r\n\r\n"[..], &[][..]),
        (b"GET\r\n\r\n", &[400]),
        (b"GET /\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\n\r\n", &[400]),
        (b"GET / HTTP/1.0\r\n\r\n", &[400]),
        (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", &[400, 505]),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", &[400]),
        (b"GET / HTTP/1.1\r\nHost: local\xffhost\r\n\r\n", &[400]),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400, 404]),
        (b"GET / x HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", &[400]),
        (b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", &[400]),
        (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", &[405]),
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", &[405]),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400, 505]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &[400]),
        (format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes(), &[414, 431]),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {long}\r\n\r\n").as_bytes(), &[431]),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").as_bytes(), &[431]),
    ] {
        let mut connection = bench.connect();
        // The server may have closed the connection before it has read all of it.
        let _ = connection.reader.get_mut().write_all(bytes);
        let _ = connection.reader.get_mut().shutdown(std::net::Shutdown::Write);
        let answer = connection.rest();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        let status = String::from_utf8_lossy(&answer).split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
        assert!(statuses.contains(&status) || status == 0, "{shown:?}: {}", String::from_utf8_lossy(&answer));
        assert_eq!(bench.get("/guides/start.html").status, 200, "after {shown:?}");
    }
}

/// A request in which a few bytes are other ones, gone, doubled or moved.
fn garbled(random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    const REQUEST: &[u8] =
        b"GET /guides/start.html?a=b HTTP/1.1\r\nHost: localhost:4000\r\nAccept-Encoding: gzip, br;q=0.5\r\n\
        Range: bytes=0-99\r\nIf-None-Match: \"x\", W/\"y\"\r\nIf-Range: \"x\"\r\nSec-Fetch-Site: same-origin\r\n\
        Origin: http://localhost:4000\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const SIGNS: &[u8] = b" \r\n:;/%.\0,-=\"\\?&#@[]";
    let mut bytes = REQUEST.to_vec();
    for _ in 0..=random(4) {
        let at = random(bytes.len());
        match random(5) {
            0 => bytes[at] = random(256) as u8,
            1 => bytes[at] = SIGNS[random(SIGNS.len())],
            2 => drop(bytes.drain(at..(at + random(20)).min(bytes.len()))),
            3 => bytes.extend_from_within(at..),
            _ => bytes.insert(at, SIGNS[random(SIGNS.len())]),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn no_garbled_request_gets_more_than_an_answer() {
    let bench = Bench::new(PAGES);
    let mut state = 0x5eed_u64;
    let mut random = |below: usize| {
        // Xorshift (Marsaglia 2003): the same requests in every run.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut statuses = BTreeMap::new();
    for _ in 0..3000 {
        let bytes = garbled(&mut random);
        let mut connection = bench.connect();
        let _ = connection.reader.get_mut().write_all(&bytes);
        let _ = connection.reader.get_mut().shutdown(std::net::Shutdown::Write);
        let answer = connection.rest();
        let head = String::from_utf8_lossy(&answer);
        let status = head.strip_prefix("HTTP/1.").and_then(|head| head.split(' ').nth(1)).unwrap_or("none").to_owned();
        assert!(!status.starts_with('5') || status == "505", "{status}: {}", String::from_utf8_lossy(&bytes));
        *statuses.entry(status).or_insert(0) += 1;
    }
    assert_eq!(bench.get("/guides/start.html").status, 200);
    for status in ["200", "206", "400", "403", "404"] {
        assert!(statuses.contains_key(status), "the requests reach all of it: {statuses:?}");
    }
}

#[test]
fn a_second_request_in_the_body_of_a_first_one_is_not_answered() {
    let bench = Bench::new(PAGES);
    let second = "GET /guides/start.html HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let length = second.len();
    for (first, status) in [
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"), 413),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nContent-Length: 0\r\n\r\n"), 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0, 0\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +0\r\n\r\n".into(), 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(), 413),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n".into(), 400),
        (
            "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"
                .into(),
            413,
        ),
        (format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"), 405),
    ] {
        let mut connection = bench.connect();
        connection.raw(format!("{first}{second}").as_bytes());
        let answers = String::from_utf8(connection.rest()).unwrap();
        assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{first:?}: {answers}");
        assert!(answers.starts_with(&format!("HTTP/1.1 {status} ")), "{first:?}: {answers}");
        assert!(!answers.contains("The first step."));
    }
    // Two requests in a row are two requests.
    let mut connection = bench.connect();
    connection.raw(second.repeat(2).as_bytes());
    assert_eq!(connection.answer("GET"), connection.answer("GET"));
}

#[test]
fn a_client_that_dawdles_is_left() {
    let limits = Limits { head: Duration::from_millis(200), ..Limits::default() };
    let bench = Bench::with_limits(PAGES, limits);
    for start in ["", "GET", "GET / HTTP/1.1\r\nHost: localhost\r\nX: "] {
        let mut connection = bench.connect();
        connection.raw(start.as_bytes());
        // It ends although the client neither closes the connection nor finishes the head.
        let answer = String::from_utf8(connection.rest()).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    let mut idle = bench.connect();
    assert_eq!(idle.ask("GET", "/", &[]).status, 200);
    assert_eq!(idle.rest(), b"");
}

#[test]
fn a_client_that_takes_nothing_is_left() {
    let limits = Limits { write: Duration::from_millis(200), connections: 1, ..Limits::default() };
    let mut files = PAGES.to_vec();
    files.push(("content/movie.mp4", ""));
    let bench = Bench::with_limits(&files, limits);
    // Larger than all that the system keeps for a connection.
    let size = 256 * 1024 * 1024;
    File::options().write(true).open(bench.path("content/movie.mp4")).unwrap().set_len(size).unwrap();
    let mut stuck = bench.connect();
    stuck.send("GET", "/movie.mp4", &[]);
    assert_eq!(stuck.head().header("content-length"), size.to_string());
    // There is one place, and it is free again.
    assert_eq!(bench.get("/guides/start.html").status, 200);
    assert!((stuck.rest().len() as u64) < size);
}

#[test]
fn beyond_the_limit_connections_wait_for_a_place() {
    let limits = Limits { connections: 3, ..Limits::default() };
    let bench = Bench::with_limits(PAGES, limits);
    let mut held: Vec<Connection> = (0..3).map(|_| bench.connect()).collect();
    for connection in &mut held {
        assert_eq!(connection.ask("GET", "/", &[]).status, 200);
    }
    let answered = Arc::new(AtomicBool::new(false));
    let mut waiting = bench.connect();
    let flag = answered.clone();
    let answer = thread::spawn(move || {
        let answer = waiting.ask("GET", "/", &[]);
        flag.store(true, Ordering::SeqCst);
        answer
    });
    for connection in &mut held {
        assert_eq!(connection.ask("GET", "/guides/start.html", &[]).status, 200);
    }
    assert!(!answered.load(Ordering::SeqCst));
    held.pop();
    assert_eq!(answer.join().unwrap().status, 200);
}

#[test]
fn an_open_page_hears_of_its_own_changes_and_of_no_others() {
    let mut bench = Bench::new(PAGES);
    let mut start = bench.listen("/guides/start.html");
    let first = start.next();
    assert_eq!(first["text"], start.shown.as_str());
    assert_eq!(first["problems"]["errors"], 0);

    // The next message after two editions is that of the second one: the first was not for this page.
    bench.edit("content/guides/next.md", "# Next\n\nAnother next step.\n");
    bench.edit("content/guides/start.md", "# Start\n\nAnother first step.\n");
    let changed = start.next();
    assert_ne!(changed["text"], first["text"]);
    assert_eq!(changed["styles"], first["styles"]);
    assert_eq!(changed["text"], attribute(&bench.get("/guides/start.html").text(), "data-text"));

    // It goes: the page shows what is there instead.
    bench.remove("content/guides/start.md");
    assert_eq!(start.next()["text"], attribute(&bench.get("/guides/start.html").text(), "data-text"));
    assert_eq!(bench.get("/guides/start.html").status, 404);
    // It moves: an alias leads from the old address.
    bench.edit("content/guides/moved.md", "---\naliases: [/guides/start]\n---\n# Start\n");
    assert_eq!(start.next()["text"], attribute(&bench.get("/guides/start.html").text(), "data-text"));
    // It comes back.
    bench.edit("content/guides/moved.md", "# Moved\n");
    start.next();
    bench.edit("content/guides/start.md", "# Start\n\nThe first step.\n");
    assert_eq!(start.next()["text"], first["text"]);
}

#[test]
fn a_page_of_any_kind_and_under_any_of_its_addresses_hears_what_it_shows() {
    let bench = Bench::new(PAGES);
    for path in ["/", "/index.html", "/guides/", "/guides/%C3%9Cber-uns.html", "/nothing/at/all", "/404.html"] {
        let mut page = bench.listen(path);
        assert_eq!(page.next()["text"], page.shown.as_str(), "{path}");
    }
    // A page from before the server's last start, or from a browser's store, is told at once.
    let token = attribute(&bench.get("/").text(), "data-token").to_owned();
    let mut old = bench.connect();
    old.send("GET", &format!("/.fieldbook/events?token={token}&text=old&page=/"), &[]);
    old.head();
    let mut old = Listener { connection: old, shown: String::new() };
    assert_eq!(old.next()["text"], attribute(&bench.get("/").text(), "data-text"));
}

#[test]
fn a_style_sheet_and_a_picture_change_without_the_text() {
    let mut bench = Bench::new(PAGES);
    let mut page = bench.listen("/guides/start.html");
    let first = page.next();
    bench.edit("themes/default/static/style.css", "body { color: red }");
    let restyled = page.next();
    assert_eq!(restyled["text"], first["text"]);
    assert_ne!(restyled["styles"], first["styles"]);
    let html = bench.get("/guides/start.html").text();
    assert_eq!(
        (&restyled["text"], &restyled["styles"]),
        (&attribute(&html, "data-text").into(), &attribute(&html, "data-styles").into())
    );
    bench.edit("content/guides/data.csv", "a,b\n3,4\n");
    let refreshed = page.next();
    assert_eq!((&refreshed["text"], &refreshed["styles"]), (&restyled["text"], &restyled["styles"]));
    assert_ne!(refreshed["assets"], restyled["assets"]);
    // A template's change that this page does not show is none for it.
    bench.edit("themes/default/templates/home.html", "{% extends \"default/home.html\" %}");
    bench.edit("themes/default/static/style.css", "body { color: blue }");
    assert_eq!(page.next()["text"], first["text"]);
}

#[test]
fn problems_come_and_go_with_their_place_code_and_hint() {
    let mut bench = Bench::new(PAGES);
    let mut page = bench.listen("/guides/start.html");
    assert_eq!(page.next()["problems"]["shown"].as_array().unwrap().len(), 0);
    bench.edit("content/guides/next.md", "# Next\n\nSee [`<img src=x onerror=alert(1)>`](strat.md).\n");
    let problems = &page.next()["problems"];
    assert_eq!((problems["errors"].as_u64(), problems["warnings"].as_u64()), (Some(0), Some(1)));
    let problem = &problems["shown"][0];
    assert_eq!(problem["place"], "content/guides/next.md:3:5");
    assert_eq!((&problem["severity"], &problem["code"]), (&"warning".into(), &"broken-link".into()));
    assert_eq!(problem["hints"][0], "did you mean `start.md`?");
    assert_eq!(problem["excerpt"]["marked"], "[`<img src=x onerror=alert(1)>`](strat.md)");
    bench.edit("content/guides/next.md", "# Next\n\nSee [it](start.md).\n");
    loop {
        // The link also changes this page's text: it is linked now.
        let now = page.next();
        if now["problems"]["warnings"] == 0 {
            break;
        }
    }
}

#[test]
fn only_a_page_of_this_run_may_listen() {
    let bench = Bench::new(PAGES);
    let token = attribute(&bench.get("/").text(), "data-token").to_owned();
    assert_eq!(token.len(), 32);
    assert_ne!(token, attribute(&Bench::new(PAGES).get("/").text(), "data-token"));
    let other = "0".repeat(32);
    for query in [
        "".into(),
        format!("token={token}"),
        format!("token={other}&page=/&text="),
        format!("token=&page=/&text={token}"),
    ] {
        assert_eq!(bench.get(&format!("/.fieldbook/events?{query}")).status, 403, "{query}");
    }
    let query = format!("/.fieldbook/events?token={token}&page=/&text=");
    for header in [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Host", "evil.example")] {
        assert_eq!(bench.ask("GET", &query, &[header]).status, 403, "{header:?}");
    }
    // A link from elsewhere leads to pages, not to events, for it can't know the token.
    let link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];
    assert_eq!(bench.ask("GET", "/.fieldbook/events", &link).status, 403);
    // Nothing that other sites may load tells it.
    for own in ["/.fieldbook/reload.js", "/.fieldbook/reload.css"] {
        let answer = bench.get(own);
        assert!(answer.status == 200 && !answer.text().contains(&token), "{own}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
}

#[test]
fn who_has_left_is_forgotten_and_who_listens_hears_the_end() {
    let bench = Bench::new(PAGES);
    let mut pages: Vec<Listener> = (0..5).map(|_| bench.listen("/")).collect();
    for page in &mut pages {
        page.next();
    }
    assert_eq!(bench.server.listeners(), 5);
    pages.truncate(1);
    while bench.server.listeners() > 1 {
        thread::yield_now();
    }
    let mut last = pages.pop().unwrap();
    bench.server.stop();
    let rest = last.connection.rest();
    assert!(!String::from_utf8_lossy(&rest).contains("data:"));
    assert!(TcpStream::connect(bench.address).is_err());
}

#[test]
fn a_page_that_fails_leaves_the_one_that_is_open_and_says_why() {
    let mut bench = Bench::new(PAGES);
    let mut page = bench.listen("/guides/start.html");
    let first = page.next();
    let broken = "{% extends \"default/note.html\" %}{% block main %}{{ nothing.at.all }}{% endblock %}";
    bench.edit("themes/default/templates/note.html", broken);
    let failed = page.next();
    assert_eq!(failed["text"], first["text"], "the page stays");
    assert_eq!(failed["problems"]["errors"], 1);
    assert_eq!(failed["problems"]["shown"][0]["code"], "theme-error");
    assert!(
        failed["problems"]["shown"][0]["place"].as_str().unwrap().starts_with("themes/default/templates/note.html:1:")
    );
    let answer = bench.get("/guides/start.html");
    assert_eq!(answer.status, 500);
    let html = answer.text();
    assert!(html.contains("theme-error") && html.contains(SCRIPT), "{html}");
    assert_eq!(bench.get("/").status, 200);
    let mut opened = bench.listen("/guides/start.html");
    assert_eq!(opened.next()["text"], opened.shown.as_str(), "the error's page is not loaded again and again");
    bench.remove("themes/default/templates/note.html");
    let mended = page.next();
    assert_eq!((&mended["text"], &mended["problems"]["errors"]), (&first["text"], &0.into()));
    assert_eq!(opened.next()["text"], first["text"]);
}

#[test]
fn before_there_is_a_site_the_page_says_why_and_waits() {
    let mut bench = Bench::new(PAGES);
    bench.edit("book.toml", "title = \n");
    for path in ["/", "/guides/start.html", "/a/b/c"] {
        let answer = bench.get(path);
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.text().contains("config-syntax"), "{}", answer.text());
        let script = answer.text();
        let script = attribute(&script, "<script defer src");
        assert_eq!(bench.get(&resolve(path, script)).status, 200);
    }
    let mut page = bench.listen("/guides/start.html");
    assert_eq!(page.next()["text"], page.shown.as_str());
    bench.edit("book.toml", "title = \"Mended\"\n");
    assert_eq!(page.next()["text"], attribute(&bench.get("/guides/start.html").text(), "data-text"));
}

#[test]
fn a_reader_meets_the_old_page_or_the_new_one() {
    let mut bench = Bench::new(&[("content/guides/start.md", "# Start\n\nThis is step number 0.\n")]);
    let (address, done) = (bench.address, Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let done = done.clone();
            thread::spawn(move || {
                let mut connection = Connection { reader: BufReader::new(TcpStream::connect(address).unwrap()) };
                let mut last = 0;
                while !done.load(Ordering::SeqCst) {
                    let text = connection.ask("GET", "/guides/start.html", &[]).text();
                    let number: u32 =
                        text.split("step number ").nth(1).unwrap().split('.').next().unwrap().parse().unwrap();
                    assert!(number >= last && text.ends_with("</html>\n"), "{last} {number}");
                    last = number;
                }
                last
            })
        })
        .collect();
    for n in 1..30 {
        bench.edit("content/guides/start.md", &format!("# Start\n\nThis is step number {n}.\n"));
        assert!(bench.get("/guides/start.html").text().contains(&format!("step number {n}.")));
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.join().unwrap();
    }
}

#[test]
fn a_taken_port_is_said_and_the_next_one_offered() {
    let socket = Socket::open("127.0.0.1", Some(0)).unwrap();
    let taken = socket.address().port();
    assert_eq!(socket.url(), format!("http://127.0.0.1:{taken}/"));
    match Socket::open("127.0.0.1", Some(taken)) {
        Err(ServeError::Taken(address, next)) => {
            assert_eq!(address.port(), taken);
            assert!(next.is_none_or(|next| next > taken));
        }
        other => panic!("{other:?}"),
    }
    // Where none is asked for, the next free one is taken.
    let _first = TcpListener::bind(("127.0.0.1", PORT));
    let socket = Socket::open("127.0.0.1", None).unwrap();
    assert!(socket.address().port() > PORT, "{}", socket.address());
    let error = Socket::open("no.such.host.invalid", Some(0)).unwrap_err();
    assert!(error.to_string().starts_with("can't find the host `no.such.host.invalid`"), "{error}");
    assert!(matches!(Socket::open("192.0.2.1", Some(0)), Err(ServeError::Io(..))));
}
