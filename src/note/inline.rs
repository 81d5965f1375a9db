//! What plain text holds without markup: bare URLs and mail addresses.

use std::ops::Range;

/// A bare address in a text, and the URL it stands for.
#[derive(Debug, PartialEq, Eq)]
pub struct Autolink {
    /// Where it stands.
    pub range: Range<usize>,
    /// With its scheme.
    pub href: String,
}

/// Finds the extended autolinks of GitHub Flavored Markdown 0.29 (section 6.9), in order.
pub fn autolinks(text: &str) -> Vec<Autolink> {
    let mut found: Vec<Autolink> = Vec::new();
    let bytes = text.as_bytes();
    // Nearly all texts hold none of these: a pass without branches spares them the walk.
    let begins = |a: u8, b: u8| (a == b':') & (b == b'/') | (a.eq_ignore_ascii_case(&b'w')) & (b == b'.');
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    if !pairs.fold(bytes.contains(&b'@'), |found, (a, b)| found | begins(*a, *b)) {
        return found;
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let free =
            text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '('));
        let hit = match bytes[at] {
            b'h' | b'H' if free => web(rest, &["http://", "https://"]).map(|len| (at..at + len, "")),
            b'w' | b'W' if free => web(rest, &["www."]).map(|len| (at..at + len, "http://")),
            b'@' => mail(text, at, found.last().map_or(0, |last| last.range.end)).map(|range| (range, "mailto:")),
            _ => None,
        };
        match hit {
            Some((range, scheme)) => {
                at = range.end;
                found.push(Autolink { href: format!("{scheme}{}", &text[range.clone()]), range });
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// The length of an inline link's `(target "title")` at the start of `text`, by CommonMark's rules
/// (section 6.3); nothing where there is none. Looks no further than it must: a parser would read
/// the rest of the paragraph, and for each of many such links that takes forever.
pub fn target(text: &str) -> Option<usize> {
    /// Parentheses in a target nest this deep; CommonMark asks for three at least.
    const MAX_PARENTHESES: usize = 32;
    let bytes = text.as_bytes();
    let blank = |from: usize| {
        bytes.get(from..).and_then(|rest| rest.iter().position(|b| !b.is_ascii_whitespace())).map(|n| from + n)
    };
    // One past the first unescaped `close`; nothing where `open` or a paragraph's end comes first.
    let closed = |from: usize, open: u8, close: u8| {
        let mut at = from;
        loop {
            match *bytes.get(at)? {
                b'\\' => at += 2,
                byte if byte == close => return Some(at + 1),
                byte if byte == open => return None,
                b'\n' if bytes.get(at + 1) == Some(&b'\n') => return None,
                _ => at += 1,
            }
        }
    };
    if bytes.first() != Some(&b'(') {
        return None;
    }
    let mut at = blank(1)?;
    if bytes[at] == b'<' {
        at = closed(at + 1, b'<', b'>')?;
    } else {
        let mut depth = 0;
        loop {
            match *bytes.get(at)? {
                b'\\' => at += 1,
                b'(' if depth == MAX_PARENTHESES => return None,
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                byte if byte.is_ascii_whitespace() => break,
                _ => {}
            }
            at += 1;
        }
    }
    let after = blank(at)?;
    let end = match bytes[after] {
        quote @ (b'"' | b'\'') if after > at => blank(closed(after + 1, 0, quote)?)?,
        b'(' if after > at => blank(closed(after + 1, b'(', b')')?)?,
        _ => after,
    };
    (bytes[end] == b')').then_some(end + 1)
}

fn web(rest: &str, prefixes: &[&str]) -> Option<usize> {
    let prefix = prefixes.iter().find(|p| rest.get(..p.len()).is_some_and(|head| head.eq_ignore_ascii_case(p)))?;
    let domain_start = if *prefix == "www." { 0 } else { prefix.len() };
    let domain_end = rest[domain_start..]
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .map_or(rest.len(), |at| domain_start + at);
    let domain = rest[domain_start..domain_end].trim_end_matches(['.', '_', '-']);
    let mut labels = domain.rsplit('.');
    let (last, before) = (labels.next()?, labels.next()?);
    if last.is_empty() || before.is_empty() || last.contains('_') || before.contains('_') {
        return None;
    }
    let end = rest[domain_end..].find(|c: char| c.is_whitespace() || c == '<').map_or(rest.len(), |at| domain_end + at);
    Some(trim_end(&rest[..end]))
}

/// What GFM's "extended autolink path validation" leaves: without trailing punctuation, unbalanced
/// closing parentheses and things that look like entities.
fn trim_end(mut url: &str) -> usize {
    // Closing parentheses beyond the opening ones; what is trimmed besides holds neither.
    let mut surplus = url.matches(')').count().saturating_sub(url.matches('(').count());
    loop {
        let shorter = url.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', '"']);
        let shorter = if shorter.ends_with(')') && surplus > 0 {
            surplus -= 1;
            &shorter[..shorter.len() - 1]
        } else if let Some(head) = shorter.strip_suffix(';') {
            match head.rfind('&') {
                Some(amp) if head[amp + 1..].chars().all(|c| c.is_ascii_alphanumeric()) && amp + 1 < head.len() => {
                    &head[..amp]
                }
                _ => head,
            }
        } else {
            shorter
        };
        if shorter.len() == url.len() {
            return url.len();
        }
        url = shorter;
    }
}

fn mail(text: &str, at: usize, floor: usize) -> Option<Range<usize>> {
    let local = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    let bytes = text.as_bytes();
    let start = (floor..at).rev().take_while(|&i| local(bytes[i])).last()?;
    if text[..start].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '/' || c == ':') {
        return None;
    }
    let mut end = (at + 1..bytes.len())
        .take_while(|&i| bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'.' | b'-' | b'_'))
        .last()
        .map_or(at + 1, |last| last + 1);
    if bytes[..end].ends_with(b"-") || bytes[..end].ends_with(b"_") {
        return None;
    }
    while bytes[..end].ends_with(b".") {
        end -= 1;
    }
    let domain = &text[at + 1..end];
    (domain.contains('.') && domain.split('.').all(|label| !label.is_empty())).then_some(start..end)
}

/// Finds words with a sign before them, as `@ana` or `#market/spain`: the sign stands at the start
/// of a word, a letter follows it, and letters, digits, `_`, `-`, `.` and `/` belong to the word,
/// unless they end it as punctuation does. The ranges include the sign.
pub fn signed_words(text: &str, sign: char) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(sign) {
        let before = text[..at].chars().next_back();
        let rest = &text[at + sign.len_utf8()..];
        let opens = before.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '[' | ',' | ';' | '/' | '"' | '\''));
        if !opens || !rest.starts_with(char::is_alphabetic) {
            continue;
        }
        let end =
            rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['.', '-', '/']);
        found.push(at..at + sign.len_utf8() + word.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        autolinks(text).into_iter().map(|link| &text[link.range]).collect()
    }

    #[test]
    fn bare_addresses_end_where_a_reader_would_end_them() {
        assert_eq!(
            found("see www.commonmark.org/a_b. And (https://x.org/a(b))"),
            ["www.commonmark.org/a_b", "https://x.org/a(b)"]
        );
        assert_eq!(found("https://x.org/?q=a&copy; https://日本.jp/は"), ["https://x.org/?q=a", "https://日本.jp/は"]);
        assert_eq!(found("a.b-c_d@a.b a.b-c_d@a.b. a.b-c_d@a.b- a@b"), ["a.b-c_d@a.b", "a.b-c_d@a.b"]);
        assert_eq!(found("xhttps://x.org http:// www. https://a_b.c_d ana@team @ana"), Vec::<&str>::new());
    }

    #[test]
    fn signs_begin_words_and_punctuation_ends_them() {
        let words = |text, sign| signed_words(text, sign).into_iter().map(|r| &text[r]).collect::<Vec<_>>();
        assert_eq!(words("@ana, ask @tom-weber. me@x.org (@mei)", '@'), ["@ana", "@tom-weber", "@mei"]);
        assert_eq!(words("#pricing #market/spain/ #1 C# a#b #日本", '#'), ["#pricing", "#market/spain", "#日本"]);
    }

    #[test]
    fn a_links_target_ends_at_its_own_parenthesis() {
        for (text, length) in [
            ("(a) b", Some(3)),
            ("( a\n\"b)\" ) c", Some(10)),
            ("(<a b)> 'c') d", Some(12)),
            ("(a(b)c) d", Some(7)),
            ("(a\\)b) c", Some(6)),
            ("() a", Some(2)),
            ("(a (b)) c", Some(7)),
            ("(a b)", None),
            ("(a \"b\n\nc\")", None),
            ("(<a<b>)", None),
            ("(a", None),
            ("(a\\", None),
            ("a", None),
        ] {
            assert_eq!(target(text), length, "{text:?}");
        }
        assert_eq!(target(&"(a".repeat(100_000)), None);
    }

    #[test]
    fn an_address_gets_its_scheme() {
        assert_eq!(autolinks("www.a.b")[0].href, "http://www.a.b");
        assert_eq!(autolinks("me@a.b")[0].href, "mailto:me@a.b");
    }
}
