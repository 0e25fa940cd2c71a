//! The state of the sandbox: one value that is read, changed and written as a whole.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::actions::Action;
use super::backups::Backup;
use super::clock::Clock;
use super::deployments::Deployment;
use super::environments::Variable;
use super::firewalls::Rule;
use super::machines::Machines;
use super::notifications::Notification;
use super::oauth::Grants;
use super::reply::{RATE_LIMIT, Refusal};
use super::schedules::{Import, Schedule};
use super::settings::Settings;
use super::stack_creation::Creation;
use super::users::User;
use super::{actions, cloudmc, deployments, firewalls, schedules, stack_creation};

/// Version of the form in which the world is written; a file of another version is not read.
pub(super) const FORMAT: u32 = 2;

/// Who does what is done through the API.
pub(super) const USER: &str = "test@cloud66.com";

/// Everything the sandbox knows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) format: u32,
    pub(super) rate: Rate,
    pub(super) numbers: Numbers,
    pub(super) stacks: Vec<Stack>,
    pub(super) users: Vec<User>,
    /// The small `CloudMC`; nothing until it is first asked for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cloudmc: Option<cloudmc::State>,
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub(super) grants: Grants,
}

impl World {
    /// Applies all that has become due.
    pub(super) fn advance(&mut self, clock: &Clock) {
        for stack in &mut self.stacks {
            stack_creation::advance(stack, &mut self.numbers, clock);
            deployments::advance(stack, clock);
            actions::advance(stack, clock);
            firewalls::advance(stack, clock);
            schedules::advance(stack, &mut self.numbers, clock);
        }
    }

    /// The stack of that UID.
    pub(super) fn stack(&self, uid: &str) -> Result<&Stack, Refusal> {
        self.stacks.iter().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))
    }

    /// The stack of that UID to be changed, with the numbers for what is added to it.
    pub(super) fn stack_mut(&mut self, uid: &str) -> Result<(&mut Stack, &mut Numbers), Refusal> {
        let stack = self.stacks.iter_mut().find(|stack| stack.uid == uid).ok_or_else(|| no_stack(uid))?;
        Ok((stack, &mut self.numbers))
    }
}

fn no_stack(uid: &str) -> Refusal {
    Refusal::not_found(format!("There is no stack with the UID `{uid}`."))
}

/// The requests made in this hour.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rate {
    pub(super) hour_began: Timestamp,
    pub(super) used: u32,
}

impl Rate {
    /// Counts a request: how many are left after it, or nothing when there was none left.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<u32> {
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
pub(super) struct Numbers {
    pub(super) action: u64,
    pub(super) deployment: u64,
    pub(super) variable: u64,
    pub(super) history: u64,
    pub(super) stack: u64,
    pub(super) backup: u64,
    pub(super) backup_group: i64,
    pub(super) firewall: u64,
}

/// The number in `counter`, which goes up by one.
pub(super) fn next(counter: &mut u64) -> u64 {
    let number = *counter;
    *counter += 1;
    number
}

/// A stack with all that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stack {
    pub(super) uid: String,
    /// The internal number that actions show as `resource_id`.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) git: String,
    pub(super) git_branch: String,
    pub(super) environment: String,
    pub(super) cloud: String,
    pub(super) fqdn: String,
    pub(super) language: String,
    pub(super) framework: String,
    pub(super) status: u8,
    pub(super) health: u8,
    pub(super) last_activity: Timestamp,
    pub(super) maintenance_mode: bool,
    pub(super) has_loadbalancer: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) deploy_directory: String,
    pub(super) cloud_status: String,
    pub(super) redeploy_hook: Option<String>,
    /// Whether whatever is tried on it fails.
    pub(super) doomed: bool,
    /// Names of the services; only a docker stack and the documents' own have any.
    pub(super) services: Vec<String>,
    /// The oldest first, as in the lists below.
    pub(super) actions: Vec<Action>,
    pub(super) deployments: Vec<Deployment>,
    pub(super) variables: Vec<Variable>,
    pub(super) backups: Vec<Backup>,
    #[serde(default, skip_serializing_if = "Belongings::is_untouched")]
    pub(super) belongings: Belongings,
}

/// What belongs to a stack and does not follow from the stack itself, or no longer.
///
/// Each request reads and writes the whole world, so what can be made when it is asked for is kept only once it has
/// been changed.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Belongings {
    pub(super) machines: Option<Machines>,
    pub(super) firewalls: Option<Vec<Rule>>,
    pub(super) notifications: Option<Vec<Notification>>,
    /// Only those that were changed.
    pub(super) settings: Settings,
    pub(super) schedules: Vec<Schedule>,
    /// Backups that are still on their way here.
    pub(super) imports: Vec<Import>,
    /// How far the stack is from its first deployment; nothing when it has come to that.
    pub(super) creation: Option<Creation>,
    /// Whether all of the stack runs on one server.
    pub(super) single_server: bool,
}

impl Belongings {
    fn is_untouched(&self) -> bool {
        *self == Self::default()
    }
}

impl Stack {
    /// Notes that something happened to the stack.
    pub(super) fn touch(&mut self, now: Timestamp) {
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
