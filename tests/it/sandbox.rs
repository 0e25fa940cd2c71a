//! The sandbox seen over the wire, by a client that knows nothing of it but HTTP.

mod arrivals;
mod changes;
pub(crate) mod client;
mod cloudmc;
mod cloudmc_examples;
mod creation;
mod described;
mod examples;
mod faults;
mod files;
mod machines;
mod oauth;
mod refusals;
mod rules;
mod seeds;
mod state;

pub(crate) use client::Sandbox;
