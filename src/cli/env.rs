//! `c66 env pull`, `push`, `diff`, `edit`, `run` and `rollback`: the environment as a file, and as an environment.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use crate::args::{StackArgs, WaitArgs, WriteArgs};
use crate::cloud66::endpoints::APPLY_STRATEGIES;

/// The form of a file of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    // Described where it is used: here each would take two lines of every help page.
    Dotenv,
    Json,
    Shell,
}

/// `c66 env pull`
#[derive(Args, Debug)]
pub(crate) struct Pull {
    /// File to write, - for stdout [default: stdout]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Form of the file [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Replace a file that is there already
    #[arg(long)]
    pub(crate) force: bool,
    /// Write only your own variables, none generated or readonly
    #[arg(long)]
    pub(crate) own: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// A file of variables that is there.
#[derive(Args, Debug)]
pub(crate) struct EnvFileArgs {
    /// File to read, - for stdin
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Form of the file [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
}

/// `c66 env push`
#[derive(Args, Debug)]
pub(crate) struct Push {
    #[command(flatten)]
    pub(crate) source: EnvFileArgs,
    /// Delete the variables that are not in the file, but for readonly and generated ones
    #[arg(long, alias = "delete")]
    pub(crate) prune: bool,
    /// When the servers get it
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 env diff`
#[derive(Args, Debug)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) source: EnvFileArgs,
    /// Show the values, passwords too
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// `c66 env edit`
#[derive(Args, Debug)]
pub(crate) struct Edit {
    /// When the servers get it
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// `c66 env run`
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// `c66 env rollback`
#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// Name of the variable
    pub(crate) key: String,
    /// Number of the entry to go back to, see env history --columns entry [default: the newest]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) entry: Option<u64>,
    /// When the servers get it
    #[arg(long, value_name = "WHEN", value_parser = clap::builder::PossibleValuesParser::new(APPLY_STRATEGIES))]
    pub(crate) apply_strategy: Option<String>,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}
