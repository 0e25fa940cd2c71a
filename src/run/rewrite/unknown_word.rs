//! A word where a command is expected, which is none.

use std::ffi::OsString;

use clap::Command;

use super::flags::replaced;
use super::place::{self, Place};
use super::words::{self, Meaning};
use super::{Step, help, with_default_verb};
use crate::commands::help::cx;
use crate::error::Error;
use crate::text::similar::closest;

/// Rewrites or refuses a word that is not a command here.
pub(super) fn unknown_word(tree: &Command, arguments: &[OsString], place: &Place<'_>) -> Step {
    let at = place.refused;
    let Some(word) = arguments.get(at).and_then(|word| word.to_str()) else { return Step::Unchanged };
    let (path, command) = (place.path(), place.command());
    let find = |verb: &str| command.find_subcommand(verb).map(Command::get_name);
    if word == "help" {
        return Step::Again(help(arguments, place));
    }
    // Other spellings of the same word.
    let plain = word.to_lowercase().replace('_', "-");
    if plain != word && (find(&plain).is_some() || words::meaning(&path, &plain).is_some()) {
        return Step::Again(replaced(arguments, at, 1, &[&plain]));
    }
    let next = place::words(arguments, at + 1).next();
    if path.is_empty()
        && words::may_come_first(word)
        && let Some((noun_at, noun)) = next
        && is_noun(tree, noun)
    {
        let mut swapped = arguments.to_vec();
        let noun = swapped.remove(noun_at);
        swapped.insert(at, noun);
        return Step::Again(swapped);
    }
    match words::meaning(&path, word) {
        Some(Meaning::Run(ours)) => return Step::Again(with_command(arguments, place, ours)),
        Some(Meaning::Hint(why, instead)) => {
            let typed = [path.as_str(), word].join(" ");
            let error = Error::usage(format!("unknown command `c66 {}`", typed.trim_start()));
            return Step::Refused(error.cause(why).hint(instead));
        }
        None => {}
    }
    if let Some(error) = cx_error(&path, word) {
        return Step::Refused(error);
    }
    if path.is_empty() {
        return match word.split_once(':') {
            // Heroku's form.
            Some(("config", "get" | "set" | "unset")) => Step::Unchanged,
            Some((noun, verb)) if is_noun(tree, noun) => Step::Again(replaced(arguments, at, 1, &[noun, verb])),
            // Only a stack is written like this.
            _ if word.contains('@') => {
                let error = Error::usage(format!("unknown command `c66 {word}`"));
                Step::Refused(error.hint(format!("c66 stacks show {word}")).hint(format!("c66 redeploy {word}")))
            }
            _ => Step::Unchanged,
        };
    }
    if let Some(verb) = words::verb(word, find) {
        let names_one = next.is_some() || (path == "stacks" && has_stack_flag(arguments, at));
        let verb = if words::shows(verb) && !names_one && find("list").is_some() { "list" } else { verb };
        return Step::Again(replaced(arguments, at, 1, &[verb]));
    }
    // What belongs to a stack is a noun of its own.
    if path == "stacks" && is_noun(tree, word) {
        return Step::Again(with_command(arguments, place, word));
    }
    let is_typo = closest(word, command.get_subcommands().map(Command::get_name)).is_some();
    if word.contains('@') && !is_typo && !has_stack_flag(arguments, at) {
        return match path.as_str() {
            "stacks" => Step::Again(replaced(arguments, at, 0, &["show"])),
            _ => with_default_verb(&replaced(arguments, at, 1, &["--stack", word]), place),
        };
    }
    one_of_noun(arguments, place, word, is_typo)
}

/// The name of a thing after its noun, without the verb. A number is surely one; another word may be an unknown verb.
fn one_of_noun(arguments: &[OsString], place: &Place<'_>, word: &str, is_typo: bool) -> Step {
    let (path, command) = (place.path(), place.command());
    let shows = ["show", "get"].into_iter().find(|verb| command.find_subcommand(verb).is_some());
    match shows {
        Some(verb) if word.bytes().all(|byte| byte.is_ascii_digit()) => {
            Step::Again(replaced(arguments, place.refused, 0, &[verb]))
        }
        Some(verb) if !is_typo && !word.contains('=') => {
            let error = Error::usage(format!("unknown command `c66 {path} {word}`"));
            Step::Refused(
                error
                    .hint(format!("if it is a name: c66 {path} {verb} {word}"))
                    .hint(format!("c66 {path} --help lists the commands")),
            )
        }
        _ => Step::Unchanged,
    }
}

/// Whether the word is a noun, by a name of ours or another.
fn is_noun(tree: &Command, word: &str) -> bool {
    let is_ours = |word: &str| tree.find_subcommand(word).is_some_and(Command::is_subcommand_required_set);
    is_ours(word) || matches!(words::meaning("", word), Some(Meaning::Run(noun)) if is_ours(noun))
}

fn has_stack_flag(arguments: &[OsString], from: usize) -> bool {
    let is_one = |argument: &str| ["-s", "-a", "--stack", "--app"].iter().any(|flag| argument.starts_with(flag));
    arguments[from..].iter().filter_map(|argument| argument.to_str()).any(is_one)
}

/// The arguments with the words of the command, and the refused one, replaced.
fn with_command(arguments: &[OsString], place: &Place<'_>, ours: &str) -> Vec<OsString> {
    let ours: Vec<&str> = ours.split(' ').collect();
    let mut rewritten = replaced(arguments, place.refused, 1, &ours);
    for at in place.at[1..].iter().rev() {
        rewritten.remove(*at);
    }
    rewritten
}

/// The error for a command of CX that c66 lacks.
pub(super) fn cx_error(path: &str, word: &str) -> Option<Error> {
    let missing = cx::find_command(path, word)?;
    Some(Error::usage(format!("`{}` is a CX command", missing.words)).cause(missing.why).hint(missing.instead))
}
