//! The CloudMC API, typed: its operations, the meaning of its replies, and its client.
//!
//! It prints nothing and parses no arguments; the hints of its errors name commands.

pub(crate) mod api_error;
pub(crate) mod endpoints;
pub(crate) mod envelope;
pub(crate) mod failure;
pub(crate) mod raw;
pub(crate) mod secrets;
pub(crate) mod task;

use std::cell::OnceCell;

use reqwest::header::HeaderMap;

use self::api_error::ApiError;
use self::endpoints::{ROOT, TASKS_SHOW};
use self::envelope::{Data, ParsedReply, parse};
use self::task::Task;
use crate::error::{Error, Kind, Result};
use crate::http::document::Document;
use crate::http::endpoint::Endpoint;
use crate::http::error::bad_reply;
use crate::http::fields::Fields;
use crate::http::pagination::check_number_of_items;
use crate::http::{ApiRules, Request, Response, Transport};
use crate::text::sanitize::excerpt;

/// Maximum length of a quoted id, in characters.
const MAX_QUOTED_ID: usize = 64;

/// The header with the API key, in lower case.
pub(crate) const KEY_HEADER: &str = "mc-api-key";

/// What the transport needs to know about this API.
pub(crate) fn api_rules() -> ApiRules {
    ApiRules { headers: HeaderMap::new(), follows_redirects: false, retry_reason: failure::retry_reason }
}

/// A client of the API, in one organization.
pub(crate) struct CloudMc {
    transport: Transport,
    /// UUID of the organization; the key's own if not set.
    organization: OnceCell<String>,
}

/// The reply to a write.
pub(crate) enum WriteReply {
    /// Done; the reply is empty.
    Nothing,
    /// Done; the created or changed resource.
    Done(Document),
    /// A task, which may have ended already.
    Task(Task),
}

impl CloudMc {
    /// Creates a client over `transport`, whose root is that of the API (see [`api_root`]).
    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport, organization: OnceCell::new() }
    }

    /// Sets the organization of all further requests. Only the first call has an effect.
    pub(crate) fn set_organization(&self, organization: String) {
        self.organization.get_or_init(|| organization);
    }

    /// The transport of the client.
    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// UUID of the organization, if it is not the key's own.
    pub(crate) fn organization(&self) -> Option<&str> {
        self.organization.get().map(String::as_str)
    }

    /// The request with the organization, unless it has one itself.
    pub(crate) fn with_organization(&self, mut request: Request) -> Request {
        if let Some(organization) = self.organization()
            && !request.query.iter().any(|(name, _)| name == "org_id")
        {
            request.query.push(("org_id".to_owned(), organization.to_owned()));
        }
        request
    }

    /// The request with the documented organization filter, beside `org_id`.
    pub(crate) fn with_organization_filter(&self, mut request: Request, endpoint: &Endpoint) -> Request {
        let filter = ["organizationId", "organization_id"].into_iter().find(|name| endpoint.param(name).is_some());
        if let (Some(filter), Some(organization)) = (filter, self.organization()) {
            request.query.push((filter.to_owned(), organization.to_owned()));
        }
        request
    }

    /// Sends a request and returns the meaning of the reply and the reply itself.
    pub(crate) async fn call(&self, request: &Request) -> Result<(ParsedReply, Response)> {
        let request = &self.with_organization(request.clone());
        let expects_task = TASKS_SHOW.match_path(&request.path).is_some();
        let response = self.transport.send_any_status(request).await?;
        match parse(response.status, &response.body, expects_task) {
            ParsedReply::Errors(errors) => Err(failure::from_response(request, &response, &errors, "")),
            ParsedReply::Failed(said) => Err(failure::from_response(request, &response, &[], &said)),
            ParsedReply::Data(data) if data.payload.is_too_deep() => {
                Err(bad_reply(request, &response, "the reply is nested too deeply"))
            }
            ParsedReply::Data(data) => match about_another(request, &data.payload) {
                Some(problem) => Err(self.mixed_up(request, &response, &problem)),
                None => Ok((ParsedReply::Data(data), response)),
            },
            reply => Ok((reply, response)),
        }
    }

    /// The requested data.
    pub(crate) async fn data(&self, request: &Request) -> Result<Data> {
        match self.call(request).await? {
            (ParsedReply::Data(data), _) => Ok(data),
            (ParsedReply::Started(task), _) => Ok(Data { payload: task.document, total: None }),
            (_, response) => Err(not_json(request, &response)),
        }
    }

    /// The requested item.
    pub(crate) async fn fetch(&self, request: &Request) -> Result<Document> {
        self.data(request).await.map(Data::one)
    }

    /// The requested rows.
    pub(crate) async fn fetch_all(&self, request: &Request) -> Result<Vec<Document>> {
        list_items(request, &self.data(request).await?)
    }

    /// Sends a write.
    pub(crate) async fn write(&self, request: &Request) -> Result<WriteReply> {
        match self.call(request).await? {
            (ParsedReply::Empty, _) => Ok(WriteReply::Nothing),
            (ParsedReply::Data(data), _) => Ok(WriteReply::Done(data.one())),
            (ParsedReply::Started(task) | ParsedReply::Task(task), _) => Ok(WriteReply::Task(task)),
            (_, response) => Err(not_json(request, &response)),
        }
    }

    /// The error for a reply to another request; later replies on its connection would be wrong too.
    fn mixed_up(&self, request: &Request, response: &Response, problem: &str) -> Error {
        self.transport.drop_connections();
        bad_reply(request, response, problem)
    }

    /// A task in its current state.
    pub(crate) async fn task(&self, id: &str) -> Result<Task> {
        let request = task_request(id)?;
        let request = self.with_organization(request);
        let response = self.transport.send_any_status(&request).await?;
        match parse(response.status, &response.body, true) {
            ParsedReply::Task(task) | ParsedReply::Started(task) => {
                if task.id.is_empty() || task.id.eq_ignore_ascii_case(id) {
                    return Ok(task);
                }
                let problem = format!("a reply about task {}", excerpt(&task.id, MAX_QUOTED_ID));
                Err(self.mixed_up(&request, &response, &problem))
            }
            // Some servers send a failure status for a failed task.
            ParsedReply::Errors(errors) if matches!(response.status, 200..=299 | 400 | 409 | 422) => {
                let failed = failure::from_response(&request, &response, &errors, "");
                Err(Error::new(Kind::RemoteFailed, format!("task {id} failed: {}", first_line(&errors, &failed)))
                    .with_details(failed.details().cloned().unwrap_or_default()))
            }
            ParsedReply::Errors(errors) => {
                Err(with_expiry(id, response.status, failure::from_response(&request, &response, &errors, "")))
            }
            ParsedReply::Failed(words) => {
                Err(with_expiry(id, response.status, failure::from_response(&request, &response, &[], &words)))
            }
            _ => Err(bad_reply(&request, &response, "the reply has no task")),
        }
    }
}

/// The error if the reply to a read is about another item.
fn about_another(request: &Request, payload: &Document) -> Option<String> {
    let (_, asked) = request.asked.as_ref().filter(|(_, asked)| is_uuid(asked))?;
    let fields: Fields = payload.view().ok()?;
    let found = fields.text("id").filter(|id| is_uuid(id) && !id.eq_ignore_ascii_case(asked))?;
    Some(format!("id {found} instead of {asked}"))
}

/// The rows of a list.
pub(crate) fn list_items(request: &Request, data: &Data) -> Result<Vec<Document>> {
    let wrong = |message: String| Error::new(Kind::BadReply, message).hint("see the raw reply with c66 cloudmc api");
    let items = data.items().ok_or_else(|| wrong(format!("the reply to {} has no list", request.describe())))?;
    let what = || format!("invalid reply to {}", request.describe());
    check_number_of_items(items.len()).map_err(|problem| wrong(format!("{}: {problem}", what())))?;
    Ok(items)
}

/// The first error as a line, else the message of `otherwise`.
fn first_line(errors: &[ApiError], otherwise: &Error) -> String {
    errors.first().map_or_else(|| otherwise.message().to_owned(), ApiError::line)
}

/// A task that is not found may have expired.
fn with_expiry(id: &str, status: u16, error: Error) -> Error {
    if status != 404 {
        return error;
    }
    Error::not_found(format!("task {id} is unknown or expired"))
        .cause("tasks are kept for about 30 minutes")
        .hint("see c66 cloudmc activity list")
        .hint("pass --org for a task of another organization")
}

fn not_json(request: &Request, response: &Response) -> Error {
    bad_reply(request, response, "the reply is not JSON")
}

/// The request for a task. Its result may have secrets: traces must not show it.
pub(crate) fn task_request(id: &str) -> Result<Request> {
    let mut request = request(&TASKS_SHOW, &[("id", id)])?;
    request.secrets.push("result");
    Ok(request)
}

/// Creates a request for an operation of the table, with its path segments.
pub(crate) fn request(endpoint: &'static Endpoint, path_params: &[(&str, &str)]) -> Result<Request> {
    let mut given = Vec::new();
    for (name, value) in path_params {
        // An id with a leading slash gives a path with one slash, not two.
        let value =
            if endpoint.path.contains(&format!("{{{name}*}}")) { value.trim_start_matches('/') } else { *value };
        let dots = value.split('/').any(|part| matches!(part, "." | ".."));
        if value.is_empty() || dots || value.contains(char::is_control) {
            return Err(Error::usage(format!("invalid {} `{value}`", name.replace('_', " "))));
        }
        given.push((*name, value));
    }
    let path =
        endpoint.fill_path(&given).map_err(|name| Error::internal(format!("missing {name} for {}", endpoint.id)))?;
    let mut request = Request::new(endpoint.method, path);
    if let Some(param) = endpoint.last_param().filter(|_| endpoint.method.is_read()) {
        let asked = given.iter().find(|(name, _)| *name == param.trim_end_matches('*'));
        request.asked = asked.map(|(_, value)| (param, (*value).to_owned()));
    }
    // A second delete is forced, and the API may have done part of a failed write.
    request.never_retry = !endpoint.method.is_read();
    Ok(request)
}

/// The root of the API for an endpoint, which may be just the host.
pub(crate) fn api_root(endpoint: &str) -> Result<String> {
    let (scheme, rest) = endpoint.trim().split_once("://").unwrap_or(("https", endpoint.trim()));
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() {
        return Err(Error::usage(format!("invalid CloudMC endpoint `{endpoint}`"))
            .hint("expected a form such as https://HOST/api/v2; the portal shows it on the page \"API Credentials\""));
    }
    let path = if rest.contains('/') { "" } else { ROOT };
    Ok(format!("{scheme}://{rest}{path}"))
}

/// Whether a string is a UUID, and so cannot be a name.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::endpoints::ENTITIES_SHOW;
    use super::*;

    #[test]
    fn an_endpoint_may_be_a_host_or_the_whole_address() {
        for (given, expected) in [
            ("portal.example", "https://portal.example/api/v2"),
            ("https://portal.example/", "https://portal.example/api/v2"),
            ("https://portal.example:8443", "https://portal.example:8443/api/v2"),
            ("https://api.example/v1", "https://api.example/v1"),
            ("https://portal.example/api/v1/", "https://portal.example/api/v1"),
            ("portal.example/prefix/api/v2", "https://portal.example/prefix/api/v2"),
            ("http://127.0.0.1:8080/api/v2", "http://127.0.0.1:8080/api/v2"),
        ] {
            assert_eq!(api_root(given).unwrap(), expected);
        }
        assert!(api_root("").is_err() && api_root("https://").is_err());
    }

    #[test]
    fn an_id_keeps_its_slashes_and_leaves_nothing() {
        let path = |id: &str| {
            let path_params = [("service_code", "c"), ("environment_name", "e"), ("entity_type", "t"), ("id", id)];
            request(&ENTITIES_SHOW, &path_params).map(|request| request.path)
        };
        for (id, expected) in [
            ("5611478403377505138", "5611478403377505138"),
            ("/subscriptions/S/virtualMachines/web-1", "subscriptions/S/virtualMachines/web-1"),
            ("us-east-1/bucket/photos/", "us-east-1/bucket/photos/"),
            ("172.31.0.0/16", "172.31.0.0/16"),
            ("kubeadm:bootstrap", "kubeadm:bootstrap"),
            ("my key?#%ü", "my%20key%3F%23%25%C3%BC"),
        ] {
            assert_eq!(path(id).unwrap(), format!("/services/c/e/t/{expected}"));
        }
        for bad in ["", "/", "a/../b", "..", "a\nb", "./a"] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uuid_is_not_a_name() {
        assert!(is_uuid("9ddd9027-e3cb-4ee0-b112-f270a0f2406c"));
        for name in ["prod", "9ddd9027-e3cb-4ee0-b112", "9ddd9027-e3cb-4ee0-b112-f270a0f2406g", ""] {
            assert!(!is_uuid(name), "{name}");
        }
    }
}
