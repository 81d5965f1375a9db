//! From what there is to what is sent: encodings, conditions, ranges, and the headers of every answer.

use std::ops::Range;

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::body::Body;
use super::guard::Refusal;
use super::media;
use super::range::{self, Asked};
use super::resource::Resource;
use crate::site::POLICY;

/// For a drawing or a feed that is opened by itself: it may be styled, as browsers style what they show
/// as source, and nothing else.
const BARE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/// Whether the browser wants this resource compressed, and it can be.
pub fn wants_gzip(request: &Parts, resource: &Resource) -> bool {
    matches!(resource, Resource::Held(_, held) if held.is_compressible())
        && !request.headers.contains_key(header::RANGE)
        && accepts_gzip(&request.headers)
}

/// The answer to a request for `resource`. What is to be sent compressed has been compressed before.
pub fn answer(request: &Parts, resource: Resource) -> Response<Body> {
    match resource {
        Resource::Elsewhere(path) => {
            let path = match request.uri.query() {
                Some(query) => format!("{path}?{query}"),
                None => path,
            };
            let mut response = with(StatusCode::FOUND, media::TEXT, Body::empty());
            set(&mut response, header::LOCATION, &path);
            response
        }
        Resource::Open(media, asset) => {
            let tag = format!("\"{}\"", asset.version());
            partial(request, media, &tag, asset.size(), |range| Body::of_file(asset, range))
        }
        Resource::Held(StatusCode::OK, held) => {
            let gzipped =
                held.gzipped().filter(|_| held.is_compressible() && !request.headers.contains_key(header::RANGE));
            let gzipped = gzipped.filter(|_| accepts_gzip(&request.headers));
            let (ending, bytes) = gzipped.map_or(("", &held.bytes), |bytes| ("-gzip", bytes));
            let tag = format!("\"{}{ending}\"", held.version);
            let mut response = partial(request, held.media, &tag, bytes.len() as u64, |range| {
                // A range of these bytes, whose length fits.
                let at = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(bytes.len());
                Body::Whole(bytes.slice(at(range.start)..at(range.end)))
            });
            if gzipped.is_some() && response.status() == StatusCode::OK {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            if held.is_compressible() {
                response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
            }
            response
        }
        // A page in the place of another one is sent as it is.
        Resource::Held(status, held) => {
            let mut response = with(status, held.media, Body::empty());
            set(&mut response, header::CONTENT_LENGTH, &held.bytes.len().to_string());
            if request.method != Method::HEAD {
                *response.body_mut() = Body::Whole(held.bytes.clone());
            }
            response
        }
    }
}

/// A line of text that says why there is no other answer.
pub fn line(status: StatusCode, text: &str) -> Response<Body> {
    with(status, media::TEXT, Body::Whole(format!("{text}\n").into()))
}

/// The answer to what is not let pass. It ends the connection: what follows on it may not be a request.
pub fn refusal(refusal: Refusal) -> Response<Body> {
    let mut response = line(refusal.status(), refusal.reason());
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    if refusal == Refusal::Method {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

/// A stream of events.
pub fn events(body: Body) -> Response<Body> {
    let mut response = with(StatusCode::OK, "text/event-stream", body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// All or a part of a representation, or word that the browser has it (RFC 9110, section 13.2.2).
fn partial(
    request: &Parts,
    media: &'static str,
    tag: &str,
    length: u64,
    body: impl FnOnce(Range<u64>) -> Body,
) -> Response<Body> {
    let value = |name: HeaderName| request.headers.get(name).and_then(|value| value.to_str().ok());
    let is_known = value(header::IF_NONE_MATCH).is_some_and(|tags| names(tags, tag));
    let is_same = value(header::IF_RANGE).is_none_or(|wanted| wanted.trim() == tag);
    let asked = match value(header::RANGE) {
        Some(wanted) if is_same && request.method == Method::GET => range::read(wanted, length),
        _ => Asked::Whole,
    };
    let (status, sent) = match asked {
        _ if is_known => (StatusCode::NOT_MODIFIED, 0..0),
        Asked::Whole => (StatusCode::OK, 0..length),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Unsatisfiable => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let mut response = with(status, media, Body::empty());
    set(&mut response, header::ETAG, tag);
    if status == StatusCode::NOT_MODIFIED {
        response.headers_mut().remove(header::CONTENT_TYPE);
        return response;
    }
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    match status {
        StatusCode::PARTIAL_CONTENT => {
            let part = format!("bytes {}-{}/{length}", sent.start, sent.end - 1);
            set(&mut response, header::CONTENT_RANGE, &part);
        }
        StatusCode::RANGE_NOT_SATISFIABLE => set(&mut response, header::CONTENT_RANGE, &format!("bytes */{length}")),
        _ => {}
    }
    set(&mut response, header::CONTENT_LENGTH, &(sent.end - sent.start).to_string());
    if request.method != Method::HEAD && !sent.is_empty() {
        *response.body_mut() = body(sent);
    }
    response
}

/// Whether a list of entity tags has this one; weak ones name it, too.
fn names(tags: &str, tag: &str) -> bool {
    tags.trim() == "*" || tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)
}

/// Whether `Accept-Encoding` lists gzip, and not with a weight of 0.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let is_never = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case("gzip") && !is_never
    })
}

/// A response with the headers that every one has.
fn with(status: StatusCode, media: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, media),
        // The browser asks each time; with the tag of what it has, that costs next to nothing.
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Other types run nothing, and browsers show some of them with styles of their own.
    let policy = match media {
        media::SVG | media::XML => BARE_POLICY.to_owned(),
        media::HTML | media::TEXT => format!("{POLICY}; frame-ancestors 'none'"),
        _ => return response,
    };
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    response
}

/// Sets a header to a value that the program itself has made, which therefore is one.
fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::Request;

    use super::super::representation::Representation;
    use super::*;

    const TEXT: &str = "0123456789";

    fn ask(method: Method, headers: &[(&str, &str)], text: &str) -> Response<Body> {
        let mut request = Request::builder().method(method).uri("/a.txt");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap().into_parts().0;
        let resource = Resource::Held(StatusCode::OK, Arc::new(Representation::of_bytes(media::TEXT, text.to_owned())));
        if let Resource::Held(_, held) = &resource
            && wants_gzip(&request, &resource)
        {
            held.gzip();
        }
        answer(&request, resource)
    }

    fn get(headers: &[(&str, &str)]) -> Response<Body> {
        ask(Method::GET, headers, TEXT)
    }

    fn header<'r>(response: &'r Response<Body>, name: &str) -> &'r str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(response: Response<Body>) -> String {
        match response.into_body() {
            Body::Whole(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_browser_has_is_not_sent_again() {
        let first = get(&[]);
        let tag = header(&first, "etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        for known in [tag.as_str(), "*", &format!("\"other\", {tag}"), &format!("W/{tag}")] {
            let again = get(&[("if-none-match", known)]);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!((header(&again, "etag"), header(&again, "content-type")), (tag.as_str(), ""));
            assert_eq!(text(again), "");
        }
        for other in ["\"other\"", &tag[1..33], ""] {
            assert_eq!(get(&[("if-none-match", other)]).status(), StatusCode::OK, "{other}");
        }
        // A condition comes before a range.
        assert_eq!(get(&[("if-none-match", &tag), ("range", "bytes=0-1")]).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn a_range_is_a_part_of_the_same_bytes() {
        let part = get(&[("range", "bytes=2-4")]);
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!((header(&part, "content-range"), header(&part, "content-length")), ("bytes 2-4/10", "3"));
        assert_eq!(text(part), "234");
        let beyond = get(&[("range", "bytes=10-")]);
        assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!((header(&beyond, "content-range"), header(&beyond, "content-length")), ("bytes */10", "0"));
        let tag = header(&get(&[]), "etag").to_owned();
        assert_eq!(text(get(&[("range", "bytes=2-4"), ("if-range", &tag)])), "234");
        for other in ["\"other\"", &format!("W/{tag}"), "Mon, 23 Nov 2026 00:00:00 GMT"] {
            assert_eq!(text(get(&[("range", "bytes=2-4"), ("if-range", other)])), TEXT, "{other}");
        }
        // Only GET has ranges.
        let head = ask(Method::HEAD, &[("range", "bytes=2-4")], TEXT);
        assert_eq!((head.status(), header(&head, "content-length")), (StatusCode::OK, "10"));
        assert_eq!(text(head), "");
    }

    #[test]
    fn text_is_compressed_for_those_who_say_so_and_has_a_tag_of_its_own_then() {
        let long = "The label mattered more than the amount. ".repeat(100);
        let ask = |headers: &[(&str, &str)]| ask(Method::GET, headers, &long);
        let plain = ask(&[]);
        assert_eq!((header(&plain, "content-encoding"), header(&plain, "vary")), ("", "accept-encoding"));
        for accepts in ["gzip", "br, gzip, zstd", "deflate, GZIP;q=0.5", "gzip; q=0.001"] {
            let sent = ask(&[("accept-encoding", accepts)]);
            assert_eq!(
                (header(&sent, "content-encoding"), header(&sent, "vary")),
                ("gzip", "accept-encoding"),
                "{accepts}"
            );
            assert_ne!(header(&sent, "etag"), header(&plain, "etag"));
            let again = ask(&[("accept-encoding", accepts), ("if-none-match", header(&sent, "etag"))]);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert!(header(&sent, "content-length").parse::<usize>().unwrap() < long.len() / 10);
        }
        for accepts in ["", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "x-gzip2"] {
            assert_eq!(header(&ask(&[("accept-encoding", accepts)]), "content-encoding"), "", "{accepts}");
        }
        // A range is one of the plain bytes.
        let part = ask(&[("accept-encoding", "gzip"), ("range", "bytes=4-8")]);
        assert_eq!(header(&part, "content-encoding"), "");
        assert_eq!(text(part), "label");
    }

    #[test]
    fn every_answer_says_what_browsers_may_do_with_it() {
        for response in [get(&[]), refusal(Refusal::Host), line(StatusCode::NOT_FOUND, "x"), events(Body::empty())] {
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("referrer-policy", "same-origin"),
            ] {
                assert_eq!(header(&response, name), value);
            }
            let names: Vec<&str> = response.headers().keys().map(HeaderName::as_str).collect();
            assert!(!names.iter().any(|name| name.starts_with("access-control")), "{names:?}");
        }
        assert!(header(&get(&[]), "content-security-policy").contains("default-src 'none'; script-src 'self'"));
        assert_eq!(header(&refusal(Refusal::Method), "allow"), "GET, HEAD");
        assert_eq!(header(&refusal(Refusal::CrossSite), "connection"), "close");
    }
}
