//! `.c66.toml`: the settings of a folder, which may come from an untrusted repository.

use std::fs;

use crate::support::scripted_server::{ScriptedServer, closed_port, reply};
use crate::support::test_env::{TestEnv, finish};

#[test]
fn a_project_file_with_a_token_a_command_or_an_address_is_rejected() {
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    for text in [
        "token = \"canary\"".to_owned(),
        "token_command = [\"touch\", \"ran\"]".to_owned(),
        format!("api_url = \"{}\"", server.url),
        format!("[profiles.default]\napi_url = \"{}\"", server.url),
        "[a.b.c]\ntoken = \"canary\"".to_owned(),
    ] {
        // If the refusal fails, the test must still not leave this machine.
        let nowhere = format!("http://127.0.0.1:{}", closed_port());
        let test_env = TestEnv::with_config(&format!("[profiles.default]\napi_url = \"{nowhere}\"\n"));
        test_env.write_project_file(&text);
        let mut command = test_env.command();
        let run = finish(command.env("C66_TOKEN", "t").args(["stacks", "list"])).code(2);
        assert!(run.stderr.contains(".c66.toml must not have"), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert!(!test_env.home().join("ran").exists());
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_project_file_applies_to_the_folders_below_it() {
    let test_env = TestEnv::new();
    test_env.write_project_file("stack = \"shop\"\n");
    let below = test_env.home().join("a/b");
    fs::create_dir_all(&below).expect("folders");
    let run = finish(test_env.command().current_dir(&below).args(["config", "get", "stack"])).code(0);
    assert_eq!(run.stdout, "shop\n");
    fs::write(below.join(".c66.toml"), "stack = \"nearer\"\n").expect("a file");
    let run = finish(test_env.command().current_dir(&below).args(["config", "get", "stack"])).code(0);
    assert_eq!(run.stdout, "nearer\n");
}

#[test]
fn a_broken_project_file_is_reported_with_its_line() {
    let test_env = TestEnv::new();
    test_env.write_project_file("stack = \"x\"\n\nenvironment = \n");
    let run = test_env.run(&["config", "list"]).code(2);
    assert!(run.stderr.contains(".c66.toml") && run.stderr.contains("line 3"), "{}", run.stderr);
}
