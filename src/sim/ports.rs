//! The published ports of simulated containers: real sockets on the loopback addresses that the spec names, with just
//! enough of each protocol to answer a check.

use super::machine::{Machine, Manner, Protocol, Readiness};
use std::{collections::BTreeMap, io, net::IpAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

/// Longest question that is read.
const QUESTION_MAX: usize = 8 << 10;
/// A client that asks nothing is left after this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections at once to one port.
const CONNECTIONS_MAX: usize = 16;
/// PostgreSQL's "may I speak TLS".
const SSL_REQUEST: u32 = 80_877_103;

/// The sockets of all containers that run, by the container's name.
#[derive(Debug, Default)]
pub(super) struct Ports {
    open: BTreeMap<String, JoinSet<()>>,
}

impl Ports {
    /// Opens the ports of what runs and closes those of what does not. A port that is taken stays closed: checks then
    /// meet whoever has it, as they would with a real engine.
    pub(super) fn follow(&mut self, machine: &Machine) {
        let runs = |name: &String| machine.containers.get(name).is_some_and(|c| c.runs());
        self.open.retain(|name, _| runs(name));
        for (name, container) in &machine.containers {
            if container.runs() && !self.open.contains_key(name) {
                let mut tasks = JoinSet::new();
                for (address, port) in container.published() {
                    if let Ok(listener) = listen(&address, port) {
                        tasks.spawn(accept(listener, container.manner.subscribe()));
                    }
                }
                self.open.insert(name.clone(), tasks);
            }
        }
    }
}

fn listen(address: &str, port: u16) -> io::Result<TcpListener> {
    let address: IpAddr = address.parse().map_err(io::Error::other)?;
    let listener = std::net::TcpListener::bind((address, port))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

async fn accept(listener: TcpListener, manner: watch::Receiver<Manner>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { return };
                // One more than it can serve is closed at once.
                if connections.len() < CONNECTIONS_MAX {
                    let manner = *manner.borrow();
                    connections.spawn(timeout(PATIENCE, answer(socket, manner)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers one question. A client that goes away early is as welcome.
async fn answer(mut socket: TcpStream, manner: Manner) -> io::Result<()> {
    match manner.readiness {
        // A process that is not up yet has no socket: the nearest to a refusal is to hang up.
        Readiness::Starting if manner.protocol == Protocol::Http => return Ok(()),
        Readiness::Silent => {
            let mut ignored = [0; 64];
            while socket.read(&mut ignored).await? > 0 {}
            return Ok(());
        }
        _ => {}
    }
    let reply = match manner.protocol {
        Protocol::Postgres => postgres(&mut socket, manner.readiness).await?,
        Protocol::Redis => redis(&mut socket, manner.readiness).await?,
        Protocol::Http => http(&mut socket, manner.readiness).await?,
    };
    tokio::time::sleep(manner.delay).await;
    socket.write_all(&reply).await?;
    socket.shutdown().await
}

/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
async fn postgres(socket: &mut TcpStream, readiness: Readiness) -> io::Result<Vec<u8>> {
    loop {
        let length = socket.read_u32().await?;
        let code = socket.read_u32().await?;
        let rest = usize::try_from(length).unwrap_or(QUESTION_MAX);
        let mut ignored = vec![0; rest.saturating_sub(8).min(QUESTION_MAX)];
        socket.read_exact(&mut ignored).await?;
        if code != SSL_REQUEST {
            break;
        }
        socket.write_all(b"N").await?;
    }
    Ok(match readiness {
        // A password is asked for: SCRAM-SHA-256.
        Readiness::Ready => message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0"),
        Readiness::Refusing(why) => refusal(why),
        Readiness::Starting | Readiness::Silent => refusal("the database system is starting up"),
    })
}

fn refusal(why: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C57P03\0M{why}\0\0");
    message(b'E', fields.as_bytes())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

async fn redis(socket: &mut TcpStream, readiness: Readiness) -> io::Result<Vec<u8>> {
    read_until(socket, b"PING\r\n").await?;
    Ok(match readiness {
        Readiness::Ready => b"+PONG\r\n".to_vec(),
        Readiness::Refusing(why) => format!("-ERR {why}\r\n").into_bytes(),
        Readiness::Starting | Readiness::Silent => {
            b"-LOADING Redis is loading the dataset in memory\r\n".to_vec()
        }
    })
}

async fn http(socket: &mut TcpStream, readiness: Readiness) -> io::Result<Vec<u8>> {
    read_until(socket, b"\r\n\r\n").await?;
    let (status, body) = match readiness {
        Readiness::Refusing(why) => ("503 Service Unavailable", why),
        _ => ("200 OK", "ok"),
    };
    let body = serde_json::json!({ "status": body }).to_string();
    let length = body.len();
    let head = "Content-Type: application/json\r\nConnection: close";
    Ok(
        format!("HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// Reads until `end` was there, in capitals or not, at most [`QUESTION_MAX`] bytes.
async fn read_until(socket: &mut TcpStream, end: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::new();
    let is_there = |bytes: &[u8]| {
        bytes
            .windows(end.len())
            .any(|window| window.eq_ignore_ascii_case(end))
    };
    while !is_there(&bytes) && bytes.len() < QUESTION_MAX {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}
