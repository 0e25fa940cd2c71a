//! The report for people, and as rows.

use jiff::Timestamp;
use serde::Serialize;

use super::findings::{Finding, Running, Severity, by_database, date};
use super::readings::StackReadings;
use super::{Report, live};
use crate::args::ListArgs;
use crate::cloud66::backups::{BACKUP_OK, backup_status_name};
use crate::cloud66::envelope::Document;
use crate::cloud66::fields::ApiTime;
use crate::cloud66::servers::Server;
use crate::cloud66::stacks::{Stack, health_name};
use crate::commands::cells::health_cell;
use crate::commands::context::Context;
use crate::commands::stacks::status_cell;
use crate::error::Result;
use crate::output::cell::{Cell, CellStyle, Tone};
use crate::output::{Format, fields};
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::{Column, Resource, key, minor, wide};
use crate::text::format::plural;
use crate::text::parse::parse_time;
use crate::text::sanitize::sanitize;

/// Findings, as rows.
struct Findings;

impl Resource for Findings {
    type View = Finding;
    const NOUN: &'static Noun = &Noun::new::<Self>("finding", "findings");
    const COLUMNS: &'static [Column<Finding>] = &[
        key(Column::text("stack", "stack, as name@environment", |finding| finding.stack.label().into())),
        minor(Column::text("severity", "error or warning", |finding| {
            let tone = if finding.severity == Severity::Error { Tone::Bad } else { Tone::Busy };
            Cell::State(finding.severity.as_str().to_owned(), tone)
        })),
        Column::text("what", "health, deployment, certificate or backup", |finding| finding.what.as_str().into()),
        Column::text("detail", "what is not well", |finding| finding.detail.as_str().into()),
        Column::time("at", "when it happened, or will", |finding| finding.time().into()),
        wide(Column::text("id", "id of the deployment, certificate or backup", |finding| finding.id.clone().into())),
        wide(Column::text("uid", "UID of the stack", |finding| finding.stack.uid.clone().into())),
    ];

    fn id(finding: &Finding) -> Option<String> {
        finding.stack.uid.clone()
    }
}

/// Deployments that are running or queued, as rows.
struct RunningDeployments;

impl Resource for RunningDeployments {
    type View = Running;
    const NOUN: &'static Noun = &Noun::new::<Self>("deployment", "deployments");
    const COLUMNS: &'static [Column<Running>] = &[
        key(Column::text("deploying", "stack, as name@environment", |running| running.stack.label().into())),
        Column::number("id", "id of the deployment", |running| running.id.into()),
        Column::text("state", "queued or deploying", |running| Cell::State(running.state.clone(), Tone::Busy)),
        Column::text("by", "who started it", |running| running.by.clone().into()),
        Column::text("commit", "git commit", |running| running.commit.clone().into()),
        Column::time("since", "start time", |running| running.since.as_deref().and_then(parse_time).into()),
    ];

    fn id(running: &Running) -> Option<String> {
        running.id.map(|id| id.to_string())
    }
}

/// Prints the report: for people a screen, else the findings as rows.
pub(super) async fn print(context: &Context, report: &Report) -> Result<()> {
    let printer = &context.printer;
    if !printer.is_for_people() {
        let mut findings: Vec<&Finding> = report.findings.iter().collect();
        if printer.format() == Format::Name {
            // A stack has one name, however many things are not well with it.
            findings.dedup_by(|a, b| a.stack.uid == b.stack.uid);
        }
        return rows::<Findings>(context, &findings, ListArgs::default()).await;
    }
    printer.write_lines(&format!("{}\n", sanitize(&headline(report))))?;
    if !report.findings.is_empty() {
        printer.write_lines("\n")?;
        // On the screen of one stack its name is in the headline.
        let columns = if report.detail.is_some() && printer.format() == Format::Table {
            &["severity", "what", "detail", "at"][..]
        } else {
            &[]
        };
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        rows::<Findings>(context, &report.findings, ListArgs { columns, ..ListArgs::default() }).await?;
    }
    if !report.running.is_empty() {
        printer.write_lines("\n")?;
        rows::<RunningDeployments>(context, &report.running, ListArgs::default()).await?;
    }
    printer.write_lines("\n")?;
    let mut lines = match (report.detail.is_some(), report.stacks.first(), report.readings.stacks.first()) {
        (true, Some(stack), Some(readings)) => about_one(stack, readings, report.now, &printer.table_style(true).style),
        _ => about_all(report),
    };
    for unread in &report.readings.unread {
        let of = if report.stacks.len() > 1 {
            format!(" of {}", plural(unread.stacks as u64, "stack", "stacks"))
        } else {
            String::new()
        };
        let tone = if unread.denied { Tone::Dim } else { Tone::Busy };
        lines.push(("Not read".to_owned(), Cell::State(format!("{}{of}: {}", unread.part.plural(), unread.why), tone)));
    }
    if let Some(budget) = report.budget {
        let tone = if budget.is_low() { Tone::Bad } else { Tone::Plain };
        let text = format!("{} of {} left in this hour", budget.remaining, budget.limit);
        lines.push(("Requests".to_owned(), Cell::State(text, tone)));
    }
    printer.write_lines(&fields::render(&lines, &printer.table_style(true)))?;
    printer.flush()
}

async fn rows<R: Resource>(context: &Context, items: &[impl Serialize], list: ListArgs) -> Result<()> {
    let Some(listing) = Listing::of::<R>(&context.printer, &list)? else { return Ok(()) };
    let documents = items.iter().map(Document::from_serialize).collect::<Result<_>>()?;
    listing.print_documents(documents).await
}

fn headline(report: &Report) -> String {
    let total = report.stacks.len();
    let all = plural(total as u64, "stack", "stacks");
    if let (true, Some(stack)) = (report.detail.is_some(), report.stacks.first()) {
        let found = report.findings.len() as u64;
        return match found {
            0 if !report.is_ok() => {
                format!("No problem found in {}, but not everything could be read", stack.label())
            }
            0 => format!("{} is well", stack.label()),
            _ => format!("{} has {}", stack.label(), plural(found, "problem", "problems")),
        };
    }
    match (total, total - report.well()) {
        (0, _) => "No stacks".to_owned(),
        (_, 0) if !report.is_ok() => format!("No problem found in {all}, but not everything could be read"),
        (1, 0) => "The only stack is well".to_owned(),
        (_, 0) => format!("All {all} are well"),
        (_, 1) => format!("1 of {all} is not well"),
        (_, unwell) => format!("{unwell} of {all} are not well"),
    }
}

/// The counts of all stacks.
fn about_all(report: &Report) -> Vec<(String, Cell)> {
    let mut lines = vec![
        ("Health".to_owned(), Cell::Text(in_words(&report.by_health()))),
        ("Status".to_owned(), Cell::Text(in_words(&short(report.by_status())))),
    ];
    let maintenance = report.in_maintenance();
    if maintenance > 0 {
        lines.push(("Maintenance".to_owned(), plural(maintenance as u64, "stack", "stacks").into()));
    }
    lines
}

/// The counts with shorter words: a line holds them all.
fn short(counts: Vec<(String, usize)>) -> Vec<(String, usize)> {
    let shorter = |word: String| match word.as_str() {
        "Deployment failed" => "Failed".to_owned(),
        "Queued for deployment" => "Queued".to_owned(),
        "Deployed successfully" => "Deployed".to_owned(),
        _ => word,
    };
    counts.into_iter().map(|(word, count)| (shorter(word), count)).collect()
}

fn in_words(counts: &[(String, usize)]) -> String {
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// One stack in detail.
fn about_one(stack: &Stack, readings: &StackReadings, now: Timestamp, style: &CellStyle) -> Vec<(String, Cell)> {
    let when = |time: Option<Timestamp>| match time {
        Some(time) => Cell::Time(time).text(style).into_owned(),
        None => "at an unknown time".to_owned(),
    };
    let mut lines = vec![
        ("Status".to_owned(), status_cell(stack.status)),
        ("Health".to_owned(), health_cell(stack.health)),
        ("Cloud".to_owned(), stack.cloud.clone().into()),
        ("Site".to_owned(), stack.fqdn.clone().into()),
    ];
    if stack.maintenance_mode == Some(true) {
        lines.push(("Maintenance".to_owned(), Cell::State("on".to_owned(), Tone::Busy)));
    }
    if let Some(live) = live(readings) {
        let commit = live.short_commit().map(|commit| format!(" at {commit}")).unwrap_or_default();
        let by = live.triggered_by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
        let text = format!("deployment {}{commit}{by}, {}", live.id.unwrap_or_default(), when(live.finished_at()));
        lines.push(("Live".to_owned(), text.into()));
    }
    if let Some(servers) = &readings.servers {
        lines.push(("Servers".to_owned(), or_none(in_words(&by_health(servers)))));
    }
    for (certificate, _) in readings.certificates.iter().flatten() {
        let end = certificate.expires_at.as_ref().and_then(ApiTime::known);
        let end = end.map(|end| {
            let verb = if end < now { "expired" } else { "expires" };
            format!(", {verb} {}", Cell::Time(end).text(style))
        });
        let end = end.unwrap_or_default();
        lines.push(("Certificate".to_owned(), format!("{}{end}", certificate.server_names.join(", ")).into()));
    }
    for (database, backups) in by_database(readings.backups.iter().flatten().map(|(backup, _)| backup)) {
        if let Some(newest) = backups.first() {
            let code = newest.backup_status;
            let word = code.and_then(backup_status_name).unwrap_or("Unknown");
            let tone = if code == Some(BACKUP_OK) { Tone::Good } else { Tone::Bad };
            lines.push(("Backup".to_owned(), Cell::State(format!("{database}: {word}, {}", when(date(newest))), tone)));
        }
    }
    lines
}

fn or_none(text: String) -> Cell {
    if text.is_empty() { Cell::Text("none".to_owned()) } else { Cell::Text(text) }
}

/// How many servers have each health, the worst first.
pub(super) fn by_health(servers: &[Server]) -> Vec<(String, usize)> {
    super::count(&[4, 2, 1, 0, 3], servers.iter().map(|server| server.health_state), health_name)
}
