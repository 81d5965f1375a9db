//! What shows only from above: the loop itself, themes over time, what moves what, how a team sees
//! itself, how it works.

use super::Sheet;
use super::chart::{self, Edge, Node};
use super::found::counts_table;
use super::rows::span;
use super::view::{Cell, Figure, Line, Section, Table};
use crate::book::insight::{Quarter, text};
use crate::book::{Book, Entry, NoteId};
use crate::config::FieldType;
use crate::note::items::Sign;
use crate::path::Route;
use crate::site::pages::{Views, count};
use crate::site::view::{Ref, Stamp};

/// Rows of a drawing and of a table.
const MOST_ROWS: usize = 24;
/// Columns of a drawing: the latest.
const MOST_COLUMNS: usize = 12;
/// Lines of a section of which there may be many.
const MOST_LINES: usize = 24;

/// The four questions, each with the key that answers it.
const QUESTIONS: [(&str, &str); 4] = [
    ("reflect", "Do we make time to reflect on what we learned?"),
    ("hypotheses", "Do we treat what we plan as hypotheses?"),
    ("curiosity", "Do we ask and look, also where it may prove us wrong?"),
    ("reward", "Do we thank people for learning, and not only for results?"),
];

/// Notes that answer one of the four questions, newest first.
pub(super) fn self_checks(book: &Book) -> impl Iterator<Item = (NoteId, &Entry)> {
    book.listed().filter(|(_, entry)| QUESTIONS.iter().any(|(key, _)| entry.note.front.number(key).is_some()))
}

/// Some note names a discipline.
pub(super) fn has_disciplines(book: &Book) -> bool {
    book.listed().any(|(_, entry)| entry.note.front.choice("discipline").is_some())
}

impl<'b> Views<'b> {
    /// The way from hypothesis to applied.
    pub(super) fn loop_overview(&self, route: &Route) -> Vec<Section<'b>> {
        const STAGES: [&str; 4] = ["written", "run", "learned", "applied"];
        let stages = &self.book.insights.stages;
        let counts = stages.counts();
        let days: Vec<String> = stages.days.iter().map(|days| days.map_or("?".into(), span)).collect();
        let named: Vec<(&str, usize)> = STAGES.into_iter().zip(counts).collect();
        let name = "From hypothesis to applied";
        let description =
            "Four stages, with the number of hypotheses that reached each, and the median time between them.";
        let mut rows: Vec<Vec<Cell<'b>>> = Vec::new();
        for (at, (stage, count)) in named.iter().enumerate() {
            let took = if at == 0 { String::new() } else { days[at - 1].clone() };
            rows.push(vec![
                Cell::text(*stage),
                Cell::number(*count),
                Cell { text: took.into(), number: true, ..Cell::default() },
            ]);
        }
        let flow = Figure {
            svg_html: chart::flow(name, description, &named, &days),
            caption:
                "Median times between the steps. Short ones are no aim in themselves; a step that never ends is a sign."
                    .into(),
            table: Table {
                name: name.into(),
                head: ["Stage", "Hypotheses", "Median time to get there"].map(Into::into).into(),
                rows,
            },
        };
        let mut figures = vec![flow];
        let by_quarter: Vec<(String, Vec<usize>)> =
            stages.by_quarter().into_iter().map(|(quarter, row)| (quarter.label(), row.to_vec())).collect();
        if stages.paths.len() >= 5 && by_quarter.len() > 1 {
            let rows = &by_quarter[by_quarter.len().saturating_sub(MOST_COLUMNS)..];
            let name = "How far the hypotheses of each quarter have come";
            figures.push(Figure {
                svg_html: chart::bars(name, "For each quarter the hypotheses written in it, and how many of them were run, learned from and applied.", &STAGES, rows),
                caption: "Hypotheses of the last quarter are still under way; those of a year ago should have got somewhere.".into(),
                table: counts_table(name, "Quarter", &STAGES, rows),
            });
        }
        // Learned, and not applied: the step that most often is the last.
        let stuck = stages.paths.iter().filter(|path| path.learned.0 && !path.applied.0).take(8);
        vec![
            Section { id: "way".into(), title: name.into(), figures, ..Section::default() },
            Section {
                id: "stuck".into(),
                title: "Learned, and not applied".into(),
                lead: "Is there a learning from each, and is it on somebody's desk?".into(),
                lines: stuck.map(|path| self.of_note(route, path.note)).collect(),
                more: Some(Ref { label: "All that is not applied", href: Sheet::Unapplied.route().relative_to(route) }),
                ..Section::default()
            },
        ]
    }

    /// What comes back in retros, over time.
    pub(super) fn themes(&self, route: &Route) -> Vec<Section<'b>> {
        let themes = &self.book.insights.themes;
        let drawn: Vec<_> = themes.iter().filter(|theme| !theme.quarters.is_empty()).take(MOST_ROWS).collect();
        let last = drawn.iter().flat_map(|theme| &theme.quarters).map(|(quarter, _)| *quarter).max();
        let first = drawn.iter().flat_map(|theme| &theme.quarters).map(|(quarter, _)| *quarter).min();
        let mut columns: Vec<Quarter> = Vec::new();
        if let Some((mut at, last)) = first.zip(last) {
            while at <= last {
                columns.push(at);
                at = at.next();
            }
        }
        let columns = columns.split_off(columns.len().saturating_sub(MOST_COLUMNS));
        let rows: Vec<(String, Vec<Option<usize>>)> = drawn
            .iter()
            .map(|theme| {
                let count = |quarter: &Quarter| {
                    theme.quarters.iter().find(|(of, count)| of == quarter && *count > 0).map(|(_, count)| *count)
                };
                (theme.label.clone(), columns.iter().map(count).collect())
            })
            .collect();
        let labels: Vec<String> = columns.iter().map(|quarter| quarter.label()).collect();
        let name = "Themes by quarter";
        let mut head: Vec<std::borrow::Cow<'b, str>> = vec!["Theme".into()];
        head.extend(labels.iter().cloned().map(Into::into));
        let table = Table {
            name: name.into(),
            head,
            rows: rows
                .iter()
                .map(|(label, counts)| {
                    std::iter::once(Cell::text(label.clone()))
                        .chain(counts.iter().map(|count| Cell::number(count.unwrap_or(0))))
                        .collect()
                })
                .collect(),
        };
        let mut sections = Vec::new();
        if columns.len() > 1 {
            let figure = Figure {
                svg_html: chart::dots(
                    name,
                    "For each theme the retros of each quarter in which it came up.",
                    &labels,
                    &rows,
                ),
                caption: "A gap and then a dot again: an action was ticked, and the cause is still there.".into(),
                table,
            };
            sections.push(Section {
                id: "quarters".into(),
                title: name.into(),
                figures: vec![figure],
                ..Section::default()
            });
        }
        let line = |theme: &'b crate::book::insight::themes::Theme| {
            let came_back = theme.came_back.map(|quarter| format!("came back in {}", quarter.label()));
            let stamp = came_back.is_some().then_some(Stamp { label: "came back", tone: "unsure", value: "" });
            let mut facts = vec![count(theme.notes.len(), "retro", "retros")];
            facts.extend(came_back);
            Line {
                look: "goal",
                id: format!("theme-{}", theme.slug),
                text: theme.label.as_str().into(),
                stamp,
                facts,
                links: self.links(route, "Retros", &theme.notes),
                ..Line::default()
            }
        };
        let section = |id: &str, title: &'static str, lead: &'static str, recurring: bool| Section {
            id: id.into(),
            title: title.into(),
            lead: lead.into(),
            lines: themes.iter().filter(|theme| theme.is_recurring() == recurring).take(MOST_LINES).map(line).collect(),
            ..Section::default()
        };
        sections.push(section(
            "recurring",
            "In three retros or more",
            "No accident any more. What makes it come back?",
            true,
        ));
        sections.push(section("others", "Once or twice", "", false));
        sections
    }

    /// What moves what, and the loops.
    pub(super) fn systems(&self, route: &Route) -> Vec<Section<'b>> {
        let causes = &self.book.insights.causes;
        let sign = |sign: Sign| match sign {
            Sign::More => "+",
            Sign::Less => "−",
            Sign::Unsaid => "",
        };
        let href =
            |at: usize| causes.factors[at].note.map_or_else(String::new, |id| self.note_route(id).relative_to(route));
        let label = |at: usize| causes.factors[at].label.as_str();
        // Those of the loops first, in their order: a loop is then a way round the circle.
        let mut order: Vec<usize> = Vec::new();
        let in_loops = causes.loops.iter().rev().flat_map(|one| one.factors.iter().copied());
        for at in in_loops.chain(0..causes.factors.len()) {
            if !order.contains(&at) {
                order.push(at);
            }
        }
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, factor)| place[*factor] = at);
        let nodes: Vec<Node> = order.iter().map(|at| Node { label: label(*at).to_owned(), href: href(*at) }).collect();
        let edges: Vec<Edge> = causes
            .arrows
            .iter()
            .map(|arrow| Edge { from: place[arrow.from], to: place[arrow.to], sign: sign(arrow.sign) })
            .collect();
        let factor = |at: usize| match href(at) {
            href if href.is_empty() => Cell::text(label(at)),
            href => Cell::links(vec![Ref { label: label(at), href }]),
        };
        let word = |sign: Sign| match sign {
            Sign::More => "more of it",
            Sign::Less => "less of it",
            Sign::Unsaid => "moves it",
        };
        let name = "What moves what";
        let table = Table {
            name: name.into(),
            head: ["More of", "makes", "of"].map(Into::into).into(),
            rows: causes
                .arrows
                .iter()
                .map(|arrow| vec![factor(arrow.from), Cell::text(word(arrow.sign)), factor(arrow.to)])
                .collect(),
        };
        let mut sections = Vec::new();
        if !edges.is_empty() {
            let left_out = match causes.left_out {
                0 => String::new(),
                n => format!(" {} with few arrows are left out.", count(n, "factor", "factors")),
            };
            sections.push(Section {
                id: "map".into(),
                title: name.into(),
                figures: vec![Figure {
                    svg_html: chart::graph(name, "Causes and effects as arrows, each with its sign.", &nodes, &edges),
                    caption: format!("+ is more of it, − less of it. An arrow that comes back to where it began closes a loop.{left_out}").into(),
                    table,
                }],
                ..Section::default()
            });
        }
        let round = |one: &'b crate::book::insight::causes::Loop| {
            let mut names: Vec<&str> = one.factors.iter().map(|at| label(*at)).collect();
            names.extend(one.factors.first().map(|at| label(*at)));
            let stamp = match one.reinforcing {
                Some(true) => Stamp { label: "reinforcing", tone: "live", value: "" },
                Some(false) => Stamp { label: "balancing", tone: "old", value: "" },
                None => Stamp { label: "sign missing", tone: "idle", value: "" },
            };
            let notes: Vec<NoteId> = one.factors.iter().filter_map(|at| causes.factors[*at].note).collect();
            Line {
                look: "goal",
                text: names.join(" → ").into(),
                stamp: Some(stamp),
                links: self.links(route, "Told in", &notes),
                ..Line::default()
            }
        };
        sections.push(Section {
            id: "loops".into(),
            title: "Loops".into(),
            lead: "A reinforcing loop feeds itself, for better or worse; a balancing one holds itself back.".into(),
            lines: causes.loops.iter().map(round).collect(),
            ..Section::default()
        });
        let mut said: Vec<(NoteId, Line<'b>)> = Vec::new();
        for one in &causes.observations {
            let fact = format!("{} {}", sign(one.sign), label(one.on)).trim().to_owned();
            let full = said.len() == MOST_LINES;
            match said.last_mut().filter(|(note, _)| *note == one.note) {
                Some((_, line)) => line.facts.push(fact),
                None if full => break,
                None => said.push((one.note, Line { facts: vec![fact], ..self.of_note(route, one.note) })),
            }
        }
        sections.push(Section {
            id: "said".into(),
            title: "What notes say".into(),
            lead: "Each names something that it moves.".into(),
            lines: said.into_iter().map(|(_, line)| line).collect(),
            ..Section::default()
        });
        sections
    }

    /// The four questions: each team's answers over time, and what the handbook shows.
    pub(super) fn self_check(&self, route: &Route) -> Vec<Section<'b>> {
        let book = self.book;
        let checks: Vec<(NoteId, &'b Entry)> = self_checks(book).collect();
        let most = match book.config.schema.field("reflect").map(|field| &field.ty) {
            Some(FieldType::Number(Some((_, most)))) => *most,
            _ => 3,
        };
        let mut teams: Vec<Option<usize>> = checks.iter().map(|(_, entry)| entry.team).collect();
        teams.sort_unstable();
        teams.dedup();
        let mut figures = Vec::new();
        for team in teams.into_iter().take(MOST_LINES) {
            let mut own: Vec<&(NoteId, &'b Entry)> =
                checks.iter().filter(|(_, entry)| entry.team == team).take(MOST_COLUMNS).collect();
            own.reverse();
            let labels: Vec<String> =
                own.iter().map(|(_, entry)| entry.date.map_or("?".into(), |date| Quarter::of(date).label())).collect();
            let answer = |entry: &Entry, key: &str| entry.note.front.number(key).map(|answer| answer.max(0.0) as usize);
            let rows: Vec<(String, Vec<Option<usize>>)> = QUESTIONS
                .iter()
                .map(|(key, _)| (crate::config::label(key), own.iter().map(|(_, entry)| answer(entry, key)).collect()))
                .collect();
            let name = team.map_or("Without a team", |team| book.teams.get(team).label.as_str());
            let mut table_rows: Vec<Vec<Cell<'b>>> = Vec::new();
            for (label, answers) in &rows {
                table_rows.push(
                    std::iter::once(Cell::text(label.clone()))
                        .chain(answers.iter().map(|answer| answer.map_or_else(Cell::default, Cell::number)))
                        .collect(),
                );
            }
            let head = std::iter::once(name.to_owned().into()).chain(labels.iter().cloned().map(Into::into)).collect();
            let latest = own.last().map(|(id, _)| self.note_ref(route, *id));
            let told = latest.map_or_else(String::new, |latest| format!(", told in {}", latest.label));
            figures.push(Figure {
                svg_html: chart::dots(
                    &format!("Answers of {name}"),
                    "For each question the answer at each time.",
                    &labels,
                    &rows,
                ),
                caption: format!("{name}: 0 not at all, {most} always{told}.").into(),
                table: Table { name: name.into(), head, rows: table_rows },
            });
        }
        let rows =
            QUESTIONS.iter().map(|(key, question)| vec![Cell::text(*question), Cell::text(self.shown(key))]).collect();
        vec![
            Section {
                id: "shown".into(),
                title: "What this handbook shows".into(),
                lead: "No grade, only what was written down in the last twelve months.".into(),
                table: Some(Table {
                    name: "What the handbook shows".into(),
                    head: ["Question", "In the last twelve months"].map(Into::into).into(),
                    rows,
                }),
                ..Section::default()
            },
            Section {
                id: "answers".into(),
                title: "The teams' own answers".into(),
                figures,
                lines: checks.iter().take(MOST_LINES).map(|(id, _)| self.of_note(route, *id)).collect(),
                ..Section::default()
            },
        ]
    }

    /// What the notes of the last twelve months say to one of the four questions.
    fn shown(&self, key: &str) -> String {
        let book = self.book;
        let recent = |entry: &Entry| entry.date.is_some_and(|date| book.today.days() - date.days() <= 365);
        let year = || book.listed().filter(|(_, entry)| recent(entry));
        match key {
            "reflect" => {
                let retros: Vec<&Entry> = year()
                    .map(|(_, entry)| entry)
                    .filter(|entry| self.shows(entry, crate::config::Display::Room))
                    .collect();
                let surprised = retros.iter().filter(|entry| !entry.note.items.surprises.is_empty()).count();
                format!("{}, {surprised} with a surprise", count(retros.len(), "retro", "retros"))
            }
            "hypotheses" => {
                let experiments: Vec<&Entry> = year()
                    .map(|(_, entry)| entry)
                    .filter(|entry| self.shows(entry, crate::config::Display::Board))
                    .collect();
                let with = experiments.iter().filter(|entry| text(entry, "hypothesis").is_some()).count();
                format!("{}, {with} with a hypothesis", count(experiments.len(), "experiment", "experiments"))
            }
            "curiosity" => {
                let refuted = super::found::refuted(book).into_iter().filter(|item| match item {
                    super::Item::Refuted(id, _) => recent(book.entry(*id)),
                    _ => false,
                });
                let open = book.insights.questions.iter().filter(|question| question.answers.is_empty()).count();
                format!(
                    "{} refuted, {} open",
                    count(refuted.count(), "hypothesis", "hypotheses"),
                    count(open, "question", "questions")
                )
            }
            _ => {
                let notes = year().filter(|(_, entry)| !entry.note.items.thanks.is_empty()).count();
                format!("thanks in {}", count(notes, "note", "notes"))
            }
        }
    }

    fn shows(&self, entry: &Entry, display: crate::config::Display) -> bool {
        self.book.config.kinds.by_name(&entry.note.kind).is_some_and(|kind| kind.shows.contains(&display))
    }

    /// The five disciplines, each with the notes that feed it.
    pub(super) fn disciplines(&self, route: &Route) -> Vec<Section<'b>> {
        let book = self.book;
        let Some(FieldType::Choice(disciplines)) = book.config.schema.field("discipline").map(|field| &field.ty) else {
            return Vec::new();
        };
        disciplines
            .iter()
            .map(|discipline| {
                let feeds = |entry: &Entry| entry.note.front.choice("discipline") == Some(discipline.name.as_str());
                let notes: Vec<NoteId> =
                    book.listed().filter(|(_, entry)| feeds(entry)).map(|(id, _)| id).take(MOST_LINES).collect();
                let lead = match (discipline.name.as_str(), notes.is_empty()) {
                    (_, true) => "No note feeds it yet. Which of your habits would belong here?",
                    ("personal-mastery", _) => "Everybody grows, and is helped to.",
                    ("mental-models", _) => "We look at the pictures in our heads, and let them be wrong.",
                    ("shared-vision", _) => "We know what we want together, and why.",
                    ("team-learning", _) => "We think together better than alone.",
                    ("systems-thinking", _) => "We look at the whole, and at what comes round.",
                    _ => "",
                };
                // The lead alone is worth a section: an empty discipline is shown as such.
                let mut lines: Vec<Line<'b>> = notes.iter().map(|id| self.of_note(route, *id)).collect();
                if lines.is_empty() {
                    lines.push(Line { look: "learning", text: "Nothing here yet".into(), ..Line::default() });
                }
                Section {
                    id: discipline.name.clone(),
                    title: crate::config::label(&discipline.name.replace('-', "_")).into(),
                    lead: lead.into(),
                    lines,
                    ..Section::default()
                }
            })
            .collect()
    }

    /// Who was in the room of retros, and what they left to do.
    pub(super) fn room(&self, route: &Route, notes: &[NoteId]) -> Vec<Section<'b>> {
        let book = self.book;
        if notes.is_empty() {
            return Vec::new();
        }
        let open: Vec<u32> = (0..book.insights.actions.len() as u32)
            .take_while(|index| {
                book.insights.actions[*index as usize].action(&book.notes).state == crate::note::items::State::Open
            })
            .collect();
        let all = Ref { label: "All actions", href: Sheet::Actions.route().relative_to(route) };
        let actions = Section {
            id: "open-actions".into(),
            title: "Left to do".into(),
            lead: if open.is_empty() {
                ""
            } else {
                "Bring them into the next retro: fieldbook new retro does it for you."
            }
            .into(),
            lines: open.iter().take(8).map(|index| self.line(route, super::Item::Action(*index))).collect(),
            more: (open.len() > 8).then_some(all),
            ..Section::default()
        };
        let rows: Vec<Vec<Cell<'b>>> = notes
            .iter()
            .map(|id| (*id, book.entry(*id)))
            .filter(|(_, entry)| !entry.note.front.list("functions").is_empty())
            .take(MOST_ROWS)
            .map(|(id, entry)| {
                let functions: Vec<&str> =
                    entry.note.front.list("functions").iter().map(|item| item.text.as_str()).collect();
                let surprise = entry.note.items.surprises.first().map_or("no surprise recorded", |piece| &piece.text);
                vec![
                    Cell::links(vec![self.note_ref(route, id)]),
                    Cell::text(functions.join(", ")),
                    Cell::text(surprise),
                ]
            })
            .collect();
        let room = Section {
            id: "room".into(),
            title: "Who was in the room".into(),
            lead: "Who else saw what happened?".into(),
            table: Some(Table {
                name: "Retros and who was there".into(),
                head: ["Retro", "In the room", "What surprised them"].map(Into::into).into(),
                rows,
            }),
            ..Section::default()
        };
        vec![actions, room]
    }

    /// Patterns by how often they were seen.
    pub(super) fn seen(&self, route: &Route, notes: &[NoteId]) -> Vec<Section<'b>> {
        let book = self.book;
        let seen = |id: NoteId| book.entry(id).references.iter().filter(|reference| reference.key == "seen_in").count();
        let mut order: Vec<(usize, NoteId)> =
            notes.iter().map(|id| (seen(*id), *id)).filter(|(count, _)| *count > 0).collect();
        order.sort_by_key(|(count, id)| (std::cmp::Reverse(*count), *id));
        let rows = order
            .iter()
            .take(2 * MOST_ROWS)
            .map(|(count, id)| {
                let entry = book.entry(*id);
                let places: Vec<&str> = entry
                    .references
                    .iter()
                    .filter(|reference| reference.key == "seen_in")
                    .map(|reference| reference.text.as_str())
                    .collect();
                vec![
                    Cell::links(vec![self.note_ref(route, *id)]),
                    Cell::number(*count),
                    Cell::text(places.iter().take(6).copied().collect::<Vec<_>>().join(", ")),
                    Cell::text(text(entry, "instead_of").unwrap_or("")),
                ]
            })
            .collect();
        vec![Section {
            id: "seen".into(),
            title: "By how often they were seen".into(),
            lead: "What comes up in many reviews may belong into a library.".into(),
            table: Some(Table {
                name: "Patterns by use".into(),
                head: ["Pattern", "Seen", "In", "Instead of"].map(Into::into).into(),
                rows,
            }),
            ..Section::default()
        }]
    }

    /// How we work: old mindset, new mindset, the stories that show it, the questions to ask.
    pub(super) fn mindsets(&self, route: &Route, notes: &[NoteId]) -> Vec<Section<'b>> {
        let book = self.book;
        let stories = |entry: &'b Entry| {
            let mut from: Vec<NoteId> = entry
                .backlinks
                .iter()
                .map(|backlink| backlink.from)
                .filter(|from| {
                    let other = book.entry(*from);
                    other.note.kind != entry.note.kind && book.sections[other.section].page != Some(*from)
                })
                .collect();
            from.sort_by_key(|id| (std::cmp::Reverse(book.entry(*id).date), *id));
            from.dedup();
            from
        };
        let rows = notes
            .iter()
            .map(|id| (*id, book.entry(*id)))
            .filter(|(_, entry)| text(entry, "from").is_some() || text(entry, "to").is_some())
            .take(2 * MOST_ROWS)
            .map(|(id, entry)| {
                vec![
                    Cell::text(text(entry, "from").unwrap_or("")),
                    Cell::text(text(entry, "to").unwrap_or("")),
                    Cell::links(vec![self.note_ref(route, id)]),
                    Cell::links(stories(entry).into_iter().take(3).map(|story| self.note_ref(route, story)).collect()),
                ]
            })
            .collect();
        let questions = notes.iter().flat_map(|id| {
            let entry = book.entry(*id);
            entry.note.front.list("questions").iter().map(move |item| (*id, item))
        });
        let ask = questions.take(2 * MOST_LINES).map(|(id, item)| Line {
            look: "question",
            text: item.text.as_str().into(),
            href: self.note_route(id).relative_to(route),
            from: Some(self.note_ref(route, id)),
            ..Line::default()
        });
        vec![
            Section {
                id: "mindsets".into(),
                title: "From, to".into(),
                lead: "A practice that nobody can tell a story about is a wish.".into(),
                table: Some(Table {
                    name: "Old and new mindset".into(),
                    head: ["From", "To", "Practice", "Stories"].map(Into::into).into(),
                    rows,
                }),
                ..Section::default()
            },
            Section {
                id: "questions-to-ask".into(),
                title: "Questions to ask in a review".into(),
                lead: "Take one into the next review.".into(),
                lines: ask.collect(),
                ..Section::default()
            },
        ]
    }
}
