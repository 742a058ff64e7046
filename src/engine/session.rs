//! A command inside a running container that somebody talks to: bytes both ways, a terminal if it is wanted, and how it
//! ended. Setting it up has deadlines; what is said then has none.

use super::{
    Engine, EngineError,
    client::{CHANGE, Client, READ},
    frames::FrameReader,
    wire::Socket,
};
use crate::domain::{LogStream, Safe};
use bollard::{exec::ResizeExecOptions, models::ExecConfig};
use std::{collections::VecDeque, io};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split},
    time::timeout,
};

const CALL: &str = "open a shell in the container";
/// What one read takes at most.
const READ_MAX: usize = 32 << 10;

/// What is to run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionWish {
    /// The command and its arguments; no shell looks at them.
    pub argv: Vec<String>,
    /// Environment besides the container's own: `NAME=value`.
    pub env: Vec<String>,
    /// Columns and rows of the terminal that it gets; without one, output and errors come apart.
    pub terminal: Option<(u16, u16)>,
}

/// What is typed goes in here.
pub struct SessionInput(WriteHalf<Box<dyn Socket>>);

/// What is printed comes out here.
pub struct SessionOutput {
    socket: ReadHalf<Box<dyn Socket>>,
    buffer: Vec<u8>,
    frames: Option<FrameReader>,
    ready: VecDeque<(LogStream, Vec<u8>)>,
}

/// Its size and its end.
#[derive(Debug, Clone)]
pub struct SessionControl {
    client: Client,
    id: String,
}

impl std::fmt::Debug for SessionInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionInput").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for SessionOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionOutput").finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts `wish` in the container `name` as the container's own user, without privileges.
    ///
    /// # Errors
    /// Conflict: it does not run. [`EngineError::TimedOut`] if the engine does not start it in time.
    pub async fn open_session(
        &self,
        name: &str,
        wish: &SessionWish,
    ) -> Result<(SessionInput, SessionOutput, SessionControl), EngineError> {
        let client = self.client.clone();
        let create = client.docker.create_exec(name, config(wish));
        let id = client.within(CALL, READ, create).await?.id;
        let tty = wish.terminal.is_some();
        let (target, body) = (
            format!("/exec/{id}/start"),
            format!(r#"{{"Detach":false,"Tty":{tty}}}"#),
        );
        let started = timeout(CHANGE, client.take_over(CALL, &target, &body)).await;
        let (socket, early) = started.unwrap_or(Err(EngineError::TimedOut {
            call: CALL,
            after: CHANGE,
        }))?;
        let (reading, writing) = split(socket);
        let mut output = SessionOutput {
            socket: reading,
            buffer: vec![0; READ_MAX],
            frames: (!tty).then(FrameReader::default),
            ready: VecDeque::new(),
        };
        output.take(&early)?;
        let control = SessionControl { client, id };
        Ok((SessionInput(writing), output, control))
    }
}

fn config(wish: &SessionWish) -> ExecConfig {
    let size = |(columns, rows): (u16, u16)| vec![usize::from(rows), usize::from(columns)];
    ExecConfig {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        // Engines before API 1.42 do not know it: the size is sent once more when it runs.
        console_size: wish.terminal.map(size),
        tty: Some(wish.terminal.is_some()),
        env: Some(wish.env.clone()),
        cmd: Some(wish.argv.clone()),
        privileged: Some(false),
        ..ExecConfig::default()
    }
}

impl SessionInput {
    /// Sends what was typed.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let sent = async {
            self.0.write_all(bytes).await?;
            self.0.flush().await
        };
        sent.await.map_err(|error| lost(&error))
    }

    /// Says that nothing more will be typed.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn end(&mut self) -> Result<(), EngineError> {
        self.0.shutdown().await.map_err(|error| lost(&error))
    }
}

impl SessionOutput {
    /// What was printed next, and where to; nothing at its end. A call that is dropped has lost nothing.
    ///
    /// # Errors
    /// The connection broke, or what came is damaged.
    pub async fn next(&mut self) -> Result<Option<(LogStream, Vec<u8>)>, EngineError> {
        while self.ready.is_empty() {
            let read = self.socket.read(&mut self.buffer).await;
            let read = read.map_err(|error| lost(&error))?;
            if read == 0 {
                return Ok(None);
            }
            let bytes = self.buffer.get(..read).unwrap_or_default().to_vec();
            self.take(&bytes)?;
        }
        Ok(self.ready.pop_front())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), EngineError> {
        let ready = &mut self.ready;
        let Some(frames) = &mut self.frames else {
            if !bytes.is_empty() {
                ready.push_back((LogStream::Out, bytes.to_vec()));
            }
            return Ok(());
        };
        let mut outcome = Ok(());
        frames.push(bytes, |frame| match frame {
            Ok(frame) => ready.push_back((frame.stream, frame.payload.to_vec())),
            Err(error) => outcome = Err(error),
        });
        outcome
    }
}

impl SessionControl {
    /// Tells it that its terminal has another size.
    ///
    /// # Errors
    /// It does not run (yet), or the engine refuses.
    pub async fn resize(&self, (columns, rows): (u16, u16)) -> Result<(), EngineError> {
        let options = ResizeExecOptions {
            height: rows,
            width: columns,
        };
        let resize = self.client.docker.resize_exec(&self.id, options);
        self.client.within(CALL, READ, resize).await
    }

    /// Its exit code; nothing while it runs.
    ///
    /// # Errors
    /// The engine is out of reach, or its container is gone.
    pub async fn exit_code(&self) -> Result<Option<i64>, EngineError> {
        let inspect = self.client.docker.inspect_exec(&self.id);
        let ended = self.client.within(CALL, READ, inspect).await?;
        let running = ended.running.unwrap_or_default();
        Ok(ended.exit_code.filter(|_| !running))
    }
}

fn lost(error: &io::Error) -> EngineError {
    EngineError::Lost {
        call: CALL,
        reason: Safe::new(error.to_string()),
    }
}
