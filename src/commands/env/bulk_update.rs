//! Changes many variables in one request, which newer servers support without documentation: one action instead of
//! many.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::StackVariables;
use crate::args::WaitArgs;
use crate::cloud66::endpoints::{ENVIRONMENTS_BULK_UPDATE, ENVIRONMENTS_CREATE, ENVIRONMENTS_UPDATE};
use crate::cloud66::envelope::Document;
use crate::cloud66::with_field;
use crate::commands::actions;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::stack_requests::request_in_stack;
use crate::error::{Error, Kind, Result};
use crate::http::Request;

/// The request for all these variables.
pub(super) fn request(
    target: &StackRef,
    variables: &[(String, String)],
    apply_strategy: Option<&str>,
) -> Result<Request> {
    let contents: Map<String, Value> =
        variables.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    let mut request: Request = request_in_stack(target, &ENVIRONMENTS_BULK_UPDATE, &[])?;
    request = with_field(request, "environments_format", "json");
    request = with_field(request, "contents", json!(contents).to_string());
    if let Some(strategy) = apply_strategy {
        request = with_field(request, "apply_strategy", strategy);
    }
    Ok(request)
}

/// What a preview says of an API that sends them one by one.
pub(super) const WITHOUT_BULK: &str = "an API without the bulk operation gets one request per variable";

/// Sends that request, waits unless told otherwise, and checks that the variables arrived; `None` if the API has no such
/// operation. `not_sent` are the keys that would be deleted afterwards, for errors.
pub(super) async fn send(
    context: &Context,
    target: &StackRef,
    request: &Request,
    pairs: &[(String, String)],
    not_sent: &[String],
    wait: &WaitArgs,
) -> Result<Option<Option<Document>>> {
    let sent = send_request(context, target, request, wait).await;
    let done = sent.map_err(|error| error_of_bulk(error, &keys_of(pairs), not_sent))?;
    if done.is_some() && !wait.no_wait {
        check_arrival(context, target, pairs).await.map_err(|error| with_not_sent(error, not_sent))?;
    }
    Ok(done)
}

/// Sends the request and returns the action like [`actions::send`].
///
/// Only the status of the request itself can tell: later requests have other paths and other statuses.
async fn send_request(
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

fn keys_of(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", ")
}

/// The error of the request that changes `keys`, or of its wait.
fn error_of_bulk(error: Error, keys: &str, removed: &[String]) -> Error {
    // An error of the request itself names it; the wait is for the action.
    let error = match error.action_id() {
        Some(_) if error.kind() != Kind::RemoteFailed => {
            error.hint(format!("the request that changes {keys} was accepted"))
        }
        _ => error,
    };
    with_not_sent(error, removed)
}

fn with_not_sent(error: Error, removed: &[String]) -> Error {
    if removed.is_empty() { error } else { error.hint(format!("not deleted: {}", removed.join(", "))) }
}

/// Checks that the variables of one request have their new values, since the operation is not documented. Whatever the
/// result, nothing is sent again, because the API accepted the request.
async fn check_arrival(context: &Context, target: &StackRef, pairs: &[(String, String)]) -> Result<()> {
    for pause in [Some(Duration::from_secs(1)), Some(Duration::from_secs(2)), None] {
        let found = StackVariables::fetch(context, target).await;
        let found = found.map_err(|error| {
            let message = format!("{} were sent in one request; its outcome is unknown", keys_of(pairs));
            error.after_write(message)
        })?;
        let has_arrived = |(key, value): &&(String, String)| match found.get(key) {
            // A read-only one is never sent.
            Some((variable, _)) => {
                variable.readonly == Some(true) || variable.value.as_deref().unwrap_or_default() == value
            }
            None => false,
        };
        let missing: Vec<_> = pairs.iter().filter(|pair| !has_arrived(pair)).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let Some(pause) = pause else {
            let message = format!("the API reports success but still shows the old value of {}", keys_of(&missing));
            let (globals, flag) = (&context.global_flags, target.flag());
            return Err(Error::new(Kind::BadReply, message)
                .hint(format!("check with: c66{globals} env list {flag}"))
                .hint("to send them one by one, run c66 env set for each"));
        };
        // A list may lag behind the action.
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

/// The request for one variable, with its key.
pub(super) fn change_request(
    target: &StackRef,
    key: &str,
    value: &str,
    exists: bool,
    apply_strategy: Option<&str>,
) -> Result<(String, Request)> {
    let mut request = if exists {
        request_in_stack(target, &ENVIRONMENTS_UPDATE, &[("key", key)])?
    } else {
        with_field(request_in_stack(target, &ENVIRONMENTS_CREATE, &[])?, "key", key)
    };
    request = with_field(request, "value", value);
    if let Some(strategy) = apply_strategy {
        request = with_field(request, "apply_strategy", strategy);
    }
    Ok((key.to_owned(), request))
}
