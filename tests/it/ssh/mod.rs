//! Logging in to servers: with an ssh that writes down its arguments, and with the real one where it is installed.

mod arguments;
mod dry_runs;
mod keys;
mod kubernetes;
mod reaching;
mod real;
mod real_files;
mod real_tools;
mod register;
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::replies::{UID, action, good, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TestEnv, finish};

/// The server of the tests.
pub const SERVER: &str = "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4";
/// A container on it.
pub const CONTAINER: &str = "cba44fa6e5d2cba44fa6e5d2cba44fa6e5d2cba44fa6e5d2cba44fa6e5d2cba4";
/// What a private key looks like.
pub const KEY: &str =
    "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VudGluZWwtb2YtdGhlLXByaXZhdGUta2V5\n-----END OPENSSH PRIVATE KEY-----";
/// A host key for `ssh` to have seen, and its fingerprint by `ssh-keygen -l`.
pub const HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFV6c9X7Vv9cY6n0Gx0m1z7bqg8wqzq1m1QZ0y1mWq3k";

/// An API on this machine with servers on this machine.
pub struct World {
    pub test_env: TestEnv,
    pub api: ScriptedServer,
    pub port: u16,
}

/// A server as the API shows it.
pub fn server(uid: &str, name: &str, user: &str, roles: &[&str]) -> Value {
    json!({
        "uid": uid, "name": name, "address": "127.0.0.1", "user_name": user, "server_roles": roles,
        "health_state": 3, "stack_uid": UID,
    })
}

impl World {
    /// One server, `Web One`, whose SSH server would be on that port.
    pub fn new(port: u16, user: &str, key: &str) -> Self {
        Self::with_servers(port, vec![server(SERVER, "Web One", user, &["web", "docker"])], key)
    }

    pub fn with_servers(port: u16, servers: Vec<Value>, key: &str) -> Self {
        let key = key.to_owned();
        let api = ScriptedServer::replying(move |seen| answer(seen, &servers, &key));
        let test_env = TestEnv::new();
        std::fs::create_dir(test_env.home().join("run")).expect("a folder");
        Self { test_env, api, port }
    }

    /// The program against that API.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.test_env.command();
        command
            .env("C66_API_URL", &self.api.url)
            .env("C66_TOKEN", "test-token-0123456789")
            .env("C66_STACK", UID)
            .env("XDG_RUNTIME_DIR", self.runtime())
            .env("XDG_STATE_HOME", self.test_env.home().join("state"))
            .args(words);
        command
    }

    /// The same with a fake ssh that ends with `code`.
    pub fn fake(&self, words: &[&str], code: u8) -> Run {
        finish(self.fake_command(words).env("FAKE_EXIT", code.to_string()))
    }

    pub fn fake_command(&self, words: &[&str]) -> Command {
        let script = self.test_env.home().join("fake-ssh");
        std::fs::write(&script, FAKE_SSH).expect("a script");
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
        let mut command = self.command(words);
        command.env("C66_SSH", script).env("FAKE_LOG", self.log());
        command
    }

    fn log(&self) -> PathBuf {
        self.test_env.home().join("ssh.log")
    }

    /// The folder for keys in use.
    pub fn runtime(&self) -> PathBuf {
        self.test_env.home().join("run")
    }

    /// The file with the host keys of a server.
    pub fn known_hosts(&self, uid: &str) -> PathBuf {
        self.test_env.home().join("state/c66/known_hosts").join(uid)
    }

    /// The arguments of every run of the fake ssh that was a login.
    pub fn logins(&self) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let runs = text.split("\u{1}\n").filter(|run| !run.is_empty());
        let runs = runs.map(|run| run.trim_end_matches('\0').split('\0').map(str::to_owned).collect());
        let is_login = |words: &Vec<String>| words != &["-V"] && !words.iter().any(|word| word == COLLECTS);
        runs.filter(is_login).collect()
    }

    /// The private keys that are on disk now.
    pub fn keys_on_disk(&self) -> Vec<PathBuf> {
        files_below(&self.runtime()).into_iter().filter(|path| path.ends_with("key")).collect()
    }
}

/// What the first contact has among its arguments.
const COLLECTS: &str = "StrictHostKeyChecking=accept-new";

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Writes its arguments down. The first time it is asked, it shows a host key; then it shows the private key that it
/// was given, and ends as it is told.
const FAKE_SSH: &str = r#"#!/bin/sh
{ printf '%s\0' "$@"; printf '\001\n'; } >> "$FAKE_LOG"
for word; do
    case $word in
        UserKnownHostsFile=*) known=${word#*=} ;;
        HostKeyAlias=*) alias=${word#*=} ;;
        IdentityFile=*) key=${word#*=} ;;
        StrictHostKeyChecking=accept-new) first=yes ;;
    esac
done
if [ -n "$first" ]; then
    echo "$alias ssh-ed25519 ${FAKE_HOST_KEY:-AAAAC3NzaC1lZDI1NTE5AAAAIFV6c9X7Vv9cY6n0Gx0m1z7bqg8wqzq1m1QZ0y1mWq3k}" > "$known"
    echo 'Permission denied' >&2
    exit 255
fi
[ -n "$FAKE_SHOWS_KEY" ] && { ls -l "$key"; cat "$key"; }
[ -n "$FAKE_READS" ] && cat
[ -n "$FAKE_SIGNAL" ] && kill -"$FAKE_SIGNAL" $$
exit "${FAKE_EXIT:-0}"
"#;

fn answer(seen: &Seen, servers: &[Value], key: &str) -> (u16, String) {
    let stack = format!("/stacks/{UID}");
    let Some(path) = seen.path.strip_prefix(&stack) else { return refusal(404, "not_found", "No such thing.") };
    let is_kubernetes = servers.iter().any(|server| !server["is_kubernetes_master"].is_null());
    match (seen.method.as_str(), path) {
        ("GET", "") if is_kubernetes => good(&kubernetes::stack()),
        ("GET", "/containers") if is_kubernetes => list(&kubernetes::pods()),
        ("GET", "") => good(&json!({
            "uid": UID, "name": "Shop", "environment": "production", "deploy_directory": "/var/deploy/shop",
        })),
        ("GET", "/servers") => list(servers),
        ("GET", "/containers") => list(&[json!({
            "uid": CONTAINER, "name": "web", "server_uid": SERVER, "server_name": "Web One", "service_name": "web",
        })]),
        ("POST", "/firewalls") => good(&action(7, true, Some(true), None)),
        ("GET", path) => match servers.iter().find(|server| path == format!("/servers/{}", text(&server["uid"]))) {
            Some(server) if seen.query.contains("include_private_key=1") => {
                let mut server = server.clone();
                server["private_key"] = json!(key);
                good(&server)
            }
            Some(server) => good(server),
            None => refusal(404, "not_found", "No such server."),
        },
        _ => refusal(404, "not_found", "No such thing."),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
