//! Reads the stamp that the engine writes in front of every chunk of a log.

use crate::domain::Timestamp;
use std::ops::Range;

/// Longest stamp with its blank: RFC 3339 with nine digits and an offset.
pub(super) const STAMP_MAX: usize = 36;
/// The engine's own, with its blank; `d` stands for a digit.
const USUAL: &[u8; 31] = b"dddd-dd-ddTdd:dd:dd.dddddddddZ ";

/// The moment that `bytes` begins with, and the length of its stamp, the blank included.
pub(super) fn stamp(bytes: &[u8]) -> Option<(Timestamp, usize)> {
    let head = bytes.first_chunk();
    if let Some(at) = head.and_then(usual) {
        return Some((at, USUAL.len()));
    }
    let mut head = bytes.iter().take(STAMP_MAX);
    let blank = head.position(|byte| *byte == b' ')?;
    let stamp = std::str::from_utf8(bytes.get(..blank)?).ok()?;
    Some((stamp.trim_end().parse().ok()?, blank + 1))
}

/// Reads the form in which all engines write; `None` for all others, for years before 1970 and for what is no moment.
fn usual(bytes: &[u8; USUAL.len()]) -> Option<Timestamp> {
    let fits = |(byte, form): (&u8, &u8)| {
        let is_digit = *form == b'd';
        is_digit & byte.is_ascii_digit() | !is_digit & (byte == form)
    };
    // Without a branch for each byte.
    let pairs = bytes.iter().zip(USUAL);
    if !pairs.fold(true, |all, pair| all & fits(pair)) {
        return None;
    }
    let number = |digits: Range<usize>| {
        let digits = bytes.get(digits).unwrap_or_default();
        let value = |sum, digit: &u8| sum * 10 + i64::from(*digit - b'0');
        digits.iter().fold(0, value)
    };
    let days = days(number(0..4), number(5..7), number(8..10))?;
    let (hour, minute, second) = (number(11..13), number(14..16), number(17..19));
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Timestamp::new(seconds, i32::try_from(number(20..29)).ok()?).ok()
}

/// Days from the beginning of 1970 to a day of the calendar; `None` if there is no such day, and for all before.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    /// Days of an ordinary year before each month, and in all.
    const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
    /// Leap days before 1970.
    const LEAPS: i64 = 477;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let next = usize::try_from(month).ok()?;
    let (begin, end) = (BEFORE.get(next.checked_sub(1)?)?, BEFORE.get(next)?);
    let length = end - begin + i64::from(is_leap && month == 2);
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let past = year - 1;
    let leaps = past / 4 - past / 100 + past / 400 - LEAPS + i64::from(is_leap && month > 2);
    Some((year - 1970) * 365 + leaps + begin + day - 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The same, by the library for times.
    fn general(text: &str) -> Option<Timestamp> {
        text.strip_suffix(' ')?.parse().ok()
    }

    fn fast(text: &str) -> Option<Timestamp> {
        text.as_bytes().first_chunk().and_then(usual)
    }

    #[test]
    fn every_day_is_the_one_of_the_calendar() {
        // More than 400 years: after that the calendar repeats.
        for day in 0..161_000 {
            let at = Timestamp::from_second(day * 86_400 + 4_711).unwrap();
            assert_eq!(fast(&format!("{at:.9} ")), Some(at), "{at}");
        }
    }

    #[test]
    fn any_stamp_is_the_moment_that_the_library_makes_of_it() {
        let mut dice = fastrand::Rng::with_seed(4);
        let mut read = 0;
        for _ in 0..200_000 {
            // Beyond what there is, now and then: month 13, hour 25, second 60.
            let mut part = |below: u32| dice.u32(..below);
            let text = format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z ",
                part(10_000),
                part(14),
                part(33),
                part(25),
                part(61),
                part(62),
                part(1_000_000_000)
            );
            let (fast, general) = (fast(&text), general(&text));
            read += usize::from(fast.is_some());
            // What it does not read goes to the library.
            assert!(fast.is_none() || fast == general, "{text}");
            let length = general.map(|at| (at, USUAL.len()));
            assert_eq!(stamp(text.as_bytes()), length, "{text}");
        }
        assert!(read > 100_000, "{read}");
    }

    #[test]
    fn stamps_at_the_edges_are_read_or_refused_as_by_the_library() {
        for text in [
            "1970-01-01T00:00:00.000000000Z ",
            "1969-12-31T23:59:59.999999999Z ",
            "2000-02-29T23:59:59.999999999Z ",
            "1900-02-29T00:00:00.000000000Z ",
            "2100-02-29T00:00:00.000000000Z ",
            "2026-11-31T00:00:00.000000000Z ",
            "2026-00-01T00:00:00.000000000Z ",
            "2026-01-00T00:00:00.000000000Z ",
            "2016-12-31T23:59:60.000000000Z ",
            "9999-12-30T22:00:00.999999999Z ",
            "9999-12-30T22:00:01.000000000Z ",
            "9999-12-31T23:59:59.999999999Z ",
            "2026-11-21t01:42:38.156571886z ",
            "2026-11-21T01:42:38.15657188:Z ",
            "2026-11-21T01:42:38.156571886+ ",
            "2026-11-21T01:42:38Z ",
            "2026-11-21T01:42:38.1Z ",
            "2026-11-21T01:42:38.156571886+01:00 ",
            "2026-11-21T01:42:38.156571886-23:59 ",
            "2026-11-21 ",
            " ",
        ] {
            let expected = general(text).map(|at| (at, text.len()));
            assert_eq!(stamp(format!("{text}x y\n").as_bytes()), expected, "{text}");
        }
        for none in ["", "x", "2026-11-21T01:42:38.156571886Z", "bare words"] {
            assert_eq!(stamp(none.as_bytes()), None, "{none}");
        }
    }
}
