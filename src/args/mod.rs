//! Arguments that several commands share.

pub(crate) mod candidates;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::args::candidates::Candidates;
pub(crate) use crate::args::watch::WatchArgs;
use crate::text::parse::parse_duration;

/// A stack, with or without a flag.
#[derive(Args, Debug)]
pub(crate) struct StackTargetArgs {
    /// Stack (same as --stack)
    #[arg(value_name = "STACK", conflicts_with = "stack")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

impl StackTargetArgs {
    /// The stack, from the flag or the argument.
    pub(crate) fn args(&self) -> StackArgs {
        StackArgs {
            stack: self.name.clone().or_else(|| self.stack.stack.clone()),
            environment: self.stack.environment.clone(),
        }
    }
}

/// An item by number, or the newest.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct IdOrLatest {
    /// Number
    #[arg(add = Candidates::OwnItems)]
    pub(crate) id: Option<u64>,
    /// Use the newest one
    #[arg(long)]
    pub(crate) latest: bool,
}

/// A deployment or action by number, or the newest: of all, or of those with a reference.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct IdOrReference {
    /// Number
    #[arg(add = Candidates::OwnItems)]
    pub(crate) id: Option<u64>,
    /// Use the newest one
    #[arg(long)]
    pub(crate) latest: bool,
    /// Use the newest one of a redeployment with this reference
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
}

/// A speed: a positive number.
pub(crate) fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if f64::is_finite(speed) && speed > 0.0 => Ok(speed),
        _ => Err("invalid speed: expected a number above 0".to_owned()),
    }
}

/// Selects the stack.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StackArgs {
    /// Stack: UID, name, name@environment or unique prefix
    #[arg(short, long, value_name = "STACK")]
    #[arg(add = Candidates::Stacks)]
    pub(crate) stack: Option<String>,
    /// Environment, if the name is not unique
    #[arg(short, long, value_name = "NAME")]
    #[arg(add = Candidates::Environments)]
    pub(crate) environment: Option<String>,
}

/// Selects the rows and columns of a list.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "List options")]
pub(crate) struct ListArgs {
    /// Columns to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    #[arg(add = Candidates::Columns)]
    pub(crate) columns: Vec<String>,
    /// Omit the header
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Sort by a column; append `:desc` for descending order
    #[arg(long, value_name = "COLUMN[:desc]")]
    #[arg(add = Candidates::Columns)]
    pub(crate) sort: Option<String>,
    /// Keep rows where COL=V, COL!=V, COL~REGEX, COL<V or COL>V; may be repeated
    #[arg(long, value_name = "COL=V")]
    #[arg(add = Candidates::ColumnFilters)]
    pub(crate) filter: Vec<String>,
    /// Maximum number of items
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
}

/// Selects the fields of an item.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShowArgs {
    /// Fields to show, by name or JSON path; `help` lists them
    #[arg(long, value_name = "A,B.C", value_delimiter = ',')]
    #[arg(add = Candidates::Columns)]
    pub(crate) columns: Vec<String>,
    /// Omit the header (csv, tsv)
    #[arg(long)]
    pub(crate) no_headers: bool,
    #[command(flatten)]
    pub(crate) watch: WatchArgs,
}

/// Options of a write.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = None)]
pub(crate) struct WriteArgs {
    /// Skip confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Show the request without sending it
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Confirmation of a destructive write.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfirmArgs {
    /// Stack name, to confirm a destructive write
    #[arg(long, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
}

/// How long to wait for remote work.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct WaitArgs {
    /// Return immediately
    #[arg(long)]
    pub(crate) no_wait: bool,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// Timeout and interval of a wait.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Waiting")]
pub(crate) struct PollArgs {
    /// Time limit, such as 30m; 0 for none
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Time between polls, such as 5s
    #[arg(long, alias = "interval", value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) poll_interval: Option<Duration>,
}

/// Several stacks in one run.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Many stacks")]
pub(crate) struct BulkArgs {
    /// Stacks to act on, one a line; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) stacks_from: Option<PathBuf>,
    /// Continue with the other stacks if one fails
    #[arg(long, requires = "stacks_from")]
    pub(crate) continue_on_error: bool,
}
