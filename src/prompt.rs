//! Asking a person: never anywhere but at a terminal.

use dialoguer::console::Term;
use dialoguer::theme::SimpleTheme;

use crate::error::{Error, Kind, Result};
use crate::output::Console;
use crate::output::clean::clean;

/// Who may be asked.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    console: &'a Console,
    no_input: bool,
}

impl<'a> Asker<'a> {
    /// Asks on that console, unless `no_input` forbids it.
    #[must_use]
    pub fn new(console: &'a Console, no_input: bool) -> Self {
        Self { console, no_input }
    }

    /// Whether a question would be answered.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        !self.no_input && self.console.can_ask()
    }

    /// Asks for consent.
    ///
    /// # Errors
    /// The answer is no ([`Kind::Cancelled`]), or nobody can be asked ([`Kind::ConfirmationNeeded`]).
    pub fn confirm(&self, question: &str) -> Result<()> {
        if !self.can_ask() {
            return Err(Error::new(Kind::ConfirmationNeeded, format!("this needs a yes: {}", clean(question)))
                .cause("nobody can be asked here")
                .hint("--yes answers it"));
        }
        let answer = dialoguer::Confirm::with_theme(&SimpleTheme)
            .with_prompt(clean(question))
            .default(false)
            .interact_on_opt(&Term::stderr())
            .map_err(|error| unanswered(&error))?;
        if answer == Some(true) { Ok(()) } else { Err(Error::new(Kind::Cancelled, "cancelled; nothing was changed")) }
    }

    /// Asks for text that does not appear while it is typed.
    ///
    /// # Errors
    /// Nobody can be asked; `instead` is then the hint.
    pub fn secret(&self, question: &str, instead: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("nobody can be asked here: {}", clean(question))).hint(instead));
        }
        dialoguer::Password::with_theme(&SimpleTheme)
            .with_prompt(clean(question))
            .interact_on(&Term::stderr())
            .map_err(|error| unanswered(&error))
    }

    /// Lets one of several be picked; gives its index.
    ///
    /// # Errors
    /// Nothing was picked.
    pub fn pick(&self, question: &str, choices: &[String]) -> Result<usize> {
        let shown: Vec<_> = choices.iter().map(|choice| clean(choice)).collect();
        dialoguer::Select::with_theme(&SimpleTheme)
            .with_prompt(clean(question))
            .items(&shown)
            .default(0)
            .interact_on_opt(&Term::stderr())
            .map_err(|error| unanswered(&error))?
            .ok_or_else(|| Error::new(Kind::Cancelled, "cancelled; nothing was chosen"))
    }
}

fn unanswered(error: &dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == std::io::ErrorKind::Interrupted {
        Error::new(Kind::Interrupted, "interrupted; nothing was changed")
    } else {
        Error::local_file("ask at the terminal", error)
    }
}
