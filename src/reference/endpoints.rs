//! Which command makes which call, and the page about it.

use std::fmt::Write;

use super::EndpointCommands;
use crate::cloud66::endpoints::ALL;
use crate::http::endpoint::{Endpoint, ParamIn, ParamType, ReplyShape};

/// The calls, and the commands that make them.
pub(crate) const ENDPOINT_COMMANDS: EndpointCommands = EndpointCommands { all: ALL, commands: COMMANDS };

const COMMANDS: &[(&str, &[&str])] = &[
    ("stacks_list", &["c66 stacks list", "c66 link", "c66 limits", "c66 doctor"]),
    ("stacks_show", &["c66 stacks show", "c66 wait", "c66 stacks open"]),
    ("stacks_create", &["c66 stacks create"]),
    ("stack_actions_list", &["c66 actions list"]),
    ("stack_actions_show", &["c66 actions show", "c66 actions wait"]),
    (
        "stack_actions_run",
        &[
            "c66 actions run",
            "c66 stacks restart",
            "c66 stacks clear-caches",
            "c66 stacks maintenance",
            "c66 services restart",
            "c66 services pause",
            "c66 services resume",
            "c66 containers restart",
        ],
    ),
    ("deployments_list", &["c66 deployments list"]),
    ("deployments_show", &["c66 deployments show", "c66 deployments wait"]),
    ("deployments_create", &["c66 redeploy"]),
    ("deployments_cancel", &["c66 deployments cancel"]),
    ("services_list", &["c66 services list"]),
    ("services_show", &["c66 services show"]),
    ("services_scale", &["c66 services scale"]),
    ("services_stop", &["c66 services stop"]),
    ("containers_list", &["c66 containers list"]),
    ("containers_show", &["c66 containers show"]),
    ("containers_stop", &["c66 containers stop"]),
    (
        "environments_list",
        &["c66 env list", "c66 env get", "c66 env pull", "c66 env diff", "c66 env run", "c66 env edit", "c66 env push"],
    ),
    ("environments_show", &["c66 env history", "c66 env rollback"]),
    ("environments_create", &["c66 env set", "c66 env push", "c66 env edit"]),
    ("environments_update", &["c66 env set", "c66 env push", "c66 env edit", "c66 env rollback"]),
    ("environments_delete", &["c66 env unset", "c66 env push", "c66 env edit"]),
    ("firewalls_list", &["c66 firewall list"]),
    ("firewalls_show", &["c66 firewall show"]),
    ("firewalls_create", &["c66 firewall add", "c66 lease"]),
    ("notifications_list", &["c66 notifications list"]),
    ("notifications_show", &["c66 notifications show"]),
    ("notifications_update", &["c66 notifications update"]),
    ("settings_list", &["c66 settings list"]),
    ("settings_show", &["c66 settings get"]),
    ("settings_update", &["c66 settings set"]),
    ("server_groups_list", &["c66 server-groups list"]),
    ("server_groups_show", &["c66 server-groups show"]),
    ("servers_list", &["c66 servers list"]),
    ("servers_show", &["c66 servers show", "c66 servers key"]),
    ("server_settings_list", &["c66 servers settings list"]),
    ("server_settings_show", &["c66 servers settings get"]),
    ("server_settings_update", &["c66 servers settings set"]),
    ("clouds_list", &["c66 clouds list"]),
    ("clouds_show", &["c66 clouds show", "c66 clouds regions", "c66 clouds sizes"]),
    ("backups_list", &["c66 backups list"]),
    ("backups_show", &["c66 backups show"]),
    ("backups_create", &["c66 backups create"]),
    ("backups_import", &["c66 backups import"]),
    ("backup_files_list", &["c66 backups files", "c66 backups download"]),
    ("backup_files_show", &["c66 backups url", "c66 backups download"]),
    ("accounts_list", &["c66 accounts list"]),
    ("accounts_show", &["c66 accounts show"]),
    ("users_list", &["c66 users list"]),
    ("users_show", &["c66 users show", "c66 devices list"]),
    ("devices_create", &["c66 devices add"]),
    ("devices_update", &["c66 devices update"]),
    ("devices_delete", &["c66 devices remove"]),
];

/// What the help of a command says about the token: the scopes that its calls need.
///
/// Nothing for a command that makes no call, or only some that any token may make.
pub(crate) fn needed_scopes(command: &str) -> Option<String> {
    if command == "c66 api" {
        return Some("Token scope: that of the operation, which a refusal names".to_owned());
    }
    let mut scopes: Vec<&str> = ENDPOINT_COMMANDS.of_command(command).map(|endpoint| endpoint.scope).collect();
    scopes.dedup();
    if scopes.is_empty() {
        return None;
    }
    let mut line = format!("Token scope: {}", scopes.join(", "));
    if !scopes.contains(&"public")
        && ENDPOINT_COMMANDS.of_command(command).any(|endpoint| endpoint.path.contains("{stack_id}"))
    {
        line.push_str("; and public, to find a stack by its name");
    }
    Some(line)
}

/// The same as a paragraph for the end of a help page; empty where there is nothing to say.
pub(crate) fn scope_paragraph(help_page: &str) -> String {
    let usage = help_page.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or_default();
    // After the words of the command come its flags and arguments, which look otherwise.
    let words = usage.split_whitespace().take_while(|word| word.starts_with(char::is_lowercase));
    let command = words.collect::<Vec<_>>().join(" ");
    needed_scopes(&command).map(|scopes| format!("\n{scopes}\n")).unwrap_or_default()
}

/// Every operation with its command, as a page of Markdown.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# Operations\n\nWritten by the program; `BLESS=1 cargo test reference` writes it anew. The documented operations of the \
         Cloud 66 API v3, each with the command that calls it and the scope that the token needs. `c66 api` calls any of \
         them, and any other.\n\n| operation | method and path | scope | command |\n| --- | --- | --- | --- |\n",
    );
    for endpoint in ALL {
        let _ = writeln!(
            page,
            "| [{id}](#{id}) | {} `{}` | {} | `{}` |",
            endpoint.method,
            endpoint.path,
            endpoint.scope,
            ENDPOINT_COMMANDS.commands_of(endpoint.id).join("`, `"),
            id = endpoint.id,
        );
    }
    for endpoint in ALL {
        let _ = write!(
            page,
            "\n## {}\n\n{}. {} `{}`, scope `{}`; answered by {}.\n",
            endpoint.id,
            endpoint.summary,
            endpoint.method,
            endpoint.path,
            endpoint.scope,
            shape(endpoint.reply),
        );
        parameters(&mut page, endpoint);
        if let Some(note) = note(endpoint.id) {
            let _ = write!(page, "\n{note}\n");
        }
    }
    page
}

/// The parameters of an operation as a table; nothing where it has none.
pub(super) fn parameters(page: &mut String, endpoint: &Endpoint) {
    if !endpoint.params.is_empty() {
        page.push_str("\n| parameter | in | type | |\n| --- | --- | --- | --- |\n");
    }
    for param in endpoint.params {
        let param_in = if param.param_in == ParamIn::Query { "query" } else { "body" };
        let values = if param.values.is_empty() { String::new() } else { format!("{} ", param.values.join(", ")) };
        let required = if param.required { "required" } else { "" };
        let _ = writeln!(page, "| `{}` | {param_in} | {} | {values}{required} |", param.name, kind(param.kind));
    }
}

/// What had to be decided where the documents contradict themselves or say nothing.
fn note(id: &str) -> Option<&'static str> {
    Some(match id {
        "stacks_create" => {
            "The text demands `size`, which the table of parameters leaves out; it is sent. Either `manifest_yaml`, or all \
             of `cloud`, `region`, `size` and `build_type`. The reply names no stack: it is found by name and environment."
        }
        "stack_actions_show" => {
            "Polled by `id`. The blog polls by `resource_id`, and writes `/action` in the singular: the sandbox takes both."
        }
        "stack_actions_run" => {
            "Later documents know more commands and their parameters; `c66 actions run` sends whatever it is given."
        }
        "deployments_create" => {
            "`services_filter` is called `services` since 2024, and sent under both names. The documented reply names no \
             action; `async_action_id` and `queued` of later servers are used when they are there."
        }
        "environments_show" => "Shown by number, but changed and deleted by name.",
        "environments_delete" | "firewalls_create" | "notifications_update" | "devices_delete" => {
            "No reply is documented: an empty body, `{}` and a stack action are all taken."
        }
        "devices_update" => {
            "The reference has the token as a parameter of `PUT /users/{user_id}/devices`, and a curl example in the path. \
             The reference is followed; the sandbox takes both."
        }
        "backups_create" | "backups_import" => {
            "`backups_create` and `backups_import` share a route: the server tells them apart by `remote_url`."
        }
        "backup_files_show" => {
            "The documented address is percent-encoded twice in its signature; that is undone, as the official client does."
        }
        "server_settings_update" => {
            "`server.name` is listed as readonly, and is the documented example of an update: it is sent."
        }
        _ => return None,
    })
}

/// What a good reply carries, in words.
pub(super) fn shape(shape: ReplyShape) -> &'static str {
    match shape {
        ReplyShape::List => "a list, a page at a time",
        ReplyShape::Object => "an object",
        ReplyShape::Action => "a stack action, which is waited for",
        ReplyShape::Task => "a task, which is waited for, or what it came to",
        ReplyShape::Acknowledgement => "`{ok, message}`",
        ReplyShape::Nothing => "nothing that is documented",
    }
}

fn kind(kind: ParamType) -> &'static str {
    match kind {
        ParamType::Text => "text",
        ParamType::Integer => "whole number",
        ParamType::Boolean => "true or false",
        ParamType::CommaList => "words, separated by commas",
        ParamType::BracketList => "words in square brackets, separated by commas",
        ParamType::JsonObject => "JSON object",
        ParamType::Cron => "schedule in five fields",
    }
}
