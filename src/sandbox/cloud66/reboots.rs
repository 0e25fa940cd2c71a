//! Reboots of servers.

use super::State;
use super::actions::Action;
use super::call::Call;
use super::reply::{ApiError, ApiResult};
use super::servers;

/// How long a reboot takes, in seconds at normal speed.
const DURATION: f64 = 6.0;
/// The group that is rebooted if none is named.
const DEFAULT_GROUP: &str = "web";
const EVERY_GROUP: &str = "all";

/// `stacks_reboot`, of all servers or of those with a role
pub(super) fn stacks_reboot(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let group = parameters.text("group").unwrap_or_else(|| DEFAULT_GROUP.to_owned());
    let servers = &stack.infrastructure().into_owned().servers;
    let wanted = servers.iter().filter(|server| group == EVERY_GROUP || server.roles.contains(&group)).count();
    if wanted == 0 {
        let mut roles: Vec<&str> = servers.iter().flat_map(|server| &server.roles).map(String::as_str).collect();
        roles.sort_unstable();
        roles.dedup();
        let roles = if roles.is_empty() { "no servers".to_owned() } else { format!("servers of {}", roles.join(", ")) };
        return Err(ApiError::not_found(format!(
            "The parameter `group` names no server `{group}`: the stack has {roles}."
        )));
    }
    // One after the other takes longer.
    let turns = if parameters.text("strategy").as_deref() == Some("serial") { wanted } else { 1 };
    let turns = u32::try_from(turns).unwrap_or(u32::MAX);
    Ok(Action::start(ids, stack, "stack_reboot", call.clock, DURATION * f64::from(turns)).add_to(stack))
}

/// `servers_reboot`
pub(super) fn servers_reboot(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    servers::find(&stack.infrastructure(), call)?;
    Ok(Action::start(ids, stack, "server_reboot", call.clock, DURATION).add_to(stack))
}
