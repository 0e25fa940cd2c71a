//! The pager: shows a text that is longer than the terminal.

use std::io::{ErrorKind, Write};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use crate::config::Settings;
use crate::config::keys::{NO_INPUT, PAGER};
use crate::config::program::find_program;
use crate::error::{Error, Result};
use crate::output::{Pager, Printer};
use crate::signals::Signals;

/// The pager if the user names none.
const USUAL: &str = "less";
/// Options of less as git sets them: no pager for one screen, colours, and the text stays on the screen.
const LESS: &str = "FRX";

/// The pager of the user; `None` if none is wanted, or no keys can be pressed.
pub(crate) fn pager(settings: &Settings, signals: &Rc<Signals>) -> Result<Option<Pager>> {
    let variables = settings.variables();
    let wanted = match settings.value(&PAGER)? {
        Some(command) => Some(command),
        None => variables.get("PAGER")?.map(str::to_owned),
    };
    let is_off = |command: &String| matches!(command.trim(), "" | "cat");
    let dumb = variables.get("TERM")?.is_some_and(|term| term == "dumb");
    if dumb || settings.required(&NO_INPUT)? || wanted.as_ref().is_some_and(is_off) {
        return Ok(None);
    }
    let less = if variables.get_os("LESS").is_some() { None } else { Some(LESS) };
    let signals = Rc::clone(signals);
    Ok(Some(Box::new(move |text, printer| show(text, printer, wanted.as_deref(), less, &signals))))
}

fn show(text: &str, printer: &Printer, wanted: Option<&str>, less: Option<&str>, signals: &Signals) -> Result<bool> {
    let Some(mut command) = command(wanted) else { return Ok(false) };
    if let Some(options) = less {
        command.env("LESS", options);
    }
    // While the pager runs, Ctrl-C is for it.
    let guard = signals.guard()?;
    let ended = command.stdin(Stdio::piped()).spawn().and_then(|child| feed(child, text));
    guard.discard();
    match (ended, wanted) {
        (Ok(true), _) => Ok(true),
        (Ok(false), _) => {
            printer.warn(&format!("cannot run the pager `{}`", wanted.unwrap_or(USUAL)));
            Ok(false)
        }
        (Err(error), Some(wanted)) => {
            printer.warn(&format!("cannot run the pager `{wanted}`: {error}"));
            Ok(false)
        }
        (Err(error), None) if error.kind() == ErrorKind::NotFound => Ok(false),
        (Err(error), None) => Err(Error::local_file("run less", &error)),
    }
}

/// The pager as a command: the user's own, as git runs it, or the usual one if it is installed.
fn command(wanted: Option<&str>) -> Option<Command> {
    let Some(wanted) = wanted else { return find_program(USUAL.as_ref()).ok().map(Command::new) };
    #[cfg(unix)]
    {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(wanted);
        Some(shell)
    }
    #[cfg(not(unix))]
    {
        let mut words = wanted.split_whitespace();
        let mut command = Command::new(find_program(words.next()?.as_ref()).ok()?);
        command.args(words);
        Some(command)
    }
}

/// Writes the text, and waits; returns whether there was such a program. A pager that ends early has shown enough.
fn feed(mut child: Child, text: &str) -> std::io::Result<bool> {
    const NOT_FOUND: [i32; 2] = [126, 127];
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error),
            _ => {}
        }
    }
    let ended = child.wait()?;
    Ok(!ended.code().is_some_and(|code| NOT_FOUND.contains(&code)))
}
