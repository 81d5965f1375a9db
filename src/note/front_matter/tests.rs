use super::*;
use crate::config::{Config, Filling};
use crate::source::Source;

fn options() -> ParseOptions {
    let text = "[kinds.incident]\nfields = { severity = ['low', 'high'], paged = 'yes-no', cost = 'number' }\n";
    Config::parse(Some(&Source::new(SourcePath::new("book.toml"), text.as_bytes()))).value.parse_options()
}

fn read(path: &str, text: &str) -> (FrontMatter, Vec<String>) {
    let (front, diagnostics) = parse(text, &SourcePath::new(path), &options());
    let show = |found: &Diagnostic| {
        let place = found.place.as_ref().map(|place| format!("{}:{}", place.start.line, place.start.column));
        let hints = found.hints.iter().map(|hint| format!(" | {hint}")).collect::<String>();
        format!("{} {}: {}{hints}", place.unwrap_or_default(), found.code, found.message)
    };
    (front, diagnostics.iter().map(show).collect())
}

/// `key=value` for each entry, in order.
fn outline(front: &FrontMatter) -> String {
    let items = |items: &[Item]| items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join("; ");
    let value = |value: &FieldValue| match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Bool(flag) => flag.to_string(),
        FieldValue::Date(date) => date.to_string(),
        FieldValue::List(list) => format!("[{}]", items(list)),
        FieldValue::Links(list) => format!("<{}>", items(list)),
        FieldValue::Choice { value, .. } => format!("!{value}"),
        FieldValue::Days(days) => format!("{days}d"),
        FieldValue::Other(Value::Scalar(scalar)) => format!("?{}", scalar.text),
        FieldValue::Other(other) => format!("?{}", other.kind()),
    };
    front.entries.iter().map(|entry| format!("{}={}", entry.key, value(&entry.value))).collect::<Vec<_>>().join(" ")
}

/// Front matter lines, the entries read from them, and what is said.
fn check(path: &str, cases: &[(&str, &str, &[&str])]) {
    for (lines, entries, said) in cases {
        let (front, diagnostics) = read(path, &format!("---\n{lines}---\nBody\n"));
        assert_eq!(
            (outline(&front).as_str(), diagnostics),
            (*entries, said.iter().map(|s| s.to_string()).collect()),
            "{lines}"
        );
    }
}

#[test]
fn keys_have_their_types() {
    check(
        "content/learnings/a.md",
        &[
            ("title: 0.100\nteam: no\nsurprise: 12:30\n", "title=0.100 team=no surprise=12:30", &[]),
            ("date: 2026-03-04T10:00:00Z\nreviewed: 3/4/2026\n", "date=2026-03-04 reviewed=2026-03-04", &[]),
            ("tags: [a, '#b', ~, ]\n", "tags=[a; b]", &[]),
            ("tags: a, b,, c\ntickets: FLEX-1\n", "tags=[a; b; c] tickets=[FLEX-1]", &[]),
            ("tags:\n- market/spain\n-\n- a, b\n", "tags=[market/spain; a, b]", &[]),
            ("result: Won\nreview_in: 6 months\norder: -1.5\n", "result=!supported review_in=183d order=-1.5", &[]),
            ("draft: Yes\n", "draft=true", &[]),
            ("draft:\nvisibility: ~\ntitle: ''\n", "title=", &[]),
            (
                "key_results: a, b\nlearning_goals:\n- x: 1 -> 2\n- y, z\n",
                "key_results=[a, b] learning_goals=[x: 1 -> 2; y, z]",
                &[],
            ),
            ("evidence: \"[[a, b|x]], c\"\nanswers: [[q]]\n", "evidence=<[[a, b|x]]; c> answers=<[[q]]>", &[]),
            (
                "related:\n- [[a]]\n- '[[b]]'\n- ../c.md\nsupersedes: [[[d]], [[e]]]\n",
                "related=<[[a]]; [[b]]; ../c.md> supersedes=<[[d]]; [[e]]>",
                &[],
            ),
            (
                "authors:\n- name: Ana Ruiz\n  url: x\n- '[[people/ben|Ben]]'\n- [[Cy]]\n",
                "authors=[Ana Ruiz; Ben; Cy]",
                &[],
            ),
            ("author: { name: Ana }\n", "authors=[Ana]", &[]),
            ("description: |\n  one\n  two\n", "description=one\ntwo", &[]),
        ],
    );
}

#[test]
fn names_are_read_in_every_case_and_by_alias() {
    check(
        "content/a.md",
        &[
            ("reviewIn: 2 weeks\nApplied-In: x\n", "review_in=14d applied_in=<x>", &[]),
            (
                "author: a\nsummary: b\nweight: 3\ntag: c\nticket: T-1\n",
                "authors=[a] description=b order=3 tags=[c] tickets=[T-1]",
                &[],
            ),
            ("summary: b\ndescription: a\n", "summary=?b description=a", &[]),
            (
                "Title: a\ntitle: b\n",
                "title=a",
                &["3:1 duplicate-key: `title` stands twice, in two ways of writing it; the first one counts"],
            ),
            ("decision-makers: [a]\n", "deciders=[a]", &[]),
        ],
    );
}

#[test]
fn keys_of_other_tools_are_kept_without_a_word_and_used_where_they_fit() {
    check(
        "content/a.md",
        &[
            (
                "layout: post\nsidebar_label: x\ncssclasses: [y]\n",
                "layout=?post sidebar_label=?x cssclasses=?a list",
                &[],
            ),
            ("publishDate: 2026-03-04\ncreated: 2026-01-01\n", "date=2026-03-04 created=?2026-01-01", &[]),
            ("created: 2026-01-01\ndate: 2026-03-04\n", "created=?2026-01-01 date=2026-03-04", &[]),
            ("date:\ncreated: 2026-01-01\n", "date=2026-01-01", &[]),
            ("created: soon\nsidebar_position: first\n", "created=?soon sidebar_position=?first", &[]),
            ("published: false\n", "published=?false draft=true", &[]),
            ("publish: no\ndraft: false\n", "publish=?no draft=true", &[]),
            ("published: true\npublish: true\n", "published=?true publish=?true", &[]),
            ("published: 2026-03-04\n", "date=2026-03-04", &[]),
            (
                "taxonomies:\n  tags: [a]\n  rooms: [b]\nextra:\n  x: y\n",
                "extra=?a table of keys tags=[a] rooms=?a list",
                &[],
            ),
            ("parent: Guides\nfrom: {a: b}\n", "parent=?Guides from=?a table of keys", &[]),
            ("my own key: [1, {x: y}]\n", "my_own_key=?a list", &[]),
        ],
    );
}

#[test]
fn slips_are_told_apart_from_keys_of_other_tools() {
    check(
        "content/experiments/a.md",
        &[
            (
                "hypotesis: x\n",
                "hypotesis=?x",
                &["2:1 unknown-key: unknown key `hypotesis` | did you mean `hypothesis`?"],
            ),
            ("  tilte: x\n", "tilte=?x", &["2:3 unknown-key: unknown key `tilte` | did you mean `title`?"]),
            ("metrics: x\n", "metrics=?x", &["2:1 unknown-key: unknown key `metrics` | did you mean `metric`?"]),
            ("questoins: x\ndata: y\nslug: z\ntoc: w\n", "questoins=?x data=?y slug=?z toc=?w", &[]),
        ],
    );
}

#[test]
fn values_that_do_not_fit_have_a_place() {
    check(
        "content/experiments/a.md",
        &[
            ("title: [[a]]\n", "title=?a list", &["2:8 wrong-type: `title` wants text, not a list"]),
            (
                "title:\n  x: y\n",
                "title=?a table of keys",
                &["3:3 wrong-type: `title` wants text, not a table of keys"],
            ),
            ("order: high\n", "order=high", &["2:8 wrong-type: `order` wants a number, not `high`"]),
            (
                "tags: [a, {b: c}, [d]]\n",
                "tags=[a]",
                &[
                    "2:11 wrong-type: `tags` wants a list of names, not a table of keys",
                    "2:19 wrong-type: `tags` wants a list of names, not a list",
                ],
            ),
            ("date: 2026-02-30\n", "date=2026-02-30", &["2:7 invalid-date: there is no day `2026-02-30`"]),
            (
                "ends: soon\n",
                "ends=soon",
                &[
                    "2:7 invalid-value: `soon` is not read as a date | write it as `2026-03-04`; `4 March 2026`, `3/4/2026` (the month first) and `4.3.2026` are read too",
                ],
            ),
            (
                "date:\n  other: 2026-03-04\n",
                "date=?a table of keys",
                &["3:3 wrong-type: `date` wants a date, not a table of keys"],
            ),
            (
                "result: good\n",
                "result=good",
                &[
                    "2:9 invalid-value: `result` can't be `good` | it can be `supported`, `refuted`, `mixed` or `inconclusive`",
                ],
            ),
            (
                "status: dnoe\n",
                "status=dnoe",
                &[
                    "2:9 invalid-value: `status` can't be `dnoe` | it can be `idea`, `planned`, `running`, `ended`, `learned` or `parked`",
                ],
            ),
            (
                "review_in: soon\n",
                "review_in=soon",
                &["2:12 invalid-value: `review_in` can't be `soon` | write it as `6 months` or `2 weeks`"],
            ),
            (
                "tags: #a #b\n",
                "",
                &[
                    "2:1 invalid-value: `tags` has no value, since `#` begins a comment | put the value in quotes, or leave the `#` away",
                ],
            ),
            ("result: # not yet\n", "", &[]),
        ],
    );
    check(
        "content/self-checks/a.md",
        &[(
            "reward: 4\ncuriosity: 0\n",
            "reward=4 curiosity=0",
            &["2:9 invalid-value: `reward` can't be `4` | it can be 0 to 3"],
        )],
    );
    check(
        "content/incidents/a.md",
        &[(
            "severity: LOW\npaged: maybe\ncost: 1_000\n",
            "severity=!low paged=maybe cost=1000",
            &["3:8 wrong-type: `paged` wants `true` or `false`, not `maybe`"],
        )],
    );
    check("content/a.md", &[("status: anything\n", "status=anything", &[])]);
}

#[test]
fn the_kind_is_the_notes_word_or_its_folders() {
    let kind = |path: &str, lines: &str| {
        let (front, said) = read(path, &format!("---\n{lines}---\n"));
        (front.kind.clone(), outline(&front), said)
    };
    let plain = |kind: &str, entries: &str| (kind.to_string(), entries.to_string(), vec![]);
    assert_eq!(kind("content/retros/a.md", ""), plain("retro", ""));
    assert_eq!(kind("content/a.md", ""), plain("note", ""));
    assert_eq!(
        kind("content/a.md", "kind: Decision\nstatus: Superseded by 4\n"),
        plain("decision", "kind=!decision status=!superseded")
    );
    assert_eq!(kind("content/retros/a.md", "type: adr\n"), plain("decision", "kind=!decision"));
    assert_eq!(kind("content/retros/a.md", "type: post\n"), plain("retro", "type=?post"));
    assert_eq!(kind("content/retros/a.md", "type: [post]\nkind: okr\n"), plain("okr", "type=?a list kind=!okr"));
    let unknown = "2:7 unknown-kind: no kind of note is called `lerning` | did you mean `learning`?".to_string();
    assert_eq!(kind("content/a.md", "kind: lerning\n"), ("note".into(), "kind=?lerning".into(), vec![unknown.clone()]));
    assert_eq!(kind("content/a.md", "type: lerning\n").2, [unknown]);
    assert_eq!(
        kind("content/a.md", "kind: memo\n").2,
        [
            "2:7 unknown-kind: no kind of note is called `memo` | it can be `learning`, `experiment`, `retro`, `okr`, `inception`, `pattern`, `practice`, `decision`, `selfcheck`, `note` or `incident`"
        ]
    );
    assert_eq!(read("content/adr/a.md", "# No front matter\n").0.kind, "decision");
}

#[test]
fn front_matter_begins_at_the_first_line_only() {
    let body = |text: &str| {
        let (front, said) = read("content/a.md", text);
        assert_eq!(said, Vec::<String>::new(), "{text}");
        (outline(&front), text[front.body_start..].to_owned())
    };
    let has = |entries: &str, rest: &str| (entries.to_owned(), rest.to_owned());
    assert_eq!(body("---\ntitle: x\n---\nBody\n"), has("title=x", "Body\n"));
    assert_eq!(body("\u{feff}---  \r\ntitle: x\r\n...\r\nBody"), has("title=x", "Body"));
    assert_eq!(body("---\n---\nBody"), has("", "Body"));
    assert_eq!(body("---\n\n# c\n---"), has("", ""));
    assert_eq!(body("---\n{\"title\": \"x\"}\n---\n"), has("title=x", ""));
    assert_eq!(
        body("+++\ntitle = 'x'\n[taxonomies]\ntags = ['a']\n[extra]\ny = 1\n+++\nBody"),
        has("title=x extra=?a table of keys tags=[a]", "Body")
    );
    for text in [
        "",
        "---",
        "---\n",
        "Text\n---\ntitle: x\n---\n",
        " ---\ntitle: x\n---\n",
        "----\ntitle: x\n---\n",
        "---\nA paragraph.\n\n---\n\nAnother.\n",
        "---\n\n# Heading\n\nText\n",
        "---\n- a\n- b\n\n---\n",
        "---\nhttp://x.example/ is down\n\n---\n",
        "+++\ntext\n+++\n",
        "---\nThis is what we found: a list\n\n- a\n\n---\n",
        "---\nText\n\nStatus: x\n\n---\n",
    ] {
        assert_eq!(body(text), has("", text), "{text}");
    }
    assert_eq!(body("\u{feff}Text"), has("", "Text"));
    assert_eq!(body("\n \r\n---\ntitle: x\n---\nBody"), has("title=x", "Body"));
    for text in ["\n---\nnot: known\n---\n", "\n---\ntitle: x\n", "\n\n ---\ntitle: x\n---\n"] {
        assert_eq!(body(text), has("", text), "{text}");
    }
}

#[test]
fn front_matter_without_an_end_is_read_as_far_as_it_goes() {
    let unclosed = "1:1 front-matter-unclosed: the front matter is never closed | end it with a line `---`";
    for (text, entries, body) in [
        ("---\ntitle: x\ntags:\n- a\n\n# Heading\n\nNote: text\n", "title=x tags=[a]", "\n# Heading\n\nNote: text\n"),
        ("---\ntitle: x\n\ndate: 2026-03-04\nText\n", "title=x date=2026-03-04", "Text\n"),
        ("---\ntitle: x", "title=x", ""),
    ] {
        let (front, said) = read("content/a.md", text);
        assert_eq!(
            (outline(&front).as_str(), &text[front.body_start..], said),
            (entries, body, vec![unclosed.to_string()]),
            "{text}"
        );
    }
    // A thematic break below does not make a body front matter.
    let text = "---\ntitle: x\n\n# Heading\n\nSome text.\n\n---\n\nMore.\n";
    let (front, said) = read("content/a.md", text);
    assert_eq!((&text[front.body_start..front.body_start + 10], said), ("\n# Heading", vec![unclosed.to_string()]));
    let (front, said) = read("content/a.md", "+++\ntitle = 'x'\n\nText\n");
    assert_eq!((outline(&front).as_str(), said.len()), ("title=x", 1));
}

#[test]
fn doubt_withholds() {
    let cases: &[(&str, Option<Withheld>, &[&str])] = &[
        ("draft: true\n", None, &[]),
        ("visibility: team\n", None, &[]),
        (
            "draft: maybe\n",
            Some(Withheld::Draft),
            &["2:8 withheld: `draft` wants `true` or `false`, not `maybe`, so the note is not published"],
        ),
        (
            "draft: [true]\n",
            Some(Withheld::Draft),
            &["2:8 withheld: `draft` wants `true` or `false`, not a list, so the note is not published"],
        ),
        (
            "visibility: publik\n",
            Some(Withheld::Visibility),
            &[
                "2:13 withheld: `visibility` can't be `publik`, so the note is not published | it can be `public`, `team`, `internal` or `private`",
            ],
        ),
        (
            "title: a: b\nvisibility: public\n",
            Some(Withheld::Broken),
            &[
                "2:9 front-matter-syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"a: b\"`",
                "3:1 withheld: broken front matter mentions `visibility`, so the note is not published",
            ],
        ),
        (
            "draft: &x true\n",
            Some(Withheld::Broken),
            &[
                "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                "2:8 yaml-feature: an anchor, `&x`, is not read here | put the value in quotes if it is meant as text",
            ],
        ),
        (
            "draft: false\ndraft: true\n",
            Some(Withheld::Broken),
            &[
                "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                "3:1 duplicate-key: `draft` stands twice; the first one counts",
            ],
        ),
        (
            "draft: false\nDraft: true\n",
            Some(Withheld::Broken),
            &[
                "2:1 withheld: broken front matter mentions `draft`, so the note is not published",
                "3:1 duplicate-key: `Draft` stands twice, in two ways of writing it; the first one counts",
            ],
        ),
        ("draft: false\ntags: a\ntags: b\n", None, &["4:1 duplicate-key: `tags` stands twice; the first one counts"]),
        (
            "title: a: b\n",
            None,
            &[
                "2:9 front-matter-syntax: a colon in text that is not in quotes | put the value in quotes: `title: \"a: b\"`",
            ],
        ),
    ];
    for (lines, withheld, said) in cases {
        let (front, diagnostics) = read("content/a.md", &format!("---\n{lines}---\n"));
        assert_eq!((front.withheld, diagnostics), (*withheld, said.iter().map(|s| s.to_string()).collect()), "{lines}");
    }
    for (text, place) in
        [("nonsense\n\n  draft: true\nText\n", "5:3"), ("\nnonsense\ndraft: true\n---\n", "5:1"), ("Text\n", "")]
    {
        let (front, said) = read("content/a.md", &format!("---\ntitle: x\n{text}"));
        assert_eq!((front.withheld.is_some(), said.len() == 2), (!place.is_empty(), !place.is_empty()), "{said:?}");
        assert!(said[said.len() - 1].starts_with(place));
    }
    let (front, _) = read("content/a.md", "---\ntitle: x\nvisibility: private\nText\n");
    assert_eq!(front.withheld, Some(Withheld::Broken));
    let huge = format!("---\ntitle: x\ndraft: true\nx: {}\n---\n", "y".repeat(70_000));
    let (front, said) = read("content/a.md", &huge);
    assert_eq!((front.withheld, front.entries.len(), front.body_start), (Some(Withheld::Broken), 0, huge.len()));
    assert_eq!(
        said[0],
        "1:1 front-matter-too-large: the front matter has 68 kB and is not read | up to 64 kB are read; long text belongs below it"
    );
}

#[test]
fn what_hides_a_note_does_so_in_any_form() {
    let hidden = |text: &str| {
        let (front, said) = read("content/a.md", text);
        front.withheld.is_some() || (front.flag("draft") && said.is_empty())
    };
    for text in [
        "{\"draft\": true}\nText\n",
        "{\n\t\"title\": \"{x}\",\n\t\"draft\": true\n}\n\nText\n",
        "{ \"draft\": true\n\nText\n",
        "---\n- draft: true\n---\nText\n",
        "---\n- title: x\n\n- draft: true\n\n---\nText\n",
        "---\n? draft\n: true\n---\nText\n",
        "--- \n draft: true\n---\nText\n",
        "----\ndraft: true\n----\nText\n",
        "\n\n  ---\n  draft: true\n  ---\nText\n",
        "title: x\nvisibility: private\n\nText\n",
        "---\naccess: private\n---\n",
        "---\nunlisted: true\n---\n",
        "---\nprivate: yes\n---\n",
        "---\npublished: false\n---\n",
        "---\npublish: later\n---\n",
        "---\ndg-publish: false\n---\n",
        "---\npermalink: false\n---\n",
        "---\nbuild: { render: never }\n---\n",
    ] {
        assert!(hidden(text), "{text}");
    }
    for text in [
        "{\"title\": \"draft: true\"}\nText\n",
        "{% comment %}\ndraft: true\n",
        "---\naccess: badge required\n---\n",
        "---\nunlisted: false\n---\n",
        "---\npublish: 2026-03-04\n---\n",
        "---\npermalink: /a/\n---\n",
        "# Drafts\n\ndraft: true\n",
        "```yaml\ndraft: true\n```\n",
        "Text\n\n---\n\ndraft: true\n",
        "---\n\nA note on drafts.\n\ndraft: true\n\n---\n",
    ] {
        let (front, said) = read("content/a.md", text);
        assert_eq!((front.withheld, front.flag("draft"), said), (None, false, vec![]), "{text}");
    }
    let (front, said) = read("content/a.md", "---\n- draft: true\n---\nText\n");
    assert_eq!((front.withheld, front.body_start), (Some(Withheld::Broken), 0));
    assert_eq!(
        said,
        [
            "2:3 withheld: `draft: true` stands in no front matter, so the note is not published | write it between two lines `---` at the top, or begin with other words"
        ]
    );
    let (front, said) = read("content/a.md", "{\"title\": \"J\", \"tags\": [\"a\", \"b\"]}\n\n# Text\n");
    assert_eq!((outline(&front).as_str(), front.body_start, said), ("title=J tags=[a; b]", 35, vec![]));
}

#[test]
fn values_that_others_write_otherwise_are_read() {
    check(
        "content/a.md",
        &[
            ("team: [Shop]\n", "team=Shop", &[]),
            ("team: [Shop, Data]\n", "team=Shop", &["2:7 invalid-value: `team` has one value; the first one counts"]),
            ("date: {created: 2026-03-04, updated: 2026-04-05}\n", "date=2026-03-04", &[]),
            (
                "from-talk: '[[a]]'\npeople: [[[b]], '[[c|C]]']\nabout: [[d]]\n",
                "from_talk=<[[a]]> people=<[[b]]; [[c|C]]> about=<[[d]]>",
                &[],
            ),
            ("from-talk: see [[a]]\n", "from_talk=?see [[a]]", &[]),
        ],
    );
    let (_, said) = read("content/a.md", "---\ndate: soon\n---\n");
    assert!(said[0].starts_with("2:7 invalid-value: `soon` is not read as a date"), "{said:?}");
}

#[test]
fn spans_lead_to_the_text_that_was_written() {
    let text =
        "\u{feff}---\r\ntitle: 'é'\r\ntags: ä, b\r\nauthors: [\"日, 本\", [[c]]]\r\nrelated: '[[x]], y'\r\n---\r\n";
    let (front, said) = read("content/a.md", text);
    assert_eq!(said, Vec::<String>::new());
    let of = |span: Span| &text[span.range()];
    let entry = front.entry("title").unwrap();
    assert_eq!((of(entry.key_span), of(entry.span)), ("title", "'é'"));
    let items = |items: &[Item]| items.iter().map(|item| of(item.span).to_owned()).collect::<Vec<_>>();
    assert_eq!(items(front.list("tags")), ["ä", "b"]);
    assert_eq!(items(front.list("authors")), ["\"日, 本\"", "[[c]]"]);
    assert_eq!(items(front.links("related")), ["[[x]]", "y"]);
}

#[test]
fn values_are_reached_by_their_type() {
    let lines =
        "title: x\nstatus: done\ndate: 2026-03-04\norder: 2\nreview_in: 1 week\ndraft: yes\ntags: a\nrelated: b\n";
    let (front, _) = read("content/okrs/a.md", &format!("---\n{lines}---\n"));
    assert_eq!(
        (front.text("title"), front.text("status"), front.choice("status")),
        (Some("x"), Some("done"), Some("answered"))
    );
    assert_eq!(
        (front.date("date"), front.number("order"), front.days("review_in")),
        (Date::new(2026, 3, 4), Some(2.0), Some(7))
    );
    assert!(front.flag("draft") && !front.flag("title"));
    assert_eq!((front.list("tags").len(), front.links("related").len(), front.list("title").len()), (1, 1, 0));
}

#[test]
fn decision_records_of_a_real_team_are_read_without_a_word() {
    // From a public repository of some 700 such records; Apache-2.0.
    let text = "---\ntitle: nginx TLS sidecar を Go の pki-agent proxy モードに統合して cert rotation を hot-reload 化する\ndate: 2026-04-16\nstatus: accepted\ntags:\n  - security\n  - mtls\naffected_services:\n  - pki-agent\naliases:\n  - ADR-748\nsupersedes:\n  - \"[[000743]]\"\n---\n# 000748\n";
    let (front, said) = read("content/ADR/000748.md", text);
    assert_eq!(said, Vec::<String>::new());
    assert_eq!((front.kind.as_str(), front.choice("status")), ("decision", Some("accepted")));
    assert_eq!(front.links("supersedes")[0].text, "[[000743]]");
    assert_eq!(&text[front.body_start..], "# 000748\n");
}

#[test]
fn every_template_is_read_without_a_word() {
    let options = options();
    for kind in options.kinds.iter() {
        let text = kind.new_note(&Filling {
            title: "A title".into(),
            date: Date::new(2026, 3, 4),
            author: "Ana: \"x\" \\ #y".into(),
            team: "Check: out".into(),
            actions: "- [ ] @ana do it\n".into(),
            themes: "late copy, more".into(),
        });
        let path = SourcePath::new(format!("content/{}/a.md", kind.folders.first().map_or("x", String::as_str)));
        let (front, diagnostics) = parse(&text, &path, &options);
        assert_eq!((front.kind.as_str(), diagnostics), (kind.name.as_str(), vec![]));
        assert_eq!(front.date("date"), Date::new(2026, 3, 4));
        let people = front.list("authors").iter().chain(front.list("deciders")).map(|item| item.text.as_str());
        assert_eq!(people.collect::<Vec<_>>(), ["Ana: \"x\" \\ #y"]);
    }
}

#[test]
fn no_text_makes_it_stop() {
    let options = options();
    let path = SourcePath::new("content/learnings/a.md");
    let alphabet = [
        "---\n",
        "+++\n",
        "title",
        "tags",
        "draft",
        "date",
        "related",
        "result",
        ": ",
        ":",
        "=",
        "\n",
        "\r\n",
        "  ",
        "- ",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "#",
        "@",
        "&a ",
        "*a",
        "!x ",
        "<<",
        "2026-03-04",
        "2026-13-01",
        "true",
        "é",
        "😀",
        "\u{feff}",
        "\0",
        "\t",
        "|",
        ">",
        "...\n",
        "taxonomies",
        "published: no\n",
        "\\",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut next = |bound: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % bound as u64) as usize
    };
    for round in 0..20_000 {
        let mut text = ["---\n", "+++\n", "\u{feff}---\n", ""][round % 4].to_owned();
        text.extend((0..next(25)).map(|_| alphabet[next(alphabet.len())]));
        let (front, _) = parse(&text, &path, &options);
        assert!(text.is_char_boundary(front.body_start), "{text:?}");
        let spans = front.entries.iter().flat_map(|entry| [entry.key_span, entry.span]);
        assert!(spans.into_iter().all(|span| text.get(span.range()).is_some()), "{text:?}");
    }
}
