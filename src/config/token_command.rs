//! Runs a profile's `token_command`: a program, never a shell, whose stdout is the token.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::program::find_program;
use crate::error::{Error, Kind, Result};

/// Maximum size of the output, so that a broken program cannot fill the memory.
const OUTPUT_LIMIT: u64 = 64 * 1024;
/// How long to read after the program has ended: a daemon it started can keep the pipe open.
const GRACE: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(10);
const STDERR_CHARACTERS: usize = 500;

/// Runs `argv` for at most `limit` and returns its stdout.
///
/// # Errors
/// An auth error with the name of the program and its stderr if it cannot be started, times out or fails.
pub(super) fn run(argv: &[String], profile: &str, limit: Duration) -> Result<String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(Error::new(Kind::Config, format!("the token_command of profile \"{profile}\" is empty")));
    };
    let name = format!("the token_command \"{program}\" of profile \"{profile}\"");
    let cannot_start =
        |error: std::io::Error| Error::new(Kind::Auth, format!("cannot start {name}")).cause(error.to_string());
    let mut command = Command::new(find_program(program.as_ref()).map_err(cannot_start)?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    descendants::prepare(&mut command);
    let mut child = command.spawn().map_err(cannot_start)?;
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let ended = wait(&mut child, limit);
    let failed = |what: String| {
        let error = Error::new(Kind::Auth, format!("{name} {what}"));
        match one_line(&drain(stderr.as_ref())) {
            text if text.is_empty() => error,
            text => error.cause(text),
        }
    };
    match ended {
        Ok(Some(status)) if status.success() => String::from_utf8(drain(stdout.as_ref()))
            .map_err(|_| Error::new(Kind::Auth, format!("{name} printed invalid UTF-8"))),
        Ok(Some(status)) => Err(failed(format!("failed ({status})"))),
        Ok(None) => Err(failed(format!("timed out after {} s", limit.as_secs_f64()))),
        Err(error) => Err(Error::new(Kind::Auth, format!("cannot wait for {name}")).cause(error.to_string())),
    }
}

/// The exit status, or `None` if the program was killed after `limit`.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            #[cfg(unix)]
            descendants::kill(child.id());
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// What a program has started itself, and what must end with it.
#[cfg(unix)]
mod descendants {
    use std::fs::{self, File};
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use rustix::process::{Pid, Signal, kill_process, kill_process_group};

    /// Has the program begin a process group, unless it can ask the person at the terminal, which only the group in the
    /// foreground may.
    pub(super) fn prepare(command: &mut Command) {
        if File::open("/dev/tty").is_err() {
            command.process_group(0);
        }
    }

    /// Ends what the process has started: its group if it leads one, and its children with theirs.
    pub(super) fn kill(process: u32) {
        if let Some(pid) = pid(process) {
            kill_children(process);
            // It is the number of a group only if the process leads one; what is gone already needs no end.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    /// Only Linux lists them.
    fn kill_children(process: u32) {
        let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
        for child in children.split_ascii_whitespace().filter_map(|number| number.parse().ok()) {
            kill_children(child);
            let _ = pid(child).map(|pid| kill_process(pid, Signal::KILL));
        }
    }

    fn pid(number: u32) -> Option<Pid> {
        Pid::from_raw(i32::try_from(number).ok()?)
    }
}

/// Reads a pipe in its own thread, since the program blocks if either of its pipes is full.
fn collect(pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut pipe = pipe.take(OUTPUT_LIMIT);
        let mut chunk = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut chunk) {
            if sender.send(chunk[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

fn drain(pipe: Option<&Receiver<Vec<u8>>>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(Ok(chunk)) = pipe.map(|pipe| pipe.recv_timeout(GRACE)) {
        all.extend(chunk);
    }
    all
}

/// Sanitizes the output of a program as one line.
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace(|character: char| character.is_control(), " ");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(STDERR_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn run_words(argv: &[&str], limit: Duration) -> Result<String> {
        let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
        run(&argv, "work", limit)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn stdout_is_the_answer() {
        assert_eq!(run_words(&["printf", "abc\\n"], LONG).unwrap(), "abc\n");
    }

    #[test]
    fn no_shell_touches_the_arguments() {
        assert_eq!(run_words(&["echo", "$HOME;`id`", "*"], LONG).unwrap(), "$HOME;`id` *\n");
        let error = run_words(&["echo abc"], LONG).unwrap_err();
        assert_eq!(error.message(), "cannot start the token_command \"echo abc\" of profile \"work\"");
        assert_eq!(error.kind(), Kind::Auth);
    }

    #[test]
    fn stdin_is_closed() {
        assert_eq!(run_words(&["cat"], LONG).unwrap(), "");
    }

    #[test]
    fn a_failure_tells_status_and_stderr_but_no_argument() {
        let script = "echo s3cret; printf 'locked\\n\\033[31mout' >&2; exit 3";
        let error = run_words(&["sh", "-c", script], LONG).unwrap_err();
        assert_eq!(error.kind(), Kind::Auth);
        assert_eq!(error.message(), "the token_command \"sh\" of profile \"work\" failed (exit status: 3)");
        assert_eq!(error.cause_text(), Some("locked [31mout"));
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    #[test]
    fn a_flood_on_stderr_is_cut_and_blocks_nothing() {
        let error = run_words(&["sh", "-c", "head -c 60000 /dev/zero | tr '\\0' x >&2; exit 1"], LONG).unwrap_err();
        assert_eq!(error.cause_text().unwrap().chars().count(), STDERR_CHARACTERS + 1);
    }

    #[test]
    fn a_command_that_does_not_end_is_killed() {
        let start = Instant::now();
        let error = run_words(&["sleep", "60"], Duration::from_millis(50)).unwrap_err();
        assert_eq!(error.message(), "the token_command \"sleep\" of profile \"work\" timed out after 0.05 s");
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_it_has_started_is_killed_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let pids = folder.path().join("pids");
        let script = format!("sleep 60 & echo $! >{0}; (sleep 60 & echo $! >>{0}; wait) & wait", pids.display());
        run_words(&["sh", "-c", &script], Duration::from_millis(500)).unwrap_err();
        let pids = std::fs::read_to_string(pids).unwrap();
        assert_eq!(pids.lines().count(), 2, "{pids}");
        let runs = |pid: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(')').is_some_and(|(_, after)| !after.trim_start().starts_with(['Z', 'X']))
        };
        let began = Instant::now();
        while pids.lines().any(runs) {
            assert!(began.elapsed() < LONG, "{pids}");
            std::thread::sleep(POLL);
        }
    }

    #[test]
    fn a_daemon_left_behind_holds_nothing_up() {
        let start = Instant::now();
        assert_eq!(run_words(&["sh", "-c", "sleep 30 & echo abc"], LONG).unwrap(), "abc\n");
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
