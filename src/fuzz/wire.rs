//! Bodies as an engine, something before it or something in its place sends them: logs in frames, and JSON.

use super::{dice::Dice, hostile, json, sanitise::assert_nothing_forbidden};
use crate::engine::fuzz;

/// Longest payload that is made now and then: longer than a line may be.
const PAYLOAD_MAX: usize = 100_000;
const STAMP: &[u8] = b"2026-11-21T01:42:38.156571886Z ";

/// The body of a log: mostly frames, with headers that lie, and lines that do not end.
fn log(dice: &mut Dice) -> Vec<u8> {
    let mut wire = Vec::new();
    for _ in 0..dice.length(40) {
        let payload = payload(dice);
        let length = match dice.below(40) {
            0 => dice.pick(&[0, 1, 7, 0xf_ffff, 0x10_0000, 0x10_0001, u32::MAX]),
            _ => u32::try_from(payload.len()).unwrap_or(u32::MAX),
        };
        let kind = if dice.one_in(40) {
            dice.next().to_le_bytes()[0]
        } else {
            dice.pick(&[0, 1, 1, 2])
        };
        wire.extend([kind, 0, 0, 0]);
        wire.extend(length.to_be_bytes());
        wire.extend(payload);
    }
    if dice.one_in(3) {
        wire.truncate(dice.below(wire.len() + 1));
    }
    if dice.one_in(8) {
        wire.extend(hostile::bytes(dice));
    }
    wire
}

fn payload(dice: &mut Dice) -> Vec<u8> {
    let mut payload = Vec::new();
    for _ in 0..dice.length(6) {
        if !dice.one_in(6) {
            payload.extend(STAMP);
        }
        if dice.one_in(400) {
            payload.extend(vec![dice.pick(b"x\r\n "); dice.below(PAYLOAD_MAX)]);
        }
        payload.extend(hostile::bytes(dice));
        payload.extend(dice.pick(&["\n", "\n", "\r\n", "\r", ""]).bytes());
    }
    payload
}

fn frames(dice: &mut Dice) {
    let wire = log(dice);
    let most = dice.pick(&[1, 2, 9, 100, 100_000]);
    let most = if wire.len() > 2000 {
        most.max(100)
    } else {
        most
    };
    fuzz::frames(&wire, || 1 + dice.below(most));
}

fn answers(dice: &mut Dice) {
    for text in fuzz::answers(&json::body(dice)) {
        assert_nothing_forbidden(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::run::{Share, run};

    #[test]
    fn p06_p07_p41_fuzz_frames() {
        let share = Share {
            usual: 1000,
            one_of: 10,
        };
        run("frames", share, frames);
    }

    #[test]
    fn p08_fuzz_answers() {
        let share = Share {
            usual: 1000,
            one_of: 10,
        };
        run("answers", share, answers);
    }
}
