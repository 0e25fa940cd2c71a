//! What a command does, as data: the noun it prints, the operations it calls, and how it asks before a write.
//!
//! It is declared in the command itself; the reference, the help, completion and the confirmation of writes read it.

use clap::builder::{CommandExt, StyledStr};

use super::noun::Noun;
use crate::http::endpoint::Endpoint;

/// How a write asks before it is sent. A later one asks in every case in which an earlier one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asks {
    /// Not at all: it can be undone.
    Never,
    /// For a yes if the stack is in production.
    OnProduction,
    /// For a yes.
    #[default]
    Always,
    /// For the name of what it destroys or moves for good; `--yes` is not enough.
    ByName,
}

/// What a command does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verb {
    /// The noun whose columns the command prints.
    pub(crate) noun: Option<&'static Noun>,
    first: Option<&'static Endpoint>,
    others: &'static [&'static Endpoint],
    any: bool,
    /// How it asks, for a write.
    pub(crate) asks: Option<Asks>,
    /// When it asks more than that.
    also: Option<&'static str>,
}

impl CommandExt for Verb {}

impl Verb {
    /// Lists a noun.
    pub(crate) const fn list(noun: &'static Noun) -> Self {
        Self { noun: Some(noun), first: noun.list, others: &[], any: false, asks: None, also: None }
    }

    /// Shows one of a noun.
    pub(crate) const fn show(noun: &'static Noun) -> Self {
        Self { noun: Some(noun), first: noun.show, others: &[], any: false, asks: None, also: None }
    }

    /// Calls these operations.
    pub(crate) const fn calls(endpoints: &'static [&'static Endpoint]) -> Self {
        Self { noun: None, first: None, others: endpoints, any: false, asks: None, also: None }
    }

    /// Calls these operations too.
    pub(crate) const fn after(mut self, endpoints: &'static [&'static Endpoint]) -> Self {
        self.others = endpoints;
        self
    }

    /// Calls any operation that it is given.
    pub(crate) const fn any() -> Self {
        Self { noun: None, first: None, others: &[], any: true, asks: None, also: None }
    }

    /// Asks so before a write.
    pub(crate) const fn asks(mut self, asks: Asks) -> Self {
        self.asks = Some(asks);
        self
    }

    /// Asks more in that case, such as `for DELETE`; see `Context::confirm_write_as`.
    pub(crate) const fn asks_also(mut self, when: &'static str) -> Self {
        self.also = Some(when);
        self
    }

    /// The help of `--yes`, if this is a write.
    pub(crate) fn yes_help(&self) -> Option<StyledStr> {
        let help = match (self.asks?, self.also) {
            (Asks::Never, None) => "Skip confirmation (never needed)".into(),
            (Asks::Never, Some(also)) => format!("Skip confirmation (needed {also})").into(),
            (Asks::OnProduction, None) => "Skip confirmation (needed on production)".into(),
            (Asks::OnProduction, Some(also)) => format!("Skip confirmation (needed on production, and {also})").into(),
            (Asks::Always, _) => "Skip confirmation (always needed)".into(),
            (Asks::ByName, _) => "Not enough here: pass --confirm".into(),
        };
        Some(help)
    }

    /// Whether it calls any operation that it is given.
    pub(crate) fn calls_any(&self) -> bool {
        self.any
    }

    /// Prints items of that noun, so that `--columns` takes its columns.
    pub(crate) const fn prints(mut self, noun: &'static Noun) -> Self {
        self.noun = Some(noun);
        self
    }

    /// Whether it lists or shows its noun by that read.
    pub(crate) fn reads(&self, endpoint: &Endpoint) -> bool {
        self.first.is_some_and(|first| first.id == endpoint.id)
    }

    /// The operations it calls, the main one first.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &'static Endpoint> {
        self.first.into_iter().chain(self.others.iter().copied())
    }
}
