//! The OAuth endpoints: the consent page, codes that can be used once, and their tokens.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::http::StatusCode;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::State;
use super::parameters::Parameters;
use super::users::API_USER;
use crate::cloud66::endpoints::SCOPES;
use crate::sandbox::body::{ReplyBody, with_body};
use crate::sandbox::clock::Clock;
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET};

/// The path of the OAuth endpoints, below the server.
pub(in crate::sandbox) const ROOT: &str = "/oauth/";

/// How long a code is valid, in seconds at normal speed.
const VALIDITY: f64 = 10.0 * 60.0;
/// The redirect URI of an application without one: a page shows the code.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
const AUTHORIZE: &str = "/oauth/authorize";
/// Shows a code for the user to copy.
const NATIVE: &str = "/oauth/authorize/native";

/// The issued codes and tokens.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::sandbox) struct Grants {
    codes: Vec<AuthorizationCode>,
    tokens: Vec<Token>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AuthorizationCode {
    code: String,
    scopes: Vec<String>,
    redirect_uri: String,
    challenge: Option<String>,
    expires_at: Timestamp,
    /// The token that it was exchanged for.
    token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    token: String,
    scopes: Vec<String>,
}

impl Grants {
    pub(in crate::sandbox) fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.tokens.is_empty()
    }

    /// The scopes of an issued token.
    pub(in crate::sandbox) fn scopes_of(&self, token: &str) -> Option<Vec<&str>> {
        let found = self.tokens.iter().find(|known| known.token == token)?;
        Some(found.scopes.iter().map(String::as_str).collect())
    }

    /// Issues the code for a consent.
    fn issue_code(&mut self, asked: &AuthorizationRequest, clock: &Clock) -> String {
        // Used codes are kept until they expire, to notice a second use.
        self.codes.retain(|code| code.expires_at > clock.now);
        let code = random_token();
        self.codes.push(AuthorizationCode {
            code: code.clone(),
            scopes: asked.scopes.clone(),
            redirect_uri: asked.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            expires_at: clock.in_seconds(VALIDITY),
            token: None,
        });
        code
    }

    /// Issues the token for a code.
    fn exchange(&mut self, parameters: &Parameters, now: Timestamp) -> Result<String, OAuthError> {
        let text = parameters.text("code").ok_or(OAuthError::request("The parameter `code` is missing."))?;
        let found = self.codes.iter_mut().find(|code| code.code == text && code.expires_at > now);
        let code = found.ok_or(OAuthError::grant("The code is invalid or has expired."))?;
        if let Some(token) = code.token.take() {
            // A second use means that someone else may have the code: revoke both.
            self.tokens.retain(|known| known.token != token);
            self.codes.retain(|code| code.code != text);
            return Err(OAuthError::grant("The code has been used before; its token is revoked."));
        }
        if parameters.text("redirect_uri").is_some_and(|uri| uri != code.redirect_uri) {
            return Err(OAuthError::grant("The redirect URI does not match that of the authorization request."));
        }
        let verifier = parameters.text("code_verifier");
        if code.challenge != verifier.map(|verifier| challenge(&verifier)) {
            return Err(OAuthError::grant("The code verifier does not match the code challenge."));
        }
        let token = random_token();
        code.token = Some(token.clone());
        self.tokens.push(Token { token: token.clone(), scopes: code.scopes.clone() });
        Ok(token)
    }
}

/// An error of RFC 6749.
struct OAuthError {
    status: StatusCode,
    id: &'static str,
    description: &'static str,
}

impl OAuthError {
    fn request(description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, id: "invalid_request", description }
    }

    fn grant(description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, id: "invalid_grant", description }
    }

    fn client(description: &'static str) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, id: "invalid_client", description }
    }
}

/// A checked request for authorization.
struct AuthorizationRequest {
    redirect_uri: String,
    scopes: Vec<String>,
    state: Option<String>,
    challenge: Option<String>,
}

/// Answers a request below [`ROOT`].
pub(in crate::sandbox) fn answer(state: &mut State, head: &Parts, body: &[u8], clock: &Clock) -> Response<ReplyBody> {
    let text = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parameters = match Parameters::read(head.uri.query().unwrap_or_default(), text(CONTENT_TYPE), body, &[]) {
        Ok(parameters) => parameters,
        Err(error) => return page(StatusCode::BAD_REQUEST, "Bad request", &escape_html(&error.details)),
    };
    match (&head.method, head.uri.path()) {
        (&Method::GET | &Method::HEAD, AUTHORIZE) => show_consent_page(&parameters),
        (&Method::POST, AUTHORIZE) => submit_consent(state, &parameters, clock),
        (&Method::GET | &Method::HEAD, NATIVE) => show_code(&parameters),
        (&Method::POST, "/oauth/token") => {
            let outcome =
                check_client(&parameters, text(AUTHORIZATION)).and_then(|()| exchange_code(state, &parameters, clock));
            token_reply(outcome, text(ACCEPT).contains("json"))
        }
        _ => page(StatusCode::NOT_FOUND, "Not found", "Not found."),
    }
}

/// Checks a request for authorization. A wrong client or redirect URI is shown to the user and never sent to that URI;
/// every other error goes to the application.
fn check(parameters: &Parameters) -> Result<AuthorizationRequest, Box<Response<ReplyBody>>> {
    let refuse = |why: &str| Err(Box::new(page(StatusCode::BAD_REQUEST, "The application cannot be authorized", why)));
    if parameters.text("client_id").as_deref() != Some(CLIENT_ID) {
        return refuse("The client ID is unknown.");
    }
    // The documented table and the documented example use different names.
    let Some(redirect_uri) = parameters.text("redirect_uri").or_else(|| parameters.text("redirect_url")) else {
        return refuse("The redirect URI is missing.");
    };
    if redirect_uri != OUT_OF_BAND && !is_loopback(&redirect_uri) {
        return refuse("The redirect URI is not one of this application.");
    }
    let state = parameters.text("state");
    let fail = |id, why| {
        Err(Box::new(redirect_back(&redirect_uri, state.as_deref(), &[("error", id), ("error_description", why)])))
    };
    if parameters.text("response_type").is_some_and(|kind| kind != "code") {
        return fail("unsupported_response_type", "The sandbox supports only the response type `code`.");
    }
    let text = parameters.text("scope").unwrap_or_else(|| "public".to_owned());
    let scopes: Vec<String> = text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
    if scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return fail("invalid_scope", "Unknown scope.");
    }
    let challenge = parameters.text("code_challenge");
    if challenge.is_some() && parameters.text("code_challenge_method").as_deref() != Some("S256") {
        return fail("invalid_request", "The code challenge method must be S256.");
    }
    Ok(AuthorizationRequest { redirect_uri, scopes, state, challenge })
}

/// The consent page.
fn show_consent_page(parameters: &Parameters) -> Response<ReplyBody> {
    let asked = match check(parameters) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let mut text = format!("<p>An application asks to act for {API_USER} with these scopes:</p>\n<ul>\n");
    for scope in &asked.scopes {
        let _ = writeln!(text, "<li>{}</li>", escape_html(scope));
    }
    let _ = writeln!(text, "</ul>\n<form method=\"post\" action=\"{AUTHORIZE}\">");
    let scopes = asked.scopes.join(" ");
    let fields = [
        ("client_id", Some(CLIENT_ID)),
        ("redirect_uri", Some(asked.redirect_uri.as_str())),
        ("scope", Some(scopes.as_str())),
        ("state", asked.state.as_deref()),
        ("code_challenge", asked.challenge.as_deref()),
        ("code_challenge_method", asked.challenge.as_ref().map(|_| "S256")),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = writeln!(text, "<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape_html(value));
        }
    }
    text.push_str(
        "<button name=\"decision\" value=\"approve\">Authorize</button>\n\
         <button name=\"decision\" value=\"deny\">Deny</button>\n</form>",
    );
    page(StatusCode::OK, "Authorization required", &text)
}

/// Returns the decision on that page to the application.
fn submit_consent(state: &mut State, parameters: &Parameters, clock: &Clock) -> Response<ReplyBody> {
    let asked = match check(parameters) {
        Ok(asked) => asked,
        Err(response) => return *response,
    };
    let oauth_state = asked.state.as_deref();
    if parameters.text("decision").as_deref() == Some("approve") {
        let code = state.grants.issue_code(&asked, clock);
        redirect_back(&asked.redirect_uri, oauth_state, &[("code", &code)])
    } else {
        let why = "The resource owner denied the request.";
        redirect_back(&asked.redirect_uri, oauth_state, &[("error", "access_denied"), ("error_description", why)])
    }
}

fn show_code(parameters: &Parameters) -> Response<ReplyBody> {
    match (parameters.text("code"), parameters.text("error_description")) {
        (Some(code), _) => {
            let text =
                format!("<p>Authorization code:</p>\n<code id=\"authorization_code\">{}</code>", escape_html(&code));
            page(StatusCode::OK, "Authorized", &text)
        }
        (None, why) => page(StatusCode::BAD_REQUEST, "Not authorized", &escape_html(&why.unwrap_or_default())),
    }
}

fn redirect_back(redirect_uri: &str, state: Option<&str>, answer: &[(&str, &str)]) -> Response<ReplyBody> {
    let target = if redirect_uri == OUT_OF_BAND { NATIVE } else { redirect_uri };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    query.extend_pairs(state.map(|state| ("state", state)));
    let joint = if target.contains('?') { '&' } else { '?' };
    let mut response = with_body(StatusCode::FOUND, "text/html; charset=utf-8", "");
    if let Ok(location) = HeaderValue::try_from(format!("{target}{joint}{}", query.finish())) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Checks the client ID and secret, from the body or from the header `Authorization`.
fn check_client(parameters: &Parameters, authorization: &str) -> Result<(), OAuthError> {
    let basic = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    let basic =
        basic.and_then(|(_, text)| STANDARD.decode(text.trim()).ok()).and_then(|text| String::from_utf8(text).ok());
    let given = match basic.as_deref().and_then(|text| text.split_once(':')) {
        Some((id, secret)) => (Some(id.to_owned()), Some(secret.to_owned())),
        None => (parameters.text("client_id"), parameters.text("client_secret")),
    };
    match given {
        (Some(id), Some(secret)) if id == CLIENT_ID && secret == CLIENT_SECRET => Ok(()),
        _ => Err(OAuthError::client("Client authentication failed: invalid client ID or client secret.")),
    }
}

fn exchange_code(state: &mut State, parameters: &Parameters, clock: &Clock) -> Result<String, OAuthError> {
    // It is missing in the documented table, but not in the documented example.
    if parameters.text("grant_type").is_some_and(|kind| kind != "authorization_code") {
        let description = "The sandbox supports only the grant type `authorization_code`.";
        return Err(OAuthError { status: StatusCode::BAD_REQUEST, id: "unsupported_grant_type", description });
    }
    state.grants.exchange(parameters, clock.now)
}

/// The documented reply: a form, or JSON on request.
fn token_reply(outcome: Result<String, OAuthError>, in_json: bool) -> Response<ReplyBody> {
    let mut response = match outcome {
        Ok(token) if in_json => {
            let body = json!({ "access_token": token, "token_type": "bearer" });
            with_body(StatusCode::OK, "application/json", body.to_string())
        }
        Ok(token) => {
            let body = format!("access_token={token}&token_type=bearer");
            with_body(StatusCode::OK, "application/x-www-form-urlencoded", body)
        }
        Err(error) => {
            let body = json!({ "error": error.id, "error_description": error.description });
            with_body(error.status, "application/json", body.to_string())
        }
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page(status: StatusCode, title: &str, text: &str) -> Response<ReplyBody> {
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body>\n<h1>{title}</h1>\n{text}\n</body>\n</html>\n"
    );
    with_body(status, "text/html; charset=utf-8", page)
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Whether a URI is on this machine, whatever its port and path.
fn is_loopback(uri: &str) -> bool {
    let Some(rest) = uri.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        _ => authority,
    };
    !uri.contains('#') && ["127.0.0.1", "[::1]", "localhost"].contains(&host)
}

/// The PKCE challenge (RFC 7636) of a verifier.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

fn random_token() -> String {
    format!("{:032x}{:032x}", fastrand::u128(..), fastrand::u128(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_on_this_machine_are_distinguished_from_lookalikes() {
        for good in ["http://127.0.0.1", "http://127.0.0.1:8080/callback", "http://[::1]:1/x?y", "http://localhost/"] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in [
            "https://evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1:80@evil.example/",
            "http://localhost/#fragment",
            "",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // The example of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_code_expires() {
        let asked = AuthorizationRequest {
            redirect_uri: OUT_OF_BAND.to_owned(),
            scopes: vec!["public".to_owned()],
            state: None,
            challenge: None,
        };
        let clock = Clock::at(Timestamp::UNIX_EPOCH, 1.0);
        let mut grants = Grants::default();
        let code = grants.issue_code(&asked, &clock);
        let exchange = |grants: &mut Grants, seconds: f64| {
            let query = format!("code={code}");
            let parameters = Parameters::read(&query, "", b"", &[]).map_err(|error| error.details)?;
            grants.exchange(&parameters, clock.in_seconds(seconds)).map_err(|error| error.id.to_owned())
        };
        assert_eq!(exchange(&mut grants, 600.0), Err("invalid_grant".to_owned()));
        let token = exchange(&mut grants, 599.0).unwrap_or_default();
        assert_eq!(grants.scopes_of(&token), Some(vec!["public"]));
    }
}
