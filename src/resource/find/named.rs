//! Finds an item by its id or a name: a server of a stack, an environment of a CloudMC.

use super::{MAX_LISTED, folded, listed, suggestions};
use crate::error::{Error, Result};
use crate::resource::noun::Noun;
use crate::text::sanitize::sanitize;

/// The words for messages.
#[derive(Clone, Copy)]
pub(crate) struct LookupLabels<'w> {
    /// Singular.
    pub(crate) singular: &'w str,
    /// Plural.
    pub(crate) plural: &'w str,
    /// Their owner, such as `Awesome App@production`.
    pub(crate) owner: &'w str,
}

impl<'w> LookupLabels<'w> {
    /// The words for a noun of `owner`.
    pub(crate) fn of(noun: &'static Noun, owner: &'w str) -> Self {
        Self { singular: noun.singular, plural: noun.plural, owner }
    }
}

/// The names of an item.
pub(crate) struct ItemNames<'t> {
    /// The unique id.
    pub(crate) id: &'t str,
    /// The display name, for messages.
    pub(crate) label: String,
    /// Other names.
    pub(crate) others: Vec<&'t str>,
}

impl<'t> ItemNames<'t> {
    /// An item with one name.
    pub(crate) fn of(id: &'t str, name: &'t str) -> Self {
        Self { id, label: name.to_owned(), others: vec![name] }
    }

    /// An item with only an id.
    pub(crate) fn only(id: &'t str) -> Self {
        Self { id, label: String::new(), others: Vec::new() }
    }

    fn all(&self) -> impl Iterator<Item = &'t str> {
        std::iter::once(self.id).chain(self.others.iter().copied()).filter(|name| !name.is_empty())
    }

    fn line(&self) -> (String, &'t str) {
        (sanitize(&self.label).into_owned(), self.id)
    }
}

/// How similar a name must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameMatch {
    /// Equal.
    Exact,
    /// Equal when [`folded`].
    Folded,
    /// A unique prefix.
    Prefix,
}

/// Finds the item `wanted`: by id, then by its exact name, then by a name that is equal when [`folded`], then by a
/// unique prefix.
///
/// # Errors
/// If there is no match ([`crate::error::Kind::NotFound`], with the most similar), or several (a usage error that lists
/// them).
pub(crate) fn choose<'t, T>(
    lookup_labels: LookupLabels<'_>,
    things: &'t [T],
    wanted: &str,
    names: impl Fn(&'t T) -> ItemNames<'t>,
) -> Result<&'t T> {
    choose_matching(NameMatch::Prefix, lookup_labels, things, wanted, names)
}

/// The same with a minimum similarity.
pub(crate) fn choose_matching<'t, T>(
    name_match: NameMatch,
    lookup_labels: LookupLabels<'_>,
    things: &'t [T],
    wanted: &str,
    names: impl Fn(&'t T) -> ItemNames<'t>,
) -> Result<&'t T> {
    let names: Vec<ItemNames<'t>> = things.iter().map(names).collect();
    which(name_match, lookup_labels, &names, wanted).map(|index| &things[index])
}

/// The index of the matching names.
fn which(
    name_match: NameMatch,
    lookup_labels: LookupLabels<'_>,
    names: &[ItemNames<'_>],
    wanted: &str,
) -> Result<usize> {
    let name = folded(wanted);
    let with = |test: &dyn Fn(&ItemNames<'_>) -> bool| -> Vec<usize> {
        (0..names.len()).filter(|index| test(&names[*index])).collect()
    };
    let tests: [&dyn Fn(&str) -> bool; 3] =
        [&|given| given == wanted, &|given| folded(given) == name, &|given| folded(given).starts_with(&name)];
    let by_id = with(&|names| !wanted.is_empty() && names.id == wanted);
    let by_names =
        tests.iter().take(name_match as usize + 1).map(|test| with(&|names| !name.is_empty() && names.all().any(test)));
    let found = std::iter::once(by_id).chain(by_names).find(|found| !found.is_empty()).unwrap_or_default();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(not_found_error(lookup_labels, wanted, names)),
        several => Err(Error::usage(format!("`{wanted}` matches {} {}", several.len(), lookup_labels.plural))
            .cause(listed(&several.iter().map(|index| names[*index].line()).collect::<Vec<_>>()))
            .hint("use an id (last column)")),
    }
}

/// The error for an unknown name, with the existing ones.
pub(crate) fn not_found_error(lookup_labels: LookupLabels<'_>, wanted: &str, things: &[ItemNames<'_>]) -> Error {
    let LookupLabels { singular, plural, owner } = lookup_labels;
    let error = Error::not_found(format!("{singular} `{wanted}` not found on {owner}"));
    if things.is_empty() {
        return error.cause(format!("it has no {plural}"));
    }
    let near: Vec<String> =
        suggestions(wanted, things.iter().flat_map(|names| names.all().filter(|name| !is_long(name))))
            .into_iter()
            .map(|near| format!("`{}`", sanitize(near)))
            .collect();
    let error = if near.is_empty() { error } else { error.hint(format!("did you mean {}?", near.join(" or "))) };
    if things.len() <= MAX_LISTED {
        return error.cause(format!("available:\n{}", listed(&things.iter().map(ItemNames::line).collect::<Vec<_>>())));
    }
    error
}

/// Whether the id is too long to be typed, so a suggestion would not help.
fn is_long(name: &str) -> bool {
    name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::error::Kind;

    const SERVERS: [(&str, &str, &str); 4] = [
        ("f8468fc145ea49bac474b30a8fea888d", "Caribou", "146.185.133.183"),
        ("f84a0000000000000000000000000000", "Cariboo Two", "146.185.133.184"),
        ("00000000000000000000000000000001", "Gazelle", ""),
        ("00000000000000000000000000000002", "gazelle", "10.0.0.1"),
    ];

    fn find(wanted: &str) -> Result<&'static str> {
        let lookup_labels = LookupLabels { singular: "server", plural: "servers", owner: "Shop" };
        let names = |server: &'static (&str, &str, &str)| ItemNames {
            id: server.0,
            label: server.1.to_owned(),
            others: vec![server.1, server.2],
        };
        choose(lookup_labels, &SERVERS, wanted, names).map(|server| server.1)
    }

    #[test]
    fn an_item_is_found_by_id_name_and_unique_prefix() {
        for (wanted, expected) in [
            ("caribou", "Caribou"),
            ("cariboo-two", "Cariboo Two"),
            ("146.185.133.184", "Cariboo Two"),
            ("cariboo", "Cariboo Two"),
            ("f8468", "Caribou"),
            ("F84A", "Cariboo Two"),
            ("10.", "gazelle"),
            ("gazelle", "gazelle"),
            ("00000000000000000000000000000001", "Gazelle"),
        ] {
            assert_eq!(find(wanted).unwrap(), expected, "{wanted}");
        }
    }

    #[test]
    fn several_matches_are_listed_and_no_match_has_suggestions() {
        let error = find("GAZELLE").unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert_eq!(
            error.cause_text(),
            Some("Gazelle  00000000000000000000000000000001\ngazelle  00000000000000000000000000000002")
        );
        assert_eq!(find("146.185.133.18").unwrap_err().message(), "`146.185.133.18` matches 2 servers");
        let error = find("caribuo").unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        assert_eq!(error.message(), "server `caribuo` not found on Shop");
        assert_eq!(error.hints(), ["did you mean `Caribou`?"]);
        assert!(
            error.cause_text().unwrap().ends_with("gazelle      00000000000000000000000000000002"),
            "{:?}",
            error.cause_text()
        );
        assert_eq!(find("").unwrap_err().kind(), Kind::NotFound);
    }
}
