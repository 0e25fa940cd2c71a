//! The Cloud 66 API, typed: its operations, its envelopes, and the fields in use of each resource.
//!
//! It prints nothing and parses no arguments; the hints of its errors name commands.

pub(crate) mod actions;
pub(crate) mod application_variants;
pub(crate) mod backups;
pub(crate) mod clouds;
pub(crate) mod clusters;
pub(crate) mod config_files;
pub(crate) mod config_store;
pub(crate) mod containers;
pub(crate) mod databases;
pub(crate) mod deployments;
pub(crate) mod dns_providers;
pub(crate) mod endpoints;
pub(crate) mod envelope;
pub(crate) mod environments;
pub(crate) mod failover_groups;
pub(crate) mod failure;
pub(crate) mod firewalls;
pub(crate) mod gateways;
pub(crate) mod image_repositories;
pub(crate) mod jobs;
pub(crate) mod notifications;
pub(crate) mod oauth;
pub(crate) mod operations;
pub(crate) mod processes;
pub(crate) mod servers;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod ssl_certificates;
pub(crate) mod stacks;
pub(crate) mod tags;
pub(crate) mod users;
pub(crate) mod vendors;

pub(crate) use crate::http::fields;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use self::envelope::{Body, Document};
use self::fields::Fields;
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::{Endpoint, ReplyShape};
use crate::http::error::{bad_reply, failed_request};
use crate::http::memory::HeldItems;
use crate::http::pagination::{Page, Pages};
use crate::http::{ApiRules, Request, Response, Transport};
use crate::text::sanitize::{excerpt, sanitize};

/// The header with the account of a request.
const ACCOUNT_HEADER: HeaderName = HeaderName::from_static("x-account");
/// The header with a warning for the user.
const WARNING_HEADER: &str = "x-cloud66-warning";

/// Letters of a UID; containers have longer ones.
const UID_LENGTH: usize = 32;
/// Maximum length of a quoted error, in characters.
const MAX_QUOTED_ERROR: usize = 200;
/// Maximum length of a quoted id, in characters.
const MAX_QUOTED_ID: usize = 64;

/// What the transport needs to know about this API, for `account` if there is one.
pub(crate) fn api_rules(account: Option<&str>) -> Result<ApiRules> {
    let mut headers = HeaderMap::new();
    if let Some(account) = account {
        let value = HeaderValue::from_str(account)
            .map_err(|_| Error::usage("invalid account: expected an account number").hint("c66 accounts list"))?;
        headers.insert(ACCOUNT_HEADER, value);
    }
    Ok(ApiRules { headers, follows_redirects: true, retry_reason: failure::retry_reason })
}

/// The part of a reply that says whether the request was accepted.
#[derive(serde::Deserialize)]
#[serde(from = "Fields")]
struct OkField {
    ok: Option<bool>,
    message: Option<String>,
}

impl From<Fields> for OkField {
    fn from(fields: Fields) -> Self {
        Self { ok: fields.boolean("ok"), message: fields.text("message") }
    }
}

/// The error for a successful reply with `ok: false`.
pub(crate) fn ok_false_error(request: &Request, status: u16, document: &Document) -> Option<Error> {
    let Ok(OkField { ok: Some(false), message }) = document.view() else { return None };
    let said = message.unwrap_or_else(|| "no reason given".to_owned());
    let what = request.describe();
    let error = Error::new(Kind::RemoteFailed, format!("{what} failed: {said}"));
    Some(error.with_request(failed_request(request, Some(status))))
}

/// The error in a document that has nothing else of what is asked for or acknowledged, whatever the status says.
fn error_alone(document: &Document) -> Option<String> {
    let fields: Fields = document.view().ok()?;
    let is_other = ["id", "uid", "ok", "key", "name"].iter().any(|name| fields.text(name).is_some());
    fields.text("error").filter(|said| !is_other && !said.trim().is_empty())
}

/// The fields that identify an item.
#[derive(serde::Deserialize)]
#[serde(from = "Fields")]
struct Identity {
    id: Option<String>,
    uid: Option<String>,
    name: Option<String>,
}

impl From<Fields> for Identity {
    fn from(fields: Fields) -> Self {
        Self { id: fields.text("id"), uid: fields.text("uid"), name: fields.text("name") }
    }
}

/// The error if the reply to a read is about another item: a server or a proxy mixed up replies.
///
/// An item may be requested by a name that the reply does not have, so only ids of the same kind are compared.
fn about_another(request: &Request, document: &Document) -> Option<String> {
    let (param, asked) = request.asked.as_ref()?;
    let Identity { id, uid, name } = document.view().ok()?;
    let (field, found) = if param.ends_with("_name") {
        ("name", name)
    } else if asked.bytes().all(|byte| byte.is_ascii_digit()) {
        ("id", id.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())))
    } else if asked.len() >= UID_LENGTH && asked.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        ("uid", uid)
    } else {
        return None;
    };
    let found = found.filter(|found| !found.eq_ignore_ascii_case(asked))?;
    Some(format!("its {field} is {}, not {asked}", excerpt(&found, MAX_QUOTED_ID)))
}

/// A client of the API.
pub(crate) struct Cloud66 {
    transport: Transport,
}

impl Cloud66 {
    /// Creates a client over `transport`, whose root is that of the API (see [`api_root`]).
    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// The connection beneath.
    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Sends a request and returns a successful reply; prints the warning that may come with it.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response> {
        let response = self.transport.send_any_status(request).await?;
        if !response.is_success() {
            return Err(failure::from_response(request, &response));
        }
        if let Some(warning) = response.headers.get(WARNING_HEADER) {
            self.transport.printer().warn(&sanitize(&String::from_utf8_lossy(warning.as_bytes())));
        }
        Ok(response)
    }

    /// Sends a request and returns what is under `response`, if the reply has a body.
    ///
    /// # Errors
    /// If there is no reply, or one outside 2xx, not JSON, or with `ok: false` ([`Kind::RemoteFailed`]).
    pub(crate) async fn call(&self, request: &Request) -> Result<Option<Document>> {
        let reply = self.send(request).await?;
        let wrong = |problem| bad_reply(request, &reply, problem);
        let Some(document) = Body::parse(&reply.body).map_err(wrong)?.document() else { return Ok(None) };
        // One operation is documented with its action in a list of one.
        let document = match document.items().as_deref() {
            Some([action]) if request.begins_action => action.clone(),
            _ => document,
        };
        if document.is_too_deep() {
            return Err(wrong("the reply is nested too deeply".to_owned()));
        }
        if let Some(error) = ok_false_error(request, reply.status, &document) {
            return Err(error);
        }
        if let Some(said) = error_alone(&document) {
            return Err(wrong(format!("it has an error instead: {}", excerpt(&said, MAX_QUOTED_ERROR))));
        }
        if let Some(problem) = about_another(request, &document) {
            self.transport.drop_connections();
            return Err(wrong(problem));
        }
        Ok(Some(document))
    }

    /// Sends a request whose reply must have a body.
    pub(crate) async fn fetch(&self, request: &Request) -> Result<Document> {
        self.call(request).await?.ok_or_else(|| {
            Error::new(Kind::BadReply, format!("the reply to {} is empty", request.describe()))
                .hint("check api_url: c66 config list --show-origin")
                .with_request(failed_request(request, None))
        })
    }

    /// The pages of a list; with `max_items`, no more than needed.
    pub(crate) fn pages(&self, request: Request, max_items: Option<usize>) -> Pages<'_> {
        let concurrency = self.transport.options().concurrency;
        let fetch = move |number: u64| {
            let request = if number > 1 { request.for_page(number) } else { request.clone() };
            async move { self.page(&request).await }
        };
        Pages::new(fetch, concurrency, max_items)
    }

    /// The one page of a list that a request asks for.
    pub(crate) async fn page(&self, request: &Request) -> Result<Page> {
        let reply = self.send(request).await?;
        let wrong = |problem| bad_reply(request, &reply, problem);
        let page = envelope::page(&reply.body).map_err(wrong)?;
        let asked = request.page();
        // An empty page is the end of the list, whatever its page number.
        match page.current.filter(|current| *current != asked && !page.items.is_empty()) {
            None => Ok(page),
            Some(current) => {
                self.transport.drop_connections();
                Err(wrong(format!("page {current} instead of {asked}")))
            }
        }
    }

    /// Every item of a list, from all pages.
    pub(crate) async fn fetch_all(&self, request: Request) -> Result<Vec<Document>> {
        let mut pages = self.pages(request, None);
        let (mut all, mut held) = (Vec::new(), HeldItems::default());
        while let Some(page) = pages.next().await? {
            held.add(page.items.iter().map(|item| item.get().len()), 0, 0)?;
            all.extend(page.items.into_iter().map(Document::new));
        }
        Ok(all)
    }
}

/// Creates a request for an operation of the table, with its path segments.
pub(crate) fn request(endpoint: &'static Endpoint, path_params: &[(&str, &str)]) -> Result<Request> {
    // An empty segment would request another resource: the list of the wanted one.
    if let Some((name, _)) = path_params.iter().find(|(_, value)| value.is_empty()) {
        return Err(Error::usage(format!("the {} must not be empty", name.replace('_', " "))));
    }
    let path = endpoint
        .fill_path(path_params)
        .map_err(|name| Error::internal(format!("missing {name} for {}", endpoint.id)))?;
    let mut request = Request::new(endpoint.method, format!("{path}.json"));
    if let Some(param) = endpoint.last_param().filter(|_| endpoint.method.is_read()) {
        let asked = path_params.iter().find(|(name, _)| *name == param);
        request.asked = asked.map(|(_, value)| (param, (*value).to_owned()));
    }
    request.scope = Some(endpoint.scope);
    request.begins_action = endpoint.reply == ReplyShape::Action;
    request.wrapper = endpoint.wrapper;
    request.secrets = endpoint.params.iter().filter(|param| param.secret).map(|param| param.name).collect();
    Ok(request)
}

/// Adds a field to the JSON body of a request, or to the object in it that has the fields.
pub(crate) fn with_field(mut request: Request, name: &str, value: impl Into<Value>) -> Request {
    let body = request.body.get_or_insert_with(|| json!({}));
    let fields = match (request.wrapper, body) {
        (Some(wrapper), Value::Object(body)) => body.entry(wrapper).or_insert_with(|| json!({})),
        (_, body) => body,
    };
    if let Value::Object(fields) = fields {
        fields.insert(name.to_owned(), value.into());
    }
    request
}

/// The root of the API for an `api_url`, which may be just the host.
pub(crate) fn api_root(api_url: &str) -> String {
    let host = api_url.split_once("://").map_or(api_url, |(_, rest)| rest).trim_end_matches('/');
    // An address without a host stays as it is, so that it is refused later.
    if host.is_empty() {
        return api_url.to_owned();
    }
    let trimmed = api_url.trim_end_matches('/');
    if host.contains('/') { trimmed.to_owned() } else { format!("{trimmed}{}", endpoints::ROOT) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::endpoint::{Method, ReplyShape};

    #[test]
    fn fields_stand_where_the_operation_takes_them() {
        const FLAT: Endpoint = Endpoint {
            id: "things_create",
            method: Method::Post,
            path: "/things",
            scope: "admin",
            reply: ReplyShape::Object,
            params: &[],
            wrapper: None,
            summary: "Add a thing",
            check: None,
            source: "2018",
        };
        const WRAPPED: Endpoint = Endpoint { wrapper: Some("thing"), ..FLAT };
        for (endpoint, expected) in
            [(&FLAT, json!({ "a": 1, "b": [true] })), (&WRAPPED, json!({ "thing": { "a": 1, "b": [true] } }))]
        {
            let request = request(endpoint, &[]).map(|request| with_field(request, "a", 1));
            let request = request.map(|request| with_field(request, "b", vec![true]));
            assert_eq!(request.ok().and_then(|request| request.body), Some(expected));
        }
    }

    #[test]
    fn an_address_may_name_the_host_or_the_root() {
        for (given, expected) in [
            ("https://app.cloud66.com", "https://app.cloud66.com/api/3"),
            ("https://app.cloud66.com/", "https://app.cloud66.com/api/3"),
            ("https://app.cloud66.com/api/3/", "https://app.cloud66.com/api/3"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/3"),
            ("https://example.org/proxy", "https://example.org/proxy"),
            ("https://", "https://"),
        ] {
            assert_eq!(api_root(given), expected);
        }
    }
}
