//! The house is built as it was drawn: who may know whom, and what each file must not have.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with what it may use of the others: whole rooms, or single things in them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("exit", &[]),
    ("nearest", &[]),
    ("in_place", &[]),
    ("error", &["exit"]),
    ("output", &["error"]),
    ("config", &["error", "in_place", "nearest", "small_file"]),
    // The endpoint table and its types are all that the sandbox shares with the client.
    ("sandbox", &["error", "cloud66::endpoints", "http::endpoint", "in_place"]),
    ("http", &["error", "output"]),
    // Reading times and quoting replies is done by functions that print nothing.
    ("cloud66", &["error", "http", "output::words", "output::clean"]),
    ("cloudmc", &["error", "http", "output::clean"]),
    ("prompt", &["error", "output", "wait::interrupt"]),
    ("private_file", &["error", "in_place"]),
    ("memory", &["config", "error", "in_place"]),
    ("small_file", &[]),
    ("soup", &[]),
    ("dotenv", &[]),
    ("transfer", &["error", "http", "in_place", "output", "private_file"]),
    ("wait", &["error", "http", "output"]),
    (
        "cli",
        &[
            "cloud66::endpoints",
            "cloudmc::endpoints",
            "config::variables",
            "exit",
            "output::Format",
            "output::words",
            "sandbox::Fault",
        ],
    ),
    ("reference", &["cloud66::endpoints", "cloudmc::endpoints", "exit", "http::endpoint"]),
    ("resource", &["cli::args", "cloud66", "error", "http", "nearest", "output", "small_file"]),
];

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each file of the program: its path below `src` and its text without its unit tests.
fn sources() -> Vec<(String, String)> {
    let source = root().join("src");
    let files = files_below(&source).into_iter().map(|path| {
        let text = fs::read_to_string(&path).expect("text");
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
        let name = path.strip_prefix(&source).expect("below src").to_string_lossy().replace('\\', "/");
        (name, text)
    });
    files.collect()
}

/// What a text uses of this crate, as `room::thing`; a list in braces is taken apart.
fn uses(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for after in code.split("crate::").skip(1) {
        let end =
            after.find(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter))).unwrap_or(after.len());
        let (path, rest) = after.split_at(end);
        let list = rest.strip_prefix('{').filter(|_| path.ends_with("::")).and_then(|rest| rest.split('}').next());
        match list {
            Some(list) => found.extend(list.split(',').map(|name| format!("{path}{}", name.trim()))),
            None => found.push(path.to_owned()),
        }
    }
    found
}

fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

#[test]
fn a_room_uses_only_what_lies_below_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let room = room_of(&file);
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else { continue };
        for used in uses(&text) {
            let fits = |allowed: &str| used == allowed || used.starts_with(&format!("{allowed}::"));
            if !fits(room) && !allowed.iter().any(|allowed| fits(allowed)) {
                wrong.push(format!("{file} uses {used}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_room_is_on_the_plan() {
    let above = ["commands", "completion", "lib", "main", "start"];
    for (file, _) in sources() {
        let room = room_of(&file);
        assert!(
            above.contains(&room) || MAY_USE.iter().any(|(name, _)| *name == room),
            "{room} is new: who may it use?"
        );
    }
}

#[test]
fn the_reader_of_uses_sees_them() {
    let text = "use crate::error::{Error, Kind};\nfn f() -> crate::output::words::X {}\n// crate::not::this\n";
    assert_eq!(uses(text), ["error::Error", "error::Kind", "output::words::X"]);
}

#[test]
fn nothing_is_printed_outside_output() {
    let mut wrong = Vec::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| room_of(file) != "output") {
        for line in text.lines() {
            let macros = ["println!", "print!(", "eprint!(", "dbg!("].iter().any(|name| line.contains(name));
            let stream = ["stdout()", "stderr()"].iter().any(|name| line.contains(&format!("io::{name}")));
            if macros || (stream && !line.contains(".is_terminal()")) {
                wrong.push(format!("{file}: {}", line.trim()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for folder in ["src", "tests"] {
        for path in files_below(&root().join(folder)) {
            let text = fs::read_to_string(&path).expect("text");
            assert!(text.lines().count() <= 500, "{} has {} lines", path.display(), text.lines().count());
            assert!(
                text.starts_with("//!") || text.starts_with("#!["),
                "{} does not say what it is for",
                path.display()
            );
        }
    }
}
