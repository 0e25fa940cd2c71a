//! The line as it stands: its words, where the cursor is, and what the words before it say.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Command, FromArgMatches};

use crate::args::StackArgs;
use crate::commands::globals::Globals;

/// The words of a command line, the program's own name first, and the word the cursor is in.
pub(super) struct Line {
    words: Vec<OsString>,
    index: usize,
}

impl Line {
    /// A line; without an index the cursor is in its last word.
    pub(super) fn new(mut words: Vec<OsString>, index: Option<usize>) -> Self {
        let index = index.unwrap_or(words.len().saturating_sub(1));
        // Some shells leave out a last word that has no letters yet.
        if words.len() <= index {
            words.resize(words.len() + 1, OsString::new());
        }
        let index = index.min(words.len() - 1);
        Self { words, index }
    }

    /// The line with something that is no command in the place of each value that a flag before the first command has:
    /// a profile may be called like a command, and who looks for commands must not take it for one.
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

    /// Which of them the cursor is in.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The word the cursor is in.
    pub(super) fn current(&self) -> &OsStr {
        self.words.get(self.index).map(OsString::as_os_str).unwrap_or_default()
    }

    /// The words before it, without the program's name.
    pub(super) fn before(&self) -> impl Iterator<Item = &OsStr> {
        self.words.iter().take(self.index).skip(1).map(OsString::as_os_str)
    }

    /// What the words say to `command`, those after the cursor too; nothing when they ask for help.
    pub(super) fn read(&self, command: Command) -> Option<ParsedLine> {
        let others = self.words.iter().enumerate().filter(|(at, _)| *at != self.index).map(|(_, word)| unquoted(word));
        ParsedLine::of(command, others)
    }

    /// What the words before the cursor say to `command`; nothing when they ask for help.
    pub(super) fn read_before(&self, command: Command) -> Option<ParsedLine> {
        ParsedLine::of(command, self.words.iter().take(self.index).map(|word| unquoted(word)))
    }
}

/// What the words of a line say.
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

    /// The stack and environment that were named.
    pub(super) fn stack(&self) -> StackArgs {
        StackArgs { stack: self.text("stack"), environment: self.text("environment") }
    }

    /// The words of the command that was typed.
    pub(super) fn path(&self) -> Vec<&str> {
        let mut path = Vec::new();
        let mut matches = &self.matches;
        while let Some((name, inner)) = matches.subcommand() {
            path.push(name);
            matches = inner;
        }
        path
    }

    /// The first value of an argument of the command that was typed.
    pub(super) fn text(&self, argument: &str) -> Option<String> {
        self.raw(argument)?.next()?.to_str().map(str::to_owned)
    }

    /// All values of an argument of the command that was typed.
    pub(super) fn texts(&self, argument: &str) -> Vec<String> {
        self.raw(argument).into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect()
    }

    /// Whether a switch of the command that was typed is on.
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

/// A word without the quotes and backslashes that some shells hand over with it.
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
    fn the_stack_is_read_from_any_line_however_unfinished() {
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
    fn a_word_that_is_not_there_yet_is_empty() {
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
