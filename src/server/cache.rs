//! Representations that were made, as far as they fit: two generations, of which the older one
//! goes when the younger one is full. What is asked for stays, and keeping order costs nothing.

use std::collections::HashMap;
use std::sync::Arc;

use super::representation::Representation;
use crate::memo::Fingerprint;
use crate::path::Route;

/// Bytes that are held: half of them in each generation.
const CAPACITY: usize = 32 * 1024 * 1024;

/// A representation, and of what.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What determines the file's bytes.
    pub fingerprint: Fingerprint,
    /// The number of the last edition in which the file was seen to have this fingerprint.
    pub edition: u64,
    /// The bytes.
    pub held: Arc<Representation>,
}

impl Entry {
    /// The bytes, as much again for the compressed ones, and what goes with them.
    fn weight(&self) -> usize {
        2 * self.held.bytes.len() + 1024
    }
}

/// The last ones that were made or asked for.
#[derive(Debug)]
pub struct Cache {
    young: HashMap<Route, Entry>,
    old: HashMap<Route, Entry>,
    /// Of the young ones.
    weight: usize,
    capacity: usize,
}

impl Default for Cache {
    fn default() -> Self {
        Cache::with_capacity(CAPACITY)
    }
}

impl Cache {
    fn with_capacity(capacity: usize) -> Self {
        Cache { young: HashMap::new(), old: HashMap::new(), weight: 0, capacity }
    }

    /// What was made for this address last.
    pub fn get(&mut self, route: &Route) -> Option<Entry> {
        if let Some(entry) = self.young.get(route) {
            return Some(entry.clone());
        }
        let (route, entry) = self.old.remove_entry(route)?;
        self.put(route, entry.clone());
        Some(entry)
    }

    /// Keeps an entry, and forgets what was kept for the same address. One that is too large is not kept.
    pub fn put(&mut self, route: Route, entry: Entry) {
        let half = self.capacity / 2;
        self.old.remove(&route);
        if let Some(last) = self.young.remove(&route) {
            self.weight -= last.weight();
        }
        let weight = entry.weight();
        if weight > half {
            return;
        }
        if self.weight + weight > half {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        self.young.insert(route, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(size: usize) -> Entry {
        let held = Arc::new(Representation::of_bytes("text/plain", vec![b'x'; size]));
        Entry { fingerprint: Fingerprint::default(), edition: 0, held }
    }

    fn weight(cache: &Cache) -> usize {
        cache.young.values().chain(cache.old.values()).map(Entry::weight).sum()
    }

    #[test]
    fn it_never_holds_more_than_it_may_and_keeps_what_is_asked_for() {
        let mut cache = Cache::with_capacity(100_000);
        let wanted = Route::new("wanted.html");
        cache.put(wanted.clone(), entry(1000));
        for n in 0..1000 {
            cache.put(Route::new(format!("{n}.html")), entry(1000 + n % 7 * 1000));
            assert!(cache.get(&wanted).is_some(), "after {n}");
            assert!(weight(&cache) <= 100_000, "after {n}: {}", weight(&cache));
        }
        assert!(cache.get(&Route::new("0.html")).is_none());
        assert!(cache.get(&Route::new("999.html")).is_some());
    }

    #[test]
    fn an_entry_takes_the_place_of_the_last_one_for_its_address() {
        let mut cache = Cache::with_capacity(100_000);
        let route = Route::new("a.html");
        for size in [1000, 2000, 3000] {
            cache.put(route.clone(), entry(size));
            assert_eq!(cache.get(&route).unwrap().held.bytes.len(), size);
            assert_eq!(weight(&cache), 2 * size + 1024);
        }
        cache.put(route.clone(), entry(60_000));
        assert!(cache.get(&route).is_none() && weight(&cache) == 0 && cache.weight == 0);
    }
}
