//! The pages: from the book to views. A view is made whole from the book by one function, here.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use super::sheet::Sheet;
use super::view::*;
use super::{List, Page, Plain, TermSet, Vocabulary};
use crate::book::links::Resolved;
use crate::book::terms::Term;
use crate::book::{Book, Entry, NoteId};
use crate::data::Value;
use crate::date::Date;
use crate::note::front_matter::FieldValue;
use crate::note::link::{Hole, Link, Name};
use crate::path::{Route, encode};

/// Notes embedded in one page, and how deep. Beyond: a link.
const MAX_EMBEDS: usize = 50;
const MAX_EMBED_DEPTH: usize = 5;
/// Folders on the way up that are shown.
pub const MAX_TRAIL: usize = 8;
/// Backlinks of one meaning that are shown.
const MAX_BACKLINKS: usize = 50;
/// Values of a facet that are shown on `/browse/`.
const MAX_FACET_VALUES: usize = 12;

/// Makes views of one book.
pub struct Views<'b> {
    /// The book.
    pub book: &'b Book,
    /// What the plan knows of the pages.
    pub page_of: &'b BTreeMap<NoteId, Route>,
    /// The pages of the learning loop that have something to show.
    pub sheets: &'b [Sheet],
}

impl<'b> Views<'b> {
    // What pages share ----------------------------------------------------------------------------

    pub(super) fn head(&self, route: &Route, title: &'b str, description: &'b str, current: &'static str) -> Head<'b> {
        let config = &self.book.config;
        Head {
            title,
            description,
            root: route.root(),
            canonical: config
                .base_url
                .as_ref()
                .map_or_else(String::new, |base| format!("{base}{}", super::feeds::page_url(route))),
            current,
            trail: Vec::new(),
            feeds: vec![self.feed(route, &config.title, &Route::new("feed.xml"))],
            markdown_href: String::new(),
            has_diagram: false,
            noindex: false,
        }
    }

    pub(super) fn feed(&self, from: &Route, title: &str, route: &Route) -> Feed {
        Feed { title: title.to_owned(), href: route.relative_to(from) }
    }

    fn kind(&self, entry: &'b Entry) -> KindRef<'b> {
        match self.book.config.kinds.by_name(&entry.note.kind) {
            Some(kind) => KindRef { name: &kind.name, label: &kind.label, icon: &kind.icon },
            None => KindRef { name: &entry.note.kind, label: &entry.note.kind, icon: "sheet" },
        }
    }

    pub(super) fn stamp(&self, entry: &'b Entry, key: &str) -> Option<Stamp<'b>> {
        let written = entry.note.front.text(key).filter(|text| !text.trim().is_empty())?;
        let known = self.book.config.choice(&entry.note.kind, key, written);
        Some(match known {
            Some(known) => Stamp { label: &known.name, tone: known.tone.name(), value: &known.name },
            None => Stamp { label: written, tone: "idle", value: "" },
        })
    }

    pub(super) fn note_route(&self, id: NoteId) -> &'b Route {
        self.page_of.get(&id).unwrap_or(&self.book.entry(id).route)
    }

    pub(super) fn card(&self, from: &Route, id: NoteId) -> Card<'b> {
        let entry = self.book.entry(id);
        Card {
            title: &entry.note.title.text,
            href: self.note_route(id).relative_to(from),
            kind: self.kind(entry),
            claim: &entry.note.summary,
            stamp: self.stamp(entry, "result").or_else(|| self.stamp(entry, "status")),
            team: entry.team.map_or("", |team| &self.book.teams.get(team).label),
            date: entry.date.map(Day),
            surprise: entry.note.front.text("surprise").unwrap_or(""),
            reason: String::new(),
            draft: entry.unpublished,
        }
    }

    pub(super) fn note_ref(&self, from: &Route, id: NoteId) -> Ref<'b> {
        Ref { label: &self.book.entry(id).note.title.text, href: self.note_route(id).relative_to(from) }
    }

    fn term_ref(&self, from: &Route, term: &'b Term) -> Ref<'b> {
        Ref { label: &term.label, href: term.route.relative_to(from) }
    }

    pub(super) fn home_ref(&self, from: &Route) -> Ref<'b> {
        Ref { label: "Home", href: Route::folder("").relative_to(from) }
    }

    /// The way up through the folders; the section itself is included unless `own` is false.
    fn section_trail(&self, from: &Route, section: usize, own: bool) -> Vec<Ref<'b>> {
        let mut trail = Vec::new();
        let mut at = if own { Some(section) } else { self.book.sections[section].parent };
        // In the depths of a tree the nearest folders are the way up that helps.
        while let Some(index) = at.filter(|_| trail.len() < MAX_TRAIL) {
            let section = &self.book.sections[index];
            if section.parent.is_some() {
                trail.push(Ref { label: &section.title, href: section.route.relative_to(from) });
            }
            at = section.parent;
        }
        trail.push(self.home_ref(from));
        trail.reverse();
        trail
    }

    pub(super) fn edit_href(&self, entry: &Entry) -> String {
        let Some(pattern) = &self.book.config.edit_url else { return String::new() };
        let path = crate::path::encode_path(entry.note.source.path.as_str());
        pattern.replace("{path}", &path)
    }

    // A note's text ---------------------------------------------------------------------------------

    pub(super) fn body(&self, from: &Route, id: NoteId) -> BodyView<'b> {
        self.body_within(from, id, &mut vec![id], &mut 0)
    }

    fn body_within(&self, from: &Route, id: NoteId, open: &mut Vec<NoteId>, embeds: &mut usize) -> BodyView<'b> {
        let entry = self.book.entry(id);
        let note = &entry.note;
        // The note's headings by id, made for the first of its links within itself.
        let headings: OnceCell<HashMap<&str, &'b str>> = OnceCell::new();
        let heading = &|anchor: &str| {
            let by_anchor = || note.outline.iter().map(|heading| (&*heading.anchor, &*heading.text)).collect();
            headings.get_or_init(by_anchor).get(anchor).copied()
        };
        let fills = note
            .body
            .holes
            .iter()
            .map(|&(_, hole)| match hole {
                Hole::Attributes(i) => match note.links.get(i as usize).zip(entry.links.get(i as usize)) {
                    Some((link, resolved)) => self.attributes(from, link, resolved),
                    None => Fill::Broken,
                },
                Hole::Wiki(i) => match note.links.get(i as usize).zip(entry.links.get(i as usize)) {
                    Some((link, resolved)) => self.wikilink(from, link, resolved, heading),
                    None => Fill::Typed(Cow::Borrowed("")),
                },
                Hole::Image(i) => match note.links.get(i as usize).zip(entry.links.get(i as usize)) {
                    Some((link, resolved)) => self.image(from, link, resolved),
                    None => Fill::Typed(Cow::Borrowed("")),
                },
                Hole::Embed(i) => match note.links.get(i as usize).zip(entry.links.get(i as usize)) {
                    Some((link, resolved)) => self.embed(from, link, resolved, heading, open, embeds),
                    None => Fill::Typed(Cow::Borrowed("")),
                },
                Hole::Ticket(i) => {
                    let text = note.tickets.get(i as usize).map_or("", |t| t);
                    match self.book.tickets.find(text) {
                        Some(term) => Fill::Link { href: self.book.tickets.get(term).route.relative_to(from), text },
                        None => Fill::Typed(Cow::Borrowed(text)),
                    }
                }
                Hole::Name(i) => match note.names.get(i as usize) {
                    Some(name) => self.name(from, name),
                    None => Fill::Nothing,
                },
                Hole::Section(_) => Fill::Nothing,
            })
            .collect();
        BodyView { note: note.fingerprint, id: id.0, fills }
    }

    /// `@ana` or `#tag` as a link, with the sign; as typed where nobody and nothing is called so.
    fn name(&self, from: &Route, name: &'b Name) -> Fill<'b> {
        let book = self.book;
        let (terms, index, typed) = match name {
            Name::Person(name) => (&book.people, book.person_called(name), format!("@{name}")),
            Name::Tag(tag) => (&book.tags, book.tags.find(book.config.tags.canonical(tag)), format!("#{tag}")),
        };
        match index {
            Some(index) => Fill::Signed { href: terms.get(index).route.relative_to(from), text: typed },
            None => Fill::Typed(typed.into()),
        }
    }

    fn href(&self, from: &Route, resolved: &Resolved) -> Option<String> {
        let (route, anchor) = match resolved {
            Resolved::Note(id, anchor) => (self.note_route(*id), anchor.as_deref()),
            Resolved::Page(route, anchor) => (route, anchor.as_deref()),
            Resolved::Asset(index) => (&self.book.assets[*index as usize].route, None),
            Resolved::External(url) => return Some(url.to_string()),
            Resolved::Broken | Resolved::Typed => return None,
        };
        let here = route == from && anchor.is_some();
        let mut href = if here { String::new() } else { route.relative_to(from) };
        if let Some(anchor) = anchor {
            href.push('#');
            href.push_str(&encode(anchor));
        }
        Some(href)
    }

    fn attributes(&self, from: &Route, link: &'b Link, resolved: &'b Resolved) -> Fill<'b> {
        match self.href(from, resolved) {
            Some(mut href) => {
                if let (Resolved::Asset(_), Some(at)) = (resolved, link.target.find(['?', '#'])) {
                    // `paper.pdf#page=2`: what follows a file's path is for the program that opens it.
                    href.push_str(&link.target[at..]);
                }
                Fill::Href { href, title: &link.title }
            }
            None => Fill::Broken,
        }
    }

    /// `heading` gives the text of a heading of the note that holds the link.
    fn wikilink(
        &self,
        from: &Route,
        link: &'b Link,
        resolved: &'b Resolved,
        heading: &dyn Fn(&str) -> Option<&'b str>,
    ) -> Fill<'b> {
        let Some(href) = self.href(from, resolved) else {
            let typed = if matches!(resolved, Resolved::Broken) || link.text.is_empty() {
                Cow::Borrowed(&*link.text)
            } else if link.text == link.target {
                Cow::Owned(format!("[[{}]]", link.text))
            } else {
                Cow::Owned(format!("[[{}|{}]]", link.target, link.text))
            };
            return Fill::Typed(typed);
        };
        // `[[a-note]]` shows the note's title; a text of the author's own stays.
        let text: &'b str = match resolved {
            Resolved::Note(id, anchor) if link.text == link.target && is_slug(&link.target) => {
                let own = anchor.as_deref().filter(|_| link.target.starts_with('#'));
                own.and_then(heading).unwrap_or(&self.book.entry(*id).note.title.text)
            }
            _ => link.text.trim_start_matches('#'),
        };
        Fill::Link { href, text }
    }

    fn image(&self, from: &Route, link: &'b Link, resolved: &'b Resolved) -> Fill<'b> {
        let Resolved::Asset(index) = resolved else { return Fill::MissingImage(&link.text) };
        let asset = &self.book.assets[*index as usize];
        let size = match (asset.asset.dimensions, (link.size.width, link.size.height)) {
            (Some((width, height)), (Some(wanted), None)) if width > 0 => {
                Some((wanted, (u64::from(wanted) * u64::from(height) / u64::from(width)).min(100_000) as u32))
            }
            (Some((width, height)), (None, Some(wanted))) if height > 0 => {
                Some(((u64::from(wanted) * u64::from(width) / u64::from(height)).min(100_000) as u32, wanted))
            }
            (_, (Some(width), Some(height))) => Some((width, height)),
            (dimensions, _) => dimensions,
        };
        Fill::Image {
            href: asset.route.relative_to(from),
            alt: &link.text,
            title: &link.title,
            size,
            class: link.size.class(),
        }
    }

    fn embed(
        &self,
        from: &Route,
        link: &'b Link,
        resolved: &'b Resolved,
        heading: &dyn Fn(&str) -> Option<&'b str>,
        open: &mut Vec<NoteId>,
        embeds: &mut usize,
    ) -> Fill<'b> {
        match resolved {
            Resolved::Note(id, anchor) => {
                let entry = self.book.entry(*id);
                let href = self.href(from, resolved).unwrap_or_default();
                let title: &'b str = &entry.note.title.text;
                *embeds += 1;
                let lost_section = anchor.is_none() && link.target.contains('#');
                if lost_section || open.contains(id) || open.len() > MAX_EMBED_DEPTH || *embeds > MAX_EMBEDS {
                    return Fill::Link { href, text: title };
                }
                open.push(*id);
                let body = self.body_within(from, *id, open, embeds);
                open.pop();
                Fill::Embed { title, href, section: anchor.as_deref().unwrap_or(""), body }
            }
            _ => self.wikilink(from, link, resolved, heading),
        }
    }

    /// The HTML of a body, with every hole filled.
    pub fn body_html(&self, body: &BodyView<'b>) -> String {
        let note = &self.book.entry(NoteId(body.id)).note;
        let mut out = String::with_capacity(note.body.html.len() + body.fills.len() * 40);
        note.body.fill(|index, hole, out| self.write_fill(hole, body.fills.get(index), out), &mut out);
        out
    }

    fn write_fill(&self, hole: Hole, fill: Option<&Fill<'b>>, out: &mut String) {
        use crate::note::html::{escape, escape_url, escaped};
        match fill {
            // What was written as a block of its own and embeds nothing is a paragraph.
            Some(Fill::Link { .. } | Fill::Typed(_)) if matches!(hole, Hole::Embed(_)) => {
                out.push_str("<p>");
                let inner = Hole::Wiki(0);
                self.write_fill(inner, fill, out);
                out.push_str("</p>");
            }
            None | Some(Fill::Nothing) => {}
            Some(Fill::Href { href, title }) => {
                out.push_str(" href=\"");
                out.push_str(&escape_url(href));
                out.push('"');
                if !title.is_empty() {
                    out.push_str(&format!(" title=\"{}\"", escaped(title)));
                }
            }
            Some(Fill::Broken) => out.push_str(" class=\"broken\""),
            Some(Fill::Link { href, text }) => {
                out.push_str(&format!("<a href=\"{}\">", escape_url(href)));
                escape(out, text);
                out.push_str("</a>");
            }
            Some(Fill::Signed { href, text }) => {
                out.push_str(&format!("<a href=\"{}\">{}</a>", escape_url(href), escaped(text)));
            }
            Some(Fill::Typed(text)) => escape(out, text),
            Some(Fill::Image { href, alt, title, size, class }) => {
                out.push_str(&format!("<img src=\"{}\" alt=\"{}\"", escape_url(href), escaped(alt)));
                if !title.is_empty() {
                    out.push_str(&format!(" title=\"{}\"", escaped(title)));
                }
                if let Some(class) = class {
                    out.push_str(&format!(" class=\"{class}\""));
                }
                if let Some((width, height)) = size {
                    out.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
                }
                out.push_str(" loading=\"lazy\" decoding=\"async\">");
            }
            Some(Fill::MissingImage(alt)) => {
                out.push_str("<span class=\"missing\">");
                escape(out, if alt.is_empty() { "image not found" } else { alt });
                out.push_str("</span>");
            }
            Some(Fill::Embed { title, href, section, body }) => {
                out.push_str(&format!(
                    "<div class=\"embed\"><p class=\"embed-title\"><a href=\"{}\">",
                    escape_url(href)
                ));
                escape(out, title);
                out.push_str("</a></p>\n");
                let note = &self.book.entry(NoteId(body.id)).note;
                let heading = note.outline.iter().position(|h| &*h.anchor == *section);
                let (range, footnotes) = match heading {
                    Some(heading) => {
                        let section = note.body.section(heading, |i| note.outline.get(i).map_or(6, |h| h.level));
                        super::embed::with_its_footnotes(&note.body.html, section)
                    }
                    None => (0..note.body.html.len(), BTreeMap::new()),
                };
                let mut inner = String::new();
                let mut fill = |index, hole, out: &mut String| self.write_fill(hole, body.fills.get(index), out);
                note.body.fill_range(range, &mut fill, &mut inner);
                if !footnotes.is_empty() {
                    inner.push_str("<section class=\"footnotes\" aria-label=\"Footnotes\"><ol>\n");
                    for (number, range) in footnotes {
                        let id = note.body.html[range.clone()].find('>').map_or(0, |at| at + 1);
                        inner.push_str(&format!("<li value=\"{number}\">"));
                        note.body.fill_range(range.start + id..range.end, &mut fill, &mut inner);
                    }
                    inner.push_str("</ol></section>\n");
                }
                let page = href.split('#').next().unwrap_or(href);
                super::embed::without_ids(&inner, page, out);
                out.push_str("</div>");
            }
        }
    }

    // Pages -----------------------------------------------------------------------------------------

    /// `note.html`
    pub fn note(&self, route: &Route, id: NoteId) -> NoteView<'b> {
        let book = self.book;
        let entry = book.entry(id);
        let note = &*entry.note;
        let kind = book.config.kinds.by_name(&note.kind);
        let mut page = self.head(route, &note.title.text, &note.summary, "");
        let is_folder_page = book.sections[entry.section].page == Some(id);
        page.trail = self.section_trail(route, entry.section, !is_folder_page);
        page.markdown_href = route.with_ending(".md").relative_to(route);
        page.has_diagram = note.has_diagram;
        page.noindex = entry.unpublished;
        let notes = &book.sections[entry.section].notes;
        let neighbour = |step: isize| {
            let at = entry.place.checked_add_signed(step).filter(|_| !is_folder_page)?;
            notes.get(at).map(|other| self.note_ref(route, *other))
        };
        let verdict = self.verdict(entry);
        let backlinks = self.backlinks(route, entry);
        let linked: usize = backlinks.iter().map(|group| group.links.len() + group.more).sum();
        let toc: Vec<TocItem<'b>> = note
            .outline
            .iter()
            .filter(|heading| heading.level <= 3)
            .map(|h| TocItem { text: &h.text, anchor: encode(&h.anchor), level: h.level })
            .collect();
        NoteView {
            kind: self.kind(entry),
            kind_href: kind.map_or_else(String::new, |kind| Route::folder(kind.folder()).relative_to(route)),
            title_html: &note.title.html,
            title_anchor: note.title.anchor.as_deref().unwrap_or(""),
            notices: self.notices(route, entry),
            tags: entry
                .tags
                .iter()
                .map(|tag| Ref { label: &book.tags.get(*tag).name, href: book.tags.get(*tag).route.relative_to(route) })
                .collect(),
            claim: if verdict.is_none() { note.front.text("description").unwrap_or("") } else { "" },
            verdict,
            surprise: note.front.text("surprise").unwrap_or(""),
            facts: self.facts(route, entry),
            facts_line: self.facts_line(entry, linked),
            toc: if toc.len() > 1 { toc } else { Vec::new() },
            minutes: note.words.div_ceil(220).max(1),
            body: self.body(route, id),
            sections: self.note_sections(route, id),
            backlinks,
            related: book
                .related(id)
                .iter()
                .map(|related| Card { reason: related.reason.clone(), ..self.card(route, related.note) })
                .collect(),
            previous: neighbour(-1),
            next: neighbour(1),
            edit_href: self.edit_href(entry),
            extra: note
                .front
                .entries
                .iter()
                .filter_map(|field| match &field.value {
                    FieldValue::Other(value) => Some(ExtraField { key: &field.key, value: as_text(value) }),
                    _ => None,
                })
                .filter(|field| !field.value.is_empty() && field.value.len() <= 400)
                .take(20)
                .collect(),
            page,
        }
    }

    fn verdict(&self, entry: &'b Entry) -> Option<Verdict<'b>> {
        let front = &entry.note.front;
        let text = |key| front.text(key).map(str::trim).filter(|text| !text.is_empty());
        let believed = text("hypothesis").or(text("believed"))?;
        let stamp = self.stamp(entry, "result");
        let change = match (text("before"), text("after")) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(before), None) => format!("{before} before"),
            (None, Some(after)) => after.to_owned(),
            (None, None) => String::new(),
        };
        let measured = match (text("metric"), change.is_empty()) {
            (Some(metric), true) => metric.to_owned(),
            (Some(metric), false) => format!("{metric}: {change}"),
            (None, _) => change,
        };
        let status = front.text("status").unwrap_or("").to_lowercase();
        let date = |key: &str| front.date(key).map(Date::long);
        let pending = match (stamp.is_some(), status.as_str()) {
            (true, _) => String::new(),
            (_, "running") => date("ends")
                .map_or_else(|| "Still being tested".into(), |d| format!("Still being tested; decision due {d}")),
            (_, "parked") => {
                date("revisit").map_or_else(|| "Parked".into(), |d| format!("Parked; to be looked at again on {d}"))
            }
            (_, "idea" | "planned") => "Not tested yet".into(),
            (_, "ended") => "Ended; what was learned is yet to be written down".into(),
            _ => String::new(),
        };
        let found = text("now").or(text("description")).unwrap_or("");
        Some(Verdict { believed, measured, found, stamp, pending })
    }

    fn notices(&self, route: &Route, entry: &'b Entry) -> Vec<Notice<'b>> {
        let mut notices = Vec::new();
        for backlink in entry.backlinks.iter().filter(|b| b.key == "supersedes") {
            let from = self.book.entry(backlink.from);
            let on = from.date.map_or_else(String::new, |date| format!(" on {}", date.long()));
            notices.push(Notice {
                tone: "old",
                text: format!("Replaced{on} by"),
                link: Some(self.note_ref(route, backlink.from)),
            });
        }
        if entry.note.front.flag("draft") {
            notices.push(Notice { tone: "idle", text: "A draft: left out of an ordinary build.".into(), link: None });
        } else if let Some(date) = entry.note.date.filter(|date| entry.unpublished && *date > self.book.today) {
            notices.push(Notice {
                tone: "live",
                text: format!("Scheduled for {}: left out until then.", date.long()),
                link: None,
            });
        }
        notices
    }

    fn facts(&self, route: &Route, entry: &'b Entry) -> Vec<Fact<'b>> {
        let book = self.book;
        let front = &entry.note.front;
        let mut facts: Vec<Fact<'b>> = Vec::new();
        let mut push = |label: Cow<'b, str>, values: Vec<FactValue<'b>>| {
            if !values.is_empty() {
                facts.push(Fact { label, values });
            }
        };
        let stamped = |stamp: Option<Stamp<'b>>, terms: &'b crate::book::terms::Terms| -> Vec<FactValue<'b>> {
            stamp
                .map(|stamp| {
                    let href = terms
                        .find(stamp.value)
                        .map_or_else(String::new, |term| terms.get(term).route.relative_to(route));
                    FactValue { stamp: Some(stamp), href, ..FactValue::default() }
                })
                .into_iter()
                .collect()
        };
        push("Result".into(), stamped(self.stamp(entry, "result"), &book.results));
        push("Status".into(), stamped(self.stamp(entry, "status"), &book.statuses));
        let terms = |terms: &'b crate::book::terms::Terms, indices: &[usize]| -> Vec<FactValue<'b>> {
            indices
                .iter()
                .map(|index| {
                    let link = self.term_ref(route, terms.get(*index));
                    FactValue { text: link.label.into(), href: link.href, ..FactValue::default() }
                })
                .collect()
        };
        push("Team".into(), terms(&book.teams, entry.team.as_slice()));
        push(if entry.authors.len() == 1 { "Author" } else { "Authors" }.into(), terms(&book.people, &entry.authors));
        push(
            if entry.tickets.len() == 1 { "Ticket" } else { "Tickets" }.into(),
            terms(&book.tickets, &entry.tickets[..entry.tickets.len().min(12)]),
        );
        push("Written".into(), entry.date.map(day_value).into_iter().collect());
        let updated =
            entry.history.as_ref().map(|h| h.updated).filter(|updated| entry.date.is_none_or(|date| *updated > date));
        push("Updated".into(), updated.map(day_value).into_iter().collect());
        push("Reviewed".into(), front.date("reviewed").map(day_value).into_iter().collect());
        let own: Vec<&str> = entry.authors.iter().map(|a| book.people.get(*a).label.as_str()).collect();
        let helpers: Vec<FactValue<'b>> = entry
            .history
            .iter()
            .flat_map(|h| h.contributors.iter())
            .filter(|name| !own.contains(&book.config.person(name)))
            .take(8)
            .map(|name| FactValue { text: name.to_string().into(), ..FactValue::default() })
            .collect();
        push("With".into(), helpers);
        // What the kind adds, in its own order; the verdict box and the rows above have the others.
        const SHOWN: [&str; 22] = [
            "result",
            "status",
            "team",
            "authors",
            "tickets",
            "date",
            "reviewed",
            "title",
            "description",
            "tags",
            "aliases",
            "draft",
            "visibility",
            "kind",
            "order",
            "surprise",
            "hypothesis",
            "believed",
            "now",
            "metric",
            "before",
            "after",
        ];
        for field in &front.entries {
            if SHOWN.contains(&field.key.as_str()) || matches!(field.value, FieldValue::Other(_)) {
                continue;
            }
            push(crate::config::label(&field.key).into(), self.field_values(route, entry, &field.key, &field.value));
        }
        facts
    }

    fn field_values(&self, route: &Route, entry: &'b Entry, key: &str, value: &'b FieldValue) -> Vec<FactValue<'b>> {
        let plain = |text: &'b str| FactValue { text: text.into(), ..FactValue::default() };
        match value {
            FieldValue::Text(text) => vec![plain(text)],
            FieldValue::Choice { written, .. } => vec![plain(written)],
            FieldValue::Number(n) => vec![FactValue { text: n.to_string().into(), ..FactValue::default() }],
            FieldValue::Bool(flag) => vec![plain(if *flag { "yes" } else { "no" })],
            FieldValue::Date(date) => vec![day_value(*date)],
            FieldValue::Days(days) => vec![FactValue { text: period(*days).into(), ..FactValue::default() }],
            FieldValue::List(items) => {
                items.iter().take(20).map(|item| self.person_or_text(route, &item.text)).collect()
            }
            FieldValue::Links(_) => entry
                .references
                .iter()
                .filter(|reference| reference.key == key)
                .take(20)
                .map(|reference| {
                    let text: Cow<'b, str> = match &reference.target {
                        Resolved::Note(id, _) => (&*self.book.entry(*id).note.title.text).into(),
                        _ => reference.text.trim_start_matches("[[").trim_end_matches("]]").into(),
                    };
                    FactValue {
                        text,
                        href: self.href(route, &reference.target).unwrap_or_default(),
                        external: matches!(reference.target, Resolved::External(_)),
                        ..FactValue::default()
                    }
                })
                .collect(),
            FieldValue::Other(_) => Vec::new(),
        }
    }

    /// A name that is a person's in this book becomes a link to their page.
    fn person_or_text(&self, route: &Route, text: &'b str) -> FactValue<'b> {
        match self.book.person_called(text.trim_start_matches('@')) {
            Some(person) => {
                let link = self.term_ref(route, self.book.people.get(person));
                FactValue { text: link.label.into(), href: link.href, ..FactValue::default() }
            }
            None => FactValue { text: text.into(), ..FactValue::default() },
        }
    }

    fn facts_line(&self, entry: &Entry, linked: usize) -> String {
        let mut parts = Vec::new();
        parts.extend(entry.team.map(|team| self.book.teams.get(team).label.clone()));
        parts.extend(entry.date.map(Date::long));
        parts.extend(entry.note.front.date("reviewed").map(|date| format!("reviewed {}", date.long())));
        if linked > 0 {
            parts.push(count(linked, "link in", "links in"));
        }
        if parts.is_empty() { "About this note".into() } else { parts.join(" · ") }
    }

    fn backlinks(&self, route: &Route, entry: &'b Entry) -> Vec<BacklinkGroup<'b>> {
        let mut groups: BTreeMap<Role, Vec<(NoteId, Option<u32>)>> = BTreeMap::new();
        for backlink in &entry.backlinks {
            groups.entry(role(&backlink.key)).or_default().push((backlink.from, backlink.link));
        }
        let mut told: Vec<NoteId> = Vec::new();
        groups
            .into_iter()
            .filter_map(|((_, label), mut links)| {
                // A note that has a role is not also listed as a mention.
                links.retain(|(from, link)| link.is_none() || !told.contains(from));
                links.sort_by_key(|(from, _)| (std::cmp::Reverse(self.book.entry(*from).date), *from));
                links.dedup_by_key(|(from, _)| *from);
                let more = links.len().saturating_sub(MAX_BACKLINKS);
                links.truncate(MAX_BACKLINKS);
                told.extend(links.iter().map(|(from, _)| *from));
                let links: Vec<Backlink<'b>> = links
                    .into_iter()
                    .map(|(from, link)| {
                        let other = self.book.entry(from);
                        Backlink {
                            title: &other.note.title.text,
                            href: self.note_route(from).relative_to(route),
                            kind: self.kind(other),
                            context: link
                                .and_then(|i| other.note.links.get(i as usize))
                                .map_or("", |link| &link.context),
                        }
                    })
                    .collect();
                (!links.is_empty()).then_some(BacklinkGroup { label, links, more })
            })
            .collect()
    }

    /// `list.html`
    pub fn list(&self, route: &Route, list: &List, number: usize) -> ListView<'b> {
        let book = self.book;
        let spec = list.spec(self);
        let chunk = &list.chunks[number];
        let first = number == 0;
        let mut page = self.head(route, spec.title, spec.description, spec.current);
        page.trail = spec.trail(self, route);
        page.noindex = !first;
        if let Some(channel) = &list.channel {
            page.feeds.insert(0, self.feed(route, spec.title, &super::feeds::atom_route(channel)));
        }
        let intro = list.intro.filter(|_| first);
        if let Some(id) = intro {
            page.has_diagram = book.entry(id).note.has_diagram;
            page.markdown_href = self.note_route(id).with_ending(".md").relative_to(route);
        }
        let items = &list.notes[chunk.clone()];
        let groups = match list.by_week {
            false => {
                vec![Group { label: String::new(), items: items.iter().map(|id| self.card(route, *id)).collect() }]
            }
            true => self.weeks(route, items),
        };
        ListView {
            list: spec.list,
            eyebrow: spec.eyebrow,
            icon: spec.icon,
            title_html: match list.intro {
                Some(id) => (&*book.entry(id).note.title.html).into(),
                None => crate::note::html::escaped(spec.title).into(),
            },
            title_anchor: intro.and_then(|id| book.entry(id).note.title.anchor.as_deref()).unwrap_or(""),
            lead: spec.lead(list),
            has_body: intro.is_some_and(|id| !book.entry(id).note.body.html.trim().is_empty()),
            body: intro.map(|id| self.body(route, id)),
            children: if first { spec.children(self, route) } else { Vec::new() },
            facets: if first { spec.facets(self, route, list) } else { Vec::new() },
            sections: if first { self.list_sections(route, list) } else { Vec::new() },
            groups: groups.into_iter().filter(|group| !group.items.is_empty()).collect(),
            total: list.notes.len(),
            pager: pager(route, number, list.chunks.len(), |n| list.page_route(n)),
            external: spec.external(self),
            empty: spec.empty,
            edit_href: intro.map_or_else(String::new, |id| self.edit_href(book.entry(id))),
            page,
        }
    }

    fn weeks(&self, route: &Route, items: &[NoteId]) -> Vec<Group<'b>> {
        let mut groups: Vec<Group<'b>> = Vec::new();
        for id in items {
            let label = match self.book.entry(*id).date {
                Some(date) => format!("Week of {}", date.monday().long()),
                None => "Without a date".into(),
            };
            let card = self.card(route, *id);
            match groups.last_mut().filter(|group| group.label == label) {
                Some(group) => group.items.push(card),
                None => groups.push(Group { label, items: vec![card] }),
            }
        }
        groups
    }

    /// `terms.html`
    pub fn terms(
        &self,
        route: &Route,
        set: TermSet,
        range: std::ops::Range<usize>,
        number: usize,
        pages: usize,
        intro: Option<NoteId>,
    ) -> TermsView<'b> {
        let vocabulary = set.vocabulary(self.book);
        let terms = vocabulary.terms;
        let mut page = self.head(route, vocabulary.title, "", vocabulary.current);
        page.trail = vec![self.home_ref(route)];
        page.noindex = number > 0;
        let shown: Vec<&'b Term> = terms.iter().skip(range.start).take(range.len()).collect();
        let fold_rare = set == TermSet::Tags && terms.len() > 60;
        let mut groups: Vec<TermGroup<'b>> = Vec::new();
        let mut rare = Vec::new();
        for term in shown {
            let mut item = counted(term, route, term.depth());
            if matches!(set, TermSet::People | TermSet::Teams) {
                // A number beside a name would be a ranking.
                item.count = 0;
            }
            if fold_rare && term.notes.len() == 1 && term.children.is_empty() && term.parent.is_none() {
                rare.push(item);
                continue;
            }
            let letter = if terms.len() > 24 { initial(term.slug.as_str()) } else { String::new() };
            match groups.last_mut().filter(|group| group.label == letter) {
                Some(group) => group.terms.push(item),
                None => groups.push(TermGroup { label: letter, terms: vec![item] }),
            }
        }
        let intro = intro.filter(|_| number == 0);
        TermsView {
            terms: vocabulary.name,
            lead: count(terms.len(), vocabulary.singular, vocabulary.plural),
            has_body: intro.is_some(),
            body: intro.map(|id| self.body(route, id)),
            groups,
            rare,
            pager: pager(route, number, pages, |n| super::numbered(&Route::folder(vocabulary.name), pages, n)),
            empty: vocabulary.empty,
            page,
        }
    }

    /// `home.html`
    pub fn home(&self, route: &Route, intro: Option<NoteId>) -> HomeView<'b> {
        let book = self.book;
        let config = &book.config;
        let title: &'b str = intro.map_or(&config.title, |id| &book.entry(id).note.title.text);
        let description: &'b str = if config.description.is_empty() {
            intro.map_or("", |id| &book.entry(id).note.summary)
        } else {
            &config.description
        };
        let mut page = self.head(route, title, description, "home");
        page.has_diagram = intro.is_some_and(|id| book.entry(id).note.has_diagram);
        if let Some(id) = intro {
            page.markdown_href = self.note_route(id).with_ending(".md").relative_to(route);
        }
        let is_page = |id: &NoteId| book.sections[book.entry(*id).section].page == Some(*id);
        let dated = || book.newest.iter().copied().filter(|id| book.entry(*id).date.is_some() && !is_page(id));
        let cards = |ids: Vec<NoteId>| ids.into_iter().map(|id| self.card(route, id)).collect::<Vec<_>>();
        let log = Ref { label: "Everything, by week", href: Route::folder("log").relative_to(route) };
        let status = |value: &str| book.statuses.find(value).map(|term| book.statuses.get(term));
        let mut blocks = vec![
            Block { key: "new", title: "New", items: cards(dated().take(6).collect()), more: Some(log) },
            Block {
                key: "testing",
                title: "Being tested now",
                items: cards(
                    status("running").map(|term| term.notes.iter().copied().take(6).collect()).unwrap_or_default(),
                ),
                more: status("running")
                    .map(|term| Ref { label: "All that is running", href: term.route.relative_to(route) }),
            },
        ];
        if dated().next().is_none() && intro.is_none() {
            let first = book.sections.first().map_or(&[][..], |top| &top.notes);
            let all = Ref { label: "All notes", href: Route::folder("browse").relative_to(route) };
            let items = cards(first.iter().copied().take(6).collect());
            blocks.insert(0, Block { key: "notes", title: "Notes", items, more: Some(all) });
        }
        blocks.retain(|block| !block.items.is_empty());
        let total = book.sections.first().map_or(0, |top| top.count);
        let mut lead = vec![count(total, "note", "notes")];
        if !book.teams.is_empty() {
            lead.push(count(book.teams.len(), "team", "teams"));
        }
        lead.extend(dated().next().and_then(|id| book.entry(id).date).map(|date| format!("latest {}", date.long())));
        let mut tags: Vec<&'b Term> = book.tags.iter().filter(|term| term.parent.is_none()).collect();
        tags.sort_by_key(|term| std::cmp::Reverse(term.notes.len()));
        tags.truncate(24);
        tags.sort_by(|a, b| a.slug.cmp(&b.slug));
        HomeView {
            title_html: match intro {
                Some(id) => (&*book.entry(id).note.title.html).into(),
                None => crate::note::html::escaped(title).into(),
            },
            lead: lead.join(" · "),
            has_body: intro.is_some_and(|id| !book.entry(id).note.body.html.trim().is_empty()),
            body: intro.map(|id| self.body(route, id)),
            blocks,
            parts: self.home_sections(route),
            sections: book.sections.first().map_or_else(Vec::new, |top| self.child_sections(route, &top.children)),
            kinds: self.kinds(route),
            tags: tags.into_iter().map(|term| counted(term, route, 0)).collect(),
            is_empty: book.notes.is_empty(),
            edit_href: intro.map_or_else(String::new, |id| self.edit_href(book.entry(id))),
            page,
        }
    }

    /// Sections as links with their counts and a sentence each.
    pub fn child_sections(&self, from: &Route, children: &[usize]) -> Vec<CountedRef<'b>> {
        children
            .iter()
            .map(|index| {
                let section = &self.book.sections[*index];
                CountedRef {
                    label: &section.title,
                    href: section.route.relative_to(from),
                    count: section.count,
                    depth: 0,
                    description: section.page.map_or("", |id| &self.book.entry(id).note.summary),
                }
            })
            .collect()
    }

    /// The kinds that have notes.
    pub fn kinds(&self, from: &Route) -> Vec<CountedRef<'b>> {
        let book = self.book;
        book.config
            .kinds
            .iter()
            .zip(book.by_kind.iter())
            .filter(|(_, notes)| !notes.is_empty())
            .map(|(kind, notes)| CountedRef {
                label: &kind.plural,
                href: Route::folder(kind.folder()).relative_to(from),
                count: notes.len(),
                depth: 0,
                description: "",
            })
            .collect()
    }

    /// A facet's most used values.
    pub fn facet(&self, from: &Route, label: &'static str, vocabulary: Vocabulary<'b>, more: bool) -> Facet<'b> {
        let terms = vocabulary.terms;
        let mut values: Vec<&'b Term> = terms.iter().filter(|term| term.parent.is_none()).collect();
        if label == "Year" {
            values.reverse();
        } else {
            values.sort_by_key(|term| std::cmp::Reverse(term.notes.len()));
        }
        let more = more && values.len() > MAX_FACET_VALUES;
        if more {
            values.truncate(MAX_FACET_VALUES);
        }
        Facet {
            label,
            values: values
                .into_iter()
                .map(|term| {
                    let ranks = matches!(label, "Person" | "Team");
                    CountedRef { count: if ranks { 0 } else { term.notes.len() }, ..counted(term, from, 0) }
                })
                .collect(),
            more_href: if more { Route::folder(vocabulary.name).relative_to(from) } else { String::new() },
        }
    }

    /// `search.html`, `brief.html`, `not-found.html`
    pub fn plain(&self, route: &Route, plain: Plain, intro: Option<NoteId>) -> PlainView<'b> {
        let own = match plain {
            Plain::Search => "Search",
            Plain::Brief => "What do we know?",
            Plain::NotFound => "Page not found",
        };
        let title: &'b str = intro.map_or(own, |id| &self.book.entry(id).note.title.text);
        let mut page = self.head(route, title, "", "");
        match (plain, &self.book.config.base_url) {
            // Hosts serve this file at any depth, where a relative address leads astray.
            (Plain::NotFound, Some(base)) if route.as_str() == super::NOT_FOUND => {
                page.root = format!("/{}", base.splitn(4, '/').nth(3).unwrap_or(""));
            }
            (Plain::NotFound, _) => {}
            _ => page.trail = vec![self.home_ref(route)],
        }
        page.canonical.clear();
        page.noindex = true;
        page.feeds.clear();
        PlainView {
            title_html: match intro {
                Some(id) => (&*self.book.entry(id).note.title.html).into(),
                None => crate::note::html::escaped(own).into(),
            },
            has_body: intro.is_some(),
            body: intro.map(|id| self.body(route, id)),
            page,
        }
    }

    /// `redirect.html`
    pub fn redirect(&self, route: &Route, id: NoteId) -> RedirectView<'b> {
        let title: &'b str = &self.book.entry(id).note.title.text;
        let target = self.note_route(id);
        let mut page = self.head(route, title, "", "");
        page.noindex = true;
        page.canonical = self
            .book
            .config
            .base_url
            .as_ref()
            .map_or_else(String::new, |base| format!("{base}{}", super::feeds::page_url(target)));
        RedirectView { target_title: title, target_href: target.relative_to(route), page }
    }
}

/// The place of a meaning among the others, and its words.
type Role = (usize, &'static str);

/// What a reference under a key means seen from its target.
fn role(key: &str) -> Role {
    match key {
        "supersedes" => (0, "Replaced by"),
        "superseded_by" => (1, "Replaces"),
        "evidence" => (1, "Evidence for"),
        "contradicts" => (2, "Contradicted by"),
        "applied_in" => (3, "Uses what was learned in"),
        "answers" => (4, "Answered by"),
        "okr" => (5, "Tested by"),
        "experiments" => (6, "Question that it serves"),
        "parent" => (7, "Broken down into"),
        "learning_goals" => (8, "Learning goal of"),
        "related" => (9, "Related"),
        "" => (11, "Mentioned in"),
        _ => (10, "Named by"),
    }
}

fn counted<'b>(term: &'b Term, from: &Route, depth: usize) -> CountedRef<'b> {
    CountedRef {
        label: &term.label,
        href: term.route.relative_to(from),
        count: term.notes.len(),
        depth,
        description: "",
    }
}

/// The letter under which a slug stands in an index; `#` for digits and signs.
fn initial(slug: &str) -> String {
    match slug.chars().next() {
        Some(c) if c.is_alphabetic() => c.to_uppercase().collect(),
        _ => "#".into(),
    }
}

/// A value of an unknown key as text; what is nested deeper than a list is left out.
fn as_text(value: &Value) -> String {
    match value {
        Value::Scalar(scalar) if !scalar.is_null() => scalar.text.clone(),
        Value::List(nodes) => {
            let texts = nodes.iter().filter_map(|node| node.value.scalar()).filter(|scalar| !scalar.is_null());
            texts.map(|scalar| scalar.text.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// A name that was typed for the machine (`labels-matter`, `#heading`), not for readers (`Ana Ruiz`).
fn is_slug(name: &str) -> bool {
    name.starts_with('#') || !name.contains(' ') && !name.starts_with(char::is_uppercase)
}

/// A span of time as people say it: `14 days`, `6 months`, `1 year`.
fn period(days: u32) -> String {
    match (days, (f64::from(days) / 30.44).round() as usize) {
        (0..60, _) => count(days as usize, "day", "days"),
        (_, months) if months % 12 == 0 => count(months / 12, "year", "years"),
        (_, months) => count(months, "month", "months"),
    }
}

/// `1 note`, `12 notes`
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn day_value<'b>(date: Date) -> FactValue<'b> {
    FactValue { day: Some(Day(date)), ..FactValue::default() }
}

pub(super) fn pager(from: &Route, number: usize, pages: usize, route_of: impl Fn(usize) -> Route) -> Option<Pager> {
    if pages < 2 {
        return None;
    }
    let href = |n: usize| route_of(n).relative_to(from);
    let mut numbers: Vec<PageNumber> = Vec::new();
    for n in 0..pages {
        let near = n == 0 || n == pages - 1 || n.abs_diff(number) <= 2;
        if near {
            numbers.push(PageNumber { number: n + 1, href: href(n), current: n == number });
        } else if numbers.last().is_some_and(|last| last.number != 0) {
            numbers.push(PageNumber { number: 0, href: String::new(), current: false });
        }
    }
    Some(Pager {
        page: number + 1,
        pages,
        previous: if number > 0 { href(number - 1) } else { String::new() },
        next: if number + 1 < pages { href(number + 1) } else { String::new() },
        numbers,
    })
}

/// Which template a page uses.
pub fn template(page: &Page) -> &'static str {
    match page {
        Page::Home(_) => "home.html",
        Page::Note(_) => "note.html",
        Page::List { .. } => "list.html",
        Page::Terms { .. } => "terms.html",
        Page::Sheet { .. } => "sheet.html",
        Page::Plain(Plain::Search, _) => "search.html",
        Page::Plain(Plain::Brief, _) => "brief.html",
        Page::Plain(Plain::NotFound, _) => "not-found.html",
        Page::Redirect(_) => "redirect.html",
    }
}
