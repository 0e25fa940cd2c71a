//! `auth`, `config`, `profiles`, `link` and `unlink`.

use clap::{Args, Subcommand};

use super::args::{ListArgs, ShowArgs};
use super::stack::Target;

/// `c66 auth …`
#[derive(Debug, Subcommand)]
pub enum Auth {
    /// Store an API token after checking it
    #[command(
        after_help = "Examples:\n  c66 auth login\n  op read op://ops/cloud66/token | c66 auth login --with-token"
    )]
    Login(Login),
    /// Forget the stored token
    #[command(after_help = "Example:\n  c66 auth logout --profile work")]
    Logout,
    /// Show who you are and what the token can do
    #[command(after_help = "Example:\n  c66 auth status -o json")]
    Status(ShowArgs),
    /// Print the token
    #[command(
        after_help = "Example:\n  curl -H \"Authorization: Bearer $(c66 auth token)\" https://app.cloud66.com/api/3/stacks.json"
    )]
    Token,
}

/// `c66 auth login`
#[derive(Args, Debug)]
pub struct Login {
    /// Read the token from stdin
    #[arg(long)]
    pub with_token: bool,
}

/// `c66 config …`
#[derive(Debug, Subcommand)]
pub enum Config {
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
pub enum Profiles {
    /// List the profiles of the config file
    #[command(after_help = "Example:\n  c66 profiles list")]
    List(ListArgs),
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
pub struct Link {
    #[command(flatten)]
    pub target: Target,
}

/// `c66 unlink`
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  c66 unlink")]
pub struct Unlink;
