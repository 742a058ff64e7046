//! The kinds of values that a hub file holds, each with its range: what is wrong is said where it stands.

use crate::domain::{
    Bytes, Cpus,
    limits::{Capacity, LimitsChange, PIDS_MAX, PIDS_MIN},
    safe::one_line,
    units::parse_duration,
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{fmt, time::Duration};

/// A time such as `"5s"`, from `MIN` to `MAX` milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Time<const MIN: u64, const MAX: u64>(pub Duration);

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy)]
pub struct Whole<const MIN: u32, const MAX: u32>(pub u32);

/// An amount of memory such as `"64MB"`, from `MIN` to `MAX` bytes.
#[derive(Debug, Clone, Copy)]
pub struct Size<const MIN: u64, const MAX: u64>(pub Bytes);

/// CPUs such as `0.5`.
#[derive(Debug, Clone, Copy)]
pub struct CpuCount(pub Cpus);

/// One word or a list of words.
#[derive(Debug, Clone)]
pub struct Words(pub Vec<String>);

/// A port of the host that needs no privileges.
pub type HostPort = Whole<1024, 65_535>;
/// A limit of processes.
pub type Pids = Whole<PIDS_MIN, PIDS_MAX>;

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Time<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = deserializer.deserialize_any(Text(r#"a time such as "500ms", "5s" or "2m""#))?;
        let time = parse_duration(&word).ok_or_else(|| {
            Error::custom(format!(
                "'{}' is not a time: write 500ms, 5s or 2m",
                one_line(&word)
            ))
        })?;
        let range = Duration::from_millis(MIN)..=Duration::from_millis(MAX);
        if !range.contains(&time) {
            let (word, from, to) = (one_line(&word), millis(MIN), millis(MAX));
            return Err(Error::custom(format!(
                "{word} is out of range: {from} to {to} allowed"
            )));
        }
        Ok(Self(time))
    }
}

fn millis(millis: u64) -> String {
    match millis {
        n if n.is_multiple_of(60_000) => format!("{}m", n / 60_000),
        n if n.is_multiple_of(1000) => format!("{}s", n / 1000),
        n => format!("{n}ms"),
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let fits = u32::try_from(number).ok();
        let fits = fits.filter(|number| (MIN..=MAX).contains(number));
        fits.map(Self).ok_or_else(|| {
            Error::custom(format!("{number} is out of range: {MIN} to {MAX} allowed"))
        })
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Size<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = deserializer.deserialize_any(Text(r#"an amount of memory such as "512m""#))?;
        let size: Bytes = word.parse().map_err(Error::custom)?;
        if !(MIN..=MAX).contains(&size.0) {
            let (from, to) = (Bytes(MIN), Bytes(MAX));
            return Err(Error::custom(format!(
                "{size} is out of range: {from} to {to} allowed"
            )));
        }
        Ok(Self(size))
    }
}

/// A limit of memory. The engine's host has the upper bound, and is not known here.
#[derive(Debug, Clone, Copy)]
pub struct MemoryLimit(pub Bytes);

impl<'de> Deserialize<'de> for MemoryLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = deserializer.deserialize_any(Text(r#"an amount of memory such as "512m""#))?;
        let memory = word.parse().map_err(Error::custom)?;
        let change = LimitsChange {
            memory: Some(memory),
            ..LimitsChange::default()
        };
        change
            .validate(Capacity::UNKNOWN)
            .map_err(Error::custom)
            .map(|()| Self(memory))
    }
}

impl<'de> Deserialize<'de> for CpuCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = deserializer.deserialize_any(Text("a number of CPUs such as 0.5"))?;
        let cpus = word.parse().map_err(Error::custom)?;
        let change = LimitsChange {
            cpus: Some(cpus),
            ..LimitsChange::default()
        };
        change
            .validate(Capacity::UNKNOWN)
            .map_err(Error::custom)
            .map(|()| Self(cpus))
    }
}

/// Takes a word, or a number as the word that it was written as.
struct Text(&'static str);

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<String, E> {
        Ok(word.to_owned())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word or a list of words")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Words, E> {
        Ok(Words(vec![word.to_owned()]))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element()? {
            words.push(word);
        }
        Ok(Words(words))
    }
}
