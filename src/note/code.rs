//! Code blocks: the only door to syntect and to the grammars of two-face.
//!
//! Highlighting is the slowest work of a build: grammars written for editors run at less than
//! 1 MB/s. Lines recur, though (`}`, blanks, `import …`, the same call in every example), and a
//! grammar is a deterministic automaton over lines: its state before a line and the line give
//! the tokens and the state after it. So each thread remembers the transitions that it has seen.
//! They are functions of the grammar alone: what is remembered never shows in the result.

mod fence;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

pub use fence::Fence;

use super::html::{escape, escape_text};

/// Longer lines are not highlighted, in bytes: on some, a grammar needs the square or the cube of
/// the length in time. One line of code in ten thousand is longer.
const MAX_LINE: usize = 400;

/// What the highlighted lines of a note may weigh together; of 40,000 notes none has a tenth of it.
const MAX_NOTE: usize = 128 * 1024;

/// Longer blocks are neither highlighted nor divided into lines, in bytes.
const MAX_BLOCK: usize = 256 * 1024;

/// Blocks of more lines likewise.
const MAX_LINES: usize = 10_000;

/// A code block as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// A `<pre>`, within a `<figure>` if it has a title.
    pub html: String,
    /// Why something is not highlighted that has a grammar.
    pub plain: Option<Plain>,
}

/// Why code is shown without highlighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plain {
    /// A line, or the block, is too long.
    TooLong,
    /// The note has used up its [`Allowance`].
    Spent,
}

/// How much of a note's code may still be highlighted. A line of up to 40 bytes weighs its length; a
/// longer one as much more as the worst of lines may cost, which is the cube.
#[derive(Debug)]
pub struct Allowance {
    left: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Allowance { left: MAX_NOTE }
    }
}

impl Allowance {
    /// Whether a line of this length may be highlighted. The first that may not ends it for the note.
    fn take(&mut self, length: usize) -> bool {
        let weight = length * length.div_ceil(40).pow(2);
        let enough = weight <= self.left;
        self.left = if enough { self.left - weight } else { 0 };
        enough
    }
}

/// The complete HTML of a code block. The text of its `<code>` is `code`, character by character.
///
/// Tokens are in spans whose class is one letter: `a` attribute, key or tag, `c` comment, `e` escape
/// or placeholder, `f` function, `h` heading, `k` keyword, `m` macro or annotation, `n` number,
/// `s` string, `t` type or module, `v` parameter, constant or the language's own name. Lines are in
/// spans of class `l` only where they are numbered (`data-n`), pointed out (`hl`) or changed (`add`, `del`).
pub fn render(fence: &Fence, code: &str, allowance: &mut Allowance) -> Rendered {
    let grammar = Grammar::of(fence);
    let mut html = String::with_capacity(code.len() * 3 + 200);
    if let Some(title) = &fence.title {
        html.push_str("<figure class=\"code\"><figcaption>");
        escape_text(&mut html, title);
        html.push_str("</figcaption>");
    }
    // What scrolls must have a focus and a name. It is a group, not a region: a page with twenty
    // landmarks called "Code" has none.
    html.push_str("<pre tabindex=\"0\" role=\"group\" aria-label=\"Code");
    if fence.language.is_empty() {
        html.push_str("\"><code>");
    } else {
        html.push_str(", ");
        escape(&mut html, fence.language);
        html.push_str("\" data-lang=\"");
        escape(&mut html, fence.language);
        html.push_str("\"><code class=\"language-");
        escape(&mut html, fence.language);
        html.push_str("\">");
    }
    let too_long = code.len() > MAX_BLOCK || code.lines().nth(MAX_LINES).is_some();
    let plain = if too_long {
        escape_text(&mut html, code);
        Some(Plain::TooLong)
    } else {
        HIGHLIGHTER.with_borrow_mut(|highlighter| write_lines(&mut html, fence, code, &grammar, highlighter, allowance))
    };
    html.push_str("</code></pre>");
    if fence.title.is_some() {
        html.push_str("</figure>");
    }
    Rendered { html, plain }
}

/// Writes a block's lines, and tells why one of them was not highlighted.
fn write_lines(
    html: &mut String,
    fence: &Fence,
    code: &str,
    grammar: &Grammar,
    highlighter: &mut Highlighter,
    allowance: &mut Allowance,
) -> Option<Plain> {
    let mut state = grammar.syntax.map(|syntax| highlighter.start(syntax));
    let divided = fence.diff || fence.line_numbers.is_some() || !fence.highlighted.is_empty();
    let mut highlighted = fence.highlighted.iter().peekable();
    let mut plain = None;
    let mut spans = Spans { html, open: Class::Plain, blank: String::new() };
    let mut above = "";
    let mut number = 0;
    let mut lines = code.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        number += 1;
        if divided {
            while highlighted.next_if(|range| *range.end() < number).is_some() {}
            let pointed_out = highlighted.peek().is_some_and(|range| range.contains(&number));
            let change = fence.diff.then(|| change(above, line, lines.peek().unwrap_or(&""))).flatten();
            let shown = fence.line_numbers.map(|first| first.saturating_add(number - 1));
            spans.start_line(pointed_out, change, shown);
            above = line;
        }
        if grammar.starts_anew(line) {
            state = grammar.syntax.map(|syntax| highlighter.start(syntax));
        }
        let (margin, text) = line.split_at(grammar.margin(line));
        spans.push(Class::Plain, margin);
        let step = match &state {
            Some(_) if text.len() > MAX_LINE => {
                plain = Some(Plain::TooLong);
                None
            }
            Some(_) if !allowance.take(text.len()) => {
                plain = Some(Plain::Spent);
                None
            }
            state => state.as_ref().filter(|_| !text.is_empty()),
        };
        match step.and_then(|state| highlighter.step(state, text)) {
            Some((next, tokens)) => {
                let mut from = 0;
                for token in tokens.iter() {
                    spans.push(token.class, &text[from..token.end as usize]);
                    from = token.end as usize;
                }
                state = Some(next);
            }
            // A line that is too long, or on which the grammar fails, is passed over.
            None => spans.push(Class::Plain, text),
        }
        if divided {
            spans.end_line();
        }
    }
    spans.close();
    plain
}

/// The class of a changed line in a diff. The two lines of a file header (`---`, `+++`) are no
/// changes; a removed `-- comment` looks like the first of them and is told apart by its neighbour.
fn change(above: &str, line: &str, below: &str) -> Option<&'static str> {
    let header =
        line.starts_with("--- ") && below.starts_with("+++ ") || line.starts_with("+++ ") && above.starts_with("--- ");
    match line.as_bytes().first() {
        Some(b'+') if !header => Some("add"),
        Some(b'-') if !header => Some("del"),
        _ => None,
    }
}

/// How the lines of a block are to be read.
struct Grammar {
    syntax: Option<&'static SyntaxReference>,
    margin: Margin,
}

/// What stands before the code in each line.
#[derive(PartialEq)]
enum Margin {
    Nothing,
    /// `+`, `-` or a blank.
    Change,
    /// A shell's prompt; a line without one is output, which has no grammar.
    Prompt,
}

impl Grammar {
    fn of(fence: &Fence) -> Self {
        let language = fence.language.to_lowercase();
        let session = matches!(
            language.as_str(),
            "console" | "shellsession" | "shell-session" | "sh-session" | "bash-session" | "terminal"
        );
        // The changes of a bare diff are shown by its lines' classes.
        let syntax = match language.as_str() {
            "diff" | "patch" | "udiff" => None,
            _ => LANGUAGES.get(if session { "bash" } else { &language }).and_then(|&at| SYNTAXES.syntaxes().get(at)),
        };
        let margin = match (fence.diff, session) {
            (true, _) => Margin::Change,
            (_, true) => Margin::Prompt,
            _ => Margin::Nothing,
        };
        Grammar { syntax, margin }
    }

    /// How many bytes of the line stand before its code.
    fn margin(&self, line: &str) -> usize {
        match self.margin {
            Margin::Nothing => 0,
            Margin::Change => usize::from(line.starts_with(['+', '-', ' '])),
            Margin::Prompt if ["$ ", "% ", "> "].iter().any(|prompt| line.starts_with(prompt)) => 2,
            Margin::Prompt => line.len(),
        }
    }

    /// Whether the line's code is independent of the lines above it.
    fn starts_anew(&self, line: &str) -> bool {
        self.margin == Margin::Prompt && (line.starts_with("$ ") || line.starts_with("% "))
    }
}

/// What a token is. The theme gives each a colour; whatever needs none has no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    /// `a`: an attribute, a key or a tag.
    Attribute,
    /// `c`
    Comment,
    /// `e`: an escape, an entity or a placeholder in a string.
    Escape,
    /// `f`: a function, where it is defined or called.
    Function,
    /// `h`: a heading.
    Heading,
    /// `k`
    Keyword,
    /// `m`: a macro, an annotation or a preprocessor's line.
    Macro,
    /// `n`
    Number,
    /// `s`
    String,
    /// `t`: a type, a class or a module.
    Type,
    /// `v`: a parameter, a constant, or what the language itself defines (`self`, `true`).
    Variable,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Attribute => "a",
            Class::Comment => "c",
            Class::Escape => "e",
            Class::Function => "f",
            Class::Heading => "h",
            Class::Keyword => "k",
            Class::Macro => "m",
            Class::Number => "n",
            Class::String => "s",
            Class::Type => "t",
            Class::Variable => "v",
        }
    }
}

/// What a scope says about the text within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    /// Nothing: the scope around it decides.
    Clear,
    Class(Class),
    /// The strings in it are keys.
    Key,
}

/// Scopes by prefix, the longest counts. The names are conventions that all grammars share:
/// <https://www.sublimetext.com/docs/scope_naming.html>.
static PAINTS: LazyLock<HashMap<&str, Paint>> = LazyLock::new(|| {
    let classes = [
        (
            Class::Plain,
            "source text meta.interpolation meta.template.expression meta.group.expansion meta.embedded \
             keyword.other.substitution variable.other",
        ),
        (
            Class::Attribute,
            "entity.name.tag entity.other.attribute-name support.type.property-name \
             support.type.vendored.property-name meta.property-name",
        ),
        (Class::Comment, "comment"),
        (Class::Escape, "constant.character.escape constant.character.entity constant.other.placeholder"),
        (Class::Function, "entity.name.function variable.function support.function"),
        (Class::Heading, "markup.heading entity.name.section"),
        (Class::Keyword, "keyword storage"),
        (
            Class::Macro,
            "entity.name.macro support.macro meta.annotation meta.preprocessor meta.decorator variable.annotation \
             meta.attribute.rust punctuation.definition.annotation",
        ),
        (Class::Number, "constant.numeric keyword.other.unit constant.other.color"),
        (Class::String, "string storage.type.string markup.raw markup.underline.link"),
        (
            Class::Type,
            "entity.name.class entity.name.struct entity.name.enum entity.name.type entity.name.trait \
             entity.name.interface entity.name.union entity.name.impl entity.name.namespace entity.name.module \
             entity.other.inherited-class support.type support.class variable.type",
        ),
        (
            Class::Variable,
            "variable.parameter variable.language variable.other.constant variable.other.readwrite.shell \
             variable.other.php punctuation.definition.variable constant.language constant.other.symbol \
             constant.other.keyword constant.other.keywords entity.name.constant support.constant",
        ),
    ];
    let classes = classes
        .into_iter()
        .flat_map(|(class, scopes)| scopes.split(' ').map(move |scope| (scope, Paint::Class(class))));
    let others = [("meta.mapping.key", Paint::Key), ("meta.structure.dictionary.key", Paint::Key)];
    classes.chain(others).collect()
});

impl Paint {
    fn of(scope: Scope) -> Self {
        let name = scope.build_string();
        let mut prefix = name.as_str();
        loop {
            if let Some(paint) = PAINTS.get(prefix) {
                return *paint;
            }
            let Some((shorter, _)) = prefix.rsplit_once('.') else { return Paint::Clear };
            prefix = shorter;
        }
    }
}

/// Writes tokens as HTML with as few spans as possible: neighbours of one class share a span,
/// also across blanks, which show no colour.
struct Spans<'a> {
    html: &'a mut String,
    open: Class,
    blank: String,
}

impl Spans<'_> {
    fn push(&mut self, class: Class, text: &str) {
        let visible = text.trim_start();
        let (before, rest) = text.split_at(text.len() - visible.len());
        let (visible, after) = rest.split_at(visible.trim_end().len());
        self.blank.push_str(before);
        if visible.is_empty() {
            return;
        }
        if class != self.open {
            self.close();
            if class != Class::Plain {
                self.html.push_str("<span class=\"");
                self.html.push_str(class.name());
                self.html.push_str("\">");
            }
            self.open = class;
        }
        self.flush_blank();
        escape_text(self.html, visible);
        self.blank.push_str(after);
    }

    fn flush_blank(&mut self) {
        escape_text(self.html, &self.blank);
        self.blank.clear();
    }

    fn close(&mut self) {
        if self.open != Class::Plain {
            self.html.push_str("</span>");
            self.open = Class::Plain;
        }
        self.flush_blank();
    }

    fn start_line(&mut self, pointed_out: bool, change: Option<&str>, number: Option<u32>) {
        self.html.push_str("<span class=\"l");
        if pointed_out {
            self.html.push_str(" hl");
        }
        if let Some(change) = change {
            self.html.push(' ');
            self.html.push_str(change);
        }
        if let Some(number) = number {
            self.html.push_str("\" data-n=\"");
            self.html.push_str(&number.to_string());
        }
        self.html.push_str("\">");
    }

    fn end_line(&mut self) {
        self.close();
        self.html.push_str("</span>");
    }
}

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Names in use that are neither the name of a grammar nor an extension of its files, or
/// that would lead to another grammar. Plain JavaScript's is twice as fast as the one with JSX.
const ALIASES: &[(&str, &str)] = &[
    ("Bourne Again Shell (bash)", "shell sh zsh ksh"),
    ("Batch File", "batch dos"),
    ("C", "h"),
    ("C#", "csharp"),
    ("C++", "hpp cuda cu ino arduino"),
    ("Apache Conf", "apache"),
    ("Dockerfile", "docker containerfile"),
    ("Elixir", "iex"),
    ("F#", "fsharp fs"),
    ("Fortran (Modern)", "fortran"),
    ("GLSL", "hlsl"),
    ("Go", "golang"),
    ("Graphviz (DOT)", "graphviz"),
    ("Groff/troff", "troff"),
    ("HTML", "handlebars hbs mustache astro ejs"),
    ("HTML (EEx)", "eex heex leex"),
    ("HTML (Jinja2)", "html+jinja django liquid"),
    ("JSON", "jsonc json5 jsonl ndjson webmanifest"),
    ("Java Properties", "properties"),
    ("JavaScript", "js mjs cjs node"),
    ("JavaScript (Babel)", "jsx"),
    ("LaTeX", "tex"),
    ("Lean 4", "lean4"),
    ("Lisp", "scheme elisp emacs-lisp common-lisp"),
    ("MATLAB", "octave"),
    ("Makefile", "makefile just justfile"),
    ("Markdown", "mdx"),
    ("Objective-C", "objc objectivec obj-c m"),
    ("Objective-C++", "objcpp objc++"),
    ("PowerShell", "pwsh ps"),
    ("Protocol Buffer", "proto3"),
    ("Python", "python3 py3 ipython"),
    ("SQL", "postgres postgresql psql pgsql plpgsql mysql sqlite sqlite3 tsql plsql mariadb"),
    ("Terraform", "opentofu"),
    ("TypeScript", "ts mts cts"),
    ("TypeScriptReact", "tsx"),
    ("VimL", "vimscript viml"),
    ("Vue Component", "vue"),
    ("XML", "plist wsdl"),
    ("orgmode", "org-mode"),
    ("reStructuredText", "restructuredtext"),
    ("x86_64 Assembly", "assembly"),
];

/// Lower-case names of languages, and which of the grammars reads each.
static LANGUAGES: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let grammars = || SYNTAXES.syntaxes().iter().enumerate().filter(|(_, syntax)| !syntax.hidden);
    let mut languages = HashMap::new();
    for (at, syntax) in grammars() {
        for (_, aliases) in ALIASES.iter().filter(|(name, _)| *name == syntax.name) {
            languages.extend(aliases.split(' ').map(|alias| (alias.to_owned(), at)));
        }
    }
    for (at, syntax) in grammars() {
        languages.entry(syntax.name.to_lowercase()).or_insert(at);
    }
    for (at, syntax) in grammars() {
        for extension in &syntax.file_extensions {
            languages.entry(extension.to_lowercase()).or_insert(at);
        }
    }
    for plain in ["text", "txt", "plain", "plaintext", "plain text", "output", "none"] {
        languages.remove(plain);
    }
    languages
});

/// A stretch of a line, from the end of the token before it to `end`, in bytes from the line's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    end: u16,
    class: Class,
}

/// Where a grammar stands between two lines.
#[derive(Debug, Clone)]
struct State {
    grammar: &'static str,
    parse: ParseState,
    scopes: ScopeStack,
}

static LISP: LazyLock<Option<Scope>> = LazyLock::new(|| Scope::new("source.lisp").ok());

/// On this line the grammar would try every way to divide it, whose number is a power of what the
/// line holds. Found by giving each grammar lines of every two tokens, repeated: all others cost at
/// most the cube of the length, and 4 ms for 100 bytes.
fn is_trap(state: &State, line: &str) -> bool {
    let parts = |word: &str| word.split('-').filter(|part| !part.is_empty()).count();
    let word_ends = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'));
    let is_lisp = |scope: &Scope| LISP.is_some_and(|lisp| lisp.is_prefix_of(*scope));
    match state.grammar {
        "Less" | "Sass" | "SCSS" | "Stylus" | "Svelte" | "Vue Component" => {
            line.matches('{').count() > 8 || line.split(word_ends).any(|word| parts(word) > 9)
        }
        "Markdown" | "MultiMarkdown" => line.matches(['\\', '`']).count() > 8,
        grammar => line.matches('\\').count() > 8 && (grammar == "Lisp" || state.scopes.scopes.iter().any(is_lisp)),
    }
}

/// A state that is known to this thread's highlighter, or one that is not worth knowing.
#[derive(Debug, Clone)]
enum Position {
    Known(usize),
    Loose(Rc<State>),
}

/// A known state, and the lines seen after it: their tokens, and the state that they lead to.
#[derive(Debug)]
struct Known {
    state: State,
    lines: HashMap<Box<str>, (usize, Rc<[Token]>)>,
}

/// Grammars at work, and the transitions that they have made.
#[derive(Debug, Default)]
struct Highlighter {
    paints: HashMap<Scope, Paint>,
    known: Vec<Known>,
    starts: HashMap<&'static str, usize>,
    by_scopes: HashMap<Vec<Scope>, Vec<usize>>,
    weight: usize,
}

thread_local! {
    static HIGHLIGHTER: RefCell<Highlighter> = RefCell::default();
}

impl Highlighter {
    /// About how many bytes a thread may remember; beyond that, the next block starts from nothing.
    const MAX_WEIGHT: usize = 12 << 20;

    /// What a state weighs: a hundred contexts at most, mostly five.
    const STATE_WEIGHT: usize = 4 << 10;

    /// How many states with the same scopes are told apart. Only artful text has more than a few.
    const MAX_ALIKE: usize = 16;

    /// The state before the first line. Positions given before are no longer valid.
    fn start(&mut self, syntax: &'static SyntaxReference) -> Position {
        if self.weight >= Self::MAX_WEIGHT {
            *self = Highlighter::default();
        }
        let next = self.known.len();
        let at = *self.starts.entry(&syntax.name).or_insert(next);
        if at == next {
            self.add(State { grammar: &syntax.name, parse: ParseState::new(syntax), scopes: ScopeStack::new() });
        }
        Position::Known(at)
    }

    fn add(&mut self, state: State) {
        self.weight += Self::STATE_WEIGHT;
        self.known.push(Known { state, lines: HashMap::new() });
    }

    /// The tokens of a line, and the state after it. None if the grammar fails.
    fn step(&mut self, at: &Position, line: &str) -> Option<(Position, Rc<[Token]>)> {
        let mut state = match at {
            Position::Known(from) => match self.known[*from].lines.get(line) {
                Some((to, tokens)) => return Some((Position::Known(*to), tokens.clone())),
                None => self.known[*from].state.clone(),
            },
            Position::Loose(state) => State::clone(state),
        };
        if is_trap(&state, line) {
            return None;
        }
        let tokens = self.parse(&mut state, line)?;
        let next = self.find(state);
        if let (Position::Known(from), Position::Known(to)) = (at, &next)
            && self.weight < Self::MAX_WEIGHT
        {
            self.weight += line.len() + size_of_val(&*tokens) + 128;
            self.known[*from].lines.insert(line.into(), (*to, tokens.clone()));
        }
        Some((next, tokens))
    }

    fn find(&mut self, state: State) -> Position {
        // Within a here-document, a state holds the match of its opening line by address, so that
        // it never equals another.
        if state.parse != state.parse.clone() {
            return Position::Loose(Rc::new(state));
        }
        let alike = self.by_scopes.entry(state.scopes.scopes.clone()).or_default();
        let known = alike.iter().find(|&&at| {
            let known = &self.known[at].state;
            known.grammar == state.grammar && known.parse == state.parse && known.scopes == state.scopes
        });
        if let Some(at) = known {
            return Position::Known(*at);
        }
        if alike.len() == Self::MAX_ALIKE || self.weight >= Self::MAX_WEIGHT {
            return Position::Loose(Rc::new(state));
        }
        let at = self.known.len();
        alike.push(at);
        self.add(state);
        Position::Known(at)
    }

    fn parse(&mut self, state: &mut State, line: &str) -> Option<Rc<[Token]>> {
        let changes = state.parse.parse_line(line, &SYNTAXES).ok()?;
        let mut tokens: Vec<Token> = Vec::with_capacity(changes.len() / 2 + 1);
        let mut from = 0;
        for (at, change) in changes.iter().map(|(at, change)| (*at, Some(change))).chain([(line.len(), None)]) {
            if at > from {
                let class = self.class(&state.scopes.scopes, line.get(from..at)?);
                let end = u16::try_from(at).ok()?;
                match tokens.last_mut() {
                    Some(last) if last.class == class => last.end = end,
                    _ => tokens.push(Token { end, class }),
                }
                from = at;
            }
            if let Some(change) = change {
                state.scopes.apply(change).ok()?;
            }
        }
        Some(tokens.into())
    }

    /// What a token is: what the innermost of its scopes that says anything says.
    fn class(&mut self, scopes: &[Scope], text: &str) -> Class {
        let mut paints =
            scopes.iter().rev().map(|scope| *self.paints.entry(*scope).or_insert_with(|| Paint::of(*scope)));
        match paints.find(|paint| !matches!(paint, Paint::Clear | Paint::Key)) {
            Some(Paint::Class(Class::String)) if paints.find(|paint| *paint != Paint::Clear) == Some(Paint::Key) => {
                Class::Attribute
            }
            // `and` is a keyword, `&&` needs no colour.
            Some(Paint::Class(Class::Keyword | Class::Function)) if !text.contains(char::is_alphabetic) => Class::Plain,
            Some(Paint::Class(class)) => class,
            _ => Class::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(info: &str, code: &str) -> String {
        render(&Fence::parse(info), code, &mut Allowance::default()).html
    }

    /// What stands in `<code>`.
    fn inner(info: &str, code: &str) -> String {
        let html = html(info, code);
        let (_, rest) = html.split_once("<code").unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        rest.rsplit_once("</code>").unwrap().0.to_owned()
    }

    /// The text content of HTML.
    fn text(html: &str) -> String {
        let text: String = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        text.replace("&#13;", "\r").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    const SAMPLES: &[(&str, &str)] = &[
        (
            "rust",
            "/// Doc\nfn main() {\n    let x = \"a\\n{}\"; // end\n    if a < b && c > d { println!(\"{x}\") }\n}\n",
        ),
        ("bash", "cat <<EOF > file\n$HOME is <here>\nEOF\nif [[ -f \"$file\" ]]; then\n  echo 'done'\nfi\n"),
        ("ruby", "x = <<~TEXT\n  one #{two} three\nTEXT\nputs x\n=begin\ncomment\n=end\n"),
        ("html", "<script>\n  let a = 1 < 2;\n</script>\n<style>a { color: red }</style>\n<p class=\"x\">&amp;</p>\n"),
        ("markdown", "# Title\n\n```js\nlet a = `x${y}`;\n```\n\n*em* [a](b)\n"),
        ("python", "@d\ndef f(self, a=1):\n    \"\"\"Doc\n    more\"\"\"\n    return not a\n"),
        ("json", "{\n  \"a\": [1, true, \"b\"]\n}\n"),
        ("php", "<?php\n$a = \"x $b {$c['d']}\";\nfunction f(int $x) { return <<<X\nq\nX;\n}\n"),
        ("yaml", "a: b\nc:\n  - |\n    block\n  - \"d\"\n"),
        ("sql", "SELECT count(*) FROM a WHERE b = 'c' -- d\n"),
        ("diff", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n"),
        ("console", "$ echo \"it's\"\nit's\n$ ls -l | \\\n> wc\n"),
        ("unknown", "a <b> & \"c\"\r\n"),
        ("", "\n\n  plain\n"),
        ("rust", "no line end"),
        ("rust", ""),
    ];

    const OPTIONS: &[&str] = &["", " {2-3}", " linenums", " diff", " title=x"];

    #[test]
    fn the_text_of_a_block_is_its_code() {
        for (language, code) in SAMPLES {
            for options in OPTIONS {
                assert_eq!(text(&inner(&format!("{language}{options}"), code)), *code, "{language}{options}");
            }
        }
    }

    #[test]
    fn what_was_rendered_before_does_not_show() {
        let blocks: Vec<(String, &str)> = SAMPLES
            .iter()
            .flat_map(|(language, code)| OPTIONS.iter().map(move |options| (format!("{language}{options}"), *code)))
            .collect();
        let fresh =
            |info: &str, code: &str| std::thread::scope(|scope| scope.spawn(|| html(info, code)).join().unwrap());
        let cold: Vec<String> = blocks.iter().map(|(info, code)| fresh(info, code)).collect();
        for _ in 0..2 {
            for ((info, code), cold) in blocks.iter().zip(&cold) {
                assert_eq!(html(info, code), *cold, "{info}");
            }
            for ((info, code), cold) in blocks.iter().zip(&cold).rev() {
                assert_eq!(html(info, code), *cold, "{info}");
            }
        }
        // With hardly any room, one line is remembered; with none, all is forgotten first.
        for at_limit in [Highlighter::MAX_WEIGHT - 1, Highlighter::MAX_WEIGHT] {
            for ((info, code), cold) in blocks.iter().zip(&cold) {
                HIGHLIGHTER.with_borrow_mut(|highlighter| highlighter.weight = at_limit);
                assert_eq!(html(info, code), *cold, "{info}");
            }
        }
        HIGHLIGHTER.with_borrow(|highlighter| assert!(highlighter.known.len() < 30, "{}", highlighter.known.len()));
    }

    #[test]
    fn a_block_comes_back_to_known_states() {
        for (language, code) in SAMPLES {
            html(language, code);
        }
        let known = |highlighter: &Highlighter| {
            (highlighter.known.len(), highlighter.known.iter().map(|known| known.lines.len()).sum::<usize>())
        };
        let before = HIGHLIGHTER.with_borrow(known);
        for (language, code) in SAMPLES {
            html(language, code);
        }
        assert_eq!(HIGHLIGHTER.with_borrow(known), before);
    }

    #[test]
    fn tokens_are_few_and_in_spans_of_one_letter() {
        assert_eq!(
            html("rust", "// a\nlet x = f(1);\n"),
            "<pre tabindex=\"0\" role=\"group\" aria-label=\"Code, rust\" data-lang=\"rust\">\
             <code class=\"language-rust\"><span class=\"c\">// a</span>\n<span class=\"k\">let</span> x = \
             <span class=\"f\">f</span>(<span class=\"n\">1</span>);\n</code></pre>"
        );
        assert_eq!(inner("js", "export async function f() {}\n").matches("<span").count(), 2);
        assert_eq!(inner("python", "a and b\n"), "a <span class=\"k\">and</span> b\n");
        assert_eq!(inner("c", "a && b\n"), "a &amp;&amp; b\n");
        assert_eq!(
            inner("json", "{\"a\": \"b\"}\n"),
            "{<span class=\"a\">\"a\"</span>: <span class=\"s\">\"b\"</span>}\n"
        );
    }

    #[test]
    fn a_span_covers_several_lines_unless_lines_are_divided() {
        let code = "/* a\n   b */\n";
        assert_eq!(inner("c", code), "<span class=\"c\">/* a\n   b */</span>\n");
        assert_eq!(
            inner("c linenums=9 {2}", code),
            "<span class=\"l\" data-n=\"9\"><span class=\"c\">/* a</span>\n</span>\
             <span class=\"l hl\" data-n=\"10\">   <span class=\"c\">b */</span>\n</span>"
        );
    }

    #[test]
    fn changed_lines_are_marked_and_keep_their_sign() {
        let lines = |info: &str, code: &str| -> Vec<String> {
            let inner = inner(info, code);
            inner
                .split("<span class=\"l")
                .skip(1)
                .map(|line| line.split('"').next().unwrap().trim().to_owned())
                .collect()
        };
        assert_eq!(lines("diff", SAMPLES[10].1), ["", "", "", "del", "add", ""]);
        assert_eq!(lines("diff", "--- a comment\n-b\n+++ c\n"), ["del", "del", "add"]);
        assert_eq!(
            inner("diff-rust", "-let a;\n+let b;\n"),
            "<span class=\"l del\">-<span class=\"k\">let</span> a;\n</span>\
             <span class=\"l add\">+<span class=\"k\">let</span> b;\n</span>"
        );
    }

    #[test]
    fn in_a_session_only_commands_are_highlighted() {
        assert_eq!(
            inner("console", "$ echo \"a\"\necho \"a\"\n"),
            "$ <span class=\"f\">echo</span> <span class=\"s\">\"a\"</span>\necho \"a\"\n"
        );
        // What a command leaves open does not colour the next one.
        assert_eq!(inner("console", "$ 'a\n$ cd b\n").matches("class=\"s\"").count(), 1);
    }

    #[test]
    fn nothing_from_the_fence_or_the_code_becomes_markup() {
        let fence = Fence { language: "\"><script>", title: Some("<b>\"&".into()), ..Fence::default() };
        assert_eq!(
            render(&fence, "</code></pre><script>\n", &mut Allowance::default()).html,
            "<figure class=\"code\"><figcaption>&lt;b&gt;\"&amp;</figcaption><pre tabindex=\"0\" role=\"group\" \
             aria-label=\"Code, &quot;&gt;&lt;script&gt;\" data-lang=\"&quot;&gt;&lt;script&gt;\">\
             <code class=\"language-&quot;&gt;&lt;script&gt;\">&lt;/code&gt;&lt;/pre&gt;&lt;script&gt;\n</code></pre></figure>"
        );
        assert!(html("", "x\n").starts_with("<pre tabindex=\"0\" role=\"group\" aria-label=\"Code\"><code>"));
    }

    #[test]
    fn what_is_too_long_is_plain_and_complete() {
        let rendered = |info: &str, code: &str| {
            let Rendered { html, plain } = render(&Fence::parse(info), code, &mut Allowance::default());
            assert!(text(&html).ends_with(code), "{info}");
            (plain == Some(Plain::TooLong), html.matches("<span").count())
        };
        let line = format!("let a = \"{}\";\n", "x".repeat(MAX_LINE));
        assert_eq!(rendered("rust", &line), (true, 0));
        assert_eq!(rendered("rust", &format!("{line}let b;\n")), (true, 1));
        assert_eq!(rendered("text", &line), (false, 0));
        assert_eq!(rendered("rust linenums", &"let a;\n".repeat(MAX_LINES + 1)), (true, 0));
        assert_eq!(rendered("rust diff", &"x".repeat(MAX_BLOCK + 1)), (true, 0));
        assert_eq!(rendered("rust linenums", &"let a;\n".repeat(100)), (false, 200));
    }

    #[test]
    fn a_note_has_an_allowance_in_which_long_lines_weigh_more() {
        let mut allowance = Allowance::default();
        let line = format!("let a = \"{}\";\n", "x".repeat(300));
        let mut lines = |fence: &str, code: &str| {
            let Rendered { html, plain } = render(&Fence::parse(fence), code, &mut allowance);
            assert!(text(&html).ends_with(code));
            (plain, html.matches("<span class=\"k\">let</span>").count())
        };
        assert_eq!(lines("rust", &"let a;\n".repeat(1_000)), (None, 1_000));
        // What has no grammar costs nothing.
        assert_eq!(lines("text", &line.repeat(100)), (None, 0));
        assert_eq!(lines("rust", &line.repeat(20)), (Some(Plain::Spent), 6));
        assert_eq!(lines("rust {1}", "let a;\n"), (Some(Plain::Spent), 0));
    }

    #[test]
    fn lines_that_a_grammar_can_not_read_in_time_are_plain() {
        for (language, before, unit) in [
            ("less", "", "a-"),
            ("scss", "a {\n", "a-a-"),
            ("sass", "", "a-"),
            ("vue", "<style lang=\"scss\">\n", "a-"),
            ("svelte", "<style lang=\"scss\">\n", "a-"),
            ("stylus", "", "{{}{"),
            ("lisp", "(\n", "!\\"),
            ("tex", "\\begin{minted}{lisp}\n(\n", "!\\"),
            ("typst", "```lisp\n(\n", "!\\"),
            ("markdown", "", "[\\"),
            ("multimarkdown", "", "->`"),
        ] {
            let line = |n: usize| format!("{before}{}\nx\n", unit.repeat(n));
            let spans = |code: &str| inner(language, code).matches("<span").count();
            assert_eq!(text(&inner(language, &line(90))), line(90));
            assert_eq!(spans(&line(90)), spans(&format!("{before}x\n")), "{language} {unit}");
        }
        assert!(inner("scss", ".btn-outline-primary { --bs-btn-focus-shadow-rgb: 1 }\n").contains("<span"));
        assert!(inner("tex", &format!("{}\n", r"\frac{\alpha}{\beta} ".repeat(9))).matches("<span").count() > 9);
    }

    #[test]
    fn languages_are_found_by_the_names_in_use() {
        let name = |language: &str| {
            let fence = Fence { language, ..Fence::default() };
            Grammar::of(&fence).syntax.map_or("", |syntax| syntax.name.as_str())
        };
        for (language, grammar) in [
            ("js", "JavaScript"),
            ("JavaScript", "JavaScript"),
            ("jsx", "JavaScript (Babel)"),
            ("ts", "TypeScript"),
            ("tsx", "TypeScriptReact"),
            ("sh", "Bourne Again Shell (bash)"),
            ("Shell", "Bourne Again Shell (bash)"),
            ("console", "Bourne Again Shell (bash)"),
            ("yml", "YAML"),
            ("py", "Python"),
            ("rb", "Ruby"),
            ("golang", "Go"),
            ("c", "C"),
            ("h", "C"),
            ("c++", "C++"),
            ("cs", "C#"),
            ("fs", "F#"),
            ("objc", "Objective-C"),
            ("docker", "Dockerfile"),
            ("hcl", "Terraform"),
            ("jsonc", "JSON"),
            ("psql", "SQL"),
            ("PostgreSQL", "SQL"),
            ("viml", "VimL"),
            ("heex", "HTML (EEx)"),
            ("proto", "Protocol Buffer"),
            ("graphql", "GraphQL"),
            ("svelte", "Svelte"),
            ("vue", "Vue Component"),
            ("text", ""),
            ("plaintext", ""),
            ("mermaid", ""),
            ("diff", ""),
            ("no such language", ""),
        ] {
            assert_eq!(name(language), grammar, "{language}");
        }
    }

    #[test]
    fn every_alias_leads_to_a_grammar() {
        for (grammar, aliases) in ALIASES {
            let at = SYNTAXES.syntaxes().iter().position(|syntax| syntax.name == *grammar);
            assert!(at.is_some(), "{grammar}");
            for alias in aliases.split(' ') {
                assert_eq!(LANGUAGES.get(alias), at.as_ref(), "{alias}");
            }
        }
    }
}
