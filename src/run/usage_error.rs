//! Turns clap's errors into ours: what failed, a suggestion, and the usage.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::commands::deferred::HasVerb;
use crate::error::Error;
use crate::text::similar::closest;

/// More suggestions than this are no help.
const MAX_NOUNS: usize = 3;

/// Converts clap's error. `tree` is what clap parsed with: it has built the commands that were typed, and no others.
pub(super) fn usage(error: &clap::Error, tree: &Command, arguments: &[OsString]) -> Error {
    match error.kind() {
        ErrorKind::InvalidSubcommand => unknown_command(error, tree, arguments),
        ErrorKind::UnknownArgument => unknown_flag(error, tree, arguments),
        ErrorKind::MissingRequiredArgument => missing(error, tree, arguments),
        _ => from_rendered(&error.render().to_string()),
    }
}

/// clap also suggests hidden names, up to nine; one visible name is enough.
fn unknown_command(error: &clap::Error, tree: &Command, arguments: &[OsString]) -> Error {
    let word = text(error, ContextKind::InvalidSubcommand);
    let (path, command) = deepest_command(tree, arguments, word);
    let refusal = Error::usage(format!("unknown command `{}`", words(&path, word)));
    let names = visible(command).map(Command::get_name);
    let refusal = match closest(word, names) {
        Some(near) => refusal.hint(format!("did you mean `{}`?", words(&path, near))),
        None if path.is_empty() => match &*nouns_with(tree, word) {
            nouns if (1..=MAX_NOUNS).contains(&nouns.len()) => {
                let places: Vec<String> = nouns.iter().map(|noun| format!("`c66 {noun} {word}`")).collect();
                refusal.hint(format!("did you mean {}?", places.join(" or ")))
            }
            _ => refusal,
        },
        None => refusal,
    };
    refusal.hint(format!("{} --help lists them", words(&path, "").trim_end()))
}

/// The nouns that have this verb.
fn nouns_with<'t>(tree: &'t Command, verb: &str) -> Vec<&'t str> {
    let has_verb = |noun: &&Command| noun.get::<HasVerb>().is_some_and(|has| (has.0)(verb));
    let shows_verb = |noun: &&Command| {
        // Parsing any other word builds the verbs, without their arguments.
        let mut noun = (*noun).clone();
        drop(noun.try_get_matches_from_mut(["c66", ""]));
        noun.find_subcommand(verb).is_some_and(|verb| !verb.is_hide_set())
    };
    visible(tree).filter(has_verb).filter(shows_verb).map(Command::get_name).take(MAX_NOUNS + 1).collect()
}

fn unknown_flag(error: &clap::Error, tree: &Command, arguments: &[OsString]) -> Error {
    let flag = text(error, ContextKind::InvalidArg);
    let said = from_rendered(&error.render().to_string());
    let (_, command) = deepest_command(tree, arguments, flag);
    let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let longs: Vec<String> = visible.filter_map(|argument| Some(format!("--{}", argument.get_long()?))).collect();
    let near = closest(flag, longs.iter().map(String::as_str)).filter(|_| flag.starts_with("--"));
    // clap's suggestions are too loose; use ours.
    let others = said.hints().iter().filter(|hint| !hint.starts_with("did you mean")).cloned();
    let hints = near.map(|near| format!("did you mean `{near}`?")).into_iter().chain(others);
    hints.fold(Error::usage(said.message()), Error::hint)
}

/// Detects `KEY=VALUE` typed where the command takes two words. The word is not repeated: the value may be a secret.
fn missing(error: &clap::Error, tree: &Command, arguments: &[OsString]) -> Error {
    let said = from_rendered(&error.render().to_string());
    let is_value = |name: &String| name == "<VALUE>";
    let lacks_value =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(names)) if names.iter().any(is_value));
    let is_pair = |word: &OsString| word.to_str().is_some_and(|word| !word.starts_with('-') && word.contains('='));
    if !lacks_value || !arguments.iter().skip(1).any(is_pair) {
        return said;
    }
    let (path, command) = deepest_command(tree, arguments, "");
    let places: Vec<String> = command.get_positionals().map(|one| one.get_id().as_str().to_uppercase()).collect();
    let form = format!("name and value are two words: {}", words(&path, &places.join(" ")));
    said.hints().iter().fold(Error::usage(said.message()).hint(form), Error::hint)
}

/// The deepest command that the arguments before `refused` name, and its words.
fn deepest_command<'t>(tree: &'t Command, arguments: &[OsString], refused: &str) -> (Vec<&'t str>, &'t Command) {
    let mut path = Vec::new();
    let mut command = tree;
    for word in arguments.iter().skip(1).take_while(|word| *word != refused) {
        if let Some(inner) = command.find_subcommand(word) {
            path.push(inner.get_name());
            command = inner;
        }
    }
    (path, command)
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set())
}

fn words(path: &[&str], last: &str) -> String {
    std::iter::once("c66").chain(path.iter().copied()).chain([last]).collect::<Vec<_>>().join(" ")
}

fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

/// Splits clap's message into what failed and what to do.
fn from_rendered(text: &str) -> Error {
    let mut message = Vec::new();
    let mut hints = Vec::new();
    let mut in_message = true;
    for line in text.lines().map(str::trim) {
        if line.starts_with("For more information") {
            break;
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            in_message = false;
            hints.push(format!("usage: {usage}"));
        } else if let Some(tip) = line.strip_prefix("tip: ") {
            in_message = false;
            hints.push(did_you_mean(tip));
        } else if in_message && !line.is_empty() {
            message.push(line.strip_prefix("error: ").unwrap_or(line).to_owned());
        }
    }
    hints.into_iter().fold(Error::usage(message.join(" ")), Error::hint)
}

/// Rewrites a tip about a similar name in the form of our suggestions.
fn did_you_mean(tip: &str) -> String {
    match tip.split_once(" exist: ").or_else(|| tip.split_once(" exists: ")) {
        Some((_, names)) if tip.contains("similar") => {
            let names: Vec<String> = names.split(", ").map(|name| format!("`{}`", name.trim_matches('\''))).collect();
            format!("did you mean {}?", names.join(" or "))
        }
        _ => tip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tip_has_the_form_of_our_suggestions() {
        assert_eq!(did_you_mean("a similar value exists: 'json'"), "did you mean `json`?");
        assert_eq!(did_you_mean("some similar values exist: 'ls', 'list'"), "did you mean `ls` or `list`?");
        let tip = "to pass '-x' as a value, use '-- -x'";
        assert_eq!(did_you_mean(tip), tip);
    }
}
