//! Headings and their anchors, by GitHub's rule.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::path::is_mark;

/// A heading of a note's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 2 to 6: its place in the page, where the title is level 1.
    pub level: u8,
    /// Its id on the page.
    pub anchor: Box<str>,
    /// Its text without markup.
    pub text: Box<str>,
    /// Byte offset in the file.
    pub at: u32,
}

/// Gives each heading an id that no other part of the page has.
#[derive(Debug, Default)]
pub struct Anchors {
    taken: HashSet<String>,
    counts: HashMap<String, u32>,
}

impl Anchors {
    /// The id for a heading with this text: GitHub's slug, numbered from the second of its kind on
    /// (`setup`, `setup-1`, `setup-2`).
    pub fn for_text(&mut self, text: &str) -> String {
        let slug = match github_slug(text) {
            slug if slug.is_empty() => "section".to_owned(),
            // The theme's own ids start like this.
            slug if slug.starts_with("fb-") => format!("h-{slug}"),
            slug => slug,
        };
        let count = self.counts.entry(slug.clone()).or_insert(0);
        let mut id = if *count == 0 { slug.clone() } else { format!("{slug}-{count}") };
        while !self.taken.insert(id.clone()) {
            *count += 1;
            id = format!("{slug}-{count}");
        }
        *count += 1;
        id
    }

    /// Claims an id that the author wrote; false if it is taken, not usable as an id, or the theme's.
    pub fn claim(&mut self, id: &str) -> bool {
        let usable = !id.is_empty()
            && id.len() <= 200
            && !id.starts_with("fb-")
            && id.chars().all(|c| c.is_alphanumeric() || is_mark(c) || matches!(c, '-' | '_' | '.' | ':'));
        usable && self.taken.insert(id.to_owned())
    }
}

/// GitHub's rule, as github-slugger documents it: lower case; letters, marks, digits, `_` and `-`
/// stay, spaces become hyphens, all else goes.
pub fn github_slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            ' ' => slug.push('-'),
            '-' | '_' => slug.push(c),
            c if c.is_ascii_uppercase() => slug.push(c.to_ascii_lowercase()),
            c if c.is_alphanumeric() || is_mark(c) => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_github() {
        for (text, slug) in [
            ("What we learned", "what-we-learned"),
            ("C++ & Rust: a `tale`", "c--rust-a-tale"),
            ("日本語 見出し", "日本語-見出し"),
            ("1.2 Plan (draft)", "12-plan-draft"),
            ("हिन्दी", "हिन्दी"),
            ("a_b-c", "a_b-c"),
        ] {
            assert_eq!(github_slug(text), slug);
        }
    }

    #[test]
    fn duplicates_are_numbered_and_never_meet_a_written_number() {
        let mut anchors = Anchors::default();
        let ids: Vec<_> = ["Setup", "Setup 1", "Setup", "Setup", "!!!", "fb-x"].map(|t| anchors.for_text(t)).into();
        assert_eq!(ids, ["setup", "setup-1", "setup-2", "setup-3", "section", "h-fb-x"]);
        assert!(!anchors.claim("setup") && !anchors.claim("fb-nav") && !anchors.claim("a b") && anchors.claim("mine"));
    }
}
