//! Adds what the command knows to an error: the stack, the item that was not found, and hints ready to paste.

use clap::{Command, CommandFactory};

use super::Context;
use super::check_with::command_of;
use crate::cloud66::endpoints;
use crate::commands::Cli;
use crate::error::{Error, Kind};
use crate::http::endpoint::Endpoint;
use crate::resource::verb::Verb;

/// Words that end a command within a sentence.
const ENDS: [&str; 12] =
    [";", ",", " (", ")", " and ", " or ", " to ", " with ", " shows ", " creates ", " lists ", "…"];
/// Commands without requests: the sandbox and the flags of the connection do not matter to them.
const LOCAL: [&str; 7] = ["auth", "completions", "config", "doctor", "help", "profiles", "sandbox"];

impl Context {
    /// Adds the chosen stack, names what was not found, and completes the commands in the hints.
    pub(super) fn complete(&self, error: Error) -> Error {
        if self.is_unknown_account(&error) {
            return self.unknown_account(error);
        }
        let error = self.name_missing(error);
        let chosen = self.chosen.borrow();
        let error = match chosen.as_ref() {
            Some(target) => error.with_stack(&target.uid),
            None => error,
        };
        if error.hints().is_empty() {
            return error;
        }
        let stack = chosen.as_ref().map(super::stack_match::StackRef::flag);
        let mut tree = Cli::command();
        error.map_hints(|hint| complete_commands(hint, &mut tree, &self.global_flags, stack.as_deref()))
    }

    /// Replaces `not found: GET /stacks/…/deployments/9` with `deployment 9 not found on Awesome App@production`.
    fn name_missing(&self, error: Error) -> Error {
        if error.kind() != Kind::NotFound || !error.message().starts_with("not found: ") {
            return error;
        }
        let request = error.failed_request().map(|request| request.request.clone()).unwrap_or_default();
        let Some((method, path)) = request.split_once(' ') else { return error };
        let is_same = |endpoint: &&&'static Endpoint| endpoint.method.as_str() == method;
        let found = endpoints::ALL.iter().filter(is_same).find_map(|row| Some((*row, row.match_path(path)?)));
        let Some((endpoint, parts)) = found else { return error };
        let named = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, part)| part.as_ref());
        let placeholders: Vec<&str> =
            endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let stack: Option<&str> = named("stack_id");
        let chosen = self.chosen.borrow();
        let target = chosen.as_ref().filter(|target| Some(target.uid.as_str()) == stack);
        let place = match (stack, target) {
            (Some(_), Some(target)) => format!(" on {}", target.label()),
            (Some(uid), None) => format!(" on {uid}"),
            (None, _) => String::new(),
        };
        let Some((name, id)) = placeholders.last().and_then(|name| Some((*name, named(name)?))) else { return error };
        if error.cause_text().is_some_and(|said| is_about_another(said, id)) {
            return error.with_message(format!("something that the command names was not found{place}"));
        }
        if name == "stack_id" {
            return error.with_message(format!("stack `{id}` not found")).hint("c66 stacks list");
        }
        let thing = if name == "key" { "variable".to_owned() } else { thing(name) };
        let error = error.with_message(format!("{thing} {id} not found{place}"));
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (*name, part.as_ref())).collect();
        match list_command(endpoint, name, &parts) {
            Some(command) => error.hint(format!("c66 {command}")),
            None => error,
        }
    }
}

/// Whether the API says of something else that it is missing: it quotes a name, and not this one.
fn is_about_another(said: &str, id: &str) -> bool {
    said.contains(['`', '"']) && !said.to_lowercase().contains(&id.to_lowercase())
}

/// The word for what a path argument names: `server_group_id` is a `server group`.
fn thing(name: &str) -> String {
    let name = ["_id", "_uid", "_name", "_key"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    name.replace('_', " ")
}

/// The command, after `c66`, that lists the items of which `name` is one.
fn list_command(endpoint: &Endpoint, name: &str, parts: &[(&str, &str)]) -> Option<String> {
    let (above, _) = endpoint.path.split_once(&format!("/{{{name}}}"))?;
    let list = endpoints::ALL.iter().find(|row| row.method.is_read() && row.path.trim_end_matches(".json") == above)?;
    // The stack is added as in every other hint.
    let others: Vec<(&str, &str)> = parts.iter().copied().filter(|(known, _)| *known != "stack_id").collect();
    command_of(list, &others, &Cli::command())
}

/// Adds the global flags to each command in a hint, and the stack if the command takes one and names none.
fn complete_commands(hint: &str, tree: &mut Command, globals: &str, stack: Option<&str>) -> String {
    let mut completed = String::with_capacity(hint.len() + globals.len());
    let mut rest = hint;
    while let Some(at) = next_command(rest) {
        let (before, after) = rest.split_at(at + "c66".len());
        completed.push_str(before);
        let end = ENDS.iter().filter_map(|end| after.find(end)).min().unwrap_or(after.len());
        let (command, left) = after.split_at(end);
        rest = left;
        let (noun, takes_stack) = look_up(command, tree);
        let is_local = noun.is_none_or(|noun| LOCAL.contains(&noun));
        if !is_local && !command.starts_with(globals) {
            completed.push_str(globals);
        }
        completed.push_str(command);
        // The namespace of a config store stands for its owner.
        let names_one =
            ["-s", "--stack", "--namespace"].iter().any(|flag| command.split(' ').any(|word| word == *flag));
        if let Some(stack) = stack.filter(|_| takes_stack && !names_one) {
            completed.push(' ');
            completed.push_str(stack);
        }
    }
    completed.push_str(rest);
    completed
}

/// Where the next `c66 …` begins.
fn next_command(text: &str) -> Option<usize> {
    let is_word =
        |at: usize| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '/');
    text.match_indices("c66 ").map(|(at, _)| at).find(|at| is_word(*at))
}

/// The first word of a command, if there is such a command, and whether it takes `--stack`.
fn look_up<'t>(command: &str, tree: &'t mut Command) -> (Option<&'t str>, bool) {
    // clap builds only the commands on this path; building all of them costs more than a small command.
    let words = command.split(' ').filter(|word| !word.is_empty() && !word.starts_with('-'));
    let _ = tree.try_get_matches_from_mut(std::iter::once("c66").chain(words));
    let tree = &*tree;
    let (mut noun, mut found) = (None, tree);
    for word in command.split(' ').filter(|word| !word.is_empty()) {
        match found.find_subcommand(word) {
            Some(verb) => (noun, found) = (noun.or(Some(verb.get_name())), verb),
            // Flags may stand before the verb.
            None if noun.is_none() && word.starts_with('-') => {}
            None => break,
        }
    }
    let in_stack = |verb: &Verb| verb.operations().any(|endpoint| endpoint.path.contains("{stack_id}"));
    let has_flag = found.get_arguments().any(|argument| argument.get_long() == Some("stack"));
    (noun, has_flag && found.get::<Verb>().is_some_and(in_stack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_in_hints_can_be_pasted() {
        let mut tree = Cli::command();
        for (hint, expected) in [
            ("c66 stacks list", "c66 --sandbox stacks list"),
            (
                "for details, run: c66 deployments show 9",
                "for details, run: c66 --sandbox deployments show 9 -s shop@staging",
            ),
            (
                "see what is running with c66 actions list and c66 deployments list",
                "see what is running with c66 --sandbox actions list -s shop@staging and c66 --sandbox deployments list -s shop@staging",
            ),
            (
                "resume waiting with: c66 --sandbox actions wait 7 -s shop@staging",
                "resume waiting with: c66 --sandbox actions wait 7 -s shop@staging",
            ),
            ("c66 config-store list --namespace n", "c66 --sandbox config-store list --namespace n"),
            ("check api_url with c66 config list --show-origin", "check api_url with c66 config list --show-origin"),
            ("see https://c66 or not", "see https://c66 or not"),
            ("pass its id or --latest", "pass its id or --latest"),
        ] {
            assert_eq!(complete_commands(hint, &mut tree, " --sandbox", Some("-s shop@staging")), expected);
        }
    }

    #[test]
    fn a_path_argument_is_named_as_people_name_it() {
        assert_eq!(thing("server_group_id"), "server group");
        assert_eq!(thing("service_name"), "service");
    }
}
