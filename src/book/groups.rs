//! The notes by what they have in common: tags, people, teams, tickets, statuses, results, years, kinds.

use std::collections::{HashMap, HashSet};

use super::terms::{self, Gather, Symbol, Terms};
use super::{Entry, NoteId, Remark, printable, sections};
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic};
use crate::note::Note;
use crate::note::link::Name;
use crate::text::{closest, fold};

/// All groups that are terms.
pub struct Groups {
    /// Nested.
    pub tags: Terms,
    /// Authors.
    pub people: Terms,
    /// Teams.
    pub teams: Terms,
    /// Tickets.
    pub tickets: Terms,
    /// Values of `status`.
    pub statuses: Terms,
    /// Values of `result`.
    pub results: Terms,
    /// Years.
    pub years: Terms,
}

/// All notes with a date, newest first, then those without one.
pub fn newest_first(entries: &[Entry]) -> Vec<NoteId> {
    let mut ids: Vec<NoteId> = (0..entries.len()).map(NoteId::new).collect();
    ids.sort_by_key(|id| std::cmp::Reverse(entries[id.index()].date));
    ids
}

/// A person's name as written: without a mail address and without `@`. Of an address alone its name
/// is left; addresses are not published.
fn person_name(written: &str) -> &str {
    let (name, rest) = written.split_once('<').unwrap_or((written, ""));
    let name = match (name.trim(), rest.split_once('@')) {
        ("", Some((mailbox, _))) => mailbox.trim(),
        ("", None) => written.trim(),
        (name, _) => name,
    };
    name.strip_prefix('@').unwrap_or(name)
}

/// Gathers the terms, and sets each note's own.
pub fn gather(config: &Config, entries: &mut [Entry], newest: &[NoteId], remarks: &mut Vec<Remark>) -> Groups {
    let mut tags = Gather::nested();
    let (mut people, mut teams, mut tickets) = (Gather::default(), Gather::default(), Gather::default());
    let (mut statuses, mut results, mut years) = (Gather::default(), Gather::default(), Gather::default());
    // What is wrong with a tag is the same wherever it stands.
    let mut wrong: HashMap<Symbol, Vec<Diagnostic>> = HashMap::new();
    // Newest first, as a term's notes are to be.
    for &id in newest {
        let entry = &mut entries[id.index()];
        let note = entry.note.clone();
        let front = &note.front;
        let in_front = front.list("tags").iter().enumerate().map(|(index, item)| (item.text.as_str(), Some(index)));
        let in_text = note.names.iter().filter_map(|name| match name {
            Name::Tag(tag) => Some((&**tag, None)),
            Name::Person(_) => None,
        });
        for (written, index) in in_front.chain(in_text) {
            let Some(symbol) = tags.add(written, id, |written| config.tags.canonical(written)) else { continue };
            entry.tags.push(symbol.index());
            let wrong = wrong.entry(symbol).or_insert_with(|| wrong_with(config, written));
            for diagnostic in wrong.iter() {
                let diagnostic = Diagnostic { file: note.source.path.clone(), ..diagnostic.clone() };
                let span = |note: &Note, index: usize| note.front.list("tags").get(index).map(|item| item.span);
                // What stands in the text has no place.
                remarks.push(Remark { note: id, index: index.unwrap_or(usize::MAX), span, diagnostic });
            }
        }
        let mut named: Vec<&str> = front.list("authors").iter().map(|item| item.text.as_str()).collect();
        if named.is_empty() {
            named.extend(entry.history.as_ref().map(|history| &*history.author));
        }
        for written in named {
            let symbol = people.add(written, id, |written| config.person(person_name(written)));
            entry.authors.extend(symbol.map(Symbol::index));
        }
        entry.team = front.text("team").and_then(|team| teams.add(team, id, |team| team)).map(Symbol::index);
        let in_front = front.list("tickets").iter().map(|item| item.text.as_str());
        for ticket in in_front.chain(note.tickets.iter().map(|ticket| &**ticket)) {
            entry.tickets.extend(tickets.add(ticket, id, |ticket| ticket).map(Symbol::index));
        }
        // Values in the kind's own vocabulary only: a foreign word is shown on the note, no more.
        for (key, gather) in [("status", &mut statuses), ("result", &mut results)] {
            if let Some(value) = front.text(key)
                && let Some(known) = config.choice(&note.kind, key, value)
            {
                gather.add(&known.name, id, |name| name);
            }
        }
        if let Some(date) = entry.date {
            years.add(&date.year().to_string(), id, |year| year);
        }
    }
    let (tags, tag_of) = tags.finish("tags");
    let (people, person_of) = people.finish("people");
    let (teams, team_of) = teams.finish("teams");
    let (tickets, ticket_of) = tickets.finish("tickets");
    for entry in entries {
        let of = |symbols: &mut Vec<usize>, index_of: &[usize]| {
            for symbol in symbols.iter_mut() {
                *symbol = index_of[*symbol];
            }
            keep_first(symbols);
        };
        of(&mut entry.tags, &tag_of);
        of(&mut entry.authors, &person_of);
        of(&mut entry.tickets, &ticket_of);
        entry.team = entry.team.map(|symbol| team_of[symbol]);
    }
    Groups {
        tags,
        people,
        teams,
        tickets,
        statuses: statuses.finish("browse/status").0,
        results: results.finish("browse/result").0,
        years: years.finish("browse/year").0,
    }
}

/// Leaves out what stands there already.
fn keep_first(items: &mut Vec<usize>) {
    if items.len() > 1 {
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(*item));
    }
}

/// People by first name, folded; none where several have it.
pub fn first_names(people: &Terms) -> HashMap<String, Option<usize>> {
    let mut first_names = HashMap::with_capacity(people.len());
    for (index, person) in people.iter().enumerate() {
        let name = fold(person.label.split(' ').next().unwrap_or(&person.label));
        first_names.entry(name).and_modify(|known| *known = None).or_insert(Some(index));
    }
    first_names
}

fn wrong_with(config: &Config, written: &str) -> Vec<Diagnostic> {
    let name = config.tags.canonical(written);
    let mut wrong = Vec::new();
    if name.split('/').count() > terms::MAX_DEPTH {
        let message = format!("a tag is nested deeper than {}", terms::MAX_DEPTH);
        wrong.push(Diagnostic::new(Code::InvalidValue, &Config::file(), message).hint("its first parts are used"));
    }
    if !config.tags.allows(name) {
        let allowed = config.tags.allow.iter().flatten().map(|tag| tag.trim_end_matches("/*"));
        let message = format!("the tag `{}` is not in the book's list", printable(name));
        let diagnostic = Diagnostic::new(Code::UnknownTag, &Config::file(), message);
        wrong.push(match closest(name, allowed) {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => diagnostic.hint("add it to `allow` under `[tags]` in book.toml, or use one of those"),
        });
    }
    wrong
}

/// The notes of each kind, in the order of the configuration; newest first.
pub fn by_kind(config: &Config, entries: &[Entry], newest: &[NoteId]) -> Vec<Vec<NoteId>> {
    let index: HashMap<&str, usize> =
        config.kinds.iter().enumerate().map(|(i, kind)| (kind.name.as_str(), i)).collect();
    let mut lists = vec![Vec::new(); index.len()];
    for id in newest {
        let entry = &entries[id.index()];
        let is_folder_page = sections::page_rank(entry.note.source.path.name()).is_some();
        if let Some(kind) = index.get(entry.note.kind.as_str()).filter(|_| !is_folder_page) {
            lists[*kind].push(*id);
        }
    }
    lists
}
