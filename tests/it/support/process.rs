//! Programs that tests start: signals have their default effect, and every wait has a limit.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::test_env::Run;

/// Time limit of every wait in a test. Only what hangs reaches it.
pub const LIMIT: Duration = Duration::from_secs(120);

/// Pause between two checks of a polled condition.
const PAUSE: Duration = Duration::from_millis(2);

/// A command with nothing on stdin and the default reaction to signals. Every test starts its programs with this one.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    #[cfg(unix)]
    handle_ignored_signals();
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// A program inherits ignored signals, but not handlers. Under `nohup`, or in the background of a script, this process
/// starts with some signals ignored: it installs a handler that does nothing instead.
#[cfg(unix)]
fn handle_ignored_signals() {
    use std::sync::Once;

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in ignored_signals() {
            signal_hook::flag::register(signal, Arc::default()).expect("a signal can be handled");
        }
    });
}

/// The numbers of the signals that this process ignores and may handle. SIGPIPE is not one of them: the standard
/// library ignores it in every program, and restores it in those it starts.
#[cfg(target_os = "linux")]
fn ignored_signals() -> Vec<i32> {
    use signal_hook::consts::FORBIDDEN;
    use signal_hook::consts::SIGPIPE;

    let status = std::fs::read_to_string("/proc/self/status").expect("/proc");
    let ignored = ignored_in(&status);
    let is_ignored = |signal: &i32| ignored & (1 << (signal - 1)) != 0;
    (1..32).filter(|signal| *signal != SIGPIPE && !FORBIDDEN.contains(signal)).filter(is_ignored).collect()
}

/// What a file of `/proc` says of the ignored signals: signal 1 is the lowest bit.
#[cfg(target_os = "linux")]
fn ignored_in(status: &str) -> u64 {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).expect("the ignored signals");
    u64::from_str_radix(ignored.trim(), 16).expect("a hexadecimal number")
}

/// Only Linux reports them without unsafe code. Elsewhere it is the signal that `nohup` ignores.
#[cfg(all(unix, not(target_os = "linux")))]
fn ignored_signals() -> [i32; 1] {
    [signal_hook::consts::SIGHUP]
}

/// Whether a program is installed: it prints its version for that argument.
pub fn is_installed(program: &str, version: &str) -> bool {
    let child = command(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.is_ok_and(|child| Running::from(child).output().status.success())
}

/// Waits until a condition holds.
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited too long until {what}");
        thread::sleep(PAUSE);
    }
}

/// A connection with a time limit on every read and write.
pub fn connect(address: impl ToSocketAddrs) -> TcpStream {
    with_limit(TcpStream::connect(address).expect("a connection"))
}

/// Hands each connection to a thread of its own, none of which waits without a limit, until the tests end.
pub fn accept_each(listener: TcpListener, handle: impl Fn(TcpStream) + Send + Sync + 'static) {
    accept_until(listener, Arc::default(), handle);
}

/// The same until a connection comes after `stop` was set.
pub fn accept_until(listener: TcpListener, stop: Arc<AtomicBool>, handle: impl Fn(TcpStream) + Send + Sync + 'static) {
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok).take_while(|_| !stop.load(Ordering::SeqCst)) {
            let handle = Arc::clone(&handle);
            thread::spawn(move || handle(with_limit(stream)));
        }
    });
}

fn with_limit(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(LIMIT)).and_then(|()| stream.set_write_timeout(Some(LIMIT))).expect("a time limit");
    stream
}

/// What a program writes to one of its streams, read as it comes.
struct Stream {
    pieces: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Stream {
    fn new(source: Option<impl Read + Send + 'static>) -> Self {
        let (send, pieces) = channel();
        if let Some(mut source) = source {
            thread::spawn(move || {
                let mut buffer = vec![0; 1 << 16];
                while let Ok(length @ 1..) = source.read(&mut buffer) {
                    if send.send(buffer[..length].to_vec()).is_err() {
                        break;
                    }
                }
            });
        }
        Self { pieces, seen: Vec::new() }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Reads until the output is sufficient; returns whether it is in time.
    fn read_until(&mut self, deadline: Instant, is_enough: impl Fn(&str) -> bool) -> bool {
        while !is_enough(&self.text()) {
            match self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.extend(piece),
                Err(_) => return false,
            }
        }
        true
    }

    /// Reads to the end; returns whether it comes in time.
    fn read_to_end(&mut self, deadline: Instant) -> bool {
        loop {
            match self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.extend(piece),
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}

/// A running program. It is killed when this value is dropped.
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl From<Child> for Running {
    /// A child with the streams it was given.
    fn from(mut child: Child) -> Self {
        let (stdout, stderr) = (Stream::new(child.stdout.take()), Stream::new(child.stderr.take()));
        Self { child, stdout, stderr }
    }
}

impl Running {
    /// Starts a command whose stdout and stderr are read.
    pub fn start(command: &mut Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs").into()
    }

    /// Starts a command whose stdout the reader closes after this many bytes.
    pub fn start_and_close(command: &mut Command, bytes: u64) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let stdout = Stream::new(child.stdout.take().map(|stdout| stdout.take(bytes)));
        let stderr = Stream::new(child.stderr.take());
        Self { child, stdout, stderr }
    }

    /// Writes `input` to the command's stdin, a pipe, and closes it.
    pub fn feed(&mut self, input: &[u8]) {
        let mut stdin = self.child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // A program that needs no input may have ended, and one that reads none must not stop the test.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }

    /// Writes a line to the command's stdin, a pipe.
    pub fn say(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().expect("a pipe"), "{line}").expect("the program reads");
    }

    /// Waits for this many lines on stdout.
    #[track_caller]
    pub fn first_lines(&mut self, count: usize) -> Vec<String> {
        let came = self.stdout.read_until(Instant::now() + LIMIT, |text| text.matches('\n').count() >= count);
        assert!(came, "{count} lines do not come on stdout:\n{}", self.stdout.text());
        self.stdout.text().lines().take(count).map(str::to_owned).collect()
    }

    /// Waits until the output on stderr is sufficient.
    #[track_caller]
    pub fn wait_for_stderr(&mut self, what: &str, is_enough: impl Fn(&str) -> bool) {
        let came = self.stderr.read_until(Instant::now() + LIMIT, is_enough);
        assert!(came, "{what} does not come on stderr:\n{}", self.stderr.text());
    }

    /// Waits for a line with `text` on stderr and returns it.
    #[track_caller]
    pub fn wait_for_line(&mut self, text: &str) -> String {
        let find = |came: &str| {
            came.split_inclusive('\n').find(|line| line.contains(text) && line.ends_with('\n')).map(str::to_owned)
        };
        self.wait_for_stderr(&format!("`{text}`"), |came| find(came).is_some());
        find(&self.stderr.text()).expect("it has come")
    }

    /// Waits until a condition holds while the program must keep running.
    #[track_caller]
    pub fn run_until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        wait_until(what, || is_so() || !self.runs());
        assert!(is_so(), "the program has ended before {what}:\n{}", self.stderr.text());
    }

    /// Whether it is still running.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_none()
    }

    /// Sends it a signal; a process that has ended is fine.
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal);
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Waits for the end; `None` if it does not end in time and is killed.
    pub fn output_within(mut self, limit: Duration) -> Option<Output> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + limit;
        if !self.stdout.read_to_end(deadline) || !self.stderr.read_to_end(deadline) {
            return None;
        }
        let status = self.status_by(deadline)?;
        Some(Output {
            status,
            stdout: std::mem::take(&mut self.stdout.seen),
            stderr: std::mem::take(&mut self.stderr.seen),
        })
    }

    fn status_by(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Waits for the end; returns the status and all output.
    #[track_caller]
    pub fn output(self) -> Output {
        self.output_within(LIMIT).expect("the program ends")
    }

    /// Waits for the end.
    #[track_caller]
    pub fn end(self) -> Run {
        self.output().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if it has ended, which is fine.
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_starts_with_no_signal_ignored() {
    let status = Running::start(command("cat").arg("/proc/self/status")).end().code(0).stdout;
    // The real-time signals above 31 do not matter here.
    assert_eq!(ignored_in(&status) & 0x7fff_ffff, 0, "{status}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_starts_with_no_signal_ignored_under_nohup_too() {
    let tests = std::env::current_exe().expect("the tests themselves");
    let mut nohup = command("nohup");
    nohup.arg(tests).args(["--exact", "support::process::a_program_starts_with_no_signal_ignored"]);
    let run = Running::start(&mut nohup).end().code(0);
    assert!(run.stdout.contains("1 passed"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn a_program_that_does_not_end_is_killed() {
    let sleeper = Running::start(command("sleep").arg("3600"));
    assert!(sleeper.output_within(Duration::from_millis(50)).is_none());
}
