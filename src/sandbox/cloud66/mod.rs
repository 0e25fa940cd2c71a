//! The Cloud 66 of the sandbox: its state, and what happens to it as time passes.
//!
//! Each resource has a file with its state, its initial items, and the handlers of its operations. The stack, to which
//! most of them belong, is here.

mod access;
mod accounts;
mod actions;
mod application_variants;
pub(super) mod backups;
pub(super) mod call;
mod client_operations;
mod client_params;
mod clouds;
mod clusters;
mod config_files;
mod config_store;
mod containers;
mod cron;
mod databases;
mod deployments;
mod dns_providers;
mod documented_addresses;
mod environments;
mod failover_groups;
mod firewall_rule;
mod firewalls;
mod gateways;
mod git;
mod image_repositories;
mod jobs;
mod multipart;
mod notifications;
pub(super) mod oauth;
mod operations;
mod parameters;
mod processes;
mod rate_limit;
mod reboots;
mod reply;
mod router;
mod servers;
mod services;
mod sessions;
mod settings;
mod ssl_certificates;
mod stacks;
mod status;
mod tags;
mod users;
mod variable_file;

use std::borrow::Cow;
use std::collections::BTreeMap;

use hyper::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::body::ReplyBody;
use super::clock::Clock;
use actions::{Action, Effect};
use application_variants::Variant;
use backups::Backup;
use backups::schedules::{Import, Schedule};
use call::{Call, Request};
use config_files::{ChangedFile, FileVersion};
use config_store::StoreRecord;
use containers::Container;
use databases::{Database, DatabaseUser};
use deployments::Deployment;
use environments::Variable;
use failover_groups::FailoverGroup;
use firewall_rule::FirewallRule;
use gateways::Gateway;
use image_repositories::ImageRepository;
use jobs::Job;
use notifications::Notification;
use oauth::Grants;
use processes::Process;
use rate_limit::RequestCounts;
use reply::{ApiError, Notes};
use servers::Server;
use sessions::Session;
use settings::Settings;
use ssl_certificates::Certificate;
use stacks::creation::Creation;
use tags::AllTags;
use users::User;

#[cfg(unix)]
pub(super) use servers::HostFacts;

/// The stack of nearly all documented requests; its resources are those of the documentation.
const DOCUMENTED_STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// Answers a request to the API, at most `rate_limit` an hour from each token.
pub(super) fn answer(state: &mut State, request: &Request, rate_limit: u32, clock: &Clock) -> Response<ReplyBody> {
    state.advance(clock);
    let mut notes = Notes::new(rate_limit);
    let result = router::answer(state, request, clock, &mut notes);
    reply::respond(result, &notes)
}

/// The reply when `rate_limit` is reached.
pub(super) fn throttled(rate_limit: u32) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::throttled()), &Notes { remaining: 0, ..Notes::new(rate_limit) })
}

/// The reply when the sandbox itself fails.
pub(super) fn internal_error(details: String, rate_limit: u32) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::internal(details)), &Notes { remaining: 0, ..Notes::new(rate_limit) })
}

/// The state of this Cloud 66.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    #[serde(default, rename = "requests")]
    request_counts: RequestCounts,
    #[serde(rename = "numbers")]
    next_ids: NextIds,
    stacks: Vec<Stack>,
    users: Vec<User>,
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    grants: Grants,
    #[serde(default, skip_serializing_if = "AccountParts::is_default")]
    account: AccountParts,
}

/// What belongs to the account and differs from its initial state.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct AccountParts {
    image_repositories: Option<Vec<ImageRepository>>,
    gateways: Option<Vec<Gateway>>,
    failover_groups: Option<Vec<FailoverGroup>>,
    tags: AllTags,
    /// The public SSH key of the user, once it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// The records of each changed namespace of the config store.
    config_store: BTreeMap<String, Vec<StoreRecord>>,
}

impl AccountParts {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl State {
    /// The initial state, always the same.
    pub(super) fn initial() -> Self {
        // IDs stay away from 283, which the blog takes for the ID of an action.
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
        let (request_counts, users, grants) = (RequestCounts::default(), users::initial(), Grants::default());
        Self { request_counts, next_ids, stacks, users, grants, account: AccountParts::default() }
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
        failover_groups::advance(self, clock);
    }

    /// The stack in the path.
    fn stack(&self, call: &Call) -> Result<&Stack, ApiError> {
        let uid = call.path_param("stack_id");
        self.find_stack(uid).ok_or_else(|| no_stack(uid))
    }

    /// The stack in the path, mutable, with the IDs for new items.
    fn stack_mut(&mut self, call: &Call) -> Result<(&mut Stack, &mut NextIds), ApiError> {
        let uid = call.path_param("stack_id");
        let stack = self.stacks.iter_mut().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))?;
        Ok((stack, &mut self.next_ids))
    }

    /// What a server of that UID has on its disk.
    #[cfg(unix)]
    pub(super) fn host(&self, uid: &str) -> Option<HostFacts> {
        self.stacks.iter().find_map(|stack| servers::host(stack, uid))
    }

    fn find_stack(&self, uid: &str) -> Option<&Stack> {
        self.stacks.iter().find(|stack| stack.uid == uid)
    }
}

fn no_stack(uid: &str) -> ApiError {
    ApiError::not_found(format!("Stack `{uid}` not found."))
}

/// The next ID of each kind of item.
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

/// Takes an ID and increases the counter.
fn take_id(counter: &mut u64) -> u64 {
    let id = *counter;
    *counter += 1;
    id
}

/// A stack with its resources.
#[derive(Debug, Serialize, Deserialize)]
struct Stack {
    uid: String,
    /// The internal ID that actions show as `resource_id`.
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
    /// Whether everything on it fails.
    #[serde(rename = "doomed")]
    always_fails: bool,
    /// Names of the services; only Docker stacks and the documented stack have any.
    services: Vec<String>,
    /// Oldest first, as in the lists below.
    actions: Vec<Action>,
    deployments: Vec<Deployment>,
    variables: Vec<Variable>,
    backups: Vec<Backup>,
    #[serde(default, rename = "belongings", skip_serializing_if = "StackParts::is_default")]
    parts: StackParts,
}

/// The resources of a stack that differ from the initial ones.
///
/// Every request reads and writes the whole state, so what follows from the stack is stored only once it has changed.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct StackParts {
    #[serde(rename = "machines")]
    infrastructure: Option<Infrastructure>,
    firewalls: Option<Vec<FirewallRule>>,
    notifications: Option<Vec<Notification>>,
    certificates: Option<Vec<Certificate>>,
    processes: Option<Vec<Process>>,
    jobs: Option<Vec<Job>>,
    variants: Option<Vec<Variant>>,
    sessions: Option<Vec<Session>>,
    databases: Option<Vec<Database>>,
    database_users: Option<Vec<DatabaseUser>>,
    /// Only the changed ones.
    config_files: Vec<ChangedFile>,
    /// Only those that were added.
    file_versions: Vec<FileVersion>,
    /// Only the changed ones.
    settings: Settings,
    schedules: Vec<Schedule>,
    /// Running imports.
    imports: Vec<Import>,
    /// The progress of a new stack towards its first deployment; `None` once that has begun.
    creation: Option<Creation>,
    /// Whether the whole stack runs on one server.
    single_server: bool,
    /// Whether its containers are pods of a Kubernetes cluster.
    kubernetes: bool,
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

    /// Its Kubernetes namespace.
    fn namespace(&self) -> String {
        servers::dns_label(&self.name)
    }

    /// Whether it was ever deployed.
    fn was_deployed(&self) -> bool {
        self.deployments.iter().any(Deployment::has_run)
    }

    /// Whether anything is changing it.
    fn is_busy(&self) -> bool {
        self.parts.creation.is_some()
            || self.actions.iter().any(Action::is_running)
            || self.deployments.iter().any(|deployment| deployment.finished_at.is_none())
    }

    /// Records that something happened to the stack.
    fn touch(&mut self, now: Timestamp) {
        self.last_activity = self.last_activity.max(now);
        self.updated_at = self.updated_at.max(now);
    }

    /// Why everything on it fails, if it does.
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

    /// Refuses a name that no process of the stack has.
    fn check_process(&self, name: &str) -> Result<(), ApiError> {
        processes::check(self, name)
    }

    /// The infrastructure of the stack.
    fn infrastructure(&self) -> Cow<'_, Infrastructure> {
        match &self.parts.infrastructure {
            Some(infrastructure) => Cow::Borrowed(infrastructure),
            None => Cow::Owned(Infrastructure::initial(self)),
        }
    }

    /// The infrastructure of the stack, mutable.
    fn infrastructure_mut(&mut self) -> &mut Infrastructure {
        let infrastructure = self.parts.infrastructure.take().unwrap_or_else(|| Infrastructure::initial(self));
        self.parts.infrastructure.insert(infrastructure)
    }

    /// Applies the effect of an action that succeeded at `now`; `identity` is unique to the change.
    fn apply(&mut self, effect: &Effect, identity: &str, now: Timestamp) {
        match effect {
            Effect::MaintenanceMode(on) => self.maintenance_mode = *on,
            Effect::Scale { service, counts } => containers::scale(self, service, counts, identity, now),
            Effect::Stop(filter) => containers::stop(self, filter),
            Effect::Restart(filter) => containers::restart(self, filter, now),
            Effect::ScaleProcess { process, counts } => processes::scale(self, process, counts),
            Effect::PauseProcess { process, server_uid, paused } => {
                processes::pause(self, process.as_deref(), server_uid.as_deref(), *paused);
            }
            Effect::JobRun { uid } => jobs::end_run(self, uid, true, now),
            Effect::PauseJobs { uid, paused } => jobs::pause(self, uid.as_deref(), *paused, now),
            Effect::AddServers { group, names } => servers::add(self, *group, names, now),
            Effect::ConfigFile { kind, body, comments } => {
                config_files::change(self, kind, body, comments.as_deref(), now);
            }
            Effect::KeepServers { group, count } => servers::keep(self, *group, *count),
            Effect::OpenSession { service } => sessions::add(self, service, identity),
            Effect::AddDatabase { group, name, users } => {
                databases::add_database(self, *group, name, users, identity, now);
            }
            Effect::AddDatabaseUser { group, username, user_type, databases } => {
                databases::add_user(self, *group, (username, user_type), databases, identity, now);
            }
            Effect::OpenLease(rule) => firewalls::add(self, FirewallRule::clone(rule)),
        }
    }

    /// Notes that an action with this effect failed at `now`.
    fn fail(&mut self, effect: &Effect, now: Timestamp) {
        if let Effect::JobRun { uid } = effect {
            jobs::end_run(self, uid, false, now);
        }
    }
}

/// The servers of a stack and the containers on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Infrastructure {
    servers: Vec<Server>,
    /// Oldest first.
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
    fn every_date_in_the_source_parses() {
        let state = serde_json::to_string(&State::initial()).unwrap_or_default();
        assert!(state.contains("2014-08-29") && !state.contains("1970-01-01"));
    }
}
