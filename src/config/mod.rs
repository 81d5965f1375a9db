//! book.toml: what a book is called, where it lies, and what its notes may look like.
//!
//! A [`Config`] is complete when it is made: what book.toml does not say is filled in, and what
//! it says wrongly becomes a diagnostic and stays at its default.
//!
//! ```toml
//! [book]
//! title = "Handbook"           # also authors, description, language, as mdBook has them
//! src = "content"              # the folder of the notes
//!
//! [site]
//! base_url = "https://…/"      # for feeds, the sitemap and canonical links only
//! edit_url = "https://github.com/o/r/edit/main/{path}"
//! repository_url = "https://github.com/o/r"
//! page_size = 48               # notes on one page of a long list
//! scheduled = "hide"           # or "show": notes with a date in the future
//! drafts = false               # publish drafts too
//! publish = ["public"]         # which visibilities are published
//!
//! [markdown]
//! raw_html = "sanitize"        # or "escape", "allow"
//! hashtags = false             # `#tag` in text is a tag
//! mentions = false             # `@name` in text is a person
//! math = true
//! smart_punctuation = false
//!
//! [links]
//! "FLEX-{n}" = "https://tracker.example/browse/FLEX-{n}"
//!
//! [tags]
//! allow = ["pricing", "market/*"]
//! aliases = { price = "pricing" }
//!
//! [people]
//! ana = "Ana Ruiz"
//!
//! [search]
//! languages = ["en"]           # also enabled, stop_words, offline
//! weights = { title = 5 }      # also heading, tag, body, code
//!
//! [checks]
//! broken-link = "error"        # or "warning", "off"
//!
//! [wording]
//! surprises = ["what made us blink"]   # beside the built-in wordings
//!
//! [blame]
//! "who broke" = "what broke, and what would have caught it?"
//!
//! [theme]
//! name = "default"
//!
//! [kinds.incident]
//! folder = "incidents"
//! fields = { severity = ["low", "high"], detected = "date" }
//! statuses = [{ name = "open", tone = "live" }, { name = "closed", tone = "good" }]
//! ```

mod kinds;
mod lookup;
mod reader;
mod schema;
mod search;
mod tickets;
mod wording;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::kinds::{Choice, Display, Filling, Item, Kind, Kinds, Sort, Tone};
pub use self::lookup::label;
pub(crate) use self::reader::one_of;
use self::reader::{Reader, Table};
pub use self::schema::{Field, FieldType, Schema, canonical, period};
pub use self::search::{LANGUAGES, Search, Weights};
pub use self::tickets::TicketPattern;
pub use self::wording::{Part, Wording};
use crate::data::{self, Node, Problem};
use crate::diagnostic::{Checked, Code, Diagnostic, Severity};
use crate::memo::Fingerprint;
use crate::path::SourcePath;
use crate::source::Source;
use crate::text::{closest, fold};

/// What becomes of HTML that stands in a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RawHtml {
    /// What can run code or load from other hosts is removed.
    Sanitize,
    /// It is shown as text.
    Escape,
    /// It is published as it is: for books whose every author is trusted.
    Allow,
}

/// What note text is read as.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Markdown {
    /// What becomes of raw HTML.
    pub raw_html: RawHtml,
    /// `#tag` in text is a tag.
    pub hashtags: bool,
    /// `@name` in text is a person.
    pub mentions: bool,
    /// `$…$` is a formula.
    pub math: bool,
    /// Straight quotes become curly ones.
    pub smart_punctuation: bool,
}

/// Which tags there are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TagRules {
    /// The tags that may be used, if not all; `market/*` allows all tags below `market`.
    pub allow: Option<Vec<String>>,
    /// Tags that are read as another one.
    pub aliases: BTreeMap<String, String>,
}

impl TagRules {
    /// Whether a tag may be used. Case does not count; a tag in the list allows those below it, and
    /// `market/*` only those.
    pub fn allows(&self, tag: &str) -> bool {
        let tag = fold(tag.trim());
        let below = |parent: &str| tag.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1);
        let fits = |rule: &String| {
            let rule = fold(rule.trim());
            match rule.strip_suffix("/*") {
                Some(parent) => below(parent),
                None => rule == tag || below(&rule),
            }
        };
        self.allow.as_ref().is_none_or(|rules| rules.iter().any(fits))
    }
}

/// A book's configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Config {
    /// There is a book.toml.
    pub is_given: bool,
    /// The book's title.
    pub title: String,
    /// Who keeps it.
    pub authors: Vec<String>,
    /// What it is, in a sentence; may be empty.
    pub description: String,
    /// The language of its notes, as BCP 47 spells it.
    pub language: String,
    /// The folder of the notes, a clean path below the book's root.
    pub content: String,
    /// Where the site is published: absolute, with a slash at its end.
    pub base_url: Option<String>,
    /// Where a note is edited; `{path}` stands for its path from the book's root.
    pub edit_url: Option<String>,
    /// Where the book's repository is shown.
    pub repository_url: Option<String>,
    /// How many notes one page of a long list shows.
    pub page_size: usize,
    /// Notes with a date in the future are published.
    pub show_scheduled: bool,
    /// Drafts are published.
    pub drafts: bool,
    /// The visibilities that are published.
    pub publish: Vec<String>,
    /// How text is read.
    pub markdown: Markdown,
    /// What tickets look like.
    pub tickets: Vec<TicketPattern>,
    /// Which tags there are.
    pub tags: TagRules,
    /// Short names of people, and their names in full.
    pub people: BTreeMap<String, String>,
    /// The kinds of note.
    pub kinds: Arc<Kinds>,
    /// The keys of front matter.
    pub schema: Arc<Schema>,
    /// What says in a text what a part of it is.
    pub wording: Arc<Wording>,
    /// What looks for somebody at fault, and kinder words for it.
    pub blame: BTreeMap<String, String>,
    /// The folder in `themes/`, or `default`.
    pub theme: String,
    /// What the index holds.
    pub search: Search,
    /// The codes whose severity the book sets; none means that they are not reported.
    checks: BTreeMap<Code, Option<Severity>>,
}

/// All that the reading of a note depends on, besides the note. Its fingerprint is a part of the
/// memo's key: a changed option reads all notes again, any other change in book.toml none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParseOptions {
    /// The keys of front matter.
    pub schema: Arc<Schema>,
    /// The kinds of note.
    pub kinds: Arc<Kinds>,
    /// The folder of the notes, below which a note's folders count.
    pub content: String,
    /// How text is read.
    pub markdown: Markdown,
    /// What tickets look like.
    pub tickets: Vec<TicketPattern>,
    /// What a word counts, where notes are searched.
    pub weights: Option<Weights>,
    /// What says in a text what a part of it is.
    pub wording: Arc<Wording>,
}

impl ParseOptions {
    /// Equal options have equal fingerprints, on every machine.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    /// The folder of a note below the content folder; empty at its top.
    pub fn folder_of<'p>(&self, path: &'p SourcePath) -> &'p str {
        let below = path.as_str().strip_prefix(self.content.as_str()).and_then(|rest| rest.strip_prefix('/'));
        below.map_or(path.folder(), |rest| rest.rsplit_once('/').map_or("", |(folder, _)| folder))
    }
}

impl Config {
    /// Reads book.toml; without one, everything is at its default. Any error among the
    /// diagnostics means that nothing should be published.
    pub fn parse(source: Option<&Source>) -> Checked<Config> {
        let mut config = Config::built_in();
        let Some(source) = source else { return Checked { value: config, diagnostics: Vec::new() } };
        config.is_given = true;
        let text = source.text();
        let parsed = data::toml(&text, 0);
        let mut reader = Reader::new(&source.path, &text);
        if std::str::from_utf8(&source.bytes).is_err() {
            let at = text.find('\u{fffd}').unwrap_or(0);
            let span = crate::text::Span::new(at, at + '\u{fffd}'.len_utf8());
            reader.report(Code::ConfigSyntax, span, "book.toml is not UTF-8", None);
        }
        let broken = parsed.errors.iter().any(|error| error.problem == Problem::Syntax);
        for error in parsed.errors {
            let code = match error.problem {
                Problem::Duplicate => Code::DuplicateKey,
                _ => Code::ConfigSyntax,
            };
            reader.report(code, error.span, error.message, error.hints.into_iter().next());
        }
        config.read(&mut reader, Table::new("", &parsed.entries));
        // What stops a publication can't be silenced by the file that is wrong; and where TOML broke
        // off, keys have lost their tables.
        let judge = |found: Diagnostic| match found.severity {
            Severity::Error => Some(found),
            Severity::Warning | Severity::Advice if broken => None,
            Severity::Warning | Severity::Advice => config.judge(found),
        };
        let diagnostics = reader.into_diagnostics().into_iter().filter_map(judge).collect();
        Checked { value: config, diagnostics }
    }

    /// What a book without a book.toml has.
    fn built_in() -> Config {
        let path = SourcePath::new("kinds.toml");
        let text = include_str!("kinds.toml");
        let parsed = data::toml(text, 0);
        let mut reader = Reader::new(&path, text);
        let mut root = Table::new("", &parsed.entries);
        let mut schema = Schema::read(&mut reader, &mut root);
        let kinds = Kinds::read(&mut reader, &mut root, &mut schema);
        let mut wording = Wording::default();
        wording.extend(&mut reader, &mut root);
        let blame = pairs(&mut reader, &mut root, "blame");
        Config {
            is_given: false,
            title: "Handbook".into(),
            authors: Vec::new(),
            description: String::new(),
            language: "en".into(),
            content: "content".into(),
            base_url: None,
            edit_url: None,
            repository_url: None,
            page_size: 48,
            show_scheduled: false,
            drafts: false,
            publish: vec!["public".into()],
            markdown: Markdown {
                raw_html: RawHtml::Sanitize,
                hashtags: false,
                mentions: false,
                math: true,
                smart_punctuation: false,
            },
            tickets: Vec::new(),
            tags: TagRules::default(),
            people: BTreeMap::new(),
            kinds: Arc::new(kinds),
            schema: Arc::new(schema),
            wording: Arc::new(wording),
            blame,
            theme: "default".into(),
            search: Search::built_in("en"),
            checks: BTreeMap::new(),
        }
    }

    /// What the reading of a note may depend on.
    pub fn parse_options(&self) -> ParseOptions {
        ParseOptions {
            schema: self.schema.clone(),
            kinds: self.kinds.clone(),
            content: self.content.clone(),
            markdown: self.markdown.clone(),
            tickets: self.tickets.clone(),
            weights: self.search.enabled.then_some(self.search.weights),
            wording: self.wording.clone(),
        }
    }

    /// Whether notes of a visibility are published; a note that says nothing is public.
    pub fn publishes(&self, visibility: Option<&str>) -> bool {
        self.publish.iter().any(|published| published == visibility.unwrap_or("public"))
    }

    /// A diagnostic with the severity that this book gives it; none if it is not reported. What
    /// stops the publication can't be softened.
    pub fn judge(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        match self.checks.get(&diagnostic.code).filter(|_| !diagnostic.code.stops_publication()) {
            Some(set) => diagnostic.severity = (*set)?,
            None if diagnostic.code.is_off_by_default() => return None,
            None => {}
        }
        Some(diagnostic)
    }

    /// The book says it where a diagnostic has this code.
    pub fn reports(&self, code: Code) -> bool {
        match self.checks.get(&code) {
            Some(set) => set.is_some() || code.stops_publication(),
            None => !code.is_off_by_default(),
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut root: Table<'_>) {
        self.read_book(reader, &mut root);
        self.read_site(reader, &mut root);
        self.read_markdown(reader, &mut root);
        self.read_links(reader, &mut root);
        self.read_tags(reader, &mut root);
        self.people = pairs(reader, &mut root, "people");
        self.search = Search::built_in(&self.language);
        self.search.read(reader, &mut root);
        self.read_checks(reader, &mut root);
        let mut theme = reader.table(&mut root, "theme");
        if let Some(name) = text(reader, &mut theme, "name", clean_path, "the name of a folder in `themes`") {
            self.theme = name;
        }
        reader.finish(theme);
        let mut wording = Wording::clone(&self.wording);
        wording.extend(reader, &mut root);
        self.wording = Arc::new(wording);
        self.blame.extend(pairs(reader, &mut root, "blame"));
        let (mut kinds, mut schema) = (Kinds::clone(&self.kinds), Schema::clone(&self.schema));
        kinds.extend(reader, &mut root, &mut schema);
        (self.kinds, self.schema) = (Arc::new(kinds), Arc::new(schema));
        reader.finish(root);
    }

    fn read_book(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut book = reader.table(root, "book");
        let any = |_: &str| true;
        if let Some(title) = text(reader, &mut book, "title", |title| !title.trim().is_empty(), "some text") {
            self.title = title;
        }
        if let Some(description) = text(reader, &mut book, "description", any, "") {
            self.description = description;
        }
        if let Some(language) =
            text(reader, &mut book, "language", is_language, "a language tag such as `en` or `pt-BR`")
        {
            self.language = language;
        }
        if let Some(src) = text(reader, &mut book, "src", clean_path, "a folder below book.toml, such as `content`") {
            self.content = src.trim_matches('/').to_owned();
        }
        if let Some(node) = book.take("authors") {
            self.authors = reader.texts("authors", node).into_iter().map(|(name, _)| name.to_owned()).collect();
        }
        reader.finish(book);
    }

    fn read_site(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut site = reader.table(root, "site");
        let base = "an absolute URL such as `https://handbook.example/`";
        let bare = |url: &str| is_http(url) && !url.contains(['?', '#']);
        self.base_url = text(reader, &mut site, "base_url", bare, base)
            .map(|url| if url.ends_with('/') { url } else { format!("{url}/") });
        let edit = "a URL with `{path}` where the note's path goes";
        self.edit_url = text(reader, &mut site, "edit_url", |url| is_http(url) && url.contains("{path}"), edit);
        self.repository_url = text(reader, &mut site, "repository_url", is_http, "an absolute URL");
        if let Some(size) = site.take("page_size").and_then(|node| reader.number("page_size", node, 1..=1000)) {
            self.page_size = size;
        }
        let show = [("hide", false), ("show", true)];
        if let Some(show) = site.take("scheduled").and_then(|node| reader.choice("scheduled", node, &show)) {
            self.show_scheduled = show;
        }
        flag(reader, &mut site, "drafts", &mut self.drafts);
        if let Some(node) = site.take("publish") {
            self.publish = self.read_publish(reader, node);
        }
        reader.finish(site);
    }

    fn read_publish(&self, reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
        let known = match self.schema.field("visibility").map(|field| &field.ty) {
            Some(FieldType::Choice(choices)) => choices.as_slice(),
            _ => &[],
        };
        let mut publish = Vec::new();
        for (name, span) in reader.texts("publish", node) {
            match known.iter().find(|choice| choice.name == name) {
                Some(choice) => publish.push(choice.name.clone()),
                None => {
                    let names: Vec<&str> = known.iter().map(|choice| choice.name.as_str()).collect();
                    reader.refuse(span, format!("`{name}` is no visibility"), one_of(&names));
                }
            }
        }
        publish
    }

    fn read_markdown(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut table = reader.table(root, "markdown");
        let ways = [("sanitize", RawHtml::Sanitize), ("escape", RawHtml::Escape), ("allow", RawHtml::Allow)];
        if let Some(way) = table.take("raw_html").and_then(|node| reader.choice("raw_html", node, &ways)) {
            self.markdown.raw_html = way;
        }
        flag(reader, &mut table, "hashtags", &mut self.markdown.hashtags);
        flag(reader, &mut table, "mentions", &mut self.markdown.mentions);
        flag(reader, &mut table, "math", &mut self.markdown.math);
        flag(reader, &mut table, "smart_punctuation", &mut self.markdown.smart_punctuation);
        reader.finish(table);
    }

    fn read_links(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        for (key, node) in reader.table(root, "links").entries() {
            let Some(url) = reader.text(&key.name, node) else { continue };
            if !url.is_empty() && !is_http(url) {
                let message = format!("`{url}` is no URL of a tracker");
                reader.refuse(node.span, message, "write an absolute URL with `{n}`, or nothing");
                continue;
            }
            match TicketPattern::new(&key.name, url) {
                Ok(pattern) => self.tickets.push(pattern),
                Err(why) => {
                    reader.refuse(key.span, format!("`{}` {why}", key.name), "write a pattern such as `FLEX-{n}`")
                }
            }
        }
    }

    fn read_tags(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut tags = reader.table(root, "tags");
        self.tags.allow = tags.take("allow").map(|node| {
            reader.texts("allow", node).into_iter().map(|(tag, _)| tag.trim_start_matches('#').to_owned()).collect()
        });
        self.tags.aliases = pairs(reader, &mut tags, "aliases");
        reader.finish(tags);
    }

    fn read_checks(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let levels = [
            ("error", Some(Severity::Error)),
            ("warning", Some(Severity::Warning)),
            ("advice", Some(Severity::Advice)),
            ("off", None),
        ];
        for (key, node) in reader.table(root, "checks").entries() {
            let name = canonical(&key.name).replace('_', "-");
            match Code::from_name(&name) {
                Some(code) => {
                    if let Some(level) = reader.choice(&key.name, node, &levels) {
                        self.checks.insert(code, level);
                    }
                }
                None => {
                    let near = closest(&name, Code::ALL.iter().map(|code| code.name()));
                    let hint = near.map(|near| format!("did you mean `{near}`?"));
                    reader.report(Code::ConfigKey, key.span, format!("`{}` is no check", key.name), hint);
                }
            }
        }
    }
}

/// The text at a key, if it is what the key wants.
fn text(
    reader: &mut Reader<'_>,
    table: &mut Table<'_>,
    name: &'static str,
    fits: impl Fn(&str) -> bool,
    wanted: &str,
) -> Option<String> {
    let node = table.take(name)?;
    let text = reader.text(name, node)?;
    if !fits(text) {
        reader.refuse(node.span, format!("`{name}` can't be `{text}`"), format!("it wants {wanted}"));
        return None;
    }
    Some(text.to_owned())
}

fn flag(reader: &mut Reader<'_>, table: &mut Table<'_>, name: &'static str, into: &mut bool) {
    if let Some(flag) = table.take(name).and_then(|node| reader.flag(name, node)) {
        *into = flag;
    }
}

/// A table of texts whose keys are the author's.
fn pairs(reader: &mut Reader<'_>, parent: &mut Table<'_>, name: &'static str) -> BTreeMap<String, String> {
    let table = reader.table(parent, name);
    let entries = table.entries().iter();
    entries.filter_map(|(key, node)| Some((key.name.clone(), reader.text(&key.name, node)?.to_owned()))).collect()
}

/// An absolute URL of the web, without anything that would end it early where it is printed.
fn is_http(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let clean = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\');
    host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[')) && url.chars().all(clean)
}

/// A relative path whose every part is a plain name.
fn clean_path(path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':']);
    path.split('/').all(plain) && !path.chars().any(char::is_control)
}

/// The shape of a BCP 47 tag; not every tag of this shape is registered.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first =
        parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    first && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The severity that a diagnostic of this code ends with.
    fn judged(config: &Config, code: Code) -> Option<Severity> {
        config.judge(Diagnostic::new(code, &SourcePath::new("a.md"), "")).map(|judged| judged.severity)
    }

    fn parse(text: &str) -> Checked<Config> {
        Config::parse(Some(&Source::new(SourcePath::new("book.toml"), text.as_bytes())))
    }

    fn said(text: &str) -> Vec<String> {
        let show = |found: &Diagnostic| {
            let place = found.place.as_ref().map(|place| format!("{}:{} ", place.start.line, place.start.column));
            let hints = found.hints.iter().map(|hint| format!(" | {hint}")).collect::<String>();
            format!("{}{}: {}{hints}", place.unwrap_or_default(), found.code, found.message)
        };
        parse(text).diagnostics.iter().map(show).collect()
    }

    #[test]
    fn the_built_in_kinds_are_read_without_a_word() {
        let path = SourcePath::new("kinds.toml");
        let text = include_str!("kinds.toml");
        let parsed = data::toml(text, 0);
        assert_eq!(parsed.errors, vec![]);
        let mut reader = Reader::new(&path, text);
        let mut root = Table::new("", &parsed.entries);
        let mut schema = Schema::read(&mut reader, &mut root);
        let kinds = Kinds::read(&mut reader, &mut root, &mut schema);
        Wording::default().extend(&mut reader, &mut root);
        pairs(&mut reader, &mut root, "blame");
        reader.finish(root);
        assert_eq!(reader.into_diagnostics(), vec![]);
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "learning",
                "experiment",
                "retro",
                "okr",
                "inception",
                "pattern",
                "practice",
                "decision",
                "selfcheck",
                "note"
            ]
        );
        for kind in kinds.iter() {
            for field in &kind.fields {
                let field = schema.field(field).unwrap();
                assert!(field.kinds.contains(&kind.name));
            }
            assert!(kind.template.starts_with("---\n"), "{}", kind.name);
        }
    }

    #[test]
    fn without_a_file_everything_has_its_default() {
        let Checked { value: config, diagnostics } = Config::parse(None);
        assert_eq!(diagnostics, vec![]);
        assert_eq!(
            (config.title.as_str(), config.content.as_str(), config.language.as_str()),
            ("Handbook", "content", "en")
        );
        assert_eq!((config.page_size, config.publishes(None), config.publishes(Some("team"))), (48, true, false));
        assert_eq!(Config { is_given: true, ..config }, parse("").value);
    }

    #[test]
    fn every_key_of_the_documentation_is_read() {
        let documented: String = include_str!("mod.rs")
            .lines()
            .skip_while(|line| *line != "//! ```toml")
            .skip(1)
            .take_while(|line| *line != "//! ```")
            .map(|line| format!("{}\n", line.trim_start_matches("//!").trim()))
            .collect();
        let Checked { value: config, diagnostics } = parse(&documented.replace("https://…/", "https://b.example/x"));
        assert_eq!(diagnostics, vec![]);
        assert_eq!(config.base_url.as_deref(), Some("https://b.example/x/"));
        assert_eq!(config.tickets[0].url("FLEX-1").as_deref(), Some("https://tracker.example/browse/FLEX-1"));
        assert_eq!(judged(&config, Code::BrokenLink), Some(Severity::Error));
        assert_eq!(config.people["ana"], "Ana Ruiz");
        assert_eq!(config.tags.aliases["price"], "pricing");
        let incident = config.kinds.by_name("incident").unwrap();
        assert_eq!((incident.label.as_str(), incident.plural.as_str()), ("Incident", "Incidents"));
        assert_eq!(incident.statuses[0].tone, Tone::Live);
        assert_eq!(config.schema.field("detected").unwrap().ty, FieldType::Date);
    }

    #[test]
    fn mistakes_have_a_place_and_a_way_out() {
        let cases: &[(&str, &[&str])] = &[
            ("[book]\ntilte = 'x'\n", &["2:1 config-key: `tilte` is no key of `[book]` | did you mean `title`?"]),
            (
                "base_url = 'x'\n",
                &["1:1 config-key: `base_url` is no key of book.toml | `base_url` belongs in `[site]`"],
            ),
            ("[site]\ntitle = 'x'\n", &["2:1 config-key: `title` is no key of `[site]` | `title` belongs in `[book]`"]),
            (
                "[output.html]\n",
                &["1:2 config-key: `output` is no key of book.toml | mdBook reads it; here it has no effect"],
            ),
            ("[quux]\n", &["1:2 config-key: `quux` is no key of book.toml"]),
            ("[book]\ntitle = 5\n", &["2:9 config-value: `title` wants text in quotes, not `5`"]),
            ("book = 'x'\n", &["1:8 config-value: `book` wants a table of keys, not text"]),
            (
                "[book]\nsrc = '../x'\n",
                &["2:7 config-value: `src` can't be `../x` | it wants a folder below book.toml, such as `content`"],
            ),
            (
                "[book]\nlanguage = 'e n'\n",
                &["2:12 config-value: `language` can't be `e n` | it wants a language tag such as `en` or `pt-BR`"],
            ),
            (
                "[site]\nbase-url = 'x.example'\n",
                &[
                    "2:12 config-value: `base_url` can't be `x.example` | it wants an absolute URL such as `https://handbook.example/`",
                ],
            ),
            (
                "[site]\nbase_url = 'javascript://x'\n",
                &[
                    "2:12 config-value: `base_url` can't be `javascript://x` | it wants an absolute URL such as `https://handbook.example/`",
                ],
            ),
            (
                "[site]\nedit_url = 'https://x.example/'\n",
                &[
                    "2:12 config-value: `edit_url` can't be `https://x.example/` | it wants a URL with `{path}` where the note's path goes",
                ],
            ),
            (
                "[site]\npage_size = 0\n",
                &["2:13 config-value: `page_size` wants a whole number from 1 to 1000, not `0`"],
            ),
            (
                "[site]\npublish = ['all']\n",
                &["2:12 config-value: `all` is no visibility | it can be `public`, `team`, `internal` or `private`"],
            ),
            ("[site]\ndrafts = 'no'\n", &["2:10 config-value: `drafts` wants `true` or `false`, not text"]),
            (
                "[markdown]\nraw_html = 'on'\n",
                &["2:12 config-value: `raw_html` can't be `on` | it can be `sanitize`, `escape` or `allow`"],
            ),
            (
                "[links]\nFLEX = ''\n",
                &["2:1 config-value: `FLEX` has no `{n}` for the ticket's number | write a pattern such as `FLEX-{n}`"],
            ),
            (
                "[links]\n'A-{n}' = 'ftp://x'\n",
                &["2:11 config-value: `ftp://x` is no URL of a tracker | write an absolute URL with `{n}`, or nothing"],
            ),
            (
                "[checks]\nbroken-lnik = 'off'\n",
                &["2:1 config-key: `broken-lnik` is no check | did you mean `broken-link`?"],
            ),
            (
                "[checks]\nbroken_link = 'no'\n",
                &["2:15 config-value: `broken_link` can't be `no` | it can be `error`, `warning`, `advice` or `off`"],
            ),
            (
                "[theme]\nname = '../x'\n",
                &["2:8 config-value: `name` can't be `../x` | it wants the name of a folder in `themes`"],
            ),
            (
                "[kinds.'A B']\n",
                &[
                    "1:8 config-value: `A B` can't be the name of a kind | a name has lower-case letters, digits and hyphens",
                ],
            ),
            (
                "[kinds.x]\nfields = { date = 'text' }\n",
                &[
                    "2:19 config-value: `date` has one type in all kinds, and it is another one | give the key of this kind a name of its own",
                ],
            ),
            (
                "[kinds.x]\nfields = { a = 'dat' }\n",
                &[
                    "2:16 config-value: `a` can't be `dat` | it can be `text`, `number`, `yes-no`, `date`, `period`, `list`, `sentences`, `links` or `status`",
                ],
            ),
            (
                "[kinds.x]\nfolder = 'a/b'\nreview_in = 'soon'\n",
                &[
                    "2:10 config-value: `a/b` is not the name of a folder | write one name, without slashes",
                    "3:13 config-value: `soon` is no span of time | write it as `6 months`, `2 weeks` or `never`",
                ],
            ),
            (
                "[kinds.x]\nstatuses = [{ tone = 'live' }]\n",
                &["2:13 config-value: one of `statuses` has no name | write `{ name = \"open\" }`"],
            ),
            ("[kinds.x]\nlabl = 'y'\n", &["2:1 config-key: `labl` is no key of `[kinds.x]` | did you mean `label`?"]),
            ("title = \n", &["1:9 config-syntax: string values must be quoted, expected literal string"]),
            ("[book]\ntitle = 'a'\ntitle = 'b'\n", &["3:1 duplicate-key: `title` stands twice; the first one counts"]),
            ("[checks]\nconfig-key = 'off'\n[quux]\n", &[]),
            (
                "[checks]\nconfig-value = 'off'\n[book]\nsrc = 1\n",
                &["4:7 config-value: `src` wants text in quotes, not `1`"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(said(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_book_changes_a_kind_and_adds_its_own() {
        let text = "[kinds.learning]\nplural = 'Insights'\nfolder = ['insights', 'retros']\nfields = { cost = 'number', hypothesis = 'text' }\nreview_in = 'never'\n\
                    [kinds.post-mortem]\nfields = ['hypothesis', 'parent', 'root_cause']\nstatuses = ['open', 'Closed']\nsort = 'path'\n";
        let Checked { value: config, diagnostics } = parse(text);
        assert_eq!(diagnostics, vec![]);
        let learning = config.kinds.by_name("learning").unwrap();
        assert_eq!(
            (learning.label.as_str(), learning.plural.as_str(), learning.review_in),
            ("Learning", "Insights", None)
        );
        assert_eq!(learning.fields.last().map(String::as_str), Some("cost"));
        assert!(learning.fields.contains(&"surprise".to_string()));
        let kind_of = |folder| config.kinds.of_folder(folder).map(|kind| kind.name.as_str());
        assert_eq!(
            (kind_of("insights"), kind_of("retros"), kind_of("learnings")),
            (Some("learning"), Some("learning"), None)
        );
        let own = config.kinds.by_name("post-mortem").unwrap();
        assert_eq!(
            (own.label.as_str(), own.folders.len(), own.statuses[1].name.as_str()),
            ("Post mortem", 2, "closed")
        );
        assert_eq!(config.schema.field("root_cause").unwrap().ty, FieldType::Text);
        assert!(config.schema.field("parent").unwrap().belongs_to("post-mortem"));
        assert!(!config.schema.field("parent").unwrap().belongs_to("learning"));
    }

    #[test]
    fn a_folders_kind_is_that_of_the_nearest_name() {
        let kinds = Config::parse(None).value.kinds;
        let kind_of = |folder| kinds.of_folder(folder).map(|kind| kind.name.as_str());
        assert_eq!(kind_of("payments/learnings/2026"), Some("learning"));
        assert_eq!(kind_of("learnings/ADR"), Some("decision"));
        assert_eq!(kind_of("Retros"), Some("retro"));
        assert_eq!((kind_of(""), kind_of("guides")), (None, None));
        let by_name = |name| kinds.by_name(name).map(|kind| kind.name.as_str());
        assert_eq!(
            (by_name("Self-Check"), by_name("adr"), by_name("post")),
            (Some("selfcheck"), Some("decision"), None)
        );
        assert_eq!(kinds.plain().name, "note");
    }

    #[test]
    fn choices_are_found_by_synonym_and_by_their_first_word() {
        let config = Config::parse(None).value;
        let decision = &config.kinds.by_name("decision").unwrap().statuses;
        let status = |text| Choice::find(decision, text).map(|choice| choice.name.as_str());
        assert_eq!(status("superseded by [ADR-0005](0005.md)"), Some("superseded"));
        assert_eq!(status("Accepted (2024-05-01)"), Some("accepted"));
        assert_eq!(status("✅ approved"), Some("accepted"));
        assert_eq!(status("In Review"), Some("proposed"));
        assert_eq!((status("acceptedish"), status("maybe"), status("")), (None, None, None));
    }

    #[test]
    fn a_new_note_has_its_title_date_and_author_and_no_template_in_a_title_is_filled() {
        let config = Config::parse(None).value;
        let date = crate::date::Date::new(2026, 3, 4).unwrap();
        let text = config.kinds.by_name("learning").unwrap().new_note(&Filling {
            title: "A {date}\n sells".into(),
            date: Some(date),
            author: "Ana \"A\" Ruiz".into(),
            ..Filling::default()
        });
        assert!(text.contains("date: 2026-03-04\nauthors: [\"Ana \\\"A\\\" Ruiz\"]\n"), "{text}");
        assert!(text.contains("# A {date} sells\n"), "{text}");
    }

    #[test]
    fn only_what_a_note_can_see_changes_the_options() {
        let print = |text: &str| parse(text).value.parse_options().fingerprint();
        let plain = print("");
        assert_eq!(
            plain,
            print("[book]\ntitle = 'x'\n[site]\nbase_url = 'https://x.example'\n[checks]\nbroken-link = 'off'\n")
        );
        for changed in [
            "[book]\nsrc = 'notes'\n",
            "[markdown]\nmath = false\n",
            "[links]\n'A-{n}' = ''\n",
            "[kinds.learning]\nfields = { cost = 'number' }\n",
            "[kinds.incident]\n",
        ] {
            assert_ne!(plain, print(changed), "{changed}");
        }
    }

    #[test]
    fn tags_are_allowed_by_name_or_by_parent() {
        let tags = parse("[tags]\nallow = ['pricing', 'market/*']\n").value.tags;
        assert!(tags.allows("pricing") && tags.allows("market/spain"));
        assert!(!tags.allows("market") && !tags.allows("price") && !tags.allows("market/"));
        assert!(TagRules::default().allows("anything"));
    }

    #[test]
    fn a_notes_folder_counts_from_the_content_folder() {
        let options = Config::parse(None).value.parse_options();
        let folder = |path: &str| options.folder_of(&SourcePath::new(path)).to_owned();
        assert_eq!((folder("content/a/b.md"), folder("content/b.md")), ("a".into(), String::new()));
        assert_eq!(folder("contents/a/b.md"), "contents/a");
    }
}
