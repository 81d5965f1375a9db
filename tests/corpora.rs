//! Books as people have them.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use support::Book;

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
