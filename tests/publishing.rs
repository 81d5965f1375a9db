//! Publishing as a reader and an operator see it: killed, watched, run twice at once, on a full or
//! read-only disk, elsewhere on the machine, and with git.
#![allow(clippy::disallowed_methods)] // Tests may touch the disk and run programs.

mod command;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use command::{Desk, Tree, assert_same, tree};
use fieldbook::disk::{self, Layout, Output, Root};
use fieldbook::memo::Fingerprint;
use support::tests_folder;

/// Random numbers, the same in every run (xorshift64*, Vigna 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

/// A book of `notes` notes in three folders, with tags and links among them.
fn desk_with_notes(notes: usize) -> Desk {
    let desk = Desk::with_book([("book.toml", "[book]\ntitle = \"Many\"\n"), ("content/README.md", "# Home\n")]);
    for i in 0..notes {
        write_note(&desk, i, "first");
    }
    desk.write("book/content/picture.bin", [7; 5_000]);
    desk
}

fn note(i: usize) -> String {
    format!("book/content/{}/note-{i}.md", ["learnings", "experiments", "guides"][i % 3])
}

fn write_note(desk: &Desk, i: usize, version: &str) {
    let text = format!("---\ntags: [t{}]\ndate: 2026-01-0{}\n---\n# Note {i}, {version}\n\nText.\n", i % 4, i % 9 + 1);
    desk.write(&note(i), text);
}

/// What no build that ended may leave: its stage, its lock, the old site.
#[track_caller]
fn assert_tidy(desk: &Desk, folder: &str, when: &str) {
    let left: Vec<String> = desk.names(folder).into_iter().filter(|name| name.starts_with(".site")).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
    if desk.has(&format!("{folder}/.fieldbook")) {
        let state = desk.names(&format!("{folder}/.fieldbook"));
        assert!(state.iter().all(|name| matches!(name.as_str(), ".gitignore" | "last-build")), "{when}: {state:?}");
    }
}

/// Waits, without giving up the processor, until something is seen or the program has ended.
fn spin_until(child: &mut Child, seen: impl Fn() -> bool) {
    while !seen() && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
}

fn count_files(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => count_files(&entry.path()),
            _ => 1,
        })
        .sum()
}

#[test]
fn a_build_that_is_killed_leaves_the_old_site_or_the_new_one() {
    let desk = desk_with_notes(20);
    desk.build();
    let (site, stage) = (desk.path("book/site"), desk.path("book/.site.fieldbook-stage"));
    let lock = desk.path("book/.site.fieldbook-lock");
    let mut random = Random(20_261_123);
    let mut old = tree(&site);
    // Of the 60: killed while it ran, with the old site, with the new one.
    let (mut killed, mut kept, mut replaced) = (0, 0, 0);
    for round in 0..60 {
        for _ in 0..=random.below(3) {
            write_note(&desk, random.below(24), &format!("round {round}"));
        }
        let _ = fs::remove_file(desk.path(&note(random.below(24))));
        let total = old.len();
        let inode = fs::metadata(&site).unwrap().ino();
        let exchanged = || fs::metadata(&site).is_ok_and(|found| found.ino() != inode);
        let mut child = desk.fieldbook(&["build", "book"]).stderr(Stdio::null()).spawn().unwrap();
        let files = random.below(total);
        match round % 6 {
            0 => spin_until(&mut child, || lock.exists()),
            1 => spin_until(&mut child, || stage.exists()),
            2 | 3 => spin_until(&mut child, || count_files(&stage) > files || exchanged()),
            4 => spin_until(&mut child, exchanged),
            _ => spin_until(&mut child, || exchanged() && count_files(&stage) <= files),
        }
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        let found = tree(&site);

        let next = desk.build();
        assert!(!next.talk.contains("error"), "{}", next.talk);
        assert_tidy(&desk, "book", &format!("after the build that follows kill {round}"));
        let new = tree(&site);
        match found == old {
            true => kept += 1,
            false => {
                assert_same(&found, &new, &format!("after kill {round}"));
                replaced += 1;
            }
        }
        old = new;
    }
    desk.run(&["build", "book", "--output", "fresh"]);
    assert_same(&old, &desk.tree("fresh"), "after all kills, beside a build from nothing");
    assert!(killed > 30 && kept > 10 && replaced > 5, "{killed} killed, {kept} kept, {replaced} replaced");
}

#[test]
fn a_reader_meets_no_missing_and_no_cut_file_while_the_site_is_rebuilt() {
    let desk = desk_with_notes(20);
    let site = desk.path("book/site");
    let versions: Vec<Tree> = ["first", "second"]
        .into_iter()
        .map(|version| {
            (0..20).for_each(|i| write_note(&desk, i, version));
            desk.build();
            tree(&site)
        })
        .collect();
    // Each path that stands in both, with what may be read there.
    let is_in_both = |path: &&String| !path.starts_with('.') && versions[1].contains_key(*path);
    let paths: BTreeMap<PathBuf, [&[u8]; 2]> = versions[0]
        .keys()
        .filter(is_in_both)
        .map(|path| (site.join(path), [0, 1].map(|version| versions[version][path].1.as_slice())))
        .collect();
    let (done, reads) = (AtomicBool::new(false), AtomicUsize::new(0));
    let wrong = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut wrong = Vec::new();
            while !done.load(Ordering::Relaxed) {
                for (path, expected) in &paths {
                    match fs::read(path) {
                        Ok(bytes) if !expected.contains(&bytes.as_slice()) => wrong.push(format!("cut: {path:?}")),
                        Ok(_) => {}
                        Err(error) => wrong.push(format!("{error}: {path:?}")),
                    }
                }
                reads.fetch_add(paths.len(), Ordering::Relaxed);
            }
            wrong
        });
        let built = catch_unwind(AssertUnwindSafe(|| {
            for round in 0..30 {
                let version = if round % 2 == 0 { "first" } else { "second" };
                (0..20).for_each(|i| write_note(&desk, i, version));
                let summary = desk.build().summary().to_owned();
                assert!(!summary.contains("(0 changed)"), "{summary}");
            }
        }));
        done.store(true, Ordering::Relaxed);
        let wrong = reader.join().unwrap();
        built.unwrap();
        wrong
    });
    assert!(wrong.is_empty(), "{} of {}: {:?}", wrong.len(), reads.into_inner(), wrong.first());
    assert!(paths.keys().any(|path| path.ends_with("learnings/note-0.html")));
    assert!(
        versions
            .iter()
            .flatten()
            .filter(|(path, _)| path.ends_with(".html"))
            .all(|(_, (_, bytes))| { String::from_utf8_lossy(bytes).trim_end().ends_with("</html>") })
    );
}

#[test]
fn two_builds_at_once_both_succeed_and_the_site_is_whole() {
    let desk = desk_with_notes(20);
    for round in 0..5 {
        (0..20).for_each(|i| write_note(&desk, i, &format!("round {round}")));
        let start = || {
            let mut build = desk.fieldbook(&["build", "book"]);
            build.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        for child in [start(), start(), start()] {
            let ended = desk.ended(child.wait_with_output().unwrap());
            assert_eq!(ended.code, Some(0), "{}", ended.talk);
        }
        assert_tidy(&desk, "book", "after builds at once");
        fs::remove_dir_all(desk.path("fresh")).ok();
        desk.run(&["build", "book", "--output", "fresh"]);
        assert_same(&desk.tree("book/site"), &desk.tree("fresh"), "after builds at once");
    }
}

/// A shell script with `fieldbook` as `$0`, in which the size of files is limited as by a disk
/// that is full. The limit's signal is ignored, so that writing fails as it does there.
fn with_small_files(desk: &Desk, blocks: usize, script: &str) -> command::Ended {
    let mut shell = desk.program("sh");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; {script}"), env!("CARGO_BIN_EXE_fieldbook")]);
    desk.finish(&mut shell)
}

#[test]
fn where_a_file_can_not_be_written_the_old_site_stays_and_the_file_is_named() {
    let desk = desk_with_notes(20);
    desk.build();
    let before = desk.tree("book/site");
    (0..20).for_each(|i| write_note(&desk, i, "second"));
    desk.write("book/content/large.bin", vec![1; 200_000]);
    desk.write("book/content/long.md", "# Long\n\n".to_owned() + &"word ".repeat(40_000));
    let ended = with_small_files(&desk, 128, "exec \"$0\" build book");
    assert_eq!(ended.code, Some(3), "{}", ended.talk);
    assert!(ended.talk.contains("error: can't write `[DESK]/book/site/lo") || ended.talk.contains("/large.bin"));
    assert_same(&desk.tree("book/site"), &before, "after a file that could not be written");
    assert_tidy(&desk, "book", "after a file that could not be written");

    let first = with_small_files(&desk, 128, "exec \"$0\" build book -o other/site");
    assert_eq!((first.code, desk.has("other/site")), (Some(3), false), "{}", first.talk);
    desk.build();
    assert!(desk.has("book/site/large.bin"));
}

#[test]
fn on_a_full_disk_the_old_site_stays_and_a_file_is_named() {
    let desk = desk_with_notes(20);
    fs::create_dir(desk.path("disk")).unwrap();
    fs::write(desk.path("large.bin"), vec![1; 4_000_000]).unwrap();
    // A disk of 2 MB, seen by this shell and its children only; what is on it is copied before it is gone.
    let script = "\
        mount -t tmpfs -o size=2m none disk || exit 99
        \"$0\" build book -o disk/site || exit 98
        cp -a disk before
        sed -i s/first/second/ book/content/*/*.md
        cp large.bin book/content/
        \"$0\" build book -o disk/site; code=$?
        cp -a disk after
        rm book/content/large.bin
        \"$0\" build book -o disk/site || exit 97
        cp -a disk again
        exit $code";
    let mut shell = desk.program("sh");
    let private = format!("exec unshare --user --map-root-user --mount sh -c '{script}' \"$0\"");
    shell.args(["-c", &private, env!("CARGO_BIN_EXE_fieldbook")]);
    let ended = desk.finish(&mut shell);
    if ended.code == Some(3) {
        assert!(ended.talk.contains("error: can't write `[DESK]/disk/site/"), "{}", ended.talk);
        assert_same(&desk.tree("after"), &desk.tree("before"), "on a full disk");
        assert_ne!(desk.tree("again"), desk.tree("before"), "with room again");
    } else {
        // Where nobody may mount anything, or nothing can be, the test above has to do.
        assert!(matches!(ended.code, Some(1 | 99 | 127)) && !desk.has("before"), "{}", ended.talk);
    }
}

#[test]
fn with_too_few_descriptors_a_build_works_or_fails_and_tears_nothing() {
    let desk = desk_with_notes(20);
    desk.git("book", "Ana", 0, &["init", "-q"]);
    desk.git("book", "Ana", 0, &["add", "-A"]);
    desk.git("book", "Ana", 0, &["commit", "-q", "-m", "all"]);
    desk.build();
    let mut old = desk.tree("book/site");
    let (mut failed, mut worked) = (0, 0);
    for limit in [4, 5, 6, 7, 8, 9, 10, 12, 16, 24, 40] {
        (0..20).for_each(|i| write_note(&desk, i, &format!("with {limit}")));
        let mut shell = desk.program("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" build book");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_fieldbook")]);
        let ended = desk.finish(&mut shell);
        let found = desk.tree("book/site");
        desk.build();
        assert_tidy(&desk, "book", "after a build with few descriptors");
        let new = desk.tree("book/site");
        match ended.code {
            Some(0) => {
                assert_same(&found, &new, &format!("a build with {limit} descriptors that succeeded"));
                worked += 1;
            }
            // 127 is the system's: the program could not be loaded.
            code => {
                assert!(matches!(code, Some(3 | 127)), "{limit}: {code:?} {}", ended.talk);
                assert!(ended.talk.contains("error"), "{}", ended.talk);
                assert_same(&found, &old, &format!("a build with {limit} descriptors that failed"));
                failed += 1;
            }
        }
        old = new;
    }
    assert!(failed > 0 && worked > 0, "{failed} failed, {worked} worked");
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_an_up_to_date_site_needs_no_permission() {
    let desk = desk_with_notes(5);
    desk.build();
    let before = desk.tree("book/site");
    // Root may write everywhere: it becomes nobody, who needs a way to the book and the program.
    let program = desk.path("fieldbook");
    fs::copy(env!("CARGO_BIN_EXE_fieldbook"), &program).unwrap();
    let is_root = fs::metadata(desk.path("book")).unwrap().uid() == 0;
    let set_mode = |path: &str, mode| fs::set_permissions(desk.path(path), fs::Permissions::from_mode(mode)).unwrap();
    set_mode("", 0o755);
    let build = || {
        let mut command = desk.program(&program);
        command.args(["build", "book"]);
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        desk.finish(&mut command)
    };
    let restrict = |mode| {
        for folder in ["book/.fieldbook", "book"].into_iter().filter(|folder| desk.has(folder)) {
            set_mode(folder, mode);
        }
    };
    restrict(0o555);
    let unchanged = build();
    assert!(unchanged.code == Some(0) && unchanged.talk.contains("(0 changed)"), "{}", unchanged.talk);
    write_note(&desk, 1, "second");
    let refused = build();
    assert_eq!(refused.code, Some(3), "{}", refused.talk);
    assert!(refused.talk.contains("error: can't write in `[DESK]/book`: permission denied"), "{}", refused.talk);
    assert_same(&desk.tree("book/site"), &before, "in a folder that may not be written");
    restrict(0o755);
    assert_tidy(&desk, "book", "in a folder that may not be written");
    desk.build();
    assert!(desk.read("book/site/experiments/note-1.html").contains("Note 1, second"));
}

#[test]
fn foreign_files_stay_and_the_pages_of_notes_that_are_gone_go() {
    let desk = desk_with_notes(10);
    desk.build();
    desk.write("book/site/extra/mine.txt", "mine");
    desk.write("book/site/learnings/CNAME.txt", "mine too");
    fs::create_dir(desk.path("book/site/empty")).unwrap();
    fs::remove_file(desk.path(&note(0))).unwrap();
    fs::remove_dir_all(desk.path("book/content/guides")).unwrap();
    desk.build();
    assert!(!desk.has("book/site/learnings/note-0.html") && !desk.has("book/site/learnings/note-0.md"));
    assert!(!desk.has("book/site/guides"), "a folder without notes is gone, too");
    assert_eq!(desk.read("book/site/extra/mine.txt"), "mine");
    assert_eq!(desk.read("book/site/learnings/CNAME.txt"), "mine too");
    assert!(desk.path("book/site/empty").is_dir());

    desk.write("book/content/extra/mine.txt", "the book's");
    let taken = desk.run(&["build", "book"]);
    assert_eq!(taken.code, Some(3), "{}", taken.talk);
    assert!(taken.talk.contains("`extra/mine.txt`"), "{}", taken.talk);
    assert_eq!(desk.read("book/site/extra/mine.txt"), "mine");
}

#[test]
fn the_same_book_gives_the_same_site_anywhere() {
    let mut files = Vec::new();
    let book = tests_folder().join("books/everything");
    command::walk(&book, &mut |path, _| {
        let name = path.strip_prefix(&book).unwrap().to_str().unwrap().to_owned();
        if !name.starts_with('.') {
            files.push((name, fs::read(path).unwrap()));
        }
    });
    files.sort();
    let here = Desk::new();
    // In another file system where there is one, which lists files in another order.
    let memory = Path::new("/dev/shm");
    let there = if memory.is_dir() { Desk::in_folder(memory) } else { Desk::new() };
    for (name, bytes) in &files {
        here.write(&format!("book/{name}"), bytes);
    }
    for (name, bytes) in files.iter().rev() {
        there.write(&format!("a longer path with spaces/to/the book/{name}"), bytes);
    }
    let mut one = here.fieldbook(&["build", "book"]);
    let one = here.finish(one.envs([("TZ", "Pacific/Kiritimati"), ("LC_ALL", "C"), ("RAYON_NUM_THREADS", "1")]));
    let mut shell = there.program("sh");
    shell.args(["-c", "umask 077; cd 'a longer path with spaces/to/the book'; exec \"$0\" build --output out"]);
    shell.arg(env!("CARGO_BIN_EXE_fieldbook"));
    shell.envs([("TZ", "America/Los_Angeles"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "de_DE.UTF-8")]);
    let two = there.finish(shell.env("RAYON_NUM_THREADS", "2"));
    let without_time = |talk: &str| talk.rsplit_once(" in ").unwrap().0.to_owned();
    assert_eq!(without_time(&one.talk), without_time(&two.talk));
    let (one, two) = (here.tree("book/site"), there.tree("a longer path with spaces/to/the book/out"));
    assert!(one.len() > 50);
    assert_same(&one, &two, "the same book elsewhere");
    assert!(one.values().all(|(mode, _)| mode & 0o7777 == 0o644), "modes are fixed");
    let words = [here.path(""), there.path("")].map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    for (name, (_, bytes)) in &one {
        let text = String::from_utf8_lossy(bytes);
        assert!(words.iter().all(|word| !text.contains(word)), "{name} holds a path of this machine");
    }
}

/// Inode and times of everything below a folder, and of itself.
fn stats(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, i64, i64)> {
    let mut found = BTreeMap::new();
    let mut see = |path: &Path| {
        let m = fs::symlink_metadata(path).unwrap();
        found.insert(path.to_owned(), (m.ino(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec()));
    };
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        see(&folder);
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match fs::symlink_metadata(&path).unwrap().is_dir() {
                true => folders.push(path),
                false => see(&path),
            }
        }
    }
    found
}

#[test]
fn a_build_with_nothing_to_do_writes_nothing() {
    let desk = desk_with_notes(10);
    desk.build();
    let site = desk.path("book/site");
    let before = stats(&site);
    let nothing = |when: &str| {
        let ended = desk.build();
        assert!(ended.summary().contains("(0 changed)"), "{when}: {}", ended.talk);
        assert!(stats(&site) == before, "{when}: something was written");
        assert_tidy(&desk, "book", when);
    };
    nothing("again");
    nothing("a third time");
    let file = fs::File::options().write(true).open(desk.path(&note(3))).unwrap();
    file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000)).unwrap();
    nothing("after a note was touched");
    let text = desk.read(&note(4));
    fs::remove_file(desk.path(&note(4))).unwrap();
    desk.write(&note(4), text);
    nothing("after a note was saved as it was");
    let _ = fs::remove_dir_all(desk.path("book/.fieldbook"));
    nothing("without the record of the last build");
    desk.write("book/content/.hidden.md", "# Hidden\n");
    desk.write("book/notes.txt", "beside the content");
    nothing("after files that are no part of the book");
}

#[test]
fn an_edit_writes_the_pages_that_show_it_and_keeps_all_others() {
    let desk = desk_with_notes(12);
    desk.build();
    let site = desk.path("book/site");
    let inodes = || {
        let files = stats(&site).into_iter().filter(|(path, _)| path.is_file());
        files.map(|(path, (inode, ..))| (path, inode)).collect::<BTreeMap<_, _>>()
    };
    let before = inodes();
    desk.write(&note(5), desk.read(&note(5)) + "\nAnother paragraph.\n");
    desk.build();
    let after = inodes();
    let changed: Vec<&PathBuf> = after.keys().filter(|path| before.get(*path) != after.get(*path)).collect();
    let names: Vec<&str> = changed.iter().map(|path| path.strip_prefix(&site).unwrap().to_str().unwrap()).collect();
    assert!(names.contains(&"guides/note-5.html"), "{names:?}");
    let others = names.iter().filter(|name| name.contains("note-") && !name.contains("note-5."));
    assert_eq!(others.count(), 0, "{names:?}");
}

#[test]
fn dates_and_people_come_from_git() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    let body = "A text that is long enough to be known again\nafter the file was given another name.\n";
    let git = |author, day, arguments: &[&str]| desk.git("book", author, day, arguments);
    let commit = |author, day| {
        git(author, day, &["add", "-A"]);
        git(author, day, &["commit", "-q", "-m", "change"]);
    };
    let facts = || -> Vec<serde_json::Value> { serde_json::from_str(&desk.read("book/site/index.json")).unwrap() };
    git("Ana", 0, &["init", "-q"]);
    desk.write("book/content/learnings/old-name.md", format!("# Renamed\n\n{body}"));
    desk.write(
        "book/content/learnings/dated.md",
        format!("---\ndate: 2025-05-05\nauthors: Cy\n---\n# Dated\n\n{body}"),
    );
    commit("Ana", 4);
    git("Ana", 5, &["mv", "content/learnings/old-name.md", "content/learnings/new-name.md"]);
    commit("Ana", 5);
    desk.write("book/content/learnings/new-name.md", format!("# Renamed\n\n{body}And more.\n"));
    commit("Bo", 9);
    desk.build();
    let index = facts();
    let of = |title: &str| index.iter().find(|note| note["title"] == title).unwrap();
    let renamed = of("Renamed");
    assert_eq!((&renamed["date"], &renamed["updated"]), (&"2026-01-05".into(), &"2026-01-10".into()));
    assert_eq!(renamed["authors"], serde_json::json!(["Ana"]));
    let page = desk.read("book/site/learnings/new-name.html");
    assert!(page.contains("people/ana.html") && page.contains("Bo"), "the author, and who else wrote");
    assert_eq!(of("Dated")["date"], "2025-05-05", "what the note says comes first");
    assert_eq!(of("Dated")["authors"], serde_json::json!(["Cy"]));

    // A commit that touches no file of the book's content changes nothing, and one that does is seen.
    desk.write("book/notes.txt", "not the book's");
    commit("Di", 12);
    assert!(desk.build().summary().contains("(0 changed)"));
    desk.write("book/content/learnings/dated.md", format!("# Dated\n\n{body}"));
    commit("Di", 13);
    desk.build();
    assert_eq!(facts().iter().find(|note| note["title"] == "Dated").unwrap()["authors"], serde_json::json!(["Ana"]));
}

#[test]
fn a_shallow_clone_is_told_and_a_machine_without_git_builds() {
    let desk = Desk::with_book([("book.toml", ""), ("content/README.md", "# Home\n")]);
    let git = |day, arguments: &[&str]| desk.git("book", "Ana", day, arguments);
    git(0, &["init", "-q"]);
    git(0, &["add", "-A"]);
    git(0, &["commit", "-q", "-m", "one"]);
    desk.write("book/content/two.md", "# Two\n");
    git(1, &["add", "-A"]);
    git(1, &["commit", "-q", "-m", "two"]);
    assert!(!desk.build().talk.contains("shallow"));
    let url = format!("file://{}", desk.path("book").display());
    desk.git("home", "Ana", 2, &["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let shallow = desk.run(&["build", "shallow"]);
    assert_eq!(shallow.code, Some(0), "{}", shallow.talk);
    assert!(shallow.talk.contains("warning[shallow-history]"), "{}", shallow.talk);

    let mut without: Command = desk.fieldbook(&["build", "book", "-o", "without"]);
    let without = desk.finish(without.env("PATH", ""));
    assert_eq!(without.code, Some(0), "{}", without.talk);
    assert!(desk.read("without/two.html").contains("Two"));
    assert!(!desk.read("without/index.json").contains("2026-01-02"));
}

#[test]
fn a_bug_while_a_page_is_made_leaves_the_old_site_and_nothing_beside_it() {
    let desk = Desk::with_book([("content/README.md", "# Home\n")]);
    let root = Root { dir: desk.path("book") };
    let layout = Layout { content: "content".into(), theme: None, output: "site".into() };
    let publish = |version: &str, fails: bool| {
        let routes: Vec<String> = (0..50).map(|i| format!("pages/{i}.html")).collect();
        let output = |(i, route)| Output {
            route,
            fingerprint: Fingerprint::of(&(version, i)),
            content: disk::Content::Render(i),
        };
        let outputs: Vec<Output<'_>> = routes.iter().map(String::as_str).enumerate().map(output).collect();
        let render = |i: usize| {
            assert!(!(fails && i == 31), "a bug, on purpose");
            Ok::<_, std::convert::Infallible>(format!("{version} {i}").into_bytes())
        };
        disk::publish(&root, &layout, &outputs, |_| (), render).unwrap()
    };
    publish("old", false);
    let before = desk.tree("book/site");
    assert!(catch_unwind(AssertUnwindSafe(|| publish("new", true))).is_err());
    assert_same(&desk.tree("book/site"), &before, "after a bug");
    assert_eq!(desk.names("book"), ["content", "site"]);
    assert_eq!(publish("new", false).changed, 50);
}
