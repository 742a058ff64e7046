//! The screen steps aside for a shell in a service: this program once more, as `shell PROJECT/SERVICE`. Whatever happens to
//! that one, the screen takes the terminal again as it was.

use super::{
    Run, console, input,
    terminal::{Modes, Stage},
};
use crate::{
    app::Msg,
    domain::{Safe, ServiceId},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    ffi::OsString,
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, Command},
    time::timeout,
};

/// What it says on standard error is a line or two.
const WORDS_MAX: u64 = 4096;
/// How the line begins that says why it failed; the next one says what helps.
const ERROR: &str = "error: ";
/// The exit code of `shell` where the operator let go of it.
const LET_GO: i32 = 129;
/// It has so long to end before it is killed.
const STOP: Duration = Duration::from_secs(1);

/// The program that has the terminal.
#[derive(Debug)]
pub(super) struct Aside {
    child: Child,
    said: Option<ChildStderr>,
    modes: Modes,
    service: ServiceId,
}

/// How it ended, and what it said.
#[derive(Debug)]
pub(super) struct AsideEnd {
    status: io::Result<ExitStatus>,
    words: String,
}

impl Aside {
    /// Starts `program` with its words, in our place before the terminal.
    fn begin(program: &[OsString], service: &ServiceId, plain: bool) -> io::Result<Self> {
        let [program, arguments @ ..] = program else {
            return Err(io::Error::other(
                "it is not known how this program was started",
            ));
        };
        let modes = Modes::now();
        let mut child = Command::new(program)
            .args(arguments)
            .arg("shell")
            .arg(format!("{}/{}", service.project, service.kind))
            .args(plain.then_some("--plain"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = child.stderr.take();
        Ok(Self {
            child,
            said,
            modes,
            service: service.clone(),
        })
    }

    async fn end(&mut self) -> AsideEnd {
        let mut words = Vec::new();
        let said = self.said.as_mut();
        let read = async {
            if let Some(said) = said {
                // What came is what there is to say.
                let _ = said.take(WORDS_MAX).read_to_end(&mut words).await;
            }
        };
        let (status, ()) = tokio::join!(self.child.wait(), read);
        AsideEnd {
            status,
            words: String::from_utf8_lossy(&words).into_owned(),
        }
    }

    /// Ends it: with us nobody would be there any more to give the terminal back.
    pub(super) async fn stop(mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // It may have ended just now.
            let _ = kill_process(pid, Signal::TERM);
            let _ = timeout(STOP, self.child.wait()).await;
        }
        // Whoever did not end by then is killed when this is dropped.
        self.modes.restore();
    }
}

/// The end of what has the terminal.
pub(super) async fn end_of(aside: &mut Option<Aside>) -> AsideEnd {
    match aside {
        Some(aside) => aside.end().await,
        None => std::future::pending().await,
    }
}

/// What the operator is told: nothing where all went well.
fn verdict(service: &ServiceId, end: &AsideEnd) -> Option<String> {
    let mut lines = end
        .words
        .lines()
        .skip_while(|line| !line.starts_with(ERROR));
    let error = lines.next().and_then(|line| line.strip_prefix(ERROR));
    match (error, &end.status) {
        (Some(error), _) => {
            let hint = lines.next().map(str::trim).filter(|hint| !hint.is_empty());
            Some(hint.map_or_else(|| error.to_owned(), |hint| format!("{error}; {hint}")))
        }
        (None, Err(error)) => Some(format!("the shell in {service} is lost: {error}")),
        (None, Ok(status)) if status.success() => None,
        (None, Ok(status)) => Some(match status.code() {
            Some(LET_GO) => format!("let go of the shell in {service}"),
            Some(code) => format!("the shell in {service} ended with exit code {code}"),
            None => format!("the shell in {service} was killed"),
        }),
    }
}

impl<B> Run<'_, B>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
{
    /// Gives the terminal to a shell in `service`.
    pub(super) fn step_aside(&mut self, service: &ServiceId, plain: bool) -> anyhow::Result<()> {
        if self.aside.is_some() {
            return Ok(());
        }
        input::rest(true);
        self.plain = false;
        let line = Safe::new(format!("{service}: {}", console::WAYS_OUT));
        self.terminal.backend_mut().step_aside(line)?;
        match Aside::begin(&self.model.settings.program, service, plain) {
            Ok(aside) => self.aside = Some(aside),
            Err(error) => self.take_back(Err(format!("no shell can be opened: {error}")))?,
        }
        Ok(())
    }

    /// Takes the terminal again, and says what there is to say.
    pub(super) fn come_back(&mut self, end: &AsideEnd) -> anyhow::Result<()> {
        let Some(aside) = self.aside.take() else {
            return Ok(());
        };
        aside.modes.restore();
        self.take_back(verdict(&aside.service, end).map_or(Ok(()), Err))
    }

    fn take_back(&mut self, told: Result<(), String>) -> anyhow::Result<()> {
        input::rest(false);
        self.terminal.backend_mut().resume(self.model.mouse)?;
        self.redraw()?;
        self.take(Msg::ShellEnded(told))
    }
}
