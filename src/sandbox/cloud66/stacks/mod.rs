//! Stacks: list and show are here, creation in `creation.rs`, the initial stacks in `seed.rs`.

pub(super) mod creation;
pub(super) mod seed;

use serde_json::{Value, json};

use super::call::Call;
use super::reply::{ApiResult, object};
use super::{Stack, State, config_store, git};
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
    let mut shown = json!({
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
        // Newer servers send it; the config store needs it.
        "configstore_namespace": config_store::namespace_of(stack),
    });
    if stack.parts.kubernetes {
        shown["backend"] = "kubernetes".into();
        shown["namespaces"] = json!([stack.namespace()]);
    }
    shown
}
