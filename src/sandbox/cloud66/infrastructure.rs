//! Servers, server groups and containers: what a stack runs on. They follow from the stack until one of them changes.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::deployments::DeploymentOutcome;
use super::seed::slug;
use super::{Stack, documented};
use crate::sandbox::pseudorandom;

const SERVER_NAMES: [&str; 17] = [
    "Badger", "Curlew", "Dolphin", "Egret", "Falcon", "Heron", "Ibis", "Jackdaw", "Kestrel", "Lynx", "Marten", "Otter",
    "Puffin", "Raven", "Stoat", "Tapir", "Wren",
];

/// The servers of a stack and the containers on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Infrastructure {
    pub(in crate::sandbox) servers: Vec<Server>,
    /// The oldest first.
    pub(in crate::sandbox) containers: Vec<Container>,
}

/// A server of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Server {
    /// The internal number that actions show as `resource_id`.
    pub(in crate::sandbox) number: u64,
    pub(in crate::sandbox) uid: String,
    pub(in crate::sandbox) vendor_uid: String,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) address: String,
    pub(in crate::sandbox) internal_address: String,
    pub(in crate::sandbox) dns_record: String,
    pub(in crate::sandbox) roles: Vec<String>,
    /// The number of its server group.
    pub(in crate::sandbox) group: u64,
    pub(in crate::sandbox) created_at: Timestamp,
    pub(in crate::sandbox) updated_at: Timestamp,
}

/// A container on a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Container {
    pub(in crate::sandbox) uid: String,
    pub(in crate::sandbox) server_uid: String,
    pub(in crate::sandbox) service: String,
    pub(in crate::sandbox) command: String,
    /// The port of the server behind which the port of the container is.
    pub(in crate::sandbox) host_port: u16,
    pub(in crate::sandbox) private_ip: String,
    pub(in crate::sandbox) docker_ip: String,
    pub(in crate::sandbox) started_at: Timestamp,
    pub(in crate::sandbox) created_at: Timestamp,
    pub(in crate::sandbox) updated_at: Timestamp,
}

/// A group of servers that do the same.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct ServerGroup {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) kind: &'static str,
    pub(in crate::sandbox) created_at: Timestamp,
}

impl Stack {
    /// What the stack runs on.
    pub(in crate::sandbox) fn infrastructure(&self) -> Cow<'_, Infrastructure> {
        match &self.parts.infrastructure {
            Some(infrastructure) => Cow::Borrowed(infrastructure),
            None => Cow::Owned(made_for(self)),
        }
    }

    /// What the stack runs on, to be changed.
    pub(in crate::sandbox) fn infrastructure_mut(&mut self) -> &mut Infrastructure {
        let infrastructure = self.parts.infrastructure.take().unwrap_or_else(|| made_for(self));
        self.parts.infrastructure.insert(infrastructure)
    }

    /// The groups of its servers: first the one that runs the application, then the one of the database.
    pub(in crate::sandbox) fn groups(&self) -> [ServerGroup; 2] {
        if self.is_documented() {
            return documented::groups();
        }
        let (name, kind) = match self.framework.as_str() {
            "docker" => ("Docker Server", "docker"),
            "sinatra" => ("Sinatra Server", "sinatra"),
            "node" => ("Node Server", "node"),
            "padrino" => ("Padrino Server", "padrino"),
            _ => ("Rails Server", "rails"),
        };
        let group = |index, name: &str, kind| ServerGroup {
            id: self.number * 10 + index,
            name: name.into(),
            kind,
            created_at: self.created_at,
        };
        [group(0, name, kind), group(1, "MySQL Server", "mysql")]
    }

    /// Whether it is the documents' own stack, whose things are those that the documents show.
    pub(in crate::sandbox) fn is_documented(&self) -> bool {
        self.uid == documented::STACK_UID
    }

    /// Whether there ever was something to timing.
    fn is_built(&self) -> bool {
        self.deployments
            .iter()
            .any(|deployment| matches!(deployment.outcome, DeploymentOutcome::Success | DeploymentOutcome::Failed))
    }
}

impl Infrastructure {
    /// The name of the server with that UID.
    pub(in crate::sandbox) fn server_name(&self, uid: &str) -> &str {
        self.servers.iter().find(|server| server.uid == uid).map_or("", |server| &server.name)
    }
}

impl Server {
    /// Gives the server another name, and with it another address in the DNS.
    pub(in crate::sandbox) fn rename(&mut self, name: &str, now: Timestamp) {
        let domain = self.dns_record.split_once('.').map_or("", |(_, domain)| domain);
        self.dns_record = format!("{}.{domain}", slug(name));
        name.clone_into(&mut self.name);
        self.updated_at = now;
    }
}

impl Container {
    /// A container of `service` that is started at `now`; all that is its own follows from `identity`.
    pub(in crate::sandbox) fn start(identity: &str, service: &str, server_uid: &str, now: Timestamp) -> Self {
        let uid = pseudorandom::hex(identity, 64);
        let byte = |position: usize| u8::from_str_radix(&uid[position..position + 2], 16).unwrap_or_default();
        Self {
            server_uid: server_uid.into(),
            service: service.into(),
            command: if is_web(service) {
                "bundle exec rackup -p 3000".into()
            } else {
                format!("bundle exec {service}")
            },
            host_port: 5000 + u16::from(byte(0)) * 16 + u16::from(byte(2)) / 16,
            private_ip: format!("25.0.{}.{}", byte(4), byte(6).max(2)),
            docker_ip: format!("172.17.{}.{}", byte(8), byte(10).max(2)),
            started_at: now,
            created_at: now,
            updated_at: now,
            uid,
        }
    }

    /// The name of its image.
    pub(in crate::sandbox) fn image(&self) -> String {
        format!("quay.io/cloud66/sample-{}", if is_web(&self.service) { "rails" } else { &self.service })
    }

    /// The port it listens on, which is reached by 80 and 443; nothing when it only works in the background.
    pub(in crate::sandbox) fn port(&self) -> Option<u16> {
        is_web(&self.service).then_some(3000)
    }
}

fn is_web(service: &str) -> bool {
    service == "web"
}

/// What a stack runs on in the beginning.
fn made_for(stack: &Stack) -> Infrastructure {
    if stack.is_documented() {
        return documented::infrastructure();
    }
    if !stack.is_built() {
        return Infrastructure::default();
    }
    let [application, database] = stack.groups();
    let roles = |roles: &[&str]| roles.iter().map(|role| (*role).to_owned()).collect::<Vec<_>>();
    let servers: Vec<Server> = if stack.parts.single_server {
        vec![server(stack, 0, application.id, roles(&[application.kind, "web", "app", "mysql", "db"]))]
    } else {
        let several = stack.framework == "docker" || stack.has_loadbalancer;
        let mut servers: Vec<Server> = (0..if several { 2 } else { 1 })
            .map(|index| server(stack, index, application.id, roles(&[application.kind, "web", "app"])))
            .collect();
        servers.push(server(stack, 2, database.id, roles(&["mysql", "db"])));
        servers
    };
    let mut containers = Vec::new();
    for service in &stack.services {
        for server in servers.iter().filter(|server| server.group == application.id) {
            let identity = format!("{service} of {} on {}", stack.uid, server.uid);
            containers.push(Container::start(&identity, service, &server.uid, stack.created_at));
        }
    }
    Infrastructure { servers, containers }
}

fn server(stack: &Stack, index: u64, group: u64, roles: Vec<String>) -> Server {
    let place = stack.number * 3 + index;
    let pick = |count: usize| usize::try_from(place).unwrap_or_default() % count;
    let name = SERVER_NAMES[pick(SERVER_NAMES.len())];
    let uid = pseudorandom::hex(&format!("server {index} of {}", stack.uid), 32);
    Server {
        number: stack.number * 10 + index,
        vendor_uid: if stack.cloud == "AWS" { format!("i-{}", &uid[..8]) } else { (2_400_000 + place).to_string() },
        name: name.into(),
        address: format!("{}.{}", ["203.0.113", "198.51.100"][pick(508) / 254], pick(254) + 1),
        internal_address: format!("10.132.{}.{}", pick(62_500) / 250, pick(250) + 1),
        dns_record: format!("{}.{}", slug(name), stack.fqdn),
        roles,
        group,
        created_at: stack.created_at,
        updated_at: stack.created_at,
        uid,
    }
}

#[cfg(test)]
mod tests {
    use crate::sandbox::cloud66::seed;

    #[test]
    fn every_stack_that_was_deployed_has_servers_of_its_own() {
        let state = seed::state();
        let mut uids = Vec::new();
        for stack in &state.stacks {
            let infrastructure = stack.infrastructure();
            assert_eq!(infrastructure.servers.is_empty(), stack.deployments.is_empty(), "{}", stack.name);
            let groups = stack.groups().map(|group| group.id);
            assert!(infrastructure.servers.iter().all(|server| groups.contains(&server.group)), "{}", stack.name);
            let mut names: Vec<&str> = infrastructure.servers.iter().map(|server| server.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), infrastructure.servers.len(), "{}", stack.name);
            assert_eq!(infrastructure.containers.is_empty(), stack.services.is_empty(), "{}", stack.name);
            for container in &infrastructure.containers {
                assert_ne!(infrastructure.server_name(&container.server_uid), "", "{}", stack.name);
            }
            uids.extend(infrastructure.servers.iter().map(|server| server.uid.clone()));
            uids.extend(infrastructure.containers.iter().map(|container| container.uid.clone()));
        }
        let count = uids.len();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), count);
    }
}
