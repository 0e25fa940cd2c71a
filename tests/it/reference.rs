//! The generated pages match the program. `BLESS=1 cargo test reference` regenerates them.

use std::fs;
use std::path::{Path, PathBuf};

use c66::testing::{cloud66_operations, cloudmc_operations, command_operations, reference_pages};

use crate::documented::examples;

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Compares a file with its expected content, or writes it.
#[track_caller]
fn golden(name: &str, expected: &[u8]) {
    let path = docs(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(&path, expected).expect("the file");
        return;
    }
    let actual = fs::read(&path).unwrap_or_default();
    assert!(actual == expected, "docs/{name} is out of date; regenerate it with BLESS=1 cargo test reference");
}

#[test]
fn the_generated_pages_are_up_to_date() {
    let pages = reference_pages(&examples()).expect("the pages");
    for (name, text) in &pages {
        golden(name, text);
    }
    let man_pages = pages.iter().filter(|(name, _)| name.starts_with("man/")).count();
    assert_eq!(
        fs::read_dir(docs("man")).expect("docs/man").count(),
        man_pages,
        "docs/man has a page of a command that is gone"
    );
}

/// Operations that only `c66 api` calls, each with the reason.
const BY_API_ALONE: [(&str, &str); 2] = [
    ("ssl_certificates_patch", "the official client replaces the whole certificate"),
    ("environments_bulk_replace", "no source says which variables are lost; env push --prune deletes those it shows"),
];

#[test]
fn every_operation_has_a_command() {
    let called: Vec<&str> = command_operations().values().flatten().map(|operation| operation.id).collect();
    for endpoint in cloud66_operations().iter().chain(cloudmc_operations()) {
        let by_api_alone = BY_API_ALONE.iter().any(|(id, _)| *id == endpoint.id);
        assert!(called.contains(&endpoint.id) != by_api_alone, "{} has no command, or one after all", endpoint.id);
    }
}
