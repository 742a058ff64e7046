//! What the figures mean: limits that are too low, said in words.

use super::{Share, Usage};
use crate::domain::{Bytes, Cpus, Limits};

/// Share of its memory limit from which a service is in danger.
pub const TIGHT: Share = Share::thousandths(900);
/// Whoever waits for memory this long works for nothing else.
const STALLS: Share = Share::thousandths(100);

/// How hard the memory limit of a service presses, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strain {
    /// Nearly all of it is in use.
    Tight,
    /// Processes wait for memory.
    Stalls,
    /// The kernel killed a process.
    Kills,
}

/// Says that the CPU limit holds a service up, if it does so often.
#[must_use]
pub fn throttle_words(usage: &Usage, limits: Limits) -> Option<String> {
    let share = usage.throttled.filter(|share| share.is_loud())?;
    let limit = plain_cpus(limits.cpus);
    Some(format!(
        "throttled {share} of the time: the limit of {limit} is too low"
    ))
}

/// Says that the memory limit presses, if it does.
#[must_use]
pub fn memory_words(usage: &Usage, limits: Limits) -> Option<(Strain, String)> {
    let limit = limits.memory;
    let pressure = usage.pressure.unwrap_or_default();
    let stalled = pressure.stalled.filter(|share| *share >= STALLS);
    let used = Share::of(usage.memory.0, limit.0);
    let (strain, words) = if pressure.kills > 0 {
        let words = "the kernel killed a process of it for memory".to_owned();
        (Strain::Kills, words + &of_limit(limit))
    } else if let Some(share) = stalled {
        let words = format!("waits for memory {share} of the time");
        (Strain::Stalls, words + &of_limit(limit))
    } else if used >= TIGHT {
        let words = format!("memory is tight: {used} of {limit} is in use");
        (Strain::Tight, words)
    } else {
        return None;
    };
    Some((strain, words))
}

fn of_limit(limit: Bytes) -> String {
    match limit {
        Bytes(0) => String::new(),
        limit => format!(", the limit is {limit}"),
    }
}

/// `0.5 CPUs`, `1 CPU`, without zeros that say nothing.
fn plain_cpus(cpus: Cpus) -> String {
    let text = cpus.to_string();
    let number = text.trim_end_matches('0').trim_end_matches('.');
    match number {
        "1" => "1 CPU".to_owned(),
        number => format!("{number} CPUs"),
    }
}
