//! Animations on the last line of the terminal: spinners and bars.

use std::io;
use std::time::Duration;

use console::{Term, measure_text_width, truncate_str};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::output::Printer;
use crate::text::sanitize::sanitize;

/// How often an animation is drawn.
const TICK: Duration = Duration::from_millis(100);
/// Free columns at the end of the line, for the `^C` that the terminal echoes.
const ECHO: usize = 3;
/// Columns of a spinner with its space.
const SPINNER: usize = 2;
/// Columns of the numbers beside a bar, with spaces and brackets.
const NUMBERS: usize = 52;
/// Columns of two numbers of bytes with the separator.
const FEW_NUMBERS: usize = 26;
/// Columns of a rate with its space.
const RATE: usize = 15;
/// Columns that a message keeps beside a bar or a rate.
const MIN_MESSAGE: usize = 12;
/// Columns of a bar if there is enough space.
const BAR: usize = 24;
/// A bar with fewer columns is not drawn.
const MIN_BAR: usize = 6;

/// An animation on the last line of the terminal, removed when dropped.
pub(crate) struct Indicator<'c> {
    printer: &'c Printer,
    bar: ProgressBar,
    /// Columns for the message.
    room: usize,
}

impl Indicator<'_> {
    /// Changes the message.
    pub(crate) fn message(&self, text: &str) {
        self.bar.set_message(shorten_middle(&self.printer.redact(&sanitize(text)), self.room));
    }

    /// Moves the bar to `position` bytes.
    pub(crate) fn position(&self, position: u64) {
        self.bar.set_position(position);
    }
}

impl Drop for Indicator<'_> {
    fn drop(&mut self) {
        self.printer.clear_indicator();
    }
}

impl Printer {
    /// Starts a spinner with that message; `None` where nothing can be drawn, or nothing is wanted.
    pub(crate) fn spinner(&self, message: &str) -> Option<Indicator<'_>> {
        let template = if self.options.color_stderr { "{spinner:.cyan} {msg}" } else { "{spinner} {msg}" };
        self.draw(ProgressBar::new_spinner(), template, message, SPINNER)
    }

    /// Starts a bar over `total` bytes, of which `before` existed already; `None` if it cannot be drawn, or is not
    /// wanted.
    pub(crate) fn byte_bar(&self, total: Option<u64>, before: u64, message: &str) -> Option<Indicator<'_>> {
        let beside_numbers = columns().saturating_sub(NUMBERS + ECHO);
        let beside_rate = columns().saturating_sub(FEW_NUMBERS + RATE + ECHO);
        // The message is shortened before the bar, and the bar before the numbers.
        let (bar, template, beside) = match total {
            Some(total) if beside_numbers >= MIN_BAR + MIN_MESSAGE => {
                let message = measure_text_width(message).max(MIN_MESSAGE);
                let width = beside_numbers.saturating_sub(message).clamp(MIN_BAR, BAR);
                let numbers = "{binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left";
                (ProgressBar::new(total), format!("{{msg}} [{{bar:{width}}}] {numbers}"), width + NUMBERS)
            }
            Some(total) if beside_rate >= MIN_MESSAGE => {
                let template = "{msg} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}".to_owned();
                (ProgressBar::new(total), template, FEW_NUMBERS + RATE)
            }
            Some(total) => {
                (ProgressBar::new(total), "{msg} {binary_bytes}/{binary_total_bytes}".to_owned(), FEW_NUMBERS)
            }
            None => {
                let template = "{spinner} {msg} {binary_bytes} {binary_bytes_per_sec}".to_owned();
                (ProgressBar::new_spinner(), template, SPINNER + FEW_NUMBERS)
            }
        };
        let indicator = self.draw(bar, &template, message, beside)?;
        if before > 0 {
            indicator.bar.set_position(before);
            // The bytes of earlier runs do not count for the rate.
            indicator.bar.reset_eta();
        }
        Some(indicator)
    }

    /// Draws `message` next to `beside` columns.
    fn draw(&self, bar: ProgressBar, template: &str, message: &str, beside: usize) -> Option<Indicator<'_>> {
        // Only one animation draws on the last line; other messages are written above it.
        let taken = self.active_bar.borrow().is_some();
        if taken || self.options.ci.is_some() || self.options.quiet || !self.options.animate || !self.stderr_is_terminal
        {
            return None;
        }
        bar.set_draw_target(ProgressDrawTarget::term_like_with_hz(Box::new(LastLine(Term::buffered_stderr())), 20));
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        let indicator = Indicator { printer: self, bar, room: columns().saturating_sub(beside + ECHO) };
        indicator.message(message);
        indicator.bar.enable_steady_tick(TICK);
        self.active_bar.replace(Some(indicator.bar.clone()));
        Some(indicator)
    }

    pub(super) fn clear_indicator(&self) {
        if let Some(bar) = self.active_bar.take() {
            bar.finish_and_clear();
        }
    }
}

/// Columns of the terminal.
fn columns() -> usize {
    Term::stderr().size().1.into()
}

/// Shortens the text to the available space: keeps some of its beginning and more of its end, where the news is, and
/// always a few letters.
fn shorten_middle(text: &str, room: usize) -> String {
    let room = room.max(MIN_MESSAGE);
    if measure_text_width(text) <= room {
        return text.to_owned();
    }
    let head = truncate_str(text, room / 4, "");
    let left = room.saturating_sub(measure_text_width(&head) + 1);
    let tail = text.char_indices().map(|(at, _)| &text[at..]).find(|tail| measure_text_width(tail) <= left);
    format!("{head}…{}", tail.unwrap_or_default())
}

/// The terminal, with the cursor directly behind the animation.
///
/// The animation fills each line with spaces up to the edge. The `^C` that a terminal echoes would then start a line
/// further down, and the wrong line would be cleared.
#[derive(Debug)]
struct LastLine(Term);

impl TermLike for LastLine {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_up(count)
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_down(count)
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_right(count)
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.0.move_cursor_left(count)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text.trim_end_matches(' '))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_loses_its_middle() {
        for (text, room, expected) in [
            ("short: done", 20, "short: done"),
            ("redeployment of Awesome App: deploying (3s)", 24, "redepl…p: deploying (3s)"),
            ("漢字漢字漢字漢字: läuft (3s)", 17, "漢字…: läuft (3s)"),
            ("no room at all here", 0, "no …all here"),
            ("", 0, ""),
        ] {
            let short = shorten_middle(text, room);
            assert_eq!(short, expected);
            assert!(measure_text_width(&short) <= room.max(12), "{short}");
        }
    }
}
