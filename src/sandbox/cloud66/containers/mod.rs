//! Containers: what runs on the servers of a docker stack.

mod runtime;

use serde_json::{Value, json};

use super::actions::Action;
use super::effects::{ContainerFilter, Effect};
use super::infrastructure::{Container, Infrastructure};
use super::reply::{ApiError, ApiResult, list, object};
use super::router::Call;
use super::{State, take_id};
use crate::sandbox::clock::iso;

/// How long stopping takes, in seconds of life.
const STOP_DURATION: f64 = 2.0;

impl Container {
    fn render(&self, infrastructure: &Infrastructure) -> Value {
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
        })
    }
}

/// `containers_list`
pub(in crate::sandbox) fn containers_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    // The official client can ask for one service as well.
    let wanted = ContainerFilter {
        service: parameters.text("service_name"),
        server_uid: parameters.text("server_uid"),
        container: None,
    };
    let infrastructure = stack.infrastructure();
    let shown: Vec<&Container> =
        infrastructure.containers.iter().filter(|container| wanted.matches(container)).collect();
    Ok(list(&shown, parameters.page()?, |container| container.render(&infrastructure)))
}

/// `containers_show`, with what its runtime says
pub(in crate::sandbox) fn containers_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let infrastructure = stack.infrastructure();
    let container = find(&infrastructure, call.path_param("container_id"))?;
    let mut shown = container.render(&infrastructure);
    shown["docker_ip"] = container.docker_ip.clone().into();
    shown["runtime"] = runtime::inspect(stack, &infrastructure, container);
    Ok(object(shown))
}

/// `containers_stop`
pub(in crate::sandbox) fn containers_stop(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let container = find(&stack.infrastructure(), call.path_param("container_id"))?.uid.clone();
    let stopped = ContainerFilter { container: Some(container), ..ContainerFilter::default() };
    let action = Action::start(take_id(&mut ids.action), stack, "container_stop", call.clock, STOP_DURATION);
    Ok(action.with(Effect::Stop(stopped)).enter(stack))
}

/// The container of that UID.
pub(in crate::sandbox) fn find<'m>(infrastructure: &'m Infrastructure, uid: &str) -> Result<&'m Container, ApiError> {
    let container = infrastructure.containers.iter().find(|container| container.uid == uid);
    container.ok_or_else(|| ApiError::not_found(format!("The stack has no container `{uid}`.")))
}
