//! The way out to the terminal: a thread that writes, so that a terminal that does not read holds up nobody else.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// One frame fits in without growing.
const BUFFER: usize = 256 * 1024;
/// Between two looks at whether the terminal has taken what was written.
const LOOK: Duration = Duration::from_millis(5);

/// What was handed over and is not written yet. There is one terminal, and whoever leaves it must know.
static PENDING: AtomicUsize = AtomicUsize::new(0);

/// Collects what is written to it; a flush hands it to the thread and never waits. Whoever draws asks [`is_free`]
/// first: so one frame is on its way at most, and the next one shows the newest state.
#[derive(Debug)]
pub struct Outlet {
    buffer: Vec<u8>,
    thread: Sender<Vec<u8>>,
    /// Buffers that are written come back.
    written: Receiver<Vec<u8>>,
}

impl Outlet {
    /// An outlet to a copy of `target`: a blocked write must not hold the lock of the standard output.
    ///
    /// # Errors
    /// There is no descriptor or no thread left.
    pub fn new(target: &impl AsFd) -> io::Result<Self> {
        let target = File::from(target.as_fd().try_clone_to_owned()?);
        let (thread, pieces) = mpsc::channel();
        let (back, written) = mpsc::channel();
        PENDING.store(0, Ordering::SeqCst);
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || write_all(target, &pieces, &back))?;
        Ok(Self {
            buffer: Vec::with_capacity(BUFFER),
            thread,
            written,
        })
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Fails once the terminal is gone.
    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let next = self.written.try_recv();
        let next = next.unwrap_or_else(|_none| Vec::with_capacity(BUFFER));
        let piece = std::mem::replace(&mut self.buffer, next);
        PENDING.fetch_add(1, Ordering::SeqCst);
        let handed = self.thread.send(piece);
        handed.map_err(|_gone| rustix::io::Errno::PIPE.into())
    }
}

/// The thread: ends when nobody writes any more, or when the terminal is gone, which the next flush reports.
fn write_all(mut target: File, pieces: &Receiver<Vec<u8>>, back: &Sender<Vec<u8>>) {
    for mut piece in pieces {
        if target.write_all(&piece).is_err() {
            break;
        }
        PENDING.fetch_sub(1, Ordering::SeqCst);
        piece.clear();
        // Whoever wanted it may be gone.
        let _ = back.send(piece);
    }
    PENDING.store(0, Ordering::SeqCst);
}

/// True if all that was flushed is written.
#[must_use]
pub fn is_free() -> bool {
    PENDING.load(Ordering::SeqCst) == 0
}

/// Waits until all is written and `target` takes more; false if it does not within `patience`.
#[must_use]
pub fn drained(target: &impl AsFd, patience: Duration) -> bool {
    let end = Instant::now() + patience;
    while !(is_free() && takes_more(target)) {
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(LOOK);
    }
    true
}

/// True if a few bytes can be written without waiting.
fn takes_more(target: &impl AsFd) -> bool {
    let mut fds = [PollFd::new(target, PollFlags::OUT)];
    let now = Timespec::default();
    matches!(poll(&mut fds, Some(&now)), Ok(1..)) && fds[0].revents().contains(PollFlags::OUT)
}
