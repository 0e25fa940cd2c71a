//! What prompts draw on the terminal while the user types.

use super::Printer;

impl Printer {
    /// Takes back typed characters, so many columns of them.
    pub(crate) fn erase_typed(&self, columns: usize) {
        self.write_control(&"\u{8} \u{8}".repeat(columns));
    }

    /// Writes to the terminal without escaping what moves its cursor.
    fn write_control(&self, text: &str) {
        let text = self.redact(text);
        self.with_stderr(|stderr| stderr.write_all(text.as_bytes()));
    }
}

/// The menu of a terminal whose keys are read one by one.
#[cfg(unix)]
mod drawn {
    use crate::output::Printer;
    use crate::output::table::shorten;

    /// Inverts a row; terminals without colours can do that too.
    const HIGHLIGHT: (&str, &str) = ("\u{1b}[7m", "\u{1b}[0m");

    impl Printer {
        /// Draws rows with the prompt below them, over what was drawn before; returns how many rows it drew. The texts must
        /// be sanitized.
        pub(crate) fn draw_menu(&self, drawn: usize, rows: &[(String, bool)], prompt: &str) -> usize {
            let (height, width) = console::Term::stderr().size();
            let (height, width) = (usize::from(height).max(2), usize::from(width).max(2));
            let mut text = erasing(drawn);
            for (row, highlighted) in rows.iter().take(height - 1) {
                let mut row = row.clone();
                shorten(&mut row, width - 1);
                let (begin, end) = if *highlighted { HIGHLIGHT } else { ("", "") };
                text.extend([begin, &row, end, "\r\n"]);
            }
            let mut prompt = prompt.to_owned();
            shorten(&mut prompt, width - 1);
            self.write_control(&(text + &prompt));
            rows.len().min(height - 1)
        }

        /// Erases the rows and the prompt.
        pub(crate) fn erase_menu(&self, drawn: usize) {
            self.write_control(&erasing(drawn));
        }
    }

    fn erasing(rows: usize) -> String {
        let up = if rows > 0 { format!("\u{1b}[{rows}A") } else { String::new() };
        format!("\r{up}\u{1b}[J")
    }
}
