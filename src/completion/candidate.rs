//! A name that completes a word, and which of a thing's names is offered.

use std::collections::HashMap;

/// A name with what is said about it.
pub(super) struct Candidate {
    pub(super) value: String,
    pub(super) note: String,
}

impl Candidate {
    pub(super) fn new(value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { value: value.into(), note: note.into() }
    }
}

/// Of the names that each thing may be called by, the best first, the first that no other has, or else the last.
pub(super) fn unambiguous(things: Vec<(Vec<String>, String)>) -> Vec<Candidate> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (names, _) in &things {
        // What a thing is called by twice is no doubt about it.
        for (_, name) in names.iter().enumerate().filter(|(at, name)| !names[..*at].contains(name)) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let is_good = |at: usize, names: &[String]| {
        is_plain(&names[at]) && (at + 1 == names.len() || counts.get(names[at].as_str()) == Some(&1))
    };
    let chosen = things.iter().map(|(names, _)| (0..names.len()).find(|at| is_good(*at, names)));
    let chosen: Vec<Option<usize>> = chosen.collect();
    let name = |((mut names, note), at): ((Vec<String>, String), Option<usize>)| {
        Some(Candidate { value: names.swap_remove(at?), note })
    };
    things.into_iter().zip(chosen).filter_map(name).collect()
}

/// Whether every shell takes a word as it stands. Names come from the API: one that a shell would do something with is
/// not put under anybody's fingers.
pub(super) fn is_plain(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphanumeric() || "_/.".contains(first))
        && word.chars().all(|letter| letter.is_alphanumeric() || "_-.@:/+,%=".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_has_the_first_name_that_no_other_has() {
        let thing = |names: [&str; 3]| (names.map(str::to_owned).to_vec(), String::new());
        let things = vec![
            thing(["shop", "shop@staging", "u1"]),
            thing(["shop", "shop@production", "u2"]),
            thing(["ledger", "ledger@staging", "u3"]),
            thing(["$(id)", "a;b", "u4"]),
            thing(["*", "twice", "u5"]),
            thing(["", "twice", "--"]),
            // What one is called in one way and another in another stands for both.
            thing(["field", "east", "u6"]),
            thing(["west", "field", "u7"]),
            thing(["same", "same", "u8"]),
        ];
        let names: Vec<String> = unambiguous(things).into_iter().map(|name| name.value).collect();
        assert_eq!(names, ["shop@staging", "shop@production", "ledger", "u4", "u5", "east", "west", "same"]);
    }
}
