//! The line of an action: `@ana label the refund option due:2026-03-18`.
//!
//! | written | read as |
//! |---|---|
//! | `@ana`, `owner:ana` | who does it; the first one named owns it |
//! | `due:2026-03-18`, `(by 18.3.2026)`, `📅 2026-03-18`, `[due:: 2026-03-18]` | by when |
//! | `done:2026-03-20`, `✅ 2026-03-20` | when it was done |
//!
//! The words are [`Wording`]'s, so `bis 18.3.2026` is read, too. A word that is followed by no date
//! is part of the text. The forms with signs are those of Obsidian Tasks and of Dataview.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::config::{Part, Wording};
use crate::date::Date;
use crate::path::slug;
use crate::text::Span;

/// Whether an action is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not yet.
    Open,
    /// It is.
    Done,
    /// It was struck out: nobody is going to do it.
    Dropped,
}

/// Something that somebody is going to do, or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What is to be done, on one line, without owner and dates.
    pub text: Box<str>,
    /// Who does it, as written, without `@`.
    pub owners: Vec<Box<str>>,
    /// By when.
    pub due: Option<Date>,
    /// When it was done, where the line says so.
    pub done: Option<Date>,
    /// Whether it is done.
    pub state: State,
    /// Equal for one action in several notes of a team and after edits of its owner, dates and
    /// state: the words of its text, as a slug.
    pub identity: Box<str>,
    /// Its id on the page.
    pub anchor: Box<str>,
    /// Bytes of the file.
    pub span: Span,
}

/// Of what is to be done, wherever it stands in the file.
impl Hash for Action {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Action { text, owners, due, done, state, identity, anchor, span: _ } = self;
        (text, owners, due, done, state, identity, anchor).hash(hasher);
    }
}

/// What an action's line says, before it has a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// See [`Action::text`]; may be empty.
    pub text: Box<str>,
    /// See [`Action::owners`].
    pub owners: Vec<Box<str>>,
    /// See [`Action::due`].
    pub due: Option<Date>,
    /// See [`Action::done`].
    pub done: Option<Date>,
}

impl Line {
    /// Reads the text of a list item, without its checkbox and without markup. Total.
    pub fn read(text: &str, wording: &Wording) -> Line {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut line = Line::default();
        let mut rest: Vec<&str> = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            at += match line.take(&words[at..], wording) {
                0 => {
                    rest.push(words[at]);
                    1
                }
                taken => taken,
            };
        }
        let is_separator =
            |c: char| matches!(c, '-' | '–' | '—' | '→' | ',' | ';' | ':' | '|' | '·') || c.is_whitespace();
        line.text = super::one_line(rest.join(" ").trim_matches(is_separator));
        line
    }

    /// Somebody or some day is named.
    pub fn is_owned(&self) -> bool {
        !self.owners.is_empty() || self.due.is_some()
    }

    /// The words that say an owner or a day are taken: how many there are at the start of `words`.
    fn take(&mut self, words: &[&str], wording: &Wording) -> usize {
        let word = words[0].trim_start_matches(['(', '[']);
        if let Some(name) = word.strip_prefix('@').map(trimmed).filter(|name| is_name(name)) {
            self.owners.push(name.into());
            return 1;
        }
        // `due:2026-03-18` is one word, `due: 2026-03-18` and `📅 2026-03-18` are two.
        let (key, value) = word.split_once(':').map_or((word, ""), |(key, value)| (key, value.trim_start_matches(':')));
        let (value, taken) = match value.is_empty() {
            true => (words.get(1).copied().unwrap_or(""), 2),
            false => (value, 1),
        };
        let value = trimmed(value);
        if key.is_empty() || value.is_empty() {
            return 0;
        }
        if let Some(day) = day(value) {
            if wording.is(Part::Due, key) {
                self.due = self.due.or(Some(day));
                return taken;
            }
            if wording.is(Part::Done, key) {
                self.done = self.done.or(Some(day));
                return taken;
            }
        }
        // "who decides?" is no owner: the colon makes it one.
        if word.contains(':') && wording.is(Part::Owner, key) && is_name(value.trim_start_matches('@')) {
            self.owners.push(value.trim_start_matches('@').into());
            return taken;
        }
        0
    }
}

/// The identity of an action with this text.
pub fn identity(text: &str) -> Box<str> {
    slug(text).into()
}

/// A word without the punctuation around it.
fn trimmed(word: &str) -> &str {
    word.trim_end_matches([',', '.', ';', ':', ')', ']', '!', '?']).trim_start_matches(['(', '['])
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(char::is_alphanumeric)
        && letters.all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '\'' | '’'))
        && name.chars().any(char::is_alphabetic)
}

/// A day in digits: words such as `March` would make too much of a date.
fn day(text: &str) -> Option<Date> {
    let is_date = text.len() >= 8 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'));
    Date::parse(text).ok().filter(|_| is_date && text.contains(['-', '/', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> (String, String, String, String) {
        let line = Line::read(text, &Config::parse(None).value.wording);
        let day = |date: Option<Date>| date.map_or_else(String::new, Date::iso);
        (line.text.into(), line.owners.join(" "), day(line.due), day(line.done))
    }

    #[test]
    fn an_action_has_a_text_owners_and_days() {
        for (line, text, owners, due, done) in [
            ("@ana label the refund option due:2026-03-18", "label the refund option", "ana", "2026-03-18", ""),
            ("Label the refund option (@ana, due 2026-03-18)", "Label the refund option", "ana", "2026-03-18", ""),
            ("label it 📅 2026-03-18 ✅ 2026-03-20", "label it", "", "2026-03-18", "2026-03-20"),
            ("label it [due:: 2026-03-18] [owner:: Ana]", "label it", "Ana", "2026-03-18", ""),
            ("@ana @tom-weber: label it, bis 18.3.2026", "label it", "ana tom-weber", "2026-03-18", ""),
            ("owner:Ana label it by 2026/3/18 done:2026-03-17", "label it", "Ana", "2026-03-18", "2026-03-17"),
            ("who decides?", "who decides?", "", "", ""),
            (
                "read the paper by Ana and mail x@y.example by Friday",
                "read the paper by Ana and mail x@y.example by Friday",
                "",
                "",
                "",
            ),
            ("due:tomorrow, due", "due:tomorrow, due", "", "", ""),
            ("version 1.2.2026 is due by 1.10", "version 1.2.2026 is due by 1.10", "", "", ""),
            ("@", "@", "", "", ""),
            ("", "", "", "", ""),
        ] {
            let expected = (text.to_owned(), owners.to_owned(), due.to_owned(), done.to_owned());
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn an_actions_identity_stays_when_its_owner_and_days_change() {
        let of = |line: &str| identity(&Line::read(line, &Config::parse(None).value.wording).text);
        assert_eq!(
            of("@ana Label the refund option due:2026-03-18"),
            of("@tom label the refund option. by 2026-04-01")
        );
        assert_ne!(of("@ana label the refund option"), of("@ana label the flex option"));
    }
}
