//! Each write declares how it asks, and asks so.

use std::collections::BTreeMap;

use clap::Command;

use crate::support::command_lines::{WRITES, leaf, leaves};
use crate::support::test_env::TestEnv;

/// How a write asks before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asks {
    Never,
    OnProduction,
    Always,
    ByName,
}

/// Every write by how it asks, as its help says, and when it asks more.
const DECLARED: &[(Asks, &[&str])] = &[
    (
        Asks::Never,
        &[
            "failover-groups add",
            "gateways add, with --key",
            "gateways update",
            "gateways close",
            "image-repositories add",
            "image-repositories update",
            "tags add",
            "tags remove",
            "tags set, if tags are lost",
            "devices add",
            "devices update",
            "cloudmc envs create",
            "cloudmc create",
            "cloudmc update",
            "cloudmc do, before a deletion",
            "cloudmc api, for DELETE",
        ],
    ),
    (
        Asks::OnProduction,
        &[
            "stacks create",
            "stacks restart",
            "stacks clear-caches",
            "stacks maintenance",
            "stacks redeploy",
            "redeploy",
            "deployments cancel",
            "deployments create",
            "actions run",
            "services scale",
            "services stop",
            "services restart",
            "services pause",
            "services resume",
            "processes scale",
            "processes restart",
            "processes pause",
            "processes resume",
            "jobs run",
            "jobs pause",
            "jobs unpause",
            "containers stop",
            "containers restart",
            "sessions create",
            "servers settings set",
            "server-groups scale, before a deletion",
            "databases create",
            "databases users create",
            "env set",
            "env push, before a deletion",
            "env edit, before a deletion",
            "env rollback",
            "settings set",
            "config-files push",
            "config-files edit",
            "config-files versions",
            "config-store set, outside a stack",
            "backups create",
            "backups import",
            "firewall add",
            "lease",
            "notifications set, with --application-group",
            "notifications update",
            "ssl add",
            "ssl update",
            "api, for DELETE",
        ],
    ),
    (
        Asks::Always,
        &[
            "stacks reboot",
            "deployments rollback",
            "servers reboot",
            "databases users regenerate-password",
            "databases promote",
            "databases disable-replica",
            "env unset",
            "config-files apply",
            "config-store delete",
            "variants commit",
            "variants percentage",
            "variants delete",
            "ssl remove",
            "failover-groups update",
            "failover-groups remove",
            "gateways open",
            "image-repositories remove",
            "tags clear",
            "users update",
            "devices remove",
            "cloudmc envs delete",
            "cloudmc delete",
        ],
    ),
    (
        Asks::ByName,
        &[
            "databases delete",
            "databases users delete",
            "databases resync",
            "failover-groups switch",
            "gateways remove",
        ],
    ),
];

/// Writes of the table that ask more than their command declares.
const ASKS_MORE: &[&[&str]] = &[
    &["api", "DELETE"],
    &["cloudmc", "api", "DELETE"],
    &["cloudmc", "do", "compute", "prod", "instances", "32fb2af1-a981-4b2b-8ce0-d4312ddcdfec", "purge"],
    &["tags", "set"],
    &["config-store", "set", "region"],
];

/// How the command asks and when it asks more; `None` if it is no write.
fn declared(command: &Command) -> Option<(Asks, String)> {
    let yes = command.get_arguments().find(|argument| argument.get_long() == Some("yes"))?;
    let help = yes.get_help().map(ToString::to_string).unwrap_or_default();
    if help == "Not enough here: pass --confirm" {
        return Some((Asks::ByName, String::new()));
    }
    let needed = help.strip_prefix("Skip confirmation (").and_then(|words| words.strip_suffix(')'));
    Some(match needed.unwrap_or_else(|| panic!("{}: --yes: {help}", command.get_name())) {
        "never needed" => (Asks::Never, String::new()),
        "always needed" => (Asks::Always, String::new()),
        words => match words.strip_prefix("needed on production") {
            Some(more) => (Asks::OnProduction, more.trim_start_matches(", and ").to_owned()),
            None => (Asks::Never, words.trim_start_matches("needed ").to_owned()),
        },
    })
}

#[test]
fn every_write_declares_how_it_asks() {
    let mut found: BTreeMap<Asks, Vec<String>> = BTreeMap::new();
    for (path, command) in leaves() {
        if let Some((asks, more)) = declared(&command) {
            let more = if more.is_empty() { more } else { format!(", {more}") };
            found.entry(asks).or_default().push(path.join(" ") + &more);
        }
    }
    let listed: BTreeMap<Asks, Vec<String>> =
        DECLARED.iter().map(|(asks, paths)| (*asks, paths.iter().map(|&path| path.to_owned()).collect())).collect();
    assert_eq!(found, listed);
}

/// Types every write, with the stacks in production or with the same stacks in another environment.
fn check(production: bool) {
    let test_env = TestEnv::new();
    test_env.sandbox(&["stacks", "list"]).code(0);
    let path = test_env.home().join("sandbox.json");
    let mut state = std::fs::read_to_string(&path).expect("a state");
    if !production {
        assert!(state.contains("\"environment\":\"production\""), "a stack in production");
        state = state.replace("\"environment\":\"production\"", "\"environment\":\"trial\"");
    }
    // An editor needs a terminal, whatever else is asked.
    for write in WRITES.iter().filter(|write| production || write[1] != "edit") {
        let words: Vec<String> = write
            .iter()
            .map(|word| if production { (*word).to_owned() } else { word.replace("production", "trial") })
            .collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if leaf(write).get_arguments().any(|argument| argument.get_long() == Some("no-wait")) {
            words.push("--no-wait");
        }
        std::fs::write(&path, &state).expect("a state");
        let run = test_env.sandbox(&[&words, &["--no-input", "-o", "json"] as &[&str]].concat());
        let asked = run.code == 2 && run.json_error()["code"] == "confirmation_needed";
        let asks = if ASKS_MORE.iter().any(|more| write.starts_with(more)) {
            Asks::Always
        } else {
            declared(&leaf(write)).unwrap_or_else(|| panic!("{write:?} is no write")).0
        };
        let expected = match asks {
            Asks::OnProduction => production,
            Asks::Always => true,
            // The answer to a question for a name is on the line.
            Asks::Never | Asks::ByName => false,
        };
        assert_eq!(asked, expected, "{write:?} (production: {production}): {}", run.stderr);
        assert!(asked || [0, 4, 5, 9].contains(&run.code), "{write:?}: {}", run.stderr);
        assert!(!asked || run.stdout.is_empty(), "{write:?}");
    }
}

#[test]
fn writes_to_production_ask_as_they_declare() {
    check(true);
}

#[test]
fn other_writes_ask_as_they_declare() {
    check(false);
}

/// What asks for a name is content with the name only, and tells which.
#[test]
fn yes_is_no_answer_to_a_question_for_a_name() {
    let test_env = TestEnv::new();
    let mut tried = 0;
    for write in WRITES.iter().filter(|write| declared(&leaf(write)).is_some_and(|(asks, _)| asks == Asks::ByName)) {
        let at = write.iter().position(|word| *word == "--confirm").expect("the answer");
        let without = [&write[..at], &write[at + 2..], &["--yes", "-o", "json"]].concat();
        let run = test_env.sandbox(&without).code(2);
        assert_eq!(run.json_error()["code"], "confirmation_needed", "{write:?}");
        let hint = run.json_error()["hint"].as_str().unwrap_or_default().to_owned();
        assert!(hint.contains("--confirm"), "{write:?}: {hint}");
        let wrong = [&without[..], &["--confirm", "another"]].concat();
        assert!(test_env.sandbox(&wrong).code(2).stderr.contains("does not match"), "{write:?}");
        tried += 1;
    }
    assert!(tried >= 3, "{tried}");
}
