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
/// # Errors\nAn auth error with the name of the program and its stderr if it cannot be started, times out or fails.
pub(super) fn run(argv: &[String], profile: &str, limit: Duration) -> Result<String> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(Error::new(Kind::Config, format!("the token_command of profile \"{profile}\" is empty")));
    };
    let name = format!("the token_command \"{program}\" of profile \"{profile}\"");
    let cannot_start =
        |error: std::io::Error| Error::new(Kind::Auth, format!("cannot start {name}")).cause(error.to_string());
    let mut command = Command::new(find_program(program.as_ref()).map_err(cannot_start)?);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
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
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(POLL);
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

    #[test]
    fn a_daemon_left_behind_holds_nothing_up() {
        let start = Instant::now();
        assert_eq!(run_words(&["sh", "-c", "sleep 30 & echo abc"], LONG).unwrap(), "abc\n");
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
