//! Who may ask, and what: judged by a request's head alone, before anything is looked up.
//!
//! A server on the reader's own machine is in reach of every page that the reader's browser shows.
//! Such a page may lead here, as a link does; it may not read, embed or listen.

use std::net::IpAddr;

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Method, StatusCode};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The head contradicts itself, or says less than it must.
    Malformed(&'static str),
    /// It asks for a host that this server is not.
    Host,
    /// Neither GET nor HEAD.
    Method,
    /// It brings a body.
    Body,
    /// It comes from a page of another origin, and is more than a link that was followed.
    CrossSite,
}

impl Refusal {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
            Refusal::Host | Refusal::CrossSite => StatusCode::FORBIDDEN,
            Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::Body => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// The text of the answer.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::Malformed(reason) => reason,
            Refusal::Host => {
                "this server does not go by the name in the address: open it as 127.0.0.1 or localhost, \
                 or start it with `fieldbook serve --host NAME`"
            }
            Refusal::Method => "only GET and HEAD are answered",
            Refusal::Body => "a request with a body is not answered",
            Refusal::CrossSite => "a page of another site may link to this one, and nothing more",
        }
    }
}

/// The host that `--host` named, if it is a name or stands for all addresses.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// As it was typed, without brackets.
    pub named: String,
}

impl Hosts {
    /// Whether a request may ask for this host on a connection to the address `local`.
    ///
    /// A name that an attacker owns can be made to lead to this machine (DNS rebinding), and then
    /// its pages would be of this origin; so names are refused but for `localhost` and the one that
    /// was asked for. A number leads where it says, so that of the connection itself is good, and so
    /// is any port: a forwarded one differs from this server's.
    fn admit(&self, authority: &Authority, local: IpAddr) -> bool {
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || ip.to_canonical() == local.to_canonical() || bare == self.named,
            Err(_) => bare.eq_ignore_ascii_case("localhost") || bare.eq_ignore_ascii_case(&self.named),
        }
    }
}

/// Lets a request pass that came on a connection to the address `local`, or says why not.
pub fn admit(request: &Parts, hosts: &Hosts, local: IpAddr) -> Result<(), Refusal> {
    let authority = authority(request)?;
    if !hosts.admit(&authority, local) {
        return Err(Refusal::Host);
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return Err(Refusal::Method);
    }
    let length = only(&request.headers, &header::CONTENT_LENGTH)?;
    if request.headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0") {
        return Err(Refusal::Body);
    }
    match is_cross_site(&request.headers, &authority)? {
        true => Err(Refusal::CrossSite),
        false => Ok(()),
    }
}

/// The host that the request asks for: exactly one, whatever the version and form of the request.
fn authority(request: &Parts) -> Result<Authority, Refusal> {
    let host = only(&request.headers, &header::HOST)?.ok_or(Refusal::Malformed("the Host header is missing"))?;
    let host: Authority = host.parse().map_err(|_| Refusal::Malformed("the Host header is no host"))?;
    // A user's name, or a port that is none, is let pass by the parser.
    if host.as_str().contains('@') || (host.port_u16().is_none() && host.as_str() != host.host()) {
        return Err(Refusal::Malformed("the Host header is no host"));
    }
    match request.uri.authority() {
        Some(asked) if *asked != host => Err(Refusal::Malformed("the address and the Host header differ")),
        _ => Ok(host),
    }
}

/// The value of a header that may stand once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| value.to_str()).transpose();
    match (value, values.next()) {
        (Ok(value), None) => Ok(value),
        _ => Err(Refusal::Malformed("a header stands twice or is not text")),
    }
}

/// Whether a page of another origin asks, for more than to be left for this one.
///
/// Browsers say in `Sec-Fetch-Site` where a request comes from, but not to a host that is not the
/// reader's own machine; and in `Origin`, but not with every request. Other ports of this machine
/// are other origins, too.
fn is_cross_site(headers: &HeaderMap, authority: &Authority) -> Result<bool, Refusal> {
    let value = |name: &'static str| only(headers, &HeaderName::from_static(name));
    let origin = value("origin")?;
    let is_own = |origin: &str| {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str()))
    };
    if origin.is_some_and(|origin| !is_own(origin)) {
        return Ok(true);
    }
    Ok(match value("sec-fetch-site")? {
        None | Some("same-origin" | "none") => false,
        Some(_) => value("sec-fetch-mode")? != Some("navigate") || value("sec-fetch-dest")? != Some("document"),
    })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use hyper::Request;

    use super::*;

    fn judge(hosts: &Hosts, local: IpAddr, uri: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut request = Request::builder().method("GET").uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        admit(&request.body(()).unwrap().into_parts().0, hosts, local)
    }

    fn on_loopback(headers: &[(&str, &str)]) -> Result<(), Refusal> {
        judge(&Hosts { named: "127.0.0.1".into() }, Ipv4Addr::LOCALHOST.into(), "/", headers)
    }

    #[test]
    fn a_name_that_could_be_anybodys_is_refused() {
        for good in ["localhost", "LocalHost:4000", "127.0.0.1", "127.0.0.1:80", "127.1.2.3:4000", "[::1]:4000"] {
            assert_eq!(on_loopback(&[("host", good)]), Ok(()), "{good}");
        }
        for bad in [
            "evil.example",
            "evil.example:4000",
            "localhost.evil.example",
            "127.0.0.1.evil.example:4000",
            "localhost.",
            "192.168.1.5:4000",
            "0.0.0.0:4000",
            "[::]:4000",
            "[fe80::1]",
        ] {
            assert_eq!(on_loopback(&[("host", bad)]), Err(Refusal::Host), "{bad}");
        }
        for bad in ["", "a b", "user@localhost", "localhost/", "[::1", "localhost:port", "localhost:4000, evil.example"]
        {
            assert!(matches!(on_loopback(&[("host", bad)]), Err(Refusal::Malformed(_) | Refusal::Host)), "{bad}");
        }
    }

    #[test]
    fn the_host_stands_once_and_is_the_one_of_the_address() {
        assert!(matches!(on_loopback(&[]), Err(Refusal::Malformed(_))));
        assert!(matches!(on_loopback(&[("host", "localhost"), ("host", "localhost")]), Err(Refusal::Malformed(_))));
        let hosts = Hosts { named: "127.0.0.1".into() };
        let local = Ipv4Addr::LOCALHOST.into();
        assert_eq!(judge(&hosts, local, "http://localhost:4000/a", &[("host", "localhost:4000")]), Ok(()));
        for (uri, host) in [
            ("http://localhost/", "evil.example"),
            ("http://evil.example/", "localhost"),
            ("http://a@localhost/", "localhost"),
        ] {
            assert!(matches!(judge(&hosts, local, uri, &[("host", host)]), Err(Refusal::Malformed(_))), "{uri}");
        }
    }

    #[test]
    fn a_server_for_the_network_goes_by_its_number_and_by_the_name_that_was_given() {
        let lan = IpAddr::from([192, 168, 1, 5]);
        let all = Hosts { named: "0.0.0.0".into() };
        assert_eq!(judge(&all, lan, "/", &[("host", "192.168.1.5:4000")]), Ok(()));
        assert_eq!(judge(&all, lan, "/", &[("host", "0.0.0.0:4000")]), Ok(()));
        assert_eq!(judge(&all, lan, "/", &[("host", "192.168.1.6:4000")]), Err(Refusal::Host));
        assert_eq!(judge(&all, lan, "/", &[("host", "desk.local:4000")]), Err(Refusal::Host));
        let named = Hosts { named: "desk.local".into() };
        assert_eq!(judge(&named, lan, "/", &[("host", "Desk.local:4000")]), Ok(()));
        // A socket for both families shows IPv4 addresses as IPv6 ones.
        let mapped = Ipv4Addr::new(192, 168, 1, 5).to_ipv6_mapped().into();
        let both = Hosts { named: Ipv6Addr::UNSPECIFIED.to_string() };
        assert_eq!(judge(&both, mapped, "/", &[("host", "192.168.1.5:4000")]), Ok(()));
    }

    #[test]
    fn a_link_may_be_followed_from_anywhere_and_nothing_else_may_be_done() {
        let ask = |headers: &[(&str, &str)]| on_loopback(&[&[("host", "localhost:4000")], headers].concat());
        for own in ["same-origin", "none"] {
            assert_eq!(
                ask(&[("sec-fetch-site", own), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")]),
                Ok(())
            );
        }
        for other in ["cross-site", "same-site", "anything"] {
            let link = [("sec-fetch-site", other), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
            assert_eq!(ask(&link), Ok(()));
            for (mode, dest) in [
                ("no-cors", "image"),
                ("no-cors", "script"),
                ("cors", "empty"),
                ("navigate", "iframe"),
                ("navigate", "embed"),
            ] {
                let more = [("sec-fetch-site", other), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
                assert_eq!(ask(&more), Err(Refusal::CrossSite), "{other} {mode} {dest}");
            }
        }
        assert_eq!(ask(&[("origin", "http://localhost:4000")]), Ok(()));
        assert_eq!(ask(&[("origin", "https://LOCALHOST:4000")]), Ok(()));
        for origin in ["http://localhost:3000", "http://localhost", "http://evil.example", "null", "", "localhost:4000"]
        {
            assert_eq!(ask(&[("origin", origin)]), Err(Refusal::CrossSite), "{origin}");
            assert_eq!(ask(&[("origin", origin), ("sec-fetch-site", "same-origin")]), Err(Refusal::CrossSite));
        }
    }

    #[test]
    fn only_reading_is_answered() {
        let hosts = Hosts { named: "127.0.0.1".into() };
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"] {
            let request = Request::builder().method(method).uri("/").header("host", "localhost").body(()).unwrap();
            let judged = admit(&request.into_parts().0, &hosts, Ipv4Addr::LOCALHOST.into());
            assert_eq!(judged, Err(Refusal::Method), "{method}");
        }
        assert_eq!(on_loopback(&[("host", "localhost"), ("content-length", "0")]), Ok(()));
        assert_eq!(on_loopback(&[("host", "localhost"), ("content-length", "1")]), Err(Refusal::Body));
        assert_eq!(on_loopback(&[("host", "localhost"), ("transfer-encoding", "chunked")]), Err(Refusal::Body));
    }
}
