//! One of the effects that a note names under `affects`: `+ trust`, `- refund calls`.

use serde::{Deserialize, Serialize};

/// Which way something is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sign {
    /// More of the cause makes more of it.
    More,
    /// More of the cause makes less of it.
    Less,
    /// It is moved, and nobody says which way.
    Unsaid,
}

/// What something moves, and which way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Which way.
    pub sign: Sign,
    /// What is moved; never empty.
    pub on: Box<str>,
}

impl Effect {
    /// Reads an item of `affects`; nothing where it names nothing. The sign stands before the name or
    /// behind it; a wikilink is read as its name.
    pub fn read(text: &str) -> Option<Effect> {
        let text = text.trim();
        let sign = |c: char| match c {
            '+' | '↑' | '▲' => Some(Sign::More),
            '-' | '−' | '–' | '↓' | '▼' => Some(Sign::Less),
            '~' | '?' => Some(Sign::Unsaid),
            _ => None,
        };
        let is_sign = |c: char| sign(c).is_some();
        let (first, last) = (text.chars().next(), text.chars().next_back());
        // `e-mail -` ends with a sign, `start-up` does not.
        let behind = last.filter(|c| is_sign(*c) && text[..text.len() - c.len_utf8()].ends_with(' '));
        let found = first.and_then(sign).or(behind.and_then(sign)).unwrap_or(Sign::Unsaid);
        let name = match (first.is_some_and(is_sign), behind.is_some()) {
            (true, _) => text.trim_start_matches(is_sign),
            (_, true) => text.trim_end_matches(is_sign),
            _ => text,
        };
        let name = name.trim().trim_start_matches("[[").trim_end_matches("]]");
        let name = name.rsplit('|').next().unwrap_or(name).trim();
        (!name.is_empty()).then(|| Effect { sign: found, on: super::one_line(name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effects_have_a_sign_and_a_name() {
        for (text, sign, on) in [
            ("+ trust", Sign::More, "trust"),
            ("-refund  calls", Sign::Less, "refund calls"),
            ("− waiting time", Sign::Less, "waiting time"),
            ("trust +", Sign::More, "trust"),
            ("start-up costs", Sign::Unsaid, "start-up costs"),
            ("+ [[waiting-time|waiting time]]", Sign::More, "waiting time"),
        ] {
            assert_eq!(Effect::read(text), Some(Effect { sign, on: on.into() }), "{text}");
        }
        for text in ["", "+", " - ", "[[]]"] {
            assert_eq!(Effect::read(text), None, "{text}");
        }
    }
}
