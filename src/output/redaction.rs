//! Takes secrets out of text.

use std::borrow::Cow;

use crate::text::sanitize::sanitize;

/// Adds a secret in every form in which it may appear: JSON-escaped, sanitized, folded into one line, or as one of its
/// lines.
pub(super) fn add_forms(known: &mut Vec<String>, secret: &str) {
    let escaped = serde_json::to_string(secret).unwrap_or_default();
    let folded: Vec<&str> = secret.split_whitespace().collect();
    let mut forms =
        vec![secret.to_owned(), escaped.trim_matches('"').to_owned(), sanitize(secret).into(), folded.join(" ")];
    forms.extend(secret.lines().map(str::to_owned));
    for form in forms {
        // Redacting short values would blank half of every message and protect nothing.
        if form.len() >= 4 && !known.contains(&form) {
            known.push(form);
        }
    }
    // The longest first: a part of a secret must not split the whole.
    known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
}

/// The text without these secrets.
pub(super) fn redact<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for secret in secrets {
        if text.contains(secret.as_str()) {
            text = Cow::Owned(text.replace(secret.as_str(), "[redacted]"));
        }
    }
    text
}
