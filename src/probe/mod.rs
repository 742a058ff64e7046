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
    let deadline = begun + timeout;
    let asked = timeout_at(deadline, connect_and_ask(wire, address)).await;
    let latency = begun.elapsed();
    let result = match asked {
        Ok(Ok((answer, mut stream))) => {
            let parting = deadline.min(Instant::now() + PARTING);
            // The verdict stands, whether the service closes in time or not.
            let _ = timeout_at(parting, drain(&mut stream)).await;
            answer
        }
        Ok(Err(error)) => Err(describe(&error)),
        Err(_elapsed) => Err(format!("no answer within {}", span(timeout)).into()),
    };
    Check { latency, result }
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
    }
}

async fn connect_and_ask(wire: &WireCheck, address: SocketAddr) -> io::Result<(Answer, TcpStream)> {
    let mut stream = TcpStream::connect(address).await?;
    let answer = ask(wire, &mut stream).await?;
    Ok((answer, stream))
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
