//! The sanitiser: what may never come out of it, written down apart from the code that takes it out.

use crate::domain::{
    Safe,
    safe::{LogText, TEXT_MAX, one_line},
};
use unicode_segmentation::UnicodeSegmentation;

/// Most bytes of a cell.
const CELL_MAX: usize = 16;
/// A sanitised line is at most so many times as long as what came in.
const GROWTH_MAX: usize = 6;

/// Sanitises `bytes` in every way there is.
///
/// # Panics
/// When a rule is broken.
pub fn sanitise(bytes: &[u8]) {
    log_line(bytes);
    let text = String::from_utf8_lossy(bytes);
    let safe = Safe::new(&text);
    assert_harmless(&safe);
    assert!(safe.len() <= TEXT_MAX, "{} bytes", safe.len());
    assert_eq!(Safe::new(safe.as_str()), safe, "{bytes:?}");
    let word = one_line(&text);
    assert_harmless(&word);
    assert!(word.chars().count() <= 80, "{word}");
}

fn log_line(bytes: &[u8]) {
    let line = LogText::from_bytes(bytes);
    let plain = line.plain();
    assert_eq!(
        without_colours(line.as_str()),
        Some(plain.clone()),
        "{bytes:?}"
    );
    plain.split('\t').for_each(assert_harmless);
    assert!(line.as_str().len() <= bytes.len() * GROWTH_MAX, "{bytes:?}");
    assert_eq!(
        LogText::from_bytes(line.as_str().as_bytes()),
        line,
        "{bytes:?}"
    );
    assert_eq!(line.is_empty(), plain.is_empty());
}

/// Fails if `text` may not be drawn as it is.
///
/// # Panics
/// See above.
pub fn assert_harmless(text: &str) {
    assert_nothing_forbidden(text);
    let widest = text
        .graphemes(true)
        .max_by_key(|cell| cell.len())
        .unwrap_or_default();
    assert!(
        widest.len() <= CELL_MAX,
        "{} bytes in a cell: {widest:?}",
        widest.len()
    );
}

/// Fails if `text` has a character in it that may not be drawn. Put together of parts that are safe each, it may still
/// have cells that are too large: [`Safe`] mends that when it is drawn.
///
/// # Panics
/// See above.
pub fn assert_nothing_forbidden(text: &str) {
    let found = text.chars().find(|c| is_forbidden(*c));
    assert_eq!(found, None, "in {text:?}");
}

/// Code points that may never reach a terminal from outside.
fn is_forbidden(c: char) -> bool {
    matches!(
        u32::from(c),
        0..=0x1f
            | 0x7f..=0x9f
            | 0x61c
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x2069
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xe0000..=0xe0fff
    )
}

/// Takes the SGR sequences out by a rule of its own; `None` if an escape is none.
fn without_colours(text: &str) -> Option<String> {
    let mut parts = text.split('\x1b');
    let mut rest = parts.next()?.to_owned();
    for part in parts {
        let (body, after) = part.strip_prefix('[')?.split_once('m')?;
        let numbers: Vec<&str> = body.split([';', ':']).collect();
        let digits = numbers
            .iter()
            .all(|n| n.bytes().all(|b| b.is_ascii_digit()));
        if !digits || numbers.len() > 16 {
            return None;
        }
        rest.push_str(after);
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::{
        hostile,
        run::{Share, run},
    };

    #[test]
    fn p43_p42_fuzz_sanitise() {
        let share = Share {
            usual: 20_000,
            one_of: 1,
        };
        run("sanitise", share, |dice| sanitise(&hostile::bytes(dice)));
    }

    #[test]
    fn the_rules_find_what_breaks_them() {
        for bad in [
            "a\x1b[31m",
            "\u{9b}2J",
            "\u{202e}",
            "\u{7f}",
            "\u{200b}",
            "\n",
        ] {
            assert!(
                std::panic::catch_unwind(|| assert_harmless(bad)).is_err(),
                "{bad:?}"
            );
        }
        let pile = format!("x{}", "\u{301}".repeat(8));
        assert!(std::panic::catch_unwind(|| assert_harmless(&pile)).is_err());
        assert_eq!(without_colours("a\x1b[31mb"), Some("ab".to_owned()));
        assert_eq!(without_colours("a\x1b[2Jb"), None);
    }
}
