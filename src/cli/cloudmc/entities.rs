//! The verbs for the things of every type of every service.

use clap::Args;

use super::{BodyArgs, OrgArgs, QueryArgs, RevealArgs};
use crate::args::{ListArgs, ShowArgs, WaitArgs, WriteArgs};

/// Where things are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LocationArgs {
    /// Environment by its UUID; the words then begin with the type
    #[arg(long, value_name = "UUID")]
    pub(crate) env_id: Option<String>,
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
}

/// `c66 cloudmc list`
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Service and environment (from the profile where left out), and the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
}

/// `c66 cloudmc get`
#[derive(Args, Debug)]
pub(crate) struct Get {
    /// Service and environment (from the profile where left out), the type, and the id or name
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) reveal: RevealArgs,
}

/// `c66 cloudmc create`
#[derive(Args, Debug)]
pub(crate) struct Create {
    /// Service and environment (from the profile where left out), and the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// `c66 cloudmc update`
#[derive(Args, Debug)]
pub(crate) struct Update {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "PUT", value_parser = ["PUT", "POST", "PATCH"], ignore_case = true)]
    pub(crate) method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// `c66 cloudmc delete`
#[derive(Args, Debug)]
pub(crate) struct Delete {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    /// Be content when it is not there
    #[arg(long)]
    pub(crate) if_exists: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// `c66 cloudmc do`
#[derive(Args, Debug)]
pub(crate) struct Operate {
    /// Service and environment (from the profile where left out), the type, the id, and the operation
    #[arg(required = true, num_args = 3..=5, value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "POST", value_parser = ["POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
    pub(crate) method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub(crate) by_name: bool,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    #[command(flatten)]
    pub(crate) write_args: CloudMcWriteArgs,
}

/// How a write is sent, waited for and shown.
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
