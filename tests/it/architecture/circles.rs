//! Files that import each other, directly or indirectly.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{Crate, module_of};

/// Which file imports which, and one of the imported names.
pub type Imports<'c> = BTreeMap<&'c str, BTreeMap<&'c str, String>>;

/// The imports of a crate, without the root, which declares the rooms and is above all of them.
pub fn imports(of: &Crate) -> Imports<'_> {
    let mut imports = Imports::new();
    for reference in &of.references {
        let from = of.modules[&reference.module].file.as_str();
        for to in of.files_of(reference) {
            if from != to && from != "lib.rs" && to != "lib.rs" {
                imports.entry(from).or_default().entry(to).or_insert_with(|| reference.path.join("::"));
            }
        }
    }
    imports
}

/// Whether one of two files is an ancestor module of the other.
fn are_one_family(one: &str, other: &str) -> bool {
    let (one, other) = (module_of(one), module_of(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// The circles of a crate, one line each: every file in it, and a shortest way round. A module and what stands below it
/// may know each other.
pub fn circles(imports: &Imports) -> Vec<String> {
    let next = |file: &str| -> Vec<&str> {
        let to = imports.get(file).into_iter().flat_map(BTreeMap::keys);
        to.copied().filter(|to| !are_one_family(file, to)).collect()
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| {
            let mut reached = BTreeSet::new();
            let mut open = next(file);
            while let Some(file) = open.pop() {
                if reached.insert(file) {
                    open.extend(next(file));
                }
            }
            (*file, reached)
        })
        .collect();
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for (file, ahead) in reached.iter().filter(|(file, ahead)| ahead.contains(*file)) {
        let members: BTreeSet<&str> = ahead
            .iter()
            .copied()
            .filter(|other| reached.get(other).is_some_and(|ahead| ahead.contains(file)))
            .collect();
        if told.insert(members.clone()) {
            let names: Vec<&str> = members.iter().copied().collect();
            circles.push(format!("{} files: {} ({})", names.len(), names.join(", "), way_round(imports, file, next)));
        }
    }
    circles
}

/// The shortest path from a file back to itself, as text.
fn way_round<'i>(imports: &Imports, file: &'i str, next: impl Fn(&str) -> Vec<&'i str>) -> String {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([file]);
    while let Some(at) = open.pop_front() {
        for to in next(at) {
            if before.contains_key(to) {
                continue;
            }
            before.insert(to, at);
            open.push_back(to);
        }
        if before.contains_key(file) {
            break;
        }
    }
    let mut steps = Vec::new();
    let mut at = file;
    loop {
        let from = before[at];
        steps.push(format!("{from} imports {}", imports[from][at]));
        at = from;
        if at == file {
            break;
        }
    }
    steps.reverse();
    steps.join(", ")
}
