//! A machine that means no good: what a cloned repository brings, folders of others, a home that is none, a locale that
//! is not UTF-8.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::world::{World, finish};

/// The project file as a name that is none of a file of text.
fn project_file(world: &World) -> std::path::PathBuf {
    world.home().join(".c66.toml")
}

fn make_pipe(path: &std::path::Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo runs");
    assert!(made.success());
}

#[test]
fn a_project_file_that_never_begins_or_never_ends_is_refused_at_once() {
    for device in ["pipe", "/dev/zero", "/dev/stdin", "/proc/self/mem"] {
        let world = World::new();
        let path = project_file(&world);
        if device == "pipe" {
            make_pipe(&path)
        } else {
            symlink(device, &path).expect("a link")
        }
        let run = world.run(&["config", "get", "stack"]).code(2);
        let expected = format!("error: cannot read {}\n  cause: ", path.display());
        assert!(run.stderr.starts_with(&expected), "{device}: {}", run.stderr);
    }
    let world = World::new();
    fs::write(project_file(&world), "#".repeat(2 << 20)).expect("a file");
    let run = world.run(&["config", "get", "stack"]).code(2);
    assert!(run.stderr.contains("it is larger than 1 MiB"), "{}", run.stderr);
}

#[test]
fn files_of_cx_and_git_that_never_begin_or_end_are_passed_over() {
    for name in [".cx.yml", ".git"] {
        for device in ["pipe", "/dev/zero"] {
            let world = World::new();
            let path = world.home().join(name);
            if device == "pipe" {
                make_pipe(&path)
            } else {
                symlink(device, &path).expect("a link")
            }
            let run = world.sandbox(&["services", "list"]).code(2);
            assert!(run.stderr.starts_with("error: which stack? None was named"), "{name}: {}", run.stderr);
        }
    }
}

#[test]
fn what_a_project_file_says_steers_no_terminal() {
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
        let world = World::new();
        fs::write(project_file(&world), &text).expect("a file");
        let run = world.sandbox(&["services", "list"]);
        let harmful = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!run.stderr.contains(harmful), "{text}: {:?}", run.stderr);
        assert!(run.stderr.starts_with("error: ") || run.stderr.starts_with("warning: "), "{text}: {}", run.stderr);
    }
}

#[test]
fn a_link_in_a_repository_does_not_choose_which_file_is_written() {
    let world = World::new();
    let target = world.home().join("profile.sh");
    symlink(&target, project_file(&world)).expect("a link");
    for words in [&["link", "awesome-app@staging"][..], &["unlink"]] {
        for text in [None, Some("")] {
            if let Some(text) = text {
                fs::write(&target, text).expect("a file");
            }
            let run = world.sandbox(words).code(2);
            assert!(run.stderr.contains("is a symbolic link and is not written"), "{}", run.stderr);
            assert_eq!(fs::read_to_string(&target).ok().as_deref(), text);
        }
        fs::remove_file(&target).expect("it is there");
    }
}

#[test]
fn a_project_file_turns_no_question_off() {
    let world = World::new();
    let text =
        "stack = \"awesome-app\"\nenvironment = \"production\"\nyes = true\nno_input = false\nassume_yes = true\n";
    fs::write(project_file(&world), text).expect("a file");
    let run = world.sandbox(&["stacks", "restart"]).code(2);
    assert!(run.stderr.contains("this needs a yes"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("is ignored").count(), 3, "{}", run.stderr);
    let unchanged = finish(world.command().args(["--sandbox", "actions", "list", "--json"])).code(0);
    assert!(!unchanged.stdout.contains("\"finished_at\": null"), "{}", unchanged.stdout);
}
