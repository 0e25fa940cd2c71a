//! The last chance for a first word that is no command: an alias of the user.

use std::ffi::OsString;

use clap::Command;

use super::rewrite::{self, Refusal};
use crate::config::{ProcessEnv, aliases};
use crate::error::Error;
use crate::text::sanitize::sanitize;

/// Replaces an alias by its words and parses these, once: they cannot be an alias again.
pub(super) fn parse_again<T>(
    tree: &mut Command,
    arguments: &[OsString],
    refusal: Refusal,
    variables: &ProcessEnv,
    parse: impl Fn(&mut Command, &[OsString]) -> Result<T, clap::Error>,
) -> Result<T, Refusal> {
    let Refusal::Clap(error, _) = &refusal else { return Err(refusal) };
    let at = rewrite::refused_first_word(tree, arguments, error);
    let Some((at, word)) = at.and_then(|at| Some((at, arguments.get(at)?.to_str()?))) else { return Err(refusal) };
    let words = match aliases::find(variables, word) {
        Ok(Some(words)) => words,
        Ok(None) => return Err(refusal),
        Err(error) => return Err(Refusal::Ours(error, arguments.to_vec())),
    };
    let mut expanded = arguments.to_vec();
    expanded.splice(at..=at, words.into_iter().map(OsString::from));
    let parsed = parse(tree, &expanded);
    parsed.or_else(|error| rewrite::parse_again(tree, &expanded, error, parse))
}

/// The error for an alias that would never be looked up.
pub(super) fn taken(tree: &Command, name: &str) -> Option<Error> {
    let is_taken = tree.find_subcommand(name).is_some() || name == "help" || rewrite::knows(name);
    is_taken.then(|| {
        Error::usage(format!("`{}` is a command of c66, or a word for one", sanitize(name))).hint("choose another name")
    })
}
