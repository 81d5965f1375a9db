//! From the path of a request to what is there: a look into the site's own table. No path of the
//! file system is ever made from a request.

use crate::path::{decode, encode_path};
use crate::site::File;
use crate::text;

/// What is at an address.
#[derive(Debug)]
pub enum Target<'s> {
    /// This file.
    File(&'s File),
    /// Nothing, but this address is meant: an absolute path, percent-encoded.
    Elsewhere(String),
    /// Nothing; the number of folders in the path.
    Nothing(usize),
}

/// Finds the file for the path of a request, which begins with a slash and is percent-encoded, by a
/// look into the table `file`.
///
/// A folder's address is that of its index.html, as on every host. An address without the ending,
/// or with a slash too many or too few, leads on to the file: links that people type or remember
/// work, and the address bar shows the one that is published.
pub fn find<'s>(file: impl Fn(&str) -> Option<&'s File>, path: &str) -> Target<'s> {
    let parts = path.trim_start_matches('/').split('/');
    let depth = parts.clone().count() - 1;
    // A slash or a NUL that was encoded is part of a name, and no name of the site's has one.
    let decoded: Option<Vec<String>> =
        parts.map(|part| decode(part).filter(|part| !part.contains(['/', '\0']))).collect();
    let Some(decoded) = decoded.filter(|_| !path.starts_with("//")) else { return Target::Nothing(depth) };
    let wanted = decoded.join("/");
    let wanted = text::nfc(&wanted);

    if let Some(file) = file(&wanted) {
        return Target::File(file);
    }
    let found = |route: &str| file(route).map(|file| &file.route);
    if wanted.is_empty() || wanted.ends_with('/') {
        if let Some(file) = file(&format!("{wanted}index.html")) {
            return Target::File(file);
        }
        let name = wanted.trim_end_matches('/');
        return match found(name).or_else(|| found(&format!("{name}.html"))) {
            Some(route) => Target::Elsewhere(absolute(route.as_str())),
            None => Target::Nothing(depth),
        };
    }
    if let Some(route) = found(&format!("{wanted}.html")) {
        return Target::Elsewhere(absolute(route.as_str()));
    }
    match found(&format!("{wanted}/index.html")) {
        Some(_) => Target::Elsewhere(absolute(&format!("{wanted}/"))),
        None => Target::Nothing(depth),
    }
}

/// The address of a path from the site's root.
fn absolute(path: &str) -> String {
    format!("/{}", encode_path(path))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::date::Date;
    use crate::engine::{Engine, Request};
    use crate::path::SourcePath;
    use crate::site::Site;
    use crate::source::{History, Snapshot, Source};

    fn site(notes: &[&str]) -> Arc<Site> {
        let source = |path: &&str| Arc::new(Source::new(SourcePath::new(format!("content/{path}")), *b"# A note\n"));
        let snapshot = Snapshot {
            config: None,
            notes: notes.iter().map(source).collect(),
            theme: Vec::new(),
            assets: Vec::new(),
            history: History::default().into(),
            today: Date::EPOCH,
            problems: Vec::new(),
        };
        Engine::default().build(&snapshot, Request::default()).site.unwrap()
    }

    /// `=` and the file, `>` and the address that is meant, or the depth of nothing.
    fn found(site: &Site, path: &str) -> String {
        match find(|route| site.file(route), path) {
            Target::File(file) => format!("={}", file.route),
            Target::Elsewhere(path) => format!(">{path}"),
            Target::Nothing(depth) => depth.to_string(),
        }
    }

    #[test]
    fn an_address_is_a_file_or_leads_to_one_or_to_nothing() {
        let site = site(&["README.md", "a/b c.md", "a/d.md", "d.md", "d/e.md", "caf\u{e9}.md"]);
        for (path, expected) in [
            ("/", "=index.html"),
            ("/index.html", "=index.html"),
            ("/index", ">/index.html"),
            ("/a/", "=a/index.html"),
            ("/a", ">/a/"),
            ("/a/b-c.html", "=a/b-c.html"),
            ("/a/b-c.md", "=a/b-c.md"),
            ("/a/b%2Dc.html", "=a/b-c.html"),
            ("/%61/d", ">/a/d.html"),
            ("/a/d/", ">/a/d.html"),
            ("/a/d.html/", ">/a/d.html"),
            // A note goes before the folder of the same name.
            ("/d", ">/d.html"),
            ("/d/", "=d/index.html"),
            ("/caf%C3%A9", ">/caf%C3%A9.html"),
            ("/cafe%CC%81.html", "=caf\u{e9}.html"),
            ("/nothing", "0"),
            ("/a/nothing/at/", "3"),
            ("/a%2Fd.html", "0"),
            ("/a/../d.html", "2"),
            ("/a/./d.html", "2"),
            ("/A/d.html", "1"),
            ("/d.html%00", "0"),
            ("/%FF", "0"),
            ("//a/d.html", "1"),
            ("//", "0"),
            ("", "=index.html"),
        ] {
            assert_eq!(found(&site, path), expected, "{path}");
        }
    }
}
