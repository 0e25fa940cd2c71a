//! The page about the operations of a CloudMC and their commands.

use std::fmt::Write;

use clap::Command;

use super::CommandOperations;
use super::endpoints::{parameters, shape};
use crate::cloudmc::endpoints::ALL;

/// Every operation with its command, as a page of Markdown.
pub(crate) fn page(root: &Command) -> String {
    let operations = CommandOperations::of_cloudmc(root);
    let mut page = String::from(
        "# CloudMC operations\n\nGenerated. Regenerate with `BLESS=1 cargo test reference`. The operations of the \
         CloudMC API v2 that have a command, below the endpoint of the installation. Each takes `org_id`, which `--org` sends. \
         `c66 cloudmc api` calls any other.\n\n| operation | method and path | command |\n| --- | --- | --- |\n",
    );
    for endpoint in ALL {
        let commands = operations.commands_of(endpoint).join("`, `");
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
