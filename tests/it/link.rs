//! `c66 link` and `c66 unlink`: the stack of a folder.

use std::fs;
use std::path::Path;

use crate::support::test_env::{Run, TestEnv, finish};

fn in_folder(test_env: &TestEnv, folder: &Path, arguments: &[&str]) -> Run {
    finish(test_env.command().current_dir(folder).arg("--sandbox").args(arguments))
}

/// A folder below a checkout; its origin and branch are those of a stack of the sandbox.
fn checkout(test_env: &TestEnv) -> std::path::PathBuf {
    let git = test_env.home().join("code/.git");
    fs::create_dir_all(test_env.home().join("code/app/src")).expect("folders");
    fs::create_dir_all(&git).expect("a folder");
    fs::write(git.join("HEAD"), "ref: refs/heads/develop\n").expect("a file");
    let list = test_env.sandbox(&["stacks", "show", "awesome-app@staging", "--jq", ".git, .git_branch"]).code(0);
    let mut lines = list.stdout.lines();
    let (url, branch) = (lines.next().expect("an address"), lines.next().expect("a branch"));
    fs::write(git.join("HEAD"), format!("ref: refs/heads/{branch}\n")).expect("a file");
    fs::write(git.join("config"), format!("[remote \"origin\"]\n\turl = {url}\n")).expect("a file");
    test_env.home().join("code")
}

fn names_staging(text: &str) -> bool {
    text.contains("stack = \"Awesome App\"\n") && text.contains("environment = \"staging\"\n")
}

#[test]
fn a_linked_folder_needs_no_stack_flag() {
    let test_env = TestEnv::new();
    let file = test_env.home().join(".c66.toml");
    let run = test_env.sandbox(&["link", "awesome-app@staging", "--json"]).code(0);
    assert_eq!(run.json()["stack"], "3ff47eaa901ee0d1cda6fa9283b3e618");
    assert_eq!(run.json()["file"], file.to_str().expect("a path"));
    assert!(names_staging(&fs::read_to_string(&file).expect("the file")));
    assert_eq!(
        test_env.sandbox(&["stacks", "show", "--jq", ".uid"]).code(0).stdout,
        "3ff47eaa901ee0d1cda6fa9283b3e618\n"
    );
    // The environment in the file is a default; the one on the command line is binding.
    let run = test_env.sandbox(&["stacks", "show", "-e", "production", "--jq", ".environment"]).code(0);
    assert_eq!(run.stdout, "production\n");
    test_env.sandbox(&["unlink"]).code(0);
    assert!(!file.exists());
    assert!(test_env.sandbox(&["unlink"]).code(0).stdout.contains("This folder is not linked to a stack."));
    test_env.sandbox(&["stacks", "show"]).code(2);
}

#[test]
fn comments_and_other_settings_are_kept() {
    let test_env = TestEnv::new();
    let file = test_env.home().join(".c66.toml");
    let before = "# For all of us.\noutput = \"yaml\" # readable\n\n# Ours.\nstack = \"book\"\n";
    fs::write(&file, before).expect("a file");
    test_env.sandbox(&["link", "awesome-app", "-e", "staging"]).code(0);
    let text = fs::read_to_string(&file).expect("the file");
    assert!(names_staging(&text), "{text}");
    for kept in ["# For all of us.\n", "output = \"yaml\" # readable\n", "# Ours.\n"] {
        assert!(text.contains(kept), "{text}");
    }
    test_env.sandbox(&["unlink"]).code(0);
    let text = fs::read_to_string(&file).expect("the file");
    assert!(text.contains("# For all of us.\noutput = \"yaml\" # readable\n") && !text.contains("stack"), "{text}");
}

#[test]
fn only_the_file_of_the_checkout_is_changed() {
    let test_env = TestEnv::new();
    let code = checkout(&test_env);
    let below = code.join("app/src");
    fs::write(test_env.home().join(".c66.toml"), "stack = \"book\"\n").expect("a file");
    in_folder(&test_env, &below, &["link", "awesome-app@staging"]).code(0);
    assert!(below.join(".c66.toml").exists(), "none in the checkout: it is made where one stands");
    fs::rename(below.join(".c66.toml"), code.join(".c66.toml")).expect("a file");
    in_folder(&test_env, &below, &["link", "awesome-app@production"]).code(0);
    assert!(!below.join(".c66.toml").exists());
    assert!(fs::read_to_string(code.join(".c66.toml")).expect("the file").contains("production"));
    assert_eq!(fs::read_to_string(test_env.home().join(".c66.toml")).expect("the file"), "stack = \"book\"\n");
    let run = in_folder(&test_env, &below, &["unlink"]).code(0);
    assert!(!code.join(".c66.toml").exists());
    assert!(run.stderr.contains("also links this folder"), "{}", run.stderr);
    assert!(test_env.home().join(".c66.toml").exists());
}

#[test]
fn without_a_name_the_git_checkout_decides() {
    let test_env = TestEnv::new();
    let code = checkout(&test_env);
    let run = in_folder(&test_env, &code, &["link"]).code(0);
    assert!(run.stderr.contains("from the git remote and branch here"), "{}", run.stderr);
    assert!(names_staging(&fs::read_to_string(code.join(".c66.toml")).expect("the file")));
    in_folder(&test_env, &code, &["link", "-e", "production"]).code(4);
    let elsewhere = test_env.home().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    let run = in_folder(&test_env, &elsewhere, &["link"]).code(2);
    assert!(run.stderr.contains("no stack specified"), "{}", run.stderr);
    assert!(!elsewhere.join(".c66.toml").exists());
}

#[test]
fn an_unknown_stack_an_ambiguous_one_or_a_broken_file_links_nothing() {
    let test_env = TestEnv::new();
    let file = test_env.home().join(".c66.toml");
    test_env.sandbox(&["link", "nothing-like-it"]).code(4);
    let run = test_env.sandbox(&["link", "awesome-app", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "ambiguous_stack");
    assert!(!file.exists());
    for text in ["token = \"canary\"\n", "stack = = 1\n"] {
        fs::write(&file, text).expect("a file");
        for command in [&["link", "book"][..], &["unlink"]] {
            let run = test_env.sandbox(command).code(2);
            assert!(run.stderr.contains(".c66.toml") && !run.stderr.contains("canary"), "{}", run.stderr);
        }
        assert_eq!(fs::read_to_string(&file).expect("the file"), text);
    }
}

#[cfg(unix)]
#[test]
fn the_project_file_is_readable_by_all_and_has_no_lock_file() {
    use std::os::unix::fs::PermissionsExt;
    let test_env = TestEnv::new();
    let folder = test_env.home().join("project");
    fs::create_dir(&folder).expect("a folder");
    in_folder(&test_env, &folder, &["link", "book"]).code(0);
    let names: Vec<_> =
        fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, [".c66.toml"]);
    let mode = fs::metadata(folder.join(".c66.toml")).expect("metadata").permissions().mode() & 0o777;
    assert_ne!(mode & 0o044, 0, "{mode:o}");
}
