//! A word behind a complete command.

use std::ffi::OsString;

use super::flags::replaced;
use super::place::{self, Place, long};
use super::{Step, columns_of_json, help};
use crate::error::Error;

/// A word too many: the stack, where the command has no words of its own, or a thing that has a flag.
pub(super) fn surplus_word(arguments: &[OsString], place: &Place<'_>, word: &str) -> Step {
    let command = place.command();
    let at = place.refused;
    let is_given = |long: &str, short: Option<&str>| {
        arguments[place.last()..].iter().filter_map(|argument| argument.to_str()).any(|argument| {
            argument == long
                || argument.starts_with(&format!("{long}="))
                || short.is_some_and(|s| argument.starts_with(s))
        })
    };
    if arguments[at - 1] == "--json" && long(command, "columns").is_some() {
        return Step::Refused(columns_of_json(word));
    }
    let stack_is_given = is_given("--stack", Some("-s"));
    if place.path() == "stacks maintenance" && !stack_is_given {
        return maintenance(arguments, place);
    }
    if command.get_positionals().any(|positional| !positional.is_last_set()) {
        return Step::Unchanged;
    }
    if word == "help" {
        return Step::Again(help(arguments, place));
    }
    if place.path().ends_with(" login") {
        let error = Error::usage("unexpected argument: a token is not shown on the command line");
        return Step::Refused(error.hint("c66 auth login asks for it; with --with-token it reads stdin"));
    }
    if place.path().starts_with("devices ") {
        let flag =
            ["--user", "--token"].into_iter().find(|flag| long(command, &flag[2..]).is_some() && !is_given(flag, None));
        return flag.map_or(Step::Unchanged, |flag| Step::Again(replaced(arguments, at, 1, &[flag, word])));
    }
    if long(command, "stack").is_none() || stack_is_given {
        // `shop production`, as in CX's list.
        if stack_is_given && long(command, "environment").is_some() && !is_given("--environment", Some("-e")) {
            let error = Error::usage(format!("unexpected argument `{word}`"));
            return Step::Refused(error.hint(format!("an environment needs its flag: -e {word}")));
        }
        return Step::Unchanged;
    }
    Step::Again(replaced(arguments, at, 1, &["--stack", word]))
}

/// `stacks maintenance` with the stack as a word, before or after its own.
fn maintenance(arguments: &[OsString], place: &Place<'_>) -> Step {
    let is_own = |word: &str| ["on", "off"].contains(&word);
    let words: Vec<(usize, &str)> = place::words(arguments, place.last() + 1).collect();
    match words.as_slice() {
        [(_, own), (at, stack)] | [(at, stack), (_, own)] if is_own(own) && !is_own(stack) => {
            Step::Again(replaced(arguments, *at, 1, &["--stack", stack]))
        }
        _ => Step::Unchanged,
    }
}
