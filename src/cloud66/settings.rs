//! Settings of a stack or a server.

use serde::Deserialize;

use super::fields::Fields;

/// The one setting that the documents update although they list it as readonly: the name of a server.
pub(crate) const SERVER_NAME: &str = "server-name";

/// The fields of a setting that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Setting {
    /// Id in paths; settings of servers come without.
    pub(crate) id: Option<String>,
    /// Name, such as `git.branch`.
    pub(crate) key: Option<String>,
    /// Value: text as it is, a truth value or number as its JSON text; none for null.
    pub(crate) value: Option<String>,
    /// Whether it can not be changed.
    pub(crate) readonly: Option<bool>,
    /// What to know before it is changed.
    pub(crate) warning_text: Option<String>,
}

impl From<Fields> for Setting {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.text("id"),
            key: fields.text("key"),
            value: fields.text("value"),
            readonly: fields.boolean("readonly"),
            warning_text: fields.text("warning_text").filter(|text| !text.is_empty()),
        }
    }
}

impl Setting {
    /// Its name, for messages.
    pub(crate) fn key(&self) -> &str {
        self.key.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }

    /// What the path of a request calls it: its id, which is its key with dashes for dots.
    pub(crate) fn path_id(&self) -> String {
        self.id.clone().unwrap_or_else(|| path_id(self.key()))
    }

    /// Whether it can not be changed.
    pub(crate) fn is_readonly(&self) -> bool {
        self.readonly == Some(true) && self.path_id() != SERVER_NAME
    }
}

/// What the path of a request calls the setting of that key.
pub(crate) fn path_id(key: &str) -> String {
    key.trim().replace('.', "-")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_text_whatever_its_type() {
        for (value, expected) in [
            (json!("master"), Some("master")),
            (json!(false), Some("false")),
            (json!(3), Some("3")),
            (json!(null), None),
        ] {
            let setting: Setting = serde_json::from_value(json!({ "key": "a.b", "value": value })).unwrap();
            assert_eq!(setting.value.as_deref(), expected);
            assert_eq!(setting.path_id(), "a-b");
        }
    }

    #[test]
    fn only_the_name_of_a_server_is_readonly_and_can_be_changed() {
        for (key, expected) in [("server.name", false), ("stack.name", true)] {
            let setting: Setting = serde_json::from_value(json!({ "key": key, "readonly": true })).unwrap();
            assert_eq!(setting.is_readonly(), expected, "{key}");
        }
    }
}
