//! What may be typed: the whole command tree, without behaviour.
#![expect(missing_docs, reason = "the doc comments of fields are their help text; flattened ones have none")]

pub mod account;
pub mod args;
pub mod globals;
pub mod stack;
pub mod tool;
pub mod topics;

use clap::{Parser, Subcommand};

use self::globals::Globals;

/// A command line for Cloud 66
#[derive(Debug, Parser)]
#[command(
    name = "c66",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Try it without an account:\n  c66 --sandbox stacks list\n  c66 --sandbox redeploy --stack awesome-app --yes\n\nTopics: c66 help exit-codes, c66 help environment, c66 help formatting"
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List stacks, show one, act on one
    #[command(subcommand, alias = "stack")]
    Stacks(stack::Stacks),
    /// Deploy a stack again and wait for the verdict
    Redeploy(stack::Redeploy),
    /// List, show, cancel and wait for deployments
    #[command(subcommand, alias = "deployment")]
    Deployments(stack::Deployments),
    /// List, show, run and wait for stack actions
    #[command(subcommand, alias = "action")]
    Actions(stack::Actions),
    /// Read and change environment variables
    #[command(subcommand, aliases = ["env-vars", "env-var"])]
    Env(stack::Env),
    /// List, show and download backups
    #[command(subcommand, alias = "backup")]
    Backups(stack::Backups),
    /// Log in and out, and see who you are
    #[command(subcommand)]
    Auth(account::Auth),
    /// Read and change the configuration
    #[command(subcommand)]
    Config(account::Config),
    /// List and choose profiles
    #[command(subcommand, alias = "profile")]
    Profiles(account::Profiles),
    /// Call any operation of the API
    Api(tool::Api),
    /// Print the completion script of a shell
    Completions(tool::Completions),
    /// Run the built-in simulator of the API
    #[command(subcommand)]
    Sandbox(tool::Sandbox),
    /// Help on a command or a topic
    Help(tool::Help),
}
