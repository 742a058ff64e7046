//! A program in a pseudo-terminal: what it writes is counted and shown, and every change can be waited for.

use super::Result;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    ffi::OsString,
    io::{Read, Write},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};
use vt100::Parser;

/// Tells a command which container prints.
const CONTAINER: &str = "BENCH_CONTAINER";
/// Size of the terminal.
pub const COLUMNS: u16 = 140;
/// See [`COLUMNS`].
pub const ROWS: u16 = 40;
/// Longest wait for something on the screen.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two keys: faster ones would be a paste.
const BETWEEN: Duration = Duration::from_millis(120);
/// What a program writes after so long a silence is a new frame, if it does not mark its frames.
const SILENCE: Duration = Duration::from_millis(5);
/// With this a program marks the beginning of a frame.
const FRAME: &[u8] = b"\x1b[?2026h";

/// A running program, its screen and its keyboard.
pub struct Screen {
    shared: Arc<Shared>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What came so far.
struct Seen {
    parser: Parser,
    bytes: u64,
    marks: u64,
    /// Bytes of [`FRAME`] that the last piece ended with.
    matched: usize,
    bursts: u64,
    last: Instant,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            parser: Parser::new(ROWS, COLUMNS, 0),
            bytes: 0,
            marks: 0,
            matched: 0,
            bursts: 0,
            last: Instant::now(),
        }
    }
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.bursts += u64::from(self.last.elapsed() > SILENCE);
        self.last = Instant::now();
        for byte in bytes {
            // The mark's first byte stands in it only once.
            self.matched = if FRAME.get(self.matched) == Some(byte) {
                self.matched + 1
            } else {
                usize::from(FRAME.first() == Some(byte))
            };
            if self.matched == FRAME.len() {
                (self.marks, self.matched) = (self.marks + 1, 0);
            }
        }
        self.parser.process(bytes);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Screen {
    /// Starts `words`; what it keeps and reads of its own lies in `home`, and [`CONTAINER`] names `container`.
    pub fn open(words: &[OsString], home: &Path, container: &str) -> Result<Self> {
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::from_argv(words.to_vec());
        for (name, value) in [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8")] {
            command.env(name, value);
        }
        for name in ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(name, home);
        }
        command.env(CONTAINER, container);
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let shared = Arc::new(Shared::default());
        let (mut reader, written) = (pair.master.try_clone_reader()?, Arc::clone(&shared));
        spawn(move || {
            let mut buffer = [0; 64 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                written.lock().take(buffer.get(..read).unwrap_or_default());
                written.changed.notify_all();
            }
        });
        Ok(Self {
            shared,
            keyboard: pair.master.take_writer()?,
            child,
            _master: pair.master,
        })
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap_or_default()
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.shared.lock().parser.screen().contents()
    }

    /// Bytes and frames that it wrote so far.
    pub fn written(&self) -> (u64, u64) {
        let seen = self.shared.lock();
        let frames = if seen.marks > 0 {
            seen.marks
        } else {
            seen.bursts
        };
        (seen.bytes, frames)
    }

    /// Types keys one after the other, as a person does.
    pub fn type_keys(&mut self, keys: &[String]) -> Result<()> {
        for key in keys {
            self.press(key)?;
            sleep(BETWEEN);
        }
        Ok(())
    }

    /// Sends a key; fails if the program has ended.
    pub fn press(&mut self, key: &str) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the program ended: {status}\n{}", self.text()).into());
        }
        self.keyboard.write_all(key.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }

    /// Sends a key; gives the time until the screen is as `wanted`.
    pub fn react(&mut self, key: &str, wanted: impl Fn(&str) -> bool) -> Result<Duration> {
        let began = Instant::now();
        self.press(key)?;
        self.wait_until(&format!("what {key:?} does"), wanted)?;
        Ok(began.elapsed())
    }

    /// Waits until the screen is as `wanted`.
    pub fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.shared.lock();
        while !wanted(&seen.parser.screen().contents()) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let text = seen.parser.screen().contents();
                return Err(format!("the screen never showed {what}:\n{text}").into());
            }
            let waited = self.shared.changed.wait_timeout(seen, left);
            (seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
