//! One write on many stacks (`--stacks-from`): asked about once, some at a time, a result for each, and the exit code of
//! the worst.
//!
//! All of them share one connection, and so one request budget.

mod result;
mod stacks;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};

use self::result::{Ended, Results, What, verdict};
use super::context::Context;
use crate::args::{BulkArgs, ListArgs, StackArgs, WriteArgs};
use crate::cloud66::envelope::Document;
use crate::cloud66::stacks::Stack;
use crate::commands::context::stack_match::Target;
use crate::config::Key;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::output::{Console, Format};
use crate::resource::change::preview_list;
use crate::resource::list::Listing;
use crate::signals::{Interrupts, Signal, settled};

/// How long those that are under way may take to end in order after a signal.
const AFTER_SIGNAL: Duration = Duration::from_secs(2);

/// A change of a stack: the name of what is changed, where there are several, and the request that does it.
pub(super) type Change = (String, Request);

/// A write that can be made on many stacks.
pub(super) trait Deed {
    /// What is done, such as `Redeploy`: an imperative that a stack can follow.
    fn phrase(&self) -> String;

    /// Whether it is always asked about.
    fn destroys(&self) -> bool {
        false
    }

    /// The requests that do it on one stack; none where there is nothing to change.
    ///
    /// # Errors
    /// It cannot be done there. Nothing has been sent yet.
    async fn changes(&self, context: &Context, target: &Target) -> Result<Vec<Change>>;

    /// Sends them, and waits for their end where that is wanted.
    async fn carry_out(&self, context: &Context, target: &Target, changes: Vec<Change>) -> Result<Done>;
}

/// What came of a write on one stack.
pub(super) struct Done {
    /// What the command prints for one stack.
    pub(super) document: Option<Document>,
    /// How it ended.
    pub(super) verdict: Result<()>,
    /// The same in a few words.
    pub(super) said: String,
}

impl Done {
    /// There was nothing to do.
    pub(super) fn nothing(said: impl Into<String>) -> Self {
        Self { document: None, verdict: Ok(()), said: said.into() }
    }
}

/// Makes a write on each of the stacks that `bulk` names.
pub(super) async fn run(
    context: &Context,
    deed: &impl Deed,
    stack: &StackArgs,
    bulk: &BulkArgs,
    write: &WriteArgs,
) -> Result<()> {
    let Some(from) = &bulk.stacks_from else { return Err(Error::internal("--stacks-from is missing")) };
    if stack.stack.is_some() {
        return Err(Error::usage("--stacks-from names the stacks, and another one is named beside it"));
    }
    let Some(listing) = Listing::of::<Results>(&context.console, &context.plan, &ListArgs::default())? else {
        return Ok(());
    };
    let setting = context.settings.get(Key::Environment).filter(|setting| setting.origin.is_near());
    let environment = stack.environment.as_deref().or_else(|| setting.map(|setting| setting.text));
    let targets = stacks::listed(context, from, environment).await?;
    if targets.is_empty() {
        context.console.note("no stacks are named: nothing is done");
        return listing.print_documents(Vec::new()).await;
    }
    let transport = context.cloud66().await?.transport();
    let limit = transport.options().concurrency;
    let prepared = prepare(context, deed, &targets, bulk.continue_on_error, limit).await?;
    if write.dry_run {
        let requests = prepared.into_iter().filter_map(|(_, changes)| changes.ok()).flatten();
        let requests: Vec<Request> = requests.map(|(_, request)| request).collect();
        return preview_list(transport, &context.plan, &requests).await;
    }
    ask(context, deed, &targets, write)?;
    let several = Several { console: &context.console, interrupts: &context.interrupts, limit };
    let phrase = deed.phrase();
    let carry_out = async |target: &Target, changes: Vec<Change>| {
        if changes.is_empty() {
            return Ok(Done::nothing("nothing to change"));
        }
        deed.carry_out(context, target, changes).await
    };
    let streams = context.plan.format == Format::Jsonl;
    let mut told = |ended: &Ended<'_>| -> Result<()> {
        if let Some(error) =
            ended.what.error().filter(|_| !context.console.format().is_json() && context.interrupts.came().is_none())
        {
            context.console.warn(&format!("{}: {}", ended.target.label(), error.message()));
        }
        if streams {
            context.plan.document(&context.console, &ended.document()?)?;
            context.console.flush()?;
        }
        Ok(())
    };
    let (ended, signal) = several.run(context, prepared, bulk.continue_on_error, &phrase, carry_out, &mut told).await?;
    if !streams {
        listing.print_documents(ended.iter().map(Ended::document).collect::<Result<_>>()?).await?;
    }
    verdict(&phrase, &ended, signal.map(Signal::kind))
}

/// A stack with the changes to be made there, or why they cannot be.
type Prepared<'t> = (&'t Target, Result<Vec<Change>>);

/// Finds out what is to be sent to each. What cannot be done on one ends the run before anything is sent to any, unless
/// the others are to go on.
async fn prepare<'t>(
    context: &Context,
    deed: &impl Deed,
    targets: &'t [Target],
    continue_on_error: bool,
    limit: usize,
) -> Result<Vec<Prepared<'t>>> {
    let changes = stream::iter(targets).map(|target| async move { (target, deed.changes(context, target).await) });
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

/// One question for all of them, where one of them is in production or something is destroyed.
fn ask(context: &Context, deed: &impl Deed, targets: &[Target], write: &WriteArgs) -> Result<()> {
    let labels: Vec<String> = targets.iter().map(Target::label).collect();
    let stacks = if targets.len() == 1 { "stack" } else { "stacks" };
    let question = format!("{} {} {stacks}", deed.phrase(), targets.len());
    context.console.progress(&format!("{question}: {}", labels.join(", ")));
    let in_production = targets.iter().filter(|target| target.stack.as_ref().is_some_and(Stack::is_production)).count();
    if write.yes || (in_production == 0 && !deed.destroys()) {
        return Ok(());
    }
    let place = if in_production > 0 { format!(", {in_production} of them in production") } else { String::new() };
    context.asker()?.confirm(&format!("{question}{place}?"))
}

/// How several are under way at once.
struct Several<'s> {
    console: &'s Console,
    interrupts: &'s Interrupts,
    limit: usize,
}

impl Several<'_> {
    /// Carries out what was prepared, `limit` at a time; after a failure or a signal no other is begun. `told` hears of
    /// each as it ends.
    async fn run<'t>(
        &self,
        context: &Context,
        prepared: Vec<Prepared<'t>>,
        continue_on_error: bool,
        phrase: &str,
        carry_out: impl AsyncFn(&Target, Vec<Change>) -> Result<Done>,
        told: &mut impl FnMut(&Ended<'t>) -> Result<()>,
    ) -> Result<(Vec<Ended<'t>>, Option<Signal>)> {
        let claim = self.interrupts.claim()?;
        let total = prepared.len();
        let grouped = self.console.begin_group(&format!("{phrase} {total} stacks"));
        let drawing = self.console.spinner(phrase);
        let mut ended: Vec<Ended<'t>> =
            prepared.iter().map(|(target, _)| Ended { target, what: What::NotStarted }).collect();
        let mut begun = vec![false; total];
        let mut queue = prepared.into_iter().enumerate();
        let mut under_way = FuturesUnordered::new();
        let (mut stopped, mut count, mut signal) = (false, 0, None);
        let deadline = tokio::time::sleep(Duration::MAX);
        tokio::pin!(deadline);
        loop {
            while !stopped && under_way.len() < self.limit {
                let Some((index, (target, changes))) = queue.next() else { break };
                begun[index] = true;
                let carry_out = &carry_out;
                under_way.push(async move {
                    let outcome = match changes {
                        Ok(changes) => carry_out(target, changes).await,
                        Err(error) => Err(error),
                    };
                    (index, outcome.map_err(|error| context.explain(error)))
                });
            }
            if under_way.is_empty() {
                break;
            }
            if let Some(drawing) = &drawing {
                drawing.message(&format!("{phrase}: {count} of {total} done, {} under way", under_way.len()));
            }
            tokio::select! {
                biased;
                came = claim.signal(), if signal.is_none() => {
                    settled().await;
                    (stopped, signal) = (true, Some(came));
                    deadline.as_mut().reset(tokio::time::Instant::now() + AFTER_SIGNAL);
                }
                Some((index, outcome)) = under_way.next() => {
                    count += 1;
                    ended[index].what = What::of(outcome);
                    stopped |= ended[index].what.error().is_some() && !continue_on_error;
                    told(&ended[index])?;
                }
                () = &mut deadline, if signal.is_some() => break,
            }
        }
        drop(under_way);
        drop(drawing);
        for (one, begun) in ended.iter_mut().zip(begun) {
            let open = matches!(one.what, What::NotStarted);
            if let Some(signal) = signal.filter(|_| open && begun) {
                one.what = What::Badly(None, abandoned(context, one.target, signal));
            }
            if open {
                told(one)?;
            }
        }
        if grouped {
            self.console.end_group();
        }
        Ok((ended, signal))
    }
}

/// The error for a stack whose end was not waited for: nobody knows how far it came.
fn abandoned(context: &Context, target: &Target, signal: Signal) -> Error {
    signal
        .error("interrupted before it was known what became of it")
        .hint(format!("check with: c66{} actions list {}", context.same_place, target.flag()))
        .may_be_done()
}
