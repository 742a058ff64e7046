//! What a simulated service says to somebody who opens a shell in it: a little of psql, redis-cli and sh, with a terminal or
//! without.

use super::{
    http::{Waited, Wire, frame},
    machine::{Manner, Readiness},
};
use std::io;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::watch,
};

/// Longest line that is heard.
const LINE_MAX: usize = 4096;

/// A program that is talked to.
#[derive(Debug, Clone)]
pub struct Shell {
    program: Program,
    has_terminal: bool,
    /// Its exit code, once it has ended.
    code: watch::Sender<Option<i64>>,
    /// How its container is.
    manner: watch::Receiver<Manner>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Psql,
    Redis,
    Sh,
}

/// What becomes of the conversation.
enum Next {
    Say(String),
    End(i64),
}

impl Shell {
    /// The program that `argv` starts.
    pub(super) fn new(argv: &str, has_terminal: bool, manner: watch::Receiver<Manner>) -> Self {
        let program = match argv {
            argv if argv.contains("psql") => Program::Psql,
            argv if argv.contains("redis-cli") => Program::Redis,
            _ => Program::Sh,
        };
        Self {
            program,
            has_terminal,
            code: watch::Sender::new(None),
            manner,
        }
    }

    /// Its exit code; nothing while it runs.
    pub(super) fn code(&self) -> Option<i64> {
        *self.code.borrow()
    }

    /// Talks until it ends, the other side does, or its container is gone.
    pub(super) async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        mut self,
        wire: &mut Wire<S>,
    ) -> io::Result<Waited> {
        let mut line = Vec::new();
        let mut bytes = [0; 1024];
        self.say(wire, self.prompt()).await?;
        loop {
            let read = tokio::select! {
                read = wire.socket.read(&mut bytes) => read?,
                () = gone(&mut self.manner) => {
                    self.code.send_replace(Some(137));
                    return Ok(Waited::Done);
                }
            };
            if read == 0 {
                self.code.send_replace(Some(0));
                return Ok(Waited::Closed);
            }
            for byte in bytes.iter().take(read) {
                if let Some(code) = self.hear(wire, &mut line, *byte).await? {
                    self.code.send_replace(Some(code));
                    return Ok(Waited::Done);
                }
            }
        }
    }

    /// Takes a key or a byte of a file; gives the exit code if that was the end.
    async fn hear<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        line: &mut Vec<u8>,
        byte: u8,
    ) -> io::Result<Option<i64>> {
        match byte {
            b'\r' | b'\n' => {
                let text = String::from_utf8_lossy(&std::mem::take(line)).into_owned();
                self.echo(wire, "\n").await?;
                match self.answer(text.trim()) {
                    Next::End(code) => return Ok(Some(code)),
                    Next::Say(said) => self.say(wire, &said).await?,
                }
                self.say(wire, self.prompt()).await?;
            }
            0x04 if line.is_empty() => return Ok(Some(0)),
            0x03 => {
                line.clear();
                self.echo(wire, "^C\n").await?;
                self.say(wire, self.prompt()).await?;
            }
            0x7f if line.pop().is_some() => self.echo(wire, "\u{8} \u{8}").await?,
            byte if line.len() < LINE_MAX && (byte >= b' ' || byte == b'\t') => {
                line.push(byte);
                self.echo(wire, &char::from(byte).to_string()).await?;
            }
            _ => {}
        }
        Ok(None)
    }

    fn prompt(&self) -> &'static str {
        match self.program {
            _ if !self.has_terminal => "",
            Program::Psql => "commandcenter=# ",
            Program::Redis => "127.0.0.1:6379> ",
            Program::Sh => "/app $ ",
        }
    }

    fn answer(&self, line: &str) -> Next {
        let words: Vec<&str> = line.split_whitespace().collect();
        let said = match (self.program, words.as_slice()) {
            (_, []) => return Next::Say(String::new()),
            (Program::Psql, ["\\q"]) | (_, ["exit" | "quit"]) => return Next::End(0),
            (Program::Sh, ["exit", code]) => return Next::End(code.parse().unwrap_or(2)),
            (Program::Psql, [select, sum]) if select.eq_ignore_ascii_case("select") => {
                let sum: i64 = sum
                    .trim_end_matches(';')
                    .split('+')
                    .flat_map(str::parse::<i64>)
                    .sum();
                format!(" ?column? \n----------\n {sum:>8}\n(1 row)\n")
            }
            (Program::Psql, _) => "ERROR:  this database is simulated: try select 1+1\n".to_owned(),
            (Program::Redis, [ping]) if ping.eq_ignore_ascii_case("ping") => "PONG\n".to_owned(),
            (Program::Redis, [word, ..]) => format!("(error) ERR unknown command '{word}'\n"),
            (Program::Sh, ["echo", rest @ ..]) => format!("{}\n", rest.join(" ")),
            (Program::Sh, [word, ..]) => format!("sh: {word}: this container is simulated\n"),
        };
        Next::Say(said)
    }

    async fn echo<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        text: &str,
    ) -> io::Result<()> {
        if self.has_terminal {
            self.say(wire, text).await?;
        }
        Ok(())
    }

    async fn say<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        wire: &mut Wire<S>,
        text: &str,
    ) -> io::Result<()> {
        match (text.is_empty(), self.has_terminal) {
            (true, _) => Ok(()),
            (false, true) => wire.put(text.replace('\n', "\r\n").as_bytes()).await,
            (false, false) => wire.put(&frame(1, text)).await,
        }
    }
}

/// Ends with the process that the container is.
async fn gone(manner: &mut watch::Receiver<Manner>) {
    while manner.borrow_and_update().readiness != Readiness::Starting {
        if manner.changed().await.is_err() {
            return;
        }
    }
}
