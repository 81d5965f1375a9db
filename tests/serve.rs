//! `fieldbook serve` as a whole: the built program, a folder that changes, and a client.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk, open sockets and run programs.

mod command;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use command::Desk;

/// The program while it serves.
struct Serving {
    child: Child,
    talk: BufReader<ChildStderr>,
    /// What it has said.
    said: String,
    address: String,
}

impl Serving {
    fn start(desk: &Desk, more: &[&str]) -> Self {
        Serving::of(&mut desk.fieldbook(&[&["serve", "book"], more].concat()))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let talk = BufReader::new(child.stderr.take().unwrap());
        let mut serving = Serving { child, talk, said: String::new(), address: String::new() };
        let line = serving.line("the site is at http://");
        let rest = line.split("http://").nth(1).unwrap();
        serving.address = rest.split('/').next().unwrap().to_owned();
        serving
    }

    /// Reads what it says until a line has this in it.
    fn line(&mut self, wanted: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(self.talk.read_line(&mut line).unwrap() > 0, "it ended, and said:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(wanted) {
                return line;
            }
        }
    }

    /// The head and the body of the answer to one request.
    fn get(&self, path: &str) -> String {
        let mut stream = self.ask(path, "Connection: close\r\n");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask(&self, path: &str, headers: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.address).unwrap();
        stream
    }

    /// Asks until the answer has this in it.
    fn wait_for(&self, path: &str, wanted: &str) -> String {
        loop {
            let answer = self.get(path);
            if answer.contains(wanted) {
                return answer;
            }
        }
    }

    fn interrupt(&self) {
        let id = i32::try_from(self.child.id()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), rustix::process::Signal::INT)
            .unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn book() -> Desk {
    Desk::with_book([
        ("book.toml", "[book]\ntitle = \"Field notes\"\n"),
        ("content/README.md", "# Home\n"),
        ("content/start.md", "# Start\n\nThe first step.\n"),
    ])
}

#[test]
fn it_follows_the_book_writes_nothing_and_ends_on_ctrl_c() {
    let desk = book();
    let before = desk.tree("book");
    let mut serving = Serving::start(&desk, &["--port", "0"]);
    assert!(serving.get("/start.html").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(serving.get("/").contains("Field notes"));
    assert_eq!(desk.tree("book"), before, "nothing is published");

    desk.write("book/content/start.md", "# Start\n\nAnother first step, to [nowhere](nowhere.md).\n");
    serving.wait_for("/start.html", "Another first step");
    assert!(serving.line("broken-link").contains("warning[broken-link]"));
    assert!(serving.line("content/start.md: ").contains("1 note read"), "{}", serving.said);
    desk.write("book/content/deep/er/new.md", "# New\n");
    serving.wait_for("/deep/er/new.html", "HTTP/1.1 200 OK");
    fs::remove_file(desk.path("book/content/start.md")).unwrap();
    serving.wait_for("/start.html", "HTTP/1.1 404 Not Found");
    serving.line("solved: content/start.md");

    // With a stream open, and a client that reads nothing.
    let page = serving.get("/");
    let token = page.split("data-token=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut stream = BufReader::new(serving.ask(&format!("/.fieldbook/events?token={token}&text=&page=/"), ""));
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(stream.read_line(&mut line).unwrap() > 0);
    }
    serving.interrupt();
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    let _ = stream.read_to_string(&mut rest);
    assert!(TcpStream::connect(&serving.address).is_err());
}

#[test]
fn what_breaks_leaves_the_last_good_site() {
    let desk = book();
    let mut serving = Serving::start(&desk, &["--port", "0"]);
    desk.write("book/book.toml", "title = \n");
    serving.line("error[config-syntax]");
    desk.write("book/content/start.md", "# Start\n\nA second step.\n");
    serving.line("content/start.md: ");
    assert!(serving.get("/start.html").contains("The first step."));
    desk.write("book/book.toml", "[book]\ntitle = \"Mended\"\n");
    assert!(serving.wait_for("/start.html", "Mended").contains("A second step."));

    let template = "{% extends \"default/note.html\" %}{% block main %}{{ nothing.at.all }}{% endblock %}";
    desk.write("book/new", template);
    desk.write("book/themes/default/templates/x", "");
    fs::rename(desk.path("book/new"), desk.path("book/themes/default/templates/note.html")).unwrap();
    serving.line("error[theme-error]");
    assert!(serving.get("/start.html").contains("A second step."));
    fs::remove_file(desk.path("book/themes/default/templates/note.html")).unwrap();
    serving.line("solved: themes/default/templates/note.html");

    fs::rename(desk.path("book/content"), desk.path("book/elsewhere")).unwrap();
    serving.line("there is no content folder");
    assert!(serving.get("/start.html").contains("A second step."));
    desk.write("book/elsewhere/start.md", "# Start\n\nA third step.\n");
    fs::rename(desk.path("book/elsewhere"), desk.path("book/content")).unwrap();
    serving.wait_for("/start.html", "A third step.");
}

#[test]
fn a_book_that_is_broken_from_the_start_is_waited_for() {
    let desk = book();
    desk.write("book/book.toml", "title = \n");
    let serving = Serving::start(&desk, &["--port", "0"]);
    let answer = serving.get("/start.html");
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("config-syntax"), "{answer}");
    desk.write("book/book.toml", "");
    serving.wait_for("/start.html", "The first step.");
}

#[test]
fn drafts_are_shown_where_they_are_asked_for() {
    let desk = book();
    desk.write("book/content/draft.md", "---\ndraft: true\n---\n# Not yet\n");
    assert!(Serving::start(&desk, &["--port", "0"]).get("/draft.html").starts_with("HTTP/1.1 404 "));
    assert!(Serving::start(&desk, &["--port", "0", "--drafts"]).get("/draft.html").starts_with("HTTP/1.1 200 "));
}

#[test]
fn without_events_changes_are_looked_for() {
    let desk = book();
    let serving = Serving::start(&desk, &["--port", "0", "--poll"]);
    desk.write("book/content/start.md", "# Start\n\nAnother first step.\n");
    serving.wait_for("/start.html", "Another first step.");
}

#[test]
fn a_port_that_is_asked_for_and_taken_is_an_error_and_another_one_is_offered() {
    let desk = book();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let ended = desk.run(&["serve", "book", "--port", &port.to_string()]);
    assert_eq!((ended.code, ended.data.as_str()), (Some(3), ""));
    assert!(ended.talk.starts_with(&format!("error: port {port} is taken by another program\n")), "{}", ended.talk);
    assert!(ended.talk.contains("= hint: `--port ") || port > 65_000, "{}", ended.talk);
}

#[test]
fn the_port_that_nobody_asked_for_is_the_next_one_that_is_free() {
    let desk = book();
    let _first = TcpListener::bind("127.0.0.1:4000");
    let serving = Serving::start(&desk, &[]);
    let (_, port) = serving.address.split_once(':').unwrap();
    assert!(port.parse::<u16>().unwrap() > 4000);
    assert!(
        serving.said.contains(&format!("port 4000 is taken by another program, so this one has {port}")),
        "{}",
        serving.said
    );
}

#[test]
fn that_the_network_can_read_it_is_said() {
    let desk = book();
    let serving = Serving::start(&desk, &["--port", "0", "--host", "0.0.0.0"]);
    assert!(serving.said.contains("can read the book: it is open to the network"), "{}", serving.said);
    assert!(serving.address.starts_with("127.0.0.1:"), "{}", serving.address);
    assert!(serving.get("/").starts_with("HTTP/1.1 200 OK"));
    assert!(!Serving::start(&desk, &["--port", "0"]).said.contains("network"));
}

#[test]
fn a_browser_is_opened_without_a_shell_and_missed_without_harm() {
    let desk = book();
    let opener = if cfg!(target_os = "macos") { "bin/open" } else { "bin/xdg-open" };
    desk.write(opener, "#!/bin/sh\nprintf '%s|' \"$@\" > opened.part\nmv opened.part opened\n");
    fs::set_permissions(desk.path(opener), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", desk.path("bin").display());
    let arguments = ["serve", "book", "--port", "0", "--open"];
    let serving = Serving::of(desk.fieldbook(&arguments).env("PATH", path));
    while !desk.has("opened") {
        std::thread::yield_now();
    }
    assert_eq!(desk.read("opened"), format!("http://{}/|", serving.address));

    let mut serving = Serving::of(desk.fieldbook(&arguments).env("PATH", desk.path("home")));
    serving.line("can't open a browser");
    assert!(serving.get("/").starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn what_is_no_book_and_no_host_is_an_error() {
    let desk = book();
    for (arguments, message) in [
        (&["serve", "nowhere"][..], "there is no folder `nowhere`"),
        (&["serve", "book", "--host", "no.such.host.invalid"], "can't find the host `no.such.host.invalid`"),
        (&["serve", "book/content"], "this folder lies in the book"),
    ] {
        let ended = desk.run(arguments);
        assert_eq!(ended.code, Some(3), "{arguments:?}");
        assert!(ended.talk.contains(message), "{}", ended.talk);
    }
}
