//! `auth`, `config`, `profiles`, `link` and `unlink`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::stack::StackTargetArgs;
use crate::args::deferred::Deferred;
use crate::args::{ListArgs, ShowArgs};
use crate::text::format::parse_duration;

/// `c66 auth …`
#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Store an API token after checking it
    #[command(
        after_help = "Examples:\n  c66 auth login\n  op read op://ops/cloud66/token | c66 auth login --with-token\n  c66 auth login --from-cx\n  c66 auth login --oauth --client-id 5262d64b892e --scope public,redeploy"
    )]
    Login(Deferred<Login>),
    /// Forget the stored token
    #[command(after_help = "Example:\n  c66 auth logout --profile work")]
    Logout,
    /// Show who you are and what the token can do
    #[command(after_help = "Example:\n  c66 auth status -o json")]
    Status(Deferred<ShowArgs>),
    /// Print the token
    #[command(
        after_help = "Example:\n  curl -H \"Authorization: Bearer $(c66 auth token)\" https://app.cloud66.com/api/3/stacks.json"
    )]
    Token,
}

/// `c66 auth login`
#[derive(Args, Debug)]
pub(crate) struct Login {
    /// Read the token from stdin
    #[arg(long, conflicts_with_all = ["from_cx", "oauth"])]
    pub(crate) with_token: bool,
    /// Take the token that CX keeps in ~/.cloud66, for a profile of CX
    #[arg(long, value_name = "PROFILE", num_args = 0..=1, default_missing_value = "default", conflicts_with = "oauth")]
    pub(crate) from_cx: Option<String>,
    #[command(flatten)]
    pub(crate) oauth: OAuth,
}

/// How to come by a token through an application of one's own.
#[derive(Args, Debug)]
#[command(next_help_heading = "OAuth")]
pub(crate) struct OAuth {
    /// Get a token through the browser, for an application that you have registered
    #[arg(long, requires = "client_id")]
    pub(crate) oauth: bool,
    /// Client ID of the application
    #[arg(long, value_name = "ID", requires = "oauth")]
    pub(crate) client_id: Option<String>,
    /// Read the client secret from the first line of a file; - is stdin
    #[arg(long, value_name = "FILE", requires = "oauth")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Scopes to ask for, separated by commas [default: all that commands need]
    #[arg(long, value_name = "A,B", requires = "oauth")]
    pub(crate) scope: Option<String>,
    /// Take the code that the page shows, for a machine without a browser
    #[arg(long, requires = "oauth")]
    pub(crate) oob: bool,
    /// Print the address of the page without opening it
    #[arg(long, requires = "oauth")]
    pub(crate) no_browser: bool,
    /// Port of http://127.0.0.1:PORT/callback, the redirect URI [default: a free one]
    #[arg(long, value_name = "PORT", requires = "oauth", conflicts_with = "oob")]
    pub(crate) redirect_port: Option<u16>,
    /// Longest time to wait for the browser's answer; 0 waits for ever
    #[arg(long, value_name = "DURATION", requires = "oauth", conflicts_with = "oob", value_parser = parse_duration, default_value = "5m")]
    pub(crate) timeout: Duration,
}

/// `c66 config …`
#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// List every setting with its value
    #[command(after_help = "Example:\n  c66 config list --show-origin")]
    List {
        /// Show where each value comes from
        #[arg(long)]
        show_origin: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Print the value of a setting
    #[command(after_help = "Example:\n  c66 config get output")]
    Get {
        /// Name of the setting
        key: String,
    },
    /// Set a setting in the current profile
    #[command(
        after_help = "Examples:\n  c66 config set output json\n  c66 config set stack awesome-app@staging --profile work"
    )]
    Set {
        /// Name of the setting
        key: String,
        /// Its new value
        value: String,
    },
    /// Take a setting out of the current profile
    #[command(after_help = "Example:\n  c66 config unset output")]
    Unset {
        /// Name of the setting
        key: String,
    },
    /// Edit the config file, which changes only if what you leave is good
    #[command(after_help = "Example:\n  EDITOR=nano c66 config edit")]
    Edit,
    /// Print the path of the config file
    #[command(after_help = "Example:\n  cat \"$(c66 config path)\"")]
    Path,
}

/// `c66 profiles …`
#[derive(Debug, Subcommand)]
pub(crate) enum Profiles {
    /// List the profiles of the config file
    #[command(after_help = "Example:\n  c66 profiles list")]
    List(Deferred<ListArgs>),
    /// Make a profile the current one
    #[command(after_help = "Example:\n  c66 profiles use work")]
    Use {
        /// Name of the profile
        name: String,
    },
    /// Show what a profile says
    #[command(after_help = "Examples:\n  c66 profiles show\n  c66 profiles show work -o json")]
    Show {
        /// Name of the profile [default: the one that applies]
        name: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Give a profile another name
    #[command(after_help = "Example:\n  c66 profiles rename default work")]
    Rename {
        /// Name of the profile
        from: String,
        /// Its new name
        to: String,
    },
    /// Remove a profile with its token and settings
    #[command(alias = "delete", after_help = "Example:\n  c66 profiles remove work")]
    Remove {
        /// Name of the profile
        name: String,
    },
}

/// `c66 link`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 link shop@staging\n  c66 link\n\nWithout a name it takes the stack of this git remote and branch, or lets you pick."
)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) target: StackTargetArgs,
}

/// `c66 unlink`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  c66 unlink")]
pub(crate) struct Unlink;
