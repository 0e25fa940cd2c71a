//! `c66`: a command line for the Cloud 66 API v3.

pub mod cloud66;
pub mod error;
pub mod exit;
pub mod http;
