//! Images.

use pulldown_cmark::LinkType;

use super::walk::Walk;
use crate::config::RawHtml;
use crate::diagnostic::Code;
use crate::note::html::{escape_url, escaped};
use crate::note::link::{Form, Hole, Size};
use crate::path::Url;
use crate::text::Span;

impl Walk<'_, '_> {
    pub(super) fn image(&mut self, at: usize, link_type: LinkType, target: &str, title: &str) -> usize {
        let end = self.matching_end(at);
        let alt = self.inner_text(at, end);
        let span = self.span(at);
        if matches!(link_type, LinkType::WikiLink { .. }) {
            let target = target.trim_end_matches('\\');
            let name = target.split(['#', '|']).next().unwrap_or(target);
            if is_picture(name) {
                let size = alt.rsplit('|').next().and_then(picture_size);
                let alt = if size.is_some() || alt == target { "" } else { alt.as_str() };
                let index = self.push_link(Form::WikiImage, name, alt, span);
                self.out.links[index as usize].size = size.unwrap_or_default();
                self.html.write_hole(Hole::Image(index));
            } else {
                // An embed within a line of text can be no more than a link.
                let index = self.push_link(Form::Wiki, target, &alt, span);
                let from = self.prose.len();
                self.prose.push(&alt);
                self.prose.link_from(index, from);
                self.html.write_hole(Hole::Wiki(index));
            }
            return end + 1;
        }
        // Obsidian's size for any picture: `![a screen|300](a.png)`.
        let sized = alt.rsplit_once('|').and_then(|(alt, size)| Some((alt, picture_size(size)?)));
        let (alt, size) = sized.unwrap_or((&alt, Size::default()));
        self.prose.push(alt);
        self.picture(target, alt, title, size, span);
        end + 1
    }

    /// An image by its URL.
    pub(super) fn picture(&mut self, target: &str, alt: &str, title: &str, size: Size, span: Span) {
        match Url::read(target) {
            Url::Internal { path, .. } if !path.is_empty() => {
                let index = self.push_link(Form::Image, target, alt, span);
                let link = &mut self.out.links[index as usize];
                link.title = title.into();
                link.size = size;
                self.html.write_hole(Hole::Image(index));
            }
            Url::Forbidden if self.input.options.markdown.raw_html != RawHtml::Allow => {
                self.forbidden(target, span);
                self.html.write_escaped(alt);
            }
            _ => {
                if target.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:")) {
                    let hint = "readers see a broken picture; use `https:`, or lay the file beside the note";
                    self.problems.say(
                        Code::ForbiddenUrl,
                        span,
                        "a picture over `http:` is blocked by the page's own policy",
                        &[hint],
                    );
                }
                // `//host/picture.png` would be a path on disk where the site is opened from a folder.
                let scheme = if target.starts_with("//") { "https:" } else { "" };
                let mut tag = format!("<img src=\"{scheme}{}\" alt=\"{}\"", escape_url(target), escaped(alt));
                if !title.is_empty() {
                    tag += &format!(" title=\"{}\"", escaped(title));
                }
                if let Some(class) = size.class() {
                    tag += &format!(" class=\"{class}\"");
                }
                for (name, value) in [("width", size.width), ("height", size.height)] {
                    if let Some(value) = value {
                        tag += &format!(" {name}=\"{value}\"");
                    }
                }
                tag += " loading=\"lazy\" decoding=\"async\">";
                self.html.write_fragment(&tag);
            }
        }
    }
}

pub(super) fn is_picture(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "bmp", "ico"].iter().any(|e| extension.eq_ignore_ascii_case(e))
}

/// `300` or `300x200`, as Obsidian writes an image's size.
fn picture_size(text: &str) -> Option<Size> {
    let (width, height) = match text.split_once('x') {
        Some((width, height)) => (width, Some(height.parse().ok()?)),
        None => (text, None),
    };
    Some(Size { width: Some(width.parse().ok()?), height, tenths: None })
}
