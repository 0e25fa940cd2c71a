//! Stacks: list and show are here, creation in `creation.rs`, the initial stacks in `seed.rs`.

pub(super) mod creation;
pub(super) mod seed;

use serde_json::{Value, json};

use super::call::Call;
use super::reply::{ApiResult, object};
use super::{Stack, State, accounts, config_store, git};
use crate::sandbox::clock::{iso, iso_with_offset, plain};

/// `stacks_list`, with the filters of the official client. No documentation has them; the toolbelt takes parts of a
/// name and of an environment, and any form of the URL of a repository.
pub(super) fn stacks_list(state: &mut State, call: &Call) -> ApiResult {
    let parameters = call.parameters()?;
    let fits = |stack: &&Stack| {
        let fits =
            |name: &str, is_wanted: &dyn Fn(&str) -> bool| parameters.text(name).is_none_or(|text| is_wanted(&text));
        fits("filter_name", &|text| begins_with(&stack.name, text))
            && fits("filter_environment", &|text| begins_with(&stack.environment, text))
            && fits("filter_git_repo", &|text| git::is_same_repository(&stack.git, text))
            && fits("filter_git_branch", &|text| stack.git_branch == text)
    };
    let stacks: Vec<&Stack> = state.stacks.iter().filter(fits).collect();
    call.list(&stacks, |stack| render(stack))
}

/// Whether a name begins with a text, in upper or lower case.
fn begins_with(name: &str, text: &str) -> bool {
    name.to_lowercase().starts_with(&text.to_lowercase())
}

/// `stacks_show`
pub(super) fn stacks_show(state: &mut State, call: &Call) -> ApiResult {
    Ok(object(render(state.stack(call)?)))
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
        // What follows is in the newest documentation, and read by the official client.
        "configstore_namespace": config_store::namespace_of(stack),
        "account_id": accounts::ID,
        "account_name": accounts::FRIENDLY_NAME,
        "backend": backend(stack),
        "version": null,
        "revision": null,
        "namespaces": stack.parts.kubernetes.then(|| stack.namespace()).as_slice(),
        "is_busy": stack.is_busy(),
        "is_cluster": false,
        "is_inside_cluster": false,
        "cluster_name": null,
        "application_address": null,
    })
}

/// What runs the containers of a stack, if it has any.
fn backend(stack: &Stack) -> Option<&'static str> {
    match stack.framework.as_str() {
        _ if stack.parts.kubernetes => Some("kubernetes"),
        "docker" => Some("docker"),
        _ => None,
    }
}
