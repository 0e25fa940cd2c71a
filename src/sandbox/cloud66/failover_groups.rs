//! Failover groups: an address that points to one of two stacks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, acknowledgement};
use super::{DOCUMENTED_STACK, State};
use crate::sandbox::clock::{Clock, date_time, iso};
use crate::sandbox::pseudorandom;

/// How long a switch takes, in seconds at normal speed.
const SWITCH_DURATION: f64 = 5.0;
const PRIMARY: i64 = 1;
const SECONDARY: i64 = 2;

/// A failover group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FailoverGroup {
    uid: String,
    address: String,
    current: i64,
    primary: Option<String>,
    secondary: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// A running switch: the wanted stack, and when it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    switch: Option<(i64, Timestamp)>,
}

impl FailoverGroup {
    fn new(identity: &str, now: Timestamp) -> Self {
        let digits = pseudorandom::hex(&format!("address of failover group {identity}"), 9);
        let number = u64::from_str_radix(&digits, 16).unwrap_or_default() % 1_000_000_000;
        Self {
            uid: format!("fg-{}", pseudorandom::hex(&format!("failover group {identity}"), 32)),
            address: format!(
                "{:03}-{:03}-{:03}.cloud66.net",
                number / 1_000_000,
                number / 1_000 % 1_000,
                number % 1_000
            ),
            current: PRIMARY,
            primary: None,
            secondary: None,
            created_at: now,
            updated_at: now,
            switch: None,
        }
    }

    fn render(&self, state: &State) -> Value {
        let name = |uid: &Option<String>| Some(state.find_stack(uid.as_deref()?)?.name.clone());
        json!({
            "uid": self.uid,
            "address": self.address,
            "current_stack": self.current,
            "primary_stack_uid": self.primary,
            "primary_stack_name": name(&self.primary),
            "secondary_stack_uid": self.secondary,
            "secondary_stack_name": name(&self.secondary),
            "busy_toggling": self.switch.is_some(),
            "readonly": false,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        })
    }

    /// Sets what a call has: an empty UID takes a stack out, a missing one leaves it.
    fn set(&mut self, state: &State, parameters: &Parameters, clock: &Clock) -> Result<(), ApiError> {
        for (field, name) in [(&mut self.primary, "primary_stack_uid"), (&mut self.secondary, "secondary_stack_uid")] {
            if !parameters.contains(name) {
                continue;
            }
            let uid = parameters.text(name);
            if let Some(uid) = uid.as_ref().filter(|uid| state.find_stack(uid).is_none()) {
                return Err(ApiError::not_found(format!("The parameter `{name}` names no stack: `{uid}`.")));
            }
            *field = uid;
        }
        if self.primary.is_some() && self.primary == self.secondary {
            return Err(ApiError::conflict("The parameter `secondary_stack_uid` names the primary stack."));
        }
        if let Some(wanted) = parameters.integer("current_stack").filter(|wanted| *wanted != self.current) {
            let stack = if wanted == SECONDARY { &self.secondary } else { &self.primary };
            if stack.is_none() {
                return Err(ApiError::conflict("The parameter `current_stack` points to no stack."));
            }
            self.switch = Some((wanted, clock.in_seconds(SWITCH_DURATION)));
        }
        self.updated_at = clock.now;
        Ok(())
    }
}

/// Completes the switches that are due. One to a stack where everything fails has no effect.
pub(super) fn advance(state: &mut State, clock: &Clock) {
    let fails = |uid: &Option<String>, stacks: &[super::Stack]| {
        stacks.iter().any(|stack| Some(&stack.uid) == uid.as_ref() && stack.always_fails)
    };
    for group in state.account.failover_groups.iter_mut().flatten() {
        if let Some((wanted, due)) = group.switch.filter(|(_, due)| *due <= clock.now) {
            let stack = if wanted == SECONDARY { &group.secondary } else { &group.primary };
            if !fails(stack, &state.stacks) {
                group.current = wanted;
            }
            group.switch = None;
            group.updated_at = due;
        }
    }
}

/// The groups of the account: the documented one, without stacks, and one of the two stacks of one name.
fn groups(state: &State) -> Vec<FailoverGroup> {
    if let Some(groups) = &state.account.failover_groups {
        return groups.clone();
    }
    let (created_at, updated_at) = (date_time("2018-11-23T14:44:03Z"), date_time("2021-12-06T11:43:46Z"));
    let documented = FailoverGroup {
        uid: "fg-5be3dca6d3c4bf1eaddcb5b555d993bb".into(),
        address: "958-797-516.cloud66.net".into(),
        updated_at,
        ..FailoverGroup::new("documented", created_at)
    };
    let staging = state.stacks.iter().find(|stack| stack.name == "Awesome App" && stack.environment == "staging");
    let shop = FailoverGroup {
        address: "awesome-app.cloud66.net".into(),
        primary: Some(DOCUMENTED_STACK.into()),
        secondary: staging.map(|stack| stack.uid.clone()),
        ..FailoverGroup::new("shop", created_at)
    };
    vec![documented, shop]
}

/// `failover_groups_list`, which is documented without pages
pub(super) fn failover_groups_list(state: &mut State, call: &Call) -> ApiResult {
    call.parameters()?.page()?;
    let groups: Vec<Value> = groups(state).iter().map(|group| group.render(state)).collect();
    Ok(Payload::Json(json!({ "response": groups, "count": groups.len() })))
}

/// `failover_groups_create`
pub(super) fn failover_groups_create(state: &mut State, call: &Call) -> ApiResult {
    let parameters = call.parameters()?;
    let mut groups = groups(state);
    let mut new = FailoverGroup::new(&iso(call.clock.now).replace(':', &groups.len().to_string()), call.clock.now);
    // There is nothing to switch yet.
    if parameters.integer("current_stack") == Some(SECONDARY) {
        new.current = SECONDARY;
    }
    new.set(state, &parameters, call.clock)?;
    groups.push(new);
    state.account.failover_groups = Some(groups);
    Ok(acknowledgement("Failover Group created"))
}

/// `failover_groups_update`
pub(super) fn failover_groups_update(state: &mut State, call: &Call) -> ApiResult {
    let mut groups = groups(state);
    let position = position(&groups, call)?;
    if groups[position].switch.is_some() {
        return Err(ApiError::conflict("The failover group is being switched."));
    }
    groups[position].set(state, &call.parameters()?, call.clock)?;
    state.account.failover_groups = Some(groups);
    Ok(acknowledgement("Failover Group updated"))
}

/// `failover_groups_delete`
pub(super) fn failover_groups_delete(state: &mut State, call: &Call) -> ApiResult {
    let mut groups = groups(state);
    groups.remove(position(&groups, call)?);
    state.account.failover_groups = Some(groups);
    Ok(acknowledgement("Failover Group deleted"))
}

fn position(groups: &[FailoverGroup], call: &Call) -> Result<usize, ApiError> {
    let uid = call.path_param("failover_group_uid");
    let position = groups.iter().position(|group| group.uid == uid);
    position.ok_or_else(|| ApiError::not_found(format!("The account has no failover group `{uid}`.")))
}
