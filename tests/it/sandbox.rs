//! The sandbox seen over the wire, by a client that knows nothing of it but HTTP.

mod changes;
mod client;
mod examples;
mod faults;
mod files;
mod refusals;
mod seeds;
mod state;
