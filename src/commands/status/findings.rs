//! What is not well with a stack, worked out of what was read of it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::readings::StackReadings;
use crate::cloud66::actions::RunState;
use crate::cloud66::backups::{BACKUP_OK, Backup};
use crate::cloud66::deployments::Deployment;
use crate::cloud66::fields::ApiTime;
use crate::cloud66::servers::Server;
use crate::cloud66::ssl_certificates::SslCertificate;
use crate::cloud66::stacks::{Stack, health_name, status_name};
use crate::text::format::{format_rfc3339, plural};
use crate::text::parse::parse_time;

/// The documented codes of a stack's `status`, and of its `health` and that of a server.
const DEPLOYMENT_FAILED: i64 = 2;
const QUEUED: i64 = 5;
const DEPLOYING: i64 = 6;
const UNABLE_TO_ANALYZE: i64 = 7;
const IMPAIRED: i64 = 2;
const FAILED: i64 = 4;
/// The documented code of a certificate whose installation failed.
const INSTALLATION_FAILED: i64 = 2;

/// From when on a backup is old and a certificate near its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) now: Timestamp,
    pub(super) backup_age: Duration,
    pub(super) certificate_notice: Duration,
}

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The stack of a finding.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct StackName {
    pub(super) uid: Option<String>,
    pub(super) name: Option<String>,
    pub(super) environment: Option<String>,
}

impl StackName {
    pub(super) fn of(stack: &Stack) -> Self {
        Self { uid: stack.uid.clone(), name: stack.name.clone(), environment: stack.environment.clone() }
    }

    pub(super) fn label(&self) -> String {
        Stack { name: self.name.clone(), environment: self.environment.clone(), ..Stack::default() }.label()
    }
}

/// One thing that is not well.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// `health`, `deployment`, `certificate` or `backup`.
    pub(super) what: String,
    pub(super) stack: StackName,
    pub(super) detail: String,
    /// When it happened, or will.
    pub(super) at: Option<String>,
    /// The id of the deployment, certificate or backup.
    pub(super) id: Option<String>,
}

impl Finding {
    /// How urgent it is: failures first, and what users notice before what they do not.
    pub(super) fn urgency(&self) -> (Severity, usize) {
        let order = ["health", "deployment", "certificate", "backup"];
        (self.severity, order.iter().position(|what| *what == self.what).unwrap_or(order.len()))
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        self.at.as_deref().and_then(parse_time)
    }
}

/// A deployment that is running or queued.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Running {
    pub(super) stack: StackName,
    pub(super) id: Option<u64>,
    /// `queued` or `deploying`.
    pub(super) state: String,
    pub(super) by: Option<String>,
    pub(super) via: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) since: Option<String>,
}

/// Whether its deployments tell more than its status.
pub(super) fn is_deploying_or_failed(stack: &Stack) -> bool {
    matches!(stack.status, None | Some(DEPLOYMENT_FAILED | QUEUED | DEPLOYING | UNABLE_TO_ANALYZE))
}

/// Whether its servers tell more than its health.
pub(super) fn is_unhealthy(stack: &Stack) -> bool {
    matches!(stack.health, Some(IMPAIRED | FAILED))
}

/// What is not well with a stack, the worst first.
pub(super) fn findings(stack: &Stack, readings: &StackReadings, limits: Limits) -> Vec<Finding> {
    let name = StackName::of(stack);
    let finding = |severity, what: &str, detail: String, at: Option<Timestamp>, id: Option<String>| Finding {
        severity,
        what: what.to_owned(),
        stack: name.clone(),
        detail,
        at: at.map(format_rfc3339),
        id,
    };
    let mut found = Vec::new();
    if is_unhealthy(stack) {
        let severity = if stack.health == Some(FAILED) { Severity::Error } else { Severity::Warning };
        let word = stack.health.and_then(health_name).unwrap_or_default();
        let servers = readings.servers.as_deref().and_then(troubled_servers);
        let detail = servers.map_or_else(|| word.to_owned(), |servers| format!("{word}: {servers}"));
        found.push(finding(severity, "health", detail, None, None));
    }
    let deployments = readings.deployments.as_deref().unwrap_or_default();
    match newest(deployments.iter().map(|(deployment, _)| deployment)) {
        Some(last) if last.state() == RunState::Failed => {
            let detail = failed_deployment(last);
            found.push(finding(Severity::Error, "deployment", detail, last.finished_at(), id_of(last.id)));
        }
        None if matches!(stack.status, Some(DEPLOYMENT_FAILED | UNABLE_TO_ANALYZE)) => {
            let word = stack.status.and_then(status_name).unwrap_or_default();
            found.push(finding(Severity::Error, "deployment", word.to_owned(), None, None));
        }
        _ => {}
    }
    for (certificate, _) in readings.certificates.iter().flatten() {
        if let Some((severity, detail)) = certificate_problem(certificate, limits) {
            let at = certificate.expires_at.as_ref().and_then(ApiTime::known);
            found.push(finding(severity, "certificate", detail, at, certificate.uuid.clone()));
        }
    }
    for (database, backups) in by_database(readings.backups.iter().flatten().map(|(backup, _)| backup)) {
        if let Some((severity, detail, backup)) = backup_problem(&backups, limits) {
            found.push(finding(severity, "backup", format!("{database} {detail}"), date(backup), id_of(backup.id)));
        }
    }
    found.sort_by_key(Finding::urgency);
    found
}

/// The deployment that is running or queued, if there is one.
pub(super) fn running(stack: &Stack, readings: &StackReadings) -> Option<Running> {
    let deployments = readings.deployments.as_deref().unwrap_or_default();
    let unfinished = deployments.iter().map(|(deployment, _)| deployment);
    let current = newest(unfinished.filter(|deployment| deployment.state() == RunState::Running));
    let listed_as = match stack.status {
        Some(QUEUED) => Some("queued"),
        Some(DEPLOYING) => Some("deploying"),
        _ => None,
    };
    let state = match current {
        Some(current) if current.is_deploying == Some(false) => "queued",
        Some(_) => "deploying",
        None => listed_as?,
    };
    Some(Running {
        stack: StackName::of(stack),
        id: current.and_then(|current| current.id),
        state: state.to_owned(),
        by: current.and_then(|current| current.triggered_by.clone()),
        via: current.map(|current| current.triggered_via.text()).filter(|via| !via.is_empty()),
        commit: current.and_then(Deployment::short_commit),
        since: current.and_then(|current| current.started_at.as_ref()?.known()).map(format_rfc3339),
    })
}

/// The deployment with the highest id.
pub(super) fn newest<'d>(deployments: impl Iterator<Item = &'d Deployment>) -> Option<&'d Deployment> {
    deployments.max_by_key(|deployment| deployment.id)
}

/// The backups of each database, by its name, each newest first.
pub(super) fn by_database<'b>(backups: impl Iterator<Item = &'b Backup>) -> BTreeMap<String, Vec<&'b Backup>> {
    let mut databases: BTreeMap<String, Vec<&Backup>> = BTreeMap::new();
    for backup in backups {
        let parts = [backup.db_type.as_deref(), backup.database_name.as_deref()];
        databases.entry(parts.into_iter().flatten().collect::<Vec<_>>().join(" ")).or_default().push(backup);
    }
    for backups in databases.values_mut() {
        backups.sort_by_key(|backup| std::cmp::Reverse((date(backup), backup.id)));
    }
    databases
}

/// When a backup was made.
pub(super) fn date(backup: &Backup) -> Option<Timestamp> {
    backup.backup_date_iso.as_ref().and_then(ApiTime::known)
}

fn id_of(id: Option<u64>) -> Option<String> {
    id.map(|id| id.to_string())
}

fn failed_deployment(deployment: &Deployment) -> String {
    let commit = deployment.short_commit().map(|commit| format!(" at {commit}")).unwrap_or_default();
    let by = deployment.triggered_by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    format!("{} failed{commit}{by}", deployment.id.unwrap_or_default())
}

/// The servers that are not healthy, by name; `None` if all are.
fn troubled_servers(servers: &[Server]) -> Option<String> {
    const NAMED: usize = 3;
    let troubled: Vec<&Server> =
        servers.iter().filter(|server| matches!(server.health_state, Some(IMPAIRED | FAILED))).collect();
    let names: Vec<&str> = troubled.iter().take(NAMED).map(|server| server.name()).collect();
    let more = if troubled.len() > NAMED { ", …" } else { "" };
    (!troubled.is_empty()).then(|| {
        let count = plural(servers.len() as u64, "server", "servers");
        format!("{} of {count} ({}{more})", troubled.len(), names.join(", "))
    })
}

fn certificate_problem(certificate: &SslCertificate, limits: Limits) -> Option<(Severity, String)> {
    let domains = match certificate.server_names.as_slice() {
        [] => certificate.name.clone().unwrap_or_default(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    if certificate.status.code == Some(INSTALLATION_FAILED) {
        return Some((Severity::Error, format!("{domains}: installation failed")));
    }
    let end = certificate.expires_at.as_ref()?.known()?;
    match Duration::try_from(end.duration_since(limits.now)) {
        Err(_) => Some((Severity::Error, format!("{domains} has expired"))),
        Ok(left) if left < limits.certificate_notice => Some((Severity::Warning, format!("{domains} expires soon"))),
        Ok(_) => None,
    }
}

/// What is wrong with the newest backup of a database, if anything.
fn backup_problem<'b>(backups: &[&'b Backup], limits: Limits) -> Option<(Severity, String, &'b Backup)> {
    let newest = backups.first()?;
    if newest.backup_status.is_some_and(|status| status != BACKUP_OK) {
        let why = newest.backup_result.as_deref().map(str::trim).filter(|why| !why.is_empty());
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        return Some((Severity::Error, format!("failed{why}"), newest));
    }
    let date = date(newest)?;
    let age = Duration::try_from(limits.now.duration_since(date)).ok()?;
    (age > limits.backup_age).then(|| (Severity::Warning, "is old".to_owned(), *newest))
}
