//! Finds where an escape sequence ends (ECMA-48, and xterm's `ctlseqs` where terminals differ from it).

/// Longest sequence that is dropped as one. A terminal would swallow more, but then a stray introducer could hide
/// a whole log.
const SEQUENCE_MAX: usize = 4096;
/// Most parameters of an SGR sequence; a true colour for text and ground takes ten.
const PARAMETERS_MAX: usize = 16;
/// Longest body of an SGR sequence: [`PARAMETERS_MAX`] numbers of three digits with their separators.
const COLOUR_MAX: usize = 63;

/// What stood at the beginning of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    /// A well-formed SGR sequence of so many bytes.
    Colour(usize),
    /// Anything else, of so many bytes.
    Other(usize),
}

/// Recognises the sequence that `text` begins with; `None` if it begins with none.
///
/// Works on bytes: all that matters is ASCII, or U+0080 to U+009F, whose UTF-8 form is `C2 80` to `C2 9F`. Lengths end
/// at character boundaries.
pub(super) fn sequence(text: &str) -> Option<Sequence> {
    let bytes = text.as_bytes();
    let found = match bytes {
        [0x1b, b'[', body @ ..] => control(body, 2),
        [0x1b, b']' | b'P' | b'X' | b'^' | b'_' | b'k', body @ ..] => string(body, 2),
        [0x1b, body @ ..] => Sequence::Other(1 + plain_escape(body)),
        // The 8-bit forms: an SGR among them is dropped, too, since only the 7-bit form is let through.
        [0xc2, 0x9b, body @ ..] => match control(body, 2) {
            Sequence::Colour(length) | Sequence::Other(length) => Sequence::Other(length),
        },
        [0xc2, 0x9d | 0x90 | 0x98 | 0x9e | 0x9f, body @ ..] => string(body, 2),
        _ => return None,
    };
    Some(match found {
        Sequence::Other(length) => Sequence::Other(text.floor_char_boundary(length)),
        colour @ Sequence::Colour(_) => colour,
    })
}

/// A control sequence (CSI): parameters, intermediates, one final byte. What does not fit ends it and is not part of it.
fn control(body: &[u8], introducer: usize) -> Sequence {
    let window = body.get(..SEQUENCE_MAX).unwrap_or(body);
    let inner = window
        .iter()
        .position(|b| !(0x20..=0x3f).contains(b))
        .unwrap_or(window.len());
    let length = introducer + inner;
    match window.get(inner) {
        Some(b'm') if is_colour(&window[..inner]) => Sequence::Colour(length + 1),
        Some(0x40..=0x7e) => Sequence::Other(length + 1),
        _ => Sequence::Other(length),
    }
}

fn is_colour(body: &[u8]) -> bool {
    let separators = body.iter().filter(|b| matches!(b, b';' | b':')).count();
    body.iter().all(|b| matches!(b, b'0'..=b';'))
        && separators < PARAMETERS_MAX
        && body.len() <= COLOUR_MAX
}

/// A string sequence (OSC, DCS, SOS, PM, APC, screen's title): up to ST or BEL. CAN, SUB and another escape end it, as
/// they do in terminals; the escape begins the next one.
fn string(body: &[u8], introducer: usize) -> Sequence {
    let window = body.get(..SEQUENCE_MAX).unwrap_or(body);
    let mut at = 0;
    while let Some(&byte) = window.get(at) {
        let next = body.get(at + 1);
        match (byte, next) {
            (0x07 | 0x18 | 0x1a, _) => return Sequence::Other(introducer + at + 1),
            (0x1b, Some(b'\\')) | (0xc2, Some(0x9c)) => {
                return Sequence::Other(introducer + at + 2);
            }
            (0x1b, _) => return Sequence::Other(introducer + at),
            _ => at += 1,
        }
    }
    Sequence::Other(introducer + at)
}

/// What follows an escape that introduces neither of the above: intermediates and one final byte.
fn plain_escape(body: &[u8]) -> usize {
    let window = body.get(..SEQUENCE_MAX).unwrap_or(body);
    let inner = window
        .iter()
        .position(|b| !(0x20..=0x2f).contains(b))
        .unwrap_or(window.len());
    match window.get(inner) {
        Some(0x30..=0x7e) => inner + 1,
        _ => inner,
    }
}
