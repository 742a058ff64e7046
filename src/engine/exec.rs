//! A command inside a running container: its exit code and the beginning of its output.

use super::{Engine, EngineError};
use crate::domain::Safe;
use bollard::{
    container::LogOutput,
    errors::Error,
    exec::{StartExecOptions, StartExecResults},
    models::ExecConfig,
};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::timeout;

/// Output that is kept; the rest is read and dropped, so that the command can end.
const OUTPUT_MAX: usize = 4 * 1024;

/// How a command inside a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutcome {
    /// Its exit code; `None` if it closed its output and still runs.
    pub exit_code: Option<i64>,
    /// The first line of its standard output, for checks that expect a word.
    pub first_line: Safe,
    /// The first 4 KiB of what it printed, standard output before standard error, on one line.
    pub output: Safe,
}

impl Engine {
    /// Runs `argv` in a container as its own user: no shell, no terminal, no privileges. The command is not killed when
    /// `after` is over: give it a limit of its own.
    ///
    /// # Errors
    /// Conflict: the container does not run. [`EngineError::TimedOut`] after `after`. A program that cannot be
    /// started is no error but exit code 126 or 127.
    pub async fn exec(
        &self,
        name: &str,
        argv: &[String],
        after: Duration,
    ) -> Result<ExecOutcome, EngineError> {
        let call = "run a command in the container";
        match timeout(after, Box::pin(self.run(name, argv))).await {
            Ok(done) => done.map_err(|error| self.client.failure(call, after, &error)),
            Err(_elapsed) => Err(EngineError::TimedOut { call, after }),
        }
    }

    async fn run(&self, name: &str, argv: &[String]) -> Result<ExecOutcome, Error> {
        let docker = &self.client.docker;
        let config = ExecConfig {
            attach_stdin: Some(false),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            tty: Some(false),
            privileged: Some(false),
            cmd: Some(argv.to_vec()),
            ..ExecConfig::default()
        };
        let id = docker.create_exec(name, config).await?.id;
        let started = docker.start_exec(&id, None::<StartExecOptions>).await?;
        let printed = read(started).await?;
        let ended = docker.inspect_exec(&id).await?;
        let running = ended.running.unwrap_or_default();
        Ok(ExecOutcome {
            exit_code: ended.exit_code.filter(|_| !running),
            first_line: printed.first_line(),
            output: printed.all(),
        })
    }
}

/// The beginning of what a command printed, by stream: between the two the engine keeps no order.
#[derive(Debug, Default)]
struct Printed {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Printed {
    fn take(&mut self, piece: &LogOutput) {
        let kept = match piece {
            LogOutput::StdErr { .. } => &mut self.err,
            _ => &mut self.out,
        };
        let room = OUTPUT_MAX.saturating_sub(kept.len());
        kept.extend(piece.as_ref().iter().take(room));
    }

    fn first_line(&self) -> Safe {
        let text = String::from_utf8_lossy(&self.out);
        Safe::new(text.lines().next().unwrap_or_default().trim_end())
    }

    /// Blanks and line ends become one blank each: the words of two lines must not run together.
    fn all(&self) -> Safe {
        let both = [self.out.as_slice(), self.err.as_slice()].join(&b'\n');
        let kept = both.get(..OUTPUT_MAX).unwrap_or(&both);
        let text = String::from_utf8_lossy(kept);
        let words: Vec<_> = text.split_whitespace().collect();
        Safe::new(words.join(" "))
    }
}

async fn read(started: StartExecResults) -> Result<Printed, Error> {
    let mut printed = Printed::default();
    let StartExecResults::Attached { mut output, .. } = started else {
        return Ok(printed);
    };
    while let Some(piece) = output.next().await {
        printed.take(&piece?);
    }
    Ok(printed)
}
