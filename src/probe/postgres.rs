//! PostgreSQL: the start-up handshake of protocol 3.0, by the rule of `pg_isready`
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>). No password is sent.

use super::Answer;
use crate::domain::Safe;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Protocol 3.0, as the start-up message wants it.
const PROTOCOL: u32 = 3 << 16;
/// SQLSTATE `cannot_connect_now`: starting up, shutting down, in recovery.
const CANNOT_CONNECT_NOW: &str = "57P03";
/// Longest message that is believed in; the client library of PostgreSQL draws the same line.
const MESSAGE_MAX: usize = 30_000;
/// Terminate, for a session that was opened (where no password is wanted).
const TERMINATE: &[u8] = b"X\0\0\0\x04";

/// Any answer but [`CANNOT_CONNECT_NOW`] means that connections are accepted.
pub(super) async fn ask(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    user: &str,
    database: &str,
) -> io::Result<Answer> {
    stream.write_all(&startup(user, database)).await?;
    stream.flush().await?;
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let [kind, length @ ..] = header;
    let length = u32::from_be_bytes(length).try_into().unwrap_or(usize::MAX);
    if !matches!(kind, b'R' | b'E' | b'v') || !(8..=MESSAGE_MAX).contains(&length) {
        return Ok(Err("no PostgreSQL answer".into()));
    }
    // The length counts itself.
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body).await?;
    close(stream, kind == b'R' && body == [0; 4]).await;
    Ok(match kind {
        b'E' => judge_error(&body),
        _ => Ok("accepting connections".into()),
    })
}

fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    let pairs = [
        ("user", user),
        ("database", database),
        ("application_name", "cchub-tui"),
    ];
    for word in pairs.into_iter().flat_map(|(name, value)| [name, value]) {
        // A zero byte ends a word: one inside would begin another.
        body.extend(word.bytes().filter(|&b| b != 0));
        body.push(0);
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [length.to_be_bytes().as_slice(), &body].concat()
}

/// Says goodbye the way the server expects it, so that it does not log a lost connection every few seconds: with a
/// message in an open session, by closing where it still asks for a password.
async fn close(stream: &mut (impl AsyncWrite + Unpin), in_session: bool) {
    if in_session {
        // It may have closed already, which is as good.
        let _ = stream.write_all(TERMINATE).await;
    }
    // As above.
    let _ = stream.shutdown().await;
}

/// The fields of an error: a letter and a text each, ended by zero bytes.
fn judge_error(body: &[u8]) -> Answer {
    let field = |letter: u8| {
        let mut fields = body.split(|&b| b == 0);
        let text = fields.find_map(|field| field.strip_prefix(&[letter]))?;
        Some(String::from_utf8_lossy(text).into_owned())
    };
    let said = field(b'M').unwrap_or_default();
    match field(b'C').as_deref() {
        Some(CANNOT_CONNECT_NOW) => Err(Safe::new(said)),
        Some(state) if state.len() == 5 => Ok(format!("accepting connections ({said})").into()),
        _ => Err(format!("no PostgreSQL answer: {said}").into()),
    }
}
