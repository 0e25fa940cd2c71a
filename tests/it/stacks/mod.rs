//! `c66 stacks`, and how a stack is named.

mod create;
mod name_cache;

use std::fs;

use serde_json::json;

use crate::support::replies::{UID, good};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish};

fn uid(test_env: &TestEnv, arguments: &[&str]) -> String {
    test_env.sandbox(&[&["stacks", "show"], arguments, &["--jq", ".uid"]].concat()).code(0).stdout.trim().to_owned()
}

const PRODUCTION: &str = "5999b763474b0eafa5fafb64bff0ba80";
const STAGING: &str = "3ff47eaa901ee0d1cda6fa9283b3e618";

#[test]
fn a_list_has_all_pages_in_order() {
    let run = TestEnv::new().sandbox(&["stacks", "list", "-o", "json"]).code(0);
    let stacks = run.json();
    let uids: Vec<&str> = stacks.as_array().expect("a list").iter().filter_map(|stack| stack["uid"].as_str()).collect();
    assert!(uids.len() > 60, "{}", uids.len());
    assert_eq!(uids[0], PRODUCTION);
}

#[test]
fn a_list_can_be_limited_by_name_and_environment() {
    let test_env = TestEnv::new();
    let names = |arguments: &[&str]| {
        test_env.sandbox(&[&["stacks", "list", "-o", "name"], arguments].concat()).code(0).stdout.lines().count()
    };
    assert_eq!(names(&["awesome-app"]), 2);
    assert_eq!(names(&["awesome-app", "-e", "staging"]), 1);
    assert_eq!(names(&["Awesome App", "doomed_app"]), 3);
    // As in `stacks show`: a prefix, a name with its environment, a UID and its first letters.
    for name in ["book", "awesome-app@staging", STAGING, "3ff47eaa"] {
        assert_eq!(names(&[name]), 1, "{name}");
    }
    let run = test_env.sandbox(&["stacks", "list", "book", "bok-shop"]).code(4);
    assert!(run.stdout.is_empty() && run.stderr.contains("did you mean `Book Shop@production`?"), "{run:?}");
}

#[test]
fn a_name_that_several_stacks_share_is_never_guessed() {
    let run = TestEnv::new().sandbox(&["stacks", "show", "awesome-app", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "ambiguous_stack");
    assert!(run.json_error()["cause"].to_string().contains("Awesome App@staging"), "{}", run.stderr);
}

#[test]
fn a_stack_can_be_named_in_every_documented_way() {
    let test_env = TestEnv::new();
    for arguments in [
        &[STAGING] as &[&str],
        &["awesome-app@staging"],
        &["AWESOME_APP@Staging"],
        &["Awesome App", "-e", "staging"],
        &["-s", "awesome-app", "--environment", "staging"],
        &["awes", "-e", "staging"],
    ] {
        assert_eq!(uid(&test_env, arguments), STAGING, "{arguments:?}");
    }
    assert_eq!(uid(&test_env, &["ubg5kv"]), "ubg5kv", "a UID need not be long");
    for odd in ["Bücher Café", "bücher-café", "team/api"] {
        test_env.sandbox(&["stacks", "show", odd]).code(0);
    }
}

#[test]
fn a_variable_or_a_file_can_name_the_stack() {
    let test_env = TestEnv::new();
    let show = |flag: &[&str], variable: Option<&str>| -> String {
        let mut command = test_env.command();
        if let Some(stack) = variable {
            command.env("C66_STACK", stack);
        }
        let run = finish(command.args(["--sandbox", "stacks", "show", "--jq", ".uid"]).args(flag)).code(0);
        run.stdout.trim().to_owned()
    };
    fs::write(test_env.home().join(".c66.toml"), "stack = \"awesome-app\"\nenvironment = \"staging\"\n")
        .expect("a file");
    assert_eq!(show(&[], None), STAGING);
    assert_eq!(show(&[], Some("ubg5kv")), "ubg5kv");
    assert_eq!(show(&["-s", PRODUCTION], Some("ubg5kv")), PRODUCTION);
}

#[test]
fn a_checkout_names_its_stack() {
    let test_env = TestEnv::new();
    let git = test_env.home().join(".git");
    fs::create_dir(&git).expect("a folder");
    fs::write(git.join("HEAD"), "ref: refs/heads/fig\n").expect("a file");
    let remote = "[remote \"origin\"]\n\turl = git@github.com:cloud66-samples/awesome-app.git\n";
    fs::write(git.join("config"), remote).expect("a file");
    let run = test_env.sandbox(&["stacks", "show"]).code(0);
    assert!(run.stdout.contains(PRODUCTION), "{}", run.stdout);
    assert!(run.stderr.contains("from the git remote and branch"), "{}", run.stderr);
    fs::write(git.join("HEAD"), "ref: refs/heads/elsewhere\n").expect("a file");
    test_env.sandbox(&["stacks", "show"]).code(2);
}

#[test]
fn an_ambiguous_name_lists_the_candidates_and_an_unknown_one_gets_suggestions() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["stacks", "show", "beacon"]).code(2);
    assert!(
        run.stderr.contains("beacon-web@development") && run.stderr.contains("beacon-docs@production"),
        "{}",
        run.stderr
    );
    let run = test_env.sandbox(&["stacks", "show", "awsome-app"]).code(4);
    assert!(run.stderr.contains("did you mean `Awesome App@production`"), "{}", run.stderr);
    let run = test_env.sandbox(&["stacks", "show", "awesome-app@nowhere"]).code(4);
    assert!(run.stderr.contains("Awesome App@staging"), "{}", run.stderr);
    let run = test_env.sandbox(&["stacks", "show", "0123456789abcdef0123456789abcdef"]).code(4);
    assert!(run.stderr.to_lowercase().contains("not found"), "{}", run.stderr);
    let run = test_env.sandbox(&["stacks", "show"]).code(2);
    assert!(run.stderr.contains("pass --stack NAME"), "{}", run.stderr);
    test_env.sandbox(&["stacks", "show", "awesome-app", "-s", "ubg5kv"]).code(2);
}

#[test]
fn codes_are_shown_in_words() {
    let test_env = TestEnv::new();
    let shown = test_env.sandbox(&["stacks", "show", "awesome-app@production"]).code(0).stdout;
    assert!(shown.contains("Deployed successfully") && shown.contains("Healthy"), "{shown}");
    let fails: Run =
        test_env.sandbox(&["stacks", "show", "doomed-app", "--columns", "status,health", "-o", "csv"]).code(0);
    assert_eq!(fails.stdout, "status,health\nDeployment failed,Failed\n");
}

#[test]
fn writes_print_the_stack_they_act_on() {
    let test_env = TestEnv::new();
    for command in [&["stacks", "restart"] as &[&str], &["stacks", "clear-caches"]] {
        let run = test_env.sandbox(&[command, &["awesome-app@staging"]].concat()).code(0);
        assert!(run.stderr.contains("Awesome App@staging"), "{}", run.stderr);
        let run = test_env.sandbox(&[command, &["awesome-app@production"]].concat()).code(2);
        assert!(run.stderr.contains("Awesome App@production") && run.stderr.contains("--yes"), "{}", run.stderr);
    }
}

#[test]
fn open_prints_the_address_off_a_terminal() {
    let test_env = TestEnv::new();
    let page = format!("https://app.cloud66.com/stacks/{PRODUCTION}");
    let open = |more: &[&str]| test_env.sandbox(&[&["stacks", "open", PRODUCTION], more].concat()).code(0).stdout;
    assert_eq!(open(&[]), format!("{page}\n"));
    assert_eq!(open(&["--site", "--print"]), "http://awesome-app.dev.c66.me\n");
    assert_eq!(open(&["--jq", ".url"]), format!("{page}\n"));
}

#[test]
fn open_only_opens_http_addresses() {
    for (fqdn, code) in [("file:///etc/passwd", 8), ("x.example.com; touch /tmp/x", 8), ("", 4)] {
        let stack = json!({ "uid": UID, "name": "shop", "environment": "staging", "fqdn": fqdn });
        let server = ScriptedServer::replying(move |_| good(&stack));
        let run = TestEnv::new().against(&server.url, &["stacks", "open", UID, "--site"]).code(code);
        assert_eq!(run.stdout, "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_open_starts_the_browser_with_the_address_only() {
    use std::os::unix::fs::PermissionsExt;
    let stack = json!({ "uid": UID, "name": "shop", "environment": "staging", "application_address": "https://shop.example.com/" });
    let server = ScriptedServer::replying(move |_| good(&stack));
    let test_env = TestEnv::new();
    let opened = test_env.home().join("opened");
    // Renamed when complete: the program does not wait for the launcher.
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {0}.part; mv {0}.part {0}\n", opened.display());
    let launcher = test_env.home().join("bin/xdg-open");
    fs::create_dir(test_env.home().join("bin")).expect("a folder");
    fs::write(&launcher, script).expect("a launcher");
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755)).expect("a mode");
    let on_terminal = |path: &str, more: &[&str]| {
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").env("PATH", path);
        command.args(["stacks", "open", UID, "--site"]).args(more);
        crate::support::pty::Terminal::start(command, 100).end()
    };
    let path = format!("{}:/usr/bin:/bin", test_env.home().join("bin").display());
    for more in [&["--print"] as &[&str], &["-o", "json"]] {
        let (code, seen) = on_terminal(&path, more);
        assert!(code == 0 && seen.contains("https://shop.example.com/") && !seen.contains("opening"), "{seen}");
    }
    assert!(!opened.exists());
    let (code, seen) = on_terminal(&path, &[]);
    assert!(code == 0 && seen.contains("opening https://shop.example.com/"), "{seen}");
    crate::support::process::wait_until("the launcher has the address", || {
        fs::read_to_string(&opened).is_ok_and(|text| text == "https://shop.example.com/\n")
    });
    // Without a browser, the address is printed.
    let (code, seen) = on_terminal("/nonexistent", &[]);
    assert!(
        code == 0 && seen.contains("cannot start a browser\r\n") && seen.contains("\r\nhttps://shop.example.com/\r\n"),
        "{seen}"
    );
}
