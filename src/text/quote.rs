//! Quoting for a POSIX shell.

/// The text as one word of a shell command.
pub(crate) fn shell_quote(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
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
            ("it's", r"'it'\''s'"),
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
