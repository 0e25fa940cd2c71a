//! Jobs: commands of a stack that run on a schedule, or when asked.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
use super::reply::{ApiError, ApiResult, Payload, object};
use super::{Stack, State};
use crate::sandbox::clock::{date_time, plain};
use crate::sandbox::pseudorandom;

/// How long a job runs, in seconds at normal speed.
const RUN_DURATION: f64 = 5.0;
/// How long a change of a schedule takes, in seconds at normal speed.
const PAUSE_DURATION: f64 = 2.0;
/// The UID of the documented job, and the one in the addresses of the documented requests.
const DOCUMENTED_UIDS: [&str; 2] = ["b375afb170b468c238be44cec1058d0f", "98ee5a9b93919d9b63bd5377636675bd"];

const STARTED: i8 = 1;
const SUCCEEDED: i8 = 2;
const FAILED: i8 = 3;

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    uid: String,
    name: String,
    cron: String,
    status: i8,
    paused: bool,
    command: String,
    /// The service that its command runs in; none for a command on a server.
    service: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Job {
    fn render(&self) -> Value {
        let (kind, params) = match &self.service {
            Some(service) => {
                let params = json!({ "task": self.command, "service_name": service, "private_ip": "10.132.0.10" });
                ("DockerServiceTaskJob", params)
            }
            None => ("DockerHostTaskJob", json!({ "command": self.command })),
        };
        json!({
            "uid": self.uid,
            "name": self.name,
            "type": kind,
            "cron": self.cron,
            "status": self.status,
            "paused": self.paused,
            "params": params,
            "created_at": plain(self.created_at),
            "updated_at": plain(self.updated_at),
        })
    }
}

/// The jobs of a stack; one that was never deployed has none.
fn jobs(stack: &Stack) -> Vec<Job> {
    if let Some(jobs) = &stack.parts.jobs {
        return jobs.clone();
    }
    if stack.is_documented() {
        return vec![Job {
            uid: DOCUMENTED_UIDS[0].into(),
            name: "pies".into(),
            cron: "01 00 1 * *".into(),
            status: FAILED,
            paused: false,
            command: "ls -lta".into(),
            service: None,
            created_at: date_time("2023-10-24T15:38:29Z"),
            updated_at: date_time("2023-10-24T15:39:14Z"),
        }];
    }
    if !stack.was_deployed() {
        return Vec::new();
    }
    let job = |name: &str, cron: &str, command: &str, service: Option<&String>| Job {
        uid: pseudorandom::hex(&format!("job {name} of {}", stack.uid), 32),
        name: name.into(),
        cron: cron.into(),
        status: SUCCEEDED,
        paused: false,
        command: command.into(),
        service: service.cloned(),
        created_at: stack.created_at,
        updated_at: stack.created_at,
    };
    let nightly = match stack.services.first() {
        Some(service) => job("nightly", "0 3 * * *", "bundle exec rake reports", Some(service)),
        None => job("nightly", "0 3 * * *", "bundle exec rake reports", None),
    };
    vec![nightly, job("cleanup", "*/30 * * * *", "find /tmp -mtime +7 -delete", None)]
}

/// The UID of the job in the path.
fn find(stack: &Stack, call: &Call) -> Result<Job, ApiError> {
    let given = call.path_param("job_id");
    // The documented requests name another job than the documented list.
    let uid = if stack.is_documented() && given == DOCUMENTED_UIDS[1] { DOCUMENTED_UIDS[0] } else { given };
    let job = jobs(stack).into_iter().find(|job| job.uid == uid);
    job.ok_or_else(|| ApiError::not_found(format!("The stack has no job `{given}`.")))
}

/// Changes one job, or all.
fn change(stack: &mut Stack, uid: Option<&str>, now: Timestamp, change: impl Fn(&mut Job)) {
    let mut jobs = jobs(stack);
    for job in jobs.iter_mut().filter(|job| uid.is_none_or(|uid| uid == job.uid)) {
        change(job);
        job.updated_at = now;
    }
    stack.parts.jobs = Some(jobs);
}

/// Ends the run of a job.
pub(super) fn end_run(stack: &mut Stack, uid: &str, succeeded: bool, now: Timestamp) {
    change(stack, Some(uid), now, |job| job.status = if succeeded { SUCCEEDED } else { FAILED });
}

/// Suspends or resumes the schedule of a job, or of all jobs.
pub(super) fn pause(stack: &mut Stack, uid: Option<&str>, paused: bool, now: Timestamp) {
    change(stack, uid, now, |job| job.paused = paused);
}

/// `jobs_list`
pub(super) fn jobs_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    if let Some(uid) = call.parameters()?.text("server_uid").filter(|uid| stack.infrastructure().server(uid).is_none())
    {
        return Err(ApiError::not_found(format!("Server `{uid}` in `server_uid` is not part of the stack.")));
    }
    call.list(&jobs(stack), Job::render)
}

/// `jobs_show`, by UID
pub(super) fn jobs_show(state: &mut State, call: &Call) -> ApiResult {
    let mut shown = find(state.stack(call)?, call)?.render();
    // As it was asked for, so that the reply is about that job.
    shown["uid"] = call.path_param("job_id").into();
    Ok(object(shown))
}

/// `jobs_run`; with the argument `fail` the job fails
pub(super) fn jobs_run(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let job = find(stack, call)?;
    let arguments: Vec<String> =
        call.parameters()?.text("job_args").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let action = Action::start(ids, stack, "job_run_now", call.clock, RUN_DURATION);
    let action = action.failing_on("the command ended with the exit code 1", &arguments);
    change(stack, Some(&job.uid), call.clock.now, |job| job.status = STARTED);
    Ok(action.with_effect(Effect::JobRun { uid: job.uid }).add_to(stack))
}

/// `jobs_pause`
pub(super) fn jobs_pause(state: &mut State, call: &Call) -> ApiResult {
    switch_one(state, call, true)
}

/// `jobs_unpause`
pub(super) fn jobs_unpause(state: &mut State, call: &Call) -> ApiResult {
    switch_one(state, call, false)
}

/// `jobs_pause_all`
pub(super) fn jobs_pause_all(state: &mut State, call: &Call) -> ApiResult {
    switch(state, call, None, true)
}

/// `jobs_unpause_all`
pub(super) fn jobs_unpause_all(state: &mut State, call: &Call) -> ApiResult {
    switch(state, call, None, false)
}

fn switch_one(state: &mut State, call: &Call, paused: bool) -> ApiResult {
    let uid = find(state.stack(call)?, call)?.uid;
    switch(state, call, Some(uid), paused)
}

fn switch(state: &mut State, call: &Call, uid: Option<String>, paused: bool) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    call.parameters()?;
    let name = if paused { "job_pause_handler" } else { "job_unpause_handler" };
    let action = Action::start(ids, stack, name, call.clock, PAUSE_DURATION);
    let mut reply = action.with_effect(Effect::PauseJobs { uid, paused }).add_to(stack);
    if let Payload::Json(reply) = &mut reply {
        // Documented later than other actions, with these two.
        reply["response"]["finished_result"] = Value::Null;
        reply["response"]["metadata"] = json!({});
    }
    Ok(reply)
}
