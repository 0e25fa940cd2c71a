//! The config store: records in the namespaces of stacks and of the account.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, object};
use super::{Stack, State};
use crate::sandbox::pseudorandom;

/// The namespace of the account.
pub(super) const ACCOUNT_NAMESPACE: &str = "account-139";

/// A record. Its value is in base64, like that of the clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoreRecord {
    key: String,
    raw_value: String,
    metadata: Map<String, Value>,
    ttl: i64,
}

impl StoreRecord {
    fn render(&self) -> Value {
        json!({ "key": self.key, "raw_value": self.raw_value, "metadata": self.metadata, "ttl": self.ttl })
    }

    fn from(parameters: &Parameters) -> Self {
        Self {
            key: parameters.text("key").unwrap_or_default(),
            raw_value: parameters.text("raw_value").unwrap_or_default(),
            metadata: parameters.object("metadata").unwrap_or_default(),
            ttl: parameters.integer("ttl").unwrap_or_default(),
        }
    }
}

/// The namespace of a stack.
pub(super) fn namespace_of(stack: &Stack) -> String {
    format!("stack-{}", stack.uid)
}

/// The records of a namespace.
fn records(state: &State, namespace: &str) -> Result<Vec<StoreRecord>, ApiError> {
    if let Some(records) = state.account.config_store.get(namespace) {
        return Ok(records.clone());
    }
    let record = |key: &str, raw_value: &str, owner: &str| {
        let metadata = [("owner".to_owned(), Value::from(owner))].into_iter().collect();
        StoreRecord { key: key.into(), raw_value: raw_value.into(), metadata, ttl: 0 }
    };
    if namespace == ACCOUNT_NAMESPACE {
        // `eu-west-1` and `awesome.example`.
        return Ok(vec![record("region", "ZXUtd2VzdC0x", "ops"), record("smtp.domain", "YXdlc29tZS5leGFtcGxl", "ops")]);
    }
    match state.stacks.iter().find(|stack| namespace_of(stack) == namespace) {
        Some(stack) => {
            // Looks like base64 of 18 bytes.
            let password = pseudorandom::alphanumeric(&format!("SMTP password of {}", stack.uid), 24);
            // `smtp.example.com`.
            Ok(vec![record("smtp.host", "c210cC5leGFtcGxlLmNvbQ==", "web"), record("smtp.password", &password, "web")])
        }
        None => Err(ApiError::not_found(format!("Unknown namespace `{namespace}`."))),
    }
}

fn position(records: &[StoreRecord], call: &Call) -> Result<usize, ApiError> {
    let key = call.path_param("record_key");
    let position = records.iter().position(|record| record.key == key);
    position.ok_or_else(|| ApiError::not_found(format!("The namespace has no record `{key}`.")))
}

fn save(state: &mut State, call: &Call, records: Vec<StoreRecord>) {
    state.account.config_store.insert(call.path_param("namespace").to_owned(), records);
}

/// `config_store_list`
pub(super) fn config_store_list(state: &mut State, call: &Call) -> ApiResult {
    call.list(&records(state, call.path_param("namespace"))?, StoreRecord::render)
}

/// `config_store_show`, by key
pub(super) fn config_store_show(state: &mut State, call: &Call) -> ApiResult {
    let records = records(state, call.path_param("namespace"))?;
    Ok(object(records[position(&records, call)?].render()))
}

/// `config_store_create`
pub(super) fn config_store_create(state: &mut State, call: &Call) -> ApiResult {
    let mut records = records(state, call.path_param("namespace"))?;
    let new = StoreRecord::from(&call.parameters()?);
    if records.iter().any(|record| record.key == new.key) {
        return Err(ApiError::conflict(format!("The record `{}` already exists.", new.key)));
    }
    let reply = object(new.render());
    records.push(new);
    save(state, call, records);
    Ok(reply)
}

/// `config_store_update`, which replaces the record
pub(super) fn config_store_update(state: &mut State, call: &Call) -> ApiResult {
    let mut records = records(state, call.path_param("namespace"))?;
    let position = position(&records, call)?;
    // The key in the path names the record.
    let key = records[position].key.clone();
    let new = StoreRecord { key, ..StoreRecord::from(&call.parameters()?) };
    let reply = object(new.render());
    records[position] = new;
    save(state, call, records);
    Ok(reply)
}

/// `config_store_delete`, which returns the record
pub(super) fn config_store_delete(state: &mut State, call: &Call) -> ApiResult {
    let mut records = records(state, call.path_param("namespace"))?;
    let removed = records.remove(position(&records, call)?);
    save(state, call, records);
    Ok(object(removed.render()))
}
