//! CX's project file `.cx.yml`, of which only the stack is read.
//!
//! CX reads a flat map in the current folder and ignores unreadable entries; so does this.

use std::path::{Path, PathBuf};

use crate::files::bounded;

/// The name of the file.
const FILE_NAME: &str = ".cx.yml";

/// The file and the stack it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CxProject {
    /// The file.
    pub(super) path: PathBuf,
    /// The stack.
    pub(super) stack: String,
}

impl CxProject {
    /// The file of this folder, if it names a stack.
    pub(super) fn find(folder: &Path) -> Option<Self> {
        let path = folder.join(FILE_NAME);
        stack(&bounded::read(&path).ok()?).map(|stack| Self { path, stack })
    }
}

/// The first value of the key `stack` at the top level, as in CX.
fn stack(text: &str) -> Option<String> {
    let value = text.trim_start_matches('\u{feff}').lines().find_map(|line| {
        let rest = line.strip_prefix("stack").or_else(|| line.strip_prefix("\"stack\""))?;
        let value = rest.trim_start().strip_prefix(':')?;
        (value.is_empty() || value.starts_with([' ', '\t'])).then(|| value.trim())
    })?;
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next()?.to_owned(),
        _ => value.split(" #").next()?.trim().to_owned(),
    };
    // Anything but a plain string is ignored: a list, a map, a string of several lines, a reference.
    let is_text = !value.is_empty() && !value.starts_with(['[', '{', '|', '>', '&', '*', '#', '!', '~']);
    (is_text && !value.chars().any(char::is_control)).then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::stack;
    use crate::test_text::text_from;

    #[test]
    fn only_a_plain_stack_is_taken() {
        for (text, expected) in [
            ("stack: shop\n", Some("shop")),
            ("---\nformation: f\nstack:   \"My Shop\"  # ours\r\n", Some("My Shop")),
            ("stack: 'shop@staging'", Some("shop@staging")),
            ("stack: shop # ours", Some("shop")),
            ("\"stack\": shop", Some("shop")),
            ("stack:shop", None),
            ("  stack: deeper", None),
            ("stacks: other", None),
            ("stack:", None),
            ("stack: [a, b]", None),
            ("stack: |\n  a", None),
            ("stack: &a b", None),
            ("stack: \"a\u{1b}[2J\"", None),
            ("", None),
        ] {
            assert_eq!(stack(text).as_deref(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_one_line_of_text(
            text in text_from(&["stack", "\"stack\"", ":", " ", "\t", "\n", "\r\n", "\"", "'", "#", " #", "[", "&a", "|", "---", "shop", "\u{feff}", "\u{1b}"])
        ) {
            if let Some(stack) = stack(&text) {
                prop_assert!(!stack.is_empty() && !stack.contains(char::is_control), "{:?}", stack);
                prop_assert!(text.contains(&stack));
            }
        }
    }
}
