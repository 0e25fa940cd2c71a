//! Opens a man page on a terminal.

use std::process::Command;

use super::command_help;
use crate::commands::context::Context;
use crate::config::keys::PAGER;
use crate::config::program::find_program;
use crate::error::{Error, Result};

/// Shows a page of roff with man. Where there is no man, the help page says the same.
pub(super) fn show(context: &Context, name: &str, page: &[u8], words: &[String]) -> Result<()> {
    let Ok(man) = find_program("man".as_ref()) else {
        context.printer.note("man is not installed; showing the help page");
        context.printer.page(&command_help(words, context.printer.options().color_stdout)?)?;
        return context.printer.flush();
    };
    let failed = |error| Error::local_file("write the man page", &error);
    // man takes an argument with a slash as a file, and shows its name.
    let folder = tempfile::tempdir().map_err(failed)?;
    let file = folder.path().join(format!("{name}.1"));
    std::fs::write(&file, page).map_err(failed)?;
    let mut command = Command::new(man);
    command.arg(&file);
    if context.settings.value(&PAGER)?.as_deref() == Some("cat") {
        command.env("MANPAGER", "cat");
    }
    // While man runs, Ctrl-C is for it.
    let guard = context.signals.guard()?;
    let ended = command.status();
    guard.discard();
    match ended {
        // A page that is left early is no failure.
        Ok(_) => Ok(()),
        Err(error) => Err(Error::local_file("run man", &error)),
    }
}
