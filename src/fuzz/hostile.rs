//! Bytes as a hostile container prints them: escape sequences by their grammar and against it, characters that hide,
//! override and pile up, and bytes that are no text at all.

use super::dice::Dice;

/// Pieces of one input.
const PIECES_MAX: usize = 400;
/// Repetitions of one piece.
const REPEATS_MAX: usize = 1000;
/// How deep sequences stand in sequences.
const DEPTH_MAX: usize = 4;

const INTRODUCERS: [&str; 16] = [
    "\x1b[", "\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1bk", "\x1b", "\x1b(", "\x1b#",
    "\u{9b}", "\u{9d}", "\u{90}", "\u{98}", "\u{9e}", "\u{9f}",
];
const ENDS: [&str; 9] = [
    "\x1b\\", "\x07", "\u{9c}", "\x18", "\x1a", "\n", "\r\n", "\x1b", "",
];
const CONTROLS: [&str; 16] = [
    "\0", "\x01", "\x05", "\x07", "\x08", "\t", "\n", "\x0b", "\x0c", "\r", "\x0e", "\x7f",
    "\u{80}", "\u{85}", "\u{2028}", "\u{2029}",
];
/// What terminals are known to act on: titles, clipboard, questions that are answered on standard input, sixel,
/// graphics, links, colours of the palette.
const DEEDS: [&str; 20] = [
    "\x1b]0;title\x07",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b]52;c;?\x1b\\",
    "\x1b]50;#$(id)\x1b\\",
    "\x1b]8;;http://evil\x1b\\",
    "\x1b]4;0;?\x07",
    "\x1bP$q\"p\x1b\\",
    "\x1bPq#0;2;0;0;0~-\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_Gf=24;AAAA\x1b\\",
    "\x1b[21t",
    "\x1b[6n",
    "\x1b[>c",
    "\x1b[?1049h",
    "\x1b[2J\x1b[H",
    "\x1b[\n31m",
    "\x1b[?2026h",
    "\x1bc",
    "\x1b[!p",
    "\x1b[20;\x08\x0831m",
];
const HIDERS: [char; 24] = [
    '\u{61c}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{202a}',
    '\u{202b}',
    '\u{202c}',
    '\u{202d}',
    '\u{202e}',
    '\u{2060}',
    '\u{2061}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{feff}',
    '\u{fe0f}',
    '\u{e0001}',
    '\u{e0041}',
    '\u{e007f}',
    '\u{e0100}',
    '\u{180e}',
];
/// Marks, letters that join what is before or after them, and the bases they join: alone and in pairs.
const JOINERS: [&str; 24] = [
    "\u{301}",
    "\u{903}",
    "\u{600}",
    "\u{1100}",
    "\u{1161}",
    "\u{11a8}",
    "\u{94d}",
    "\u{915}",
    "\u{915}\u{94d}",
    "\u{93c}",
    "\u{1f1e6}",
    "\u{1f3fb}",
    "\u{1d165}",
    "\u{e31}",
    "\u{20e3}",
    "\u{34f}",
    "\u{200d}\u{1f469}",
    "\u{1f468}\u{200d}",
    "\u{d33}\u{d4d}",
    "\u{ccd}\u{c95}",
    "\u{1fae0}\u{fe0f}",
    "\u{ac00}",
    "\u{110bd}",
    "\u{1b44}\u{1b13}",
];
/// No UTF-8: bytes that are never part of it, overlong forms, halves of surrogate pairs, cut characters, too high ones.
const NO_TEXT: [&[u8]; 12] = [
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\x9b",
    b"\x9d",
    b"\xc0\x9b",
    b"\xc1\xbf",
    b"\xe0\x80\x9b",
    b"\xf0\x80\x80\x9b",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",
];

/// One input.
pub fn bytes(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..dice.length(PIECES_MAX) {
        piece(dice, &mut out, DEPTH_MAX);
    }
    out
}

/// One input that is UTF-8.
pub fn text(dice: &mut Dice) -> String {
    String::from_utf8_lossy(&bytes(dice)).into_owned()
}

fn piece(dice: &mut Dice, out: &mut Vec<u8>, depth: usize) {
    match dice.below(20) {
        0..3 => words(dice, out),
        3 => out.extend(dice.pick(&INTRODUCERS).bytes()),
        4 => out.extend(dice.pick(&ENDS).bytes()),
        5 => out.extend(dice.pick(&CONTROLS).bytes()),
        6 => out.extend(dice.pick(&DEEDS).bytes()),
        7..9 => colour(dice, out),
        9..11 if depth > 0 => nested(dice, out, depth - 1),
        11 => put(dice.pick(&HIDERS), out),
        12..14 => pile(dice, out),
        14 => out.extend(dice.pick(&NO_TEXT)),
        15 => {
            let n = dice.length(64);
            out.extend(dice.bytes(n));
        }
        16 => put(dice.char(0, 0x2ff), out),
        17 => put(dice.char(0x2000, 0x20ff), out),
        18 => put(dice.char(0xe0000, 0xe01ff), out),
        _ => put(dice.char(0, 0x10_ffff), out),
    }
}

fn put(c: char, out: &mut Vec<u8>) {
    out.extend(c.encode_utf8(&mut [0; 4]).bytes());
}

fn words(dice: &mut Dice, out: &mut Vec<u8>) {
    for _ in 0..dice.length(200) {
        put(dice.char(0x20, 0x7e), out);
    }
}

/// A control sequence with parameters: mostly SGR, of any length, with numbers of any size.
fn colour(dice: &mut Dice, out: &mut Vec<u8>) {
    out.extend(b"\x1b[");
    for _ in 0..dice.length(60) {
        match dice.below(8) {
            0 => out.extend(b"99999999999999999999"),
            1 => out.extend(
                dice.pick(&["?", "<", " ", "38;2;1;2;3", "4:3", "58:2::1:2:3"])
                    .bytes(),
            ),
            2 => {}
            _ => out.extend(dice.below(110).to_string().bytes()),
        }
        out.extend(dice.pick(&[";", ":", ";", ""]).bytes());
    }
    out.push(dice.pick(b"mmmmmmmHJKhl@~\n\x1b\x9b\x7f"));
}

/// A sequence with anything in it, ended or not.
fn nested(dice: &mut Dice, out: &mut Vec<u8>, depth: usize) {
    out.extend(dice.pick(&INTRODUCERS).bytes());
    for _ in 0..dice.below(4) {
        piece(dice, out, depth);
    }
    out.extend(dice.pick(&ENDS).bytes());
}

/// The same again and again: marks on marks, sequences longer than any limit.
fn pile(dice: &mut Dice, out: &mut Vec<u8>) {
    let what = match dice.below(4) {
        0 => dice.pick(&INTRODUCERS),
        1 => dice.pick(&CONTROLS),
        _ => dice.pick(&JOINERS),
    };
    let more = if dice.one_in(3) {
        dice.pick(&JOINERS)
    } else {
        ""
    };
    for _ in 0..dice.length(REPEATS_MAX) {
        out.extend(what.bytes());
        out.extend(more.bytes());
    }
}
