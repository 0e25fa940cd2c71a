//! Arguments that the commands of a CloudMC share.

use clap::Args;

use crate::args::candidates::Candidates;
use crate::args::{ListArgs, WaitArgs, WriteArgs};

/// The organization of a command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OrgArgs {
    /// Organization: UUID, entry point or name
    #[arg(long, value_name = "ORG")]
    #[arg(add = Candidates::CloudMcOrganizations)]
    pub(crate) org: Option<String>,
}

/// Query parameters.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct QueryArgs {
    /// Add a query parameter; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) query: Vec<String>,
}

/// The body of a request.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BodyArgs {
    /// Body as JSON; @FILE reads a file, - reads stdin
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// Add a string field to the body
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Add a JSON field to the body; @FILE reads a file, - reads stdin
    #[arg(short = 'F', long = "json-field", value_name = "KEY=JSON")]
    pub(crate) json_fields: Vec<String>,
}

/// Whether passwords and keys are shown.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct RevealArgs {
    /// Show passwords and keys in tables too
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// The options of a CloudMC list.
#[derive(Args, Debug)]
pub(crate) struct CloudMcListArgs {
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How a write is confirmed, waited for and printed.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CloudMcWriteArgs {
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    /// Wait for the task; this is the default
    #[arg(long = "wait", hide = true, conflicts_with = "no_wait")]
    pub(crate) waits: bool,
}
