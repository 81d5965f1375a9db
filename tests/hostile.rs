//! Broken and hostile notes: nothing in one may run in a reader's browser, stop a build, hide the
//! page or be published against its author's will; and what is wrong is told where it stands.

#[path = "support/bombs.rs"]
mod bombs;
mod command;
#[path = "support/dom.rs"]
mod dom;
mod support;

use std::collections::BTreeSet;

use bombs::{BOMBS, BOOKS};
use command::Desk;
use support::{Book, Built};

/// What no input may do to a build; says which page and what.
fn unsound(built: &Built) -> Vec<String> {
    let mut found: Vec<String> = built.said().into_iter().filter(|said| said.starts_with("internal-error")).collect();
    for (route, bytes) in built.files.iter().filter(|(route, _)| !route.starts_with("theme/")) {
        if route.ends_with(".md") || route.ends_with(".txt") || route.starts_with('_') {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{route} is not UTF-8"));
        if route.ends_with(".html") {
            found.extend(dom::problems(text).into_iter().map(|problem| format!("{route}: {problem}")));
        } else if route.ends_with(".json") {
            if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
                found.push(format!("{route}: {error}"));
            }
        } else if route.ends_with(".xml") {
            let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
            if text.contains("<script") || text.contains(odd) {
                found.push(format!("{route}: a script or a control character"));
            }
        }
    }
    found
}

fn assert_sound(built: &Built, what: &str) {
    let found = unsound(built);
    assert!(found.is_empty(), "{what}:\n{}", found[..found.len().min(20)].join("\n"));
}

/// A JSON string is a YAML string and a TOML string.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap().replace('\u{7f}', "\\u007f")
}

// Scripts -------------------------------------------------------------------------------------------

const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' onmouseover='alert(1)' x='",
    "</title></head><script>alert(1)</script>",
    "</article></main></body><iframe src=javascript:alert(1)>",
    "--><svg/onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "java&Tab;script&colon;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "view-source:javascript:alert(1)",
    "//evil.example/x.js",
    "\\\\evil.example\\x",
    "{{ 7 * 7 }}{% include 'base.html' %}{# gone #}<component/>",
    "</script><script>alert(1)",
    "</pre></code></figure><script>alert(1)</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg><style><!--</style><img src=x onerror=alert(1)>--></style></svg>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "\u{202e}\u{2066}gnp.exe\u{0}\u{7}\u{1b}[31m",
];

/// A book with `payload` in every place where an author's text can stand.
fn book_with(payload: &str) -> Book {
    let q = quoted(payload);
    let mut book = Book::default();
    // What a file's name may hold on any system; TOML has no NUL.
    let name: String = payload.chars().filter(|c| !matches!(c, '/' | '\0')).take(60).collect();
    let toml = quoted(&payload.replace('\0', " "));
    book.write(
        "book.toml",
        &format!(
            "[book]\ntitle = {toml}\ndescription = {toml}\nauthors = [{toml}]\n\
             [site]\nbase_url = \"https://handbook.example/\"\n\
             [links]\n\"FLEX-{{n}}\" = \"https://tracker.example/{{n}}\"\n\
             [tags]\naliases = {{ x = {toml} }}\n\
             [people]\nana = {toml}\n\
             [kinds.incident]\nfolder = \"incidents\"\nlabel = {toml}\nplural = {toml}\n\
             fields = {{ severity = [\"low\", {toml}] }}\nstatuses = [{{ name = {toml}, tone = \"live\" }}]\n"
        ),
    );
    book.write("content/README.md", &format!("# {payload}\n\nText.\n"));
    for key in [
        "title",
        "team",
        "tags",
        "authors",
        "tickets",
        "aliases",
        "description",
        "status",
        "owner",
        "kind",
        "hypothesis",
        "result",
        "surprise",
        "believed",
        "now",
        "metric",
        "before",
        "after",
        "related",
        "evidence",
        "applied_in",
        "contradicts",
        "answers",
        "confirmed_by",
        "okr",
        "sprint",
        "functions",
        "themes",
        "affects",
        "discipline",
        "deciders",
        "supersedes",
        "libraries",
        "instead_of",
        "from",
        "to",
        "questions",
        "date",
        "reviewed",
        "review_in",
        "order",
        "visibility2",
        "severity",
    ] {
        for (folder, value) in [("learnings", q.clone()), ("incidents", format!("[{q}, {q}]"))] {
            book.write(
                &format!("content/{folder}/{key}.md"),
                &format!("---\n{key}: {value}\n---\n# A {key}\n\nText.\n"),
            );
        }
    }
    book.write("content/key.md", &format!("---\n{q}: {q}\nnested: {{ {q}: [{q}] }}\n---\nText.\n"));
    book.write("content/ana.md", "---\nauthors: [ana]\ntags: [x]\ntickets: [FLEX-1]\n---\nFLEX-1 Text.\n");
    for (name, text) in [
        ("heading", format!("Text\n\n## {payload}\n\n[link](#x)\n\n### {payload} {{#{payload}}}\n")),
        ("paragraph", format!("{payload}\n")),
        ("emphasis", format!("a **{payload}** _{payload}_ ~~{payload}~~ `{payload}`\n")),
        ("link", format!("[a]({payload}) [a](<{payload}>) [a](b \"{payload}\") [{payload}](c) <{payload}>\n")),
        ("reference", format!("[a] [b]\n\n[a]: <{payload}> '{payload}'\n[b]: {payload}\n")),
        (
            "image",
            format!(
                "![{payload}](x.png) ![a]({payload}) ![a](<{payload}> \"{payload}\") ![a](https://x.example/a.png '{payload}')\n"
            ),
        ),
        (
            "wikilink",
            format!(
                "[[{payload}]] [[{payload}|{payload}]] [[heading#{payload}]] [[paragraph|{payload}]] ![[{payload}.png|{payload}]]\n"
            ),
        ),
        (
            "embed",
            format!("![[{payload}]]\n\n![[paragraph]]\n\n![[heading#{payload}]]\n\n![[raw]]\n\n![[titles/note]]\n"),
        ),
        (
            "fence",
            format!(
                "```{payload}\n{payload}\n```\n\n``` rust title={q} {{1}}\n{payload}\n```\n\n```html\n{payload}\n```\n"
            ),
        ),
        ("indented", format!("    {payload}\n")),
        ("mermaid", format!("```mermaid\ngraph TD\n  A[{payload}]\n```\n")),
        (
            "math",
            format!(
                "${payload}$ and\n\n$$\n\\text{{{payload}}} \\href{{{payload}}}{{x}} \\htmlClass{{{payload}}}{{x}}\n$$\n"
            ),
        ),
        ("table", format!("| {payload} | b |\n|:-|-:|\n| {payload} | `{payload}` |\n")),
        ("footnote", format!("a[^{payload}] b[^1]\n\n[^1]: {payload}\n\n[^{payload}]: {payload}\n")),
        (
            "callout",
            format!(
                "> [!NOTE] {payload}\n> {payload}\n\n> [!{payload}]\n> x\n\n> [!tip]- {payload}\n> [!question] x\n"
            ),
        ),
        ("definition", format!("{payload}\n: {payload}\n")),
        ("list", format!("- {payload}\n- [ ] {payload}\n  1. {payload}\n")),
        (
            "raw",
            format!(
                "<div>{payload}</div>\n\n<p id={q} class={q} title={q} name={q}>{payload}</p>\n\ntext <b>{payload}</b> <a href={q}>a</a> <img src={q} alt={q}>\n"
            ),
        ),
        (
            "unquoted",
            format!(
                "<a href={payload}>a</a> <img src='{payload}' alt=\"{payload}\"> <details open {payload}>x</details>\n"
            ),
        ),
        ("comment", format!("<!-- {payload}\n\ntext\n")),
        ("tags", format!("#{payload} @{payload} www.{payload} https://x.example/{payload} a@b.example{payload}\n")),
    ] {
        book.write(&format!("content/{name}.md"), &text);
    }
    book.write(&format!("content/{name}.md"), "Text.\n");
    book.write(&format!("content/{name}/{name}.md"), "Text [up](../README.md).\n");
    book.write("content/titles/note.md", &format!("---\ntitle: {q}\n---\n[self](note.md) [[{payload}]]\n"));
    book.write("content/titles/linked.md", &format!("{payload} [to](note.md) {payload}.\n"));
    book
}

#[test]
fn no_text_of_an_author_runs_or_leaves_its_place_wherever_it_stands() {
    for payload in PAYLOADS {
        let mut book = book_with(payload);
        let built = book.build();
        assert!(built.published, "{payload}: {:?}", built.said());
        assert_sound(&built, payload);
        let toml = String::from_utf8(book.files["book.toml"].clone()).unwrap();
        book.write("book.toml", &format!("{toml}[markdown]\nraw_html = \"escape\"\n"));
        assert_sound(&book.build(), &format!("escaped: {payload}"));
    }
}

#[test]
fn raw_html_keeps_its_text_and_loses_what_is_active() {
    for (html, kept, gone) in [
        ("<b onclick=alert(1)>bold</b>", "<b>bold</b>", "onclick"),
        ("<a href=\"java&#115;cript:x\">a</a>", ">a</a>", "href"),
        ("<a href=\" javascript:x\">a</a>", ">a</a>", "href"),
        ("<form action=x><input name=q> text</form>", "text", "<input"),
        ("<iframe src=\"https://x.example\"></iframe> text", "text", "iframe"),
        ("<svg><script>1</script></svg> text", "text", "script"),
        ("<p style=\"position:fixed\">text</p>", "<p>text</p>", "style"),
        ("<base href=\"https://x.example\"> text", "text", "base"),
        ("<meta http-equiv=refresh content=0> text", "text", "meta"),
        ("<object data=x></object><embed src=x> text", "text", "object"),
        ("<p id=\"fb-main\">text</p>", "text", "fb-main"),
        ("<img src=x.png srcset=\"y 2x\" onerror=x alt=pic> text", "text", "srcset"),
        ("<video src=x autoplay></video> text", "text", "video"),
    ] {
        let built = Book::of([("content/a.md", format!("# T\n\n{html}\n").as_str())]).build();
        let article = built.article("a.html");
        assert!(article.contains(kept), "{html}: {article}");
        assert!(!article.contains(gone), "{html}: {article}");
        assert_sound(&built, html);
    }
}

#[test]
fn a_tag_with_more_attributes_than_are_read_is_text_wherever_it_stands() {
    let many: String = (0..300).map(|n| format!("a{n} ")).collect();
    for place in ["{}", "text {}", "text <i>{}</i>", "<div>{}</div>", "- {}", "<div>\n{} <p x='>"] {
        for tag in ["<b {} onclick=alert(1)>", "<script {}>alert(1)</script>", "<img {} src=x onerror=alert(1)>"] {
            let html = place.replace("{}", &tag.replace("{}", &many));
            let built = Book::of([("content/a.md", format!("# T\n\n{html}\n\nlast words\n").as_str())]).build();
            assert_sound(&built, &html);
            assert!(built.article("a.html").contains("last words"), "{html}");
        }
    }
}

#[test]
fn an_id_of_the_authors_stands_once_and_never_takes_the_themes() {
    let built = Book::of([(
        "content/a.md",
        "# T\n\n## Setup\n\n<p id=\"setup\">one</p>\n\n<p id=\"mine\">two</p>\n\n<a name=\"mine\"></a><b id=\"mine\">three</b>\n\n\
         <i id=\"fb-theme\">four</i>\n\n## Five {#fb-main}\n\n## Six {#mine}\n\n<u id=\"later\">x</u>\n\n## Later\n",
    )])
    .build();
    assert_sound(&built, "ids");
    assert!(built.article("a.html").contains("id=\"mine\">two"), "{}", built.article("a.html"));
}

#[test]
fn html_that_is_nested_too_deep_is_shown_flat_and_what_follows_is_as_it_was() {
    let nested =
        format!("<div>\n\n{}deep{}\n\n</div>\n\n<p><b>after</b></p>\n", "<div>".repeat(500), "</div>".repeat(500));
    let built = Book::of([("content/a.md", format!("# T\n\n{nested}").as_str())]).build();
    assert_eq!(built.said(), ["nesting-too-deep@content/a.md:5:496"]);
    let article = built.article("a.html");
    assert_eq!((article.matches("<div>").count(), article.matches("</div>").count()), (100, 100));
    assert!(article.contains("deep") && article.trim_end().ends_with("</div>\n<p><b>after</b></p>"), "{article}");
    // Elements that are closed by their next sibling are not nested.
    let rows = format!("# T\n\n<table>\n{}</table>\n", "<tr><td>x\n".repeat(300));
    let built = Book::of([("content/a.md", rows.as_str())]).build();
    assert_eq!((built.said().len(), built.article("a.html").matches("<td>").count()), (0, 300));
}

#[test]
fn template_syntax_in_a_note_is_text() {
    let syntax = "{{ book.title }} {% include \"base.html\" %} {# a comment #} {{ throw(message=\"x\") }}";
    let built = Book::of([
        ("book.toml", "[book]\ntitle = \"Plain\"\n"),
        (
            "content/a.md",
            &format!("---\ntitle: {}\ntags: [\"{{{{ x }}}}\"]\n---\n{syntax}\n\n    {syntax}\n", quoted(syntax)),
        ),
    ])
    .build();
    let written = syntax.replace('"', "&quot;");
    // In code a quotation mark needs no escape.
    let article = built.article("a.html").replace("&quot;", "\"");
    assert_eq!(article.matches(syntax).count(), 2, "{article}");
    assert!(built.text("a.html").contains(&format!("<h1>{written}</h1>")), "{}", built.text("a.html"));
    assert!(built.text("tags/index.html").contains("{{ x }}"));
    assert_sound(&built, "template syntax");
}

#[test]
fn unclosed_html_does_not_swallow_the_page() {
    let openings = [
        "<div>",
        "<div",
        "<div class=\"",
        "<div class='x",
        "<b>",
        "<!--",
        "<!-- -- ",
        "<![CDATA[",
        "<!DOCTYPE",
        "<?php",
        "<script>",
        "<script",
        "<script>//<!--",
        "<style>",
        "<textarea>",
        "<title>",
        "<xmp>",
        "<plaintext>",
        "<noscript>",
        "<template>",
        "<iframe>",
        "<noembed>",
        "<noframes>",
        "<select>",
        "<option>",
        "<button>",
        "<svg>",
        "<math>",
        "<math><annotation-xml encoding=text/html>",
        "<svg><foreignObject>",
        "<svg><title>",
        "<table>",
        "<table><tr><td>",
        "<table><caption>",
        "<ul><li>",
        "<details>",
        "<details><summary>",
        "<pre>",
        "<a href=x>",
        "<object>",
        "<form>",
        "<frameset>",
        "</div></div></article></main>",
        "</body></html>",
        "<p><p><p>",
        "<dl><dt>",
        "<ruby><rt>",
        "<q>",
        "<blockquote>",
        "<center>",
        "<font>",
        "<marquee>",
        "<body>",
        "<html>",
        "<head>",
        "<image>",
        "<isindex>",
    ];
    for config in ["", "[markdown]\nraw_html = \"escape\"\n"] {
        for place in [
            "{}",
            "text {}",
            "- {}",
            "> {}",
            "| a |\n|-|\n| {} |",
            "## {}",
            "[^1]\n\n[^1]: {}",
            "**{}**",
            "a\n: {}",
            "<div>\n{}",
            "<div>{}</div>",
            "text <i>{}</i>",
        ] {
            let mut book = Book::of([("book.toml", config)]);
            for (n, opening) in openings.iter().enumerate() {
                let text = place.replace("{}", opening);
                book.write(
                    &format!("content/n{n}.md"),
                    &format!("# Title\n\nbefore\n\n{text}\n\n## After\n\nlast words\n"),
                );
            }
            let built = book.build();
            assert_sound(&built, place);
            for (n, opening) in openings.iter().enumerate() {
                let article = built.article(&format!("n{n}.html"));
                // CommonMark: such a block goes on to the end of the note.
                let endless = place == "{}"
                    && ["<!--", "<![", "<!D", "<?", "<script", "<style", "<textarea", "<pre"]
                        .iter()
                        .any(|o| opening.starts_with(o));
                if config.is_empty() && endless && !opening.starts_with("<pre") {
                    continue;
                }
                assert!(article.contains("last words"), "`{place}` with `{opening}`: {article}");
            }
        }
    }
}

// Front matter and bytes ----------------------------------------------------------------------------

#[test]
fn what_is_wrong_with_front_matter_is_told_where_it_stands_and_the_text_is_published() {
    let long = "x".repeat(100_000);
    let deep = format!("---\na: {}\n---\nText.\n", "[".repeat(40));
    let bomb = "---\na: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n---\nText.\n";
    let large = format!("---\ntitle: {long}\n---\nText.\n");
    for (text, said) in [
        (
            bomb,
            vec![
                "yaml-feature@content/a.md:2:4",
                "yaml-feature@content/a.md:3:4",
                "yaml-feature@content/a.md:3:8",
                "yaml-feature@content/a.md:3:12",
                "yaml-feature@content/a.md:3:16",
                "yaml-feature@content/a.md:4:5",
                "yaml-feature@content/a.md:4:9",
                "yaml-feature@content/a.md:4:13",
            ],
        ),
        ("---\ntitle: !!python/object x\n---\nText.\n", vec!["yaml-feature@content/a.md:2:8"]),
        ("---\n<<: {a: b}\n---\nText.\n", vec!["yaml-feature@content/a.md:2:1"]),
        ("---\ntitle: a\ntags: [x]\ntitle: b\n---\nText.\n", vec!["duplicate-key@content/a.md:4:1"]),
        ("---\ntitle: [a\n---\nText.\n", vec!["front-matter-syntax@content/a.md:2:8"]),
        ("---\ntitle: \"a\n---\nText.\n", vec!["front-matter-syntax@content/a.md:2:8"]),
        ("---\ntitle: a\n\nText.\n", vec!["front-matter-unclosed@content/a.md:1:1"]),
        ("---\ntitle: {a: b}\n---\nText.\n", vec!["wrong-type@content/a.md:2:8"]),
        ("---\norder: soon\n---\nText.\n", vec!["wrong-type@content/a.md:2:8"]),
        ("---\ndate: 2026-02-30\n---\nText.\n", vec!["invalid-date@content/a.md:2:7"]),
        ("---\ntaggs: [a]\n---\nText.\n", vec!["unknown-key@content/a.md:2:1"]),
        ("\u{feff}---\r\ntaggs: [a]\r\n---\r\nText.\r\n", vec!["unknown-key@content/a.md:2:1"]),
        (&large, vec!["front-matter-too-large@content/a.md:1:1"]),
        (&deep, vec!["front-matter-too-large@content/a.md:2:33"]),
    ] {
        let built = Book::of([("content/a.md", text)]).build();
        let head: String = text.chars().take(60).collect();
        assert_eq!(built.said(), said, "{head:?}");
        assert!(built.article("a.html").contains("Text."), "{head:?}: {}", built.article("a.html"));
        assert_sound(&built, &head);
    }
}

#[test]
fn yaml_keeps_values_as_they_are_written() {
    let built =
        Book::of([("content/a.md", "---\ntitle: 1.20\nteam: no\nauthors: [08, 12:30, 0x1F, ~x, 1e3]\n---\nText.\n")])
            .build();
    assert_eq!(built.said(), [""; 0]);
    assert!(built.text("a.html").contains("<h1>1.20</h1>"));
    assert!(built.files.contains_key("teams/no.html"), "{:?}", built.files.keys());
    let page = built.text("a.html");
    for name in ["08", "12:30", "0x1F", "~x", "1e3"] {
        assert!(page.contains(&format!(">{name}</a>")), "{name}: {}", &page[page.find("<h1").unwrap()..]);
    }
}

#[test]
fn odd_bytes_are_told_and_shown_as_they_can_be() {
    let said = |bytes: &[u8]| {
        let mut book = Book::default();
        book.files.insert("content/a.md".into(), bytes.to_vec());
        let built = book.build();
        assert_sound(&built, &String::from_utf8_lossy(bytes));
        (built.said(), built.article("a.html").to_owned())
    };
    let none = [""; 0];
    let (codes, article) = said(b"# T\n\ncaf\xe9 \xff\n");
    assert_eq!(codes, ["not-utf8@content/a.md:3:4"]);
    assert!(article.contains("caf\u{fffd}"), "{article}");
    let (codes, article) = said(b"# T\n\na\0b\n");
    assert_eq!(codes, ["nul-byte@content/a.md:3:2"]);
    assert!(!article.contains('\0') && article.contains("a\u{fffd}b"), "{article}");
    let (codes, article) = said("\u{feff}# T\r\n\r\na\r\nb\r\n".as_bytes());
    assert_eq!(codes, none);
    assert_eq!(article, "<p>a\nb</p>\n");
    // Carriage returns alone end lines, too.
    let (codes, article) = said(b"# T\r\ra\r\r- b\r- c\r");
    assert_eq!(codes, none);
    assert!(article.contains("<p>a</p>") && article.contains("<li>c</li>"), "{article}");
    let (codes, _) = said(&"# T\n\ntext\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    assert_eq!(codes, ["nul-byte@content/a.md:1:2"]);
    assert_eq!(said(b"").0, none);
    assert_eq!(said(b"---\n").0, none);
    assert_eq!(said(b"---").0, none);
    assert_eq!(said(b"---\n---").0, none);
    assert_eq!(said(b"\xef\xbb\xbf").0, none);
}

#[test]
fn what_may_be_private_stands_in_no_byte_of_the_site() {
    let broken = [
        // Each is broken in its own way, or says that it must not be published.
        "draft: true",
        "draft: perhaps",
        "visibility: team",
        "visibility: publicc",
        "visibility: [public, team]",
        "draft: true\ntitle: [unclosed",
        "draft: true\ntitle: \"unclosed",
        "  draft: true\n title: x",
        "Draft: yes\n\tbad: tab",
        "&a draft: true",
        "? draft\n: true",
        "{draft: true",
        "published: false",
        "draft: true\ndraft: false",
        "visibility: !!str team",
        "\"draft\": true",
        "'visibility' : private",
        "DRAFT: TRUE",
    ];
    for head in broken {
        for (open, close) in [("---\n", "\n---\n"), ("---\n", "\n...\n"), ("---\n", "\n")] {
            let fields: String = [
                "title",
                "team",
                "tags",
                "authors",
                "tickets",
                "aliases",
                "description",
                "hypothesis",
                "surprise",
                "related",
                "evidence",
                "owner",
                "metric",
                "affects",
                "custom_key",
            ]
            .iter()
            .map(|key| format!("\n{key}: MARKER-{key}"))
            .collect();
            let secret = format!(
                "{open}{head}{fields}{close}\n# MARKER heading\n\nMARKER text FLEX-777 [[MARKER]] [a](other.md) ![[other]] \
                 ![MARKER](MARKER.png)\n\n```MARKER\nMARKER\n```\n\n> [!question] MARKER\n\n- [ ] @ana MARKER\n\n[^1]\n\n[^1]: MARKER\n"
            );
            let built = Book::of([
                (
                    "book.toml",
                    "[site]\nbase_url = \"https://x.example/\"\n[links]\n\"FLEX-{n}\" = \"https://t.example/{n}\"\n",
                ),
                ("content/README.md", "# Book\n\n[to](learnings/secret.md) and [[secret]]\n\n![[secret]]\n"),
                ("content/learnings/secret.md", secret.as_str()),
                ("content/learnings/open.md", "# Open\n\nText.\n"),
                ("content/other.md", "# Other\n\nText.\n"),
            ])
            .build();
            for (route, bytes) in &built.files {
                let text = String::from_utf8_lossy(bytes).to_lowercase();
                assert!(!text.contains("marker") && !text.contains("flex-777"), "{head:?}{close:?} stands in {route}");
            }
            let routes: Vec<_> =
                built.fingerprints.keys().filter(|route| route.to_lowercase().contains("marker")).collect();
            assert!(routes.is_empty(), "{head:?}: {routes:?}");
            assert!(!built.fingerprints.contains_key("learnings/secret.html"), "{head:?}{close:?}");
            assert!(!built.fingerprints.contains_key("learnings/secret.md"), "{head:?}{close:?}");
        }
    }
}

// Names ---------------------------------------------------------------------------------------------

/// Percent-decodes a path.
fn decoded(url: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = url.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The routes that a reader can reach from the first page; panics on a link that leads nowhere.
fn reachable(built: &Built) -> BTreeSet<String> {
    let mut seen = BTreeSet::from(["index.html".to_owned()]);
    let mut queue = vec!["index.html".to_owned()];
    while let Some(route) = queue.pop() {
        for element in dom::elements(built.text(&route)) {
            let Some(href) = element.attribute("href").or(element.attribute("src")) else { continue };
            if href.contains("://") || href.starts_with("mailto:") || href.starts_with('#') || href.is_empty() {
                continue;
            }
            let path = decoded(href.split(['#', '?']).next().unwrap());
            let mut parts: Vec<&str> = route.split('/').collect();
            parts.pop();
            for part in path.split('/') {
                match part {
                    "." => {}
                    ".." => assert!(parts.pop().is_some(), "{route}: {href} leads out of the site"),
                    part => parts.push(part),
                }
            }
            let target = parts.join("/");
            assert!(built.fingerprints.contains_key(&target), "{route}: {href} leads to {target}, which is not there");
            if target.ends_with(".html") && seen.insert(target.clone()) {
                queue.push(target);
            }
        }
    }
    seen
}

const ODD_NAMES: &[&str] = &[
    "with space",
    "100%",
    "a#b",
    "what?",
    "it's",
    "say \"hi\"",
    "🚀 launch",
    "日本語",
    "ünïcode",
    "e\u{301}te\u{301}",
    "semi;colon",
    "a&b",
    "a+b",
    "a=b",
    "(x)",
    "[x]",
    "{x}",
    "a,b",
    "a:b",
    "a@b",
    "~home",
    "$money",
    "!bang",
    "`tick`",
    "%20",
    "%2e%2e",
    "back\\slash",
    "<b>",
    "a|b",
    "a*b",
    ".hidden-not",
    "-dash",
    "_under",
    "trailing.",
    "con",
    "nul",
    "index.html",
    "a.b.c",
    "\u{202e}bidi",
    "tab\there",
    " leading",
    "ﬁ-ligature",
    "…",
    "???",
];

#[test]
fn a_note_of_any_name_has_a_page_that_can_be_reached() {
    for name in ODD_NAMES {
        let mut book = Book::default();
        book.write("content/README.md", "# Home\n");
        for path in
            [format!("content/{name}.md"), format!("content/{name}/{name}.md"), format!("content/learnings/{name}.md")]
        {
            book.write(&path, "---\ntags: [a]\n---\n[home](/README.md) [self](#x)\n\n## X\n");
        }
        let built = book.build();
        let said: Vec<_> = built.said().into_iter().filter(|said| !said.starts_with("same-address")).collect();
        assert_eq!(said, [""; 0], "{name:?}");
        assert_sound(&built, name);
        let pages: BTreeSet<String> = built
            .fingerprints
            .keys()
            .filter(|route| route.ends_with(".html") && built.text(route).contains("<article class=\"prose\">"))
            .cloned()
            .collect();
        let missed: Vec<_> = pages.difference(&reachable(&built)).cloned().collect();
        assert!(missed.is_empty(), "{name:?}: {missed:?}");
    }
}

#[test]
fn two_names_for_one_address_are_an_error_that_names_both() {
    for (a, b) in [
        ("a b.md", "a-b.md"),
        ("Note.md", "note.md"),
        ("caf\u{e9}.md", "cafe\u{301}.md"),
        ("a?.md", "a#.md"),
        ("a/x.md", "A/x.md"),
        ("tag.md", "tag.markdown"),
    ] {
        let mut book = Book::default();
        book.write(&format!("content/{a}"), "# One\n");
        book.write(&format!("content/{b}"), "# Two\n");
        let built = book.build();
        let told: Vec<String> = built
            .diagnostics
            .iter()
            .filter(|d| d.code.name() == "same-address")
            .map(|d| format!("{} {}", d.file, d.message))
            .collect();
        let notes = book.snapshot().notes.len();
        if notes == 2 {
            assert!(told.iter().any(|t| t.contains(a) && t.contains(b)), "{a} and {b}: {told:?} {:?}", built.said());
        }
        assert_sound(&built, a);
    }
}

// Bombs ---------------------------------------------------------------------------------------------

#[test]
fn the_work_on_a_note_grows_no_faster_than_the_note() {
    for (name, make) in BOMBS {
        let measure = |n: usize| {
            let built = Book::of([("content/a.md", make(n).as_str())]).build();
            assert!(!built.said().iter().any(|said| said.starts_with("internal-error")), "{name}");
            let longest =
                built.files.iter().filter(|(route, _)| !route.starts_with("theme/")).map(|(_, b)| b.len()).max();
            (longest.unwrap_or(0), built.diagnostics.len(), built.files.len())
        };
        let (small, large) = (measure(500), measure(2_000));
        assert!(large.0 <= small.0 * 5 + 20_000, "{name}: {} and {} bytes", small.0, large.0);
        assert!(large.1 <= small.1 * 5 + 10, "{name}: {} and {} diagnostics", small.1, large.1);
        assert!(large.2 <= small.2 * 5 + 10, "{name}: {} and {} files", small.2, large.2);
    }
}

#[test]
fn the_site_of_a_book_grows_no_faster_than_the_book() {
    for (name, make) in BOOKS {
        let measure = |n: usize| {
            let mut book = Book::default();
            for (path, text) in make(n) {
                book.write(&path, &text);
            }
            let built = book.build();
            assert!(!built.said().iter().any(|said| said.starts_with("internal-error")), "{name}");
            let bytes: usize =
                built.files.iter().filter(|(route, _)| !route.starts_with("theme/")).map(|(_, b)| b.len()).sum();
            (bytes, built.diagnostics.len(), built.files.len())
        };
        let (small, large) = (measure(50), measure(200));
        assert!(large.0 <= small.0 * 5 + 20_000, "{name}: {} and {} bytes", small.0, large.0);
        assert!(large.1 <= small.1 * 5 + 10, "{name}: {} and {} diagnostics", small.1, large.1);
        assert!(large.2 <= small.2 * 5 + 10, "{name}: {} and {} files", small.2, large.2);
    }
}

#[test]
fn a_bombs_page_is_as_sound_as_any_other() {
    let mut book = Book::of([("content/README.md", "# Home\n")]);
    for (n, (_, make)) in BOMBS.iter().enumerate() {
        book.write(&format!("content/bomb-{n}.md"), &make(1_000));
    }
    assert_sound(&book.build(), "bombs");
}

#[test]
fn embeds_of_embeds_are_bounded() {
    // Ten embeds each, eight deep: a hundred million, if nobody counted.
    let size = |fan: usize| {
        let mut book = Book::of([("content/README.md", "# Home\n")]);
        for level in 0..8 {
            book.write(
                &format!("content/e{level}.md"),
                &format!("# E{level}\n\n{}", format!("![[e{}]]\n\n", level + 1).repeat(fan)),
            );
        }
        book.write("content/e8.md", "# E8\n\nThe end.\n");
        let built = book.build();
        assert_sound(&built, "embeds");
        built.files.values().map(Vec::len).max().unwrap()
    };
    assert!(size(40) < size(10) * 5 + 20_000);
    let built = Book::of([("content/a.md", "# A\n\n![[b]]\n\n![[a]]\n"), ("content/b.md", "# B\n\n![[a]]\n")]).build();
    assert!(built.said().iter().any(|said| said.starts_with("embed-cycle@content/")), "{:?}", built.said());
    assert_sound(&built, "a circle");
    // What is no more than a link is a paragraph, as it was written.
    let built = Book::of([("content/a.md", "# A\n\n![[a]]\n\n![[none]]\n\n> ![[a#none]]\n")]).build();
    let article = built.article("a.html");
    assert_eq!(article.matches("<p><a href=\"a.html\">A</a></p>").count(), 2, "{article}");
    assert!(article.contains("<p>[[none]]</p>"), "{article}");
}

#[test]
fn an_embedded_section_brings_the_footnotes_that_it_uses() {
    let note = "# N\n\n## One\n\nA[^a].\n\n## Two\n\nB[^b] <i>c</i>.\n\n[^a]: First.\n\n[^b]: Second, [[n]].\n";
    for note in [note.to_owned(), note.replace("<i>c</i>", "c")] {
        let built = Book::of([
            ("content/n.md", note.as_str()),
            ("content/a.md", "# A\n\n![[n#One]]\n"),
            ("content/b.md", "# B\n\n![[n#Two]]\n"),
        ])
        .build();
        assert_sound(&built, "footnotes");
        let (one, two) = (built.article("a.html"), built.article("b.html"));
        assert!(one.contains("First.") && !one.contains("Second"), "{one}");
        assert!(
            two.contains("<li value=\"2\"><p>Second, <a href=\"n.html\">N</a>.") && !two.contains("First"),
            "{two}"
        );
        assert!(!one.contains("footnote-back") && one.contains("href=\"n.html#fb-fn-1\""), "{one}");
    }
}

#[test]
fn what_is_in_the_text_of_other_tools_is_read() {
    let built = Book::of([(
        "content/a.md",
        "# A\n\n$`a`$ $$`b`$$\n\n![a screen|120](https://x.example/a.png) ![a|b](https://x.example/b.png)\n\n\
         <img src=\"https://x.example/c.png\" width=\"30%\"> <img src=\"https://x.example/d.png\" width=\"100%\">\n",
    )])
    .build();
    let article = built.article("a.html");
    assert!(article.contains("<math><semantics><mi>a</mi>") || article.contains("<mi>a</mi></mrow>"), "{article}");
    assert!(article.contains("alt=\"a screen\" width=\"120\"") && article.contains("alt=\"a|b\""), "{article}");
    assert_eq!((article.matches("class=\"w-30\"").count(), article.matches("class=\"w-").count()), (1, 1), "{article}");
}

#[test]
fn a_code_block_without_an_end_is_told() {
    for (text, told) in [
        ("```js\nx\n", true),
        ("```\n", true),
        ("~~~\n```\n", true),
        ("````\n```\n\nText\n", true),
        ("> ```\n> x\n\nText\n", true),
        ("- ```\n  x\n\nText\n", true),
        ("```js\nx\n```\n", false),
        ("``` js\nx\n````   \n", false),
        ("> ```\n> x\n> ```\n", false),
        ("- a\n\n  ~~~\n  x\n  ~~~\n", false),
        ("    ```\n", false),
        ("```\n```", false),
    ] {
        let said = Book::of([("content/a.md", text)]).build().said();
        assert_eq!(said.iter().any(|said| said.starts_with("code-unclosed@")), told, "{text}: {said:?}");
    }
}

// Anything at all -----------------------------------------------------------------------------------

/// Pieces of which notes go wrong.
const PIECES: &[&str] = &[
    "a",
    " ",
    "\n",
    "\n\n",
    "\t",
    "    ",
    "\r",
    "\r\n",
    "#",
    "## ",
    "- ",
    "* ",
    "1. ",
    "> ",
    ">",
    "```",
    "~~~",
    "`",
    "``",
    "*",
    "**",
    "_",
    "__",
    "~",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "![",
    "[[",
    "]]",
    "![[",
    "|",
    "||",
    "|-|-|\n",
    "| a | b |\n",
    "---\n",
    "+++\n",
    "...\n",
    "===\n",
    "title: ",
    "draft: ",
    "tags: [",
    "date: 2026-01-",
    "{",
    "}",
    "{#id}",
    "{.c}",
    "<",
    ">",
    "</",
    "/>",
    "<b>",
    "</b>",
    "<div>",
    "</div>",
    "<p id=x>",
    "<a href=",
    "<img src=x ",
    "<script>",
    "</script>",
    "<style>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!A",
    "<textarea>",
    "<details>",
    "<summary>",
    "<table>",
    "<td>",
    "<svg>",
    "<math>",
    "onclick=x ",
    "=\"",
    "'",
    "\"",
    "&",
    "&amp;",
    "&#",
    "&#x0;",
    "&nbsp;",
    ";",
    "\\",
    "\\(",
    "$",
    "$$",
    "\\frac{",
    "\\left(",
    "^",
    "_{",
    "[^1]",
    "[^1]: ",
    "[^",
    ": ",
    ":\n",
    "\n: ",
    "[a]: ",
    "[a]",
    "[ ] ",
    "[x] ",
    "[!NOTE]",
    "[!q]- ",
    "www.",
    "https://",
    "a.b",
    "@",
    "@ana",
    "mailto:",
    "javascript:",
    "FLEX-1",
    "FLEX-",
    "#tag",
    "note-1",
    "note-2.md",
    "#a",
    "x.png",
    "?",
    "%",
    "%2e",
    "../",
    "./",
    "/",
    "é",
    "e\u{301}",
    "日本",
    "🚀",
    "\u{202e}",
    "\u{feff}",
    "\0",
    "\u{1b}",
    "\u{a0}",
    "\u{2028}",
    "ﬁ",
    "İ",
    "ß",
    "\u{e000}",
    "rust",
    "mermaid",
    "cpp {1-3}",
    "title=\"x\"",
];

/// A small generator (SplitMix64): the same notes on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

#[test]
fn no_note_at_all_makes_the_program_fail_or_the_page_unsound() {
    let real = Book::read("everything").files["content/syntax.md"].clone();
    let real = String::from_utf8(real).unwrap();
    for book_number in 0..20 {
        let mut chance = Chance(book_number);
        let config = [
            "",
            "[markdown]\nraw_html = \"escape\"\nhashtags = true\nmentions = true\n",
            "[markdown]\nsmart_punctuation = true\n",
        ];
        let mut book = Book::of([(
            "book.toml",
            format!("[links]\n\"FLEX-{{n}}\" = \"https://t.example/{{n}}\"\n{}", config[book_number as usize % 3])
                .as_str(),
        )]);
        for n in 0..100 {
            let mut text = String::new();
            if n % 4 == 0 {
                // A real note, cut and mended.
                let start = real.floor_char_boundary(chance.below(real.len()));
                let end = real.floor_char_boundary((start + chance.below(400)).min(real.len()));
                text.push_str(&real[start..end]);
            }
            for _ in 0..chance.below(60) {
                let piece = PIECES[chance.below(PIECES.len())];
                if text.is_empty() || chance.below(3) > 0 {
                    text.push_str(piece);
                } else {
                    text.insert_str(text.floor_char_boundary(chance.below(text.len())), piece);
                }
            }
            book.write(&format!("content/{}note-{n}.md", ["", "learnings/", "decisions/"][n % 3]), &text);
        }
        let built = book.build();
        let found = unsound(&built);
        if let Some(first) = found.first() {
            // The source of the first unsound page, for whoever has to find out why.
            let route = first.split(':').next().unwrap_or("").replace("internal-error@", "").replace("content/", "");
            let source = book.files.get(&format!("content/{}", route.replace(".html", ".md")));
            let source = source.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            panic!(
                "book {book_number}: {} problems\n{}\n{source:?}",
                found.len(),
                found[..found.len().min(5)].join("\n")
            );
        }
    }
}

// On disk and on the terminal -----------------------------------------------------------------------

#[test]
fn a_note_of_32_mb_is_published_and_a_larger_one_is_left_out() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    let of_size = |bytes: usize| {
        let line = "all of these words are shown, however many they are\n";
        let mut text = format!("# Long\n\n```\n{}", line.repeat(bytes / line.len() + 1));
        text.truncate(bytes - 12);
        text + "\nlast words\n"
    };
    desk.write("book/content/long.md", of_size(32 << 20));
    desk.write("book/content/longer.md", of_size((32 << 20) + 1));
    let ended = desk.run(&["build", "book"]);
    assert_eq!(ended.code, Some(1), "{}", ended.talk);
    assert_eq!(ended.talk.matches("error[").count(), 1, "{}", ended.talk);
    assert!(ended.talk.contains("error[note-too-large]") && ended.talk.contains("content/longer.md"), "{}", ended.talk);
    assert!(!desk.has("book/site/longer.html"));
    let page = desk.read("book/site/long.html");
    assert!(page.contains("last words") && page.trim_end().ends_with("</html>"));
}

#[test]
fn a_hundred_problems_are_shown_in_full_and_the_others_counted() {
    let links: String = (0..150).map(|n| format!("[a](missing-{n}.md)\n")).collect();
    let desk = Desk::with_book([
        ("content/a.md", links.as_str()),
        // An error in a later file is among those that are shown.
        ("content/z.md", "---\ndate: 2026-02-30\n---\nText.\n"),
    ]);
    let ended = desk.run(&["build", "book"]);
    assert_eq!(ended.talk.matches("warning[broken-link]: ").count(), 99, "{}", ended.talk);
    assert_eq!(ended.talk.matches("error[invalid-date]").count(), 1);
    assert!(ended.talk.contains("… and 51 more:\n     51 warning[broken-link]\n"), "{}", ended.talk);
    let check = desk.run(&["check", "book", "--format", "short"]);
    assert_eq!(check.data.lines().count(), 151);
}

#[test]
fn nothing_of_a_note_speaks_to_the_terminal() {
    let odd = "\u{1b}]0;title\u{7}\u{1b}[31m\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\u{8}\u{7f}";
    let desk = Desk::new();
    let name = odd.replace('/', "");
    desk.write(
        &format!("book/content/{name}.md"),
        format!("---\ndate: {odd}\ntaggs: {odd}\n{odd}: x\n---\n[a]({odd}.md) [[{odd}]] <b on{odd}=1>x</b> <{odd}>\n"),
    );
    desk.write("book/content/a.md", format!("---\ntitle: \"{odd}\n---\n[a](b{odd}.md)\n\n$\\{odd}$\n"));
    desk.write(&format!("book/content/{name}.html"), "x");
    for arguments in [
        ["build", "book"].as_slice(),
        &["check", "book"],
        &["check", "book", "--format", "short"],
        &["check", "book", "--format", "json"],
        &["check", "book", "--format", "github"],
    ] {
        let ended = desk.run(arguments);
        assert!(ended.talk.len() + ended.data.len() > 200, "{arguments:?}: {}", ended.talk);
        for c in ended.talk.chars().chain(ended.data.chars()) {
            let reorders =
                matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(
                c == '\n' || !(c.is_control() || reorders),
                "{c:?} after {arguments:?}:\n{}{}",
                ended.talk.escape_debug(),
                ended.data.escape_debug()
            );
        }
    }
}
