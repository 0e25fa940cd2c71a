//! `c66 link` and `c66 unlink`: the stack of a folder.

use std::fs;
use std::path::Path;

use crate::world::{Run, World, finish};

fn in_folder(world: &World, folder: &Path, arguments: &[&str]) -> Run {
    finish(world.command().current_dir(folder).arg("--sandbox").args(arguments))
}

/// A folder below a checkout in this world; its origin and branch are those of a stack of the sandbox.
fn checkout(world: &World) -> std::path::PathBuf {
    let git = world.home().join("code/.git");
    fs::create_dir_all(world.home().join("code/app/src")).expect("folders");
    fs::create_dir_all(&git).expect("a folder");
    fs::write(git.join("HEAD"), "ref: refs/heads/develop\n").expect("a file");
    let list = world.sandbox(&["stacks", "show", "awesome-app@staging", "--jq", ".git, .git_branch"]).code(0);
    let mut lines = list.stdout.lines();
    let (url, branch) = (lines.next().expect("an address"), lines.next().expect("a branch"));
    fs::write(git.join("HEAD"), format!("ref: refs/heads/{branch}\n")).expect("a file");
    fs::write(git.join("config"), format!("[remote \"origin\"]\n\turl = {url}\n")).expect("a file");
    world.home().join("code")
}

fn names_staging(text: &str) -> bool {
    text.contains("stack = \"Awesome App\"\n") && text.contains("environment = \"staging\"\n")
}

#[test]
fn a_linked_folder_needs_no_flag() {
    let world = World::new();
    let file = world.home().join(".c66.toml");
    let run = world.sandbox(&["link", "awesome-app@staging", "--json"]).code(0);
    assert_eq!(run.json()["stack"], "3ff47eaa901ee0d1cda6fa9283b3e618");
    assert_eq!(run.json()["file"], file.to_str().expect("a path"));
    assert!(names_staging(&fs::read_to_string(&file).expect("the file")));
    assert_eq!(world.sandbox(&["stacks", "show", "--jq", ".uid"]).code(0).stdout, "3ff47eaa901ee0d1cda6fa9283b3e618\n");
    // The environment of the file is a wish, the one of the command line an order.
    let run = world.sandbox(&["stacks", "show", "-e", "production", "--jq", ".environment"]).code(0);
    assert_eq!(run.stdout, "production\n");
    world.sandbox(&["unlink"]).code(0);
    assert!(!file.exists());
    assert!(world.sandbox(&["unlink"]).code(0).stdout.contains("no stack was named here"));
    world.sandbox(&["stacks", "show"]).code(2);
}

#[test]
fn comments_and_other_settings_survive() {
    let world = World::new();
    let file = world.home().join(".c66.toml");
    let before = "# For all of us.\noutput = \"yaml\" # readable\n\n# Ours.\nstack = \"book\"\n";
    fs::write(&file, before).expect("a file");
    world.sandbox(&["link", "awesome-app", "-e", "staging"]).code(0);
    let text = fs::read_to_string(&file).expect("the file");
    assert!(names_staging(&text), "{text}");
    for kept in ["# For all of us.\n", "output = \"yaml\" # readable\n", "# Ours.\n"] {
        assert!(text.contains(kept), "{text}");
    }
    world.sandbox(&["unlink"]).code(0);
    let text = fs::read_to_string(&file).expect("the file");
    assert!(text.contains("# For all of us.\noutput = \"yaml\" # readable\n") && !text.contains("stack"), "{text}");
}

#[test]
fn the_file_of_the_checkout_is_changed_and_none_above_it() {
    let world = World::new();
    let code = checkout(&world);
    let below = code.join("app/src");
    fs::write(world.home().join(".c66.toml"), "stack = \"book\"\n").expect("a file");
    in_folder(&world, &below, &["link", "awesome-app@staging"]).code(0);
    assert!(below.join(".c66.toml").exists(), "none in the checkout: it is made where one stands");
    fs::rename(below.join(".c66.toml"), code.join(".c66.toml")).expect("a file");
    in_folder(&world, &below, &["link", "awesome-app@production"]).code(0);
    assert!(!below.join(".c66.toml").exists());
    assert!(fs::read_to_string(code.join(".c66.toml")).expect("the file").contains("production"));
    assert_eq!(fs::read_to_string(world.home().join(".c66.toml")).expect("the file"), "stack = \"book\"\n");
    let run = in_folder(&world, &below, &["unlink"]).code(0);
    assert!(!code.join(".c66.toml").exists());
    assert!(run.stderr.contains("still names a stack"), "{}", run.stderr);
    assert!(world.home().join(".c66.toml").exists());
}

#[test]
fn without_a_name_the_git_checkout_tells() {
    let world = World::new();
    let code = checkout(&world);
    let run = in_folder(&world, &code, &["link"]).code(0);
    assert!(run.stderr.contains("from the git remote and branch here"), "{}", run.stderr);
    assert!(names_staging(&fs::read_to_string(code.join(".c66.toml")).expect("the file")));
    in_folder(&world, &code, &["link", "-e", "production"]).code(4);
    let elsewhere = world.home().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    let run = in_folder(&world, &elsewhere, &["link"]).code(2);
    assert!(run.stderr.contains("which stack?"), "{}", run.stderr);
    assert!(!elsewhere.join(".c66.toml").exists());
}

#[test]
fn what_cannot_be_found_or_must_not_be_links_nothing() {
    let world = World::new();
    let file = world.home().join(".c66.toml");
    world.sandbox(&["link", "nothing-like-it"]).code(4);
    let run = world.sandbox(&["link", "awesome-app", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "ambiguous_stack");
    assert!(!file.exists());
    for text in ["token = \"canary\"\n", "stack = = 1\n"] {
        fs::write(&file, text).expect("a file");
        for command in [&["link", "book"][..], &["unlink"]] {
            let run = world.sandbox(command).code(2);
            assert!(run.stderr.contains(".c66.toml") && !run.stderr.contains("canary"), "{}", run.stderr);
        }
        assert_eq!(fs::read_to_string(&file).expect("the file"), text);
    }
}

#[cfg(unix)]
#[test]
fn what_is_committed_is_readable_and_has_no_lock_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let folder = world.home().join("project");
    fs::create_dir(&folder).expect("a folder");
    in_folder(&world, &folder, &["link", "book"]).code(0);
    let names: Vec<_> =
        fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, [".c66.toml"]);
    let mode = fs::metadata(folder.join(".c66.toml")).expect("metadata").permissions().mode() & 0o777;
    assert_ne!(mode & 0o044, 0, "{mode:o}");
}
