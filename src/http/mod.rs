//! Transport of both providers: one request in, one reply or one error out.
//!
//! Here are the time-outs, the retries, the rate limit, the trace, and the rule that a token never leaves its origin.
//! What a path or a body means is the business of the provider's own room.

pub mod endpoint;
pub mod error;
pub mod pages;
pub mod rate;
pub mod retry;
pub mod tls;
pub mod trace;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use self::endpoint::Method;
use self::rate::Rate;
use self::retry::{Policy, Trouble};
use crate::error::{Error, Kind, Result};
use crate::output::Console;

/// How often a read may be led on within its own origin.
const MOST_REDIRECTS: usize = 5;

/// Everything about the connection that a user can choose.
#[derive(Clone, Debug)]
pub struct Options {
    /// Time to make a connection.
    pub connect_timeout: Duration,
    /// Time for a whole reply of the API.
    pub reply_timeout: Duration,
    /// A file with further certificate authorities.
    pub ca_cert: Option<PathBuf>,
    /// Whether the environment names the trusted roots (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
    pub chosen_roots: bool,
    /// Whether to wait for the next hour at the request limit.
    pub wait_if_throttled: bool,
    /// Most requests under way at once.
    pub concurrency: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            reply_timeout: Duration::from_secs(60),
            ca_cert: None,
            chosen_roots: false,
            wait_if_throttled: false,
            concurrency: 8,
        }
    }
}

/// One request below the API root.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Path below the API root, escaped, with its suffix.
    pub path: String,
    /// Query parameters, unescaped.
    pub query: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Further headers, name and value.
    pub headers: Vec<(String, String)>,
    /// Keys of the body whose values must never be shown.
    pub secrets: Vec<&'static str>,
    /// Scope the call needs, where it is known.
    pub scope: Option<&'static str>,
    /// The `Request-Id` sent along: a random UUID.
    pub id: String,
}

impl Request {
    /// A request without query or body.
    #[must_use]
    pub fn new(method: Method, path: String) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body: None,
            headers: Vec::new(),
            secrets: Vec::new(),
            scope: None,
            id: uuid(),
        }
    }

    /// Method and path as messages name them.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} {}", self.method, self.path.strip_suffix(".json").unwrap_or(&self.path))
    }

    /// The body as it may be shown.
    #[must_use]
    pub fn masked_body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        trace::mask(&mut body, &self.secrets);
        Some(body)
    }
}

/// One reply, read to its end.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether this error reply is of that kind, by its `error` field or by its words.
    #[must_use]
    pub fn is(&self, id: &str) -> bool {
        match error::id(&self.body) {
            Some(given) => given == id,
            None => error::words(&self.body).is_some_and(|words| words.contains(id)),
        }
    }

    /// Where a redirect leads.
    #[must_use]
    pub fn location(&self) -> Option<String> {
        self.headers.get(header::LOCATION)?.to_str().ok().map(str::to_owned)
    }

    fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(then.duration_since(jiff::Timestamp::now()).try_into().unwrap_or_default())
    }

    fn trouble(&self) -> Option<Trouble> {
        match self.status {
            200..=399 => None,
            429 => Some(Trouble::TooManyRequests),
            503 if self.is("throttled") => Some(Trouble::Throttled),
            503 if self.is("not_implemented") => Some(Trouble::NotImplemented),
            status => Some(Trouble::Status(status)),
        }
    }
}

/// The header that says who is asking; its value never shows.
#[derive(Clone)]
pub struct Credential {
    name: HeaderName,
    value: HeaderValue,
}

impl Credential {
    /// `Authorization: Bearer TOKEN`.
    ///
    /// # Errors
    /// The token holds characters that no header can carry.
    pub fn bearer(token: &str) -> Result<Self> {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::new(Kind::Auth, "the API token holds characters that no token has"))?;
        value.set_sensitive(true);
        Ok(Self { name: header::AUTHORIZATION, value })
    }
}

/// A connection to one API: its root, who is asking, and how patiently.
pub struct Transport {
    root: Url,
    credential: Option<Credential>,
    account: Option<HeaderValue>,
    options: Options,
    console: Rc<Console>,
    client: OnceCell<reqwest::Client>,
    rate: Rate,
}

impl Transport {
    /// A transport to `root`, the address of the API such as `https://app.cloud66.com/api/3`.
    ///
    /// Nothing is built or sent before the first request.
    ///
    /// # Errors
    /// `root` is no address, or a plain http one outside this machine.
    pub fn new(
        root: &str,
        credential: Option<Credential>,
        account: Option<&str>,
        options: Options,
        console: Rc<Console>,
    ) -> Result<Self> {
        let root = parse_root(root)?;
        let account = account
            .map(|account| {
                HeaderValue::from_str(account)
                    .map_err(|_| Error::usage("the account is the number of an account").hint("c66 accounts list"))
            })
            .transpose()?;
        Ok(Self { root, credential, account, options, console, client: OnceCell::new(), rate: Rate::default() })
    }

    /// Address of the API.
    #[must_use]
    pub fn root(&self) -> &Url {
        &self.root
    }

    /// The request budget, as far as replies have told it.
    #[must_use]
    pub fn rate(&self) -> &Rate {
        &self.rate
    }

    /// What the user chose.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Both output streams.
    #[must_use]
    pub fn console(&self) -> &Rc<Console> {
        &self.console
    }

    /// Full address of a request.
    ///
    /// # Errors
    /// The path leads to another origin.
    pub fn url(&self, request: &Request) -> Result<Url> {
        let mut url = self.root.clone();
        let path = format!("{}{}", self.root.path().trim_end_matches('/'), request.path);
        url.set_path(&path);
        // The `url` crate folds dot segments away, even escaped ones, and would then ask for something else.
        if url.path() != path {
            return Err(Error::usage(format!("`{}` is no path of the API", request.path))
                .hint("a name of only dots cannot be sent"));
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }

    /// Sends a request, again where that is safe and may help, and gives the reply if it is a success.
    ///
    /// # Errors
    /// No reply came, or one outside 2xx.
    pub async fn send(&self, request: &Request) -> Result<Response> {
        let began = Instant::now();
        let policy = Policy { wait_if_throttled: self.options.wait_if_throttled, interactive: self.console.can_ask() };
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.send_once(request).await?;
            let (trouble, retry_after) = match &outcome {
                Ok(response) => match response.trouble() {
                    Some(trouble) => (trouble, response.retry_after()),
                    None if (200..=299).contains(&response.status) => {
                        self.warn_from(response);
                        return outcome.map_err(|error| self.no_reply(request, &error));
                    }
                    None => return Err(error::of_reply(request, response)),
                },
                Err(error) if error.is_connect() => (Trouble::NotConnected, None),
                Err(_) => (Trouble::LostReply, None),
            };
            let pause = policy.pause(request.method, trouble, tries, began.elapsed(), retry_after, fastrand::f64());
            let Some(pause) = pause else {
                return Err(match &outcome {
                    Ok(response) => error::of_reply(request, response),
                    Err(error) => self.no_reply(request, error),
                });
            };
            self.tell_of_pause(trouble, pause);
            tokio::time::sleep(pause).await;
        }
    }

    /// One try; the inner result is what retrying is decided by.
    async fn send_once(&self, request: &Request) -> Result<Result<Response, reqwest::Error>> {
        let mut url = self.url(request)?;
        for _ in 0..=MOST_REDIRECTS {
            let outcome = self.exchange(request, url.clone()).await?;
            let target = match &outcome {
                Ok(response) if (300..=399).contains(&response.status) && request.method.is_read() => {
                    response.location().and_then(|location| url.join(&location).ok())
                }
                _ => None,
            };
            match target {
                Some(target) if target.origin() == self.root.origin() => url = target,
                _ => return Ok(outcome),
            }
        }
        Err(Error::new(Kind::BadReply, format!("{} is redirected in a circle", request.describe())))
    }

    async fn exchange(&self, request: &Request, url: Url) -> Result<Result<Response, reqwest::Error>> {
        let debug = self.console.manner().debug;
        let built = self.build(request, url)?;
        if debug > 0 {
            self.console.trace(&format!("> {} {}", request.method, trace::url(built.url())));
        }
        if debug > 1 {
            trace::headers(built.headers()).for_each(|line| self.console.trace(&format!(">   {line}")));
            if let Some(body) = request.masked_body() {
                self.console.trace(&format!(">   {body}"));
            }
        }
        let began = Instant::now();
        let outcome = async {
            let reply = self.client()?.execute(built).await;
            Ok(match reply {
                Ok(reply) => {
                    let status = reply.status().as_u16();
                    let headers = reply.headers().clone();
                    reply.bytes().await.map(|body| Response { status, headers, body: body.into() })
                }
                Err(error) => Err(error),
            })
        }
        .await?;
        let took = began.elapsed().as_millis();
        match &outcome {
            Ok(response) => {
                let budget = self.rate.observe(&response.headers);
                if let Some(budget) = budget.filter(|budget| budget.is_low()) {
                    self.console.warn_once(
                        "rate",
                        &format!("{} of {} requests are left in this hour", budget.remaining, budget.limit),
                    );
                }
                if debug > 0 {
                    let rate = budget.map(|b| format!(", rate {}/{}", b.remaining, b.limit)).unwrap_or_default();
                    self.console.trace(&format!("< {} in {took} ms{rate}", response.status));
                }
                if debug > 1 {
                    trace::headers(&response.headers).for_each(|line| self.console.trace(&format!("<   {line}")));
                    self.console.trace(&format!("<   {}", trace::body(&response.body, &request.secrets)));
                }
            }
            Err(error) if debug > 0 => {
                let error = self.no_reply(request, error);
                let why = error.why().unwrap_or_default().to_owned();
                self.console.trace(&format!("< {} after {took} ms: {why}", error.message()));
            }
            Err(_) => {}
        }
        Ok(outcome)
    }

    fn build(&self, request: &Request, url: Url) -> Result<reqwest::Request> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self
            .client()?
            .request(method, url)
            .timeout(self.options.reply_timeout)
            .header(header::ACCEPT, "application/json")
            .header("Request-Id", &request.id);
        if let Some(account) = &self.account {
            builder = builder.header("X-Account", account);
        }
        if let Some(body) = &request.body {
            builder = builder.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut built =
            builder.build().map_err(|error| Error::usage(format!("the request cannot be sent: {error}")))?;
        for (name, value) in &request.headers {
            let unusable = || Error::usage(format!("`{name}` is no header that can be sent"));
            let name = HeaderName::try_from(name.as_str()).map_err(|_| unusable())?;
            let value = HeaderValue::try_from(value.as_str()).map_err(|_| unusable())?;
            built.headers_mut().insert(name, value);
        }
        // Last, so that no other header can stand in its place.
        if let Some(credential) = &self.credential {
            built.headers_mut().insert(credential.name.clone(), credential.value.clone());
        }
        Ok(built)
    }

    fn client(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = client(&self.options, is_loopback(&self.root), true)?;
        Ok(self.client.get_or_init(|| client))
    }

    fn no_reply(&self, request: &Request, error: &reqwest::Error) -> Error {
        let host = self.root.host_str().unwrap_or_default();
        match self.root.port() {
            Some(port) => error::of_transport(request, &format!("{host}:{port}"), error),
            None => error::of_transport(request, host, error),
        }
    }

    fn warn_from(&self, response: &Response) {
        if let Some(warning) = response.headers.get("x-cloud66-warning") {
            self.console.warn(&crate::output::clean::clean(&String::from_utf8_lossy(warning.as_bytes())));
        }
    }

    fn tell_of_pause(&self, trouble: Trouble, pause: Duration) {
        let seconds = pause.as_secs_f64();
        if matches!(trouble, Trouble::Throttled | Trouble::TooManyRequests) && pause >= Duration::from_secs(5) {
            self.console.progress(&format!("the request limit is used up; trying again in {seconds:.0} s"));
        } else if self.console.manner().debug > 0 {
            self.console.trace(&format!("* {trouble:?}; trying again in {seconds:.2} s"));
        }
    }
}

/// A client without credentials. With `compressed`, replies may come gzipped and are unpacked on the way.
///
/// # Errors
/// The certificate file of the options cannot be used, or TLS cannot be set up.
pub fn client(options: &Options, loopback: bool, compressed: bool) -> Result<reqwest::Client> {
    let tls = tls::client_config(options.ca_cert.as_deref(), options.chosen_roots)?;
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(user_agent())
        .connect_timeout(options.connect_timeout)
        .read_timeout(options.reply_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .gzip(compressed);
    if loopback {
        // A proxy from the environment cannot reach this machine's own addresses.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(Kind::Unavailable, "the HTTP client cannot be set up")
            .cause(error.to_string())
            .hint("check HTTP_PROXY, HTTPS_PROXY and NO_PROXY")
    })
}

/// Whether this address is on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn parse_root(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        Error::usage(format!("`{text}` cannot be the address of the API: {why}")).hint(
            "it looks like https://app.cloud66.com/api/3; c66 config list --show-origin tells where it comes from",
        )
    };
    let mut url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::usage("the address of the API cannot hold a user or a password"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(wrong("plain http would send the token readable for everyone on the way")),
        _ => return Err(wrong("it must begin with https://")),
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn user_agent() -> String {
    format!("c66/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}

/// A random (version 4) UUID.
fn uuid() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
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

    #[test]
    fn request_ids_are_version_4_uuids() {
        let id = uuid();
        let parts: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_ne!(uuid(), id);
    }
}
