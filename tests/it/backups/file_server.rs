//! A file server that lies: it sends more than it announced, an error page for the file, or next to nothing.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::backups::left_in;
use crate::support::replies::{UID, good, list};
use crate::support::scripted_server::{Answer, ScriptedServer, Seen, reply};
use crate::support::test_env::{Run, TestEnv};

/// An API with one backup of one file of the announced size, which `file` answers for; it is told how many requests for
/// the file came before.
pub fn file_server(
    size: Option<usize>,
    file: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
) -> ScriptedServer {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}/bucket/tar?Signature=s", listener.local_addr().expect("an address"));
    let asked = AtomicUsize::new(0);
    ScriptedServer::on(listener, move |seen, _| {
        let (status, body) = match seen.path.rsplit('/').next() {
            _ if seen.path.starts_with("/bucket/") => return file(seen, asked.fetch_add(1, Ordering::SeqCst)),
            Some("files") => list(&[json!({ "id": "tar", "name": "x.tar" })]),
            Some("tar") => good(&json!({ "ok": true, "public_url": address })),
            _ => good(&json!({ "id": 3, "backup_status": 0, "backup_size": size })),
        };
        reply(status, &body)
    })
}

/// A reply with this head, and the body in chunks that no length announces.
fn chunked(head: &str, body: &str) -> Answer {
    let body = if body.is_empty() { String::new() } else { format!("{:x}\r\n{body}\r\n", body.len()) };
    Answer::Last(format!("HTTP/1.1 {head}\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\n\r\n").into_bytes())
}

fn to_stdout(server: &ScriptedServer) -> Run {
    TestEnv::new().against(&server.url, &["backups", "download", "3", "-s", UID, "-O", "-"])
}

#[test]
fn what_comes_behind_the_announced_end_is_neither_handed_on_nor_kept() {
    let ten = "0123456789";
    for (size, head, body) in [
        (Some(10), "206 Partial Content\r\nContent-Range: bytes 0-9/10", "0123456789SURPLUS"),
        (None, "206 Partial Content\r\nContent-Range: bytes 0-9/10", "0123456789SURPLUS"),
        (None, "206 Partial Content\r\nContent-Range: bytes 0-9/*", "0123456789SURPLUS"),
        (Some(10), "200 OK", "0123456789SURPLUS"),
    ] {
        let server = file_server(size, move |_, _| chunked(head, body));
        let run = to_stdout(&server).code(8);
        assert!(ten.starts_with(&run.stdout), "{head}: {}", run.stdout);
        let test_env = TestEnv::new();
        let words = ["backups", "download", "3", "-s", UID, "-O", "x.tar"];
        test_env.against(&server.url, &words).code(8);
        assert!(!left_in(test_env.home()).contains(&"x.tar".to_owned()), "{head}");
    }
}

#[test]
fn a_part_that_is_another_than_it_says_is_no_part() {
    for range in ["bytes 0-10/10", "bytes 3-2/10", "bytes 1-9/10", "bytes 0-/10", "pages 0-9/10"] {
        let server =
            file_server(None, move |_, _| chunked(&format!("206 Partial\r\nContent-Range: {range}"), "0123456789"));
        let run = to_stdout(&server).code(8);
        assert_eq!(run.stdout, "", "{range}");
    }
}

#[test]
fn the_length_that_was_announced_first_holds_after_a_break() {
    // First ten bytes, of which five come; then without a word about the length.
    let server = file_server(None, |_, before| match before {
        0 => Answer::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234".to_vec()),
        _ => chunked("200 OK", "0123456789SURPLUS"),
    });
    let run = to_stdout(&server).code(8);
    assert!("0123456789".starts_with(&run.stdout), "{}", run.stdout);
}

#[test]
fn all_that_was_announced_is_enough_however_the_connection_ends() {
    let head = "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-9/10\r\nTransfer-Encoding: chunked\r\n\r\n";
    let server = file_server(None, move |_, _| Answer::Last(format!("{head}a\r\n0123456789\r\n").into_bytes()));
    assert_eq!(to_stdout(&server).code(0).stdout, "0123456789");
}
