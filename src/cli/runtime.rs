//! Commands about what a stack runs: its services, containers, servers and settings.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::deferred::{Deferred, Subcommands};
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};

/// One server only.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ServerArgs {
    /// Only on this server: its name, UID or address
    #[arg(long, value_name = "SERVER")]
    pub(crate) server: Option<String>,
}

/// `c66 services …`
#[derive(Debug, Subcommand)]
pub(crate) enum Services {
    /// List the services of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 services list -s awesome-app\n  c66 services list -s awesome-app --server gazelle -o wide"
    )]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one service
    #[command(alias = "info", after_help = "Example:\n  c66 services show web -s awesome-app")]
    Show {
        /// Name of the service
        name: String,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Set how many containers of a service run
    #[command(
        after_help = "Examples:\n  c66 services scale web=3 worker=+1 --group web -s shop\n  c66 services scale web=-1 --server gazelle -s shop"
    )]
    Scale {
        /// NAME=3 for so many, NAME=+1 and NAME=-1 for more or fewer than now
        #[arg(required = true, value_name = "NAME=N")]
        counts: Vec<String>,
        /// Over the servers of this group or role
        #[arg(long, value_name = "GROUP", conflicts_with = "server")]
        group: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Stop every container of a service
    #[command(after_help = "Example:\n  c66 services stop worker --server gazelle -s shop")]
    Stop(Deferred<ServiceAction>),
    /// Restart a service, or all of them
    #[command(after_help = "Examples:\n  c66 services restart -s shop\n  c66 services restart web -s shop")]
    Restart {
        /// Name of the service [default: all]
        name: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Pause the containers of a service
    #[command(after_help = "Example:\n  c66 services pause worker -s shop")]
    Pause(Deferred<ServiceAction>),
    /// Let the containers of a paused service go on
    #[command(after_help = "Example:\n  c66 services resume worker -s shop")]
    Resume(Deferred<ServiceAction>),
}

/// An action on one service.
#[derive(Args, Debug)]
pub(crate) struct ServiceAction {
    /// Name of the service
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 containers …`
#[derive(Debug, Subcommand)]
pub(crate) enum Containers {
    /// List the containers of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 containers list -s awesome-app\n  c66 containers list -s awesome-app --filter service=web --filter health~Down"
    )]
    List {
        #[command(flatten)]
        server: ServerArgs,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one container with what its runtime says
    #[command(
        alias = "info",
        after_help = "Examples:\n  c66 containers show cba44fa6 -s awesome-app\n  c66 containers show cba44fa6 -s awesome-app --jq .runtime.Config.Cmd"
    )]
    Show {
        /// UID of the container, or a beginning that no other has
        uid: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Stop one container
    #[command(after_help = "Example:\n  c66 containers stop cba44fa6 -s awesome-app")]
    Stop(Deferred<ContainerAction>),
    /// Restart one container
    #[command(after_help = "Example:\n  c66 containers restart cba44fa6 -s awesome-app")]
    Restart(Deferred<ContainerAction>),
}

/// An action on one container.
#[derive(Args, Debug)]
pub(crate) struct ContainerAction {
    /// UID of the container, or a beginning that no other has
    pub(crate) uid: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 servers …`
#[derive(Debug, Subcommand)]
pub(crate) enum Servers {
    /// List the servers of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  c66 servers list -s awesome-app\n  c66 servers list -s awesome-app --filter roles~web --columns name,address"
    )]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one server
    #[command(after_help = "Example:\n  c66 servers show caribou -s awesome-app")]
    Show {
        /// Name, UID or address of the server
        server: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Save the private key to a server in a file that only you can read
    #[command(
        after_help = "Examples:\n  c66 servers key caribou -s awesome-app\n  c66 servers key caribou -s awesome-app --out - | ssh-add -"
    )]
    Key {
        /// Name, UID or address of the server
        server: String,
        /// File to write, - for stdout [default: the server as you named it, with .pem]
        #[arg(short = 'O', long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Replace a file that is there already
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Read and change the settings of a server
    #[command(alias = "setting")]
    Settings(Subcommands<ServerSettings>),
}

/// `c66 servers settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServerSettings {
    /// List the settings of a server
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 servers settings list caribou -s awesome-app")]
    List {
        /// Name, UID or address of the server
        server: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of one setting of a server
    #[command(alias = "show", after_help = "Example:\n  c66 servers settings get caribou server.name -s awesome-app")]
    Get {
        /// Name, UID or address of the server
        server: String,
        /// Name of the setting
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Change one setting of a server
    #[command(after_help = "Example:\n  c66 servers settings set caribou server.name gazelle -s awesome-app")]
    Set {
        /// Name, UID or address of the server
        server: String,
        #[command(flatten)]
        change: SettingChange,
    },
}

/// `c66 server-groups …`
#[derive(Debug, Subcommand)]
pub(crate) enum ServerGroups {
    /// List the server groups of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 server-groups list -s awesome-app")]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one server group
    #[command(after_help = "Example:\n  c66 server-groups show 128 -s awesome-app")]
    Show {
        /// Number, name or type of the group
        group: String,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// List the settings of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 settings list -s awesome-app --filter readonly=no")]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of one setting
    #[command(alias = "show", after_help = "Example:\n  c66 settings get git.branch -s awesome-app")]
    Get {
        /// Name of the setting
        key: String,
        #[command(flatten)]
        stack: StackArgs,
    },
    /// Change one setting
    #[command(after_help = "Example:\n  c66 settings set git.branch staging -s awesome-app")]
    Set(Deferred<SettingChange>),
}

/// A new value of a setting.
#[derive(Args, Debug)]
pub(crate) struct SettingChange {
    /// Name of the setting
    pub(crate) key: String,
    /// Its new value
    #[arg(allow_negative_numbers = true)]
    pub(crate) value: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}
