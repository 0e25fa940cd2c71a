//! What an action changes when it has finished.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Stack;
use super::infrastructure::Container;

/// A change that is made once its action has worked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::sandbox) enum Effect {
    /// Maintenance mode is on, or off.
    MaintenanceMode(bool),
    /// On each of these servers, by UID, there are that many containers of the service.
    Scale { service: String, counts: Vec<(String, u64)> },
    /// These containers are gone.
    Stop(ContainerFilter),
    /// These containers have been started anew.
    Restart(ContainerFilter),
}

/// Some of the containers of a stack; all of them when nothing is said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::sandbox) struct ContainerFilter {
    pub(in crate::sandbox) service: Option<String>,
    pub(in crate::sandbox) server_uid: Option<String>,
    pub(in crate::sandbox) container: Option<String>,
}

impl ContainerFilter {
    /// Whether `container` is one of them.
    pub(in crate::sandbox) fn matches(&self, container: &Container) -> bool {
        let fits = |wanted: &Option<String>, actual: &String| wanted.as_ref().is_none_or(|wanted| wanted == actual);
        fits(&self.service, &container.service)
            && fits(&self.server_uid, &container.server_uid)
            && fits(&self.container, &container.uid)
    }
}

impl Effect {
    /// Makes the change to `stack` at `now`; `identity` is a text that no other change has.
    pub(in crate::sandbox) fn apply(&self, stack: &mut Stack, identity: &str, now: Timestamp) {
        match self {
            Self::MaintenanceMode(mode) => stack.maintenance_mode = *mode,
            Self::Scale { service, counts } => scale(stack, service, counts, identity, now),
            Self::Stop(filter) => {
                if is_of_use(stack, filter) {
                    stack.infrastructure_mut().containers.retain(|container| !filter.matches(container));
                }
            }
            Self::Restart(filter) => {
                if is_of_use(stack, filter) {
                    let containers = &mut stack.infrastructure_mut().containers;
                    for container in containers.iter_mut().filter(|container| filter.matches(container)) {
                        container.started_at = now;
                        container.updated_at = now;
                    }
                }
            }
        }
    }
}

/// Whether there is anything to change; without need the infrastructure of a stack are not kept.
fn is_of_use(stack: &Stack, filter: &ContainerFilter) -> bool {
    stack.infrastructure().containers.iter().any(|container| filter.matches(container))
}

fn scale(stack: &mut Stack, service: &str, counts: &[(String, u64)], identity: &str, now: Timestamp) {
    let containers = &mut stack.infrastructure_mut().containers;
    for (turn, (server_uid, wanted)) in counts.iter().enumerate() {
        let mut left = *wanted;
        // The oldest stay.
        containers.retain(|container| {
            if container.service != service || container.server_uid != *server_uid {
                return true;
            }
            let stays = left > 0;
            left = left.saturating_sub(1);
            stays
        });
        for number in 0..left {
            let identity = format!("{identity}, container {turn}.{number}");
            containers.push(Container::start(&identity, service, server_uid, now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::cloud66::seed;

    fn docker() -> Stack {
        let mut stacks = seed::state().stacks;
        let position = stacks.iter().position(|stack| stack.uid == "ubg5kv").unwrap_or_default();
        stacks.swap_remove(position)
    }

    fn count(stack: &Stack, service: &str, server: &str) -> usize {
        let wanted =
            ContainerFilter { service: Some(service.into()), server_uid: Some(server.into()), container: None };
        stack.infrastructure().containers.iter().filter(|container| wanted.matches(container)).count()
    }

    #[test]
    fn scaling_keeps_the_oldest_and_adds_new_ones() {
        let mut stack = docker();
        let before = stack.infrastructure().into_owned();
        let [one, two] = [&before.servers[0].uid, &before.servers[1].uid];
        let scale = |counts: &[(&String, u64)]| Effect::Scale {
            service: "web".into(),
            counts: counts.iter().map(|(uid, count)| ((*uid).clone(), *count)).collect(),
        };
        scale(&[(one, 3), (two, 0)]).apply(&mut stack, "action 1", Timestamp::UNIX_EPOCH);
        assert_eq!([count(&stack, "web", one), count(&stack, "web", two)], [3, 0]);
        assert_eq!(count(&stack, "worker", two), 1);
        let first = &before.containers[0];
        assert!(stack.infrastructure().containers.contains(first));
        scale(&[(one, 1)]).apply(&mut stack, "action 2", Timestamp::UNIX_EPOCH);
        assert_eq!(count(&stack, "web", one), 1);
        assert!(stack.infrastructure().containers.contains(first));
    }

    #[test]
    fn what_changes_nothing_leaves_the_stack_as_it_follows_from_itself() {
        let mut stack = docker();
        let nobody = ContainerFilter { container: Some("nosuch".into()), ..ContainerFilter::default() };
        Effect::Stop(nobody.clone()).apply(&mut stack, "", Timestamp::UNIX_EPOCH);
        Effect::Restart(nobody).apply(&mut stack, "", Timestamp::UNIX_EPOCH);
        assert_eq!(stack.parts.infrastructure, None);
        Effect::Restart(ContainerFilter::default()).apply(&mut stack, "", Timestamp::UNIX_EPOCH);
        assert!(
            stack.infrastructure().containers.iter().all(|container| container.started_at == Timestamp::UNIX_EPOCH)
        );
    }
}
