//! The printer: both streams of the process, messages, and redaction.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::Duration;

use indicatif::ProgressBar;

use super::cell::Tone;
use super::jq::JqProgram;
use super::redaction::{add_forms, redact};
use super::rounds::{View, Watch};
use super::{Format, cell, ci, error_report, table};
use crate::error::{Error, Kind, Result};
use crate::text::format::format_duration;
use crate::text::sanitize::{sanitize, sanitize_lines, sanitize_marked};

/// Prefix of the second and later lines of a message.
const CONTINUED: &str = "  | ";

/// The options of the printer, decided once at the start.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct PrinterOptions {
    /// The output format.
    pub(crate) format: Format,
    /// Whether stdout may have colours.
    pub(crate) color_stdout: bool,
    /// Whether stderr may have colours and animations.
    pub(crate) color_stderr: bool,
    /// Whether stderr may have spinners and bars.
    pub(crate) animate: bool,
    /// Suppresses notes and progress.
    pub(crate) quiet: bool,
    /// Whether a terminal shows characters outside ASCII.
    pub(crate) unicode: bool,
    /// The width of tables on a terminal, if the user sets it.
    pub(crate) columns: Option<u16>,
    /// Whether formulas in csv and tsv get an apostrophe.
    pub(crate) csv_safe: bool,
    /// The CI system of this log.
    pub(crate) ci: Option<ci::Ci>,
    /// 0: no trace; 1: one line per request; 2: headers and bodies too.
    pub(crate) debug: u8,
}

/// Shows a text, and says whether it did; a warning goes to the printer.
pub(crate) type Pager = Box<dyn Fn(&str, &Printer) -> Result<bool>>;

/// Writes to both output streams, and redacts.
pub(crate) struct Printer {
    pub(super) options: PrinterOptions,
    /// `--jq`.
    pub(super) jq: Option<JqProgram>,
    pager: Option<Pager>,
    stdout: RefCell<BufWriter<Box<dyn Write>>>,
    stderr: RefCell<Box<dyn Write>>,
    stdout_is_terminal: bool,
    pub(super) stderr_is_terminal: bool,
    stdin_is_terminal: bool,
    secrets: RefCell<Vec<String>>,
    /// The credentials among the secrets: unlike values of variables, they are masked in tables too.
    credentials: RefCell<Vec<String>>,
    pub(super) active_bar: RefCell<Option<ProgressBar>>,
    warned_topics: RefCell<Vec<&'static str>>,
    grouped: Cell<bool>,
    /// The rounds of `--watch`.
    pub(super) watch: Watch,
}

impl Printer {
    /// Creates a printer for the streams of this process.
    pub(crate) fn stdio(options: PrinterOptions) -> Self {
        Self {
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout: RefCell::new(BufWriter::with_capacity(32 * 1024, Box::new(io::stdout()))),
            stderr: RefCell::new(Box::new(io::stderr())),
            options,
            jq: None,
            pager: None,
            secrets: RefCell::default(),
            credentials: RefCell::default(),
            active_bar: RefCell::default(),
            warned_topics: RefCell::default(),
            grouped: Cell::new(false),
            watch: Watch::default(),
        }
    }

    /// Creates a printer that filters the result with a jq expression.
    pub(crate) fn with_jq(self, jq: Option<JqProgram>) -> Self {
        Self { jq, ..self }
    }

    /// Creates a printer that shows long text on a terminal with `pager`.
    pub(crate) fn with_pager(self, pager: Option<Pager>) -> Self {
        Self { pager, ..self }
    }

    /// Creates a printer without a terminal; the result goes to `stdout`.
    pub(crate) fn silent(options: PrinterOptions, stdout: Box<dyn Write>) -> Self {
        Self {
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdin_is_terminal: false,
            stdout: RefCell::new(BufWriter::new(stdout)),
            stderr: RefCell::new(Box::new(io::sink())),
            ..Self::stdio(options)
        }
    }

    /// The options.
    pub(crate) fn options(&self) -> &PrinterOptions {
        &self.options
    }

    /// The output format.
    pub(crate) fn format(&self) -> Format {
        self.options.format
    }

    /// Whether the result is for people.
    pub(crate) fn stdout_is_terminal(&self) -> bool {
        self.stdout_is_terminal
    }

    /// Whether prompts are possible: the prompt goes to stderr, the answer comes from stdin.
    pub(crate) fn can_ask(&self) -> bool {
        self.stdin_is_terminal && self.stderr_is_terminal
    }

    /// Whether stdin is a terminal.
    pub(crate) fn stdin_is_terminal(&self) -> bool {
        self.stdin_is_terminal
    }

    /// The style of tables and fields now.
    pub(crate) fn table_style(&self, headers: bool) -> table::TableStyle {
        let own = if self.stdout_is_terminal { console_width(&io::stdout()) } else { None };
        let chosen = self.options.columns.filter(|_| self.stdout_is_terminal);
        table::TableStyle {
            colour: self.options.color_stdout,
            width: chosen.or(own),
            breaks_lines: chosen.is_some_and(|chosen| own.is_none_or(|own| chosen < own)),
            headers,
            style: cell::CellStyle {
                relative_times: self.stdout_is_terminal,
                units: true,
                now: jiff::Timestamp::now(),
            },
        }
    }

    /// The width of the terminal that stdout is, if it is one.
    pub(crate) fn width(&self) -> Option<u16> {
        self.table_style(true).width
    }

    /// Writes lines for people to stdout; on a terminal with fewer lines, through the pager.
    pub(crate) fn page(&self, text: &str) -> Result<()> {
        let height = || console::Term::stdout().size_checked().map_or(usize::MAX, |(rows, _)| rows.into());
        match &self.pager {
            Some(pager) if self.pages() && text.lines().count() >= height() => {
                let shown = redact(text, &self.credentials.borrow());
                self.flush()?;
                if pager(&ci::escape_commands(&shown), self)? { Ok(()) } else { self.write_lines(text) }
            }
            _ => self.write_lines(text),
        }
    }

    /// Whether long text goes through a pager: on a terminal, without `--watch`.
    pub(crate) fn pages(&self) -> bool {
        self.pager.is_some() && self.stdout_is_terminal && self.watch.view.get() == View::None
    }

    /// Lets `write` write to stdout.
    ///
    /// # Errors
    /// If the pipe is closed ([`Kind::ClosedPipe`]) or the stream cannot be written.
    pub(crate) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let written = match &mut *self.watch.frame.borrow_mut() {
            Some(frame) => write(frame),
            None => write(&mut *self.stdout.borrow_mut()),
        };
        written.map_err(|error| stdout_error(&error))
    }

    /// Writes a value to stdout as it is; on a terminal it is sanitized.
    pub(crate) fn write_value(&self, value: &str) -> Result<()> {
        let value = if self.stdout_is_terminal { sanitize_lines(value) } else { Cow::Borrowed(value) };
        self.write(|out| writeln!(out, "{value}"))
    }

    /// The mark of a good or bad result with a space, on a terminal that can show it; else nothing.
    pub(crate) fn tone_mark(&self, tone: Tone) -> &'static str {
        match tone {
            _ if !self.stdout_is_terminal || !self.options.unicode => "",
            Tone::Good => "✓ ",
            Tone::Bad => "✗ ",
            _ => "",
        }
    }

    /// Prints that a write was done: a sentence without its full stop. A terminal shows a mark and how long it took.
    pub(crate) fn success(&self, sentence: &str, took: Duration) -> Result<()> {
        let sentence = sanitize(sentence);
        if !self.stdout_is_terminal {
            return self.write_lines(&format!("{sentence}.\n"));
        }
        let mark = match self.tone_mark(Tone::Good) {
            mark if self.options.color_stdout && !mark.is_empty() => {
                format!("{}{}{} ", Tone::Good.begin(), mark.trim_end(), Tone::END)
            }
            mark => mark.to_owned(),
        };
        self.write_lines(&format!("{mark}{sentence} ({})\n", format_duration(took)))
    }

    /// Writes lines for people to stdout, without credentials and without commands to a CI system.
    pub(crate) fn write_lines(&self, text: &str) -> Result<()> {
        let text = redact(text, &self.credentials.borrow());
        self.write(|out| out.write_all(ci::escape_commands(&text).as_bytes()))
    }

    /// Flushes stdout.
    pub(crate) fn flush(&self) -> Result<()> {
        self.stdout.borrow_mut().flush().map_err(|error| stdout_error(&error))
    }

    /// Redacts this text on stderr from now on.
    pub(crate) fn add_secret(&self, secret: &str) {
        add_forms(&mut self.secrets.borrow_mut(), secret);
    }

    /// Redacts this token or key on stderr from now on, and on stdout in formats for people.
    pub(crate) fn add_credential(&self, credential: &str) {
        self.add_secret(credential);
        add_forms(&mut self.credentials.borrow_mut(), credential);
    }

    /// The text without the secrets known so far.
    pub(crate) fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        redact(text, &self.secrets.borrow())
    }

    /// Prints a note; not in the JSON formats, where a script reads stderr too.
    pub(crate) fn note(&self, text: &str) {
        if !self.options.quiet && !self.watch.repeats_notes() && !self.format().is_json() {
            self.stderr_line(&sanitize_marked(text, CONTINUED));
        }
    }

    /// Prints progress: a line in a log. With the JSON formats only a log of a CI system, which was asked for, has it.
    pub(crate) fn progress(&self, text: &str) {
        let is_wanted = !self.format().is_json() || self.options.ci.is_some();
        if !self.options.quiet && !self.watch.repeats_notes() && is_wanted {
            self.stderr_line(&sanitize_marked(text, CONTINUED));
        }
    }

    /// Prints a warning.
    pub(crate) fn warn(&self, text: &str) {
        if let Some(ci) = self.options.ci {
            return self.ci_line(&ci.annotation("warning", &self.redact(text)));
        }
        let label = self.paint("33", "warning:");
        self.stderr_line(&format!("{label} {}", sanitize_marked(text, CONTINUED)));
    }

    /// Warns about a wait, where there is no printer.
    pub(crate) fn warn_of_lock(text: &str) {
        Self::stdio(PrinterOptions::default()).warn(text);
    }

    /// Prints lines of our own without a label, such as the help of a bare command.
    pub(crate) fn print_to_stderr(&self, text: &str) {
        self.stderr_line(&sanitize_lines(text));
    }

    /// Prints a prompt, or a part of it, without ending the line.
    pub(crate) fn prompt(&self, text: &str) {
        let mut stderr = self.stderr.borrow_mut();
        let _ = stderr.write_all(self.redact(&sanitize_lines(text)).as_bytes()).and_then(|()| stderr.flush());
    }

    /// Warns about `topic` once per run.
    pub(crate) fn warn_once(&self, topic: &'static str, text: &str) {
        if !self.warned_topics.borrow().contains(&topic) {
            self.warned_topics.borrow_mut().push(topic);
            self.warn(text);
        }
    }

    /// Prints a line of `--debug`.
    pub(crate) fn trace(&self, text: &str) {
        self.stderr_line(&self.paint("2", &sanitize_marked(text, CONTINUED)));
    }

    /// Prints an error, as text or as a JSON object, depending on the format.
    pub(crate) fn error(&self, error: &Error) {
        self.clear_indicator();
        if let Some(ci) = self.options.ci {
            self.end_group();
            self.ci_line(&ci.annotation("error", &self.redact(error.message())));
        }
        if self.format().is_json() {
            self.write_stderr(&error_report::json(error, |text| self.redact(text).into_owned()));
        } else {
            self.stderr_line(&error_report::text(error, |code, label| self.paint(code, label)));
        }
    }

    /// Starts a group in the log of a CI system; groups are not nested. Returns whether it was started, and so must be
    /// ended.
    pub(crate) fn begin_group(&self, title: &str) -> bool {
        let Some(ci) = self.options.ci.filter(|_| !self.options.quiet && !self.grouped.get()) else { return false };
        self.grouped.set(true);
        self.ci_line(&ci.group(&self.redact(title)));
        true
    }

    /// Ends the group.
    pub(crate) fn end_group(&self) {
        if let Some(ci) = self.options.ci.filter(|_| self.grouped.replace(false)) {
            self.ci_line(&ci.end_of_group());
        }
    }

    /// Lets `write` write to stderr; if stderr itself is closed, the failure cannot be reported.
    pub(super) fn with_stderr(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut stderr = self.stderr.borrow_mut();
        let _ = write(&mut *stderr).and_then(|()| stderr.flush());
    }

    /// Writes a line for the CI system, already escaped.
    fn ci_line(&self, line: &str) {
        let mut stderr = self.stderr.borrow_mut();
        let _ = writeln!(stderr, "{line}").and_then(|()| stderr.flush());
    }

    fn stderr_line(&self, text: &str) {
        if self.watch.takes_message(text) {
            return;
        }
        self.write_stderr(&ci::escape_commands(&self.redact(text)));
    }

    fn write_stderr(&self, text: &str) {
        let write = || {
            let mut stderr = self.stderr.borrow_mut();
            // If stderr itself is closed, the failure cannot be reported.
            let _ = writeln!(stderr, "{text}").and_then(|()| stderr.flush());
        };
        match &*self.active_bar.borrow() {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn paint<'t>(&self, code: &str, text: &'t str) -> Cow<'t, str> {
        if self.options.color_stderr {
            Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m"))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// Whether stdout and stderr are terminals with colours. On Windows this switches colours on.
pub(crate) fn color_terminals() -> (bool, bool) {
    #[cfg(windows)]
    return (
        console::Term::stdout().features().colors_supported(),
        console::Term::stderr().features().colors_supported(),
    );
    #[cfg(not(windows))]
    (io::stdout().is_terminal(), io::stderr().is_terminal())
}

/// The width of the terminal, if known.
fn console_width(_: &io::Stdout) -> Option<u16> {
    console::Term::stdout().size_checked().map(|(_, columns)| columns)
}

fn stdout_error(error: &io::Error) -> Error {
    // What Windows reports for a named pipe.
    const PIPE_NOT_CONNECTED: i32 = 233;
    let unnamed = error.kind() == io::ErrorKind::BrokenPipe;
    if unnamed || (cfg!(windows) && error.raw_os_error() == Some(PIPE_NOT_CONNECTED)) {
        Error::new(Kind::ClosedPipe, "stdout was closed")
    } else if error.kind() == io::ErrorKind::InvalidData {
        Error::new(Kind::BadReply, format!("unexpected reply from the API: {error}"))
    } else {
        Error::local_file("write to stdout", error)
    }
}
