//! Notifications: the channels for each event of a stack.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::users::API_USER_ID;
use super::{Stack, State};
use crate::cloud66::endpoints::ALERT_CHANNELS;
use crate::sandbox::clock::{date_time, iso};

/// The ID of the first documented notification.
const FIRST_DOCUMENTED: u64 = 1189;
/// The documented alerts, with their names since 2024.
const ALERTS: [(&str, &str); 4] = [
    ("stack.provision.ok", "noticent_stack_provisioned_success"),
    ("stack.provision.fail", "noticent_stack_provisioned_failed"),
    ("stack.redeploy.ok", "noticent_stack_redeploy_success"),
    ("server.stopped", "noticent_server_stopped"),
];
/// Documented alerts that the stacks here do not send.
const NOT_APPLICABLE: [&str; 3] =
    ["noticent_stack_redeploy_failed", "noticent_server_back", "noticent_stack_health_check_failed"];
/// The application group of the documented request: every stack in production.
const APPLICATION_GROUP: (&str, &str) = ("production-apps", "production");
/// The parameters of the channels.
const CHANNEL_PARAMS: [&str; 5] = ["hipchat_token", "hipchat_room", "slack_url", "slack_channel", "webhook_url"];

/// The channels for one type of alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Notification {
    id: u64,
    alert_type: String,
    channels: Vec<String>,
    params: Map<String, Value>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Notification {
    fn alert_name(&self) -> &'static str {
        ALERTS.iter().find(|(kind, _)| *kind == self.alert_type).map_or("", |(_, name)| name)
    }

    fn subscriptions(&self) -> Vec<Value> {
        let subscription = |channel: &String| {
            let mut subscription = json!({ "channel": channel });
            let name = format!("{channel}_url");
            if let Some(url) = self.params.get(&name) {
                subscription[name] = url.clone();
            }
            subscription
        };
        self.channels.iter().map(subscription).collect()
    }

    fn render(&self, stack: &Stack) -> Value {
        json!({
            "id": self.id,
            "user_id": API_USER_ID,
            "alert_type": self.alert_type,
            "channels": self.channels,
            "stack_id": stack.uid,
            "params": self.params,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "alert_name": self.alert_name(),
            "subscriptions": self.subscriptions(),
        })
    }
}

/// The notifications of a stack; initially, each alert is sent by e-mail.
fn notifications(stack: &Stack) -> Vec<Notification> {
    if let Some(notifications) = &stack.parts.notifications {
        return notifications.clone();
    }
    let (first, created_at) = if stack.is_documented() {
        (FIRST_DOCUMENTED, date_time("2014-05-29T17:29:54Z"))
    } else {
        (100_000 + stack.number * 10, stack.created_at)
    };
    let by_email = |(id, alert_type): (u64, &str)| Notification {
        id,
        alert_type: alert_type.into(),
        channels: vec!["email".into()],
        params: Map::new(),
        created_at,
        updated_at: created_at,
    };
    (first..).zip(ALERTS.map(|(kind, _)| kind)).map(by_email).collect()
}

/// `notifications_list`
pub(super) fn notifications_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let alert_type = call.parameters()?.text("alert_type");
    let mut notifications = notifications(stack);
    notifications.retain(|notification| alert_type.as_ref().is_none_or(|wanted| *wanted == notification.alert_type));
    call.list(&notifications, |notification| notification.render(stack))
}

/// `notifications_show`, by ID, or as since 2024 by the name of the alert
pub(super) fn notifications_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let notifications = notifications(stack);
    Ok(object(notifications[position(&notifications, call)?].render(stack)))
}

/// `notifications_update`, which is documented without a body in its reply
pub(super) fn notifications_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let mut notifications = notifications(stack);
    let position = position(&notifications, call)?;
    let parameters = call.parameters()?;
    let (channels, params) = (parameters.contains("channels"), parameters.object("params"));
    if !channels && params.is_none() {
        return Err(ApiError::bad_request("One of the parameters `channels` and `params` is needed."));
    }
    let params = params.unwrap_or_default();
    if let Some(unknown) = params.keys().find(|key| !CHANNEL_PARAMS.contains(&key.as_str())) {
        return Err(ApiError::bad_request(format!(
            "The parameter `params` has the unknown key `{unknown}`. Available: {}.",
            CHANNEL_PARAMS.join(", ")
        )));
    }
    let changed = &mut notifications[position];
    if channels {
        changed.channels = parameters.list("channels");
    }
    changed.params.extend(params);
    changed.updated_at = call.clock.now;
    stack.parts.notifications = Some(notifications);
    Ok(Payload::Empty)
}

/// `notifications_update_stack`
pub(super) fn notifications_update_stack(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let alerts = alerts(call)?;
    Ok(results(set(stack, &alerts, call)))
}

/// `notifications_update_group`, of every stack of an application group
pub(super) fn notifications_update_group(state: &mut State, call: &Call) -> ApiResult {
    let alerts = alerts(call)?;
    let group = call.parameters()?.text("application_group_name").unwrap_or_default();
    let (known, environment) = APPLICATION_GROUP;
    if group != known {
        return Err(ApiError::not_found(format!("Application group `{group}` not found; there is {known}.")));
    }
    let mut found = [Vec::new(), Vec::new(), Vec::new()];
    for stack in state.stacks.iter_mut().filter(|stack| stack.environment == environment) {
        found = set(stack, &alerts, call);
    }
    Ok(results(found))
}

/// An alert of a call: its name, its channels and the parameters of these.
type WantedAlert = (String, Vec<String>, Map<String, Value>);

/// The alerts of a call.
fn alerts(call: &Call) -> Result<Vec<WantedAlert>, ApiError> {
    let refuse = |fault: String| ApiError::bad_request(format!("The parameter `alerts` {fault}."));
    let mut alerts = Vec::new();
    for alert in call.parameters()?.array("alerts") {
        let name = alert["alert_name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| refuse("has an alert without `alert_name`".into()))?;
        if !(alert["subscriptions"].is_array() || alert["subscriptions"].is_null()) {
            return Err(refuse("has `subscriptions` that are not an array".into()));
        }
        let (mut channels, mut params) = (Vec::new(), Map::new());
        for subscription in alert["subscriptions"].as_array().into_iter().flatten() {
            let channel = subscription["channel"].as_str().unwrap_or_default();
            if !ALERT_CHANNELS.contains(&channel) {
                return Err(refuse(format!("has the unknown channel `{channel}`")));
            }
            if let Some(name) =
                ["slack_url", "webhook_url"].iter().find(|name| !is_text_or_absent(&subscription[**name]))
            {
                return Err(refuse(format!("has a `{name}` that is not a string")));
            }
            let url = format!("{channel}_url");
            if let Some(value) = subscription.get(&url) {
                params.insert(url, value.clone());
            } else if channel == "slack" || channel == "webhook" {
                return Err(refuse(format!("has a subscription of {channel} without `{url}`")));
            }
            channels.push(channel.to_owned());
        }
        alerts.push((name.to_owned(), channels, params));
    }
    Ok(alerts)
}

fn is_text_or_absent(value: &Value) -> bool {
    value.is_string() || value.is_null()
}

/// Sets alerts; returns the names of those that were set, that do not apply, and that are unknown.
fn set(stack: &mut Stack, alerts: &[WantedAlert], call: &Call) -> [Vec<Value>; 3] {
    let mut notifications = notifications(stack);
    let [mut set, mut not_applicable, mut failed] = [Vec::new(), Vec::new(), Vec::new()];
    for (name, channels, params) in alerts {
        let found = notifications.iter_mut().find(|notification| notification.alert_name() == name);
        if let Some(changed) = found {
            changed.channels.clone_from(channels);
            changed.params.extend(params.clone());
            changed.updated_at = call.clock.now;
            set.push(json!(name));
        } else if NOT_APPLICABLE.contains(&name.as_str()) {
            not_applicable.push(json!({ "alert_name": name, "reason": "the stack does not send it" }));
        } else {
            failed.push(json!({ "alert_name": name, "reason": "unknown alert" }));
        }
    }
    stack.parts.notifications = Some(notifications);
    [set, not_applicable, failed]
}

fn results([set, not_applicable, failed]: [Vec<Value>; 3]) -> Payload {
    let counted = |alerts: Vec<Value>| {
        let count = alerts.len();
        json!({ "alerts": alerts, "count": count })
    };
    object(json!({
        "successes": counted(set), "not_applicable": counted(not_applicable), "failures": counted(failed),
    }))
}

fn position(notifications: &[Notification], call: &Call) -> Result<usize, ApiError> {
    let name = call.path_param("notification_id");
    if let Some(position) = notifications.iter().position(|notification| notification.alert_name() == name) {
        return Ok(position);
    }
    call.position("notification_id", "notification", notifications, |notification| notification.id)
}
