//! Whether a drawing is only a drawing. Opened by its address, an SVG file is a page of the site's
//! own, and may hold scripts, HTML and references to other hosts.
//!
//! This reads tags and attributes by the grammar of XML 1.0 (sections 2.4 to 3.1), as browsers do
//! for SVG files, and lets pass what is known to be harmless; what is not well formed is refused.

/// Elements that run or embed something else. `animate` and its like are judged by what they change.
const ACTIVE: &[&str] = &[
    "script",
    "foreignobject",
    "iframe",
    "embed",
    "object",
    "audio",
    "video",
    "handler",
    "listener",
    "link",
    "meta",
    "base",
];

const BROKEN: &str = "is not well-formed XML";
const EXTERNAL: &str = "refers to other files";

/// The drawing's width and height in pixels, if it states them, or why it is more than a drawing:
/// a phrase that continues "the file …".
pub(super) fn inspect(bytes: &[u8]) -> Result<Option<(u32, u32)>, &'static str> {
    let text = str::from_utf8(bytes).map_err(|_| "is not UTF-8")?;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut root: Option<Option<(u32, u32)>> = None;
    // Style rules are the text anywhere in a `style` element; it may hold, in vain, other elements.
    let mut styles = 0_usize;
    while let Some(at) = rest.find('<') {
        let (before, markup) = rest.split_at(at);
        if styles > 0 {
            check_css(before)?;
        }
        if let Some(comment) = markup.strip_prefix("<!--") {
            rest = comment.split_once("-->").ok_or(BROKEN)?.1;
        } else if let Some(section) = markup.strip_prefix("<![CDATA[") {
            let (section, after) = section.split_once("]]>").ok_or(BROKEN)?;
            if styles > 0 {
                check_css(section)?;
            }
            rest = after;
        } else if let Some(declaration) = markup.strip_prefix("<!") {
            let (declaration, after) = declaration.split_once('>').ok_or(BROKEN)?;
            // Entities could spell out anything later on.
            if !declaration.starts_with("DOCTYPE") || declaration.contains('[') {
                return Err("declares entities");
            }
            rest = after;
        } else if let Some(instruction) = markup.strip_prefix("<?") {
            let (instruction, after) = instruction.split_once("?>").ok_or(BROKEN)?;
            check_instruction(&instruction.to_ascii_lowercase())?;
            rest = after;
        } else if let Some(end) = markup.strip_prefix("</") {
            let ((_, name), after) = split_name(end)?;
            styles = styles.saturating_sub(usize::from(name == "style"));
            rest = after.split_once('>').ok_or(BROKEN)?.1;
        } else {
            let (tag, after) = Tag::read(markup.strip_prefix('<').ok_or(BROKEN)?)?;
            tag.check()?;
            if root.is_none() {
                root = Some(tag.size());
                if tag.name != "svg" {
                    return Err("is no SVG drawing");
                }
            }
            styles += usize::from(tag.name == "style" && !tag.empty);
            rest = after;
        }
    }
    root.ok_or("is no SVG drawing")
}

/// A start tag; names in lower case and without their prefixes.
struct Tag<'t> {
    name: String,
    /// Prefix, name, value.
    attributes: Vec<(String, String, &'t str)>,
    empty: bool,
}

impl<'t> Tag<'t> {
    /// Reads a tag from behind its `<`; gives what follows its `>`.
    fn read(text: &'t str) -> Result<(Self, &'t str), &'static str> {
        let space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        let (name, mut rest) = split_name(text)?;
        let mut tag = Tag { name: name.1, attributes: Vec::new(), empty: false };
        loop {
            let trimmed = rest.trim_start_matches(space);
            if let Some(after) = trimmed.strip_prefix('>') {
                return Ok((tag, after));
            }
            if let Some(after) = trimmed.strip_prefix("/>") {
                tag.empty = true;
                return Ok((tag, after));
            }
            let ((prefix, name), after) = split_name(trimmed)?;
            let value = after.trim_start_matches(space).strip_prefix('=').ok_or(BROKEN)?.trim_start_matches(space);
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or(BROKEN)?;
            let (value, after) = value.get(1..).and_then(|value| value.split_once(quote)).ok_or(BROKEN)?;
            if value.contains('<') {
                return Err(BROKEN);
            }
            tag.attributes.push((prefix, name, value));
            rest = after;
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        if ACTIVE.contains(&self.name.as_str()) {
            return Err(if self.name == "script" { "holds a script" } else { "holds more than a drawing" });
        }
        for (prefix, name, value) in &self.attributes {
            let value = value.trim_matches(|c: char| c <= ' ');
            if name.starts_with("on") {
                return Err("runs code on events");
            }
            if prefix == "xmlns" || prefix.is_empty() && name == "xmlns" {
                if value.contains('&') || value == "http://www.w3.org/1999/xhtml" {
                    return Err("holds HTML");
                }
                continue;
            }
            match name.as_str() {
                "href" => self.check_reference(value)?,
                "src" | "base" => return Err(EXTERNAL),
                "attributename" => {
                    let changed = value.to_ascii_lowercase();
                    if changed.contains("href") || changed.starts_with("on") || changed.contains('&') {
                        return Err("changes its links while it is shown");
                    }
                }
                "style" => check_css(value)?,
                _ if value.to_ascii_lowercase().contains("url(") => check_css(value)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn check_reference(&self, target: &str) -> Result<(), &'static str> {
        let lower = target.to_ascii_lowercase();
        let harmless = match self.name.as_str() {
            _ if lower.starts_with('#') || lower.is_empty() => true,
            // A colon, written as such or as a character reference, could end the scheme `javascript`.
            "a" => {
                ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
                    || !lower.contains(':') && !lower.contains("&#")
            }
            "image" | "feimage" => lower.starts_with("data:image/"),
            _ => false,
        };
        if harmless { Ok(()) } else { Err(EXTERNAL) }
    }

    /// The size in pixels: `width` and `height`, or the size of the `viewBox`.
    fn size(&self) -> Option<(u32, u32)> {
        let value = |wanted: &str| {
            self.attributes.iter().find(|(prefix, name, _)| prefix.is_empty() && name == wanted).map(|found| found.2)
        };
        let pixels = |text: &str| {
            let number: f64 = text.trim().trim_end_matches("px").parse().ok()?;
            (0.5..100_000.0).contains(&number).then_some(number.round() as u32)
        };
        let stated = value("width").and_then(pixels).zip(value("height").and_then(pixels));
        stated.or_else(|| {
            let mut parts = value("viewbox")?.split([' ', ',', '\t', '\r', '\n']).filter(|part| !part.is_empty());
            let (width, height) = (parts.nth(2)?, parts.next()?);
            pixels(width).zip(pixels(height))
        })
    }
}

/// The prefix and the local name, in lower case, and what follows.
fn split_name(text: &str) -> Result<((String, String), &str), &'static str> {
    let end = text.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=' | '<' | '"' | '\'' | '&'));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if name.is_empty() || rest.is_empty() {
        return Err(BROKEN);
    }
    let name = name.to_ascii_lowercase();
    let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
    Ok(((prefix.to_owned(), local.to_owned()), rest))
}

fn check_instruction(instruction: &str) -> Result<(), &'static str> {
    if instruction.starts_with("xml-stylesheet") {
        return Err("names a style sheet, which can be a program");
    }
    if let Some((_, encoding)) = instruction.split_once("encoding").filter(|_| instruction.starts_with("xml")) {
        let encoding = encoding.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '"' | '\''));
        // In these, markup is the same bytes as in UTF-8.
        if !["utf-8", "us-ascii", "iso-8859-1", "windows-1252"].iter().any(|name| encoding.starts_with(name)) {
            return Err("is not UTF-8");
        }
    }
    Ok(())
}

/// Style rules, or an attribute's value, may refer to parts of the drawing and to data in it.
fn check_css(css: &str) -> Result<(), &'static str> {
    let lower = css.to_ascii_lowercase();
    // With a backslash any letter can be written otherwise.
    if lower.contains('\\') || lower.contains("@import") || lower.contains("image-set(") {
        return Err(EXTERNAL);
    }
    for target in lower.split("url(").skip(1) {
        let target = target.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''));
        let target = ["&quot;", "&apos;", "&#34;", "&#39;"]
            .iter()
            .find_map(|quote| target.strip_prefix(quote))
            .unwrap_or(target);
        if !target.starts_with('#') && !target.starts_with("data:") {
            return Err(EXTERNAL);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspect_body(body: &str) -> Result<Option<(u32, u32)>, &'static str> {
        inspect(format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{body}</svg>").as_bytes())
    }

    #[test]
    fn what_runs_embeds_or_loads_is_refused() {
        for body in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<s:script xmlns:s='http://www.w3.org/2000/svg' href='#a'/>",
            "<script",
            "<g onload='alert(1)'/>",
            "<g\nONCLICK = \"x\"/>",
            "<foreignObject><p/></foreignObject>",
            "<h:b xmlns:h='http://www.w3.org/1999/xhtml'/>",
            "<h:b xmlns:h='http://www.w3.org/1999/xhtm&#108;'/>",
            "<h:b xmlns:h=' http://www.w3.org/1999/xhtml'/>",
            "<a href='javascript:alert(1)'/>",
            "<a xlink:href='java\nscript:alert(1)'/>",
            "<a href='&#106;avascript&#58;alert(1)'/>",
            "<a href='data:text/html,x'/>",
            "<use href='other.svg#a'/>",
            "<use href='data:image/svg+xml,x'/>",
            "<image href='https://example.org/x.png'/>",
            "<image href='secret.png'/>",
            "<image src='x.png'/>",
            "<set attributeName='xlink:href' to='javascript:alert(1)'/>",
            "<animate attributeName='href' values='javascript:alert(1)'/>",
            "<animate attributeName='&#104;ref' to='x'/>",
            "<style>@import 'https://example.org/x.css';</style>",
            "<style>a{}<![CDATA[ b { fill: url(https://example.org/x) } ]]></style>",
            "<style><g></g>@import 'x'</style>",
            "<style><style></style>@import 'x'</style>",
            "<style>b { fill: u\\72l(https://example.org/x) }</style>",
            "<g fill='URL( \"https://example.org/x\")'/>",
            "<g style='background:url(//example.org)'/>",
            "<g xml:base='https://example.org/'/>",
            "<?xml-stylesheet href='x.xsl'?>",
            "<!DOCTYPE svg [<!ENTITY x 'y'>]>",
            "<!ENTITY x 'y'>",
            "<g a='<script>'/>",
            "<g a=b/>",
            "<!-- no end <script>",
            "<g a='",
            "<>",
        ] {
            assert!(inspect_body(body).is_err(), "{body}");
        }
        assert!(inspect(b"<html><svg/></html>").is_err());
        assert!(inspect(b"no markup").is_err());
        assert!(inspect("<?xml version='1.0' encoding='utf-7'?><svg/>".as_bytes()).is_err());
        assert!(inspect(b"\xff\xfe<\0s\0v\0g\0").is_err());
    }

    #[test]
    fn plain_drawings_pass() {
        for body in [
            "",
            "<a href='https://example.org/?a=1&amp;b=2'><text>on click = \"x\"; javascript: is text</text></a>",
            "<a xlink:href='../notes/a.html?x=1&amp;y=2#top'/>",
            "<use xlink:href='#a'/><g fill='url(#b)' style='fill: url(&quot;#c&quot;)'/>",
            "<image href='data:image/png;base64,AAAA'/>",
            "<style>.a { fill: red } .b { src: url(data:font/woff2;base64,A) }</style>",
            "<style/><text>url(x)</text>",
            "<!-- <script> --><![CDATA[<script>]]><animate attributeName='x' to='1'/>",
            "<?xpacket begin='x'?><sodipodi:namedview inkscape:zoom='1'/>",
        ] {
            assert_eq!(inspect_body(body), Ok(None), "{body}");
        }
        let drawing = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \
            \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n<svg width='12.4px' height='30'/>";
        assert_eq!(inspect(drawing.as_bytes()), Ok(Some((12, 30))));
    }

    #[test]
    fn the_size_is_stated_or_the_view_box() {
        let size = |attributes: &str| inspect(format!("<svg {attributes}></svg>").as_bytes()).unwrap();
        assert_eq!(size("width='100%' height='50%' viewBox='0 0 640, 480'"), Some((640, 480)));
        assert_eq!(size("viewBox='0 0 1e9 5'"), None);
        assert_eq!(size("width='NaN' height='-3'"), None);
        assert_eq!(size("width='10em' height='5'"), None);
    }
}
