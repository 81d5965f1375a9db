//! Where the time of a pass goes after an edit: `cargo bench --bench passes -- FOLDER [EDITS]`.
//!
//! FOLDER is a book; the second of its notes is edited, and put back at the end. For each kind of
//! edit: the least milliseconds of each stage over EDITS edits (default 10), beside those of a
//! first pass. The least is what the machine can do when nobody else uses it.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)] // A benchmark looks at the clock and prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use fieldbook::book::{self, Surroundings};
use fieldbook::config::Config;
use fieldbook::disk::{self, Layout, Memory, Root};
use fieldbook::memo::Memo;
use fieldbook::note;
use fieldbook::site::{self, theme::Theme};
use fieldbook::source::History;

/// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Stages {
    at: Instant,
    least: BTreeMap<&'static str, f64>,
    order: Vec<&'static str>,
}

impl Stages {
    fn lap(&mut self, stage: &'static str) {
        let ms = self.at.elapsed().as_secs_f64() * 1000.0;
        let least = self.least.entry(stage).or_insert(f64::MAX);
        if *least == f64::MAX {
            self.order.push(stage);
        }
        *least = least.min(ms);
        self.at = Instant::now();
    }
}

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let root = Root { dir: words.next().map(PathBuf::from).expect("a book's folder") };
    let edits: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(10);
    let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
    let config = Arc::new(Config::parse(disk::read_config(&root).unwrap().as_ref()).value);
    let options = config.parse_options();
    let fingerprint = options.fingerprint();
    let (mut memory, mut memo) = (Memory::default(), Memo::default());
    let mut edited: Option<PathBuf> = None;
    let mut original = String::new();
    let mut last = None;
    for kind in ["first", "nothing", "body", "title", "tag"] {
        let mut stages = Stages { at: Instant::now(), least: BTreeMap::new(), order: Vec::new() };
        for n in 0..if kind == "first" { 1 } else { edits } {
            if let Some(path) = &edited {
                let text = match kind {
                    "body" => format!("{original}\nA sentence more, {n}.\n"),
                    "title" => original.replacen("title: ", &format!("title: New {n} "), 1),
                    "tag" => original.replacen("tags: [", &format!("tags: [new-{n}, "), 1),
                    _ => original.clone(),
                };
                if kind != "nothing" {
                    fs::write(path, text).unwrap();
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            let start = Instant::now();
            stages.at = start;
            let listing = disk::list(&root, &layout, &mut memory).unwrap();
            stages.lap("list");
            let snapshot =
                listing.read(None, disk::today().unwrap(), &mut memory, Arc::<History>::default).unwrap().snapshot;
            stages.lap("read");
            let (notes, _) = memo.refresh(
                &snapshot.notes,
                |source| (source.path.clone(), note::fingerprint(source, fingerprint)),
                |source| note::parse(source, &options, note::fingerprint(source, fingerprint)),
            );
            stages.lap("parse");
            let around = Surroundings {
                assets: &snapshot.assets,
                history: &snapshot.history,
                today: snapshot.today,
                drafts: false,
            };
            let book = book::assemble(&config, &notes, &around);
            stages.lap("assemble");
            let theme = Theme::load(&snapshot.theme, &config.theme_folder());
            stages.lap("theme");
            let site = site::plan(Arc::new(book.value), theme.value);
            stages.lap("plan");
            let route = site.book.notes[1].route.clone();
            site.render(site.file(route.as_str()).unwrap()).unwrap();
            stages.lap("render");
            stages.at = start;
            stages.lap("total");
            stages.at = Instant::now();
            fieldbook::parallel::map(&site.files, |file| site.fingerprint(file));
            stages.lap("(fingerprints)");
            if edited.is_none() {
                edited = Some(root.dir.join(snapshot.notes[1].path.as_str()));
                original = fs::read_to_string(edited.as_ref().unwrap()).unwrap();
            }
            stages.at = Instant::now();
            last = Some((site, snapshot));
            stages.lap("(drop)");
        }
        print!("{kind:8}");
        for stage in &stages.order {
            print!(" {stage} {:.1}", stages.least[stage]);
        }
        println!();
    }
    drop(last);
    fs::write(edited.unwrap(), original).unwrap();
}
