//! Prompts: only at a terminal, except `line`, which also reads a line of piped stdin.

use std::io::{self, BufRead};

use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::signals::Signals;
use crate::text::quote::shell_quote;
use crate::text::sanitize::sanitize;

/// Asks the person at the terminal.
#[derive(Clone, Copy)]
pub(crate) struct Prompter<'a> {
    printer: &'a Printer,
    signals: &'a Signals,
    no_input: bool,
}

impl<'a> Prompter<'a> {
    /// Asks through that printer, unless `no_input` forbids it.
    pub(crate) fn new(printer: &'a Printer, signals: &'a Signals, no_input: bool) -> Self {
        Self { printer, signals, no_input }
    }

    /// Whether a question would be answered.
    pub(crate) fn can_ask(&self) -> bool {
        !self.no_input && self.printer.can_ask()
    }

    /// Asks for consent.
    ///
    /// # Errors
    /// The answer is no ([`Kind::Cancelled`]), or nobody can be asked ([`Kind::ConfirmationNeeded`]).
    pub(crate) fn confirm(&self, question: &str) -> Result<()> {
        // One line, whatever names it holds: a second could pass for an answer, or another question.
        let question = sanitize(question);
        if !self.can_ask() {
            return Err(Error::new(Kind::ConfirmationNeeded, format!("this needs a yes: {question}"))
                .cause("nobody can be asked here")
                .hint("--yes answers it"));
        }
        loop {
            self.printer.prompt(&format!("{question} [y/N] "));
            match read_line()?.as_deref().map(str::trim) {
                Some("y" | "Y" | "yes" | "Yes" | "YES") => return Ok(()),
                None | Some("" | "n" | "N" | "no" | "No" | "NO") => {
                    return Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed"));
                }
                Some(_) => self.printer.prompt("Please answer yes or no. "),
            }
        }
    }

    /// Asks for the name of what is about to be changed; `is_right` judges the answer.
    ///
    /// # Errors
    /// The answer is another ([`Kind::Cancelled`]), or nobody can be asked ([`Kind::ConfirmationNeeded`]).
    pub(crate) fn confirm_by_name(&self, why: &str, name: &str, is_right: impl Fn(&str) -> bool) -> Result<()> {
        let (why, name) = (sanitize(why), sanitize(name));
        if !self.can_ask() {
            return Err(Error::new(Kind::ConfirmationNeeded, format!("{why}, and --yes is not enough for that"))
                .cause("there is no terminal to ask at")
                .hint(format!("--confirm {} allows it", shell_quote(&name))));
        }
        self.printer.prompt(&format!("{why}; type {name} to confirm: "));
        match read_line()? {
            Some(typed) if is_right(typed.trim()) => Ok(()),
            _ => Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed")),
        }
    }

    /// Asks for text that does not appear while it is typed.
    pub(crate) fn secret(&self, question: &str, instead: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("nobody can be asked here: {question}")).hint(instead));
        }
        self.printer.prompt(&format!("{question}: "));
        let typed = hidden_line(self.signals);
        self.printer.prompt("\n");
        match typed? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Error::new(Kind::Cancelled, "cancelled; nothing was typed")),
        }
    }

    /// Asks for text that may be seen. Who cannot be asked is read a line of stdin from, unless nothing can come there.
    pub(crate) fn line(&self, question: &str) -> Result<String> {
        if self.can_ask() {
            self.printer.prompt(&format!("{question}: "));
        } else if self.printer.stdin_is_terminal() {
            return Err(Error::usage(format!("nobody can be asked here: {question}")).hint("pipe it into stdin"));
        }
        match read_line()?.map(|line| line.trim().to_owned()) {
            Some(answer) if !answer.is_empty() => Ok(answer),
            _ if self.can_ask() => Err(Error::new(Kind::Cancelled, "cancelled; nothing was typed")),
            _ => Err(Error::usage(format!("stdin has no line for this: {question}"))),
        }
    }

    /// Shows numbered choices and asks for one; gives the answer as it was typed.
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

/// A line of stdin; nothing at its end.
fn read_line() -> Result<Option<String>> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).map_err(|error| read_error(&error))?;
    Ok((read > 0).then_some(line))
}

/// A line that does not appear while it is typed; nothing where it was broken off.
///
/// The terminal hands over Ctrl-C as a key for that long, and signals from elsewhere are held back: to end at once would
/// leave it mute for whatever comes next.
#[cfg(unix)]
fn hidden_line(signals: &Signals) -> Result<Option<String>> {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    use std::io::Read;
    use std::time::{Duration, Instant};

    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    const CTRL_U: u8 = 21;
    const BACKSPACE: [u8; 2] = [8, 127];
    /// How long a read waits for keys, in tenths of a second: that often signals are checked.
    const READ_TIMEOUT: u8 = 1;
    const MIN_READ_TIME: Duration = Duration::from_millis(20);

    let failed = |error: io::Error| Error::local_file("ask at the terminal", &error);
    let interrupted = || Error::new(Kind::Interrupted, "interrupted; nothing was changed");
    let stdin = io::stdin();
    let _guard = signals.guard()?;
    let before = tcgetattr(&stdin).map_err(|error| failed(error.into()))?;
    let mut mute = before.clone();
    mute.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
    mute.special_codes[SpecialCodeIndex::VMIN] = 0;
    mute.special_codes[SpecialCodeIndex::VTIME] = READ_TIMEOUT;
    tcsetattr(&stdin, OptionalActions::Flush, &mute).map_err(|error| failed(error.into()))?;
    let mut typed = Vec::new();
    let ended = loop {
        if let Some(signal) = signals.received() {
            break Err(signal.error("interrupted; nothing was changed"));
        }
        let mut key = [0];
        let looked = Instant::now();
        match stdin.lock().read(&mut key) {
            // A terminal that was closed says nothing at once.
            Ok(0) if looked.elapsed() < MIN_READ_TIME => break Ok(false),
            Ok(0) => continue,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => break Err(failed(error)),
        }
        match key[0] {
            b'\n' | b'\r' => break Ok(true),
            CTRL_C => break Err(interrupted()),
            CTRL_D if typed.is_empty() => break Ok(false),
            CTRL_U => typed.clear(),
            // A letter may be of several bytes, of which only the first does not begin with the bits 10.
            key if BACKSPACE.contains(&key) => while typed.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            key => typed.push(key),
        }
    };
    // A terminal that was closed has nothing to be restored.
    let restored = tcsetattr(&stdin, OptionalActions::Now, &before);
    let ended = ended?;
    restored.map_err(|error| failed(error.into()))?;
    let text = String::from_utf8(typed).map_err(|_| failed(io::Error::other("what was typed is not UTF-8")));
    if ended { text.map(Some) } else { Ok(None) }
}

/// A line that does not appear while it is typed; nothing where it was broken off.
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
        Error::local_file("ask at the terminal", error)
    }
}
