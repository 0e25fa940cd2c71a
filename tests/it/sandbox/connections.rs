//! Access to the sandbox, and its timeouts.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use c66::testing::SandboxOptions;

use crate::support::process::connect;
use crate::support::sandbox::Sandbox;

/// Sends these bytes on a connection and returns everything until the server closes it.
fn exchange(sandbox: &Sandbox, bytes: &str) -> String {
    let mut stream = connect(&sandbox.address);
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_page_of_elsewhere_reads_nothing_and_changes_nothing() {
    let sandbox = Sandbox::fast();
    let port = sandbox.address.rsplit(':').next().unwrap().to_owned();
    let token = crate::support::test_env::TOKEN;
    let answer = |headers: String| {
        let authorization = format!("Authorization: Bearer {token}\r\nConnection: close\r\n");
        exchange(&sandbox, &format!("GET /api/3/stacks.json HTTP/1.1\r\n{headers}{authorization}\r\n"))
    };
    for headers in [format!("Host: localhost:{port}\r\n"), format!("Host: 127.0.0.1:{port}\r\n")] {
        assert!(answer(headers).starts_with("HTTP/1.1 200"));
    }
    for headers in [
        format!("Host: evil.example:{port}\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: null\r\n"),
    ] {
        let reply = answer(headers.clone());
        assert!(reply.starts_with("HTTP/1.1 403") && !reply.contains("awesome"), "{headers}: {reply}");
    }
}

#[test]
fn an_idle_connection_is_closed() {
    let sandbox =
        Sandbox::start(SandboxOptions { idle_timeout: Duration::from_millis(100), ..SandboxOptions::default() });
    let began = Instant::now();
    for begun in [
        "",
        "GET / HTTP/1.1\r\nHost: localhost\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "POST /api/3/stacks.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{",
    ] {
        exchange(&sandbox, begun);
        assert!(began.elapsed() < Duration::from_secs(20), "{begun:?} holds the connection");
    }
}
