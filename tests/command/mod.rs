//! The built program on a desk of its own: a temporary folder, a home, and an environment in which
//! nothing of the machine's is left.
#![allow(dead_code, clippy::disallowed_methods)] // Each test binary uses its own part; tests may touch the disk.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// 2026-11-23, the day of every build.
pub const DAY: &str = "1795392000";

/// A temporary folder in which commands run.
pub struct Desk {
    dir: tempfile::TempDir,
}

/// How a command ended, and what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output: data.
    pub data: String,
    /// Standard error: talk.
    pub talk: String,
}

/// A tree's files by path: mode and bytes.
pub type Tree = BTreeMap<String, (u32, Vec<u8>)>;

impl Desk {
    pub fn new() -> Self {
        Desk::in_folder(&std::env::temp_dir())
    }

    /// A desk below `folder`.
    pub fn in_folder(folder: &Path) -> Self {
        let desk = Desk { dir: tempfile::tempdir_in(folder).unwrap() };
        fs::create_dir(desk.path("home")).unwrap();
        desk
    }

    /// A desk with these files in the folder `book`.
    pub fn with_book<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Self {
        let desk = Desk::new();
        fs::create_dir(desk.path("book")).unwrap();
        for (path, text) in files {
            desk.write(&format!("book/{path}"), text);
        }
        desk
    }

    /// The path of something on the desk.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    /// The names in a folder, sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }

    /// The names in a folder, but for the record of the last build: a build keeps none while files
    /// are so young that it would prove nothing.
    pub fn shown(&self, folder: &str) -> Vec<String> {
        self.names(folder).into_iter().filter(|name| name != ".fieldbook").collect()
    }

    pub fn tree(&self, folder: &str) -> Tree {
        tree(&self.path(folder))
    }

    /// A program in the desk's folder and environment.
    pub fn program(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("HOME", self.path("home"))
            .env("SOURCE_DATE_EPOCH", DAY)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CEILING_DIRECTORIES", self.dir.path().parent().unwrap());
        command
    }

    /// `fieldbook` with these arguments.
    pub fn fieldbook(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_fieldbook"));
        command.args(arguments);
        command
    }

    /// Runs `fieldbook` to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.finish(&mut self.fieldbook(arguments))
    }

    /// Runs a command to its end.
    pub fn finish(&self, command: &mut Command) -> Ended {
        self.ended(command.output().unwrap())
    }

    /// What a finished command wrote, with the desk's own path as `[DESK]`.
    pub fn ended(&self, output: Output) -> Ended {
        let place = fs::canonicalize(self.dir.path()).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(place.to_str().unwrap(), "[DESK]");
        Ended { code: output.status.code(), data: text(output.stdout), talk: text(output.stderr) }
    }

    /// Builds the folder `book`, which has no problems.
    pub fn build(&self) -> Ended {
        let ended = self.run(&["build", "book"]);
        assert_eq!(ended.code, Some(0), "{}", ended.talk);
        ended
    }

    /// `git` as `author` in a folder, `day` days after 2026-01-01.
    pub fn git(&self, folder: &str, author: &str, day: i64, arguments: &[&str]) {
        let when = format!("{} +0000", 1_767_225_600 + day * 86_400 + 3_600);
        let mut git = self.program("git");
        git.current_dir(self.path(folder)).args(["-c", "commit.gpgSign=false", "-c", "init.defaultBranch=main"]);
        git.args(["-c", "protocol.file.allow=always"]).args(arguments);
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), author).env(format!("GIT_{who}_EMAIL"), format!("{author}@example.org"));
            git.env(format!("GIT_{who}_DATE"), &when);
        }
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Ended {
    /// The last line of talk: a build's summary.
    pub fn summary(&self) -> &str {
        self.talk.trim_end().lines().next_back().unwrap_or_default()
    }
}

/// All files below a folder; of a symbolic link, where it leads.
pub fn tree(top: &Path) -> Tree {
    let mut found = Tree::new();
    walk(top, &mut |path, metadata| {
        let bytes = match metadata.is_symlink() {
            true => fs::read_link(path).unwrap().into_os_string().into_encoded_bytes(),
            false => fs::read(path).unwrap(),
        };
        let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
        found.insert(name, (metadata.mode(), bytes));
    });
    found
}

/// Calls `see` with each file below a folder, and with what the system knows of it.
pub fn walk(folder: &Path, see: &mut impl FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        match metadata.is_dir() {
            true => walk(&path, see),
            false => see(&path, &metadata),
        }
    }
}

/// Fails with the first difference of two trees.
#[track_caller]
pub fn assert_same(actual: &Tree, expected: &Tree, when: &str) {
    if actual == expected {
        return;
    }
    let names: Vec<&String> = actual.keys().chain(expected.keys()).collect();
    let different: Vec<_> = names.into_iter().filter(|name| actual.get(*name) != expected.get(*name)).collect();
    panic!("{when}: {} files differ, among them {:?}", different.len(), different.first());
}
