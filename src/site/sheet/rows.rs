//! One item as one line.

use std::borrow::Cow;

use super::Item;
use super::view::{Line, Links};
use crate::book::insight::claims::Claim;
use crate::book::insight::text;
use crate::book::{Entry, NoteId};
use crate::note::items::{Piece, State};
use crate::path::{Route, encode};
use crate::site::pages::{Views, count};
use crate::site::view::{Day, Ref, Stamp};

/// Links of one meaning that a line shows.
const MOST_LINKS: usize = 6;
/// Points below a line.
const MOST_POINTS: usize = 6;

impl<'b> Views<'b> {
    /// The heading under which an item is listed; items that follow one another share it.
    pub(super) fn group(&self, item: Item) -> Cow<'b, str> {
        let insights = &self.book.insights;
        match item {
            Item::Action(index) => match insights.actions.get(index as usize) {
                Some(tracked) => {
                    let action = tracked.action(&self.book.notes);
                    match (action.state, action.due) {
                        (State::Open, _) if tracked.late > 0 => "Late".into(),
                        (State::Open, Some(_)) => "By its day".into(),
                        (State::Open, None) => "Without a day".into(),
                        (State::Done | State::Dropped, _) => "Done".into(),
                    }
                }
                None => "".into(),
            },
            Item::Goal(index) => match insights.goals.get(index as usize) {
                Some(goal) if !goal.answers.is_empty() => "Answered".into(),
                Some(goal) if goal.is_due(self.book.today) => "Open, and the release is over".into(),
                _ => "Open".into(),
            },
            Item::Question(index) => match insights.questions.get(index as usize) {
                Some(question) if !question.answers.is_empty() => "Answered".into(),
                _ => "Open".into(),
            },
            Item::Metric(id) => text(self.book.entry(id), "metric").unwrap_or("").into(),
            Item::Review(_) => "Not looked at for long".into(),
            Item::Surprise(id, _) | Item::Thanks(id, _) | Item::Belief(id) | Item::Refuted(id, _) => {
                let date = self.book.entry(id).date;
                date.map_or("Without a date".into(), |date| crate::book::insight::Quarter::of(date).label().into())
            }
            Item::Unapplied(_) | Item::Claim(_) | Item::Learning(..) => "".into(),
        }
    }

    /// The line of an item.
    pub(super) fn line(&self, from: &Route, item: Item) -> Line<'b> {
        let insights = &self.book.insights;
        match item {
            Item::Surprise(id, Some(index)) => {
                let entry = self.book.entry(id);
                let piece = entry.note.items.surprises.get(index as usize);
                piece.map_or_else(Line::default, |piece| self.piece(from, id, piece, "surprise"))
            }
            Item::Surprise(id, None) => {
                let said = text(self.book.entry(id), "surprise").unwrap_or("");
                Line {
                    look: "surprise",
                    text: said.into(),
                    from: Some(self.note_ref(from, id)),
                    ..self.of_note(from, id)
                }
            }
            Item::Belief(id) => {
                let entry = self.book.entry(id);
                let now = text(entry, "now").unwrap_or(&entry.note.title.text);
                let believed = text(entry, "believed").unwrap_or("").into();
                let from_note = Some(self.note_ref(from, id));
                let stamp = self.stamp(entry, "result");
                Line { look: "belief", believed, text: now.into(), from: from_note, stamp, ..self.of_note(from, id) }
            }
            Item::Refuted(id, None) => {
                let entry = self.book.entry(id);
                let believed = text(entry, "hypothesis").or(text(entry, "believed")).unwrap_or("").into();
                let points = text(entry, "now").map(Cow::Borrowed).into_iter().collect();
                Line { look: "refuted", believed, points, stamp: self.stamp(entry, "result"), ..self.of_note(from, id) }
            }
            Item::Refuted(id, Some(index)) | Item::Learning(id, index) => self.learning(from, id, index as usize),
            Item::Unapplied(index) => {
                let Some(reuse) = insights.reuse.get(index as usize) else { return Line::default() };
                let entry = self.book.entry(reuse.note);
                let age = entry.date.map(|date| self.book.today.days() - date.days());
                let facts = age.map(|days| format!("{} old", span(days))).into_iter().collect();
                Line { look: "learning", stamp: self.stamp(entry, "result"), facts, ..self.of_note(from, reuse.note) }
            }
            Item::Goal(index) => {
                let Some(goal) = insights.goals.get(index as usize) else { return Line::default() };
                let href = self.place(from, goal.note, &crate::note::goal_anchor(goal.index + 1));
                let ends = goal.ends.map(|ends| format!("release until {}", ends.long()));
                Line {
                    look: "goal",
                    text: goal.text(&self.book.notes).into(),
                    href,
                    done: !goal.answers.is_empty(),
                    from: Some(self.note_ref(from, goal.note)),
                    facts: ends.into_iter().collect(),
                    links: self.links(from, "Answered by", &goal.answers),
                    ..self.of_note(from, goal.note)
                }
            }
            Item::Question(index) => {
                let Some(question) = insights.questions.get(index as usize) else { return Line::default() };
                let piece = self.book.entry(question.note).note.items.questions.get(question.index);
                let line = piece.map_or_else(Line::default, |piece| self.piece(from, question.note, piece, "question"));
                let links = self.links(from, "Answered by", &question.answers);
                Line { done: !question.answers.is_empty(), links, ..line }
            }
            Item::Action(index) => self.action(from, index as usize),
            Item::Thanks(id, index) => {
                let entry = self.book.entry(id);
                let Some(thanks) = entry.note.items.thanks.get(index as usize) else { return Line::default() };
                let people = thanks.to.iter().take(MOST_LINKS).filter_map(|name| self.person(from, name)).collect();
                Line { people, ..self.piece(from, id, &thanks.piece, "thanks") }
            }
            Item::Review(index) => {
                let Some(review) = insights.reviews.get(index as usize) else { return Line::default() };
                let facts =
                    vec![format!("last looked at {}", review.last.long()), format!("due for {}", span(review.overdue))];
                let owner = text(self.book.entry(review.note), "owner").and_then(|name| self.person(from, name));
                Line { look: "review", facts, people: owner.into_iter().collect(), ..self.of_note(from, review.note) }
            }
            Item::Metric(id) => {
                let entry = self.book.entry(id);
                let change = match (text(entry, "before"), text(entry, "after")) {
                    (Some(before), Some(after)) => Some(format!("{before} → {after}")),
                    (Some(before), None) => Some(format!("{before} before")),
                    (None, after) => after.map(str::to_owned),
                };
                let stamp = self.stamp(entry, "result").or_else(|| self.stamp(entry, "status"));
                Line { look: "use", facts: change.into_iter().collect(), stamp, ..self.of_note(from, id) }
            }
            Item::Claim(index) => match insights.claims.get(index as usize) {
                Some(claim) => self.claim(from, claim),
                None => Line::default(),
            },
        }
    }

    /// A line that is a note.
    pub(super) fn of_note(&self, from: &Route, id: NoteId) -> Line<'b> {
        let entry = self.book.entry(id);
        Line {
            look: "learning",
            text: entry.note.title.text.as_str().into(),
            href: self.note_route(id).relative_to(from),
            team: self.team_of(entry),
            date: entry.date.map(Day),
            ..Line::default()
        }
    }

    fn team_of(&self, entry: &Entry) -> &'b str {
        entry.team.map_or("", |team| &self.book.teams.get(team).label)
    }

    /// The address of a place on a note's page.
    pub(super) fn place(&self, from: &Route, id: NoteId, anchor: &str) -> String {
        let route = self.note_route(id);
        match anchor {
            "" => route.relative_to(from),
            anchor if route == from => format!("#{}", encode(anchor)),
            anchor => format!("{}#{}", route.relative_to(from), encode(anchor)),
        }
    }

    fn piece(&self, from: &Route, id: NoteId, piece: &'b Piece, look: &'static str) -> Line<'b> {
        Line {
            look,
            text: (*piece.text).into(),
            href: self.place(from, id, &piece.anchor),
            from: Some(self.note_ref(from, id)),
            ..self.of_note(from, id)
        }
    }

    /// Notes as links of one meaning; none where there are none.
    pub(super) fn links(&self, from: &Route, label: &'static str, notes: &[NoteId]) -> Vec<Links<'b>> {
        if notes.is_empty() {
            return Vec::new();
        }
        vec![Links { label, links: notes.iter().take(MOST_LINKS).map(|id| self.note_ref(from, *id)).collect() }]
    }

    /// The person whom a name means, as a link.
    pub(super) fn person(&self, from: &Route, name: &str) -> Option<Ref<'b>> {
        let person = self.book.people.get(self.book.person_called(name.trim_start_matches('@'))?);
        Some(Ref { label: &person.label, href: person.route.relative_to(from) })
    }

    fn action(&self, from: &Route, index: usize) -> Line<'b> {
        let Some(tracked) = self.book.insights.actions.get(index) else { return Line::default() };
        let action = tracked.action(&self.book.notes);
        let people = action.owners.iter().zip(&tracked.owners).take(MOST_LINKS);
        let people = people.map(|(name, person)| match person.map(|person| self.book.people.get(person)) {
            Some(person) => Ref { label: &person.label, href: person.route.relative_to(from) },
            None => Ref { label: name, href: String::new() },
        });
        let mut facts = Vec::new();
        let is_open = action.state == State::Open;
        facts.extend(action.due.filter(|_| is_open).map(|due| match tracked.late {
            0 => format!("due {}", due.long()),
            late => format!("was due {}, {} ago", due.long(), count(late as usize, "day", "days")),
        }));
        if is_open && action.owners.is_empty() {
            facts.push("nobody owns it".into());
        }
        match tracked.carried.len() {
            0 => {}
            1 => facts.push("carried over once".into()),
            2 => facts.push("carried over twice".into()),
            n => facts.push(format!("carried over {n} times")),
        }
        facts.extend(
            tracked.since.filter(|_| !tracked.carried.is_empty()).map(|since| format!("since {}", since.long())),
        );
        facts.extend(action.done.map(|done| format!("done {}", done.long())));
        let stamp = match action.state {
            State::Dropped => Some(Stamp { label: "dropped", tone: "idle", value: "" }),
            State::Open if tracked.late > 0 => Some(Stamp { label: "late", tone: "unsure", value: "" }),
            _ => None,
        };
        Line {
            look: "action",
            text: (*action.text).into(),
            href: self.place(from, tracked.note, &action.anchor),
            stamp,
            done: !is_open,
            from: Some(self.note_ref(from, tracked.note)),
            people: people.collect(),
            facts,
            ..self.of_note(from, tracked.note)
        }
    }

    fn learning(&self, from: &Route, id: NoteId, index: usize) -> Line<'b> {
        let entry = self.book.entry(id);
        let Some(learning) = entry.note.items.learnings.get(index) else { return Line::default() };
        let text: &'b str = learning.hypothesis.as_ref().map_or(&*learning.heading, |piece| &*piece.text);
        Line {
            look: "hypothesis",
            text: text.into(),
            href: self.place(from, id, &learning.anchor),
            stamp: learning.result.as_deref().and_then(|result| self.result_stamp(result)),
            points: learning.learned.iter().take(MOST_POINTS).map(|piece| (*piece.text).into()).collect(),
            from: Some(self.note_ref(from, id)),
            links: self.tickets(from, &learning.tickets),
            ..self.of_note(from, id)
        }
    }

    fn tickets(&self, from: &Route, tickets: &'b [Box<str>]) -> Vec<Links<'b>> {
        let links: Vec<Ref<'b>> = tickets
            .iter()
            .take(MOST_LINKS)
            .map(|ticket| {
                let term = self.book.tickets.find(ticket).map(|term| self.book.tickets.get(term));
                Ref { label: ticket, href: term.map_or_else(String::new, |term| term.route.relative_to(from)) }
            })
            .collect();
        if links.is_empty() { Vec::new() } else { vec![Links { label: "Ticket", links }] }
    }

    /// The stamp of a result that stands in a text.
    pub(super) fn result_stamp(&self, written: &'b str) -> Option<Stamp<'b>> {
        let known = self.book.config.choice("", "result", written);
        Some(match known {
            Some(known) => Stamp { label: &known.name, tone: known.tone.name(), value: &known.name },
            None => Stamp { label: written, tone: "idle", value: "" },
        })
        .filter(|stamp| stamp.label.chars().count() <= 24)
    }

    /// A hypothesis, with those that were asked before.
    pub(super) fn claim(&self, from: &Route, claim: &'b Claim) -> Line<'b> {
        let book = self.book;
        let entry = book.entry(claim.note);
        let anchor = claim
            .learning
            .and_then(|index| entry.note.items.learnings.get(index))
            .map_or("", |learning| &learning.anchor);
        let stamp = claim.result.as_ref().map(|(name, tone)| Stamp { label: name, tone: tone.name(), value: name });
        let before: Vec<Ref<'b>> = claim
            .asked_before
            .iter()
            .filter_map(|at| book.insights.claims.get(*at))
            .map(|earlier| Ref {
                label: earlier.hypothesis(&book.notes),
                href: self.note_route(earlier.note).relative_to(from),
            })
            .collect();
        Line {
            look: "hypothesis",
            text: claim.hypothesis(&book.notes).into(),
            href: self.place(from, claim.note, anchor),
            stamp: stamp.or_else(|| self.stamp(entry, "status").filter(|_| claim.learning.is_none())),
            from: Some(self.note_ref(from, claim.note)),
            links: if before.is_empty() { Vec::new() } else { vec![Links { label: "Asked before", links: before }] },
            ..self.of_note(from, claim.note)
        }
    }
}

/// A number of days as people say it: `9 days`, `3 weeks`, `5 months`, `2 years`.
pub(super) fn span(days: i32) -> String {
    let days = days.max(0) as usize;
    match days {
        0..21 => count(days, "day", "days"),
        21..60 => count(days / 7, "week", "weeks"),
        60..730 => count((days * 12 + 182) / 365, "month", "months"),
        _ => count((days + 182) / 365, "year", "years"),
    }
}
