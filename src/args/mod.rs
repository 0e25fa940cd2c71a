//! Arguments that several commands share.
pub(crate) mod deferred;
pub(crate) mod globals;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::text::format::parse_duration;

/// Which stack.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StackArgs {
    /// Stack: UID, name, name@environment, or a unique beginning of a name
    #[arg(short, long, value_name = "STACK")]
    pub(crate) stack: Option<String>,
    /// Environment, where a name alone is not enough
    #[arg(short, long, value_name = "NAME")]
    pub(crate) environment: Option<String>,
}

/// Which rows and columns of a list.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "List options")]
pub(crate) struct ListArgs {
    /// Columns to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Leave the header out
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Sort by a column, `:desc` for the other way round
    #[arg(long, value_name = "COLUMN[:desc]")]
    pub(crate) sort: Option<String>,
    /// Keep rows where COL=V, COL!=V or COL~REGEX; may be repeated
    #[arg(long, value_name = "COL=V")]
    pub(crate) filter: Vec<String>,
    /// Stop after that many items
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
}

/// Which fields of one thing.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShowArgs {
    /// Fields to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Leave the header out (csv, tsv)
    #[arg(long)]
    pub(crate) no_headers: bool,
}

/// How a write goes about it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WriteArgs {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show the request and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// How long to wait for asynchronous work.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct WaitArgs {
    /// Start it and leave
    #[arg(long)]
    pub(crate) no_wait: bool,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// For how long, and how often to look.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct PollArgs {
    /// Longest time to wait, such as 30m; 0 waits for ever
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Time between two looks, such as 5s
    #[arg(long, alias = "interval", value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) poll_interval: Option<Duration>,
}

/// Many stacks in one run.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Many stacks")]
pub(crate) struct BulkArgs {
    /// Act on each stack that a file names, a name or UID a line; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) stacks_from: Option<PathBuf>,
    /// Go on with the others when one of them fails
    #[arg(long, requires = "stacks_from")]
    pub(crate) continue_on_error: bool,
}
