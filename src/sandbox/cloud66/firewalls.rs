//! Firewall rules: those that follow from the server groups, those that were added, and those that end by themselves.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, Payload, list, object};
use super::router::Call;
use super::{Stack, State, documented, take_id};
use crate::sandbox::clock::{Clock, iso};

const SECONDS_A_MINUTE: f64 = 60.0;
/// Instead of an address: that of the caller.
const AUTO: &str = "AUTO";
/// The ends of a rule, of which one at least must be said.
const ENDS: [&str; 6] = ["from_ip", "from_group_id", "from_server_id", "to_ip", "to_group_id", "to_server_id"];

/// A firewall rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct FirewallRule {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) from: RuleEnd,
    pub(in crate::sandbox) to: RuleEnd,
    pub(in crate::sandbox) protocol: String,
    pub(in crate::sandbox) port: u16,
    /// What the API calls the type of a rule: whether it follows from a group, or a user added it.
    pub(in crate::sandbox) origin: String,
    pub(in crate::sandbox) created_at: Timestamp,
    /// When it ends; nothing when it stays.
    pub(in crate::sandbox) ends_at: Option<Timestamp>,
}

/// Where what a rule lets through comes from, or goes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct RuleEnd {
    pub(in crate::sandbox) ip: Option<String>,
    pub(in crate::sandbox) group: Option<u64>,
    pub(in crate::sandbox) server: Option<u64>,
}

impl FirewallRule {
    fn render(&self) -> Value {
        json!({
            "id": self.id,
            "from_ip": self.from.ip,
            "from_group_id": self.from.group,
            "from_server_id": self.from.server,
            "to_ip": self.to.ip,
            "to_group_id": self.to.group,
            "to_server_id": self.to.server,
            "protocol": self.protocol,
            "port": self.port,
            "rule_type": self.origin,
            "comments": null,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        })
    }

    /// A rule of the kind that follows from a server group: TCP for good.
    pub(in crate::sandbox) fn of_group(id: u64, from: RuleEnd, group: u64, port: u16, created_at: Timestamp) -> Self {
        Self {
            id,
            from,
            to: RuleEnd { group: Some(group), ..RuleEnd::default() },
            protocol: "tcp".into(),
            port,
            origin: "dynamic".into(),
            created_at,
            ends_at: None,
        }
    }
}

/// Takes away the rules that have ended.
pub(in crate::sandbox) fn advance(stack: &mut Stack, clock: &Clock) {
    if let Some(rules) = &mut stack.parts.firewalls {
        rules.retain(|rule| rule.ends_at.is_none_or(|ends_at| clock.now < ends_at));
    }
}

/// `firewalls_list`
pub(in crate::sandbox) fn firewalls_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    Ok(list(&rules(stack), call.parameters()?.page()?, FirewallRule::render))
}

/// `firewalls_show`, by number
pub(in crate::sandbox) fn firewalls_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let number = call.number("firewall_id", "firewall rule")?;
    let rules = rules(stack);
    let rule = rules.iter().find(|rule| rule.id == number);
    let rule = rule.ok_or_else(|| ApiError::not_found(format!("The stack has no firewall rule {number}.")))?;
    Ok(object(rule.render()))
}

/// `firewalls_create`, which is documented without a body in its reply
pub(in crate::sandbox) fn firewalls_create(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    if ENDS.iter().all(|name| parameters.text(name).is_none()) {
        return Err(ApiError::bad_request(format!("One of the parameters {} is needed.", ENDS.join(", "))));
    }
    let ttl = match parameters.integer("ttl") {
        Some(minutes) => Some(u32::try_from(minutes).ok().filter(|minutes| *minutes > 0).ok_or_else(|| {
            ApiError::bad_request(format!("The parameter `ttl` must be minutes from 1, not `{minutes}`."))
        })?),
        None => None,
    };
    let mut from = end(stack, &parameters, "from", &[AUTO])?;
    if from.ip.as_deref() == Some(AUTO) {
        if ttl.is_none() {
            return Err(ApiError::bad_request("The parameter `ttl` is needed when `from_ip` is AUTO."));
        }
        from.ip = Some(call.request.caller_address.to_owned());
    }
    let port = parameters.integer("port").unwrap_or_default();
    let rule = FirewallRule {
        id: take_id(&mut ids.firewall),
        to: end(stack, &parameters, "to", &[])?,
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
        origin: "user".into(),
        created_at: call.clock.now,
        ends_at: ttl.map(|minutes| call.clock.in_seconds(f64::from(minutes) * SECONDS_A_MINUTE)),
    };
    let mut rules = rules(stack);
    rules.push(rule);
    stack.parts.firewalls = Some(rules);
    stack.touch(call.clock.now);
    Ok(Payload::Empty)
}

/// One end of a rule. The ids of servers are taken as they come, for no documented reply shows one.
fn end(stack: &Stack, parameters: &Parameters, side: &str, words: &[&str]) -> Result<RuleEnd, ApiError> {
    let number = |name: &str| match parameters.integer(name) {
        None => Ok(None),
        Some(number) => u64::try_from(number).map(Some).map_err(|_| {
            ApiError::bad_request(format!("The parameter `{name}` must be a number from 0, not `{number}`."))
        }),
    };
    let ip_name = format!("{side}_ip");
    let ip = parameters.text(&ip_name);
    if let Some(ip) = ip.as_deref().filter(|ip| !words.contains(ip) && !is_address(ip)) {
        return Err(ApiError::bad_request(format!(
            "The parameter `{ip_name}` must be an IP address or a range such as 10.0.0.0/8, not `{ip}`."
        )));
    }
    let group_name = format!("{side}_group_id");
    let group = number(&group_name)?;
    if let Some(group) = group.filter(|group| stack.groups().iter().all(|known| known.id != *group)) {
        let known = stack.groups().map(|group| group.id.to_string()).join(" and ");
        return Err(ApiError::bad_request(format!(
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

/// The rules that hold now; in the beginning, that the world reaches the application and the application its database.
fn rules(stack: &Stack) -> Vec<FirewallRule> {
    if let Some(rules) = &stack.parts.firewalls {
        return rules.clone();
    }
    if stack.is_documented() {
        return documented::firewall_rules();
    }
    let [application, database] = stack.groups().map(|group| group.id);
    let everywhere = || RuleEnd { ip: Some("0.0.0.0/0".into()), ..RuleEnd::default() };
    let inside = RuleEnd { group: Some(application), ..RuleEnd::default() };
    let first = 100_000 + stack.number * 10;
    vec![
        FirewallRule::of_group(first, everywhere(), application, 80, stack.created_at),
        FirewallRule::of_group(first + 1, everywhere(), application, 443, stack.created_at),
        FirewallRule::of_group(first + 2, inside, database, 3306, stack.created_at),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ranges_are_told_from_other_text() {
        for good in ["123.123.123.123", "0.0.0.0/0", "10.0.0.0/8", "::1", "2001:db8::/32"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in ["", "AUTO", "auto", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "example.com", "10.0.0.0/8/8"]
        {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
