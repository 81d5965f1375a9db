//! The body of an answer: bytes that are held, a file that is read while it is sent, or a stream of events.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::disk::OpenAsset;

/// How much of a file is read at once.
const BLOCK: u64 = 128 * 1024;

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// Nothing, or all at once.
    Whole(Bytes),
    /// A range of a file.
    File(Reading),
    /// Events, as they happen.
    Events(Events),
}

/// A file that is being sent.
#[derive(Debug)]
pub struct Reading {
    asset: Arc<OpenAsset>,
    left: Range<u64>,
    /// The block that is being read, on a thread where that may take its time.
    block: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

/// Messages from a task that ends when nobody listens any longer.
#[derive(Debug)]
pub struct Events {
    messages: mpsc::Receiver<Bytes>,
    task: JoinHandle<()>,
}

impl Body {
    /// No bytes.
    pub fn empty() -> Self {
        Body::Whole(Bytes::new())
    }

    /// The bytes of a file from `range.start` up to `range.end`.
    pub fn of_file(asset: Arc<OpenAsset>, range: Range<u64>) -> Self {
        Body::File(Reading { asset, left: range, block: None })
    }

    /// What `task` sends.
    pub fn of_events(messages: mpsc::Receiver<Bytes>, task: JoinHandle<()>) -> Self {
        Body::Events(Events { messages, task })
    }
}

impl Reading {
    fn poll_block(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let block = self.block.get_or_insert_with(|| {
            let (asset, from) = (self.asset.clone(), self.left.start);
            let length = usize::try_from(BLOCK.min(self.left.end - from)).unwrap_or(0);
            spawn_blocking(move || asset.read(from, length))
        });
        let read = ready!(Pin::new(block).poll(context)).unwrap_or_else(|error| Err(io::Error::other(error)));
        self.block = None;
        Poll::Ready(Some(read.and_then(|bytes| {
            self.left.start += bytes.len() as u64;
            // The length was promised: a file that has become shorter ends the connection.
            if bytes.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes.into()) }
        })))
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let bytes = match self.get_mut() {
            Body::Whole(bytes) if bytes.is_empty() => None,
            Body::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Body::File(reading) => ready!(reading.poll_block(context)),
            Body::Events(events) => ready!(events.messages.poll_recv(context)).map(Ok),
        };
        Poll::Ready(bytes.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Body::Whole(bytes) => bytes.is_empty(),
            Body::File(reading) => reading.left.is_empty(),
            Body::Events(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::File(reading) => SizeHint::with_exact(reading.left.end - reading.left.start),
            Body::Events(_) => SizeHint::default(),
        }
    }
}
