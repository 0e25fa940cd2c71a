//! Completion: the candidates that a shell gets for Tab.

mod cloudmc;
#[cfg(unix)]
mod shells;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use crate::support::replies::UID;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv, finish};

/// Long enough for a machine that is busy with other tests.
const PATIENT: &str = "30s";

/// Asks as a shell would, with the cursor in the last word.
pub(crate) fn ask_with(command: &mut Command, words: &[&str]) -> Run {
    command.env("COMPLETE", "fish").arg("--").arg("c66").args(words);
    if command.get_envs().all(|(name, _)| name != "C66_COMPLETION_TIMEOUT") {
        command.env("C66_COMPLETION_TIMEOUT", PATIENT);
    }
    let run = finish(command).code(0);
    assert_eq!(run.stderr, "", "{words:?}");
    run
}

/// The candidates that the private sandbox has for the last word.
pub(crate) fn ask(test_env: &TestEnv, words: &[&str]) -> Vec<String> {
    values(&ask_with(test_env.command().env("C66_SANDBOX", "1"), words))
}

fn ask_server(test_env: &TestEnv, url: &str, words: &[&str]) -> Vec<String> {
    values(&ask_with(test_env.command().env("C66_API_URL", url).env("C66_TOKEN", "test-token-0123456789"), words))
}

pub(crate) fn values(run: &Run) -> Vec<String> {
    run.stdout.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
}

/// A server with one stack, whose variables are `keys`.
fn server(keys: &'static [&'static str]) -> ScriptedServer {
    ScriptedServer::replying(move |seen| {
        let list = |items: Value| (200, json!({ "response": items, "count": 1 }).to_string());
        match seen.path.as_str() {
            "/stacks" => list(json!([{ "uid": UID, "name": "Shop", "environment": "staging" }])),
            _ => list(keys.iter().map(|key| json!({ "key": key, "value": "hush-hush" })).collect()),
        }
    })
}

pub(crate) fn cache_files(test_env: &TestEnv) -> Vec<PathBuf> {
    let folder = test_env.home().join(".cache/c66/names");
    std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn commands_and_flags_come_with_their_descriptions() {
    let test_env = TestEnv::new();
    let run = ask_with(&mut test_env.command(), &["st"]);
    let expected = "stacks\tList, show and manage stacks\nstatus\tShow what is not well, and what is deploying\n";
    assert_eq!(run.stdout, expected);
    let run = ask_with(&mut test_env.command(), &["stacks", "list", "--li"]);
    assert_eq!(run.stdout, "--limit\tMaximum number of items\n");
    assert!(values(&ask_with(&mut test_env.command(), &[""])).contains(&"redeploy".to_owned()));
    assert_eq!(values(&ask_with(&mut test_env.command(), &["servers", "settings", "g"])), ["get"]);
    // Where no name is possible, flags are offered.
    assert!(values(&ask_with(&mut test_env.command(), &["redeploy", ""])).contains(&"--git-ref".to_owned()));
    assert_eq!(values(&ask_with(&mut test_env.command(), &["--sandbox", "-o", "js"])), ["json", "jsonl"]);
    assert!(values(&ask_with(&mut test_env.command(), &["help", "ex"])).contains(&"exit-codes".to_owned()));
    assert_eq!(values(&ask_with(&mut test_env.command(), &["help", "env", "h"])), ["history"]);
    assert_eq!(cache_files(&test_env), Vec::<PathBuf>::new());
}

#[test]
fn the_value_of_a_flag_is_not_taken_for_a_command() {
    let test_env = TestEnv::new();
    for flags in
        [&["--profile", "cloudmc"] as &[&str], &["--quiet", "--profile=cloudmc"], &["-o", "json", "--account", "env"]]
    {
        let words = [flags, &["stacks", "sho"]].concat();
        assert_eq!(values(&ask_with(&mut test_env.command(), &words)), ["show"], "{words:?}");
    }
    let words = ["--sandbox", "--profile", "stacks", "stacks", "show", "doom"];
    assert_eq!(ask(&test_env, &words), Vec::<String>::new(), "there is no such profile");
    let words = ["--sandbox", "--account", "stacks", "stacks", "show", "doom"];
    assert_eq!(ask(&test_env, &words), Vec::<String>::new(), "there is no such account");
    assert_eq!(values(&ask_with(&mut test_env.command(), &["--profile", "stacks", "redeplo"])), ["redeploy"]);
}

#[test]
fn every_kind_of_name_completes() {
    let test_env = TestEnv::new();
    for (words, expected) in [
        (&["stacks", "show", "doom"] as &[&str], "doomed-app"),
        (&["stacks", "restart", "Awe"], "awesome-app@production"),
        (&["stacks", "list", "Awe"], "awesome-app"),
        (&["env", "list", "-s", "awesome-app@s"], "awesome-app@staging"),
        (&["env", "list", "--stack=doo"], "--stack=doomed-app"),
        (&["env", "list", "-s", "awesome-app", "-e", "s"], "staging"),
        (&["services", "show", "-s", "awesome-app@production", "w"], "web"),
        (&["redeploy", "-s", "awesome-app@production", "--service", "w"], "web"),
        (&["services", "scale", "-s", "awesome-app@production", "w"], "web="),
        (&["containers", "stop", "-s", "awesome-app@production", "cba4"], "cba44fa6b6ac"),
        (&["servers", "show", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["services", "list", "-s", "awesome-app@production", "--server", "ib"], "ibex"),
        (&["servers", "settings", "get", "caribou", "-s", "awesome-app@production", "server"], "server.name"),
        (&["server-groups", "show", "-s", "awesome-app@production", "ra"], "rails"),
        (&["env", "get", "-s", "awesome-app@production", "STACK_G"], "STACK_GIT_BRANCH"),
        (&["env-vars", "unset", "-s", "awesome-app@production", "STACK_G"], "STACK_GIT_BRANCH"),
        (&["env", "set", "-s", "awesome-app@production", "STACK_G"], "STACK_GIT_BRANCH="),
        (&["settings", "set", "-s", "awesome-app@production", "git"], "git.branch"),
        (&["backups", "show", "-s", "awesome-app@production", ""], "4"),
        (&["backups", "url", "4", "-s", "awesome-app@production", ""], "tar"),
        (&["deployments", "show", "-s", "awesome-app@production", "1"], "107"),
        (&["actions", "show", "-s", "awesome-app@production", "1"], "10"),
        (&["gateways", "close", "aw"], "aws_bastion"),
        (&["--account", "awesome company", "gateways", "open", "aw"], "aws_bastion"),
        (&["--account", "12345", "gateways", "remove", "aw"], "aws_bastion"),
        (&["actions", "run", "-s", "awesome-app@production", "res"], "restart"),
        (&["processes", "show", "-s", "awesome-app@production", "w"], "worker"),
        (&["processes", "scale", "-s", "awesome-app@production", "w"], "worker="),
        (&["jobs", "run", "-s", "awesome-app@production", "pi"], "pies"),
        (&["databases", "promote", "-s", "awesome-app@production", "cari"], "caribou"),
        (
            &["ssl", "add", "-s", "awesome-app@production", "--dns-provider", "dp-fbe3d4"],
            "dp-fbe3d478cdc610b187b38c1d2b6b016b",
        ),
        (&["failover-groups", "switch", "awe"], "awesome-app.cloud66.net"),
        (&["image-repositories", "show", "3"], "3"),
        (&["failover-groups", "add", "--primary", "doom"], "doomed-app"),
        (&["config-files", "show", "-s", "awesome-app@production", "ng"], "nginx"),
        (&["ssl", "show", "-s", "awesome-app@production", "ssl-9"], "ssl-9ad095613rrr4e0b8f718302bab8709e"),
        (&["firewall", "show", "-s", "awesome-app@production", "50"], "5027"),
        (&["notifications", "show", "-s", "awesome-app@production", "11"], "1191"),
        (&["notifications", "list", "-s", "awesome-app@production", "--alert-type", "stack.red"], "stack.redeploy.ok"),
        (&["clouds", "show", "dig"], "digitalocean"),
        (&["accounts", "show", "1"], "139"),
        (&["users", "show", "te"], "test@cloud66.com"),
        (&["config", "get", "conc"], "concurrency"),
        (&["deployments", "list", "--sort", "st"], "started"),
        (&["devices", "list", "--columns", "type,mod"], "type,model"),
        (&["server-groups", "show", "--columns", "ty"], "type"),
        (&["stacks", "list", "--filter", "env"], "environment="),
        (&["ssh", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["ssh", "proxy", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["run", "-s", "awesome-app@production", "--server", "cari"], "caribou"),
        (&["run", "-s", "awesome-app@production", "--service", "w"], "web"),
        (&["run", "-s", "awesome-app@production", "--container", "cba4"], "cba44fa6b6ac"),
        (&["run", "-s", "garnet-admin", "--container=web-05"], "--container=web-05b431dd01-21bc7"),
        (&["tail", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["tail", "-s", "awesome-app@production", "caribou", "prod"], "production.log"),
        (&["tail", "-s", "awesome-app@production", "caribou", "production.log", "ng"], "nginx_error.log"),
        (&["logs", "-s", "awesome-app@staging", "web", ""], "staging.log"),
        (&["tail", "-s", "awesome-app@production", "--service", "w"], "web"),
        (&["tail", "-s", "awesome-app@production", "--container", "cba4"], "cba44fa6b6ac"),
        (&["tunnel", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["upload", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["download", "-s", "awesome-app@production", "cari"], "caribou"),
        (&["cp", "-s", "awesome-app@production", "cari"], "caribou:"),
        (&["cp", "-s", "awesome-app@production", "file", "cari"], "caribou:"),
        (&["lease", "-s", "awesome-app@production", "--server", "cari"], "caribou"),
        (&["sessions", "show", "-s", "awesome-app@production", "w"], "web"),
        (&["wait", "st"], "stack/"),
        (&["wait", "-s", "awesome-app@production", "server/cari"], "server/caribou"),
        (&["wait", "-s", "awesome-app@production", "service", "w"], "web"),
        (&["wait", "stack/doo"], "stack/doomed-app"),
        (&["wait", "deployment", "--for", "out"], "outcome="),
        (&["wait", "--for", "hea"], "health="),
    ] {
        let found = ask(&test_env, words);
        assert!(found.contains(&expected.to_owned()), "{words:?}: {found:?}");
    }
}

#[test]
fn completion_uses_the_stack_that_the_command_would_use() {
    let test_env = TestEnv::new();
    let get = ["env", "get", "SUPPORT"];
    let with = |command: &mut Command| values(&ask_with(command.env("C66_SANDBOX", "1"), &get));
    // Only staging has it; without a stack there are no candidates.
    assert_eq!(with(&mut test_env.command()), Vec::<String>::new());
    assert_eq!(with(test_env.command().env("C66_STACK", "awesome-app@staging")), ["SUPPORT_ADDRESS"]);
    assert_eq!(with(test_env.command().env("C66_STACK", "awesome-app@production")), Vec::<String>::new());
    std::fs::write(test_env.home().join(".c66.toml"), "stack = 'awesome-app'\nenvironment = 'staging'")
        .expect("a file");
    assert_eq!(with(&mut test_env.command()), ["SUPPORT_ADDRESS"]);
    let line = ["env", "get", "-s", "awesome-app", "-e", "staging", "SUPP"];
    assert_eq!(ask(&test_env, &line), ["SUPPORT_ADDRESS"]);
    assert_eq!(values(&ask_with(&mut test_env.command(), &[&["--sandbox"], &line[..]].concat())), ["SUPPORT_ADDRESS"]);
}

#[test]
fn profiles_complete_and_choose_the_stack() {
    let test_env = TestEnv::new();
    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    let config = "[profiles.staging]\nstack = 'awesome-app@staging'\n[profiles.work]\n";
    std::fs::write(test_env.config_file(), config).expect("a file");
    assert_eq!(ask(&test_env, &["--profile", "s"]), ["staging"]);
    assert_eq!(ask(&test_env, &["profiles", "use", "w"]), ["work"]);
    assert_eq!(ask(&test_env, &["--profile", "staging", "env", "get", "SUPP"]), ["SUPPORT_ADDRESS"]);
}

#[test]
fn names_are_cached_for_a_minute_and_values_never() {
    let test_env = TestEnv::new();
    let server = server(&["MODE"]);
    let words = ["env", "get", "-s", "shop", ""];
    for _ in 0..2 {
        assert_eq!(ask_server(&test_env, &server.url, &words), ["MODE"]);
    }
    assert_eq!(server.lines(), ["GET /stacks", &format!("GET /stacks/{UID}/environments")]);
    let files = cache_files(&test_env);
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        let text = std::fs::read_to_string(file).expect("text");
        assert!(!text.contains("hush") && !text.contains("test-token"), "{text}");
        let file = std::fs::File::options().write(true).open(file).expect("a file");
        file.set_modified(SystemTime::now() - Duration::from_secs(61)).expect("a time");
    }
    assert_eq!(ask_server(&test_env, &server.url, &words), ["MODE"]);
    assert_eq!(server.lines().len(), 4, "a minute later they are looked up again");
}

#[test]
fn cached_names_are_not_shared_between_tokens_accounts_or_addresses() {
    let test_env = TestEnv::new();
    let (one, two) = (server(&["ONE"]), server(&["TWO"]));
    let words = ["env", "get", "-s", "shop", ""];
    assert_eq!(ask_server(&test_env, &one.url, &words), ["ONE"]);
    assert_eq!(ask_server(&test_env, &two.url, &words), ["TWO"]);
    let asked = |command: &mut Command| {
        ask_with(command.env("C66_API_URL", &one.url), &words);
        one.lines().len()
    };
    assert_eq!(asked(test_env.command().env("C66_TOKEN", "another-token-0123456789")), 4);
    assert_eq!(asked(test_env.command().env("C66_TOKEN", "test-token-0123456789").env("C66_ACCOUNT", "7")), 6);
    assert_eq!(asked(test_env.command().env("C66_TOKEN", "test-token-0123456789")), 6);
}

#[test]
fn a_slow_api_does_not_delay_completion() {
    let test_env = TestEnv::new();
    let slow = ScriptedServer::replying(|_| {
        std::thread::sleep(Duration::from_secs(20));
        (200, "{}".to_owned())
    });
    let mut command = test_env.command();
    command.env("C66_API_URL", &slow.url).env("C66_TOKEN", "test-token-0123456789");
    let began = Instant::now();
    // Not its own limit, which a busy machine would miss, but far below the time the server takes.
    let run = ask_with(command.env("C66_COMPLETION_TIMEOUT", "250ms"), &["stacks", "show", ""]);
    assert_eq!(run.stdout, "");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn on_any_error_nothing_is_printed_or_asked() {
    let test_env = TestEnv::new();
    let words = ["env", "get", "-s", "shop", "M"];
    // No login.
    assert_eq!(values(&ask_with(&mut test_env.command(), &words)), Vec::<String>::new());
    let refusing = ScriptedServer::replying(|_| (401, r#"{"error":"invalid_token"}"#.to_owned()));
    assert_eq!(ask_server(&test_env, &refusing.url, &words), Vec::<String>::new());
    let garbage = ScriptedServer::replying(|_| (200, "<html>".to_owned()));
    assert_eq!(ask_server(&test_env, &garbage.url, &words), Vec::<String>::new());
    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    std::fs::write(test_env.config_file(), "output = [").expect("a file");
    assert_eq!(ask(&test_env, &words), Vec::<String>::new());
    for words in
        [&[] as &[&str], &["--", "--", ""], &["-s"], &["help", "nonsense", ""], &["--debug", "stacks", "show", ""]]
    {
        ask_with(&mut test_env.command(), words);
    }
    // A cursor past the end of the line.
    ask_with(test_env.command().env("COMPLETE_INDEX", "99"), &["stacks"]);
}

#[cfg(unix)]
#[test]
fn the_token_command_is_not_run() {
    let test_env = TestEnv::new();
    let server = server(&["MODE"]);
    let trace = test_env.home().join("it-was-run");
    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    let config = format!("[profiles.default]\ntoken_command = ['touch', '{}']\n", trace.display());
    std::fs::write(test_env.config_file(), config).expect("a file");
    let mut command = test_env.command();
    ask_with(command.env("C66_API_URL", &server.url), &["stacks", "show", ""]);
    assert!(!trace.exists());
    assert_eq!(server.lines(), Vec::<String>::new());
}

#[test]
fn names_with_special_characters_for_the_shell_are_not_offered() {
    let server = server(&["GOOD", "$(touch x)", "a b", "-rf", "*", "`id`", "A;B", "it's", "tab\tnew\nline"]);
    assert_eq!(ask_server(&TestEnv::new(), &server.url, &["env", "get", "-s", "shop", ""]), ["GOOD"]);
    let odd = ScriptedServer::replying(|_| {
        let stacks =
            json!([{ "uid": UID, "name": "$(id)", "environment": "a;b" }, { "uid": "u2", "name": "x\u{1b}[31m" }]);
        (200, json!({ "response": stacks }).to_string())
    });
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", &odd.url).env("C66_TOKEN", "test-token-0123456789");
    let run = ask_with(&mut command, &["stacks", "show", ""]);
    assert_eq!(values(&run), [UID, "u2"]);
    assert!(!run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
}

#[test]
fn a_complete_variable_of_another_program_does_no_harm() {
    let test_env = TestEnv::new();
    let run = finish(test_env.command().env("COMPLETE", "1").arg("--version")).code(0);
    assert!(run.stdout.starts_with("c66 "), "{}", run.stdout);
}

#[test]
fn every_shell_has_a_script_and_an_install_path_where_it_has_a_folder() {
    let test_env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = test_env.run(&["completions", shell]).code(0).stdout;
        assert!(script.contains("COMPLETE") && script.contains("c66"), "{shell}: {script}");
        assert_eq!(finish(test_env.command().env("COMPLETE", shell)).code(0).stdout, script);
        let has_folder = matches!(shell, "bash" | "zsh" | "fish");
        // It would belong to the user who runs the tests: HOME has no effect there.
        if has_folder && cfg!(windows) {
            continue;
        }
        let run = test_env.run(&["completions", shell, "--install", "-o", "json"]);
        if has_folder {
            let file = run.code(0).json()["file"].as_str().expect("a path").to_owned();
            assert!(file.starts_with(test_env.home().to_str().expect("UTF-8")), "{file}");
            assert!(std::fs::read_to_string(file).expect("a file").contains("c66 completions"));
        } else {
            let run = run.code(2);
            assert!(run.json_error()["hint"].to_string().contains("start-up file"), "{}", run.stderr);
        }
    }
}

/// Words that only the user knows.
const FREE: &[(&str, &str)] = &[
    ("api", "path"),
    ("alias set", "name"),
    ("alias set", "line"),
    ("alias remove", "name"),
    ("actions run", "parameters"),
    // ssh types it.
    ("sandbox sshd", "uid"),
    ("jobs run", "arguments"),
    // Only the dashboard shows them.
    ("tags list", "id"),
    ("operations logs", "uid"),
    ("variants percentage", "percentage"),
    ("tags add", "id"),
    ("tags add", "tags"),
    ("tags remove", "id"),
    ("tags remove", "tags"),
    ("tags set", "id"),
    ("tags set", "tags"),
    ("tags clear", "id"),
    ("gateways add", "name"),
    ("config set", "value"),
    // Listing these makes the API ask the servers.
    ("databases show", "database"),
    ("databases create", "name"),
    ("databases delete", "database"),
    ("databases users create", "username"),
    ("databases users delete", "user"),
    ("databases users regenerate-password", "user"),
    ("settings set", "value"),
    ("servers settings set", "value"),
    ("profiles rename", "to"),
    ("wait", "what"),
    ("wait", "name"),
    ("tunnel", "ports"),
    ("upload", "remote"),
    ("download", "remote"),
    ("cloudmc api", "path"),
    ("cloudmc envs create", "name"),
    // The API lists no tasks.
    ("cloudmc tasks show", "id"),
    ("cloudmc tasks wait", "id"),
];

#[test]
fn every_positional_argument_completes_or_is_listed_as_free_text() {
    fn walk(command: &clap::Command, path: &[&str], completed: &[(String, String)], unknown: &mut Vec<String>) {
        for argument in command.get_positionals() {
            let id = argument.get_id().as_str();
            let known = !argument.get_possible_values().is_empty()
                || completed.contains(&(path.join(" "), id.to_owned()))
                || argument.get_value_hint() != clap::ValueHint::Unknown
                || FREE.contains(&(path.join(" ").as_str(), id));
            if !known {
                unknown.push(format!("{} takes {id}", path.join(" ")));
            }
        }
        for inner in command.get_subcommands() {
            walk(inner, &[path, &[inner.get_name()]].concat(), completed, unknown);
        }
    }
    let mut tree = c66::testing::command();
    tree.build();
    let mut unknown = Vec::new();
    walk(&tree, &[], &c66::testing::completed_arguments(), &mut unknown);
    assert!(unknown.is_empty(), "what completes these? {unknown:#?}");
}
