//! DNS providers of the account: the documented one, and that of a wildcard certificate.

use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::reply::ApiResult;

/// UUID, company and name of the credentials.
const PROVIDERS: [(&str, &str, &str); 2] = [
    ("dp-fbe3d478cdc610b187b38c1d2b6b016b", "Cloudflare", "My Cloudflare"),
    ("dp-fbe3dd78cdc600b187b38c4d4b6b016b", "Route53", "Shop"),
];
const CREATED: &str = "2023-01-25T14:08:28Z";

/// `dns_providers_list`
pub(super) fn dns_providers_list(_: &mut State, call: &Call) -> ApiResult {
    call.list(&PROVIDERS, |(uuid, kind, key)| -> Value {
        json!({
            "uuid": uuid,
            "type": kind,
            "key": key,
            "display_name": format!("{kind} ({key})"),
            "created_at": CREATED,
            "updated_at": CREATED,
        })
    })
}
