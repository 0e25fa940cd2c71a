//! Memory that a reply decides over. Where it can run out (`ulimit -v`, a container), it is asked for beforehand: the
//! program would be aborted in the middle of its work else.

use crate::error::{Error, Kind, Result};

/// What a list grows by, in bytes, before memory is asked for again.
const STEP: usize = 4 * 1024 * 1024;
/// What is to be left beside what is held: one page more, and what it is taken apart into.
const RESERVE: usize = 32 * 1024 * 1024;
/// What an item takes beside its text while it is held.
const ITEM_COST: usize = 1_500;

/// Whether that much memory can be had: it is asked for, and given back untouched.
pub(super) fn is_available(bytes: usize) -> bool {
    Vec::<u8>::new().try_reserve_exact(bytes).is_ok()
}

/// The items of a list that are held until the last of them has come.
#[derive(Debug, Default)]
pub(crate) struct HeldItems {
    items: usize,
    bytes: usize,
    asked: usize,
}

impl HeldItems {
    /// Makes sure that there is memory for further items of these lengths, and for what is made of all of them in the end:
    /// `per_item` bytes for each and `per_byte` for each byte.
    ///
    /// # Errors
    /// There is not ([`Kind::BadReply`]).
    pub(crate) fn add(&mut self, lengths: impl Iterator<Item = usize>, per_item: usize, per_byte: usize) -> Result<()> {
        for length in lengths {
            self.items += 1;
            self.bytes += length;
        }
        let held = self.bytes + self.items * ITEM_COST;
        if held < self.asked + STEP {
            return Ok(());
        }
        self.asked = held;
        let made = self.items.saturating_mul(per_item).saturating_add(self.bytes.saturating_mul(per_byte));
        if is_available(RESERVE.saturating_add(made)) {
            return Ok(());
        }
        Err(Error::new(Kind::BadReply, "the list does not fit into the memory that there is")
            .cause(format!("after {} items", self.items))
            .hint("-o jsonl, csv and name hold no more than a page; --limit N stops after N items"))
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
