//! Logs straight from the engine's socket. The engine sends a chunk per line, and the client library hands every chunk from one
//! task to another: with many lines that takes longer than all that is done with them. Here a piece is what one read brought.

use super::{
    Endpoint, EngineError,
    answer::Answer,
    chunks::{Body, Chunks},
    client::Client,
};
use crate::domain::Safe;
use futures_util::{Stream, StreamExt, stream};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// Longest head of an answer.
const HEAD_MAX: usize = 16 << 10;
/// Most headers in it.
const HEADERS_MAX: usize = 64;
/// What one read takes at most.
const READ_MAX: usize = 64 << 10;
/// The status of a connection that is taken over.
const SWITCHED: u16 = 101;
/// Longest text of an answer that says no.
const REFUSAL_MAX: usize = 64 << 10;

/// A connection of either kind.
pub(super) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

impl Client {
    /// Asks for `target` on a connection of its own and hands out the body of the answer, a piece per read. `headers` is
    /// the time until it begins; after that only the caller's patience counts. An error is the last item. Dropping the
    /// stream closes the connection.
    pub(super) fn pieces(
        &self,
        call: &'static str,
        headers: Duration,
        target: String,
    ) -> impl Stream<Item = Result<Vec<u8>, EngineError>> + Send + Unpin + use<> {
        let (client, after) = (self.clone(), headers);
        let begun = None::<Reading>;
        let pieces = stream::try_unfold(begun, move |begun| {
            let (client, target) = (client.clone(), target.clone());
            async move {
                let mut reading = match begun {
                    Some(reading) => reading,
                    None => timeout(after, client.ask(call, &target))
                        .await
                        .unwrap_or(Err(EngineError::TimedOut { call, after }))?,
                };
                let piece = reading.next().await?;
                Ok(piece.map(|piece| (piece, Some(reading))))
            }
        });
        pieces.boxed()
    }

    async fn ask(&self, call: &'static str, target: &str) -> Result<Reading, EngineError> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n");
        self.begin(call, &request).await
    }

    /// Sends `body` to `target` and takes the connection over for bytes in both directions; gives it with what has come on
    /// it already.
    pub(super) async fn take_over(
        &self,
        call: &'static str,
        target: &str,
        body: &str,
    ) -> Result<(Box<dyn Socket>, Vec<u8>), EngineError> {
        let length = body.len();
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let reading = self.begin(call, &request).await?;
        match reading.body {
            Body::Open => Ok((reading.socket, reading.early)),
            _ => Err(reading.malformed()),
        }
    }

    /// Sends a request on a connection of its own; gives its answer from the body on, or what the engine says no with.
    async fn begin(&self, call: &'static str, request: &str) -> Result<Reading, EngineError> {
        let mut socket = self.connect().await?;
        let sent = socket.write_all(request.as_bytes()).await;
        sent.map_err(|error| lost(call, &error))?;
        let mut reading = Reading {
            call,
            socket,
            body: Body::Open,
            buffer: vec![0; READ_MAX],
            early: Vec::new(),
        };
        let code = reading.read_head().await?;
        if code == SWITCHED || (200..300).contains(&code) {
            return Ok(reading);
        }
        Err(reading.refusal(code).await)
    }

    async fn connect(&self) -> Result<Box<dyn Socket>, EngineError> {
        let socket: io::Result<Box<dyn Socket>> = match &self.endpoint {
            Endpoint::Unix(path) => UnixStream::connect(path).await.map(|s| Box::new(s) as _),
            Endpoint::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await;
                stream.map(|s| Box::new(s) as _)
            }
        };
        socket.map_err(|error| EngineError::from_io(&self.endpoint.label(), &error))
    }
}

/// An answer on its way.
struct Reading {
    call: &'static str,
    socket: Box<dyn Socket>,
    body: Body,
    /// Where a read puts what it brings.
    buffer: Vec<u8>,
    /// What of the body came together with the head.
    early: Vec<u8>,
}

impl Reading {
    /// The next piece of the body; `None` when it is over.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, EngineError> {
        let early = std::mem::take(&mut self.early);
        let mut piece = self.unpack(&early)?;
        while piece.is_empty() && !self.body.is_over() {
            let read = self.read().await?;
            if read == 0 && !self.body.may_end() {
                return Err(self.lost("it ended in the middle of an answer"));
            }
            if read == 0 {
                return Ok(None);
            }
            let bytes = self.buffer.get(..read).unwrap_or_default();
            piece = self.body.take(bytes).ok_or_else(|| self.malformed())?;
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    fn unpack(&mut self, bytes: &[u8]) -> Result<Vec<u8>, EngineError> {
        self.body.take(bytes).ok_or_else(|| self.malformed())
    }

    async fn read(&mut self) -> Result<usize, EngineError> {
        let read = self.socket.read(&mut self.buffer).await;
        read.map_err(|error| lost(self.call, &error))
    }

    /// Reads until the body begins; gives the status.
    async fn read_head(&mut self) -> Result<u16, EngineError> {
        let mut head = Vec::new();
        loop {
            let read = self.read().await?;
            head.extend_from_slice(self.buffer.get(..read).unwrap_or_default());
            let (code, body, end) = match parsed(&head) {
                Ok(httparse::Status::Complete(parts)) => parts,
                Ok(httparse::Status::Partial) if read > 0 && head.len() <= HEAD_MAX => continue,
                Ok(httparse::Status::Partial) if read == 0 => {
                    return Err(self.lost("it ended before the answer"));
                }
                _ => return Err(self.malformed()),
            };
            (self.body, self.early) = (body, head.split_off(end));
            return Ok(code);
        }
    }

    /// The words with which the engine says no.
    async fn refusal(&mut self, code: u16) -> EngineError {
        let mut text = Vec::new();
        // What came is enough, whatever ends it.
        while let Ok(Some(piece)) = self.next().await {
            text.extend(piece);
            if text.len() > REFUSAL_MAX {
                break;
            }
        }
        let message = Answer::parse(self.call, &text).map(|answer| answer.text("/message"));
        let words = || String::from_utf8_lossy(&text).into_owned();
        EngineError::refused(code, &message.unwrap_or_else(|_no_json| words()))
    }

    fn lost(&self, why: &str) -> EngineError {
        let (call, reason) = (self.call, Safe::from(why));
        EngineError::Lost { call, reason }
    }

    fn malformed(&self) -> EngineError {
        let (call, reason) = (self.call, Safe::from("it is no HTTP"));
        EngineError::Malformed { call, reason }
    }
}

fn lost(call: &'static str, error: &io::Error) -> EngineError {
    let reason = Safe::new(error.to_string());
    EngineError::Lost { call, reason }
}

/// Status, body and length of the head of an answer.
fn parsed(bytes: &[u8]) -> httparse::Result<(u16, Body, usize)> {
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut answer = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(end) = answer.parse(bytes)? else {
        return Ok(httparse::Status::Partial);
    };
    let field = |name: &str| {
        let found = answer
            .headers
            .iter()
            .find(|h| h.name.eq_ignore_ascii_case(name));
        found.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let chunked = field("transfer-encoding").is_some_and(|value| value.contains("chunked"));
    let length = field("content-length").and_then(|value| value.trim().parse().ok());
    let body = match (chunked, length) {
        (true, _) => Body::Chunked(Chunks::default()),
        (false, Some(length)) => Body::Sized(length),
        (false, None) => Body::Open,
    };
    let code = answer.code.unwrap_or_default();
    Ok(httparse::Status::Complete((code, body, end)))
}
