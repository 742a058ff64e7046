//! The beginning of a log line without its colours.

use memchr::memchr;

/// Bytes of a line that are looked at.
const HEAD: usize = 1024;
const ESCAPE: u8 = 0x1b;

/// Shows `look` the first bytes of a line, colours left out. The only escape sequences of `text` are complete SGR
/// sequences.
pub(super) fn with_head<T>(text: &str, look: impl FnOnce(&[u8]) -> T) -> T {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..HEAD).unwrap_or(bytes);
    match memchr(ESCAPE, bytes) {
        Some(_) => with_uncoloured(bytes, look),
        None => look(bytes),
    }
}

/// Apart from the above, because only coloured lines need the room on the stack.
fn with_uncoloured<T>(bytes: &[u8], look: impl FnOnce(&[u8]) -> T) -> T {
    let mut room = [0; HEAD];
    let mut length = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (run, colour) = rest.split_at(memchr(ESCAPE, rest).unwrap_or(rest.len()));
        if let Some(place) = room.get_mut(length..length + run.len()) {
            place.copy_from_slice(run);
            length += run.len();
        }
        let end = colour.iter().position(|byte| *byte == b'm');
        rest = end
            .and_then(|end| colour.get(end + 1..))
            .unwrap_or_default();
    }
    look(room.get(..length).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out_and_what_is_far_behind_is_not_looked_at() {
        let head = |text: &str| with_head(text, <[u8]>::to_vec);
        assert_eq!(head("plain"), b"plain");
        assert_eq!(head("\x1b[1;31mred\x1b[0m and\x1b[m"), b"red and");
        assert_eq!(head(&"x".repeat(HEAD + 1)).len(), HEAD);
        let cut = format!("{}\x1b[31mred", "x".repeat(HEAD - 2));
        assert_eq!(head(&cut), "x".repeat(HEAD - 2).as_bytes());
    }
}
