//! What is shown: one pass's site and what was wrong with it, exchanged as one value.

use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::disk::Layout;
use crate::memo::Fingerprint;
use crate::note::html::escaped;
use crate::path::SourcePath;
use crate::site::{Content, File, Page, Site};

/// Problems that are shown one by one; the others are counted.
const SHOWN: usize = 50;

/// What the server shows from one moment to the next.
#[derive(Debug)]
pub struct Edition {
    /// The site; none as long as no pass could make one.
    pub site: Option<Arc<Site>>,
    /// Where the content lies, in which the site's assets are.
    pub layout: Layout,
    /// What is wrong with the author's files, whatever site is shown.
    pub diagnostics: Vec<Diagnostic>,
    /// Why the book could not be read at all.
    pub failure: Option<String>,
}

/// What is wrong, for the page that shows it: every text as it is, to be set as text.
#[derive(Debug, Serialize)]
pub struct Problems<'e> {
    errors: usize,
    warnings: usize,
    /// Those to be shown: errors first, and those of the page's own note first.
    shown: Vec<Problem<'e>>,
}

#[derive(Debug, Serialize)]
struct Problem<'e> {
    severity: Severity,
    /// `content/a.md:3:5`; empty where no file is meant.
    place: String,
    code: &'e str,
    message: &'e str,
    hints: &'e [String],
    excerpt: Option<Excerpt<'e>>,
}

/// A line in three parts.
#[derive(Debug, Serialize)]
struct Excerpt<'e> {
    before: &'e str,
    marked: &'e str,
    after: &'e str,
}

impl Edition {
    /// The note that a file of the site is the page of.
    pub fn source(&self, file: &File) -> Option<&SourcePath> {
        let site = self.site.as_ref()?;
        let id = match &file.content {
            Content::Page(Page::Note(id) | Page::Home(Some(id)) | Page::Plain(_, Some(id))) => Some(*id),
            Content::Page(Page::List { list, number: 0 }) => list.intro,
            Content::Page(Page::Terms { intro, number: 0, .. }) => *intro,
            _ => None,
        };
        id.map(|id| &site.book.entry(id).note.source.path)
    }

    /// Of all files beside the notes.
    pub fn assets(&self) -> Fingerprint {
        let assets = self.site.iter().flat_map(|site| site.book.assets.iter());
        Fingerprint::of(&assets.map(|asset| (&asset.route, asset.asset.fingerprint)).collect::<Vec<_>>())
    }

    /// What to show on the page of the note `source`, which itself failed with `failed`.
    pub fn problems<'e>(&'e self, source: Option<&SourcePath>, failed: Option<&'e Diagnostic>) -> Problems<'e> {
        let failed = failed.filter(|failed| !self.diagnostics.contains(failed));
        // Advice is asked for; it does not come by itself.
        let worth = |d: &&Diagnostic| d.severity > Severity::Advice;
        let mut all: Vec<&Diagnostic> = self.diagnostics.iter().chain(failed).filter(worth).collect();
        all.sort_by_key(|d| (std::cmp::Reverse(d.severity), Some(&d.file) != source));
        let errors = all.iter().filter(|d| d.severity == Severity::Error).count();
        let failure = self.failure.iter().map(|failure| Problem {
            severity: Severity::Error,
            place: String::new(),
            code: "",
            message: failure,
            hints: &[],
            excerpt: None,
        });
        Problems {
            errors: errors + usize::from(self.failure.is_some()),
            warnings: all.len() - errors,
            shown: failure.chain(all.iter().map(|diagnostic| Problem::of(diagnostic))).take(SHOWN).collect(),
        }
    }
}

impl<'e> Problem<'e> {
    fn of(diagnostic: &'e Diagnostic) -> Self {
        Problem {
            severity: diagnostic.severity,
            place: place(diagnostic),
            code: diagnostic.code.name(),
            message: &diagnostic.message,
            hints: &diagnostic.hints,
            excerpt: diagnostic.place.as_ref().filter(|place| !place.excerpt.is_empty()).map(Excerpt::of),
        }
    }
}

impl<'e> Excerpt<'e> {
    fn of(place: &'e Place) -> Self {
        let text: &str = &place.excerpt;
        let at = |column: u32| {
            let characters = (column - 1).saturating_sub(place.skipped) as usize;
            text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
        };
        let start = at(place.start.column);
        let end = if place.end.line == place.start.line { at(place.end.column).max(start) } else { text.len() };
        let (rest, after) = text.split_at(end);
        let (before, marked) = rest.split_at(start);
        Excerpt { before, marked, after }
    }
}

fn place(diagnostic: &Diagnostic) -> String {
    match &diagnostic.place {
        Some(place) => format!("{}:{}:{}", diagnostic.file, place.start.line, place.start.column),
        None => diagnostic.file.to_string(),
    }
}

/// The page in place of one that can't be made, which says why, also without a script.
pub fn error_page<'d>(
    title: &str,
    problems: impl IntoIterator<Item = &'d Diagnostic>,
    failure: Option<&str>,
) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        escaped(title)
    );
    let mut line = |text: &str| {
        html.push_str("<p>");
        html.push_str(&escaped(text));
        html.push_str("</p>\n");
    };
    failure.into_iter().for_each(&mut line);
    for problem in problems.into_iter().filter(|problem| problem.severity == Severity::Error).take(SHOWN) {
        line(&format!("{}: {}[{}]: {}", place(problem), problem.severity, problem.code, problem.message));
        problem.hints.iter().for_each(|hint| line(&format!("hint: {hint}")));
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::text::{LineIndex, Span};

    fn edition(diagnostics: Vec<Diagnostic>) -> Edition {
        let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
        Edition { site: None, layout, diagnostics, failure: None }
    }

    fn problem(code: Code, file: &str) -> Diagnostic {
        Diagnostic::new(code, &SourcePath::new(file), format!("{code} in {file}"))
    }

    #[test]
    fn errors_come_first_and_then_what_concerns_the_page() {
        let mut all = vec![problem(Code::BrokenLink, "content/a.md"), problem(Code::BrokenLink, "content/b.md")];
        all.push(problem(Code::InvalidDate, "content/c.md"));
        let edition = edition(all);
        let problems = edition.problems(Some(&SourcePath::new("content/b.md")), None);
        let order: Vec<&str> = problems.shown.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(order, ["content/c.md", "content/b.md", "content/a.md"]);
        assert_eq!((problems.errors, problems.warnings), (1, 2));
    }

    #[test]
    fn many_are_counted_and_few_are_shown() {
        assert_eq!(edition(vec![problem(Code::OverdueReview, "content/a.md")]).problems(None, None).shown.len(), 0);
        let edition = edition((0..200).map(|n| problem(Code::BrokenLink, &format!("content/{n}.md"))).collect());
        let failed = problem(Code::ThemeError, "themes/default/templates/note.html");
        let problems = edition.problems(None, Some(&failed));
        assert_eq!((problems.errors, problems.warnings, problems.shown.len()), (1, 200, SHOWN));
        assert_eq!(problems.shown[0].code, "theme-error");
    }

    #[test]
    fn the_place_in_a_line_is_marked() {
        let text = "# One\nSee [x](y.md) first.\n";
        let place = Place::new(text, &LineIndex::new(text), Span::new(10, 19));
        let Excerpt { before, marked, after } = Excerpt::of(&place);
        assert_eq!((before, marked, after), ("See ", "[x](y.md)", " first."));
        let over = Place::new(text, &LineIndex::new(text), Span::new(2, 19));
        assert_eq!(Excerpt::of(&over).marked, "One");
    }

    #[test]
    fn the_error_page_escapes_what_it_says() {
        let mut bad = problem(Code::ThemeError, "themes/<b>.html");
        bad.message = "<img src=x onerror=alert(1)>".into();
        let html = error_page("Not <made>", [&bad], Some("can't read `<x>`"));
        assert!(!html.contains("<img") && !html.contains("<b>") && !html.contains("<x>"), "{html}");
        assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"), "{html}");
    }
}
