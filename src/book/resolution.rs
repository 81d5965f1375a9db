//! Every note's links with where they lead, who is linked from where, and what is wrong with links.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::links::{Names, Problem, Resolved};
use super::{Backlink, NoteId, Reference, printable};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::note::front_matter::FieldValue;
use crate::note::link::Form;
use crate::text::{LineIndex, Span, fold};

/// A search for a near name looks at every name there is, so a book has this many of each kind, in the
/// order of its notes. Many wrong links are no slips.
const MAX_SEARCHES: usize = 200;

/// Where one note's links and references lead.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order of [`Note::links`](crate::note::Note::links).
    pub links: Vec<Resolved>,
    /// In the order of the front matter.
    pub references: Vec<Reference>,
    /// What is wrong with them.
    pub faults: Faults,
}

/// What is wrong with one note's links.
#[derive(Debug, Default)]
pub struct Faults {
    /// In order.
    found: Vec<Fault>,
    /// Searches that they would need.
    searches: usize,
    /// What was said of them when they were allowed so many.
    said: Option<(usize, Vec<Diagnostic>)>,
}

#[derive(Debug)]
struct Fault {
    span: Span,
    written: String,
    form: Form,
    problem: Problem,
}

impl Faults {
    fn of(found: Vec<Fault>) -> Self {
        let searches =
            |fault: &&Fault| matches!(fault.problem, Problem::NotFound { wanted: Some(_) } | Problem::NoAnchor { .. });
        Faults { searches: found.iter().filter(searches).count(), found, said: None }
    }

    /// There is nothing wrong.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What can be said of one note's links alone, with at most so many searches.
    fn say(&mut self, names: &Names, id: NoteId, allowed: usize) -> &[Diagnostic] {
        let known = self.said.take().filter(|(with, _)| *with == allowed);
        let said = known.unwrap_or_else(|| {
            let source = &names.note(id).source;
            let text = source.text();
            let lines = LineIndex::new(&text);
            let mut left = allowed;
            let said = self.found.iter().filter_map(|fault| {
                let diagnostic = describe(names, id, &mut left, fault)?;
                Some(diagnostic.at(Place::new(&text, &lines, fault.span)))
            });
            (allowed, said.collect())
        });
        &self.said.insert(said).1
    }
}

/// Resolves the links of one note.
pub fn resolve(names: &Names, id: NoteId) -> Outcome {
    let note = names.note(id);
    let mut found = Vec::new();
    let mut fault = |span, written: &str, form, problem: Option<Problem>| {
        found.extend(problem.map(|problem| Fault { span, written: written.to_owned(), form, problem }));
    };
    let links = note
        .links
        .iter()
        .map(|link| {
            let (resolved, problem) = names.resolve(id, link);
            fault(link.span, &link.target, link.form, problem);
            resolved
        })
        .collect();
    let mut references = Vec::new();
    for entry in &note.front.entries {
        let FieldValue::Links(items) = &entry.value else { continue };
        for item in items {
            let (target, problem) = names.resolve_reference(id, &item.text);
            // What was read in the text is a link there, too, and is reported there.
            let problem = problem.filter(|_| (item.span.start as usize) < note.front.body_start);
            fault(item.span, &item.text, Form::Inline, problem);
            references.push(Reference { key: entry.key.clone(), text: item.text.clone(), target });
        }
    }
    Outcome { links, references, faults: Faults::of(found) }
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

/// All that is wrong with links; `faults` are in the order of the notes.
pub fn say(names: &Names, near: &mut Near, faults: &mut BTreeMap<NoteId, Faults>) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let mut left = MAX_SEARCHES;
    for (id, faults) in faults.iter_mut() {
        let allowed = left.min(faults.searches);
        left -= allowed;
        all.extend_from_slice(faults.say(names, *id, allowed));
    }
    let unresolved = faults.iter().flat_map(|(id, faults)| {
        let unresolved = faults.found.iter().filter(|fault| fault.problem == Problem::UnresolvedName);
        unresolved.map(|fault| (*id, fault.span, fault.written.as_str()))
    });
    all.extend(say_unresolved(names, near, &unresolved.collect::<Vec<_>>()));
    all
}

/// What is to be said of a link that is not as it should be; nothing yet of a name that leads nowhere.
fn describe(names: &Names, from: NoteId, searches: &mut usize, fault: &Fault) -> Option<Diagnostic> {
    let written = printable(&fault.written);
    let path = &names.note(from).source.path;
    let mut may_search = || {
        let may = *searches > 0;
        *searches = searches.saturating_sub(1);
        may
    };
    Some(match &fault.problem {
        Problem::NotFound { wanted } => {
            let (code, message) = match fault.form {
                Form::Image | Form::WikiImage => (Code::MissingFile, format!("no image at `{written}`")),
                _ => (Code::BrokenLink, format!("no note or file at `{written}`")),
            };
            let diagnostic = Diagnostic::new(code, path, message);
            match wanted.as_ref().and_then(|wanted| names.suggest_path(from, wanted, may_search())) {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic,
            }
        }
        Problem::NoAnchor { note, fragment } => {
            let target = printable(&names.note(*note).title.text);
            let diagnostic = Diagnostic::new(
                Code::BrokenAnchor,
                path,
                format!("`{target}` has no heading `#{}`", printable(fragment)),
            );
            match may_search().then(|| names.suggest_anchor(*note, fragment)).flatten() {
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

/// What has been looked for among the names of all notes: near ones, by the folded name.
pub type Near = HashMap<String, Option<String>>;

/// Wikilinks to nothing. A near miss is a slip, and so are a few; many are another notation (or
/// notes that are yet to be written) and get one word for the lot.
fn say_unresolved(names: &Names, near: &mut Near, unresolved: &[(NoteId, Span, &str)]) -> Vec<Diagnostic> {
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
    let looked_for = count_by_name.keys().take(MAX_SEARCHES);
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
