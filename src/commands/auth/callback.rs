//! The address on this machine to which the browser brings the answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::text::sanitize::excerpt;

const PATH: &str = "/callback";
/// The longest head of a request that is read, in bytes.
const HEAD_LIMIT: u64 = 64 * 1024;
/// How long a browser that has said something may take to say the rest.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// Most characters quoted of the server's reason.
const QUOTED: usize = 200;

/// A listener for one answer.
pub(super) struct CallbackListener {
    listener: TcpListener,
    address: SocketAddr,
}

/// What a request to the listener was.
enum CallbackRequest {
    /// The answer: a code, or the word for a failure with the reason.
    Redirect(Result<String, (String, String)>),
    /// An answer to somebody else's question.
    WrongState,
    /// Anything else that a browser may want.
    Other,
}

impl CallbackListener {
    /// Listens on `port` of 127.0.0.1; 0 is any free one.
    pub(super) async fn bind(port: u16) -> Result<Self> {
        let cannot = |error: std::io::Error| {
            Error::new(Kind::Unavailable, format!("cannot listen on port {port} of 127.0.0.1"))
                .cause(error.to_string())
                .hint("--redirect-port takes another, --oob needs none")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// The redirect URI.
    pub(super) fn address(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Waits for the answer that has `state`, and gives its code.
    pub(super) async fn code(self, printer: &Printer, state: &str, limit: Duration) -> Result<String> {
        let spinner = printer.spinner("waiting for the answer of the browser");
        let redirect = self.wait_for_redirect(printer, state);
        let outcome = if limit.is_zero() { Ok(redirect.await) } else { tokio::time::timeout(limit, redirect).await };
        drop(spinner);
        match outcome {
            Err(_) => Err(Error::new(Kind::TimedOut, format!("no answer came from the browser within {limit:?}"))
                .hint("--timeout DURATION waits longer; --oob takes the code by hand")),
            Ok(Ok(code)) => Ok(code),
            Ok(Err((word, why))) => {
                let kind = if word == "access_denied" { Kind::Cancelled } else { Kind::Refused };
                let said = if why.is_empty() { word } else { why };
                Err(Error::new(kind, format!("no access was given: {}", excerpt(&said, QUOTED))))
            }
        }
    }

    async fn wait_for_redirect(&self, printer: &Printer, state: &str) -> Result<String, (String, String)> {
        // A browser opens connections that it never uses: none may hold up the others.
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
                        printer.warn("an answer came that nobody had asked for, with the wrong state; it does not count");
                    }
                    _ => {}
                },
            }
        }
    }
}

/// Reads a request, tells the browser how it was taken, and gives what it was; nothing where there was none.
async fn receive(stream: TcpStream, state: &str) -> Option<CallbackRequest> {
    let mut stream = BufReader::new(stream);
    let mut head = (&mut stream).take(HEAD_LIMIT);
    let mut first = String::new();
    head.read_line(&mut first).await.ok()?;
    let mut line = String::new();
    // What is left unread when a connection is closed can cost the browser the reply.
    while head.read_line(&mut line).await.ok()? > 2 {
        line.clear();
    }
    let visit = parse_request(&first, state);
    let (status, said) = match &visit {
        CallbackRequest::Redirect(Ok(_)) => ("200 OK", "c66 has the answer. You can close this window."),
        CallbackRequest::Redirect(Err(_)) => ("200 OK", "No access was given. You can close this window."),
        CallbackRequest::WrongState => ("400 Bad Request", "This is not the answer to what c66 has asked."),
        CallbackRequest::Other => ("404 Not Found", "There is nothing here."),
    };
    let page = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\"><title>c66</title>\n<p>{said}</p>\n");
    let reply = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    // The answer counts, whether the browser still listens or not.
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
