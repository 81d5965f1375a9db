//! Which address each note, alias and file has, and that no two have the same one, also on a disk
//! that ignores case.

use std::collections::{BTreeMap, HashMap, HashSet, hash_map};

use super::groups::Groups;
use super::{Entry, NoteId, PAGE_FOLDERS, PublishedAsset, Remark, SHEET_FOLDERS, printable, sections};
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic};
use crate::memo::{Fingerprint, FingerprintMap};
use crate::note::Note;
use crate::note::front_matter::FieldValue;
use crate::path::{Route, SourcePath};
use crate::source::Asset;
use crate::text::{Span, fold};

/// Files at the top of every site that are no pages.
const SITE_FILES: [&str; 6] = ["feed.xml", "feed.json", "index.json", "llms.txt", "sitemap.xml", "_headers"];

/// The notes by the fingerprint of their addresses' [`Route::collision_key`].
#[derive(Debug, Default)]
pub struct Addresses {
    taken: FingerprintMap<NoteId>,
    /// The numbers given so far at each address: of a thousand namesakes each looks from the last one on.
    numbers: FingerprintMap<usize>,
}

fn key_of(route: &Route) -> Fingerprint {
    Fingerprint::of_bytes(route.collision_key().as_bytes())
}

fn stem_of(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

impl Addresses {
    /// Gives each note its route. Two notes with one address are an error; both stay reachable, the
    /// second one under a number.
    pub fn give(
        config: &Config,
        entries: &mut [Entry],
        folder_pages: &HashMap<String, NoteId>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut addresses = Addresses::default();
        addresses.taken.reserve(entries.len());
        let mut is_page = vec![false; entries.len()];
        for (folder, id) in folder_pages {
            is_page[id.index()] = true;
            entries[id.index()].route = sections::folder_route(config, folder);
        }
        // A folder's page and a note whose name needs no change come first: they keep the address.
        for first in [(true, true), (true, false), (false, true), (false, false)] {
            for (index, is_page) in is_page.iter().enumerate() {
                let Entry { route, note, .. } = &entries[index];
                let keeps_name = || stem_of(route.as_str()) == stem_of(note.path());
                if *is_page == first.0 && keeps_name() == first.1 {
                    let key = if *is_page { key_of(route) } else { note.keys.address };
                    addresses.take(entries, NoteId::new(index), key, diagnostics);
                }
            }
        }
        addresses
    }

    fn take(&mut self, entries: &mut [Entry], id: NoteId, key: Fingerprint, diagnostics: &mut Vec<Diagnostic>) {
        let Some(&first) = self.taken.get(&key) else {
            self.taken.insert(key, id);
            return;
        };
        let other = &entries[first.index()];
        diagnostics.push(
            Diagnostic::new(
                Code::SameAddress,
                &entries[id.index()].note.source.path,
                format!("`{}` has the same address, `{}`", other.note.source.path, other.route),
            )
            .hint("rename one of them; until then this note has a number at its address's end"),
        );
        let base = entries[id.index()].route.with_ending("");
        let number = self.numbers.entry(key).or_insert(1);
        loop {
            *number += 1;
            let route = Route::new(format!("{base}-{number}.html"));
            if let hash_map::Entry::Vacant(free) = self.taken.entry(key_of(&route)) {
                free.insert(id);
                entries[id.index()].route = route;
                break;
            }
        }
    }

    /// What old addresses lead to. `pages` are the addresses of all pages that are made without a note, as
    /// collision keys.
    pub fn redirects(
        &self,
        entries: &[Entry],
        pages: &HashSet<String>,
        remarks: &mut Vec<Remark>,
    ) -> BTreeMap<Route, NoteId> {
        let mut redirects: BTreeMap<Route, NoteId> = BTreeMap::new();
        let mut taken: FingerprintMap<NoteId> = FingerprintMap::default();
        for (id, entry) in (0..).map(NoteId).zip(entries) {
            for (index, (written, _)) in old_addresses(&entry.note).enumerate() {
                let mut say = |code, message: String, hint: &str| {
                    let diagnostic = Diagnostic::new(code, &entry.note.source.path, message).hint(hint);
                    let span = |note: &Note, index| old_addresses(note).nth(index).map(|(_, span)| span);
                    remarks.push(Remark { note: id, index, span, diagnostic });
                };
                let route = match Route::alias(written) {
                    Ok(route) => route,
                    Err(reason) => {
                        say(
                            Code::InvalidAlias,
                            format!("the alias `{}` {reason}", printable(written)),
                            "an alias is one path below the site's root, such as `old/name.html` or `/old/name/`",
                        );
                        continue;
                    }
                };
                let key = key_of(&route);
                let owner = self.taken.get(&key).copied();
                // What leads to the note already needs no redirect.
                if owner == Some(id) {
                    continue;
                }
                let other = [owner, taken.get(&key).copied()].into_iter().flatten().find(|other| *other != id);
                if let Some(other) = other {
                    say(
                        Code::AliasTaken,
                        format!("`{}` already has the address `{route}`", entries[other.index()].note.source.path),
                        "remove this alias: the other note keeps the address",
                    );
                } else if let Some(page) =
                    [route.collision_key(), fold(written.trim_matches('/'))].into_iter().find(|key| pages.contains(key))
                {
                    say(
                        Code::AliasTaken,
                        format!("`{page}` is made by the site itself"),
                        "remove this alias: what the site makes keeps the address",
                    );
                } else if taken.insert(key, id).is_none() {
                    redirects.insert(route, id);
                }
            }
        }
        redirects
    }

    /// The files that are published as they are; `prefix` is the content folder's.
    pub fn assets(
        &self,
        assets: &[Asset],
        prefix: &str,
        entries: &[Entry],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<PublishedAsset> {
        let mut taken: FingerprintMap<SourcePath> = FingerprintMap::default();
        for name in SITE_FILES {
            let name_of = SourcePath::new(format!("the site's own {name}"));
            taken.insert(key_of(&Route::new(name)), name_of);
        }
        let mut published = Vec::with_capacity(assets.len());
        for asset in assets {
            let path = asset.path.as_str().strip_prefix(prefix).unwrap_or(asset.path.as_str());
            let route = Route::asset(path);
            let key = key_of(&route);
            let note = self.taken.get(&key).map(|id| &entries[id.index()].note.source.path);
            if let Some(other) = note.or_else(|| taken.get(&key)) {
                diagnostics.push(
                    Diagnostic::new(
                        Code::SameAddress,
                        &asset.path,
                        format!("`{other}` has the same address, `{route}`"),
                    )
                    .hint("rename one of them; this file is left out"),
                );
                continue;
            }
            taken.insert(key, asset.path.clone());
            published.push(PublishedAsset { route, asset: asset.clone() });
        }
        published
    }
}

/// The old addresses of a note: its aliases that are paths, and its `permalink`, which is where Jekyll
/// published it. An alias that is a bare word is only a name for wikilinks.
fn old_addresses(note: &Note) -> impl Iterator<Item = (&str, Span)> {
    let aliases = note.front.list("aliases").iter().map(|item| (item.text.trim(), item.span)).filter(|(written, _)| {
        let ending = written.rsplit_once('.').map_or("", |(_, ending)| ending);
        written.contains(['/', '\\']) || ["md", "html", "htm"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    });
    let permalink = note.front.entry("permalink").and_then(|entry| match &entry.value {
        FieldValue::Other(value) => value.scalar().map(|scalar| (scalar.text.trim(), entry.span)),
        _ => None,
    });
    // `/:year/:title/` is a pattern, `pretty` the name of one.
    aliases
        .chain(permalink.filter(|(written, _)| written.starts_with('/') && !written.contains(':') && written.len() > 1))
}

/// Routes that a link may name though no note or folder is there.
pub fn generated(config: &Config, by_kind: &[Vec<NoteId>], groups: &Groups) -> HashSet<Route> {
    let mut routes: HashSet<Route> =
        PAGE_FOLDERS.iter().chain(&SHEET_FOLDERS).map(|folder| Route::folder(folder)).collect();
    routes.insert(Route::folder(""));
    routes.insert(Route::new("404.html"));
    routes.extend(
        SITE_FILES
            .iter()
            .filter(|name| config.base_url.is_some() || **name != "sitemap.xml")
            .map(|name| Route::new(*name)),
    );
    for (kind, notes) in config.kinds.iter().zip(by_kind) {
        if !notes.is_empty() || !kind.shows.is_empty() {
            routes.insert(Route::folder(kind.folder()));
        }
    }
    for terms in
        [&groups.tags, &groups.people, &groups.teams, &groups.tickets, &groups.statuses, &groups.results, &groups.years]
    {
        routes.extend(terms.iter().map(|term| term.route.clone()));
    }
    routes
}
