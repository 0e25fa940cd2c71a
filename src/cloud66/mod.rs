//! The Cloud 66 API, typed.
pub mod endpoints;
