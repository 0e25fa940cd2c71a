//! The initial stacks: the documented stack, some to try things on, and enough others to fill three pages.

use jiff::Timestamp;

use crate::sandbox::clock::date_time;
use crate::sandbox::cloud66::deployments::DeploymentOutcome;
use crate::sandbox::cloud66::servers::dns_label;
use crate::sandbox::cloud66::status::{ANALYZED, BROKEN, DEPLOYED, FAILED, HEALTHY, IMPAIRED, UNKNOWN};
use crate::sandbox::cloud66::users::ACCESSIBLE_STACKS;
use crate::sandbox::cloud66::{
    DOCUMENTED_STACK, NextIds, Stack, StackParts, actions, backups, deployments, environments, take_id,
};
use crate::sandbox::pseudorandom;

/// The git repository of the documented stack.
const DOCUMENTED_GIT: &str = "http://github.com/cloud66-samples/awesome-app.git";

/// One of the stacks with containers has them in pods of Kubernetes.
const KUBERNETES_STACK: &str = "garnet-admin";

/// All of them.
pub(in crate::sandbox::cloud66) fn stacks(ids: &mut NextIds) -> Vec<Stack> {
    let mut stacks = vec![documented(), awesome_staging(ids), doomed(ids), voting(ids), book_shop(ids), ledger(ids)];
    stacks.push(never_deployed(ids));
    stacks.push(numbered(ids, "Bücher Café", "production", "AWS", "rails"));
    stacks.push(numbered(ids, "team/api", "staging", "Google", "docker"));
    stacks.extend(others(ids));
    stacks
}

/// The documented stack.
fn documented() -> Stack {
    Stack {
        uid: DOCUMENTED_STACK.into(),
        // The documentation has 280 in the actions of its environment variables, and 283 in its documented action.
        number: 280,
        name: "Awesome App".into(),
        git: DOCUMENTED_GIT.into(),
        git_branch: "fig".into(),
        environment: "production".into(),
        cloud: "DigitalOcean".into(),
        fqdn: "awesome-app.dev.c66.me".into(),
        language: "ruby".into(),
        framework: "rails".into(),
        status: DEPLOYED,
        health: HEALTHY,
        last_activity: date_time("2014-08-14T01:46:53Z"),
        maintenance_mode: false,
        has_loadbalancer: false,
        created_at: date_time("2014-08-14T00:38:14Z"),
        updated_at: date_time("2014-08-14T01:46:52Z"),
        deploy_directory: "/var/deploy/awesome_app".into(),
        cloud_status: "partial".into(),
        redeploy_hook: Some(redeploy_hook(&"0".repeat(32), &"1".repeat(32))),
        always_fails: false,
        services: vec!["web".into()],
        actions: vec![actions::documented()],
        deployments: vec![deployments::documented()],
        variables: environments::documented(),
        backups: backups::documented(),
        parts: StackParts::default(),
    }
}

/// The stack of the same application for its next release.
fn awesome_staging(ids: &mut NextIds) -> Stack {
    let stack = numbered(ids, "Awesome App", "staging", "DigitalOcean", "rails");
    Stack { git: DOCUMENTED_GIT.into(), git_branch: "develop".into(), ..stack }
}

/// A stack on which everything fails.
fn doomed(ids: &mut NextIds) -> Stack {
    let mut stack = numbered(ids, "Doomed App", "production", "DigitalOcean", "rails");
    stack.always_fails = true;
    stack.status = FAILED;
    stack.health = BROKEN;
    for deployment in &mut stack.deployments {
        deployment.outcome = DeploymentOutcome::Failed;
        deployment.live = false;
    }
    stack
}

/// The stack of the blog.
fn voting(ids: &mut NextIds) -> Stack {
    let stack = numbered(ids, "Voting App", "production", "AWS", "docker");
    let services = ["web", "worker", "result"].map(String::from).to_vec();
    Stack { uid: "ubg5kv".into(), number: 283, services, has_loadbalancer: true, ..stack }
}

fn book_shop(ids: &mut NextIds) -> Stack {
    Stack { has_loadbalancer: true, ..numbered(ids, "Book Shop", "production", "Rackspace", "rails") }
}

/// The stack of the documented curl call.
fn ledger(ids: &mut NextIds) -> Stack {
    let stack = numbered(ids, "Ledger", "production", "AWS", "rails");
    let stack = Stack { uid: "f196c5b41758cb7977620d49eb1492ef".into(), ..stack };
    let server_uid = stack.infrastructure().servers.last().map_or_else(String::new, |server| server.uid.clone());
    Stack { backups: backups::three_days(ids, &server_uid), ..stack }
}

/// A stack that was never deployed.
fn never_deployed(ids: &mut NextIds) -> Stack {
    let stack = numbered(ids, "Fresh Start", "development", "DigitalOcean", "rails");
    Stack { status: ANALYZED, health: UNKNOWN, deployments: Vec::new(), redeploy_hook: None, ..stack }
}

/// Enough different stacks for three pages.
fn others(ids: &mut NextIds) -> Vec<Stack> {
    let teams = ["atlas", "beacon", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "iris", "juniper", "krill"];
    let parts = ["web", "api", "worker", "admin", "docs"];
    let environments = ["production", "staging", "development"];
    let clouds = ["DigitalOcean", "AWS", "Google", "Rackspace"];
    let frameworks = ["rails", "docker", "sinatra", "node", "padrino"];
    let names = teams.iter().flat_map(|team| parts.iter().map(move |part| format!("{team}-{part}")));
    let count = teams.len() * parts.len();
    names
        .enumerate()
        .map(|(index, name)| {
            let environment = environments[index % environments.len()];
            let cloud = clouds[index % clouds.len()];
            let mut stack = numbered(ids, &name, environment, cloud, frameworks[index / 2 % frameworks.len()]);
            // The last ones are those of the documented user.
            if let Some(uid) = count.checked_sub(index + 1).and_then(|left| ACCESSIBLE_STACKS.get(left)) {
                (*uid).clone_into(&mut stack.uid);
            }
            stack.parts.kubernetes = name == KUBERNETES_STACK;
            if index % 9 == 8 {
                stack.health = IMPAIRED;
            }
            stack
        })
        .collect()
}

/// A typical stack, created on a day that follows from its number.
fn numbered(ids: &mut NextIds, name: &str, environment: &str, cloud: &str, framework: &str) -> Stack {
    let number = i64::try_from(ids.stack).unwrap_or_default();
    let first = date_time("2016-01-01T09:30:00Z").as_second();
    let created_at = Timestamp::from_second(first + number * 90_001).unwrap_or_default();
    stack(ids, name, environment, cloud, framework, created_at)
}

/// A typical stack: healthy, with a deployment and a few variables.
pub(in crate::sandbox::cloud66) fn stack(
    ids: &mut NextIds,
    name: &str,
    environment: &str,
    cloud: &str,
    framework: &str,
    created_at: Timestamp,
) -> Stack {
    let slug = dns_label(name);
    let number = take_id(&mut ids.stack);
    let identity = format!("{name} in {environment}");
    let services = if framework == "docker" { vec!["web".to_owned(), "worker".to_owned()] } else { Vec::new() };
    let mut stack = Stack {
        uid: pseudorandom::hex(&identity, 32),
        number,
        name: name.into(),
        git: format!("https://github.com/cloud66-samples/{slug}.git"),
        git_branch: if environment == "production" { "master" } else { "develop" }.into(),
        environment: environment.into(),
        cloud: cloud.into(),
        fqdn: format!("{slug}-{environment}.dev.c66.me"),
        language: match framework {
            "node" | "docker" => "node".into(),
            _ => "ruby".into(),
        },
        framework: framework.into(),
        status: DEPLOYED,
        health: HEALTHY,
        last_activity: created_at,
        maintenance_mode: false,
        has_loadbalancer: number.is_multiple_of(4),
        created_at,
        updated_at: created_at,
        deploy_directory: format!("/var/deploy/{}", slug.replace('-', "_")),
        cloud_status: if number.is_multiple_of(3) { "healthy" } else { "partial" }.into(),
        redeploy_hook: Some(redeploy_hook(&pseudorandom::hex(&identity, 32), &pseudorandom::hex(&slug, 32))),
        always_fails: false,
        services,
        actions: Vec::new(),
        deployments: Vec::new(),
        variables: environments::initial(ids, environment, &slug, created_at),
        backups: Vec::new(),
        parts: StackParts::default(),
    };
    let deployment = deployments::initial(&stack, take_id(&mut ids.deployment), &identity);
    stack.deployments.push(deployment);
    stack
}

fn redeploy_hook(stack: &str, secret: &str) -> String {
    format!("http://hooks.cloud66.com/stacks/redeploy/{stack}/{secret}")
}

#[cfg(test)]
mod tests {
    use crate::sandbox::cloud66::State;

    #[test]
    fn there_are_three_pages_of_distinct_stacks() {
        let state = State::initial();
        assert!((61..=90).contains(&state.stacks.len()), "{}", state.stacks.len());
        let mut uids: Vec<&str> = state.stacks.iter().map(|stack| stack.uid.as_str()).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), state.stacks.len());
        assert_ne!(state.stacks[0].uid, state.stacks[1].uid);
        assert_eq!(state.stacks[0].name, state.stacks[1].name);
    }
}
