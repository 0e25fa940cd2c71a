//! `auth login --keyring`, with a `secret-tool` that keeps its secrets in a folder.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::support::process::Running;
use crate::support::replies::list;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const TOOL: &str = "#!/bin/sh\n\
    echo \"$*\" >> \"$HOME/arguments\"\n\
    case $1 in\n\
    store) [ -e \"$HOME/locked\" ] && { echo 'the keyring is locked' >&2; exit 1; }; cat > \"$HOME/secret\" ;;\n\
    lookup) cat \"$HOME/secret\" ;;\n\
    clear) rm \"$HOME/secret\" ;;\n\
    esac\n";

fn with_tool(test_env: &TestEnv) -> Command {
    let folder = test_env.home().join("bin");
    fs::create_dir_all(&folder).expect("a folder");
    let tool = folder.join("secret-tool");
    fs::write(&tool, TOOL).expect("a script");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = test_env.command();
    let path = std::env::var("PATH").expect("a PATH");
    command.env("PATH", format!("{}:{path}", folder.display()));
    command
}

fn log_in(test_env: &TestEnv, server: &ScriptedServer) -> Run {
    let mut command = with_tool(test_env);
    command.env("C66_API_URL", &server.url).args(["auth", "login", "--with-token", "--keyring"]);
    let mut running = Running::start(command.stdin(Stdio::piped()));
    running.feed(b"kept-token-0123456789\n");
    running.end()
}

#[test]
fn the_token_is_kept_by_the_keyring_and_read_from_it() {
    let test_env = TestEnv::new();
    let server = ScriptedServer::replying(|_| list(&[]));
    let run = log_in(&test_env, &server).code(0);
    assert!(run.stdout.contains("The token is stored in the keyring"), "{}", run.stdout);
    assert!(!test_env.config_text().contains("kept-token"), "{}", test_env.config_text());
    let arguments = fs::read_to_string(test_env.home().join("arguments")).expect("what it was called with");
    assert!(arguments.starts_with("store ") && !arguments.contains("kept-token"), "{arguments}");
    let run = Running::start(with_tool(&test_env).args(["auth", "token"])).end().code(0);
    assert_eq!(run.stdout, "kept-token-0123456789\n");
    Running::start(with_tool(&test_env).args(["auth", "logout"])).end().code(0);
    assert!(!test_env.home().join("secret").exists());
    assert!(!test_env.config_text().contains("token_command"), "{}", test_env.config_text());
    Running::start(with_tool(&test_env).args(["auth", "token"])).end().code(3);
}

#[test]
fn a_keyring_that_refuses_leaves_the_profile_as_it_was() {
    let test_env = TestEnv::with_config("[profiles.default]\ntoken = \"older-token-0123456789\"\n");
    let server = ScriptedServer::replying(|_| list(&[]));
    fs::write(test_env.home().join("locked"), "").expect("a file");
    let run = log_in(&test_env, &server).code(2);
    assert!(run.stderr.contains("the keyring is locked"), "{}", run.stderr);
    assert!(run.stderr.contains("log in without --keyring"), "{}", run.stderr);
    assert!(test_env.config_text().contains("older-token"), "{}", test_env.config_text());
}
