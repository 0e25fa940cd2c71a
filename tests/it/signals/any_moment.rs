//! Signals at random moments: exit code, attach command, terminal and child processes are always right.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::cloudmc::WEB;
use crate::support::process::{self, Running};
use crate::support::pty::Terminal;
use crate::support::test_env::{TestEnv, finish};

const STAGING: &str = "awesome-app@staging";
const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// How long the program may take to end after a signal.
const LIMIT: Duration = Duration::from_secs(20);

/// Commands that do not end by themselves at this pace, and what they print when work goes on.
const LONG: &[(&[&str], Option<&str>)] = &[
    (&["--sandbox", "redeploy", "-s", STAGING], Some("resume waiting with: c66 --sandbox deployments wait")),
    (&["--sandbox", "stacks", "restart", STAGING], Some("resume waiting with: c66 --sandbox actions wait")),
    (&["--sandbox", "env", "set", "A=1", "-s", STAGING], Some("resume waiting with: c66 --sandbox actions wait")),
    (
        &["--sandbox", "redeploy", "--stacks-from", "stacks", "--yes"],
        Some("resume waiting with: c66 --sandbox deployments wait"),
    ),
    (&["--sandbox", "wait", "--for", "name=never", "-s", STAGING], None),
    (
        &["--sandbox", "cloudmc", "do", "compute", "prod", "instances", WEB, "reboot", "--yes"],
        Some("resume waiting with: c66 --sandbox cloudmc tasks wait"),
    ),
    (&["sandbox", "serve", "--ephemeral"], None),
    (&["sandbox", "run", "--", "sleep", "66"], None),
];

fn long_command(test_env: &TestEnv, arguments: &[&str]) -> Command {
    std::fs::write(test_env.home().join("stacks"), format!("{STAGING}\nvoting-app\n")).expect("a file");
    let mut command = test_env.command();
    command.env("C66_SANDBOX_SPEED", "0.001").args(arguments);
    command
}

/// One run, with a signal after `moment`; returns what is wrong, if anything.
fn struck(arguments: &[&str], way_back: Option<&str>, signal: Signal, moment: Duration) -> Option<String> {
    let test_env = TestEnv::new();
    let running = Running::start(&mut long_command(&test_env, arguments));
    // It must work at any moment.
    std::thread::sleep(moment);
    running.signal(signal);
    let Some(output) = running.output_within(LIMIT) else { return Some("it does not end".to_owned()) };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // A shell gives the same number for both.
    let code = output.status.code().or(output.status.signal().map(|signal| 128 + signal));
    if code != Some(128 + signal.as_raw()) {
        return Some(format!("it ended with {:?}: {said}", output.status));
    }
    let known = said.contains("(action 1000)") || said.contains("deployment 263");
    if known && way_back.is_some_and(|words| !said.contains(words)) {
        return Some(format!("it does not say how to come back: {said}"));
    }
    // A write that has reached the server is reported, whether its reply has come or not.
    let state = std::fs::read_to_string(test_env.home().join("sandbox.json")).unwrap_or_default();
    let begun = state.contains("\"id\":1000,") || state.contains("\"id\":263,");
    if begun && !said.contains("resume waiting with: c66") && !said.contains("the request may have been done") {
        return Some(format!("it says nothing of what it has begun: {said}"));
    }
    if said.contains("panicked") { Some(said) } else { None }
}

#[test]
fn a_signal_at_any_moment_ends_every_long_command_with_its_exit_code() {
    let rounds: u64 = std::env::var("C66_SIGNAL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(2);
    let mut random = fastrand::Rng::with_seed(66);
    let mut runs = Vec::new();
    for _ in 0..rounds {
        for (arguments, way_back) in LONG {
            for signal in SIGNALS {
                runs.push((*arguments, *way_back, signal, Duration::from_millis(random.u64(0..400))));
            }
        }
    }
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = runs
            .chunks(runs.len().div_ceil(4))
            .map(|runs| {
                scope.spawn(move || {
                    let wrong = runs.iter().filter_map(|(arguments, way_back, signal, moment)| {
                        let wrong = struck(arguments, *way_back, *signal, *moment)?;
                        Some(format!("{arguments:?}, {signal:?} after {moment:?}: {wrong}"))
                    });
                    wrong.collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cancelling the run cancels its command.
#[test]
fn sandbox_run_passes_the_signal_to_its_command() {
    for signal in SIGNALS {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        let script = "trap 'echo told > told; exit 7' INT TERM HUP; echo up; while :; do sleep 0.05; done";
        command.args(["sandbox", "run", "--", "sh", "-c", script]);
        let mut running = Running::start(&mut command);
        running.first_lines(1);
        running.signal(signal);
        running.end().code(7);
        assert!(test_env.home().join("told").exists());
    }
}

/// The terminal must show what is typed again.
#[test]
fn a_signal_during_hidden_input_restores_the_terminal() {
    for signal in SIGNALS {
        let test_env = TestEnv::new();
        let mut command = test_env.command();
        command.args(["auth", "login"]);
        let mut terminal = Terminal::start(command, 80);
        terminal.expect("API token");
        terminal.type_in("half a tok");
        terminal.signal(signal);
        let (code, seen) = terminal.end_and_look(|terminal| assert!(terminal.echoes(), "{signal:?} leaves it mute"));
        assert_eq!(code, 128 + signal.as_raw(), "{seen}");
        assert!(!seen.contains("half a tok"), "{seen}");
    }
}

/// A pseudo terminal whose controlling side no other command inherits: tests start commands in parallel, and while any
/// of them held a copy, closing it would have no effect. The crate sets the flag only after the file is open.
fn closable_terminal() -> (File, File) {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo terminal");
    grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("it may be used");
    let name = ptsname(&keyboard, Vec::new()).expect("its name").into_string().expect("text");
    let flags = OFlags::NOCTTY.bits().cast_signed();
    let screen = File::options().read(true).write(true).custom_flags(flags).open(name).expect("its other side");
    (keyboard.into(), screen)
}

/// Waits until there is something to read.
fn wait_for_input(source: &File) {
    let limit = Timespec::try_from(LIMIT).expect("a short time");
    let ready = poll(&mut [PollFd::new(source, PollFlags::IN)], Some(&limit)).expect("it can be looked at");
    assert!(ready > 0, "nothing comes");
}

/// The terminal is closed: nothing may be left running.
#[test]
fn closing_the_terminal_ends_the_command() {
    let test_env = TestEnv::new();
    let plain = long_command(&test_env, &["--sandbox", "redeploy", "-s", STAGING]);
    let (mut keyboard, screen) = closable_terminal();
    let side = || screen.try_clone().expect("another one");
    // Makes it the controlling terminal of the command.
    let mut command = process::command("setsid");
    command.arg("--ctty").arg(plain.get_program()).args(plain.get_args()).env_clear().current_dir(test_env.home());
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm-256color");
    let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().expect("the program runs");
    drop((command, screen));
    let (mut seen, mut piece) = (String::new(), [0; 4096]);
    while !seen.contains("deployment 263") {
        wait_for_input(&keyboard);
        let length = keyboard.read(&mut piece).expect("the program says something");
        seen.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    drop(keyboard);
    Running::from(child).end().code(129);
    let show = ["--sandbox", "deployments", "show", "263", "-s", STAGING, "--jq", ".finished_at"];
    let run = finish(test_env.command().env("C66_SANDBOX_SPEED", "0.001").args(show));
    assert_eq!(run.code(0).stdout, "null\n");
}
