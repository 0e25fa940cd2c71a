//! Accounts: the one account that owns everything here.

use std::collections::BTreeSet;

use serde_json::json;

use super::reply::{Answer, list};
use super::router::Call;
use super::world::{USER, World};

/// `accounts_list`
pub(super) fn accounts_list(world: &mut World, call: &Call) -> Answer {
    let used_clouds: BTreeSet<String> =
        world.stacks.iter().map(|stack| stack.cloud.to_lowercase().replace(' ', "")).collect();
    let account = json!({
        "id": 139,
        "owner": USER,
        "created_at_iso": "2013-06-19T11:08:03Z",
        "updated_at_iso": "2014-02-20T12:55:58Z",
        "stack_count": world.stacks.len(),
        "used_clouds": used_clouds,
    });
    Ok(list(&[account], call.parameters()?.page()?, Clone::clone))
}
