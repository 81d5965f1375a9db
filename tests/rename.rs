//! `mv`: a note moves and every link leads where it led; what can't be kept right is not begun.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use fieldbook::edit::rename::{Plan, Refusal, plan};
use fieldbook::engine::{Engine, Request};
use support::Book;

fn book(notes: &[(&str, &str)]) -> Book {
    let mut book = Book::of([("book.toml", "[book]\ntitle = \"B\"\n")]);
    for (path, text) in notes {
        book.write(&format!("content/{path}"), text);
    }
    book
}

fn planned(book: &Book, old: &str, new: &str) -> Result<Plan, Refusal> {
    plan(&book.snapshot(), None, old, new)
}

/// The book after a plan.
fn moved(book: &Book, plan: &Plan) -> Book {
    let mut after = book.clone();
    after.files.remove(plan.from.as_str());
    after.files.insert(plan.to.to_string(), plan.note.after.clone());
    for change in &plan.others {
        assert_eq!(*after.files[change.path.as_str()], *change.before);
        after.files.insert(change.path.to_string(), change.after.clone());
    }
    after
}

fn text<'b>(book: &'b Book, path: &str) -> &'b str {
    std::str::from_utf8(&book.files[&format!("content/{path}")]).unwrap()
}

fn said(book: &Book) -> Vec<String> {
    let built = Engine::default().build(&book.snapshot(), Request::default());
    built.diagnostics.iter().map(|d| format!("{} {}", d.file, d.code)).collect()
}

#[test]
fn links_of_every_form_are_rewritten_in_place() {
    let linking = "---\nrelated: [\"[[labels]]\", learnings/labels.md, labels]\nevidence: \"[[labels#why|Labels]]\"\n---\n# A\n\n\
        See [it](../learnings/labels.md#why \"Title\"), [here](<../learnings/labels.md>), [html](../learnings/labels.html),\n\
        [bare](../learnings/labels), [[labels]], [[labels#why|text]], [[learnings/labels]], [[Labels matter]] and\n\
        [ref][r], [r] and `[[labels]]` and \\[x](labels.md).\n\n![[labels#why]]\n\n<a href=\"../learnings/labels.md\">raw</a>\n\n[r]: ../learnings/labels.md \"T\"\n";
    let before = book(&[
        (
            "learnings/labels.md",
            "# Labels matter\n\n## Why\n\nSee [a](../notes/a.md), [pic](pic.png), [[a]] and [top](#why).\n",
        ),
        ("learnings/pic.png", "x"),
        ("notes/a.md", linking),
        ("notes/b.md", "# B\n\nNo link to labels.\n"),
    ]);
    let plan = planned(&before, "labels", "archive/old/words").unwrap();
    let after = moved(&before, &plan);
    assert_eq!(plan.to.as_str(), "content/archive/old/words.md");
    assert_eq!(
        text(&after, "notes/a.md"),
        "---\nrelated: [\"[[words]]\", ../archive/old/words.md, words]\nevidence: \"[[words#why|Labels]]\"\n---\n# A\n\n\
         See [it](../archive/old/words.md#why \"Title\"), [here](<../archive/old/words.md>), [html](../archive/old/words.html),\n\
         [bare](../archive/old/words), [[words]], [[words#why|text]], [[archive/old/words]], [[Labels matter]] and\n\
         [ref][r], [r] and `[[labels]]` and \\[x](labels.md).\n\n![[words#why]]\n\n<a href=\"../archive/old/words.md\">raw</a>\n\n[r]: ../archive/old/words.md \"T\"\n"
    );
    assert_eq!(
        text(&after, "archive/old/words.md"),
        "---\naliases: [\"/learnings/labels.html\"]\n---\n\n# Labels matter\n\n## Why\n\nSee [a](../../notes/a.md), [pic](../../learnings/pic.png), [[a]] and [top](#why).\n"
    );
    assert_eq!((plan.others.len(), plan.note.links, plan.alias.as_deref()), (1, 2, Some("/learnings/labels.html")));
    assert_eq!(text(&after, "notes/b.md"), text(&before, "notes/b.md"));
    assert_eq!(said(&after), said(&before));
    assert!(after.build().files.contains_key("learnings/labels.html"), "the old address leads on");
}

#[test]
fn a_name_that_would_mean_another_note_becomes_a_path() {
    let before =
        book(&[("a/one.md", "# One\n"), ("b/two.md", "# Two\n"), ("c/links.md", "# L\n\n[[one]] and [[two]].\n")]);
    let plan = planned(&before, "one", "x/two.md").unwrap();
    assert_eq!(text(&moved(&before, &plan), "c/links.md"), "# L\n\n[[x/two]] and [[two]].\n");
}

#[test]
fn a_link_that_would_lead_elsewhere_afterwards_is_a_reason_not_to_begin() {
    // `[[two]]` means b/two now; with a second `two` nearer by it would mean that.
    let before = book(&[("a/one.md", "# One\n"), ("b/two.md", "# Two\n"), ("c/links.md", "# L\n\n[[two]].\n")]);
    let Err(Refusal::Links(links)) = planned(&before, "one", "c/two.md") else { panic!("it was planned") };
    assert_eq!(
        links.iter().map(|(path, line, written)| format!("{path}:{line} {written}")).collect::<Vec<_>>(),
        ["content/c/links.md:3 two"]
    );
}

#[test]
fn drafts_private_notes_and_other_line_ends_are_no_exception() {
    let before = book(&[
        ("a.md", "\u{feff}---\r\ntags: [x]\r\n---\r\n# A\r\n\r\nText é.\r\n"),
        ("draft.md", "---\ndraft: true\n---\n# D\n\n[a](a.md)\n"),
        ("private.md", "---\nvisibility: private\n---\n# P\n\n[[a]]\n"),
        ("later.md", "---\ndate: 2099-01-01\n---\n# L\n\n[[a]]\n"),
        ("crlf.md", "# C\r\n\r\n[a](./a.md)\r\n"),
    ]);
    let plan = planned(&before, "content/a.md", "sub/").unwrap();
    let after = moved(&before, &plan);
    assert_eq!(
        text(&after, "sub/a.md"),
        "\u{feff}---\r\ntags: [x]\r\naliases: [\"/a.html\"]\r\n---\r\n# A\r\n\r\nText é.\r\n"
    );
    assert_eq!(text(&after, "draft.md"), "---\ndraft: true\n---\n# D\n\n[a](sub/a.md)\n");
    assert_eq!(text(&after, "crlf.md"), "# C\r\n\r\n[a](./sub/a.md)\r\n");
    // The name has not changed.
    assert_eq!(text(&after, "private.md"), text(&before, "private.md"));
}

#[test]
fn odd_names_are_spelled_so_that_the_links_work() {
    let before = book(&[
        ("a.md", "# A\n"),
        ("b c/with space.md", "# S\n\n[a](../a.md)\n"),
        ("links.md", "# L\n\n[a](a.md) [s](b%20c/with%20space.md) [t](<b c/with space.md>)\n"),
    ]);
    let plan = planned(&before, "with space", "x y/(z) 100%.md").unwrap();
    let after = moved(&before, &plan);
    assert_eq!(said(&after), [""; 0]);
    let plan = planned(&after, "(z) 100%", "plain.md").unwrap();
    let again = moved(&after, &plan);
    assert_eq!(text(&again, "links.md"), "# L\n\n[a](a.md) [s](plain.md) [t](<plain.md>)\n");
    assert_eq!(said(&again), [""; 0]);
}

#[test]
fn there_and_back_again_leaves_the_links_as_they_were() {
    let before = Book::read("everything");
    let mut tried = 0;
    for path in before.files.keys().filter(|path| path.ends_with(".md") && path.starts_with("content/learnings/")) {
        let name = path.trim_start_matches("content/");
        if name.ends_with("README.md") {
            continue;
        }
        let there = planned(&before, name, "elsewhere/deep/").unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        let away = moved(&before, &there);
        let back = planned(&away, there.to.as_str(), "learnings/")
            .unwrap_or_else(|refusal| panic!("{name} back: {refusal:?}"));
        let again = moved(&away, &back);
        for (path, bytes) in &before.files {
            if *path != format!("content/{name}") {
                assert!(again.files[path] == *bytes, "{path} after {name} was there and back");
            }
        }
        tried += 1;
    }
    assert!(tried > 5, "{tried}");
}

#[test]
fn what_is_not_clear_or_not_possible_is_refused() {
    let before = book(&[
        ("a/one.md", "# One\n"),
        ("b/one.md", "# One\n"),
        ("two.md", "# Two\n"),
        ("broken.md", "---\ntags: [a\n---\n# Broken\n"),
        ("pic.png", "x"),
    ]);
    let refused = |old: &str, new: &str| planned(&before, old, new).unwrap_err();
    assert_eq!(refused("one", "x.md"), Refusal::Several(vec!["content/a/one.md".into(), "content/b/one.md".into()]));
    assert_eq!(refused("tow", "x.md"), Refusal::NoNote(vec!["content/two.md".into()]));
    assert_eq!(refused("marmalade", "x.md"), Refusal::NoNote(vec![]));
    assert_eq!(refused("two", "a/one.md"), Refusal::Taken(fieldbook::path::SourcePath::new("content/a/one.md")));
    assert_eq!(refused("two", "A/ONE.md"), Refusal::Taken(fieldbook::path::SourcePath::new("content/A/ONE.md")));
    assert_eq!(refused("two", "two.md"), Refusal::Same);
    for place in ["../two.md", "/etc/two.md", "a/../../x.md", ".hidden/x.md", "a:b.md"] {
        assert!(matches!(refused("two", place), Refusal::NoPlace(_)), "{place}");
    }
    assert!(matches!(refused("broken", "x.md"), Refusal::Front(_)));
}
