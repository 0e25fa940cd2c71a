//! Columns, order, filters, limits and jq: the same on every list.

use serde_json::{Value, json};

use crate::world::{Run, World};

const PRODUCTION: &str = "awesome-app@production";

fn stacks(more: &[&str]) -> Run {
    World::new().sandbox(&[&["stacks", "list"], more].concat())
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
    let run = World::new().sandbox(&deployments).code(0);
    assert_eq!(
        lines(&run)[0].split_whitespace().collect::<Vec<_>>(),
        ["ID", "TRIGGERED", "VIA.MEANING", "OUTCOME.CODE"]
    );
    assert_eq!(lines(&run)[1].split_whitespace().collect::<Vec<_>>(), ["107", "web", "1"]);
    let run = World::new().sandbox(&[deployments.as_slice(), &["-o", "json"]].concat()).code(0);
    assert_eq!(run.json(), json!([{ "id": 107, "triggered_via.meaning": "web", "outcome.code": 1 }]));
    let history = ["env", "list", "POSTGRESQL_USERNAME", "-s", PRODUCTION, "--columns", "history.0.value", "-o", "tsv"];
    assert_eq!(World::new().sandbox(&history).code(0).stdout, "history.0.value\nxyz\n");
}

#[test]
fn a_wrong_column_lists_the_right_ones_and_the_nearest() {
    for flag in ["--columns", "--sort"] {
        let run = stacks(&[flag, "enviroment"]).code(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("no column `enviroment`"), "{}", run.stderr);
        assert!(run.stderr.contains("did you mean `environment`?"), "{}", run.stderr);
        assert!(run.stderr.contains("name, environment, status, health"), "{}", run.stderr);
        assert!(run.stderr.contains("git_branch"), "fields of the item too: {}", run.stderr);
    }
    stacks(&["--filter", "enviroment=staging"]).code(2);
    let run = stacks(&["--columns", "nope", "-o", "json"]).code(2);
    assert_eq!(run.json_error()["code"], "usage");
    World::new().sandbox(&["stacks", "show", PRODUCTION, "--columns", "nope"]).code(2);
}

#[test]
fn columns_help_lists_them_without_a_request() {
    let world = World::new();
    // Nobody is logged in: a request would fail.
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
        let run = world.run(&[command, &["--columns", "help"]].concat()).code(0);
        assert!(run.stdout.lines().any(|line| line.starts_with(&format!("{some} "))), "{command:?}: {}", run.stdout);
    }
}

#[test]
fn rows_are_sorted_both_ways() {
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
        World::new().sandbox(&["backups", "list", "-s", PRODUCTION, "--sort", "size:desc", "-o", "name"]).code(0);
    assert_eq!(lines(&backups), ["5", "4", "1", "6"], "sizes are numbers");
    let first = stacks(&["--sort", "name:desc", "--limit", "2", "-o", "json"]).code(0);
    assert_eq!(first.json().as_array().map(Vec::len), Some(2), "the limit comes after the order");
    assert_eq!(first.json()[0]["name"].as_str(), up.last().map(String::as_str));
    assert!(stacks(&["--sort", "name:up"]).code(2).stderr.contains("asc and desc"));
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
    let shown = World::new().sandbox(&["stacks", "show", PRODUCTION, "--jq", ".fqdn"]).code(0);
    assert_eq!(shown.stdout, "awesome-app.dev.c66.me\n");
    let password = World::new().sandbox(&["env", "list", "-s", PRODUCTION, "--jq", ".[3].value"]).code(0);
    assert_eq!(password.stdout, "tjena\n", "jq sees what the API sent");
}

#[test]
fn a_broken_expression_is_shown_with_its_place() {
    for expression in [".[", ".[0] | nofunction", "{a:"] {
        // The expression is read before anything is asked of the API: nobody is logged in here.
        let run = World::new().run(&["stacks", "list", "--jq", expression]).code(2);
        assert!(run.stderr.contains("--jq") && run.stderr.contains('^'), "{}", run.stderr);
        assert!(run.stderr.contains(expression), "{}", run.stderr);
    }
    let run = stacks(&["--jq", ".[0] + 1"]).code(2);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_show_takes_columns_too() {
    let world = World::new();
    let run = world.sandbox(&["stacks", "show", PRODUCTION, "--columns", "name,git_branch", "-o", "json"]).code(0);
    assert_eq!(run.json(), json!({ "name": "Awesome App", "git_branch": "fig" }));
    let run =
        world.sandbox(&["stacks", "show", PRODUCTION, "--columns", "name,uid", "-o", "csv", "--no-headers"]).code(0);
    assert_eq!(run.stdout, "Awesome App,5999b763474b0eafa5fafb64bff0ba80\n");
    let run = world.sandbox(&["stacks", "show", PRODUCTION, "-o", "name"]).code(0);
    assert_eq!(run.stdout, "5999b763474b0eafa5fafb64bff0ba80\n");
    let yaml = world.sandbox(&["stacks", "show", PRODUCTION, "-o", "yaml"]).code(0).stdout;
    assert!(yaml.starts_with("uid: 5999b763474b0eafa5fafb64bff0ba80\nname: Awesome App\n"), "{yaml}");
    assert_ne!(world.sandbox(&["stacks", "show", PRODUCTION, "-o", "json"]).code(0).json(), Value::Null);
}
