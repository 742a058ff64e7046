//! Where the answers of a server come from: a function, or a real engine behind it, so that the same faults meet real
//! containers. An engine's bodies and streams pass through as they are.

use super::{
    fault::{Disorder, disordered},
    http::{Asked, Reply, Waited, Wire},
};
use std::{io, path::PathBuf};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::UnixStream,
};

/// Largest answer that is held back to be spoiled.
const HELD_MAX: u64 = 64 << 20;
/// Bytes that are passed on at once.
const PIECE: usize = 16 << 10;

/// What gives the answers.
pub type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// Who answers.
pub(super) enum Source {
    /// A function.
    Function(Box<Answer>),
    /// The engine behind this socket.
    Engine(PathBuf),
}

impl Source {
    /// Asks; the request has its effect. `head` is how it came.
    pub(super) async fn ask(&self, asked: &Asked, head: &[u8]) -> io::Result<Given> {
        match self {
            Self::Function(answer) => Ok(Given::Reply(answer(asked))),
            Self::Engine(path) => {
                let mut engine = UnixStream::connect(path).await?;
                engine.write_all(&closing(head)).await?;
                engine.write_all(&asked.body).await?;
                Ok(Given::Stream(engine))
            }
        }
    }
}

/// An answer before anything goes wrong with it.
pub(super) enum Given {
    /// All of it.
    Reply(Reply),
    /// What an engine is about to say.
    Stream(UnixStream),
}

impl Given {
    /// Passes it on to its end, whatever that is.
    pub(super) async fn pass(self, mut wire: Wire<UnixStream>) -> io::Result<Waited> {
        match self {
            Self::Reply(reply) => wire.send(reply).await,
            Self::Stream(engine) => relay(engine, wire).await.map(|()| Waited::Done),
        }
    }

    /// All of it, awaited.
    pub(super) async fn whole(self) -> io::Result<Reply> {
        match self {
            Self::Reply(reply) => Ok(reply),
            Self::Stream(engine) => {
                let mut answer = Vec::new();
                engine.take(HELD_MAX).read_to_end(&mut answer).await?;
                Ok(reply_of(&answer))
            }
        }
    }

    /// Its pieces in disorder. What an engine streams is raw and passes as it is.
    pub(super) fn disordered(self, how: Disorder) -> Self {
        match self {
            Self::Reply(reply) => Self::Reply(disordered(reply, how)),
            raw @ Self::Stream(_) => raw,
        }
    }
}

/// Passes on what comes, in both directions unless the wire is slow or cut.
async fn relay(mut engine: UnixStream, mut wire: Wire<UnixStream>) -> io::Result<()> {
    if wire.pace.is_none() && wire.left.is_none() {
        return copy_bidirectional(&mut wire.socket, &mut engine)
            .await
            .map(drop);
    }
    let mut piece = vec![0; PIECE];
    loop {
        let read = engine.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        wire.put(piece.get(..read).unwrap_or_default()).await?;
    }
}

/// The head of a request with the wish that its connection ends after it, unless it wants another protocol on it.
fn closing(head: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(head);
    if text.to_ascii_lowercase().contains("\r\nupgrade:") {
        return head.to_vec();
    }
    let kept = text
        .split("\r\n")
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:"));
    let kept: Vec<&str> = kept.chain(["Connection: close", "", ""]).collect();
    kept.join("\r\n").into_bytes()
}

/// An engine's answer as one that can be spoiled.
fn reply_of(answer: &[u8]) -> Reply {
    let (head, _) = answer.split_at(head_length(answer).unwrap_or(answer.len()));
    let head = String::from_utf8_lossy(head);
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let body = String::from_utf8_lossy(&body_of(answer)).into_owned();
    Reply::Json(status.unwrap_or(502), body)
}

/// Bytes of the head, its empty line included.
fn head_length(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(end + 4)
}

/// The body of an answer, out of its chunks if it came in chunks.
fn body_of(answer: &[u8]) -> Vec<u8> {
    let (head, mut rest) = answer.split_at(head_length(answer).unwrap_or(answer.len()));
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.contains("transfer-encoding: chunked") {
        return rest.to_vec();
    }
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(rest) {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let chunk = rest.get(at..at.saturating_add(size)).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        body.extend_from_slice(chunk);
        rest = rest.get(at + size + 2..).unwrap_or_default();
    }
    body
}
