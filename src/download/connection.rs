//! A connection of a download: a range of a segment.

use hyper::body::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    LAST_MODIFIED, RANGE,
};
use reqwest::{Client, Response, StatusCode, Url};

use crate::download::plan::ContentVersion;
use crate::error::{Error, Kind};
use crate::http::error::{connect_error, is_untrusted_certificate};
use crate::text::sanitize::excerpt;

/// The largest page that is detected without its type, in bytes.
const MAX_PAGE_SIZE: u64 = 64 * 1024;
/// How many bytes of a body show whether it is a page.
const PAGE_HEAD_SIZE: usize = 64;

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
    /// The part of the body that was read already.
    head: Bytes,
    /// The version of the content.
    pub(crate) version: ContentVersion,
    /// Whether the server supports ranges.
    pub(crate) supports_ranges: bool,
    /// How many bytes of the body precede the requested range.
    skip: u64,
    /// Position behind the last byte of the segment that may come, where that is known.
    end: Option<u64>,
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
        let (reply, head) = refuse_error_page(reply, id, from).await?;
        let headers = reply.headers();
        let tag = text(headers, &ETAG).or_else(|| text(headers, &LAST_MODIFIED)).map(str::to_owned);
        let range = text(headers, &CONTENT_RANGE).and_then(ContentRange::parse);
        let (length, end, supports_ranges, skip) = match (reply.status(), range) {
            (StatusCode::OK, _) => {
                let length = number(headers, &CONTENT_LENGTH);
                (length, length, false, from)
            }
            (StatusCode::PARTIAL_CONTENT, Some(ContentRange { bytes: Some((first, end)), length }))
                if first == from =>
            {
                (length, Some(end), true, 0)
            }
            // An empty file has no first byte.
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(ContentRange { bytes: None, length: Some(0) })) if from == 0 => {
                (Some(0), Some(0), true, 0)
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, _) => return Err(FetchError::ContentChanged),
            (StatusCode::PARTIAL_CONTENT, _) => {
                let message = format!("the server sent the wrong range of {id}");
                return Err(FetchError::Permanent(Error::new(Kind::BadReply, message)));
            }
            (status, _) => return Err(refused(id, status, reply).await),
        };
        refuse_recoded(headers, end.map(|end| if supports_ranges { end - from } else { end }), id)?;
        let version = ContentVersion { length, tag };
        if known.is_some_and(|known| !same_content(known, &version)) {
            return Err(FetchError::ContentChanged);
        }
        let length = known.and_then(|known| known.length).or(length);
        let end = [end, length].into_iter().flatten().min();
        Ok(Self { reply, head, version, supports_ranges, skip, end, id: id.to_owned() })
    }

    /// The next bytes of what was asked for; nothing at the end of the reply. `at` is the position they are for. More than
    /// the head of the reply announced is an error.
    pub(crate) async fn read(&mut self, at: u64) -> Result<Option<Bytes>, FetchError> {
        loop {
            let head = std::mem::take(&mut self.head);
            let chunk = if head.is_empty() { next_chunk(&mut self.reply, &self.id, at).await? } else { Some(head) };
            let Some(mut chunk) = chunk else { return Ok(None) };
            // A server without ranges sends from the start; skip the bytes that exist already.
            let passed = usize::try_from(self.skip).unwrap_or(usize::MAX).min(chunk.len());
            self.skip -= passed as u64;
            let fresh = chunk.split_off(passed);
            if self.end.is_some_and(|end| at.saturating_add(fresh.len() as u64) > end) {
                let message = format!("the server sent more bytes of {} than announced", self.id);
                return Err(FetchError::Permanent(Error::new(Kind::BadReply, message)));
            }
            if !fresh.is_empty() {
                return Ok(Some(fresh));
            }
        }
    }

    /// Checks that nothing follows the last announced byte, if `at` is behind it.
    pub(crate) async fn check_end(&mut self, at: u64) -> Result<(), FetchError> {
        if self.end != Some(at) {
            return Ok(());
        }
        match self.read(at).await {
            Err(FetchError::Permanent(error)) => Err(FetchError::Permanent(error)),
            // The file is complete, however the connection ends.
            _ => Ok(()),
        }
    }
}

async fn next_chunk(reply: &mut Response, id: &str, at: u64) -> Result<Option<Bytes>, FetchError> {
    let broken = |error: reqwest::Error| FetchError::Transient(broke_off(id, at, &error.without_url().to_string()));
    reply.chunk().await.map_err(broken)
}

/// Refuses bytes that were compressed for the transfer, although that was declined: they are not those of the file. Of a
/// file that is stored compressed, the bytes are as many as announced.
fn refuse_recoded(headers: &HeaderMap, announced: Option<u64>, id: &str) -> Result<(), FetchError> {
    let encoding =
        text(headers, &CONTENT_ENCODING).map(str::trim).filter(|name| !name.eq_ignore_ascii_case("identity"));
    let length = number(headers, &CONTENT_LENGTH);
    match encoding {
        Some(name) if length.is_none() || length != announced => {
            let message = format!("the server compressed {id} for the transfer ({})", excerpt(name, 20));
            Err(FetchError::Permanent(Error::new(Kind::BadReply, message)))
        }
        _ => Ok(()),
    }
}

/// Refuses a web page instead of the file: proxies and storage services send one with status 200. Returns the reply and
/// the part of its body that was read for the check.
async fn refuse_error_page(mut reply: Response, id: &str, from: u64) -> Result<(Response, Bytes), FetchError> {
    let headers = reply.headers();
    let is_typed = text(headers, &CONTENT_TYPE).is_some_and(is_type_of_page);
    let is_small = number(headers, &CONTENT_LENGTH).is_none_or(|length| length <= MAX_PAGE_SIZE);
    if reply.status() != StatusCode::OK || !(is_typed || is_small) {
        return Ok((reply, Bytes::new()));
    }
    let mut head = Vec::new();
    while head.len() < PAGE_HEAD_SIZE && may_become_page(&head) {
        let Some(chunk) = next_chunk(&mut reply, id, from).await? else { break };
        head.extend_from_slice(&chunk);
    }
    if !is_page(&head, is_typed) {
        return Ok((reply, head.into()));
    }
    let said = excerpt(&String::from_utf8_lossy(&head), 200);
    let message = format!("the server sent a web page instead of {id}");
    Err(FetchError::UrlExpired(Error::new(Kind::Unavailable, message).cause(said)))
}

/// Whether that type is one of pages, not of backups.
fn is_type_of_page(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["/html", "/xml", "/json", "+xml", "+json"].iter().any(|ending| essence.ends_with(ending))
}

/// Whether more of the body could show that it is a page.
fn may_become_page(head: &[u8]) -> bool {
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    // The last is the first byte of a UTF-8 byte order mark.
    first.is_none_or(|byte| matches!(byte, b'<' | b'{' | 0xef))
}

/// Whether a body begins like a page; without its type, only unmistakable beginnings count.
fn is_page(head: &[u8], is_typed: bool) -> bool {
    let text = String::from_utf8_lossy(&head[..head.len().min(PAGE_HEAD_SIZE)]).to_ascii_lowercase();
    let text = text.trim_start_matches(|letter: char| letter == '\u{feff}' || letter.is_ascii_whitespace());
    let beginnings: &[&str] = if is_typed { &["<", "{"] } else { &["<?xml", "<!doctype html", "<html", "<error>"] };
    beginnings.iter().any(|beginning| text.starts_with(beginning))
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

/// Parses `Content-Range`: the first byte, the one after the last, and the total length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    bytes: Option<(u64, u64)>,
    length: Option<u64>,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (range, length) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let length = if length == "*" { None } else { Some(length.parse().ok()?) };
        let bytes = if range == "*" {
            None
        } else {
            let (first, last) = range.split_once('-')?;
            let (first, end) = (first.parse().ok()?, last.parse::<u64>().ok()?.checked_add(1)?);
            if end <= first || length.is_some_and(|length| end > length) {
                return None;
            }
            Some((first, end))
        };
        Some(Self { bytes, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read() {
        let range = |text| ContentRange::parse(text).map(|range| (range.bytes, range.length));
        assert_eq!(range("bytes 0-9/100"), Some((Some((0, 10)), Some(100))));
        assert_eq!(range("bytes 5-9/*"), Some((Some((5, 10)), None)));
        assert_eq!(range("bytes */100"), Some((None, Some(100))));
        for wrong in
            ["0-9/100", "bytes 0-9", "bytes a-b/3", "bytes 1/3", "bytes 2-1/3", "bytes 0-3/3", "lines 0-1/2", ""]
        {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_page_is_told_from_a_file() {
        for content_type in ["text/html; charset=utf-8", "application/XML", "application/problem+json"] {
            assert!(is_type_of_page(content_type), "{content_type}");
        }
        for content_type in ["application/x-tar", "application/octet-stream", "text/plain", ""] {
            assert!(!is_type_of_page(content_type), "{content_type}");
        }
        for (head, typed, untyped) in [
            ("<?xml version=\"1.0\"?><Error>", true, true),
            ("\u{feff}\n <!DOCTYPE HTML>", true, true),
            ("<Error><Code>SlowDown</Code>", true, true),
            ("{\"error\":1}", true, false),
            ("<p>sorry</p>", true, false),
            ("dump.sql\0", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_page(head.as_bytes(), true), is_page(head.as_bytes(), false)), (typed, untyped), "{head}");
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
