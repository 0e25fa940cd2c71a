//! Whether zsh loads completions from a folder: it has a list of folders, and loads nothing without `compinit`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::text::quote::shell_quote;

/// How long an interactive zsh may take to start.
const MAX_START: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
/// Set for that shell: its start-up file may install the completion too.
pub(super) const ASKED: &str = "C66_ASKED_BY_INSTALL";
/// What precedes our lines: start-up files may print others.
const MARK: &str = "c66:";

/// The line that the start-up file lacks; `None` if the folder is used. The start-up file itself says so, since it can
/// compute its folders: the shell is asked.
pub(super) fn missing_line(folder: &Path) -> Option<String> {
    let said = ask().unwrap_or_default();
    let lines: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix(MARK)).collect();
    let is_searched = lines.iter().any(|line| Path::new(line) == folder);
    match (is_searched, lines.contains(&"compdef")) {
        (true, true) => None,
        (true, false) => Some("autoload -Uz compinit; compinit".to_owned()),
        (false, has_compinit) => {
            let place = if has_compinit { "  # before compinit" } else { "; autoload -Uz compinit; compinit" };
            Some(format!("fpath=({} $fpath){place}", shell_quote(&folder.display().to_string())))
        }
    }
}

/// The folders of an interactive zsh; `None` without zsh, or if it takes too long.
fn ask() -> Option<String> {
    let script = format!("print -rl -- \"{MARK}\"${{^fpath}}; (( $+functions[compdef] )) && print -r -- {MARK}compdef");
    let mut shell = Command::new("zsh");
    // Without job control it leaves the terminal alone.
    shell
        .args(["-i", "+m", "-c", &script])
        .env(ASKED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut running = shell.spawn().ok()?;
    let began = Instant::now();
    loop {
        match running.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if began.elapsed() < MAX_START => std::thread::sleep(POLL),
            // It may wait for something that its start-up files started.
            _ => {
                let _ = running.kill();
                let _ = running.wait();
                return None;
            }
        }
    }
    Some(String::from_utf8_lossy(&running.wait_with_output().ok()?.stdout).into_owned())
}
