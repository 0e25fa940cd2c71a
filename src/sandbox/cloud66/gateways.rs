//! Gateways of the account. Their keys are not stored: no reply has them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, object};
use super::users::API_USER;
use super::{State, accounts};
use crate::sandbox::clock::{date_time, iso};

/// What a reply has instead of the key of an open gateway: by it, the official toolbelt knows that it is open.
const HIDDEN: &str = "********";
/// What a reply has instead of a time or a key that is not there.
const NOTHING: &str = "N/A";

/// A gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Gateway {
    id: u64,
    name: String,
    username: String,
    address: String,
    private_ip: String,
    open_until: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    created_by: String,
    updated_by: String,
}

impl Gateway {
    fn is_open(&self, now: Timestamp) -> bool {
        self.open_until.is_some_and(|until| until > now)
    }

    fn render(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "address": self.address,
            "private_ip": self.private_ip,
            "ttl": self.open_until.map_or_else(|| NOTHING.to_owned(), iso),
            "content": if self.is_open(now) { HIDDEN } else { NOTHING },
            "created_at_iso": iso(self.created_at),
            "updated_at_iso": iso(self.updated_at),
            "created_by": self.created_by,
            "updated_by": self.updated_by,
        })
    }

    fn set(&mut self, parameters: &Parameters, now: Timestamp) -> Result<(), ApiError> {
        for (field, name) in [
            (&mut self.name, "name"),
            (&mut self.username, "username"),
            (&mut self.address, "address"),
            (&mut self.private_ip, "private_ip"),
        ] {
            if let Some(value) = parameters.text(name) {
                *field = value;
            }
        }
        if parameters.text("content").or_else(|| parameters.text("ttl")).is_some() {
            self.open_until = open_until(parameters, now)?;
        }
        self.updated_at = now;
        API_USER.clone_into(&mut self.updated_by);
        Ok(())
    }
}

/// Until when a gateway is open: with a key for some seconds, without one not at all.
fn open_until(parameters: &Parameters, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
    let seconds = parameters.integer("ttl").filter(|seconds| *seconds > 0);
    let Some(seconds) = seconds else {
        return Err(ApiError::bad_request("The parameter `ttl` must be a number of seconds."));
    };
    match parameters.text("content") {
        Some(key) if !key.contains("PRIVATE KEY-----") => {
            Err(ApiError::bad_request("The parameter `content` must be a private key in PEM."))
        }
        Some(_) => Ok(Some(now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))),
        None => Ok(None),
    }
}

/// The gateways of the account; initially the documented one, which is closed.
fn gateways(state: &State) -> Vec<Gateway> {
    state.account.gateways.clone().unwrap_or_else(|| {
        vec![Gateway {
            id: 1,
            name: "aws_bastion".into(),
            username: "ec2-usr".into(),
            address: "1.1.1.1".into(),
            private_ip: "2.2.2.2".into(),
            open_until: Some(date_time("2016-02-01T14:46:38Z")),
            created_at: date_time("2016-02-01T14:37:05Z"),
            updated_at: date_time("2016-02-01T14:47:01Z"),
            created_by: "user1@cloud66.com".into(),
            updated_by: "user1@cloud66.com".into(),
        }]
    })
}

/// `gateways_list`
pub(super) fn gateways_list(state: &mut State, call: &Call) -> ApiResult {
    accounts::check(call)?;
    call.list(&gateways(state), |gateway| gateway.render(call.clock.now))
}

/// `gateways_create`, whose documented reply has no message
pub(super) fn gateways_create(state: &mut State, call: &Call) -> ApiResult {
    accounts::check(call)?;
    let parameters = call.parameters()?;
    let mut gateways = gateways(state);
    let name = parameters.text("name").unwrap_or_default();
    if gateways.iter().any(|gateway| gateway.name == name) {
        return Err(ApiError::conflict(format!("The parameter `name` is taken: there is a gateway `{name}`.")));
    }
    let now = call.clock.now;
    let mut new = Gateway {
        id: gateways.iter().map(|gateway| gateway.id + 1).max().unwrap_or(1),
        name,
        username: String::new(),
        address: String::new(),
        private_ip: String::new(),
        open_until: None,
        created_at: now,
        updated_at: now,
        created_by: API_USER.into(),
        updated_by: API_USER.into(),
    };
    new.set(&parameters, now)?;
    gateways.push(new);
    state.account.gateways = Some(gateways);
    Ok(object(json!({ "ok": true })))
}

/// `gateways_update`, whose documented reply has no message
pub(super) fn gateways_update(state: &mut State, call: &Call) -> ApiResult {
    accounts::check(call)?;
    let mut gateways = gateways(state);
    let position = position(&gateways, call)?;
    gateways[position].set(&call.parameters()?, call.clock.now)?;
    state.account.gateways = Some(gateways);
    Ok(object(json!({ "ok": true })))
}

/// `gateways_delete`; an open gateway stays. No reply is documented, but the official client fails without one.
pub(super) fn gateways_delete(state: &mut State, call: &Call) -> ApiResult {
    accounts::check(call)?;
    let mut gateways = gateways(state);
    let position = position(&gateways, call)?;
    if gateways[position].is_open(call.clock.now) {
        return Err(ApiError::conflict("The gateway is open; close it first."));
    }
    gateways.remove(position);
    state.account.gateways = Some(gateways);
    Ok(object(json!({ "ok": true })))
}

fn position(gateways: &[Gateway], call: &Call) -> Result<usize, ApiError> {
    let id = call.id("gateway_id", "gateway")?;
    let position = gateways.iter().position(|gateway| gateway.id == id);
    position.ok_or_else(|| ApiError::not_found(format!("The account has no gateway {id}.")))
}
