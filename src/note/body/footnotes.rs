//! Footnotes, numbered by their first reference and collected at the end of the text.

use std::collections::HashMap;

use super::walk::Walk;
use super::writer::Part;
use crate::text::fold;

#[derive(Debug, Default)]
pub(super) struct Footnotes {
    /// Labels in the order of their first reference, with the number of references.
    order: Vec<(String, usize)>,
    numbers: HashMap<String, usize>,
    /// Labels of the definitions being read.
    open: Vec<String>,
    definitions: HashMap<String, Part>,
}

impl Walk<'_, '_> {
    /// Labels differ by more than case, as GitHub has it.
    pub(super) fn footnote_reference(&mut self, label: &str) {
        let label = &fold(label);
        let footnotes = &mut self.footnotes;
        let index = *footnotes.numbers.entry(label.to_owned()).or_insert(footnotes.order.len());
        if index == footnotes.order.len() {
            footnotes.order.push((label.to_owned(), 0));
        }
        footnotes.order[index].1 += 1;
        let (number, count) = (index + 1, footnotes.order[index].1);
        let suffix = if count == 1 { String::new() } else { format!("-{count}") };
        self.html.write_fragment(&format!(
            "<sup class=\"footnote-ref\"><a href=\"#fb-fn-{number}\" id=\"fb-fnref-{number}{suffix}\">{number}</a></sup>"
        ));
    }

    pub(super) fn enter_footnote(&mut self, label: &str) {
        self.footnotes.open.push(fold(label));
        self.html.begin_part();
    }

    pub(super) fn leave_footnote(&mut self) {
        let buffer = self.html.end_part();
        let label = self.footnotes.open.pop().unwrap_or_default();
        self.footnotes.definitions.entry(label).or_insert(buffer);
    }

    pub(super) fn write_footnotes(&mut self) {
        let footnotes = std::mem::take(&mut self.footnotes);
        if footnotes.order.is_empty() {
            return;
        }
        let mut definitions = footnotes.definitions;
        self.html.write_tag("section", "class=\"footnotes\" aria-label=\"Footnotes\"");
        self.html.write("<ol>\n");
        for (index, (label, count)) in footnotes.order.iter().enumerate() {
            let number = index + 1;
            self.html.write_tag("li", &format!("id=\"fb-fn-{number}\""));
            if let Some(mut buffer) = definitions.remove(label) {
                let back: String = (1..=*count)
                    .map(|n| {
                        let suffix = if n == 1 { String::new() } else { format!("-{n}") };
                        format!(
                            " <a class=\"footnote-back\" href=\"#fb-fnref-{number}{suffix}\" aria-label=\"Back to reference {number}{suffix}\">↩</a>"
                        )
                    })
                    .collect();
                // The way back stands in the last paragraph, if that is how the note ends.
                let inside = buffer.html.ends_with("</p>\n");
                if inside {
                    buffer.html.truncate(buffer.html.len() - "</p>\n".len());
                }
                self.html.append(buffer);
                self.html.write_fragment(&back);
                if inside {
                    self.html.write("</p>\n");
                }
            }
            self.html.write("</li>\n");
        }
        self.html.write("</ol></section>\n");
    }
}
