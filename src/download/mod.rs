//! Downloads: the segments of a backup as a single file, over several parallel connections.
//!
//! Into a file they arrive in any order and can be resumed (`file.rs`); as a stream they arrive in order (`stream.rs`).

pub(crate) mod connection;
pub(crate) mod extract;
pub(crate) mod file;
pub(crate) mod journal;
pub(crate) mod partial_file;
pub(crate) mod plan;
mod rate_floor;
mod staging;
pub(crate) mod stream;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, Url};

use crate::download::connection::{Connection, FetchError};
use crate::download::plan::ContentVersion;
use crate::download::rate_floor::RateFloor;
use crate::error::{Error, Kind, Result};
use crate::http::client::{Purpose, build_client};
use crate::http::{Transport, is_loopback, trace};
use crate::output::{Indicator, Printer};
use crate::text::format::{format_duration, format_size, plural};

/// Maximum number of failures in a row without a byte. The pauses take at most 46 seconds, half of that on average.
const MAX_ATTEMPTS: u32 = 8;
/// How many new URLs in a row may be refused.
const MAX_REFUSED_URLS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(15);
/// In a log, the time between two lines.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// A download.
pub(crate) struct DownloadOrder {
    /// Its label.
    pub(crate) label: String,
    /// The ids of its segments, in order.
    pub(crate) segments: Vec<String>,
    /// Their total size in bytes, if known.
    pub(crate) total: Option<u64>,
    /// Minimum rate in bytes per second; 0 for none.
    pub(crate) min_rate: u64,
}

/// The source of the bytes: signed URLs, requested when needed and again when they have expired.
struct SegmentSource<'t, A> {
    transport: &'t Transport,
    client: Client,
    api_is_loopback: bool,
    signed_url: A,
    known: RefCell<Vec<(String, Url)>>,
}

impl<'t, A, F> SegmentSource<'t, A>
where
    A: Fn(String) -> F,
    F: Future<Output = Result<String>>,
{
    fn new(transport: &'t Transport, signed_url: A) -> Result<Self> {
        let api_is_loopback = is_loopback(transport.root());
        let client = build_client(transport.options(), api_is_loopback, Purpose::Downloads, Arc::default())?;
        Ok(Self { transport, client, api_is_loopback, signed_url, known: RefCell::default() })
    }

    async fn url(&self, id: &str) -> Result<Url> {
        let known = self.known.borrow().iter().find(|(known, _)| known == id).map(|(_, url)| url.clone());
        if let Some(url) = known {
            return Ok(url);
        }
        let url = checked_url(&(self.signed_url)(id.to_owned()).await?, self.api_is_loopback)?;
        self.known.borrow_mut().push((id.to_owned(), url.clone()));
        Ok(url)
    }

    /// Opens a connection for a range of a segment; retries with pauses and new URLs while that may help.
    async fn open(
        &self,
        id: &str,
        range: (u64, Option<u64>),
        known: Option<&ContentVersion>,
        attempts: &mut Attempts,
    ) -> Result<Connection, FetchError> {
        loop {
            let url = self.url(id).await.map_err(FetchError::Permanent)?;
            let printer = self.transport.printer();
            if printer.options().debug > 0 {
                printer.trace(&format!("> GET {} from byte {}", trace::url(&url), range.0));
            }
            match Connection::open(&self.client, &url, id, range, known).await {
                Err(FetchError::Transient(why)) => self.pause(id, attempts, why).await?,
                Err(FetchError::UrlExpired(why)) => {
                    // Unless another connection has got a new one meanwhile.
                    self.known.borrow_mut().retain(|(_, known)| *known != url);
                    attempts.url_refused(why)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Waits after a failure, or gives up.
    async fn pause(&self, id: &str, attempts: &mut Attempts, why: Error) -> Result<(), FetchError> {
        let printer = self.transport.printer();
        if printer.options().debug > 0 {
            printer.trace(&format!("* {id}: {}", why.message()));
        }
        let pause = attempts.back_off(why)?;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Failures since the last byte.
#[derive(Default)]
struct Attempts {
    failures: u32,
    refused: u32,
}

impl Attempts {
    fn reset(&mut self) {
        *self = Self::default();
    }

    fn back_off(&mut self, why: Error) -> Result<Duration, FetchError> {
        if self.failures == MAX_ATTEMPTS {
            return Err(FetchError::Permanent(why));
        }
        let longest = (FIRST_PAUSE * 2_u32.pow(self.failures)).min(MAX_PAUSE);
        self.failures += 1;
        Ok(longest.mul_f64(fastrand::f64()))
    }

    fn url_refused(&mut self, why: Error) -> Result<(), FetchError> {
        self.refused += 1;
        if self.refused > MAX_REFUSED_URLS { Err(FetchError::Permanent(why)) } else { Ok(()) }
    }
}

/// Checks a URL: https from the network; plain http only on this machine, and only if the API is there too.
fn checked_url(text: &str, api_is_loopback: bool) -> Result<Url> {
    let refused = |why: &str| Err(Error::new(Kind::BadReply, "refusing the URL of the backup file").cause(why));
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && (api_is_loopback || !is_loopback(&url)) => Ok(url),
        Ok(url) if url.scheme() == "http" && api_is_loopback && is_loopback(&url) => Ok(url),
        Ok(url) => refused(&format!("it leads to {}://{}", url.scheme(), url.host_str().unwrap_or_default())),
        Err(error) => refused(&error.to_string()),
    }
}

/// The bar on a terminal, or lines in a log.
struct DownloadProgress<'c> {
    printer: &'c Printer,
    label: &'c str,
    total: Option<u64>,
    indicator: Option<Indicator<'c>>,
    began: Instant,
    logged: Cell<Instant>,
    floor: RateFloor,
    /// Number of bytes at the start of this run.
    resumed_bytes: u64,
}

impl<'c> DownloadProgress<'c> {
    fn start(printer: &'c Printer, order: &'c DownloadOrder, resumed_bytes: u64) -> Self {
        let indicator = printer.byte_bar(order.total, resumed_bytes, &order.label);
        let began = Instant::now();
        let size = order.total.map(|total| format!(", {}", format_size(total))).unwrap_or_default();
        let files = plural(order.segments.len() as u64, "file", "files");
        if resumed_bytes > 0 {
            printer.progress(&format!("{}: resuming at {}{size}", order.label, format_size(resumed_bytes)));
        } else if indicator.is_none() {
            printer.progress(&format!("{}: {files}{size}", order.label));
        }
        Self {
            printer,
            label: &order.label,
            total: order.total,
            indicator,
            began,
            logged: Cell::new(began),
            floor: RateFloor::new(order.min_rate, began),
            resumed_bytes,
        }
    }

    fn show(&self, done: u64) {
        if let Some(indicator) = &self.indicator {
            indicator.position(done);
        } else if self.logged.get().elapsed() >= LOG_PAUSE {
            self.logged.set(Instant::now());
            let rate = format_size(self.rate(done));
            let far = match self.total {
                Some(total) if total > 0 => format!("{} %", done.saturating_mul(100) / total),
                _ => format_size(done),
            };
            self.printer.progress(&format!("{}: {far}, {rate}/s", self.label));
        }
    }

    /// Records received bytes; returns an error if the download is too slow.
    fn add_bytes(&self, bytes: usize) -> Result<()> {
        self.floor.add(bytes as u64, Instant::now())
    }

    /// Ignores the time since the last bytes: the receiver was busy.
    fn leave_out_time(&self) {
        self.floor.skip_to(Instant::now());
    }

    /// Bytes per second of this run.
    fn rate(&self, done: u64) -> u64 {
        let milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        done.saturating_sub(self.resumed_bytes).saturating_mul(1000) / milliseconds
    }

    fn finish(mut self, done: u64) {
        drop(self.indicator.take());
        let took = format_duration(self.began.elapsed());
        self.printer.progress(&format!(
            "{}: {} in {took}, {}/s",
            self.label,
            format_size(done),
            format_size(self.rate(done))
        ));
    }
}

/// Checks that the download has the expected size.
fn check_size(order: &DownloadOrder, done: u64) -> Result<()> {
    match order.total {
        Some(total) if total != done => {
            Err(Error::new(Kind::BadReply, format!("{} has {done} bytes, expected {total}", order.label))
                .cause("the backup is incomplete, or its recorded size is wrong"))
        }
        _ => Ok(()),
    }
}

/// Refuses bytes beyond the announced size, which could be endless.
fn check_not_larger(order: &DownloadOrder, done: u64) -> Result<()> {
    match order.total {
        Some(total) if done > total => {
            Err(Error::new(Kind::BadReply, format!("{} is larger than the announced {total} bytes", order.label)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_text::text_from;

    #[test]
    fn files_come_by_https_or_within_this_machine() {
        for (signed_url, api_is_loopback, good) in [
            ("https://bucket.s3.amazonaws.com/f.tar?Signature=x", false, true),
            ("http://bucket.s3.amazonaws.com/f.tar", false, false),
            ("http://127.0.0.1:80/f.tar", false, false),
            ("https://127.0.0.1/f.tar", false, false),
            ("http://127.0.0.1:80/f.tar", true, true),
            ("file:///etc/passwd", true, false),
            ("not an address", true, false),
        ] {
            assert_eq!(checked_url(signed_url, api_is_loopback).is_ok(), good, "{signed_url}");
        }
    }

    #[test]
    fn it_gives_up_after_half_a_minute_without_a_byte() {
        let mut attempts = Attempts::default();
        let why = || Error::new(Kind::Unavailable, "broke off");
        let mut longest = Duration::ZERO;
        while let Ok(pause) = attempts.back_off(why()) {
            longest += (FIRST_PAUSE * 2_u32.pow(attempts.failures - 1)).min(MAX_PAUSE);
            assert!(pause <= MAX_PAUSE);
        }
        assert!((Duration::from_secs(20)..Duration::from_secs(60)).contains(&longest), "{longest:?}");
        attempts.reset();
        assert!(attempts.back_off(why()).is_ok());
        for _ in 0..MAX_REFUSED_URLS {
            assert!(attempts.url_refused(why()).is_ok());
        }
        assert!(attempts.url_refused(why()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_the_address_is_only_https_leaves_this_machine(
            text in text_from(&["https", "http", "file", "://", ":", "/", "@", "127.0.0.1", "localhost", "[::1]", "evil.example", "%00", "?", "\\"]),
            api_is_loopback in any::<bool>(),
        ) {
            if let Ok(url) = checked_url(&text, api_is_loopback) {
                prop_assert!(url.scheme() == "https" || (api_is_loopback && is_loopback(&url)), "{}", url);
                prop_assert!(api_is_loopback || !is_loopback(&url), "{}", url);
            }
        }
    }
}
