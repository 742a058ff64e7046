//! Bytes of a terminal to events: keys, pastes, and of the mouse what is answered.
//!
//! Our own, because the terminal library's reading (crossterm 0.29) does not hold against whatever may come: it rests
//! while the terminal still has bytes for it, keeps answers to questions of nobody for ever, computes below zero for a
//! mouse at cell 0, and goes in a circle once the terminal is gone. This one only looks at bytes, and has three states:
//! nothing, the beginning of a sequence, or the inside of a paste.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// Longest sequence that is understood. More of one is read to its end and means nothing.
const SEQUENCE_MAX: usize = 64;
/// Bytes of one paste that are kept; no field takes as many.
const PASTE_MAX: usize = 64 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";
const ESC: u8 = 0x1b;

/// Turns pieces of what a terminal sends, cut anywhere, into events.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a sequence or of a character.
    begun: Vec<u8>,
    /// What was pasted so far, while a paste is open.
    paste: Option<Vec<u8>>,
}

/// What a whole sequence means.
enum Meaning {
    Event(Event),
    PasteBegins,
    Nothing,
}

impl Decoder {
    /// The events that `bytes` complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            match self.paste.take() {
                Some(paste) => events.extend(self.in_paste(paste, *byte)),
                None => self.outside(*byte, &mut events),
            }
        }
        events
    }

    /// True while more bytes may belong to what has begun.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        !self.begun.is_empty() || self.paste.is_some()
    }

    /// True inside a paste.
    #[must_use]
    pub fn is_in_paste(&self) -> bool {
        self.paste.is_some()
    }

    /// Nothing came for a while: what has begun is all there is. A lone escape is the key; half a sequence is nothing.
    pub fn end(&mut self) -> Option<Event> {
        if let Some(paste) = self.paste.take() {
            return Some(pasted(&paste));
        }
        match std::mem::take(&mut self.begun).as_slice() {
            [ESC] => Some(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESC, byte @ (b'[' | b'O')] => {
                Some(key(KeyCode::Char(char::from(*byte)), KeyModifiers::ALT))
            }
            _ => None,
        }
    }

    fn in_paste(&mut self, mut paste: Vec<u8>, byte: u8) -> Option<Event> {
        paste.push(byte);
        if let Some(text) = paste.strip_suffix(PASTE_END) {
            return Some(pasted(text));
        }
        if paste.len() >= PASTE_MAX + PASTE_END.len() {
            // Only the last few bytes are needed to see the end.
            paste.remove(PASTE_MAX);
        }
        self.paste = Some(paste);
        None
    }

    fn outside(&mut self, byte: u8, events: &mut Vec<Event>) {
        self.begun.push(byte);
        while let Some((used, meaning)) = first(&self.begun) {
            self.begun.drain(..used);
            match meaning {
                Meaning::Event(event) => events.push(event),
                Meaning::PasteBegins => self.paste = Some(Vec::new()),
                Meaning::Nothing => {}
            }
        }
        self.begun.truncate(SEQUENCE_MAX);
    }
}

/// The first thing in `bytes` and how many of them it takes; none while it is not complete.
fn first(bytes: &[u8]) -> Option<(usize, Meaning)> {
    match bytes {
        [] | [ESC] | [ESC, b'O'] => None,
        [ESC, ESC, ..] => Some((1, Meaning::Event(key(KeyCode::Esc, KeyModifiers::NONE)))),
        [ESC, b'O', letter, ..] => Some((3, of_key(letter_key(*letter), KeyModifiers::NONE))),
        [ESC, b'[', rest @ ..] => control(rest).map(|(used, meaning)| (used + 2, meaning)),
        [ESC, rest @ ..] => character(rest, KeyModifiers::ALT).map(|(n, meaning)| (n + 1, meaning)),
        _ => character(bytes, KeyModifiers::NONE),
    }
}

/// A control sequence behind its `ESC [`.
fn control(bytes: &[u8]) -> Option<(usize, Meaning)> {
    match bytes {
        // The Linux console's first five function keys.
        [b'[', letter @ b'A'..=b'E', ..] => {
            let key = KeyCode::F(letter - b'A' + 1);
            return Some((2, of_key(Some(key), KeyModifiers::NONE)));
        }
        // A mouse of the old kind, from a terminal that knows no other: three bytes follow.
        [b'M', button, x, y, ..] => {
            let numbers = [button, x, y].map(|byte| u16::from(byte.saturating_sub(32)));
            return Some((4, mouse(&numbers)));
        }
        [b'['] | [b'M', ..] => return None,
        _ => {}
    }
    let at = bytes.iter().position(|byte| !matches!(byte, 0x20..=0x3f))?;
    let (parameters, rest) = bytes.split_at(at);
    match rest.first() {
        Some(last @ 0x40..=0x7e) => Some((at + 1, whole(parameters, *last))),
        // Something else begins in the middle: the half before it is nothing.
        _ => Some((at, Meaning::Nothing)),
    }
}

/// A whole control sequence: parameters and the last byte.
fn whole(parameters: &[u8], last: u8) -> Meaning {
    let (mark, rest) = match parameters {
        [mark @ b'<'..=b'?', rest @ ..] => (Some(*mark), rest),
        all => (None, all),
    };
    let Some(numbers) = numbers(rest) else {
        return Meaning::Nothing;
    };
    let number = numbers.first().copied().unwrap_or(1);
    let held = modifiers(numbers.get(1).copied().unwrap_or(1));
    match (mark, last) {
        (Some(b'<'), b'M') => mouse(&numbers),
        // What a terminal answers and nobody asked: attributes, flags, where the cursor is.
        (Some(_), _) | (None, b'R') => Meaning::Nothing,
        (None, b'~') if number == 200 => Meaning::PasteBegins,
        (None, b'~') => of_key(numbered_key(number), held),
        (None, b'u') => match char::from_u32(u32::from(number)) {
            Some(c) => of_key(Some(char_key(c)), held),
            None => Meaning::Nothing,
        },
        (None, b'Z') => of_key(Some(KeyCode::BackTab), KeyModifiers::SHIFT),
        (None, last) => of_key(letter_key(last), held),
    }
}

/// Numbers between semicolons; one that is left out is 1. None if there is anything else.
fn numbers(bytes: &[u8]) -> Option<Vec<u16>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let number = |piece: &[u8]| match piece {
        [] => Some(1),
        _ => str::from_utf8(piece).ok()?.parse().ok(),
    };
    bytes.split(|byte| *byte == b';').map(number).collect()
}

fn modifiers(number: u16) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let each = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
    ];
    let held = each.iter().filter(|(bit, _)| bits & bit != 0);
    held.map(|(_, modifier)| *modifier).collect()
}

fn letter_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered_key(number: u16) -> Option<KeyCode> {
    let f = |less: u16| u8::try_from(number - less).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        // The gaps are those of the keyboard that they come from.
        11..=15 => f(10),
        17..=21 => f(11),
        23..=26 => f(12),
        28..=29 => f(15),
        31..=34 => f(17),
        _ => None,
    }
}

/// Presses of the left button, movement while it is down, and the wheel; the numbers are button, column and row, counted from 1. Everything else
/// that a mouse does is answered by nothing.
fn mouse(numbers: &[u16]) -> Meaning {
    let [button, x, y] = numbers else {
        return Meaning::Nothing;
    };
    // Without the bits of shift, alt and ctrl.
    let kind = match button & !0b1_1100 {
        0 => MouseEventKind::Down(MouseButton::Left),
        32 => MouseEventKind::Drag(MouseButton::Left),
        64 => MouseEventKind::ScrollUp,
        65 => MouseEventKind::ScrollDown,
        _ => return Meaning::Nothing,
    };
    match (x.checked_sub(1), y.checked_sub(1)) {
        (Some(column), Some(row)) => Meaning::Event(Event::Mouse(MouseEvent {
            kind,
            column,
            row,
            modifiers: KeyModifiers::NONE,
        })),
        _ => Meaning::Nothing,
    }
}

/// A character or control key at the beginning of `bytes`; what is no UTF-8 is passed over.
fn character(bytes: &[u8], held: KeyModifiers) -> Option<(usize, Meaning)> {
    let (whole, left) = match str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let whole = bytes.get(..error.valid_up_to()).unwrap_or_default();
            (str::from_utf8(whole).unwrap_or_default(), Some(error))
        }
    };
    if let Some(c) = whole.chars().next() {
        return Some((c.len_utf8(), Meaning::Event(pressed(c, held))));
    }
    let wrong = left?.error_len()?;
    Some((wrong, Meaning::Nothing))
}

fn pressed(c: char, held: KeyModifiers) -> Event {
    let control = |c: char| key(KeyCode::Char(c), held | KeyModifiers::CONTROL);
    match c {
        '\r' | '\t' | '\x7f' => key(char_key(c), held),
        '\0' => control(' '),
        '\x01'..='\x1a' => control(char::from(c as u8 - 1 + b'a')),
        '\x1c'..='\x1f' => control(char::from(c as u8 - 0x1c + b'4')),
        c if c.is_uppercase() => key(KeyCode::Char(c), held | KeyModifiers::SHIFT),
        c => key(KeyCode::Char(c), held),
    }
}

fn char_key(c: char) -> KeyCode {
    match c {
        '\r' => KeyCode::Enter,
        '\t' => KeyCode::Tab,
        '\x1b' => KeyCode::Esc,
        '\x7f' => KeyCode::Backspace,
        c => KeyCode::Char(c),
    }
}

fn key(code: KeyCode, held: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, held))
}

fn of_key(code: Option<KeyCode>, held: KeyModifiers) -> Meaning {
    code.map_or(Meaning::Nothing, |code| Meaning::Event(key(code, held)))
}

fn pasted(text: &[u8]) -> Event {
    Event::Paste(String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NONE: KeyModifiers = KeyModifiers::NONE;

    fn click(column: u16, row: u16) -> Event {
        Event::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: NONE,
        })
    }

    /// What `bytes` mean if nothing follows.
    fn all(bytes: &[u8]) -> Vec<Event> {
        let mut decoder = Decoder::default();
        let mut events = decoder.feed(bytes);
        events.extend(decoder.end());
        events
    }

    #[test]
    fn keys_as_terminals_send_them() {
        use KeyCode::{BackTab, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Tab, Up};
        let (ctrl, alt, shift) = (
            KeyModifiers::CONTROL,
            KeyModifiers::ALT,
            KeyModifiers::SHIFT,
        );
        for (bytes, code, held) in [
            ("j", Char('j'), NONE),
            ("Q", Char('Q'), shift),
            ("ä", Char('ä'), NONE),
            ("漢", Char('漢'), NONE),
            ("\r", Enter, NONE),
            ("\n", Char('j'), ctrl),
            ("\t", Tab, NONE),
            ("\x7f", Backspace, NONE),
            ("\x03", Char('c'), ctrl),
            ("\0", Char(' '), ctrl),
            ("\x1c", Char('4'), ctrl),
            ("\x1b", Esc, NONE),
            ("\x1bb", Char('b'), alt),
            ("\x1bä", Char('ä'), alt),
            ("\x1b[", Char('['), alt),
            ("\x1b[A", Up, NONE),
            ("\x1bOB", Down, NONE),
            ("\x1bOH", Home, NONE),
            ("\x1b[1;5A", Up, ctrl),
            ("\x1b[1;4F", End, shift | alt),
            ("\x1b[3~", Delete, NONE),
            ("\x1b[3;5~", Delete, ctrl),
            ("\x1b[Z", BackTab, shift),
            ("\x1bOP", F(1), NONE),
            ("\x1b[[E", F(5), NONE),
            ("\x1b[15~", F(5), NONE),
            ("\x1b[24~", F(12), NONE),
            ("\x1b[1;2S", F(4), shift),
            ("\x1b[13;5u", Enter, ctrl),
        ] {
            assert_eq!(all(bytes.as_bytes()), [key(code, held)], "{bytes:?}");
        }
    }

    #[test]
    fn p24_what_means_nothing_is_passed_over_and_the_next_key_counts() {
        for nothing in [
            "\x1b[999;999R",
            "\x1b[0;0R",
            "\x1b[?1;2c",
            "\x1b[I",
            "\x1b[<0;0;0M",
            "\x1b[<0;1;99999999M",
            "\x1b[<35;4;4M",
            "\x1b[<0;4;4m",
            "\x1b[<0M",
            "\x1b[M   ",
            "\x1b[99999999~",
            "\x1b[1;99999999A",
            "\x1b[3\x1b[4",
            "\x1b[?<>=;;A",
        ] {
            let mut bytes = nothing.as_bytes().to_vec();
            bytes.extend(b"\x1b[A");
            assert_eq!(all(&bytes), [key(KeyCode::Up, NONE)], "{nothing:?}");
        }
        let mut bytes = b"\x1b[<".to_vec();
        bytes.extend([b'9'; 5000]);
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        assert_eq!(decoder.begun.len(), SEQUENCE_MAX);
        bytes.extend(b"Mj\xff\xfe\xc3k");
        assert_eq!(all(&bytes), ['j', 'k'].map(|c| key(KeyCode::Char(c), NONE)));
    }

    #[test]
    fn movement_counts_while_the_left_button_is_down() {
        let Event::Mouse(pressed) = click(3, 3) else {
            panic!("a click")
        };
        let drag = MouseEvent {
            kind: MouseEventKind::Drag(MouseButton::Left),
            ..pressed
        };
        assert_eq!(all(b"\x1b[<32;4;4M"), [Event::Mouse(drag)]);
        assert_eq!(all(b"\x1b[M@$$"), [Event::Mouse(drag)]);
        assert_eq!(all(b"\x1b[<34;4;4M"), [], "another button");
    }

    #[test]
    fn the_mouse_counts_from_1_and_as_far_as_a_screen_can() {
        assert_eq!(all(b"\x1b[<0;1;1M"), [click(0, 0)]);
        assert_eq!(all(b"\x1b[<4;300;200M"), [click(299, 199)]);
        assert_eq!(all(b"\x1b[<0;65535;65535M"), [click(65534, 65534)]);
        assert_eq!(all(b"\x1b[M !!"), [click(0, 0)]);
    }

    #[test]
    fn p26_a_paste_is_one_event_whatever_is_in_it() {
        let text = "q\x1bs\n\x1b[A\x1b[200~\x1b[20漢";
        let bytes = format!("\x1b[200~{text}\x1b[201~j");
        let expected = [Event::Paste(text.to_owned()), key(KeyCode::Char('j'), NONE)];
        assert_eq!(all(bytes.as_bytes()), expected);
        let long = [
            b"\x1b[200~",
            vec![b'x'; 3 * PASTE_MAX].as_slice(),
            PASTE_END,
        ]
        .concat();
        let [Event::Paste(kept)] = &all(&long)[..] else {
            panic!("one paste")
        };
        assert_eq!(kept.len(), PASTE_MAX);
    }

    #[test]
    fn it_does_not_matter_where_what_comes_is_cut() {
        let bytes = "\x1b[200~a\x1bb\x1b[201~\x1b[1;5Aä\x1b[<0;5;6M\x1b\x1b[B漢".as_bytes();
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for byte in bytes {
            events.extend(decoder.feed(&[*byte]));
        }
        assert_eq!(events, all(bytes));
        assert_eq!(events.len(), 7);
    }
}
