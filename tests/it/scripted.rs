//! A server on loopback that answers as a test says, for what the sandbox is too honest to do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::process::accept_each;

/// The stack that scripted servers have: a whole UID, so that nothing is looked up.
pub const UID: &str = "0123456789abcdef0123456789abcdef";

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path below `/api/3`, without `.json` and query.
    pub path: String,
    pub query: String,
    pub body: Vec<u8>,
}

/// A running server; it answers for as long as the test process lives.
pub struct Scripted {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// A status, further header lines, and a body.
type Answer = Box<dyn FnMut(&Seen) -> (u16, String, String) + Send>;

impl Scripted {
    /// Answers each request with a status and a body.
    pub fn new(mut answer: impl FnMut(&Seen) -> (u16, String) + Send + 'static) -> Self {
        Self::with_headers(move |seen| {
            let (status, body) = answer(seen);
            (status, String::new(), body)
        })
    }

    /// Answers each request with a status, further header lines (each with its line end) and a body.
    pub fn with_headers(answer: impl FnMut(&Seen) -> (u16, String, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let answer: Mutex<Answer> = Mutex::new(Box::new(answer));
        let shared = Arc::clone(&seen);
        accept_each(listener, move |stream| serve(&stream, &shared, &answer));
        Self { url, seen }
    }

    /// What has arrived so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics while it holds the log").clone()
    }

    /// Method and path of what has arrived so far.
    pub fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }
}

fn serve(stream: &TcpStream, seen: &Mutex<Vec<Seen>>, answer: &Mutex<Answer>) {
    let Some(request) = read(stream) else { return };
    seen.lock().expect("the log").push(request.clone());
    let (status, more, body) = (answer.lock().expect("the script"))(&request);
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n",
        body.len()
    );
    let mut stream = stream;
    // The client may have had enough of it.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let path = path.strip_prefix("/api/3").unwrap_or(path);
    let path = path.strip_suffix(".json").unwrap_or(path);
    Some(Seen { method, path: path.to_owned(), query: query.to_owned(), body })
}

/// A good reply with `value` under `response`.
pub fn good(value: &Value) -> (u16, String) {
    (200, json!({ "response": value }).to_string())
}

/// A good reply with one page of a list.
pub fn list(items: &[Value]) -> (u16, String) {
    let pagination =
        json!({ "previous": null, "next": null, "current": 1, "per_page": 30, "count": items.len(), "pages": 1 });
    (200, json!({ "response": items, "count": items.len(), "pagination": pagination }).to_string())
}

/// A refusal in the documented form.
pub fn refusal(status: u16, error: &str, details: &str) -> (u16, String) {
    (status, json!({ "error": error, "error_description": details, "details": details }).to_string())
}

/// A deployment as the API shows it; without an outcome it still runs.
pub fn deployment(id: u64, via: &str, outcome: Option<&str>) -> Value {
    json!({
        "id": id, "triggered_by": "test@cloud66.com", "triggered_via": { "code": 2, "meaning": via },
        "started_at": "2026-01-01T00:00:00Z", "finished_at": outcome.map(|_| "2026-01-01T00:00:09Z"),
        "outcome": { "code": 0, "meaning": outcome.unwrap_or("in progress") },
        "git_hash": "5675fcd8f9e6dc534ecf1410c0661c066097e310", "deploy_type": { "code": 0, "meaning": "build" },
        "is_live": outcome == Some("success"), "is_deploying": outcome.is_none(),
        "commit_url": format!("https://github.com/o/r/commit/{id}"),
    })
}

/// An action as the API shows it; without a finish it still runs.
pub fn action(id: u64, finished: bool, success: Option<bool>, message: Option<&str>) -> Value {
    json!({
        "id": id, "user": "test@cloud66.com", "resource_type": "stack", "action": "redeploy", "resource_id": "283",
        "started_via": "api", "started_at": "2026-01-01T00:00:00Z",
        "finished_at": finished.then_some("2026-01-01T00:00:09Z"), "finished_success": success, "finished_message": message,
    })
}
