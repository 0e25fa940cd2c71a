//! The console blocks of README.md and docs/guide, run as they stand.
//!
//! In a block that is marked `console`, a line `$ COMMAND` is run by `sh` with the built program first in PATH, and the
//! lines after it, up to the next command, are what must stand on its stdout. `[..]` stands for anything within a line.
//! Notes, progress and errors go to stderr, whose order relative to stdout is undefined, so they are not compared; a
//! comment `# exit N` at the end of the command says with which code it ends when that is not 0. All blocks of a file
//! run in one home, one after the other; a `sh` block is not run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use c66::testing::Exit;

use crate::support::process;
use crate::support::sshd::Sshd;
use crate::support::test_env::{TestEnv, finish};

const WILDCARD: &str = "[..]";

/// One command of a document.
struct Step {
    line: usize,
    command: String,
    expected: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = !inside && line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step { line: index + 1, command: command.to_owned(), expected: Vec::new() });
        } else if let Some(step) = steps.last_mut().filter(|_| inside) {
            step.expected.push(line.to_owned());
        }
    }
    steps
}

fn expected_code(command: &str) -> i32 {
    command.rsplit_once("# exit ").map_or(0, |(_, code)| code.trim().parse().expect("a number after `# exit`"))
}

/// Whether a line matches, with the wildcard for any number of characters.
fn fits(expected: &str, line: &str) -> bool {
    let Some((head, mut rest)) = expected.split_once(WILDCARD) else { return expected == line };
    let Some(mut line) = line.strip_prefix(head) else { return false };
    while let Some((middle, after)) = rest.split_once(WILDCARD) {
        let Some(at) = line.find(middle) else { return false };
        line = &line[at + middle.len()..];
        rest = after;
    }
    line.ends_with(rest)
}

/// A shell in which `c66` is the built program.
fn shell(test_env: &TestEnv) -> Command {
    let program = test_env.command();
    let folder = Path::new(program.get_program()).parent().expect("the program is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let mut shell = process::command("sh");
    shell.env_clear().current_dir(test_env.home());
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.env("PATH", std::env::join_paths(path).expect("a PATH")).arg("-c");
    shell
}

/// Whether a command logs in to a server of the sandbox.
fn logs_in(command: &str) -> bool {
    let verbs = ["ssh caribou", "run --", "tail caribou", "tunnel caribou", "upload caribou", "download caribou"];
    let typed = |verb: &&str| command.starts_with(&format!("c66 --sandbox {verb}"));
    verbs.iter().any(typed) && !command.contains("--dry-run")
}

/// Runs a document; returns its errors and the number of commands.
#[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
fn try_out(path: &Path) -> (String, usize) {
    let test_env = TestEnv::new();
    let steps = steps(&read(path));
    let mut faults = String::new();
    let has_curl = finish(shell(&test_env).arg("command -v curl")).code == 0;
    let has_sshd = !steps.iter().any(|step| logs_in(&step.command)) || Sshd::is_there();
    for step in &steps {
        if logs_in(&step.command) && !has_sshd {
            println!("SKIPPED, for want of OpenSSH: {}:{}", path.display(), step.line);
            continue;
        }
        if step.command.contains("curl ") && !has_curl {
            println!("SKIPPED, for want of curl: {}:{}", path.display(), step.line);
            continue;
        }
        let run = finish(shell(&test_env).arg(&step.command));
        let lines: Vec<&str> = run.stdout.lines().map(str::trim_end).collect();
        let same = lines.len() == step.expected.len()
            && step.expected.iter().zip(&lines).all(|(expected, line)| fits(expected, line));
        if !same || run.code != expected_code(&step.command) {
            let _ = writeln!(
                faults,
                "{}:{}: $ {}\nexit {}, expected {}\n--- expected\n{}\n--- stdout\n{}\n--- stderr\n{}",
                path.display(),
                step.line,
                step.command,
                run.code,
                expected_code(&step.command),
                step.expected.join("\n"),
                lines.join("\n"),
                run.stderr,
            );
        }
    }
    (faults, steps.len())
}

#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    let (faults, commands) = try_out(&root().join("README.md"));
    assert!(faults.is_empty(), "{faults}");
    assert!(commands >= 8, "the tour has only {commands} commands");
}

#[test]
fn the_commands_of_every_guide_print_what_it_says() {
    let folder = root().join("docs/guide");
    let mut guides: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("docs/guide").map(|entry| entry.expect("an entry").path()).collect();
    guides.sort();
    assert!(guides.len() >= 3, "{guides:?}");
    std::thread::scope(|scope| {
        let runs: Vec<_> = guides.iter().map(|guide| (guide, scope.spawn(|| try_out(guide)))).collect();
        let mut all = String::new();
        for (guide, run) in runs {
            let (faults, commands) = run.join().expect("the guide was tried out");
            assert!(commands > 0, "{} has no command", guide.display());
            all += &faults;
        }
        assert!(all.is_empty(), "{all}");
    });
}

#[test]
fn every_command_in_a_pipeline_can_be_typed() {
    let text = read(&root().join("docs/guide/ci.md"));
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines =
        blocks.flat_map(str::lines).map(|line| line.trim().trim_start_matches("- ").trim_start_matches("run: "));
    let commands: Vec<&str> = lines.filter(|line| line.starts_with("c66 ")).collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let words = command.split_whitespace().map(|word| word.replace('"', ""));
        if let Err(error) = c66::testing::command().try_get_matches_from(words) {
            panic!("{command}: {error}");
        }
    }
}

#[test]
fn the_readme_begins_with_its_two_commands() {
    let readme = read(&root().join("README.md"));
    let top: Vec<&str> = readme.lines().take(20).collect();
    for command in ["cargo run --locked -- --sandbox redeploy --stack awesome-app@staging", "cargo test --locked"] {
        assert!(top.contains(&command), "{command} is not in the first lines");
    }
}

#[test]
fn the_guide_has_every_exit_code() {
    let guide = read(&root().join("docs/guide/exit-codes.md"));
    let rows: Vec<&str> = guide
        .lines()
        .skip_while(|line| !line.starts_with("| code "))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let table: Vec<String> =
        Exit::TABLE.iter().map(|(exit, name, when)| format!("| {} | `{name}` | {when} |", exit.code())).collect();
    assert_eq!(rows, table);
}

#[test]
fn every_link_between_the_documents_leads_somewhere() {
    let mut documents = vec![root().join("README.md"), root().join("CHANGELOG.md")];
    for folder in ["docs", "docs/guide"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("the folder");
        documents.extend(entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file()));
    }
    for document in documents {
        let text = read(&document);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.starts_with("http") && !target.starts_with('#') {
                let file = document.parent().expect("a folder").join(target.split('#').next().unwrap_or(target));
                assert!(file.exists(), "{}: {target}", document.display());
            }
        }
    }
}

#[test]
fn the_wildcard_matches_anything_within_a_line() {
    for (expected, line, same) in [
        ("Duration:  [..]", "Duration:  1s", true),
        ("[..] a [..] b", "x a y b", true),
        ("a[..]a", "a", false),
        ("ID [..] ok", "ID 7 bad", false),
        ("plain", "plain text", false),
    ] {
        assert_eq!(fits(expected, line), same, "{expected} / {line}");
    }
}
