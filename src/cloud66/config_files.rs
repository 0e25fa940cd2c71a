//! Configuration files of a stack, and the versions of service.yml and manifest.yml.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a configuration file in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct ConfigFile {
    /// Its type, such as `nginx`, which identifies it.
    pub(crate) kind: Option<String>,
    /// File name.
    pub(crate) name: Option<String>,
    /// Content.
    pub(crate) body: Option<String>,
    /// Comments of the last change.
    pub(crate) comments: Option<String>,
    /// Whether it can be applied without a deployment.
    pub(crate) can_apply: Option<bool>,
    /// Who changed it last.
    pub(crate) changed_by: Option<String>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for ConfigFile {
    fn from(fields: Fields) -> Self {
        Self {
            kind: fields.text("type"),
            name: fields.text("name"),
            body: fields.text("body"),
            comments: fields.text("comments"),
            can_apply: fields.boolean("can_apply"),
            changed_by: fields.text("changed_by"),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

/// The fields of a version in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct FileVersion {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Content, if it was asked for.
    pub(crate) body: Option<String>,
    /// Comments of the change.
    pub(crate) comments: Option<String>,
    /// When it was added.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for FileVersion {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            body: fields.text("body"),
            comments: fields.text("comments"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}
