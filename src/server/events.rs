//! The stream that keeps an open page up to date (server-sent events, WHATWG HTML, section 9.2).
//!
//! Each message is the whole state that the page has to know, never a difference: a page that was
//! hidden, asleep or cut off for a while needs only the next one. One is sent at the start and
//! whenever the state has changed; for that, the page's address is looked at in each edition, and no other is.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::edition::Problems;
use super::resource::{Maker, Numbered, Seen};
use crate::memo::Fingerprint;
use crate::path::decode;

/// How long the stream is silent at most: a message that can't be delivered tells that the page is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a browser waits before it asks again, when the stream has ended. Then, what follows.
const START: &str = "retry: 500\n\n";

/// What a page says when it asks for the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// From the page, which other sites can't read.
    pub token: String,
    /// The address of the page: a path that begins with a slash, percent-encoded.
    pub page: String,
    /// The text that it shows, as the server named it.
    pub text: String,
}

impl Asking {
    /// Reads the query of the request.
    pub fn read(query: &str) -> Option<Self> {
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).and_then(|(_, value)| decode(&value.replace('+', " ")))
        };
        let asking = Asking { token: value("token")?, page: value("page")?, text: value("text")? };
        asking.page.starts_with('/').then_some(asking)
    }
}

/// The state of an open page.
#[derive(Debug, Serialize)]
struct State<'s> {
    /// Another one than the page's: it is to be loaded again.
    text: &'s str,
    /// Another one than the page's: its style sheets are at other addresses.
    styles: String,
    /// Another one than the last: a picture may be another.
    assets: String,
    problems: Problems<'s>,
}

/// Sends the state of the page until nobody listens or the server ends.
pub async fn follow(
    maker: Arc<Maker>,
    mut editions: watch::Receiver<Arc<Numbered>>,
    asking: Asking,
    messages: mpsc::Sender<Bytes>,
) {
    if messages.send(Bytes::from_static(START.as_bytes())).await.is_err() {
        return;
    }
    let mut sent = Fingerprint::default();
    let mut text = asking.text;
    loop {
        let now = editions.borrow_and_update().clone();
        let (maker, page, shows) = (maker.clone(), asking.page.clone(), text.clone());
        // A page that can't be made is this program's or a template's fault: the stream goes on.
        if let Ok((shown, message)) = spawn_blocking(move || state(&maker, &now, &page, &shows)).await {
            text = shown;
            let fingerprint = Fingerprint::of_bytes(message.as_bytes());
            if fingerprint != sent {
                sent = fingerprint;
                if messages.send(message.into()).await.is_err() {
                    return;
                }
            }
        }
        loop {
            match timeout(SILENCE, editions.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return,
                Err(_) => {
                    if messages.send(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// The text that the page should show, and the message that says so.
fn state(maker: &Maker, now: &Numbered, page: &str, shows: &str) -> (String, String) {
    let Seen { shown, failure, source } = maker.look(now, page);
    // The page that is open is better than the error that would take its place.
    let text = if failure.is_some() && !shows.is_empty() { shows.to_owned() } else { shown.text.to_string() };
    let state = State {
        text: &text,
        styles: shown.styles.to_string(),
        assets: now.assets().to_string(),
        problems: now.edition.problems(source.as_ref(), failure.as_ref()),
    };
    // A value of strings and numbers can be written, and JSON has no line end in it.
    let message = format!("data: {}\n\n", serde_json::to_string(&state).unwrap_or_default());
    (text, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_it_is_and_what_it_shows() {
        let asking = Asking::read("token=ab12&text=cd34&page=%2Fa%20b%2F%C3%BC.html%3Fx%26y").unwrap();
        assert_eq!((asking.token.as_str(), asking.text.as_str()), ("ab12", "cd34"));
        assert_eq!(asking.page, "/a b/ü.html?x&y");
        assert_eq!(Asking::read("page=/a+b&text=&token=").unwrap().page, "/a b");
        for bad in ["", "token=1", "token=1&text=2", "token=1&text=2&page=a", "token=1&text=2&page=%FF", "page"] {
            assert_eq!(Asking::read(bad), None, "{bad}");
        }
    }
}
