//! The engine, past the program's own code: plain requests on its socket, and a reader that only counts.

use super::Result;
use serde_json::Value;
use std::{
    env,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::spawn,
    time::Duration,
};

const SOCKET: &str = "/var/run/docker.sock";
/// Longest silence of the engine while a request runs.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a reader takes at once.
const BUFFER: usize = 64 * 1024;
/// The newest line's number is looked for in so many of the last bytes.
const TAIL: usize = 1024;
/// What is before a line's number.
const NUMBER: &[u8] = b"n=";
/// Digits of a line's number.
const DIGITS: usize = 10;

/// A way to the engine.
#[derive(Debug, Clone)]
pub struct Engine {
    socket: PathBuf,
}

impl Engine {
    /// The engine that the environment names.
    pub fn from_environment() -> Result<Self> {
        let host = env::var("DOCKER_HOST").unwrap_or_else(|_| format!("unix://{SOCKET}"));
        let path = host.strip_prefix("unix://");
        let path = path.ok_or("DOCKER_HOST: the bench needs an engine on a unix socket")?;
        Ok(Self {
            socket: path.into(),
        })
    }

    /// GET, as JSON.
    pub fn get(&self, target: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.ask(
            "GET",
            target,
            "application/json",
            &[],
        )?)?)
    }

    /// POST of JSON, or of nothing; the answer as JSON, or null if it is empty.
    pub fn post(&self, target: &str, body: Option<&Value>) -> Result<Value> {
        // The engine resets the connection where it gets a body that it does not read.
        let body = body.map(|body| body.to_string().into_bytes());
        let body = body.unwrap_or_default();
        let answer = self.ask("POST", target, "application/json", &body)?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    /// POST of a tar archive.
    pub fn post_tar(&self, target: &str, tar: &[u8]) -> Result<()> {
        self.ask("POST", target, "application/x-tar", tar)
            .map(|_| ())
    }

    /// DELETE.
    pub fn delete(&self, target: &str) -> Result<()> {
        self.ask("DELETE", target, "application/json", &[])
            .map(|_| ())
    }

    /// The last line of a container's log has this number.
    pub fn last_number(&self, container: &str) -> Result<u64> {
        let target = format!("/containers/{container}/logs?stdout=1&tail=1");
        Ok(number_in(&self.ask("GET", &target, "application/json", &[])?).unwrap_or(0))
    }

    fn ask(&self, method: &str, target: &str, content: &str, body: &[u8]) -> Result<Vec<u8>> {
        let mut stream = self.send(method, target, content, body)?;
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        read.map_err(|error| format!("{method} {target}: {error}"))?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let head = String::from_utf8_lossy(answer.get(..end.unwrap_or(0)).unwrap_or_default());
        let body = answer
            .get(end.map_or(0, |end| end + 4)..)
            .unwrap_or_default();
        if head.split(' ').nth(1).is_some_and(|c| c.starts_with('2')) {
            return Ok(body.to_vec());
        }
        let status = head.lines().next().unwrap_or("no answer");
        let text = String::from_utf8_lossy(body);
        Err(format!("{method} {target}: {status}: {text}").into())
    }

    /// HTTP/1.0: the answer ends with the connection, and is not cut into chunks.
    fn send(&self, method: &str, target: &str, content: &str, body: &[u8]) -> Result<UnixStream> {
        let mut stream = UnixStream::connect(&self.socket)
            .map_err(|error| format!("no engine at {}: {error}", self.socket.display()))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.0\r\nHost: docker\r\nContent-Type: {content}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        stream.write_all(body)?;
        Ok(stream)
    }
}

/// Reads the log of a container as the program asks for it, and does nothing with it but count.
#[derive(Debug)]
pub struct BareReader {
    counted: Arc<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    bytes: AtomicU64,
    newest: AtomicU64,
    over: AtomicBool,
}

impl BareReader {
    /// Begins to read.
    pub fn follow(engine: &Engine, container: &str) -> Result<Self> {
        let target = format!(
            "/containers/{container}/logs?stdout=1&stderr=1&timestamps=1&follow=true&tail=100&since=0"
        );
        let stream = engine.send("GET", &target, "application/json", &[])?;
        let counted = Arc::new(Counted::default());
        let shared = Arc::clone(&counted);
        spawn(move || shared.read(stream));
        Ok(Self { counted })
    }

    /// Number of the newest line that came.
    pub fn newest(&self) -> u64 {
        self.counted.newest.load(Ordering::Relaxed)
    }

    /// Bytes that came.
    pub fn bytes(&self) -> u64 {
        self.counted.bytes.load(Ordering::Relaxed)
    }
}

impl Drop for BareReader {
    fn drop(&mut self) {
        self.counted.over.store(true, Ordering::Relaxed);
    }
}

impl Counted {
    fn read(&self, mut stream: UnixStream) {
        let mut buffer = vec![0; BUFFER];
        while let (false, Ok(read @ 1..)) =
            (self.over.load(Ordering::Relaxed), stream.read(&mut buffer))
        {
            self.bytes.fetch_add(read as u64, Ordering::Relaxed);
            let tail = buffer
                .get(read.saturating_sub(TAIL)..read)
                .unwrap_or_default();
            if let Some(number) = number_in(tail) {
                self.newest.store(number, Ordering::Relaxed);
            }
        }
    }
}

/// The number of the last line in `bytes`.
fn number_in(bytes: &[u8]) -> Option<u64> {
    let wide = NUMBER.len() + DIGITS;
    let mut places = bytes.windows(wide).rev();
    places.find_map(|place| {
        let digits = place.strip_prefix(NUMBER)?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    })
}

/// The number of the newest line on a screen.
pub fn newest_in(text: &str) -> u64 {
    let after = text.split("n=").skip(1);
    let numbers = after.filter_map(|rest| rest.get(..DIGITS)?.parse().ok());
    numbers.max().unwrap_or(0)
}
