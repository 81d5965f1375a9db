//! A note's HTML inside another page.

/// Appends `html` without its ids, which would stand on the page twice, and without the links
/// beside its headings; links to those ids lead to the note's own page at `page` instead.
///
/// The input is the renderer's own output: every `<` in it opens a tag and every attribute value
/// is in double quotes.
pub fn without_ids(html: &str, page: &str, out: &mut String) {
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if rest.starts_with("<a class=\"anchor\"") {
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
