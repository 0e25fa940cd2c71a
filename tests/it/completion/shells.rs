//! Completion in bash, zsh, fish and Elvish themselves, on a pseudo terminal; a shell that is not installed is skipped.

use std::path::Path;

use crate::support::process;
use crate::support::pty::Terminal;
use crate::support::test_env::{TestEnv, finish};

const STAGING_UID: &str = "3ff47eaa901ee0d1cda6fa9283b3e618";

/// The shell, with the built program first in its PATH, and the line that enables completion.
fn shell(test_env: &TestEnv, name: &str, setup: &str) -> Option<Terminal> {
    let program = test_env.command();
    let folder = Path::new(program.get_program()).parent().expect("the program is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).expect("a PATH");
    let mut command = process::command(name);
    command.env_clear().current_dir(test_env.home());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("PATH", path).env("C66_SANDBOX", "1").env("C66_COMPLETION_TIMEOUT", "30s").env("LC_ALL", "C.UTF-8");
    let start = test_env.home().join("start");
    match name {
        "bash" => {
            std::fs::write(&start, format!("PS1='rea''dy> '\n{setup}\n")).expect("a file");
            command.args(["--noprofile", "--rcfile"]).arg(&start).arg("-i");
        }
        "zsh" => {
            let text = format!("{setup}\nPROMPT='rea''dy> '\n");
            std::fs::write(test_env.home().join(".zshrc"), text).expect("a file");
            command.env("ZDOTDIR", test_env.home()).args(["-d", "-i"]);
        }
        "elvish" => {
            std::fs::write(&start, format!("{setup}\nset edit:prompt = {{ put 'rea'dy'> ' }}\n")).expect("a file");
            command.arg("-rc").arg(&start);
        }
        _ => {
            let prompt = "function fish_prompt; echo -n 'rea''dy> '; end; set -g fish_greeting";
            command.args(["-i", "-C", &format!("{prompt}; {setup}")]);
        }
    }
    let version = if name == "elvish" { "-version" } else { "--version" };
    process::is_installed(name, version).then(|| {
        let mut terminal = Terminal::start(command, 200);
        terminal.expect("ready> ");
        terminal
    })
}

/// Types each line with its Tabs, and waits for the output of the completed command.
#[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
fn try_out(name: &str, setup: &str, lines: &[(&str, &str)]) {
    let test_env = TestEnv::new();
    let Some(mut terminal) = shell(&test_env, name, setup) else {
        println!("SKIPPED, for want of {name}");
        return;
    };
    for (typed, expected) in lines {
        terminal.press(&format!("{typed}\r"));
        terminal.expect(expected);
    }
    terminal.press("exit\r");
    terminal.end();
}

/// What must be the same in every shell. The echo of the typed text contains none of the expected texts.
const LINES: &[(&str, &str)] = &[
    ("c66 stacks show awesome-app@st\t -o name", STAGING_UID),
    ("c66 stacks show --stack=awesome-app@prod\t -o name", "5999b763474b0eafa5fafb64bff0ba80"),
    ("c66 env set -s awesome-app@staging SUPPORT_A\tsomebody --dry-run -o json", "/environments/SUPPORT_ADDRESS.json"),
    (
        "c66 services show -s 'Awesome App@production' w\t -o json",
        "1339d2dfa5a86dfce497f8f2e1bb29492f246288c722d11c8e6fc9348bfeece6",
    ),
    ("c66 server-gr\t li\t -s awesome-app@production -o json", "PostgreSQL Server"),
    (
        "c66 tail -s awesome-app@production cari\t prod\t --dry-run --jq '.commands[0][-1]'",
        "/web_head/current/log/production.log",
    ),
    (
        "c66 run -s awesome-app@production --service w\t --dry-run --jq '.commands[0][-1]' -- id",
        "sudo docker exec -i 1339",
    ),
    ("c66 run -s garnet-admin --container web-0\t --dry-run --jq '.commands[0][-1]' -- id", "web-05b431dd01-21bc7"),
    (
        "c66 cp -s awesome-app@production cari\t/etc/hostname . --dry-run --jq '.commands[0][-2]'",
        "127.0.0.1:/etc/hostname",
    ),
    (
        "c66 tunnel -s awesome-app@production cari\t 5432 --dry-run --jq '.requests[1].path'",
        "f8468fc145ea49bac474b30a8fea888d",
    ),
];

/// Several columns of a list, one after the other: the comma stays a comma.
const COLUMNS: (&str, &str) = ("c66 stacks list --limit 1 -o csv --columns name,\tenvir\t", "Awesome App,production");

#[test]
fn bash_completes() {
    try_out("bash", r#"eval "$(c66 completions bash)""#, &[LINES, &[COLUMNS]].concat());
}

#[test]
#[expect(clippy::print_stdout, reason = "what is skipped is said aloud")]
fn the_installation_for_zsh_says_what_the_start_up_file_lacks() {
    let test_env = TestEnv::new();
    if !process::is_installed("zsh", "--version") {
        println!("SKIPPED, for want of zsh");
        return;
    }
    let install = || {
        let mut command = test_env.command();
        command.env("ZDOTDIR", test_env.home()).args(["completions", "zsh", "--install"]);
        finish(&mut command).code(0)
    };
    let said = install().stderr;
    let line = said.split("add to ~/.zshrc: ").nth(1).expect("a line to add").trim();
    assert!(line.starts_with("fpath=(") && line.contains("compinit"), "{line}");
    std::fs::write(test_env.home().join(".zshrc"), format!("print noise\n{line}\n")).expect("a file");
    assert_eq!(install().stderr, "");
    std::fs::write(test_env.home().join(".zshrc"), line.split("; ").next().expect("a part")).expect("a file");
    assert!(install().stderr.contains("add to ~/.zshrc: autoload -Uz compinit"));
}

#[test]
fn zsh_completes() {
    try_out("zsh", r#"autoload -Uz compinit; compinit -u; eval "$(c66 completions zsh)""#, LINES);
}

#[test]
fn fish_completes() {
    try_out("fish", "c66 completions fish | source", LINES);
}

#[test]
fn elvish_completes() {
    // It drops text typed while a command runs, so there is one line.
    try_out("elvish", "eval (c66 completions elvish | slurp)", &LINES[..1]);
}

#[test]
fn an_installed_script_is_loaded_by_the_shell() {
    let line = &LINES[..1];
    // Without the bash-completion package, nothing reads that folder.
    try_out("bash", "c66 completions bash --install -q; . ~/.local/share/bash-completion/completions/c66", line);
    let zsh = "c66 completions zsh --install -q; fpath=(~/.local/share/zsh/site-functions $fpath); \
               autoload -Uz compinit; compinit -u";
    try_out("zsh", zsh, line);
    try_out("fish", "c66 completions fish --install -q", line);
}

#[test]
fn bash_shows_descriptions_in_its_list() {
    try_out("bash", r#"eval "$(c66 completions bash)""#, &[("c66 serv\t\t", "(List, show and scale server groups)")]);
}
