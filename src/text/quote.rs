//! Quoting for a POSIX shell.

use std::borrow::Cow;

use shlex::Quoter;

/// Quotes the text as one word of a shell command. In `NAME=VALUE` only the value is quoted, as people type it.
pub(crate) fn shell_quote(text: &str) -> String {
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b));
    match text.split_once('=') {
        Some((name, "")) if plain(name) => text.to_owned(),
        Some((name, value)) if plain(name) => format!("{name}={}", quote(value)),
        _ => quote(text),
    }
}

/// The words of a command line that [`shell_quote`] made.
pub(crate) fn shell_words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_default()
}

fn quote(text: &str) -> String {
    // Only a NUL could be refused, and it cannot occur: no argument of a process has one.
    Quoter::new().allow_nul(true).quote(text).map(Cow::into_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::shell_quote;

    #[test]
    fn plain_words_stay_as_they_are() {
        for (text, expected) in [
            ("health=healthy", "health=healthy"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r#""it's""#),
            ("name=two words", "name='two words'"),
            ("NAME=", "NAME="),
            // zsh expands `=ls` to the path of ls.
            ("=ls", "'=ls'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(shell_quote(text), expected);
        }
    }

    proptest! {
        #[test]
        fn a_shell_reads_one_word_as_it_was(text in r#"[a-z'"\\$`!^~#*? \t\n=%,é-]{0,12}"#) {
            prop_assert_eq!(shlex::split(&shell_quote(&text)), Some(vec![text]));
        }
    }
}
