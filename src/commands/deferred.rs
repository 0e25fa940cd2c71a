//! Builds the arguments of a command only if it was typed; the same for those of a verb with its own type. The
//! arguments of the other verbs are built with the verbs.
//!
//! Building all of them in every process would be most of the start-up time, and so would be copies of the global flags
//! in every command of the tree, which clap makes. Here a command gets them when it is built. They are global to clap
//! only in the last one, so that flags before the command count too.

use clap::builder::CommandExt;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

use crate::commands::globals::Globals;
use crate::resource::verb::Verb;

/// The verbs of a noun.
#[derive(Debug)]
pub(crate) struct Subcommands<T>(pub(crate) T);

/// Tells whether the noun has a verb of that name, without building the verbs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HasVerb(pub(crate) fn(&str) -> bool);

impl CommandExt for HasVerb {}

/// The arguments of a command without verbs, or of a verb.
#[derive(Debug)]
pub(crate) struct Deferred<T>(pub(crate) T);

impl<T: Subcommand> Args for Subcommands<T> {
    fn augment_args(command: Command) -> Command {
        noun(command, T::has_subcommand).defer(|command| verbs(command, T::augment_subcommands))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: Args> Args for Deferred<T> {
    fn augment_args(command: Command) -> Command {
        // The setting tells `verbs` that the command's arguments are handled; it is removed when they are built.
        command.arg_required_else_help(true).defer(|command| arguments(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

// What follows is not generic: there are a hundred types of arguments.

/// A command with verbs that are not built yet.
fn noun(command: Command, has_verb: fn(&str) -> bool) -> Command {
    command.add(HasVerb(has_verb)).subcommand_required(true).arg_required_else_help(true)
}

/// Adds the verbs.
fn verbs(command: Command, augment: fn(Command) -> Command) -> Command {
    let command = keep_about(command, augment).mut_subcommands(|verb| {
        // A noun within the noun, or one with deferred arguments, handles them itself.
        if verb.is_arg_required_else_help_set() { verb } else { verb.defer(with_globals) }
    });
    keep_about(command, Globals::augment_args)
}

/// Adds the arguments of a command or a verb.
fn arguments(command: Command, augment: fn(Command) -> Command) -> Command {
    with_globals(keep_about(command.arg_required_else_help(false), augment))
}

/// Keeps the description of the command in the tree: that of the type would replace it.
fn keep_about(command: Command, augment: fn(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let command = augment(command);
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}

fn with_globals(command: Command) -> Command {
    let own: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    let yes = command.get::<Verb>().and_then(Verb::yes_help);
    keep_about(command, Globals::augment_args).mut_args(|argument| match &yes {
        Some(help) if argument.get_id() == "yes" => argument.help(help.clone()),
        _ if own.contains(argument.get_id()) => argument,
        _ => argument.global(true),
    })
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
