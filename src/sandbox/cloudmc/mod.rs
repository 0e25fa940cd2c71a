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
use reply::{ApiError, ApiResult};

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

/// What is below the root in a path of this API, and whether it is the older version's.
pub(super) fn below_root(path: &str) -> Option<(&str, bool)> {
    let below = |root| path.strip_prefix(root).filter(|rest| rest.starts_with('/'));
    below(ROOT).map(|rest| (rest, false)).or_else(|| below(LEGACY_ROOT).map(|rest| (rest, true)))
}

/// Answers a request; the state is made when it is first asked for.
pub(super) fn answer(state: &mut Option<State>, request: &Request, clock: &Clock) -> Outcome {
    let state = state.get_or_insert_with(State::initial);
    state.advance(clock);
    Outcome(router::answer(state, request, clock))
}

/// What a request came to.
pub(super) struct Outcome(ApiResult);

impl Outcome {
    /// Too many requests.
    pub(super) fn throttled() -> Self {
        Self(Err(ApiError::throttled()))
    }

    /// The state of the sandbox itself cannot be used.
    pub(super) fn broken(why: String) -> Self {
        Self(Err(ApiError::broken(why)))
    }

    /// Its HTTP form; the older version of the API writes errors otherwise.
    pub(super) fn respond(self, legacy: bool) -> Response<ReplyBody> {
        reply::respond(self.0, legacy)
    }
}
