//! A malicious repository: its project file, links, pipes and folders.

use crate::support::process;
use crate::support::test_env::{TestEnv, finish};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// A project file that is not a text file.
fn project_file(test_env: &TestEnv) -> PathBuf {
    test_env.home().join(".c66.toml")
}

fn make_pipe(path: &Path) {
    finish(process::command("mkfifo").arg(path)).code(0);
}

/// A pipe without a writer, or a link to a device, where a text file is expected.
fn make(kind: &str, path: &Path) {
    if kind == "pipe" {
        make_pipe(path);
    } else {
        symlink(kind, path).expect("a link");
    }
}

#[test]
fn a_project_file_that_is_a_pipe_or_a_device_is_rejected_at_once() {
    for device in ["pipe", "/dev/zero", "/dev/stdin", "/proc/self/mem"] {
        let test_env = TestEnv::new();
        let path = project_file(&test_env);
        make(device, &path);
        let run = test_env.run(&["config", "get", "stack"]).code(2);
        let expected = format!("error: cannot read {}\n  cause: ", path.display());
        assert!(run.stderr.starts_with(&expected), "{device}: {}", run.stderr);
    }
    let test_env = TestEnv::new();
    fs::write(project_file(&test_env), "#".repeat(2 << 20)).expect("a file");
    let run = test_env.run(&["config", "get", "stack"]).code(2);
    assert!(run.stderr.contains("larger than 1 MiB"), "{}", run.stderr);
}

#[test]
fn cx_and_git_files_that_are_pipes_or_devices_are_ignored() {
    for name in [".cx.yml", ".git"] {
        for device in ["pipe", "/dev/zero"] {
            let test_env = TestEnv::new();
            let path = test_env.home().join(name);
            make(device, &path);
            let run = test_env.sandbox(&["services", "list"]).code(2);
            assert!(run.stderr.starts_with("error: no stack specified"), "{name}: {}", run.stderr);
        }
    }
}

#[test]
fn text_from_a_project_file_is_sanitized() {
    let harm = r"\u001b]0;title\u0007\u001b[2J\u202e\u009b1A";
    for text in [
        format!("\"{harm}\" = 1\n"),
        format!("output = \"{harm}\"\n"),
        format!("profile = \"{harm}\"\n"),
        format!("stack = \"{harm}\"\n"),
        format!("stack = [\"{harm}\"]\n"),
        format!("[\"{harm}\"]\ntoken = 1\n"),
        "stack = \"\u{1b}[2J\"\n".to_owned(),
    ] {
        let test_env = TestEnv::new();
        fs::write(project_file(&test_env), &text).expect("a file");
        let run = test_env.sandbox(&["services", "list"]);
        let harmful = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!run.stderr.contains(harmful), "{text}: {:?}", run.stderr);
        assert!(run.stderr.starts_with("error: ") || run.stderr.starts_with("warning: "), "{text}: {}", run.stderr);
    }
}

#[test]
fn a_symbolic_link_does_not_choose_which_file_is_written() {
    let test_env = TestEnv::new();
    let target = test_env.home().join("profile.sh");
    symlink(&target, project_file(&test_env)).expect("a link");
    for words in [&["link", "awesome-app@staging"][..], &["unlink"]] {
        for text in [None, Some("")] {
            if let Some(text) = text {
                fs::write(&target, text).expect("a file");
            }
            let run = test_env.sandbox(words).code(2);
            assert!(run.stderr.contains("is a symbolic link and is not written"), "{}", run.stderr);
            assert_eq!(fs::read_to_string(&target).ok().as_deref(), text);
        }
        fs::remove_file(&target).expect("it is there");
    }
}

#[test]
fn a_project_file_cannot_turn_confirmations_off() {
    let test_env = TestEnv::new();
    let text =
        "stack = \"awesome-app\"\nenvironment = \"production\"\nyes = true\nno_input = false\nassume_yes = true\n";
    fs::write(project_file(&test_env), text).expect("a file");
    let run = test_env.sandbox(&["stacks", "restart"]).code(2);
    assert!(run.stderr.contains("refusing to"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("is ignored").count(), 3, "{}", run.stderr);
    let unchanged = finish(test_env.command().args(["--sandbox", "actions", "list", "--json"])).code(0);
    assert!(!unchanged.stdout.contains("\"finished_at\": null"), "{}", unchanged.stdout);
}

#[test]
fn a_relative_home_does_not_load_a_configuration() {
    let test_env = TestEnv::new();
    let folder = test_env.home().join("home/.config/c66");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), "[profiles.default]\ntoken_command = [\"touch\", \"ran\"]\n")
        .expect("a file");
    let mut command = test_env.command();
    command.env("HOME", "home").env_remove("C66_CONFIG_DIR").env("C66_API_URL", "http://127.0.0.1:1");
    finish(command.args(["stacks", "list"])).code(3);
    assert!(!test_env.home().join("ran").exists());
}

#[test]
fn a_download_does_not_write_through_a_symbolic_link() {
    const DOWNLOAD: [&str; 6] = ["backups", "download", "4", "-s", "awesome-app@production", "--out"];
    for (link, code) in [("b.tar", 2), ("b.tar.part", 2), ("b.tar.part.journal", 0), ("b.tar.sha256", 0)] {
        let test_env = TestEnv::new();
        let precious = test_env.home().join("precious");
        fs::write(&precious, "precious").expect("a file");
        symlink(&precious, test_env.home().join(link)).expect("a link");
        test_env.sandbox(&[&DOWNLOAD[..], &["b.tar", "--sha256"]].concat()).code(code);
        assert_eq!(fs::read_to_string(&precious).expect("it is there"), "precious", "{link}");
    }
    let test_env = TestEnv::new();
    let precious = test_env.home().join("precious");
    fs::write(&precious, "precious").expect("a file");
    symlink(&precious, test_env.home().join("b.tar")).expect("a link");
    test_env.sandbox(&[&DOWNLOAD[..], &["b.tar", "--force"]].concat()).code(0);
    assert_eq!(fs::read_to_string(&precious).expect("it is there"), "precious", "the link itself is replaced");
    make_pipe(&test_env.home().join("c.tar.part.journal"));
    test_env.sandbox(&[&DOWNLOAD[..], &["c.tar"]].concat()).code(0);
}
