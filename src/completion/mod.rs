//! Answers completion requests of a shell.
//!
//! The shell runs the program with `COMPLETE` set and the line as its arguments; the answer has one candidate per line,
//! its description after a tab, for every shell. It never prompts, and any error is an empty answer.

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
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _, complete};

use self::line::Line;
use self::names::{Completer, Wanted};
use crate::args::candidates::Candidates;
use crate::commands::Cli;
use crate::commands::completions::scripts;
use crate::commands::globals::Globals;
use crate::config::variables;
use crate::output::{Printer, PrinterOptions};
use crate::resource::verb::Verb;

/// Answers a completion request, and returns the exit code; `None` if there is none.
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
    // A shell that no longer listens needs no answer.
    let written = printer.write(|out| out.write_all(&text)).and_then(|()| printer.flush());
    Some(u8::from(written.is_err()))
}

/// What is needed to find the candidates of an argument.
struct CompletionContext {
    line: Line,
    /// The part of the command tree for the line.
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
    // An empty word is completed with names, if possible; flags come after the first dash.
    if line.current().is_empty() && takes_words(&command, line) {
        found.retain(|candidate| !candidate.get_value().as_encoded_bytes().starts_with(b"-"));
    }
    found
}

/// Whether the typed command has verbs or positional arguments.
fn takes_words(command: &Command, line: &Line) -> bool {
    match line.before().find_map(|word| command.find_subcommand(word)) {
        Some(inner) => takes_words(inner, line),
        None => command.has_subcommands() || command.get_positionals().next().is_some(),
    }
}

/// The part of the command tree that the line needs: building all of it would take longer than the rest.
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

/// A command with only its name and description.
fn name_of(command: &Command) -> Command {
    let name = Command::new(command.get_name().to_owned()).hide(command.is_hide_set());
    match command.get_about() {
        Some(about) => name.about(about.clone()),
        None => name,
    }
}

/// Assigns completion to the arguments of the typed command.
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
            let with_paths = matches!(wanted, Wanted::Other(Candidates::CopyPlaces));
            let completion_context = Arc::clone(completion_context);
            argument.add(ArgValueCompleter::new(move |current: &OsStr| {
                let Some(current) = current.to_str() else { return Vec::new() };
                let CompletionContext { line, command, began } = &*completion_context;
                let mut found = Completer { wanted, line, command, current, began: *began }.candidates();
                if with_paths {
                    found.extend(PathCompleter::any().complete(OsStr::new(current)));
                }
                found
            }))
        }
    })
}

/// One candidate per line, the description after a tab.
fn lines(found: &[CompletionCandidate]) -> String {
    let line = |candidate: &CompletionCandidate| {
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        // A file name may contain anything, but here a line break ends a candidate and a tab its value.
        let value = candidate.get_value().to_str().filter(|value| !value.contains(char::is_control))?;
        Some(match help.lines().next() {
            Some(help) if !help.is_empty() => format!("{value}\t{help}\n"),
            _ => format!("{value}\n"),
        })
    };
    found.iter().filter_map(line).collect()
}
