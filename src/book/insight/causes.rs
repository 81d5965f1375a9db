//! What moves what: the causes and effects that notes name under `affects`, as one graph, and the
//! loops in it.
//!
//! A *factor* is what some note names as an effect. The note whose title or file name is a factor's
//! name stands for it, so that its own effects lead on from there. Other notes say something about
//! factors and are no factors themselves.
//!
//! A loop *reinforces* when an even number of its arrows turns the sign, and *balances* when it is an
//! odd number (Sterman, Business Dynamics, 2000, ch. 5). Loops are found by a depth-first search from
//! each factor over factors behind it in the order (as Tiernan 1970 does), bounded in length and number.

use std::collections::{BTreeMap, HashMap};

use super::Ground;
use crate::book::NoteId;
use crate::note::items::{Effect, Sign};
use crate::path::slug;

/// Factors that are drawn: those with most arrows.
pub const MOST_FACTORS: usize = 40;
/// Arrows in a loop, loops that are shown, and steps of the search for them.
const LONGEST_LOOP: usize = 8;
const MOST_LOOPS: usize = 24;
const MOST_STEPS: usize = 200_000;

/// Something that moves or is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// As most notes write it.
    pub label: String,
    /// The note that stands for it.
    pub note: Option<NoteId>,
}

/// One factor moves another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// Index of the cause among the factors.
    pub from: usize,
    /// Index of the effect.
    pub to: usize,
    /// Which way.
    pub sign: Sign,
}

/// A note that is no factor and says that it moves one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The note.
    pub note: NoteId,
    /// Index of the factor.
    pub on: usize,
    /// Which way.
    pub sign: Sign,
}

/// A way round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Indices of its factors, in the order of the arrows; the last one moves the first.
    pub factors: Vec<usize>,
    /// What it does; none where an arrow has no sign.
    pub reinforcing: Option<bool>,
}

/// The whole graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes {
    /// The factors, those with most arrows first; at most [`MOST_FACTORS`].
    pub factors: Vec<Factor>,
    /// The arrows between them.
    pub arrows: Vec<Arrow>,
    /// What other notes say of them, newest first.
    pub observations: Vec<Observation>,
    /// The loops, the shortest first.
    pub loops: Vec<Loop>,
    /// Factors that are left out of the graph.
    pub left_out: usize,
}

/// Draws the graph.
pub fn draw(ground: Ground<'_>) -> Causes {
    let mut said: Vec<(NoteId, String, Effect)> = Vec::new();
    let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for (note, entry) in ground.newest.iter().map(|id| (*id, ground.entry(*id))) {
        for item in entry.note.front.list("affects") {
            let Some(effect) = Effect::read(&item.text) else { continue };
            let key = slug(&effect.on);
            *spellings.entry(key.clone()).or_default().entry(effect.on.to_string()).or_insert(0) += 1;
            said.push((note, key, effect));
        }
    }
    if said.is_empty() {
        return Causes::default();
    }
    // The note that stands for a factor: of several, the one with the shortest path.
    let mut stands_for: HashMap<&str, NoteId> = HashMap::new();
    let keys: HashMap<&str, usize> = spellings.keys().enumerate().map(|(at, key)| (key.as_str(), at)).collect();
    let path = |id: NoteId| ground.entry(id).note.path();
    for (index, entry) in ground.notes.iter().enumerate() {
        let id = NoteId::new(index);
        for name in [slug(&entry.note.title.text), slug(entry.note.source.path.stem())] {
            if let Some((key, _)) = keys.get_key_value(name.as_str()) {
                let known = stands_for.entry(key).or_insert(id);
                if path(id).len() < path(*known).len() {
                    *known = id;
                }
            }
        }
    }
    let of_note: HashMap<NoteId, &str> = stands_for.iter().map(|(key, id)| (*id, *key)).collect();
    let mut degree: BTreeMap<&str, usize> = BTreeMap::new();
    for (note, key, _) in &said {
        *degree.entry(key).or_insert(0) += 1;
        if let Some(own) = of_note.get(note) {
            *degree.entry(own).or_insert(0) += 1;
        }
    }
    let mut order: Vec<&str> = degree.keys().copied().collect();
    order.sort_by_key(|key| (std::cmp::Reverse(degree[key]), *key));
    let left_out = order.len().saturating_sub(MOST_FACTORS);
    order.truncate(MOST_FACTORS);
    let place: HashMap<&str, usize> = order.iter().enumerate().map(|(at, key)| (*key, at)).collect();
    let factors = order
        .iter()
        .map(|key| {
            let label = spellings[*key].iter().max_by_key(|(label, count)| (**count, std::cmp::Reverse(*label)));
            Factor {
                label: label.map_or_else(String::new, |(label, _)| label.clone()),
                note: stands_for.get(key).copied(),
            }
        })
        .collect();
    let mut arrows: BTreeMap<(usize, usize), Sign> = BTreeMap::new();
    let mut observations = Vec::new();
    for (note, key, effect) in &said {
        let Some(&to) = place.get(key.as_str()) else { continue };
        match of_note.get(note).and_then(|own| place.get(own)) {
            Some(&from) if from != to => {
                arrows.entry((from, to)).or_insert(effect.sign);
            }
            Some(_) => {}
            None => observations.push(Observation { note: *note, on: to, sign: effect.sign }),
        }
    }
    let arrows: Vec<Arrow> = arrows.into_iter().map(|((from, to), sign)| Arrow { from, to, sign }).collect();
    let loops = loops(order.len(), &arrows);
    Causes { factors, arrows, observations, loops, left_out }
}

/// The loops of a graph with `factors` nodes: each once, the shortest first.
fn loops(factors: usize, arrows: &[Arrow]) -> Vec<Loop> {
    let mut out: Vec<Vec<(usize, Sign)>> = vec![Vec::new(); factors];
    for arrow in arrows {
        out[arrow.from].push((arrow.to, arrow.sign));
    }
    let mut found: Vec<Loop> = Vec::new();
    let mut steps = 0;
    for start in 0..factors {
        // A path of (factor, sign of the arrow to it), and for each of its ends the next arrow to try.
        let mut path: Vec<(usize, Sign)> = vec![(start, Sign::More)];
        let mut next: Vec<usize> = vec![0];
        while let Some(at) = next.last_mut() {
            steps += 1;
            if steps > MOST_STEPS {
                break;
            }
            let here = path[path.len() - 1].0;
            let Some(&(to, sign)) = out[here].get(*at) else {
                path.pop();
                next.pop();
                continue;
            };
            *at += 1;
            if to == start {
                let signs = || path[1..].iter().map(|(_, sign)| *sign).chain([sign]);
                let unsaid = signs().any(|sign| sign == Sign::Unsaid);
                let turns = signs().filter(|sign| *sign == Sign::Less).count();
                let reinforcing = (!unsaid).then_some(turns % 2 == 0);
                found.push(Loop { factors: path.iter().map(|(factor, _)| *factor).collect(), reinforcing });
            } else if to > start && path.len() < LONGEST_LOOP && !path.iter().any(|(factor, _)| *factor == to) {
                path.push((to, sign));
                next.push(0);
            }
        }
    }
    found.sort_by(|a, b| (a.factors.len(), &a.factors).cmp(&(b.factors.len(), &b.factors)));
    found.truncate(MOST_LOOPS);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrows(of: &[(usize, usize, Sign)]) -> Vec<Arrow> {
        of.iter().map(|&(from, to, sign)| Arrow { from, to, sign }).collect()
    }

    #[test]
    fn loops_reinforce_or_balance_by_their_signs() {
        use Sign::{Less, More, Unsaid};
        let found =
            loops(4, &arrows(&[(0, 1, More), (1, 2, More), (2, 0, Less), (1, 0, More), (2, 3, Unsaid), (3, 2, More)]));
        let shown: Vec<(Vec<usize>, Option<bool>)> =
            found.into_iter().map(|one| (one.factors, one.reinforcing)).collect();
        assert_eq!(shown, [(vec![0, 1], Some(true)), (vec![2, 3], None), (vec![0, 1, 2], Some(false))]);
        assert_eq!(loops(2, &arrows(&[(0, 1, More)])), vec![]);
    }

    #[test]
    fn a_dense_graph_ends() {
        let dense: Vec<Arrow> = (0..MOST_FACTORS)
            .flat_map(|from| {
                (0..MOST_FACTORS).filter(move |to| *to != from).map(move |to| Arrow { from, to, sign: Sign::More })
            })
            .collect();
        assert_eq!(loops(MOST_FACTORS, &dense).len(), MOST_LOOPS);
    }
}
