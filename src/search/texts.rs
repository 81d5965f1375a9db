//! The text of a note by its sections, for results that are shown without a server.

use crate::book::Entry;
use crate::note::html::{Token, tokens};

/// A part of a note's text: the id of its heading (empty for what stands before the first), the heading, and the text.
pub type Section = (String, String, String);

/// The sections of a note, without markup. What only the whole book fills in, as the text of a wikilink, is left out.
pub fn sections(entry: &Entry) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut in_heading = false;
    let mut in_anchor = false;
    for token in tokens(&entry.note.body.html) {
        match token {
            Token::Tag(tag) => {
                let is_heading = matches!(tag.name.as_str(), "h2" | "h3" | "h4" | "h5" | "h6");
                let known = |id: &&str| entry.note.outline.iter().any(|heading| *heading.anchor == **id);
                if is_heading {
                    in_heading = false;
                    if let Some(id) = tag.attribute("id").filter(known).filter(|_| !tag.closing) {
                        in_heading = true;
                        sections.push((id.to_owned(), String::new(), String::new()));
                    }
                } else if tag.name == "a" {
                    // The sign that links to a heading is not part of it.
                    in_anchor = !tag.closing && tag.attribute("class") == Some("anchor");
                } else if !matches!(
                    tag.name.as_str(),
                    "em" | "strong" | "code" | "span" | "del" | "sup" | "sub" | "mark"
                ) && let Some((.., text)) = sections.last_mut().filter(|_| !in_heading)
                {
                    text.push(' ');
                }
            }
            Token::Text(text) if !in_anchor => {
                if let Some((_, heading, body)) = sections.last_mut() {
                    unescape(text, if in_heading { heading } else { body });
                }
            }
            _ => {}
        }
    }
    for (_, heading, text) in &mut sections {
        for text in [heading, text] {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    sections
}

/// Appends text in which the renderer wrote five signs by their names.
fn unescape(html: &str, text: &mut String) {
    const NAMES: [(&str, char); 6] =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&nbsp;", ' ')];
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match NAMES.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, sign)) => {
                text.push(*sign);
                rest = &rest[name.len()..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
}
