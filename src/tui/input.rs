//! What comes from the terminal: events, read on a thread of their own, and its end.

use super::{burst::Burst, decode::Decoder, signals::Signal, themes::Files};
use crossterm::event::Event;
use futures_util::{Stream, StreamExt, stream};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::{Errno, read},
};
use std::{
    io::{self, PipeReader, PipeWriter},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Events that wait for the loop: more than anybody types ahead, and a thread that waits costs nothing.
const EVENTS_MAX: usize = 256;
/// Bytes that are taken at once: as many as a terminal keeps for us.
const BYTES_MAX: usize = 4096;
/// What one key sends is not longer; what is may be the first piece of something.
const KEY_BYTES: usize = 8;
/// How long more pieces are awaited then: far less than a person notices.
const GATHER: Duration = Duration::from_millis(10);
/// An escape that is followed by nothing for so long is the key.
const ESCAPE: Duration = Duration::from_millis(30);
/// Between two looks at whether the terminal is ours again.
const ASIDE: Duration = Duration::from_millis(30);
/// A paste that stands still for so long has lost its end; what follows must be keys again.
const STALLED: Duration = Duration::from_secs(5);

/// Another program reads the terminal. There is one terminal, and its keys are for one program at a time.
static RESTS: AtomicBool = AtomicBool::new(false);

/// Leaves what is typed to another program, or takes it again.
pub fn rest(on: bool) {
    RESTS.store(on, Ordering::SeqCst);
}

/// Something from outside that is not the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// From the terminal.
    Event(Event),
    /// From the system.
    Signal(Signal),
    /// The operator's own theme files, which are others now.
    Themes(Files),
}

/// All that the terminal sends; it ends when the terminal is gone. Dropped, it takes nothing any more: the next key
/// may be meant for another screen.
///
/// # Errors
/// The thread cannot be started.
pub fn all() -> io::Result<impl Stream<Item = io::Result<Input>>> {
    let (sender, receiver) = mpsc::channel(EVENTS_MAX);
    let (dropped, alive) = io::pipe()?;
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            if let Err(error) = take_all(&sender, &dropped) {
                // If nobody listens any more, nobody needs to know.
                let _ = sender.blocking_send(Err(error));
            }
        })?;
    let both = (receiver, alive);
    let events = stream::unfold(both, |mut both: (mpsc::Receiver<_>, PipeWriter)| async {
        both.0.recv().await.map(|event| (event, both))
    });
    // The end of this stream must be seen even though the one that it is joined with never ends.
    let end = stream::once(async { Err(io::ErrorKind::UnexpectedEof.into()) });
    Ok(events.map(|event| event.map(Input::Event)).chain(end))
}

/// Sends events until the terminal is gone or nobody listens.
fn take_all(sender: &mpsc::Sender<io::Result<Event>>, dropped: &PipeReader) -> io::Result<()> {
    let (mut decoder, mut burst) = (Decoder::default(), Burst::default());
    let mut bytes = Vec::with_capacity(BYTES_MAX);
    let mut before = Instant::now();
    loop {
        let events = match wait(dropped, patience(&decoder))? {
            Wait::Over => return Ok(()),
            Wait::Quiet => decoder.end().into_iter().collect(),
            Wait::Ready => {
                let quiet = before.elapsed();
                if !gather(&mut bytes, dropped)? {
                    return Ok(());
                }
                before = Instant::now();
                burst.sift(decoder.feed(&bytes), quiet)
            }
        };
        for event in events {
            if sender.blocking_send(Ok(event)).is_err() {
                return Ok(());
            }
        }
    }
}

/// How long what has begun may take to go on; for ever if nothing has.
fn patience(decoder: &Decoder) -> Option<Duration> {
    let pause = if decoder.is_in_paste() {
        STALLED
    } else {
        ESCAPE
    };
    decoder.is_unfinished().then_some(pause)
}

/// Takes what is there. What is more than a key may come in pieces, and all of them are waited for. False at the end.
fn gather(bytes: &mut Vec<u8>, dropped: &PipeReader) -> io::Result<bool> {
    bytes.clear();
    let end = Instant::now() + GATHER;
    loop {
        let mut piece = [0; BYTES_MAX];
        match read(io::stdin(), &mut piece) {
            Ok(0) => return Ok(false),
            Ok(n) => bytes.extend(piece.iter().take(n)),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
        let left = end.saturating_duration_since(Instant::now());
        let whole = bytes.len() <= KEY_BYTES || bytes.len() >= BYTES_MAX || left.is_zero();
        // What has ended meanwhile is seen by the next wait.
        if whole || !matches!(wait(dropped, Some(left))?, Wait::Ready) {
            return Ok(true);
        }
    }
}

/// How a wait ended.
enum Wait {
    /// There is something to read.
    Ready,
    /// Nothing came.
    Quiet,
    /// The terminal has hung up, or nobody listens.
    Over,
}

fn wait(dropped: &PipeReader, patience: Option<Duration>) -> io::Result<Wait> {
    loop {
        while RESTS.load(Ordering::SeqCst) {
            let mut fds = [PollFd::new(dropped, PollFlags::IN)];
            let pause = Timespec::try_from(ASIDE).ok();
            // A pause that a signal ends is only shorter.
            let _ = poll(&mut fds, pause.as_ref());
            if !fds[0].revents().is_empty() {
                return Ok(Wait::Over);
            }
        }
        let outcome = wait_awake(dropped, patience)?;
        // What came meanwhile is for the other program.
        if !RESTS.load(Ordering::SeqCst) || matches!(outcome, Wait::Over) {
            return Ok(outcome);
        }
    }
}

fn wait_awake(dropped: &PipeReader, patience: Option<Duration>) -> io::Result<Wait> {
    let stdin = io::stdin();
    let mut fds = [
        PollFd::new(&stdin, PollFlags::IN),
        PollFd::new(dropped, PollFlags::IN),
    ];
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    // A wait that a signal interrupts begins again.
    while let Err(error) = poll(&mut fds, patience.as_ref()) {
        if error != Errno::INTR {
            return Err(error.into());
        }
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    let [terminal, listener] = [fds[0].revents(), fds[1].revents()];
    Ok(if terminal.intersects(gone) || !listener.is_empty() {
        Wait::Over
    } else if terminal.is_empty() {
        Wait::Quiet
    } else {
        Wait::Ready
    })
}
