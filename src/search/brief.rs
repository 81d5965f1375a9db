//! A brief: what the book knows before a feature is discussed. What was found and how sure that is,
//! what did not hold, what nobody knows yet, and whom to ask.
//!
//! [`Details`] says of each note what a brief needs; it is a file of the index too, so that the page
//! `/brief/` can gather the same ([`Brief::new`] and `themes/default/static/search/brief.js`).

use std::collections::HashMap;

use serde::Serialize;

use super::files::{Card, Files};
use super::query::Answer;
use crate::book::insight::Insights;
use crate::book::{Book, Entry, NoteId};
use crate::config::{Config, Tone};

/// Notes that a brief is made of, at most.
pub const NOTES: usize = 40;
/// People whom it names, at most.
const PEOPLE: usize = 6;

/// What a note is to somebody who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It says what holds: a result, or what the team does.
    Known,
    /// It held in part, or can't be said.
    Mixed,
    /// It did not hold, or was decided against.
    Refuted,
    /// It is being found out.
    Open,
    /// Another note stands in its place.
    Replaced,
    /// It is none of these.
    Background,
}

/// What a brief needs of a note beyond its [`Card`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Details<'b> {
    /// What it is.
    pub role: Role,
    /// What it says, in a sentence or two.
    pub claim: &'b str,
    /// Who wrote it.
    pub authors: Vec<&'b str>,
    /// Notes that speak for it, and those that contradict it, by their numbers in the index.
    pub evidence: [Vec<u32>; 2],
    /// How ripe that makes it, and why; or two empty texts.
    pub maturity: (&'static str, &'b str),
    /// It could be applied, and nobody has yet.
    pub unapplied: bool,
    /// What it leaves open: the question, and the id of its place on the page.
    pub questions: Vec<(&'b str, &'b str)>,
}

/// Looks things up for all notes of a book.
#[derive(Debug)]
pub struct Looking<'b> {
    book: &'b Book,
    numbers: &'b [Option<u32>],
    unapplied: Vec<NoteId>,
    questions: HashMap<NoteId, Vec<usize>>,
}

impl<'b> Looking<'b> {
    /// `numbers`: the number in the index of each note of the book.
    pub fn new(book: &'b Book, numbers: &'b [Option<u32>]) -> Self {
        let Insights { reuse, questions, .. } = &*book.insights;
        let mut unapplied: Vec<NoteId> =
            reuse.iter().filter(|reuse| reuse.is_unused()).map(|reuse| reuse.note).collect();
        unapplied.sort_unstable();
        let mut open: HashMap<NoteId, Vec<usize>> = HashMap::new();
        for question in questions.iter().filter(|question| question.answers.is_empty()) {
            open.entry(question.note).or_default().push(question.index);
        }
        Looking { book, numbers, unapplied, questions: open }
    }

    /// What a brief needs of a note.
    pub fn details(&self, id: NoteId) -> Details<'b> {
        let entry = self.book.entry(id);
        let role = self.role(entry);
        let evidence = self.book.insights.evidence.get(&id);
        let numbers = |ids: &[NoteId]| ids.iter().filter_map(|id| self.numbers[id.index()]).collect::<Vec<u32>>();
        let questions = self.questions.get(&id).map_or(&[][..], Vec::as_slice);
        let question = |at: &usize| entry.note.items.questions.get(*at).map(|piece| (&*piece.text, &*piece.anchor));
        Details {
            role,
            claim: &entry.note.summary,
            authors: entry.authors.iter().map(|author| &*self.book.people.get(*author).label).collect(),
            evidence: evidence.map_or_else(Default::default, |e| [numbers(&e.supporting), numbers(&e.against)]),
            maturity: evidence.map_or(("", ""), |e| (e.maturity.name(), &e.reason)),
            unapplied: role == Role::Known && self.unapplied.binary_search(&id).is_ok(),
            questions: questions.iter().filter_map(question).collect(),
        }
    }

    fn role(&self, entry: &Entry) -> Role {
        let Config { kinds, .. } = &*self.book.config;
        let kind = kinds.by_name(&entry.note.kind);
        let has = |key: &str| kind.is_some_and(|kind| kind.fields.iter().any(|field| field == key));
        let tone = |key: &str| {
            let written = entry.note.front.text(key)?;
            self.book.config.choice(&entry.note.kind, key, written).map(|choice| choice.tone)
        };
        let replaced = entry.backlinks.iter().any(|backlink| backlink.key == "supersedes");
        if replaced || tone("status") == Some(Tone::Old) {
            return Role::Replaced;
        }
        match tone("result") {
            Some(Tone::Good) => return Role::Known,
            Some(Tone::Bad) => return Role::Refuted,
            Some(Tone::Unsure) => return Role::Mixed,
            _ => {}
        }
        let says = |key| entry.note.front.text(key).is_some_and(|text| !text.trim().is_empty());
        match tone("status") {
            Some(Tone::Live | Tone::Idle | Tone::Unsure) => Role::Open,
            Some(Tone::Bad) => Role::Refuted,
            Some(_) => Role::Known,
            None if says("hypothesis") || has("key_results") => Role::Open,
            // A kind that is adopted or decided says what the team does.
            None if has("adopted") || has("instead_of") || has("deciders") => Role::Known,
            None => Role::Background,
        }
    }
}

/// What the book knows about something.
#[derive(Debug, Serialize)]
pub struct Brief<'b> {
    /// What was asked.
    pub query: String,
    /// How many notes answer, of which the best are in the brief.
    pub total: usize,
    /// What holds.
    pub known: Vec<Item<'b>>,
    /// What held in part.
    pub mixed: Vec<Item<'b>>,
    /// What did not hold.
    pub refuted: Vec<Item<'b>>,
    /// What is being found out.
    pub open: Vec<Item<'b>>,
    /// What nobody knows yet.
    pub questions: Vec<Question<'b>>,
    /// What is known and was used nowhere yet.
    pub unapplied: Vec<Reference<'b>>,
    /// Whom to ask: those who wrote most of it.
    pub people: Vec<Person<'b>>,
    /// Every note of the brief, the best first.
    pub references: Vec<Item<'b>>,
}

/// A note of a brief.
#[derive(Debug, Clone, Serialize)]
pub struct Item<'b> {
    /// Its place among the references, from 1.
    pub number: usize,
    /// Where it is.
    #[serde(flatten)]
    pub note: Reference<'b>,
    /// What it says.
    pub claim: &'b str,
    /// The word for what came out, or its status; may be empty.
    pub result: &'b str,
    /// Who wrote it.
    pub authors: Vec<&'b str>,
    /// Its team; may be empty.
    pub team: &'b str,
    /// How ripe it is, and why; may be empty.
    pub maturity: &'static str,
    /// Why.
    pub because: &'b str,
    /// What speaks for it.
    pub supporting: Vec<Reference<'b>>,
    /// What contradicts it.
    pub against: Vec<Reference<'b>>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference<'b> {
    /// Its title.
    pub title: &'b str,
    /// Its page, from the site's root.
    pub url: String,
    /// Its file, from the book's root.
    pub path: &'b str,
    /// What kind of note it is, as readers know it.
    pub kind: &'b str,
    /// Its date, or empty.
    pub date: String,
}

/// A question that is open.
#[derive(Debug, Clone, Serialize)]
pub struct Question<'b> {
    /// The question.
    pub text: &'b str,
    /// The note that asks it; its address leads to the place.
    #[serde(flatten)]
    pub note: Reference<'b>,
}

/// Somebody to ask.
#[derive(Debug, Clone, Serialize)]
pub struct Person<'b> {
    /// Their name.
    pub name: &'b str,
    /// Their page, from the site's root.
    pub url: String,
    /// What they wrote of it, by the places among the references.
    pub notes: Vec<usize>,
}

impl<'b> Brief<'b> {
    /// Gathers the brief from the answer to a query.
    pub fn new(query: &str, answer: &Answer, files: &'b Files, book: &'b Book) -> Self {
        let looking = Looking::new(book, &files.index.numbers);
        let reference = |id: NoteId| {
            let entry = book.entry(id);
            let kind = book.config.kinds.by_name(&entry.note.kind).map_or("", |kind| kind.label.as_str());
            Reference {
                title: &entry.note.title.text,
                url: entry.route.url(),
                path: entry.note.source.path.as_str(),
                kind,
                date: entry.date.map(|date| date.iso()).unwrap_or_default(),
            }
        };
        let mut brief = Brief {
            query: query.to_owned(),
            total: answer.hits.len(),
            known: Vec::new(),
            mixed: Vec::new(),
            refuted: Vec::new(),
            open: Vec::new(),
            questions: Vec::new(),
            unapplied: Vec::new(),
            people: Vec::new(),
            references: Vec::new(),
        };
        let mut wrote: Vec<(usize, Vec<usize>)> = Vec::new();
        for (at, hit) in answer.hits.iter().take(NOTES).enumerate() {
            let id = files.index.notes[hit.note as usize];
            let entry = book.entry(id);
            let card = Card::new(book, entry);
            let details = looking.details(id);
            let others = |numbers: &[u32]| {
                numbers.iter().map(|number| reference(files.index.notes[*number as usize])).collect::<Vec<_>>()
            };
            let [supporting, against] = &details.evidence;
            let item = Item {
                number: at + 1,
                note: reference(id),
                claim: details.claim,
                result: card.stamp.0,
                authors: details.authors,
                team: card.team,
                maturity: details.maturity.0,
                because: details.maturity.1,
                supporting: others(supporting),
                against: others(against),
            };
            // Of those who wrote what says something; a manual's page knows nothing of a feature.
            let says = !matches!(details.role, Role::Replaced | Role::Background);
            for author in entry.authors.iter().filter(|_| says) {
                match wrote.iter_mut().find(|(known, _)| known == author) {
                    Some((_, notes)) => notes.push(at + 1),
                    None => wrote.push((*author, vec![at + 1])),
                }
            }
            brief.questions.extend(details.questions.iter().map(|(text, anchor)| {
                let mut note = reference(id);
                if !anchor.is_empty() {
                    note.url.push_str(&format!("#{}", crate::path::encode(anchor)));
                }
                Question { text, note }
            }));
            if details.unapplied {
                brief.unapplied.push(item.note.clone());
            }
            match details.role {
                Role::Known => brief.known.push(item.clone()),
                Role::Mixed => brief.mixed.push(item.clone()),
                Role::Refuted => brief.refuted.push(item.clone()),
                Role::Open => brief.open.push(item.clone()),
                Role::Replaced | Role::Background => {}
            }
            brief.references.push(item);
        }
        // Who wrote most of it; of equals, who wrote the better answer.
        wrote.sort_by_key(|(_, notes)| (std::cmp::Reverse(notes.len()), notes[0]));
        wrote.truncate(PEOPLE);
        brief.people = wrote
            .into_iter()
            .map(|(author, notes)| {
                let person = book.people.get(author);
                Person { name: &person.label, url: person.route.url(), notes }
            })
            .collect();
        brief
    }
}
