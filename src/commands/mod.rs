//! What each command does: a file per resource.

pub mod accounts;
pub mod actions;
pub mod api;
pub mod auth;
pub mod backups;
mod bulk;
pub mod cloudmc;
pub mod clouds;
pub mod completions;
pub mod config;
pub mod containers;
pub mod context;
pub mod create_stack;
pub mod deployments;
pub mod devices;
pub mod doctor;
mod doubt;
pub mod download;
pub mod edit_config;
pub mod editor;
pub mod env;
pub mod firewall;
pub mod help;
pub mod known_stacks;
pub mod limits;
pub mod link;
pub mod notifications;
pub mod open_stack;
pub mod profiles;
pub mod redeploy;
pub mod rows;
pub mod sandbox;
pub mod server_groups;
pub mod servers;
pub mod services;
pub mod settings;
pub mod stacks;
pub mod users;
pub mod verbs;
pub mod wait;
pub mod which_stack;

use self::context::Context;
use crate::cli::Command;
use crate::cli::group::{Deferred, Group};
use crate::error::Result;

/// Carries out a command; the exit code is that of its error, of the command it ran for the user, or of what it found.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<u8> {
    match command {
        Command::Stacks(Group(command)) => stacks::run(context, command).await?,
        Command::Redeploy(Deferred(args)) => redeploy::run(context, &args).await?,
        Command::Deployments(Group(command)) => deployments::run(context, command).await?,
        Command::Actions(Group(command)) => actions::run(context, command).await?,
        Command::Wait(Deferred(args)) => wait::run(context, &args).await?,
        Command::Services(Group(command)) => services::run(context, command).await?,
        Command::Containers(Group(command)) => containers::run(context, command).await?,
        Command::Servers(Group(command)) => servers::run(context, command).await?,
        Command::ServerGroups(Group(command)) => server_groups::run(context, command).await?,
        Command::Env(Group(command)) => return env::run(context, command).await,
        Command::Settings(Group(command)) => settings::run(context, command).await?,
        Command::Backups(Group(command)) => backups::run(context, command).await?,
        Command::Firewall(Group(command)) => firewall::run(context, command).await?,
        Command::Lease(Deferred(args)) => firewall::lease(context, args).await?,
        Command::Notifications(Group(command)) => notifications::run(context, command).await?,
        Command::Clouds(Group(command)) => clouds::run(context, command).await?,
        Command::Accounts(Group(command)) => accounts::run(context, command).await?,
        Command::Users(Group(command)) => users::run(context, command).await?,
        Command::Devices(Group(command)) => devices::run(context, command).await?,
        Command::Auth(Group(command)) => auth::run(context, command).await?,
        Command::Config(Group(command)) => config::run(context, command).await?,
        Command::Profiles(Group(command)) => profiles::run(context, command).await?,
        Command::Link(Deferred(args)) => link::link(context, &args).await?,
        Command::Unlink(_) => link::unlink(context)?,
        Command::Limits(Deferred(args)) => limits::run(context, &args).await?,
        Command::Doctor(Deferred(args)) => return doctor::run(context, &args).await,
        Command::Api(Deferred(args)) => api::run(context, &args).await?,
        Command::CloudMc(Group(command)) => cloudmc::run(context, command).await?,
        Command::Completions(Deferred(args)) => completions::run(context, &args)?,
        Command::Sandbox(Group(command)) => return sandbox::run(context, command).await,
        Command::Man(Deferred(args)) => help::manual(context, &args)?,
        Command::Help(Deferred(args)) => help::run(context, &args)?,
    }
    Ok(0)
}
