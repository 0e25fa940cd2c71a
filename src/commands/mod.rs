//! The commands: a file or folder per noun, with its arguments, its columns and what its verbs do.

mod account_write;
pub(crate) mod accounts;
pub(crate) mod actions;
pub(crate) mod alias;
pub(crate) mod api;
pub(crate) mod auth;
pub(crate) mod backups;
mod bulk;
mod by_reference;
mod cells;
pub(crate) mod cloudmc;
pub(crate) mod clouds;
pub(crate) mod clusters;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod config_files;
pub(crate) mod config_store;
pub(crate) mod containers;
pub(crate) mod context;
pub(crate) mod databases;
pub(crate) mod deferred;
pub(crate) mod deployments;
pub(crate) mod devices;
pub(crate) mod dns_providers;
pub(crate) mod doctor;
pub(crate) mod editor;
pub(crate) mod env;
pub(crate) mod failover_groups;
pub(crate) mod firewall;
pub(crate) mod gateways;
pub(crate) mod globals;
pub(crate) mod help;
pub(crate) mod image_repositories;
pub(crate) mod jobs;
pub(crate) mod limits;
pub(crate) mod link;
mod newest;
pub(crate) mod notifications;
pub(crate) mod operations;
pub(crate) mod pager;
pub(crate) mod processes;
pub(crate) mod profiles;
pub(crate) mod raw_rows;
pub(crate) mod sandbox;
pub(crate) mod server_groups;
pub(crate) mod servers;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod ssh;
pub(crate) mod ssl;
pub(crate) mod stacks;
pub(crate) mod status;
pub(crate) mod tags;
pub(crate) mod users;
pub(crate) mod variants;
pub(crate) mod wait;
pub(crate) mod watch;

use clap::{Parser, Subcommand};

use self::context::Context;
use crate::commands::deferred::{Deferred, Subcommands};
use crate::commands::globals::Globals;
use crate::error::Result;

/// Manage Cloud 66 stacks from the command line
#[derive(Debug, Parser)]
#[command(
    name = "c66",
    // Not the file name, which has an extension on Windows.
    bin_name = "c66",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Try it without an account: c66 --sandbox stacks list\nTopics: c66 help options, exit-codes, environment, formatting, from-cx"
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
    /// List, show and manage stacks
    #[command(alias = "stack")]
    Stacks(Subcommands<stacks::StacksCommand>),
    /// Show what is not well, and what is deploying
    Status(Deferred<status::StatusArgs>),
    /// Redeploy a stack and wait for the outcome
    Redeploy(Deferred<deployments::redeploy::RedeployArgs>),
    /// List, show, cancel and wait for deployments
    #[command(alias = "deployment")]
    Deployments(Subcommands<deployments::DeploymentsCommand>),
    /// List, show, run and wait for stack actions
    #[command(alias = "action")]
    Actions(Subcommands<actions::ActionsCommand>),
    /// Wait for a condition of a stack, server or deployment
    Wait(Deferred<wait::WaitCommandArgs>),
    /// List, scale, stop and restart services
    #[command(alias = "service")]
    Services(Subcommands<services::ServicesCommand>),
    /// List, show, scale, pause and restart background processes
    #[command(alias = "process")]
    Processes(Subcommands<processes::ProcessesCommand>),
    /// List, show, run and pause jobs
    #[command(alias = "job")]
    Jobs(Subcommands<jobs::JobsCommand>),
    /// List, show, stop and restart containers
    #[command(alias = "container")]
    Containers(Subcommands<containers::ContainersCommand>),
    /// Open and show sessions in containers
    #[command(alias = "session")]
    Sessions(Subcommands<sessions::SessionsCommand>),
    /// List, show and reboot servers, their keys and settings
    #[command(alias = "server")]
    Servers(Subcommands<servers::ServersCommand>),
    /// List, show and scale server groups
    #[command(alias = "server-group")]
    ServerGroups(Subcommands<server_groups::ServerGroupsCommand>),
    /// List, create and delete databases and their users; promote replicas
    #[command(alias = "database")]
    Databases(Subcommands<databases::DatabasesCommand>),
    /// Read and change environment variables
    #[command(aliases = ["env-vars", "env-var"])]
    Env(Subcommands<env::EnvCommand>),
    /// Read and change the settings of a stack
    #[command(alias = "setting")]
    Settings(Subcommands<settings::SettingsCommand>),
    /// List, show, pull, push and apply configuration files
    #[command(aliases = ["config-file", "configuration"])]
    ConfigFiles(Subcommands<config_files::ConfigFilesCommand>),
    /// List, show, change and delete records of the config store
    #[command(alias = "configstore")]
    ConfigStore(Subcommands<config_store::ConfigStoreCommand>),
    /// List, commit and delete the variants of a stack
    #[command(alias = "variant")]
    Variants(Subcommands<variants::VariantsCommand>),
    /// List, show and download backups
    #[command(alias = "backup")]
    Backups(Subcommands<backups::BackupsCommand>),
    /// List, show and add firewall rules
    #[command(alias = "firewalls")]
    Firewall(Subcommands<firewall::FirewallCommand>),
    /// Open a port to your IP address for a limited time
    Lease(Deferred<firewall::LeaseArgs>),
    /// Log in to a server, or run a command on it
    Ssh(Deferred<ssh::SshArgs>),
    /// Run a command on a server or in a container
    Run(Deferred<ssh::run::RunArgs>),
    /// Follow log files of servers and logs of containers
    #[command(visible_alias = "logs")]
    Tail(Deferred<ssh::tail::TailArgs>),
    /// Open local ports that lead to a server
    Tunnel(Deferred<ssh::tunnel::TunnelArgs>),
    /// Copy a file or folder to a server
    Upload(Deferred<ssh::copy::UploadArgs>),
    /// Copy a file or folder from a server
    Download(Deferred<ssh::copy::DownloadArgs>),
    /// Copy a file or folder to or from a server
    Cp(Deferred<ssh::copy::CpArgs>),
    /// List, show and change notification settings
    #[command(alias = "notification")]
    Notifications(Subcommands<notifications::NotificationsCommand>),
    /// List, show, add, change and remove SSL certificates
    Ssl(Subcommands<ssl::SslCommand>),
    /// List the DNS providers of the account
    #[command(alias = "dns-provider")]
    DnsProviders(Subcommands<dns_providers::DnsProvidersCommand>),
    /// List, add, switch and remove failover groups
    #[command(alias = "failover-group")]
    FailoverGroups(Subcommands<failover_groups::FailoverGroupsCommand>),
    /// List, add, open, close and remove gateways
    #[command(alias = "gateway")]
    Gateways(Subcommands<gateways::GatewaysCommand>),
    /// List, add, change and remove Docker image repositories
    #[command(alias = "image-repository")]
    ImageRepositories(Subcommands<image_repositories::ImageRepositoriesCommand>),
    /// Read and change the tags of servers and load balancers
    #[command(alias = "tag")]
    Tags(Subcommands<tags::TagsCommand>),
    /// List the clouds of the account, their regions and sizes
    #[command(alias = "cloud")]
    Clouds(Subcommands<clouds::CloudsCommand>),
    /// List and show Kubernetes clusters
    #[command(alias = "cluster")]
    Clusters(Subcommands<clusters::ClustersCommand>),
    /// List and show accounts
    #[command(alias = "account")]
    Accounts(Subcommands<accounts::AccountsCommand>),
    /// List, show and change users
    #[command(alias = "user")]
    Users(Subcommands<users::UsersCommand>),
    /// List, add, change and remove mobile devices
    #[command(alias = "device")]
    Devices(Subcommands<devices::DevicesCommand>),
    /// Log in and out, and show who you are
    Auth(Subcommands<auth::AuthCommand>),
    /// Read and change the configuration
    Config(Subcommands<config::ConfigCommand>),
    /// List, set and remove your own words for commands
    #[command(alias = "aliases")]
    Alias(Subcommands<alias::AliasCommand>),
    /// List, choose, rename and remove profiles
    #[command(alias = "profile")]
    Profiles(Subcommands<profiles::ProfilesCommand>),
    /// Link this folder to a stack (in .c66.toml)
    Link(Deferred<link::LinkArgs>),
    /// Unlink this folder from its stack
    Unlink(Deferred<link::UnlinkArgs>),
    /// Show the request limit and the requests left
    Limits(Deferred<limits::LimitsArgs>),
    /// List the log lines of an operation
    #[command(alias = "operation")]
    Operations(Subcommands<operations::OperationsCommand>),
    /// Check that the API accepts the token
    Ping(Deferred<operations::PingArgs>),
    /// Check configuration, token, network and clock
    Doctor(Deferred<doctor::DoctorArgs>),
    /// Call any operation of the API
    Api(Deferred<api::ApiArgs>),
    /// Work with the CloudMC API
    #[command(name = "cloudmc")]
    CloudMc(Subcommands<cloudmc::CloudMcCommand>),
    /// Print the completion script of a shell
    Completions(Deferred<completions::CompletionsArgs>),
    /// Print the man page of a command
    Man(Deferred<help::ManArgs>),
    /// Run the built-in API simulator
    Sandbox(Subcommands<sandbox::SandboxCommand>),
    /// Show help for a command or a topic
    Help(Deferred<help::HelpArgs>),
}

/// Runs a command; returns the exit code of its error, of the command it ran for the user, or of its finding.
pub(crate) async fn run(context: &Context, command: Command) -> Result<u8> {
    match command {
        Command::Stacks(Subcommands(command)) => stacks::run(context, command).await?,
        Command::Status(Deferred(args)) => return status::run(context, &args).await,
        Command::Redeploy(Deferred(args)) => deployments::redeploy::run(context, &args).await?,
        Command::Deployments(Subcommands(command)) => deployments::run(context, command).await?,
        Command::Actions(Subcommands(command)) => actions::run(context, command).await?,
        Command::Wait(Deferred(args)) => wait::run(context, &args).await?,
        Command::Services(Subcommands(command)) => services::run(context, command).await?,
        Command::Processes(Subcommands(command)) => processes::run(context, command).await?,
        Command::Jobs(Subcommands(command)) => jobs::run(context, command).await?,
        Command::Containers(Subcommands(command)) => containers::run(context, command).await?,
        Command::Sessions(Subcommands(command)) => sessions::run(context, command).await?,
        Command::Servers(Subcommands(command)) => servers::run(context, command).await?,
        Command::ServerGroups(Subcommands(command)) => server_groups::run(context, command).await?,
        Command::Databases(Subcommands(command)) => databases::run(context, command).await?,
        Command::Env(Subcommands(command)) => return env::run(context, command).await,
        Command::Settings(Subcommands(command)) => settings::run(context, command).await?,
        Command::ConfigFiles(Subcommands(command)) => return config_files::run(context, command).await,
        Command::ConfigStore(Subcommands(command)) => config_store::run(context, command).await?,
        Command::Variants(Subcommands(command)) => variants::run(context, command).await?,
        Command::Clusters(Subcommands(command)) => clusters::run(context, command).await?,
        Command::Operations(Subcommands(command)) => operations::run(context, command).await?,
        Command::Ping(_) => operations::ping(context).await?,
        Command::Backups(Subcommands(command)) => backups::run(context, command).await?,
        Command::Firewall(Subcommands(command)) => firewall::run(context, command).await?,
        Command::Lease(Deferred(args)) => return firewall::lease(context, args).await,
        Command::Ssh(Deferred(args)) => return ssh::run(context, &args).await,
        Command::Run(Deferred(args)) => return ssh::run::run(context, &args).await,
        Command::Tail(Deferred(args)) => return ssh::tail::run(context, &args).await,
        Command::Tunnel(Deferred(args)) => return ssh::tunnel::run(context, &args).await,
        Command::Upload(Deferred(args)) => return ssh::copy::upload(context, args).await,
        Command::Download(Deferred(args)) => return ssh::copy::download(context, args).await,
        Command::Cp(Deferred(args)) => return ssh::copy::cp(context, args).await,
        Command::Notifications(Subcommands(command)) => notifications::run(context, command).await?,
        Command::Ssl(Subcommands(command)) => return ssl::run(context, command).await,
        Command::DnsProviders(Subcommands(command)) => dns_providers::run(context, command).await?,
        Command::FailoverGroups(Subcommands(command)) => failover_groups::run(context, command).await?,
        Command::Gateways(Subcommands(command)) => gateways::run(context, command).await?,
        Command::ImageRepositories(Subcommands(command)) => image_repositories::run(context, command).await?,
        Command::Tags(Subcommands(command)) => tags::run(context, command).await?,
        Command::Clouds(Subcommands(command)) => clouds::run(context, command).await?,
        Command::Accounts(Subcommands(command)) => accounts::run(context, command).await?,
        Command::Users(Subcommands(command)) => users::run(context, command).await?,
        Command::Devices(Subcommands(command)) => devices::run(context, command).await?,
        Command::Auth(Subcommands(command)) => auth::run(context, command).await?,
        Command::Config(Subcommands(command)) => config::run(context, command).await?,
        Command::Alias(Subcommands(command)) => alias::run(context, command).await?,
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
