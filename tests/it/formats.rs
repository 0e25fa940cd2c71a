//! Every output format on every list, read by a parser that is not the program's own.

use serde_json::Value;
use yaml_rust2::YamlLoader;

use crate::support::process::Running;
use crate::support::test_env::{Run, TestEnv, finish};

/// Every list there is, with the key of the id that `-o name` prints.
const LISTS: &[(&[&str], &str)] = &[
    (&["stacks", "list"], "uid"),
    (&["deployments", "list", "-s", PRODUCTION], "id"),
    (&["actions", "list", "-s", PRODUCTION], "id"),
    (&["env", "list", "-s", PRODUCTION], "key"),
    (&["env", "history", "POSTGRESQL_USERNAME", "-s", PRODUCTION], "key"),
    (&["backups", "list", "-s", PRODUCTION], "id"),
    (&["backups", "files", "5", "-s", PRODUCTION], "id"),
    (&["profiles", "list"], "name"),
    // The setting `output` differs in each format.
    (&["config", "list", "--filter", "key!=output"], "key"),
];
const PRODUCTION: &str = "awesome-app@production";

/// A configuration with two profiles.
fn test_env() -> TestEnv {
    TestEnv::with_config("[profiles.home]\naccount = \"7\"\n\n[profiles.work]\naccount = \"8\"\n")
}

fn list(test_env: &TestEnv, list: &[&str], more: &[&str]) -> Run {
    test_env.sandbox(&[list, more].concat()).code(0)
}

fn items(run: &Run) -> Vec<Value> {
    run.json().as_array().expect("a list").clone()
}

fn rows(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("rows of one length").iter().map(str::to_owned).collect());
    rows.collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn json_is_one_document_and_jsonl_has_one_item_per_line() {
    let test_env = test_env();
    for (command, id) in LISTS {
        let all = items(&list(&test_env, command, &["-o", "json"]));
        assert!(all.len() > 1 || command[0] == "deployments" || command[0] == "actions", "{command:?}");
        assert!(all.iter().all(|item| !item[id].is_null()), "{command:?}");
        assert_eq!(items(&list(&test_env, command, &["--json"])), all);
        let lines = list(&test_env, command, &["-o", "jsonl"]).stdout;
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines, all, "{command:?}");
    }
}

#[test]
fn yaml_has_the_same_content_as_json() {
    let test_env = test_env();
    for (command, _) in LISTS {
        let all = items(&list(&test_env, command, &["-o", "json"]));
        let read = YamlLoader::load_from_str(&list(&test_env, command, &["-o", "yaml"]).stdout).expect("YAML");
        assert_eq!(read.len(), 1, "one document");
        assert_eq!(read[0].as_vec().expect("a list").iter().map(from_yaml).collect::<Vec<_>>(), all, "{command:?}");
    }
}

fn from_yaml(yaml: &yaml_rust2::Yaml) -> Value {
    use yaml_rust2::Yaml;
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Boolean(value) => Value::from(*value),
        Yaml::Integer(number) => Value::from(*number),
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Array(items) => items.iter().map(from_yaml).collect(),
        Yaml::Hash(map) => {
            map.iter().map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), from_yaml(value))).collect()
        }
        other => panic!("{other:?} has no counterpart in JSON"),
    }
}

#[test]
fn csv_tsv_and_tables_have_the_same_rows() {
    let test_env = test_env();
    for (command, _) in LISTS {
        let count = items(&list(&test_env, command, &["-o", "json"])).len();
        let csv = rows(&list(&test_env, command, &["-o", "csv"]).stdout, b',');
        assert_eq!(csv.len(), count + 1, "{command:?}");
        assert_eq!(rows(&list(&test_env, command, &["-o", "tsv"]).stdout, b'\t'), csv, "{command:?}");
        let bare = list(&test_env, command, &["-o", "csv", "--no-headers"]).stdout;
        assert_eq!(rows(&bare, b','), csv[1..], "{command:?}");
        let table = list(&test_env, command, &[]).stdout;
        let header: Vec<String> = csv[0].iter().map(|name| name.to_uppercase().replace('_', " ")).collect();
        let shown: Vec<&str> = table
            .lines()
            .next()
            .expect("a header")
            .split("  ")
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect();
        assert_eq!(shown, header, "{command:?}");
        assert_eq!(table.lines().count(), count + 1, "{command:?}");
        for (line, row) in table.lines().zip(&csv).skip(1) {
            // Sizes and durations have units in formats for people.
            let texts = row.iter().filter(|cell| cell.parse::<f64>().is_err());
            assert!(texts.into_iter().all(|cell| line.contains(cell.as_str())), "{line} is not {row:?}");
        }
        let bare = list(&test_env, command, &["--no-headers"]).stdout;
        assert_eq!(bare.lines().count(), count, "{command:?}");
        let wide = list(&test_env, command, &["-o", "wide"]).stdout;
        assert!(wide.lines().next().expect("a header").len() >= table.lines().next().expect("a header").len());
    }
}

#[test]
fn name_prints_one_id_per_line() {
    let test_env = test_env();
    for (command, id) in LISTS {
        let ids: Vec<String> =
            items(&list(&test_env, command, &["-o", "json"])).iter().map(|item| text(&item[id])).collect();
        let names = list(&test_env, command, &["-o", "name"]).stdout;
        assert_eq!(names.lines().collect::<Vec<_>>(), ids, "{command:?}");
    }
}

#[test]
fn an_empty_list_is_valid_in_every_format() {
    let test_env = test_env();
    for (command, id) in LISTS {
        let none = format!("{id}=there is no such thing");
        let empty = |format: &str| list(&test_env, command, &["--filter", &none, "-o", format]).stdout;
        assert_eq!(empty("json").trim(), "[]", "{command:?}");
        assert_eq!(empty("yaml").trim(), "[]", "{command:?}");
        assert_eq!(empty("jsonl"), "", "{command:?}");
        assert_eq!(empty("name"), "", "{command:?}");
        for format in ["csv", "tsv", "table", "wide"] {
            assert_eq!(empty(format).lines().count(), 1, "{command:?} {format}");
        }
    }
    let fresh = &["deployments", "list", "-s", "fresh-start"];
    assert_eq!(list(&test_env, fresh, &["-o", "json"]).stdout.trim(), "[]");
    assert_eq!(list(&test_env, fresh, &["-o", "csv"]).stdout, "id,outcome,type,by,via,commit,started,duration,live\n");
}

#[test]
fn off_a_terminal_there_are_no_escape_codes_unless_colour_is_forced() {
    let test_env = test_env();
    for (command, _) in LISTS {
        for format in ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "name"] {
            let run = list(&test_env, command, &["-o", format]);
            assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{command:?} {format}");
        }
    }
    let stacks = ["--sandbox", "stacks", "list", "--limit", "2"];
    let coloured = |name: &str, value: &str, more: &[&str]| {
        let run = crate::support::test_env::finish(test_env.command().env(name, value).args(stacks).args(more)).code(0);
        run.stdout.contains("\u{1b}[")
    };
    assert!(coloured("X", "", &["--color", "always"]));
    assert!(coloured("NO_COLOR", "1", &["--color", "always"]), "the flag wins");
    assert!(coloured("CLICOLOR_FORCE", "1", &[]));
    assert!(coloured("FORCE_COLOR", "1", &[]));
    assert!(!coloured("CLICOLOR_FORCE", "1", &["--color", "never"]));
    assert!(!coloured("NO_COLOR", "1", &[]));
    // An invalid command line is also answered in the requested format.
    for never in [&["--color=never"] as &[&str], &["--color", "never"]] {
        let mut command = test_env.command();
        let run =
            crate::support::test_env::finish(command.env("CLICOLOR_FORCE", "1").args(never).args(["stacks", "lst"]))
                .code(2);
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr.escape_debug());
    }
    for format in ["json", "jsonl", "yaml", "csv", "tsv", "name"] {
        assert!(!coloured("X", "", &["--color", "always", "-o", format]), "{format} is for programs");
    }
}

#[test]
fn a_piped_table_is_not_shortened_and_its_times_are_rfc_3339() {
    let test_env = TestEnv::new();
    let value = "x".repeat(300);
    test_env.sandbox(&["env", "set", &format!("LONG={value}"), "-s", "awesome-app@staging"]).code(0);
    let run = test_env.sandbox(&["env", "list", "-s", "awesome-app@staging"]).code(0);
    assert!(run.stdout.contains(&value) && !run.stdout.contains('…'));
    let run = test_env.sandbox(&["deployments", "list", "-s", PRODUCTION]).code(0);
    assert!(run.stdout.contains("2014-08-29T17:46:16Z") && !run.stdout.contains("ago"), "{}", run.stdout);
}

#[test]
fn the_columns_variable_does_not_change_a_piped_table() {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("COLUMNS", "30").args(["--sandbox", "stacks", "list"]);
    let run = crate::support::test_env::finish(&mut command).code(0);
    assert_eq!(run.stdout, test_env.sandbox(&["stacks", "list"]).code(0).stdout);
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let test_env = TestEnv::new();
    for (index, format) in ["table", "json", "jsonl", "yaml", "csv", "name"].into_iter().enumerate() {
        let mut command = test_env.command();
        command.args(["--sandbox", "stacks", "list", "-o", format]);
        // Half of the readers read something before they close the pipe.
        let run = Running::start_and_close(&mut command, (index % 2) as u64).end().code(0);
        assert_eq!(run.stderr, "", "{format}");
    }
}

#[test]
fn an_unknown_format_lists_the_valid_ones() {
    let run = TestEnv::new().sandbox(&["stacks", "list", "-o", "xml"]).code(2);
    for format in ["table", "wide", "json", "jsonl", "yaml", "csv", "tsv", "name"] {
        assert!(run.stderr.contains(format), "{}", run.stderr);
    }
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_OUTPUT", "xml").args(["--sandbox", "stacks", "list"]);
    let run = crate::support::test_env::finish(&mut command).code(2);
    assert!(run.stderr.contains("C66_OUTPUT") && run.stderr.contains("jsonl"), "{}", run.stderr);
    let mut command = test_env.command();
    command.env("C66_OUTPUT", "name").args(["--sandbox", "stacks", "list", "--limit", "1"]);
    assert_eq!(crate::support::test_env::finish(&mut command).code(0).stdout, "5999b763474b0eafa5fafb64bff0ba80\n");
}

#[test]
fn json_keeps_the_order_of_fields() {
    let stack = &items(&list(&TestEnv::new(), &["stacks", "list"], &["--limit", "1", "-o", "json"]))[0];
    let keys: Vec<&String> = stack.as_object().expect("an object").keys().collect();
    assert_eq!(keys[..4], ["uid", "name", "git", "git_branch"]);
    assert_eq!(keys.last().map(|key| key.as_str()), Some("application_address"));
    assert_eq!(stack["created_at"], "2014-08-14 00:38:14 UTC", "as it came");
}

#[test]
fn a_spreadsheet_finds_no_formula_in_safe_csv() {
    let test_env = TestEnv::new();
    test_env.sandbox(&["env", "set", "FORMULA==1+1", "MINUS=-5", "-s", "awesome-app@staging"]).code(0);
    let rows = |more: &[&str], variable: Option<&str>| {
        let mut command = test_env.command();
        if let Some(value) = variable {
            command.env("C66_CSV_SAFE", value);
        }
        let words = ["--sandbox", "env", "list", "-s", "awesome-app@staging", "-o", "csv", "--columns", "key,value"];
        finish(command.args(words).args(more)).code(0).stdout
    };
    assert!(rows(&[], None).contains("FORMULA,=1+1\n"), "the data is true by default");
    for (more, variable) in [(&["--csv-safe"] as &[&str], None), (&[], Some("1"))] {
        let safe = rows(more, variable);
        assert!(safe.contains("FORMULA,'=1+1\n") && safe.contains("MINUS,-5\n"), "{safe}");
    }
}
