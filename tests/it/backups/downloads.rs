//! Downloads that break off, are killed, run out of disk space or start twice: every byte is still right.

use crate::backups::{PRODUCTION, left_in, members};
use crate::support::process::Running;
use crate::support::sandbox::send;
use crate::support::served_sandbox::ServedSandbox;
use crate::support::test_env::{Run, TestEnv, finish};

#[test]
fn a_broken_download_resumes_where_it_stopped() {
    let test_env = TestEnv::new();
    // With this seed, downloads break off and API calls are retried.
    let served = ServedSandbox::start(&test_env, &["--fault", "drop=0.4", "--seed", "3"]);
    // By UID: the requests then come in the same order each time, and so do the seeded faults.
    let uid = "5999b763474b0eafa5fafb64bff0ba80";
    let mut command = served.command(&test_env, &["backups", "download", "5", "-s", uid, "--debug"]);
    let run = finish(&mut command).code(0);
    assert!(run.stderr.contains("stopped at byte"), "no fault struck: {}", run.stderr);
    assert_eq!(left_in(test_env.home()), ["backup-5.tar"]);
    let broken = std::fs::read(test_env.home().join("backup-5.tar")).expect("the file");
    finish(test_env.command().args(["--sandbox", "backups", "download", "5", "-O", "whole.tar", "-s", PRODUCTION]))
        .code(0);
    assert!(broken == std::fs::read(test_env.home().join("whole.tar")).expect("the file"), "a byte is not as it was");
    members(&broken);
}

#[test]
fn the_file_is_its_segments_joined_in_order() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &[]);
    let uid = "5999b763474b0eafa5fafb64bff0ba80";
    finish(&mut served.command(&test_env, &["backups", "download", "5", "-s", uid])).code(0);
    let mut joined = Vec::new();
    for address in finish(&mut served.command(&test_env, &["backups", "url", "5", "-s", uid])).code(0).stdout.lines() {
        joined.extend(curl(address));
    }
    assert!(joined == std::fs::read(test_env.home().join("backup-5.tar")).expect("the file"));
}

/// The body that a plain client gets.
fn curl(address: &str) -> Vec<u8> {
    let (host, path) = address.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    let reply = send(host, "GET", &format!("/{path}"), &[], "").expect("a reply");
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.body
}

#[cfg(unix)]
#[test]
fn a_full_disk_ends_with_2_and_the_next_run_resumes() {
    let test_env = TestEnv::new();
    let command = test_env.command();
    // Files are limited to one or two megabytes (shells differ in the unit). The signal is ignored, so that writing
    // fails as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" --sandbox backups download 5 -O x.tar -s \"$1\"";
    let mut shell = crate::support::process::command("sh");
    shell.env_clear().current_dir(test_env.home());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = finish(shell.args(["-c", script]).arg(command.get_program()).arg(PRODUCTION)).code(2);
    assert!(run.stderr.contains("cannot write") && run.stderr.contains("x.tar"), "{}", run.stderr);
    assert!(run.stderr.contains("resume with: c66 --sandbox backups download 5"), "{}", run.stderr);
    assert_eq!(left_in(test_env.home()), ["x.tar.part", "x.tar.part.journal"]);
    let again = ["--sandbox", "backups", "download", "5", "-O", "x.tar", "-s", PRODUCTION];
    let run = finish(test_env.command().args(again)).code(0);
    assert!(run.stderr.contains("resuming at"), "{}", run.stderr);
    assert_eq!(left_in(test_env.home()), ["x.tar"]);
    members(&std::fs::read(test_env.home().join("x.tar")).expect("the file"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_download_leaves_no_file_under_its_final_name() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--fault", "slow"]);
    let uid = "5999b763474b0eafa5fafb64bff0ba80";
    let mut command = served.command(&test_env, &["backups", "download", "4", "-s", uid]);
    let mut running = Running::start(&mut command);
    running.run_until("something has come", || left_in(test_env.home()).contains(&"backup-4.tar.part".to_owned()));
    running.signal(rustix::process::Signal::INT);
    running.end().code(130);
    assert!(!test_env.home().join("backup-4.tar").exists());
}

/// UID of the stack with backup 5. Without a look-up, the seeded faults come in the same order each time.
const STACK: &str = "5999b763474b0eafa5fafb64bff0ba80";

/// Downloads backup 5 from a served sandbox.
fn fetch(served: &ServedSandbox, test_env: &TestEnv, more: &[&str]) -> Run {
    finish(&mut served.command(test_env, &[&["backups", "download", "5", "-s", STACK], more].concat()))
}

/// The bytes of backup 5, from a sandbox without faults; its content is always the same.
fn whole() -> Vec<u8> {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &[]);
    let mut joined = Vec::new();
    for address in finish(&mut served.command(&test_env, &["backups", "url", "5", "-s", STACK])).code(0).stdout.lines()
    {
        joined.extend(curl(address));
    }
    joined
}

/// The dates of the sandbox's backups depend on the day it is created, and so do a few bytes of the archive's header.
#[track_caller]
fn assert_same_but_for_the_date(actual: &[u8], expected: &[u8]) {
    assert_eq!(actual.len(), expected.len());
    assert!(actual[512..] == expected[512..], "a byte is not as it was");
    members(actual);
}

#[cfg(unix)]
fn end_somehow(running: &mut Running, choice: usize) {
    use rustix::process::Signal;
    running.signal([Signal::KILL, Signal::KILL, Signal::INT, Signal::TERM, Signal::HUP][choice]);
}

#[cfg(windows)]
fn end_somehow(running: &mut Running, _: usize) {
    running.kill();
}

#[test]
fn a_killed_download_is_resumed_by_the_next_run() {
    let expected = whole();
    let continued: usize = std::thread::scope(|scope| {
        let downloads: Vec<_> = (0..4_u64)
            .map(|seed| {
                let expected = &expected;
                scope.spawn(move || {
                    let test_env = TestEnv::new();
                    let served = ServedSandbox::start(&test_env, &["--file-rate", "600kB", "--fault", "drop=0.1"]);
                    let mut moments = fastrand::Rng::with_seed(seed);
                    let mut continued = 0;
                    for _ in 0..5 {
                        let mut command = served.command(&test_env, &["backups", "download", "5", "-s", STACK]);
                        let mut running = Running::start(&mut command);
                        // It must work at any moment.
                        std::thread::sleep(std::time::Duration::from_millis(moments.u64(0..1000)));
                        end_somehow(&mut running, moments.usize(0..5));
                        let output = running.output();
                        continued += usize::from(String::from_utf8_lossy(&output.stderr).contains("resuming at"));
                        // The signal may have come after the download was complete and renamed.
                        if test_env.home().join("backup-5.tar").exists() {
                            let _ = std::fs::remove_file(test_env.home().join("backup-5.tar.part.journal"));
                            break;
                        }
                        assert!(!output.status.success(), "it ended well without a file");
                    }
                    if !test_env.home().join("backup-5.tar").exists() {
                        fetch(&served, &test_env, &[]).code(0);
                    }
                    assert_eq!(left_in(test_env.home()), ["backup-5.tar"]);
                    let actual = std::fs::read(test_env.home().join("backup-5.tar")).expect("the file");
                    assert_same_but_for_the_date(&actual, expected);
                    continued
                })
            })
            .collect();
        downloads.into_iter().map(|download| download.join().expect("a download")).sum()
    });
    assert!(continued > 0, "no run found anything to go on with");
}

#[test]
fn network_trouble_never_changes_a_byte() {
    let expected = whole();
    for faults in [
        &["drop=0.4", "no-range"] as &[&str],
        &["expired=0.3", "drop=0.3"],
        &["changed=0.2", "drop=0.2"],
        &["error500=0.3", "slow=0.2"],
    ] {
        let test_env = TestEnv::new();
        let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        let served = ServedSandbox::start(&test_env, &[&faults[..], &["--speed", "50", "--seed", "5"]].concat());
        // Run it again as a person would; each run has less to download.
        let ended = (0..20).any(|_| fetch(&served, &test_env, &[]).code == 0);
        assert!(ended, "{faults:?}");
        assert_eq!(left_in(test_env.home()), ["backup-5.tar"], "{faults:?}");
        assert_same_but_for_the_date(
            &std::fs::read(test_env.home().join("backup-5.tar")).expect("the file"),
            &expected,
        );
    }
}

#[test]
fn a_broken_download_to_stdout_is_still_whole() {
    let expected = whole();
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--fault", "drop=0.3", "--seed", "3"]);
    let mut command = served.command(&test_env, &["backups", "download", "5", "-s", STACK, "-O", "-", "--debug"]);
    let output = Running::start(&mut command).output();
    let trace = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{trace}");
    assert!(trace.contains("stopped at byte"), "no fault struck: {trace}");
    assert_same_but_for_the_date(&output.stdout, &expected);
}

#[test]
fn a_second_run_for_the_same_file_is_refused() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--file-rate", "1MB"]);
    let mut command = served.command(&test_env, &["backups", "download", "5", "-s", STACK]);
    let mut first = Running::start(&mut command);
    first.run_until("it has begun", || left_in(test_env.home()).contains(&"backup-5.tar.part.journal".to_owned()));
    let second = fetch(&served, &test_env, &["--force"]).code(2);
    assert!(second.stderr.contains("by another run"), "{}", second.stderr);
    first.end().code(0);
    assert_eq!(left_in(test_env.home()), ["backup-5.tar"]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_the_partial_file_and_prints_the_command_to_resume() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--file-rate", "500kB"]);
    let mut command = served.command(&test_env, &["backups", "download", "5", "-s", STACK, "--dir", "my backups"]);
    let mut running = Running::start(&mut command);
    let part = test_env.home().join("my backups/backup-5.tar.part");
    running.run_until("something has come", || std::fs::metadata(&part).is_ok_and(|found| found.len() > 0));
    running.signal(rustix::process::Signal::INT);
    let said = running.end().code(130).stderr;
    assert!(said.contains("resume with: c66 backups download 5 -s ") && said.contains("--dir 'my backups'"), "{said}");
    let run = fetch(&served, &test_env, &["--dir", "my backups"]).code(0);
    assert!(run.stderr.contains("resuming at"), "{}", run.stderr);
}

#[test]
fn a_partial_file_of_another_backup_is_not_overwritten() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--file-rate", "500kB"]);
    let mut command = served.command(&test_env, &["backups", "download", "5", "-s", STACK, "-O", "x.tar"]);
    let mut running = Running::start(&mut command);
    let part = test_env.home().join("x.tar.part");
    running.run_until("something has come", || std::fs::metadata(&part).is_ok_and(|found| found.len() > 0));
    running.kill();
    running.output();
    let other = ["backups", "download", "4", "-s", STACK, "-O", "x.tar"];
    let run = finish(&mut served.command(&test_env, &other)).code(2);
    assert!(run.stderr.contains("--no-resume") && run.stderr.contains("backups/5"), "{}", run.stderr);
    assert!(part.exists());
    finish(&mut served.command(&test_env, &[&other[..], &["--no-resume", "--sha256"]].concat())).code(0);
    assert_eq!(left_in(test_env.home()), ["x.tar", "x.tar.sha256"]);
    let checksum = std::fs::read_to_string(test_env.home().join("x.tar.sha256")).expect("the checksum");
    assert!(checksum.len() == 64 + "  x.tar\n".len() && checksum.ends_with("  x.tar\n"), "{checksum}");
}

#[test]
fn extract_unpacks_a_backup_while_it_downloads() {
    let test_env = TestEnv::new();
    let served = ServedSandbox::start(&test_env, &["--fault", "drop=0.3", "--seed", "3"]);
    let run = fetch(&served, &test_env, &["--extract", "--dir", "restored", "-o", "json"]).code(0);
    let document = run.json();
    let dump = std::path::Path::new("restored").join("dump.sql");
    assert_eq!(document["files"], serde_json::json!([dump]), "{document}");
    let dump = std::fs::read(test_env.home().join("restored/dump.sql")).expect("the file");
    assert_eq!(dump.len(), 3 * 1024 * 1024 + 400_000);
    assert!(dump.starts_with(b"INSERT INTO"));
    assert_eq!(left_in(&test_env.home().join("restored")), ["dump.sql"]);
    let run = fetch(&served, &test_env, &["--extract", "--dir", "restored"]).code(2);
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(left_in(&test_env.home().join("restored")), ["dump.sql"]);
    fetch(&served, &test_env, &["--extract", "--dir", "restored", "--force"]).code(0);
}
