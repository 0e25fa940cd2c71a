//! A program on a pseudo terminal: its screen and its keyboard.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use pty_process::Size;
use pty_process::blocking::Pty;
use rustix::termios::{LocalModes, tcgetattr};

use crate::support::process::{LIMIT, Running, wait_until};

/// A terminal that runs one command.
pub struct Terminal {
    pty: Arc<Pty>,
    running: Running,
    pieces: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Terminal {
    /// Starts the command on a terminal of this many columns.
    pub fn start(command: Command, columns: u16) -> Self {
        Self::start_with(command, columns, true)
    }

    /// The same without a keyboard: stdin is not a terminal.
    pub fn start_without_keyboard(command: Command, columns: u16) -> Self {
        Self::start_with(command, columns, false)
    }

    fn start_with(mut command: Command, columns: u16, keyboard: bool) -> Self {
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm-256color");
        }
        if !command.get_envs().any(|(name, _)| name == "C66_PAGER") {
            command.env("C66_PAGER", "cat");
        }
        let (pty, pts) = pty_process::blocking::open().expect("a pseudo terminal");
        pty.resize(Size::new(40, columns)).expect("a size");
        // All three streams are the terminal, whatever the fixture set.
        let command = pty_process::blocking::Command::from(command);
        let command = if keyboard { command } else { command.stdin(Stdio::null()) };
        let running = Running::from(command.spawn(pts).expect("the program runs"));
        let pty = Arc::new(pty);
        let (send, pieces) = channel();
        let reader = Arc::clone(&pty);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // On Linux, reading a terminal that every other process has closed is an error.
            while let Ok(length @ 1..) = (&*reader).read(&mut buffer) {
                if send.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { pty, running, pieces, seen: Vec::new() }
    }

    /// Everything that has appeared, with the bytes that move the cursor.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits until `text` has appeared.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + LIMIT;
        while !self.seen().contains(text) {
            match self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.extend(piece),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{text}` does not appear in:\n{}", self.seen().escape_debug())
                }
            }
        }
    }

    /// Types as soon as the program reads: the terminal would echo anything typed before.
    pub fn type_in(&self, text: &str) {
        let deadline = Instant::now() + LIMIT;
        while tcgetattr(&*self.pty).expect("a terminal").local_modes.contains(LocalModes::ECHO) {
            assert!(Instant::now() < deadline, "the program does not listen");
            thread::yield_now();
        }
        self.press(text);
    }

    #[cfg(target_os = "linux")]
    pub fn signal(&self, signal: rustix::process::Signal) {
        self.running.signal(signal);
    }

    /// Whether the terminal echoes input.
    pub fn echoes(&self) -> bool {
        tcgetattr(&*self.pty).expect("a terminal").local_modes.contains(LocalModes::ECHO)
    }

    /// Types at once, such as Ctrl-C.
    pub fn press(&self, text: &str) {
        (&*self.pty).write_all(text.as_bytes()).expect("the keyboard works");
    }

    /// Waits for the end; returns the exit code and all output.
    #[track_caller]
    pub fn end(self) -> (i32, String) {
        self.end_and_look(|_| {})
    }

    /// The same, and whether the terminal echoes input afterwards.
    #[track_caller]
    pub fn end_and_look(mut self, look: impl FnOnce(&Self)) -> (i32, String) {
        let deadline = Instant::now() + LIMIT;
        loop {
            match self.pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.extend(piece),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end:\n{}", self.seen().escape_debug()),
            }
        }
        wait_until("the program has ended", || !self.running.runs());
        look(&self);
        let seen = self.seen();
        (self.running.end().code, seen)
    }
}

/// The final lines of the terminal: without colours, and without erased text.
pub fn lines(seen: &str) -> Vec<String> {
    screen(seen, usize::MAX)
}

/// The same on a terminal of this many columns, which wraps full lines.
pub fn screen(seen: &str, columns: usize) -> Vec<String> {
    let mut screen: Vec<Vec<char>> = Vec::new();
    let (mut row, mut column) = (0_usize, 0_usize);
    let mut letters = seen.chars().peekable();
    while let Some(letter) = letters.next() {
        if column >= columns && !letter.is_control() {
            (row, column) = (row + 1, 0);
        }
        screen.resize(screen.len().max(row + 1), Vec::new());
        let line = &mut screen[row];
        match letter {
            '\u{1b}' if letters.next_if_eq(&'[').is_some() => {
                let mut number = String::new();
                while let Some(digit) = letters.next_if(|letter| !letter.is_ascii_alphabetic()) {
                    number.push(digit);
                }
                let count = number.parse().unwrap_or(1);
                match letters.next() {
                    Some('A') => row = row.saturating_sub(count),
                    Some('B') => row += count,
                    Some('K') if number == "2" => line.clear(),
                    Some('K') => line.truncate(column),
                    Some('J') => {
                        line.truncate(column);
                        screen.truncate(row + 1);
                    }
                    _ => {}
                }
            }
            '\r' => column = 0,
            '\n' => row += 1,
            letter => {
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                column += 1;
            }
        }
    }
    screen.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect()
}
