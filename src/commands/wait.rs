//! `c66 wait`: polls an item until it meets a condition.

use std::pin::Pin;

use clap::Args;

use super::context::{ACTION_TIMEOUT, Context};
use super::deployments::{self, Deployments};
use super::newest::Thoroughness;
use super::servers::{self, Servers};
use super::services::{self, Services};
use super::stacks::Stacks;
use crate::args::candidates::Candidates;
use crate::args::{PollArgs, ShowArgs, StackArgs};
use crate::cloud66::actions::RunState;
use crate::cloud66::endpoints::STACKS_SHOW;
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::commands::context::stack_match::StackRef;
use crate::error::{Error, Kind, Result};
use crate::http::Request;
use crate::output::cell::CellStyle;
use crate::output::jq::{JqProgram, RunError};
use crate::resource::Resource;
use crate::resource::columns::{Item, check_columns};
use crate::resource::filter::{Filter, OPERATORS};
use crate::resource::find::suggestions;
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show_described};
use crate::resource::verb::Verb;
use crate::text::format::format_duration;
use crate::text::quote::shell_quote;
use crate::wait::{Operation, Poll, WaitError, with_attach_hint};

/// What can be waited for, with synonyms.
pub(crate) const KINDS: [(&str, &[&str]); 4] =
    [("stack", &["stacks"]), ("server", &["servers"]), ("service", &["services"]), ("deployment", &["deployments"])];

/// `c66 wait`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 wait stack/awesome-app@staging --for status=deployed --for health=healthy\n  c66 wait server/caribou --for health=healthy -s awesome-app@production --timeout 10m\n  c66 wait service web --for '.containers | length >= 3' -s shop\n  c66 wait deployment --for outcome=success -s shop"
)]
#[command(add = Verb::calls(&[&STACKS_SHOW]))]
pub(crate) struct WaitCommandArgs {
    /// Stack, server, service or deployment; with /NAME, or the name as the next argument
    #[arg(value_name = "KIND[/NAME]", default_value = "stack")]
    #[arg(add = Candidates::WaitTargets)]
    pub(crate) what: String,
    /// Name [default: the stack of --stack, or the newest deployment]
    #[arg(value_name = "NAME")]
    #[arg(add = Candidates::WaitNames)]
    pub(crate) name: Option<String>,
    /// Condition: COL=V, COL!=V, COL~REGEX, COL<V, COL>V or a jq expression; if repeated, all must hold
    #[arg(long = "for", value_name = "CONDITION", required = true)]
    #[arg(add = Candidates::WaitConditions)]
    pub(crate) conditions: Vec<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// The noun of a kind, by any of its names.
pub(crate) fn noun_of(word: &str) -> Option<&'static Noun> {
    let (kind, _) = KINDS.iter().find(|(kind, others)| *kind == word || others.contains(&word))?;
    match *kind {
        "stack" => Some(Stacks::NOUN),
        "server" => Some(Servers::NOUN),
        "service" => Some(Services::NOUN),
        _ => Some(Deployments::NOUN),
    }
}

/// Runs `c66 wait`.
pub(crate) async fn run(context: &Context, args: &WaitCommandArgs) -> Result<()> {
    let (kind, name) = kind_and_name(args)?;
    match kind {
        "stack" => {
            let stack = StackArgs {
                stack: name.map(str::to_owned).or_else(|| args.stack.stack.clone()),
                environment: args.stack.environment.clone(),
            };
            let until = WaitConditions::parse::<Stacks>(context, args)?;
            let Some(until) = until else { return Ok(()) };
            let target = context.stack(&stack, false).await?;
            let request = request(&STACKS_SHOW, &[("stack_id", &target.uid)])?;
            let wait_target =
                WaitTarget { words: format!("stack {}", target.label()), again: "stack".to_owned(), target: &target };
            until.wait(context, args, &wait_target, &|| Box::pin(fetched(context, &request)), |_| None).await
        }
        "server" => {
            let Some(until) = WaitConditions::parse::<Servers>(context, args)? else { return Ok(()) };
            let name = name.ok_or_else(|| missing_name("server"))?;
            let target = context.stack(&args.stack, false).await?;
            let server = servers::find(context, &target, name).await?;
            let request = servers::show_request(&target, &server)?;
            let wait_target = wait_target("server", name, &target);
            until.wait(context, args, &wait_target, &|| Box::pin(fetched(context, &request)), |_| None).await
        }
        "service" => {
            let Some(until) = WaitConditions::parse::<Services>(context, args)? else { return Ok(()) };
            let name = name.ok_or_else(|| missing_name("service"))?;
            let target = context.stack(&args.stack, false).await?;
            let wait_target = wait_target("service", name, &target);
            until
                .wait(context, args, &wait_target, &|| Box::pin(services::fetch(context, &target, name, None)), |_| {
                    None
                })
                .await
        }
        _ => wait_for_deployment(context, args, name).await,
    }
}

async fn wait_for_deployment(context: &Context, args: &WaitCommandArgs, name: Option<&str>) -> Result<()> {
    let Some(until) = WaitConditions::parse::<Deployments>(context, args)? else { return Ok(()) };
    let target = context.stack(&args.stack, false).await?;
    let id = match name.filter(|name| *name != "latest") {
        Some(name) => name.parse().map_err(|_| {
            Error::usage(format!("invalid deployment number `{name}`")).hint("see c66 deployments list")
        })?,
        None => deployments::newest(context.cloud66().await?, &target, Thoroughness::Once)
            .await?
            .ok_or_else(|| Error::not_found(format!("{} has no deployments", target.label())))?,
    };
    let request = deployments::show_request(&target, id)?;
    let wait_target = wait_target("deployment", &id.to_string(), &target);
    // What has ended stays as it is: waiting on would be in vain.
    let end_state = |item: &Item| {
        let deployment = item.view::<Deployments>()?;
        (deployment.state() != RunState::Running).then(|| deployment.outcome.text())
    };
    until.wait(context, args, &wait_target, &|| Box::pin(fetched(context, &request)), end_state).await
}

/// What kind of thing is waited for, and which of them.
fn kind_and_name(args: &WaitCommandArgs) -> Result<(&'static str, Option<&str>)> {
    let (word, after) = match args.what.split_once('/') {
        Some((word, name)) => (word, Some(name).filter(|name| !name.is_empty())),
        None => (args.what.as_str(), None),
    };
    let known = KINDS.iter().find(|(kind, others)| *kind == word || others.contains(&word));
    let Some((kind, _)) = known else {
        let mut error = Error::usage(format!("cannot wait for `{word}`: use stack, server, service or deployment"))
            .hint("c66 wait stack/shop --for health=healthy");
        for near in suggestions(word, KINDS.map(|(kind, _)| kind)) {
            error = error.hint(format!("did you mean `{near}`?"));
        }
        return Err(error);
    };
    match (after, args.name.as_deref()) {
        (Some(_), Some(_)) => Err(Error::usage(format!("the {kind} is given twice"))),
        (after, name) => Ok((kind, after.or(name))),
    }
}

fn missing_name(kind: &str) -> Error {
    Error::usage(format!("no {kind} specified")).hint(format!("c66 wait {kind}/NAME --for …"))
}

/// Gets the thing as it is now.
type Fetch<'f> = &'f dyn Fn() -> Pin<Box<dyn Future<Output = Result<Document>> + 'f>>;

async fn fetched(context: &Context, request: &Request) -> Result<Document> {
    context.cloud66().await?.fetch(request).await
}

/// One thing, as messages and command lines call it.
struct WaitTarget<'n> {
    words: String,
    again: String,
    target: &'n StackRef,
}

fn wait_target<'n>(kind: &str, name: &str, target: &'n StackRef) -> WaitTarget<'n> {
    WaitTarget {
        words: format!("{kind} {name} of {}", target.label()),
        again: format!("{kind} {}", shell_quote(name)),
        target,
    }
}

/// What it is to be like.
struct WaitConditions {
    resource: &'static Noun,
    conditions: Vec<Condition>,
}

enum Condition {
    /// A column and its value.
    Column(Filter),
    /// An expression of jq.
    Expression(JqProgram),
}

impl WaitConditions {
    /// Reads the conditions. Gives nothing when the columns were asked for, which are then printed.
    fn parse<R: Resource>(context: &Context, args: &WaitCommandArgs) -> Result<Option<Self>> {
        if print_column_help_if_asked::<R>(&context.printer, &args.show)? {
            return Ok(None);
        }
        let conditions = args.conditions.iter().map(|text| Condition::parse(R::NOUN, text)).collect::<Result<_>>()?;
        Ok(Some(Self { resource: R::NOUN, conditions }))
    }

    /// Looks until all of them hold, and prints the thing as it is then.
    async fn wait(
        &self,
        context: &Context,
        args: &WaitCommandArgs,
        wait_target: &WaitTarget<'_>,
        fetch: Fetch<'_>,
        end_state: fn(&Item) -> Option<String>,
    ) -> Result<()> {
        let wanted = args.conditions.join(" and ");
        let mut again = format!("c66{} wait {}", context.global_flags, wait_target.again);
        for condition in &args.conditions {
            again = format!("{again} --for {}", shell_quote(condition));
        }
        let operation = Operation {
            label: format!("{} until {wanted}", wait_target.words),
            attach: format!("{again} {}", wait_target.target.flag()),
            cancel: None,
            action_id: None,
            deployment_id: None,
            follows_write: false,
        };
        let seen = std::cell::RefCell::new(String::new());
        let poll = || async {
            let item = Item::new(self.resource, fetch().await?, false)?;
            let columns = self.conditions.iter().filter_map(|condition| match condition {
                Condition::Column(filter) => Some(filter.column()),
                Condition::Expression(_) => None,
            });
            let item = [item];
            check_columns(self.resource, columns, &item)?;
            let [item] = item;
            if self.holds(&item)? {
                return Ok(Poll::Done(Ok(item.document), "condition met".to_owned()));
            }
            if let Some(end) = end_state(&item) {
                let error = Error::new(Kind::RemoteFailed, format!("{} has ended: {end}", wait_target.words))
                    .cause(format!("it can no longer meet {wanted}"));
                return Ok(Poll::Done(Err(error), end));
            }
            let words = self.words(&item);
            seen.replace(words.clone());
            Ok(Poll::Running(words))
        };
        let waiter = context.waiter(&args.poll_args, ACTION_TIMEOUT).await?;
        match waiter.until_ended_or_wait_error(&operation, true, poll).await {
            Ok(Ok(document)) => show_described(self.resource, &context.printer, &args.show, document, false),
            Ok(Err(error)) => Err(error),
            Err(WaitError::TimedOut(time)) => {
                let message =
                    format!("timed out after {} waiting for {wanted} on {}", format_duration(time), wait_target.words);
                let error = Error::new(Kind::StillRunning, message);
                let error = if seen.borrow().is_empty() { error } else { error.cause(seen.take()) };
                Err(with_attach_hint(error, &operation))
            }
            Err(wait_error) => Err(wait_error.error(&operation)),
        }
    }

    fn holds(&self, item: &Item) -> Result<bool> {
        for condition in &self.conditions {
            if !condition.holds(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The current values of the columns in the conditions.
    fn words(&self, item: &Item) -> String {
        let style = CellStyle::plain();
        let of_columns = self.conditions.iter().filter_map(|condition| match condition {
            Condition::Column(filter) => {
                Some(format!("{} is {}", filter.column().name(), filter.column().cell(item).text(&style)))
            }
            Condition::Expression(_) => None,
        });
        let words: Vec<String> = of_columns.collect();
        if words.is_empty() { "not yet".to_owned() } else { words.join(", ") }
    }
}

impl Condition {
    /// A name and a comparison are about a column; everything else is jq.
    fn parse(resource: &Noun, text: &str) -> Result<Self> {
        let name = text.find(OPERATORS).map_or("", |at| &text[..at]);
        let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if is_name {
            // Programmers type two equals signs.
            return Filter::parse(resource, &text.replacen("==", "=", 1)).map(Self::Column);
        }
        let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        if is_word {
            return Err(Error::usage(format!("invalid condition `{text}`"))
                .hint("use COL=V, COL!=V, COL~REGEX, COL<V or COL>V, such as health=healthy, or a jq expression"));
        }
        // As in jq: everything but false and null is true, and the last output counts.
        JqProgram::compile(text)
            .and_then(|_| JqProgram::compile(&format!("({text}\n) | not | not")))
            .map(Self::Expression)
            .map_err(|error| of_condition(&error))
    }

    fn holds(&self, item: &Item) -> Result<bool> {
        match self {
            Self::Column(filter) => Ok(filter.keeps_by_word(item)),
            Self::Expression(program) => {
                let mut last = false;
                let run = program.run(item.document.text().as_bytes(), &mut |line| {
                    last = line == "true";
                    Ok(())
                });
                match run {
                    Ok(()) => Ok(last),
                    Err(RunError::Jq(error)) => Err(of_condition(&error)),
                    Err(RunError::Io(error)) => Err(Error::internal(error.to_string())),
                }
            }
        }
    }
}

/// Rewords the error of an expression, which comes from another flag here.
fn of_condition(error: &Error) -> Error {
    let said = Error::new(error.kind(), error.message().replacen("--jq", "--for", 1));
    let said = match error.cause_text() {
        Some(why) => said.cause(why),
        None => said,
    };
    error.hints().iter().cloned().fold(said, Error::hint)
}
