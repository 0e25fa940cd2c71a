//! The result of each stack of a bulk run, and of the run as a whole.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::WriteResult;
use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Kind, Result};
use crate::exit::Exit;
use crate::output::Printer;
use crate::output::cell::{Cell, Tone};
use crate::output::error_report;
use crate::resource::noun::Noun;
use crate::resource::{Column, Resource, key, wide};

/// Maximum number of stacks that an error lists.
const MAX_NAMED: usize = 20;
/// The outcome of a stack that was not reached.
const NOT_STARTED: &str = "not_started";

/// A stack and its outcome.
pub(super) struct StackResult<'t> {
    pub(super) target: &'t StackRef,
    pub(super) outcome: StackOutcome,
}

/// The outcome of a stack.
pub(super) enum StackOutcome {
    /// Succeeded.
    Succeeded(WriteResult),
    /// Failed, with the result if there is one.
    Failed(Option<Document>, Error),
    /// Not started.
    NotStarted,
}

impl StackOutcome {
    /// Converts the result of the write.
    pub(super) fn of(outcome: Result<WriteResult>) -> Self {
        match outcome {
            Ok(WriteResult { document, verdict: Err(error), .. }) => Self::Failed(document, error),
            Ok(done) => Self::Succeeded(done),
            Err(error) => Self::Failed(None, error),
        }
    }

    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(_, error) => Some(error),
            Self::Succeeded(_) | Self::NotStarted => None,
        }
    }
}

/// The same as one line of JSON.
#[derive(Serialize)]
struct StackResultJson<'l> {
    stack: &'l str,
    name: Option<&'l str>,
    environment: Option<&'l str>,
    outcome: &'l str,
    exit_code: Option<u8>,
    message: &'l str,
    result: Option<&'l RawValue>,
    error: Option<Value>,
}

impl StackResult<'_> {
    /// The result of this stack. Our own text is redacted; the API's stays unchanged.
    pub(super) fn document(&self, printer: &Printer) -> Result<Document> {
        let stack = self.target.stack.as_ref();
        let said = self.outcome.error().map(|error| printer.redact(&said(error)).into_owned()).unwrap_or_default();
        let line = StackResultJson {
            stack: &self.target.uid,
            name: stack.and_then(|stack| stack.name.as_deref()),
            environment: stack.and_then(|stack| stack.environment.as_deref()),
            outcome: "ok",
            exit_code: Some(Exit::Ok.code()),
            message: "",
            result: None,
            error: None,
        };
        Document::from_serialize(&match &self.outcome {
            StackOutcome::Succeeded(done) => {
                StackResultJson { message: &done.summary, result: done.document.as_ref().map(Document::raw), ..line }
            }
            StackOutcome::Failed(document, error) => StackResultJson {
                outcome: error.kind().code(),
                exit_code: Some(error.kind().exit().code()),
                message: &said,
                result: document.as_ref().map(Document::raw),
                error: Some(error_report::value(error, |text| printer.redact(text).into_owned())),
                ..line
            },
            StackOutcome::NotStarted => {
                StackResultJson { outcome: NOT_STARTED, exit_code: None, message: "nothing was sent", ..line }
            }
        })
    }
}

/// The message of an error of one stack, which says if the write may have been done: here its hints are elsewhere.
pub(super) fn said(error: &Error) -> Cow<'_, str> {
    let message = error.message();
    let is_said = ["may have been done", "was accepted", "still running", "outcome unknown"];
    if !error.may_have_been_done() || is_said.iter().any(|words| message.contains(words)) {
        return message.into();
    }
    format!("{message}; it may have been done").into()
}

/// The results for people.
pub(super) struct StackResults;

/// The displayed fields.
#[derive(Deserialize)]
pub(super) struct StackResultRow {
    stack: String,
    name: Option<String>,
    environment: Option<String>,
    outcome: String,
    message: String,
}

impl Resource for StackResults {
    type View = StackResultRow;
    const NOUN: &'static Noun = &Noun::new::<Self>("result", "results");
    const COLUMNS: &'static [Column<StackResultRow>] = &[
        key(Column::text("name", "name for other commands", |shown| shown.name.clone().into())),
        Column::text("environment", "environment, such as production", |shown| shown.environment.clone().into()),
        Column::text("outcome", "outcome, or current state", |shown| {
            let tone = match shown.outcome.as_str() {
                "ok" => Tone::Good,
                "still_running" | NOT_STARTED => Tone::Busy,
                _ => Tone::Bad,
            };
            Cell::State(shown.outcome.replace('_', " "), tone)
        }),
        Column::text("message", "message about the outcome", |shown| Cell::Text(shown.message.clone())),
        wide(Column::text("stack", "UID of the stack", |shown| Cell::Text(shown.stack.clone()))),
    ];

    fn id(view: &StackResultRow) -> Option<String> {
        Some(view.stack.clone())
    }
}

/// The outcome of the whole run, with the exit code of the worst stack.
pub(super) fn verdict(phrase: &str, ended: &[StackResult<'_>], interrupted: Option<Kind>) -> Result<()> {
    let errors = || ended.iter().filter_map(|one| Some((one.target, one.outcome.error()?)));
    let not_started: Vec<String> = ended
        .iter()
        .filter(|one| matches!(one.outcome, StackOutcome::NotStarted))
        .map(|one| one.target.label())
        .collect();
    let kinds = errors().map(|(_, error)| error.kind());
    let worst = kinds.chain(interrupted.filter(|_| !not_started.is_empty())).max_by_key(|kind| kind.exit().severity());
    let Some(worst) = worst else { return Ok(()) };
    let bad = errors().count();
    let message = format!("{phrase}: {bad} of {} stacks failed", ended.len());
    let mut error = Error::new(worst, if bad == 0 { format!("{phrase}: interrupted") } else { message });
    let mut lines: Vec<String> =
        errors().take(MAX_NAMED).map(|(target, error)| format!("{}: {}", target.label(), said(error))).collect();
    if bad > MAX_NAMED {
        lines.push(format!("and {} more", bad - MAX_NAMED));
    }
    if !lines.is_empty() {
        error = error.cause(lines.join("\n"));
    }
    // The same command would do it twice on that stack.
    if errors().any(|(_, error)| error.may_have_been_done()) {
        error = error.maybe_done();
    }
    let goes_on = errors().filter(|(_, error)| {
        matches!(error.kind(), Kind::StillRunning | Kind::HungUp | Kind::Interrupted | Kind::Terminated)
            || error.may_have_been_done()
    });
    let mut hints: Vec<&String> = Vec::new();
    for hint in goes_on.flat_map(|(_, error)| error.hints()) {
        if !hints.contains(&hint) && hints.len() < MAX_NAMED {
            hints.push(hint);
        }
    }
    error = hints.into_iter().fold(error, Error::hint);
    if !not_started.is_empty() {
        let named = not_started.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = not_started.len().saturating_sub(MAX_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        error = error.hint(format!("not started: {named}{more}"));
        if interrupted.is_none() {
            error = error.hint("pass --continue-on-error to continue after a failure");
        }
    }
    Err(error)
}
