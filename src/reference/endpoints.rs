//! The page about the operations and their commands.

use std::fmt::Write;

use clap::Command;

use super::CommandOperations;
use crate::cloud66::endpoints::ALL;
use crate::http::endpoint::{Endpoint, ParamIn, ParamType, ReplyShape};

/// Every operation with its command, as a page of Markdown.
pub(crate) fn page(root: &Command) -> String {
    let commands = CommandOperations::of_cloud66(root);
    let mut page = String::from(
        "# Operations\n\nGenerated. Regenerate with `BLESS=1 cargo test reference`. The operations of the Cloud 66 API v3, \
         each with the scope that the token needs, its source, and the command that calls it. The source is the year of \
         the documentation; `v3` if it is in Cloud 66's newest documents and not verified; or `library` if Cloud 66 does \
         not document it and its own Go client calls it. `c66 api` calls any of them, and any other.\n\n| operation | \
         method and path | scope | source | command |\n| --- | --- | --- | --- | --- |\n",
    );
    for endpoint in ALL {
        let _ = writeln!(
            page,
            "| [{id}](#{id}) | {} `{}` | {} | {} | `{}` |",
            endpoint.method,
            endpoint.path,
            endpoint.scope,
            endpoint.source,
            commands.commands_of(endpoint).join("`, `"),
            id = endpoint.id,
        );
    }
    for endpoint in ALL {
        let _ = write!(
            page,
            "\n## {}\n\n{}. {} `{}`, scope `{}`, {}; answered by {}.\n",
            endpoint.id,
            endpoint.summary,
            endpoint.method,
            endpoint.path,
            endpoint.scope,
            source(endpoint.source),
            shape(endpoint.reply),
        );
        parameters(&mut page, endpoint);
        if let Some(note) = note(endpoint.id) {
            let _ = write!(page, "\n{note}\n");
        }
    }
    page
}

/// The parameters of an operation as a table; empty if it has none.
pub(super) fn parameters(page: &mut String, endpoint: &Endpoint) {
    if let Some(wrapper) = endpoint.wrapper {
        let _ = write!(page, "\nThe body is JSON and holds its parameters in an object, under `{wrapper}`.\n");
    }
    if !endpoint.params.is_empty() {
        page.push_str("\n| parameter | in | type | |\n| --- | --- | --- | --- |\n");
    }
    for param in endpoint.params {
        let param_in = if param.param_in == ParamIn::Query { "query" } else { "body" };
        let values = match param.range {
            _ if !param.values.is_empty() => format!("{} ", param.values.join(", ")),
            (Some(minimum), Some(maximum)) => format!("from {minimum} to {maximum} "),
            (Some(minimum), None) => format!("at least {minimum} "),
            _ => String::new(),
        };
        let required = if param.required { "required" } else { "" };
        let _ = writeln!(page, "| `{}` | {param_in} | {} | {values}{required} |", param.name, kind(param.kind));
    }
}

/// Decisions where the documentation contradicts itself or says nothing, and the operations they are about.
const NOTES: &[(&[&str], &str)] = &[
    (
        &["stacks_create"],
        "The text demands `size`, which the table of parameters leaves out; it is sent. Either `manifest_yaml`, or all \
             of `cloud`, `region`, `size` and `build_type`. The reply names no stack: it is found by name and environment.",
    ),
    (
        &["stack_actions_show"],
        "Polled by `id`. The blog polls by `resource_id` and uses `/action`; the sandbox accepts both.",
    ),
    (
        &["stack_actions_run"],
        "Later documentation has more commands and parameters; `c66 actions run` sends any of them.",
    ),
    (
        &["deployments_create"],
        "`services_filter` is called `services` since 2024, and sent under both names. The documented reply names no \
             action; `async_action_id` and `queued` of later servers are used when they are there.",
    ),
    (
        &["stacks_reboot", "servers_reboot"],
        "The scope `reboot` is in no list of scopes: no application can ask for it, and a refusal names it.",
    ),
    (
        &["server_groups_scale"],
        "Documented as two operations on one route: with `server_size`, `server_count` servers are added; without it, \
             servers are deleted until `server_count` are left.",
    ),
    (
        &["processes_show"],
        "The documented reply is the list of all processes; the official client reads one object. c66 accepts both.",
    ),
    (
        &["processes_scale"],
        "The documented reply has its action in a list of one; the official client reads one object. c66 accepts both.",
    ),
    (&["jobs_unpause_all"], "The documentation repeats the heading and the reply of `jobs_pause_all`."),
    (
        &["users_update"],
        "The body may be the whole user as `users_show` returns it; only the access profile is applied.",
    ),
    (&["dns_providers_list"], "A sample has `/stacks/dns_providers`; the official client calls `/dns_providers`."),
    (
        &["failover_groups_update"],
        "The documentation leaves the UID out of the path; the official client calls `/failover_groups/{uid}`. An \
             empty UID takes a stack out of the group, a missing one leaves it.",
    ),
    (
        &["tags_list", "tags_replace", "tags_patch", "tags_delete"],
        "Tags are strings in the documented reply, which is a list of one; newer replies have objects with `value` and \
             `reserved`, and the official client reads one object, which is what the sandbox answers to `tags_patch`. c66 \
             accepts all of them. The documentation has the operations of `tags_patch` in the path too.",
    ),
    (
        &["gateways_create", "gateways_update"],
        "`ttl` is a number of seconds here, and a time in replies. An empty `content` closes the gateway.",
    ),
    (
        &["notifications_update_stack", "notifications_update_group"],
        "The reply lists what succeeded, what does not apply and what failed: alert names, or objects with a reason.",
    ),
    (
        &["application_variants_update"],
        "The official client sends `operation=commit` for a commit and for a new percentage; the newest documentation \
             has a second operation, and `PUT`. No reply is documented, but the official client fails without one.",
    ),
    (
        &[
            "config_store_list",
            "config_store_show",
            "config_store_create",
            "config_store_update",
            "config_store_delete",
        ],
        "Cloud 66's own tools send `raw_value` in base64. No source names the scope, nor the unit of `ttl`. A dot in the \
             key is escaped in the path.",
    ),
    (
        &["databases_list", "database_users_list"],
        "Each call makes the API ask the servers. Names of users and databases within an item are read from objects and \
             from strings: no source shows them.",
    ),
    (
        &["databases_create", "database_users_create"],
        "The newest documentation names no scope and no user types but `application` and `readonly`, which stand in an \
             example.",
    ),
    (
        &["databases_delete", "database_users_delete", "database_users_regenerate_password"],
        "Neither the scope nor the reply is documented: c66 accepts an empty body, `{}` and a stack action.",
    ),
    (&["operations_logs"], "No source says where the UID of an operation comes from."),
    (&["environments_show"], "Shown by id, but changed and deleted by name."),
    (
        &["firewalls_create"],
        "No reply is documented: c66 accepts an empty body, `{}` and a stack action. `server_id`, the UID of a server, \
             is the official client's: `to_server_id` is a number that no reply shows.",
    ),
    (
        &[
            "environments_delete",
            "notifications_update",
            "devices_delete",
            "gateways_delete",
            "ssl_certificates_patch",
            "ssl_certificates_delete",
        ],
        "No reply is documented: c66 accepts an empty body, `{}` and a stack action.",
    ),
    (
        &["devices_update"],
        "The reference has the token as a parameter of `PUT /users/{user_id}/devices`, and a curl example in the path. \
             The reference is followed; the sandbox takes both.",
    ),
    (
        &["backups_create", "backups_import"],
        "`backups_create` and `backups_import` share a route: the API distinguishes them by `remote_url`.",
    ),
    (
        &["backup_files_show"],
        "The signature in the documented URL is percent-encoded twice; c66 decodes it, like the official client.",
    ),
    (
        &["server_settings_update"],
        "`server.name` is listed as readonly, but is the documented example of an update: c66 sends it.",
    ),
    (
        &["ssl_certificates_show", "ssl_certificates_create", "ssl_certificates_update"],
        "No reply is documented: c66 accepts a certificate as in the list, like the official client.",
    ),
];

fn note(id: &str) -> Option<&'static str> {
    NOTES.iter().find(|(ids, _)| ids.contains(&id)).map(|(_, note)| *note)
}

/// Where an operation is described, in words.
pub(super) fn source(source: &str) -> String {
    match source {
        "v3" => "in Cloud 66's newest documents, not verified".to_owned(),
        "library" => "not documented by Cloud 66".to_owned(),
        year => format!("documents of {year}"),
    }
}

/// What a successful reply has, in words.
pub(super) fn shape(shape: ReplyShape) -> &'static str {
    match shape {
        ReplyShape::List => "a list, in pages",
        ReplyShape::Object => "an object",
        ReplyShape::Action => "a stack action, which c66 waits for",
        ReplyShape::Task => "a task, which c66 waits for, or its result",
        ReplyShape::Acknowledgement => "`{ok, message}`",
        ReplyShape::Nothing => "an undocumented reply",
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
        ParamType::JsonArray => "JSON array",
        ParamType::Cron => "schedule in five fields",
    }
}
