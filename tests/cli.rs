//! Every command as a user meets it: the built program, a folder, what it says and where.
//!
//! Transcripts are compared with `tests/golden/cli`; `UPDATE_GOLDEN=1` rewrites them.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // Tests may touch the disk and run programs.

mod command;
mod support;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Stdio;

use command::{Desk, Ended, assert_same};
use support::{assert_golden, tests_folder};

/// Text without what differs from run to run: how long it took.
fn masked(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.split_once(" in ").and_then(|(before, after)| Some((before, after.split_once(" ms")?))) {
            Some((before, (number, after))) if number.bytes().all(|c| c.is_ascii_digit()) => {
                write!(out, "{before} in 40 ms{after}").unwrap();
            }
            _ => out.push_str(line),
        }
    }
    out
}

/// Runs commands one after the other and compares what they say with a golden transcript. Data
/// stands as it is, talk after `! `, an exit code other than 0 in a line of its own.
fn transcript(desk: &Desk, name: &str, commands: &[&[&str]]) {
    let mut out = String::new();
    for arguments in commands {
        let ended = desk.run(arguments);
        let shown = arguments.iter().map(|word| match word.is_empty() || word.contains(' ') {
            true => format!("'{word}'"),
            false => (*word).to_owned(),
        });
        writeln!(out, "$ fieldbook {}", shown.collect::<Vec<_>>().join(" ")).unwrap();
        for line in masked(&ended.data).lines() {
            writeln!(out, "{}", line.trim_end()).unwrap();
        }
        for line in masked(&ended.talk).lines() {
            writeln!(out, "{}", format!("! {line}").trim_end()).unwrap();
        }
        match ended.code {
            Some(0) => {}
            code => writeln!(out, "[exit code {}]", code.map_or("none".into(), |code| code.to_string())).unwrap(),
        }
    }
    assert_golden(&tests_folder().join(format!("golden/cli/{name}.txt")), &out).unwrap();
}

/// A book with a broken link, an error, and nothing else.
fn book_with_problems() -> Desk {
    Desk::with_book([
        ("content/start.md", "# Start\n\nSee [the other](othr.md) and [there](there.md).\n"),
        ("content/other.md", "---\ndate: 2026-02-30\n---\n# Other\n"),
    ])
}

#[test]
fn help_says_what_each_command_does() {
    let desk = Desk::new();
    let commands: &[&[&str]] = &[
        &["--help"],
        &["-h"],
        &["init", "--help"],
        &["new", "--help"],
        &["build", "--help"],
        &["watch", "--help"],
        &["serve", "--help"],
        &["check", "--help"],
        &["completions", "--help"],
    ];
    transcript(&desk, "help", commands);
    let version = desk.run(&["--version"]);
    assert_eq!((version.code, version.data.as_str()), (Some(0), "fieldbook 0.1.0\n"));
}

#[test]
fn a_command_that_is_not_understood_ends_with_2_and_says_so_on_stderr() {
    let desk = Desk::new();
    let commands: &[&[&str]] = &[
        &[],
        &["biuld"],
        &["build", "--drfts"],
        &["build", "one", "two"],
        &["check", "--format", "xml"],
        &["new", "learning"],
        &["completions", "tcsh"],
    ];
    for arguments in commands {
        let ended = desk.run(arguments);
        assert_eq!((ended.code, ended.data.as_str()), (Some(2), ""), "{arguments:?}");
    }
    transcript(&desk, "usage", commands);
}

#[test]
fn a_first_book_is_made_built_and_built_again() {
    let desk = Desk::new();
    let made = desk.run(&["init", "book"]);
    assert_eq!((made.code, made.data.as_str()), (Some(0), ""));
    assert_eq!(desk.names("book"), [".gitignore", "book.toml", "content"]);

    let check = desk.run(&["check", "book", "--strict"]);
    assert_eq!((check.code, check.data.as_str()), (Some(0), ""), "the starter book has no problems");

    let first = desk.build();
    assert_eq!(first.data, "");
    assert!(first.summary().contains(" pages ("), "{}", first.talk);
    assert!(desk.read("book/site/index.html").contains("Our handbook"));
    assert!(desk.build().summary().contains("(0 changed)"));

    desk.write("book/content/learnings/new.md", "# A new note\n\nWith a text.\n");
    let third = desk.build();
    assert!(!third.summary().contains("(0 changed)"), "{}", third.talk);
    assert!(desk.read("book/site/learnings/new.html").contains("A new note"));
    assert!(desk.read("book/site/learnings/index.html").contains("A new note"));
    assert_eq!(desk.shown("book"), [".gitignore", "book.toml", "content", "site"]);
}

#[test]
fn init_keeps_what_is_there() {
    let desk = Desk::with_book([("book.toml", "[book]\ntitle = \"Mine\"\n"), ("content/README.md", "# Mine too\n")]);
    transcript(&desk, "init", &[&["init", "book"], &["init", "book"], &["init", "one/two"], &["build", "book"]]);
    assert_eq!(desk.read("book/book.toml"), "[book]\ntitle = \"Mine\"\n");
    assert_eq!(desk.read("book/content/README.md"), "# Mine too\n");
    assert!(desk.has("one/two/content/README.md"));
    desk.write("file", "");
    let on_a_file = desk.run(&["init", "file"]);
    assert_eq!((on_a_file.code, desk.read("file").as_str()), (Some(3), ""), "{}", on_a_file.talk);
}

const KINDS: [&str; 10] =
    ["learning", "experiment", "retro", "okr", "inception", "pattern", "practice", "decision", "selfcheck", "note"];

const TITLES: [&str; 12] = [
    "Labels matter more than amounts",
    "She said \"refund: now\", 100% – ¿sí? it's 日本 🎉",
    "key: value # no comment",
    "--- [x] {date} {title}",
    "Use Vec<T> or <script>alert(1)</script> & co",
    "1. first",
    "C:\\temp | a|b",
    "`code` and $x$ and *this*",
    "# not a level",
    "/",
    " spaces \t around ",
    "Où? Übergröße İstanbul",
];

#[test]
fn a_new_note_of_every_kind_builds_with_no_problem_whatever_its_title() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    desk.write("home/.gitconfig", "[user]\n\tname = \"O'Neil, \\\"Ana\\\" #1: [x] \\\\\"\n");
    for kind in KINDS {
        for title in TITLES {
            let mut new = desk.fieldbook(&["new", "--root", "book", kind, title]);
            let ended = desk.finish(new.env("GIT_CONFIG_GLOBAL", desk.path("home/.gitconfig")));
            assert_eq!((ended.code, ended.talk.as_str()), (Some(0), ""), "{kind} {title}");
            let path = ended.data.strip_suffix('\n').unwrap();
            assert!(desk.has(&format!("book/{path}")), "`new` prints the path from the book: {path}");
        }
    }
    let check = desk.run(&["check", "book", "--strict", "--format", "short"]);
    // None of the titles is a question, as an objective's should be: advice, and no problem.
    let said: Vec<&str> = check.data.lines().filter(|line| !line.contains("advice[okr-not-a-question]")).collect();
    assert_eq!((check.code, said), (Some(0), vec![]));
    desk.build();
    let index: serde_json::Value = serde_json::from_str(&desk.read("book/site/index.json")).unwrap();
    let index = index.to_string();
    for title in ["She said \\\"refund: now\\\", 100% – ¿sí?", "--- [x] {date} {title}", "Use Vec<T> or <script>"] {
        assert!(index.contains(title), "the title is shown as it was typed: {title}");
    }
    assert!(index.contains("O'Neil, \\\"Ana\\\" #1: [x] \\\\"), "the author is git's");
}

#[test]
fn new_refuses_what_it_can_not_do_and_says_what_it_can() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    let root: &[&str] = &["new", "--root", "book"];
    let with = |rest: &[&'static str]| [root, rest].concat();
    let commands = [
        with(&["learning", "Labels matter"]),
        with(&["learning", "Labels matter"]),
        with(&["learnin", "x"]),
        with(&["zebra", "x"]),
        with(&["learning", "  "]),
        with(&["ADR", "Label it as a refund"]),
        vec!["new", "--root", "nowhere", "learning", "x"],
    ];
    let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
    transcript(&desk, "new", &commands);
    assert!(!desk.has("nowhere"), "a book's folder is not made by accident");
}

#[test]
fn new_knows_the_kinds_of_the_book_and_reports_a_broken_book_toml() {
    let desk = Desk::with_book([
        ("book.toml", "[kinds.postmortem]\nfolder = \"post-mortems\"\ntemplate = \"# {title}\\n\\nOn {date}.\\n\"\n"),
        ("content/README.md", "# Home\n"),
    ]);
    let made = desk.run(&["new", "postmortem", "Queue", "--root", "book"]);
    assert_eq!(made.data, "content/post-mortems/queue.md\n", "{}", made.talk);
    assert_eq!(desk.read("book/content/post-mortems/queue.md"), "# Queue\n\nOn 2026-11-23.\n");

    desk.write("book/book.toml", "[kinds.postmortem\n");
    let broken = desk.run(&["new", "postmortem", "Other", "--root", "book"]);
    assert_eq!((broken.code, broken.data.as_str()), (Some(1), ""));
    assert!(broken.talk.contains("book.toml:1:"), "the broken file is named: {}", broken.talk);
}

#[test]
fn a_plain_folder_of_notes_is_a_book() {
    let desk = Desk::new();
    desk.write("book/README.md", "# My notes\n\nSee [[one]].\n");
    desk.write("book/ideas/one.md", "One idea.\n");
    desk.write("book/ideas/dot.png", "not a picture");
    let built = desk.build();
    assert!(!built.talk.contains("warning"), "{}", built.talk);
    assert!(desk.read("book/site/index.html").contains("My notes"));
    assert!(desk.has("book/site/ideas/one.html") && desk.has("book/site/ideas/dot.png"));
    assert!(desk.build().summary().contains("(0 changed)"), "the site is no part of the next one");
    let new = desk.run(&["new", "learning", "Two", "--root", "book"]);
    assert_eq!(new.data, "learnings/two.md\n");
    desk.build();
    assert!(desk.has("book/site/learnings/two.html"));
    assert!(!desk.has("book/site/site"));
}

#[test]
fn drafts_are_shown_only_where_they_are_asked_for() {
    let desk = Desk::with_book([
        ("content/README.md", "# Home\n"),
        ("content/draft.md", "---\ndraft: true\n---\n# Half a thought\n"),
        ("content/future.md", "---\ndate: 2027-01-01\n---\n# Next year\n"),
    ]);
    desk.build();
    assert!(!desk.has("book/site/draft.html") && !desk.has("book/site/future.html"));
    assert_eq!(desk.run(&["build", "book", "--drafts"]).code, Some(0));
    assert!(desk.has("book/site/draft.html") && desk.has("book/site/future.html"));
    desk.build();
    assert!(!desk.has("book/site/draft.html") && !desk.has("book/site/future.html"));
}

#[test]
fn a_build_publishes_what_it_can_and_a_strict_one_all_or_nothing() {
    let desk = book_with_problems();
    let strict = desk.run(&["build", "book", "--strict"]);
    assert_eq!((strict.code, desk.has("book/site")), (Some(1), false));
    assert_eq!(strict.summary(), "nothing is published: 1 error, 2 warnings");

    let built = desk.run(&["build", "book"]);
    assert_eq!((built.code, built.data.as_str()), (Some(1), ""));
    assert!(built.talk.contains("error[invalid-date]") && built.talk.contains("content/other.md:2:7"));
    assert!(desk.read("book/site/other.html").contains("Other"));

    desk.write("book/content/other.md", "# Other\n");
    let before = desk.tree("book/site");
    assert_eq!(desk.run(&["build", "book", "--strict"]).code, Some(1));
    assert_same(&desk.tree("book/site"), &before, "after a strict build with warnings");
    let warned = desk.run(&["build", "book"]);
    assert_eq!(warned.code, Some(0), "warnings alone don't fail");
    assert!(warned.summary().ends_with("2 warnings"), "{}", warned.talk);
    let again = desk.run(&["build", "book"]);
    assert!(again.talk.contains("othr.md") && again.summary().contains("(0 changed)"), "{}", again.talk);
    assert_eq!(desk.run(&["build", "book", "--strict"]).code, Some(1), "though nothing has changed");
}

#[test]
fn the_output_folder_is_named_from_the_current_folder_on_the_command_line() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    assert_eq!(desk.run(&["build", "book", "--output", "public/site"]).code, Some(0));
    assert!(desk.has("public/site/index.html") && !desk.has("book/public") && !desk.has("book/site"));
    let mut inside = desk.fieldbook(&["build", "-o", "out"]);
    assert_eq!(desk.finish(inside.current_dir(desk.path("book"))).code, Some(0));
    assert!(desk.has("book/out/index.html"));
    assert!(desk.run(&["build", "book", "-o", "book/out"]).summary().contains("(0 changed)"));
}

#[test]
fn folders_that_are_not_ours_are_refused_and_stay_as_they_are() {
    let desk = Desk::with_book([("content/README.md", "# Home\n"), ("themes/mine/static/x.css", "")]);
    desk.write("foreign/thesis.txt", "years of work");
    desk.write("home/.profile", "mine");
    desk.write("file", "a file");
    symlink("foreign", desk.path("link")).unwrap();
    let before = desk.tree("");
    let home = desk.path("home");
    for (output, word) in [
        ("/", "root of the file system"),
        (".", "is or holds"),
        ("book", "is or holds"),
        ("book/content", "content folder"),
        ("book/content/site", "content folder"),
        ("book/themes", "theme"),
        ("book/themes/mine/site", "theme"),
        (home.to_str().unwrap(), "home folder"),
        ("foreign", "not written by fieldbook"),
        ("link", "symbolic link"),
        ("link/../foreign", "not written by fieldbook"),
        ("file", "not a folder"),
    ] {
        let ended = desk.run(&["build", "book", "-o", output]);
        assert_eq!(ended.code, Some(3), "{output}: {}", ended.talk);
        assert!(ended.talk.starts_with("error: ") && ended.talk.contains(word), "{output}: {}", ended.talk);
        assert_same(&desk.tree(""), &before, output);
    }
}

#[test]
fn a_root_that_is_no_book_is_named() {
    let desk = Desk::new();
    desk.write("file.md", "# A file\n");
    desk.write("configured/book.toml", "[book]\nsrc = \"notes\"\n");
    desk.write("outside/book.toml", "[book]\nsrc = \"../book\"\n");
    fs::create_dir(desk.path("empty")).unwrap();
    let commands: &[&[&str]] = &[
        &["build", "nowhere"],
        &["check", "nowhere"],
        &["build", "file.md"],
        &["check", "file.md"],
        &["build", "empty"],
        &["check", "empty"],
    ];
    transcript(&desk, "roots", commands);
    for root in ["configured", "outside"] {
        let ended = desk.run(&["build", root]);
        assert_ne!(ended.code, Some(0), "{}", ended.talk);
        assert!(!desk.has(&format!("{root}/site")));
    }
}

#[test]
fn what_can_not_be_read_as_a_note_is_named_and_costs_the_others_nothing() {
    let desk = Desk::with_book([("content/README.md", "# Home\n"), ("content/folder.md/inside.md", "# Inside\n")]);
    desk.write("book/content/latin.md", b"# Caf\xe9\n");
    symlink("nothing", desk.path("book/content/broken.md")).unwrap();
    symlink("/etc/passwd", desk.path("book/content/outside.md")).unwrap();
    let check = desk.run(&["check", "book", "--format", "short"]);
    assert_eq!(check.code, Some(1));
    let lines: Vec<&str> = check.data.lines().map(|line| line.split_once("]: ").unwrap().0).collect();
    assert_eq!(
        lines,
        [
            "content/latin.md:1:6: error[not-utf8",
            "content/broken.md: warning[symlink-skipped",
            "content/outside.md: warning[symlink-skipped"
        ]
    );
    assert_eq!(desk.run(&["build", "book"]).code, Some(1));
    assert!(desk.has("book/site/latin.html") && desk.has("book/site/folder.md/inside.html"));
    assert!(!desk.has("book/site/outside.html"));
}

#[test]
fn check_says_the_same_in_four_forms_and_publishes_nothing() {
    let desk = book_with_problems();
    for format in ["text", "short", "json", "github"] {
        transcript(&desk, &format!("check-{format}"), &[&["check", "book", "--format", format]]);
    }
    assert_eq!(desk.names("book"), ["content"]);
    let json = desk.run(&["check", "book", "--format", "json"]).data;
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    let date = lines.iter().find(|line| line["code"] == "invalid-date").unwrap();
    assert_eq!((date["file"].as_str(), date["line"].as_u64()), (Some("content/other.md"), Some(2)));
    assert_eq!(date["severity"], "error");

    desk.write("book/content/other.md", "# Other\n");
    assert_eq!(desk.run(&["check", "book"]).code, Some(0), "warnings alone don't fail");
    assert_eq!(desk.run(&["check", "book", "--strict"]).code, Some(1));
    desk.write("book/content/start.md", "# Start\n");
    let clean = desk.run(&["check", "book", "--strict"]);
    assert_eq!((clean.code, clean.data.as_str()), (Some(0), ""));
    assert!(clean.summary().starts_with("2 notes checked in ") && clean.summary().ends_with(": no problems"));
}

#[test]
fn completions_are_data_for_every_shell() {
    let desk = Desk::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = desk.run(&["completions", shell]);
        assert_eq!((ended.code, ended.talk.as_str()), (Some(0), ""), "{shell}");
        for word in ["fieldbook", "init", "new", "build", "check", "completions", "drafts"] {
            assert!(ended.data.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn there_is_no_colour_where_nobody_looks() {
    let desk = book_with_problems();
    for value in [None, Some(""), Some("1")] {
        for arguments in [["build", "book"], ["check", "book"], ["build", "nowhere"]] {
            let mut command = desk.fieldbook(&arguments);
            command.envs(value.map(|value| ("NO_COLOR", value)));
            let Ended { data, talk, .. } = desk.finish(&mut command);
            assert!(!data.contains('\x1b') && !talk.contains('\x1b'), "{data}{talk}");
        }
    }
}

#[test]
fn a_reader_that_has_heard_enough_is_no_bug() {
    let desk = book_with_problems();
    for i in 0..300 {
        desk.write(&format!("book/content/many/{i}.md"), "# Many\n\n[a](nowhere-1.md) [b](nowhere-2.md)\n");
    }
    for format in ["text", "short", "json", "github"] {
        let mut child = desk
            .fieldbook(&["check", "book", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = desk.ended(child.wait_with_output().unwrap());
        assert_eq!(ended.code, Some(1), "{}", ended.talk);
        assert_eq!(ended.talk.lines().count(), 1, "no more than its summary: {}", ended.talk);
    }
    let closed = |arguments: &str| {
        let mut shell = desk.program("sh");
        shell.args(["-c", &format!("exec \"$0\" {arguments}"), env!("CARGO_BIN_EXE_fieldbook")]);
        desk.finish(&mut shell)
    };
    assert_eq!(closed("check book >&- 2>&-").code, Some(1));
    assert_eq!(closed("build book >&- 2>&-").code, Some(1));
    assert!(desk.has("book/site/start.html"));
    assert_eq!(closed("--help >&-").code, Some(0));
}

#[test]
fn data_that_could_not_be_written_is_an_error() {
    let desk = book_with_problems();
    for arguments in [&["check", "book"][..], &["completions", "bash"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ended = desk.ended(desk.fieldbook(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap());
        assert_eq!(ended.code, Some(3), "{arguments:?}: {}", ended.talk);
        assert!(ended.talk.contains("error: can't write to the standard output"), "{}", ended.talk);
    }
}

/// Set for the child of the test below, which is this test again.
const IS_CHILD: &str = "FIELDBOOK_TEST_IS_CHILD";

#[test]
fn a_panic_that_is_caught_is_told_by_who_catches_it_and_prints_nothing_itself() {
    use fieldbook::terminal::{catch, silence_panics};
    let name = "a_panic_that_is_caught_is_told_by_who_catches_it_and_prints_nothing_itself";
    if std::env::var_os(IS_CHILD).is_some() {
        silence_panics();
        assert!(std::panic::catch_unwind(|| panic!("of a note")).is_err());
        println!("[{}]", catch(|| -> () { panic!("a bug") }).unwrap_err());
        return;
    }
    let desk = Desk::new();
    let mut child = desk.program(std::env::current_exe().unwrap());
    let ended = desk.finish(child.args(["--exact", name, "--nocapture"]).env(IS_CHILD, "1"));
    assert_eq!((ended.code, ended.talk.as_str()), (Some(0), ""));
    assert!(ended.data.contains("[a bug, at tests/cli.rs:"), "{}", ended.data);
}

/// A book that is built, and its site.
fn built() -> (Desk, command::Tree) {
    let desk = Desk::with_book([
        ("book.toml", "[book]\ntitle = \"One\"\n"),
        ("content/README.md", "# Home\n"),
        ("content/a.md", "# A\n"),
    ]);
    desk.build();
    let site = desk.tree("book/site");
    (desk, site)
}

#[test]
fn a_broken_book_toml_leaves_the_old_site_and_names_the_place() {
    let (desk, site) = built();
    desk.write("book/content/a.md", "# A changed\n");
    for (text, place) in [
        ("[book]\ntitle = \"One\n", "book.toml:2:"),
        ("[book]\ntitle = 1\n", "book.toml:2:9"),
        ("[book]\nsrc = 5\n", "book.toml:2:7"),
        ("[book]\nsrc = \"../elsewhere\"\n", "book.toml:2:7"),
        ("[theme]\nname = 3\n", "book.toml:2:8"),
    ] {
        desk.write("book/book.toml", text);
        let ended = desk.run(&["build", "book"]);
        assert_eq!(ended.code, Some(1), "{text}: {}", ended.talk);
        assert!(ended.talk.contains(place), "{text}: {}", ended.talk);
        assert_same(&desk.tree("book/site"), &site, text);
        assert_eq!(desk.shown("book"), ["book.toml", "content", "site"]);
        let check = desk.run(&["check", "book", "--format", "short"]);
        assert_eq!(check.code, Some(1));
        assert!(check.data.contains(place), "{}", check.data);
    }
}

#[test]
fn a_broken_theme_leaves_the_old_site_and_names_the_place() {
    let (desk, site) = built();
    desk.write("book/content/a.md", "# A changed\n");
    desk.write("book/book.toml", "[book]\ntitle = \"One\"\n[theme]\nname = \"ours\"\n");
    for (text, place) in [
        ("{% extends \"default/note.html\" %}\n{% block main %}{{ title \n", "note.html:"),
        ("<p>\n{{ nothing.here }}</p>\n", "note.html:2:"),
        ("{% extends \"default/nowhere.html\" %}\n", "note.html"),
        ("{% include \"nowhere.html\" %}\n", "note.html"),
    ] {
        desk.write("book/themes/ours/templates/note.html", text);
        let ended = desk.run(&["build", "book"]);
        assert_eq!(ended.code, Some(1), "{text}: {}", ended.talk);
        let place = format!("themes/ours/templates/{place}");
        assert!(ended.talk.contains("error[theme-error]") && ended.talk.contains(&place), "{text}: {}", ended.talk);
        assert!(ended.summary().starts_with("nothing is published"), "{}", ended.talk);
        assert_same(&desk.tree("book/site"), &site, text);
        assert_eq!(desk.shown("book"), ["book.toml", "content", "site", "themes"]);
        let check = desk.run(&["check", "book", "--format", "short"]);
        assert_eq!(check.code, Some(1));
        assert!(check.data.contains(&place), "{}", check.data);
    }
    desk.write("book/book.toml", "[book]\ntitle = \"One\"\n[theme]\nname = \"missing\"\n");
    let missing = desk.run(&["build", "book"]);
    assert_eq!(missing.code, Some(1), "{}", missing.talk);
    assert_same(&desk.tree("book/site"), &site, "after a theme that is not there");
}

#[test]
fn a_theme_replaces_a_template_file_by_file_and_may_build_on_the_default_one() {
    let (desk, _) = built();
    desk.write("book/book.toml", "[book]\ntitle = \"One\"\n[theme]\nname = \"ours\"\n");
    desk.write(
        "book/themes/ours/templates/note.html",
        "{% extends \"default/note.html\" %}\n{% block main %}<p>Before.</p>{{ super() }}{% endblock %}\n",
    );
    let ended = desk.build();
    assert!(!ended.talk.contains("warning"), "{}", ended.talk);
    let page = desk.read("book/site/a.html");
    assert!(page.contains("<p>Before.</p>") && page.contains("<article class=\"prose\">"));
    assert!(!desk.read("book/site/browse/index.html").contains("Before."));
    fs::remove_dir_all(desk.path("book/themes")).unwrap();
    desk.write("book/book.toml", "[book]\ntitle = \"One\"\n");
    desk.build();
    assert!(!desk.read("book/site/a.html").contains("Before."), "a theme that is gone leaves nothing behind");
}

/// A book in which the loop turns.
fn book_with_a_loop() -> Desk {
    Desk::with_book([
        ("book.toml", "[people]\nana = \"Ana Ruiz\"\n[site]\nbase_url = \"https://book.example/\"\n"),
        (
            "content/retros/2026-11-06-shop-sprint-1.md",
            "---\nteam: Shop\nauthors: [Ana Ruiz]\nthemes: [late copy]\n---\n# Shop, sprint 1\n\n## What surprised us\n\n- Nobody read the price.\n\n## Actions\n\n- [ ] @ana label the refund due:2026-11-13\n- [ ] tidy up\n- [x] @tom ask due:2026-11-10\n\n> [!KUDOS] @ana ran a small test\n",
        ),
        (
            "content/retros/2026-11-20-shop-sprint-2.md",
            "---\nteam: Shop\nthemes: [overlap, Late copy]\n---\n# Shop, sprint 2\n\n## What surprised us\n\n- The word, and not the sum.\n\n## Actions\n\n- [ ] @ana label the refund due:2026-11-27\n\n> [!QUESTION] Whom can't we ask?\n",
        ),
        (
            "content/experiments/refund-label.md",
            "---\ndate: 2026-10-01\nteam: Shop\nstatus: ended\nended: 2026-11-18\nresult: refuted\nhypothesis: Calling the fare a refund reduces drop-off.\n---\n# Call it a refund\n\nText.\n",
        ),
        (
            "content/experiments/badge.md",
            "---\ndate: 2026-10-02\nteam: Search\nstatus: running\nends: 2026-11-20\nhypothesis: A badge is clicked.\n---\n# A badge\n",
        ),
        (
            "content/experiments/gift.md",
            "---\ndate: 2026-10-03\nstatus: parked\nrevisit: 2026-11-01\n---\n# A refund as a gift\n",
        ),
        (
            "content/learnings/word.md",
            "---\ndate: 2026-11-19\nteam: Shop\nevidence: [\"[[refund-label]]\"]\n---\n# The word counts\n\nSee [the test](../experiments/refund-label.md).\n",
        ),
        ("content/decisions/name.md", "---\ndate: 2026-11-21\nevidence: [\"[[word]]\"]\n---\n# One name\n"),
    ])
}

#[test]
fn the_commands_of_the_loop_say_what_is_to_be_done_and_what_was_learned() {
    let desk = book_with_a_loop();
    transcript(
        &desk,
        "loop",
        &[
            &["actions", "--root", "book"],
            &["actions", "--root", "book", "--owner", "ana", "--format", "json"],
            &["actions", "--root", "book", "--owner", "nobody"],
            &["actions", "--root", "book", "--team", "shop", "--late"],
            &["actions", "--root", "book", "--all"],
            &["agenda", "--root", "book"],
            &["agenda", "--root", "book", "--team", "Search", "--format", "json"],
            &["digest", "--root", "book"],
            &["digest", "--root", "book", "--since", "2026-11-21", "--format", "json"],
            &["digest", "--root", "book", "--since", "soon"],
            &["stats", "book"],
            &["stats", "book", "--format", "json"],
        ],
    );
}

#[test]
fn a_new_retro_brings_the_open_actions_and_a_new_experiment_what_was_asked_before() {
    let desk = book_with_a_loop();
    transcript(
        &desk,
        "new-in-a-loop",
        &[
            &["new", "--root", "book", "retro", "Shop, sprint 3"],
            &["new", "--root", "book", "experiment", "Call the fare a refund on phones"],
            &["new", "--root", "book", "experiment", "Does a badge help?", "--team", "Search", "--format", "json"],
        ],
    );
    let retro = desk.read("book/content/retros/shop-sprint-3.md");
    assert!(retro.contains("\nteam: Shop\n") && retro.contains("\n# last time: overlap, Late copy\n---\n"), "{retro}");
    // The one that was carried over counts as its last note has it; what is done stays behind.
    assert!(
        retro.contains(" -->\n\n- [ ] @ana label the refund due:2026-11-27\n- [ ] tidy up\n\n## Thanks"),
        "{retro}"
    );
    assert!(!retro.contains("ask due:"), "{retro}");
    let other = desk.run(&["new", "--root", "book", "retro", "A retro of nobody's"]);
    let other = desk.read(&format!("book/{}", other.data.trim_end()));
    assert!(
        other.contains("due:2026-03-18 -->\n\n## Thanks") && other.contains("\nteam:\n") && !other.contains('{'),
        "{other}"
    );
    assert_eq!(desk.run(&["check", "book", "--strict"]).code, Some(0));
}

#[test]
fn review_stamps_the_day_and_touches_nothing_else() {
    let desk = book_with_a_loop();
    let before = desk.read("book/content/learnings/word.md");
    transcript(
        &desk,
        "review",
        &[
            &["review", "--root", "book", "word", "content/decisions/name.md"],
            &["review", "--root", "book", "The word counts", "--format", "json"],
            &["review", "--root", "book", "wrod"],
            &["review", "--root", "book", "name", "nothing-like-it"],
        ],
    );
    let after = desk.read("book/content/learnings/word.md");
    assert_eq!(after, before.replacen("\n---\n#", "\nreviewed: 2026-11-23\n---\n#", 1));
    assert_eq!(desk.read("book/content/decisions/name.md").matches("reviewed").count(), 1);
}

#[test]
fn mv_shows_what_it_would_do_and_then_does_it() {
    let desk = book_with_a_loop();
    let before = desk.tree("book");
    transcript(&desk, "mv-dry", &[&["mv", "--root", "book", "refund-label", "learnings/archive/", "--dry-run"]]);
    assert_same(&before, &desk.tree("book"), "a dry run");
    transcript(
        &desk,
        "mv",
        &[
            &["mv", "--root", "book", "refund-label", "archive/label"],
            &["mv", "--root", "book", "label", "learnings/word.md"],
            &["mv", "--root", "book", "refnd", "x"],
            &["mv", "--root", "book", "badge", "archive/", "--format", "json"],
        ],
    );
    assert!(!desk.has("book/content/experiments/refund-label.md"));
    assert!(desk.read("book/content/archive/label.md").contains("aliases: [\"/experiments/refund-label.html\"]"));
    assert!(desk.read("book/content/learnings/word.md").contains("[the test](../archive/label.md)"));
    assert_eq!(desk.run(&["check", "book", "--strict"]).code, Some(0));
    desk.build();
    assert!(desk.read("book/site/experiments/refund-label.html").contains("../archive/label.html"));
    assert!(desk.names("book/content/learnings").iter().all(|name| !name.starts_with('.')), "nothing is left over");
}

#[test]
fn a_move_that_fails_halfway_is_put_back() {
    use std::os::unix::fs::PermissionsExt;
    let desk = book_with_a_loop();
    // The folder of a note that links to it can't be written.
    let folder = desk.path("book/content/learnings");
    let mode = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    let is_bound = fs::write(folder.join("probe"), "").is_err();
    let _ = fs::remove_file(folder.join("probe"));
    let before = desk.tree("book");
    let ended = desk.run(&["mv", "--root", "book", "refund-label", "archive/label"]);
    mode(0o755);
    // Who may write everywhere (root) can't be stopped this way.
    if is_bound {
        assert_eq!(ended.code, Some(3), "{}", ended.talk);
        assert!(ended.talk.contains("nothing has changed"), "{}", ended.talk);
        assert_eq!(
            desk.read("book/content/experiments/refund-label.md").as_bytes(),
            before["content/experiments/refund-label.md"].1
        );
        assert!(!desk.has("book/content/archive/label.md"));
    }
}
