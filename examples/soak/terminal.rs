//! The program in a pseudo-terminal.

use super::Result;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    sync::{Arc, Mutex, PoisonError},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};
use vt100::Parser;

const COLUMNS: u16 = 140;
const ROWS: u16 = 40;
/// The program answers within this time, whatever its engine does.
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(10);

/// A running program, its screen and its keyboard.
pub struct Terminal {
    screen: Arc<Mutex<Parser>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts `words`.
    pub fn open(words: &[&str]) -> Result<Self> {
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::from_argv(words.iter().map(Into::into).collect());
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let child = pair.slave.spawn_command(command)?;
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(Parser::new(ROWS, COLUMNS, 0)));
        let (mut reader, written) = (pair.master.try_clone_reader()?, Arc::clone(&screen));
        spawn(move || {
            let mut buffer = [0; 64 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let bytes = buffer.get(..read).unwrap_or_default();
                let mut screen = written.lock().unwrap_or_else(PoisonError::into_inner);
                screen.process(bytes);
            }
        });
        Ok(Self {
            screen,
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
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.screen().contents()
    }

    /// Types keys; fails if the program has ended.
    pub fn keys(&mut self, keys: &str) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the program ended: {status}\n{}", self.text()).into());
        }
        self.keyboard.write_all(keys.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }

    /// Waits until the screen shows `words`; says how long it took.
    pub fn wait_for(&self, words: &str) -> Result<Duration> {
        self.wait_until(words, |text| text.contains(words))
    }

    /// Waits until the screen does not show `words` any more.
    pub fn wait_without(&self, words: &str) -> Result<Duration> {
        self.wait_until(&format!("no {words}"), |text| !text.contains(words))
    }

    fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> Result<Duration> {
        let began = Instant::now();
        while !wanted(&self.text()) {
            if began.elapsed() > PATIENCE {
                return Err(format!("the screen never showed {what}:\n{}", self.text()).into());
            }
            sleep(LOOK);
        }
        Ok(began.elapsed())
    }

    /// Quits; gives the last line that the program prints.
    pub fn leave(&mut self) -> Result<String> {
        self.keys("\x03")?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > PATIENCE {
                return Err("the program does not end".into());
            }
            sleep(LOOK);
        }
        sleep(Duration::from_millis(200)); // what it printed last is read
        let text = self.text();
        Ok(text.lines().last().unwrap_or_default().trim().to_owned())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
