//! Completion of the words of `c66 cloudmc`.

use crate::cloudmc::{KEY, example, targets};
use crate::completion::{ask, ask_with, cache_files, values};
use crate::sandbox::client::Sandbox;
use crate::wire::{Answer, Scripted, json};
use crate::world::{CLOUDMC_KEY, CLOUDMC_ROOT, World};

const WEB_1: &str = "9fcd92cd-76af-40fa-b515-7035ef3b0e87";
const OBJECTS_PROD: &str = "3b8d028f-71f3-466f-80f0-5b26b9a89dc0";
const NONE: [&str; 0] = [];

/// The candidates of a CloudMC at that address.
fn ask_at(world: &World, endpoint: &str, key: &str, words: &[&str]) -> Vec<String> {
    let mut command = world.command();
    values(&ask_with(command.env("CLOUDMC_ENDPOINT", endpoint).env("CLOUDMC_API_KEY", key), words))
}

#[test]
fn a_word_after_the_other_is_known() {
    let world = World::new();
    for (words, expected) in [
        (&["list", ""] as &[&str], &["azure", "compute", "objects"] as &[&str]),
        (&["list", "c"], &["compute"]),
        (&["list", "compute/"], &["compute/prod", "compute/staging_2"]),
        (&["list", "compute", ""], &["prod", "staging_2"]),
        (&["list", "compute", "prod", "v"], &["volumes", "vpcs"]),
        (&["list", "compute/prod", "v"], &["volumes", "vpcs"]),
        (&["list", "lab", ""], &["instances"]),
        (&["list", "objects", "prod", ""], &["buckets"]),
        (&["list", "objects", "prod", "buckets", ""], &[]),
        (&["list", "--env-id", OBJECTS_PROD, ""], &["buckets"]),
        (&["list", "--org", "northgate-field", "compute", ""], &["field"]),
        (&["list", "nowhere", ""], &[]),
        (&["create", "objects", "prod", ""], &["buckets"]),
        (&["create", "objects", "prod", "buckets", ""], &[]),
        // What changes something takes no name, unless it is told to.
        (&["get", "compute", "prod", "instances", "web-1"], &["web-1"]),
        (&["get", "compute/prod", "instances", "web-1"], &["web-1"]),
        (&["update", "compute", "prod", "instances", "9f"], &[WEB_1]),
        (&["delete", "compute", "prod", "instances", "web"], &[]),
        (&["delete", "compute", "prod", "instances", "--by-name", "web"], &["web-1", "web-2"]),
        (&["do", "compute", "prod", "instances", "9f"], &[WEB_1]),
        (&["do", "compute", "prod", "instances", WEB_1, "re"], &["reboot", "recover", "resetPassword"]),
        (&["get", "compute", "prod", "sshkeys", ""], &["laptop"]),
        // An environment whose name another has is named with its service.
        (&["envs", "show", ""], &["compute/prod", "staging_2", "objects/prod", "lab"]),
        (&["envs", "delete", "obj"], &["objects/prod"]),
        (&["envs", "members", "azure/"], &["azure/lab"]),
        (&["envs", "list", "--service", "o"], &["objects"]),
        (&["envs", "create", "new", "--service", "a"], &["azure"]),
        (&["roles", "list", "--env", "l"], &["lab"]),
        (&["activity", "list", "--env", "st"], &["staging_2"]),
        (&["list", "--env-id", "3b8"], &[OBJECTS_PROD]),
        (&["orgs", "show", ""], &["northgate", "northgate-field"]),
        (&["usage", "northgate-"], &["northgate-field"]),
        (&["list", "--org", "northgate-"], &["northgate-field"]),
        (&["users", "show", "m"], &["mira"]),
        (&["connections", "show", "o"], &["objects"]),
        (&["services", "types", "az"], &["azure"]),
        (&["quotas", "show", "U"], &["Unlimited"]),
    ] {
        assert_eq!(ask(&world, &[&["cloudmc"], words].concat()), expected, "{words:?}");
    }
    // The words before the cursor count, those behind it do not.
    let mut command = world.command();
    command.env("C66_SANDBOX", "1").env("COMPLETE_INDEX", "4");
    let run = ask_with(&mut command, &["cloudmc", "list", "objects", "", "buckets"]);
    assert_eq!(run.stdout, "prod\tobjects/prod\n");
}

#[test]
fn what_is_picked_is_taken() {
    let world = World::new();
    let environments = ask(&world, &["cloudmc", "envs", "show", ""]);
    assert_eq!(environments.len(), 4);
    for environment in &environments {
        world.sandbox(&["cloudmc", "envs", "show", environment]).code(0);
    }
    let service = &ask(&world, &["cloudmc", "list", "obj"])[0];
    let environment = &ask(&world, &["cloudmc", "list", service, ""])[0];
    let kind = &ask(&world, &["cloudmc", "list", service, environment, ""])[0];
    let thing = &ask(&world, &["cloudmc", "get", service, environment, kind, ""])[0];
    world.sandbox(&["cloudmc", "list", service, environment, kind]).code(0);
    world.sandbox(&["cloudmc", "get", service, environment, kind, thing]).code(0);
}

#[test]
fn a_profile_says_where() {
    let world = World::new();
    let sandbox = Sandbox::fast();
    let endpoint = format!("http://{}{CLOUDMC_ROOT}", sandbox.address);
    std::fs::create_dir(world.home().join("config")).expect("a folder");
    let profile = |place: &str| {
        let place = format!("[profiles.cloudmc]\nprovider = 'cloudmc'\napi_url = '{endpoint}'\n{place}");
        std::fs::write(world.config_file(), format!("{place}\ntoken = '{CLOUDMC_KEY}'\n")).expect("a file");
        values(&ask_with(&mut world.command(), &["cloudmc", "list", ""]))
    };
    let services = ["azure", "compute", "objects"];
    assert_eq!(profile(""), services);
    assert_eq!(profile("service = 'objects'"), [&services[..], &["prod"]].concat());
    let place = "service = 'objects'\nenvironment = 'prod'";
    assert_eq!(profile(place), [&services[..], &["prod", "buckets"]].concat());
    let ask = |words: &[&str]| values(&ask_with(&mut world.command(), &[&["cloudmc"], words].concat()));
    assert_eq!(ask(&["list", "prod", ""]), ["buckets"]);
    assert_eq!(ask(&["get", "buckets", "p"]), ["photos"]);
    assert_eq!(ask(&["list", "compute", "s"]), ["staging_2"]);
    profile("org = 'northgate-field'");
    assert_eq!(ask(&["list", "compute", ""]), ["field"]);
    // The key of a CloudMC opens nothing else, and no other provider's profile opens a CloudMC.
    assert_eq!(values(&ask_with(&mut world.command(), &["stacks", "show", "--profile", "cloudmc", ""])), NONE);
    std::fs::write(world.config_file(), "[profiles.default]\ntoken = 'of-cloud-66-0123456789'\n").expect("a file");
    assert_eq!(ask(&["list", ""]), NONE);
}

/// A server with the documented environments.
fn documented() -> Scripted {
    Scripted::start(|_, _| json(200, &example("environments_list")))
}

#[test]
fn names_are_kept_for_who_asked_and_the_key_is_not() {
    let world = World::new();
    let server = documented();
    let words = ["cloudmc", "envs", "show", ""];
    let first = ask_at(&world, &server.url, KEY, &words);
    assert!(!first.is_empty());
    assert_eq!(ask_at(&world, &server.url, KEY, &words), first);
    assert_eq!(targets(&server), ["GET /api/v2/environments"]);
    for file in cache_files(&world) {
        let text = std::fs::read_to_string(&file).expect("text");
        assert!(!text.contains(KEY) && !file.to_string_lossy().contains(KEY), "{text}");
    }
    ask_at(&world, &server.url, "another-cloudmc-key-0123456789", &words);
    assert_eq!(targets(&server).len(), 2, "another key has an answer of its own");
    let org = ["--org", "54cc9ee0-febb-44d5-a37c-272c1653b212"];
    ask_at(&world, &server.url, KEY, &[&words[..3], &org, &words[3..]].concat());
    assert_eq!(targets(&server).len(), 3, "another organization has an answer of its own");
    assert!(targets(&server)[2].contains("org_id=54cc9ee0"), "{:?}", targets(&server));
}

#[test]
fn whatever_is_wrong_there_is_nothing_to_complete() {
    let words = ["cloudmc", "list", ""];
    let world = World::new();
    // Neither a key nor an address.
    assert_eq!(values(&ask_with(&mut world.command(), &words)), NONE);
    let answers: [fn() -> Answer; 3] =
        [|| json(401, "{}"), || json(200, "<html>"), || json(403, &example("error_403"))];
    for answer in answers {
        let server = Scripted::start(move |_, _| answer());
        assert_eq!(ask_at(&World::new(), &server.url, KEY, &words), NONE);
    }
    let odd = r#"{"data":[{"id":"$(id)","name":"a b","serviceConnection":{"id":"x","serviceCode":"a;b"}}]}"#;
    let server = Scripted::start(move |_, _| json(200, odd));
    assert_eq!(ask_at(&world, &server.url, KEY, &words), NONE);
    assert_eq!(ask_at(&world, &server.url, KEY, &["cloudmc", "envs", "show", ""]), NONE);
}

#[cfg(unix)]
#[test]
fn a_command_for_the_key_is_not_run() {
    let world = World::new();
    let server = documented();
    let trace = world.home().join("it-was-run");
    std::fs::create_dir(world.home().join("config")).expect("a folder");
    let config = format!(
        "[profiles.cloudmc]\nprovider = 'cloudmc'\napi_url = '{}'\ntoken_command = ['touch', '{}']\n",
        server.url,
        trace.display()
    );
    std::fs::write(world.config_file(), config).expect("a file");
    assert_eq!(values(&ask_with(&mut world.command(), &["cloudmc", "list", ""])), NONE);
    assert!(!trace.exists() && server.seen().is_empty());
}
