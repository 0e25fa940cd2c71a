//! Masks the secret fields of an item.

use serde_json::Value;

use crate::http::trace::is_secret_key;

/// What replaces a secret.
const MASK: &str = "********";

/// Masks passwords and keys: fields with such names, and values that the API marks as sensitive.
pub(crate) fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let sensitive = map.get("sensitive") == Some(&Value::Bool(true));
            for (name, inner) in map.iter_mut() {
                // The `code` of an error is not a secret.
                let secret = (name != "code" && is_secret_key(name)) || (sensitive && name == "value");
                match inner {
                    Value::String(text) if secret && !text.is_empty() => *inner = Value::from(MASK),
                    Value::Array(items) if secret && !items.is_empty() => *inner = Value::from(MASK),
                    _ => redact(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_secrets_are_masked() {
        let mut value = json!({"id": "1", "password": "p", "isPasswordEnabled": true, "userData": "", "code": "x",
            "result": {"privateKey": "k"}, "fields": [{"value": "v", "sensitive": true}]});
        redact(&mut value);
        assert_eq!(
            value,
            json!({"id": "1", "password": MASK, "isPasswordEnabled": true, "userData": "", "code": "x",
                "result": {"privateKey": MASK}, "fields": [{"value": MASK, "sensitive": true}]})
        );
    }
}
