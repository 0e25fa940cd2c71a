//! OAuth 2: how an application gets a token of a user who grants access, as documented, with PKCE (RFC 7636), which
//! proves that the same program requests and exchanges the code.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use super::endpoints::ROOT;
use super::failure::{from_response, server_message};
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::Method;
use crate::http::error::failed_request;
use crate::http::{Request, Response, Transport};

/// The redirect URI of an application without an address: the user copies the code from the page.
pub(crate) const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// The site of an API: its root without the path of the API.
pub(crate) fn site(root: &str) -> &str {
    root.strip_suffix(ROOT).unwrap_or(root)
}

/// A request for access.
pub(crate) struct AuthorizationRequest<'a> {
    /// The application.
    pub(crate) client_id: &'a str,
    /// Where the answer is sent.
    pub(crate) redirect_uri: &'a str,
    /// The requested scopes.
    pub(crate) scopes: &'a [String],
    /// The state that the answer must have.
    pub(crate) state: String,
    /// The code verifier, which is shown when the code is exchanged.
    pub(crate) verifier: String,
}

/// The reply to a code.
pub(crate) struct TokenGrant {
    /// The token.
    pub(crate) token: String,
    /// Its scopes, if known.
    pub(crate) scopes: Option<Vec<String>>,
}

impl<'a> AuthorizationRequest<'a> {
    /// Creates a request with its own state and verifier.
    pub(crate) fn new(client_id: &'a str, redirect_uri: &'a str, scopes: &'a [String]) -> Result<Self> {
        Ok(Self { client_id, redirect_uri, scopes, state: random()?, verifier: random()? })
    }

    /// The page on which the user grants access.
    pub(crate) fn url(&self, site: &str) -> Result<Url> {
        let address = format!("{}/oauth/authorize", site.trim_end_matches('/'));
        let mut url =
            Url::parse(&address).map_err(|error| Error::usage(format!("invalid address `{address}`: {error}")))?;
        url.query_pairs_mut().extend_pairs([
            ("client_id", self.client_id),
            ("redirect_uri", self.redirect_uri),
            ("response_type", "code"),
            ("scope", &self.scopes.join(" ")),
            ("state", &self.state),
            ("code_challenge", &pkce_challenge(&self.verifier)),
            ("code_challenge_method", "S256"),
        ]);
        Ok(url)
    }

    /// Exchanges the code for a token, over a transport to the site.
    pub(crate) async fn exchange(&self, site: &Transport, code: &str, client_secret: &str) -> Result<TokenGrant> {
        let mut request = Request::new(Method::Post, "/oauth/token".to_owned());
        // It changes nothing in the API.
        request.is_write = false;
        request.body = Some(json!({
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "client_secret": client_secret,
            "code_verifier": self.verifier,
        }));
        request.as_form = true;
        request.secrets = vec!["code", "client_secret", "code_verifier"];
        let reply = site.send_any_status(&request).await?;
        let fields = fields(&reply.body);
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // Some servers report a failure with a success status.
        if let Some(failure) = field("error").or((!reply.is_success()).then_some("")) {
            return Err(token_error(&request, &reply, failure));
        }
        let unusable = |what: &str| {
            Error::new(Kind::BadReply, format!("the reply to {} {what}", request.describe()))
                .with_request(failed_request(&request, Some(reply.status)))
        };
        if field("token_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(unusable("has a token of another type than bearer"));
        }
        let token = field("access_token").filter(|token| !token.is_empty()).ok_or_else(|| unusable("has no token"))?;
        let scopes = field("scope").map(split_scopes);
        Ok(TokenGrant { token: token.to_owned(), scopes })
    }
}

/// Parses scopes that are separated by spaces or commas.
pub(crate) fn split_scopes(text: &str) -> Vec<String> {
    text.split([' ', ',']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The string fields of a reply in either documented form: JSON, or a form.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => {
            object.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
        }
        _ => form_urlencoded::parse(body.trim_ascii()).into_owned().collect(),
    }
}

fn token_error(request: &Request, reply: &Response, failure: &str) -> Error {
    let said = server_message(&reply.body).unwrap_or_else(|| "no reason given".to_owned());
    let refused = match failure {
        "invalid_client" => Error::new(Kind::Auth, "invalid client ID or client secret")
            .cause(said)
            .hint("check both where the application is registered"),
        "invalid_grant" => Error::new(Kind::Refused, "invalid code")
            .cause(said)
            .hint("a code is valid once and for a few minutes; run c66 auth login --oauth again"),
        _ if reply.is_success() || reply.status == 401 => {
            Error::new(Kind::Refused, format!("no token was issued: {said}"))
        }
        _ => return from_response(request, reply),
    };
    refused.with_request(failed_request(request, Some(reply.status)))
}

/// 32 random bytes as 43 letters, digits, `-` and `_`.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(Kind::Unavailable, "the system's random number generator failed"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn the_site_is_above_the_api() {
        assert_eq!(site("https://app.cloud66.com/api/3"), "https://app.cloud66.com");
        assert_eq!(site("https://example.org/proxy"), "https://example.org/proxy");
    }

    #[test]
    fn the_page_has_every_documented_parameter() {
        let scopes = ["public".to_owned(), "redeploy".to_owned()];
        let mut authorization = AuthorizationRequest::new("app id", OUT_OF_BAND, &scopes).unwrap();
        assert_eq!((authorization.state.len(), authorization.verifier.len()), (43, 43));
        assert_ne!(authorization.state, authorization.verifier);
        authorization.state = "s".to_owned();
        // The example of RFC 7636, appendix B.
        authorization.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        assert_eq!(
            authorization.url("https://app.cloud66.com/").unwrap().as_str(),
            "https://app.cloud66.com/oauth/authorize?client_id=app+id&redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob\
             &response_type=code&scope=public+redeploy&state=s\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        );
    }

    #[test]
    fn a_token_comes_in_two_forms() {
        let expected = [("access_token".to_owned(), "e72e".to_owned()), ("token_type".to_owned(), "bearer".to_owned())];
        for body in ["access_token=e72e&token_type=bearer\n", r#"{"access_token":"e72e","token_type":"bearer"}"#] {
            assert_eq!(fields(body.as_bytes()), expected);
        }
    }

    #[test]
    fn scopes_are_separated_by_spaces_or_commas() {
        assert_eq!(split_scopes("public, redeploy admin"), ["public", "redeploy", "admin"]);
    }
}
