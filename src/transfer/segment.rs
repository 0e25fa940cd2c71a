//! One segment of a download, from its first byte to its last over as many connections as it takes.

use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode, Url};

use super::sink::Sink;
use crate::error::{Error, Kind, Result};
use crate::output::clean::excerpt;

/// How one connection ended.
pub enum Outcome {
    /// The segment is whole.
    Whole,
    /// It broke off, and asking again may help.
    Broken(Error),
}

/// A segment and how far it has come.
pub struct Segment<'s> {
    id: &'s str,
    position: u64,
    length: Option<u64>,
    etag: Option<String>,
}

impl<'s> Segment<'s> {
    /// A segment of which nothing is there yet.
    #[must_use]
    pub fn new(id: &'s str) -> Self {
        Self { id, position: 0, length: None, etag: None }
    }

    /// How many bytes are there.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Asks for what is missing and hands it on; `more` hears of every piece.
    ///
    /// # Errors
    /// What asking again cannot help: the segment changed in between, the server refuses, or the sink is full.
    pub async fn fetch(
        &mut self,
        client: &Client,
        url: &Url,
        sink: &mut Sink<'_>,
        mut more: impl FnMut(u64),
    ) -> Result<Outcome> {
        let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        if self.position > 0 {
            request = request.header(RANGE, format!("bytes={}-", self.position));
            if let Some(etag) = &self.etag {
                request = request.header(IF_RANGE, etag);
            }
        }
        let mut reply = match request.send().await {
            Ok(reply) => reply,
            Err(error) => return Ok(Outcome::Broken(self.broken(&error.without_url().to_string()))),
        };
        let mut skip = match self.accept(&mut reply).await? {
            Ok(skip) => skip,
            Err(broken) => return Ok(Outcome::Broken(broken)),
        };
        loop {
            let chunk = match reply.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => return Ok(Outcome::Broken(self.broken(&error.without_url().to_string()))),
            };
            // A server without ranges sends from the start; what is there already is passed over.
            let passed = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip -= passed as u64;
            let fresh = &chunk[passed..];
            if fresh.is_empty() {
                continue;
            }
            sink.write(fresh)?;
            self.position += fresh.len() as u64;
            more(fresh.len() as u64);
        }
        match self.length {
            Some(length) if self.position < length => {
                Ok(Outcome::Broken(self.broken(&format!("{} of {length} bytes came", self.position))))
            }
            _ => Ok(Outcome::Whole),
        }
    }

    /// Looks at the head of a reply; gives how many bytes of its body to pass over. The inner error is one that asking
    /// again may cure.
    async fn accept(&mut self, reply: &mut Response) -> Result<Result<u64, Error>> {
        let headers = reply.headers();
        let etag = headers.get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
        match reply.status() {
            StatusCode::OK => {
                let length = number(headers, CONTENT_LENGTH.as_str());
                let changed = self.position > 0 && (self.etag != etag || self.length != length);
                if changed {
                    return Err(Error::new(Kind::BadReply, format!("{} changed while it was downloaded", self.id))
                        .hint("start again"));
                }
                self.length = length;
                self.etag = etag;
                Ok(Ok(self.position))
            }
            StatusCode::PARTIAL_CONTENT if self.position > 0 => {
                let range = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok()).unwrap_or_default();
                if range.starts_with(&format!("bytes {}-", self.position)) {
                    Ok(Ok(0))
                } else {
                    Err(Error::new(
                        Kind::BadReply,
                        format!("the server sent another part of {} than asked for", self.id),
                    )
                    .cause(range.to_owned()))
                }
            }
            status => {
                let error = Error::new(
                    if status.is_server_error() { Kind::Unavailable } else { Kind::BadReply },
                    format!("{} cannot be downloaded: the server answered {}", self.id, status.as_u16()),
                );
                // An address that has expired is answered by 403: a new one is asked for. Others may pass too.
                let passes = status == StatusCode::FORBIDDEN || status.is_server_error() || status.as_u16() == 429;
                let said = match reply.chunk().await {
                    Ok(Some(said)) => excerpt(&String::from_utf8_lossy(&said), 200),
                    _ => String::new(),
                };
                let error = if said.is_empty() { error } else { error.cause(said) };
                if passes { Ok(Err(error)) } else { Err(error) }
            }
        }
    }

    fn broken(&self, why: &str) -> Error {
        Error::new(Kind::Unavailable, format!("the download of {} broke off at byte {}", self.id, self.position))
            .cause(why.to_owned())
            .hint("try again in a while")
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
