//! Repositories of Docker images that the account can pull from.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of an image repository in use. Its password is never in a reply.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct ImageRepository {
    /// Id.
    pub(crate) id: Option<u64>,
    /// Address.
    pub(crate) url: Option<String>,
    /// Login user.
    pub(crate) username: Option<String>,
    /// E-mail address of the user.
    pub(crate) email: Option<String>,
    /// When it was added.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for ImageRepository {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            url: fields.text("url"),
            username: fields.text("username"),
            email: fields.text("email"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}
