//! Books as people have them, of many tools and habits: `tests/books`, or, with the environment
//! variable `FIELDBOOK_CORPORA`, the books in the folder that it names (each sub-folder a book).
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // Tests may touch the disk.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fieldbook::config::Config;
use fieldbook::diagnostic::{Code, Diagnostic};
use fieldbook::disk::{self, Layout, Memory, Root};
use fieldbook::engine::{Engine, Request};
use fieldbook::history;
use support::{Book, tests_folder, today};

/// The books to build, and whether they are those of `tests/books`.
fn books() -> (Vec<PathBuf>, bool) {
    let given = std::env::var_os("FIELDBOOK_CORPORA").map(PathBuf::from);
    let own = given.is_none();
    let folder = given.unwrap_or_else(|| tests_folder().join("books"));
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut books: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    books.sort();
    (books, own)
}

/// What a build of one book came to.
struct Outcome {
    notes: usize,
    pages: usize,
    diagnostics: Vec<Diagnostic>,
}

/// Builds a book from its folder, drafts and all, makes every page, and checks what holds for every book.
fn build(folder: &Path) -> Outcome {
    let name = folder.display();
    let root = Root { dir: folder.to_owned() };
    let config = disk::read_config(&root).unwrap();
    let content = Config::parse(config.as_ref()).value.content;
    let bare = config.is_none() && !folder.join(&content).is_dir();
    let content = if bare { String::new() } else { content };
    let layout = Layout { content, theme: None, output: "no-such-output".into() };
    let mut memory = Memory::default();
    let listing = disk::list(&root, &layout, &mut memory).unwrap();
    let history = || Arc::new(history::read(&root.dir, &layout.content));
    let snapshot = listing.read(config, today(), &mut memory, history).unwrap().snapshot;
    let build = Engine::default().build(&snapshot, Request { drafts: true, bare });

    for diagnostic in &build.diagnostics {
        assert_ne!(diagnostic.code, Code::InternalError, "{name}: {}", diagnostic.file);
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\n'), "{name}: {diagnostic:?}");
        assert!(
            diagnostic.place.is_some() || is_of_a_file_as_a_whole(diagnostic.code),
            "{name}: a diagnostic without a place: {diagnostic:?}"
        );
        let Some(place) = &diagnostic.place else { continue };
        let source = snapshot.notes.iter().map(|note| &**note).chain(&snapshot.config);
        let source = source.chain(&snapshot.theme).find(|source| source.path == diagnostic.file);
        let source = source.unwrap_or_else(|| panic!("{name}: no file has this place: {diagnostic:?}"));
        let text = source.text();
        let line = text.split('\n').nth(place.start.line as usize - 1);
        let line = line.unwrap_or_else(|| panic!("{name}: no such line: {diagnostic:?}"));
        assert!(place.start.column as usize <= line.chars().count() + 1, "{name}: no such column: {diagnostic:?}");
    }

    // Notes that are withheld whatever is asked for, or whose address another one has, are told.
    let site = build.site.unwrap_or_else(|| panic!("{name}: nothing is published"));
    let told: BTreeSet<&str> = build
        .diagnostics
        .iter()
        .filter(|diagnostic| matches!(diagnostic.code, Code::Withheld | Code::SameAddress | Code::TwoFolderPages))
        .map(|diagnostic| diagnostic.file.as_str())
        .collect();
    let shown: BTreeMap<&str, &str> =
        site.book.notes.iter().map(|entry| (entry.note.source.path.as_str(), entry.route.as_str())).collect();
    let routes: BTreeSet<&str> = site.files.iter().map(|file| file.route.as_str()).collect();
    for note in &snapshot.notes {
        match shown.get(note.path.as_str()) {
            Some(route) => assert!(routes.contains(route), "{name}: {} has no page", note.path),
            None => {
                let says = |word| note.text().to_lowercase().contains(word);
                let is_withheld = told.contains(note.path.as_str()) || says("visibility") || says("publi");
                assert!(is_withheld, "{name}: {} is not shown, and nobody is told", note.path);
            }
        }
    }
    for file in site.all_files() {
        let bytes = site.render(file).unwrap_or_else(|problem| panic!("{name}: {}: {problem:?}", file.route));
        if file.route.as_str().ends_with(".html") {
            let html = String::from_utf8(bytes.unwrap().into_owned()).unwrap();
            assert!(html.trim_end().ends_with("</html>"), "{name}: {} is cut", file.route);
        }
    }
    Outcome { notes: snapshot.notes.len(), pages: site.pages, diagnostics: build.diagnostics }
}

/// Codes of what is wrong with a file itself, not with a place in it.
fn is_of_a_file_as_a_whole(code: Code) -> bool {
    matches!(
        code,
        Code::AssetNotPublished
            | Code::NameNotUtf8
            | Code::NoteTooLarge
            | Code::PageTooLarge
            | Code::SameAddress
            | Code::ShallowHistory
            | Code::SpecialFile
            | Code::SymlinkSkipped
            | Code::TwoFolderPages
            | Code::UnreadableFile
    )
}

#[test]
fn every_book_builds_with_a_page_for_each_note_and_a_place_for_each_problem() {
    let (books, own) = books();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut notes = 0;
    for folder in &books {
        let outcome = build(folder);
        println!(
            "{}: {} notes, {} pages, {} diagnostics",
            folder.display(),
            outcome.notes,
            outcome.pages,
            outcome.diagnostics.len()
        );
        notes += outcome.notes;
        for diagnostic in &outcome.diagnostics {
            *counts.entry(diagnostic.code.name()).or_default() += 1;
        }
    }
    println!("{} books, {notes} notes", books.len());
    for (code, count) in &counts {
        println!("{count:>7} {code}");
    }
    assert!(!books.is_empty() && notes > 0);
    assert!(!own || (books.len() >= 4 && notes > 40), "{} books, {notes} notes", books.len());
}

/// The diagnostics of a book of `tests/books`: each is true, placed, and worth its reader's time.
fn said(book: &str) -> Vec<String> {
    Book::read(book).build().said()
}

#[test]
fn a_vault_of_obsidian_is_read_as_its_owner_meant_it() {
    assert_eq!(
        said("vault"),
        [
            "broken-link@content/Daily/2026-03-01.md:4:4",
            "broken-link@content/Home.md:12:3",
            "broken-link@content/Projects/Refund label 2.md:5:24",
            "broken-anchor@content/Projects/Refund label 2.md:5:55",
            // `- [ ] … 📅 2026-…`, as its plugin for tasks writes it.
            "action-late@content/Projects/Refund label.md:38:7",
        ]
    );
    let built = Book::read("vault").build();
    assert!(!built.fingerprints.keys().any(|route| route.contains("obsidian") || route.contains("plugin-readme")));
    let note = built.text("Projects/Refund-label.html");
    assert!(note.contains("Refund label</h1>"), "a note is called as its file is");
    for (what, html) in [
        ("nested tags have pages above them", "tags/market/spain/canaries.html"),
        ("the hash of a quoted tag is none of its name", "tags/wording.html"),
        (
            "a callout folds and has its own title",
            "<summary class=\"callout-title\"><span class=\"callout-type\">Info</span> Folded",
        ),
        ("callouts hold callouts", "<div class=\"callout callout-question\">"),
        ("a bar in a table is written with a backslash", "<a href=\"../Home.html\">4%</a>"),
        ("a picture has the width asked for", "width=\"300\""),
        ("an embedded day is called as its file is", ">2026-03-01</a></p>"),
        ("an embedded section", "<h2>Met</h2>"),
        ("tasks", "<li class=\"task\"><input type=\"checkbox\" disabled checked"),
        ("a link in code is code", "<code>[[not a link]]</code>"),
        ("a key of ours that another tool uses too is shown as it is", "🟢 active"),
        ("the day of its making", "datetime=\"2026-02-27\""),
    ] {
        assert!(note.contains(html), "{what}: {html}");
    }
    let home = built.article("Home.html");
    for link in [
        "<a href=\"Projects/Refund-label.html\">what we call it</a>",
        "Projects/Refund-label.html#what-the-numbers-say",
        "<a href=\"Daily/2026-03-01.html\">the first of March</a>",
        "<a href=\"People/Ana-Ruiz.html\">Ana</a>",
        "attachments/Prices%202026.csv",
        "[[Not written yet]]",
    ] {
        assert!(home.contains(link), "{link} in {home}");
    }
    assert!(built.text("Daily/2026-03-01.html").contains("2026-03-01</h1>"));
    assert!(built.text("Projects/Q-A-what-s-next.html").contains("Q&amp;A: what's next?</h1>"));
}

#[test]
fn posts_of_hugo_and_jekyll_are_read_as_their_owner_meant_them() {
    assert_eq!(
        said("posts"),
        [
            "html-removed@content/about/index.md:11:1",
            "front-matter-syntax@content/posts/broken.md:2:16",
            "broken-link@content/posts/second.md:11:13",
        ]
    );
    let built = Book::read("posts").build();
    for route in ["posts/unfinished.html", "_posts/2026-02-30-impossible.html"] {
        assert!(!built.fingerprints.contains_key(route), "{route} is a draft");
    }
    for route in ["old/labels/index.html", "2025/labels.html", "hello.html"] {
        assert!(built.text(route).contains("http-equiv=\"refresh\""), "{route} redirects");
    }
    let labels = built.text("posts/labels/index.html");
    for (what, html) in [
        ("quotes in TOML", "Labels &quot;matter&quot;</h1>"),
        ("taxonomies", "tags/wording.html"),
        ("the date", "datetime=\"2026-03-04\""),
        ("a file of the bundle", "<img src=\"chart.png\""),
        ("an address of the old site", "<a href=\"../second.html\">another post</a>"),
        ("a page that is made", "../../tags/pricing.html"),
        ("a shortcode stays as typed", "{{&lt; figure src="),
        ("marked lines", "class=\"l hl\" data-n=\"1\""),
    ] {
        assert!(labels.contains(html), "{what}: {html}");
    }
    assert!(!labels.contains("&lt;!--more"));
    let second = built.text("posts/second.html");
    assert!(second.contains("<h2 id=\"custom-id\">A heading<") && second.contains("people/bo-lind.html"));
    assert!(second.contains("datetime=\"2026-03-05\"") && second.contains("tags/cplusplus.html"));
    let welcome = built.text("_posts/2026-02-01-welcome-to-jekyll.html");
    assert!(welcome.contains("Welcome to Jekyll!</h1>") && welcome.contains("datetime=\"2026-02-01\""));
    let plain = built.text("_posts/2026-02-02-no-front-matter.html");
    assert!(plain.contains("No front matter</h1>") && plain.contains("datetime=\"2026-02-02\""));
    assert!(!built.article("about/index.html").contains("iframe"));
    assert!(built.text("posts/broken.html").contains("Broken</h1>"), "what could be read is used");
}

#[test]
fn decision_records_are_read_as_their_owner_meant_them() {
    assert_eq!(said("adrs"), ["broken-link@content/adr/template.md:3:76"]);
    let built = Book::read("adrs").build();
    let one = built.text("adr/0001-one-name.html");
    for html in ["accepted", "datetime=\"2026-03-04\"", "Ana Ruiz", "Bo Lind", "Support"] {
        assert!(one.contains(html), "{html}");
    }
    let two = built.text("adr/0002-two-names.html");
    assert!(two.contains("superseded"));
    let unfilled = built.text("adr/0003-no-names.html");
    let main = &unfilled[unfilled.find("<main").unwrap()..unfilled.find("</main>").unwrap()];
    assert!(!main.contains("YYYY") && !main.contains("list everyone"), "what nobody filled in is no fact");
    assert!(main.contains("{short title, representative of solved problem and found solution}</h1>"));
    for (route, title) in [
        ("decisions/0001-record-architecture-decisions.html", "1. Record architecture decisions</h1>"),
        ("log4brains/adr/20260115-use-log4brains.html", "Use Log4brains to manage the ADRs</h1>"),
    ] {
        assert!(built.text(route).contains(title), "{title}");
    }
    let dated = built.text("log4brains/adr/20260116-stop.html");
    assert!(dated.contains("datetime=\"2026-01-16\"") && dated.contains("accepted"));
    let list = built.text("adr/index.html");
    let at = |words: &str| list.find(words).unwrap_or_else(|| panic!("{words} is not listed"));
    assert!(at("One name for the refund") < at("Two names"), "records stand in the order of their numbers");
}

#[test]
fn a_value_in_braces_that_nobody_filled_in_is_none_and_withholds_where_it_matters() {
    let book = Book::of([
        ("content/a.md", "---\ndate: {{date}}\ntags: \"{{tags}}\"\nowner: {who}\n---\n# A\n"),
        ("content/b.md", "---\ndraft: {{draft}}\n---\n# B\n"),
        ("content/c.md", "---\ndate: {a: 1}\n---\n# C\n"),
    ]);
    let built = book.build();
    assert_eq!(built.said(), ["withheld@content/b.md:2:8", "wrong-type@content/c.md:2:7"]);
    assert!(built.files.contains_key("a.html") && !built.files.contains_key("b.html"));
}

#[test]
fn braces_at_the_end_of_a_heading_are_text_unless_they_name_it() {
    let text = "# Use {title}\n\n## GET /users/{id}\n\n## Results {#results}\n\n## More {#more .wide}\n\n\
                ## As text \\{#results}\n\n## Map {a=b}\n\nBelow {#below}\n---\n\n## {#alone}\n\n## A `{#code}`\n";
    let built = Book::of([("content/a.md", text)]).build();
    let article = built.article("a.html");
    for heading in [
        "<h2 id=\"get-usersid\">GET /users/{id}<",
        "<h2 id=\"results\">Results<",
        "<h2 id=\"more\">More<",
        "As text {#results}<",
        "Map {a=b}<",
        "<h2 id=\"below\">Below<",
        ">{#alone}<",
        ">A <code>{#code}</code><",
    ] {
        assert!(article.contains(heading), "{heading} in {article}");
    }
    assert!(
        built.text("a.html").contains("<h1>Use {title}</h1>") || built.text("a.html").contains(">Use {title}</h1>")
    );
}
