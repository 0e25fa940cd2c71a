//! Firewall rules: those of the server groups, those that a user adds, and those that expire.

use std::net::IpAddr;

use super::actions::{Action, Effect};
use super::call::Call;
use super::firewall_rule::{FirewallRule, RuleEnd};
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::servers::groups;
use super::{Stack, State, take_id};
use crate::sandbox::clock::{Clock, date_time};

const SECONDS_A_MINUTE: f64 = 60.0;
/// How long opening a lease takes, in seconds at normal speed.
const LEASE_DURATION: f64 = 2.0;
/// The parameter of the official client for the server of a lease, by UID; empty for every server.
const LEASE_SERVER: &str = "server_id";
/// Stands for the address of the caller.
const AUTO: &str = "AUTO";
/// Source and target parameters; at least one must be given.
const ENDS: [&str; 6] = ["from_ip", "from_group_id", "from_server_id", "to_ip", "to_group_id", "to_server_id"];

/// Removes the rules that have expired.
pub(super) fn advance(stack: &mut Stack, clock: &Clock) {
    if let Some(rules) = &mut stack.parts.firewalls {
        rules.retain(|rule| rule.expires_at.is_none_or(|expires_at| clock.now < expires_at));
    }
}

/// The rules in force; initially, everyone can reach the application, and the application its database.
fn rules(stack: &Stack) -> Vec<FirewallRule> {
    if let Some(rules) = &stack.parts.firewalls {
        return rules.clone();
    }
    let [application, database] = groups(stack).map(|group| group.id);
    if stack.is_documented() {
        let created_at = date_time("2014-08-29T17:58:23Z");
        return [(5027, 80), (5028, 443)]
            .map(|(id, port)| FirewallRule::of_group(id, RuleEnd::everywhere(), application, port, created_at))
            .to_vec();
    }
    let inside = RuleEnd { group: Some(application), ..RuleEnd::default() };
    let first = 100_000 + stack.number * 10;
    vec![
        FirewallRule::of_group(first, RuleEnd::everywhere(), application, 80, stack.created_at),
        FirewallRule::of_group(first + 1, RuleEnd::everywhere(), application, 443, stack.created_at),
        FirewallRule::of_group(first + 2, inside, database, 3306, stack.created_at),
    ]
}

/// `firewalls_list`
pub(super) fn firewalls_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&rules(state.stack(call)?), FirewallRule::render)
}

/// `firewalls_show`, by ID
pub(super) fn firewalls_show(state: &mut State, call: &Call) -> ApiResult {
    let rules = rules(state.stack(call)?);
    Ok(object(call.find("firewall_id", "firewall rule", &rules, |rule| rule.id)?.render()))
}

/// `firewalls_create`, which is documented without a body in its reply, and later with an action; the official client
/// sends no protocol and polls the action
pub(super) fn firewalls_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let is_lease = call.raw_parameters()?.contains(LEASE_SERVER);
    let parameters = if is_lease { call.parameters_without(&["protocol"])? } else { call.parameters()? };
    if !is_lease && ENDS.iter().all(|name| parameters.text(name).is_none()) {
        return Err(ApiError::bad_request(format!("One of the parameters {} is needed.", ENDS.join(", "))));
    }
    let mut rule = rule(stack, &parameters, call)?;
    if is_lease {
        if let Some(uid) = parameters.text(LEASE_SERVER) {
            rule.to.server = Some(lease_server(stack, &uid)?);
        }
        rule.id = take_id(&mut ids.firewall);
        let action = Action::start(ids, stack, "open_lease", call.clock, LEASE_DURATION);
        return Ok(action.with_effect(Effect::OpenLease(Box::new(rule))).add_to(stack));
    }
    rule.id = take_id(&mut ids.firewall);
    add(stack, rule);
    stack.touch(call.clock.now);
    Ok(Payload::Empty)
}

/// Adds a rule to those in force.
pub(super) fn add(stack: &mut Stack, rule: FirewallRule) {
    let mut rules = rules(stack);
    rules.push(rule);
    stack.parts.firewalls = Some(rules);
}

/// The number of the server of a lease.
fn lease_server(stack: &Stack, uid: &str) -> Result<u64, ApiError> {
    let infrastructure = stack.infrastructure();
    let server = infrastructure.server(uid).map(|server| server.number);
    server.ok_or_else(|| {
        ApiError::not_found(format!("The parameter `{LEASE_SERVER}` names no server of the stack: `{uid}`."))
    })
}

/// The rule of a call, without its ID.
fn rule(stack: &Stack, parameters: &Parameters, call: &Call) -> Result<FirewallRule, ApiError> {
    let ttl = match parameters.integer("ttl") {
        Some(minutes) => Some(u32::try_from(minutes).ok().filter(|minutes| *minutes > 0).ok_or_else(|| {
            ApiError::bad_request(format!("The parameter `ttl` must be minutes from 1, not `{minutes}`."))
        })?),
        None => None,
    };
    let mut from = end(stack, parameters, "from", &[AUTO])?;
    if from.ip.as_deref() == Some(AUTO) {
        if ttl.is_none() {
            return Err(ApiError::bad_request("The parameter `ttl` is needed when `from_ip` is AUTO."));
        }
        from.ip = Some(call.request.caller_address.to_owned());
    }
    let port = parameters.integer("port").unwrap_or_default();
    Ok(FirewallRule {
        id: 0,
        to: end(stack, parameters, "to", &[])?,
        from,
        protocol: match parameters.integer("protocol") {
            Some(2) => "udp",
            Some(3) => "icmp",
            _ => "tcp",
        }
        .into(),
        port: u16::try_from(port).map_err(|_| {
            ApiError::bad_request(format!("The parameter `port` must be from 0 to 65535, not `{port}`."))
        })?,
        rule_type: "user".into(),
        created_at: call.clock.now,
        expires_at: ttl.map(|minutes| call.clock.in_seconds(f64::from(minutes) * SECONDS_A_MINUTE)),
    })
}

/// The source or target of a rule. The IDs of servers are not checked, since no documented reply shows one.
fn end(stack: &Stack, parameters: &Parameters, side: &str, keywords: &[&str]) -> Result<RuleEnd, ApiError> {
    let number = |name: &str| match parameters.integer(name) {
        None => Ok(None),
        Some(number) => u64::try_from(number).map(Some).map_err(|_| {
            ApiError::bad_request(format!("The parameter `{name}` must be a number from 0, not `{number}`."))
        }),
    };
    let ip_name = format!("{side}_ip");
    let ip = parameters.text(&ip_name);
    if let Some(ip) = ip.as_deref().filter(|ip| !keywords.contains(ip) && !is_address(ip)) {
        return Err(ApiError::bad_request(format!(
            "The parameter `{ip_name}` must be an IP address or a range such as 10.0.0.0/8, not `{ip}`."
        )));
    }
    let group_name = format!("{side}_group_id");
    let group = number(&group_name)?;
    if let Some(group) = group.filter(|group| groups(stack).iter().all(|known| known.id != *group)) {
        let known = groups(stack).map(|group| group.id.to_string()).join(" and ");
        return Err(ApiError::not_found(format!(
            "The parameter `{group_name}` names the server group {group}; the stack has {known}."
        )));
    }
    Ok(RuleEnd { ip, group, server: number(&format!("{side}_server_id"))? })
}

fn is_address(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let longest = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|length| length <= longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_are_distinguished_from_other_text() {
        for good in ["123.123.123.123", "0.0.0.0/0", "10.0.0.0/8", "::1", "2001:db8::/32"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in ["", "AUTO", "auto", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "example.com", "10.0.0.0/8/8"]
        {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
