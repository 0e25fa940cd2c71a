//! Containers on the servers of a Docker stack.

mod runtime;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, ContainerFilter, Effect};
use super::call::Call;
use super::reply::{ApiResult, object};
use super::servers::Server;
use super::{Infrastructure, Stack, State, servers};
use crate::sandbox::clock::{date_time, iso};
use crate::sandbox::pseudorandom;

/// How long stopping takes, in seconds at normal speed.
const STOP_DURATION: f64 = 2.0;

/// A container on a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) uid: String,
    pub(super) server_uid: String,
    pub(super) service: String,
    pub(super) command: String,
    /// The port of the server for the port of the container.
    pub(super) host_port: u16,
    private_ip: String,
    docker_ip: String,
    pub(super) started_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Container {
    /// A container of `service` that starts at `now`; its other fields follow from `identity`.
    fn start(identity: &str, service: &str, server_uid: &str, now: Timestamp) -> Self {
        let uid = pseudorandom::hex(identity, 64);
        let byte = |position: usize| u8::from_str_radix(&uid[position..position + 2], 16).unwrap_or_default();
        Self {
            server_uid: server_uid.into(),
            service: service.into(),
            command: command(service),
            host_port: 5000 + u16::from(byte(0)) * 16 + u16::from(byte(2)) / 16,
            private_ip: format!("25.0.{}.{}", byte(4), byte(6).max(2)),
            docker_ip: format!("172.17.{}.{}", byte(8), byte(10).max(2)),
            started_at: now,
            created_at: now,
            updated_at: now,
            uid,
        }
    }

    /// The same on a Kubernetes stack: its UID is the name of its pod.
    fn in_pod(self) -> Self {
        let (replica_set, pod) = (&self.uid[..10], &self.uid[10..15]);
        Self { uid: format!("{}-{replica_set}-{pod}", servers::dns_label(&self.service)), ..self }
    }

    /// The name of its image.
    pub(super) fn image(&self) -> String {
        image(&self.service)
    }

    /// Its name on its server.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.service, self.uid.get(..8).unwrap_or(&self.uid))
    }

    /// The port it listens on, published as 80 and 443; `None` for a background service.
    pub(super) fn port(&self) -> Option<u16> {
        is_web(&self.service).then_some(3000)
    }

    pub(super) fn render(&self, infrastructure: &Infrastructure) -> Value {
        let ports: Vec<Value> =
            self.port().iter().map(|port| json!({ "container": port, "http": 80, "https": 443 })).collect();
        json!({
            "uid": self.uid,
            "server_uid": self.server_uid,
            "server_name": infrastructure.server_name(&self.server_uid),
            "service_name": self.service,
            "image": self.image(),
            "command": self.command,
            "started_at": iso(self.started_at),
            "ports": ports,
            "private_ip": self.private_ip,
            // Only the documented reply for a single container has one.
            "docker_ip": null,
            "health_state": 1,
            "health_message": null,
            "health_source": "system",
            "capture_output": true,
            "restart_on_deploy": true,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            // Only the official client knows it.
            "name": self.name(),
        })
    }
}

/// The name of the image of a service.
pub(super) fn image(service: &str) -> String {
    format!("quay.io/cloud66/sample-{}", if is_web(service) { "rails" } else { service })
}

/// The command that a service runs.
pub(super) fn command(service: &str) -> String {
    if is_web(service) { "bundle exec rackup -p 3000".into() } else { format!("bundle exec {service}") }
}

fn is_web(service: &str) -> bool {
    service == "web"
}

/// The initial containers of a stack: one of each service on each server of the application.
pub(super) fn initial(stack: &Stack, servers: &[Server]) -> Vec<Container> {
    if stack.is_documented() {
        return documented(servers);
    }
    let [application, _] = servers::groups(stack).map(|group| group.id);
    let mut containers = Vec::new();
    for service in &stack.services {
        for server in servers.iter().filter(|server| server.group == application) {
            let identity = format!("{service} of {} on {}", stack.uid, server.uid);
            let container = Container::start(&identity, service, &server.uid, stack.created_at);
            containers.push(if stack.parts.kubernetes { container.in_pod() } else { container });
        }
    }
    containers
}

/// The documented containers, each on another documented server.
fn documented(servers: &[Server]) -> Vec<Container> {
    let container = |uid: &str, server_uid: &str, started_at, created_at, updated_at| Container {
        uid: uid.into(),
        created_at: date_time(created_at),
        updated_at: date_time(updated_at),
        ..Container::start(uid, "web", server_uid, date_time(started_at))
    };
    let [_, cormorant, gazelle, ibex, ..] = servers else { return Vec::new() };
    let started_at = "2014-09-30T09:59:45Z";
    let on_cormorant = Container {
        host_port: 5128,
        command: "rackup -p 3000".into(),
        ..container(
            "1339d2dfa5a86dfce497f8f2e1bb29492f246288c722d11c8e6fc9348bfeece6",
            &cormorant.uid,
            started_at,
            started_at,
            "2014-09-30T09:59:48Z",
        )
    };
    let on_gazelle = Container {
        private_ip: "25.0.0.2".into(),
        docker_ip: "172.0.2.12".into(),
        ..container(
            "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc",
            &gazelle.uid,
            "2015-02-10T17:41:31Z",
            "2015-02-10T17:41:37Z",
            "2015-02-17T14:40:17Z",
        )
    };
    let started_at = "2015-02-10T17:42:08Z";
    let on_ibex = container(
        "12344cd3c84eb64591598312c9f12e5c3ed64454545f987016916f64ff25e363",
        &ibex.uid,
        started_at,
        started_at,
        started_at,
    );
    vec![on_cormorant, on_gazelle, on_ibex]
}

impl ContainerFilter {
    /// Whether `container` is one of them.
    fn matches(&self, container: &Container) -> bool {
        let fits = |wanted: &Option<String>, actual: &String| wanted.as_ref().is_none_or(|wanted| wanted == actual);
        fits(&self.service, &container.service)
            && fits(&self.server_uid, &container.server_uid)
            && fits(&self.container, &container.uid)
    }

    /// Whether a stack has any of them. If not, there is nothing to change, and its infrastructure need not be stored.
    fn matches_any(&self, stack: &Stack) -> bool {
        stack.infrastructure().containers.iter().any(|container| self.matches(container))
    }
}

/// Restarts some containers.
pub(super) fn restart(stack: &mut Stack, filter: &ContainerFilter, now: Timestamp) {
    if filter.matches_any(stack) {
        let containers = &mut stack.infrastructure_mut().containers;
        for container in containers.iter_mut().filter(|container| filter.matches(container)) {
            container.started_at = now;
            container.updated_at = now;
        }
    }
}

/// Stops some containers, which removes them.
pub(super) fn stop(stack: &mut Stack, filter: &ContainerFilter) {
    if filter.matches_any(stack) {
        stack.infrastructure_mut().containers.retain(|container| !filter.matches(container));
    }
}

/// Sets the number of a service's containers on each of these servers, by UID; `identity` is that of the change.
pub(super) fn scale(stack: &mut Stack, service: &str, counts: &[(String, u64)], identity: &str, now: Timestamp) {
    let is_kubernetes = stack.parts.kubernetes;
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
            let container = Container::start(&identity, service, server_uid, now);
            containers.push(if is_kubernetes { container.in_pod() } else { container });
        }
    }
}

/// `containers_list`
pub(super) fn containers_list(state: &mut State, call: &Call) -> ApiResult {
    let infrastructure = state.stack(call)?.infrastructure();
    let parameters = call.parameters()?;
    // The official client can also request one service.
    let wanted = ContainerFilter {
        service: parameters.text("service_name"),
        server_uid: parameters.text("server_uid"),
        container: None,
    };
    let containers = infrastructure.containers.iter();
    let shown: Vec<&Container> = containers.filter(|container| wanted.matches(container)).collect();
    call.list(&shown, |container| container.render(&infrastructure))
}

/// `containers_show`, with the details of the container runtime
pub(super) fn containers_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let infrastructure = stack.infrastructure();
    let container = infrastructure.container(call.path_param("container_id"))?;
    let mut shown = container.render(&infrastructure);
    shown["docker_ip"] = container.docker_ip.clone().into();
    // Before what only the official client knows.
    shown["runtime"] = runtime::inspect(stack, &infrastructure, container);
    Ok(object(shown))
}

/// `containers_stop`
pub(super) fn containers_stop(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let container = stack.infrastructure().container(call.path_param("container_id"))?.uid.clone();
    let stopped = ContainerFilter { container: Some(container), ..ContainerFilter::default() };
    let action = Action::start(ids, stack, "container_stop", call.clock, STOP_DURATION);
    Ok(action.with_effect(Effect::Stop(stopped)).add_to(stack))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::cloud66::actions::Effect;

    fn docker() -> Stack {
        let mut stacks = State::initial().stacks;
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
        stack.apply(&scale(&[(one, 3), (two, 0)]), "action 1", Timestamp::UNIX_EPOCH);
        assert_eq!([count(&stack, "web", one), count(&stack, "web", two)], [3, 0]);
        assert_eq!(count(&stack, "worker", two), 1);
        let first = &before.containers[0];
        assert!(stack.infrastructure().containers.contains(first));
        stack.apply(&scale(&[(one, 1)]), "action 2", Timestamp::UNIX_EPOCH);
        assert_eq!(count(&stack, "web", one), 1);
        assert!(stack.infrastructure().containers.contains(first));
    }

    #[test]
    fn a_change_without_effect_is_not_stored() {
        let mut stack = docker();
        let missing = ContainerFilter { container: Some("nosuch".into()), ..ContainerFilter::default() };
        stack.apply(&Effect::Stop(missing.clone()), "", Timestamp::UNIX_EPOCH);
        stack.apply(&Effect::Restart(missing), "", Timestamp::UNIX_EPOCH);
        assert_eq!(stack.parts.infrastructure, None);
        stack.apply(&Effect::Restart(ContainerFilter::default()), "", Timestamp::UNIX_EPOCH);
        assert!(
            stack.infrastructure().containers.iter().all(|container| container.started_at == Timestamp::UNIX_EPOCH)
        );
    }
}
