//! The walk shows a note's blocks to the reader of items, which says what they mean.

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::walk::Walk;
use crate::text::Span;

/// The lines of a block without markup, each with its place.
#[derive(Debug, Default)]
struct Lines {
    done: Vec<(String, Span)>,
    text: String,
    span: Option<(usize, usize)>,
    /// The line has bold text, and some that is not.
    bold: bool,
    plain: bool,
    /// The block has text that is struck out, and some that is not.
    struck: bool,
    kept: bool,
}

impl Lines {
    fn end_line(&mut self) {
        let mut text = std::mem::take(&mut self.text);
        let (bold, plain) = (std::mem::take(&mut self.bold), std::mem::take(&mut self.plain));
        let Some((start, end)) = self.span.take() else { return };
        // A line in bold letters is a label, with a colon or without.
        if bold && !plain && !text.trim_end().ends_with([':', '：']) {
            text.push(':');
        }
        self.done.push((text, Span::new(start, end)));
    }
}

impl Walk<'_, '_> {
    /// The lines of the block that begins at event `at`, up to what is nested in it; and whether all
    /// of it is struck out.
    fn block_lines(&self, at: usize) -> (Vec<(String, Span)>, bool) {
        let mut lines = Lines::default();
        let (mut strong, mut struck) = (0usize, 0usize);
        // A wikilink without words of its own: its target is no text for readers.
        let mut link: Option<(usize, &str)> = None;
        for (event, range) in &self.events[at + 1..] {
            let text: &str = match event {
                Event::Start(Tag::Paragraph) if lines.span.is_none() && lines.done.is_empty() => continue,
                Event::Start(Tag::Strong) => {
                    strong += 1;
                    ""
                }
                Event::End(TagEnd::Strong) => {
                    strong = strong.saturating_sub(1);
                    ""
                }
                Event::Start(Tag::Strikethrough) => {
                    struck += 1;
                    ""
                }
                Event::End(TagEnd::Strikethrough) => {
                    struck = struck.saturating_sub(1);
                    ""
                }
                Event::Start(Tag::Link { link_type: LinkType::WikiLink { .. }, dest_url, .. }) => {
                    link = Some((lines.text.len(), dest_url));
                    ""
                }
                Event::End(TagEnd::Link) => {
                    if let Some((from, target)) = link.take()
                        && lines.text.get(from..) == Some(target)
                    {
                        let name = target.split('#').next().unwrap_or(target).replace(['-', '_'], " ");
                        lines.text.truncate(from);
                        lines.text.push_str(&name);
                    }
                    ""
                }
                Event::Start(Tag::Emphasis | Tag::Link { .. } | Tag::Superscript | Tag::Subscript)
                | Event::End(TagEnd::Emphasis | TagEnd::Superscript | TagEnd::Subscript)
                | Event::InlineHtml(_)
                | Event::FootnoteReference(_) => "",
                Event::TaskListMarker(_) | Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => continue,
                Event::SoftBreak | Event::HardBreak => {
                    lines.end_line();
                    continue;
                }
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => text,
                _ => break,
            };
            if !text.trim().is_empty() {
                *(if strong > 0 { &mut lines.bold } else { &mut lines.plain }) = true;
                *(if struck > 0 { &mut lines.struck } else { &mut lines.kept }) = true;
            }
            lines.text.push_str(text);
            let (start, _) = lines.span.unwrap_or((range.start, range.end));
            lines.span = Some((start, range.end));
        }
        lines.end_line();
        (lines.done, lines.struck && !lines.kept)
    }

    /// Shows a paragraph of the note's own text.
    pub(super) fn read_paragraph(&mut self, at: usize) {
        if !self.is_at_the_top() || !self.items.wants_paragraph(&self.input.text[self.events[at].1.clone()]) {
            return;
        }
        let (lines, _) = self.block_lines(at);
        self.items.paragraph(&lines, self.input.text);
    }

    /// Shows a list item; gives the id that it gets as an item of its own.
    pub(super) fn read_item(&mut self, at: usize) -> Option<String> {
        let task = self.events[at + 1..].iter().take(2).find_map(|(event, _)| match event {
            Event::TaskListMarker(done) => Some(*done),
            _ => None,
        });
        let source = &self.input.text[self.events[at].1.clone()];
        let first = source.lines().next().unwrap_or("").trim_start_matches(['-', '*', '+', ' ']);
        if !self.items.wants_item(first, task.is_some()) {
            return None;
        }
        let (lines, struck) = self.block_lines(at);
        let place = self.items.item(&lines, self.input.text, task, struck)?;
        let anchor = self.anchor_for(place.words());
        self.items.anchored(&place, &anchor);
        Some(anchor)
    }

    /// Shows a callout; gives the id that it gets as an item. `at` is its quote's event, its title
    /// ends before event `title_end`, and `start` is what of the title stands beside the type.
    pub(super) fn read_callout(&mut self, at: usize, class: &str, start: &str, title_end: usize) -> Option<String> {
        if !matches!(class, "question" | "kudos" | "surprise") {
            return None;
        }
        let title = format!("{start}{}", self.inner_text(at + 2, title_end));
        let end = self.matching_end(at);
        let body = self.inner_text(title_end.saturating_sub(1), end);
        let words = self.items.callout(class, title.trim(), body.trim(), self.span(at))?;
        let anchor = self.anchor_for(&words);
        self.items.callout_anchored(class, &anchor);
        Some(anchor)
    }

    fn anchor_for(&mut self, words: &str) -> String {
        let anchor = self.anchors.for_text(words);
        self.out.ids.push(anchor.as_str().into());
        anchor
    }
}
