//! Callouts: GitHub's alerts, with Obsidian's folds and titles.

use pulldown_cmark::{Event, Tag};

use super::walk::Walk;
use crate::note::html::escaped;

impl Walk<'_, '_> {
    /// `> [!NOTE]`, as on GitHub, with Obsidian's `-`, `+` and titles. Nothing if the quote is none.
    pub(super) fn callout(&mut self, at: usize) -> Option<usize> {
        if !matches!(self.events.get(at + 1)?.0, Event::Start(Tag::Paragraph)) {
            return None;
        }
        let Event::Text(first) = &self.events.get(at + 2)?.0 else { return None };
        let rest = first.strip_prefix("[!")?;
        let (name, rest) = rest.split_once(']')?;
        if name.is_empty()
            || name.len() > 40
            || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ' | '|'))
        {
            return None;
        }
        let (fold, title_start) = match rest.as_bytes().first() {
            Some(b'-') => (Some(false), &rest[1..]),
            Some(b'+') => (Some(true), &rest[1..]),
            _ => (None, rest),
        };
        // Only on the marker's own line: `[!note]x` is text.
        if !title_start.is_empty() && !title_start.starts_with(' ') {
            return None;
        }
        let (class, label) = callout_kind(name);
        let paragraph_end = self.matching_end(at + 1);
        let title_end = (at + 3..paragraph_end)
            .find(|i| matches!(self.events[*i].0, Event::SoftBreak | Event::HardBreak))
            .unwrap_or(paragraph_end);
        let span = self.span(at);
        let mut attributes = format!("class=\"callout callout-{class}\"");
        if let Some(anchor) = self.read_callout(at, &class, title_start, title_end) {
            attributes.push_str(&format!(" id=\"{}\"", escaped(&anchor)));
        }
        match fold {
            Some(open) => {
                let open = if open { " open" } else { "" };
                self.enter("details", &format!("{attributes}{open}"), "</details>\n", span);
                self.html.write_tag("summary", "class=\"callout-title\"");
            }
            None => {
                self.enter("div", &attributes, "</div>\n", span);
                self.html.write_tag("p", "class=\"callout-title\"");
            }
        }
        let own_title = !title_start.trim().is_empty() || title_end > at + 3;
        if own_title {
            // The type stands in words, too: its colour alone would not tell everyone.
            self.html.write_tag("span", "class=\"callout-type\"");
            self.html.write_escaped(&label);
            self.html.write("</span> ");
            self.text(title_start.trim_start());
            let mut i = at + 3;
            while i < title_end {
                i = self.step(i);
            }
        } else {
            self.html.write_escaped(&label);
        }
        self.html.write(if fold.is_some() { "</summary>\n" } else { "</p>\n" });
        self.end_block();
        if title_end < paragraph_end {
            self.html.write("<p>");
            let mut i = title_end + 1;
            while i < paragraph_end {
                i = self.step(i);
            }
            self.end_block();
            self.html.write("</p>\n");
        }
        Some(paragraph_end + 1)
    }
}

/// Class and label of a callout's type.
fn callout_kind(name: &str) -> (String, String) {
    let name = name.split('|').next().unwrap_or(name).trim().to_lowercase();
    let class = match name.as_str() {
        "note" | "info" | "abstract" | "summary" | "tldr" | "todo" | "example" | "quote" | "cite" => "note",
        "tip" | "hint" | "success" | "check" | "done" => "tip",
        "important" => "important",
        "warning" | "attention" => "warning",
        "caution" | "danger" | "error" | "bug" | "failure" | "fail" | "missing" => "caution",
        "question" | "help" | "faq" => "question",
        "kudos" | "thanks" => "kudos",
        "surprise" => "surprise",
        "decision" => "decision",
        "assumption" => "assumption",
        _ => "note",
    };
    let mut letters = name.chars();
    let label = letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect());
    (class.to_owned(), label.replace(['-', '_'], " "))
}
