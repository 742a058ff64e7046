//! Checks over a service's own protocol: what its clients would see, without starting a process for it.

mod http;
mod postgres;
mod redis;

use crate::{
    domain::{Safe, health::Check},
    stack::spec::WireCheck,
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout_at},
};

/// Most bytes that are read of any answer.
pub const ANSWER_MAX: usize = 64 * 1024;
/// How long the rest of an answer is waited for after the verdict. Closing with unread bytes resets the connection,
/// and some services write a line into their log for that.
const PARTING: Duration = Duration::from_millis(100);

/// What a service said, or why it does not count as up.
pub type Answer = Result<Safe, Safe>;

/// Checks the service at `address`: connection, question and answer within `timeout` in all.
pub async fn check(wire: &WireCheck, address: SocketAddr, timeout: Duration) -> Check {
    let begun = Instant::now();
    if let WireCheck::AnyHttp { root } = wire {
        return check_any_http(*root, address, timeout).await.0;
    }
    let question = async |stream: &mut TcpStream| ask(wire, stream).await;
    let answer = exchange(address, begun + timeout, timeout, question).await;
    Check {
        latency: begun.elapsed(),
        result: answer.and_then(|answer| answer),
    }
}

/// Checks an HTTP service that nobody has told us about, see [`WireCheck::AnyHttp`]; gives what `root` is from now on.
pub async fn check_any_http(root: bool, address: SocketAddr, timeout: Duration) -> (Check, bool) {
    let begun = Instant::now();
    let deadline = begun + timeout;
    let get = async |path: &'static str| {
        let question = async |stream: &mut TcpStream| http::status(stream, path).await;
        exchange(address, deadline, timeout, question).await
    };
    let at_health = if root {
        None
    } else {
        Some(get("/health").await)
    };
    let (path, said) = match at_health {
        Some(Ok(Ok(400..=499))) | None => ("/", get("/").await),
        Some(said) => ("/health", said),
    };
    let check = Check {
        latency: begun.elapsed(),
        result: said.and_then(|status| any_verdict(status, path)),
    };
    let root = root || (path == "/" && check.result.is_ok());
    (check, root)
}

fn any_verdict(status: Result<u16, &'static str>, path: &str) -> Answer {
    match status {
        Ok(code @ ..500) => Ok(format!("HTTP {code} at {path}").into()),
        Ok(code) => Err(format!("HTTP {code} at {path}").into()),
        // It is there; what it speaks instead is nobody's business here.
        Err(_) => Ok("answers, but not in HTTP".into()),
    }
}

/// One question over a connection of its own, until `deadline`, which is `timeout` after the beginning.
async fn exchange<T>(
    address: SocketAddr,
    deadline: Instant,
    timeout: Duration,
    question: impl AsyncFnOnce(&mut TcpStream) -> io::Result<T>,
) -> Result<T, Safe> {
    let connected = async {
        let mut stream = TcpStream::connect(address).await?;
        let answer = question(&mut stream).await?;
        Ok((answer, stream))
    };
    match timeout_at(deadline, connected).await {
        Ok(Ok((answer, mut stream))) => {
            let parting = deadline.min(Instant::now() + PARTING);
            // The verdict stands, whether the service closes in time or not.
            let _ = timeout_at(parting, drain(&mut stream)).await;
            Ok(answer)
        }
        Ok(Err(error)) => Err(describe(&error)),
        Err(_elapsed) => Err(format!("no answer within {}", span(timeout)).into()),
    }
}

/// Asks over a connection that is open. Takes no longer than the peer does: the caller sets the deadline.
///
/// # Errors
/// The connection broke or ended before there was an answer.
pub async fn ask<S>(wire: &WireCheck, stream: &mut S) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match wire {
        WireCheck::Postgres { user, database } => postgres::ask(stream, user, database).await,
        WireCheck::Redis => redis::ask(stream).await,
        WireCheck::Http { path } => http::ask(stream, path).await,
        WireCheck::AnyHttp { root } => {
            let path = if *root { "/" } else { "/health" };
            Ok(any_verdict(http::status(stream, path).await?, path))
        }
    }
}

async fn drain(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<()> {
    let mut scrap = [0; 4096];
    let mut left = ANSWER_MAX;
    while left > 0 {
        match stream.read(&mut scrap).await? {
            0 => return Ok(()),
            read => left = left.saturating_sub(read),
        }
    }
    Ok(())
}

fn describe(error: &io::Error) -> Safe {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof,
    };
    match error.kind() {
        ConnectionRefused => "connection refused".into(),
        ConnectionReset | ConnectionAborted | BrokenPipe => "connection reset".into(),
        UnexpectedEof => "connection closed before an answer".into(),
        _ => error.to_string().into(),
    }
}

/// `5s`, `500ms`, `1500ms`.
fn span(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{}s", time.as_secs()),
        _ => format!("{}ms", time.as_millis()),
    }
}
