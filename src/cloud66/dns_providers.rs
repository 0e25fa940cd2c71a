//! DNS providers of the account, for the certificates of wildcard names.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a DNS provider in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct DnsProvider {
    /// Unique identifier.
    pub(crate) uuid: Option<String>,
    /// The company.
    pub(crate) kind: Option<String>,
    /// The name of its credentials.
    pub(crate) key: Option<String>,
    /// Name, with the company.
    pub(crate) display_name: Option<String>,
    /// When it was added.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for DnsProvider {
    fn from(fields: Fields) -> Self {
        Self {
            uuid: fields.text("uuid"),
            kind: fields.text("type"),
            key: fields.text("key"),
            display_name: fields.text("display_name"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}
