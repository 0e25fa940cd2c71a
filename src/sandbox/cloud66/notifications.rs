//! Notifications: the channels for each event of a stack.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::users::API_USER_ID;
use super::{Stack, State};
use crate::sandbox::clock::{date_time, iso};

/// The ID of the first documented notification.
const FIRST_DOCUMENTED: u64 = 1189;
/// The documented alerts.
const ALERT_TYPES: [&str; 4] = ["stack.provision.ok", "stack.provision.fail", "stack.redeploy.ok", "server.stopped"];
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
    fn render(&self, stack: &Stack) -> Value {
        json!({
            "id": self.id,
            "user_id": API_USER_ID,
            "alert_type": self.alert_type,
            "channels": self.channels,
            "stack_id": stack.shown_uid(),
            "params": self.params,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
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
    (first..).zip(ALERT_TYPES).map(by_email).collect()
}

/// `notifications_list`
pub(super) fn notifications_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let alert_type = call.parameters()?.text("alert_type");
    let mut notifications = notifications(stack);
    notifications.retain(|notification| alert_type.as_ref().is_none_or(|wanted| *wanted == notification.alert_type));
    call.list(&notifications, |notification| notification.render(stack))
}

/// `notifications_show`, by ID
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

fn position(notifications: &[Notification], call: &Call) -> Result<usize, ApiError> {
    call.position("notification_id", "notification", notifications, |notification| notification.id)
}
