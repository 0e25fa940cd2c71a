//! `api`, `limits`, `doctor`, `completions`, `sandbox` and `help`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use crate::args::deferred::Deferred;
use crate::args::{ListArgs, PollArgs, ShowArgs, StackArgs, WriteArgs};
use crate::sandbox::Fault;
use crate::text::format::parse_duration;

/// `c66 api`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 api GET /stacks --paginate --jq '.[].name'\n  c66 api POST /stacks/{stack}/actions -f command=restart --wait -s awesome-app\n  c66 api PUT /stacks/{stack}/environments/KEY -F value=@value.json --dry-run"
)]
pub(crate) struct Api {
    /// HTTP method
    #[arg(value_parser = ["GET", "POST", "PUT", "PATCH", "DELETE"], ignore_case = true, hide_possible_values = true)]
    pub(crate) method: String,
    /// Path below /api/3; {stack} stands for the UID of the stack
    pub(crate) path: String,
    /// Add a field of text, to the body or (GET) to the query
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE")]
    pub(crate) fields: Vec<String>,
    /// Add a field of JSON; @FILE reads a file, - stdin
    #[arg(short = 'F', long = "json-field", value_name = "KEY=JSON")]
    pub(crate) json_fields: Vec<String>,
    /// Add a header
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Get every page of a list
    #[arg(long)]
    pub(crate) paginate: bool,
    /// Wait for the action the reply names
    #[arg(long)]
    pub(crate) wait: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    #[command(flatten)]
    pub(crate) poll_args: PollArgs,
}

/// `c66 limits`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  c66 limits\n  c66 limits --jq .remaining")]
pub(crate) struct Limits {
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// `c66 doctor`
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  c66 doctor\n  c66 doctor --filter status!=ok\n  c66 doctor -o json\n\nThe exit code is that of the first check that failed; a warning is none."
)]
pub(crate) struct Doctor {
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// `c66 completions`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  source <(c66 completions bash)\n  c66 completions fish --install")]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
    /// Put it where the shell looks for it
    #[arg(long)]
    pub(crate) install: bool,
}

/// `c66 man`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  c66 man redeploy | man -l -\n  c66 man > c66.1")]
pub(crate) struct Man {
    /// Words of the command [default: c66 itself]
    pub(crate) words: Vec<String>,
}

/// `c66 sandbox …`
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Serve the simulator over HTTP on loopback
    #[command(after_help = "Example:\n  c66 sandbox serve --port 8066 --ephemeral --speed 10 --fault throttle=0.1")]
    Serve(Deferred<Serve>),
    /// Run a command with its environment pointed at a fresh simulator
    #[command(after_help = "Example:\n  c66 sandbox run --speed 20 -- ./deploy.sh")]
    Run {
        #[command(flatten)]
        simulation: SimulatorArgs,
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
    /// Put the sandbox's world back to its beginning
    #[command(after_help = "Example:\n  c66 sandbox reset")]
    Reset,
    /// Show where the sandbox keeps its world
    #[command(after_help = "Example:\n  c66 sandbox status")]
    Status,
}

/// `c66 sandbox serve`
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Keep the world in this file
    #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
    pub(crate) state: Option<PathBuf>,
    /// Keep the world in memory only
    #[arg(long)]
    pub(crate) ephemeral: bool,
    #[command(flatten)]
    pub(crate) simulation: SimulatorArgs,
}

/// How the simulator behaves.
#[derive(Args, Debug)]
pub(crate) struct SimulatorArgs {
    /// How many times faster than real work goes
    #[arg(long, value_name = "X", value_parser = parse_speed)]
    pub(crate) speed: Option<f64>,
    /// Delay of every reply
    #[arg(long, value_name = "DURATION", value_parser = parse_latency)]
    pub(crate) latency: Option<Duration>,
    /// Most bytes a second of a file on one connection, such as 20MB
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) file_rate: Option<u64>,
    /// Trouble to make, such as throttle=0.1; may be repeated
    #[arg(long = "fault", value_name = "KIND=P")]
    pub(crate) faults: Vec<Fault>,
    /// Seed of the trouble's dice
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// `c66 help`
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct Help {
    /// Words of a command, or a topic: exit-codes, environment, formatting, from-cx
    pub(crate) words: Vec<String>,
}

/// A speed: a positive number.
pub(crate) fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if f64::is_finite(speed) && speed > 0.0 => Ok(speed),
        _ => Err("a speed is a number above 0".to_owned()),
    }
}

/// A bare number is in milliseconds here.
fn parse_latency(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        Err(_) => parse_duration(text),
    }
}

/// A number of bytes, with a decimal or a binary unit.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let refused = || format!("`{text}` is no number of bytes above 0; write it like 500kB, 20MB or 1MiB");
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "kib" => 1 << 10,
        "m" | "mb" => 1_000_000,
        "mib" => 1 << 20,
        "g" | "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return Err(refused()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(refused)
}
