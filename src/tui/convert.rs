//! The terminal library's events to messages; its types go no farther.

use crate::{
    app::{Chord, Key, Mouse, Msg},
    ui::Hits,
};
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// Rows that one notch of the wheel moves.
const NOTCH: i32 = 3;

/// What an event means; `None` if it means nothing.
#[must_use]
pub fn to_msg(event: Event, hits: &Hits) -> Option<Msg> {
    match event {
        Event::Key(key) => to_chord(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(w, h) => Some(Msg::Resized { w, h }),
        Event::Mouse(mouse) => to_mouse(mouse, hits).map(Msg::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// The chord of a key press. Repeats count where holding a key down is meant: for movement.
#[must_use]
pub fn to_chord(event: KeyEvent) -> Option<Chord> {
    let key = to_key(event.code)?;
    let moves = matches!(
        key,
        Key::Up | Key::Down | Key::Left | Key::Right | Key::PageUp | Key::PageDown | Key::Backspace
    );
    match event.kind {
        KeyEventKind::Press => {}
        KeyEventKind::Repeat if moves => {}
        KeyEventKind::Repeat | KeyEventKind::Release => return None,
    }
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let is_char = matches!(key, Key::Char(_));
    let back = event.code == KeyCode::BackTab;
    let key = match key {
        // One byte, which terminals send for both; the backslash is what people press.
        Key::Char('4') if ctrl => Key::Char('\\'),
        Key::Char(c) if ctrl => Key::Char(c.to_ascii_lowercase()),
        other => other,
    };
    Some(Chord {
        key,
        ctrl,
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: back || (!is_char && event.modifiers.contains(KeyModifiers::SHIFT)),
    })
}

fn to_key(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::F(n) => Key::F(n),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab | KeyCode::BackTab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        _ => return None,
    })
}

fn to_mouse(event: MouseEvent, hits: &Hits) -> Option<Mouse> {
    let hit = hits.at(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Mouse::Click(hit)),
        MouseEventKind::Drag(MouseButton::Left) => Some(Mouse::Drag(hit)),
        MouseEventKind::ScrollUp => Some(Mouse::Wheel(hit, -NOTCH)),
        MouseEventKind::ScrollDown => Some(Mouse::Wheel(hit, NOTCH)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chord(code: KeyCode, modifiers: KeyModifiers) -> Chord {
        to_chord(KeyEvent::new(code, modifiers)).unwrap()
    }

    #[test]
    fn key_events_become_the_chords_that_the_key_map_knows() {
        let none = KeyModifiers::NONE;
        for (found, word) in [
            (chord(KeyCode::Char('R'), KeyModifiers::SHIFT), "R"),
            (chord(KeyCode::Char('r'), KeyModifiers::CONTROL), "ctrl-r"),
            (chord(KeyCode::Char('R'), KeyModifiers::CONTROL), "ctrl-r"),
            (chord(KeyCode::Char('4'), KeyModifiers::CONTROL), "ctrl-\\"),
            (
                chord(KeyCode::Char(' '), KeyModifiers::CONTROL),
                "ctrl-space",
            ),
            (chord(KeyCode::BackTab, KeyModifiers::SHIFT), "shift-tab"),
            (chord(KeyCode::Char(' '), none), "space"),
            (chord(KeyCode::F(1), none), "f1"),
            (chord(KeyCode::PageDown, none), "pagedown"),
        ] {
            assert_eq!(found, word.parse().unwrap(), "{word}");
        }
    }

    #[test]
    fn releases_mean_nothing_and_only_movement_repeats() {
        let event = |code, kind| KeyEvent::new_with_kind(code, KeyModifiers::NONE, kind);
        assert_eq!(
            to_chord(event(KeyCode::Char('r'), KeyEventKind::Release)),
            None
        );
        assert_eq!(
            to_chord(event(KeyCode::Char('y'), KeyEventKind::Repeat)),
            None
        );
        assert!(to_chord(event(KeyCode::Down, KeyEventKind::Repeat)).is_some());
    }
}
