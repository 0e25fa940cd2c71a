//! Files of other users, a missing home, names that are not UTF-8, odd locales and terminals, a wrong clock.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::process::Running;
use crate::support::pty::Terminal;
use crate::support::scripted_server::{ScriptedServer, Seen, reply, reply_with};
use crate::support::test_env::{TestEnv, finish};
use crate::support::tls::Identity;

/// A configuration whose profile gets its token from a program that leaves a trace.
fn with_token_command(test_env: &TestEnv) -> PathBuf {
    let path = test_env.config_file();
    let ran = test_env.home().join("ran");
    let text = format!("[profiles.default]\ntoken_command = [\"sh\", \"-c\", \"touch {}; echo t\"]\n", ran.display());
    fs::create_dir(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, text).expect("a file");
    set_mode(&path, 0o600);
    set_mode(path.parent().expect("a folder"), 0o700);
    ran
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn token_command_is_not_run_when_others_can_write_the_file() {
    let server = ScriptedServer::start(|_, _| reply(200, r#"{"response":[]}"#));
    for (file, folder, runs) in
        [(0o600, 0o700, true), (0o600, 0o1777, true), (0o602, 0o700, false), (0o600, 0o777, false)]
    {
        let test_env = TestEnv::new();
        let ran = with_token_command(&test_env);
        let path = test_env.config_file();
        set_mode(&path, file);
        set_mode(path.parent().expect("a folder"), folder);
        let run = finish(test_env.command().env("C66_API_URL", &server.url).args(["stacks", "list"]));
        assert_eq!(run.code, if runs { 0 } else { 2 }, "{file:o} {folder:o}: {}", run.stderr);
        assert_eq!(ran.exists(), runs, "{file:o} {folder:o}");
        if !runs {
            assert!(run.stderr.contains("is not run\n  cause: other users can "), "{}", run.stderr);
            assert!(run.stderr.contains("hint: chmod "), "{}", run.stderr);
            let told = test_env.run(&["config", "list"]).code(0);
            assert!(told.stderr.starts_with("warning: other users can "), "{}", told.stderr);
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is not tried here is said")]
fn a_configuration_owned_by_another_user_is_reported_and_runs_nothing() {
    const USER: u32 = 54_321;
    let test_env = TestEnv::new();
    let ran = with_token_command(&test_env);
    set_mode(test_env.home(), 0o777);
    let folder = test_env.config_file().with_file_name("");
    if std::os::unix::fs::chown(test_env.config_file(), Some(USER + 1), None).is_err() {
        eprintln!("skipped: only root can change the owner of a file");
        return;
    }
    set_mode(&test_env.config_file(), 0o604);
    set_mode(&folder, 0o755);
    let run = |words: &[&str]| {
        let mut command = test_env.command();
        command.uid(USER).gid(USER).env("C66_API_URL", "http://127.0.0.1:1").args(words);
        // That user may not be able to read the program itself.
        let child = command.stderr(Stdio::piped()).spawn().ok()?;
        Some(String::from_utf8_lossy(&Running::from(child).output().stderr).into_owned())
    };
    let Some(refused) = run(&["stacks", "list"]) else {
        eprintln!("the program cannot be run as another user here: not tried");
        return;
    };
    assert!(refused.contains("error: the token_command of profile \"default\" is not run"), "{refused}");
    assert!(!ran.exists());
    // It runs for its owner.
    std::os::unix::fs::chown(test_env.config_file(), Some(USER), None).expect("as before");
    set_mode(&test_env.config_file(), 0o600);
    assert!(!run(&["stacks", "list"]).expect("as before").contains("is not run"));
    assert!(ran.exists());
}

#[test]
#[expect(clippy::print_stderr, reason = "what is not tried here is said")]
fn root_runs_nothing_that_another_user_has_chosen() {
    const USER: u32 = 54_321;
    for which in ["the file", "its folder"] {
        let test_env = TestEnv::new();
        let ran = with_token_command(&test_env);
        let path = test_env.config_file();
        let given = if which == "the file" { path.as_path() } else { path.parent().expect("a folder") };
        if !rustix::process::geteuid().is_root() || std::os::unix::fs::chown(given, Some(USER), None).is_err() {
            eprintln!("skipped: only root can change the owner of a file");
            return;
        }
        let run = finish(test_env.command().env("C66_API_URL", "http://127.0.0.1:1").args(["stacks", "list"])).code(2);
        assert!(
            run.stderr.contains("is not run\n  cause: ") && run.stderr.contains("belongs to another user"),
            "{which}: {}",
            run.stderr
        );
        assert!(run.stderr.contains("hint: sudo chown 0 "), "{which}: {}", run.stderr);
        assert!(!ran.exists(), "{which}");
    }
}

#[test]
fn a_missing_home_is_reported_with_the_variable_to_set() {
    for (home, words, hint) in [
        ("/dev/null", &["config", "set", "stack", "x"][..], "C66_CONFIG"),
        ("/dev/null", &["--sandbox", "stacks", "list"], "C66_SANDBOX_STATE"),
        ("relative", &["config", "path"], "C66_CONFIG"),
        ("relative", &["--sandbox", "stacks", "list"], "C66_SANDBOX_STATE"),
    ] {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("HOME", home).env_remove("C66_CONFIG_DIR").env_remove("C66_SANDBOX_STATE").args(words);
        let run = finish(&mut command).code(2);
        assert!(run.stderr.contains(hint), "{home} {words:?}: {}", run.stderr);
        assert_eq!(fs::read_dir(test_env.home()).expect("a folder").count(), 0, "nothing is left lying about");
    }
}

#[test]
fn names_and_values_that_are_not_utf_8_are_handled() {
    let odd = OsStr::from_bytes(b"odd\xff");
    let test_env = TestEnv::new();
    let folder = test_env.home().join(odd);
    fs::create_dir(&folder).expect("a folder");
    let run = |words: &[&str], file: Option<&OsStr>| {
        let mut command = test_env.command();
        command.current_dir(&folder).env("C66_CONFIG_DIR", folder.join("config")).arg("--sandbox").args(words);
        finish(command.args(file)).code(0)
    };
    for words in [
        &["link", "awesome-app@staging", "--json"][..],
        &["unlink"],
        &["config", "path", "--json"],
        &["config", "set", "stack", "x"],
        &["config", "list", "--show-origin", "--json"],
        &["sandbox", "status", "--json"],
        &["profiles", "list", "--json"],
    ] {
        run(words, None);
    }
    for words in [
        &["env", "pull", "-s", "awesome-app@staging", "--json", "--force"][..],
        &["env", "push", "-s", "awesome-app@staging", "--yes", "--json"],
        &["env", "diff", "-s", "awesome-app@staging", "--json"],
        &["backups", "download", "4", "-s", "awesome-app@production", "--sha256", "--force", "--json", "-O"],
        &["servers", "key", "ibex", "-s", "awesome-app@production", "--force", "--json", "-O"],
    ] {
        run(words, Some(odd));
    }
    run(
        &["backups", "download", "4", "-s", "awesome-app@production", "--extract", "--json", "--dir"],
        Some(OsStr::from_bytes(b"d\xfe")),
    );
    for (name, value) in [("C66_STACK", odd), ("C66_TOKEN", odd), ("C66_OUTPUT", odd), ("C66_PROFILE", odd)] {
        let run = finish(test_env.command().env(name, value).args(["stacks", "list"])).code(2);
        assert_eq!(run.stderr, format!("error: the value of {name} is not valid UTF-8\n"));
    }
    for words in [&["stacks", "show"][..], &["--output"], &["env", "set", "-s", "x"]] {
        let run = finish(test_env.command().args(words).arg(odd)).code(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn locale_and_terminal_do_not_change_the_output() {
    let test_env = TestEnv::new();
    let said = |variables: &[(&str, &str)]| {
        let mut command = test_env.command();
        command.env_remove("TERM").envs(variables.iter().copied());
        let run = finish(command.args(["--sandbox", "stacks", "list", "--limit", "5"])).code(0);
        (run.stdout, run.stderr)
    };
    let plain = said(&[]);
    for variables in [
        &[("LANG", "C"), ("LC_ALL", "POSIX")][..],
        &[("LANG", "de_DE.ISO-8859-1")],
        &[("LC_ALL", "tr_TR.UTF-8")],
        &[("TERM", "")],
        &[("TERM", "no-such-terminal")],
        &[("TZ", "no/such/zone"), ("COLUMNS", "1"), ("LINES", "x")],
    ] {
        assert_eq!(said(variables), plain, "{variables:?}");
    }
}

#[test]
fn unknown_terminals_and_locales_are_handled() {
    let test_env = TestEnv::new();
    for (name, value) in [("TERM", ""), ("TERM", "no-such-terminal"), ("LC_ALL", "POSIX")] {
        let mut command = test_env.command();
        command.env(name, value).args(["--sandbox", "stacks", "list", "--limit", "2"]);
        let (code, seen) = Terminal::start(command, 100).end();
        assert!(code == 0 && seen.contains("Awesome App"), "{seen}");
    }
}

#[test]
fn requests_to_this_machine_bypass_the_proxy() {
    let test_env = TestEnv::new();
    let answer = |_: &Seen, _: usize| reply(200, r#"{"response":[]}"#);
    let (proxy, server) = (ScriptedServer::start(answer), ScriptedServer::start(answer));
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"] {
        let run = |more: &[&str]| {
            let mut command = test_env.command();
            command.env(name, &proxy.url).env("C66_API_URL", &server.url).env("C66_TOKEN", "canary");
            finish(command.args(more)).code(0)
        };
        run(&["stacks", "list"]);
        run(&["--sandbox", "stacks", "list", "--limit", "1"]);
    }
    assert_eq!((proxy.count(), server.count()), (0, 5));
}

#[test]
fn without_root_certificates_the_error_names_ca_cert() {
    let identity = Identity::issued_by("Acme Root", &["127.0.0.1"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = ScriptedServer::secure(listener, &identity, |_, _| reply(200, r#"{"response":[]}"#));
    for file in ["/dev/null", "/nonexistent/ca.pem"] {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", "/nonexistent").env("C66_TOKEN", "canary");
        let run = finish(command.env("C66_API_URL", &server.url).args(["stacks", "list"])).code(8);
        assert!(run.stderr.contains("SSL_CERT_FILE") && run.stderr.contains("--ca-cert"), "{file}: {}", run.stderr);
        assert_eq!(server.count(), 0);
    }
}

#[test]
fn a_clock_that_is_a_year_off_changes_no_result() {
    let test_env = TestEnv::new();
    for year in [1970, 2025, 2027, 2100] {
        let server = ScriptedServer::start(move |_, before| {
            let date = format!("01 Jan {year} 00:00:00 GMT");
            let headers = [("Date", date.as_str()), ("Retry-After", date.as_str())];
            let body = format!(r#"{{"response":[{{"uid":"a","last_activity":"{year}-01-01T00:00:00Z"}}]}}"#);
            reply_with(if before == 0 && year < 2026 { 503 } else { 200 }, &headers, &body)
        });
        let run = test_env.against(&server.url, &["stacks", "list", "-o", "csv", "--columns", "last_activity"]).code(0);
        assert_eq!(run.stdout, format!("last_activity\n{year}-01-01T00:00:00Z\n"));
    }
}
