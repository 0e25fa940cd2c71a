//! A noun whose verbs are built only when it is the one that was typed.

use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Subcommand};

/// The verbs of a noun. Building all of them in every process would be half of what the program costs to start.
#[derive(Debug)]
pub struct Group<T>(pub T);

impl<T: Subcommand> FromArgMatches for Group<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Subcommand> Args for Group<T> {
    fn augment_args(command: Command) -> Command {
        command.subcommand_required(true).arg_required_else_help(true).defer(verbs::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Adds the verbs, and keeps the noun's own description: that of their type would take its place.
fn verbs<T: Subcommand>(command: Command) -> Command {
    let about = command.get_about().cloned();
    let command = T::augment_subcommands(command);
    match about {
        Some(about) => command.about(about),
        None => command,
    }
}
