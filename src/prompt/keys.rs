//! The keyboard, key by key: nothing that is typed appears by itself, and the terminal is given back as it was.

use std::io;
use std::time::Duration;

use crate::error::{Error, Result};

/// Pause between two looks at the keyboard while something else goes on.
const LOOK: Duration = Duration::from_millis(100);

fn failed(error: &io::Error) -> Error {
    Error::local_file("read from the terminal", error)
}

/// The terminal without echo and lines, until it is dropped.
#[cfg(unix)]
pub(crate) struct RawMode {
    before: rustix::termios::Termios,
}

/// How [`RawMode`] reads.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawOptions {
    /// Whether Ctrl-C and Ctrl-\ stay signals; otherwise they are keys.
    pub(crate) keeps_signals: bool,
    /// Whether what was typed before is thrown away.
    pub(crate) flushes: bool,
    /// How long a read waits, in tenths of a second.
    pub(crate) read_timeout: u8,
}

#[cfg(unix)]
impl RawMode {
    /// Switches the terminal.
    pub(crate) fn enter(options: RawOptions) -> Result<Self> {
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
    pub(crate) fn read(&self) -> io::Result<Option<u8>> {
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
