//! A download as a stream: the segments one after the other, each byte handed on as it comes, in constant memory.

use std::future::Future;

use hyper::body::Bytes;

use crate::download::connection::{Failure, broken};
use crate::download::plan::Version;
use crate::download::{Attempts, DownloadOrder, Gauge, Source, check_size};
use crate::error::{Error, Kind, Result};
use crate::http::Transport;

/// Hands all bytes of `order` to `take`, in their order, and gives their number. `address` gives the signed address
/// of a segment.
pub(crate) async fn download<F>(
    transport: &Transport,
    order: &DownloadOrder,
    address: impl Fn(String) -> F,
    mut take: impl AsyncFnMut(Bytes) -> Result<()>,
) -> Result<u64>
where
    F: Future<Output = Result<String>>,
{
    let source = Source::new(transport, address)?;
    let gauge = Gauge::start(transport.printer(), order, 0);
    let mut done = 0;
    for id in &order.segments {
        let mut known: Option<Version> = None;
        let mut at = 0;
        let mut attempts = Attempts::default();
        'segment: loop {
            let mut connection = source
                .open(id, (at, None), known.as_ref(), &mut attempts)
                .await
                .map_err(|failure| ended(failure, id))?;
            let length = connection.version.length;
            known.get_or_insert_with(|| connection.version.clone());
            loop {
                let why = match connection.read(at).await {
                    Ok(Some(chunk)) => {
                        attempts.progressed();
                        at += chunk.len() as u64;
                        take(chunk).await?;
                        gauge.show(done + at);
                        continue;
                    }
                    Ok(None) if length.is_none_or(|length| at >= length) => break 'segment,
                    Ok(None) => broken(id, at, "the server ended it early"),
                    Err(Failure::Passing(why)) => why,
                    Err(failure) => return Err(ended(failure, id)),
                };
                source.pause(id, &mut attempts, why).await.map_err(|failure| ended(failure, id))?;
                break;
            }
        }
        done += at;
    }
    gauge.finish(done);
    check_size(order, done)?;
    Ok(done)
}

fn ended(failure: Failure, id: &str) -> Error {
    match failure {
        Failure::Passing(error) | Failure::Expired(error) | Failure::Lasting(error) => error,
        Failure::Changed => Error::new(Kind::BadReply, format!("{id} changed while it was downloaded"))
            .hint("what has gone out cannot be taken back: start again"),
    }
}
