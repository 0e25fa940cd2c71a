//! `c66 cloudmc`: the commands of the CloudMC API, one file per noun.
//!
//! [`requests`] lists and shows any noun; [`write`] confirms, sends and waits; [`entities`] has the resources of every
//! service.

mod activity;
mod api;
pub(crate) mod args;
mod auth;
mod body;
mod cells;
pub(crate) mod connections;
mod entities;
pub(crate) mod envs;
mod find;
mod location;
pub(crate) mod orgs;
pub(crate) mod quotas;
mod requests;
mod roles;
mod services;
mod session;
mod tasks;
mod usage;
pub(crate) mod users;
mod write;

use clap::Subcommand;

use super::context::Context;
use crate::args::ShowArgs;
use crate::cloudmc::endpoints::ORGANIZATIONS_LIST;
use crate::commands::deferred::{Deferred, Subcommands};
use crate::error::Result;
use crate::resource::Resource;
use crate::resource::verb::Verb;

/// `c66 cloudmc …`
#[derive(Debug, Subcommand)]
pub(crate) enum CloudMcCommand {
    /// Check an API key and store it
    #[command(
        after_help = "Examples:\n  c66 cloudmc login --endpoint https://portal.example.com/api/v2\n  op read op://ops/cloudmc/key | c66 cloudmc login --endpoint portal.example.com --api-key-stdin"
    )]
    Login(Deferred<auth::LoginArgs>),
    /// Delete the stored API key
    #[command(after_help = "Example:\n  c66 cloudmc logout")]
    Logout,
    /// Show the endpoint, the source of the key, and its user
    #[command(after_help = "Example:\n  c66 cloudmc status -o json")]
    #[command(add = Verb::calls(&[&ORGANIZATIONS_LIST]).prints(auth::Status::NOUN))]
    Status(Deferred<ShowArgs>),
    /// List and show organizations
    #[command(aliases = ["org", "organizations", "organization"])]
    Orgs(Subcommands<orgs::OrgsCommand>),
    /// List and show users
    #[command(alias = "user")]
    Users(Subcommands<users::UsersCommand>),
    /// List, show, create and delete environments
    #[command(aliases = ["env", "environments", "environment"])]
    Envs(Subcommands<envs::EnvsCommand>),
    /// List and show service connections
    #[command(alias = "connection")]
    Connections(Subcommands<connections::ConnectionsCommand>),
    /// Show what a service offers
    #[command(alias = "service")]
    Services(Subcommands<services::ServicesCommand>),
    /// List the roles that can be assigned
    #[command(alias = "role")]
    Roles(Subcommands<roles::RolesCommand>),
    /// List and show quotas
    #[command(alias = "quota")]
    Quotas(Subcommands<quotas::QuotasCommand>),
    /// Show the activity log
    Activity(Subcommands<activity::ActivityCommand>),
    /// Show the usage of an organization
    #[command(
        after_help = "Examples:\n  c66 cloudmc usage --from 2026-11-01 --to 2026-12-01\n  c66 cloudmc usage northgate --from 2026-11-01 --to 2026-12-01 --period day --csv > usage.csv"
    )]
    Usage(Deferred<usage::UsageArgs>),
    /// List the resources of a type in an environment
    #[command(
        visible_alias = "ls",
        override_usage = "c66 cloudmc list [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE",
        after_help = "Examples:\n  c66 cloudmc list compute prod instances\n  c66 cloudmc list compute/prod volumes --query type=data -o json"
    )]
    List(Deferred<entities::list::ListEntitiesArgs>),
    /// Show a resource in an environment
    #[command(
        override_usage = "c66 cloudmc get [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "Example:\n  c66 cloudmc get compute prod instances web-1"
    )]
    Get(Deferred<entities::get::GetArgs>),
    /// Create a resource in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc create [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE",
        after_help = "Examples:\n  c66 cloudmc create compute prod volumes --data @volume.json\n  c66 cloudmc create compute prod sshkeys -f name=laptop -F publicKey=@id.pub"
    )]
    Create(Deferred<entities::create::CreateArgs>),
    /// Update a resource in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc update [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "Example:\n  c66 cloudmc update compute prod networks 90d38b76-e7dd-4733-8575-0d06a98e8b70 -f name=front"
    )]
    Update(Deferred<entities::update::UpdateArgs>),
    /// Delete a resource in an environment and wait for it
    #[command(
        override_usage = "c66 cloudmc delete [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID",
        after_help = "A second delete after a failure is forced: the API forgets the resource, even if parts of it remain.\n\nExamples:\n  c66 cloudmc delete compute prod volumes ad8f10ab-cbdc-4206-922e-4c81ccfc0f13\n  c66 cloudmc delete compute prod volumes web-1-root --by-name --if-exists --yes"
    )]
    Delete(Deferred<entities::delete::DeleteArgs>),
    /// Run an operation on a resource and wait for it
    #[command(
        override_usage = "c66 cloudmc do [OPTIONS] [SERVICE ENV | SERVICE/ENV] TYPE ID OPERATION",
        after_help = "Use - as the ID for operations on the type itself. List operations with: c66 cloudmc services types\n\nExamples:\n  c66 cloudmc do compute prod instances 9fcd92cd-76af-40fa-b515-7035ef3b0e87 stop\n  c66 cloudmc do compute prod instances web-1 resetPassword --by-name --reveal"
    )]
    Do(Deferred<entities::operate::OperateArgs>),
    /// Show a task, or wait for one
    #[command(alias = "task")]
    Tasks(Subcommands<tasks::TasksCommand>),
    /// Call any operation of the API
    Api(Deferred<api::ApiArgs>),
}

/// Runs `c66 cloudmc …`.
pub(crate) async fn run(context: &Context, command: CloudMcCommand) -> Result<()> {
    match command {
        CloudMcCommand::Login(Deferred(args)) => auth::login(context, &args).await,
        CloudMcCommand::Logout => auth::logout(context),
        CloudMcCommand::Status(Deferred(args)) => auth::status(context, &args).await,
        CloudMcCommand::Orgs(Subcommands(command)) => orgs::run(context, command).await,
        CloudMcCommand::Users(Subcommands(command)) => users::run(context, command).await,
        CloudMcCommand::Envs(Subcommands(command)) => envs::run(context, command).await,
        CloudMcCommand::Connections(Subcommands(command)) => connections::run(context, command).await,
        CloudMcCommand::Services(Subcommands(command)) => services::run(context, command).await,
        CloudMcCommand::Roles(Subcommands(command)) => roles::run(context, command).await,
        CloudMcCommand::Quotas(Subcommands(command)) => quotas::run(context, command).await,
        CloudMcCommand::Activity(Subcommands(command)) => activity::run(context, command).await,
        CloudMcCommand::Usage(Deferred(args)) => usage::run(context, args).await,
        CloudMcCommand::List(Deferred(args)) => entities::list::run(context, &args).await,
        CloudMcCommand::Get(Deferred(args)) => entities::get::run(context, &args).await,
        CloudMcCommand::Create(Deferred(args)) => entities::create::run(context, &args).await,
        CloudMcCommand::Update(Deferred(args)) => entities::update::run(context, &args).await,
        CloudMcCommand::Delete(Deferred(args)) => entities::delete::run(context, &args).await,
        CloudMcCommand::Do(Deferred(args)) => entities::operate::run(context, &args).await,
        CloudMcCommand::Tasks(Subcommands(command)) => tasks::run(context, command).await,
        CloudMcCommand::Api(Deferred(args)) => api::run(context, &args).await,
    }
}
