//! Downloads: the segments of a backup as one whole, several connections at a time.
//!
//! Into a file they come in any order and go on where an earlier run was (`file.rs`); as a stream they come in theirs
//! (`stream.rs`).

pub(crate) mod connection;
pub(crate) mod extract;
pub(crate) mod file;
pub(crate) mod journal;
pub(crate) mod partial_file;
pub(crate) mod plan;
pub(crate) mod stream;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Client, Url};

use crate::download::connection::{Connection, Failure};
use crate::download::plan::Version;
use crate::error::{Error, Kind, Result};
use crate::http::client::{Use, client};
use crate::http::{Transport, is_loopback, trace};
use crate::output::{Drawing, Printer};
use crate::text::format::{bytes, elapsed, plural};

/// How often asking may fail in a row without a single byte having come: half a minute in all.
const MOST_BREAKS: u32 = 8;
/// How many fresh addresses in a row may be refused.
const MOST_REFUSALS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// In a log, the time between two lines.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// What is to be downloaded.
pub(crate) struct DownloadOrder {
    /// What it is called.
    pub(crate) label: String,
    /// The ids of its segments, in their order.
    pub(crate) segments: Vec<String>,
    /// Size of all of them together in bytes, where it is known.
    pub(crate) total: Option<u64>,
}

/// Where bytes come from: signed addresses, asked for when they are needed and again when they have expired.
struct Source<'t, A> {
    transport: &'t Transport,
    client: Client,
    loopback_api: bool,
    address: A,
    known: RefCell<Vec<(String, Url)>>,
}

impl<'t, A, F> Source<'t, A>
where
    A: Fn(String) -> F,
    F: Future<Output = Result<String>>,
{
    fn new(transport: &'t Transport, address: A) -> Result<Self> {
        let loopback_api = is_loopback(transport.root());
        let client = client(transport.options(), loopback_api, Use::Downloads, Arc::default())?;
        Ok(Self { transport, client, loopback_api, address, known: RefCell::default() })
    }

    async fn url(&self, id: &str) -> Result<Url> {
        let known = self.known.borrow().iter().find(|(known, _)| known == id).map(|(_, url)| url.clone());
        if let Some(url) = known {
            return Ok(url);
        }
        let url = checked(&(self.address)(id.to_owned()).await?, self.loopback_api)?;
        self.known.borrow_mut().push((id.to_owned(), url.clone()));
        Ok(url)
    }

    /// Opens a connection for a range of a segment, with pauses and new addresses as long as that may help.
    async fn open(
        &self,
        id: &str,
        range: (u64, Option<u64>),
        known: Option<&Version>,
        attempts: &mut Attempts,
    ) -> Result<Connection, Failure> {
        loop {
            let url = self.url(id).await.map_err(Failure::Lasting)?;
            let printer = self.transport.printer();
            if printer.options().debug > 0 {
                printer.trace(&format!("> GET {} from byte {}", trace::url(&url), range.0));
            }
            match Connection::open(&self.client, &url, id, range, known).await {
                Err(Failure::Passing(why)) => self.pause(id, attempts, why).await?,
                Err(Failure::Expired(why)) => {
                    // Unless another connection has had a new one meanwhile.
                    self.known.borrow_mut().retain(|(_, known)| *known != url);
                    attempts.refused(why)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Waits a little after trouble, or gives up.
    async fn pause(&self, id: &str, attempts: &mut Attempts, why: Error) -> Result<(), Failure> {
        let printer = self.transport.printer();
        if printer.options().debug > 0 {
            printer.trace(&format!("* {id}: {}", why.message()));
        }
        let pause = attempts.broke(why)?;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// How often it went wrong since the last byte.
#[derive(Default)]
struct Attempts {
    broken: u32,
    refused: u32,
}

impl Attempts {
    fn progressed(&mut self) {
        *self = Self::default();
    }

    fn broke(&mut self, why: Error) -> Result<Duration, Failure> {
        if self.broken == MOST_BREAKS {
            return Err(Failure::Lasting(why));
        }
        let longest = (FIRST_PAUSE * 2_u32.pow(self.broken)).min(LONGEST_PAUSE);
        self.broken += 1;
        Ok(longest.mul_f64(fastrand::f64()))
    }

    fn refused(&mut self, why: Error) -> Result<(), Failure> {
        self.refused += 1;
        if self.refused > MOST_REFUSALS { Err(Failure::Lasting(why)) } else { Ok(()) }
    }
}

/// An address that may be asked: from the network, https; plain http only on this machine and only when the API is
/// there as well.
fn checked(text: &str, loopback_api: bool) -> Result<Url> {
    let refused = |why: &str| {
        Err(Error::new(Kind::BadReply, "the API gave an address for the file that is not asked").cause(why))
    };
    match Url::parse(text) {
        Ok(url) if url.scheme() == "https" && (loopback_api || !is_loopback(&url)) => Ok(url),
        Ok(url) if url.scheme() == "http" && loopback_api && is_loopback(&url) => Ok(url),
        Ok(url) => refused(&format!("it leads to {}://{}", url.scheme(), url.host_str().unwrap_or_default())),
        Err(error) => refused(&error.to_string()),
    }
}

/// The bar on a terminal, or lines in a log.
struct Gauge<'c> {
    printer: &'c Printer,
    label: &'c str,
    total: Option<u64>,
    drawing: Option<Drawing<'c>>,
    began: Instant,
    logged: Cell<Instant>,
    /// What was there when this run began, in bytes.
    before: u64,
}

impl<'c> Gauge<'c> {
    fn start(printer: &'c Printer, order: &'c DownloadOrder, before: u64) -> Self {
        let drawing = printer.byte_bar(order.total, before, &order.label);
        let began = Instant::now();
        let size = order.total.map(|total| format!(", {}", bytes(total))).unwrap_or_default();
        let files = plural(order.segments.len() as u64, "file", "files");
        if before > 0 {
            printer.progress(&format!(
                "{}: going on where it was left, {} are there{size}",
                order.label,
                bytes(before)
            ));
        } else if drawing.is_none() {
            printer.progress(&format!("{}: {files}{size}", order.label));
        }
        Self { printer, label: &order.label, total: order.total, drawing, began, logged: Cell::new(began), before }
    }

    fn show(&self, done: u64) {
        if let Some(drawing) = &self.drawing {
            drawing.position(done);
        } else if self.logged.get().elapsed() >= LOG_PAUSE {
            self.logged.set(Instant::now());
            let rate = bytes(self.rate(done));
            let far = match self.total {
                Some(total) if total > 0 => format!("{} %", done.saturating_mul(100) / total),
                _ => bytes(done),
            };
            self.printer.progress(&format!("{}: {far}, {rate}/s", self.label));
        }
    }

    /// Bytes a second, of this run.
    fn rate(&self, done: u64) -> u64 {
        let milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        done.saturating_sub(self.before).saturating_mul(1000) / milliseconds
    }

    fn finish(mut self, done: u64) {
        drop(self.drawing.take());
        let took = elapsed(self.began.elapsed());
        self.printer.progress(&format!("{}: {} in {took}, {}/s", self.label, bytes(done), bytes(self.rate(done))));
    }
}

/// Checks that what came is as long as was announced.
fn check_size(order: &DownloadOrder, done: u64) -> Result<()> {
    match order.total {
        Some(total) if total != done => {
            Err(Error::new(Kind::BadReply, format!("{} is {done} bytes long, not {total} as announced", order.label))
                .cause("the backup is not whole, or its size was recorded wrongly"))
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
    fn files_come_by_https_or_from_this_machine_to_itself() {
        for (address, loopback_api, good) in [
            ("https://bucket.s3.amazonaws.com/f.tar?Signature=x", false, true),
            ("http://bucket.s3.amazonaws.com/f.tar", false, false),
            ("http://127.0.0.1:80/f.tar", false, false),
            ("https://127.0.0.1/f.tar", false, false),
            ("http://127.0.0.1:80/f.tar", true, true),
            ("file:///etc/passwd", true, false),
            ("not an address", true, false),
        ] {
            assert_eq!(checked(address, loopback_api).is_ok(), good, "{address}");
        }
    }

    #[test]
    fn patience_ends_after_half_a_minute_without_a_byte() {
        let mut attempts = Attempts::default();
        let why = || Error::new(Kind::Unavailable, "broke off");
        let mut longest = Duration::ZERO;
        while let Ok(pause) = attempts.broke(why()) {
            longest += (FIRST_PAUSE * 2_u32.pow(attempts.broken - 1)).min(LONGEST_PAUSE);
            assert!(pause <= LONGEST_PAUSE);
        }
        assert!((Duration::from_secs(20)..Duration::from_secs(60)).contains(&longest), "{longest:?}");
        attempts.progressed();
        assert!(attempts.broke(why()).is_ok());
        for _ in 0..MOST_REFUSALS {
            assert!(attempts.refused(why()).is_ok());
        }
        assert!(attempts.refused(why()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_the_address_is_only_https_leaves_this_machine(
            text in text_from(&["https", "http", "file", "://", ":", "/", "@", "127.0.0.1", "localhost", "[::1]", "evil.example", "%00", "?", "\\"]),
            loopback_api in any::<bool>(),
        ) {
            if let Ok(url) = checked(&text, loopback_api) {
                prop_assert!(url.scheme() == "https" || (loopback_api && is_loopback(&url)), "{}", url);
                prop_assert!(loopback_api || !is_loopback(&url), "{}", url);
            }
        }
    }
}
