//! Finds names similar to a mistyped one.

/// Sorts `names` by similarity to `wanted`, the most similar first.
pub(crate) fn by_similarity<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let wanted = wanted.to_lowercase();
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_cached_key(|name| distance(&wanted, name));
    names
}

/// The one of `names` that `wanted` was probably meant to be.
pub(crate) fn closest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let first = by_similarity(wanted, names).into_iter().next()?;
    is_similar(wanted, first).then_some(first)
}

/// Those of `names` that `wanted` may have been meant to be, the most similar first: near ones, and ones that contain
/// it.
pub(crate) fn similar_names<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let part = wanted.to_lowercase();
    let mut similar_names = by_similarity(wanted, names);
    similar_names.retain(|name| is_similar(wanted, name) || (part.len() >= 3 && name.to_lowercase().contains(&part)));
    similar_names.truncate(most);
    similar_names
}

fn is_similar(wanted: &str, name: &str) -> bool {
    // A third of the letters may differ: enough for a typo or a missing underscore, too little for another word. At
    // least one must be the same.
    let letters = wanted.chars().count();
    distance(&wanted.to_lowercase(), name) <= (letters / 3).max(1).min(letters.saturating_sub(1))
}

fn distance(wanted: &str, name: &str) -> usize {
    strsim::damerau_levenshtein(wanted, &name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_has_a_suggestion_and_another_word_has_none() {
        let names = ["stack", "output", "api_url"];
        assert_eq!(closest("apiurl", names), Some("api_url"));
        assert_eq!(closest("Stakc", names), Some("stack"));
        assert_eq!(closest("colour", names), None);
        assert_eq!((closest("K", ["B", "AB"]), closest("k", ["K"])), (None, Some("K")));
        assert_eq!(by_similarity("outptu", names)[0], "output");
    }

    #[test]
    fn a_part_of_a_name_finds_the_name() {
        assert_eq!(similar_names("app", ["Awesome App", "Shop", "Apt"], 3), ["Apt", "Awesome App"]);
    }
}
