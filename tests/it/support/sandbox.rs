//! A sandbox in this process, and a plain HTTP client with one request a connection.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use c66::testing::{SandboxOptions, SandboxServer};
use serde_json::Value;

use crate::support::process::{self, LIMIT};
use crate::support::test_env::TOKEN;

pub(crate) const AWESOME: &str = "/stacks/5999b763474b0eafa5fafb64bff0ba80";
/// The UID of the documented server, which belongs to that stack.
pub(crate) const CARIBOU: &str = "f8468fc145ea49bac474b30a8fea888d";
/// The UID of the documented container, which also belongs to that stack.
pub(crate) const CONTAINER: &str = "cba44fa6b6acf57fb0ef6c2ce385f6a129867df544dae7181d2410e9f9cc32bc";

/// A running sandbox; it ends when this value is dropped.
pub(crate) struct Sandbox {
    /// Host and port.
    pub(crate) address: String,
    _stop: tokio::sync::oneshot::Sender<()>,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Sandbox {
    /// A sandbox in memory, so fast that no test waits for it.
    pub(crate) fn fast() -> Self {
        Self::start(SandboxOptions { speed: 100.0, ..SandboxOptions::default() })
    }

    pub(crate) fn start(options: SandboxOptions) -> Self {
        let (send, receive) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = SandboxServer::bind(0, options).await.unwrap();
                send.send(server.url()).unwrap();
                tokio::select! {
                    () = server.run() => {}
                    _ = stopped => {}
                }
            });
        });
        let url = receive.recv_timeout(LIMIT).unwrap();
        Self { address: url.strip_prefix("http://").unwrap().to_owned(), _stop: stop }
    }

    /// Sends raw bytes; returns nothing if the connection closes without a reply.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
        send(&self.address, method, path, headers, body)
    }

    /// Calls the API with a token of every scope; `form` is the body, as `curl -d` sends it.
    pub(crate) fn call(&self, method: &str, path: &str, form: &str) -> Reply {
        self.call_as(TOKEN, method, path, form)
    }

    pub(crate) fn call_as(&self, token: &str, method: &str, path: &str, form: &str) -> Reply {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("Authorization", authorization.as_str())];
        if !form.is_empty() {
            headers.push(("Content-Type", "application/x-www-form-urlencoded"));
        }
        self.send(method, &format!("/api/3{path}"), &headers, form).unwrap()
    }

    /// The same with a JSON body.
    pub(crate) fn call_json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json; charset=utf-8")];
        self.send(method, &format!("/api/3{path}"), &headers, &body.to_string()).unwrap()
    }

    /// `response` of a successful reply to a GET.
    pub(crate) fn get(&self, path: &str) -> Value {
        let reply = self.call("GET", path, "");
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.json()["response"].clone()
    }

    /// Repeats the request until `good` accepts the reply.
    pub(crate) fn until(&self, path: &str, good: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        loop {
            let found = self.get(path);
            if good(&found) {
                return found;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{path} stays {found}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// The path of the stack with that name.
    pub(crate) fn stack_named(&self, name: &str) -> String {
        let found = (1..=3)
            .flat_map(|page| self.get(&format!("/stacks?page={page}")).as_array().unwrap().clone())
            .find(|stack| stack["name"] == name);
        format!("/stacks/{}", found.unwrap()["uid"].as_str().unwrap())
    }

    /// The action once it has finished.
    pub(crate) fn finished(&self, stack: &str, action: &Value) -> Value {
        self.until(&format!("{stack}/actions/{}.json", action["id"]), |action| !action["finished_at"].is_null())
    }
}

/// Sends raw bytes to a host and port.
pub(crate) fn send(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Reply> {
    let mut stream = process::connect(address);
    let length = format!("Content-Length: {}", body.len());
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), format!("Host: {address}"), "Connection: close".into()];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend((!body.is_empty()).then_some(length));
    let request = format!("{}\r\n\r\n{body}", lines.join("\r\n"));
    stream.write_all(request.as_bytes()).unwrap();
    let mut received = Vec::new();
    // A cut connection may end in an error; the bytes before it still count.
    let _ = stream.read_to_end(&mut received);
    let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(received[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Reply { status, head, body: received[end + 4..].to_vec() })
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn response(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["response"].clone()
    }

    /// The status and the documented code of an error.
    pub(crate) fn error(&self) -> (u16, String) {
        let body = self.json();
        for key in ["error", "error_description", "details"] {
            assert!(body[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {body}");
        }
        (self.status, body["error"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn details(&self) -> String {
        self.json()["details"].as_str().unwrap_or_default().to_owned()
    }
}
