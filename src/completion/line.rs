//! The command line: its words, the cursor, and what the words before it mean.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Command, FromArgMatches};

use crate::args::StackArgs;
use crate::commands::globals::Globals;

/// The words of a command line, the program name first, and the word at the cursor.
pub(super) struct Line {
    words: Vec<OsString>,
    index: usize,
}

impl Line {
    /// A line; without an index the cursor is in its last word.
    pub(super) fn new(mut words: Vec<OsString>, index: Option<usize>) -> Self {
        let index = index.unwrap_or(words.len().saturating_sub(1));
        // Some shells omit an empty last word.
        if words.len() <= index {
            words.resize(words.len() + 1, OsString::new());
        }
        let index = index.min(words.len() - 1);
        Self { words, index }
    }

    /// The line with a placeholder for each value of a flag before the first command: a profile may have the name of a
    /// command, and must not be taken for one.
    pub(super) fn without_values(&self, flags: &Command) -> Self {
        let takes_value = |word: &OsStr| {
            flags.get_arguments().filter(|flag| flag.get_action().takes_values()).any(|flag| {
                let long = flag.get_long().map(|long| format!("--{long}"));
                let short = flag.get_short().map(|short| format!("-{short}"));
                long.into_iter().chain(short).any(|form| word == form.as_str())
            })
        };
        let mut words = self.words.clone();
        let mut at = 1;
        while at < self.index && words[at].as_encoded_bytes().starts_with(b"-") {
            if takes_value(&words[at]) && at + 1 < self.index {
                words[at + 1] = "_".into();
                at += 1;
            }
            at += 1;
        }
        Self { words, index: self.index }
    }

    /// All words.
    pub(super) fn words(&self) -> &[OsString] {
        &self.words
    }

    /// The index of the word at the cursor.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The word at the cursor.
    pub(super) fn current(&self) -> &OsStr {
        self.words.get(self.index).map(OsString::as_os_str).unwrap_or_default()
    }

    /// The words before it, without the program name.
    pub(super) fn before(&self) -> impl Iterator<Item = &OsStr> {
        self.words.iter().take(self.index).skip(1).map(OsString::as_os_str)
    }

    /// The words parsed for `command`, including those after the cursor; `None` if they request help.
    pub(super) fn read(&self, command: Command) -> Option<ParsedLine> {
        let others = self.words.iter().enumerate().filter(|(at, _)| *at != self.index).map(|(_, word)| unquoted(word));
        ParsedLine::of(command, others)
    }

    /// The words before the cursor parsed for `command`; `None` if they request help.
    pub(super) fn read_before(&self, command: Command) -> Option<ParsedLine> {
        ParsedLine::of(command, self.words.iter().take(self.index).map(|word| unquoted(word)))
    }
}

/// The parsed words of a line.
pub(super) struct ParsedLine {
    matches: ArgMatches,
    /// The flags of every command.
    pub(super) globals: Globals,
}

impl ParsedLine {
    fn of(command: Command, words: impl Iterator<Item = OsString>) -> Option<Self> {
        let matches = command.ignore_errors(true).try_get_matches_from(words).ok()?;
        let globals = Globals::from_arg_matches(&matches).ok()?;
        Some(Self { matches, globals })
    }

    /// The given stack and environment.
    pub(super) fn stack(&self) -> StackArgs {
        StackArgs { stack: self.text("stack"), environment: self.text("environment") }
    }

    /// The words of the typed command.
    pub(super) fn path(&self) -> Vec<&str> {
        let mut path = Vec::new();
        let mut matches = &self.matches;
        while let Some((name, inner)) = matches.subcommand() {
            path.push(name);
            matches = inner;
        }
        path
    }

    /// The first value of an argument of the typed command.
    pub(super) fn text(&self, argument: &str) -> Option<String> {
        self.raw(argument)?.next()?.to_str().map(str::to_owned)
    }

    /// All values of an argument of the typed command.
    pub(super) fn texts(&self, argument: &str) -> Vec<String> {
        self.raw(argument).into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect()
    }

    /// Whether a switch of the typed command is on.
    pub(super) fn is_on(&self, switch: &str) -> bool {
        self.leaf().try_get_one::<bool>(switch).ok().flatten().is_some_and(|on| *on)
    }

    fn raw(&self, argument: &str) -> Option<clap::parser::RawValues<'_>> {
        self.leaf().try_get_raw(argument).ok().flatten()
    }

    fn leaf(&self) -> &ArgMatches {
        let mut matches = &self.matches;
        while let Some((_, inner)) = matches.subcommand() {
            matches = inner;
        }
        matches
    }
}

/// A word without the quotes and backslashes that some shells pass.
fn unquoted(word: &OsStr) -> OsString {
    let Some(text) = word.to_str().filter(|text| text.contains(['\'', '"', '\\'])) else { return word.to_owned() };
    let mut plain = String::new();
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None | Some('"')) => plain.extend(letters.next()),
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            _ => plain.push(letter),
        }
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use clap::CommandFactory;

    use super::*;
    use crate::commands::Cli;

    fn line(words: &[&str], index: usize) -> Line {
        Line::new(words.iter().map(OsString::from).collect(), Some(index))
    }

    #[test]
    fn the_stack_is_read_from_any_incomplete_line() {
        for (words, index) in [
            (&["c66", "env", "get", "-s", "shop", ""] as &[&str], 5),
            (&["c66", "env", "get", "", "-s", "shop"], 3),
            (&["c66", "env", "get", "--stack=shop", ""], 4),
            (&["c66", "env", "get", "-sshop", ""], 4),
            (&["c66", "--sandbox", "services", "scale", "web=", "--stack", "'shop'"], 4),
            (&["c66", "redeploy", "-s", "shop", "--service", ""], 5),
        ] {
            let typed = line(words, index).read(Cli::command()).unwrap();
            assert_eq!(typed.stack().stack.as_deref(), Some("shop"), "{words:?}");
            assert_eq!(typed.globals.sandbox, words[1] == "--sandbox");
        }
    }

    #[test]
    fn a_missing_word_is_empty() {
        let line = Line::new(vec!["c66".into()], Some(1));
        assert_eq!((line.index(), line.current()), (1, OsStr::new("")));
        assert_eq!(Line::new(Vec::new(), None).index(), 0);
        assert_eq!(Line::new(vec!["c66".into()], Some(9)).index(), 1);
    }

    #[test]
    fn quotes_go() {
        for (word, plain) in [("'a b'", "a b"), (r"a\ b", "a b"), (r#""it's""#, "it's"), ("'open", "open"), ("", "")] {
            assert_eq!(unquoted(OsStr::new(word)), plain);
        }
    }
}
