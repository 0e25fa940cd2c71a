//! Another chance for a command line that clap refused: what people type out of habit is rewritten to the command that
//! they mean, or answered with a hint.
//!
//! Nothing here costs a right command line anything. Each step looks only at the level of the tree where clap stopped,
//! which clap has built, and is tried again like any other command line: with its errors, prompts and hints. What is
//! ambiguous is never run.

mod flags;
mod place;
mod surplus_word;
mod unknown_word;
mod words;

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use self::flags::replaced;
use self::place::{Place, is_flag, long, takes_next};
use self::surplus_word::surplus_word;
use self::unknown_word::{cx_error, unknown_word};
use crate::commands::help::cx;
use crate::error::Error;
use crate::resource::verb::Verb;

/// A line that needs more steps than this is no habit.
const MAX_STEPS: usize = 12;

/// What to do with a refused command line.
#[derive(Debug)]
enum Step {
    /// Parse this one.
    Again(Vec<OsString>),
    /// Report this error.
    Refused(Error),
    /// Report clap's error.
    Unchanged,
}

/// A command line that cannot be understood: the arguments as they were tried last, and why.
pub(super) enum Refusal {
    /// clap says why.
    Clap(clap::Error, Vec<OsString>),
    /// We do.
    Ours(Error, Vec<OsString>),
}

/// Rewrites a refused command line until `parse` accepts it, or nothing can be made of it.
pub(super) fn parse_again<T>(
    tree: &mut Command,
    arguments: &[OsString],
    error: clap::Error,
    parse: impl Fn(&mut Command, &[OsString]) -> Result<T, clap::Error>,
) -> Result<T, Refusal> {
    let (mut arguments, mut error) = (arguments.to_vec(), error);
    // A noun alone that cannot list without more words prints its help.
    let mut help = None;
    for _ in 0..MAX_STEPS {
        match step(tree, &arguments, &error) {
            Step::Unchanged => break,
            Step::Refused(why) => return Err(Refusal::Ours(why, arguments)),
            Step::Again(rewritten) => {
                let refused = match parse(tree, &rewritten) {
                    Ok(parsed) => return Ok(parsed),
                    Err(refused) => refused,
                };
                if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                    help = Some((error, arguments));
                }
                (arguments, error) = (rewritten, refused);
            }
        }
    }
    match (help, error.kind()) {
        (Some((help, arguments)), ErrorKind::MissingRequiredArgument) => Err(Refusal::Clap(help, arguments)),
        _ => Err(Refusal::Clap(error, arguments)),
    }
}

/// Whether a first word is a habit that is understood, or answered with a hint.
pub(super) fn knows(word: &str) -> bool {
    words::meaning("", word).is_some() || cx_error("", word).is_some()
}

/// The place of a word in the arguments, if it was refused as the first word.
pub(super) fn refused_first_word(tree: &Command, arguments: &[OsString], error: &clap::Error) -> Option<usize> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let place = Place::find(tree, arguments, text(error, ContextKind::InvalidSubcommand));
    place.path().is_empty().then_some(place.refused)
}

fn step(tree: &Command, arguments: &[OsString], error: &clap::Error) -> Step {
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let refused = text(error, ContextKind::InvalidArg);
            if let Some(rewritten) = descending_sort(arguments) {
                return Step::Again(rewritten);
            }
            let place = Place::find(tree, arguments, refused);
            match arguments.get(place.refused).and_then(|raw| raw.to_str()) {
                None => Step::Unchanged,
                Some(raw) if is_flag(raw) && place.command().has_subcommands() => flag_of_noun(arguments, &place, raw),
                Some(raw) if is_flag(raw) => unknown_flag(arguments, &place, raw),
                Some(word) => surplus_word(arguments, &place, word),
            }
        }
        ErrorKind::InvalidSubcommand => {
            let place = Place::find(tree, arguments, text(error, ContextKind::InvalidSubcommand));
            unknown_word(tree, arguments, &place)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let place = Place::find(tree, arguments, "");
            with_default_verb(arguments, &place)
        }
        ErrorKind::InvalidValue => match descending_sort(arguments) {
            Some(rewritten) => Step::Again(rewritten),
            None => invalid_value(tree, arguments, text(error, ContextKind::InvalidValue)),
        },
        ErrorKind::ValueValidation => invalid_value(tree, arguments, text(error, ContextKind::InvalidValue)),
        _ => Step::Unchanged,
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> &str {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text,
        _ => "",
    }
}

/// `--sort -name`, which clap takes for two flags, as `--sort=-name`.
fn descending_sort(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let at = arguments.iter().position(|argument| argument == "--sort")?;
    let column = arguments.get(at + 1)?.to_str()?;
    let is_column = column.len() > 2 && is_flag(column) && !column.starts_with("--");
    is_column.then(|| replaced(arguments, at, 2, &[&format!("--sort={column}")]))
}

/// `latest` as the number of an item, or a file as the output format.
fn invalid_value(tree: &Command, arguments: &[OsString], value: &str) -> Step {
    let place = Place::find(tree, arguments, "");
    let command = place.command();
    let at = arguments.iter().position(|argument| argument == value);
    if ["latest", "last", "newest"].contains(&value) {
        let noun = place.path();
        let noun = noun.split(' ').next().unwrap_or_default();
        return match at.filter(|_| long(command, "latest").is_some()) {
            Some(at) => Step::Again(replaced(arguments, at, 1, &["--latest"])),
            None => Step::Refused(
                Error::usage(format!("invalid number `{value}`"))
                    .hint(format!("c66 {noun} list --limit 1 shows the newest")),
            ),
        };
    }
    let names_file = value.contains(['.', '/'])
        && at.is_some_and(|at| ["-o", "--output"].iter().any(|flag| arguments[at - 1] == *flag));
    if names_file && command.get_arguments().any(|argument| argument.get_short() == Some('O')) {
        return Step::Refused(
            Error::usage(format!("invalid format `{value}`")).hint(format!("for a file: -O {value}")),
        );
    }
    Step::Unchanged
}

/// A flag before the verb, or without one: it belongs to the verb.
fn flag_of_noun(arguments: &[OsString], place: &Place<'_>, raw: &str) -> Step {
    let path = place.path();
    let command = place.command();
    let is_root = path.is_empty();
    let is_known = |word: &str| {
        let find = |verb: &str| command.find_subcommand(verb).map(Command::get_name);
        find(word).is_some() || words::meaning(&path, word).is_some() || (!is_root && words::verb(word, find).is_some())
    };
    let (mut index, mut after_flag, mut other) = (place.refused, false, None);
    while let Some(argument) = arguments.get(index).and_then(|argument| argument.to_str()) {
        if argument == "--" {
            break;
        }
        if is_flag(argument) {
            after_flag = !argument.contains('=');
            let takes_next = takes_next(argument);
            index += 1 + usize::from(takes_next);
            after_flag &= !takes_next;
            continue;
        }
        if is_known(argument) {
            return Step::Again(moved_behind(arguments, place.refused, index));
        }
        if !after_flag {
            other.get_or_insert(index);
        }
        after_flag = false;
        index += 1;
    }
    match other {
        // clap reports the unknown word.
        Some(word) => Step::Again(moved_behind(arguments, place.refused, word)),
        None if is_root => flags::alone(raw, arguments, place.refused),
        None => with_default_verb(arguments, place),
    }
}

/// Moves the arguments from `from` on behind the word at `word`. A stack's flags have their long names there: short
/// ones may mean something else to the command.
fn moved_behind(arguments: &[OsString], from: usize, word: usize) -> Vec<OsString> {
    let canonical = |argument: &OsString| {
        let Some(text) = argument.to_str() else { return argument.clone() };
        for (short, long) in [("-s", "--stack"), ("-e", "--environment")] {
            match text.strip_prefix(short) {
                Some("") => return long.into(),
                Some(value) => return format!("{long}={}", value.strip_prefix('=').unwrap_or(value)).into(),
                None => {}
            }
        }
        argument.clone()
    };
    let mut moved: Vec<OsString> = arguments[..from].to_vec();
    moved.push(arguments[word].clone());
    moved.extend(arguments[from..word].iter().map(canonical));
    moved.extend(arguments[word + 1..].iter().cloned());
    moved
}

/// A noun alone lists, or shows its state.
fn with_default_verb(arguments: &[OsString], place: &Place<'_>) -> Step {
    let verb = match place.path().as_str() {
        // Its list needs a type of entity.
        "" | "cloudmc" => return Step::Unchanged,
        "auth" | "sandbox" => "status",
        _ => "list",
    };
    if place.command().find_subcommand(verb).is_none() {
        return Step::Unchanged;
    }
    Step::Again(replaced(arguments, place.last() + 1, 0, &[verb]))
}

fn unknown_flag(arguments: &[OsString], place: &Place<'_>, raw: &str) -> Step {
    let (path, flag) = (place.path(), raw.split('=').next().unwrap_or_default());
    let of_cx = cx::flag(&path.split(' ').collect::<Vec<_>>(), flag);
    match flags::unknown(place, arguments) {
        Step::Again(rewritten) => Step::Again(rewritten),
        step => of_cx.map_or(step, |use_this| Step::Refused(flags::refusal(flag, use_this))),
    }
}

/// The error for `--json` with columns after it, which the command took for names: the list would be empty.
pub(super) fn columns_after_json(tree: &Command, arguments: &[OsString]) -> Option<Error> {
    let at = arguments.iter().position(|argument| argument == "--json")?;
    let word = arguments.get(at + 1)?.to_str().filter(|word| !is_flag(word))?;
    let place = Place::find(tree, arguments, "");
    let noun = place.command().get::<Verb>()?.noun?;
    let is_column = |name: &str| noun.columns().any(|column| column.name == name);
    (at > place.last() && word.split(',').all(is_column)).then(|| columns_of_json(word))
}

/// gh's habit: `--json` with the fields.
fn columns_of_json(columns: &str) -> Error {
    Error::usage("--json takes no value").hint(format!("use: -o json --columns {columns}"))
}

/// `c66 NOUN help …` as `c66 help NOUN …`.
fn help(arguments: &[OsString], place: &Place<'_>) -> Vec<OsString> {
    let path = place.path();
    let before = path.split(' ').filter(|word| !word.is_empty()).map(OsString::from);
    let after = place::words(arguments, place.refused + 1).map(|(_, word)| OsString::from(word));
    [arguments[0].clone(), "help".into()].into_iter().chain(before).chain(after).collect()
}

#[cfg(test)]
mod tests;
