//! What is wrong with an author's files: values, with a place and a way out. Nothing here prints.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::path::SourcePath;
use crate::text::{LineIndex, Position, Span, floor_boundary, truncate};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What would help a team to learn more from its notes. Never fails, not even under `--strict`: no
    /// writer has to do anything, and what is late today was not so yesterday.
    Advice,
    /// The site is complete, but something is not as its author meant. Fails only under `--strict`.
    Warning,
    /// Something could not be published as written. The build ends with exit code 1.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Advice => "advice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// Declares [`Code`]: each code's name, its severity where book.toml sets none, and its meaning.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $doc:literal)*) => {
        /// What kind of problem a diagnostic reports. Each code has a page in the manual.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code { $(#[doc = $doc] #[serde(rename = $name)] $variant,)* }

        impl Code {
            /// Every code, in the order of the manual.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The name as it is printed and as `[checks]` in book.toml spells it.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// The severity where book.toml sets none.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// One line on what the code means.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $doc),* }
            }
        }
    };
}

codes! {
    // Files
    NotUtf8 "not-utf8" Error "The note is not UTF-8; what could not be read is shown as U+FFFD."
    NulByte "nul-byte" Error "The note holds a NUL byte, as binary files do; it is shown as U+FFFD."
    NoteTooLarge "note-too-large" Error "The note is larger than 32 MB and is left out."
    NameNotUtf8 "name-not-utf8" Error "A file's name is not UTF-8, so it can have no address; it is left out."
    SymlinkSkipped "symlink-skipped" Warning "A symbolic link leads out of the content folder, or in a circle, and is not followed."
    SpecialFile "special-file" Warning "A FIFO, socket or device lies in the content folder and is not opened."
    AssetNotPublished "asset-not-published" Warning "A file beside the notes could run code on the site's host and is not published."
    UnreadableFile "unreadable-file" Error "A file could not be read; the rest of the book builds."
    SameAddress "same-address" Error "Two notes or files would have the same address."
    ShallowHistory "shallow-history" Warning "The git clone is shallow, so dates and authors from git may be wrong."

    // Front matter
    FrontMatterUnclosed "front-matter-unclosed" Error "The front matter starts with `---` and never ends."
    FrontMatterSyntax "front-matter-syntax" Error "The front matter is not the YAML (or TOML) that it should be."
    FrontMatterTooLarge "front-matter-too-large" Error "The front matter is larger than 64 kB or nested deeper than 30."
    YamlFeature "yaml-feature" Error "Anchors, aliases, merge keys, tags and several documents are not read in front matter."
    DuplicateKey "duplicate-key" Error "A key stands twice; the first one counts."
    UnknownKey "unknown-key" Warning "A key is close to one that is known; perhaps it is a slip."
    WrongType "wrong-type" Error "A key's value has another type than the key."
    InvalidValue "invalid-value" Warning "A key's value is none of those that the key can have."
    InvalidDate "invalid-date" Error "A date names no day of the calendar."
    Withheld "withheld" Error "The front matter can't be read and mentions `draft` or `visibility`, so the note is not published."

    // Text
    NestingTooDeep "nesting-too-deep" Warning "Quotes, lists or HTML are nested deeper than 100; what lies deeper is shown flat."
    CodeTooLong "code-too-long" Warning "A code block is too long to be highlighted; it is shown plain and complete."
    CodeUnclosed "code-unclosed" Warning "A code block is never closed, so all that follows it is shown as code."
    PageTooLarge "page-too-large" Error "The note's page would be far larger than the note; it is cut."
    InvalidMath "invalid-math" Warning "A formula is not valid LaTeX; its source is shown."
    HtmlRemoved "html-removed" Warning "Raw HTML that could run code or load from other hosts was removed."
    ForbiddenUrl "forbidden-url" Warning "A link's scheme could run code or read files; the link is removed, its text stays."
    InternalError "internal-error" Error "The program failed on this note: a bug. The note's text is shown plain."

    // Links
    BrokenLink "broken-link" Warning "A link leads to no note and no file."
    BrokenAnchor "broken-anchor" Warning "A link names a heading that its target does not have."
    AmbiguousLink "ambiguous-link" Warning "A wikilink fits several notes."
    UnresolvedWikilinks "unresolved-wikilinks" Warning "Some `[[…]]` lead to no note and are shown as they were typed."
    LinkOutside "link-outside" Warning "A link leads to a file outside the content folder, which is not part of the site."
    MissingFile "missing-file" Warning "An image or a file that a note shows is not there."
    EmbedCycle "embed-cycle" Warning "Notes embed one another in a circle."

    // The book
    InvalidAlias "invalid-alias" Error "An alias is not one relative path within the site."
    AliasTaken "alias-taken" Warning "An alias is the address of another note, or of another alias."
    UnknownTag "unknown-tag" Warning "A tag is not in the list that book.toml allows."
    UnknownKind "unknown-kind" Warning "A note's kind is none that the book has."
    TwoFolderPages "two-folder-pages" Warning "A folder has more than one page (README.md, index.md, _index.md); one is used, the others are notes."

    // The learning loop
    OkrNotAQuestion "okr-not-a-question" Advice "An objective's title is no question."
    OkrNoExperiment "okr-no-experiment" Advice "An open objective has no experiment that could answer it."
    RunningTooLong "running-too-long" Advice "An experiment runs beyond the day on which it was to end."
    EndedNoLearning "ended-no-learning" Advice "An experiment has ended, and what was learned is not written down."
    LearningGoalOpen "learning-goal-open" Advice "A release is over and one of its learning goals has no answer."
    RetroNoSurprise "retro-no-surprise" Advice "A retro records nothing that surprised anybody."
    RetroOneFunction "retro-one-function" Advice "Only one function was in the room of a retro."
    ActionLate "action-late" Advice "An action is open beyond its day."
    DecisionWithoutEvidence "decision-without-evidence" Advice "A decision names nothing that speaks for it."
    SupersededLinked "superseded-linked" Advice "A note leads its readers to a record that another one has replaced."
    OverdueReview "overdue-review" Advice "A note has not been looked at for longer than its review period."
    TitleNotAClaim "title-not-a-claim" Advice "A learning's title names a topic and does not say what is known."
    BlameWording "blame-wording" Advice "A sentence looks for somebody at fault; off unless book.toml switches it on."

    // book.toml and themes
    ConfigSyntax "config-syntax" Error "book.toml is not valid TOML; nothing is published."
    ConfigKey "config-key" Warning "book.toml has a key that is not known."
    ConfigValue "config-value" Error "A value in book.toml can't be used; nothing is published."
    ThemeError "theme-error" Error "A template of the theme can't be read or fails; nothing is published."
    ThemeFile "theme-file" Warning "A file of the theme replaces none of the default theme, and no template uses it."
}

impl Code {
    /// Without what it reports there is nothing to publish: book.toml can't turn it off.
    pub fn stops_publication(self) -> bool {
        matches!(self, Code::ConfigSyntax | Code::ConfigValue | Code::ThemeError)
    }

    /// It speaks only in books whose book.toml gives it a severity.
    pub fn is_off_by_default(self) -> bool {
        self == Code::BlameWording
    }

    /// The code with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where in a file: the positions of a span's two ends, and the line to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
    /// The text of the line on which it starts, cut around the place if it is very long.
    pub excerpt: Box<str>,
    /// How many characters of the line's start the excerpt leaves out.
    pub skipped: u32,
}

impl Place {
    /// The longest excerpt, in characters.
    const WIDTH: usize = 160;
    /// Of them, those before the place.
    const BEFORE: usize = 60;

    /// The place of `span` in `text`.
    pub fn new(text: &str, lines: &LineIndex, span: Span) -> Self {
        let start = lines.position(text, span.start as usize);
        let end = lines.position(text, span.end as usize);
        let line = lines.line(text, start.line);
        let (skipped, from) = match line.chars().nth(Self::WIDTH) {
            Some(_) => {
                // Counted back from the place: a line may be as long as the file and full of places.
                let before = &text[lines.line_start(start.line)..floor_boundary(text, span.start as usize)];
                let from = before.char_indices().rev().nth(Self::BEFORE - 1).map_or(0, |(at, _)| at);
                ((start.column as usize - 1).saturating_sub(Self::BEFORE), from)
            }
            None => (0, 0),
        };
        let excerpt = truncate(line.get(from..).unwrap_or(""), Self::WIDTH).into();
        Place { start, end, excerpt, skipped: skipped as u32 }
    }

    /// A place known by line alone (1-based), for sources that are not held as text.
    pub fn line(line: u32) -> Self {
        let position = Position { line, column: 1 };
        Place { start: position, end: position, excerpt: "".into(), skipped: 0 }
    }
}

/// One problem in one of the author's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The file, as seen from the book's root. Diagnostics sort by it, then by place.
    pub file: SourcePath,
    /// The place in the file; none where the file as a whole is meant.
    pub place: Option<Place>,
    /// What kind of problem.
    pub code: Code,
    /// How bad, after book.toml was asked.
    pub severity: Severity,
    /// One line, lower case, no full stop, names in backticks.
    pub message: String,
    /// What to do about it, one line each.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic about a file as a whole.
    pub fn new(code: Code, file: &SourcePath, message: impl Into<String>) -> Self {
        Diagnostic {
            file: file.clone(),
            place: None,
            code,
            severity: code.severity(),
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// The same, with a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same, with one more piece of advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// A value, and what was wrong with what it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<T> {
    /// The value: complete, whatever was wrong.
    pub value: T,
    /// The problems found while making it.
    pub diagnostics: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}needle{}", "x ".repeat(500), " y".repeat(500));
        let lines = LineIndex::new(&text);
        let place = Place::new(&text, &lines, Span::new(1000, 1006));
        assert_eq!(place.start.column, 1001);
        assert!(place.excerpt.chars().count() <= 161);
        assert_eq!(&place.excerpt[1000 - place.skipped as usize..][..6], "needle");
    }

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(*code));
        }
    }
}
