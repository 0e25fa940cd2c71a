//! Completion that knows things: what a shell is told when somebody presses Tab.
//!
//! The shell runs the program with `COMPLETE` set and the line as its arguments; the answer is a line a candidate, its
//! description after a tab, the same for every shell. Nothing is ever asked, and whatever goes wrong is an empty answer.

mod candidate;
mod cloudmc;
mod line;
mod lookup;
mod names;

use std::ffi::{OsStr, OsString};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, Command, CommandFactory};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, complete};

use self::line::Line;
use self::names::{Completer, Wanted};
use crate::args::candidates::Candidates;
use crate::commands::Cli;
use crate::commands::completions::scripts;
use crate::commands::globals::Globals;
use crate::config::variables;
use crate::output::{Printer, PrinterOptions};
use crate::resource::verb::Verb;

/// Answers a shell that asks for completions, and gives the exit code; nothing when no shell asks.
pub fn complete_for_shell(arguments: impl IntoIterator<Item = OsString>) -> Option<u8> {
    let (shell, index) = variables::completion_request()?;
    let began = Instant::now();
    let printer = Rc::new(Printer::stdio(PrinterOptions::default()));
    let mut words = arguments.into_iter().skip_while(|word| word != "--").skip(1).peekable();
    let text = if words.peek().is_none() {
        scripts::script(&shell)?
    } else {
        lines(&candidates_of(Line::new(words.collect(), index), began)).into_bytes()
    };
    // A shell that does not listen any more is told nothing.
    let written = printer.write(|out| out.write_all(&text)).and_then(|()| printer.flush());
    Some(u8::from(written.is_err()))
}

/// What the candidates of an argument are found by.
struct CompletionContext {
    line: Line,
    /// What reads the line: the part of the command tree that it is about.
    command: Command,
    began: Instant,
}

fn candidates_of(line: Line, began: Instant) -> Vec<CompletionCandidate> {
    let plain = line.without_values(&Globals::augment_args(Command::new("c66")));
    let mut command = tree(&plain);
    let completion_context = Arc::new(CompletionContext { line, command: command.clone(), began });
    command.build();
    let mut command = with_candidates(command, &plain, &completion_context);
    let line = &plain;
    let folder = std::env::current_dir().ok();
    let mut found = complete(&mut command, line.words().to_vec(), line.index(), folder.as_deref()).unwrap_or_default();
    // Whoever has typed nothing yet looks for a name, if one can stand there; the flags come with the first dash.
    if line.current().is_empty() && takes_words(&command, line) {
        found.retain(|candidate| !candidate.get_value().as_encoded_bytes().starts_with(b"-"));
    }
    found
}

/// Whether the command that was typed has verbs or positional arguments.
fn takes_words(command: &Command, line: &Line) -> bool {
    match line.before().find_map(|word| command.find_subcommand(word)) {
        Some(inner) => takes_words(inner, line),
        None => command.has_subcommands() || command.get_positionals().next().is_some(),
    }
}

/// As much of the command tree as the line has to do with: building all of it would take longer than the rest.
fn tree(line: &Line) -> Command {
    let whole = Cli::command();
    let is_typed = |noun: &&Command| {
        line.before().any(|word| word == noun.get_name() || noun.get_all_aliases().any(|alias| word == alias))
    };
    let typed: Vec<Command> = whole.get_subcommands().filter(is_typed).cloned().collect();
    if typed.is_empty() {
        return whole.mut_args(|argument| argument.global(false)).mut_subcommands(|noun| name_of(&noun));
    }
    Globals::augment_args(Command::new("c66").disable_help_subcommand(true)).subcommands(typed)
}

/// A command with its name and description alone.
fn name_of(command: &Command) -> Command {
    let name = Command::new(command.get_name().to_owned()).hide(command.is_hide_set());
    match command.get_about() {
        Some(about) => name.about(about.clone()),
        None => name,
    }
}

/// Says of the arguments of the command that was typed what completes them.
fn with_candidates(command: Command, line: &Line, completion_context: &Arc<CompletionContext>) -> Command {
    let next = line.before().find_map(|word| command.find_subcommand(word)).map(|next| next.get_name().to_owned());
    if let Some(next) = next {
        return command.mut_subcommand(next, |inner| with_candidates(inner, line, completion_context));
    }
    let noun = command.get::<Verb>().and_then(|verb| verb.noun);
    command.mut_args(|argument| match Wanted::of(&argument, noun) {
        _ if !argument.get_action().takes_values() => argument,
        None => argument,
        Some(Wanted::Other(Candidates::Paths)) => argument.add(ArgValueCompleter::new(PathCompleter::any())),
        Some(wanted) => {
            let completion_context = Arc::clone(completion_context);
            argument.add(ArgValueCompleter::new(move |current: &OsStr| {
                let Some(current) = current.to_str() else { return Vec::new() };
                let CompletionContext { line, command, began } = &*completion_context;
                Completer { wanted, line, command, current, began: *began }.candidates()
            }))
        }
    })
}

/// A line a candidate, the description after a tab.
fn lines(found: &[CompletionCandidate]) -> String {
    let line = |candidate: &CompletionCandidate| {
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        // The name of a file may hold anything, and here a line ends a candidate and a tab its value.
        let value = candidate.get_value().to_str().filter(|value| !value.contains(char::is_control))?;
        Some(match help.lines().next() {
            Some(help) if !help.is_empty() => format!("{value}\t{help}\n"),
            _ => format!("{value}\n"),
        })
    };
    found.iter().filter_map(line).collect()
}
