//! The server's side of the wire: requests as they come, answers as they go, one request per connection.

use serde_json::{Value, json};
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
};

/// Longest head of a request that is read.
const HEAD_MAX: usize = 64 << 10;
/// Longest body of a request that is read: a build context.
const BODY_MAX: usize = 64 << 20;
/// Header lines that are looked at.
const HEADERS_MAX: usize = 64;
/// Pieces that a tape keeps unless it was made for fewer; a reader who falls further behind misses the oldest.
const TAPE_MAX: usize = 20_000;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Method, path and query, without an API version: `GET /containers/json?all=true`.
    pub line: String,
    /// The body, empty if there was none.
    pub body: Vec<u8>,
    /// The API's minor version in the path, if one was named.
    pub version: Option<u32>,
}

impl Asked {
    /// Method and path, without the query.
    #[must_use]
    pub fn target(&self) -> &str {
        self.line.split('?').next().unwrap_or_default()
    }

    /// True if the request line, query included, begins with these words.
    #[must_use]
    pub fn is(&self, start: &str) -> bool {
        self.line.starts_with(start)
    }

    /// The value of a parameter of the query, decoded.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.line.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .map(|(_, value)| decoded(value))
    }

    /// The parts of the path, decoded.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let path = self.target().split_once(' ').map_or("", |(_, path)| path);
        path.split('/').skip(1).map(decoded).collect()
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// `%7B` and the like as what they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let coded = byte.filter(|_| *first == b'%');
        bytes.push(coded.unwrap_or(*first));
        rest = coded.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How a request is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and a JSON body.
    Json(u16, String),
    /// A status and a body of another kind, as proxies send it.
    Page(u16, String),
    /// Status 200 and a chunked body that ends.
    Chunks(Vec<Vec<u8>>),
    /// Status 200 and a chunked body that never ends.
    ThenHang(Vec<Vec<u8>>),
    /// Status 200, a chunked body, and the connection breaks.
    ThenHangUp(Vec<Vec<u8>>),
    /// Status 101 and raw bytes, as an exec answers.
    Upgraded(Vec<u8>),
    /// Status 101 and a conversation.
    Shell(super::Shell),
    /// Nothing, for ever.
    Hang,
    /// The connection breaks before an answer.
    HangUp,
    /// Another reply, after a while.
    Later(Duration, Box<Reply>),
    /// Status 200 and a chunked body that goes on as long as its tape does, from this piece on.
    Follow(watch::Receiver<Tape>, usize),
    /// Bytes as they are, status line and headers included, and the connection ends.
    Raw(Vec<u8>),
}

impl Reply {
    /// A status and a JSON body.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Json(status, body.into())
    }

    /// Status 200 and a JSON body.
    #[must_use]
    pub fn value(body: &Value) -> Self {
        Self::Json(200, body.to_string())
    }

    /// A status with the engine's kind of message.
    #[must_use]
    pub fn refuse(status: u16, message: &str) -> Self {
        Self::Json(status, json!({ "message": message }).to_string())
    }
}

/// A body that is written while it is being read. Bounded: the oldest pieces go.
#[derive(Debug, Clone)]
pub struct Tape {
    chunks: VecDeque<Vec<u8>>,
    /// Pieces that are gone.
    gone: usize,
    /// Pieces that are kept.
    max: usize,
    /// Nothing more will come.
    pub ended: bool,
}

impl Default for Tape {
    fn default() -> Self {
        Self::of(TAPE_MAX)
    }
}

impl Tape {
    /// An empty tape that keeps the last `max` pieces.
    #[must_use]
    pub fn of(max: usize) -> Self {
        Self {
            chunks: VecDeque::new(),
            gone: 0,
            max,
            ended: false,
        }
    }

    /// Adds a piece.
    pub fn push(&mut self, chunk: Vec<u8>) {
        self.chunks.push_back(chunk);
        if self.chunks.len() > self.max {
            self.chunks.pop_front();
            self.gone += 1;
        }
    }

    /// Pieces so far, those that are gone included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.gone + self.chunks.len()
    }

    /// True if nothing was ever written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of the oldest piece that is still there.
    #[must_use]
    pub fn first(&self) -> usize {
        self.gone
    }

    /// What is there from piece `from` on.
    #[must_use]
    pub fn since(&self, from: usize) -> Vec<Vec<u8>> {
        let skipped = from.saturating_sub(self.gone);
        self.chunks.iter().skip(skipped).cloned().collect()
    }
}

/// One log frame as the engine sends it: stream 1 is output, 2 errors, 3 the engine's own.
#[must_use]
pub fn frame(stream: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    [&[stream, 0, 0, 0][..], &length.to_be_bytes(), payload].concat()
}

/// Reads one request, and gives the bytes of its head, too; `None` if the client closed before it was whole, or sent what
/// is none.
pub(super) async fn read(
    socket: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<(Asked, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(head) = head_of(&bytes) {
            break head;
        }
        if bytes.len() > HEAD_MAX || socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let mut body = bytes.split_off(head.end);
    if head.length > BODY_MAX {
        return Ok(None);
    }
    while body.len() < head.length {
        if socket.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((Asked { body, ..head.asked }, bytes)))
}

struct Head {
    asked: Asked,
    length: usize,
    end: usize,
}

fn head_of(bytes: &[u8]) -> Option<Head> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(end) = request.parse(bytes).ok()? else {
        return None;
    };
    let length = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse().ok());
    let (method, path) = (request.method?, request.path?);
    let (version, path) = unversioned(path);
    let asked = Asked {
        line: format!("{method} {path}"),
        body: Vec::new(),
        version,
    };
    Some(Head {
        asked,
        length: length.unwrap_or_default(),
        end,
    })
}

/// `/v1.44/containers/json` as 44 and `/containers/json`.
fn unversioned(path: &str) -> (Option<u32>, String) {
    let versioned = path
        .strip_prefix("/v1.")
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(minor, rest)| Some((minor.parse().ok()?, rest)));
    match versioned {
        Some((minor, rest)) => (Some(minor), format!("/{rest}")),
        None => (None, path.to_owned()),
    }
}

/// Where an answer goes: whole, slowly, or only in part.
#[derive(Debug)]
pub(super) struct Wire<S> {
    pub(super) socket: S,
    /// Time per byte.
    pub(super) pace: Option<Duration>,
    /// Bytes until the connection breaks.
    pub(super) left: Option<usize>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Writes bytes as this wire does; breaks off where it is cut.
    pub(super) async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = self.left.unwrap_or(usize::MAX).min(bytes.len());
        self.left = self.left.map(|left| left - room);
        let (now, rest) = bytes.split_at(room);
        match self.pace {
            None => self.socket.write_all(now).await?,
            Some(pace) => self.drip(now, pace).await?,
        }
        self.socket.flush().await?;
        match rest.is_empty() {
            true => Ok(()),
            false => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    async fn drip(&mut self, bytes: &[u8], pace: Duration) -> io::Result<()> {
        for byte in bytes {
            self.socket.write_all(&[*byte]).await?;
            self.socket.flush().await?;
            tokio::time::sleep(pace).await;
        }
        Ok(())
    }

    /// Writes `reply` to its end. [`Waited::Closed`] if it was the client who ended it.
    pub(super) async fn send(&mut self, reply: Reply) -> io::Result<Waited> {
        let mut reply = reply;
        while let Reply::Later(after, then) = reply {
            tokio::time::sleep(after).await;
            reply = *then;
        }
        match reply {
            Reply::Json(status, body) => self.whole(status, "application/json", &body).await?,
            Reply::Page(status, body) => self.whole(status, "text/html", &body).await?,
            Reply::Chunks(chunks) => {
                self.chunked(&chunks).await?;
                self.put(b"0\r\n\r\n").await?;
            }
            Reply::ThenHang(chunks) => {
                self.chunked(&chunks).await?;
                return self.hang().await;
            }
            Reply::ThenHangUp(chunks) => self.chunked(&chunks).await?,
            Reply::Upgraded(bytes) => self.upgraded(&bytes).await?,
            Reply::Shell(shell) => {
                self.upgraded(&[]).await?;
                return shell.talk(self).await;
            }
            Reply::Raw(bytes) => self.put(&bytes).await?,
            Reply::Hang => return self.hang().await,
            Reply::Follow(tape, from) => return self.follow(tape, from).await,
            Reply::HangUp | Reply::Later(..) => {}
        }
        Ok(Waited::Done)
    }

    /// Only the head of `reply`, then silence.
    pub(super) async fn head_then_hang(&mut self) -> io::Result<Waited> {
        self.chunked(&[]).await?;
        self.hang().await
    }

    async fn whole(&mut self, status: u16, kind: &str, body: &str) -> io::Result<()> {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        self.put(head.as_bytes()).await?;
        self.put(body.as_bytes()).await
    }

    async fn upgraded(&mut self, bytes: &[u8]) -> io::Result<()> {
        let head = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
        self.put(head.as_bytes()).await?;
        self.put(bytes).await
    }

    async fn chunked(&mut self, chunks: &[Vec<u8>]) -> io::Result<()> {
        self.put(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await?;
        // An empty chunk would end the body.
        for chunk in chunks.iter().filter(|chunk| !chunk.is_empty()) {
            self.chunk(chunk).await?;
        }
        Ok(())
    }

    async fn chunk(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.put(format!("{:x}\r\n", chunk.len()).as_bytes())
            .await?;
        self.put(chunk).await?;
        self.put(b"\r\n").await
    }

    /// Writes what `tape` brings until it ends or the client closes its end.
    async fn follow(
        &mut self,
        mut tape: watch::Receiver<Tape>,
        mut from: usize,
    ) -> io::Result<Waited> {
        self.chunked(&[]).await?;
        loop {
            let (chunks, len, ended) = {
                let tape = tape.borrow_and_update();
                (tape.since(from), tape.len(), tape.ended)
            };
            from = len;
            for chunk in &chunks {
                self.chunk(chunk).await?;
            }
            if ended {
                self.put(b"0\r\n\r\n").await?;
                return Ok(Waited::Done);
            }
            let mut ignored = [0; 64];
            tokio::select! {
                changed = tape.changed() => if changed.is_err() { return Ok(Waited::Done) },
                _ = self.socket.read(&mut ignored) => return Ok(Waited::Closed),
            }
        }
    }

    /// Waits until the client closes its end.
    async fn hang(&mut self) -> io::Result<Waited> {
        let mut ignored = [0; 64];
        while self.socket.read(&mut ignored).await.is_ok_and(|n| n > 0) {}
        Ok(Waited::Closed)
    }
}

/// Who ended an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// It was written to its end.
    Done,
    /// The client closed its end first.
    Closed,
}
