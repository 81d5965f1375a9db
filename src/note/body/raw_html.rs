//! HTML that an author wrote into the text.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, TagEnd};

use super::links::external;
use super::walk::{MAX_DEPTH, Walk};
use crate::config::RawHtml;
use crate::diagnostic::Code;
use crate::note::html::{self, Token};
use crate::note::link::{Form, Hole, Size};
use crate::path::Url;
use crate::text::Span;

/// What is open of the author's own elements.
#[derive(Debug, Default)]
pub(super) struct AuthorsHtml {
    depth: usize,
    /// Elements beyond [`MAX_DEPTH`], which were left out.
    too_deep: usize,
    /// Elements of raw text, as `script`, with the index of the event up to which none of them is closed.
    unclosed: HashMap<String, usize>,
}

impl Walk<'_, '_> {
    pub(super) fn html_block(&mut self, at: usize) -> usize {
        let end = self.matching_end(at);
        let mut html = String::new();
        for (event, _) in &self.events[at + 1..end] {
            if let Event::Html(piece) | Event::Text(piece) = event {
                html.push_str(piece);
            }
        }
        self.raw_html(&html, self.events[at].1.clone(), true);
        end + 1
    }

    pub(super) fn raw_html(&mut self, source: &str, range: Range<usize>, block: bool) {
        match self.input.options.markdown.raw_html {
            RawHtml::Allow => return self.html.write(source),
            RawHtml::Escape if block => {
                self.html.write("<p>");
                self.html.write_escaped(source.trim_end());
                return self.html.write("</p>\n");
            }
            RawHtml::Escape => return self.html.write_escaped(source),
            RawHtml::Sanitize => {}
        }
        let mut line = Span::new(
            range.start,
            range.start + self.input.text[range.clone()].lines().next().unwrap_or("").trim_end().len(),
        );
        let mut from = range.start;
        let tokens = html::tokens(source);
        // A block without a single tag is text in angle brackets: give it its paragraph.
        let as_text = block && tokens.iter().all(|t| !matches!(t, Token::Tag(_)));
        let has_text = tokens.iter().any(|t| match t {
            Token::Text(text) => !text.trim().is_empty(),
            Token::NotATag(_) => true,
            _ => false,
        });
        if as_text && has_text {
            self.html.write("<p>");
        }
        let mut unclosed: Vec<&str> = Vec::new();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                Token::Text(text) if as_text => {
                    self.prose.push(text);
                    self.html.write_escaped(text.trim_end_matches('\n'));
                }
                // The note holds no tag that could be read, so nothing will be sanitised.
                Token::Text(text) if !self.html.is_judged() => {
                    self.prose.push(text);
                    self.html.write_escaped(text);
                }
                Token::Text(text) => {
                    self.prose.push(text);
                    // Entities stay as written; the sanitiser reads them. What could begin a tag must not.
                    self.html.write(&text.replace('<', "&lt;"));
                }
                Token::NotATag(text) => {
                    self.prose.push(text);
                    self.html.write_escaped(text);
                }
                Token::Comment { closed: true } => {}
                Token::Comment { closed: false } => self.problems.say(
                    Code::HtmlRemoved,
                    line,
                    "this comment is never closed, so nothing after it is shown",
                    &["end it with `-->`"],
                ),
                Token::Tag(tag) => {
                    // The parser gives a block without its containers' marks: the tag is looked for.
                    // One that goes over their marks is not there as it is, and ends the search.
                    let rest = &self.input.text[from..range.end.max(from)];
                    let found = rest.find(tag.text);
                    from = found.map_or(range.end.max(from), |found| from + found);
                    if found.is_some() {
                        let first_line = tag.text.lines().next().unwrap_or("").len();
                        line = Span::new(from, from + first_line);
                        from += tag.text.len();
                    }
                    if !tag.swallows_text() {
                        self.author_tag(tag, line);
                        i += 1;
                        continue;
                    }
                    self.removed(&tag.name, line);
                    let closes = |t: &Token<'_>| matches!(t, Token::Tag(t) if t.closing && t.name == tag.name);
                    // An element that is not closed is looked for once.
                    if !unclosed.contains(&tag.name.as_str()) {
                        match tokens[i + 1..].iter().position(closes) {
                            Some(offset) => i += offset + 1,
                            None => unclosed.push(&tag.name),
                        }
                    }
                }
            }
            i += 1;
        }
        if as_text && has_text {
            self.html.write("</p>\n");
        }
    }

    fn removed(&mut self, name: &str, span: Span) {
        self.problems.say_once(
            Code::HtmlRemoved,
            name,
            span,
            &format!("`<{name}>` is not published from a note"),
            &["write it in Markdown, or link to where it lies"],
        );
    }

    /// Whether the author's elements stay shallow enough with this tag: the sanitiser's time grows with
    /// the square of their depth. A closing tag goes with its opening one.
    fn keeps_depth(&mut self, tag: &html::Tag<'_>, span: Span) -> bool {
        if !tag.nests() {
            return true;
        }
        if tag.closing {
            if self.authors.too_deep > 0 {
                self.authors.too_deep -= 1;
                return false;
            }
            self.authors.depth = self.authors.depth.saturating_sub(1);
            return true;
        }
        if self.authors.depth < MAX_DEPTH {
            self.authors.depth += 1;
            return true;
        }
        self.authors.too_deep += 1;
        let message = format!("HTML is nested deeper than {MAX_DEPTH} here");
        let hints = ["what lies deeper is shown without its nesting", "is an element not closed?"];
        self.problems.say_once(Code::NestingTooDeep, "html", span, &message, &hints);
        false
    }

    fn author_tag(&mut self, tag: &html::Tag<'_>, span: Span) {
        if !tag.is_allowed() {
            if !tag.closing {
                self.removed(&tag.name, span);
            }
            return;
        }
        if !self.keeps_depth(tag, span) {
            return;
        }
        if let Some((handler, _)) = tag.attributes.iter().find(|(name, _)| name.starts_with("on")) {
            let message = format!("the attribute `{handler}` is not published from a note");
            self.problems.say_once(
                Code::HtmlRemoved,
                handler,
                span,
                &message,
                &["a page runs no script of a note's own"],
            );
        }
        for name in ["id", "name"] {
            if let Some(id) = tag.attribute(name).filter(|id| self.anchors.claim(id)) {
                self.out.ids.push(id.into());
            }
        }
        match (tag.name.as_str(), tag.closing) {
            ("img", false) => {
                let size = Size::of_attributes(tag.attribute("width"), tag.attribute("height"));
                let src = tag.attribute("src").unwrap_or("").to_owned();
                let alt = tag.attribute("alt").unwrap_or("");
                self.picture(&src, alt, tag.attribute("title").unwrap_or(""), size, span);
            }
            ("a", false) => match tag.attribute("href").map(|href| (href, Url::read(href))) {
                Some((href, Url::Internal { path, fragment, .. })) if !path.is_empty() || fragment.is_some() => {
                    let index = self.push_link(Form::Inline, href, "", span);
                    self.prose.link_from(index, self.prose.len());
                    self.html.write_link_tag(Hole::Attributes(index));
                }
                Some((href, Url::External)) => {
                    self.html.write_tag("a", &external(href, tag.attribute("title").unwrap_or("")));
                }
                Some((href, Url::Forbidden)) => {
                    self.forbidden(href, span);
                    self.html.write("<a>");
                }
                _ => self.html.write(tag.text),
            },
            // A page's title is its only first-level heading.
            ("h1", closing) => self.html.write(if closing { "</h2>" } else { "<h2>" }),
            _ => self.html.write(tag.text),
        }
    }

    /// Inline HTML comes tag by tag; an element that holds raw text is dropped with its content.
    pub(super) fn inline_html(&mut self, at: usize, source: &str) -> usize {
        let range = self.events[at].1.clone();
        if self.input.options.markdown.raw_html == RawHtml::Sanitize
            && let [Token::Tag(tag)] = html::tokens(source).as_slice()
            && tag.swallows_text()
        {
            self.removed(&tag.name, Span::new(range.start, range.end));
            return self.inline_close(at, &tag.name).unwrap_or(at) + 1;
        }
        self.raw_html(source, range, false);
        at + 1
    }

    /// The event after `at` that closes the element within its block. Where there is none, that is
    /// remembered: each of many open tags would look through the whole block.
    fn inline_close(&mut self, at: usize, name: &str) -> Option<usize> {
        if self.authors.unclosed.get(name).is_some_and(|until| at < *until) {
            return None;
        }
        for (offset, (event, _)) in self.events[at + 1..].iter().enumerate() {
            match event {
                Event::InlineHtml(html) if closes(html, name) => return Some(at + 1 + offset),
                Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell) => {
                    self.authors.unclosed.insert(name.to_owned(), at + 1 + offset);
                    return None;
                }
                _ => {}
            }
        }
        None
    }
}

/// The piece of HTML is one closing tag of this element.
fn closes(html: &str, name: &str) -> bool {
    matches!(html::tokens(html).as_slice(), [Token::Tag(tag)] if tag.closing && tag.name == name)
}
