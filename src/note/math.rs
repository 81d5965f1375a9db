//! Formulas: LaTeX to MathML, the only door to pulldown-latex.
//!
//! The crate parses well, but it recurses as deep as commands follow one another, writes the
//! argument of `\operatorname` unescaped, and sets colours by `style`, which the site's content
//! security policy forbids. So its input is checked and mended before it ([`prepare`]), its
//! events in the middle ([`collect`]), and its output is rebuilt from an allow-list ([`rebuild`]).

use pulldown_latex::config::DisplayMode;
use pulldown_latex::event::{ColorChange, ColorTarget, Content, Dimension, DimensionUnit, EnvironmentFlow};
use pulldown_latex::event::{Event, Font, Grouping, StateChange, Visual};
use pulldown_latex::{Parser, RenderConfig, Storage, write_mathml};

use super::html::escape;

/// The longest formula, in bytes.
const MAX_SOURCE: usize = 20_000;

/// The parser needs a stack frame of a kilobyte for each of `\sqrt\sqrt\sqrt…`; a thread of the pool has 2,000.
const MAX_COMMANDS: usize = 800;

/// How deep braces may nest, and how often formulas stand in text in formulas.
const MAX_NESTING: usize = 50;

/// How deep elements may nest. Browsers flatten a page beyond 512.
const MAX_ELEMENTS_DEEP: usize = 200;

/// The longest MathML, in bytes.
const MAX_OUTPUT: usize = 2 << 20;

/// A formula as a `<math>` element, set as a block if `display`, with its source as annotation.
///
/// It has neither links, scripts nor styles, whatever the source says. Macros can't be defined.
/// The error is one line that says what is wrong.
pub fn render(tex: &str, display: bool) -> Result<String, String> {
    let tex = tex.trim();
    if tex.len() > MAX_SOURCE {
        return Err(format!("the formula is longer than {MAX_SOURCE} bytes"));
    }
    let prepared = prepare(tex)?;
    let storage = Storage::new();
    let mut events = Vec::new();
    collect(&prepared, &storage, 0, &mut events)?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut written = Bounded(Vec::new());
    write_mathml(&mut written, events.into_iter().map(Ok::<_, std::fmt::Error>), config)
        .map_err(|_| format!("the formula would take more than {MAX_OUTPUT} bytes"))?;
    let body = String::from_utf8_lossy(&written.0)
        .split_once('>')
        .and_then(|(_, rest)| rest.strip_suffix("</math>"))
        .and_then(rebuild)
        .ok_or("the formula can't be set: an argument is missing or in excess")?;
    let mut html = String::with_capacity(body.len() + tex.len() + 150);
    html.push_str(if display { "<math display=\"block\">" } else { "<math>" });
    html.push_str("<semantics><mrow>");
    html.push_str(&body);
    html.push_str("</mrow><annotation encoding=\"application/x-tex\">");
    escape(&mut html, tex);
    html.push_str("</annotation></semantics></math>");
    Ok(html)
}

/// Bytes in memory, no more than [`MAX_OUTPUT`]: the borders of a table's columns are repeated in each row.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The source without what the crate can't bear (comments, macros, too many commands), and
/// with what it does not know spelled in its words.
fn prepare(tex: &str) -> Result<String, String> {
    let tex = without_comments(tex);
    let mut out = String::with_capacity(tex.len() + 16);
    let mut rest = tex.as_str();
    let mut commands = 0;
    let mut depth = 0usize;
    // The depths of braces at which the index of a root is open.
    let mut roots = Vec::new();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            '\\' => {
                commands += 1;
                if commands > MAX_COMMANDS {
                    return Err(format!("the formula has more than {MAX_COMMANDS} commands"));
                }
                let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
                if letters == 0 {
                    let symbol = after.chars().next().ok_or("the formula ends with a backslash")?;
                    out.push('\\');
                    out.push(if symbol.is_whitespace() { ' ' } else { symbol });
                    rest = &after[symbol.len_utf8()..];
                    continue;
                }
                let (name, next) = after.split_at(letters);
                rest = next;
                let next = next.trim_start();
                match name {
                    "def" | "edef" | "gdef" | "xdef" | "let" | "futurelet" | "newcommand" | "renewcommand"
                    | "providecommand" | "char" => {
                        return Err(format!("`\\{name}` is not supported"));
                    }
                    "nonumber" | "notag" => continue,
                    "operatorname" if next.starts_with('*') => {
                        out.push_str("\\mathop");
                        rest = &next[1..];
                        continue;
                    }
                    "sqrt" if next.starts_with('[') => {
                        out.push_str("\\sqrt[{");
                        roots.push(depth);
                        rest = &next[1..];
                        continue;
                    }
                    _ => {}
                }
                let name = known_name(name);
                out.push('\\');
                out.push_str(name);
                // The crate takes all that follows for the argument if it is not in braces.
                if (name == "operatorname" || name.starts_with("text") && name != "textstyle" && name != "textcolor")
                    && let Some(letter) = next.chars().next().filter(|c| !matches!(c, '{' | '}' | '\\'))
                {
                    out.push('{');
                    out.push(letter);
                    out.push('}');
                    rest = &next[letter.len_utf8()..];
                }
            }
            '{' => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(format!("the formula is nested deeper than {MAX_NESTING}"));
                }
                out.push('{');
            }
            '}' => {
                depth = depth.saturating_sub(1);
                out.push('}');
            }
            ']' if roots.last() == Some(&depth) => {
                roots.pop();
                out.push_str("}]");
            }
            // The crate cuts colours (`#rrggbb`) by bytes.
            '#' if after.bytes().take(6).any(|byte| !byte.is_ascii()) => {
                return Err("a colour is `#` and six hexadecimal digits".to_owned());
            }
            // Among others, the ideographic space is none to the crate.
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    // The crate doubles the number of columns without a look at its size.
    for environment in ["{alignat}", "{alignat*}", "{alignedat}"] {
        let parts: Vec<&str> = out.split(environment).collect();
        if parts.windows(2).any(|pair| pair[0].trim_end().ends_with("\\begin") && !starts_with_small_number(pair[1])) {
            return Err("the argument of `alignat` is a number below 1000".to_owned());
        }
    }
    Ok(out)
}

fn without_comments(tex: &str) -> String {
    let mut out = String::with_capacity(tex.len());
    for line in tex.split_inclusive('\n') {
        let mut escaped = false;
        let comment = line.find(|c| {
            let found = c == '%' && !escaped;
            escaped = c == '\\' && !escaped;
            found
        });
        out.push_str(&line[..comment.unwrap_or(line.len())]);
        if comment.is_some() {
            out.push(' ');
        }
    }
    out
}

/// Whether a text starts with `{1}` to `{999}`.
fn starts_with_small_number(text: &str) -> bool {
    let number = text.trim_start().strip_prefix('{').and_then(|rest| rest.split_once('}'));
    number.is_some_and(|(number, _)| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The crate's name for a command that it knows by another.
fn known_name(name: &str) -> &str {
    match name {
        "bm" | "pmb" => "boldsymbol",
        "emph" => "textit",
        "hdots" => "ldots",
        "mathds" => "mathbb",
        "mathscr" => "mathcal",
        "mbox" | "hbox" | "textnormal" | "textup" => "text",
        "mod" => "bmod",
        _ => name,
    }
}

/// Parses a formula into events that are safe to write.
fn collect<'t>(tex: &'t str, storage: &'t Storage, depth: usize, events: &mut Vec<Event<'t>>) -> Result<(), String> {
    if depth > MAX_NESTING {
        return Err(format!("the formula is nested deeper than {MAX_NESTING}"));
    }
    for event in Parser::new(tex, storage) {
        let event = event.map_err(|error| one_line(&error.to_string()))?;
        let event = match event {
            // What the crate makes of `~` and `\ `; it would show it as these letters.
            Event::Content(Content::Text("&nbsp;")) => space(0.3333),
            Event::Content(Content::Text(text)) if text.contains(['\\', '$', '~', '{']) => {
                events.push(Event::Begin(Grouping::Normal));
                collect_text(text, storage, depth, events)?;
                Event::End
            }
            Event::Content(Content::Function(name)) if !name.chars().all(|c| c.is_alphanumeric() || c == ' ') => {
                events.push(Event::Begin(Grouping::Normal));
                events.push(Event::StateChange(StateChange::Font(Some(Font::UpRight))));
                collect(name, storage, depth + 1, events)?;
                Event::End
            }
            Event::Space { width, height, depth } => {
                Event::Space { width: width.map(length), height: height.map(length), depth: depth.map(length) }
            }
            Event::Visual(Visual::Fraction(Some(bar))) => Event::Visual(Visual::Fraction(Some(length(bar)))),
            // Both would need a `style`.
            Event::StateChange(StateChange::Color(ColorChange { target: ColorTarget::Border, .. })) => continue,
            Event::EnvironmentFlow(EnvironmentFlow::NewLine { horizontal_lines, .. }) => {
                Event::EnvironmentFlow(EnvironmentFlow::NewLine { spacing: None, horizontal_lines })
            }
            event => event,
        };
        events.push(event);
    }
    Ok(())
}

/// The argument of `\text`: letters, escaped signs, and formulas between dollars.
fn collect_text<'t>(
    mut text: &'t str,
    storage: &'t Storage,
    depth: usize,
    events: &mut Vec<Event<'t>>,
) -> Result<(), String> {
    while let Some(at) = text.find(['\\', '$', '~', '{', '}']) {
        let (before, sign) = text.split_at(at);
        if !before.is_empty() {
            events.push(Event::Content(Content::Text(before)));
        }
        let after = &sign[1..];
        let next = after.chars().next().map_or(0, char::len_utf8);
        text = match (sign.as_bytes()[0], after.find('$')) {
            (b'$', Some(end)) => {
                collect(&after[..end], storage, depth + 1, events)?;
                &after[end + 1..]
            }
            (b'~', _) => {
                events.push(space(0.3333));
                after
            }
            (b'\\', _) if !after.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                events.push(Event::Content(Content::Text(&after[..next])));
                &after[next..]
            }
            (b'{' | b'}', _) => after,
            _ => {
                events.push(Event::Content(Content::Text(&sign[..1])));
                after
            }
        };
    }
    if !text.is_empty() {
        events.push(Event::Content(Content::Text(text)));
    }
    Ok(())
}

fn space(em: f32) -> Event<'static> {
    Event::Space { width: Some(Dimension::new(em, DimensionUnit::Em)), height: None, depth: None }
}

/// A length that MathML has: not negative, which would need a `style`; not beyond reason; and in
/// a unit of CSS, which the crate gives to all but `mu`.
fn length(of: Dimension) -> Dimension {
    let value = if of.value.is_finite() { of.value.clamp(0.0, 1000.0) } else { 0.0 };
    match of.unit {
        DimensionUnit::Mu => Dimension::new(value / 18.0, DimensionUnit::Em),
        unit => Dimension::new(value, unit),
    }
}

/// An error of the crate in one line: what is wrong, and the text around the place.
fn one_line(error: &str) -> String {
    let mut lines = error.lines();
    let what = lines.next().unwrap_or("").trim_start_matches("parsing error: ");
    let what = what.replace("unkown", "unknown").replace("primitive command", "command");
    let place = lines.filter_map(|line| line.strip_prefix('│')).map(str::trim).find(|line| !line.is_empty());
    match place {
        Some(place) => format!("{what}, at `{}`", place.replace('`', "'")),
        None => what,
    }
}

/// Rebuilds the crate's MathML from elements and attributes that are known to be harmless. None
/// if elements do not nest, which happens where a command lacks an argument.
fn rebuild(written: &str) -> Option<String> {
    let mut out = String::with_capacity(written.len());
    let mut open = Vec::new();
    let mut rest = written;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        push_text(&mut out, text);
        // The crate does not escape single characters.
        if !tag[1..].starts_with(|c: char| c.is_ascii_lowercase() || c == '/') {
            out.push_str("&lt;");
            rest = &tag[1..];
            continue;
        }
        let (tag, next) = tag[1..].split_once('>')?;
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return None;
            }
            out.push_str("</");
            out.push_str(name);
            out.push('>');
            continue;
        }
        let (name, attributes) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
        if !ELEMENTS.contains(&name) {
            return None;
        }
        out.push('<');
        out.push_str(name);
        let empty = attributes.ends_with('/');
        push_attributes(&mut out, attributes.trim_end_matches('/'))?;
        out.push('>');
        if empty {
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        } else {
            open.push(name);
            if open.len() > MAX_ELEMENTS_DEEP {
                return None;
            }
        }
    }
    push_text(&mut out, rest);
    open.is_empty().then_some(out)
}

const ELEMENTS: [&str; 18] = [
    "mfrac",
    "mi",
    "mn",
    "mo",
    "mover",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

const ATTRIBUTES: [&str; 14] = [
    "class",
    "depth",
    "displaystyle",
    "height",
    "largeop",
    "linethickness",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "width",
];

fn push_text(out: &mut String, text: &str) {
    let text = text.replace("&nbsp;", "\u{a0}").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    escape(out, &text);
}

/// Writes attributes (` name="value"…`, of which the crate forgets a blank at times).
fn push_attributes(out: &mut String, attributes: &str) -> Option<()> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after.trim_start();
        if name == "style" {
            for (property, colour) in value.split("; ").filter_map(|declaration| declaration.split_once(": rgb(")) {
                let mut parts = colour.trim_end_matches(')').split(' ').filter_map(|part| part.parse::<u8>().ok());
                let (red, green, blue) = (parts.next()?, parts.next()?, parts.next()?);
                let name = if property == "color" { "mathcolor" } else { "mathbackground" };
                out.push_str(&format!(" {name}=\"#{red:02x}{green:02x}{blue:02x}\""));
            }
        } else if ATTRIBUTES.contains(&name) && !value.contains(['<', '&']) {
            out.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The MathML of a formula in a line, without what is the same in all.
    fn body(tex: &str) -> String {
        let html = render(tex, false).unwrap_or_else(|error| panic!("{tex}: {error}"));
        let body = html.strip_prefix("<math><semantics><mrow>").and_then(|rest| rest.split_once("</mrow><annotation"));
        body.map(|(body, _)| body.to_owned()).unwrap_or(html)
    }

    /// The text that a reader sees.
    fn shown(tex: &str) -> String {
        let body = body(tex);
        body.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
    }

    #[test]
    fn a_formula_is_mathml_with_its_source() {
        assert_eq!(
            render(" x^2 < y ", true).unwrap(),
            "<math display=\"block\"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo><mi>y</mi></mrow>\
             <annotation encoding=\"application/x-tex\">x^2 &lt; y</annotation></semantics></math>"
        );
        assert_eq!(body("\\frac12"), "<mfrac><mn>1</mn><mn>2</mn></mfrac>");
    }

    #[test]
    fn nothing_in_a_formula_becomes_markup() {
        for (tex, text) in [
            (r"\text{<script>}", "&lt;script&gt;"),
            (r"\operatorname{<b>}", "&lt;b&gt;"),
            (r"\mathop{<img src=x onerror=alert(1)>}", "&lt;imgsrc=xonerror=alert(1)&gt;"),
            (r"\mathord<\mathord{&}", "&lt;&amp;"),
            (r"\text{&lt;b> &nbsp;}", "&amp;lt;b&gt; &amp;nbsp;"),
            (r"\textbf{<b>}", "&lt;𝐛&gt;"),
            (r"a<b>c", "a&lt;b&gt;c"),
        ] {
            assert_eq!(shown(tex), text, "{tex}");
        }
        for tex in
            [r"\href{https://evil.example}{x}", r"\url{x}", r"\includegraphics{x}", r"\class{x}{y}", r"\style{x}{y}"]
        {
            assert!(render(tex, false).is_err(), "{tex}");
        }
    }

    #[test]
    fn colours_are_attributes_and_nothing_has_a_style() {
        assert_eq!(body(r"\textcolor{red}{x}"), "<mrow mathcolor=\"#ff0000\"><mrow><mi>x</mi></mrow></mrow>");
        assert_eq!(body(r"\fcolorbox{red}{#00ff01}{x}"), "<mrow mathbackground=\"#00ff01\"><mtext>x</mtext></mrow>");
        for tex in [r"a\!b", r"a\kern-1em b", r"\begin{matrix}a\\[1em]b\end{matrix}", r"\color{blue}x"] {
            assert!(!body(tex).contains(" style"), "{}", body(tex));
        }
    }

    #[test]
    fn lengths_are_bounded_and_in_units_of_css() {
        assert_eq!(body(r"\kern18mu"), "<mspace width=\"1em\"></mspace>");
        assert_eq!(body(r"\kern-18mu"), "<mspace width=\"0em\"></mspace>");
        assert_eq!(body(&format!(r"\kern{}em", "9".repeat(99))), "<mspace width=\"0em\"></mspace>");
        assert_eq!(body(r"\hspace{99999em}"), "<mspace width=\"1000em\"></mspace>");
    }

    #[test]
    fn what_the_crate_misreads_is_mended() {
        assert_eq!(body(r"\operatorname*{argmax}_x"), "<msub><mi>argmax</mi><mi>x</mi></msub>");
        assert_eq!(shown(r"\operatorname{arg\,max} x"), "argmaxx");
        assert_eq!(shown(r"\operatorname x+y"), "x\u{2061}+y");
        assert_eq!(shown(r"\text a b"), "ab");
        assert_eq!(shown(r"\text{50\% of $x^2$ in \{a\_b\}}"), "50%\u{a0}of\u{a0}x2\u{a0}in\u{a0}{a_b}");
        assert_eq!(shown("a~b"), "ab");
        assert_eq!(
            body(r"\sqrt[n+1]{x}y"),
            "<mroot><mrow><mi>x</mi></mrow><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></mroot><mi>y</mi>"
        );
        assert_eq!(shown("a % a comment\nb"), "ab");
        assert_eq!(shown(r"\mbox{a}\mathscr{L}\bm{x}\nonumber"), "aℒ𝒙");
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (tex, error) in [
            (r"\unknown{x}", r"unknown command found, at `\unknown{x}`"),
            (r"\frac{a}", r"expected a token, at `\frac{a}`"),
            (r"\def\a{\a}\a", r"`\def` is not supported"),
            ("x \\", "the formula ends with a backslash"),
            (r"\begin{alignat}{40000}a\end{alignat}", "the argument of `alignat` is a number below 1000"),
            ("\\begin%\n{alignedat}{\"FFFF}", "the argument of `alignat` is a number below 1000"),
            (r"\color{#aé000}", "a colour is `#` and six hexadecimal digits"),
        ] {
            assert_eq!(render(tex, false), Err(error.to_owned()), "{tex}");
        }
        for tex in ["{", "}", "x_", "a & b", "\\begin{matrix}", "\n\n{\n\n", "`{`", "\\color{#a%\n\n\n\n\n\n\né000}"] {
            let error = render(tex, true).unwrap_err();
            assert!(!error.contains('\n') && !error.is_empty(), "{error:?}");
        }
    }

    #[test]
    fn deep_and_long_formulas_are_refused_before_they_hurt() {
        for tex in [
            r"\sqrt".repeat(4000),
            r"\frac1".repeat(3000),
            r"\relax".repeat(3000),
            "{".repeat(20_000),
            "x".repeat(20_001),
            format!("{}x{}", "{".repeat(60), "}".repeat(60)),
            r"\text{$".repeat(700),
            format!(r"\begin{{array}}{{c{}}}{}\end{{array}}", "|".repeat(10_000), r"a\\".repeat(700)),
            r"\begin{matrix}".repeat(300) + &r"\end{matrix}".repeat(300),
        ] {
            assert!(render(&tex, true).is_err(), "{}", &tex[..20]);
        }
        assert!(render(&"% \n".repeat(6000), true).is_ok());
        assert!(render(&"x + ".repeat(4000), true).is_ok());
    }

    #[test]
    fn random_formulas_neither_panic_nor_break_the_page() {
        let words = [
            "{",
            "}",
            "[",
            "]",
            "^",
            "_",
            "&",
            "\\\\",
            "\\",
            "%",
            "\n",
            "~",
            "$",
            "#",
            "<",
            ">",
            "\"",
            "a",
            "12",
            "é",
            "中",
            "\u{3000}",
            " ",
            "|",
            "(",
            "-",
            "{x}",
            "{1em}",
            "{c|c}",
            "{#aé000}",
            "{red}",
            r"\frac",
            r"\sqrt",
            r"\sqrt[",
            r"\text{",
            r"\operatorname",
            r"\operatorname*",
            r"\left(",
            r"\right)",
            r"\begin{array}",
            r"\end{array}",
            r"\begin{align}",
            r"\end{align}",
            r"\color",
            r"\hskip",
            r"\kern",
            r"\not",
            r"\overset",
            r"\sum",
            r"\limits",
            r"\hline",
            r"\mathbf",
            r"\displaystyle",
            r"\char",
            r"\big",
            r"\middle",
            r"\begin{alignat}",
            "{99999999999999999999}",
            "{3}",
            r"\relax",
        ];
        let mut random = 88172645463325252u64;
        let mut next = |limit: usize| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 11) as usize % limit
        };
        let mut rendered = 0;
        for _ in 0..20_000 {
            let tex: String = (0..=next(12)).map(|_| words[next(words.len())]).collect();
            let Ok(html) = render(&tex, true) else { continue };
            rendered += 1;
            let mut open = Vec::new();
            for part in html.split('<').skip(1) {
                let (tag, text) = part.split_once('>').unwrap();
                assert!(!text.contains('>') && !tag.contains(" style") && !tag.contains(" on"), "{tex}: {html}");
                match tag.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name), "{tex}: {html}"),
                    None => open.push(tag.split(' ').next().unwrap()),
                }
            }
            assert!(open.is_empty(), "{tex}: {html}");
        }
        assert!(rendered > 1000, "{rendered}");
    }
}
