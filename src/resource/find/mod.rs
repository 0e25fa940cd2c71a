//! Finds an item by its id, by a name, or by context.

pub(crate) mod named;

use crate::text::sanitize::sanitize;
use crate::text::similar::similar_names;

/// Maximum number of suggested names.
pub(crate) const MAX_SUGGESTIONS: usize = 3;
/// Maximum number of listed items.
const MAX_LISTED: usize = 20;

/// The names similar to `wanted`, for `did you mean` hints.
pub(crate) fn suggestions<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut near = similar_names(wanted, names, MAX_SUGGESTIONS);
    near.dedup();
    near
}

/// Whether this can only be the UID of a stack or server: it is then requested without a look-up.
pub(crate) fn is_uid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Normalizes names for comparison: case-insensitive, with space, `-` and `_` as the same.
pub(crate) fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

/// Labels and ids in two columns, for the cause of an error, up to a limit.
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
