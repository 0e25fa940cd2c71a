//! A list that narrows while the user types.

use super::Prompter;
use crate::error::{Error, Kind, Result};
use crate::text::sanitize::sanitize;

/// Rows of the list that are shown at a time.
const MAX_ROWS: usize = 10;

/// The state of the list.
struct List<'l> {
    choices: &'l [String],
    fits: &'l dyn Fn(&str, usize) -> bool,
    typed: String,
    /// The choices that fit, by index.
    found: Vec<usize>,
    /// The place among these; `None` until something is typed or an arrow pressed, so that Enter alone cancels.
    place: Option<usize>,
}

impl<'l> List<'l> {
    fn new(choices: &'l [String], fits: &'l dyn Fn(&str, usize) -> bool) -> Self {
        Self { choices, fits, typed: String::new(), found: (0..choices.len()).collect(), place: None }
    }

    fn narrow(&mut self) {
        let number = self.typed.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let is_numbered = |index: &usize| number == Some(*index);
        let others = (0..self.choices.len()).filter(|index| !is_numbered(index) && (self.fits)(&self.typed, *index));
        self.found = number.filter(|index| *index < self.choices.len()).into_iter().chain(others).collect();
        self.place = (!self.typed.is_empty() && !self.found.is_empty()).then_some(0);
    }

    #[cfg(any(unix, test))]
    fn step(&mut self, down: bool) {
        let last = self.found.len().saturating_sub(1);
        self.place = match self.place {
            None if self.found.is_empty() => None,
            None => Some(if down { 0 } else { last }),
            Some(place) if down => Some(if place == last { 0 } else { place + 1 }),
            Some(place) => Some(if place == 0 { last } else { place - 1 }),
        };
    }

    #[cfg(any(unix, test))]
    fn chosen(&self) -> Option<usize> {
        self.found.get(self.place?).copied()
    }

    fn rows(&self) -> Vec<(String, bool)> {
        let width = self.choices.len().to_string().len();
        let start = self.place.map_or(0, |place| place.saturating_sub(MAX_ROWS - 1));
        let shown = self.found.iter().enumerate().skip(start).take(MAX_ROWS);
        let row = |(place, index): (usize, &usize)| {
            (format!("{:>width$}  {}", index + 1, sanitize(&self.choices[*index])), Some(place) == self.place)
        };
        let mut rows: Vec<_> = shown.map(row).collect();
        match self.found.len() {
            0 => rows.push(("no match".to_owned(), false)),
            found if found > MAX_ROWS => rows.push((format!("{} of {found}; type to narrow", rows.len()), false)),
            _ => {}
        }
        rows
    }
}

impl Prompter<'_> {
    /// Shows the choices and lets the user narrow them by typing; returns the index of the chosen one. `fits` decides
    /// whether the choice with an index fits what was typed.
    ///
    /// # Errors
    /// [`Kind::Cancelled`] if nothing is chosen.
    #[cfg(unix)]
    pub(crate) fn pick(&self, question: &str, choices: &[String], fits: &dyn Fn(&str, usize) -> bool) -> Result<usize> {
        use super::keys::{Key, Keys};
        use super::typed::interrupted;

        let mut keys = Keys::listen(self.signals, false)?;
        let mut list = List::new(choices, fits);
        let mut drawn = 0;
        let cancelled = || Error::new(Kind::Cancelled, "cancelled; nothing was chosen");
        let picked = loop {
            drawn = self.printer.draw_menu(drawn, &list.rows(), &format!("{question} {}", list.typed));
            match keys.next()? {
                Key::Enter if list.typed.is_empty() && list.place.is_none() => break Err(cancelled()),
                // Without a match, typing goes on.
                Key::Enter => {
                    if let Some(index) = list.chosen() {
                        break Ok(index);
                    }
                }
                Key::Interrupt => break Err(interrupted()),
                Key::Signal(signal) => break Err(signal.error("interrupted; nothing was changed")),
                Key::Escape | Key::Closed | Key::Invalid => break Err(cancelled()),
                Key::End if list.typed.is_empty() => break Err(cancelled()),
                Key::Up => list.step(false),
                Key::Down => list.step(true),
                Key::Clear => {
                    list.typed.clear();
                    list.narrow();
                }
                Key::Backspace => {
                    list.typed.pop();
                    list.narrow();
                }
                Key::Letter(letter) if !letter.is_control() => {
                    list.typed.push(letter);
                    list.narrow();
                }
                Key::End | Key::Letter(_) => {}
            }
        };
        drop(keys);
        match &picked {
            Ok(index) => {
                self.printer.erase_menu(drawn);
                self.printer.prompt(&format!("{question} {}\n", sanitize(&choices[*index])));
            }
            Err(_) => self.printer.prompt("\n"),
        }
        picked
    }

    /// The same for a console whose keys are not read one by one: asks again until the answer fits one choice.
    #[cfg(windows)]
    pub(crate) fn pick(&self, question: &str, choices: &[String], fits: &dyn Fn(&str, usize) -> bool) -> Result<usize> {
        let mut list = List::new(choices, fits);
        loop {
            for (row, _) in list.rows() {
                self.printer.prompt(&format!("{row}\n"));
            }
            match super::typed::typed_line(self.printer, self.signals, &format!("{question} "), true)? {
                Some(typed) if !typed.trim().is_empty() => typed.trim().clone_into(&mut list.typed),
                _ => return Err(Error::new(Kind::Cancelled, "cancelled; nothing was chosen")),
            }
            list.narrow();
            if let [index] = list.found.as_slice() {
                return Ok(*index);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_narrows_the_list_and_a_number_comes_first() {
        let choices = ["shop", "shop 2", "blog"].map(str::to_owned);
        let fits = |typed: &str, index: usize| choices[index].contains(typed);
        let mut list = List::new(&choices, &fits);
        assert_eq!((list.chosen(), list.found.len()), (None, 3), "Enter alone chooses nothing");
        for (typed, found) in [("s", &[0, 1][..]), ("2", &[1]), ("3", &[2]), ("x", &[]), ("", &[0, 1, 2])] {
            typed.clone_into(&mut list.typed);
            list.narrow();
            assert_eq!(list.found, found, "{typed}");
            assert_eq!(list.chosen(), found.first().copied().filter(|_| !typed.is_empty()), "{typed}");
        }
        list.step(false);
        assert_eq!(list.chosen(), Some(2));
        list.step(true);
        assert_eq!(list.chosen(), Some(0));
    }

    #[test]
    fn a_long_list_shows_the_rows_around_the_choice() {
        let choices: Vec<String> = (1..=64).map(|number| format!("stack {number}")).collect();
        let all = |_: &str, _: usize| true;
        let mut list = List::new(&choices, &all);
        let rows = list.rows();
        assert_eq!((rows.len(), &*rows[10].0), (11, "10 of 64; type to narrow"));
        (0..12).for_each(|_| list.step(true));
        assert!(list.rows().contains(&("12  stack 12".to_owned(), true)));
    }
}
