//! Variants of a stack: the active one, those of a rollout, and previews.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a variant in use. The newest documentation and the official client use different names for some.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Variant {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Its type, such as `canary` or `preview`.
    pub(crate) kind: Option<String>,
    /// Its type within that one.
    pub(crate) sub_type: Option<String>,
    /// Branch or tag.
    pub(crate) git_ref: Option<String>,
    /// Commit.
    pub(crate) git_hash: Option<String>,
    /// Tag of its images.
    pub(crate) tag: Option<String>,
    /// Percentage of the visitors who get it.
    pub(crate) percentage: Option<u64>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Variant {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            kind: fields.text("type").or_else(|| fields.text("variant_type")),
            sub_type: fields.text("sub_type"),
            git_ref: fields.text("git_ref"),
            git_hash: fields.text("git_hash"),
            tag: fields.text("tag"),
            percentage: fields.unsigned("percentage"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}
