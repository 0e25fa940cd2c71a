//! Transport of both providers.
pub mod endpoint;
