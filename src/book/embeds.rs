//! Notes that embed one another in a circle.

use std::collections::HashMap;
use std::sync::Arc;

use super::links::Resolved;
use super::{Entry, NoteId};
use crate::diagnostic::{Code, Diagnostic};
use crate::note::link::{Form, Link};

/// A diagnostic for each embed through which its note is shown within itself: the page has a link in
/// place of the second turn.
pub fn cycles(entries: &[Arc<Entry>]) -> Vec<Diagnostic> {
    let embeds = |id: NoteId| embeds(&entries[id.index()]);
    let graph: Vec<(NoteId, Vec<NoteId>)> = (0..entries.len())
        .map(NoteId::new)
        .map(|id| (id, embeds(id).map(|(_, to)| to).collect::<Vec<_>>()))
        .filter(|(_, embedded)| !embedded.is_empty())
        .collect();
    let circle = circles(&graph);
    let mut diagnostics = Vec::new();
    for (id, _) in &graph {
        for (link, first) in embeds(*id).filter(|(_, first)| circle.get(first) == circle.get(id)) {
            let source = &entries[id.index()].note.source;
            let through = &entries[first.index()].note.source.path;
            let message = match first == *id {
                true => "this note embeds itself".to_owned(),
                false => format!("this note embeds itself through `{through}`"),
            };
            diagnostics.push(
                Diagnostic::new(Code::EmbedCycle, &source.path, message)
                    .at(source.place(link.span))
                    .hint("the second time it is shown as a link"),
            );
        }
    }
    diagnostics
}

/// The embeds of a note that lead to notes.
fn embeds(entry: &Entry) -> impl Iterator<Item = (&Link, NoteId)> {
    entry.note.links.iter().zip(&entry.links).filter_map(|(link, target)| match target {
        Resolved::Note(to, _) if link.form == Form::Embed => Some((link, *to)),
        _ => None,
    })
}

/// Whether a note shows another one in it.
pub fn has_embeds(entry: &Entry) -> bool {
    embeds(entry).next().is_some()
}

/// The circle that each note of the graph is part of, by one of its notes; a note in no circle is one
/// of its own. The strongly connected components, in one pass: R. Tarjan, "Depth-first search and
/// linear graph algorithms" (1972), with a stack of its own in place of recursion.
fn circles(graph: &[(NoteId, Vec<NoteId>)]) -> HashMap<NoteId, NoteId> {
    let next: HashMap<NoteId, &[NoteId]> = graph.iter().map(|(id, embedded)| (*id, embedded.as_slice())).collect();
    let mut circle: HashMap<NoteId, NoteId> = HashMap::new();
    // Of each note on the path or in an unfinished circle: when it was met, and the first that it leads back to.
    let mut met: HashMap<NoteId, (usize, usize)> = HashMap::new();
    let mut unfinished: Vec<NoteId> = Vec::new();
    for (start, _) in graph {
        let mut path: Vec<(NoteId, usize)> = vec![(*start, 0)];
        while let Some((id, seen)) = path.last_mut() {
            let id = *id;
            if *seen == 0 && !met.contains_key(&id) {
                if circle.contains_key(&id) {
                    path.pop();
                    continue;
                }
                met.insert(id, (met.len() + circle.len(), met.len() + circle.len()));
                unfinished.push(id);
            }
            let below = next.get(&id).and_then(|embedded| embedded.get(*seen)).copied();
            *seen += 1;
            match below {
                Some(to) if circle.contains_key(&to) => {}
                Some(to) => match met.get(&to).copied() {
                    Some((order, _)) => {
                        met.entry(id).and_modify(|(_, back)| *back = order.min(*back));
                    }
                    None => path.push((to, 0)),
                },
                None => {
                    path.pop();
                    let Some(&(order, back)) = met.get(&id) else { continue };
                    if let Some((above, _)) = path.last() {
                        met.entry(*above).and_modify(|(_, least)| *least = back.min(*least));
                    }
                    if back == order {
                        while let Some(member) = unfinished.pop() {
                            met.remove(&member);
                            circle.insert(member, id);
                            if member == id {
                                break;
                            }
                        }
                    }
                }
            }
        }
    }
    circle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_that_lead_back_to_one_another_are_one_circle() {
        let graph = |edges: &[(u32, &[u32])]| -> Vec<(NoteId, Vec<NoteId>)> {
            edges.iter().map(|(id, to)| (NoteId(*id), to.iter().map(|to| NoteId(*to)).collect())).collect()
        };
        // Two circles with a note between them, a note that embeds itself, and ends.
        let found = circles(&graph(&[
            (0, &[1, 9]),
            (1, &[2]),
            (2, &[0, 3]),
            (3, &[4]),
            (4, &[5, 8]),
            (5, &[4]),
            (6, &[6, 0]),
            (7, &[9]),
        ]));
        let same = |a: u32, b: u32| found[&NoteId(a)] == found[&NoteId(b)];
        assert!(same(0, 1) && same(1, 2) && same(4, 5));
        for (a, b) in [(2, 3), (3, 4), (0, 4), (6, 0), (7, 9), (8, 4), (9, 0)] {
            assert!(!same(a, b), "{a} and {b}");
        }
    }

    #[test]
    fn a_long_chain_is_walked_without_recursion() {
        let chain: Vec<(NoteId, Vec<NoteId>)> =
            (0..200_000).map(|i| (NoteId(i), vec![NoteId((i + 1) % 200_000)])).collect();
        let found = circles(&chain);
        assert!(found.len() == 200_000 && found.values().all(|circle| *circle == found[&NoteId(0)]));
    }
}
