//! Checks that there is memory for large replies and lists. Without the check, the program would abort if memory is short
//! (`ulimit -v`, a container).

use crate::error::{Error, Kind, Result};

/// Number of bytes between two checks of a growing list.
const STEP: usize = 4 * 1024 * 1024;
/// Number of bytes to keep free: for one more page and for parsing it.
const RESERVE: usize = 32 * 1024 * 1024;
/// Number of bytes of an item besides its text.
const ITEM_COST: usize = 1_500;

/// Whether that much memory is available: allocates it and frees it again, untouched.
pub(super) fn is_available(bytes: usize) -> bool {
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

/// The items of a list that are kept until the last one has arrived.
#[derive(Debug, Default)]
pub(crate) struct HeldItems {
    items: usize,
    bytes: usize,
    asked: usize,
}

impl HeldItems {
    /// Checks that there is memory for more items of these lengths, and for the output of all of them: `per_item` bytes
    /// an item and `per_byte` bytes a byte.
    pub(crate) fn add(&mut self, lengths: impl Iterator<Item = usize>, per_item: usize, per_byte: usize) -> Result<()> {
        for length in lengths {
            self.items += 1;
            self.bytes += length;
        }
        let made = self.items.saturating_mul(per_item).saturating_add(self.bytes.saturating_mul(per_byte));
        self.check(self.bytes + self.items * ITEM_COST, made)
    }

    /// The same where `items` came, and all so far take `bytes` in another form, and none for the output.
    pub(crate) fn add_compressed(&mut self, items: usize, bytes: usize) -> Result<()> {
        self.items += items;
        self.check(bytes, 0)
    }

    fn check(&mut self, held: usize, made: usize) -> Result<()> {
        if held < self.asked + STEP {
            return Ok(());
        }
        self.asked = held;
        if is_available(RESERVE.saturating_add(made)) {
            return Ok(());
        }
        Err(Error::new(Kind::BadReply, "the list does not fit into memory")
            .cause(format!("after {} items", self.items))
            .hint("use -o jsonl, yaml, csv or name, which print page by page, or --limit N"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_asked_for_in_steps() {
        let mut held = HeldItems::default();
        assert!(is_available(1) && !is_available(usize::MAX));
        assert!(held.add(std::iter::repeat_n(100, 1_000), usize::MAX, usize::MAX).is_ok(), "it is not much yet");
        assert!(held.add(std::iter::repeat_n(100, 10_000), 1_000, 10).is_ok());
        assert!(held.add(std::iter::repeat_n(100, 1_000), usize::MAX, 0).is_ok(), "no step further");
        assert!(held.add(std::iter::repeat_n(100, 10_000), usize::MAX, 0).is_err());
    }
}
