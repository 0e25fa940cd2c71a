//! Tasks: work that takes time, its result, and the forms in which the API reports it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::activity_log::{self, ActivityEvent};
use super::call::Call;
use super::objects::Change;
use super::reply::{ApiError, ApiResult, ErrorObject, Payload};

/// How long a task is kept, in seconds at normal speed: the documented half hour.
const LIFETIME: f64 = 30.0 * 60.0;
/// How long a change of an organization or a user takes, in seconds at normal speed.
const SYSTEM_DURATION: f64 = 2.0;

/// How the API reports the tasks of a plugin; all forms are documented.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum TaskForm {
    /// Under `data`; a failed one has its errors in its result.
    Wrapped,
    /// Under `data`; a failed one gives no reason.
    WrappedSilent,
    /// Under `data`; a failed one is a `FAILURE` that gives no reason.
    WrappedFailure,
    /// With `taskId` and `taskStatus`; a failed one gives no reason.
    Flat,
}

/// A task.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    id: String,
    created: Timestamp,
    due: Timestamp,
    expires: Timestamp,
    #[serde(rename = "manner")]
    form: TaskForm,
    #[serde(rename = "ending")]
    outcome: TaskOutcome,
    /// Its changes; `None` once it has finished.
    changes: Option<Vec<Change>>,
    /// Its entry in the activity log.
    activity: String,
}

/// The result of a task, which is decided when it starts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum TaskOutcome {
    Success { result: Option<Value> },
    Failed { errors: Vec<Value> },
}

/// A new task.
pub(super) struct NewTask {
    /// How long it takes, in seconds at normal speed; with 0 it finishes at once.
    pub(super) seconds: f64,
    pub(super) form: TaskForm,
    /// What changes at its end.
    pub(super) changes: Vec<Change>,
    /// Its result, or why it fails.
    pub(super) outcome: Result<Option<Value>, ErrorObject>,
    pub(super) event: ActivityEvent,
}

/// Everything fails on objects whose names begin with this.
const FAILING_PREFIX: &str = "doomed";

/// Whether everything fails on an object of that name.
pub(super) fn is_meant_to_fail(name: &str) -> bool {
    name.starts_with(FAILING_PREFIX)
}

impl NewTask {
    /// A change of an organization or a user.
    pub(super) fn for_system(
        code: &str,
        changes: Vec<Change>,
        outcome: Result<Option<Value>, ErrorObject>,
        context: Value,
    ) -> Self {
        let event = ActivityEvent { code: code.to_owned(), environment: None, context };
        Self { seconds: SYSTEM_DURATION, form: TaskForm::Flat, changes, outcome, event }
    }
}

impl Task {
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.changes.is_some() && self.due <= now
    }

    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        self.expires <= now
    }

    fn status(&self) -> &'static str {
        match (&self.changes, &self.outcome) {
            (Some(_), _) => "PENDING",
            (None, TaskOutcome::Success { .. }) => "SUCCESS",
            (None, TaskOutcome::Failed { .. }) if self.form == TaskForm::WrappedFailure => "FAILURE",
            (None, TaskOutcome::Failed { .. }) => "FAILED",
        }
    }

    fn result(&self) -> Option<Value> {
        match (&self.changes, &self.outcome) {
            (None, TaskOutcome::Success { result }) => result.clone(),
            (None, TaskOutcome::Failed { errors }) if self.form == TaskForm::Wrapped => {
                Some(json!({ "errors": errors }))
            }
            _ => None,
        }
    }

    fn show(&self) -> Value {
        let mut shown = match self.form {
            TaskForm::Flat => json!({ "taskId": self.id, "taskStatus": self.status() }),
            _ => json!({
                "id": self.id,
                "status": self.status(),
                "created": self.created.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string(),
            }),
        };
        if let Some(result) = self.result() {
            shown["result"] = result;
        }
        if self.form == TaskForm::Flat { shown } else { json!({ "data": shown }) }
    }
}

/// A task that has just been started, for the reply.
pub(super) struct StartedTask {
    id: String,
    status: &'static str,
}

impl StartedTask {
    /// The usual reply: the task, and its result if that is known at once.
    pub(super) fn reply(&self, data: Option<Value>) -> Payload {
        self.reply_with("taskStatus", data)
    }

    /// The reply of environments and their members, where the status has another name.
    pub(super) fn reply_with_status(&self, data: Option<Value>) -> Payload {
        self.reply_with("status", data)
    }

    fn reply_with(&self, status: &str, data: Option<Value>) -> Payload {
        let mut body = json!({ "taskId": self.id, status: self.status });
        if let Some(data) = data {
            body["data"] = data;
        }
        Payload::Json(body)
    }
}

impl State {
    /// Starts a task.
    pub(super) fn start_task(&mut self, call: &Call, task: NewTask) -> StartedTask {
        let (id, clock) = (self.new_id(), call.clock);
        let activity = activity_log::start(self, call, &task.event);
        let outcome = match task.outcome {
            Ok(result) => TaskOutcome::Success { result },
            Err(fault) => TaskOutcome::Failed { errors: vec![fault.to_json()] },
        };
        let started = Task {
            id: id.clone(),
            created: clock.now,
            due: clock.in_seconds(task.seconds),
            expires: clock.in_seconds(LIFETIME),
            form: task.form,
            outcome,
            changes: Some(task.changes),
            activity,
        };
        let started = if started.is_due(clock.now) { self.finish_task(started) } else { started };
        let status = started.status();
        self.tasks.push(started);
        StartedTask { id, status }
    }

    /// Starts a task that fails at once, in its reply.
    pub(super) fn start_failed_task(&mut self, call: &Call, task: NewTask, fault: ErrorObject) -> Payload {
        let errors = json!([fault.to_json()]);
        let started = self.start_task(call, NewTask { seconds: 0.0, outcome: Err(fault), ..task });
        Payload::Json(json!({ "taskId": started.id, "taskStatus": "FAILED", "errors": errors }))
    }

    /// Finishes a task: applies its changes, and updates the activity log.
    pub(super) fn finish_task(&mut self, mut task: Task) -> Task {
        for change in task.changes.take().unwrap_or_default() {
            self.apply(change);
        }
        let status = if matches!(task.outcome, TaskOutcome::Success { .. }) { "SUCCESS" } else { "FAILURE" };
        activity_log::finish(self, &task.activity, status, task.due);
        task
    }
}

/// `GET /tasks/:id`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    match (call.method(), rest) {
        ("GET", [id]) => {
            let task = state.tasks.iter().find(|task| task.id == *id);
            task.map(|task| Payload::Json(task.show())).ok_or_else(|| ApiError::not_found("Task", id, "tasks"))
        }
        (_, [_]) => Err(call.method_not_allowed()),
        _ => Err(call.endpoint_not_found()),
    }
}
