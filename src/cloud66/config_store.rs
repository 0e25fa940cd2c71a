//! The config store: records of a stack or of an account, each in a namespace.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::environments::MASK;
use super::fields::Fields;
use super::request;
use crate::error::Result;
use crate::http::Request;
use crate::http::endpoint::Endpoint;

/// The field with the value of a record, in base64.
pub(crate) const RAW_VALUE: &str = "raw_value";

/// The field of a stack or an account with its namespace.
pub(crate) const NAMESPACE: &str = "configstore_namespace";

/// The fields of a record in use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(crate) struct StoreRecord {
    /// Key, which identifies it.
    pub(crate) key: Option<String>,
    /// Value, as the API sends it.
    pub(crate) raw_value: Option<String>,
    /// What its owner noted.
    pub(crate) metadata: Option<Value>,
    /// Time to live, in a unit that no source names; 0 if it has none.
    pub(crate) ttl: Option<i64>,
}

impl From<Fields> for StoreRecord {
    fn from(fields: Fields) -> Self {
        Self {
            key: fields.text("key"),
            raw_value: fields.text(RAW_VALUE),
            metadata: fields.value("metadata").filter(|metadata| !metadata.is_null()),
            ttl: fields.integer("ttl"),
        }
    }
}

impl StoreRecord {
    /// The decoded value; one that is not text in base64 stays as it is.
    pub(crate) fn value(&self) -> Option<String> {
        let raw = self.raw_value.as_deref()?;
        let text = STANDARD.decode(raw).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Some(text.unwrap_or_else(|| raw.to_owned()))
    }
}

/// A value as the API takes it.
pub(crate) fn encoded(value: &str) -> String {
    STANDARD.encode(value)
}

/// Masks the value of a record.
pub(crate) fn redact(record: &mut Value) {
    if let Some(value) = record.get_mut(RAW_VALUE).filter(|value| !value.is_null()) {
        *value = Value::from(MASK);
    }
}

/// A request for a record. The API reads what follows a dot as a format, so dots in the key are escaped.
pub(crate) fn record_request(endpoint: &'static Endpoint, namespace: &str, key: &str) -> Result<Request> {
    let mut request = request(endpoint, &[("namespace", namespace), ("record_key", key)])?;
    if let Some((above, last)) = request.path.rsplit_once('/')
        && let Some(last) = last.strip_suffix(".json")
    {
        request.path = format!("{above}/{}.json", last.replace('.', "%2E"));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud66::endpoints::CONFIG_STORE_SHOW;

    #[test]
    fn a_value_is_decoded_if_it_is_text_in_base64() {
        for (raw, expected) in
            [(encoded("s\u{e9}cret"), "s\u{e9}cret"), ("********".into(), "********"), ("/w==".into(), "/w==")]
        {
            let record = StoreRecord { raw_value: Some(raw), ..StoreRecord::default() };
            assert_eq!(record.value().as_deref(), Some(expected));
        }
    }

    #[test]
    fn dots_of_a_key_are_escaped() {
        for (key, expected) in [("mysql.password", "mysql%2Epassword"), ("a/b c", "a%2Fb%20c"), ("..", "%2E%2E")] {
            let path = record_request(&CONFIG_STORE_SHOW, "ns.1", key).map(|request| request.path).unwrap_or_default();
            assert_eq!(path, format!("/configstore/namespaces/ns.1/records/{expected}.json"));
        }
    }
}
