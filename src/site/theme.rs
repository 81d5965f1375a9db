//! Themes: the default one, which lies in `themes/default` and is part of the program, and a
//! book's own, which replaces it file by file. The only door to Tera.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use tera::{Context, ErrorKind, Tera, Value};

use super::view::BookView;
use crate::diagnostic::{Checked, Code, Diagnostic, Place};
use crate::memo::Fingerprint;
use crate::path::{Route, SourcePath};
use crate::source::Source;
use crate::text::{LineIndex, Span, closest};

/// Files of the default theme, by their path in `themes/default`.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/themes/default/", $name)))),*]
    };
}

/// The default theme. `tests/theme.rs` holds that no file of the folder is missing here.
pub const DEFAULT: &[(&str, &[u8])] = embedded![
    "static/diagram.js",
    "static/favicon.svg",
    "static/fieldbook.js",
    "static/mark.js",
    "static/search.css",
    "static/search.js",
    "static/search/brief.js",
    "static/search/engine.js",
    "static/style.css",
    "static/theme.js",
    "static/vendor/mermaid.licenses.txt",
    "static/vendor/mermaid.tiny.js",
    "templates/base.html",
    "templates/brief.html",
    "templates/components.html",
    "templates/home.html",
    "templates/icons.html",
    "templates/list.html",
    "templates/loop.html",
    "templates/not-found.html",
    "templates/note.html",
    "templates/redirect.html",
    "templates/search.html",
    "templates/sheet.html",
    "templates/terms.html",
];

/// Where a book lays the files that replace those of the default theme one by one.
const DEFAULT_FOLDER: &str = "themes/default";

/// The prefix under which a book's own template finds the default one that it replaces:
/// `{% extends "default/note.html" %}`.
const DEFAULT_PREFIX: &str = "default/";

/// A file that the theme brings: style sheets, scripts, pictures.
#[derive(Debug, Clone)]
pub struct StaticFile {
    /// Its path in the theme's `static` folder.
    pub name: String,
    /// Its address, which changes with its bytes.
    pub route: Route,
    /// Of its bytes.
    pub fingerprint: Fingerprint,
    bytes: Cow<'static, [u8]>,
}

impl StaticFile {
    /// It draws diagrams: a site without one does not need it.
    pub fn is_for_diagrams(&self) -> bool {
        self.name == "diagram.js" || self.name.starts_with("vendor/mermaid")
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A theme, read and checked.
#[derive(Debug)]
pub struct Theme {
    tera: Tera,
    /// Of all templates and static files.
    pub fingerprint: Fingerprint,
    /// The static files, sorted by name.
    pub files: Vec<StaticFile>,
    /// Where the templates of the book's own theme lie, for diagnostics; empty if it has none.
    folder: String,
    own: BTreeMap<String, Source>,
    /// Of what every page sees.
    pub book_fingerprint: Fingerprint,
}

impl Theme {
    /// Reads the default theme and, over it, the files of the book's own theme, which lie in
    /// `folder` (from the book's root). Where a template can't be read the default one is used in
    /// its place, and the diagnostic is an error.
    pub fn load(files: &[Source], folder: &str) -> Checked<Theme> {
        let mut diagnostics = Vec::new();
        if files.is_empty() && folder != DEFAULT_FOLDER {
            diagnostics.push(
                Diagnostic::new(
                    Code::ThemeError,
                    &SourcePath::new("book.toml"),
                    format!("there is no theme in `{folder}`"),
                )
                .hint("`name` under `[theme]` is a folder in `themes`, with `templates` or `static` in it"),
            );
        }
        let mut templates: Vec<(String, String)> = Vec::new();
        let mut statics: BTreeMap<String, Cow<'static, [u8]>> = BTreeMap::new();
        for (name, bytes) in DEFAULT {
            if let Some(template) = name.strip_prefix("templates/") {
                templates.push((format!("{DEFAULT_PREFIX}{template}"), String::from_utf8_lossy(bytes).into_owned()));
            } else if let Some(file) = name.strip_prefix("static/") {
                statics.insert(file.to_owned(), published(file, bytes));
            }
        }
        let mut own: BTreeMap<String, Source> = BTreeMap::new();
        for source in files {
            let name = source
                .path
                .as_str()
                .strip_prefix(folder)
                .map_or(source.path.as_str(), |rest| rest.trim_start_matches('/'));
            if let Some(template) = name.strip_prefix("templates/") {
                diagnostics.extend(unused_template(&source.path, template, files, folder));
                if let Err(error) = std::str::from_utf8(&source.bytes) {
                    let at = error.valid_up_to();
                    let place = source.place(Span::new(at, at + 1));
                    let message = "the template is not UTF-8 from here on";
                    diagnostics.push(Diagnostic::new(Code::ThemeError, &source.path, message).at(place));
                }
                own.insert(template.to_owned(), source.clone());
            } else if let Some(file) = name.strip_prefix("static/") {
                statics.insert(file.to_owned(), Cow::Owned(source.bytes.to_vec()));
            }
        }
        let own_templates: Vec<(String, String)> =
            own.iter().map(|(name, source)| (name.clone(), source.text().into_owned())).collect();
        let tera = match engine(templates.iter().chain(&own_templates)) {
            Ok(tera) => tera,
            Err(error) => {
                diagnostics.push(problem(&error, folder, &own));
                engine(templates.iter()).unwrap_or_default()
            }
        };
        let mut all = Vec::new();
        for (name, text) in templates.iter().chain(&own_templates) {
            all.push((name.clone(), Fingerprint::of_bytes(text.as_bytes())));
        }
        let files: Vec<StaticFile> = statics
            .into_iter()
            .map(|(name, bytes)| {
                let fingerprint = Fingerprint::of_bytes(&bytes);
                all.push((name.clone(), fingerprint));
                StaticFile { route: hashed_route(&name, fingerprint), name, fingerprint, bytes }
            })
            .collect();
        let theme = Theme {
            tera,
            fingerprint: Fingerprint::of(&all),
            files,
            folder: folder.to_owned(),
            own,
            book_fingerprint: Fingerprint::default(),
        };
        Checked { value: theme, diagnostics }
    }

    /// Gives every template the same `book`.
    pub fn set_book(&mut self, book: &BookView) {
        self.book_fingerprint = Fingerprint::of(&(book, self.fingerprint));
        self.tera.global_context().insert_value("book", Value::from_serializable(book));
    }

    /// Renders a template with a view and the filled text of its note.
    pub fn render<V: Serialize>(
        &self,
        template: &str,
        view: &V,
        body_html: Option<&str>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let render = || {
            let mut context = Context::from_serialize(view)?;
            if let Some(html) = body_html {
                context.insert_value("body_html", Value::safe_string(html));
            }
            // Few pages are longer than their text and this: then the buffer never grows.
            let mut page = Vec::with_capacity(body_html.map_or(0, str::len) + 32 * 1024);
            self.tera.render_to(template, &context, &mut page)?;
            Ok(page)
        };
        render().map_err(|error| problem(&error, &self.folder, &self.own))
    }
}

/// A script or style sheet of the default theme without what is for readers of its source: comments
/// and indentation, a quarter of its weight. In this theme comments are whole lines, and no text runs
/// over the end of a line; `tests/theme.rs` holds it. The files of a book's own theme stay as they are.
fn published<'f>(name: &str, bytes: &'f [u8]) -> Cow<'f, [u8]> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if !name.starts_with("vendor/") && (name.ends_with(".js") || name.ends_with(".css")) => text,
        _ => return Cow::Borrowed(bytes),
    };
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.starts_with("//") {
            out.push_str(line);
            out.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    Cow::Owned(out.into_bytes())
}

fn engine<'t>(templates: impl Iterator<Item = &'t (String, String)>) -> Result<Tera, tera::Error> {
    let mut tera = Tera::new();
    tera.set_fallback_prefixes([DEFAULT_PREFIX])?;
    tera.autoescape_on([".html"]);
    tera.set_escape_fn(escape);
    tera.add_raw_templates(templates.map(|(name, text)| (name.as_str(), text.as_str())))?;
    Ok(tera)
}

/// Tera's own escaping, for the few texts that need any: a pass without branches finds them.
fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    match text.bytes().fold(false, |found, byte| found | special(byte)) {
        true => tera::escape_html(text, out),
        false => out.write_all(text.as_bytes()),
    }
}

/// `style.css` → `theme/style.3f2a1b0c.css`: browsers may keep it for ever.
fn hashed_route(name: &str, fingerprint: Fingerprint) -> Route {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    Route::new(format!("theme/{stem}.{}.{extension}", fingerprint.short(8)))
}

/// A template of the book's own theme that replaces none and that no other names is most likely misspelt.
fn unused_template(path: &SourcePath, name: &str, files: &[Source], folder: &str) -> Option<Diagnostic> {
    let names: Vec<&str> = DEFAULT.iter().filter_map(|(n, _)| n.strip_prefix("templates/")).collect();
    if names.contains(&name) {
        return None;
    }
    let templates = format!("{folder}/templates/");
    let named = files
        .iter()
        .any(|file| file.path.as_str().starts_with(&templates) && file.text().contains(&format!("\"{name}\"")));
    if named || name.ends_with("components.html") {
        return None;
    }
    let diagnostic =
        Diagnostic::new(Code::ThemeFile, path, format!("no template is called `{name}`, and none uses it"));
    Some(match closest(name, names.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint(format!("the templates are {}", names.join(", "))),
    })
}

fn problem(error: &tera::Error, folder: &str, own: &BTreeMap<String, Source>) -> Diagnostic {
    let file = |name: &str| match own.get(name) {
        Some(source) => source.path.clone(),
        None => {
            SourcePath::new(format!("themes/default/templates/{}", name.strip_prefix(DEFAULT_PREFIX).unwrap_or(name)))
        }
    };
    let lower = |message: &str| {
        let line = message.lines().next().unwrap_or("").trim_end_matches('.');
        let mut letters = line.chars();
        letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
    };
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let diagnostic = Diagnostic::new(Code::ThemeError, &file(report.filename()), lower(report.message()));
            match own.get(report.filename()) {
                Some(source) => {
                    let text = source.text();
                    let range = &report.span().range;
                    diagnostic.at(Place::new(&text, &LineIndex::new(&text), Span::new(range.start, range.end)))
                }
                None => diagnostic.at(Place::line(report.span().start_line as u32)),
            }
        }
        _ => {
            let message = error.to_string();
            let named = own.keys().find(|name| message.contains(name.as_str()));
            let path = named.map_or_else(
                || SourcePath::new(if folder.is_empty() { "themes/default" } else { folder }),
                |name| file(name),
            );
            Diagnostic::new(Code::ThemeError, &path, lower(&message))
        }
    }
}
