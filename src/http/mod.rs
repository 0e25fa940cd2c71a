//! Transport for both APIs: one request in, one reply or error out.
//!
//! It has the timeouts, the retries, the rate limit and the trace, and never sends a token to another origin. What a
//! path, a status or a body means is defined for each API.

mod body;
pub(crate) mod certificate;
pub(crate) mod client;
pub(crate) mod document;
pub(crate) mod endpoint;
pub(crate) mod error;
pub(crate) mod fields;
pub(crate) mod memory;
pub(crate) mod pagination;
pub(crate) mod rate_limit;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod retry;
pub(crate) mod tls;
pub(crate) mod trace;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::ClientConfig;
use tokio::time::Instant;

use self::body::{Body, Refused};
pub(crate) use self::client::{HttpOptions, is_loopback};
use self::client::{MAX_REDIRECTS, Purpose};
use self::endpoint::Method;
use self::error::LostReply;
pub(crate) use self::request::{Credential, Request};
pub(crate) use self::response::Response;
use self::retry::{RetryPolicy, RetryReason};
use self::tls::LastIssuer;
use crate::error::{Error, Kind, Result};
use crate::http::rate_limit::RateLimiter;
use crate::output::Printer;

/// What the transport needs to know about the API.
#[derive(Clone, Debug)]
pub(crate) struct ApiRules {
    /// Headers of every request.
    pub(crate) headers: HeaderMap,
    /// Whether a read may be redirected within the host.
    pub(crate) follows_redirects: bool,
    /// Why the request of a reply may be retried, if it may.
    pub(crate) retry_reason: fn(&Response) -> Option<RetryReason>,
}

/// A connection to one API: its root, the credential and the timeouts.
pub(crate) struct Transport {
    root: Url,
    rules: ApiRules,
    credential: Option<Credential>,
    options: HttpOptions,
    printer: Rc<Printer>,
    tls: OnceCell<ClientConfig>,
    /// The client for reads; replaced when its connections can no longer be trusted.
    reads: RefCell<Option<reqwest::Client>>,
    writes: OnceCell<reqwest::Client>,
    last_issuer: Arc<LastIssuer>,
    rate: RateLimiter,
    paced: Cell<bool>,
    /// The last write that was accepted.
    accepted: RefCell<Option<String>>,
}

impl Transport {
    /// A transport to `root`, the address of the API such as `https://app.cloud66.com/api/3`.
    ///
    /// Nothing is built or sent before the first request.
    pub(crate) fn new(
        root: &str,
        rules: ApiRules,
        credential: Option<Credential>,
        options: HttpOptions,
        printer: Rc<Printer>,
    ) -> Result<Self> {
        let root = client::parse_root(root)?;
        Ok(Self {
            root,
            rules,
            credential,
            options,
            printer,
            tls: OnceCell::new(),
            reads: RefCell::default(),
            writes: OnceCell::new(),
            last_issuer: Arc::default(),
            rate: RateLimiter::default(),
            paced: Cell::new(false),
            accepted: RefCell::default(),
        })
    }

    /// Makes further requests keep to the pace that the limit allows, and wait for the next hour if it is reached: for
    /// runs of many requests, of which none may fail at the limit.
    pub(crate) fn pace_requests(&self) {
        self.paced.set(true);
    }

    /// Method and path of the last write that was accepted, if any.
    pub(crate) fn last_accepted_write(&self) -> Option<String> {
        self.accepted.borrow().clone()
    }

    /// Address of the API.
    pub(crate) fn root(&self) -> &Url {
        &self.root
    }

    /// The request limit of the last reply that had one.
    pub(crate) fn rate_limiter(&self) -> &RateLimiter {
        &self.rate
    }

    /// The issuer of the certificate that the server presented last, if any.
    pub(crate) fn issuer(&self) -> Option<String> {
        self.last_issuer.issuer()
    }

    /// The connection options of the user.
    pub(crate) fn options(&self) -> &HttpOptions {
        &self.options
    }

    /// Both output streams.
    pub(crate) fn printer(&self) -> &Rc<Printer> {
        &self.printer
    }

    /// Full address of a request.
    pub(crate) fn url(&self, request: &Request) -> Result<Url> {
        let mut url = self.root.clone();
        let path = format!("{}{}", self.root.path().trim_end_matches('/'), request.path);
        url.set_path(&path);
        // The `url` crate folds dot segments, even escaped ones, and would then request another path.
        if url.path() != path {
            return Err(Error::usage(format!("invalid API path `{}`", request.path))
                .hint("a path segment of only dots is not allowed"));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }

    /// Refuses a write in read-only mode, before anything is sent.
    pub(crate) fn refuse_if_read_only(&self, request: &Request) -> Result<()> {
        match &self.options.read_only {
            Some(origin) if request.is_write => Err(Error::read_only(&request.describe(), origin)),
            _ => Ok(()),
        }
    }

    /// Sends a request, retries it where that is safe and may help, and returns the last reply, whatever its status.
    pub(crate) async fn send_any_status(&self, request: &Request) -> Result<Response> {
        self.refuse_if_read_only(request)?;
        let began = Instant::now();
        let http_timeout = self.options.http_timeout;
        let policy = RetryPolicy {
            wait_if_throttled: self.options.wait_if_throttled || self.paced.get(),
            interactive: self.printer.can_ask(),
        };
        let mut tries = 0;
        let mut time_limit = http_timeout;
        loop {
            tries += 1;
            if self.paced.get() {
                self.rate.wait_for_turn().await;
            }
            let outcome = self.send_once(request, time_limit).await?;
            let (retry_reason, retry_after) = match &outcome {
                Ok(response) => ((self.rules.retry_reason)(response), response.retry_after()),
                // A retry would get the same certificate.
                Err(error) if error.is_untrusted_certificate() => (None, None),
                Err(error) if error.is_connect() => (Some(RetryReason::NotConnected), None),
                Err(_) => (Some(RetryReason::LostReply), None),
            };
            let pause = retry_reason.filter(|_| !request.never_retry).and_then(|retry_reason| {
                let elapsed = began.elapsed();
                Some((
                    retry_reason,
                    policy.pause(request.method, retry_reason, tries, elapsed, retry_after, fastrand::f64())?,
                ))
            });
            let Some((retry_reason, pause)) = pause else {
                if request.is_write && outcome.as_ref().is_ok_and(Response::is_success) {
                    *self.accepted.borrow_mut() = Some(request.describe());
                }
                return outcome.map_err(|error| self.transport_error(request, &error));
            };
            self.report_pause(retry_reason, pause);
            tokio::time::sleep(pause).await;
            time_limit = policy.time_limit(request.method, retry_reason, began.elapsed()).min(http_timeout);
        }
    }

    /// Sends a read once and returns the reply, whatever its status: for a test of the connection.
    pub(crate) async fn probe(&self, request: &Request) -> Result<Response> {
        self.send_once(request, self.options.http_timeout).await?.map_err(|error| self.transport_error(request, &error))
    }

    /// One try, which with all its redirects takes no longer than `time_limit`; the inner result is what retrying is
    /// decided by.
    async fn send_once(&self, request: &Request, time_limit: Duration) -> Result<Result<Response, LostReply>> {
        let deadline = Instant::now().checked_add(time_limit);
        let mut url = self.url(request)?;
        for _ in 0..=MAX_REDIRECTS {
            let outcome = self.round_trip(request, url.clone(), deadline).await?;
            let target = match &outcome {
                Ok(response)
                    if (300..=399).contains(&response.status)
                        && request.method.is_read()
                        && self.rules.follows_redirects =>
                {
                    response.location().and_then(|location| url.join(&location).ok())
                }
                _ => None,
            };
            match target {
                Some(target) if target.origin() == self.root.origin() && is_same_item(&target, request) => url = target,
                _ => return Ok(outcome),
            }
        }
        Err(Error::new(Kind::BadReply, format!("redirect loop on {}", request.describe())))
    }

    /// Lets idle connections notice unread data, so that none with unread data is used.
    async fn settle(&self) {
        if self.reads.borrow().is_some() {
            // In the first turn the runtime notices new data, in the second the connections do.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
    }

    async fn round_trip(
        &self,
        request: &Request,
        url: Url,
        deadline: Option<Instant>,
    ) -> Result<Result<Response, LostReply>> {
        let debug = self.printer.options().debug;
        self.settle().await;
        let client = self.client(request.method)?;
        let mut built = self.build(&client, request, url)?;
        *built.timeout_mut() = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if debug > 0 {
            self.printer.trace(&format!("> {} {}", request.method, trace::url(built.url())));
        }
        if debug > 1 {
            trace::headers(built.headers()).for_each(|line| self.printer.trace(&format!(">   {line}")));
            if let Some(body) = request.masked_body() {
                self.printer.trace(&format!(">   {body}"));
            }
        }
        let began = Instant::now();
        let outcome = async {
            let mut reply = match client.execute(built).await {
                Ok(reply) => reply,
                Err(error) => return Ok(Err(LostReply::Http(error))),
            };
            let (status, announced) = (reply.status().as_u16(), reply.content_length());
            let mut headers = std::mem::take(reply.headers_mut());
            let mut body = Body::new(&mut headers, announced);
            let received = loop {
                match reply.chunk().await {
                    Ok(Some(chunk)) => match body.push(&chunk) {
                        Ok(()) => {}
                        refused => break refused.map(|()| Vec::new()),
                    },
                    Ok(None) => break body.finish(),
                    Err(error) => return Ok(Err(LostReply::Http(error))),
                }
            };
            match received {
                Ok(body) => Ok(Ok(Response { status, headers, body: without_bom(body) })),
                Err(Refused::Garbled(why)) => Ok(Err(LostReply::Garbled(why))),
                Err(Refused::TooLarge(why)) => Err(error::response_too_large(request, status, &why)),
            }
        }
        .await?;
        let took = began.elapsed().as_millis();
        match &outcome {
            Ok(response) => {
                let budget = self.rate.observe(&response.headers);
                if let Some(budget) = budget.filter(|budget| budget.is_low()) {
                    let left = format!("{} of {} requests left in this hour", budget.remaining, budget.limit);
                    let pace = if self.paced.get() {
                        format!("; waiting up to {}s between requests", rate_limit::MAX_SPACING.as_secs())
                    } else {
                        String::new()
                    };
                    self.printer.warn_once("rate", &format!("{left}{pace}"));
                }
                if debug > 0 {
                    let rate = budget.map(|b| format!(", rate {}/{}", b.remaining, b.limit)).unwrap_or_default();
                    self.printer.trace(&format!("< {} in {took} ms{rate}", response.status));
                }
                if debug > 1 {
                    trace::headers(&response.headers).for_each(|line| self.printer.trace(&format!("<   {line}")));
                    self.printer.trace(&format!("<   {}", trace::body(&response.body, &request.secrets)));
                }
            }
            Err(error) if debug > 0 => {
                let error = self.transport_error(request, error);
                let why = error.cause_text().unwrap_or_default().to_owned();
                self.printer.trace(&format!("< {} after {took} ms: {why}", error.message()));
            }
            Err(_) => {}
        }
        Ok(outcome)
    }

    fn build(&self, client: &reqwest::Client, request: &Request, url: Url) -> Result<reqwest::Request> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = client
            .request(method, url)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::USER_AGENT, client::user_agent())
            .header("Request-Id", &request.id)
            .headers(self.rules.headers.clone());
        if let Some(body) = &request.body {
            let (kind, text) = if request.as_form {
                ("application/x-www-form-urlencoded", request::form(body))
            } else {
                ("application/json", body.to_string())
            };
            builder = builder.header(header::CONTENT_TYPE, kind).body(text);
        } else if matches!(request.method, Method::Post | Method::Put | Method::Patch) {
            // Some servers refuse a write without a length, and hyper sends none for an empty body.
            builder = builder.header(header::CONTENT_LENGTH, "0");
        }
        let mut built = builder.build().map_err(|error| Error::usage(format!("invalid request: {error}")))?;
        for (name, value) in &request.headers {
            let unusable = || Error::usage(format!("invalid header `{name}`"));
            let name = HeaderName::try_from(name.as_str()).map_err(|_| unusable())?;
            let value = HeaderValue::try_from(value.as_str()).map_err(|_| unusable())?;
            built.headers_mut().insert(name, value);
        }
        // Last, so that no other header can replace it.
        if let Some(credential) = &self.credential {
            built.headers_mut().insert(credential.name.clone(), credential.value.clone());
        }
        Ok(built)
    }

    /// The client for requests with that method.
    fn client(&self, method: Method) -> Result<reqwest::Client> {
        if !method.is_read() {
            return match self.writes.get() {
                Some(client) => Ok(client.clone()),
                None => self.build_client(Purpose::Writes).map(|client| self.writes.get_or_init(|| client).clone()),
            };
        }
        if let Some(client) = &*self.reads.borrow() {
            return Ok(client.clone());
        }
        let client = self.build_client(Purpose::Reads)?;
        Ok(self.reads.borrow_mut().insert(client).clone())
    }

    fn build_client(&self, purpose: Purpose) -> Result<reqwest::Client> {
        client::build_client_over(self.tls()?.clone(), &self.options, is_loopback(&self.root), purpose)
    }

    fn tls(&self) -> Result<&ClientConfig> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls);
        }
        let (options, last_issuer) = (&self.options, Arc::clone(&self.last_issuer));
        let tls = tls::tls_config(options.ca_cert.as_deref(), options.roots_from_env, last_issuer)?;
        Ok(self.tls.get_or_init(|| tls))
    }

    /// Drops the open connections: a reply on one of them belonged to another request, and so would the next ones.
    pub(crate) fn drop_connections(&self) {
        self.reads.take();
    }

    fn transport_error(&self, request: &Request, error: &LostReply) -> Error {
        let host = self.root.host_str().unwrap_or_default();
        let mut address = self.root.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if let Some(proxy) = client::proxy_of(&self.root) {
            address = format!("{address} through the proxy {proxy}");
        }
        error::from_transport(request, &address, self.issuer().as_deref(), error)
    }

    fn report_pause(&self, retry_reason: RetryReason, pause: Duration) {
        let seconds = pause.as_secs_f64();
        if matches!(retry_reason, RetryReason::Throttled | RetryReason::TooManyRequests)
            && pause >= Duration::from_secs(5)
        {
            self.printer.progress(&format!("request limit reached; retrying in {seconds:.0} s"));
        } else if self.printer.options().debug > 0 {
            self.printer.trace(&format!("* {retry_reason:?}; retrying in {seconds:.2} s"));
        }
    }
}

/// Whether a redirect of this request leads to the same thing, perhaps below another root: another one would be taken
/// for the reply.
fn is_same_item(target: &Url, request: &Request) -> bool {
    let plain = |path: &str| path.trim_end_matches('/').trim_end_matches(".json").to_owned();
    plain(target.path()).ends_with(&plain(&request.path))
}

/// The body without the byte order mark that some proxies put before JSON; other bodies stay unchanged.
fn without_bom(mut body: Vec<u8>) -> Vec<u8> {
    const BOM: &[u8] = "\u{feff}".as_bytes();
    if body
        .strip_prefix(BOM)
        .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{") || rest.trim_ascii_start().starts_with(b"["))
    {
        body.drain(..BOM.len());
    }
    body
}
