//! The HTML being written, with its holes.
//!
//! A part can be put aside while it is written (a heading, a table, a footnote) and appended where
//! it belongs. Where the note holds HTML of its author, the renderer's own goes in as marks, which
//! the sanitiser gives back unharmed: see [`html`].

use crate::note::html::{self, Mark, escape};
use crate::note::link::{Body, Hole};

/// A piece of HTML with its holes.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) html: String,
    pub(super) holes: Vec<(u32, Hole)>,
}

/// Writes HTML.
#[derive(Debug)]
pub(super) struct Writer {
    /// The note, and the parts put aside within it.
    parts: Vec<Part>,
    /// What the sanitiser must put back; none where it will not be called.
    marks: Option<Vec<Mark>>,
    mark_name: String,
}

impl Writer {
    /// `mark_name` is given where the HTML will be sanitised: a name that the note does not hold.
    pub(super) fn new(mark_name: Option<String>) -> Self {
        Writer {
            parts: vec![Part::default()],
            marks: mark_name.is_some().then(Vec::new),
            mark_name: mark_name.unwrap_or_default(),
        }
    }

    /// The note holds HTML of its author, and the whole will be sanitised.
    pub(super) fn is_judged(&self) -> bool {
        self.marks.is_some()
    }

    /// What is written now goes into the note's text, not into a part put aside.
    pub(super) fn is_in_the_text(&self) -> bool {
        self.parts.len() == 1
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.html.len()).sum()
    }

    /// What is written from here on is put aside.
    pub(super) fn begin_part(&mut self) {
        self.parts.push(Part::default());
    }

    /// The part that was begun last.
    pub(super) fn end_part(&mut self) -> Part {
        self.parts.pop().unwrap_or_default()
    }

    /// Writes a part that was put aside.
    pub(super) fn append(&mut self, part: Part) {
        let here = self.part();
        let base = here.html.len() as u32;
        here.html.push_str(&part.html);
        here.holes.extend(part.holes.into_iter().map(|(at, hole)| (at + base, hole)));
    }

    /// Appends the parts that were never ended, as the growth limit leaves them.
    pub(super) fn end_parts(&mut self) {
        while self.parts.len() > 1 {
            let part = self.end_part();
            self.append(part);
        }
    }

    /// The finished HTML; `ids` are those that the author set.
    pub(super) fn finish(mut self, ids: &[Box<str>]) -> Body {
        let part = self.end_part();
        match self.marks {
            None => Body { html: part.html, holes: part.holes, sections_are_whole: true },
            Some(marks) => {
                let (html, holes) = html::sanitise(&part.html, &marks, &self.mark_name, ids);
                Body { html, holes, sections_are_whole: false }
            }
        }
    }

    fn part(&mut self) -> &mut Part {
        if self.parts.is_empty() {
            self.parts.push(Part::default());
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// The renderer's own HTML, as it is.
    pub(super) fn write(&mut self, html: &str) {
        self.part().html.push_str(html);
    }

    /// Text.
    pub(super) fn write_escaped(&mut self, text: &str) {
        escape(&mut self.part().html, text);
    }

    fn mark(&mut self, mark: Mark) -> Option<usize> {
        let marks = self.marks.as_mut()?;
        marks.push(mark);
        Some(marks.len() - 1)
    }

    /// `<name attributes>`
    pub(super) fn write_tag(&mut self, name: &str, attributes: &str) {
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
    pub(super) fn write_fragment(&mut self, html: &str) {
        if self.marks.is_some() {
            let n = self.mark(Mark::Fragment(html.to_owned())).unwrap_or_default();
            let span = format!("<span {}=\"{n}\"></span>", self.mark_name);
            self.write(&span);
        } else {
            self.write(html);
        }
    }

    /// What only the whole book can fill in.
    pub(super) fn write_hole(&mut self, hole: Hole) {
        if self.marks.is_some() {
            let n = self.mark(Mark::FragmentHole(hole)).unwrap_or_default();
            let span = format!("<span {}=\"{n}\"></span>", self.mark_name);
            self.write(&span);
        } else {
            let buffer = self.part();
            let at = buffer.html.len() as u32;
            buffer.holes.push((at, hole));
        }
    }

    /// `<a` with a hole for its attributes, and `>`.
    pub(super) fn write_link_tag(&mut self, hole: Hole) {
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
}
