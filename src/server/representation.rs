//! What is sent for an address, held in memory: the site's bytes, and in a page the one line that
//! the server adds to it.

use std::hash::Hasher;
use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;

use super::media;
use crate::diagnostic::Diagnostic;
use crate::memo::{Fingerprint, Fingerprinter};
use crate::site::Site;

/// The folder of the server's own files. No file of a site lies in a folder with a dot.
pub const FOLDER: &str = ".fieldbook/";

/// Fewer bytes than this fit into one packet with the head, compressed or not.
const WORTH_COMPRESSING: usize = 1024;

/// The bytes for an address.
#[derive(Debug)]
pub struct Representation {
    /// Their media type.
    pub media: &'static str,
    /// As they are.
    pub bytes: Bytes,
    /// Another one means other bytes.
    pub version: Fingerprint,
    /// What an open page compares; of a page only.
    pub shown: Option<Shown>,
    /// Why the page that stands in place of this one could not be made.
    pub failure: Option<Diagnostic>,
    gzipped: OnceLock<Bytes>,
}

/// What a browser shows, in two parts: a change of the style sheets' addresses alone needs no new page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Of all but the addresses of the theme's style sheets.
    pub text: Fingerprint,
    /// Of those addresses.
    pub styles: Fingerprint,
}

impl Representation {
    /// Bytes with a version of their own.
    pub fn new(media: &'static str, bytes: impl Into<Bytes>, version: Fingerprint) -> Self {
        let bytes = bytes.into();
        Representation { media, bytes, version, shown: None, failure: None, gzipped: OnceLock::new() }
    }

    /// Bytes as they are.
    pub fn of_bytes(media: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let version = Fingerprint::of_bytes(&bytes);
        Self::new(media, bytes, version)
    }

    /// A page, with the script that keeps it up to date. `root` leads from the page to the site's
    /// root, `token` to the stream of events.
    pub fn page(html: &[u8], site: Option<&Site>, root: &str, token: &str) -> Self {
        let html = String::from_utf8_lossy(html);
        let sheets: Vec<(&str, String)> = site
            .iter()
            .flat_map(|site| &site.theme.files)
            .filter(|file| file.name.ends_with(".css"))
            .map(|file| (file.name.as_str(), file.route.url()))
            .collect();
        let shown = Shown::of(&html, &sheets);
        let script = format!(
            "<script defer src=\"{root}{FOLDER}reload.js\" data-token=\"{token}\" data-text=\"{}\" data-styles=\"{}\"></script>\n",
            shown.text, shown.styles
        );
        // What a note says can't hold this tag; a page without one gets the script at its end.
        let at = html.find("</head>").unwrap_or(html.len());
        let (head, rest) = html.split_at(at);
        let page = Self::of_bytes(media::HTML, [head, &script, rest].concat());
        Representation { shown: Some(shown), ..page }
    }

    /// The same, in the place of a page that could not be made.
    pub fn in_place_of(self, failure: Diagnostic) -> Self {
        Representation { failure: Some(failure), ..self }
    }

    /// Whether the bytes are sent compressed to whoever can read them so.
    pub fn is_compressible(&self) -> bool {
        media::is_text(self.media) && self.bytes.len() >= WORTH_COMPRESSING
    }

    /// The bytes as gzip, if that has been done.
    pub fn gzipped(&self) -> Option<&Bytes> {
        self.gzipped.get()
    }

    /// The bytes as gzip. It is done once, at the cheapest level: on the way to a browser on the same
    /// machine nothing is gained by more.
    pub fn gzip(&self) -> &Bytes {
        self.gzipped.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.bytes.len() / 3), Compression::fast());
            // Writing to memory does not fail.
            let _ = encoder.write_all(&self.bytes);
            encoder.finish().unwrap_or_default().into()
        })
    }
}

impl Shown {
    /// Of a page, with the theme's style sheets by name and address.
    fn of(html: &str, sheets: &[(&str, String)]) -> Self {
        let mut places: Vec<(usize, &str, &str)> = sheets
            .iter()
            .flat_map(|(name, url)| html.match_indices(url.as_str()).map(move |(at, found)| (at, found, *name)))
            .collect();
        places.sort_unstable();
        let (mut text, mut styles) = (Fingerprinter::default(), Fingerprinter::default());
        let mut from = 0;
        for (at, found, name) in places {
            text.write(html.get(from..at).unwrap_or_default().as_bytes());
            text.write(name.as_bytes());
            styles.write(found.as_bytes());
            from = at + found.len();
        }
        text.write(html.get(from..).unwrap_or_default().as_bytes());
        Shown { text: text.fingerprint(), styles: styles.fingerprint() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    fn shown(html: &str, sheet: &str) -> Shown {
        Shown::of(html, &[("style.css", sheet.to_owned())])
    }

    #[test]
    fn a_style_sheets_address_is_told_apart_from_the_text() {
        let page = |sheet: &str, text: &str| format!("<link href=\"../{sheet}\"><p>{text}</p>");
        let one = shown(&page("theme/style.1.css", "x"), "theme/style.1.css");
        let restyled = shown(&page("theme/style.2.css", "x"), "theme/style.2.css");
        assert_eq!(one.text, restyled.text);
        assert_ne!(one.styles, restyled.styles);
        let edited = shown(&page("theme/style.1.css", "y"), "theme/style.1.css");
        assert_ne!(one.text, edited.text);
        assert_eq!(one.styles, edited.styles);
        // A page that a theme gave other sheets is another page.
        assert_ne!(one.text, shown(&page("none", "x"), "theme/style.1.css").text);
    }

    #[test]
    fn the_script_goes_to_the_end_of_the_head_or_of_the_page() {
        let page = |html: &str| Representation::page(html.as_bytes(), None, "../", "t0ken");
        let text = String::from_utf8(page("<head></head><body>").bytes.to_vec()).unwrap();
        assert!(text.starts_with("<head><script defer src=\"../.fieldbook/reload.js\" data-token=\"t0ken\""), "{text}");
        assert!(text.ends_with("></script>\n</head><body>"), "{text}");
        assert!(page("<p>").bytes.starts_with(b"<p><script"));
        assert_ne!(page("a").version, page("b").version);
    }

    #[test]
    fn gzip_gives_the_same_bytes_back() {
        let text = "The label mattered more than the amount. ".repeat(100);
        let held = Representation::of_bytes(media::TEXT, text.clone());
        assert!(held.is_compressible() && held.gzipped().is_none());
        assert!(held.gzip().len() < text.len() / 10);
        let mut back = String::new();
        GzDecoder::new(held.gzip().as_ref()).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
        assert!(!Representation::of_bytes(media::TEXT, "short").is_compressible());
        assert!(!Representation::of_bytes("image/png", text).is_compressible());
    }
}
