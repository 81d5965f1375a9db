//! What machines read: Atom and JSON feeds, the sitemap, `index.json`, `llms.txt` and a sample of
//! `_headers`.

use serde::Serialize;

use super::TermSet;
use super::sheet::Item;
use crate::book::{Book, NoteId};
use crate::date::Date;
use crate::path::Route;

/// Notes in a feed.
const FEED_ITEMS: usize = 30;

/// What a feed carries.
#[derive(Debug)]
pub struct Channel {
    /// Of the feed.
    pub title: String,
    /// The page that it belongs to.
    pub page: Route,
    /// The feed's own address, without `.xml` or `.json`.
    pub base: String,
    /// Its entries; those without a date are left out.
    pub carries: Carried,
}

/// One entry.
struct Entry<'b> {
    note: NoteId,
    /// The id of the item on the note's page; none for the note itself.
    anchor: Option<&'b str>,
    title: std::borrow::Cow<'b, str>,
    summary: &'b str,
    date: Date,
}

impl Entry<'_> {
    /// A stable id that does not depend on where the site lies, nor on the note's title.
    fn urn(&self, book: &Book) -> String {
        let route = &book.entry(self.note).route;
        match self.anchor {
            None => urn(route),
            Some(anchor) => urn(&Route::new(format!("{route}#{anchor}"))),
        }
    }

    fn link(&self, book: &Book, from: &Route) -> String {
        let page = link(book, from, &book.entry(self.note).route);
        match self.anchor {
            None | Some("") => page,
            Some(anchor) => format!("{page}#{}", crate::path::encode(anchor)),
        }
    }
}

/// The entries of a feed, newest first.
#[derive(Debug)]
pub enum Carried {
    /// All notes.
    Newest,
    /// Those of a kind; its index.
    Kind(usize),
    /// Those of a term; its index.
    Term(TermSet, usize),
    /// Items of notes, each with its place.
    Items(Vec<Item>),
}

/// The address of the Atom feed with this address without ending.
pub fn atom_route(base: &str) -> Route {
    Route::new(format!("{base}.xml"))
}

impl Channel {
    /// The address of the Atom feed.
    pub fn atom_route(&self) -> Route {
        atom_route(&self.base)
    }

    /// The address of the JSON feed.
    pub fn json_route(&self) -> Route {
        Route::new(format!("{}.json", self.base))
    }
}

/// A route's absolute URL where the book has a base URL, else relative to `from`.
fn link(book: &Book, from: &Route, to: &Route) -> String {
    match &book.config.base_url {
        Some(base) => format!("{base}{}", page_url(to)),
        None => to.relative_to(from),
    }
}

/// A page's path in a URL that people see: a folder's page without `index.html`.
pub fn page_url(route: &Route) -> String {
    let url = route.url();
    match url.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder.to_owned(),
        _ => url,
    }
}

/// The newest entries of a channel.
fn entries<'b>(book: &'b Book, channel: &'b Channel) -> Vec<Entry<'b>> {
    let notes: &[NoteId] = match &channel.carries {
        Carried::Newest => &book.newest,
        Carried::Kind(index) => &book.by_kind[*index],
        Carried::Term(set, index) => &set.vocabulary(book).terms.get(*index).notes,
        Carried::Items(items) => {
            let mut entries: Vec<Entry<'b>> = items.iter().filter_map(|item| item_entry(book, *item)).collect();
            entries.sort_by_key(|entry| (std::cmp::Reverse(entry.date), entry.note));
            entries.truncate(FEED_ITEMS);
            return entries;
        }
    };
    let entry = |id: &NoteId| {
        let note = &book.entry(*id).note;
        let date = book.entry(*id).date?;
        Some(Entry { note: *id, anchor: None, title: (&*note.title.text).into(), summary: &note.summary, date })
    };
    notes.iter().filter_map(entry).take(FEED_ITEMS).collect()
}

/// An item as an entry: its text is the title, its note what it is from.
fn item_entry(book: &Book, item: Item) -> Option<Entry<'_>> {
    let (note, anchor, text): (NoteId, &str, &str) = match item {
        Item::Surprise(id, Some(index)) => {
            let piece = book.entry(id).note.items.surprises.get(index as usize)?;
            (id, &piece.anchor, &piece.text)
        }
        Item::Surprise(id, None) => (id, "", book.entry(id).note.front.text("surprise")?),
        Item::Action(index) => {
            let tracked = book.insights.actions.get(index as usize)?;
            let action = tracked.action(&book.notes);
            (tracked.note, &action.anchor, &action.text)
        }
        Item::Thanks(id, index) => {
            let thanks = book.entry(id).note.items.thanks.get(index as usize)?;
            (id, &thanks.piece.anchor, &thanks.piece.text)
        }
        _ => return None,
    };
    let entry = book.entry(note);
    Some(Entry { note, anchor: Some(anchor), title: text.into(), summary: &entry.note.title.text, date: entry.date? })
}

/// The text of the page for addresses that lead nowhere is no note to be found.
fn is_not_found(route: &Route) -> bool {
    route.as_str() == super::NOT_FOUND
}

/// A stable id that does not depend on where the site lies, nor on the note's title.
fn urn(route: &Route) -> String {
    format!("urn:fieldbook:{}", crate::memo::Fingerprint::of_bytes(route.as_str().as_bytes()))
}

/// An Atom feed (RFC 4287). Its dates are the notes' own: no clock.
pub fn atom(book: &Book, channel: &Channel) -> String {
    let route = channel.atom_route();
    let entries = entries(book, channel);
    let updated = entries.iter().map(|entry| entry.date).max();
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    let mut line = |indent: &str, text: String| {
        xml.push_str(indent);
        xml.push_str(&text);
        xml.push('\n');
    };
    line("  ", format!("<title>{}</title>", xml_text(&channel.title)));
    line("  ", format!("<id>{}</id>", urn(&route)));
    line(
        "  ",
        format!(
            "<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>",
            xml_text(&link(book, &route, &route))
        ),
    );
    line(
        "  ",
        format!(
            "<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
            xml_text(&link(book, &route, &channel.page))
        ),
    );
    line(
        "  ",
        format!("<updated>{}</updated>", updated.map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |d| d.rfc3339())),
    );
    line("  ", "<generator>Fieldbook</generator>".to_owned());
    for item in entries {
        let entry = book.entry(item.note);
        line("  ", "<entry>".to_owned());
        line("    ", format!("<title>{}</title>", xml_text(&item.title)));
        line("    ", format!("<id>{}</id>", item.urn(book)));
        line(
            "    ",
            format!("<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", xml_text(&item.link(book, &route))),
        );
        line("    ", format!("<published>{}</published>", item.date.rfc3339()));
        let updated = entry.history.as_ref().map_or(item.date, |h| h.updated.max(item.date));
        line("    ", format!("<updated>{}</updated>", updated.rfc3339()));
        if entry.authors.is_empty() {
            // Atom wants an author: the book's keeper, else the book.
            let keeper = book.config.authors.first().unwrap_or(&book.config.title);
            line("    ", format!("<author><name>{}</name></author>", xml_text(keeper)));
        }
        for author in &entry.authors {
            line("    ", format!("<author><name>{}</name></author>", xml_text(&book.people.get(*author).label)));
        }
        for tag in &entry.tags {
            let tag = book.tags.get(*tag);
            line("    ", format!("<category term=\"{}\" label=\"{}\"/>", xml_text(&tag.slug), xml_text(&tag.name)));
        }
        if !item.summary.is_empty() {
            line("    ", format!("<summary>{}</summary>", xml_text(item.summary)));
        }
        line("  ", "</entry>".to_owned());
    }
    xml.push_str("</feed>\n");
    xml
}

#[derive(Serialize)]
struct JsonFeed<'b> {
    version: &'static str,
    title: &'b str,
    home_page_url: String,
    feed_url: String,
    language: &'b str,
    items: Vec<JsonItem<'b>>,
}

#[derive(Serialize)]
struct JsonItem<'b> {
    id: String,
    url: String,
    title: std::borrow::Cow<'b, str>,
    content_text: &'b str,
    date_published: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<JsonAuthor<'b>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'b str>,
}

#[derive(Serialize)]
struct JsonAuthor<'b> {
    name: &'b str,
}

/// A JSON Feed 1.1.
pub fn json(book: &Book, channel: &Channel) -> String {
    let route = channel.json_route();
    let feed = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &channel.title,
        home_page_url: link(book, &route, &channel.page),
        feed_url: link(book, &route, &route),
        language: &book.config.language,
        items: entries(book, channel)
            .into_iter()
            .map(|item| {
                let entry = book.entry(item.note);
                JsonItem {
                    id: item.urn(book),
                    url: item.link(book, &route),
                    content_text: item.summary,
                    date_published: item.date.rfc3339(),
                    title: item.title,
                    authors: entry.authors.iter().map(|a| JsonAuthor { name: &book.people.get(*a).label }).collect(),
                    tags: entry.tags.iter().map(|t| book.tags.get(*t).slug.as_str()).collect(),
                }
            })
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&feed).unwrap_or_default();
    text.push('\n');
    text
}

/// The sitemap protocol's file of all pages; needs a base URL. Beyond 50,000 addresses (the
/// protocol's limit) the later ones are left out.
pub fn sitemap<'r>(base: &str, pages: impl Iterator<Item = (&'r Route, Option<Date>)>) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for (route, date) in pages.take(50_000) {
        let date = date.map_or_else(String::new, |date| format!("<lastmod>{date}</lastmod>"));
        xml.push_str(&format!("  <url><loc>{}{}</loc>{date}</url>\n", xml_text(base), xml_text(&page_url(route))));
    }
    xml.push_str("</urlset>\n");
    xml
}

#[derive(Serialize)]
struct IndexItem<'b> {
    title: &'b str,
    url: String,
    kind: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'b str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<&'b str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'b str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tickets: Vec<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'b str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'b str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    hypothesis: &'b str,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'b str,
}

/// Every published note with its facts: an array with one note a line, so that it diffs well.
pub fn index(book: &Book) -> String {
    let listed: Vec<&crate::book::Entry> =
        book.notes.iter().map(|entry| &**entry).filter(|entry| !is_not_found(&entry.route)).collect();
    let lines: Vec<String> = crate::parallel::map(&listed, |entry| {
        let front = &entry.note.front;
        let item = IndexItem {
            title: &entry.note.title.text,
            url: entry.route.url(),
            kind: &entry.note.kind,
            date: entry.date.map(|d| d.to_string()),
            updated: entry.history.as_ref().map(|h| h.updated.to_string()),
            team: entry.team.map(|t| book.teams.get(t).label.as_str()),
            authors: entry.authors.iter().map(|a| book.people.get(*a).label.as_str()).collect(),
            tags: entry.tags.iter().map(|t| book.tags.get(*t).slug.as_str()).collect(),
            tickets: entry.tickets.iter().map(|t| book.tickets.get(*t).label.as_str()).collect(),
            status: front.text("status"),
            result: front.text("result"),
            hypothesis: front.text("hypothesis").unwrap_or(""),
            summary: &entry.note.summary,
        };
        serde_json::to_string(&item).unwrap_or_default()
    });
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// The book for language models, in the form that llmstxt.org proposes: sections of links to the
/// markdown of each page.
pub fn llms(book: &Book) -> String {
    let mut text = format!("# {}\n", one_line(&book.config.title));
    if !book.config.description.is_empty() {
        text.push_str(&format!("\n> {}\n", one_line(&book.config.description)));
    }
    let mut write = |heading: &str, ids: &mut dyn Iterator<Item = NoteId>| {
        let mut first = true;
        for id in ids.filter(|id| !is_not_found(&book.entry(*id).route)) {
            if std::mem::take(&mut first) {
                text.push_str(&format!("\n## {}\n\n", one_line(heading)));
            }
            let entry = book.entry(id);
            let summary = if entry.note.summary.is_empty() {
                String::new()
            } else {
                format!(": {}", one_line(&entry.note.summary))
            };
            let title = one_line(&entry.note.title.text).replace(['[', ']'], " ");
            text.push_str(&format!("- [{title}]({}){summary}\n", entry.route.with_ending(".md").url()));
        }
    };
    for section in book.sections.iter() {
        write(&section.title, &mut section.page.iter().chain(&section.notes).copied());
    }
    text
}

/// Response headers for hosts that read a `_headers` file. The policy is the pages' own, and
/// what a meta element cannot say is added.
pub fn headers(policy: &str) -> String {
    format!(
        "/*\n  Content-Security-Policy: {policy}; frame-ancestors 'none'\n  X-Content-Type-Options: nosniff\n  \
         Referrer-Policy: strict-origin-when-cross-origin\n\n/theme/*\n  Cache-Control: public, max-age=31536000, immutable\n"
    )
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Escaped for XML, without the control characters that XML 1.0 does not have.
fn xml_text(text: &str) -> String {
    // Most texts need nothing; 0xEF begins U+FFFE and U+FFFF.
    let special = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xEF);
    if !text.bytes().fold(false, |found, byte| found | special(byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{FFFE}' | '\u{FFFF}') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}
