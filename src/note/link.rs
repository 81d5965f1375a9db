//! What a note points at, as it was written: resolved only when the whole book is known.

use serde::{Deserialize, Serialize};

use crate::text::Span;

/// How a link was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Form {
    /// `[text](target)` in any of Markdown's forms, or `<a href>`.
    Inline,
    /// `[[target]]`
    Wiki,
    /// `![alt](target)` or `<img>`.
    Image,
    /// `![[picture.png]]`
    WikiImage,
    /// `![[note]]`
    Embed,
}

/// A link to something inside the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How it was written.
    pub form: Form,
    /// The target as written: a URL for [`Form::Inline`] and [`Form::Image`], a name for the wiki forms.
    pub target: Box<str>,
    /// The text a reader sees (an image's alternative text).
    pub text: Box<str>,
    /// An image's title, or empty.
    pub title: Box<str>,
    /// The size that the author asked for.
    pub size: Size,
    /// Where it stands in the file.
    pub span: Span,
    /// The sentence around it, as plain text: shown beside the backlink.
    pub context: Box<str>,
}

/// A picture's size, as its author asked for it: `![[a.png|300]]`, `<img width="300">`, `<img width="30%">`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Size {
    /// In pixels.
    pub width: Option<u32>,
    /// In pixels.
    pub height: Option<u32>,
    /// The width in tenths of the text's, 1 to 9, where it was given in per cent.
    pub tenths: Option<u8>,
}

impl Size {
    /// By the values of an element's attributes.
    pub fn of_attributes(width: Option<&str>, height: Option<&str>) -> Self {
        let pixels = |value: Option<&str>| value?.trim().trim_end_matches("px").parse().ok();
        let percent: Option<u32> = width.and_then(|width| width.trim().strip_suffix('%')?.parse().ok());
        let tenths = percent.map(|percent| (percent.saturating_add(5) / 10).max(1)).filter(|tenths| *tenths < 10);
        Size { width: pixels(width), height: pixels(height), tenths: tenths.map(|tenths| tenths as u8) }
    }

    /// The class by which the theme gives a picture its share of the text's width. An attribute can
    /// hold pixels only, and a style of its own is not for a page.
    pub fn class(self) -> Option<String> {
        self.tenths.map(|tenths| format!("w-{tenths}0"))
    }
}

/// A place in a note's HTML that only the whole book can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hole {
    /// The attributes of an `<a` that is already written; index into the note's links.
    Attributes(u32),
    /// A whole wikilink with its text; index into the note's links.
    Wiki(u32),
    /// An image; index into the note's links.
    Image(u32),
    /// Another note's text; index into the note's links.
    Embed(u32),
    /// A ticket's id, as a link to its page; index into the note's tickets.
    Ticket(u32),
    /// `@ana` or `#tag`, where book.toml switches them on; index into the note's names.
    Name(u32),
    /// Nothing is filled in: a heading at the top level starts here; index into the outline.
    Section(u32),
}

/// A name that stands in the text with a sign before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Name {
    /// `@ana`, without the sign.
    Person(Box<str>),
    /// `#market/spain`, without the sign.
    Tag(Box<str>),
}

/// HTML with holes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// The HTML around the holes.
    pub html: String,
    /// Byte offsets into `html`, ascending, and what belongs there.
    pub holes: Vec<(u32, Hole)>,
    /// Cut at a [`Hole::Section`], the HTML is still well-formed: the author wrote no tags of their own.
    pub sections_are_whole: bool,
}

impl Body {
    /// Writes the HTML with each hole filled by `fill`.
    pub fn fill(&self, mut fill: impl FnMut(usize, Hole, &mut String), out: &mut String) {
        self.fill_range(0..self.html.len(), &mut fill, out);
    }

    /// The same for a part of the HTML, as given by [`Body::section`].
    pub fn fill_range(
        &self,
        range: std::ops::Range<usize>,
        fill: &mut impl FnMut(usize, Hole, &mut String),
        out: &mut String,
    ) {
        let mut at = range.start;
        for (index, &(offset, hole)) in self.holes.iter().enumerate() {
            let offset = offset as usize;
            if offset < range.start {
                continue;
            }
            if offset > range.end {
                break;
            }
            out.push_str(&self.html[at..offset]);
            at = offset;
            if offset < range.end || range.end == self.html.len() {
                fill(index, hole, out);
            }
        }
        out.push_str(&self.html[at..range.end]);
    }

    /// The part of the HTML from the heading with this index to the next one of its level or
    /// above; the whole where that can't be cut out.
    pub fn section(&self, heading: usize, level_of: impl Fn(usize) -> u8) -> std::ops::Range<usize> {
        let whole = 0..self.html.len();
        let mut starts = self.holes.iter().filter_map(|&(offset, hole)| match hole {
            Hole::Section(index) => Some((index as usize, offset as usize)),
            _ => None,
        });
        let Some((_, start)) = starts.find(|(index, _)| *index == heading) else { return whole };
        let level = level_of(heading);
        let end = starts.find(|(index, _)| level_of(*index) <= level).map_or(self.html.len(), |(_, offset)| offset);
        match self.sections_are_whole || is_balanced(&self.html[start..end]) {
            true => start..end,
            false => whole,
        }
    }
}

/// Every element that is opened is closed, in order. The HTML is the renderer's or the
/// sanitiser's: each `<` begins a tag.
fn is_balanced(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in html.split('<').skip(1) {
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        match tag.starts_with('/') {
            _ if matches!(name, "br" | "hr" | "img" | "input" | "wbr" | "col" | "area") => {}
            false => open.push(name),
            true if open.pop() != Some(name) => return false,
            true => {}
        }
    }
    open.is_empty()
}
