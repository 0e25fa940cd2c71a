//! `c66 sandbox`.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use serde_json::json;

use super::context::Context;
use crate::args::deferred::Deferred;
use crate::cli::tool::{Sandbox as Command, Serve, SimulatorArgs};
use crate::cloud66::envelope::Document;
use crate::config::paths;
use crate::config::program::find_program;
use crate::error::{Error, Kind, Result};
use crate::resource::write::acknowledge_local;
use crate::sandbox::{CLOUDMC_KEY, CLOUDMC_ROOT, Options, Server, Store, TOKEN, reset};
use crate::signals::Signal;

/// What a shell answers for a command that is not there, and for one that cannot be run.
const COMMAND_NOT_FOUND: u8 = 127;

/// Carries out `c66 sandbox …`; gives the exit code.
pub(crate) async fn run(context: &Context, command: Command) -> Result<u8> {
    match command {
        Command::Serve(Deferred(args)) => serve(context, args).await.map(|()| 0),
        Command::Run { simulation, command } => run_child(context, &simulation, &command).await,
        Command::Reset => {
            let path = state_file(context)?;
            reset(&path)?;
            let said = format!("the sandbox is at its beginning again ({})", path.display());
            acknowledge_local(&context.printer, Document::of(&json!({ "ok": true, "message": said })))?;
            Ok(0)
        }
        Command::Status => {
            let path = state_file(context)?;
            let state = if path.exists() { "kept in" } else { "not used yet; it will be kept in" };
            let said = format!("the sandbox is {state} {}", path.display());
            let document =
                json!({ "ok": true, "state": path.display().to_string(), "used": path.exists(), "message": said });
            acknowledge_local(&context.printer, Document::of(&document))?;
            Ok(0)
        }
    }
}

fn state_file(context: &Context) -> Result<PathBuf> {
    paths::sandbox_state(context.settings.variables())
}

fn options(simulation: &SimulatorArgs, store: Store) -> Options {
    let default = Options::default();
    Options {
        store,
        speed: simulation.speed.unwrap_or(default.speed),
        latency: simulation.latency.unwrap_or(default.latency),
        file_rate: simulation.file_rate,
        faults: simulation.faults.clone(),
        seed: simulation.seed,
        witness: None,
    }
}

async fn serve(context: &Context, args: Serve) -> Result<()> {
    let store = match args.state {
        _ if args.ephemeral => Store::Memory,
        Some(path) => Store::File(path),
        None => Store::File(state_file(context)?),
    };
    let server = Server::bind(args.port, options(&args.simulation, store)).await?;
    let url = server.url();
    let cloudmc = format!("{url}{CLOUDMC_ROOT}");
    let said = format!("{url}\ntoken {TOKEN}\ncloudmc {cloudmc}\ncloudmc-key {CLOUDMC_KEY}");
    if context.printer.is_structured() {
        let document =
            json!({ "url": url, "token": TOKEN, "cloudmc_endpoint": cloudmc, "cloudmc_api_key": CLOUDMC_KEY });
        context.printer.document(&Document::of(&document))?;
    } else {
        context.printer.write(|out| writeln!(out, "{said}"))?;
    }
    context.printer.flush()?;
    context.printer.note("serving until Ctrl-C");
    server.run().await;
    Ok(())
}

async fn run_child(context: &Context, simulation: &SimulatorArgs, command: &[OsString]) -> Result<u8> {
    let (program, arguments) = command.split_first().ok_or_else(|| Error::usage("which command? None was given"))?;
    let server = Server::bind(0, options(simulation, Store::Memory)).await?;
    let url = server.url();
    tokio::spawn(server.run());
    let mut child = tokio::process::Command::new(find_program(program));
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
        .env_remove("C66_SANDBOX")
        .kill_on_drop(true);
    let guard = context.signals.guard()?;
    let mut running = match child.spawn() {
        Ok(running) => running,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            context.printer.error(&Error::new(Kind::NotFound, format!("there is no command `{}`", program.display())));
            return Ok(COMMAND_NOT_FOUND);
        }
        Err(error) => return Err(cannot_run(program, &error)),
    };
    let ended = tokio::select! {
        ended = running.wait() => ended,
        signal = guard.signal() => {
            pass_on(context, signal, &running);
            running.wait().await
        }
    };
    Ok(exit_code(ended.map_err(|error| cannot_run(program, &error))?))
}

fn cannot_run(program: &OsStr, error: &std::io::Error) -> Error {
    Error::local_file(format!("run {}", program.display()), error)
}

/// Passes a signal on to the command, which is to end in its own way. Ctrl-C at a terminal has gone to both.
#[cfg(unix)]
fn pass_on(context: &Context, signal: Signal, running: &tokio::process::Child) {
    use rustix::process::{Pid, kill_process};

    let from_terminal = signal == Signal::Interrupt && context.printer.stdin_is_terminal();
    let id = running.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(id) = id.filter(|_| !from_terminal) {
        // One that has ended in this moment needs no signal any more.
        let _ = kill_process(id, signal.to_system());
    }
}

#[cfg(not(unix))]
fn pass_on(_: &Context, _: Signal, _: &tokio::process::Child) {}

/// The code a shell would give: that of the command, or 128 and the number of the signal that ended it.
fn exit_code(status: std::process::ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
