//! Finding the one thing that is meant, by its id, by a name, or by where one stands.

pub(crate) mod named;

use crate::text::sanitize::sanitize;
use crate::text::similar::similar_names;

/// Most names a message suggests.
pub(crate) const MAX_SUGGESTIONS: usize = 3;
/// Most things a message lists.
const MAX_LISTED: usize = 20;

/// The names that may have been meant by `wanted`, for `did you mean` hints.
pub(crate) fn suggestions<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut near = similar_names(wanted, names, MAX_SUGGESTIONS);
    near.dedup();
    near
}

/// Whether this can only be the UID of a stack or server: the API is then asked for it and nothing is looked up.
pub(crate) fn is_uid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The form in which names are compared: case does not matter, and a blank, `-` and `_` are the same.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

/// Labels and ids in two columns, for the cause of an error; not more than a message can hold.
pub(crate) fn listed(things: &[(String, &str)]) -> String {
    let width = things.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
    let line = |(label, id): &(String, &str)| {
        let gap = if width == 0 { 0 } else { width - label.chars().count() + 2 };
        format!("{label}{}{}", " ".repeat(gap), sanitize(id))
    };
    let mut lines: Vec<String> = things.iter().take(MAX_LISTED).map(line).collect();
    if things.len() > MAX_LISTED {
        lines.push(format!("and {} more", things.len() - MAX_LISTED));
    }
    lines.join("\n")
}
