//! `[search]`: whether there is an index, and what counts in it.

use super::reader::{Reader, Table};
use crate::data::Node;

/// What book.toml says of search.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Search {
    /// There is an index.
    pub enabled: bool,
    /// Languages whose endings are taken off words, as two letters; empty where they stay.
    pub languages: Vec<String>,
    /// Words that count only where a query has no others.
    pub stop_words: Vec<String>,
    /// The notes' texts are in the index too, so that results show a piece of them without a server.
    pub offline: bool,
    /// How much a word counts by where it stands.
    pub weights: Weights,
}

/// What a word counts in each field, in sixteenths; with 0 the field is not searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weights {
    /// The note's title.
    pub title: u16,
    /// Headings in its text.
    pub heading: u16,
    /// Tags, kind, team, people, tickets, status, result, and the names of its file and folders.
    pub tag: u16,
    /// Its text.
    pub body: u16,
    /// Blocks of code in it.
    pub code: u16,
}

impl Default for Weights {
    /// 5, 2, 3, 1 and 0.625.
    fn default() -> Self {
        Weights { title: 80, heading: 32, tag: 48, body: 16, code: 10 }
    }
}

/// Two letters and the language: those whose endings are known.
pub const LANGUAGES: [&str; 32] = [
    "ar", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "hi", "hu", "hy", "id", "it",
    "lt", "ne", "nl", "no", "pl", "pt", "ro", "ru", "sr", "sv", "ta", "tr", "uk",
];

impl Search {
    /// Where book.toml says nothing: the language of the book.
    pub(super) fn built_in(language: &str) -> Self {
        Search {
            enabled: true,
            languages: known(language).into_iter().map(str::to_owned).collect(),
            stop_words: Vec::new(),
            offline: false,
            weights: Weights::default(),
        }
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>) {
        let mut table = reader.table(root, "search");
        for (name, into) in [("enabled", &mut self.enabled), ("offline", &mut self.offline)] {
            if let Some(flag) = table.take(name).and_then(|node| reader.flag(name, node)) {
                *into = flag;
            }
        }
        if let Some(node) = table.take("languages") {
            self.languages.clear();
            for (language, span) in reader.texts("languages", node) {
                match known(language) {
                    Some(known) => self.languages.push(known.to_owned()),
                    None => {
                        let message = format!("the endings of `{language}` are not known");
                        reader.refuse(span, message, format!("the languages are {}", LANGUAGES.join(", ")));
                    }
                }
            }
        }
        if let Some(node) = table.take("stop_words") {
            self.stop_words =
                reader.texts("stop_words", node).into_iter().map(|(word, _)| word.trim().to_owned()).collect();
        }
        let mut weights = reader.table(&mut table, "weights");
        let Weights { title, heading, tag, body, code } = &mut self.weights;
        for (name, into) in [("title", title), ("heading", heading), ("tag", tag), ("body", body), ("code", code)] {
            if let Some(weight) = weights.take(name).and_then(|node| sixteenths(reader, name, node)) {
                *into = weight;
            }
        }
        reader.finish(weights);
        reader.finish(table);
    }
}

/// The language whose endings are known, by its tag.
fn known(tag: &str) -> Option<&'static str> {
    let language = tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
    let language = if language == "nb" || language == "nn" { "no" } else { language.as_str() };
    LANGUAGES.into_iter().find(|known| *known == language)
}

fn sixteenths(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<u16> {
    let text = node.value.scalar().filter(|scalar| !scalar.quoted).map_or("", |scalar| &scalar.text);
    match text.parse::<f64>() {
        Ok(weight) if (0.0..=100.0).contains(&weight) => Some((weight * 16.0).round() as u16),
        _ => {
            reader.refuse(node.span, format!("`{name}` wants a number from 0 to 100"), "1 is the weight of the text");
            None
        }
    }
}
