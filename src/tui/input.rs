//! What comes from the terminal: events, read on a thread of their own, and its end.
//!
//! The terminal library reads in a circle for ever once the terminal is gone (end of file and errors are no way out of
//! its inner loop, crossterm 0.29). So the file descriptor is asked first, and the library reads only where there is
//! something; on its own thread it could not take the screen's loop with it even so.
//!
//! Its usual source is told of new input only (edges), and forgets what a burst of more than 1 KiB left unread until the
//! next key: a long paste would stop in the middle. The one behind its feature `use-dev-tty` asks each time.

use super::signals::Signal;
use crossterm::event::Event;
use futures_util::{Stream, StreamExt, stream};
use rustix::event::{PollFd, PollFlags, poll};
use std::{io, thread, time::Duration};
use tokio::sync::mpsc;

/// Events that wait for the loop: more than anybody types ahead, and a thread that waits costs nothing.
const EVENTS_MAX: usize = 256;
/// The library does not look at all if it may take no time.
const LOOK: Duration = Duration::from_millis(1);

/// Something from outside that is not the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// From the terminal.
    Event(Event),
    /// From the system.
    Signal(Signal),
}

/// All that the terminal sends; it ends when the terminal is gone.
///
/// # Errors
/// The thread cannot be started.
pub fn all() -> io::Result<impl Stream<Item = io::Result<Input>>> {
    let (sender, receiver) = mpsc::channel(EVENTS_MAX);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            if let Err(error) = read(&sender) {
                // If nobody listens any more, nobody needs to know.
                let _ = sender.blocking_send(Err(error));
            }
        })?;
    let events = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|event| (event, receiver))
    });
    // The end of this stream must be seen even though the one that it is joined with never ends.
    let end = stream::once(async { Err(io::ErrorKind::UnexpectedEof.into()) });
    Ok(events.map(|event| event.map(Input::Event)).chain(end))
}

/// Sends events until the terminal is gone or nobody listens.
fn read(sender: &mpsc::Sender<io::Result<Event>>) -> io::Result<()> {
    while wait()? {
        while crossterm::event::poll(LOOK)? {
            if sender.blocking_send(crossterm::event::read()).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Waits until there is something to read; false if the terminal has hung up.
fn wait() -> io::Result<bool> {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    loop {
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                return Ok(!fds[0].revents().intersects(gone));
            }
        }
    }
}
