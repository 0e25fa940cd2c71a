//! Downloads: the segments of a backup, in order, as one whole file.
//!
//! A segment that breaks off goes on from where it was. What is written goes to `NAME.part` and gets its name when it
//! is whole and on disk.

pub mod segment;
pub mod sink;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Url;

use self::segment::{Outcome, Segment};
use self::sink::Sink;
use crate::error::{Error, Kind, Result};
use crate::http::client::{Use, client};
use crate::http::{Transport, is_loopback, trace};
use crate::output::words::{bytes, elapsed, plural};

/// How often a segment may break off without a single byte having come.
const MOST_BREAKS: u32 = 5;
/// In a log, the time between two lines.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// What is to be downloaded.
pub struct Order<'o> {
    /// What it is called.
    pub label: String,
    /// The segments, in their order.
    pub segments: &'o [String],
    /// Size of all of them together in bytes, where it is known.
    pub total: Option<u64>,
}

/// Downloads all segments into `sink`, one after the other. `address` gives the signed address of a segment; it is
/// asked again when an address has expired.
///
/// Gives the number of bytes.
///
/// # Errors
/// A segment cannot be had whole, its size is not what was announced, or the sink cannot take it.
pub async fn download<F>(
    transport: &Transport,
    order: &Order<'_>,
    sink: &mut Sink<'_>,
    address: impl Fn(String) -> F,
) -> Result<u64>
where
    F: Future<Output = Result<String>>,
{
    let console = transport.console();
    let loopback_api = is_loopback(transport.root());
    let began = Instant::now();
    let drawing = console.byte_bar(order.total, &order.label);
    if drawing.is_none() {
        let size = order.total.map(|total| format!(", {}", bytes(total))).unwrap_or_default();
        let files = plural(order.segments.len() as u64, "file", "files");
        console.progress(&format!("{}: {files}{size}", order.label));
    }
    let client = client(transport.options(), loopback_api, Use::Downloads, Arc::default())?;
    let mut done: u64 = 0;
    let mut logged = began;
    for id in order.segments {
        let mut segment = Segment::new(id);
        let mut breaks = 0;
        loop {
            let url = checked(&address(id.clone()).await?, loopback_api)?;
            if console.manner().debug > 0 {
                console.trace(&format!("> GET {} from byte {}", trace::url(&url), segment.position()));
            }
            let before = segment.position();
            let outcome = segment
                .fetch(&client, &url, sink, |more| {
                    done += more;
                    if let Some(drawing) = &drawing {
                        drawing.position(done);
                    } else if let Some(total) = order.total.filter(|total| *total > 0)
                        && logged.elapsed() >= LOG_PAUSE
                    {
                        logged = Instant::now();
                        console.progress(&format!("{}: {} %", order.label, done * 100 / total));
                    }
                })
                .await?;
            match outcome {
                Outcome::Whole => break,
                Outcome::Broken(why) => {
                    breaks = if segment.position() > before { 1 } else { breaks + 1 };
                    if breaks > MOST_BREAKS {
                        return Err(why);
                    }
                    if console.manner().debug > 0 {
                        console.trace(&format!("* {id} at byte {}: {}", segment.position(), why.message()));
                    }
                    let pause = Duration::from_millis(250) * 2_u32.pow(breaks - 1);
                    tokio::time::sleep(pause.mul_f64(fastrand::f64())).await;
                }
            }
        }
    }
    drop(drawing);
    if let Some(total) = order.total.filter(|total| *total != done) {
        return Err(Error::new(
            Kind::BadReply,
            format!("{} is {done} bytes long, not {total} as announced", order.label),
        )
        .cause("the backup is not whole, or its size was recorded wrongly"));
    }
    console.progress(&format!("{}: {} in {}", order.label, bytes(done), elapsed(began.elapsed())));
    Ok(done)
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

#[cfg(test)]
mod tests {
    use super::checked;

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
}
