//! How much memory the values and the state of running programs take, so that an expression ends with an error
//! instead of ending the process.
//!
//! A drop takes no arguments, so the count is the one thread-local of the program. What is counted is what was asked
//! of the allocator, to within its own overhead.

use std::cell::Cell;

/// Bytes that an expression may use beyond its document.
pub(super) const ALLOWANCE: usize = 512 << 20;

/// What an allocation costs beyond its contents: the two counts of an `Rc` and the allocator's own word.
const OVERHEAD: usize = 24;

/// Longest string that an expression can make, in bytes: builtins hold a few uncounted copies at a time.
const MAX_TEXT: usize = 128 << 20;

/// The expression needs more memory than it is allowed.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutOfMemory {
    #[error("the expression needs more than {} MiB of memory", ALLOWANCE >> 20)]
    Whole,
    #[error("the expression makes a string of more than {} MiB", MAX_TEXT >> 20)]
    Text,
}

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static LIMIT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Sets the limit to `allowance` bytes above the current count.
pub(super) fn limit(allowance: usize) {
    LIMIT.set(LIVE.get().saturating_add(allowance));
}

/// Removes the limit: documents may have any size.
pub(super) fn unlimit() {
    LIMIT.set(usize::MAX);
}

/// Fails if this many more bytes would exceed the limit.
pub(super) fn check(bytes: usize) -> Result<(), OutOfMemory> {
    if LIVE.get().saturating_add(bytes) <= LIMIT.get() { Ok(()) } else { Err(OutOfMemory::Whole) }
}

/// The current count in bytes.
pub(super) fn live() -> usize {
    LIVE.get()
}

/// Fails if a string of this many bytes is too long or would exceed the limit.
pub(super) fn check_text(bytes: usize) -> Result<(), OutOfMemory> {
    if bytes > MAX_TEXT { Err(OutOfMemory::Text) } else { check(bytes) }
}

/// Counts an allocation of this many bytes.
pub(super) fn add(bytes: usize) {
    LIVE.set(LIVE.get().saturating_add(bytes.saturating_add(OVERHEAD)));
}

/// Stops counting an allocation of this many bytes.
pub(super) fn subtract(bytes: usize) {
    // A thread that ends may have dropped the count before its last values.
    _ = LIVE.try_with(|live| live.set(live.get().saturating_sub(bytes.saturating_add(OVERHEAD))));
}

/// Bytes that are counted while this value lives.
#[derive(Debug)]
pub(super) struct Charge(usize);

impl Charge {
    pub(super) fn new(bytes: usize) -> Self {
        add(bytes);
        Self(bytes)
    }

    /// Changes the number of counted bytes.
    pub(super) fn set(&mut self, bytes: usize) {
        *self = Self::new(bytes);
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        subtract(self.0);
    }
}
