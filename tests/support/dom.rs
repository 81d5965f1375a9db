//! A page as a browser's parser sees it, and what must never be in it.
#![allow(dead_code)] // Each test binary uses its own part.

use std::collections::BTreeSet;

use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// The elements that the theme and notes are made of. Whatever is not here is a hole.
const ELEMENTS: &str = "a abbr article aside b bdi bdo blockquote body br button caption center cite code col colgroup \
    data dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 head header hgroup hr html i img \
    input ins kbd li link main map area mark meta nav noscript ol p path pre q rp rt rtc ruby s samp script section small span \
    strike strong sub summary sup svg symbol table tbody td tfoot th thead time title tr tt u ul use var wbr \
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd \
    mstyle menclose mpadded mphantom mmultiscripts mprescripts none semantics annotation acronym rect circle g line \
    polyline polygon ellipse";

/// Attributes that need no further look; those with URLs are judged below.
const ATTRIBUTES: &str = "abbr accent accentunder align alt aria-current aria-expanded aria-controls aria-hidden \
    aria-label aria-labelledby aria-live aria-pressed axis cellpadding cellspacing char charoff charset checked class \
    clear color colspan content coords d data-lang data-mermaid data-n datetime decoding defer dir disabled display \
    fill height hidden hreflang id itemprop lang loading media name open popover popovertarget property rel role \
    reversed rowspan scope shape size span start stroke stroke-linecap stroke-linejoin stroke-width summary tabindex \
    title type usemap valign value viewbox width x y cx cy r rx ry x1 x2 y1 y2 points columnalign columnspacing \
    rowspacing displaystyle scriptlevel stretchy symmetric fence separator form lspace rspace minsize maxsize \
    movablelimits largeop linethickness mathvariant notation xmlns encoding mathbackground mathcolor columnlines \
    rowlines frame http-equiv focusable intent arg voffset depth bevelled columnspan for translate rules compact \
    background bgcolor border hspace vspace nowrap cite longdesc label noshade face";

/// Attributes with a URL.
const URLS: &[&str] = &["href", "src", "cite", "longdesc", "xlink:href"];

/// One element, with what is around it.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Names of the elements around it, the outermost first.
    pub path: Vec<String>,
    /// Its text, with that of the elements within.
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every element of a document, in order.
pub fn elements(html: &str) -> Vec<Element> {
    let dom: RcDom = parse_document(RcDom::default(), ParseOpts::default()).one(html);
    let mut found = Vec::new();
    // Without recursion: hostile pages may be deep.
    let mut open: Vec<(Handle, Vec<String>)> = vec![(dom.document.clone(), Vec::new())];
    while let Some((node, path)) = open.pop() {
        let mut below = path.clone();
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes = attrs
                .borrow()
                .iter()
                .map(|a| {
                    let prefix = a.name.prefix.as_ref().map_or(String::new(), |p| format!("{p}:"));
                    (format!("{prefix}{}", a.name.local).to_lowercase(), a.value.to_string())
                })
                .collect();
            let name = name.local.to_string().to_lowercase();
            below.push(name.clone());
            let text = if below.len() < 40 { text(&node) } else { String::new() };
            found.push(Element { name, attributes, path, text });
        }
        for child in node.children.borrow().iter().rev() {
            open.push((child.clone(), below.clone()));
        }
    }
    found
}

fn text(node: &Handle) -> String {
    let mut text = String::new();
    let mut open = vec![node.clone()];
    while let Some(node) = open.pop() {
        if let NodeData::Text { contents } = &node.data {
            text.push_str(&contents.borrow());
        }
        open.extend(node.children.borrow().iter().rev().cloned());
    }
    text
}

/// A browser drops leading white space and control characters, and tabs and line ends anywhere.
fn scheme(url: &str) -> Option<String> {
    let bare: String = url.trim_start_matches(|c: char| c <= ' ').chars().filter(|c| !"\t\n\r".contains(*c)).collect();
    let end = bare.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))?;
    (bare[end..].starts_with(':') && bare.starts_with(|c: char| c.is_ascii_alphabetic()))
        .then(|| bare[..end].to_ascii_lowercase())
}

/// All that no page may have, whatever the notes: empty if the page is sound.
pub fn problems(html: &str) -> Vec<String> {
    let elements = elements(html);
    let allowed: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    let redirect = elements.iter().any(|e| e.attribute("http-equiv") == Some("refresh"));
    for element in &elements {
        let name = element.name.as_str();
        if !allowed.contains(name) {
            found.push(format!("the element <{name}> within {:?}", element.path));
        }
        let within = |other: &str| element.path.iter().any(|p| p == other);
        match name {
            "script" if !is_of_the_theme(element.attribute("src").unwrap_or("")) || !element.text.is_empty() => {
                found.push(format!("a script that is not the theme's: {element:?}"));
            }
            "script" | "link" | "meta" | "title" if !(within("head") || (name == "title" && within("svg"))) => {
                found.push(format!("<{name}> outside the head"));
            }
            "svg" | "use" | "symbol" | "path" | "button" | "noscript" if within("article") => {
                found.push(format!("<{name}> in a note's text"));
            }
            "input" if element.attribute("type") != Some("checkbox") || element.attribute("disabled").is_none() => {
                found.push(format!("a field to fill in: {element:?}"));
            }
            _ => {}
        }
        for (key, value) in &element.attributes {
            if URLS.contains(&key.as_str()) {
                let scheme = scheme(value);
                if !matches!(scheme.as_deref(), None | Some("http" | "https" | "mailto")) {
                    found.push(format!("{key}={value:?} on <{name}>"));
                }
            } else if name == "script" && ["data-root", "data-later"].contains(&key.as_str()) {
                // Where the theme's script finds the site's other files.
                if value.split(' ').any(|part| part.starts_with("//") || scheme(part).is_some()) {
                    found.push(format!("{key}={value:?} leads out of the site"));
                }
            } else if !attributes.contains(key.as_str()) {
                found.push(format!("the attribute {key} on <{name}>"));
            }
            if key == "id" && !ids.insert(value.clone()) {
                found.push(format!("the id {value:?} stands twice"));
            }
            // The theme's own ids are where the theme put them.
            let article = within("article");
            if key == "id" && value.starts_with("fb-") && article && !value.starts_with("fb-fn") {
                found.push(format!("the theme's id {value:?} in a note's text"));
            }
        }
    }
    if redirect {
        return found;
    }
    // The frame of the page is the theme's, and closed where the theme closes it.
    for (name, path) in [("main", "html body"), ("footer", "html body"), ("header", "html body"), ("head", "html")] {
        let path: Vec<&str> = path.split(' ').collect();
        let count = elements.iter().filter(|e| e.name == name && e.path == path).count();
        if count != 1 {
            found.push(format!("{count} × <{name}> in {path:?}"));
        }
    }
    let articles = elements.iter().filter(|e| e.attribute("class") == Some("prose")).count();
    if articles > 1 {
        found.push(format!("{articles} articles"));
    }
    let last = elements.iter().rfind(|e| e.name == "p").map(|e| e.text.as_str());
    if last != Some("Made with Fieldbook") {
        found.push(format!("the page ends with {last:?}"));
    }
    found
}

fn is_of_the_theme(src: &str) -> bool {
    // The page for missing ones may stand at any address: its links start at the site's root.
    let local = src.strip_prefix('/').unwrap_or(src).trim_start_matches("../").trim_start_matches("./");
    src.ends_with(".js") && local.starts_with("theme/")
}
