//! Output of several servers at once: line by line, each with the name of its server before it.

use std::process::Stdio;

use futures_util::future::try_join_all;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::child::exit_code;
use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};
use crate::output::Printer;
use crate::signals::{Signal, let_terminal_settle};
use crate::text::sanitize::sanitize;

/// The longest line that stays whole, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// Colours of the names, in turn.
const COLORS: [&str; 6] = ["36", "33", "32", "35", "34", "31"];

/// What stands before the lines of one server; nothing if it is the only one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefix {
    text: String,
    color: &'static str,
}

impl Prefix {
    /// Prefixes for these names, all of the same width.
    pub(crate) fn of(names: &[String]) -> Vec<Self> {
        if names.len() < 2 {
            return names.iter().map(|_| Self::default()).collect();
        }
        let names: Vec<String> = names.iter().map(|name| sanitize(name).into_owned()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        let prefix = |(name, color): (&String, &&'static str)| Self {
            text: format!("{name}{} | ", " ".repeat(width - name.chars().count())),
            color,
        };
        names.iter().zip(COLORS.iter().cycle()).map(prefix).collect()
    }

    fn write(&self, colored: bool, line: &[u8], out: &mut dyn std::io::Write) -> std::io::Result<()> {
        if !self.text.is_empty() {
            if colored {
                write!(out, "\u{1b}[{}m{}\u{1b}[0m", self.color, self.text)?;
            } else {
                out.write_all(self.text.as_bytes())?;
            }
        }
        out.write_all(line)
    }
}

/// Which lines are printed; `None` for all.
pub(crate) type LineFilter<'f> = Option<&'f dyn Fn(&[u8]) -> bool>;

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: u8,
    /// Whether anything came from it.
    pub(crate) has_spoken: bool,
}

/// Runs a command without input and prints its lines as they come; its stderr goes to stderr.
pub(crate) async fn run(
    printer: &Printer,
    command: &mut Command,
    prefix: &Prefix,
    filter: LineFilter<'_>,
) -> Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let failed = |error| Error::local_file("run ssh", &error);
    let mut running: Child = command.spawn().map_err(failed)?;
    let colored = printer.options().color_stdout;
    let print = |line: &[u8], is_last: bool| {
        if filter.is_none_or(|filter| filter(line)) {
            printer.write(|out| prefix.write(colored, line, out))?;
        }
        if is_last { printer.flush() } else { Ok(()) }
    };
    let tell = |line: &[u8], _| {
        let line = String::from_utf8_lossy(line);
        printer.print_to_stderr(&format!("{}{}", prefix.text, line.trim_end()));
        Ok(())
    };
    let (has_spoken, told) =
        tokio::join!(each_line(running.stdout.take(), print), each_line(running.stderr.take(), tell));
    told?;
    let has_spoken = has_spoken?;
    let code = exit_code(running.wait().await.map_err(failed)?);
    Ok(Ended { code, has_spoken })
}

/// Hands over each line with its end, and whether no other is waiting; says whether there was any.
async fn each_line(
    source: Option<impl AsyncRead + Unpin>,
    mut handle: impl FnMut(&[u8], bool) -> Result<()>,
) -> Result<bool> {
    let Some(source) = source else { return Ok(false) };
    let failed = |error| Error::local_file("read from ssh", &error);
    let mut reader = BufReader::with_capacity(MAX_LINE, source);
    let (mut line, mut any) = (Vec::new(), false);
    loop {
        let buffer = reader.fill_buf().await.map_err(failed)?;
        if buffer.is_empty() {
            break;
        }
        any = true;
        let length = match memchr::memchr(b'\n', buffer) {
            Some(at) => at + 1,
            None => buffer.len(),
        };
        let is_last = length == buffer.len();
        line.extend_from_slice(&buffer[..length]);
        reader.consume(length);
        if line.ends_with(b"\n") || line.len() >= MAX_LINE {
            if !line.ends_with(b"\n") {
                line.push(b'\n');
            }
            handle(&line, is_last)?;
            line.clear();
        }
    }
    if !line.is_empty() {
        line.push(b'\n');
        handle(&line, true)?;
    }
    Ok(any)
}

/// Runs it to its end or to a signal, whose exit code is the result then.
pub(crate) async fn or_signal(context: &Context, run: impl Future<Output = Result<u8>>) -> Result<u8> {
    let guard = context.signals.guard()?;
    tokio::select! {
        biased;
        signal = guard.signal() => Ok(ended_by(context, signal).await),
        code = run => code,
    }
}

/// The exit code for a signal. The prompt of a shell comes on a line of its own, after the `^C` of the terminal.
pub(crate) async fn ended_by(context: &Context, signal: Signal) -> u8 {
    if signal == Signal::Interrupt && context.printer.can_ask() {
        let_terminal_settle().await;
        context.printer.print_to_stderr("");
    }
    signal.kind().exit().code()
}

/// Runs one future per server at the same time; the exit code is the highest. An error of one server does not end the
/// others.
pub(crate) async fn worst_of<F: Future<Output = Result<u8>>>(
    printer: &Printer,
    runs: impl IntoIterator<Item = F>,
) -> Result<u8> {
    let reported = async |run: F| match run.await {
        Err(error) if error.kind() != Kind::ClosedPipe => {
            printer.error(&error);
            Ok(error.kind().exit().code())
        }
        ended => ended,
    };
    let codes: Vec<u8> = try_join_all(runs.into_iter().map(reported)).await?;
    Ok(codes.into_iter().max().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[tokio::test]
    async fn lines_stay_whole_and_long_ones_are_cut() {
        let long = vec![b'x'; MAX_LINE + 10];
        let text = [b"one\ntwo\n".as_slice(), &long, b"\nend"].concat();
        let mut lines: Vec<Vec<u8>> = Vec::new();
        let any = each_line(Some(text.as_slice()), |line, _| {
            lines.push(line.to_owned());
            Ok(())
        });
        assert!(any.await.unwrap());
        assert_eq!(lines[..2], [b"one\n".to_vec(), b"two\n".to_vec()]);
        assert!(lines.iter().all(|line| line.len() <= 2 * MAX_LINE && line.ends_with(b"\n")));
        assert_eq!(lines.last().unwrap(), b"end\n");
    }

    #[test]
    fn names_have_one_width_and_a_single_one_is_left_out() {
        let prefixes = Prefix::of(&["Caribou".to_owned(), "db".to_owned()]);
        assert_eq!([&*prefixes[0].text, &*prefixes[1].text], ["Caribou | ", "db      | "]);
        assert_eq!(Prefix::of(&["db".to_owned()])[0].text, "");
        let mut out = Vec::new();
        prefixes[1].write(true, b"x\n", &mut out).unwrap();
        assert_eq!(out, b"\x1b[33mdb      | \x1b[0mx\n");
    }
}
