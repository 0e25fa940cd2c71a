//! One write on several stacks (`--stacks-from`): one confirmation, some stacks in parallel, a result per stack, and
//! the exit code of the worst.
//!
//! All stacks share one connection and its request limit.

mod result;
mod stacks;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};

use self::result::{StackOutcome, StackResult, StackResults, said, verdict};
use super::context::Context;
use crate::args::{BulkArgs, ListArgs, StackArgs, WriteArgs};
use crate::cloud66::envelope::Document;
use crate::cloud66::stacks::Stack;
use crate::commands::context::stack_match::StackRef;
use crate::config::SettingKey;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::output::{Format, Printer};
use crate::resource::list::Listing;
use crate::resource::verb::Asks;
use crate::resource::write::preview_list;
use crate::signals::{Signal, Signals, let_terminal_settle};

/// How long running writes may take to end in an orderly way after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(2);

/// A change of a stack: the name of the changed item, if there are several, and the request.
pub(super) type NamedRequest = (String, Request);

/// A write for several stacks.
pub(super) trait BulkWrite {
    /// The action, such as `Redeploy`: an imperative that precedes a stack.
    fn phrase(&self) -> String;

    /// The requests for one stack; empty if there is nothing to change.
    ///
    /// # Errors
    /// If it cannot be done there. Nothing has been sent yet.
    async fn changes(&self, context: &Context, target: &StackRef) -> Result<Vec<NamedRequest>>;

    /// Sends them, and waits for their outcome unless told otherwise.
    async fn carry_out(&self, context: &Context, target: &StackRef, changes: Vec<NamedRequest>) -> Result<WriteResult>;
}

/// The result of a write on one stack.
pub(super) struct WriteResult {
    /// What the command prints for one stack.
    pub(super) document: Option<Document>,
    /// Its outcome.
    pub(super) verdict: Result<()>,
    /// The outcome in a few words.
    pub(super) summary: String,
}

impl WriteResult {
    /// There was nothing to do.
    pub(super) fn nothing(summary: impl Into<String>) -> Self {
        Self { document: None, verdict: Ok(()), summary: summary.into() }
    }
}

/// Runs a write on each stack that `bulk` lists.
pub(super) async fn run(
    context: &Context,
    bulk_write: &impl BulkWrite,
    stack: &StackArgs,
    bulk: &BulkArgs,
    write: &WriteArgs,
) -> Result<()> {
    let Some(from) = &bulk.stacks_from else { return Err(Error::internal("--stacks-from is missing")) };
    if stack.stack.is_some() {
        return Err(Error::usage("--stacks-from cannot be combined with a stack argument"));
    }
    if !write.dry_run {
        context.refuse_if_read_only("a write")?;
    }
    let Some(listing) = Listing::of::<StackResults>(&context.printer, &ListArgs::default())? else {
        return Ok(());
    };
    let setting = context.settings.get(SettingKey::Environment).filter(|setting| setting.origin.is_explicit());
    let environment = stack.environment.as_deref().or_else(|| setting.map(|setting| setting.text));
    let targets = stacks::read_stacks(context, from, environment).await?;
    if targets.is_empty() {
        context.printer.note("no stacks given; nothing to do");
        return listing.print_documents(Vec::new()).await;
    }
    let transport = context.cloud66().await?.transport();
    let limit = transport.options().concurrency;
    let prepared = prepare(context, bulk_write, &targets, bulk.continue_on_error, limit).await?;
    if write.dry_run {
        let requests = prepared.into_iter().filter_map(|(_, changes)| changes.ok()).flatten();
        let requests: Vec<Request> = requests.map(|(_, request)| request).collect();
        return preview_list(transport, &requests).await;
    }
    ask(context, bulk_write, &targets, write)?;
    let runner = BulkRunner { printer: &context.printer, signals: &context.signals, limit };
    let phrase = bulk_write.phrase();
    let carry_out = async |target: &StackRef, changes: Vec<NamedRequest>| {
        if changes.is_empty() {
            return Ok(WriteResult::nothing("nothing to change"));
        }
        bulk_write.carry_out(context, target, changes).await
    };
    let streams = context.printer.format() == Format::Jsonl;
    let mut report = |ended: &StackResult<'_>| -> Result<()> {
        if let Some(error) = ended
            .outcome
            .error()
            .filter(|_| !context.printer.format().is_json() && context.signals.received().is_none())
        {
            context.printer.warn(&format!("{}: {}", ended.target.label(), said(error)));
        }
        if streams {
            context.printer.document(&ended.document(&context.printer)?)?;
            context.printer.flush()?;
        }
        Ok(())
    };
    let (ended, signal) =
        runner.run(context, prepared, bulk.continue_on_error, &phrase, carry_out, &mut report).await?;
    if !streams {
        let documents = ended.iter().map(|ended| ended.document(&context.printer)).collect::<Result<_>>()?;
        listing.print_documents(documents).await?;
    }
    verdict(&phrase, &ended, signal.map(Signal::kind))
}

/// A stack with its changes, or why they are impossible.
type Prepared<'t> = (&'t StackRef, Result<Vec<NamedRequest>>);

/// Prepares the requests for each stack. An error ends the run before anything is sent to any, unless the user wants to
/// continue.
async fn prepare<'t>(
    context: &Context,
    bulk_write: &impl BulkWrite,
    targets: &'t [StackRef],
    continue_on_error: bool,
    limit: usize,
) -> Result<Vec<Prepared<'t>>> {
    let changes =
        stream::iter(targets).map(|target| async move { (target, bulk_write.changes(context, target).await) });
    let prepared: Vec<Prepared<'t>> = changes.buffered(limit).collect().await;
    if continue_on_error {
        return Ok(prepared);
    }
    let of_stack = |(target, changes): Prepared<'t>| {
        let label = target.label();
        let changes = changes.map_err(|error| {
            let whole = Error::new(error.kind(), format!("{label}: {}", error.message()));
            error.hints().iter().cloned().fold(whole, Error::hint).cause("nothing was sent to any stack")
        });
        Ok((target, Ok(changes?)))
    };
    prepared.into_iter().map(of_stack).collect()
}

/// Asks once for all stacks, if one of them is in production or the command always asks.
fn ask(context: &Context, bulk_write: &impl BulkWrite, targets: &[StackRef], write: &WriteArgs) -> Result<()> {
    let labels: Vec<String> = targets.iter().map(StackRef::label).collect();
    let stacks = if targets.len() == 1 { "stack" } else { "stacks" };
    let question = format!("{} {} {stacks}", bulk_write.phrase(), targets.len());
    context.printer.progress(&format!("{question}: {}", labels.join(", ")));
    let in_production = targets.iter().filter(|target| target.stack.as_ref().is_some_and(Stack::is_production)).count();
    if write.yes || !context.must_ask(Asks::Never, in_production > 0) {
        return Ok(());
    }
    let place = if in_production > 0 { format!(" ({in_production} in production)") } else { String::new() };
    context.prompter()?.confirm(&format!("{question}{place}?"))
}

/// Runs several writes in parallel.
struct BulkRunner<'s> {
    printer: &'s Printer,
    signals: &'s Signals,
    limit: usize,
}

impl BulkRunner<'_> {
    /// Runs the prepared writes, `limit` at a time; after a failure or a signal no other is started. `report` gets each
    /// result as it arrives.
    async fn run<'t>(
        &self,
        context: &Context,
        prepared: Vec<Prepared<'t>>,
        continue_on_error: bool,
        phrase: &str,
        carry_out: impl AsyncFn(&StackRef, Vec<NamedRequest>) -> Result<WriteResult>,
        report: &mut impl FnMut(&StackResult<'t>) -> Result<()>,
    ) -> Result<(Vec<StackResult<'t>>, Option<Signal>)> {
        let guard = self.signals.guard()?;
        let total = prepared.len();
        let grouped = self.printer.begin_group(&format!("{phrase} {total} stacks"));
        let drawing = self.printer.spinner(phrase);
        let mut ended: Vec<StackResult<'t>> =
            prepared.iter().map(|(target, _)| StackResult { target, outcome: StackOutcome::NotStarted }).collect();
        let mut begun = vec![false; total];
        let mut queue = prepared.into_iter().enumerate();
        let mut in_flight = FuturesUnordered::new();
        let (mut stopped, mut count, mut signal) = (false, 0, None);
        let deadline = tokio::time::sleep(Duration::MAX);
        tokio::pin!(deadline);
        loop {
            while !stopped && in_flight.len() < self.limit {
                let Some((index, (target, changes))) = queue.next() else { break };
                begun[index] = true;
                let carry_out = &carry_out;
                in_flight.push(async move {
                    let outcome = match changes {
                        Ok(changes) => carry_out(target, changes).await,
                        Err(error) => Err(error),
                    };
                    let by_name = |hint: &str| hint.replace(&format!("-s {}", target.uid), &target.flag());
                    (index, outcome.map_err(|error| context.with_origin_hint(error).map_hints(by_name)))
                });
            }
            if in_flight.is_empty() {
                break;
            }
            if let Some(drawing) = &drawing {
                drawing.message(&format!("{phrase}: {count} of {total} done, {} running", in_flight.len()));
            }
            tokio::select! {
                biased;
                came = guard.signal(), if signal.is_none() => {
                    let_terminal_settle().await;
                    (stopped, signal) = (true, Some(came));
                    deadline.as_mut().reset(tokio::time::Instant::now() + AFTER_SIGNAL);
                }
                Some((index, outcome)) = in_flight.next() => {
                    count += 1;
                    ended[index].outcome = StackOutcome::of(outcome);
                    stopped |= ended[index].outcome.error().is_some() && !continue_on_error;
                    report(&ended[index])?;
                }
                () = &mut deadline, if signal.is_some() => break,
            }
        }
        drop(in_flight);
        drop(drawing);
        for (one, begun) in ended.iter_mut().zip(begun) {
            let open = matches!(one.outcome, StackOutcome::NotStarted);
            if let Some(signal) = signal.filter(|_| open && begun) {
                one.outcome = StackOutcome::Failed(None, abandoned(context, one.target, signal));
            }
            if open {
                report(one)?;
            }
        }
        if grouped {
            self.printer.end_group();
        }
        Ok((ended, signal))
    }
}

/// The error for an interrupted stack whose outcome is unknown.
fn abandoned(context: &Context, target: &StackRef, signal: Signal) -> Error {
    signal
        .error("interrupted; outcome unknown")
        .hint(format!("check with: c66{} actions list {}", context.global_flags, target.flag()))
        .maybe_done()
}
