//! Links and embeds as they are written: where they lead is for the whole book to say.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Parser, Tag, TagEnd};

use super::pictures::is_picture;
use super::walk::Walk;
use crate::config::RawHtml;
use crate::diagnostic::Code;
use crate::note::html::{escape_url, escaped};
use crate::note::inline;
use crate::note::link::{Form, Hole, Link, Size};
use crate::path::Url;
use crate::text::Span;

impl Walk<'_, '_> {
    pub(super) fn push_link(&mut self, form: Form, target: &str, text: &str, span: Span) -> u32 {
        self.out.links.push(Link {
            form,
            target: target.into(),
            text: text.into(),
            title: "".into(),
            size: Size::default(),
            span,
            context: "".into(),
        });
        self.out.links.len() as u32 - 1
    }

    pub(super) fn link(&mut self, span: Span, link_type: LinkType, target: &str, title: &str) {
        self.in_link += 1;
        let mail = link_type == LinkType::Email;
        match Url::read(target) {
            _ if mail => self.enter_link(&format!("href=\"mailto:{}\"", escape_url(target))),
            Url::Forbidden if self.input.options.markdown.raw_html != RawHtml::Allow => {
                self.forbidden(target, span);
                self.enter_link("class=\"broken\"");
            }
            Url::External | Url::Forbidden => {
                self.enter_link(&external(target, title));
            }
            Url::Internal { path, fragment: None, .. } if path.is_empty() => self.enter_link("href=\"\""),
            Url::Internal { .. } => {
                let index = self.push_link(Form::Inline, target, "", span);
                self.out.links[index as usize].title = title.into();
                self.prose.begin_link(index);
                self.html.write_link_tag(Hole::Attributes(index));
                self.open.push("</a>");
            }
        }
    }

    fn enter_link(&mut self, attributes: &str) {
        self.html.write_tag("a", attributes);
        self.open.push("</a>");
    }

    pub(super) fn forbidden(&mut self, target: &str, span: Span) {
        let scheme: String =
            target.trim().chars().take_while(|c| *c != ':').filter(|c| !c.is_control()).take(20).collect();
        self.problems.say(
            Code::ForbiddenUrl,
            span,
            &format!("links with the scheme `{scheme}:` are not published"),
            &["links may be relative or start with `https:`, `http:` or `mailto:`"],
        );
    }

    /// The text between a link's start and end, without markup.
    pub(super) fn inner_text(&self, start: usize, end: usize) -> String {
        self.events[start + 1..end]
            .iter()
            .map(|(event, _)| match event {
                Event::Text(t) | Event::Code(t) | Event::InlineMath(t) | Event::DisplayMath(t) => t.as_ref(),
                Event::SoftBreak | Event::HardBreak => " ",
                _ => "",
            })
            .collect()
    }

    pub(super) fn wikilink(&mut self, at: usize, target: &str) -> usize {
        // In a table the bar is written `\\|`.
        let target = target.trim_end_matches('\\');
        let end = self.matching_end(at);
        let range = self.events[at].1.clone();
        let label = self.inner_text(at, end);
        if self.input.text[range.end..].starts_with('(')
            && let Some(next) = self.bracketed_link(&range, end)
        {
            return next;
        }
        let span = Span::new(range.start, range.end);
        let from = self.prose.len();
        self.prose.push(&label);
        let index = self.push_link(Form::Wiki, target, &label, span);
        self.prose.link_from(index, from);
        self.html.write_hole(Hole::Wiki(index));
        end + 1
    }

    /// `[[1]](url)` is an ordinary link whose text is `[1]`.
    fn bracketed_link(&mut self, range: &Range<usize>, end: usize) -> Option<usize> {
        let rest = &self.input.text[range.start..];
        let line = &rest[..range.len() + inline::target(&rest[range.len()..])?];
        let (event, first) = Parser::new(line).into_offset_iter().nth(1)?;
        let Event::Start(Tag::Link { link_type, dest_url, title, .. }) = event else { return None };
        if first != (0..line.len()) {
            return None;
        }
        let text = &line[1..range.len() - 1];
        self.link(Span::new(range.start, range.start + first.end), link_type, &dest_url, &title);
        self.prose.push(text);
        self.html.write_escaped(text);
        self.end(TagEnd::Link);
        // The `(url)` follows as text: what is beyond it still has to be written.
        let until = range.start + first.end;
        let mut next = end + 1;
        while let Some((Event::Text(_), text_range)) = self.events.get(next) {
            if text_range.end > until {
                if text_range.start < until {
                    let rest = self.input.text[until..text_range.end].to_owned();
                    self.text(&rest);
                    next += 1;
                }
                break;
            }
            next += 1;
        }
        Some(next)
    }

    /// A paragraph that is one `![[note]]` and nothing else.
    pub(super) fn block_embed(&mut self, at: usize) -> Option<usize> {
        let (Event::Start(Tag::Image { link_type: LinkType::WikiLink { .. }, dest_url, .. }), _) =
            self.events.get(at + 1)?
        else {
            return None;
        };
        let name: &CowStr<'_> = dest_url;
        if is_picture(name.split(['#', '|']).next().unwrap_or(name)) {
            return None;
        }
        let end = self.matching_end(at + 1);
        if !matches!(self.events.get(end + 1)?.0, Event::End(TagEnd::Paragraph)) {
            return None;
        }
        let span = self.span(at + 1);
        let alt = self.inner_text(at + 1, end);
        let index = self.push_link(Form::Embed, name, &alt, span);
        self.html.write_hole(Hole::Embed(index));
        self.html.write("\n");
        Some(end + 2)
    }
}

/// The attributes of a link that leads out of the book: the other site learns nothing of the reader's page.
pub(super) fn external(target: &str, title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escaped(title)) };
    format!("href=\"{}\" rel=\"noopener noreferrer\"{title}", escape_url(target))
}
