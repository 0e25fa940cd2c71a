//! Everything that is tested from outside: one binary, a module per subject.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod account;
mod actions;
mod api;
mod architecture;
mod auth;
mod backups;
mod bulk;
mod bulk_limit;
mod ci;
mod cloudmc;
mod columns;
mod completion;
mod completion_cloudmc;
mod config;
mod containers;
mod contract;
mod cx;
mod dependencies;
mod deployments;
mod doctor;
mod documented;
mod documents;
mod download_ranges;
mod downloads;
mod env;
mod env_file;
mod errors;
mod exit_codes;
mod formats;
#[cfg(unix)]
mod from_cx;
#[cfg(unix)]
mod hostile_text;
mod https;
#[cfg(unix)]
mod json_baseline;
mod known_stacks;
mod lies;
mod limits;
mod link;
#[cfg(unix)]
mod matrix;
mod oauth;
mod profiles;
mod proxy;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod readme;
mod redeploy;
mod reference;
mod reference_of_redeploy;
mod replies;
mod requests;
mod sandbox;
mod sandbox_commands;
mod scripted;
mod secrets;
mod seeds;
mod selection;
mod served;
mod servers;
mod services;
mod settings;
#[cfg(unix)]
mod shells;
#[cfg(target_os = "linux")]
mod signals;
mod stacks;
#[cfg(unix)]
mod surroundings;
#[cfg(unix)]
mod terminal;
mod tls;
mod trace;
mod transport;
mod transport_pages;
mod transport_retry;
mod wait;
mod wire;
mod world;
