//! `c66 doctor`: checks everything that a command needs, and says what is wrong and what to do next.

mod local;
mod remote;

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use super::context::Context;
use crate::args::ListArgs;
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::envelope::Document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::cell::{Cell, Tone};
use crate::output::fields;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::{Column, Resource, key};

/// `c66 doctor`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 doctor\n  c66 doctor --filter status!=ok\n  c66 doctor -o json\n\nThe exit code is that of the worst failed check; warnings do not count."
)]
#[command(add = Verb::calls(&[&STACKS_LIST]).prints(Checks::NOUN))]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CheckStatus {
    Ok,
    /// Commands work, with restrictions.
    Warning,
    /// Commands fail with this code.
    Failed(Exit),
}

impl CheckStatus {
    fn word(self) -> &'static str {
        match self {
            CheckStatus::Ok => "ok",
            CheckStatus::Warning => "warning",
            CheckStatus::Failed(_) => "failed",
        }
    }
}

/// A check with its result.
#[derive(Debug)]
struct Check {
    name: &'static str,
    status: CheckStatus,
    detail: String,
    next: Option<String>,
}

impl Check {
    fn new(name: &'static str, status: CheckStatus, detail: impl Into<String>) -> Self {
        Self { name, status, detail: detail.into(), next: None }
    }

    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Ok, detail)
    }

    fn warning(name: &'static str, detail: impl Into<String>, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..Self::new(name, CheckStatus::Warning, detail) }
    }

    /// A check that failed with an error; its hints are the next step.
    fn failed(name: &'static str, error: &Error) -> Self {
        let why = error.cause_text().map(|why| format!(": {}", why.replace('\n', "; "))).unwrap_or_default();
        let hints: Vec<&str> = error.hints().iter().map(String::as_str).filter(|hint| *hint != "c66 doctor").collect();
        let next = (!hints.is_empty()).then(|| hints.join("; "));
        Self { next, ..Self::new(name, CheckStatus::Failed(error.kind().exit()), format!("{error}{why}")) }
    }

    fn cell(&self, context: &Context) -> Cell {
        let tone = match self.status {
            CheckStatus::Ok => Tone::Good,
            CheckStatus::Warning => Tone::Busy,
            CheckStatus::Failed(_) => Tone::Bad,
        };
        let (mark, word) = (context.printer.tone_mark(tone), self.status.word());
        Cell::State(format!("{mark}{word}: {}", context.printer.redact(&self.detail)), tone)
    }

    fn document(&self, context: &Context) -> Document {
        Document::from_value(&json!({
            "check": self.name,
            "status": self.status.word(),
            "detail": context.printer.redact(&self.detail),
            "next": self.next,
        }))
    }
}

/// The checks.
struct Checks;

#[derive(Deserialize)]
struct CheckRow {
    check: String,
    status: String,
    detail: String,
    next: Option<String>,
}

impl Resource for Checks {
    type View = CheckRow;
    const NOUN: &'static Noun = &Noun::new::<Self>("check", "checks");
    const COLUMNS: &'static [Column<CheckRow>] = &[
        key(Column::text("check", "name of the check", |line| line.check.as_str().into())),
        Column::text("status", "result of the check: ok, warning or failed", |line| {
            let tone = match line.status.as_str() {
                "ok" => Tone::Good,
                "warning" => Tone::Busy,
                _ => Tone::Bad,
            };
            Cell::State(line.status.clone(), tone)
        }),
        Column::text("detail", "result in detail", |line| line.detail.as_str().into()),
        Column::text("next", "next step", |line| line.next.clone().into()),
    ];

    fn id(view: &CheckRow) -> Option<String> {
        Some(view.check.clone())
    }
}

/// Prints the checks without cutting anything off.
fn print_whole(context: &Context, checks: &[Check]) -> Result<()> {
    let mut lines = Vec::new();
    for check in checks {
        lines.push((check.name.replace('_', " "), check.cell(context)));
        lines.extend(check.next.as_deref().map(|next| ("  next".to_owned(), Cell::from(next))));
    }
    let text = fields::render(&lines, &context.printer.table_style(true));
    context.printer.write(|out| out.write_all(text.as_bytes()))?;
    context.printer.flush()
}

/// Runs `c66 doctor`; returns the exit code of the worst check.
///
/// The checks are the result even if one of them failed: a script needs to know which.
pub(crate) async fn run(context: &Context, args: &DoctorArgs) -> Result<u8> {
    let Some(listing) = Listing::of::<Checks>(&context.printer, &args.list)? else { return Ok(0) };
    let mut checks = local::checks(context);
    checks.extend(remote::checks(context).await);
    if context.printer.is_for_people() && args.list == ListArgs::default() {
        print_whole(context, &checks)?;
    } else {
        listing.print_documents(checks.iter().map(|check| check.document(context)).collect()).await?;
    }
    let codes = checks.iter().map(|check| match check.status {
        CheckStatus::Failed(exit) => exit,
        CheckStatus::Ok | CheckStatus::Warning => Exit::Ok,
    });
    Ok(codes.max_by_key(|exit| exit.severity()).unwrap_or(Exit::Ok).code())
}
