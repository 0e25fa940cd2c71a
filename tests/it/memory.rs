//! The limits of a reply: how far it expands, and how many items and values it has. No reply aborts the program, even if
//! memory is short (`ulimit -v`).

use std::io::Write;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::support::process;
use crate::support::replies::{UID, good, list};
use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply_with};
use crate::support::test_env::{Run, TOKEN, TestEnv, finish};

const MIB: usize = 1024 * 1024;

/// A reply with this body, compressed.
fn packed(body: &str) -> Answer {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body.as_bytes()).expect("packed");
    let bytes = encoder.finish().expect("packed");
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    );
    Answer::Bytes([head.into_bytes(), bytes].concat())
}

/// A list of this item.
fn list_of(item: &str, items: usize) -> String {
    format!(r#"{{"response":[{}]}}"#, vec![item; items].join(","))
}

#[test]
fn a_packed_reply_is_unpacked_as_far_as_is_sensible() {
    let stacks: Vec<_> = (0..9_000).map(|number| json!({ "uid": format!("u{number}"), "name": "shop" })).collect();
    let (_, honest) = list(&stacks);
    let names = honest.matches("uid").count();
    let server = ScriptedServer::start(move |_, _| packed(&honest));
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
    assert_eq!(run.stdout.lines().count(), names);
    assert_eq!(server.seen()[0].header("accept-encoding"), Some("gzip"));

    // 18 KB that expand to 18 MB.
    let bomb = list_of("{}", 6_000_000);
    let server = ScriptedServer::start(move |_, _| packed(&bomb));
    for format in ["table", "json"] {
        let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", format]).code(8);
        assert!(run.stderr.contains("expands to more than 100 times"), "{}", run.stderr);
    }
    let error =
        TestEnv::new().against(&server.url, &["stacks", "restart", UID, "--yes", "--json"]).code(8).json_error();
    assert!(error["hint"].to_string().contains("may have been done"), "{error}");
}

#[test]
fn a_packed_reply_that_is_cut_is_asked_for_again() {
    let (_, body) = list(&[json!({ "uid": "a" })]);
    let server = ScriptedServer::start(move |_: &Seen, before| match (before, packed(&body)) {
        (0, Answer::Bytes(mut bytes)) => {
            // The length is right, but the compressed data ends early.
            let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
            let cut = (bytes.len() - head - 10).to_string();
            let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
            let length = (bytes.len() - head).to_string();
            bytes.truncate(bytes.len() - 10);
            bytes.splice(..head, text.replace(&format!("Length: {length}"), &format!("Length: {cut}")).into_bytes());
            Answer::Bytes(bytes)
        }
        (_, whole) => whole,
    });
    let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", "name"]).code(0);
    assert_eq!((run.stdout.as_str(), server.count()), ("a\n", 2));
}

#[test]
fn one_reply_has_a_bounded_number_of_items_and_values() {
    for (body, said) in [
        (list_of("{}", 20_000), None),
        (list_of("{}", 20_001), Some("20001 items; the limit is 20000")),
        (list_of("[[],[],[],[]]", 30_000), Some("values in")),
    ] {
        let server = ScriptedServer::start(move |_, _| reply_with(200, &[], &body));
        for format in ["table", "json", "jsonl"] {
            let run = TestEnv::new().against(&server.url, &["stacks", "list", "-o", format]);
            let run = run.code(if said.is_some() { 8 } else { 0 });
            assert!(said.is_none_or(|said| run.stderr.contains(said)), "{}", run.stderr);
        }
    }
}

/// Runs the program with this much address space, in KiB.
#[cfg(target_os = "linux")]
fn limited(kib: usize, url: &str, arguments: &[&str]) -> Run {
    let test_env = TestEnv::new();
    let mut program = test_env.command();
    program.env("C66_API_URL", url).env("C66_TOKEN", TOKEN).args(arguments);
    let mut shell: Command = process::command("sh");
    shell.args(["-c", r#"ulimit -v "$0"; exec "$@""#, &kib.to_string()]);
    shell.arg(program.get_program()).args(program.get_args()).current_dir(test_env.home()).env_clear();
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    finish(&mut shell)
}

/// A list of items with small values, padded with blanks to `length` bytes.
#[cfg(target_os = "linux")]
fn small_items(length: usize) -> String {
    let list = list_of(r#"{"a":0,"b":1,"c":2,"d":3,"e":4,"f":5}"#, 20_000);
    format!("{list}{}", " ".repeat(length.saturating_sub(list.len())))
}

/// A list of items with one long text each, `length` bytes in all.
#[cfg(target_os = "linux")]
fn long_items(length: usize) -> String {
    list_of(&format!(r#"{{"uid":"{}"}}"#, "x".repeat(length / 2_000 - 12)), 2_000)
}

/// An object of `length` bytes with the maximum number of values.
#[cfg(target_os = "linux")]
fn small_values(length: usize, key: &str) -> String {
    let values = length / 10 + 49_900;
    let items = vec![r#"{"a":0}"#; values / 2].join(",");
    let object = format!(r#"{{"response":{{"{key}":[{items}]}}}}"#);
    format!("{object}{}", " ".repeat(length.saturating_sub(object.len())))
}

/// Commands that do a lot of work on a list.
#[cfg(target_os = "linux")]
const LISTS: [&[&str]; 6] = [
    &["stacks", "list", "-o", "wide"],
    &["stacks", "list", "--sort", "a"],
    &["stacks", "list", "-o", "yaml", "--columns", "a,b,c,uid"],
    &["stacks", "list", "--json", "--jq", "map(.uid)"],
    &["api", "GET", "/stacks", "-o", "csv"],
    &["env", "list", "-s", UID],
];

/// Commands that do a lot of work on an object.
#[cfg(target_os = "linux")]
const OBJECTS: [&[&str]; 4] = [
    &["stacks", "show", UID, "-o", "yaml", "--columns", "a"],
    &["stacks", "show", UID, "--debug", "--debug"],
    &["api", "GET", "/stacks", "-o", "csv"],
    &["stacks", "restart", UID, "--yes"],
];

/// Runs each of these commands with that much memory, in MiB, against a server with one reply.
#[cfg(target_os = "linux")]
#[track_caller]
fn none_aborts(body: &str, commands: &[&[&str]], mib: usize, may_refuse: bool) {
    let body = body.to_owned();
    let server = ScriptedServer::start(move |_, _| reply_with(200, &[], &body));
    for words in commands {
        let run = limited(mib * 1024, &server.url, words);
        assert!(matches!(run.code, 0 | 2..=11), "{words:?}: {} {}", run.code, run.stderr);
        assert!(may_refuse || !run.stderr.contains("fit into memory"), "{words:?}: {}", run.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_reply_of_a_mebibyte_needs_little_memory() {
    // The program itself takes half of it, with its libraries, where it is built for tests.
    none_aborts(&small_items(MIB), &LISTS, 128, false);
    none_aborts(&small_values(MIB, "a"), &OBJECTS, 128, false);
    none_aborts(&small_values(MIB, "containers"), &[&["services", "show", "web", "-s", UID]], 128, false);
}

#[cfg(target_os = "linux")]
#[test]
fn no_reply_aborts_where_memory_is_short() {
    for (length, mib) in [(2 * MIB, 256), (MIB, 96)] {
        none_aborts(&small_values(length, "a"), &OBJECTS, mib, true);
    }
    none_aborts(&small_items(MIB), &LISTS[2..], 96, true);
    none_aborts(&long_items(24 * MIB), &LISTS[2..5], 256, true);
    none_aborts(&long_items(60 * MIB), &[&["stacks", "restart", UID, "--yes"]], 256, true);
}

#[cfg(target_os = "linux")]
#[test]
fn no_list_aborts_where_memory_is_short() {
    let server = ScriptedServer::start(|seen: &Seen, _| {
        let number = seen.page();
        let item = |at: usize| json!({ "uid": format!("p{number}i{at}"), "name": "x", "environment": "y" });
        let (_, page) = good(&(0..2_000).map(item).collect());
        let pagination = format!(r#","pagination":{{"current":{number},"pages":3000}}}}"#);
        reply_with(200, &[], &(page[..page.len() - 1].to_owned() + &pagination))
    });
    for more in [&["-o", "table"][..], &["--json"], &["-o", "yaml"], &["--json", "--jq", "length"], &["--sort", "name"]]
    {
        let run = limited(160 * 1024, &server.url, &[&["stacks", "list"], more].concat()).code(8);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("does not fit into memory"), "{}", run.stderr);
    }
}
