//! A proxy in front of a real engine: the same faults meet real containers. One request per connection, as the simulated
//! engine does it; bodies and streams pass through as they are.

use super::{
    fault::{Faults, How, Pattern, garbled},
    http::{self, Asked, Reply, Wire},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};

/// Largest answer that is held back to be spoiled.
const HELD_MAX: u64 = 64 << 20;
/// Bytes that are passed on at once.
const PIECE: usize = 16 << 10;

/// A proxy that listens. Dropping it ends it and takes its socket away.
#[derive(Debug)]
pub struct Proxy {
    path: PathBuf,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    asked: Vec<Asked>,
}

impl Proxy {
    /// Listens at `path` and passes on to the engine at `engine`. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(path: &Path, engine: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        let state = Arc::<Mutex<State>>::default();
        let task = tokio::spawn(accept(listener, engine.to_owned(), Arc::clone(&state)));
        Ok(Self {
            path: path.to_owned(),
            state,
            task,
        })
    }

    /// The next `times` requests that `pattern` names (see [`Pattern`]) go wrong.
    pub fn fault(&self, pattern: &str, times: usize, how: How) {
        locked(&self.state).faults.add(pattern, times, how);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        locked(&self.state).faults.clear();
    }

    /// How many requests so far `pattern` names.
    #[must_use]
    pub fn count(&self, pattern: &str) -> usize {
        let pattern = Pattern::new(pattern);
        let state = locked(&self.state);
        state
            .asked
            .iter()
            .filter(|asked| pattern.meets(asked))
            .count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        // A socket that somebody removed already is as gone as it should be.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: UnixListener, engine: PathBuf, state: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { return };
                connections.spawn(exchange(socket, engine.clone(), Arc::clone(&state)));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One request and its answer. A connection that breaks is its client's affair.
async fn exchange(
    mut client: UnixStream,
    engine: PathBuf,
    state: Arc<Mutex<State>>,
) -> io::Result<()> {
    let Some((asked, bytes)) = http::read_raw(&mut client).await? else {
        return Ok(());
    };
    let how = {
        let mut state = locked(&state);
        state.asked.push(asked.clone());
        state.faults.take(&asked)
    };
    let mut wire = Wire {
        socket: client,
        pace: None,
        left: None,
    };
    match how {
        Some(How::Instead(reply)) => return wire.send(reply).await.map(drop),
        Some(How::After(reply)) => {
            whole(&engine, &bytes).await?;
            return wire.send(reply).await.map(drop);
        }
        Some(How::Silent) => {
            whole(&engine, &bytes).await?;
            return wire.send(Reply::Hang).await.map(drop);
        }
        Some(How::HeadOnly) => return wire.head_then_hang().await.map(drop),
        Some(How::Truncated(at)) => {
            let answer = whole(&engine, &bytes).await?;
            wire.left = head_length(&answer).map(|head| head + at);
            return wire.put(&answer).await;
        }
        Some(How::Garbled(how)) => {
            let answer = whole(&engine, &bytes).await?;
            let body = String::from_utf8_lossy(&body_of(&answer)).into_owned();
            return wire
                .send(garbled(Reply::Json(200, body), how))
                .await
                .map(drop);
        }
        Some(How::Late(by)) => tokio::time::sleep(by).await,
        Some(How::Dripping(pace)) => wire.pace = Some(pace),
        Some(How::Cut(at)) => wire.left = Some(at),
        // What an engine streams is raw here: disorder among pieces is the simulated engine's.
        Some(How::Stream(_)) | None => {}
    }
    pass(wire, &engine, &bytes).await
}

/// Passes the request on, and everything that follows, in both directions.
async fn pass(mut wire: Wire<UnixStream>, engine: &Path, request: &[u8]) -> io::Result<()> {
    let mut upstream = UnixStream::connect(engine).await?;
    upstream.write_all(&closing(request)).await?;
    if wire.pace.is_none() && wire.left.is_none() {
        return copy_bidirectional(&mut wire.socket, &mut upstream)
            .await
            .map(drop);
    }
    let mut piece = vec![0; PIECE];
    loop {
        let read = upstream.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        wire.put(piece.get(..read).unwrap_or_default()).await?;
    }
}

/// The whole answer to a request, headers included, as far as it is held back.
async fn whole(engine: &Path, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut upstream = UnixStream::connect(engine).await?;
    upstream.write_all(&closing(request)).await?;
    let mut answer = Vec::new();
    upstream.take(HELD_MAX).read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The request with the wish that its connection ends after it, unless it wants another protocol on it.
fn closing(request: &[u8]) -> Vec<u8> {
    let end = head_length(request).unwrap_or(request.len());
    let (head, body) = request.split_at(end);
    let head = String::from_utf8_lossy(head);
    if head.to_ascii_lowercase().contains("\r\nupgrade:") {
        return request.to_vec();
    }
    let kept = head
        .split("\r\n")
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:"));
    let kept: Vec<&str> = kept.chain(["Connection: close", "", ""]).collect();
    [kept.join("\r\n").as_bytes(), body].concat()
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
