//! The kinds of note: data, built in and from book.toml.

use super::reader::{Reader, Table};
use super::schema::{Schema, canonical, period};
use crate::data::{Node, Value};
use crate::date::Date;
use crate::diagnostic::Code;
use crate::text::fold;

/// How a status or a result looks: the theme has one colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// It held.
    Good,
    /// It did not hold; as valuable as good.
    Bad,
    /// It can't be said.
    Unsure,
    /// It is happening.
    Live,
    /// It was replaced or put aside.
    Old,
    /// Nothing happens yet.
    Idle,
}

impl Tone {
    const ALL: [(&str, Tone); 6] = [
        ("good", Tone::Good),
        ("bad", Tone::Bad),
        ("unsure", Tone::Unsure),
        ("live", Tone::Live),
        ("old", Tone::Old),
        ("idle", Tone::Idle),
    ];

    /// The name as book.toml and the theme's style sheet spell it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, tone)| *tone == self).map_or("idle", |(name, _)| name)
    }
}

/// One of the words that a status, a result or another choice can be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The word, in lower case.
    pub name: String,
    /// Other words that are read as this one.
    pub synonyms: Vec<String>,
    /// How it looks.
    pub tone: Tone,
}

impl Choice {
    /// The choice that a text is, by its word or by a synonym.
    pub fn exact<'c>(choices: &'c [Choice], written: &str) -> Option<&'c Choice> {
        Self::first(choices, written, str::is_empty)
    }

    /// The choice that a text means: the one that it is, or else the one with whose word it begins,
    /// as `superseded by ADR-12` and `Accepted (2024-05-01)` do.
    pub fn find<'c>(choices: &'c [Choice], written: &str) -> Option<&'c Choice> {
        let ends_word = |rest: &str| rest.starts_with([' ', '\t', ',', ';', ':', '.', '(', '[', '*', '_']);
        Self::exact(choices, written).or_else(|| Self::first(choices, written, ends_word))
    }

    /// The first choice with a word with which the text begins, if what follows the word is fit.
    fn first<'c>(choices: &'c [Choice], written: &str, fit: impl Fn(&str) -> bool) -> Option<&'c Choice> {
        let folded = fold(written);
        let text = folded.trim_start_matches(|c: char| !c.is_alphanumeric()).trim_end();
        let begins = |word: &String| after_word(word, text).is_some_and(&fit);
        choices.iter().find(|choice| begins(&choice.name) || choice.synonyms.iter().any(begins))
    }
}

/// What follows `word` in `text`, if the text begins with it; in both, a blank, a hyphen and an
/// underscore are the same.
fn after_word<'t>(word: &str, text: &'t str) -> Option<&'t str> {
    let plain = |c: char| if matches!(c, ' ' | '_') { '-' } else { c };
    let mut rest = text.chars();
    word.chars().all(|c| rest.next().is_some_and(|other| plain(c) == plain(other))).then_some(rest.as_str())
}

/// How the notes of a kind are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// By date, the newest first.
    Newest,
    /// By title.
    Title,
    /// By path, which numbers put in order.
    Path,
}

/// What is read in the text of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// What surprised people.
    Surprises,
    /// All checkboxes.
    Actions,
    /// Checkboxes with an owner or a day.
    OwnedActions,
    /// What was learned by ticket.
    Learnings,
    /// Open questions.
    Questions,
    /// Thanks.
    Thanks,
}

impl Item {
    const ALL: [(&str, Item); 6] = [
        ("surprises", Item::Surprises),
        ("actions", Item::Actions),
        ("owned-actions", Item::OwnedActions),
        ("learnings", Item::Learnings),
        ("questions", Item::Questions),
        ("thanks", Item::Thanks),
    ];
}

/// What a kind's page shows above the list of its notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Display {
    /// The notes in columns, by status.
    Board,
    /// Each question with its experiments and the answer so far.
    Questions,
    /// Who was in the room, and what is left to do.
    Room,
    /// Where a pattern was seen.
    Seen,
    /// The old mindset and the new one, and the questions to ask.
    Mindsets,
}

impl Display {
    const ALL: [(&str, Display); 5] = [
        ("board", Display::Board),
        ("questions", Display::Questions),
        ("room", Display::Room),
        ("seen", Display::Seen),
        ("mindsets", Display::Mindsets),
    ];
}

/// A kind of note.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The name, as `kind:` in front matter has it.
    pub name: String,
    /// Names of folders whose notes are of this kind, folded to lower case.
    pub folders: Vec<String>,
    /// What one of them is called.
    pub label: String,
    /// What many of them are called.
    pub plural: String,
    /// The name of its icon in the theme.
    pub icon: String,
    /// The keys that it adds to the common ones, in the order in which they are shown.
    pub fields: Vec<String>,
    /// What its `status` can be; empty if it can be anything.
    pub statuses: Vec<Choice>,
    /// The text of a new note, with `{title}`, `{date}` and `{author}`.
    pub template: String,
    /// After how many days it wants to be reviewed, if at all.
    pub review_in: Option<u32>,
    /// It happened on its date and belongs to the log.
    pub dated: bool,
    /// How its page lists the notes.
    pub sort: Sort,
    /// What is read in the text of its notes.
    pub items: Vec<Item>,
    /// The keys that the text may give.
    pub in_text: Vec<String>,
    /// What its page shows above the list.
    pub shows: Vec<Display>,
    /// The checks that look at its notes, beside those that look at all.
    pub checks: Vec<Code>,
}

/// What a template is filled in with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filling {
    /// The title.
    pub title: String,
    /// The day.
    pub date: Option<Date>,
    /// Who writes; may be empty.
    pub author: String,
    /// The team; may be empty.
    pub team: String,
    /// Lines of Markdown with the team's open actions; may be empty.
    pub actions: String,
    /// The themes of the team's last retros; may be empty.
    pub themes: String,
}

impl Kind {
    /// The text of a new note of this kind. A line of the template that is a placeholder alone is left
    /// out where there is nothing to fill in.
    pub fn new_note(&self, filling: &Filling) -> String {
        let quoted = |text: &str| match text.trim() {
            "" => String::new(),
            text => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        };
        // Plain words need no quotes in YAML.
        let is_plain = filling.team.chars().all(|c| c.is_alphanumeric() || c == ' ')
            && filling.team.starts_with(char::is_alphabetic)
            && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(&fold(&filling.team).as_str());
        let team = if is_plain { filling.team.clone() } else { quoted(&filling.team) };
        let themes = match filling.themes.trim() {
            "" => String::new(),
            themes => format!("# last time: {}", themes.split_whitespace().collect::<Vec<_>>().join(" ")),
        };
        let values = [
            ("{title}", heading(&filling.title)),
            ("{date}", filling.date.map_or_else(String::new, Date::iso)),
            ("{author}", quoted(&filling.author)),
            ("{team}", team),
            ("{actions}", filling.actions.trim_end().to_owned()),
            ("{themes}", themes),
        ];
        let mut out = String::with_capacity(self.template.len() + filling.actions.len() + 100);
        let mut left_out = false;
        for line in self.template.split_inclusive('\n') {
            let alone = values.iter().find(|(name, _)| line.trim() == *name);
            if alone.is_some_and(|(_, value)| value.is_empty()) {
                left_out = true;
                continue;
            }
            // Where a line was left out between two blank ones, one is enough.
            if std::mem::take(&mut left_out) && line.trim().is_empty() && out.ends_with("\n\n") {
                continue;
            }
            let start = out.len();
            fill(line, &values, &mut out);
            // A key without a value ends with its colon.
            if out[start..].ends_with(": \n") && line.trim_end().ends_with('}') {
                out.truncate(out.len() - " \n".len());
                out.push('\n');
            }
        }
        out
    }
}

/// Writes a line with its placeholders filled in.
fn fill(line: &str, values: &[(&str, String)], out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match values.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                out.push_str(value);
                rest = &rest[name.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

/// A title as the text of a heading: Markdown in it is meant, but raw HTML is not, and neither
/// are number signs that would close the heading.
fn heading(title: &str) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = String::with_capacity(title.len() + 4);
    let mut rest = title.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        let opens = after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        text.push_str(before);
        text.push_str(if opens { "\\<" } else { "<" });
        rest = after;
    }
    text.push_str(rest);
    let end = text.trim_end_matches('#').len();
    if end < text.len() && text[..end].ends_with(' ') {
        text.insert(end, '\\');
    }
    text
}

/// All kinds, the built-in ones first; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    /// The kinds, in the order of their definition.
    pub fn iter(&self) -> std::slice::Iter<'_, Kind> {
        self.0.iter()
    }

    /// The kind of this name. `kind: ADR` and `kind: Self-Check` are understood too: a kind's
    /// folders are names for it, and case and hyphens don't count.
    pub fn by_name(&self, name: &str) -> Option<&Kind> {
        // A page asks for the kind of each note that it lists, by the name itself: no folding for that.
        if let Some(kind) = self.iter().find(|kind| kind.name == name) {
            return Some(kind);
        }
        let plain = |name: &str| fold(name.trim()).replace(['-', '_', ' '], "");
        let wanted = plain(name);
        self.iter()
            .find(|kind| plain(&kind.name) == wanted)
            .or_else(|| self.iter().find(|kind| kind.folders.iter().any(|folder| plain(folder) == wanted)))
    }

    /// The kind of the notes in a folder, given by its path below the content folder: that of the
    /// nearest folder, itself or above it, whose name is one of a kind's.
    pub fn of_folder(&self, path: &str) -> Option<&Kind> {
        path.rsplit('/').find_map(|name| {
            let name = fold(name);
            self.iter().find(|kind| kind.folders.contains(&name))
        })
    }

    /// The kind of notes of which nothing else is known.
    pub fn plain(&self) -> &Kind {
        self.by_name("note").unwrap_or(&self.0[0])
    }

    /// Reads the built-in `[kinds]`.
    pub(super) fn read(reader: &mut Reader<'_>, root: &mut Table<'_>, schema: &mut Schema) -> Self {
        let mut kinds = Kinds(vec![Kind {
            name: "note".into(),
            folders: Vec::new(),
            label: "Note".into(),
            plural: "Notes".into(),
            icon: "page".into(),
            fields: Vec::new(),
            statuses: Vec::new(),
            template: "# {title}\n\n".into(),
            review_in: None,
            dated: false,
            sort: Sort::Title,
            items: vec![Item::Surprises, Item::OwnedActions, Item::Learnings, Item::Questions, Item::Thanks],
            in_text: Vec::new(),
            shows: Vec::new(),
            checks: Vec::new(),
        }]);
        kinds.extend(reader, root, schema);
        // It was the first so that the list is never empty; it is shown as the last.
        kinds.0.rotate_left(1);
        kinds
    }

    /// Changes and adds the kinds of a `[kinds]` table.
    pub(super) fn extend(&mut self, reader: &mut Reader<'_>, root: &mut Table<'_>, schema: &mut Schema) {
        let table = reader.table(root, "kinds");
        for (key, node) in table.entries() {
            let path = format!("kinds.{}", key.name);
            let Some(entries) = reader.entries(&path, node) else { continue };
            let name = key.name.to_lowercase();
            let clean = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(clean) {
                let message = format!("`{}` can't be the name of a kind", key.name);
                reader.refuse(key.span, message, "a name has lower-case letters, digits and hyphens");
                continue;
            }
            let known = self.0.iter().position(|kind| kind.name == name);
            let mut kind = match known {
                Some(at) => self.0[at].clone(),
                None => self.blank(&name),
            };
            kind.read(reader, Table::new(path, entries), schema);
            // A folder has one kind, the one that claimed it last.
            for other in self.0.iter_mut().filter(|other| other.name != name) {
                other.folders.retain(|folder| !kind.folders.contains(folder));
            }
            match known {
                Some(at) => self.0[at] = kind,
                None => self.0.push(kind),
            }
        }
    }

    /// A new kind before anything is known of it but its name.
    fn blank(&self, name: &str) -> Kind {
        let label = name.replace('-', " ");
        let label = label[..1].to_ascii_uppercase() + &label[1..];
        Kind {
            name: name.to_owned(),
            folders: vec![name.to_owned(), format!("{name}s")],
            plural: format!("{label}s"),
            label,
            dated: true,
            sort: Sort::Newest,
            ..self.plain().clone()
        }
    }
}

impl Kind {
    /// Takes what a table says of the kind.
    fn read(&mut self, reader: &mut Reader<'_>, mut table: Table<'_>, schema: &mut Schema) {
        if let Some(node) = table.take("folder") {
            self.folders.clear();
            for (name, span) in reader.texts("folder", node) {
                match name.is_empty() || name.contains(['/', '\\']) {
                    false => self.folders.push(fold(name)),
                    true => {
                        let message = format!("`{name}` is not the name of a folder");
                        reader.refuse(span, message, "write one name, without slashes");
                    }
                }
            }
        }
        let mut text = |name, into: &mut String| {
            if let Some(text) = table.take(name).and_then(|node| reader.text(name, node)) {
                *into = text.to_owned();
            }
        };
        text("label", &mut self.label);
        text("plural", &mut self.plural);
        text("icon", &mut self.icon);
        text("template", &mut self.template);
        if let Some(node) = table.take("fields") {
            for field in schema.read_kind(reader, &self.name, node) {
                if !self.fields.contains(&field) {
                    self.fields.push(field);
                }
            }
        }
        if let Some(node) = table.take("statuses") {
            self.statuses = choices(reader, "statuses", node);
        }
        if let Some(node) = table.take("review_in")
            && let Some(text) = reader.text("review_in", node)
        {
            self.review_in = period(text);
            if self.review_in.is_none() && text != "never" {
                let message = format!("`{text}` is no span of time");
                reader.refuse(node.span, message, "write it as `6 months`, `2 weeks` or `never`");
            }
        }
        if let Some(dated) = table.take("dated").and_then(|node| reader.flag("dated", node)) {
            self.dated = dated;
        }
        let sorts = [("newest", Sort::Newest), ("title", Sort::Title), ("path", Sort::Path)];
        if let Some(node) = table.take("items") {
            self.items = reader.choices("items", node, &Item::ALL);
        }
        if let Some(node) = table.take("shows") {
            self.shows = reader.choices("shows", node, &Display::ALL);
        }
        if let Some(node) = table.take("checks") {
            let known: Vec<(&str, Code)> = Code::ALL.iter().map(|code| (code.name(), *code)).collect();
            self.checks = reader.choices("checks", node, &known);
        }
        if let Some(node) = table.take("in_text") {
            let names = reader.texts("in_text", node).into_iter();
            self.in_text = names.map(|(name, _)| canonical(name)).collect();
        }
        if let Some(sort) = table.take("sort").and_then(|node| reader.choice("sort", node, &sorts)) {
            self.sort = sort;
        }
        reader.finish(table);
    }
}

/// A list of choices, each a word or a table with `name`, `tone` and `synonyms`.
pub(super) fn choices(reader: &mut Reader<'_>, name: &str, node: &Node) -> Vec<Choice> {
    let Value::List(items) = &node.value else {
        let words = reader.texts(name, node).into_iter();
        return words.map(|(word, _)| Choice { name: fold(word), synonyms: Vec::new(), tone: Tone::Idle }).collect();
    };
    let mut choices = Vec::new();
    for item in items {
        let Value::Map(entries) = &item.value else {
            let word = reader.text(name, item);
            choices.extend(word.map(|word| Choice { name: fold(word), synonyms: Vec::new(), tone: Tone::Idle }));
            continue;
        };
        let mut table = Table::new(name, entries);
        let word = table.take("name").and_then(|node| reader.text("name", node));
        let tone = table.take("tone").and_then(|node| reader.choice("tone", node, &Tone::ALL));
        let synonyms = table.take("synonyms").map_or(Vec::new(), |node| reader.texts("synonyms", node));
        reader.finish(table);
        match word {
            Some(word) => choices.push(Choice {
                name: fold(word),
                synonyms: synonyms.into_iter().map(|(word, _)| fold(word)).collect(),
                tone: tone.unwrap_or(Tone::Idle),
            }),
            None => reader.refuse(item.span, format!("one of `{name}` has no name"), "write `{ name = \"open\" }`"),
        }
    }
    choices
}
