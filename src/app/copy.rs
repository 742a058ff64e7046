//! Text out of the log pane: into the clipboard, or alone on the screen.

use super::{Model, msg::Clipboard, text::grouped, toasts::Mood};

/// Longest text in bytes that can be copied. Longer ones are dropped by widespread terminals without a word: with the
/// encoding and its frame these are 100,000 bytes.
pub const TEXT_MAX: usize = 74_994;

impl Model {
    /// Text was copied.
    pub(super) fn copied(&mut self, lines: usize, to: Clipboard) {
        let lines = match lines {
            1 => "1 line".to_owned(),
            n => format!("{} lines", grouped(n as u64)),
        };
        match to {
            Clipboard::Terminal => {
                // Many terminals have it switched off, and none says so.
                let text = format!("{lines} sent to the terminal's clipboard");
                self.say(Mood::Info, text);
            }
            Clipboard::Tmux => {
                let text = format!("{lines} in tmux's buffer and clipboard");
                self.say(Mood::Good, text);
            }
        }
    }
}
