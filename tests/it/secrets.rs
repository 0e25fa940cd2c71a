//! An audit of every command in every format at every debug level: secrets appear on stdout where they are asked for
//! and nowhere else.

use std::fmt::Write as _;
use std::process::Command;

use c66::testing::OutputFormat;
use c66::testing::SandboxOptions;

use crate::support::command_lines::{CALLS, CLOUDMC_READS, ENV_FILE, GROUP, WRITES, leaves};
use crate::support::sandbox::{AWESOME, CARIBOU, Sandbox};
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT, Run, TOKEN, TestEnv, finish, finish_with_input};

const P: &str = "awesome-app@production";
const S: &str = "awesome-app@staging";

/// The stacks of the tables.
const UIDS: [(&str, &str); 2] = [(P, "5999b763474b0eafa5fafb64bff0ba80"), (S, "3ff47eaa901ee0d1cda6fa9283b3e618")];

/// The current and a previous value of a password.
const PASSWORDS: [&str; 2] = ["canary-password-of-today", "canary-password-of-yesterday"];
/// A stored token, which the one in the environment overrides.
const STORED_TOKEN: &str = "canary-token-in-the-file";
/// The value of every secret in the table of writes.
const WRITTEN: &str = "hush-hush";
/// The signature in the address of a backup.
const SIGNATURE: &str = "Signature=";

/// A program without input that always succeeds.
const QUIET: &str = if cfg!(windows) { "whoami" } else { "true" };

/// Command lines that the other tables lack, or that show secrets only with other arguments.
const OTHERS: &[&[&str]] = &[
    &["actions", "wait", "10", "-s", P],
    &["stacks", "open", "--print", "-s", P],
    &["deployments", "wait", "107", "-s", P],
    &["env", "get", "POSTGRESQL_PASSWORD", "-s", P],
    &["env", "list", "--reveal", "-s", P],
    &["config-store", "list", "--reveal", "-s", P],
    &["config-store", "get", "smtp.password", "-s", P],
    &["databases", "show", "awesome_app", "-s", P],
    &["databases", "users", "list", "--reveal", "-s", P],
    &["env", "list", "--columns", "key,value,history", "-s", P],
    &["env", "history", "POSTGRESQL_PASSWORD", "-s", P],
    &["cloudmc", "tasks", "show", "00000000-0000-0000-0000-000000000000"],
    &["cloudmc", "tasks", "wait", "00000000-0000-0000-0000-000000000000"],
    &["wait", "stack", P, "--for", "health=healthy"],
    &["limits"],
    &["status"],
    &["doctor"],
    &["link", P],
    &["unlink"],
    &["profiles", "show", "default"],
    &["env", "pull", "pulled.env", "--force", "-s", P],
    &["env", "diff", ENV_FILE, "-s", P],
    &["env", "run", "-s", P, "--", QUIET],
    &["servers", "key", "caribou", "--force", "-s", P],
    &["servers", "key", "caribou", "--out", "-", "-s", P],
    &["clouds", "regions", "digitalocean"],
    &["clouds", "sizes", "digitalocean"],
    &["devices", "list", "--user", "18"],
    &["backups", "download", "4", "--force", "-s", P],
    &["api", "GET", "/stacks/{stack}/environments", "-s", P],
    &["auth", "status"],
    &["auth", "token"],
    &["config", "list", "--show-origin"],
    &["config", "get", "output"],
    &["config", "set", "stack", P],
    &["config", "unset", "stack"],
    &["config", "path"],
    &["config-files", "pull", "nginx", "pulled.conf", "--force", "-s", P],
    &["config-files", "diff", "nginx", "pulled.conf", "-s", P],
    &["failover-groups", "wait", GROUP],
    &["servers", "register"],
    &["ssh", "caribou", "-s", P, "--dry-run"],
    &["ssh", "config", "-s", P],
    &["ssh", "known"],
    &["run", "--server", "caribou", "-s", P, "--dry-run", "--", "ls"],
    &["tail", "caribou", "production.log", "-s", P, "--dry-run"],
    &["tunnel", "caribou", "5432", "-s", P, "--dry-run"],
    &["upload", "caribou", ENV_FILE, "-s", P, "--dry-run"],
    &["download", "caribou", "/tmp/x", ".", "-s", P, "--dry-run"],
    &["cp", "caribou:/tmp/x", ".", "-s", P, "--dry-run"],
    &["alias", "set", "recent", "limits"],
    &["alias", "list"],
    &["alias", "remove", "recent"],
    &["profiles", "list"],
    &["profiles", "use", "default"],
    &["completions", "bash"],
    &["man", "auth", "login"],
    &["help", "environment"],
    &["sandbox", "status"],
    &["sandbox", "reset"],
    &["sandbox", "run", "--", QUIET],
    &["auth", "login", "--with-token"],
    &["auth", "logout"],
];

/// These need a terminal, a server, or do not end by themselves. `sandbox serve` prints its token first, as documented.
const NOT_RUN: &[&str] = &[
    "sandbox serve",
    "config edit",
    "profiles rename",
    "profiles remove",
    "cloudmc login",
    "cloudmc logout",
    "ssh proxy",
    "ssh forget",
];

/// One machine with one sandbox, for all command lines in one format.
struct Place {
    test_env: TestEnv,
    sandbox: Sandbox,
    format: &'static str,
    private_key: String,
}

impl Place {
    fn new(format: &'static str) -> Self {
        let sandbox = Sandbox::start(SandboxOptions { speed: 10_000.0, ..SandboxOptions::default() });
        for value in PASSWORDS.iter().rev() {
            let body = format!("value={value}");
            let reply = sandbox.call("PUT", &format!("{AWESOME}/environments/POSTGRESQL_PASSWORD"), &body);
            let action = reply.response();
            sandbox.finished(AWESOME, &action);
        }
        let server = sandbox.get(&format!("{AWESOME}/servers/{CARIBOU}?include_private_key=1"));
        let key = server["ssh_private_key"].as_str().expect("a key");
        let private_key = key.lines().nth(2).expect("a line of the key").to_owned();
        assert!(private_key.len() > 30, "{key}");
        let test_env = TestEnv::with_config(&format!("[profiles.default]\ntoken = \"{STORED_TOKEN}\"\n"));
        Self { test_env, sandbox, format, private_key }
    }

    fn command(&self, line: &[&str], debug: &str) -> Command {
        let mut command = self.test_env.command();
        command
            .env("C66_API_URL", format!("http://{}", self.sandbox.address))
            .env("C66_TOKEN", TOKEN)
            .env("CLOUDMC_ENDPOINT", format!("http://{}{CLOUDMC_ROOT}", self.sandbox.address))
            .env("CLOUDMC_API_KEY", CLOUDMC_KEY)
            .env("C66_OUTPUT", self.format)
            .env("C66_DEBUG", debug)
            // A UID needs no list of stacks; looking up names would be most of the work.
            .args(line.iter().map(|word| UIDS.iter().find(|(name, _)| name == word).map_or(*word, |(_, uid)| uid)));
        if WRITES.contains(&line) {
            command.arg("--yes");
        }
        command
    }

    /// Runs a line at each debug level; returns every secret where it must not be.
    fn try_out(&self, line: &[&str]) -> String {
        let mut faults = String::new();
        for debug in ["0", "1", "2"] {
            let mut command = self.command(line, debug);
            let run = match line.last() {
                Some(&"--with-token") => finish_with_input(&mut command, TOKEN),
                _ => finish(&mut command),
            };
            // 1 is a bug, and with 2 nothing was tried.
            if [1, 2].contains(&run.code) {
                let _ = writeln!(
                    faults,
                    "{line:?} as {} ends with {}: {}",
                    self.format,
                    run.code,
                    run.stderr.lines().last().unwrap_or_default()
                );
            }
            self.search(line, debug, &run, &mut faults);
        }
        faults
    }

    fn search(&self, line: &[&str], debug: &str, run: &Run, faults: &mut String) {
        let [today, yesterday] = PASSWORDS;
        let in_json = ["json", "jsonl", "yaml"].contains(&self.format);
        let is = |words: &[&str]| line.starts_with(words);
        let shows_passwords =
            (in_json && is(&["env"])) || is(&["env", "get"]) || line.contains(&"--reveal") || is(&["api", "GET"]);
        // The reply may repeat what was sent, and JSON shows it as it came; a device is named by its token.
        let shows_written = (in_json && is(&["notifications", "update"])) || is(&["devices"]) || is(&["api"]);
        for (secret, may_be_shown) in [
            (TOKEN, is(&["auth", "token"])),
            (STORED_TOKEN, false),
            (today, shows_passwords),
            (yesterday, shows_passwords),
            (self.private_key.as_str(), line.contains(&"--out")),
            (WRITTEN, shows_written),
            (SIGNATURE, is(&["backups"])),
        ] {
            for (stream, text, may_be_shown) in [("stdout", &run.stdout, may_be_shown), ("stderr", &run.stderr, false)]
            {
                if !may_be_shown && text.contains(secret) {
                    let _ = writeln!(faults, "{line:?} as {} with debug {debug}: {secret} on {stream}", self.format);
                }
            }
        }
    }
}

/// Every command line with what it may show: reads first, so that writes do not affect them.
fn lines() -> Vec<&'static [&'static str]> {
    let mut lines: Vec<&[&str]> = OTHERS[..OTHERS.len() - 2].to_vec();
    lines.extend(CLOUDMC_READS);
    let paths: Vec<Vec<String>> = leaves().into_iter().map(|(path, _)| path).collect();
    let starts = |line: &[&str], path: &[String]| path.iter().zip(line).all(|(word, typed)| word == typed);
    let writes = |line: &[&str]| {
        let path = paths.iter().find(|path| starts(line, path)).expect("a command");
        WRITES.iter().any(|write| starts(write, path))
    };
    lines.extend(CALLS.iter().copied().filter(|line| !writes(line)));
    lines.extend(WRITES);
    // Last: it removes the login.
    lines.extend(&OTHERS[OTHERS.len() - 2..]);
    lines
}

#[test]
fn secrets_appear_only_where_the_contract_allows() {
    let lines = lines();
    let faults: String = std::thread::scope(|scope| {
        let runs: Vec<_> = OutputFormat::ALL
            .iter()
            .map(|(format, _)| {
                let lines = &lines;
                scope.spawn(move || {
                    let place = Place::new(format);
                    lines.iter().map(|line| place.try_out(line)).collect::<String>()
                })
            })
            .collect();
        runs.into_iter().map(|run| run.join().expect("the audit of a format")).collect()
    });
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_audit_runs_every_command() {
    let lines = lines();
    let missing: Vec<String> = leaves()
        .into_iter()
        .filter(|(path, command)| {
            let words: Vec<&str> = path.iter().map(String::as_str).collect();
            let run = lines.iter().any(|line| line.starts_with(&words));
            !run && !command.is_hide_set() && !NOT_RUN.contains(&words.join(" ").as_str())
        })
        .map(|(path, _)| path.join(" "))
        .collect();
    assert!(missing.is_empty(), "the audit lacks {missing:#?}");
}

#[test]
fn the_audit_finds_the_secrets_that_may_be_shown() {
    let place = Place::new("json");
    let shown = |line: &[&str]| finish(&mut place.command(line, "2")).code(0).stdout;
    assert!(shown(&["auth", "token"]).contains(TOKEN));
    assert!(PASSWORDS.iter().all(|value| shown(&["env", "list", "-s", P]).contains(value)));
    assert!(shown(&["servers", "key", "caribou", "--out", "-", "-s", P]).contains(&place.private_key));
    assert!(shown(&["backups", "url", "4", "-s", P]).contains(SIGNATURE));
    assert!(shown(&["env", "list", "-s", S, "-o", "table"]).contains("KEY"));
}

#[test]
fn a_token_that_the_server_repeats_is_shown_only_as_data_of_a_machine_format() {
    use crate::support::replies::{UID, action, good, list, refusal};
    use crate::support::scripted_server::ScriptedServer;
    use serde_json::json;

    /// The environment of `TestEnv::against`.
    const TOKEN: &str = "test-token-0123456789";

    let said = format!("your token is {TOKEN}");
    let server = {
        let said = said.clone();
        ScriptedServer::replying(move |seen| match (seen.method.as_str(), seen.path.rsplit('/').next()) {
            ("GET", Some("stacks")) => list(&[json!({ "uid": UID, "name": "shop", "environment": "staging" })]),
            ("GET", Some("actions")) => list(&[action(7, true, Some(true), Some(&said))]),
            ("GET", Some("7")) => good(&action(7, true, Some(true), Some(&said))),
            ("POST", Some("firewalls")) => good(&json!({ "ok": true, "message": said })),
            ("POST", _) => refusal(400, "bad", &said),
            _ => good(&json!({ "uid": UID, "name": said, "environment": "staging" })),
        })
    };
    let test_env = TestEnv::new();
    std::fs::write(test_env.home().join("stacks"), UID).expect("a file");
    let bulk: &[&str] = &["stacks", "restart", "--stacks-from", "stacks", "--yes"];
    let firewall: &[&str] = &["firewall", "add", "--from-ip", "10.0.0.1", "--port", "22", "-s", UID, "--yes"];
    for words in [
        bulk,
        firewall,
        &["stacks", "show", UID],
        &["actions", "show", "7", "-s", UID],
        &["actions", "list", "-s", UID],
    ] {
        for format in ["table", "wide"] {
            let run = test_env.against(&server.url, &[words, &["-o", format]].concat());
            assert!(
                !run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN),
                "{words:?}: {}{}",
                run.stdout,
                run.stderr
            );
        }
    }
    // Our own messages must hide it in any format; the server's reply is data.
    for format in ["json", "csv"] {
        let run = test_env.against(&server.url, &[bulk, &["-o", format]].concat()).code(9);
        assert!(run.stdout.contains("[redacted]") && !run.stdout.contains(TOKEN), "{}", run.stdout);
    }
    let shown = test_env.against(&server.url, &["actions", "show", "7", "-s", UID, "-o", "json"]).code(0);
    assert!(shown.stdout.contains(TOKEN), "{}", shown.stdout);
}
