//! Terminal, input and the loop that joins them to the model.

pub use crate::app::{
    ScreenSettings,
    keymap::{
        preset::PRESETS,
        table::{KeyRow, key_table},
    },
};

pub mod browser;
pub mod burst;
pub mod call;
pub mod clipboard;
pub mod console;
pub mod convert;
pub mod decode;
pub mod input;
pub mod look;
pub mod outlet;
pub mod painter;
pub mod signals;
pub mod terminal;

mod answers;
mod aside;
mod folder;
mod ink;
mod plain;
mod report;
mod save;

use crate::{
    app::{Effect, Model, Msg},
    domain::{Safe, Timestamp},
    hub::{Command, Fact, HubHandle, Job, JobState, LogBatch, Verb},
    ui::{self, Hits},
};
use answers::Answers;
use anyhow::Context;
use aside::Aside;
use browser::Browser;
use clipboard::Between;
use futures_util::{Stream, StreamExt};
use input::Input;
use look::Looks;
use ratatui::{Terminal, layout::Rect};
use signals::Signal;
use std::{io, time::Duration};
use terminal::Stage;
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::{Instant, sleep_until},
};

/// Shortest time between two frames that no key asked for …
pub const FRAME: Duration = Duration::from_millis(50);
/// … and where more log lines came than fit on the screen: nobody reads them, and thin lines carry no more.
const FLOOD_FRAME: Duration = Duration::from_millis(95);
/// Pause before another look at a terminal that has not taken the frame before.
const BUSY: Duration = Duration::from_millis(10);
/// Longest time that a change waits for its frame while keys keep coming.
const OVERDUE: Duration = Duration::from_millis(100);
/// Facts that are taken at once.
const FACTS_MAX: usize = 64;
/// Log batches that are taken at once …
const BATCHES_MAX: usize = 4;
/// … and the shortest time until the next ones are: what a flood brings meanwhile costs one turn, not one for each batch.
const LOGS: Duration = Duration::from_millis(10);

/// What the screen is opened with.
#[derive(Debug, Clone, Default)]
pub struct OpenSettings {
    /// For the model.
    pub screen: ScreenSettings,
    /// How many colours the terminal has.
    pub depth: ui::ColourDepth,
    /// Only ASCII may be drawn.
    pub ascii: bool,
    /// The terminal's background is light.
    pub light: bool,
    /// The operator's own themes: name and content of the file. One with the name of a shipped one replaces it.
    pub themes: Vec<(String, String)>,
    /// The theme to begin with; without a name, or with [`look::AUTO`], one that goes with the background.
    pub theme: Option<String>,
}

/// Everything that comes in.
#[derive(Debug)]
pub struct Inbox<S> {
    /// Keys, mouse, sizes, signals.
    pub input: S,
    /// Facts of the hub.
    pub facts: mpsc::Receiver<Fact>,
    /// Log batches of the hub.
    pub logs: mpsc::Receiver<LogBatch>,
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The operator quit.
    Quit,
    /// The operator wants to see the simulated fleet instead.
    Demo,
    /// A signal asked for it: its number.
    Signal(i32),
    /// The terminal is gone.
    Gone,
}

impl Ended {
    /// The exit code: 0, or 128 and the signal; a terminal that is gone counts as SIGHUP.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Quit | Self::Demo => 0,
            Self::Signal(number) => 128 + number,
            Self::Gone => 129,
        }
    }
}

/// Opens the full screen on standard output and runs until the operator leaves; says how.
///
/// # Errors
/// There is no terminal, or it cannot be used; the hub ended.
pub async fn open(hub: HubHandle, settings: OpenSettings) -> anyhow::Result<Ended> {
    terminal::check()?;
    let mut looks = Looks::new(&settings);
    let screen = ScreenSettings {
        themes: looks.names(),
        browser: Browser::from_env().is_some(),
        ..settings.screen
    };
    let mut model = Model::new(screen);
    model.theme = looks.index();
    for notice in looks.take_notices() {
        model.update(Msg::Notice(notice));
    }
    let signals = signals::all().context("cannot listen for signals")?;
    let (mut screen, guard) =
        terminal::enter(model.mouse).context("the terminal cannot be used")?;
    let input = futures_util::stream::select(signals, input::all()?);
    let inbox = Inbox {
        input: Box::pin(input),
        facts: hub.facts,
        logs: hub.logs,
    };
    let ended = run(&mut screen, &mut model, &mut looks, inbox, &hub.commands).await;
    drop(guard);
    let ended = ended.or_else(|error| is_gone(&error).then_some(Ended::Gone).ok_or(error));
    if matches!(ended, Ok(Ended::Gone | Ended::Signal(_))) {
        // Dropping it shows the cursor and complains on standard error if that fails; both may be gone, and the
        // complaint would then be a panic. The cursor is shown already.
        std::mem::forget(screen);
    }
    if matches!(ended, Ok(Ended::Quit | Ended::Signal(_))) {
        terminal::say(&unfinished(&model));
    }
    ended
}

/// What was under way when the program ended, and how to complete it.
fn unfinished(model: &Model) -> Vec<Safe> {
    let running = |job: &&Job| job.state == JobState::Running;
    let jobs = model.known.open_jobs().filter(running);
    jobs.map(|job| {
        let (verb, target) = (job.verb.as_str(), &job.target);
        let again = match job.verb {
            Verb::Limits => "set them again",
            Verb::Add => "add it again",
            Verb::Protect => "protect it again",
            Verb::Check => "check it again",
            Verb::Start => "start it again",
            Verb::Stop => "stop it again",
            Verb::Restart => "restart it again",
            Verb::Remove => "remove it again",
        };
        Safe::new(format!(
            "{verb} of {target} was under way: {again} to complete it"
        ))
    })
    .collect()
}

/// True if an error says that there is no terminal any more (EIO, EPIPE): SIGHUP is on its way.
fn is_gone(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|error| {
        let code = error
            .raw_os_error()
            .map(rustix::io::Errno::from_raw_os_error);
        matches!(code, Some(rustix::io::Errno::IO | rustix::io::Errno::PIPE))
    })
}

/// The loop: one message after the other, a frame when something changed.
///
/// # Errors
/// The terminal cannot be written to; the hub ended.
pub async fn run<B, S>(
    terminal: &mut Terminal<B>,
    model: &mut Model,
    looks: &mut Looks,
    mut inbox: Inbox<S>,
    hub: &mpsc::Sender<Command>,
) -> anyhow::Result<Ended>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
    S: Stream<Item = io::Result<Input>> + Unpin,
{
    let mut run = Run {
        terminal,
        model,
        looks,
        hub,
        hits: Hits::default(),
        answers: Answers::default(),
        between: Between::from_env(),
        request: None,
        call: Vec::new(),
        plain: false,
        aside: None,
        started: Instant::now(),
        next_frame: Instant::now(),
        lines: 0,
        ended: None,
    };
    run.measure()?;
    let (mut facts, mut logs) = (Vec::new(), Vec::new());
    let (mut facts_open, mut logs_open, mut logs_due) = (true, true, Instant::now());
    while run.ended.is_none() {
        run.draw_overdue()?;
        let wake = run.started + run.model.wake_at();
        tokio::select! {
            biased;
            event = inbox.input.next() => run.input(event)?,
            () = sleep_until(run.next_frame), if run.wants_frame() => run.frame()?,
            () = sleep_until(wake) => run.clock()?,
            end = aside::end_of(&mut run.aside), if run.aside.is_some() => run.come_back(&end)?,
            outcome = run.answers.next(), if run.answers.is_busy() => run.answered(outcome)?,
            n = inbox.facts.recv_many(&mut facts, FACTS_MAX), if facts_open => {
                facts_open = n > 0;
                run.take_all(facts.drain(..).map(Msg::Fact))?;
            }
            n = after(logs_due, inbox.logs.recv_many(&mut logs, BATCHES_MAX)), if logs_open => {
                logs_open = n > 0;
                logs_due = Instant::now() + LOGS;
                run.lines += logs.iter().map(|batch| batch.events.len()).sum::<usize>();
                run.take_all(logs.drain(..).map(Msg::Logs))?;
            }
        }
        if !facts_open && !logs_open {
            anyhow::bail!("the hub ended unexpectedly; start the program again");
        }
    }
    if let Some(aside) = run.aside.take() {
        aside.stop().await;
    }
    Ok(run.ended.unwrap_or(Ended::Quit))
}

/// Does `work` once `due` is over.
async fn after<T>(due: Instant, work: impl Future<Output = T>) -> T {
    sleep_until(due).await;
    work.await
}

/// What one turn of the loop works on.
struct Run<'a, B: Stage> {
    terminal: &'a mut Terminal<B>,
    model: &'a mut Model,
    looks: &'a mut Looks,
    hub: &'a mpsc::Sender<Command>,
    hits: Hits,
    answers: Answers,
    between: Between,
    /// What the terminal is asked to take into its clipboard before the next frame.
    request: Option<Vec<u8>>,
    /// What calls the operator, before the next frame; the newest only.
    call: Vec<u8>,
    /// A text is shown alone, and nothing is drawn.
    plain: bool,
    /// Another program has the terminal, and nothing is drawn.
    aside: Option<Aside>,
    started: Instant,
    next_frame: Instant,
    /// Log lines since the last frame.
    lines: usize,
    ended: Option<Ended>,
}

impl<B> Run<'_, B>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
{
    fn clock_msg(&self) -> Msg {
        Msg::Clock {
            now: Timestamp::now(),
            up: self.started.elapsed(),
        }
    }

    fn clock(&mut self) -> anyhow::Result<()> {
        self.take(self.clock_msg())
    }

    fn take_all(&mut self, msgs: impl Iterator<Item = Msg>) -> anyhow::Result<()> {
        msgs.into_iter().try_for_each(|msg| self.take(msg))
    }

    /// Something from the terminal or a signal. Keys are answered at once.
    fn input(&mut self, input: Option<io::Result<Input>>) -> anyhow::Result<()> {
        self.clock()?;
        self.next_frame = Instant::now();
        match input {
            None | Some(Err(_)) => self.ended = Some(Ended::Gone),
            Some(Ok(Input::Signal(Signal::Leave(number)))) => {
                self.ended = Some(Ended::Signal(number));
            }
            // The program that has the terminal answers these.
            Some(Ok(Input::Signal(Signal::Stop | Signal::Continue))) if self.aside.is_some() => {}
            Some(Ok(Input::Event(_))) if self.aside.is_some() => {}
            Some(Ok(Input::Signal(Signal::Stop))) => self.suspend()?,
            Some(Ok(Input::Signal(Signal::Continue))) => {
                self.plain = false;
                self.terminal.backend_mut().resume(self.model.mouse)?;
                self.redraw()?;
            }
            Some(Ok(Input::Signal(Signal::Resized))) => self.measure()?,
            Some(Ok(Input::Event(event))) => {
                if let Some(msg) = convert::to_msg(event, &self.hits)
                    && (!self.plain || self.end_plain(&msg)?)
                {
                    self.take(msg)?;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, msg: Msg) -> anyhow::Result<()> {
        for effect in self.model.update(msg) {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Hub(command) => self.send(command)?,
            Effect::Demo => self.ended = Some(Ended::Demo),
            Effect::Quit => self.ended = Some(Ended::Quit),
            Effect::Redraw => self.redraw()?,
            Effect::Suspend => self.suspend()?,
            Effect::SetTheme(name) => {
                self.looks.choose(&name);
                self.redraw()?;
            }
            Effect::SetMouse(on) => self.terminal.backend_mut().catch_mouse(on)?,
            Effect::ListFolder(path) => {
                self.answers.list(path, self.model.settings.home.clone());
            }
            Effect::Save(step) => {
                self.answers.save(step, self.model.settings.home.clone());
            }
            Effect::Copy(text) if self.between == Between::Tmux => self.answers.copy_to_tmux(text),
            Effect::Copy(text) => self.ask_terminal(&text)?,
            Effect::Call(way, text) => self.call = call::request(way, &text),
            Effect::Browse(url) => self.answers.browse(url),
            Effect::ShowPlain(text) => self.show_plain(&text)?,
            Effect::Shell { service, plain } => self.step_aside(&service, plain)?,
        }
        Ok(())
    }

    /// Never waits: a hub that is busy must not stop the keys.
    fn send(&mut self, command: Command) -> anyhow::Result<()> {
        match self.hub.try_send(command) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(command)) => {
                // The answer to this message asks for nothing.
                self.model.update(Msg::Unsent(command));
                Ok(())
            }
            Err(TrySendError::Closed(_)) => {
                anyhow::bail!("the hub ended unexpectedly; start the program again")
            }
        }
    }

    /// Gives the terminal back to the shell; comes back when we are continued.
    fn suspend(&mut self) -> anyhow::Result<()> {
        self.plain = false;
        self.terminal.backend_mut().suspend(self.model.mouse)?;
        self.redraw()
    }

    /// Paints everything again. `Terminal::clear` would ask the terminal for the cursor, and wait for the answer that
    /// the input thread eats.
    fn redraw(&mut self) -> anyhow::Result<()> {
        let size = self.terminal.size()?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))?;
        self.next_frame = Instant::now();
        self.measure()
    }

    fn measure(&mut self) -> anyhow::Result<()> {
        let size = self.terminal.size()?;
        self.take(Msg::Resized {
            w: size.width,
            h: size.height,
        })
    }

    fn wants_frame(&self) -> bool {
        self.model.is_dirty() && !self.plain && self.aside.is_none()
    }

    /// Keys come before frames, but a stream of keys must not hold them up for ever.
    fn draw_overdue(&mut self) -> anyhow::Result<()> {
        if self.wants_frame() && self.next_frame.elapsed() > OVERDUE {
            self.frame()?;
        }
        Ok(())
    }

    fn frame(&mut self) -> anyhow::Result<()> {
        if !self.terminal.backend().is_free() {
            self.next_frame = Instant::now() + BUSY;
            return Ok(());
        }
        let began = Instant::now();
        if let Some(request) = self.request.take() {
            self.terminal.backend_mut().send(&request)?;
        }
        if !self.call.is_empty() {
            let call = std::mem::take(&mut self.call);
            self.terminal.backend_mut().send(&call)?;
        }
        self.clock()?;
        let size = self.terminal.size()?;
        if (size.width, size.height) != self.model.screen {
            self.measure()?;
        }
        let (model, look) = (&*self.model, self.looks.current());
        let mut hits = Hits::default();
        self.terminal
            .draw(|frame| hits = ui::draw(model, look, frame))?;
        self.hits = hits;
        self.model.take_dirty();
        let is_flood = std::mem::take(&mut self.lines) > usize::from(size.height);
        self.next_frame = began + if is_flood { FLOOD_FRAME } else { FRAME };
        Ok(())
    }
}
