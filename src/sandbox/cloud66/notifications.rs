//! Notifications: by which channels the user hears of what happens to a stack.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::reply::{ApiError, ApiResult, Payload, list, object};
use super::router::Call;
use super::servers::shown_uid;
use super::users::FIRST_USER;
use super::{Stack, State, documented};
use crate::sandbox::clock::iso;

/// The alerts that the documents name.
const ALERT_TYPES: [&str; 4] = ["stack.provision.ok", "stack.provision.fail", "stack.redeploy.ok", "server.stopped"];
/// What can be said of a channel.
const PARAMS: [&str; 5] = ["hipchat_token", "hipchat_room", "slack_url", "slack_channel", "webhook_url"];

/// How one user hears of one kind of alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::sandbox) struct Notification {
    pub(in crate::sandbox) id: u64,
    pub(in crate::sandbox) alert_type: String,
    pub(in crate::sandbox) channels: Vec<String>,
    pub(in crate::sandbox) params: Map<String, Value>,
    pub(in crate::sandbox) created_at: Timestamp,
    pub(in crate::sandbox) updated_at: Timestamp,
}

impl Notification {
    fn render(&self, stack: &Stack) -> Value {
        json!({
            "id": self.id,
            "user_id": FIRST_USER,
            "alert_type": self.alert_type,
            "channels": self.channels,
            "stack_id": shown_uid(stack),
            "params": self.params,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        })
    }
}

/// `notifications_list`
pub(in crate::sandbox) fn notifications_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let parameters = call.parameters()?;
    let alert_type = parameters.text("alert_type");
    let mut notifications = notifications(stack);
    notifications.retain(|notification| alert_type.as_ref().is_none_or(|wanted| *wanted == notification.alert_type));
    Ok(list(&notifications, parameters.page()?, |notification| notification.render(stack)))
}

/// `notifications_show`, by number
pub(in crate::sandbox) fn notifications_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call.path_param("stack_id"))?;
    let notifications = notifications(stack);
    Ok(object(notifications[position(&notifications, call)?].render(stack)))
}

/// `notifications_update`, which is documented without a body in its reply
pub(in crate::sandbox) fn notifications_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, _) = state.stack_mut(call.path_param("stack_id"))?;
    let mut notifications = notifications(stack);
    let position = position(&notifications, call)?;
    let parameters = call.parameters()?;
    let (channels, params) = (parameters.contains("channels"), parameters.object("params"));
    if !channels && params.is_none() {
        return Err(ApiError::bad_request("One of the parameters `channels` and `params` is needed."));
    }
    let params = params.unwrap_or_default();
    if let Some(unknown) = params.keys().find(|key| !PARAMS.contains(&key.as_str())) {
        return Err(ApiError::bad_request(format!(
            "The parameter `params` has the key `{unknown}`; there are {}.",
            PARAMS.join(", ")
        )));
    }
    let changed = &mut notifications[position];
    if channels {
        changed.channels = parameters.words("channels");
    }
    changed.params.extend(params);
    changed.updated_at = call.clock.now;
    stack.parts.notifications = Some(notifications);
    Ok(Payload::Empty)
}

fn position(notifications: &[Notification], call: &Call) -> Result<usize, ApiError> {
    let number = call.number("notification_id", "notification")?;
    let position = notifications.iter().position(|notification| notification.id == number);
    position.ok_or_else(|| ApiError::not_found(format!("The stack has no notification {number}.")))
}

/// How the user hears of alerts now; in the beginning, of each by e-mail.
fn notifications(stack: &Stack) -> Vec<Notification> {
    if let Some(notifications) = &stack.parts.notifications {
        return notifications.clone();
    }
    let (first, created_at) = if stack.is_documented() {
        (documented::FIRST_NOTIFICATION, documented::notifications_created_at())
    } else {
        (100_000 + stack.number * 10, stack.created_at)
    };
    let by_mail = |(id, alert_type): (u64, &str)| Notification {
        id,
        alert_type: alert_type.into(),
        channels: vec!["email".into()],
        params: Map::new(),
        created_at,
        updated_at: created_at,
    };
    (first..).zip(ALERT_TYPES).map(by_mail).collect()
}
