//! The sandbox seen over the wire, by a client that knows nothing of it but HTTP.

mod arrivals;
mod changes;
mod client;
mod creation;
mod examples;
mod faults;
mod files;
mod machines;
mod refusals;
mod rules;
mod seeds;
mod state;

pub(crate) use client::Sandbox;
