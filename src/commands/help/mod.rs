//! `c66 help` and `c66 man`: commands and topics.
pub(crate) mod cx;
pub(crate) mod manual;
pub(crate) mod page;
pub(crate) mod scopes;
pub(crate) mod topics;
mod viewer;

use clap::{Args, CommandFactory};

use crate::args::candidates::Candidates;
use crate::commands::Cli;
use crate::commands::context::Context;
use crate::error::{Error, Result};
use crate::text::similar::closest;
use crate::text::wrap::wrap_columns;

/// `c66 man`
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  c66 man redeploy | man -l -\n  c66 man > c66.1")]
pub(crate) struct ManArgs {
    /// Words of the command [default: c66 itself]
    #[arg(add = Candidates::Commands)]
    pub(crate) words: Vec<String>,
}

/// `c66 help`
#[derive(Args, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct HelpArgs {
    /// Words of a command, or a topic: options, exit-codes, environment, formatting, from-cx
    #[arg(add = Candidates::CommandsAndTopics)]
    pub(crate) words: Vec<String>,
}

/// Runs `c66 help`.
pub(crate) fn run(context: &Context, args: &HelpArgs) -> Result<()> {
    let text = match args.words.as_slice() {
        [topic] if topics::text(topic).is_some() => {
            let text = topics::text(topic).unwrap_or_default();
            match context.printer.width() {
                Some(width) => wrap_columns(&text, width.into()),
                None => text,
            }
        }
        words => command_help(words, context.printer.options().color_stdout)?,
    };
    context.printer.page(&text)?;
    context.printer.flush()
}

/// Runs `c66 man`.
pub(crate) fn manual(context: &Context, args: &ManArgs) -> Result<()> {
    let command = find(&args.words)?;
    let path: Vec<String> = std::iter::once("c66".to_owned()).chain(args.words.iter().cloned()).collect();
    let page = manual::page(&path, &command).map_err(|error| Error::internal(error.to_string()))?;
    if context.printer.stdout_is_terminal() {
        return viewer::show(context, &path.join("-"), &page, &args.words);
    }
    context.printer.write(|out| out.write_all(&page))?;
    context.printer.flush()
}

fn command_help(words: &[String], colour: bool) -> Result<String> {
    let page = page::page(&find(words)?);
    Ok(if colour { page.ansi().to_string() } else { page.to_string() })
}

fn find(words: &[String]) -> Result<clap::Command> {
    let mut command = Cli::command();
    command.build();
    let mut found = command;
    for word in words {
        let names: Vec<String> = found
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
            .map(|command| command.get_name().to_owned())
            .chain(topics::ALL.iter().map(|(name, _)| (*name).to_owned()))
            .collect();
        found = found.find_subcommand(word).cloned().ok_or_else(|| {
            let error = Error::usage(format!("unknown command or topic `{}`", words.join(" ")));
            match closest(word, names.iter().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("c66 --help lists them"),
            }
        })?;
    }
    Ok(found)
}
