//! The advice that follows from what is derived. No writer has to do anything, so a check about a
//! structure speaks only where the note, or the book, uses that structure: a folder of tips is no
//! heap of unapplied learnings, and records of decisions without `evidence` are as their tool has them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::reuse::is_structured;
use super::{Ground, Insights, named, naming, text};
use crate::book::links::Resolved;
use crate::book::{Entry, NoteId};
use crate::config::{Part, Tone};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::note::items::State;
use crate::text::{LineIndex, Span, fold, truncate};

/// Days after which an experiment without a last day is a long one.
const LONG_RUN: i32 = 60;
/// Days in which something may be written down before anybody asks for it.
const GRACE: i32 = 14;

/// All advice, in no order.
pub fn advise(ground: Ground<'_>, insights: &Insights) -> Vec<Diagnostic> {
    let mut checks = Checks { ground, insights, said: Vec::new(), texts: HashMap::new() };
    for (id, entry) in ground.listed() {
        let Some(kind) = ground.config.kinds.by_name(&entry.note.kind) else { continue };
        for code in kind.checks.iter().filter(|code| ground.config.reports(**code)) {
            checks.note(*code, id, entry);
        }
    }
    checks.objectives();
    checks.goals();
    checks.actions();
    checks.reviews();
    checks.superseded();
    checks.said
}

struct Checks<'b, 'i> {
    ground: Ground<'b>,
    insights: &'i Insights,
    said: Vec<Diagnostic>,
    /// The lines of each note of which something is said.
    texts: HashMap<NoteId, (Cow<'b, str>, LineIndex)>,
}

impl<'b> Checks<'b, '_> {
    fn place(&mut self, id: NoteId, span: Span) -> Place {
        let entry = self.ground.entry(id);
        let (text, lines) = self.texts.entry(id).or_insert_with(|| {
            let text = entry.note.source.text();
            let lines = LineIndex::new(&text);
            (text, lines)
        });
        Place::new(text, lines, span)
    }

    fn say(&mut self, code: Code, id: NoteId, span: Option<Span>, message: impl Into<String>, hint: impl Into<String>) {
        if !self.ground.config.reports(code) {
            return;
        }
        let diagnostic = Diagnostic::new(code, &self.ground.entry(id).note.source.path, message).hint(hint);
        let place = span.map(|span| self.place(id, span));
        self.said.push(Diagnostic { place, ..diagnostic });
    }

    /// Where the note's title stands in its file.
    fn title(&self, entry: &Entry) -> Option<Span> {
        let text = entry.note.source.text();
        let title = entry.note.title.text.as_str();
        let at = text.find(title)?;
        Some(Span::new(at, at + title.len()))
    }

    /// Where a key's value stands.
    fn value(entry: &Entry, key: &str) -> Option<Span> {
        entry.note.front.entry(key).map(|entry| entry.span)
    }

    /// The checks that look at one note of a kind.
    fn note(&mut self, code: Code, id: NoteId, entry: &'b Entry) {
        match code {
            Code::OkrNotAQuestion => {
                let title = entry.note.title.text.trim_end();
                if !title.ends_with(['?', '？', '؟']) {
                    self.say(
                        code,
                        id,
                        self.title(entry),
                        "this objective's title is no question",
                        "a question leaves room for an answer that nobody expects: `What makes people trust a refund?`",
                    );
                }
            }
            Code::RunningTooLong => self.running(id, entry),
            Code::EndedNoLearning => self.ended(id, entry),
            Code::RetroNoSurprise => {
                let surprised =
                    |entry: &Entry| !entry.note.items.surprises.is_empty() || text(entry, "surprise").is_some();
                // Where no retro records one, that is how this team's retros are.
                let others =
                    || self.ground.listed().any(|(_, other)| other.note.kind == entry.note.kind && surprised(other));
                if !surprised(entry) && entry.note.words >= 20 && others() {
                    self.say(
                        code,
                        id,
                        self.title(entry),
                        "this retro records nothing that surprised anybody",
                        "put a bullet under a heading `What surprised us`: only there did somebody learn something",
                    );
                }
            }
            Code::RetroOneFunction => {
                if let [only] = entry.note.front.list("functions") {
                    let message = format!("only {} was in the room", only.text);
                    let hint = "who else saw what happened? ask somebody from another function to the next one";
                    self.say(code, id, Some(only.span), message, hint);
                }
            }
            Code::DecisionWithoutEvidence => {
                let has = |entry: &Entry| entry.references.iter().any(|reference| reference.key == "evidence");
                let used = || self.ground.listed().any(|(_, other)| other.note.kind == entry.note.kind && has(other));
                let decided = self.ground.tone(entry, "status") == Some(Tone::Good);
                if decided && !has(entry) && used() {
                    self.say(
                        code,
                        id,
                        self.title(entry),
                        "this decision names nothing that speaks for it",
                        "name a learning or an experiment under `evidence`; if it is a belief, test it and say by when",
                    );
                }
            }
            Code::TitleNotAClaim => {
                let title = &entry.note.title.text;
                if is_structured(entry) && self.is_topic(title) {
                    self.say(
                        code,
                        id,
                        self.title(entry),
                        "this title names a topic and not what is known",
                        "say it as a sentence that can be wrong: `A date sells the refund`, not `Refund test`",
                    );
                }
            }
            Code::BlameWording => self.blame(id, entry),
            _ => {}
        }
    }

    /// One word, or a text that begins or ends as topics do.
    fn is_topic(&self, title: &str) -> bool {
        let wording = &self.ground.config.wording;
        let mut words = title.split_whitespace();
        let last = words.next_back().unwrap_or("");
        words.next().is_none() || wording.is(Part::Topic, last) || wording.begins(Part::Topic, title)
    }

    fn running(&mut self, id: NoteId, entry: &'b Entry) {
        if self.ground.tone(entry, "status") != Some(Tone::Live) {
            return;
        }
        let front = &entry.note.front;
        let hint = "write down what it says so far and end it, or set a new day under `ends` and say why";
        match (front.date("ends"), front.date("started")) {
            (Some(ends), _) if ends < self.ground.today => {
                let message = format!("this experiment was to end on {} and still runs", ends.long());
                self.say(Code::RunningTooLong, id, Self::value(entry, "ends"), message, hint);
            }
            (None, Some(started)) if self.days_since(started) > LONG_RUN => {
                let message = format!("this experiment runs since {} and no day is set for its end", started.long());
                self.say(Code::RunningTooLong, id, Self::value(entry, "started"), message, hint);
            }
            _ => {}
        }
    }

    fn ended(&mut self, id: NoteId, entry: &'b Entry) {
        let front = &entry.note.front;
        let is_over = self.ground.tone(entry, "status") == Some(Tone::Unsure) || front.date("ended").is_some();
        let since = front.date("ended").or(front.date("ends")).or(entry.date);
        let items = &entry.note.items.learnings;
        let is_told = text(entry, "result").is_some()
            || items.iter().any(|learning| !learning.learned.is_empty())
            || naming(entry, "evidence").next().is_some();
        if is_over && !is_told && since.is_none_or(|since| self.days_since(since) > GRACE) {
            let place = Self::value(entry, "ended").or_else(|| Self::value(entry, "status"));
            self.say(
                Code::EndedNoLearning,
                id,
                place,
                "this experiment has ended, and nothing says what was learned",
                "`result: refuted` and a bullet under `What we learned:` are enough; refuted is as good to know",
            );
        }
    }

    fn objectives(&mut self) {
        let broken_down: HashSet<NoteId> = self.insights.objectives.iter().filter_map(|one| one.parent).collect();
        for objective in self.insights.objectives.iter().filter(|one| one.open && one.experiments.is_empty()) {
            let entry = self.ground.entry(objective.note);
            let is_young = entry.date.is_some_and(|date| self.days_since(date) <= GRACE);
            let checked = self.is_checked(entry, Code::OkrNoExperiment);
            if is_young || broken_down.contains(&objective.note) || !objective.answers.is_empty() || !checked {
                continue;
            }
            self.say(
                Code::OkrNoExperiment,
                objective.note,
                self.title(entry),
                "no experiment could answer this objective",
                "name one under `experiments`, or name this objective under `okr` of an experiment",
            );
        }
    }

    fn goals(&mut self) {
        let today = self.ground.today;
        for goal in self.insights.goals.iter().filter(|goal| goal.answers.is_empty() && goal.is_due(today)) {
            let entry = self.ground.entry(goal.note);
            if !self.is_checked(entry, Code::LearningGoalOpen) {
                continue;
            }
            let span = entry.note.front.list("learning_goals").get(goal.index).map(|item| item.span);
            let message = format!("nothing answers `{}`", truncate(goal.text(self.ground.notes), 80));
            let name = entry.note.source.path.stem();
            let hint = format!("the note that does says so with `answers: [\"[[{name}#goal-{}]]\"]`", goal.index + 1);
            self.say(Code::LearningGoalOpen, goal.note, span, message, hint);
        }
    }

    fn actions(&mut self) {
        for tracked in self.insights.actions.iter().filter(|tracked| tracked.late > 0) {
            let action = tracked.action(self.ground.notes);
            let (Some(due), State::Open) = (action.due, action.state) else { continue };
            let message = format!("`{}` was to be done by {}", truncate(&action.text, 60), due.long());
            let hint = match action.owners.first() {
                Some(owner) => format!("ask {owner}: tick it, give it another day, or strike it out"),
                None => "nobody owns it: name somebody with `@`, or strike it out".to_owned(),
            };
            self.say(Code::ActionLate, tracked.note, Some(action.span), message, hint);
        }
    }

    fn reviews(&mut self) {
        for review in self.insights.reviews.iter().filter(|review| review.overdue > 0) {
            let entry = self.ground.entry(review.note);
            let message = format!("nobody has looked at this note since {}", review.last.long());
            let hint = format!("if it still holds: `fieldbook review {}`", entry.note.source.path);
            let place = Self::value(entry, "reviewed").or_else(|| Self::value(entry, "date"));
            self.say(Code::OverdueReview, review.note, place, message, hint);
        }
    }

    /// Links to a record that was replaced, in notes that are newer than what replaced it: older ones
    /// tell of their time.
    fn superseded(&mut self) {
        for index in 0..self.ground.notes.len() {
            let old = NoteId::new(index);
            let entry = self.ground.entry(old);
            let replaced: Vec<NoteId> = naming(entry, "supersedes").chain(named(entry, "superseded_by")).collect();
            let Some(new) = replaced.first() else { continue };
            let by = self.ground.entry(*new);
            let name = by.note.source.path.stem().to_owned();
            for backlink in entry.backlinks.iter().filter(|backlink| !replaced.contains(&backlink.from)) {
                let from = self.ground.entry(backlink.from);
                let Some(link) = backlink.link.and_then(|link| from.note.links.get(link as usize)) else { continue };
                let knows_both = from.links.iter().any(|link| matches!(link, Resolved::Note(id, _) if id == new));
                let wrote = from.note.front.date("reviewed").max(from.date);
                let is_later = wrote.is_none_or(|wrote| by.date.is_some_and(|replaced| wrote > replaced));
                if is_later && !knows_both {
                    let message = format!("`{}` was replaced by `{name}`", entry.note.source.path.stem());
                    self.say(
                        Code::SupersededLinked,
                        backlink.from,
                        Some(link.span),
                        message,
                        format!("link to `{name}`, or to both"),
                    );
                }
            }
        }
    }

    /// Sentences that look for somebody at fault. Code and quotes are others' words.
    fn blame(&mut self, id: NoteId, entry: &'b Entry) {
        let text = entry.note.source.text();
        let start = entry.note.front.body_start;
        let mut in_code = false;
        let mut at = start;
        let mut found: Vec<(Span, String, String)> = Vec::new();
        for line in text[start..].split_inclusive('\n') {
            let trimmed = line.trim_start();
            let begins = at;
            at += line.len();
            if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
                in_code = !in_code;
            }
            if in_code || trimmed.starts_with(['>', '`', '~']) {
                continue;
            }
            // Equal in length for what the list has: ASCII in lower case.
            let lower = line.to_ascii_lowercase();
            for (words, kinder) in &self.ground.config.blame {
                let Some(from) = find_words(&lower, words) else { continue };
                found.push((Span::new(begins + from, begins + from + words.len()), words.clone(), kinder.clone()));
            }
        }
        for (span, words, kinder) in found {
            let hint = format!("rather: {kinder}");
            self.say(Code::BlameWording, id, Some(span), format!("`{words}` looks for somebody at fault"), hint);
        }
    }

    fn is_checked(&self, entry: &Entry, code: Code) -> bool {
        self.ground.config.kinds.by_name(&entry.note.kind).is_some_and(|kind| kind.checks.contains(&code))
    }

    fn days_since(&self, date: Date) -> i32 {
        self.ground.today.days() - date.days()
    }
}

/// Where some words stand in a line as whole words.
fn find_words(line: &str, words: &str) -> Option<usize> {
    let words = fold(words);
    line.match_indices(&words).map(|(at, _)| at).find(|at| {
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !joins(line[..*at].chars().next_back()) && !joins(line[at + words.len()..].chars().next())
    })
}
