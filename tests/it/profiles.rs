//! Profiles and `config edit`: changing the configuration file and being left with a tool that works.

use std::fs;
use std::thread;

use serde_json::json;

#[cfg(unix)]
use crate::world::Run;
use crate::world::{World, finish};

fn with_config(text: &str) -> World {
    let world = World::new();
    fs::create_dir(world.home().join("config")).expect("a folder");
    fs::write(world.config_file(), text).expect("a file");
    #[cfg(unix)]
    fs::set_permissions(world.config_file(), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("permissions");
    world
}

fn config(world: &World) -> String {
    fs::read_to_string(world.config_file()).expect("the file")
}

const TWO: &str = "# Mine.\ndefault_profile = \"work\"\n\n[profiles.work] # first\ntoken = \"canary\"\nstack = \"a shop\"\noutput = \"json\"\n\n[profiles.home]\naccount = 12\n";

#[test]
fn a_profile_is_shown_with_its_settings_and_without_its_token() {
    let world = with_config(TWO);
    let run = world.run(&["profiles", "show"]).code(0);
    let expected = json!({
        "name": "work", "current": true, "token": "stored", "api_url": null, "account": null, "provider": "cloud66",
        "settings": { "stack": "a shop", "output": "json" },
    });
    assert_eq!(run.json(), expected);
    let run = world.run(&["profiles", "show", "home", "-o", "table"]).code(0);
    assert!(run.stdout.contains("Account:   12\n") && run.stdout.contains("Current:   no\n"), "{}", run.stdout);
    let wide = world.run(&["profiles", "list", "-o", "wide"]).code(0);
    assert!(wide.stdout.contains("stack='a shop'") && !wide.stdout.contains("canary"), "{}", wide.stdout);
    assert!(world.run(&["profiles", "show", "hoem"]).code(2).stderr.contains("did you mean home?"));
    assert_eq!(World::new().run(&["profiles", "show", "--jq", ".name, .token"]).code(0).stdout, "default\nnone\n");
}

#[test]
fn the_current_profile_stays_current_under_another_name() {
    let world = with_config(TWO);
    world.run(&["profiles", "rename", "work", "shop"]).code(0);
    assert_eq!(config(&world), TWO.replace("\"work\"", "\"shop\"").replace("profiles.work", "profiles.shop"));
    assert_eq!(world.run(&["auth", "token", "--jq", ".token"]).code(0).stdout, "canary\n");
    for (from, to) in [("shop", "home"), ("nope", "x"), ("shop", "a b"), ("shop", "")] {
        world.run(&["profiles", "rename", from, to]).code(2);
    }
    // The one that applies when nothing names one.
    let world = with_config("[profiles.default]\ntoken = \"canary\"\n");
    world.run(&["profiles", "rename", "default", "work"]).code(0);
    assert_eq!(world.run(&["auth", "token"]).code(0).stdout, "canary\n");
}

#[test]
fn removing_the_current_profile_leaves_a_working_tool() {
    let world = with_config(TWO);
    let run = world.run(&["profiles", "remove", "work", "-o", "table"]).code(0);
    assert!(run.stderr.contains("c66 profiles use NAME") && run.stderr.contains("home"), "{}", run.stderr);
    assert_eq!(config(&world), "# Mine.\n\n[profiles.home]\naccount = 12\n");
    for arguments in [&["profiles", "list"][..], &["config", "list"], &["--sandbox", "stacks", "list"]] {
        assert_eq!(world.run(arguments).code(0).stderr, "");
    }
    world.run(&["auth", "token"]).code(3);
    world.run(&["profiles", "use", "home"]).code(0);
    world.run(&["profiles", "remove", "home"]).code(0);
    assert_eq!(config(&world).trim(), "# Mine.");
    world.run(&["profiles", "remove", "home"]).code(2);
    world.run(&["config", "set", "stack", "x"]).code(0);
}

#[test]
fn a_name_that_is_still_asked_for_is_told_and_can_be_mended() {
    let world = with_config(TWO);
    let run = finish(world.command().env("C66_PROFILE", "work").args(["profiles", "remove", "work"])).code(0);
    assert!(run.stderr.contains("C66_PROFILE still names profile work"), "{}", run.stderr);
    for arguments in [&["profiles", "list"][..], &["config", "list"], &["profiles", "use", "home"]] {
        let run = finish(world.command().env("C66_PROFILE", "work").args(arguments)).code(0);
        assert!(run.stderr.contains("no profile is named \"work\", which C66_PROFILE names"), "{}", run.stderr);
    }
    // What would act for another account than the one that was meant does not go on.
    finish(world.command().env("C66_PROFILE", "work").args(["stacks", "list"])).code(2);
}

#[test]
fn what_a_file_says_wrongly_can_be_set_right() {
    let world = with_config("color = \"pink\"\n[profiles.default]\noutput = \"xml\"\ncolor = \"green\"\n");
    world.run(&["stacks", "list"]).code(2);
    world.run(&["config", "unset", "output"]).code(0);
    world.run(&["config", "unset", "color"]).code(0);
    let run = world.run(&["config", "unset", "color"]).code(0);
    assert!(run.stderr.contains("outside all profiles") && run.stderr.contains("c66 config edit"), "{}", run.stderr);
    world.run(&["config", "set", "color", "never"]).code(0);
    world.sandbox(&["stacks", "list"]).code(0);
}

#[test]
fn the_time_to_wait_is_listed_with_what_holds_where_nothing_is_set() {
    let world = World::new();
    let timeout = |world: &World| {
        let run =
            world.run(&["config", "list", "--filter", "key=timeout", "-o", "tsv", "--no-headers", "--show-origin"]);
        run.code(0).stdout
    };
    assert_eq!(timeout(&world), "timeout\t30m; deployments 2h\tdefault\n");
    assert_eq!(world.run(&["config", "get", "timeout"]).code(0).stdout, "30m; deployments 2h\n");
    world.run(&["config", "set", "timeout", "5m"]).code(0);
    assert_eq!(timeout(&world), "timeout\t5m\tprofile default\n");
}

#[test]
fn programs_that_write_at_once_lose_nothing() {
    let world = with_config("# Kept.\n");
    let settings = [("stack", "x"), ("output", "json"), ("account", "7"), ("timeout", "5m"), ("concurrency", "3")];
    let profiles = ["a", "b", "c"];
    thread::scope(|scope| {
        for profile in profiles {
            for (key, value) in settings {
                let world = &world;
                scope.spawn(move || world.run(&["config", "set", key, value, "--profile", profile]).code(0));
            }
        }
    });
    assert!(config(&world).starts_with("# Kept.\n"));
    for profile in profiles {
        let run = world.run(&["profiles", "show", profile, "--jq", ".settings | length"]).code(0);
        assert_eq!(run.stdout, "5\n", "{}", config(&world));
    }
}

/// An editor that changes the file by a script of sed; `sed -i` is not the same everywhere.
#[cfg(unix)]
fn sed(script: &str) -> String {
    format!("f() {{ sed '{script}' \"$1\" > \"$1.new\" && cat \"$1.new\" > \"$1\"; rm \"$1.new\"; }}; f")
}

/// Edits with a line of shell for an editor.
#[cfg(unix)]
fn edit(world: &World, editor: &str, more: &[&str]) -> Run {
    finish(world.command().env("EDITOR", editor).args(["config", "edit"]).args(more))
}

#[cfg(unix)]
#[test]
fn an_editor_works_on_a_copy_that_takes_the_place_of_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let world = with_config(TWO);
    edit(&world, &sed("s/a shop/book/"), &["--json"]).code(0);
    assert_eq!(config(&world), TWO.replace("a shop", "book"));
    assert_eq!(fs::metadata(world.config_file()).expect("metadata").permissions().mode() & 0o777, 0o600);
    assert!(edit(&world, "true", &["-o", "table"]).code(0).stdout.contains("nothing was changed"));
    let mut command = world.command();
    command.env("VISUAL", sed("s/book/other/")).env("EDITOR", "false").args(["config", "edit"]);
    finish(&mut command).code(0);
    assert_eq!(config(&world), TWO.replace("a shop", "other"));
    let left: Vec<_> = fs::read_dir(world.home().join("config")).expect("the folder").collect();
    assert_eq!(left.len(), 2, "the file and its lock: {left:?}");
    let new = World::new();
    edit(&new, &sed("s/^# \\(.profiles\\)/\\1/; s/^# \\(stack\\)/\\1/"), &[]).code(0);
    assert_eq!(new.run(&["config", "get", "stack"]).code(0).stdout, "shop@staging\n");
}

#[cfg(unix)]
#[test]
fn what_an_editor_leaves_broken_never_takes_the_place_of_the_file() {
    for (script, said) in [
        ("s/= \"json\"/= = \"json\"/", "not valid TOML (line 7"),
        ("s/\"json\"/\"xml\"/", "output cannot be `xml`"),
        ("s/account = 12/concurrency = 900/", "concurrency cannot be"),
        ("s/^.profiles.home.*/token_command = [\"x\"]/", "both token and token_command"),
        ("s|^# Mine.*|api_url = \"ftp://x\"|", "address of the API"),
    ] {
        let world = with_config(TWO);
        let run = edit(&world, &sed(script), &["-o", "table"]).code(2);
        assert!(run.stderr.contains(said), "{script}: {}", run.stderr);
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        assert_eq!(config(&world), TWO, "{script}");
        let kept = run.stderr.split("what you wrote is in ").nth(1).expect("where it is").trim();
        assert_ne!(fs::read_to_string(kept).expect("the copy"), TWO);
    }
    for (editor, said) in
        [("false", "the editor `false` failed"), ("/nonexistent/editor", "/nonexistent/editor` failed")]
    {
        let world = with_config(TWO);
        let run = edit(&world, editor, &["-o", "table"]).code(2);
        assert!(run.stderr.contains(said) && !run.stderr.contains("what you wrote"), "{editor}: {}", run.stderr);
        assert_eq!(config(&world), TWO, "{editor}");
    }
}

#[cfg(unix)]
#[test]
fn a_broken_file_can_be_edited_and_one_that_changed_meanwhile_is_not_overwritten() {
    let world = with_config("stack = = \"x\"\n");
    assert!(world.run(&["stacks", "list"]).code(2).stderr.contains("c66 config edit"));
    edit(&world, &sed("s/= =/=/"), &[]).code(0);
    assert_eq!(config(&world), "stack = \"x\"\n");
    let meanwhile = format!("echo 'stack = \"y\"' > {}; {}", world.config_file().display(), sed("s/x/z/"));
    let run = edit(&world, &meanwhile, &[]).code(2);
    assert!(run.stderr.contains("changed by somebody else meanwhile"), "{}", run.stderr);
    assert_eq!(config(&world), "stack = \"y\"\n");
}

#[test]
fn nobody_is_led_into_an_editor_where_nobody_is() {
    let world = with_config(TWO);
    for flags in [&["config", "edit", "-o", "table"][..], &["config", "edit", "-o", "table", "--no-input"]] {
        let run = finish(world.command().env_remove("EDITOR").args(flags)).code(2);
        assert!(run.stderr.contains("c66 config set"), "{}", run.stderr);
    }
    finish(world.command().env("EDITOR", "true").args(["config", "edit", "--no-input"])).code(2);
}

#[cfg(unix)]
#[test]
fn a_person_may_mend_what_is_broken_at_once() {
    use crate::pty::Terminal;
    let world = with_config("stack = \"x\"\n");
    // The first time it breaks the file, the second time it mends it.
    let editor =
        "f() { if grep -q '= =' \"$1\"; then echo 'stack = \"y\"' > \"$1\"; else echo 'stack = = 1' > \"$1\"; fi; }; f";
    let mut command = world.command();
    command.env("EDITOR", editor).args(["config", "edit"]);
    let mut terminal = Terminal::start(command, 200);
    terminal.expect("Edit it again? [y/N]");
    assert_eq!(config(&world), "stack = \"x\"\n");
    terminal.press("y\r");
    let (code, seen) = terminal.end();
    assert_eq!(code, 0, "{seen}");
    assert_eq!(config(&world), "stack = \"y\"\n");
}
