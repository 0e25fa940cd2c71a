//! Checks names of variables.

use crate::error::{Error, Result};

/// Checks a name that is to be set, read from a file or written to one: letters, digits, `_` and `.`, without a digit
/// or dot at the start.
pub(crate) fn check(name: &str) -> Result<()> {
    let refused = |hint: String| Err(Error::usage(format!("invalid variable name `{name}`")).hint(hint));
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(is_part) {
        return refused("use letters, digits and underscores".to_owned());
    }
    if name.contains('-') {
        return refused(format!("Cloud 66 does not accept hyphens in names: use {}", name.replace('-', "_")));
    }
    if name.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return refused("start with a letter or an underscore".to_owned());
    }
    Ok(())
}

/// Checks that a POSIX shell accepts a variable of this name.
pub(super) fn check_for_shell(name: &str) -> Result<()> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.bytes().all(is_part) && !name.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::usage(format!("`{name}` is not a valid shell variable name"))
        .hint("use --format dotenv or --format json"))
}

/// Checks that a program can have the value in its environment.
pub(super) fn check_value(name: &str, value: &str) -> Result<()> {
    if value.contains('\0') {
        return Err(Error::usage(format!("the value of {name} contains a NUL byte")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check, check_for_shell, check_value};

    #[test]
    fn names_that_the_api_or_a_file_does_not_accept_are_refused() {
        for name in ["A", "_a1", "rails_env", "db.user", "GRÜSSE"] {
            assert!(check(name).is_ok(), "{name}");
        }
        for name in ["", "MY-KEY", "-A", ".A", "1A", "A B", "A=B", "A\0", "A\nB", "A$"] {
            assert!(check(name).is_err(), "{name:?}");
        }
        assert!(check("MY-KEY").is_err_and(|error| error.hints().join(" ").contains("use MY_KEY")));
    }

    #[test]
    fn a_shell_accepts_fewer_names() {
        for (name, held) in [("A_1", true), ("_", true), ("db.user", false), ("GRÜSSE", false)] {
            assert_eq!(check_for_shell(name).is_ok(), held, "{name}");
        }
        assert!(check_value("A", "a\0b").is_err() && check_value("A", "a\r\n").is_ok());
    }
}
