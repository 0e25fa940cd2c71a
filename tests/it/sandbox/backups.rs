//! Backup tasks, imports, and downloads with ranges and signed addresses that expire.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::thread;
use std::time::{Duration, Instant};

use c66::testing::{Fault, FaultKind, SandboxOptions};
use serde_json::{Value, json};

use crate::support::sandbox::{AWESOME, Reply, Sandbox};

fn of_type(list: &Value, db_type: &str) -> usize {
    list.as_array().unwrap().iter().filter(|backup| backup["db_type"] == db_type).count()
}

#[test]
fn a_new_task_soon_makes_a_backup_of_each_database() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/backups");
    let form = "db_type=mysql,redis&frequency=0 */1 * * *&keep_count=10&gzip=false&excluded_tables=my_log_table";
    let reply = sandbox.call("POST", &format!("{path}.json"), form);
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": "queued for creation" } }));
    let list = sandbox.until(&path, |list| list.as_array().unwrap().len() >= 6);
    assert_eq!((of_type(&list, "redis"), of_type(&list, "mysql")), (1, 3));
    let new = &list[0];
    assert_eq!((&new["backup_status"], &new["skip_tables"]), (&json!(0), &json!("my_log_table")));
    // It can be downloaded like any other.
    let files = sandbox.get(&format!("{path}/{}/files", new["id"]));
    assert_eq!(files[0], json!({ "id": "tar", "name": "awesome_app_production.tar" }));
    assert!(sandbox.get(&format!("{path}/{}/files/tar", new["id"]))["public_url"].is_string());
}

#[test]
fn all_means_every_database_with_an_earlier_backup() {
    let sandbox = Sandbox::fast();
    let ledger = "/stacks/f196c5b41758cb7977620d49eb1492ef";
    sandbox.call("POST", &format!("{ledger}/backups"), "db_type=all").response();
    let list = sandbox.until(&format!("{ledger}/backups"), |list| list.as_array().unwrap().len() > 9);
    assert_eq!((of_type(&list, "redis"), of_type(&list, "mysql"), list.as_array().unwrap().len()), (4, 7, 11));
}

#[test]
fn a_task_keeps_as_many_backups_as_configured() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 1000.0, ..SandboxOptions::default() });
    let path = format!("{AWESOME}/backups?db_type=mongodb");
    sandbox.call("POST", &format!("{AWESOME}/backups"), "db_type=mongodb&frequency=* * * * *&keep_count=2").response();
    let id = |list: &Value| list[0]["id"].as_u64().unwrap_or_default();
    let first = id(&sandbox.until(&path, |list| list[0] != Value::Null));
    let later = sandbox.until(&path, |list| id(list) >= first + 3);
    assert_eq!(later.as_array().unwrap().len(), 2);
    // It does not affect existing backups.
    assert_eq!(sandbox.get(&format!("{AWESOME}/backups")).as_array().unwrap().len(), 4 + 2);
}

#[test]
fn an_imported_backup_appears_in_the_list() {
    let sandbox = Sandbox::fast();
    let path = format!("{AWESOME}/backups");
    let url = "https://s3.amazonaws.com/bucket/2014.07.01.07.00.46/redis_23.tar?Signature=x";
    let form = json!({ "group": 5, "db_type": "redis", "remote_url": url });
    let reply = sandbox.call_json("POST", &format!("{path}.json"), &form);
    let message = "Your external backup queued for upload";
    assert_eq!(reply.json(), json!({ "response": { "ok": true, "message": message } }));
    let list = sandbox.until(&format!("{path}?group=5"), |list| list[0] != Value::Null);
    assert_eq!((&list[0]["db_type"], &list[0]["database_name"]), (&json!("redis"), &json!("redis_23")));
    assert_eq!(sandbox.get(&path)[0], list[0]);
}

/// Path and query of the URL of a file.
fn link(sandbox: &Sandbox, backup: u64, file: &str) -> String {
    let found = sandbox.get(&format!("{AWESOME}/backups/{backup}/files/{file}.json"));
    assert_eq!(found["ok"], true);
    let url = found["public_url"].as_str().unwrap();
    url.strip_prefix(&format!("http://{}", sandbox.address)).unwrap().to_owned()
}

fn download(sandbox: &Sandbox, link: &str, headers: &[(&str, &str)]) -> Reply {
    sandbox.send("GET", link, headers, "").unwrap()
}

#[test]
fn the_joined_segments_are_an_archive() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let files = sandbox.get(&format!("{AWESOME}/backups/5/files.json"));
    let ids: Vec<&str> = files.as_array().unwrap().iter().map(|file| file["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["tar-aa", "tar-ab", "tar-ac", "tar-ad"]);
    let mut archive = Vec::new();
    let mut lengths = Vec::new();
    for id in ids {
        let reply = download(&sandbox, &link(&sandbox, 5, id), &[]);
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("Content-Length").unwrap(), reply.body.len().to_string());
        lengths.push(reply.body.len());
        archive.extend(reply.body);
    }
    assert!(lengths[0] == lengths[1] && lengths[2] > lengths[3], "{lengths:?}");
    let size = sandbox.get(&format!("{AWESOME}/backups/5"))["backup_size"].as_u64().unwrap();
    assert_eq!(archive.len() as u64, size);
    assert!(archive.starts_with(b"dump.sql\0"));
    let stated = usize::from_str_radix(std::str::from_utf8(&archive[124..135]).unwrap(), 8).unwrap();
    let dump = &archive[512..512 + stated];
    for (number, line) in dump.chunks_exact(64).enumerate() {
        let expected = format!("INSERT INTO events VALUES ({number:011}, ");
        assert!(line.starts_with(expected.as_bytes()), "line {number}");
    }
}

#[test]
fn a_range_of_a_file_can_be_downloaded() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let link = link(&sandbox, 4, "tar");
    let whole = download(&sandbox, &link, &[]);
    let size = whole.body.len();
    assert_eq!(whole.header("Accept-Ranges"), Some("bytes"));
    let (etag, modified) = (whole.header("ETag").unwrap(), whole.header("Last-Modified").unwrap());
    assert_eq!(modified, "Mon, 01 Sep 2014 19:00:33 GMT");
    let part = |range: &str, condition: &str| {
        let reply = download(&sandbox, &link, &[("Range", range), ("If-Range", condition)]);
        (reply.status, reply.header("Content-Range").map(str::to_owned), reply.body)
    };
    let (status, range, body) = part("bytes=500-699", etag);
    assert_eq!((status, range.unwrap()), (206, format!("bytes 500-699/{size}")));
    assert_eq!(body, whole.body[500..700]);
    assert_eq!(part(&format!("bytes={}-", size - 10), modified).2, whole.body[size - 10..]);
    assert_eq!(part("bytes=-7", modified).2, whole.body[size - 7..]);
    // If it seems to have changed, the whole file is sent again.
    assert_eq!(part("bytes=500-699", "\"other\"").0, 200);
    let beyond = download(&sandbox, &link, &[("Range", &format!("bytes={size}-"))]);
    assert_eq!((beyond.status, beyond.header("Content-Range").unwrap()), (416, format!("bytes */{size}").as_str()));
    let head = sandbox.send("HEAD", &link, &[], "").unwrap();
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("Content-Length").unwrap(), size.to_string());
}

#[test]
fn a_signed_url_needs_no_token() {
    let sandbox = Sandbox::start(SandboxOptions::default());
    let link = link(&sandbox, 1, "tar");
    assert!(link.starts_with("/sandbox/files/5999b763474b0eafa5fafb64bff0ba80/1/test_db_11.tar?AWSAccessKeyId="));
    // Encoded twice as in the documentation; a client may come with it as it is or undo one of the two.
    assert!(link.contains("%253D"), "{link}");
    let once = link.replace("%25", "%");
    let forged = link.replace("/1/", "/4/");
    assert_eq!(download(&sandbox, &link, &[("Authorization", "Bearer nonsense")]).status, 200);
    assert_eq!(download(&sandbox, &once, &[]).status, 200);
    let reply = download(&sandbox, &forged, &[]);
    assert_eq!((reply.status, reply.header("Content-Type")), (403, Some("application/xml")));
    assert!(reply.text().contains("<Code>SignatureDoesNotMatch</Code>"), "{}", reply.text());
    assert_eq!(download(&sandbox, link.split_once('?').unwrap().0, &[]).status, 403);
}

#[test]
fn a_signed_url_expires() {
    let sandbox = Sandbox::start(SandboxOptions { speed: 100_000.0, ..SandboxOptions::default() });
    let link = link(&sandbox, 1, "tar");
    let start = Instant::now();
    let reply = loop {
        let reply = download(&sandbox, &link, &[]);
        if reply.status != 200 {
            break reply;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "the URL never expires");
        thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(reply.status, 403);
    assert!(reply.text().contains("Request has expired"), "{}", reply.text());
}

#[test]
fn faults_cut_downloads_short_or_fail_them() {
    let fault = |kind| {
        let faults = vec![Fault { kind, probability: 1.0 }];
        Sandbox::start(SandboxOptions { faults, speed: 100.0, ..SandboxOptions::default() })
    };
    let sandbox = Sandbox::start(SandboxOptions::default());
    // The same state gives the same signature, so a URL of one server is good at another.
    let link = link(&sandbox, 5, "tar-aa");
    let size = download(&sandbox, &link, &[]).body.len();
    let cut = download(&fault(FaultKind::Drop), &link, &[]);
    assert_eq!((cut.status, cut.header("Content-Length").unwrap()), (200, size.to_string().as_str()));
    assert!(!cut.body.is_empty() && cut.body.len() < size, "{} of {size}", cut.body.len());
    assert_eq!(download(&fault(FaultKind::Error500), &link, &[]).status, 500);
    assert_eq!(download(&fault(FaultKind::Slow), &link, &[]).body.len(), size);
    assert_eq!(download(&fault(FaultKind::Garbage), &link, &[]).body.len(), size);
}
