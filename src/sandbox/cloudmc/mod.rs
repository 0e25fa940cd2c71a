//! A small `CloudMC` on the same server: organizations, users, environments, and what is in them, with tasks.
//!
//! It knows nothing of the client. Objects are kept as the API shows them, because the API treats all types alike: one
//! table of types and their operations (`entities/types.rs`) is all that the generic part of it needs.

mod activity_log;
mod administration;
mod connections;
mod entities;
mod environments;
mod reply;
mod router;
mod state;
mod tasks;
mod usage;

use hyper::Response;
use reply::ApiError;

use super::body::ReplyBody;
use super::clock::Clock;

pub(super) use router::Request;
pub(super) use state::State;

/// The key of `mira`, who administers the organization; the sandbox takes it, and nobody else does.
pub const KEY: &str = "sandbox-cloudmc-key-opens-only-the-sandbox-of-c66";
/// Where its API begins on the server.
pub const ROOT: &str = "/api/v2";

/// The key of `ines`, who may look and not change.
const READER_KEY: &str = "sandbox-cloudmc-reader";
/// Where the older version begins, whose errors have words for codes.
const LEGACY_ROOT: &str = "/api/v1";

/// A version of the API; they differ in the form of their errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// The older one, whose errors have words for codes.
    V1,
    V2,
}

/// What is below the root in a path of this API, and the version that the path is of.
pub(super) fn below_root(path: &str) -> Option<(&str, Version)> {
    let below = |root| path.strip_prefix(root).filter(|rest| rest.starts_with('/'));
    below(ROOT).map(|rest| (rest, Version::V2)).or_else(|| below(LEGACY_ROOT).map(|rest| (rest, Version::V1)))
}

/// Answers a request; the state is made when it is first asked for.
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

/// The reply when the sandbox itself cannot go on.
pub(super) fn internal_error(details: String, version: Version) -> Response<ReplyBody> {
    reply::respond(Err(ApiError::internal(details)), version)
}
