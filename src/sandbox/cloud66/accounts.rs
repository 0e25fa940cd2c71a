//! Accounts: the one account that owns everything here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::reply::{ApiError, ApiResult, list, object};
use super::router::Call;
use super::{State, USER};

const NUMBER: u64 = 139;
/// The number by which the documents ask for it.
const DOCUMENTED_NUMBER: u64 = 1;

/// `accounts_list`
pub(in crate::sandbox) fn accounts_list(state: &mut State, call: &Call) -> ApiResult {
    Ok(list(&[account(state)], call.parameters()?.page()?, Value::clone))
}

/// `accounts_show`, by its number or by the one that the documents ask for
pub(in crate::sandbox) fn accounts_show(state: &mut State, call: &Call) -> ApiResult {
    match call.number("account_id", "account")? {
        NUMBER | DOCUMENTED_NUMBER => Ok(object(account(state))),
        other => Err(ApiError::not_found(format!("There is no account {other}."))),
    }
}

fn account(state: &State) -> Value {
    let used_clouds: BTreeSet<String> =
        state.stacks.iter().map(|stack| stack.cloud.to_lowercase().replace(' ', "")).collect();
    json!({
        "id": NUMBER,
        "owner": USER,
        "created_at_iso": "2013-06-19T11:08:03Z",
        "updated_at_iso": "2014-02-20T12:55:58Z",
        "stack_count": state.stacks.len(),
        "used_clouds": used_clouds,
    })
}
