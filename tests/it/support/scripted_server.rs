//! A server that answers as a test says, down to the bytes: it can cut replies, hang up, stay silent, and it
//! remembers every request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::process::accept_until;
use crate::support::tls::Identity;

/// One request as received.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query, as they stood on the wire.
    pub target: String,
    /// Path below `/api/3`, without `.json` and query.
    pub path: String,
    pub query: String,
    headers: Vec<(String, String)>,
    pub body: String,
    /// The number of its connection, from 1.
    pub connection: usize,
}

impl Seen {
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    }

    /// The number after `page=`, or 1.
    pub fn page(&self) -> usize {
        self.target.rsplit_once("page=").map_or(1, |(_, number)| number.parse().expect("a number"))
    }
}

/// How the server answers a request.
pub enum Answer {
    /// These bytes, and the connection stays open.
    Bytes(Vec<u8>),
    /// These parts, each after a pause, and the connection stays open.
    Parts(Vec<(Duration, Vec<u8>)>),
    /// These bytes, possibly none, and the connection is closed.
    Last(Vec<u8>),
    /// Nothing, until the client disconnects.
    Silence,
}

/// A reply with a JSON body.
pub fn reply(status: u16, body: &str) -> Answer {
    reply_with(status, &[], body)
}

impl Answer {
    /// The bytes of the answer, if it has any.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Answer::Bytes(bytes) | Answer::Last(bytes) => bytes,
            Answer::Parts(parts) => parts.into_iter().flat_map(|(_, bytes)| bytes).collect(),
            Answer::Silence => Vec::new(),
        }
    }
}

/// A reply with additional headers.
pub fn reply_with(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut lines = vec![format!("HTTP/1.1 {status} Said"), format!("Content-Length: {}", body.len())];
    lines.push("Content-Type: application/json".to_owned());
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    Answer::Bytes(format!("{}\r\n\r\n{body}", lines.join("\r\n")).into_bytes())
}

/// A running server; it ends with the test.
pub struct ScriptedServer {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
}

impl ScriptedServer {
    /// Answers each request with `script`, which also gets the number of earlier requests.
    pub fn start(script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), script)
    }

    /// Answers each request with a status and a JSON body, one after the other; each connection is closed after that.
    pub fn replying(mut script: impl FnMut(&Seen) -> (u16, String) + Send + 'static) -> Self {
        Self::replying_with_headers(move |seen| {
            let (status, body) = script(seen);
            (status, String::new(), body)
        })
    }

    /// The same with further header lines before the body, each with its line end.
    pub fn replying_with_headers(script: impl FnMut(&Seen) -> (u16, String, String) + Send + 'static) -> Self {
        let script = Mutex::new(script);
        Self::start(move |seen, _| {
            let (status, more, body) = (script.lock().expect("the script"))(seen);
            let head = format!(
                "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n{more}\r\n",
                body.len()
            );
            Answer::Last((head + &body).into_bytes())
        })
    }

    /// The same as [`start`](Self::start) on a port of the test's own choice.
    pub fn on(listener: TcpListener, script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::accepting(listener, "http", |stream| stream, script)
    }

    /// The same over TLS, by an identity.
    pub fn secure(
        listener: TcpListener,
        identity: &Identity,
        script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::accepting(listener, "https", identity.acceptor(), script)
    }

    fn accepting<S: Read + Write>(
        listener: TcpListener,
        scheme: &str,
        accept: impl Fn(TcpStream) -> S + Send + Sync + 'static,
        script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = Arc::clone(&seen);
        let connections = AtomicUsize::new(0);
        let stop = Arc::default();
        accept_until(listener, Arc::clone(&stop), move |stream| {
            let connection = connections.fetch_add(1, Ordering::Relaxed) + 1;
            serve(accept(stream), connection, &log, &script);
        });
        Self { url, seen, stop }
    }

    /// Closes the port before the test ends: for a test that starts more servers than may be open at once.
    pub fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        let (_, address) = self.url.split_once("://").expect("an address");
        drop(TcpStream::connect(address));
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the log").clone()
    }

    pub fn count(&self) -> usize {
        self.seen().len()
    }

    /// Method and path of every request so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }
}

/// A local port that is bound until the tests end but does not listen.
pub fn closed_port() -> u16 {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
    let port = socket.local_addr().expect("an address").port();
    std::mem::forget(socket);
    port
}

/// A free local port.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port()
}

fn serve(
    stream: impl Read + Write,
    connection: usize,
    log: &Mutex<Vec<Seen>>,
    script: &(dyn Fn(&Seen, usize) -> Answer + Send + Sync),
) {
    let mut reader = BufReader::new(stream);
    while let Some(seen) = read(&mut reader) {
        let seen = Seen { connection, ..seen };
        let before = {
            let mut log = log.lock().expect("the log");
            log.push(seen.clone());
            log.len() - 1
        };
        // Some tests are about clients that disconnect early.
        match script(&seen, before) {
            Answer::Bytes(bytes) => drop(reader.get_mut().write_all(&bytes)),
            Answer::Parts(parts) => {
                for (pause, bytes) in parts {
                    std::thread::sleep(pause);
                    let _ = reader.get_mut().write_all(&bytes).and_then(|()| reader.get_mut().flush());
                }
            }
            Answer::Last(bytes) => return drop(reader.get_mut().write_all(&bytes)),
            Answer::Silence => return drop(reader.read(&mut [0])),
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = path.strip_prefix("/api/3").unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path).to_owned();
    let query = query.to_owned();
    let mut seen = Seen { method, target, path, query, headers, body: String::new(), connection: 0 };
    let length = seen.header("Content-Length").map_or(0, |text| text.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    seen.body = String::from_utf8(body).expect("a body of text");
    Some(seen)
}
