//! `c66 sandbox`.

pub(crate) mod sshd;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use serde_json::json;

use super::context::Context;
use crate::args::candidates::Candidates;
use crate::args::parse_speed;
use crate::child::{self, Terminal};
use crate::cloud66::envelope::Document;
use crate::commands::deferred::Deferred;
use crate::config::paths;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};
use crate::files::lock::LockWait;
use crate::resource::write::acknowledge_local;
use crate::sandbox::{CLOUDMC_KEY, CLOUDMC_ROOT, Fault, Options, Server, Store, TOKEN, reset};
use crate::text::bytes::parse_bytes;
use crate::text::parse::parse_duration;

/// `c66 sandbox …`
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve the simulator over HTTP on loopback
    #[command(after_help = "Example:\n  c66 sandbox serve --port 8066 --ephemeral --speed 10 --fault throttle=0.1")]
    Serve(Deferred<ServeArgs>),
    /// Run a command against a fresh sandbox
    #[command(after_help = "Example:\n  c66 sandbox run --speed 20 -- ./deploy.sh")]
    Run {
        #[command(flatten)]
        simulation: SimulatorArgs,
        /// The command and its arguments
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        #[arg(add = Candidates::Paths)]
        command: Vec<OsString>,
    },
    /// Reset the sandbox to its initial state
    #[command(after_help = "Example:\n  c66 sandbox reset")]
    Reset,
    /// Show where the sandbox keeps its state
    #[command(after_help = "Example:\n  c66 sandbox status")]
    Status,
    /// Connect stdin and stdout to the SSH server of a server, as a proxy of ssh
    #[command(hide = true)]
    Sshd {
        /// UID of the server
        uid: String,
        /// Port of this machine that the connection may be forwarded to
        #[arg(long, value_name = "PORT")]
        forward: Vec<u16>,
    },
    /// Run on a server what its SSH server was asked for
    #[command(hide = true)]
    Enter {
        /// Folder of the server
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
}

/// `c66 sandbox serve`
#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Keep the state in this file
    #[arg(long, value_name = "FILE", conflicts_with = "ephemeral")]
    pub(crate) state: Option<PathBuf>,
    /// Keep the state in memory only
    #[arg(long)]
    pub(crate) ephemeral: bool,
    #[command(flatten)]
    pub(crate) simulation: SimulatorArgs,
}

/// How the simulator behaves.
#[derive(Args, Debug)]
pub(crate) struct SimulatorArgs {
    /// Speed factor of simulated work
    #[arg(long, value_name = "X", value_parser = parse_speed)]
    pub(crate) speed: Option<f64>,
    /// Delay for every reply
    #[arg(long, value_name = "DURATION", value_parser = parse_latency)]
    pub(crate) latency: Option<Duration>,
    /// Download rate limit per connection, such as 20MB
    #[arg(long, value_name = "BYTES", value_parser = parse_rate)]
    pub(crate) file_rate: Option<u64>,
    /// Request limit per token and hour of simulated time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rate_limit: Option<u32>,
    /// Fault to inject, such as throttle=0.1; may be repeated
    #[arg(long = "fault", value_name = "KIND=P")]
    pub(crate) faults: Vec<Fault>,
    /// Seed for random faults
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// A plain number is milliseconds here.
fn parse_latency(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(milliseconds) => Ok(Duration::from_millis(milliseconds)),
        Err(_) => parse_duration(text),
    }
}

/// Parses a number of bytes above 0.
fn parse_rate(text: &str) -> Result<u64, String> {
    parse_bytes(text)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| format!("invalid size `{text}`: use a form such as 500kB, 20MB or 1MiB"))
}

/// The exit codes of a shell for a missing command, and for one that cannot be run.
const COMMAND_NOT_FOUND: u8 = 127;

/// Runs `c66 sandbox …`; returns the exit code.
pub(crate) async fn run(context: &Context, command: SandboxCommand) -> Result<u8> {
    match command {
        SandboxCommand::Serve(Deferred(args)) => serve(context, args).await.map(|()| 0),
        SandboxCommand::Sshd { uid, forward } => sshd::serve(context, &uid, &forward).await,
        SandboxCommand::Enter { folder } => sshd::enter(context, &folder).await,
        SandboxCommand::Run { simulation, command } => run_child(context, &simulation, &command).await,
        SandboxCommand::Reset => {
            let path = state_file(context)?;
            reset(&path, &lock_options(context)?)?;
            let said = format!("Sandbox reset ({}).", path.display());
            acknowledge_local(&context.printer, Document::from_value(&json!({ "ok": true, "message": said })))?;
            Ok(0)
        }
        SandboxCommand::Status => {
            let path = state_file(context)?;
            let state = if path.exists() { "The state is" } else { "Not used yet; the state will be" };
            let said = format!("{state} in {}.", path.display());
            let document =
                json!({ "ok": true, "state": path.display().to_string(), "used": path.exists(), "message": said });
            acknowledge_local(&context.printer, Document::from_value(&document))?;
            Ok(0)
        }
    }
}

fn state_file(context: &Context) -> Result<PathBuf> {
    paths::sandbox_state(context.settings.variables())
}

/// The settings for the lock of the state.
fn lock_options(context: &Context) -> Result<Options> {
    let LockWait { limit, notice } = context.lock_wait()?;
    Ok(Options { lock_timeout: limit, notice, ..Options::default() })
}

fn options(context: &Context, simulation: &SimulatorArgs, store: Store) -> Result<Options> {
    let default = lock_options(context)?;
    Ok(Options {
        store,
        speed: simulation.speed.unwrap_or(default.speed),
        latency: simulation.latency.unwrap_or(default.latency),
        file_rate: simulation.file_rate,
        rate_limit: simulation.rate_limit.unwrap_or(default.rate_limit),
        faults: simulation.faults.clone(),
        seed: simulation.seed,
        ..default
    })
}

async fn serve(context: &Context, args: ServeArgs) -> Result<()> {
    let store = match args.state {
        _ if args.ephemeral => Store::Memory,
        Some(path) => Store::File(path),
        None => Store::File(state_file(context)?),
    };
    let server = Server::bind(args.port, options(context, &args.simulation, store)?).await?;
    let url = server.url();
    let cloudmc = format!("{url}{CLOUDMC_ROOT}");
    let exports = format!("export C66_API_URL={url}\nexport C66_TOKEN={TOKEN}");
    let said = format!("{url}\ntoken {TOKEN}\ncloudmc {cloudmc}\ncloudmc-key {CLOUDMC_KEY}\n{exports}");
    if context.printer.is_structured() {
        let document =
            json!({ "url": url, "token": TOKEN, "cloudmc_endpoint": cloudmc, "cloudmc_api_key": CLOUDMC_KEY });
        context.printer.document(Document::from_value(&document))?;
    } else {
        context.printer.write(|out| writeln!(out, "{said}"))?;
    }
    context.printer.flush()?;
    context.printer.note("serving until Ctrl-C");
    server.run().await;
    Ok(())
}

async fn run_child(context: &Context, simulation: &SimulatorArgs, command: &[OsString]) -> Result<u8> {
    let (program, arguments) = command.split_first().ok_or_else(|| Error::usage("no command specified"))?;
    let server = Server::bind(0, options(context, simulation, Store::Memory)?).await?;
    let url = server.url();
    tokio::spawn(server.run());
    let Ok(program_path) = find_program(program) else {
        context.printer.error(&Error::new(Kind::NotFound, format!("unknown command `{}`", program.display())));
        return Ok(COMMAND_NOT_FOUND);
    };
    let mut child = tokio::process::Command::new(program_path);
    child
        .args(arguments)
        .envs([
            ("C66_API_URL", url.as_str()),
            ("C66_TOKEN", TOKEN),
            ("CLOUD66_API_URL", &url),
            ("CLOUD66_TOKEN", TOKEN),
            ("CLOUDMC_ENDPOINT", &format!("{url}{CLOUDMC_ROOT}")),
            ("CLOUDMC_API_KEY", CLOUDMC_KEY),
        ])
        .env_remove("C66_SANDBOX");
    let terminal = if context.printer.stdin_is_terminal() { Terminal::Shared } else { Terminal::None };
    child::run(&context.signals, terminal, &mut child).await.map_err(|error| cannot_run(program, &error))
}

fn cannot_run(program: &OsStr, error: &std::io::Error) -> Error {
    Error::local_file(format!("run {}", program.display()), error)
}
