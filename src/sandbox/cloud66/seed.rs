//! The state as it is in the beginning: the documents' own stack, some that are there to try things on, and enough
//! others to fill three pages. It is the same each time.

use jiff::Timestamp;

use super::backups::backup;
use super::deployments::{Deployment, DeploymentOutcome, commit_url, git_hash};
use super::documented::{awesome_deployment, awesome_production};
use super::environments::Variable;
use super::oauth::Grants;
use super::stacks::{DEPLOYED, FAILED};
use super::users::users;
use super::{FORMAT, NextIds, Rate, Stack, StackParts, State, take_id};
use crate::sandbox::pseudorandom;

/// The initial state.
pub(in crate::sandbox) fn state() -> State {
    let mut sower = Sower {
        ids: NextIds {
            // None may come near 283, which the blog takes for the number of an action.
            action: 1000,
            deployment: 200,
            variable: 5000,
            history: 100,
            stack: 300,
            backup: 20,
            backup_group: 2000,
            firewall: 6000,
        },
    };
    let mut stacks = vec![awesome_production(), sower.awesome_staging(), sower.doomed(), sower.docker(), sower.rails()];
    stacks.extend([sower.ledger(), sower.fresh()]);
    stacks.push(sower.plain("Bücher Café", "production", "AWS", "rails"));
    stacks.push(sower.plain("team/api", "staging", "Google", "docker"));
    stacks.extend(sower.others());
    State {
        format: FORMAT,
        rate: Rate { hour_began: Timestamp::UNIX_EPOCH, used: 0 },
        ids: sower.ids,
        stacks,
        users: users(),
        cloudmc: None,
        grants: Grants::default(),
    }
}

/// What hands out ids while the state is made.
struct Sower {
    ids: NextIds,
}

impl Sower {
    fn awesome_staging(&mut self) -> Stack {
        let production = awesome_production();
        Stack {
            git: production.git,
            git_branch: "develop".into(),
            ..self.plain("Awesome App", "staging", "DigitalOcean", "rails")
        }
    }

    fn doomed(&mut self) -> Stack {
        let mut stack = self.plain("Doomed App", "production", "DigitalOcean", "rails");
        stack.always_fails = true;
        stack.status = FAILED;
        stack.health = 4;
        if let Some(first) = stack.deployments.first_mut() {
            first.outcome = DeploymentOutcome::Failed;
            first.live = false;
        }
        stack
    }

    /// The stack of the blog.
    fn docker(&mut self) -> Stack {
        let stack = self.plain("Voting App", "production", "AWS", "docker");
        let services = ["web", "worker", "result"].map(String::from).to_vec();
        Stack { uid: "ubg5kv".into(), number: 283, services, has_loadbalancer: true, ..stack }
    }

    fn rails(&mut self) -> Stack {
        Stack { has_loadbalancer: true, ..self.plain("Book Shop", "production", "Rackspace", "rails") }
    }

    /// The stack of the documented curl call.
    fn ledger(&mut self) -> Stack {
        let stack = self.plain("Ledger", "production", "AWS", "rails");
        let days = ["2018-12-07T02:00:11Z", "2018-12-08T02:00:12Z", "2018-12-09T02:00:10Z"];
        let mut backups = Vec::new();
        for made_at in days {
            for (group, db_type, database) in
                [(1345, "mysql", "ledger"), (1345, "redis", "cache"), (1346, "mysql", "audit")]
            {
                let name = format!("{database}_production");
                backups.push(backup(take_id(&mut self.ids.backup), group, db_type, database, &name, at(made_at)));
            }
        }
        Stack { uid: "f196c5b41758cb7977620d49eb1492ef".into(), backups, ..stack }
    }

    /// A stack that was never deployed.
    fn fresh(&mut self) -> Stack {
        let stack = self.plain("Fresh Start", "development", "DigitalOcean", "rails");
        Stack { status: 4, health: 0, deployments: Vec::new(), redeploy_hook: None, ..stack }
    }

    /// As many different stacks as it takes to have three pages.
    fn others(&mut self) -> Vec<Stack> {
        let teams =
            ["atlas", "beacon", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "iris", "juniper", "krill"];
        let parts = ["web", "api", "worker", "admin", "docs"];
        let environments = ["production", "staging", "development"];
        let clouds = ["DigitalOcean", "AWS", "Google", "Rackspace"];
        let frameworks = ["rails", "docker", "sinatra", "node", "padrino"];
        let names = teams.iter().flat_map(|team| parts.iter().map(move |part| format!("{team}-{part}")));
        names
            .enumerate()
            .map(|(index, name)| {
                let environment = environments[index % environments.len()];
                let cloud = clouds[index % clouds.len()];
                let mut stack = self.plain(&name, environment, cloud, frameworks[index / 2 % frameworks.len()]);
                if index % 9 == 8 {
                    stack.health = 2;
                }
                stack
            })
            .collect()
    }

    /// A stack as any other.
    fn plain(&mut self, name: &str, environment: &str, cloud: &str, framework: &str) -> Stack {
        let created_at = day(self.ids.stack);
        plain(&mut self.ids, name, environment, cloud, framework, created_at)
    }
}

/// A healthy stack with a deployment and a few variables.
pub(in crate::sandbox) fn plain(
    ids: &mut NextIds,
    name: &str,
    environment: &str,
    cloud: &str,
    framework: &str,
    created_at: Timestamp,
) -> Stack {
    let slug = slug(name);
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
        health: 3,
        last_activity: created_at,
        maintenance_mode: false,
        has_loadbalancer: number.is_multiple_of(4),
        created_at,
        updated_at: created_at,
        deploy_directory: format!("/var/deploy/{}", slug.replace('-', "_")),
        cloud_status: if number.is_multiple_of(3) { "healthy" } else { "partial" }.into(),
        redeploy_hook: Some(hook(&pseudorandom::hex(&identity, 32), &pseudorandom::hex(&slug, 32))),
        always_fails: false,
        services,
        actions: Vec::new(),
        deployments: Vec::new(),
        variables: variables(ids, environment, &slug, created_at),
        backups: Vec::new(),
        parts: StackParts::default(),
    };
    let git_hash = git_hash(&stack, None);
    let deployment = take_id(&mut ids.deployment);
    stack.deployments.push(Deployment {
        id: deployment,
        started_at: created_at,
        finished_at: Some(created_at),
        deploy_session: pseudorandom::alphanumeric(&identity, 10),
        commit_url: commit_url(&stack.git, &git_hash),
        git_hash,
        ..awesome_deployment()
    });
    stack
}

fn variables(ids: &mut NextIds, environment: &str, slug: &str, created_at: Timestamp) -> Vec<Variable> {
    let mut variable = |key: &str, value: String, readonly, is_generated| Variable {
        id: take_id(&mut ids.variable),
        key: key.into(),
        value,
        readonly,
        created_at,
        updated_at: created_at,
        is_password: key.contains("PASSWORD"),
        is_generated,
        history: Vec::new(),
    };
    vec![
        variable("STACK_PATH", format!("/var/deploy/{slug}/web_head/current"), true, true),
        variable("RAILS_ENV", environment.to_owned(), false, true),
        variable("MYSQL_PASSWORD", pseudorandom::alphanumeric(slug, 12), false, true),
        variable("SUPPORT_ADDRESS", format!("support@{slug}.example"), false, false),
    ]
}

pub(in crate::sandbox) fn hook(stack: &str, secret: &str) -> String {
    format!("http://hooks.cloud66.com/stacks/redeploy/{stack}/{secret}")
}

/// The part of an address that stands for a name.
pub(in crate::sandbox) fn slug(name: &str) -> String {
    let letters = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().map(letters).collect::<String>().trim_matches('-').to_owned()
}

/// A moment that differs from stack to stack.
fn day(number: u64) -> Timestamp {
    let day = i64::try_from(number).unwrap_or_default();
    Timestamp::from_second(at("2016-01-01T09:30:00Z").as_second() + day * 90_001).unwrap_or_default()
}

/// A moment that is written down here; a test sees to it that each can be read.
pub(in crate::sandbox) fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_pages_of_stacks_that_can_be_told_apart() {
        let state = state();
        assert!((61..=90).contains(&state.stacks.len()), "{}", state.stacks.len());
        let mut uids: Vec<&str> = state.stacks.iter().map(|stack| stack.uid.as_str()).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), state.stacks.len());
        assert_ne!(state.stacks[0].uid, state.stacks[1].uid);
        assert_eq!(state.stacks[0].name, state.stacks[1].name);
    }

    #[test]
    fn no_date_was_mistyped() {
        for stack in state().stacks {
            let mut dates = vec![stack.last_activity, stack.created_at, stack.updated_at];
            dates.extend(stack.actions.iter().flat_map(|action| [action.started_at, action.due]));
            dates.extend(stack.deployments.iter().flat_map(|deployment| [deployment.started_at]));
            dates.extend(stack.deployments.iter().filter_map(|deployment| deployment.finished_at));
            dates.extend(stack.variables.iter().flat_map(|variable| &variable.history).map(|entry| entry.created_at));
            dates.extend(stack.backups.iter().map(|backup| backup.made_at));
            assert!(dates.iter().all(|date| *date > Timestamp::UNIX_EPOCH), "{}", stack.name);
        }
    }
}
