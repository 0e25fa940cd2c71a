//! What each command does: a file per resource.

pub mod actions;
pub mod api;
pub mod auth;
pub mod backups;
pub mod completions;
pub mod config;
pub mod context;
pub mod deployments;
pub mod env;
pub mod help;
pub mod profiles;
pub mod redeploy;
pub mod sandbox;
pub mod stacks;
pub mod verbs;
pub mod which_stack;

use self::context::Context;
use crate::cli::Command;
use crate::error::Result;

/// Carries out a command; the exit code is that of its error, or of the command it ran for the user.
///
/// # Errors
/// Whatever the command says.
pub async fn run(context: &Context, command: Command) -> Result<u8> {
    match command {
        Command::Stacks(command) => stacks::run(context, command).await?,
        Command::Redeploy(args) => redeploy::run(context, &args).await?,
        Command::Deployments(command) => deployments::run(context, command).await?,
        Command::Actions(command) => actions::run(context, command).await?,
        Command::Env(command) => env::run(context, command).await?,
        Command::Backups(command) => backups::run(context, command).await?,
        Command::Auth(command) => auth::run(context, command).await?,
        Command::Config(command) => config::run(context, command).await?,
        Command::Profiles(command) => profiles::run(context, command).await?,
        Command::Api(args) => api::run(context, &args).await?,
        Command::Completions(args) => completions::run(context, &args)?,
        Command::Sandbox(command) => return sandbox::run(context, command).await,
        Command::Help(args) => help::run(context, &args)?,
    }
    Ok(0)
}
