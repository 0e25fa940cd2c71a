//! Help topics that belong to no single command.

use std::fmt::Write;

use crate::config::variables;
use crate::exit::Exit;

/// Every topic with what it is about.
pub const ALL: [(&str, &str); 3] = [
    ("exit-codes", "what the exit code says"),
    ("environment", "the environment variables"),
    ("formatting", "formats, columns, filters and jq"),
];

/// The text of a topic.
#[must_use]
pub fn text(topic: &str) -> Option<String> {
    match topic {
        "exit-codes" => Some(exit_codes()),
        "environment" => Some(environment()),
        "formatting" => Some(FORMATTING.to_owned()),
        _ => None,
    }
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes\n\n");
    for (exit, name, meaning) in Exit::TABLE {
        let _ = writeln!(text, "  {:>3}  {name:<14} {meaning}", exit.code());
    }
    text.push_str("\nWith -o json or jsonl, the error on stderr is one JSON object with the same exit_code.\n");
    text
}

fn environment() -> String {
    let mut text = String::from("Environment variables\n\n");
    for variable in variables::TABLE {
        let _ = writeln!(text, "  {:<20} {}", variable.name, variable.help);
    }
    text.push_str(
        "\nA flag wins over a variable, a variable over .c66.toml, that over the profile, and that over the default.\n",
    );
    text
}

const FORMATTING: &str = "\
Formats, columns, filters and jq

  -o table   the default columns              -o json    one JSON document, as the server sent it
  -o wide    more columns                     -o jsonl   one compact item a line, as the pages arrive
  -o csv     comma-separated, with a header   -o yaml    one YAML document
  -o tsv     tab-separated, with a header     -o name    one id a line, as other commands take it

  --columns name,fqdn,triggered_via.meaning   columns by name or by JSON path; `--columns help` lists them
  --sort last_activity:desc                   by any column
  --filter health=healthy                     COL=V, COL!=V or COL~REGEX; repeat it to narrow further
  --limit 10                                  stop after ten
  --jq '.[].uid'                              filter the JSON; strings print raw, other values as JSON

  c66 stacks list --filter environment=staging -o name
  c66 stacks list --sort last_activity:desc --limit 5 --columns name,last_activity
  c66 deployments list -s awesome-app --jq 'map(select(.is_live)) | .[0].git_hash'
";
