//! Headings: which is the title, which level each gets, and its anchor.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};

use super::TitleHeading;
use super::walk::{Placed, Walk};
use crate::note::html::{self, Token, escaped};
use crate::note::link::Hole;
use crate::note::outline::Heading;
use crate::text::fold;

/// Takes the ids off the ends of headings: `## Results {#results}`. The parser's own option for
/// them swallows braces around anything: `## GET /users/{id}` would end at the slash.
pub(super) fn take_ids<'e>(events: &mut [Placed<'e>], source: &str) {
    let mut start = 0;
    for at in 0..events.len() {
        match &events[at].0 {
            Event::Start(Tag::Heading { .. }) => start = at,
            Event::End(TagEnd::Heading(_)) if at > start + 1 => {
                let (Event::Text(text), range) = &events[at - 1] else { continue };
                let Some((before, attributes)) = text.strip_suffix('}').and_then(|text| text.rsplit_once('{')) else {
                    continue;
                };
                let escaped = source[..range.end].trim_end_matches(|c| c != '{').ends_with("\\{");
                let is_attribute = |word: &str| {
                    let name = word.strip_prefix(['#', '.']);
                    name.is_some_and(|name| !name.is_empty() && !name.contains(['#', '\'', '"', '<', '>']))
                        || word.split_once('=').is_some_and(|(key, _)| !key.is_empty())
                };
                let alone = at == start + 2 && before.trim().is_empty();
                if escaped
                    || alone
                    || !attributes.contains(['#', '.'])
                    || !attributes.split_whitespace().all(is_attribute)
                {
                    continue;
                }
                let given = attributes.split_whitespace().find_map(|word| word.strip_prefix('#'));
                let (given, before) = (given.map(|id| CowStr::from(id.to_owned())), before.trim_end().to_owned());
                events[at - 1].0 = Event::Text(before.into());
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start].0 {
                    *id = given;
                }
            }
            _ => {}
        }
    }
}

/// Which heading is the title, and the level that each of the others gets: a page's title is its
/// only first-level heading and no level is skipped, whatever levels the author used.
pub(super) struct Headings {
    /// Index of the event that starts the title's heading.
    title: Option<usize>,
    /// It is printed as the page's title, not in the text.
    dropped: bool,
    levels: std::vec::IntoIter<u8>,
}

impl Headings {
    /// Looks through the whole note; `given` is the title of the front matter.
    pub(super) fn survey(events: &[Placed<'_>], given: Option<&str>) -> Self {
        let starts: Vec<(usize, u8)> = events
            .iter()
            .enumerate()
            .filter_map(|(i, (event, _))| match event {
                Event::Start(Tag::Heading { level, .. }) => Some((i, *level as u8)),
                _ => None,
            })
            .collect();
        let with_text = |i: &usize| !heading_text(events, *i).trim().is_empty();
        let first_block = events
            .iter()
            .position(|(event, _)| !is_comment(event))
            .filter(|i| matches!(events[*i].0, Event::Start(Tag::Heading { .. })));
        let same = |i: &usize| given.is_some_and(|given| fold(given.trim()) == fold(heading_text(events, *i).trim()));
        let first_h1 =
            starts.iter().find(|(_, level)| *level == HeadingLevel::H1 as u8).map(|(i, _)| *i).filter(with_text);
        let (title, dropped) = match given {
            Some(_) => {
                let twin = first_h1.filter(same).or(first_block.filter(same));
                (twin, twin.is_some())
            }
            None => match first_h1 {
                Some(i) => (Some(i), true),
                None => {
                    // A lower heading below the first words is about a part of them, not about all.
                    let first = first_block.filter(with_text);
                    (first, first.is_some())
                }
            },
        };
        let rest: Vec<u8> =
            starts.iter().filter(|(i, _)| !(dropped && Some(*i) == title)).map(|(_, level)| *level).collect();
        // Each heading is one level below the nearest one before it that its author put above it.
        let mut stack: Vec<u8> = Vec::new();
        let mut levels = Vec::with_capacity(rest.len());
        for level in rest {
            while stack.last().is_some_and(|above| *above >= level) {
                stack.pop();
            }
            stack.push(level);
            levels.push((stack.len() as u8 + 1).min(6));
        }
        Headings { title, dropped, levels: levels.into_iter() }
    }
}

fn is_comment(event: &Event<'_>) -> bool {
    match event {
        Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => true,
        Event::Html(html) => html::tokens(html).iter().all(|token| match token {
            Token::Comment { .. } => true,
            Token::Text(text) => text.trim().is_empty(),
            _ => false,
        }),
        _ => false,
    }
}

/// The plain text of the heading that starts at event `start`.
fn heading_text(events: &[Placed<'_>], start: usize) -> String {
    let mut text = String::new();
    for (event, _) in &events[start + 1..] {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(t) | Event::Code(t) | Event::InlineMath(t) => text.push_str(t),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

impl Walk<'_, '_> {
    pub(super) fn heading(&mut self, at: usize, id: Option<&str>) -> usize {
        self.end_block();
        let end = self.matching_end(at);
        let text = heading_text(self.events, at).trim().to_owned();
        let anchor = match id {
            Some(id) if self.anchors.claim(id) => id.to_owned(),
            _ => self.anchors.for_text(&text),
        };
        let is_title = self.headings.title == Some(at);
        let drop = is_title && self.headings.dropped;
        let level = if drop { 1 } else { self.headings.levels.next().unwrap_or(2) };
        let name = ["h1", "h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(1, 6)) - 1];
        if !drop {
            if self.is_at_the_top() {
                self.html.write_hole(Hole::Section(self.out.outline.len() as u32));
            }
            self.html.write_tag(name, &["id=\"", &escaped(&anchor), "\""].concat());
        }
        self.html.begin_part();
        let mut i = at + 1;
        while i < end {
            i = self.step(i);
        }
        if let Some(words) = self.words.as_mut().filter(|_| !drop) {
            words.heading(self.prose.text(), self.out.outline.len() + 1);
        }
        self.prose.end_block(&mut self.out.links);
        let inner = self.html.end_part();
        if is_title {
            let markup_only = inner.holes.is_empty() && !inner.html.contains("<a") && !self.html.is_judged();
            let html = if markup_only { inner.html.trim().to_owned() } else { escaped(&text) };
            let anchor = drop.then(|| anchor.as_str().into());
            self.out.title = Some(TitleHeading { text: text.clone(), html, anchor });
        }
        if self.html.is_in_the_text() {
            let span = self.span(at);
            match drop {
                true => self.items.title(&anchor),
                false => self.items.heading(level, &text, &anchor, span),
            }
        }
        if !drop {
            self.html.append(inner);
            let (href, label) = (crate::path::encode(&anchor), escaped(&text));
            self.html.write_fragment(
                &["<a class=\"anchor\" href=\"#", &href, "\" aria-label=\"Link to section ", &label, "\">#</a>"]
                    .concat(),
            );
            self.html.write("</");
            self.html.write(name);
            self.html.write(">\n");
            let at = self.events[at].1.start as u32;
            self.out.outline.push(Heading { level, anchor: anchor.into(), text: text.into(), at });
        }
        end + 1
    }
}
