//! Quoting for shells.

use std::borrow::Cow;
use std::path::Path;

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

/// The words as a line for a POSIX shell on another machine, which reads each of them as it is here: also one that looks
/// like an assignment or an option.
pub(crate) fn remote_line<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    words.into_iter().map(remote_word).collect::<Vec<_>>().join(" ")
}

/// One word of such a line.
pub(crate) fn remote_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A path as one word of a line that ssh has the shell of this machine run. On Windows that is cmd, which knows only
/// double quotes; no path has one there.
pub(crate) fn local_path(path: &Path) -> String {
    let path = path.to_string_lossy();
    if cfg!(windows) { format!("\"{path}\"") } else { remote_word(&path) }
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

    use std::path::Path;

    use super::{local_path, remote_line, shell_quote};

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

    #[test]
    fn a_line_for_another_machine_keeps_its_words() {
        let words = ["env", "A=1", "it's", "", "a b", "$HOME", "-x", "`id`", "a\nb", "~", "*"];
        assert_eq!(remote_line(words), "env 'A=1' 'it'\\''s' '' 'a b' '$HOME' -x '`id`' 'a\nb' '~' '*'");
        assert_eq!(shlex::split(&remote_line(words)).as_deref(), Some(&words.map(str::to_owned)[..]));
    }

    #[test]
    fn a_path_is_one_word_for_the_shell_that_ssh_runs() {
        let path = Path::new("/a b/c66");
        assert_eq!(local_path(path), if cfg!(windows) { "\"/a b/c66\"" } else { "'/a b/c66'" });
    }

    proptest! {
        #[test]
        fn a_shell_reads_one_word_as_it_was(text in r#"[a-z'"\\$`!^~#*? \t\n=%,é-]{0,12}"#) {
            prop_assert_eq!(shlex::split(&shell_quote(&text)), Some(vec![text]));
        }
    }
}
