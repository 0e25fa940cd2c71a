//! `c66 env run`.

use super::Existing;
use crate::cli::env::Run;
use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};

/// Carries out `c66 env run`: no shell is in between, so that no value is taken for anything but a value. On Unix the
/// command takes the place of this program; elsewhere its exit code is given.
///
/// # Errors
/// The variables cannot be had, one cannot stand in an environment, or the command cannot be started.
pub(super) async fn run(context: &Context, args: &Run) -> Result<u8> {
    let (program, arguments) =
        args.command.split_first().ok_or_else(|| Error::usage("which command? None was given"))?;
    let target = context.stack(&args.stack, false).await?;
    let variables = Existing::fetch(context, &target).await?.in_order();
    for (key, value) in &variables {
        if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
            return Err(Error::new(Kind::Refused, format!("`{key}` cannot stand in the environment of a program")));
        }
    }
    let mut command = std::process::Command::new(program);
    command.args(arguments).envs(variables);
    let error = start(&mut command);
    let code = match error {
        Ok(code) => return Ok(code),
        Err(error) => error,
    };
    Err(Error::local_file(format!("run {}", program.to_string_lossy()), &code))
}

#[cfg(unix)]
fn start(command: &mut std::process::Command) -> std::io::Result<u8> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn start(command: &mut std::process::Command) -> std::io::Result<u8> {
    let code = command.status()?.code();
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
