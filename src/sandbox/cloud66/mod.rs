//! The state of the sandbox: one value that is read, changed and written as a whole.

mod access;
mod accounts;
mod actions;
pub(super) mod backups;
mod clouds;
mod containers;
mod cron;
mod deployments;
mod documented;
mod effects;
mod environments;
mod environments_bulk;
mod firewalls;
mod infrastructure;
mod notifications;
pub(super) mod oauth;
pub(super) mod parameters;
pub(super) mod reply;
pub(super) mod router;
pub(super) mod seed;
mod servers;
mod services;
mod settings;
mod stacks;
mod users;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::cloudmc;
use actions::Action;
use backups::schedules::{Import, Schedule};
use backups::{Backup, schedules};
use deployments::Deployment;
use environments::Variable;
use firewalls::FirewallRule;
use infrastructure::Infrastructure;
use notifications::Notification;
use oauth::Grants;
use reply::{ApiError, RATE_LIMIT};
use settings::Settings;
use stacks::creation;
use stacks::creation::Creation;
use users::User;

/// Version of the form in which the world is written; a file of another version is not read.
pub(in crate::sandbox) const FORMAT: u32 = 2;

/// Who does what is done through the API.
pub(in crate::sandbox) const USER: &str = "test@cloud66.com";

/// Everything the sandbox knows.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct State {
    pub(in crate::sandbox) format: u32,
    pub(in crate::sandbox) rate: Rate,
    #[serde(rename = "numbers")]
    pub(in crate::sandbox) ids: NextIds,
    pub(in crate::sandbox) stacks: Vec<Stack>,
    pub(in crate::sandbox) users: Vec<User>,
    /// The small `CloudMC`; nothing until it is first asked for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) cloudmc: Option<cloudmc::State>,
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub(in crate::sandbox) grants: Grants,
}

impl State {
    /// Applies all that has become due.
    pub(in crate::sandbox) fn advance(&mut self, clock: &Clock) {
        for stack in &mut self.stacks {
            creation::advance(stack, &mut self.ids, clock);
            deployments::advance(stack, clock);
            actions::advance(stack, clock);
            firewalls::advance(stack, clock);
            schedules::advance(stack, &mut self.ids, clock);
        }
    }

    /// The stack of that UID.
    pub(in crate::sandbox) fn stack(&self, uid: &str) -> Result<&Stack, ApiError> {
        self.stacks.iter().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))
    }

    /// The stack of that UID to be changed, with the ids for what is added to it.
    pub(in crate::sandbox) fn stack_mut(&mut self, uid: &str) -> Result<(&mut Stack, &mut NextIds), ApiError> {
        let stack = self.stacks.iter_mut().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))?;
        Ok((stack, &mut self.ids))
    }
}

fn no_stack(uid: &str) -> ApiError {
    ApiError::not_found(format!("There is no stack with the UID `{uid}`."))
}

/// The requests made in this hour.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Rate {
    pub(in crate::sandbox) hour_began: Timestamp,
    pub(in crate::sandbox) used: u32,
}

impl Rate {
    /// Counts a request: how many are left after it, or nothing when there was none left.
    pub(in crate::sandbox) fn take(&mut self, now: Timestamp) -> Option<u32> {
        if now.duration_since(self.hour_began).abs() >= SignedDuration::from_hours(1) {
            *self = Rate { hour_began: now, used: 0 };
        }
        if self.used >= RATE_LIMIT {
            return None;
        }
        self.used += 1;
        Some(RATE_LIMIT - self.used)
    }
}

/// The number that the next thing of each kind gets.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct NextIds {
    pub(in crate::sandbox) action: u64,
    pub(in crate::sandbox) deployment: u64,
    pub(in crate::sandbox) variable: u64,
    pub(in crate::sandbox) history: u64,
    pub(in crate::sandbox) stack: u64,
    pub(in crate::sandbox) backup: u64,
    pub(in crate::sandbox) backup_group: i64,
    pub(in crate::sandbox) firewall: u64,
}

/// The number in `counter`, which goes up by one.
pub(in crate::sandbox) fn take_id(counter: &mut u64) -> u64 {
    let number = *counter;
    *counter += 1;
    number
}

/// A stack with all that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::sandbox) struct Stack {
    pub(in crate::sandbox) uid: String,
    /// The internal number that actions show as `resource_id`.
    pub(in crate::sandbox) number: u64,
    pub(in crate::sandbox) name: String,
    pub(in crate::sandbox) git: String,
    pub(in crate::sandbox) git_branch: String,
    pub(in crate::sandbox) environment: String,
    pub(in crate::sandbox) cloud: String,
    pub(in crate::sandbox) fqdn: String,
    pub(in crate::sandbox) language: String,
    pub(in crate::sandbox) framework: String,
    pub(in crate::sandbox) status: u8,
    pub(in crate::sandbox) health: u8,
    pub(in crate::sandbox) last_activity: Timestamp,
    pub(in crate::sandbox) maintenance_mode: bool,
    pub(in crate::sandbox) has_loadbalancer: bool,
    pub(in crate::sandbox) created_at: Timestamp,
    pub(in crate::sandbox) updated_at: Timestamp,
    pub(in crate::sandbox) deploy_directory: String,
    pub(in crate::sandbox) cloud_status: String,
    pub(in crate::sandbox) redeploy_hook: Option<String>,
    /// Whether whatever is tried on it fails.
    #[serde(rename = "doomed")]
    pub(in crate::sandbox) always_fails: bool,
    /// Names of the services; only a docker stack and the documents' own have any.
    pub(in crate::sandbox) services: Vec<String>,
    /// The oldest first, as in the lists below.
    pub(in crate::sandbox) actions: Vec<Action>,
    pub(in crate::sandbox) deployments: Vec<Deployment>,
    pub(in crate::sandbox) variables: Vec<Variable>,
    pub(in crate::sandbox) backups: Vec<Backup>,
    #[serde(default, rename = "belongings", skip_serializing_if = "StackParts::is_default")]
    pub(in crate::sandbox) parts: StackParts,
}

/// What belongs to a stack and does not follow from the stack itself, or no longer.
///
/// Each request reads and writes the whole state, so what can be made when it is asked for is kept only once it has
/// been changed.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::sandbox) struct StackParts {
    #[serde(rename = "machines")]
    pub(in crate::sandbox) infrastructure: Option<Infrastructure>,
    pub(in crate::sandbox) firewalls: Option<Vec<FirewallRule>>,
    pub(in crate::sandbox) notifications: Option<Vec<Notification>>,
    /// Only those that were changed.
    pub(in crate::sandbox) settings: Settings,
    pub(in crate::sandbox) schedules: Vec<Schedule>,
    /// Backups that are still on their way here.
    pub(in crate::sandbox) imports: Vec<Import>,
    /// How far the stack is from its first deployment; nothing when it has come to that.
    pub(in crate::sandbox) creation: Option<Creation>,
    /// Whether all of the stack runs on one server.
    pub(in crate::sandbox) single_server: bool,
}

impl StackParts {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Stack {
    /// Notes that something happened to the stack.
    pub(in crate::sandbox) fn touch(&mut self, now: Timestamp) {
        self.last_activity = self.last_activity.max(now);
        self.updated_at = self.updated_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_limit_holds_for_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let mut rate = Rate { hour_began: now, used: RATE_LIMIT - 2 };
        assert_eq!(rate.take(now), Some(1));
        assert_eq!(rate.take(now), Some(0));
        assert_eq!(rate.take(now), None);
        assert_eq!(rate.take(now + SignedDuration::from_mins(59)), None);
        assert_eq!(rate.take(now + SignedDuration::from_mins(60)), Some(RATE_LIMIT - 1));
    }
}
