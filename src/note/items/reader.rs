//! The grammar of items: what the headings, labels, bullets and callouts of a text mean.
//!
//! - A heading or a label line (`What surprised us:`) announces what the bullets below it are, or the
//!   paragraph below it where there are no bullets. What a heading announces ends at the next heading
//!   of its level or above, what a label announces ends with its list.
//! - `Ticket: FLEX-112`, as a heading or a label, begins what was learned by that ticket; without
//!   one, `Hypothesis:` does.
//! - `Metric: …` is a key of the note where its kind says so: above the first heading, or as a heading.
//! - A checkbox is an action, a callout of the right type a question, a surprise or a thank-you.
//!
//! Labels may be bold or bullets themselves; the text comes without markup. What is said in quotes
//! and footnotes is not the note's own and is not read.

use std::ops::Range;

use super::action::{self, Line};
use super::{Action, Items, Learning, Piece, State, Thanks, one_line};
use crate::config::{FieldType, Item, Kind, ParseOptions, Part, canonical};
use crate::text::Span;

/// A key of the note that its text gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InText {
    /// The key's own name, in snake case.
    pub key: String,
    /// The label or heading.
    pub label: Span,
    /// One text, or the bullets below the label.
    pub values: Vec<(String, Span)>,
}

/// What an announcement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Announced {
    Surprises,
    Learned,
    Hypothesis,
    Result,
    Thanks,
    /// Index into the keys found in the text.
    Key(usize),
}

/// An announcement that is in force.
#[derive(Debug)]
struct Open {
    what: Announced,
    /// Of the heading; labels stand below every heading.
    level: u8,
    /// The depth of the list whose bullets are meant.
    depth: usize,
    /// Something was found below it.
    used: bool,
    /// The first paragraph below a heading that announces bullets: counts if no bullet follows.
    paragraph: Option<(String, Span)>,
}

/// Labels end at any heading.
const LABEL: u8 = 7;

/// A bullet with an item, as the walk has to write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An action; the words for its id.
    Action(String),
    /// A surprise; the words for its id.
    Surprise(String),
}

impl Place {
    /// The words for its id.
    pub fn words(&self) -> &str {
        match self {
            Place::Action(words) | Place::Surprise(words) => words,
        }
    }
}

/// Reads the items of one text.
pub struct Reader<'o> {
    options: &'o ParseOptions,
    kind: &'o Kind,
    items: Items,
    keys: Vec<InText>,
    /// The learning that is being read, with the level of its heading.
    learning: Option<(Learning, u8)>,
    open: Option<Open>,
    /// The anchor of the heading above; empty at the top.
    anchor: Box<str>,
    before_headings: bool,
    depth: usize,
    /// Quotes and the like that are open.
    quotes: usize,
    /// Notes of the kind replace one another.
    relations: bool,
}

impl<'o> Reader<'o> {
    /// Nothing is read yet.
    pub fn new(options: &'o ParseOptions, kind: &'o Kind) -> Self {
        Reader {
            options,
            kind,
            items: Items::default(),
            keys: Vec::new(),
            learning: None,
            open: None,
            anchor: "".into(),
            before_headings: true,
            depth: 0,
            quotes: 0,
            relations: kind.fields.iter().any(|field| field == "supersedes"),
        }
    }

    /// All that was found, and the keys that the text gives.
    pub fn finish(mut self) -> (Items, Vec<InText>) {
        self.end_open();
        self.end_learning();
        self.keys.retain(|key| !key.values.is_empty());
        (self.items, self.keys)
    }

    // Where the walk is ---------------------------------------------------------------------------

    /// A list begins.
    pub fn enter_list(&mut self) {
        self.depth += 1;
    }

    /// A list ends.
    pub fn leave_list(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.open.as_ref().is_some_and(|open| open.level == LABEL && self.depth < open.depth) {
            self.end_open();
        }
    }

    /// A quote, a callout or a footnote begins.
    pub fn enter_quote(&mut self) {
        self.quotes += 1;
    }

    /// It ends.
    pub fn leave_quote(&mut self) {
        self.quotes = self.quotes.saturating_sub(1);
    }

    // What the walk meets ---------------------------------------------------------------------------

    /// The note's title: what comes below it is above the first heading.
    pub fn title(&mut self, anchor: &str) {
        if self.items == Items::default() {
            self.anchor = anchor.into();
        }
    }

    /// A heading of the note's own text.
    pub fn heading(&mut self, level: u8, text: &str, anchor: &str, span: Span) {
        self.before_headings = false;
        if self.open.as_ref().is_some_and(|open| level <= open.level) {
            self.end_open();
        }
        self.anchor = anchor.into();
        let wording = self.options.wording.clone();
        let (label, value) = label(text).map_or((text, ""), |(label, value)| (label, &text[value]));
        let part =
            wording.of_heading(if value.is_empty() { label } else { text }).or_else(|| wording.of_heading(label));
        if self
            .learning
            .as_ref()
            .is_some_and(|(learning, above)| level <= *above && !(level == *above && lacks(learning, part)))
        {
            self.end_learning();
        }
        let tickets = self.tickets(text);
        if wording.is(Part::Ticket, label) && !value.is_empty()
            || tickets.first().is_some_and(|first| text.starts_with(&**first))
        {
            self.end_learning();
            let tickets = if tickets.is_empty() { vec![one_line(value)] } else { tickets };
            let learning = Learning { heading: one_line(text), tickets, ..self.blank(span) };
            self.learning = Some((learning, level));
            return;
        }
        if let Some(key) = self.key(label, part).filter(|_| !self.in_ticket()) {
            self.announce_key(key, span, level);
            self.take_value(value, span);
            return;
        }
        let Some(what) = part.and_then(announced) else { return };
        if matches!(what, Announced::Hypothesis | Announced::Learned) {
            self.begin_learning(level.saturating_sub(1), what == Announced::Hypothesis, span);
        }
        self.open = Some(Open { what, level, depth: 1, used: false, paragraph: None });
        self.take_value(value, span);
    }

    /// What was announced ends.
    fn end_open(&mut self) {
        let Some(open) = self.open.take() else { return };
        if let Some((text, span)) = open.paragraph.filter(|_| !open.used) {
            self.put(&open.what, &text, span);
        }
    }

    /// What is announced is a list: bullets count before a paragraph.
    fn is_list(&self, what: &Announced) -> bool {
        match what {
            Announced::Surprises | Announced::Learned | Announced::Thanks => true,
            Announced::Hypothesis | Announced::Result => false,
            Announced::Key(key) => {
                let field = self.keys.get(*key).and_then(|key| self.options.schema.field(&key.key));
                let list = |ty: &FieldType| matches!(ty, FieldType::List | FieldType::Sentences | FieldType::Links);
                field.is_some_and(|field| list(&field.ty))
            }
        }
    }

    /// Whether a paragraph with this source may hold anything for [`Reader::paragraph`].
    pub fn wants_paragraph(&self, source: &str) -> bool {
        self.quotes == 0 && (self.open.is_some() || self.may_label(source))
    }

    /// A paragraph of the note's own text: its lines, each with its place in the file.
    pub fn paragraph(&mut self, lines: &[(String, Span)], file: &str) {
        self.lines(lines, file, 0);
    }

    /// Whether a list item with this source may hold anything for [`Reader::item`].
    pub fn wants_item(&self, source: &str, is_task: bool) -> bool {
        self.quotes == 0
            && (is_task || self.open.as_ref().is_some_and(|open| open.depth == self.depth) || self.may_label(source))
    }

    /// A list item: its first lines, each with its place, and whether it is a checkbox that is ticked.
    pub fn item(&mut self, lines: &[(String, Span)], file: &str, task: Option<bool>, struck: bool) -> Option<Place> {
        let span = whole(lines);
        let text = lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(ticked) = task {
            return self.action(&text, ticked, struck, span);
        }
        if self.lines(lines, file, self.depth) {
            return None;
        }
        let open = self.open.as_mut().filter(|open| open.depth == self.depth)?;
        open.used = true;
        match open.what.clone() {
            Announced::Surprises => self.surprise(&text, span),
            what => {
                self.put(&what, &text, span);
                None
            }
        }
    }

    /// A callout: the class of its type, its title and its text. Gives the words for its id where it
    /// is an item.
    pub fn callout(&mut self, class: &str, title: &str, body: &str, span: Span) -> Option<String> {
        // The callout is itself a quote that is open.
        if self.quotes > 1 {
            return None;
        }
        let text = [title, body].join(" ");
        let text = text.trim();
        match class {
            "question" if self.reads(Item::Questions) => {
                let question = if title.trim().is_empty() { body } else { title };
                let text = self.text(question)?;
                let words = format!("question {}", short(&text));
                self.items.questions.push(Piece { text, anchor: "".into(), span });
                Some(words)
            }
            "kudos" if self.reads(Item::Thanks) => {
                let words = format!("thanks {}", short(text));
                self.thanks(text, span)?;
                Some(words)
            }
            "surprise" if self.reads(Item::Surprises) => match self.surprise(text, span)? {
                Place::Surprise(words) | Place::Action(words) => Some(words),
            },
            _ => None,
        }
    }

    /// The anchor that the last item of this kind was given.
    pub fn anchored(&mut self, place: &Place, anchor: &str) {
        match place {
            Place::Action(_) => self.items.actions.last_mut().map(|action| &mut action.anchor),
            Place::Surprise(_) => self.items.surprises.last_mut().map(|piece| &mut piece.anchor),
        }
        .into_iter()
        .for_each(|of| *of = anchor.into());
    }

    /// The anchor that the last callout of this class was given.
    pub fn callout_anchored(&mut self, class: &str, anchor: &str) {
        match class {
            "question" => self.items.questions.last_mut(),
            "surprise" => self.items.surprises.last_mut(),
            _ => self.items.thanks.last_mut().map(|thanks| &mut thanks.piece),
        }
        .into_iter()
        .for_each(|piece| piece.anchor = anchor.into());
    }

    // Items -----------------------------------------------------------------------------------------

    fn reads(&self, item: Item) -> bool {
        self.kind.items.contains(&item)
    }

    fn action(&mut self, text: &str, ticked: bool, struck: bool, span: Span) -> Option<Place> {
        let line = Line::read(text, &self.options.wording);
        let read = self.reads(Item::Actions) || self.reads(Item::OwnedActions) && line.is_owned();
        if !read || line.text.is_empty() {
            return None;
        }
        if let Some(open) = self.open.as_mut() {
            open.used = true;
        }
        let state = match (struck, ticked) {
            (true, _) => State::Dropped,
            (_, true) => State::Done,
            _ => State::Open,
        };
        let words = format!("action {}", short(&line.text));
        let Line { text, owners, due, done } = line;
        let identity = action::identity(&text);
        self.items.actions.push(Action { text, owners, due, done, state, identity, anchor: "".into(), span });
        Some(Place::Action(words))
    }

    fn surprise(&mut self, text: &str, span: Span) -> Option<Place> {
        if !self.reads(Item::Surprises) {
            return None;
        }
        let text = self.text(text)?;
        let words = format!("surprise {}", short(&text));
        self.items.surprises.push(Piece { text, anchor: self.anchor.clone(), span });
        Some(Place::Surprise(words))
    }

    fn thanks(&mut self, text: &str, span: Span) -> Option<()> {
        if !self.reads(Item::Thanks) {
            return None;
        }
        let text = self.text(text)?;
        let named = text.split_whitespace().filter_map(|word| word.trim_start_matches(['(', '*']).strip_prefix('@'));
        let name = |word: &str| -> Box<str> {
            word.trim_end_matches(|c: char| !c.is_alphanumeric()).trim_end_matches("'s").trim_end_matches("’s").into()
        };
        let to = named.map(name).filter(|name| !name.is_empty()).collect();
        self.items.thanks.push(Thanks { to, piece: Piece { text, anchor: self.anchor.clone(), span } });
        Some(())
    }

    /// The text of an item, unless it says that there is none.
    fn text(&self, text: &str) -> Option<Box<str>> {
        let text = one_line(text);
        let says_something = text.chars().any(char::is_alphanumeric) && !self.options.wording.is(Part::Nothing, &text);
        says_something.then_some(text)
    }

    fn piece(&self, text: &str, span: Span) -> Option<Piece> {
        Some(Piece { text: self.text(text)?, anchor: self.anchor.clone(), span })
    }

    /// Puts a text where an announcement says that it belongs.
    fn put(&mut self, what: &Announced, text: &str, span: Span) {
        match what {
            Announced::Surprises => drop(self.surprise(text, span)),
            Announced::Thanks => drop(self.thanks(text, span)),
            Announced::Key(key) => {
                if let Some(key) = self.keys.get_mut(*key).filter(|_| !text.trim().is_empty()) {
                    key.values.push((text.trim().to_owned(), span));
                }
            }
            Announced::Hypothesis | Announced::Learned | Announced::Result => {
                let piece = self.piece(text, span);
                let (Some((learning, _)), Some(piece)) = (self.learning.as_mut(), piece) else { return };
                match what {
                    Announced::Learned => learning.learned.push(piece),
                    Announced::Result => learning.result = learning.result.take().or(Some(piece.text)),
                    _ => learning.hypothesis = learning.hypothesis.take().or(Some(piece)),
                }
            }
        }
    }

    /// A value on the line of its label or heading.
    fn take_value(&mut self, value: &str, span: Span) {
        let Some(open) = self.open.as_mut().filter(|_| !value.trim().is_empty()) else { return };
        open.used = true;
        let what = open.what.clone();
        self.put(&what, value, span);
    }

    // Learnings -------------------------------------------------------------------------------------

    fn blank(&self, span: Span) -> Learning {
        Learning {
            heading: "".into(),
            tickets: Vec::new(),
            hypothesis: None,
            result: None,
            learned: Vec::new(),
            anchor: self.anchor.clone(),
            span,
        }
    }

    /// There is a learning to add to; a second hypothesis begins another one.
    fn begin_learning(&mut self, level: u8, hypothesis: bool, span: Span) {
        let is_another = |learning: &Learning| hypothesis && learning.hypothesis.is_some();
        if self.learning.as_ref().is_some_and(|(learning, _)| is_another(learning)) {
            self.end_learning();
        }
        if self.learning.is_none() {
            self.learning = Some((self.blank(span), level));
        }
    }

    fn end_learning(&mut self) {
        if let Some((learning, _)) = self.learning.take()
            && self.reads(Item::Learnings)
            && (learning.hypothesis.is_some() || !learning.learned.is_empty())
        {
            self.items.learnings.push(learning);
        }
    }

    /// Within what was learned by a ticket, a hypothesis is that ticket's, not the note's.
    fn in_ticket(&self) -> bool {
        self.learning.as_ref().is_some_and(|(learning, _)| !learning.tickets.is_empty())
    }

    fn tickets(&self, text: &str) -> Vec<Box<str>> {
        self.options.find_tickets(text).into_iter().map(|range| text[range].into()).collect()
    }

    // Labels ----------------------------------------------------------------------------------------

    /// Reads the lines of a paragraph or of an item in a list of some depth; whether one had a label.
    fn lines(&mut self, lines: &[(String, Span)], file: &str, depth: usize) -> bool {
        // A value on its label's line ends with its paragraph.
        if self.open.as_ref().is_some_and(|open| open.level == LABEL && open.used && depth < open.depth) {
            self.end_open();
        }
        let mut labelled = false;
        let mut rest: Vec<(&str, Span)> = Vec::new();
        for (line, span) in lines {
            self.relation(line, file, *span);
            let Some((name, value)) = label(line) else {
                rest.push((line, *span));
                continue;
            };
            let Some(what) = self.of_label(name, *span) else {
                rest.push((line, *span));
                continue;
            };
            // What stood above the label belongs to the one before it.
            self.end_lines(&mut rest, labelled || depth == 0);
            labelled = true;
            match what {
                Some(what) => {
                    self.open = Some(Open { what, level: LABEL, depth: depth + 1, used: false, paragraph: None });
                    self.take_value(&line[value], *span);
                }
                None => {
                    let value = &line[value];
                    let tickets = self.tickets(value);
                    let tickets = if tickets.is_empty() { vec![one_line(value)] } else { tickets };
                    self.end_learning();
                    self.learning =
                        Some((Learning { heading: one_line(line), tickets, ..self.blank(*span) }, LABEL - 1));
                }
            }
        }
        self.end_lines(&mut rest, labelled || depth == 0);
        labelled
    }

    /// Lines without a label: more of the value above them, or the paragraph that a heading announced.
    fn end_lines(&mut self, rest: &mut Vec<(&str, Span)>, own: bool) {
        let lines = std::mem::take(rest);
        let Some((first, last)) = lines.first().zip(lines.last()) else { return };
        let span = Span::new(first.1.start as usize, last.1.end as usize);
        let text = lines.iter().map(|(line, _)| *line).collect::<Vec<_>>().join(" ");
        let Some(open) = self.open.as_mut().filter(|_| own) else { return };
        if open.used {
            // The rest of a value on several lines; a paragraph behind a list is none.
            if open.level == LABEL {
                let what = open.what.clone();
                self.go_on(&what, &text);
            }
            return;
        }
        let (what, heading) = (open.what.clone(), open.level != LABEL);
        if heading && self.is_list(&what) {
            if let Some(open) = self.open.as_mut().filter(|open| open.paragraph.is_none()) {
                open.paragraph = Some((text, span));
            }
            return;
        }
        if let Some(open) = self.open.as_mut() {
            open.used = true;
        }
        self.put(&what, &text, span);
    }

    fn go_on(&mut self, what: &Announced, text: &str) {
        let add = |of: &mut Box<str>| *of = one_line(&format!("{of} {text}"));
        match what {
            Announced::Hypothesis => {
                if let Some(piece) = self.learning.as_mut().and_then(|(learning, _)| learning.hypothesis.as_mut()) {
                    add(&mut piece.text);
                }
            }
            Announced::Learned => {
                if let Some(piece) = self.learning.as_mut().and_then(|(learning, _)| learning.learned.last_mut()) {
                    add(&mut piece.text);
                }
            }
            Announced::Key(key) => {
                if let Some((value, _)) = self.keys.get_mut(*key).and_then(|key| key.values.last_mut()) {
                    value.push(' ');
                    value.push_str(text);
                }
            }
            Announced::Surprises | Announced::Result | Announced::Thanks => {}
        }
    }

    /// A line of the source may be a label: cheap, and wrong in one direction only.
    fn may_label(&self, source: &str) -> bool {
        let in_head = |line: &str| {
            let bytes = line.as_bytes();
            let head = &bytes[..bytes.len().min(LABEL_BYTES + 3)];
            head.iter().position(|byte| *byte == b':').is_some_and(|at| bytes.get(at + 1) != Some(&b'/'))
                || head.windows(3).any(|bytes| bytes == "：".as_bytes())
                || line.starts_with("**")
                || line.starts_with("__")
        };
        source.lines().any(|line| in_head(line.trim_start()) || self.relations && line.contains("]("))
    }

    /// What a label announces; `Some(None)` for a ticket.
    fn of_label(&mut self, name: &str, span: Span) -> Option<Option<Announced>> {
        let part = self.options.wording.of_label(name);
        if part == Some(Part::Ticket) {
            return self.reads(Item::Learnings).then_some(None);
        }
        if self.before_headings
            && !self.in_ticket()
            && let Some(key) = self.key(name, part)
        {
            self.keys.push(InText { key, label: span, values: Vec::new() });
            return Some(Some(Announced::Key(self.keys.len() - 1)));
        }
        let what = part.and_then(announced)?;
        match what {
            Announced::Hypothesis | Announced::Learned => {
                self.begin_learning(LABEL - 1, what == Announced::Hypothesis, span);
            }
            // "Result:" alone may be anything.
            Announced::Result if self.learning.is_none() => return None,
            _ => {}
        }
        Some(Some(what))
    }

    /// The key of the note that a label or heading names, if its text may give it and has not.
    fn key(&self, name: &str, part: Option<Part>) -> Option<String> {
        let named = match part {
            Some(Part::Hypothesis) => "hypothesis",
            Some(Part::Result) => "result",
            _ => "",
        };
        let field = self.options.schema.field(named).or_else(|| self.options.schema.field(&canonical(name)))?;
        let given = |key: &String| self.keys.iter().any(|found| found.key == *key && !found.values.is_empty());
        self.kind.in_text.iter().find(|key| **key == field.name && !given(key)).cloned()
    }

    fn announce_key(&mut self, key: String, label: Span, level: u8) {
        self.keys.push(InText { key, label, values: Vec::new() });
        self.open =
            Some(Open { what: Announced::Key(self.keys.len() - 1), level, depth: 1, used: false, paragraph: None });
    }

    /// `Superseded by [3. No queue](0003-no-queue.md)`, as adr-tools and Log4brains write it.
    fn relation(&mut self, line: &str, file: &str, span: Span) {
        if !self.relations || line.len() > 400 {
            return;
        }
        let wording = &self.options.wording;
        let found = [(Part::SupersededBy, "superseded_by"), (Part::Supersedes, "supersedes")];
        let Some((_, key)) = found.into_iter().find(|(part, _)| wording.begins(*part, line)) else { return };
        // The source's own bytes: the text has lost the target.
        let Some(written) = file.get(span.range()) else { return };
        let values: Vec<(String, Span)> = targets(written)
            .into_iter()
            .map(|target| {
                let at = span.start as usize + target.start;
                (written[target.clone()].to_owned(), Span::new(at, at + target.len()))
            })
            .collect();
        if !values.is_empty() {
            self.keys.push(InText { key: key.into(), label: span, values });
        }
    }
}

/// What the part of a heading or label announces.
fn announced(part: Part) -> Option<Announced> {
    match part {
        Part::Surprises => Some(Announced::Surprises),
        Part::Learned => Some(Announced::Learned),
        Part::Hypothesis => Some(Announced::Hypothesis),
        Part::Result => Some(Announced::Result),
        Part::Thanks => Some(Announced::Thanks),
        _ => None,
    }
}

/// From the first line's start to the last one's end.
fn whole(lines: &[(String, Span)]) -> Span {
    let (first, last) = (lines.first(), lines.last());
    Span::new(first.map_or(0, |(_, span)| span.start as usize), last.map_or(0, |(_, span)| span.end as usize))
}

/// The first words of a text, for an id that people can read.
fn short(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_whitespace().take(8) {
        if words.len() + word.len() > 48 && !words.is_empty() {
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(crate::text::truncate(word, 40).trim_end_matches('…'));
    }
    words
}

/// Bytes of a line's start in which a label's colon stands.
const LABEL_BYTES: usize = 64;

/// The learning has no such part yet: a heading of the ticket's own level may give it.
fn lacks(learning: &Learning, part: Option<Part>) -> bool {
    match part {
        Some(Part::Hypothesis) => learning.hypothesis.is_none() && learning.learned.is_empty(),
        Some(Part::Learned) => learning.learned.is_empty(),
        Some(Part::Result) => learning.result.is_none(),
        _ => false,
    }
}

/// A line's label and the bytes of what stands behind its colon.
fn label(line: &str) -> Option<(&str, Range<usize>)> {
    let at = line.find([':', '：']).filter(|at| *at > 0 && *at <= LABEL_BYTES)?;
    let colon = line[at..].chars().next()?.len_utf8();
    let rest = &line[at + colon..];
    if rest.starts_with(['/', ':']) || line[..at].split_whitespace().count() > 8 {
        return None;
    }
    let start = line.len() - rest.trim_start().len();
    Some((line[..at].trim(), start..line.len()))
}

/// The targets of the links in a line of Markdown, as bytes of it: `[text](target)`, `[[target]]`.
pub(in crate::note) fn targets(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = line[at..].find("](").map(|open| at + open + 2) {
        let Some(length) = line[open..].find([')', ' ']) else { break };
        found.push(open..open + length);
        at = open + length;
    }
    at = 0;
    while let Some(open) = line[at..].find("[[").map(|open| at + open) {
        let Some(length) = line[open..].find("]]") else { break };
        found.push(open..open + length + 2);
        at = open + length + 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::config::Config;
    use crate::note::front_matter::FieldValue;
    use crate::note::{self, Note};
    use crate::path::SourcePath;
    use crate::source::Source;

    fn note(path: &str, text: &str) -> Note {
        let config = "[links]\n'FLEX-{n}' = ''\n[kinds.postmortem]\nitems = ['actions', 'surprises']\nin_text = ['severity']\nfields = { severity = ['low', 'high'] }\n";
        let config = Config::parse(Some(&Source::new(SourcePath::new("book.toml"), config.as_bytes()))).value;
        let options = config.parse_options();
        let source = Arc::new(Source::new(SourcePath::new(format!("content/{path}")), text.as_bytes()));
        let fingerprint = note::fingerprint(&source, options.fingerprint());
        note::parse(&source, &options, fingerprint)
    }

    /// The items of a note, one a line, each with the source at its place where that says more.
    fn outline(path: &str, text: &str) -> Vec<String> {
        let note = note(path, text);
        assert_eq!(note.diagnostics, vec![], "{text}");
        let items = &note.items;
        let mut out = Vec::new();
        for learning in &items.learnings {
            let tickets = learning.tickets.join(" ");
            let hypothesis = learning.hypothesis.as_ref().map_or("", |piece| &piece.text);
            let learned: Vec<&str> = learning.learned.iter().map(|piece| &*piece.text).collect();
            let result = learning.result.as_deref().unwrap_or("");
            out.push(format!("learning #{} [{tickets}] {hypothesis} => {result} {learned:?}", learning.anchor));
        }
        out.extend(items.surprises.iter().map(|piece| format!("surprise #{} {}", piece.anchor, piece.text)));
        out.extend(items.actions.iter().map(|action| {
            let due = action.due.map_or_else(String::new, |due| format!(" due {due}"));
            format!("{:?} #{} {} {:?}{due}", action.state, action.anchor, action.text, action.owners)
        }));
        out.extend(items.questions.iter().map(|piece| format!("question #{} {}", piece.anchor, piece.text)));
        out.extend(items.thanks.iter().map(|thanks| format!("thanks {:?} {}", thanks.to, thanks.piece.text)));
        // An id exists once, and the HTML has it.
        let ids = items.surprises.iter().map(|piece| &piece.anchor).chain(items.actions.iter().map(|a| &a.anchor));
        for id in ids.filter(|id| !id.is_empty()) {
            assert!(note.has_anchor(id), "{id}");
            assert_eq!(note.body.html.matches(&format!("id=\"{id}\"")).count(), 1, "{id} in {}", note.body.html);
        }
        out
    }

    fn key(path: &str, text: &str, key: &str) -> String {
        match note(path, text).front.entry(key).map(|entry| &entry.value) {
            Some(FieldValue::Choice { value, written }) => format!("{value} ({written})"),
            Some(FieldValue::Text(text)) => text.clone(),
            Some(FieldValue::Date(date)) => date.to_string(),
            Some(FieldValue::List(items) | FieldValue::Links(items)) => {
                items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(" | ")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn learnings_stand_under_their_tickets_many_to_a_file() {
        let headings = "# Q1\n\n## Ticket: FLEX-112\n\nHypothesis: A label\nhelps.\n\nWhat we learned:\n\n- One.\n- Two [[a-note]].\n\nMore.\n\n## Ticket: FLEX-113\n\n### Hypothesis\n\nA date helps.\n\n### Result\n\nRefuted, narrowly.\n\n### What we learned\n\n- Three.\n\n## Other\n\n- no\n";
        let labels = "# Q1\n\n**Ticket:** FLEX-112\n**Hypothesis:** A label helps.\n**What we learned**\n\n- One.\n- Two.\n\n**Ticket: FLEX-113**\n\n**Hypothesis**\n\nA date helps.\n";
        let lists = "# Q1\n\n## FLEX-112\n\n- Hypothesis: A label helps.\n- What we learned:\n  - One.\n  - Two.\n- Other:\n  - no\n";
        assert_eq!(
            outline("notes/a.md", headings),
            [
                "learning #ticket-flex-112 [FLEX-112] A label helps. =>  [\"One.\", \"Two a note.\"]",
                "learning #ticket-flex-113 [FLEX-113] A date helps. => Refuted, narrowly. [\"Three.\"]",
            ]
        );
        assert_eq!(
            outline("notes/a.md", labels),
            [
                "learning #q1 [FLEX-112] A label helps. =>  [\"One.\", \"Two.\"]",
                "learning #q1 [FLEX-113] A date helps. =>  []",
            ]
        );
        assert_eq!(
            outline("notes/a.md", lists),
            ["learning #flex-112 [FLEX-112] A label helps. =>  [\"One.\", \"Two.\"]"]
        );
        // A ticket's heading alone is no learning, and a label in the middle of a sentence is none.
        assert_eq!(
            outline("notes/a.md", "# T\n\n## Ticket: FLEX-1\n\nText: with a colon.\n\nSee what we learned: a lot.\n"),
            [""; 0]
        );
    }

    #[test]
    fn surprises_are_the_bullets_below_the_question_and_nothing_else() {
        let text = "# Sprint\n\n## What surprised us?\n\nIntro.\n\n- *First*: with `code`\n  - a detail\n- None\n- \n\n### Tom\n\n- Second\n\n## What went well\n\n- no\n\n> [!SURPRISE] Third\n> and more\n";
        assert_eq!(
            outline("retros/a.md", text),
            [
                "surprise #surprise-first-with-code First: with code",
                "surprise #surprise-second Second",
                "surprise #surprise-third-and-more Third and more",
            ]
        );
        assert_eq!(
            outline("retros/a.md", "# S\n\n**Was uns überrascht hat:**\n\n1. Eins\n2. Zwei\n\n- no\n"),
            ["surprise #surprise-eins Eins", "surprise #surprise-zwei Zwei"]
        );
        assert_eq!(
            outline("retros/a.md", "# S\n\n## Surprises\n\nOnly a sentence.\n\nAnother.\n\n## Next\n"),
            ["surprise #surprises Only a sentence."]
        );
        assert_eq!(outline("retros/a.md", "# S\n\n> ## Surprises\n>\n> - quoted\n"), [""; 0]);
        assert_eq!(outline("retros/a.md", "# S\n\n## Surprises\n\nNone\n"), [""; 0]);
    }

    #[test]
    fn checkboxes_are_actions_where_the_kind_says_so() {
        let text = "# S\n\n## Actions\n\n- [ ] @ana label it due:2026-03-18\n- [x] tidy up\n- [ ] ~~drop this~~\n- [ ] \n- plain\n";
        let owned = "Open #action-label-it label it [\"ana\"] due 2026-03-18";
        assert_eq!(
            outline("retros/a.md", text),
            [owned, "Done #action-tidy-up tidy up []", "Dropped #action-drop-this drop this []"]
        );
        assert_eq!(outline("guides/a.md", text), [owned]);
        // A team's own kind, by configuration alone.
        assert_eq!(outline("postmortem/a.md", text).len(), 3);
        assert_eq!(key("postmortem/a.md", "# P\n\nSeverity: high\n", "severity"), "high (high)");
    }

    #[test]
    fn questions_and_thanks_are_callouts() {
        let text = "# S\n\n> [!QUESTION] Who can't we *ask*?\n> The dead.\n\n> [!KUDOS] @ana ran a small test, and @tom's team\n> waited.\n\n## Kudos\n\n- @mei for the copy\n\n> [!NOTE] no\n";
        assert_eq!(
            outline("retros/a.md", text),
            [
                "question #question-who-cant-we-ask Who can't we ask?",
                "thanks [\"ana\", \"tom\"] @ana ran a small test, and @tom's team waited.",
                "thanks [\"mei\"] @mei for the copy",
            ]
        );
    }

    #[test]
    fn decisions_say_what_they_are_in_the_form_of_their_tool() {
        let nygard = "# 2. A queue\n\nDate: 2026-01-13\n\n## Status\n\nSuperceded by [3. No queue](0003-no-queue.md)\n\n## Context\n\nDate: 2020-01-01\n";
        assert_eq!(key("adr/2.md", nygard, "status"), "superseded (Superceded by 3. No queue)");
        assert_eq!(key("adr/2.md", nygard, "superseded_by"), "0003-no-queue.md");
        assert_eq!(note("adr/2.md", nygard).date.map(|date| date.to_string()).as_deref(), Some("2026-01-13"));
        let later = "# 3. No queue\n\n## Status\n\nAccepted\n\nSupersedes [2. A queue](0002-queue.md)\n";
        assert_eq!(
            (key("adr/3.md", later, "status"), key("adr/3.md", later, "supersedes")),
            ("accepted (Accepted)".into(), "0002-queue.md".into())
        );
        let madr = "# T\n\n* Status: accepted\n* Deciders: Ana Ruiz, Bo\n* Date: 2026-01-15\n\nTechnical Story: x\n";
        assert_eq!(
            (key("adr/4.md", madr, "status"), key("adr/4.md", madr, "deciders")),
            ("accepted (accepted)".into(), "Ana Ruiz | Bo".into())
        );
        let madr4 = "---\nstatus: \"superseded by [ADR-0003](0003-no-names.md)\"\n---\n# T\n";
        assert_eq!(key("adr/5.md", madr4, "superseded_by"), "0003-no-names.md");
        assert_eq!(key("adr/6.md", "---\nstatus: superseded by ADR-0003\n---\n# T\n", "superseded_by"), "ADR-0003");
        // A template that nobody filled in says nothing, and what the front matter says counts.
        let template = "# T\n\n* Status: [proposed | accepted]\n* Date: [YYYY-MM-DD]\n";
        assert_eq!(
            (key("adr/7.md", template, "status"), key("adr/7.md", template, "date")),
            ("None".into(), "None".into())
        );
        assert_eq!(
            key("adr/8.md", "---\nstatus: rejected\n---\n# T\n\nStatus: accepted\n", "status"),
            "rejected (rejected)"
        );
    }

    #[test]
    fn a_kinds_keys_are_read_in_its_text() {
        let text = "# T\n\nHypothesis: A label helps.\nMetric: attach rate\nEnds: 2026-03-04\nResult: nonsense\n\n## What happened\n\nMetric: other\n";
        assert_eq!(key("experiments/a.md", text, "hypothesis"), "A label helps.");
        assert_eq!(key("experiments/a.md", text, "metric"), "attach rate");
        assert_eq!(
            (key("experiments/a.md", text, "ends"), key("experiments/a.md", text, "result")),
            ("2026-03-04".into(), "None".into())
        );
        assert_eq!(key("notes/a.md", text, "metric"), "None");
        let okr = "# Why?\n\n## Key results\n\nThree:\n\n- a, b 1 -> 2\n- c 3 -> 4\n\n## Text\n";
        assert_eq!(key("okrs/a.md", okr, "key_results"), "a, b 1 -> 2 | c 3 -> 4");
        let inception = "# T\n\n## Learning goals\n\n1. Who?\n2. When?\n";
        assert_eq!(key("inceptions/a.md", inception, "learning_goals"), "Who? | When?");
        assert!(note("inceptions/a.md", inception).has_anchor("goal-2"));
    }
}
