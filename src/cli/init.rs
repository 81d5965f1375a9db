//! `init`: a small working book.

use super::End;
use crate::disk::{self, Root};
use crate::terminal::Terminal;
use crate::text::reason;

/// The files of a new book; `{date}` becomes the day on which it is made.
const STARTER: &[(&str, &str)] = &[
    ("book.toml", include_str!("starter/book.toml")),
    (".gitignore", include_str!("starter/gitignore")),
    ("content/README.md", include_str!("starter/home.md")),
    ("content/learnings/the-label-mattered-more-than-the-amount.md", include_str!("starter/learning.md")),
    ("content/experiments/call-it-a-refund.md", include_str!("starter/experiment.md")),
    ("content/retros/first-retro.md", include_str!("starter/retro.md")),
    ("content/okrs/which-words-do-customers-look-for.md", include_str!("starter/okr.md")),
    ("content/inceptions/refunds-release.md", include_str!("starter/inception.md")),
    ("content/decisions/label-the-fare-as-a-refund.md", include_str!("starter/decision.md")),
    ("content/practices/review-experiments-not-features.md", include_str!("starter/practice.md")),
    ("content/patterns/one-flag-per-experiment.md", include_str!("starter/pattern.md")),
];

/// `fieldbook init [DIR]`
pub fn run(terminal: &Terminal, root: &Root) -> End {
    let today = match disk::today() {
        Ok(today) => today,
        Err(error) => {
            terminal.fail(&error.to_string(), &[]);
            return End::World;
        }
    };
    let mut made = 0;
    for (path, text) in STARTER {
        let text = text.replace("{date}", &today.to_string()).replace("{next_month}", &today.plus_days(30).to_string());
        match disk::create(root, path, &text) {
            Ok(true) => made += 1,
            Ok(false) => terminal.say(&format!("`{path}` is there already and stays as it is")),
            Err(error) => {
                terminal.fail(&format!("can't write `{}`: {}", root.dir.join(path).display(), reason(&error)), &[]);
                return End::World;
            }
        }
    }
    terminal.say(&format!(
        "{made} file{} made; now run: fieldbook build{}",
        if made == 1 { "" } else { "s" },
        match root.dir.as_os_str() {
            dir if dir == "." => String::new(),
            dir => format!(" {}", dir.display()),
        }
    ));
    End::Done
}
