//! Accounts: the only account, which owns everything.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::config_store::ACCOUNT_NAMESPACE;
use super::reply::{ApiError, ApiResult, object};
use super::users::API_USER;

pub(super) const ID: u64 = 139;
/// Its IDs elsewhere in the documentation: it is one account under several numbers.
const DOCUMENTED_IDS: [u64; 3] = [1, 14, 12345];
const CREATED_AT: &str = "2013-06-19T11:08:03Z";
const UPDATED_AT: &str = "2014-02-20T12:55:58Z";
/// The command that registers a server; its last word stands for a secret and opens nothing.
const REGISTRATION: &str = "curl -s https://app.cloud66.com/registrations/new | sudo bash -s sandbox-registration";
/// Its name, chosen by the owner.
pub(super) const FRIENDLY_NAME: &str = "Awesome Company";

/// `accounts_list`
pub(super) fn accounts_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&[account(state, ID)], Value::clone)
}

/// `accounts_show`, by its ID or one of those of the documentation; on request with its servers outside of any stack
pub(super) fn accounts_show(state: &mut State, call: &Call) -> ApiResult {
    let mut shown = account(state, check(call)?);
    if call.parameters()?.text("include_servers").as_deref() == Some("true") {
        shown["unmanaged_servers"] = json!([]);
    }
    Ok(object(shown))
}

/// The ID of the account in the path, if it is one of this account.
pub(super) fn check(call: &Call) -> Result<u64, ApiError> {
    let id = call.id("account_id", "account")?;
    if is_known(id) { Ok(id) } else { Err(ApiError::not_found(format!("Account {id} not found."))) }
}

/// Refuses a request for another account.
pub(super) fn check_header(account: Option<&str>) -> Result<(), ApiError> {
    match account {
        Some(wanted) if !wanted.trim().parse().is_ok_and(is_known) => {
            Err(ApiError::not_found(format!("Account `{wanted}` not found.")))
        }
        _ => Ok(()),
    }
}

/// Whether the account has this ID.
pub(super) fn is_known(id: u64) -> bool {
    id == ID || DOCUMENTED_IDS.contains(&id)
}

fn account(state: &State, id: u64) -> Value {
    let used_clouds: BTreeSet<String> =
        state.stacks.iter().map(|stack| stack.cloud.to_lowercase().replace(' ', "")).collect();
    json!({
        "id": id,
        "owner": API_USER,
        "created_at_iso": CREATED_AT,
        "updated_at_iso": UPDATED_AT,
        "stack_count": state.stacks.len(),
        "used_clouds": used_clouds,
        "friendly_name": FRIENDLY_NAME,
        "current_account": true,
        "configstore_namespace": ACCOUNT_NAMESPACE,
        "server_registration_script": REGISTRATION,
        // The names of the official client.
        "created_at": CREATED_AT,
        "updated_at": UPDATED_AT,
    })
}
