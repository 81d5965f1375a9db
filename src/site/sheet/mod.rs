//! The pages of the learning loop: lists of what notes say, each line linked to its place.
//!
//! A [`Sheet`] is one of these pages; its [`Ledger`] is what it lists, decided once by the plan. The
//! words of each sheet, what is said while it is empty and what to do next stand in one table here.
//! [`rows`] makes a line of an item, [`found`], [`work`], [`asked`] and [`whole`] make the sections above
//! the lists, [`blocks`] those on other pages; [`chart`] draws.

use std::ops::Range;

use super::pages::Views;
use super::view::{Card, CountedRef};
use crate::book::{Book, NoteId};
use crate::path::Route;

mod asked;
pub mod blocks;
pub mod chart;
mod found;
mod rows;
pub mod view;
mod whole;
mod work;

use view::{Section, SheetView};

/// A page of the learning loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sheet {
    /// From hypothesis to applied, and the way to all the others.
    Loop,
    /// What surprised people.
    Surprises,
    /// What was believed, and what is known now.
    Beliefs,
    /// What turned out wrong.
    Refuted,
    /// What nothing has used yet.
    Unapplied,
    /// Learning goals, answered or open.
    Goals,
    /// Open questions.
    Questions,
    /// What is left to do.
    Actions,
    /// What comes back in retros.
    Themes,
    /// Experiments by what they measure.
    Metrics,
    /// Thanks.
    Thanks,
    /// What moves what.
    Systems,
    /// The four questions of a learning team.
    SelfCheck,
    /// The agenda of the next experiment review.
    Review,
    /// The five disciplines.
    Disciplines,
}

/// The words of a sheet.
pub struct Words {
    /// Its folder.
    pub folder: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows.
    pub lead: &'static str,
    /// What to do next.
    pub next: &'static str,
    /// Said where it is empty: a fact, and the first step.
    pub empty: &'static str,
    /// What to write, as in a note.
    pub example: &'static str,
}

impl Sheet {
    /// All of them, in the order in which they are named.
    pub const ALL: [Sheet; 15] = [
        Sheet::Loop,
        Sheet::Surprises,
        Sheet::Beliefs,
        Sheet::Refuted,
        Sheet::Unapplied,
        Sheet::Goals,
        Sheet::Questions,
        Sheet::Actions,
        Sheet::Review,
        Sheet::Themes,
        Sheet::Metrics,
        Sheet::Systems,
        Sheet::Thanks,
        Sheet::SelfCheck,
        Sheet::Disciplines,
    ];

    /// Its words.
    pub fn words(self) -> Words {
        let words = |folder, title, lead, next, empty, example| Words { folder, title, lead, next, empty, example };
        match self {
            Sheet::Loop => words(
                "loop",
                "The learning loop",
                "From a hypothesis to something that was applied: how many have come how far, and how long each step took.",
                "Where does it stop? A hypothesis that never runs is an opinion; a learning that nobody applies is a diary.",
                "No experiment has a hypothesis yet. Start one: write down what you believe before you look.",
                "fieldbook new experiment \"Call it a refund\"",
            ),
            Sheet::Surprises => words(
                "surprises",
                "What surprised us",
                "What nobody expected, the newest first. Only there did somebody learn something.",
                "Before you plan something, read those about it. In the next retro, ask what surprised you before you ask what went well.",
                "No surprise is written down yet. Ask in the next retro, and put each on a line of its own below that heading.",
                "## What surprised us\n\n- Customers read the word before the price.",
            ),
            Sheet::Beliefs => words(
                "beliefs",
                "Believed, and now",
                "What we believed and what we know now, the newest first.",
                "Is there a belief on your list for the next quarter that stands here on the left?",
                "No note says what was believed before. Two keys in a learning are enough.",
                "believed: People hesitate because of the price.\nnow: People hesitate because nobody tells them when.",
            ),
            Sheet::Refuted => words(
                "refuted",
                "Wrong, and useful",
                "What turned out not to be so, the newest first. Each of these has saved somebody from building it.",
                "Look here before you propose something. Has one of them changed since: another market, another time?",
                "Nothing is marked as refuted. A team that is always right is not testing much.",
                "result: refuted",
            ),
            Sheet::Unapplied => words(
                "unapplied",
                "Not applied yet",
                "Learnings that no note has used so far, the oldest first.",
                "Bring one of them into the next discussion of a feature. If it was used, name the place; if it will never be, say so in it.",
                "Every learning says where it was applied, or no note has the keys of a learning yet. Once something was built on one, name the place in it.",
                "applied_in: [\"[[the-note-that-uses-it]]\"]",
            ),
            Sheet::Goals => words(
                "goals",
                "Learning goals",
                "What releases were to teach us: the open ones first, then those that have an answer.",
                "A goal whose release is over needs an answer or an end: \"we don't know, and it no longer matters\" is one.",
                "No release has learning goals yet. Write down what you want to know at its end, not what you will build.",
                "learning_goals:\n  - Do families look for the refund before the price?",
            ),
            Sheet::Questions => words(
                "questions",
                "Open questions",
                "What nobody here knows, the newest first; then what has been answered.",
                "Can you answer one, or do you know whom to ask? A note answers by naming the question under answers.",
                "No question is open. When you don't know something, say so where you notice it.",
                "> [!QUESTION] Whom can't we ask?",
            ),
            Sheet::Actions => words(
                "actions",
                "Actions",
                "What somebody said they would do: late ones first, then by day, then the oldest.",
                "Tick what is done, in the note where it stands. What nobody will do, strike out: an honest no is worth more than a list.",
                "No action is written down. A checkbox in a retro is one; in other notes it needs an owner or a day.",
                "- [ ] @ana label the refund option due:2026-03-18",
            ),
            Sheet::Themes => words(
                "themes",
                "Themes of our retros",
                "What retros were about. What comes up in three of them is no accident any more.",
                "For a theme that comes back, look for what makes it come back: draw the loop rather than one more action.",
                "No retro names its themes yet. A few words each are enough to see what comes back.",
                "themes: [copy arrives late, overlapping tests]",
            ),
            Sheet::Metrics => words(
                "metrics",
                "By metric",
                "Experiments by what they were to move, with what it was before and after.",
                "Before you choose a number for the next one: what has ever moved it?",
                "No experiment names its metric yet. Choose the one number that decides, before the start.",
                "metric: attach rate\nbefore: 4%\nafter: 6%",
            ),
            Sheet::Thanks => words(
                "thanks",
                "Thanks",
                "What people did so that others could learn, the newest first.",
                "Who made it easier for you to find out something this week? Say so in the next note you write.",
                "Nobody has been thanked here yet. It takes one line.",
                "> [!KUDOS] @ana ran a small test before we built it",
            ),
            Sheet::Systems => words(
                "systems",
                "What moves what",
                "Causes and effects that notes name, and the loops that they close.",
                "Before you turn a knob: does an arrow lead back to where you stand, and after how many weeks?",
                "No note says what it moves. Begin with the number that everybody talks about.",
                "affects: [\"+ trust\", \"- refund calls\"]",
            ),
            Sheet::SelfCheck => words(
                "self-check",
                "Are we a learning team?",
                "Four questions, each team's own answers over time, and beside them what this handbook shows.",
                "Talk about the question on which two of you would answer differently. Try one thing until the next time.",
                "No team has asked itself yet. It takes a quarter of an hour, four times a year.",
                "fieldbook new selfcheck \"Checkout, end of June\"",
            ),
            Sheet::Review => words(
                "review",
                "The next review",
                "The agenda of the next experiment review, and notes that nobody has looked at for long.",
                "Half an hour, everybody who is curious: what ended, what runs too long, what may begin. End with one thing that you would not have said an hour ago.",
                "There is nothing to review: no experiment ended, none is late, and no note is overdue.",
                "fieldbook agenda",
            ),
            Sheet::Disciplines => words(
                "disciplines",
                "The five disciplines",
                "What a learning organisation practises, and the notes here that feed each.",
                "A discipline without a note is not one that you lack, but one that nobody has told a story about. Ask for one.",
                "No note names a discipline yet. Practices do so with one key.",
                "discipline: systems-thinking",
            ),
        }
    }

    /// It has a feed: what comes in over time.
    pub fn has_feed(self) -> bool {
        matches!(self, Sheet::Surprises | Sheet::Actions | Sheet::Thanks)
    }

    /// Its first page.
    pub fn route(self) -> Route {
        Route::folder(self.words().folder)
    }
}

/// Something that a sheet lists: where it is found in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    /// A note's surprise: the index among its items; none for the key of the note.
    Surprise(NoteId, Option<u32>),
    /// A note with what was believed.
    Belief(NoteId),
    /// A note that was refuted, or one of its learnings.
    Refuted(NoteId, Option<u32>),
    /// Index into the book's uses of learnings.
    Unapplied(u32),
    /// Index into the book's learning goals.
    Goal(u32),
    /// Index into the book's questions.
    Question(u32),
    /// Index into the book's actions.
    Action(u32),
    /// A note and the index among its thanks.
    Thanks(NoteId, u32),
    /// Index into the book's reviews.
    Review(u32),
    /// An experiment with its metric.
    Metric(NoteId),
    /// Index into the book's hypotheses.
    Claim(u32),
    /// One of the learnings of a note, by ticket.
    Learning(NoteId, u32),
}

/// What one sheet lists, on one page or more.
#[derive(Debug)]
pub struct Ledger {
    /// The sheet.
    pub sheet: Sheet,
    /// Its items, in order.
    pub items: Vec<Item>,
    /// Notes of a folder that shares its address, after the items.
    pub notes: Vec<NoteId>,
    /// What of both stands on each page.
    pub chunks: Vec<Range<usize>>,
    /// The note that is its text.
    pub intro: Option<NoteId>,
    /// The folder that shares its address; index into the book's sections.
    pub section: Option<usize>,
    /// It has something to show.
    pub is_used: bool,
    /// Its feeds' address without ending.
    pub channel: Option<String>,
}

impl Ledger {
    /// The address of its n-th page, from 0.
    pub fn page_route(&self, n: usize) -> Route {
        super::numbered(&self.sheet.route(), self.chunks.len(), n)
    }
}

/// Whether a sheet has something to show besides a folder's notes.
pub fn is_used(book: &Book, sheet: Sheet, items: &[Item]) -> bool {
    match sheet {
        Sheet::Loop => !book.insights.stages.paths.is_empty(),
        Sheet::Themes => !book.insights.themes.is_empty(),
        Sheet::Systems => !book.insights.causes.factors.is_empty(),
        Sheet::SelfCheck => whole::self_checks(book).next().is_some(),
        Sheet::Disciplines => whole::has_disciplines(book),
        Sheet::Review => !items.is_empty() || work::has_agenda(book),
        _ => !items.is_empty(),
    }
}

impl<'b> Views<'b> {
    /// `sheet.html`
    pub fn sheet(&self, route: &Route, ledger: &Ledger, number: usize) -> SheetView<'b> {
        let words = ledger.sheet.words();
        let first = number == 0;
        let title: &'b str = match ledger.intro {
            Some(id) => &self.book.entry(id).note.title.text,
            None => words.title,
        };
        let mut page = self.head(route, title, words.lead, words.folder);
        page.trail = vec![self.home_ref(route)];
        page.noindex = !first;
        if let Some(base) = &ledger.channel {
            page.feeds.insert(0, self.feed(route, title, &Route::new(format!("{base}.xml"))));
        }
        if let Some(id) = ledger.intro.filter(|_| first) {
            page.markdown_href = self.note_route(id).with_ending(".md").relative_to(route);
            page.has_diagram = self.book.entry(id).note.has_diagram;
        }
        let range = ledger.chunks.get(number).cloned().unwrap_or(0..0);
        let items = range.start.min(ledger.items.len())..range.end.min(ledger.items.len());
        let notes = range.start.saturating_sub(ledger.items.len())..range.end.saturating_sub(ledger.items.len());
        let mut sections = if first && ledger.is_used { self.overview(route, ledger.sheet) } else { Vec::new() };
        sections.extend(self.grouped(route, &ledger.items[items]));
        sections.retain(|section| !section.is_empty());
        let intro = ledger.intro.filter(|_| first);
        SheetView {
            sheet: words.folder,
            title_html: match ledger.intro {
                Some(id) => (&*self.book.entry(id).note.title.html).into(),
                None => crate::note::html::escaped(title).into(),
            },
            title_anchor: ledger.intro.and_then(|id| self.book.entry(id).note.title.anchor.as_deref()).unwrap_or(""),
            lead: words.lead.to_owned(),
            next: if first && ledger.is_used { words.next } else { "" },
            has_body: intro.is_some_and(|id| !self.book.entry(id).note.body.html.trim().is_empty()),
            body: intro.map(|id| self.body(route, id)),
            sections,
            children: match ledger.section.filter(|_| first) {
                Some(section) => self.child_sections(route, &self.book.sections[section].children),
                None => Vec::new(),
            },
            notes: ledger.notes[notes].iter().map(|id| self.card(route, *id)).collect::<Vec<Card<'b>>>(),
            pager: super::pages::pager(route, number, ledger.chunks.len(), |n| ledger.page_route(n)),
            empty: if ledger.is_used { "" } else { words.empty },
            example: if ledger.is_used { "" } else { words.example },
            ways: if first { self.ways(route, Some(ledger.sheet)) } else { Vec::new() },
            edit_href: intro.map_or_else(String::new, |id| self.edit_href(self.book.entry(id))),
            page,
        }
    }

    /// The pages of the loop that have something to show, but one.
    pub fn ways(&self, from: &Route, but: Option<Sheet>) -> Vec<CountedRef<'b>> {
        let way = |sheet: &Sheet| {
            let words = sheet.words();
            let href = sheet.route().relative_to(from);
            CountedRef { label: words.title, href, count: 0, depth: 0, description: words.lead }
        };
        self.sheets.iter().filter(|sheet| Some(**sheet) != but).map(way).collect()
    }

    /// What stands above a sheet's list.
    fn overview(&self, route: &Route, sheet: Sheet) -> Vec<Section<'b>> {
        match sheet {
            Sheet::Loop => self.loop_overview(route),
            Sheet::Refuted => self.outcomes(route),
            Sheet::Themes => self.themes(route),
            Sheet::Systems => self.systems(route),
            Sheet::SelfCheck => self.self_check(route),
            Sheet::Review => self.agenda(route),
            Sheet::Disciplines => self.disciplines(route),
            _ => Vec::new(),
        }
    }

    /// Items as sections: those that follow one another and belong together.
    fn grouped(&self, route: &Route, items: &[Item]) -> Vec<Section<'b>> {
        let mut sections: Vec<Section<'b>> = Vec::new();
        for item in items {
            let title = self.group(*item);
            let line = self.line(route, *item);
            match sections.last_mut().filter(|section| section.title == title) {
                Some(section) => section.lines.push(line),
                None => sections.push(Section {
                    id: crate::path::slug(if title.is_empty() { "list" } else { &title }),
                    title,
                    lines: vec![line],
                    ..Section::default()
                }),
            }
        }
        sections
    }
}

/// The items of every sheet. Linear in the book.
pub fn items(book: &Book, sheet: Sheet) -> Vec<Item> {
    match sheet {
        Sheet::Surprises => found::surprises(book),
        Sheet::Beliefs => found::beliefs(book),
        Sheet::Refuted => found::refuted(book),
        Sheet::Thanks => found::thanks(book),
        Sheet::Unapplied => work::unapplied(book),
        Sheet::Actions => (0..book.insights.actions.len() as u32).map(Item::Action).collect(),
        Sheet::Review => work::overdue(book),
        Sheet::Questions => asked::questions(book),
        Sheet::Goals => asked::goals(book),
        Sheet::Metrics => asked::metrics(book),
        Sheet::Loop | Sheet::Themes | Sheet::Systems | Sheet::SelfCheck | Sheet::Disciplines => Vec::new(),
    }
}
