//! Names of stacks are remembered for a minute: reads use them, writes do not.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::completion::cache_files;
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::TestEnv;

const OLD: &str = "00000000000000000000000000000001";
const NEW: &str = "00000000000000000000000000000002";

fn stack(uid: &str, name: &str) -> Value {
    json!({ "uid": uid, "name": name, "environment": "production" })
}

/// A server whose list of stacks is `first`, then `later`; it shows the stacks in `known`.
fn server(first: Value, later: Value, known: &'static [(&'static str, &'static str)]) -> ScriptedServer {
    let mut lists = [first].into_iter();
    ScriptedServer::replying(move |seen: &Seen| {
        let list = |items: Value| (200, json!({ "response": items, "count": 1 }).to_string());
        if seen.path == "/stacks" {
            return list(lists.next().unwrap_or_else(|| later.clone()));
        }
        let mut parts = seen.path.trim_start_matches("/stacks/").split('/');
        let uid = parts.next().unwrap_or_default();
        match (known.iter().find(|(known, _)| *known == uid), parts.next()) {
            (None, _) => (404, json!({ "error": "not_found" }).to_string()),
            (Some(_), Some("settings")) => {
                (200, json!({ "response": { "key": "git.branch", "value": uid } }).to_string())
            }
            (Some(_), Some(_)) => list(json!([{ "key": "STACK", "value": uid }])),
            (Some((uid, name)), None) => (200, json!({ "response": stack(uid, name) }).to_string()),
        }
    })
}

fn shop() -> ScriptedServer {
    server(json!([stack(OLD, "Shop")]), json!([stack(OLD, "Shop")]), &[(OLD, "Shop")])
}

#[test]
fn a_read_uses_the_cached_name() {
    let (test_env, server) = (TestEnv::new(), shop());
    for (arguments, path, seen) in [
        (&["stacks", "show", "shop", "--jq", ".uid"] as &[&str], "", OLD),
        (&["stacks", "show", "Shop@production", "--jq", ".uid"], "", OLD),
        (&["env", "get", "STACK", "-s", "shop"], "/environments", OLD),
        (&["env", "list", "-s", "shop", "-e", "production"], "/environments", "STACK"),
        (&["settings", "get", "git.branch", "-s", "shop"], "/settings/git-branch", OLD),
        (&["servers", "list", "-s", "shop", "-o", "json"], "/servers", ""),
        (&["backups", "list", "-s", "shop"], "/backups", ""),
    ] {
        let before = server.lines().len();
        let run = test_env.against(&server.url, arguments).code(0);
        assert!(run.stdout.contains(seen), "{}", run.stdout);
        let mut expected = vec![format!("GET /stacks/{OLD}{path}")];
        if before == 0 {
            expected.insert(0, "GET /stacks".to_owned());
        }
        assert_eq!(server.lines()[before..], expected, "{arguments:?}");
    }
    let traced = test_env.against(&server.url, &["env", "list", "-s", "shop", "--debug"]).code(0).stderr;
    assert!(traced.contains(&format!("* Shop@production is {OLD} (looked up less than a minute ago)")), "{traced}");
}

#[test]
fn a_write_looks_the_name_up_every_time() {
    let (test_env, server) = (TestEnv::new(), shop());
    test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(0);
    let before = server.lines().len();
    test_env.against(&server.url, &["stacks", "restart", "shop", "--dry-run"]).code(0);
    assert_eq!(server.lines()[before..], ["GET /stacks"]);
}

#[test]
fn prefixes_other_tokens_and_other_accounts_are_looked_up_again() {
    let (test_env, server) = (TestEnv::new(), shop());
    let lists = || server.lines().iter().filter(|line| *line == "GET /stacks").count();
    // A prefix may match another stack by now.
    for expected in [1, 2] {
        test_env.against(&server.url, &["env", "list", "-s", "sho"]).code(0);
        assert_eq!(lists(), expected);
    }
    test_env.against(&server.url, &["env", "list", "-s", "no-shop"]).code(4);
    assert_eq!(lists(), 3);
    // Another token or account may see other stacks.
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "another-token-0123456789");
    crate::support::test_env::finish(command.args(["env", "list", "-s", "shop"])).code(0);
    assert_eq!(lists(), 4);
    test_env.against(&server.url, &["env", "list", "-s", "shop", "--account", "7"]).code(0);
    assert_eq!(lists(), 5);
    test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(0);
    assert_eq!(lists(), 5);
    // Entries older than a minute, or from the future, are not used.
    for (file, later) in cache_files(&test_env).iter().flat_map(|file| [(file, false), (file, true)]) {
        let shift = Duration::from_secs(70);
        let then = if later { SystemTime::now() + shift } else { SystemTime::now() - shift };
        std::fs::File::options().write(true).open(file).and_then(|file| file.set_modified(then)).expect("a file");
    }
    test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(0);
    assert_eq!(lists(), 6);
}

#[test]
fn a_name_that_moved_to_another_stack_is_found() {
    let moved = || server(json!([stack(OLD, "Shop")]), json!([stack(NEW, "Shop")]), &[(NEW, "Shop")]);
    for (arguments, seen) in [
        (&["stacks", "show", "shop", "--jq", ".uid"] as &[&str], NEW),
        (&["env", "get", "STACK", "-s", "shop"], NEW),
        (&["env", "list", "-s", "shop", "-o", "name"], "STACK"),
        (&["settings", "get", "git.branch", "-s", "shop"], NEW),
    ] {
        let (test_env, server) = (TestEnv::new(), moved());
        // The list is read, and then the stack is gone.
        test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(4);
        let run = test_env.against(&server.url, arguments).code(0);
        assert!(run.stdout.contains(seen), "{arguments:?}: {}", run.stdout);
        assert_eq!(run.stderr, "", "{arguments:?}");
    }
    // A stack with a new name returns that name itself.
    let known = &[(OLD, "Old Shop"), (NEW, "Shop")];
    let server = server(json!([stack(OLD, "Shop")]), json!([stack(NEW, "Shop")]), known);
    let test_env = TestEnv::new();
    test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(0);
    assert_eq!(
        test_env.against(&server.url, &["stacks", "show", "shop", "-o", "name"]).code(0).stdout,
        format!("{NEW}\n")
    );
}

#[test]
fn a_404_behind_a_cached_name_is_looked_up_only_once() {
    let (test_env, server) = (TestEnv::new(), server(json!([stack(OLD, "Shop")]), json!([stack(OLD, "Shop")]), &[]));
    test_env.against(&server.url, &["env", "list", "-s", "shop"]).code(4);
    let before = server.lines().len();
    let run = test_env.against(&server.url, &["deployments", "show", "7", "-s", "shop"]).code(4);
    assert_eq!(server.lines()[before..], [&format!("GET /stacks/{OLD}/deployments/7") as &str, "GET /stacks"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn without_a_cache_folder_commands_still_work() {
    let (test_env, server) = (TestEnv::new(), shop());
    std::fs::write(test_env.home().join("file"), "").expect("a file");
    for _ in 0..2 {
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
        command.env("XDG_CACHE_HOME", test_env.home().join("file")).args(["env", "list", "-s", "shop"]);
        assert_eq!(crate::support::test_env::finish(&mut command).code(0).stderr, "");
    }
    assert_eq!(server.lines().iter().filter(|line| *line == "GET /stacks").count(), 2);
}
