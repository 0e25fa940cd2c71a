//! Sessions in the containers of a service.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::servers::dns_label;
use super::{Stack, State};
use crate::sandbox::pseudorandom;

/// How long opening takes, in seconds at normal speed.
const DURATION: f64 = 3.0;
/// Sessions that a stack keeps.
const MAX_SESSIONS: usize = 20;

/// A session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Session {
    uid: String,
    service: String,
}

impl Session {
    fn render(&self, stack: &Stack) -> Value {
        let deployment = dns_label(&self.service);
        json!({
            "uid": self.uid,
            "title": format!("{} of {}", self.service, stack.name),
            "service_name": self.service,
            "namespace": stack.namespace(),
            "command": "bundle exec rails server",
            "deployment_name": deployment,
            "pod_name": format!("{deployment}-session-{}", &self.uid[..8]),
            "container_name": deployment,
        })
    }
}

/// The sessions of a stack, oldest first: at first, one of the first service.
fn sessions(stack: &Stack) -> Vec<Session> {
    stack.parts.sessions.clone().unwrap_or_else(|| {
        let first = stack.services.first().map(|service| session(stack, service, "first"));
        first.into_iter().collect()
    })
}

fn session(stack: &Stack, service: &str, identity: &str) -> Session {
    let uid = pseudorandom::hex(&format!("session {identity} of {}", stack.uid), 32);
    Session { uid, service: service.into() }
}

/// Adds a session that an action opened.
pub(super) fn add(stack: &mut Stack, service: &str, identity: &str) {
    let mut sessions = sessions(stack);
    sessions.push(session(stack, service, identity));
    let surplus = sessions.len().saturating_sub(MAX_SESSIONS);
    sessions.drain(..surplus);
    stack.parts.sessions = Some(sessions);
}

fn check_has_containers(stack: &Stack) -> Result<(), ApiError> {
    if stack.services.is_empty() {
        return Err(ApiError::bad_request("Sessions need a stack with containers."));
    }
    Ok(())
}

/// `sessions_create`
pub(super) fn sessions_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let service = call.parameters()?.text("service_name").unwrap_or_default();
    check_has_containers(stack)?;
    stack.service(&service)?;
    let action = Action::start(ids, stack, "session_create", call.clock, DURATION);
    Ok(action.with_effect(Effect::OpenSession { service }).add_to(stack))
}

/// `sessions_fetch`, by UID, else the newest of a service, else the newest
pub(super) fn sessions_fetch(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    check_has_containers(stack)?;
    let parameters = call.parameters()?;
    let (uid, service) = (parameters.text("session_id"), parameters.text("service_name"));
    let fits = |session: &Session| match (&uid, &service) {
        (Some(uid), _) => session.uid == *uid,
        (None, Some(service)) => session.service == *service,
        (None, None) => true,
    };
    let found = sessions(stack).into_iter().rfind(fits);
    let found = found.ok_or_else(|| ApiError::not_found("The stack has no such session."))?;
    Ok(object(found.render(stack)))
}
