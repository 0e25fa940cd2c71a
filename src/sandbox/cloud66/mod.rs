//! The Cloud 66 that the sandbox plays: its state, and what happens to it as time passes.
//!
//! A file a resource has the resource's state, what there is of it in the beginning, and the handlers of its
//! operations. The stack, to which most of them belong, stands here above them.

mod access;
mod accounts;
mod actions;
pub(super) mod backups;
pub(super) mod call;
mod clouds;
mod containers;
mod cron;
mod deployments;
mod environments;
mod firewalls;
mod git;
mod notifications;
pub(super) mod oauth;
mod parameters;
mod rate_limit;
mod reply;
mod router;
mod servers;
mod services;
mod settings;
mod ssl_certificates;
mod stacks;
mod status;
mod users;

use std::borrow::Cow;

use hyper::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::body::ReplyBody;
use super::clock::Clock;
use actions::{Action, Effect};
use backups::Backup;
use backups::schedules::{Import, Schedule};
use call::{Call, Request};
use containers::Container;
use deployments::Deployment;
use environments::Variable;
use firewalls::FirewallRule;
use notifications::Notification;
use oauth::Grants;
use rate_limit::RateLimit;
use reply::ApiError;
use servers::Server;
use settings::Settings;
use ssl_certificates::Certificate;
use stacks::creation::Creation;
use users::User;

/// The stack that nearly all documented requests are about; what belongs to it is what the documents show.
const DOCUMENTED_STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";
/// The stack that the documented servers and notifications say they belong to.
const DOCUMENTED_OWNER: &str = "5acd43412ea412e32897c40d46f91183";

/// Answers a request of the API.
pub(super) fn answer(state: &mut State, request: &Request, clock: &Clock) -> Response<ReplyBody> {
    state.advance(clock);
    match state.rate_limit.take(clock.now) {
        Some(remaining) => reply::respond(router::answer(state, request, clock), remaining),
        None => throttled(),
    }
}

/// The reply when the request limit is used up.
pub(super) fn throttled() -> Response<ReplyBody> {
    reply::respond(Err(ApiError::throttled()), 0)
}

/// The reply when the sandbox itself cannot go on.
pub(super) fn internal_error(details: String) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::internal(details)), 0)
}

/// Everything that this Cloud 66 knows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    #[serde(rename = "rate")]
    rate_limit: RateLimit,
    #[serde(rename = "numbers")]
    next_ids: NextIds,
    stacks: Vec<Stack>,
    users: Vec<User>,
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    grants: Grants,
}

impl State {
    /// The state in the beginning, which is the same each time.
    pub(super) fn initial() -> Self {
        // No ID may come near 283, which the blog takes for the number of an action.
        let mut next_ids = NextIds {
            action: 1000,
            deployment: 200,
            variable: 5000,
            history: 100,
            stack: 300,
            backup: 20,
            backup_group: 2000,
            firewall: 6000,
            certificate: 1,
        };
        let stacks = stacks::seed::stacks(&mut next_ids);
        let (rate_limit, users, grants) = (RateLimit::default(), users::initial(), Grants::default());
        Self { rate_limit, next_ids, stacks, users, grants }
    }

    /// Applies everything that has become due.
    fn advance(&mut self, clock: &Clock) {
        for stack in &mut self.stacks {
            stacks::creation::advance(stack, &mut self.next_ids, clock);
            deployments::advance(stack, clock);
            actions::advance(stack, clock);
            firewalls::advance(stack, clock);
            ssl_certificates::advance(stack, clock);
            backups::schedules::advance(stack, &mut self.next_ids, clock);
        }
    }

    /// The stack that the path names.
    fn stack(&self, call: &Call) -> Result<&Stack, ApiError> {
        let uid = call.path_param("stack_id");
        self.find_stack(uid).ok_or_else(|| no_stack(uid))
    }

    /// The stack that the path names, to be changed, with the IDs for what is added to it.
    fn stack_mut(&mut self, call: &Call) -> Result<(&mut Stack, &mut NextIds), ApiError> {
        let uid = call.path_param("stack_id");
        let stack = self.stacks.iter_mut().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))?;
        Ok((stack, &mut self.next_ids))
    }

    fn find_stack(&self, uid: &str) -> Option<&Stack> {
        self.stacks.iter().find(|stack| stack.uid == uid)
    }
}

fn no_stack(uid: &str) -> ApiError {
    ApiError::not_found(format!("There is no stack with the UID `{uid}`."))
}

/// The ID that the next item of each kind gets.
#[derive(Debug, Serialize, Deserialize)]
struct NextIds {
    action: u64,
    deployment: u64,
    variable: u64,
    history: u64,
    stack: u64,
    backup: u64,
    backup_group: i64,
    firewall: u64,
    #[serde(default)]
    certificate: u64,
}

/// Takes an ID: the counter goes up by one.
fn take_id(counter: &mut u64) -> u64 {
    let id = *counter;
    *counter += 1;
    id
}

/// A stack with all that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
struct Stack {
    uid: String,
    /// The internal number that actions show as `resource_id`.
    number: u64,
    name: String,
    git: String,
    git_branch: String,
    environment: String,
    cloud: String,
    fqdn: String,
    language: String,
    framework: String,
    status: u8,
    health: u8,
    last_activity: Timestamp,
    maintenance_mode: bool,
    has_loadbalancer: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    deploy_directory: String,
    cloud_status: String,
    redeploy_hook: Option<String>,
    /// Whether everything that is tried on it fails.
    #[serde(rename = "doomed")]
    always_fails: bool,
    /// Names of the services; only docker stacks and the documented stack have any.
    services: Vec<String>,
    /// The oldest first, as in the lists below.
    actions: Vec<Action>,
    deployments: Vec<Deployment>,
    variables: Vec<Variable>,
    backups: Vec<Backup>,
    #[serde(default, rename = "belongings", skip_serializing_if = "StackParts::is_default")]
    parts: StackParts,
}

/// What belongs to a stack and is no longer what it was in the beginning.
///
/// Every request reads and writes the whole state, so what follows from the stack is kept only once it has changed.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StackParts {
    #[serde(rename = "machines")]
    infrastructure: Option<Infrastructure>,
    firewalls: Option<Vec<FirewallRule>>,
    notifications: Option<Vec<Notification>>,
    certificates: Option<Vec<Certificate>>,
    /// Only those that were changed.
    settings: Settings,
    schedules: Vec<Schedule>,
    /// Backups that are still being imported.
    imports: Vec<Import>,
    /// How far the stack is from its first deployment; nothing once that has begun.
    creation: Option<Creation>,
    /// Whether the whole stack runs on one server.
    single_server: bool,
}

impl StackParts {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Stack {
    /// Whether it is the documented stack.
    fn is_documented(&self) -> bool {
        self.uid == DOCUMENTED_STACK
    }

    /// The UID that the stack's servers and notifications show as that of their stack.
    fn shown_uid(&self) -> &str {
        if self.is_documented() { DOCUMENTED_OWNER } else { &self.uid }
    }

    /// Whether it was ever deployed, successfully or not.
    fn was_deployed(&self) -> bool {
        self.deployments.iter().any(Deployment::has_run)
    }

    /// Notes that something happened to the stack.
    fn touch(&mut self, now: Timestamp) {
        self.last_activity = self.last_activity.max(now);
        self.updated_at = self.updated_at.max(now);
    }

    /// Why everything that is tried on it fails, if it does.
    fn failure(&self) -> Option<String> {
        self.always_fails.then(|| format!("no server of {} can be reached over SSH", self.name))
    }

    /// The service of that name.
    fn service(&self, name: &str) -> Result<&str, ApiError> {
        let service = self.services.iter().find(|service| *service == name);
        service.map(String::as_str).ok_or_else(|| {
            ApiError::not_found(match self.services.as_slice() {
                [] => format!("The stack has no service `{name}`, nor any other."),
                services => format!("The stack has no service `{name}`; it has {}.", services.join(", ")),
            })
        })
    }

    /// What the stack runs on.
    fn infrastructure(&self) -> Cow<'_, Infrastructure> {
        match &self.parts.infrastructure {
            Some(infrastructure) => Cow::Borrowed(infrastructure),
            None => Cow::Owned(Infrastructure::initial(self)),
        }
    }

    /// What the stack runs on, to be changed.
    fn infrastructure_mut(&mut self) -> &mut Infrastructure {
        let infrastructure = self.parts.infrastructure.take().unwrap_or_else(|| Infrastructure::initial(self));
        self.parts.infrastructure.insert(infrastructure)
    }

    /// Makes the change of an action that succeeded at `now`; `identity` is a text that no other change has.
    fn apply(&mut self, effect: &Effect, identity: &str, now: Timestamp) {
        match effect {
            Effect::MaintenanceMode(on) => self.maintenance_mode = *on,
            Effect::Scale { service, counts } => containers::scale(self, service, counts, identity, now),
            Effect::Stop(filter) => containers::stop(self, filter),
            Effect::Restart(filter) => containers::restart(self, filter, now),
        }
    }
}

/// The servers of a stack and the containers on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Infrastructure {
    servers: Vec<Server>,
    /// The oldest first.
    containers: Vec<Container>,
}

impl Infrastructure {
    fn initial(stack: &Stack) -> Self {
        let servers = servers::initial(stack);
        let containers = containers::initial(stack, &servers);
        Self { servers, containers }
    }

    /// The server of that UID.
    fn server(&self, uid: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.uid == uid)
    }

    /// The name of the server of that UID.
    fn server_name(&self, uid: &str) -> &str {
        self.server(uid).map_or("", |server| &server.name)
    }

    /// The container of that UID.
    fn container(&self, uid: &str) -> Result<&Container, ApiError> {
        let container = self.containers.iter().find(|container| container.uid == uid);
        container.ok_or_else(|| ApiError::not_found(format!("The stack has no container `{uid}`.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stack_that_was_deployed_has_servers_of_its_own() {
        let mut uids = Vec::new();
        for stack in &State::initial().stacks {
            let infrastructure = stack.infrastructure();
            assert_eq!(infrastructure.servers.is_empty(), stack.deployments.is_empty(), "{}", stack.name);
            let groups = servers::groups(stack).map(|group| group.id);
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

    #[test]
    fn no_date_was_mistyped() {
        let state = serde_json::to_string(&State::initial()).unwrap_or_default();
        // Only the hour of the request limit begins there.
        assert_eq!(state.matches("1970-01-01").count(), 1);
    }
}
