//! CPU and memory use from two samples of the engine's counters.

use super::units::{Bytes, Cpus};
use serde::Serialize;

/// One reading of the engine's counters of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// CPU time used so far, in nanoseconds.
    pub cpu_ns: u64,
    /// When it was read, by the engine's clock, in nanoseconds since the epoch.
    pub read_ns: i128,
    /// Memory in use without the page cache that can be dropped, as `docker stats` counts it.
    pub memory: Bytes,
    /// The highest memory use that the kernel recorded, where it does.
    pub peak: Option<Bytes>,
    /// Processes and threads.
    pub pids: u32,
}

/// What a service uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// CPU time per time between the last two samples; `None` before there are two.
    pub cpus: Option<Cpus>,
    /// Memory.
    pub memory: Bytes,
    /// The highest memory seen.
    pub peak: Bytes,
    /// Processes and threads.
    pub pids: u32,
}

impl Usage {
    /// Use at `now`. CPU needs an earlier sample of the same container; a clock that went back or a counter that began
    /// again gives none. `peak` is the highest memory seen so far.
    #[must_use]
    pub fn between(before: Option<&Sample>, now: &Sample, peak: Bytes) -> Self {
        let highest = now.peak.unwrap_or_default().max(now.memory).max(peak);
        Self {
            cpus: before.and_then(|before| cpus_between(before, now)),
            memory: now.memory,
            peak: highest,
            pids: now.pids,
        }
    }
}

/// CPU time over time: nanoseconds over nanoseconds, so a billion is one CPU.
fn cpus_between(before: &Sample, now: &Sample) -> Option<Cpus> {
    let passed = u128::try_from(now.read_ns.checked_sub(before.read_ns)?).ok()?;
    let used = u128::from(now.cpu_ns.checked_sub(before.cpu_ns)?);
    let nanos = (used * 1_000_000_000).checked_div(passed)?;
    u64::try_from(nanos).ok().map(Cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(cpu_ns: u64, read_ns: i128) -> Sample {
        Sample {
            cpu_ns,
            read_ns,
            memory: Bytes::mib(10),
            peak: None,
            pids: 3,
        }
    }

    #[test]
    fn half_a_cpu_is_half_a_second_per_second() {
        let (before, now) = (sample(5, 1_000), sample(500_000_005, 1_000_001_000));
        let usage = Usage::between(Some(&before), &now, Bytes(0));
        assert_eq!(usage.cpus, Some(Cpus::millis(500)));
        assert_eq!((usage.memory, usage.pids), (Bytes::mib(10), 3));
    }

    #[test]
    fn cpu_is_unknown_without_two_samples_that_fit() {
        let now = sample(100, 1_000);
        let later_clock = sample(50, 2_000);
        let same_moment = sample(50, 1_000);
        let higher_counter = sample(101, 500);
        for before in [
            None,
            Some(&later_clock),
            Some(&same_moment),
            Some(&higher_counter),
        ] {
            assert_eq!(
                Usage::between(before, &now, Bytes(0)).cpus,
                None,
                "{before:?}"
            );
        }
    }

    #[test]
    fn the_most_extreme_counters_do_not_overflow() {
        let (before, now) = (sample(0, i128::MIN), sample(u64::MAX, i128::MAX));
        assert_eq!(Usage::between(Some(&before), &now, Bytes(0)).cpus, None);
        let (before, now) = (sample(0, 0), sample(u64::MAX, 1));
        assert_eq!(Usage::between(Some(&before), &now, Bytes(0)).cpus, None);
    }

    #[test]
    fn the_peak_is_the_highest_that_anybody_saw() {
        let mut now = sample(0, 0);
        assert_eq!(Usage::between(None, &now, Bytes(0)).peak, Bytes::mib(10));
        assert_eq!(
            Usage::between(None, &now, Bytes::mib(30)).peak,
            Bytes::mib(30)
        );
        now.peak = Some(Bytes::mib(40));
        assert_eq!(
            Usage::between(None, &now, Bytes::mib(30)).peak,
            Bytes::mib(40)
        );
    }
}
