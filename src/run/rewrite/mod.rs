//! Another chance for a command line that clap refused: what people type out of habit is rewritten to the command that
//! they mean, or answered with a hint.
//!
//! Nothing here costs a right command line anything. Each step looks only at the level of the tree where clap stopped,
//! which clap has built, and is tried again like any other command line: with its errors, prompts and hints. What is
//! ambiguous is never run.

mod flags;
mod place;
mod words;

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use self::flags::replaced;
use self::place::{Place, is_flag, long, takes_next};
use self::words::Meaning;
use crate::commands::help::cx;
use crate::error::Error;
use crate::resource::verb::Verb;
use crate::text::similar::closest;

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
        _ if of_cx.is_some() => {
            let hint = format!("use: {}", of_cx.unwrap_or_default());
            Step::Refused(Error::usage(format!("unexpected argument `{flag}`")).hint(hint))
        }
        step => step,
    }
}

/// A word too many: the stack, where the command has no words of its own, or a thing that has a flag.
fn surplus_word(arguments: &[OsString], place: &Place<'_>, word: &str) -> Step {
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

/// A word that is no command of this level.
fn unknown_word(tree: &Command, arguments: &[OsString], place: &Place<'_>) -> Step {
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
fn cx_error(path: &str, word: &str) -> Option<Error> {
    let missing = cx::find_command(path, word)?;
    Some(Error::usage(format!("`{}` is a CX command", missing.words)).cause(missing.why).hint(missing.instead))
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

#[cfg(test)]
mod tests;
