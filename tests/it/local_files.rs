//! Local files in unusual states: left by a killed run, locked, not regular files, too many, too large, or created under
//! a mask without permissions.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::backups::left_in;
use crate::support::process::{self, Running};
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::{Run, TestEnv, finish};

const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// The program with these arguments, in a shell that first sets a limit or a mask.
fn under(test_env: &TestEnv, script: &str, arguments: &[&str]) -> Run {
    run_under(test_env.command().args(arguments), script)
}

fn run_under(command: &Command, script: &str) -> Run {
    let mut shell = process::command("sh");
    shell.env_clear().current_dir(command.get_current_dir().expect("a folder"));
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let script = format!("{script}; exec \"$0\" \"$@\"");
    finish(shell.args(["-c", &script]).arg(command.get_program()).args(command.get_args()))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

fn make_pipe(path: &Path) {
    finish(process::command("mkfifo").arg(path)).code(0);
}

#[test]
fn what_a_killed_run_left_of_a_secret_goes_with_the_next_run() {
    let test_env = TestEnv::new();
    fs::create_dir(test_env.home().join("config")).expect("a folder");
    for (target, words) in [
        ("key.pem", &["servers", "key", "caribou", "-s", STACK, "--out", "key.pem"][..]),
        ("shop.env", &["env", "pull", "shop.env", "-s", STACK]),
        ("config/config.toml", &["config", "set", "stack", "shop"]),
        (".c66.toml", &["link", "awesome-app@staging"]),
        ("sandbox.json", &["env", "set", "A=b", "-s", STACK, "--yes"]),
    ] {
        let left = test_env.home().join(format!("{target}.c66-new"));
        fs::write(&left, "half a secret").expect("a file");
        test_env.sandbox(words).code(0);
        assert!(!left.exists() && test_env.home().join(target).exists(), "{words:?}");
    }
    let left: Vec<String> = left_in(test_env.home()).into_iter().filter(|name| name != ".cache").collect();
    assert_eq!(left, [".c66.toml", "key.pem", "shop.env"]);
    assert_eq!(left_in(&test_env.home().join("config")), ["config.toml", "config.toml.lock"]);
}

#[test]
fn the_draft_of_a_killed_edit_goes_with_the_next_one() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["config", "set", "stack", "shop"]).code(0);
    for (words, folder) in [
        (&["config", "edit"][..], test_env.home().join("config")),
        (&["env", "edit", "-s", STACK, "--yes"], test_env.temporary()),
        (&["config-files", "edit", "nginx", "-s", "awesome-app@production"], test_env.temporary()),
    ] {
        let (opened, go) = (test_env.home().join("opened"), test_env.home().join("go"));
        let (_, _) = (fs::remove_file(&opened), fs::remove_file(&go));
        // As vi does, it replaces the file; then it stays open until the test says so, or ends with its folder.
        let editor = format!(
            "f() {{ cp \"$1\" \"$1.new\" && mv \"$1.new\" \"$1\" && : > {0}; \
             while test -e {0} && ! test -e {1}; do sleep 0.02; done; }}; f",
            opened.display(),
            go.display()
        );
        let mut command = test_env.command();
        command.env("EDITOR", editor).arg("--sandbox").args(words);
        let mut killed = Running::start(&mut command);
        killed.run_until("the editor is open", || opened.exists());
        let drafts = || left_in(&folder).into_iter().filter(|name| name.starts_with(".c66-edit-")).count();
        // A second run leaves the draft of one that is still alive.
        let finish_edit = || finish(test_env.command().env("EDITOR", "true").arg("--sandbox").args(words)).code(0);
        finish_edit();
        assert_eq!(drafts(), 1, "{words:?}");
        killed.kill();
        assert_eq!(drafts(), 1, "{words:?}");
        finish_edit();
        assert_eq!(drafts(), 0, "{words:?}");
        fs::write(&go, "").expect("a file");
    }
}

#[test]
fn what_only_has_that_name_is_neither_followed_nor_removed() {
    let test_env = TestEnv::new();
    let precious = test_env.home().join("precious");
    fs::write(&precious, "precious").expect("a file");
    let in_the_way = test_env.home().join("key.pem.c66-new");
    let key = ["servers", "key", "caribou", "-s", STACK, "--out", "key.pem"];
    symlink(&precious, &in_the_way).expect("a link");
    let run = test_env.sandbox(&key).code(2);
    assert!(run.stderr.contains("key.pem.c66-new is in the way"), "{}", run.stderr);
    fs::remove_file(&in_the_way).expect("a link");
    make_pipe(&in_the_way);
    test_env.sandbox(&key).code(2);
    assert_eq!(fs::read_to_string(&precious).expect("the file"), "precious");
    assert!(!test_env.home().join("key.pem").exists());
}

#[test]
fn a_killed_run_leaves_nothing_for_good() {
    let test_env = TestEnv::new();
    let mut moments = fastrand::Rng::with_seed(7);
    for number in 0..20 {
        let stack = format!("stack-{number}");
        let running = Running::start(test_env.command().args(["config", "set", "stack", &stack]));
        // It must work at any moment.
        std::thread::sleep(Duration::from_micros(moments.u64(0..20_000)));
        running.signal(rustix::process::Signal::KILL);
        running.output();
    }
    test_env.run(&["config", "set", "stack", "shop"]).code(0);
    assert_eq!(left_in(&test_env.home().join("config")), ["config.toml", "config.toml.lock"]);
}

/// Takes the lock as another run does.
fn hold(path: &Path) -> fs::File {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let mut file = fs::File::create(path).expect("a file");
    file.lock().expect("a lock");
    writeln!(file, "{}", std::process::id()).expect("a number");
    file
}

#[test]
fn a_held_lock_is_told_of_and_given_up() {
    for (lock, words) in [
        ("config/config.toml.lock", &["config", "set", "stack", "shop"][..]),
        ("sandbox.json.lock", &["--sandbox", "stacks", "list"]),
        ("sandbox.json.lock", &["sandbox", "reset"]),
    ] {
        let test_env = TestEnv::new();
        let path = test_env.home().join(lock);
        let held = hold(&path);
        let began = Instant::now();
        let run = test_env.run(&[words, &["--http-timeout", "1500ms"]].concat()).code(2);
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let holder = format!("process {}", std::process::id());
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert!(lines[0].starts_with(&format!("warning: waiting for {holder}")), "{}", run.stderr);
        assert!(lines[0].ends_with(&format!(", which holds {}", path.display())), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("cause: {holder}")) && run.stderr.contains("--http-timeout"));
        drop(held);
        let run = test_env.run(words).code(0);
        assert!(!run.stderr.contains("waiting for process"), "{}", run.stderr);
    }
}

#[test]
fn a_lock_that_is_let_go_is_taken() {
    let test_env = TestEnv::new();
    let held = hold(&test_env.home().join("config/config.toml.lock"));
    let mut running = Running::start(test_env.command().args(["config", "set", "stack", "shop"]));
    running.wait_for_line("waiting for process ");
    drop(held);
    running.end().code(0);
    assert!(test_env.config_text().contains("shop"));
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    for (place, words) in [
        ("config/config.toml", &["config", "list"][..]),
        ("config/config.toml", &["config", "set", "stack", "shop"]),
        ("config/config.toml.lock", &["config", "set", "stack", "shop"]),
        (".cloud66/cx.json", &["auth", "login", "--from-cx"]),
        ("sandbox.json", &["--sandbox", "stacks", "list"]),
        ("sandbox.json.lock", &["--sandbox", "stacks", "list"]),
        ("field", &["--sandbox", "api", "POST", "/stacks", "-F", "x=@field"]),
        ("field", &["--sandbox", "redeploy", "--stacks-from", "field"]),
        ("field", &["--sandbox", "env", "set", "A=@field", "-s", "awesome-app@staging"]),
        ("field", &["--sandbox", "env", "push", "field", "-s", "awesome-app@staging"]),
    ] {
        for kind in ["pipe", "/dev/zero"] {
            let test_env = TestEnv::new();
            let path = test_env.home().join(place);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            if kind == "pipe" {
                make_pipe(&path);
            } else {
                symlink(kind, &path).expect("a link");
            }
            let run = test_env.run(words);
            assert_eq!(run.code, 2, "{kind} {words:?}: {}", run.stderr);
            assert!(run.stderr.contains("not a regular file"), "{kind} {words:?}: {}", run.stderr);
            // Neither an editor nor a new state would help.
            assert!(!run.stderr.contains("edit") && !run.stderr.contains("reset"), "{words:?}: {}", run.stderr);
        }
    }
}

#[test]
fn what_a_shell_has_opened_is_read() {
    let test_env = TestEnv::new();
    let script = "exec 3<<'END'\n[profiles.default]\nstack = 'shop'\nEND\ntrue";
    let run = under(&test_env, &format!("export C66_CONFIG=/dev/fd/3; {script}"), &["config", "get", "stack"]).code(0);
    assert_eq!(run.stdout, "shop\n");
    finish(test_env.command().env("C66_CONFIG", "/dev/null").args(["config", "list"])).code(0);
}

#[test]
fn too_few_open_files_are_an_error_and_no_defect() {
    for limit in 5..=24 {
        for words in [&["config", "list"][..], &["--sandbox", "stacks", "list", "--http-timeout", "2s"]] {
            let test_env = TestEnv::new();
            let run = under(&test_env, &format!("ulimit -n {limit}"), words);
            assert!(!run.stderr.contains("defect") && !run.stderr.contains("panicked"), "{limit}: {}", run.stderr);
            // With less, the loader cannot load the program.
            if limit > 5 {
                assert!([0, 2, 8].contains(&run.code), "{limit} {words:?}: {} {}", run.code, run.stderr);
            }
            if (6..9).contains(&limit) {
                assert!(run.stderr.contains("hint: allow more open files"), "{limit}: {}", run.stderr);
            }
        }
    }
}

#[test]
fn a_file_that_may_not_grow_is_an_error() {
    for words in [&["config", "set", "stack", &"x".repeat(2000)][..], &["--sandbox", "stacks", "list"]] {
        let run = under(&TestEnv::new(), "ulimit -f 1", words).code(2);
        assert!(run.stderr.contains("File too large"), "{words:?}: {}", run.stderr);
    }
    for more in [&[][..], &["--extract"]] {
        let test_env = TestEnv::new();
        let served = ServedSandbox::start(&test_env, &[]);
        let command = served.command(&test_env, &[&["backups", "download", "5", "-s", STACK], more].concat());
        let run = run_under(&command, "ulimit -f 100").code(2);
        assert!(run.stderr.contains("File too large"), "{more:?}: {}", run.stderr);
        let expected: &[&str] = if more.is_empty() { &["backup-5.tar.part", "backup-5.tar.part.journal"] } else { &[] };
        assert_eq!(left_in(test_env.home()), expected);
    }
}

#[test]
fn a_mask_that_leaves_nothing_leaves_the_owner_what_is_needed() {
    let test_env = TestEnv::new();
    for words in [
        &["config", "set", "stack", "shop"][..],
        &["--sandbox", "servers", "key", "caribou", "-s", STACK, "--out", "key.pem"],
        &["--sandbox", "env", "pull", "shop.env", "-s", STACK],
        &["--sandbox", "backups", "download", "4", "-s", STACK, "--dir", "saved/deep", "--sha256"],
        &["--sandbox", "backups", "download", "4", "-s", STACK, "--dir", "restored/deep", "--extract"],
        &["--sandbox", "link", "awesome-app@staging"],
    ] {
        let run = under(&test_env, "umask 777", words);
        assert_eq!(run.code, 0, "{words:?}: {}", run.stderr);
    }
    for (name, expected) in [
        ("config/config.toml", 0o600),
        ("config/config.toml.lock", 0o600),
        ("config", 0o700),
        ("sandbox.json", 0o600),
        ("sandbox.json.lock", 0o600),
        ("key.pem", 0o600),
        ("shop.env", 0o600),
        ("saved", 0o700),
        ("saved/deep", 0o700),
        ("saved/deep/backup-4.tar", 0o600),
        ("saved/deep/backup-4.tar.sha256", 0o600),
        ("restored/deep", 0o700),
        ("restored/deep/dump.sql", 0o600),
        (".c66.toml", 0o600),
    ] {
        assert_eq!(mode(&test_env.home().join(name)), expected, "{name}");
    }
}
