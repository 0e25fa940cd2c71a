//! The server: connections, faults, and dispatch to the APIs.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use hyper::http::StatusCode;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::body::{ConnectionClosed, ReplyBody, with_body};
use super::clock::{Clock, scaled};
use super::cloud66::backups::files::{self, DownloadOptions};
use super::cloud66::{self, call, oauth};
use super::faults::{FaultInjector, FaultKind, replies};
use super::guard;
use super::store::{SandboxState, StateStore};
use super::{CLIENT_ID, CLIENT_SECRET, CLOUDMC_KEY, CLOUDMC_ROOT, Options, Store, TOKEN, cloudmc};
use crate::cloud66::endpoints;
use crate::error::{Error, Kind, Result};

/// Delay of a slow reply, in seconds at normal speed.
const SLOW_REPLY: f64 = 3.0;
/// Where the official toolbelt looks for the settings of a new profile.
const CX_CONFIG: &str = "/api/tooling/cx/config";
/// Where the official toolbelt sends the browser with a one-time password.
const ONE_TIME_LOGIN: &str = "/otp";
/// Maximum size of a body, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A sandbox that listens on loopback.
pub struct Server {
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
}

impl Server {
    /// The sandbox's token with every scope.
    pub const TOKEN: &str = super::TOKEN;
    /// The client ID of the sandbox's application.
    pub const CLIENT_ID: &str = super::CLIENT_ID;
    /// The secret of that application.
    pub const CLIENT_SECRET: &str = super::CLIENT_SECRET;
    /// The API key of its CloudMC.
    pub const CLOUDMC_KEY: &str = super::CLOUDMC_KEY;
    /// Path of its CloudMC, below its address.
    pub const CLOUDMC_ROOT: &str = super::CLOUDMC_ROOT;

    /// Listens on `port` of 127.0.0.1; 0 picks a free port.
    ///
    /// # Errors
    /// If the port is taken, the speed is not positive, or the state file is invalid.
    pub async fn bind(port: u16, options: Options) -> Result<Self> {
        if !(options.speed.is_finite() && options.speed > 0.0) {
            return Err(Error::usage(format!("invalid speed {}: expected a positive number", options.speed)));
        }
        let wait = options.lock_wait();
        let store = match options.store {
            Store::Memory => StateStore::Memory(Box::new(Mutex::new(SandboxState::initial()))),
            Store::File(path) => StateStore::File(path, wait),
        };
        // Report an invalid state now, not with the first request.
        store.with(|_| ())?;
        let cannot = |cause: std::io::Error| {
            Error::new(Kind::Unavailable, format!("cannot listen on port {port} of 127.0.0.1")).cause(cause.to_string())
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let sandbox = Sandbox {
            address,
            store,
            speed: options.speed,
            latency: options.latency,
            idle_timeout: options.idle_timeout,
            file_rate: options.file_rate,
            rate_limit: options.rate_limit,
            faults: FaultInjector::new(options.faults, options.seed),
            witness: options.witness,
        };
        Ok(Self { listener, sandbox: Arc::new(sandbox) })
    }

    /// Its address, such as `http://127.0.0.1:4066`; the API root is `/api/3` below it.
    pub fn url(&self) -> String {
        format!("http://{}", self.sandbox.address)
    }

    /// Serves forever; dropping the future closes every connection.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Ok((stream, caller)) = self.listener.accept().await else {
                // There may be too many open files: wait until others are closed.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let sandbox = Arc::clone(&self.sandbox);
            let service = service_fn(move |request| {
                let sandbox = Arc::clone(&sandbox);
                async move { sandbox.answer(request, caller).await }
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(self.sandbox.idle_timeout);
            connections.spawn(http.serve_connection(TokioIo::new(stream), service));
        }
    }
}

/// Shared by all connections.
struct Sandbox {
    address: SocketAddr,
    store: StateStore,
    speed: f64,
    latency: Duration,
    idle_timeout: Duration,
    file_rate: Option<u64>,
    rate_limit: u32,
    faults: FaultInjector,
    witness: Option<Sender<String>>,
}

impl Sandbox {
    async fn answer(
        &self,
        request: hyper::Request<Incoming>,
        caller: SocketAddr,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let (head, body) = request.into_parts();
        if let Err(why) = guard::check(&head) {
            return Ok(with_body(StatusCode::FORBIDDEN, "text/plain; charset=utf-8", why));
        }
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        // A client whose base URL ends in a slash sends two.
        let path = &format!("/{}", head.uri.path().trim_start_matches('/'));
        let api_path = path.strip_prefix(endpoints::ROOT).filter(|rest| rest.starts_with('/'));
        let mut response = if let Some(api_path) = api_path {
            self.cloud66(&head, api_path, &self.read(body).await?, caller).await?
        } else if let Some((api_path, version)) = cloudmc::below_root(path) {
            self.cloudmc(&head, api_path, version, &self.read(body).await?, caller).await?
        } else if path.starts_with(files::ROOT) {
            self.download(&head).await
        } else if path.starts_with(oauth::ROOT) {
            self.oauth(&head, &self.read(body).await?)
        } else if path == CX_CONFIG && is_read(&head) {
            with_body(StatusCode::OK, "application/json", self.cx_config(&head))
        } else if path == ONE_TIME_LOGIN && is_read(&head) {
            with_body(
                StatusCode::OK,
                "text/plain; charset=utf-8",
                "This would log you in; the sandbox has no website.\n",
            )
        } else if path == "/" && is_read(&head) {
            with_body(StatusCode::OK, "text/plain; charset=utf-8", self.welcome())
        } else {
            with_body(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "Not found. See /.\n")
        };
        if let Some(id) = head.headers.get("request-id") {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id.clone());
        }
        Ok(response)
    }

    async fn cloud66(
        &self,
        head: &Parts,
        path: &str,
        body: &Bytes,
        caller: SocketAddr,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let throttled = || cloud66::throttled(self.rate_limit);
        self.with_faults(head, throttled, || {
            let request = call::Request {
                method: method(head),
                path,
                query: head.uri.query().unwrap_or_default(),
                authorization: text(head, AUTHORIZATION),
                account: head.headers.get("x-account").map(|value| value.to_str().unwrap_or_default()),
                content_type: text(head, CONTENT_TYPE).unwrap_or_default(),
                body,
                base_url: &self.base_url(head),
                caller_address: &caller.ip().to_string(),
            };
            let response =
                self.store.with(|state| cloud66::answer(&mut state.cloud66, &request, self.rate_limit, &self.clock()));
            response.unwrap_or_else(|error| self.internal_error(&error))
        })
        .await
    }

    async fn cloudmc(
        &self,
        head: &Parts,
        path: &str,
        version: cloudmc::Version,
        body: &Bytes,
        caller: SocketAddr,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        self.with_faults(
            head,
            || cloudmc::throttled(version),
            || {
                let request = cloudmc::Request {
                    method: method(head),
                    path,
                    query: head.uri.query().unwrap_or_default(),
                    key: text(head, HeaderName::from_static("mc-api-key")),
                    content_type: text(head, CONTENT_TYPE).unwrap_or_default(),
                    accept: text(head, ACCEPT).unwrap_or_default(),
                    body,
                    caller_address: &caller.ip().to_string(),
                };
                let response =
                    self.store.with(|state| cloudmc::answer(&mut state.cloudmc, &request, version, &self.clock()));
                response.unwrap_or_else(|error| cloudmc::internal_error(explain(&error), version))
            },
        )
        .await
    }

    /// Handles a request, with a fault if one is due; `throttled` is the reply for that fault.
    async fn with_faults(
        &self,
        head: &Parts,
        throttled: impl FnOnce() -> Response<ReplyBody>,
        work: impl FnOnce() -> Response<ReplyBody>,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let work = || {
            let response = work();
            if let Some(witness) = self.witness.as_ref().filter(|_| response.status().is_success()) {
                // The receiver may be gone.
                let _ = witness.send(format!("{} {}", head.method, head.uri.path()));
            }
            response
        };
        let Some(fault) = self.faults.next_fault(FaultKind::affects_api) else { return Ok(work()) };
        match fault {
            FaultKind::Drop => return Err(ConnectionClosed),
            FaultKind::Throttle => return Ok(throttled()),
            FaultKind::Slow => tokio::time::sleep(scaled(SLOW_REPLY, self.speed)).await,
            _ => {}
        }
        match replies::replacement(fault) {
            Some(response) => Ok(response),
            None => replies::corrupt(fault, work()),
        }
    }

    async fn download(&self, head: &Parts) -> Response<ReplyBody> {
        let fault = self.faults.next_fault(FaultKind::affects_downloads);
        match fault {
            Some(FaultKind::Error500) => return replies::error500(),
            Some(FaultKind::Slow) => tokio::time::sleep(scaled(SLOW_REPLY, self.speed)).await,
            _ => {}
        }
        let options = DownloadOptions { fault, rate: self.file_rate };
        let response = self.store.with(|state| files::answer(&state.cloud66, head, Timestamp::now(), &options));
        response.unwrap_or_else(|error| self.internal_error(&error))
    }

    fn oauth(&self, head: &Parts, body: &Bytes) -> Response<ReplyBody> {
        let response = self.store.with(|state| oauth::answer(&mut state.cloud66, head, body, &self.clock()));
        response.unwrap_or_else(|error| self.internal_error(&error))
    }

    /// The whole body of a request.
    async fn read(&self, body: Incoming) -> Result<Bytes, ConnectionClosed> {
        let body = tokio::time::timeout(self.idle_timeout, Limited::new(body, BODY_LIMIT).collect()).await;
        Ok(body.map_err(|_| ConnectionClosed)?.map_err(|_| ConnectionClosed)?.to_bytes())
    }

    fn internal_error(&self, error: &Error) -> Response<ReplyBody> {
        cloud66::internal_error(explain(error), self.rate_limit)
    }

    /// The address of this server, as the caller knows it.
    fn base_url(&self, head: &Parts) -> String {
        format!("http://{}", text(head, HOST).map_or_else(|| self.address.to_string(), str::to_owned))
    }

    /// The settings with which `cx config create --auto` makes a profile.
    fn cx_config(&self, head: &Parts) -> String {
        let base_url = self.base_url(head);
        json!({
            "response": {
                "api_url": base_url,
                "base_url": base_url,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "faye_endpoint": format!("{base_url}/push"),
            },
        })
        .to_string()
    }

    fn clock(&self) -> Clock {
        Clock::at(Timestamp::now(), self.speed)
    }

    fn welcome(&self) -> String {
        let address = self.address;
        let root = endpoints::ROOT;
        format!(
            "This is the sandbox of c66: a simulator of the Cloud 66 API v3.\n\
             Nothing that happens here leaves this machine.\n\n\
             Token: {TOKEN}\n\
             Try:   curl -H 'Authorization: Bearer {TOKEN}' http://{address}{root}/stacks.json\n\n\
             There is a small CloudMC as well, at http://{address}{CLOUDMC_ROOT}\n\
             Key:   {CLOUDMC_KEY}\n\
             Try:   curl -H 'MC-Api-Key: {CLOUDMC_KEY}' http://{address}{CLOUDMC_ROOT}/environments\n\n\
             OAuth: /oauth/authorize and /oauth/token know one application.\n\
             Client ID:     {CLIENT_ID}\n\
             Client secret: {CLIENT_SECRET}\n"
        )
    }
}

/// The method of a request. HEAD is answered like GET: the connection leaves out the body.
fn method(head: &Parts) -> &str {
    if head.method == Method::HEAD { "GET" } else { head.method.as_str() }
}

fn is_read(head: &Parts) -> bool {
    method(head) == "GET"
}

/// The text of a header.
fn text(head: &Parts, name: HeaderName) -> Option<&str> {
    head.headers.get(name).and_then(|value| value.to_str().ok())
}

/// An error with its cause and hints, in one line.
fn explain(error: &Error) -> String {
    let mut details = error.message().to_owned();
    for more in error.cause_text().into_iter().chain(error.hints().iter().map(String::as_str)) {
        details.push_str("; ");
        details.push_str(more);
    }
    details
}
