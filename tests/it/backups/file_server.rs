//! A file server that lies: it sends more than it announced, an error page instead of the file, or almost nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

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

/// A reply with this head and a body in chunks, without a length.
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
fn what_was_compressed_for_the_transfer_is_not_kept_as_the_file() {
    let coded = |head: &str, body: &str| {
        let head = format!("HTTP/1.1 {head}\r\nContent-Encoding: gzip\r\n");
        Answer::Last(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    };
    let server = file_server(None, move |seen, _| match seen.header("range") {
        // Five bytes that stand for the ten announced.
        Some("bytes=0-") => coded("206 Partial Content\r\nContent-Range: bytes 0-9/10", "gzip!"),
        _ => coded("206 Partial Content\r\nContent-Range: bytes 5-9/10", "56789"),
    });
    let run = to_stdout(&server).code(8);
    assert!(run.stdout.is_empty() && run.stderr.contains("compressed tar for the transfer (gzip)"), "{}", run.stderr);
    let server = file_server(None, |_, _| chunked("200 OK\r\nContent-Encoding: gzip", "gzip!"));
    assert_eq!(to_stdout(&server).code(8).stdout, "");
    // A file that is stored compressed has that header too.
    let server =
        file_server(None, move |_, _| coded("206 Partial Content\r\nContent-Range: bytes 0-9/10", "0123456789"));
    assert_eq!(to_stdout(&server).code(0).stdout, "0123456789");
}

#[test]
fn the_length_that_was_announced_first_holds_after_a_break() {
    // First ten bytes, of which five come; then without a length.
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

const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code><Message>Try again.</Message></Error>";

/// A complete reply of this type.
fn whole(content_type: &str, body: &str) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\n{content_type}Content-Length: {}\r\n\r\n", body.len());
    Answer::Last((head + body).into_bytes())
}

fn to_file(test_env: &TestEnv, server: &ScriptedServer) -> Run {
    test_env.against(&server.url, &["backups", "download", "3", "-s", UID, "-O", "x.tar"])
}

#[test]
fn an_error_page_is_never_kept_as_data() {
    for content_type in ["Content-Type: application/xml\r\n", "Content-Type: text/html\r\n", ""] {
        for size in [Some(10), None] {
            // An error page once, then the file.
            let once = move |_: &Seen, before| match before {
                0 => whole(content_type, PAGE),
                _ => whole("Content-Type: application/x-tar\r\n", "0123456789"),
            };
            let test_env = TestEnv::new();
            to_file(&test_env, &file_server(size, once)).code(0);
            assert_eq!(std::fs::read_to_string(test_env.home().join("x.tar")).expect("the file"), "0123456789");
            assert_eq!(to_stdout(&file_server(size, once)).code(0).stdout, "0123456789");
            // An error page each time.
            let server = file_server(size, move |_, _| whole(content_type, PAGE));
            let test_env = TestEnv::new();
            let run = to_file(&test_env, &server).code(8);
            assert!(run.stderr.contains("a web page instead of tar"), "{}", run.stderr);
            assert_eq!(left_in(test_env.home()), Vec::<String>::new());
            assert_eq!(to_stdout(&server).code(8).stdout, "");
        }
    }
}

#[test]
fn a_page_in_the_middle_of_a_file_is_no_change_of_it() {
    let server = file_server(Some(10), |_, before| match before {
        0 => Answer::Last(b"HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n01234".to_vec()),
        1 => whole("Content-Type: text/html\r\n", PAGE),
        _ => whole("ETag: \"a\"\r\n", "0123456789"),
    });
    let test_env = TestEnv::new();
    let run = to_file(&test_env, &server).code(0);
    assert!(!run.stderr.contains("changed"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(test_env.home().join("x.tar")).expect("the file"), "0123456789");
}

#[test]
fn a_partial_file_of_the_wrong_size_is_downloaded_again_by_the_next_run() {
    let server =
        file_server(Some(10), |_, before| whole("", if before == 0 { "something else" } else { "0123456789" }));
    let test_env = TestEnv::new();
    let run = to_file(&test_env, &server).code(8);
    assert!(run.stderr.contains("has 14 bytes, expected 10"), "{}", run.stderr);
    let run = to_file(&test_env, &server).code(0);
    assert!(run.stderr.contains("has the wrong size"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(test_env.home().join("x.tar")).expect("the file"), "0123456789");
    assert_eq!(left_in(test_env.home()), ["x.tar"]);
}

#[test]
fn a_remainder_that_contradicts_the_first_part_restarts_the_download() {
    // Two files: the first download was not the file, and the run ended before it requested the second.
    let calls = std::sync::Arc::new(AtomicUsize::new(0));
    let asked = std::sync::Arc::clone(&calls);
    let server = crate::backups::server(8, move |seen, _| {
        let first = seen.path.ends_with("tar-aa");
        match (asked.fetch_add(1, Ordering::SeqCst), first) {
            (0, _) => (200, "wrong".to_owned()),
            (1, _) => (404, String::new()),
            (_, true) => (200, "aaaa".to_owned()),
            (_, false) => (200, "bbbb".to_owned()),
        }
    });
    let test_env = TestEnv::new();
    crate::backups::download(&test_env, &server, &[]).code(8);
    assert!(left_in(test_env.home()).contains(&"x.tar.part".to_owned()), "{:?}", left_in(test_env.home()));
    let run = crate::backups::download(&test_env, &server, &[]).code(0);
    assert!(run.stderr.contains("has the wrong size"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(test_env.home().join("x.tar")).expect("the file"), "aaaabbbb");
}

#[test]
#[ignore = "it takes a minute"]
fn a_download_that_hardly_moves_ends_and_keeps_what_came() {
    let one_byte = |seen: &Seen, _| {
        let range = seen.header("Range").and_then(|range| range.strip_prefix("bytes=")).unwrap_or_default();
        let from: usize = range.split('-').next().and_then(|from| from.parse().ok()).unwrap_or_default();
        let head = format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-999999/1000000\r\nContent-Length: {}\r\n\r\nx",
            1_000_000 - from
        );
        Answer::Last(head.into_bytes())
    };
    let server = file_server(Some(1_000_000), one_byte);
    let began = Instant::now();
    let (saved, streamed) = std::thread::scope(|scope| {
        let saved = scope.spawn(|| {
            let test_env = TestEnv::new();
            let run = to_file(&test_env, &server);
            (run, left_in(test_env.home()))
        });
        let streamed = scope.spawn(|| to_stdout(&server));
        (saved.join().expect("a run"), streamed.join().expect("a run"))
    });
    assert!(began.elapsed() < Duration::from_secs(100), "it took {:?}", began.elapsed());
    let (run, left) = saved;
    let run = run.code(8);
    assert!(
        run.stderr.contains("too slow") && run.stderr.contains("go on with: c66 backups download 3"),
        "{}",
        run.stderr
    );
    assert_eq!(left, ["x.tar.part", "x.tar.part.journal"]);
    let run = streamed.code(8);
    assert!(run.stderr.contains("--min-rate") && !run.stdout.is_empty(), "{}", run.stderr);
}
