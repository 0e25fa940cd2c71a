//! Deployments and their outcome.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::actions::RunState;
use super::fields::{ApiTime, Coded, Fields};

/// The documented code of the outcome `success`.
const SUCCESS: i64 = 1;

/// The fields of a deployment in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct Deployment {
    /// Id; a later deployment has a higher one.
    pub(crate) id: Option<u64>,
    /// Who started it.
    pub(crate) triggered_by: Option<String>,
    /// How it was started, such as `web`.
    pub(crate) triggered_via: Coded,
    /// When it began.
    pub(crate) started_at: Option<ApiTime>,
    /// When it ended; `None` while it runs.
    pub(crate) finished_at: Option<String>,
    /// Its outcome.
    pub(crate) outcome: Coded,
    /// Commit that was deployed.
    pub(crate) git_hash: Option<String>,
    /// Its kind, such as `build`.
    pub(crate) deploy_type: Coded,
    /// Whether it is live.
    pub(crate) is_live: Option<bool>,
    /// Whether it is running.
    pub(crate) is_deploying: Option<bool>,
    /// Page of the commit.
    pub(crate) commit_url: Option<String>,
}

impl From<Fields> for Deployment {
    fn from(fields: Fields) -> Self {
        Self {
            id: fields.unsigned("id"),
            triggered_by: fields.text("triggered_by"),
            triggered_via: fields.coded("triggered_via"),
            started_at: fields.time(&["started_at"]),
            finished_at: fields.text("finished_at"),
            outcome: fields.coded("outcome"),
            git_hash: fields.text("git_hash"),
            deploy_type: fields.coded("deploy_type"),
            is_live: fields.boolean("is_live"),
            is_deploying: fields.boolean("is_deploying"),
            commit_url: fields.text("commit_url"),
        }
    }
}

impl Deployment {
    /// Its state. Only the outcome `success` is known to be good, so any other counts as failed.
    pub(crate) fn state(&self) -> RunState {
        if self.finished_at.is_none() {
            return RunState::Running;
        }
        let good = match &self.outcome.meaning {
            Some(meaning) => meaning.eq_ignore_ascii_case("success"),
            None => self.outcome.code == Some(SUCCESS),
        };
        if good { RunState::Succeeded } else { RunState::Failed }
    }

    /// When it ended, if it has.
    pub(crate) fn finished_at(&self) -> Option<Timestamp> {
        self.finished_at.as_deref().and_then(crate::text::parse::parse_time)
    }

    /// Its duration, or that so far.
    pub(crate) fn duration(&self, now: Timestamp) -> Option<Duration> {
        time_between(
            self.started_at.as_ref().and_then(ApiTime::known),
            self.finished_at().or(self.finished_at.is_none().then_some(now)),
        )
    }

    /// The short hash of the commit.
    pub(crate) fn short_commit(&self) -> Option<String> {
        self.git_hash.as_deref().map(|hash| hash.chars().take(8).collect())
    }
}

/// The time between two moments; `None` if one is unknown or they are in the wrong order.
pub(crate) fn time_between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<Duration> {
    to?.duration_since(from?).try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_is_success() {
        for (json, expected) in [
            (r#"{"finished_at": null, "outcome": {"code": 1, "meaning": "success"}}"#, RunState::Running),
            (
                r#"{"finished_at": "2014-08-29T17:58:23Z", "outcome": {"code": 1, "meaning": "success"}}"#,
                RunState::Succeeded,
            ),
            (r#"{"finished_at": "2014-08-29T17:58:23Z", "outcome": {"code": 1}}"#, RunState::Succeeded),
            (
                r#"{"finished_at": "2014-08-29T17:58:23Z", "outcome": {"code": 2, "meaning": "failed"}}"#,
                RunState::Failed,
            ),
            (r#"{"finished_at": "2014-08-29T17:58:23Z", "outcome": null}"#, RunState::Failed),
            (r#"{"finished_at": "2014-08-29T17:58:23Z"}"#, RunState::Failed),
        ] {
            let deployment: Deployment = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(deployment.state(), expected, "{json}");
        }
    }
}
