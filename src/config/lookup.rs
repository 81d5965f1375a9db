//! What later stages ask of the configuration.

use std::ops::Range;

use super::{Choice, Config, FieldType, Kind, ParseOptions, TagRules};
use crate::path::SourcePath;
use crate::text::fold;

impl Config {
    /// The file that the configuration is read from, for diagnostics about the book as a whole.
    pub fn file() -> SourcePath {
        SourcePath::new("book.toml")
    }

    /// The folder of the book's own theme, from the root.
    pub fn theme_folder(&self) -> String {
        format!("themes/{}", self.theme)
    }

    /// A person's full name, for a short one of `[people]`; else the name itself.
    pub fn person<'n>(&'n self, name: &'n str) -> &'n str {
        let folded = fold(name);
        self.people.iter().find(|(short, _)| fold(short) == folded).map_or(name, |(_, full)| full)
    }

    /// A ticket's address in its tracker.
    pub fn ticket_url(&self, ticket: &str) -> Option<String> {
        self.tickets.iter().find_map(|pattern| pattern.url(ticket))
    }

    /// Which of the words that a key can have in a kind a text means; none where the key is free
    /// or the text is a word of the author's own.
    pub fn choice(&self, kind: &str, key: &str, written: &str) -> Option<&Choice> {
        match &self.schema.field(key)?.ty {
            FieldType::Choice(choices) => Choice::find(choices, written),
            FieldType::Status => Choice::find(&self.kinds.by_name(kind)?.statuses, written),
            _ => None,
        }
    }
}

impl Kind {
    /// The folder of the kind's own page, and of new notes.
    pub fn folder(&self) -> &str {
        self.folders.first().map_or("notes", String::as_str)
    }
}

impl TagRules {
    /// The tag that a note's author meant: an alias's target, else the tag itself.
    pub fn canonical<'t>(&'t self, tag: &'t str) -> &'t str {
        let mut name = tag;
        // An alias may lead to another; as many steps as there are aliases end every chain and circle.
        for _ in 0..self.aliases.len() {
            let folded = fold(name.trim());
            match self.aliases.iter().find(|(alias, _)| fold(alias) == folded) {
                Some((_, target)) => name = target,
                None => break,
            }
        }
        name
    }
}

impl ParseOptions {
    /// Where tickets are named in a text: in order, without overlap; of two that start at one
    /// place the longer counts.
    pub fn find_tickets(&self, text: &str) -> Vec<Range<usize>> {
        if self.tickets.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<Range<usize>> = self.tickets.iter().flat_map(|pattern| pattern.find(text)).collect();
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        found.retain(|range| {
            let free = range.start >= end;
            if free {
                end = range.end;
            }
            free
        });
        found
    }
}

/// What a key is called in a note's facts: `applied_in` → `Applied in`.
pub fn label(key: &str) -> String {
    if ["adr", "api", "id", "kpi", "kpis", "okr", "okrs", "url"].contains(&key) {
        return key.to_uppercase().replace("KPIS", "KPIs").replace("OKRS", "OKRs");
    }
    let spaced = key.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
