//! Signals as input: leave, stop, continue, another size.

use super::input::Input;
use futures_util::{Stream, StreamExt, stream};
use rustix::process::Signal as Number;
use std::io;
use tokio::signal::unix::{SignalKind, signal};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGINT, SIGHUP, SIGQUIT: leave the terminal as it was; the number makes the exit code.
    Leave(i32),
    /// SIGTSTP: give the terminal back and stop.
    Stop,
    /// SIGCONT: the terminal may be in any state.
    Continue,
    /// SIGWINCH: the terminal has another size.
    Resized,
}

const ALL: [(Number, Signal); 7] = [
    (Number::TERM, Signal::Leave(Number::TERM.as_raw())),
    (Number::INT, Signal::Leave(Number::INT.as_raw())),
    (Number::HUP, Signal::Leave(Number::HUP.as_raw())),
    (Number::QUIT, Signal::Leave(Number::QUIT.as_raw())),
    (Number::TSTP, Signal::Stop),
    (Number::CONT, Signal::Continue),
    (Number::WINCH, Signal::Resized),
];

/// All signals that the screen answers.
///
/// # Errors
/// The system refuses a handler.
pub fn all() -> io::Result<impl Stream<Item = io::Result<Input>>> {
    let mut streams = Vec::new();
    for (number, meaning) in ALL {
        let listener = signal(SignalKind::from_raw(number.as_raw()))?;
        let each = stream::unfold(listener, move |mut listener| async move {
            listener.recv().await.map(|()| (meaning, listener))
        });
        streams.push(each.boxed());
    }
    Ok(stream::select_all(streams).map(|meaning| Ok(Input::Signal(meaning))))
}
