//! Every command against an API with control characters and forged lines in every text.

use std::io::{Read, Write};

use serde_json::Value;

use super::commands::{Line, TEXTS, lines};
use super::{each, finish, test_env};
use crate::support::sandbox::Sandbox;
use crate::support::scripted_server::{Answer, ScriptedServer, Seen};
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT, TOKEN};

/// A title, a cleared screen, a line that reads backwards, hidden letters, and lines that a CI system takes for commands.
const HARM: &str = "\u{1b}]0;t\u{7}\u{1b}[2J\u{9b}1A\u{202e}\u{200b}\u{0}\u{7f}\r::set-output name=a::b\n::add-mask::c\n##[d]\u{2028}e";

/// Fields that items are found by or that end a wait: changed only where nothing is looked up.
const FOUND_BY: [&str; 11] =
    ["uid", "id", "name", "environment", "key", "slug", "type", "serviceCode", "email", "login", "owner"];

/// Commands whose result is what the API sent, byte for byte, for a file or another program.
const RAW: [&str; 6] = ["env get", "settings get", "servers settings get", "servers register", "api", "cloudmc api"];

/// The sandbox behind a relay that appends hostile text to every string of its replies.
fn relay(sandbox: &Sandbox, names_too: bool) -> ScriptedServer {
    relay_with(sandbox, move |_, mut body| {
        harm(&mut body, names_too);
        body.to_string()
    })
}

/// The sandbox behind a relay that replaces its JSON.
pub fn relay_with(
    sandbox: &Sandbox,
    change: impl Fn(&Seen, Value) -> String + Send + Sync + 'static,
) -> ScriptedServer {
    let address = sandbox.address.clone();
    ScriptedServer::start(move |seen, _| {
        let (head, body) = pass_on(&address, seen);
        let Ok(body) = serde_json::from_slice::<Value>(&body) else {
            return Answer::Last([head.into_bytes(), b"\r\n\r\n".to_vec(), body].concat());
        };
        let body = change(seen, body);
        let kept = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("content-length"));
        let head = kept.collect::<Vec<_>>().join("\r\n");
        Answer::Last(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    })
}

/// The head and the body of the server's reply.
fn pass_on(address: &str, seen: &Seen) -> (String, Vec<u8>) {
    let mut stream = crate::support::process::connect(address);
    let mut lines = vec![format!("{} {} HTTP/1.1", seen.method, seen.target), "Connection: close".to_owned()];
    for name in ["Host", "Authorization", "Content-Type", "Content-Length", "MC-Api-Key"] {
        lines.extend(seen.header(name).map(|value| format!("{name}: {value}")));
    }
    write!(stream, "{}\r\n\r\n{}", lines.join("\r\n"), seen.body).expect("the request");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the reply");
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a head");
    (String::from_utf8_lossy(&reply[..end]).into_owned(), reply.split_off(end + 4))
}

fn harm(value: &mut Value, names_too: bool) {
    match value {
        Value::String(text) if names_too => *text = format!("::set-output name=a::{text}{HARM}"),
        Value::String(text) => text.push_str(HARM),
        Value::Array(items) => items.iter_mut().for_each(|item| harm(item, names_too)),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                let spared =
                    key.ends_with("_at") || key.ends_with("_iso") || key.starts_with("task") || key == "public_url";
                if !spared && (names_too || !FOUND_BY.contains(&key.as_str())) {
                    harm(inner, names_too);
                }
            }
        }
        _ => {}
    }
}

/// What is wrong with text for people or CI systems; data for a file or a program is unchanged within a line.
fn steers(text: &str, separator: char, is_data: bool) -> Option<String> {
    let harmful = |letter: char| {
        letter.is_control() && letter != '\n' && letter != separator || "\u{202e}\u{200b}\u{2028}".contains(letter)
    };
    let command =
        |line: &str| ["::set-output", "::add-mask", "##["].iter().any(|start| line.trim_start().starts_with(start));
    text.lines()
        .find(|line| line.contains(harmful) || (!is_data && command(line)))
        .map(|line| line.escape_debug().to_string())
}

/// The words, with the two stacks by their UIDs.
fn by_uid(line: &Line) -> Vec<String> {
    let uid = |word: &String| {
        word.replace("awesome-app@production", "5999b763474b0eafa5fafb64bff0ba80")
            .replace("awesome-app@staging", "3ff47eaa901ee0d1cda6fa9283b3e618")
    };
    line.words.iter().map(uid).collect()
}

#[test]
fn no_text_from_the_api_controls_the_terminal_or_the_ci_log() {
    const FORMATS: [&str; 4] = ["table", "wide", "csv", "tsv"];
    let all = std::env::var_os("C66_ALL_FORMATS").is_some();
    let numbers: Vec<String> = lines().into_iter().map(|line| line.name).collect();
    each(lines(), |line, tell| {
        let at = numbers.iter().position(|name| *name == line.name).unwrap_or_default();
        for names_too in [false, true] {
            for (turn, format) in FORMATS.iter().enumerate() {
                // Each command in two of the formats, which take turns.
                if !all && turn != (at + 2 * usize::from(names_too)) % FORMATS.len() {
                    continue;
                }
                let (test_env, sandbox) = (test_env(), Sandbox::fast());
                let server = relay(&sandbox, names_too);
                let words = if names_too { by_uid(line) } else { line.words.clone() };
                let cut = words.iter().position(|word| word == "--").unwrap_or(words.len());
                let mut command = test_env.command();
                command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("C66_TIMEOUT", "200ms");
                command.env("CLOUDMC_ENDPOINT", format!("{}{CLOUDMC_ROOT}", server.url));
                command.env("CLOUDMC_API_KEY", CLOUDMC_KEY);
                command.args(&words[..cut]).args(["--no-input", "--color=never", "--ci", "github", "-o", format]);
                // Half of the writes are sent and waited for; the other half lacks confirmation.
                command.args((line.writes && !names_too).then_some("--yes")).args(&words[cut..]);
                let run = finish(command);
                if run.code == 1 || run.code == -1 {
                    tell(format!("{format}: code {}\n{}", run.code, run.stderr));
                }
                if let Some(line) = steers(&run.stderr, '\n', false) {
                    tell(format!("{format}, names {names_too}: stderr: {line}"));
                }
                let is_raw = RAW.contains(&line.name.as_str()) || TEXTS.contains(&line.name.as_str());
                if let Some(line) = steers(&run.stdout, '\t', matches!(*format, "csv" | "tsv")).filter(|_| !is_raw) {
                    tell(format!("{format}, names {names_too}: stdout: {line}"));
                }
            }
        }
    });
}
