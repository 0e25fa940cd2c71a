//! Many variables in one call, which later servers have and the documents do not: one action instead of many.

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

/// `PATCH …/environments/bulk`: adds and changes, deletes nothing. The source is the official client; it stands outside
/// the table of documented operations.
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

/// The call for all these variables.
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

/// Sends that call and gives the action as [`actions::send`] does; nothing where the server has no such call.
///
/// Only the status of the call itself can say that: what is asked afterwards has another path, and another answer.
pub(super) async fn send(
    context: &Context,
    target: &StackRef,
    request: &Request,
    wait: &WaitArgs,
) -> Result<Option<Option<Document>>> {
    // From here to the end of the wait: in no moment between may a signal end the program without a word.
    let _guard = context.signals.guard()?;
    let started = match actions::start(context, target, request, wait).await {
        // A server without the call has done nothing: it has no such path, or takes `bulk` for the name of a variable.
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
