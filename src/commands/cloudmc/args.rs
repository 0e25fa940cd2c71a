//! Arguments that the commands of a CloudMC share.

use clap::Args;

use crate::args::candidates::Candidates;
use crate::args::{ListArgs, WaitArgs, WriteArgs};

/// The organization that a command acts in.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OrgArgs {
    /// Organization to call for: UUID, entry point or name
    #[arg(long, value_name = "ORG")]
    #[arg(add = Candidates::CloudMcOrganizations)]
    pub(crate) org: Option<String>,
}

/// Further parameters of the query.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct QueryArgs {
    /// Add a parameter to the query; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) query: Vec<String>,
}

/// The body of a request.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BodyArgs {
    /// Body as JSON; @FILE reads a file, - stdin
    #[arg(short, long, value_name = "JSON")]
    pub(crate) data: Option<String>,
    /// Add a field of text to the body
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Add a field of JSON to the body; @FILE reads a file, - stdin
    #[arg(short = 'F', long = "json-field", value_name = "KEY=JSON")]
    pub(crate) json_fields: Vec<String>,
}

/// Whether passwords and keys show.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct RevealArgs {
    /// Show passwords and keys in tables too
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// What the lists of a CloudMC take.
#[derive(Args, Debug)]
pub(crate) struct CloudMcListArgs {
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// How a write is confirmed, waited for and shown.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CloudMcWriteArgs {
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    /// Wait for it, which is done anyway
    #[arg(long = "wait", hide = true, conflicts_with = "no_wait")]
    pub(crate) waits: bool,
}
