//! `brief`: what the book knows before a feature is discussed.

use std::path::PathBuf;

use clap::ValueEnum;

use super::search::{query_of, site_of};
use super::{End, said};
use crate::disk::Root;
use crate::note::html::escaped;
use crate::search::brief::{Brief, Item, Reference};
use crate::terminal::Terminal;

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What the discussion is about
    #[arg(value_name = "WORDS", allow_hyphen_values = true)]
    words: Vec<String>,
    /// Only notes with this tag
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only notes of this team
    #[arg(long, value_name = "TEAM")]
    team: Vec<String>,
    /// In which form
    #[arg(long, default_value = "md", value_name = "FORMAT")]
    format: Form,
    /// Look through drafts and notes with a date in the future, too
    #[arg(long)]
    drafts: bool,
    /// The book's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(super) root: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Markdown, for a ticket or a note
    Md,
    /// A page by itself, to print or to mail
    Html,
    /// One JSON object
    Json,
}

/// `fieldbook brief WORDS`
pub fn run(terminal: &Terminal, root: Root, arguments: &Arguments) -> End {
    if arguments.words.is_empty() && arguments.tag.is_empty() && arguments.team.is_empty() {
        let hint = "for example: fieldbook brief refund label, or fieldbook brief --tag pricing";
        terminal.fail("a brief needs words, a tag or a team", &[hint.into()]);
        return End::Problems;
    }
    let site = match site_of(terminal, root, arguments.drafts) {
        Ok(site) => site,
        Err(end) => return end,
    };
    let Some(files) = site.search() else { return End::Done };
    let query = query_of(&arguments.words, &[("tag", &arguments.tag), ("team", &arguments.team)]);
    let answer = files.ask(&query, false);
    let shown = query.trim();
    if let Some(corrected) = &answer.corrected_to {
        terminal.say(&format!("no note has that; this is what there is on `{}`", corrected.trim()));
    }
    let brief = Brief::new(shown, &answer, files, &site.book);
    let text = match arguments.format {
        Form::Md => markdown(&brief),
        Form::Html => html(&brief, &site.book.config.title, &site.book.config.language),
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&brief).unwrap_or_default()),
    };
    said(terminal, terminal.data(&text), End::Done)
}

/// What each part is called, in the order of the brief.
fn parts<'p, 'b>(brief: &'p Brief<'b>) -> [(&'static str, &'p [Item<'b>]); 4] {
    [
        ("What we know", &brief.known),
        ("What held only in part", &brief.mixed),
        ("What did not hold", &brief.refuted),
        ("What is being found out", &brief.open),
    ]
}

const NOTHING: &str = "No note answers this. You may be the first: start with an experiment.";

fn facts(item: &Item<'_>) -> String {
    let facts = [item.result, item.team, &item.note.date];
    facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Text on one line in which Markdown finds no markup.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

fn markdown(brief: &Brief<'_>) -> String {
    let mut text = format!("# What we know: {}\n", plain(&brief.query));
    if brief.references.is_empty() {
        return format!("{text}\n{NOTHING}\n");
    }
    let names = |notes: &[Reference<'_>]| notes.iter().map(|note| plain(note.title)).collect::<Vec<_>>().join("; ");
    for (heading, items) in parts(brief).into_iter().filter(|(_, items)| !items.is_empty()) {
        text.push_str(&format!("\n## {heading}\n\n"));
        for item in items {
            let facts = facts(item);
            let facts = if facts.is_empty() { String::new() } else { format!(" ({})", plain(&facts)) };
            text.push_str(&format!("- **{}**{facts} [{}]\n", plain(item.note.title), item.number));
            let lines = [
                ("", plain(item.claim)),
                ("For: ", names(&item.supporting)),
                ("Against: ", names(&item.against)),
                ("", plain(&sentence(item))),
            ];
            for (label, line) in lines.iter().filter(|(_, line)| !line.is_empty()) {
                text.push_str(&format!("  {label}{line}\n"));
            }
        }
    }
    if !brief.questions.is_empty() {
        text.push_str("\n## What nobody knows yet\n\n");
        for question in &brief.questions {
            text.push_str(&format!("- {} ({})\n", plain(question.text), plain(question.note.title)));
        }
    }
    if !brief.unapplied.is_empty() {
        text.push_str("\n## Learned, and not used yet\n\n");
        brief.unapplied.iter().for_each(|note| text.push_str(&format!("- {}\n", plain(note.title))));
    }
    if !brief.people.is_empty() {
        text.push_str("\n## Whom to ask\n\n");
        for person in &brief.people {
            let notes: Vec<String> = person.notes.iter().map(|number| format!("[{number}]")).collect();
            text.push_str(&format!("- {}: {}\n", plain(person.name), notes.join(" ")));
        }
    }
    text.push_str("\n## Notes\n\n");
    for item in &brief.references {
        text.push_str(&format!("{}. {}. {}\n", item.number, plain(item.note.title), reference(item)));
    }
    if brief.total > brief.references.len() {
        text.push_str(&format!("\nThe best {} of {} notes.\n", brief.references.len(), brief.total));
    }
    text
}

/// How ripe it is and why, as a sentence.
fn sentence(item: &Item<'_>) -> String {
    if item.maturity.is_empty() { String::new() } else { format!("{}: {}.", capital(item.maturity), item.because) }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Kind, authors, date and file.
fn reference(item: &Item<'_>) -> String {
    let authors = item.authors.join(", ");
    let parts = [item.note.kind, &authors, &item.note.date];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(plain).collect();
    format!("{}. `{}`", parts.join(", "), item.note.path)
}

/// A page by itself: nothing is loaded, and what notes say is text.
fn html(brief: &Brief<'_>, book: &str, language: &str) -> String {
    let title = format!("What we know: {}", brief.query);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{} · {}</title>\n\
         <style>body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 Georgia, serif }} \
         li {{ margin: .5rem 0; break-inside: avoid }} small {{ color: #555 }}</style>\n</head>\n<body>\n<h1>{}</h1>\n",
        escaped(language),
        escaped(&title),
        escaped(book),
        escaped(&title),
    );
    if brief.references.is_empty() {
        page.push_str(&format!("<p>{NOTHING}</p>\n</body>\n</html>\n"));
        return page;
    }
    let names = |notes: &[Reference<'_>]| notes.iter().map(|note| escaped(note.title)).collect::<Vec<_>>().join("; ");
    let cite = |number: usize| format!("<a href=\"#n{number}\">[{number}]</a>");
    for (heading, items) in parts(brief).into_iter().filter(|(_, items)| !items.is_empty()) {
        page.push_str(&format!("<h2>{heading}</h2>\n<ul>\n"));
        for item in items {
            page.push_str(&format!("<li><strong>{}</strong> {}", escaped(item.note.title), cite(item.number)));
            let lines = [
                ("", escaped(&facts(item))),
                ("", escaped(item.claim)),
                ("For: ", names(&item.supporting)),
                ("Against: ", names(&item.against)),
                ("", escaped(&sentence(item))),
            ];
            for (label, line) in lines.iter().filter(|(_, line)| !line.is_empty()) {
                page.push_str(&format!("<br>{label}{line}"));
            }
            page.push_str("</li>\n");
        }
        page.push_str("</ul>\n");
    }
    let mut list = |heading: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            page.push_str(&format!("<h2>{heading}</h2>\n<ul>\n<li>{}</li>\n</ul>\n", lines.join("</li>\n<li>")));
        }
    };
    let question = |q: &crate::search::brief::Question<'_>| {
        format!("{} <small>{}</small>", escaped(q.text), escaped(q.note.title))
    };
    list("What nobody knows yet", brief.questions.iter().map(question).collect());
    list("Learned, and not used yet", brief.unapplied.iter().map(|note| escaped(note.title)).collect());
    let person = |person: &crate::search::brief::Person<'_>| {
        let notes: Vec<String> = person.notes.iter().map(|number| cite(*number)).collect();
        format!("{}: {}", escaped(person.name), notes.join(" "))
    };
    list("Whom to ask", brief.people.iter().map(person).collect());
    page.push_str("<h2>Notes</h2>\n<ol>\n");
    for item in &brief.references {
        let authors = item.authors.join(", ");
        let parts = [item.note.kind, &authors, &item.note.date];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        page.push_str(&format!(
            "<li id=\"n{}\">{}. <small>{}. {}</small></li>\n",
            item.number,
            escaped(item.note.title),
            escaped(&parts.join(", ")),
            escaped(item.note.path),
        ));
    }
    page.push_str("</ol>\n</body>\n</html>\n");
    page
}
