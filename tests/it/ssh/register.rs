//! The command that registers a server of one's own.

use serde_json::json;

use crate::support::replies::{good, list, refusal};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{TestEnv, finish};

const SCRIPT: &str = "curl -s https://app.example.com/registrations/new | sudo bash -s hush-hush-token";

fn api(accounts: &'static [u64]) -> ScriptedServer {
    ScriptedServer::replying(move |seen| {
        let account = |id: u64| json!({ "id": id, "owner": "test@example.com", "server_registration_script": SCRIPT });
        match seen.path.strip_prefix("/accounts") {
            Some("") => list(&accounts.iter().map(|id| account(*id)).collect::<Vec<_>>()),
            Some("/139") => good(&account(139)),
            _ => refusal(404, "not_found", "No such account."),
        }
    })
}

#[test]
fn the_command_is_masked_unless_asked_for_and_never_run() {
    let (test_env, api) = (TestEnv::new(), api(&[139]));
    for (flags, is_shown) in [
        (&[][..], false),
        (&["-o", "wide"], false),
        (&["-o", "csv"], false),
        (&["--debug", "--debug"], false),
        (&["--reveal"], true),
        (&["-o", "json"], true),
    ] {
        let run = test_env.against(&api.url, &[&["servers", "register"], flags].concat()).code(0);
        assert_eq!(run.stdout.contains("hush-hush-token"), is_shown, "{flags:?}: {}", run.stdout);
        assert!(!run.stderr.contains("hush-hush-token"), "{flags:?}: {}", run.stderr);
    }
    let revealed = test_env.against(&api.url, &["servers", "register", "--reveal"]).code(0);
    assert_eq!(revealed.stdout, format!("{SCRIPT}\n"));
}

#[test]
fn the_command_is_masked_in_lists_of_accounts() {
    let (test_env, api) = (TestEnv::new(), api(&[139]));
    for words in [&["accounts", "list"], &["accounts", "show", "139"] as &[&str]] {
        for flags in [
            &["--columns", "server_registration_script"][..],
            &["--columns", "id,server_registration_script", "-o", "csv"],
            &["-o", "wide"],
            &["--debug", "--debug"],
        ] {
            let run = test_env.against(&api.url, &[words, flags].concat()).code(0);
            assert!(!run.stdout.contains("hush-hush"), "{words:?} {flags:?}: {}", run.stdout);
            assert!(!run.stderr.contains("hush-hush"), "{words:?} {flags:?}: {}", run.stderr);
        }
        let run = test_env.against(&api.url, &[words, &["-o", "json"]].concat()).code(0);
        assert!(run.stdout.contains("hush-hush-token"), "{}", run.stdout);
    }
    let sandboxed = test_env.sandbox(&["servers", "register", "--reveal"]).code(0);
    assert!(sandboxed.stdout.contains("/registrations/new | sudo bash -s "), "{}", sandboxed.stdout);
}

#[test]
fn several_accounts_are_told_apart_and_read_only_mode_refuses() {
    let (test_env, api) = (TestEnv::new(), api(&[138, 139]));
    let run = test_env.against(&api.url, &["servers", "register"]).code(2);
    assert!(run.stderr.contains("--account"), "{}", run.stderr);
    test_env.against(&api.url, &["servers", "register", "--account", "139"]).code(0);
    let mut command = test_env.command();
    command.env("C66_READ_ONLY", "1").env("C66_API_URL", &api.url).env("C66_TOKEN", "test-token-0123456789");
    let run = finish(command.args(["servers", "register", "-o", "json"])).code(2);
    assert_eq!(run.json_error()["code"], "read_only");
}
