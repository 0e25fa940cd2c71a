//! Help topics besides the commands.

use std::fmt::Write;

use crate::config::variables;
use crate::exit::Exit;

/// Every topic with its summary.
pub(crate) const ALL: [(&str, &str); 5] = [
    ("options", "the options of every command"),
    ("exit-codes", "exit codes"),
    ("environment", "the environment variables"),
    ("formatting", "formats, columns, filters and jq"),
    ("from-cx", "c66 commands for CX users"),
];

/// The text of a topic.
pub(crate) fn text(topic: &str) -> Option<String> {
    match topic {
        "options" => Some(super::page::options().to_string()),
        "exit-codes" => Some(exit_codes()),
        "environment" => Some(environment()),
        "formatting" => Some(FORMATTING.to_owned()),
        "from-cx" => Some(FROM_CX.to_owned()),
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
    for (name, help) in variables::all() {
        let _ = writeln!(text, "  {name:<22} {help}");
    }
    text.push_str(
        "\nPrecedence: flag, environment variable, .c66.toml, .cx.yml (stack only), profile, top level of the config\n\
         file, default.\n",
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
  --filter health=healthy                     COL=V, COL!=V, COL~REGEX, COL<V or COL>V; repeat it to narrow
  --limit 10                                  stop after ten
  --jq '.[].uid'                              filter the JSON; strings print raw, other values as JSON
  --jq-json, --arg NAME VALUE, --argjson NAME JSON   keep the quotes of strings; set $NAME

  c66 stacks list --filter environment=staging -o name
  c66 stacks list --sort last_activity:desc --limit 5 --columns name,last_activity
  c66 deployments list -s awesome-app@production --jq 'map(select(.is_live)) | .[0].git_hash'
";

const FROM_CX: &str = "\
From CX

  cx                                       c66
  stacks list -e staging                   stacks list --environment staging
  redeploy -s shop -y --listen             redeploy -s shop -y               waits by default
  stacks restart -s shop                   stacks restart -s shop            asks for confirmation in production; -y skips it
  env-vars list -s shop                    env list -s shop                  --reveal shows passwords
  env-vars list -s shop --history          env history KEY -s shop
  env-vars set -s shop KEY=VALUE           env set -s shop KEY=VALUE         several at once; KEY=- reads stdin
  env-vars download, env-vars upload       env pull FILE, env push FILE      env diff FILE compares
  settings set -s shop git.branch main     settings set -s shop git.branch main
  servers settings list --server lion      servers settings list lion
  servers settings set --server lion K=V   servers settings set lion K V
  services info web                        services show web
  services scale web 3                     services scale web=3
  services scale web [+1]                  services scale web=+1
  containers restart UID                   containers restart UID            a prefix of the UID is enough
  backups list --latest --dbtype mysql     backups list --latest --db-type mysql
  backups new --dbtypes mysql              backups create --db-type mysql
  backups download 4 -d backups            backups download 4 --dir backups  resumes after an interruption
  lease --tto 20 --port 22                 lease --ttl 20m --port 22
  ssh lion                                 ssh lion                          host keys are checked; no agent without -A
  run --server lion 'rake x'               run --server lion -- rake x       --raw for a line of shell
  tail lion production.log                 tail lion production.log
  tunnel --server lion --remote 5432       tunnel lion 5432
  upload --server lion FILE /tmp           upload lion FILE /tmp
  download --server lion FILE              download lion FILE
  containers attach UID                    tail --container UID
  containers exec UID ls                   run --container UID -- ls
  register-server                          servers register --reveal
  notifications download                   notifications list -o yaml
  login                                    auth login
  test                                     auth status
  dump-token                               auth token
  info                                     stacks show
  config list, config use NAME             profiles list, profiles use NAME
  config show NAME                         profiles show NAME
  open -s shop                             stacks open --site shop
  --profile NAME, CXDEBUG=1                --profile NAME, --debug

  Name a stack by UID, name, name@environment or a unique prefix. CX takes the first match; c66 lists all matches.
  CLOUD66_TOKEN is read if C66_TOKEN is not set.
  Each cause has its exit code (c66 help exit-codes). A failed deployment never exits with 0.
  -o json prints what the API sent; stdout has only the result.
  Not available: self-update.
";
