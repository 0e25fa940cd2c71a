//! Rules for every command, checked on the command tree and the endpoint table.

use c66::testing::{cloud66_operations, command_operations, help_topics};

use crate::support::command_lines::{CALLS, CLOUD66_ROOT, WRITES, leaves, logs_in, requests};
use crate::support::test_env::{CLOUDMC_ROOT, TestEnv};

const P: &str = "awesome-app@production";

/// The longest help page: two screens.
const LONGEST_HELP: usize = 100;

#[test]
fn every_command_says_what_it_does_and_gives_an_example() {
    let leaves = leaves();
    assert!(leaves.len() > 35, "{}", leaves.len());
    for (path, command) in leaves {
        let words = path.join(" ");
        let about = command.get_about().unwrap_or_else(|| panic!("{words} has no description")).to_string();
        assert!(about.starts_with(char::is_uppercase) && !about.ends_with('.'), "{words}: {about}");
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{words}: {} has no help", argument.get_id());
        }
        // Hidden ones are aliases of commands that have an example; `help` is its own example.
        if !command.is_hide_set() && words != "help" {
            let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(example.contains(&format!("c66 {words}")), "{words}: {example}");
        }
    }
}

#[test]
fn every_example_can_be_typed() {
    for (path, command) in leaves() {
        let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in example.lines().filter_map(|line| line.trim().strip_prefix("c66 ")) {
            // Quotes and pipes are for the shell; the words before them are ours.
            let words = line.split([';', '|', '>']).next().unwrap_or_default();
            if words.contains(['"', '\'', '$']) {
                continue;
            }
            let parsed =
                c66::testing::command().try_get_matches_from(std::iter::once("c66").chain(words.split_whitespace()));
            if let Err(error) = parsed {
                panic!("{}: c66 {words}: {error}", path.join(" "));
            }
        }
    }
}

#[test]
fn every_help_page_fits_two_screens() {
    let test_env = TestEnv::new();
    for (path, _) in leaves() {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        if words == ["help"] {
            continue;
        }
        words.push("--help");
        let run = test_env.run(&words).code(0);
        assert!(run.stdout.lines().count() <= LONGEST_HELP, "{words:?} has {} lines", run.stdout.lines().count());
        assert_eq!(run.stderr, "");
    }
    for words in [&["--help"] as &[&str], &["stacks", "--help"], &["-h"], &["help"]] {
        let run = test_env.run(words).code(0);
        assert!(run.stdout.contains("Usage: c66") && run.stdout.lines().count() <= LONGEST_HELP, "{words:?}");
    }
}

#[test]
fn the_help_of_every_command_that_calls_the_api_names_the_scope() {
    let (test_env, operations) = (TestEnv::new(), command_operations());
    for (path, command) in leaves() {
        let words = format!("c66 {}", path.join(" "));
        let scopes: Vec<&str> = operations
            .get(&words)
            .into_iter()
            .flatten()
            .map(|one| one.scope)
            .filter(|scope| !scope.is_empty())
            .collect();
        let local =
            ["alias", "cloudmc", "unlink", "auth", "config", "profiles", "completions", "man", "sandbox", "help"]
                .contains(&path[0].as_str());
        let local =
            local || matches!(&path[..], [noun, verb] if noun == "ssh" && ["known", "forget"].contains(&verb.as_str()));
        if command.is_hide_set() || path[0] == "help" {
            continue;
        }
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = test_env.run(&arguments).code(0).stdout;
        let line = help.lines().find(|line| line.starts_with("Token scope: "));
        assert_eq!(line.is_none(), local, "{words}: {help}");
        assert!(scopes.iter().all(|scope| line.is_some_and(|line| line.contains(scope))), "{words}: {line:?}");
    }
    let arguments = ["--color", "always", "stack", "list", "-h"];
    assert!(test_env.run(&arguments).code(0).stdout.ends_with("\nToken scope: public\n"));
}

#[test]
fn help_prints_its_topics_and_suggests_the_nearest_word() {
    let test_env = TestEnv::new();
    for (topic, _) in help_topics() {
        let run = test_env.run(&["help", topic]).code(0);
        assert!((5..=LONGEST_HELP).contains(&run.stdout.lines().count()), "{topic}: {}", run.stdout);
    }
    assert!(test_env.run(&["help", "environment"]).code(0).stdout.contains("C66_TOKEN"));
    assert!(test_env.run(&["help", "formatting"]).code(0).stdout.contains("--filter"));
    let page = test_env.run(&["stacks", "list", "--help"]).code(0).stdout;
    assert_eq!(test_env.run(&["help", "stacks", "list"]).code(0).stdout, page);
    test_env.run(&["help", "nonsense"]).code(2);
    for (typed, meant) in [("stcks", "stacks"), ("redploy", "redeploy"), ("deploments", "deployments")] {
        let run = test_env.run(&[typed]).code(2);
        assert!(run.stderr.contains(meant), "{typed}: {}", run.stderr);
    }
    let run = test_env.run(&["stacks", "list", "--colums", "x"]).code(2);
    assert!(run.stderr.contains("--columns"), "{}", run.stderr);
}

#[test]
fn the_replacements_for_cx_commands_can_be_typed() {
    let (_, text) = help_topics().into_iter().find(|(name, _)| *name == "from-cx").expect("a topic");
    let column = text.lines().nth(2).and_then(|head| head.find("c66")).expect("the head of the table");
    let rows = text.lines().skip(3).take_while(|line| !line.is_empty());
    let commands = rows.flat_map(|row| row[column..].split("  ").next().unwrap_or_default().split(", "));
    let mut count = 0;
    for command in commands.filter(|command| !command.starts_with('-')) {
        let parsed =
            c66::testing::command().try_get_matches_from(std::iter::once("c66").chain(command.split_whitespace()));
        assert!(parsed.is_ok(), "c66 {command}: {parsed:?}");
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_mistyped_word_gets_one_suggestion() {
    let test_env = TestEnv::new();
    for (words, meant) in [
        (&["stcks"] as &[&str], "did you mean `c66 stacks`?"),
        (&["env", "gte"], "did you mean `c66 env get`?"),
        (&["--sandbox", "servers", "setings", "list"], "did you mean `c66 servers settings`?"),
        (&["files", "1"], "did you mean `c66 backups files`?"),
        (&["redeploy", "--git-rev", "x"], "did you mean `--git-ref`?"),
        (&["stacks", "list", "--colums=x"], "did you mean `--columns`?"),
        (&["stacks", "list", "-o", "jsno"], "did you mean `json`?"),
        (&["help", "enviroment"], "did you mean `environment`?"),
        (&["config", "get", "outptu"], "did you mean output?"),
    ] {
        let run = test_env.run(words).code(2);
        let hints: Vec<&str> = run.stderr.lines().filter(|line| line.contains("did you mean")).collect();
        assert_eq!(hints, [format!("  hint: {meant}")], "{words:?}: {}", run.stderr);
    }
    let none = test_env.run(&["env", "get", "K", "--columns", "x"]).code(2);
    assert!(!none.stderr.contains("did you mean"), "{}", none.stderr);
    for (words, meant) in [
        (&["stacks", "show", "dooomed-app"] as &[&str], "`Doomed App@production`"),
        (&["redeploy", "-s", "legder"], "`Ledger@production`"),
        (&["env", "get", "STACK_GIT_BRNCH", "-s", P], "`STACK_GIT_BRANCH`"),
        (&["env", "unset", "STACK_GIT_BRNCH", "-s", P], "`STACK_GIT_BRANCH`"),
        (&["settings", "get", "git.brnch", "-s", P], "`git.branch`"),
        (&["services", "show", "wbe", "-s", P], "`web`"),
        (&["servers", "show", "caribuo", "-s", P], "`Caribou`"),
    ] {
        let run = test_env.sandbox(words).code(4);
        assert!(run.stderr.contains(&format!("did you mean {meant}?")), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn a_group_that_cannot_list_without_a_word_prints_its_help_as_an_error() {
    for words in [&[] as &[&str], &["devices"], &["servers", "settings"], &["cloudmc"]] {
        let run = TestEnv::new().run(words).code(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("Usage: c66"), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn every_operation_of_the_api_has_a_command() {
    let test_env = TestEnv::new();
    let called: Vec<(String, String)> =
        CALLS.iter().flat_map(|line| requests(&test_env.sandbox(&[line, &["--debug"] as &[&str]].concat()))).collect();
    for endpoint in cloud66_operations() {
        let calls = |(method, path): &(String, String)| {
            method == endpoint.method.as_str() && endpoint.match_path(path).is_some()
        };
        assert!(called.iter().any(calls), "no command calls {}", endpoint.id);
    }
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let test_env = TestEnv::new();
    for write in WRITES {
        for format in ["table", "json"] {
            let run = test_env.sandbox(&[write, &["--dry-run", "--debug", "-o", format] as &[&str]].concat()).code(0);
            let sent = requests(&run);
            assert!(sent.iter().all(|(method, _)| method == "GET"), "{write:?} sends {sent:?}");
            assert!(
                !run.stdout.contains("hush-hush") && !run.stderr.contains("hush-hush"),
                "{write:?}: {}",
                run.stdout
            );
            if format == "json" {
                let request = run.json();
                assert_eq!(request["dry_run"], true, "{write:?}");
                let method = request["method"].as_str().expect("a method");
                let path = request["path"].as_str().expect("a path");
                assert!(["POST", "PUT", "PATCH", "DELETE"].contains(&method), "{write:?}: {request}");
                let root = if write[0] == "cloudmc" { CLOUDMC_ROOT } else { CLOUD66_ROOT };
                assert!(path.starts_with(&format!("{root}/")), "{write:?}: {request}");
                let names: Vec<&str> = request.as_object().expect("an object").keys().map(String::as_str).collect();
                assert_eq!(names, ["dry_run", "method", "path", "body"]);
            } else {
                assert!(
                    ["POST", "PUT", "PATCH", "DELETE"].iter().any(|method| run.stdout.contains(method)),
                    "{}",
                    run.stdout
                );
                assert!(run.stderr.contains("nothing was sent"), "{}", run.stderr);
            }
        }
    }
}

#[test]
fn every_command_with_yes_is_in_the_table_of_writes() {
    for (path, command) in leaves() {
        let takes_yes = command.get_arguments().any(|argument| argument.get_long() == Some("yes"));
        let takes_dry_run = command.get_arguments().any(|argument| argument.get_long() == Some("dry-run"));
        // Logging in changes nothing that would be asked about, and its dry run shows what would be run.
        let shows_what_is_run = logs_in(&path) || path[0] == "ssh";
        assert_eq!(takes_yes, takes_dry_run && !shows_what_is_run, "{}", path.join(" "));
        let known = WRITES.iter().any(|write| path.iter().zip(*write).all(|(word, written)| word == written));
        assert_eq!(takes_yes, known, "{}: is it in the table of writes?", path.join(" "));
    }
}
