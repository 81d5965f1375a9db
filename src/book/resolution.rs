//! Every note's links with where they lead, who is linked from where, and what is wrong with links.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::links::{Names, Problem, Resolved};
use super::{Backlink, Entry, NoteId, Reference, printable};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::note::Note;
use crate::note::front_matter::FieldValue;
use crate::note::link::Form;
use crate::path::SourcePath;
use crate::text::{LineIndex, Span, fold};

/// Where one note's links and references lead.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order of [`Note::links`].
    pub links: Vec<Resolved>,
    /// In the order of the front matter.
    pub references: Vec<Reference>,
    /// What is wrong with them.
    pub faults: Faults,
}

/// What is wrong with one note's links.
#[derive(Debug, Default)]
pub struct Faults {
    /// What can be said of the note alone.
    pub said: Vec<Diagnostic>,
    /// Names that lead nowhere; what is said of one depends on how many there are in the book.
    pub unresolved: Vec<(Span, String)>,
}

impl Faults {
    /// There is nothing wrong.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.unresolved.is_empty()
    }
}

/// Resolves the links of one note.
pub fn resolve(names: &Names, id: NoteId) -> Outcome {
    let note = names.note(id);
    let mut problems: Vec<(Span, &str, Form, Problem)> = Vec::new();
    let links = note
        .links
        .iter()
        .map(|link| {
            let (resolved, problem) = names.resolve(id, link);
            problems.extend(problem.map(|problem| (link.span, &*link.target, link.form, problem)));
            resolved
        })
        .collect();
    let mut references = Vec::new();
    for entry in &note.front.entries {
        let FieldValue::Links(items) = &entry.value else { continue };
        for item in items {
            let (target, problem) = names.resolve_reference(id, &item.text);
            problems.extend(problem.map(|problem| (item.span, item.text.as_str(), Form::Inline, problem)));
            references.push(Reference { key: entry.key.clone(), text: item.text.clone(), target });
        }
    }
    Outcome { links, references, faults: faults(note, problems) }
}

fn faults(note: &Note, problems: Vec<(Span, &str, Form, Problem)>) -> Faults {
    let mut faults = Faults::default();
    if problems.is_empty() {
        return faults;
    }
    let text = note.source.text();
    let lines = LineIndex::new(&text);
    for (span, written, form, problem) in problems {
        match describe(&note.source.path, written, form, &problem) {
            Some(diagnostic) => faults.said.push(diagnostic.at(Place::new(&text, &lines, span))),
            None => faults.unresolved.push((span, written.to_owned())),
        }
    }
    faults
}

/// What one note's links add to the backlinks of others, in order; one for each target and role.
pub fn links_back<'o>(
    from: NoteId,
    links: &'o [Resolved],
    references: &'o [Reference],
) -> impl Iterator<Item = (NoteId, Backlink)> + 'o {
    let mut seen: HashSet<(NoteId, &str)> = HashSet::new();
    let references = references.iter().map(|reference| (&reference.target, reference.key.as_str(), None));
    let links = links.iter().zip(0..).map(|(target, index)| (target, "", Some(index)));
    references.chain(links).filter_map(move |(target, key, link)| match target {
        Resolved::Note(to, _) if *to != from && seen.insert((*to, key)) => {
            Some((*to, Backlink { key: key.to_owned(), from, link }))
        }
        _ => None,
    })
}

/// What is to be said of a link that is not as it should be; nothing yet of a name that leads nowhere.
fn describe(path: &SourcePath, written: &str, form: Form, problem: &Problem) -> Option<Diagnostic> {
    let written = printable(written);
    Some(match problem {
        Problem::NotFound { suggestion } => {
            let (code, message) = match form {
                Form::Image | Form::WikiImage => (Code::MissingFile, format!("no image at `{written}`")),
                _ => (Code::BrokenLink, format!("no note or file at `{written}`")),
            };
            let diagnostic = Diagnostic::new(code, path, message);
            match suggestion {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic,
            }
        }
        Problem::NoAnchor { target, fragment, suggestion } => {
            let diagnostic = Diagnostic::new(
                Code::BrokenAnchor,
                path,
                format!("`{}` has no heading `#{}`", printable(target), printable(fragment)),
            );
            match suggestion {
                Some(near) => diagnostic.hint(format!("did you mean `#{near}`?")),
                None => diagnostic.hint("the link leads to the top of the page"),
            }
        }
        Problem::Ambiguous { paths, count } => Diagnostic::new(
            Code::AmbiguousLink,
            path,
            format!("`{written}` fits {count} notes; `{}` is used", paths[0]),
        )
        .hint(format!(
            "write the path to be sure; the others are {}",
            paths[1..].iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ")
        )),
        Problem::Outside => {
            Diagnostic::new(Code::LinkOutside, path, format!("`{written}` leads out of the content folder"))
                .hint("only what lies in the content folder is published; link to a URL instead")
        }
        Problem::UnresolvedName => return None,
    })
}

/// The embeds of a note that lead to notes.
fn embeds(entry: &Entry) -> impl Iterator<Item = (Span, NoteId)> {
    entry.note.links.iter().zip(&entry.links).filter_map(|(link, target)| match target {
        Resolved::Note(to, _) if link.form == Form::Embed => Some((link.span, *to)),
        _ => None,
    })
}

/// Whether a note shows another one in it.
pub fn has_embeds(entry: &Entry) -> bool {
    embeds(entry).next().is_some()
}

/// Notes that embed one another in a circle: the page shows a link in place of the second turn.
pub fn embed_cycles(entries: &[Arc<Entry>]) -> Vec<Diagnostic> {
    let circles = circles(entries);
    let mut diagnostics = Vec::new();
    for (id, entry) in (0..).map(NoteId).zip(entries) {
        for (span, to) in embeds(entry) {
            if to != id && (!circles.contains_key(&id) || circles.get(&id) != circles.get(&to)) {
                continue;
            }
            let source = &entry.note.source;
            let message = match to == id {
                true => "this note embeds itself".to_owned(),
                false => format!("this note embeds itself through `{}`", entries[to.index()].note.source.path),
            };
            diagnostics.push(
                Diagnostic::new(Code::EmbedCycle, &source.path, message)
                    .at(source.place(span))
                    .hint("the second time it is shown as a link"),
            );
        }
    }
    diagnostics
}

/// For each note that embeds others, the circle that it is part of: the strongly connected component,
/// by Tarjan's algorithm without recursion.
fn circles(entries: &[Arc<Entry>]) -> HashMap<NoteId, usize> {
    struct Visit {
        order: usize,
        lowest: usize,
        is_open: bool,
    }
    let targets = |id: NoteId| embeds(&entries[id.index()]).map(|(_, to)| to).collect::<Vec<_>>();
    let mut visits: HashMap<NoteId, Visit> = HashMap::new();
    let mut circle_of = HashMap::new();
    let mut open: Vec<NoteId> = Vec::new();
    let starts = (0..).map(NoteId).zip(entries).filter(|(_, entry)| has_embeds(entry)).map(|(id, _)| id);
    for start in starts {
        if visits.contains_key(&start) {
            continue;
        }
        let mut path: Vec<(NoteId, Vec<NoteId>)> = Vec::new();
        let mut enter = Some(start);
        loop {
            if let Some(id) = enter.take() {
                let order = visits.len();
                visits.insert(id, Visit { order, lowest: order, is_open: true });
                open.push(id);
                path.push((id, targets(id)));
            }
            let Some((id, left)) = path.last_mut() else { break };
            let id = *id;
            if let Some(to) = left.pop() {
                match visits.get(&to).filter(|visit| visit.is_open).map(|visit| visit.order) {
                    Some(order) => lower(visits.get_mut(&id).map(|visit| &mut visit.lowest), order),
                    None if visits.contains_key(&to) => {}
                    None => enter = Some(to),
                }
                continue;
            }
            path.pop();
            let Some(&Visit { order, lowest, .. }) = visits.get(&id) else { break };
            if let Some((above, _)) = path.last() {
                lower(visits.get_mut(above).map(|visit| &mut visit.lowest), lowest);
            }
            if lowest == order {
                while let Some(member) = open.pop() {
                    if let Some(visit) = visits.get_mut(&member) {
                        visit.is_open = false;
                    }
                    circle_of.insert(member, order);
                    if member == id {
                        break;
                    }
                }
            }
        }
    }
    circle_of
}

fn lower(lowest: Option<&mut usize>, to: usize) {
    if let Some(lowest) = lowest {
        *lowest = to.min(*lowest);
    }
}

/// What has been looked for among the names of all notes: near ones, by the folded name.
pub type Near = HashMap<String, Option<String>>;

/// Wikilinks to nothing. A near miss is a slip, and so are a few; many are another notation (or
/// notes that are yet to be written) and get one word for the lot.
pub fn say_unresolved(names: &Names, near: &mut Near, unresolved: &[(NoteId, Span, &str)]) -> Vec<Diagnostic> {
    const FEW: usize = 10;
    let mut diagnostics = Vec::new();
    let mut count_by_name: BTreeMap<String, usize> = BTreeMap::new();
    let mut as_written: HashMap<String, &str> = HashMap::new();
    for (_, _, written) in unresolved {
        *count_by_name.entry(fold(written)).or_insert(0) += 1;
        as_written.entry(fold(written)).or_insert(written);
    }
    let source = |id: NoteId| &names.note(id).source;
    // One index of lines for each note, however many of its links are unresolved.
    let mut texts: HashMap<NoteId, (Cow<'_, str>, LineIndex)> = HashMap::new();
    let mut place = |id: NoteId, span: Span| {
        let (text, lines) = texts.entry(id).or_insert_with(|| {
            let text = source(id).text();
            let lines = LineIndex::new(&text);
            (text, lines)
        });
        Place::new(text, lines, span)
    };
    let few = unresolved.len() <= FEW;
    // The search for near names looks at every note: only for few names, which also bounds the cost.
    let looked_for = count_by_name.keys().take(200);
    let mut near: HashMap<&str, &str> = {
        for name in looked_for.clone() {
            near.entry(name.clone()).or_insert_with(|| names.suggest_name(name));
        }
        looked_for.filter_map(|name| Some((name.as_str(), near.get(name)?.as_deref()?))).collect()
    };
    // Many near misses are no slips, but a habit (numbers without their titles, say): one word for them, too.
    if near.len() > FEW && !few {
        near.clear();
    }
    let mut rest = Vec::new();
    let mut said: HashSet<String> = HashSet::new();
    for (id, span, written) in unresolved {
        let suggestion = near.get(fold(written).as_str());
        if !few && suggestion.is_none() {
            rest.push((*id, *span, written));
            continue;
        }
        // A slip that was copied is one slip: it is said where it stands first.
        if !few && !said.insert(fold(written)) {
            continue;
        }
        let diagnostic =
            Diagnostic::new(Code::BrokenLink, &source(*id).path, format!("no note is called `{}`", printable(written)))
                .at(place(*id, *span));
        let others = count_by_name.get(&fold(written)).copied().unwrap_or(1) - 1;
        let diagnostic = match suggestion {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint("it is shown as it was typed"),
        };
        diagnostics.push(match others {
            0 => diagnostic,
            _ if few => diagnostic,
            1 => diagnostic.hint("one other link says the same"),
            n => diagnostic.hint(format!("{n} other links say the same")),
        });
    }
    if let Some((id, span, _)) = rest.first() {
        let mut names: Vec<(&String, &usize)> =
            count_by_name.iter().filter(|(name, _)| !near.contains_key(name.as_str())).collect();
        names.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
        let top: Vec<String> = names
            .iter()
            .take(5)
            .map(|(name, count)| {
                format!("`{}` ({count})", printable(as_written.get(*name).copied().unwrap_or(name.as_str())))
            })
            .collect();
        diagnostics.push(
            Diagnostic::new(
                Code::UnresolvedWikilinks,
                &source(*id).path,
                format!("{} wikilinks to {} names lead to no note; the first is here", rest.len(), names.len()),
            )
            .at(place(*id, *span))
            .hint(format!("the most frequent: {}", top.join(", ")))
            .hint("they are shown as they were typed"),
        );
    }
    diagnostics
}
