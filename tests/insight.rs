//! What the notes of a book, taken together, say about what its team learns; and the advice on it.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk.

mod support;

use std::sync::Arc;

use fieldbook::book::insight::evidence::Maturity;
use fieldbook::book::{Book as Assembled, NoteId};
use fieldbook::engine::{Engine, Request};
use support::Book;

const CONFIG: &str = "[links]\n\"FLEX-{n}\" = \"\"\n[people]\nana = \"Ana Ruiz\"\n";

/// The book of some notes below `content/`, and the advice: `file:line code: message`.
fn assemble(notes: &[(&str, &str)]) -> (Arc<Assembled>, Vec<String>) {
    with(CONFIG, notes)
}

fn with(config: &str, notes: &[(&str, &str)]) -> (Arc<Assembled>, Vec<String>) {
    let mut book = Book::of([("book.toml", config)]);
    for (path, text) in notes {
        book.write(&format!("content/{path}"), text);
    }
    let built = Engine::default().build(&book.snapshot(), Request::default());
    let said = built.diagnostics.iter().map(|d| {
        let line = d.place.as_ref().map_or(0, |place| place.start.line);
        format!("{}:{line} {}: {}", d.file.as_str().trim_start_matches("content/"), d.code, d.message)
    });
    (built.site.unwrap().book.clone(), said.collect())
}

fn path(book: &Assembled, id: NoteId) -> &str {
    book.entry(id).note.path()
}

fn paths<'b>(book: &'b Assembled, ids: &[NoteId]) -> Vec<&'b str> {
    ids.iter().map(|id| path(book, *id)).collect()
}

#[test]
fn an_action_is_one_however_often_it_is_carried_over() {
    let retro = |day: &str, actions: &str| {
        format!("---\ndate: {day}\nteam: Shop\nauthors: [Ana Ruiz]\n---\n# R\n\n## Surprises\n\n- s\n\n{actions}")
    };
    let other = "---\ndate: 2026-03-01\nteam: Search\n---\n# O\n\n- [ ] label it\n";
    let (book, _) = assemble(&[
        ("retros/a.md", &retro("2026-03-01", "- [ ] @ana Label it due:2026-03-10\n- [ ] twice\n- [ ] twice\n")),
        ("retros/b.md", &retro("2026-03-15", "- [ ] @tom label it. due:2026-11-20\n- [x] twice\n")),
        ("retros/c.md", &retro("2026-04-01", "- [ ] label it due:2026-11-21\n")),
        ("retros/o.md", other),
    ]);
    let shown: Vec<String> = book
        .insights
        .actions
        .iter()
        .map(|tracked| {
            let action = tracked.action(&book.notes);
            let since = tracked.since.map_or_else(String::new, |since| since.to_string());
            format!(
                "{} {:?} {} since {since} carried {} late {}",
                path(&book, tracked.note),
                action.state,
                action.text,
                tracked.carried.len(),
                tracked.late
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "retros/c.md Open label it since 2026-03-01 carried 2 late 2",
            "retros/a.md Open twice since 2026-03-01 carried 0 late 0",
            "retros/o.md Open label it since 2026-03-01 carried 0 late 0",
            "retros/b.md Done twice since 2026-03-01 carried 1 late 0",
        ]
    );
    let ana = book.insights.actions.iter().find(|tracked| !tracked.owners.is_empty());
    assert!(ana.is_none(), "the latest line names nobody");
}

#[test]
fn what_was_learned_is_applied_where_it_says_so_or_where_it_is_evidence() {
    let (book, _) = assemble(&[
        (
            "learnings/a.md",
            "---\ndate: 2026-01-01\nresult: supported\napplied_in: [\"[[d]]\", \"PR 12\"]\n---\n# A date sells\n",
        ),
        ("learnings/b.md", "---\ndate: 2026-01-01\nhypothesis: x\n---\n# B is so\n"),
        ("learnings/tip.md", "---\ndate: 2026-01-01\n---\n# Use sed\n"),
        ("decisions/d.md", "---\ndate: 2026-01-31\nstatus: accepted\nevidence: [\"[[a]]\"]\n---\n# D\n"),
    ]);
    let shown: Vec<(&str, Vec<&str>, usize, Option<i32>)> = book
        .insights
        .reuse
        .iter()
        .map(|reuse| (path(&book, reuse.note), paths(&book, &reuse.uses), reuse.elsewhere, reuse.days))
        .collect();
    assert_eq!(
        shown,
        [("learnings/a.md", vec!["decisions/d.md"], 1, Some(30)), ("learnings/b.md", vec![], 0, None)],
        "a tip is nothing that anybody meant to apply"
    );
}

#[test]
fn a_note_is_as_ripe_as_what_speaks_for_it() {
    let learning = |front: &str| format!("---\ndate: 2026-06-01\n{front}\n---\n# T\n");
    let (book, _) = assemble(&[
        ("learnings/seedling.md", &learning("hypothesis: h")),
        ("learnings/growing.md", &learning("evidence: [\"[[seedling]]\"]")),
        (
            "learnings/evergreen.md",
            &learning("evidence: [\"[[seedling]]\"]\nconfirmed_by: [Search]\napplied_in: [\"[[p]]\"]"),
        ),
        ("learnings/contested.md", &learning("result: supported")),
        ("learnings/settled.md", &learning("result: supported\nreviewed: 2026-08-01")),
        (
            "learnings/against.md",
            "---\ndate: 2026-07-01\nresult: refuted\ncontradicts: [\"[[contested]]\", \"[[settled]]\"]\n---\n# T\n",
        ),
        ("practices/p.md", "# P\n"),
    ]);
    let of = |name: &str| {
        let (id, _) = book.notes.iter().enumerate().find(|(_, entry)| entry.note.path().contains(name)).unwrap();
        let evidence = &book.insights.evidence[&NoteId(id as u32)];
        (evidence.maturity, evidence.reason.clone())
    };
    assert_eq!(of("seedling"), (Maturity::Seedling, "no evidence is named; not applied yet".into()));
    assert_eq!(of("growing").0, Maturity::Growing);
    assert_eq!(
        of("evergreen"),
        (Maturity::Evergreen, "one piece of evidence for it; confirmed by Search; applied in one place".into())
    );
    assert_eq!(of("contested").0, Maturity::Contested);
    assert_eq!(of("settled").0, Maturity::Seedling, "somebody has looked at it since");
}

#[test]
fn reviews_are_spread_and_only_asked_for_where_the_team_reviews() {
    let notes: Vec<(String, String)> = (0..200)
        .map(|n| {
            (format!("learnings/n{n}.md"), format!("---\ndate: 2025-01-01\nresult: supported\n---\n# N{n} is so\n"))
        })
        .collect();
    let mut all: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(assemble(&all).0.insights.reviews, []);
    all.push(("learnings/own.md", "---\ndate: 2025-01-01\nreviewed: 2026-01-01\nreview_in: 6 months\n---\n# Own\n"));
    let (book, said) = assemble(&all);
    let reviews = &book.insights.reviews;
    let mut days: Vec<i32> = reviews.iter().map(|review| review.due.days()).collect();
    assert!(days.is_sorted());
    days.dedup();
    assert!(days.len() > 40, "200 notes of one day fall due on {} days", days.len());
    let most = reviews.iter().map(|review| reviews.iter().filter(|other| other.due == review.due).count()).max();
    assert!(most <= Some(12), "{most:?} on one day");
    // A period of the author's own is kept to the day.
    let own = reviews.iter().find(|review| path(&book, review.note) == "learnings/own.md").unwrap();
    assert_eq!(own.due.to_string(), "2026-07-03");
    // However many there are, they are said in one line.
    assert_eq!(said.iter().filter(|line| line.contains("overdue-review")).count(), 1, "{said:?}");
}

#[test]
fn themes_that_come_back_are_told_from_those_that_stay() {
    let retro = |day: &str, themes: &str| format!("---\ndate: {day}\nthemes: [{themes}]\n---\n# R\n");
    let (book, _) = assemble(&[
        ("retros/a.md", &retro("2025-10-01", "Copy late, overlap")),
        ("retros/b.md", &retro("2026-01-10", "copy late")),
        ("retros/c.md", &retro("2026-05-10", "copy-late, overlap")),
    ]);
    let shown: Vec<(&str, usize, bool, Option<String>)> = book
        .insights
        .themes
        .iter()
        .map(|theme| (theme.slug.as_str(), theme.notes.len(), theme.is_recurring(), theme.came_back.map(|q| q.label())))
        .collect();
    assert_eq!(shown, [("copy-late", 3, true, None), ("overlap", 2, false, Some("2026 Q2".into()))]);
    let quarters: Vec<usize> = book.insights.themes[1].quarters.iter().map(|(_, count)| *count).collect();
    assert_eq!(quarters, [1, 0, 1]);
}

#[test]
fn goals_and_questions_are_answered_by_the_notes_that_name_them() {
    let inception = "---\ndate: 2026-01-01\nends: 2026-02-01\nlearning_goals: [\"Who chooses credit?\", \"Does a date bring calls?\", \"Is it fun?\"]\n---\n# I\n\n> [!QUESTION] Whom can't we ask?\n\n> [!QUESTION] What else?\n";
    let (book, said) = assemble(&[
        ("inceptions/i.md", inception),
        ("learnings/a.md", "---\ndate: 2026-01-05\nanswers: [\"[[i#goal-1]]\"]\n---\n# Families do\n"),
        ("learnings/b.md", "---\ndate: 2026-01-06\nanswers: [\"[[i]]\"]\n---\n# A date brings calls\n"),
        ("learnings/c.md", "---\ndate: 2026-01-07\nanswers: [\"[[i#question-whom-cant-we-ask]]\"]\n---\n# The dead\n"),
    ]);
    let goals: Vec<(usize, Vec<&str>)> =
        book.insights.goals.iter().map(|goal| (goal.index, paths(&book, &goal.answers))).collect();
    assert_eq!(goals, [(0, vec!["learnings/a.md"]), (1, vec!["learnings/b.md"]), (2, vec![])]);
    let questions: Vec<usize> = book.insights.questions.iter().map(|question| question.answers.len()).collect();
    assert_eq!(questions, [1, 0]);
    assert_eq!(said, ["inceptions/i.md:4 learning-goal-open: nothing answers `Is it fun?`"]);
}

#[test]
fn hypotheses_that_were_asked_before_are_found_but_not_the_learning_of_an_experiment() {
    let (book, _) = assemble(&[
        (
            "experiments/a.md",
            "---\ndate: 2026-01-01\nhypothesis: Calling the fare a refund reduces drop-off on phones\nresult: refuted\n---\n# A\n",
        ),
        (
            "learnings/a-told.md",
            "---\ndate: 2026-01-20\nhypothesis: Calling the fare a refund reduces drop-off on phones\nevidence: [\"[[a]]\"]\n---\n# A is not so\n",
        ),
        (
            "learnings/q1.md",
            "---\ndate: 2026-02-01\n---\n# Q1\n\n## Ticket: FLEX-9\n\nHypothesis: If the fare is called refund, drop-off on phones falls.\nResult: lost\n",
        ),
        ("experiments/c.md", "---\ndate: 2026-03-01\nhypothesis: Slow pages look expensive\n---\n# C\n"),
    ]);
    let claims = &book.insights.claims;
    let shown: Vec<(&str, Option<&str>, Vec<&str>)> = claims
        .iter()
        .map(|claim| {
            let before = claim.asked_before.iter().map(|at| path(&book, claims[*at].note)).collect();
            (path(&book, claim.note), claim.result.as_ref().map(|(name, _)| name.as_str()), before)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("experiments/c.md", None, vec![]),
            ("learnings/q1.md", Some("refuted"), vec!["learnings/a-told.md", "experiments/a.md"]),
            ("learnings/a-told.md", None, vec![]),
            ("experiments/a.md", Some("refuted"), vec![]),
        ]
    );
}

#[test]
fn causes_join_at_the_notes_that_stand_for_them() {
    let (book, _) = assemble(&[
        ("glossary/trust.md", "---\naffects: [\"+ attach rate\"]\n---\n# Trust\n"),
        ("glossary/attach-rate.md", "---\naffects: [\"+ refund calls\"]\n---\n# How many take Flex\n"),
        ("glossary/refund-calls.md", "---\naffects: [\"- trust\"]\n---\n# Refund calls\n"),
        ("learnings/a.md", "---\ndate: 2026-01-01\naffects: [\"+ Trust\"]\n---\n# A date sells\n"),
    ]);
    let causes = &book.insights.causes;
    assert_eq!((causes.factors.len(), causes.arrows.len(), causes.observations.len()), (3, 3, 1));
    assert_eq!(causes.loops.len(), 1);
    assert_eq!(causes.loops[0].reinforcing, Some(false));
}

#[test]
fn the_path_from_hypothesis_to_applied_has_days() {
    let (book, _) = assemble(&[
        (
            "experiments/e.md",
            "---\ndate: 2026-01-01\nstarted: 2026-01-11\nended: 2026-01-31\nstatus: learned\nresult: supported\nhypothesis: h\n---\n# E\n",
        ),
        ("experiments/idea.md", "---\ndate: 2026-04-01\nstatus: idea\nhypothesis: i\n---\n# I\n"),
        ("learnings/l.md", "---\ndate: 2026-02-10\nevidence: [\"[[e]]\"]\napplied_in: [\"[[d]]\"]\n---\n# L is so\n"),
        ("decisions/d.md", "---\ndate: 2026-03-12\n---\n# D\n"),
    ]);
    let stages = &book.insights.stages;
    assert_eq!((stages.counts(), stages.days), ([2, 1, 1, 1], [Some(10), Some(30), Some(30)]));
    let rows: Vec<(String, [usize; 4])> = stages.by_quarter().into_iter().map(|(q, row)| (q.label(), row)).collect();
    assert_eq!(rows, [("2026 Q1".into(), [1, 1, 1, 1]), ("2026 Q2".into(), [1, 0, 0, 0])]);
}

#[test]
fn each_check_says_where_and_what() {
    let (_, said) = assemble(&[
        ("okrs/o.md", "---\ndate: 2026-01-01\nstatus: open\n---\n# Raise the attach rate\n"),
        ("experiments/long.md", "---\ndate: 2026-01-01\nstatus: running\nends: 2026-02-01\n---\n# L\n"),
        ("experiments/endless.md", "---\ndate: 2026-01-01\nstatus: running\nstarted: 2026-02-01\n---\n# L\n"),
        ("experiments/ended.md", "---\ndate: 2026-01-01\nstatus: ended\n---\n# L\n"),
        ("retros/one.md", "---\ndate: 2026-01-01\nfunctions: [engineering]\n---\n# R\n\n## What surprised us\n\n- x\n"),
        (
            "retros/none.md",
            "---\ndate: 2026-01-02\n---\n# R\n\nA long text about how all went as it was to go, in which nobody says that anything was otherwise than expected at all.\n\n- [ ] @ana do it due:2026-01-09\n",
        ),
        ("decisions/old.md", "---\ndate: 2026-01-01\nstatus: superseded\n---\n# Old\n"),
        (
            "decisions/new.md",
            "---\ndate: 2026-02-01\nstatus: accepted\nsupersedes: \"[[old]]\"\nevidence: [\"[[refund-test]]\"]\n---\n# New\n",
        ),
        ("decisions/bare.md", "---\ndate: 2026-02-01\nstatus: accepted\n---\n# Bare\n"),
        ("learnings/refund-test.md", "---\ndate: 2026-01-01\nresult: supported\n---\n# Refund test\n"),
        ("learnings/early.md", "---\ndate: 2026-01-15\n---\n# Early\n\nSee [[old]].\n"),
        ("guides/late.md", "# Late\n\nSee [[old]].\n"),
    ]);
    assert_eq!(
        said,
        [
            "decisions/bare.md:5 decision-without-evidence: this decision names nothing that speaks for it",
            "experiments/ended.md:3 ended-no-learning: this experiment has ended, and nothing says what was learned",
            "experiments/endless.md:4 running-too-long: this experiment runs since 1 February 2026 and no day is set for its end",
            "experiments/long.md:4 running-too-long: this experiment was to end on 1 February 2026 and still runs",
            "guides/late.md:3 superseded-linked: `old` was replaced by `new`",
            "learnings/refund-test.md:5 title-not-a-claim: this title names a topic and not what is known",
            "okrs/o.md:5 okr-not-a-question: this objective's title is no question",
            "okrs/o.md:5 okr-no-experiment: no experiment could answer this objective",
            "retros/none.md:4 retro-no-surprise: this retro records nothing that surprised anybody",
            "retros/none.md:8 action-late: `do it` was to be done by 9 January 2026",
            "retros/one.md:3 retro-one-function: only engineering was in the room",
        ]
    );
}

#[test]
fn checks_about_a_structure_are_silent_in_books_that_do_not_use_it() {
    let (_, said) = assemble(&[
        ("adr/0001-a.md", "# 1. A\n\nDate: 2020-01-01\n\n## Status\n\nAccepted\n"),
        ("til/a.md", "---\ndate: 2015-01-01\n---\n# Notes\n\n- [ ] a box\n"),
        (
            "retros/a.md",
            "---\ndate: 2020-01-01\n---\n# R\n\nWent well: all of it. Went badly: none of it. And twenty words more, so that there is a text to look at.\n",
        ),
        ("guides/checklist.md", "# Before a release\n\n- [ ] tests\n- [ ] notes\n"),
    ]);
    assert_eq!(said, [""; 0]);
}

#[test]
fn blame_is_looked_for_only_where_the_team_asked_for_it() {
    let note = (
        "retros/a.md",
        "# R\n\n## Surprises\n\n- Tom should have seen it.\n\n> He should have.\n\n```\nshould have\n```\n\nWho broke the build?\n",
    );
    assert_eq!(assemble(&[note]).1, [""; 0]);
    let config = "[checks]\nblame-wording = 'warning'\n[blame]\n\"who broke\" = \"what broke?\"\n";
    assert_eq!(
        with(config, &[note]).1,
        [
            "retros/a.md:5 blame-wording: `should have` looks for somebody at fault",
            "retros/a.md:13 blame-wording: `who broke` looks for somebody at fault",
        ]
    );
}

#[test]
fn a_kind_of_the_teams_own_has_items_and_checks_by_configuration_alone() {
    let config = "[kinds.postmortem]\nitems = ['actions']\nchecks = ['running-too-long']\nstatuses = [{ name = 'open', tone = 'live' }, { name = 'closed', tone = 'good' }]\n";
    let note = "---\ndate: 2026-01-01\nstatus: open\nends: 2026-02-01\n---\n# P\n\n- [ ] look into it\n\n## What surprised us\n\n- x\n";
    let (book, said) = with(config, &[("postmortems/p.md", note)]);
    assert_eq!((book.insights.actions.len(), book.notes[0].note.items.surprises.len()), (1, 0));
    assert_eq!(
        said,
        ["postmortems/p.md:4 running-too-long: this experiment was to end on 1 February 2026 and still runs"]
    );
}
