//! What a command does, as data: the noun it prints and the operations it calls.
//!
//! It is declared in the command itself; the reference, the scopes in the help and completion read it.

use clap::builder::CommandExt;

use super::noun::Noun;
use crate::http::endpoint::Endpoint;

/// What a command does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verb {
    /// The noun whose columns the command prints.
    pub(crate) noun: Option<&'static Noun>,
    first: Option<&'static Endpoint>,
    others: &'static [&'static Endpoint],
    any: bool,
}

impl CommandExt for Verb {}

impl Verb {
    /// Lists a noun.
    pub(crate) const fn list(noun: &'static Noun) -> Self {
        Self { noun: Some(noun), first: noun.list, others: &[], any: false }
    }

    /// Shows one of a noun.
    pub(crate) const fn show(noun: &'static Noun) -> Self {
        Self { noun: Some(noun), first: noun.show, others: &[], any: false }
    }

    /// Calls these operations.
    pub(crate) const fn calls(endpoints: &'static [&'static Endpoint]) -> Self {
        Self { noun: None, first: None, others: endpoints, any: false }
    }

    /// Calls these operations too.
    pub(crate) const fn after(mut self, endpoints: &'static [&'static Endpoint]) -> Self {
        self.others = endpoints;
        self
    }

    /// Calls any operation that it is given.
    pub(crate) const fn any() -> Self {
        Self { noun: None, first: None, others: &[], any: true }
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
