//! `c66 status`: how things stand, on one screen.
//!
//! The list of stacks comes first. What it does not tell is read of each stack, in parallel: deployments where one is
//! running or failed, servers where the health is bad, certificates and backups everywhere.

mod findings;
mod readings;
mod screen;

use std::collections::HashMap;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use self::findings::{Finding, Limits, Running, findings, is_deploying_or_failed, is_unhealthy, running};
use self::readings::{Part, Readings, StackReadings, Unread, read};
use crate::args::{StackArgs, StackTargetArgs, WatchArgs};
use crate::cloud66::actions::RunState;
use crate::cloud66::deployments::Deployment;
use crate::cloud66::endpoints::{
    BACKUPS_LIST, DEPLOYMENTS_LIST, SERVERS_LIST, SSL_CERTIFICATES_LIST, STACKS_LIST, STACKS_SHOW,
};
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::cloud66::stacks::{Stack, health_name, status_name};
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Kind, Result};
use crate::http::rate_limit::Budget;
use crate::resource::verb::Verb;
use crate::text::format::format_rfc3339;
use crate::text::parse::parse_duration;

/// `c66 status`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 status\n  c66 status awesome-app@production\n  c66 status --quick --check --quiet\n  c66 status --watch\n  c66 status --jq '.findings[] | [.stack.name, .what, .detail] | @tsv'\n\nReads the list of stacks, then the certificates and backups of each, the deployments of those that are\ndeploying or failed, and the servers of those that are not healthy. Leaves a tenth of the hour's requests\nto others. Parts that the token may not read are listed as not read."
)]
#[command(add = Verb::calls(&[&STACKS_LIST, &DEPLOYMENTS_LIST, &SERVERS_LIST, &SSL_CERTIFICATES_LIST, &BACKUPS_LIST]))]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) target: StackTargetArgs,
    /// Read only the list of stacks
    #[arg(long)]
    pub(crate) quick: bool,
    /// Exit with 11 if something is not well
    #[arg(long, conflicts_with = WatchArgs::ID)]
    pub(crate) check: bool,
    /// Report a database whose newest backup is older
    #[arg(long, value_name = "DURATION", default_value = "2d", value_parser = parse_duration)]
    pub(crate) backup_age: Duration,
    /// Report a certificate that expires within this time
    #[arg(long, value_name = "DURATION", default_value = "14d", value_parser = parse_duration)]
    pub(crate) certificate_notice: Duration,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
}

/// How things stand.
struct Report {
    quick: bool,
    now: jiff::Timestamp,
    stacks: Vec<Stack>,
    readings: Readings,
    findings: Vec<Finding>,
    running: Vec<Running>,
    budget: Option<Budget>,
    /// The one stack that was asked for, in detail.
    detail: Option<Document>,
}

impl Report {
    /// Whether everything that could be read is well. What failed to be read counts as not well.
    fn is_ok(&self) -> bool {
        self.findings.is_empty() && self.readings.unread.iter().all(|unread| unread.denied)
    }

    /// Number of stacks without a finding.
    fn well(&self) -> usize {
        let uids = || self.findings.iter().map(|finding| &finding.stack.uid);
        self.stacks.iter().filter(|stack| uids().all(|uid| *uid != stack.uid)).count()
    }

    /// How many stacks have each health, the worst first.
    fn by_health(&self) -> Vec<(String, usize)> {
        count(&[4, 2, 1, 0, 3], self.stacks.iter().map(|stack| stack.health), health_name)
    }

    /// How many stacks have each status, the worst first.
    fn by_status(&self) -> Vec<(String, usize)> {
        count(&[2, 7, 6, 5, 3, 0, 4, 1], self.stacks.iter().map(|stack| stack.status), status_name)
    }

    /// Number of stacks in maintenance mode.
    fn in_maintenance(&self) -> usize {
        self.stacks.iter().filter(|stack| stack.maintenance_mode == Some(true)).count()
    }
}

/// Counts codes by their words: those of `order` first, then the others.
fn count(
    order: &[i64],
    codes: impl Iterator<Item = Option<i64>>,
    name: impl Fn(i64) -> Option<&'static str>,
) -> Vec<(String, usize)> {
    let word = |code: Option<i64>| match code {
        Some(code) => name(code).map_or_else(|| code.to_string(), str::to_owned),
        None => "Unknown".to_owned(),
    };
    let mut counts: Vec<(String, usize)> = order.iter().map(|code| (word(Some(*code)), 0)).collect();
    for code in codes {
        let word = word(code);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.retain(|(_, count)| *count > 0);
    counts
}

/// The report as JSON.
#[derive(Serialize)]
struct ReportJson<'r> {
    ok: bool,
    quick: bool,
    at: String,
    stacks: Value,
    findings: &'r [Finding],
    deploying: &'r [Running],
    not_read: Vec<Value>,
    limit: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'r RawValue>,
}

/// Runs `c66 status`.
pub(crate) async fn run(context: &Context, args: &StatusArgs) -> Result<u8> {
    let report = report(context, args).await?;
    if context.printer.is_structured() {
        context.printer.document(&json_document(&report)?)?;
        context.printer.flush()?;
    } else {
        screen::print(context, &report).await?;
    }
    Ok(if args.check && !report.is_ok() { Kind::Differs.exit().code() } else { 0 })
}

async fn report(context: &Context, args: &StatusArgs) -> Result<Report> {
    let named = args.target.args();
    let is_one = named.stack.is_some();
    let targets = targets(context, &named).await?;
    let stacks: Vec<Stack> = targets.iter().filter_map(|target| target.stack.clone()).collect();
    let wanted = if args.quick { Vec::new() } else { wanted_parts(&stacks, is_one) };
    let readings = read(context, &targets, wanted).await?;
    let limits = Limits {
        now: jiff::Timestamp::now(),
        backup_age: args.backup_age,
        certificate_notice: args.certificate_notice,
    };
    let pairs = || stacks.iter().zip(&readings.stacks);
    let mut findings: Vec<Finding> = pairs().flat_map(|(stack, readings)| findings(stack, readings, limits)).collect();
    // The stack with the worst finding first.
    let worst: HashMap<_, _> =
        findings.iter().rev().map(|finding| (finding.stack.uid.clone(), finding.urgency())).collect();
    findings.sort_by_key(|finding| worst.get(&finding.stack.uid).copied());
    let running = pairs().filter_map(|(stack, readings)| running(stack, readings)).collect();
    let detail = match (is_one, stacks.first(), readings.stacks.first()) {
        (true, Some(_), Some(readings)) => Some(detail(readings)?),
        _ => None,
    };
    let budget = context.cloud66().await?.transport().rate_limiter().budget();
    Ok(Report { quick: args.quick, now: limits.now, stacks, readings, findings, running, budget, detail })
}

/// The named stack, or all; with an environment, all in it.
async fn targets(context: &Context, named: &StackArgs) -> Result<Vec<StackRef>> {
    let client = context.cloud66().await?;
    if named.stack.is_some() {
        let target = context.stack(named, false).await?;
        let shown = client.fetch(&request(&STACKS_SHOW, &[("stack_id", &target.uid)])?).await?;
        return Ok(vec![StackRef::try_from(&shown)?]);
    }
    let mut stacks = context.fetch_stacks().await?;
    if let Some(environment) = &named.environment {
        stacks.retain(|target| target.is_in(environment));
        if stacks.is_empty() {
            return Err(Error::not_found(format!("no stacks in environment `{environment}`")).hint("c66 stacks list"));
        }
    }
    Ok(stacks)
}

/// The parts to read: of one stack all, of many those that its row in the list does not rule out.
fn wanted_parts(stacks: &[Stack], is_one: bool) -> Vec<(usize, Part)> {
    let is_wanted = |stack: &Stack, part| match part {
        Part::Deployments => is_one || is_deploying_or_failed(stack),
        Part::Servers => is_one || is_unhealthy(stack),
        Part::Certificates | Part::Backups => true,
    };
    let parts = |(index, stack)| {
        Part::ALL.into_iter().filter(move |part| is_wanted(stack, *part)).map(move |part| (index, part))
    };
    stacks.iter().enumerate().flat_map(parts).collect()
}

/// What `-o json` adds for one stack: its live and its newest deployment, servers, certificates and newest backups, as
/// the API sent them.
fn detail(readings: &StackReadings) -> Result<Document> {
    #[derive(Serialize)]
    struct Detail<'d> {
        live_deployment: Option<&'d RawValue>,
        newest_deployment: Option<&'d RawValue>,
        servers: Option<Value>,
        certificates: Option<Vec<&'d RawValue>>,
        newest_backups: Option<Vec<&'d RawValue>>,
    }
    let deployments = readings.deployments.as_deref().unwrap_or_default();
    let live = deployments.iter().find(|(deployment, _)| deployment.is_live == Some(true));
    let newest = deployments.iter().max_by_key(|(deployment, _)| deployment.id);
    let newest_backups = readings.backups.as_ref().map(|backups| {
        let databases = findings::by_database(backups.iter().map(|(backup, _)| backup));
        let newest: Vec<_> = databases.values().filter_map(|backups| backups.first()?.id).collect();
        let is_newest = |id: Option<u64>| id.is_some_and(|id| newest.contains(&id));
        backups.iter().filter(|(backup, _)| is_newest(backup.id)).map(|(_, document)| document.raw()).collect()
    });
    let servers = readings
        .servers
        .as_ref()
        .map(|servers| json!({ "total": servers.len(), "by_health": object(&screen::by_health(servers)) }));
    Document::from_serialize(&Detail {
        live_deployment: live.map(|(_, document)| document.raw()),
        newest_deployment: newest.map(|(_, document)| document.raw()),
        servers,
        certificates: readings
            .certificates
            .as_ref()
            .map(|all| all.iter().map(|(_, document)| document.raw()).collect()),
        newest_backups,
    })
}

fn object(counts: &[(String, usize)]) -> Value {
    Value::Object(counts.iter().map(|(word, count)| (word.clone(), (*count).into())).collect::<Map<_, _>>())
}

fn json_document(report: &Report) -> Result<Document> {
    let not_read = |unread: &Unread| json!({ "what": unread.part.plural(), "stacks": unread.stacks, "denied": unread.denied, "why": unread.why });
    Document::from_serialize(&ReportJson {
        ok: report.is_ok(),
        quick: report.quick,
        at: format_rfc3339(report.now),
        stacks: json!({
            "total": report.stacks.len(),
            "ok": report.well(),
            "by_health": object(&report.by_health()),
            "by_status": object(&report.by_status()),
            "maintenance": report.in_maintenance(),
        }),
        findings: &report.findings,
        deploying: &report.running,
        not_read: report.readings.unread.iter().map(not_read).collect(),
        limit: report.budget.map(|budget| json!({ "limit": budget.limit, "remaining": budget.remaining })),
        detail: report.detail.as_ref().map(Document::raw),
    })
}

/// The live deployment.
fn live(readings: &StackReadings) -> Option<&Deployment> {
    let deployments = readings.deployments.as_deref().unwrap_or_default();
    let is_live =
        |deployment: &&Deployment| deployment.is_live == Some(true) && deployment.state() != RunState::Running;
    findings::newest(deployments.iter().map(|(deployment, _)| deployment).filter(is_live))
}
