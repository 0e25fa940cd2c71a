//! Unpacking that fails, is interrupted or killed: nothing stays behind, or the next run removes it.

use crate::backups::{download, left_in, server};
use crate::support::process::Running;
use crate::support::replies::UID;
use crate::support::scripted_server::ScriptedServer;
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::TestEnv;

/// UID of the stack with backup 5: no look-up, and no name in the cache.
const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// A tar archive of one file of this many bytes, as text.
fn archive(size: usize) -> String {
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(b"dump.sql");
    header[100..107].copy_from_slice(b"0000600");
    header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156] = b'0';
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut archive = String::from_utf8(header).expect("ASCII");
    archive.push_str(&"x".repeat(size.next_multiple_of(512)));
    archive.push_str(&"\0".repeat(1024));
    archive
}

fn extract(test_env: &TestEnv, server: &ScriptedServer) -> (i32, String) {
    let words = ["backups", "download", "3", "-s", UID, "--extract", "--dir", "restored"];
    let run = test_env.against(&server.url, &words);
    (run.code, run.stderr)
}

#[test]
fn what_fails_leaves_nothing() {
    let whole = archive(6 * 1024 * 1024);
    let (first, second) = whole.split_at(5 * 1024 * 1024);
    for (first, second, code) in
        [(first, (404, "gone"), 8), (first, (200, &second[..1000]), 8), ("no archive", (200, "at all"), 8)]
    {
        let (first, second) = (first.to_owned(), (second.0, second.1.to_owned()));
        let server = server(first.len() + second.1.len(), move |seen, _| {
            if seen.path.ends_with("tar-aa") { (200, first.clone()) } else { second.clone() }
        });
        for _ in 0..5 {
            let test_env = TestEnv::new();
            let (found, said) = extract(&test_env, &server);
            assert_eq!(found, code, "{said}");
            assert_eq!(left_in(test_env.home()), Vec::<String>::new(), "{said}");
        }
    }
}

#[test]
fn what_arrives_whole_is_there() {
    let whole = archive(100_000);
    let (first, second) = whole.split_at(50_000);
    let (first, second) = (first.to_owned(), second.to_owned());
    let server = server(whole.len(), move |seen, _| {
        (200, if seen.path.ends_with("tar-aa") { first.clone() } else { second.clone() })
    });
    let test_env = TestEnv::new();
    let (code, said) = extract(&test_env, &server);
    assert_eq!(code, 0, "{said}");
    assert_eq!(left_in(&test_env.home().join("restored")), ["dump.sql"]);
    assert_eq!(std::fs::read(test_env.home().join("restored/dump.sql")).expect("the file"), vec![b'x'; 100_000]);
    download(&test_env, &server, &["--no-resume"]).code(0);
}

#[cfg(unix)]
#[test]
fn a_signal_leaves_nothing_and_what_is_killed_goes_with_the_next_run() {
    use rustix::process::Signal;

    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--file-rate", "2MB"]);
    let words = ["backups", "download", "5", "-s", STACK, "--extract", "--dir", "restored"];
    let staging = test_env.home().join("restored").join(".c66-extract-backup-5");
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::INT, 130), (Signal::KILL, -1)] {
        let mut running = Running::start(&mut served.command(&test_env, &words));
        running.run_until("something is unpacked", || {
            std::fs::metadata(staging.join("files/dump.sql")).is_ok_and(|found| found.len() > 0)
        });
        let mode = std::fs::metadata(&staging).expect("the folder").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o700);
        running.signal(signal);
        let output = running.output();
        if code < 0 {
            assert!(staging.exists(), "there is nothing for the next run to take away");
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{said}");
            assert!(said.contains("nothing was unpacked"), "{said}");
            assert_eq!(left_in(test_env.home()), Vec::<String>::new());
        }
    }
    Running::start(&mut served.command(&test_env, &words)).end().code(0);
    assert_eq!(left_in(&test_env.home().join("restored")), ["dump.sql"]);
}

#[cfg(unix)]
#[test]
fn a_signal_before_the_first_file_leaves_nothing() {
    use rustix::process::Signal;
    use serde_json::json;

    use crate::support::replies::good;
    use crate::support::scripted_server::{Answer, reply};
    use crate::support::test_env::TOKEN;

    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let server = ScriptedServer::start(|seen, _| match seen.path.rsplit('/').next() {
            Some("files") => Answer::Silence,
            _ => reply(200, &good(&json!({ "id": 3, "backup_status": 0 })).1),
        });
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.env("C66_API_URL", &server.url).env("C66_TOKEN", TOKEN);
        command.args(["backups", "download", "3", "-s", UID, "--extract", "--dir", "restored"]);
        let mut running = Running::start(&mut command);
        running.run_until("the files are asked for", || server.count() > 1);
        running.signal(signal);
        running.output();
        assert_eq!(left_in(test_env.home()), Vec::<String>::new(), "{signal:?}");
    }
}

#[test]
fn a_second_run_for_the_same_backup_and_folder_is_refused() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--file-rate", "2MB"]);
    let words = ["backups", "download", "5", "-s", STACK, "--extract"];
    let mut first = Running::start(&mut served.command(&test_env, &words));
    let staging = test_env.home().join(".c66-extract-backup-5/files/dump.sql");
    first.run_until("it has begun", || staging.exists());
    let second = crate::support::test_env::finish(&mut served.command(&test_env, &words)).code(2);
    assert!(second.stderr.contains("by another run"), "{}", second.stderr);
    first.end().code(0);
    assert_eq!(left_in(test_env.home()), ["dump.sql"]);
}
