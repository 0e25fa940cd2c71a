//! The bodies of replies: text, or a part of a backup, which is generated while it is sent.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::StatusCode;
use tokio::time::{Instant, Sleep, sleep_until};

use super::archive::Archive;

const CHUNK: u64 = 64 * 1024;

/// The connection ends here, without a reply or in the middle of one.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
pub(super) struct ConnectionClosed;

/// The body of a reply.
pub(super) enum ReplyBody {
    /// All of it at once.
    Whole(Option<Bytes>),
    /// Bytes of a backup, generated while they are sent.
    ArchivePart(ArchivePart),
    /// Some bytes, and then the connection is closed although more were announced.
    Truncated(Truncated),
    /// That many spaces.
    Spaces(u64),
}

/// A body that ends before its announced length.
pub(super) struct Truncated {
    bytes: Option<Bytes>,
    announced: u64,
    flushed: bool,
}

/// A range of bytes of an archive.
pub(super) struct ArchivePart {
    archive: Archive,
    position: u64,
    end: u64,
    /// Where the connection is closed, if it is.
    cut: Option<Cut>,
    /// Limits the rate.
    throttle: Option<Throttle>,
}

/// A rate in bytes a second, and when the next bytes may be sent.
struct Throttle {
    rate: u64,
    next: Pin<Box<Sleep>>,
}

/// A position to stop at, and whether the bytes before it were flushed.
struct Cut {
    at: u64,
    flushed: bool,
}

impl ReplyBody {
    pub(super) fn empty() -> Self {
        Self::Whole(None)
    }

    pub(super) fn whole(body: impl Into<Vec<u8>>) -> Self {
        Self::Whole(Some(Bytes::from(body.into())))
    }

    /// These bytes, although `announced` were promised.
    pub(super) fn truncated(bytes: impl Into<Vec<u8>>, announced: u64) -> Self {
        Self::Truncated(Truncated { bytes: Some(Bytes::from(bytes.into())), announced, flushed: false })
    }

    /// The bytes of a whole body.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(Some(bytes)) => bytes,
            _ => &[],
        }
    }

    /// A range of `archive`, at most `rate` bytes a second; when `cut_short`, only half of it is sent.
    pub(super) fn archive_part(archive: Archive, bytes: Range<u64>, cut_short: bool, rate: Option<u64>) -> Self {
        let Range { start, end } = bytes;
        let cut = cut_short.then(|| Cut { at: start + (end - start) / 2, flushed: false });
        let throttle = rate.map(|rate| Throttle { rate, next: Box::pin(sleep_until(Instant::now())) });
        Self::ArchivePart(ArchivePart { archive, position: start, end, cut, throttle })
    }
}

impl ArchivePart {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, ConnectionClosed>>> {
        let mut end = self.end;
        if let Some(cut) = &mut self.cut {
            end = cut.at;
            if self.position >= cut.at {
                if cut.flushed {
                    return Poll::Ready(Some(Err(ConnectionClosed)));
                }
                // An error discards what is still buffered, so let the connection flush first.
                cut.flushed = true;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        if self.position >= end {
            return Poll::Ready(None);
        }
        let length = CHUNK.min(end - self.position);
        if let Some(Throttle { rate, next }) = &mut self.throttle {
            ready!(next.as_mut().poll(context));
            let due = next.deadline() + Duration::from_micros(length.saturating_mul(1_000_000) / *rate);
            next.as_mut().reset(due);
        }
        let chunk = self.archive.bytes(self.position, length);
        self.position += length;
        Poll::Ready(Some(Ok(Bytes::from(chunk))))
    }
}

impl Truncated {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, ConnectionClosed>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(bytes)));
        }
        if self.flushed {
            return Poll::Ready(Some(Err(ConnectionClosed)));
        }
        // As above: let the connection flush first.
        self.flushed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// The next of `left` spaces.
fn spaces(left: &mut u64) -> Option<Bytes> {
    let length = CHUNK.min(*left);
    *left -= length;
    (length > 0).then(|| Bytes::from(vec![b' '; usize::try_from(length).unwrap_or_default()]))
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = ConnectionClosed;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::ArchivePart(part) => part.poll(context).map(|next| next.map(|chunk| chunk.map(Frame::data))),
            Self::Truncated(truncated) => truncated.poll(context).map(|next| next.map(|chunk| chunk.map(Frame::data))),
            Self::Spaces(left) => Poll::Ready(spaces(left).map(|chunk| Ok(Frame::data(chunk)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::ArchivePart(part) => part.position >= part.end,
            Self::Truncated(_) => false,
            Self::Spaces(left) => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::ArchivePart(part) => SizeHint::with_exact(part.end - part.position),
            Self::Truncated(truncated) => SizeHint::with_exact(truncated.announced),
            Self::Spaces(left) => SizeHint::with_exact(*left),
        }
    }
}

/// A reply whose body is sent at once.
pub(super) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Vec<u8>>,
) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
