//! `c66 cloudmc`: the second API through the same rooms.

mod admin;
mod api;
mod auth;
mod body;
mod entities;
mod envs;
pub(crate) mod find;
mod location;
mod perform;
mod resources;
mod session;
mod tasks;

use super::context::Context;
use crate::args::deferred::{Deferred, Subcommands};
use crate::cli::cloudmc::CloudMc as Command;
use crate::error::Result;

/// Carries out `c66 cloudmc …`.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Login(Deferred(args)) => auth::login(context, &args).await,
        Command::Logout => auth::logout(context),
        Command::Status(Deferred(args)) => auth::status(context, &args).await,
        Command::Orgs(Subcommands(command)) => admin::orgs(context, command).await,
        Command::Users(Subcommands(command)) => admin::users(context, command).await,
        Command::Envs(Subcommands(command)) => envs::run(context, command).await,
        Command::Connections(Subcommands(command)) => admin::connections(context, command).await,
        Command::Services(Subcommands(command)) => admin::services(context, command).await,
        Command::Roles(Subcommands(command)) => admin::roles(context, command).await,
        Command::Quotas(Subcommands(command)) => admin::quotas(context, command).await,
        Command::Activity(Subcommands(command)) => admin::activity(context, command).await,
        Command::Usage(Deferred(args)) => admin::usage(context, args).await,
        Command::List(Deferred(args)) => entities::list(context, &args).await,
        Command::Get(Deferred(args)) => entities::get(context, &args).await,
        Command::Create(Deferred(args)) => entities::create(context, &args).await,
        Command::Update(Deferred(args)) => entities::update(context, &args).await,
        Command::Delete(Deferred(args)) => entities::delete(context, &args).await,
        Command::Do(Deferred(args)) => entities::operate(context, &args).await,
        Command::Tasks(Subcommands(command)) => tasks::run(context, command).await,
        Command::Api(Deferred(args)) => api::run(context, &args).await,
    }
}
