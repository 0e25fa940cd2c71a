//! Notification settings of a stack.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The parameters of channels.
pub(crate) const PARAMETERS: [&str; 5] = ["hipchat_token", "hipchat_room", "slack_url", "slack_channel", "webhook_url"];

/// The channel of a subscription.
struct Channel(Option<String>);

impl From<Fields> for Channel {
    fn from(fields: Fields) -> Self {
        Self(fields.text("channel"))
    }
}

/// The channels of a setting, or since 2024 those of its subscriptions.
fn channels(fields: &Fields) -> Vec<String> {
    let channels = fields.texts("channels");
    if !channels.is_empty() {
        return channels;
    }
    let subscriptions: Vec<Channel> = fields.objects("subscriptions");
    subscriptions.into_iter().filter_map(|subscription| subscription.0).collect()
}

/// What became of alerts that were set.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct AlertsSet {
    pub(crate) successes: Vec<String>,
    pub(crate) not_applicable: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl From<Fields> for AlertsSet {
    fn from(fields: Fields) -> Self {
        let alerts = |name: &str| {
            let fields = fields.object(name);
            let explained: Vec<Alert> = fields.objects("alerts");
            if explained.is_empty() {
                fields.texts("alerts")
            } else {
                explained.into_iter().map(|alert| alert.0).collect()
            }
        };
        Self { successes: alerts("successes"), not_applicable: alerts("not_applicable"), failures: alerts("failures") }
    }
}

/// The name of an alert, with the reason if the API gives one.
struct Alert(String);

impl From<Fields> for Alert {
    fn from(fields: Fields) -> Self {
        let name = fields.text("alert_name").unwrap_or_default();
        Self(fields.text("reason").map_or(name.clone(), |reason| format!("{name} ({reason})")))
    }
}

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
    /// Its name since 2024.
    pub(crate) alert_name: Option<String>,
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
            alert_type: fields.text("alert_type"),
            alert_name: fields.text("alert_name"),
            channels: channels(&fields),
            user_id: fields.unsigned("user_id"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_come_in_two_shapes() {
        for (json, expected) in [
            (r#"{"channels": ["email", "slack"]}"#, &["email", "slack"][..]),
            (
                r#"{"subscriptions": [{"channel": "email"}, {"channel": null}, {"channel": "browser"}]}"#,
                &["email", "browser"],
            ),
            (r#"{"channels": null, "subscriptions": null}"#, &[]),
        ] {
            let setting: Notification = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(setting.channels, expected, "{json}");
        }
    }

    #[test]
    fn failures_are_names_or_come_with_a_reason() {
        let json = r#"{"successes": {"alerts": ["a", "b"], "count": 2}, "not_applicable": {"alerts": []},
            "failures": {"alerts": [{"alert_name": "c", "reason": "unknown"}, {"alert_name": "d"}], "count": 2}}"#;
        let set: AlertsSet = serde_json::from_str(json).unwrap_or_default();
        assert_eq!(set.successes, ["a", "b"]);
        assert_eq!(set.not_applicable, Vec::<String>::new());
        assert_eq!(set.failures, ["c (unknown)", "d"]);
    }
}
