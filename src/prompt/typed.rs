//! A line that the user types, shown or hidden.
//!
//! Meanwhile Ctrl-C arrives as a key, and other signals are held back: ending at once would leave the terminal without
//! echo, or the next prompt of the shell behind ours.

use unicode_width::UnicodeWidthChar as _;

use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::signals::Signals;

#[cfg(windows)]
const CTRL_D: char = '\u{4}';

/// What was typed, character by character.
struct Line<'p> {
    printer: &'p Printer,
    shown: bool,
    text: String,
}

impl<'p> Line<'p> {
    fn new(printer: &'p Printer, shown: bool) -> Self {
        Self { printer, shown, text: String::new() }
    }

    fn push(&mut self, letter: char) {
        // A control character is no part of an answer; in a secret everything counts.
        if self.shown && letter.is_control() {
            return;
        }
        self.text.push(letter);
        if self.shown {
            self.printer.prompt(letter.encode_utf8(&mut [0; 4]));
        }
    }

    fn pop(&mut self) {
        let letter = self.text.pop();
        if self.shown {
            self.printer.erase_typed(letter.and_then(char::width).unwrap_or(0));
        }
    }

    fn clear(&mut self) {
        while !self.text.is_empty() {
            self.pop();
        }
    }
}

pub(super) fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted; nothing was changed")
}

/// Prompts for a line; `None` if the input ended first. Hidden input begins with what is typed from now on.
#[cfg(unix)]
pub(super) fn typed_line(printer: &Printer, signals: &Signals, prompt: &str, shown: bool) -> Result<Option<String>> {
    use std::io;

    use super::keys::{Key, Keys};

    let mut keys = Keys::listen(signals, !shown)?;
    // Only now: the terminal would echo a Ctrl-C that answers the prompt before.
    printer.prompt(prompt);
    let mut line = Line::new(printer, shown);
    let ended = loop {
        match keys.next()? {
            Key::Enter => break Ok(true),
            Key::Interrupt => break Err(interrupted()),
            Key::Signal(signal) => break Err(signal.error("interrupted; nothing was changed")),
            Key::Closed => break Ok(false),
            Key::End if line.text.is_empty() => break Ok(false),
            Key::Invalid => {
                break Err(Error::local_file("read from the terminal", &io::Error::other("input is not valid UTF-8")));
            }
            Key::Clear => line.clear(),
            Key::Backspace => line.pop(),
            Key::Letter(letter) => line.push(letter),
            Key::End | Key::Up | Key::Down | Key::Escape => {}
        }
    };
    drop(keys);
    printer.prompt("\n");
    Ok(ended?.then_some(line.text))
}

/// Prompts for a line; `None` if the input ended first.
#[cfg(windows)]
pub(super) fn typed_line(printer: &Printer, _signals: &Signals, prompt: &str, shown: bool) -> Result<Option<String>> {
    use console::Key;

    const CTRL_U: char = '\u{15}';
    const CTRL_Z: char = '\u{1a}';

    let terminal = console::Term::stderr();
    printer.prompt(prompt);
    let mut line = Line::new(printer, shown);
    let ended = loop {
        // Keys that are read one by one are never shown.
        match terminal.read_key_raw().map_err(|error| super::read_error(&error))? {
            Key::Enter => break Ok(true),
            Key::CtrlC => break Err(interrupted()),
            Key::Char(CTRL_D | CTRL_Z) if line.text.is_empty() => break Ok(false),
            Key::Char(CTRL_U) | Key::Escape => line.clear(),
            Key::Backspace => line.pop(),
            Key::Char(letter) => line.push(letter),
            _ => {}
        }
    };
    printer.prompt("\n");
    Ok(ended?.then_some(line.text))
}
