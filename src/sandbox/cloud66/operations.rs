//! Log lines of operations, and the answers to a ping.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::{ApiError, ApiResult, acknowledgement};

/// The only operation with a log.
const UID: &str = "0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69";
/// An operation that it started.
const CHILD: &str = "5a69c4b3d2e1f3a9c0a4d7a2c4b5b4f0";

/// Severity, seconds, message and source; those with a depth belong to the child.
const LINES: [(i64, u64, &str, Option<&str>, u64); 5] = [
    (2, 0, "Deployment started", None, 0),
    (2, 3, "Building the image", Some("builder"), 1),
    (4, 9, "The base image is old", Some("builder"), 1),
    (2, 20, "Deploying to Caribou", Some("caribou"), 0),
    (2, 31, "Deployment finished", None, 0),
];

/// `operations_logs`
pub(super) fn operations_logs(_: &mut State, call: &Call) -> ApiResult {
    let uid = call.path_param("operation_uid");
    if uid != UID {
        return Err(ApiError::not_found(format!("Operation `{uid}` not found; the sandbox has {UID}.")));
    }
    let parameters = call.parameters()?;
    let least = parameters.integer("min_severity").unwrap_or_default();
    if !(0..=5).contains(&least) {
        return Err(ApiError::bad_request("The parameter `min_severity` must be from 0 to 5."));
    }
    let with_children = parameters.text("include_children").as_deref() == Some("true");
    let is_wanted = |line: &&(i64, u64, &str, Option<&str>, u64)| line.0 >= least && (with_children || line.4 == 0);
    let lines: Vec<_> = LINES.iter().filter(is_wanted).collect();
    call.list(&lines, |(severity, seconds, message, source, depth)| -> Value {
        json!({
            "v": severity,
            "m": message,
            "t": format!("2026-05-06T10:00:{seconds:02}Z"),
            "s": source,
            "e": depth,
            "operation_uid": (*depth > 0).then_some(CHILD),
        })
    })
}

/// `ping_auth`
pub(super) fn ping_auth(_: &mut State, _: &Call) -> ApiResult {
    Ok(acknowledgement("pong"))
}
