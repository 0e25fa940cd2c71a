//! Configuration files of a stack, and the versions of service.yml and manifest.yml.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::{Action, Effect};
use super::call::Call;
use super::reply::{ApiError, ApiResult, object};
use super::users::API_USER;
use super::{Stack, State};
use crate::sandbox::clock::iso;

/// How long changing and applying take, in seconds at normal speed.
const DURATION: f64 = 3.0;

/// Type, file name, content, and whether it can be applied without a deployment.
const FILES: [(&str, &str, &str, bool); 3] = [
    ("nginx", "nginx.conf", "worker_processes 4;\nkeepalive_timeout 65;\nclient_max_body_size 20m;\n", true),
    ("mysql", "my.cnf", "[mysqld]\nmax_connections = 100\n", true),
    ("ruby_env", "ruby_env", "RUBY_GC_HEAP_INIT_SLOTS=100000\n", false),
];
const SERVICE_YAML: &str = "services:\n  web:\n    git_url: http://github.com/cloud66-samples/awesome-app.git\n";
const MANIFEST_YAML: &str = "production:\n  docker:\n    configuration:\n      version: 20.10\n";

/// A changed configuration file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ChangedFile {
    kind: String,
    body: String,
    comments: Option<String>,
    updated_at: Timestamp,
}

/// A version of service.yml or manifest.yml.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileVersion {
    uid: String,
    /// Its parameter.
    file: String,
    body: String,
    comments: Option<String>,
    created_at: Timestamp,
}

fn render(stack: &Stack, (kind, name, body, can_apply): &(&str, &str, &str, bool)) -> Value {
    let changed = stack.parts.config_files.iter().find(|changed| changed.kind == *kind);
    let updated_at = changed.map_or(stack.created_at, |changed| changed.updated_at);
    json!({
        "type": kind,
        "name": name,
        "body": changed.map_or(*body, |changed| changed.body.as_str()),
        "comments": changed.and_then(|changed| changed.comments.as_deref()),
        "can_apply": can_apply,
        "changed_by": API_USER,
        "created_at_iso": iso(stack.created_at),
        "updated_at_iso": iso(updated_at),
        // The names of the official client.
        "created_at": iso(stack.created_at),
        "updated_at": iso(updated_at),
    })
}

fn find(call: &Call) -> Result<&'static (&'static str, &'static str, &'static str, bool), ApiError> {
    let kind = call.path_param("configuration_type");
    let found = FILES.iter().find(|(known, ..)| *known == kind);
    found.ok_or_else(|| {
        let known: Vec<&str> = FILES.iter().map(|(kind, ..)| *kind).collect();
        ApiError::not_found(format!("The stack has no configuration `{kind}`; it has {}.", known.join(", ")))
    })
}

/// Sets the content of a file.
pub(super) fn change(stack: &mut Stack, kind: &str, body: &str, comments: Option<&str>, now: Timestamp) {
    stack.parts.config_files.retain(|changed| changed.kind != kind);
    let comments = comments.map(str::to_owned);
    stack.parts.config_files.push(ChangedFile { kind: kind.into(), body: body.into(), comments, updated_at: now });
}

/// `configuration_list`
pub(super) fn configuration_list(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    call.list(&FILES, |file| render(stack, file))
}

/// `configuration_show`, by type
pub(super) fn configuration_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    Ok(object(render(stack, find(call)?)))
}

/// `configuration_update`
pub(super) fn configuration_update(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let (kind, _, _, can_apply) = find(call)?;
    let parameters = call.parameters()?;
    if parameters.text("must_apply").as_deref() == Some("true") && !can_apply {
        return Err(ApiError::conflict(format!("The configuration `{kind}` cannot be applied without a deployment.")));
    }
    let body = parameters.text("body").unwrap_or_default();
    let effect =
        Effect::ConfigFile { kind: (*kind).into(), body: body.clone(), comments: parameters.text("commit_message") };
    let action = Action::start(ids, stack, "configuration_update", call.clock, DURATION);
    let action = action.failing_on("the configuration is invalid", &[body.trim().to_owned()]);
    Ok(action.with_effect(effect).add_to(stack))
}

/// `configuration_apply`
pub(super) fn configuration_apply(state: &mut State, call: &Call) -> ApiResult {
    let (stack, ids) = state.stack_mut(call)?;
    let (kind, _, _, can_apply) = find(call)?;
    if !can_apply {
        return Err(ApiError::conflict(format!("The configuration `{kind}` cannot be applied without a deployment.")));
    }
    Ok(Action::start(ids, stack, "configuration_apply", call.clock, DURATION).add_to(stack))
}

impl FileVersion {
    fn render(&self, with_body: bool) -> Value {
        json!({
            "uid": self.uid,
            "body": with_body.then_some(&self.body),
            "comments": self.comments,
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.created_at),
        })
    }
}

/// The versions of a file, the newest first; only stacks with containers have these files.
fn versions(stack: &Stack, file: &str) -> Vec<FileVersion> {
    let mut versions: Vec<FileVersion> =
        stack.parts.file_versions.iter().filter(|version| version.file == file).rev().cloned().collect();
    if stack.framework == "docker" {
        versions.push(FileVersion {
            uid: uid(stack, file, 0),
            file: file.into(),
            body: if file == "service_yaml" { SERVICE_YAML } else { MANIFEST_YAML }.into(),
            comments: Some("First version".into()),
            created_at: stack.created_at,
        });
    }
    versions
}

fn uid(stack: &Stack, file: &str, number: usize) -> String {
    format!("{}-{number}-{}", file.replace('_', "-"), stack.uid)
}

fn list_versions(state: &mut State, call: &Call, file: &str) -> ApiResult {
    let with_body = call.parameters()?.text("include_body").as_deref() == Some("true");
    call.list(&versions(state.stack(call)?, file), |version| version.render(with_body))
}

fn show_version(state: &mut State, call: &Call, file: &str) -> ApiResult {
    let uid = call.path_param("version_uid");
    // The official toolbelt asks for the newest by this word.
    let is_wanted = |version: &FileVersion| version.uid == uid || uid == "latest";
    let version = versions(state.stack(call)?, file).into_iter().find(is_wanted);
    let version = version.ok_or_else(|| ApiError::not_found(format!("The stack has no version `{uid}`.")))?;
    Ok(object(version.render(true)))
}

fn add_version(state: &mut State, call: &Call, file: &str) -> ApiResult {
    let (stack, _) = state.stack_mut(call)?;
    let parameters = call.parameters()?;
    let number = stack.parts.file_versions.len();
    let version = FileVersion {
        uid: uid(stack, file, number + 1),
        file: file.into(),
        body: parameters.text(file).unwrap_or_default(),
        comments: parameters.text("comments"),
        created_at: call.clock.now,
    };
    let reply = object(version.render(true));
    stack.parts.file_versions.push(version);
    stack.touch(call.clock.now);
    Ok(reply)
}

/// `service_yaml_list`
pub(super) fn service_yaml_list(state: &mut State, call: &Call) -> ApiResult {
    list_versions(state, call, "service_yaml")
}

/// `service_yaml_show`, by UID or the newest
pub(super) fn service_yaml_show(state: &mut State, call: &Call) -> ApiResult {
    show_version(state, call, "service_yaml")
}

/// `service_yaml_create`
pub(super) fn service_yaml_create(state: &mut State, call: &Call) -> ApiResult {
    add_version(state, call, "service_yaml")
}

/// `manifest_yaml_list`
pub(super) fn manifest_yaml_list(state: &mut State, call: &Call) -> ApiResult {
    list_versions(state, call, "manifest_yaml")
}

/// `manifest_yaml_show`, by UID or the newest
pub(super) fn manifest_yaml_show(state: &mut State, call: &Call) -> ApiResult {
    show_version(state, call, "manifest_yaml")
}

/// `manifest_yaml_create`
pub(super) fn manifest_yaml_create(state: &mut State, call: &Call) -> ApiResult {
    add_version(state, call, "manifest_yaml")
}
