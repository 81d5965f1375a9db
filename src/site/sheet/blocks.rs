//! What other pages show of the learning loop: home, a note, a team, a person, a ticket, a tag, a kind.

use std::borrow::Cow;

use super::view::{Line, Links, Section, Table};
use super::{Item, Sheet};
use crate::book::insight::text;
use crate::book::terms::Term;
use crate::book::{Entry, NoteId};
use crate::config::{Display, Kind};
use crate::note::items::State;
use crate::path::Route;
use crate::site::pages::Views;
use crate::site::view::{Ref, Stamp};
use crate::site::{List, Subject, TermSet};

/// Lines of one block.
const MOST: usize = 8;
/// Notes of a term that its blocks look at: the newest.
const LOOKED_AT: usize = 400;

impl<'b> Views<'b> {
    /// What the first page of a list shows above its notes.
    pub(in crate::site) fn list_sections(&self, route: &Route, list: &List) -> Vec<Section<'b>> {
        let mut sections = match list.subject {
            Subject::Kind(index) => match self.book.config.kinds.iter().nth(index) {
                Some(kind) => self.kind_sections(route, kind, &self.book.by_kind[index]),
                None => Vec::new(),
            },
            Subject::Term(set, index) => {
                let term = set.vocabulary(self.book).terms.get(index);
                match set {
                    TermSet::Tickets => self.ticket(route, term),
                    TermSet::Tags => self.tag(route, term),
                    TermSet::Teams => self.team(route, term),
                    TermSet::People => self.of_person(route, index, term),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        sections.retain(|section| !section.is_empty());
        sections
    }

    fn kind_sections(&self, route: &Route, kind: &'b Kind, notes: &[NoteId]) -> Vec<Section<'b>> {
        let of = |display: &Display| match display {
            Display::Board => self.board(route, kind, notes),
            Display::Questions => self.objectives(route),
            Display::Room => self.room(route, notes),
            Display::Seen => self.seen(route, notes),
            Display::Mindsets => self.mindsets(route, notes),
        };
        kind.shows.iter().flat_map(of).collect()
    }

    fn block(&self, id: &str, title: &'static str, lead: &'static str, lines: Vec<Line<'b>>) -> Section<'b> {
        Section { id: id.into(), title: title.into(), lead: lead.into(), lines, ..Section::default() }
    }

    /// A link to all of a sheet, if it has something to show.
    fn all(&self, route: &Route, sheet: Sheet, label: &'static str) -> Option<Ref<'b>> {
        self.sheets.contains(&sheet).then(|| Ref { label, href: sheet.route().relative_to(route) })
    }

    /// What was learned by a ticket.
    fn ticket(&self, route: &Route, term: &'b Term) -> Vec<Section<'b>> {
        let names = |entry: &Entry, index: usize| {
            entry.note.items.learnings[index].tickets.iter().any(|ticket| crate::path::slug(ticket) == term.slug)
        };
        let mut lines = Vec::new();
        for id in term.notes.iter().take(LOOKED_AT) {
            let entry = self.book.entry(*id);
            for index in (0..entry.note.items.learnings.len()).filter(|index| names(entry, *index)).take(MOST) {
                lines.push(self.line(route, Item::Learning(*id, index as u32)));
            }
        }
        lines.truncate(MOST);
        vec![self.block("learned", "What we learned", "", lines)]
    }

    /// What we know about a tag, and what we don't.
    fn tag(&self, route: &Route, term: &'b Term) -> Vec<Section<'b>> {
        let notes = || term.notes.iter().copied().take(LOOKED_AT).map(|id| (id, self.book.entry(id)));
        let decided = |(id, entry): (NoteId, &'b Entry)| {
            let stamp = self.stamp(entry, "result").filter(|stamp| matches!(stamp.tone, "good" | "bad"))?;
            let applies =
                self.book.config.kinds.by_name(&entry.note.kind)?.fields.iter().any(|field| field == "applied_in");
            applies.then(|| Line { stamp: Some(stamp), ..self.of_note(route, id) })
        };
        let known: Vec<Line<'b>> = notes().filter_map(decided).take(MOST).collect();
        let mut open: Vec<Line<'b>> = Vec::new();
        for (id, entry) in notes() {
            if open.len() >= MOST {
                break;
            }
            let unclear = self.stamp(entry, "result").is_none_or(|stamp| stamp.tone == "unsure");
            if let Some(hypothesis) = text(entry, "hypothesis").filter(|_| unclear) {
                let stamp = self.stamp(entry, "result").or_else(|| self.stamp(entry, "status"));
                let from = Some(self.note_ref(route, id));
                open.push(Line { look: "hypothesis", text: hypothesis.into(), from, stamp, ..self.of_note(route, id) });
            }
        }
        open.extend(self.open_questions(route, term));
        open.truncate(MOST);
        let surprises = notes().flat_map(|(id, entry)| {
            let own = text(entry, "surprise").map(|_| Item::Surprise(id, None));
            own.into_iter()
                .chain((0..entry.note.items.surprises.len()).map(move |index| Item::Surprise(id, Some(index as u32))))
        });
        let surprises = surprises.take(3).map(|item| self.line(route, item)).collect();
        vec![
            self.block("known", "What we know", "", known),
            self.block("unknown", "What we don't know", "", open),
            self.block("surprising", "What surprised us", "", surprises),
        ]
    }

    /// Open questions of a term's notes.
    fn open_questions(&self, route: &Route, term: &'b Term) -> Vec<Line<'b>> {
        let insights = &self.book.insights;
        let of = |id: &NoteId| insights.places.questions.get(id).into_iter().flatten().copied();
        let all = term.notes.iter().take(LOOKED_AT).flat_map(of);
        let open = all.filter(|at| insights.questions[*at].answers.is_empty());
        open.take(MOST).map(|at| self.line(route, Item::Question(at as u32))).collect()
    }

    /// Of some actions those that are open, the most urgent first.
    fn open_actions(&self, route: &Route, actions: impl Iterator<Item = usize>) -> Vec<Line<'b>> {
        let insights = &self.book.insights;
        let is_open = |at: &usize| insights.actions[*at].action(&self.book.notes).state == State::Open;
        let mut open: Vec<usize> = actions.filter(is_open).collect();
        open.sort_unstable();
        open.into_iter().take(MOST).map(|at| self.line(route, Item::Action(at as u32))).collect()
    }

    /// What a team runs, asks, has to do and has to look at.
    fn team(&self, route: &Route, term: &'b Term) -> Vec<Section<'b>> {
        let insights = &self.book.insights;
        let running = term
            .notes
            .iter()
            .take(LOOKED_AT)
            .filter(|id| self.stamp(self.book.entry(**id), "status").is_some_and(|stamp| stamp.tone == "live"));
        let running = running.take(MOST).map(|id| {
            let entry = self.book.entry(*id);
            let believed = text(entry, "hypothesis").unwrap_or("").into();
            Line { look: "refuted", believed, stamp: self.stamp(entry, "status"), ..self.of_note(route, *id) }
        });
        let of_notes = |id: &NoteId| insights.places.actions.get(id).into_iter().flatten().copied();
        let actions = term.notes.iter().take(LOOKED_AT).flat_map(of_notes);
        let mut reviews: Vec<usize> =
            term.notes.iter().take(LOOKED_AT).filter_map(|id| insights.places.reviews.get(id).copied()).collect();
        reviews.retain(|at| insights.reviews[*at].overdue > 0);
        reviews.sort_unstable();
        let reviews = reviews.into_iter().take(MOST).map(|at| self.line(route, Item::Review(at as u32))).collect();
        let mut actions = self.block("to-do", "Left to do", "", self.open_actions(route, actions));
        actions.more = self.all(route, Sheet::Actions, "All actions");
        vec![
            self.block("running", "Under way", "", running.collect()),
            self.block("asking", "Open questions", "", self.open_questions(route, term)),
            actions,
            self.block("stale", "Not looked at for long", "", reviews),
        ]
    }

    /// What a person has to do, where their notes were used, and what they were thanked for. Nothing is
    /// counted.
    fn of_person(&self, route: &Route, index: usize, term: &'b Term) -> Vec<Section<'b>> {
        let insights = &self.book.insights;
        let owned = insights.places.owned.get(&index).into_iter().flatten().copied();
        let actions = self.open_actions(route, owned);
        let own = term.notes.iter().take(LOOKED_AT).filter_map(|id| insights.places.reuse.get(id));
        let used = own.map(|at| &insights.reuse[*at]).filter(|reuse| !reuse.uses.is_empty());
        let used = used
            .take(MOST)
            .map(|reuse| Line { links: self.links(route, "Used in", &reuse.uses), ..self.of_note(route, reuse.note) });
        let thanked = insights.places.thanked.get(&index).into_iter().flatten().take(MOST);
        let thanked = thanked.map(|(id, at)| self.line(route, Item::Thanks(*id, *at as u32))).collect();
        vec![
            self.block("to-do", "Left to do", "", actions),
            self.block("used", "Used by others", "", used.collect()),
            self.block("thanked", "Thanked for", "", thanked),
        ]
    }

    /// What the home page shows.
    pub(in crate::site) fn home_sections(&self, route: &Route) -> Vec<Section<'b>> {
        let book = self.book;
        let lines = |items: Vec<Item>, most: usize| {
            items.into_iter().take(most).map(|item| self.line(route, item)).collect::<Vec<_>>()
        };
        let mut surprises =
            self.block("surprises", "What surprised us", "", lines(super::found::first_surprises(book, 4), 4));
        surprises.more = self.all(route, Sheet::Surprises, "All surprises");
        let mut applied: Vec<(crate::date::Date, NoteId, NoteId)> = Vec::new();
        for reuse in &book.insights.reuse {
            applied.extend(reuse.uses.iter().filter_map(|id| Some((book.entry(*id).date?, *id, reuse.note))));
        }
        applied.sort_by_key(|(date, using, note)| (std::cmp::Reverse(*date), *using, *note));
        let applied = applied.into_iter().take(5).map(|(_, using, note)| Line {
            look: "use",
            links: self.links(route, "Uses what was learned in", &[note]),
            ..self.of_note(route, using)
        });
        let applied = self.block("applied", "Applied lately", "", applied.collect());
        let late: Vec<Item> = (0..book.insights.actions.len())
            .take_while(|index| book.insights.actions[*index].late > 0)
            .take(3)
            .map(|index| Item::Action(index as u32))
            .chain(super::work::overdue(book).into_iter().take(3))
            .collect();
        let mut late = self.block("late", "Wants to be looked at", "", lines(late, 6));
        late.more = self.all(route, Sheet::Review, "The next review");
        let mut sections = vec![surprises, applied, late];
        sections.retain(|section| !section.is_empty());
        sections
    }

    /// What a note's page shows of it: learning goals, key results, what came of it, what speaks for it.
    pub(in crate::site) fn note_sections(&self, route: &Route, id: NoteId) -> Vec<Section<'b>> {
        let insights = &self.book.insights;
        let entry = self.book.entry(id);
        let mut sections = Vec::new();
        if !entry.note.front.list("learning_goals").is_empty() {
            let own = insights.places.goals.get(&id).into_iter().flatten().map(|at| (*at, &insights.goals[*at]));
            let line = |(at, goal): (usize, &crate::book::insight::goals::Goal)| Line {
                id: crate::note::goal_anchor(goal.index + 1),
                href: String::new(),
                from: None,
                team: "",
                date: None,
                stamp: Some(match goal.answers.is_empty() {
                    true => Stamp { label: "open", tone: "live", value: "" },
                    false => Stamp { label: "answered", tone: "good", value: "" },
                }),
                ..self.line(route, Item::Goal(at as u32))
            };
            sections.push(self.block("learning-goals", "Learning goals", "", own.map(line).collect()));
        }
        let rows = self.key_result_rows(route, id, false);
        if !rows.is_empty() {
            let head = ["Key result", "From", "To", "Now"];
            let table = Table { name: "Key results".into(), head: head.map(Into::into).into(), rows };
            sections.push(Section {
                id: "key-results".into(),
                title: "Key results".into(),
                table: Some(table),
                ..Section::default()
            });
        }
        if let Some(evidence) = insights.evidence.get(&id) {
            let maturity = evidence.maturity;
            let stamp = Stamp { label: maturity.name(), tone: maturity.tone(), value: "" };
            let reason: Cow<'b, str> = (&*evidence.reason).into();
            let mut links: Vec<Links<'b>> = self.links(route, "For it", &evidence.supporting);
            links.extend(self.links(route, "Against it", &evidence.against));
            let line = Line { look: "learning", text: reason, stamp: Some(stamp), links, ..Line::default() };
            sections.push(self.block("standing", "How sure we are", "", vec![line]));
        }
        let own = insights.places.claims.get(&id).into_iter().flatten().filter_map(|at| insights.claims.get(*at));
        let asked: Vec<Line<'b>> = own
            .flat_map(|claim| &claim.asked_before)
            .filter_map(|at| insights.claims.get(*at))
            .take(3)
            .map(|claim| Line { links: Vec::new(), ..self.claim(route, claim) })
            .collect();
        sections.push(self.block("asked-before", "Asked before", "", asked));
        sections.retain(|section| !section.is_empty());
        sections
    }
}
