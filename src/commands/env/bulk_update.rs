//! Changes many variables in one request, which newer servers support without documentation: one action instead of
//! many.

use serde_json::{Map, Value, json};

use crate::args::WaitArgs;
use crate::cloud66::endpoints::{APPLY_STRATEGIES, ENVIRONMENTS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::with_field;
use crate::commands::actions;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::http::endpoint::{Endpoint, Method, Param, ParamType, ReplyShape};

/// `PATCH …/environments/bulk`: adds and changes, deletes nothing. The source is the official client; it is not in the
/// table of documented operations.
const ENVIRONMENTS_BULK: Endpoint = Endpoint {
    id: "environments_bulk",
    method: Method::Patch,
    path: "/stacks/{stack_id}/environments/bulk",
    scope: "admin",
    reply: ReplyShape::Action,
    params: &[
        Param::body("environments_format", ParamType::Text).required().one_of(&["dotenv", "json"]),
        Param::body("contents", ParamType::Text).required().secret(),
        Param::body("apply_strategy", ParamType::Text).one_of(APPLY_STRATEGIES),
    ],
    summary: "Add and change environment variables",
    wrapper: None,
    check: Some(&ENVIRONMENTS_LIST),
    source: "official client",
};

/// The request for all these variables.
pub(super) fn request(
    target: &StackRef,
    variables: &[(String, String)],
    apply_strategy: Option<&str>,
) -> Result<Request> {
    let contents: Map<String, Value> =
        variables.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let mut request: Request = request_in_stack(target, &ENVIRONMENTS_BULK, &[])?;
    request = with_field(request, "environments_format", "json");
    request = with_field(request, "contents", json!(contents).to_string());
    if let Some(strategy) = apply_strategy {
        request = with_field(request, "apply_strategy", strategy);
    }
    Ok(request)
}

/// Sends that request and returns the action like [`actions::send`]; `None` if the API has no such operation.
///
/// Only the status of the request itself can tell: later requests have other paths and other statuses.
pub(super) async fn send(
    context: &Context,
    target: &StackRef,
    request: &Request,
    wait: &WaitArgs,
) -> Result<Option<Option<Document>>> {
    // The guard must be held from here to the end of the wait: a signal in between must not end the program silently.
    let _guard = context.signals.guard()?;
    let started = match actions::start(context, target, request, wait).await {
        // An API without the operation has done nothing: it has no such path, or reads `bulk` as the name of a
        // variable.
        Err(error) if is_unknown(&error) => return Ok(None),
        started => started?,
    };
    let Some(started) = started else { return Ok(Some(None)) };
    let document = started.finish(context, target, wait).await?;
    actions::verdict(&document.view()?)?;
    Ok(Some(Some(document)))
}

fn is_unknown(error: &Error) -> bool {
    let status = error.failed_request().and_then(|request| request.status);
    matches!(status, Some(404 | 405 | 501)) || (status == Some(503) && error.kind() == Kind::NotImplemented)
}
