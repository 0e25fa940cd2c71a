//! A child process with the streams of this one: it gets the signals of this process, and its end becomes an exit code.

use std::process::ExitStatus;

use tokio::process::{Child, Command};

use crate::signals::{Signal, Signals};

/// Who else gets the Ctrl-C of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// The child reads the same terminal, which sends Ctrl-C to both.
    Shared,
    /// The child has no terminal: Ctrl-C is passed on.
    None,
}

/// Runs the command to its end and returns its exit code. Every signal of this process is for the child, which decides
/// whether to end.
pub(crate) async fn run(signals: &Signals, terminal: Terminal, command: &mut Command) -> std::io::Result<u8> {
    // Before the start, so that no signal ends this process and leaves the child alone.
    let mut guard = signals.guard().map_err(std::io::Error::other)?;
    if let Some(signal) = signals.received() {
        return Ok(signal.kind().exit().code());
    }
    let mut running = command.kill_on_drop(true).spawn()?;
    #[cfg(unix)]
    let mut stops = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::child())?;
    loop {
        #[cfg(unix)]
        let stopped = stops.recv();
        #[cfg(not(unix))]
        let stopped = std::future::pending::<Option<()>>();
        let signal = tokio::select! {
            ended = running.wait() => return ended.map(exit_code),
            signal = guard.signal() => Some(signal),
            _ = stopped => None,
        };
        match signal {
            Some(signal) => {
                pass_on(signal, terminal, &running);
                guard.discard();
                guard = signals.guard().map_err(std::io::Error::other)?;
            }
            #[cfg(unix)]
            None => stop_with(&running),
            #[cfg(not(unix))]
            None => {}
        }
    }
}

/// Passes a signal on to the child, so that it ends in its own way.
#[cfg(unix)]
pub(crate) fn pass_on(signal: Signal, terminal: Terminal, running: &Child) {
    if signal == Signal::Interrupt && terminal == Terminal::Shared {
        return;
    }
    if let Some(id) = pid(running) {
        // A child that has just ended needs no signal.
        let _ = rustix::process::kill_process(id, signal.to_system());
    }
}

#[cfg(not(unix))]
pub(crate) fn pass_on(_: Signal, _: Terminal, _: &Child) {}

#[cfg(unix)]
fn pid(running: &Child) -> Option<rustix::process::Pid> {
    running.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
}

/// Stops this process too if the child has stopped itself, as ssh does at `~^Z`: the shell must get its terminal back.
/// Once this process continues, so does the child.
#[cfg(unix)]
fn stop_with(running: &Child) {
    use rustix::process::{Signal, WaitId, WaitIdOptions, getpid, kill_process, waitid};
    let Some(id) = pid(running) else { return };
    let stopped = waitid(WaitId::Pid(id), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
    if !stopped.is_ok_and(|status| status.is_some_and(|status| status.stopped())) {
        return;
    }
    // Both fail only for a process that does not exist.
    let _ = kill_process(getpid(), Signal::STOP).and_then(|()| kill_process(id, Signal::CONT));
}

/// The exit code as in a shell: that of the child, or 128 plus the signal that ended it.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
