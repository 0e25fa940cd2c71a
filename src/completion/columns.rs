//! The columns of a list, as the command itself tells them: what it would print for `--columns help`.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::{Command, Parser};
use serde::Deserialize;

use crate::commands::context::Context;
use crate::commands::{self, Cli};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::output::{Format, Printer, PrinterOptions};
use crate::signals::Signals;

/// One column.
#[derive(Deserialize)]
pub(super) struct ColumnHelp {
    pub(super) column: String,
    pub(super) meaning: Option<String>,
}

/// The columns of the command with these words; it answers before it asks anybody anything.
pub(super) async fn columns(tree: &Command, path: &[&str], settings: Settings) -> Result<Vec<ColumnHelp>> {
    let cli = Cli::try_parse_from(typed(tree, path)).map_err(|error| Error::usage(error.to_string()))?;
    let text = Captured::default();
    let format = Format::Jsonl;
    let printer =
        Rc::new(Printer::silent(PrinterOptions { format, ..PrinterOptions::default() }, Box::new(text.clone())));
    let context = Context::new(printer, settings, false, false, String::new(), Signals::default());
    commands::run(&context, cli.command).await?;
    let text = text.0.take();
    Ok(text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

/// The command as it would be typed, with something for everything it requires.
fn typed(tree: &Command, path: &[&str]) -> Vec<String> {
    // A number is a name as well.
    const SOMETHING: &str = "1";
    let mut words: Vec<String> = std::iter::once("c66").chain(path.iter().copied()).map(str::to_owned).collect();
    let leaf = path.iter().try_fold(tree, |command, word| command.find_subcommand(word));
    for argument in leaf.into_iter().flat_map(Command::get_arguments).filter(|argument| argument.is_required_set()) {
        words.extend(argument.get_long().map(|long| format!("--{long}")));
        words.push(SOMETHING.to_owned());
    }
    words.extend(["--columns", "help"].map(str::to_owned));
    words
}

/// What was written, for whoever has the other end.
#[derive(Clone, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
