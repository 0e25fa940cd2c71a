//! `c66 firewall` and `c66 lease`.

use crate::support::test_env::TestEnv;

const STAGING: &str = "awesome-app@staging";

#[test]
fn invalid_rules_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, said) in [
        (&["firewall", "add", "--port", "22"][..], "missing the source or target of the rule"),
        (&["firewall", "add", "--port", "22", "--from-ip", "AUTO"], "AUTO needs --ttl"),
        (&["firewall", "add", "--port", "22", "--from-ip", "somewhere"], "invalid address `somewhere`"),
        (&["firewall", "add", "--port", "0", "--from-ip", "1.2.3.4"], "invalid port 0"),
        (&["firewall", "add", "--port", "70000", "--from-ip", "1.2.3.4"], "70000"),
        (&["lease", "--ttl", "30s"], "whole minutes"),
    ] {
        let run = test_env.sandbox(&[arguments, &["-s", STAGING, "--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}:\n{}", run.stderr);
        assert!(!run.stderr.contains("> POST") && !run.stderr.contains("> PUT"), "{arguments:?}:\n{}", run.stderr);
    }
}

#[test]
fn lease_adds_a_rule_for_this_machine() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["lease", "--port", "5432", "-s", STAGING]).code(0);
    let run = test_env.sandbox(&[
        "firewall",
        "list",
        "--filter",
        "port=5432",
        "--columns",
        "from",
        "--no-headers",
        "-s",
        STAGING,
    ]);
    assert_eq!(run.code(0).stdout, "127.0.0.1\n");
}
