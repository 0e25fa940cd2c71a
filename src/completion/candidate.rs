//! A completion candidate, and which name to offer for an item with several.

use std::collections::HashMap;

/// A name with a note.
pub(super) struct Candidate {
    pub(super) value: String,
    pub(super) note: String,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { value: value.into(), note: note.into() }
    }
}

/// A candidate for each item: its first unique name, or else its last.
///
/// An item is its names, the best first, and its note. An item without a plain name is skipped.
pub(super) fn unambiguous(things: Vec<(Vec<String>, String)>) -> Vec<Candidate> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (names, _) in &things {
        // An item with the same name twice counts once.
        for (_, name) in names.iter().enumerate().filter(|(at, name)| !names[..*at].contains(name)) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let is_usable = |at: usize, names: &[String]| {
        is_plain(&names[at]) && (at + 1 == names.len() || counts.get(names[at].as_str()) == Some(&1))
    };
    let chosen = things.iter().map(|(names, _)| (0..names.len()).find(|at| is_usable(*at, names)));
    let chosen: Vec<Option<usize>> = chosen.collect();
    let candidate = |((mut names, note), at): ((Vec<String>, String), Option<usize>)| {
        Some(Candidate { value: names.swap_remove(at?), note })
    };
    things.into_iter().zip(chosen).filter_map(candidate).collect()
}

/// Whether every shell reads the word literally. Names come from the API; those that a shell would interpret are not
/// offered.
pub(super) fn is_plain(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphanumeric() || "_/.".contains(first))
        && word.chars().all(|letter| letter.is_alphanumeric() || "_-.@:/+,%=".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_its_first_unique_name() {
        let thing = |names: [&str; 3]| (names.map(str::to_owned).to_vec(), String::new());
        let things = vec![
            thing(["shop", "shop@staging", "u1"]),
            thing(["shop", "shop@production", "u2"]),
            thing(["ledger", "ledger@staging", "u3"]),
            thing(["$(id)", "a;b", "u4"]),
            thing(["*", "twice", "u5"]),
            thing(["", "twice", "--"]),
            // A name is also ambiguous if it is the first name of one item and the second of another.
            thing(["field", "east", "u6"]),
            thing(["west", "field", "u7"]),
            thing(["same", "same", "u8"]),
        ];
        let names: Vec<String> = unambiguous(things).into_iter().map(|name| name.value).collect();
        assert_eq!(names, ["shop@staging", "shop@production", "ledger", "u4", "u5", "east", "west", "same"]);
    }
}
