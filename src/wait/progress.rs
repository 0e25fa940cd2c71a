//! Progress of a wait: a spinner on a terminal, lines in a log.

use std::time::{Duration, Instant};

use crate::output::{Indicator, Printer};
use crate::text::format::format_duration;

/// Longest silence in a log: many CI systems end a job that prints nothing for minutes.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// The progress of one operation.
pub(crate) struct Progress<'c> {
    printer: &'c Printer,
    label: String,
    state: String,
    began: Instant,
    said: Instant,
    indicator: Option<Indicator<'c>>,
    grouped: bool,
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.grouped {
            self.printer.end_group();
        }
    }
}

impl<'c> Progress<'c> {
    /// Starts to show `label`.
    pub(crate) fn start(printer: &'c Printer, label: &str) -> Self {
        let grouped = printer.begin_group(label);
        let indicator = printer.spinner(label);
        if indicator.is_none() {
            printer.progress(&format!("{label} …"));
        }
        let now = Instant::now();
        Self { printer, label: label.to_owned(), state: String::new(), began: now, said: now, indicator, grouped }
    }

    /// Shows the current state.
    pub(crate) fn update(&mut self, state: &str) {
        let changed = self.state != state;
        if changed {
            state.clone_into(&mut self.state);
        }
        let took = format_duration(self.began.elapsed());
        match &self.indicator {
            Some(indicator) => indicator.message(&format!("{}: {} ({took})", self.label, self.state)),
            None if changed || self.said.elapsed() >= HEARTBEAT => {
                self.said = Instant::now();
                self.printer.progress(&format!("{}: {} ({took})", self.label, self.state));
            }
            None => {}
        }
    }

    /// Shows the outcome; a spinner just ends if the result on the same terminal says it (`is_reported`).
    pub(crate) fn finish(mut self, state: &str, is_reported: bool) {
        let took = format_duration(self.began.elapsed());
        if self.indicator.take().is_some() && is_reported && self.printer.stdout_is_terminal() {
            return;
        }
        self.printer.progress(&format!("{}: {state} after {took}", self.label));
    }

    /// Time until something must be shown again: the seconds of a spinner, the heartbeat of a log.
    pub(crate) fn until_next_line(&self) -> Duration {
        if self.indicator.is_some() { Duration::from_secs(1) } else { HEARTBEAT.saturating_sub(self.said.elapsed()) }
    }

    /// Shows the same state again, with the elapsed time.
    pub(crate) fn refresh(&mut self) {
        let state = self.state.clone();
        self.update(&state);
    }
}
