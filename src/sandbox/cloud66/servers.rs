//! Servers and the groups they are in.

use serde_json::{Value, json};

use super::infrastructure::{Infrastructure, Server, ServerGroup};
use super::reply::{ApiError, ApiResult, list, object};
use super::router::Call;
use super::{Stack, State, documented};
use crate::sandbox::clock::iso;

/// In the form of a key, but nothing that opens anything.
const PRIVATE_KEY: &str = "-----BEGIN SANDBOX PRIVATE KEY-----\n\
    VGhpcyBpcyBubyBrZXku\n\
    SANDBOX0SANDBOX0SANDBOX0SANDBOX0SANDBOX0SANDBOX0SANDBOX0SANDBOX0\n\
    -----END SANDBOX PRIVATE KEY-----\n";

impl Server {
    fn render(&self, stack: &Stack) -> Value {
        let (region, size) = match stack.cloud.as_str() {
            "AWS" => ("us-east-1", "m3.medium"),
            "Google" => ("us-central1", "n1-standard-1"),
            "Rackspace" => ("ORD", "2"),
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
            // The blank at the end is documented.
            "server_type": format!("Cloud ({}) ", stack.cloud),
            "server_roles": self.roles,
            "server_group_id": self.group,
            "stack_uid": shown_uid(stack),
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
        })
    }
}

/// The UID that the things of a stack name as that of their stack: the documents' own have another one than it has.
pub(in crate::sandbox) fn shown_uid(stack: &Stack) -> &str {
    if stack.is_documented() { documented::CHILDREN_STACK_UID } else { &stack.uid }
}

/// The server that the path names by its UID.
pub(in crate::sandbox) fn find<'m>(infrastructure: &'m Infrastructure, call: &Call) -> Result<&'m Server, ApiError> {
    let uid = call.path_param("server_id");
    let server = infrastructure.servers.iter().find(|server| server.uid == uid);
    server.ok_or_else(|| ApiError::not_found(format!("The stack has no server with the UID `{uid}`.")))
}

/// `servers_list`
pub(in crate::sandbox) fn servers_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(list(&stack.infrastructure().servers, call.parameters()?.page()?, |server| server.render(stack)))
}

/// `servers_show`, on request with what passes for a key under both of its names
pub(in crate::sandbox) fn servers_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let infrastructure = stack.infrastructure();
    let mut shown = find(&infrastructure, call)?.render(stack);
    if call.parameters()?.integer("include_private_key") == Some(1) {
        shown["private_key"] = PRIVATE_KEY.into();
        shown["ssh_private_key"] = PRIVATE_KEY.into();
    }
    Ok(object(shown))
}

/// `server_groups_list`
pub(in crate::sandbox) fn server_groups_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(list(&stack.groups(), call.parameters()?.page()?, render_group))
}

/// `server_groups_show`, by number
pub(in crate::sandbox) fn server_groups_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let number = call.number("server_group_id", "server group")?;
    let groups = stack.groups();
    let group = groups.iter().find(|group| group.id == number);
    let group = group.ok_or_else(|| ApiError::not_found(format!("The stack has no server group {number}.")))?;
    Ok(object(render_group(group)))
}

fn render_group(group: &ServerGroup) -> Value {
    json!({
        "id": group.id,
        "name": group.name,
        "type": group.kind,
        "created_at": iso(group.created_at),
        "updated_at": iso(group.created_at),
    })
}
