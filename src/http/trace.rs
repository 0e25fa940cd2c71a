//! What `--debug` shows of requests and replies, redacted.

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, SET_COOKIE};
use serde_json::Value;

use crate::text::sanitize::sanitize;

/// Replaces a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Keys whose values are always secrets.
const SECRET_KEYS: [&str; 16] = [
    "access_token",
    "api_key",
    "client_secret",
    "code",
    "hipchat_token",
    "password",
    "private_key",
    "public_url",
    "redeploy_hook",
    "refresh_token",
    "secret",
    "slack_url",
    "server_registration_script",
    "ssh_private_key",
    "token",
    "webhook_url",
];

/// Parts of the names of secrets in APIs that write `apiKey` and `ipSecPsk`: lower case, no underscores.
const SECRET_PARTS: [&str; 9] =
    ["password", "secret", "psk", "presharedkey", "privatekey", "keymaterial", "token", "apikey", "userdata"];

/// Whether the value of that key is a secret: by its name, or because `secrets` has it.
pub(crate) fn is_secret(key: &str, secrets: &[&str]) -> bool {
    is_secret_key(key) || secrets.contains(&key)
}

/// Whether values of that key are always secrets.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain = key.to_ascii_lowercase().replace(['_', '-'], "");
    SECRET_KEYS.contains(&key) || SECRET_PARTS.iter().any(|part| plain.contains(part))
}

/// Redacts a JSON value: by key, the values of password variables, and those named in `secrets`.
pub(crate) fn mask(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::Object(map) => {
            let password = ["is_password", "sensitive"].iter().any(|mark| map.get(*mark) == Some(&Value::Bool(true)));
            for (key, inner) in map.iter_mut() {
                let key = key.as_str();
                // A numeric `code` is a state, a string is an authorization code.
                let by_key = is_secret_key(key) && inner.is_string();
                let by_name = secrets.contains(&key) && !inner.is_null();
                let by_kind = password && matches!(key, "value" | "history");
                // The environment of a container in the details of its runtime.
                let by_place = key == "Env" && inner.is_array();
                if by_key || by_name || by_kind || by_place {
                    *inner = Value::from(REDACTED);
                } else {
                    mask(inner, secrets);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        _ => {}
    }
}

/// A body as one line of redacted text.
pub(crate) fn body(bytes: &[u8], secrets: &[&str]) -> String {
    const MAX: usize = 4_000;
    // Parsed, a body takes up to a hundred times as much memory.
    const MAX_PARSED: usize = 256 * 1024;
    if bytes.is_empty() {
        return "(empty)".to_owned();
    }
    if bytes.len() > MAX_PARSED {
        return format!("({} bytes, not shown)", bytes.len());
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut value) => {
            mask(&mut value, secrets);
            let text = value.to_string();
            match text.char_indices().nth(MAX) {
                Some((end, _)) => format!("{} … ({} bytes)", &text[..end], bytes.len()),
                None => text,
            }
        }
        // What cannot be parsed cannot be redacted.
        Err(_) => format!("({} bytes, not JSON)", bytes.len()),
    }
}

/// Headers as redacted `name: value` lines.
pub(crate) fn headers(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers.iter().map(|(name, value)| {
        let secret = value.is_sensitive() || [AUTHORIZATION, COOKIE, SET_COOKIE].contains(name);
        let shown = if secret { REDACTED.into() } else { String::from_utf8_lossy(value.as_bytes()) };
        format!("{name}: {}", sanitize(&shown))
    })
}

/// A URL without its signature.
pub(crate) fn url(url: &reqwest::Url) -> String {
    let signed = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["signature", "credential", "accesskey", "token", "code", "secret"].iter().any(|word| name.contains(word))
    };
    if url.query_pairs().any(|(name, _)| signed(&name)) {
        let mut shown = url.clone();
        shown.set_query(Some(REDACTED));
        shown.to_string()
    } else {
        url.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_redacted_by_key_by_kind_and_by_name() {
        let mut value = json!({
            "token": "t0p", "outcome": {"code": 1}, "code": "abc", "Config": {"Env": ["A=b"], "User": "root"},
            "list": [{"key": "P", "value": "hidden", "is_password": true, "history": [{"value": "old"}]},
                     {"key": "Q", "value": "shown", "is_password": false}],
        });
        mask(&mut value, &[]);
        assert_eq!(
            value,
            json!({
                "token": REDACTED, "outcome": {"code": 1}, "code": REDACTED, "Config": {"Env": REDACTED, "User": "root"},
                "list": [{"key": "P", "value": REDACTED, "is_password": true, "history": REDACTED},
                         {"key": "Q", "value": "shown", "is_password": false}],
            })
        );
        let mut request = json!({"key": "A", "value": "hidden"});
        mask(&mut request, &["value"]);
        assert_eq!(request, json!({"key": "A", "value": REDACTED}));
        let mut result = json!({"adminPassword": "a", "isPasswordEnabled": true, "ipSecPsk": "b", "userData": "c", "name": "d",
            "fields": [{"key": "x", "value": "e", "sensitive": true}, {"key": "y", "value": "f", "sensitive": false}]});
        mask(&mut result, &[]);
        assert_eq!(
            result,
            json!({"adminPassword": REDACTED, "isPasswordEnabled": true, "ipSecPsk": REDACTED, "userData": REDACTED, "name": "d",
                "fields": [{"key": "x", "value": REDACTED, "sensitive": true}, {"key": "y", "value": "f", "sensitive": false}]})
        );
    }

    #[test]
    fn a_body_that_is_not_json_is_not_shown() {
        assert_eq!(body(b"token=abc", &[]), "(9 bytes, not JSON)");
    }
}
