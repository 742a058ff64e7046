//! A command inside a running container: its exit code and the beginning of its output.

use super::{Engine, EngineError};
use crate::domain::Safe;
use bollard::{
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
    /// The first 4 KiB of what it printed, both streams together, on one line.
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
        let output = read(started).await?;
        let ended = docker.inspect_exec(&id).await?;
        let running = ended.running.unwrap_or_default();
        Ok(ExecOutcome {
            exit_code: ended.exit_code.filter(|_| !running),
            output,
        })
    }
}

async fn read(started: StartExecResults) -> Result<Safe, Error> {
    let StartExecResults::Attached { mut output, .. } = started else {
        return Ok(Safe::default());
    };
    let mut kept = Vec::new();
    while let Some(piece) = output.next().await {
        let piece = piece?.into_bytes();
        let room = OUTPUT_MAX.saturating_sub(kept.len());
        kept.extend(piece.iter().take(room));
    }
    // Line ends become blanks: the words of two lines must not run together.
    let text = String::from_utf8_lossy(&kept).replace(['\n', '\r'], " ");
    Ok(Safe::new(text.trim()))
}
