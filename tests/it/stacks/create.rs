//! `c66 stacks create`.

use serde_json::json;

use crate::support::test_env::TestEnv;

#[test]
fn a_stack_is_created_and_waited_for() {
    let test_env = TestEnv::new();
    let yaml = "services:\n  web:\n    image: nginx\n";
    std::fs::write(test_env.home().join("service.yml"), yaml).expect("the file");
    std::fs::write(test_env.home().join("bad.yml"), "fail: true\n").expect("the file");
    let place = ["--cloud", "aws", "--region", "us-east-1", "--size", "t2.micro", "--build-type", "single"];
    let create = |name: &str, file: &str, more: &[&str]| {
        let named = ["stacks", "create", "--name", name, "-e", "staging", "--service-yaml", file];
        test_env.sandbox(&[&named[..], &place[..], more].concat())
    };
    let made = create("New Shop", "service.yml", &["-o", "json"]).code(0).json();
    assert_eq!(made["ok"], true);
    assert_eq!(made["action"]["finished_success"], true);
    assert_eq!((&made["stack"]["name"], &made["stack"]["status"]), (&json!("New Shop"), &json!(1)));
    let run = create("new-shop", "service.yml", &[]).code(9);
    assert!(run.stderr.contains("stack new-shop@staging already exists"), "{}", run.stderr);
    let run = create("Broken Shop", "bad.yml", &["-o", "json"]).code(5);
    assert!(run.stdout.is_empty(), "{}", run.stdout);
    assert_eq!(run.json_error()["code"], "remote_failed");
    test_env.sandbox(&["services", "show", "web", "-s", "new-shop"]).code(0);
}

#[test]
fn missing_arguments_are_named() {
    let test_env = TestEnv::new();
    let run = test_env
        .sandbox(&["stacks", "create", "--name", "x", "-e", "y", "--service-yaml", "f", "--cloud", "aws"])
        .code(2);
    assert!(run.stderr.contains("missing --region, --size, --build-type"), "{}", run.stderr);
}
