//! Containers: what runs on the servers of a docker stack.

mod runtime;

use serde_json::{Value, json};

use super::actions::Action;
use super::effects::{Effect, Selection};
use super::machines::{Container, Machines};
use super::reply::{Answer, Refusal, list, object};
use super::router::Call;
use super::{World, next};
use crate::sandbox::clock::iso;

/// How long stopping takes, in seconds of life.
const STOP_DURATION: f64 = 2.0;

impl Container {
    fn render(&self, machines: &Machines) -> Value {
        let ports: Vec<Value> =
            self.port().iter().map(|port| json!({ "container": port, "http": 80, "https": 443 })).collect();
        json!({
            "uid": self.uid,
            "server_uid": self.server_uid,
            "server_name": machines.server_name(&self.server_uid),
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
pub(in crate::sandbox) fn containers_list(world: &mut World, call: &Call) -> Answer {
    let stack = world.stack(call.part("stack_id"))?;
    let parameters = call.parameters()?;
    // The official client can ask for one service as well.
    let wanted = Selection {
        service: parameters.text("service_name"),
        server_uid: parameters.text("server_uid"),
        container: None,
    };
    let machines = stack.machines();
    let shown: Vec<&Container> = machines.containers.iter().filter(|container| wanted.has(container)).collect();
    Ok(list(&shown, parameters.page()?, |container| container.render(&machines)))
}

/// `containers_show`, with what its runtime says
pub(in crate::sandbox) fn containers_show(world: &mut World, call: &Call) -> Answer {
    let stack = world.stack(call.part("stack_id"))?;
    let machines = stack.machines();
    let container = find(&machines, call.part("container_id"))?;
    let mut shown = container.render(&machines);
    shown["docker_ip"] = container.docker_ip.clone().into();
    shown["runtime"] = runtime::inspect(stack, &machines, container);
    Ok(object(shown))
}

/// `containers_stop`
pub(in crate::sandbox) fn containers_stop(world: &mut World, call: &Call) -> Answer {
    let (stack, numbers) = world.stack_mut(call.part("stack_id"))?;
    let container = find(&stack.machines(), call.part("container_id"))?.uid.clone();
    let stopped = Selection { container: Some(container), ..Selection::default() };
    let action = Action::start(next(&mut numbers.action), stack, "container_stop", call.clock, STOP_DURATION);
    Ok(action.with(Effect::Stop(stopped)).enter(stack))
}

/// The container of that UID.
pub(in crate::sandbox) fn find<'m>(machines: &'m Machines, uid: &str) -> Result<&'m Container, Refusal> {
    let container = machines.containers.iter().find(|container| container.uid == uid);
    container.ok_or_else(|| Refusal::not_found(format!("The stack has no container `{uid}`.")))
}
