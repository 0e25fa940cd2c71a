//! Text from the API that tries to forge a question, run in a shell or choose a path.

use std::fs;

use serde_json::{Value, json};

use crate::support::process;
use crate::support::pty::{Terminal, lines};
use crate::support::replies::{UID, action, good, list, refusal};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{TestEnv, finish};

/// Line breaks that forge a line, a title, a cleared screen, a line that reads backwards.
const HARM: &str = "shop\r\n::set-output name=a::b\nIt is safe. Go on? [y/N] \u{1b}]0;t\u{7}\u{1b}[2J\u{9b}1A\u{202e}";

fn hostile_stack() -> Value {
    json!({ "uid": UID, "name": HARM, "environment": "production", "git": HARM, "git_branch": HARM, "health": HARM,
        "fqdn": HARM, "status": 1 })
}

/// A terminal on which this command runs against the server.
fn terminal(test_env: &TestEnv, server: &ScriptedServer, words: &[&str]) -> Terminal {
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789").args(words);
    Terminal::start(command, 200)
}

#[track_caller]
fn assert_harmless(seen: &str) {
    for harm in ["\u{1b}]0", "\u{1b}[2J", "\u{9b}", "\u{202e}", "\u{7}"] {
        assert!(!seen.contains(harm), "{}", seen.escape_debug());
    }
    let forged = |line: &String| line.starts_with("::set-output") || line.starts_with("It is safe");
    assert!(!lines(seen).iter().any(forged), "{:#?}", lines(seen));
}

#[test]
fn a_stack_name_cannot_forge_a_question() {
    for words in [
        &["stacks", "restart", "-s", UID][..],
        &["redeploy", "-s", UID],
        &["env", "set", "A=1", "-s", UID],
        &["env", "unset", HARM, "-s", UID],
        &["settings", "set", "a", "1", "-s", UID],
        &["services", "stop", "web", "-s", UID],
        &["firewall", "add", "--from-ip", "10.0.0.1", "--port", "22", "-s", UID],
    ] {
        let test_env = TestEnv::new();
        let server = ScriptedServer::replying(|seen| match seen.path.rsplit('/').next() {
            Some("stacks" | "environments" | "settings" | "services") => {
                list(&[json!({ "uid": UID, "id": 1, "key": HARM, "name": HARM, "value": HARM })])
            }
            Some(UID) => good(&hostile_stack()),
            _ => good(&json!({ "uid": UID, "name": "web", "key": "a", "value": HARM, "containers": [] })),
        });
        let mut terminal = terminal(&test_env, &server, words);
        terminal.expect("?");
        terminal.press("n\n");
        let (code, seen) = terminal.end();
        assert_harmless(&seen);
        assert!(matches!(code, 2 | 4 | 8 | 9 | 10), "{words:?}: {code}\n{seen}");
        assert!(server.seen().iter().all(|seen| seen.method == "GET"), "{words:?}: {:?}", server.lines());
    }
}

#[test]
fn a_stack_name_cannot_forge_a_choice() {
    let test_env = TestEnv::new();
    let server = ScriptedServer::replying(|_| list(&[hostile_stack(), json!({ "uid": "b", "name": "other" })]));
    let mut terminal = terminal(&test_env, &server, &["services", "list"]);
    terminal.expect("Which stack?");
    assert_harmless(&terminal.seen());
    terminal.press("\n");
    let (code, seen) = terminal.end();
    assert_eq!(code, 10, "{seen}");
    assert!(lines(&seen).iter().any(|line| line.starts_with("1  shop\\r\\n::set-output")), "{:#?}", lines(&seen));
}

#[test]
fn text_shown_while_waiting_is_sanitized() {
    let test_env = TestEnv::new();
    let server = ScriptedServer::replying(|seen| {
        if seen.path.ends_with(UID) {
            return good(&hostile_stack());
        }
        let mut shown = action(7, true, Some(false), Some(HARM));
        shown["action"] = HARM.into();
        shown["resource_type"] = HARM.into();
        good(&shown)
    });
    let (code, seen) = terminal(&test_env, &server, &["actions", "wait", "7", "-s", UID]).end();
    assert_eq!(code, 5, "{seen}");
    assert_harmless(&seen);
    let refusing = ScriptedServer::replying(|_| refusal(400, HARM, HARM));
    let (code, seen) = terminal(&test_env, &refusing, &["stacks", "list"]).end();
    assert_eq!(code, 9, "{seen}");
    assert!(!seen.contains("\u{1b}[2J") && !seen.contains('\u{9b}') && !seen.contains('\u{202e}'), "{seen}");
}

/// Forges lines of c66, and commands of four CI systems.
const FORGED: &str =
    "no\nerror: forged\r\n::add-mask::x\n##[error]forged ##vso[task.complete]\n##teamcity[x]\u{9b}\u{202e}";

fn assert_no_line_is_forged(stderr: &str) {
    for line in stderr.lines() {
        let start = line.trim_start();
        assert!(
            !start.starts_with("::")
                || line.starts_with("::error title=c66::")
                || line.starts_with("::group::")
                || line == "::endgroup::",
            "{line}"
        );
        assert!(!start.starts_with("error: forged"), "{stderr}");
    }
    for harm in ["##[", "##vso[", "##teamcity[", "\u{9b}", "\u{202e}"] {
        assert!(!stderr.contains(harm), "{stderr}");
    }
}

#[test]
fn text_of_the_api_forges_no_line_of_a_log() {
    for more in [&[] as &[&str], &["--ci", "github"], &["-o", "json"], &["--debug", "--debug"]] {
        let test_env = TestEnv::new();
        let failing = ScriptedServer::replying(|seen| {
            if seen.path.ends_with(UID) {
                return good(&json!({ "uid": UID, "name": FORGED, "environment": "staging" }));
            }
            let mut shown = action(7, true, Some(false), Some(FORGED));
            shown["action"] = FORGED.into();
            good(&shown)
        });
        let run = test_env.against(&failing.url, &[&["actions", "wait", "7", "-s", UID], more].concat()).code(5);
        assert_no_line_is_forged(&run.stderr);
        let refusing = ScriptedServer::replying(|_| refusal(400, FORGED, FORGED));
        let run = test_env.against(&refusing.url, &[&["stacks", "list"], more].concat()).code(9);
        assert_no_line_is_forged(&run.stderr);
        if more.contains(&"json") {
            assert!(
                run.json_error().to_string().contains("##vso[task.complete]"),
                "it is the same text: {}",
                run.stderr
            );
        }
        let naming =
            ScriptedServer::replying(|_| list(&[json!({ "uid": UID, "name": FORGED, "environment": "staging" })]));
        let run = test_env.against(&naming.url, &[&["stacks", "show", "shop"], more].concat()).code(4);
        assert_no_line_is_forged(&run.stderr);
    }
    let server = ScriptedServer::replying(|_| list(&[json!({ "uid": UID, "name": FORGED, "environment": FORGED })]));
    let test_env = TestEnv::new();
    for format in ["table", "yaml"] {
        let run = test_env.against(&server.url, &["stacks", "list", "-o", format, "--columns", "name,uid"]).code(0);
        assert!(!run.stdout.contains(['\u{9b}', '\u{202e}']), "{}", run.stdout);
        assert!(format == "yaml" || !run.stdout.contains("##["), "{}", run.stdout);
    }
}

#[test]
fn a_value_is_sanitized_on_a_terminal_and_unchanged_in_a_pipe() {
    let test_env = TestEnv::new();
    let server = ScriptedServer::replying(|_| list(&[json!({ "key": "A", "value": HARM, "is_password": false })]));
    let words = ["env", "get", "A", "-s", UID];
    assert_eq!(test_env.against(&server.url, &words).code(0).stdout, format!("{HARM}\n"));
    let (code, seen) = terminal(&test_env, &server, &words).end();
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("\\u{1b}]0;t"), "{}", seen.escape_debug());
    assert!(!seen.contains('\u{9b}') && !seen.contains('\u{1b}'), "{}", seen.escape_debug());
}

#[test]
fn a_pulled_shell_file_cannot_run_commands() {
    for name in
        ["A;touch ran;B", "A=$(touch ran) B", "$(touch ran)", "`touch ran`", "A\ntouch ran\nB", "-x", "A b", "A'", ""]
    {
        let test_env = TestEnv::new();
        let name = name.to_owned();
        let server = ScriptedServer::replying(move |_| list(&[json!({ "key": name, "value": "x" })]));
        for format in ["shell", "dotenv"] {
            let run = test_env.against(&server.url, &["env", "pull", "-s", UID, "--format", format]);
            assert_ne!(run.code, 0, "{}", run.stdout);
            assert_eq!(run.stdout, "");
            assert!(run.stderr.lines().all(|line| !line.starts_with("touch")), "{}", run.stderr);
        }
    }
    let values =
        ["'; touch ran; '", "$(touch ran)", "`touch ran`", "'\"'\"'$(touch ran)", "\n touch ran\n", "\\'; touch ran #"];
    let test_env = TestEnv::new();
    let variables: Vec<Value> =
        values.iter().enumerate().map(|(at, value)| json!({ "key": format!("K{at}"), "value": value })).collect();
    let server = ScriptedServer::replying(move |_| list(&variables));
    for format in ["shell", "dotenv"] {
        let run = test_env.against(&server.url, &["env", "pull", "-s", UID, "--format", format]).code(0);
        fs::write(test_env.home().join("script"), run.stdout).expect("a file");
        let printed = values.iter().enumerate().map(|(at, _)| format!("\"$K{at}\"")).collect::<Vec<_>>().join(" ");
        let mut shell = process::command("sh");
        shell.current_dir(test_env.home()).args(["-c", &format!(". ./script; printf '%s|' {printed}")]);
        let run = finish(&mut shell).code(0);
        assert!(!test_env.home().join("ran").exists(), "{format}");
        assert_eq!(run.stdout, values.map(|value| format!("{value}|")).concat(), "{format}");
    }
}

#[test]
fn names_from_the_api_cannot_choose_a_path() {
    for name in ["../../evil", "/etc/evil", "..\\..\\evil", "C:\\evil", "CON", "\u{202e}gpj.exe", "a\0b", "-rf", ""] {
        let test_env = TestEnv::new();
        let inside = test_env.home().join("inside");
        fs::create_dir(&inside).expect("a folder");
        let name = name.to_owned();
        let server = ScriptedServer::replying(move |seen| match seen.path.rsplit('/').next() {
            Some("servers") => list(&[json!({ "uid": "s1", "name": name, "ssh_private_key": "key" })]),
            Some("ssh_private_key") => good(&json!({ "ok": true, "private_key": "key" })),
            _ => good(&json!({ "uid": "s1", "name": name, "ssh_private_key": "key" })),
        });
        let mut command = test_env.command();
        command.current_dir(&inside).env("C66_API_URL", &server.url).env("C66_TOKEN", "test-token-0123456789");
        let run = finish(command.args(["servers", "key", "s1", "-s", UID]));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let made: Vec<_> =
            fs::read_dir(&inside).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
        assert_eq!(made, ["s1.pem"]);
        assert_eq!(fs::read_dir(test_env.home()).expect("a folder").count(), 1);
    }
}

#[test]
fn backups_are_not_fetched_from_internal_or_non_http_addresses() {
    for address in [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/f",
        "ftp://example.com/f",
        "file:///etc/passwd",
        "//evil/f",
        "/etc/passwd",
        "https://user:password@",
        "javascript:alert(1)",
        "",
    ] {
        let test_env = TestEnv::new();
        let server = ScriptedServer::replying(move |seen| match seen.path.rsplit('/').next() {
            Some("files") => list(&[json!({ "id": 1, "name": "tar" })]),
            Some("1") => good(&json!({ "id": 1, "public_url": address })),
            _ => good(&json!({ "id": 4, "file_size": 3, "file_base": "../../x" })),
        });
        let run = test_env.against(&server.url, &["backups", "download", "4", "-s", UID]);
        assert_eq!(run.code, 8, "{address}: {}", run.stderr);
        assert_eq!(fs::read_dir(test_env.home()).expect("a folder").count(), 0, "{address}");
    }
}

#[test]
fn csv_cells_that_look_like_formulas_are_kept_unchanged_in_their_row() {
    let server = ScriptedServer::replying(|_| list(&[json!({ "uid": "=cmd|' /C calc'!A0", "name": "@x,\"\r\n=1+1" })]));
    let list = |format: &str| {
        let words = ["stacks", "list", "--columns", "uid,name", "--no-headers", "-o", format];
        TestEnv::new().against(&server.url, &words).code(0).stdout
    };
    assert_eq!(list("csv"), "=cmd|' /C calc'!A0,\"@x,\"\"\\r\\n=1+1\"\n");
    assert_eq!(list("tsv"), "=cmd|' /C calc'!A0\t@x,\"\\\\r\\\\n=1+1\n".replace("\\\\", "\\"));
}

#[test]
fn files_with_hostile_names_are_not_offered() {
    let test_env = TestEnv::new();
    for name in ["good.env", "bad\n$(touch ran)", "tab\tnote", "escape\u{1b}[2J"] {
        fs::write(test_env.home().join(name), "").expect("a file");
    }
    let mut command = test_env.command();
    command.env("COMPLETE", "bash").env("COMPLETE_INDEX", "3").args(["--", "c66", "env", "push", ""]);
    assert_eq!(finish(&mut command).code(0).stdout, "good.env\n");
}
