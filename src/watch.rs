//! What wakes the loop: changes on disk, time, and the wish to end.
//!
//! Events are hints and no more. Each leads to a look at the whole book, which decides what has
//! changed; an event that is lost, doubled or out of order costs time and nothing else. Folders are
//! watched one by one, as looks find them. After one is watched for the first time the loop looks
//! again: what was made in it until then had no event, as after `mkdir a && touch a/b`.
#![allow(clippy::disallowed_methods)] // Quiet is measured in time, and a second Ctrl-C ends the process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// The loop wakes when nothing has happened for this long: an editor that saves in several steps
/// takes less.
const QUIET: Duration = Duration::from_millis(20);

/// It wakes after this long at the latest, however busy the disk is.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it wakes where nothing tells of changes. Where the work between takes long, it is a
/// twentieth of the time at most.
const INTERVAL: Duration = Duration::from_millis(500);

/// The exit code of a program that a second Ctrl-C stopped in its work: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// Tells when the book may have changed.
pub struct Watch {
    signals: Receiver<Signal>,
    sender: Sender<Signal>,
    /// None where the loop wakes by time.
    events: Option<RecommendedWatcher>,
    /// The folders that `events` watches.
    watched: BTreeSet<PathBuf>,
    fallback: Option<Fallback>,
    /// When the last wait ended.
    woken: Instant,
}

enum Signal {
    Changed,
    /// This folder is watched no longer, nor is any in it; or, where none is named, events were lost.
    Lost(Option<PathBuf>),
    End,
}

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The book may have changed.
    Look,
    /// Ctrl-C, or the system asked the program to end.
    End,
}

/// Why the loop wakes by time although it was to wait for events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// The system's limit on watched folders is reached.
    Limit,
    /// The system can't tell of changes; what it says.
    Unavailable(String),
}

impl Watch {
    /// By events where the system has them. Those on paths of which `is_noise` holds wake nobody.
    pub fn by_events(is_noise: impl Fn(&Path) -> bool + Send + 'static) -> Self {
        let mut watch = Watch::by_time();
        let sender = watch.sender.clone();
        let made = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // Nobody listens any more when the loop has ended.
            signals_of(event, &is_noise).into_iter().for_each(|signal| drop(sender.send(signal)));
        });
        match made {
            Ok(events) => watch.events = Some(events),
            Err(error) => watch.fall_back(&error),
        }
        watch
    }

    /// By time alone: for file systems whose changes nobody tells, as those of other machines.
    pub fn by_time() -> Self {
        let (sender, signals) = mpsc::channel();
        Watch { signals, sender, events: None, watched: BTreeSet::new(), fallback: None, woken: Instant::now() }
    }

    /// From now on Ctrl-C ends the next wait, and so do the signals by which a system ends programs.
    /// One that comes while the loop is still at work after another ends the process.
    pub fn end_on_signal(&self) {
        let sender = self.sender.clone();
        let is_ending = AtomicBool::new(false);
        // Where it can't be set, the signals end the process, which is safe at any moment.
        let _ = ctrlc::set_handler(move || {
            if is_ending.swap(true, Ordering::SeqCst) || sender.send(Signal::End).is_err() {
                std::process::exit(INTERRUPTED);
            }
        });
    }

    /// Changes in these folders wake the loop, and in no others. Gives whether there is one among them
    /// that was not watched before: what happened in it until now had no event.
    pub fn follow(&mut self, folders: impl IntoIterator<Item = PathBuf>) -> bool {
        let folders: BTreeSet<PathBuf> = folders.into_iter().collect();
        for folder in self.watched.difference(&folders) {
            // One that is gone is watched no longer.
            let _ = self.events.as_mut().map(|events| events.unwatch(folder));
        }
        self.watched.retain(|folder| folders.contains(folder));
        let mut has_new = false;
        for folder in folders {
            let Some(events) = self.events.as_mut().filter(|_| !self.watched.contains(&folder)) else { continue };
            match events.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder);
                    has_new = true;
                }
                // It went since it was found: its folder has an event for that.
                Err(error) if is_gone(&error) => {}
                Err(error) => {
                    self.fall_back(&error);
                    return true;
                }
            }
        }
        has_new
    }

    fn fall_back(&mut self, error: &notify::Error) {
        self.events = None;
        self.watched.clear();
        self.fallback = Some(match &error.kind {
            ErrorKind::MaxFilesWatch => Fallback::Limit,
            _ => Fallback::Unavailable(error.to_string()),
        });
    }

    /// Why the loop wakes by time, once, if it was to wait for events.
    pub fn fallback(&mut self) -> Option<Fallback> {
        self.fallback.take()
    }

    /// Waits until something may have changed and it is quiet again; `at_most` so long, if given.
    pub fn wait(&mut self, at_most: Option<Duration>) -> Wake {
        let busy = self.woken.elapsed();
        let interval = self.events.is_none().then(|| INTERVAL.max(busy * 20));
        let limit = at_most.into_iter().chain(interval).min();
        let first = match limit {
            Some(limit) => self.signals.recv_timeout(limit),
            // It can't be disconnected: a sender stays here.
            None => self.signals.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut next = first.ok();
        let patience = Instant::now() + PATIENCE;
        let mut wake = Wake::Look;
        while let Some(signal) = next {
            match signal {
                Signal::Changed => {}
                Signal::Lost(Some(folder)) => self.watched.retain(|watched| !watched.starts_with(&folder)),
                Signal::Lost(None) => self.watched.clear(),
                Signal::End => {
                    wake = Wake::End;
                    break;
                }
            }
            let left = patience.saturating_duration_since(Instant::now());
            next = if left.is_zero() { None } else { self.signals.recv_timeout(QUIET.min(left)).ok() };
        }
        self.woken = Instant::now();
        wake
    }
}

fn signals_of(event: notify::Result<Event>, is_noise: impl Fn(&Path) -> bool) -> Vec<Signal> {
    let Ok(event) = event else { return vec![Signal::Lost(None)] };
    if event.need_rescan() {
        return vec![Signal::Lost(None)];
    }
    // Reading wakes nobody: the loop itself reads.
    if matches!(event.kind, EventKind::Access(_)) || event.paths.iter().all(|path| is_noise(path)) {
        return Vec::new();
    }
    let mut signals = vec![Signal::Changed];
    if matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))) {
        // Should it be a folder: what comes in its place is another one.
        signals.extend(event.paths.into_iter().map(|path| Signal::Lost(Some(path))));
    }
    signals
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}
