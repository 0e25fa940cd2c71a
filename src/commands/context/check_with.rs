//! The command that shows the effect of a write whose reply was lost.

use std::iter::once;

use clap::{Command, CommandFactory};

use super::Context;
use crate::cloud66;
use crate::cloudmc;
use crate::commands::Cli;
use crate::error::{Error, Kind};
use crate::http::endpoint::{Endpoint, ReplyShape};
use crate::resource::verb::Verb;

impl Context {
    /// The hint that says how to check whether the failed write was done.
    pub(super) fn check_hint(&self, error: &Error) -> Option<String> {
        let request = &error.failed_request()?.request;
        let is_said = error.message().contains("may have been done") || request.starts_with("GET ");
        let so = if is_said { "" } else { "it may have been done; " };
        Some(format!("{so}{}", self.check_command(request)?))
    }

    /// The hint after an error of this machine, such as one in `--jq`, that the write before it was accepted.
    pub(super) fn accepted_hint(&self, error: &Error) -> Option<String> {
        let is_local = error.failed_request().is_none() && !error.may_have_been_done();
        let is_about_work = matches!(
            error.kind(),
            Kind::RemoteFailed | Kind::StillRunning | Kind::Interrupted | Kind::Terminated | Kind::HungUp
        );
        let transport = match (self.client.get(), self.cloudmc.get()) {
            (Some((client, _)), _) => client.transport(),
            (_, Some((client, _))) => client.transport(),
            _ => return None,
        };
        let request = transport.last_accepted_write().filter(|_| is_local && !is_about_work)?;
        Some(format!("{request} was accepted; {}", self.check_command(&request)?))
    }

    /// The hint to check a request with a command.
    fn check_command(&self, request: &str) -> Option<String> {
        let command = if self.cloudmc.get().is_some() { check_cloudmc(request) } else { check_cloud66(request) }?;
        let command = match self.chosen.borrow().as_ref() {
            Some(target) => command.replace(&format!("-s {}", target.uid), &target.flag()),
            None => command,
        };
        Some(format!("check with: c66{} {command}", self.global_flags))
    }
}

/// The command, after `c66`, to check a request to Cloud 66, such as `POST /stacks/5999/environments`.
fn check_cloud66(request: &str) -> Option<String> {
    let (_, path) = request.split_once(' ')?;
    let tree = Cli::command();
    command_for(request, cloud66::endpoints::ALL, &tree)
        .or_else(|| command_for_list_above(path, &tree))
        .or_else(|| Some(format!("api GET {path}")))
}

/// The command that lists what a write outside the table changes, such as the variables for `/environments/bulk`.
fn command_for_list_above(path: &str, tree: &Command) -> Option<String> {
    let (above, _) = path.rsplit_once('/')?;
    let is_list = |endpoint: &&&'static Endpoint| endpoint.method.is_read() && endpoint.reply == ReplyShape::List;
    cloud66::endpoints::ALL.iter().filter(is_list).find_map(|endpoint| {
        let parts = endpoint.match_path(above)?;
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (*name, part.as_ref())).collect();
        command_of(endpoint, &parts, tree)
    })
}

/// The same for a CloudMC; requests outside the table are in the activity log too.
fn check_cloudmc(request: &str) -> Option<String> {
    let tree = Cli::command();
    let below = tree.find_subcommand("cloudmc")?;
    let command = command_for(request, cloudmc::endpoints::ALL, below)
        .or_else(|| command_of(&cloudmc::endpoints::ACTIVITY_LIST, &[], below))?;
    Some(format!("cloudmc {command}"))
}

/// The command for the read in the row of the request.
fn command_for(request: &str, table: &[&'static Endpoint], tree: &Command) -> Option<String> {
    let (method, path) = request.split_once(' ')?;
    let is_same = |endpoint: &&&'static Endpoint| endpoint.method.as_str() == method;
    table.iter().filter(is_same).find_map(|endpoint| {
        let parts = endpoint.match_path(path)?;
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (*name, part.as_ref())).collect();
        let read = if endpoint.method.is_read() { endpoint } else { endpoint.check? };
        command_of(read, &parts, tree)
    })
}

/// The command for that read: its words, then its path arguments, and the stack as a flag if `parts` have it.
pub(super) fn command_of(read: &'static Endpoint, parts: &[(&str, &str)], tree: &Command) -> Option<String> {
    let mut tree = tree.clone();
    tree.build();
    let (words, command) = find(&tree, read)?;
    let named = |name: &str| parts.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
    let path_names = read.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let argument = |name: &str| {
        let part = named(name)?;
        Some(flag_for(name, command).map_or_else(|| part.to_owned(), |flag| format!("--{flag} {part}")))
    };
    let others: Vec<String> = path_names.filter(|name| *name != "stack_id").map(argument).collect::<Option<_>>()?;
    let stack = named("stack_id").filter(|_| read.path.contains("{stack_id}"));
    Some(words.into_iter().chain(others).chain(stack.map(|uid| format!("-s {uid}"))).collect::<Vec<_>>().join(" "))
}

/// The flag of a command that takes a part of the path: `group` for `server_group_id`.
fn flag_for<'n>(name: &'n str, command: &Command) -> Option<&'n str> {
    let flag = name.trim_end_matches("_id").rsplit('_').next()?;
    command.get_arguments().any(|argument| argument.get_long() == Some(flag)).then_some(flag)
}

/// The words of the command that lists or shows a noun by that read, and the command.
fn find<'t>(tree: &'t Command, read: &'static Endpoint) -> Option<(Vec<String>, &'t Command)> {
    tree.get_subcommands().filter(|command| !command.is_hide_set()).find_map(|command| {
        let is_it = command.get::<Verb>().is_some_and(|verb| verb.reads(read));
        let below = if is_it { Some((Vec::new(), command)) } else { find(command, read) };
        below.map(|(words, found)| (once(command.get_name().to_owned()).chain(words).collect(), found))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_write_has_a_command_that_shows_its_effect() {
        for (request, expected) in [
            ("POST /stacks", "stacks list"),
            ("POST /stacks/u1/deployments", "deployments list -s u1"),
            ("DELETE /stacks/u1/deployments/7", "deployments list -s u1"),
            ("PUT /stacks/u1/environments/A", "env list -s u1"),
            ("PUT /stacks/u1/servers/s1/settings/server.name", "servers settings list s1 -s u1"),
            ("PUT /stacks/u1/notifications/7", "notifications show 7 -s u1"),
            ("DELETE /stacks/u1/services/web", "actions list -s u1"),
            ("PUT /users/18/devices", "users show 18"),
            ("POST /accounts/139/gateways", "gateways list --account 139"),
            ("POST /stacks/u1/server_groups/129/databases", "databases list --group 129 -s u1"),
            ("DELETE /stacks/u1/server_groups/129/database_users/x", "databases users list --group 129 -s u1"),
            ("GET /stacks/u1/environments", "env list -s u1"),
            ("GET /stacks/u1/actions/7", "actions show 7 -s u1"),
            ("PATCH /stacks/u1/environments/bulk", "env list -s u1"),
            ("POST /elsewhere", "api GET /elsewhere"),
        ] {
            assert_eq!(check_cloud66(request).as_deref(), Some(expected), "{request}");
        }
        assert_eq!(check_cloud66(""), None);
        for request in ["POST /environments", "DELETE /services/c/prod/volumes/v1", "POST /elsewhere"] {
            assert_eq!(check_cloudmc(request).as_deref(), Some("cloudmc activity list"), "{request}");
        }
    }

    #[test]
    fn every_write_of_the_tables_has_a_read_with_a_command() {
        // Their command takes the name of the file, which the path does not have.
        const BY_API: [&str; 2] = ["service_yaml_list", "manifest_yaml_list"];
        let writes = cloud66::endpoints::ALL.iter().filter(|endpoint| !endpoint.method.is_read());
        for endpoint in writes {
            let read = endpoint.check.unwrap_or_else(|| panic!("{} names no read", endpoint.id));
            let mut tree = Cli::command();
            tree.build();
            if BY_API.contains(&read.id) {
                let path = endpoint.path.replace("{stack_id}", "u1");
                assert_eq!(check_cloud66(&format!("POST {path}")), Some(format!("api GET {path}")), "{}", endpoint.id);
            } else {
                assert!(find(&tree, read).is_some(), "no command makes {}", read.id);
            }
        }
    }
}
