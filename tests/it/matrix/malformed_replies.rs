//! Every command against an API whose replies are malformed: keys missing, nulls, other types, endless nesting, no end.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use super::commands::{FORMATS, Line, lines};
use super::format_readers::fault;
use super::hostile_texts::relay_with;
use super::{each, finish, test_env};
use crate::support::sandbox::Sandbox;
use crate::support::test_env::{CLOUDMC_KEY, CLOUDMC_ROOT, TOKEN};

/// Pseudorandom numbers from a seed.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        Self(hasher.finish() | 1)
    }

    pub fn below(&mut self, most: usize) -> usize {
        // xorshift
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % most.max(1)
    }
}

/// Placeholder for JSON text that cannot be a value; replaced at the end.
const DEEP: &str = "nested-without-end";
const HUGE: &str = "a-number-without-measure";

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

/// Changes the node with that number, counted from the top; returns whether it exists.
fn change(value: &mut Value, number: &mut usize, dice: &mut Dice) -> bool {
    if *number == 0 {
        *value = mutated(value.take(), dice);
        return true;
    }
    *number -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| change(item, number, dice)),
        Value::Object(map) => map.values_mut().any(|inner| change(inner, number, dice)),
        _ => false,
    }
}

fn mutated(value: Value, dice: &mut Dice) -> Value {
    match (dice.below(12), value) {
        (0, _) => Value::Null,
        (1, Value::Number(number)) => number.to_string().into(),
        (1, Value::String(text)) => text.parse::<i64>().unwrap_or(7).into(),
        (1, value) => value.to_string().into(),
        (2, value) => json!([value]),
        (3, value) => json!({ "value": value, "code": 3, "id": {} }),
        (4, _) => [json!(-1), json!(u64::MAX), json!(1.5e300), json!(0)][dice.below(4)].clone(),
        (5, _) => ["", " ", "\u{0}", "ÄÖÜ-漢字-🚀-e\u{301}-and-more", "9999-12-31T23:59:60Z", "2014-13-45"]
            [dice.below(6)]
        .into(),
        (6, _) => dice.below(2).eq(&0).into(),
        (7, _) => [json!([]), json!({})][dice.below(2)].clone(),
        (8, _) => DEEP.into(),
        (9, _) => HUGE.into(),
        (10, Value::Object(mut map)) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            keys.get(dice.below(keys.len())).map(|key| map.remove(key));
            map.insert("unheard_of".to_owned(), json!({ "a": [null, 1] }));
            map.into()
        }
        (10, Value::Array(mut items)) => {
            items.extend(items.clone());
            items.push(Value::Null);
            items.into()
        }
        (10, value) => json!([value, null]),
        (_, Value::String(text)) => text.repeat(3).into(),
        (_, value) => value,
    }
}

fn as_text(value: &Value) -> String {
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    value.to_string().replace(&format!("\"{DEEP}\""), &deep).replace(&format!("\"{HUGE}\""), "1e400")
}

fn rounds() -> usize {
    std::env::var("C66_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn trial(line: &Line, round: usize) -> Option<String> {
    let format = FORMATS[Dice::of((&line.name, round)).below(FORMATS.len())];
    let (test_env, sandbox) = (test_env(), Sandbox::fast());
    let name = line.name.clone();
    let server = relay_with(&sandbox, move |seen, mut body| {
        let mut dice = Dice::of((&name, round, &seen.method, &seen.target));
        // The first look-ups of a command must often succeed, or later requests are never reached.
        if dice.below(3) > 0 {
            for _ in 0..=dice.below(4) {
                let mut number = dice.below(count(&body).min(60));
                change(&mut body, &mut number, &mut dice);
            }
        }
        as_text(&body)
    });
    let cut = line.words.iter().position(|word| word == "--").unwrap_or(line.words.len());
    let mut command = test_env.command();
    command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("C66_TIMEOUT", "200ms");
    command.env("CLOUDMC_ENDPOINT", format!("{}{CLOUDMC_ROOT}", server.url)).env("CLOUDMC_API_KEY", CLOUDMC_KEY);
    // A command told to wait for minutes would do so.
    let words: Vec<&str> = line.words.iter().map(|word| if word == "10m" { "200ms" } else { word }).collect();
    command.args(&words[..cut]).args(["--no-input", "--color=never", "-o", format]);
    command.args(line.writes.then_some("--yes")).args(&words[cut..]);
    let run = finish(command);
    let said = format!("round {round}, {:?}", line.words);
    match run.code {
        1 | -1 => Some(format!("{said}: code {}\n{}", run.code, run.stderr)),
        // JSON keeps values that no reader here can represent.
        0 if run.stdout.contains(&"[".repeat(200)) || run.stdout.contains("1e400") => None,
        0 if run.stdout.lines().filter(|line| line.trim() == "[").count() > 200 => None,
        // A stream has printed the items before the error, and a difference is a result.
        8 if ["jsonl", "csv", "tsv", "name"].contains(&format) && run.stderr.contains("error") => None,
        11 => None,
        _ => fault(line, format, &run).map(|fault| format!("{said}: {fault}")),
    }
}

#[test]
fn malformed_replies_end_every_command_with_a_documented_exit_code() {
    each(lines(), |line, tell| (0..rounds()).filter_map(|round| trial(line, round)).for_each(&mut *tell));
}
