//! A small `CloudMC` on the same server: organizations, users, environments and their resources, with tasks.
//!
//! Objects are kept as the API shows them, because the API treats all types alike: the generic part of it only needs a
//! table of types and their operations (`entities/types.rs`).

mod activity_log;
mod call;
mod connections;
mod descriptors;
mod entities;
mod environments;
mod objects;
mod organizations;
mod quotas;
mod reply;
mod roles;
mod router;
mod tasks;
mod usage;
mod users;

use std::collections::BTreeMap;

use hyper::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::body::ReplyBody;
use super::clock::Clock;
use reply::ApiError;
use tasks::Task;

pub(super) use call::Request;
pub(super) use reply::Version;

/// The sandbox's key of `mira`, who administers the organization.
pub(crate) const KEY: &str = "sandbox-cloudmc-key-opens-only-the-sandbox-of-c66";
/// The path of its API on the server.
pub(crate) const ROOT: &str = "/api/v2";

/// The sandbox's key of `ines`, who may only read.
const READER_KEY: &str = "sandbox-cloudmc-reader";
/// The path of the older API version.
const LEGACY_ROOT: &str = "/api/v1";

/// Its initial objects.
const SEED: &str = include_str!("seed.json");

/// The part of a path below the root of this API, and the API version.
pub(super) fn below_root(path: &str) -> Option<(&str, Version)> {
    let below = |root| path.strip_prefix(root).filter(|rest| rest.starts_with('/'));
    below(ROOT).map(|rest| (rest, Version::V2)).or_else(|| below(LEGACY_ROOT).map(|rest| (rest, Version::V1)))
}

/// Answers a request; the state is created on first use.
pub(super) fn answer(
    state: &mut Option<State>,
    request: &Request,
    version: Version,
    clock: &Clock,
) -> Response<ReplyBody> {
    let state = state.get_or_insert_with(State::initial);
    state.advance(clock);
    reply::respond(router::answer(state, request, clock), version)
}

/// The reply to too many requests.
pub(super) fn throttled(version: Version) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::throttled()), version)
}

/// The reply when the sandbox itself fails.
pub(super) fn internal_error(details: String, version: Version) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::internal(details)), version)
}

/// The state of this `CloudMC`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// The objects by the names of their collections (`objects.rs`).
    #[serde(rename = "drawers")]
    collections: BTreeMap<String, Vec<Value>>,
    tasks: Vec<Task>,
    /// Number of issued IDs.
    ids: u64,
}

impl State {
    /// The initial state.
    pub(super) fn initial() -> Self {
        Self { collections: serde_json::from_str(SEED).unwrap_or_default(), tasks: Vec::new(), ids: 0 }
    }

    /// Applies everything that has become due.
    fn advance(&mut self, clock: &Clock) {
        let (due, running) = self.tasks.drain(..).partition(|task| task.is_due(clock.now));
        self.tasks = running;
        for task in due {
            let finished = self.finish_task(task);
            self.tasks.push(finished);
        }
        self.tasks.retain(|task| !task.has_expired(clock.now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_parses() {
        let state = State::initial();
        assert_eq!(state.collection("organizations").len(), 2);
        assert_eq!(state.collection("environments").iter().filter(|item| item["name"] == "prod").count(), 2);
    }
}
