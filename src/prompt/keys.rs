//! The keyboard, key by key: nothing that is typed appears by itself, and the terminal is given back as it was.

use std::io;
use std::time::Duration;

use crate::error::{Error, Result};
#[cfg(unix)]
use crate::signals::{Signal, SignalGuard, Signals};

/// Pause between two looks at the keyboard while something else goes on.
const LOOK: Duration = Duration::from_millis(100);

fn failed(error: &io::Error) -> Error {
    Error::local_file("read from the terminal", error)
}

/// The terminal without echo and lines, until it is dropped.
#[cfg(unix)]
struct RawMode {
    before: rustix::termios::Termios,
}

/// How [`RawMode`] reads.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
struct RawOptions {
    /// Whether Ctrl-C and Ctrl-\ stay signals; otherwise they are keys.
    keeps_signals: bool,
    /// Whether what was typed before is thrown away.
    flushes: bool,
    /// How long a read waits, in tenths of a second.
    read_timeout: u8,
}

#[cfg(unix)]
impl RawMode {
    /// Switches the terminal.
    fn enter(options: RawOptions) -> Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
        /// Switches a special key off.
        const DISABLED: u8 = if cfg!(target_os = "linux") { 0 } else { 0xff };

        let stdin = io::stdin();
        let before = tcgetattr(&stdin).map_err(|error| failed(&error.into()))?;
        let mut raw = before.clone();
        raw.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON);
        if options.keeps_signals {
            // A stopped program could not give the terminal back.
            raw.special_codes[SpecialCodeIndex::VSUSP] = DISABLED;
        } else {
            raw.local_modes.remove(LocalModes::ISIG);
        }
        raw.special_codes[SpecialCodeIndex::VMIN] = 0;
        raw.special_codes[SpecialCodeIndex::VTIME] = options.read_timeout;
        let action = if options.flushes { OptionalActions::Flush } else { OptionalActions::Now };
        tcsetattr(&stdin, action, &raw).map_err(|error| failed(&error.into()))?;
        Ok(Self { before })
    }

    /// The next byte that was typed; `None` if there is none in time.
    #[expect(clippy::unused_self, reason = "it reads byte by byte only while the terminal is switched")]
    fn read(&self) -> io::Result<Option<u8>> {
        use std::io::Read as _;
        let mut key = [0];
        match io::stdin().lock().read(&mut key) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(key[0])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(unix)]
impl Drop for RawMode {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // A closed terminal cannot be restored.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// A key, as far as prompts care.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Letter(char),
    Enter,
    Backspace,
    /// Ctrl-U.
    Clear,
    /// Ctrl-D.
    End,
    Up,
    Down,
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// A byte that is not UTF-8.
    Invalid,
    /// A signal came instead.
    Signal(Signal),
    /// The terminal was closed.
    Closed,
}

/// The keys of a prompt.
#[cfg(unix)]
pub(super) struct Keys<'s> {
    raw: RawMode,
    signals: &'s Signals,
    _guard: SignalGuard<'s>,
}

#[cfg(unix)]
impl<'s> Keys<'s> {
    /// Listens to the keyboard; with `flushes`, what was typed before is thrown away.
    pub(super) fn listen(signals: &'s Signals, flushes: bool) -> Result<Self> {
        let guard = signals.guard()?;
        // Signals are checked between two reads.
        let raw = RawMode::enter(RawOptions { keeps_signals: false, flushes, read_timeout: 1 })?;
        Ok(Self { raw, signals, _guard: guard })
    }

    /// Waits for the next key.
    pub(super) fn next(&mut self) -> Result<Key> {
        const MIN_READ_TIME: Duration = Duration::from_millis(20);

        loop {
            if let Some(signal) = self.signals.received() {
                return Ok(Key::Signal(signal));
            }
            let looked = std::time::Instant::now();
            match self.byte()? {
                // A read from a closed terminal returns nothing at once.
                None if looked.elapsed() < MIN_READ_TIME => return Ok(Key::Closed),
                None => {}
                Some(byte) => return self.key(byte),
            }
        }
    }

    fn byte(&self) -> Result<Option<u8>> {
        self.raw.read().map_err(|error| failed(&error))
    }

    fn key(&self, first: u8) -> Result<Key> {
        Ok(match first {
            b'\n' | b'\r' => Key::Enter,
            3 => Key::Interrupt,
            4 => Key::End,
            8 | 127 => Key::Backspace,
            14 => Key::Down,
            16 => Key::Up,
            21 => Key::Clear,
            0x1b => match self.byte()? {
                Some(b'[' | b'O') => match self.byte()? {
                    Some(b'A') => Key::Up,
                    Some(b'B') => Key::Down,
                    // Other keys that send a sequence: read to its end, and ignored as a control character.
                    Some(mut byte) => {
                        while !(0x40..=0x7e).contains(&byte) {
                            let Some(next) = self.byte()? else { break };
                            byte = next;
                        }
                        Key::Letter('\u{1b}')
                    }
                    None => Key::Escape,
                },
                _ => Key::Escape,
            },
            first => self.letter(first)?,
        })
    }

    /// A character, which may have several bytes.
    fn letter(&self, first: u8) -> Result<Key> {
        let length = match first {
            0..=0x7f => 1,
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            _ => return Ok(Key::Invalid),
        };
        let mut bytes = vec![first];
        while bytes.len() < length {
            let Some(byte) = self.byte()? else { return Ok(Key::Invalid) };
            bytes.push(byte);
        }
        let letter = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        Ok(letter.map_or(Key::Invalid, Key::Letter))
    }
}

/// Waits for `q` while something else goes on.
#[cfg(unix)]
pub(crate) struct QuitKey(RawMode);

#[cfg(unix)]
impl QuitKey {
    /// Listens to the keyboard.
    pub(crate) fn listen() -> Result<Self> {
        RawMode::enter(RawOptions { keeps_signals: true, flushes: false, read_timeout: 0 }).map(Self)
    }

    /// Waits until it is pressed.
    pub(crate) async fn pressed(&self) {
        loop {
            match self.0.read() {
                Ok(Some(b'q' | b'Q')) => return,
                Ok(Some(_)) => {}
                Ok(None) => tokio::time::sleep(LOOK).await,
                // Without a keyboard only a signal ends the watch.
                Err(_) => std::future::pending().await,
            }
        }
    }
}

/// Waits for `q` while something else goes on.
#[cfg(windows)]
pub(crate) struct QuitKey(std::sync::Arc<std::sync::atomic::AtomicBool>);

#[cfg(windows)]
impl QuitKey {
    /// Listens to the keyboard, on a thread that ends with the program.
    pub(crate) fn listen() -> Result<Self> {
        use std::sync::atomic::{AtomicBool, Ordering};

        let pressed = std::sync::Arc::new(AtomicBool::new(false));
        let flag = std::sync::Arc::clone(&pressed);
        let read = move || {
            let terminal = console::Term::stderr();
            while let Ok(key) = terminal.read_key() {
                if matches!(key, console::Key::Char('q' | 'Q')) {
                    return flag.store(true, Ordering::SeqCst);
                }
            }
        };
        std::thread::Builder::new().name("keys".to_owned()).spawn(read).map_err(|error| failed(&error))?;
        Ok(Self(pressed))
    }

    /// Waits until it is pressed.
    pub(crate) async fn pressed(&self) {
        while !self.0.load(std::sync::atomic::Ordering::SeqCst) {
            tokio::time::sleep(LOOK).await;
        }
    }
}
