//! Arguments that several commands share.

pub(crate) mod candidates;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::args::candidates::Candidates;
use crate::text::parse::parse_duration;

/// A stack that may also be named without a flag.
#[derive(Args, Debug)]
pub(crate) struct StackTargetArgs {
    /// Stack, as with --stack
    #[arg(value_name = "STACK", conflicts_with = "stack")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

impl StackTargetArgs {
    /// The stack, however it was named.
    pub(crate) fn args(&self) -> StackArgs {
        StackArgs {
            stack: self.name.clone().or_else(|| self.stack.stack.clone()),
            environment: self.stack.environment.clone(),
        }
    }
}

/// One by number, or the newest.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct IdOrLatest {
    /// Number
    #[arg(add = Candidates::OwnItems)]
    pub(crate) id: Option<u64>,
    /// The newest one
    #[arg(long)]
    pub(crate) latest: bool,
}

/// A speed: a positive number.
pub(crate) fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if f64::is_finite(speed) && speed > 0.0 => Ok(speed),
        _ => Err("a speed is a number above 0".to_owned()),
    }
}

/// Which stack.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StackArgs {
    /// Stack: UID, name, name@environment, or a unique beginning of a name
    #[arg(short, long, value_name = "STACK")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) stack: Option<String>,
    /// Environment, where a name alone is not enough
    #[arg(short, long, value_name = "NAME")]
    #[arg(add = Candidates::Environments)]
    pub(crate) environment: Option<String>,
}

/// Which rows and columns of a list.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "List options")]
pub(crate) struct ListArgs {
    /// Columns to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    #[arg(add = Candidates::Columns)]
    pub(crate) columns: Vec<String>,
    /// Leave the header out
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Sort by a column, `:desc` for the other way round
    #[arg(long, value_name = "COLUMN[:desc]")]
    #[arg(add = Candidates::Columns)]
    pub(crate) sort: Option<String>,
    /// Keep rows where COL=V, COL!=V or COL~REGEX; may be repeated
    #[arg(long, value_name = "COL=V")]
    #[arg(add = Candidates::ColumnFilters)]
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
    #[arg(add = Candidates::Columns)]
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

/// Consent to what destroys data.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfirmArgs {
    /// Name of the stack, where --yes is not enough
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
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
