//! Accounts: the one account that owns everything here.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::reply::{Answer, Refusal, list, object};
use super::router::Call;
use super::{USER, World};

const NUMBER: u64 = 139;
/// The number by which the documents ask for it.
const DOCUMENTED_NUMBER: u64 = 1;

/// `accounts_list`
pub(in crate::sandbox) fn accounts_list(world: &mut World, call: &Call) -> Answer {
    Ok(list(&[account(world)], call.parameters()?.page()?, Value::clone))
}

/// `accounts_show`, by its number or by the one that the documents ask for
pub(in crate::sandbox) fn accounts_show(world: &mut World, call: &Call) -> Answer {
    match call.number("account_id", "account")? {
        NUMBER | DOCUMENTED_NUMBER => Ok(object(account(world))),
        other => Err(Refusal::not_found(format!("There is no account {other}."))),
    }
}

fn account(world: &World) -> Value {
    let used_clouds: BTreeSet<String> =
        world.stacks.iter().map(|stack| stack.cloud.to_lowercase().replace(' ', "")).collect();
    json!({
        "id": NUMBER,
        "owner": USER,
        "created_at_iso": "2013-06-19T11:08:03Z",
        "updated_at_iso": "2014-02-20T12:55:58Z",
        "stack_count": world.stacks.len(),
        "used_clouds": used_clouds,
    })
}
