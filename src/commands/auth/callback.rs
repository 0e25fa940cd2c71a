//! The local address to which the browser brings the answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::text::sanitize::excerpt;

const PATH: &str = "/callback";
/// Maximum size of a request head, in bytes.
const HEAD_LIMIT: u64 = 64 * 1024;
/// How long a browser may take to complete a request.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Maximum length of the quoted reason, in characters.
const QUOTED: usize = 200;

/// A listener for one answer.
pub(super) struct CallbackListener {
    listener: TcpListener,
    address: SocketAddr,
}

/// A request to the listener.
enum CallbackRequest {
    /// The answer: a code, or the error word with its reason.
    Redirect(Result<String, (String, String)>),
    /// An answer to another request.
    WrongState,
    /// Anything else.
    Other,
}

impl CallbackListener {
    /// Listens on `port` of 127.0.0.1; 0 picks a free one.
    pub(super) async fn bind(port: u16) -> Result<Self> {
        let cannot = |error: std::io::Error| {
            Error::new(Kind::Unavailable, format!("cannot listen on port {port} of 127.0.0.1"))
                .cause(error.to_string())
                .hint("choose another with --redirect-port, or pass --oob")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// The redirect URI.
    pub(super) fn address(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Waits for the answer with `state`, and returns its code.
    pub(super) async fn code(self, printer: &Printer, state: &str, limit: Duration) -> Result<String> {
        let spinner = printer.spinner("waiting for the browser");
        let redirect = self.wait_for_redirect(printer, state);
        let outcome = if limit.is_zero() { Ok(redirect.await) } else { tokio::time::timeout(limit, redirect).await };
        drop(spinner);
        match outcome {
            Err(_) => Err(Error::new(Kind::TimedOut, format!("no answer from the browser within {limit:?}"))
                .hint("pass --timeout to wait longer, or --oob to paste the code")),
            Ok(Ok(code)) => Ok(code),
            Ok(Err((word, why))) => {
                let kind = if word == "access_denied" { Kind::Cancelled } else { Kind::Refused };
                let said = if why.is_empty() { word } else { why };
                Err(Error::new(kind, format!("access denied: {}", excerpt(&said, QUOTED))))
            }
        }
    }

    async fn wait_for_redirect(&self, printer: &Printer, state: &str) -> Result<String, (String, String)> {
        // Browsers open connections that they never use: none may block the others.
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                Ok((stream, _)) = self.listener.accept() => {
                    let state = state.to_owned();
                    visits.spawn(async move {
                        tokio::time::timeout(READ_LIMIT, receive(stream, &state)).await.ok().flatten()
                    });
                }
                Some(visit) = visits.join_next() => match visit {
                    Ok(Some(CallbackRequest::Redirect(answer))) => return answer,
                    Ok(Some(CallbackRequest::WrongState)) => {
                        printer.warn("ignored an answer with the wrong state");
                    }
                    _ => {}
                },
            }
        }
    }
}

/// Reads and answers a request; returns `None` if there was none.
async fn receive(stream: TcpStream, state: &str) -> Option<CallbackRequest> {
    let mut stream = BufReader::new(stream);
    let mut head = (&mut stream).take(HEAD_LIMIT);
    let mut first = String::new();
    head.read_line(&mut first).await.ok()?;
    let mut line = String::new();
    // If a connection is closed with unread data, the browser may lose the reply.
    while head.read_line(&mut line).await.ok()? > 2 {
        line.clear();
    }
    let visit = parse_request(&first, state);
    let (status, said) = match &visit {
        CallbackRequest::Redirect(Ok(_)) => ("200 OK", "Logged in. You can close this window."),
        CallbackRequest::Redirect(Err(_)) => ("200 OK", "Access denied. You can close this window."),
        CallbackRequest::WrongState => ("400 Bad Request", "Invalid answer."),
        CallbackRequest::Other => ("404 Not Found", "Not found."),
    };
    let page = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\"><title>c66</title>\n<p>{said}</p>\n");
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The answer counts even if the browser no longer listens.
    let _ = stream.write_all(reply.as_bytes()).await;
    let _ = stream.shutdown().await;
    Some(visit)
}

fn parse_request(line: &str, state: &str) -> CallbackRequest {
    let mut words = line.split_whitespace();
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else { return CallbackRequest::Other };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return CallbackRequest::Other;
    }
    let field = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    if field("state").as_deref() != Some(state) {
        return CallbackRequest::WrongState;
    }
    match (field("error"), field("code").filter(|code| !code.is_empty())) {
        (Some(word), _) => CallbackRequest::Redirect(Err((word, field("error_description").unwrap_or_default()))),
        (None, Some(code)) => CallbackRequest::Redirect(Ok(code)),
        (None, None) => CallbackRequest::Other,
    }
}
