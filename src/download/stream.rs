//! Downloads as a stream: the segments in order, each byte passed on as it arrives, in constant memory.

use std::future::Future;

use hyper::body::Bytes;

use crate::download::connection::{FetchError, broke_off};
use crate::download::plan::ContentVersion;
use crate::download::{Attempts, DownloadOrder, DownloadProgress, SegmentSource, check_not_larger, check_size};
use crate::error::{Error, Kind, Result};
use crate::http::Transport;

/// Passes all bytes of `order` to `take`, in order, and returns their number. `signed_url` gives the signed URL of a
/// segment.
pub(crate) async fn download<F>(
    transport: &Transport,
    order: &DownloadOrder,
    signed_url: impl Fn(String) -> F,
    mut take: impl AsyncFnMut(Bytes) -> Result<()>,
) -> Result<u64>
where
    F: Future<Output = Result<String>>,
{
    let source = SegmentSource::new(transport, signed_url)?;
    let progress = DownloadProgress::start(transport.printer(), order, 0);
    let mut done = 0;
    for id in &order.segments {
        let mut known: Option<ContentVersion> = None;
        let mut at = 0;
        let mut attempts = Attempts::default();
        'segment: loop {
            let mut connection = source
                .open(id, (at, None), known.as_ref(), &mut attempts)
                .await
                .map_err(|failure| ended(failure, id))?;
            let version = known.get_or_insert_with(|| connection.version.clone());
            let length = version.length.or(connection.version.length);
            loop {
                let why = match connection.read(at).await {
                    Ok(Some(chunk)) => {
                        attempts.reset();
                        at += chunk.len() as u64;
                        check_not_larger(order, done + at)?;
                        progress.add_bytes(chunk.len())?;
                        take(chunk).await?;
                        progress.leave_out_time();
                        progress.show(done + at);
                        continue;
                    }
                    Ok(None) if length.is_none_or(|length| at >= length) => break 'segment,
                    Ok(None) => broke_off(id, at, "the server closed the connection early"),
                    // The file is complete, however the connection ended.
                    Err(FetchError::Transient(_)) if length == Some(at) => break 'segment,
                    Err(FetchError::Transient(why)) => why,
                    Err(failure) => return Err(ended(failure, id)),
                };
                source.pause(id, &mut attempts, why).await.map_err(|failure| ended(failure, id))?;
                break;
            }
        }
        done += at;
    }
    progress.finish(done);
    check_size(order, done)?;
    Ok(done)
}

fn ended(failure: FetchError, id: &str) -> Error {
    match failure {
        FetchError::Transient(error) | FetchError::UrlExpired(error) | FetchError::Permanent(error) => error,
        FetchError::ContentChanged => Error::new(Kind::BadReply, format!("{id} changed while it was downloaded"))
            .hint("part of the output is already written: start again"),
    }
}
