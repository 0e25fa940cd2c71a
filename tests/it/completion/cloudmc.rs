//! Completion of the words of `c66 cloudmc`.

use crate::cloudmc::{KEY, example, targets};
use crate::completion::{ask, ask_with, cache_files, values};
use crate::support::sandbox::Sandbox;
use crate::support::scripted_server::{Answer, ScriptedServer, reply};
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT, TestEnv};

const WEB_1: &str = "9fcd92cd-76af-40fa-b515-7035ef3b0e87";
const OBJECTS_PROD: &str = "3b8d028f-71f3-466f-80f0-5b26b9a89dc0";
const NONE: [&str; 0] = [];

/// The candidates of a CloudMC at that address.
fn ask_at(test_env: &TestEnv, endpoint: &str, key: &str, words: &[&str]) -> Vec<String> {
    let mut command = test_env.command();
    values(&ask_with(command.env("CLOUDMC_ENDPOINT", endpoint).env("CLOUDMC_API_KEY", key), words))
}

#[test]
fn each_word_of_a_command_line_completes() {
    let test_env = TestEnv::new();
    for (words, expected) in [
        (&["list", ""] as &[&str], &["azure", "compute", "objects"] as &[&str]),
        (&["list", "c"], &["compute"]),
        (&["list", "compute/"], &["compute/prod", "compute/staging_2"]),
        (&["list", "compute", ""], &["prod", "staging_2"]),
        (&["list", "compute", "prod", "v"], &["volumes", "vpcs", "vpnusers", "vpcofferings"]),
        (&["list", "compute/prod", "v"], &["volumes", "vpcs", "vpnusers", "vpcofferings"]),
        (&["list", "lab", ""], &["instances"]),
        (&["list", "objects", "prod", ""], &["buckets"]),
        (&["list", "objects", "prod", "buckets", ""], &[]),
        (&["list", "--env-id", OBJECTS_PROD, ""], &["buckets"]),
        (&["list", "--org", "northgate-field", "compute", ""], &["field"]),
        (&["list", "nowhere", ""], &[]),
        (&["create", "objects", "prod", ""], &["buckets"]),
        (&["create", "objects", "prod", "buckets", ""], &[]),
        // Writes take no name unless told to.
        (&["get", "compute", "prod", "instances", "web-1"], &["web-1"]),
        (&["get", "compute/prod", "instances", "web-1"], &["web-1"]),
        (&["update", "compute", "prod", "instances", "9f"], &[WEB_1]),
        (&["delete", "compute", "prod", "instances", "web"], &[]),
        (&["delete", "compute", "prod", "instances", "--by-name", "web"], &["web-1", "web-2"]),
        (&["do", "compute", "prod", "instances", "9f"], &[WEB_1]),
        (&["do", "compute", "prod", "instances", WEB_1, "re"], &["reboot", "recover", "resetPassword"]),
        (&["get", "compute", "prod", "sshkeys", ""], &["laptop"]),
        // An environment with an ambiguous name is named with its service.
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
        assert_eq!(ask(&test_env, &[&["cloudmc"], words].concat()), expected, "{words:?}");
    }
    // Words after the cursor are ignored.
    let mut command = test_env.command();
    command.env("C66_SANDBOX", "1").env("COMPLETE_INDEX", "4");
    let run = ask_with(&mut command, &["cloudmc", "list", "objects", "", "buckets"]);
    assert_eq!(run.stdout, "prod\tobjects/prod\n");
}

#[test]
fn completed_words_are_accepted_by_the_command() {
    let test_env = TestEnv::new();
    let environments = ask(&test_env, &["cloudmc", "envs", "show", ""]);
    assert_eq!(environments.len(), 4);
    for environment in &environments {
        test_env.sandbox(&["cloudmc", "envs", "show", environment]).code(0);
    }
    let service = &ask(&test_env, &["cloudmc", "list", "obj"])[0];
    let environment = &ask(&test_env, &["cloudmc", "list", service, ""])[0];
    let kind = &ask(&test_env, &["cloudmc", "list", service, environment, ""])[0];
    let thing = &ask(&test_env, &["cloudmc", "get", service, environment, kind, ""])[0];
    test_env.sandbox(&["cloudmc", "list", service, environment, kind]).code(0);
    test_env.sandbox(&["cloudmc", "get", service, environment, kind, thing]).code(0);
}

#[test]
fn the_profile_supplies_endpoint_service_and_environment() {
    let test_env = TestEnv::new();
    let sandbox = Sandbox::fast();
    let endpoint = format!("http://{}{CLOUDMC_ROOT}", sandbox.address);
    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    let profile = |place: &str| {
        let place = format!("[profiles.cloudmc]\nprovider = 'cloudmc'\napi_url = '{endpoint}'\n{place}");
        std::fs::write(test_env.config_file(), format!("{place}\ntoken = '{CLOUDMC_KEY}'\n")).expect("a file");
        values(&ask_with(&mut test_env.command(), &["cloudmc", "list", ""]))
    };
    let services = ["azure", "compute", "objects"];
    assert_eq!(profile(""), services);
    assert_eq!(profile("service = 'objects'"), [&services[..], &["prod"]].concat());
    let place = "service = 'objects'\nenvironment = 'prod'";
    assert_eq!(profile(place), [&services[..], &["prod", "buckets"]].concat());
    let ask = |words: &[&str]| values(&ask_with(&mut test_env.command(), &[&["cloudmc"], words].concat()));
    assert_eq!(ask(&["list", "prod", ""]), ["buckets"]);
    assert_eq!(ask(&["get", "buckets", "p"]), ["photos"]);
    assert_eq!(ask(&["list", "compute", "s"]), ["staging_2"]);
    profile("org = 'northgate-field'");
    assert_eq!(ask(&["list", "compute", ""]), ["field"]);
    // A CloudMC key is used for CloudMC only, and no other provider's profile is used for CloudMC.
    assert_eq!(values(&ask_with(&mut test_env.command(), &["stacks", "show", "--profile", "cloudmc", ""])), NONE);
    std::fs::write(test_env.config_file(), "[profiles.default]\ntoken = 'of-cloud-66-0123456789'\n").expect("a file");
    assert_eq!(ask(&["list", ""]), NONE);
}

/// A server with the documented environments.
fn documented() -> ScriptedServer {
    ScriptedServer::start(|_, _| reply(200, &example("environments_list")))
}

#[test]
fn names_are_cached_per_key_and_the_key_is_not_stored() {
    let test_env = TestEnv::new();
    let server = documented();
    let words = ["cloudmc", "envs", "show", ""];
    let first = ask_at(&test_env, &server.url, KEY, &words);
    assert!(!first.is_empty());
    assert_eq!(ask_at(&test_env, &server.url, KEY, &words), first);
    assert_eq!(targets(&server), ["GET /api/v2/environments"]);
    for file in cache_files(&test_env) {
        let text = std::fs::read_to_string(&file).expect("text");
        assert!(!text.contains(KEY) && !file.to_string_lossy().contains(KEY), "{text}");
    }
    ask_at(&test_env, &server.url, "another-cloudmc-key-0123456789", &words);
    assert_eq!(targets(&server).len(), 2, "another key has an answer of its own");
    let org = ["--org", "54cc9ee0-febb-44d5-a37c-272c1653b212"];
    ask_at(&test_env, &server.url, KEY, &[&words[..3], &org, &words[3..]].concat());
    assert_eq!(targets(&server).len(), 3, "another organization has an answer of its own");
    assert!(targets(&server)[2].contains("org_id=54cc9ee0"), "{:?}", targets(&server));
}

#[test]
fn on_any_error_nothing_is_offered() {
    let words = ["cloudmc", "list", ""];
    let test_env = TestEnv::new();
    // Neither key nor address.
    assert_eq!(values(&ask_with(&mut test_env.command(), &words)), NONE);
    let answers: [fn() -> Answer; 3] =
        [|| reply(401, "{}"), || reply(200, "<html>"), || reply(403, &example("error_403"))];
    for answer in answers {
        let server = ScriptedServer::start(move |_, _| answer());
        assert_eq!(ask_at(&TestEnv::new(), &server.url, KEY, &words), NONE);
    }
    let odd = r#"{"data":[{"id":"$(id)","name":"a b","serviceConnection":{"id":"x","serviceCode":"a;b"}}]}"#;
    let server = ScriptedServer::start(move |_, _| reply(200, odd));
    assert_eq!(ask_at(&test_env, &server.url, KEY, &words), NONE);
    assert_eq!(ask_at(&test_env, &server.url, KEY, &["cloudmc", "envs", "show", ""]), NONE);
}

#[cfg(unix)]
#[test]
fn the_key_command_is_not_run() {
    let test_env = TestEnv::new();
    let server = documented();
    let trace = test_env.home().join("it-was-run");
    std::fs::create_dir(test_env.home().join("config")).expect("a folder");
    let config = format!(
        "[profiles.cloudmc]\nprovider = 'cloudmc'\napi_url = '{}'\ntoken_command = ['touch', '{}']\n",
        server.url,
        trace.display()
    );
    std::fs::write(test_env.config_file(), config).expect("a file");
    assert_eq!(values(&ask_with(&mut test_env.command(), &["cloudmc", "list", ""])), NONE);
    assert!(!trace.exists() && server.seen().is_empty());
}
