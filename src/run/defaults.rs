//! Adds the user's defaults for flags to a command line that has been understood.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Command};

use crate::config::Settings;
use crate::config::defaults::FlagDefault;
use crate::error::{Error, Result};
use crate::text::parse::parse_bool;

/// Parses the arguments with the defaults of their command; `None` if there are none. What is typed wins, and so does a
/// variable of the environment; a default that conflicts with what is typed is left out.
pub(super) fn apply<T>(
    tree: &mut Command,
    arguments: &[OsString],
    settings: &Settings,
    parse: impl Fn(&mut Command, &[OsString]) -> std::result::Result<T, clap::Error>,
) -> Result<Option<T>> {
    let defaults = settings.flag_defaults()?;
    if defaults.is_empty() {
        return Ok(None);
    }
    let (mut arguments, mut parsed) = (arguments.to_vec(), None);
    for default in &defaults {
        let Some(flag) = missing_flag(tree, &arguments, default)? else { continue };
        if settings.has_variable_for(&default.flag) {
            continue;
        }
        let mut longer = arguments.clone();
        let end = longer.iter().position(|argument| argument == "--").unwrap_or(longer.len());
        longer.insert(end, flag);
        match parse(tree, &longer) {
            Ok(with_default) => (arguments, parsed) = (longer, Some(with_default)),
            Err(error) if error.kind() == ErrorKind::ArgumentConflict => {}
            Err(error) => return Err(invalid(default, &error.to_string())),
        }
    }
    Ok(parsed)
}

/// The flag to add; `None` if the default is for another command, or the flag was typed.
fn missing_flag(tree: &mut Command, arguments: &[OsString], default: &FlagDefault) -> Result<Option<OsString>> {
    let Ok(matches) = tree.try_get_matches_from_mut(arguments) else { return Ok(None) };
    let (mut matches, mut command, mut words) = (&matches, &*tree, default.command.iter());
    while let Some((name, verb)) = matches.subcommand() {
        if words.next().map(String::as_str) != Some(name) {
            return Ok(None);
        }
        let Some(found) = command.find_subcommand(name) else { return Ok(None) };
        (matches, command) = (verb, found);
    }
    if words.next().is_some() {
        return Ok(None);
    }
    let flag = command.get_arguments().find(|argument| argument.get_long() == Some(default.flag.as_str()));
    let flag = flag.ok_or_else(|| invalid(default, &format!("no such flag: --{}", default.flag)))?;
    if matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine) {
        return Ok(None);
    }
    typed(flag, default)
}

/// The flag as it would be typed.
fn typed(flag: &Arg, default: &FlagDefault) -> Result<Option<OsString>> {
    if !matches!(flag.get_action(), ArgAction::SetTrue | ArgAction::Count) {
        return Ok(Some(format!("--{}={}", default.flag, default.text).into()));
    }
    let is_on = parse_bool(&default.text).map_err(|why| invalid(default, &why))?;
    Ok(is_on.then(|| format!("--{}", default.flag).into()))
}

fn invalid(default: &FlagDefault, why: &str) -> Error {
    let why = why.trim_start_matches("error: ").lines().next().unwrap_or_default().to_owned();
    Error::usage(format!("invalid setting {}", default.key()))
        .cause(why)
        .hint(format!("c66 config unset {}", default.key()))
}
