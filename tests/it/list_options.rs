//! `--columns`, `--sort`, `--filter`, `--limit` and `--jq`, the same on every list.

use clap::Command;
use serde_json::{Value, json};

use crate::support::command_lines::CLOUDMC_READS;
use crate::support::replies::list;
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::{Run, TestEnv};

const PRODUCTION: &str = "awesome-app@production";

fn stacks(more: &[&str]) -> Run {
    TestEnv::new().sandbox(&[&["stacks", "list"], more].concat())
}

fn lines(run: &Run) -> Vec<&str> {
    run.stdout.lines().collect()
}

#[test]
fn columns_are_chosen_by_name_and_by_json_path() {
    let run = stacks(&["--columns", "uid,LAST-ACTIVITY,git_branch", "-o", "csv", "--limit", "1"]).code(0);
    assert_eq!(
        lines(&run),
        ["uid,last_activity,git_branch", "5999b763474b0eafa5fafb64bff0ba80,2014-08-14T01:46:53Z,fig"]
    );
    let deployments = ["deployments", "list", "-s", PRODUCTION, "--columns", "id,triggered_via.meaning,outcome.code"];
    let run = TestEnv::new().sandbox(&deployments).code(0);
    assert_eq!(
        lines(&run)[0].split_whitespace().collect::<Vec<_>>(),
        ["ID", "TRIGGERED", "VIA.MEANING", "OUTCOME.CODE"]
    );
    assert_eq!(lines(&run)[1].split_whitespace().collect::<Vec<_>>(), ["107", "web", "1"]);
    let run = TestEnv::new().sandbox(&[deployments.as_slice(), &["-o", "json"]].concat()).code(0);
    assert_eq!(run.json(), json!([{ "id": 107, "triggered_via.meaning": "web", "outcome.code": 1 }]));
    let history = ["env", "list", "POSTGRESQL_USERNAME", "-s", PRODUCTION, "--columns", "history.0.value", "-o", "tsv"];
    assert_eq!(TestEnv::new().sandbox(&history).code(0).stdout, "history.0.value\nxyz\n");
}

/// A narrow terminal heads `last_activity` with ACTIVITY.
#[test]
fn a_short_header_is_a_name_of_its_column() {
    let run = stacks(&["--columns", "name,activity", "--filter", "ACTIVITY>2000-01-01", "-o", "csv", "--limit", "1"]);
    assert!(run.code(0).stdout.starts_with("name,last_activity\n"));
}

#[test]
fn an_error_about_a_column_does_not_list_thousands_of_names() {
    let items: Vec<Value> = (0..5_000).map(|number| json!({ format!("key{number}"): 1 })).collect();
    let server = ScriptedServer::replying(move |_| list(&items));
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "--columns", "kez1"]).code(2);
    assert!(run.stderr.len() < 4_000 && run.stderr.contains(", …\n"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `key1`?"), "{}", run.stderr);
}

#[test]
fn the_word_of_a_code_is_a_column_in_json() {
    let run = stacks(&["--columns", "health,health_text,status_text", "-o", "json", "--limit", "1"]).code(0);
    let expected = json!([{"health": 3, "health_text": "Healthy", "status_text": "Deployed successfully"}]);
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).expect("JSON"), expected);
    let run = stacks(&["--columns", "uid,nothing_text", "-o", "json"]).code(2);
    assert!(run.stderr.contains("unknown column `nothing_text`"), "{}", run.stderr);
}

#[test]
fn an_unknown_column_lists_the_valid_ones_and_suggests_one() {
    for flag in ["--columns", "--sort"] {
        let run = stacks(&[flag, "enviroment"]).code(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("unknown column `enviroment`"), "{}", run.stderr);
        assert!(run.stderr.contains("did you mean `environment`?"), "{}", run.stderr);
        assert!(run.stderr.contains("name, environment, status, health"), "{}", run.stderr);
        assert!(run.stderr.contains("git_branch"), "fields of the item too: {}", run.stderr);
    }
    stacks(&["--filter", "enviroment=staging"]).code(2);
    let run = stacks(&["--columns", "nope", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "usage");
    TestEnv::new().sandbox(&["stacks", "show", PRODUCTION, "--columns", "nope"]).code(2);
}

#[test]
fn columns_help_lists_the_columns_without_a_request() {
    let test_env = TestEnv::new();
    // No login: a request would fail.
    for (command, some) in [
        (&["stacks", "list"] as &[&str], "last_activity"),
        (&["stacks", "show"], "fqdn"),
        (&["deployments", "list"], "outcome"),
        (&["actions", "list"], "message"),
        (&["env", "list"], "readonly"),
        (&["backups", "list"], "database"),
        (&["backups", "files", "1"], "name"),
        (&["profiles", "list"], "account"),
        (&["config", "list"], "value"),
    ] {
        let run = test_env.run(&[command, &["--columns", "help"]].concat()).code(0);
        assert!(run.stdout.lines().any(|line| line.starts_with(&format!("{some} "))), "{command:?}: {}", run.stdout);
    }
}

#[test]
fn rows_are_sorted_ascending_and_descending() {
    let names = |sort: &str| {
        let run = stacks(&["--sort", sort, "--columns", "name", "--no-headers", "-o", "csv"]).code(0);
        lines(&run).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let up = names("name");
    assert!(up.len() > 60);
    assert!(up.is_sorted_by_key(|name| name.to_lowercase()), "{up:?}");
    assert_eq!(names("name:asc"), up);
    assert_eq!(names("name:desc").first(), up.last());
    let backups =
        TestEnv::new().sandbox(&["backups", "list", "-s", PRODUCTION, "--sort", "size:desc", "-o", "name"]).code(0);
    assert_eq!(lines(&backups), ["5", "4", "1", "6"], "sizes are numbers");
    let first = stacks(&["--sort", "name:desc", "--limit", "2", "-o", "json"]).code(0);
    assert_eq!(first.json().as_array().map(Vec::len), Some(2), "the limit comes after the order");
    assert_eq!(first.json()[0]["name"].as_str(), up.last().map(String::as_str));
    assert!(stacks(&["--sort", "name:up"]).code(2).stderr.contains("use asc or desc"));
}

#[test]
fn filters_work_in_every_format() {
    for (filters, expected) in [
        (&["name=Awesome App"] as &[&str], 2),
        (&["name=awesome app", "environment=staging"], 1),
        (&["health!=Healthy"], 8),
        (&["health=3", "name~^Awesome"], 2),
        (&["name~^atlas-(web|api)$"], 2),
        (&["git_branch=fig"], 1),
        (&["name=nothing"], 0),
    ] {
        let mut arguments: Vec<&str> = filters.iter().flat_map(|filter| ["--filter", filter]).collect();
        arguments.extend(["-o", "name"]);
        let format = arguments.len() - 1;
        for (word, beside) in [("name", 0), ("jsonl", 0), ("table", 1), ("wide", 1), ("csv", 1), ("tsv", 1)] {
            arguments[format] = word;
            let run = stacks(&arguments).code(0);
            assert_eq!(lines(&run).len(), expected + beside, "{filters:?} {word}: {}", run.stdout);
        }
        arguments[format] = "json";
        assert_eq!(stacks(&arguments).code(0).json().as_array().map(Vec::len), Some(expected), "{filters:?}");
        arguments[format] = "yaml";
        let yaml = stacks(&arguments).code(0).stdout;
        assert_eq!(yaml.lines().filter(|line| line.starts_with("- ")).count(), expected, "{yaml}");
    }
    for broken in ["name", "=x", "name~[", "name!x"] {
        let run = stacks(&["--filter", broken]).code(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn a_limit_stops_early_and_says_so() {
    let run = stacks(&["--limit", "2", "--debug"]).code(0);
    assert_eq!(lines(&run).len(), 3);
    assert!(run.stderr.contains("showing 2 of 6"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("> GET").count(), 1, "one page is enough: {}", run.stderr);
    let run = stacks(&["--limit", "31", "--debug", "-o", "name"]).code(0);
    assert_eq!(lines(&run).len(), 31);
    assert_eq!(run.stderr.matches("> GET").count(), 2, "{}", run.stderr);
    let run = stacks(&["--limit", "1000"]).code(0);
    assert!(!run.stderr.contains("showing"), "{}", run.stderr);
    stacks(&["--limit", "0"]).code(2);
}

#[test]
fn jq_prints_strings_raw_and_other_values_as_json() {
    let run = stacks(&["--jq", ".[0] | .name, .status, .maintenance_mode, [.uid], {health}"]).code(0);
    assert_eq!(lines(&run), ["Awesome App", "1", "false", "[\"5999b763474b0eafa5fafb64bff0ba80\"]", "{\"health\":3}"]);
    assert_eq!(stacks(&["--jq", "length > 60"]).code(0).stdout, "true\n", "it sees all pages");
    assert_eq!(stacks(&["--jq", "empty"]).code(0).stdout, "");
    let per_line = stacks(&["-o", "jsonl", "--limit", "2", "--jq", ".environment"]).code(0);
    assert_eq!(per_line.stdout, "production\nstaging\n", "an item at a time");
    let shown = TestEnv::new().sandbox(&["stacks", "show", PRODUCTION, "--jq", ".fqdn"]).code(0);
    assert_eq!(shown.stdout, "awesome-app.dev.c66.me\n");
    let password = TestEnv::new().sandbox(&["env", "list", "-s", PRODUCTION, "--jq", ".[3].value"]).code(0);
    assert_eq!(password.stdout, "tjena\n", "jq sees what the API sent");
}

#[test]
fn jq_json_keeps_the_quotes_of_strings() {
    let run = stacks(&["--limit", "1", "--jq", ".[0].name, 1", "--jq-json"]).code(0);
    assert_eq!(run.stdout, "\"Awesome App\"\n1\n");
    assert!(stacks(&["--jq-json"]).code(2).stderr.contains("--jq"));
}

#[test]
fn jq_expressions_take_variables_and_may_begin_with_a_hyphen() {
    let arguments =
        ["--limit", "1", "--arg", "who", "-x \"y\"", "--argjson", "data", r#"{"a": [1, 2.50]}"#, "--arg", "n", "1"];
    let with = |expression: &str| stacks(&[&arguments[..], &["--jq", expression]].concat());
    assert_eq!(with("$who, $data.a[1], ($n | type)").code(0).stdout, "-x \"y\"\n2.50\nstring\n");
    assert_eq!(with("$ARGS.named | keys | join(\" \")").code(0).stdout, "data n who\n");
    assert_eq!(with("-(1)").code(0).stdout, "-1\n");
    assert!(with("$other").code(2).stderr.contains("$other is not defined"));
    for bad in [["--arg", "a-b", "1"], ["--argjson", "a", "{"], ["--argjson", "a", "1 2"]] {
        let run = stacks(&[&bad[..], &["--jq", "."]].concat()).code(2);
        assert!(run.stderr.contains(bad[0]), "{}", run.stderr);
    }
    assert!(stacks(&["--arg", "a", "1"]).code(2).stderr.contains("--jq"), "it is for --jq only");
}

#[test]
fn a_jq_syntax_error_is_shown_with_its_position() {
    for expression in [".[", ".[0] | nofunction", "{a:"] {
        // The expression is checked before any request: there is no login.
        let run = TestEnv::new().run(&["stacks", "list", "--jq", expression]).code(2);
        assert!(run.stderr.contains("--jq") && run.stderr.contains('^'), "{}", run.stderr);
        assert!(run.stderr.contains(expression), "{}", run.stderr);
    }
    let run = stacks(&["--jq", ".[0] + 1"]).code(2);
    assert_eq!(run.stdout, "");
}

#[test]
fn show_takes_columns_too() {
    let test_env = TestEnv::new();
    let run = test_env.sandbox(&["stacks", "show", PRODUCTION, "--columns", "name,git_branch", "-o", "json"]).code(0);
    assert_eq!(run.json(), json!({ "name": "Awesome App", "git_branch": "fig" }));
    let run =
        test_env.sandbox(&["stacks", "show", PRODUCTION, "--columns", "name,uid", "-o", "csv", "--no-headers"]).code(0);
    assert_eq!(run.stdout, "Awesome App,5999b763474b0eafa5fafb64bff0ba80\n");
    let run = test_env.sandbox(&["stacks", "show", PRODUCTION, "-o", "name"]).code(0);
    assert_eq!(run.stdout, "5999b763474b0eafa5fafb64bff0ba80\n");
    let yaml = test_env.sandbox(&["stacks", "show", PRODUCTION, "-o", "yaml"]).code(0).stdout;
    assert!(yaml.starts_with("uid: 5999b763474b0eafa5fafb64bff0ba80\nname: Awesome App\n"), "{yaml}");
    assert_ne!(test_env.sandbox(&["stacks", "show", PRODUCTION, "-o", "json"]).code(0).json(), Value::Null);
}

const P: &str = "awesome-app@production";

/// Every command that takes columns, with arguments for which it has rows.
const SELECTED: &[&[&str]] = &[
    &["stacks", "list"],
    &["stacks", "show", P],
    &["deployments", "list", "-s", P],
    &["deployments", "show", "107", "-s", P],
    &["actions", "list", "-s", P],
    &["actions", "show", "10", "-s", P],
    &["services", "list", "-s", P],
    &["services", "show", "web", "-s", P],
    &["containers", "list", "-s", P],
    &["containers", "show", "cba4", "-s", P],
    &["servers", "list", "-s", P],
    &["servers", "show", "caribou", "-s", P],
    &["servers", "settings", "list", "caribou", "-s", P],
    &["server-groups", "list", "-s", P],
    &["server-groups", "show", "rails", "-s", P],
    &["env", "list", "-s", P],
    &["env", "history", "POSTGRESQL_USERNAME", "-s", P],
    &["settings", "list", "-s", P],
    &["backups", "list", "-s", P],
    &["backups", "show", "4", "-s", P],
    &["backups", "files", "4", "-s", P],
    &["ssl", "list", "-s", P],
    &["ssl", "show", "ssl-9ad095613rrr4e0b8f718302bab8709e", "-s", P],
    &["firewall", "list", "-s", P],
    &["firewall", "show", "5027", "-s", P],
    &["notifications", "list", "-s", P],
    &["notifications", "show", "1191", "-s", P],
    &["processes", "list", "-s", P],
    &["processes", "show", "worker", "-s", P],
    &["jobs", "list", "-s", P],
    &["jobs", "show", "pies", "-s", P],
    &["dns-providers", "list"],
    &["image-repositories", "list"],
    &["image-repositories", "show", "3"],
    &["failover-groups", "list"],
    &["tags", "list", "loadbalancer", "17823"],
    &["gateways", "list"],
    &["config-files", "list", "-s", P],
    &["config-files", "show", "nginx", "-s", P],
    &["config-files", "versions", "service", "-s", "voting-app"],
    &["variants", "list", "-s", "voting-app"],
    &["config-store", "list", "-s", P],
    &["config-store", "show", "smtp.host", "-s", P],
    &["sessions", "show", "web", "-s", P],
    &["databases", "list", "-s", P],
    &["databases", "show", "awesome_app", "-s", P],
    &["databases", "users", "list", "-s", P],
    &["clusters", "list"],
    &["clusters", "show", "1"],
    &["operations", "logs", "0f4b5b4c2a7d4a0c9a3f1e2d3c4b5a69"],
    &["clouds", "list"],
    &["clouds", "show", "digitalocean"],
    &["clouds", "regions", "aws"],
    &["clouds", "sizes", "aws"],
    &["accounts", "list"],
    &["accounts", "show", "139"],
    &["users", "list"],
    &["users", "show", "18"],
    &["devices", "list", "--user", "18"],
    &["auth", "status"],
    &["config", "list"],
    &["alias", "list"],
    &["profiles", "list"],
    &["profiles", "show", "default"],
    &["ssh", "known"],
    &["wait", "stack", P, "--for", "status=deployed"],
    &["limits"],
    &["doctor"],
    &["cloudmc", "tasks", "show", "x"],
];

/// Commands without rows in the sandbox, or whose columns depend on the reply.
const NOTHING_THERE: &[&str] = &[
    "alias list",
    "profiles list",
    "profiles show",
    "ssh known",
    "cloudmc list",
    "cloudmc get",
    "cloudmc tasks show",
    "doctor",
    "wait",
];

/// The words and the flags of every command that takes `--columns`.
fn selecting() -> Vec<(Vec<String>, Command)> {
    fn walk(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name().to_owned()]].concat();
            walk(inner, &path, found);
            if inner.get_arguments().any(|argument| argument.get_long() == Some("columns")) {
                found.push((path, inner.clone()));
            }
        }
    }
    let mut found = Vec::new();
    let mut tree = c66::testing::command();
    tree.build();
    walk(&tree, &[], &mut found);
    found
}

fn typed(path: &[String]) -> &'static [&'static str] {
    SELECTED
        .iter()
        .chain(CLOUDMC_READS)
        .find(|typed| typed.starts_with(&path.iter().map(String::as_str).collect::<Vec<_>>()))
        .unwrap_or_else(|| panic!("`{}` takes columns: how is it typed?", path.join(" ")))
}

#[test]
fn every_column_of_every_list_is_described_without_a_request() {
    let test_env = TestEnv::new();
    for (path, _) in selecting() {
        // No login: a request would fail.
        let words = [typed(&path), &["--columns", "help"]].concat();
        let run = test_env.run(&[&words[..], &["-o", "json"]].concat()).code(0);
        let columns = run.json();
        assert!(!columns.as_array().expect("a list").is_empty(), "{words:?}");
        for column in columns.as_array().expect("a list") {
            let meaning = column["meaning"].as_str().unwrap_or_else(|| panic!("{path:?}: what does {column} mean?"));
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{column}");
        }
        let run = test_env.run(&words).code(0);
        assert!(run.stdout.starts_with("COLUMN"), "{words:?}: {}", run.stdout);
    }
}

#[test]
fn every_list_explains_a_wrong_column_sort_filter_or_expression() {
    let test_env = TestEnv::new();
    for (path, command) in selecting() {
        let words = typed(&path);
        let ask = |more: &[&str]| test_env.sandbox(&[words, more].concat());
        // Without an item, the fields of its JSON are unknown.
        if NOTHING_THERE.contains(&path.join(" ").as_str()) {
            continue;
        }
        let columns = test_env.run(&[words, &["--columns", "help", "-o", "name"]].concat()).code(0).stdout;
        let first = columns.lines().next().expect("a column");
        let wrong = format!("{first}x");
        let refused = |flag: &str, value: &str| {
            let run = ask(&[flag, value]).code(2);
            assert_eq!(run.stdout, "", "{words:?}");
            let all = ["unknown column", &wrong, first, "did you mean"];
            assert!(all.iter().all(|part| run.stderr.contains(part)), "{words:?} {flag}: {}", run.stderr);
        };
        refused("--columns", &wrong);
        if command.get_arguments().any(|argument| argument.get_long() == Some("sort")) {
            refused("--sort", &wrong);
            refused("--filter", &format!("{wrong}=1"));
            // Invalid orders, filters and expressions are refused before any request; for CloudMC, the address,
            // which has no default, is checked first.
            if path[0] == "cloudmc" {
                continue;
            }
            let ask = |more: &[&str]| test_env.run(&[words, more].concat());
            assert!(ask(&["--sort", &format!("{first}:up")]).code(2).stderr.contains("use asc or desc"));
            assert!(ask(&["--filter", first]).code(2).stderr.contains("COLUMN=VALUE, COLUMN!=VALUE, COLUMN~REGEX"));
            assert!(ask(&["--filter", &format!("{first}~(")]).code(2).stderr.contains("invalid regular expression"));
        }
        assert!(
            test_env.run(&[words, &["--jq", ".["]].concat()).code(2).stderr.contains('^'),
            "the place of the fault is shown"
        );
    }
}
