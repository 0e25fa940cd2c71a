//! The sandbox over HTTP, with the tests' own plain client.

mod backups;
mod cloudmc;
mod cloudmc_examples;
mod cloudmc_networks;
mod commands;
mod connections;
mod crawl;
mod curl;
mod deployments;
mod documented_calls;
mod environments;
mod examples;
mod faults;
mod firewalls;
mod notifications;
mod oauth;
mod official_clients;
mod openapi;
mod refusals;
mod servers;
mod services;
mod settings;
mod ssl_certificates;
mod stacks;
mod state;
mod users;
