//! Errors of the transport: no connection, no reply, or an unreadable reply.
//!
//! What an error status means is defined for each API.

use std::error::Error as _;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::request::Request;
use super::response::Response;
use super::tls::NO_ROOTS;
use crate::error::{Error, FailedRequest, Kind};
use crate::text::sanitize::excerpt;

/// Words that occur next to secrets in replies.
const SECRET_MARKS: [&str; 4] = ["is_password", "private_key", "token", "public_url"];
/// Keys that say that another value of the same object is a secret, or that hold several.
const SECRET_MARKS_OF_ITEMS: [&str; 3] = ["is_password", "sensitive", "Env"];
/// Maximum size of a body that is parsed only to be quoted, in bytes.
const MAX_PARSED: usize = 64 * 1024;
/// How rustls begins the error for an untrusted certificate.
const BAD_CERTIFICATE: &str = "invalid peer certificate";
/// Maximum length of a quote from a body that is not JSON, in characters.
const QUOTED: usize = 200;

/// Why a request got no complete reply.
#[derive(Debug)]
pub(super) enum LostReply {
    /// No connection, or one that broke or timed out.
    Http(reqwest::Error),
    /// A body that cannot be decompressed.
    Garbled(String),
}

impl LostReply {
    /// Whether there was no connection, so that the server cannot have seen the request.
    pub(super) fn is_connect(&self) -> bool {
        matches!(self, Self::Http(error) if error.is_connect())
    }

    /// Whether the connection failed because the server's certificate is untrusted, or no root certificate was found.
    pub(super) fn is_untrusted_certificate(&self) -> bool {
        matches!(self, Self::Http(error) if is_untrusted_certificate(error))
    }
}

/// Adds the hint for a write whose outcome is unknown.
pub(crate) fn uncertain_outcome(request: &Request, error: Error) -> Error {
    if request.method.is_read() {
        return error.hint("try again later");
    }
    error.maybe_done()
}

/// The same for an invalid reply: a read can be repeated, but a write may have been done.
pub(crate) fn maybe_done_unless_read(request: &Request, error: Error) -> Error {
    if request.method.is_read() { error } else { error.maybe_done() }
}

/// The error for a request without a reply; `issuer` is the issuer of the server's certificate, if it presented one.
pub(super) fn from_transport(request: &Request, host: &str, issuer: Option<&str>, lost: &LostReply) -> Error {
    let what = request.describe();
    let (kind, reason, cause) = match lost {
        LostReply::Http(error) if error.is_connect() => {
            return connect_error(host, issuer, error).with_request(failed_request(request, None));
        }
        LostReply::Http(error) if error.is_timeout() => (Kind::TimedOut, "timed out", causes(error)),
        LostReply::Http(error) => (Kind::Unavailable, "connection closed", causes(error)),
        LostReply::Garbled(why) => {
            (Kind::Unavailable, "decompression failed", format!("cannot decompress the reply: {why}"))
        }
    };
    let so = if request.method.is_read() { "" } else { "; the request may have been done" };
    let result = uncertain_outcome(
        request,
        Error::new(kind, format!("{reason} before the reply to {what} was complete{so}")).cause(cause),
    );
    result.with_request(failed_request(request, None))
}

/// Whether the connection failed because the server's certificate is untrusted, or no root certificate was found.
pub(crate) fn is_untrusted_certificate(error: &reqwest::Error) -> bool {
    let causes = causes(error);
    error.is_connect() && [BAD_CERTIFICATE, NO_ROOTS].iter().any(|words| causes.contains(words))
}

/// The error for a failed connection, with a hint that depends on its cause.
pub(crate) fn connect_error(host: &str, issuer: Option<&str>, error: &reqwest::Error) -> Error {
    let causes = causes(error);
    let has = |words: &[&str]| words.iter().any(|word| causes.to_lowercase().contains(word));
    let error = Error::new(Kind::Unavailable, format!("cannot connect to {host}"));
    if causes.contains(BAD_CERTIFICATE) {
        let hint = if has(&["not valid for name"]) {
            "check api_url: c66 config list --show-origin"
        } else if has(&["expired", "not valid yet"]) {
            "check the clock of this machine; if it is right, the certificate must be renewed"
        } else {
            "pass --ca-cert FILE to trust another certificate authority (or C66_CA_CERT, or c66 config set ca_cert)"
        };
        let whose = issuer.map(|issuer| format!("\nthe certificate was issued by {issuer}")).unwrap_or_default();
        return error.cause(format!("{causes}{whose}")).hint(hint);
    }
    if let Some(at) = causes.find(NO_ROOTS) {
        return error
            .cause(&causes[at..])
            .hint("install ca-certificates, or set SSL_CERT_FILE to a PEM bundle")
            .hint("pass --ca-cert FILE to trust a certificate authority (or C66_CA_CERT, or c66 config set ca_cert)");
    }
    let hint = if has(&["tls", "handshake", "corrupt message"]) {
        "check that api_url supports https: c66 config list --show-origin"
    } else {
        "check the network, the proxy variables, and api_url (c66 config list --show-origin)"
    };
    error.cause(causes).hint(hint).hint("c66 doctor")
}

/// The error for a successful reply that is not of the documented form.
pub(crate) fn bad_reply(request: &Request, response: &Response, problem: impl std::fmt::Display) -> Error {
    let text = String::from_utf8_lossy(&response.body);
    let is_json = serde_json::from_slice::<IgnoredAny>(&response.body).is_ok();
    // Truncated JSON cannot be redacted.
    let quoted = if !is_json && SECRET_MARKS.iter().any(|mark| text.contains(mark)) {
        hidden(&response.body)
    } else {
        quote(&response.body, &request.secrets, QUOTED)
    };
    let quoted = if quoted.is_empty() { "(an empty body)".to_owned() } else { quoted };
    let what = request.describe();
    let so = if request.method.is_read() { "" } else { "; the request may have been done" };
    let error = Error::new(Kind::BadReply, format!("invalid reply to {what}: {problem}{so}"))
        .cause(quoted)
        .hint("check api_url: c66 config list --show-origin")
        .with_request(failed_request(request, Some(response.status)));
    maybe_done_unless_read(request, error)
}

/// The beginning of a body, redacted by key if it is JSON. JSON that is broken or long cannot be redacted, and is not
/// quoted if it has the key of a secret.
pub(crate) fn quote(body: &[u8], secrets: &[&str], most: usize) -> String {
    if body.len() <= MAX_PARSED
        && let Ok(mut value) = serde_json::from_slice::<Value>(body)
    {
        super::trace::mask(&mut value, secrets);
        return excerpt(&value.to_string(), most);
    }
    let text = String::from_utf8_lossy(body);
    let mut key = "";
    let has_secret_key = text.split('"').any(|piece| {
        let is_key = piece.trim_start().starts_with(':');
        let known = std::mem::replace(&mut key, piece);
        is_key && (super::trace::is_secret(known, secrets) || SECRET_MARKS_OF_ITEMS.contains(&known))
    });
    if has_secret_key { hidden(body) } else { excerpt(&text, most) }
}

/// Stands for a body that is not quoted.
fn hidden(body: &[u8]) -> String {
    format!("({} bytes, hidden: may contain secrets)", body.len())
}

/// The error for a reply beyond a limit; `why` completes the sentence.
pub(crate) fn response_too_large(request: &Request, status: u16, why: &str) -> Error {
    let error = Error::new(Kind::BadReply, format!("the reply to {} {why}", request.describe()));
    maybe_done_unless_read(request, error).with_request(failed_request(request, Some(status)))
}

/// The request of an error.
pub(crate) fn failed_request(request: &Request, status: Option<u16>) -> FailedRequest {
    FailedRequest { request: request.describe(), status, request_id: Some(request.id.clone()) }
}

/// The innermost causes: reqwest's own message only repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        source = cause.source();
    }
    parts.retain(|part| part != "client error (Connect)" && part != "client error (SendRequest)");
    if parts.is_empty() { error.to_string() } else { excerpt(&parts.join(": "), 500) }
}
