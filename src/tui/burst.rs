//! Keys that come faster than anybody types are pasted: a terminal that does not mark pastes sends them as keys.
//!
//! They become one paste, which goes into a field or nowhere. A key that is held comes one at a time, and what a slow
//! line sends in one piece is counted by its keys of text only: arrows and the wheel are nobody's paste.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

/// More keys of text than this at once were not typed.
const TYPED_MAX: usize = 32;
/// What follows a burst sooner than this belongs to it.
pub const PAUSE: Duration = Duration::from_millis(100);

/// Tells typed keys from pasted ones.
#[derive(Debug, Default)]
pub struct Burst {
    /// Pasted keys came, and there was no pause since.
    on: bool,
}

impl Burst {
    /// `events` that came at once, `quiet` after those before: as they are, or as one paste without anything that a
    /// key or the mouse would do.
    pub fn sift(&mut self, events: Vec<Event>, quiet: Duration) -> Vec<Event> {
        let typed = events.iter().filter(|event| text(event).is_some()).count();
        self.on = typed > TYPED_MAX || (self.on && quiet < PAUSE);
        if !self.on {
            return events;
        }
        let mut pasted = String::new();
        for event in &events {
            match event {
                Event::Paste(text) => pasted.push_str(text),
                other => pasted.extend(text(other)),
            }
        }
        vec![Event::Paste(pasted)]
    }
}

/// The character that a key stands for in a text.
fn text(event: &Event) -> Option<char> {
    let Event::Key(KeyEvent {
        code, modifiers, ..
    }) = event
    else {
        return None;
    };
    match code {
        KeyCode::Char('j') if *modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Char(c) if (*modifiers - KeyModifiers::SHIFT).is_empty() => Some(*c),
        KeyCode::Enter => Some('\n'),
        KeyCode::Tab => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::decode::Decoder;

    const LONG: Duration = Duration::from_secs(1);

    fn events(bytes: &str) -> Vec<Event> {
        Decoder::default().feed(bytes.as_bytes())
    }

    #[test]
    fn p26_more_keys_at_once_than_anybody_types_are_a_paste() {
        let mut burst = Burst::default();
        let text = "L1\r\nS\ty".repeat(10);
        let keys = events(&text.replace('S', "S\x1b[A\x03\x1b[<0;3;3M"));
        assert_eq!(
            burst.sift(keys, LONG),
            [Event::Paste(text.replace('\r', "\n"))]
        );
        // Its last piece comes a moment later; a key after a pause is a key.
        assert_eq!(
            burst.sift(events("S\r"), PAUSE / 2),
            [Event::Paste("S\n".to_owned())]
        );
        assert_eq!(burst.sift(events("j"), LONG), events("j"));
    }

    #[test]
    fn p26_what_hands_and_held_keys_send_stays_as_it_is() {
        let mut burst = Burst::default();
        for typed in [
            "j".repeat(TYPED_MAX),
            "\x1b[B".repeat(500),
            "\x1b[<65;3;3M".repeat(500),
            "300m\r".to_owned(),
        ] {
            assert_eq!(burst.sift(events(&typed), LONG), events(&typed));
        }
        for _ in 0..200 {
            assert_eq!(burst.sift(events("j"), Duration::ZERO), events("j"));
        }
    }
}
