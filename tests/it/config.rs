//! The configuration file, the project file, profiles, and which of them wins.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::wire::{self, Scripted, closed_port};
use crate::world::{Run, World, finish};

/// A world with this configuration file, readable by its user alone.
fn with_config(text: &str) -> World {
    let world = World::new();
    fs::create_dir(world.home().join("config")).expect("a folder");
    write_private(&world.config_file(), text);
    world
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("a file");
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("permissions");
}

fn config(world: &World) -> String {
    fs::read_to_string(world.config_file()).expect("the file")
}

fn project(world: &World, text: &str) {
    fs::write(world.home().join(".c66.toml"), text).expect("a file");
}

/// The row of a setting: its value and its origin.
fn setting(run: &Run, key: &str) -> (Value, String) {
    let rows = run.json();
    let row = rows.as_array().and_then(|rows| rows.iter().find(|row| row["key"] == key)).expect("a row").clone();
    (row["value"].clone(), row["origin"].as_str().expect("an origin").to_owned())
}

#[test]
fn the_list_shows_every_setting_and_where_it_comes_from() {
    let world = with_config("account = 12\n[profiles.default]\ntoken = \"canary\"\nstack = \"shop\"\n");
    project(&world, "environment = \"staging\"\n");
    let mut command = world.command();
    command.env("C66_TIMEOUT", "5m").args(["config", "list", "--show-origin", "--json", "--color", "never"]);
    let run = finish(&mut command).code(0);
    assert!(!run.stdout.contains("canary"), "{}", run.stdout);
    let file = world.config_file().display().to_string();
    let project = world.home().join(".c66.toml").display().to_string();
    for (key, value, origin) in [
        ("output", json!("json"), "--output"),
        ("color", json!("never"), "--color"),
        ("timeout", json!("5m"), "C66_TIMEOUT"),
        ("environment", json!("staging"), project.as_str()),
        ("stack", json!("shop"), "profile default"),
        ("account", json!("12"), file.as_str()),
        ("http_timeout", json!("60s"), "default"),
        ("poll_interval", json!("20ms"), "C66_POLL_INTERVAL"),
        ("ca_cert", json!(null), "default"),
        ("token", json!("********"), "profile default"),
    ] {
        assert_eq!(setting(&run, key), (value, origin.to_owned()), "{key}");
    }
    let table = world.run(&["config", "list", "--show-origin"]).code(0);
    let row = table.stdout.lines().find(|line| line.starts_with("stack ")).expect("a row");
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["stack", "shop", "profile", "default"]);
    assert!(!world.run(&["config", "list"]).code(0).stdout.contains("ORIGIN"));
}

#[test]
fn what_is_set_can_be_got_and_unset() {
    let world = World::new();
    world.run(&["config", "set", "stack", "awesome-app@staging"]).code(0);
    assert_eq!(config(&world), "[profiles.default]\nstack = \"awesome-app@staging\"\n");
    assert_eq!(world.run(&["config", "get", "stack"]).code(0).stdout, "awesome-app@staging\n");
    let json = world.run(&["config", "get", "stack", "--json"]).code(0).json();
    assert_eq!(json, json!({"key": "stack", "value": "awesome-app@staging", "origin": "profile default"}));
    world.run(&["config", "unset", "stack"]).code(0);
    world.run(&["config", "get", "stack"]).code(4);
    assert_eq!(world.run(&["config", "unset", "stack", "--json"]).code(0).json()["ok"], true);
}

#[test]
fn a_change_keeps_comments_order_and_unknown_keys() {
    let text = "# Mine.\nfuture = [1, 2] # kept\n\n# Work.\n[profiles.work] # first\ntoken = 'abc'\nmystery = {a=1}\n";
    let world = with_config(text);
    world.run(&["config", "set", "stack", "x", "--profile", "work"]).code(0);
    assert_eq!(config(&world), format!("{text}stack = \"x\"\n"));
    world.run(&["config", "unset", "stack", "--profile", "work"]).code(0);
    assert_eq!(config(&world), text);
}

#[test]
#[cfg(unix)]
fn what_is_written_is_for_the_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    world.run(&["config", "set", "output", "json"]).code(0);
    let mode = |path: &Path| fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&world.config_file()), 0o600);
    assert_eq!(mode(&world.home().join("config")), 0o700);
    fs::set_permissions(world.config_file(), PermissionsExt::from_mode(0o644)).expect("permissions");
    world.run(&["config", "set", "output", "csv"]).code(0);
    assert_eq!(mode(&world.config_file()), 0o600);
}

#[test]
fn a_value_that_no_later_command_could_use_is_refused_and_nothing_is_written() {
    let world = World::new();
    for (key, value) in [
        ("output", "xml"),
        ("color", "pink"),
        ("timeout", "soon"),
        ("concurrency", "many"),
        ("no_input", "perhaps"),
        ("provider", "aws"),
        ("outptu", "json"),
        ("token", "secret-canary"),
    ] {
        let run = world.run(&["config", "set", key, value]).code(2);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
    }
    assert!(!world.config_file().exists());
    let run = world.run(&["config", "get", "outptu"]).code(2);
    assert!(run.stderr.contains("did you mean output?"), "{}", run.stderr);
}

#[test]
fn a_broken_file_is_named_with_its_line_and_never_touched() {
    let text = "[profiles.default]\ntoken = \"canary\"\nstack = = \"x\"\n";
    let world = with_config(text);
    for arguments in [
        &["stacks", "list"][..],
        &["config", "set", "output", "json"],
        &["config", "unset", "output"],
        &["profiles", "use", "default"],
        &["auth", "logout"],
    ] {
        let run = world.run(arguments).code(2);
        assert!(run.stderr.contains(&world.config_file().display().to_string()), "{}", run.stderr);
        assert!(run.stderr.contains("line 3"), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(config(&world), text, "{arguments:?}");
    }
    let error = world.run(&["config", "list", "--json"]).code(2).json_error();
    assert_eq!(error["code"], "config");
}

#[test]
fn a_file_of_a_wrong_structure_is_a_config_error() {
    for text in ["profiles = 1\n", "[profiles]\ndefault = 1\n", "[profiles.default]\nstack = [1]\n"] {
        let run = with_config(text).run(&["config", "list"]).code(2);
        assert!(run.stderr.contains("config.toml"), "{}", run.stderr);
    }
    for text in ["token = 1\n", "token = \"a\"\ntoken_command = [\"b\"]\n", "token_command = \"b\"\n"] {
        with_config(&format!("[profiles.default]\n{text}")).run(&["auth", "token"]).code(2);
    }
}

#[test]
fn a_flag_is_shown_as_it_was_typed() {
    let world = World::new();
    let run = world.run(&["--http-timeout", "1m30s", "--concurrency", "3", "config", "list", "--json"]).code(0);
    let settings = run.json();
    for (key, value, origin) in [("http_timeout", "1m30s", "--http-timeout"), ("concurrency", "3", "--concurrency")] {
        let setting = settings.as_array().and_then(|all| all.iter().find(|setting| setting["key"] == key));
        assert_eq!(setting, Some(&json!({ "key": key, "value": value, "origin": origin })));
    }
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_gets_a_warning_with_the_command_to_type() {
    use std::os::unix::fs::PermissionsExt;
    let world = with_config("[profiles.default]\noutput = \"json\"\n");
    let path = world.config_file();
    let chmod = format!("chmod 600 {}", path.display());
    for (mode, warned) in [(0o644, true), (0o640, true), (0o606, true), (0o600, false), (0o400, false)] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("permissions");
        let run = world.run(&["config", "get", "output"]).code(0);
        assert_eq!(run.stderr.contains(&chmod), warned, "{mode:o}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), usize::from(warned));
    }
}

#[test]
fn a_project_file_that_could_steal_or_run_something_is_refused() {
    let server = Scripted::start(|_, _| wire::json(200, r#"{"response":[]}"#));
    for text in [
        "token = \"canary\"".to_owned(),
        "token_command = [\"touch\", \"ran\"]".to_owned(),
        format!("api_url = \"{}\"", server.url),
        format!("[profiles.default]\napi_url = \"{}\"", server.url),
        "[a.b.c]\ntoken = \"canary\"".to_owned(),
    ] {
        // A refusal that failed must not send this test out of the machine.
        let nowhere = format!("http://127.0.0.1:{}", closed_port());
        let world = with_config(&format!("[profiles.default]\napi_url = \"{nowhere}\"\n"));
        project(&world, &text);
        let mut command = world.command();
        let run = finish(command.env("C66_TOKEN", "t").args(["stacks", "list"])).code(2);
        assert!(run.stderr.contains(".c66.toml must not have"), "{}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert!(!world.home().join("ran").exists());
    }
    assert_eq!(server.count(), 0);
}

#[test]
fn a_project_file_holds_in_the_folders_below_it() {
    let world = World::new();
    project(&world, "stack = \"shop\"\n");
    let below = world.home().join("a/b");
    fs::create_dir_all(&below).expect("folders");
    let run = finish(world.command().current_dir(&below).args(["config", "get", "stack"])).code(0);
    assert_eq!(run.stdout, "shop\n");
    fs::write(below.join(".c66.toml"), "stack = \"nearer\"\n").expect("a file");
    let run = finish(world.command().current_dir(&below).args(["config", "get", "stack"])).code(0);
    assert_eq!(run.stdout, "nearer\n");
}

#[test]
fn a_broken_project_file_is_named_with_its_line() {
    let world = World::new();
    project(&world, "stack = \"x\"\n\nenvironment = \n");
    let run = world.run(&["config", "list"]).code(2);
    assert!(run.stderr.contains(".c66.toml") && run.stderr.contains("line 3"), "{}", run.stderr);
}

#[test]
fn the_nearer_setting_of_the_output_wins() {
    let world = with_config("output = \"csv\"\n[profiles.default]\noutput = \"tsv\"\n");
    project(&world, "output = \"yaml\"\n");
    let first_line = |variable: Option<&str>, flag: &[&str]| {
        let mut command = world.command();
        command.args(["profiles", "list", "--columns", "name"]).args(flag);
        if let Some(format) = variable {
            command.env("C66_OUTPUT", format);
        }
        finish(&mut command).code(0).stdout.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first_line(Some("name"), &["-o", "jsonl"]), r#"{"name":"default"}"#);
    assert_eq!(first_line(Some("name"), &[]), "default");
    assert_eq!(first_line(None, &[]), "- name: default");
    fs::remove_file(world.home().join(".c66.toml")).expect("the project file");
    assert_eq!(setting(&world.run(&["config", "list", "--json"]), "output").1, "--output");
    assert_eq!(
        world.run(&["profiles", "list", "--columns", "name,current"]).stdout.lines().next(),
        Some("name\tcurrent")
    );
    write_private(&world.config_file(), "output = \"csv\"\n[profiles.default]\n");
    assert_eq!(
        world.run(&["profiles", "list", "--columns", "name,current"]).stdout.lines().next(),
        Some("name,current")
    );
    write_private(&world.config_file(), "[profiles.default]\n");
    assert_eq!(first_line(None, &[]), "NAME");
}

#[test]
fn the_nearer_setting_of_the_stack_wins() {
    let uid = |digit: &str| digit.repeat(32);
    let server = Scripted::start(|_, _| wire::json(200, r#"{"response":[]}"#));
    let world = with_config(&format!("stack = \"{}\"\n[profiles.default]\nstack = \"{}\"\n", uid("5"), uid("4")));
    project(&world, &format!("stack = \"{}\"\n", uid("3")));
    let asked = |variable: Option<&str>, flag: &[&str]| {
        let mut command = world.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", "t").args(["deployments", "list"]).args(flag);
        if let Some(stack) = variable {
            command.env("C66_STACK", stack);
        }
        finish(&mut command).code(0);
        let target = server.seen().pop().expect("a request").target;
        target.split('/').nth(4).and_then(|part| part.get(..1)).expect("a stack").to_owned()
    };
    assert_eq!(asked(Some(&uid("2")), &["-s", &uid("1")]), "1");
    assert_eq!(asked(Some(&uid("2")), &[]), "2");
    assert_eq!(asked(None, &[]), "3");
    fs::remove_file(world.home().join(".c66.toml")).expect("the project file");
    assert_eq!(asked(None, &[]), "4");
    write_private(&world.config_file(), &format!("stack = \"{}\"\n", uid("5")));
    assert_eq!(asked(None, &[]), "5");
    write_private(&world.config_file(), "");
    let run = world.against(&server.url, &["deployments", "list"]).code(2);
    assert!(run.stderr.contains("--stack"), "{}", run.stderr);
}

#[test]
fn a_format_that_does_not_exist_is_named_with_its_origin() {
    let world = World::new();
    let run = finish(world.command().env("C66_OUTPUT", "xml").args(["profiles", "list"])).code(2);
    assert!(run.stderr.contains("C66_OUTPUT") && run.stderr.contains("jsonl"), "{}", run.stderr);
    let run = world.run(&["profiles", "list", "-o", "xml"]).code(2);
    assert!(run.stderr.contains("jsonl") && run.stderr.contains("yaml"), "{}", run.stderr);
}

#[test]
fn profiles_are_listed_and_one_is_made_the_current() {
    let text = "[profiles.home]\naccount = 12\n\n[profiles.work]\ntoken = \"canary\"\n\n[profiles.ci]\ntoken_command = [\"x\"]\n";
    let world = with_config(text);
    let run = world.run(&["profiles", "list", "--json"]).code(0);
    let list = run.json();
    let rows: Vec<_> = list
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| (row["name"].as_str(), row["current"].as_bool(), row["token"].as_str(), row["provider"].as_str()))
        .collect();
    let cloud66 = Some("cloud66");
    assert_eq!(
        rows,
        [
            (Some("ci"), Some(false), Some("by command"), cloud66),
            (Some("home"), Some(false), Some("none"), cloud66),
            (Some("work"), Some(false), Some("stored"), cloud66),
        ]
    );
    assert_eq!(world.run(&["profiles", "list", "-o", "name"]).code(0).stdout, "ci\nhome\nwork\n");
    world.run(&["profiles", "list"]).code(0);

    world.run(&["profiles", "use", "work"]).code(0);
    assert!(config(&world).ends_with(text) && config(&world).contains("default_profile = \"work\""));
    let current = world.run(&["profiles", "list", "-o", "name", "--filter", "current=yes"]).code(0);
    assert_eq!(current.stdout, "work\n");
    assert_eq!(world.run(&["auth", "token"]).code(0).stdout, "canary\n");
    assert_eq!(world.run(&["config", "get", "account", "--profile", "home"]).code(0).stdout, "12\n");

    let before = config(&world);
    let run = world.run(&["profiles", "use", "wrok"]).code(2);
    assert!(run.stderr.contains("did you mean work?"), "{}", run.stderr);
    assert_eq!(config(&world), before);
    for arguments in [&["stacks", "list", "--profile", "hoem"][..], &["config", "list", "--profile", "hoem"]] {
        let run = world.run(arguments).code(2);
        assert!(run.stderr.contains("did you mean home?"), "{}", run.stderr);
    }
}

#[test]
fn the_path_of_the_file_is_printed() {
    let world = World::new();
    let expected = format!("{}\n", world.config_file().display());
    assert_eq!(world.run(&["config", "path"]).code(0).stdout, expected);
    let mut command = world.command();
    command.env("C66_CONFIG", world.home().join("other.toml")).args(["config", "path"]);
    assert_eq!(finish(&mut command).code(0).stdout, format!("{}\n", world.home().join("other.toml").display()));
    assert!(!world.home().join("config").exists());
}
