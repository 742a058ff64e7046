//! What becomes of what. That nothing forbidden comes out, whatever goes in, is shown in `fuzz::sanitise`.
#![allow(clippy::unwrap_used)]

use super::*;
use std::time::{Duration, Instant};
use unicode_segmentation::UnicodeSegmentation;

fn log(bytes: impl AsRef<[u8]>) -> String {
    LogText::from_bytes(bytes.as_ref()).as_str().to_owned()
}

fn plain(bytes: impl AsRef<[u8]>) -> String {
    LogText::from_bytes(bytes.as_ref()).plain()
}

#[test]
fn words_stay_as_they_are() {
    for text in [
        "",
        "plain words",
        "größer – 日本語 ☂ 🐳 नमस्ते é",
        "e\u{301}a\u{308}",
        "🇩🇪🇫🇷🇯🇵",
    ] {
        assert_eq!(Safe::new(text).as_str(), text);
        assert_eq!(log(text), text);
    }
}

#[test]
fn safe_text_is_one_line() {
    for (text, line) in [
        ("a\nb", "a b"),
        ("a\r\n\r\nb\tc", "a b c"),
        ("\n a\n", " a"),
        ("\t\n", ""),
        ("a\u{85}b\u{2028}c\u{2029}d\u{b}e\u{c}f", "a b c d e f"),
    ] {
        assert_eq!(Safe::new(text).as_str(), line, "{text:?}");
    }
}

#[test]
fn log_lines_keep_tabs_and_separate_what_carriage_returns_would_overwrite() {
    assert_eq!(log("a\tb"), "a\tb");
    assert_eq!(log("10%\r20%\r30%\r\n"), "10% 20% 30%");
}

#[test]
fn p43_every_escape_sequence_is_dropped_whole() {
    for sequence in [
        "\x1b[2J",
        "\x1b[1;1H",
        "\x1b[?1049h",
        "\x1b[>c",
        "\x1b[6n",
        "\x1b[!p",
        "\x1b[0 q",
        "\x1b7",
        "\x1bc",
        "\x1b(0",
        "\x1b#8",
        "\x1b%G",
        "\x1b]0;title\x07",
        "\x1b]52;c;cm0gLXJmIC8=\x1b\\",
        "\x1b]8;;http://evil\x1b\\",
        "\x1b]50;#$(id)\u{9c}",
        "\x1bP$q\"p\x1b\\",
        "\x1bPq#0;2;0;0;0~-\x1b\\",
        "\x1b_Gf=24;AAAA\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstart\x1b\\",
        "\x1bktitle\x1b\\",
        "\u{9b}2J",
        "\u{9b}31m",
        "\u{9d}0;title\u{9c}",
        "\u{90}q~\u{9c}",
        "\u{9f}x\x07",
        "\x1b]0;aborted\x18",
        "\x1b]0;aborted\x1a",
    ] {
        let text = format!("a{sequence}b");
        assert_eq!(Safe::new(&text).as_str(), "ab", "{text:?}");
        assert_eq!(log(&text), "ab", "{text:?}");
    }
}

#[test]
fn p43_unfinished_sequences_hide_nothing_behind_them() {
    for (text, out) in [
        ("a\x1b", "a"),
        ("a\x1b[", "a"),
        ("a\x1b[31", "a"),
        ("a\x1b[31\nb", "a b"),
        ("a\x1b[\u{e9}b", "a\u{e9}b"),
        ("a\x1b[\x1b[2Jb", "ab"),
        ("a\x1b]0;x\x1b[2Jb", "ab"),
        ("a\x1b\x1b\x1b[2Jb", "ab"),
        ("a\x1b]0;never ended", "a"),
    ] {
        assert_eq!(Safe::new(text).as_str(), out, "{text:?}");
    }
    let endless = format!("a\x1b]0;{}end", "x".repeat(9000));
    assert!(log(&endless).ends_with("xend"));
    let wide = format!("a\x1b]{}end", "日".repeat(3000));
    assert!(log(&wide).ends_with("日end"));
    let digits = format!("a\x1b[{}Hend", "1".repeat(9000));
    assert!(log(&digits).ends_with("1Hend"));
}

#[test]
fn colours_survive_in_log_lines_only() {
    for colour in [
        "\x1b[m",
        "\x1b[0m",
        "\x1b[1;31m",
        "\x1b[38;2;1;2;3m",
        "\x1b[4:3;58:2::1:2:3m",
    ] {
        let text = format!("a{colour}b");
        assert_eq!(log(&text), text);
        assert_eq!(plain(&text), "ab");
        assert_eq!(Safe::new(&text).as_str(), "ab");
    }
    let fits = format!("\x1b[{}m", ["1"; 16].join(";"));
    assert_eq!(log(&fits), fits);
    let too_many = ["1"; 17].join(";");
    let too_long = "1".repeat(64);
    for body in [too_many.as_str(), &too_long, "?1", ">4;1", "1 ", "<1"] {
        assert_eq!(log(format!("a\x1b[{body}mb")), "ab", "{body}");
    }
}

#[test]
fn p42_bytes_that_are_no_utf8_become_replacement_characters() {
    for (bytes, text) in [
        (&b"a\xffb"[..], "a\u{fffd}b"),
        (b"\xc0\xafx", "\u{fffd}\u{fffd}x"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xe6\x97", "\u{fffd}"),
        (b"a\x9b2Jb", "a\u{fffd}2Jb"),
        (b"a\x9d0;t\x07b", "a\u{fffd}0;tb"),
        (b"\x1b[31\xffm", "\u{fffd}m"),
        (b"\x00\x01\x7f", ""),
    ] {
        assert_eq!(log(bytes), text, "{bytes:?}");
    }
}

#[test]
fn p42_a_cell_holds_at_most_sixteen_bytes() {
    for pile in [
        "\u{301}",
        "\u{1d165}",
        "\u{903}",
        "\u{1100}",
        "\u{600}",
        "\u{e31}",
        "\u{915}\u{94d}",
        "\u{94d}\u{915}",
        "\u{1100}\u{ac00}",
        "\u{600}日",
    ] {
        let text = format!("x{}y", pile.repeat(1000));
        let out = log(&text);
        let cells = out.graphemes(true).map(str::len);
        assert!(cells.max().unwrap() <= 16, "{pile:?}: {}", out.len());
        assert!(out.starts_with('x') && out.ends_with('y'), "{pile:?}");
    }
    for gap in ["\n", " ", "b", "\u{202e}"] {
        let text = format!("{}{gap}{}", "\u{600}".repeat(9), "\u{301}".repeat(9));
        let out = log(&text);
        let cells = out.graphemes(true).map(str::len);
        assert!(cells.max().unwrap() <= 16, "{gap:?}: {out:?}");
    }
    let split = format!("x{}", "\u{301}\x1b[1m".repeat(1000));
    assert!(plain(&split).len() <= 16);
}

#[test]
fn p43_what_hides_text_is_spelled_out_and_what_carries_none_is_dropped() {
    for (text, out) in [
        ("a\u{202e}b", "a‹U+202E›b"),
        ("\u{2066}a\u{2069}", "‹U+2066›a‹U+2069›"),
        ("a\u{200b}b\u{200d}c", "a‹U+200B›b‹U+200D›c"),
        ("\u{feff}a\u{2060}", "‹U+FEFF›a‹U+2060›"),
        ("a\u{e0041}\u{e007f}b", "ab"),
        ("☂\u{fe0f}\u{e0100}", "☂"),
    ] {
        assert_eq!(Safe::new(text).as_str(), out);
        assert_eq!(log(text), out);
    }
}

/// What texts are made of: all that is treated in a way of its own.
fn fragments() -> Vec<String> {
    let ascii = (0..=0x7f_u8).map(|byte| char::from(byte).to_string());
    let words = [
        "plain words of more than sixteen bytes",
        "words\twith tabs",
        "größe",
        "日本語の文",
        "안녕하세요",
        "नमस्ते",
        "क्षत्रिय",
        "👷🏽",
        "🇩🇪",
        "\x1b[31m",
        "\x1b[0m",
        "\x1b[38;2;1;2;3m",
        "\x1b[2J",
        "\x1b]0;t\x07",
        "\u{9b}31m",
        "\u{85}",
        "\u{301}",
        "\u{308}",
        "\u{600}",
        "\u{903}",
        "\u{915}",
        "\u{94d}",
        "\u{1100}",
        "\u{1161}",
        "\u{ac00}",
        "\u{11a8}",
        "\u{e31}",
        "\u{1d165}",
        "\u{200d}",
        "\u{202e}",
        "\u{2028}",
        "\u{20e3}",
        "\u{fe0f}",
        "\u{e0041}",
        "\u{fffd}",
        "\u{ad}",
    ];
    ascii.chain(words.map(str::to_owned)).collect()
}

#[test]
fn p43_p42_shortcuts_change_nothing() {
    let (fragments, mut dice) = (fragments(), fastrand::Rng::with_seed(9));
    for _ in 0..60_000 {
        let mut text = String::new();
        for _ in 0..dice.usize(..12) {
            let next = &fragments[dice.usize(..fragments.len())];
            text.push_str(&next.repeat(1 + dice.usize(..9) / 8 * dice.usize(..12)));
        }
        let slow = slow::clean(&text, Keep::ColoursAndTabs, usize::MAX);
        assert_eq!(log(&text), slow, "{text:?}");
        let limit = dice.usize(3..40);
        let slow = slow::clean(&text, Keep::Text, limit);
        assert_eq!(clean(&text, Keep::Text, limit), slow, "{text:?}");
    }
}

#[test]
fn every_pair_of_characters_of_the_scripts_that_stand_alone_are_two_cells() {
    let kept = |c: char| glyph::stands_alone(c) && glyph::fate(c) == glyph::Fate::Keep;
    let runs = |c: char| glyph::cells(&c.to_string()) > 0;
    assert!(('\0'..=char::MAX).all(|c| runs(c) == kept(c)));
    let alone: Vec<char> = ('\0'..=char::MAX).filter(|c| kept(*c)).collect();
    let mut dice = fastrand::Rng::with_seed(5);
    for c in &alone {
        let any = alone[dice.usize(..alone.len())];
        for other in [*c, 'a', '\u{ac00}', any] {
            for pair in [format!("{c}{other}"), format!("{other}{c}")] {
                assert_eq!(pair.graphemes(true).count(), 2, "{pair:?}");
            }
        }
    }
}

#[test]
fn long_text_is_cut_and_says_so() {
    let exact = "x".repeat(TEXT_MAX);
    assert_eq!(Safe::new(&exact).as_str(), exact);
    for long in [
        "x".repeat(TEXT_MAX + 1),
        "日".repeat(TEXT_MAX),
        "\u{202e}".repeat(TEXT_MAX),
    ] {
        let safe = Safe::new(&long);
        assert!(
            safe.len() <= TEXT_MAX && safe.len() > TEXT_MAX - 8,
            "{}",
            safe.len()
        );
        assert!(safe.ends_with('…'));
        assert_eq!(Safe::new(safe.as_str()), safe);
    }
}

#[test]
fn a_word_in_a_sentence_has_at_most_eighty_characters() {
    assert_eq!(one_line("a\nb"), "a b");
    assert_eq!(one_line(&"ä".repeat(80)), "ä".repeat(80));
    let cut = one_line(&"ä".repeat(81));
    assert_eq!(cut.chars().count(), 80);
    assert!(cut.ends_with('…'));
}

#[test]
fn a_line_of_nothing_but_colour_is_empty() {
    assert!(LogText::from_bytes(b"\x1b[31m\x1b[0m").is_empty());
    assert!(LogText::from_bytes(b"\x1b[2J").is_empty());
    assert!(!LogText::from_bytes(b"\x1b[31mx").is_empty());
    assert!(!LogText::from_bytes(b" ").is_empty());
}

#[test]
fn the_worst_megabytes_take_linear_time() {
    for unit in [
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x1bP\x1b",
        "\u{9b}",
        "\x1b[1;",
        "a\u{301}",
        "\u{202e}",
        "\n",
    ] {
        let flood = unit.repeat((2 << 20) / unit.len());
        let begun = Instant::now();
        let _ = LogText::from_bytes(flood.as_bytes());
        let _ = Safe::new(&flood);
        // A pass over two megabytes takes well under a second even without optimisation; a quadratic one, hours.
        assert!(begun.elapsed() < Duration::from_secs(20), "{unit:?}");
    }
}
