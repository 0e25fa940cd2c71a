//! The reference is what the program says of itself. `BLESS=1 cargo test reference` writes it anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use c66::cli::Cli;
use c66::cloud66::endpoints::ALL;
use c66::reference::{cloudmc, commands, endpoints, manual, openapi, walk};
use clap::CommandFactory;
use serde_json::Value;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn root() -> clap::Command {
    let mut root = Cli::command();
    root.build();
    root
}

/// Compares a file with what it must be, or writes it.
#[track_caller]
fn golden(name: &str, expected: &[u8]) {
    let path = docs(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(&path, expected).expect("the file");
        return;
    }
    let actual = fs::read(&path).unwrap_or_default();
    assert!(
        actual == expected,
        "docs/{name} is not what the program says now; BLESS=1 cargo test reference writes it anew"
    );
}

/// The documented replies by operation.
pub fn examples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    fs::read_dir(folder)
        .expect("the examples")
        .map(|entry| entry.expect("an example").path())
        .map(|path| {
            let text = fs::read_to_string(&path).expect("an example");
            let id = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (id, serde_json::from_str(&text).expect("JSON"))
        })
        .collect()
}

#[test]
fn the_commands_page_is_true() {
    golden("reference/commands.md", commands(&root()).as_bytes());
}

#[test]
fn the_operations_page_is_true() {
    golden("reference/endpoints.md", endpoints::page().as_bytes());
}

#[test]
fn the_page_of_cloudmc_operations_is_true() {
    golden("reference/cloudmc.md", cloudmc::page().as_bytes());
}

#[test]
fn the_openapi_description_is_true() {
    let mut text = serde_json::to_vec_pretty(&openapi::describe(&examples())).expect("JSON");
    text.push(b'\n');
    golden("reference/openapi.json", &text);
}

#[test]
fn the_man_pages_are_true() {
    let pages = manual::pages(&root()).expect("the pages");
    for (name, text) in &pages {
        golden(&format!("man/{name}"), text);
    }
    let there = fs::read_dir(docs("man")).expect("docs/man").count();
    assert_eq!(there, pages.len(), "docs/man has a page of a command that is gone");
}

#[test]
fn every_operation_has_a_command_that_is_there() {
    let root = root();
    let paths: Vec<String> = walk(&root).into_iter().map(|(path, _)| path.join(" ")).collect();
    for endpoint in ALL {
        let named = endpoints::CALLS.commands_of(endpoint.id);
        assert!(!named.is_empty(), "no command calls {}", endpoint.id);
        for command in named {
            assert!(paths.iter().any(|path| path == command), "{} names `{command}`, which is not there", endpoint.id);
        }
    }
}
