//! Jobs of a stack: commands that run on a schedule, or when asked.

use serde::Deserialize;

use super::fields::{ApiTime, Coded, Fields};

/// The fields of a job in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Job {
    /// Unique identifier.
    pub(crate) uid: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Kind of job, such as `DockerHostTaskJob`.
    pub(crate) kind: Option<String>,
    /// Schedule.
    pub(crate) cron: Option<String>,
    /// State, as a code or a word.
    pub(crate) status: Coded,
    /// Whether its schedule is suspended.
    pub(crate) paused: Option<bool>,
    /// What it runs: a command, or a task of a service.
    pub(crate) command: Option<String>,
    /// Service that its task runs in.
    pub(crate) service: Option<String>,
    /// When it was created.
    pub(crate) created_at: Option<ApiTime>,
    /// When it was last changed.
    pub(crate) updated_at: Option<ApiTime>,
}

impl From<Fields> for Job {
    fn from(fields: Fields) -> Self {
        let params = fields.object("params");
        Self {
            uid: fields.text("uid"),
            name: fields.text("name"),
            kind: fields.text("type"),
            cron: fields.text("cron"),
            // A number in the documentation of 2024, a string in its newest version.
            status: Coded { code: fields.integer("status"), meaning: fields.text("status") },
            paused: fields.boolean("paused"),
            command: params.text("command").or_else(|| params.text("task")),
            service: params.text("service_name"),
            created_at: fields.time(&["created_at_iso", "created_at"]),
            updated_at: fields.time(&["updated_at_iso", "updated_at"]),
        }
    }
}

/// The word for a status.
pub(crate) fn status_name(code: i64) -> Option<&'static str> {
    Some(match code {
        0 => "Updated",
        1 => "Started",
        2 => "Success",
        3 => "Failed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_job_runs_depends_on_its_type() {
        for (params, command, service) in [
            (r#"{"command": "ls"}"#, Some("ls"), None),
            (r#"{"task": "rake x", "service_name": "web"}"#, Some("rake x"), Some("web")),
            ("null", None, None),
            ("[1]", None, None),
        ] {
            let job: Job = serde_json::from_str(&format!(r#"{{"params": {params}}}"#)).unwrap_or_default();
            assert_eq!((job.command.as_deref(), job.service.as_deref()), (command, service), "{params}");
        }
    }
}
