//! Where the time of a pass goes after an edit: `cargo bench --bench passes -- FOLDER [EDITS]`.
//!
//! FOLDER is a book; the second of its notes is edited, and put back at the end. For each kind of
//! edit: the least milliseconds of each stage over EDITS edits (default 10), with those of the
//! processors behind it, beside those of a first pass. The least is what the machine can do when
//! nobody else uses it.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // A benchmark looks at the clock and prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fieldbook::disk::{self, Layout, Memory, Root};
use fieldbook::engine::{Engine, Request};
use fieldbook::source::History;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Stages {
    at: Instant,
    cpu: f64,
    least: BTreeMap<&'static str, (f64, f64)>,
    order: Vec<&'static str>,
}

/// Milliseconds that the threads of this process were on a processor, as Linux counts them.
fn cpu() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

impl Stages {
    fn start(&mut self) {
        (self.at, self.cpu) = (Instant::now(), cpu());
    }

    fn lap(&mut self, stage: &'static str) {
        let now = (self.at.elapsed().as_secs_f64() * 1000.0, cpu() - self.cpu);
        if !self.order.contains(&stage) {
            self.order.push(stage);
        }
        let least = self.least.entry(stage).or_insert(now);
        *least = (least.0.min(now.0), least.1.min(now.1));
        self.start();
    }
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let root = Root { dir: words.next().map(PathBuf::from).expect("a book's folder") };
    let edits: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(10);
    let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
    let (mut memory, mut engine) = (Memory::default(), Engine::default());
    let mut edited: Option<PathBuf> = None;
    let mut original = String::new();
    let history = Arc::new(History::default());
    let mut last = None;
    for kind in ["first", "nothing", "body", "title", "tag", "delete"] {
        let mut stages = Stages { at: Instant::now(), cpu: 0.0, least: BTreeMap::new(), order: Vec::new() };
        for n in 0..if kind == "first" { 1 } else { edits } {
            if let Some(path) = &edited {
                let text = match kind {
                    "body" => format!("{original}\nA sentence more, {n}.\n"),
                    "title" => original.replacen("title: ", &format!("title: New {n} "), 1),
                    "tag" => original.replacen("tags: [", &format!("tags: [new-{n}, "), 1),
                    _ => original.clone(),
                };
                match kind {
                    "nothing" => {}
                    "delete" if n % 2 == 0 => fs::remove_file(path).unwrap(),
                    _ => fs::write(path, text).unwrap(),
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            stages.start();
            let listing = disk::list(&root, &layout, &mut memory).unwrap();
            stages.lap("list");
            let snapshot =
                listing.read(None, disk::today().unwrap(), &mut memory, || history.clone()).unwrap().snapshot;
            stages.lap("read");
            let build = engine.build(&snapshot, Request::default());
            let site = build.site.expect("a site");
            stages.lap("engine");
            let route = site.book.notes[1].route.clone();
            site.render(site.file(route.as_str()).unwrap()).unwrap();
            stages.lap("render");
            fieldbook::parallel::map(&site.all_files(), |file| site.fingerprint(file));
            stages.lap("fingerprints");
            if edited.is_none() {
                edited = Some(root.dir.join(snapshot.notes[1].path.as_str()));
                original = fs::read_to_string(edited.as_ref().unwrap()).unwrap();
            }
            stages.start();
            last = Some((site, snapshot));
            stages.lap("drop");
        }
        print!("{kind:8}");
        for stage in &stages.order {
            let (wall, cpu) = stages.least[stage];
            print!("  {stage} {wall:.1} ({cpu:.1})");
        }
        println!();
    }
    drop(last);
    fs::write(edited.unwrap(), original).unwrap();
}
