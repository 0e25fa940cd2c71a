//! Accounts: the only account, which owns everything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::users::API_USER;

const ID: u64 = 139;
/// Its ID in the documentation.
const DOCUMENTED_ID: u64 = 1;

/// `accounts_list`
pub(super) fn accounts_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&[account(state)], Value::clone)
}

/// `accounts_show`, by its ID or that of the documentation
pub(super) fn accounts_show(state: &mut State, call: &Call) -> ApiResult {
    match call.id("account_id", "account")? {
        ID | DOCUMENTED_ID => Ok(object(account(state))),
        other => Err(ApiError::not_found(format!("Account {other} not found."))),
    }
}

fn account(state: &State) -> Value {
    let used_clouds: BTreeSet<String> =
        state.stacks.iter().map(|stack| stack.cloud.to_lowercase().replace(' ', "")).collect();
    json!({
        "id": ID,
        "owner": API_USER,
        "created_at_iso": "2013-06-19T11:08:03Z",
        "updated_at_iso": "2014-02-20T12:55:58Z",
        "stack_count": state.stacks.len(),
        "used_clouds": used_clouds,
    })
}
