//! What may be typed: the whole command tree, without behaviour.

pub(crate) mod account;
pub(crate) mod backups;
pub(crate) mod belongings;
pub(crate) mod candidates;
pub(crate) mod cloudmc;
pub(crate) mod env;
pub(crate) mod people;
pub(crate) mod runtime;
pub(crate) mod stack;
pub(crate) mod tool;
pub(crate) mod wait;

use clap::{Parser, Subcommand};

use crate::args::deferred::{Deferred, Subcommands};
use crate::args::globals::Globals;

/// A command line for Cloud 66
#[derive(Debug, Parser)]
#[command(
    name = "c66",
    // Not what the file is called: that has an ending on Windows.
    bin_name = "c66",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Try it without an account:\n  c66 --sandbox stacks list\n  c66 --sandbox redeploy --stack awesome-app --yes\n\nTopics: c66 help exit-codes, c66 help environment, c66 help formatting,\n  c66 help from-cx"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List stacks, show one, act on one
    #[command(alias = "stack")]
    Stacks(Subcommands<stack::Stacks>),
    /// Deploy a stack again and wait for the verdict
    Redeploy(Deferred<stack::Redeploy>),
    /// List, show, cancel and wait for deployments
    #[command(alias = "deployment")]
    Deployments(Subcommands<stack::Deployments>),
    /// List, show, run and wait for stack actions
    #[command(alias = "action")]
    Actions(Subcommands<stack::Actions>),
    /// Wait until a stack, server, service or deployment is as it should be
    Wait(Deferred<wait::Wait>),
    /// List, scale, stop and restart services
    #[command(alias = "service")]
    Services(Subcommands<runtime::Services>),
    /// List, show, stop and restart containers
    #[command(alias = "container")]
    Containers(Subcommands<runtime::Containers>),
    /// List and show servers, their keys and settings
    #[command(alias = "server")]
    Servers(Subcommands<runtime::Servers>),
    /// List and show server groups
    #[command(alias = "server-group")]
    ServerGroups(Subcommands<runtime::ServerGroups>),
    /// Read and change environment variables
    #[command(aliases = ["env-vars", "env-var"])]
    Env(Subcommands<stack::Env>),
    /// Read and change the settings of a stack
    #[command(alias = "setting")]
    Settings(Subcommands<runtime::Settings>),
    /// List, show and download backups
    #[command(alias = "backup")]
    Backups(Subcommands<backups::Backups>),
    /// List, show and add firewall rules
    #[command(alias = "firewalls")]
    Firewall(Subcommands<belongings::Firewall>),
    /// Open a port to yourself for a while
    Lease(Deferred<belongings::Lease>),
    /// List, show and change notification settings
    #[command(alias = "notification")]
    Notifications(Subcommands<belongings::Notifications>),
    /// List the clouds of the account, their regions and sizes
    #[command(alias = "cloud")]
    Clouds(Subcommands<people::Clouds>),
    /// List and show accounts
    #[command(alias = "account")]
    Accounts(Subcommands<people::Accounts>),
    /// List and show users
    #[command(alias = "user")]
    Users(Subcommands<people::Users>),
    /// List, add, change and remove mobile devices
    #[command(alias = "device")]
    Devices(Subcommands<people::Devices>),
    /// Log in and out, and see who you are
    Auth(Subcommands<account::Auth>),
    /// Read and change the configuration
    Config(Subcommands<account::Config>),
    /// List, choose, rename and remove profiles
    #[command(alias = "profile")]
    Profiles(Subcommands<account::Profiles>),
    /// Name the stack of this folder, in .c66.toml
    Link(Deferred<account::Link>),
    /// Forget the stack of this folder
    Unlink(Deferred<account::Unlink>),
    /// Show the request limit and what is left of it
    Limits(Deferred<tool::Limits>),
    /// Look for what is wrong: configuration, token, network, clock
    Doctor(Deferred<tool::Doctor>),
    /// Call any operation of the API
    Api(Deferred<tool::Api>),
    /// Work with a CloudMC, the other API
    #[command(name = "cloudmc")]
    CloudMc(Subcommands<cloudmc::CloudMc>),
    /// Print the completion script of a shell
    Completions(Deferred<tool::Completions>),
    /// Print the man page of a command
    Man(Deferred<tool::Man>),
    /// Run the built-in simulator of the API
    Sandbox(Subcommands<tool::Sandbox>),
    /// Help on a command or a topic
    Help(Deferred<tool::Help>),
}
