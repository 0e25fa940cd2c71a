//! Which value wins when a setting has several.

use std::fs;

use super::setting;
use crate::support::scripted_server::{ScriptedServer, reply};
use crate::support::test_env::{TestEnv, finish};

#[test]
fn output_comes_from_flag_variable_project_file_profile_and_file_in_that_order() {
    let test_env = TestEnv::with_config("output = \"csv\"\n[profiles.default]\noutput = \"tsv\"\n");
    test_env.write_project_file("output = \"yaml\"\n");
    let first_line = |variable: Option<&str>, flag: &[&str]| {
        let mut command = test_env.command();
        command.args(["profiles", "list", "--columns", "name"]).args(flag);
        if let Some(format) = variable {
            command.env("C66_OUTPUT", format);
        }
        finish(&mut command).code(0).stdout.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first_line(Some("name"), &["-o", "jsonl"]), r#"{"name":"default"}"#);
    assert_eq!(first_line(Some("name"), &[]), "default");
    assert_eq!(first_line(None, &[]), "- name: default");
    fs::remove_file(test_env.home().join(".c66.toml")).expect("the project file");
    assert_eq!(setting(&test_env.run(&["config", "list", "--json"]), "output").1, "--output");
    assert_eq!(
        test_env.run(&["profiles", "list", "--columns", "name,current"]).stdout.lines().next(),
        Some("name\tcurrent")
    );
    test_env.write_config("output = \"csv\"\n[profiles.default]\n");
    assert_eq!(
        test_env.run(&["profiles", "list", "--columns", "name,current"]).stdout.lines().next(),
        Some("name,current")
    );
    test_env.write_config("[profiles.default]\n");
    assert_eq!(first_line(None, &[]), "NAME");
}

#[test]
fn stack_comes_from_flag_variable_project_file_profile_and_file_in_that_order() {
    let uid = |digit: &str| digit.repeat(32);
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    let test_env =
        TestEnv::with_config(&format!("stack = \"{}\"\n[profiles.default]\nstack = \"{}\"\n", uid("5"), uid("4")));
    test_env.write_project_file(&format!("stack = \"{}\"\n", uid("3")));
    let asked = |variable: Option<&str>, flag: &[&str]| {
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", "t").args(["deployments", "list"]).args(flag);
        if let Some(stack) = variable {
            command.env("C66_STACK", stack);
        }
        finish(&mut command).code(0);
        let target = server.seen().pop().expect("a request").target;
        target.split('/').nth(4).and_then(|part| part.get(..1)).expect("a stack").to_owned()
    };
    assert_eq!(asked(Some(&uid("2")), &["-s", &uid("1")]), "1");
    assert_eq!(asked(Some(&uid("2")), &[]), "2");
    assert_eq!(asked(None, &[]), "3");
    fs::remove_file(test_env.home().join(".c66.toml")).expect("the project file");
    assert_eq!(asked(None, &[]), "4");
    test_env.write_config(&format!("stack = \"{}\"\n", uid("5")));
    assert_eq!(asked(None, &[]), "5");
    test_env.write_config("");
    let run = test_env.against(&server.url, &["deployments", "list"]).code(2);
    assert!(run.stderr.contains("--stack"), "{}", run.stderr);
}

#[test]
fn an_unknown_format_is_reported_with_its_origin() {
    let test_env = TestEnv::new();
    let run = finish(test_env.command().env("C66_OUTPUT", "xml").args(["profiles", "list"])).code(2);
    assert!(run.stderr.contains("C66_OUTPUT") && run.stderr.contains("jsonl"), "{}", run.stderr);
    let run = test_env.run(&["profiles", "list", "-o", "xml"]).code(2);
    assert!(run.stderr.contains("jsonl") && run.stderr.contains("yaml"), "{}", run.stderr);
}
