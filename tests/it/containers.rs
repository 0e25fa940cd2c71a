//! `c66 containers`.

use crate::support::test_env::TestEnv;

const STACK: &str = "awesome-app@production";
const UID: &str = "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc";

#[test]
fn a_unique_prefix_of_the_uid_is_enough() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["containers", "show", "CBA4", "-s", STACK, "-o", "name"]).code(0);
    assert_eq!(run.stdout.trim(), UID);
    let run = test_env.sandbox(&["containers", "show", "1", "-s", STACK]).code(2);
    assert!(run.stderr.contains("`1` matches 2 containers"), "{}", run.stderr);
    let run = test_env.sandbox(&["containers", "show", "zz", "-s", STACK]).code(4);
    assert!(run.stderr.contains(&format!("web on Gazelle    {UID}")), "{}", run.stderr);
}

#[test]
fn environment_variables_appear_only_in_json() {
    let test_env = TestEnv::new();
    let show = ["containers", "show", UID, "-s", STACK];
    for format in ["table", "wide", "csv", "tsv"] {
        let named = ["-o", format, "--columns", "runtime.Config.Env"];
        let run = test_env.sandbox(&[&show[..], &named].concat()).code(0);
        assert!(run.stdout.contains("MYSQL_PASSWORD=********"), "{}", run.stdout);
        assert!(!run.stdout.contains("example-password"), "{}", run.stdout);
    }
    let run = test_env.sandbox(&[&show[..], &["-o", "wide", "--debug", "--debug"]].concat()).code(0);
    assert!(!(run.stdout + &run.stderr).contains("example-password"));
    let run = test_env.sandbox(&[&show[..], &["--jq", ".runtime.Config.Env[]"]].concat()).code(0);
    assert!(run.stdout.contains("MYSQL_PASSWORD=example-password\n"), "{}", run.stdout);
}

#[test]
fn a_stopped_container_is_gone_and_a_restarted_one_is_new() {
    let test_env = TestEnv::new();
    let started = ["containers", "show", UID, "-s", STACK, "--columns", "started", "-o", "tsv", "--no-headers"];
    let before = test_env.sandbox(&started).code(0).stdout;
    test_env.sandbox(&["containers", "restart", "cba4", "-s", STACK, "--yes"]).code(0);
    assert_ne!(test_env.sandbox(&started).code(0).stdout, before);
    test_env.sandbox(&["containers", "stop", "cba4", "-s", STACK, "--yes"]).code(0);
    test_env.sandbox(&started).code(4);
    let left = test_env.sandbox(&["containers", "list", "--server", "gazelle", "-s", STACK, "-o", "json"]).code(0);
    assert_eq!(left.stdout, "[]\n");
}
