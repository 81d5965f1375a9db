//! A note moves, and every link to it moves along.
//!
//! The book is assembled as it is and as it would be, drafts and private notes included, and every link
//! is compared: each must lead where it led before. A plan that would break one is refused, so that what
//! is written is known to be right before the first byte is.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Edit, apply, front};
use crate::book::links::Resolved;
use crate::book::{self, Book, NoteId, Surroundings};
use crate::config::{Config, FieldType};
use crate::date::Date;
use crate::note::link::Form;
use crate::note::{self, Note};
use crate::parallel;
use crate::path::{SourcePath, decode, encode_path};
use crate::source::{Snapshot, Source};
use crate::text::{LineIndex, Span, fold};

/// One file before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it lies.
    pub path: SourcePath,
    /// What stands in it now.
    pub before: Arc<[u8]>,
    /// What is to stand in it.
    pub after: Vec<u8>,
    /// Links in it that are rewritten.
    pub links: usize,
}

/// All that a move does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where the note lies.
    pub from: SourcePath,
    /// Where it is to lie.
    pub to: SourcePath,
    /// The note itself.
    pub note: Change,
    /// The notes that link to it.
    pub others: Vec<Change>,
    /// The address that leads on to the new one, if the note had another one.
    pub alias: Option<String>,
    /// The kinds that the note's folder made and makes of it, where they differ.
    pub kinds: Option<(String, String)>,
}

/// Why a note is not moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No note is called so; with those that are near.
    NoNote(Vec<String>),
    /// Several notes are called so.
    Several(Vec<String>),
    /// There is a file at the new place.
    Taken(SourcePath),
    /// The new place is no place for a note.
    NoPlace(&'static str),
    /// The old place is the new one.
    Same,
    /// The front matter of the note can't be changed.
    Front(front::Refusal),
    /// Links that could not be rewritten: file, line and what is written there.
    Links(Vec<(SourcePath, u32, String)>),
}

/// The book of a snapshot with all its notes, drafts and private ones, too. `content` overrides the
/// content folder (a folder of notes without a book.toml).
pub fn whole(snapshot: &Snapshot, content: Option<&str>) -> Arc<Book> {
    let mut config = Config::parse(snapshot.config.as_ref()).value;
    if let Some(content) = content {
        config.content = content.to_owned();
    }
    if let Some(FieldType::Choice(all)) = config.schema.field("visibility").map(|field| &field.ty) {
        config.publish = all.iter().map(|choice| choice.name.clone()).collect();
    }
    config.drafts = true;
    config.show_scheduled = true;
    let config = Arc::new(config);
    let options = config.parse_options();
    let fingerprint = options.fingerprint();
    let notes: Vec<Arc<Note>> = parallel::map(&snapshot.notes, |source| {
        Arc::new(note::parse(source, &options, note::fingerprint(source, fingerprint)))
    });
    let around =
        Surroundings { assets: &snapshot.assets, history: &snapshot.history, today: Date::EPOCH, drafts: true };
    book::assemble(&config, &notes, &around).value
}

/// The note that somebody names: by its path from the book's root or below the content folder, with
/// its ending or without, by its file name or by its title.
pub fn find(book: &Book, name: &str) -> Result<NoteId, Refusal> {
    let wanted = fold(name.trim().trim_start_matches("./").trim_end_matches('/'));
    let stem = |path: &str| path.strip_suffix(".md").unwrap_or(path).to_owned();
    let fits = |id: &NoteId, exact: bool| {
        let note = &book.entry(*id).note;
        let (below, whole) = (fold(note.path()), fold(note.source.path.as_str()));
        match exact {
            true => [&below, &whole].iter().any(|path| **path == wanted || stem(path) == stem(&wanted)),
            false => {
                fold(note.source.path.name()) == wanted
                    || fold(note.source.path.stem()) == wanted
                    || fold(&note.title.text) == wanted
            }
        }
    };
    let all = || (0..book.notes.len()).map(NoteId::new);
    let mut found: Vec<NoteId> = all().filter(|id| fits(id, true)).collect();
    if found.is_empty() {
        found = all().filter(|id| fits(id, false)).collect();
    }
    let paths = |ids: &[NoteId]| ids.iter().take(5).map(|id| book.entry(*id).note.source.path.to_string()).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => {
            let last = wanted.rsplit('/').next().unwrap_or(&wanted).to_owned();
            let stems = book.notes.iter().map(|entry| entry.note.source.path.stem());
            let near = crate::text::closest(&stem(&last), stems).map(str::to_owned);
            let near: Vec<NoteId> = match near {
                Some(near) => all().filter(|id| book.entry(*id).note.source.path.stem() == near).collect(),
                None => Vec::new(),
            };
            Err(Refusal::NoNote(paths(&near)))
        }
        several => Err(Refusal::Several(paths(several))),
    }
}

/// The path that somebody names for a note: below the content folder unless it begins there, with the
/// old file's name where it is a folder, and `.md` where it has no ending.
fn destination(book: &Book, from: &SourcePath, written: &str) -> Result<SourcePath, Refusal> {
    let written = written.trim().replace('\\', "/");
    let below = written.trim_start_matches("./");
    let below = below.strip_prefix(&*book.content_prefix).filter(|_| !book.content_prefix.is_empty()).unwrap_or(below);
    let is_folder = below.is_empty()
        || below.ends_with('/')
        || book.sections.iter().any(|section| section.path == below && !section.path.is_empty());
    let mut path = below.trim_end_matches('/').to_owned();
    if is_folder {
        path =
            [path.as_str(), from.name()].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
    } else if !path.ends_with(".md") && !path.ends_with(".markdown") {
        path.push_str(".md");
    }
    let plain = |part: &str| !part.is_empty() && part != ".." && part != "." && !part.starts_with('.');
    if written.starts_with('/') || !path.split('/').all(plain) {
        return Err(Refusal::NoPlace("it has to be a path below the content folder, without `..`"));
    }
    if path.chars().any(|c| c.is_control() || matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|')) {
        return Err(Refusal::NoPlace("the name has characters that not every disk can hold"));
    }
    Ok(SourcePath::new(format!("{}{path}", book.content_prefix)))
}

/// How links are spelled anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// As near as possible to how they were written.
    Near,
    /// Names as whole paths: where a short one would mean another note.
    Whole,
}

/// Plans a move. `content` overrides the content folder (a folder of notes without a book.toml).
pub fn plan(snapshot: &Snapshot, content: Option<&str>, old: &str, new: &str) -> Result<Plan, Refusal> {
    let book = whole(snapshot, content);
    let id = find(&book, old)?;
    let from = book.entry(id).note.source.path.clone();
    let to = destination(&book, &from, new)?;
    if from == to {
        return Err(Refusal::Same);
    }
    // A change of case alone is the same file on many disks; it goes there by way of a third name.
    let taken = |path: &SourcePath| fold(path.as_str()) == fold(to.as_str()) && *path != from;
    if snapshot.notes.iter().any(|source| taken(&source.path)) || snapshot.assets.iter().any(|asset| taken(&asset.path))
    {
        return Err(Refusal::Taken(to));
    }
    let mut wrong = Vec::new();
    for spelling in [Spelling::Near, Spelling::Whole] {
        let plan = write(&book, id, &to, spelling)?;
        wrong = verify(snapshot, content, &book, id, &plan);
        if wrong.is_empty() {
            return Ok(plan);
        }
    }
    Err(Refusal::Links(wrong))
}

/// The edits of a move.
fn write(book: &Book, id: NoteId, to: &SourcePath, spelling: Spelling) -> Result<Plan, Refusal> {
    let entry = book.entry(id);
    let from = &entry.note.source.path;
    let target = Target { book, id, new: to.as_str()[book.content_prefix.len()..].to_owned(), spelling };
    let mut others = Vec::new();
    let mut own: Vec<Edit> = Vec::new();
    for (index, linking) in book.notes.iter().enumerate() {
        let is_moved = NoteId::new(index) == id;
        let links_here = linking.links.iter().any(|link| matches!(link, Resolved::Note(to, _) if *to == id))
            || linking.references.iter().any(|reference| matches!(reference.target, Resolved::Note(to, _) if to == id));
        if !links_here && !is_moved {
            continue;
        }
        let edits = target.edits(NoteId::new(index));
        match is_moved {
            true => own = edits,
            false if !edits.is_empty() => others.push(Change {
                path: linking.note.source.path.clone(),
                before: linking.note.source.bytes.clone(),
                after: apply(&linking.note.source, edits.clone()),
                links: edits.len(),
            }),
            false => {}
        }
    }
    let links = own.len();
    let new_route = crate::path::Route::note(&target.new);
    let alias = (new_route != entry.route).then(|| format!("/{}", entry.route));
    if let Some(alias) = &alias {
        let names = ["aliases".to_owned()]
            .into_iter()
            .chain(book.config.schema.field("aliases").map_or_else(Vec::new, |field| field.aliases.clone()));
        let names: Vec<String> = names.collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        own.push(front::add(&entry.note, &names, &quoted(alias)).map_err(Refusal::Front)?);
    }
    let note = Change {
        path: from.clone(),
        before: entry.note.source.bytes.clone(),
        after: apply(&entry.note.source, own),
        links,
    };
    let all = &book.config.kinds;
    let kind = all.of_folder(folder(&target.new)).unwrap_or(all.plain()).name.clone();
    let by_folder = entry.note.front.entry("kind").is_none();
    let kinds = (by_folder && kind != entry.note.kind).then(|| (entry.note.kind.clone(), kind));
    Ok(Plan { from: from.clone(), to: to.clone(), note, others, alias, kinds })
}

/// An address as YAML and TOML both read it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What links are to lead to.
struct Target<'b> {
    book: &'b Book,
    id: NoteId,
    /// The new path below the content folder.
    new: String,
    spelling: Spelling,
}

impl Target<'_> {
    /// The path of a note after the move, below the content folder.
    fn path(&self, id: NoteId) -> &str {
        if id == self.id { &self.new } else { self.book.entry(id).note.path() }
    }

    /// Every edit in one note.
    fn edits(&self, within: NoteId) -> Vec<Edit> {
        let entry = self.book.entry(within);
        let text = entry.note.source.text();
        let mut edits = Vec::new();
        for (link, resolved) in entry.note.links.iter().zip(&entry.links) {
            let spelled = match link.form {
                Form::Inline | Form::Image => self.path_to(within, &link.target, resolved),
                Form::Wiki | Form::Embed | Form::WikiImage => self.name_of(within, &link.target, resolved),
            };
            let Some(spelled) = spelled.filter(|spelled| **spelled != *link.target) else { continue };
            edits.extend(replace(&text, link.span, &link.target, &spelled));
        }
        for item in entry.note.front.entries.iter().flat_map(|field| match &field.value {
            note::front_matter::FieldValue::Links(items) => items.as_slice(),
            _ => &[],
        }) {
            let Some(reference) = entry.references.iter().find(|reference| reference.text == item.text) else {
                continue;
            };
            let written = item.text.as_str();
            let inner = written.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]"));
            let (core, spelled) = match inner {
                Some(inner) => {
                    let core = inner.split('|').next().unwrap_or(inner);
                    (core, self.name_of(within, core, &reference.target))
                }
                None => {
                    let core = written.split_once("](").map_or(written, |(_, rest)| rest.trim_end_matches(')'));
                    let spelled = match core.contains('/') || core.ends_with(".md") {
                        true => self.path_to(within, core, &reference.target),
                        false => self.name_of(within, core, &reference.target),
                    };
                    (core, spelled)
                }
            };
            if let Some(spelled) = spelled.filter(|spelled| spelled != core) {
                edits.extend(replace(&text, item.span, core, &spelled));
            }
        }
        edits
    }

    /// A path as it is to be written; none where it need not change.
    fn path_to(&self, within: NoteId, written: &str, resolved: &Resolved) -> Option<String> {
        let (path, rest) = written.split_at(written.find(['#', '?']).unwrap_or(written.len()));
        if path.is_empty() {
            return None;
        }
        let to: String = match resolved {
            Resolved::Note(id, _) if *id == self.id || within == self.id => self.path(*id).to_owned(),
            // What lies beside the moved note stays where it is.
            Resolved::Asset(index) if within == self.id => {
                let path = self.book.assets[*index as usize].asset.path.as_str();
                path.strip_prefix(&*self.book.content_prefix).unwrap_or(path).to_owned()
            }
            Resolved::Page(..) if within == self.id && !path.starts_with('/') => {
                let old = folder(self.book.entry(self.id).note.path());
                join(old, &decode(path).unwrap_or_else(|| path.to_owned()))?
            }
            _ => return None,
        };
        let endings = [".md", ".markdown", ".html"];
        let ending = endings.into_iter().find(|ending| path.ends_with(ending));
        let is_note = matches!(resolved, Resolved::Note(..));
        // `labels` and `labels.html` stay without `.md`; a folder's address becomes its file's.
        let stem = to.strip_suffix(".md").unwrap_or(&to);
        let same_name = stem_of(path.trim_end_matches('/')) == stem_of(self.book_path(resolved).unwrap_or(&to));
        let to = match ending {
            Some(".html") if is_note => format!("{stem}.html"),
            None if is_note && same_name && !path.ends_with('/') => stem.to_owned(),
            _ => to,
        };
        let spelled = match path.starts_with('/') {
            true => format!("/{to}"),
            false => relative(folder(self.path(within)), &to),
        };
        let dotted = path.starts_with("./") && !spelled.starts_with('.');
        let encoded = if path.contains('%') || spelled.contains([' ', '(', ')', '<', '>', '#', '?', '%']) {
            encode_path(&spelled)
        } else {
            spelled
        };
        Some(format!("{}{encoded}{rest}", if dotted { "./" } else { "" }))
    }

    /// The path that a link led to before the move.
    fn book_path(&self, resolved: &Resolved) -> Option<&str> {
        match resolved {
            Resolved::Note(id, _) => Some(self.book.entry(*id).note.path()),
            _ => None,
        }
    }

    /// A name as it is to be written; none where it need not change: a title and an alias stay true.
    fn name_of(&self, within: NoteId, written: &str, resolved: &Resolved) -> Option<String> {
        let Resolved::Note(id, _) = resolved else {
            // `![[picture.png]]` is found by its name; a path to it has to be spelled anew.
            let is_path = written.starts_with('.') && within == self.id;
            return if is_path { self.path_to(within, written, resolved) } else { None };
        };
        let (name, rest) = written.split_at(written.find('#').unwrap_or(written.len()));
        if name.is_empty() || (*id != self.id && !(within == self.id && name.starts_with('.'))) {
            return None;
        }
        let old = self.book.entry(*id).note.path();
        let bare = name.strip_suffix(".md").unwrap_or(name);
        let is_stem = fold(stem_of(bare)) == fold(stem_of(old));
        if !is_stem {
            return None;
        }
        let new = self.path(*id);
        let new = new.strip_suffix(".md").unwrap_or(new);
        let spelled = match name.contains('/') || self.spelling == Spelling::Whole {
            true if name.starts_with('.') => relative(folder(self.path(within)), new),
            true if name.starts_with('/') => format!("/{new}"),
            true => new.to_owned(),
            false => stem_of(new).to_owned(),
        };
        let ending = if name.ends_with(".md") { ".md" } else { "" };
        Some(format!("{spelled}{ending}{rest}"))
    }
}

/// The edit that writes `spelled` for `written` within a span, or in the definition that the span
/// refers to; none where it is not found as it is.
fn replace(text: &str, span: Span, written: &str, spelled: &str) -> Option<Edit> {
    let slice = text.get(span.range())?;
    let at = |found: usize| {
        let start = span.start as usize + found;
        start..start + written.len()
    };
    // The target stands last in `[text](target)`, and first in `[[target|text]]`.
    let found = match slice.trim_start_matches('!').starts_with("[[") {
        true => slice.find(written),
        false => slice
            .rfind(&format!("]({written}"))
            .map(|found| found + 2)
            .or_else(|| slice.rfind(&format!("]({}", angled(written))).map(|found| found + 3))
            .or_else(|| slice.rfind(written)),
    };
    if let Some(found) = found {
        return Some(Edit { range: at(found), text: spelled.to_owned() });
    }
    definition(text, slice, written).map(|range| Edit { range, text: spelled.to_owned() })
}

fn angled(written: &str) -> String {
    format!("<{written}")
}

/// Where `[label]: target` defines the target of a link such as `[text][label]`.
fn definition(text: &str, link: &str, written: &str) -> Option<Range<usize>> {
    let label = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = link.split(['[', ']']).filter(|part| !part.trim().is_empty()).collect();
    let wanted = fold(&label(parts.last()?));
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let begins = at;
        at += line.len();
        let Some((name, rest)) = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]:")) else {
            continue;
        };
        if fold(&label(name)) == wanted
            && let Some(found) = rest.find(written)
        {
            let start = begins + (line.len() - rest.len()) + found;
            return Some(start..start + written.len());
        }
    }
    None
}

/// Links that lead elsewhere after the plan than before.
fn verify(
    snapshot: &Snapshot,
    content: Option<&str>,
    book: &Book,
    id: NoteId,
    plan: &Plan,
) -> Vec<(SourcePath, u32, String)> {
    let mut changed: HashMap<&SourcePath, Arc<Source>> = HashMap::new();
    for change in &plan.others {
        changed.insert(&change.path, Arc::new(Source::new(change.path.clone(), change.after.as_slice())));
    }
    let moved = Arc::new(Source::new(plan.to.clone(), plan.note.after.as_slice()));
    let mut notes: Vec<Arc<Source>> = snapshot
        .notes
        .iter()
        .map(|source| match source.path == plan.from {
            true => moved.clone(),
            false => changed.get(&source.path).unwrap_or(source).clone(),
        })
        .collect();
    notes.sort_by(|a, b| a.path.cmp(&b.path));
    let after = Snapshot { notes, ..snapshot.clone() };
    let then = whole(&after, content);
    // Notes by what they are called now.
    let now: HashMap<&str, NoteId> = then
        .notes
        .iter()
        .enumerate()
        .map(|(index, entry)| (entry.note.source.path.as_str(), NoteId::new(index)))
        .collect();
    let path_then = |of: NoteId| if of == id { plan.to.as_str() } else { book.entry(of).note.source.path.as_str() };
    let same = |before: &Resolved, after: &Resolved| match (before, after) {
        (Resolved::Note(a, anchor), Resolved::Note(b, then_anchor)) => {
            path_then(*a) == then.entry(*b).note.source.path.as_str() && anchor == then_anchor
        }
        (Resolved::Asset(a), Resolved::Asset(b)) => {
            book.assets[*a as usize].asset.path == then.assets[*b as usize].asset.path
        }
        // A folder's page that the note was, or becomes, is the same address in another form.
        (Resolved::Page(a, _), Resolved::Note(b, _)) => *a == then.entry(*b).route,
        (a, b) => a == b,
    };
    let mut wrong = Vec::new();
    for (index, entry) in book.notes.iter().enumerate() {
        let path = path_then(NoteId::new(index));
        let Some(twin) = now.get(path).map(|id| then.entry(*id)) else {
            wrong.push((entry.note.source.path.clone(), 1, path.to_owned()));
            continue;
        };
        let text = entry.note.source.text();
        let line = |span: Span| LineIndex::new(&text).position(&text, span.start as usize).line;
        if entry.links.len() != twin.links.len() || entry.references.len() != twin.references.len() {
            wrong.push((entry.note.source.path.clone(), 1, path.to_owned()));
            continue;
        }
        for ((link, before), after) in entry.note.links.iter().zip(&entry.links).zip(&twin.links) {
            if !same(before, after) {
                wrong.push((entry.note.source.path.clone(), line(link.span), link.target.to_string()));
            }
        }
        for (before, after) in entry.references.iter().zip(&twin.references) {
            if !same(&before.target, &after.target) {
                wrong.push((entry.note.source.path.clone(), 1, before.text.clone()));
            }
        }
    }
    if let Some(alias) = &plan.alias {
        let leads_on = then.redirects.iter().any(|(route, to)| {
            route.as_str() == alias.trim_start_matches('/') && then.entry(*to).note.source.path == plan.to
        });
        // A page that is made anyway keeps its address.
        let generated = then.sections.iter().any(|section| section.route.as_str() == alias.trim_start_matches('/'));
        if !leads_on && !generated {
            wrong.push((plan.from.clone(), 1, format!("the alias {alias}")));
        }
    }
    wrong.truncate(20);
    wrong
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path's last part without `.md` and the like.
fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    [".md", ".markdown", ".html"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

/// `to` seen from a folder, both below the content folder.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = to.split('/').collect();
    let shared = from.iter().zip(&to[..to.len().saturating_sub(1)]).take_while(|(a, b)| a == b).count();
    let mut parts: Vec<&str> = vec![".."; from.len() - shared];
    parts.extend(&to[shared..]);
    parts.join("/")
}

/// A relative path from a folder; none if it leads out.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let tail = if path.ends_with('/') { "/" } else { "" };
    Some(parts.join("/") + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_a_folder() {
        assert_eq!(relative("a/b", "a/c/d.md"), "../c/d.md");
        assert_eq!(relative("", "a.md"), "a.md");
        assert_eq!(relative("a", "a/b.md"), "b.md");
        assert_eq!(relative("a/b/c", "x.md"), "../../../x.md");
        assert_eq!((join("a/b", "../c.md"), join("a", "../../c")), (Some("a/c.md".into()), None));
    }
}
