//! The commands of the tree, each as it is typed.

use crate::contract::leaves;

pub const FORMATS: [&str; 8] = ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "name"];

/// What is typed after the words of a command, where the first example of its help cannot be run as it stands. Quotes
/// are not understood: a word has no blanks.
const TYPED: &[(&str, &str)] = &[
    ("stacks show", "awesome-app@production"),
    ("stacks open", "awesome-app@production --print"),
    (
        "stacks create",
        "--name shop --environment staging --service-yaml service.yml --manifest-yaml service.yml --no-wait",
    ),
    ("stacks redeploy", "-s awesome-app@staging"),
    ("deployments cancel", "200 -s awesome-app@staging"),
    ("deployments wait", "107 -s awesome-app@production"),
    ("deployments create", "-s awesome-app@staging"),
    ("actions run", "restart -s awesome-app@production"),
    ("services show", "web -s awesome-app@production"),
    ("services scale", "web=+1 --server ibex -s awesome-app@production"),
    ("services stop", "web -s awesome-app@production"),
    ("services restart", "web -s awesome-app@production"),
    ("services pause", "web -s awesome-app@production"),
    ("services resume", "web -s awesome-app@production"),
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
    ("sandbox serve", ""),
    ("sandbox run", "-- true"),
    ("man", "redeploy"),
    ("help", "exit-codes"),
];

/// Commands whose result is a text of its own, whatever the format: a script, a page, what another command prints.
pub const TEXTS: &[&str] = &["completions", "man", "sandbox run", "env pull", "env run", "help"];

/// Commands that end with another code than 0 when nobody types anything: what they read from stdin is not there.
pub const NEEDS_STDIN: &[&str] = &["auth login", "config edit", "env edit"];

/// Commands whose result is never twice the same: a signature, the requests that are left.
pub const CHANGING: &[&str] = &["auth status", "backups url"];

/// One command as it is run.
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
        // It serves until it is stopped.
        if name == "sandbox serve" {
            continue;
        }
        let typed = TYPED.iter().find(|(of, _)| *of == name).map(|(_, words)| (*words).to_owned());
        let typed = typed.or_else(|| example(&name, &command)).unwrap_or_else(|| {
            panic!("{name}: its help has no example that can be run as it stands, and it has no row in the table")
        });
        let named =
            typed.split_whitespace().map(|word| if word == "awesome-app" { "awesome-app@production" } else { word });
        let words = path.iter().cloned().chain(named.map(str::to_owned)).collect();
        let writes = command.get_arguments().any(|argument| argument.get_long() == Some("dry-run"));
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
        // The matrix has formats and answers of its own.
        let rest =
            FORMATS.iter().fold(rest.replace(" --yes", ""), |rest, format| rest.replace(&format!(" -o {format}"), ""));
        plain.then(|| rest.trim().to_owned())
    })
}
