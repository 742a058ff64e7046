//! Bytes and CPUs: reading what people type, printing what people read.

use super::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr, time::Duration};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// An amount of memory in bytes. Units are powers of 1024, as the engine reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bytes(pub u64);

/// CPU time per time in billionths of a CPU, as the engine counts it (`NanoCpus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cpus(pub u64);

/// Why a word is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not an amount of memory.
    #[error("'{0}' is not an amount of memory: write 512m, 2g or 1.5GiB")]
    Bytes(String),
    /// Not a number of CPUs.
    #[error("'{0}' is not a number of CPUs: write 0.5, 1 or 2, with a point")]
    Cpus(String),
}

impl Bytes {
    /// `n` mebibytes.
    #[must_use]
    pub const fn mib(n: u64) -> Self {
        Self(n * MIB)
    }

    /// As `--memory` and the hub file take it: `512m`, `2g`, or bytes where nothing else is exact.
    #[must_use]
    pub fn to_arg(self) -> String {
        match self.0 {
            n if n > 0 && n.is_multiple_of(GIB) => format!("{}g", n / GIB),
            n if n > 0 && n.is_multiple_of(MIB) => format!("{}m", n / MIB),
            n if n > 0 && n.is_multiple_of(KIB) => format!("{}k", n / KIB),
            n => n.to_string(),
        }
    }

    /// At most four characters for a column: `3.1G`, `512M`, `12K`, `0`.
    #[must_use]
    pub fn short(self) -> String {
        let scaled = |unit: u64, letter: char| {
            let value = self.0 as f64 / unit as f64;
            if value < 9.95 {
                format!("{value:.1}{letter}")
            } else {
                format!("{value:.0}{letter}")
            }
        };
        match self.0 {
            n if n >= TIB => scaled(TIB, 'T'),
            n if n >= GIB => scaled(GIB, 'G'),
            n if n >= MIB => scaled(MIB, 'M'),
            n if n >= KIB => scaled(KIB, 'K'),
            n => n.to_string(),
        }
    }
}

/// For sentences: `512 MB`, `1.5 GB`, `300 KB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            n if n >= 10 * GIB || (n >= GIB && n.is_multiple_of(GIB / 2)) => (GIB, "GB"),
            n if n >= MIB => (MIB, "MB"),
            n if n >= KIB => (KIB, "KB"),
            _ => (1, "bytes"),
        };
        let value = self.0 as f64 / unit as f64;
        let text = if self.0.is_multiple_of(unit) {
            format!("{value:.0} {name}")
        } else {
            format!("{value:.1} {name}")
        };
        f.pad(&text)
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let bad = || UnitError::Bytes(super::safe::one_line(word));
        let lower = word.trim().to_ascii_lowercase();
        let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match lower.strip_prefix(digits).unwrap_or_default() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => KIB,
            "m" | "mb" | "mib" => MIB,
            "g" | "gb" | "gib" => GIB,
            "t" | "tb" | "tib" => TIB,
            _ => return Err(bad()),
        };
        let digits = digits.trim_end();
        if let Ok(whole) = digits.parse::<u64>() {
            return whole.checked_mul(unit).map(Self).ok_or_else(bad);
        }
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let value = digits.parse::<f64>().map_err(|_not_a_number| bad())? * unit as f64;
        // Above 2^53 a float no longer holds whole bytes, and no host has so much.
        let exact = (0.0..9e15).contains(&value);
        (plain && exact)
            .then_some(Self(value as u64))
            .ok_or_else(bad)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        u64::deserialize(from).map(Self)
    }
}

impl Cpus {
    /// `n` thousandths of a CPU.
    #[must_use]
    pub const fn millis(n: u64) -> Self {
        Self(n * 1_000_000)
    }

    /// As a number of CPUs.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// With at least two decimals, more where they matter: `1.00`, `0.25`, `0.125`.
impl fmt::Display for Cpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.0.is_multiple_of(10_000_000) {
            format!("{:.2}", self.as_f64())
        } else {
            format!("{:.9}", self.as_f64())
                .trim_end_matches('0')
                .to_owned()
        };
        f.pad(&text)
    }
}

impl FromStr for Cpus {
    type Err = UnitError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let bad = || UnitError::Cpus(super::safe::one_line(word));
        let plain = |b: u8| b.is_ascii_digit() || b == b'.';
        let trimmed = word.trim();
        let value: f64 = trimmed.parse().map_err(|_not_a_number| bad())?;
        if !trimmed.bytes().all(plain) || value > 1e6 {
            return Err(bad());
        }
        Ok(Self((value * 1e9).round() as u64))
    }
}

impl Serialize for Cpus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Cpus {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // What is no number of CPUs becomes none or all.
        f64::deserialize(from).map(|cpus| Self((cpus * 1e9).round() as u64))
    }
}

/// An age in at most four characters: `0s`, `59s`, `4m`, `3h`, `12d`, `999d`. Never negative.
#[must_use]
pub fn age(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..60 => format!("{s}s"),
        s @ 60..3_600 => format!("{}m", s / 60),
        s @ 3_600..86_400 => format!("{}h", s / 3_600),
        s => format!("{}d", (s / 86_400).min(999)),
    }
}

/// An age with seconds while it is young: `3m12s`, then `2h`, `12d`.
#[must_use]
pub fn long_age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(since).as_secs();
    match seconds {
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => age(seconds),
    }
}

/// Reads `5s`, `500ms`, `2m`, `1h`; a bare number means seconds.
#[must_use]
pub fn parse_duration(word: &str) -> Option<Duration> {
    let word = word.trim();
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let value: u64 = digits.parse().ok()?;
    let unit = match word.strip_prefix(digits)? {
        "ms" => return Some(Duration::from_millis(value)),
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    value.checked_mul(unit).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn ages_show_seconds_within_the_first_hour() {
        let at = |s| Timestamp::from_second(s).unwrap();
        for (seconds, text) in [(-5, "0s"), (59, "59s"), (192, "3m12s"), (7_200, "2h")] {
            assert_eq!(long_age(at(0), at(seconds)), text);
        }
    }

    #[test]
    fn memory_is_read_as_people_write_it() {
        for (word, bytes) in [
            ("512m", 512 * MIB),
            ("2g", 2 * GIB),
            ("1.5GiB", 3 * GIB / 2),
            ("1.5g", 3 * GIB / 2),
            (" 300 MB ", 300 * MIB),
            ("0", 0),
            ("1024", 1024),
            ("6291456b", 6 * MIB),
        ] {
            assert_eq!(word.parse::<Bytes>().unwrap().0, bytes, "{word}");
        }
        for bad in [
            "",
            "m",
            "-1",
            "-1m",
            "1e9",
            "NaN",
            "inf",
            "1,5g",
            "5x",
            "99999999999999999999",
            "1..5g",
        ] {
            assert!(bad.parse::<Bytes>().is_err(), "{bad}");
        }
    }

    #[test]
    fn memory_prints_and_reads_back() {
        for (bytes, sentence, short, arg) in [
            (512 * MIB, "512 MB", "512M", "512m"),
            (2 * GIB, "2 GB", "2.0G", "2g"),
            (3 * GIB / 2, "1.5 GB", "1.5G", "1536m"),
            (300 * KIB, "300 KB", "300K", "300k"),
            (0, "0 bytes", "0", "0"),
            (7, "7 bytes", "7", "7"),
        ] {
            let value = Bytes(bytes);
            assert_eq!(value.to_string(), sentence);
            assert_eq!(value.short(), short);
            assert_eq!(value.to_arg(), arg);
            assert_eq!(arg.parse::<Bytes>().unwrap(), value);
        }
    }

    #[test]
    fn cpus_are_read_with_a_point_only() {
        for (word, nanos) in [
            ("1", 1_000_000_000),
            ("0.25", 250_000_000),
            ("0.125", 125_000_000),
            ("0", 0),
            (".5", 500_000_000),
        ] {
            assert_eq!(word.parse::<Cpus>().unwrap().0, nanos, "{word}");
        }
        for bad in [
            "", "-1", "NaN", "inf", "1e9", "1,5", "1e-3", "abc", "9999999",
        ] {
            assert!(bad.parse::<Cpus>().is_err(), "{bad}");
        }
        assert_eq!(Cpus::millis(1000).to_string(), "1.00");
        assert_eq!(Cpus::millis(125).to_string(), "0.125");
    }

    #[test]
    fn ages_fit_four_characters_and_are_never_negative() {
        for (seconds, text) in [
            (-5, "0s"),
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (7_200, "2h"),
            (86_400, "1d"),
            (i64::MAX, "999d"),
        ] {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("5s"), Some(Duration::from_secs(5)));
        assert_eq!(parse_duration("90"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("1y"), None);
        assert_eq!(parse_duration("-1s"), None);
    }
}
