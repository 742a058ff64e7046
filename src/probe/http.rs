//! HTTP/1.1: one GET, of whose answer only the status counts (RFC 9112). A body is never looked into: "unhealthy"
//! contains "healthy".

use super::{ANSWER_MAX, Answer};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Most header fields that are accepted.
const HEADERS_MAX: usize = 128;
/// What every answer begins with.
const MAGIC: &[u8] = b"HTTP/1.";

/// Status 200 is healthy; every other one, redirects and 204 included, is not.
pub(super) async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    path: &str,
) -> io::Result<Answer> {
    Ok(match status(stream, path).await? {
        Ok(200) => Ok("HTTP 200".into()),
        Ok(code) => Err(format!("HTTP {code}").into()),
        Err(what) => Err(what.into()),
    })
}

/// The status of the answer, or what is wrong with it.
pub(super) async fn status(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    path: &str,
) -> io::Result<Result<u16, &'static str>> {
    let question = format!(
        "GET {} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: cchub-tui\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        encode(path)
    );
    stream.write_all(question.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Head::default();
    loop {
        match head.status() {
            Status::Known(code) => return Ok(Ok(code)),
            Status::NoHttp(what) => return Ok(Err(what)),
            Status::Open => head.read(stream).await?,
        }
    }
}

/// The path as it may stand in a request line: it begins with `/`, and blanks and controls are percent-encoded.
fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        encoded.push('/');
    }
    for byte in path.bytes() {
        match byte {
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The answer up to the empty line, as far as it has come.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    /// Where to go on looking for the empty line: each byte is looked at once, however slowly they come.
    seen: usize,
}

enum Status {
    Known(u16),
    NoHttp(&'static str),
    Open,
}

impl Head {
    async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.bytes.extend_from_slice(&piece[..read]);
                Ok(())
            }
        }
    }

    fn status(&mut self) -> Status {
        if !self.bytes.iter().zip(MAGIC).all(|(a, b)| a == b) {
            return Status::NoHttp("no HTTP answer");
        }
        while let Some(end) = self.end_of_fields() {
            match self.parse(end) {
                // An interim answer: the real one follows it (RFC 9110, 15.2).
                Status::Known(100..=199) => self.bytes.drain(..end),
                status => return status,
            };
            self.seen = 0;
        }
        match self.bytes.len() {
            ..ANSWER_MAX => Status::Open,
            _ => Status::NoHttp("headers without an end"),
        }
    }

    /// The position after the empty line, if it is there.
    fn end_of_fields(&mut self) -> Option<usize> {
        let from = self.seen.saturating_sub(2);
        self.seen = self.bytes.len();
        let fresh = self.bytes.get(from..)?;
        let at = |mark: &[u8]| {
            Some(fresh.windows(mark.len()).position(|w| w == mark)? + from + mark.len())
        };
        [at(b"\n\r\n"), at(b"\n\n")].into_iter().flatten().min()
    }

    fn parse(&self, end: usize) -> Status {
        let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut answer = httparse::Response::new(&mut fields);
        match answer.parse(&self.bytes[..end]) {
            Ok(httparse::Status::Complete(_)) => answer.code.map_or(Status::Open, Status::Known),
            Ok(httparse::Status::Partial) | Err(_) => Status::NoHttp("broken HTTP answer"),
        }
    }
}
