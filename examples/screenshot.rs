//! Draws what a full-screen program shows as an SVG: runs it in a pseudo-terminal and plays a little script of keys and
//! waits. `scripts/screenshots` makes the pictures of the README with it.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use std::{env, error::Error, fs, process::ExitCode, thread};
use vt100::Parser;

#[path = "screenshot/picture.rs"]
mod picture;

const USAGE: &str = "usage: screenshot COLUMNSxROWS TITLE STEP... -- PROGRAM [ARGUMENT...]
steps: wait:TEXT     until the screen shows it      gone:TEXT     until it does not
       pause:500ms   in milliseconds                snap:FILE     the screen as an SVG
       keys:KEYS     typed; \\e Escape, \\r Enter, \\t Tab, \\b Backspace, \\u \\d \\l \\R arrows";
const KEYS: [(&str, &str); 8] = [
    ("\\e", "\x1b"),
    ("\\r", "\r"),
    ("\\t", "\t"),
    ("\\b", "\x7f"),
    ("\\u", "\x1b[A"),
    ("\\d", "\x1b[B"),
    ("\\l", "\x1b[D"),
    ("\\R", "\x1b[C"),
];
/// Longest wait for one text.
const PATIENCE: Duration = Duration::from_secs(40);
/// Without output for so long the program has drawn the whole of a frame.
const STILL: Duration = Duration::from_millis(120);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("screenshot: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let split = args.iter().position(|arg| arg == "--").ok_or(USAGE)?;
    let ([size, title, steps @ ..], [_, program @ ..]) = args.split_at(split) else {
        return Err(USAGE.into());
    };
    let (columns, rows) = size.split_once('x').ok_or(USAGE)?;
    let mut terminal = Terminal::open(columns.parse()?, rows.parse()?, program)?;
    for step in steps {
        let played = terminal.play(step, title);
        played.map_err(|e| format!("{step}: {e}\n{}", terminal.parser.screen().contents()))?;
    }
    // It may have ended already.
    let _ = terminal.child.kill();
    Ok(())
}

struct Terminal {
    parser: Parser,
    output: Receiver<Vec<u8>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn open(cols: u16, rows: u16, program: &[String]) -> Result<Self> {
        let (pixel_width, pixel_height) = (0, 0);
        let size = PtySize {
            rows,
            cols,
            pixel_width,
            pixel_height,
        };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(program.first().ok_or(USAGE)?);
        command.args(&program[1..]);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LC_ALL", "C.UTF-8");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (keyboard, _master) = (pair.master.take_writer()?, pair.master);
        let parser = Parser::new(rows, cols, 0);
        Ok(Self {
            parser,
            output,
            keyboard,
            child,
            _master,
        })
    }

    fn play(&mut self, step: &str, title: &str) -> Result<()> {
        match step.split_once(':').ok_or(USAGE)? {
            ("wait", text) => self.until(text, true),
            ("gone", text) => self.until(text, false),
            ("keys", keys) => {
                let keys = KEYS
                    .iter()
                    .fold(keys.to_owned(), |keys, (name, key)| keys.replace(name, key));
                Ok(self.keyboard.write_all(keys.as_bytes())?)
            }
            ("pause", time) => {
                let time = time.strip_suffix("ms").ok_or(USAGE)?.parse()?;
                let end = Instant::now() + Duration::from_millis(time);
                while Instant::now() < end {
                    self.take(end - Instant::now())?;
                }
                Ok(())
            }
            ("snap", file) => {
                while self.take(STILL)? {}
                Ok(fs::write(file, picture::draw(self.parser.screen(), title))?)
            }
            _ => Err(USAGE.into()),
        }
    }

    /// Takes what the program writes within that time; says whether it was something.
    fn take(&mut self, time: Duration) -> Result<bool> {
        match self.output.recv_timeout(time) {
            Ok(bytes) => self.parser.process(&bytes),
            Err(RecvTimeoutError::Timeout) => return Ok(false),
            Err(RecvTimeoutError::Disconnected) => return Err("the program has ended".into()),
        }
        Ok(true)
    }

    fn until(&mut self, text: &str, shown: bool) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.parser.screen().contents().contains(text) != shown {
            if Instant::now() > end {
                return Err(format!("not so within {} s; the screen:", PATIENCE.as_secs()).into());
            }
            self.take(STILL)?;
        }
        Ok(())
    }
}
