//! Owns the terminal: enters it, leaves it on every way out, gives it back while we are stopped.

use super::{
    outlet::{self, Outlet},
    painter::Painter,
    report,
};
use crate::domain::Safe;
use anyhow::bail;
use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute, queue,
    style::Print,
    terminal::{self, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Terminal, backend::TestBackend};
use rustix::{
    process::{Signal, kill_current_process_group},
    termios::{OptionalActions, Termios, tcgetattr, tcsetattr},
};
use std::{
    convert::Infallible,
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::{AsFd, BorrowedFd},
    panic,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A terminal that takes nothing for so long is left as it is: whoever stopped us waits for our end.
const FAREWELL: Duration = Duration::from_secs(1);
/// Presses, wheel and movement with a button down, with coordinates beyond 223 (1002, 1006). All movement (1003) would
/// send a stream that nobody reads.
const MOUSE_ON: &str = "\u{1b}[?1002h\u{1b}[?1006h";
const MOUSE_OFF: &str = "\u{1b}[?1006l\u{1b}[?1002l";

/// What a program may have left behind: origin, margins, cursor keys, colours and a hidden cursor (soft reset), the
/// mouse, marked pastes, its own screen.
const SETTLE: &str = "\u{1b}[!p\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l\u{1b}[?2004l\u{1b}[?1l\u{1b}>\u{1b}[0m\u{1b}[?25h\u{1b}[?1047l";

/// The real screen.
pub type Screen = Terminal<Painter<Outlet>>;

static ENTERED: AtomicBool = AtomicBool::new(false);
/// The alternate screen is shown: not while a text is shown alone.
static ALTERNATE: AtomicBool = AtomicBool::new(false);

/// What the loop needs of a terminal besides drawing.
pub trait Stage: ratatui::backend::Backend {
    /// True if the frame before is written: a terminal that does not read gets no second one.
    fn is_free(&self) -> bool {
        true
    }

    /// Catches the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn catch_mouse(&mut self, on: bool) -> Result<(), Self::Error>;

    /// Sends bytes that draw nothing, between two frames.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn send(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Shows bytes on the screen that the shell had, with the mouse left to the terminal, until [`Stage::resume`].
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn show_plain(&mut self, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Gives the terminal to another program, until [`Stage::resume`], with a line for the operator.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn step_aside(&mut self, _line: Safe) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Gives the terminal back, stops this process (and its group, as ctrl-z in a shell does), and takes the terminal
    /// again when it is continued.
    ///
    /// # Errors
    /// The terminal cannot be used any more.
    fn suspend(&mut self, mouse: bool) -> Result<(), Self::Error>;

    /// Takes the terminal again after somebody else may have changed it.
    ///
    /// # Errors
    /// The terminal cannot be used any more.
    fn resume(&mut self, mouse: bool) -> Result<(), Self::Error>;
}

impl Stage for Painter<Outlet> {
    fn is_free(&self) -> bool {
        outlet::is_free()
    }

    fn catch_mouse(&mut self, on: bool) -> io::Result<()> {
        execute!(self.inner, Print(if on { MOUSE_ON } else { MOUSE_OFF }))
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        Write::flush(&mut self.inner)
    }

    fn show_plain(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Pastes stay marked: what is pasted by mistake must not become keys.
        queue!(self.inner, Print(MOUSE_OFF), LeaveAlternateScreen, Show)?;
        ALTERNATE.store(false, Ordering::SeqCst);
        self.send(bytes)
    }

    fn step_aside(&mut self, line: Safe) -> io::Result<()> {
        leave();
        say(&[line]);
        Ok(())
    }

    fn suspend(&mut self, mouse: bool) -> io::Result<()> {
        leave();
        kill_current_process_group(Signal::STOP)?;
        self.resume(mouse)
    }

    fn resume(&mut self, mouse: bool) -> io::Result<()> {
        take(&mut self.inner)?;
        self.cursor_hidden = false;
        self.catch_mouse(mouse)
    }
}

/// For tests: a terminal that has no modes.
impl Stage for TestBackend {
    fn catch_mouse(&mut self, _on: bool) -> Result<(), Infallible> {
        Ok(())
    }

    fn send(&mut self, _bytes: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn show_plain(&mut self, _bytes: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }

    fn suspend(&mut self, _mouse: bool) -> Result<(), Infallible> {
        Ok(())
    }

    fn resume(&mut self, _mouse: bool) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Leaves the terminal when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Whether there is a terminal that a full screen can be drawn on.
///
/// # Errors
/// What is missing, and what to do instead.
pub fn check() -> anyhow::Result<()> {
    let instead = "use a subcommand: cchub-tui status, logs, health, … (see --help)";
    if !is_ours() {
        bail!("the screen needs a terminal for input and output; without one, {instead}");
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        bail!("TERM=dumb cannot show a full screen; {instead}");
    }
    Ok(())
}

/// True if standard input and output are a terminal.
#[must_use]
pub fn is_ours() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Copies of standard output and standard error: a write that blocks must not hold their locks.
///
/// # Errors
/// There is no descriptor left.
pub fn ways_out() -> io::Result<[File; 2]> {
    let copy = |target: BorrowedFd<'_>| target.try_clone_to_owned().map(File::from);
    Ok([copy(io::stdout().as_fd())?, copy(io::stderr().as_fd())?])
}

/// The terminal in raw mode for somebody else's program; when dropped it is as it was, whatever that program set.
#[derive(Debug)]
pub struct Raw(());

impl Raw {
    /// Every key comes as it is typed.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Self(()))
    }

    /// Once more: a shell may have changed it while we were stopped.
    pub fn again(&self) {
        // Keys that come a line at a time are better than none.
        let _ = terminal::disable_raw_mode().and_then(|()| terminal::enable_raw_mode());
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        if outlet::drained(&io::stdout(), FAREWELL) {
            // There may be nobody left to tell.
            let _ = io::stdout().write_all(SETTLE.as_bytes());
            let _ = io::stdout().flush();
        }
        // See above.
        let _ = terminal::disable_raw_mode();
    }
}

/// The modes of the terminal's line, to be put back after a program that may not do it itself.
#[derive(Debug)]
pub struct Modes(Option<Termios>);

impl Modes {
    /// As they are now.
    #[must_use]
    pub fn now() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }

    /// Puts them back.
    pub fn restore(&self) {
        if let Some(modes) = &self.0 {
            // There may be no terminal any more, and whoever draws next finds out.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
        }
    }
}

/// Takes the terminal: raw, alternate screen, pastes as such, and the mouse if it is wanted.
///
/// # Errors
/// The terminal cannot be used.
pub fn enter(mouse: bool) -> io::Result<(Screen, Guard)> {
    install_panic_hook();
    // Our themes honour NO_COLOR themselves; the library would also drop the bold and reversed text that replaces it.
    crossterm::style::force_color_output(true);
    let guard = Guard(());
    let mut screen = Terminal::new(Painter::new(Outlet::new(&io::stdout())?))?;
    screen.backend_mut().resume(mouse)?;
    Ok((screen, guard))
}

fn take(out: &mut impl Write) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    ALTERNATE.store(true, Ordering::SeqCst);
    execute!(out, EnterAlternateScreen, EnableBracketedPaste)
}

/// Leaves everything as it was found. Safe to call twice: leaving the alternate screen a second time would move the
/// cursor over what was printed since.
fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    if outlet::drained(&io::stdout(), FAREWELL) {
        // There is nobody left to tell.
        let _ = say_goodbye();
    }
    // See above.
    let _ = terminal::disable_raw_mode();
}

fn say_goodbye() -> io::Result<()> {
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EndSynchronizedUpdate,
        Print(MOUSE_OFF),
        DisableBracketedPaste
    )?;
    if ALTERNATE.swap(false, Ordering::SeqCst) {
        queue!(bytes, LeaveAlternateScreen)?;
    }
    queue!(bytes, Show)?;
    io::stdout().write_all(&bytes)?;
    io::stdout().flush()
}

/// Says something below the screen that was left; not at all to a terminal that would make us wait.
pub fn say(lines: &[Safe]) {
    if !lines.is_empty() && outlet::drained(&io::stderr(), FAREWELL) {
        for line in lines {
            // There may be nobody left to tell.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
}

/// A panic of the screen's own thread leaves the terminal first, so that the line that says where the report is can be
/// read. A task's panic does not: it comes back to the hub, and the screen goes on.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let screen = thread::current().id();
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let entered = ENTERED.load(Ordering::SeqCst);
            match (thread::current().id() == screen, entered) {
                (true, true) => {
                    leave();
                    say(&[Safe::new(report::write(info))]);
                }
                (false, true) => {}
                (_, false) => next(info),
            }
        }));
    });
}
