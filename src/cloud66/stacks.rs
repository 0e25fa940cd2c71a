//! Stacks and the words for their states.

use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a stack in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Stack {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Name, not unique.
    pub(crate) name: Option<String>,
    /// Environment, such as `production`.
    pub(crate) environment: Option<String>,
    /// URL of the git repository.
    pub(crate) git: Option<String>,
    /// Branch.
    pub(crate) git_branch: Option<String>,
    /// Display name of the cloud.
    pub(crate) cloud: Option<String>,
    /// Host name of the application.
    pub(crate) fqdn: Option<String>,
    /// URL of the application; newer servers send it.
    pub(crate) application_address: Option<String>,
    /// Programming language.
    pub(crate) language: Option<String>,
    /// Framework.
    pub(crate) framework: Option<String>,
    /// State of the last deployment, see [`status_name`].
    pub(crate) status: Option<i64>,
    /// Health, see [`health_name`].
    pub(crate) health: Option<i64>,
    /// Whether maintenance mode is on.
    pub(crate) maintenance_mode: Option<bool>,
    /// Whether there is a load balancer.
    pub(crate) has_loadbalancer: Option<bool>,
    /// Whether something is changing it. Only newer servers send it.
    pub(crate) is_busy: Option<bool>,
    /// Folder of the application on its servers.
    pub(crate) deploy_directory: Option<String>,
    /// State of the servers at the cloud.
    pub(crate) cloud_status: Option<String>,
    /// What its containers run on, such as `docker` or `kubernetes`. Only newer servers send it and the next two.
    pub(crate) backend: Option<String>,
    /// Its Kubernetes namespaces.
    pub(crate) namespaces: Vec<String>,
    /// The Kubernetes cluster that it runs in.
    pub(crate) cluster_name: Option<String>,
    /// When something last happened.
    pub(crate) last_activity: Option<ApiTime>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Stack {
    fn from(fields: Fields) -> Self {
        Self {
            uid: fields.text("uid"),
            name: fields.text("name"),
            environment: fields.text("environment"),
            git: fields.text("git"),
            git_branch: fields.text("git_branch"),
            cloud: fields.text("cloud"),
            fqdn: fields.text("fqdn"),
            application_address: fields.text("application_address"),
            language: fields.text("language"),
            framework: fields.text("framework"),
            status: fields.integer("status"),
            health: fields.integer("health"),
            maintenance_mode: fields.boolean("maintenance_mode"),
            has_loadbalancer: fields.boolean("has_loadbalancer"),
            is_busy: fields.boolean("is_busy"),
            deploy_directory: fields.text("deploy_directory"),
            cloud_status: fields.text("cloud_status"),
            backend: fields.text("backend"),
            namespaces: fields.texts("namespaces"),
            cluster_name: fields.text("cluster_name"),
            last_activity: fields.time(&["last_activity_iso", "last_activity"]),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

impl Stack {
    /// `name@environment`, as it is chosen and listed.
    pub(crate) fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(unnamed)");
        match self.environment.as_deref() {
            Some(environment) if !environment.is_empty() => format!("{name}@{environment}"),
            _ => name.to_owned(),
        }
    }

    /// Whether its environment is `production`.
    pub(crate) fn is_production(&self) -> bool {
        self.environment.as_deref().is_some_and(|environment| environment.eq_ignore_ascii_case("production"))
    }
}

/// The documented word for a `status` code.
pub(crate) fn status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Pending analysis",
        1 => "Deployed successfully",
        2 => "Deployment failed",
        3 => "Analyzing",
        4 => "Analyzed",
        5 => "Queued for deployment",
        6 => "Deploying",
        7 => "Unable to analyze",
        _ => return None,
    })
}

/// The documented word for a `health` code.
pub(crate) fn health_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Unknown",
        1 => "Building",
        2 => "Impaired",
        3 => "Healthy",
        4 => "Failed",
        _ => return None,
    })
}
