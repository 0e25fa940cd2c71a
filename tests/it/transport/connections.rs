//! TLS, proxies, time-outs and IPv6.

use std::net::TcpListener;
use std::path::Path;

use crate::support::proxy::Proxy;
use crate::support::sandbox::Sandbox;
use crate::support::scripted_server::{Answer, ScriptedServer, Seen, closed_port, reply};
use crate::support::test_env::{self, Run, TestEnv, finish};
use crate::support::tls::Identity;

const EMPTY: &str = r#"{"response":[]}"#;
const TOKEN: &str = "canary-token-5d1e";

fn loopback() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port")
}

fn empty(_: &Seen, _: usize) -> Answer {
    reply(200, EMPTY)
}

/// Lists the stacks at `url`, with this CA file and these variables.
fn list(url: &str, ca: &Path, variables: &[(&str, &str)], flags: &[&str]) -> Run {
    let test_env = TestEnv::new();
    let mut command = test_env.command();
    command.env("C66_API_URL", url).env("C66_TOKEN", TOKEN).env("C66_CA_CERT", ca).envs(variables.iter().copied());
    let run = finish(command.args(["stacks", "list", "--json"]).args(flags));
    assert!(!run.stderr.contains("canary") && !run.stdout.contains("canary"), "{}", run.stderr);
    run
}

#[test]
fn a_certificate_can_be_trusted_by_flag_variable_or_file() {
    for identity in [Identity::issued_by("Acme Root", &["127.0.0.1"]), Identity::self_signed(&["127.0.0.1"])] {
        let server = ScriptedServer::secure(loopback(), &identity, empty);
        let ca = identity.ca();
        let ca_text = ca.to_str().expect("a path");
        list(&server.url, &ca, &[], &[]).code(0);
        let test_env = TestEnv::new();
        assert_eq!(
            test_env.against(&server.url, &["stacks", "list", "--json", "--ca-cert", ca_text]).code(0).stdout,
            "[]\n"
        );
        test_env.run(&["config", "set", "ca_cert", ca_text]).code(0);
        test_env.against(&server.url, &["stacks", "list"]).code(0);
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN).env("SSL_CERT_FILE", &ca);
        finish(command.args(["stacks", "list"])).code(0);
        assert_eq!(server.count(), 4);
        assert_eq!(server.seen()[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    }
}

#[test]
fn an_untrusted_certificate_is_reported_with_its_issuer_and_not_retried() {
    let stranger = Identity::issued_by("Acme Intercepting Root", &["127.0.0.1"]);
    let other = Identity::issued_by("Other", &["127.0.0.1"]);
    let server = ScriptedServer::secure(loopback(), &stranger, empty);
    let run = list(&server.url, &other.ca(), &[], &["--debug"]).code(8);
    let error = run.json_error();
    assert_eq!(error["code"], "unavailable");
    let cause = error["cause"].as_str().expect("a cause");
    assert!(cause.contains("UnknownIssuer") && cause.contains("issued by Acme Intercepting Root"), "{cause}");
    assert!(error["hint"].as_str().expect("a hint").contains("--ca-cert FILE"), "{error}");
    assert_eq!(run.stderr.matches("> GET").count(), 1, "another try would not help: {}", run.stderr);
    assert_eq!(server.count(), 0, "no request, and so no token, reached it");
}

#[test]
fn a_wrong_host_name_and_an_expired_certificate_have_their_own_hints() {
    let foreign = Identity::issued_by("Acme Root", &["other.test"]);
    let server = ScriptedServer::secure(loopback(), &foreign, empty);
    let error = list(&server.url, &foreign.ca(), &[], &[]).code(8).json_error();
    assert!(error["cause"].as_str().expect("a cause").contains("other.test"), "{error}");
    assert!(error["hint"].as_str().expect("a hint").contains("api_url"), "{error}");
    let old = Identity::expired("Acme Root", &["127.0.0.1"]);
    let server = ScriptedServer::secure(loopback(), &old, empty);
    let error = list(&server.url, &old.ca(), &[], &[]).code(8).json_error();
    assert!(error["cause"].as_str().expect("a cause").contains("expired"), "{error}");
    assert!(error["hint"].as_str().expect("a hint").contains("clock"), "{error}");
}

#[test]
fn a_file_without_certificates_is_a_usage_error() {
    let test_env = TestEnv::new();
    let file = test_env.home().join("ca.pem");
    for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"] {
        std::fs::write(&file, text).expect("a file");
        let run = list("https://127.0.0.1:1", &file, &[], &[]).code(2);
        assert!(run.stderr.contains("ca.pem") && run.stderr.contains("--ca-cert"), "{}", run.stderr);
    }
    list("https://127.0.0.1:1", Path::new("/nonexistent/ca.pem"), &[], &[]).code(2);
}

#[test]
fn a_server_without_tls_is_reported_as_such() {
    let identity = Identity::self_signed(&["127.0.0.1"]);
    let plain = ScriptedServer::start(empty);
    let run = list(&plain.url.replace("http:", "https:"), &identity.ca(), &[], &[]).code(8);
    assert!(run.stderr.contains("supports https"), "{}", run.stderr);
}

#[test]
fn a_redeploy_works_over_tls() {
    let sandbox = Sandbox::fast();
    let target = sandbox.address.clone();
    let identity = Identity::self_signed(&["127.0.0.1", "localhost"]);
    let server = ScriptedServer::secure(loopback(), &identity, move |seen, _| Answer::Last(relay(&target, seen)));
    for url in [server.url.clone(), server.url.replace("127.0.0.1", "localhost")] {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", url).env("C66_TOKEN", test_env::TOKEN).env("C66_CA_CERT", identity.ca());
        let run = finish(command.args(["redeploy", "-s", "awesome-app@staging", "--json"])).code(0);
        assert_eq!(run.json()["deployment"]["outcome"]["meaning"], "success");
    }
}

/// Forwards a request over plain http and returns the whole reply.
fn relay(target: &str, seen: &Seen) -> Vec<u8> {
    use std::io::{Read, Write};
    let mut stream = crate::support::process::connect(target);
    let mut lines = vec![format!("{} {} HTTP/1.1", seen.method, seen.target), "Connection: close".to_owned()];
    for name in ["Host", "Authorization", "Content-Type", "Content-Length"] {
        lines.extend(seen.header(name).map(|value| format!("{name}: {value}")));
    }
    write!(stream, "{}\r\n\r\n{}", lines.join("\r\n"), seen.body).expect("the request");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the reply");
    reply
}

#[test]
fn proxies_come_from_the_environment() {
    // A local address that is not a loopback address.
    let identity = Identity::issued_by("Acme Root", &["0.0.0.0"]);
    let server = ScriptedServer::secure(loopback(), &identity, empty);
    let target = server.url.strip_prefix("https://").expect("https");
    let url = server.url.replace("127.0.0.1", "0.0.0.0");
    for (variables, proxied) in [
        (&[("HTTPS_PROXY", "PROXY")][..], true),
        (&[("https_proxy", "PROXY")], true),
        (&[("ALL_PROXY", "PROXY")], true),
        (&[("HTTP_PROXY", "PROXY")], false),
        (&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", "other.test, 0.0.0.0")], false),
        (&[("HTTPS_PROXY", "PROXY"), ("no_proxy", "0.0.0.0/8")], false),
        (&[("HTTPS_PROXY", "PROXY"), ("NO_PROXY", "other.test")], true),
    ] {
        let proxy = Proxy::to(target);
        let address = format!("http://{}", proxy.address);
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| (*name, if *value == "PROXY" { address.as_str() } else { value }))
            .collect();
        let before = server.count();
        list(&url, &identity.ca(), &variables, &[]).code(0);
        assert_eq!(server.count(), before + 1);
        assert_eq!(proxy.seen().len(), usize::from(proxied), "{variables:?}");
    }
}

#[test]
fn a_proxy_resolves_the_name_and_never_sees_the_token() {
    let identity = Identity::issued_by("Acme Root", &["api.c66.test"]);
    let server = ScriptedServer::secure(loopback(), &identity, empty);
    let proxy = Proxy::to(server.url.strip_prefix("https://").expect("https"));
    let address = format!("http://canary-user:canary-secret@{}", proxy.address);
    for flags in [&[][..], &["--debug", "--debug"]] {
        list("https://api.c66.test", &identity.ca(), &[("HTTPS_PROXY", &address)], flags).code(0);
    }
    let heads = proxy.seen();
    assert!(heads[0].starts_with("CONNECT api.c66.test:443 HTTP/1.1\r\n"), "{heads:?}");
    assert!(heads[0].to_lowercase().contains("proxy-authorization: basic "), "{heads:?}");
    assert!(!heads.concat().contains("canary-token"), "{heads:?}");
}

#[test]
fn a_failing_proxy_is_named_in_the_hint() {
    let identity = Identity::self_signed(&["api.c66.test"]);
    let refusing = Proxy::refusing("407 Proxy Authentication Required");
    let closed = format!("127.0.0.1:{}", closed_port());
    for address in [&refusing.address, &closed] {
        let named = format!("through the proxy http://{address}");
        let address = format!("http://canary:canary@{address}");
        let run = list("https://api.c66.test", &identity.ca(), &[("HTTPS_PROXY", &address)], &[]).code(8);
        let error = run.json_error();
        assert!(error["message"].as_str().expect("a message").contains(&named), "{error}");
        assert!(error["hint"].as_str().expect("a hint").contains("proxy"), "{error}");
    }
    assert!(!refusing.seen().is_empty());
}

#[test]
fn a_server_that_is_silent_after_connecting_hits_the_connect_timeout() {
    let identity = Identity::self_signed(&["127.0.0.1"]);
    // The system accepts the connection, but no handshake follows.
    let listener = loopback();
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let run = list(&url, &identity.ca(), &[], &["--connect-timeout", "100ms", "--debug"]).code(8);
    let error = run.json_error();
    assert!(error["message"].as_str().expect("a message").starts_with("cannot connect to 127.0.0.1:"), "{error}");
    assert!(error["cause"].as_str().expect("a cause").contains("timed out"), "{error}");
}

#[test]
fn a_server_that_is_silent_after_the_request_hits_the_reply_timeout() {
    let identity = Identity::self_signed(&["127.0.0.1"]);
    let server = ScriptedServer::secure(loopback(), &identity, |_, _| Answer::Silence);
    let run = list(&server.url, &identity.ca(), &[], &["--http-timeout", "200ms"]).code(8);
    assert_eq!(run.json_error()["code"], "timed_out");
}

#[test]
fn ipv6_works_with_and_without_tls() {
    // Skipped on a machine without IPv6.
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let plain = ScriptedServer::on(listener, empty);
    assert!(plain.url.starts_with("http://[::1]:"), "{}", plain.url);
    let identity = Identity::self_signed(&["::1"]);
    list(&plain.url, &identity.ca(), &[], &[]).code(0);
    let secure = ScriptedServer::secure(TcpListener::bind("[::1]:0").expect("a free port"), &identity, empty);
    list(&secure.url, &identity.ca(), &[], &[]).code(0);
    assert_eq!((plain.count(), secure.count()), (1, 1));
}
