//! `clouds`, `accounts`, `users` and `devices`.

use clap::{Args, Subcommand};

use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs, WriteArgs};

/// `c66 clouds …`
#[derive(Debug, Subcommand)]
pub(crate) enum Clouds {
    /// List the clouds of the account
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 clouds list")]
    List {
        #[command(flatten)]
        offline: OfflineArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one cloud
    #[command(after_help = "Example:\n  c66 clouds show digitalocean -o json")]
    Show {
        /// Name of the cloud
        name: String,
        #[command(flatten)]
        offline: OfflineArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// List the regions of a cloud
    #[command(after_help = "Example:\n  c66 clouds regions aws --offline")]
    Regions(Deferred<CloudPartArgs>),
    /// List the server sizes of a cloud
    #[command(after_help = "Example:\n  c66 clouds sizes digitalocean -o name")]
    Sizes(Deferred<CloudPartArgs>),
}

/// Where the answer comes from.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OfflineArgs {
    /// Answer from the documented tables that are built in, without the API
    #[arg(long)]
    pub(crate) offline: bool,
}

/// A part of one cloud.
#[derive(Args, Debug)]
pub(crate) struct CloudPartArgs {
    /// Name of the cloud
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) offline: OfflineArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// `c66 accounts …`
#[derive(Debug, Subcommand)]
pub(crate) enum Accounts {
    /// List the accounts you belong to
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 accounts list")]
    List(Deferred<ListArgs>),
    /// Show one account
    #[command(after_help = "Example:\n  c66 accounts show 139")]
    Show {
        /// Number of the account
        id: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 users …`
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// List the users you may see
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 users list --filter locked=no")]
    List(Deferred<ListArgs>),
    /// Show one user
    #[command(after_help = "Example:\n  c66 users show test@cloud66.com")]
    Show {
        /// Number or e-mail address
        user: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// `c66 devices …`
#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// List the mobile devices of a user
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 devices list --user test@cloud66.com")]
    List {
        /// Number or e-mail address
        #[arg(long)]
        user: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Register a mobile device for a user
    #[command(after_help = "Example:\n  c66 devices add --user 18 --token wertqy --type ios --model iphone")]
    Add(Deferred<Device>),
    /// Change the type of a device
    #[command(after_help = "Example:\n  c66 devices update --user 18 --token wertqy --type ios --model ipad")]
    Update(Deferred<Device>),
    /// Remove a device of a user
    #[command(after_help = "Example:\n  c66 devices remove --user 18 --token wertqy --yes")]
    Remove {
        /// Number or e-mail address
        #[arg(long)]
        user: String,
        /// Token of the device
        #[arg(long)]
        token: String,
        #[command(flatten)]
        write: WriteArgs,
    },
}

/// A device.
#[derive(Args, Debug)]
pub(crate) struct Device {
    /// Number or e-mail address
    #[arg(long)]
    pub(crate) user: String,
    /// Token of the device; - reads stdin
    #[arg(long)]
    pub(crate) token: String,
    /// Type
    #[arg(long = "type", value_name = "TYPE", value_parser = ["ios", "android"])]
    pub(crate) kind: String,
    /// Model
    #[arg(long, value_parser = ["iphone", "ipad", "ipod"])]
    pub(crate) model: String,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}
