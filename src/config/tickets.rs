//! Tickets named in text: `FLEX-112` where book.toml says `"FLEX-{n}" = "https://…/{n}"`.

use std::ops::Range;

/// What a ticket's name looks like, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TicketPattern {
    prefix: String,
    suffix: String,
    url: Option<String>,
}

impl TicketPattern {
    /// Reads a pattern, text with one `{n}` that stands for digits, and the tracker's URL, in
    /// which each `{n}` is replaced; an empty URL means that there is no tracker to link to.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn new(pattern: &str, url: &str) -> Result<Self, &'static str> {
        let Some((prefix, suffix)) = pattern.split_once("{n}") else {
            return Err("has no `{n}` for the ticket's number");
        };
        if prefix.is_empty() {
            return Err("needs some text before `{n}`, or every number would be a ticket");
        }
        if suffix.contains("{n}") {
            return Err("has more than one `{n}`");
        }
        if pattern.chars().any(char::is_control) {
            return Err("contains a control character");
        }
        let url = (!url.is_empty()).then(|| url.to_owned());
        Ok(TicketPattern { prefix: prefix.into(), suffix: suffix.into(), url })
    }

    /// Where tickets are named in a text, from left to right: whole words that are no part of a
    /// longer name, path or URL.
    pub fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let mut from = 0;
        std::iter::from_fn(move || {
            loop {
                let start = from + text.get(from..)?.find(&self.prefix)?;
                let digits = start + self.prefix.len();
                from = digits;
                let rest = &text[digits..];
                let count = rest.bytes().take_while(u8::is_ascii_digit).count();
                let Some(after) = rest[count..].strip_prefix(&self.suffix).filter(|_| count > 0) else { continue };
                if begins_word(&text[..start]) && ends_word(after) {
                    from = text.len() - after.len();
                    return Some(start..from);
                }
            }
        })
    }

    /// A ticket's number, if all of `ticket` is one of this pattern.
    pub fn number<'t>(&self, ticket: &'t str) -> Option<&'t str> {
        let number = ticket.trim().strip_prefix(&self.prefix)?.strip_suffix(&self.suffix)?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
    }

    /// The tracker's page of a ticket of this pattern, if there is a tracker.
    pub fn url(&self, ticket: &str) -> Option<String> {
        let number = self.number(ticket)?;
        self.url.as_ref().map(|url| url.replace("{n}", number))
    }
}

fn begins_word(before: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || "_-/.\\@&=#?%".contains(c);
    !before.chars().next_back().is_some_and(joins)
}

fn ends_word(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some(c) if c.is_alphanumeric() || c == '_' => false,
        Some('-' | '/' | '.' | '\\' | '@') => !next.next().is_some_and(char::is_alphanumeric),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
        TicketPattern::new(pattern, "").unwrap().find(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn tickets_are_whole_words() {
        assert_eq!(found("FLEX-{n}", "FLEX-1, (FLEX-22) FLEX-333."), ["FLEX-1", "FLEX-22", "FLEX-333"]);
        assert_eq!(found("FLEX-{n}", "é FLEX-1é FLEX-2's **FLEX-3**"), ["FLEX-2", "FLEX-3"]);
        for text in ["SUPERFLEX-1", "FLEX-", "FLEX-1a", "FLEX-1_a", "FLEX-1.5", "flex-1", "FLEX-1-draft"] {
            assert_eq!(found("FLEX-{n}", text), [""; 0], "{text}");
        }
        for text in ["https://x.example/browse/FLEX-1", "feature/FLEX-1-x", "notes/FLEX-1.md", "FLEX-1/x", "?id=FLEX-1"]
        {
            assert_eq!(found("FLEX-{n}", text), [""; 0], "{text}");
        }
        assert_eq!(found("#{n}", "see #12, a#13, ##14 and #15."), ["#12", "#15"]);
        assert_eq!(found("(T{n})", "(T1)(T2) (T3)x"), ["(T1)", "(T2)"]);
    }

    #[test]
    fn a_ticket_leads_to_its_tracker_if_there_is_one() {
        let flex = TicketPattern::new("FLEX-{n}", "https://tracker.example/FLEX-{n}").unwrap();
        assert_eq!(flex.url("FLEX-112").as_deref(), Some("https://tracker.example/FLEX-112"));
        assert_eq!((flex.url("FLEX-x"), flex.number("FLEX-7")), (None, Some("7")));
        assert_eq!(TicketPattern::new("FLEX-{n}", "").unwrap().url("FLEX-1"), None);
    }

    #[test]
    fn a_pattern_has_one_number_and_text_before_it() {
        for bad in ["FLEX", "{n}", "A{n}B{n}", "A\n{n}"] {
            assert!(TicketPattern::new(bad, "").is_err(), "{bad}");
        }
    }
}
