//! What is asked: the board of experiments, objectives as questions, learning goals, open questions.

use super::Item;
use super::view::{Cell, Column, Line, Links, Section, Table};
use crate::book::insight::goals::Objective;
use crate::book::insight::text;
use crate::book::{Book, NoteId};
use crate::config::Kind;
use crate::note::items::KeyResult;
use crate::path::Route;
use crate::site::pages::{Views, count};
use crate::site::view::{Ref, Stamp};

/// Cards in a column of the board.
const IN_COLUMN: usize = 8;
/// Objectives on the first page of their kind.
const MOST_OBJECTIVES: usize = 60;

/// Open goals whose release is over, then the other open ones, then those with an answer.
pub(super) fn goals(book: &Book) -> Vec<Item> {
    let goals = &book.insights.goals;
    let mut order: Vec<usize> = (0..goals.len()).collect();
    order.sort_by_key(|index| {
        let goal = &goals[*index];
        (!goal.answers.is_empty(), !goal.is_due(book.today))
    });
    order.into_iter().map(|index| Item::Goal(index as u32)).collect()
}

/// Open questions, then those with an answer.
pub(super) fn questions(book: &Book) -> Vec<Item> {
    let questions = &book.insights.questions;
    let mut order: Vec<usize> = (0..questions.len()).collect();
    order.sort_by_key(|index| !questions[*index].answers.is_empty());
    order.into_iter().map(|index| Item::Question(index as u32)).collect()
}

/// Experiments with a metric, those of one metric together, the metric used most first.
pub(super) fn metrics(book: &Book) -> Vec<Item> {
    let mut found: Vec<(String, Vec<NoteId>)> = Vec::new();
    let mut places: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (id, entry) in book.listed() {
        let Some(metric) = text(entry, "metric") else { continue };
        let key = crate::path::slug(metric);
        let at = *places.entry(key.clone()).or_insert(found.len());
        if at == found.len() {
            found.push((key, Vec::new()));
        }
        found[at].1.push(id);
    }
    found.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    found.into_iter().flat_map(|(_, notes)| notes).map(Item::Metric).collect()
}

impl<'b> Views<'b> {
    /// The notes of a kind in columns, by status; and what was asked before.
    pub(super) fn board(&self, route: &Route, kind: &'b Kind, notes: &[NoteId]) -> Vec<Section<'b>> {
        let book = self.book;
        if notes.is_empty() || kind.statuses.is_empty() {
            return Vec::new();
        }
        let status = |id: NoteId| {
            let written = text(book.entry(id), "status")?;
            kind.statuses.iter().position(|choice| book.config.choice(&kind.name, "status", written) == Some(choice))
        };
        let mut columns: Vec<Vec<NoteId>> = vec![Vec::new(); kind.statuses.len()];
        let mut without = Vec::new();
        for id in notes {
            match status(*id) {
                Some(at) => columns[at].push(*id),
                None => without.push(*id),
            }
        }
        let mut shown: Vec<Column<'b>> = kind
            .statuses
            .iter()
            .zip(columns)
            .map(|(choice, ids)| {
                let stamp = Stamp { label: &choice.name, tone: choice.tone.name(), value: &choice.name };
                let term = book.statuses.find(&choice.name).map(|term| book.statuses.get(term));
                let all = |term: &'b crate::book::terms::Term| Ref {
                    label: "All of them",
                    href: term.route.relative_to(route),
                };
                Column {
                    stamp,
                    count: ids.len(),
                    lines: ids.iter().take(IN_COLUMN).map(|id| self.board_card(route, *id)).collect(),
                    more: term.filter(|_| ids.len() > IN_COLUMN).map(all),
                    empty: match choice.tone.name() {
                        "live" => "Nothing is being tested. What would you like to know?",
                        _ => "None.",
                    },
                    open: choice.tone.name() == "live",
                }
            })
            .collect();
        if !without.is_empty() {
            shown.push(Column {
                stamp: Stamp { label: "no status", tone: "idle", value: "" },
                count: without.len(),
                lines: without.iter().take(IN_COLUMN).map(|id| self.board_card(route, *id)).collect(),
                more: None,
                empty: "",
                open: false,
            });
        }
        let results = notes.iter().filter_map(|id| self.stamp(book.entry(*id), "result"));
        let (mut decided, mut good, mut bad) = (0, 0, 0);
        for stamp in results {
            decided += 1;
            good += usize::from(stamp.tone == "good");
            bad += usize::from(stamp.tone == "bad");
        }
        let lead = match decided {
            0 => "Ideas are never deleted: they are parked, with a reason and a day to look again.".to_owned(),
            _ => format!(
                "Of {} {good} held, {bad} did not, {} can't be said. A team that is always right is not testing much.",
                count(decided, "decided hypothesis", "decided hypotheses"),
                decided - good - bad
            ),
        };
        let board = Section {
            id: "board".into(),
            title: "Board".into(),
            lead: lead.into(),
            columns: shown,
            ..Section::default()
        };
        // What is not decided and was asked before is worth a look before it runs.
        let again = book.insights.claims.iter().filter(|claim| {
            !claim.asked_before.is_empty() && claim.result.is_none() && book.entry(claim.note).note.kind == kind.name
        });
        let again = Section {
            id: "asked-before".into(),
            title: "Asked before".into(),
            lead: "Open hypotheses that are near to one that has been tested. What is different this time?".into(),
            lines: again.take(IN_COLUMN).map(|claim| self.claim(route, claim)).collect(),
            ..Section::default()
        };
        vec![board, again]
    }

    fn board_card(&self, route: &Route, id: NoteId) -> Line<'b> {
        let entry = self.book.entry(id);
        let front = &entry.note.front;
        let mut facts = Vec::new();
        let day = |key: &str, word: &str| front.date(key).map(|date| format!("{word} {}", date.long()));
        let ends = front.date("ends");
        let live = self.stamp(entry, "status").is_some_and(|stamp| stamp.tone == "live");
        match (live, ends) {
            (true, Some(ends)) if ends < self.book.today => facts.push(format!("was to end {}", ends.long())),
            (true, _) => facts.extend(day("ends", "until")),
            _ => facts.extend(day("revisit", "look again")),
        }
        facts.extend(text(entry, "metric").map(str::to_owned));
        let believed = text(entry, "hypothesis").unwrap_or("").into();
        Line { look: "refuted", believed, stamp: self.stamp(entry, "result"), facts, ..self.of_note(route, id) }
    }

    /// Objectives: each question with its experiments and the answer so far; parts below their whole.
    pub(super) fn objectives(&self, route: &Route) -> Vec<Section<'b>> {
        let book = self.book;
        let objectives = &book.insights.objectives;
        let children = |parent: Option<NoteId>| objectives.iter().filter(move |one| one.parent == parent);
        let mut open = Vec::new();
        let mut closed = Vec::new();
        let mut shown: Vec<NoteId> = Vec::new();
        // A circle of parents has no top; whoever is left is shown at the end.
        let tops: Vec<&Objective> = children(None).chain(objectives.iter()).collect();
        for top in tops {
            if shown.len() >= MOST_OBJECTIVES {
                break;
            }
            for (one, depth) in std::iter::once((top, 0)).chain(children(Some(top.note)).map(|one| (one, 1))) {
                if !shown.contains(&one.note) && (depth == 1 || top.parent.is_none() || !shown.contains(&top.note)) {
                    shown.push(one.note);
                    (if one.open { &mut open } else { &mut closed }).push(self.objective(route, one));
                }
            }
        }
        let section = |id: &str, title: &'static str, lead: &'static str, lines| Section {
            id: id.into(),
            title: title.into(),
            lead: lead.into(),
            lines,
            ..Section::default()
        };
        let mut sections = vec![
            section("open", "Open questions", "Each with what is tested for it, and the answer so far.", open),
            section("answered", "Answered, or dropped", "", closed),
        ];
        sections.insert(1, self.key_results(route));
        sections.retain(|section| !section.is_empty());
        sections
    }

    fn objective(&self, route: &Route, objective: &'b Objective) -> Line<'b> {
        let entry = self.book.entry(objective.note);
        let mut links: Vec<Links<'b>> = Vec::new();
        links.extend(objective.parent.into_iter().flat_map(|parent| self.links(route, "Part of", &[parent])));
        links.extend(self.links(route, "Tested by", &objective.experiments));
        links.extend(self.links(route, "Answered by", &objective.answers));
        let points = text(entry, "answer").map(Into::into).into_iter().collect();
        let mut facts: Vec<String> = text(entry, "period").map(str::to_owned).into_iter().collect();
        if objective.open && objective.experiments.is_empty() {
            facts.push("nothing tests it yet".into());
        }
        Line {
            look: "goal",
            points,
            facts,
            links,
            done: !objective.open,
            stamp: self.stamp(entry, "status"),
            date: None,
            ..self.of_note(route, objective.note)
        }
    }

    /// The key results of open objectives.
    fn key_results(&self, route: &Route) -> Section<'b> {
        let open = self.book.insights.objectives.iter().filter(|one| one.open).take(MOST_OBJECTIVES);
        let rows = open.flat_map(|one| self.key_result_rows(route, one.note, true)).collect();
        let head = ["Objective", "Key result", "From", "To", "Now"];
        Section {
            id: "key-results".into(),
            title: "Key results of what is open".into(),
            lead: "What we would see if the answer were yes.".into(),
            table: Some(Table { name: "Key results".into(), head: head.map(Into::into).into(), rows }),
            ..Section::default()
        }
    }

    /// The rows of one objective; a line that has no numbers stands as it was written.
    pub(super) fn key_result_rows(&self, route: &Route, id: NoteId, named: bool) -> Vec<Vec<Cell<'b>>> {
        let entry = self.book.entry(id);
        let number = |text: String| Cell { text: text.into(), number: true, ..Cell::default() };
        let row = |item: &'b crate::note::front_matter::Item| {
            let mut row = Vec::new();
            if named {
                row.push(Cell::links(vec![self.note_ref(route, id)]));
            }
            match KeyResult::read(&item.text) {
                Some(result) => {
                    let gone = result.progress().map(|gone| format!(" ({} %)", (gone * 100.0).round() as i64));
                    let now = result.now.as_ref().map_or_else(String::new, |now| now.text.to_string());
                    row.push(Cell::text(result.metric.to_string()));
                    row.extend(
                        [result.from.text.to_string(), result.to.text.to_string(), now + &gone.unwrap_or_default()]
                            .map(number),
                    );
                }
                None => {
                    row.push(Cell::text(item.text.as_str()));
                    row.extend([const { String::new() }; 3].map(number));
                }
            }
            row
        };
        entry.note.front.list("key_results").iter().take(20).map(row).collect()
    }
}
