//! The limits of a reply: how far it expands, and how many items and values it has. No reply aborts the program, even if
//! memory is short (`ulimit -v`).

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::matrix::commands::FORMATS;
use crate::support::command_lines::CALLS;
use crate::support::process::{self, Running};
use crate::support::replies::{UID, list};
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

/// What a command on a reply of up to 1 MiB uses at most (docs/RELIABILITY.md).
#[cfg(target_os = "linux")]
const MAX_PEAK: usize = 64 * MIB;

/// Runs the program and returns the most memory that it had at once.
#[cfg(target_os = "linux")]
fn peak(url: &str, arguments: &[&str]) -> (Run, usize) {
    /// The system keeps the peak of a process until it ends; it has ended before the last look at most by this.
    const INTERVAL: Duration = Duration::from_millis(1);
    let test_env = TestEnv::new();
    let mut program = test_env.command();
    program.env("C66_API_URL", url).env("C66_TOKEN", TOKEN).args(arguments);
    program.env("CLOUDMC_ENDPOINT", format!("{url}/api/v2")).env("CLOUDMC_API_KEY", "key");
    let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let status = format!("/proc/{}/status", child.id());
    let (mut running, mut most) = (Running::from(child), 0);
    while running.runs() {
        // Before it runs the program, the new process has the name and the memory of this one.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let text = if text.starts_with("Name:\tc66\n") { text } else { String::new() };
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = peak.and_then(|kib| kib.parse::<usize>().ok()).unwrap_or(0).max(most);
        std::thread::sleep(INTERVAL);
    }
    (running.end(), most * 1024)
}

/// An object, alone or as the item of a list, with `count` members of different names.
#[cfg(target_os = "linux")]
fn many_members(count: usize) -> String {
    let members: Vec<String> = (0..count).map(|number| format!("\"k{number}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

/// Replies of up to 1 MiB that take as much memory as they can.
#[cfg(target_os = "linux")]
fn hostile_replies() -> Vec<(&'static str, u16, String)> {
    let different: Vec<String> = (0..20_000).map(|number| format!("{{\"k{number}\":0,\"uid\":{number}}}")).collect();
    let escaped = "\\u0001".repeat(85_000);
    let objects = format!("[{}{{}}]", "{\"password\":\"x\"},".repeat(61_000));
    vec![
        ("small items", 200, small_items(MIB)),
        ("empty items", 200, list_of("{}", 20_000)),
        ("long items", 200, long_items(MIB)),
        ("small values", 200, small_values(MIB, "a")),
        ("containers", 200, small_values(MIB, "containers")),
        ("an object of many members", 200, format!("{{\"response\":{}}}", many_members(85_000))),
        ("an item of many members", 200, format!("{{\"response\":[{}]}}", many_members(85_000))),
        ("items of different members", 200, format!("{{\"response\":[{}]}}", different.join(","))),
        ("escaped texts", 200, format!("{{\"response\":[{{\"uid\":\"{escaped}\",\"name\":\"{escaped}\"}}]}}")),
        ("a deep value", 200, format!("{{\"response\":[{{\"uid\":{}1{}}}]}}", "[".repeat(120), "]".repeat(120))),
        ("objects in an error", 422, format!("{{\"error\":\"x\",\"details\":{objects}}}")),
        ("objects in an odd refusal", 418, format!("{{\"data\":{objects}}}")),
        ("empty objects in an error", 403, format!("{{\"details\":[{}{{}}]}}", "{},".repeat(349_000))),
        ("errors", 400, format!("{{\"errors\":[{}{{}}]}}", "{},".repeat(349_000))),
        ("a long context", 409, format!("{{\"errors\":[{{\"context\":{objects}}}]}}")),
    ]
}

/// Each command that reads, with the stack named by its UID.
#[cfg(target_os = "linux")]
fn reads() -> Vec<Vec<&'static str>> {
    let is_read = |line: &&&[&str]| line.iter().any(|word| ["list", "show", "get", "history"].contains(word));
    let by_uid = |line: &&'static [&'static str]| -> Vec<&'static str> {
        line.iter().map(|word| if word.starts_with("awesome-app@") { UID } else { *word }).collect()
    };
    let mut reads: Vec<_> = CALLS.iter().filter(is_read).map(by_uid).collect();
    reads.extend([vec!["api", "GET", "/stacks"], vec!["api", "GET", "/stacks", "--paginate"]]);
    reads
}

#[cfg(target_os = "linux")]
#[test]
fn a_reply_of_a_mebibyte_needs_little_memory() {
    let mut runs: Vec<(usize, Vec<&str>)> = Vec::new();
    let (replies, reads) = (hostile_replies(), reads());
    let all = std::env::var_os("C66_ALL_FORMATS").is_some();
    for reply in 0..replies.len() {
        for (at, words) in reads.iter().enumerate() {
            for (turn, format) in FORMATS.iter().enumerate() {
                // Each command once, and each format with each reply.
                if all || (at % replies.len() == reply && (at / replies.len() + at) % FORMATS.len() == turn) {
                    runs.push((reply, [&words[..], &["-o", format]].concat()));
                }
            }
        }
        for words in [
            &["stacks", "list", "--sort", "a"][..],
            &["stacks", "list", "-o", "yaml", "--columns", "a,b,c,uid"],
            &["stacks", "list", "--json", "--jq", "map(.uid)"],
            &["stacks", "show", UID, "-o", "yaml", "--columns", "a"],
            &["stacks", "show", UID, "--debug", "--debug"],
            &["stacks", "restart", UID, "--yes"],
            &["redeploy", "-s", UID, "--service", "web", "--yes"],
            &["cloudmc", "envs", "list"],
            &["api", "GET", "/stacks", "-o", "csv"],
            &["api", "GET", "/stacks"],
        ] {
            runs.push((reply, words.to_vec()));
        }
    }
    let servers: Vec<ScriptedServer> = replies
        .iter()
        .map(|(_, status, body)| {
            let (status, body) = (*status, body.clone());
            assert!(body.len() <= MIB + MIB / 100, "{}", body.len());
            ScriptedServer::start(move |_, _| reply_with(status, &[], &body))
        })
        .collect();
    let next = Mutex::new(runs.into_iter());
    let complaints = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some((reply, words)) = next.lock().expect("the runs").next() else { return };
                    let (run, peak) = peak(&servers[reply].url, &words);
                    if peak > MAX_PEAK || !matches!(run.code, 0 | 2..=11) || run.stderr.contains("fit into memory") {
                        let mib = peak / MIB;
                        let said = run.stderr.chars().take(200).collect::<String>();
                        let name = replies[reply].0;
                        let line = format!("{words:?} on {name}: {mib} MiB, exit code {}: {said}", run.code);
                        complaints.lock().expect("the complaints").push(line);
                    }
                }
            });
        }
    });
    let complaints = complaints.into_inner().expect("the complaints");
    assert!(complaints.is_empty(), "{} runs:\n{}", complaints.len(), complaints.join("\n"));
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
    // No 32 KiB of it repeat, so that it cannot be compressed.
    let mut rng = fastrand::Rng::with_seed(7);
    let noise: String = std::iter::repeat_with(|| rng.alphanumeric()).take(1 << 20).collect();
    let server = ScriptedServer::start(move |seen: &Seen, _| {
        const NAME: usize = 120;
        const ITEMS: usize = 2_000;
        let number = seen.page();
        let items = (0..ITEMS).map(|at| {
            let start = (number * ITEMS + at) * NAME % (noise.len() - NAME);
            let name = &noise[start..start + NAME];
            format!(r#"{{"uid":"p{number}i{at}","name":"{name}","environment":"y"}}"#)
        });
        let items = items.collect::<Vec<_>>().join(",");
        reply_with(200, &[], &format!(r#"{{"response":[{items}],"pagination":{{"current":{number},"pages":3000}}}}"#))
    });
    for more in [
        &["-o", "table"][..],
        &["--json"],
        &["--json", "--jq", "length"],
        &["--sort", "name"],
        &["-o", "csv", "--sort", "uid"],
    ] {
        let run = limited(160 * 1024, &server.url, &[&["stacks", "list"], more].concat()).code(8);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("does not fit into memory"), "{}", run.stderr);
    }
}
