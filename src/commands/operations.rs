//! `c66 operations`, and `c66 ping`.

use clap::{Args, Subcommand};

use super::context::Context;
use crate::args::ListArgs;
use crate::cloud66::endpoints::{OPERATIONS_LOGS, PING_AUTH};
use crate::cloud66::operations::LogLine;
use crate::cloud66::request;
use crate::commands::deferred::Deferred;
use crate::error::Result;
use crate::resource::list::Listing;
use crate::resource::noun::Noun;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge;
use crate::resource::{Column, Resource, key, minor, wide};

/// `c66 operations …`
#[derive(Debug, Subcommand)]
pub(crate) enum OperationsCommand {
    /// List the log lines of an operation
    #[command(
        alias = "log",
        after_help = "Example:\n  c66 operations logs 0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69 --min-severity 3\n\nCloud 66 does not document where the UID of an operation comes from; an action has only a number."
    )]
    Logs(Deferred<LogsArgs>),
}

/// `c66 operations logs`
#[derive(Args, Debug)]
#[command(add = Verb::list(LogLines::NOUN))]
pub(crate) struct LogsArgs {
    /// UID of the operation
    pub(crate) uid: String,
    /// Only lines of at least this severity, from 0 to 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(0..=5))]
    pub(crate) min_severity: Option<u64>,
    /// Also the lines of operations that it started
    #[arg(long)]
    pub(crate) include_children: bool,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// `c66 ping`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  c66 ping")]
#[command(add = Verb::calls(&[&PING_AUTH]))]
pub(crate) struct PingArgs {}

/// Log lines.
struct LogLines;

impl Resource for LogLines {
    type View = LogLine;
    const NOUN: &'static Noun = &Noun::new::<Self>("log line", "log lines").listed_by(&OPERATIONS_LOGS);
    const COLUMNS: &'static [Column<LogLine>] = &[
        key(Column::time("time", "when it was written", |line| line.time.clone().into())),
        Column::number("severity", "severity, from 0 to 5", |line| line.severity.into()),
        minor(Column::text("source", "where it comes from", |line| line.source.clone().into())),
        Column::text("message", "message", |line| line.message.clone().into()),
        wide(Column::number("depth", "how deep its operation is nested", |line| line.depth.into())),
        wide(Column::text("operation", "UID of its operation, if it is another one", |line| {
            line.operation_uid.clone().into()
        })),
    ];

    fn id(_: &LogLine) -> Option<String> {
        None
    }
}

/// Runs `c66 operations …`.
pub(crate) async fn run(context: &Context, command: OperationsCommand) -> Result<()> {
    let OperationsCommand::Logs(Deferred(args)) = command;
    let Some(listing) = Listing::of::<LogLines>(&context.printer, &args.list)? else { return Ok(()) };
    let mut request = request(&OPERATIONS_LOGS, &[("operation_uid", &args.uid)])?;
    if let Some(severity) = args.min_severity {
        request.query.push(("min_severity".to_owned(), severity.to_string()));
    }
    if args.include_children {
        request.query.push(("include_children".to_owned(), "true".to_owned()));
    }
    listing.print(context.cloud66().await?.pages(request, listing.max_items()), None).await
}

/// Runs `c66 ping`.
pub(crate) async fn ping(context: &Context) -> Result<()> {
    let client = context.cloud66().await?;
    let reply = client.call(&request(&PING_AUTH, &[])?).await?;
    acknowledge(client.transport(), reply, "The API accepts the token.")
}
