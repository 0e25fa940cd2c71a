//! The HTTP client and the addresses it may talk to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Url, redirect};
use rustls::ClientConfig;

use super::tls::{self, LastIssuer};
use crate::error::{Error, Kind, Result};

/// Maximum number of redirects.
pub(super) const MAX_REDIRECTS: usize = 5;

/// The connection options that a user can set.
#[derive(Clone, Debug)]
pub(crate) struct HttpOptions {
    /// Connection timeout.
    pub(crate) connect_timeout: Duration,
    /// Timeout for each reply of the API.
    pub(crate) http_timeout: Duration,
    /// A file with additional certificate authorities.
    pub(crate) ca_cert: Option<PathBuf>,
    /// Whether the environment sets the trusted roots (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
    pub(crate) roots_from_env: bool,
    /// Whether to wait for the next hour at the request limit.
    pub(crate) wait_if_throttled: bool,
    /// The setting that refuses writes, such as `C66_READ_ONLY`, if there is one.
    pub(crate) read_only: Option<String>,
    /// Maximum number of parallel requests.
    pub(crate) concurrency: usize,
}

/// What a client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reads: each redirect is checked before it is followed.
    Reads,
    /// Writes: the same, each on a new connection. On a used one, an unsolicited reply may be in flight, and would be
    /// taken for the reply to the write.
    Writes,
    /// Downloads from any host: bytes unchanged; no secret is sent, so redirects are followed.
    Downloads,
}

/// A client without credentials. `loopback` means that it talks to this machine; `last_issuer` records the issuer of
/// each certificate.
pub(crate) fn build_client(
    options: &HttpOptions,
    loopback: bool,
    purpose: Purpose,
    last_issuer: Arc<LastIssuer>,
) -> Result<reqwest::Client> {
    let tls = tls::tls_config(options.ca_cert.as_deref(), options.roots_from_env, last_issuer)?;
    build_client_over(tls, options, loopback, purpose)
}

/// The same over a shared TLS configuration, so that all clients use its certificates and sessions.
pub(super) fn build_client_over(
    tls: ClientConfig,
    options: &HttpOptions,
    loopback: bool,
    purpose: Purpose,
) -> Result<reqwest::Client> {
    let redirects = match purpose {
        Purpose::Reads | Purpose::Writes => redirect::Policy::none(),
        Purpose::Downloads => redirect::Policy::custom(move |attempt| {
            let safe = attempt.url().scheme() == "https" || (loopback && is_loopback(attempt.url()));
            if safe && attempt.previous().len() <= MAX_REDIRECTS { attempt.follow() } else { attempt.stop() }
        }),
    };
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(user_agent())
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.http_timeout)
        .redirect(redirects);
    if purpose == Purpose::Writes {
        builder = builder.pool_max_idle_per_host(0);
    }
    if loopback {
        // A proxy from the environment cannot reach the addresses of this machine.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(Kind::Unavailable, "cannot set up the HTTP client")
            .cause(error.to_string())
            .hint("check HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    })
}

/// Whether this address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// The proxy from the environment for this address, without its password; `None` for this machine.
pub(crate) fn proxy_of(url: &Url) -> Option<String> {
    let address = url.as_str().parse().ok()?;
    let proxy = Matcher::from_system().intercept(&address).filter(|_| !is_loopback(url))?;
    Some(proxy.uri().to_string())
}

/// Parses the address of an API.
pub(crate) fn parse_root(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        Error::usage(format!("invalid API address `{text}`: {why}"))
            .hint("expected a form such as https://app.cloud66.com; see c66 config list --show-origin")
    };
    let mut url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::usage("the API address must not contain a user or password"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("plain http would expose the token")),
        _ => return Err(wrong("it must begin with https://")),
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

pub(super) fn user_agent() -> String {
    format!("c66/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_text::text_from;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in
            ["https://app.cloud66.com/api/3", "http://127.0.0.1:8080/api/3", "http://[::1]:1/", "http://localhost"]
        {
            assert!(parse_root(good).is_ok(), "{good}");
        }
        for bad in
            ["http://app.cloud66.com", "http://127.0.0.1.evil.example", "ftp://x", "app.cloud66.com", "https://u:p@h/"]
        {
            assert!(parse_root(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_address_is_no_token_goes_out_in_the_clear(
            text in text_from(&["https", "http", "ftp", "://", ":", "/", "//", "@", "u:p@", "127.0.0.1", "localhost", "[::1]", "169.254.169.254", "evil.example", ".", "%00", "#", "?", "\\", "2130706433", "0x7f.1"])
        ) {
            if let Ok(url) = parse_root(&text) {
                prop_assert!(url.scheme() == "https" || is_loopback(&url), "{}", url);
                prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", url);
            }
        }
    }
}
