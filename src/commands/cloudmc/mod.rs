//! `c66 cloudmc`: the second API through the same rooms.

mod admin;
mod api;
mod auth;
mod body;
mod entities;
mod envs;
pub(crate) mod find;
mod perform;
mod place;
mod resources;
mod session;
mod tasks;

use super::context::Context;
use crate::args::deferred::{Deferred, Group};
use crate::cli::cloudmc::CloudMc as Command;
use crate::error::Result;

/// Carries out `c66 cloudmc …`.
pub(crate) async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Login(Deferred(args)) => auth::login(context, &args).await,
        Command::Logout => auth::logout(context),
        Command::Status(Deferred(args)) => auth::status(context, &args).await,
        Command::Orgs(Group(command)) => admin::orgs(context, command).await,
        Command::Users(Group(command)) => admin::users(context, command).await,
        Command::Envs(Group(command)) => envs::run(context, command).await,
        Command::Connections(Group(command)) => admin::connections(context, command).await,
        Command::Services(Group(command)) => admin::services(context, command).await,
        Command::Roles(Group(command)) => admin::roles(context, command).await,
        Command::Quotas(Group(command)) => admin::quotas(context, command).await,
        Command::Activity(Group(command)) => admin::activity(context, command).await,
        Command::Usage(Deferred(args)) => admin::usage(context, args).await,
        Command::List(Deferred(args)) => entities::list(context, &args).await,
        Command::Get(Deferred(args)) => entities::get(context, &args).await,
        Command::Create(Deferred(args)) => entities::create(context, &args).await,
        Command::Update(Deferred(args)) => entities::update(context, &args).await,
        Command::Delete(Deferred(args)) => entities::delete(context, &args).await,
        Command::Do(Deferred(args)) => entities::operate(context, &args).await,
        Command::Tasks(Group(command)) => tasks::run(context, command).await,
        Command::Api(Deferred(args)) => api::run(context, &args).await,
    }
}
