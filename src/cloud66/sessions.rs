//! Sessions in the containers of a service.

use serde::Deserialize;

use super::fields::Fields;

/// The fields of a session in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Session {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Title.
    pub(crate) title: Option<String>,
    /// Service.
    pub(crate) service_name: Option<String>,
    /// Kubernetes namespace.
    pub(crate) namespace: Option<String>,
    /// Kubernetes deployment.
    pub(crate) deployment_name: Option<String>,
    /// Pod.
    pub(crate) pod_name: Option<String>,
    /// Container in the pod.
    pub(crate) container_name: Option<String>,
    /// Command that the service runs.
    pub(crate) command: Option<String>,
}

impl From<Fields> for Session {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            title: fields.text("title"),
            service_name: fields.text("service_name"),
            namespace: fields.text("namespace"),
            deployment_name: fields.text("deployment_name"),
            pod_name: fields.text("pod_name"),
            container_name: fields.text("container_name"),
            command: fields.text("command"),
        }
    }
}
