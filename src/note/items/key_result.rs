//! The line of a key result: `attach rate 4% -> 6%`.

use serde::{Deserialize, Serialize};

/// A number as it was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// `4%`, `€6.10`, `3 days`
    pub text: Box<str>,
    /// Its number, finite.
    pub value: f64,
}

/// What is to change, from where to where, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyResult {
    /// What is measured; may be empty.
    pub metric: Box<str>,
    /// Where it began.
    pub from: Figure,
    /// Where it is to go.
    pub to: Figure,
    /// Where it stands, where the line says so: `(now 5%)`.
    pub now: Option<Figure>,
}

const ARROWS: [&str; 5] = ["->", "→", "=>", "⇒", "➜"];

/// Words before the number where it stands.
const NOW: [&str; 4] = ["now", "today", "currently", "is"];

impl KeyResult {
    /// Reads a line; nothing where it has no arrow between two numbers. `from 4% to 6%` is read as
    /// `4% -> 6%`, and `(now 5%)`, `now: 5%` or `today 5%` behind it say where it stands.
    pub fn read(line: &str) -> Option<KeyResult> {
        let (before, after) = ARROWS.iter().find_map(|arrow| line.split_once(arrow)).or_else(|| {
            let at = line.find("from ").filter(|at| *at == 0 || line[..*at].ends_with(char::is_whitespace))?;
            let (from, to) = line[at..].split_once(" to ")?;
            is_figure(from.trim_start_matches("from ")).then_some((&line[..at + from.len()], to))
        })?;
        let (metric, from) = last_figure(before)?;
        let (to, rest) = first_figure(after)?;
        let at = NOW.iter().filter_map(|word| find_word(rest, word)).min();
        let now = at.and_then(|at| first_figure(&rest[at..])).map(|(figure, _)| figure);
        let metric = metric.trim().trim_end_matches([':', ',', '–', '-']).trim_end();
        let metric =
            metric.strip_suffix("from").filter(|rest| rest.is_empty() || rest.ends_with(' ')).unwrap_or(metric);
        Some(KeyResult { metric: metric.trim_end().into(), from, to, now })
    }

    /// How much of the way is gone: 0 where it began, 1 where it was to go; may be below and above.
    /// Nothing where it is not said where it stands.
    pub fn progress(&self) -> Option<f64> {
        let way = self.to.value - self.from.value;
        let now = self.now.as_ref()?.value;
        (way != 0.0).then(|| (now - self.from.value) / way)
    }
}

/// The end of the first `word` in a text, beyond which its number stands.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(word).map(|at| at + from) {
        let end = at + word.len();
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if !joins(lower[..at].chars().next_back()) && !joins(lower[end..].chars().next()) {
            return Some(end);
        }
        from = end;
    }
    None
}

fn is_figure(text: &str) -> bool {
    first_figure(text).is_some()
}

/// The number at the end of a text, with a unit after it, and the text before it.
fn last_figure(text: &str) -> Option<(&str, Figure)> {
    let text = text.trim_end();
    let word = |text: &str| {
        text.rfind(char::is_whitespace).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8))
    };
    let last = word(text);
    if let Some(value) = number(&text[last..]) {
        return Some((&text[..last], Figure { text: text[last..].into(), value }));
    }
    // `3 days`
    let start = word(text[..last].trim_end());
    let value = number(text[start..last].trim_end()).filter(|_| start < last)?;
    Some((&text[..start], Figure { text: text[start..].into(), value }))
}

/// The number at the start of a text, with a unit after it, and the text behind it.
fn first_figure(text: &str) -> Option<(Figure, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '('));
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';')).unwrap_or(text.len());
    let first = text[..end].trim_end_matches([',', '.', ':']);
    let value = number(first)?;
    let rest = &text[first.len()..];
    // A unit that stands apart: one word of letters, which is not the start of a remark.
    let unit = rest.trim_start_matches(' ');
    let unit = &unit[..unit.find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(unit.len())];
    let is_unit = rest.starts_with(' ')
        && !unit.is_empty()
        && unit.len() <= 12
        && !["now", "today", "by", "in", "is", "currently", "and", "per"].contains(&unit);
    let whole = if is_unit {
        first.len() + (rest.len() - rest.trim_start_matches(' ').len()) + unit.len()
    } else {
        first.len()
    };
    Some((Figure { text: text[..whole].into(), value }, &text[whole..]))
}

/// The number in a word such as `4%`, `€6.10`, `1,200`, `−3`, `12k`; nothing where it holds none,
/// or letters before it.
fn number(word: &str) -> Option<f64> {
    let start = word.find(|c: char| c.is_ascii_digit())?;
    let before = &word[..start];
    if before.chars().any(char::is_alphanumeric) || before.chars().count() > 3 {
        return None;
    }
    let tail = &word[start..];
    let end = tail.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '\''))).unwrap_or(tail.len());
    let (digits, unit) = tail.split_at(end);
    if unit.chars().any(|c| c.is_ascii_digit()) || unit.chars().count() > 6 {
        return None;
    }
    let digits = digits.trim_end_matches(['.', ',', '\'']);
    // A comma before three digits parts thousands; any other is a decimal one.
    let thousands =
        digits.split(',').skip(1).all(|group| group.split('.').next().is_some_and(|group| group.len() == 3));
    let plain = match thousands {
        true => digits.replace([',', '\''], ""),
        false => digits.replace(',', "."),
    };
    let value: f64 = plain.parse().ok()?;
    let scale = match unit.chars().next() {
        Some('k' | 'K') if unit.len() == 1 => 1e3,
        Some('M') if unit.len() == 1 => 1e6,
        _ => 1.0,
    };
    let sign = if before.contains(['-', '−', '–']) { -1.0 } else { 1.0 };
    Some(sign * value * scale).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, f64, f64, Option<f64>)> {
        KeyResult::read(line)
            .map(|found| (found.metric.into(), found.from.value, found.to.value, found.now.map(|now| now.value)))
    }

    #[test]
    fn key_results_have_a_metric_and_two_numbers() {
        for (line, metric, from, to, now) in [
            ("attach rate 4% -> 6%", "attach rate", 4.0, 6.0, None),
            ("refund calls per 100 refunds 31 → 24", "refund calls per 100 refunds", 31.0, 24.0, None),
            ("attach rate: 4% => 6% (now 5%)", "attach rate", 4.0, 6.0, Some(5.0)),
            ("attach rate 4.2 % -> 6 %, today 5,5 %", "attach rate", 4.2, 6.0, Some(5.5)),
            ("revenue 1,200 -> 12k", "revenue", 1200.0, 12000.0, None),
            ("answer within 3 days -> 1 day", "answer within", 3.0, 1.0, None),
            ("attach rate from 4% to 6%", "attach rate", 4.0, 6.0, None),
            ("balance −3 -> 3.5", "balance", -3.0, 3.5, None),
            ("€6.10 -> €4.80", "", 6.1, 4.8, None),
        ] {
            assert_eq!(read(line), Some((metric.to_owned(), from, to, now)), "{line}");
        }
        for line in
            ["", "->", "read -> write", "attach rate 4%", "from Ana to Tom", "v2 -> v3", "4% ->", "-> 6%", "è -> é"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn progress_goes_the_way_that_was_meant() {
        let of = |line: &str| KeyResult::read(line).and_then(|found| found.progress());
        assert_eq!(of("calls 30 -> 20 (now 25)"), Some(0.5));
        assert_eq!((of("calls 30 -> 20"), of("calls 30 -> 30 (now 30)")), (None, None));
    }
}
