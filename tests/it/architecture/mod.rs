//! The structure of the source: which file may import which, and what a file must not do.

mod circles;
mod layers;
mod modules;
mod proofs;
mod references;
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use self::modules::Crate;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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

/// Each file of the library: its name below `src`, and its text. `main.rs` is a crate of its own, of ten lines.
fn sources() -> Vec<(String, String)> {
    let source = root().join("src");
    let files = files_below(&source).into_iter().map(|path| {
        let name = path.strip_prefix(&source).expect("below src").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).expect("text"))
    });
    files.filter(|(name, _)| name != "main.rs").collect()
}

#[test]
fn no_two_files_import_each_other_directly_or_round_about() {
    let code = Crate::parse(&sources());
    let circles = circles::circles(&circles::imports(&code));
    assert!(circles.is_empty(), "{} circles:\n{}", circles.len(), circles.join("\n"));
}

#[test]
fn every_room_imports_only_from_rooms_below_it_in_the_diagram() {
    let code = Crate::parse(&sources());
    let page = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page");
    let layers = layers::layers(&page);
    let wrong = [layers::misdrawn(&code, &layers), layers::climbing(&circles::imports(&code), &layers)].concat();
    assert!(wrong.is_empty(), "{} imports are against the diagram:\n{}", wrong.len(), wrong.join("\n"));
}
