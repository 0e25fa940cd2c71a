//! Stacks, and the words for their states.

use jiff::Timestamp;
use serde::Deserialize;

use super::lenient;

/// The fields of a stack that are used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stack {
    /// Unique identifier.
    #[serde(deserialize_with = "lenient::text")]
    pub uid: Option<String>,
    /// Name, not unique.
    #[serde(deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// Environment, such as `production`.
    #[serde(deserialize_with = "lenient::text")]
    pub environment: Option<String>,
    /// Address of the git repository.
    #[serde(deserialize_with = "lenient::text")]
    pub git: Option<String>,
    /// Branch that is deployed.
    #[serde(deserialize_with = "lenient::text")]
    pub git_branch: Option<String>,
    /// Display name of the cloud.
    #[serde(deserialize_with = "lenient::text")]
    pub cloud: Option<String>,
    /// Host name of the application.
    #[serde(deserialize_with = "lenient::text")]
    pub fqdn: Option<String>,
    /// Programming language.
    #[serde(deserialize_with = "lenient::text")]
    pub language: Option<String>,
    /// Framework.
    #[serde(deserialize_with = "lenient::text")]
    pub framework: Option<String>,
    /// State of the last deployment, see [`status_word`].
    #[serde(deserialize_with = "lenient::integer")]
    pub status: Option<i64>,
    /// Health, see [`health_word`].
    #[serde(deserialize_with = "lenient::integer")]
    pub health: Option<i64>,
    /// Whether maintenance mode is on.
    #[serde(deserialize_with = "lenient::boolean")]
    pub maintenance_mode: Option<bool>,
    /// Whether there is a load balancer.
    #[serde(deserialize_with = "lenient::boolean")]
    pub has_loadbalancer: Option<bool>,
    /// Where the application lies on its servers.
    #[serde(deserialize_with = "lenient::text")]
    pub deploy_directory: Option<String>,
    /// State of the servers at the cloud.
    #[serde(deserialize_with = "lenient::text")]
    pub cloud_status: Option<String>,
    #[serde(deserialize_with = "lenient::time")]
    last_activity: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    last_activity_iso: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    created_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    created_at_iso: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    updated_at_iso: Option<Timestamp>,
}

impl Stack {
    /// When something last happened.
    #[must_use]
    pub fn last_activity(&self) -> Option<Timestamp> {
        self.last_activity_iso.or(self.last_activity)
    }

    /// When it was made.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.created_at_iso.or(self.created_at)
    }

    /// When it was last changed.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.updated_at_iso.or(self.updated_at)
    }

    /// `name@environment`, as it is chosen and listed.
    #[must_use]
    pub fn label(&self) -> String {
        let name = self.name.as_deref().unwrap_or("(unnamed)");
        match self.environment.as_deref() {
            Some(environment) if !environment.is_empty() => format!("{name}@{environment}"),
            _ => name.to_owned(),
        }
    }

    /// Whether its environment is `production`.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment.as_deref().is_some_and(|environment| environment.eq_ignore_ascii_case("production"))
    }
}

/// The documented word for a `status` code.
#[must_use]
pub fn status_word(code: i64) -> Option<&'static str> {
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
#[must_use]
pub fn health_word(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Unknown",
        1 => "Building",
        2 => "Impaired",
        3 => "Healthy",
        4 => "Failed",
        _ => return None,
    })
}
