//! What holds for every command there is and will be, walked from the command tree and the endpoint table.

use c66::testing::{cloud66_operations, command_operations, help_topics};
use clap::Command;

use crate::world::{Run, World};

/// Where each API's paths begin.
const CLOUD66_ROOT: &str = "/api/3";
const CLOUDMC_ROOT: &str = "/api/v2";

/// The longest help page: two screens.
const LONGEST_HELP: usize = 100;

const S: &str = "awesome-app@staging";
const P: &str = "awesome-app@production";

/// Each operation with a command that calls it.
pub const CALLED_BY: &[(&str, &[&str])] = &[
    ("stacks_list", &["stacks", "list"]),
    ("stacks_show", &["stacks", "show", "5999b763474b0eafa5fafb64bff0ba80"]),
    ("stack_actions_list", &["actions", "list", "-s", P]),
    ("stack_actions_show", &["actions", "show", "10", "-s", P]),
    ("stack_actions_run", &["stacks", "restart", S]),
    ("deployments_list", &["deployments", "list", "-s", P]),
    ("deployments_show", &["deployments", "show", "107", "-s", P]),
    ("deployments_create", &["redeploy", "-s", S]),
    ("deployments_cancel", &["deployments", "cancel", "200", "-s", S]),
    ("services_list", &["services", "list", "-s", P]),
    ("services_show", &["services", "show", "web", "-s", P]),
    ("services_scale", &["services", "scale", "web=+1", "--server", "ibex", "-s", P, "--yes"]),
    ("services_stop", &["services", "stop", "web", "--server", "ibex", "-s", P, "--yes"]),
    ("containers_list", &["containers", "list", "-s", P]),
    ("containers_show", &["containers", "show", "cba4", "-s", P]),
    ("containers_stop", &["containers", "stop", "cba4", "-s", P, "--yes"]),
    ("environments_list", &["env", "list", "-s", P]),
    ("environments_show", &["env", "history", "POSTGRESQL_USERNAME", "-s", P]),
    ("environments_create", &["env", "set", "NEW=1", "-s", S]),
    ("environments_update", &["env", "set", "RAILS_ENV=other", "-s", S]),
    ("environments_delete", &["env", "unset", "SUPPORT_ADDRESS", "-s", S, "--yes"]),
    ("settings_list", &["settings", "list", "-s", P]),
    ("settings_show", &["settings", "get", "git.branch", "-s", P]),
    ("settings_update", &["settings", "set", "git.branch", "other", "-s", P, "--yes"]),
    ("server_groups_list", &["server-groups", "list", "-s", P]),
    ("server_groups_show", &["server-groups", "show", "rails", "-s", P]),
    ("servers_list", &["servers", "list", "-s", P]),
    ("servers_show", &["servers", "show", "caribou", "-s", P]),
    ("server_settings_list", &["servers", "settings", "list", "caribou", "-s", P]),
    ("server_settings_show", &["servers", "settings", "get", "caribou", "server.name", "-s", P]),
    ("server_settings_update", &["servers", "settings", "set", "caribou", "server.name", "elk", "-s", P, "--yes"]),
    (
        "stacks_create",
        &["stacks", "create", "--name", "New Shop", "-e", "staging", "--service-yaml", FILE, "--manifest-yaml", FILE],
    ),
    ("firewalls_list", &["firewall", "list", "-s", P]),
    ("firewalls_show", &["firewall", "show", "5027", "-s", P]),
    ("firewalls_create", &["lease", "-s", S]),
    ("notifications_list", &["notifications", "list", "-s", P]),
    ("notifications_show", &["notifications", "show", "1191", "-s", P]),
    ("notifications_update", &["notifications", "update", "1191", "--channels", "email", "-s", P, "--yes"]),
    ("clouds_list", &["clouds", "list"]),
    ("clouds_show", &["clouds", "show", "digitalocean"]),
    ("backups_list", &["backups", "list", "-s", P]),
    ("backups_show", &["backups", "show", "4", "-s", P]),
    ("backup_files_list", &["backups", "files", "4", "-s", P]),
    ("backup_files_show", &["backups", "url", "4", "-s", P]),
    ("backups_create", &["backups", "create", "--db-type", "mysql", "-s", S]),
    (
        "backups_import",
        &["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "https://example.org/dump.tar", "-s", S],
    ),
    ("accounts_list", &["accounts", "list"]),
    ("accounts_show", &["accounts", "show", "139"]),
    ("users_list", &["users", "list"]),
    ("users_show", &["users", "show", "18"]),
    ("devices_create", &["devices", "add", "--user", "18", "--token", "made", "--type", "ios", "--model", "ipad"]),
    ("devices_update", &["devices", "update", "--user", "18", "--token", "wertqy", "--type", "ios", "--model", "ipad"]),
    ("devices_delete", &["devices", "remove", "--user", "18", "--token", "wertqy", "--yes"]),
];

/// A file that is there; what it says matters to nobody here.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

/// A file with one variable that no stack has.
pub const ENV_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/new.env");

/// The commands that list or show something of a CloudMC that is there from the beginning.
pub const CLOUDMC_READS: &[&[&str]] = &[
    &["cloudmc", "status"],
    &["cloudmc", "orgs", "list"],
    &["cloudmc", "orgs", "show", "northgate"],
    &["cloudmc", "users", "list"],
    &["cloudmc", "users", "show", "mira@northgate.example"],
    &["cloudmc", "envs", "list"],
    &["cloudmc", "envs", "show", "compute/prod"],
    &["cloudmc", "envs", "members", "compute/prod"],
    &["cloudmc", "connections", "list"],
    &["cloudmc", "connections", "show", "compute"],
    &["cloudmc", "services", "types", "compute"],
    &["cloudmc", "roles", "list"],
    &["cloudmc", "quotas", "list"],
    &["cloudmc", "quotas", "show", "Unlimited"],
    &["cloudmc", "activity", "list"],
    &["cloudmc", "usage", "--from", "2026-11-01", "--to", "2026-11-02"],
    &["cloudmc", "list", "compute", "prod", "instances"],
    &["cloudmc", "get", "compute/prod", "instances", "web-2"],
];

/// Every command that writes, as it would be typed.
pub const WRITES: &[&[&str]] = &[
    &["stacks", "restart", P],
    &["stacks", "clear-caches", P],
    &["stacks", "maintenance", "on", "-s", P],
    &["redeploy", "-s", P, "--git-ref", "main"],
    &["stacks", "redeploy", "-s", P],
    &["deployments", "create", "-s", P],
    &["deployments", "cancel", "107", "-s", P],
    &["actions", "run", "restart", "-s", P],
    &["services", "scale", "web=+1", "--server", "ibex", "-s", P],
    &["services", "stop", "web", "-s", P],
    &["services", "restart", "-s", P],
    &["services", "pause", "web", "-s", P],
    &["services", "resume", "web", "-s", P],
    &["containers", "stop", "cba4", "-s", P],
    &["containers", "restart", "cba4", "-s", P],
    &["servers", "settings", "set", "caribou", "server.name", "elk", "-s", P],
    &["settings", "set", "git.branch", "other", "-s", P],
    &["env", "set", "NEW_PASSWORD=hush-hush", "-s", P],
    &["env", "set", "POSTGRESQL_USERNAME=hush-hush", "-s", P],
    &["env", "unset", "SUPPORT_ADDRESS", "-s", S],
    &["env", "push", ENV_FILE, "-s", P],
    &["env", "edit", "-s", P],
    &["env", "rollback", "POSTGRESQL_USERNAME", "-s", P],
    &["stacks", "create", "--name", "New Shop", "-e", "production", "--service-yaml", FILE, "--manifest-yaml", FILE],
    &["firewall", "add", "--from-ip", "203.0.113.7", "--port", "22", "-s", P],
    &["lease", "-s", P],
    &["notifications", "update", "1191", "--param", "slack_url=hush-hush", "-s", P],
    &["backups", "create", "--db-type", "all", "-s", P],
    &["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "https://hush-hush@example.org/", "-s", P],
    &["devices", "add", "--user", "18", "--token", "hush-hush", "--type", "ios", "--model", "ipad"],
    &["devices", "update", "--user", "18", "--token", "hush-hush", "--type", "ios", "--model", "ipad"],
    &["devices", "remove", "--user", "18", "--token", "wertqy"],
    &["api", "POST", "/stacks/{stack}/environments", "-f", "key=K", "-f", "value=hush-hush", "-s", P],
    &["api", "DELETE", "/stacks/{stack}/environments/K", "-s", P],
    &["cloudmc", "envs", "create", "dev", "--service", "compute", "--description", "x"],
    &["cloudmc", "envs", "delete", "lab"],
    &["cloudmc", "create", "compute", "prod", "sshkeys", "-f", "name=k", "-f", "publicKey=ssh-ed25519 A k"],
    &["cloudmc", "update", "compute", "prod", "instances", STOPPED, "-f", "userData=hush-hush"],
    &["cloudmc", "delete", "compute", "prod", "volumes", "archive", "--by-name"],
    &["cloudmc", "do", "compute", "prod", "instances", STOPPED, "start", "-F", "adminPassword=\"hush-hush\""],
    &["cloudmc", "do", "compute", "prod", "instances", STOPPED, "purge"],
    &["cloudmc", "api", "PUT", "/users/x", "-f", "password=hush-hush"],
    &["cloudmc", "api", "DELETE", "/users/x"],
];

/// An instance of the `CloudMC` in the sandbox, which is stopped.
const STOPPED: &str = "32fb2af1-a981-4b2b-8ce0-d4312ddcdfec";

/// The writes that ask nothing: a device is nobody's production, and neither is what destroys nothing of a `CloudMC`.
fn asks_nothing(write: &[&str]) -> bool {
    match write {
        ["devices", verb, ..] => *verb != "remove",
        ["cloudmc", words @ ..] => !words.iter().any(|word| ["delete", "purge", "DELETE"].contains(word)),
        _ => false,
    }
}

/// Every command with its words, those that only group others left out.
pub fn leaves() -> Vec<(Vec<String>, Command)> {
    fn walk(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name().to_owned()]].concat();
            if inner.has_subcommands() {
                walk(inner, &path, found);
            } else {
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

/// The command that a line of words is for.
pub fn leaf(line: &[&str]) -> Command {
    let fits = |path: &[String]| path.len() <= line.len() && path.iter().zip(line).all(|(word, given)| word == given);
    let (_, leaf) = leaves().into_iter().find(|(path, _)| fits(path)).unwrap_or_else(|| panic!("what is {line:?}?"));
    leaf
}

/// Method and path below the API root of each request that a trace shows.
pub fn requests(run: &Run) -> Vec<(String, String)> {
    let lines = run.stderr.lines().filter_map(|line| line.strip_prefix("> ")?.split_once(" http"));
    let below = lines.filter_map(|(method, url)| {
        let roots = [CLOUD66_ROOT, CLOUDMC_ROOT];
        let path = roots.into_iter().find_map(|root| Some(url.split_once(root)?.1))?.split('?').next()?;
        Some((method.to_owned(), path.strip_suffix(".json").unwrap_or(path).to_owned()))
    });
    below.collect()
}

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
        // Hidden ones are other names of commands that have an example; `help` is one itself.
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
            // Quotes and pipes are the shell's business; the words before them are ours.
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
    let world = World::new();
    for (path, _) in leaves() {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        if words == ["help"] {
            continue;
        }
        words.push("--help");
        let run = world.run(&words).code(0);
        assert!(run.stdout.lines().count() <= LONGEST_HELP, "{words:?} has {} lines", run.stdout.lines().count());
        assert_eq!(run.stderr, "");
    }
    for words in [&["--help"] as &[&str], &["stacks", "--help"], &["-h"], &["help"]] {
        let run = world.run(words).code(0);
        assert!(run.stdout.contains("Usage: c66") && run.stdout.lines().count() <= LONGEST_HELP, "{words:?}");
    }
}

#[test]
fn the_help_of_every_command_that_calls_the_api_names_the_scope() {
    let (world, operations) = (World::new(), command_operations());
    for (path, command) in leaves() {
        let words = format!("c66 {}", path.join(" "));
        let scopes: Vec<&str> = operations
            .get(&words)
            .into_iter()
            .flatten()
            .map(|one| one.scope)
            .filter(|scope| !scope.is_empty())
            .collect();
        let local = ["cloudmc", "unlink", "auth", "config", "profiles", "completions", "man", "sandbox", "help"]
            .contains(&path[0].as_str());
        if command.is_hide_set() || path[0] == "help" {
            continue;
        }
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = world.run(&arguments).code(0).stdout;
        let line = help.lines().find(|line| line.starts_with("Token scope: "));
        assert_eq!(line.is_none(), local, "{words}: {help}");
        assert!(scopes.iter().all(|scope| line.is_some_and(|line| line.contains(scope))), "{words}: {line:?}");
    }
    let arguments = ["--color", "always", "stack", "list", "-h"];
    assert!(world.run(&arguments).code(0).stdout.ends_with("\nToken scope: public\n"));
}

#[test]
fn help_knows_its_topics_and_the_nearest_word() {
    let world = World::new();
    for (topic, _) in help_topics() {
        let run = world.run(&["help", topic]).code(0);
        assert!((5..=LONGEST_HELP).contains(&run.stdout.lines().count()), "{topic}: {}", run.stdout);
    }
    assert!(world.run(&["help", "environment"]).code(0).stdout.contains("C66_TOKEN"));
    assert!(world.run(&["help", "formatting"]).code(0).stdout.contains("--filter"));
    let page = world.run(&["stacks", "list", "--help"]).code(0).stdout;
    assert_eq!(world.run(&["help", "stacks", "list"]).code(0).stdout, page);
    world.run(&["help", "nonsense"]).code(2);
    for (typed, meant) in [("stcks", "stacks"), ("redploy", "redeploy"), ("deploments", "deployments")] {
        let run = world.run(&[typed]).code(2);
        assert!(run.stderr.contains(meant), "{typed}: {}", run.stderr);
    }
    let run = world.run(&["stacks", "list", "--colums", "x"]).code(2);
    assert!(run.stderr.contains("--columns"), "{}", run.stderr);
}

#[test]
fn what_takes_the_place_of_a_command_of_cx_can_be_typed() {
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
fn a_mistyped_word_has_one_suggestion() {
    let world = World::new();
    for (words, meant) in [
        (&["stcks"] as &[&str], "did you mean `c66 stacks`?"),
        (&["env", "gte"], "did you mean `c66 env get`?"),
        (&["--sandbox", "servers", "setings", "list"], "did you mean `c66 servers settings`?"),
        (&["scale", "web=2"], "did you mean `c66 services scale`?"),
        (&["redeploy", "--git-rev", "x"], "did you mean `--git-ref`?"),
        (&["stacks", "list", "--colums=x"], "did you mean `--columns`?"),
        (&["stacks", "list", "-o", "jsno"], "did you mean `json`?"),
        (&["help", "enviroment"], "did you mean `environment`?"),
        (&["config", "get", "outptu"], "did you mean output?"),
    ] {
        let run = world.run(words).code(2);
        let hints: Vec<&str> = run.stderr.lines().filter(|line| line.contains("did you mean")).collect();
        assert_eq!(hints, [format!("  hint: {meant}")], "{words:?}: {}", run.stderr);
    }
    let none = world.run(&["env", "get", "K", "--columns", "x"]).code(2);
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
        let run = world.sandbox(words).code(4);
        assert!(run.stderr.contains(&format!("did you mean {meant}?")), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn a_bare_command_shows_its_help_as_an_error() {
    for words in [&[] as &[&str], &["stacks"], &["env"]] {
        let run = World::new().run(words).code(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("Usage: c66"), "{words:?}: {}", run.stderr);
    }
}

#[test]
fn every_operation_of_the_api_has_a_command() {
    let world = World::new();
    for endpoint in cloud66_operations() {
        let (_, arguments) = CALLED_BY
            .iter()
            .find(|(id, _)| *id == endpoint.id)
            .unwrap_or_else(|| panic!("no command calls {}", endpoint.id));
        let run = world.sandbox(&[arguments, &["--debug"] as &[&str]].concat());
        let called = requests(&run)
            .iter()
            .any(|(method, path)| method == endpoint.method.as_str() && endpoint.match_path(path).is_some());
        assert!(called, "{arguments:?} does not call {}:\n{}", endpoint.id, run.stderr);
    }
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let world = World::new();
    for write in WRITES {
        for format in ["table", "json"] {
            let run = world.sandbox(&[write, &["--dry-run", "--debug", "-o", format] as &[&str]].concat()).code(0);
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
                assert!(["POST", "PUT", "DELETE"].contains(&method), "{write:?}: {request}");
                let root = if write[0] == "cloudmc" { CLOUDMC_ROOT } else { CLOUD66_ROOT };
                assert!(path.starts_with(&format!("{root}/")), "{write:?}: {request}");
                let names: Vec<&str> = request.as_object().expect("an object").keys().map(String::as_str).collect();
                assert_eq!(names, ["dry_run", "method", "path", "body"]);
            } else {
                assert!(["POST", "PUT", "DELETE"].iter().any(|method| run.stdout.contains(method)), "{}", run.stdout);
                assert!(run.stderr.contains("nothing is sent"), "{}", run.stderr);
            }
        }
    }
}

#[test]
fn every_command_that_takes_yes_is_known_to_write() {
    for (path, command) in leaves() {
        let takes_yes = command.get_arguments().any(|argument| argument.get_long() == Some("yes"));
        let takes_dry_run = command.get_arguments().any(|argument| argument.get_long() == Some("dry-run"));
        assert_eq!(takes_yes, takes_dry_run, "{}", path.join(" "));
        let known = WRITES.iter().any(|write| path.iter().zip(*write).all(|(word, written)| word == written));
        assert_eq!(takes_yes, known, "{}: is it in the table of writes?", path.join(" "));
    }
}

#[test]
fn nothing_blocks_or_asks_with_stdin_closed() {
    let world = World::new();
    for write in WRITES {
        let run = world.sandbox(&[write, &["--no-input", "-o", "json"] as &[&str]].concat());
        if asks_nothing(write) {
            assert!([0, 9, 4].contains(&run.code), "{write:?}: {}", run.stderr);
            continue;
        }
        let run = run.code(2);
        assert_eq!(run.stdout, "");
        assert_eq!(run.json_error()["code"], "confirmation_needed", "{write:?}");
    }
}
