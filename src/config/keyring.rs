//! The keyring of the system, by the system's own program: `secret-tool` or `security`. The profile gets a
//! `token_command` that reads the token from it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::program::find_program;
use super::token::Secret;
use crate::error::{Error, Kind, Result};

/// The name of the entries.
const SERVICE: &str = "c66";

/// The command that prints the token of a profile.
pub(crate) fn lookup_command(profile: &str) -> Vec<String> {
    let words: &[&str] = if cfg!(target_os = "macos") {
        &["security", "find-generic-password", "-s", SERVICE, "-a", profile, "-w"]
    } else {
        &["secret-tool", "lookup", "service", SERVICE, "profile", profile]
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Stores the token of a profile. The program reads it from stdin: arguments can be seen by every user.
pub(crate) fn store(profile: &str, token: &Secret) -> Result<()> {
    if cfg!(windows) {
        return Err(Error::usage("c66 cannot use the keyring of Windows").hint(OTHERWISE));
    }
    if cfg!(target_os = "macos") {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let line =
            format!("add-generic-password -U -s {SERVICE} -a {} -w {}\n", quoted(profile), quoted(token.expose()));
        return run(&["security", "-i"], &line);
    }
    let label = format!("--label=c66 ({profile})");
    run(&["secret-tool", "store", &label, "service", SERVICE, "profile", profile], token.expose())
}

/// Removes the token of a profile.
pub(crate) fn remove(profile: &str) -> Result<()> {
    if cfg!(target_os = "macos") {
        return run(&["security", "delete-generic-password", "-s", SERVICE, "-a", profile], "");
    }
    run(&["secret-tool", "clear", "service", SERVICE, "profile", profile], "")
}

const OTHERWISE: &str = "log in without --keyring, or set token_command to a program that prints the token";

fn run(words: &[&str], input: &str) -> Result<()> {
    let program = words[0];
    let cannot_start = |error: std::io::Error| {
        let message = format!("cannot start {program}, which keeps the keyring");
        Error::new(Kind::LocalFile, message).cause(error.to_string()).hint(OTHERWISE)
    };
    let mut command = Command::new(find_program(program.as_ref()).map_err(cannot_start)?);
    command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(cannot_start)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that reads nothing has failed, which its status says.
        let _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output().map_err(cannot_start)?;
    if output.status.success() {
        return Ok(());
    }
    let said = crate::text::sanitize::excerpt(&String::from_utf8_lossy(&output.stderr), 200);
    let error = Error::new(Kind::LocalFile, format!("{program} failed ({})", output.status));
    Err(if said.is_empty() { error } else { error.cause(said) }.hint(OTHERWISE))
}
