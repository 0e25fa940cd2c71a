//! The OAuth endpoints, as any OAuth 2 client sees them.

use c66::testing::SandboxOptions;
use form_urlencoded::Serializer;

use crate::support::sandbox::{Reply, Sandbox};
use crate::support::test_env::{CLIENT_ID, CLIENT_SECRET};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("Accept", "application/json");
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
const LOOPBACK: &str = "http://127.0.0.1:34543/callback?x=1";
/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn page(sandbox: &Sandbox, fields: &[(&str, &str)]) -> Reply {
    sandbox.send("GET", &format!("/oauth/authorize?{}", encoded(fields)), &[], "").expect("a page")
}

fn decide(sandbox: &Sandbox, decision: &str, fields: &[(&str, &str)]) -> Reply {
    let body = encoded(&[fields, &[("decision", decision)] as &[_]].concat());
    sandbox.send("POST", "/oauth/authorize", &[FORM], &body).expect("a redirect")
}

/// A query field of the address that a redirect leads to.
fn brought_back(reply: &Reply, name: &str) -> Option<String> {
    assert_eq!(reply.status, 302, "{}", reply.text());
    let (_, query) = reply.header("location").expect("an address").split_once('?').expect("a query");
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

fn code(sandbox: &Sandbox, fields: &[(&str, &str)]) -> String {
    let asked = [&[("client_id", CLIENT_ID), ("redirect_uri", OUT_OF_BAND)] as &[_], fields].concat();
    brought_back(&decide(sandbox, "approve", &asked), "code").expect("a code")
}

fn exchange(sandbox: &Sandbox, fields: &[(&str, &str)]) -> Reply {
    let client = [("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
    let body = encoded(&[&client as &[_], fields].concat());
    sandbox.send("POST", "/oauth/token", &[FORM, JSON], &body).expect("a reply")
}

/// The status and error code of a refusal.
fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, reply.json()["error"].as_str().expect("a word").to_owned())
}

#[test]
fn the_page_shows_the_requested_scopes_and_a_form() {
    let sandbox = sandbox();
    let fields = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", LOOPBACK),
        ("response_type", "code"),
        ("scope", "public redeploy"),
        ("state", "\"><script>"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let page = page(&sandbox, &fields);
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").expect("a type").starts_with("text/html"));
    let text = page.text();
    for part in
        ["<li>public</li>", "<li>redeploy</li>", "method=\"post\" action=\"/oauth/authorize\"", "value=\"approve\""]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("value=\"&quot;&gt;&lt;script&gt;\"") && !text.contains("<script>"), "{text}");

    let answer = decide(&sandbox, "approve", &fields);
    assert!(answer.header("location").expect("an address").starts_with(&format!("{LOOPBACK}&code=")));
    assert_eq!(brought_back(&answer, "state").as_deref(), Some("\"><script>"));
    let code = brought_back(&answer, "code").expect("a code");
    let reply = exchange(&sandbox, &[("code", &code), ("redirect_uri", LOOPBACK), ("code_verifier", VERIFIER)]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[test]
fn refusing_gives_no_code() {
    let sandbox = sandbox();
    let fields = [("client_id", CLIENT_ID), ("redirect_uri", LOOPBACK), ("state", "s")];
    for decision in ["deny", ""] {
        let answer = decide(&sandbox, decision, &fields);
        assert_eq!(brought_back(&answer, "error").as_deref(), Some("access_denied"));
        assert_eq!(brought_back(&answer, "state").as_deref(), Some("s"));
        assert_eq!(brought_back(&answer, "code"), None);
    }
}

#[test]
fn a_wrong_client_or_redirect_is_shown_on_the_page_only() {
    let sandbox = sandbox();
    for fields in [
        [("client_id", "other"), ("redirect_uri", OUT_OF_BAND)],
        [("client_id", CLIENT_ID), ("redirect_uri", "https://evil.example/")],
        [("client_id", CLIENT_ID), ("redirect_uri", "http://127.0.0.1.evil.example/")],
        [("client_id", CLIENT_ID), ("redirect_uri", "")],
    ] {
        for reply in [page(&sandbox, &fields), decide(&sandbox, "approve", &fields)] {
            assert_eq!((reply.status, reply.header("location")), (400, None), "{fields:?}");
        }
    }
}

#[test]
fn other_errors_are_returned_to_the_application() {
    let sandbox = sandbox();
    for (name, value, word) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "public root", "invalid_scope"),
        ("code_challenge", CHALLENGE, "invalid_request"),
    ] {
        let answer = page(&sandbox, &[("client_id", CLIENT_ID), ("redirect_uri", LOOPBACK), (name, value)]);
        assert_eq!(brought_back(&answer, "error").as_deref(), Some(word));
    }
}

#[test]
fn the_token_comes_in_both_documented_forms() {
    let sandbox = sandbox();
    let body = |code: &str| encoded(&[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), ("code", code)]);
    let form = sandbox.send("POST", "/oauth/token", &[FORM], &body(&code(&sandbox, &[]))).expect("a reply");
    let text = form.text();
    let token = text.strip_prefix("access_token=").and_then(|text| text.strip_suffix("&token_type=bearer"));
    assert_eq!(sandbox.call_as(token.expect("a token"), "GET", "/stacks", "").status, 200);

    let json =
        sandbox.send("POST", "/oauth/token", &[FORM, JSON], &body(&code(&sandbox, &[]))).expect("a reply").json();
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["access_token", "token_type"]);
    assert_eq!(json["token_type"], "bearer");
}

#[test]
fn client_credentials_may_come_in_the_header() {
    use base64::Engine;
    let sandbox = sandbox();
    let basic = |secret: &str| {
        let text = format!("{CLIENT_ID}:{secret}");
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    };
    let body = encoded(&[("grant_type", "authorization_code"), ("code", &code(&sandbox, &[]))]);
    for (secret, status) in [("wrong", 401), (CLIENT_SECRET, 200)] {
        let header = basic(secret);
        let reply = sandbox.send("POST", "/oauth/token", &[FORM, ("Authorization", &header)], &body).expect("a reply");
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

#[test]
fn a_wrong_exchange_fails_with_the_standard_error_codes() {
    let sandbox = sandbox();
    let good = code(&sandbox, &[]);
    let secret = encoded(&[("client_id", CLIENT_ID), ("client_secret", "wrong"), ("code", &good)]);
    let reply = sandbox.send("POST", "/oauth/token", &[FORM], &secret).expect("a reply");
    assert_eq!(refusal(&reply), (401, "invalid_client".to_owned()));
    for (fields, word) in [
        (vec![], "invalid_request"),
        (vec![("code", "wrong")], "invalid_grant"),
        (vec![("code", good.as_str()), ("redirect_uri", LOOPBACK)], "invalid_grant"),
        (vec![("code", good.as_str()), ("code_verifier", VERIFIER)], "invalid_grant"),
        (vec![("code", good.as_str()), ("grant_type", "password")], "unsupported_grant_type"),
    ] {
        assert_eq!(refusal(&exchange(&sandbox, &fields)), (400, word.to_owned()), "{fields:?}");
    }
    assert_eq!(exchange(&sandbox, &[("code", &good)]).status, 200, "none of that has used it up");
}

#[test]
fn a_code_requested_with_a_challenge_needs_the_verifier() {
    let sandbox = sandbox();
    let good = code(&sandbox, &[("code_challenge", CHALLENGE), ("code_challenge_method", "S256")]);
    for fields in [vec![("code", good.as_str())], vec![("code", good.as_str()), ("code_verifier", "guessed")]] {
        assert_eq!(refusal(&exchange(&sandbox, &fields)), (400, "invalid_grant".to_owned()));
    }
    assert_eq!(exchange(&sandbox, &[("code", &good), ("code_verifier", VERIFIER)]).status, 200);
}

#[test]
fn a_code_works_once_and_a_second_use_revokes_the_token() {
    let sandbox = sandbox();
    let code = code(&sandbox, &[]);
    let token = exchange(&sandbox, &[("code", &code)]).json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(sandbox.call_as(&token, "GET", "/stacks", "").status, 200);
    assert_eq!(refusal(&exchange(&sandbox, &[("code", &code)])), (400, "invalid_grant".to_owned()));
    assert_eq!(sandbox.call_as(&token, "GET", "/stacks", "").status, 401);
}

#[test]
fn a_token_has_the_granted_scopes_or_public_when_none_was_named() {
    let sandbox = sandbox();
    for (scope, clouds, users) in [("", 403, 403), ("public,redeploy", 200, 403), ("public users", 403, 200)] {
        let code = code(&sandbox, &[("scope", scope)]);
        let token = exchange(&sandbox, &[("code", &code)]).json()["access_token"].as_str().expect("a token").to_owned();
        let status = |path: &str| sandbox.call_as(&token, "GET", path, "").status;
        assert_eq!((status("/stacks"), status("/clouds"), status("/users")), (200, clouds, users), "{scope}");
    }
}
