//! The command lines of the matrix: every command of the tree, with arguments.

use crate::support::command_lines::{leaves, logs_in};

pub const FORMATS: [&str; 8] = ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "name"];

/// The arguments of a command whose first example cannot run unchanged. There is no quoting: a word has no blanks.
const TYPED: &[(&str, &str)] = &[
    ("stacks show", "awesome-app@production"),
    ("stacks open", "awesome-app@production --print"),
    (
        "stacks create",
        "--name shop --environment staging --service-yaml service.yml --manifest-yaml service.yml --no-wait",
    ),
    ("stacks redeploy", "-s awesome-app@staging"),
    ("deployments cancel", "200 -s awesome-app@staging"),
    ("deployments rollback", "-s awesome-app@production --service web:v1"),
    ("deployments wait", "107 -s awesome-app@production"),
    ("deployments create", "-s awesome-app@staging"),
    ("actions run", "restart -s awesome-app@production"),
    ("services show", "web -s awesome-app@production"),
    ("services scale", "web=+1 --server ibex -s awesome-app@production"),
    ("services stop", "web -s awesome-app@production"),
    ("services restart", "web -s awesome-app@production"),
    ("services pause", "web -s awesome-app@production"),
    ("services resume", "web -s awesome-app@production"),
    (
        "image-repositories add",
        "--url https://quay.io --email me@example.com --username me --password-file password.txt",
    ),
    ("failover-groups switch", "awesome-app.cloud66.net --confirm awesome-app.cloud66.net"),
    ("failover-groups wait", "awesome-app.cloud66.net"),
    ("gateways open", "aws_bastion --key bastion.pem --ttl 1h"),
    ("users update", "test@cloud66.com --access-profile profile.json"),
    ("notifications set", "noticent_server_stopped --channels email -s awesome-app@production"),
    ("config-store set", "smtp.port --value-file password.txt -s awesome-app@production"),
    ("config-files push", "nginx service.yml -s awesome-app@production"),
    ("config-files pull", "nginx -s awesome-app@production"),
    ("config-files diff", "nginx nginx.conf -s awesome-app@production"),
    ("config-files edit", "nginx -s awesome-app@production"),
    ("server-groups scale", "rails --add 1 --size 1gb -s awesome-app@production"),
    ("containers show", "cba4 -s awesome-app@production"),
    ("containers stop", "cba4 -s awesome-app@production"),
    ("containers restart", "cba4 -s awesome-app@production"),
    ("env set", "NEW=1 -s awesome-app@production"),
    ("env unset", "SUPPORT_ADDRESS -s awesome-app@staging"),
    ("env pull", "-s awesome-app@production"),
    ("env push", "pushed.env -s awesome-app@staging"),
    ("env diff", "same.env -s awesome-app@staging"),
    ("env edit", "-s awesome-app@staging"),
    ("env rollback", "POSTGRESQL_USERNAME -s awesome-app@production"),
    ("env run", "-s awesome-app@staging -- true"),
    ("backups create", "--db-type mysql -s awesome-app@production"),
    ("backups download", "4 -s awesome-app@production --out whole.tar"),
    ("backups url", "4 -s awesome-app@production"),
    ("auth login", "--with-token"),
    ("auth token", ""),
    ("config path", ""),
    ("api", "GET /stacks --paginate"),
    ("completions", "bash"),
    ("config edit", ""),
    ("alias set", "recent limits"),
    ("profiles show", "work"),
    ("link", "awesome-app@staging"),
    ("wait", "stack awesome-app@staging --for status=deployed --timeout 10s"),
    ("cloudmc login", ""),
    ("cloudmc orgs show", "northgate"),
    ("cloudmc users show", "mira@northgate.example"),
    ("cloudmc envs show", "compute/prod"),
    ("cloudmc envs members", "compute/prod"),
    ("cloudmc envs create", "dev --service compute"),
    ("cloudmc envs delete", "lab"),
    ("cloudmc connections show", "compute"),
    ("cloudmc services types", "compute"),
    ("cloudmc quotas show", "Unlimited"),
    ("cloudmc usage", "--from 2026-11-01 --to 2026-11-02"),
    ("cloudmc list", "compute prod instances"),
    ("cloudmc get", "compute/prod instances web-2"),
    ("cloudmc create", "compute prod sshkeys -f name=k -f publicKey=key"),
    ("cloudmc update", "compute prod instances 32fb2af1-a981-4b2b-8ce0-d4312ddcdfec -f name=web-3"),
    ("cloudmc delete", "compute prod volumes archive --by-name"),
    ("cloudmc do", "compute prod instances 32fb2af1-a981-4b2b-8ce0-d4312ddcdfec start"),
    ("cloudmc api", "GET /organizations"),
    ("sandbox serve", ""),
    ("sandbox run", "-- true"),
    ("man", "redeploy"),
    ("help", "exit-codes"),
];

/// Commands whose output ignores the format: a script, a page, the output of another command.
pub const TEXTS: &[&str] =
    &["config-files pull", "config-files diff", "completions", "man", "sandbox run", "env pull", "env run", "help"];

/// Commands whose exit code is not 0 without input on stdin.
pub const NEEDS_STDIN: &[&str] = &["auth login", "cloudmc login", "config edit", "env edit", "config-files edit"];

/// Commands whose result differs each time: a signature, the requests left.
pub const CHANGING: &[&str] = &[
    "auth status",
    "backups url",
    "redeploy",
    "stacks redeploy",
    "deployments create",
    "deployments rollback",
    "limits",
    "status",
    "doctor",
    "unlink",
];

/// Commands whose JSON is one report, of which the formats with rows have the findings.
pub const REPORTS: &[&str] = &["status"];

/// One command line.
#[derive(Clone)]
pub struct Line {
    pub name: String,
    pub words: Vec<String>,
    pub writes: bool,
}

/// Every command of the tree that ends by itself.
pub fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    for (path, command) in leaves() {
        let name = path.join(" ");
        // They serve until they are stopped, or are run by ssh and sshd; there is no task before a write; and a profile
        // or an alias can be removed only once.
        let apart = [
            "sandbox serve",
            "sandbox sshd",
            "sandbox enter",
            "cloudmc tasks show",
            "cloudmc tasks wait",
            "profiles rename",
            "profiles remove",
            "alias remove",
        ];
        // Logging in needs OpenSSH, which is not everywhere, and no host key is known.
        let needs_servers = logs_in(&path) || ["ssh forget", "ssh config"].contains(&name.as_str());
        if needs_servers || apart.contains(&name.as_str()) {
            continue;
        }
        let typed = TYPED.iter().find(|(of, _)| *of == name).map(|(_, words)| (*words).to_owned());
        let typed = typed.or_else(|| example(&name, &command)).unwrap_or_else(|| {
            panic!("{name}: its help has no example that can be run as it stands, and it has no row in the table")
        });
        let words = path.iter().cloned().chain(typed.split_whitespace().map(str::to_owned)).collect();
        let writes = command.get_arguments().any(|argument| argument.get_long() == Some("yes"));
        lines.push(Line { name, words, writes });
    }
    lines
}

/// The rest of the first example that needs no shell.
fn example(name: &str, command: &clap::Command) -> Option<String> {
    let help = command.get_after_help()?.to_string();
    help.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(&format!("c66 {name}"))?;
        let plain = !rest.contains(['"', '\'', '$', '|', '>', '<', ';']);
        // The matrix sets formats and answers itself.
        let rest =
            FORMATS.iter().fold(rest.replace(" --yes", ""), |rest, format| rest.replace(&format!(" -o {format}"), ""));
        plain.then(|| rest.trim().to_owned())
    })
}
