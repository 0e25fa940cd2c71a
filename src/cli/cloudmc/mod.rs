//! `cloudmc`: the second API, with verbs of its own for what every installation has, and generic ones for the rest.

pub(crate) mod admin;
pub(crate) mod entities;

use clap::{Args, Subcommand};

use self::admin::{Activity, Connections, Envs, Orgs, Quotas, Roles, Services, Usage, Users};
use self::entities::{Create, Delete, Get, List, Operate, Update};
use crate::args::deferred::{Deferred, Subcommands};
use crate::args::{ListArgs, PollArgs, ShowArgs, WriteArgs};

/// `c66 cloudmc …`
#[derive(Debug, Subcommand)]
pub(crate) enum CloudMc {
    /// Store an API key after checking it
    #[command(
        after_help = "Examples:\n  c66 cloudmc login --endpoint https://portal.example.com/api/v2\n  op read op://ops/cloudmc/key | c66 cloudmc login --endpoint portal.example.com --api-key-stdin"
    )]
    Login(Deferred<Login>),
    /// Forget the stored API key
    #[command(after_help = "Example:\n  c66 cloudmc logout")]
    Logout,
    /// Show the endpoint, the key's source, and who you are
    #[command(after_help = "Example:\n  c66 cloudmc status -o json")]
    Status(Deferred<ShowArgs>),
    /// List organizations, show one
    #[command(aliases = ["org", "organizations", "organization"])]
    Orgs(Subcommands<Orgs>),
    /// List users, show one
    #[command(alias = "user")]
    Users(Subcommands<Users>),
    /// List, show, create and delete environments
    #[command(aliases = ["env", "environments", "environment"])]
    Envs(Subcommands<Envs>),
    /// List service connections, show one
    #[command(alias = "connection")]
    Connections(Subcommands<Connections>),
    /// Tell what a service has
    #[command(alias = "service")]
    Services(Subcommands<Services>),
    /// List the roles that can be given
    #[command(alias = "role")]
    Roles(Subcommands<Roles>),
    /// List quotas, show one
    #[command(alias = "quota")]
    Quotas(Subcommands<Quotas>),
    /// Tell what was done, by whom
    Activity(Subcommands<Activity>),
    /// Sum up the usage of an organization
    #[command(
        after_help = "Examples:\n  c66 cloudmc usage --from 2026-11-01 --to 2026-12-01\n  c66 cloudmc usage northgate --from 2026-11-01 --to 2026-12-01 --period day --csv > usage.csv"
    )]
    Usage(Deferred<Usage>),
    /// List the things of one type in an environment
    #[command(
        visible_alias = "ls",
        override_usage = "c66 cloudmc list [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE",
        after_help = "Examples:\n  c66 cloudmc list compute prod instances\n  c66 cloudmc list compute/prod volumes --query type=data -o json"
    )]
    List(Deferred<List>),
    /// Show one thing in an environment
    #[command(
        override_usage = "c66 cloudmc get [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "Example:\n  c66 cloudmc get compute prod instances web-1"
    )]
    Get(Deferred<Get>),
    /// Create a thing in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc create [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE",
        after_help = "Examples:\n  c66 cloudmc create compute prod volumes --data @volume.json\n  c66 cloudmc create compute prod sshkeys -f name=laptop -F publicKey=@id.pub"
    )]
    Create(Deferred<Create>),
    /// Change a thing in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc update [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "Example:\n  c66 cloudmc update compute prod networks 90d38b76-e7dd-4733-8575-0d06a98e8b70 -f name=front"
    )]
    Update(Deferred<Update>),
    /// Delete a thing in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc delete [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "Deleting again what could not be deleted is a forced delete: it is forgotten, whatever is left behind.\n\nExamples:\n  c66 cloudmc delete compute prod volumes ad8f10ab-cbdc-4206-922e-4c81ccfc0f13\n  c66 cloudmc delete compute prod volumes web-1-root --by-name --if-exists --yes"
    )]
    Delete(Deferred<Delete>),
    /// Do something with a thing in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc do [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID OPERATION",
        after_help = "`-` for the ID means the type as a whole. c66 cloudmc services types tells the operations.\n\nExamples:\n  c66 cloudmc do compute prod instances 9fcd92cd-76af-40fa-b515-7035ef3b0e87 stop\n  c66 cloudmc do compute prod instances web-1 resetPassword --by-name --reveal"
    )]
    Do(Deferred<Operate>),
    /// Show a task, wait for one
    #[command(alias = "task")]
    Tasks(Subcommands<Tasks>),
    /// Call any operation of the API
    Api(Deferred<Api>),
}

/// `c66 cloudmc login`
#[derive(Args, Debug)]
pub(crate) struct Login {
    /// Address of the API, or its host
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Read the API key from stdin
    #[arg(long, visible_alias = "with-token")]
    pub(crate) api_key_stdin: bool,
}

/// In which organization.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OrgArgs {
    /// Organization to call for: UUID, entry point or name
    #[arg(long, value_name = "ORG")]
    pub(crate) org: Option<String>,
}

/// What else goes into the query.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct QueryArgs {
    /// Add a parameter to the query; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) query: Vec<String>,
}

/// What is sent.
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

/// Whether secrets show.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct RevealArgs {
    /// Show passwords and keys in tables too
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// `c66 cloudmc tasks …`
#[derive(Debug, Subcommand)]
pub(crate) enum Tasks {
    /// Show a task as it stands
    #[command(after_help = "Example:\n  c66 cloudmc tasks show fbc5d4f6-c099-4868-92b0-52e3ad35b5e3")]
    Show {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
        #[command(flatten)]
        reveal: RevealArgs,
    },
    /// Wait until a task has ended, and print what came of it
    #[command(after_help = "Example:\n  c66 cloudmc tasks wait fbc5d4f6-c099-4868-92b0-52e3ad35b5e3 --timeout 10m")]
    Wait {
        /// Id of the task
        id: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        reveal: RevealArgs,
        #[command(flatten)]
        poll_args: PollArgs,
    },
}

/// `c66 cloudmc api`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 cloudmc api GET /users --jq '.data[].userName'\n  c66 cloudmc api PUT /users/1bb8c286-45dc-4038-8958-d678e4115737 --data @user.json --dry-run\n  c66 cloudmc api GET /service/usage -H 'Accept: text/csv' --raw > usage.csv"
)]
pub(crate) struct Api {
    /// HTTP method
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true, hide_possible_values = true)]
    pub(crate) method: String,
    /// Path below the endpoint
    pub(crate) path: String,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    /// Add a header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Print the body as it came, whatever it is
    #[arg(long)]
    pub(crate) raw: bool,
    /// Wait for the task the reply names
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// A list that may be asked for more, or less.
#[derive(Args, Debug)]
pub(crate) struct CloudMcListArgs {
    #[command(flatten)]
    pub(crate) org: OrgArgs,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}
