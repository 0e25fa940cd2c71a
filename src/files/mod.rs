//! Local files: replaced as a whole, private to their owner, read up to a bound, or named by the user. A leaf that every
//! room may use.

pub(crate) mod bounded;
pub(crate) mod input;
pub(crate) mod lock;
pub(crate) mod private;
pub(crate) mod private_file;
pub(crate) mod replace;
pub(crate) mod temporary;
