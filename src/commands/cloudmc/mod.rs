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
use crate::cli::cloudmc::CloudMc as Command;
use crate::cli::group::Group;
use crate::error::Result;

/// Carries out `c66 cloudmc …`.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<()> {
    match command {
        Command::Login(args) => auth::login(context, &args).await,
        Command::Logout => auth::logout(context),
        Command::Status(args) => auth::status(context, &args).await,
        Command::Orgs(Group(command)) => admin::orgs(context, command).await,
        Command::Users(Group(command)) => admin::users(context, command).await,
        Command::Envs(Group(command)) => envs::run(context, command).await,
        Command::Connections(Group(command)) => admin::connections(context, command).await,
        Command::Services(Group(command)) => admin::services(context, command).await,
        Command::Roles(Group(command)) => admin::roles(context, command).await,
        Command::Quotas(Group(command)) => admin::quotas(context, command).await,
        Command::Activity(Group(command)) => admin::activity(context, command).await,
        Command::Usage(args) => admin::usage(context, args).await,
        Command::List(args) => entities::list(context, &args).await,
        Command::Get(args) => entities::get(context, &args).await,
        Command::Create(args) => entities::create(context, &args).await,
        Command::Update(args) => entities::update(context, &args).await,
        Command::Delete(args) => entities::delete(context, &args).await,
        Command::Do(args) => entities::operate(context, &args).await,
        Command::Tasks(Group(command)) => tasks::run(context, command).await,
        Command::Api(args) => api::run(context, &args).await,
    }
}
