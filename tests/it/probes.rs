//! The three wire probes against peers that answer well, badly, slowly and never.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cchub::{
    domain::health::Check,
    probe::{self, ANSWER_MAX, Answer},
    stack::spec::WireCheck,
};
use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    net::{TcpListener, TcpStream},
};

/// For probes that are expected to succeed or fail long before.
const LIMIT: Duration = Duration::from_secs(5);

fn postgres() -> WireCheck {
    WireCheck::Postgres {
        user: "commandcenter".to_owned(),
        database: "commandcenter".to_owned(),
    }
}

fn http() -> WireCheck {
    WireCheck::Http {
        path: "/health".to_owned(),
    }
}

/// What the probe makes of a peer that sends `answer` and closes.
async fn told(wire: &WireCheck, answer: &[u8]) -> io::Result<Answer> {
    let (mut ours, mut theirs) = duplex(256 * 1024);
    theirs.write_all(answer).await.unwrap();
    theirs.shutdown().await.unwrap();
    probe::ask(wire, &mut ours).await
}

/// The same, byte by byte through the narrowest pipe.
async fn told_slowly(wire: &WireCheck, answer: &[u8]) -> io::Result<Answer> {
    let (mut ours, theirs) = duplex(1);
    let (mut hears, mut says) = tokio::io::split(theirs);
    let talk = async {
        // The probe may stop listening before all is said.
        let _ = says.write_all(answer).await;
        std::future::pending::<()>().await;
    };
    let listen = async {
        let mut scrap = [0; 64];
        while hears.read(&mut scrap).await.is_ok_and(|read| read > 0) {}
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = probe::ask(wire, &mut ours) => answer,
        () = talk => unreachable!(),
        () = listen => unreachable!(),
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind], length.to_be_bytes().as_slice(), body].concat()
}

fn pg_error(code: &str, text: &str) -> Vec<u8> {
    message(
        b'E',
        format!("SFATAL\0VFATAL\0C{code}\0M{text}\0\0").as_bytes(),
    )
}

fn page(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Both ways of talking, since neither may make a difference.
async fn verdicts(wire: &WireCheck, answer: &[u8]) -> Answer {
    let whole = told(wire, answer).await.unwrap();
    assert_eq!(told_slowly(wire, answer).await.unwrap(), whole);
    whole
}

#[tokio::test]
async fn any_answer_of_postgres_but_57p03_means_accepting() {
    for good in [
        message(b'R', &0_u32.to_be_bytes()),
        message(b'R', &3_u32.to_be_bytes()),
        message(b'R', &[0, 0, 0, 5, 1, 2, 3, 4]),
        message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0"),
        pg_error("28000", "no pg_hba.conf entry"),
        pg_error("3D000", "database does not exist"),
        pg_error("53300", "sorry, too many clients already"),
        message(b'v', &[0, 3, 0, 0, 0, 0, 0, 0]),
    ] {
        assert!(verdicts(&postgres(), &good).await.is_ok(), "{good:?}");
    }
    let refused = verdicts(
        &postgres(),
        &pg_error("57P03", "the database system is starting up"),
    )
    .await;
    assert_eq!(refused, Err("the database system is starting up".into()));
}

#[tokio::test]
async fn what_is_no_postgres_is_no_healthy_postgres() {
    for bad in [
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        b"-ERR unknown command\r\n".to_vec(),
        b"R\xff\xff\xff\xff....".to_vec(),
        b"E\0\0\0\x03xxxx".to_vec(),
        message(b'Z', b"Ixxxxxx"),
        message(b'E', b"Mno code here\0\0"),
    ] {
        let answer = verdicts(&postgres(), &bad).await;
        assert!(
            answer.unwrap_err().starts_with("no PostgreSQL answer"),
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn the_handshake_names_user_and_database_and_sends_no_password() {
    let (mut ours, mut theirs) = duplex(4096);
    theirs
        .write_all(&message(b'R', &0_u32.to_be_bytes()))
        .await
        .unwrap();
    probe::ask(&postgres(), &mut ours).await.unwrap().unwrap();
    drop(ours);
    let mut sent = Vec::new();
    theirs.read_to_end(&mut sent).await.unwrap();
    let words =
        b"\0\x03\0\0user\0commandcenter\0database\0commandcenter\0application_name\0cchub-tui\0\0";
    let start = [&[0, 0, 0, words.len() as u8 + 4], words.as_slice()].concat();
    let goodbye = b"X\0\0\0\x04";
    assert_eq!(sent, [start.as_slice(), goodbye].concat());
}

#[tokio::test]
async fn redis_is_up_with_pong_or_when_it_wants_a_password() {
    assert_eq!(
        verdicts(&WireCheck::Redis, b"+PONG\r\n").await,
        Ok("PONG".into())
    );
    let locked = b"-NOAUTH Authentication required.\r\n";
    assert!(verdicts(&WireCheck::Redis, locked).await.is_ok());
    for (bad, why) in [
        (
            &b"-LOADING Redis is loading the dataset in memory\r\n"[..],
            "LOADING Redis is loading the dataset in memory",
        ),
        (
            b"-MASTERDOWN Link with MASTER is down\r\n",
            "MASTERDOWN Link with MASTER is down",
        ),
        (b"+PONGO\r\n", "no Redis answer: +PONGO"),
        (b"\r\n", "no Redis answer: "),
        (b"\xff\x1b[2J\n", "no Redis answer: \u{fffd}"),
    ] {
        assert_eq!(
            verdicts(&WireCheck::Redis, bad).await,
            Err(why.into()),
            "{bad:?}"
        );
    }
    let endless = vec![b'+'; 100_000];
    assert!(told(&WireCheck::Redis, &endless).await.unwrap().is_err());
}

#[tokio::test]
async fn p53_the_status_decides_and_nothing_else() {
    for body in ["healthy", "unhealthy", "broken", ""] {
        assert_eq!(
            verdicts(&http(), &page("200 OK", body)).await,
            Ok("HTTP 200".into())
        );
        for code in [201, 204, 301, 304, 401, 404, 500, 503] {
            let answer = verdicts(&http(), &page(&format!("{code} Healthy OK 200"), body)).await;
            assert_eq!(answer, Err(format!("HTTP {code}").into()));
        }
    }
}

#[tokio::test]
async fn interim_answers_are_followed_by_the_real_one() {
    let early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    for (status, healthy) in [("200 OK", true), ("500 Oh", false)] {
        let both = [early.as_slice(), &page(status, "")].concat();
        assert_eq!(verdicts(&http(), &both).await.is_ok(), healthy);
    }
}

#[tokio::test]
async fn bare_line_ends_and_http_1_0_are_understood() {
    assert!(verdicts(&http(), b"HTTP/1.0 200\n\n").await.is_ok());
    assert!(
        verdicts(&http(), b"HTTP/1.0 200 OK\r\nA: b\n\r\n")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn what_is_no_http_is_said_at_once() {
    for bad in [
        &b"SSH-2.0-OpenSSH_9.2\r\n"[..],
        b"+PONG\r\n",
        b"\0\0\0\0",
        b"HTTP/2 200\r\n\r\n",
    ] {
        assert_eq!(
            verdicts(&http(), bad).await,
            Err("no HTTP answer".into()),
            "{bad:?}"
        );
    }
    for bad in [
        &b"HTTP/1.1 abc\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
    ] {
        assert_eq!(
            verdicts(&http(), bad).await,
            Err("broken HTTP answer".into()),
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn p53_headers_without_an_end_are_given_up_at_the_bound() {
    let endless = [
        b"HTTP/1.1 200 OK\r\nX: ".as_slice(),
        &vec![b'x'; 2 * ANSWER_MAX],
    ]
    .concat();
    let (mut ours, mut theirs) = duplex(4 * ANSWER_MAX);
    theirs.write_all(&endless).await.unwrap();
    let answer = probe::ask(&http(), &mut ours).await.unwrap();
    assert_eq!(answer, Err("headers without an end".into()));
    let mut unread = vec![0; endless.len()];
    drop(theirs);
    let mut left = 0;
    while let Ok(read @ 1..) = ours.read(&mut unread).await {
        left += read;
    }
    assert!(left >= ANSWER_MAX - 4096, "more than the bound was read");
}

#[tokio::test]
async fn a_path_cannot_smuggle_another_request() {
    let wire = WireCheck::Http {
        path: "x y\r\nHost: evil".to_owned(),
    };
    let (mut ours, mut theirs) = duplex(4096);
    theirs.write_all(&page("200 OK", "")).await.unwrap();
    probe::ask(&wire, &mut ours).await.unwrap().unwrap();
    drop(ours);
    let mut sent = String::new();
    theirs.read_to_string(&mut sent).await.unwrap();
    assert!(
        sent.starts_with("GET /x%20y%0D%0AHost:%20evil HTTP/1.1\r\nHost: localhost\r\n"),
        "{sent}"
    );
}

#[tokio::test]
async fn an_answer_that_ends_early_is_an_error_of_the_connection() {
    for (wire, part) in [
        (postgres(), &b""[..]),
        (postgres(), b"R\0\0"),
        (postgres(), b"R\0\0\0\x08\0\0"),
        (WireCheck::Redis, b""),
        (WireCheck::Redis, b"+PON"),
        (http(), b""),
        (http(), b"HTTP/1.1 200 OK\r\n"),
    ] {
        let error = told(&wire, part).await.unwrap_err();
        assert_eq!(
            error.kind(),
            io::ErrorKind::UnexpectedEof,
            "{wire:?} {part:?}"
        );
    }
}

/// What a peer on a real socket does with the first connection.
enum Peer {
    /// Takes it and says nothing.
    Hangs,
    /// Closes it at once.
    Closes,
    /// Sends this as fast as it is taken, again and again.
    Floods(&'static [u8], &'static [u8]),
    /// Sends a good answer, ten bytes a second.
    Drips,
}

async fn serve(listener: TcpListener, peer: Peer) {
    let (mut stream, _) = listener.accept().await.unwrap();
    match peer {
        Peer::Hangs => std::future::pending().await,
        Peer::Closes => drop(stream),
        Peer::Floods(head, body) => {
            stream.write_all(head).await.unwrap();
            while stream.write_all(body).await.is_ok() {}
        }
        Peer::Drips => {
            for byte in page("200 OK", "") {
                // The probe may have given up.
                let _ = stream.write_all(&[byte]).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Runs a probe against `peer` and says how long it took in all.
async fn meet(wire: &WireCheck, peer: Peer, limit: Duration) -> (Check, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(serve(listener, peer));
    let begun = Instant::now();
    let check = probe::check(wire, address, limit).await;
    served.abort();
    (check, begun.elapsed())
}

#[tokio::test]
async fn p51_a_peer_that_hangs_is_cut_at_the_limit() {
    let limit = Duration::from_millis(300);
    for wire in [postgres(), WireCheck::Redis, http()] {
        let (check, took) = meet(&wire, Peer::Hangs, limit).await;
        assert_eq!(check.result, Err("no answer within 300ms".into()));
        assert!(took >= limit && took < limit * 5, "{took:?}");
    }
    let (check, _) = meet(&WireCheck::Redis, Peer::Hangs, Duration::from_secs(1)).await;
    assert_eq!(check.result, Err("no answer within 1s".into()));
}

#[tokio::test]
async fn p51_the_limit_is_for_the_whole_answer_not_for_each_byte() {
    let limit = Duration::from_millis(500);
    let (check, took) = meet(&http(), Peer::Drips, limit).await;
    assert_eq!(check.result, Err("no answer within 500ms".into()));
    assert!(took < limit * 2, "{took:?}");
}

#[tokio::test]
async fn p53_an_endless_body_neither_delays_nor_decides() {
    for (head, healthy) in [
        (
            &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..],
            true,
        ),
        (b"HTTP/1.1 500 Oh\r\n\r\n", false),
    ] {
        let (check, took) = meet(&http(), Peer::Floods(head, b"unhealthy healthy "), LIMIT).await;
        assert_eq!(check.result.is_ok(), healthy);
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    let (check, took) = meet(&WireCheck::Redis, Peer::Floods(b"", b"garbage"), LIMIT).await;
    assert!(check.result.is_err());
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn connections_that_fail_say_how() {
    // Like the port forwarder of an engine whose container does not listen yet.
    for wire in [postgres(), WireCheck::Redis, http()] {
        let (check, _) = meet(&wire, Peer::Closes, LIMIT).await;
        let why = check.result.unwrap_err();
        let words = ["connection reset", "connection closed before an answer"];
        assert!(words.contains(&why.as_str()), "{why}");
    }
    let unused = free_address().await;
    let check = probe::check(&http(), unused, LIMIT).await;
    assert_eq!(check.result, Err("connection refused".into()));
}

async fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn latency_is_the_time_to_the_verdict() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let wait = Duration::from_millis(200);
    let answer = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::time::sleep(wait).await;
        stream.write_all(b"+PONG\r\n").await.unwrap();
        closed_by_peer(&mut stream).await
    };
    let probe = probe::check(&WireCheck::Redis, address, LIMIT);
    let (closed, check) = tokio::join!(answer, probe);
    assert_eq!(check.result, Ok("PONG".into()));
    assert!(
        check.latency >= wait && check.latency < LIMIT,
        "{:?}",
        check.latency
    );
    assert!(closed, "the probe ends its side in order, without a reset");
}

async fn closed_by_peer(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.is_ok()
}
