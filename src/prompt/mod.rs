//! Prompts: only at a terminal, except `line`, which also reads a line of piped stdin.

pub(crate) mod keys;

use std::io::{self, BufRead};

use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::signals::Signals;
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// Prompts the user at the terminal.
#[derive(Clone, Copy)]
pub(crate) struct Prompter<'a> {
    printer: &'a Printer,
    signals: &'a Signals,
    no_input: bool,
}

impl<'a> Prompter<'a> {
    /// Creates a prompter for this printer; `no_input` disables prompts.
    pub(crate) fn new(printer: &'a Printer, signals: &'a Signals, no_input: bool) -> Self {
        Self { printer, signals, no_input }
    }

    /// Whether prompts are possible.
    pub(crate) fn can_ask(&self) -> bool {
        !self.no_input && self.printer.can_ask()
    }

    /// Asks for confirmation.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] if the user answers no, [`Kind::ConfirmationNeeded`] if prompts are not possible.
    pub(crate) fn confirm(&self, question: &str) -> Result<()> {
        // One line, whatever names it contains: a second line could pass for an answer or another prompt.
        let question = sanitize(question);
        if !self.can_ask() {
            return Err(Error::new(
                Kind::ConfirmationNeeded,
                format!("refusing to {} without confirmation", action(&question)),
            )
            .cause("not running in a terminal")
            .hint("pass --yes to confirm"));
        }
        loop {
            self.printer.prompt(&format!("{question} [y/N] "));
            match read_line()?.as_deref().map(str::trim) {
                Some("y" | "Y" | "yes" | "Yes" | "YES") => return Ok(()),
                None | Some("" | "n" | "N" | "no" | "No" | "NO") => {
                    return Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed"));
                }
                Some(_) => self.printer.prompt("Please answer y or n: "),
            }
        }
    }

    /// Asks for the name of the target of a destructive write; `is_right` checks the answer.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] for a wrong answer, [`Kind::ConfirmationNeeded`] if prompts are not possible.
    pub(crate) fn confirm_by_name(&self, why: &str, name: &str, is_right: impl Fn(&str) -> bool) -> Result<()> {
        let (why, name) = (sanitize(why), sanitize(name));
        if !self.can_ask() {
            return Err(Error::new(Kind::ConfirmationNeeded, format!("{why}, which needs more than --yes"))
                .cause("not running in a terminal")
                .hint(format!("pass --confirm {}", shell_quote(&name))));
        }
        self.printer.prompt(&format!("{why}; type {name} to confirm: "));
        match read_line()? {
            Some(typed) if is_right(typed.trim()) => Ok(()),
            _ => Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed")),
        }
    }

    /// Asks for a secret; typing is not shown.
    pub(crate) fn secret(&self, question: &str, instead: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("cannot prompt for {question}: not running in a terminal")).hint(instead));
        }
        self.printer.prompt(&format!("{question}: "));
        let typed = hidden_line(self.signals);
        self.printer.prompt("\n");
        match typed? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Error::new(Kind::Cancelled, "cancelled: no input")),
        }
    }

    /// Asks for a line of text. If prompts are not possible, reads a line of piped stdin.
    pub(crate) fn line(&self, question: &str) -> Result<String> {
        if self.can_ask() {
            self.printer.prompt(&format!("{question}: "));
        } else if self.printer.stdin_is_terminal() {
            return Err(Error::usage(format!("cannot prompt for {question}: not running in a terminal"))
                .hint("pass it on stdin"));
        }
        match read_line()?.map(|line| line.trim().to_owned()) {
            Some(answer) if !answer.is_empty() => Ok(answer),
            _ if self.can_ask() => Err(Error::new(Kind::Cancelled, "cancelled: no input")),
            _ => Err(Error::usage(format!("no input on stdin for {question}"))),
        }
    }

    /// Shows numbered choices and asks for one; returns the answer as typed.
    pub(crate) fn choice(&self, question: &str, choices: &[String]) -> Result<String> {
        let width = choices.len().to_string().len();
        for (index, choice) in choices.iter().enumerate() {
            self.printer.prompt(&format!("{:>width$}  {}\n", index + 1, sanitize(choice)));
        }
        self.printer.prompt(&format!("{question} (number or name) "));
        match read_line()?.map(|line| line.trim().to_owned()) {
            Some(answer) if !answer.is_empty() => Ok(answer),
            _ => Err(Error::new(Kind::Cancelled, "cancelled; nothing was chosen")),
        }
    }
}

/// The action that a prompt asks about: `redeploy shop` for `Redeploy shop?`.
fn action(question: &str) -> String {
    let question = question.trim_end_matches('?');
    let mut letters = question.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A line of stdin; `None` at its end.
fn read_line() -> Result<Option<String>> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).map_err(|error| read_error(&error))?;
    Ok((read > 0).then_some(line))
}

/// Reads a line without showing it; `None` if the input ended first.
///
/// Meanwhile Ctrl-C arrives as a key, and other signals are held back: ending at once would leave the terminal without
/// echo.
#[cfg(unix)]
fn hidden_line(signals: &Signals) -> Result<Option<String>> {
    use std::time::{Duration, Instant};

    use self::keys::{RawMode, RawOptions};

    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    const CTRL_U: u8 = 21;
    const BACKSPACE: [u8; 2] = [8, 127];
    const MIN_READ_TIME: Duration = Duration::from_millis(20);

    let interrupted = || Error::new(Kind::Interrupted, "interrupted; nothing was changed");
    let _guard = signals.guard()?;
    // Signals are checked between two reads.
    let raw = RawMode::enter(RawOptions { keeps_signals: false, flushes: true, read_timeout: 1 })?;
    let mut typed = Vec::new();
    let ended = loop {
        if let Some(signal) = signals.received() {
            return Err(signal.error("interrupted; nothing was changed"));
        }
        let looked = Instant::now();
        match raw.read().map_err(|error| read_error(&error))? {
            // A read from a closed terminal returns nothing at once.
            None if looked.elapsed() < MIN_READ_TIME => break false,
            None => {}
            Some(b'\n' | b'\r') => break true,
            Some(CTRL_C) => return Err(interrupted()),
            Some(CTRL_D) if typed.is_empty() => break false,
            Some(CTRL_U) => typed.clear(),
            // A character may have several bytes; all but the first begin with the bits 10.
            Some(key) if BACKSPACE.contains(&key) => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            Some(key) => typed.push(key),
        }
    };
    let invalid = |_| Error::local_file("read from the terminal", &io::Error::other("input is not valid UTF-8"));
    let text = String::from_utf8(typed).map_err(invalid);
    if ended { text.map(Some) } else { Ok(None) }
}

/// Reads a line without showing it; `None` if the input ended first.
#[cfg(windows)]
fn hidden_line(_signals: &Signals) -> Result<Option<String>> {
    use console::Key;

    const CTRL_D: char = '\u{4}';
    const CTRL_U: char = '\u{15}';
    const CTRL_Z: char = '\u{1a}';

    let terminal = console::Term::stderr();
    let mut typed = String::new();
    loop {
        // Keys that are read one by one are never shown.
        match terminal.read_key_raw().map_err(|error| read_error(&error))? {
            Key::Enter => return Ok(Some(typed)),
            Key::CtrlC => return Err(Error::new(Kind::Interrupted, "interrupted; nothing was changed")),
            Key::Char(CTRL_D | CTRL_Z) if typed.is_empty() => return Ok(None),
            Key::Char(CTRL_U) | Key::Escape => typed.clear(),
            Key::Backspace => drop(typed.pop()),
            Key::Char(letter) => typed.push(letter),
            _ => {}
        }
    }
}

fn read_error(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::Interrupted {
        Error::new(Kind::Interrupted, "interrupted; nothing was changed")
    } else {
        Error::local_file("read from the terminal", error)
    }
}
