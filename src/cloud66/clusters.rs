//! Kubernetes clusters of the account.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a cluster in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Cluster {
    /// Id.
    pub(crate) id: Option<String>,
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Environment.
    pub(crate) environment: Option<String>,
    /// Cloud.
    pub(crate) cloud: Option<String>,
    /// Region of the cloud.
    pub(crate) region: Option<String>,
    /// State.
    pub(crate) status: Option<String>,
    /// Health.
    pub(crate) health: Option<String>,
    /// Version of Kubernetes.
    pub(crate) kubernetes_version: Option<String>,
    /// Number of nodes.
    pub(crate) node_count: Option<u64>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
}

impl From<Fields> for Cluster {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.text("id"),
            uid: fields.text("uid"),
            name: fields.text("name"),
            environment: fields.text("environment"),
            cloud: fields.text("cloud"),
            region: fields.text("region"),
            status: fields.text("status"),
            health: fields.text("health"),
            kubernetes_version: fields.text("kubernetes_version"),
            node_count: fields.unsigned("node_count"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
        }
    }
}
