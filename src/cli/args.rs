//! Arguments that several commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::output::words::parse_duration;

/// Which stack.
#[derive(Args, Clone, Debug, Default)]
pub struct StackArgs {
    /// Stack: UID, name, name@environment, or a unique beginning of a name
    #[arg(short, long, value_name = "STACK")]
    pub stack: Option<String>,
    /// Environment, where a name alone is not enough
    #[arg(short, long, value_name = "NAME")]
    pub environment: Option<String>,
}

/// Which rows and columns of a list.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "List options")]
pub struct ListArgs {
    /// Columns to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Leave the header out
    #[arg(long)]
    pub no_headers: bool,
    /// Sort by a column, `:desc` for the other way round
    #[arg(long, value_name = "COLUMN[:desc]")]
    pub sort: Option<String>,
    /// Keep rows where COL=V, COL!=V or COL~REGEX; may be repeated
    #[arg(long, value_name = "COL=V")]
    pub filter: Vec<String>,
    /// Stop after that many items
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
}

/// Which fields of one thing.
#[derive(Args, Clone, Debug, Default)]
pub struct ShowArgs {
    /// Fields to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Leave the header out (csv, tsv)
    #[arg(long)]
    pub no_headers: bool,
}

/// How a write goes about it.
#[derive(Args, Clone, Debug, Default)]
pub struct WriteArgs {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Show the request and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// How long to wait for asynchronous work.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub struct WaitArgs {
    /// Start it and leave
    #[arg(long)]
    pub no_wait: bool,
    #[command(flatten)]
    pub patience: PatienceArgs,
}

/// For how long, and how often to look.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub struct PatienceArgs {
    /// Longest time to wait, such as 30m; 0 waits for ever
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Time between two looks, such as 5s
    #[arg(long, alias = "interval", value_name = "DURATION", value_parser = parse_duration)]
    pub poll_interval: Option<Duration>,
}

/// Many stacks in one run.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Many stacks")]
pub struct BulkArgs {
    /// Act on each stack that a file names, a name or UID a line; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub stacks_from: Option<PathBuf>,
    /// Go on with the others when one of them fails
    #[arg(long, requires = "stacks_from")]
    pub continue_on_error: bool,
}
