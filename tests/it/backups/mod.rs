//! `c66 backups`: lists, details, and downloads that are complete or absent.

mod downloads;
mod extract;
mod file_server;
mod ranges;

use std::path::Path;

use serde_json::json;

use crate::support::process::Running;
use crate::support::replies::{UID, good, list, refusal};
use crate::support::scripted_server::{ScriptedServer, Seen};
use crate::support::test_env::{Run, TestEnv};

pub const PRODUCTION: &str = "awesome-app@production";

fn backups(test_env: &TestEnv, arguments: &[&str]) -> Run {
    test_env.sandbox(&[&["backups"], arguments, &["-s", PRODUCTION]].concat())
}

/// The names in a folder other than the fixture's own.
pub fn left_in(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with("sandbox.json") && name != "config").collect();
    names.sort();
    names
}

/// The members of a tar archive with their sizes; every checksum is checked.
pub fn members(archive: &[u8]) -> Vec<(String, usize)> {
    let octal = |field: &[u8]| {
        let text = String::from_utf8_lossy(field);
        usize::from_str_radix(text.trim_matches([' ', '\0']), 8).expect("an octal number")
    };
    let mut members = Vec::new();
    let mut at = 0;
    assert_eq!(archive.len() % 512, 0, "a tar archive is made of blocks");
    while archive[at..at + 512].iter().any(|byte| *byte != 0) {
        let header = &archive[at..at + 512];
        let blanked =
            header.iter().enumerate().map(|(index, byte)| if (148..156).contains(&index) { b' ' } else { *byte });
        assert_eq!(blanked.map(usize::from).sum::<usize>(), octal(&header[148..156]), "the checksum at {at}");
        let name = String::from_utf8_lossy(&header[..100]).trim_end_matches('\0').to_owned();
        let size = octal(&header[124..136]);
        members.push((name, size));
        at += 512 + size.next_multiple_of(512);
    }
    assert!(archive[at..].iter().all(|byte| *byte == 0) && archive.len() - at >= 1024, "it ends with two empty blocks");
    members
}

#[test]
fn latest_is_the_newest_successful_backup() {
    let test_env = TestEnv::new();
    let all = backups(&test_env, &["list", "-o", "name"]).code(0);
    assert_eq!(all.stdout, "6\n5\n4\n1\n", "the newest has failed");
    assert_eq!(backups(&test_env, &["list", "--latest", "-o", "name"]).code(0).stdout, "5\n");
    assert_eq!(backups(&test_env, &["list", "--latest", "--db-type", "mysql", "-o", "name"]).code(0).stdout, "4\n");
    assert_eq!(backups(&test_env, &["list", "--group", "15", "-o", "name"]).code(0).stdout, "4\n1\n");
    backups(&test_env, &["list", "--latest", "--db-type", "redis"]).code(4);
    backups(&test_env, &["list", "--db-type", "oracle"]).code(2);
}

#[test]
fn files_and_urls_are_listed() {
    let test_env = TestEnv::new();
    let files = backups(&test_env, &["files", "5", "-o", "name"]).code(0);
    assert_eq!(files.stdout, "tar-aa\ntar-ab\ntar-ac\ntar-ad\n");
    let urls = backups(&test_env, &["url", "5"]).code(0);
    assert_eq!(urls.stdout.lines().count(), 4);
    assert!(urls.stdout.lines().all(|line| line.starts_with("http://127.0.0.1:") && line.contains("Signature=")));
    let one = backups(&test_env, &["url", "5", "tar-ab", "-o", "json"]).code(0).json();
    assert!(one["public_url"].as_str().is_some_and(|url| url.contains("awesome_production.tar-ab")), "{one}");
    backups(&test_env, &["url", "5", "tar-zz"]).code(4);
    backups(&test_env, &["files", "6"]).code(0);
    assert_eq!(backups(&test_env, &["show", "6", "--jq", ".backup_status"]).code(0).stdout, "1\n");
}

#[test]
fn a_backup_is_saved_whole_under_its_name() {
    let test_env = TestEnv::new();
    let run = backups(&test_env, &["download", "--latest", "-o", "json"]).code(0);
    let bytes = std::fs::read(test_env.home().join("backup-5.tar")).expect("the file");
    assert_eq!(run.json(), json!({ "ok": true, "backup": 5, "file": "backup-5.tar", "bytes": bytes.len() }));
    assert_eq!(left_in(test_env.home()), ["backup-5.tar"], "nothing else is left");
    assert_eq!(members(&bytes), [("dump.sql".to_owned(), 3 * 1024 * 1024 + 400_000)]);
    let run = backups(&test_env, &["download", "--latest", "--db-type", "mysql", "-O", "my.tar"]).code(0);
    assert_eq!(run.stdout, "my.tar\n");
    assert_eq!(members(&std::fs::read(test_env.home().join("my.tar")).expect("the file"))[0].1, 120_000);
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(test_env.home().join("my.tar")).expect("the file").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    }
}

#[test]
fn download_to_stdout_writes_only_the_bytes() {
    let test_env = TestEnv::new();
    backups(&test_env, &["download", "5", "-O", "file.tar"]).code(0);
    let mut command = test_env.command();
    command.args(["--sandbox", "backups", "download", "5", "-O", "-", "-s", PRODUCTION]);
    let output = Running::start(&mut command).output();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout == std::fs::read(test_env.home().join("file.tar")).expect("the file"));
}

#[test]
fn an_existing_file_is_replaced_only_with_force() {
    let test_env = TestEnv::new();
    let path = test_env.home().join("mine.tar");
    std::fs::write(&path, "precious").expect("a file");
    let run = backups(&test_env, &["download", "4", "-O", "mine.tar", "--debug"]).code(2);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "precious");
    backups(&test_env, &["download", "4", "-O", "mine.tar", "--force"]).code(0);
    assert_eq!(members(&std::fs::read(&path).expect("the file")).len(), 1);
}

#[test]
fn a_failed_download_leaves_no_file() {
    let test_env = TestEnv::new();
    for (arguments, code) in [
        (&["download", "6"] as &[&str], 4),
        (&["download", "99"], 4),
        (&["download"], 2),
        (&["download", "4", "--latest"], 2),
        (&["download", "4", "-O", "no/such/folder/x.tar"], 2),
    ] {
        backups(&test_env, arguments).code(code);
        assert_eq!(left_in(test_env.home()), Vec::<String>::new(), "{arguments:?}");
    }
}

/// A server with one backup of two files; `file` answers requests for a file.
pub fn server(size: usize, file: impl Fn(&Seen, usize) -> (u16, String) + Send + 'static) -> ScriptedServer {
    let address = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let own = std::sync::Arc::clone(&address);
    let mut asked = 0;
    let server = ScriptedServer::replying(move |seen| {
        let last = seen.path.rsplit('/').next().unwrap_or_default();
        let files = json!([{ "id": "tar-aa", "name": "x.tar-aa" }, { "id": "tar-ab", "name": "x.tar-ab" }]);
        if seen.path.starts_with("/bucket/") {
            asked += 1;
            return file(seen, asked);
        }
        match last {
            "files" => list(files.as_array().expect("files")),
            "tar-aa" | "tar-ab" => {
                let own = own.lock().expect("the address");
                good(&json!({ "ok": true, "public_url": format!("{own}/bucket/{last}?Signature=s{asked}") }))
            }
            _ => good(&json!({ "id": 3, "backup_status": 0, "backup_size": size })),
        }
    });
    address.lock().expect("the address").push_str(&server.url);
    server
}

pub fn download(test_env: &TestEnv, server: &ScriptedServer, more: &[&str]) -> Run {
    test_env.against(
        &server.url,
        &[&["backups", "download", "3", "-s", UID, "-O", "x.tar", "--parallel", "1"], more].concat(),
    )
}

#[test]
fn an_expired_url_is_requested_again() {
    let test_env = TestEnv::new();
    let server = server(8, |seen, asked| match (asked, seen.path.as_str()) {
        (1, _) => (403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>".to_owned()),
        (_, "/bucket/tar-aa") => (200, "aaaa".to_owned()),
        _ => (200, "bbbb".to_owned()),
    });
    download(&test_env, &server, &[]).code(0);
    assert_eq!(std::fs::read_to_string(test_env.home().join("x.tar")).expect("the file"), "aaaabbbb");
    let asked: Vec<String> =
        server.seen().into_iter().filter(|seen| seen.path.contains("bucket")).map(|seen| seen.query).collect();
    assert_eq!(asked, ["Signature=s0", "Signature=s1", "Signature=s2"], "each time a new address");
}

#[test]
fn an_incomplete_file_does_not_get_its_final_name() {
    for (size, status, code) in [(9, 200, 8), (8, 404, 8), (7, 200, 8)] {
        let test_env = TestEnv::new();
        let server = server(size, move |_, _| (status, "aaaa".to_owned()));
        let run = download(&test_env, &server, &["-o", "json"]).code(code);
        assert_eq!(run.stdout, "");
        let kept: &[&str] = if status == 200 { &["x.tar.part", "x.tar.part.journal"] } else { &[] };
        assert_eq!(left_in(test_env.home()), kept, "{size} {status}");
        assert!(!run.stderr.contains("Signature="), "a signed address is a secret: {}", run.stderr);
    }
}

#[test]
fn urls_to_files_or_other_hosts_are_not_followed() {
    for address in ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://192.0.2.1/x.tar"] {
        let server = ScriptedServer::replying(move |seen| match seen.path.rsplit('/').next() {
            Some("files") => list(&[json!({ "id": "tar", "name": "../../x.tar" })]),
            Some("tar") => good(&json!({ "ok": true, "public_url": address })),
            Some("3") => good(&json!({ "id": 3, "backup_status": 0 })),
            _ => refusal(404, "not_found", "nothing"),
        });
        let test_env = TestEnv::new();
        download(&test_env, &server, &[]).code(8);
        assert_eq!(left_in(test_env.home()), Vec::<String>::new(), "{address}");
    }
}

#[test]
fn wrong_backup_arguments_are_rejected_without_a_request() {
    let test_env = TestEnv::new();
    for (arguments, said) in [
        (&["backups", "create", "--db-type", "mysql", "--frequency", "0 */6 * *"][..], "five cron fields"),
        (&["backups", "create", "--db-type", "mysq"], "mysql"),
        (&["backups", "import", "--group", "5", "--db-type", "mysql", "--url", "no address"], "invalid URL in --url"),
    ] {
        let run = test_env.sandbox(&[arguments, &["-s", "awesome-app@staging", "--debug"]].concat()).code(2);
        assert!(run.stderr.contains(said), "{arguments:?}:\n{}", run.stderr);
        assert!(!run.stderr.contains("> POST") && !run.stderr.contains("> PUT"), "{arguments:?}:\n{}", run.stderr);
    }
}
