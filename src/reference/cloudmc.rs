//! Which command makes which call of a CloudMC, and the page about it.

use std::fmt::Write;

use super::EndpointCommands;
use super::endpoints::{parameters, shape};
use crate::cloudmc::endpoints::ALL;

/// The calls, and the commands that make them.
pub(crate) const ENDPOINT_COMMANDS: EndpointCommands = EndpointCommands { all: ALL, commands: COMMANDS };

const COMMANDS: &[(&str, &[&str])] = &[
    ("organizations_list", &["c66 cloudmc orgs list", "c66 cloudmc login", "c66 cloudmc status"]),
    ("organizations_show", &["c66 cloudmc orgs show"]),
    ("users_list", &["c66 cloudmc users list"]),
    ("users_show", &["c66 cloudmc users show"]),
    ("environments_list", &["c66 cloudmc envs list"]),
    ("environments_show", &["c66 cloudmc envs show"]),
    ("environments_create", &["c66 cloudmc envs create"]),
    ("environments_delete", &["c66 cloudmc envs delete"]),
    ("members_list", &["c66 cloudmc envs members"]),
    ("connections_list", &["c66 cloudmc connections list"]),
    ("connections_show", &["c66 cloudmc connections show"]),
    ("descriptors_show", &["c66 cloudmc services types"]),
    ("roles_list", &["c66 cloudmc roles list"]),
    ("quotas_list", &["c66 cloudmc quotas list"]),
    ("quotas_show", &["c66 cloudmc quotas show"]),
    ("activity_list", &["c66 cloudmc activity list"]),
    ("usage_show", &["c66 cloudmc usage"]),
    ("tasks_show", &["c66 cloudmc tasks show", "c66 cloudmc tasks wait"]),
    ("entities_list", &["c66 cloudmc list"]),
    ("entities_show", &["c66 cloudmc get"]),
    ("entities_create", &["c66 cloudmc create"]),
    ("entities_update", &["c66 cloudmc update"]),
    ("entities_delete", &["c66 cloudmc delete"]),
    ("entities_operate", &["c66 cloudmc do"]),
    ("types_operate", &["c66 cloudmc do"]),
];

/// Every operation with its command, as a page of Markdown.
pub(crate) fn page() -> String {
    let mut page = String::from(
        "# CloudMC operations\n\nWritten by the program; `BLESS=1 cargo test reference` writes it anew. The operations of the \
         CloudMC API v2 that have a command, below the endpoint of the installation. Each takes `org_id`, which `--org` sends. \
         `c66 cloudmc api` calls any other.\n\n| operation | method and path | command |\n| --- | --- | --- |\n",
    );
    for endpoint in ALL {
        let commands = ENDPOINT_COMMANDS.commands_of(endpoint.id).join("`, `");
        let _ = writeln!(
            page,
            "| [{id}](#{id}) | {} `{}` | `{commands}` |",
            endpoint.method,
            endpoint.path,
            id = endpoint.id
        );
    }
    for endpoint in ALL {
        let _ = write!(
            page,
            "\n## {}\n\n{}. {} `{}`; answered by {}.\n",
            endpoint.id,
            endpoint.summary,
            endpoint.method,
            endpoint.path,
            shape(endpoint.reply),
        );
        parameters(&mut page, endpoint);
    }
    page
}
