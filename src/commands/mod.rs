//! What each command does: a file per resource.

pub(crate) mod accounts;
pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod backups;
mod bulk;
pub(crate) mod cloudmc;
pub(crate) mod clouds;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod containers;
pub(crate) mod context;
pub(crate) mod deployments;
pub(crate) mod devices;
pub(crate) mod doctor;
mod doubt;
pub(crate) mod editor;
pub(crate) mod env;
pub(crate) mod firewall;
pub(crate) mod help;
pub(crate) mod limits;
pub(crate) mod link;
pub(crate) mod notifications;
pub(crate) mod profiles;
pub(crate) mod raw_rows;
pub(crate) mod sandbox;
pub(crate) mod server_groups;
pub(crate) mod servers;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod stacks;
pub(crate) mod users;
pub(crate) mod wait;

use self::context::Context;
use crate::args::deferred::{Deferred, Subcommands};
use crate::cli::Command;
use crate::error::Result;

/// Carries out a command; the exit code is that of its error, of the command it ran for the user, or of what it found.
pub(crate) async fn run(context: &Context, command: Command) -> Result<u8> {
    match command {
        Command::Stacks(Subcommands(command)) => stacks::run(context, command).await?,
        Command::Redeploy(Deferred(args)) => deployments::redeploy::run(context, &args).await?,
        Command::Deployments(Subcommands(command)) => deployments::run(context, command).await?,
        Command::Actions(Subcommands(command)) => actions::run(context, command).await?,
        Command::Wait(Deferred(args)) => wait::run(context, &args).await?,
        Command::Services(Subcommands(command)) => services::run(context, command).await?,
        Command::Containers(Subcommands(command)) => containers::run(context, command).await?,
        Command::Servers(Subcommands(command)) => servers::run(context, command).await?,
        Command::ServerGroups(Subcommands(command)) => server_groups::run(context, command).await?,
        Command::Env(Subcommands(command)) => return env::run(context, command).await,
        Command::Settings(Subcommands(command)) => settings::run(context, command).await?,
        Command::Backups(Subcommands(command)) => backups::run(context, command).await?,
        Command::Firewall(Subcommands(command)) => firewall::run(context, command).await?,
        Command::Lease(Deferred(args)) => firewall::lease(context, args).await?,
        Command::Notifications(Subcommands(command)) => notifications::run(context, command).await?,
        Command::Clouds(Subcommands(command)) => clouds::run(context, command).await?,
        Command::Accounts(Subcommands(command)) => accounts::run(context, command).await?,
        Command::Users(Subcommands(command)) => users::run(context, command).await?,
        Command::Devices(Subcommands(command)) => devices::run(context, command).await?,
        Command::Auth(Subcommands(command)) => auth::run(context, command).await?,
        Command::Config(Subcommands(command)) => config::run(context, command).await?,
        Command::Profiles(Subcommands(command)) => profiles::run(context, command).await?,
        Command::Link(Deferred(args)) => link::link(context, &args).await?,
        Command::Unlink(_) => link::unlink(context)?,
        Command::Limits(Deferred(args)) => limits::run(context, &args).await?,
        Command::Doctor(Deferred(args)) => return doctor::run(context, &args).await,
        Command::Api(Deferred(args)) => api::run(context, &args).await?,
        Command::CloudMc(Subcommands(command)) => cloudmc::run(context, command).await?,
        Command::Completions(Deferred(args)) => completions::run(context, &args)?,
        Command::Sandbox(Subcommands(command)) => return sandbox::run(context, command).await,
        Command::Man(Deferred(args)) => help::manual(context, &args)?,
        Command::Help(Deferred(args)) => help::run(context, &args)?,
    }
    Ok(0)
}
