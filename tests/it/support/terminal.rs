//! The real program in a pseudo-terminal: what it draws is read back through a terminal emulator.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    ffi::OsString,
    io::{Read, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

/// Longest wait for something to appear: a whole stack may have to start.
const PATIENCE: Duration = Duration::from_secs(90);
/// Pause between two looks at the screen.
const LOOK: Duration = Duration::from_millis(30);
/// Dialogs ignore keys for a moment after they open; a person is slower.
const HESITATION: Duration = Duration::from_millis(250);

/// A running program and its screen.
pub struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    gone: Arc<AtomicBool>,
    paused: Arc<AtomicBool>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
}

impl Terminal {
    /// Starts the program with a hub file, `rows` × `columns`, and more environment.
    pub fn open(hub_file: &Path, (columns, rows): (u16, u16), env: &[(&str, &str)]) -> Self {
        Self::open_with(&[], hub_file, (columns, rows), env)
    }

    /// The same, started through another program: `words` come before ours.
    pub fn open_with(
        words: &[&str],
        hub_file: &Path,
        size: (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let mut words: Vec<OsString> = words.iter().map(Into::into).collect();
        words.push(env!("CARGO_BIN_EXE_cchub-tui").into());
        words.push("--config".into());
        words.push(hub_file.into());
        // What the program writes down by itself stays in the test's own folder.
        let state = hub_file.with_file_name("state");
        let mut all = vec![("XDG_STATE_HOME", state.to_str().unwrap())];
        all.extend(env);
        Self::run(words, size, &all)
    }

    /// Any program in a terminal.
    pub fn run(words: Vec<OsString>, (columns, rows): (u16, u16), env: &[(&str, &str)]) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::from_argv(words);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, columns, 0)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let gone = Arc::new(AtomicBool::new(false));
        let paused = Arc::new(AtomicBool::new(false));
        let (emulator, bytes, unplugged) = (screen.clone(), raw.clone(), gone.clone());
        let blocked = paused.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 64 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                while blocked.load(Ordering::SeqCst) {
                    sleep(LOOK);
                }
                if unplugged.load(Ordering::SeqCst) {
                    return; // the last handle of the terminal goes with this thread
                }
                emulator.lock().unwrap().process(&buffer[..read]);
                bytes.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            screen,
            raw,
            gone,
            paused,
            keyboard: pair.master.take_writer().unwrap(),
            child,
            master: Some(pair.master),
        }
    }

    /// What is on the screen now.
    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// The screen as it is now.
    pub fn look(&self) -> vt100::Screen {
        self.screen.lock().unwrap().screen().clone()
    }

    /// All bytes that were written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    /// Types keys as a terminal sends them.
    pub fn keys(&mut self, keys: &str) {
        self.send(keys.as_bytes());
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Sends bytes as they are; false if the program has ended.
    pub fn offer(&mut self, bytes: &[u8]) -> bool {
        self.child.try_wait().unwrap().is_none()
            && self.keyboard.write_all(bytes).is_ok()
            && self.keyboard.flush().is_ok()
    }

    /// Waits a moment as a person does who reads a dialog, then types.
    pub fn answer(&mut self, keys: &str) {
        sleep(HESITATION);
        self.keys(keys);
    }

    /// Waits until the screen shows `words`.
    #[track_caller]
    pub fn see(&self, words: &str) -> String {
        self.until(&format!("'{words}'"), |screen| {
            screen.contents().contains(words)
        });
        self.text()
    }

    /// Waits until the screen is as `wanted`.
    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if wanted(self.screen.lock().unwrap().screen()) {
                return;
            }
            sleep(LOOK);
        }
        panic!("the screen never showed {what}:\n{}", self.text());
    }

    /// Stops or resumes reading what the program writes, as a slow line or XOFF does.
    pub fn pause(&self, on: bool) {
        self.paused.store(on, Ordering::SeqCst);
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Changes the size of the terminal.
    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
        self.screen
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(rows, columns);
    }

    /// Sends a signal, by name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Pulls the plug: the terminal is gone, as when an SSH connection breaks.
    /// What is drawn next is not read any more, and with it the last handle goes.
    pub fn hang_up(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        self.master = None;
        self.keyboard = Box::new(std::io::sink());
    }

    /// Waits for the end of the program; gives its exit code.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            sleep(LOOK);
        }
        panic!("the program does not end:\n{}", self.text());
    }

    /// Fails unless the terminal was given back: alternate screen left, cursor shown, paste and mouse modes off.
    #[track_caller]
    pub fn expect_restored(&self) {
        self.until("a restored terminal", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
        });
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
