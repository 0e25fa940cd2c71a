//! An HTTP proxy that opens tunnels and records requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::process::{accept_each, connect};

/// A running proxy; every tunnel leads to one address, whatever the client requests.
pub struct Proxy {
    /// `127.0.0.1:PORT`.
    pub address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// A proxy whose tunnels lead to `target`.
    pub fn to(target: &str) -> Self {
        Self::answering(Some(target.to_owned()), "200 Made")
    }

    /// A proxy that refuses every tunnel with that status.
    pub fn refusing(status: &'static str) -> Self {
        Self::answering(None, status)
    }

    fn answering(target: Option<String>, status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&seen);
        accept_each(listener, move |stream| tunnel(&stream, target.as_deref(), status, &log));
        Self { address, seen }
    }

    /// The head of every request so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("the log").clone()
    }
}

fn tunnel(client: &TcpStream, target: Option<&str>, status: &str, log: &Mutex<Vec<String>>) {
    let mut head = String::new();
    let mut reader = BufReader::new(client);
    while reader.read_line(&mut head).is_ok_and(|length| length > 2) {}
    log.lock().expect("the log").push(head);
    let mut writer = client;
    // The client may have disconnected.
    let _ = write!(writer, "HTTP/1.1 {status}\r\n\r\n");
    let Some(server) = target.map(connect) else { return };
    let back = (server.try_clone(), client.try_clone());
    if let (Ok(from), Ok(to)) = back {
        thread::spawn(move || pump(from, to));
    }
    pump(reader, server);
}

/// Copies bytes until one side ends.
fn pump(mut from: impl Read, mut to: impl Write + Shutdown) {
    let _ = std::io::copy(&mut from, &mut to);
    to.end();
}

trait Shutdown {
    fn end(&self);
}

impl Shutdown for TcpStream {
    fn end(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}
