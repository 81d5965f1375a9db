//! What git knows of the notes: the only subprocess. One `git log` is read as a stream, and git is
//! kept from running anything that a repository's configuration names: hooks, pagers, filters,
//! external diffs, signature programs, fetches.
#![allow(clippy::disallowed_methods)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use crate::date::Date;
use crate::memo::Fingerprint;
use crate::path::SourcePath;
use crate::source::{FileHistory, History};

/// Reads the history of the files below `content` (a path from the book's root; empty for the root itself).
///
/// Renames are followed as long as they stay below `content`. Merges are skipped, and so are the
/// commits of robots (`[bot]` in the author's name): a note is not newer because a robot touched it.
/// Dates are the UTC days of the author dates.
///
/// Where there is no repository, no commit, no git, or git fails, the history is empty: a book
/// needs no git.
pub fn read(root: &Path, content: &str) -> History {
    let Some((shallow, head)) = repository(root) else {
        return History::default();
    };
    // A partial clone lacks the old blobs that git compares to find an edited rename. It must not
    // fetch them; renames without an edit are found by name and hash alone.
    let files = ["-M", "-M100%"].iter().find_map(|renames| log(root, content, renames)).unwrap_or_default();
    History { files, head: Some(head), shallow }
}

/// A fingerprint of all that [`read`] depends on: the commit of HEAD, `.mailmap`, and where a
/// shallow clone ends. It is read from git's files, so that asking costs no process; only where
/// HEAD can't be followed there (as in repositories with the reftable format) git is asked.
pub fn version(root: &Path) -> Fingerprint {
    let files = Repository::find(root).map(|repository| {
        let head = repository.head().or_else(|| self::repository(root).map(|(_, head)| head));
        let read = |path: PathBuf| fs::read(path).unwrap_or_default();
        (head, read(repository.work_tree.join(".mailmap")), read(repository.common.join("shallow")))
    });
    Fingerprint::of(&files)
}

/// The folders in which something changes when [`version`] does. Not all are the book's, nor is all
/// in them: see [`is_noise`].
pub fn folders(root: &Path) -> Vec<PathBuf> {
    let Some(repository) = Repository::find(root) else { return Vec::new() };
    let mut folders = vec![repository.git.clone(), repository.common.clone()];
    folders.extend(repository.branch().and_then(|branch| Some(branch.parent()?.to_owned())));
    folders.push(repository.work_tree);
    folders.sort();
    folders.dedup();
    folders.retain(|folder| folder.is_dir());
    folders
}

/// Whether a change of this file in a folder of git's says nothing of the history.
pub fn is_noise(path: &Path) -> bool {
    let mut above = path.components().rev();
    let name = above.next().map(|name| name.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    let Some(depth) = above.position(|part| part.as_os_str() == ".git") else { return false };
    name.ends_with(".lock") || depth == 0 && !matches!(name.as_str(), "HEAD" | "packed-refs" | "shallow" | "refs")
}

/// The folders in which git keeps what [`version`] reads.
struct Repository {
    work_tree: PathBuf,
    /// Holds this work tree's HEAD.
    git: PathBuf,
    /// Holds what all work trees share.
    common: PathBuf,
}

impl Repository {
    fn find(root: &Path) -> Option<Self> {
        let root = fs::canonicalize(root).ok()?;
        let (work_tree, git) =
            root.ancestors().map(|folder| (folder, folder.join(".git"))).find(|(_, git)| git.exists())?;
        let pointed = |from: &Path, text: String| from.join(text.trim_end_matches(['\n', '\r']));
        let git = match fs::read_to_string(&git) {
            Ok(link) => pointed(work_tree, link.strip_prefix("gitdir: ")?.to_owned()),
            Err(_) => git,
        };
        let common = fs::read_to_string(git.join("commondir")).map_or(git.clone(), |text| pointed(&git, text));
        Some(Repository { work_tree: work_tree.to_owned(), git, common })
    }

    fn head(&self) -> Option<String> {
        let mut text = fs::read_to_string(self.git.join("HEAD")).ok()?;
        // HEAD names a branch; a branch could name another one, though git itself never makes it so.
        for _ in 0..5 {
            let Some(name) = text.trim_end().strip_prefix("ref: ") else {
                let commit = text.trim_end();
                let is_hash = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                return is_hash.then(|| commit.to_owned());
            };
            text = fs::read_to_string(self.common.join(name)).ok().or_else(|| self.packed(name))?;
        }
        None
    }

    /// The file that names the commit of the branch that HEAD is on; where there are packed
    /// references it may be missing.
    fn branch(&self) -> Option<PathBuf> {
        let head = fs::read_to_string(self.git.join("HEAD")).ok()?;
        let name = head.trim_end().strip_prefix("ref: ")?;
        Some(self.common.join(name))
    }

    fn packed(&self, name: &str) -> Option<String> {
        let packed = fs::read_to_string(self.common.join("packed-refs")).ok()?;
        packed
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(_, of)| *of == name)
            .map(|(hash, _)| hash.to_owned())
    }
}

/// Whether the clone is shallow, and the commit of HEAD.
fn repository(root: &Path) -> Option<(bool, String)> {
    // Where there is none, no process has to say so.
    Repository::find(root)?;
    let output = git(root).args(["rev-parse", "--is-shallow-repository", "HEAD^{commit}"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    let (shallow, head) = text.trim_end().split_once('\n')?;
    Some((shallow == "true", head.to_owned()))
}

/// The name under which the person at this machine commits, if git knows one.
pub fn user_name(root: &Path) -> Option<String> {
    let output = git(root).args(["config", "user.name"]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !name.is_empty()).then_some(name)
}

/// `git` in `root`, unable to run or to wait for anything but itself.
fn git(root: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).arg("--no-pager");
    for setting in [
        "core.fsmonitor=false",
        "log.showSignature=false",
        "log.showRoot=true",
        "log.follow=false",
        "core.quotePath=false",
        "protocol.allow=never",
    ] {
        git.args(["-c", setting]);
    }
    // Set by git around hooks, for its own repository; ours is the one around the root.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_SHALLOW_FILE",
        "GIT_GRAFT_FILE",
    ] {
        git.env_remove(name);
    }
    for (name, value) in [
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("LC_ALL", "C"),
    ] {
        git.env(name, value);
    }
    git.stdin(Stdio::null()).stderr(Stdio::null());
    git
}

fn log(root: &Path, content: &str, renames: &str) -> Option<BTreeMap<SourcePath, FileHistory>> {
    let mut child = git(root)
        .args(["log", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color", "--encoding=UTF-8"])
        // A commit is `\x01` seconds NUL author NUL, then, after a newline, a letter NUL path NUL
        // for each file, with a second path after the letter `R`.
        .args(["--no-merges", "--relative", "-z", "--name-status", "-l1000", renames, "--format=%x01%at%x00%aN"])
        .args(["--", if content.is_empty() { "." } else { content }])
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let tracks = child.stdout.take().map(|stdout| Tracks::read(BufReader::new(stdout)));
    let succeeded = child.wait().ok()?.success();
    Some(tracks?.ok().filter(|_| succeeded)?.histories())
}

/// The files met so far, from the newest commit back.
#[derive(Default)]
struct Tracks {
    tracks: Vec<Track>,
    /// What a path meant before the commits read so far: the file that it became.
    names: HashMap<Vec<u8>, usize>,
    authors: HashSet<Arc<str>>,
}

/// One file through all its names.
struct Track {
    path: Vec<u8>,
    /// It was not deleted later.
    alive: bool,
    days: Option<(Date, Date)>,
    /// Newest first, with repetitions.
    authors: Vec<Arc<str>>,
}

/// A commit's day and author; none for a robot's.
type By = Option<(Date, Arc<str>)>;

impl Tracks {
    fn read(mut log: impl BufRead) -> io::Result<Self> {
        let mut tracks = Tracks::default();
        let mut by: By = None;
        let mut token = |into: &mut Vec<u8>| -> io::Result<bool> {
            into.clear();
            log.read_until(0, into)?;
            Ok(into.pop_if(|last| *last == 0).is_some())
        };
        let (mut head, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        while token(&mut head)? {
            let head = head.trim_ascii_start();
            if let [1, seconds @ ..] = head {
                token(&mut first)?;
                by = tracks.by(seconds, &first);
            } else if let Some(&letter) = head.first() {
                token(&mut first)?;
                if letter == b'R' {
                    token(&mut second)?;
                    let id = tracks.change(letter, &second, &by);
                    // A path is either side of one rename at most in a commit, and has no other change in it.
                    tracks.names.remove(second.as_slice());
                    tracks.names.insert(first.clone(), id);
                } else {
                    tracks.change(letter, &first, &by);
                }
            }
        }
        Ok(tracks)
    }

    fn by(&mut self, seconds: &[u8], author: &[u8]) -> By {
        let date = Date::from_unix(str::from_utf8(seconds).ok()?.parse().ok()?)?;
        let author = String::from_utf8_lossy(author);
        let author = author.trim();
        if author.is_empty() || author.contains("[bot]") {
            return None;
        }
        let known = self.authors.get(author).cloned();
        let author = known.unwrap_or_else(|| {
            let new: Arc<str> = author.into();
            self.authors.insert(new.clone());
            new
        });
        Some((date, author))
    }

    fn change(&mut self, letter: u8, path: &[u8], by: &By) -> usize {
        let deleted = letter == b'D';
        let id = *self.names.entry(path.to_owned()).or_insert_with(|| {
            self.tracks.push(Track { path: path.to_owned(), alive: !deleted, days: None, authors: Vec::new() });
            self.tracks.len() - 1
        });
        if let (Some(track), Some((day, author)), false) = (self.tracks.get_mut(id), by, deleted) {
            let (first, last) = track.days.unwrap_or((*day, *day));
            track.days = Some((first.min(*day), last.max(*day)));
            track.authors.push(author.clone());
        }
        id
    }

    fn histories(self) -> BTreeMap<SourcePath, FileHistory> {
        let mut histories = BTreeMap::new();
        for track in self.tracks.into_iter().filter(|track| track.alive) {
            let mut seen = HashSet::new();
            let contributors: Vec<Arc<str>> =
                track.authors.into_iter().rev().filter(|author| seen.insert(author.clone())).collect();
            let (Some((created, updated)), Some(author)) = (track.days, contributors.first().cloned()) else {
                continue;
            };
            // A path that is not UTF-8 has no note: the scan leaves it out, too.
            let Ok(path) = String::from_utf8(track.path) else { continue };
            // A path met twice was given to a second file; the one met first has it now.
            histories.entry(SourcePath::new(path)).or_insert(FileHistory { created, updated, author, contributors });
        }
        histories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Repo {
        dir: tempfile::TempDir,
    }

    impl Repo {
        fn new() -> Self {
            let repo = Repo { dir: tempfile::tempdir().unwrap() };
            repo.git("Ana", 0, &["init", "-q", "-b", "main"]);
            repo
        }

        fn path(&self) -> &Path {
            self.dir.path()
        }

        /// Runs git as `author`, `day` days after 2026-01-01.
        fn git(&self, author: &str, day: i64, args: &[&str]) -> String {
            let when = format!("{} +0000", 1_767_225_600 + day * 86_400 + 3_600);
            let output = Command::new("git")
                .arg("-C")
                .arg(self.path())
                .args(["-c", "commit.gpgSign=false"])
                .args(args)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .envs([("GIT_AUTHOR_NAME", author), ("GIT_COMMITTER_NAME", "C")])
                .envs([("GIT_AUTHOR_EMAIL", "a@example.org"), ("GIT_COMMITTER_EMAIL", "c@example.org")])
                .envs([("GIT_AUTHOR_DATE", when.as_str()), ("GIT_COMMITTER_DATE", when.as_str())])
                .env_remove("GIT_DIR")
                .output()
                .unwrap();
            assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn commit(&self, author: &str, day: i64) {
            self.git(author, day, &["add", "-A"]);
            self.git(author, day, &["commit", "-q", "-m", "change"]);
        }
    }

    fn shown(history: &History, path: &str) -> Option<String> {
        let file = history.files.get(&SourcePath::new(path))?;
        Some(format!("{} {} {} [{}]", file.created, file.updated, file.author, file.contributors.join(", ")))
    }

    const TEXT: &str = "A text\nthat is long enough\nto be found again\nafter it was renamed\n";

    #[test]
    fn a_file_keeps_its_first_author_through_renames_though_another_takes_its_name() {
        let repo = Repo::new();
        repo.write("content/a.md", TEXT);
        repo.write("content/other.md", "Another\nfile altogether\nwith its own words\n");
        repo.commit("Ana", 0);
        repo.git("Ana", 1, &["mv", "content/a.md", "content/b.md"]);
        repo.commit("Bo", 1);
        repo.write("content/b.md", &format!("{TEXT}and more\n"));
        repo.commit("Cy", 2);
        repo.git("Ana", 3, &["mv", "content/b.md", "content/deep ä\n.md"]);
        repo.commit("Di", 3);
        repo.git("Ana", 4, &["mv", "content/other.md", "content/b.md"]);
        repo.commit("Ed", 4);
        let history = read(repo.path(), "content");
        assert_eq!(
            shown(&history, "content/deep ä\n.md").as_deref(),
            Some("2026-01-01 2026-01-04 Ana [Ana, Bo, Cy, Di]")
        );
        assert_eq!(shown(&history, "content/b.md").as_deref(), Some("2026-01-01 2026-01-05 Ana [Ana, Ed]"));
        assert_eq!(history.files.len(), 2);
        assert_eq!(history.head.as_deref(), Some(repo.git("", 0, &["rev-parse", "HEAD"]).trim_end()));
        assert!(!history.shallow);
    }

    #[test]
    fn a_book_below_the_repository_sees_its_own_paths_only() {
        let repo = Repo::new();
        repo.write("docs/book/content/a.md", "a");
        repo.write("content/a.md", "outside");
        repo.commit("Ana", 0);
        let history = read(&repo.path().join("docs/book"), "content");
        assert_eq!(history.files.keys().map(SourcePath::as_str).collect::<Vec<_>>(), ["content/a.md"]);
        let all = read(&repo.path().join("docs/book"), "");
        assert_eq!(all.files.keys().map(SourcePath::as_str).collect::<Vec<_>>(), ["content/a.md"]);
    }

    #[test]
    fn robots_merges_and_deleted_files_leave_no_trace_and_mailmap_counts() {
        let repo = Repo::new();
        repo.write(".mailmap", "Ana Real <a@example.org> Ana <a@example.org>\n");
        repo.write("content/a.md", "a");
        repo.write("content/gone.md", "gone");
        repo.commit("Ana", 0);
        repo.git("Ana", 1, &["checkout", "-q", "-b", "side"]);
        repo.write("content/b.md", "b");
        repo.commit("Bo", 1);
        repo.git("Ana", 2, &["checkout", "-q", "main"]);
        repo.write("content/a.md", "a formatted");
        repo.commit("prettier[bot]", 2);
        repo.git("Merger", 3, &["merge", "-q", "--no-ff", "-m", "merge", "side"]);
        fs::remove_file(repo.path().join("content/gone.md")).unwrap();
        repo.write("content/robot.md", "made by a robot");
        repo.commit("sync[bot]", 4);
        let history = read(repo.path(), "content");
        assert_eq!(shown(&history, "content/a.md").as_deref(), Some("2026-01-01 2026-01-01 Ana Real [Ana Real]"));
        assert_eq!(shown(&history, "content/b.md").as_deref(), Some("2026-01-02 2026-01-02 Bo [Bo]"));
        assert_eq!(history.files.len(), 2);
    }

    #[test]
    fn a_shallow_clone_says_so_and_its_version_changes_when_it_is_deepened() {
        let repo = Repo::new();
        for day in 0..3 {
            repo.write("content/a.md", &format!("{day}"));
            repo.commit("Ana", day);
        }
        let clone = tempfile::tempdir().unwrap();
        let url = format!("file://{}", repo.path().display());
        let into = clone.path().join("clone");
        repo.git("Ana", 9, &["clone", "-q", "--depth", "1", &url, into.to_str().unwrap()]);
        let history = read(&into, "content");
        assert!(history.shallow);
        assert_eq!(shown(&history, "content/a.md").as_deref(), Some("2026-01-03 2026-01-03 Ana [Ana]"));
        let before = version(&into);
        repo.git("Ana", 9, &["-C", into.to_str().unwrap(), "fetch", "-q", "--unshallow"]);
        assert_ne!(version(&into), before);
        assert_eq!(shown(&read(&into, "content"), "content/a.md").as_deref(), Some("2026-01-01 2026-01-03 Ana [Ana]"));
    }

    #[test]
    fn a_partial_clone_is_read_without_fetching() {
        let repo = Repo::new();
        repo.git("Ana", 0, &["config", "uploadpack.allowFilter", "true"]);
        repo.write("content/a.md", TEXT);
        repo.commit("Ana", 0);
        repo.git("Ana", 1, &["mv", "content/a.md", "content/b.md"]);
        repo.write("content/b.md", &format!("{TEXT}edited\n"));
        repo.commit("Bo", 1);
        repo.git("Ana", 2, &["mv", "content/b.md", "content/c.md"]);
        repo.commit("Cy", 2);
        let clone = tempfile::tempdir().unwrap();
        let url = format!("file://{}", repo.path().display());
        let into = clone.path().join("clone");
        repo.git("Ana", 9, &["clone", "-q", "--filter=blob:none", &url, into.to_str().unwrap()]);
        assert_eq!(
            shown(&read(&into, "content"), "content/c.md").as_deref(),
            Some("2026-01-02 2026-01-03 Bo [Bo, Cy]")
        );
    }

    #[test]
    fn without_a_repository_or_a_commit_the_history_is_empty() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path(), "content"), History::default());
        assert_eq!(read(&dir.path().join("missing"), "content"), History::default());
        let repo = Repo::new();
        assert_eq!(read(repo.path(), "content"), History::default());
    }

    #[test]
    fn programs_named_by_the_repository_do_not_run() {
        let repo = Repo::new();
        let trap = repo.path().join("trap");
        fs::write(&trap, format!("#!/bin/sh\ntouch {}\n", repo.path().join("sprung").display())).unwrap();
        fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        repo.write(".gitattributes", "*.md diff=trap filter=trap\n");
        repo.write("content/a.md", TEXT);
        repo.commit("Ana", 0);
        repo.git("Ana", 1, &["mv", "content/a.md", "content/b.md"]);
        repo.write("content/b.md", &format!("{TEXT}edited\n"));
        repo.commit("Bo", 1);
        let program = trap.to_str().unwrap();
        for key in ["core.pager", "core.fsmonitor", "diff.external", "diff.trap.command", "diff.trap.textconv"] {
            repo.git("Ana", 2, &["config", key, program]);
        }
        for key in ["filter.trap.clean", "filter.trap.smudge", "gpg.program", "core.sshCommand", "alias.log"] {
            repo.git("Ana", 2, &["config", key, program]);
        }
        repo.git("Ana", 2, &["config", "log.showSignature", "true"]);
        repo.git("Ana", 2, &["config", "color.ui", "always"]);
        repo.git("Ana", 2, &["config", "diff.renames", "false"]);
        repo.git("Ana", 2, &["config", "log.showRoot", "false"]);
        assert_eq!(
            shown(&read(repo.path(), "content"), "content/b.md").as_deref(),
            Some("2026-01-01 2026-01-02 Ana [Ana, Bo]")
        );
        assert!(!repo.path().join("sprung").exists());
    }

    #[test]
    fn the_version_follows_commits_packed_branches_work_trees_and_the_mailmap() {
        let repo = Repo::new();
        let unborn = version(repo.path());
        repo.write("content/a.md", "a");
        repo.commit("Ana", 0);
        let first = version(repo.path());
        assert_ne!(first, unborn);
        let find = || Repository::find(&repo.path().join("content")).unwrap();
        let head = find().head();
        assert_eq!(head.as_deref(), Some(repo.git("", 0, &["rev-parse", "HEAD"]).trim_end()));
        repo.git("Ana", 0, &["pack-refs", "--all"]);
        assert!(!repo.path().join(".git/refs/heads/main").exists());
        assert_eq!(version(repo.path()), first);
        repo.git("Ana", 0, &["checkout", "-q", "--detach"]);
        assert_eq!(find().head(), head);
        let tree = tempfile::tempdir().unwrap();
        let tree = tree.path().join("tree");
        repo.git("Ana", 0, &["worktree", "add", "-q", tree.to_str().unwrap(), "main"]);
        assert_eq!(Repository::find(&tree).unwrap().head(), head);
        repo.write(".mailmap", "A <a@example.org>\n");
        assert_ne!(version(repo.path()), first);
        assert_eq!(version(Path::new("/nowhere")), version(Path::new("/nowhere/else")));
    }
}
