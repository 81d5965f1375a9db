//! Media types by a file's ending.

/// The media type of a file of the site. What is not known is sent as bytes, which browsers save.
pub fn of(route: &str) -> &'static str {
    let name = route.rsplit('/').next().unwrap_or(route);
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    match ending.as_str() {
        "html" => HTML,
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "xml" => XML,
        "md" | "markdown" => "text/markdown; charset=utf-8",
        "txt" | "log" | "toml" | "yaml" | "yml" | "ini" | "diff" | "patch" | "sql" | "sh" | "py" | "rs" | "go"
        | "c" | "h" | "java" | "ts" | "tex" | "bib" => TEXT,
        "csv" => "text/csv; charset=utf-8",
        "tsv" => "text/tab-separated-values; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        "svg" => SVG,
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "bmp" => "image/bmp",
        "ico" => "image/x-icon",
        "tif" | "tiff" => "image/tiff",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "wasm" => "application/wasm",
        // The rules for hosts, and the licence beside a script, have no ending.
        "" if name == "_headers" => TEXT,
        _ => "application/octet-stream",
    }
}

/// A page.
pub const HTML: &str = "text/html; charset=utf-8";

/// A word in place of a page.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A drawing, which is a document of its own where it is opened by itself.
pub const SVG: &str = "image/svg+xml";

/// A feed, or the list of pages for search engines.
pub const XML: &str = "application/xml";

/// Whether bytes of this type become much fewer when they are compressed.
pub fn is_text(media: &str) -> bool {
    media.starts_with("text/") || matches!(media, "application/json" | XML | SVG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_decide_whatever_their_case() {
        assert_eq!(of("a/b.html"), HTML);
        assert_eq!(of("a/b.PNG"), "image/png");
        assert_eq!(of("theme/style.1a2b3c4d.css"), "text/css; charset=utf-8");
        for unknown in ["LICENSE", "a.html/b", "x.exe", "x.", ""] {
            assert_eq!(of(unknown), "application/octet-stream", "{unknown}");
        }
    }

    #[test]
    fn text_is_worth_compressing_and_pictures_are_not() {
        assert!(["a.html", "a.svg", "feed.xml", "index.json", "a.csv"].iter().all(|name| is_text(of(name))));
        assert!(!["a.png", "a.zip", "a.woff2", "LICENSE"].iter().any(|name| is_text(of(name))));
    }
}
