//! `firewall`, `lease` and `notifications`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs, StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::CHANNELS;

/// `c66 firewall …`
#[derive(Debug, Subcommand)]
pub(crate) enum Firewall {
    /// List the firewall rules of a stack
    #[command(visible_alias = "ls", after_help = "Example:\n  c66 firewall list -s awesome-app --filter port=22")]
    List {
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one firewall rule
    #[command(after_help = "Example:\n  c66 firewall show 5027 -s awesome-app")]
    Show {
        /// Number of the rule
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Add a firewall rule, for good or with --ttl for a while
    #[command(
        after_help = "Examples:\n  c66 firewall add --from-ip 203.0.113.7 --port 5432 -s awesome-app\n  c66 firewall add --from-ip AUTO --ttl 30m --port 22 -s awesome-app"
    )]
    Add(Deferred<AddRule>),
}

/// `c66 firewall add`
#[derive(Args, Debug)]
pub(crate) struct AddRule {
    /// Source: an address, a range, or AUTO for where you are (with --ttl)
    #[arg(long, value_name = "IP")]
    pub(crate) from_ip: Option<String>,
    /// Source: a server group, by number or name
    #[arg(long, value_name = "GROUP")]
    pub(crate) from_group: Option<String>,
    /// Source: number of a server
    #[arg(long, value_name = "NUMBER")]
    pub(crate) from_server: Option<u64>,
    /// Target: an address or a range
    #[arg(long, value_name = "IP")]
    pub(crate) to_ip: Option<String>,
    /// Target: a server group, by number or name
    #[arg(long, value_name = "GROUP")]
    pub(crate) to_group: Option<String>,
    /// Target: number of a server
    #[arg(long, value_name = "NUMBER")]
    pub(crate) to_server: Option<u64>,
    /// Protocol
    #[arg(long, default_value = "tcp", value_parser = ["tcp", "udp", "icmp"])]
    pub(crate) protocol: String,
    /// Port to open
    #[arg(long)]
    pub(crate) port: u16,
    /// How long the rule lives, such as 30m; a bare number is minutes
    #[arg(long, value_name = "DURATION")]
    pub(crate) ttl: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 lease`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  c66 lease --port 22 --ttl 20m -s awesome-app")]
pub(crate) struct Lease {
    /// Port to open
    #[arg(short, long, default_value_t = 22)]
    pub(crate) port: u16,
    /// How long it stays open; a bare number is minutes
    #[arg(short, long, alias = "tto", value_name = "DURATION", default_value = "20m")]
    pub(crate) ttl: String,
    /// Address to open it to, AUTO for where you are
    #[arg(short, long, value_name = "IP", default_value = "AUTO")]
    pub(crate) from: String,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 notifications …`
#[derive(Debug, Subcommand)]
pub(crate) enum Notifications {
    /// List the notification settings of a stack
    #[command(
        visible_alias = "ls",
        after_help = "Example:\n  c66 notifications list -s awesome-app --alert-type server.stopped"
    )]
    List {
        /// Only this type of alert
        #[arg(long, value_name = "TYPE")]
        alert_type: Option<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one notification setting
    #[command(after_help = "Example:\n  c66 notifications show 1191 -s awesome-app")]
    Show {
        /// Number of the notification setting
        id: u64,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change the channels of a notification setting
    #[command(
        after_help = "Example:\n  c66 notifications update 1191 --channels email,slack --param slack_channel=#ops -s awesome-app"
    )]
    Update {
        /// Number of the notification setting
        id: u64,
        /// Channels to notify
        #[arg(long, value_delimiter = ',', value_name = "CHANNEL,…", value_parser = PossibleValuesParser::new(CHANNELS))]
        channels: Vec<String>,
        /// Parameter of a channel; may be repeated
        #[arg(long = "param", value_name = "KEY=VALUE")]
        params: Vec<String>,
        #[command(flatten)]
        stack: StackArgs,
        #[command(flatten)]
        write: WriteArgs,
    },
}
