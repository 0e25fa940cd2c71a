//! Prompts: only at a terminal, except `line`, which also reads a line of piped stdin.

pub(crate) mod keys;
mod picker;
mod typed;

use std::io::{self, BufRead};

use self::typed::typed_line;
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
        let mut prompt = format!("{question} [y/N] ");
        loop {
            match self.typed_line(&prompt)?.as_deref().map(str::trim) {
                Some("y" | "Y" | "yes" | "Yes" | "YES") => return Ok(()),
                None | Some("" | "n" | "N" | "no" | "No" | "NO") => {
                    return Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed"));
                }
                Some(_) => "Please answer y or n: ".clone_into(&mut prompt),
            }
        }
    }

    fn typed_line(&self, prompt: &str) -> Result<Option<String>> {
        typed_line(self.printer, self.signals, prompt, true)
    }

    /// Asks for the name of the target of a destructive write; `is_right` checks the answer.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] for a wrong answer, [`Kind::ConfirmationNeeded`] if prompts are not possible.
    pub(crate) fn confirm_by_name(&self, why: &str, name: &str, is_right: impl Fn(&str) -> bool) -> Result<()> {
        let (why, name) = (sanitize(why), sanitize(name));
        if !self.can_ask() {
            return Err(Error::new(Kind::ConfirmationNeeded, format!("confirmation by name needed: {why}"))
                .cause("not running in a terminal")
                .hint(format!("pass --confirm {}", shell_quote(&name))));
        }
        match self.typed_line(&format!("{why}; type {name} to confirm: "))? {
            Some(typed) if is_right(typed.trim()) => Ok(()),
            _ => Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed")),
        }
    }

    /// Asks for a secret; typing is not shown.
    pub(crate) fn secret(&self, question: &str, instead: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("cannot prompt for {question}: not running in a terminal")).hint(instead));
        }
        match typed_line(self.printer, self.signals, &format!("{question}: "), false)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Error::new(Kind::Cancelled, "cancelled: no input")),
        }
    }

    /// Asks for a line of text. If prompts are not possible, reads a line of piped stdin.
    pub(crate) fn line(&self, question: &str) -> Result<String> {
        if !self.can_ask() && self.printer.stdin_is_terminal() {
            return Err(Error::usage(format!("cannot prompt for {question}: not running in a terminal"))
                .hint("pass it on stdin"));
        }
        let answer = if self.can_ask() { self.typed_line(&format!("{question}: "))? } else { read_line()? };
        match answer.map(|line| line.trim().to_owned()) {
            Some(answer) if !answer.is_empty() => Ok(answer),
            _ if self.can_ask() => Err(Error::new(Kind::Cancelled, "cancelled: no input")),
            _ => Err(Error::usage(format!("no input on stdin for {question}"))),
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

fn read_error(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::Interrupted {
        Error::new(Kind::Interrupted, "interrupted; nothing was changed")
    } else {
        Error::local_file("read from the terminal", error)
    }
}
