//! What is not Markdown: code blocks, diagrams and formulas.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event};

use super::walk::Walk;
use crate::diagnostic::Code;
use crate::note::code::{self, Fence, Plain};
use crate::note::html::escaped;
use crate::note::math;
use crate::text::Span;

impl Walk<'_, '_> {
    /// `$5 and $10`: a closing dollar before a digit closes nothing (Pandoc's rule).
    pub(super) fn is_money(&self, range: &Range<usize>) -> bool {
        self.input.text[range.end..].starts_with(|c: char| c.is_ascii_digit())
    }

    pub(super) fn math(&mut self, at: usize, tex: &str, display: bool) {
        // GitHub's other form, in which nothing in the formula is taken for Markdown: $`a`$.
        let inner = tex.strip_prefix('`').and_then(|tex| tex.strip_suffix('`')).filter(|_| !display);
        let tex = inner.unwrap_or(tex);
        self.prose.push(tex);
        match math::render(tex, display) {
            Ok(mathml) => self.html.write_fragment(&mathml),
            Err(reason) => {
                let span = self.span(at);
                self.problems.say(
                    Code::InvalidMath,
                    span,
                    &format!("this formula can't be read: {reason}"),
                    &["its source is shown"],
                );
                let html = format!("<code class=\"math\">{}</code>", escaped(tex));
                self.html.write_fragment(&html);
            }
        }
    }

    pub(super) fn code_block(&mut self, at: usize, kind: &CodeBlockKind<'_>) -> usize {
        self.end_block();
        let end = self.matching_end(at);
        let mut code = String::new();
        for (event, _) in &self.events[at + 1..end] {
            if let Event::Text(text) = event {
                code.push_str(text);
            }
        }
        if let Some(words) = &mut self.words {
            words.code(&code, self.out.outline.len());
        }
        let info: &str = match kind {
            CodeBlockKind::Fenced(info) => info,
            CodeBlockKind::Indented => "",
        };
        if matches!(kind, CodeBlockKind::Fenced(_)) && !self.is_closed(&self.events[at].1) {
            let line = self.first_line(at);
            self.problems.say(
                Code::CodeUnclosed,
                line,
                "this code block is never closed, so all that follows is code",
                &["end it with a line of as many backticks"],
            );
        }
        let fence = Fence::parse(info);
        if fence.language.eq_ignore_ascii_case("mermaid") {
            self.out.has_diagram = true;
            self.html.write_fragment(&format!(
                "<figure class=\"diagram\"><pre class=\"mermaid\" tabindex=\"0\">{}</pre></figure>",
                escaped(&code)
            ));
        } else if fence.language == "math" && self.input.options.markdown.math {
            self.math(at, &code, true);
        } else {
            let rendered = code::render(&fence, &code, &mut self.highlighting);
            if let Some(reason) = rendered.plain {
                let first_line = self.first_line(at);
                match reason {
                    Plain::TooLong => self.problems.say(
                        Code::CodeTooLong,
                        first_line,
                        "this code block is too long to be highlighted",
                        &["it is shown plain and complete; shorter lines or a smaller block are highlighted"],
                    ),
                    Plain::Spent => self.problems.say_once(
                        Code::CodeTooLong,
                        "note",
                        first_line,
                        "from here on the note has more code than is highlighted",
                        &["it is shown plain and complete; divide the note, or publish the code as a file"],
                    ),
                }
            }
            self.html.write_fragment(&rendered.html);
        }
        self.html.write("\n");
        end + 1
    }

    /// The first line of what begins at an event.
    fn first_line(&self, at: usize) -> Span {
        let span = self.span(at);
        let length = self.input.text[span.range()].find('\n');
        Span::new(span.start as usize, length.map_or(span.end as usize, |length| span.start as usize + length))
    }

    /// A fenced block has its closing fence: a line of the opening one's signs, and at least as many.
    fn is_closed(&self, range: &Range<usize>) -> bool {
        let block = &self.input.text[range.clone()];
        let sign = if block.starts_with('~') { '~' } else { '`' };
        let opening = block.len() - block.trim_start_matches(sign).len();
        let Some((_, last)) = block.trim_end().rsplit_once('\n') else { return false };
        // Before it may stand the marks of the quotes and lists around it.
        let last = last.trim_start_matches([' ', '\t', '>']).trim_end();
        last.len() >= opening && last.chars().all(|c| c == sign)
    }
}
