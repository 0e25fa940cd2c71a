//! A large segment is downloaded over several connections, each of which asks for its own range.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use crate::support::process::accept_each;
use crate::support::replies::{UID, good, list};
use crate::support::scripted_server::ScriptedServer;
use crate::support::test_env::TestEnv;

const SIZE: u64 = 40 * 1024 * 1024;
/// Pause after each 64 KiB: a few megabytes per second. A faster server needs no parallel connections.
const SLOW: Duration = Duration::from_millis(10);

/// A byte derived from its position, with a long period.
fn byte(position: u64) -> u8 {
    let mixed = (position / 7).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
    u8::try_from(mixed).expect("a byte")
}

/// A server of one object, with or without ranges; records the requests.
struct Bucket {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Bucket {
    fn start(with_ranges: bool, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        accept_each(listener, move |stream| {
            serve(&stream, with_ranges, pause, &log);
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the log").clone()
    }
}

/// Answers requests until the client disconnects, possibly in the middle of a body.
fn serve(stream: &TcpStream, with_ranges: bool, pause: Duration, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines();
    loop {
        let mut range = String::new();
        loop {
            let line = lines.next()?.ok()?;
            if line.is_empty() {
                break;
            }
            if let Some((_, value)) = line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("range")) {
                value.clone_into(&mut range);
            }
        }
        log.lock().expect("the log").push(range.clone());
        let (first, last) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-'))?;
        let (from, to) = if with_ranges {
            (first.parse().ok()?, last.parse::<u64>().map_or(SIZE, |last| last + 1))
        } else {
            (0, SIZE)
        };
        let length = to - from;
        let mut out = stream;
        if with_ranges {
            let range = format!("bytes {from}-{}/{SIZE}", to - 1);
            write!(out, "HTTP/1.1 206 Partial Content\r\nContent-Range: {range}\r\n").ok()?;
        } else {
            write!(out, "HTTP/1.1 200 OK\r\n").ok()?;
        }
        write!(out, "ETag: \"one\"\r\nContent-Length: {length}\r\n\r\n").ok()?;
        for start in (from..to).step_by(64 * 1024) {
            let chunk: Vec<u8> = (start..to.min(start + 64 * 1024)).map(byte).collect();
            out.write_all(&chunk).ok()?;
            std::thread::sleep(pause);
        }
    }
}

fn api(bucket: &Bucket) -> ScriptedServer {
    let address = bucket.url.clone();
    ScriptedServer::replying(move |seen| match seen.path.rsplit('/').next() {
        Some("files") => list(&[json!({ "id": "tar", "name": "x.tar" })]),
        Some("tar") => good(&json!({ "ok": true, "public_url": format!("{address}/x.tar?Signature=s") })),
        _ => good(&json!({ "id": 3, "backup_status": 0, "backup_size": SIZE })),
    })
}

fn download(test_env: &TestEnv, bucket: &Bucket, parallel: &str) -> Vec<u8> {
    let arguments = ["backups", "download", "3", "-s", UID, "-O", "x.bin", "--parallel", parallel];
    test_env.against(&api(bucket).url, &arguments).code(0);
    std::fs::read(test_env.home().join("x.bin")).expect("the file")
}

#[track_caller]
fn assert_whole(bytes: &[u8]) {
    assert_eq!(bytes.len() as u64, SIZE);
    let wrong = bytes.iter().zip(0..).position(|(actual, position)| *actual != byte(position));
    assert_eq!(wrong, None, "the first byte that is not what it was");
}

#[test]
fn a_large_segment_is_downloaded_over_several_connections() {
    let bucket = Bucket::start(true, SLOW);
    assert_whole(&download(&TestEnv::new(), &bucket, "4"));
    let asked = bucket.asked();
    assert_eq!(asked[0], "bytes=0-");
    // The rest is halved: the second half up to the end, then a quarter of each.
    assert!(asked.iter().any(|range| range.ends_with(&format!("-{}", SIZE - 1))), "{asked:?}");
    assert!((4..20).contains(&asked.len()), "{asked:?}");
}

#[test]
fn with_one_connection_a_segment_is_requested_once() {
    let bucket = Bucket::start(true, Duration::ZERO);
    assert_whole(&download(&TestEnv::new(), &bucket, "1"));
    assert_eq!(bucket.asked(), ["bytes=0-"]);
}

#[test]
fn a_server_without_ranges_gets_one_request() {
    let bucket = Bucket::start(false, Duration::ZERO);
    assert_whole(&download(&TestEnv::new(), &bucket, "4"));
    assert_eq!(bucket.asked(), ["bytes=0-"]);
}
