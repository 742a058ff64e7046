//! Redis: `PING` (RESP, <https://redis.io/docs/latest/develop/reference/protocol-spec/>).

use super::Answer;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest first line of an answer; errors are one short line.
const LINE_MAX: u64 = 512;

/// `+PONG` is up. So is a server that wants a password first: it answers its clients.
pub(super) async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<Answer> {
    stream.write_all(b"*1\r\n$4\r\nPING\r\n").await?;
    stream.flush().await?;
    let line = read_line(stream).await?;
    // It may have gone by now, which takes nothing from what it said.
    let _ = stream.shutdown().await;
    Ok(judge(&line))
}

fn judge(line: &str) -> Answer {
    match line.split_at_checked(1) {
        Some(("+", "PONG")) => Ok("PONG".into()),
        Some(("-", error)) if error.starts_with("NOAUTH") => Ok("up, wants a password".into()),
        Some(("-", error)) => Err(error.into()),
        _ => Err(format!("no Redis answer: {line}").into()),
    }
}

async fn read_line(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut stream = stream.take(LINE_MAX);
    let mut line = Vec::new();
    while !line.ends_with(b"\n") && line.len() < LINE_MAX as usize {
        line.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&line);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
