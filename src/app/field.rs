//! A text field of one line: the editor widget without everything that would make a second line, and with text that is
//! safe to draw.

use super::chord::{Chord, Key};
use crate::domain::Safe;
use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

/// Longest text of a field, in bytes: a path may have this many (`PATH_MAX`).
const TEXT_MAX: usize = crate::domain::safe::TEXT_MAX;
/// Changes that the field's own undo remembers.
const HISTORY_MAX: usize = 50;

/// One line that can be edited.
#[derive(Debug, Clone)]
pub struct Field {
    area: TextArea<'static>,
}

impl Field {
    /// A field that holds `text`, the cursor at its end.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![Safe::new(text).to_string()]);
        area.set_max_histories(HISTORY_MAX);
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// What it holds.
    #[must_use]
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Replaces what it holds.
    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// The widget, for drawing.
    #[must_use]
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Takes a key; false if it means nothing to a field.
    pub fn input(&mut self, chord: Chord) -> bool {
        if chord.typed().is_some_and(|c| c.len_utf8() > self.room()) {
            return false;
        }
        if chord.ctrl && chord.key == Key::Char('u') {
            // As in a shell: everything before the cursor. The widget's own meaning is undo.
            return self.area.delete_line_by_head();
        }
        let Some(input) = to_input(chord) else {
            return false;
        };
        let changed = self.area.input(input);
        self.keep_safe();
        changed
    }

    /// Inserts pasted text; line ends become blanks.
    pub fn paste(&mut self, text: &str) {
        let text = text.trim_end();
        let fits = text.floor_char_boundary(self.room());
        let (piece, _) = text.split_at(fits);
        self.area.insert_str(Safe::new(piece).as_str());
        self.keep_safe();
    }

    /// Bytes that still fit.
    fn room(&self) -> usize {
        TEXT_MAX.saturating_sub(self.text().len())
    }

    /// What was put together of safe parts may not be: a mark joins what it lands on.
    fn keep_safe(&mut self) {
        let text = self.area.lines().join("\n");
        let safe = Safe::new(&text);
        if safe.as_str() != text {
            self.set(&safe);
        }
    }
}

/// The keys that edit one line. Enter, ^M and ^J would add a line; up, down, pages and tab belong to the form.
fn to_input(chord: Chord) -> Option<Input> {
    let key = match chord.key {
        Key::Char('m' | 'j' | 'n' | 'p' | 'v') if chord.ctrl => return None,
        Key::Char(c) => AreaKey::Char(c),
        Key::Backspace => AreaKey::Backspace,
        Key::Delete => AreaKey::Delete,
        Key::Home => AreaKey::Home,
        Key::End => AreaKey::End,
        Key::Left => AreaKey::Left,
        Key::Right => AreaKey::Right,
        _ => return None,
    };
    Some(Input {
        key,
        ctrl: chord.ctrl,
        alt: chord.alt,
        shift: false,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn p26_pasted_line_ends_and_escapes_never_make_a_second_line() {
        let mut field = Field::new("a");
        field.paste("b\nc\r\n\u{1b}[31md\n");
        assert_eq!(field.text(), "ab c d");
        for word in ["enter", "ctrl-m", "ctrl-j", "tab", "up"] {
            assert!(!field.input(word.parse().unwrap()), "{word}");
        }
        assert_eq!(field.area().lines().len(), 1);
    }

    #[test]
    fn keys_edit_the_text() {
        let mut field = Field::new("512");
        for word in ["m", "home", "delete", "1", "end", "backspace", "g"] {
            field.input(word.parse().unwrap());
        }
        assert_eq!(field.text(), "112g");
    }

    #[test]
    fn a_field_is_bounded() {
        let mut field = Field::new("");
        field.paste(&"x".repeat(10_000));
        assert_eq!(field.text().len(), TEXT_MAX);
        assert!(!field.input("x".parse().unwrap()));
    }
}
