//! The diagram of docs/ARCHITECTURE.md, and what violates it.

use std::collections::BTreeSet;

use super::circles::Imports;
use super::modules::{Crate, module_of};

/// The first line of the diagram's block.
const HEAD: &str = "```text\nrooms, from the top:\n";

/// The layers of a page, top first, each with its rooms.
pub fn layers(page: &str) -> Vec<Vec<&str>> {
    let (_, block) = page.split_once(HEAD).expect("the page has the diagram of the rooms");
    let (block, _) = block.split_once("```").expect("the block ends");
    block.lines().map(|line| line.split(',').map(str::trim).collect()).collect()
}

/// The room of a file: the first name of its module.
fn room_of(file: &str) -> String {
    module_of(file).into_iter().next().unwrap_or_default()
}

/// Every import that does not point down: to another room of the same layer, or to one above.
pub fn climbing(imports: &Imports, layers: &[Vec<&str>]) -> Vec<String> {
    let layer_of = |room: &str| layers.iter().position(|rooms| rooms.contains(&room));
    let mut found = Vec::new();
    for (from, targets) in imports {
        for (to, name) in targets {
            let (upper, lower) = (room_of(from), room_of(to));
            let (Some(above), Some(below)) = (layer_of(&upper), layer_of(&lower)) else { continue };
            if upper != lower && above >= below {
                found.push(format!("{from} imports {name} of {to}: {upper} does not stand above {lower}"));
            }
        }
    }
    found
}

/// Rooms that the diagram lacks or repeats, and rooms in it that do not exist.
pub fn misdrawn(of: &Crate, layers: &[Vec<&str>]) -> Vec<String> {
    let rooms: BTreeSet<String> = of.modules.keys().filter_map(|path| path.first().cloned()).collect();
    let drawn = |room: &str| layers.iter().flatten().filter(|name| **name == room).count();
    let missing =
        rooms.iter().filter(|room| drawn(room) != 1).map(|room| format!("{room} is drawn {} times", drawn(room)));
    let unknown =
        layers.iter().flatten().filter(|name| !rooms.contains(**name)).map(|name| format!("{name} is not there"));
    missing.chain(unknown).collect()
}
