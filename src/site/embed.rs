//! A note's HTML inside another page.

use std::collections::BTreeMap;
use std::ops::Range;

const FOOTNOTES: &str = "<section class=\"footnotes\"";

/// A part of a note's HTML without the footnotes at its end, and of these the ones that the part uses,
/// also from within one another, by their numbers. All of it is the renderer's own: an author's text
/// holds no `<`, and no id of an author's begins with `fb-`.
pub fn with_its_footnotes(html: &str, part: Range<usize>) -> (Range<usize>, BTreeMap<usize, Range<usize>>) {
    let Some(start) = html.rfind(FOOTNOTES) else { return (part, BTreeMap::new()) };
    let part = part.start..part.end.min(start);
    let end = html[start..].find("</ol></section>").map_or(html.len(), |at| start + at);
    let items: Vec<usize> = html[start..end].match_indices("<li id=\"fb-fn-").map(|(at, _)| start + at).collect();
    let mut used = BTreeMap::new();
    let mut open = vec![part.clone()];
    while let Some(range) = open.pop() {
        for reference in html[range].split("href=\"#fb-fn-").skip(1) {
            let number: Option<usize> = reference.split('"').next().and_then(|number| number.parse().ok());
            let Some((number, at)) = number.and_then(|number| Some((number, *items.get(number.checked_sub(1)?)?)))
            else {
                continue;
            };
            let item = at..items.get(number).copied().unwrap_or(end);
            if used.insert(number, item.clone()).is_none() {
                open.push(item);
            }
        }
    }
    (part, used)
}

/// Appends `html` without its ids, which would stand on the page twice, and without the links
/// beside its headings and back from its footnotes; links to those ids lead to the note's own page at `page` instead.
///
/// The input is the renderer's own output: every `<` in it opens a tag and every attribute value
/// is in double quotes.
pub fn without_ids(html: &str, page: &str, out: &mut String) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if rest.starts_with("<a class=\"anchor\"") || rest.starts_with("<a class=\"footnote-back\"") {
            let end = rest.find("</a>").map_or(rest.len(), |at| at + "</a>".len());
            rest = &rest[end..];
            continue;
        }
        let end = tag_end(rest);
        write_tag(&rest[..end], page, out);
        rest = &rest[end..];
    }
    out.push_str(rest);
}

/// One past the `>` that ends the tag at the start of `rest`.
fn tag_end(rest: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn write_tag(tag: &str, page: &str, out: &mut String) {
    let mut rest = tag;
    while let Some((name, start)) =
        [" id=\"", " name=\"", " href=\"#"].iter().filter_map(|n| rest.find(n).map(|at| (*n, at))).min_by_key(|f| f.1)
    {
        out.push_str(&rest[..start]);
        let value = start + name.len();
        if name == " href=\"#" {
            out.push_str(" href=\"");
            crate::note::html::escape(out, page);
            out.push('#');
            rest = &rest[value..];
        } else {
            let end = rest[value..].find('"').map_or(rest.len(), |at| value + at + 1);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_footnotes_that_it_uses() {
        let reference = |n: usize| format!("<a href=\"#fb-fn-{n}\" id=\"fb-fnref-{n}\">{n}</a>");
        let item = |n: usize, text: &str| format!("<li id=\"fb-fn-{n}\"><p>{text}</p>\n</li>\n");
        let (one, two) = (format!("<h2>A</h2>{}", reference(1)), format!("<h2>B</h2>{}{}", reference(3), reference(3)));
        let items = [item(1, "a"), item(2, "b"), item(3, &format!("c{}", reference(4))), item(4, "d")];
        let html = format!("{one}{two}{FOOTNOTES}><ol>\n{}</ol></section>\n", items.concat());
        let parts = |range| {
            let (part, notes) = with_its_footnotes(&html, range);
            (html[part].to_owned(), notes.into_iter().map(|(n, range)| (n, html[range].to_owned())).collect::<Vec<_>>())
        };
        assert_eq!(parts(0..one.len()), (one.clone(), vec![(1, items[0].clone())]));
        assert_eq!(parts(one.len()..html.len()), (two.clone(), vec![(3, items[2].clone()), (4, items[3].clone())]));
        assert_eq!(with_its_footnotes("<p>a</p>", 0..3), (0..3, BTreeMap::new()));
    }

    #[test]
    fn ids_go_and_local_links_lead_to_the_notes_own_page() {
        let html = "<h2 id=\"a\">A<a class=\"anchor\" href=\"#a\" aria-label=\"x\">#</a></h2><p><a href=\"#a\">up</a> \
                    <img src=\"x.png\" alt=\"a > b id=&quot;\"> <a href=\"b.html#c\">c</a></p>";
        let mut out = String::new();
        without_ids(html, "n.html", &mut out);
        assert_eq!(
            out,
            "<h2>A</h2><p><a href=\"n.html#a\">up</a> <img src=\"x.png\" alt=\"a > b id=&quot;\"> <a href=\"b.html#c\">c</a></p>"
        );
    }
}
