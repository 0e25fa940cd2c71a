//! `--columns`, `--sort`, `--filter` and `--jq` on every list and show there is: walked from the command tree.

use clap::Command;

use crate::contract::CLOUDMC_READS;
use crate::world::World;

const P: &str = "awesome-app@production";

/// Every command that takes columns, as it is typed where there is something to show.
const SELECTED: &[&[&str]] = &[
    &["stacks", "list"],
    &["stacks", "show", P],
    &["deployments", "list", "-s", P],
    &["deployments", "show", "107", "-s", P],
    &["actions", "list", "-s", P],
    &["actions", "show", "10", "-s", P],
    &["services", "list", "-s", P],
    &["services", "show", "web", "-s", P],
    &["containers", "list", "-s", P],
    &["containers", "show", "cba4", "-s", P],
    &["servers", "list", "-s", P],
    &["servers", "show", "caribou", "-s", P],
    &["servers", "settings", "list", "caribou", "-s", P],
    &["server-groups", "list", "-s", P],
    &["server-groups", "show", "rails", "-s", P],
    &["env", "list", "-s", P],
    &["env", "history", "POSTGRESQL_USERNAME", "-s", P],
    &["settings", "list", "-s", P],
    &["backups", "list", "-s", P],
    &["backups", "show", "4", "-s", P],
    &["backups", "files", "4", "-s", P],
    &["firewall", "list", "-s", P],
    &["firewall", "show", "5027", "-s", P],
    &["notifications", "list", "-s", P],
    &["notifications", "show", "1191", "-s", P],
    &["clouds", "list"],
    &["clouds", "show", "digitalocean"],
    &["clouds", "regions", "aws"],
    &["clouds", "sizes", "aws"],
    &["accounts", "list"],
    &["accounts", "show", "139"],
    &["users", "list"],
    &["users", "show", "18"],
    &["devices", "list", "--user", "18"],
    &["auth", "status"],
    &["config", "list"],
    &["profiles", "list"],
    &["profiles", "show", "default"],
    &["wait", "stack", P, "--for", "status=deployed"],
    &["limits"],
    &["doctor"],
    &["cloudmc", "tasks", "show", "x"],
];

/// Commands that have nothing to select from in the sandbox, or take their columns from what they are shown.
const NOTHING_THERE: &[&str] =
    &["profiles list", "profiles show", "cloudmc list", "cloudmc get", "cloudmc tasks show", "doctor", "wait"];

/// The words and the flags of every command that takes `--columns`.
fn selecting() -> Vec<(Vec<String>, Command)> {
    fn walk(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name().to_owned()]].concat();
            walk(inner, &path, found);
            if inner.get_arguments().any(|argument| argument.get_long() == Some("columns")) {
                found.push((path, inner.clone()));
            }
        }
    }
    let mut found = Vec::new();
    let mut tree = c66::testing::command();
    tree.build();
    walk(&tree, &[], &mut found);
    found
}

fn typed(path: &[String]) -> &'static [&'static str] {
    SELECTED
        .iter()
        .chain(CLOUDMC_READS)
        .find(|typed| typed.starts_with(&path.iter().map(String::as_str).collect::<Vec<_>>()))
        .unwrap_or_else(|| panic!("`{}` takes columns: how is it typed?", path.join(" ")))
}

#[test]
fn every_column_says_what_it_means_without_a_request() {
    let world = World::new();
    for (path, _) in selecting() {
        // Nobody is logged in: a request would fail.
        let words = [typed(&path), &["--columns", "help"]].concat();
        let run = world.run(&[&words[..], &["-o", "json"]].concat()).code(0);
        let columns = run.json();
        assert!(!columns.as_array().expect("a list").is_empty(), "{words:?}");
        for column in columns.as_array().expect("a list") {
            let meaning = column["meaning"].as_str().unwrap_or_else(|| panic!("{path:?}: what does {column} mean?"));
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{column}");
        }
        let run = world.run(&words).code(0);
        assert!(run.stdout.starts_with("COLUMN"), "{words:?}: {}", run.stdout);
    }
}

#[test]
fn a_wrong_column_order_filter_or_expression_says_what_there_is() {
    let world = World::new();
    for (path, command) in selecting() {
        let words = typed(&path);
        let ask = |more: &[&str]| world.sandbox(&[words, more].concat());
        // Without an item nobody knows what its JSON has.
        if NOTHING_THERE.contains(&path.join(" ").as_str()) {
            continue;
        }
        let columns = world.run(&[words, &["--columns", "help", "-o", "name"]].concat()).code(0).stdout;
        let first = columns.lines().next().expect("a column");
        let wrong = format!("{first}x");
        let refused = |flag: &str, value: &str| {
            let run = ask(&[flag, value]).code(2);
            assert_eq!(run.stdout, "", "{words:?}");
            let all = ["no column", &wrong, first, "did you mean"];
            assert!(all.iter().all(|part| run.stderr.contains(part)), "{words:?} {flag}: {}", run.stderr);
        };
        refused("--columns", &wrong);
        if command.get_arguments().any(|argument| argument.get_long() == Some("sort")) {
            refused("--sort", &wrong);
            refused("--filter", &format!("{wrong}=1"));
            // What is no order, filter or expression at all is refused before anybody is asked; of a CloudMC the
            // address comes first, which has no default.
            if path[0] == "cloudmc" {
                continue;
            }
            let ask = |more: &[&str]| world.run(&[words, more].concat());
            assert!(ask(&["--sort", &format!("{first}:up")]).code(2).stderr.contains("there are asc and desc"));
            assert!(ask(&["--filter", first]).code(2).stderr.contains("COL=V, COL!=V or COL~REGEX"));
            assert!(ask(&["--filter", &format!("{first}~(")]).code(2).stderr.contains("no regular expression"));
        }
        assert!(
            world.run(&[words, &["--jq", ".["]].concat()).code(2).stderr.contains('^'),
            "the place of the fault is shown"
        );
    }
}
