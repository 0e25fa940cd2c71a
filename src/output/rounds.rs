//! The memory of `--watch`: on a screen, each round is captured and compared with the one before; in a stream, items
//! that have not changed are left out.

use std::cell::{Cell as Slot, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::cell::Cell;

/// Where rounds go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// No `--watch`.
    #[default]
    None,
    /// A terminal: each round replaces the one before.
    Screen,
    /// A stream of changed items.
    Stream,
}

/// One captured round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(super) text: String,
    pub(super) messages: Vec<String>,
    /// Number of changed values since the round before.
    pub(crate) changes: usize,
}

/// The memory of the rounds.
#[derive(Default)]
pub(crate) struct Watch {
    pub(super) view: Slot<View>,
    /// The round that is being captured.
    pub(super) frame: RefCell<Option<Vec<u8>>>,
    pub(super) messages: RefCell<Vec<String>>,
    pub(super) has_screen: Slot<bool>,
    /// Whether a round has succeeded.
    pub(super) has_before: Slot<bool>,
    pub(super) cells_before: RefCell<HashMap<(String, String), Cell>>,
    pub(super) cells: RefCell<HashMap<(String, String), Cell>>,
    pub(super) lines_before: RefCell<HashSet<String>>,
    /// Hashes of items.
    pub(super) items_before: RefCell<HashSet<u64>>,
    pub(super) items: RefCell<HashSet<u64>>,
    hasher: RandomState,
    pub(super) changes: Slot<usize>,
}

impl Watch {
    /// Whether the item was printed in the round before too, unchanged.
    pub(super) fn has_printed(&self, document: &str) -> bool {
        if self.view.get() != View::Stream {
            return false;
        }
        let hash = self.hasher.hash_one(document);
        self.items.borrow_mut().insert(hash);
        self.items_before.borrow().contains(&hash)
    }

    /// Whether notes and progress would only repeat those of the first round.
    pub(super) fn repeats_notes(&self) -> bool {
        self.view.get() == View::Stream && self.has_before.get()
    }

    /// Takes a line for stderr, to show it below the frame; returns whether it must not be printed.
    pub(super) fn takes_message(&self, text: &str) -> bool {
        if self.frame.borrow().is_some() {
            self.messages.borrow_mut().push(text.to_owned());
        }
        self.has_screen.get()
    }

    pub(super) fn is_changed(&self, key: (String, String), cell: &Cell) -> bool {
        let changed = self.has_before.get() && self.cells_before.borrow().get(&key) != Some(cell);
        self.cells.borrow_mut().insert(key, cell.clone());
        if changed {
            self.changes.update(|changes| changes + 1);
        }
        changed
    }
}
