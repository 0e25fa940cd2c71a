//! Stacks: what they show, and the states they go through.

pub(super) mod creation;

use serde_json::{Value, json};

use super::reply::{ApiResult, list, object};
use super::router::Call;
use super::{Stack, State};
use crate::sandbox::clock::{iso, iso_with_offset, plain};

/// Status of a stack that waits to be analysed.
pub(in crate::sandbox) const PENDING: u8 = 0;
/// Status of a stack whose last deployment worked.
pub(in crate::sandbox) const DEPLOYED: u8 = 1;
/// Status of a stack whose last deployment failed.
pub(in crate::sandbox) const FAILED: u8 = 2;
/// Status of a stack that is being analysed.
pub(in crate::sandbox) const ANALYSING: u8 = 3;
/// Status of a stack that could be deployed.
pub(in crate::sandbox) const ANALYSED: u8 = 4;
/// Status of a stack that waits to be deployed.
pub(in crate::sandbox) const QUEUED: u8 = 5;
/// Status of a stack that is being deployed.
pub(in crate::sandbox) const DEPLOYING: u8 = 6;
/// Status of a stack that could not be analysed.
pub(in crate::sandbox) const UNABLE_TO_ANALYSE: u8 = 7;

/// Health of a stack of which nothing is known.
pub(in crate::sandbox) const UNKNOWN: u8 = 0;
/// Health of a stack that is being built.
pub(in crate::sandbox) const BUILDING: u8 = 1;
/// Health of a stack that works.
pub(in crate::sandbox) const HEALTHY: u8 = 3;
/// Health of a stack that does not work.
pub(in crate::sandbox) const BROKEN: u8 = 4;

/// `stacks_list`
pub(in crate::sandbox) fn stacks_list(state: &mut State, call: &Call) -> ApiResult {
    Ok(list(&state.stacks, call.parameters()?.page()?, render))
}

/// `stacks_show`
pub(in crate::sandbox) fn stacks_show(state: &mut State, call: &Call) -> ApiResult {
    Ok(object(render(state.stack(call.path_param("stack_id"))?)))
}

fn render(stack: &Stack) -> Value {
    json!({
        "uid": stack.uid,
        "name": stack.name,
        "git": stack.git,
        "git_branch": stack.git_branch,
        "environment": stack.environment,
        "cloud": stack.cloud,
        "fqdn": stack.fqdn,
        "language": stack.language,
        "framework": stack.framework,
        "status": stack.status,
        "health": stack.health,
        "last_activity": iso_with_offset(stack.last_activity),
        "last_activity_iso": iso_with_offset(stack.last_activity),
        "maintenance_mode": stack.maintenance_mode,
        "has_loadbalancer": stack.has_loadbalancer,
        "created_at": plain(stack.created_at),
        "updated_at": plain(stack.updated_at),
        "deploy_directory": stack.deploy_directory,
        "cloud_status": stack.cloud_status,
        "created_at_iso": iso(stack.created_at),
        "updated_at_iso": iso(stack.updated_at),
        "redeploy_hook": stack.redeploy_hook,
    })
}
