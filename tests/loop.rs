//! The pages of the learning loop: what stands on them, where each line leads, what they say while
//! there is nothing, and that nothing withheld is on them.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use fieldbook::book::{PAGE_FOLDERS, SHEET_FOLDERS};
use fieldbook::site::sheet::Sheet;
use support::{Book, Built};

fn page<'b>(built: &'b Built, route: &str) -> &'b str {
    let bytes = built.files.get(route).unwrap_or_else(|| panic!("no page {route}"));
    std::str::from_utf8(bytes).unwrap()
}

fn main_of(html: &str) -> &str {
    &html[html.find("<main").unwrap()..html.find("</main>").unwrap()]
}

/// The text without tags, on one line.
fn text(html: &str) -> String {
    let mut out = String::new();
    for part in html.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        out.push(' ');
    }
    let out = out.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every address in a page's `<main>`, with the page itself for `#id`.
fn addresses(route: &str, html: &str) -> Vec<(String, Option<String>)> {
    let folder = route.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for part in main_of(html).split(" href=\"").skip(1) {
        let href = part.split('"').next().unwrap().replace("&amp;", "&");
        if href.contains(':') {
            continue;
        }
        let (path, id) = href.split_once('#').map_or((href.as_str(), None), |(path, id)| (path, Some(id)));
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        if path.is_empty() {
            found.push((route.to_owned(), id.map(fieldbook_decode)));
            continue;
        }
        for part in path.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        found.push((fieldbook_decode(&parts.join("/")), id.map(fieldbook_decode)));
    }
    found
}

fn fieldbook_decode(text: &str) -> String {
    fieldbook::path::decode(text).unwrap()
}

/// The repository's own handbook, which uses all of the loop.
fn handbook() -> Book {
    fn walk(folder: &std::path::Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() { walk(&path, &name, files) } else { drop(files.insert(name, fs::read(&path).unwrap())) }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut book = Book::default();
    book.files.insert("book.toml".into(), fs::read(root.join("book.toml")).unwrap());
    walk(&root.join("content"), "content", &mut book.files);
    book
}

#[test]
fn the_names_of_the_pages_are_known_to_the_book() {
    let names: BTreeSet<&str> = Sheet::ALL.iter().map(|sheet| sheet.words().folder).collect();
    assert_eq!(names, SHEET_FOLDERS.into_iter().collect());
    assert!(SHEET_FOLDERS.iter().all(|name| !PAGE_FOLDERS.contains(name)));
}

#[test]
fn an_empty_page_teaches_the_first_step_and_is_in_no_navigation() {
    let built = Book::of([("content/README.md", "# Home\n"), ("content/a.md", "# A\n\nText.\n")]).build();
    for sheet in Sheet::ALL {
        let words = sheet.words();
        let html = page(&built, &format!("{}/index.html", words.folder));
        let shown = text(main_of(html));
        assert!(shown.contains(words.empty) && shown.contains(&text(words.example)), "{}: {shown}", words.folder);
        assert!(!words.empty.is_empty() && !words.example.is_empty() && !words.next.is_empty());
        let home = page(&built, "index.html");
        assert!(!home.contains(&format!("{}/index.html", words.folder)), "{} is in the navigation", words.folder);
    }
    for kind in ["experiments", "okrs", "retros", "patterns", "practices"] {
        let shown = text(main_of(page(&built, &format!("{kind}/index.html"))));
        assert!(shown.contains("Start one: fieldbook new "), "{kind}: {shown}");
    }
}

#[test]
fn every_step_that_an_empty_page_teaches_fills_it() {
    let today = "---\ndate: 2026-11-01\nteam: Shop\nauthors: [Ana Ruiz]\n";
    for sheet in Sheet::ALL {
        let words = sheet.words();
        let example = words.example;
        // A command's example is what its template makes, filled in.
        let (path, note) = match sheet {
            Sheet::Loop | Sheet::Review => {
                ("experiments/e.md", format!("{today}status: ended\nhypothesis: A word helps.\n---\n# E\n"))
            }
            Sheet::SelfCheck => ("self-checks/s.md", format!("{today}reflect: 2\n---\n# S\n")),
            // Without the two keys there is nothing that could be applied.
            Sheet::Unapplied => ("learnings/l.md", format!("{today}result: supported\n---\n# L is so\n")),
            _ if example.starts_with(['#', '>', '-']) => ("retros/r.md", format!("{today}---\n# R\n\n{example}\n")),
            Sheet::Goals => ("inceptions/i.md", format!("{today}{example}\n---\n# I\n")),
            Sheet::Metrics => ("experiments/e.md", format!("{today}{example}\n---\n# E\n")),
            Sheet::Themes => ("retros/r.md", format!("{today}{example}\n---\n# R\n")),
            _ => ("learnings/l.md", format!("{today}{example}\n---\n# L is so\n")),
        };
        let built = Book::of([(format!("content/{path}").as_str(), note.as_str())]).build();
        let shown = text(main_of(page(&built, &format!("{}/index.html", words.folder))));
        assert!(!shown.contains(words.empty), "{} stays empty with {note}", words.folder);
        assert!(shown.contains(&text(words.next)), "{} does not say what is next: {shown}", words.folder);
    }
}

#[test]
fn every_line_leads_to_a_place_that_is_there() {
    let book = handbook();
    let built = book.build();
    let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (route, bytes) in built.files.iter().filter(|(route, _)| route.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).unwrap();
        let found = html.split(" id=\"").skip(1).map(|part| part.split('"').next().unwrap().to_owned());
        ids.insert(route, found.collect());
    }
    let mut wrong = Vec::new();
    let mut followed = 0;
    let pages = SHEET_FOLDERS.iter().chain(&["experiments", "okrs", "retros", "patterns", "practices"]);
    let pages = pages.map(|folder| format!("{folder}/index.html"));
    let notes =
        built.files.keys().filter(|route| route.starts_with("inceptions/") && route.ends_with(".html")).cloned();
    let others =
        ["index.html", "teams/checkout.html", "people/ana-ruiz.html", "tickets/flex-112.html", "tags/refunds.html"];
    for route in pages.chain(notes).chain(others.map(str::to_owned)) {
        for (target, id) in addresses(&route, page(&built, &route)) {
            followed += 1;
            if !built.fingerprints.contains_key(&target) {
                wrong.push(format!("{route}: no {target}"));
            } else if let Some(id) = id
                && !ids.get(target.as_str()).is_some_and(|ids| ids.contains(&id))
            {
                wrong.push(format!("{route}: no #{id} on {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(followed > 1_000, "{followed}");
    for sheet in Sheet::ALL {
        let shown = text(main_of(page(&built, &format!("{}/index.html", sheet.words().folder))));
        assert!(!shown.contains(sheet.words().empty), "the handbook has nothing for {}", sheet.words().folder);
    }
}

#[test]
fn long_lists_are_paged_and_the_older_pages_stay() {
    let retros = |count: usize| {
        let mut book = Book::of([("book.toml", "[site]\npage_size = 20\n")]);
        for n in 0..count {
            let bullets: String = (0..5).map(|m| format!("- Surprise {n} {m}\n")).collect();
            let date = fieldbook::date::Date::new(2024, 1, 1).unwrap().plus_days(n as i32);
            book.write(
                &format!("content/retros/r{n:03}.md"),
                &format!("---\ndate: {date}\n---\n# R{n}\n\n## Surprises\n\n{bullets}"),
            );
        }
        book.build()
    };
    let (before, after) = (retros(40), retros(41));
    let pages = |built: &Built| {
        built.files.keys().filter(|route| route.starts_with("surprises/") && route.ends_with(".html")).count()
    };
    assert_eq!((pages(&before), pages(&after)), (10, 10));
    assert_eq!(page(&before, "surprises/index.page-1.html"), page(&after, "surprises/index.page-1.html"));
    assert!(page(&after, "surprises/index.html").contains("Surprise 40 0"));
    assert!(page(&after, "surprises/index.page-1.html").contains("Surprise 0 4"));
    // Each stands once.
    let shown: usize = after
        .files
        .iter()
        .filter(|(route, _)| route.starts_with("surprises/") && route.ends_with(".html"))
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).matches("class=\"line-surprise\"").count())
        .sum();
    assert_eq!(shown, 205);
}

#[test]
fn a_folder_of_the_same_name_shares_the_page() {
    let built = Book::of([
        ("content/metrics/README.md", "# Our numbers\n\nWhat we count.\n"),
        ("content/metrics/attach-rate.md", "# Attach rate\n"),
        ("content/metrics/old/a.md", "# Old\n"),
        ("content/experiments/e.md", "---\nmetric: attach rate\nbefore: 4%\nafter: 6%\n---\n# E\n"),
    ])
    .build();
    let shown = text(main_of(page(&built, "metrics/index.html")));
    for part in ["Our numbers", "What we count.", "4% → 6%", "Attach rate", "In here", "old"] {
        assert!(shown.to_lowercase().contains(&part.to_lowercase()), "{part} is not in: {shown}");
    }
    assert!(built.files.contains_key("metrics/attach-rate.html"));
}

#[test]
fn a_kind_of_the_teams_own_has_a_board_actions_and_a_template_by_configuration_alone() {
    let config = "[kinds.postmortem]\nfolder = 'postmortems'\nlabel = 'Post-mortem'\nplural = 'Post-mortems'\nitems = ['actions', 'surprises']\nshows = ['board']\nstatuses = [{ name = 'open', tone = 'live' }, { name = 'closed', tone = 'good' }]\ntemplate = '# {title}'\n";
    let built = Book::of([
        ("book.toml", config),
        ("content/postmortems/a.md", "---\ndate: 2026-11-01\nstatus: open\n---\n# Paid twice\n\n## What surprised us\n\n- Nobody called.\n\n## Actions\n\n- [ ] one key for each refund\n"),
        ("content/postmortems/b.md", "---\ndate: 2026-10-01\nstatus: closed\n---\n# Down\n"),
    ])
    .build();
    let board = main_of(page(&built, "postmortems/index.html"));
    let columns: Vec<&str> = board
        .split("<details")
        .skip(1)
        .map(|part| part.split("</details>").next().unwrap())
        .map(|part| {
            if part.contains("Paid twice") {
                "a"
            } else if part.contains("Down") {
                "b"
            } else {
                ""
            }
        })
        .collect();
    assert_eq!(columns, ["a", "b"]);
    assert!(page(&built, "actions/index.html").contains("one key for each refund"));
    assert!(page(&built, "surprises/index.html").contains("Nobody called."));
}

#[test]
fn nothing_of_a_withheld_note_stands_in_any_byte() {
    // A marker in each part of a note from which anything is derived.
    let parts = [
        "title",
        "team",
        "tag",
        "author",
        "ticket",
        "description",
        "hypothesis",
        "believed",
        "now",
        "surprise",
        "metric",
        "before",
        "after",
        "theme",
        "function",
        "goal",
        "answer",
        "effect",
        "from",
        "to",
        "ask",
        "seen",
        "confirmed",
        "owner",
        "extra",
        "heading",
        "bullet",
        "action",
        "mention",
        "question",
        "thanks",
        "learned",
        "result",
        "link",
        "code",
        "alias",
        "embed",
    ];
    let m = |part: &str| {
        assert!(parts.contains(&part), "{part}");
        format!("zq{part}qz")
    };
    let note = |kind: &str| {
        format!(
            "---\nkind: {kind}\ndate: 2026-10-01\nvisibility: team\ntitle: {}\nteam: {}\ntags: [{}, open]\nauthors: [{}]\ntickets: [{}]\ndescription: {}\nhypothesis: {}\nbelieved: {}\nnow: {}\nsurprise: {}\nmetric: {}\nbefore: {}\nafter: {}\nthemes: [{}]\nfunctions: [{}]\nlearning_goals: [{}]\nkey_results: [\"{} 1 -> 2\"]\nanswer: {}\naffects: [\"+ {}\"]\nfrom: {}\nto: {}\nquestions: [{}]\nseen_in: [{}]\nconfirmed_by: [{}]\nowner: {}\nzqkeyqz: {}\nstatus: running\nresult: refuted\nreflect: 2\ndiscipline: systems-thinking\nreviewed: 2020-01-01\nreview_in: 1 month\nends: 2026-10-05\nanswers: [\"[[open]]\"]\nevidence: [\"[[open]]\"]\ncontradicts: [\"[[open]]\"]\napplied_in: [\"[[open]]\"]\nsupersedes: \"[[open]]\"\naliases: [/old/{}.html]\n---\n\n## {}\n\n## What surprised us\n\n- {}\n\n- [ ] @{} {} due:2026-10-02\n\n> [!QUESTION] {}?\n\n> [!KUDOS] @ana {}\n\n## Ticket: FLEX-9\n\nHypothesis: {}\nResult: refuted {}\nWhat we learned:\n\n- {}\n\n`{}` [{}](open.md) ![[open]]\n",
            m("title"),
            m("team"),
            m("tag"),
            m("author"),
            m("ticket"),
            m("description"),
            m("hypothesis"),
            m("believed"),
            m("now"),
            m("surprise"),
            m("metric"),
            m("before"),
            m("after"),
            m("theme"),
            m("function"),
            m("goal"),
            m("answer"),
            m("answer"),
            m("effect"),
            m("from"),
            m("to"),
            m("ask"),
            m("seen"),
            m("confirmed"),
            m("owner"),
            m("extra"),
            m("alias"),
            m("heading"),
            m("bullet"),
            m("mention"),
            m("action"),
            m("question"),
            m("thanks"),
            m("hypothesis"),
            m("result"),
            m("learned"),
            m("code"),
            m("link"),
        )
    };
    let kinds =
        ["learning", "experiment", "retro", "okr", "inception", "pattern", "practice", "decision", "selfcheck", "note"];
    let open = "---\ndate: 2026-09-01\ntags: [open]\nauthors: [Ana Ruiz]\nresult: supported\nhypothesis: h\n---\n# Open\n\nSee [[zqtitleqz]], [[secret-retro]] and [that](secret-learning.md).\n\n![[secret-retro]]\n\n> [!QUESTION] Who?\n";
    let mut book = Book::of([
        ("book.toml", "[site]\nbase_url = \"https://x.example/\"\n[links]\n\"FLEX-{n}\" = \"\"\n"),
        ("content/notes/open.md", open),
    ]);
    let before = book.build();
    for kind in kinds {
        book.write(&format!("content/notes/secret-{kind}.md"), &note(kind));
    }
    let built = book.build();
    assert_eq!(built.diagnostics.iter().filter(|d| d.message.contains("zq")).collect::<Vec<_>>().len(), 0);
    // Its names stand in the open note's own source, which names them; in nothing that is derived.
    for (route, bytes) in built.files.iter().filter(|(route, _)| !route.ends_with("open.md")) {
        let text = String::from_utf8_lossy(bytes);
        let lower = text.to_lowercase();
        for part in parts.iter().filter(|part| **part != "title") {
            assert!(!lower.contains(&format!("zq{part}qz")), "the {part} of a withheld note stands in {route}");
        }
        assert!(!lower.contains("zqkeyqz"), "a key of a withheld note stands in {route}");
    }
    // Not a count, a chart, a redirect or an order either: but for the pages of the note that names
    // them, the site is that of a book without them.
    assert_eq!(built.files.keys().collect::<Vec<_>>(), before.files.keys().collect::<Vec<_>>());
    for (route, bytes) in built.files.iter().filter(|(route, _)| *route != "notes/open.html") {
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&before.files[route]), "{route} differs");
    }
}
