//! The walk through a note's events, from the first to the last.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::footnotes::Footnotes;
use super::headings::Headings;
use super::problems::Problems;
use super::prose::Prose;
use super::raw_html::AuthorsHtml;
use super::table::Table;
use super::text::Mentions;
use super::writer::Writer;
use super::{Input, Rendered};
use crate::diagnostic::{Code, Diagnostic};
use crate::note::code::Allowance;
use crate::note::html::escaped;
use crate::note::items::reader::Reader;
use crate::note::outline::Anchors;
use crate::note::words::Gather;
use crate::text::Span;

/// An event of the parser and the bytes of the file that it comes from.
pub(super) type Placed<'e> = (Event<'e>, Range<usize>);

/// Elements nested deeper than this are shown flat. Real notes stay below 20.
pub(super) const MAX_DEPTH: usize = 100;
/// A page may be this many times longer than its note, and a megabyte more.
const MAX_GROWTH: usize = 64;

pub(super) struct Walk<'w, 's> {
    pub(super) input: &'w Input<'s>,
    pub(super) events: &'w [Placed<'w>],
    pub(super) html: Writer,
    pub(super) prose: Prose,
    /// None where the book has no search.
    pub(super) words: Option<Gather>,
    pub(super) problems: Problems<'w>,
    pub(super) headings: Headings,
    pub(super) anchors: Anchors,
    /// For each open element: what closes it; empty where it was left out.
    pub(super) open: Vec<&'static str>,
    flat: bool,
    pub(super) in_link: usize,
    pub(super) table: Table,
    pub(super) footnotes: Footnotes,
    pub(super) mentions: Mentions,
    pub(super) authors: AuthorsHtml,
    pub(super) highlighting: Allowance,
    pub(super) items: Reader<'w>,
    pub(super) out: Rendered,
}

impl<'w, 's> Walk<'w, 's> {
    pub(super) fn new(
        input: &'w Input<'s>,
        events: &'w [Placed<'w>],
        html: Writer,
        diagnostics: &'w mut Vec<Diagnostic>,
    ) -> Self {
        Walk {
            input,
            events,
            html,
            prose: Prose::default(),
            words: input.options.weights.map(Gather::new),
            problems: Problems::new(input.path, input.text, diagnostics),
            headings: Headings::survey(events, input.title),
            anchors: Anchors::default(),
            open: Vec::new(),
            flat: false,
            in_link: 0,
            table: Table::default(),
            footnotes: Footnotes::default(),
            mentions: Mentions::default(),
            authors: AuthorsHtml::default(),
            highlighting: Allowance::default(),
            items: Reader::new(input.options, input.kind),
            out: Rendered::default(),
        }
    }

    /// Walks to the end, whatever the text.
    pub(super) fn run(mut self) -> Rendered {
        let limit = (self.input.text.len() - self.input.start).saturating_mul(MAX_GROWTH).saturating_add(1 << 20);
        let mut at = 0;
        while at < self.events.len() {
            at = self.step(at);
            if self.html.len() > limit {
                let span = self.span(at.min(self.events.len() - 1));
                self.problems.say(
                    Code::PageTooLarge,
                    span,
                    "the page is over 64 times as long as its note and is cut here",
                    &[],
                );
                while let Some(close) = self.open.pop() {
                    self.html.write(close);
                }
                break;
            }
        }
        self.end_block();
        self.html.end_parts();
        self.write_footnotes();
        let (items, in_text) = self.items.finish();
        Rendered {
            items,
            in_text,
            body: self.html.finish(&self.out.ids),
            summary: self.prose.summary,
            words: self.prose.words,
            gathered: self.words,
            ..self.out
        }
    }

    /// Outside any element, in the note's own text.
    pub(super) fn is_at_the_top(&self) -> bool {
        self.open.is_empty() && self.html.is_in_the_text()
    }

    pub(super) fn enter(&mut self, name: &'static str, attributes: &str, close: &'static str, span: Span) {
        if self.open.len() >= MAX_DEPTH {
            if !self.flat {
                self.flat = true;
                self.problems.say(
                    Code::NestingTooDeep,
                    span,
                    &format!("quotes and lists are nested deeper than {MAX_DEPTH} here"),
                    &["what lies deeper is shown without its nesting"],
                );
            }
            self.open.push("");
            return;
        }
        self.html.write_tag(name, attributes);
        self.open.push(close);
    }

    pub(super) fn leave(&mut self) {
        if let Some(close) = self.open.pop() {
            self.html.write(close);
        }
    }

    /// Where the event stands, without the blanks at its end.
    pub(super) fn span(&self, event: usize) -> Span {
        let range = &self.events[event].1;
        let text = &self.input.text[range.clone()];
        Span::new(range.start, range.start + text.trim_end().len())
    }

    /// The block of text that is being read ends here.
    pub(super) fn end_block(&mut self) {
        if let Some(words) = &mut self.words {
            words.text(self.prose.text(), self.out.outline.len());
        }
        self.prose.end_block(&mut self.out.links);
    }

    /// Handles the event at `at` and gives the index of the next one.
    pub(super) fn step(&mut self, at: usize) -> usize {
        let (event, range) = &self.events[at];
        match event {
            Event::Start(tag) => return self.start(at, tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) => self.text(text),
            Event::Code(code) => {
                self.prose.push(code);
                let html = format!("<code>{}</code>", escaped(code));
                self.html.write(&html);
            }
            Event::InlineMath(tex) if self.is_money(range) => {
                let text = format!("${tex}$");
                self.text(&text);
            }
            Event::InlineMath(tex) => self.math(at, tex, false),
            Event::DisplayMath(tex) => self.math(at, tex, true),
            Event::Html(html) => self.raw_html(html, range.clone(), true),
            Event::InlineHtml(html) => return self.inline_html(at, html),
            Event::FootnoteReference(label) => self.footnote_reference(label),
            Event::SoftBreak => {
                self.prose.push("\n");
                self.html.write("\n");
            }
            Event::HardBreak => {
                self.prose.push("\n");
                self.html.write("<br>\n");
            }
            Event::Rule => {
                self.end_block();
                self.html.write("<hr>\n");
            }
            Event::TaskListMarker(done) => {
                let (state, label) = if *done { (" checked", "done") } else { ("", "open") };
                self.html.write_fragment(&format!("<input type=\"checkbox\" disabled{state} aria-label=\"{label}\">"));
                self.html.write(" ");
            }
        }
        at + 1
    }

    fn start(&mut self, at: usize, tag: &'w Tag<'w>) -> usize {
        let span = self.span(at);
        match tag {
            Tag::Paragraph => {
                self.end_block();
                if let Some(next) = self.block_embed(at) {
                    return next;
                }
                self.read_paragraph(at);
                self.prose.begin_paragraph(self.is_at_the_top());
                self.enter("p", "", "</p>\n", span);
            }
            Tag::Heading { id, .. } => return self.heading(at, id.as_deref()),
            Tag::BlockQuote(_) => {
                self.end_block();
                self.items.enter_quote();
                if let Some(next) = self.callout(at) {
                    return next;
                }
                self.enter("blockquote", "", "</blockquote>\n", span);
                self.html.write("\n");
            }
            Tag::CodeBlock(kind) => return self.code_block(at, kind),
            Tag::HtmlBlock => {
                self.end_block();
                return self.html_block(at);
            }
            Tag::List(None) => {
                self.end_block();
                self.items.enter_list();
                self.enter("ul", "", "</ul>\n", span);
                self.html.write("\n");
            }
            Tag::List(Some(first)) => {
                self.end_block();
                self.items.enter_list();
                let attributes = if *first == 1 { String::new() } else { format!("start=\"{first}\"") };
                self.enter("ol", &attributes, "</ol>\n", span);
                self.html.write("\n");
            }
            Tag::Item => {
                self.end_block();
                let task =
                    self.events[at + 1..].iter().take(2).any(|(event, _)| matches!(event, Event::TaskListMarker(_)));
                let mut attributes = String::from(if task { "class=\"task\"" } else { "" });
                if let Some(anchor) = self.read_item(at) {
                    let blank = if task { " " } else { "" };
                    attributes.push_str(&[blank, "id=\"", &escaped(&anchor), "\""].concat());
                }
                self.enter("li", &attributes, "</li>\n", span);
            }
            Tag::FootnoteDefinition(label) => {
                self.end_block();
                self.items.enter_quote();
                self.enter_footnote(label);
            }
            Tag::DefinitionList => {
                self.end_block();
                self.enter("dl", "", "</dl>\n", span);
            }
            Tag::DefinitionListTitle => {
                self.end_block();
                self.enter("dt", "", "</dt>\n", span);
            }
            Tag::DefinitionListDefinition => {
                self.end_block();
                self.enter("dd", "", "</dd>\n", span);
            }
            Tag::Table(alignments) => {
                self.end_block();
                self.table.begin(alignments);
                self.html.begin_part();
            }
            Tag::TableHead => {
                self.table.in_head = true;
                self.table.column = 0;
                self.html.write("<thead><tr>");
            }
            Tag::TableRow => {
                if !self.table.body_open {
                    self.table.body_open = true;
                    self.html.write("<tbody>\n");
                }
                self.table.column = 0;
                self.html.write("<tr>");
            }
            Tag::TableCell => return self.table_cell(at),
            Tag::Emphasis => self.enter("em", "", "</em>", span),
            Tag::Strong => self.enter("strong", "", "</strong>", span),
            Tag::Strikethrough => self.enter("del", "", "</del>", span),
            Tag::Superscript => self.enter("sup", "", "</sup>", span),
            Tag::Subscript => self.enter("sub", "", "</sub>", span),
            Tag::Link { link_type: LinkType::WikiLink { .. }, dest_url, .. } => return self.wikilink(at, dest_url),
            Tag::Link { link_type, dest_url, title, .. } => self.link(span, *link_type, dest_url, title),
            Tag::Image { link_type, dest_url, title, .. } => return self.image(at, *link_type, dest_url, title),
            Tag::MetadataBlock(_) => {}
        }
        at + 1
    }

    pub(super) fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => self.items.leave_list(),
            TagEnd::BlockQuote(_) => self.items.leave_quote(),
            _ => {}
        }
        match tag {
            TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition => {
                self.end_block();
                self.leave();
            }
            TagEnd::FootnoteDefinition => {
                self.end_block();
                self.items.leave_quote();
                self.leave_footnote();
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead => {
                self.table.in_head = false;
                self.end_row();
                self.html.write("</tr></thead>\n");
            }
            TagEnd::TableRow => {
                self.end_row();
                self.html.write("</tr>\n");
            }
            TagEnd::TableCell => {
                self.end_block();
                self.html.write(if self.table.in_head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => {
                self.leave();
            }
            TagEnd::Link => {
                self.in_link = self.in_link.saturating_sub(1);
                self.prose.end_link();
                self.leave();
            }
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// The index of the event that ends what starts at `start`.
    pub(super) fn matching_end(&self, start: usize) -> usize {
        let mut depth = 0usize;
        for (i, (event, _)) in self.events.iter().enumerate().skip(start) {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => {
                    depth -= 1;
                    if depth == 0 {
                        return i;
                    }
                }
                _ => {}
            }
        }
        self.events.len() - 1
    }
}
