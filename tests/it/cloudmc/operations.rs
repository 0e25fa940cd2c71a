//! Every CloudMC operation has a command that calls it.

use c66::testing::cloudmc_operations;

use super::{STOPPED, WEB};
use crate::support::command_lines::requests;
use crate::support::test_env::TestEnv;

/// Each operation with a command that calls it.
const CALLED_BY: &[(&str, &[&str])] = &[
    ("organizations_list", &["orgs", "list"]),
    ("organizations_show", &["orgs", "show", "northgate"]),
    ("users_list", &["users", "list"]),
    ("users_show", &["users", "show", "mira@northgate.example"]),
    ("environments_list", &["envs", "list"]),
    ("environments_show", &["envs", "show", "compute/prod"]),
    ("environments_create", &["envs", "create", "dev", "--service", "compute"]),
    ("environments_delete", &["envs", "delete", "lab", "--yes"]),
    ("members_list", &["envs", "members", "compute/prod"]),
    ("connections_list", &["connections", "list"]),
    ("connections_show", &["connections", "show", "1a63ccbc-de5e-43e8-b514-1c2a2bd8631f"]),
    ("descriptors_show", &["services", "types", "compute"]),
    ("roles_list", &["roles", "list", "--env", "compute/prod"]),
    ("quotas_list", &["quotas", "list"]),
    ("quotas_show", &["quotas", "show", "Unlimited"]),
    ("activity_list", &["activity", "list", "--mine"]),
    ("usage_show", &["usage", "--from", "2026-11-01", "--to", "2026-11-02", "--period", "day"]),
    ("tasks_show", &["do", "compute", "prod", "instances", WEB, "reboot"]),
    ("entities_list", &["list", "compute", "prod", "instances"]),
    ("entities_show", &["get", "compute/prod", "instances", "web-2"]),
    ("entities_create", &["create", "compute", "prod", "sshkeys", "-f", "name=k", "-f", "publicKey=ssh-ed25519 A k"]),
    ("entities_update", &["update", "compute", "prod", "instances", STOPPED, "-f", "name=web-3"]),
    ("entities_delete", &["delete", "compute", "prod", "volumes", "archive", "--by-name", "--yes"]),
    ("entities_operate", &["do", "compute", "prod", "instances", STOPPED, "start"]),
    (
        "types_operate",
        &["do", "compute", "prod", "sshkeys", "-", "create", "-f", "name=l", "-f", "publicKey=ssh-ed25519 A l"],
    ),
];

#[test]
fn every_operation_has_a_command_that_works_in_the_sandbox() {
    let test_env = TestEnv::new();
    for endpoint in cloudmc_operations() {
        let (_, arguments) = CALLED_BY
            .iter()
            .find(|(id, _)| *id == endpoint.id)
            .unwrap_or_else(|| panic!("no command calls {}", endpoint.id));
        let run = test_env.sandbox(&[&["cloudmc"] as &[&str], arguments, &["--debug"]].concat()).code(0);
        let called = requests(&run)
            .iter()
            .any(|(method, path)| method == endpoint.method.as_str() && endpoint.match_path(path).is_some());
        assert!(called, "{arguments:?} does not call {}:\n{}", endpoint.id, run.stderr);
    }
}
