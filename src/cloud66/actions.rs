//! Stack actions: the asynchronous work that most writes start.

use jiff::Timestamp;
use serde::Deserialize;

use super::fields::{ApiTime, Fields};

/// The fields of a stack action in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Action {
    /// Id to poll it by.
    pub(crate) id: Option<u64>,
    /// Who started it.
    pub(crate) user: Option<String>,
    /// Type of its target: `stack` or `server`.
    pub(crate) resource_type: Option<String>,
    /// Internal id of its target.
    pub(crate) resource_id: Option<String>,
    /// The command.
    pub(crate) action: Option<String>,
    /// How it was started, such as `api`.
    pub(crate) started_via: Option<String>,
    /// When it began.
    pub(crate) started_at: Option<ApiTime>,
    /// When it ended; `None` while it runs. Kept as a string, so that a time in an unknown form still means that it has
    /// ended.
    pub(crate) finished_at: Option<String>,
    /// Whether it succeeded, once it has ended.
    pub(crate) finished_success: Option<bool>,
    /// Details of the outcome.
    pub(crate) finished_message: Option<String>,
    /// The reference of the user who started it. Only newer servers keep one.
    pub(crate) user_reference: Option<String>,
}

impl From<Fields> for Action {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            user: fields.text("user"),
            resource_type: fields.text("resource_type"),
            resource_id: fields.text("resource_id"),
            action: fields.text("action"),
            started_via: fields.text("started_via"),
            started_at: fields.time(&["started_at"]),
            finished_at: fields.text("finished_at"),
            finished_success: fields.boolean("finished_success"),
            finished_message: fields.text("finished_message"),
            user_reference: fields.object("metadata").text("user_reference"),
        }
    }
}

/// The state of remote work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Still running.
    Running,
    /// Succeeded.
    Succeeded,
    /// Failed, or ended without an outcome.
    Failed,
}

impl RunState {
    /// Its word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Succeeded => "succeeded",
            RunState::Failed => "failed",
        }
    }
}

impl Action {
    /// Its state.
    pub(crate) fn state(&self) -> RunState {
        match (&self.finished_at, self.finished_success) {
            (None, _) => RunState::Running,
            (Some(_), Some(true)) => RunState::Succeeded,
            (Some(_), _) => RunState::Failed,
        }
    }

    /// When it ended, if it has.
    pub(crate) fn finished_at(&self) -> Option<Timestamp> {
        self.finished_at.as_deref().and_then(crate::text::parse::parse_time)
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> &str {
        self.action.as_deref().unwrap_or("action")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(json: &str) -> Option<RunState> {
        serde_json::from_str::<Action>(json).ok().map(|action| action.state())
    }

    #[test]
    fn only_an_outcome_of_true_is_success() {
        for (json, expected) in [
            (r#"{"finished_at": null, "finished_success": null}"#, RunState::Running),
            (r#"{"finished_at": "2014-09-01T19:08:09Z", "finished_success": true}"#, RunState::Succeeded),
            (r#"{"finished_at": "2014-09-01T19:08:09Z", "finished_success": false}"#, RunState::Failed),
            (r#"{"finished_at": "2014-09-01T19:08:09Z", "finished_success": null}"#, RunState::Failed),
            (r#"{"finished_at": "2014-09-01T19:08:09Z"}"#, RunState::Failed),
            (r#"{"finished_at": "yesterday", "finished_success": true}"#, RunState::Succeeded),
        ] {
            assert_eq!(state(json), Some(expected), "{json}");
        }
    }
}
