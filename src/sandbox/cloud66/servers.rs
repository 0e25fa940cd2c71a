//! Servers and server groups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
#[cfg(unix)]
use super::environments::Variable;
use super::reply::{ApiError, ApiResult, object};
use super::{Infrastructure, Stack, State};
use crate::sandbox::clock::{date_time, iso};
use crate::sandbox::pseudorandom;
use crate::sandbox::server_key::{Key, Purpose};

const NAMES: [&str; 17] = [
    "Badger", "Curlew", "Dolphin", "Egret", "Falcon", "Heron", "Ibis", "Jackdaw", "Kestrel", "Lynx", "Marten", "Otter",
    "Puffin", "Raven", "Stoat", "Tapir", "Wren",
];

/// How long adding and deleting servers takes, in seconds at normal speed.
const SCALE_DURATION: f64 = 8.0;
/// Maximum number of servers in a group.
const MAX_SERVERS: usize = 20;

/// The position in its stack of the master of a Kubernetes cluster.
const MASTER: u64 = 0;

/// The UID of the server in the documented backups.
pub(super) const BACKED_UP_SERVER: &str = "e63e859d5ab72b0bcf14321f0ffb013d";
const DOCUMENTED_RAILS_GROUP: u64 = 128;
const DOCUMENTED_POSTGRESQL_GROUP: u64 = 129;

/// A server of a stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Server {
    /// The internal ID that actions show as `resource_id`.
    pub(super) number: u64,
    pub(super) uid: String,
    vendor_uid: String,
    pub(super) name: String,
    address: String,
    pub(super) internal_address: String,
    dns_record: String,
    pub(super) roles: Vec<String>,
    /// The ID of its server group.
    pub(super) group: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A group of servers with the same role.
#[derive(Clone, Debug)]
pub(super) struct ServerGroup {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) kind: &'static str,
    created_at: Timestamp,
}

impl Server {
    /// Renames the server, which also changes its DNS record.
    pub(super) fn rename(&mut self, name: &str, now: Timestamp) {
        let domain = self.dns_record.split_once('.').map_or("", |(_, domain)| domain);
        self.dns_record = format!("{}.{domain}", dns_label(name));
        name.clone_into(&mut self.name);
        self.updated_at = now;
    }

    fn render(&self, stack: &Stack) -> Value {
        let (region, size) = match stack.cloud.as_str() {
            "AWS" => ("us-east-1", "m3.medium"),
            "Google" => ("us-central1-a", "n1-standard-1"),
            "Rackspace" => ("chicago", "1GB Standard Instance"),
            _ => ("2", "63"),
        };
        json!({
            "uid": self.uid,
            "vendor_uid": self.vendor_uid,
            "name": self.name,
            "address": self.address,
            "distro": "ubuntu",
            "distro_version": "14.04",
            "dns_record": self.dns_record,
            "user_name": "root",
            // The space at the end is documented.
            "server_type": format!("Cloud ({}) ", stack.cloud),
            "server_roles": self.roles,
            "server_group_id": self.group,
            "stack_uid": stack.uid,
            "has_agent": true,
            "params": {
                "availability_zone": region,
                "size": size,
                "region": region,
                "ips": [self.address],
                "was_baselined": true,
                "cached_cores": 1,
                "cached_memory": 1_042_336_972,
                "passenger_version": "4.0.48",
                "passenger_enterprise": false,
                "supports_nginx_realip": true,
                "passenger_pool_max": 4,
            },
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "region": region,
            "availability_zone": region,
            "ext_ipv4": self.address,
            "health_state": stack.health,
            "int_ipv4": self.internal_address,
            "int_ipv6": null,
            "ext_ipv6": null,
            // What follows is only known to the official client.
            "personal_key": false,
            "notifications": {},
            "has_deploy_gateway": false,
            "deploy_gateway_address": null,
            "deploy_gateway_user_name": null,
            "is_kubernetes_master": stack.parts.kubernetes && self.number % 10 == MASTER,
        })
    }
}

impl ServerGroup {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        })
    }
}

/// A name in the form of a DNS label.
pub(super) fn dns_label(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

/// The server groups of a stack: that of the application, then that of the database.
pub(super) fn groups(stack: &Stack) -> [ServerGroup; 2] {
    if stack.is_documented() {
        return documented_groups();
    }
    let (name, kind) = match stack.framework.as_str() {
        "docker" => ("Docker Server", "docker"),
        "sinatra" => ("Sinatra Server", "sinatra"),
        "node" => ("Node Server", "node"),
        "padrino" => ("Padrino Server", "padrino"),
        _ => ("Rails Server", "rails"),
    };
    let group = |index, name: &str, kind| ServerGroup {
        id: stack.number * 10 + index,
        name: name.into(),
        kind,
        created_at: stack.created_at,
    };
    [group(0, name, kind), group(1, "MySQL Server", "mysql")]
}

/// The initial servers of a stack; one that was never deployed has none.
pub(super) fn initial(stack: &Stack) -> Vec<Server> {
    if stack.is_documented() {
        return documented();
    }
    if !stack.was_deployed() {
        return Vec::new();
    }
    let [application, database] = groups(stack);
    if stack.parts.single_server {
        return vec![server(stack, 0, application.id, &[application.kind, "web", "app", "mysql", "db"])];
    }
    let count = if stack.framework == "docker" || stack.has_loadbalancer { 2 } else { 1 };
    let mut servers: Vec<Server> =
        (0..count).map(|index| server(stack, index, application.id, &[application.kind, "web", "app"])).collect();
    servers.push(server(stack, 2, database.id, &["mysql", "db"]));
    servers
}

fn server(stack: &Stack, index: u64, group: u64, roles: &[&str]) -> Server {
    let number = stack.number * 3 + index;
    let pick = |count: usize| usize::try_from(number).unwrap_or_default() % count;
    let name = NAMES[pick(NAMES.len())];
    let uid = pseudorandom::hex(&format!("server {index} of {}", stack.uid), 32);
    Server {
        number: stack.number * 10 + index,
        vendor_uid: if stack.cloud == "AWS" { format!("i-{}", &uid[..8]) } else { (2_400_000 + number).to_string() },
        name: name.into(),
        address: format!("{}.{}", ["203.0.113", "198.51.100"][pick(508) / 254], pick(254) + 1),
        internal_address: format!("10.132.{}.{}", pick(62_500) / 250, pick(250) + 1),
        dns_record: format!("{}.{}", dns_label(name), stack.fqdn),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        group,
        created_at: stack.created_at,
        updated_at: stack.created_at,
        uid,
    }
}

fn documented_groups() -> [ServerGroup; 2] {
    let created_at = date_time("2014-08-29T17:21:47Z");
    [
        (DOCUMENTED_RAILS_GROUP, "Rails Server", "rails"),
        (DOCUMENTED_POSTGRESQL_GROUP, "PostgreSQL Server", "postgresql"),
    ]
    .map(|(id, name, kind)| ServerGroup { id, name: name.into(), kind, created_at })
}

/// The server of the server examples, those in the examples of services and containers, the scaled one, and the one in
/// the example of backups. One has two UIDs in two examples; that of the list is used.
fn documented() -> Vec<Server> {
    let server = |number, uid: &str, vendor_uid: &str, name: &str, address: &str, internal_address: &str| Server {
        number,
        uid: uid.into(),
        vendor_uid: vendor_uid.into(),
        name: name.into(),
        address: address.into(),
        internal_address: internal_address.into(),
        dns_record: format!("{}.sb-elastic-1.dev.c66.me", name.to_lowercase()),
        roles: ["rails", "web", "app"].map(String::from).to_vec(),
        group: DOCUMENTED_RAILS_GROUP,
        created_at: date_time("2014-08-29T17:21:47Z"),
        updated_at: date_time("2014-08-29T17:54:41Z"),
    };
    let address = "146.185.133.183";
    let all_roles = ["rails", "postgresql", "elasticsearch", "web", "app", "db"].map(String::from).to_vec();
    vec![
        Server {
            roles: all_roles,
            ..server(445, "f8468fc145ea49bac474b30a8fea888d", "2492780", "Caribou", address, address)
        },
        server(446, "edfbd7a9b97e999ebf17984282d4b457", "2492781", "Cormorant", "203.0.113.246", "10.132.130.134"),
        server(447, "c6014897b8c8e9f2fc204a3a9efdae05", "2492782", "Gazelle", "104.236.242.128", "10.132.130.135"),
        server(448, "123123cfcb7d3d2b54614b19e2a6c673", "2492783", "Ibex", "203.0.113.248", "10.132.130.136"),
        Server {
            roles: ["postgresql", "db"].map(String::from).to_vec(),
            group: DOCUMENTED_POSTGRESQL_GROUP,
            ..server(449, BACKED_UP_SERVER, "2492784", "Kudu", "203.0.113.249", "10.132.130.137")
        },
    ]
}

/// What a server has on its disk.
#[cfg(unix)]
pub(in crate::sandbox) struct HostFacts {
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) environment: String,
    pub(in crate::sandbox) deploy_directory: String,
    pub(in crate::sandbox) variables: Vec<(String, String)>,
}

/// The facts of a server of this stack.
#[cfg(unix)]
pub(super) fn host(stack: &Stack, uid: &str) -> Option<HostFacts> {
    let name = stack.infrastructure().server(uid)?.name.clone();
    Some(HostFacts {
        name,
        environment: stack.environment.clone(),
        deploy_directory: stack.deploy_directory.clone(),
        variables: stack.variables.iter().map(Variable::pair).collect(),
    })
}

/// The server with the UID in the path.
pub(super) fn find<'i>(infrastructure: &'i Infrastructure, call: &Call) -> Result<&'i Server, ApiError> {
    let uid = call.path_param("server_id");
    let server = infrastructure.server(uid);
    server.ok_or_else(|| ApiError::not_found(format!("The stack has no server with the UID `{uid}`.")))
}

/// `servers_list`
pub(super) fn servers_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    call.list(&stack.infrastructure().servers, |server| server.render(stack))
}

/// `servers_show`, on request with the private key, under both of its names
pub(super) fn servers_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let infrastructure = stack.infrastructure();
    let mut shown = find(&infrastructure, call)?.render(stack);
    if call.parameters()?.integer("include_private_key") == Some(1) {
        let key = Key::of(call.path_param("server_id"), Purpose::Login);
        let key = key.ok_or_else(|| ApiError::internal("no key was made".to_owned()))?.private;
        shown["private_key"] = key.as_str().into();
        shown["ssh_private_key"] = key.into();
    }
    Ok(object(shown))
}

/// `server_groups_list`
pub(super) fn server_groups_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&groups(state.stack(call)?), ServerGroup::render)
}

/// `server_groups_scale`: with a size it adds servers, without one it deletes all but a number of them
pub(super) fn server_groups_scale(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let groups = groups(stack);
    let group = call.find("server_group_id", "server group", &groups, |group| group.id)?.id;
    let parameters = call.parameters()?;
    let refuse = |fault: String| Err(ApiError::bad_request(format!("The parameter `server_count` {fault}.")));
    let conflict = |fault: String| Err(ApiError::conflict(format!("The parameter `server_count` {fault}.")));
    let wanted = parameters.integer("server_count");
    let now = stack.infrastructure().servers.iter().filter(|server| server.group == group).count();
    let count = match wanted.map(usize::try_from) {
        Some(Ok(count @ 1..=MAX_SERVERS)) => Some(count),
        Some(_) => return conflict(format!("must be at most {MAX_SERVERS}")),
        None => None,
    };
    let (name, effect) = if parameters.contains("server_size") {
        let mut names = parameters.list("server_names");
        let count = count.unwrap_or(names.len().max(1));
        if now + count > MAX_SERVERS {
            return conflict(format!("would make more than {MAX_SERVERS} servers"));
        }
        names.resize(count, String::new());
        ("scale_up", Effect::AddServers { group, names })
    } else {
        match count {
            Some(count) if count < now => ("scale_down", Effect::KeepServers { group, count }),
            Some(_) => return conflict(format!("must be below {now}, the number of servers")),
            None => return refuse("is missing; with `server_size`, servers are added".into()),
        }
    };
    Ok(Action::start(ids, stack, name, call.clock, SCALE_DURATION).with_effect(effect).add_to(stack))
}

/// Adds servers to a group; those without a name get one.
pub(super) fn add(stack: &mut Stack, group: u64, names: &[String], now: Timestamp) {
    let Some(kind) = groups(stack).into_iter().find(|one| one.id == group).map(|one| one.kind) else { return };
    let known = &stack.infrastructure().into_owned().servers;
    let mut index = known.iter().map(|server| server.number % 10).max().unwrap_or_default();
    let mut added: Vec<Server> = Vec::new();
    for name in names {
        index += 1;
        let mut new = server(stack, index, group, &[kind, "web", "app"]);
        let is_taken = |name: &str| known.iter().chain(&added).any(|server| server.name == name);
        let free = NAMES.iter().find(|name| !is_taken(name)).map(|name| (*name).to_owned());
        let name = if name.is_empty() { free.unwrap_or_else(|| format!("Server {index}")) } else { name.clone() };
        new.rename(&name, now);
        new.created_at = now;
        added.push(new);
    }
    stack.infrastructure_mut().servers.extend(added);
}

/// Deletes the newest servers of a group until `count` are left, with what runs on them.
pub(super) fn keep(stack: &mut Stack, group: u64, count: usize) {
    let infrastructure = stack.infrastructure_mut();
    let mut left = count;
    infrastructure.servers.retain(|server| {
        let stays = server.group != group || left > 0;
        left = left.saturating_sub(usize::from(server.group == group));
        stays
    });
    let servers = infrastructure.servers.clone();
    infrastructure.containers.retain(|container| servers.iter().any(|server| server.uid == container.server_uid));
}

/// `server_groups_show`, by ID
pub(super) fn server_groups_show(state: &mut State, call: &Call) -> ApiResult {
    let groups = groups(state.stack(call)?);
    let group = call.find("server_group_id", "server group", &groups, |group| group.id)?;
    Ok(object(group.render()))
}
