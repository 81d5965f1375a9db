//! Which files beside the notes are published. Whoever may write a note must not be able to run
//! code on the site's host, in a reader's browser or on the server, nor to give the host orders.

use super::svg;
use crate::diagnostic::{Code, Diagnostic};
use crate::path::SourcePath;

/// Endings of files that browsers run as pages or scripts. Everything that is read as XML can hold
/// a script in the XHTML namespace. `svgz` can't be looked into.
const ACTIVE: &[&str] = &[
    "htm", "html", "hta", "htc", "mht", "mhtml", "xht", "xhtml", "xml", "xsl", "xslt", "dtd", "rdf", "rss", "atom",
    "mathml", "svgz", "js", "cjs", "mjs", "wasm",
];

/// Endings of files that servers run.
const SERVED: &[&str] = &[
    "php", "php3", "php4", "php5", "php7", "php8", "phtml", "phar", "phps", "cgi", "fcgi", "shtml", "shtm", "stm",
    "asp", "aspx", "ascx", "ashx", "asmx", "cfm", "jsp", "jspx",
];

/// Files that tell a host what to do with the site.
const HOST: &[&str] = &[
    "_headers",
    "_redirects",
    "_routes.json",
    "_worker.js",
    "cname",
    "netlify.toml",
    "now.json",
    "robots.txt",
    "staticwebapp.config.json",
    "vercel.json",
    "web.config",
];

/// Endings that every server knows and sends with a type that no browser takes for a page.
const INERT: &[&str] = &[
    "7z", "avif", "bmp", "bz2", "css", "csv", "doc", "docx", "epub", "flac", "gif", "gz", "ico", "jpeg", "jpg", "json",
    "m4a", "mov", "mp3", "mp4", "odp", "ods", "odt", "ogg", "otf", "pdf", "png", "ppt", "pptx", "tar", "tif", "tiff",
    "tsv", "ttf", "txt", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx", "xz", "zip",
];

/// Why the file's name alone keeps it from being published.
pub(super) fn refused_by_name(path: &SourcePath) -> Option<Diagnostic> {
    let name = path.name().to_ascii_lowercase();
    let refused = |why: &str, hint: &str| {
        let message = format!("`{path}` {why} and is not published");
        Some(Diagnostic::new(Code::AssetNotPublished, path, message).hint(hint))
    };
    if HOST.contains(&name.as_str()) {
        return refused(
            "would give orders to the site's host",
            "put it into the output folder, where foreign files are kept",
        );
    }
    // Servers may go by any of a name's endings: for Apache, `a.html.x` is a page and `a.php.txt` a program.
    let mut endings = name.split('.').skip(1);
    if endings.clone().any(|ending| ACTIVE.contains(&ending)) {
        return refused(
            "could run code in the site's name",
            "show its text in a code block, or put it into a zip file",
        );
    }
    if endings.any(|ending| SERVED.contains(&ending)) {
        return refused(
            "could run code on the site's server",
            "show its text in a code block, or put it into a zip file",
        );
    }
    None
}

/// Whether a file has to be looked into before it is published.
pub(super) fn is_doubtful(path: &SourcePath) -> bool {
    !INERT.contains(&path.extension().as_str())
}

/// Why the start of a doubtful file keeps it from being published: a server that does not know its
/// ending may send it without a type, and then browsers take what starts with a tag for a page
/// (WHATWG MIME Sniffing, "identifying a resource with an unknown MIME type").
pub(super) fn refused_by_start(path: &SourcePath, start: &[u8]) -> Option<Diagnostic> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let wide = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    (wide || start.first() == Some(&b'<')).then(|| {
        let message = format!("browsers could take `{path}` for a page, so it is not published");
        Diagnostic::new(Code::AssetNotPublished, path, message).hint("give it the ending `.txt`")
    })
}

/// The size of a drawing, or why it is not published.
pub(super) fn inspect_svg(path: &SourcePath, bytes: &[u8]) -> Result<Option<(u32, u32)>, Diagnostic> {
    svg::inspect(bytes).map_err(|why| {
        let message = format!("`{path}` {why} and is not published");
        Diagnostic::new(Code::AssetNotPublished, path, message).hint("export it as plain SVG, or as PNG")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_browsers_servers_or_hosts_act_on_are_refused() {
        for name in
            ["a.html", "A.HTM", "x.XHTML", "a.html.x", "feed.xml", "sw.js", "a.mjs", "a.php.txt", "b.pHtml", "CNAME"]
        {
            assert!(refused_by_name(&SourcePath::new(format!("content/{name}"))).is_some(), "{name}");
        }
        for name in ["_headers", "_Redirects", "web.config", "robots.txt", "a.svgz"] {
            assert!(refused_by_name(&SourcePath::new(format!("content/{name}"))).is_some(), "{name}");
        }
        for name in ["html", "xml.png", "a.svg", "a.txt", "data.json", "LICENSE", "notes.v1.pdf", "a.html/b.png", "js"]
        {
            assert!(refused_by_name(&SourcePath::new(format!("content/{name}"))).is_none(), "{name}");
        }
    }

    #[test]
    fn a_file_of_unknown_type_that_starts_with_a_tag_is_refused() {
        let path = SourcePath::new("content/LICENSE");
        assert!(is_doubtful(&path) && !is_doubtful(&SourcePath::new("a.PNG")));
        for start in [&b" \n\t<!DOCTYPE html>"[..], b"\xef\xbb\xbf<script>", b"\xff\xfe<\0", b"<b"] {
            assert!(refused_by_start(&path, start).is_some(), "{start:?}");
        }
        for start in [&b"MIT License <x>"[..], b"", b"\x7fELF"] {
            assert!(refused_by_start(&path, start).is_none(), "{start:?}");
        }
    }
}
