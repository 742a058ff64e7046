//! The operator's terminal as that of a program in a container: raw bytes both ways, and afterwards it is as it was.

use super::terminal::{self, Raw};
use crate::{
    domain::LogStream,
    hub::{
        Failure,
        shell::{PIECES_MAX, Shell, ShellEnd, Ways},
    },
};
use rustix::io::{Errno, read};
use std::{
    fs::File,
    io::{self, Write},
    thread,
    time::Duration,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

/// Bytes that are taken at once.
const BYTES_MAX: usize = 16 << 10;
/// A terminal that takes nothing for so long after the end is left as it is.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a shell is left, for the operator.
pub const WAYS_OUT: &str = "ctrl-d ends the shell, ctrl-] three times lets go of it";

/// A piece of what is printed.
type Piece = (LogStream, Vec<u8>);

/// Columns and rows, if standard input and output are a terminal.
#[must_use]
pub fn size() -> Option<(u16, u16)> {
    terminal::is_ours().then(|| crossterm::terminal::size().unwrap_or((80, 24)))
}

/// Joins the terminal, or what stands in for it, with `shell` until that ends. A signal lets go of it.
///
/// # Errors
/// As [`Shell::talk`]; the terminal cannot be used.
pub async fn talk(shell: Shell) -> Result<ShellEnd, Failure> {
    let unusable =
        |error: io::Error| Failure::operation(format!("the terminal cannot be used: {error}"));
    let has_terminal = size().is_some();
    let raw = has_terminal
        .then(Raw::enter)
        .transpose()
        .map_err(unusable)?;
    let (typed_to, typed) = mpsc::channel(PIECES_MAX);
    let (printed, to_print) = mpsc::channel(PIECES_MAX);
    let (size_to, size_now) = watch::channel(size().unwrap_or_default());
    let written = begin_printing(to_print).map_err(unusable)?;
    begin_typing(typed_to).map_err(unusable)?;
    let ways = Ways {
        typed,
        printed,
        size: size_now,
    };
    let outcome = tokio::select! {
        outcome = shell.talk(ways, leave()) => outcome,
        never = follow_size(&size_to, raw.as_ref()) => match never {},
    };
    // What was printed must come out; a terminal that does not read is not waited for.
    match (has_terminal, &outcome) {
        (false, Ok(ShellEnd::Code(_))) => drop(written.await),
        _ => drop(timeout(FAREWELL, written).await),
    }
    drop(raw);
    outcome
}

/// Reads what is typed on a thread of its own, which ends with the input or with the program.
fn begin_typing(typed: mpsc::Sender<Vec<u8>>) -> io::Result<()> {
    let thread = thread::Builder::new().name("typed".to_owned());
    thread.spawn(move || {
        let mut bytes = [0; BYTES_MAX];
        loop {
            let piece = match read(io::stdin(), &mut bytes) {
                Ok(0) => return,
                Ok(n) => bytes.iter().take(n).copied().collect(),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                // The other direction tells what there is to tell.
                Err(_) => return,
            };
            if typed.blocking_send(piece).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}

/// Writes what is printed on a thread of its own: a terminal that does not read must not keep signals from us. Says when
/// all is written.
fn begin_printing(mut printed: mpsc::Receiver<Piece>) -> io::Result<oneshot::Receiver<()>> {
    let (done, written) = oneshot::channel();
    let [mut out, mut err] = terminal::ways_out()?;
    let thread = thread::Builder::new().name("printed".to_owned());
    thread.spawn(move || {
        while let Some((stream, bytes)) = printed.blocking_recv() {
            let way: &mut File = if stream == LogStream::Out {
                &mut out
            } else {
                &mut err
            };
            if way.write_all(&bytes).is_err() {
                break;
            }
        }
        // Nobody may wait for it any more.
        let _ = done.send(());
    })?;
    Ok(written)
}

/// Ends when a signal asks for our end.
async fn leave() {
    let kinds = [
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::interrupt(),
        SignalKind::quit(),
    ];
    let waits = kinds.map(|kind| {
        Box::pin(async move {
            match signal(kind) {
                Ok(mut signals) => drop(signals.recv().await),
                // Without a handler the signal ends the process as it always did.
                Err(_) => std::future::pending().await,
            }
        })
    });
    futures_util::future::select_all(waits).await;
}

/// Passes on every other size, and takes the terminal again after we were stopped.
async fn follow_size(
    size_to: &watch::Sender<(u16, u16)>,
    raw: Option<&Raw>,
) -> std::convert::Infallible {
    let changes = (
        signal(SignalKind::window_change()),
        signal(SignalKind::from_raw(18)),
    );
    let (Ok(mut sizes), Ok(mut continued)) = changes else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = sizes.recv() => {}
            _ = continued.recv() => raw.into_iter().for_each(Raw::again),
        }
        if let Some(now) = size() {
            size_to.send_replace(now);
        }
    }
}
