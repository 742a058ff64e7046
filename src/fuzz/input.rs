//! Any bytes from a terminal: the decoder takes them all, stays small, and afterwards a key is a key.

use super::{
    dice::Dice,
    hostile,
    run::{Share, run},
};
use crate::tui::decode::Decoder;
use crossterm::event::{Event, KeyCode};

const SHARE: Share = Share {
    usual: 20_000,
    one_of: 10,
};
const PIECES_MAX: usize = 12;
/// What the decoder knows, and numbers at the edges.
const PIECES: [&str; 18] = [
    "\x1b",
    "\x1b[",
    "\x1bO",
    "\x1b[<",
    "\x1b[M",
    "\x1b[[",
    "\x1b[200~",
    "\x1b[201~",
    "0",
    "65535",
    "99999999",
    ";",
    "M",
    "m",
    "R",
    "~",
    "u",
    "A",
];

#[test]
fn p24_fuzz_input() {
    run("input", SHARE, |dice| {
        let mut decoder = Decoder::default();
        for _ in 0..dice.below(PIECES_MAX) {
            decoder.feed(&piece(dice));
        }
        decoder.end();
        assert!(!decoder.is_unfinished());
        let [Event::Key(key)] = decoder.feed(b"j")[..] else {
            panic!("one key")
        };
        assert_eq!(key.code, KeyCode::Char('j'));
    });
}

fn piece(dice: &mut Dice) -> Vec<u8> {
    match dice.below(8) {
        0 => dice.bytes(3),
        1 => hostile::text(dice).into_bytes(),
        _ => dice.pick(&PIECES).into(),
    }
}
