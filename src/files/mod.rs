//! Local files: replaced as a whole, private to their owner, or read up to a bound. A leaf that every room may use.

pub(crate) mod bounded;
pub(crate) mod private;
pub(crate) mod replace;
