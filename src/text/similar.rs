//! Names in the order of their likeness to a mistyped one.

/// Sorts `names` by likeness to `wanted`, the nearest first.
pub(crate) fn by_likeness<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let wanted = wanted.to_lowercase();
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_cached_key(|name| distance(&wanted, name));
    names
}

/// The one of `names` that was probably meant by `wanted`.
pub(crate) fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let first = by_likeness(wanted, names).into_iter().next()?;
    is_near(wanted, first).then_some(first)
}

/// Those of `names` that may have been meant by `wanted`, the nearest first: near ones, and ones it is a part of.
pub(crate) fn likely<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let part = wanted.to_lowercase();
    let mut likely = by_likeness(wanted, names);
    likely.retain(|name| is_near(wanted, name) || (part.len() >= 3 && name.to_lowercase().contains(&part)));
    likely.truncate(most);
    likely
}

fn is_near(wanted: &str, name: &str) -> bool {
    // A third of the letters may differ: enough for a slip or a missing underscore, too little for another word.
    distance(&wanted.to_lowercase(), name) <= (wanted.chars().count() / 3).max(1)
}

fn distance(wanted: &str, name: &str) -> usize {
    strsim::damerau_levenshtein(wanted, &name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_a_neighbour_and_another_word_has_none() {
        let names = ["stack", "output", "api_url"];
        assert_eq!(nearest("apiurl", names), Some("api_url"));
        assert_eq!(nearest("Stakc", names), Some("stack"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(by_likeness("outptu", names)[0], "output");
    }

    #[test]
    fn a_part_of_a_name_may_have_been_meant() {
        assert_eq!(likely("app", ["Awesome App", "Shop", "Apt"], 3), ["Apt", "Awesome App"]);
    }
}
