//! What may be typed: the whole command tree, without behaviour.
#![expect(missing_docs, reason = "the doc comments of fields are their help text; flattened ones have none")]

pub mod account;
pub mod args;
pub mod backups;
pub mod belongings;
pub mod globals;
pub mod people;
pub mod runtime;
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
    /// List, scale, stop and restart services
    #[command(subcommand, alias = "service")]
    Services(runtime::Services),
    /// List, show, stop and restart containers
    #[command(subcommand, alias = "container")]
    Containers(runtime::Containers),
    /// List and show servers, their keys and settings
    #[command(subcommand, alias = "server")]
    Servers(runtime::Servers),
    /// List and show server groups
    #[command(subcommand, alias = "server-group")]
    ServerGroups(runtime::ServerGroups),
    /// Read and change environment variables
    #[command(subcommand, aliases = ["env-vars", "env-var"])]
    Env(stack::Env),
    /// Read and change the settings of a stack
    #[command(subcommand, alias = "setting")]
    Settings(runtime::Settings),
    /// List, show and download backups
    #[command(subcommand, alias = "backup")]
    Backups(backups::Backups),
    /// List, show and add firewall rules
    #[command(subcommand, alias = "firewalls")]
    Firewall(belongings::Firewall),
    /// Open a port to yourself for a while
    Lease(belongings::Lease),
    /// List, show and change notification settings
    #[command(subcommand, alias = "notification")]
    Notifications(belongings::Notifications),
    /// List the clouds of the account, their regions and sizes
    #[command(subcommand, alias = "cloud")]
    Clouds(people::Clouds),
    /// List and show accounts
    #[command(subcommand, alias = "account")]
    Accounts(people::Accounts),
    /// List and show users
    #[command(subcommand, alias = "user")]
    Users(people::Users),
    /// List, add, change and remove mobile devices
    #[command(subcommand, alias = "device")]
    Devices(people::Devices),
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
    /// Print the man page of a command
    Man(tool::Man),
    /// Run the built-in simulator of the API
    #[command(subcommand)]
    Sandbox(tool::Sandbox),
    /// Help on a command or a topic
    Help(tool::Help),
}
