//! Operations that no documentation has, and no command calls: those of Cloud 66's own clients.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::State;
use super::call::Request;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, object};
use super::users::API_USER;
use crate::http::endpoint::{Param, ParamType::Text};
use crate::sandbox::pseudorandom;

/// The first words of the paths of Skycap and of servers of the user's own, and of parts of a stack that belong to it.
const NOT_SIMULATED: [&str; 3] = ["base_templates", "onprems", "queues"];
const NOT_SIMULATED_IN_STACK: [&str; 2] = ["formations", "snapshots"];

type Handler = fn(&mut State, &Request) -> ApiResult;

/// The handler of such an operation; `path` has the form of the endpoint table.
pub(super) fn handler(method: &str, path: &str) -> Option<Handler> {
    Some(match (method, path) {
        ("GET", "/accounts/otp") => |_, _| Ok(object(json!({ "ok": true, "otp": secret("one-time password", 20) }))),
        ("POST", "/jwt/fetch") => |_, request| jwt(request),
        ("GET", "/users/registry-credentials") => {
            |_, _| Ok(object(json!({ "username": API_USER, "secret": secret("secret of the registry", 32) })))
        }
        ("GET", "/ssh_keys/access") => |state, _| Ok(object(json!({ "public_key": state.account.public_key }))),
        ("POST", "/ssh_keys/access") => set_public_key,
        _ if is_not_simulated(path) => |_, _| Err(ApiError::not_implemented()),
        _ => return None,
    })
}

fn is_not_simulated(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.nth(1)) {
        (Some("stacks"), Some(part)) => NOT_SIMULATED_IN_STACK.contains(&part),
        (Some(first), _) => NOT_SIMULATED.contains(&first),
        (None, _) => false,
    }
}

/// Something that looks like a secret, and opens nothing.
fn secret(what: &str, length: usize) -> String {
    pseudorandom::alphanumeric(what, length)
}

/// The parameters of a request, which are all required texts.
fn parameters(request: &Request, names: &[&'static str]) -> Result<Parameters, ApiError> {
    let params: Vec<Param> = names.iter().map(|name| Param::body(name, Text).required()).collect();
    Parameters::read(request.query, request.content_type, request.body, &params)
}

/// A token for another service of Cloud 66, with a made-up signature.
fn jwt(request: &Request) -> ApiResult {
    let parameters = parameters(request, &["scope", "aud"])?;
    let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let header = part(json!({ "alg": "HS256", "typ": "JWT" }));
    let claims = part(json!({
        "sub": API_USER, "aud": parameters.text("aud"), "scope": parameters.text("scope"), "iss": "sandbox",
    }));
    Ok(object(format!("{header}.{claims}.{}", secret("signature", 43)).into()))
}

/// Sets the public SSH key of the user, which comes in base64.
fn set_public_key(state: &mut State, request: &Request) -> ApiResult {
    let parameters = parameters(request, &["public_key"])?;
    let decoded = parameters.text("public_key").and_then(|key| STANDARD.decode(key).ok());
    let Some(key) = decoded.and_then(|key| String::from_utf8(key).ok()) else {
        return Err(ApiError::bad_request("The parameter `public_key` must be a public key in base64."));
    };
    state.account.public_key = Some(key);
    Ok(object(json!({ "public_key": state.account.public_key })))
}
