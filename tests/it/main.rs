//! Everything that is tested from outside: one binary, a module per subject.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod account;
mod actions;
mod api;
mod architecture;
mod auth;
mod backups;
mod cloudmc;
mod config;
mod containers;
mod contract;
mod dependencies;
mod deployments;
mod documented;
mod env;
mod errors;
mod exit_codes;
mod formats;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod readme;
mod redeploy;
mod reference;
mod replies;
mod sandbox;
mod sandbox_commands;
mod scripted;
mod seeds;
mod selection;
mod servers;
mod services;
mod settings;
mod stacks;
#[cfg(unix)]
mod terminal;
mod trace;
mod transport;
mod transport_pages;
mod transport_retry;
mod wire;
mod world;
