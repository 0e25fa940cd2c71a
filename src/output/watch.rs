//! What the printer does with the rounds of `--watch`: begins and ends them, marks what has changed, and draws them.

use super::Printer;
use super::cell::{Cell, Tone};
use super::rounds::{Frame, View};
use crate::error::Result;

/// Enters the alternate screen, hides the cursor and cuts long lines.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l";
/// Undoes [`ENTER`].
const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";
/// Messages below a frame.
const MAX_MESSAGES: usize = 3;

impl Printer {
    /// Starts to watch.
    pub(crate) fn watch_in(&self, view: View) {
        self.watch.view.set(view);
    }

    /// Whether tables mark what has changed.
    pub(crate) fn marks_changes(&self) -> bool {
        self.watch.view.get() == View::Screen
    }

    /// The value of a column, marked if it has changed since the round before. A duration always changes.
    pub(crate) fn mark(&self, item: &str, column: &str, cell: Cell) -> Cell {
        let is_compared = self.marks_changes() && !matches!(cell, Cell::Duration(_));
        if !is_compared || !self.watch.is_changed((item.to_owned(), column.to_owned()), &cell) {
            return cell;
        }
        let text = cell.text(&self.table_style(true).style).into_owned();
        if self.options().color_stdout { Cell::State(text, Tone::Changed) } else { Cell::Text(format!("{text} *")) }
    }

    /// Starts a round.
    pub(crate) fn begin_round(&self) {
        let watch = &self.watch;
        if self.marks_changes() {
            watch.frame.replace(Some(Vec::new()));
        }
        watch.messages.borrow_mut().clear();
        watch.cells.borrow_mut().clear();
        watch.changes.set(0);
    }

    /// Ends a round that succeeded.
    pub(crate) fn end_round(&self) -> Frame {
        let watch = &self.watch;
        let bytes = watch.frame.take().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = if self.is_for_people() { text } else { self.with_marked_lines(&text) };
        watch.cells_before.swap(&watch.cells);
        watch.items_before.replace(watch.items.take());
        watch.has_before.set(true);
        Frame { text, messages: watch.messages.take(), changes: watch.changes.get() }
    }

    /// Ends a round that failed: what it printed counts as printed.
    pub(crate) fn drop_round(&self) {
        self.watch.frame.take();
        self.watch.items_before.borrow_mut().extend(self.watch.items.take());
    }

    /// Marks the lines that the round before did not have, in formats without cells.
    fn with_marked_lines(&self, text: &str) -> String {
        let before = self.watch.lines_before.replace(text.lines().map(str::to_owned).collect());
        if !self.watch.has_before.get() {
            return text.to_owned();
        }
        let mut marked = String::with_capacity(text.len());
        for line in text.lines() {
            let is_new = !before.contains(line);
            self.watch.changes.update(|changes| changes + usize::from(is_new));
            if is_new && self.options().color_stdout {
                marked.extend([Tone::Changed.begin(), line, Tone::END, "\n"]);
            } else {
                marked.extend([line, "\n"]);
            }
        }
        marked
    }

    /// Enters the screen that frames are drawn on.
    pub(crate) fn enter_screen(&self) -> Result<()> {
        self.watch.has_screen.set(true);
        self.write(|out| out.write_all(ENTER.as_bytes()))?;
        self.flush()
    }

    /// Leaves it: the terminal is as it was.
    pub(crate) fn leave_screen(&self) -> Result<()> {
        if !self.watch.has_screen.replace(false) {
            return Ok(());
        }
        self.watch.frame.take();
        self.write(|out| out.write_all(LEAVE.as_bytes()))?;
        self.flush()
    }

    /// Draws a frame over the one before, with a line at the bottom.
    pub(crate) fn draw_frame(&self, frame: &Frame, status: &str) -> Result<()> {
        let (rows, _) = console::Term::stdout().size();
        let messages = frame.messages.iter().rev().take(MAX_MESSAGES).rev();
        let room = usize::from(rows).saturating_sub(1 + messages.len());
        let lines: Vec<&str> = frame.text.lines().collect();
        let mut screen = String::from("\u{1b}[H");
        // Erased first: after a full line the cursor stands on its last character.
        let mut put = |line: &str| screen.extend(["\u{1b}[2K", line, "\r\n"]);
        if lines.len() <= room {
            for line in lines {
                put(line);
            }
        } else {
            let shown = room.saturating_sub(1);
            for line in &lines[..shown] {
                put(line);
            }
            put(&format!("… {} more lines", lines.len() - shown));
        }
        for message in messages {
            put(message);
        }
        let (begin, end) = if self.options().color_stdout { (Tone::Dim.begin(), Tone::END) } else { ("", "") };
        let status = self.redact(status);
        self.write(|out| write!(out, "{screen}\u{1b}[J\u{1b}[{rows};1H{begin}{status}{end}"))?;
        self.flush()
    }
}
