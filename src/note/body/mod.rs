//! Markdown → HTML with holes: the only door to pulldown-cmark.
//!
//! CommonMark 0.31 with GitHub's tables, strikethrough, task lists, footnotes, bare URLs and
//! alerts, Obsidian's wikilinks, embeds and folding callouts, heading attributes, definition
//! lists and math. The walk is total: whatever the text, it ends, and all of it is shown.
//!
//! [`walk`] goes through the parser's events, with a module for each thing that it meets. What it
//! writes goes through [`writer`]; what a reader would read aloud goes through [`prose`].

use pulldown_cmark::{Event, Options, Parser, TextMergeWithOffset};

use super::html::{self, Token};
use super::items::Items;
use super::items::reader::InText;
use super::link::{Body, Link, Name};
use super::outline::Heading;
use super::words::Gather;
use crate::config::{Kind, ParseOptions, RawHtml};
use crate::diagnostic::Diagnostic;
use crate::path::SourcePath;

mod callout;
mod footnotes;
mod headings;
mod items;
mod links;
mod pictures;
mod problems;
mod prose;
mod raw_html;
mod table;
mod text;
mod verbatim;
mod walk;
mod writer;

use walk::{Placed, Walk};
use writer::Writer;

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
    /// What the text says that a team works with.
    pub items: Items,
    /// Keys of the note that the text gives.
    pub in_text: Vec<InText>,
    /// The first paragraph as plain text.
    pub summary: String,
    /// Words (for scripts without spaces: half the characters).
    pub words: usize,
    /// There is a diagram for a script to draw.
    pub has_diagram: bool,
    /// The words of the text, where the book has a search.
    pub gathered: Option<Gather>,
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
    /// The note's kind: it says which items are read.
    pub kind: &'s Kind,
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
    let mut events: Vec<Placed<'_>> = TextMergeWithOffset::new(parser)
        .map(|(event, range)| (event, range.start + input.start..range.end + input.start))
        .collect();
    headings::take_ids(&mut events, input.text);

    let raw_html = input.options.markdown.raw_html == RawHtml::Sanitize
        && events.iter().any(|(event, _)| match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                html::tokens(html).iter().any(|t| matches!(t, Token::Tag(_)))
            }
            _ => false,
        });
    let writer = Writer::new(raw_html.then(|| html::mark_name(input.text)));
    Walk::new(input, &events, writer, diagnostics).run()
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
