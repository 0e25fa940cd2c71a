//! The verbs for the things of every type of every service.

use clap::Args;

use super::{BodyArgs, OrgArgs, QueryArgs, RevealArgs};
use crate::cli::args::{ListArgs, ShowArgs, WaitArgs, WriteArgs};

/// Where things are.
#[derive(Args, Clone, Debug, Default)]
pub struct PlaceArgs {
    /// Environment by its UUID; the words then begin with the type
    #[arg(long, value_name = "UUID")]
    pub env_id: Option<String>,
    #[command(flatten)]
    pub org: OrgArgs,
    #[command(flatten)]
    pub query: QueryArgs,
}

/// `c66 cloudmc list`
#[derive(Args, Debug)]
pub struct List {
    /// Service and environment (from the profile where left out), and the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub list: ListArgs,
    #[command(flatten)]
    pub reveal: RevealArgs,
}

/// `c66 cloudmc get`
#[derive(Args, Debug)]
pub struct Get {
    /// Service and environment (from the profile where left out), the type, and the id or name
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub show: ShowArgs,
    #[command(flatten)]
    pub reveal: RevealArgs,
}

/// `c66 cloudmc create`
#[derive(Args, Debug)]
pub struct Create {
    /// Service and environment (from the profile where left out), and the type
    #[arg(required = true, num_args = 1..=3, value_name = "WORD")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// `c66 cloudmc update`
#[derive(Args, Debug)]
pub struct Update {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "PUT", value_parser = ["PUT", "POST", "PATCH"], ignore_case = true)]
    pub method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub by_name: bool,
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// `c66 cloudmc delete`
#[derive(Args, Debug)]
pub struct Delete {
    /// Service and environment (from the profile where left out), the type, and the id
    #[arg(required = true, num_args = 2..=4, value_name = "WORD")]
    pub words: Vec<String>,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub by_name: bool,
    /// Be content when it is not there
    #[arg(long)]
    pub if_exists: bool,
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// `c66 cloudmc do`
#[derive(Args, Debug)]
pub struct Operate {
    /// Service and environment (from the profile where left out), the type, the id, and the operation
    #[arg(required = true, num_args = 3..=5, value_name = "WORD")]
    pub words: Vec<String>,
    /// Method to send it with
    #[arg(long, default_value = "POST", value_parser = ["POST", "PUT", "PATCH", "DELETE"], ignore_case = true)]
    pub method: String,
    /// Take the id for a name, which must be that of one thing
    #[arg(long)]
    pub by_name: bool,
    #[command(flatten)]
    pub body: BodyArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub sending: SendingArgs,
}

/// How a write is sent, waited for and shown.
#[derive(Args, Clone, Debug, Default)]
pub struct SendingArgs {
    #[command(flatten)]
    pub reveal: RevealArgs,
    #[command(flatten)]
    pub write: WriteArgs,
    #[command(flatten)]
    pub wait: WaitArgs,
    /// Wait for it, which is done anyway
    #[arg(long = "wait", hide = true, conflicts_with = "no_wait")]
    pub waits: bool,
}
