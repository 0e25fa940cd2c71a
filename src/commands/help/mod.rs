//! `c66 help` and `c66 man`: commands and topics.
pub(crate) mod cx;
pub(crate) mod manual;
pub(crate) mod scopes;
pub(crate) mod topics;

use clap::{Args, CommandFactory};

use self::scopes::needed_scopes;
use crate::args::candidates::Candidates;
use crate::commands::Cli;
use crate::commands::context::Context;
use crate::error::{Error, Result};
use crate::text::similar::closest;

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
    /// Words of a command, or a topic: exit-codes, environment, formatting, from-cx
    #[arg(add = Candidates::CommandsAndTopics)]
    pub(crate) words: Vec<String>,
}

/// Runs `c66 help`.
pub(crate) fn run(context: &Context, args: &HelpArgs) -> Result<()> {
    let text = match args.words.as_slice() {
        [topic] if topics::text(topic).is_some() => topics::text(topic).unwrap_or_default(),
        words => command_help(words)?,
    };
    context.printer.write(|out| out.write_all(text.as_bytes()))?;
    context.printer.flush()
}

/// Runs `c66 man`.
pub(crate) fn manual(context: &Context, args: &ManArgs) -> Result<()> {
    let command = find(&args.words)?;
    let path: Vec<String> = std::iter::once("c66".to_owned()).chain(args.words.iter().cloned()).collect();
    let page = manual::page(&path, &command).map_err(|error| Error::internal(error.to_string()))?;
    context.printer.write(|out| out.write_all(&page))?;
    context.printer.flush()
}

fn command_help(words: &[String]) -> Result<String> {
    let mut command = find(words)?;
    let page = command.render_help().to_string();
    let scopes = needed_scopes(&command).map(|scopes| format!("\n{scopes}\n")).unwrap_or_default();
    Ok(page + &scopes)
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
