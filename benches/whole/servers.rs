//! Servers on loopback, each thread a connection: a list, pages that take their time, a large file.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

/// What a request asks for: its path with the query, and the first and last byte of its range.
pub struct Asked {
    pub path: String,
    range: Option<(u64, Option<u64>)>,
}

/// A reply: some bytes, or a file of that many.
pub enum Reply {
    Json(Arc<Vec<u8>>),
    File { size: u64, rate: Option<u64> },
}

/// Serves on a free port and gives its address, without a scheme.
pub fn serve(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> String {
    listen(answer, |stream, answer| {
        let read = stream.try_clone().expect("a socket");
        converse(read, stream, answer);
    })
}

/// As [`serve`], over TLS; gives the certificate in PEM as well.
pub fn serve_tls(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (String, String) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![cert.der().clone()], key));
    let config = Arc::new(config.expect("a configuration"));
    let address = listen(answer, move |stream, answer| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        let stream = std::cell::RefCell::new(StreamOwned::new(connection, stream));
        converse(Shared(&stream), Shared(&stream), answer);
    });
    (address, cert.pem())
}

fn listen<A>(answer: A, talk: impl Fn(TcpStream, &A) + Send + Sync + 'static) -> String
where
    A: Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let both = Arc::new((answer, talk));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_nodelay(true);
            let both = Arc::clone(&both);
            std::thread::spawn(move || (both.1)(stream, &both.0));
        }
    });
    address
}

/// One TLS stream for who reads and who writes.
struct Shared<'s>(&'s std::cell::RefCell<StreamOwned<ServerConnection, TcpStream>>);

impl Read for Shared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Write for Shared<'_> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

/// Answers requests until the other side goes away.
fn converse(read: impl Read, mut write: impl Write, answer: &impl Fn(&Asked) -> Reply) -> Option<()> {
    let mut lines = BufReader::new(read).lines();
    loop {
        let first = lines.next()?.ok()?;
        let mut asked = Asked { path: first.split(' ').nth(1)?.to_owned(), range: None };
        loop {
            let line = lines.next()?.ok()?;
            if line.is_empty() {
                break;
            }
            if let Some(range) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                let (from, to) = range.split_once('-')?;
                asked.range = Some((from.parse().ok()?, to.parse().ok()));
            }
        }
        match answer(&asked) {
            Reply::Json(body) => {
                let length = body.len();
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
                write!(write, "{head}: {length}\r\n\r\n").ok()?;
                write.write_all(&body).ok()?;
            }
            Reply::File { size, rate } => send_file(&mut write, &asked, size, rate)?,
        }
        write.flush().ok()?;
    }
}

fn send_file(write: &mut impl Write, asked: &Asked, size: u64, rate: Option<u64>) -> Option<()> {
    let (from, last) = asked.range.unwrap_or((0, None));
    let to = last.map_or(size, |last| size.min(last + 1));
    let head = match asked.range {
        Some(_) => format!("206 Partial Content\r\nContent-Range: bytes {from}-{}/{size}", to - 1),
        None => "200 OK".to_owned(),
    };
    write!(write, "HTTP/1.1 {head}\r\nETag: \"one\"\r\nContent-Length: {}\r\n\r\n", to - from).ok()?;
    let chunk = vec![0x5a_u8; if rate.is_some() { 64 * 1024 } else { 1024 * 1024 }];
    let began = Instant::now();
    let mut sent = 0;
    while sent < to - from {
        let length = usize::try_from(to - from - sent).unwrap_or(usize::MAX).min(chunk.len());
        write.write_all(&chunk[..length]).ok()?;
        sent += length as u64;
        if let Some(rate) = rate {
            let due = Duration::from_micros(sent * 1_000_000 / rate);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
    Some(())
}

/// The body of a list of `count` stacks in the documented shape, as page `page` of `pages`.
pub fn stacks(count: usize, page: usize, pages: usize) -> Arc<Vec<u8>> {
    let items: Vec<Value> = (0..count).map(|at| stack(page * count + at)).collect();
    let next = (page < pages).then_some(page + 1);
    let pagination = json!({ "previous": null, "next": next, "current": page, "per_page": count,
        "count": count * pages, "pages": pages });
    Arc::new(json!({ "response": items, "count": count, "pagination": pagination }).to_string().into_bytes())
}

fn stack(number: usize) -> Value {
    json!({
        "uid": format!("{number:032x}"), "name": format!("Stack {number}"),
        "git": "http://github.com/cloud66-samples/awesome-app.git", "git_branch": "main",
        "environment": if number.is_multiple_of(2) { "production" } else { "staging" },
        "cloud": "DigitalOcean", "fqdn": format!("stack-{number}.dev.c66.me"), "language": "ruby",
        "framework": "rails", "status": 1, "health": 3, "last_activity": "2014-08-14T01:46:53+00:00",
        "last_activity_iso": "2014-08-14T01:46:53+00:00", "maintenance_mode": false, "has_loadbalancer": false,
        "created_at": "2014-08-14 00:38:14 UTC", "updated_at": "2014-08-14 01:46:52 UTC",
        "deploy_directory": "/var/deploy/awesome_app", "cloud_status": "partial",
        "created_at_iso": "2014-08-14T00:38:14Z", "updated_at_iso": "2014-08-14T01:46:52Z",
        "redeploy_hook": "http://hooks.cloud66.com/stacks/redeploy/b806f1c3344eb3aa2a024b23254b75b3/6d677352a6b2eefec6e345ee2b491521"
    })
}
