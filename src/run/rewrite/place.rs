//! Where clap stopped in a command line: at which command, and at which argument.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

/// Flags that take a value wherever they are accepted. Before their command is known, these are all that can be
/// known of a flag.
const VALUE_FLAGS: &[&str] = &[
    "-s",
    "--stack",
    "-a",
    "--app",
    "-e",
    "--environment",
    "-o",
    "--output",
    "--columns",
    "--sort",
    "--filter",
    "--limit",
    "--jq",
    "--profile",
    "--account",
    "--timeout",
];

/// A command line up to the refused argument.
pub(super) struct Place<'t> {
    /// The commands that were named, from the root.
    commands: Vec<&'t Command>,
    /// The positions of their words; the root is the program name at 0.
    pub(super) at: Vec<usize>,
    /// The position of the refused argument; the number of arguments if it was not found.
    pub(super) refused: usize,
    /// How many words the last command has before it.
    pub(super) words: usize,
}

impl<'t> Place<'t> {
    /// Follows the arguments through the tree, as far as the one that clap refused.
    pub(super) fn find(tree: &'t Command, arguments: &[OsString], refused: &str) -> Self {
        let mut place = Self { commands: vec![tree], at: vec![0], refused: arguments.len(), words: 0 };
        let mut index = 1;
        while let Some(argument) = arguments.get(index) {
            let argument = argument.to_str().unwrap_or_default();
            let command = place.command();
            if argument == "--" {
                break;
            } else if is_flag(argument) {
                let Some(values) = values_after(command, argument) else {
                    place.refused = index;
                    break;
                };
                index += values;
            } else if let Some(inner) = command.find_subcommand(argument).filter(|_| place.words == 0) {
                place.commands.push(inner);
                place.at.push(index);
            } else if argument == refused && (command.has_subcommands() || place.words >= most_words(command)) {
                place.refused = index;
                break;
            } else {
                place.words += 1;
            }
            index += 1;
        }
        place
    }

    /// The command that refused the argument.
    pub(super) fn command(&self) -> &'t Command {
        self.commands[self.commands.len() - 1]
    }

    /// The names of the commands below the root, joined.
    pub(super) fn path(&self) -> String {
        self.commands[1..].iter().map(|command| command.get_name()).collect::<Vec<_>>().join(" ")
    }

    /// The position of the last command's word.
    pub(super) fn last(&self) -> usize {
        self.at[self.at.len() - 1]
    }
}

/// Whether an argument is a flag: not a word, a number or the `-` for stdin.
pub(super) fn is_flag(argument: &str) -> bool {
    argument.len() > 1 && argument.starts_with('-') && !argument.as_bytes()[1].is_ascii_digit()
}

/// Whether the next argument is the value of this flag, as far as that is known without its command.
pub(super) fn takes_next(flag: &str) -> bool {
    VALUE_FLAGS.contains(&flag)
}

/// The words among the arguments from `from` on, with their positions: neither flags nor values of flags.
pub(super) fn words(arguments: &[OsString], from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut index = from;
    std::iter::from_fn(move || {
        loop {
            let argument = arguments.get(index)?.to_str().unwrap_or_default();
            if argument == "--" {
                return None;
            }
            index += 1;
            if !is_flag(argument) {
                return Some((index - 1, argument));
            }
            index += usize::from(takes_next(argument));
        }
    })
}

/// The argument with this long name, or alias of one.
pub(super) fn long<'t>(command: &'t Command, name: &str) -> Option<&'t Arg> {
    let is_it = |argument: &&Arg| {
        argument.get_long() == Some(name) || argument.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
    };
    command.get_arguments().find(is_it)
}

/// How many arguments after this flag are its values; `None` if the command does not know it.
fn values_after(command: &Command, flag: &str) -> Option<usize> {
    if let Some(name) = flag.strip_prefix("--") {
        let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
        let argument = long(command, name)?;
        return Some(if value.is_some() { 0 } else { value_count(argument) });
    }
    let letters = &flag[1..];
    for (at, letter) in letters.char_indices() {
        let argument = command.get_arguments().find(|argument| {
            argument.get_short() == Some(letter)
                || argument.get_all_short_aliases().is_some_and(|aliases| aliases.contains(&letter))
        })?;
        if value_count(argument) > 0 {
            let is_last = at + letter.len_utf8() == letters.len();
            return Some(if is_last { value_count(argument) } else { 0 });
        }
    }
    Some(0)
}

fn value_count(argument: &Arg) -> usize {
    if argument.get_action().takes_values() { argument.get_num_args().map_or(1, |count| count.min_values()) } else { 0 }
}

/// How many words a command takes.
fn most_words(command: &Command) -> usize {
    let most = |argument: &Arg| match argument.get_action() {
        ArgAction::Append => usize::MAX,
        _ => argument.get_num_args().map_or(1, |count| count.max_values()),
    };
    // Words after `--` are never surplus.
    command.get_positionals().filter(|one| !one.is_last_set()).map(most).fold(0, usize::saturating_add)
}
