//! New stacks: from a service definition through analysis to the first deployment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::seed;
use crate::sandbox::clock::Clock;
use crate::sandbox::cloud66::actions::Action;
use crate::sandbox::cloud66::call::Call;
use crate::sandbox::cloud66::deployments::{DEPLOY_DURATION, QUEUE_DURATION};
use crate::sandbox::cloud66::parameters::Parameters;
use crate::sandbox::cloud66::reply::{ApiError, ApiResult};
use crate::sandbox::cloud66::status::{ANALYZED, ANALYZING, BROKEN, BUILDING, PENDING, UNABLE_TO_ANALYZE, UNKNOWN};
use crate::sandbox::cloud66::{NextIds, Stack, State, clouds, deployments};

// When the analysis begins and ends, and when the first deployment begins, in seconds at normal speed after the
// request.
const ANALYSIS_BEGINS: f64 = 1.0;
const ANALYSIS_ENDS: f64 = 2.5;
const DEPLOYMENT_BEGINS: f64 = 3.5;

/// The line of a service definition that makes the analysis fail.
const FAILING_LINE: &str = "fail: true";

/// The times of a new stack until its first deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox::cloud66) struct Creation {
    analysis_begins: Timestamp,
    analysis_ends: Timestamp,
    deployment_begins: Timestamp,
    fails: bool,
}

/// Brings a new stack up to date.
pub(in crate::sandbox::cloud66) fn advance(stack: &mut Stack, ids: &mut NextIds, clock: &Clock) {
    let Some(creation) = &stack.parts.creation else { return };
    if creation.fails && clock.now >= creation.analysis_ends {
        let at = creation.analysis_ends;
        (stack.status, stack.health) = (UNABLE_TO_ANALYZE, BROKEN);
        stack.parts.creation = None;
        stack.touch(at);
    } else if clock.now >= creation.deployment_begins {
        let at = creation.deployment_begins;
        (stack.status, stack.health) = (ANALYZED, BUILDING);
        stack.parts.creation = None;
        deployments::queue(stack, ids, None, at);
    } else if clock.now >= creation.analysis_ends {
        stack.status = ANALYZED;
    } else if clock.now >= creation.analysis_begins {
        stack.status = ANALYZING;
    }
}

/// `stacks_create`
pub(in crate::sandbox::cloud66) fn stacks_create(state: &mut State, call: &Call) -> ApiResult {
    let parameters = call.parameters()?;
    let text = |name: &str| parameters.text(name).unwrap_or_default();
    let (name, environment) = (text("name"), text("environment"));
    if state.stacks.iter().any(|stack| stack.name == name && stack.environment == environment) {
        return Err(ApiError::conflict(format!("The stack `{name}` already exists in {environment}.")));
    }
    let cloud = cloud(&parameters)?;
    let definition = text("service_yaml");
    let clock = call.clock;
    let typical = seed::stack(&mut state.next_ids, &name, &environment, cloud, "docker", clock.now);
    let mut stack = Stack {
        status: PENDING,
        health: UNKNOWN,
        deployments: Vec::new(),
        has_loadbalancer: false,
        services: services(&definition),
        ..typical
    };
    let failure = if definition.contains(FAILING_LINE) {
        Some(format!("the service definition says `{FAILING_LINE}`"))
    } else if stack.services.is_empty() {
        Some("the service definition has no `services`".to_owned())
    } else {
        None
    };
    stack.parts.single_server = text("build_type") == "single";
    stack.parts.creation = Some(Creation {
        analysis_begins: clock.in_seconds(ANALYSIS_BEGINS),
        analysis_ends: clock.in_seconds(ANALYSIS_ENDS),
        deployment_begins: clock.in_seconds(DEPLOYMENT_BEGINS),
        fails: failure.is_some(),
    });
    let duration = if failure.is_some() { ANALYSIS_ENDS } else { DEPLOYMENT_BEGINS + QUEUE_DURATION + DEPLOY_DURATION };
    let mut action = Action::start(&mut state.next_ids, &stack, "stack_create", clock, duration);
    action.failure = failure.map(|failure| format!("analysis failed: {failure}"));
    let started = action.add_to(&mut stack);
    state.stacks.push(stack);
    Ok(started)
}

/// The display name of the cloud for the servers; all parameters for creating them must be given.
fn cloud(parameters: &Parameters) -> Result<&'static str, ApiError> {
    if let Some(name) = parameters.text("cloud") {
        let known = clouds::display_name(&name);
        known.ok_or_else(|| {
            let names = clouds::NAMES.join(", ");
            ApiError::not_found(format!("The parameter `cloud` names `{name}`; the account has {names}."))
        })?;
    }
    if parameters.text("manifest_yaml").is_none() {
        let needed = ["cloud", "region", "size", "build_type"];
        let missing: Vec<&str> = needed.into_iter().filter(|name| parameters.text(name).is_none()).collect();
        if !missing.is_empty() {
            return Err(ApiError::bad_request(format!(
                "Without `manifest_yaml`, `cloud`, `region`, `size` and `build_type` are needed; missing: `{}`.",
                missing.join("`, `")
            )));
        }
    }
    // A manifest may name another one, but nothing here depends on it.
    Ok(parameters.text("cloud").and_then(|name| clouds::display_name(&name)).unwrap_or("AWS"))
}

/// The names of the services in a definition. Only YAML in its usual, indented form is parsed; any other form counts as
/// one service, `web`.
fn services(definition: &str) -> Vec<String> {
    let mut lines = definition.lines().map(str::trim_end).filter(|line| !line.trim_start().starts_with('#'));
    if !lines.any(|line| line == "services:") {
        return if definition.contains("services") { vec!["web".into()] } else { Vec::new() };
    }
    let indent = |line: &str| line.len() - line.trim_start().len();
    let block: Vec<&str> = lines.filter(|line| !line.is_empty()).take_while(|line| indent(line) > 0).collect();
    let depth = block.first().map(|line| indent(line));
    let names = block.iter().filter(|line| Some(indent(line)) == depth).filter_map(|line| line.trim().split_once(':'));
    let mut services: Vec<String> = Vec::new();
    for (name, _) in names {
        let name = name.trim_matches(['"', '\'']);
        if !name.is_empty() && !services.iter().any(|known| known == name) {
            services.push(name.to_owned());
        }
    }
    services
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_from_their_lines() {
        let definition = "# ours\nversion: 2\nservices:\n  # the site\n  web:\n    image: a/b\n    ports:\n    - 3000:80\n\n  \
                          \"worker\":\n    command: x: y\ndatabases:\n  mysql:\n";
        assert_eq!(services(definition), ["web", "worker"]);
        assert_eq!(services("services:\n    api:\n        image: x"), ["api"]);
        assert_eq!(services("{\"services\": {\"api\": {}}}"), ["web"]);
        assert_eq!(services("services:"), Vec::<String>::new());
        assert_eq!(services("nothing"), Vec::<String>::new());
    }
}
