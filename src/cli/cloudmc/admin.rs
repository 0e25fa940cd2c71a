//! The nouns that every installation has.

use clap::{Args, Subcommand};

use super::entities::CloudMcWriteArgs;
use super::{CloudMcListArgs, OrgArgs, QueryArgs};
use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs};
use crate::cloudmc::endpoints::MEMBERSHIPS;

/// `c66 cloudmc orgs …`
#[derive(Debug, Subcommand)]
pub(crate) enum Orgs {
    /// List the organizations you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc orgs list -o name")]
    List(Deferred<CloudMcListArgs>),
    /// Show one organization
    #[command(after_help = "Example:\n  c66 cloudmc orgs show northgate")]
    Show {
        /// UUID, entry point or name
        org: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc users …`
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// List the users you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc users list --filter status=ACTIVE")]
    List(Deferred<CloudMcListArgs>),
    /// Show one user
    #[command(after_help = "Example:\n  c66 cloudmc users show mira@northgate.example")]
    Show {
        /// UUID, user name or e-mail address
        user: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc envs …`
#[derive(Debug, Subcommand)]
pub(crate) enum Envs {
    /// List the environments you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc envs list --service compute")]
    List {
        /// Only those of this service, by its code
        #[arg(long, value_name = "CODE")]
        service: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
    /// Show one environment
    #[command(after_help = "Example:\n  c66 cloudmc envs show compute/prod")]
    Show {
        /// UUID, name or SERVICE/NAME
        env: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the members of an environment
    #[command(after_help = "Example:\n  c66 cloudmc envs members compute/prod")]
    Members {
        /// UUID, name or SERVICE/NAME
        env: String,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
    /// Create an environment and wait for it
    #[command(after_help = "Example:\n  c66 cloudmc envs create dev --service compute --description 'For trying'")]
    Create {
        /// Name: lower-case letters, digits, - and _
        name: String,
        /// Service it belongs to: code, UUID or name of the connection
        #[arg(long, value_name = "CODE")]
        service: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        /// Who is a member of it
        #[arg(long, value_name = "WHO", value_parser = clap::builder::PossibleValuesParser::new(MEMBERSHIPS.iter().copied()))]
        membership: Option<String>,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
    /// Delete an environment with everything in it
    #[command(
        after_help = "Deleting again what could not be deleted is a forced delete: it is forgotten, whatever is left behind.\n\nExample:\n  c66 cloudmc envs delete compute/dev"
    )]
    Delete {
        /// UUID, whole name or SERVICE/NAME
        env: String,
        /// Be content when it is not there
        #[arg(long)]
        if_exists: bool,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        write_args: CloudMcWriteArgs,
    },
}

/// `c66 cloudmc connections …`
#[derive(Debug, Subcommand)]
pub(crate) enum Connections {
    /// List the service connections
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc connections list")]
    List(Deferred<CloudMcListArgs>),
    /// Show one service connection
    #[command(after_help = "Example:\n  c66 cloudmc connections show compute")]
    Show {
        /// UUID, service code or name
        connection: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc services …`
#[derive(Debug, Subcommand)]
pub(crate) enum Services {
    /// List the types of a service and their operations
    #[command(after_help = "Example:\n  c66 cloudmc services types compute")]
    Types {
        /// UUID, service code or name of the connection
        connection: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        list: ListArgs,
    },
}

/// `c66 cloudmc roles …`
#[derive(Debug, Subcommand)]
pub(crate) enum Roles {
    /// List the roles that can be given
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc roles list --scope ENV")]
    List {
        /// Environment in which they can be given
        #[arg(long, value_name = "ENV")]
        env: Option<String>,
        /// Scope, such as ENV or ORG_BASE
        #[arg(long, value_name = "SCOPE")]
        scope: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
}

/// `c66 cloudmc quotas …`
#[derive(Debug, Subcommand)]
pub(crate) enum Quotas {
    /// List the quotas
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 cloudmc quotas list")]
    List(Deferred<CloudMcListArgs>),
    /// Show one quota
    #[command(after_help = "Example:\n  c66 cloudmc quotas show 4bf5c8ec-f187-484d-abb7-a66e2ec943d6")]
    Show {
        /// UUID or name
        quota: String,
        #[command(flatten)]
        org: OrgArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 cloudmc activity …`
#[derive(Debug, Subcommand)]
pub(crate) enum Activity {
    /// List what was done, by whom
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 cloudmc activity list --mine --since 2026-11-01T00:00:00Z --limit 20"
    )]
    List {
        /// Only what you did
        #[arg(long)]
        mine: bool,
        /// Only what concerns this environment
        #[arg(long, value_name = "ENV")]
        env: Option<String>,
        /// Only what ended like this, such as FAILURE
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// Only what began at or after this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        since: Option<String>,
        /// Only what began before this time (RFC 3339)
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        #[command(flatten)]
        listed: CloudMcListArgs,
    },
}

/// `c66 cloudmc usage`
#[derive(Args, Debug)]
pub(crate) struct Usage {
    /// Organization: UUID, entry point or name [default: your own]
    pub(crate) org: Option<String>,
    /// First day, such as 2026-11-01
    #[arg(long, value_name = "DATE")]
    pub(crate) from: String,
    /// Day after the last
    #[arg(long, value_name = "DATE")]
    pub(crate) to: String,
    /// Over what to sum up
    #[arg(long, value_name = "PERIOD", value_parser = ["hour", "day", "period"], ignore_case = true)]
    pub(crate) period: Option<String>,
    /// Print the table of the server as CSV, as it came
    #[arg(long)]
    pub(crate) csv: bool,
    #[command(flatten)]
    pub(crate) query: QueryArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}
