//! A shell in a service: finds its container, starts the client of what it serves in it, and passes bytes both ways until
//! one side ends. Setting it up has deadlines; a session has none, but an engine that does not answer ends it.

use super::{Failure, FailureKind, containers::Containers, known};
use crate::{
    config::Hub,
    domain::{LogStream, Phase, ServiceId},
    engine::{
        Engine, EngineError, ErrorClass, SessionControl, SessionInput, SessionOutput, SessionWish,
    },
    stack::console::{self, Console},
};
use std::{convert::Infallible, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};

/// Pieces that wait on either way.
pub const PIECES_MAX: usize = 16;
/// A program that cannot be started says so within this time.
const STARTED: Duration = Duration::from_secs(2);
/// A terminal's size is refused until the program runs: tried so often …
const SIZE_TRIES: u32 = 10;
/// … with this pause.
const SIZE_PAUSE: Duration = Duration::from_millis(50);
/// Between two looks at whether the engine still answers …
const WATCH: Duration = Duration::from_secs(5);
/// … and how often in a row it may not.
const SILENT_MAX: u32 = 2;
/// How often the exit code is asked for while the engine has not seen the end yet …
const END_TRIES: u32 = 20;
/// … with this pause.
const END_PAUSE: Duration = Duration::from_millis(50);
/// From here on an exit code is that of a signal.
const KILLED: i64 = 128;
/// The key that lets go of a session, whatever runs in it: ctrl-], so often in a row.
const LET_GO: u8 = 0x1d;
const LET_GO_TIMES: usize = 3;
/// What a program is left with: interrupted, and at the end of its input.
const FAREWELL: &[u8] = b"\x03\x04";
const FAREWELL_TIME: Duration = Duration::from_millis(300);

/// What is to run where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWish {
    /// In the container of this service.
    pub service: ServiceId,
    /// A shell, also where there is a client of what it serves.
    pub plain: bool,
    /// This command instead.
    pub command: Vec<String>,
    /// Columns and rows of the terminal, if there is one …
    pub terminal: Option<(u16, u16)>,
    /// … and what it is.
    pub term: Option<String>,
}

/// A session that has begun.
#[derive(Debug)]
pub struct Shell {
    service: ServiceId,
    container: String,
    /// What is talked to; none for the operator's own command.
    console: Option<Console>,
    engine: Engine,
    input: SessionInput,
    output: SessionOutput,
    control: SessionControl,
    has_terminal: bool,
    began: Instant,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellEnd {
    /// Its program ended with this code.
    Code(u8),
    /// The operator let go of it, or a signal did.
    LetGo,
}

/// The ways in and out of a session.
#[derive(Debug)]
pub struct Ways {
    /// What is typed; closed where nothing more will be.
    pub typed: mpsc::Receiver<Vec<u8>>,
    /// What is printed, and where to.
    pub printed: mpsc::Sender<(LogStream, Vec<u8>)>,
    /// Columns and rows of the terminal.
    pub size: watch::Receiver<(u16, u16)>,
}

/// Starts what `wish` says.
///
/// # Errors
/// The service is unknown or does not run; the engine refuses, or does not answer in time.
pub async fn open(engine: &Engine, hub: &Hub, wish: &ShellWish) -> Result<Shell, Failure> {
    let is_ours = hub.projects.contains_key(&wish.service.project);
    let container = if is_ours {
        Containers::default().name(&wish.service)
    } else {
        adopted(engine, hub, &wish.service).await?
    };
    let console =
        (wish.command.is_empty()).then(|| console::console(wish.service.kind, wish.plain));
    let argv = console.as_ref().map_or(&wish.command, |own| &own.argv);
    let term = wish.term.iter().map(|term| format!("TERM={term}"));
    let own = if is_ours { console::env() } else { Vec::new() };
    let asked = SessionWish {
        argv: argv.clone(),
        env: term.chain(own).collect(),
        terminal: wish.terminal,
    };
    let opened = engine.open_session(&container, &asked).await;
    let (input, output, control) = opened.map_err(|error| refused(&wish.service, error))?;
    Ok(Shell {
        service: wish.service.clone(),
        container,
        console,
        engine: engine.clone(),
        input,
        output,
        control,
        has_terminal: wish.terminal.is_some(),
        began: Instant::now(),
    })
}

/// The container of a service of a project that Compose made.
async fn adopted(engine: &Engine, hub: &Hub, service: &ServiceId) -> Result<String, Failure> {
    let found = known::of_compose(engine, hub).await?;
    let project = found.get(&service.project);
    let container = project.and_then(|project| project.service(service.kind)?.container());
    container
        .map(|container| container.name.to_string())
        .ok_or_else(|| Failure::input(format!("there is no container of {service}")))
}

fn refused(service: &ServiceId, error: EngineError) -> Failure {
    let words = match error.class() {
        ErrorClass::NotFound => format!("{service} has no container"),
        ErrorClass::Conflict => format!("{service} does not run: {error}"),
        _ => return Failure::from(error).about(service),
    };
    Failure::operation(words).with_hint("start it first")
}

impl Shell {
    /// Passes bytes both ways until the program ends, the operator lets go of it, or `leave` is over.
    ///
    /// # Errors
    /// The container or the engine is lost; the program cannot be started.
    pub async fn talk(
        mut self,
        mut ways: Ways,
        leave: impl Future<Output = ()>,
    ) -> Result<ShellEnd, Failure> {
        let over = tokio::select! {
            over = print(&mut self.output, &ways.printed) => over.map_err(|error| self.lost(&error))?,
            () = type_in(&mut self.input, &mut ways.typed, self.has_terminal) => false,
            never = keep_size(&self.control, &mut ways.size, self.has_terminal) => match never {},
            failure = watch_engine(&self.engine) => return Err(self.lost(&failure)),
            () = leave => false,
        };
        if over {
            return self.end().await;
        }
        // Whether it hears that or not, it is let go of.
        let _ = timeout(FAREWELL_TIME, self.input.write(FAREWELL)).await;
        Ok(ShellEnd::LetGo)
    }

    /// How the program ended that has closed its output.
    async fn end(&self) -> Result<ShellEnd, Failure> {
        let took = self.began.elapsed();
        for _ in 0..END_TRIES {
            match self.control.exit_code().await {
                Ok(Some(0)) => return Ok(ShellEnd::Code(0)),
                Ok(Some(code)) => return self.verdict(code, took).await,
                Ok(None) => sleep(END_PAUSE).await,
                Err(error) if error.class() == ErrorClass::NotFound => return Err(self.died()),
                Err(error) => return Err(self.lost(&error)),
            }
        }
        // It has closed its output and goes on by itself.
        Ok(ShellEnd::Code(0))
    }

    async fn verdict(&self, code: i64, took: Duration) -> Result<ShellEnd, Failure> {
        // The engine sees the end of a container a moment after that of what ran in it.
        for _ in 0..END_TRIES {
            let container = self.engine.inspect(&self.container).await;
            let container = container.map_err(|error| self.lost(&error))?;
            if container.is_none_or(|container| container.phase != Phase::Running) {
                return Err(self.died());
            }
            if code < KILLED {
                break;
            }
            sleep(END_PAUSE).await;
        }
        match &self.console {
            Some(own) if matches!(code, 126 | 127) && took < STARTED => {
                let words = format!(
                    "there is no {} in the container of {}",
                    own.program, self.service
                );
                let shell = "shell --plain opens a shell there (on the screen: E)";
                let hint = if own.program == "sh" {
                    "its image has no shell"
                } else {
                    shell
                };
                Err(Failure::operation(words).with_hint(hint))
            }
            _ => Ok(ShellEnd::Code(u8::try_from(code).unwrap_or(u8::MAX))),
        }
    }

    fn died(&self) -> Failure {
        let service = &self.service;
        Failure::operation(format!("{service} ended, and the shell with it"))
    }

    fn lost(&self, error: &EngineError) -> Failure {
        let words = format!("the shell in {} is lost: {error}", self.service);
        Failure::new(FailureKind::Engine, words)
    }
}

/// Passes on what is printed; true at its end, false if nobody takes it any more.
async fn print(
    output: &mut SessionOutput,
    printed: &mpsc::Sender<(LogStream, Vec<u8>)>,
) -> Result<bool, EngineError> {
    while let Some(piece) = output.next().await? {
        if printed.send(piece).await.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Passes on what is typed until the operator lets go. What is lost on the way is told by the other direction.
async fn type_in(input: &mut SessionInput, typed: &mut mpsc::Receiver<Vec<u8>>, has_keys: bool) {
    let mut in_a_row = 0;
    while let Some(bytes) = typed.recv().await {
        in_a_row = if has_keys {
            presses(in_a_row, &bytes)
        } else {
            0
        };
        if in_a_row >= LET_GO_TIMES {
            return;
        }
        if input.write(&bytes).await.is_err() {
            break;
        }
    }
    // As above.
    let _ = input.end().await;
    std::future::pending().await
}

/// How often in a row the key that lets go was pressed, up to [`LET_GO_TIMES`].
fn presses(before: usize, bytes: &[u8]) -> usize {
    bytes.iter().fold(before, |count, byte| match *byte {
        _ if count >= LET_GO_TIMES => count,
        LET_GO => count + 1,
        _ => 0,
    })
}

/// Keeps the program's terminal as large as the operator's.
async fn keep_size(
    control: &SessionControl,
    size: &mut watch::Receiver<(u16, u16)>,
    has_terminal: bool,
) -> Infallible {
    if !has_terminal {
        return std::future::pending().await;
    }
    loop {
        let wanted = *size.borrow_and_update();
        for _ in 0..SIZE_TRIES {
            if control.resize(wanted).await.is_ok() {
                break;
            }
            sleep(SIZE_PAUSE).await;
        }
        if size.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Ends when the engine has not answered several times: a session has no deadline of its own, and nobody may wait for ever.
async fn watch_engine(engine: &Engine) -> EngineError {
    let mut silent = 0;
    loop {
        sleep(WATCH).await;
        match engine.ping().await {
            Ok(_) => silent = 0,
            Err(error) if silent + 1 >= SILENT_MAX => return error,
            Err(_) => silent += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_three_times_in_a_row_lets_go() {
        let all = |pieces: &[&[u8]]| pieces.iter().fold(0, |count, piece| presses(count, piece));
        assert_eq!(all(&[b"\x1d\x1d\x1d"]), LET_GO_TIMES);
        assert_eq!(all(&[b"a\x1d", b"\x1d", b"\x1d"]), LET_GO_TIMES);
        assert_eq!(all(&[b"\x1d\x1da\x1d"]), 1);
        assert_eq!(all(&[b"\x1d", b"x"]), 0);
    }
}
