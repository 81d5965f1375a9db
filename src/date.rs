//! Calendar dates, and the forms in which people write them: the only door to jiff.

use std::fmt;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date {
    year: i16,
    month: i8,
    day: i8,
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateError {
    /// It has a date's form, but there is no such day (month 13, 30 February).
    Impossible,
    /// It is in none of the forms that are read.
    Unreadable,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Date {
    /// 1 January 1970, the first day of Unix time.
    pub const EPOCH: Date = Date { year: 1970, month: 1, day: 1 };

    /// The date, if there is such a day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (1..=9999).contains(&year).then_some(())?;
        civil::Date::new(year, month, day).ok().map(Self::from_civil)
    }

    fn from_civil(date: civil::Date) -> Self {
        Date { year: date.year(), month: date.month(), day: date.day() }
    }

    fn civil(self) -> civil::Date {
        civil::date(self.year, self.month, self.day)
    }

    /// The UTC day of a Unix time in seconds; nothing beyond the year 9999 or before the year 1.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let stamp = jiff::Timestamp::from_second(seconds).ok()?;
        let date = jiff::tz::Offset::UTC.to_datetime(stamp).date();
        (date.year() >= 1).then(|| Self::from_civil(date))
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i8 {
        self.day
    }

    /// Days since 1970-01-01; negative before.
    pub fn days(self) -> i32 {
        let epoch = civil::date(1970, 1, 1);
        epoch.until(self.civil()).map_or(0, |span| span.get_days())
    }

    /// The date a number of days later (earlier if negative), kept within the calendar.
    pub fn plus_days(self, days: i32) -> Self {
        Self::from_civil(self.civil().saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))))
    }

    /// The ISO week: its year and its number, 1 to 53.
    pub fn iso_week(self) -> (i16, i8) {
        let week = self.civil().iso_week_date();
        (week.year(), week.week())
    }

    /// The Monday of the ISO week.
    pub fn monday(self) -> Self {
        let back = self.civil().weekday().since(civil::Weekday::Monday);
        self.plus_days(-i32::from(back))
    }

    /// `2026-03-04`
    pub fn iso(self) -> String {
        let mut text = String::with_capacity("2026-03-04T00:00:00Z".len());
        push_number(&mut text, self.year, 4);
        text.push('-');
        push_number(&mut text, self.month.into(), 2);
        text.push('-');
        push_number(&mut text, self.day.into(), 2);
        text
    }

    /// `4 March 2026`, with the month's English name.
    pub fn long(self) -> String {
        let name = MONTHS[self.month as usize - 1];
        let mut text = String::with_capacity("30 September 2026".len());
        push_number(&mut text, self.day.into(), 1);
        text.push(' ');
        text.push(char::from(name.as_bytes()[0].to_ascii_uppercase()));
        text.push_str(&name[1..]);
        text.push(' ');
        push_number(&mut text, self.year, 1);
        text
    }

    /// `2026-03-04T00:00:00Z`, as feeds want it.
    pub fn rfc3339(self) -> String {
        self.iso() + "T00:00:00Z"
    }

    /// Reads a date in any form that notes were seen to use. The time of day and the zone are
    /// dropped: a note is dated by the day its author wrote.
    ///
    /// - `2026-03-04`, `2026/3/4`, `2026.03.04`, each with a time and a zone after it
    /// - `03/04/2026` (month first, the only slashed order seen in real notes), `4.3.2026` (day first)
    /// - `4 March 2026`, `March 4, 2026`, `Mar 4th 2026`, with a weekday before it
    /// - a month, `2026-03` or `March 2026`: its first day
    /// - `20260304`, and Unix times of 10 (seconds) or 13 (milliseconds) digits
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let text = text.trim();
        // A daily note's link, as Obsidian writes dates.
        let text = text.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")).unwrap_or(text);
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Self::parse_digits(text);
        }
        let head = text.split(['T', ' ', ',']).next().unwrap_or("");
        if let Some((year, month)) = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2)
            && let (Ok(year), Ok(month)) = (year.parse(), month.parse())
        {
            return Self::possible(year, month, 1);
        }
        for separator in ['-', '/', '.'] {
            let parts: Vec<&str> = head.split(separator).collect();
            let [a, b, c] = parts[..] else { continue };
            let numbers = (a.parse::<i16>(), b.parse::<i8>(), c.parse::<i16>());
            // Both ends were checked to be digits only: `parse` would also take a sign.
            if ![a, b, c].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
                continue;
            }
            let day_first = separator == '.';
            return match (a.len(), c.len(), numbers) {
                (4, 1..=2, (Ok(year), Ok(month), Ok(day))) => Self::possible(year, i16::from(month), day),
                (1..=2, 4, (Ok(day), Ok(month), Ok(year))) if day_first => Self::possible(year, i16::from(month), day),
                (1..=2, 4, (Ok(month), Ok(day), Ok(year))) => Self::possible(year, month, i16::from(day)),
                _ => Err(DateError::Unreadable),
            };
        }
        Self::parse_words(text)
    }

    fn parse_digits(text: &str) -> Result<Self, DateError> {
        let number: i64 = text.parse().map_err(|_| DateError::Unreadable)?;
        match text.len() {
            8 => Self::possible((number / 10_000) as i16, (number / 100 % 100) as i16, (number % 100) as i16),
            10 => Self::from_unix(number).ok_or(DateError::Unreadable),
            13 => Self::from_unix(number / 1000).ok_or(DateError::Unreadable),
            _ => Err(DateError::Unreadable),
        }
    }

    fn parse_words(text: &str) -> Result<Self, DateError> {
        let (mut day, mut month, mut year) = (None, None, None);
        for word in text.split([' ', ',', '-', '/']).filter(|word| !word.is_empty()) {
            let lower = word.to_ascii_lowercase();
            let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let suffix = &lower[digits.len()..];
            let name = lower.trim_end_matches('.');
            if let Some(found) = MONTHS.iter().position(|m| name.len() >= 3 && m.starts_with(name)) {
                month.get_or_insert(found as i16 + 1);
            } else if let Ok(number) = digits.parse::<i16>() {
                match digits.len() {
                    1..=2 if day.is_none() && matches!(suffix, "" | "st" | "nd" | "rd" | "th") => day = Some(number),
                    4 if year.is_none() && suffix.is_empty() => year = Some(number),
                    _ if year.is_some() => break, // the time of day
                    _ => return Err(DateError::Unreadable),
                }
            } else if !is_weekday(name) && year.is_none() {
                return Err(DateError::Unreadable);
            }
        }
        match (year, month, day) {
            (Some(year), Some(month), Some(day)) => Self::possible(year, month, day),
            // `May 2021`
            (Some(year), Some(month), None) => Self::possible(year, month, 1),
            _ => Err(DateError::Unreadable),
        }
    }

    fn possible(year: i16, month: i16, day: i16) -> Result<Self, DateError> {
        let (Ok(month), Ok(day)) = (i8::try_from(month), i8::try_from(day)) else {
            return Err(DateError::Impossible);
        };
        Self::new(year, month, day).ok_or(DateError::Impossible)
    }

    /// The date at the start of a file name, `2026-03-04-labels` or `20260304 labels`, with the
    /// rest of the name.
    pub fn prefix(name: &str) -> Option<(Self, &str)> {
        let dashed = name.get(..10).filter(|head| head.as_bytes()[4] == b'-' && head.as_bytes()[7] == b'-');
        let (head, rest) = match dashed {
            Some(head) => (head, &name[10..]),
            None => (name.get(..8).filter(|head| head.bytes().all(|b| b.is_ascii_digit()))?, &name[8..]),
        };
        if rest.starts_with(|c: char| c.is_alphanumeric()) {
            return None;
        }
        Self::parse(head).ok().map(|date| (date, rest.trim_start_matches(['-', '_', ' ', '.'])))
    }
}

/// Writes a number of up to four digits, with zeros before it up to `width`. A site's lists hold so
/// many dates that the machinery of `format!` would be seen in the time of a build.
fn push_number(text: &mut String, number: i16, width: usize) {
    let digits = [number / 1000, number / 100 % 10, number / 10 % 10, number % 10];
    let first = digits.iter().position(|digit| *digit != 0).unwrap_or(3).min(digits.len() - width);
    text.extend(digits[first..].iter().map(|digit| char::from(b'0' + *digit as u8)));
}

fn is_weekday(word: &str) -> bool {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        .iter()
        .any(|day| word.len() >= 3 && day.starts_with(word))
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_real_notes_are_read() {
        for text in [
            "2026-03-04",
            "2026/3/4",
            "2026.03.04",
            "2026-03-04T10:00:00Z",
            "2026-03-04 8:45:34 -0400",
            "03/04/2026",
            "3/4/2026",
            "4.3.2026",
            "4 March 2026",
            "March 4, 2026",
            "Mar 4th, 2026",
            "Wed, 4 Mar 2026 10:00:00 +0100",
            "20260304",
            "1772582400",
            "1772582400000",
            "2026-3-4",
            "[[2026-03-04]]",
        ] {
            assert_eq!(Date::parse(text).map(|d| d.to_string()), Ok("2026-03-04".into()), "{text}");
        }
    }

    #[test]
    fn impossible_and_unreadable_dates_differ() {
        for text in ["2026-13-01", "2026-02-30", "13/13/2026", "30 February 2026"] {
            assert_eq!(Date::parse(text), Err(DateError::Impossible), "{text}");
        }
        for text in ["", "soon", "Q3 2026", "2026", "12:30", "1.2", "next May", "[[soon]]"] {
            assert_eq!(Date::parse(text), Err(DateError::Unreadable), "{text}");
        }
    }

    #[test]
    fn names_start_with_dates() {
        let prefix = |name| Date::prefix(name).map(|(date, rest)| (date.to_string(), rest));
        assert_eq!(prefix("2026-03-04-labels"), Some(("2026-03-04".into(), "labels")));
        assert_eq!(prefix("2026-03-04"), Some(("2026-03-04".into(), "")));
        assert_eq!(prefix("20260304 labels"), Some(("2026-03-04".into(), "labels")));
        assert_eq!(prefix("000748"), None);
        assert_eq!(prefix("2026-13-04-x"), None);
        assert_eq!(prefix("labels"), None);
        assert_eq!(prefix("日本語日本語"), None);
    }

    #[test]
    fn weeks_and_days() {
        let date = Date::new(2026, 1, 1).unwrap();
        assert_eq!(date.iso_week(), (2026, 1));
        assert_eq!(date.monday().to_string(), "2025-12-29");
        assert_eq!(Date::new(1970, 1, 2).unwrap().days(), 1);
        assert_eq!(date.plus_days(-1).to_string(), "2025-12-31");
    }

    #[test]
    fn dates_are_written_with_zeros_for_machines_and_without_for_people() {
        let date = |year, month, day| Date::new(year, month, day).unwrap();
        assert_eq!(
            (date(2026, 1, 1).to_string(), date(2026, 1, 1).long()),
            ("2026-01-01".into(), "1 January 2026".into())
        );
        assert_eq!(
            (date(987, 12, 30).to_string(), date(987, 12, 30).long()),
            ("0987-12-30".into(), "30 December 987".into())
        );
        assert_eq!(date(2026, 10, 5).rfc3339(), "2026-10-05T00:00:00Z");
    }
}
