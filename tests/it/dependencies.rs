//! The crates that deny.toml bans are not in Cargo.lock. cargo-deny checks more, but is not on every machine.

use toml::{Table, Value};

fn read(name: &str) -> Table {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn entries<'t>(list: &'t Value, key: &'t str) -> impl Iterator<Item = &'t str> {
    list.as_array().expect("a list").iter().filter_map(move |entry| entry.get(key)?.as_str())
}

#[test]
fn no_banned_crate_is_in_the_lock_file() {
    let (lock, policy) = (read("Cargo.lock"), read("deny.toml"));
    let names: Vec<&str> = entries(&lock["package"], "name").collect();
    let banned: Vec<&str> = entries(&policy["bans"]["deny"], "crate").collect();
    assert!(banned.contains(&"aws-lc-sys") && names.contains(&"ring"));
    for banned in banned {
        assert!(!names.contains(&banned), "{banned}; `cargo tree -i {banned}` says who brings it");
    }
}

#[test]
fn every_crate_comes_from_crates_io() {
    let lock = read("Cargo.lock");
    for source in entries(&lock["package"], "source") {
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index");
    }
}
