//! Text to the operator's clipboard, over any number of ssh connections: the terminal does it on request (OSC 52).
//!
//! What stands in between decides how the request is written. tmux ignores it unless `set-clipboard` is `on` (the
//! default is `external`), and passes nothing through since 3.3 unless `allow-passthrough` is on; but whoever asks its own
//! program gets the text into a buffer and, as it is set, into the clipboard. screen passes it through in small pieces.

use crate::app::copy::TEXT_MAX;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{io, process::Stdio, time::Duration};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// Longest request in bytes: widespread terminals drop longer ones without a word.
const REQUEST_MAX: usize = 100_000;
/// `ESC ] 52 ; c ;` and BEL.
const FRAME: usize = 8;
/// The longest text just fits.
const _: () = assert!(TEXT_MAX.div_ceil(3) * 4 + FRAME <= REQUEST_MAX);
/// Bytes that screen passes through at once: its buffer for a string ends at 768.
const SCREEN_PIECE: usize = 700;
/// A tmux that does not answer in this time is not waited for.
const DEADLINE: Duration = Duration::from_secs(2);

/// What stands between this program and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Nothing that matters.
    Nothing,
    /// tmux, on this machine.
    Tmux,
    /// GNU screen, on this machine.
    Screen,
}

impl Between {
    /// What the environment says.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    fn of(has: impl Fn(&str) -> bool) -> Self {
        if has("TMUX") {
            Self::Tmux
        } else if has("STY") {
            Self::Screen
        } else {
            Self::Nothing
        }
    }
}

/// The bytes that ask the terminal to take `text`, of at most [`TEXT_MAX`] bytes, into its clipboard.
#[must_use]
pub fn request(text: &str, between: Between) -> Vec<u8> {
    let plain = format!("\u{1b}]52;c;{}\u{7}", STANDARD.encode(text));
    match between {
        Between::Nothing => plain.into_bytes(),
        Between::Tmux => {
            // The first one for `set-clipboard on`, the second one for `allow-passthrough on`.
            let inner = plain.replace('\u{1b}', "\u{1b}\u{1b}");
            format!("{plain}\u{1b}Ptmux;{inner}\u{1b}\\").into_bytes()
        }
        Between::Screen => {
            let pieces = plain.as_bytes().chunks(SCREEN_PIECE);
            pieces
                .flat_map(|piece| [b"\x1bP".as_slice(), piece, b"\x1b\\".as_slice()].concat())
                .collect()
        }
    }
}

/// Gives a text to tmux's own program, and back where it does not take it: then the terminal has to be asked after all.
pub(super) async fn to_tmux(text: String) -> Result<(), String> {
    match timeout(DEADLINE, load_buffer(&text)).await {
        Ok(Ok(true)) => Ok(()),
        _ => Err(text),
    }
}

/// True if tmux took the text. `-w` exists since tmux 3.2.
async fn load_buffer(text: &str) -> io::Result<bool> {
    let mut tmux = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = tmux.stdin.take() {
        input.write_all(text.as_bytes()).await?;
    }
    Ok(tmux.wait().await?.success())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_terminal_gets_one_request_of_bounded_length() {
        let bytes = text(request("größer\nzwei", Between::Nothing));
        assert_eq!(bytes, "\u{1b}]52;c;Z3LDtsOfZXIKendlaQ==\u{7}");
        let longest = request(&"x".repeat(TEXT_MAX), Between::Nothing);
        assert_eq!(longest.len(), REQUEST_MAX);
    }

    #[test]
    fn tmux_gets_it_for_itself_and_to_pass_through_with_escapes_doubled() {
        let bytes = text(request("hi", Between::Tmux));
        let inner = "\u{1b}\u{1b}]52;c;aGk=\u{7}";
        let passed = format!("\u{1b}Ptmux;{inner}\u{1b}\\");
        assert_eq!(bytes, format!("\u{1b}]52;c;aGk=\u{7}{passed}"));
    }

    #[test]
    fn screen_gets_pieces_that_it_can_hold_and_they_add_up() {
        let long = "0123456789".repeat(500);
        let bytes = text(request(&long, Between::Screen));
        let pieces: Vec<&str> = bytes.split_terminator("\u{1b}\\").collect();
        let inner: String = pieces
            .iter()
            .map(|piece| piece.strip_prefix("\u{1b}P").unwrap())
            .collect();
        assert!(pieces.iter().all(|piece| piece.len() < 768) && pieces.len() > 5);
        assert_eq!(inner, text(request(&long, Between::Nothing)));
    }

    #[test]
    fn the_environment_says_what_stands_between() {
        let of = |names: &[&str]| Between::of(|name| names.contains(&name));
        assert_eq!(of(&["HOME"]), Between::Nothing);
        assert_eq!(of(&["STY"]), Between::Screen);
        assert_eq!(of(&["STY", "TMUX"]), Between::Tmux);
    }
}
