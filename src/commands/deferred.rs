//! What a command takes is built only when it is the one that was typed; so is what a verb takes, where that is a type of
//! its own. The others' arguments come with the verbs.
//!
//! Building all of it in every process would be most of what the program costs to start, and so would be the copies of
//! the flags of every command: clap's own global flags are copied into each command of the tree. Here a command gets
//! them when it is built. They are global to clap only in the last one, so that what was typed further in front counts.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

use crate::commands::globals::Globals;

/// The verbs of a noun.
#[derive(Debug)]
pub(crate) struct Subcommands<T>(pub(crate) T);

/// What a command without verbs takes, or a verb.
#[derive(Debug)]
pub(crate) struct Deferred<T>(pub(crate) T);

impl<T: Subcommand> Args for Subcommands<T> {
    fn augment_args(command: Command) -> Command {
        command.subcommand_required(true).arg_required_else_help(true).defer(verbs::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: Command) -> Command {
        // The setting tells `verbs` that the command's arguments are seen to; it is gone when they are built.
        command
            .arg_required_else_help(true)
            .defer(|command| with_globals(keep_about(command.arg_required_else_help(false), T::augment_args)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Adds the verbs.
fn verbs<T: Subcommand>(command: Command) -> Command {
    let command = keep_about(command, T::augment_subcommands).mut_subcommands(|verb| {
        // A noun within the noun, or one whose arguments wait as well, gets them by itself.
        if verb.is_arg_required_else_help_set() { verb } else { verb.defer(with_globals) }
    });
    keep_about(command, Globals::augment_args)
}

/// Keeps the description that the command has in the tree: that of the type would take its place.
fn keep_about(command: Command, augment: impl Fn(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let command = augment(command);
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}

fn with_globals(command: Command) -> Command {
    let own: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    keep_about(command, Globals::augment_args)
        .mut_args(|argument| if own.contains(argument.get_id()) { argument } else { argument.global(true) })
}

macro_rules! delegate_from_arg_matches {
    ($wrapper:ident, $bound:ident) => {
        impl<T: $bound> FromArgMatches for $wrapper<T> {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                T::from_arg_matches(matches).map(Self)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                self.0.update_from_arg_matches(matches)
            }
        }
    };
}

delegate_from_arg_matches!(Subcommands, Subcommand);
delegate_from_arg_matches!(Deferred, Args);
