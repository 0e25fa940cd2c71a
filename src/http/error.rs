//! Errors of the transport: no connection, no reply, or a reply that cannot be read.
//!
//! What a status means is for each API to say.

use std::error::Error as _;

use serde_json::Value;

use super::request::Request;
use super::response::Response;
use super::tls::NO_ROOTS;
use crate::error::{Error, FailedRequest, Kind};
use crate::text::sanitize::excerpt;

/// What stands beside secrets in replies.
const SECRET_MARKS: [&str; 4] = ["is_password", "private_key", "token", "public_url"];
/// How rustls begins when it does not trust a certificate.
const BAD_CERTIFICATE: &str = "invalid peer certificate";
/// Most characters quoted of a body that is not JSON.
const QUOTED: usize = 200;

/// Why a request got no reply, or none that could be read to its end.
#[derive(Debug)]
pub(super) enum LostReply {
    /// No connection, or one that broke or took too long.
    Http(reqwest::Error),
    /// A body that cannot be unpacked.
    Garbled(String),
}

impl LostReply {
    /// Whether no connection was made, so that the server cannot have seen the request.
    pub(super) fn is_connect(&self) -> bool {
        matches!(self, Self::Http(error) if error.is_connect())
    }

    /// Whether no connection was made because the server's certificate is not to be trusted, or none could be.
    pub(super) fn is_untrusted_certificate(&self) -> bool {
        matches!(self, Self::Http(error) if is_untrusted_certificate(error))
    }
}

/// What to do when nobody knows whether the server did it.
pub(crate) fn uncertain_outcome(request: &Request, error: Error) -> Error {
    if request.method.is_read() {
        return error.hint("try again in a while");
    }
    error.maybe_done()
}

/// The same for a reply that is wrong in itself: a read that gets one may be told why, and a write may have been done.
pub(crate) fn maybe_done_unless_read(request: &Request, error: Error) -> Error {
    if request.method.is_read() { error } else { error.maybe_done() }
}

/// The error for a request that got no reply; `issuer` is whose certificate the server presented, if it did.
pub(super) fn from_transport(request: &Request, host: &str, issuer: Option<&str>, lost: &LostReply) -> Error {
    let what = request.describe();
    let (kind, reason, cause) = match lost {
        LostReply::Http(error) if error.is_connect() => {
            return connect_error(host, issuer, error).with_request(failed_request(request, None));
        }
        LostReply::Http(error) if error.is_timeout() => (Kind::TimedOut, "came in time", causes(error)),
        LostReply::Http(error) => (Kind::Unavailable, "came whole", causes(error)),
        LostReply::Garbled(why) => (Kind::Unavailable, "came whole", format!("it cannot be decompressed: {why}")),
    };
    let so = if request.method.is_read() { "" } else { ": the server may have done it" };
    let result = uncertain_outcome(request, Error::new(kind, format!("no reply to {what} {reason}{so}")).cause(cause));
    result.with_request(failed_request(request, None))
}

/// Whether no connection was made because the server's certificate is not to be trusted, or none could be.
pub(crate) fn is_untrusted_certificate(error: &reqwest::Error) -> bool {
    let causes = causes(error);
    error.is_connect() && [BAD_CERTIFICATE, NO_ROOTS].iter().any(|words| causes.contains(words))
}

/// The error for a connection that was not made, with what mends it.
pub(crate) fn connect_error(host: &str, issuer: Option<&str>, error: &reqwest::Error) -> Error {
    let causes = causes(error);
    let has = |words: &[&str]| words.iter().any(|word| causes.to_lowercase().contains(word));
    let error = Error::new(Kind::Unavailable, format!("cannot connect to {host}"));
    if causes.contains(BAD_CERTIFICATE) {
        let hint = if has(&["not valid for name"]) {
            "is api_url the right address? c66 config list --show-origin"
        } else if has(&["expired", "not valid yet"]) {
            "is the clock of this machine right? Otherwise its owner must renew the certificate"
        } else {
            "--ca-cert FILE trusts a further certificate authority (PEM); so do C66_CA_CERT and c66 config set ca_cert"
        };
        let whose = issuer.map(|issuer| format!("\nthe certificate was issued by {issuer}")).unwrap_or_default();
        return error.cause(format!("{causes}{whose}")).hint(hint);
    }
    if let Some(at) = causes.find(NO_ROOTS) {
        return error
            .cause(&causes[at..])
            .hint("install ca-certificates, or let SSL_CERT_FILE name a bundle of them (PEM)")
            .hint("--ca-cert FILE trusts a certificate authority; so do C66_CA_CERT and c66 config set ca_cert");
    }
    let hint = if has(&["tls", "handshake", "corrupt message"]) {
        "does this address speak https? c66 config list --show-origin tells where api_url comes from"
    } else {
        "check the network, the proxy variables, and api_url (c66 config list --show-origin)"
    };
    error.cause(causes).hint(hint).hint("c66 doctor")
}

/// The error for a good reply that is not of the documented form.
pub(crate) fn bad_reply(request: &Request, response: &Response, problem: impl std::fmt::Display) -> Error {
    let quoted = if let Ok(mut value) = serde_json::from_slice::<Value>(&response.body) {
        super::trace::mask(&mut value, &request.secrets);
        excerpt(&value.to_string(), QUOTED)
    } else {
        let text = String::from_utf8_lossy(&response.body);
        // JSON that was cut off cannot be cleared of its secrets.
        if SECRET_MARKS.iter().any(|mark| text.contains(mark)) {
            format!("({} bytes that may hold secrets)", response.body.len())
        } else {
            excerpt(&text, QUOTED)
        }
    };
    let quoted = if quoted.is_empty() { "(an empty body)".to_owned() } else { quoted };
    let what = request.describe();
    let so = if request.method.is_read() { "" } else { "; the server may have done it" };
    let error = Error::new(Kind::BadReply, format!("the reply to {what} is not what it should be: {problem}{so}"))
        .cause(quoted)
        .hint("is api_url the address of the API? c66 config list --show-origin")
        .with_request(failed_request(request, Some(response.status)));
    maybe_done_unless_read(request, error)
}

/// The error for a reply without measure; `why` goes on with the sentence.
pub(crate) fn response_too_large(request: &Request, status: u16, why: &str) -> Error {
    let error = Error::new(Kind::BadReply, format!("the reply to {} {why}", request.describe()));
    maybe_done_unless_read(request, error).with_request(failed_request(request, Some(status)))
}

/// The request an error is about.
pub(crate) fn failed_request(request: &Request, status: Option<u16>) -> FailedRequest {
    FailedRequest { request: request.describe(), status, request_id: Some(request.id.clone()) }
}

/// The innermost causes: what reqwest itself says repeats the URL and nothing else.
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
