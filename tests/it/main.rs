//! The tests from outside, as one binary: a module for each noun of the command line, and one for each other subject.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

mod support;

mod actions;
mod alias;
mod api;
mod architecture;
mod auth;
mod backups;
mod bulk;
mod ci;
mod cloudmc;
mod clouds;
mod comparisons;
mod completion;
mod config;
#[cfg(unix)]
mod config_files;
mod config_store;
mod confirmations;
mod containers;
mod contract;
mod cx;
mod databases;
mod dependencies;
mod deployments;
#[cfg(unix)]
mod digits;
mod doctor;
mod documented;
mod env;
mod errors;
#[cfg(unix)]
mod exit_codes;
mod failover_groups;
mod firewall;
mod formats;
mod gateways;
mod guesses;
#[cfg(unix)]
mod hostile_text;
mod image_repositories;
mod jobs;
#[cfg(unix)]
mod json_baseline;
mod lies;
mod limits;
mod link;
mod list_options;
#[cfg(unix)]
mod local_files;
#[cfg(unix)]
mod matrix;
#[cfg(unix)]
mod memory;
mod notifications;
#[cfg(unix)]
mod pager;
mod processes;
mod profiles;
#[cfg(unix)]
mod read_only;
#[cfg(unix)]
mod readme;
mod reboots;
mod reference;
mod replies;
mod request_counts;
mod sandbox;
#[cfg(unix)]
mod screens;
mod secrets;
mod server_group_names;
mod servers;
mod services;
mod sessions;
mod settings;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod ssh;
mod ssl;
mod stacks;
mod status;
mod tags;
#[cfg(unix)]
mod terminal;
mod transport;
#[cfg(unix)]
mod untrusted_repository;
#[cfg(unix)]
mod unusual_machines;
mod users;
mod variants;
mod wait;
mod watch;
