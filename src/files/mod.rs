//! Local files: replaced atomically, private to the user, read up to a limit, or named by the user.

pub(crate) mod bounded;
pub(crate) mod draft;
pub(crate) mod input;
pub(crate) mod lock;
pub(crate) mod private;
pub(crate) mod private_file;
pub(crate) mod replace;
pub(crate) mod temporary;
