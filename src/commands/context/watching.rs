//! What the rounds of `--watch` share: the stack that was chosen in the first one, and replies that seldom change.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::cloud66::envelope::Document;
use crate::commands::context::stack_match::StackRef;

/// The key of a choice: name and environment, as given.
type Choice = (Option<String>, Option<String>);

/// Documents, and when they were read.
type Kept = (Instant, Vec<Document>);

/// The memory of `--watch`; without it, nothing is remembered.
#[derive(Default)]
pub(crate) struct Watching {
    is_active: Cell<bool>,
    stacks: RefCell<HashMap<Choice, StackRef>>,
    replies: RefCell<HashMap<[String; 2], Kept>>,
}

impl Watching {
    /// Starts to remember.
    pub(crate) fn start(&self) {
        self.is_active.set(true);
    }

    /// The stack that was chosen before by the same words.
    pub(crate) fn stack(&self, choice: &Choice) -> Option<StackRef> {
        self.stacks.borrow().get(choice).cloned()
    }

    /// Remembers the choice of a stack.
    pub(crate) fn remember(&self, choice: Choice, target: &StackRef) {
        if self.is_active.get() {
            self.stacks.borrow_mut().insert(choice, target.clone());
        }
    }

    /// Forgets the choice: the stack is gone.
    pub(crate) fn forget(&self, choice: &Choice) {
        self.stacks.borrow_mut().remove(choice);
    }

    /// The documents kept under `key`, if they are not older than `age`.
    pub(crate) fn kept(&self, key: [&str; 2], age: Duration) -> Option<Vec<Document>> {
        let replies = self.replies.borrow();
        let (read, documents) = replies.get(&key.map(str::to_owned))?;
        (read.elapsed() <= age).then(|| documents.clone())
    }

    /// Keeps these documents for later rounds.
    pub(crate) fn keep(&self, key: [&str; 2], documents: &[Document]) {
        if self.is_active.get() {
            self.replies.borrow_mut().insert(key.map(str::to_owned), (Instant::now(), documents.to_vec()));
        }
    }
}
