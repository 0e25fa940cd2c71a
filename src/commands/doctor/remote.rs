//! The checks of the API: token, proxy, name, connection, clock, and request limit. All of them use one read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use super::Check;
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::failure::from_response;
use crate::cloud66::request;
use crate::commands::context::Context;
use crate::config::{Provider, Secret, TokenSource};
use crate::error::{Error, Kind, Result};
use crate::http::client::proxy_of;
use crate::http::rate_limit::Budget;
use crate::http::{Request, Response, Transport, is_loopback};
use crate::text::format::format_duration;

/// Tolerance of the clock: signed URLs and certificates need no more precision.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn checks(context: &Context) -> Vec<Check> {
    let token = token(context);
    let mut checks = vec![match &token {
        Ok((_, source)) => Check::ok("token", format!("found ({source})")),
        Err(error) => Check::failed("token", error),
    }];
    match transport(context, token.as_ref().ok().map(|(token, _)| token)).await {
        Ok(transport) => checks.extend(network(&transport, token.is_ok()).await),
        Err(error) => checks.push(Check::failed("connection", &error)),
    }
    checks
}

fn token(context: &Context) -> Result<(Secret, TokenSource)> {
    if context.sandboxed {
        Ok((Secret::new(crate::sandbox::TOKEN, &TokenSource::Sandbox)?, TokenSource::Sandbox))
    } else {
        context.settings.token()
    }
}

async fn transport(context: &Context, token: Option<&Secret>) -> Result<Transport> {
    if context.sandboxed {
        return context.transport_for(&context.start_sandbox().await?, token);
    }
    if context.settings.provider() != Provider::Cloud66 {
        return Err(Error::usage("the profile is not for Cloud 66").hint("c66 profiles list"));
    }
    context.transport_for(&context.api_url(), token)
}

async fn network(transport: &Transport, with_token: bool) -> Vec<Check> {
    let root = transport.root();
    let proxy = proxy_of(root);
    let mut checks = vec![match &proxy {
        Some(proxy) => Check::ok("proxy", format!("requests to {} go through {proxy}", host(root))),
        None => Check::ok("proxy", format!("no proxy for {}", host(root))),
    }];
    let name = dns(root, proxy.as_deref(), transport.options().connect_timeout).await;
    let found = name.is_ok();
    checks.push(name.map_or_else(|error| Check::failed("dns", &error), |detail| Check::ok("dns", detail)));
    if !found {
        return checks;
    }
    let request = match request(&STACKS_LIST, &[]) {
        Ok(request) => request,
        Err(error) => return vec![Check::failed("connection", &error)],
    };
    match transport.probe(&request).await {
        Ok(reply) => checks.extend(reply_checks(transport, &request, &reply, with_token)),
        Err(error) => checks.push(Check::failed("connection", &error)),
    }
    checks
}

fn host(root: &Url) -> String {
    let host = root.host_str().unwrap_or_default();
    root.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Resolves the name of the host; behind a proxy that of the proxy, which resolves all others.
async fn dns(root: &Url, proxy: Option<&str>, limit: Duration) -> Result<String> {
    let (url, role) = match proxy.and_then(|proxy| Url::parse(proxy).ok()) {
        Some(proxy) => (proxy, "the proxy "),
        None => (root.clone(), ""),
    };
    let Some((name, port)) = url.host_str().zip(url.port_or_known_default()) else {
        return Ok("no lookup needed".to_owned());
    };
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Ok(format!("no lookup needed: {role}{name} is an address"));
    }
    let failed = |why: String| {
        Error::new(Kind::Unavailable, format!("cannot resolve {role}{name}"))
            .cause(why)
            .hint("check the network and the name (c66 config list --show-origin); behind a proxy, set HTTPS_PROXY")
    };
    match tokio::time::timeout(limit, tokio::net::lookup_host((bare, port))).await {
        Ok(Ok(found)) => {
            let addresses: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            Ok(format!("{role}{name} is {}", addresses.join(", ")))
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed(format!("no answer within {}", format_duration(limit)))),
    }
}

/// What one reply reveals.
fn reply_checks(transport: &Transport, request: &Request, reply: &Response, with_token: bool) -> Vec<Check> {
    let mut checks = vec![connection(transport), clock(reply)];
    checks.push(api(request, reply, with_token));
    checks.push(match transport.rate_limiter().budget() {
        Some(budget) => rate(budget),
        None => Check::warning(
            "rate",
            "the API does not report a request limit",
            "check api_url: c66 config list --show-origin",
        ),
    });
    checks
}

fn connection(transport: &Transport) -> Check {
    const NAME: &str = "connection";
    match transport.issuer() {
        Some(issuer) => Check::ok(NAME, format!("TLS with a trusted certificate, issued by {issuer}")),
        None if is_loopback(transport.root()) => Check::ok(NAME, "plain http on this machine"),
        None => Check::ok(NAME, "made"),
    }
}

/// Compares this machine's clock with the API's, which has a precision of seconds.
fn clock(reply: &Response) -> Check {
    const NAME: &str = "clock";
    let date = reply.headers.get(reqwest::header::DATE).and_then(|value| value.to_str().ok());
    let Some(server) = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok()) else {
        return Check::ok(NAME, "the API does not report the time");
    };
    let skew = Timestamp::now().duration_since(server.timestamp());
    let amount = format_duration(skew.unsigned_abs());
    if skew.abs() <= TOLERATED_SKEW {
        Check::ok(NAME, "in sync with the API")
    } else {
        let side = if skew.is_positive() { "ahead of" } else { "behind" };
        Check::warning(NAME, format!("{amount} {side} the API's clock"), "set the clock, or enable NTP")
    }
}

/// How the API responds to the token.
fn api(request: &Request, reply: &Response, with_token: bool) -> Check {
    const NAME: &str = "api";
    let error = from_response(request, reply);
    match reply.status {
        200..=299 => Check::ok(NAME, "token accepted (scope `public`); run c66 auth status to test the others"),
        403 => Check::warning(
            NAME,
            "token accepted, but it lacks the `public` scope: most commands will not work",
            error.hints().join("; "),
        ),
        // Without a token a 401 is expected, and the missing token is reported already.
        401 if !with_token => Check::ok(NAME, "reachable; log in to check the token"),
        _ => Check::failed(NAME, &error),
    }
}

fn rate(budget: Budget) -> Check {
    let detail = format!("{} of {} requests left in this hour", budget.remaining, budget.limit);
    if budget.is_low() {
        Check::warning("rate", detail, "wait for the next hour, or use --wait-if-throttled")
    } else {
        Check::ok("rate", detail)
    }
}
