//! Notes and books that make a careless program slow or deep, by size. Shared by the tests, which
//! count, and the benchmark, which takes the time.
#![allow(dead_code)] // Each binary uses its own part.

/// A name and the note of size `n`.
pub type Bomb = (&'static str, fn(usize) -> String);

/// About `n` bytes of code in lines of `width` bytes, no two of which are the same.
fn code(n: usize, language: &str, unit: &str, width: usize) -> String {
    let line = unit.repeat(width / unit.len());
    let lines: Vec<String> = (0..n / width).map(|i| format!("{line}{}\n", n + i)).collect();
    lines.chunks(400).map(|lines| format!("```{language}\n{}```\n\n", lines.concat())).collect()
}

/// Each is made so that its length grows in step with `n`.
pub const BOMBS: &[Bomb] = &[
    ("quotes", |n| format!("{}a", ">".repeat(n))),
    ("quotes with spaces", |n| format!("{}a", "> ".repeat(n))),
    ("lists on one line", |n| format!("{}a", "- ".repeat(n))),
    ("lists and quotes", |n| format!("{}a", "> - ".repeat(n))),
    ("ordered lists", |n| format!("{}a", "1. ".repeat(n))),
    ("lists by indentation", |n| (0..n.isqrt() * 2).map(|i| format!("{}- a\n", "  ".repeat(i))).collect()),
    ("open brackets", |n| "[".repeat(n)),
    ("open and closed brackets", |n| format!("{}a{}", "[".repeat(n), "]".repeat(n))),
    ("bracket pairs", |n| "[]".repeat(n)),
    ("open links", |n| "[a](".repeat(n)),
    ("open links with angles", |n| "[a](<b".repeat(n)),
    ("links in links", |n| format!("{}a{}", "[".repeat(n), "](b)".repeat(n))),
    ("images in images", |n| format!("{}a{}", "![".repeat(n), "](b)".repeat(n))),
    ("open images", |n| "![a](".repeat(n)),
    ("titles that never end", |n| "[a](b \"".repeat(n)),
    ("open wikilinks", |n| "[[".repeat(n)),
    ("wikilinks in wikilinks", |n| format!("{}a{}", "[[".repeat(n), "]]".repeat(n))),
    ("open embeds", |n| "![[".repeat(n)),
    ("wikilinks and addresses", |n| "[[a]](b".repeat(n)),
    ("wikilinks, each with an address", |n| "[[a]](b) ".repeat(n)),
    ("broken wikilinks", |n| (0..n / 8).map(|i| format!("[[b{i}]] ")).collect()),
    ("broken links", |n| (0..n / 8).map(|i| format!("[a](b{i}) ")).collect()),
    ("forbidden links", |n| "[a](x:b) ".repeat(n / 8)),
    ("stars", |n| "*".repeat(n)),
    ("stars before letters", |n| "*a ".repeat(n)),
    ("stars after letters", |n| "a* ".repeat(n)),
    ("stars and underscores", |n| "*a_ ".repeat(n)),
    ("stars around stars", |n| format!("{}b{}", "a**a".repeat(n), "c**".repeat(n))),
    ("nested emphasis", |n| format!("{}a{}", "*a **a ".repeat(n), "a** a*".repeat(n))),
    ("tildes", |n| "~~a ".repeat(n)),
    ("backticks of every length", |n| (1..n.isqrt() * 2).map(|i| format!("e{}", "`".repeat(i))).collect()),
    ("open code", |n| "` `` ".repeat(n)),
    ("entities", |n| "&".repeat(n)),
    ("backslashes", |n| "\\".repeat(n)),
    ("headings", |n| "# a\n".repeat(n)),
    ("headings with ids", |n| "# a {#a}\n".repeat(n)),
    ("underlined headings", |n| "a\n-\n".repeat(n)),
    ("a long heading", |n| format!("# {}", "a ".repeat(n))),
    ("a table with many columns", |n| format!("|{}\n|{}\n|{}", "a|".repeat(n), "-|".repeat(n), "b|".repeat(n))),
    ("a table to be filled up", |n| {
        let side = n.isqrt();
        format!("|{}\n|{}\n{}", "a|".repeat(side), "-|".repeat(side), "|\n".repeat(side))
    }),
    ("a table with many rows", |n| format!("|a|b|\n|-|-|\n{}", "|a|b|\n".repeat(n))),
    ("tables that are none", |n| "|a\n|-|-\n".repeat(n)),
    ("footnote references", |n| format!("{}\n\n[^a]: b", "[^a]".repeat(n))),
    ("footnote definitions", |n| (0..n / 8).map(|i| format!("[^{i}]: a[^{}]\n\n", i + 1)).collect()),
    ("footnotes in footnotes", |n| format!("[^a]\n\n{}b", "[^a]: ".repeat(n))),
    ("definitions", |n| (0..n / 8).map(|i| format!("[a{i}]: b\n")).collect()),
    ("a definition and its uses", |n| format!("{}\n\n[a]: {}", "[a] ".repeat(n), "b".repeat(n))),
    ("definitions that never end", |n| "[a]: b \"\n".repeat(n)),
    ("definition lists", |n| "a\n: b\n".repeat(n)),
    ("nested definition lists", |n| format!("a\n{}b", ": ".repeat(n))),
    ("open html", |n| "<a ".repeat(n)),
    ("open tags in a block", |n| format!("<div>\n{}", "<a ".repeat(n))),
    ("tags that a quote leaves open", |n| {
        format!("<div>\n{} x='>", (0..n).map(|i| format!("<a b{i} ")).collect::<String>())
    }),
    ("open comments", |n| "a <!-- ".repeat(n)),
    ("open declarations", |n| "a <!A ".repeat(n)),
    ("open instructions", |n| "a <? ".repeat(n)),
    ("open cdata", |n| "a <![CDATA[ ".repeat(n)),
    ("html blocks", |n| "<div>\n\n".repeat(n)),
    ("inline html", |n| format!("x {}", "<b>".repeat(n))),
    ("inline html closed", |n| format!("x {}{}", "<i>".repeat(n), "</i>".repeat(n))),
    ("misnested html", |n| format!("x {}", "<b><i></b></i>".repeat(n))),
    ("open scripts in text", |n| "x <script> ".repeat(n)),
    ("open styles in a block", |n| format!("<div>\n{}", "<style>\n".repeat(n))),
    ("attributes", |n| format!("<b {}>", (0..n / 8).map(|i| format!("a{i}=1 ")).collect::<String>())),
    ("ids", |n| "<b id=a>x</b> ".repeat(n / 8)),
    ("handlers", |n| (0..n / 8).map(|i| format!("<b on{i}=1>x</b> ")).collect()),
    ("many elements that are removed", |n| (0..n / 8).map(|i| format!("<input{i}> <form> ")).collect()),
    ("callouts in callouts", |n| format!("{}a", "> [!note] ".repeat(n))),
    ("callouts", |n| "> [!note]- a\n> b\n\n".repeat(n)),
    ("task lists", |n| "- [ ] a\n".repeat(n)),
    ("dollars", |n| "$a ".repeat(n)),
    ("braces in math", |n| format!("${}a{}$", "{".repeat(n), "}".repeat(n))),
    ("open braces in math", |n| format!("${}$", "{".repeat(n))),
    ("fractions", |n| format!("${}$", r"\frac{1}{".repeat(n))),
    ("formulas", |n| "$a$ ".repeat(n)),
    ("broken formulas", |n| r"$\zz$ ".repeat(n / 8)),
    ("bare addresses", |n| "www.a.b ".repeat(n)),
    ("addresses without a host", |n| "(http://".repeat(n)),
    ("an address of parentheses", |n| format!("www.a.b/{}", ")".repeat(n))),
    ("an address of entities", |n| format!("www.a.b/{}", "&a;".repeat(n))),
    ("at signs", |n| "@".repeat(n)),
    ("a mail address of dots", |n| format!("a@{}", "a.".repeat(n))),
    ("letters and at signs", |n| "a@".repeat(n)),
    ("tickets", |n| (0..n / 8).map(|i| format!("FLEX-{i} ")).collect()),
    ("ticket prefixes", |n| "FLEX-".repeat(n)),
    ("fences", |n| "```\n".repeat(n)),
    ("fences with a language", |n| "```rust\nfn a() {}\n```\n".repeat(n / 8)),
    ("a fence with a long info", |n| format!("``` rust {}\na\n```", "{1,2} ".repeat(n))),
    ("code of one line", |n| format!("```cpp\n{}\n```", "a::".repeat(n))),
    ("code of short lines", |n| format!("```js\n{}\n```", "{[(\n".repeat(n))),
    ("code of hyphens", |n| code(n, "scss", "a-", 100)),
    ("code of few hyphens", |n| code(n, "scss", "a-a-a-a-a-a-a-a ", 16)),
    ("code of escapes", |n| code(n, "markdown", "[\\", 20)),
    ("code of backticks", |n| code(n, "markdown", "->`", 30)),
    ("code of parentheses", |n| code(n, "php", "(_", 390)),
    ("code of brackets", |n| code(n, "sv", "(!", 390)),
    ("code of blanks", |n| code(n, "ini", "  ", 390)),
    ("code of quotes", |n| code(n, "typ", "`", 390)),
    ("line ends", |n| "\r\n".repeat(n)),
    ("carriage returns", |n| "a\r".repeat(n)),
    ("tabs", |n| "\t".repeat(n)),
    ("nul bytes", |n| "\0".repeat(n)),
    ("a long word", |n| "a".repeat(n)),
    ("combining marks", |n| format!("a{}", "\u{301}".repeat(n))),
    ("links in one paragraph", |n| "[a](b.md) text. ".repeat(n / 8)),
    ("links without a full stop", |n| "[a](b.md) text ".repeat(n / 8)),
    ("front matter of keys", |n| format!("---\n{}---\n", (0..n / 8).map(|i| format!("k{i}: a\n")).collect::<String>())),
    ("front matter of brackets", |n| format!("---\na: {}\n---\n", "[".repeat(n))),
    ("front matter of maps", |n| format!("---\n{}\n---\n", "? ".repeat(n))),
    ("front matter of dashes", |n| format!("---\na:\n  {}\n---\n", "- ".repeat(n))),
    ("front matter of tags", |n| {
        format!("---\ntags: [{}]\n---\n", (0..n / 8).map(|i| format!("t{i}, ")).collect::<String>())
    }),
    ("front matter of aliases", |n| format!("---\na: &a [x]\nb: [{}]\n---\n", "*a, ".repeat(n))),
    ("front matter unclosed", |n| format!("---\n{}", "a: b\n".repeat(n))),
    ("thematic breaks", |n| "---\n".repeat(n)),
];

/// A book's files by path, and the name of the book of size `n`.
pub type BookBomb = (&'static str, fn(usize) -> Vec<(String, String)>);

/// `n` notes of this text.
fn notes(n: usize, text: impl Fn(usize) -> String) -> Vec<(String, String)> {
    (0..n).map(|i| (format!("content/n{i}.md"), text(i))).collect()
}

fn one(text: String) -> Vec<(String, String)> {
    notes(1, |_| text.clone())
}

fn with(mut files: Vec<(String, String)>, path: &str, text: impl Into<String>) -> Vec<(String, String)> {
    files.push((path.to_owned(), text.into()));
    files
}

/// What one note can't do alone. Each has about `n` of the thing that there is too much of.
pub const BOOKS: &[BookBomb] = &[
    ("links on one line", |n| one("[a](n0.md) [[n0]] ".repeat(n))),
    ("broken links in a note", |n| one((0..n).map(|i| format!("[a](b{i}.md)\n")).collect())),
    ("a broken link in every note", |n| notes(n, |i| format!("[a](m{i}.md)\n"))),
    ("a broken name in every note", |n| notes(n, |i| format!("[[some name {i}]]\n"))),
    ("a broken anchor to every heading", |n| {
        let headings: String = (0..n).map(|i| format!("# heading number {i}\n\n")).collect();
        one((0..n).map(|i| format!("[a](#heading-nunber-{i})\n")).collect::<String>() + &headings)
    }),
    ("a link to every heading", |n| {
        one((0..n).map(|i| format!("# h{i}\n\n[a](#h{i}) [b](#H{i}) [[#h{i}]]\n\n")).collect())
    }),
    ("headings of one text, and links to them", |n| {
        one((0..n).map(|i| format!("# same\n\n[a](#same-{i})\n\n")).collect())
    }),
    ("embeds on one line", |n| with(one("![[n]] ![[ok]] ".repeat(n)), "content/ok.md", "# ok\n\nText.\n")),
    ("embeds in paragraphs", |n| with(one("![[ok]]\n\n".repeat(n)), "content/ok.md", "# ok\n\nText.\n")),
    ("a chain of embeds", |n| notes(n, |i| format!("# n{i}\n\n![[n{}]]\n", i + 1))),
    ("a circle of embeds", |n| notes(n, |i| format!("# n{i}\n\n![[n{}]]\n", if i == 0 { 9 } else { i - 1 }))),
    ("notes of one title that name it", |n| {
        (0..n).map(|i| (format!("content/f{}/n{i}.md", i % 7), "# Same\n\n[[same]]\n".to_owned())).collect()
    }),
    ("notes of one file name that name it", |n| {
        (0..n).map(|i| (format!("content/f{i}/same.md"), format!("[[x/f{i}/same]] [[same]]\n"))).collect()
    }),
    ("folder pages that are named by the ends of their paths", |n| {
        (0..n).map(|i| (format!("content/a/f{i}/page.md"), format!("[[f{i}/page]]\n"))).collect()
    }),
    ("notes of one address", |n| {
        // Sixteen letters, each large or small.
        let letter = |i: usize, bit: u32| if i >> bit & 1 == 1 { 'A' } else { 'a' };
        let name = |i: usize| (0..16).map(|bit| letter(i, bit)).collect::<String>();
        (0..n).map(|i| (format!("content/{}.md", name(i)), "a".to_owned())).collect()
    }),
    ("aliases", |n| one(format!("---\naliases: [{}]\n---\n", (0..n).map(|i| format!("a/b{i}, ")).collect::<String>()))),
    ("aliases of one name", |n| notes(n, |_| "---\naliases: [a, old/a]\n---\n[[a]]\n".to_owned())),
    ("tags of a note", |n| {
        let tags = format!("---\ntags: [{}]\n---\n", (0..n).map(|i| format!("t{i}, ")).collect::<String>());
        notes(2, |_| tags.clone())
    }),
    ("nested tags of two notes", |n| {
        let tags = format!("---\ntags: [{}]\n---\n", (0..n).map(|i| format!("t{}/u{i}, ", i / 9)).collect::<String>());
        notes(2, |_| tags.clone())
    }),
    ("a tag of every note", |n| notes(n, |i| format!("---\ntags: [one]\n---\n# n{i}\n\n[[n0]]\n"))),
    ("a note that links to every other, and shares its tags", |n| {
        let tags: String = (0..n / 10).map(|i| format!("t{i}, ")).collect();
        let hub: String = (0..n).map(|i| format!("[[n{i}]] ")).collect();
        let files = notes(n, |i| format!("---\ntags: [t{}]\n---\n[[hub]]\n", i / 10));
        with(files, "content/hub.md", format!("---\ntags: [{tags}]\n---\n{hub}\n"))
    }),
    ("a tag that is nested deep", |n| one(format!("---\ntags: [{}a]\n---\n", "a/".repeat(n)))),
    ("folders in folders", |n| {
        one("a".into())
            .into_iter()
            .chain(
                (0..n / 10).map(|i| {
                    (format!("content/{}x.md", "a/".repeat(i % 200)) + &".md".repeat(i / 200), "a".to_owned())
                }),
            )
            .collect()
    }),
    ("footnotes", |n| {
        let used: String = (0..n).map(|i| format!("[^{i}] ")).collect();
        one(used + "\n\n" + &(0..n).map(|i| format!("[^{i}]: b\n\n")).collect::<String>())
    }),
    ("mentions", |n| {
        let people = notes(n, |i| format!("---\nauthors: [Name{i} Surname]\n---\n@name{i} #tag{i}\n"));
        with(people, "book.toml", "[markdown]\nmentions = true\nhashtags = true\n")
    }),
    ("tickets of every note", |n| {
        let files = notes(n, |i| format!("---\ntickets: [FLEX-{i}]\n---\nFLEX-{} FLEX-1\n", i + 1));
        with(files, "book.toml", "[links]\n\"FLEX-{n}\" = \"https://t.example/{n}\"\n")
    }),
    ("unknown keys", |n| {
        notes(n / 10, |i| format!("---\n{}---\n", (0..10).map(|k| format!("key{i}x{k}: a\n")).collect::<String>()))
    }),
];
