//! The names in scope, and where their values are.

use crate::jq::syntax::FunctionId;

/// A name; all but functions have a slot of the environment.
pub(super) enum Entry {
    Variable(String),
    Parameter(String),
    Label(String),
    Function { name: String, arity: usize, id: FunctionId },
}

/// What a call refers to.
pub(super) enum Callee {
    Parameter(usize),
    /// A function, and how many slots lie between the call and its definition.
    Function(FunctionId, usize),
}

#[derive(Default)]
pub(super) struct Scope {
    entries: Vec<(Entry, usize)>,
    slots: usize,
}

impl Scope {
    pub(super) fn slots(&self) -> usize {
        self.slots
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let has_slot = !matches!(entry, Entry::Function { .. });
        self.entries.push((entry, self.slots));
        self.slots += usize::from(has_slot);
    }

    pub(super) fn mark(&self) -> usize {
        self.entries.len()
    }

    /// Drops the entries after a mark.
    pub(super) fn reset(&mut self, mark: usize) {
        if let Some((_, slots)) = self.entries.get(mark) {
            self.slots = *slots;
        }
        self.entries.truncate(mark);
    }

    /// Removes the entries after a mark and returns them.
    pub(super) fn take(&mut self, mark: usize) -> Vec<Entry> {
        let taken: Vec<(Entry, usize)> = self.entries.drain(mark..).collect();
        if let Some((_, slots)) = taken.first() {
            self.slots = *slots;
        }
        taken.into_iter().map(|(entry, _)| entry).collect()
    }

    pub(super) fn put_back(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.push(entry);
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<usize> {
        self.slot(|entry| matches!(entry, Entry::Variable(known) if known == name))
    }

    pub(super) fn label(&self, name: &str) -> Option<usize> {
        self.slot(|entry| matches!(entry, Entry::Label(known) if known == name))
    }

    pub(super) fn callee(&self, name: &str, arity: usize) -> Option<Callee> {
        self.entries.iter().rev().find_map(|(entry, slot)| match entry {
            Entry::Parameter(known) if arity == 0 && known == name => Some(Callee::Parameter(self.slots - 1 - slot)),
            Entry::Function { name: known, arity: takes, id } if known == name && *takes == arity => {
                Some(Callee::Function(*id, self.slots - slot))
            }
            _ => None,
        })
    }

    /// The distance of an entry from the innermost slot.
    fn slot(&self, is_it: impl Fn(&Entry) -> bool) -> Option<usize> {
        self.entries.iter().rev().find(|(entry, _)| is_it(entry)).map(|(_, slot)| self.slots - 1 - slot)
    }
}
