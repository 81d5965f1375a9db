//! Markdown → HTML with holes: the only door to pulldown-cmark.
//!
//! CommonMark 0.31 with GitHub's tables, strikethrough, task lists, footnotes, bare URLs and
//! alerts, Obsidian's wikilinks, embeds and folding callouts, heading attributes, definition
//! lists and math. The walk is total: whatever the text, it ends, and all of it is shown.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use pulldown_cmark::{CowStr, TextMergeWithOffset};

use super::code::{self, Fence};
use super::html::{self, Mark, Token, escape, escape_url, escaped};
use super::inline::{self, Autolink};
use super::link::{Body, Form, Hole, Link, Name};
use super::math;
use super::outline::{Anchors, Heading};
use crate::config::{ParseOptions, RawHtml};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::path::{SourcePath, Url};
use crate::text::{LineIndex, Span, floor_boundary, fold, truncate};

/// Elements nested deeper than this are shown flat. Real notes stay below 20.
const MAX_DEPTH: usize = 100;
/// Cells that a table's short rows are filled up with; GitHub's renderer has the same kind of limit.
const MAX_FILLED_CELLS: usize = 100_000;
/// A page may be this many times longer than its note, and a megabyte more.
const MAX_GROWTH: usize = 64;
/// Characters of the sentence that a backlink shows.
const CONTEXT: usize = 220;

/// A note's text, understood alone.
#[derive(Debug, Default)]
pub struct Rendered {
    /// The HTML with holes.
    pub body: Body,
    /// The text of the heading that is the note's title, without and with markup, and its id.
    pub title: Option<TitleHeading>,
    /// The headings of the body.
    pub outline: Vec<Heading>,
    /// Ids that the author set on other elements.
    pub ids: Vec<Box<str>>,
    /// Links into the book, in order.
    pub links: Vec<Link>,
    /// Ticket ids found in the text, each once, in order.
    pub tickets: Vec<Box<str>>,
    /// People and tags named in the text, each once, in order.
    pub names: Vec<Name>,
    /// The first paragraph as plain text.
    pub summary: String,
    /// Words (for scripts without spaces: half the characters).
    pub words: usize,
    /// There is a diagram for a script to draw.
    pub has_diagram: bool,
}

/// The heading that gives the title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleHeading {
    /// Without markup.
    pub text: String,
    /// With inline markup.
    pub html: String,
    /// Its id; none where the heading stays in the text.
    pub anchor: Option<Box<str>>,
}

/// What the walk works on.
pub struct Input<'s> {
    /// The whole file as text.
    pub text: &'s str,
    /// Where the markdown begins.
    pub start: usize,
    /// The file, for diagnostics.
    pub path: &'s SourcePath,
    /// The title that the front matter gives.
    pub title: Option<&'s str>,
    /// What book.toml says.
    pub options: &'s ParseOptions,
}

/// Renders the note's text. Problems are appended to `diagnostics`.
pub fn render(input: &Input<'_>, diagnostics: &mut Vec<Diagnostic>) -> Rendered {
    let markdown = &input.text[input.start..];
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_WIKILINKS;
    options.set(Options::ENABLE_DEFINITION_LIST, defines_terms(markdown));
    options.set(Options::ENABLE_MATH, input.options.markdown.math);
    options.set(Options::ENABLE_SMART_PUNCTUATION, input.options.markdown.smart_punctuation);
    let parser = Parser::new_ext(markdown, options).into_offset_iter();
    let mut events: Vec<(Event<'_>, Range<usize>)> = TextMergeWithOffset::new(parser)
        .map(|(event, range)| (event, range.start + input.start..range.end + input.start))
        .collect();
    take_heading_ids(&mut events, input.text);

    let headings = Headings::survey(&events, input.title);
    let raw_html = input.options.markdown.raw_html == RawHtml::Sanitize
        && events.iter().any(|(event, _)| match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                html::tokens(html).iter().any(|t| matches!(t, Token::Tag(_)))
            }
            _ => false,
        });
    let mark_name = if raw_html { html::mark_name(input.text) } else { String::new() };
    let mut walk = Walk {
        input,
        events: &events,
        diagnostics,
        lines: None,
        buffers: vec![Buffer::default()],
        marks: raw_html.then(Vec::new),
        mark_name,
        headings,
        anchors: Anchors::default(),
        open: Vec::new(),
        flat: false,
        filled_cells: 0,
        table: Table::default(),
        block: Block::default(),
        in_link: 0,
        footnotes: Footnotes::default(),
        said: HashSet::new(),
        html_depth: 0,
        too_deep: 0,
        ticket_indices: HashMap::new(),
        name_indices: HashMap::new(),
        unclosed: HashMap::new(),
        out: Rendered::default(),
    };
    walk.run();
    walk.finish()
}

/// The note has definition lists: lines that begin with a colon and a blank. The parser would also
/// take `:emoji:` and `::: fence` for definitions, so where such lines stand none are read.
fn defines_terms(markdown: &str) -> bool {
    let after_colon = |line: &str| {
        let text = line.trim_start_matches(' ');
        (line.len() - text.len() <= 3).then(|| text.strip_prefix(':')).flatten().and_then(|rest| rest.chars().next())
    };
    let mut found = false;
    for c in markdown.lines().filter_map(after_colon) {
        if !matches!(c, ' ' | '\t') {
            return false;
        }
        found = true;
    }
    found
}

/// Takes the ids off the ends of headings: `## Results {#results}`. The parser's own option for
/// them swallows braces around anything: `## GET /users/{id}` would end at the slash.
fn take_heading_ids<'e>(events: &mut [(Event<'e>, Range<usize>)], source: &str) {
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
struct Headings {
    /// Index of the event that starts the title's heading.
    title: Option<usize>,
    /// It is printed as the page's title, not in the text.
    dropped: bool,
    levels: std::vec::IntoIter<u8>,
}

impl Headings {
    fn survey(events: &[(Event<'_>, Range<usize>)], given: Option<&str>) -> Self {
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
fn heading_text(events: &[(Event<'_>, Range<usize>)], start: usize) -> String {
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

#[derive(Debug, Default)]
struct Buffer {
    html: String,
    holes: Vec<(u32, Hole)>,
}

impl Buffer {
    fn append(&mut self, other: Buffer) {
        let base = self.html.len() as u32;
        self.html.push_str(&other.html);
        self.holes.extend(other.holes.into_iter().map(|(at, hole)| (at + base, hole)));
    }
}

#[derive(Debug, Default)]
struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
    body_open: bool,
    /// Rough width in characters of the widest row, to tell whether it may need to scroll.
    width: usize,
    row_width: usize,
}

/// The paragraph, heading, cell or item being read: its plain text, for link contexts and the summary.
#[derive(Debug, Default)]
struct Block {
    text: String,
    links: Vec<(u32, Range<usize>)>,
    top_paragraph: bool,
}

#[derive(Debug, Default)]
struct Footnotes {
    /// Labels in the order of their first reference, with the number of references.
    order: Vec<(String, usize)>,
    numbers: HashMap<String, usize>,
    /// Labels of the definitions being read.
    open: Vec<String>,
    definitions: HashMap<String, Buffer>,
}

struct Walk<'w, 's> {
    input: &'w Input<'s>,
    events: &'w [(Event<'w>, Range<usize>)],
    diagnostics: &'w mut Vec<Diagnostic>,
    lines: Option<LineIndex>,
    buffers: Vec<Buffer>,
    marks: Option<Vec<Mark>>,
    mark_name: String,
    headings: Headings,
    anchors: Anchors,
    /// For each open element: what closes it; empty where it was left out.
    open: Vec<&'static str>,
    flat: bool,
    filled_cells: usize,
    table: Table,
    block: Block,
    in_link: usize,
    footnotes: Footnotes,
    /// Codes (with a name) that were said once and need not be said again.
    said: HashSet<(Code, String)>,
    /// The author's own elements that are open, and those beyond that were left out.
    html_depth: usize,
    too_deep: usize,
    ticket_indices: HashMap<Box<str>, u32>,
    name_indices: HashMap<Name, u32>,
    /// Elements of raw text, as `script`, with the index of the event up to which none of them is closed.
    unclosed: HashMap<String, usize>,
    out: Rendered,
}

impl<'w> Walk<'w, '_> {
    fn run(&mut self) {
        let limit = (self.input.text.len() - self.input.start).saturating_mul(MAX_GROWTH).saturating_add(1 << 20);
        let mut at = 0;
        while at < self.events.len() {
            at = self.step(at);
            if self.buffers.iter().map(|b| b.html.len()).sum::<usize>() > limit {
                let span = self.span(at.min(self.events.len() - 1));
                self.say(
                    Code::PageTooLarge,
                    span,
                    "the page is over 64 times as long as its note and is cut here",
                    &[],
                );
                while let Some(close) = self.open.pop() {
                    self.write(close);
                }
                break;
            }
        }
        self.flush_block();
    }

    fn finish(mut self) -> Rendered {
        while self.buffers.len() > 1 {
            // A footnote's definition that the growth limit cut.
            let buffer = self.buffers.pop().unwrap_or_default();
            self.buffer().append(buffer);
        }
        self.write_footnotes();
        let buffer = self.buffers.pop().unwrap_or_default();
        self.out.body = match self.marks.take() {
            None => Body { html: buffer.html, holes: buffer.holes, sections_are_whole: true },
            Some(marks) => {
                let (html, holes) = html::sanitise(&buffer.html, &marks, &self.mark_name, &self.out.ids);
                Body { html, holes, sections_are_whole: false }
            }
        };
        self.out
    }

    // Output ------------------------------------------------------------------------------------

    fn buffer(&mut self) -> &mut Buffer {
        if self.buffers.is_empty() {
            self.buffers.push(Buffer::default());
        }
        let last = self.buffers.len() - 1;
        &mut self.buffers[last]
    }

    fn write(&mut self, html: &str) {
        self.buffer().html.push_str(html);
    }

    fn write_escaped(&mut self, text: &str) {
        escape(&mut self.buffer().html, text);
    }

    fn mark(&mut self, mark: Mark) -> Option<usize> {
        let marks = self.marks.as_mut()?;
        marks.push(mark);
        Some(marks.len() - 1)
    }

    /// `<name attributes>`
    fn write_tag(&mut self, name: &str, attributes: &str) {
        if !attributes.is_empty() && self.marks.is_some() {
            let n = self.mark(Mark::Attributes(attributes.to_owned())).unwrap_or_default();
            let tag = format!("<{name} {}=\"{n}\">", self.mark_name);
            return self.write(&tag);
        }
        self.write("<");
        self.write(name);
        if !attributes.is_empty() {
            self.write(" ");
            self.write(attributes);
        }
        self.write(">");
    }

    /// A complete piece of the renderer's own HTML.
    fn write_fragment(&mut self, html: &str) {
        if self.marks.is_some() {
            let n = self.mark(Mark::Fragment(html.to_owned())).unwrap_or_default();
            let span = format!("<span {}=\"{n}\"></span>", self.mark_name);
            self.write(&span);
        } else {
            self.write(html);
        }
    }

    fn write_hole(&mut self, hole: Hole) {
        if self.marks.is_some() {
            let n = self.mark(Mark::FragmentHole(hole)).unwrap_or_default();
            let span = format!("<span {}=\"{n}\"></span>", self.mark_name);
            self.write(&span);
        } else {
            let buffer = self.buffer();
            let at = buffer.html.len() as u32;
            buffer.holes.push((at, hole));
        }
    }

    /// `<a` with a hole for its attributes, and `>`.
    fn write_link_tag(&mut self, hole: Hole) {
        if self.marks.is_some() {
            let n = self.mark(Mark::AttributesHole(hole)).unwrap_or_default();
            let tag = format!("<a {}=\"{n}\">", self.mark_name);
            self.write(&tag);
        } else {
            self.write("<a");
            self.write_hole(hole);
            self.write(">");
        }
    }

    /// Opens an element, unless elements are nested too deep already.
    fn enter(&mut self, name: &'static str, attributes: &str, close: &'static str, span: Span) {
        if self.open.len() >= MAX_DEPTH {
            if !self.flat {
                self.flat = true;
                self.say(
                    Code::NestingTooDeep,
                    span,
                    &format!("quotes and lists are nested deeper than {MAX_DEPTH} here"),
                    &["what lies deeper is shown without its nesting"],
                );
            }
            self.open.push("");
            return;
        }
        self.write_tag(name, attributes);
        self.open.push(close);
    }

    fn leave(&mut self) {
        if let Some(close) = self.open.pop() {
            self.write(close);
        }
    }

    // Diagnostics -------------------------------------------------------------------------------

    fn span(&self, event: usize) -> Span {
        let range = &self.events[event].1;
        let text = &self.input.text[range.clone()];
        Span::new(range.start, range.start + text.trim_end().len())
    }

    fn place(&mut self, span: Span) -> Place {
        let text = self.input.text;
        let lines = self.lines.get_or_insert_with(|| LineIndex::new(text));
        Place::new(text, lines, span)
    }

    fn say(&mut self, code: Code, span: Span, message: &str, hints: &[&str]) {
        let place = self.place(span);
        let mut diagnostic = Diagnostic::new(code, self.input.path, message).at(place);
        diagnostic.hints.extend(hints.iter().map(|hint| (*hint).to_owned()));
        self.diagnostics.push(diagnostic);
    }

    /// Says it for the first thing of this name only.
    fn say_once(&mut self, code: Code, name: &str, span: Span, message: &str, hints: &[&str]) {
        if self.said.insert((code, name.to_owned())) {
            self.say(code, span, message, hints);
        }
    }

    // Blocks of plain text ----------------------------------------------------------------------

    fn flush_block(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        for (link, range) in block.links.drain(..) {
            let context = sentence_around(&block.text, range);
            if let Some(link) = self.out.links.get_mut(link as usize) {
                link.context = context.into();
            }
        }
        if block.top_paragraph && self.out.summary.is_empty() && !is_metadata(&block.text) {
            let text = block.text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.out.summary = truncate(&text, 240).into_owned();
        }
        // The next block writes where this one did.
        block.text.clear();
        self.block = Block { top_paragraph: false, ..block };
    }

    fn plain(&mut self, text: &str) {
        self.block.text.push_str(text);
        if text.is_ascii() {
            self.out.words += ascii_words(text.as_bytes());
        } else {
            let dense = text.chars().filter(|c| is_dense(*c)).count();
            self.out.words +=
                dense.div_ceil(2) + text.split_whitespace().filter(|word| !word.chars().all(is_dense)).count();
        }
    }

    // Events ------------------------------------------------------------------------------------

    /// Handles the event at `at` and gives the index of the next one.
    fn step(&mut self, at: usize) -> usize {
        let (event, range) = &self.events[at];
        match event {
            Event::Start(tag) => return self.start(at, tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) => self.text(text),
            Event::Code(code) => {
                self.plain(code);
                let html = format!("<code>{}</code>", escaped(code));
                self.write(&html);
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
                self.plain("\n");
                self.write("\n");
            }
            Event::HardBreak => {
                self.plain("\n");
                self.write("<br>\n");
            }
            Event::Rule => {
                self.flush_block();
                self.write("<hr>\n");
            }
            Event::TaskListMarker(done) => {
                let (state, label) = if *done { (" checked", "done") } else { ("", "open") };
                self.write_fragment(&format!("<input type=\"checkbox\" disabled{state} aria-label=\"{label}\">"));
                self.write(" ");
            }
        }
        at + 1
    }

    fn start(&mut self, at: usize, tag: &'w Tag<'w>) -> usize {
        let span = self.span(at);
        match tag {
            Tag::Paragraph => {
                self.flush_block();
                if let Some(next) = self.block_embed(at) {
                    return next;
                }
                self.block.top_paragraph = self.open.is_empty() && self.buffers.len() == 1;
                self.enter("p", "", "</p>\n", span);
            }
            Tag::Heading { id, .. } => return self.heading(at, id.as_deref()),
            Tag::BlockQuote(_) => {
                self.flush_block();
                if let Some(next) = self.callout(at) {
                    return next;
                }
                self.enter("blockquote", "", "</blockquote>\n", span);
                self.write("\n");
            }
            Tag::CodeBlock(kind) => return self.code_block(at, kind),
            Tag::HtmlBlock => {
                self.flush_block();
                return self.html_block(at);
            }
            Tag::List(None) => {
                self.flush_block();
                self.enter("ul", "", "</ul>\n", span);
                self.write("\n");
            }
            Tag::List(Some(first)) => {
                self.flush_block();
                let attributes = if *first == 1 { String::new() } else { format!("start=\"{first}\"") };
                self.enter("ol", &attributes, "</ol>\n", span);
                self.write("\n");
            }
            Tag::Item => {
                self.flush_block();
                let task =
                    self.events[at + 1..].iter().take(2).any(|(event, _)| matches!(event, Event::TaskListMarker(_)));
                self.enter("li", if task { "class=\"task\"" } else { "" }, "</li>\n", span);
            }
            Tag::FootnoteDefinition(label) => {
                self.flush_block();
                self.footnotes.open.push(fold(label));
                self.buffers.push(Buffer::default());
            }
            Tag::DefinitionList => {
                self.flush_block();
                self.enter("dl", "", "</dl>\n", span);
            }
            Tag::DefinitionListTitle => {
                self.flush_block();
                self.enter("dt", "", "</dt>\n", span);
            }
            Tag::DefinitionListDefinition => {
                self.flush_block();
                self.enter("dd", "", "</dd>\n", span);
            }
            Tag::Table(alignments) => {
                self.flush_block();
                self.table = Table { alignments: alignments.clone(), ..Table::default() };
                self.buffers.push(Buffer::default());
            }
            Tag::TableHead => {
                self.table.in_head = true;
                self.table.column = 0;
                self.write("<thead><tr>");
            }
            Tag::TableRow => {
                if !self.table.body_open {
                    self.table.body_open = true;
                    self.write("<tbody>\n");
                }
                self.table.column = 0;
                self.write("<tr>");
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

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition => {
                self.flush_block();
                self.leave();
            }
            TagEnd::FootnoteDefinition => {
                self.flush_block();
                self.leave_footnote();
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableHead => {
                self.table.in_head = false;
                self.end_row();
                self.write("</tr></thead>\n");
            }
            TagEnd::TableRow => {
                self.end_row();
                self.write("</tr>\n");
            }
            TagEnd::TableCell => {
                self.flush_block();
                self.write(if self.table.in_head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript => {
                self.leave();
            }
            TagEnd::Link => {
                self.in_link = self.in_link.saturating_sub(1);
                let end = self.block.text.len();
                if let Some((_, range)) = self.block.links.last_mut().filter(|(_, range)| range.end == usize::MAX) {
                    range.end = end;
                }
                self.leave();
            }
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::Image | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// The index of the event that ends what starts at `start`.
    fn matching_end(&self, start: usize) -> usize {
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

    fn text(&mut self, text: &str) {
        if self.in_link > 0 {
            self.plain(text);
            self.write_escaped(text);
            return;
        }
        let mut at = 0;
        for Autolink { range: hit, href } in inline::autolinks(text) {
            self.text_with_names(&text[at..hit.start]);
            self.plain(&text[hit.clone()]);
            self.write_tag("a", &external(&href, ""));
            self.write_escaped(&text[hit.clone()]);
            self.write("</a>");
            at = hit.end;
        }
        self.text_with_names(&text[at..]);
    }

    /// Text with what the book turns into links: tickets, and names where they are switched on.
    fn text_with_names(&mut self, text: &str) {
        self.plain(text);
        let mut hits: Vec<(Range<usize>, Sign)> =
            self.input.options.find_tickets(text).into_iter().map(|range| (range, Sign::Ticket)).collect();
        let markdown = &self.input.options.markdown;
        for (on, character, sign) in [(markdown.mentions, '@', Sign::Person), (markdown.hashtags, '#', Sign::Tag)] {
            if on {
                hits.extend(inline::signed_words(text, character).into_iter().map(|range| (range, sign)));
            }
        }
        hits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut at = 0;
        for (range, sign) in hits {
            if range.start < at {
                continue;
            }
            self.write_escaped(&text[at..range.start]);
            at = range.end;
            let hole = match sign {
                Sign::Ticket => {
                    Hole::Ticket(index_of(&mut self.out.tickets, &mut self.ticket_indices, text[range].into()))
                }
                Sign::Person => self.name_hole(Name::Person(text[range.start + 1..range.end].into())),
                Sign::Tag => self.name_hole(Name::Tag(text[range.start + 1..range.end].into())),
            };
            self.write_hole(hole);
        }
        self.write_escaped(&text[at..]);
    }

    fn name_hole(&mut self, name: Name) -> Hole {
        Hole::Name(index_of(&mut self.out.names, &mut self.name_indices, name))
    }

    /// `$5 and $10`: a closing dollar before a digit closes nothing (Pandoc's rule).
    fn is_money(&self, range: &Range<usize>) -> bool {
        self.input.text[range.end..].starts_with(|c: char| c.is_ascii_digit())
    }

    fn math(&mut self, at: usize, tex: &str, display: bool) {
        self.plain(tex);
        match math::render(tex, display) {
            Ok(mathml) => self.write_fragment(&mathml),
            Err(reason) => {
                let span = self.span(at);
                self.say(
                    Code::InvalidMath,
                    span,
                    &format!("this formula can't be read: {reason}"),
                    &["its source is shown"],
                );
                let html = format!("<code class=\"math\">{}</code>", escaped(tex));
                self.write_fragment(&html);
            }
        }
    }

    fn heading(&mut self, at: usize, id: Option<&str>) -> usize {
        self.flush_block();
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
            if self.open.is_empty() && self.buffers.len() == 1 {
                self.write_hole(Hole::Section(self.out.outline.len() as u32));
            }
            self.write_tag(name, &["id=\"", &escaped(&anchor), "\""].concat());
        }
        self.buffers.push(Buffer::default());
        let mut i = at + 1;
        while i < end {
            i = self.step(i);
        }
        self.flush_block();
        let inner = self.buffers.pop().unwrap_or_default();
        if is_title {
            let markup_only = inner.holes.is_empty() && !inner.html.contains("<a") && self.marks.is_none();
            let html = if markup_only { inner.html.trim().to_owned() } else { escaped(&text) };
            let anchor = drop.then(|| anchor.as_str().into());
            self.out.title = Some(TitleHeading { text: text.clone(), html, anchor });
        }
        if !drop {
            self.buffer().append(inner);
            let (href, label) = (crate::path::encode(&anchor), escaped(&text));
            self.write_fragment(
                &["<a class=\"anchor\" href=\"#", &href, "\" aria-label=\"Link to section ", &label, "\">#</a>"]
                    .concat(),
            );
            self.write("</");
            self.write(name);
            self.write(">\n");
            let at = self.events[at].1.start as u32;
            self.out.outline.push(Heading { level, anchor: anchor.into(), text: text.into(), at });
        }
        end + 1
    }

    fn code_block(&mut self, at: usize, kind: &CodeBlockKind<'_>) -> usize {
        self.flush_block();
        let end = self.matching_end(at);
        let mut code = String::new();
        for (event, _) in &self.events[at + 1..end] {
            if let Event::Text(text) = event {
                code.push_str(text);
            }
        }
        let info: &str = match kind {
            CodeBlockKind::Fenced(info) => info,
            CodeBlockKind::Indented => "",
        };
        let fence = Fence::parse(info);
        if fence.language.eq_ignore_ascii_case("mermaid") {
            self.out.has_diagram = true;
            self.write_fragment(&format!(
                "<figure class=\"diagram\"><pre class=\"mermaid\" tabindex=\"0\">{}</pre></figure>",
                escaped(&code)
            ));
        } else if fence.language == "math" && self.input.options.markdown.math {
            self.math(at, &code, true);
        } else {
            let rendered = code::render(&fence, &code);
            if rendered.plain {
                let span = self.span(at);
                let first_line = Span::new(
                    span.start as usize,
                    self.input.text[span.range()].find('\n').map_or(span.end as usize, |n| span.start as usize + n),
                );
                self.say(
                    Code::CodeTooLong,
                    first_line,
                    "this code block is too long to be highlighted",
                    &["it is shown plain and complete; shorter lines or a smaller block are highlighted"],
                );
            }
            self.write_fragment(&rendered.html);
        }
        self.write("\n");
        end + 1
    }

    // Tables ------------------------------------------------------------------------------------

    fn table_cell(&mut self, at: usize) -> usize {
        self.flush_block();
        let column = self.table.column;
        self.table.column += 1;
        let end = self.matching_end(at);
        if end == at + 1 {
            // An empty cell: written, or filled in where a row is short.
            self.filled_cells += 1;
            if self.filled_cells > MAX_FILLED_CELLS {
                let span = self.span(at);
                self.say_once(
                    Code::PageTooLarge,
                    "cells",
                    span,
                    "this table has too many empty cells; the others are left out",
                    &[],
                );
                return end + 1;
            }
        }
        let class = match self.table.alignments.get(column) {
            Some(Alignment::Left) => "class=\"left\"",
            Some(Alignment::Center) => "class=\"center\"",
            Some(Alignment::Right) => "class=\"right\"",
            _ => "",
        };
        self.write_tag(if self.table.in_head { "th" } else { "td" }, class);
        let width: usize = self.events[at..end]
            .iter()
            .map(|(event, _)| if let Event::Text(t) | Event::Code(t) = event { t.chars().count() } else { 0 })
            .sum();
        self.table.row_width += width.min(24) + 3;
        at + 1
    }

    fn end_row(&mut self) {
        self.table.width = self.table.width.max(self.table.row_width);
        self.table.row_width = 0;
    }

    fn end_table(&mut self) {
        let inner = self.buffers.pop().unwrap_or_default();
        // A region that may scroll must be reachable by keyboard and have a name.
        let attributes = if self.table.width > 40 {
            "class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\""
        } else {
            "class=\"scroll\""
        };
        self.write_tag("div", attributes);
        self.write("<table>\n");
        self.buffer().append(inner);
        if self.table.body_open {
            self.write("</tbody>\n");
        }
        self.write("</table></div>\n");
    }

    // Callouts ----------------------------------------------------------------------------------

    /// `> [!NOTE]`, as on GitHub, with Obsidian's `-`, `+` and titles. Nothing if the quote is none.
    fn callout(&mut self, at: usize) -> Option<usize> {
        if !matches!(self.events.get(at + 1)?.0, Event::Start(Tag::Paragraph)) {
            return None;
        }
        let Event::Text(first) = &self.events.get(at + 2)?.0 else { return None };
        let rest = first.strip_prefix("[!")?;
        let (name, rest) = rest.split_once(']')?;
        if name.is_empty()
            || name.len() > 40
            || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '|'))
        {
            return None;
        }
        let (fold, title_start) = match rest.as_bytes().first() {
            Some(b'-') => (Some(false), &rest[1..]),
            Some(b'+') => (Some(true), &rest[1..]),
            _ => (None, rest),
        };
        // Only on the marker's own line: `[!note]x` is text.
        if !title_start.is_empty() && !title_start.starts_with(' ') {
            return None;
        }
        let (class, label) = callout_kind(name);
        let paragraph_end = self.matching_end(at + 1);
        let title_end = (at + 3..paragraph_end)
            .find(|i| matches!(self.events[*i].0, Event::SoftBreak | Event::HardBreak))
            .unwrap_or(paragraph_end);
        let span = self.span(at);
        let attributes = format!("class=\"callout callout-{class}\"");
        match fold {
            Some(open) => {
                let open = if open { " open" } else { "" };
                self.enter("details", &format!("{attributes}{open}"), "</details>\n", span);
                self.write_tag("summary", "class=\"callout-title\"");
            }
            None => {
                self.enter("div", &attributes, "</div>\n", span);
                self.write_tag("p", "class=\"callout-title\"");
            }
        }
        let own_title = !title_start.trim().is_empty() || title_end > at + 3;
        if own_title {
            // The type stands in words, too: its colour alone would not tell everyone.
            self.write_tag("span", "class=\"callout-type\"");
            self.write_escaped(&label);
            self.write("</span> ");
            self.text(title_start.trim_start());
            let mut i = at + 3;
            while i < title_end {
                i = self.step(i);
            }
        } else {
            self.write_escaped(&label);
        }
        self.write(if fold.is_some() { "</summary>\n" } else { "</p>\n" });
        self.flush_block();
        if title_end < paragraph_end {
            self.write("<p>");
            let mut i = title_end + 1;
            while i < paragraph_end {
                i = self.step(i);
            }
            self.flush_block();
            self.write("</p>\n");
        }
        Some(paragraph_end + 1)
    }

    // Footnotes ---------------------------------------------------------------------------------

    /// Labels differ by more than case, as GitHub has it.
    fn footnote_reference(&mut self, label: &str) {
        let label = &fold(label);
        let footnotes = &mut self.footnotes;
        let index = *footnotes.numbers.entry(label.to_owned()).or_insert(footnotes.order.len());
        if index == footnotes.order.len() {
            footnotes.order.push((label.to_owned(), 0));
        }
        footnotes.order[index].1 += 1;
        let (number, count) = (index + 1, footnotes.order[index].1);
        let suffix = if count == 1 { String::new() } else { format!("-{count}") };
        self.write_fragment(&format!(
            "<sup class=\"footnote-ref\"><a href=\"#fb-fn-{number}\" id=\"fb-fnref-{number}{suffix}\">{number}</a></sup>"
        ));
    }

    fn leave_footnote(&mut self) {
        let buffer = self.buffers.pop().unwrap_or_default();
        let label = self.footnotes.open.pop().unwrap_or_default();
        self.footnotes.definitions.entry(label).or_insert(buffer);
    }

    fn write_footnotes(&mut self) {
        let footnotes = std::mem::take(&mut self.footnotes);
        if footnotes.order.is_empty() {
            return;
        }
        let mut definitions = footnotes.definitions;
        self.write_tag("section", "class=\"footnotes\" aria-label=\"Footnotes\"");
        self.write("<ol>\n");
        for (index, (label, count)) in footnotes.order.iter().enumerate() {
            let number = index + 1;
            self.write_tag("li", &format!("id=\"fb-fn-{number}\""));
            if let Some(mut buffer) = definitions.remove(label) {
                let back: String = (1..=*count)
                    .map(|n| {
                        let suffix = if n == 1 { String::new() } else { format!("-{n}") };
                        format!(
                            " <a class=\"footnote-back\" href=\"#fb-fnref-{number}{suffix}\" aria-label=\"Back to reference {number}{suffix}\">↩</a>"
                        )
                    })
                    .collect();
                // The way back stands in the last paragraph, if that is how the note ends.
                let inside = buffer.html.ends_with("</p>\n");
                if inside {
                    buffer.html.truncate(buffer.html.len() - "</p>\n".len());
                }
                self.buffer().append(buffer);
                self.write_fragment(&back);
                if inside {
                    self.write("</p>\n");
                }
            }
            self.write("</li>\n");
        }
        self.write("</ol></section>\n");
    }

    // Links -------------------------------------------------------------------------------------

    fn push_link(&mut self, form: Form, target: &str, text: &str, span: Span) -> u32 {
        self.out.links.push(Link {
            form,
            target: target.into(),
            text: text.into(),
            title: "".into(),
            size: (None, None),
            span,
            context: "".into(),
        });
        self.out.links.len() as u32 - 1
    }

    fn link(&mut self, span: Span, link_type: LinkType, target: &str, title: &str) {
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
                self.block.links.push((index, self.block.text.len()..usize::MAX));
                self.write_link_tag(Hole::Attributes(index));
                self.open.push("</a>");
            }
        }
    }

    fn enter_link(&mut self, attributes: &str) {
        self.write_tag("a", attributes);
        self.open.push("</a>");
    }

    fn forbidden(&mut self, target: &str, span: Span) {
        let scheme: String =
            target.trim().chars().take_while(|c| *c != ':').filter(|c| !c.is_control()).take(20).collect();
        self.say(
            Code::ForbiddenUrl,
            span,
            &format!("links with the scheme `{scheme}:` are not published"),
            &["links may be relative or start with `https:`, `http:` or `mailto:`"],
        );
    }

    /// The text between a link's start and end, without markup.
    fn inner_text(&self, start: usize, end: usize) -> String {
        self.events[start + 1..end]
            .iter()
            .map(|(event, _)| match event {
                Event::Text(t) | Event::Code(t) | Event::InlineMath(t) | Event::DisplayMath(t) => t.as_ref(),
                Event::SoftBreak | Event::HardBreak => " ",
                _ => "",
            })
            .collect()
    }

    fn wikilink(&mut self, at: usize, target: &str) -> usize {
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
        let from = self.block.text.len();
        self.plain(&label);
        let index = self.push_link(Form::Wiki, target, &label, span);
        self.block.links.push((index, from..self.block.text.len()));
        self.write_hole(Hole::Wiki(index));
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
        self.plain(text);
        self.write_escaped(text);
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

    fn image(&mut self, at: usize, link_type: LinkType, target: &str, title: &str) -> usize {
        let end = self.matching_end(at);
        let alt = self.inner_text(at, end);
        let span = self.span(at);
        if matches!(link_type, LinkType::WikiLink { .. }) {
            let target = target.trim_end_matches('\\');
            let name = target.split(['#', '|']).next().unwrap_or(target);
            if is_picture(name) {
                let size = alt.rsplit('|').next().and_then(picture_size);
                let alt = if size.is_some() || alt == target { "" } else { alt.as_str() };
                let index = self.push_link(Form::WikiImage, name, alt, span);
                self.out.links[index as usize].size = size.unwrap_or((None, None));
                self.write_hole(Hole::Image(index));
            } else {
                // An embed within a line of text can be no more than a link.
                let index = self.push_link(Form::Wiki, target, &alt, span);
                let from = self.block.text.len();
                self.plain(&alt);
                self.block.links.push((index, from..self.block.text.len()));
                self.write_hole(Hole::Wiki(index));
            }
            return end + 1;
        }
        self.plain(&alt);
        self.picture(target, &alt, title, (None, None), span);
        end + 1
    }

    /// An image by its URL.
    fn picture(&mut self, target: &str, alt: &str, title: &str, size: (Option<u32>, Option<u32>), span: Span) {
        match Url::read(target) {
            Url::Internal { path, .. } if !path.is_empty() => {
                let index = self.push_link(Form::Image, target, alt, span);
                let link = &mut self.out.links[index as usize];
                link.title = title.into();
                link.size = size;
                self.write_hole(Hole::Image(index));
            }
            Url::Forbidden if self.input.options.markdown.raw_html != RawHtml::Allow => {
                self.forbidden(target, span);
                self.write_escaped(alt);
            }
            _ => {
                if target.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:")) {
                    let hint = "readers see a broken picture; use `https:`, or lay the file beside the note";
                    self.say(
                        Code::ForbiddenUrl,
                        span,
                        "a picture over `http:` is blocked by the page's own policy",
                        &[hint],
                    );
                }
                // `//host/picture.png` would be a path on disk where the site is opened from a folder.
                let scheme = if target.starts_with("//") { "https:" } else { "" };
                let mut tag = format!("<img src=\"{scheme}{}\" alt=\"{}\"", escape_url(target), escaped(alt));
                if !title.is_empty() {
                    tag += &format!(" title=\"{}\"", escaped(title));
                }
                for (name, value) in [("width", size.0), ("height", size.1)] {
                    if let Some(value) = value {
                        tag += &format!(" {name}=\"{value}\"");
                    }
                }
                tag += " loading=\"lazy\" decoding=\"async\">";
                self.write_fragment(&tag);
            }
        }
    }

    /// A paragraph that is one `![[note]]` and nothing else.
    fn block_embed(&mut self, at: usize) -> Option<usize> {
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
        self.write_hole(Hole::Embed(index));
        self.write("\n");
        Some(end + 2)
    }

    // Raw HTML ----------------------------------------------------------------------------------

    fn html_block(&mut self, at: usize) -> usize {
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

    fn raw_html(&mut self, source: &str, range: Range<usize>, block: bool) {
        match self.input.options.markdown.raw_html {
            RawHtml::Allow => return self.write(source),
            RawHtml::Escape if block => {
                self.write("<p>");
                self.write_escaped(source.trim_end());
                return self.write("</p>\n");
            }
            RawHtml::Escape => return self.write_escaped(source),
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
            self.write("<p>");
        }
        let mut unclosed: Vec<&str> = Vec::new();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                Token::Text(text) if as_text => {
                    self.plain(text);
                    self.write_escaped(text.trim_end_matches('\n'));
                }
                // The note holds no tag that could be read, so nothing will be sanitised.
                Token::Text(text) if self.marks.is_none() => {
                    self.plain(text);
                    self.write_escaped(text);
                }
                Token::Text(text) => {
                    self.plain(text);
                    // Entities stay as written; the sanitiser reads them. What could begin a tag must not.
                    self.write(&text.replace('<', "&lt;"));
                }
                Token::NotATag(text) => {
                    self.plain(text);
                    self.write_escaped(text);
                }
                Token::Comment { closed: true } => {}
                Token::Comment { closed: false } => self.say(
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
            self.write("</p>\n");
        }
    }

    fn removed(&mut self, name: &str, span: Span) {
        self.say_once(
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
            if self.too_deep > 0 {
                self.too_deep -= 1;
                return false;
            }
            self.html_depth = self.html_depth.saturating_sub(1);
            return true;
        }
        if self.html_depth < MAX_DEPTH {
            self.html_depth += 1;
            return true;
        }
        self.too_deep += 1;
        let message = format!("HTML is nested deeper than {MAX_DEPTH} here");
        let hints = ["what lies deeper is shown without its nesting", "is an element not closed?"];
        self.say_once(Code::NestingTooDeep, "html", span, &message, &hints);
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
            self.say_once(Code::HtmlRemoved, handler, span, &message, &["a page runs no script of a note's own"]);
        }
        for name in ["id", "name"] {
            if let Some(id) = tag.attribute(name).filter(|id| self.anchors.claim(id)) {
                self.out.ids.push(id.into());
            }
        }
        match (tag.name.as_str(), tag.closing) {
            ("img", false) => {
                let size = |name| tag.attribute(name).and_then(|v| v.trim_end_matches("px").parse().ok());
                let src = tag.attribute("src").unwrap_or("").to_owned();
                let alt = tag.attribute("alt").unwrap_or("");
                self.picture(&src, alt, tag.attribute("title").unwrap_or(""), (size("width"), size("height")), span);
            }
            ("a", false) => match tag.attribute("href").map(|href| (href, Url::read(href))) {
                Some((href, Url::Internal { path, fragment, .. })) if !path.is_empty() || fragment.is_some() => {
                    let index = self.push_link(Form::Inline, href, "", span);
                    let at = self.block.text.len();
                    self.block.links.push((index, at..at));
                    self.write_link_tag(Hole::Attributes(index));
                }
                Some((href, Url::External)) => {
                    self.write_tag("a", &external(href, tag.attribute("title").unwrap_or("")));
                }
                Some((href, Url::Forbidden)) => {
                    self.forbidden(href, span);
                    self.write("<a>");
                }
                _ => self.write(tag.text),
            },
            // A page's title is its only first-level heading.
            ("h1", closing) => self.write(if closing { "</h2>" } else { "<h2>" }),
            _ => self.write(tag.text),
        }
    }

    /// Inline HTML comes tag by tag; an element that holds raw text is dropped with its content.
    fn inline_html(&mut self, at: usize, source: &str) -> usize {
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
        if self.unclosed.get(name).is_some_and(|until| at < *until) {
            return None;
        }
        for (offset, (event, _)) in self.events[at + 1..].iter().enumerate() {
            match event {
                Event::InlineHtml(html) if closes(html, name) => return Some(at + 1 + offset),
                Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell) => {
                    self.unclosed.insert(name.to_owned(), at + 1 + offset);
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

/// Lines such as `Date: 2026-03-19` or a bare `Accepted` at a record's head say nothing of what it is about.
fn is_metadata(text: &str) -> bool {
    let one_word =
        text.chars().count() <= 24 && text.split_whitespace().count() <= 2 && !text.ends_with(['.', '。', '!', '?']);
    one_word
        || text.lines().all(|line| {
            let line = line.trim().trim_start_matches(['*', '-']).trim_start();
            line.split_once(':')
                .is_some_and(|(key, _)| key.chars().count() <= 20 && key.split_whitespace().count() <= 2)
                && line.chars().count() <= 80
        })
}

/// The attributes of a link that leads out of the book: the other site learns nothing of the reader's page.
fn external(target: &str, title: &str) -> String {
    let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escaped(title)) };
    format!("href=\"{}\" rel=\"noopener noreferrer\"{title}", escape_url(target))
}

/// What a hit in plain text is.
#[derive(Clone, Copy)]
enum Sign {
    Ticket,
    Person,
    Tag,
}

/// The index of an item in a list that holds each once; `indices` knows those that are there.
fn index_of<T: Clone + Eq + Hash>(list: &mut Vec<T>, indices: &mut HashMap<T, u32>, item: T) -> u32 {
    *indices.entry(item).or_insert_with_key(|item| {
        list.push(item.clone());
        list.len() as u32 - 1
    })
}

/// Class and label of a callout's type.
fn callout_kind(name: &str) -> (String, String) {
    let name = name.split('|').next().unwrap_or(name).trim().to_lowercase();
    let class = match name.as_str() {
        "note" | "info" | "abstract" | "summary" | "tldr" | "todo" | "example" | "quote" | "cite" => "note",
        "tip" | "hint" | "success" | "check" | "done" => "tip",
        "important" => "important",
        "warning" | "attention" => "warning",
        "caution" | "danger" | "error" | "bug" | "failure" | "fail" | "missing" => "caution",
        "question" | "help" | "faq" => "question",
        "kudos" | "thanks" => "kudos",
        "surprise" => "surprise",
        "decision" => "decision",
        "assumption" => "assumption",
        _ => "note",
    };
    let mut letters = name.chars();
    let label = letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect());
    (class.to_owned(), label.replace(['-', '_'], " "))
}

fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "ico"].iter().any(|e| extension.eq_ignore_ascii_case(e))
}

/// `300` or `300x200`, as Obsidian writes an image's size.
fn picture_size(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    match text.split_once('x') {
        Some((width, height)) => Some((Some(width.parse().ok()?), Some(height.parse().ok()?))),
        None => Some((Some(text.parse().ok()?), None)),
    }
}

fn is_dense(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Words before a full stop that does not end a sentence.
const ABBREVIATIONS: [&str; 16] =
    ["Dr", "Mr", "Mrs", "Ms", "Prof", "St", "vs", "cf", "ca", "etc", "Inc", "Ltd", "No", "Nr", "bzw", "approx"];

/// Counts words without a branch for each byte: chunks so short that a byte holds their sum.
fn ascii_words(text: &[u8]) -> usize {
    let Some((first, rest)) = text.split_first() else { return 0 };
    let begins = |before: u8, byte: u8| before.is_ascii_whitespace() & !byte.is_ascii_whitespace();
    let within = |(before, bytes): (&[u8], &[u8])| {
        usize::from(before.iter().zip(bytes).map(|(before, byte)| u8::from(begins(*before, *byte))).sum::<u8>())
    };
    usize::from(begins(b' ', *first)) + text.chunks(255).zip(rest.chunks(255)).map(within).sum::<usize>()
}

/// The sentence of `text` that holds `range`, on one line and not too long.
fn sentence_around(text: &str, range: Range<usize>) -> String {
    let start = range.start.min(text.len());
    let end = range.end.min(text.len()).max(start);
    // Far more than is shown, and no more: a paragraph may be as long as the note and full of links.
    let first = floor_boundary(text, start.saturating_sub(8 * CONTEXT));
    let last = floor_boundary(text, end.saturating_add(8 * CONTEXT));
    let (text, start, end) = (&text[first..last], start - first, end - first);
    // A full stop ends a sentence where a space and no small letter follow it, and where the word
    // before it is no abbreviation: `e.g. this`, `Dr. Smith`, `3 p.m. today` go on.
    let is_end = |at: usize, c: char| match c {
        '。' | '！' | '？' => true,
        '!' | '?' => text[at + 1..].chars().next().is_none_or(char::is_whitespace),
        '.' => {
            let rest = &text[at + 1..];
            let word = text[..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
            let short = word.contains('.') || word.chars().count() == 1 || ABBREVIATIONS.contains(&word);
            rest.is_empty()
                || rest.starts_with(char::is_whitespace) && !short && !rest.trim_start().starts_with(char::is_lowercase)
        }
        _ => false,
    };
    // Both searches are bounded: a paragraph may hold a great many links.
    let mut from = 0;
    for (behind, (at, c)) in text[..start].char_indices().rev().enumerate() {
        if is_end(at, c) {
            from = at + c.len_utf8();
            break;
        }
        if behind == CONTEXT / 2 {
            // A long sentence is cut from the left until the link is in sight.
            from = text[at..start].find(' ').map_or(at, |space| at + space);
            break;
        }
    }
    let to = text[end..]
        .char_indices()
        .take(4 * CONTEXT)
        .find(|(at, c)| is_end(end + at, *c))
        .map(|(at, c)| end + at + c.len_utf8())
        .or_else(|| text[end..].char_indices().nth(4 * CONTEXT).map(|(at, _)| end + at))
        .unwrap_or(text.len());
    let sentence = text[from..to].split_whitespace().collect::<Vec<_>>().join(" ");
    truncate(&sentence, CONTEXT).into_owned()
}
