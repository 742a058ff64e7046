//! A text alone on the screen that the shell had, for a terminal that takes no text into its clipboard: it wraps the lines
//! itself, its own mouse selects them, and they can be scrolled back to.

use super::{Run, terminal::Stage};
use crate::{
    app::{Action, Msg, keymap::Mode},
    domain::safe::LogText,
};

/// What stands below the text.
const END: &str = "-- the text ends here; select it with the mouse, any key goes back --";

/// The bytes for a terminal in raw mode. What comes from outside is asked for once more at this door.
fn bytes_of(text: &str) -> Vec<u8> {
    let lines = text
        .lines()
        .map(|line| LogText::from_bytes(line.as_bytes()).plain());
    let mut bytes: String = lines.map(|line| line + "\r\n").collect();
    bytes.push_str(END);
    bytes.push_str("\r\n");
    bytes.into_bytes()
}

impl<B> Run<'_, B>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
{
    pub(super) fn show_plain(&mut self, text: &str) -> anyhow::Result<()> {
        self.plain = true;
        self.terminal.backend_mut().show_plain(&bytes_of(text))?;
        Ok(())
    }

    /// A key ends it and is meant for nothing else, but the ways out of the program: true if the message goes on to the
    /// model.
    pub(super) fn end_plain(&mut self, msg: &Msg) -> anyhow::Result<bool> {
        let Msg::Key(chord) = msg else {
            return Ok(matches!(msg, Msg::Resized { .. }));
        };
        self.plain = false;
        self.terminal.backend_mut().resume(self.model.mouse)?;
        self.redraw()?;
        let action = self.model.keys.action(Mode::List, *chord);
        Ok(matches!(action, Some(Action::QuitNow | Action::Suspend)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_stand_below_each_other_and_nothing_is_executed() {
        let bytes =
            String::from_utf8(bytes_of("a\tb\n\u{1b}[31mred\u{1b}]52;c;eA==\u{7}\n")).unwrap();
        let (text, _) = bytes.split_once(END).unwrap();
        assert_eq!(text, "a\tb\r\nred\r\n");
    }
}
