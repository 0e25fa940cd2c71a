//! Accounts, users and their mobile devices.

use serde::Deserialize;
use serde_json::Value;

use super::config_store::NAMESPACE;
use super::environments::MASK;
use super::fields::{ApiTime, Fields};

/// The types of a device with their numbers.
pub(crate) const DEVICE_TYPES: [(&str, i64); 2] = [("ios", 1), ("android", 2)];

/// The models of a device with their numbers.
pub(crate) const DEVICE_MODELS: [(&str, i64); 3] = [("iphone", 1), ("ipad", 2), ("ipod", 3)];

/// The fields of an account in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Account {
    /// Id.
    pub(crate) id: Option<u64>,
    /// E-mail address of its owner.
    pub(crate) owner: Option<String>,
    /// Its name, chosen by the owner. Only newer servers send it.
    pub(crate) friendly_name: Option<String>,
    /// Whether requests are for this account. Only newer servers send it.
    pub(crate) is_current: Option<bool>,
    /// Namespace of its config store. Only newer servers send it.
    pub(crate) namespace: Option<String>,
    /// Number of its stacks.
    pub(crate) stack_count: Option<u64>,
    /// Its clouds.
    pub(crate) used_clouds: Vec<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for Account {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            owner: fields.text("owner"),
            friendly_name: fields.text("friendly_name"),
            is_current: fields.boolean("current_account"),
            namespace: fields.text(NAMESPACE),
            stack_count: fields.unsigned("stack_count"),
            used_clouds: fields.texts("used_clouds"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}

/// The field of an account with the command that registers a server. The command holds a secret.
pub(crate) const REGISTRATION_SCRIPT: &str = "server_registration_script";

/// Masks the command that registers a server.
pub(crate) fn redact_account(account: &mut Value) {
    if let Some(script) = account.get_mut(REGISTRATION_SCRIPT).filter(|script| !script.is_null()) {
        *script = Value::from(MASK);
    }
}

impl Account {
    /// Its name, else its owner, for messages.
    pub(crate) fn label(&self) -> &str {
        self.friendly_name.as_deref().or(self.owner.as_deref()).unwrap_or_default()
    }
}

/// The fields of a user in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct User {
    /// Id.
    pub(crate) id: Option<u64>,
    /// E-mail address.
    pub(crate) email: Option<String>,
    /// Time zone.
    pub(crate) timezone: Option<String>,
    /// Whether two-factor authentication is on.
    pub(crate) uses_tfa: Option<bool>,
    /// Whether the user is locked out.
    pub(crate) locked: Option<bool>,
    /// Time of the last login.
    pub(crate) last_login: Option<ApiTime>,
    /// When the user was created.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for User {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            email: fields.text("email"),
            timezone: fields.text("timezone"),
            uses_tfa: fields.boolean("uses_tfa"),
            locked: fields.boolean("locked"),
            last_login: fields.time(&["last_login_iso", "last_login"]),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}

/// The fields of a device in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Device {
    /// Its token.
    pub(crate) token: Option<String>,
    /// Type, see [`DEVICE_TYPES`].
    pub(crate) device_type: Option<i64>,
    /// Model, see [`DEVICE_MODELS`].
    pub(crate) sub_type: Option<i64>,
    /// Whether it receives messages.
    pub(crate) enabled: Option<bool>,
    /// When it was registered.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for Device {
    fn from(fields: Fields) -> Self {
        Self {
            token: fields.text("token"),
            device_type: fields.integer("device_type"),
            sub_type: fields.integer("sub_type"),
            enabled: fields.boolean("enabled"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}

/// The word for a number of one of these tables.
pub(crate) fn name_of_code(table: &[(&'static str, i64)], number: i64) -> Option<&'static str> {
    table.iter().find(|(_, known)| *known == number).map(|(word, _)| *word)
}
