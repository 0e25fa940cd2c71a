//! A connection of a download: a range of a segment.

use hyper::body::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, RANGE,
};
use reqwest::{Client, Response, StatusCode, Url};

use crate::download::plan::ContentVersion;
use crate::error::{Error, Kind};
use crate::http::error::{connect_error, is_untrusted_certificate};
use crate::text::sanitize::excerpt;

/// Why a fetch failed.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// A retry may help.
    Transient(Error),
    /// The URL has expired: request a new one.
    UrlExpired(Error),
    /// The segment has changed.
    ContentChanged,
    /// A retry cannot help.
    Permanent(Error),
}

/// A reply whose bytes can be read.
pub(crate) struct Connection {
    reply: Response,
    /// The version of the content.
    pub(crate) version: ContentVersion,
    /// Whether the server supports ranges.
    pub(crate) supports_ranges: bool,
    /// How many bytes of the body precede the requested range.
    skip: u64,
    id: String,
}

impl Connection {
    /// Requests the bytes of segment `id` from `from` to `to`, or to its end; they must be of the content `known`.
    pub(crate) async fn open(
        client: &Client,
        url: &Url,
        id: &str,
        (from, to): (u64, Option<u64>),
        known: Option<&ContentVersion>,
    ) -> Result<Self, FetchError> {
        let last = to.map(|to| (to - 1).to_string()).unwrap_or_default();
        let request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        let reply = request.header(RANGE, format!("bytes={from}-{last}")).send().await;
        let reply = reply.map_err(|error| {
            let error = error.without_url();
            // A retry would get the same certificate.
            if is_untrusted_certificate(&error) {
                return FetchError::Permanent(connect_error(url.host_str().unwrap_or_default(), None, &error));
            }
            FetchError::Transient(broke_off(id, from, &error.to_string()))
        })?;
        let headers = reply.headers();
        let tag = text(headers, &ETAG).or_else(|| text(headers, &LAST_MODIFIED)).map(str::to_owned);
        let range = text(headers, &CONTENT_RANGE).and_then(ContentRange::parse);
        let (length, supports_ranges, skip) = match (reply.status(), range) {
            (StatusCode::OK, _) => (number(headers, &CONTENT_LENGTH), false, from),
            (StatusCode::PARTIAL_CONTENT, Some(range)) if range.from == Some(from) => (range.length, true, 0),
            // An empty file has no first byte.
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(ContentRange { from: None, length: Some(0) })) if from == 0 => {
                (Some(0), true, 0)
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, _) => return Err(FetchError::ContentChanged),
            (StatusCode::PARTIAL_CONTENT, _) => {
                let message = format!("the server sent the wrong range of {id}");
                return Err(FetchError::Permanent(Error::new(Kind::BadReply, message)));
            }
            (status, _) => return Err(refused(id, status, reply).await),
        };
        let version = ContentVersion { length, tag };
        if known.is_some_and(|known| !same_content(known, &version)) {
            return Err(FetchError::ContentChanged);
        }
        Ok(Self { reply, version, supports_ranges, skip, id: id.to_owned() })
    }

    /// The next bytes; `None` at the end of the reply. `at` is their position.
    pub(crate) async fn read(&mut self, at: u64) -> Result<Option<Bytes>, FetchError> {
        loop {
            let chunk = self.reply.chunk().await;
            let chunk = chunk
                .map_err(|error| FetchError::Transient(broke_off(&self.id, at, &error.without_url().to_string())))?;
            let Some(mut chunk) = chunk else { return Ok(None) };
            // A server without ranges sends from the start; skip the bytes that exist already.
            let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
            self.skip -= passed as u64;
            let fresh = chunk.split_off(passed);
            if !fresh.is_empty() {
                return Ok(Some(fresh));
            }
        }
    }
}

/// Whether two replies have the same content, as far as both say.
fn same_content(known: &ContentVersion, now: &ContentVersion) -> bool {
    let lengths = known.length.zip(now.length).is_none_or(|(known, now)| known == now);
    let tags = known.tag.as_ref().zip(now.tag.as_ref()).is_none_or(|(known, now)| known == now);
    lengths && tags
}

/// The error for an incomplete segment.
pub(crate) fn broke_off(id: &str, at: u64, cause: &str) -> Error {
    Error::new(Kind::Unavailable, format!("the download of {id} stopped at byte {at}")).cause(cause)
}

async fn refused(id: &str, status: StatusCode, mut reply: Response) -> FetchError {
    let kind = if status.is_server_error() { Kind::Unavailable } else { Kind::BadReply };
    let message = format!("cannot download {id}: the server replied {}", status.as_u16());
    let said = match reply.chunk().await {
        Ok(Some(said)) => excerpt(&String::from_utf8_lossy(&said), 200),
        _ => String::new(),
    };
    let error = Error::new(kind, message);
    let error = if said.is_empty() { error } else { error.cause(said) };
    match status {
        StatusCode::FORBIDDEN => FetchError::UrlExpired(error),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => FetchError::Transient(error),
        status if status.is_server_error() => FetchError::Transient(error),
        _ => FetchError::Permanent(error),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name)?.trim().parse().ok()
}

/// Parses `Content-Range`: the first byte, and the total length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    from: Option<u64>,
    length: Option<u64>,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (range, length) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let length = if length == "*" { None } else { Some(length.parse().ok()?) };
        let from = if range == "*" { None } else { Some(range.split_once('-')?.0.parse().ok()?) };
        Some(Self { from, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read() {
        let range = |text| ContentRange::parse(text).map(|range| (range.from, range.length));
        assert_eq!(range("bytes 0-9/100"), Some((Some(0), Some(100))));
        assert_eq!(range("bytes 5-9/*"), Some((Some(5), None)));
        assert_eq!(range("bytes */100"), Some((None, Some(100))));
        for wrong in ["0-9/100", "bytes 0-9", "bytes a-b/3", "bytes 1/3", "lines 0-1/2", ""] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contents_differ_if_both_say_so() {
        let version = |length, tag: Option<&str>| ContentVersion { length, tag: tag.map(str::to_owned) };
        let known = version(Some(5), Some("a"));
        for (now, expected) in [
            (version(Some(5), Some("a")), true),
            (version(None, Some("a")), true),
            (version(Some(5), None), true),
            (version(Some(6), Some("a")), false),
            (version(Some(5), Some("b")), false),
        ] {
            assert_eq!(same_content(&known, &now), expected, "{now:?}");
        }
    }
}
