//! Every CloudMC operation has a command that calls it.

use c66::testing::cloudmc_operations;

use super::{STOPPED, WEB};
use crate::support::command_lines::requests;
use crate::support::test_env::TestEnv;

/// Command lines that together call every operation.
const CALLS: &[&[&str]] = &[
    &["orgs", "list"],
    &["orgs", "show", "northgate"],
    &["users", "list"],
    &["users", "show", "mira@northgate.example"],
    &["envs", "list"],
    &["envs", "show", "compute/prod"],
    &["envs", "create", "dev", "--service", "compute"],
    &["envs", "delete", "lab", "--yes"],
    &["envs", "members", "compute/prod"],
    &["connections", "list"],
    &["connections", "show", "1a63ccbc-de5e-43e8-b514-1c2a2bd8631f"],
    &["services", "types", "compute"],
    &["roles", "list", "--env", "compute/prod"],
    &["quotas", "list"],
    &["quotas", "show", "Unlimited"],
    &["activity", "list", "--mine"],
    &["usage", "--from", "2026-11-01", "--to", "2026-11-02", "--period", "day"],
    &["do", "compute", "prod", "instances", WEB, "reboot"],
    &["list", "compute", "prod", "instances"],
    &["get", "compute/prod", "instances", "web-2"],
    &["create", "compute", "prod", "sshkeys", "-f", "name=k", "-f", "publicKey=ssh-ed25519 A k"],
    &["update", "compute", "prod", "instances", STOPPED, "-f", "name=web-3"],
    &["delete", "compute", "prod", "volumes", "archive", "--by-name", "--yes"],
    &["do", "compute", "prod", "instances", STOPPED, "start"],
    &["do", "compute", "prod", "sshkeys", "-", "create", "-f", "name=l", "-f", "publicKey=ssh-ed25519 A l"],
];

#[test]
fn every_operation_has_a_command_that_works_in_the_sandbox() {
    let test_env = TestEnv::new();
    let called: Vec<(String, String)> = CALLS
        .iter()
        .flat_map(|line| requests(&test_env.sandbox(&[&["cloudmc"] as &[&str], line, &["--debug"]].concat()).code(0)))
        .collect();
    for endpoint in cloudmc_operations() {
        let calls = |(method, path): &(String, String)| {
            method == endpoint.method.as_str() && endpoint.match_path(path).is_some()
        };
        assert!(called.iter().any(calls), "no command calls {}", endpoint.id);
    }
}
