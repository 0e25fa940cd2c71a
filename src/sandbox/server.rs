//! The server: connections, faults, and which part of the sandbox answers a request.

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
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::body::{ConnectionClosed, ReplyBody};
use super::clock::{Clock, scaled};
use super::cloud66::backups::files;
use super::cloud66::reply::{ApiError, ApiResult, respond, with_body};
use super::cloud66::{oauth, router, seed};
use super::faults::{FaultInjector, FaultKind, replies};
use super::store::StateStore;
use super::{CLIENT_ID, CLIENT_SECRET, CLOUDMC_KEY, CLOUDMC_ROOT, Options, Store, TOKEN, cloudmc};
use crate::cloud66::endpoints;
use crate::error::{Error, Kind, Result};

/// How much longer a slow reply takes, in seconds of life.
const SLOWNESS: f64 = 3.0;
/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A sandbox that listens on loopback.
pub struct Server {
    listener: TcpListener,
    sandbox: Arc<Sandbox>,
}

impl Server {
    /// Listens on `port` of 127.0.0.1; port 0 is any free one.
    ///
    /// # Errors
    /// When the port is taken, the speed is no positive number, or the state file cannot be used.
    pub async fn bind(port: u16, options: Options) -> Result<Self> {
        if !(options.speed.is_finite() && options.speed > 0.0) {
            return Err(Error::usage(format!("the speed must be a positive number, not {}", options.speed)));
        }
        let store = match options.store {
            Store::Memory => StateStore::Memory(Box::new(Mutex::new(seed::state()))),
            Store::File(path) => StateStore::File(path),
        };
        // A state that cannot be used is better known now than with the first request.
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
            file_rate: options.file_rate,
            faults: FaultInjector::new(options.faults, options.seed),
            witness: options.witness,
        };
        Ok(Self { listener, sandbox: Arc::new(sandbox) })
    }

    /// Its address, such as `http://127.0.0.1:4066`; the API root is `/api/3` below it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.sandbox.address)
    }

    /// Serves for ever; dropping the future closes every connection.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let Ok((stream, caller)) = self.listener.accept().await else {
                // Such as too many open files: give the others time to close theirs.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let sandbox = Arc::clone(&self.sandbox);
            let service = service_fn(move |request| {
                let sandbox = Arc::clone(&sandbox);
                async move { sandbox.answer(request, caller).await }
            });
            connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }
}

/// What all connections share.
struct Sandbox {
    address: SocketAddr,
    store: StateStore,
    speed: f64,
    latency: Duration,
    file_rate: Option<u64>,
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
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let path = head.uri.path();
        let api_path = path.strip_prefix(endpoints::ROOT).filter(|rest| rest.starts_with('/'));
        let mut response = if let Some(api_path) = api_path {
            let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| ConnectionClosed)?.to_bytes();
            self.api(&head, api_path, &body, caller).await?
        } else if let Some((api_path, legacy)) = cloudmc::below_root(path) {
            let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| ConnectionClosed)?.to_bytes();
            self.cloudmc(&head, api_path, legacy, &body, caller).await?
        } else if path.starts_with(files::FILES_ROOT) {
            self.file(&head).await
        } else if path.starts_with(oauth::OAUTH_ROOT) {
            let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| ConnectionClosed)?.to_bytes();
            self.oauth(&head, &body)
        } else if path == "/" && head.method == Method::GET {
            with_body(StatusCode::OK, "text/plain; charset=utf-8", self.welcome())
        } else {
            with_body(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "There is nothing here; look at /.\n")
        };
        if let Some(id) = head.headers.get("request-id") {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), id.clone());
        }
        Ok(response)
    }

    async fn api(
        &self,
        head: &Parts,
        path: &str,
        body: &Bytes,
        caller: SocketAddr,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let throttled = || respond(Err(ApiError::throttled()), 0);
        self.with_faults(head, throttled, || {
            let base_url =
                format!("http://{}", text(head, HOST).map_or_else(|| self.address.to_string(), str::to_owned));
            let (answer, remaining) = self.work(&router::Request {
                method: head.method.as_str(),
                path,
                query: head.uri.query().unwrap_or_default(),
                authorization: text(head, AUTHORIZATION),
                content_type: text(head, CONTENT_TYPE).unwrap_or_default(),
                body,
                base_url: &base_url,
                caller_address: &caller.ip().to_string(),
            });
            respond(answer, remaining)
        })
        .await
    }

    async fn cloudmc(
        &self,
        head: &Parts,
        path: &str,
        legacy: bool,
        body: &Bytes,
        caller: SocketAddr,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let throttled = || cloudmc::Outcome::throttled().respond(legacy);
        self.with_faults(head, throttled, || {
            let request = cloudmc::Request {
                method: head.method.as_str(),
                path,
                query: head.uri.query().unwrap_or_default(),
                key: text(head, HeaderName::from_static("mc-api-key")),
                content_type: text(head, CONTENT_TYPE).unwrap_or_default(),
                accept: text(head, ACCEPT).unwrap_or_default(),
                body,
                caller_address: &caller.ip().to_string(),
            };
            let outcome = self
                .store
                .with(|state| cloudmc::answer(&mut state.cloudmc, &request, &Clock::at(Timestamp::now(), self.speed)));
            outcome.unwrap_or_else(|error| cloudmc::Outcome::broken(explained(&error))).respond(legacy)
        })
        .await
    }

    /// Does some work of an API, unless a fault strikes first; `throttled` is how that API says it is asked too much.
    async fn with_faults(
        &self,
        head: &Parts,
        throttled: impl FnOnce() -> Response<ReplyBody>,
        work: impl FnOnce() -> Response<ReplyBody>,
    ) -> Result<Response<ReplyBody>, ConnectionClosed> {
        let work = || {
            let response = work();
            if let Some(witness) = self.witness.as_ref().filter(|_| response.status().is_success()) {
                // One that listens no more need not be told.
                let _ = witness.send(format!("{} {}", head.method, head.uri.path()));
            }
            response
        };
        let Some(fault) = self.faults.next_fault(FaultKind::affects_api) else { return Ok(work()) };
        match fault {
            FaultKind::Drop => return Err(ConnectionClosed),
            FaultKind::Throttle => return Ok(throttled()),
            FaultKind::Slow => tokio::time::sleep(scaled(SLOWNESS, self.speed)).await,
            _ => {}
        }
        match replies::replacement(fault) {
            Some(response) => Ok(response),
            None => replies::corrupt(fault, work()),
        }
    }

    /// Answers a request of the API, with the number of requests that are left in this hour.
    fn work(&self, request: &router::Request) -> (ApiResult, u32) {
        let outcome = self.store.with(|state| {
            let clock = Clock::at(Timestamp::now(), self.speed);
            state.advance(&clock);
            match state.rate.take(clock.now) {
                Some(remaining) => (router::answer(state, request, &clock), remaining),
                None => (Err(ApiError::throttled()), 0),
            }
        });
        outcome.unwrap_or_else(|error| (Err(broken(&error)), 0))
    }

    async fn file(&self, head: &Parts) -> Response<ReplyBody> {
        let fault = self.faults.next_fault(FaultKind::affects_downloads);
        match fault {
            Some(FaultKind::Error500) => return replies::error500(),
            Some(FaultKind::Slow) => tokio::time::sleep(scaled(SLOWNESS, self.speed)).await,
            _ => {}
        }
        let options = files::DownloadOptions { fault, rate: self.file_rate };
        let answer = self.store.with(|state| files::answer(state, head, Timestamp::now(), &options));
        answer.unwrap_or_else(|error| respond(Err(broken(&error)), 0))
    }

    fn oauth(&self, head: &Parts, body: &Bytes) -> Response<ReplyBody> {
        let clock = Clock::at(Timestamp::now(), self.speed);
        let answer = self.store.with(|state| oauth::answer(state, head, body, &clock));
        answer.unwrap_or_else(|error| respond(Err(broken(&error)), 0))
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

/// The text of a header.
fn text(head: &Parts, name: HeaderName) -> Option<&str> {
    head.headers.get(name).and_then(|value| value.to_str().ok())
}

fn broken(error: &Error) -> ApiError {
    ApiError::broken(explained(error))
}

/// An error with its cause and hints, in one line.
fn explained(error: &Error) -> String {
    let mut details = error.message().to_owned();
    for more in error.why().into_iter().chain(error.hints().iter().map(String::as_str)) {
        details.push_str("; ");
        details.push_str(more);
    }
    details
}
