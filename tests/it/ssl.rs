//! `c66 ssl`.

use std::fs;

use serde_json::{Value, json};

use crate::support::command_lines::{CERTIFICATE, CERTIFICATE_FILE, KEY_FILE};
use crate::support::replies::{UID, good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish_with_input};

const STAGING: &str = "awesome-app@staging";
const PRODUCTION: &str = "awesome-app@production";

/// Text that only these two files contain.
const CONTENT: &str = "hush-hush";

fn ssl(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["ssl"], arguments, &["-s", STAGING]].concat())
}

/// The domains of the certificates in a list.
fn domains(run: &Run) -> Vec<String> {
    let items = run.json();
    let names = items.as_array().expect("a list").iter().map(|item| item["server_names"].as_str().unwrap_or_default());
    names.map(str::to_owned).collect()
}

#[test]
fn certificates_are_listed_and_shown() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["ssl", "list", "-s", PRODUCTION]).code(0);
    for expected in ["UUID", "SERVER NAMES", CERTIFICATE, "www.fyp111.co", "Installed", "2023-04-26T09:24:32Z"] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
    let run = test_env.sandbox(&["ssl", "show", CERTIFICATE, "-s", PRODUCTION]).code(0);
    assert!(run.stdout.contains("Let's Encrypt") && run.stdout.contains("pp-ticker-prod-cllaz"), "{}", run.stdout);
    let run = ssl(&test_env, &["list", "--filter", "type=manual", "-o", "json"]).code(0);
    assert_eq!(domains(&run), ["intern.awesome-app.example"]);
    ssl(&test_env, &["show", "ssl-1"]).code(4);
}

#[test]
fn expiring_certificates_are_listed_alone_and_checked() {
    let test_env = TestEnv::new();
    for (within, expected) in [("30d", 1), ("1d", 0), ("400d", 2)] {
        let plain = ssl(&test_env, &["list", "--expiring", within, "-o", "json"]).code(0);
        assert_eq!(domains(&plain).len(), expected, "{within}");
        let code = if expected > 0 { 11 } else { 0 };
        let checked = ssl(&test_env, &["list", "--expiring", within, "--check", "-o", "json"]).code(code);
        assert_eq!(checked.stdout, plain.stdout, "{within}");
    }
    // Expired certificates count, and the other list options apply too.
    test_env.sandbox(&["ssl", "list", "--expiring", "1d", "--check", "-s", PRODUCTION]).code(11);
    let filtered = ["list", "--expiring", "30d", "--check", "--filter", "type=manual"];
    assert!(ssl(&test_env, &filtered).code(0).stderr.contains("no SSL certificates"));
    assert_eq!(ssl(&test_env, &["list", "--expiring", "400d", "--limit", "1", "-o", "name"]).stdout.lines().count(), 1);
    let run = ssl(&test_env, &["list", "--check"]).code(2);
    assert!(run.stderr.contains("--expiring"), "{}", run.stderr);
}

#[test]
fn a_certificate_without_a_date_does_not_expire() {
    let dates = [Value::Null, json!("2020-01-01T00:00:00Z"), json!("9999-12-31T00:00:00Z")];
    let items = dates.map(|date| json!({ "uuid": format!("ssl-{date}"), "server_names": "a", "expires_at": date }));
    let server = ScriptedServer::replying(move |_| list(&items));
    let run =
        TestEnv::new().against(&server.url, &["ssl", "list", "--expiring", "30d", "-o", "name", "-s", UID]).code(0);
    assert_eq!(run.stdout, "ssl-\"2020-01-01T00:00:00Z\"\n");
}

#[test]
fn a_certificate_is_added_changed_and_removed() {
    let test_env = TestEnv::new();
    let added =
        ssl(&test_env, &["add", "--type", "lets-encrypt", "--server-names", "a.example, b.example", "-o", "json"])
            .code(0);
    let added = added.json();
    assert_eq!((&added["server_names"], &added["ssl_termination"]), (&json!("a.example,b.example"), &json!(false)));
    let uuid = added["uuid"].as_str().expect("a UUID");
    assert_eq!(domains(&ssl(&test_env, &["list", "-o", "json"])).len(), 3);

    let run = ssl(&test_env, &["update", uuid, "--ssl-termination"]).code(0);
    assert!(run.stderr.contains(&format!("ssl show {uuid} -s ")), "{}", run.stderr);
    let shown = ssl(&test_env, &["show", uuid, "-o", "json"]).code(0).json();
    assert_eq!((&shown["server_names"], &shown["ssl_termination"]), (&json!("a.example,b.example"), &json!(true)));
    let files = ["--type", "manual", "--cert", CERTIFICATE_FILE, "--key", KEY_FILE];
    ssl(&test_env, &[&["update", uuid][..], &files].concat()).code(0);
    // Its files are present now.
    ssl(&test_env, &["update", uuid, "--domain", "c.example", "--ssl-termination=false"]).code(0);
    let shown = ssl(&test_env, &["show", uuid, "-o", "json"]).code(0).json();
    assert_eq!(
        [&shown["type"], &shown["server_names"], &shown["key"]],
        [&json!("manual"), &json!("c.example"), &Value::Null]
    );

    let refused = ssl(&test_env, &["remove", uuid, "--no-input", "-o", "json"]).code(2);
    assert_eq!(refused.json_error()["code"], "confirmation_needed");
    ssl(&test_env, &["remove", uuid, "--yes"]).code(0);
    ssl(&test_env, &["show", uuid]).code(4);
}

#[test]
fn an_update_sends_the_whole_certificate() {
    let current = json!({
        "uuid": "ssl-1", "type": "lets_encrypt", "server_names": "*.a.example", "ssl_termination": true, "wildcard": true,
        "dns_provider_uuid": "dp-1", "certificate": null, "key": null,
    });
    let server = ScriptedServer::replying(move |_| good(&current));
    let test_env = TestEnv::new();
    for (arguments, expected) in [
        (
            &["--server-names=*.b.example"][..],
            json!({ "type": "lets_encrypt", "server_names": "*.b.example", "ssl_termination": true, "wildcard": true,
                    "dns_provider_uuid": "dp-1" }),
        ),
        (
            &["--wildcard=false", "--ssl-termination=false"],
            json!({ "type": "lets_encrypt", "server_names": "*.a.example", "ssl_termination": false, "wildcard": false }),
        ),
        (
            &["--type=manual", "--certificate", CERTIFICATE_FILE, "--key", KEY_FILE],
            json!({ "type": "manual", "server_names": "*.a.example", "ssl_termination": true,
                    "certificate": fs::read_to_string(CERTIFICATE_FILE).expect("a file"),
                    "key": fs::read_to_string(KEY_FILE).expect("a file") }),
        ),
    ] {
        test_env.against(&server.url, &[&["ssl", "update", "ssl-1", "-s", UID, "--yes"], arguments].concat()).code(0);
        let seen = server.seen();
        let sent = seen.last().expect("a request");
        assert_eq!(sent.method, "PUT");
        let body: Value = serde_json::from_str(&sent.body).expect("JSON");
        assert_eq!(body, json!({ "ssl_certificate": expected }), "{arguments:?}");
    }
}

#[test]
fn an_update_sends_no_guess_of_what_the_api_leaves_out() {
    let server = ScriptedServer::replying(|_| good(&json!({ "uuid": "ssl-1", "server_names": "a.example" })));
    let test_env = TestEnv::new();
    let update = ["ssl", "update", "ssl-1", "--server-names=b.example", "-s", UID, "--yes"];
    let run = test_env.against(&server.url, &update).code(8);
    assert!(run.stderr.contains("--ssl-termination"), "{}", run.stderr);
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
}

#[test]
fn certificates_and_keys_are_never_shown() {
    let test_env = TestEnv::new();
    let add =
        ["add", "--type=manual", "--server-names=a.example", "--certificate", CERTIFICATE_FILE, "--key", KEY_FILE];
    for more in [&["--dry-run"][..], &["--yes"]] {
        for format in ["table", "json", "csv"] {
            let run = ssl(&test_env, &[&add[..], more, &["--debug", "--debug", "-o", format]].concat()).code(0);
            assert!(!run.stdout.contains(CONTENT) && !run.stderr.contains(CONTENT), "{run:?}");
        }
    }
    let preview = ssl(&test_env, &[&add[..], &["--dry-run", "-o", "json"]].concat()).json();
    let fields = &preview["body"]["ssl_certificate"];
    assert_eq!((&fields["type"], &fields["key"]), (&json!("manual"), &json!("[redacted]")));
    // Not in a server's reply either.
    let server =
        ScriptedServer::replying(|seen| (400, json!({ "error": "bad_request", "details": seen.body }).to_string()));
    let line = [&["ssl"], &add[..], &["-s", UID, "--yes", "--debug", "--debug"]].concat();
    let run = test_env.against(&server.url, &line).code(9);
    assert!(!run.stdout.contains(CONTENT) && !run.stderr.contains(CONTENT), "{run:?}");
}

#[test]
fn a_file_may_come_from_stdin() {
    let test_env = TestEnv::new();
    let key = fs::read_to_string(KEY_FILE).expect("a file");
    let mut command = test_env.command();
    command.args(["--sandbox", "ssl", "add", "--type=manual", "--server-names=a.example", "-s", STAGING]);
    command.args(["--certificate", CERTIFICATE_FILE, "--key", "-"]);
    finish_with_input(&mut command, &key).code(0);
}

#[test]
fn invalid_certificates_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    let manual = ["add", "--type=manual", "--server-names=a.example"];
    let lets_encrypt = ["add", "--type=lets-encrypt", "--server-names=a.example"];
    for (base, arguments, said) in [
        (&manual[..], &["--certificate", "nosuch.pem", "--key", KEY_FILE][..], "cannot read nosuch.pem"),
        (&manual, &["--certificate", "-", "--key", "-"], "stdin can be used for one file only"),
        (&manual, &["--certificate", KEY_FILE, "--key", KEY_FILE], "it contains a private key"),
        (&manual, &["--certificate", CERTIFICATE_FILE, "--key", CERTIFICATE_FILE], "it contains no PEM private key"),
        (&manual, &["--certificate", CERTIFICATE_FILE], "needs --certificate FILE and --key FILE"),
        (&manual, &["--wildcard", "--certificate", CERTIFICATE_FILE, "--key", KEY_FILE], "for --type lets-encrypt"),
        (&lets_encrypt, &["--key", KEY_FILE], "takes no files"),
        (&lets_encrypt, &["--wildcard"], "needs --dns-provider"),
        (&["add", "--type=lets-encrypt", "--server-names=,"], &[], "missing --server-names"),
        (&["update", "ssl-1"], &[], "nothing to change"),
        (&["add", "--type=other", "--server-names=a"], &[], "lets-encrypt"),
    ] {
        let run = ssl(&test_env, &[base, arguments, &["--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{base:?} {arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("> ") && !run.stderr.contains(CONTENT), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_lost_reply_names_the_command_that_shows_the_certificate() {
    let server = ScriptedServer::replying(|_| (502, String::new()));
    let test_env = TestEnv::new();
    for (arguments, look) in [
        (&["remove", "ssl-1"][..], format!("ssl list -s {UID}")),
        (&["add", "--type=lets-encrypt", "--server-names=a.example"], format!("ssl list -s {UID}")),
    ] {
        let run = test_env.against(&server.url, &[&["ssl"], arguments, &["-s", UID, "--yes"]].concat());
        assert!(run.code != 0 && run.stderr.contains(&look), "{arguments:?}: {}", run.stderr);
    }
}
