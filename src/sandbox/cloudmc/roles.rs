//! Roles.

use super::State;
use super::call::Call;
use super::objects::text;
use super::reply::{ApiResult, data};

/// `GET /roles`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", []) => {
            let mut shown = state.collection("roles").to_vec();
            shown.retain(|role| {
                let wanted = call.query("filter_scope").or(call.query("environment_id").map(|_| "ENV"));
                wanted.is_none_or(|scope| text(role, "defaultScope") == scope)
                    && (!call.flag("system_only") || role["isSystem"] == true)
            });
            Ok(data(shown.into()))
        }
        (_, []) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}
