//! Settings of a stack or a server.

use serde::Deserialize;

use super::fields::Fields;

/// The only setting that the documentation updates although it lists it as readonly: the name of a server.
pub(crate) const SERVER_NAME: &str = "server-name";

/// The fields of a setting in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Setting {
    /// Id in paths; settings of servers have none.
    pub(crate) id: Option<String>,
    /// Name, such as `git.branch`.
    pub(crate) key: Option<String>,
    /// Value: a string as it is, a boolean or number as its JSON text; `None` for null.
    pub(crate) value: Option<String>,
    /// Whether it is read-only.
    pub(crate) readonly: Option<bool>,
    /// What to know before changing it.
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

    /// Its id in paths, which is its key with dashes instead of dots.
    pub(crate) fn path_id(&self) -> String {
        self.id.clone().unwrap_or_else(|| path_id(self.key()))
    }

    /// Whether it is read-only.
    pub(crate) fn is_readonly(&self) -> bool {
        self.readonly == Some(true) && self.path_id() != SERVER_NAME
    }
}

/// The id in paths of the setting with that key.
pub(crate) fn path_id(key: &str) -> String {
    key.trim().replace('.', "-")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_of_any_type_is_read_as_a_string() {
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
