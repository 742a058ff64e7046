//! A call to an operator who looks elsewhere: the terminal's bell, or a notification that it shows (OSC 9).

use crate::domain::{Call, Safe};

/// Longest text of a notification, in characters.
const TEXT_MAX: usize = 160;

/// What is written to the terminal; nothing if nobody is to be called.
#[must_use]
pub fn request(way: Call, text: &str) -> Vec<u8> {
    match way {
        Call::Off => Vec::new(),
        Call::Bell => vec![0x07],
        Call::Osc9 => {
            // Nothing in it ends the sequence or begins another one.
            let short: String = Safe::new(text).chars().take(TEXT_MAX).collect();
            format!("\u{1b}]9;{}\u{7}", Safe::new(short)).into_bytes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m2_a_notification_is_one_sequence_whatever_the_text_holds() {
        let hostile = "cchub: a\u{7}\u{1b}]52;c;aGk=\u{7}\u{9b}2J\n\u{202e}b";
        let bytes = request(Call::Osc9, hostile);
        let inner = bytes.strip_prefix(b"\x1b]9;cchub: ").unwrap_or_default();
        let inner = inner.strip_suffix(b"\x07").unwrap_or_default();
        assert!(!inner.is_empty());
        let text = String::from_utf8_lossy(inner);
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains('\u{202e}'), "{text:?}");
        let long = request(Call::Osc9, &"x".repeat(9_000));
        assert_eq!(long.len(), TEXT_MAX + 5);
    }

    #[test]
    fn m2_a_bell_is_one_byte_and_off_is_none() {
        assert_eq!(request(Call::Bell, "text"), [7]);
        assert!(request(Call::Off, "text").is_empty());
    }
}
