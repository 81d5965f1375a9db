//! The command line: what the commands are called, what they do in which order, and exit codes.
//!
//! 0: done, with warnings at most. 1: errors in the author's files (with `--strict` also warnings).
//! 2: the command was not understood. 3: the world failed: a disk, a folder, a permission.
//! 70: this program has a bug.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::disk::{self, Root};
use crate::live::Options;
use crate::terminal::{self, Format, Terminal};
use crate::text::reason;

mod actions;
mod agenda;
mod brief;
mod build;
mod digest;
mod init;
mod mv;
mod new;
mod place;
mod review;
mod search;
mod serve;
mod stats;
mod watch;

/// Turns a folder of markdown notes into a searchable, tag-indexed learning handbook.
#[derive(Debug, Parser)]
#[command(
    name = "fieldbook",
    version,
    disable_help_subcommand = true,
    after_help = "\
A first book:
  fieldbook init handbook
  fieldbook build handbook
  open handbook/site/index.html"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a small working book, with a note of each main kind
    #[command(after_help = "Files that are there already stay as they are.")]
    Init {
        /// The folder to make it in
        #[arg(default_value = ".", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Start a note from the template of its kind
    #[command(after_help = "\
A retro gets the open actions of its team and the themes of its last retros. For an experiment, near
hypotheses that were tested before are named, with what came out.

Examples:
  fieldbook new learning \"Labels matter more than amounts\"
  fieldbook new retro \"Checkout, sprint 33\"")]
    New(new::Arguments),
    /// Build the site
    #[command(after_help = "\
Publishes what it can: a note with errors costs the others nothing. The old site is replaced in one
step, and only if something changed; files that fieldbook did not write are left where they are.

Exit codes: 0 done, 1 errors in the notes (or warnings under --strict), 2 usage, 3 the disk failed,
70 a bug in fieldbook.")]
    Build {
        /// The book's folder: the one with book.toml or a content folder, or any folder of notes
        #[arg(default_value = ".", value_name = "ROOT")]
        root: PathBuf,
        /// The folder to publish to [default: site, in the book's folder]
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Show drafts and notes with a date in the future
        #[arg(long)]
        drafts: bool,
        /// Publish nothing if there is a warning or an error
        #[arg(long)]
        strict: bool,
    },
    /// Build the site, and again on every change
    #[command(after_help = "\
Writes a line for each build, problems when they appear, and a word when they are solved. While
book.toml or the theme is broken, the site stays as it was. Ctrl-C ends it.")]
    Watch {
        /// The book's folder
        #[arg(default_value = ".", value_name = "ROOT")]
        root: PathBuf,
        /// The folder to publish to [default: site, in the book's folder]
        #[arg(long, short, value_name = "DIR")]
        output: Option<PathBuf>,
        /// Show drafts and notes with a date in the future
        #[arg(long)]
        drafts: bool,
        /// Look for changes twice a second: for disks that do not tell of them, as those of other machines
        #[arg(long)]
        poll: bool,
    },
    /// Show the site in a browser while you write
    #[command(after_help = "\
Follows every change of notes, files, theme and book.toml: an open page shows it at once, keeps its
scroll, and says what is wrong. Pages are made when they are asked for, and nothing is published.

Only this machine can reach it. `--host 0.0.0.0` lets everyone in the network read the book.")]
    Serve {
        /// The book's folder
        #[arg(default_value = ".", value_name = "ROOT")]
        root: PathBuf,
        /// The port [default: 4000, or the next that is free]
        #[arg(long, short, value_name = "N")]
        port: Option<u16>,
        /// The name or number of this machine to answer to
        #[arg(long, default_value = "127.0.0.1", value_name = "HOST")]
        host: String,
        /// Open the site in a browser
        #[arg(long)]
        open: bool,
        /// Show drafts and notes with a date in the future
        #[arg(long)]
        drafts: bool,
        /// Look for changes twice a second: for disks that do not tell of them, as those of other machines
        #[arg(long)]
        poll: bool,
    },
    /// Say what is wrong with the notes, and publish nothing
    Check {
        /// The book's folder
        #[arg(default_value = ".", value_name = "ROOT")]
        root: PathBuf,
        /// How to say it
        #[arg(long, default_value = "text", value_name = "FORMAT")]
        format: FormatName,
        /// Exit with 1 if there is a warning
        #[arg(long)]
        strict: bool,
        /// Check drafts and notes with a date in the future, too
        #[arg(long)]
        drafts: bool,
    },
    /// Find notes, as the site's own search does
    #[command(after_help = "\
Examples:
  fieldbook search refund label
  fieldbook search --kind experiment --result refuted badge
  fieldbook search '\"what surprised us\" -spain' --format json")]
    Search(search::Arguments),
    /// List what is left to do, the most urgent first
    #[command(after_help = "Example:\n  fieldbook actions --owner ana --late")]
    Actions(actions::Arguments),
    /// Print the agenda of the next experiment review, as Markdown
    Agenda(agenda::Arguments),
    /// Print what was learned of late, as Markdown to paste into a channel
    #[command(
        after_help = "Examples:\n  fieldbook digest --since 7d\n  fieldbook digest --since 2026-03-01 --format json"
    )]
    Digest(digest::Arguments),
    /// Say in a note that you have looked at it today, and that it still holds
    #[command(after_help = "\
Writes today's day under `reviewed` in the note's front matter, and changes nothing else.")]
    Review(review::Arguments),
    /// Print what the book holds, and how the loop turns
    Stats(stats::Arguments),
    /// Move or rename a note, with every link to it
    #[command(after_help = "\
Rewrites the links in place and leaves the old address as an alias. Before anything is written, every
link of the book is known to lead where it led before; if one would not, nothing is changed.

Examples:
  fieldbook mv labels-matter learnings/words-matter --dry-run
  fieldbook mv content/notes/refunds.md learnings/")]
    Mv(mv::Arguments),
    /// Say what the book knows about something, before it is discussed
    #[command(after_help = "\
What holds, with what speaks for and against it; what did not hold; what is open; what was learned
and not used yet; whom to ask; and every note of it.

Examples:
  fieldbook brief refund label > brief.md
  fieldbook brief --tag pricing --format html > brief.html")]
    Brief(brief::Arguments),
    /// Print a script that completes fieldbook's commands in a shell
    #[command(
        after_help = "Example:\n  fieldbook completions bash > ~/.local/share/bash-completion/completions/fieldbook"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    /// With the line, a caret and advice
    Text,
    /// One line each
    Short,
    /// One JSON object a line
    Json,
    /// Annotations for GitHub Actions
    Github,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DataFormat {
    /// For people
    Text,
    /// One JSON object
    Json,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Text => Format::Text,
            FormatName::Short => Format::Short,
            FormatName::Json => Format::Json,
            FormatName::Github => Format::Github,
        }
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Problems,
    World,
    Bug,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        ExitCode::from(match end {
            End::Done => 0,
            End::Problems => 1,
            End::World => 3,
            End::Bug => 70,
        })
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap knows where each belongs.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let terminal = Terminal::from_environment();
    terminal::silence_panics();
    guard(&terminal, || command(&terminal, arguments.command)).into()
}

/// A panic is a bug: it ends the command with one line, and nothing is published of what was under way.
fn guard(terminal: &Terminal, command: impl FnOnce() -> End) -> End {
    terminal::catch(command).unwrap_or_else(|panic| {
        let hint = "this is a bug in fieldbook: please report it; the site that was published is as it was";
        terminal.fail(&format!("internal error: {panic}"), &[hint.into()]);
        End::Bug
    })
}

fn command(terminal: &Terminal, command: Command) -> End {
    match command {
        Command::Init { dir } => init::run(terminal, &Root { dir }),
        Command::New(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| new::run(terminal, &root, &arguments))
        }
        Command::Build { root, output, drafts, strict } => {
            in_book(terminal, root, |root| build::build(terminal, root, Options { output, drafts }, strict))
        }
        Command::Watch { root, output, drafts, poll } => {
            in_book(terminal, root, |root| watch::watch(terminal, root, Options { output, drafts }, poll))
        }
        Command::Serve { root, port, host, open, drafts, poll } => in_book(terminal, root, |root| {
            let place = serve::Place { host, port, open };
            serve::serve(terminal, root, Options { output: None, drafts }, poll, &place)
        }),
        Command::Check { root, format, strict, drafts } => in_book(terminal, root, |root| {
            build::check(terminal, root, format.into(), Options { output: None, drafts }, strict)
        }),
        Command::Search(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| search::run(terminal, root, &arguments))
        }
        Command::Actions(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| actions::run(terminal, root, &arguments))
        }
        Command::Agenda(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| agenda::run(terminal, root, &arguments))
        }
        Command::Digest(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| digest::run(terminal, root, &arguments))
        }
        Command::Review(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| review::run(terminal, root, &arguments))
        }
        Command::Stats(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| stats::run(terminal, root, &arguments))
        }
        Command::Mv(arguments) => in_book(terminal, arguments.root.clone(), |root| mv::run(terminal, root, &arguments)),
        Command::Brief(arguments) => {
            in_book(terminal, arguments.root.clone(), |root| brief::run(terminal, root, &arguments))
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "fieldbook", &mut script);
            said(terminal, terminal.data(&String::from_utf8_lossy(&script)), End::Done)
        }
    }
}

/// Does what needs a book's folder, if there is one.
fn in_book(terminal: &Terminal, dir: PathBuf, command: impl FnOnce(Root) -> End) -> End {
    let root = Root { dir };
    if disk::is_folder(&root, "") {
        return command(root);
    }
    let hint = "name the folder that holds book.toml or the notes";
    terminal.fail(&format!("there is no folder `{}`", root.dir.display()), &[hint.into()]);
    End::World
}

/// How a command ends whose word has been given as data: as `end`, if it could be written.
fn said(terminal: &Terminal, written: io::Result<()>, end: End) -> End {
    match written {
        Ok(()) => end,
        Err(error) => {
            terminal.fail(&format!("can't write to the standard output: {}", reason(&error)), &[]);
            End::World
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_ends_with_70_and_every_other_end_with_its_own_code() {
        let terminal = Terminal::from_environment();
        let code = |end: fn() -> End| ExitCode::from(guard(&terminal, end));
        assert_eq!(code(|| panic!("a bug, on purpose")), ExitCode::from(70));
        assert_eq!(code(|| End::Done), ExitCode::from(0));
        assert_eq!(code(|| End::Problems), ExitCode::from(1));
        assert_eq!(code(|| End::World), ExitCode::from(3));
    }
}
