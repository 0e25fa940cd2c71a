//! Notification settings of a stack.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The parameters of channels.
pub(crate) const PARAMETERS: [&str; 5] = ["hipchat_token", "hipchat_room", "slack_url", "slack_channel", "webhook_url"];

/// The fields of a notification setting in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Notification {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Its event, such as `stack.redeploy.ok`.
    pub(crate) alert_type: Option<String>,
    /// Its channels.
    pub(crate) channels: Vec<String>,
    /// Its owner.
    pub(crate) user_id: Option<u64>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Notification {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            // The name in later documentation.
            alert_type: fields.text("alert_type").or_else(|| fields.text("alert_name")),
            channels: fields.texts("channels"),
            user_id: fields.unsigned("user_id"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}
