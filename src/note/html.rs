//! HTML as text: escaping, reading the tags that an author wrote, and the sanitiser.
//! The only door to ammonia.
//!
//! A note's own HTML is sanitised *after* rendering, so that tags which open in one place and
//! close in another are judged together and an unclosed one can't swallow the page. What the
//! renderer itself writes must come through unharmed: it is handed over as a mark, an attribute
//! whose name does not occur in the note, and put back when the sanitiser is done.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use crate::note::link::Hole;

/// Appends `text` with `& < > "` escaped: safe between tags and in a double-quoted attribute.
pub fn escape(html: &mut String, text: &str) {
    replace(html, text, |byte| match byte {
        b'"' => Some("&quot;"),
        byte => text_reference(byte),
    });
}

/// Appends `text` with `& < >` escaped: safe between tags only, and shorter than [`escape`] for code.
pub fn escape_text(html: &mut String, text: &str) {
    replace(html, text, text_reference);
}

fn text_reference(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'\0' => "\u{FFFD}",
        // A reader of HTML turns a bare carriage return into a line feed.
        b'\r' => "&#13;",
        _ => return None,
    })
}

fn replace(html: &mut String, text: &str, reference: impl Fn(u8) -> Option<&'static str>) {
    // Most texts need nothing, which a pass without branches finds out.
    if !text.bytes().fold(false, |found, byte| found | reference(byte).is_some()) {
        return html.push_str(text);
    }
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            html.push_str(&text[from..at]);
            html.push_str(reference);
            from = at + 1;
        }
    }
    html.push_str(&text[from..]);
}

/// The text with `& < > "` escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    escape(&mut out, text);
    out
}

/// A URL as an attribute's value: percent-encoded where CommonMark's reference renderer does it
/// (what is already encoded stays), then escaped.
pub fn escape_url(url: &str) -> String {
    let mut out = String::with_capacity(url.len() + 8);
    for byte in url.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b'\'' => out.push_str("&#x27;"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte as char),
            b'-' | b'_' | b'.' | b'+' | b'!' | b'*' | b'(' | b')' | b',' | b'%' | b'#' | b'@' | b'?' | b'=' | b';'
            | b':' | b'/' | b'$' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A piece of an author's raw HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Token<'h> {
    /// Text between tags, still escaped as the author wrote it.
    Text(&'h str),
    /// A tag of an HTML element, opening or closing.
    Tag(Tag<'h>),
    /// Something in angle brackets that is no HTML element: text, as in `Vec<T>` or `<your name>`.
    NotATag(&'h str),
    /// A comment, a declaration or a processing instruction. `closed` is false if it never ends.
    Comment {
        /// It has an end.
        closed: bool,
    },
}

/// A tag of an HTML element.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag<'h> {
    /// In lower case.
    pub name: String,
    /// `</name>`
    pub closing: bool,
    /// Names in lower case, values with entities decoded; the first of a name counts.
    pub attributes: Vec<(String, String)>,
    /// As written.
    pub text: &'h str,
}

impl Tag<'_> {
    /// The attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The browser would read what follows as raw text, up to the closing tag.
    pub fn swallows_text(&self) -> bool {
        !self.closing && RAW_TEXT.contains(&self.name.as_str())
    }

    /// Without a closing tag the elements after it lie within it: it is neither empty by nature nor
    /// closed by its next sibling.
    pub fn nests(&self) -> bool {
        !VOID.contains(&self.name.as_str()) && !CLOSED_BY_THE_NEXT.contains(&self.name.as_str())
    }

    /// The sanitiser lets the element through.
    pub fn is_allowed(&self) -> bool {
        ALLOWED.contains(self.name.as_str())
    }
}

const RAW_TEXT: &[&str] =
    &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];

const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Elements whose closing tag may be left out.
const CLOSED_BY_THE_NEXT: &[&str] =
    &["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "caption", "rt", "rp"];

/// The elements of HTML that notes may hold: ammonia's own list, which has no svg, math, form or media.
static ALLOWED: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let mut tags = ammonia::Builder::default().clone_tags();
    tags.insert("section");
    tags
});

/// Elements of HTML beyond [`ALLOWED`]: recognised, so that their tags are removed and not shown as text.
const OTHER_ELEMENTS: &[&str] = &[
    "script",
    "style",
    "textarea",
    "title",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "html",
    "head",
    "body",
    "base",
    "link",
    "meta",
    "button",
    "canvas",
    "datalist",
    "dialog",
    "embed",
    "fieldset",
    "form",
    "frame",
    "frameset",
    "input",
    "label",
    "legend",
    "main",
    "math",
    "menu",
    "meter",
    "object",
    "optgroup",
    "option",
    "output",
    "param",
    "picture",
    "progress",
    "search",
    "select",
    "slot",
    "source",
    "svg",
    "template",
    "track",
    "video",
    "audio",
    "font",
    "marquee",
    "big",
    "basefont",
    "applet",
    "bgsound",
    "dir",
    "address",
    "path",
    "g",
    "circle",
    "rect",
];

/// What has more attributes is no tag but text. Without a bound each of many `<a ` that are never
/// closed would be read to the end.
const MAX_ATTRIBUTES: usize = 256;

/// Cuts raw HTML into its pieces. Total: whatever is no tag is text.
pub fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|found| at + found) {
        let rest = &html[open..];
        let (token, len) = if rest.starts_with("<!--") {
            // `<!-->` and `<!--->` are whole comments.
            let short = ["<!-->", "<!--->"].iter().find(|s| rest.starts_with(**s)).map(|s| s.len());
            let end = short.or_else(|| rest.find("-->").map(|end| end + 3));
            (Token::Comment { closed: end.is_some() }, end.unwrap_or(rest.len()))
        } else if let Some((end, closed)) = declaration(rest) {
            (Token::Comment { closed }, end)
        } else if let Some((tag, len)) = tag(rest) {
            let known = ALLOWED.contains(tag.name.as_str()) || OTHER_ELEMENTS.contains(&tag.name.as_str());
            // `Vec<T>`: one capital letter and nothing else is a type, not an element.
            let generic = matches!(tag.text.as_bytes(), [b'<', b'A'..=b'Z', b'>']);
            (if known && !generic { Token::Tag(tag) } else { Token::NotATag(&rest[..len]) }, len)
        } else {
            at = open + 1;
            continue;
        };
        if text_from < open {
            tokens.push(Token::Text(&html[text_from..open]));
        }
        tokens.push(token);
        at = open + len;
        text_from = at;
    }
    if text_from < html.len() {
        tokens.push(Token::Text(&html[text_from..]));
    }
    tokens
}

fn declaration(rest: &str) -> Option<(usize, bool)> {
    let end = match rest.as_bytes().get(1)? {
        b'?' => "?>",
        b'!' if rest.starts_with("<![CDATA[") => "]]>",
        b'!' if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) => ">",
        _ => return None,
    };
    Some(rest.find(end).map_or((rest.len(), false), |at| (at + end.len(), true)))
}

/// Reads the tag at the start of `rest`; nothing if there is none.
fn tag(rest: &str) -> Option<(Tag<'_>, usize)> {
    let bytes = rest.as_bytes();
    let closing = bytes.get(1) == Some(&b'/');
    let name_start = 1 + usize::from(closing);
    if !bytes.get(name_start)?.is_ascii_alphabetic() {
        return None;
    }
    let name_end = (name_start..bytes.len())
        .find(|&i| !(bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b':' | b'_' | b'.')))?;
    let mut attributes: Vec<(String, String)> = Vec::new();
    let mut at = name_end;
    let mut written = 0;
    loop {
        at = skip(bytes, at, |b| b.is_ascii_whitespace() || b == b'/');
        match bytes.get(at)? {
            b'>' => break,
            _ if written == MAX_ATTRIBUTES => return None,
            _ => {
                written += 1;
                let end = skip(bytes, at + 1, |b| !(b.is_ascii_whitespace() || matches!(b, b'=' | b'>' | b'/')));
                let name = rest.get(at..end)?.to_ascii_lowercase();
                at = skip(bytes, end, |b| b.is_ascii_whitespace());
                let mut value = "";
                if bytes.get(at) == Some(&b'=') {
                    at = skip(bytes, at + 1, |b| b.is_ascii_whitespace());
                    let (from, to, next) = match bytes.get(at)? {
                        quote @ (b'"' | b'\'') => {
                            let end = skip(bytes, at + 1, |b| b != *quote);
                            bytes.get(end)?;
                            (at + 1, end, end + 1)
                        }
                        _ => {
                            let end = skip(bytes, at, |b| !(b.is_ascii_whitespace() || b == b'>'));
                            (at, end, end)
                        }
                    };
                    value = rest.get(from..to)?;
                    at = next;
                }
                if !attributes.iter().any(|(known, _)| *known == name) {
                    attributes.push((name, decode_entities(value).into_owned()));
                }
            }
        }
    }
    let text = rest.get(..at + 1)?;
    Some((Tag { name: rest[name_start..name_end].to_ascii_lowercase(), closing, attributes, text }, at + 1))
}

fn skip(bytes: &[u8], from: usize, wanted: impl Fn(u8) -> bool) -> usize {
    (from..bytes.len()).find(|&i| !wanted(bytes[i])).unwrap_or(bytes.len())
}

/// The few entities that URLs and alternative texts hold, and numeric ones: `javascript&#58;` must not pass.
fn decode_entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().skip(1).take(12).position(|b| !(b.is_ascii_alphanumeric() || b == b'#')).map(|n| n + 1);
        let end = end.unwrap_or(rest.len().min(13));
        let semicolon = usize::from(rest.as_bytes().get(end) == Some(&b';'));
        let name = rest.get(1..end).unwrap_or("");
        let decoded = match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            }
            .and_then(char::from_u32),
            None => match name.to_ascii_lowercase().as_str() {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                "colon" => Some(':'),
                "tab" => Some('\t'),
                "newline" => Some('\n'),
                "nbsp" => Some('\u{a0}'),
                _ => None,
            },
        };
        match (decoded, rest.get(end + semicolon..)) {
            (Some(c), Some(after)) => {
                out.push(c);
                rest = after;
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

/// What the renderer wrote itself in a note that also holds raw HTML.
#[derive(Debug)]
pub enum Mark {
    /// Attributes of an element whose tag stands in the text.
    Attributes(String),
    /// A hole within an `<a` tag, for its attributes.
    AttributesHole(Hole),
    /// A whole piece of HTML, in place of an empty `<span>`.
    Fragment(String),
    /// A hole, in place of an empty `<span>`.
    FragmentHole(Hole),
}

/// An attribute name for marks that does not occur in `text`.
pub fn mark_name(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut name = "data-fb".to_owned();
    let mut n = 0;
    while lower.contains(&name) {
        name = format!("data-fb{n}");
        n += 1;
    }
    name
}

/// Sanitises `html` and puts the marks back. Gives the HTML and its holes. Of the author's own ids
/// only those in `ids` stay, and each of them once.
pub fn sanitise(html: &str, marks: &[Mark], name: &str, ids: &[Box<str>]) -> (String, Vec<(u32, Hole)>) {
    let unused: Mutex<HashSet<String>> = Mutex::new(ids.iter().map(|id| id.to_string()).collect());
    let mut builder = ammonia::Builder::default();
    builder
        .add_tags(["section"])
        .add_generic_attributes([name, "id"])
        .add_tag_attributes("a", ["name"])
        // A URL that no reader sees and that the sanitiser does not judge.
        .rm_tag_attributes("blockquote", ["cite"])
        .rm_tag_attributes("q", ["cite"])
        .rm_tag_attributes("del", ["cite"])
        .rm_tag_attributes("ins", ["cite"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("ol", ["reversed"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // The renderer sets it where it belongs.
        .link_rel(None)
        .attribute_filter(move |_, attribute, value| match attribute {
            "id" | "name" => unused.lock().ok()?.remove(value).then(|| value.into()),
            _ => Some(value.into()),
        });
    let clean = builder.clean(html).to_string();

    let mut out = String::with_capacity(clean.len() * 2);
    let mut holes = Vec::new();
    let pattern = format!("{name}=\"");
    let mut at = 0;
    while let Some(found) = clean[at..].find(&pattern).map(|offset| at + offset) {
        let number_at = found + pattern.len();
        let number_end = clean[number_at..].find('"').map_or(clean.len(), |end| number_at + end);
        let mark = clean[number_at..number_end].parse::<usize>().ok().and_then(|n| marks.get(n));
        let after = (number_end + 1).min(clean.len());
        match mark {
            Some(Mark::Attributes(attributes)) => {
                out.push_str(&clean[at..found]);
                out.push_str(attributes);
                at = after;
            }
            Some(Mark::AttributesHole(hole)) => {
                // The hole brings its own leading space.
                out.push_str(clean[at..found].trim_end_matches(' '));
                holes.push((out.len() as u32, *hole));
                at = after;
            }
            Some(fragment @ (Mark::Fragment(_) | Mark::FragmentHole(_))) => {
                let tag = clean[at..found].rfind('<').map_or(found, |open| at + open);
                out.push_str(&clean[at..tag]);
                match fragment {
                    Mark::Fragment(html) => out.push_str(html),
                    Mark::FragmentHole(hole) => holes.push((out.len() as u32, *hole)),
                    _ => {}
                }
                at = clean[after..].find("</span>").map_or(after, |close| after + close + "</span>".len());
            }
            None => {
                out.push_str(&clean[at..found]);
                at = after;
            }
        }
    }
    out.push_str(&clean[at..]);
    (out, holes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_parameters_and_placeholders_are_text() {
        assert_eq!(tokens("Vec<T>"), [Token::Text("Vec"), Token::NotATag("<T>")]);
        assert_eq!(tokens("<your-name>"), [Token::NotATag("<your-name>")]);
        assert!(matches!(&tokens("<b>")[0], Token::Tag(tag) if tag.name == "b"));
        assert_eq!(tokens("a < b > c"), [Token::Text("a < b > c")]);
    }

    #[test]
    fn attributes_are_read_as_a_browser_reads_them() {
        let html = r#"<IMG SRC='a b.png' alt="x &amp; &#58;y" width=3 src=second disabled/>"#;
        let Token::Tag(tag) = &tokens(html)[0] else { panic!() };
        assert_eq!(tag.name, "img");
        assert_eq!(tag.attribute("src"), Some("a b.png"));
        assert_eq!(tag.attribute("alt"), Some("x & :y"));
        assert_eq!(tag.attribute("width"), Some("3"));
        assert_eq!(tag.attribute("disabled"), Some(""));
    }

    #[test]
    fn tags_and_comments_that_never_end_are_found_out() {
        assert_eq!(tokens("a <b"), [Token::Text("a <b")]);
        assert_eq!(tokens("<!-- x"), [Token::Comment { closed: false }]);
        assert_eq!(tokens("<!-- x -->y"), [Token::Comment { closed: true }, Token::Text("y")]);
        assert_eq!(tokens("<a href=\"x"), [Token::Text("<a href=\"x")]);
    }

    #[test]
    fn marks_come_through_the_sanitiser_and_nothing_active_does() {
        let marks = [
            Mark::Attributes("class=\"x\"".into()),
            Mark::Fragment("<math></math>".into()),
            Mark::FragmentHole(Hole::Image(7)),
            Mark::AttributesHole(Hole::Attributes(1)),
        ];
        let html = "<p data-fb=\"0\" onclick=\"x()\">a<span data-fb=\"1\"></span><script>alert(1)</script>\
                    <span data-fb=\"2\"></span><a data-fb=\"3\">b</a></p><a href=\"javascript:x\">c</a><div>";
        let (out, holes) = sanitise(html, &marks, "data-fb", &[]);
        assert!(out.starts_with("<p class=\"x\">a<math></math>"), "{out}");
        assert!(!out.contains("onclick") && !out.contains("script") && out.ends_with("<div></div>"), "{out}");
        assert_eq!(holes.len(), 2);
        assert_eq!(holes[0].1, Hole::Image(7));
        assert_eq!(&out[..holes[1].0 as usize][out[..holes[1].0 as usize].len() - 2..], "<a");
    }

    #[test]
    fn the_mark_name_is_never_the_authors() {
        assert_eq!(mark_name("plain"), "data-fb");
        assert_eq!(mark_name("DATA-FB=\"0\" data-fb0"), "data-fb1");
    }
}
