//! `c66 env pull`, `push`, `diff`, `edit`, `run` and `rollback`: the variables of a stack as a file.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, list, refusal};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};
#[cfg(unix)]
use crate::support::test_env::{finish, finish_with_input};

const STAGING: &str = "awesome-app@staging";

fn env(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["env"], arguments, &["-s", STAGING]].concat())
}

fn write(test_env: &TestEnv, name: &str, text: &str) {
    std::fs::write(test_env.home().join(name), text).expect("a file");
}

fn read(test_env: &TestEnv, name: &str) -> String {
    std::fs::read_to_string(test_env.home().join(name)).expect("a file")
}

/// All variables of the stack with their values.
fn variables(test_env: &TestEnv) -> BTreeMap<String, String> {
    let all = env(test_env, &["list", "-o", "json"]).code(0).json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    all.as_array().expect("a list").iter().map(|one| (text(&one["key"]), text(&one["value"]))).collect()
}

#[test]
fn pull_writes_the_variables_of_the_stack() {
    let test_env = TestEnv::new();
    let run = env(&test_env, &["pull", ".env"]).code(0);
    assert_eq!(run.stdout, ".env\n");
    assert!(run.stderr.contains("of Awesome App@staging to .env"), "{}", run.stderr);
    assert!(read(&test_env, ".env").contains("\nRAILS_ENV=staging\n"), "{}", read(&test_env, ".env"));
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(test_env.home().join(".env")).expect("the file").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    }
    env(&test_env, &["pull", ".env"]).code(2);
    env(&test_env, &["pull", ".env", "--force"]).code(0);
    assert_eq!(env(&test_env, &["pull"]).code(0).stdout, read(&test_env, ".env"));
    env(&test_env, &["pull", "vars.json"]).code(0);
    let map: BTreeMap<String, String> = serde_json::from_str(&read(&test_env, "vars.json")).expect("a map");
    assert_eq!(map, variables(&test_env));
    assert_eq!(env(&test_env, &["diff", ".env"]).code(0).stdout, "");
    assert_eq!(env(&test_env, &["diff", "vars.json", "-o", "json"]).code(0).json(), json!([]));
    let run = env(&test_env, &["push", ".env", "--yes"]).code(0);
    assert_eq!(run.stdout, "Nothing to change.\n");
}

#[test]
fn own_leaves_out_generated_and_readonly_variables() {
    let test_env = TestEnv::new();
    // This one also has generated variables.
    let env = |test_env: &TestEnv, arguments: &[&str]| {
        test_env.sandbox(&[&["env"], arguments, &["-s", "awesome-app@production"]].concat())
    };
    env(&test_env, &["set", "MINE=1", "--yes"]).code(0);
    let all = env(&test_env, &["list", "-o", "json"]).code(0).json();
    let is = |variable: &Value, field: &str| variable[field] == true;
    let all = all.as_array().expect("a list");
    for field in ["readonly", "is_generated"] {
        assert!(all.iter().any(|variable| is(variable, field)), "nothing is {field}: {all:?}");
    }
    let own = all.iter().filter(|variable| !is(variable, "readonly") && !is(variable, "is_generated"));
    let own: Vec<&str> = own.filter_map(|variable| variable["key"].as_str()).collect();
    assert!(own.contains(&"MINE"), "{own:?}");
    env(&test_env, &["pull", "own.env", "--own"]).code(0);
    let text = read(&test_env, "own.env");
    let written: Vec<&str> = text.lines().filter_map(|line| line.split('=').next()).collect();
    assert_eq!(written, own);
    // An omitted variable is no difference, and a push keeps it.
    env(&test_env, &["diff", "own.env"]).code(0);
    assert_eq!(env(&test_env, &["push", "own.env", "--prune", "--yes"]).code(0).stdout, "Nothing to change.\n");
    let now = env(&test_env, &["list", "-o", "json"]).code(0).json();
    assert_eq!(now.as_array().expect("a list").len(), all.len());
    let map = env(&test_env, &["pull", "--own", "--format", "json"]).code(0).json();
    assert_eq!(map.as_object().expect("a map").len(), own.len());
}

#[cfg(unix)]
#[test]
fn a_shell_can_source_what_is_pulled() {
    let test_env = TestEnv::new();
    let odd = "it's $HOME `id` \"x\"\n\\ end";
    let mut command = test_env.command();
    command.args(["--sandbox", "env", "set", "ODD=-", "--yes", "-s", STAGING]);
    finish_with_input(&mut command, odd).code(0);
    write(&test_env, "script", &env(&test_env, &["pull", "--format", "shell"]).code(0).stdout);
    let mut shell = crate::support::process::command("sh");
    shell.current_dir(test_env.home()).args(["-c", ". ./script; printf %s \"$ODD\""]);
    assert_eq!(finish(&mut shell).code(0).stdout, odd);
}

#[test]
fn push_changes_only_what_differs() {
    let test_env = TestEnv::new();
    let before = variables(&test_env);
    env(&test_env, &["set", "GOES=1", "STAYS=2", "--yes"]).code(0);
    write(&test_env, "new.env", "STAYS='other value'\n# said\nNEW=\"two\\nlines\"\nEMPTY=\n");
    let run = env(&test_env, &["diff", "new.env"]).code(11);
    assert!(run.stdout.starts_with("+ NEW\n+ EMPTY\n~ STAYS\n"), "{}", run.stdout);
    assert!(run.stdout.contains("- GOES\n") && !run.stdout.contains("other value"), "{}", run.stdout);
    let differences = env(&test_env, &["diff", "new.env", "-o", "json"]).code(11);
    assert!(differences.json().as_array().is_some_and(|all| all.contains(&json!({ "change": "add", "key": "NEW" }))));
    assert!(!differences.stdout.contains("other value"), "{}", differences.stdout);
    let revealed = env(&test_env, &["diff", "new.env", "-o", "json", "--reveal"]).code(11).stdout;
    assert!(revealed.contains("other value"), "{revealed}");

    let run = env(&test_env, &["push", "new.env", "--dry-run"]).code(0);
    assert!(!run.stdout.contains("other value") && run.stdout.contains("PATCH"), "{}", run.stdout);
    assert!(run.stderr.contains("gets one request per variable"), "{}", run.stderr);
    let run = env(&test_env, &["push", "new.env", "--yes"]).code(0);
    assert!(run.stderr.contains("+ NEW\n") && run.stderr.contains("~ STAYS\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("other value") && !run.stderr.contains("- GOES"), "{}", run.stderr);
    let now = variables(&test_env);
    assert_eq!((now["NEW"].as_str(), now["STAYS"].as_str(), now["EMPTY"].as_str()), ("two\nlines", "other value", ""));
    assert_eq!(now["GOES"], "1", "nothing is deleted unasked");

    let run = env(&test_env, &["push", "new.env", "--prune"]).code(2);
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    env(&test_env, &["push", "new.env", "--prune", "--yes"]).code(0);
    let now = variables(&test_env);
    assert!(!now.contains_key("GOES"));
    for (key, value) in before.iter().filter(|(key, _)| now.contains_key(*key)) {
        assert_eq!(now[key], *value, "{key}");
    }
    assert!(now.contains_key("STACK_PATH"), "readonly variables are not deleted");
    // Generated and readonly variables are no difference: they cannot be deleted.
    env(&test_env, &["diff", "new.env"]).code(0);
}

#[test]
fn push_sends_several_changes_in_one_request() {
    let test_env = TestEnv::new();
    env(&test_env, &["set", "OLD=1", "GOES=1", "--yes"]).code(0);
    write(&test_env, "new.env", "OLD=\"two\nlines\"\nNEW='it is \"so\" $HOME'\nEMPTY=\n");
    let run = env(&test_env, &["push", "new.env", "--prune=all", "--yes", "--debug", "-o", "json"]).code(0);
    let writes: Vec<&str> = run.stderr.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    let writes: Vec<&str> = writes.into_iter().filter(|request| !request.starts_with("GET ")).collect();
    let [together, deletions @ ..] = writes.as_slice() else { panic!("{}", run.stderr) };
    assert!(together.starts_with("PATCH ") && together.contains("/environments/bulk.json"), "{together}");
    assert!(deletions.iter().all(|request| request.starts_with("DELETE ")), "{deletions:?}");
    assert!(deletions.iter().any(|request| request.contains("/environments/GOES.json")), "{deletions:?}");
    let done = run.json();
    assert_eq!(done[0]["finished_success"], true, "{done}");
    let now = variables(&test_env);
    let value = |key: &str| now.get(key).map(String::as_str);
    assert_eq!((value("OLD"), value("NEW")), (Some("two\nlines"), Some("it is \"so\" $HOME")));
    assert_eq!((value("EMPTY"), value("GOES")), (Some(""), None));
    let history = env(&test_env, &["history", "OLD", "--reveal", "-o", "json"]).code(0).stdout;
    assert!(history.contains("\"1\""), "{history}");
    // An input that is agreed to fail fails, with a message.
    write(&test_env, "new.env", "OLD=fail\nNEW=2\n");
    env(&test_env, &["push", "new.env", "--yes"]).code(5);
}

#[test]
fn an_invalid_file_changes_nothing() {
    let test_env = TestEnv::new();
    let before = variables(&test_env);
    for (text, said) in [
        ("A=1\nno assignment\n", "line 2"),
        ("A='open\n", "line 1"),
        ("A=1\nA=2\n", "line 2"),
        ("NEW=1\nSTACK_PATH=/elsewhere\n", "STACK_PATH"),
    ] {
        write(&test_env, "bad.env", text);
        let run = env(&test_env, &["push", "bad.env", "--yes", "-o", "json"]);
        assert!(matches!(run.code, 2 | 9), "{}", run.stderr);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{text}: {}", run.stderr);
    }
    write(&test_env, "bad.json", "{\"A\": [\"hidden-value\"]}");
    let run = env(&test_env, &["push", "bad.json", "--yes"]).code(2);
    assert!(!run.stderr.contains("hidden-value"), "{}", run.stderr);
    env(&test_env, &["push", "missing.env", "--yes"]).code(2);
    assert_eq!(variables(&test_env), before);
}

#[test]
fn any_variables_survive_push_and_pull() {
    let test_env = TestEnv::new();
    let odd: BTreeMap<String, String> = [
        ("QUOTES", "it's \"so\" `so`"),
        ("DOLLAR", "$HOME ${X} $(id)"),
        ("LINES", "-----BEGIN\nabc\\ndef\n-----END\n"),
        ("BLANKS", "  around\t"),
        ("HASH", "a #b"),
        ("CR", "a\rb\r\nc"),
        ("EMPTY", ""),
        ("UNICODE", "Grüße — 漢字 🙂"),
        ("EQUALS", "a=b==c"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    write(&test_env, "odd.json", &json!(odd).to_string());
    env(&test_env, &["push", "odd.json", "--yes"]).code(0);
    env(&test_env, &["pull", "odd.env"]).code(0);
    env(&test_env, &["unset", "QUOTES", "DOLLAR", "LINES", "BLANKS", "HASH", "CR", "UNICODE", "EQUALS", "--yes"])
        .code(0);
    env(&test_env, &["push", "odd.env", "--yes"]).code(0);
    let now = variables(&test_env);
    for (key, value) in &odd {
        assert_eq!(now.get(key), Some(value), "{key}");
    }
}

#[test]
fn rollback_restores_the_earlier_value() {
    let test_env = TestEnv::new();
    env(&test_env, &["set", "COLOUR=red", "--yes"]).code(0);
    env(&test_env, &["rollback", "COLOUR", "--yes"]).code(4);
    env(&test_env, &["set", "COLOUR=green", "--yes"]).code(0);
    env(&test_env, &["rollback", "COLOUR", "--yes"]).code(0);
    assert_eq!(env(&test_env, &["get", "COLOUR"]).code(0).stdout, "red\n");
    // Once more: the newest different value.
    env(&test_env, &["rollback", "COLOUR", "--yes"]).code(0);
    assert_eq!(env(&test_env, &["get", "COLOUR"]).code(0).stdout, "green\n");
    env(&test_env, &["rollback", "STACK_PATH", "--yes"]).code(9);
    env(&test_env, &["rollback", "COLOUR", "--entry", "99999", "--yes"]).code(4);
}

#[cfg(unix)]
#[test]
fn edit_sends_only_what_was_changed_in_the_editor() {
    let test_env = TestEnv::new();
    env(&test_env, &["set", "OLD=1", "--yes"]).code(0);
    let edit = |editor: &str, more: &[&str]| {
        let mut command = test_env.command();
        command.env("EDITOR", editor).args(["--sandbox", "env", "edit", "-s", STAGING]).args(more);
        finish(&mut command)
    };
    assert_eq!(edit("true", &["--yes"]).code(0).stdout, "Nothing to change.\n");
    edit("sh -c 'sed -i \"1iFRESH=2\" \"$0\"; sed -i /^OLD=/d \"$0\"'", &["--yes"]).code(0);
    let now = variables(&test_env);
    assert!(now.get("FRESH").is_some_and(|value| value == "2") && !now.contains_key("OLD"), "{now:?}");
    let run = edit("sh -c 'echo nonsense >> \"$0\"'", &["--yes"]);
    assert!(run.code != 0 && run.stderr.contains("your edit is in "), "{}", run.stderr);
    let kept = run.stderr.split("your edit is in ").nth(1).map(|path| path.trim().to_owned()).expect("a path");
    assert!(std::fs::read_to_string(&kept).is_ok_and(|text| text.contains("nonsense")));
    assert!(kept.starts_with(test_env.temporary().to_str().expect("UTF-8")), "{kept}");
    edit("false", &["--yes"]).code(2);
    // As in git: an empty or removed file changes nothing.
    for editor in ["truncate -s0", "rm -f", "sh -c 'echo > \"$0\"'"] {
        assert!(edit(editor, &["--yes"]).code(0).stdout.contains("nothing was changed"), "{editor}");
    }
    assert_eq!(variables(&test_env), now);
}

/// A server with or without the newer bulk call.
fn server(bulk_status: u16) -> (ScriptedServer, Arc<Mutex<Vec<String>>>) {
    let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&bodies);
    let server = ScriptedServer::replying(move |seen| {
        let ended =
            json!({ "id": 5, "action": "env-var", "finished_at": "2024-01-01T00:00:00Z", "finished_success": true });
        match (seen.method.as_str(), seen.path.as_str()) {
            ("PATCH", _) if bulk_status != 200 => refusal(bulk_status, "not_found", "there is no such path"),
            ("GET", path) if path.ends_with("environments") => {
                let changed = log.lock().expect("the log").iter().any(|body| body.starts_with("PATCH"));
                let (old, new) = if changed { ("changed-value", "fresh-value") } else { ("1", "") };
                let mut all = vec![json!({ "id": 1, "key": "OLD", "value": old, "readonly": false })];
                if changed {
                    all.push(json!({ "id": 2, "key": "NEW", "value": new, "readonly": false }));
                }
                list(&all)
            }
            ("PATCH" | "POST" | "PUT", path) => {
                log.lock().expect("the log").push(format!("{} {path} {}", seen.method, seen.body));
                good(&ended)
            }
            _ => good(&ended),
        }
    });
    (server, bodies)
}

#[test]
fn without_that_call_a_failure_says_what_was_done() {
    let server = ScriptedServer::replying(|seen| match seen.method.as_str() {
        "PATCH" => refusal(404, "not_found", "there is no such path"),
        "GET" => list(&[]),
        _ => good(&action(5, true, Some(!seen.body.contains("fail")), None)),
    });
    let run = TestEnv::new().against(&server.url, &["env", "set", "A=1", "B=fail", "C=3", "-s", UID, "--yes"]).code(5);
    assert!(run.stderr.contains("done before B: A") && run.stderr.contains("not sent: C"), "{}", run.stderr);
}

#[test]
fn several_changes_are_sent_in_one_request_where_the_server_supports_it() {
    for (status, calls) in [(200, 1), (404, 2), (405, 2)] {
        let test_env = TestEnv::new();
        write(&test_env, "new.env", "OLD=changed-value\nNEW=fresh-value\n");
        let (server, bodies) = server(status);
        let run = test_env
            .against(&server.url, &["env", "push", "new.env", "-s", UID, "--yes", "-o", "json", "--debug", "--debug"]);
        let run = run.code(0);
        assert!(!run.stderr.contains("changed-value"), "{}", run.stderr);
        let bodies = bodies.lock().expect("the log").clone();
        assert_eq!(bodies.len(), calls, "{status}: {bodies:?}");
        assert!(bodies.concat().contains("changed-value") && bodies.concat().contains("fresh-value"));
        if status == 200 {
            let body: Value = bodies[0]
                .split_once(' ')
                .and_then(|(_, rest)| serde_json::from_str(rest.split_once(' ')?.1).ok())
                .expect("JSON");
            assert_eq!(body["environments_format"], "json");
            let contents: Value = serde_json::from_str(body["contents"].as_str().expect("text")).expect("JSON");
            assert_eq!(contents, json!({ "OLD": "changed-value", "NEW": "fresh-value" }));
        }
    }
}
