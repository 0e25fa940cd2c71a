//! Services of a Docker stack: how many containers of each run, and where.

use serde_json::{Map, Value, json};

use super::actions::{Action, ContainerFilter, Effect};
use super::call::Call;
use super::containers::Container;
use super::parameters::{Parameters, whole_count};
use super::reply::{ApiError, ApiResult, object};
use super::servers::Server;
use super::{Infrastructure, Stack, State, containers, servers};
use crate::sandbox::clock::iso;

/// How long scaling takes, in seconds at normal speed.
const SCALE_DURATION: f64 = 4.0;
/// How long stopping takes, in seconds at normal speed.
const STOP_DURATION: f64 = 2.0;
/// Maximum number of containers of a service on one server.
const MAX_CONTAINERS: u64 = 100;

/// `services_list`
pub(super) fn services_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let server_uid = call.parameters()?.text("server_uid");
    let infrastructure = stack.infrastructure();
    let services = stack.services.iter().map(|service| render(&infrastructure, service, server_uid.as_deref()));
    let shown: Vec<Value> =
        services.filter(|service| server_uid.is_none() || service["containers"] != json!([])).collect();
    call.list(&shown, Value::clone)
}

/// `services_show`; the official client also asks for the command line that runs a command in a new container
pub(super) fn services_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let service = stack.service(call.path_param("service_name"))?;
    let parameters = call.parameters()?;
    let infrastructure = stack.infrastructure();
    let mut shown = render(&infrastructure, service, parameters.text("server_uid").as_deref());
    if let Some(command) = parameters.text("wrap_command") {
        let image = containers::image(service);
        shown["wrap_command"] = format!("sudo docker run --rm -it {image} {command}").into();
    }
    Ok(object(shown))
}

/// `services_stop`, on all servers or on one
pub(super) fn services_stop(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let service = stack.service(call.path_param("service_name"))?.to_owned();
    let server_uid = call.parameters()?.text("server_uid");
    if let Some(uid) = &server_uid {
        server(&stack.infrastructure(), "server_uid", uid)?;
    }
    let stopped = ContainerFilter { service: Some(service), server_uid, container: None };
    let action = Action::start(ids, stack, "service_stop", call.clock, STOP_DURATION);
    Ok(action.with_effect(Effect::Stop(stopped)).add_to(stack))
}

/// `services_scale`
pub(super) fn services_scale(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let service = stack.service(&parameters.text("service_name").unwrap_or_default())?.to_owned();
    let counts = counts(stack, &parameters)?;
    let action = Action::start(ids, stack, "service_scale", call.clock, SCALE_DURATION);
    Ok(action.with_effect(Effect::Scale { service, counts }).add_to(stack))
}

fn render(infrastructure: &Infrastructure, service: &str, server_uid: Option<&str>) -> Value {
    let containers: Vec<Value> = infrastructure
        .containers
        .iter()
        .filter(|container| container.service == service && server_uid.is_none_or(|uid| uid == container.server_uid))
        .map(|container| render_container(infrastructure, container))
        .collect();
    let desired_count = infrastructure.containers.iter().filter(|container| container.service == service).count();
    json!({
        "name": service,
        "containers": containers,
        // What follows is only known to the official client.
        "source_type": "image",
        "git_ref": null,
        "image_name": containers::image(service),
        "image_uid": null,
        "image_tag": "latest",
        "command": containers::command(service),
        "build_command": null,
        "deploy_command": null,
        "desired_count": desired_count,
    })
}

/// A container within a service, which differs from a container on its own.
fn render_container(infrastructure: &Infrastructure, container: &Container) -> Value {
    let alone = container.render(infrastructure);
    let ports: Vec<String> = container.port().iter().map(|port| format!("{}:{port}", container.host_port)).collect();
    json!({
        "uid": container.uid,
        "server_uid": container.server_uid,
        "server_name": infrastructure.server_name(&container.server_uid),
        "service_name": container.service,
        "image": container.image(),
        // JSON inside a string, as documented.
        "port_list": json!(ports).to_string(),
        "command": container.command,
        "started_at": iso(container.started_at),
        "web_ports": if ports.is_empty() { "" } else { "80:443" },
        "created_at": iso(container.created_at),
        "updated_at": iso(container.updated_at),
        // The official client reads it like one on its own.
        "ports": alone["ports"],
        "private_ip": alone["private_ip"],
        "docker_ip": alone["docker_ip"],
        "health_state": alone["health_state"],
        "health_message": alone["health_message"],
        "health_source": alone["health_source"],
        "capture_output": alone["capture_output"],
        "restart_on_deploy": alone["restart_on_deploy"],
        "name": alone["name"],
    })
}

/// The wanted number of containers on each server.
fn counts(stack: &Stack, parameters: &Parameters) -> Result<Vec<(String, u64)>, ApiError> {
    let infrastructure = stack.infrastructure();
    let by_group = requested_counts(parameters, "server_group_count")?;
    let by_server = requested_counts(parameters, "server_count")?;
    if by_group.is_empty() && by_server.is_empty() {
        return Err(ApiError::bad_request("One of the parameters `server_count` and `server_group_count` is needed."));
    }
    let mut counts = Vec::new();
    for (group, wanted) in by_group {
        let servers = servers_of(stack, &infrastructure, &group)?;
        let share = servers.len() as u64;
        for (position, server) in (0..).zip(servers) {
            counts.push((server.uid.clone(), wanted / share + u64::from(position < wanted % share)));
        }
    }
    for (uid, wanted) in by_server {
        counts.push((server(&infrastructure, "server_count", &uid)?.uid.clone(), wanted));
    }
    match counts.iter().find(|(_, count)| *count > MAX_CONTAINERS) {
        Some((uid, count)) => Err(ApiError::conflict(format!(
            "Server `{uid}` cannot run {count} containers of a service; the maximum is {MAX_CONTAINERS}."
        ))),
        None => Ok(counts),
    }
}

fn requested_counts(parameters: &Parameters, name: &str) -> Result<Vec<(String, u64)>, ApiError> {
    let object: Map<String, Value> = parameters.object(name).unwrap_or_default();
    let entry = |(key, value): (String, Value)| {
        let count = whole_count(&value);
        let count = count.ok_or_else(|| {
            ApiError::bad_request(format!("In `{name}`, `{key}` must have a number of containers from 0, not {value}."))
        })?;
        Ok((key, count))
    };
    object.into_iter().map(entry).collect()
}

fn server<'i>(infrastructure: &'i Infrastructure, parameter: &str, uid: &str) -> Result<&'i Server, ApiError> {
    infrastructure
        .server(uid)
        .ok_or_else(|| ApiError::not_found(format!("Server `{uid}` in `{parameter}` is not part of the stack.")))
}

/// The servers of a group by its name or type, or those with the role of that name: the documentation scales a group
/// `web`, which is a role.
fn servers_of<'i>(stack: &Stack, infrastructure: &'i Infrastructure, name: &str) -> Result<Vec<&'i Server>, ApiError> {
    let groups = servers::groups(stack);
    let group = groups.iter().find(|group| group.name.eq_ignore_ascii_case(name) || group.kind == name);
    let belongs = |server: &&Server| match group {
        Some(group) => server.group == group.id,
        None => server.roles.iter().any(|role| role == name),
    };
    let servers: Vec<&Server> = infrastructure.servers.iter().filter(belongs).collect();
    if !servers.is_empty() {
        return Ok(servers);
    }
    let names = groups.each_ref().map(|group| format!("`{}`", group.name)).join(" and ");
    Err(match group {
        Some(group) => {
            ApiError::conflict(format!("`server_group_count` names the group `{}`, which has no server.", group.name))
        }
        None => ApiError::not_found(format!("`server_group_count` names the group `{name}`; the stack has {names}.")),
    })
}
